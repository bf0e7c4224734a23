/*
 * answer.h — an HTTP response: filled in at any time, written when the socket takes it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef EDGE_ANSWER_H
#define EDGE_ANSWER_H

#include <jansson.h>
#include <libwebsockets.h>
#include <stdbool.h>
#include <stddef.h>

#include "pelago/err.h"
#include "peer.h"

struct answer {
	int status;	  /* 0: not filled in yet */
	json_t *headers;  /* name → value, or NULL */
	const char *type; /* Content-Type; static */
	char *body;	  /* owned, or NULL */
	int file;	  /* descriptor, or -1 */
	size_t len;	  /* of body or file */
	size_t sent;
	bool has_begun;	  /* the head is written */
	bool is_head;	  /* the method was HEAD: no body */
	bool closes;	  /* the connection ends with it */
	bool is_shared;	  /* other origins may load it */
	bool is_download; /* len bytes that answer_part writes; for the browser to keep */
};

void answer_init(struct answer *answer);
void answer_fini(struct answer *answer);

/* answer_header adds a header; texts are copied. */
void answer_header(struct answer *answer, const char *name, const char *value);
void answer_text(struct answer *answer, int status, const char *type, const char *text);
void answer_json(struct answer *answer, int status, const json_t *value, const char *type);
/* answer_problem makes a problem document (RFC 9457) of a status; detail may be NULL. */
void answer_problem(struct answer *answer, int status, const char *code, const char *detail,
		    const char *instance);
/* answer_error does so for an error of tables/err.h, with the sentence kept by pl_fail. */
void answer_error(struct answer *answer, enum pl_err err, const char *instance);
/* answer_rate refuses what is over its rate; answer_excess a connection too many, which it closes.
 */
void answer_rate(struct answer *answer, unsigned wait_s, const char *instance);
void answer_excess(struct answer *answer, const char *instance);
/* answer_reply takes a service's reply: status, headers, body or text and type. */
void answer_reply(struct answer *answer, const json_t *reply, const char *instance);

/*
 * answer_write writes the next part. Returns 1 when all is written, 0 when there is more for the
 * next time that the socket is writeable, -1 on a broken connection.
 */
int answer_write(struct answer *answer, struct lws *wsi, const struct peer *peer, const char *host);

/* answer_part writes n of a download's bytes, at most ANSWER_PART. Returns as answer_write does. */
enum { ANSWER_PART = 16 * 1024 };
int answer_part(struct answer *answer, struct lws *wsi, const void *bytes, size_t n);

/*
 * answer_problem_bytes puts a problem document and its head together, as the last answer of its
 * connection: for requests of which the library has read too little to answer them. *bytesp is good
 * until the next answer is written, with LWS_PRE bytes before it. Returns the length, 0 if it is
 * too long.
 */
size_t answer_problem_bytes(unsigned char **bytesp, struct answer *answer, const struct peer *peer,
			    const char *host);

#endif
