/*
 * eventing.c — see eventing.h.
 *
 * A broker that was seen before and doesn't answer is down; after FORGET_MS it is forgotten.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "eventing.h"

#include <stdio.h>
#include <string.h>

#include "pelago/json.h"
#include "pelago/page.h"

enum { NAME_MAX_BYTES = 200, FRESH_MS = 2000, LOOK_MS = 5000 };
static const int64_t forget_ms = (int64_t)7 * 86400000, store_ms = 60000;

const char eventing_tables[] = "create table broker (name TEXT primary key, host TEXT not null,"
			       " seen_ms BIGINT not null)";

/* What a node said last: a list is looked through page by page. */
static json_t *latest;
static int64_t latest_ms;

static void keep_latest(const struct pl_answer *answer)
{
	if (answer->body == latest)
		return;
	json_decref(latest);
	latest = json_incref((json_t *)answer->body);
	latest_ms = manager_now_ms();
}

/* Asks a node that is heard; fn answers the held request. */
static enum pl_err ask(struct pl_turn *turn, const json_t *body, pl_answer_fn *fn, const char *list)
{
	const json_t *query = json_object_get(body, "query");
	struct pl_page page;
	char operation[80];
	enum pl_err err = pl_page_read(&page, query, list); /* refused at once */

	if (err)
		return err;
	if (latest && manager_now_ms() - latest_ms < FRESH_MS) {
		json_t *context = json_pack("{s:O*}", "query", query);
		const struct pl_answer answer = { .body = latest,
						  .context = context,
						  .held = pl_hold(turn) };

		err = fn(turn, &answer);
		json_decref(context);
		return err;
	}
	for (const struct node *n = model.nodes; n; n = n->next)
		if (report_get(n->name, NULL)) {
			snprintf(operation, sizeof(operation), "%s.eventing", n->name);
			pl_ask(turn, operation, json_object(), fn, pl_hold(turn),
			       json_pack("{s:O*}", "query", query));
			return PL_OK;
		}
	return pl_fail(PL_UNAVAILABLE, "no node is heard that could look at the bus");
}

static void reply(struct pl_turn *turn, const struct pl_answer *answer, struct pl_page *page)
{
	pl_reply(turn, answer->held,
		 json_pack("{s:i, s:o}", "status", 200, "body", pl_page_answer(page)));
}

/* ---- their version ---- */

const char *eventing_version(void)
{
	return pl_json_get_text(json_array_get(json_object_get(latest, "brokers"), 0), "version");
}

static enum pl_err on_look(struct pl_turn *turn, const struct pl_answer *answer)
{
	if (!answer->err)
		keep_latest(answer);
	return PL_OK;
}

void eventing_beat(struct pl_turn *turn)
{
	static int64_t looked_ms;
	char operation[80];

	if (*eventing_version() || (looked_ms && manager_now_ms() - looked_ms < LOOK_MS))
		return;
	for (const struct node *n = model.nodes; n; n = n->next)
		if (report_get(n->name, NULL)) {
			looked_ms = manager_now_ms();
			snprintf(operation, sizeof(operation), "%s.eventing", n->name);
			pl_ask(turn, operation, json_object(), on_look, NULL, json_object());
			return;
		}
}

/* ---- brokers ---- */

static void note_broker(struct pl_turn *turn, const char *name, const char *host)
{
	struct pl_rows *rows =
		pl_query(turn, "select seen_ms from broker where name = $1", "s", name);
	int64_t now_ms = pl_turn_now_ms(turn);
	bool is_known = pl_rows_next(rows) && now_ms - pl_rows_int(rows, 0) < store_ms;

	pl_rows_free(rows);
	if (!is_known)
		pl_exec(turn,
			"insert into broker (name, host, seen_ms) values ($1, $2, $3) on conflict "
			"(name) do update set host = excluded.host, seen_ms = excluded.seen_ms",
			"ssi", name, host, now_ms);
}

static bool has_name(const json_t *brokers, const char *name)
{
	json_t *one;
	size_t i;

	json_array_foreach(brokers, i, one)
		if (strcmp(pl_json_get_text(one, "name"), name) == 0)
			return true;
	return false;
}

static void keep_those_down(struct pl_turn *turn, struct pl_page *page, const json_t *brokers)
{
	struct pl_rows *rows = pl_query(
		turn, "select name, host, seen_ms from broker where seen_ms >= $1 order by name",
		"i", pl_turn_now_ms(turn) - forget_ms);

	while (pl_rows_next(rows))
		if (!has_name(brokers, pl_rows_text(rows, 0)))
			pl_page_keep(page,
				     json_pack("{s:s, s:s, s:s, s:I}", "name",
					       pl_rows_text(rows, 0), "state", "Down", "host",
					       pl_rows_text(rows, 1), "seenMs",
					       (json_int_t)pl_rows_int(rows, 2)),
				     "%s", pl_rows_text(rows, 0));
	pl_rows_free(rows);
}

