/*
 * dialer.c — connecting for ever, beside the loop.
 *
 * mu guards made, has_thread, is_given_up and refs. The bus holds one reference and the thread
 * another, as the bus may be closed while the thread is still connecting.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dialer.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "pelago/log.h"

enum {
	RETRY_MS = 50,
	REFUSED_RETRY_MS = 1000, /* a refused key isn't cured by haste */
	TIMEOUT_MS = 2000,	 /* of one try */
	THREAD_STACK_BYTES = 512 * 1024,
};

struct dialer {
	struct pl_bus_options options; /* its texts are ours */
	struct server **servers;
	size_t n_servers, next_server;
	int wake_fd;
	pthread_mutex_t mu;
	struct wire *made;
	bool has_thread;
	bool is_given_up;
	unsigned refs;
};

static void release(struct dialer *dialer)
{
	bool last;

	pthread_mutex_lock(&dialer->mu);
	last = --dialer->refs == 0;
	pthread_mutex_unlock(&dialer->mu);
	if (!last)
		return;
	wire_free(dialer->made);
	if (dialer->wake_fd >= 0)
		close(dialer->wake_fd);
	pthread_mutex_destroy(&dialer->mu);
	free((char *)dialer->options.url);
	free((char *)dialer->options.ca_file);
	free((char *)dialer->options.seed_file);
	free((char *)dialer->options.identity);
	free((char *)dialer->options.name);
	for (size_t i = 0; i < dialer->n_servers; i++)
		server_free(dialer->servers[i]);
	free(dialer->servers);
	free(dialer);
}

static bool copy_text(const char **copyp, const char *text)
{
	*copyp = text ? strdup(text) : NULL;
	return *copyp || !text;
}

/* add_servers prepares each server of the url, which may name several, separated by commas. */
static enum pl_err add_servers(struct dialer *dialer)
{
	char *urls = strdup(dialer->options.url);
	char *rest = urls;
	enum pl_err err = PL_OK;
	char *url;

	while (urls && !err && (url = strsep(&rest, ","))) {
		struct server **more =
			realloc(dialer->servers, (dialer->n_servers + 1) * sizeof(*more));

		if (!more) {
			err = PL_NOMEM;
			break;
		}
		dialer->servers = more;
		err = server_new(&more[dialer->n_servers], &dialer->options, url);
		if (!err)
			dialer->n_servers++;
	}
	free(urls);
	return urls ? err : PL_NOMEM;
}

enum pl_err dialer_new(struct dialer **dialerp, const struct pl_bus_options *options, int wake_fd)
{
	struct dialer *dialer = calloc(1, sizeof(*dialer));
	enum pl_err err = PL_NOMEM;

	if (!dialer)
		return PL_NOMEM;
	dialer->refs = 1;
	pthread_mutex_init(&dialer->mu, NULL);
	dialer->wake_fd = fcntl(wake_fd, F_DUPFD_CLOEXEC, 0);
	if (dialer->wake_fd >= 0 && copy_text(&dialer->options.url, options->url) &&
	    copy_text(&dialer->options.ca_file, options->ca_file) &&
	    copy_text(&dialer->options.seed_file, options->seed_file) &&
	    copy_text(&dialer->options.identity, options->identity) &&
	    copy_text(&dialer->options.name, options->name))
		err = add_servers(dialer);
	if (err)
		release(dialer);
	else
		*dialerp = dialer;
	return err;
}

void dialer_free(struct dialer *dialer)
{
	if (!dialer)
		return;
	pthread_mutex_lock(&dialer->mu);
	dialer->is_given_up = true;
	pthread_mutex_unlock(&dialer->mu);
	release(dialer);
}

static void sleep_ms(int64_t ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000 };

	clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL);
}

/* dial tries one server; the next call tries the next of the list. */
static enum pl_err dial(struct dialer *dialer, struct wire **wirep, int timeout_ms)
{
	struct server *server = dialer->servers[dialer->next_server];

	dialer->next_server = (dialer->next_server + 1) % dialer->n_servers;
	return wire_connect(wirep, server, timeout_ms);
}

enum pl_err dialer_connect(struct dialer *dialer, struct wire **wirep, int wait_ms)
{
	int64_t until_ms = wait_ms < 0 ? INT64_MAX : stream_now_ms() + wait_ms;
	bool said = false;

