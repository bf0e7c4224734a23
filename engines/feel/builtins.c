/*
 * builtins.c — finds built-in functions, puts arguments by name in their places, and checks them
 * before the call.
 *
 * An argument of another kind is made to fit where the standard says so: one item for a list of
 * one, a list of one for its item, a date for midnight in UTC (DMN 1.4 §10.3.2.9.4).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/builtins.h"

#include <stdio.h>
#include <string.h>

#define FEEL_K_STRING	 FEEL_K(STRING)
#define FEEL_K_NUMBER	 FEEL_K(NUMBER)
#define FEEL_K_LIST	 FEEL_K(LIST)
#define FEEL_K_CONTEXT	 FEEL_K(CONTEXT)
#define FEEL_K_RANGE	 FEEL_K(RANGE)
#define FEEL_K_FUNCTION	 FEEL_K(FUNCTION)
#define FEEL_K_DATE	 FEEL_K(DATE)
#define FEEL_K_TIME	 FEEL_K(TIME)
#define FEEL_K_DATETIME	 FEEL_K(DATETIME)
#define FEEL_K_DAYS_TIME FEEL_K(DAYS_TIME)
#define FEEL_K_DURATION	 (FEEL_K(DAYS_TIME) | FEEL_K(YEARS_MONTHS))

#define P(text, of)                                                                                \
	{                                                                                          \
		.name = (text), .kinds = FEEL_K_##of                                               \
	}
#define O(text, of)                                                                                \
	{                                                                                          \
		.name = (text), .kinds = FEEL_K_##of | FEEL_K(NULL), .is_optional = true           \
	}
#define V(text, of)                                                                                \
	{                                                                                          \
		.name = (text), .kinds = FEEL_K_##of, .is_repeated = true                          \
	}

static const struct feel_builtin builtins[] = {
#define FEEL_BUILTIN(name, fn, ...) { name, feel_builtin_##fn, { __VA_ARGS__ } },
#include "engines/feel/builtins_table.h"
#undef FEEL_BUILTIN
};

enum { ROWS = sizeof(builtins) / sizeof(builtins[0]) };

static bool is_named(const char *name, struct feel_text text)
{
	return feel_text_equal((struct feel_text){ name, strlen(name) }, text);
}

const struct feel_builtin *feel_builtin_find(struct feel_text name)
{
	for (size_t i = 0; i < ROWS; i++)
		if (is_named(builtins[i].name, name))
			return &builtins[i];
	return NULL;
}

/* The next row of the same function, or NULL. */
static const struct feel_builtin *next_row(const struct feel_builtin *row)
{
	return row + 1 < builtins + ROWS && strcmp(row[1].name, row->name) == 0 ? row + 1 : NULL;
}

static bool row_takes(const struct feel_builtin *row, size_t len)
{
	const struct feel_param *params = row->params;
	size_t n = 0;

	for (; params[n].name; n++) {
		if (params[n].is_repeated)
			return len > n;
		if (n >= len && !params[n].is_optional)
			return false;
	}
	return len <= n;
}

bool feel_builtin_takes(const struct feel_builtin *builtin, size_t len)
{
	for (; builtin; builtin = next_row(builtin))
		if (row_takes(builtin, len))
			return true;
	return false;
}

size_t feel_builtin_rows(const struct feel_builtin **rowsp)
{
	*rowsp = builtins;
	return ROWS;
}

/* Sets places[i] to the place of names[i] and *placesp to how many places there are up to the last
 * one; false if the row hasn't these names, or has others that must be given. */
static bool place_names(const struct feel_builtin *row, const struct feel_text *names, size_t len,
			size_t places[FEEL_PARAMS_MAX], size_t *placesp)
{
	bool is_given[FEEL_PARAMS_MAX] = { false };

	*placesp = 0;
	for (size_t i = 0; i < len; i++) {
		size_t place = 0;

		while (row->params[place].name && !is_named(row->params[place].name, names[i]))
			place++;
		if (!row->params[place].name || is_given[place])
			return false;
		is_given[place] = true;
		places[i] = place;
		if (place >= *placesp)
			*placesp = place + 1;
	}
	for (size_t place = 0; row->params[place].name; place++)
		if (!is_given[place] && !row->params[place].is_optional)
			return false;
	return true;
}

