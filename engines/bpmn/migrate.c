/*
 * migrate.c — a running instance goes over to another version of its process.
 *
 * Each frame and token is asked where it would be: the element of its new id must be there, of the
 * same kind, in a scope that is the new one of its own. Only if all have an answer are they moved;
 * what waits for an event asks for it anew where the event itself is another, and events that are
 * new where the instance is are waited for.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "engines/bpmn/run.h"

struct migration {
	struct bpmn_instance *inst;
	const struct bpmn_model *to;
	const json_t *mapping;
	json_t *stuck;
};

static const char *new_id(const struct migration *migration, const char *id)
{
	const char *mapped = json_string_value(json_object_get(migration->mapping, id));

	return mapped ? mapped : id;
}

/* The new place of a node, or -1. */
static int new_place(const struct migration *migration, unsigned node)
{
	return bpmn_model_place(migration->to,
				new_id(migration, migration->inst->model->nodes[node].id));
}

static enum pl_err note(struct migration *migration, const char *id, const char *reason)
{
	int place = bpmn_model_place(migration->to, new_id(migration, id));
	json_t *row = json_pack("{s:s, s:s?, s:s}", "element", id, "to",
				place < 0 ? NULL : new_id(migration, id), "reason", reason);

	for (size_t i = 0; row && i < json_array_size(migration->stuck); i++)
		if (json_equal(row, json_array_get(migration->stuck, i))) {
			json_decref(row);
			return PL_OK;
		}
	return json_array_append_new(migration->stuck, row) ? PL_NOMEM : PL_OK;
}

/* ---- looking ---- */

static bool is_same_loop(const struct bpmn_node *a, const struct bpmn_node *b)
{
	return a->loop.kind == b->loop.kind && !a->loop.output == !b->loop.output;
}

/* The scope around a node, by the old owner's new place: the sub-process must have gone along. */
static bool is_same_scope(const struct migration *migration, const struct bpmn_node *from,
			  const struct bpmn_node *to)
{
	int old_owner = migration->inst->model->scopes[from->scope].owner;
	int new_owner = migration->to->scopes[to->scope].owner;

	return old_owner < 0
		       ? new_owner < 0
		       : new_owner >= 0 && new_place(migration, (unsigned)old_owner) == new_owner;
}

static const char *misfit(const struct migration *migration, const struct bpmn_node *from,
			  const struct bpmn_node *to)
{
	if (to->kind != from->kind || to->event.type != from->event.type ||
	    to->is_event_sub != from->is_event_sub || to->is_transaction != from->is_transaction)
		return "it is an element of another kind there";
	if (!from->task_type != !to->task_type)
		return "it is performed otherwise there";
	if (!is_same_loop(from, to))
		return "its loop is of another kind there";
	if (from->is_handler != to->is_handler)
		return "it is a compensation handler in only one of the two";
	if (!is_same_scope(migration, from, to))
		return "it is in another sub-process there";
	return NULL;
}

static enum pl_err look_at(struct migration *migration, unsigned node)
{
	const struct bpmn_node *from = &migration->inst->model->nodes[node];
	int place = new_place(migration, node);
	const char *why = place < 0 ? "there is no such element in the new version"
				    : misfit(migration, from, &migration->to->nodes[place]);

	return why ? note(migration, from->id, why) : PL_OK;
}

static enum pl_err look_at_join(struct migration *migration, const struct bpmn_token *token)
{
	const struct bpmn_model *model = migration->inst->model;
	const char *id;
	int flow, node = new_place(migration, token->node);

	if (token->flow < 0 || node < 0)
		return PL_OK;
	id = new_id(migration, model->flows[token->flow].id);
	flow = bpmn_model_flow(migration->to, id);
	if (flow >= 0 && migration->to->flows[flow].target == (unsigned)node)
		return PL_OK;
	return note(migration, model->nodes[token->node].id,
		    "the sequence flow by which a token came does not lead there any more");
}

static bool is_at_boundary(const struct migration *migration, const struct bpmn_token *token)
{
	return token->is_subscription &&
	       migration->inst->frames[token->frame].kind != BPMN_FRAME_CHOICE;
}

/* A subscription whose event has gone is withdrawn; it holds nothing up. */
static enum pl_err look_at_token(struct migration *migration, const struct bpmn_token *token)
{
	enum pl_err err;

	if (is_at_boundary(migration, token))
		return PL_OK;
	err = look_at(migration, token->node);
	if (!err && (token->waits == BPMN_WAITS_JOIN || token->waits == BPMN_WAITS_INCIDENT))
		err = look_at_join(migration, token);
	return err;
}

static enum pl_err look_at_records(struct migration *migration, const json_t *records)
{
	json_t *record;
	size_t i;
	enum pl_err err = PL_OK;

