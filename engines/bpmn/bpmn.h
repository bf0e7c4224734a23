/*
 * engines/bpmn/bpmn.h — BPMN 2.0 workflows: read from a file, run by tokens.
 *
 * What it does: a model is a checked process. An instance is its tokens and variables; each call
 * moves the tokens until all of them wait or have ended, and reports through callbacks what the
 * world has to do: a task, a timer. State goes out as JSON and comes in again after a crash.
 *
 * What it does not do: it performs no task, watches no clock, stores nothing and starts no thread.
 * What it can't execute it refuses when the file is read, by name; see elements.h. Foreign
 * namespaces and diagram data are left alone.
 *
 * Execution attributes are the zeebe extension elements that open modellers edit (namespace
 * http://camunda.org/schema/zeebe/1.0): taskDefinition, ioMapping, script. Expressions are FEEL
 * with a `=` in front; anything else there is a literal string.
 *
 * Source: OMG BPMN 2.0.2 chapters 10 and 13.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BPMN_BPMN_H
#define BPMN_BPMN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "pelago/err.h"

enum {
	BPMN_FILE_MAX = 1048576,      /* bytes of a file */
	BPMN_NODES_MAX = 2000,	      /* events, tasks and gateways of a process */
	BPMN_FLOWS_MAX = 4000,	      /* sequence flows */
	BPMN_ID_MAX = 255,	      /* bytes of an id */
	BPMN_TOKENS_MAX = 1000,	      /* of an instance, at one time */
	BPMN_STEPS_MAX = 1000,	      /* elements entered by one call before the instance fails */
	BPMN_FEEL_STEPS_MAX = 500000, /* of all expressions evaluated by one call */
};

struct bpmn_model;    /* opaque */
struct bpmn_instance; /* opaque */

/*
 * bpmn_model_parse reads and checks a BPMN 2.0 file with one process.
 *
 *   xml  the file's bytes; not kept. No document type declaration is accepted.
 *
 * Returns PL_OK and sets *modelp (caller owns it: bpmn_model_free), PL_INVALID for a file that is
 * broken or has what can't be executed (the detail names line, element and reason), PL_TOOLARGE
 * past a limit, PL_NOMEM. On error *modelp is untouched. Any thread; doesn't block. The model is
 * only read afterwards, so threads may share it.
 */
enum pl_err bpmn_model_parse(struct bpmn_model **modelp, const char *xml, size_t xml_len);

/* bpmn_model_free frees a model that no instance uses any more; takes NULL. */
void bpmn_model_free(struct bpmn_model *model);

/* bpmn_model_process_id and _name are borrowed; the name is "" if the file gives none. */
const char *bpmn_model_process_id(const struct bpmn_model *model);
const char *bpmn_model_process_name(const struct bpmn_model *model);

struct bpmn_element_info { /* borrowed from the model */
	const char *id;
	const char *name;      /* "" for none */
	const char *tag;       /* "serviceTask" */
	const char *task_type; /* of a service task, else NULL */
	unsigned retries; /* what the file asks of whoever performs the task; 3 if it doesn't say */
};

size_t bpmn_model_element_count(const struct bpmn_model *model);

/* bpmn_model_element fills *info for i below the count, in the order of the file. */
void bpmn_model_element(const struct bpmn_model *model, size_t i, struct bpmn_element_info *info);

/* bpmn_model_find fills *info for an element's id; false if there is none. */
bool bpmn_model_find(const struct bpmn_model *model, const char *id,
		     struct bpmn_element_info *info);

enum bpmn_status { BPMN_RUNNING, BPMN_COMPLETED, BPMN_FAILED };

/*
 * struct bpmn_effects: what an instance wants done, reported in order while a call runs. A callback
 * must not call the instance. Each may be NULL. What they are given is borrowed for the call.
 */
