/*
 * shutdown.c — Shutdown Mode, and Close all Chatrooms.
 *
 * Both are attributes, which the manager keeps: they outlive restarts and are the same on every
 * node. Over this service's own interface Shutdown Mode is set at the manager, too. A Close all is
 * a row and a timer that closes one batch in a turn of its own and sets itself again behind the
 * last chat of it, so a kill amid goes on with the next batch, and whoever writes meanwhile waits
 * for one batch at most. Ids rise with time, so chats are closed oldest first; those opened later
 * stay.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shutdown.h"

#include <stdio.h>
#include <string.h>

enum { BATCH = 100, USER_MAX = 64 };

/* ---- Shutdown Mode ---- */

static const char mode[] = "shutdown_mode", close_all[] = "close_all";

/* What an earlier version had in a row of its own; "" if it was off. */
static void read_former(struct pl_turn *turn, char by[USER_MAX + 1])
{
	struct pl_rows *rows =
		pl_query(turn, "select by_user from shutdown where id = 1 and is_on = 1", "");

	by[0] = '\0';
	if (pl_rows_next(rows))
		snprintf(by, USER_MAX + 1, "%s",
			 *pl_rows_text(rows, 0) ? pl_rows_text(rows, 0) : CHAT_SERVICE);
	pl_rows_free(rows);
}

bool shutdown_is_on(struct pl_turn *turn)
{
	char by[USER_MAX + 1];

	if (pl_attribute_get(pl_turn_service(turn), mode))
		return true;
	read_former(turn, by);
	return by[0];
}

/* The request to the manager; user: gives. */
static json_t *own_body(bool on, json_t *user, const char *from)
{
	return json_pack("{s:s, s:s, s:b, s:o, s:s}", "service", CHAT_SERVICE, "attribute", mode,
			 "value", on, "user", user, "from", from);
}

/* The former row becomes the attribute, and holds until somebody has set that. */
static void move_former(struct pl_turn *turn)
{
	char by[USER_MAX + 1];

	read_former(turn, by);
	if (!by[0])
		return;
	if (pl_attribute_set_ms(pl_turn_service(turn), mode))
		pl_exec(turn, "delete from shutdown where id = 1", "");
	else
		pl_command(turn, "Manager.own", "shutdown",
			   own_body(true, json_pack("{s:s}", "sub", by), CHAT_SERVICE), NULL);
}

enum pl_err shutdown_on_moved(struct pl_turn *turn, const struct pl_answer *answer)
{
	if (answer->err)
		pl_log(ERROR, "chat.shutdown", NULL,
		       "Shutdown Mode stays on, and couldn't be made an attribute: %s",
		       answer->message);
	return PL_OK;
}

/* ---- what is told ---- */

static void count_running(struct pl_turn *turn, json_t *report)
{
	struct pl_rows *rows = pl_query(
		turn, "select state, count(*) from chat where state < 3 group by state", "");
	json_int_t n[CHAT_STATES] = { 0 };

	while (pl_rows_next(rows))
		if (pl_rows_int(rows, 0) > 0 && pl_rows_int(rows, 0) < CHAT_STATES)
			n[pl_rows_int(rows, 0)] = pl_rows_int(rows, 1);
	pl_rows_free(rows);
	json_object_set_new(report, "running", json_integer(n[CHAT_OPEN] + n[CHAT_SERVED]));
	json_object_set_new(report, "waiting", json_integer(n[CHAT_OPEN]));
	json_object_set_new(report, "served", json_integer(n[CHAT_SERVED]));
}

/* How many are still to be closed. */
static int64_t count_left(struct pl_turn *turn, int64_t started_ms)
{
	struct pl_rows *rows =
		pl_query(turn, "select count(*) from chat where state < 3 and opened_ms <= $1", "i",
			 started_ms);
	int64_t left = pl_rows_next(rows) ? pl_rows_int(rows, 0) : 0;

	pl_rows_free(rows);
	return left;
}

