/* step.c — see step.h. SPDX-License-Identifier: Apache-2.0 */
#include "step.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "await.h"
#include "decision.h"
#include "engines/bpmn/bpmn.h"
#include "incident.h"
#include "pelago/alarm.h"
#include "pelago/json.h"
#include "pelago/log.h"
#include "pelago/metric.h"
#include "task.h"

enum {
	TRACE_MAX = 500,  /* entries of a step */
	REFUSED_MAX = 50, /* tasks of a step whose input doesn't fit */
	OPENED_MAX = 16384,
	PRIORITY = 5,
};
#define TIMER_MAX_MS (1LL << 53)

static struct pl_metric started = { .name = "workflow_started_total", .text = "Instances started" };
static struct pl_metric failed = { .name = "workflow_failed_total", .text = "Instances failed" };
static struct pl_metric fallbacks = { .name = "workflow_fallback_total",
				      .text = "Contacts sent to the default service" };

static const struct {
	const char *name, *verb;
} statuses[] = {
#define INSTANCE_STATUS(name, verb) { #name, verb },
	INSTANCE_STATUSES
#undef INSTANCE_STATUS
};

/* ---- rows ---- */

static enum instance_status status_of(const char *name)
{
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		if (strcmp(statuses[i].name, name) == 0)
			return (enum instance_status)i;
	return INSTANCE_FAILED;
}

bool instance_find(struct pl_turn *turn, struct instance *in, const char *id)
{
	struct pl_rows *rows = pl_query(
		turn,
		"select id, contact, workflow, version, steps, status, asked, opened, state, parent, "
		"parent_token "
		"from instance where id = $1",
		"s", id);
	bool found = pl_rows_next(rows);

	*in = (struct instance){ .turn = turn };
	if (found) {
		snprintf(in->id, sizeof(in->id), "%s", pl_rows_text(rows, 0));
		snprintf(in->contact, sizeof(in->contact), "%s", pl_rows_text(rows, 1));
		snprintf(in->workflow, sizeof(in->workflow), "%s", pl_rows_text(rows, 2));
		in->version = pl_rows_int(rows, 3);
		in->steps = pl_rows_int(rows, 4);
		in->status = status_of(pl_rows_text(rows, 5));
		in->asked = pl_rows_int(rows, 6);
		in->opened = json_loads(pl_rows_text(rows, 7), 0, NULL);
		if (!pl_rows_is_null(rows, 8))
			in->before = json_loads(pl_rows_text(rows, 8), 0, NULL);
		snprintf(in->parent, sizeof(in->parent), "%s", pl_rows_text(rows, 9));
		in->parent_token = pl_rows_int(rows, 10);
	}
	pl_rows_free(rows);
	return found;
}

bool instance_has_contact(const struct instance *in)
{
	return strcmp(in->contact, in->id) != 0;
}

void instance_fini(struct instance *in)
{
	bpmn_instance_free(in->engine);
	json_decref(in->opened);
	json_decref(in->before);
	json_decref(in->tasks);
	json_decref(in->timers);
	json_decref(in->awaited);
	json_decref(in->thrown);
	json_decref(in->incidents);
	json_decref(in->withdrawn);
	json_decref(in->trace);
}

static void keep_history(struct pl_turn *turn, struct instance *in)
{
	int64_t keep = pl_attribute_get(pl_turn_service(turn), "history_steps");
	char *text = pl_json_dump(in->trace);

	in->steps++;
	pl_exec(turn, "insert into history (instance, n, at_ms, trace) values ($1, $2, $3, $4)",
		"siis", in->id, in->steps, pl_turn_now_ms(turn), text ? text : "[]");
	if (in->steps > keep)
		pl_exec(turn, "delete from history where instance = $1 and n <= $2", "si", in->id,
			in->steps - keep);
	free(text);
}