	for (;;) {
		int64_t left_ms = until_ms - stream_now_ms();
		int timeout_ms = left_ms > TIMEOUT_MS ? TIMEOUT_MS : left_ms < 1 ? 1 : (int)left_ms;
		enum pl_err err = dial(dialer, wirep, timeout_ms);

		if (err == PL_UNAUTHORIZED)
			return PL_UNAVAILABLE;
		if (err != PL_UNAVAILABLE)
			return err;
		left_ms = until_ms - stream_now_ms();
		if (left_ms <= RETRY_MS)
			return err;
		if (!said)
			pl_log(WARN, "bus.wait", NULL, "%s", pl_err_detail(err));
		said = true;
		sleep_ms(RETRY_MS);
	}
}

static bool is_given_up(struct dialer *dialer)
{
	bool given_up;

	pthread_mutex_lock(&dialer->mu);
	given_up = dialer->is_given_up;
	pthread_mutex_unlock(&dialer->mu);
	return given_up;
}

/*
 * When the process ends, OpenSSL takes itself down, which a thread that is connecting wouldn't
 * survive. It connects under this lock, which the end of the process takes first.
 */
static pthread_mutex_t connecting = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t at_exit_once = PTHREAD_ONCE_INIT;

static void stop_connecting(void)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += TIMEOUT_MS / 1000 + 1;
	pthread_mutex_clocklock(&connecting, CLOCK_MONOTONIC, &until); /* for good */
}

/* Registered after OpenSSL's own handler, hence run before it. */
static void register_at_exit(void)
{
	atexit(stop_connecting);
}

static void *thread_main(void *arg)
{
	struct dialer *dialer = arg;
	enum pl_err said = PL_UNAVAILABLE;
	uint64_t one = 1;

	while (!is_given_up(dialer)) {
		struct wire *wire = NULL;
		enum pl_err err;

		pthread_mutex_lock(&connecting);
		err = dial(dialer, &wire, TIMEOUT_MS);
		pthread_mutex_unlock(&connecting);
		if (!err) {
			pthread_mutex_lock(&dialer->mu);
			dialer->made = wire;
			pthread_mutex_unlock(&dialer->mu);
			break;
		}
		if (err != said)
			pl_log(ERROR, "bus.refused", NULL, "%s", pl_err_detail(err));
		said = err;
		sleep_ms(err == PL_UNAVAILABLE ? RETRY_MS : REFUSED_RETRY_MS);
	}
	pthread_mutex_lock(&dialer->mu);
	dialer->has_thread = false;
	pthread_mutex_unlock(&dialer->mu);
	if (write(dialer->wake_fd, &one, sizeof(one)) < 0)
		pl_log(ERROR, "bus.wake", NULL, "eventfd: %m");
	pthread_mutex_lock(&connecting);
	release(dialer); /* may be the last to hold a wire */
	pthread_mutex_unlock(&connecting);
	return NULL;
}

enum pl_err dialer_start(struct dialer *dialer)
{
	enum pl_err err = PL_OK;
	sigset_t all, before;
	pthread_attr_t attr;
	pthread_t thread;

	pthread_mutex_lock(&dialer->mu);
	if (dialer->has_thread || dialer->made) {
		pthread_mutex_unlock(&dialer->mu);
		return PL_OK;
	}
	dialer->has_thread = true;
	dialer->refs++;
	pthread_mutex_unlock(&dialer->mu);

	pthread_once(&at_exit_once, register_at_exit);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before); /* signals are the loop's */
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, THREAD_STACK_BYTES);
	if (pthread_create(&thread, &attr, thread_main, dialer)) {
		pthread_mutex_lock(&dialer->mu);
		dialer->has_thread = false;
		pthread_mutex_unlock(&dialer->mu);
		release(dialer);
		err = pl_fail(PL_UNAVAILABLE, "no thread to connect to the bus: %m");
	}
	pthread_attr_destroy(&attr);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return err;
}

struct wire *dialer_take(struct dialer *dialer)
{
	struct wire *wire;

	pthread_mutex_lock(&dialer->mu);
	wire = dialer->made;
	dialer->made = NULL;
	pthread_mutex_unlock(&dialer->mu);
	return wire;
}
