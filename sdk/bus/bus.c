/*
 * bus.c — what came is kept in a queue for each subscription, and handed out in turn, one message a
 * subscription; what goes out is parked while there is no wire.
 *
 * Everything here runs on the loop's thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pelago/bus.h"

#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>
#include <uthash.h>

#include "dialer.h"
#include "message.h"
#include "wire.h"
#include "pelago/log.h"

enum {
	OUT_MAX_BYTES = 8 * 1024 * 1024,
	FLUSH_BYTES = 64 * 1024, /* published so much: write before the turn's end */
	CLOSE_MS = 100,
	NO_THREAD_MS = 50,
};

struct pl_subscription {
	TAILQ_ENTRY(pl_subscription) next;	 /* in bus->subs */
	TAILQ_ENTRY(pl_subscription) next_ready; /* in bus->ready while received isn't empty */
	struct pl_bus *bus;
	UT_hash_handle hh; /* in bus->by_sid */
	uint64_t sid;
	struct letters received;
	pl_message_fn *fn;
	void *arg;
	bool is_ended;	   /* the server was told to send no more */
	char *queue_group; /* behind subject, or NULL */
	char subject[];
};
TAILQ_HEAD(subscriptions, pl_subscription);

struct pl_bus {
	pl_bus_state_fn *on_state;
	void *arg;
	char *name;
	struct dialer *dialer;
	struct wire *wire;    /* NULL while down */
	bool is_up;	      /* what on_state was told */
	bool is_woken;	      /* wake_fd is readable by our own doing */
	bool is_room_awaited; /* epoll tells when the wire's socket has room again */
	int epoll_fd;
	int wake_fd;
	uint64_t last_sid;
	struct pl_subscription *by_sid;
	struct subscriptions subs;
	struct subscriptions ready;
	size_t n_waiting;
	struct buffer parked; /* frames for the next wire */
	size_t unflushed_bytes;
};

static void wake(struct pl_bus *bus)
{
	uint64_t one = 1;

	if (bus->is_woken)
		return;
	bus->is_woken = write(bus->wake_fd, &one, sizeof(one)) == sizeof(one);
}

static bool is_usable(const struct pl_bus *bus)
{
	return bus->wire && bus->wire->attached;
}

static struct letter *take_first(struct letters *letters)
{
	struct letter *letter = STAILQ_FIRST(letters);

	if (letter)
		STAILQ_REMOVE_HEAD(letters, next);
	return letter;
}

/* await_room makes epoll tell when the wire's socket takes more, or no longer. */
static void await_room(struct pl_bus *bus)
{
	struct epoll_event event = { EPOLLIN, { .fd = bus->wire->stream.fd } };

	if (bus->is_room_awaited == bus->wire->stalled)
		return;
	if (bus->wire->stalled)
		event.events |= EPOLLOUT;
	if (epoll_ctl(bus->epoll_fd, EPOLL_CTL_MOD, event.data.fd, &event) == 0)
		bus->is_room_awaited = bus->wire->stalled;
}

void pl_bus_flush(struct pl_bus *bus)
{
	bus->unflushed_bytes = 0;
	if (!bus->wire)
		return;
	wire_write(bus->wire);
	if (bus->wire->attached)
		await_room(bus);
	else
		wake(bus); /* pl_bus_read has a loss to report */
}

static void report(struct pl_bus *bus, bool is_up)
{
	if (bus->is_up == is_up)
		return;
	bus->is_up = is_up;
	if (is_up)
		pl_log(INFO, "bus.up", NULL, "connected again");
	else
		pl_log(WARN, "bus.down", NULL, "connection lost, trying to connect again");
	if (bus->on_state)
		bus->on_state(is_up ? PL_BUS_UP : PL_BUS_DOWN, bus->arg);
}

/* adopt makes wire the bus's: it learns the subscriptions, then gets what was parked. */
static enum pl_err adopt(struct pl_bus *bus, struct wire *wire)
{
	struct epoll_event event = { EPOLLIN, { .fd = wire->stream.fd } };
	struct pl_subscription *sub;
	enum pl_err err = PL_OK;

