/*
 * conn.c — WebSocket connections.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <utlist.h>

#include "call.h"
#include "clock.h"
#include "frame.h"
#include "metrics.h"
#include "pelago/log.h"
#include "routing.h"
#include "watch.h"

enum { IN_FIRST = 512, OVER_MAX = 4, SEND_BUFFER = 128 * 1024, CUT_S = 5 };

struct conn_out {
	struct conn_out *next;
	struct text *text;
};

struct conn *conn_new(struct edge *edge, struct lws *wsi, struct peer *peer, const char *path)
{
	struct conn *conn = calloc(1, sizeof(*conn));
	int size = SEND_BUFFER;

	if (!conn)
		return NULL;
	conn->path = strdup(path);
	if (!conn->path) {
		free(conn);
		return NULL;
	}
	conn->edge = edge;
	conn->wsi = wsi;
	conn->peer = peer;
	conn->out_tail = &conn->out_head;
	id_make(conn->id);
	DL_APPEND(edge->conns, conn);
	edge->conns_count++;
	pl_metric_set(&edge_connections, edge->conns_count);
	/* The library sets it to the size of its receive buffer, a few hundred bytes. */
	setsockopt(lws_get_socket_fd(wsi), SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	return conn;
}

static void out_clear(struct conn *conn)
{
	struct conn_out *out;

	while ((out = conn->out_head)) {
		conn->out_head = out->next;
		text_unref(out->text);
		free(out);
	}
	conn->out_tail = &conn->out_head;
	conn->out_bytes = 0;
}

void conn_free(struct conn *conn)
{
	if (!conn)
		return;
	watches_drop(conn);
	calls_drop(conn);
	call_gone(conn, conn->session);
	out_clear(conn);
	DL_DELETE(conn->edge->conns, conn);
	conn->edge->conns_count--;
	pl_metric_set(&edge_connections, conn->edge->conns_count);
	json_decref(conn->session);
	free(conn->in);
	free(conn->path);
	free(conn);
}

/* ---- out ---- */

/* What waits is dropped; one who doesn't even take the close frame within a few seconds does
 * without. */
static void cut(struct conn *conn, unsigned short code, const char *why)
{
	pl_log(INFO, "edge.cut", NULL, "connection=%s from=%s %s", conn->id, conn->peer->name, why);
	pl_metric_add(&edge_slow_total, 1);
	conn->close_code = code;
	out_clear(conn);
	lws_callback_on_writable(conn->wsi);
	lws_set_timeout(conn->wsi, PENDING_TIMEOUT_USER_REASON_BASE, CUT_S);
}

bool conn_is_full(const struct conn *conn)
{
	return conn->out_bytes > CONN_OUT_FULL;
}

void conns_cut_stalled(struct edge *edge, int64_t now_ms)
{
	struct conn *conn;

	DL_FOREACH(edge->conns, conn)
		if (conn->out_head && now_ms - conn->out_ms > CONN_STALLED_MS)
			cut(conn, LWS_CLOSE_STATUS_POLICY_VIOLATION, "reads nothing");
}

void conn_send(struct conn *conn, struct text *text)
{
	struct conn_out *out;

	if (conn->close_code || !text)
		return;
	if (conn->out_bytes > CONN_OUT_MAX) {
		cut(conn, LWS_CLOSE_STATUS_POLICY_VIOLATION, "too slow");
		return;
	}
	out = malloc(sizeof(*out));
	if (!out) {
		cut(conn, LWS_CLOSE_STATUS_UNEXPECTED_CONDITION, "no memory");
		return;
	}
	out->next = NULL;
	out->text = text_ref(text);
	conn->out_bytes += text->len;
	if (!conn->out_head)
		conn->out_ms = clock_ms();
	*conn->out_tail = out;
	conn->out_tail = &out->next;
	lws_callback_on_writable(conn->wsi);
}

void conn_send_json(struct conn *conn, const json_t *frame)
{
	struct text *text = text_new(frame);

	conn_send(conn, text);
	text_unref(text);
}

void conn_error(struct conn *conn, const char *code, const char *message, const char *client_id,
		const char *contact_id)
{
	json_t *frame = frame_error(code, message, client_id, contact_id);

	conn_send_json(conn, frame);
	json_decref(frame);
}

void conn_close(struct conn *conn, unsigned short code)
{
	if (conn->close_code)
		return;
	conn->close_code = code;
	lws_callback_on_writable(conn->wsi);
}

/*
 * Writes the close frame and waits for the other's: a socket closed at once, while something unread
 * has come in, is reset, and the other side never sees why.
 */
static int say_close(struct conn *conn)
{
	unsigned char frame[LWS_PRE + 4], *at = frame + LWS_PRE;

	if (conn->is_closing)
		return 0;
	conn->is_closing = true;
	at[0] = 0x88; /* final, close; RFC 6455 §5.5.1: the library writes one only as it closes */
	at[1] = 2;
	at[2] = (unsigned char)(conn->close_code >> 8);
	at[3] = (unsigned char)conn->close_code;
	lws_set_timeout(conn->wsi, PENDING_TIMEOUT_USER_REASON_BASE, CUT_S);
	return lws_write(conn->wsi, at, 4, LWS_WRITE_RAW) < 4 ? -1 : 0;
}

