/*
 * engines/feel/feel.h — FEEL, the expression language of DMN and BPMN: compiled once, run often.
 *
 * What it does: the whole language of DMN 1.4 chapter 10 (and what 1.5 adds), in 34 decimal digits,
 * with dates, durations, ranges, lists, contexts, functions and types. The short way is JSON in,
 * JSON out (feel_eval). The long way keeps values as they are between evaluations: a run (struct
 * feel_run) holds the values, and expressions are compiled with the names in scope (struct
 * feel_names).
 *
 * What it does not do: it has no side effect, no clock but the one given, and no I/O but reading a
 * zone's file of tzdata at the zone's first use; its steps, depth and memory are bounded, so a text
 * from outside can be run as it is.
 *
 * Null on error: an operation on the wrong kinds has the value null, and the run notes why, with
 * line and column (feel_run_notes). Only what stops the whole evaluation is an error: PL_TOOLARGE
 * past a limit, PL_NOMEM.
 *
 * Threads: a compiled expression and names that no longer change may be used by several threads at
 * once; a run by one. Nothing blocks.
 *
 * Source: DMN 1.4 chapter 10; DMN 1.5 chapter 10.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FEEL_FEEL_H
#define FEEL_FEEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "engines/feel/type.h"
#include "engines/feel/value.h"
#include "pelago/err.h"

struct feel_expr;  /* opaque: a compiled expression */
struct feel_names; /* opaque: names that an expression may use */
struct feel_run;   /* opaque: values, bounds and notes of one or more evaluations */

enum {
	FEEL_TEXT_MAX = 2097152,    /* bytes of an expression */
	FEEL_DEPTH_MAX = 400,	    /* of nested parts, in the text and in a result */
	FEEL_STEPS = 5000000,	    /* of an evaluation, without limits */
	FEEL_MEMORY_MAX = 67108864, /* bytes of an evaluation, without limits */
	FEEL_CALL_DEPTH = 8000,	    /* of nested parts over all calls that wait for each other */
	FEEL_NOTES_MAX = 16,	    /* that a run keeps; later ones are counted */
};

struct feel_limits {
	unsigned long steps;	    /* node visits, list members and such; 0 means FEEL_STEPS */
	size_t memory_bytes;	    /* 0 means FEEL_MEMORY_MAX */
	unsigned long *spent_steps; /* the steps taken are added here; NULL: not asked for */
};

/* ---- names in scope ---- */

/*
 * feel_names_new makes an empty set. Names may have spaces and + - * / ' . in them; the longest
 * name in scope that fits the text is taken, whatever the blanks between its parts.
 *
 * Returns PL_OK and sets *namesp (caller owns it: feel_names_free), PL_NOMEM.
 */
enum pl_err feel_names_new(struct feel_names **namesp);

/*
 * feel_names_add adds a variable. Its value is looked up in feel_bindings.slots at *slotp, which
 * counts from 0 in the order of calls; a later variable hides an earlier one of the same name.
 * Expressions compiled before don't see it.
 *
 *   name   UTF-8; copied
 *   slotp  may be NULL
 *
 * Returns PL_OK, PL_INVALID for a text that can't be a name, PL_NOMEM.
 */
enum pl_err feel_names_add(struct feel_names *names, size_t *slotp, const char *name, size_t len);

/* feel_names_add_key adds a name that keys of contexts have: it has no slot, but is read as one
 * name behind a dot and within filters. Errors as above. */
enum pl_err feel_names_add_key(struct feel_names *names, const char *name, size_t len);

/* feel_names_add_keys adds the keys of a context that will be feel_bindings.root, as names of
 * variables, and those of the contexts within it. PL_NOMEM, PL_TOOLARGE. */
enum pl_err feel_names_add_keys(struct feel_names *names, const struct feel_value *value);

/* feel_names_add_type adds a type that `instance of` and parameters may name; type is borrowed and
 * outlives what is compiled with it. Its members' names are keys. Errors as feel_names_add. */
enum pl_err feel_names_add_type(struct feel_names *names, const char *name, size_t len,
				const struct feel_type *type);

/* feel_names_cut forgets all variables but the first len; their slots are given anew. */
void feel_names_cut(struct feel_names *names, size_t len);

/* feel_names_free takes NULL. */
void feel_names_free(struct feel_names *names);

/* ---- compilation ---- */

/*
 * feel_compile reads an expression that finds its variables by name in the root context.
 *
 *   text  UTF-8, without the `=` that a BPMN file puts before it; not kept
 *
 * Returns PL_OK and sets *exprp (caller owns it: feel_free), PL_INVALID for a text that is no FEEL,
 * PL_TOOLARGE past a limit, PL_NOMEM. The detail of the first two has line and column, both from 1,
 * the column in characters. On error *exprp is untouched.
 */
enum pl_err feel_compile(struct feel_expr **exprp, const char *text, size_t text_len);

/* feel_compile_with is feel_compile with the names in scope; names (may be NULL) may change or be
 * freed afterwards. */
enum pl_err feel_compile_with(struct feel_expr **exprp, const struct feel_names *names,
			      const char *text, size_t text_len);

/*
 * feel_compile_tests reads unary tests: `-`, `< 5`, `"a", "b"`, `not([1..3])`, or expressions with
 * `?` for the tested value (DMN 1.4 §10.3.2.7, grammar rules 7 to 17). Their value by feel_evaluate
 * is true, false or null. The rest as feel_compile_with.
 */
enum pl_err feel_compile_tests(struct feel_expr **exprp, const struct feel_names *names,
			       const char *text, size_t text_len);

/* feel_free frees an expression; takes NULL. Function values that it made must not be called then.
 */
