/*
 * eval.c — expressions evaluated for a model, and what is to be said of them.
 *
 * The run's notes know line and column within an expression; here they get file and element.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/dmn/eval.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "engines/feel/run.h"

static const struct feel_value *run_over(struct dmn_eval *eval)
{
	const struct feel_arena *arena = feel_run_arena(eval->run);

	if (!arena->hit_limit)
		return feel_run_fail(eval->run, PL_NOMEM);
	return feel_run_fail(eval->run,
			     pl_fail(PL_TOOLARGE, "DMN: the evaluation takes more than %zu bytes",
				     arena->limit));
}

void *dmn_alloc(struct dmn_eval *eval, size_t size)
{
	void *bytes = feel_arena_alloc(feel_run_arena(eval->run), size ? size : 1);

	if (!bytes)
		run_over(eval);
	return bytes;
}

bool dmn_deeper(struct dmn_eval *eval)
{
	if (++eval->depth <= DMN_CALL_DEPTH)
		return true;
	feel_run_fail(eval->run,
		      pl_fail(PL_TOOLARGE, "DMN: more than %d expressions wait for each other",
			      DMN_CALL_DEPTH));
	return false;
}

static void tell(struct dmn_eval *eval, const struct dmn_place *place, unsigned line,
		 unsigned column, const char *reason)
{
	struct dmn_diagnostics *all = eval->diagnostics;

	if (!all)
		return;
	all->len++;
	if (all->kept == DMN_DIAGNOSTICS_MAX)
		return;
	all->rows[all->kept++] =
		(struct dmn_diagnostic){ place->source->label, place->owner,
					 place->line + (line ? line - 1 : 0), column, reason };
}

/* Gives the run's new notes the place of the text that is evaluated, or else of where we are. */
static void take_notes(struct dmn_eval *eval, const struct dmn_place *place)
{
	const struct dmn_text *text = eval->text;
	const struct feel_note *notes;
	size_t len = feel_run_notes(&notes, eval->run);

	for (; eval->notes_taken < len && eval->notes_taken < FEEL_NOTES_MAX; eval->notes_taken++) {
		const struct feel_note *note = &notes[eval->notes_taken];
		unsigned indent = text && note->line == 1 ? (unsigned)text->indent : 0;

		tell(eval, text ? &text->place : place, note->line,
		     note->column > indent ? note->column - indent : note->column, note->text);
	}
	if (eval->diagnostics && len > eval->notes_taken)
		eval->diagnostics->len += len - eval->notes_taken;
	eval->notes_taken = len;
}

const struct feel_value *dmn_null_because(struct dmn_eval *eval, const struct dmn_place *place,
					  const char *format, ...)
{
	char reason[400], *copy;
	va_list ap;

	va_start(ap, format);
	vsnprintf(reason, sizeof(reason), format, ap);
	va_end(ap);
	copy = dmn_alloc(eval, strlen(reason) + 1);
	if (!copy)
		return NULL;
	memcpy(copy, reason, strlen(reason) + 1);
	tell(eval, place, 0, 0, copy);
	return &feel_null;
}

/* A function without a type for its result gets the one that its own type asks for. */
static const struct feel_value *hold_to(struct dmn_eval *eval, const struct feel_value *value,
					const struct feel_type *type)
{
	struct feel_function *function;
	struct feel_value *held;

	if (type->kind != FEEL_TYPE_FUNCTION || !type->element || value->kind != FEEL_FUNCTION ||
	    value->function->kind == FEEL_FN_BUILTIN || value->function->result)
		return value;
	function = dmn_alloc(eval, sizeof(*function));
	held = dmn_alloc(eval, sizeof(*held));
	if (!function || !held)
		return NULL;
	*function = *value->function;
	function->result = type->element;
	*held = *value;
	held->function = function;
	return held;
}

const struct feel_value *dmn_coerce(struct dmn_eval *eval, const struct feel_value *value,
				    const struct feel_type *type, const struct dmn_place *place)
{
	if (!value || !type)
		return value;
	if (type == &dmn_unknown_type)
		return dmn_null_because(eval, place, "its type is unknown; any value is taken")
			       ? value
			       : NULL;
	take_notes(eval, place);
	value = hold_to(eval, value, type);
	value = value ? feel_coerce(eval->run, value, type) : NULL;
	take_notes(eval, place);
	return value;
}

const struct feel_value *dmn_call(struct dmn_eval *eval, const struct feel_value *function,
				  const struct feel_value *const *args, size_t len,
				  const struct dmn_place *place)
{
	const struct feel_value *value;

	take_notes(eval, place);
	value = feel_call(eval->run, function, args, len);
	take_notes(eval, place);
	return value;
}

static const struct feel_value *evaluate(struct dmn_eval *eval, const struct dmn_text *text,
					 const struct feel_bindings *bindings)
{
	const struct dmn_text *outer = eval->text;
	const struct feel_value *value;

	if (!text->expr)
		return text->problem ? dmn_null_because(eval, &text->place, "%s", text->problem)
				     : &feel_null;
	take_notes(eval, &text->place);
	eval->text = text;
	value = feel_evaluate(eval->run, text->expr, bindings);
	take_notes(eval, &text->place);
	eval->text = outer;
	return value;
}

const struct feel_value *dmn_text_value(struct dmn_frame *frame, const struct dmn_text *text)
{
	const struct feel_bindings bindings = { .slots = frame->slots };

	return dmn_coerce(frame->eval, evaluate(frame->eval, text, &bindings), text->type.type,
			  &text->place);
}

const struct feel_value *dmn_with_slots(struct dmn_eval *eval, const struct dmn_text *text,
					const struct feel_value *const *slots)
{
	const struct feel_bindings bindings = { .slots = slots };

	return evaluate(eval, text, &bindings);
}

const struct feel_value *dmn_text_tests(struct dmn_frame *frame, const struct dmn_text *text,
					const struct feel_value *tested)
{
	const struct feel_bindings bindings = { .slots = frame->slots, .tested = tested };

	if (!text->text && !text->problem)
		return &feel_true;
	return evaluate(frame->eval, text, &bindings);
}
