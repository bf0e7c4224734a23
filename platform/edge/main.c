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
#include <utlist.h>

#include "auth.h"
#include "clock.h"
#include "conn.h"
#include "edge.h"
#include "heartbeat.h"
#include "link.h"
#include "listener.h"
#include "pages.h"
#include "peer.h"
#include "pelago/log.h"
#include "protocol.h"
#include "routing.h"
#include "upload.h"
#include "watch.h"

enum {
	BEAT_US = 100000,
	ASK_MS = 5000,
	SWEEP_MS = 60000,
	LOOK_MS = 1000,
	DESCRIPTORS = 65536,
	LEAVE_MS = 2000, /* clients have to go away by themselves */
	END_MS = 500,	 /* for what is told of their ends */
};

enum stage { STAGE_RUNNING, STAGE_LEAVING, STAGE_ENDING, STAGE_ENDED };

struct program {
	struct edge edge; /* first */
	struct listener *listeners[2];
	struct heartbeat heartbeat;
	lws_sorted_usec_list_t beat;
	int64_t asked_ms, swept_ms, looked_ms, stage_ms;
	enum stage stage;
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

/* ---- going away ---- */

static void tell_all(struct edge *edge)
{
	json_t *frame = json_pack("{s:s}", "type", "reconnect");
	struct text *text = text_new(frame);
	struct conn *conn;

	DL_FOREACH(edge->conns, conn)
		conn_send(conn, text);
	text_unref(text);
	json_decref(frame);
}

static void close_all(struct edge *edge)
{
	struct conn *conn;

	DL_FOREACH(edge->conns, conn)
		conn_close(conn, 1012); /* service restart */
}

static void set_stage(struct program *program, enum stage stage, int64_t now_ms)
{
	program->stage = stage;
	program->stage_ms = now_ms;
}

static void go_away(struct program *program, int64_t now_ms)
{
	struct edge *edge = &program->edge;
	int64_t since_ms = now_ms - program->stage_ms;

	switch (program->stage) {
	case STAGE_RUNNING:
		pl_log(INFO, "edge.stop", NULL, "connections=%u", edge->conns_count);
		edge->is_stopping = true;
		listener_stop(program->listeners[0]);
		listener_stop(program->listeners[1]);
		tell_all(edge);
		set_stage(program, STAGE_LEAVING, now_ms);
		break;
	case STAGE_LEAVING:
		if (edge->conns_count && since_ms < LEAVE_MS)
			break;
		close_all(edge);
		set_stage(program, STAGE_ENDING, now_ms);
		break;
	case STAGE_ENDING:
		if ((edge->conns_count || link_waiting(edge->link)) && since_ms < END_MS)
			break;
		set_stage(program, STAGE_ENDED, now_ms);
		break;
	case STAGE_ENDED:
		break;
	}
}

/* ---- the beat ---- */

static void on_beat(lws_sorted_usec_list_t *sul)
{
	struct program *program = lws_container_of(sul, struct program, beat);
	struct edge *edge = &program->edge;
	int64_t now_ms = clock_ms();

	heartbeat_beat(&program->heartbeat, now_ms);
	link_poll(edge->link);
	watches_idle(edge);
	if (wants_reopen) {
		wants_reopen = 0;
		pl_log_reopen();
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
	if (wants_stop)
		go_away(program, now_ms);
	if (program->stage == STAGE_ENDED)
		protocol_stop(edge);
	else
		lws_sul_schedule(edge->context, 0, &program->beat, on_beat, BEAT_US);
}

static void on_bus_up(struct edge *edge)
{
	routing_up(edge->routing);
	watches_compare(edge->watches);
}

/* ---- start ---- */

static void read_config(struct edge *edge)
{
	char file[PATH_MAX];
	json_t *config;

	limits_init(&edge->limits, edge->options.is_demo);
	snprintf(file, sizeof(file), "%s/edge/config.json", edge->options.data);
	config = json_load_file(file, 0, NULL);
	limits_override(&edge->limits, json_object_get(config, "limits"));
	edge->origins = json_incref(json_object_get(config, "origins"));
	json_decref(config);
}

static enum pl_err listen_all(struct program *program)
{
	struct edge *edge = &program->edge;
	const struct options *o = &edge->options;
	enum pl_err err = PL_OK;

	if (o->https_port)
		err = listener_new(&program->listeners[0], o->listen, o->https_port, true);
	if (!err && o->http_port)
		err = listener_new(&program->listeners[1], "127.0.0.1", o->http_port, false);
	return err;
}

static enum pl_err start(struct program *program)
{
	struct edge *edge = &program->edge;
	enum pl_err err = listen_all(program);

	if (!err)
		err = peers_new(&edge->peers);
	if (!err)
		err = pages_new(&edge->pages, edge->options.web);
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
	if (program->listeners[0])
		err = listener_start(program->listeners[0], edge);
	if (!err && program->listeners[1])
		err = listener_start(program->listeners[1], edge);
	return err;
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
	peers_free(edge->peers);
	listener_free(program->listeners[0]);
	listener_free(program->listeners[1]);
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
	heartbeat_init(&program.heartbeat, edge->options.data);
	read_config(edge);
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