bool feel_builtin_has(const struct feel_builtin *builtin, const struct feel_text *names, size_t len)
{
	size_t places[FEEL_PARAMS_MAX], n;

	for (; builtin; builtin = next_row(builtin))
		if (len <= FEEL_PARAMS_MAX && place_names(builtin, names, len, places, &n))
			return true;
	return false;
}

static bool is_kind(const struct feel_value *v, unsigned kinds)
{
	return kinds & 1U << v->kind;
}

/* Makes an argument fit, or returns it as it is where nothing helps; NULL when the run is over. */
static const struct feel_value *fit(struct feel_run *run, const struct feel_value *v,
				    unsigned kinds)
{
	const struct feel_value **items, *item;

	if (is_kind(v, kinds))
		return v;
	if (v->kind == FEEL_LIST && feel_list_len(v) == 1) {
		item = feel_run_value(run, feel_list_at(&run->arena, v, 0));
		return !item || is_kind(item, kinds) ? item : v;
	}
	if (v->kind == FEEL_DATE && is_kind(&(struct feel_value){ .kind = FEEL_DATETIME }, kinds)) {
		struct feel_moment m = v->moment;

		m.has_offset = true;
		return feel_run_value(run, feel_moment(&run->arena, FEEL_DATETIME, &m));
	}
	if (v->kind == FEEL_NULL || !(kinds & FEEL_K_LIST))
		return v;
	if (!feel_run_alloc_items(run, &items, 1))
		return NULL;
	items[0] = v;
	return feel_run_value(run, feel_list(&run->arena, items, 1));
}

struct call { /* arguments as a row wants them */
	const struct feel_value *args[FEEL_PARAMS_MAX];
	size_t wrong; /* place of the argument that fits not, or any number of times */
};

enum fitting { FITS, MISFITS, OVER };

static enum fitting fit_all(struct feel_run *run, struct call *call, const struct feel_builtin *row,
			    const struct feel_value *const *args, size_t len)
{
	for (size_t i = 0; row->params[i].name; i++) {
		const struct feel_param *param = &row->params[i];

		call->wrong = i;
		if (param->is_repeated) { /* is the last one; anything goes */
			return FITS;
		}
		call->args[i] = i < len ? fit(run, args[i], param->kinds) : &feel_null;
		if (!call->args[i])
			return OVER;
		if (!is_kind(call->args[i], param->kinds))
			return MISFITS;
	}
	return FITS;
}

static void write_kinds(char *out, size_t size, unsigned kinds)
{
	size_t at = 0;

	out[0] = '\0';
	for (unsigned kind = FEEL_NULL + 1; kind < FEEL_KIND_COUNT && at < size; kind++)
		if (kinds & 1U << kind)
			at += (size_t)snprintf(out + at, size - at, "%s%s", at ? " or " : "",
					       feel_kind_text(kind));
}

static const struct feel_value *misfit(struct feel_run *run, const struct feel_builtin *row,
				       size_t place, const struct feel_value *arg)
{
	char wanted[128];

	write_kinds(wanted, sizeof(wanted), row->params[place].kinds);
	return feel_null_because(run, "%s(): %s is a %s, not a %s", row->name,
				 row->params[place].name, feel_kind_text(arg->kind), wanted);
}

struct attempt { /* the row that came closest */
	const struct feel_builtin *row;
	size_t wrong;
};

/* Calls a row if the arguments fit: sets *valuep, and returns whether that settles the call. */
static bool settle(const struct feel_value **valuep, struct feel_run *run, struct attempt *closest,
		   const struct feel_builtin *row, const struct feel_value *const *args, size_t len)
{
	struct call call = { .wrong = 0 };
	enum fitting fitting = fit_all(run, &call, row, args, len);

	*valuep = NULL;
	if (fitting == FITS)
		*valuep = row->params[call.wrong].is_repeated ? row->fn(run, args, len)
							      : row->fn(run, call.args, len);
	if (fitting != MISFITS)
		return true;
	if (!closest->row || call.wrong > closest->wrong)
		*closest = (struct attempt){ row, call.wrong };
	return false;
}

