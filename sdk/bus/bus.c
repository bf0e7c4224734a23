/*
 * bus.c — the loop's side: what came is taken from the mailbox into a queue for each subscription,
 * and handed out in turn, one message a subscription; what goes out is parked while there is no
 * wire that takes it, and keeps its order.
 *
 * Everything here runs on the loop's thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pelago/bus.h"

#include <limits.h>
#include <malloc.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

#include "dialer.h"
#include "mailbox.h"
#include "message.h"
#include "wire.h"
#include "pelago/log.h"

enum {
	PARKED_MAX_BYTES = 8 * 1024 * 1024,
	PARKED_EACH_BYTES = 256, /* what a parked message costs beside its body */
	FLUSH_BYTES = 64 * 1024, /* published so much: write before the turn's end */
	STALLED_MS = 2,		 /* no room: look again after */
	CLOSE_MS = 100,
	NO_THREAD_MS = 50,
};

struct pl_subscription {
	TAILQ_ENTRY(pl_subscription) next;	 /* in bus->subs */
	TAILQ_ENTRY(pl_subscription) next_ready; /* in bus->ready while received isn't empty */
	struct pl_bus *bus;
	natsSubscription *nats; /* NULL while the wire doesn't know of it */
	struct feed *feed;
	struct letters received;
	pl_message_fn *fn;
	void *arg;
	char *queue_group; /* behind subject, or NULL */
	char subject[];
};
TAILQ_HEAD(subscriptions, pl_subscription);

struct pl_bus {
	pl_bus_state_fn *on_state;
	void *arg;
	char *name;
	struct dialer *dialer;
	struct wire *wire; /* NULL while down */
	bool is_up;	   /* what on_state was told */
	bool is_woken;	   /* wake_fd is readable by our own doing */
	int epoll_fd;
	int wake_fd;
	int timer_fd; /* runs while the wire is stalled */
	struct mailbox *mailbox;
	struct subscriptions subs;
	struct subscriptions ready;
	size_t n_waiting;
	struct letters parked;
	size_t parked_bytes;
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
	return bus->wire && bus->wire->attached && !bus->wire->stalled;
}

static struct letter *take_first(struct letters *letters)
{
	struct letter *letter = STAILQ_FIRST(letters);

	if (letter)
		STAILQ_REMOVE_HEAD(letters, next);
	return letter;
}

static void look_again(struct pl_bus *bus)
{
	struct itimerspec when = { .it_value = { 0, STALLED_MS * 1000000L } };

	timerfd_settime(bus->timer_fd, 0, &when, NULL);
}

/* tell makes the wire know of sub. What fails is tried again at the next connection. */
static enum pl_err tell(struct pl_subscription *sub)
{
	natsConnection *nc = sub->bus->wire->nc;
	natsStatus s;

	if (sub->queue_group)
		s = natsConnection_QueueSubscribe(&sub->nats, nc, sub->subject, sub->queue_group,
						  feed_on_message, sub->feed);
	else
		s = natsConnection_Subscribe(&sub->nats, nc, sub->subject, feed_on_message,
					     sub->feed);
	if (s == NATS_OK)
		s = feed_listen(sub->feed, sub->nats);
	if (s == NATS_OK)
		s = natsSubscription_SetPendingLimits(sub->nats, INT_MAX, INT_MAX);
	if (s == NATS_OK || s == NATS_CONNECTION_CLOSED)
		return PL_OK;
	natsSubscription_Destroy(sub->nats);
	sub->nats = NULL;
	return s == NATS_NO_MEMORY
		       ? PL_NOMEM
		       : pl_fail(PL_INVALID, "%s: %s", sub->subject, natsStatus_GetText(s));
}

/* send_parked gives the wire what waited for it, as long as it takes it. */
static void send_parked(struct pl_bus *bus)
{
	size_t given = 0;

	while (!STAILQ_EMPTY(&bus->parked) && is_usable(bus)) {
		struct letter *letter = take_first(&bus->parked);
		size_t bytes = (size_t)natsMsg_GetDataLength(letter->packed) + PARKED_EACH_BYTES;

		natsConnection_PublishMsg(bus->wire->nc, letter->packed);
		letter_free(letter);
		bus->parked_bytes -= bytes;
		given += bytes;
		if (given >= FLUSH_BYTES) {
			wire_write(bus->wire);
			given = 0;
		}
	}
	wire_write(bus->wire);
}

