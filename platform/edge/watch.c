/*
 * watch.c — streams watched.
 *
 * One subscription hears all pushes. What comes for a stream that nobody watches is noted for a
 * while (heard.h), as somebody may be about to.
 *
 * A push that comes too early isn't kept: the stream's service is asked for all after the last one
 * delivered, and asked again as long as more is known to exist. The same happens to what a
 * connection has no room for at the moment, so a slow reader costs no memory.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "watch.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>
#include <utlist.h>

#include "clock.h"
#include "conn.h"
#include "directive.h"
#include "heard.h"
#include "link.h"
#include "metrics.h"
#include "pelago/json.h"
#include "pelago/log.h"
#include "sequence.h"

enum { FETCH_LIMIT = 200, FETCH_LIMIT_SMALL = 8, HEADS_MAX = 500, NAME_MAX_BYTES = 120 };

struct stream {
	struct watches *owner;
	char *name, *service;
	struct watch *watches;
	struct stream *prev, *next; /* of watches->idle, while nobody watches */
	bool is_idle;
	int64_t pushed; /* the highest number that came */
	UT_hash_handle hh;
};

struct watch {
	struct watch *prev, *next;	     /* of the stream */
	struct watch *conn_prev, *conn_next; /* of the connection */
	struct stream *stream;
	struct conn *conn;
	struct sequence sequence;
	struct request *fetch;
	int limit;	/* of one fetch */
	json_t *except; /* types of frames that aren't sent, or NULL */
};

struct heads {
	struct heads *prev, *next;
	struct watches *owner;
	struct request *request;
};

struct watches {
	struct edge *edge;
	struct stream *streams;
	struct stream *idle;
	struct heads *heads; /* questions that are out */
	struct pl_subscription *pushes;
	struct heard *heard;
};

static void fetch(struct watch *watch);

/* A watch may end by what is delivered to it; this tells. */
static bool is_watching(const struct conn *conn, const struct watch *watch)
{
	const struct watch *at;

	DL_FOREACH2(conn->watches, at, conn_next)
	if (at == watch)
		return true;
	return false;
}

/* ---- pushes ---- */

static bool is_excepted(const struct watch *watch, const json_t *object)
{
	const char *type = pl_json_get_text(object, "frame.type");
	const json_t *one;
	size_t i;

	json_array_foreach(watch->except, i, one)
		if (strcmp(json_string_value(one), type) == 0)
			return true;
	return false;
}

static void deliver(struct watch *watch, struct text *text, const json_t *object)
{
	struct conn *conn = watch->conn;

	if (text && !is_excepted(watch, object))
		conn_send(conn, text);
	directives_apply(conn, object);
}

static void push(struct watch *watch, int64_t seq, struct text *text, const json_t *object)
{
	if (conn_is_full(watch->conn)) {
		if (seq && sequence_head(&watch->sequence, seq))
			watch->conn->is_behind = true;
		return;
	}
	switch (seq ? sequence_push(&watch->sequence, seq) : SEQUENCE_DELIVER) {
	case SEQUENCE_DELIVER:
		deliver(watch, text, object);
		break;
	case SEQUENCE_FETCH:
		fetch(watch);
		break;
	case SEQUENCE_DROP:
		break;
	}
}

static void push_all(struct stream *stream, int64_t seq, const json_t *object)
{
	struct text *text = text_new(json_object_get(object, "frame"));
	struct watch *watch, *next;

	if (seq > stream->pushed)
		stream->pushed = seq;
	DL_FOREACH_SAFE(stream->watches, watch, next)
		push(watch, seq, text, object);
	text_unref(text);
}