static enum pl_err on_brokers(struct pl_turn *turn, const struct pl_answer *answer)
{
	const json_t *brokers = json_object_get(answer->body, "brokers");
	struct pl_page page;
	json_t *one;
	enum pl_err err;
	size_t i;

	if (answer->err)
		return pl_fail(answer->err, "the node that was asked: %s", answer->message);
	keep_latest(answer);
	err = pl_page_read(&page, json_object_get(answer->context, "query"), "brokers");
	if (err)
		return err;
	json_array_foreach(brokers, i, one) {
		const char *name = pl_json_get_text(one, "name");
		json_t *view = json_pack("{s:s, s:s}", "name", name, "state", "Up");

		if (!*name || strlen(name) > NAME_MAX_BYTES) {
			json_decref(view);
			continue;
		}
		json_object_update_missing(view, one);
		json_object_set_new(view, "seenMs", json_integer(pl_turn_now_ms(turn)));
		pl_page_keep(&page, view, "%s", name);
		note_broker(turn, name, pl_json_get_text(one, "host"));
	}
	keep_those_down(turn, &page, brokers);
	reply(turn, answer, &page);
	return PL_OK;
}

enum pl_err op_brokers(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return ask(turn, body, on_brokers, "brokers");
}

/* ---- streams and their readers ---- */

static json_t *of_kind(const char *kind, const json_t *from)
{
	json_t *view = json_pack("{s:s}", "kind", kind);

	json_object_update_missing(view, (json_t *)from);
	return view;
}

static void keep_all(struct pl_page *page, const json_t *streams, const json_t *consumers)
{
	json_t *one;
	size_t i;

	json_array_foreach(streams, i, one)
		pl_page_keep(page, of_kind("stream", one),
			     "%.100s:", pl_json_get_text(one, "stream"));
	json_array_foreach(consumers, i, one)
		pl_page_keep(page, of_kind("consumer", one), "%.100s:%.64s:%.200s:%.100s",
			     pl_json_get_text(one, "stream"), pl_json_get_text(one, "service"),
			     pl_json_get_text(one, "subject"), pl_json_get_text(one, "consumer"));
}

/* outgoing: what EventStreaming sends on, NULL where it isn't installed */
static enum pl_err reply_destinations(struct pl_turn *turn, const struct pl_answer *answer,
				      json_t *outgoing)
{
	struct pl_page page;
	enum pl_err err =
		pl_page_read(&page, json_object_get(answer->context, "query"), "destinations");

	if (err) {
		json_decref(outgoing);
		return err;
	}
	keep_all(&page, json_object_get(latest, "streams"), json_object_get(latest, "consumers"));
	if (outgoing)
		pl_page_keep(&page, outgoing, "~"); /* behind the others */
	reply(turn, answer, &page);
	return PL_OK;
}

static enum pl_err on_outgoing(struct pl_turn *turn, const struct pl_answer *answer)
{
	json_t *outgoing =
		json_pack("{s:s, s:s, s:s, s:s, s:n}", "kind", "destination", "service",
			  "EventStreaming", "stream", "", "subject", "", "oldestSeconds");

	if (!answer->err)
		json_object_update(outgoing, (json_t *)answer->body);
	json_object_del(outgoing, "v");
	json_object_del(outgoing, "why");
	json_object_set(outgoing, "error", json_object_get(answer->body, "why"));
	if (answer->err)
		json_object_update_new(outgoing, json_pack("{s:s, s:s}", "state", "Down", "error",
							   answer->message));
	return reply_destinations(turn, answer, outgoing);
}

static bool streams_on(void)
{
	for (const struct placed *s = model.services; s; s = s->next)
		if (strcmp(s->name, "EventStreaming") == 0 && placed_runs(s))
			return true;
	return false;
}

static enum pl_err on_destinations(struct pl_turn *turn, const struct pl_answer *answer)
{
	if (answer->err)
		return pl_fail(answer->err, "the node that was asked: %s", answer->message);
	keep_latest(answer);
	if (!streams_on())
		return reply_destinations(turn, answer, NULL);
	pl_ask(turn, "EventStreaming.destination", json_object(), on_outgoing, answer->held,
	       json_incref(answer->context));
	return PL_OK;
}

enum pl_err op_destinations(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return ask(turn, body, on_destinations, "destinations");
}