const struct feel_value *feel_builtin_call(struct feel_run *run, const struct feel_builtin *builtin,
					   const struct feel_value *const *args, size_t len)
{
	struct attempt closest = { 0 };
	const struct feel_value *v;

	for (const struct feel_builtin *row = builtin; row; row = next_row(row))
		if (row_takes(row, len) && settle(&v, run, &closest, row, args, len))
			return v;
	if (!closest.row)
		return feel_null_because(run, "%s() doesn't take %zu arguments", builtin->name,
					 len);
	return misfit(run, closest.row, closest.wrong, args[closest.wrong]);
}

static bool is_in_order(const size_t *places, size_t len)
{
	for (size_t i = 1; i < len; i++)
		if (places[i] < places[i - 1])
			return false;
	return true;
}

const struct feel_value *feel_builtin_call_named(struct feel_run *run,
						 const struct feel_builtin *builtin,
						 const struct feel_text *names,
						 const struct feel_value *const *args, size_t len)
{
	const struct feel_value *placed[FEEL_PARAMS_MAX], *wrong = &feel_null, *v;
	size_t places[FEEL_PARAMS_MAX], n;
	struct attempt closest = { 0 };

	/* of rows with the same names, the one that has them in the order as they are given */
	for (int pass = 0; pass < 2 && len <= FEEL_PARAMS_MAX; pass++) {
		for (const struct feel_builtin *row = builtin; row; row = next_row(row)) {
			if (!place_names(row, names, len, places, &n) ||
			    is_in_order(places, len) != (pass == 0))
				continue;
			for (size_t i = 0; i < n; i++)
				placed[i] = &feel_null;
			for (size_t i = 0; i < len; i++)
				placed[places[i]] = args[i];
			if (settle(&v, run, &closest, row, placed, n))
				return v;
			if (closest.row == row)
				wrong = placed[closest.wrong];
		}
	}
	if (!closest.row)
		return feel_null_because(run, "%s() has no such parameters", builtin->name);
	return misfit(run, closest.row, closest.wrong, wrong);
}

bool feel_items(struct feel_run *run, const struct feel_value *list,
		const struct feel_value *const **itemsp, size_t *lenp)
{
	const struct feel_value **items;
	size_t len = feel_list_len(list);

	if (!feel_run_step(run, len / 4))
		return false;
	*lenp = len;
	if (!list->json) {
		*itemsp = list->list.items;
		return true;
	}
	if (!feel_run_alloc_items(run, &items, len))
		return false;
	for (size_t i = 0; i < len; i++) {
		items[i] = feel_run_value(run, feel_list_at(&run->arena, list, i));
		if (!items[i])
			return false;
	}
	*itemsp = items;
	return true;
}

bool feel_items_of(struct feel_run *run, const struct feel_value *const *args, size_t args_len,
		   const struct feel_value *const **itemsp, size_t *lenp)
{
	if (args_len == 1 && args[0]->kind == FEEL_LIST)
		return feel_items(run, args[0], itemsp, lenp);
	*itemsp = args;
	*lenp = args_len;
	return feel_run_step(run, args_len);
}

const struct feel_value *feel_list_of(struct feel_run *run, const struct feel_value *const *items,
				      size_t len)
{
	return feel_run_value(run, feel_list(&run->arena, (const struct feel_value **)items, len));
}

const struct feel_value *feel_text_value(struct feel_run *run, const char *bytes, size_t len)
{
	return feel_run_step(run, len / 64)
		       ? feel_run_value(run, feel_string(&run->arena, bytes, len))
		       : NULL;
}

const struct feel_value *feel_int_value(struct feel_run *run, int64_t i)
{
	return feel_run_value(run, feel_number_of_int(&run->arena, i));
}

const struct feel_value *feel_decimal_value(struct feel_run *run, bool ok,
					    const struct feel_decimal *number, const char *wrong)
{
	if (!ok)
		return feel_null_because(run, "%s", wrong);
	return feel_run_value(run, feel_number(&run->arena, *number));
}

bool feel_int_of(int64_t *outp, const struct feel_value *number)
{
	struct feel_decimal n = number->number;

	n = feel_decimal_compare(n, feel_decimal_from_int(0)) < 0 ? feel_decimal_ceiling(n)
								  : feel_decimal_floor(n);
	return feel_decimal_to_int(outp, n);
}
