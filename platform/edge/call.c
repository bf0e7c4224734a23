/*
 * call.c — frames on their way.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "call.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "auth.h"
#include "conn.h"
#include "directive.h"
#include "link.h"
#include "pelago/json.h"
#include "pelago/log.h"
#include "routing.h"
#include "tell.h"

struct call {
	struct lane_item item; /* first: lanes hand it back */
	struct call *prev, *next;
	struct conn *conn; /* NULL once it has ended */
	struct edge *edge;
	struct frame frame;
	char *subject;
	/* For the end of a connection that got its session too late to say so itself. */
	char *gone_subject;
	char connection[ID_SIZE];
	char from[46];
};

static void call_free(struct call *call)
{
	if (!call)
		return;
	frame_fini(&call->frame);
	free(call->subject);
	free(call->gone_subject);
	free(call);
}

static json_t *request_body(json_t *frame, json_t *session, const char *connection,
			    const char *from)
{
	return json_pack("{s:i, s:O?, s:O?, s:s, s:s}", "v", 1, "frame", frame, "session", session,
			 "connection", connection, "from", from);
}

static void say_gone(struct edge *edge, const char *subject, json_t *session,
		     const char *connection, const char *from)
{
	json_t *body;

	if (!subject || !session)
		return;
	body = request_body(NULL, session, connection, from);
	link_ask(NULL, edge->link, subject, body, REQUEST_LONG, NULL, NULL);
}

void call_gone(const struct conn *conn, json_t *session)
{
	const struct socket_route *route =
		routes_socket(routing_routes(conn->edge->routing), conn->path);

	if (route)
		say_gone(conn->edge, route->gone_subject, session, conn->id, conn->peer->name);
}

static void run(struct call *call);

/* The lane goes on with its next frame. */
static void finish(struct call *call)
{
	struct conn *conn = call->conn;
	struct call *next;

	DL_DELETE(conn->calls, call);
	next = (struct call *)lanes_next(&conn->lanes, &call->item);
	call_free(call);
	if (next)
		run(next);
}

static void on_orphan(struct call *call, json_t *reply)
{
	json_t *session = json_object_get(reply, "session");

	if (json_is_object(session))
		say_gone(call->edge, call->gone_subject, session, call->connection, call->from);
	call_free(call);
}

static void on_reply(enum pl_err err, json_t *reply, void *arg)
{
	struct call *call = arg;
	struct conn *conn = call->conn;

	if (!conn) {
		on_orphan(call, reply);
		return;
	}
	if (err)
		conn_error(conn, pl_err_row(err)->wire, pl_err_detail(err), call->frame.client_id,
			   call->frame.contact_id);
	else
		directives_apply(conn, reply);
	finish(call);
}

static void run(struct call *call)
{
	struct conn *conn = call->conn;
	json_t *body = request_body(call->frame.object, conn->session, conn->id, conn->peer->name);
	enum pl_err err;

	DL_APPEND(conn->calls, call);
	err = link_ask(NULL, conn->edge->link, call->subject, body, REQUEST_NORMAL, on_reply, call);
	if (!err)
		return;
	conn_error(conn, pl_err_row(err)->wire, pl_err_detail(err), call->frame.client_id,
		   call->frame.contact_id);
	finish(call);
}

static struct call *call_new(struct conn *conn, const struct frame *frame, const char *subject,
			     const char *gone)
{
	struct call *call = calloc(1, sizeof(*call));

	if (!call)
		return NULL;
	call->subject = strdup(subject);
	if (gone)
		call->gone_subject = strdup(gone);
	if (!call->subject || (gone && !call->gone_subject)) {
		call_free(call);
		return NULL;
	}
	call->conn = conn;
	call->edge = conn->edge;
	call->frame = *frame;
	json_incref(call->frame.object);
	memcpy(call->connection, conn->id, sizeof(call->connection));
	memcpy(call->from, conn->peer->name, sizeof(call->from));
	return call;
}

/* The service checks the token. Frames without one belong to what was allowed when it was shown. */
static enum pl_err check_profile(const struct conn *conn, const struct frame *frame,
				 const char *subject)
{
	const struct routes *routes = routing_routes(conn->edge->routing);
	json_t *claims =
		routes->profiles ? auth_claimed(pl_json_get_text(frame->object, "token")) : NULL;
	const struct caller caller = { pl_json_get_text(claims, "sub"),
				       pl_json_get_text(claims, "name"), conn->peer->name };
	enum pl_err err = routes_allow(routes, &caller, subject);

	json_decref(claims);
	return err;
}

enum pl_err call_start(struct conn *conn, const struct frame *frame, size_t len)
{
	const struct socket_route *socket =
		routes_socket(routing_routes(conn->edge->routing), conn->path);
	const struct frame_route *route = socket ? socket_route_frame(socket, frame->type) : NULL;
	struct call *call;
	unsigned wait_s;
	enum pl_err err;

	if (!socket)
		return pl_fail(PL_UNAVAILABLE, "the service is not there at the moment");
	if (!route)
		return pl_fail(PL_INVALID, "unknown type of frame");
	if (route->rate != LIMIT_FRAME && !peer_take(conn->edge, conn->peer, route->rate, &wait_s))
		return pl_fail(PL_RATE, "too many; try again in %u s", wait_s);
	err = check_profile(conn, frame, route->subject);
	if (err)
		return err;
	tell_use(conn->edge, &conn->client, "frame", conn->path, route->type, "");
	call = call_new(conn, frame, route->subject, socket->gone_subject);
	if (!call)
		return pl_fail(PL_NOMEM, "out of memory");
	call->item.bytes = len;
	switch (lanes_put(&conn->lanes, frame->contact_id ? frame->contact_id : "", &call->item)) {
	case LANE_RUN:
		run(call);
		return PL_OK;
	case LANE_WAIT:
		return PL_OK;
	case LANE_FULL:
		break;
	}
	call_free(call);
	return pl_fail(PL_RATE, "too many frames wait for an answer");
}

void calls_drop(struct conn *conn)
{
	struct lane_item *item;
	struct call *call;

	while ((item = lanes_pop(&conn->lanes)))
		call_free((struct call *)item);
	while ((call = conn->calls)) {
		DL_DELETE(conn->calls, call);
		call->conn = NULL;
	}
	lanes_fini(&conn->lanes);
}
