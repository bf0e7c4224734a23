/*
 * main.c — pelago-edge: HTTP, WebSocket and TLS in front of the bus.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "auth.h"
#include "clock.h"
#include "conn.h"
#include "edge.h"
#include "heartbeat.h"
#include "leave.h"
#include "link.h"
#include "listener.h"
#include "pages.h"
#include "peer.h"
#include "pelago/log.h"
#include "protocol.h"
#include "routing.h"
#include "takeover.h"
#include "tell.h"
#include "upload.h"
#include "watch.h"

enum {
	BEAT_US = 100000,
	ASK_MS = 5000,
	RENEW_MS = 1000,
	SWEEP_MS = 60000,
	LOOK_MS = 1000,
	TELL_MS = 2000,
	DESCRIPTORS = 65536,
};

struct program {
	struct edge edge; /* first */
	struct listener *listeners[TAKEOVER_PORTS];
	struct takeover *takeover;
	struct leave leave;
	bool is_listening;
	struct heartbeat heartbeat;
	lws_sorted_usec_list_t beat;
	int64_t asked_ms, renewed_ms, swept_ms, looked_ms, told_ms;
};

static volatile sig_atomic_t wants_stop, wants_reopen;

static void on_signal(int number)
{
	if (number == SIGHUP)
		wants_reopen = 1;
	else
		wants_stop = 1;
}

static void catch_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static void raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max < DESCRIPTORS ? limit.rlim_max : DESCRIPTORS;
	setrlimit(RLIMIT_NOFILE, &limit);
}

/* ---- from one edge to the next ---- */

static bool is_ready(const struct edge *edge)
{
	return link_is_up(edge->link) && routing_routes(edge->routing);
}

static bool accepts(const struct program *program)
{
	return program->is_listening && program->leave.stage == LEAVE_NOT;
}

static enum pl_err listen_now(struct program *program)
{
	enum pl_err err = PL_OK;

	for (size_t i = 0; !err && i < TAKEOVER_PORTS; i++)
		if (program->listeners[i])
			err = listener_start(program->listeners[i], &program->edge);
	program->is_listening = !err;
	return err;
}

/* Both accept for a moment; so there is none in which nobody does. */
static void take_over(struct program *program)
{
	enum pl_err err = listen_now(program);

	if (err) {
		pl_log(ERROR, "edge.takeover", NULL, "%s", pl_err_detail(err));
		wants_stop = 1;
		return;
	}
	takeover_took(program->takeover);
	pl_log(INFO, "edge.takeover", NULL, "connections are accepted here");
}

static void on_took(void *arg)
{
	struct program *program = arg;

	leave_hand_over(&program->leave, clock_ms());
}

static void on_lost(void *arg)
{
	struct program *program = arg;

	leave_take_back(&program->leave);
}

static int socket_of(void *arg, size_t i)
{
	const struct program *program = arg;

	return listener_fd(program->listeners[i]);
}

/* ---- the beat ---- */

static void on_beat(lws_sorted_usec_list_t *sul)
{
	struct program *program = lws_container_of(sul, struct program, beat);
	struct edge *edge = &program->edge;
	int64_t now_ms = clock_ms();

	heartbeat_beat(&program->heartbeat, now_ms, accepts(program));
	link_poll(edge->link);
	watches_idle(edge);
	if (wants_reopen) {
		wants_reopen = 0;
		pl_log_reopen();
	}
	if (now_ms - program->renewed_ms >= RENEW_MS) {
		program->renewed_ms = now_ms;
		protocol_renew(edge);
	}
	if (now_ms - program->asked_ms >= ASK_MS) {
		program->asked_ms = now_ms;
		routing_ask(edge->routing);
		watches_compare(edge->watches);
	}
	if (now_ms - program->swept_ms >= SWEEP_MS) {
		program->swept_ms = now_ms;
		peers_sweep(edge->peers, now_ms);
	}
	if (now_ms - program->looked_ms >= LOOK_MS) {
		program->looked_ms = now_ms;
		conns_cut_stalled(edge, now_ms);
		uploads_look(edge, now_ms);
	}
	if (now_ms - program->told_ms >= TELL_MS) {
		program->told_ms = now_ms;
		tell_uses(edge);
	}
	if (!program->is_listening && !wants_stop && is_ready(edge))
		take_over(program);
	if (wants_stop)
		leave_stop(&program->leave, now_ms);
	if (leave_beat(&program->leave, now_ms))
		protocol_stop(edge);
	else
		lws_sul_schedule(edge->context, 0, &program->beat, on_beat, BEAT_US);
}

static void on_bus_up(struct edge *edge)
{
	routing_up(edge->routing);
	if (watches_listen(edge->watches)) {
		pl_log(ERROR, "edge.bus", NULL, "cannot listen to pushes: %s",
		       pl_err_detail(PL_NOMEM));
		exit(1);
	}
	watches_compare(edge->watches);
}

