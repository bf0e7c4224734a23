/* move.c — see move.h. SPDX-License-Identifier: Apache-2.0 */
#include "move.h"

#include <stdlib.h>
#include <string.h>

#include "engines/bpmn/bpmn.h"
#include "pelago/json.h"
#include "pelago/log.h"

static json_t *why(const char *element, const char *reason)
{
	return json_pack("[{s:s, s:n, s:s}]", "element", element, "to", "reason", reason);
}

static enum pl_err load(struct pl_turn *turn, struct instance *in)
{
	const struct bpmn_model *model = NULL;
	enum pl_err err = definition_model(turn, in->workflow, in->version, &model);

	return err ? err : bpmn_instance_load(&in->engine, model, in->before);
}

/* What goes over must not end by it: *whyp says so then. */
static void check_alive(const struct instance *in, json_t **whyp)
{
	const json_t *failure = bpmn_instance_failure(in->engine);

	if (bpmn_instance_status(in->engine) == BPMN_FAILED)
		*whyp = why(pl_json_get_text(failure, "element"),
			    pl_json_get_text(failure, "reason"));
}

/* Moves what is in memory; *statep unless something stands in the way. */
static enum pl_err try_over(struct pl_turn *turn, struct instance *in, const struct move *move,
			    json_t **whyp, char **statep)
{
	json_t *stuck = NULL;
	enum pl_err err = load(turn, in);

	if (!err) {
		err = bpmn_instance_migrate(in->engine, move->model, move->mapping, false, &stuck,
					    step_effects(in), in);
		if (err == PL_STATE && json_array_size(stuck)) {
			*whyp = stuck;
			return PL_OK;
		}
		json_decref(stuck);
	}
	if (!err)
		err = step_prepare(in, statep);
	if (err == PL_NOMEM)
		return err;
	if (err)
		*whyp = why("", pl_err_detail(err));
	else
		check_alive(in, whyp);
	return PL_OK;
}

static bool has_gone_on(const struct instance *in)
{
	json_t *item;
	size_t i;

	json_array_foreach(in->awaited, i, item)
		if (strcmp(pl_json_get_text(item, "kind"), "call") == 0)
			return true;
	return json_array_size(in->tasks) || json_array_size(in->thrown) ||
	       json_array_size(in->incidents) || bpmn_instance_status(in->engine) != BPMN_RUNNING;
}

/* {state, withdrawn: {token: when its timer would have fired, 0: it has none}} */
static json_t *before_of(struct pl_turn *turn, const struct instance *in)
{
	json_t *withdrawn = json_object(), *token;
	char key[64], name[24];
	size_t i;

	if (has_gone_on(in)) {
		json_decref(withdrawn);
		return NULL;
	}
	json_array_foreach(in->withdrawn, i, token) {
		int64_t left;

		step_timer_key(key, in, json_integer_value(token));
		left = pl_timer_left_ms(turn, "token", key);
		snprintf(name, sizeof(name), "%lld", (long long)json_integer_value(token));
		json_object_set_new(withdrawn, name,
				    json_integer(left < 0 ? 0 : pl_turn_now_ms(turn) + left));
	}
	return json_pack("{s:O, s:o}", "state", in->before, "withdrawn", withdrawn);
}

static void go(struct pl_turn *turn, struct instance *in, const struct move *move,
	       const char *state)
{
	pl_log(INFO, "workflow.migrated", in->contact, "instance=%s workflow=%s from=%ld to=%ld",
	       in->id, in->workflow, (long)in->version, (long)move->version);
	in->version = move->version;
	pl_exec(turn, "update instance set version = $2 where id = $1", "si", in->id, in->version);
	step_note(in, "", "migrated");
	step_stage(turn, in, state);
}

enum pl_err move_over(struct pl_turn *turn, struct instance *in, const struct move *move, bool dry,
		      json_t **whyp, json_t **beforep)
{
	char *state = NULL;
	enum pl_err err;

	*whyp = NULL;
	if (beforep)
		*beforep = NULL;
	err = try_over(turn, in, move, whyp, &state);
	if (!err && !*whyp && !dry) {
		if (beforep)
			*beforep = before_of(turn, in);
		go(turn, in, move, state);
	}
	free(state);
	return err;
}

/* ---- back ---- */

/* Of the waits that were reported those that had been withdrawn, timers for the time that was left.
 */
static void keep_withdrawn(struct pl_turn *turn, json_t *list, const json_t *withdrawn)
{
	char name[24];

	for (size_t i = json_array_size(list); i-- > 0;) {
		json_t *item = json_array_get(list, i), *due;
		int64_t left;

		snprintf(name, sizeof(name), "%lld",
			 (long long)json_integer_value(json_object_get(item, "token")));
		due = json_object_get(withdrawn, name);
		if (!due) {
			json_array_remove(list, i);
		} else if (json_is_false(json_object_get(item, "date"))) {
			left = json_integer_value(due) - pl_turn_now_ms(turn);
			json_object_set_new(item, "due", json_integer(left > 0 ? left : 0));
		}
	}
}

static bool has_token(const json_t *state, json_int_t id)
{
	json_t *token;
	size_t i;

	json_array_foreach(json_object_get(state, "tokens"), i, token)
		if (json_integer_value(json_object_get(token, "id")) == id)
			return true;
	return false;
}

/* Tokens that came by moving. */
static json_t *added(const json_t *now, const json_t *before)
{
	json_t *list = json_array(), *token;
	size_t i;

	json_array_foreach(json_object_get(now, "tokens"), i, token) {
		json_t *id = json_object_get(token, "id");

		if (!has_token(before, json_integer_value(id)))
			json_array_append(list, id);
	}
	return list;
}

enum pl_err move_back(struct pl_turn *turn, struct instance *in, const struct move *move,
		      const json_t *before, json_t **whyp)
{
	json_t *state = json_copy(json_object_get(before, "state"));
	char *text = NULL;
	enum pl_err err;

	*whyp = NULL;
	/* a token's id is never used again */
	json_object_set(state, "nextToken", json_object_get(in->before, "nextToken"));
	err = bpmn_instance_load(&in->engine, move->model, state);
	if (!err)
		err = bpmn_instance_waits(in->engine, step_effects(in), in);
	json_decref(in->tasks);
	json_decref(in->incidents);
	in->tasks = in->incidents = NULL;
	keep_withdrawn(turn, in->timers, json_object_get(before, "withdrawn"));
	keep_withdrawn(turn, in->awaited, json_object_get(before, "withdrawn"));
	in->withdrawn = added(in->before, state);
	if (!err)
		err = step_prepare(in, &text);
	if (!err)
		go(turn, in, move, text);
	else if (err != PL_NOMEM)
		*whyp = why("", pl_err_detail(err));
	free(text);
	json_decref(state);
	return err == PL_NOMEM ? err : PL_OK;
}
