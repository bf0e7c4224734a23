/*
 * builtins.h — the table of FEEL's built-in functions.
 *
 * A function gets its arguments evaluated and returns a value of the run's arena, feel_null for
 * arguments of the wrong kind, or NULL when the run is over (no memory, no steps left).
 *
 * Source: DMN 1.4 §10.3.4.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FEEL_BUILTINS_H
#define FEEL_BUILTINS_H

#include <limits.h>

#include "engines/feel/run.h"

enum { FEEL_ANY_NUMBER = UINT_MAX };

typedef const struct feel_value *feel_builtin_fn(struct feel_run *run,
						 const struct feel_value **args, size_t len);

struct feel_builtin {
	const char *name;
	unsigned min, max; /* arguments; max may be FEEL_ANY_NUMBER */
	feel_builtin_fn *fn;
	const char *params; /* names of the parameters, by commas, for calls by name */
};

/* feel_builtin_find returns the function of that name, or NULL. */
const struct feel_builtin *feel_builtin_find(struct feel_text name);

/* FEEL_BUILTIN(name, min, max, fn, params): each row a function, implemented in builtins_*.c. */
#define FEEL_BUILTINS                                                                              \
	/* conversion */                                                                           \
	FEEL_BUILTIN("string", 1, 1, string, "from")                                               \
	FEEL_BUILTIN("number", 1, 3, number, "from,grouping separator,decimal separator")          \
	FEEL_BUILTIN("date", 1, 3, date, "from")                                                   \
	FEEL_BUILTIN("time", 1, 1, time, "from")                                                   \
	FEEL_BUILTIN("date and time", 1, 2, date_and_time, "from")                                 \
	FEEL_BUILTIN("duration", 1, 1, duration, "from")                                           \
	/* any value */                                                                            \
	FEEL_BUILTIN("not", 1, 1, not, "negand")                                                   \
	FEEL_BUILTIN("is defined", 1, 1, is_defined, "value")                                      \
	FEEL_BUILTIN("get or else", 2, 2, get_or_else, "value,default")                            \
	/* strings */                                                                              \
	FEEL_BUILTIN("contains", 2, 2, contains, "string,match")                                   \
	FEEL_BUILTIN("starts with", 2, 2, starts_with, "string,match")                             \
	FEEL_BUILTIN("ends with", 2, 2, ends_with, "string,match")                                 \
	FEEL_BUILTIN("upper case", 1, 1, upper_case, "string")                                     \
	FEEL_BUILTIN("lower case", 1, 1, lower_case, "string")                                     \
	FEEL_BUILTIN("string length", 1, 1, string_length, "string")                               \
	FEEL_BUILTIN("substring", 2, 3, substring, "string,start position,length")                 \
	FEEL_BUILTIN("substring before", 2, 2, substring_before, "string,match")                   \
	FEEL_BUILTIN("substring after", 2, 2, substring_after, "string,match")                     \
	FEEL_BUILTIN("string join", 1, 2, string_join, "list,delimiter")                           \
	FEEL_BUILTIN("trim", 1, 1, trim, "string")                                                 \
	/* numbers */                                                                              \
	FEEL_BUILTIN("abs", 1, 1, abs, "n")                                                        \
	FEEL_BUILTIN("floor", 1, 2, floor, "n,scale")                                              \
	FEEL_BUILTIN("ceiling", 1, 2, ceiling, "n,scale")                                          \
	FEEL_BUILTIN("decimal", 2, 2, decimal, "n,scale")                                          \
	FEEL_BUILTIN("modulo", 2, 2, modulo, "dividend,divisor")                                   \
	FEEL_BUILTIN("sqrt", 1, 1, sqrt, "number")                                                 \
	FEEL_BUILTIN("odd", 1, 1, odd, "number")                                                   \
	FEEL_BUILTIN("even", 1, 1, even, "number")                                                 \
	/* lists: of one list, or of the arguments */                                              \
	FEEL_BUILTIN("count", 1, 1, count, "list")                                                 \
	FEEL_BUILTIN("sum", 1, FEEL_ANY_NUMBER, sum, "list")                                       \
	FEEL_BUILTIN("mean", 1, FEEL_ANY_NUMBER, mean, "list")                                     \
	FEEL_BUILTIN("min", 1, FEEL_ANY_NUMBER, min, "list")                                       \
	FEEL_BUILTIN("max", 1, FEEL_ANY_NUMBER, max, "list")                                       \
	FEEL_BUILTIN("all", 1, FEEL_ANY_NUMBER, all, "list")                                       \
	FEEL_BUILTIN("any", 1, FEEL_ANY_NUMBER, any, "list")                                       \
	FEEL_BUILTIN("list contains", 2, 2, list_contains, "list,element")                         \
	FEEL_BUILTIN("append", 2, FEEL_ANY_NUMBER, append, "list")                                 \
	FEEL_BUILTIN("concatenate", 1, FEEL_ANY_NUMBER, concatenate, "list")                       \
	FEEL_BUILTIN("reverse", 1, 1, reverse, "list")                                             \
	FEEL_BUILTIN("distinct values", 1, 1, distinct_values, "list")                             \
	FEEL_BUILTIN("get value", 2, 2, get_value, "m,key")

#define FEEL_BUILTIN(name, min, max, fn, params) feel_builtin_fn feel_builtin_##fn;
FEEL_BUILTINS
#undef FEEL_BUILTIN

#endif