struct bpmn_effects {
	/*
	 * task is to be performed, and answered by bpmn_instance_complete or _fail. input is the
	 * object that the input mappings make; without any, an empty one.
	 */
	void (*task)(void *arg, uint64_t token_id, const char *element_id, const char *task_type,
		     const json_t *input);
	/*
	 * timer is to be answered by bpmn_instance_timer. kind "duration": due_ms from now, at
	 * least 0; kind "date": due_ms since 1970-01-01T00:00:00Z.
	 */
	void (*timer)(void *arg, uint64_t token_id, const char *element_id, const char *kind,
		      int64_t due_ms);
	/* trace: what is "entered", "waiting", "completed" or "failed" of an element, "taken" of a
	 * sequence flow. */
	void (*trace)(void *arg, const char *element_id, const char *what);
};

/*
 * bpmn_instance_new makes an instance that has not started.
 *
 *   model      borrowed; must outlive the instance
 *   variables  object, copied; NULL for none
 *
 * Returns PL_OK and sets *instp (caller owns it: bpmn_instance_free), PL_INVALID if variables is no
 * object, PL_NOMEM. On error *instp is untouched.
 */
enum pl_err bpmn_instance_new(struct bpmn_instance **instp, const struct bpmn_model *model,
			      const json_t *variables);

/*
 * bpmn_instance_load makes an instance of a state that bpmn_instance_state gave, which is checked
 * against the model. No effect is reported again: tasks and timers that wait are in the state.
 *
 * Returns as bpmn_instance_new; PL_NEWER for a state that a newer version wrote.
 */
enum pl_err bpmn_instance_load(struct bpmn_instance **instp, const struct bpmn_model *model,
			       const json_t *state);

void bpmn_instance_free(struct bpmn_instance *inst); /* takes NULL */

/*
 * bpmn_instance_state returns all that is needed to go on (a new reference that shares nothing with
 * the instance), or NULL without memory:
 *
 *   version 1, process, started, status ("running", "completed", "failed"), nextToken, variables,
 *   tokens: [{ id, element, waits: "task", "timer"; in a failed instance also "failed", "nothing"
 * }], failure (of a failed one): { element, code, reason }
 */
json_t *bpmn_instance_state(const struct bpmn_instance *inst);

enum bpmn_status bpmn_instance_status(const struct bpmn_instance *inst);

/* bpmn_instance_variables is borrowed until the next call. */
const json_t *bpmn_instance_variables(const struct bpmn_instance *inst);

/* bpmn_instance_failure is the state's failure object, borrowed; NULL unless failed. */
const json_t *bpmn_instance_failure(const struct bpmn_instance *inst);

/*
 * The calls below move an instance on. A token waits for one answer; its id is never used again, so
 * an answer that comes twice is told apart.
 *
 * Each returns PL_OK, also where the instance fails while it moves on (a script or condition that
 * can't be evaluated, a loop that never waits: see bpmn_instance_status); PL_STATE for a token that
 * is unknown or has been answered, a start of what was started, or an instance that has ended, and
 * PL_INVALID for a bad argument: then nothing is changed. PL_NOMEM: drop the instance and load its
 * last state; it refuses further calls.
 */
enum pl_err bpmn_instance_start(struct bpmn_instance *inst, const struct bpmn_effects *effects,
				void *arg);

/*
 * bpmn_instance_complete answers a task.
 *
 *   result  object or NULL (or JSON null): with output mappings these are evaluated over the
 *           variables and, in front of them, the result; without, its members become variables
 */
enum pl_err bpmn_instance_complete(struct bpmn_instance *inst, uint64_t token_id,
				   const json_t *result, const struct bpmn_effects *effects,
				   void *arg);

/* bpmn_instance_fail says that a task could not be done; the instance fails. */
enum pl_err bpmn_instance_fail(struct bpmn_instance *inst, uint64_t token_id, const char *code,
			       const char *message, const struct bpmn_effects *effects, void *arg);

/* bpmn_instance_timer says that a timer is due. */
enum pl_err bpmn_instance_timer(struct bpmn_instance *inst, uint64_t token_id,
				const struct bpmn_effects *effects, void *arg);

#endif
