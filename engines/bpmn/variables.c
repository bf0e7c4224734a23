/*
 * variables.c — see variables.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/bpmn/variables.h"

#include <string.h>

#include "engines/bpmn/eval.h"

/* ---- what is seen ---- */

static const json_t *seen_alone(const struct bpmn_instance *inst, unsigned frame)
{
	const json_t *only = NULL;

	for (int at = (int)frame; at >= 0; at = inst->frames[at].parent) {
		const json_t *variables = inst->frames[at].variables;

		if (!json_object_size(variables))
			continue;
		if (only)
			return NULL;
		only = variables;
	}
	return only ? only : inst->frames[0].variables;
}

static bool lay_over(json_t *view, struct bpmn_instance *inst, int frame)
{
	const struct bpmn_frame *at = &inst->frames[frame];

	if (at->parent >= 0 && !lay_over(view, inst, at->parent))
		return false;
	return !at->variables || json_object_update(view, at->variables) == 0;
}

json_t *bpmn_visible(struct bpmn_instance *inst, unsigned frame, const json_t *over)
{
	json_t *alone = (json_t *)seen_alone(inst, frame), *view; /* only read */

	if (alone && !json_object_size(over))
		return json_incref(alone);
	view = json_object();
	if (view && lay_over(view, inst, (int)frame) &&
	    (!json_is_object(over) || json_object_update(view, (json_t *)over) == 0))
		return view;
	json_decref(view);
	return NULL;
}

/* ---- expressions ---- */

/* About what a value takes in memory. */
static size_t size_of(const json_t *value)
{
	json_t *json = (json_t *)value, *member; /* only read */
	size_t size = 32, i, key_len;
	const char *key;

	if (json_is_string(json))
		return size + json_string_length(json);
	json_array_foreach(json, i, member)
		size += size_of(member);
	json_object_keylen_foreach(json, key, key_len, member) size +=
		64 + key_len + size_of(member);
	return size;
}

enum pl_err bpmn_charge(struct run *run, const json_t *value)
{
	run->bytes += size_of(value);
	if (run->bytes > BPMN_BYTES_MAX)
		return pl_fail(PL_TOOLARGE, "the values of one step take more than %d bytes",
			       BPMN_BYTES_MAX);
	return PL_OK;
}

enum pl_err bpmn_eval(struct run *run, json_t **resultp, const struct feel_expr *expr,
		      const json_t *context)
{
	const struct bpmn_evaluation what = {
		.expr = expr,
		.context = context,
		.now_ms = run->inst->has_clock ? &run->inst->now_ms : NULL,
		.feel_steps = &run->feel_steps,
	};
	json_t *result = NULL;
	enum pl_err err = bpmn_evaluate(&result, &what);

	if (!err)
		err = bpmn_charge(run, result);
	if (err)
		json_decref(result);
	else
		*resultp = result;
	return err;
}

enum pl_err bpmn_eval_in(struct run *run, json_t **resultp, const struct feel_expr *expr,
			 unsigned frame)
{
	json_t *context = bpmn_visible(run->inst, frame, NULL);
	enum pl_err err = context ? bpmn_eval(run, resultp, expr, context) : PL_NOMEM;

	json_decref(context);
	return err;
}

enum pl_err bpmn_text_in(struct run *run, json_t **resultp, const struct bpmn_text *text,
			 unsigned frame)
{
	if (text->expr)
		return bpmn_eval_in(run, resultp, text->expr, frame);
	*resultp = json_string_nocheck(text->literal ? text->literal : "");
	return *resultp ? PL_OK : PL_NOMEM;
}

/* ---- setting ---- */

/* A shallow copy of what is there, if it is an object, else an empty one. */
static json_t *own_object(const json_t *there)
{
	json_t *object = json_object();

	if (object && json_is_object(there) && json_object_update(object, (json_t *)there)) {
		json_decref(object);
		return NULL;
	}
	return object;
}

/* Puts value (consumed) at a path of names by dots; what stands in the way is replaced. */
static enum pl_err put_at(json_t *object, const char *path, json_t *value)
{
	size_t len;

	if (!value)
		return PL_NOMEM;
	for (; path[len = strcspn(path, ".")]; path += len + 1) {
		json_t *inner = own_object(json_object_getn(object, path, len));

		if (json_object_setn_new_nocheck(object, path, len, inner)) {
			json_decref(value);
			return PL_NOMEM;
		}
		object = inner;
	}
	return json_object_setn_new_nocheck(object, path, len, value) ? PL_NOMEM : PL_OK;
}

