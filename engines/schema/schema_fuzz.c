/*
 * schema_fuzz.c — libFuzzer: a list of a schema and a value.
 *
 *   fuzz-sources: engines/schema/check.c engines/schema/fits.c engines/schema/walk.c sdk/err/err.c
 *   fuzz-libs: jansson libpcre2-8 -lm
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stddef.h>
#include <stdint.h>

#include "engines/schema/schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *both = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);

	if (json_array_size(both) == 2 && !schema_check(json_array_get(both, 0)))
		(void)schema_fits(json_array_get(both, 0), json_array_get(both, 1), "payload");
	json_decref(both);
	return 0;
}