	TAILQ_FOREACH(sub, &bus->subs, next)
	if (!err && !sub->is_ended)
		err = wire_subscribe(wire, sub->sid, sub->subject, sub->queue_group);
	if (!err)
		err = buffer_add(&wire->out, bus->parked.data + bus->parked.start,
				 buffer_len(&bus->parked));
	if (err)
		return err;
	if (epoll_ctl(bus->epoll_fd, EPOLL_CTL_ADD, event.data.fd, &event) < 0)
		return pl_fail(PL_UNAVAILABLE, "epoll: %m");
	buffer_fini(&bus->parked);
	bus->is_room_awaited = false;
	bus->wire = wire;
	pl_bus_flush(bus);
	return PL_OK;
}

/* drop_wire forgets a wire that is lost; what it had received stays. */
static void drop_wire(struct pl_bus *bus)
{
	epoll_ctl(bus->epoll_fd, EPOLL_CTL_DEL, bus->wire->stream.fd, NULL);
	wire_free(bus->wire);
	bus->wire = NULL;
}

static void redial(struct pl_bus *bus)
{
	struct timespec pause = { 0, NO_THREAD_MS * 1000000L };

	if (!dialer_start(bus->dialer))
		return;
	nanosleep(&pause, NULL);
	wake(bus);
}

/* mend reports a loss and takes over the dialer's new wire. */
static void mend(struct pl_bus *bus)
{
	struct wire *wire;

	if (bus->wire && !bus->wire->attached) {
		drop_wire(bus);
		report(bus, false);
	}
	if (bus->wire)
		return;
	wire = dialer_take(bus->dialer);
	if (wire && adopt(bus, wire)) {
		pl_log(ERROR, "bus.adopt", NULL, "%s", pl_err_detail(PL_UNAVAILABLE));
		wire_free(wire);
	}
	if (bus->wire)
		report(bus, true);
	else
		redial(bus);
}

/* on_letter keeps a message for the subscription sid, if there still is one. */
static void on_letter(uint64_t sid, struct letter *letter, void *arg)
{
	struct pl_bus *bus = arg;
	struct pl_subscription *sub;

	HASH_FIND(hh, bus->by_sid, &sid, sizeof(sid), sub);
	if (!sub) {
		free(letter);
		return;
	}
	if (STAILQ_EMPTY(&sub->received))
		TAILQ_INSERT_TAIL(&bus->ready, sub, next_ready);
	STAILQ_INSERT_TAIL(&sub->received, letter, next);
	bus->n_waiting++;
}

/* look asks epoll, once and without waiting; true if the wire can be read. */
static bool look(struct pl_bus *bus)
{
	struct epoll_event events[2];
	bool readable = bus->wire && bus->wire->has_more;
	uint64_t count;
	int n = epoll_wait(bus->epoll_fd, events, 2, 0);

	for (int i = 0; i < n; i++) {
		bool is_wake = events[i].data.fd == bus->wake_fd;

		if (is_wake && read(bus->wake_fd, &count, sizeof(count)) == sizeof(count))
			bus->is_woken = false;
		if (!is_wake && bus->wire && (events[i].events & EPOLLOUT))
			pl_bus_flush(bus);
		if (!is_wake && (events[i].events & ~(uint32_t)EPOLLOUT))
			readable = true;
	}
	return readable;
}

unsigned pl_bus_read(struct pl_bus *bus, unsigned max)
{
	unsigned n = 0;

	do {
		bool readable = look(bus);

		mend(bus);
		if (!readable || !bus->wire || bus->n_waiting >= max)
			break;
		wire_read(bus->wire, on_letter, bus);
	} while (bus->wire->has_more || !bus->wire->attached);
	for (; n < max && !TAILQ_EMPTY(&bus->ready); n++) {
		struct pl_subscription *sub = TAILQ_FIRST(&bus->ready);
		struct letter *letter = take_first(&sub->received);

		bus->n_waiting--;
		TAILQ_REMOVE(&bus->ready, sub, next_ready);
		if (!STAILQ_EMPTY(&sub->received))
			TAILQ_INSERT_TAIL(&bus->ready, sub, next_ready);
		sub->fn(&letter->message, sub->arg); /* may free any other subscription */
		free(letter);
	}
	if (bus->wire && buffer_len(&bus->wire->out) > 0 && !bus->wire->stalled)
		pl_bus_flush(bus);
	if (bus->n_waiting > 0 || (bus->wire && (bus->wire->has_more || !bus->wire->attached)))
		wake(bus);
	return n;
}