/* The latest Close all, or null; NULL without a report of its progress. */
static json_t *progress(struct pl_turn *turn)
{
	struct pl_rows *rows = pl_query(turn,
					"select by_user, total, closed, started_ms, ended_ms "
					"from close_all where id = 1",
					"");
	json_t *shown = NULL;
	int64_t started_ms = 0;

	if (pl_rows_next(rows)) {
		bool is_done = pl_rows_int(rows, 4) != 0;

		started_ms = pl_rows_int(rows, 3);
		shown = json_pack("{s:s, s:s, s:I, s:I, s:i, s:I, s:I}", "state",
				  is_done ? "done" : "running", "by", pl_rows_text(rows, 0),
				  "total", (json_int_t)pl_rows_int(rows, 1), "closed",
				  (json_int_t)pl_rows_int(rows, 2), "left", 0, "startedMs",
				  (json_int_t)started_ms, "endedMs",
				  (json_int_t)pl_rows_int(rows, 4));
	}
	pl_rows_free(rows);
	if (!shown)
		return json_null();
	if (strcmp(pl_json_get_text(shown, "state"), "running") == 0)
		json_object_set_new(shown, "left", json_integer(count_left(turn, started_ms)));
	return shown;
}

static json_t *report(struct pl_turn *turn)
{
	const struct pl_service *service = pl_turn_service(turn);
	json_t *shown = json_object();

	json_object_set_new(shown, "on", json_boolean(shutdown_is_on(turn)));
	json_object_set_new(shown, "sinceMs", json_integer(pl_attribute_set_ms(service, mode)));
	json_object_set_new(shown, "by", json_string(pl_attribute_set_by(service, mode)));
	count_running(turn, shown);
	json_object_set_new(shown, "closeAll", progress(turn));
	return shown;
}

static json_t *answer(struct pl_turn *turn, int status)
{
	return json_pack("{s:i, s:o}", "status", status, "body", report(turn));
}

/* ---- Close all Chatrooms ---- */

static bool is_closing(struct pl_turn *turn)
{
	struct pl_rows *rows =
		pl_query(turn, "select 1 from close_all where id = 1 and ended_ms = 0", "");
	bool is = pl_rows_next(rows);

	pl_rows_free(rows);
	return is;
}

static void go_on_after(struct pl_turn *turn, const char *contact_id)
{
	pl_timer_set(turn, "close-all", "all", PL_TIMER_CALENDAR, 0,
		     json_pack("{s:s}", "after", contact_id));
}

static void begin(struct pl_turn *turn, const char *by)
{
	int64_t now_ms = pl_turn_now_ms(turn), total = count_left(turn, now_ms);

	pl_exec(turn,
		"insert into close_all (id, by_user, total, closed, started_ms, ended_ms) "
		"values (1, $1, $2, 0, $3, 0) on conflict (id) do update set "
		"by_user = excluded.by_user, total = excluded.total, closed = 0, "
		"started_ms = excluded.started_ms, ended_ms = 0",
		"sii", by, total, now_ms);
	go_on_after(turn, "");
	pl_log(INFO, "chat.close_all", NULL, "chats=%lld by=%s", (long long)total, by);
}

/* The attribute was set, and not for one that began already. */
static void begin_if_asked(struct pl_turn *turn)
{
	const struct pl_service *service = pl_turn_service(turn);
	int64_t set_ms = pl_attribute_set_ms(service, close_all), asked_ms = 0;
	struct pl_rows *rows;

	if (!pl_attribute_get(service, close_all))
		return;
	rows = pl_query(turn, "select asked_ms from close_all where id = 1", "");
	if (pl_rows_next(rows))
		asked_ms = pl_rows_int(rows, 0);
	pl_rows_free(rows);
	if (set_ms <= asked_ms)
		return;
	begin(turn, pl_attribute_set_by(service, close_all));
	pl_exec(turn, "update close_all set asked_ms = $1 where id = 1", "i", set_ms);
}

