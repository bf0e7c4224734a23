/*
 * use.h — who was seen using which outside interface, until the manager has been told: it names
 * them when a release changes one (UPG-63).
 *
 * An interface is "METHOD PATH" of a route, "frame PATH TYPE" of a WebSocket's frame, and "socket
 * PATH" of the WebSocket. A client is told apart by what doesn't change with each visit:
 *
 *   own     a page of ours: it changes with the release
 *   page    another page, by its origin: a widget, a chat's front end, a self-service application.
 *           Only origins that are let in are taken for one (origin.h)
 *   client  a program, by the product that it says to be (RFC 9110 §10.1.5) and its user
 *
 * All of it comes from outside: it is cut, what is no plain text in it is replaced, and what is
 * more than USES_MOST is dropped. Each is told at most every ten minutes.
 *
 * Knows neither bus nor clock; one thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef EDGE_USE_H
#define EDGE_USE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "pelago/err.h"

enum { USES_MOST = 2000, USES_TOLD_MOST = 200, USES_AGAIN_MS = 600 * 1000 };

struct client {
	const char *kind; /* "own", "page", "client" */
	char origin[128]; /* of a page, else "" */
	char agent[48];	  /* of a program, else "" */
};

/*
 * client_init tells by a request's head who asks.
 *
 *   origin, host, agent  headers; "" where there is none, or a longer one than there is room for
 *   is_own, is_let_in    what origin.h says of it for our own pages, and for those of others
 */
void client_init(struct client *client, const char *origin, const char *agent, bool is_own,
		 bool is_let_in);

struct uses;
enum pl_err uses_new(struct uses **usesp);
void uses_free(struct uses *uses); /* takes NULL */

/* uses_note notes a use; user: of a token, or ""; it counts for programs only. Without memory, or
 * room, nothing. */
void uses_note(struct uses *uses, const char *interface, const struct client *client,
	       const char *user, int64_t wall_ms);

/*
 * uses_take returns [{"interface","kind","origin","agent","user","lastMs"}…], at most
 * USES_TOLD_MOST of those that are to be told, a new reference; NULL if there are none, while
 * others are on their way, or without memory. uses_told follows: whether they have arrived.
 */
json_t *uses_take(struct uses *uses);
void uses_told(struct uses *uses, bool have_arrived);

#endif
