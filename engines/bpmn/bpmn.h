/*
 * engines/bpmn/bpmn.h — BPMN 2.0 workflows: read from a file, run by tokens.
 *
 * What it does: a model is a checked process. An instance is its tokens, scopes and variables; each
 * call moves the tokens until all of them wait or have ended, and reports through callbacks what
 * the world has to do: perform a task, watch a clock, bring a message. State goes out as JSON and
 * comes in again after a crash.
 *
 * What it does not do: it performs no task, watches no clock, stores nothing and starts no thread.
 * What it can't execute it refuses when the file is read, by name; see elements.h and docs/bpmn.md.
 * Foreign namespaces and diagram data are left alone.
 *
 * Execution attributes are the zeebe extension elements that open modellers edit (namespace
 * http://camunda.org/schema/zeebe/1.0): taskDefinition, ioMapping, script, calledElement and so on.
 * Expressions are FEEL with a `=` in front; anything else there is a literal string. A script task
 * has its expression there, or BPMN's own script with scriptFormat lua, which returns a table of
 * variables.
 *
 * Source: OMG BPMN 2.0.2 chapters 10 and 13; where implementations differ, Zeebe's documentation.
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

struct dmn_model;
struct dmn_element;

enum {
	BPMN_FILE_MAX = 16777216,  /* bytes of a file */
	BPMN_PROCESSES_MAX = 20,   /* executable ones in a file */
	BPMN_DECLARED_MAX = 1000,  /* messages, signals, errors and escalations of a file */
	BPMN_NODES_MAX = 20000,	   /* events, activities and gateways of a process */
	BPMN_FLOWS_MAX = 40000,	   /* sequence flows */
	BPMN_REACH_MAX = 20000000, /* flows into inclusive gateways that join, times nodes */
	BPMN_ID_MAX = 255,	   /* bytes of an id */
	BPMN_DEPTH_MAX = 50,	   /* of sub-processes in each other */
	BPMN_TOKENS_MAX = 1000,	   /* of an instance, at one time; what waits for an event counts */
	BPMN_FRAMES_MAX = 1500,	   /* activities of an instance that keep something, at one time */
	BPMN_RECORDS_MAX = 1000,   /* activities of a scope that can be compensated */
	BPMN_STEPS_MAX = 10000,	   /* elements entered by one call before the instance fails */
	BPMN_FEEL_STEPS_MAX = 500000, /* of all expressions evaluated by one call */
	BPMN_SCRIPT_MS_MAX = 1000,    /* of processor time of all scripts in Lua run by one call */
	BPMN_BYTES_MAX = 16777216,    /* of all values that one call makes */
	BPMN_CALL_DEPTH_MAX = 50,     /* of processes that call each other */
};

struct bpmn_model;    /* opaque */
struct bpmn_instance; /* opaque */

/* ---- models ---- */

/*
 * bpmn_model_parse reads and checks a BPMN 2.0 file with one executable process: one whose
 * isExecutable is not false. Pools, lanes and message flows mean nothing to execution.
 *
 *   xml  the file's bytes; not kept. No document type declaration is accepted.
 *
 * Returns PL_OK and sets *modelp (caller owns it: bpmn_model_free), PL_INVALID for a file that is
 * broken or has what can't be executed (the detail names line, element and reason), PL_TOOLARGE
 * past a limit, PL_NOMEM. On error *modelp is untouched. Any thread; doesn't block. The model is
 * only read afterwards, so threads may share it.
 */
enum pl_err bpmn_model_parse(struct bpmn_model **modelp, const char *xml, size_t xml_len);

/*
 * bpmn_models_parse is bpmn_model_parse for all executable processes of a file, in its order.
 * Sets *modelsp and *lenp (caller owns both array and models: bpmn_models_free).
 */
enum pl_err bpmn_models_parse(struct bpmn_model ***modelsp, size_t *lenp, const char *xml,
			      size_t xml_len);
void bpmn_models_free(struct bpmn_model **models, size_t len); /* takes NULL */

/* bpmn_model_free frees a model that no instance uses any more; takes NULL. */
void bpmn_model_free(struct bpmn_model *model);

/* bpmn_model_process_id and _name are borrowed; the name is "" if the file gives none. */
const char *bpmn_model_process_id(const struct bpmn_model *model);
const char *bpmn_model_process_name(const struct bpmn_model *model);