int pl_bus_fd(const struct pl_bus *bus)
{
	return bus->epoll_fd;
}

enum pl_bus_state pl_bus_state(const struct pl_bus *bus)
{
	return bus->is_up ? PL_BUS_UP : PL_BUS_DOWN;
}

size_t pl_bus_waiting(const struct pl_bus *bus)
{
	return bus->n_waiting;
}

void pl_bus_inbox(struct pl_bus *bus, char inbox[96])
{
	unsigned char random[16];
	char text[2 * sizeof(random) + 1];

	randombytes_buf(random, sizeof(random));
	snprintf(inbox, 96, "_IN.%s.%s", bus->name,
		 sodium_bin2hex(text, sizeof(text), random, sizeof(random)));
}

enum pl_err pl_bus_subscribe(struct pl_subscription **subp, struct pl_bus *bus, const char *subject,
			     const char *queue, pl_message_fn *fn, void *arg)
{
	struct pl_subscription *sub;
	size_t subject_size, queue_size;

	if (!is_subject(subject, true))
		return pl_fail(PL_INVALID, "not a subject: \"%.80s\"", subject ? subject : "");
	if (queue && !is_word(queue))
		return pl_fail(PL_INVALID, "not a queue group: \"%.80s\"", queue);
	subject_size = strlen(subject) + 1;
	queue_size = queue ? strlen(queue) + 1 : 0;
	sub = calloc(1, sizeof(*sub) + subject_size + queue_size);
	if (!sub)
		return PL_NOMEM;
	sub->bus = bus;
	sub->fn = fn;
	sub->arg = arg;
	memcpy(sub->subject, subject, subject_size);
	if (queue)
		sub->queue_group = memcpy(sub->subject + subject_size, queue, queue_size);
	STAILQ_INIT(&sub->received);
	sub->sid = ++bus->last_sid;
	if (is_usable(bus)) {
		enum pl_err err = wire_subscribe(bus->wire, sub->sid, subject, queue);

		if (err) {
			free(sub);
			return err;
		}
		wake(bus); /* pl_bus_read sends it, if nobody flushes before */
	}
	TAILQ_INSERT_HEAD(&bus->subs, sub, next);
	HASH_ADD(hh, bus->by_sid, sid, sizeof(sub->sid), sub);
	*subp = sub;
	return PL_OK;
}

/* What can't be said now the server learns from the next wire; until then it sends in vain. */
void pl_subscription_end(struct pl_subscription *sub)
{
	if (!sub || sub->is_ended)
		return;
	sub->is_ended = true;
	if (is_usable(sub->bus) && !wire_unsubscribe(sub->bus->wire, sub->sid))
		wake(sub->bus);
}

void pl_subscription_free(struct pl_subscription *sub)
{
	struct letter *letter;

	if (!sub)
		return;
	if (!STAILQ_EMPTY(&sub->received))
		TAILQ_REMOVE(&sub->bus->ready, sub, next_ready);
	while ((letter = take_first(&sub->received))) {
		free(letter);
		sub->bus->n_waiting--;
	}
	TAILQ_REMOVE(&sub->bus->subs, sub, next);
	HASH_DELETE(hh, sub->bus->by_sid, sub);
	pl_subscription_end(sub);
	free(sub);
}

enum pl_err pl_bus_publish(struct pl_bus *bus, const struct pl_message *message)
{
	struct buffer *out = is_usable(bus) ? &bus->wire->out : &bus->parked;
	enum pl_err err = message_check(message);

