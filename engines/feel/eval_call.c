/*
 * eval_call.c — functions: made, and called. A function value has copies of the variables that it
 * uses from around it, which is sound because no variable of FEEL ever changes.
 *
 * Source: DMN 1.4 §10.3.2.13.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "engines/feel/builtins.h"
#include "engines/feel/run.h"

enum { CHUNK_SLOTS = 512, HOST_HEIGHT = 40 };

/* Frames are a stack of slots in chunks; a chunk stays when its frames are gone. */
struct feel_frame_chunk {
	struct feel_frame_chunk *next;
	size_t used, cap;
	const struct feel_value *slots[];
};

struct frame {
	const struct feel_value **outer;
	struct feel_frame_chunk *chunk, *outer_chunk;
	size_t len;
};

static bool enter(struct frame *frame, struct feel_run *run, size_t len)
{
	struct feel_frame_chunk *chunk = run->frames;

	*frame = (struct frame){ .outer = run->frame, .outer_chunk = chunk, .len = len };
	while (chunk && chunk->cap - chunk->used < len && chunk->next)
		chunk = chunk->next;
	if (!chunk || chunk->cap - chunk->used < len) {
		size_t cap = len > CHUNK_SLOTS ? len : CHUNK_SLOTS;
		struct feel_frame_chunk *more =
			feel_arena_alloc(&run->arena, sizeof(*more) + cap * sizeof(more->slots[0]));

		if (!more)
			return feel_run_over(run);
		more->cap = cap;
		if (chunk)
			chunk->next = more;
		chunk = more;
	}
	frame->chunk = run->frames = chunk;
	run->frame = chunk->slots + chunk->used;
	chunk->used += len;
	return true;
}

static void leave(struct frame *frame, struct feel_run *run)
{
	frame->chunk->used -= frame->len;
	run->frame = frame->outer;
	if (frame->outer_chunk)
		run->frames = frame->outer_chunk;
}

static bool deepen(struct feel_run *run, unsigned height)
{
	if (run->err)
		return false;
	if (height > FEEL_CALL_DEPTH - run->depth) {
		run->err = pl_fail(PL_TOOLARGE,
				   "FEEL: functions call each other without an end, or too deep");
		return false;
	}
	run->depth += height;
	return true;
}

const struct feel_value *feel_eval_root(struct feel_run *run, const struct feel_expr *expr,
					const struct feel_bindings *bindings)
{
	static const struct feel_bindings none;
	const struct feel_bindings *given = bindings ? bindings : &none;
	const struct feel_value *const *slots = run->slots, *result = NULL, *root = run->root;
	const struct feel_expr *outer = run->expr;
	const struct feel_node *at = run->at;
	struct frame frame;

	if (!deepen(run, expr->root->height))
		return NULL;
	run->expr = expr;
	run->at = expr->root;
	run->root = given->root;
	run->slots = given->slots;
	if (expr->frame_len == 0) {
		result = feel_run_node(run, expr->root);
	} else if (enter(&frame, run, expr->frame_len)) {
		if (expr->is_tests)
			run->frame[0] = given->tested ? given->tested : &feel_null;
		result = feel_run_node(run, expr->root);
		leave(&frame, run);
	}
	run->slots = slots;
	run->root = root;
	run->at = at;
	run->expr = outer;
	run->depth -= expr->root->height;
	return result;
}

static struct feel_function *function_new(struct feel_run *run, struct feel_value **valuep)
{
	struct feel_function *function = feel_arena_alloc(&run->arena, sizeof(*function));
	struct feel_value *value = feel_arena_alloc(&run->arena, sizeof(*value));

	if (!function || !value) {
		feel_run_over(run);
		return NULL;
	}
	value->kind = FEEL_FUNCTION;
	value->function = function;
	*valuep = value;
	return function;
}

const struct feel_value *feel_builtin_value(struct feel_run *run,
					    const struct feel_builtin *builtin)
{
	struct feel_value *value;
	struct feel_function *function = function_new(run, &value);

	if (!function)
		return NULL;
	function->kind = FEEL_FN_BUILTIN;
	function->builtin = builtin;
	return value;
}

const struct feel_value *feel_function(struct feel_run *run, const struct feel_host *host)
{
	struct feel_value *value;
	struct feel_function *function = function_new(run, &value);

	if (!function)
		return NULL;
	function->kind = FEEL_FN_HOST;
	function->params = host->params;
	function->params_len = host->params_len;
	function->result = host->result;
	function->host = *host;
	return value;
}

const struct feel_value *feel_eval_function(struct feel_run *run, const struct feel_node *node)
{
	const struct feel_body *body = node->body;
	struct feel_value *value;
	struct feel_function *function = function_new(run, &value);
	const struct feel_value **captured;

	if (!function || !feel_run_alloc_items(run, &captured, body->captures_len))
		return NULL;
	for (unsigned i = 0; i < body->captures_len; i++)
		captured[i] =
			body->captures[i].is_self ? value : run->frame[body->captures[i].from];
	function->kind = FEEL_FN_CLOSURE;
	function->params = body->params;
	function->params_len = body->params_len;
	function->closure.expr = run->expr;
	function->closure.node = node;
	function->closure.captured = captured;
	function->closure.slots = run->slots;
	function->closure.root = run->root;
	return value;
}