/* bpmn_model_version_tag is the zeebe:versionTag of the process, borrowed; NULL without one. */
const char *bpmn_model_version_tag(const struct bpmn_model *model);

struct bpmn_element_info { /* borrowed from the model */
	const char *id;
	const char *name;      /* "" for none */
	const char *tag;       /* "serviceTask" */
	const char *task_type; /* of what is performed as a task, else NULL */
	unsigned retries; /* what the file asks of whoever performs the task; 3 if it doesn't say */
	unsigned template_version; /* of the template that it was drawn by; 0: none is told */
	const char *event;  /* of an event: "message", "timer", "signal", …, "plain"; else NULL */
	const char *parent; /* id of the sub-process that it is in; NULL: the process itself */
	const char *called; /* literal id of a called process or decision, else NULL */
	/* of what calls one, by an expression too: "latest", "deployment", "versionTag"; else NULL
	 */
	const char *binding;
	const char *version_tag; /* that a call is bound to, else NULL */
};

size_t bpmn_model_element_count(const struct bpmn_model *model);

/* bpmn_model_element fills *info for i below the count, in the order of the file. */
void bpmn_model_element(const struct bpmn_model *model, size_t i, struct bpmn_element_info *info);

/* bpmn_model_find fills *info for an element's id; false if there is none. */
bool bpmn_model_find(const struct bpmn_model *model, const char *id,
		     struct bpmn_element_info *info);

/*
 * struct bpmn_start: a way to start a process: a start event, a receive task that instantiates, or
 * an event behind an event-based gateway that does.
 */
struct bpmn_start {
	const char *element_id; /* borrowed from the model */
	const char *event;	/* "plain", "message", "timer", "signal", "condition" */
	json_t *name;		/* of the message or signal: a string; else NULL. Owned */
	bool is_date;		/* of a timer: as in struct bpmn_wait */
	int64_t due_ms, period_ms;
	int repeats; /* of a timer: how often more behind the first time; -1: without end */
};

/*
 * bpmn_model_start fills *start for the i-th way to start; names and times that are expressions are
 * evaluated without variables.
 *
 *   now_ms  since 1970, for FEEL's now(); 0: none
 *
 * Returns PL_OK (bpmn_start_fini follows), PL_NOTFOUND past the last, PL_INVALID for an expression
 * that yields nothing fit, PL_TOOLARGE, PL_NOMEM.
 */
enum pl_err bpmn_model_start(struct bpmn_start *start, const struct bpmn_model *model, size_t i,
			     int64_t now_ms);
void bpmn_start_fini(struct bpmn_start *start);

/* bpmn_model_start_holds tells whether the condition of a start event is true over variables
 * (object, NULL for none). Errors as above; PL_NOTFOUND if the element has none. */
enum pl_err bpmn_model_start_holds(bool *holdsp, const struct bpmn_model *model,
				   const char *element_id, const json_t *variables);

/* ---- what an instance wants ---- */

enum bpmn_status { BPMN_RUNNING, BPMN_COMPLETED, BPMN_FAILED, BPMN_CANCELLED };

enum bpmn_wait_kind {
	BPMN_WAIT_TASK,	   /* answered by bpmn_instance_complete or _fail */
	BPMN_WAIT_TIMER,   /* bpmn_instance_timer */
	BPMN_WAIT_MESSAGE, /* bpmn_instance_message */
	BPMN_WAIT_SIGNAL,  /* bpmn_instance_signal, or bpmn_instance_message for it alone */
	BPMN_WAIT_CALL,	   /* the called instance's end: bpmn_instance_complete, _fail, _escalate */
};

struct bpmn_wait { /* borrowed for the call */
	enum bpmn_wait_kind kind;
	uint64_t token_id;
	const char *element_id;
	/* of a task its type; of a message or signal its name; of a call the process's id */
	const char *name;
	/* of a task the object that the input mappings make, empty without any; of a call the
	 * variables of the called instance */
	const json_t *input;
	/* of a task with headers, form, assignment, schedule or priority: { headers: {name: text},
	 * assignee, candidateGroups, …: value }, else NULL */
	const json_t *properties;
	const char *key;	 /* of a message: what correlates it; NULL: its name alone */
	const char *binding;	 /* of a call: "latest", "deployment", "versionTag" */
	const char *version_tag; /* of a call bound to one, else NULL */
	unsigned depth;		 /* of a call: for bpmn_instance_set_depth of the called instance */
	bool is_date;		 /* of a timer: due_ms since 1970-01-01T00:00:00Z; else from now */
	int64_t due_ms;		 /* of a timer: at least 0 */
};

