/*
 * frame.c — tokens and frames: made, found, removed. Tokens are kept in the order of their ids.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "engines/bpmn/instance.h"

/* ---- tokens ---- */

struct bpmn_token *bpmn_token_find(struct bpmn_instance *inst, uint64_t id)
{
	size_t low = 0, high = inst->tokens_len;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (inst->tokens[mid].id < id)
			low = mid + 1;
		else
			high = mid;
	}
	return low < inst->tokens_len && inst->tokens[low].id == id ? &inst->tokens[low] : NULL;
}

bool bpmn_is_full(const struct bpmn_instance *inst)
{
	return inst->tokens_len >= BPMN_TOKENS_MAX;
}

static unsigned *count_of(struct bpmn_instance *inst, const struct bpmn_token *token)
{
	struct bpmn_frame *frame = &inst->frames[token->frame];

	return token->is_subscription ? &frame->held : &frame->live;
}

struct bpmn_token *bpmn_token_add(struct bpmn_instance *inst, unsigned node, unsigned frame,
				  bool is_subscription)
{
	struct bpmn_token *token;

	if (bpmn_is_full(inst) ||
	    !bpmn_grow((void **)&inst->tokens, inst->tokens_len, &inst->tokens_cap, sizeof(*token)))
		return NULL;
	token = &inst->tokens[inst->tokens_len++];
	*token = (struct bpmn_token){ .id = inst->next_token++,
				      .node = node,
				      .frame = frame,
				      .flow = -1,
				      .is_subscription = is_subscription };
	++*count_of(inst, token);
	return token;
}

void bpmn_token_move(struct bpmn_instance *inst, struct bpmn_token *token, unsigned frame)
{
	--*count_of(inst, token);
	token->frame = frame;
	++*count_of(inst, token);
}

void bpmn_token_forget(struct bpmn_token *token)
{
	json_decref(token->payload);
	json_decref(token->name);
	json_decref(token->key);
	token->payload = token->name = token->key = NULL;
}

void bpmn_token_remove(struct bpmn_instance *inst, struct bpmn_token *token)
{
	--*count_of(inst, token);
	bpmn_token_forget(token);
	inst->tokens_len--;
	memmove(token, token + 1,
		(size_t)(inst->tokens + inst->tokens_len - token) * sizeof(*token));
}

/* ---- frames ---- */

static bool find_room(struct bpmn_instance *inst, unsigned *placep)
{
	if (inst->frames_live < inst->frames_len) {
		for (*placep = 0; inst->frames[*placep].is_used;)
			++*placep;
		return true;
	}
	if (!bpmn_grow((void **)&inst->frames, inst->frames_len, &inst->frames_cap,
		       sizeof(*inst->frames)))
		return false;
	*placep = (unsigned)inst->frames_len++;
	return true;
}

enum pl_err bpmn_frame_add(struct bpmn_instance *inst, unsigned *placep, enum bpmn_frame_kind kind,
			   int parent, unsigned node)
{
	if (inst->frames_live == BPMN_FRAMES_MAX)
		return pl_fail(PL_TOOLARGE, "the instance has more than %d activities at a time",
			       BPMN_FRAMES_MAX);
	if (!find_room(inst, placep))
		return PL_NOMEM;
	inst->frames_live++;
	inst->frames[*placep] = (struct bpmn_frame){
		.parent = parent, .node = node, .kind = (unsigned char)kind, .is_used = true
	};
	if (parent >= 0)
		inst->frames[parent].live++;
	return PL_OK;
}

void bpmn_frame_fini(struct bpmn_frame *frame)
{
	json_decref(frame->variables);
	json_decref(frame->completed);
	if (frame->loop) {
		json_decref(frame->loop->items);
		json_decref(frame->loop->output);
		free(frame->loop);
	}
	*frame = (struct bpmn_frame){ 0 };
}

void bpmn_frame_remove(struct bpmn_instance *inst, unsigned place)
{
	struct bpmn_frame *frame = &inst->frames[place];

	pl_assert(frame->is_used && !frame->live && !frame->held);
	if (frame->parent >= 0)
		inst->frames[frame->parent].live--;
	bpmn_frame_fini(frame);
	inst->frames_live--;
	while (inst->frames_len && !inst->frames[inst->frames_len - 1].is_used)
		inst->frames_len--;
}

unsigned bpmn_frame_scope(const struct bpmn_instance *inst, unsigned place)
{
	const struct bpmn_frame *frame = &inst->frames[place];

	switch (frame->kind) {
	case BPMN_FRAME_PROCESS:
		return 0;
	case BPMN_FRAME_SUB:
	case BPMN_FRAME_EVENT_SUB:
		return (unsigned)inst->model->nodes[frame->node].inner;
	default:
		return inst->model->nodes[frame->node].scope;
	}
}
