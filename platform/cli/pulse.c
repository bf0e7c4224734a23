/*
 * pulse.c — the root supervisor's own words, back from the bus.
 *
 * Opening the connection blocks, so a thread does it, once; from then on it mends itself.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "platform/cli/pulse.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pelago/bus.h"
#include "pelago/log.h"
#include "platform/cli/cli.h"

enum {
	ASK_MS = 500,
	LOOK_MS = 200,	 /* whether it listens, while there is no connection */
	LATE_MS = 1000,	 /* between two turns: we slept ourselves */
	KNOCK_MS = 5000, /* it listens for that long, and there is no connection */
	OPEN_MS = 1000,
	OPEN_PAUSE_US = 50000,
	READ_MAX = 16,
};

struct pulse {
	const struct setup *setup;
	struct process *process;
	struct pl_bus *bus;
	struct pl_subscription *words;
	char inbox[96];
	int knock_fd; /* a connection that waits for the greeting, or -1 */
	int64_t turned_ms, asked_ms, looked_ms;
	int64_t listens_ms; /* since when, without a connection; 0: it doesn't */
	/* Of the opening thread. */
	pthread_t opener;
	bool has_opener;
	_Atomic(struct pl_bus *) opened;
	atomic_bool stop;
};

static void *open_bus(void *arg)
{
	struct pulse *pulse = arg;
	struct pl_bus_options options = { .name = "root", .wait_ms = OPEN_MS };
	char *url = setup_bus_url(pulse->setup), *ca = setup_path(pulse->setup, "tls/ca.pem"),
	     *seed = setup_path(pulse->setup, "keys/root.nk"),
	     *identity = setup_path(pulse->setup, "tls/identity");
	enum pl_err err = url && ca && seed && identity ? PL_UNAVAILABLE : PL_NOMEM,
		    said = PL_UNAVAILABLE;
	struct pl_bus *bus = NULL;

	options.url = url;
	options.ca_file = ca;
	options.seed_file = seed;
	options.identity = identity;
	while (err != PL_OK && !atomic_load(&pulse->stop)) {
		if (cli_bus_listens(pulse->setup) && url && ca && seed && identity)
			err = pl_bus_open(&bus, &options);
		if (err && err != said)
			pl_log(ERROR, "bus.pulse", NULL, "not open yet: %s", pl_err_detail(err));
		said = err;
		if (err)
			usleep(OPEN_PAUSE_US);
	}
	atomic_store(&pulse->opened, bus);
	free(url);
	free(ca);
	free(seed);
	free(identity);
	return NULL;
}

enum pl_err pulse_new(struct pulse **pulsep, const struct setup *setup, struct process *bus)
{
	struct pulse *pulse = calloc(1, sizeof(*pulse));
	int error;

	if (!pulse)
		return PL_NOMEM;
	pulse->setup = setup;
	pulse->process = bus;
	pulse->knock_fd = -1;
	error = pthread_create(&pulse->opener, NULL, open_bus, pulse);
	if (error) {
		free(pulse);
		return pl_fail(PL_AGAIN, "no thread to open the bus: %s", strerror(error));
	}
	pulse->has_opener = true;
	*pulsep = pulse;
	return PL_OK;
}

static void knock_end(struct pulse *pulse)
{
	if (pulse->knock_fd >= 0)
		close(pulse->knock_fd);
	pulse->knock_fd = -1;
}

void pulse_free(struct pulse *pulse)
{
	if (!pulse)
		return;
	process_unbeat(pulse->process);
	atomic_store(&pulse->stop, true);
	if (pulse->has_opener)
		pthread_join(pulse->opener, NULL);
	if (!pulse->bus)
		pulse->bus = atomic_exchange(&pulse->opened, NULL);
	knock_end(pulse);
	pl_subscription_free(pulse->words);
	pl_bus_close(pulse->bus);
	free(pulse);
}