enum pl_err bpmn_set_local(struct bpmn_instance *inst, unsigned frame, const char *name,
			   json_t *value)
{
	struct bpmn_frame *at = &inst->frames[frame];

	if (!at->variables)
		at->variables = json_object();
	if (!at->variables) {
		json_decref(value);
		return PL_NOMEM;
	}
	inst->is_changed = true;
	return put_at(at->variables, name, value);
}

enum pl_err bpmn_set(struct bpmn_instance *inst, unsigned frame, const char *path, json_t *value)
{
	size_t len = strcspn(path, ".");
	unsigned at = frame;

	while (inst->frames[at].parent >= 0 &&
	       !json_object_getn(inst->frames[at].variables, path, len))
		at = (unsigned)inst->frames[at].parent;
	inst->is_changed = true;
	return put_at(inst->frames[at].variables, path, value);
}

enum pl_err bpmn_merge(struct bpmn_instance *inst, unsigned frame, const json_t *from)
{
	json_t *member;
	const char *key;
	enum pl_err err = PL_OK;

	json_object_foreach((json_t *)from, key, member) {
		unsigned at = frame;

		/* a key may have dots in it: it is a name here, not a path */
		while (inst->frames[at].parent >= 0 &&
		       !json_object_get(inst->frames[at].variables, key))
			at = (unsigned)inst->frames[at].parent;
		if (json_object_set_nocheck(inst->frames[at].variables, key, member))
			err = PL_NOMEM;
		inst->is_changed = true;
	}
	return err;
}

/* ---- mappings ---- */

/* All sources see the context as it was; only then are the targets written. */
static enum pl_err sources(struct run *run, json_t **valuesp, const struct bpmn_mappings *mappings,
			   const json_t *context)
{
	json_t *values = json_array();
	enum pl_err err = values ? PL_OK : PL_NOMEM;

	for (size_t i = 0; !err && i < mappings->len; i++) {
		const struct bpmn_text *source = &mappings->rows[i].source;
		json_t *value = NULL;

		if (source->expr)
			err = bpmn_eval(run, &value, source->expr, context);
		else
			value = json_string_nocheck(source->literal);
		if (!err && json_array_append_new(values, value))
			err = PL_NOMEM;
	}
	if (err)
		json_decref(values);
	else
		*valuesp = values;
	return err;
}

enum pl_err bpmn_inputs(struct run *run, json_t **objectp, const struct bpmn_node *node,
			unsigned frame)
{
	const struct bpmn_mappings *mappings = &node->inputs;
	json_t *object = json_object(), *context = NULL, *values = NULL;
	enum pl_err err = object ? PL_OK : PL_NOMEM;

	if (!err && mappings->len) {
		context = bpmn_visible(run->inst, frame, NULL);
		err = context ? sources(run, &values, mappings, context) : PL_NOMEM;
	}
	for (size_t i = 0; !err && i < mappings->len; i++)
		err = put_at(object, mappings->rows[i].target,
			     json_incref(json_array_get(values, i)));
	json_decref(context);
	json_decref(values);
	if (err)
		json_decref(object);
	else
		*objectp = object;
	return err;
}

enum pl_err bpmn_outputs(struct run *run, const struct bpmn_node *node, unsigned frame,
			 unsigned into, const json_t *payload)
{
	const struct bpmn_mappings *mappings = &node->outputs;
	json_t *context, *values = NULL;
	enum pl_err err;

	if (!mappings->len)
		return bpmn_merge(run->inst, frame, payload);
	context = bpmn_visible(run->inst, frame, payload);
	err = context ? sources(run, &values, mappings, context) : PL_NOMEM;
	for (size_t i = 0; !err && i < mappings->len; i++)
		err = bpmn_set(run->inst, into, mappings->rows[i].target,
			       json_incref(json_array_get(values, i)));
	json_decref(context);
	json_decref(values);
	return err;
}

json_t *bpmn_copy(const json_t *from)
{
	json_t *json = (json_t *)from, *member, *copy; /* from is only read */
	const char *key;
	size_t i, key_len;
	int failed = 0;

	if (!json_is_array(json) && !json_is_object(json))
		return json_copy(json);
	copy = json_is_array(json) ? json_array() : json_object();
	json_array_foreach(json, i, member)
		failed |= json_array_append_new(copy, bpmn_copy(member));
	json_object_keylen_foreach(json, key, key_len, member) failed |=
		json_object_setn_new_nocheck(copy, key, key_len, bpmn_copy(member));
	if (!failed)
		return copy;
	json_decref(copy);
	return NULL;
}
