/*
 * listener.h — a port: connections accepted, counted by address and given to the library.
 *
 * The library's own listening can neither be stopped nor asked who is there before a handshake is
 * paid for.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef EDGE_LISTENER_H
#define EDGE_LISTENER_H

#include <libwebsockets.h>
#include <stdbool.h>

#include "edge.h"
#include "pelago/err.h"

struct listener;

/*
 * listener_new listens on address (NULL: all, IPv6 and IPv4) and port. Returns PL_UNAVAILABLE with
 * a sentence when the port is in use.
 */
enum pl_err listener_new(struct listener **listenerp, const char *address, int port, bool is_tls);
/* listener_take is the same with a socket that listens already; gives fd. */
enum pl_err listener_take(struct listener **listenerp, int fd, bool is_tls);
/* listener_start gives it to the loop: what it accepts becomes a connection of edge->clients. */
enum pl_err listener_start(struct listener *listener, struct edge *edge);
/* listener_stop refuses further connections; takes NULL, as the next two do. */
void listener_stop(struct listener *listener);
/* listener_pause lets them wait, for another process that has the socket, or for listener_resume.
 */
void listener_pause(struct listener *listener);
enum pl_err listener_resume(struct listener *listener);
int listener_fd(const struct listener *listener); /* the socket, borrowed; -1: none */
void listener_free(struct listener *listener);	  /* after the loop's end; takes NULL */

/* For the loop: somebody knocks. Returns -1 to stop listening. */
int listener_readable(struct listener *listener);

#endif