/* state NULL leaves the stored one. */
static void keep(struct pl_turn *turn, struct instance *in, const char *state,
		 const json_t *failure)
{
	char *why = failure ? pl_json_dump(failure) : NULL;

	keep_history(turn, in);
	if (in->status == INSTANCE_RUNNING) /* as before: no index to be written */
		pl_exec(turn,
			"update instance set state = coalesce($2, state), failure = $3, steps = $4, "
			"asked = $5 where id = $1",
			"sssii", in->id, state, why, in->steps, (int64_t)in->asked);
	else
		pl_exec(turn,
			"update instance set status = $2, state = coalesce($3, state), failure = $4, "
			"ended_ms = $5, steps = $6, asked = $7 where id = $1",
			"ssssiii", in->id, statuses[in->status].name, state, why,
			pl_turn_now_ms(turn), in->steps, (int64_t)in->asked);
	free(why);
}

static void tell(struct pl_turn *turn, const struct instance *in, const char *verb)
{
	pl_emit(turn, "workflow", verb, in->contact,
		json_pack("{s:s, s:s, s:I, s:s, s:s}", "instanceId", in->id, "workflow",
			  in->workflow, "version", (json_int_t)in->version, "contactId",
			  in->contact, "status", statuses[in->status].name));
}

/* ---- the end ---- */

void instance_ask_for_agent(struct pl_turn *turn, const struct instance *in, bool plain)
{
	const char *service = pl_attribute_text(pl_turn_service(turn), "default_service");
	const char *channel = pl_json_get_text(in->opened, "channel");
	json_t *attributes = plain ? NULL : json_object_get(in->opened, "attributes");

	pl_log(WARN, "workflow.fallback", in->contact, "service=%s plain=%d", service, plain);
	pl_metric_add(&fallbacks, 1);
	pl_command(turn, "WorkAssignment.request", in->contact,
		   json_pack("{s:s, s:s, s:s, s:o, s:i}", "contactId", in->contact, "channel",
			     *channel ? channel : "chat", "service", service, "attributes",
			     attributes ? json_incref(attributes) : json_object(), "priority",
			     PRIORITY),
		   json_pack("{s:s, s:s}", "instanceId", in->id, "fallback",
			     plain ? "plain" : "full"));
}

void step_timer_key(char key[64], const struct instance *in, json_int_t token_id)
{
	snprintf(key, 64, "%s.%lld", in->id, (long long)token_id);
}

/* Timers of the state as it was; those of this step haven't been set. */
static void cancel_timers(struct pl_turn *turn, const struct instance *in)
{
	json_t *token;
	char key[64];
	size_t i;

	json_array_foreach(json_object_get(in->before, "tokens"), i, token) {
		if (strcmp(pl_json_get_text(token, "waits"), "timer") != 0)
			continue;
		step_timer_key(key, in, json_integer_value(json_object_get(token, "id")));
		pl_timer_cancel(turn, "token", key);
	}
}

void step_note(struct instance *in, const char *element, const char *what)
{
	if (!in->trace)
		in->trace = json_array();
	if (json_array_size(in->trace) < TRACE_MAX)
		json_array_append_new(in->trace, json_pack("[s, s]", element, what));
}

static void end(struct pl_turn *turn, struct instance *in, enum instance_status status,
		const char *state, const json_t *failure)
{
	in->status = status;
	if (*statuses[status].verb)
		step_note(in, "", statuses[status].verb);
	keep(turn, in, state, failure);
	cancel_timers(turn, in);
	await_drop(turn, in, 0);
	incident_drop(turn, in);
	await_end(turn, in, in->engine ? bpmn_instance_variables(in->engine) : NULL, failure);
	tell(turn, in, "ended");
	if (status != INSTANCE_FAILED)
		return;
	pl_metric_add(&failed, 1);
	pl_log(ERROR, "workflow.failed", in->contact,
	       "instance=%s workflow=%s version=%ld element=%s code=%s: %s", in->id, in->workflow,
	       (long)in->version, pl_json_get_text(failure, "element"),
	       pl_json_get_text(failure, "code"), pl_json_get_text(failure, "reason"));
	pl_alarm_raise(turn, "workflow.failed", in->workflow,
		       "version %ld, contact %s, element %s: %s", (long)in->version, in->contact,
		       pl_json_get_text(failure, "element"), pl_json_get_text(failure, "reason"));
	if (!in->asked && !*in->parent && instance_has_contact(in))
		instance_ask_for_agent(turn, in, false);
}

