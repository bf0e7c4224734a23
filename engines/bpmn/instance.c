/*
 * instance.c — instances: made, written out as JSON, and read in again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/bpmn/instance.h"

#include <stdlib.h>
#include <string.h>

enum { STATE_VERSION = 1 };

#define TOKEN_ID_MAX 9007199254740992LL /* what every reader of JSON keeps exact */

static const char *const wait_texts[] = {
#define BPMN_WAIT(name, text) text,
	BPMN_WAITS
#undef BPMN_WAIT
};

static const char *const status_texts[] = {
	[BPMN_RUNNING] = "running",
	[BPMN_COMPLETED] = "completed",
	[BPMN_FAILED] = "failed",
};

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

void bpmn_instance_free(struct bpmn_instance *inst)
{
	if (!inst)
		return;
	json_decref(inst->variables);
	json_decref(inst->failure);
	free(inst->tokens);
	free(inst);
}

enum pl_err bpmn_instance_new(struct bpmn_instance **instp, const struct bpmn_model *model,
			      const json_t *variables)
{
	struct bpmn_instance *inst;

	if (variables && !json_is_object(variables))
		return pl_fail(PL_INVALID, "the variables are not an object");
	inst = calloc(1, sizeof(*inst));
	if (!inst)
		return PL_NOMEM;
	inst->model = model;
	inst->next_token = 1;
	inst->variables = variables ? bpmn_copy(variables) : json_object();
	if (!inst->variables) {
		bpmn_instance_free(inst);
		return PL_NOMEM;
	}
	*instp = inst;
	return PL_OK;
}

enum bpmn_status bpmn_instance_status(const struct bpmn_instance *inst)
{
	return inst->status;
}

const json_t *bpmn_instance_variables(const struct bpmn_instance *inst)
{
	return inst->variables;
}

const json_t *bpmn_instance_failure(const struct bpmn_instance *inst)
{
	return inst->failure;
}

static json_t *tokens_out(const struct bpmn_instance *inst)
{
	json_t *tokens = json_array();

	for (size_t i = 0; tokens && i < inst->tokens_len; i++) {
		const struct bpmn_token *token = &inst->tokens[i];
		json_t *out = json_pack("{s:I,s:s,s:s}", "id", (json_int_t)token->id, "element",
					inst->model->nodes[token->node].id, "waits",
					wait_texts[token->waits]);

		if (json_array_append_new(tokens, out)) {
			json_decref(tokens);
			return NULL;
		}
	}
	return tokens;
}

json_t *bpmn_instance_state(const struct bpmn_instance *inst)
{
	json_t *variables = bpmn_copy(inst->variables), *tokens = tokens_out(inst), *state;
	json_t *failure = inst->failure ? bpmn_copy(inst->failure) : NULL;

	if (!variables || !tokens || (inst->failure && !failure)) {
		json_decref(variables);
		json_decref(tokens);
		json_decref(failure);
		return NULL;
	}
	state = json_pack("{s:i,s:s,s:b,s:s,s:I,s:o,s:o,s:o*}", "version", STATE_VERSION, "process",
			  inst->model->process_id, "started", inst->is_started, "status",
			  status_texts[inst->status], "nextToken", (json_int_t)inst->next_token,
			  "variables", variables, "tokens", tokens, "failure", failure);
	return state;
}

/* The place of text in a table of texts, or -1. */
static int place_of(const char *const *texts, size_t len, const json_t *text)
{
	for (size_t i = 0; i < len; i++)
		if (json_is_string(text) && strcmp(texts[i], json_string_value(text)) == 0)
			return (int)i;
	return -1;
}

static enum pl_err load_token(struct bpmn_instance *inst, const json_t *from, json_t *seen)
{
	struct bpmn_token *token = &inst->tokens[inst->tokens_len];
	const json_t *id = json_object_get(from, "id"), *element = json_object_get(from, "element");
	int waits = place_of(wait_texts, ROWS(wait_texts), json_object_get(from, "waits"));
	int place = json_is_string(element)
			    ? bpmn_model_place(inst->model, json_string_value(element))
			    : -1;
	char key[24];

