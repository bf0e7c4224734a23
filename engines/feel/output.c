/*
 * output.c — values out of an evaluation: as JSON, and as the text that string() gives.
 *
 * What came in as JSON is copied, so a result shares nothing with the caller's context. Members
 * are counted as steps: a small expression can name one list many times over.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "engines/feel/run.h"

static void *out_of_memory(struct feel_run *run)
{
	if (!run->err)
		run->err = PL_NOMEM;
	return NULL;
}

static bool deeper(struct feel_run *run, unsigned depth)
{
	if (depth <= FEEL_DEPTH_MAX)
		return feel_run_step(run, 1);
	if (!run->err)
		run->err = pl_fail(PL_TOOLARGE, "FEEL: the result nests deeper than %d",
				   FEEL_DEPTH_MAX);
	return false;
}

static json_t *copy_json(struct feel_run *run, json_t *json, unsigned depth)
{
	json_t *copy = NULL, *member;
	const char *key;
	size_t i, key_len;
	int failed = 0;

	if (!deeper(run, depth))
		return NULL;
	if (!json_is_array(json) && !json_is_object(json)) {
		if (json_is_string(json) &&
		    !feel_arena_charge(&run->arena, json_string_length(json)))
			return feel_run_over(run), NULL;
		copy = json_copy(json);
		return copy ? copy : out_of_memory(run);
	}
	copy = json_is_array(json) ? json_array() : json_object();
	if (!copy)
		return out_of_memory(run);
	if (json_is_array(json)) {
		json_array_foreach(json, i, member) {
			failed = json_array_append_new(copy, copy_json(run, member, depth + 1));
			if (failed)
				break;
		}
	} else {
		json_object_keylen_foreach(json, key, key_len, member)
		{
			failed = json_object_setn_new_nocheck(copy, key, key_len,
							      copy_json(run, member, depth + 1));
			if (failed)
				break;
		}
	}
	if (!failed)
		return copy;
	json_decref(copy);
	return out_of_memory(run);
}

static json_t *to_json(struct feel_run *run, const struct feel_value *value, unsigned depth);

static json_t *list_to_json(struct feel_run *run, const struct feel_value *list, unsigned depth)
{
	json_t *array = json_array();

	if (!array)
		return out_of_memory(run);
	for (size_t i = 0; i < list->list.len; i++) {
		if (json_array_append_new(array, to_json(run, list->list.items[i], depth + 1))) {
			json_decref(array);
			return out_of_memory(run);
		}
	}
	return array;
}

static json_t *context_to_json(struct feel_run *run, const struct feel_value *context,
			       unsigned depth)
{
	json_t *object = json_object();

	if (!object)
		return out_of_memory(run);
	for (size_t i = 0; i < context->context.len; i++) {
		const struct feel_entry *entry = &context->context.entries[i];

		if (json_object_setn_new_nocheck(object, entry->key.bytes, entry->key.len,
						 to_json(run, entry->value, depth + 1))) {
			json_decref(object);
			return out_of_memory(run);
		}
	}
	return object;
}

/* A number beyond the range of doubles has no JSON and becomes null. */
static json_t *number_to_json(struct feel_run *run, const struct feel_value *number)
{
	json_t *json;
	int64_t i;
	double d;

	if (feel_decimal_to_int(&i, number->number)) {
		json = json_integer(i);
	} else {
		d = feel_decimal_to_double(number->number);
		json = isfinite(d) ? json_real(d) : json_null();
	}
	return json ? json : out_of_memory(run);
}

static json_t *to_json(struct feel_run *run, const struct feel_value *value, unsigned depth)
{
	const struct feel_value *text;
	json_t *json;

	if (!deeper(run, depth))
		return NULL;
	if (value->json)
		return copy_json(run, (json_t *)value->json, depth); /* read only */
	switch (value->kind) {
	case FEEL_NULL:
		return json_null();
	case FEEL_BOOLEAN:
		return json_boolean(value->truth);
	case FEEL_LIST:
		return list_to_json(run, value, depth);
	case FEEL_CONTEXT:
		return context_to_json(run, value, depth);
	case FEEL_NUMBER:
		return number_to_json(run, value);
	default:
		break;
	}
	text = feel_to_text(run, value);
	if (!text)
		return NULL;
	if (!feel_arena_charge(&run->arena, text->string.len))
		return feel_run_over(run), NULL;
	json = json_stringn_nocheck(text->string.bytes, text->string.len);
	return json ? json : out_of_memory(run);
}

