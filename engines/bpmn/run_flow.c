/*
 * run_flow.c — sequence flows, gateways, and the end of a scope.
 *
 * Source: BPMN 2.0.2 §13.3 (sequence flow), §13.4 (gateways).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <string.h>

#include "engines/bpmn/variables.h"

enum { JOIN_WORK = 1000 }; /* tokens by flows that are looked at for the price of a step */

/* ---- the end of a scope ---- */

/* What an event sub-process has done can still be compensated in its scope. */
static enum pl_err hand_over(struct run *run, unsigned frame)
{
	struct bpmn_frame *from = &run->inst->frames[frame];
	struct bpmn_frame *to = &run->inst->frames[from->parent];

	if (!json_array_size(from->completed))
		return PL_OK;
	if (!to->completed)
		to->completed = json_array();
	return json_array_extend(to->completed, from->completed) ? PL_NOMEM : PL_OK;
}

static enum pl_err end_event_sub(struct run *run, unsigned frame)
{
	unsigned parent = (unsigned)run->inst->frames[frame].parent;
	enum pl_err err = PL_OK;

	run_trace(run, run_node(run, run->inst->frames[frame].node)->id, "completed");
	if (run->inst->frames[parent].kind != BPMN_FRAME_COMPENSATION)
		err = hand_over(run, frame);
	run_discard(run, frame);
	if (err)
		return err;
	return run->inst->frames[parent].kind == BPMN_FRAME_COMPENSATION
		       ? run_compensate_next(run, parent)
		       : run_settle(run, parent);
}

enum pl_err run_settle(struct run *run, unsigned frame)
{
	struct bpmn_frame *at = &run->inst->frames[frame];

	if (at->live || run->inst->status != BPMN_RUNNING)
		return PL_OK;
	switch (at->kind) {
	case BPMN_FRAME_PROCESS:
		run_clear(run, frame, false);
		run->inst->status = BPMN_COMPLETED;
		return PL_OK;
	case BPMN_FRAME_SUB: /* a token that stands for it maps its outputs */
		return run_arrive(run, at->node, frame, NULL);
	case BPMN_FRAME_EVENT_SUB:
		return end_event_sub(run, frame);
	default:
		return PL_OK;
	}
}

/* ---- flows ---- */

static enum pl_err is_true(struct run *run, bool *truep, const struct bpmn_flow *flow,
			   unsigned frame)
{
	json_t *value = NULL;
	enum pl_err err = bpmn_eval_in(run, &value, flow->condition, frame);

	*truep = !err && json_is_true(value);
	json_decref(value);
	return err;
}

/*
 * choose marks the outgoing flows that are taken: those without a condition, those whose condition
 * is true (null and the like count as not true), else the default. Of an exclusive gateway the
 * first.
 */
static enum pl_err choose(struct run *run, unsigned char *chosen, unsigned *lenp,
			  const struct bpmn_flow **failedp, unsigned node, unsigned frame)
{
	const struct bpmn_node *at = run_node(run, node);

	memset(chosen, 0, at->outgoing_len);
	*lenp = 0;
	*failedp = NULL;
	for (unsigned i = 0; i < at->outgoing_len; i++) {
		const struct bpmn_flow *flow = &run->inst->model->flows[at->outgoing[i]];
		bool is_taken = true;
		enum pl_err err = PL_OK;

		if ((int)at->outgoing[i] == at->default_flow)
			continue;
		if (flow->condition)
			err = is_true(run, &is_taken, flow, frame);
		if (err) {
			*failedp = flow;
			return err;
		}
		chosen[i] = is_taken;
		*lenp += is_taken;
		if (is_taken && at->kind == BPMN_EXCLUSIVE)
			return PL_OK;
	}
	for (unsigned i = 0; !*lenp && i < at->outgoing_len; i++)
		if ((int)at->outgoing[i] == at->default_flow) {
			chosen[i] = 1;
			*lenp = 1;
		}
	return PL_OK;
}

static enum pl_err take(struct run *run, const unsigned char *chosen, unsigned len, unsigned node,
			unsigned frame)
{
	const struct bpmn_node *at = run_node(run, node);
	const struct bpmn_model *model = run->inst->model;

	if (run->inst->tokens_len + len > BPMN_TOKENS_MAX)
		return run_stop(run, node, "tokens", "the instance has too many tokens");
	for (unsigned i = 0; i < at->outgoing_len; i++) {
		const struct bpmn_flow *flow = &model->flows[at->outgoing[i]];
		struct bpmn_token *token;

		if (chosen && !chosen[i])
			continue;
		run_trace(run, flow->id, "taken");
		token = bpmn_token_add(run->inst, flow->target, frame, false);
		if (!token)
			return PL_NOMEM;
		token->flow = (int)at->outgoing[i];
	}
	return PL_OK;
}

/* A token that has nothing left to do but to leave can't: it stands for the path. */
static enum pl_err stay(struct run *run, unsigned node, unsigned frame, enum pl_err why,
			const char *where)
{
	struct bpmn_token *token;
	enum pl_err err = run_add(run, &token, node, frame, false);

	if (!token)
		return err;
	token->is_leaving = true;
	if (why)
		return run_fail_by(run, token->id, why, "expression", where);
	return run_fail(run, token->id, "noFlow",
			"no condition is true and there is no default flow");
}

enum pl_err run_leave(struct run *run, unsigned node, unsigned frame)
{
	const struct bpmn_node *at = run_node(run, node);
	unsigned char chosen[BPMN_FLOWS_MAX];
	const struct bpmn_flow *failed;
	char where[BPMN_ID_MAX + 40];
	unsigned len;
	enum pl_err err;

