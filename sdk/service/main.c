/*
 * main.c — start, loop and stop of a service.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "impl.h"
#include "pelago/version.h"

#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum {
	LOOK_MS = 50, /* between looks whether the database is free */
	NEXT_LOOK_MS = 5,
	NEXT_MS = 10000,
	READ_EACH = 64,
};

static enum pl_err read_args(struct pl_service *s, int argc, char **argv)
{
	static const struct option options[] = {
		{ "data", required_argument, NULL, 'd' },
		{ "node", required_argument, NULL, 'n' },
		{ "bus", required_argument, NULL, 'b' },
		{ "store", required_argument, NULL, 's' },
		{ "set", required_argument, NULL, 'v' },
		{ "instance", required_argument, NULL, 'i' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	s->node = "local";
	s->instance = "";
	s->set = json_object();
	optind = 1;
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		char *equals;

		switch (c) {
		case 'd':
			s->data = optarg;
			break;
		case 'n':
			s->node = optarg;
			break;
		case 'b':
			s->bus_url = optarg;
			break;
		case 's':
			s->store_url = optarg;
			break;
		case 'i':
			s->instance = optarg;
			break;
		case 'v':
			equals = strchr(optarg, '=');
			if (!equals)
				return pl_fail(PL_INVALID, "--set wants NAME=VALUE, not %s",
					       optarg);
			*equals = '\0';
			json_object_set_new(s->set, optarg, json_string(equals + 1));
			*equals = '=';
			break;
		default:
			return pl_fail(PL_INVALID,
				       "usage: %s --data DIR --node NODE --bus URL --store URL",
				       s->def->name);
		}
	}
	if (!s->data || !s->bus_url || !s->store_url)
		return pl_fail(PL_INVALID, "--data, --bus and --store are needed");
	return PL_OK;
}

static void on_bus_state(enum pl_bus_state state, void *arg)
{
	struct pl_service *s = arg;

	pl_log(WARN, "bus.state", NULL, "%s", state == PL_BUS_UP ? "up" : "down");
	if (state != PL_BUS_UP || !s->is_loaded)
		return;
	s->watched_since_ms = mono_ms();
	timer_grace(s);
	command_grace(s);
	reader_restart_all(s);
	outbox_probe(s);
	outbox_resend(s);
}

static void on_resend(const struct pl_message *m, void *arg)
{
	struct pl_service *s = arg;
	static int64_t last_ms;

	(void)m;
	if (last_ms && mono_ms() - last_ms < 2000)
		return; /* each reader that sees the rollback asks */
	last_ms = mono_ms();
	outbox_resend_kept(s);
}

static bool stop_asked(struct pl_service *s)
{
	struct signalfd_siginfo info;

	while (read(s->signal_fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGHUP)
			pl_log_reopen();
		else
			s->stopping = true;
	}
	return s->stopping;
}

static enum pl_err open_bus(struct pl_service *s)
{
	char ca[600], seed[600], identity[600];
	struct pl_bus_options options = { .url = s->bus_url,
					  .ca_file = ca,
					  .seed_file = seed,
					  .identity = identity,
					  .name = s->def->name,
					  .wait_ms = 100,
					  .on_state = on_bus_state,
					  .arg = s };
	enum pl_err err;

	snprintf(ca, sizeof(ca), "%s/tls/ca.pem", s->data);
	snprintf(seed, sizeof(seed), "%s/keys/%s.nk", s->data, s->def->name);
	snprintf(identity, sizeof(identity), "%s/tls/identity", s->data);
	if (strncmp(s->bus_url, "tls:", 4) != 0 && access(seed, R_OK))
		options.ca_file = options.seed_file = NULL;
	for (;;) { /* the bus may come later; the heartbeat goes on */
		int64_t until_ms = mono_ms() + options.wait_ms, left_ms;

		err = pl_bus_open(&s->bus, &options);
		config_beat(s);
		if (err != PL_UNAVAILABLE)
			return err;
		if (stop_asked(s))
			return PL_OK;
		left_ms = until_ms - mono_ms(); /* a refusal comes at once */
		if (left_ms > 0)
			usleep((useconds_t)(1000 * left_ms));
	}
}

static enum pl_err read_boot_id(struct pl_service *s)
{
	FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");