	json_array_foreach((json_t *)records, i, record) {
		const char *id = json_string_value(json_object_get(record, "element"));
		int old = bpmn_model_place(migration->inst->model, id);
		int place = bpmn_model_place(migration->to, new_id(migration, id));

		if (place < 0 ||
		    migration->to->nodes[place].kind != migration->inst->model->nodes[old].kind ||
		    (migration->to->nodes[place].compensator < 0 &&
		     migration->to->nodes[place].kind != BPMN_SUB))
			err = note(migration, id,
				   "it has been done, and could not be compensated "
				   "any more");
		if (!err)
			err = look_at_records(migration, json_object_get(record, "completed"));
		if (err)
			return err;
	}
	return PL_OK;
}

static enum pl_err look(struct migration *migration)
{
	struct bpmn_instance *inst = migration->inst;
	enum pl_err err = PL_OK;

	for (size_t i = 0; !err && i < inst->frames_len; i++) {
		const struct bpmn_frame *frame = &inst->frames[i];

		if (!frame->is_used)
			continue;
		if (frame->kind != BPMN_FRAME_PROCESS)
			err = look_at(migration, frame->node);
		if (!err)
			err = look_at_records(migration, frame->completed);
	}
	for (size_t i = 0; !err && i < inst->tokens_len; i++)
		err = look_at_token(migration, &inst->tokens[i]);
	return err;
}

/* ---- moving ---- */

/* Records get the new ids. */
static enum pl_err move_records(const struct migration *migration, json_t **recordsp)
{
	json_t *moved, *record;
	size_t i;
	enum pl_err err = PL_OK;

	if (!*recordsp)
		return PL_OK;
	moved = json_array();
	json_array_foreach(*recordsp, i, record) {
		const char *id = json_string_value(json_object_get(record, "element"));
		json_t *within = json_incref(json_object_get(record, "completed"));

		if (!err)
			err = move_records(migration, &within);
		if (!err &&
		    json_array_append_new(moved, json_pack("{s:s, s:O*, s:O*}", "element",
							   new_id(migration, id), "variables",
							   json_object_get(record, "variables"),
							   "completed", within)))
			err = PL_NOMEM;
		json_decref(within);
	}
	if (err || !moved) {
		json_decref(moved);
		return PL_NOMEM;
	}
	json_decref(*recordsp);
	*recordsp = moved;
	return PL_OK;
}

/* Whether a subscription is waited for where its activity or scope is now. */
static bool is_still_attached(const struct migration *migration, const struct bpmn_token *token,
			      int place)
{
	const struct bpmn_node *from = &migration->inst->model->nodes[token->node], *to;

	if (place < 0)
		return false;
	to = &migration->to->nodes[place];
	if (to->kind != from->kind || to->event.type != from->event.type)
		return false;
	if (to->kind == BPMN_BOUNDARY)
		return to->attached_to == new_place(migration, (unsigned)from->attached_to);
	return is_same_scope(migration, from, to);
}

static void withdraw_gone(struct run *run, const struct migration *migration)
{
	struct bpmn_instance *inst = run->inst;

	for (size_t i = 0; i < inst->tokens_len;) {
		struct bpmn_token *token = &inst->tokens[i];

		if (is_at_boundary(migration, token) &&
		    !is_still_attached(migration, token, new_place(migration, token->node)))
			run_withdraw(run, token);
		else
			i++;
	}
}

static enum pl_err move(struct migration *migration)
{
	struct bpmn_instance *inst = migration->inst;
	enum pl_err err = PL_OK;

	for (size_t i = 0; i < inst->tokens_len; i++) {
		struct bpmn_token *token = &inst->tokens[i];

		if (token->flow >= 0)
			token->flow = bpmn_model_flow(
				migration->to,
				new_id(migration, inst->model->flows[token->flow].id));
		token->node = (unsigned)new_place(migration, token->node);
	}
	for (size_t i = 0; !err && i < inst->frames_len; i++) {
		struct bpmn_frame *frame = &inst->frames[i];

		if (!frame->is_used)
			continue;
		if (frame->kind != BPMN_FRAME_PROCESS)
			frame->node = (unsigned)new_place(migration, frame->node);
		err = move_records(migration, &frame->completed);
	}
	inst->model = migration->to;
	inst->is_changed = true;
	return err;
}

/* ---- events that are new ---- */

static bool is_waited_for(const struct bpmn_instance *inst, unsigned event, unsigned frame)
{
	for (size_t i = 0; i < inst->tokens_len; i++)
		if (inst->tokens[i].node == event && inst->tokens[i].frame == frame &&
		    inst->tokens[i].is_subscription)
			return true;
	return false;
}

/* Events that were there before and have happened are not waited for again. */
static bool is_new(const struct migration *migration, const struct bpmn_model *before,
		   const struct bpmn_node *event)
{
	for (size_t i = 0; i < before->nodes_len; i++)
		if (strcmp(new_id(migration, before->nodes[i].id), event->id) == 0)
			return false;
	return event->event.type == BPMN_EV_MESSAGE || event->event.type == BPMN_EV_TIMER ||
	       event->event.type == BPMN_EV_SIGNAL || event->event.type == BPMN_EV_CONDITION;
}

