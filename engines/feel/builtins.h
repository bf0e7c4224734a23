/*
 * builtins.h — the table of FEEL's built-in functions.
 *
 * A row is a function as it is called with one list of parameters; a function that can be called in
 * several ways has as many rows, one behind the other. Arguments are checked against the row before
 * the function sees them: it gets one value for each parameter, in order, feel_null for an optional
 * one that was left out, and returns a value of the run, feel_null (with a note) where there is
 * none, or NULL when the run is over.
 *
 * Source: DMN 1.4 §10.3.4, DMN 1.5 §10.3.4.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FEEL_BUILTINS_H
#define FEEL_BUILTINS_H

#include "engines/feel/run.h"

enum { FEEL_PARAMS_MAX = 7 };

/* len is the number of arguments, of interest only where a parameter takes any number of them. */
typedef const struct feel_value *feel_builtin_fn(struct feel_run *run,
						 const struct feel_value *const *args, size_t len);

struct feel_param {
	const char *name;
	unsigned kinds; /* bits 1 << enum feel_kind */
	bool is_optional;
	bool is_repeated; /* this one and any number more */
};

struct feel_builtin {
	const char *name;
	feel_builtin_fn *fn;
	struct feel_param params[FEEL_PARAMS_MAX + 1]; /* up to one without a name */
};

/* feel_builtin_find returns the first row of that name, or NULL. */
const struct feel_builtin *feel_builtin_find(struct feel_text name);

/* feel_builtin_takes tells whether it can be called with so many arguments by place. */
bool feel_builtin_takes(const struct feel_builtin *builtin, size_t len);

/* feel_builtin_has tells whether it can be called with arguments of these names. */
bool feel_builtin_has(const struct feel_builtin *builtin, const struct feel_text *names,
		      size_t len);

/* feel_builtin_rows sets *rowsp to the table, for whoever looks for names in a text. */
size_t feel_builtin_rows(const struct feel_builtin **rowsp);

/* feel_builtin_call calls the first row, from builtin on, that takes these arguments; null and a
 * note if there is none, NULL when the run is over. */
const struct feel_value *feel_builtin_call(struct feel_run *run, const struct feel_builtin *builtin,
					   const struct feel_value *const *args, size_t len);

/* feel_builtin_call_named does so with args[i] for the parameter names[i]. */
const struct feel_value *feel_builtin_call_named(struct feel_run *run,
						 const struct feel_builtin *builtin,
						 const struct feel_text *names,
						 const struct feel_value *const *args, size_t len);

/* ---- for the functions ---- */

/* feel_items sets *itemsp to the items of a list, of the arena; false when the run is over. */
bool feel_items(struct feel_run *run, const struct feel_value *list,
		const struct feel_value *const **itemsp, size_t *lenp);

/* feel_items_of is feel_items of the list that is the only argument, or else the arguments. */
bool feel_items_of(struct feel_run *run, const struct feel_value *const *args, size_t args_len,
		   const struct feel_value *const **itemsp, size_t *lenp);

/* feel_list_of makes a list of items that the caller may change no more. */
const struct feel_value *feel_list_of(struct feel_run *run, const struct feel_value *const *items,
				      size_t len);

const struct feel_value *feel_text_value(struct feel_run *run, const char *bytes, size_t len);
const struct feel_value *feel_int_value(struct feel_run *run, int64_t i);

/* feel_decimal_value is a number, or null with a note that says what went wrong. */
const struct feel_value *feel_decimal_value(struct feel_run *run, bool ok,
					    const struct feel_decimal *number, const char *wrong);

/* feel_int_of cuts a number to a whole one; false for one that doesn't fit 64 bits. */
bool feel_int_of(int64_t *outp, const struct feel_value *number);

/* feel_precedes_fn tells whether a goes before b: FEEL_UNKNOWN with a note if nobody knows. */
typedef enum feel_ternary feel_precedes_fn(struct feel_run *run, const struct feel_value *a,
					   const struct feel_value *b,
					   const struct feel_value *arg);
feel_precedes_fn feel_precedes; /* by the values' own order */

/* feel_sort sorts items in place, equal ones as they stood; FEEL_YES, or what precedes said else.
 */
enum feel_ternary feel_sort(struct feel_run *run, const struct feel_value **items, size_t len,
			    feel_precedes_fn *precedes, const struct feel_value *arg);

#define FEEL_K(kind)   (1U << FEEL_##kind)
#define FEEL_K_ANY     (~0U)
#define FEEL_K_MOMENTS (FEEL_K(DATE) | FEEL_K(TIME) | FEEL_K(DATETIME))
#define FEEL_K_POINT   (~(FEEL_K(NULL) | FEEL_K(RANGE) | FEEL_K(LIST)))
#define FEEL_K_DAY     (FEEL_K(DATE) | FEEL_K(DATETIME))

/* FEEL_FN begins the definition of a function of the table. */
#define FEEL_FN(name)                                                                              \
	const struct feel_value *feel_builtin_##name(                                              \
		struct feel_run *run, const struct feel_value *const *args, size_t len)

/* The rows are in builtins_table.h, each FEEL_BUILTIN(name, function, parameters...). */
#define FEEL_BUILTIN(name, fn, ...) feel_builtin_fn feel_builtin_##fn;
#include "engines/feel/builtins_table.h"
#undef FEEL_BUILTIN

#endif
