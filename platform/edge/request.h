/*
 * request.h — requests over the bus, repeated under the same id until there is an answer.
 *
 * Nobody subscribed: again after 50 ms. No answer: again after 1 s. The service answers a repeated
 * id with its first answer, so a repeat does nothing twice.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef EDGE_REQUEST_H
#define EDGE_REQUEST_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "pelago/bus.h"
#include "pelago/err.h"

enum { REQUESTS_MAX = 20000, REQUESTS_BYTES_MAX = 256 * 1024 * 1024 };
enum { REQUEST_ABSENT_MS = 50, REQUEST_SILENT_MS = 1000 };

/* How long a request is repeated. */
enum request_patience { REQUEST_NORMAL, /* 3 s: somebody waits */ REQUEST_LONG /* 30 s */ };

struct requests;
struct request;

/*
 * Called once, never from within request_start. On an error reply is NULL and the sentence is in
 * pl_err_detail. reply is borrowed.
 */
typedef void request_fn(enum pl_err err, json_t *reply, void *arg);
/* Publishes; a failure is as good as a lost message. */
typedef void request_publish_fn(const struct pl_message *message, void *arg);

struct request_ask {
	const char *subject; /* copied */
	char *body;	     /* consumed, also on an error */
	size_t body_len;
	enum request_patience patience;
	request_fn *fn; /* or NULL: nobody cares */
	void *arg;
};

/* publish and arg must outlive *requestsp. inbox is what replies come to, copied. */
enum pl_err requests_new(struct requests **requestsp, request_publish_fn *publish, void *arg);
/* requests_free drops what is unanswered without calling anybody. */
void requests_free(struct requests *requests);
/* requests_inbox sets what replies are sent to, "_IN.edge.RANDOM"; whoever reads "INBOX.*" calls
 * requests_reply. */
void requests_inbox(struct requests *requests, const char *inbox);

/* request_start returns PL_UNAVAILABLE when too many are unanswered, PL_NOMEM. requestp may be
 * NULL. */
enum pl_err request_start(struct request **requestp, struct requests *requests,
			  const struct request_ask *ask, int64_t now_ms);
/* request_cancel forgets it: fn isn't called. Takes NULL. */
void request_cancel(struct request *request);

void requests_reply(struct requests *requests, const struct pl_message *message, int64_t now_ms);
/* requests_tick repeats and gives up what is due. */
void requests_tick(struct requests *requests, int64_t now_ms);
/* requests_again repeats all that is unanswered: the bus is back. */
void requests_again(struct requests *requests, int64_t now_ms);
unsigned requests_count(const struct requests *requests);

#endif
