/*
 * value.c — values: made, wrapped from JSON, looked into.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/value.h"

#include <string.h>

_Static_assert((int)FEEL_TEMPORAL_TEXT_SIZE <= (int)FEEL_DECIMAL_TEXT_SIZE, "one buffer for both");

const struct feel_value feel_null = { .kind = FEEL_NULL };
const struct feel_value feel_true = { .kind = FEEL_BOOLEAN, .truth = true };
const struct feel_value feel_false = { .kind = FEEL_BOOLEAN, .truth = false };

const char *feel_kind_text(enum feel_kind kind)
{
	static const char *const texts[] = {
#define FEEL_KIND(name, text) text,
		FEEL_KINDS
#undef FEEL_KIND
	};

	return texts[kind];
}

static struct feel_value *value_new(struct feel_arena *arena, enum feel_kind kind)
{
	struct feel_value *v = feel_arena_alloc(arena, sizeof(*v));

	if (v)
		v->kind = kind;
	return v;
}

const struct feel_value *feel_boolean(bool truth)
{
	return truth ? &feel_true : &feel_false;
}

const struct feel_value *feel_number(struct feel_arena *arena, struct feel_decimal number)
{
	struct feel_value *v = value_new(arena, FEEL_NUMBER);

	if (v)
		v->number = number;
	return v;
}

const struct feel_value *feel_number_of_int(struct feel_arena *arena, int64_t i)
{
	return feel_number(arena, feel_decimal_from_int(i));
}

static const struct feel_value *string_of(struct feel_arena *arena, const char *bytes, size_t len)
{
	struct feel_value *v = value_new(arena, FEEL_STRING);

	if (v)
		v->string = (struct feel_text){ bytes, len };
	return v;
}

const struct feel_value *feel_string(struct feel_arena *arena, const char *bytes, size_t len)
{
	const char *copy = feel_arena_copy(arena, bytes, len);

	return copy ? string_of(arena, copy, len) : NULL;
}

const struct feel_value *feel_moment(struct feel_arena *arena, enum feel_kind kind,
				     const struct feel_moment *moment)
{
	struct feel_value *v = value_new(arena, kind);

	if (v)
		v->moment = *moment;
	return v;
}

const struct feel_value *feel_duration(struct feel_arena *arena, enum feel_kind kind,
				       const struct feel_duration *duration)
{
	struct feel_value *v = value_new(arena, kind);

	if (v)
		v->duration = *duration;
	return v;
}

const struct feel_value *feel_list(struct feel_arena *arena, const struct feel_value **items,
				   size_t len)
{
	struct feel_value *v = value_new(arena, FEEL_LIST);

	if (v) {
		v->list.items = items;
		v->list.len = len;
	}
	return v;
}

const struct feel_value *feel_context(struct feel_arena *arena, struct feel_entry *entries,
				      size_t len)
{
	struct feel_value *v = value_new(arena, FEEL_CONTEXT);

	if (v) {
		v->context.entries = entries;
		v->context.len = len;
	}
	return v;
}

const struct feel_value *feel_range(struct feel_arena *arena, const struct feel_value *low,
				    bool low_open, const struct feel_value *high, bool high_open)
{
	struct feel_value *v = value_new(arena, FEEL_RANGE);

	if (v) {
		v->range.low = low;
		v->range.high = high;
		v->range.low_open = low_open;
		v->range.high_open = high_open;
	}
	return v;
}

const struct feel_value *feel_range_of_one(struct feel_arena *arena, enum feel_range_form form,
					   const struct feel_value *end)
{
	struct feel_value *v = value_new(arena, FEEL_RANGE);

	if (v) {
		v->range.low = end;
		v->range.high = end;
		v->range.low_open = v->range.high_open = form == FEEL_RANGE_UNEQUAL;
		v->range.form = form;
	}
	return v;
}

const struct feel_value *feel_wrap(struct feel_arena *arena, const json_t *json)
{
	struct feel_decimal number;
	struct feel_value *v;

	switch (json ? json_typeof(json) : JSON_NULL) {
	case JSON_NULL:
		return &feel_null;
	case JSON_TRUE:
		return &feel_true;
	case JSON_FALSE:
		return &feel_false;
	case JSON_INTEGER:
		return feel_number_of_int(arena, json_integer_value(json));
	case JSON_REAL:
		if (!feel_decimal_from_double(&number, json_real_value(json)))
			return &feel_null;
		return feel_number(arena, number);
	case JSON_STRING:
		return string_of(arena, json_string_value(json), json_string_length(json));
	case JSON_ARRAY:
	case JSON_OBJECT:
		break;
	}
	v = value_new(arena, json_is_array(json) ? FEEL_LIST : FEEL_CONTEXT);
	if (v)
		v->json = json;
	return v;
}

size_t feel_list_len(const struct feel_value *list)
{
	return list->json ? json_array_size(list->json) : list->list.len;
}

const struct feel_value *feel_list_at(struct feel_arena *arena, const struct feel_value *list,
				      size_t i)
{
	return list->json ? feel_wrap(arena, json_array_get(list->json, i)) : list->list.items[i];
}

bool feel_context_get(const struct feel_value **valuep, struct feel_arena *arena,
		      const struct feel_value *context, struct feel_text key)
{
	*valuep = NULL;
	if (context->json) {
		const json_t *json = json_object_getn(context->json, key.bytes, key.len);

		if (json)
			*valuep = feel_wrap(arena, json);
		return !json || *valuep;
	}
	for (size_t i = context->context.len; i-- > 0;) {
		const struct feel_entry *entry = &context->context.entries[i];

		if (feel_text_equal(entry->key, key)) {
			*valuep = entry->value;
			break;
		}
	}
	return true;
}

bool feel_context_entries(struct feel_entry **entriesp, size_t *lenp, struct feel_arena *arena,
			  const struct feel_value *context)
{
	struct feel_entry *entries;
	json_t *object = (json_t *)context->json; /* iterated, not changed */
	size_t len = 0;

	if (!object) {
		*entriesp = context->context.entries;
		*lenp = context->context.len;
		return true;
	}
	entries = feel_arena_alloc(arena, (json_object_size(object) + 1) * sizeof(*entries));
	if (!entries)
		return false;
	for (void *iter = json_object_iter(object); iter;
	     iter = json_object_iter_next(object, iter)) {
		entries[len].key.bytes = json_object_iter_key(iter);
		entries[len].key.len = json_object_iter_key_len(iter);
		entries[len].value = feel_wrap(arena, json_object_iter_value(iter));
		if (!entries[len].value)
			return false;
		len++;
	}
	*entriesp = entries;
	*lenp = len;
	return true;
}