int pulse_fd(const struct pulse *pulse)
{
	return pulse->bus ? pl_bus_fd(pulse->bus) : -1;
}

struct pl_bus *pulse_bus(const struct pulse *pulse)
{
	return pulse->bus;
}

/* ---- connected ---- */

static void on_word(const struct pl_message *message, void *arg)
{
	struct pulse *pulse = arg;

	process_beat(pulse->process);
}

static void take_opened(struct pulse *pulse)
{
	struct pl_bus *bus = atomic_exchange(&pulse->opened, NULL);
	enum pl_err err;

	if (!bus)
		return;
	pl_bus_inbox(bus, pulse->inbox);
	err = pl_bus_subscribe(&pulse->words, bus, pulse->inbox, NULL, on_word, pulse);
	if (err) {
		pl_log(ERROR, "bus.pulse", NULL, "the bus isn't watched: %s", pl_err_detail(err));
		pl_bus_close(bus);
		return;
	}
	pulse->bus = bus;
}

static void ask(struct pulse *pulse, int64_t now_ms)
{
	const struct pl_message word = { .subject = pulse->inbox, .body = "{}", .body_len = 2 };
	enum pl_err err;

	if (now_ms - pulse->asked_ms < ASK_MS)
		return;
	pulse->asked_ms = now_ms;
	err = pl_bus_publish(pulse->bus, &word);
	if (!err) {
		pl_bus_flush(pulse->bus);
		return;
	}
	pl_log(WARN, "bus.pulse", NULL, "%s", pl_err_detail(err));
	process_beat(pulse->process); /* nothing was asked */
}

/* ---- not connected ---- */

/* A server greets whoever connects, before any key or certificate matters. */
static void knock(struct pulse *pulse)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons((uint16_t)pulse->setup->bus_port),
				       .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0 &&
	    errno != EINPROGRESS) {
		close(fd);
		fd = -1;
	}
	pulse->knock_fd = fd;
	if (fd < 0)
		process_beat(pulse->process); /* that it is silent isn't known */
}

/* Anything but silence is an answer; its end, too. */
static void hear_knock(struct pulse *pulse, int64_t now_ms)
{
	char greeting[16];
	ssize_t len = recv(pulse->knock_fd, greeting, sizeof(greeting), 0);

	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (len > 0)
		pl_log(WARN, "bus.pulse", NULL,
		       "nats-server answers, but there is no connection to it");
	process_beat(pulse->process);
	knock_end(pulse);
	pulse->listens_ms = now_ms;
}

static void look(struct pulse *pulse, int64_t now_ms, bool is_late)
{
	if (pulse->knock_fd >= 0) {
		hear_knock(pulse, now_ms);
		if (pulse->knock_fd >= 0 && !is_late)
			return;
		knock_end(pulse);
	}
	if (now_ms - pulse->looked_ms < LOOK_MS)
		return;
	pulse->looked_ms = now_ms;
	if (!cli_bus_listens(pulse->setup))
		pulse->listens_ms = 0;
	else if (!pulse->listens_ms || is_late)
		pulse->listens_ms = now_ms;
	if (pulse->listens_ms && now_ms - pulse->listens_ms >= KNOCK_MS)
		knock(pulse);
	else
		process_beat(pulse->process);
}

void pulse_turn(struct pulse *pulse)
{
	int64_t now_ms = supervisor_now_ms();
	bool is_late = now_ms - pulse->turned_ms > LATE_MS;

	pulse->turned_ms = now_ms;
	if (!pulse->bus)
		take_opened(pulse);
	while (pulse->bus && pl_bus_read(pulse->bus, READ_MAX) == READ_MAX)
		;
	if (!pulse->bus || pl_bus_state(pulse->bus) != PL_BUS_UP) {
		look(pulse, now_ms, is_late);
		return;
	}
	knock_end(pulse);
	pulse->listens_ms = 0;
	ask(pulse, now_ms);
}
