/*
 * type.c — types: named, compared, asked of values, and values made to fit them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "engines/feel/run.h"

enum { TYPE_DEPTH_MAX = 64 };

#define SIMPLE(of)                                                                                 \
	{                                                                                          \
		.kind = FEEL_TYPE_SIMPLE, .simple = (of)                                           \
	}
#define WHATEVER(of)                                                                               \
	{                                                                                          \
		.kind = (of), .is_unspecified = true                                               \
	}

static const struct {
	const char *name;
	struct feel_type type;
} named[] = {
	{ "Any", { .kind = FEEL_TYPE_ANY } },
	{ "Null", SIMPLE(FEEL_NULL) },
	{ "null", SIMPLE(FEEL_NULL) },
	{ "number", SIMPLE(FEEL_NUMBER) },
	{ "string", SIMPLE(FEEL_STRING) },
	{ "boolean", SIMPLE(FEEL_BOOLEAN) },
	{ "date", SIMPLE(FEEL_DATE) },
	{ "time", SIMPLE(FEEL_TIME) },
	{ "date and time", SIMPLE(FEEL_DATETIME) },
	{ "days and time duration", SIMPLE(FEEL_DAYS_TIME) },
	{ "years and months duration", SIMPLE(FEEL_YEARS_MONTHS) },
	{ "dateTime", SIMPLE(FEEL_DATETIME) },
	{ "dayTimeDuration", SIMPLE(FEEL_DAYS_TIME) },
	{ "yearMonthDuration", SIMPLE(FEEL_YEARS_MONTHS) },
	{ "duration", { .kind = FEEL_TYPE_DURATION } },
	{ "list", WHATEVER(FEEL_TYPE_LIST) },
	{ "range", WHATEVER(FEEL_TYPE_RANGE) },
	{ "context", WHATEVER(FEEL_TYPE_CONTEXT) },
	{ "function", WHATEVER(FEEL_TYPE_FUNCTION) },
};

const char *feel_type_name(size_t i)
{
	return i < sizeof(named) / sizeof(named[0]) ? named[i].name : NULL;
}

const struct feel_type *feel_type_named(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (strlen(named[i].name) == len && memcmp(named[i].name, name, len) == 0)
			return &named[i].type;
	return NULL;
}

static bool is_any(const struct feel_type *type)
{
	return !type || type->kind == FEEL_TYPE_ANY;
}

static const struct feel_member *member_of(const struct feel_type *type, struct feel_text name)
{
	for (size_t i = 0; i < type->len; i++)
		if (feel_text_equal(type->members[i].name, name))
			return &type->members[i];
	return NULL;
}

static bool conforms(const struct feel_type *type, const struct feel_type *to, unsigned depth);

/* Parameters the other way round: what takes more can stand for what takes less. */
static bool function_conforms(const struct feel_type *type, const struct feel_type *to,
			      unsigned depth)
{
	if (type->is_unspecified || type->len != to->len)
		return false;
	for (size_t i = 0; i < to->len; i++)
		if (!conforms(to->members[i].type, type->members[i].type, depth + 1))
			return false;
	return conforms(type->element, to->element, depth + 1);
}

static bool context_conforms(const struct feel_type *type, const struct feel_type *to,
			     unsigned depth)
{
	for (size_t i = 0; i < to->len; i++) {
		const struct feel_member *member = member_of(type, to->members[i].name);

		if (!member || !conforms(member->type, to->members[i].type, depth + 1))
			return false;
	}
	return true;
}