static void end_failed(struct pl_turn *turn, struct instance *in, const char *code,
		       const char *reason)
{
	json_t *failure =
		json_pack("{s:s, s:s, s:s}", "element", "", "code", code, "reason", reason);

	end(turn, in, INSTANCE_FAILED, NULL, failure);
	json_decref(failure);
}

void instance_cancel(struct pl_turn *turn, struct instance *in)
{
	pl_log(INFO, "workflow.cancelled", in->contact, "instance=%s", in->id);
	end(turn, in, INSTANCE_CANCELLED, NULL, NULL);
}

/* ---- what the engine reports ---- */

static void report(struct instance *in, json_t **listp, json_t *item)
{
	if (!*listp)
		*listp = json_array();
	if (json_array_append_new(*listp, item))
		in->lost = true;
}

static void report_awaited(struct instance *in, const char *kind, const char *name,
			   const struct bpmn_wait *wait)
{
	report(in, &in->awaited,
	       json_pack("{s:s, s:I, s:s, s:s, s:o, s:i, s:s*, s:s*}", "kind", kind, "token",
			 (json_int_t)wait->token_id, "name", name ? name : "", "key",
			 wait->key ? wait->key : "", "input",
			 wait->kind == BPMN_WAIT_CALL ? json_deep_copy(wait->input) : json_null(),
			 "depth", (int)wait->depth, "binding", wait->binding, "versionTag",
			 wait->version_tag));
}

static void on_wait(void *arg, const struct bpmn_wait *wait)
{
	struct instance *in = arg;
	json_int_t token = (json_int_t)wait->token_id;

	switch (wait->kind) {
	case BPMN_WAIT_TASK:
		if (task_is_user(wait->name)) {
			report_awaited(in, "user", wait->element_id, wait);
			break;
		}
		report(in, &in->tasks,
		       json_pack("{s:I, s:s, s:o}", "token", token, "operation", wait->name,
				 "input", json_deep_copy(wait->input)));
		break;
	case BPMN_WAIT_TIMER:
		report(in, &in->timers,
		       json_pack("{s:I, s:b, s:I}", "token", token, "date", wait->is_date, "due",
				 (json_int_t)wait->due_ms));
		break;
	case BPMN_WAIT_MESSAGE:
		report_awaited(in, "message", wait->name, wait);
		break;
	case BPMN_WAIT_SIGNAL:
		report_awaited(in, "signal", wait->name, wait);
		break;
	case BPMN_WAIT_CALL:
		report_awaited(in, "call", wait->name, wait);
		break;
	}
}

static void on_thrown(void *arg, const struct bpmn_thrown *thrown)
{
	struct instance *in = arg;

	report(in, &in->thrown,
	       json_pack("{s:s, s:s, s:s, s:o}", "event", thrown->event, "name",
			 thrown->name ? thrown->name : "", "key", thrown->key ? thrown->key : "",
			 "payload",
			 thrown->payload ? json_deep_copy(thrown->payload) : json_object()));
}

/* False if none of this step has that token. */
static bool take_back(json_t *list, uint64_t token_id)
{
	size_t i;
	json_t *item;

	json_array_foreach(list, i, item)
		if ((uint64_t)json_integer_value(json_object_get(item, "token")) == token_id) {
			json_array_remove(list, i);
			return true;
		}
	return false;
}

/* A timer of this step has not been set, others have; a task's answer will find nobody. */
static void on_withdraw(void *arg, uint64_t token_id, const char *element_id)
{
	struct instance *in = arg;

	if (!take_back(in->tasks, token_id) && !take_back(in->timers, token_id) &&
	    !take_back(in->awaited, token_id))
		report(in, &in->withdrawn, json_integer((json_int_t)token_id));
}

static void on_trace(void *arg, const char *element_id, const char *what)
{
	step_note(arg, element_id, what);
}

static void on_incident(void *arg, uint64_t token_id, const char *element_id, const char *code,
			const char *reason)
{
	struct instance *in = arg;

	report(in, &in->incidents,
	       json_pack("{s:I, s:s, s:s, s:s}", "token", (json_int_t)token_id, "element",
			 element_id, "code", code, "reason", reason));
}

