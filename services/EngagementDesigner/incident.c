/* incident.c — see incident.h. SPDX-License-Identifier: Apache-2.0 */
#include "incident.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engines/bpmn/bpmn.h"
#include "pelago/alarm.h"
#include "pelago/json.h"
#include "pelago/log.h"
#include "pelago/page.h"

enum { DOUBLINGS_MAX = 10, RETRIES_ELSE = 3, TOKENS_A_CALL = 50 };

static void timer_key(char key[64], const char *id, int64_t token)
{
	snprintf(key, 64, "%s.%" PRId64, id, token);
}

/* So often the element has failed in a row that was tried again, which this one replaces. */
static int64_t take_attempts(struct pl_turn *turn, const struct instance *in, const char *element)
{
	struct pl_rows *rows = pl_query(
		turn,
		"select token, attempts from incident where instance = $1 and element = $2 "
		"and is_open = 0 order by attempts desc limit 1",
		"ss", in->id, element);
	int64_t attempts = 0, token = 0;

	if (pl_rows_next(rows)) {
		token = pl_rows_int(rows, 0);
		attempts = pl_rows_int(rows, 1);
	}
	pl_rows_free(rows);
	if (token)
		pl_exec(turn, "delete from incident where instance = $1 and token = $2", "si",
			in->id, token);
	return attempts;
}

static int64_t retries_of(struct pl_turn *turn, const struct instance *in, const char *element)
{
	const struct bpmn_model *model = NULL;
	struct bpmn_element_info info;

	if (definition_model(turn, in->workflow, in->version, &model) ||
	    !bpmn_model_find(model, element, &info))
		return RETRIES_ELSE;
	return info.retries;
}

static void try_later(struct pl_turn *turn, const struct instance *in, int64_t token,
		      int64_t attempts)
{
	int64_t pause_s = pl_attribute_get(pl_turn_service(turn), "retry_pause");
	int64_t doublings = attempts - 1 < DOUBLINGS_MAX ? attempts - 1 : DOUBLINGS_MAX;
	char key[64];

	timer_key(key, in->id, token);
	pl_timer_set(turn, "retry", key, PL_TIMER_ELAPSED, (pause_s * 1000) << doublings, NULL);
}

static void stage(struct pl_turn *turn, const struct instance *in, const json_t *item)
{
	int64_t token = json_integer_value(json_object_get(item, "token"));
	const char *element = pl_json_get_text(item, "element");
	const char *reason = pl_json_get_text(item, "reason");
	int64_t attempts = take_attempts(turn, in, element) + 1;

	pl_exec(turn,
		"insert into incident (instance, token, element, code, reason, attempts, at_ms, "
		"is_open) values ($1, $2, $3, $4, $5, $6, $7, 1) on conflict (instance, token) do "
		"update set element = excluded.element, code = excluded.code, "
		"reason = excluded.reason, attempts = excluded.attempts, at_ms = excluded.at_ms, "
		"is_open = 1",
		"sisssii", in->id, token, element, pl_json_get_text(item, "code"), reason, attempts,
		pl_turn_now_ms(turn));
	pl_log(WARN, "workflow.incident", in->contact, "instance=%s element=%s attempt=%ld: %s",
	       in->id, element, (long)attempts, reason);
	if (attempts < retries_of(turn, in, element))
		try_later(turn, in, token, attempts);
	else
		pl_alarm_raise(turn, "workflow.incident", in->workflow,
			       "instance %s of version %ld can't go on at element %s, after %ld "
			       "%s: %s",
			       in->id, (long)in->version, element, (long)attempts,
			       attempts == 1 ? "attempt" : "attempts", reason);
}

void incident_stage(struct pl_turn *turn, const struct instance *in)
{
	json_t *item;
	size_t i;

	json_array_foreach(in->incidents, i, item)
		stage(turn, in, item);
}

