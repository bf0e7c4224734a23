/*
 * run.h — one call that moves an instance on.
 *
 * Tokens that go on are served one after the other (run.c). A step of one may remove others, and
 * frames with them, so that ids and places are looked up anew behind whatever moves. What goes
 * wrong within the process is no error of these functions: it is caught by an event, an incident or
 * the instance's failure, and they return PL_OK. They return PL_NOMEM, and where they say so what
 * an expression yields.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BPMN_RUN_H
#define BPMN_RUN_H

#include "engines/bpmn/instance.h"

struct run {
	struct bpmn_instance *inst;
	const struct bpmn_effects *effects;
	void *arg;
	unsigned steps;
	unsigned long feel_steps;
	int64_t script_ns; /* of processor time that scripts in Lua took */
	size_t bytes;	   /* of values that expressions made */
};

/* run_serve serves all tokens that go on, unless err is one already; what every call ends with. */
enum pl_err run_serve(struct run *run, enum pl_err err);

void run_trace(const struct run *run, const char *element_id, const char *what);
const struct bpmn_node *run_node(const struct run *run, unsigned node);

/* ---- run_token.c ---- */

/* run_add adds a token that goes on; *tokenp is NULL if that stopped the instance. */
enum pl_err run_add(struct run *run, struct bpmn_token **tokenp, unsigned node, unsigned frame,
		    bool is_subscription);

/* run_arrive adds a token at an event that has happened; payload is consumed. */
enum pl_err run_arrive(struct run *run, unsigned node, unsigned frame, json_t *payload);

/* run_frame adds a frame; *placep is -1 if that stopped the instance. */
enum pl_err run_frame(struct run *run, int *placep, enum bpmn_frame_kind kind, unsigned parent,
		      unsigned node);

/* run_withdraw removes a token that is not wanted any more. */
void run_withdraw(struct run *run, struct bpmn_token *token);

/* run_clear removes what is in a frame, but for boundary events where those are kept; run_discard
 * removes the frame, too. */
void run_clear(struct run *run, unsigned frame, bool keeps_boundaries);
void run_discard(struct run *run, unsigned frame);

/* run_is_own tells whether a token stands for the activity that its frame is of. */
bool run_is_own(const struct run *run, const struct bpmn_token *token);

/* ---- run_fail.c ---- */

/* run_fail: a token can't go on, by an error of its activity. An error event catches it, else it is
 * an incident, or the instance fails. */
enum pl_err run_fail(struct run *run, uint64_t token_id, const char *code, const char *reason);

/* run_fail_by is run_fail by the error of an expression; PL_NOMEM is passed on. */
enum pl_err run_fail_by(struct run *run, uint64_t token_id, enum pl_err err, const char *code,
			const char *what);

/* run_stop ends the whole instance: a bound is passed. */
enum pl_err run_stop(struct run *run, unsigned node, const char *code, const char *reason);

/* run_throw_error looks for an error event that catches code from a frame on upwards. */
enum pl_err run_throw_error(struct run *run, bool *caughtp, unsigned frame, const char *code,
			    const char *message);
enum pl_err run_throw_escalation(struct run *run, bool *caughtp, unsigned frame, const char *code,
				 const json_t *payload);

/* ---- run_flow.c ---- */

/* run_leave sends new tokens on by a node's outgoing sequence flows; without any, its path ends. */
enum pl_err run_leave(struct run *run, unsigned node, unsigned frame);

/* run_settle ends a scope in which nothing is left. */
enum pl_err run_settle(struct run *run, unsigned frame);

/* run_joins lets joins go on that wait for nothing any more, one at a time. */
enum pl_err run_joins(struct run *run, bool *movedp);

/* run_join lets a join go on with the tokens that are there. */
enum pl_err run_join(struct run *run, unsigned node, unsigned frame);

enum pl_err run_enter_exclusive(struct run *run, struct bpmn_token token);
enum pl_err run_enter_inclusive(struct run *run, struct bpmn_token token);
enum pl_err run_enter_parallel(struct run *run, struct bpmn_token token);

/* ---- run_activity.c ---- */