static void on_push(const struct pl_message *message, void *arg)
{
	const char *name = message->subject + strlen("usr.");
	struct watches *watches = arg;
	struct stream *stream;
	json_t *object = NULL;
	int64_t seq = 0;

	if (message->status || pl_json_parse(&object, message->body, message->body_len) ||
	    pl_json_int(&seq, object, "seq", 1, INT64_MAX / 2, false)) {
		pl_log(ERROR, "edge.push", NULL, "stream=%s unreadable: %s", name,
		       pl_err_detail(PL_INVALID));
		json_decref(object);
		return;
	}
	HASH_FIND_STR(watches->streams, name, stream);
	if (stream)
		push_all(stream, seq, object);
	else if (seq)
		heard_note(watches->heard, name, seq, clock_ms());
	json_decref(object);
}

/* ---- what was missed ---- */

static void deliver_item(struct watch *watch, const json_t *item)
{
	int64_t seq = 0, lost;
	struct text *text;

	if (pl_json_int(&seq, item, "seq", 1, INT64_MAX / 2, true) ||
	    sequence_item(&watch->sequence, seq, &lost) != SEQUENCE_DELIVER)
		return;
	if (lost)
		pl_log(WARN, "edge.fetch", NULL,
		       "stream=%s %" PRId64 " frames before %" PRId64 " are not kept any more",
		       watch->stream->name, lost, seq);
	text = text_new(json_object_get(item, "frame"));
	deliver(watch, text, item);
	text_unref(text);
}

static void on_items(enum pl_err err, json_t *reply, void *arg)
{
	struct watch *watch = arg;
	struct conn *conn = watch->conn;
	int64_t before = watch->sequence.last, head = 0;
	const json_t *item;
	size_t i;

	watch->fetch = NULL;
	if (err) {
		/* An answer too large for the bus is none. Else the next comparison of heads tries
		 * again. */
		pl_log(WARN, "edge.fetch", NULL, "stream=%s limit=%d %s", watch->stream->name,
		       watch->limit, pl_err_detail(err));
		if (watch->limit > FETCH_LIMIT_SMALL) {
			watch->limit = FETCH_LIMIT_SMALL;
			fetch(watch);
		}
		return;
	}
	json_array_foreach(json_object_get(reply, "items"), i, item) {
		if (conn_is_full(conn))
			break;
		deliver_item(watch, item);
		if (!is_watching(conn, watch))
			return;
	}
	if (pl_json_int(&head, reply, "head", 0, INT64_MAX / 2, false) == PL_OK)
		sequence_head(&watch->sequence, head);
	if (conn_is_full(conn)) {
		conn->is_behind = true;
		return;
	}
	/* Without progress it would ask for ever. */
	if (watch->sequence.head > watch->sequence.last && watch->sequence.last > before)
		fetch(watch);
}

static void fetch(struct watch *watch)
{
	struct edge *edge = watch->conn->edge;
	char subject[96];
	json_t *body;

	if (watch->fetch)
		return;
	if (conn_is_full(watch->conn)) {
		watch->conn->is_behind = true;
		return;
	}
	pl_metric_add(&edge_fetches_total, 1);
	body = json_pack("{s:i, s:s, s:I, s:i}", "v", 1, "stream", watch->stream->name, "after",
			 (json_int_t)watch->sequence.last, "limit", watch->limit);
	snprintf(subject, sizeof(subject), "svc.%s.fetch", watch->stream->service);
	link_ask(&watch->fetch, edge->link, subject, body, REQUEST_NORMAL, on_items, watch);
}

/* ---- heads ---- */

static void compare(struct watches *watches, const char *name, json_int_t head)
{
	struct stream *stream;
	struct watch *watch;

	HASH_FIND_STR(watches->streams, name, stream);
	if (!stream)
		return;
	DL_FOREACH(stream->watches, watch)
		if (sequence_head(&watch->sequence, head))
			fetch(watch);
}

static void on_heads(enum pl_err err, json_t *reply, void *arg)
{
	struct heads *heads = arg;
	struct watches *watches = heads->owner;
	const char *name;
	json_t *head;

	DL_DELETE(watches->heads, heads);
	free(heads);
	if (err)
		return;
	json_object_foreach(json_object_get(reply, "heads"), name, head)
		if (json_is_integer(head) && json_integer_value(head) > 0)
			compare(watches, name, json_integer_value(head));
}