bool feel_text_equal(struct feel_text a, struct feel_text b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.bytes, b.bytes, a.len) == 0);
}

int feel_text_compare(struct feel_text a, struct feel_text b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len ? memcmp(a.bytes, b.bytes, len) : 0;

	return order ? order : (a.len > b.len) - (a.len < b.len);
}

const struct feel_value *feel_scalar_text(struct feel_arena *arena, const struct feel_value *v)
{
	char buf[FEEL_DECIMAL_TEXT_SIZE];
	size_t len = 0;

	switch (v->kind) {
	case FEEL_STRING:
		return v;
	case FEEL_BOOLEAN:
		return v->truth ? string_of(arena, "true", 4) : string_of(arena, "false", 5);
	case FEEL_NUMBER:
		len = feel_decimal_to_text(buf, v->number);
		break;
	case FEEL_DATE:
		len = feel_date_to_text(buf, &v->moment);
		break;
	case FEEL_TIME:
		len = feel_time_to_text(buf, &v->moment);
		break;
	case FEEL_DATETIME:
		len = feel_datetime_to_text(buf, &v->moment);
		break;
	case FEEL_DAYS_TIME:
	case FEEL_YEARS_MONTHS:
		len = feel_duration_to_text(buf, &v->duration);
		break;
	default:
		return &feel_null;
	}
	return feel_string(arena, buf, len);
}
