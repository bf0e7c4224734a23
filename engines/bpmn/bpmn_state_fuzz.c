/*
 * bpmn_state_fuzz.c — any bytes are read as the state of an instance of a process that has a bit of
 * everything; what is one goes on.
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
#include <string.h>

#include "engines/bpmn/fuzz.h"
#include "engines/bpmn/story.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MULTI                                                                                      \
	"<b:multiInstanceLoopCharacteristics isSequential='true'>" EXT(                            \
		"<z:loopCharacteristics inputCollection='=[1, 2, 3]' inputElement='i'"             \
		" outputCollection='o' outputElement='=r'/>") "</b:multiInstanceLoopCharacteristics>"

static const char xml[] = PROCESS START TASK("a") UNDO("ua", "a", "ha") NODE(
	"parallelGateway", "g", "") NODE("inclusiveGateway", "j", "") TASK_WITH("m", "", MULTI)
	BESIDE("bm", "m", CYCLE("R3/PT1M")) NODE("eventBasedGateway", "x", "") NODE(
		"intermediateCatchEvent", "xm", KEYED) NODE("intermediateCatchEvent", "xt", TIMER)
		TRANSACT("t", NODE("startEvent", "t1", "") TASK("ta") UNDO("tu", "ta", "th")
				      NODE("endEvent", "tc", CANCEL) FLOW("t2", "t1", "ta")
					      FLOW("t3", "ta", "tc")) BOUNDARY("bc", "t", CANCEL)
			NODE("intermediateThrowEvent", "c", COMPENSATE) END EVENT_SUB(
				"h", NODE_AS("startEvent", "s2", "isInterrupting='false'", SIGNAL)
					     TASK("u") FLOW("h1", "s2", "u")) FLOW("f1", "s", "a")
				FLOW("f2", "a", "g") FLOW("f3", "g", "m") FLOW("f4", "g", "x") FLOW(
					"f5", "g", "t") FLOW("f6", "m", "j") FLOW("f7", "bm", "j")
					FLOW("f8", "x", "xm") FLOW("f9", "x", "xt")
						FLOW("fa", "xm", "j") FLOW("fb", "xt", "j")
							FLOW("fc", "t", "j") FLOW("fd", "bc", "j")
								FLOW("fe", "j", "c")
									FLOW("ff", "c", "e") TAIL;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct bpmn_model *model;
	struct bpmn_instance *inst = NULL;
	json_t *state;

	if (!model && bpmn_model_parse(&model, xml, sizeof(xml) - 1))
		abort();
	state = json_loadb((const char *)data, size, 0, NULL);
	if (state && bpmn_instance_load(&inst, model, state) == PL_OK) {
		fuzz_reload(&inst, model);
		fuzz_live(&inst, model, (unsigned)size);
		bpmn_instance_free(inst);
	}
	json_decref(state);
	return 0;
}
