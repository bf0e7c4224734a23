/*
 * run_fail.c — errors and escalations on their way to who catches them, and what is not caught.
 *
 * From where it is thrown an error goes up, frame by frame: in a scope to its event sub-processes,
 * at an activity to its boundary events. At each place one with its code comes before one without.
 *
 * Source: BPMN 2.0.2 §10.5.7, §13.5.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <string.h>

#include "engines/bpmn/run.h"
#include "engines/feel/lexer.h"

struct catcher {
	enum bpmn_event type;
	const char *code;
	int event; /* place of the event that catches, or -1 */
	bool is_exact;
};

static void ask(struct catcher *catcher, const struct bpmn_node *event, unsigned place)
{
	bool is_exact;

	if (event->event.type != catcher->type || catcher->is_exact)
		return;
	is_exact = event->event.name != NULL;
	if (is_exact && strcmp(event->event.name->literal, catcher->code) != 0)
		return;
	if (!is_exact && catcher->event >= 0)
		return;
	catcher->event = (int)place;
	catcher->is_exact = is_exact;
}

/* but: an event sub-process that it comes out of. */
static void ask_scope(struct run *run, struct catcher *catcher, unsigned frame, int but)
{
	const struct bpmn_model *model = run->inst->model;
	const struct bpmn_frame *at = &run->inst->frames[frame];
	int event;

	if (at->is_interrupted || (at->kind != BPMN_FRAME_PROCESS && at->kind != BPMN_FRAME_SUB &&
				   at->kind != BPMN_FRAME_EVENT_SUB))
		return;
	for (event = model->scopes[bpmn_frame_scope(run->inst, frame)].events; event >= 0;
	     event = model->next_events[event])
		if (model->scopes[model->nodes[event].scope].owner != but)
			ask(catcher, &model->nodes[event], (unsigned)event);
}

static void ask_boundaries(struct run *run, struct catcher *catcher, unsigned frame)
{
	const struct bpmn_frame *at = &run->inst->frames[frame];
	const struct bpmn_node *node = run_node(run, at->node);

	if ((at->kind != BPMN_FRAME_ACTIVITY && at->kind != BPMN_FRAME_SUB &&
	     at->kind != BPMN_FRAME_LOOP) ||
	    run_is_instance(run, frame))
		return;
	for (unsigned i = 0; i < node->boundaries_len; i++)
		ask(catcher, run_node(run, node->boundaries[i]), node->boundaries[i]);
}

/* Returns the frame at which it is caught, or -1. */
static int find_catcher(struct run *run, struct catcher *catcher, unsigned from)
{
	int but = -1;

	for (int frame = (int)from; frame >= 0; frame = run->inst->frames[frame].parent) {
		const struct bpmn_frame *at = &run->inst->frames[frame];

		ask_scope(run, catcher, (unsigned)frame, but);
		if (catcher->event < 0)
			ask_boundaries(run, catcher, (unsigned)frame);
		if (catcher->event >= 0)
			return frame;
		but = at->kind == BPMN_FRAME_EVENT_SUB ? (int)at->node : -1;
	}
	return -1;
}

/* Text from outside may be no UTF-8: then it is told so. */
static json_t *text_of(const char *text, const char *otherwise)
{
	return json_string_nocheck(feel_utf8_valid(text, strlen(text)) ? text : otherwise);
}

enum pl_err run_throw_error(struct run *run, bool *caughtp, unsigned frame, const char *code,
			    const char *message)
{
	struct catcher catcher = { .type = BPMN_EV_ERROR, .code = code, .event = -1 };
	int at = find_catcher(run, &catcher, frame);
	json_t *payload = NULL;

	*caughtp = at >= 0;
	if (at < 0)
		return PL_OK;
	if (run_node(run, (unsigned)catcher.event)->outputs.len) {
		payload = json_pack("{s:o, s:o}", "errorCode", text_of(code, "?"), "errorMessage",
				    text_of(message, "(not UTF-8)"));
		if (!payload)
			return PL_NOMEM;
	}
	return run_trigger_event(run, (unsigned)catcher.event, (unsigned)at, payload);
}

enum pl_err run_throw_escalation(struct run *run, bool *caughtp, unsigned frame, const char *code,
				 const json_t *payload)
{
	struct catcher catcher = { .type = BPMN_EV_ESCALATION, .code = code, .event = -1 };
	int at = find_catcher(run, &catcher, frame);

	*caughtp = at >= 0;
	if (at < 0)
		return PL_OK;
	return run_trigger_event(run, (unsigned)catcher.event, (unsigned)at,
				 json_incref((json_t *)payload));
}

static enum pl_err keep_failure(struct run *run, const char *element_id, const char *code,
				const char *reason)
{
	run->inst->failure =
		json_pack("{s:s, s:o, s:o}", "element", element_id, "code", text_of(code, "?"),
			  "reason", text_of(reason, "(not UTF-8)"));
	if (!run->inst->failure)
		return PL_NOMEM;
	run->inst->status = BPMN_FAILED;
	run_trace(run, element_id, "failed");
	return PL_OK;
}

enum pl_err run_stop(struct run *run, unsigned node, const char *code, const char *reason)
{
	if (run->inst->status != BPMN_RUNNING)
		return PL_OK;
	return keep_failure(run, run_node(run, node)->id, code, reason);
}

static enum pl_err raise_incident(struct run *run, struct bpmn_token *token, const char *code,
				  const char *reason)
{
	const char *element_id = run_node(run, token->node)->id;
	json_t *why = json_pack("{s:o, s:o}", "code", text_of(code, "?"), "reason",
				text_of(reason, "(not UTF-8)"));

	if (!why)
		return PL_NOMEM;
	json_decref(token->name);
	token->name = why;
	token->waits = BPMN_WAITS_INCIDENT;
	run_trace(run, element_id, "failed");
	run->effects->incident(run->arg, token->id, element_id,
			       json_string_value(json_object_get(why, "code")),
			       json_string_value(json_object_get(why, "reason")));
	return PL_OK;
}

enum pl_err run_fail(struct run *run, uint64_t token_id, const char *code, const char *reason)
{
	struct bpmn_token *token = bpmn_token_find(run->inst, token_id);
	bool is_caught;
	enum pl_err err;

	token->waits = BPMN_WAITS_NOTHING; /* it has been answered, if it was waiting */
	err = run_throw_error(run, &is_caught, token->frame, code, reason);
	if (err || is_caught)
		return err;
	if (run->effects && run->effects->incident)
		return raise_incident(run, token, code, reason);
	token->waits = BPMN_WAITS_FAILED;
	return keep_failure(run, run_node(run, token->node)->id, code, reason);
}

enum pl_err run_fail_by(struct run *run, uint64_t token_id, enum pl_err err, const char *code,
			const char *what)
{
	char reason[480];

	if (err == PL_NOMEM)
		return err;
	snprintf(reason, sizeof(reason), "%s: %s", what, pl_err_detail(err));
	return run_fail(run, token_id, err == PL_TOOLARGE ? "expression" : code, reason);
}
