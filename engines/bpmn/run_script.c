/*
 * run_script.c — script tasks in Lua.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <time.h>

#include "engines/bpmn/variables.h"

#define NS_A_MS 1000000

static int64_t processor_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000 * NS_A_MS + t.tv_nsec;
}

enum pl_err run_script(struct run *run, json_t **resultp, const struct bpmn_node *node,
		       unsigned frame)
{
	json_t *context, *result = NULL;
	int64_t start = processor_ns();
	enum pl_err err;

	if (run->script_ns > (int64_t)BPMN_SCRIPT_MS_MAX * NS_A_MS)
		return pl_fail(PL_TOOLARGE, "the scripts take more than %d ms", BPMN_SCRIPT_MS_MAX);
	context = bpmn_visible(run->inst, frame, NULL);
	if (!context)
		return PL_NOMEM;
	err = script_run(&result, node->lua, context, NULL);
	json_decref(context);
	run->script_ns += processor_ns() - start;
	if (!err && result && !json_is_object(result) && !json_is_null(result))
		err = pl_fail(PL_INVALID, "it returns no table of variables");
	if (!err)
		err = bpmn_charge(run, result);
	if (err)
		json_decref(result);
	else
		*resultp = result;
	return err;
}