enum pl_err run_enter_activity(struct run *run, struct bpmn_token token);

/* run_end_activity ends one whose outputs are kept. */
enum pl_err run_end_activity(struct run *run, struct bpmn_token token);

/* run_pass_on goes on behind an activity whose frame is gone: by its flows, or to the next handler.
 */
enum pl_err run_pass_on(struct run *run, unsigned node, unsigned frame);

/* run_job lets a token wait for a task to be performed. */
enum pl_err run_job(struct run *run, struct bpmn_token token);

/* ---- run_loop.c ---- */

enum pl_err run_loop(struct run *run, struct bpmn_token token);
bool run_is_instance(const struct run *run, unsigned frame);
enum pl_err run_end_instance(struct run *run, struct bpmn_token token);

/* ---- run_event.c ---- */

enum pl_err run_enter_start(struct run *run, struct bpmn_token token);
enum pl_err run_enter_end(struct run *run, struct bpmn_token token);
enum pl_err run_enter_catch(struct run *run, struct bpmn_token token);
enum pl_err run_enter_throw(struct run *run, struct bpmn_token token);
enum pl_err run_enter_boundary(struct run *run, struct bpmn_token token);
enum pl_err run_enter_choice(struct run *run, struct bpmn_token token);

/* run_throw_message reports a message; what an expression yields is an error, too. */
enum pl_err run_throw_message(struct run *run, const struct bpmn_token *token);

/* run_signal brings a signal to what waits for it in this instance. */
enum pl_err run_signal(struct run *run, const char *name, const json_t *payload);

/* ---- run_subscribe.c ---- */

/* run_subscribe lets a token wait for its node's event. Errors, too: what an expression yields. */
enum pl_err run_subscribe(struct run *run, uint64_t token_id);

/* run_subscribe_boundaries and _events add what waits for the events at an activity's boundary, and
 * for those that start event sub-processes of a scope. Errors as run_subscribe. */
enum pl_err run_subscribe_boundaries(struct run *run, unsigned node, unsigned frame);
enum pl_err run_subscribe_events(struct run *run, unsigned frame);
void run_unsubscribe(struct run *run, unsigned frame, enum bpmn_kind kind);

/* run_trigger: what a token waited for has come; payload is consumed. */
enum pl_err run_trigger(struct run *run, uint64_t token_id, json_t *payload);

/* run_trigger_event starts what an event does at an activity (frame) or in a scope. */
enum pl_err run_trigger_event(struct run *run, unsigned event, unsigned frame, json_t *payload);

/* run_conditions triggers the first of the conditional events that have become true. */
enum pl_err run_conditions(struct run *run, bool *movedp);

/* run_event_name says what waits in messages: "timer". */
const char *run_event_name(enum bpmn_event event);

/* ---- run_report.c ---- */

/* run_report reports what a token waits for. Errors, too: what an expression yields. */
enum pl_err run_report(struct run *run, uint64_t token_id);

/* ---- compensate.c ---- */

/* run_record keeps that an activity can be compensated. */
enum pl_err run_record(struct run *run, unsigned node, unsigned frame);

/* run_compensate starts the handlers that a throwing event wants; *startedp tells if there are any.
 */
enum pl_err run_compensate(struct run *run, bool *startedp, struct bpmn_token token);

/* run_compensate_next starts the next handler, or ends the compensation. */
enum pl_err run_compensate_next(struct run *run, unsigned frame);

/* run_cancel_transaction withdraws what runs in a transaction, and compensates what has ended. */
enum pl_err run_cancel_transaction(struct run *run, struct bpmn_token token);

/* ---- run_script.c ---- */

/* run_script sets *resultp to the object that a script in Lua returns over what is seen from a
 * frame. Errors: as of an expression. */
enum pl_err run_script(struct run *run, json_t **resultp, const struct bpmn_node *node,
		       unsigned frame);

/* ---- decide.c ---- */

/* run_decide sets *resultp to a decision's value over what is seen from a frame. Errors: as of an
 * expression. */
enum pl_err run_decide(struct run *run, json_t **resultp, const struct bpmn_node *node,
		       unsigned frame);

#endif
