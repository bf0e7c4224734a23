/*
 * fuzz.h — an instance that is answered at random, for the fuzz targets.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BPMN_FUZZ_H
#define BPMN_FUZZ_H

#include <stdlib.h>

#include "engines/bpmn/bpmn.h"

enum { FUZZ_ANSWERS = 24 };

static void fuzz_on_incident(void *arg, uint64_t token_id, const char *element_id, const char *code,
			     const char *reason)
{
}

static const struct bpmn_effects fuzz_effects = { .incident = fuzz_on_incident };

/* What goes out comes in again. */
static void fuzz_reload(struct bpmn_instance **instp, const struct bpmn_model *model)
{
	json_t *state = bpmn_instance_state(*instp);
	struct bpmn_instance *again = NULL;

	if (!state || bpmn_instance_load(&again, model, state))
		abort();
	json_decref(state);
	bpmn_instance_free(*instp);
	*instp = again;
}

static enum pl_err fuzz_answer(struct bpmn_instance *inst, unsigned how, uint64_t token)
{
	switch (how % 8) {
	case 0:
		return bpmn_instance_fail(inst, token, "E1", "m", &fuzz_effects, NULL);
	case 1:
		return bpmn_instance_timer(inst, token, &fuzz_effects, NULL);
	case 2:
		return bpmn_instance_message(inst, token, NULL, &fuzz_effects, NULL);
	case 3:
		return bpmn_instance_signal(inst, "sig", NULL, &fuzz_effects, NULL);
	case 4:
		return bpmn_instance_skip(inst, token, &fuzz_effects, NULL);
	case 5:
		return bpmn_instance_drop(inst, token, &fuzz_effects, NULL);
	case 6:
		return bpmn_instance_escalate(inst, token, "C1", NULL, &fuzz_effects, NULL);
	default:
		return bpmn_instance_complete(inst, token, NULL, &fuzz_effects, NULL);
	}
}

static void fuzz_live(struct bpmn_instance **instp, const struct bpmn_model *model, unsigned seed)
{
	for (int i = 0; i < FUZZ_ANSWERS && bpmn_instance_status(*instp) == BPMN_RUNNING; i++) {
		for (uint64_t token = 1; token < 40; token++) {
			seed = seed * 1103515245 + 12345;
			fuzz_answer(*instp, seed >> 16, token);
		}
		fuzz_reload(instp, model);
	}
}

#endif
