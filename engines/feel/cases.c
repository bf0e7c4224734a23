/*
 * cases.c — evaluates tables of expressions; linked with --wrap, so that allocations can fail.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/cases.h"

#include <stdlib.h>
#include <string.h>

#include "engines/feel/feel.h"
#include "engines/test/test_oom.h"

struct outcome {
	enum pl_err err;
	struct feel_run *run;
	struct feel_expr *expr, *context_expr;
	struct feel_names *names;
	const struct feel_value *value, *text; /* where err is PL_OK */
};

/* The context's keys are names in scope, and its members the variables. */
static enum pl_err take_context(struct outcome *o, struct feel_bindings *bindings,
				const char *context)
{
	enum pl_err err = feel_names_new(&o->names);

	if (!err)
		err = feel_compile_with(&o->context_expr, o->names, context, strlen(context));
	if (err)
		return err;
	bindings->root = feel_evaluate(o->run, o->context_expr, NULL);
	return bindings->root ? feel_names_add_keys(o->names, bindings->root)
			      : feel_run_err(o->run);
}

static void evaluate(struct outcome *o, const char *text, const char *context)
{
	struct feel_bindings bindings = { 0 };

	*o = (struct outcome){ 0 };
	o->err = feel_run_new(&o->run, NULL);
	if (!o->err && context)
		o->err = take_context(o, &bindings, context);
	if (!o->err)
		o->err = feel_compile_with(&o->expr, o->names, text, strlen(text));
	if (o->err)
		return;
	feel_run_set_clock(o->run, FEEL_CASES_NOW_MS, FEEL_CASES_OFFSET_S);
	o->value = feel_evaluate(o->run, o->expr, &bindings);
	o->text = o->value ? feel_to_text(o->run, o->value) : NULL;
	o->err = feel_run_err(o->run);
}

static void end(struct outcome *o)
{
	feel_run_free(o->run);
	feel_free(o->expr);
	feel_free(o->context_expr);
	feel_names_free(o->names);
}

static bool is_same(const struct outcome *a, const struct outcome *b)
{
	return a->value->kind == b->value->kind && a->text->kind == b->text->kind &&
	       (a->text->kind != FEEL_STRING || feel_text_equal(a->text->string, b->text->string));
}

static const char *text_of(const struct outcome *o)
{
	return o->text->kind == FEEL_STRING ? o->text->string.bytes : "null";
}

static void check_note(const struct feel_case *c, const struct outcome *o)
{
	const struct feel_note *notes;
	size_t len = feel_run_notes(&notes, o->run);

	if (!c->value && len == 0)
		fail_msg("%s: null without a note", c->text);
	if (c->note && (len == 0 || !strstr(notes[0].text, c->note)))
		fail_msg("%s: the note is \"%s\", not \"%s\"", c->text, len ? notes[0].text : "",
			 c->note);
}

void feel_cases_hold(const struct feel_case *cases, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		const char *wanted_text = cases[i].value ? cases[i].value : "null";
		struct outcome got, wanted;

		evaluate(&got, cases[i].text, cases[i].context);
		if (got.err)
			fail_msg("%s: %s", cases[i].text, pl_err_detail(got.err));
		evaluate(&wanted, wanted_text, NULL);
		if (wanted.err)
			fail_msg("%s: %s", wanted_text, pl_err_detail(wanted.err));
		if (!is_same(&got, &wanted)) {
			const struct feel_note *notes;

			fail_msg("%s: %s %s, not %s %s; %s", cases[i].text,
				 feel_kind_text(got.value->kind), text_of(&got),
				 feel_kind_text(wanted.value->kind), text_of(&wanted),
				 feel_run_notes(&notes, got.run) ? notes[0].text : "no note");
		}
		check_note(&cases[i], &got);
		end(&wanted);
		end(&got);
	}
}

void feel_cases_hold_without_memory(const struct feel_case *cases, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		const char *wanted_text = cases[i].value ? cases[i].value : "null";
		struct outcome wanted;
		bool is_done = false;

		evaluate(&wanted, wanted_text, NULL);
		assert_int_equal(wanted.err, PL_OK);
		for (long n = 1; !is_done; n++) {
			struct outcome got;

			oom_fail_at(n);
			evaluate(&got, cases[i].text, cases[i].context);
			is_done = oom_counted() < n;
			oom_fail_at(0);
			if (got.err ? got.err != PL_NOMEM : !is_same(&got, &wanted))
				fail_msg("%s, allocation %ld: %d", cases[i].text, n, (int)got.err);
			end(&got);
		}
		end(&wanted);
	}
}