json_t *feel_to_json(struct feel_run *run, const struct feel_value *value)
{
	return to_json(run, value, 1);
}

struct text { /* grows by doubling in the arena */
	struct feel_run *run;
	char *bytes;
	size_t len, cap;
};

static bool put(struct text *t, const char *bytes, size_t len)
{
	if (len > t->cap - t->len) {
		size_t cap = (t->len + len) * 2 + 64;
		char *grown = feel_arena_alloc(&t->run->arena, cap);

		if (!grown)
			return feel_run_over(t->run);
		if (t->len)
			memcpy(grown, t->bytes, t->len);
		t->bytes = grown;
		t->cap = cap;
	}
	if (len)
		memcpy(t->bytes + t->len, bytes, len);
	t->len += len;
	return true;
}

static bool put_text(struct text *t, const char *s)
{
	return put(t, s, strlen(s));
}

static bool put_quoted(struct text *t, struct feel_text s)
{
	if (!put(t, "\"", 1))
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if ((s.bytes[i] == '"' || s.bytes[i] == '\\') && !put(t, "\\", 1))
			return false;
		if (!put(t, &s.bytes[i], 1))
			return false;
	}
	return put(t, "\"", 1);
}

static bool put_value(struct text *t, const struct feel_value *v, unsigned depth);

static bool put_list(struct text *t, const struct feel_value *list, unsigned depth)
{
	for (size_t i = 0; i < feel_list_len(list); i++) {
		const struct feel_value *item =
			feel_run_value(t->run, feel_list_at(&t->run->arena, list, i));

		if (!item || !put(t, i ? ", " : "[", i ? 2 : 1) || !put_value(t, item, depth + 1))
			return false;
	}
	return feel_list_len(list) ? put(t, "]", 1) : put(t, "[]", 2);
}

/* A key that is no name (grammar rules 26 to 31) stands in quotes. */
static bool put_key(struct text *t, struct feel_text key)
{
	bool is_name = key.len && feel_is_name_start(key.bytes[0]);

	for (size_t i = 0; is_name && i < key.len; i++)
		is_name = feel_is_name_start(key.bytes[i]) ||
			  memchr("0123456789 ./-'+*", key.bytes[i], 17);
	return is_name ? put(t, key.bytes, key.len) : put_quoted(t, key);
}

static bool put_context(struct text *t, const struct feel_value *context, unsigned depth)
{
	struct feel_entry *entries;
	size_t len;

	if (!feel_context_entries(&entries, &len, &t->run->arena, context))
		return feel_run_over(t->run);
	for (size_t i = 0; i < len; i++)
		if (!put(t, i ? ", " : "{", i ? 2 : 1) || !put_key(t, entries[i].key) ||
		    !put(t, ": ", 2) || !put_value(t, entries[i].value, depth + 1))
			return false;
	return len ? put(t, "}", 1) : put(t, "{}", 2);
}

/* What has no end on a side, or one at both, is written as a comparison. */
static bool put_range(struct text *t, const struct feel_value *v, unsigned depth)
{
	const struct feel_value *low = v->range.low, *high = v->range.high;
	const char *comparison = NULL;

	if (v->range.form != FEEL_RANGE_ENDS)
		comparison = v->range.form == FEEL_RANGE_EQUAL ? "(= " : "(!= ";
	else if (!low)
		comparison = v->range.high_open ? "(< " : "(<= ";
	else if (!high)
		comparison = v->range.low_open ? "(> " : "(>= ";
	if (comparison)
		return put_text(t, comparison) && put_value(t, low ? low : high, depth) &&
		       put(t, ")", 1);
	return put(t, v->range.low_open ? "(" : "[", 1) && put_value(t, low, depth) &&
	       put(t, "..", 2) && put_value(t, high, depth) &&
	       put(t, v->range.high_open ? ")" : "]", 1);
}