/* Nothing of the workflow waits for somebody any more. */
static void clear_alarm(struct pl_turn *turn, const struct instance *in)
{
	struct pl_rows *rows =
		pl_query(turn,
			 "select 1 from incident n join instance i on i.id = n.instance where "
			 "n.is_open = 1 and i.workflow = $1 limit 1",
			 "s", in->workflow);
	bool any = pl_rows_next(rows);

	pl_rows_free(rows);
	if (!any)
		pl_alarm_clear(turn, "workflow.incident", in->workflow);
}

static bool is_incident(const json_t *token)
{
	return strcmp(pl_json_get_text(token, "waits"), "incident") == 0;
}

void incident_drop(struct pl_turn *turn, const struct instance *in)
{
	json_t *token;
	bool any = false;
	char key[64];
	size_t i;

	if (*in->parent || instance_has_contact(in))
		return;
	json_array_foreach(json_object_get(in->before, "tokens"), i, token)
		if (is_incident(token)) {
			timer_key(key, in->id, json_integer_value(json_object_get(token, "id")));
			pl_timer_cancel(turn, "retry", key);
			any = true;
		}
	pl_exec(turn, "delete from incident where instance = $1", "s", in->id);
	if (any)
		clear_alarm(turn, in);
}

/* ---- moved on ---- */

typedef void move_fn(struct pl_turn *turn, struct instance *in, uint64_t token_id);

/* The tokens that are incidents: that one, or with 0 the first of all. */
static size_t find_tokens(int64_t tokens[TOKENS_A_CALL], const struct instance *in, int64_t token)
{
	json_t *item;
	size_t i, n = 0;

	json_array_foreach(json_object_get(in->before, "tokens"), i, item) {
		int64_t id = json_integer_value(json_object_get(item, "id"));

		if (is_incident(item) && (!token || token == id) && n < TOKENS_A_CALL)
			tokens[n++] = id;
	}
	return n;
}

static void move(struct pl_turn *turn, const char *id, int64_t token, move_fn *fn)
{
	struct instance in;
	char key[64];

	timer_key(key, id, token);
	pl_timer_cancel(turn, "retry", key);
	if (fn == step_retry)
		pl_exec(turn, "update incident set is_open = 0 where instance = $1 and token = $2",
			"si", id, token);
	else
		pl_exec(turn, "delete from incident where instance = $1 and token = $2", "si", id,
			token);
	if (instance_find(turn, &in, id) && in.status == INSTANCE_RUNNING)
		fn(turn, &in, (uint64_t)token);
	instance_fini(&in);
}

enum pl_err incident_on_retry(struct pl_turn *turn, const char *key, const json_t *body)
{
	const char *dot = strchr(key, '.');
	char id[27] = "";

	(void)body;
	if (!dot || dot - key >= (ptrdiff_t)sizeof(id))
		return pl_fail(PL_INVALID, "timer retry: %s is no instance's token", key);
	memcpy(id, key, (size_t)(dot - key));
	move(turn, id, strtoll(dot + 1, NULL, 10), step_retry);
	return PL_OK;
}

json_t *incident_list(struct pl_turn *turn, const char *id)
{
	struct pl_rows *rows =
		pl_query(turn,
			 "select token, element, code, reason, attempts, at_ms from "
			 "incident where instance = $1 and is_open = 1 order by token",
			 "s", id);
	json_t *list = json_array();

	while (pl_rows_next(rows))
		json_array_append_new(list, json_pack("{s:I, s:s, s:s, s:s, s:I, s:I}", "token",
						      (json_int_t)pl_rows_int(rows, 0), "element",
						      pl_rows_text(rows, 1), "code",
						      pl_rows_text(rows, 2), "reason",
						      pl_rows_text(rows, 3), "attempts",
						      (json_int_t)pl_rows_int(rows, 4), "atMs",
						      (json_int_t)pl_rows_int(rows, 5)));
	pl_rows_free(rows);
	return list;
}

/* ---- operations ---- */

/* {instanceId, limit, cursor} → {items:[{instanceId, token, element, code, reason, attempts, atMs,
 * workflow, version, retries}], cursor} */