static bool conforms(const struct feel_type *type, const struct feel_type *to, unsigned depth)
{
	static const struct feel_type any;

	if (type == to || is_any(to) || depth > TYPE_DEPTH_MAX)
		return true;
	type = type ? type : &any;
	if (type->kind == FEEL_TYPE_SIMPLE && type->simple == FEEL_NULL)
		return true;
	if (to->kind == FEEL_TYPE_DURATION && type->kind == FEEL_TYPE_SIMPLE)
		return type->simple == FEEL_DAYS_TIME || type->simple == FEEL_YEARS_MONTHS;
	if (type->kind != to->kind)
		return false;
	if (to->is_unspecified)
		return true;
	switch (to->kind) {
	case FEEL_TYPE_SIMPLE:
		return type->simple == to->simple;
	case FEEL_TYPE_LIST:
	case FEEL_TYPE_RANGE:
		return !type->is_unspecified && conforms(type->element, to->element, depth + 1);
	case FEEL_TYPE_CONTEXT:
		return context_conforms(type, to, depth);
	case FEEL_TYPE_FUNCTION:
		return function_conforms(type, to, depth);
	default:
		return true;
	}
}

bool feel_type_conforms(const struct feel_type *type, const struct feel_type *to)
{
	return conforms(type, to, 0);
}

static bool has_type(struct feel_run *run, const struct feel_value *v, const struct feel_type *type,
		     unsigned depth);

static struct feel_type type_of_function(const struct feel_function *function)
{
	return (struct feel_type){ .kind = FEEL_TYPE_FUNCTION,
				   .members = function->params,
				   .len = function->params_len,
				   .element = function->kind == FEEL_FN_CLOSURE
						      ? function->closure.node->body->yields
						      : function->result };
}

static const struct feel_type *common(const struct feel_type *a, const struct feel_type *b)
{
	return conforms(a, b, 0) && conforms(b, a, 0) ? a : NULL;
}

/*
 * A list of functions is a list of what they have in common: a parameter that has another type in
 * another of them is of any type. Returns false for items that are no functions alike.
 */
static bool type_of_functions(struct feel_run *run, const struct feel_value *list,
			      struct feel_type *type)
{
	struct feel_member *members = NULL;

	for (size_t i = 0; i < feel_list_len(list); i++) {
		const struct feel_value *item = feel_list_at(&run->arena, list, i);
		struct feel_type own;

		if (!item || item->kind != FEEL_FUNCTION || item->function->kind == FEEL_FN_BUILTIN)
			return false;
		own = type_of_function(item->function);
		if (i == 0) {
			*type = own;
			members = feel_arena_alloc(&run->arena, (own.len + 1) * sizeof(*members));
			if (!members)
				return feel_run_over(run);
			if (own.len)
				memcpy(members, own.members, own.len * sizeof(*members));
			type->members = members;
		}
		if (own.len != type->len || !feel_run_step(run, own.len))
			return false;
		for (size_t k = 0; k < own.len; k++)
			members[k].type = common(members[k].type, own.members[k].type);
		type->element = common(type->element, own.element);
	}
	return members;
}

static bool list_has_type(struct feel_run *run, const struct feel_value *list,
			  const struct feel_type *element, unsigned depth)
{
	struct feel_type functions;

	if (element && element->kind == FEEL_TYPE_FUNCTION && !element->is_unspecified &&
	    type_of_functions(run, list, &functions))
		return function_conforms(&functions, element, depth);
	for (size_t i = 0; i < feel_list_len(list); i++) {
		const struct feel_value *item =
			feel_run_value(run, feel_list_at(&run->arena, list, i));

		if (!item || (item->kind != FEEL_NULL && !has_type(run, item, element, depth + 1)))
			return false;
	}
	return true;
}

static bool context_has_type(struct feel_run *run, const struct feel_value *context,
			     const struct feel_type *type, unsigned depth)
{
	for (size_t i = 0; i < type->len; i++) {
		const struct feel_value *v;

		if (!feel_context_get(&v, &run->arena, context, type->members[i].name))
			return feel_run_over(run);
		if (!v ||
		    (v->kind != FEEL_NULL && !has_type(run, v, type->members[i].type, depth + 1)))
			return false;
	}
	return true;
}

static bool range_has_type(struct feel_run *run, const struct feel_value *range,
			   const struct feel_type *element, unsigned depth)
{
	const struct feel_value *low = range->range.low, *high = range->range.high;

	return (!low || low->kind == FEEL_NULL || has_type(run, low, element, depth + 1)) &&
	       (!high || high->kind == FEEL_NULL || has_type(run, high, element, depth + 1));
}

