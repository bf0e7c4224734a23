/*
 * peer.h — who is at the other end: one object a TCP connection, one entry an address.
 *
 * The address is that of the socket; headers that claim another one aren't believed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef EDGE_PEER_H
#define EDGE_PEER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "edge.h"
#include "pelago/err.h"

struct address; /* what an address did lately */
struct http;
struct conn;

struct peer {
	struct address *address;
	char name[46]; /* "203.0.113.7" */
	bool is_local; /* this machine */
	bool is_tls;
	bool is_excess;	   /* one too many of its address: it is told so, and closed */
	uint64_t read;	   /* bytes, up to the end of the last request */
	struct http *http; /* what it asks now, or NULL */
	struct conn *conn; /* once it is a WebSocket */
};

enum pl_err peers_new(struct peers **peersp);
void peers_free(struct peers *peers);

/*
 * peer_new counts a connection. Over the limit of its address a few more are excess ones; over
 * those, or without memory, it returns NULL.
 */
struct peer *peer_new(struct edge *edge, const struct sockaddr *address, bool is_tls);
void peer_free(struct edge *edge, struct peer *peer);

/* peer_limits returns the limits for that peer, indexed by enum limit_class. */
const struct limit *peer_limits(const struct edge *edge, const struct peer *peer);
/* peer_take counts something that the peer's address does; false: too much, again after *wait_sp.
 */
bool peer_take(struct edge *edge, struct peer *peer, enum limit_class class, unsigned *wait_sp);

/* peer_transfer counts a file on its way to or from the peer's address; false: too many.
 * peer_transferred ends it. */
bool peer_transfer(const struct edge *edge, struct peer *peer);
void peer_transferred(struct peer *peer);

/* peers_sweep forgets addresses that did nothing lately. */
void peers_sweep(struct peers *peers, int64_t now_ms);

#endif