	if (err)
		return err;
	if (buffer_len(out) + message_frame_len(message) > OUT_MAX_BYTES)
		return pl_fail(PL_UNAVAILABLE, "the bus is %s and %zu bytes wait for it",
			       bus->is_up ? "stalled" : "down", buffer_len(out));
	if (is_usable(bus) && message->body_len > bus->wire->max_payload)
		return pl_fail(PL_TOOLARGE, "%s: larger than the server allows", message->subject);
	err = message_write(out, message);
	if (err || !is_usable(bus))
		return err;
	bus->unflushed_bytes += message->body_len;
	if (bus->unflushed_bytes >= FLUSH_BYTES)
		pl_bus_flush(bus);
	return PL_OK;
}

/* One heap for the loop and the dialer's thread. */
static void keep_small(void)
{
	mallopt(M_ARENA_MAX, 1);
}

/* listen_to makes epoll_fd report that fd can be read. */
static bool listen_to(struct pl_bus *bus, int fd)
{
	struct epoll_event event = { EPOLLIN, { .fd = fd } };

	return bus->epoll_fd >= 0 && fd >= 0 &&
	       epoll_ctl(bus->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

enum pl_err pl_bus_open(struct pl_bus **busp, const struct pl_bus_options *options)
{
	struct wire *wire = NULL;
	struct pl_bus *bus;
	enum pl_err err = PL_NOMEM;

	if (!options->url || !*options->url || !options->name ||
	    !is_subject(options->name, false) || strlen(options->name) > 48)
		return pl_fail(PL_INVALID,
			       "the bus needs a url and a name of at most 48 characters");
	if (sodium_init() < 0)
		return pl_fail(PL_INTERNAL, "no source of random numbers");
	keep_small();
	signal(SIGPIPE, SIG_IGN); /* OpenSSL's writing raises it */
	bus = calloc(1, sizeof(*bus));
	if (!bus)
		return PL_NOMEM;
	TAILQ_INIT(&bus->subs);
	TAILQ_INIT(&bus->ready);
	bus->on_state = options->on_state;
	bus->arg = options->arg;
	bus->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	bus->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	bus->name = strdup(options->name);
	if (!bus->name)
		goto out;
	if (!listen_to(bus, bus->wake_fd)) {
		err = pl_fail(PL_UNAVAILABLE, "descriptors for the bus: %m");
		goto out;
	}
	err = dialer_new(&bus->dialer, options, bus->wake_fd);
	if (!err)
		err = dialer_connect(bus->dialer, &wire, options->wait_ms);
	if (!err)
		err = adopt(bus, wire);
	if (err)
		goto out;
	bus->is_up = true;
	*busp = bus;
	return PL_OK;
out:
	if (!bus->wire)
		wire_free(wire);
	pl_bus_close(bus);
	return err;
}

/*
 * hang_up writes what is left, ends our direction and reads until the server has ended the other:
 * by then it has taken all. Closing at once with unread input would make the kernel reset the
 * connection, and the server would lose what it hadn't read yet.
 */
static void hang_up(struct pl_bus *bus)
{
	int64_t until_ms = stream_now_ms() + CLOSE_MS;
	bool ended = false;

	while (bus->wire->attached) {
		short events = POLLIN;

		if (!ended)
			wire_write(bus->wire);
		if (!ended && bus->wire->attached && !bus->wire->stalled) {
			shutdown(bus->wire->stream.fd, SHUT_WR);
			ended = true;
		}
		if (!ended)
			events |= POLLOUT;
		if (!stream_wait(&bus->wire->stream, events, until_ms))
			return;
		do
			wire_read(bus->wire, on_letter, bus);
		while (bus->wire->has_more);
	}
}

void pl_bus_close(struct pl_bus *bus)
{
	if (!bus)
		return;
	if (bus->wire)
		hang_up(bus);
	while (!TAILQ_EMPTY(&bus->subs))
		pl_subscription_free(TAILQ_FIRST(&bus->subs));
	if (bus->wire)
		drop_wire(bus);
	buffer_fini(&bus->parked);
	dialer_free(bus->dialer);
	if (bus->epoll_fd >= 0)
		close(bus->epoll_fd);
	if (bus->wake_fd >= 0)
		close(bus->wake_fd);
	free(bus->name);
	free(bus);
}
