/*
 * run.h — one evaluation: its memory, its steps, its variables, and the operators on values.
 *
 * What returns a value returns NULL when the run is over: run->err then says why.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FEEL_RUN_H
#define FEEL_RUN_H

#include "engines/feel/ast.h"

struct feel_frame_chunk; /* eval_call.c */

struct feel_run {
	unsigned long steps, steps_max;
	const struct feel_value **frame;       /* variables of the function being evaluated */
	const struct feel_value *const *slots; /* variables of the caller, by slot */
	const struct feel_value *root;	       /* variables of the caller, by name; NULL: none */
	const struct feel_expr *expr;	       /* whose nodes are being evaluated */
	const struct feel_node *at;	       /* what a note is about */
	unsigned depth;			       /* heights of what waits for each other */
	unsigned compared_depth;	       /* of the parts that are being compared */
	enum pl_err err;
	struct feel_arena arena;
	struct feel_frame_chunk *frames;
	unsigned long *spent_steps;
	size_t memory_max;
	struct feel_note notes[FEEL_NOTES_MAX];
	size_t notes_len; /* happened; as many as fit are in notes */
	bool has_clock;
	int64_t clock_unix_ms;
	int32_t clock_offset_s;
};

/* feel_run_init is feel_run_new in place. */
void feel_run_init(struct feel_run *run, const struct feel_limits *limits);
void feel_run_fini(struct feel_run *run);

enum feel_ternary { FEEL_NO, FEEL_YES, FEEL_UNKNOWN, FEEL_OVER /* the run is */ };

/* feel_run_step counts n steps; false when the run is over. */
bool feel_run_step(struct feel_run *run, size_t n);

/* feel_run_over notes why the run is over (the arena's reason) and returns NULL. */
const struct feel_value *feel_run_over(struct feel_run *run);

/* feel_run_value passes v on and notes why where it is NULL. */
const struct feel_value *feel_run_value(struct feel_run *run, const struct feel_value *v);

const struct feel_value *feel_run_alloc_items(struct feel_run *run,
					      const struct feel_value ***itemsp, size_t len);

/* feel_run_node is the evaluator: a step, and what the node is. */
static inline const struct feel_value *feel_run_node(struct feel_run *run,
						     const struct feel_node *node)
{
	if (__builtin_expect(run->steps >= run->steps_max, 0))
		return feel_run_step(run, 1) ? node->run(run, node) : NULL;
	run->steps++;
	return node->run(run, node);
}

#define FEEL_NODE(kind, fn) feel_node_fn feel_eval_##fn;
FEEL_NODES
#undef FEEL_NODE

/* feel_op is left op right of + - * / ** = != < <= > >=. */
const struct feel_value *feel_op(struct feel_run *run, enum feel_token_kind op,
				 const struct feel_value *left, const struct feel_value *right);

/* feel_op_temporal is + - * / where a date, time or duration takes part. */
const struct feel_value *feel_op_temporal(struct feel_run *run, enum feel_token_kind op,
					  const struct feel_value *left,
					  const struct feel_value *right);

enum feel_ternary feel_equal(struct feel_run *run, const struct feel_value *a,
			     const struct feel_value *b);

/* feel_order sets *orderp below, to or above 0; false for kinds that have no order. */
bool feel_order(int *orderp, const struct feel_value *a, const struct feel_value *b);

/* feel_run_order is feel_order, and counts long strings as steps; false, too, when the run is over.
 */
bool feel_run_order(struct feel_run *run, int *orderp, const struct feel_value *a,
		    const struct feel_value *b);

/* feel_in_range tells whether v lies in a range. */
enum feel_ternary feel_in_range(struct feel_run *run, const struct feel_value *v,
				const struct feel_value *range);

/* feel_in_list tells whether v is an item of a list, or in one of its ranges. */
enum feel_ternary feel_in_list(struct feel_run *run, const struct feel_value *v,
			       const struct feel_value *list);

/* feel_of_ternary is true, false, null; NULL of FEEL_OVER. */
const struct feel_value *feel_of_ternary(enum feel_ternary t);

/* feel_path is value.name: a member, a part of a date or duration, or those of a list's items. */
const struct feel_value *feel_path(struct feel_run *run, const struct feel_value *value,
				   struct feel_text name);

/* feel_property is a part of a date, time, duration or range; null, with a note, for one that it
 * hasn't. */
const struct feel_value *feel_property(struct feel_run *run, const struct feel_value *value,
				       struct feel_text name);

/* A function value: what calls it, and its parameters. */
struct feel_function {
	enum { FEEL_FN_BUILTIN, FEEL_FN_CLOSURE, FEEL_FN_HOST } kind;
	const struct feel_member *params; /* not of a built-in */
	size_t params_len;
	const struct feel_type *result; /* NULL: any */
	union {
		const struct feel_builtin *builtin;
		struct feel_host host;
		struct {
			const struct feel_expr *expr;
			const struct feel_node *node;
			const struct feel_value **captured; /* by feel_body.captures */
			const struct feel_value *const *slots;
			const struct feel_value *root;
		} closure;
	};
};

/* feel_builtin_value makes a function value of a built-in. */
const struct feel_value *feel_builtin_value(struct feel_run *run,
					    const struct feel_builtin *builtin);

/* feel_eval_root evaluates expr in a frame of its own; tested is for unary tests. */
const struct feel_value *feel_eval_root(struct feel_run *run, const struct feel_expr *expr,
					const struct feel_bindings *bindings);

#endif