static enum pl_err wait_for(struct run *run, unsigned event, unsigned frame)
{
	struct bpmn_token *token;
	enum pl_err err;

	if (is_waited_for(run->inst, event, frame))
		return PL_OK;
	err = run_add(run, &token, event, frame, true);
	if (!token)
		return err;
	err = run_subscribe(run, token->id);
	if (err && err != PL_NOMEM)
		return run_stop(run, event, "event", pl_err_detail(err));
	return err;
}

static enum pl_err wait_at(struct run *run, const struct migration *migration,
			   const struct bpmn_model *before, unsigned frame)
{
	struct bpmn_frame *at = &run->inst->frames[frame];
	const struct bpmn_node *node = run_node(run, at->node);
	bool is_scope = at->kind == BPMN_FRAME_PROCESS || at->kind == BPMN_FRAME_SUB ||
			at->kind == BPMN_FRAME_EVENT_SUB;
	bool has_boundary = (at->kind == BPMN_FRAME_ACTIVITY || at->kind == BPMN_FRAME_SUB ||
			     at->kind == BPMN_FRAME_LOOP) &&
			    !run_is_instance(run, frame);
	enum pl_err err = PL_OK;

	for (unsigned i = 0; !err && has_boundary && i < node->boundaries_len; i++)
		if (is_new(migration, before, run_node(run, node->boundaries[i])))
			err = wait_for(run, node->boundaries[i], frame);
	if (!is_scope || run->inst->frames[frame].is_interrupted)
		return err;
	for (int event = migration->to->scopes[bpmn_frame_scope(run->inst, frame)].events;
	     !err && event >= 0; event = migration->to->next_events[event])
		if (is_new(migration, before, run_node(run, (unsigned)event)))
			err = wait_for(run, (unsigned)event, frame);
	return err;
}

/* An activity that kept nothing before may have something to keep now. */
static enum pl_err make_frames(struct run *run)
{
	struct bpmn_instance *inst = run->inst;
	enum pl_err err = PL_OK;

	for (size_t i = 0; !err && i < inst->tokens_len; i++) {
		const struct bpmn_token *token = &inst->tokens[i];
		const struct bpmn_node *node = run_node(run, token->node);
		uint64_t id = token->id;
		int frame;

		if (!bpmn_is_activity(node) || !node->needs_frame || token->is_subscription ||
		    run_is_own(run, token) || token->waits == BPMN_WAITS_INCIDENT)
			continue;
		err = run_frame(run, &frame, BPMN_FRAME_ACTIVITY, token->frame, token->node);
		if (frame >= 0)
			bpmn_token_move(inst, bpmn_token_find(inst, id), (unsigned)frame);
	}
	return err;
}

static enum pl_err apply(struct run *run, struct migration *migration)
{
	const struct bpmn_model *before = run->inst->model;
	enum pl_err err;

	withdraw_gone(run, migration);
	err = move(migration);
	if (!err)
		err = make_frames(run);
	for (unsigned i = 0; !err && i < run->inst->frames_len; i++)
		if (run->inst->frames[i].is_used)
			err = wait_at(run, migration, before, i);
	return run_serve(run, err);
}

static enum pl_err check_mapping(const json_t *mapping)
{
	const char *key;
	json_t *value;

	if (mapping && !json_is_object(mapping))
		return pl_fail(PL_INVALID, "the mapping is not an object");
	json_object_foreach((json_t *)mapping, key, value)
		if (!json_is_string(value))
			return pl_fail(PL_INVALID, "mapping: %s is mapped to no id", key);
	return PL_OK;
}

enum pl_err bpmn_instance_migrate(struct bpmn_instance *inst, const struct bpmn_model *to,
				  const json_t *mapping, bool is_dry, json_t **stuckp,
				  const struct bpmn_effects *effects, void *arg)
{
	struct run run = { .inst = inst, .effects = effects, .arg = arg };
	struct migration migration = { .inst = inst, .to = to, .mapping = mapping };
	enum pl_err err = check_mapping(mapping);

	if (err)
		return err;
	if (inst->is_broken || inst->status != BPMN_RUNNING)
		return pl_fail(PL_STATE, "the instance has ended");
	migration.stuck = json_array();
	err = migration.stuck ? look(&migration) : PL_NOMEM;
	if (!err && !is_dry)
		err = json_array_size(migration.stuck)
			      ? pl_fail(PL_STATE, "%zu elements of the instance would get stuck",
					json_array_size(migration.stuck))
			      : apply(&run, &migration);
	if (err && err != PL_STATE) {
		json_decref(migration.stuck);
		return err;
	}
	*stuckp = migration.stuck;
	return err;
}
