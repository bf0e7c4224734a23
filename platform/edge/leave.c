/*
 * leave.c — see leave.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "leave.h"

#include <utlist.h>

#include "conn.h"
#include "link.h"
#include "listener.h"
#include "pelago/log.h"
#include "text.h"

static void set_stage(struct leave *leave, enum leave_stage stage, int64_t now_ms)
{
	leave->stage = stage;
	leave->since_ms = now_ms;
}

static void close_all(struct edge *edge)
{
	struct conn *conn;

	DL_FOREACH(edge->conns, conn)
		conn_close(conn, 1012); /* service restart: RFC 6455 §7.4.2's registry */
}

/* Tells those whose time has come. */
static void tell_due(struct edge *edge, int64_t now_ms)
{
	json_t *frame = json_pack("{s:s}", "type", "reconnect");
	struct text *text = text_new(frame);
	struct conn *conn;

	DL_FOREACH(edge->conns, conn)
		if (conn->leave_ms >= 0 && conn->leave_ms <= now_ms) {
			conn_send(conn, text);
			conn->leave_ms = -1;
		}
	text_unref(text);
	json_decref(frame);
}

void leave_stop(struct leave *leave, int64_t now_ms)
{
	struct edge *edge = leave->edge;
	struct conn *conn;

	if (leave->stage >= LEAVE_STOPPING)
		return;
	pl_log(INFO, "edge.stop", NULL, "connections=%u", edge->conns_count);
	edge->is_stopping = true;
	for (size_t i = 0; i < leave->count; i++)
		listener_stop(leave->listeners[i]);
	DL_FOREACH(edge->conns, conn)
		if (conn->leave_ms > 0)
			conn->leave_ms = 0;
	tell_due(edge, now_ms);
	set_stage(leave, LEAVE_STOPPING, now_ms);
}

static int64_t divisor(int64_t a, int64_t b)
{
	while (b) {
		int64_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

/*
 * The place in the line of the n-th of count connections. Those that came one after the other are
 * often alike, and agents' cost far more than customers': so neighbours are told far apart. A step
 * without a common divisor with count takes each place once.
 */
static int64_t place_of(int64_t n, int64_t count)
{
	int64_t step = count * 618 / 1000 + 1;

	while (divisor(step, count) != 1)
		step++;
	return n * step % count;
}

void leave_hand_over(struct leave *leave, int64_t now_ms)
{
	struct edge *edge = leave->edge;
	int64_t spread_ms = (int64_t)edge->conns_count * 1000 / LEAVE_A_SECOND, n = 0;
	struct conn *conn;

	if (leave->stage != LEAVE_NOT)
		return;
	if (spread_ms > (int64_t)leave->spread_s * 1000)
		spread_ms = (int64_t)leave->spread_s * 1000;
	pl_log(INFO, "edge.handover", NULL, "connections=%u within %lld ms", edge->conns_count,
	       (long long)spread_ms);
	edge->hands_over = true;
	for (size_t i = 0; i < leave->count; i++)
		listener_pause(leave->listeners[i]);
	DL_FOREACH(edge->conns, conn)
		conn->leave_ms =
			now_ms + spread_ms * place_of(n++, edge->conns_count) / edge->conns_count;
	leave->until_ms = now_ms + spread_ms;
	set_stage(leave, LEAVE_HANDING_OVER, now_ms);
}

void leave_take_back(struct leave *leave)
{
	struct conn *conn;

	if (leave->stage != LEAVE_HANDING_OVER)
		return;
	pl_log(WARN, "edge.takeback", NULL, "the edge that took over is gone: this one goes on");
	leave->edge->hands_over = false;
	for (size_t i = 0; i < leave->count; i++) {
		enum pl_err err = listener_resume(leave->listeners[i]);

		if (err)
			pl_log(ERROR, "edge.takeback", NULL, "%s", pl_err_detail(err));
	}
	DL_FOREACH(leave->edge->conns, conn)
		conn->leave_ms = 0;
	leave->stage = LEAVE_NOT;
}

/* One that has come over a connection that was kept alive is told at once. */
static void hand_over(struct leave *leave, int64_t now_ms)
{
	struct edge *edge = leave->edge;
	int64_t over_ms = now_ms - leave->until_ms;

	tell_due(edge, now_ms);
	if (over_ms < LEAVE_STOP_MS)
		return;
	close_all(edge);
	if (now_ms - leave->since_ms < LEAVE_LEAST_MS ||
	    ((edge->transfers || edge->conns_count) && over_ms < LEAVE_TRANSFERS_MS))
		return;
	edge->is_stopping = true;
	set_stage(leave, LEAVE_CLOSING, now_ms);
}

bool leave_beat(struct leave *leave, int64_t now_ms)
{
	struct edge *edge = leave->edge;
	int64_t since_ms = now_ms - leave->since_ms;

	switch (leave->stage) {
	case LEAVE_NOT:
	case LEAVE_ENDED:
		break;
	case LEAVE_HANDING_OVER:
		hand_over(leave, now_ms);
		break;
	case LEAVE_STOPPING:
		if (edge->conns_count && since_ms < LEAVE_STOP_MS)
			break;
		close_all(edge);
		set_stage(leave, LEAVE_CLOSING, now_ms);
		break;
	case LEAVE_CLOSING:
		if ((edge->conns_count || link_waiting(edge->link)) && since_ms < LEAVE_END_MS)
			break;
		set_stage(leave, LEAVE_ENDED, now_ms);
		break;
	}
	return leave->stage == LEAVE_ENDED;
}