static void ask_heads(struct watches *watches, const char *service, json_t *names)
{
	struct heads *heads = calloc(1, sizeof(*heads));
	char subject[96];

	if (!heads) {
		json_decref(names);
		return;
	}
	heads->owner = watches;
	DL_APPEND(watches->heads, heads);
	snprintf(subject, sizeof(subject), "svc.%s.heads", service);
	if (link_ask(&heads->request, watches->edge->link, subject,
		     json_pack("{s:i, s:o}", "v", 1, "streams", names), REQUEST_NORMAL, on_heads,
		     heads)) {
		DL_DELETE(watches->heads, heads);
		free(heads);
	}
}

void watches_compare(struct watches *watches)
{
	json_t *services, *names;
	struct stream *stream, *next;
	const char *service;

	/* The questions of the last time are still out: asking more wouldn't help. */
	if (watches->heads)
		return;
	services = json_object();
	HASH_ITER(hh, watches->streams, stream, next) {
		if (stream->is_idle)
			continue;
		names = json_object_get(services, stream->service);
		if (names && json_array_size(names) == HEADS_MAX) {
			ask_heads(watches, stream->service, json_incref(names));
			names = NULL;
		}
		if (!names) {
			names = json_array();
			json_object_set_new(services, stream->service, names);
		}
		json_array_append_new(names, json_string(stream->name));
	}
	json_object_foreach(services, service, names)
		ask_heads(watches, service, json_incref(names));
	json_decref(services);
}

/* ---- beginning and ending ---- */

static void stream_free(struct stream *stream)
{
	struct watches *watches = stream->owner;

	if (stream->is_idle)
		DL_DELETE(watches->idle, stream);
	if (stream->pushed)
		heard_note(watches->heard, stream->name, stream->pushed, clock_ms());
	HASH_DEL(watches->streams, stream);
	free(stream->name);
	free(stream->service);
	free(stream);
}

static enum pl_err stream_new(struct stream **streamp, struct watches *watches, const char *name,
			      const char *service)
{
	struct stream *stream = calloc(1, sizeof(*stream));

	if (!stream)
		return PL_NOMEM;
	stream->owner = watches;
	stream->name = strdup(name);
	stream->service = strdup(service);
	if (!stream->name || !stream->service) {
		free(stream->name);
		free(stream->service);
		free(stream);
		return PL_NOMEM;
	}
	stream->pushed = heard_take(watches->heard, name);
	HASH_ADD_KEYPTR(hh, watches->streams, stream->name, strlen(stream->name), stream);
	*streamp = stream;
	return PL_OK;
}

/* "kind.id": one of each, no wildcard. */
static bool is_stream_name(const char *name)
{
	const char *dot = strchr(name, '.');

	return dot && dot > name && dot[1] && !strchr(dot + 1, '.') &&
	       strlen(name) <= NAME_MAX_BYTES && !strpbrk(name, "*> \t\r\n");
}

static struct watch *watch_find(const struct conn *conn, const char *name)
{
	struct watch *watch;

	DL_FOREACH2(conn->watches, watch, conn_next)
	if (strcmp(watch->stream->name, name) == 0)
		return watch;
	return NULL;
}

static enum pl_err watch_new(struct watch **watchp, struct conn *conn, const char *name,
			     const char *service)
{
	struct watches *watches = conn->edge->watches;
	struct stream *stream;
	struct watch *watch;
	enum pl_err err;
	int count;

	DL_COUNT2(conn->watches, watch, count, conn_next);
	if (count >= WATCH_STREAMS_MAX)
		return pl_fail(PL_INVALID, "watches more than %d streams", WATCH_STREAMS_MAX);
	HASH_FIND_STR(watches->streams, name, stream);
	if (!stream) {
		err = stream_new(&stream, watches, name, service);
		if (err)
			return err;
	} else if (stream->is_idle) {
		DL_DELETE(watches->idle, stream);
		stream->is_idle = false;
	}
	watch = calloc(1, sizeof(*watch));
	if (!watch)
		return PL_NOMEM;
	watch->stream = stream;
	watch->conn = conn;
	watch->limit = FETCH_LIMIT;
	DL_APPEND(stream->watches, watch);
	DL_APPEND2(conn->watches, watch, conn_prev, conn_next);
	*watchp = watch;
	return PL_OK;
}