	if (!f || !fgets(s->boot_id, sizeof(s->boot_id), f))
		snprintf(s->boot_id, sizeof(s->boot_id), "unknown");
	s->boot_id[strcspn(s->boot_id, "\n")] = '\0';
	if (f)
		fclose(f);
	return PL_OK;
}

static bool is_standby(const struct pl_service *s)
{
	return json_is_true(json_object_get(s->config, "standby"));
}

/* One that is wanted as a standby leaves the database to another one, if there is another one. */
static bool yields(const struct pl_service *s, int64_t since_ms)
{
	return is_standby(s) && mono_ms() - since_ms < YIELD_MS;
}

/* One that was just started where the work shall be done is the next version: its turn comes soon.
 */
static int look_ms(const struct pl_service *s, int64_t since_ms)
{
	return !is_standby(s) && mono_ms() - since_ms < NEXT_MS ? NEXT_LOOK_MS : LOOK_MS;
}

/* Until the next look at the database; the bus's server wants its answers meanwhile. */
static void wait_by_bus(struct pl_service *s, int wait_ms)
{
	struct pollfd fds[] = { { pl_bus_fd(s->bus), POLLIN, 0 }, { s->signal_fd, POLLIN, 0 } };

	pl_bus_flush(s->bus);
	if (poll(fds, 2, wait_ms) > 0 && fds[0].revents)
		(void)pl_bus_read(s->bus, TURN_ITEMS);
}

/* A standby waits here until the owner is gone: all that can be done before has been done. */
static enum pl_err try_store(struct pl_service *s)
{
	int64_t since_ms = mono_ms();
	enum pl_err err = pl_store_open(&s->store, s->store_url);
	bool told = false;

	while (!err) {
		err = yields(s, since_ms) ? PL_AGAIN : pl_store_own(s->store, &s->epoch);
		s->waits = err == PL_AGAIN; /* not before: a start that fails is no standby */
		if (!s->waits)
			break;
		if (!told)
			pl_log(INFO, "service.standby", NULL, "another process owns the database");
		told = true;
		config_beat(s);
		if (stop_asked(s))
			return PL_OK;
		wait_by_bus(s, look_ms(s, since_ms));
		err = PL_OK;
	}
	if (!err) {
		s->owns = true;
		config_beat(s);
		err = level_open(s);
	}
	return err;
}

/* A full disk is waited for here, too: ending would only meet the supervisor's back-off. */
static enum pl_err open_store(struct pl_service *s)
{
	bool told = false;

	for (;;) {
		enum pl_err err = try_store(s);

		if (err != PL_FULL)
			return err;
		if (!told)
			pl_log(ERROR, "disk.space", NULL, "%s; waiting until there is room",
			       pl_err_detail(err));
		told = true;
		pl_store_close(s->store);
		s->store = NULL;
		config_beat(s);
		if (stop_asked(s))
			return PL_OK;
		usleep(200000);
	}
}

static enum pl_err subscribe(struct pl_service *s)
{
	static const struct {
		const char *tail;
		pl_message_fn *fn;
	} inboxes[] = {
		{ "ack", on_ack },    { "cmd", on_answer },	{ "ask", on_asked },
		{ "gap", on_repair }, { "state", on_snapshot }, { "keys", on_keys },
	};
	static struct pl_subscription *own[sizeof(inboxes) / sizeof(inboxes[0])];
	char subject[128];
	enum pl_err err = PL_OK;

