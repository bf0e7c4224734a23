/*
 * wire.h — one connection to a server, speaking the bus's protocol:
 * https://docs.nats.io/reference/reference-protocols/nats-protocol
 *
 * A wire lives from its connecting to its loss and never reconnects, so its parser has no state
 * that could survive a loss. The dialer makes the next wire.
 *
 * Threads: connecting may be done on any thread; from then on a wire belongs to the loop's thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_BUS_WIRE_H
#define PELAGO_BUS_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "message.h"
#include "stream.h"

/* wire_letter_fn gets a message for the subscription sid, and owns letter: free(). */
typedef void wire_letter_fn(uint64_t sid, struct letter *letter, void *arg);

struct wire {
	struct stream stream;
	struct buffer in, out;
	size_t max_payload; /* of headers and body, as the server says */
	bool attached;	    /* false once the connection is lost */
	bool stalled;	    /* the socket took less than there was */
	bool has_more;	    /* wire_read left input that the socket won't announce */
};

/* A server to connect to; keeps the certificates of the authority. */
struct server;

/*
 * server_new prepares connecting to url as options say; they are borrowed and must outlive
 * *serverp. Returns PL_INVALID for a malformed url and unreadable files. The caller owns *serverp:
 * server_free.
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

/* These append to the output; wire_write sends it. They return PL_NOMEM. */
enum pl_err wire_subscribe(struct wire *wire, uint64_t sid, const char *subject,
			   const char *queue_group);
enum pl_err wire_unsubscribe(struct wire *wire, uint64_t sid);

/*
 * wire_read reads what has come, up to 256 KiB, and calls fn for each whole message. Doesn't block.
 */
void wire_read(struct wire *wire, wire_letter_fn *fn, void *arg);

/* wire_write writes what the socket has room for; the rest waits, and stalled is set. */
void wire_write(struct wire *wire);

#endif
