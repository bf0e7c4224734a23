/*
 * wire.h — one connection of the client library to a server, driven by our own loop.
 *
 * A wire lives from its connecting to its loss and never reconnects: the library (3.4.1 and later,
 * nats.c issue 1007) keeps its half-read message over a reconnect in event-loop mode, reads the new
 * server's greeting as the rest of it, and then either loops for ever or reads beyond its buffer.
 * A fresh connection has a fresh parser. The dialer makes the next wire.
 *
 * Threads: connecting may be done on any thread; from then on a wire belongs to the loop's thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_BUS_WIRE_H
#define PELAGO_BUS_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include <nats/nats.h>

#include "pelago/bus.h"

struct wire {
	natsConnection *nc;
	natsStatistics *stats;
	int fd;
	bool attached;	       /* false once the library has given the socket up */
	bool wants_write;      /* the library holds output */
	bool stalled;	       /* the socket has no room for it */
	const char *seed_file; /* while connecting */
	bool is_unlucky;       /* while connecting: see sign in wire.c */
	uint64_t n_seen;       /* messages received up to the last wire_fresh */
};

/* A server to connect to; keeps the certificates of the authority. */
struct server;

/*
 * server_new prepares connecting to url as options say; they are borrowed and must outlive
 * *serverp. Changes the environment for a moment, so no other thread may read it meanwhile. Returns
 * PL_INVALID for unreadable files. The caller owns *serverp: server_free.
 */
enum pl_err server_new(struct server **serverp, const struct pl_bus_options *options,
		       const char *url);
void server_free(struct server *server);

/*
 * wire_connect connects within timeout_ms, and blocks for it. Returns PL_UNAUTHORIZED when the
 * server refuses the key, PL_INVALID for an unreadable key, else PL_UNAVAILABLE. The caller owns
 * *wirep: wire_free.
 */
enum pl_err wire_connect(struct wire **wirep, struct server *server, int timeout_ms);

/* wire_free closes at once; output that wasn't written is lost. Takes NULL. */
void wire_free(struct wire *wire);

/*
 * wire_read reads the socket once; it must be readable. What came goes to the mailbox by way of the
 * library's delivery thread. Blocks for the rest of a TLS record whose beginning has come.
 */
void wire_read(struct wire *wire);

/* wire_write writes what the library holds if the socket has room, else sets stalled. */
void wire_write(struct wire *wire);

/* wire_fresh returns how many messages came since it was last called. */
uint64_t wire_fresh(struct wire *wire);

#endif