static const struct feel_value *call_closure(struct feel_run *run,
					     const struct feel_function *function,
					     const struct feel_value *const *args)
{
	const struct feel_value *const *slots = run->slots, *result, *root = run->root;
	const struct feel_node *at = run->at, *node = function->closure.node;
	const struct feel_body *body = node->body;
	const struct feel_expr *outer = run->expr;
	struct frame frame;

	if (!enter(&frame, run, body->frame_len))
		return NULL;
	for (unsigned i = 0; i < body->params_len; i++)
		run->frame[i] = args[i];
	for (unsigned i = 0; i < body->captures_len; i++)
		run->frame[body->captures[i].to] = function->closure.captured[i];
	run->expr = function->closure.expr;
	run->slots = function->closure.slots;
	run->root = function->closure.root;
	result = feel_run_node(run, node->right);
	run->slots = slots;
	run->root = root;
	run->expr = outer;
	run->at = at;
	leave(&frame, run);
	return result;
}

/* Arguments in the types of their parameters; NULL with *nullp set for one that doesn't fit. */
static const struct feel_value *const *coerce_all(struct feel_run *run,
						  const struct feel_function *function,
						  const struct feel_value *const *args,
						  bool *is_misfitp)
{
	const struct feel_value **fit;

	if (!feel_run_alloc_items(run, &fit, function->params_len))
		return NULL;
	for (size_t i = 0; i < function->params_len; i++) {
		fit[i] = feel_coerce(run, args[i], function->params[i].type);
		if (!fit[i])
			return NULL;
		*is_misfitp |= fit[i]->kind == FEEL_NULL && args[i]->kind != FEEL_NULL;
	}
	return fit;
}

static const struct feel_value *call(struct feel_run *run, const struct feel_function *function,
				     const struct feel_value *const *args, size_t len)
{
	unsigned height =
		function->kind == FEEL_FN_CLOSURE ? function->closure.node->height : HOST_HEIGHT;
	const struct feel_value *result;
	bool is_misfit = false;

	if (function->kind == FEEL_FN_BUILTIN)
		return feel_builtin_call(run, function->builtin, args, len);
	if (len != function->params_len)
		return feel_null_because(run, "%s takes %zu arguments, not %zu",
					 function->kind == FEEL_FN_HOST ? function->host.name
									: "the function",
					 function->params_len, len);
	args = coerce_all(run, function, args, &is_misfit);
	if (!args || !deepen(run, height))
		return NULL;
	if (is_misfit)
		result = &feel_null; /* noted by the coercion */
	else if (function->kind == FEEL_FN_CLOSURE)
		result = call_closure(run, function, args);
	else
		result = feel_run_value(run, function->host.fn(run, function->host.arg, args, len));
	run->depth -= height;
	return result && function->result ? feel_coerce(run, result, function->result) : result;
}

const struct feel_value *feel_call(struct feel_run *run, const struct feel_value *function,
				   const struct feel_value *const *args, size_t len)
{
	const struct feel_node *at = run->at;
	const struct feel_value *result;

	if (function->kind != FEEL_FUNCTION)
		return feel_null_because(run, "a %s can't be called",
					 feel_kind_text(function->kind));
	result = call(run, function->function, args, len);
	run->at = at;
	return result;
}

static bool place_of(size_t *placep, const struct feel_function *function, struct feel_text name)
{
	for (size_t i = 0; i < function->params_len; i++) {
		if (feel_text_equal(function->params[i].name, name)) {
			*placep = i;
			return true;
		}
	}
	return false;
}

/* Named arguments in the order of the parameters; false with a note, or when the run is over. */
static bool in_order(struct feel_run *run, const struct feel_node *node,
		     const struct feel_function *function, const struct feel_value **given,
		     const struct feel_value ***argsp)
{
	const struct feel_value **args;

	if (!feel_run_alloc_items(run, &args, node->len))
		return false;
	for (unsigned i = 0; i < node->len; i++) {
		size_t place;

		if (!place_of(&place, function, node->names[i]) || place >= node->len ||
		    args[place]) {
			feel_null_because(run, "no such parameter, or twice: %.*s",
					  (int)node->names[i].len, node->names[i].bytes);
			return false;
		}
		args[place] = given[i];
	}
	*argsp = args;
	return true;
}

const struct feel_value *feel_eval_call(struct feel_run *run, const struct feel_node *node)
{
	const struct feel_value *callee = feel_run_node(run, node->left);
	const struct feel_value **args;

	if (!callee || !feel_run_alloc_items(run, &args, node->len))
		return NULL;
	for (unsigned i = 0; i < node->len; i++) {
		args[i] = feel_run_node(run, node->items[i]);
		if (!args[i])
			return NULL;
	}
	run->at = node;
	if (callee->kind != FEEL_FUNCTION && node->builtin)
		return node->names ? feel_builtin_call_named(run, node->builtin, node->names, args,
							     node->len)
				   : feel_builtin_call(run, node->builtin, args, node->len);
	if (node->names && callee->kind == FEEL_FUNCTION &&
	    callee->function->kind == FEEL_FN_BUILTIN)
		return feel_builtin_call_named(run, callee->function->builtin, node->names, args,
					       node->len);
	if (node->names && callee->kind == FEEL_FUNCTION &&
	    !in_order(run, node, callee->function, args, &args))
		return run->err ? NULL : &feel_null;
	return feel_call(run, callee, args, node->len);
}

const struct feel_value *feel_eval_builtin(struct feel_run *run, const struct feel_node *node)
{
	const struct feel_value **args;

	if (!feel_run_alloc_items(run, &args, node->len))
		return NULL;
	for (unsigned i = 0; i < node->len; i++) {
		args[i] = feel_run_node(run, node->items[i]);
		if (!args[i])
			return NULL;
	}
	run->at = node;
	return node->names
		       ? feel_builtin_call_named(run, node->builtin, node->names, args, node->len)
		       : feel_builtin_call(run, node->builtin, args, node->len);
}
