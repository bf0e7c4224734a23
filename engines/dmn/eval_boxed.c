/*
 * eval_boxed.c — boxed expressions. Slots are filled in the order in which compile.c named them.
 *
 * Source: DMN 1.5 §7.3, §10.2 and §10.4.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "engines/dmn/eval.h"

static struct feel_arena *arena_of(const struct dmn_frame *frame)
{
	return feel_run_arena(frame->eval->run);
}

static const struct feel_value *literal_value(struct dmn_frame *frame,
					      const struct dmn_boxed *boxed)
{
	return dmn_text_value(frame, &boxed->text);
}

static const struct feel_value *table_value(struct dmn_frame *frame, const struct dmn_boxed *boxed)
{
	return dmn_table_value(frame, boxed->table);
}

static const struct feel_value *absent_value(struct dmn_frame *frame, const struct dmn_boxed *boxed)
{
	return dmn_null_because(frame->eval, &boxed->place, "there is no expression");
}

static const struct feel_value *part_value(struct dmn_frame *frame, const struct dmn_boxed *boxed,
					   const struct dmn_part *part)
{
	return dmn_coerce(frame->eval, dmn_boxed_value(frame, part->boxed), part->type.type,
			  &boxed->place);
}

/* ---- functions ---- */

struct closure {
	struct dmn_frame frame; /* as it was where the function was made */
	const struct dmn_boxed *boxed;
};

static const struct feel_value *call_closure(struct feel_run *run, void *arg,
					     const struct feel_value *const *args, size_t len)
{
	const struct closure *self = arg;
	struct dmn_frame frame = self->frame;
	const struct feel_value *value = NULL;

	if (self->boxed->refused)
		return dmn_null_because(frame.eval, &self->boxed->place, "%s",
					self->boxed->refused);
	if (dmn_deeper(frame.eval)) {
		frame.slots = dmn_alloc(frame.eval, frame.element->slots * sizeof(*frame.slots));
		if (frame.slots) {
			memcpy(frame.slots, self->frame.slots, frame.len * sizeof(*frame.slots));
			for (size_t i = 0; i < len; i++)
				frame.slots[frame.len++] = args[i];
			value = dmn_boxed_value(&frame, self->boxed->body);
		}
	}
	frame.eval->depth--;
	return value;
}

/* The type of a function is that, or, in older files, its result's. */
static const struct feel_type *whole_type(const struct dmn_boxed *boxed)
{
	const struct feel_type *type = boxed->type.type;

	return boxed->kind == DMN_FUNCTION && type && type->kind != FEEL_TYPE_FUNCTION ? NULL
										       : type;
}

/* own is the slot of the function's own name; SIZE_MAX: it has none. */
static const struct feel_value *new_closure(struct dmn_frame *frame, const struct dmn_boxed *boxed,
					    size_t own)
{
	struct closure *self = dmn_alloc(frame->eval, sizeof(*self));
	struct feel_member *params = dmn_alloc(frame->eval, boxed->len * sizeof(*params));
	struct feel_host host = { .name = "a function",
				  .fn = call_closure,
				  .arg = self,
				  .params = params,
				  .params_len = boxed->len };
	const struct feel_value *function;

	if (!self || !params)
		return NULL;
	if (!whole_type(boxed))
		host.result = boxed->type.type;
	self->boxed = boxed;
	self->frame = *frame;
	self->frame.slots = dmn_alloc(frame->eval, (frame->len + 1) * sizeof(*frame->slots));
	if (!self->frame.slots)
		return NULL;
	memcpy(self->frame.slots, frame->slots, frame->len * sizeof(*frame->slots));
	for (size_t i = 0; i < boxed->len; i++) {
		const char *name = boxed->parts[i].name;

		params[i] =
			(struct feel_member){ { name, strlen(name) }, boxed->parts[i].type.type };
	}
	function = feel_function(frame->eval->run, &host);
	if (function && own < frame->len)
		self->frame.slots[own] = function;
	return function;
}

static const struct feel_value *function_value(struct dmn_frame *frame,
					       const struct dmn_boxed *boxed)
{
	return new_closure(frame, boxed, SIZE_MAX);
}

/* ---- contexts and lists ---- */

