/*
 * head.h — how long the request line and the headers of a request may be.
 *
 * The library closes without an answer what is longer than its room, and keeps no count. So its
 * room is larger than what we take, and what is between is refused with 414 or 431:
 *
 *	path 1 KiB, query 8 KiB            414 beyond
 *	headers that the library knows     431 beyond 16 KiB, exactly
 *	all of it                          431 beyond 32 KiB; up to 16 KiB are always taken, as what
 *	                                   follows a head may have come with it
 *	120 KiB, or 100 headers and        closed (docs/decisions/0014)
 *	parameters of the query
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef EDGE_HEAD_H
#define EDGE_HEAD_H

#include <libwebsockets.h>
#include <stdbool.h>

#include "answer.h"
#include "peer.h"

enum {
	HEAD_ROOM = 120 * 1024, /* the library's, for each request that is being read */
	HEAD_BYTES = 16 * 1024, /* a bearer token of 8 KiB included */
	HEAD_QUERY_BYTES = 8 * 1024,
};

/* What the library cuts off, so that a length can always be seen to be too large. */
extern const struct lws_token_limits head_limits;

/* head_refuse answers 414 or 431 into answer if the head is too long; true if it is. */
bool head_refuse(struct answer *answer, struct lws *wsi, const struct peer *peer,
		 const char *instance);

/* head_done says that a request is read and answered: the next head begins. */
void head_done(struct lws *wsi, struct peer *peer);

/* head_note takes a line of the library's log; true if it only tells of a head that it closes. */
bool head_note(const char *line);

#endif
