/*
 * run_token.c — tokens and frames that come and go while an instance runs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/bpmn/run.h"

void run_trace(const struct run *run, const char *element_id, const char *what)
{
	if (run->effects && run->effects->trace)
		run->effects->trace(run->arg, element_id, what);
}

const struct bpmn_node *run_node(const struct run *run, unsigned node)
{
	return &run->inst->model->nodes[node];
}

enum pl_err run_add(struct run *run, struct bpmn_token **tokenp, unsigned node, unsigned frame,
		    bool is_subscription)
{
	*tokenp = bpmn_token_add(run->inst, node, frame, is_subscription);
	if (*tokenp)
		return PL_OK;
	return bpmn_is_full(run->inst)
		       ? run_stop(run, node, "tokens", "the instance has too many tokens")
		       : PL_NOMEM;
}

enum pl_err run_arrive(struct run *run, unsigned node, unsigned frame, json_t *payload)
{
	struct bpmn_token *token;
	enum pl_err err = run_add(run, &token, node, frame, false);

	if (!token) {
		json_decref(payload);
		return err;
	}
	token->has_arrived = true;
	token->payload = payload;
	return PL_OK;
}

enum pl_err run_frame(struct run *run, int *placep, enum bpmn_frame_kind kind, unsigned parent,
		      unsigned node)
{
	unsigned place;
	enum pl_err err = bpmn_frame_add(run->inst, &place, kind, (int)parent, node);

	*placep = err ? -1 : (int)place;
	return err == PL_TOOLARGE ? run_stop(run, node, "activities", pl_err_detail(err)) : err;
}

void run_withdraw(struct run *run, struct bpmn_token *token)
{
	const char *id = run_node(run, token->node)->id;

	switch (token->waits) {
	case BPMN_WAITS_TASK:
	case BPMN_WAITS_TIMER:
	case BPMN_WAITS_MESSAGE:
	case BPMN_WAITS_SIGNAL:
	case BPMN_WAITS_CALL:
	case BPMN_WAITS_INCIDENT:
		if (run->effects && run->effects->withdraw)
			run->effects->withdraw(run->arg, token->id, id);
		break;
	default:
		break;
	}
	if (!token->is_subscription && token->waits != BPMN_WAITS_NOTHING)
		run_trace(run, id, "withdrawn");
	bpmn_token_remove(run->inst, token);
}

void run_clear(struct run *run, unsigned frame, bool keeps_boundaries)
{
	struct bpmn_instance *inst = run->inst;

	if (!inst->frames[frame].live && !inst->frames[frame].held)
		return;
	for (size_t i = 0; i < inst->tokens_len;) {
		struct bpmn_token *token = &inst->tokens[i];
		bool is_boundary =
			token->is_subscription && run_node(run, token->node)->kind == BPMN_BOUNDARY;

		if (token->frame != frame || (keeps_boundaries && is_boundary))
			i++;
		else
			run_withdraw(run, token);
	}
	for (unsigned i = 0; inst->frames[frame].live && i < inst->frames_len; i++)
		if (inst->frames[i].is_used && inst->frames[i].parent == (int)frame)
			run_discard(run, i);
}

void run_discard(struct run *run, unsigned frame)
{
	run_clear(run, frame, false);
	bpmn_frame_remove(run->inst, frame);
}

bool run_is_own(const struct run *run, const struct bpmn_token *token)
{
	const struct bpmn_frame *frame = &run->inst->frames[token->frame];

	return (frame->kind == BPMN_FRAME_ACTIVITY || frame->kind == BPMN_FRAME_SUB) &&
	       frame->node == token->node && !token->is_subscription;
}
