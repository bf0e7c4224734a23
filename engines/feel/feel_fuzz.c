/*
 * feel_fuzz.c — any text is compiled, and run if it compiles.
 *
 * fuzz-sources: engines/feel/arena.c engines/feel/builtins*.c engines/feel/calendar.c
 * fuzz-sources: engines/feel/decimal.c engines/feel/eval*.c engines/feel/feel.c
 * fuzz-sources: engines/feel/lexer.c engines/feel/names.c engines/feel/op*.c
 * fuzz-sources: engines/feel/output.c engines/feel/parse*.c engines/feel/properties.c
 * fuzz-sources: engines/feel/regex*.c engines/feel/run.c engines/feel/temporal.c
 * fuzz-sources: engines/feel/type.c engines/feel/utf8.c engines/feel/value.c
 * fuzz-sources: engines/feel/zone.c sdk/err/err.c
 * fuzz-libs: jansson libpcre2-8 -lbidgcc000
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdint.h>
#include <stdlib.h>

#include "engines/feel/feel.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct feel_limits limits = { .steps = 5000, .memory_bytes = 1 << 20 };
	struct feel_expr *expr = NULL;
	static json_t *context;
	json_t *result = NULL;

	if (!context)
		context = json_pack("{s:{s:s,s:i},s:[i,f,s],s:n,s:b,s:s}", "contact", "topic",
				    "billing", "priority", 5, "list", 1, 2.5, "x", "none", "yes", 1,
				    "now", "2026-01-31T10:00:00Z");
	if (feel_compile(&expr, (const char *)data, size))
		return 0;
	if (feel_eval(&result, expr, context, &limits) == PL_OK) {
		char *text = json_dumps(result, JSON_ENCODE_ANY);

		if (!text)
			abort(); /* what comes out is JSON */
		free(text);
	}
	json_decref(result);
	feel_free(expr);
	return 0;
}