static bool put_value(struct text *t, const struct feel_value *v, unsigned depth)
{
	const struct feel_value *text;

	if (!deeper(t->run, depth))
		return false;
	switch (v->kind) {
	case FEEL_NULL:
		return put(t, "null", 4);
	case FEEL_STRING:
		return feel_run_step(t->run, v->string.len / 64) && put_quoted(t, v->string);
	case FEEL_LIST:
		return put_list(t, v, depth);
	case FEEL_CONTEXT:
		return put_context(t, v, depth);
	case FEEL_FUNCTION:
		return put_text(t, "function");
	case FEEL_RANGE:
		return put_range(t, v, depth + 1);
	default:
		text = feel_run_value(t->run, feel_scalar_text(&t->run->arena, v));
		return text && put(t, text->string.bytes, text->string.len);
	}
}

const struct feel_value *feel_to_text(struct feel_run *run, const struct feel_value *value)
{
	struct text t = { .run = run };

	if (value->kind != FEEL_LIST && value->kind != FEEL_CONTEXT && value->kind != FEEL_RANGE &&
	    value->kind != FEEL_FUNCTION)
		return feel_run_value(run, feel_scalar_text(&run->arena, value));
	if (!put_value(&t, value, 1))
		return NULL;
	return feel_run_value(run, feel_string(&run->arena, t.bytes, t.len));
}

static bool put_json_string(struct text *t, struct feel_text s)
{
	static const char short_forms[] = "\"\"\\\\\bb\ff\nn\rr\tt";
	size_t start = 0;

	if (!feel_run_step(t->run, s.len / 64) || !put(t, "\"", 1))
		return false;
	for (size_t i = 0; i < s.len; i++) {
		unsigned char ch = (unsigned char)s.bytes[i];
		char escape[8] = { '\\' };

		if (ch >= 0x20 && ch != '"' && ch != '\\')
			continue;
		for (size_t k = 0; k + 1 < sizeof(short_forms); k += 2)
			if (short_forms[k] == s.bytes[i])
				escape[1] = short_forms[k + 1];
		if (!escape[1])
			snprintf(escape, sizeof(escape), "\\u%04x", ch);
		if (!put(t, s.bytes + start, i - start) || !put_text(t, escape))
			return false;
		start = i + 1;
	}
	return put(t, s.bytes + start, s.len - start) && put(t, "\"", 1);
}

static bool put_json(struct text *t, const struct feel_value *v, unsigned depth);

static bool put_json_list(struct text *t, const struct feel_value *list, unsigned depth)
{
	for (size_t i = 0; i < feel_list_len(list); i++) {
		const struct feel_value *item =
			feel_run_value(t->run, feel_list_at(&t->run->arena, list, i));

		if (!item || !put(t, i ? "," : "[", 1) || !put_json(t, item, depth + 1))
			return false;
	}
	return put_text(t, feel_list_len(list) ? "]" : "[]");
}

static bool put_json_context(struct text *t, const struct feel_value *context, unsigned depth)
{
	struct feel_entry *entries;
	size_t len;

	if (!feel_context_entries(&entries, &len, &t->run->arena, context))
		return feel_run_over(t->run);
	for (size_t i = 0; i < len; i++)
		if (!put(t, i ? "," : "{", 1) || !put_json_string(t, entries[i].key) ||
		    !put(t, ":", 1) || !put_json(t, entries[i].value, depth + 1))
			return false;
	return put_text(t, len ? "}" : "{}");
}

static bool put_json(struct text *t, const struct feel_value *v, unsigned depth)
{
	const struct feel_value *text;

	if (!deeper(t->run, depth))
		return false;
	switch (v->kind) {
	case FEEL_NULL:
		return put_text(t, "null");
	case FEEL_LIST:
		return put_json_list(t, v, depth);
	case FEEL_CONTEXT:
		return put_json_context(t, v, depth);
	default:
		break;
	}
	text = feel_to_text(t->run, v);
	if (!text)
		return false;
	if (v->kind == FEEL_NUMBER || v->kind == FEEL_BOOLEAN)
		return put(t, text->string.bytes, text->string.len);
	return put_json_string(t, text->string);
}

const struct feel_value *feel_to_json_text(struct feel_run *run, const struct feel_value *value)
{
	struct text t = { .run = run };

	if (!put_json(&t, value, 1))
		return NULL;
	return feel_run_value(run, feel_string(&run->arena, t.bytes, t.len));
}
