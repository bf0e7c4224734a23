/*
 * bpmndoc_fuzz.c — any bytes are read as a BPMN file; what is one comes out as it went in.
 *
 * fuzz-sources: engines/bpmndoc/bpmndoc.c engines/bpmndoc/check.c engines/bpmndoc/compare.c
 * fuzz-sources: engines/bpmndoc/schema.c engines/xml/xml.c sdk/err/err.c
 * fuzz-libs: libxml-2.0
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdint.h>
#include <stdlib.h>

#include "engines/bpmndoc/bpmndoc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bpmndoc *doc, *again;
	char *text;
	size_t len;

	if (bpmndoc_open(&doc, (const char *)data, size))
		return 0;
	if (bpmndoc_write(&text, &len, doc) == PL_OK) {
		if (bpmndoc_open(&again, text, len) || bpmndoc_compare(doc, again))
			abort();
		bpmndoc_free(again);
		free(text);
	}
	bpmndoc_free(doc);
	return 0;
}