	if (!json_is_integer(id) || json_integer_value(id) < 1 ||
	    (uint64_t)json_integer_value(id) >= inst->next_token)
		return pl_fail(PL_INVALID, "state: a token's id is missing or not below nextToken");
	if (place < 0)
		return pl_fail(PL_INVALID, "state: token %lld is at no element of the process",
			       (long long)json_integer_value(id));
	token->id = (uint64_t)json_integer_value(id);
	token->node = (unsigned)place;
	token->waits = waits < 0 ? BPMN_WAITS_NOTHING : (enum bpmn_wait)waits;
	if (waits < 0 ||
	    (token->waits == BPMN_WAITS_TASK && inst->model->nodes[place].kind != BPMN_SERVICE) ||
	    (token->waits == BPMN_WAITS_TIMER && inst->model->nodes[place].kind != BPMN_CATCH) ||
	    (inst->status != BPMN_FAILED && token->waits != BPMN_WAITS_TASK &&
	     token->waits != BPMN_WAITS_TIMER))
		return pl_fail(PL_INVALID, "state: token %lld can't wait so at %s",
			       (long long)token->id, inst->model->nodes[place].id);
	snprintf(key, sizeof(key), "%lld", (long long)token->id);
	if (json_object_get(seen, key))
		return pl_fail(PL_INVALID, "state: token %s is there twice", key);
	if (json_object_set_new(seen, key, json_true()))
		return PL_NOMEM;
	inst->tokens_len++;
	return PL_OK;
}

static enum pl_err load_tokens(struct bpmn_instance *inst, const json_t *tokens)
{
	json_t *seen, *token;
	enum pl_err err = PL_OK;
	size_t i;

	if (!json_is_array(tokens) || json_array_size(tokens) > BPMN_TOKENS_MAX)
		return pl_fail(PL_INVALID, "state: tokens are no list of at most %d",
			       BPMN_TOKENS_MAX);
	inst->tokens_cap = json_array_size(tokens) + 4;
	inst->tokens = calloc(inst->tokens_cap, sizeof(*inst->tokens));
	seen = json_object();
	if (!inst->tokens || !seen)
		err = PL_NOMEM;
	json_array_foreach(tokens, i, token) {
		if (err)
			break;
		err = load_token(inst, token, seen);
	}
	json_decref(seen);
	return err;
}

static enum pl_err load_failure(struct bpmn_instance *inst, const json_t *failure)
{
	if (inst->status != BPMN_FAILED)
		return failure ? pl_fail(PL_INVALID, "state: a failure, but not failed") : PL_OK;
	if (!json_is_string(json_object_get(failure, "element")) ||
	    !json_is_string(json_object_get(failure, "code")) ||
	    !json_is_string(json_object_get(failure, "reason")))
		return pl_fail(PL_INVALID, "state: failed, without element, code and reason");
	inst->failure = bpmn_copy(failure);
	return inst->failure ? PL_OK : PL_NOMEM;
}

static enum pl_err load(struct bpmn_instance *inst, const json_t *state)
{
	const json_t *next = json_object_get(state, "nextToken");
	const json_t *started = json_object_get(state, "started");
	int status = place_of(status_texts, ROWS(status_texts), json_object_get(state, "status"));
	enum pl_err err;

	if (!json_is_integer(next) || json_integer_value(next) < 1 ||
	    json_integer_value(next) > TOKEN_ID_MAX || status < 0 || !json_is_boolean(started))
		return pl_fail(PL_INVALID,
			       "state: nextToken, status or started is not as it must be");
	inst->next_token = (uint64_t)json_integer_value(next);
	inst->status = (enum bpmn_status)status;
	inst->is_started = json_is_true(started);
	err = load_tokens(inst, json_object_get(state, "tokens"));
	if (err)
		return err;
	if (inst->status != BPMN_RUNNING ? !inst->is_started
					 : inst->is_started == (inst->tokens_len == 0))
		return pl_fail(PL_INVALID, "state: its tokens don't fit its status");
	if (inst->status == BPMN_COMPLETED && inst->tokens_len)
		return pl_fail(PL_INVALID, "state: completed, but with tokens");
	return load_failure(inst, json_object_get(state, "failure"));
}

enum pl_err bpmn_instance_load(struct bpmn_instance **instp, const struct bpmn_model *model,
			       const json_t *state)
{
	const json_t *version = json_object_get(state, "version");
	const json_t *process = json_object_get(state, "process");
	const json_t *variables = json_object_get(state, "variables");
	struct bpmn_instance *inst = NULL;
	enum pl_err err;

	if (!json_is_integer(version) || json_integer_value(version) < 1)
		return pl_fail(PL_INVALID, "state: the version is missing");
	if (json_integer_value(version) > STATE_VERSION)
		return pl_fail(PL_NEWER, "state: version %lld is newer than %d",
			       (long long)json_integer_value(version), STATE_VERSION);
	if (!json_is_string(process) || strcmp(json_string_value(process), model->process_id) != 0)
		return pl_fail(PL_INVALID, "state: not of process %s", model->process_id);
	if (!json_is_object(variables))
		return pl_fail(PL_INVALID, "state: the variables are not an object");
	err = bpmn_instance_new(&inst, model, variables);
	if (!err)
		err = load(inst, state);
	if (err)
		bpmn_instance_free(inst);
	else
		*instp = inst;
	return err;
}