static const struct dmn_model *on_decision(void *arg, const struct dmn_element **elementp,
					   const char *id, const char *binding,
					   const char *version_tag)
{
	const struct instance *in = arg;
	const struct called called = { .kind = CALLED_DECISION,
				       .id = id,
				       .binding = binding,
				       .version_tag = version_tag,
				       .by = in->workflow,
				       .by_version = in->version };

	return decision_find(in->turn, elementp, &called);
}

/* A contact can't wait until somebody looks: its workflow fails, and so does one that is called,
 * whose caller may catch it. */
static const struct bpmn_effects failing = {
	.wait = on_wait,
	.withdraw = on_withdraw,
	.trace = on_trace,
	.thrown = on_thrown,
	.decision = on_decision,
};
static const struct bpmn_effects patient = { .wait = on_wait,
					     .withdraw = on_withdraw,
					     .trace = on_trace,
					     .thrown = on_thrown,
					     .incident = on_incident,
					     .decision = on_decision };

const struct bpmn_effects *step_effects(const struct instance *in)
{
	return *in->parent || instance_has_contact(in) ? &failing : &patient;
}

/* ---- a step ---- */

static enum pl_err check_task(struct instance *in, json_t *item)
{
	const struct task *task = task_find(pl_json_get_text(item, "operation"));
	json_t *body = NULL;
	char *text;
	enum pl_err err;

	if (task)
		err = task_check(&body, task, json_object_get(item, "input"), in->contact);
	else /* deployed by another version of the program */
		err = pl_fail(PL_NOTFOUND, "%s is no longer an operation that a workflow may use",
			      pl_json_get_text(item, "operation"));
	text = err ? NULL : pl_json_dump(body);
	if (text && strlen(text) > STATE_MAX)
		err = pl_fail(PL_INVALID, "%s: its input is larger than %d bytes", task->operation,
			      STATE_MAX);
	free(text);
	if (err)
		json_decref(body);
	else
		json_object_set_new(item, "input", body);
	return err;
}

/* A task whose input doesn't fit its row is an error of its activity, behind which others may come;
 * one that nothing catches fails the instance. */
static enum pl_err check_tasks(struct instance *in)
{
	int refused = 0;
	enum pl_err err = PL_OK;

	for (size_t i = 0; i < json_array_size(in->tasks); i++) {
		json_t *item = json_array_get(in->tasks, i);
		uint64_t token = (uint64_t)json_integer_value(json_object_get(item, "token"));

		err = check_task(in, item);
		if (!err)
			continue;
		if (err == PL_NOMEM || ++refused > REFUSED_MAX)
			return err;
		json_array_remove(in->tasks, i);
		err = bpmn_instance_fail(in->engine, token,
					 err == PL_NOTFOUND ? "unknownTask" : "badInput",
					 pl_err_detail(err), step_effects(in), in);
		if (err || bpmn_instance_status(in->engine) != BPMN_RUNNING)
			return err;
		i = (size_t)-1;
	}
	return err;
}

static enum pl_err state_text(struct instance *in, char **textp)
{
	json_t *state = bpmn_instance_state(in->engine);
	char *text = state ? pl_json_dump(state) : NULL;

	json_decref(state);
	if (!text)
		return pl_fail(PL_NOMEM, "out of memory");
	if (strlen(text) > STATE_MAX) {
		free(text);
		return pl_fail(PL_TOOLARGE, "the instance's data is larger than %d bytes",
			       STATE_MAX);
	}
	*textp = text;
	return PL_OK;
}

static void stage_tasks(struct pl_turn *turn, struct instance *in)
{
	json_t *item;
	size_t i;

	json_array_foreach(in->tasks, i, item) {
		const char *operation = pl_json_get_text(item, "operation");

		if (strcmp(operation, "WorkAssignment.request") == 0)
			in->asked = true;
		pl_command(turn, operation, in->contact,
			   json_incref(json_object_get(item, "input")),
			   json_pack("{s:s, s:O, s:o*}", "instanceId", in->id, "tokenId",
				     json_object_get(item, "token"), "alone",
				     instance_has_contact(in) ? NULL : json_true()));
	}
}