void feel_free(struct feel_expr *expr);

/* ---- evaluation ---- */

/*
 * feel_eval finds the value of an expression over JSON.
 *
 *   context  object whose members are the variables, or NULL for none; borrowed, not changed
 *   limits   NULL for the usual ones
 *
 * Numbers that are whole and fit 64 bits become JSON integers, others JSON reals (the nearest
 * double); dates, times and durations become their ISO 8601 text, ranges and functions FEEL text.
 *
 * Returns PL_OK and sets *resultp (a new reference that shares nothing with context), PL_INVALID if
 * context is no object, PL_TOOLARGE past a limit, PL_NOMEM. On error *resultp is untouched.
 */
enum pl_err feel_eval(json_t **resultp, const struct feel_expr *expr, const json_t *context,
		      const struct feel_limits *limits);

/*
 * feel_run_new makes a run. Its values live until feel_run_reset or feel_run_free.
 *
 *   limits  NULL for the usual ones; copied, *spent_steps is added to at reset and free
 *
 * Returns PL_OK and sets *runp (caller owns it), PL_NOMEM.
 */
enum pl_err feel_run_new(struct feel_run **runp, const struct feel_limits *limits);

/* feel_run_reset ends all values of the run and forgets notes, steps and errors. */
void feel_run_reset(struct feel_run *run);
void feel_run_free(struct feel_run *run); /* takes NULL */

/* feel_run_set_clock gives now() and today() their instant: milliseconds since 1970 in UTC, told
 * with an offset in seconds east of UTC. Without it both are null. Kept over feel_run_reset. */
void feel_run_set_clock(struct feel_run *run, int64_t unix_ms, int32_t offset_s);

/* feel_run_arena is where the constructors of value.h make values of this run. */
struct feel_arena *feel_run_arena(struct feel_run *run);

struct feel_bindings {
	const struct feel_value *const *slots; /* by feel_names_add; NULL if there are none */
	const struct feel_value *root;	       /* context: names without a slot; NULL for none */
	const struct feel_value *tested;       /* `?` of unary tests; NULL for none */
};

/*
 * feel_evaluate finds the value of an expression. All values belong to run (or are static), and
 * slots need to outlive the call only. Host functions may call it again with the same run.
 *
 *   bindings  NULL for none
 *
 * Returns the value, or NULL when the run is over: feel_run_err tells why.
 */
const struct feel_value *feel_evaluate(struct feel_run *run, const struct feel_expr *expr,
				       const struct feel_bindings *bindings);

/* feel_test is feel_evaluate for unary tests of a value; what is neither true nor false is null. */
const struct feel_value *feel_test(struct feel_run *run, const struct feel_expr *tests,
				   const struct feel_value *const *slots,
				   const struct feel_value *tested);

/* feel_call calls a function value; null with a note if it is none or the arguments don't fit. NULL
 * when the run is over. */
const struct feel_value *feel_call(struct feel_run *run, const struct feel_value *function,
				   const struct feel_value *const *args, size_t len);

/* feel_run_err is PL_OK, or why the run is over, with a detail by pl_err_detail. */
enum pl_err feel_run_err(const struct feel_run *run);

/* feel_run_fail ends a run from a host function and returns NULL. */
const struct feel_value *feel_run_fail(struct feel_run *run, enum pl_err err);

/* ---- functions of the host ---- */

/*
 * feel_host_fn is what a host function does: args are as many as the function has parameters,
 * coerced to their types. Returns a value of the run, or NULL when the run is over.
 */
typedef const struct feel_value *feel_host_fn(struct feel_run *run, void *arg,
					      const struct feel_value *const *args, size_t len);

struct feel_host {
	const char *name; /* in notes */
	feel_host_fn *fn;
	void *arg;			  /* borrowed; outlives the value */
	const struct feel_member *params; /* names and types (NULL: any); borrowed likewise */
	size_t params_len;
	const struct feel_type *result; /* what the value is coerced to; NULL: any */
};

/* feel_function makes a function value of what the host implements; host is copied. NULL when the
 * run is over. */
const struct feel_value *feel_function(struct feel_run *run, const struct feel_host *host);

/* ---- notes: why a value is null ---- */

struct feel_note {
	unsigned line, column; /* from 1, column in characters; 0: not within a text */
	const char *text;      /* of the run */
};

/* feel_run_notes sets *notesp to the first notes (at most FEEL_NOTES_MAX), in the order of their
 * happening, and returns how many there were in all. They live until feel_run_reset. */
size_t feel_run_notes(const struct feel_note **notesp, const struct feel_run *run);

/* feel_null_because notes a reason and returns null. */
const struct feel_value *feel_null_because(struct feel_run *run, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* ---- values in and out ---- */

/* feel_of_json wraps JSON; json is borrowed while the run lives. NULL when the run is over. */
const struct feel_value *feel_of_json(struct feel_run *run, const json_t *json);

/* feel_to_json copies a value out as feel_eval does; NULL when the run is over. */
json_t *feel_to_json(struct feel_run *run, const struct feel_value *value);

/* feel_to_json_text is feel_to_json as text, with numbers of all their digits: a string of the run.
 * NULL when the run is over. */
const struct feel_value *feel_to_json_text(struct feel_run *run, const struct feel_value *value);

/* feel_to_text is FEEL's string(value), of lists and contexts too; NULL when the run is over. */
const struct feel_value *feel_to_text(struct feel_run *run, const struct feel_value *value);

/* feel_equals is FEEL's a = b: true, false, or null if they can't be compared; NULL when the run is
 * over. */
const struct feel_value *feel_equals(struct feel_run *run, const struct feel_value *a,
				     const struct feel_value *b);

#endif