static const struct feel_value *context_value(struct dmn_frame *frame,
					      const struct dmn_boxed *boxed)
{
	struct feel_entry *entries = dmn_alloc(frame->eval, boxed->len * sizeof(*entries));
	size_t outer = frame->len;

	for (size_t i = 0; entries && i < boxed->len; i++) {
		const struct dmn_part *part = &boxed->parts[i];
		bool is_function = part->name && part->boxed->kind == DMN_FUNCTION;
		const struct feel_value *value;

		if (is_function) {
			frame->slots[frame->len++] = &feel_null;
			value = new_closure(frame, part->boxed, frame->len - 1);
			value = dmn_coerce(frame->eval, value, whole_type(part->boxed),
					   &part->boxed->place);
			value = dmn_coerce(frame->eval, value, part->type.type, &boxed->place);
			frame->slots[frame->len - 1] = value;
		} else {
			value = part_value(frame, boxed, part);
			if (value && part->name)
				frame->slots[frame->len++] = value;
		}
		if (!value || !part->name) {
			frame->len = outer;
			return value;
		}
		entries[i] = (struct feel_entry){ { part->name, strlen(part->name) }, value };
	}
	frame->len = outer;
	return entries ? feel_context(arena_of(frame), entries, boxed->len) : NULL;
}

static const struct feel_value *record_value(struct dmn_frame *frame, const struct dmn_boxed *boxed)
{
	struct feel_entry *entries = dmn_alloc(frame->eval, boxed->len * sizeof(*entries));

	for (size_t i = 0; entries && i < boxed->len; i++) {
		const char *name = boxed->parts[i].name;
		const struct feel_value *value = part_value(frame, boxed, &boxed->parts[i]);

		if (!value)
			return NULL;
		entries[i] = (struct feel_entry){ { name, strlen(name) }, value };
	}
	return entries ? feel_context(arena_of(frame), entries, boxed->len) : NULL;
}

static const struct feel_value *list_value(struct dmn_frame *frame, const struct dmn_boxed *boxed)
{
	const struct feel_value **items = dmn_alloc(frame->eval, boxed->len * sizeof(*items));

	for (size_t i = 0; items && i < boxed->len; i++) {
		items[i] = part_value(frame, boxed, &boxed->parts[i]);
		if (!items[i])
			return NULL;
	}
	return items ? feel_list(arena_of(frame), items, boxed->len) : NULL;
}

/* ---- calls and conditions ---- */

static const struct feel_value *invocation_value(struct dmn_frame *frame,
						 const struct dmn_boxed *boxed)
{
	const struct feel_value **slots = dmn_alloc(frame->eval, (boxed->len + 1) * sizeof(*slots));

	if (!slots)
		return NULL;
	slots[0] = dmn_boxed_value(frame, boxed->body);
	if (!slots[0])
		return NULL;
	if (slots[0]->kind != FEEL_FUNCTION)
		return dmn_null_because(frame->eval, &boxed->place,
					"what is invoked is no function but %s",
					feel_kind_text(slots[0]->kind));
	for (size_t i = 0; i < boxed->len; i++) {
		slots[i + 1] = part_value(frame, boxed, &boxed->parts[i]);
		if (!slots[i + 1])
			return NULL;
	}
	return dmn_with_slots(frame->eval, boxed->helper, slots);
}

static const struct feel_value *conditional_value(struct dmn_frame *frame,
						  const struct dmn_boxed *boxed)
{
	const struct feel_value *condition = part_value(frame, boxed, &boxed->parts[0]);

	if (!condition)
		return NULL;
	return part_value(frame, boxed, &boxed->parts[dmn_is_true(condition) ? 1 : 2]);
}

/* ---- iterators ---- */

static const struct feel_value *no_boolean(struct dmn_frame *frame, const struct dmn_boxed *boxed,
					   const struct feel_value *value)
{
	return dmn_null_because(frame->eval, &boxed->place, "what is asked is %s, not a boolean",
				feel_kind_text(value->kind));
}

static const struct feel_value *domain_value(struct dmn_frame *frame, const struct dmn_boxed *boxed)
{
	const struct dmn_part *in = &boxed->parts[0];
	const struct feel_value *value, *slots[1];

	if (boxed->helper)
		return dmn_coerce(frame->eval, dmn_text_value(frame, boxed->helper), in->type.type,
				  &boxed->place);
	slots[0] = value = part_value(frame, boxed, in);
	if (!value || value->kind == FEEL_LIST)
		return value;
	return dmn_with_slots(frame->eval, &frame->eval->model->expand, slots);
}

