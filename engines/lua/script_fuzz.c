/*
 * script_fuzz.c — any text is compiled as a script and run, with little to use up.
 *
 * fuzz-sources: engines/lua/box.c engines/lua/library.c engines/lua/pattern.c
 * fuzz-sources: engines/lua/script.c engines/lua/strings.c engines/lua/tables.c
 * fuzz-sources: engines/lua/value.c sdk/err/err.c
 * fuzz-libs: jansson lua5.4
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdint.h>

#include "engines/lua/script.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct script_limits limits = { .steps = 20000, .memory_bytes = 1 << 20 };
	json_t *variables = json_pack("{s:i,s:s,s:[i,n,s]}", "n", 7, "s", "a b c", "list", 1, "x");
	struct script *script;
	json_t *result;

	if (script_compile(&script, (const char *)data, size) == PL_OK) {
		if (script_run(&result, script, variables, &limits) == PL_OK)
			json_decref(result);
		script_free(script);
	}
	json_decref(variables);
	return 0;
}
