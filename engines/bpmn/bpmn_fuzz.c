/*
 * bpmn_fuzz.c — any bytes are read as a BPMN file; what is a model is started, and its waits
 * are answered, as the bytes say.
 *
 * fuzz-sources: engines/bpmn/check.c engines/bpmn/compensate.c engines/bpmn/decide.c
 * fuzz-sources: engines/bpmn/eval.c engines/bpmn/frame.c engines/bpmn/instance.c
 * fuzz-sources: engines/bpmn/link.c engines/bpmn/load.c engines/bpmn/model.c
 * fuzz-sources: engines/bpmn/parse*.c
 * fuzz-sources: engines/bpmn/parts.c engines/bpmn/reach.c engines/bpmn/run*.c
 * fuzz-sources: engines/bpmn/start.c engines/bpmn/text.c engines/bpmn/timer.c
 * fuzz-sources: engines/bpmn/variables.c engines/xml/xml.c engines/lua/box.c
 * fuzz-sources: engines/lua/library.c engines/lua/pattern.c engines/lua/script.c
 * fuzz-sources: engines/lua/strings.c engines/lua/tables.c engines/lua/value.c
 * fuzz-sources: engines/dmn/compile.c engines/dmn/eval*.c engines/dmn/index*.c
 * fuzz-sources: engines/dmn/link.c engines/dmn/load.c engines/dmn/map.c
 * fuzz-sources: engines/dmn/read*.c engines/dmn/see.c engines/dmn/type.c
 * fuzz-sources: engines/feel/arena.c engines/feel/builtins*.c engines/feel/calendar.c
 * fuzz-sources: engines/feel/decimal.c engines/feel/eval*.c engines/feel/feel.c
 * fuzz-sources: engines/feel/infer.c engines/feel/lexer.c engines/feel/names.c
 * fuzz-sources: engines/feel/op.c engines/feel/op_temporal.c engines/feel/output.c
 * fuzz-sources: engines/feel/parse*.c engines/feel/properties.c engines/feel/regex.c
 * fuzz-sources: engines/feel/regex_*.c engines/feel/run.c engines/feel/temporal.c
 * fuzz-sources: engines/feel/type.c engines/feel/utf8.c engines/feel/value.c
 * fuzz-sources: engines/feel/zone.c sdk/err/err.c
 * fuzz-libs: jansson libxml-2.0 libpcre2-8 lua5.4 -lbidgcc000
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdint.h>
#include <stdlib.h>

#include "engines/bpmn/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bpmn_model **models = NULL;
	size_t len = 0;

	if (bpmn_models_parse(&models, &len, (const char *)data, size))
		return 0;
	for (size_t i = 0; i < len; i++) {
		struct bpmn_instance *inst = NULL;
		struct bpmn_start start;

		if (bpmn_instance_new(&inst, models[i], NULL))
			continue;
		for (size_t k = 0; bpmn_model_start(&start, models[i], k, 0) == PL_OK; k++) {
			if (bpmn_instance_start_at(inst, start.element_id, NULL, &fuzz_effects,
						   NULL) == PL_OK)
				fuzz_live(&inst, models[i], (unsigned)size);
			bpmn_start_fini(&start);
		}
		bpmn_instance_free(inst);
	}
	bpmn_models_free(models, len);
	return 0;
}