static const struct feel_value *for_value(struct dmn_frame *frame, const struct dmn_boxed *boxed)
{
	const struct feel_value *domain = domain_value(frame, boxed), **items;
	size_t len, outer = frame->len;

	if (!domain || domain->kind != FEEL_LIST)
		return domain ? &feel_null : NULL;
	len = feel_list_len(domain);
	items = dmn_alloc(frame->eval, len * sizeof(*items));
	for (size_t i = 0; items && i < len; i++) {
		frame->len = outer;
		frame->slots[frame->len++] = feel_list_at(arena_of(frame), domain, i);
		frame->slots[frame->len++] = feel_list(arena_of(frame), items, i);
		items[i] = frame->slots[outer] && frame->slots[outer + 1]
				   ? dmn_boxed_value(frame, boxed->body)
				   : NULL;
		if (!items[i])
			items = NULL;
	}
	frame->len = outer;
	return items ? feel_list(arena_of(frame), items, len) : NULL;
}

/* some is true by one that is true, every false by one that is false; what is asked is a boolean.
 */
static const struct feel_value *quantified_value(struct dmn_frame *frame,
						 const struct dmn_boxed *boxed)
{
	bool decides = boxed->kind == DMN_SOME;
	const struct feel_value *domain = domain_value(frame, boxed), *value;

	if (!domain || domain->kind != FEEL_LIST)
		return domain ? &feel_null : NULL;
	for (size_t i = 0; i < feel_list_len(domain); i++) {
		frame->slots[frame->len] = feel_list_at(arena_of(frame), domain, i);
		if (!frame->slots[frame->len])
			return NULL;
		frame->len++;
		value = dmn_boxed_value(frame, boxed->body);
		frame->len--;
		if (!value)
			return NULL;
		if (value->kind != FEEL_BOOLEAN)
			return no_boolean(frame, boxed, value);
		if (value->truth == decides)
			return value;
	}
	return feel_boolean(!decides);
}

static const struct feel_value *
filter_slowly(struct dmn_frame *frame, const struct dmn_boxed *boxed, const struct feel_value *list)
{
	const struct feel_value **items, *item, *match;
	size_t len = 0;

	items = dmn_alloc(frame->eval, feel_list_len(list) * sizeof(*items));
	for (size_t i = 0; items && i < feel_list_len(list); i++) {
		item = feel_list_at(arena_of(frame), list, i);
		if (!item)
			return NULL;
		frame->slots[frame->len++] = item;
		match = dmn_boxed_value(frame, boxed->body);
		frame->len--;
		if (!match || match->kind != FEEL_BOOLEAN)
			return match ? no_boolean(frame, boxed, match) : NULL;
		if (match->truth)
			items[len++] = item;
	}
	return items ? feel_list(arena_of(frame), items, len) : NULL;
}

static const struct feel_value *filter_value(struct dmn_frame *frame, const struct dmn_boxed *boxed)
{
	const struct feel_value *list = part_value(frame, boxed, &boxed->parts[0]), *value;

	if (!list)
		return NULL;
	if (boxed->helper) {
		frame->slots[frame->len++] = list;
		value = dmn_text_value(frame, boxed->helper);
		frame->len--;
		return value;
	}
	if (list->kind != FEEL_LIST)
		return dmn_null_because(frame->eval, &boxed->place, "what is filtered is no list");
	return filter_slowly(frame, boxed, list);
}

const struct feel_value *dmn_boxed_value(struct dmn_frame *frame, const struct dmn_boxed *boxed)
{
	static const struct feel_value *(*const values[])(struct dmn_frame *,
							  const struct dmn_boxed *) = {
		[DMN_LITERAL] = literal_value,	       [DMN_CONTEXT] = context_value,
		[DMN_RECORD] = record_value,	       [DMN_LIST] = list_value,
		[DMN_INVOCATION] = invocation_value,   [DMN_FUNCTION] = function_value,
		[DMN_CONDITIONAL] = conditional_value, [DMN_FOR] = for_value,
		[DMN_SOME] = quantified_value,	       [DMN_EVERY] = quantified_value,
		[DMN_FILTER] = filter_value,	       [DMN_TABLE] = table_value,
		[DMN_ABSENT] = absent_value,
	};
	const struct feel_value *value = NULL;

	if (dmn_deeper(frame->eval))
		value = values[boxed->kind](frame, boxed);
	frame->eval->depth--;
	return dmn_coerce(frame->eval, value, whole_type(boxed), &boxed->place);
}
