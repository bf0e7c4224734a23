/*
 * json_fuzz.c — any bytes as JSON: parsed or refused, what was parsed survives a round trip.
 *
 * fuzz-sources: sdk/json/json.c sdk/err/err.c
 * fuzz-libs: jansson
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "pelago/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *value = NULL, *again = NULL, *member;
	const char *text;
	int64_t number;
	bool flag;
	char *dump, *theirs;

	if (pl_json_parse(&value, data, size) != PL_OK)
		return 0;
	again = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY,
			   NULL);
	pl_assert(again && json_equal(value, again));
	json_decref(again);
	(void)pl_json_text(&text, value, "a", 8, true);
	(void)pl_json_text(&text, value, "a.b.c", 8, false);
	(void)pl_json_int(&number, value, "a", 0, 100, true);
	(void)pl_json_bool(&flag, value, "a.b", false);
	(void)pl_json_object(&member, value, "a", 3, true);
	(void)pl_json_array(&member, value, "a", 3, true);
	(void)pl_json_get_text(value, "a.b");
	dump = pl_json_dump(value);
	pl_assert(dump);
	pl_assert(pl_json_parse(&again, dump, strlen(dump)) == PL_OK);
	theirs = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	pl_assert(theirs && strcmp(dump, theirs) == 0);
	free(theirs);
	free(dump);
	json_decref(again);
	json_decref(value);
	return 0;
}