static bool function_has_type(const struct feel_function *function, const struct feel_type *type)
{
	const struct feel_type own = type_of_function(function);

	/* built-in functions are overloaded: no single type is theirs */
	return function->kind != FEEL_FN_BUILTIN && function_conforms(&own, type, 0);
}

static bool has_shape(struct feel_run *run, const struct feel_value *v,
		      const struct feel_type *type, unsigned depth)
{
	static const enum feel_kind kinds[] = { [FEEL_TYPE_LIST] = FEEL_LIST,
						[FEEL_TYPE_RANGE] = FEEL_RANGE,
						[FEEL_TYPE_CONTEXT] = FEEL_CONTEXT,
						[FEEL_TYPE_FUNCTION] = FEEL_FUNCTION };

	switch (type->kind) {
	case FEEL_TYPE_ANY:
		return true;
	case FEEL_TYPE_SIMPLE:
		return v->kind == type->simple;
	case FEEL_TYPE_DURATION:
		return v->kind == FEEL_DAYS_TIME || v->kind == FEEL_YEARS_MONTHS;
	default:
		break;
	}
	if (v->kind != kinds[type->kind])
		return false;
	if (type->is_unspecified)
		return true;
	switch (type->kind) {
	case FEEL_TYPE_LIST:
		return list_has_type(run, v, type->element, depth);
	case FEEL_TYPE_RANGE:
		return range_has_type(run, v, type->element, depth);
	case FEEL_TYPE_CONTEXT:
		return context_has_type(run, v, type, depth);
	default:
		return function_has_type(v->function, type);
	}
}

static bool has_type(struct feel_run *run, const struct feel_value *v, const struct feel_type *type,
		     unsigned depth)
{
	if (!feel_run_step(run, 1))
		return false;
	if (is_any(type))
		return true;
	if (depth > TYPE_DEPTH_MAX) {
		feel_null_because(run, "the value nests deeper than %d", TYPE_DEPTH_MAX);
		return false;
	}
	return has_shape(run, v, type, depth);
}

bool feel_has_type(struct feel_run *run, const struct feel_value *value,
		   const struct feel_type *type)
{
	/* null has the type Null alone; as a part it's a value of the part's type all the same */
	if (value->kind == FEEL_NULL && is_any(type))
		return false;
	return has_type(run, value, type, 0);
}

static const char *type_text(const struct feel_type *type)
{
	static const char *const texts[] = {
		[FEEL_TYPE_ANY] = "value",	 [FEEL_TYPE_DURATION] = "duration",
		[FEEL_TYPE_LIST] = "list",	 [FEEL_TYPE_RANGE] = "range",
		[FEEL_TYPE_CONTEXT] = "context", [FEEL_TYPE_FUNCTION] = "function",
	};

	return type->kind == FEEL_TYPE_SIMPLE ? feel_kind_text(type->simple) : texts[type->kind];
}

static const struct feel_value *coerce(struct feel_run *run, const struct feel_value *v,
				       const struct feel_type *type, bool *fitsp, unsigned depth);

static const struct feel_value *coerce_list(struct feel_run *run, const struct feel_value *list,
					    const struct feel_type *type, bool *fitsp,
					    unsigned depth)
{
	size_t len = feel_list_len(list);
	const struct feel_value **items;
	bool is_same = true;

	if (!feel_run_alloc_items(run, &items, len))
		return NULL;
	for (size_t i = 0; i < len; i++) {
		const struct feel_value *item =
			feel_run_value(run, feel_list_at(&run->arena, list, i));

		items[i] = item ? coerce(run, item, type->element, fitsp, depth + 1) : NULL;
		if (!items[i] || !*fitsp)
			return items[i];
		is_same = is_same && items[i] == item;
	}
	return is_same ? list : feel_run_value(run, feel_list(&run->arena, items, len));
}