/* ---- start ---- */

static void read_config(struct program *program)
{
	struct edge *edge = &program->edge;
	char file[PATH_MAX];
	json_t *config, *spread;

	limits_init(&edge->limits, edge->options.is_demo);
	snprintf(file, sizeof(file), "%s/edge/config.json", edge->options.data);
	config = json_load_file(file, 0, NULL);
	limits_override(&edge->limits, json_object_get(config, "limits"));
	edge->origins = json_incref(json_object_get(config, "origins"));
	spread = json_object_get(config, "reconnectSeconds");
	program->leave = (struct leave){ .edge = edge,
					 .listeners = program->listeners,
					 .count = TAKEOVER_PORTS,
					 .spread_s = LEAVE_SPREAD_S };
	if (json_is_integer(spread) && json_integer_value(spread) >= 0 &&
	    json_integer_value(spread) < LEAVE_SPREAD_S)
		program->leave.spread_s = (int)json_integer_value(spread);
	json_decref(config);
}

/* The sockets of the edge beside this one, or new ones. */
static enum pl_err open_listeners(struct program *program)
{
	const struct options *o = &program->edge.options;
	const int ports[TAKEOVER_PORTS] = { o->https_port, o->http_port };
	const char *const addresses[TAKEOVER_PORTS] = { o->listen, "127.0.0.1" };
	int fds[TAKEOVER_PORTS];
	enum pl_err err = takeover_ask(&program->takeover, o->data, o->slot, ports, fds);

	for (size_t i = 0; !err && i < TAKEOVER_PORTS; i++)
		if (fds[i] >= 0)
			err = listener_take(&program->listeners[i], fds[i], i == 0);
		else if (ports[i])
			err = listener_new(&program->listeners[i], addresses[i], ports[i], i == 0);
	return err;
}

static enum pl_err listen_or_wait(struct program *program)
{
	const struct takeover_events events = { on_took, on_lost, socket_of, program };
	enum pl_err err = takeover_offer(program->takeover, &program->edge, &events);

	if (err)
		pl_log(WARN, "edge.takeover", NULL, "%s", pl_err_detail(err));
	/* Beside another edge it accepts none before it can serve them. */
	return takeover_has_other(program->takeover) ? PL_OK : listen_now(program);
}

static enum pl_err start(struct program *program)
{
	struct edge *edge = &program->edge;
	enum pl_err err = open_listeners(program);

	if (!err)
		err = peers_new(&edge->peers);
	if (!err)
		err = pages_new(&edge->pages, edge->options.web, edge->options.more_web,
				sizeof(edge->options.more_web) / sizeof(char *));
	if (!err)
		err = uses_new(&edge->uses);
	if (!err)
		err = watches_new(&edge->watches, edge);
	if (!err)
		err = auth_new(&edge->auth, edge);
	if (!err)
		err = routing_new(&edge->routing, edge);
	if (!err)
		err = protocol_open(edge);
	if (!err)
		err = link_new(&edge->link, edge, on_bus_up);
	if (err)
		return err;
	link_on_idle(edge->link, watches_idle);
	return listen_or_wait(program);
}

static void finish(struct program *program)
{
	struct edge *edge = &program->edge;

	edge->is_stopping = true;
	if (edge->link)
		link_stop(edge->link);
	protocol_close(edge);
	watches_free(edge->watches);
	auth_free(edge->auth);
	routing_free(edge->routing);
	link_free(edge->link);
	pages_free(edge->pages);
	uses_free(edge->uses);
	peers_free(edge->peers);
	listener_free(program->listeners[0]);
	listener_free(program->listeners[1]);
	takeover_free(program->takeover);
	heartbeat_fini(&program->heartbeat);
	json_decref(edge->origins);
	options_fini(&edge->options);
}

int main(int argc, char **argv)
{
	static struct program program;
	struct edge *edge = &program.edge;
	enum pl_err err;

	if (!options_init(&edge->options, argc, argv))
		return pl_err_row(PL_INVALID)->exit;
	pl_log_open("edge");
	catch_signals();
	raise_descriptors();
	heartbeat_init(&program.heartbeat, edge->options.data, edge->options.slot);
	read_config(&program);
	err = start(&program);
	if (!err) {
		pl_log(INFO, "edge.start", NULL, "https=%d http=%d web=%s",
		       edge->options.https_port, edge->options.http_port, edge->options.web);
		on_beat(&program.beat);
		protocol_run(edge);
	} else {
		pl_log(ERROR, "edge.start", NULL, "%s", pl_err_detail(err));
		fprintf(stderr, "pelago-edge: %s\n", pl_err_detail(err));
	}
	lws_sul_cancel(&program.beat);
	finish(&program);
	return pl_err_row(err)->exit;
}
