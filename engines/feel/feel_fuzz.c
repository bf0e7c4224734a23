/*
 * feel_fuzz.c — any text is compiled, and run if it compiles: over JSON, with names in scope, and
 * as unary tests, as its first byte says.
 *
 * fuzz-sources: engines/feel/arena.c engines/feel/builtins*.c engines/feel/calendar.c
 * fuzz-sources: engines/feel/decimal.c engines/feel/eval*.c engines/feel/feel.c
 * fuzz-sources: engines/feel/infer.c engines/feel/lexer.c engines/feel/names.c
 * fuzz-sources: engines/feel/op*.c engines/feel/output.c engines/feel/parse*.c
 * fuzz-sources: engines/feel/properties.c engines/feel/regex*.c engines/feel/run.c
 * fuzz-sources: engines/feel/temporal.c engines/feel/type.c engines/feel/utf8.c
 * fuzz-sources: engines/feel/value.c engines/feel/zone.c sdk/err/err.c
 * fuzz-libs: jansson libpcre2-8 -lbidgcc000
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engines/feel/feel.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct feel_limits limits = { .steps = 5000, .memory_bytes = 1 << 20 };

static json_t *context_of(void)
{
	static json_t *context;

	if (!context)
		context = json_pack("{s:{s:s,s:i},s:[i,f,s],s:n,s:b,s:s,s:i,s:{s:i}}", "contact",
				    "topic", "billing", "priority", 5, "list", 1, 2.5, "x", "none",
				    "yes", 1, "now", "2026-01-31T10:00:00Z", "a-b", 7, "c d", "e+f",
				    8);
	return context;
}

static void over_json(const char *text, size_t len)
{
	struct feel_expr *expr = NULL;
	json_t *result = NULL;

	if (feel_compile(&expr, text, len))
		return;
	if (feel_eval(&result, expr, context_of(), &limits) == PL_OK) {
		char *json = json_dumps(result, JSON_ENCODE_ANY);

		if (!json)
			abort(); /* what comes out is JSON */
		free(json);
	}
	json_decref(result);
	feel_free(expr);
}

static const struct feel_names *names_of(struct feel_run *run)
{
	static struct feel_names *names;

	if (names)
		return names;
	if (feel_names_new(&names) || feel_names_add(names, NULL, "my var", 6) ||
	    feel_names_add(names, NULL, "x-y", 3) ||
	    feel_names_add_keys(names, feel_of_json(run, context_of())))
		abort();
	return names;
}

static void with_names(const char *text, size_t len, bool is_tests)
{
	const struct feel_value *slots[2], *value, *json;
	struct feel_expr *expr = NULL;
	struct feel_run *run = NULL;
	struct feel_bindings bindings = { .slots = slots };

	if (feel_run_new(&run, &limits))
		abort();
	feel_run_set_clock(run, 1774744200123, 3600);
	slots[0] = bindings.root = feel_of_json(run, context_of());
	slots[1] = bindings.tested = feel_number_of_int(feel_run_arena(run), 5);
	if ((is_tests ? feel_compile_tests : feel_compile_with)(&expr, names_of(run), text, len) ==
	    PL_OK) {
		value = feel_evaluate(run, expr, &bindings);
		json = value ? feel_to_json_text(run, value) : NULL;
		if (!json && !feel_run_err(run))
			abort(); /* no value without a reason */
		if (json && is_tests && value->kind != FEEL_BOOLEAN && value->kind != FEEL_NULL)
			abort();
	}
	feel_run_free(run);
	feel_free(expr);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data + 1;

	if (size == 0)
		return 0;
	if (data[0] % 3 == 0)
		over_json(text, size - 1);
	else
		with_names(text, size - 1, data[0] % 3 == 1);
	return 0;
}
