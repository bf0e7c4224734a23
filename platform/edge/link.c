/*
 * link.c — the bus in the edge's loop.
 *
 * The loop closes what it adopts, so it gets a duplicate of the bus's epoll descriptor.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "link.h"

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "pelago/json.h"
#include "pelago/log.h"

enum { READ_MAX = 256, OPEN_MS = 500, OPEN_PAUSE_US = 100000, REPEAT_US = 25000 };

struct link {
	struct edge *edge;
	link_up_fn *on_up;
	void (*on_idle)(struct edge *edge);
	struct requests *requests;
	struct pl_bus *bus; /* the loop's */
	struct pl_subscription *replies;
	bool is_reading, is_repeating, is_stopped;
	lws_sorted_usec_list_t repeat, more;
	/* Of the opening thread. */
	pthread_t opener;
	bool has_opener;
	_Atomic(struct pl_bus *) opened;
	atomic_bool stop;
};

/* ---- opening ---- */

static void on_state(enum pl_bus_state state, void *arg)
{
	struct link *link = arg;

	pl_log(WARN, "edge.bus", NULL, "%s", state == PL_BUS_UP ? "back" : "lost");
	if (state != PL_BUS_UP || !link->bus)
		return;
	requests_again(link->requests, clock_ms());
	link->on_up(link->edge);
}

static enum pl_err open_once(struct link *link, struct pl_bus **busp)
{
	const struct options *o = &link->edge->options;
	char ca[PATH_MAX], seed[PATH_MAX], identity[PATH_MAX];
	struct pl_bus_options options = { .url = o->bus,
					  .ca_file = ca,
					  .seed_file = seed,
					  .identity = identity,
					  .name = "edge",
					  .wait_ms = OPEN_MS,
					  .on_state = on_state,
					  .arg = link };

	snprintf(ca, sizeof(ca), "%s/tls/ca.pem", o->data);
	snprintf(seed, sizeof(seed), "%s/keys/edge.nk", o->data);
	snprintf(identity, sizeof(identity), "%s/tls/identity", o->data);
	/* A server without users and TLS is a test's; who has a key always shows it. */
	if (strncmp(o->bus, "nats://", 7) == 0) {
		options.ca_file = NULL;
		if (access(seed, F_OK) != 0)
			options.seed_file = NULL;
	}
	return pl_bus_open(busp, &options);
}

static void *open_bus(void *arg)
{
	struct link *link = arg;
	struct pl_bus *bus = NULL;
	enum pl_err err, said = PL_OK;

	while (!atomic_load(&link->stop)) {
		err = open_once(link, &bus);
		if (!err) {
			atomic_store(&link->opened, bus);
			break;
		}
		if (err != said)
			pl_log(WARN, "edge.bus", NULL, "not open yet: %s", pl_err_detail(err));
		said = err;
		usleep(OPEN_PAUSE_US);
	}
	return NULL;
}

static void on_reply(const struct pl_message *message, void *arg)
{
	struct link *link = arg;

	requests_reply(link->requests, message, clock_ms());
}

static bool adopt(struct link *link)
{
	lws_sock_file_fd_type fd = { .filefd = dup(pl_bus_fd(link->bus)) };

	return fd.filefd >= 0 &&
	       lws_adopt_descriptor_vhost(link->edge->files, LWS_ADOPT_RAW_FILE_DESC, fd, "bus",
					  NULL);
}

void link_poll(struct link *link)
{
	struct pl_bus *bus = atomic_exchange(&link->opened, NULL);
	char inbox[96], subject[128];

	if (!bus)
		return;
	link->bus = bus;
	pl_bus_inbox(bus, inbox);
	requests_inbox(link->requests, inbox);
	snprintf(subject, sizeof(subject), "%s.*", inbox);
	if (pl_bus_subscribe(&link->replies, bus, subject, NULL, on_reply, link) || !adopt(link)) {
		pl_log(ERROR, "edge.bus", NULL, "cannot take the bus into the loop");
		exit(1);
	}
	pl_log(INFO, "edge.bus", NULL, "open");
	requests_again(link->requests, clock_ms());
	link->on_up(link->edge);
	link_readable(link);
}