void pl_bus_flush(struct pl_bus *bus)
{
	bus->unflushed_bytes = 0;
	if (!bus->wire)
		return;
	wire_write(bus->wire);
	if (!STAILQ_EMPTY(&bus->parked))
		send_parked(bus);
	if (!bus->wire->attached)
		wake(bus); /* pl_bus_read has a loss to report */
	else if (bus->wire->stalled)
		look_again(bus);
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

/* adopt makes wire the bus's. */
static enum pl_err adopt(struct pl_bus *bus, struct wire *wire)
{
	struct epoll_event event = { EPOLLIN, { .fd = wire->fd } };
	struct pl_subscription *sub;

	if (epoll_ctl(bus->epoll_fd, EPOLL_CTL_ADD, wire->fd, &event) < 0)
		return pl_fail(PL_UNAVAILABLE, "epoll: %m");
	bus->wire = wire;
	TAILQ_FOREACH(sub, &bus->subs, next)
	if (tell(sub))
		pl_log(ERROR, "bus.subscribe", NULL, "%s", pl_err_detail(PL_NOMEM));
	pl_bus_flush(bus);
	return PL_OK;
}

/* drop_wire forgets a wire that is lost; what it had received and we have collected stays. */
static void drop_wire(struct pl_bus *bus)
{
	struct pl_subscription *sub;

	TAILQ_FOREACH(sub, &bus->subs, next)
	{
		natsSubscription_Destroy(sub->nats);
		sub->nats = NULL;
	}
	epoll_ctl(bus->epoll_fd, EPOLL_CTL_DEL, bus->wire->fd, NULL);
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

/* collect moves what the mailbox holds into the queues of its subscriptions. */
static void collect(struct pl_bus *bus)
{
	struct letters letters = STAILQ_HEAD_INITIALIZER(letters);
	struct letter *letter;

	mailbox_take(bus->mailbox, &letters);
	while ((letter = take_first(&letters))) {
		struct pl_subscription *sub = letter_owner(letter);

		if (!sub) {
			letter_free(letter);
			continue;
		}
		if (STAILQ_EMPTY(&sub->received))
			TAILQ_INSERT_TAIL(&bus->ready, sub, next_ready);
		STAILQ_INSERT_TAIL(&sub->received, letter, next);
		bus->n_waiting++;
	}
}

/* look asks epoll, once and without waiting; true if the wire's socket can be read. */
static bool look(struct pl_bus *bus)
{
	struct epoll_event events[3];
	bool readable = false;
	uint64_t count;
	int n = epoll_wait(bus->epoll_fd, events, 3, 0);

	for (int i = 0; i < n; i++) {
		int fd = events[i].data.fd;

		if (bus->wire && fd == bus->wire->fd)
			readable = true;
		else if (read(fd, &count, sizeof(count)) != sizeof(count))
			continue;
		else if (fd == bus->wake_fd)
			bus->is_woken = false;
		else
			pl_bus_flush(bus); /* the timer: the wire was stalled */
	}
	return readable;
}

unsigned pl_bus_read(struct pl_bus *bus, unsigned max)
{
	uint64_t n_fresh = 0;
	unsigned n = 0;

	for (;;) {
		bool readable = look(bus);

		mend(bus);
		collect(bus);
		if (!readable || !bus->wire || bus->n_waiting + n_fresh >= max)
			break;
		wire_read(bus->wire);
		n_fresh += wire_fresh(bus->wire);
	}
	for (; n < max && !TAILQ_EMPTY(&bus->ready); n++) {
		struct pl_subscription *sub = TAILQ_FIRST(&bus->ready);
		struct letter *letter = take_first(&sub->received);
		struct pl_message message;

		bus->n_waiting--;
		TAILQ_REMOVE(&bus->ready, sub, next_ready);
		if (!STAILQ_EMPTY(&sub->received))
			TAILQ_INSERT_TAIL(&bus->ready, sub, next_ready);
		message_unpack(&message, letter->packed);
		sub->fn(&message, sub->arg); /* may free any other subscription */
		letter_free(letter);
	}
	if (bus->wire && bus->wire->wants_write)
		pl_bus_flush(bus);
	if (bus->n_waiting > 0)
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
	return bus->n_waiting + mailbox_count(bus->mailbox);
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
	enum pl_err err;

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
	err = feed_new(&sub->feed, bus->mailbox, sub);
	if (!err && bus->wire && bus->wire->attached) {
		err = tell(sub);
		wake(bus); /* pl_bus_read sends it, if nobody flushes before */
	}
	if (err) {
		if (sub->feed)
			feed_free(sub->feed);
		free(sub);
		return err;
	}
	TAILQ_INSERT_HEAD(&bus->subs, sub, next);
	*subp = sub;
	return PL_OK;
}

void pl_subscription_free(struct pl_subscription *sub)
{
	struct letter *letter;

	if (!sub)
		return;
	if (!STAILQ_EMPTY(&sub->received))
		TAILQ_REMOVE(&sub->bus->ready, sub, next_ready);
	while ((letter = take_first(&sub->received))) {
		letter_free(letter);
		sub->bus->n_waiting--;
	}
	TAILQ_REMOVE(&sub->bus->subs, sub, next);
	if (sub->nats) {
		natsSubscription_Destroy(sub->nats);
		wake(sub->bus);
	}
	feed_free(sub->feed);
	free(sub);
}

/* park keeps packed until the wire takes it; packed is consumed if PL_OK. */
static enum pl_err park(struct pl_bus *bus, natsMsg *packed)
{
	size_t bytes = (size_t)natsMsg_GetDataLength(packed) + PARKED_EACH_BYTES;
	struct letter *letter;

	if (bus->parked_bytes + bytes > PARKED_MAX_BYTES)
		return pl_fail(PL_UNAVAILABLE, "the bus is %s and %d bytes wait for it",
			       bus->is_up ? "stalled" : "down", PARKED_MAX_BYTES);
	letter = letter_new(packed, NULL);
	if (!letter)
		return PL_NOMEM;
	STAILQ_INSERT_TAIL(&bus->parked, letter, next);
	bus->parked_bytes += bytes;
	return PL_OK;
}

static enum pl_err publish_now(struct pl_bus *bus, natsMsg *packed)
{
	switch (natsConnection_PublishMsg(bus->wire->nc, packed)) {
	case NATS_OK:
		break;
	case NATS_MAX_PAYLOAD:
		return pl_fail(PL_TOOLARGE, "%s: larger than the server allows",
			       natsMsg_GetSubject(packed));
	case NATS_NO_MEMORY:
		return PL_NOMEM;
	default:
		return pl_fail(PL_UNAVAILABLE, "%s: %s", natsMsg_GetSubject(packed),
			       nats_GetLastError(NULL));
	}
	bus->unflushed_bytes += (size_t)natsMsg_GetDataLength(packed);
	if (bus->unflushed_bytes >= FLUSH_BYTES)
		pl_bus_flush(bus);
	return PL_OK;
}

enum pl_err pl_bus_publish(struct pl_bus *bus, const struct pl_message *message)
{
	natsMsg *packed = NULL;
	enum pl_err err = message_pack(&packed, message);

	if (err)
		return err;
	if (!is_usable(bus) || !STAILQ_EMPTY(&bus->parked)) {
		err = park(bus, packed);
		if (err)
			natsMsg_Destroy(packed);
		return err;
	}
	err = publish_now(bus, packed);
	natsMsg_Destroy(packed);
	return err;
}

/* The library has threads of its own: one heap for all of them, one thread for all deliveries. */
static void keep_small(void)
{
	mallopt(M_ARENA_MAX, 1);
	nats_SetMessageDeliveryPoolSize(1);
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
	bus = calloc(1, sizeof(*bus));
	if (!bus)
		return PL_NOMEM;
	TAILQ_INIT(&bus->subs);
	TAILQ_INIT(&bus->ready);
	STAILQ_INIT(&bus->parked);
	bus->on_state = options->on_state;
	bus->arg = options->arg;
	bus->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	bus->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	bus->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	bus->name = strdup(options->name);
	if (!bus->name)
		goto out;
	if (!listen_to(bus, bus->wake_fd) || !listen_to(bus, bus->timer_fd)) {
		err = pl_fail(PL_UNAVAILABLE, "descriptors for the bus: %m");
		goto out;
	}
	err = mailbox_new(&bus->mailbox, bus->wake_fd);
	if (err)
		goto out;
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

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/*
 * hang_up writes what is left, ends our direction and reads until the server has ended the other:
 * by then it has taken all. Closing at once with unread input would make the kernel reset the
 * connection, and the server would lose what it hadn't read yet.
 */
static void hang_up(struct pl_bus *bus)
{
	int64_t until_ms = now_ms() + CLOSE_MS;
	bool ended = false;

	while (bus->wire->attached) {
		struct pollfd poll_fd = { bus->wire->fd, POLLIN, 0 };
		int64_t left_ms = until_ms - now_ms();

		if (!ended)
			pl_bus_flush(bus);
		if (!ended && bus->wire->attached && !bus->wire->wants_write) {
			shutdown(bus->wire->fd, SHUT_WR);
			ended = true;
		}
		if (left_ms <= 0)
			return;
		if (poll(&poll_fd, 1, ended ? (int)left_ms : STALLED_MS) > 0)
			wire_read(bus->wire);
	}
}

void pl_bus_close(struct pl_bus *bus)
{
	struct letter *letter;

	if (!bus)
		return;
	if (bus->wire)
		hang_up(bus);
	while (!TAILQ_EMPTY(&bus->subs))
		pl_subscription_free(TAILQ_FIRST(&bus->subs));
	if (bus->wire)
		drop_wire(bus);
	while ((letter = take_first(&bus->parked)))
		letter_free(letter);
	mailbox_free(bus->mailbox);
	dialer_free(bus->dialer);
	if (bus->epoll_fd >= 0)
		close(bus->epoll_fd);
	if (bus->wake_fd >= 0)
		close(bus->wake_fd);
	if (bus->timer_fd >= 0)
		close(bus->timer_fd);
	free(bus->name);
	free(bus);
}