static bool are_texts(const json_t *list)
{
	const json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
		if (!json_is_string(one))
			return false;
	return true;
}

enum pl_err watch_begin(struct conn *conn, const char *name, const char *service, int64_t after,
			json_t *except)
{
	struct watch *watch = watch_find(conn, name);
	enum pl_err err = PL_OK;

	if (!is_stream_name(name) || !service[0] || strlen(service) > 64 || !are_texts(except))
		return pl_fail(PL_INVALID, "watch: bad stream, service or types");
	if (!watch)
		err = watch_new(&watch, conn, name, service);
	if (err)
		return err;
	if (after > watch->sequence.last)
		watch->sequence.last = after;
	json_decref(watch->except);
	watch->except = json_incref(except);
	/* What came between the service's look and now was pushed to nobody here. */
	if (watch->stream->pushed > watch->sequence.last ||
	    !heard_all(conn->edge->watches->heard, clock_ms()))
		fetch(watch);
	return PL_OK;
}

static void watch_free(struct watch *watch)
{
	struct stream *stream = watch->stream;

	request_cancel(watch->fetch);
	DL_DELETE(stream->watches, watch);
	DL_DELETE2(watch->conn->watches, watch, conn_prev, conn_next);
	json_decref(watch->except);
	free(watch);
	/* This may be within the subscription's own handler. */
	if (!stream->watches && !stream->is_idle) {
		stream->is_idle = true;
		DL_APPEND(stream->owner->idle, stream);
	}
}

bool watch_has(const struct conn *conn, const char *stream, int64_t seq)
{
	const struct watch *watch = watch_find(conn, stream);

	return !watch || seq <= watch->sequence.last;
}

void watch_end(struct conn *conn, const char *name)
{
	struct watch *watch = watch_find(conn, name);

	if (watch)
		watch_free(watch);
}

void watches_go_on(struct conn *conn)
{
	struct watch *watch;

	DL_FOREACH2(conn->watches, watch, conn_next)
	if (watch->sequence.head > watch->sequence.last)
		fetch(watch);
}

void watches_drop(struct conn *conn)
{
	while (conn->watches)
		watch_free(conn->watches);
}

void watches_idle(struct edge *edge)
{
	while (edge->watches->idle)
		stream_free(edge->watches->idle);
}

unsigned watches_streams(const struct watches *watches)
{
	return HASH_COUNT(watches->streams);
}

enum pl_err watches_listen(struct watches *watches)
{
	heard_begin(watches->heard, clock_ms());
	if (watches->pushes)
		return PL_OK;
	return pl_bus_subscribe(&watches->pushes, link_bus(watches->edge->link), "usr.>", NULL,
				on_push, watches);
}

enum pl_err watches_new(struct watches **watchesp, struct edge *edge)
{
	struct watches *watches = calloc(1, sizeof(*watches));
	enum pl_err err;

	if (!watches)
		return PL_NOMEM;
	err = heard_new(&watches->heard);
	if (err) {
		free(watches);
		return err;
	}
	watches->edge = edge;
	*watchesp = watches;
	return PL_OK;
}

void watches_free(struct watches *watches)
{
	struct stream *stream, *next;
	struct heads *heads;

	if (!watches)
		return;
	while ((heads = watches->heads)) {
		DL_DELETE(watches->heads, heads);
		request_cancel(heads->request);
		free(heads);
	}
	pl_subscription_free(watches->pushes);
	HASH_ITER(hh, watches->streams, stream, next)
		stream_free(stream);
	heard_free(watches->heard);
	free(watches);
}