struct bpmn_thrown {	   /* borrowed for the call */
	const char *event; /* "message", "signal", "escalation" */
	const char *element_id;
	const char *name;      /* of the message or signal; the escalation's code */
	const char *key;       /* of a message; NULL: none */
	const json_t *payload; /* object: what the input mappings make */
};

/*
 * struct bpmn_effects: what an instance wants done, reported in order while a call runs. A callback
 * must not call the instance. Each may be NULL. What they are given is borrowed for the call.
 */
struct bpmn_effects {
	/* wait: something is to be answered. */
	void (*wait)(void *arg, const struct bpmn_wait *wait);
	/* withdraw: what was reported by wait is not wanted any more, or has been answered by a
	 * signal. */
	void (*withdraw)(void *arg, uint64_t token_id, const char *element_id);
	/* trace: what is "entered", "waiting", "completed", "interrupted", "withdrawn",
	 * "compensated" or "failed" of an element, "taken" of a sequence flow. */
	void (*trace)(void *arg, const char *element_id, const char *what);
	/* thrown: a message to be sent; a signal to be told to all other instances (what waits for
	 * it in this one has it already); an escalation that nothing in this instance catches. */
	void (*thrown)(void *arg, const struct bpmn_thrown *thrown);
	/*
	 * incident: a token can't go on; bpmn_instance_retry, _skip or _drop moves it. Without this
	 * callback what would be an incident fails the instance.
	 */
	void (*incident)(void *arg, uint64_t token_id, const char *element_id, const char *code,
			 const char *reason);
	/*
	 * decision finds the model and element of a decision; binding as in struct bpmn_wait. What
	 * it returns is borrowed until the call ends. NULL where there is none, with a detail by
	 * pl_fail.
	 */
	const struct dmn_model *(*decision)(void *arg, const struct dmn_element **elementp,
					    const char *decision_id, const char *binding,
					    const char *version_tag);
};

/* ---- instances ---- */

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
 * bpmn_instance_load makes an instance of a state that bpmn_instance_state gave, of version 1 too,
 * which is checked against the model. No effect is reported again; bpmn_instance_waits does that.
 *
 * Returns as bpmn_instance_new; PL_NEWER for a state that a newer version wrote.
 */
enum pl_err bpmn_instance_load(struct bpmn_instance **instp, const struct bpmn_model *model,
			       const json_t *state);

void bpmn_instance_free(struct bpmn_instance *inst); /* takes NULL */

/*
 * bpmn_instance_set_clock gives FEEL's now() and today() their instant, in milliseconds since 1970,
 * until it is set again; without it both are null.
 */
void bpmn_instance_set_clock(struct bpmn_instance *inst, int64_t now_ms);

/* bpmn_instance_set_depth says how many instances called each other above this one; before start.
 */
void bpmn_instance_set_depth(struct bpmn_instance *inst, unsigned depth);

/*
 * bpmn_instance_state returns all that is needed to go on (a new reference that shares nothing with
 * the instance), or NULL without memory:
 *
 *   version, process, started, status ("running", "completed", "failed", "cancelled"), nextToken,
 *   variables, tokens: [{ id, element, waits: "task", "timer", "message", "signal", "condition",
 *   "call", "join", "compensation", "incident"; in a failed instance also "failed", "nothing" }],
 *   failure (of a failed one): { element, code, reason }
 *
 * A token may have members of its kind: due, date, repeats, name, key, flow; code, reason of an
 * incident; frame, if it is in one of `frames`, which are activities that keep variables or more.
 * The version is 1 while there is nothing that version 1 doesn't know, else 2.
 */
json_t *bpmn_instance_state(const struct bpmn_instance *inst);

enum bpmn_status bpmn_instance_status(const struct bpmn_instance *inst);

/* bpmn_instance_variables is borrowed until the next call: those of the process. */
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

/* bpmn_instance_start starts the process at its start event without a trigger. */
enum pl_err bpmn_instance_start(struct bpmn_instance *inst, const struct bpmn_effects *effects,
				void *arg);

