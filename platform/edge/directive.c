/*
 * directive.c — directives of docs/protocol.md, "Streams and the edge".
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "directive.h"

#include <inttypes.h>

#include "conn.h"
#include "pelago/json.h"
#include "pelago/log.h"
#include "watch.h"

static void set_session(struct conn *conn, json_t *session)
{
	json_decref(conn->session);
	conn->session = json_is_object(session) ? json_incref(session) : NULL;
	if (conn->session)
		lanes_split(&conn->lanes);
}

static void send_all(struct conn *conn, const json_t *frames)
{
	const json_t *frame;
	size_t i;

	json_array_foreach(frames, i, frame)
		if (json_is_object(frame))
			conn_send_json(conn, frame);
}

/*
 * A frame of a stream as the answer to what was asked before. If the stream hasn't come that far,
 * it will bring the frame in its turn.
 */
static void send_again(struct conn *conn, const json_t *list)
{
	const json_t *entry, *frame;
	size_t i;

	json_array_foreach(list, i, entry) {
		frame = json_object_get(entry, "frame");
		if (json_is_object(frame) &&
		    watch_has(conn, pl_json_get_text(entry, "stream"),
			      json_integer_value(json_object_get(frame, "seq"))))
			conn_send_json(conn, frame);
	}
}

static void unwatch_all(struct conn *conn, const json_t *streams)
{
	const json_t *stream;
	size_t i;

	json_array_foreach(streams, i, stream)
		if (json_is_string(stream))
			watch_end(conn, json_string_value(stream));
}

static void watch_all(struct conn *conn, const json_t *list)
{
	const json_t *entry;
	int64_t after;
	size_t i;

	json_array_foreach(list, i, entry) {
		after = 0;
		if (pl_json_int(&after, entry, "after", 0, INT64_MAX / 2, false) ||
		    watch_begin(conn, pl_json_get_text(entry, "stream"),
				pl_json_get_text(entry, "service"), after,
				json_object_get(entry, "except"))) {
			pl_log(ERROR, "edge.watch", NULL, "connection=%s %s", conn->id,
			       pl_err_detail(PL_INVALID));
			conn_close(conn, LWS_CLOSE_STATUS_UNEXPECTED_CONDITION);
		}
	}
}

void directives_apply(struct conn *conn, const json_t *object)
{
	json_t *session = json_object_get(object, "session");

	if (session)
		set_session(conn, session);
	send_all(conn, json_object_get(object, "send"));
	send_again(conn, json_object_get(object, "again"));
	unwatch_all(conn, json_object_get(object, "unwatch"));
	watch_all(conn, json_object_get(object, "watch"));
	if (json_is_true(json_object_get(object, "close")))
		conn_close(conn, LWS_CLOSE_STATUS_NORMAL);
}