static void stage_timers(struct pl_turn *turn, struct instance *in)
{
	json_t *item;
	char key[64];
	size_t i;

	json_array_foreach(in->timers, i, item) {
		int64_t in_ms = json_integer_value(json_object_get(item, "due"));
		bool is_date = json_is_true(json_object_get(item, "date"));

		if (is_date)
			in_ms -= pl_turn_now_ms(turn);
		if (in_ms < 0)
			in_ms = 0;
		if (in_ms > TIMER_MAX_MS)
			in_ms = TIMER_MAX_MS;
		step_timer_key(key, in, json_integer_value(json_object_get(item, "token")));
		pl_timer_set(turn, "token", key, is_date ? PL_TIMER_CALENDAR : PL_TIMER_ELAPSED,
			     in_ms, NULL);
	}
}

/* Timers that were set in an earlier step and are not wanted any more. */
static void cancel_withdrawn(struct pl_turn *turn, const struct instance *in)
{
	json_t *token;
	char key[64];
	size_t i;

	json_array_foreach(in->withdrawn, i, token) {
		step_timer_key(key, in, json_integer_value(token));
		pl_timer_cancel(turn, "token", key);
		await_drop(turn, in, json_integer_value(token));
	}
}

enum pl_err step_prepare(struct instance *in, char **statep)
{
	enum pl_err err = in->lost ? pl_fail(PL_NOMEM, "out of memory") : PL_OK;

	if (!err && bpmn_instance_status(in->engine) == BPMN_RUNNING)
		err = check_tasks(in);
	return err ? err : state_text(in, statep);
}

void step_stage(struct pl_turn *turn, struct instance *in, const char *state)
{
	switch (bpmn_instance_status(in->engine)) {
	case BPMN_RUNNING:
		cancel_withdrawn(turn, in);
		stage_tasks(turn, in);
		stage_timers(turn, in);
		await_stage(turn, in);
		incident_stage(turn, in);
		keep(turn, in, state, NULL);
		break;
	case BPMN_COMPLETED:
		await_stage(turn, in); /* what the last elements threw */
		pl_log(INFO, "workflow.completed", in->contact, "instance=%s", in->id);
		end(turn, in, INSTANCE_COMPLETED, state, NULL);
		break;
	case BPMN_FAILED:
		end(turn, in, INSTANCE_FAILED, state, bpmn_instance_failure(in->engine));
		break;
	case BPMN_CANCELLED:
		end(turn, in, INSTANCE_CANCELLED, state, NULL);
		break;
	}
}

/* err is that of the engine's call. */
static void settle(struct pl_turn *turn, struct instance *in, enum pl_err err)
{
	char *state = NULL;

	if (err == PL_STATE) {
		pl_log(DEBUG, "workflow.late", in->contact, "instance=%s: %s", in->id,
		       pl_err_detail(err));
		return;
	}
	if (!err)
		err = step_prepare(in, &state);
	if (err)
		end_failed(turn, in, pl_err_row(err)->wire, pl_err_detail(err));
	else
		step_stage(turn, in, state);
	free(state);
}

/* False if it can't go on, which has been settled then. */
static bool load(struct pl_turn *turn, struct instance *in)
{
	const struct bpmn_model *model = NULL;
	enum pl_err err = definition_model(turn, in->workflow, in->version, &model);

	if (!err)
		err = bpmn_instance_load(&in->engine, model, in->before);
	if (err)
		end_failed(turn, in, "state", pl_err_detail(err));
	return !err;
}

void step_complete(struct pl_turn *turn, struct instance *in, uint64_t token_id,
		   const json_t *result)
{
	if (load(turn, in))
		settle(turn, in,
		       bpmn_instance_complete(in->engine, token_id, result, step_effects(in), in));
}

void step_fail(struct pl_turn *turn, struct instance *in, uint64_t token_id, const char *code,
	       const char *message)
{
	if (load(turn, in))
		settle(turn, in,
		       bpmn_instance_fail(in->engine, token_id, code, message, step_effects(in),
					  in));
}

void step_timer(struct pl_turn *turn, struct instance *in, uint64_t token_id)
{
	if (load(turn, in))
		settle(turn, in, bpmn_instance_timer(in->engine, token_id, step_effects(in), in));
}

void step_message(struct pl_turn *turn, struct instance *in, uint64_t token_id,
		  const json_t *payload)
{
	if (load(turn, in))
		settle(turn, in,
		       bpmn_instance_message(in->engine, token_id, payload, step_effects(in), in));
}