/* bpmn_instance_start_at starts it at one of bpmn_model_start, with what came: object or NULL. */
enum pl_err bpmn_instance_start_at(struct bpmn_instance *inst, const char *element_id,
				   const json_t *payload, const struct bpmn_effects *effects,
				   void *arg);

/*
 * bpmn_instance_complete answers a task or a call.
 *
 *   result  object or NULL (or JSON null): with output mappings these are evaluated over the
 *           variables and, in front of them, the result; without, its members become variables:
 *           each of the nearest scope that has one of its name, else of the process
 */
enum pl_err bpmn_instance_complete(struct bpmn_instance *inst, uint64_t token_id,
				   const json_t *result, const struct bpmn_effects *effects,
				   void *arg);

/*
 * bpmn_instance_fail says that a task or a called process ended by an error. The nearest error
 * event with its code or without any catches it; else it is an incident.
 */
enum pl_err bpmn_instance_fail(struct bpmn_instance *inst, uint64_t token_id, const char *code,
			       const char *message, const struct bpmn_effects *effects, void *arg);

/* bpmn_instance_escalate says that a task or a called process, which goes on, threw an escalation;
 * payload as result above. */
enum pl_err bpmn_instance_escalate(struct bpmn_instance *inst, uint64_t token_id, const char *code,
				   const json_t *payload, const struct bpmn_effects *effects,
				   void *arg);

/* bpmn_instance_timer says that a timer is due. */
enum pl_err bpmn_instance_timer(struct bpmn_instance *inst, uint64_t token_id,
				const struct bpmn_effects *effects, void *arg);

/* bpmn_instance_message brings a message, or a signal to one token; payload as result above. */
enum pl_err bpmn_instance_message(struct bpmn_instance *inst, uint64_t token_id,
				  const json_t *payload, const struct bpmn_effects *effects,
				  void *arg);

/* bpmn_instance_signal brings a signal to all that wait for it; PL_OK also if nothing does. */
enum pl_err bpmn_instance_signal(struct bpmn_instance *inst, const char *name,
				 const json_t *payload, const struct bpmn_effects *effects,
				 void *arg);

/* bpmn_instance_set sets variables (object) from outside, which may make conditions true.
 *
 *   token_id  whose nearest scope they are set from; 0: the process */
enum pl_err bpmn_instance_set(struct bpmn_instance *inst, uint64_t token_id,
			      const json_t *variables, const struct bpmn_effects *effects,
			      void *arg);

/* bpmn_instance_retry does again what was an incident, _skip goes on as if it had been done, _drop
 * ends the token's path. */
enum pl_err bpmn_instance_retry(struct bpmn_instance *inst, uint64_t token_id,
				const struct bpmn_effects *effects, void *arg);
enum pl_err bpmn_instance_skip(struct bpmn_instance *inst, uint64_t token_id,
			       const struct bpmn_effects *effects, void *arg);
enum pl_err bpmn_instance_drop(struct bpmn_instance *inst, uint64_t token_id,
			       const struct bpmn_effects *effects, void *arg);

/* bpmn_instance_cancel withdraws everything and ends a running instance. */
enum pl_err bpmn_instance_cancel(struct bpmn_instance *inst, const struct bpmn_effects *effects,
				 void *arg);

/* bpmn_instance_waits reports all that is to be answered once more, by wait and incident. Nothing
 * moves. */
enum pl_err bpmn_instance_waits(struct bpmn_instance *inst, const struct bpmn_effects *effects,
				void *arg);

/* ---- migration ---- */

/*
 * bpmn_instance_migrate puts a running instance on another version of its process.
 *
 *   to       the model that it goes to; must outlive the instance
 *   mapping  object of strings: ids of elements and sequence flows, old to new; NULL or what it
 *            doesn't name: the same id
 *   stuckp   what can't go over (caller owns it): [{ element, to (null: nothing), reason }], empty
 *            if all can
 *   is_dry   only look
 *
 * Tokens keep their ids; events that the new version attaches where the instance is are waited for,
 * those that it hasn't any more are withdrawn. Returns PL_OK; PL_STATE if something would get stuck
 * and it isn't dry, or the instance isn't running: then nothing is changed; PL_INVALID for a
 * mapping that is none, PL_NOMEM.
 */
enum pl_err bpmn_instance_migrate(struct bpmn_instance *inst, const struct bpmn_model *to,
				  const json_t *mapping, bool is_dry, json_t **stuckp,
				  const struct bpmn_effects *effects, void *arg);

#endif
