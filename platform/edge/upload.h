/*
 * upload.h — the body of a request on its way into the blob store.
 *
 *	HOLDS   the token isn't checked yet
 *	ASKS    the operation is asked, with what is known of the body, whether it may come
 *	TAKES   chunks go to the store, one after the other, while the next one is read
 *	COMMITS the store finds the hash right, and has the body
 *	TELLS   the operation is told; its reply is the answer
 *
 * One chunk is read ahead; then the client's socket isn't read until the store has answered.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef EDGE_UPLOAD_H
#define EDGE_UPLOAD_H

#include <stddef.h>
#include <stdint.h>

#include "edge.h"
#include "pelago/err.h"

struct http;
struct upload;

/* upload_new makes one of size bytes, and the type that the client names. PL_RATE, PL_UNAVAILABLE:
 * too many at once; PL_NOMEM. */
enum pl_err upload_new(struct upload **uploadp, struct http *http, int64_t size, const char *type);
/* upload_ask begins with asking the operation of http's route, once. All else that happens ends in
 * http_reply. */
void upload_ask(struct upload *upload);
/* upload_end forgets what hasn't been committed: there is an answer, or nobody waits for one. Both
 * take NULL. */
void upload_end(struct upload *upload);
void upload_free(struct upload *upload);

/* upload_body takes the next bytes; -1: the connection is to be closed. */
int upload_body(struct upload *upload, const void *data, size_t len);

/* uploads_look refuses those whose clients are too slow. About each second. */
void uploads_look(struct edge *edge, int64_t now_ms);

#endif