	if (!at->outgoing_len)
		return run_settle(run, frame);
	if (!at->has_conditions && at->kind != BPMN_EXCLUSIVE)
		return take(run, NULL, at->outgoing_len, node, frame);
	err = choose(run, chosen, &len, &failed, node, frame);
	if (err == PL_NOMEM)
		return err;
	if (failed)
		snprintf(where, sizeof(where), "condition of %s", failed->id);
	if (err || !len)
		return stay(run, node, frame, err, where);
	return take(run, chosen, len, node, frame);
}

/* ---- gateways ---- */

static enum pl_err pass(struct run *run, struct bpmn_token token)
{
	run_trace(run, run_node(run, token.node)->id, "completed");
	bpmn_token_remove(run->inst, bpmn_token_find(run->inst, token.id));
	return run_leave(run, token.node, token.frame);
}

enum pl_err run_enter_exclusive(struct run *run, struct bpmn_token token)
{
	return pass(run, token);
}

static bool waits_at_join(const struct bpmn_token *token, unsigned node, unsigned frame)
{
	return token->node == node && token->frame == frame && !token->is_leaving &&
	       (token->waits == BPMN_WAITS_JOIN || token->waits == BPMN_WAITS_INCIDENT);
}

enum pl_err run_join(struct run *run, unsigned node, unsigned frame)
{
	struct bpmn_instance *inst = run->inst;
	bool seen[BPMN_FLOWS_MAX];

	memset(seen, 0, inst->model->flows_len);
	for (size_t i = 0; i < inst->tokens_len;) {
		struct bpmn_token *token = &inst->tokens[i];

		if (!waits_at_join(token, node, frame) || (token->flow >= 0 && seen[token->flow])) {
			i++;
			continue;
		}
		if (token->flow >= 0)
			seen[token->flow] = true;
		bpmn_token_remove(inst, token);
	}
	run_trace(run, run_node(run, node)->id, "completed");
	return run_leave(run, node, frame);
}

static void wait_to_join(struct run *run, struct bpmn_token token)
{
	bpmn_token_find(run->inst, token.id)->waits = BPMN_WAITS_JOIN;
	run_trace(run, run_node(run, token.node)->id, "waiting");
}

/* How many incoming flows have a token, which are marked in seen. */
static unsigned count_joined(const struct bpmn_instance *inst, bool *seen, unsigned node,
			     unsigned frame)
{
	unsigned len = 0;

	memset(seen, 0, inst->model->flows_len);
	for (size_t i = 0; i < inst->tokens_len; i++) {
		const struct bpmn_token *token = &inst->tokens[i];

		if (!waits_at_join(token, node, frame) || token->flow < 0 || seen[token->flow])
			continue;
		seen[token->flow] = true;
		len++;
	}
	return len;
}

enum pl_err run_enter_parallel(struct run *run, struct bpmn_token token)
{
	const struct bpmn_node *node = run_node(run, token.node);
	bool seen[BPMN_FLOWS_MAX];

	if (node->incoming_len < 2)
		return pass(run, token);
	wait_to_join(run, token);
	if (count_joined(run->inst, seen, token.node, token.frame) < node->incoming_len)
		return PL_OK;
	return run_join(run, token.node, token.frame);
}

enum pl_err run_enter_inclusive(struct run *run, struct bpmn_token token)
{
	if (run_node(run, token.node)->incoming_len < 2)
		return pass(run, token);
	wait_to_join(run, token);
	return PL_OK;
}

/* Whether a token at `from` could still come in by a flow without a token, and by none with one. */
static bool holds_up(const struct run *run, const bool *seen, const struct bpmn_node *join,
		     unsigned from)
{
	bool comes = false;

	for (unsigned i = 0; i < join->incoming_len; i++) {
		if (!bpmn_reaches(join, i, from))
			continue;
		if (seen[join->incoming[i]])
			return false;
		comes = true;
	}
	return comes;
}

static bool may_join(const struct run *run, const bool *seen, unsigned node, unsigned frame)
{
	const struct bpmn_instance *inst = run->inst;
	const struct bpmn_node *join = run_node(run, node);

	for (size_t i = 0; i < inst->tokens_len; i++) {
		const struct bpmn_token *token = &inst->tokens[i];

		if (token->frame == frame && !token->is_subscription && token->node != node &&
		    holds_up(run, seen, join, token->node))
			return false;
	}
	for (size_t i = 0; i < inst->frames_len; i++) {
		const struct bpmn_frame *within = &inst->frames[i];

		if (within->is_used && within->parent == (int)frame &&
		    within->kind != BPMN_FRAME_EVENT_SUB && holds_up(run, seen, join, within->node))
			return false;
	}
	return true;
}

/* Whether an earlier token stands for the same join. */
static bool is_asked(const struct bpmn_instance *inst, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (waits_at_join(&inst->tokens[k], inst->tokens[i].node, inst->tokens[i].frame))
			return true;
	return false;
}

enum pl_err run_joins(struct run *run, bool *movedp)
{
	struct bpmn_instance *inst = run->inst;
	bool seen[BPMN_FLOWS_MAX];

	for (size_t i = 0; i < inst->tokens_len; i++) {
		struct bpmn_token token = inst->tokens[i];

		const struct bpmn_node *node = run_node(run, token.node);
		unsigned joined;

		if (token.waits != BPMN_WAITS_JOIN || is_asked(inst, i))
			continue;
		run->steps += (unsigned)(inst->tokens_len * node->incoming_len / JOIN_WORK);
		joined = count_joined(inst, seen, token.node, token.frame);
		if (node->kind == BPMN_INCLUSIVE && node->reach
			    ? !may_join(run, seen, token.node, token.frame)
			    : joined < node->incoming_len)
			continue;
		*movedp = true;
		return run_join(run, token.node, token.frame);
	}
	return PL_OK;
}
