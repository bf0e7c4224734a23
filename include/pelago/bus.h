/*
 * pelago/bus.h — publish and subscribe over NATS, delivered to one thread's loop.
 *
 * What it hides: the server's protocol, TLS, the nkey, reconnecting for ever, each 50 ms. Every
 * handler runs on the thread that calls pl_bus_read, so its users need no locks. What it does not
 * do: keep messages. A publish that returned PL_OK may be lost with the connection; what must
 * survive a crash is staged in a turn (pelago/service.h).
 *
 * A loop waits until pl_bus_fd is readable (or the time of its own next timer has come), calls
 * pl_bus_read once, which calls handlers, and pl_bus_flush once after it has published.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_BUS_H
#define PELAGO_BUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pelago/err.h"

struct pl_bus;		/* opaque */
struct pl_subscription; /* opaque */

enum pl_bus_state { PL_BUS_DOWN, PL_BUS_UP };

/* A message received (all borrowed until the handler returns) or to be sent (all copied). */
struct pl_message {
	const char *subject;
	const char *reply;  /* where an answer goes, or NULL */
	const char *id;	    /* header Pelago-Id: id of a request, or NULL */
	const char *msg_id; /* header Nats-Msg-Id: identity of an event, or NULL */
	int status; /* 503: nobody is subscribed to the subject of our request; 100: heartbeat or
		       flow control of a reader; else 0 */
	const char *stalled; /* header Nats-Consumer-Stalled of a heartbeat, or NULL */
	const void *body;
	size_t body_len; /* at most 1 MiB */
};

typedef void pl_message_fn(const struct pl_message *message, void *arg);
typedef void pl_bus_state_fn(enum pl_bus_state state, void *arg);

struct pl_bus_options {
	const char *url;       /* "tls://127.0.0.1:4222", or several separated by commas */
	const char *ca_file;   /* certificate authority of the server's certificate, PEM */
	const char *seed_file; /* nkey seed ("SU…"), one line, or NULL in tests of a server without
				  users */
	const char
		*identity; /* "DIR/tls/identity": DIR/tls/identity.pem and .key are shown to a
			      server that asks who its clients are; NULL, or no such files: none */
	const char *name;  /* of this process; inboxes begin with "_IN.NAME." */
	int wait_ms;	   /* how long pl_bus_open tries to reach the server; -1 for ever */
	pl_bus_state_fn
		*on_state; /* called by pl_bus_read when the connection is lost or back; or NULL */
	void *arg;
};

/*
 * pl_bus_open connects, and blocks for at most wait_ms; a refused key is an error at once. options
 * are copied. Returns PL_UNAVAILABLE when the server can't be reached or refuses the key,
 * PL_INVALID for unreadable files. The caller owns *busp: pl_bus_close. Only the named authority is
 * trusted, none of the machine's. The process ignores SIGPIPE from then on.
 */
enum pl_err pl_bus_open(struct pl_bus **busp, const struct pl_bus_options *options);

/*
 * pl_bus_close flushes for at most 100 ms, until the server has taken all, frees all subscriptions
 * and the connection. Takes NULL. Not to be called from a handler.
 */
void pl_bus_close(struct pl_bus *bus);

/* pl_bus_fd returns an epoll descriptor, the same for the bus's life, readable when pl_bus_read has
 * something to do. */
int pl_bus_fd(const struct pl_bus *bus);

/*
 * pl_bus_read takes what has come, without waiting, and calls handlers for at most max messages, in
 * the order of arrival within a subscription. Returns the number of messages handled; as long as it
 * is max, call again before waiting.
 */
unsigned pl_bus_read(struct pl_bus *bus, unsigned max);

/* pl_bus_flush sends what was published. Doesn't wait for the server. */
void pl_bus_flush(struct pl_bus *bus);

enum pl_bus_state pl_bus_state(const struct pl_bus *bus);

/* pl_bus_waiting returns how many received messages wait for pl_bus_read. */
size_t pl_bus_waiting(const struct pl_bus *bus);

/*
 * pl_bus_inbox writes a new unguessable subject "_IN.NAME.RANDOM" (128 random bits) of at most 95
 * bytes. The process may append tokens of its own, subscribe to it and give it away as reply
 * subject.
 */
void pl_bus_inbox(struct pl_bus *bus, char inbox[96]);

/*
 * pl_bus_subscribe calls fn for each message on subject until *subp is freed; it survives
 * reconnects.
 *
 *   subject  literal or with NATS wildcards; copied
 *   queue    queue group, or NULL; copied
 *   fn, arg  arg is borrowed and must outlive *subp
 *
 * Returns PL_INVALID for a bad subject, PL_NOMEM. Never blocks. Not to be freed from within fn of
 * the same subscription.
 */
enum pl_err pl_bus_subscribe(struct pl_subscription **subp, struct pl_bus *bus, const char *subject,
			     const char *queue, pl_message_fn *fn, void *arg);
void pl_subscription_free(struct pl_subscription *sub);

/*
 * pl_subscription_end tells the server to send no more, and goes on handing out what it has sent
 * before it hears that. When a message to an inbox of our own, published afterwards, has come back,
 * and pl_bus_waiting is 0, there is no more. A second time it does nothing; takes NULL.
 */
void pl_subscription_end(struct pl_subscription *sub);

/*
 * pl_bus_publish stages a message; pl_bus_flush sends it. Returns PL_UNAVAILABLE while the
 * connection is down, or the server doesn't read, and the buffer (8 MiB) is full, PL_TOOLARGE over
 * 1 MiB (headers not counted, so the server's max_payload must be larger), PL_INVALID for a bad
 * subject or header, PL_NOMEM. From 64 KiB on it may write before pl_bus_flush.
 */
enum pl_err pl_bus_publish(struct pl_bus *bus, const struct pl_message *message);

#endif
