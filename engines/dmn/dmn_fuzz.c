/*
 * dmn_fuzz.c — any bytes are read as a DMN file; what is a model has all its decisions, services
 * and knowledge evaluated, with and without inputs.
 *
 * fuzz-sources: engines/dmn/compile.c engines/dmn/eval*.c engines/dmn/index*.c
 * fuzz-sources: engines/dmn/link.c engines/dmn/load.c engines/dmn/map.c engines/dmn/read*.c
 * fuzz-sources: engines/dmn/see.c engines/dmn/type.c engines/xml/xml.c
 * fuzz-sources: engines/feel/arena.c engines/feel/builtins*.c engines/feel/calendar.c
 * fuzz-sources: engines/feel/decimal.c engines/feel/eval*.c engines/feel/feel.c
 * fuzz-sources: engines/feel/infer.c engines/feel/lexer.c engines/feel/names.c
 * fuzz-sources: engines/feel/op.c engines/feel/op_temporal.c engines/feel/output.c
 * fuzz-sources: engines/feel/parse*.c engines/feel/properties.c engines/feel/regex.c
 * fuzz-sources: engines/feel/regex_*.c engines/feel/run.c engines/feel/temporal.c
 * fuzz-sources: engines/feel/type.c engines/feel/utf8.c engines/feel/value.c
 * fuzz-sources: engines/feel/zone.c sdk/err/err.c
 * fuzz-libs: jansson libxml-2.0 libpcre2-8 -lbidgcc000
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engines/dmn/dmn.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void evaluate_all(const struct dmn_model *model, struct feel_run *run,
			 const struct feel_value *inputs)
{
	struct dmn_diagnostics diagnostics;
	const struct dmn_element *element;

	for (size_t i = 0; i < 50 && (element = dmn_element_at(model, i)); i++) {
		const struct feel_value *value =
			dmn_evaluate(run, model, element, inputs, &diagnostics);

		if (!value && feel_run_err(run) == PL_OK)
			abort(); /* a run that is over says why */
		if (value)
			feel_to_json_text(run, value);
		if (feel_run_err(run))
			return;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char context[] = "{a: 1, b: \"x\", Age: 30, in put: [1, {c: null}]}";
	const struct feel_limits limits = { .steps = 20000, .memory_bytes = 1 << 20 };
	const struct dmn_file file = { "fuzz", (const char *)data, size };
	struct dmn_model *model = NULL;
	struct feel_expr *expr = NULL;
	struct feel_run *run = NULL;

	if (dmn_load(&model, &file, 1, NULL, NULL))
		return 0;
	if (feel_run_new(&run, &limits) == PL_OK &&
	    feel_compile(&expr, context, sizeof(context) - 1) == PL_OK) {
		evaluate_all(model, run, feel_evaluate(run, expr, NULL));
		feel_run_reset(run);
		evaluate_all(model, run, NULL);
	}
	feel_run_free(run);
	feel_free(expr);
	dmn_free(model);
	return 0;
}
