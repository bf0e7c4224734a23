/*
 * main.c — pelago-node: supervises the services of one cluster on this machine.
 *
 * SIGTERM stops them and ends; SIGUSR2 ends and leaves them running, for the next node to adopt.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "netstat.h"
#include "node.h"
#include "pelago/json.h"
#include "pelago/log.h"
#include "pelago/version.h"
#include "platform/setup/file.h"
#include "platform/setup/setup.h"

static const char default_store[] = "sqlite:{data}/services/{service}/store.db";

enum pl_err node_publish(struct node *node, const char *subject, const char *reply, json_t *body)
{
	struct pl_message message = { .subject = subject, .reply = reply };
	enum pl_err err = PL_NOMEM;
	char *text = NULL;

	/* The server's API takes no members that it doesn't know. */
	if (body && (*subject == '$' || json_object_set_new(body, "v", json_integer(1)) == 0))
		text = pl_json_dump(body);
	if (text) {
		message.body = text;
		message.body_len = strlen(text);
		err = pl_bus_publish(node->bus, &message);
	}
	free(text);
	json_decref(body);
	return err;
}

/* ---- answers ---- */

/* Half of the way there and back is the manager's answer old. */
static void note_clock(struct node *node, const json_t *answer)
{
	const json_t *now_ms = json_object_get(answer, "nowMs");
	struct timespec t;

	if (!json_is_integer(now_ms))
		return;
	clock_gettime(CLOCK_REALTIME, &t);
	node->has_clock = true;
	node->clock_ms = (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000 -
			 json_integer_value(now_ms) - (supervisor_now_ms() - node->report_ms) / 2;
}

static void on_report_answer(struct node *node, const json_t *answer)
{
	const json_t *version = json_object_get(answer, "desired");
	const char *checksum = pl_json_get_text(answer, "checksum");
	const char *test = pl_json_get_text(answer, "test");

	note_clock(node, answer);
	snprintf(node->wanted_checksum, sizeof(node->wanted_checksum), "%s", checksum);
	if (json_is_integer(version))
		desired_offer(node, json_integer_value(version), checksum);
	if (*test)
		check_begin(node, test);
}

/* All answers come to one inbox; what follows it tells to what. */
static void on_answer(const struct pl_message *m, void *arg)
{
	struct node *node = arg;
	const char *what = m->subject + strlen(node->inbox) + 1;
	json_t *answer = NULL;

	node->heard_ms = supervisor_now_ms(); /* also if nobody serves what was asked for */
	if (!m->status && strncmp(what, "bundle.", 7) == 0) {
		if (pl_json_parse(&answer, m->body, m->body_len) == PL_OK)
			on_chunk(node, what + 7, answer);
		json_decref(answer);
		return;
	}
	if (m->status && strcmp(what, "report") == 0)
		node->report_ms = supervisor_now_ms() - REPORT_MS + REPORT_AGAIN_MS;
	if (m->status || pl_json_parse(&answer, m->body, m->body_len))
		return; /* asked again */
	if (strncmp(what, "eventing.", 9) == 0)
		eventing_answered(node, what + 9, answer);
	else if (strcmp(what, "echo") == 0)
		check_echo(node);
	else if (strncmp(what, "probe.", 6) == 0)
		check_probed(node, what + 6, answer);
	else if (strcmp(what, "stream") == 0)
		on_stream_answer(node, answer);
	else if (strncmp(what, "reader.", 7) == 0)
		on_reader_answer(node, (unsigned)strtoul(what + 7, NULL, 10), answer);
	else if (json_object_get(answer, "error"))
		pl_log(WARN, "node.refused", NULL, "%s: %s", what,
		       pl_json_get_text(answer, "error.message"));
	else if (strcmp(what, "report") == 0)
		on_report_answer(node, answer);
	else if (strcmp(what, "desired") == 0)
		desired_take(node, answer);
	else if (strcmp(what, "tested") == 0)
		check_taken(node, answer);
	else if (strncmp(what, "ping.", 5) == 0)
		service_pinged(node, what + 5, answer);
	json_decref(answer);
}

/* Of a host's nodes one speaks for it, and tells. */
static void tell_packets(struct node *node, const char *reply)
{
	json_t *host = node->speaks ? NULL : json_object();
	enum pl_err err = node->speaks ? netstat_host(&host, node->data) : PL_OK;

	if (err)
		node_refuse(node, reply, err);
	else
		node_publish(node, reply, NULL, host);
}

/* What the manager, or PacketMetric, asks of this node. */
static void on_request(const struct pl_message *m, void *arg)
{
	struct node *node = arg;
	const char *operation = strrchr(m->subject, '.') + 1;
	json_t *body = NULL;

	if (!m->reply || m->status)
		return;
	if (pl_json_parse(&body, m->body, m->body_len))
		node_refuse(node, m->reply, PL_INVALID);
	else if (strcmp(operation, "eventing") == 0)
		eventing_begin(node, m->reply);
	else if (strcmp(operation, "log") == 0)
		logs_begin(node, m->reply, body);
	else if (strcmp(operation, "packets") == 0)
		tell_packets(node, m->reply);
	else
		node_refuse(node, m->reply,
			    pl_fail(PL_NOTFOUND, "a node has no operation '%s'", operation));
	json_decref(body);
}

static void on_config(const struct pl_message *m, void *arg)
{
	struct node *node = arg;
	json_t *body = NULL, *version;

	/* The manager's push tells which version there is; else the answer to a report does. */
	if (pl_json_parse(&body, m->body, m->body_len) == PL_OK) {
		version = pl_json_get(body, "frame.version");
		if (json_is_integer(version))
			desired_offer(node, json_integer_value(version), "");
	}
	json_decref(body);
	node->report_soon = true;
}

/* ---- bus ---- */

static void on_bus_state(enum pl_bus_state state, void *arg)
{
	struct node *node = arg;

	pl_log(WARN, "bus.state", NULL, "%s", state == PL_BUS_UP ? "up" : "down");
	eventlog_lost(node);
	node->desired_asked_ms = 0;
	node->report_soon = true;
}

static enum pl_err subscribe(struct node *node)
{
	char inbox[100], readers[100], requests[100];
	enum pl_err err;

	pl_bus_inbox(node->bus, node->inbox);
	snprintf(inbox, sizeof(inbox), "%s.>", node->inbox);
	snprintf(readers, sizeof(readers), "node.%s.reader.*", node->name);
	snprintf(requests, sizeof(requests), "svc.%s.*", node->name);
	err = pl_bus_subscribe(&node->subs[0], node->bus, inbox, NULL, on_answer, node);
	if (!err)
		err = pl_bus_subscribe(&node->subs[1], node->bus, readers, NULL, on_reader_request,
				       node);
	if (!err)
		err = pl_bus_subscribe(&node->subs[4], node->bus, requests, NULL, on_request, node);
	if (!err)
		err = pl_bus_subscribe(&node->subs[5], node->bus, "ctl.metrics", NULL, on_metrics,
				       node);
	if (!err)
		err = pl_bus_subscribe(&node->subs[2], node->bus, "ctl.config", NULL, on_config,
				       node);
	if (!err)
		err = pl_bus_subscribe(&node->subs[3], node->bus, "usr.node.config", NULL,
				       on_config, node);
	return err;
}

static void bus_close(struct node *node)
{
	for (size_t i = 0; i < sizeof(node->subs) / sizeof(node->subs[0]); i++) {
		pl_subscription_free(node->subs[i]);
		node->subs[i] = NULL;
	}
	pl_bus_close(node->bus);
	node->bus = NULL;
}

/* A bus that is away, or doesn't know this node's key any more, is told once, not at each try. */
static void tell_once(const char *why)
{
	static char told[256];

	if (strncmp(told, why, sizeof(told) - 1) == 0)
		return;
	snprintf(told, sizeof(told), "%s", why);
	pl_log(WARN, "bus.open", NULL, "%s", why);
}

static void bus_open(struct node *node, int64_t now_ms)
{
	struct pl_bus_options options = { .url = node->bus_url,
					  .name = node->name,
					  .wait_ms = OPEN_MS,
					  .on_state = on_bus_state,
					  .arg = node };
	char *ca = NULL, *seed = NULL, *identity = NULL;
	enum pl_err err = PL_NOMEM;

	if (node->open_ms && now_ms - node->open_ms < OPEN_MS)
		return;
	if (asprintf(&ca, "%s/tls/ca.pem", node->data) >= 0 &&
	    asprintf(&seed, "%s/keys/%s.nk", node->data, node->name) >= 0 &&
	    asprintf(&identity, "%s/tls/identity", node->data) >= 0) {
		options.ca_file = ca;
		options.identity = identity;
		options.seed_file = seed;
		err = pl_bus_open(&node->bus, &options);
	}
	node->open_ms = supervisor_now_ms();
	if (!err) {
		err = subscribe(node);
		if (err)
			bus_close(node);
	}
	if (err)
		tell_once(pl_err_detail(err));
	free(ca);
	free(seed);
	free(identity);
}

/* ---- loop ---- */

static void on_change(const struct process_view *view, void *arg)
{
	struct node *node = arg;

	node->report_soon = true;
	if (view->state == PROCESS_FAILED)
		pl_log(ERROR, "service.state", NULL, "%s is %s: %s", view->name,
		       process_state_text(view->state), view->why);
	else if (view->state == PROCESS_WAITING)
		pl_log(WARN, "service.state", NULL, "%s is %s: %s", view->name,
		       process_state_text(view->state), view->why);
	else
		pl_log(INFO, "service.state", NULL, "%s is %s: %s pid=%d", view->name,
		       process_state_text(view->state), view->why, (int)view->pid);
}

static void bus_beat(struct node *node, int64_t now_ms)
{
	eventlog_beat(node, now_ms);
	desired_beat(node, now_ms);
	check_beat(node, now_ms);
	eventing_beat(node, now_ms);
	logs_beat(node);
	for (struct service *s = node->services; s; s = s->next) {
		service_look(s, now_ms);
		service_ping(s, now_ms);
	}
	for (struct service *s = node->services; s; s = s->next) {
		struct process_view view;

		service_view(&view, s);
		node->report_soon |= service_is_serving(s, &view, now_ms) != s->told_serving ||
				     service_waits(s, &view) != s->told_waits;
	}
	if (node->report_soon || now_ms - node->report_ms >= REPORT_MS)
		report_send(node, now_ms);
	pl_bus_flush(node->bus);
}

static void take_signals(struct node *node)
{
	struct signalfd_siginfo info;

	while (read(node->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGHUP) {
			pl_log_reopen();
		} else if (info.ssi_signo != SIGCHLD && !node->is_stopping) {
			node->is_stopping = true;
			node->leaves_services = info.ssi_signo == SIGUSR2;
			pl_log(INFO, "node.stop", NULL, "%s",
			       node->leaves_services ? "services go on" : "services stop");
		}
	}
}

static int wait_ms(const struct node *node)
{
	int wait = supervisor_wait_ms(node->supervisor), pause;

	pause = node->bus ? 200 : 50;
	if (logs_are_read() || eventing_is_asked() || check_is_asked(node))
		pause = BUSY_MS;
	if (node->report_soon && node->bus && pl_bus_state(node->bus) == PL_BUS_UP)
		pause = 0; /* else it waits for the bus */
	return wait < pause ? wait : pause;
}

static void turn(struct node *node)
{
	struct pollfd fds[4] = { { .fd = supervisor_fd(node->supervisor), .events = POLLIN },
				 { .fd = node->signal_fd, .events = POLLIN },
				 { .fd = node->bus ? pl_bus_fd(node->bus) : -1, .events = POLLIN },
				 { .fd = node->wake_fd, .events = POLLIN } };
	uint64_t woken;

	poll(fds, 4, wait_ms(node));
	if (fds[3].revents && read(node->wake_fd, &woken, sizeof(woken)) < 0)
		pl_log(WARN, "node.wake", NULL, "%s", strerror(errno));
	*node->heartbeat = supervisor_now_ms();
	take_signals(node);
	supervisor_turn(node->supervisor);
	service_reap(node);
	floating_beat(node, supervisor_now_ms());
	if (!node->bus)
		bus_open(node, supervisor_now_ms());
	copies_beat(node, supervisor_now_ms());
	platform_beat(node, supervisor_now_ms());
	for (struct service *s = node->services; s; s = s->next)
		service_settle(s, supervisor_now_ms());
	if (!node->bus)
		return;
	while (pl_bus_read(node->bus, TURN_MESSAGES) == TURN_MESSAGES)
		;
	if (pl_bus_state(node->bus) == PL_BUS_UP)
		bus_beat(node, supervisor_now_ms());
}

/* ---- start and stop ---- */

static bool read_args(struct node *node, int argc, char **argv)
{
	static const struct option options[] = {
		{ "data", required_argument, NULL, 'd' },
		{ "node", required_argument, NULL, 'n' },
		{ "bus", required_argument, NULL, 'b' },
		{ 0 },
	};
	bool ok = true;
	int c;

	while (ok && (c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'd')
			node->data = optarg;
		else if (c == 'n')
			node->name = optarg;
		else if (c == 'b')
			node->bus_url = optarg;
		else
			ok = false;
	}
	if (ok && optind == argc && node->data && node->name && node->bus_url)
		return true;
	fputs("usage: pelago-node --data DIR --node NAME --bus URL\n", stderr);
	return false;
}

static enum pl_err heartbeat_open(struct node *node)
{
	char *folder = NULL, *path = NULL;
	enum pl_err err = PL_NOMEM;
	void *at = MAP_FAILED;
	int fd = -1;

	if (asprintf(&folder, "%s/nodes/%s", node->data, node->name) >= 0 &&
	    asprintf(&path, "%s/heartbeat", folder) >= 0)
		err = folder_make(folder, 0700);
	if (!err) {
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		if (fd >= 0 && ftruncate(fd, sizeof(int64_t)) == 0)
			at = mmap(NULL, sizeof(int64_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		if (at == MAP_FAILED)
			err = pl_fail(PL_IO, "%s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
	}
	if (!err)
		node->heartbeat = at;
	free(folder);
	free(path);
	return err;
}

static enum pl_err start(struct node *node)
{
	struct supervisor_options options = { .data = node->data,
					      .on_change = on_change,
					      .arg = node };
	const char *store = getenv("PELAGO_STORE_URL");
	enum pl_err err;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGUSR2);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	node->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	node->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	node->started_ms = node->heard_ms = supervisor_now_ms();
	node->programs = setup_programs_path();
	node->store = strdup(store && *store ? store : default_store);
	if (!node->programs || !node->store)
		return PL_NOMEM;
	node->store_password = setup_store_password(node->store);
	unsetenv("PELAGO_STORE_URL"); /* it may hold a password */
	err = heartbeat_open(node);
	if (!err)
		err = seal_open(node);
	if (!err)
		err = supervisor_new(&node->supervisor, &options);
	if (!err)
		desired_load(node);
	return err;
}

static void stop(struct node *node)
{
	int64_t deadline_ms = supervisor_now_ms() + 9000;

	for (struct service *s = node->services; s && !node->leaves_services; s = s->next)
		service_leave(s, false);
	while (!node->leaves_services && node->services && supervisor_now_ms() < deadline_ms)
		turn(node);
	if (!node->leaves_services)
		floating_drop(node);
	if (node->bus)
		bus_close(node);
	eventlog_lost(node);
	check_stop(node);
	eventing_stop();
	logs_stop();
	while (node->services) {
		struct service *s = node->services;

		node->services = s->next;
		service_free(s);
	}
	copies_free(node);
	supervisor_free(node->supervisor);
	json_decref(node->desired);
	json_decref(node->log_state);
	json_decref(node->alarms);
	json_decref(node->root_alarms);
	free(node->programs);
	free(node->store);
	free(node->store_password);
}

int main(int argc, char **argv)
{
	static struct node node;
	enum pl_err err;

	if (!read_args(&node, argc, argv))
		return 2;
	pl_log_open(node.name);
	err = start(&node);
	if (err) {
		pl_log(ERROR, "node.start", NULL, "%s", pl_err_detail(err));
		return pl_err_row(err)->exit;
	}
	pl_log(INFO, "node.started", NULL, "version=%s pid=%d desired=%lld", pl_version,
	       (int)getpid(), (long long)desired_version(&node));
	while (!node.is_stopping)
		turn(&node);
	stop(&node);
	pl_log(INFO, "node.stopped", NULL, "pid=%d", (int)getpid());
	return 0;
}
