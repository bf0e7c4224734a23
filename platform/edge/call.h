/*
 * call.h — a frame on its way: waits in its lane, becomes a request, its reply tells what to do.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef EDGE_CALL_H
#define EDGE_CALL_H

#include <jansson.h>
#include <stddef.h>

#include "frame.h"
#include "pelago/err.h"

struct conn;

/*
 * call_start takes a frame of len bytes (a reference of its own). Returns PL_INVALID for a type
 * that the connection's route doesn't have, PL_RATE, PL_UNAVAILABLE.
 */
enum pl_err call_start(struct conn *conn, const struct frame *frame, size_t len);

/* calls_drop forgets what waits; what is under way goes on without the connection. */
void calls_drop(struct conn *conn);

/* call_gone tells the route's service that a connection with a session has ended. session may be
 * NULL. */
void call_gone(const struct conn *conn, json_t *session);

#endif
