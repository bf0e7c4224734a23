/*
 * mapping.c — variables: evaluated, mapped in and out, merged.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "engines/bpmn/instance.h"

enum { EVAL_MEMORY_MAX = 1 << 20 };

enum pl_err bpmn_eval(json_t **resultp, const struct feel_expr *expr, const json_t *context,
		      unsigned long *feel_steps_spent)
{
	struct feel_limits limits = { .memory_bytes = EVAL_MEMORY_MAX,
				      .spent_steps = feel_steps_spent };

	if (*feel_steps_spent >= BPMN_FEEL_STEPS_MAX)
		return pl_fail(PL_TOOLARGE, "the expressions take more than %d steps",
			       BPMN_FEEL_STEPS_MAX);
	limits.steps = BPMN_FEEL_STEPS_MAX - *feel_steps_spent;
	if (limits.steps > FEEL_STEPS)
		limits.steps = FEEL_STEPS;
	return feel_eval(resultp, expr, context, &limits);
}

/* Puts value (consumed) at a path of names by dots; what stands in the way is replaced. */
static enum pl_err put_at(json_t *object, const char *path, json_t *value)
{
	size_t len;

	if (!value)
		return PL_NOMEM;
	for (; path[len = strcspn(path, ".")]; path += len + 1) {
		json_t *inner = json_object_getn(object, path, len);

		if (!json_is_object(inner)) {
			inner = json_object();
			if (json_object_setn_new_nocheck(object, path, len, inner)) {
				json_decref(value);
				return PL_NOMEM;
			}
		}
		object = inner;
	}
	return json_object_setn_new_nocheck(object, path, len, value) ? PL_NOMEM : PL_OK;
}

/* All sources see the context as it was; only then are the targets written. */
enum pl_err bpmn_map(json_t *into, const struct bpmn_mappings *mappings, const json_t *context,
		     unsigned long *feel_steps)
{
	json_t *values = json_array();
	enum pl_err err = values ? PL_OK : PL_NOMEM;

	for (size_t i = 0; !err && i < mappings->len; i++) {
		const struct bpmn_text *source = &mappings->rows[i].source;
		json_t *value = NULL;

		if (source->expr)
			err = bpmn_eval(&value, source->expr, context, feel_steps);
		else
			value = json_string_nocheck(source->literal);
		if (!err && json_array_append_new(values, value))
			err = PL_NOMEM;
	}
	for (size_t i = 0; !err && i < mappings->len; i++)
		err = put_at(into, mappings->rows[i].target,
			     json_incref(json_array_get(values, i)));
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

json_t *bpmn_overlay(const json_t *context, const json_t *over)
{
	json_t *overlay = json_object();

	if (json_object_update(overlay, (json_t *)context) == 0 &&
	    (!json_is_object(over) || json_object_update(overlay, (json_t *)over) == 0))
		return overlay;
	json_decref(overlay);
	return NULL;
}

enum pl_err bpmn_merge(json_t *into, const json_t *from)
{
	json_t *copy;
	int failed;

	if (!json_is_object(from))
		return PL_OK;
	copy = bpmn_copy(from);
	failed = json_object_update(into, copy);
	json_decref(copy);
	return failed ? PL_NOMEM : PL_OK;
}