void step_escalate(struct pl_turn *turn, struct instance *in, uint64_t token_id, const char *code,
		   const json_t *payload)
{
	if (load(turn, in))
		settle(turn, in,
		       bpmn_instance_escalate(in->engine, token_id, code, payload, step_effects(in),
					      in));
}

void step_retry(struct pl_turn *turn, struct instance *in, uint64_t token_id)
{
	if (load(turn, in))
		settle(turn, in, bpmn_instance_retry(in->engine, token_id, step_effects(in), in));
}

void step_skip(struct pl_turn *turn, struct instance *in, uint64_t token_id)
{
	if (load(turn, in))
		settle(turn, in, bpmn_instance_skip(in->engine, token_id, step_effects(in), in));
}

void step_drop(struct pl_turn *turn, struct instance *in, uint64_t token_id)
{
	if (load(turn, in))
		settle(turn, in, bpmn_instance_drop(in->engine, token_id, step_effects(in), in));
}

void step_set(struct pl_turn *turn, struct instance *in, const json_t *variables)
{
	if (load(turn, in))
		settle(turn, in, bpmn_instance_set(in->engine, 0, variables, step_effects(in), in));
}

/* ---- the beginning ---- */

/* What the fallback needs, whatever a workflow does to its variables. */
static json_t *opened_of(const json_t *variables)
{
	json_t *attributes = pl_json_get(variables, "contact.attributes");
	char *text = json_is_object(attributes) ? pl_json_dump(attributes) : NULL;
	bool fits = text && strlen(text) <= OPENED_MAX;

	free(text);
	return json_pack("{s:s, s:o}", "channel", pl_json_get_text(variables, "contact.channel"),
			 "attributes", fits ? json_incref(attributes) : json_object());
}

static void add_row(struct pl_turn *turn, struct instance *in)
{
	char *opened = pl_json_dump(in->opened);

	pl_exec(turn,
		"insert into instance (id, contact, workflow, version, status, opened, started_ms, "
		"ended_ms, steps, asked, parent, parent_token) "
		"values ($1, $2, $3, $4, 'RUNNING', $5, $6, 0, 0, 0, $7, $8)",
		"sssisisi", in->id, in->contact, in->workflow, in->version, opened ? opened : "{}",
		pl_turn_now_ms(turn), in->parent, in->parent_token);
	free(opened);
}

static enum pl_err start_engine(struct instance *in, const struct beginning *b)
{
	bpmn_instance_set_depth(in->engine, b->depth);
	if (b->element)
		return bpmn_instance_start_at(in->engine, b->element, b->payload, step_effects(in),
					      in);
	return bpmn_instance_start(in->engine, step_effects(in), in);
}

void instance_begin(struct pl_turn *turn, const struct beginning *b, char id[27])
{
	struct instance in = { .turn = turn,
			       .version = b->version,
			       .opened = opened_of(b->variables),
			       .parent_token = b->parent_token };
	const struct bpmn_model *model = NULL;
	enum pl_err err;

	pl_id(in.id);
	snprintf(id, 27, "%s", in.id);
	snprintf(in.contact, sizeof(in.contact), "%s", b->contact ? b->contact : in.id);
	snprintf(in.workflow, sizeof(in.workflow), "%s", b->workflow);
	snprintf(in.parent, sizeof(in.parent), "%s", b->parent ? b->parent : "");
	add_row(turn, &in);
	pl_metric_add(&started, 1);
	pl_log(INFO, "workflow.started", in.contact, "instance=%s workflow=%s version=%ld", in.id,
	       in.workflow, (long)in.version);
	tell(turn, &in, "started");
	if (!b->version) {
		end_failed(turn, &in, "noRule", "no routing rule with a deployed workflow fits");
		goto out;
	}
	err = definition_model(turn, in.workflow, in.version, &model);
	if (!err)
		err = bpmn_instance_new(&in.engine, model, b->variables);
	if (err)
		end_failed(turn, &in, pl_err_row(err)->wire, pl_err_detail(err));
	else
		settle(turn, &in, start_engine(&in, b));
out:
	instance_fini(&in);
}