	for (size_t i = 0; !err && i < sizeof(inboxes) / sizeof(inboxes[0]); i++) {
		snprintf(subject, sizeof(subject), "%s.%s.>", s->inbox, inboxes[i].tail);
		err = pl_bus_subscribe(&own[i], s->bus, subject, NULL, inboxes[i].fn, s);
	}
	if (!err)
		err = pl_bus_subscribe(&s->subs[3], s->bus, "ctl.metrics", NULL, on_metrics, s);
	if (!err)
		err = pl_bus_subscribe(&s->subs[4], s->bus, "ctl.resend", NULL, on_resend, s);
	return err;
}

static enum pl_err start(struct pl_service *s)
{
	enum pl_err err;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	s->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	s->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	queue_init(&s->queue);
	queue_init(&s->posted);
	pthread_mutex_init(&s->posted_lock, NULL);
	(void)read_boot_id(s);
	err = config_open(s);
	if (!err)
		err = open_bus(s);
	if (err || s->stopping)
		return err;
	err = open_store(s);
	if (err || s->stopping)
		return err;
	pl_bus_inbox(s->bus, s->inbox);
	err = outbox_load(s);
	if (!err)
		err = steady_load(s);
	if (!err)
		err = timer_load(s);
	if (!err)
		err = reader_load(s);
	if (!err)
		err = subscribe(s);
	if (!err)
		err = command_load(s);
	if (!err && s->def->start)
		err = s->def->start(s);
	if (!err && s->def->rebuild)
		err = turn_alone(s, WORK_REBUILD);
	if (err)
		return err;
	s->is_loaded = true;
	timer_grace(s);
	s->watched_since_ms = mono_ms();
	outbox_probe(s);
	outbox_resend(s);
	request_subscribe(s, &err); /* last: from here on work comes */
	return err;
}

static void take_posted(struct pl_service *s)
{
	uint64_t n;
	struct work *w;

	if (read(s->wake_fd, &n, sizeof(n)) < 0 && !s->posted.first)
		return;
	if (mono_ms() < s->posted_later_ms)
		return; /* the loop comes by again */
	pthread_mutex_lock(&s->posted_lock);
	while ((w = queue_get(&s->posted)))
		queue_put(&s->queue, w);
	pthread_mutex_unlock(&s->posted_lock);
}

void pl_service_post(struct pl_service *s, pl_posted_fn *fn, json_t *body, void *arg)
{
	struct work *w = work_new(WORK_POSTED, "", NULL, NULL, NULL, 0);
	uint64_t one = 1;

	if (!w) { /* its request is repeated by the asker */
		json_decref(body);
		return;
	}
	w->json = body;
	w->posted_fn = fn;
	w->posted_arg = arg;
	pthread_mutex_lock(&s->posted_lock);
	queue_put(&s->posted, w);
	pthread_mutex_unlock(&s->posted_lock);
	if (write(s->wake_fd, &one, sizeof(one)) < 0)
		return; /* the counter is full: it is readable already */
}

static void put_tick(struct pl_service *s)
{
	int64_t now = mono_ms();
	bool own = s->def->tick && now >= s->tick_ms;
	struct work *w;

	if (!own && !outbox_wants_turn(s) && !request_wants_purge(s))
		return;
	if (own)
		s->tick_ms = now + s->def->tick_ms;
	w = work_new(WORK_TICK, own ? "tick" : "", NULL, NULL, NULL, 0);
	if (w)
		queue_put(&s->queue, w);
}

static void beat(struct pl_service *s)
{
	config_beat(s);
	timer_beat(s);
	command_beat(s);
	reader_beat(s);
	outbox_beat(s);
	put_tick(s);
	level_beat(s);
}

/* As much as a turn takes, in bites: a message may hold many events, and requests wait behind. */
static void read_bus(struct pl_service *s)
{
	size_t before = s->queue.len;

	while (s->queue.len < QUEUE_ITEMS && s->queue.len - before < TURN_ITEMS)
		if (pl_bus_read(s->bus, READ_EACH) < READ_EACH)
			break;
}

void service_turn(struct pl_service *s, int wait_ms)
{
	struct pollfd fds[] = { { pl_bus_fd(s->bus), POLLIN, 0 },
				{ s->wake_fd, POLLIN, 0 },
				{ s->signal_fd, POLLIN, 0 } };

	int64_t late_ms = gather_late_ms(s), out_ms = outbox_wait_ms(s);

	if (late_ms > 0 && late_ms < wait_ms)
		wait_ms = (int)late_ms;
	if (out_ms >= 0 && out_ms < wait_ms)
		wait_ms = (int)out_ms;
	pl_bus_flush(s->bus);
	if ((s->queue.len == 0 || late_ms > 0) && poll(fds, 3, wait_ms) < 0 && errno != EINTR)
		pl_log(ERROR, "loop.poll", NULL, "%s", strerror(errno));
	(void)stop_asked(s);
	take_posted(s);
	read_bus(s);
	beat(s);
	if (gather_late_ms(s) > 0)
		return;
	turn_run(s);
}

int pl_service_main(int argc, char **argv, const struct pl_service_def *def)
{
	static struct pl_service service;
	struct pl_service *s = &service;
	enum pl_err err;

	if (describe_is_asked(argc, argv))
		return describe(def);
	s->def = def;
	pl_log_open(def->name);
	err = read_args(s, argc, argv);
	if (!err)
		err = start(s);
	if (err) {
		pl_log(ERROR, "service.start", NULL, "%s", pl_err_detail(err));
		fprintf(stderr, "%s: %s\n", def->name, pl_err_detail(err));
		return pl_err_row(err)->exit;
	}
	if (!s->stopping)
		pl_log(INFO, "service.started", NULL, "version=%s node=%s pid=%d",
		       attribute_version(s), s->node, (int)getpid());
	while (!s->stopping)
		service_turn(s, (int)timer_next_ms(s));
	service_end(s);
	pl_log(INFO, "service.stopped", NULL, "pid=%d", (int)getpid());
	return 0;
}