int conn_writeable(struct conn *conn)
{
	struct conn_out *out = conn->out_head;
	int sent;

	if (!out) {
		return conn->close_code ? say_close(conn) : 0;
	}
	conn->out_head = out->next;
	if (!conn->out_head)
		conn->out_tail = &conn->out_head;
	conn->out_bytes -= out->text->len;
	conn->out_ms = clock_ms();
	sent = lws_write(conn->wsi, out->text->bytes + LWS_PRE, out->text->len, LWS_WRITE_TEXT);
	text_unref(out->text);
	free(out);
	if (sent < 0)
		return -1;
	pl_metric_add(&edge_frames_out_total, 1);
	if (conn->is_behind && conn->out_bytes < CONN_OUT_LOW) {
		conn->is_behind = false;
		watches_go_on(conn);
	}
	if (conn->out_head || conn->close_code)
		lws_callback_on_writable(conn->wsi);
	return 0;
}

/* ---- in ---- */

/* Whoever sends nothing but nonsense is closed. */
static void count_error(struct conn *conn)
{
	const struct limit *limit = &peer_limits(conn->edge, conn->peer)[LIMIT_ERROR];

	if (!bucket_take(&conn->errors, limit, clock_ms()))
		conn_close(conn, LWS_CLOSE_STATUS_POLICY_VIOLATION);
}

static void refuse(struct conn *conn, enum pl_err err, const struct frame *frame)
{
	conn_error(conn, pl_err_row(err)->wire, pl_err_detail(err), frame ? frame->client_id : NULL,
		   frame ? frame->contact_id : NULL);
	count_error(conn);
}

static void take_frame(struct conn *conn, const void *data, size_t len)
{
	struct frame frame;
	enum pl_err err;

	pl_metric_add(&edge_frames_in_total, 1);
	if (!bucket_take(&conn->frames, &peer_limits(conn->edge, conn->peer)[LIMIT_FRAME],
			 clock_ms())) {
		conn_error(conn, "rateLimited", "too many frames", NULL, NULL);
		count_error(conn);
		return;
	}
	err = frame_init(&frame, data, len);
	if (!err)
		err = call_start(conn, &frame, len);
	if (err)
		refuse(conn, err, &frame);
	frame_fini(&frame);
}

static bool append(struct conn *conn, const void *data, size_t len, size_t max)
{
	size_t size = conn->in_size ? conn->in_size : IN_FIRST;
	unsigned char *in;

	while (size < conn->in_len + len)
		size *= 2;
	if (size > max)
		size = max;
	if (size > conn->in_size) {
		in = realloc(conn->in, size);
		if (!in)
			return false;
		conn->in = in;
		conn->in_size = size;
	}
	memcpy(conn->in + conn->in_len, data, len);
	return true;
}

static size_t frame_max(const struct conn *conn)
{
	const struct socket_route *route =
		routes_socket(routing_routes(conn->edge->routing), conn->path);

	return route ? route->frame_max : ROUTE_BODY_NORMAL;
}

static void in_clear(struct conn *conn)
{
	free(conn->in);
	conn->in = NULL;
	conn->in_len = conn->in_size = 0;
}

/* The library puts its timer into a list of all connections', in order: so not for each frame. */
static void note_alive(struct conn *conn)
{
	int64_t now_ms = clock_ms();

	if (now_ms - conn->alive_ms < CONN_PING_S * 1000 / 2)
		return;
	conn->alive_ms = now_ms;
	lws_validity_confirmed(conn->wsi);
}

int conn_receive(struct conn *conn, const void *data, size_t len)
{
	bool is_last = lws_is_final_fragment(conn->wsi) && !lws_remaining_packet_payload(conn->wsi);
	size_t max = frame_max(conn), whole = conn->in_len + len;

	note_alive(conn);
	if (conn->close_code)
		return 0;
	if (lws_frame_is_binary(conn->wsi) && !conn->is_skipping) {
		conn->is_skipping = true;
		refuse(conn, pl_fail(PL_INVALID, "frames are text, not binary"), NULL);
	} else if (whole > max && !conn->is_skipping) {
		conn->is_skipping = true;
		refuse(conn, pl_fail(PL_TOOLARGE, "a frame has at most %zu bytes", max), NULL);
	}
	if (conn->is_skipping) {
		conn->in_len = whole; /* counts on, keeps nothing */
		if (whole > OVER_MAX * max)
			conn_close(conn, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE);
	} else if (conn->in_len == 0 && is_last) {
		take_frame(conn, data, len);
		return 0;
	} else if (!append(conn, data, len, max)) {
		return -1;
	} else {
		conn->in_len = whole;
		if (is_last)
			take_frame(conn, conn->in, conn->in_len);
	}
	if (is_last) {
		in_clear(conn);
		conn->is_skipping = false;
	}
	return 0;
}