/* ---- reading ---- */

static void read_more(lws_sorted_usec_list_t *sul)
{
	link_readable(lws_container_of(sul, struct link, more));
}

void link_readable(struct link *link)
{
	unsigned n;

	if (!link->bus)
		return;
	link->is_reading = true;
	n = pl_bus_read(link->bus, READ_MAX);
	link->is_reading = false;
	if (link->on_idle)
		link->on_idle(link->edge);
	pl_bus_flush(link->bus);
	/* The descriptor tells only of what comes anew. */
	if (n == READ_MAX)
		lws_sul_schedule(link->edge->context, 0, &link->more, read_more, 1);
}

void link_flush(struct link *link)
{
	if (link->bus && !link->is_reading)
		pl_bus_flush(link->bus);
}

void link_on_idle(struct link *link, void (*fn)(struct edge *edge))
{
	link->on_idle = fn;
}

/* ---- asking ---- */

static void publish(const struct pl_message *message, void *arg)
{
	struct link *link = arg;

	/* While the bus is away nothing is sent: all of it is, once it is back. */
	if (link_is_up(link))
		pl_bus_publish(link->bus, message);
}

static void repeat(lws_sorted_usec_list_t *sul)
{
	struct link *link = lws_container_of(sul, struct link, repeat);

	requests_tick(link->requests, clock_ms());
	link->is_repeating = requests_count(link->requests) > 0;
	if (link->is_repeating)
		lws_sul_schedule(link->edge->context, 0, &link->repeat, repeat, REPEAT_US);
}

enum pl_err link_ask(struct request **requestp, struct link *link, const char *subject,
		     json_t *body, enum request_patience patience, request_fn *fn, void *arg)
{
	struct request_ask ask = { .subject = subject,
				   .body = pl_json_dump(body),
				   .patience = patience,
				   .fn = fn,
				   .arg = arg };
	enum pl_err err;

	json_decref(body);
	ask.body_len = ask.body ? strlen(ask.body) : 0;
	err = request_start(requestp, link->requests, &ask, clock_ms());
	if (err)
		return err;
	if (!link->is_repeating && !link->is_stopped) {
		link->is_repeating = true;
		lws_sul_schedule(link->edge->context, 0, &link->repeat, repeat, REPEAT_US);
	}
	return PL_OK;
}

bool link_is_up(const struct link *link)
{
	return link->bus && pl_bus_state(link->bus) == PL_BUS_UP;
}

struct pl_bus *link_bus(const struct link *link)
{
	return link->bus;
}

unsigned link_waiting(const struct link *link)
{
	return requests_count(link->requests);
}

enum pl_err link_new(struct link **linkp, struct edge *edge, link_up_fn *on_up)
{
	struct link *link = calloc(1, sizeof(*link));
	enum pl_err err;

	if (!link)
		return PL_NOMEM;
	link->edge = edge;
	link->on_up = on_up;
	err = requests_new(&link->requests, publish, link);
	if (!err && pthread_create(&link->opener, NULL, open_bus, link) != 0)
		err = pl_fail(PL_UNAVAILABLE, "cannot start a thread");
	link->has_opener = !err;
	if (err)
		link_free(link);
	else
		*linkp = link;
	return err;
}

void link_stop(struct link *link)
{
	link->is_stopped = true;
	lws_sul_cancel(&link->repeat);
	lws_sul_cancel(&link->more);
}

void link_free(struct link *link)
{
	if (!link)
		return;
	atomic_store(&link->stop, true);
	if (link->has_opener)
		pthread_join(link->opener, NULL);
	pl_subscription_free(link->replies);
	requests_free(link->requests);
	pl_bus_close(link->bus ? link->bus : atomic_load(&link->opened));
	free(link);
}