enum pl_err shutdown_configured(struct pl_turn *turn)
{
	move_former(turn);
	begin_if_asked(turn);
	return PL_OK;
}

/* The ids of the next ones. */
static json_t *batch(struct pl_turn *turn, const char *after)
{
	struct pl_rows *rows = pl_query(
		turn,
		"select contact_id from chat where state < 3 and contact_id > $1 and opened_ms <= "
		"(select started_ms from close_all where id = 1) order by contact_id limit $2",
		"si", after, (int64_t)BATCH);
	json_t *ids = json_array();

	while (pl_rows_next(rows))
		json_array_append_new(ids, json_string(pl_rows_text(rows, 0)));
	pl_rows_free(rows);
	return ids;
}

static int64_t close_each(struct pl_turn *turn, const json_t *ids)
{
	struct chat_act act = { .from = "system", .reason = "shutdown" };
	int64_t closed = 0;
	struct chat chat;
	json_t *id;
	size_t i;

	json_array_foreach(ids, i, id)
		if (chat_load(turn, &chat, json_string_value(id)) == PL_OK)
			closed += chat_step(turn, &chat, CHAT_EV_CLOSE, &act) == PL_OK;
	return closed;
}

enum pl_err close_all_go_on(struct pl_turn *turn, const char *key, const json_t *body)
{
	json_t *ids = batch(turn, pl_json_get_text(body, "after"));
	size_t n = json_array_size(ids);
	int64_t closed = close_each(turn, ids);

	pl_exec(turn, "update close_all set closed = closed + $1, ended_ms = $2 where id = 1", "ii",
		closed, n < BATCH ? pl_turn_now_ms(turn) : 0);
	if (n == BATCH)
		go_on_after(turn, json_string_value(json_array_get(ids, n - 1)));
	else
		pl_log(INFO, "chat.close_all", NULL, "done");
	json_decref(ids);
	return PL_OK;
}

/* ---- operations ---- */

static enum pl_err read_user(const char **userp, const json_t *body)
{
	return pl_json_text(userp, body, "user.sub", USER_MAX, true);
}

enum pl_err op_shutdown(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	*replyp = answer(turn, 200);
	return PL_OK;
}

/* The manager has it; here it is in effect within a second. */
static enum pl_err on_set(struct pl_turn *turn, const struct pl_answer *asked)
{
	json_t *reply, *shown;

	if (asked->err) {
		pl_reply_error(turn, asked->held, asked->err, asked->message);
		return PL_OK;
	}
	reply = answer(turn, 200);
	shown = json_object_get(reply, "body");
	json_object_update(shown, asked->context);
	pl_reply(turn, asked->held, reply);
	return PL_OK;
}

enum pl_err op_set_shutdown(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *by = NULL;
	json_t *wish = NULL;
	bool on = false;
	enum pl_err err = read_user(&by, body);

	if (!err)
		err = pl_json_object(&wish, body, "body", 8, true);
	if (!err)
		err = pl_json_bool(&on, wish, "on", true);
	if (err)
		return err;
	pl_log(INFO, "chat.shutdown", NULL, "on=%d by=%s", on, by);
	pl_ask(turn, "Manager.own",
	       own_body(on, json_incref(json_object_get(body, "user")),
			pl_json_get_text(body, "from")),
	       on_set, pl_hold(turn),
	       json_pack("{s:b, s:I, s:s}", "on", on, "sinceMs", (json_int_t)pl_turn_now_ms(turn),
			 "by", by));
	return PL_OK;
}

/* Asked again while it goes on, it is the same one. */
enum pl_err op_close_all(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *by = NULL;
	enum pl_err err = read_user(&by, body);

	if (err)
		return err;
	if (!is_closing(turn))
		begin(turn, by);
	*replyp = answer(turn, 202);
	return PL_OK;
}