enum pl_err op_incidents(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *id = "", *of = NULL;
	int64_t token = 0;
	struct pl_page page;
	struct pl_rows *rows;
	enum pl_err err = pl_page_read(&page, body, "incidents");

	if (!err)
		err = pl_json_text(&of, body, "instanceId", 26, false);
	if (!err)
		err = pl_page_split(&page, &token, &id);
	if (err)
		return err;
	rows = pl_query(
		turn,
		"select n.instance, n.token, n.element, n.code, n.reason, n.attempts, n.at_ms, "
		"i.workflow, i.version from incident n join instance i on i.id = n.instance "
		"where n.is_open = 1 and (n.instance > $1 or (n.instance = $1 and n.token > $2)) "
		"and ($4 = '' or n.instance = $4) order by n.instance, n.token limit $3",
		"siis", id, token, page.limit + 1, of ? of : "");
	while (pl_rows_next(rows))
		pl_page_add(&page,
			    json_pack("{s:s, s:I, s:s, s:s, s:s, s:I, s:I, s:s, s:I}", "instanceId",
				      pl_rows_text(rows, 0), "token",
				      (json_int_t)pl_rows_int(rows, 1), "element",
				      pl_rows_text(rows, 2), "code", pl_rows_text(rows, 3),
				      "reason", pl_rows_text(rows, 4), "attempts",
				      (json_int_t)pl_rows_int(rows, 5), "atMs",
				      (json_int_t)pl_rows_int(rows, 6), "workflow",
				      pl_rows_text(rows, 7), "version",
				      (json_int_t)pl_rows_int(rows, 8)),
			    "%" PRId64 ":%s", pl_rows_int(rows, 1), pl_rows_text(rows, 0));
	pl_rows_free(rows);
	*replyp = pl_page_answer(&page);
	return *replyp ? PL_OK : PL_NOMEM;
}

static enum pl_err find_running(struct pl_turn *turn, struct instance *in, const json_t *body)
{
	const char *id = NULL;
	enum pl_err err = pl_json_text(&id, body, "id", 26, true);

	*in = (struct instance){ 0 };
	if (err)
		return err;
	if (!instance_find(turn, in, id))
		return pl_fail(PL_NOTFOUND, "there is no instance %s", id);
	if (in->status != INSTANCE_RUNNING)
		return pl_fail(PL_STATE, "instance %s has ended", id);
	return PL_OK;
}

static enum pl_err op_move(struct pl_turn *turn, const json_t *body, json_t **replyp, move_fn *fn)
{
	int64_t tokens[TOKENS_A_CALL], token = 0;
	struct instance in;
	size_t n = 0;
	enum pl_err err = find_running(turn, &in, body);

	if (!err)
		err = pl_json_int(&token, body, "token", 1, 1LL << 53, false);
	if (!err) {
		n = find_tokens(tokens, &in, token);
		if (n == 0)
			err = pl_fail(PL_STATE, "instance %s has no incident%s", in.id,
				      token ? " at that token" : "");
	}
	for (size_t i = 0; i < n; i++)
		move(turn, in.id, tokens[i], fn);
	if (n)
		clear_alarm(turn, &in);
	if (!err)
		*replyp = json_pack("{s:I}", "moved", (json_int_t)n);
	instance_fini(&in);
	return err;
}

/* {id, token} → {moved}; without a token all of the instance, at most 50 */
enum pl_err op_retry(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return op_move(turn, body, replyp, step_retry);
}

/* The path of the token ends there; that of its last one ends the instance. */
enum pl_err op_drop(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return op_move(turn, body, replyp, step_drop);
}

enum pl_err op_skip(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return op_move(turn, body, replyp, step_skip);
}

/* {id} → {} */
enum pl_err op_cancel(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct instance in;
	enum pl_err err = find_running(turn, &in, body);

	(void)replyp;
	if (!err)
		instance_cancel(turn, &in);
	instance_fini(&in);
	return err;
}