static const struct feel_value *coerce_context(struct feel_run *run,
					       const struct feel_value *context,
					       const struct feel_type *type, bool *fitsp,
					       unsigned depth)
{
	struct feel_entry *entries, *coerced;
	bool is_same = true;
	size_t len, found = 0;

	if (!feel_context_entries(&entries, &len, &run->arena, context) ||
	    !(coerced = feel_arena_alloc(&run->arena, (len + 1) * sizeof(*coerced))))
		return feel_run_over(run);
	if (!feel_run_step(run, len + len * type->len / 16))
		return NULL;
	for (size_t i = 0; i < len; i++) {
		const struct feel_member *member = member_of(type, entries[i].key);

		coerced[i] = entries[i];
		found += member != NULL;
		if (!member)
			continue;
		coerced[i].value = coerce(run, entries[i].value, member->type, fitsp, depth + 1);
		if (!coerced[i].value || !*fitsp)
			return coerced[i].value;
		is_same = is_same && coerced[i].value == entries[i].value;
	}
	*fitsp = found >= type->len;
	return is_same ? context : feel_run_value(run, feel_context(&run->arena, coerced, len));
}

static const struct feel_value *midnight(struct feel_run *run, const struct feel_value *date)
{
	struct feel_moment m = date->moment;

	m.has_offset = true;
	return feel_run_value(run, feel_moment(&run->arena, FEEL_DATETIME, &m));
}

static const struct feel_value *one_item_list(struct feel_run *run, const struct feel_value *v)
{
	const struct feel_value **items;

	if (!feel_run_alloc_items(run, &items, 1))
		return NULL;
	items[0] = v;
	return feel_run_value(run, feel_list(&run->arena, items, 1));
}

/* The conversions of §10.3.2.9.4, where the kind isn't right as it is. */
static const struct feel_value *convert(struct feel_run *run, const struct feel_value *v,
					const struct feel_type *type)
{
	if (type->kind == FEEL_TYPE_ANY)
		return v;
	if (type->kind == FEEL_TYPE_LIST)
		return v->kind == FEEL_LIST ? v : one_item_list(run, v);
	if (v->kind == FEEL_LIST && feel_list_len(v) == 1)
		v = feel_run_value(run, feel_list_at(&run->arena, v, 0));
	if (v && v->kind == FEEL_DATE && type->kind == FEEL_TYPE_SIMPLE &&
	    type->simple == FEEL_DATETIME)
		return midnight(run, v);
	return v;
}

/* The value as it fits; *fitsp is cleared for one that doesn't. */
static const struct feel_value *coerce(struct feel_run *run, const struct feel_value *v,
				       const struct feel_type *type, bool *fitsp, unsigned depth)
{
	if (!feel_run_step(run, 1))
		return NULL;
	if (!type || v->kind == FEEL_NULL)
		return v;
	if (depth > TYPE_DEPTH_MAX) {
		*fitsp = false;
		return v;
	}
	v = convert(run, v, type);
	if (v && v->kind == FEEL_LIST && type->kind == FEEL_TYPE_LIST && !type->is_unspecified)
		v = coerce_list(run, v, type, fitsp, depth);
	else if (v && v->kind == FEEL_CONTEXT && type->kind == FEEL_TYPE_CONTEXT &&
		 !type->is_unspecified)
		v = coerce_context(run, v, type, fitsp, depth);
	else if (v && v->kind != FEEL_NULL)
		*fitsp = has_shape(run, v, type, depth);
	if (!v || run->err)
		return NULL;
	if (*fitsp && v->kind != FEEL_NULL && type->allows)
		*fitsp = type->allows(run, v, type->allows_arg);
	return run->err ? NULL : v;
}

const struct feel_value *feel_coerce(struct feel_run *run, const struct feel_value *value,
				     const struct feel_type *type)
{
	bool fits = true;
	const struct feel_value *v = coerce(run, value, type, &fits, 0);

	if (!v || fits)
		return v;
	return feel_null_because(run, "a %s that is not the %s asked for",
				 feel_kind_text(value->kind), type_text(type));
}
