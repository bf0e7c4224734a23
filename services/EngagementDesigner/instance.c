/*
 * instance.c — what happens to instances: a contact opens or closes, a task is answered, a timer
 * fires.
 *
 * No contact may be stuck: an instance that fails before an agent has been asked for sends the
 * contact to the default service (step.c), and so does one whose request for an agent is refused
 * later.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "message.h"
#include "pelago/json.h"
#include "pelago/log.h"
#include "step.h"
#include "task.h"

/* The member of a contact if it has the right type, else an empty one. */
static json_t *member(const json_t *body, const char *name, json_t *empty)
{
	json_t *value = json_object_get(body, name);

	if (json_typeof(empty) != JSON_NULL ? value && json_typeof(value) == json_typeof(empty)
					    : json_is_string(value)) {
		json_decref(empty);
		return json_incref(value);
	}
	return empty;
}

static json_t *variables_of(const char *contact, const json_t *body)
{
	return json_pack("{s:{s:s, s:o, s:o, s:o, s:o, s:o}}", "contact", "contactId", contact,
			 "channel", member(body, "channel", json_string("")), "customer",
			 member(body, "customer", json_object()), "topic",
			 member(body, "topic", json_null()), "attributes",
			 member(body, "attributes", json_object()), "context",
			 member(body, "context", json_object()));
}

static bool has_instance(struct pl_turn *turn, const char *contact)
{
	struct pl_rows *rows =
		pl_query(turn, "select 1 from instance where contact = $1 limit 1", "s", contact);
	bool has = pl_rows_next(rows);

	pl_rows_free(rows);
	return has;
}

enum pl_err instance_on_opened(struct pl_turn *turn, const struct pl_event *event)
{
	struct beginning beginning = { .contact = event->key };
	struct route route;
	json_t *variables;
	char id[27];

	if (strlen(event->key) > CONTACT_MAX)
		return pl_fail(PL_INVALID, "a contact's id is longer than %d bytes", CONTACT_MAX);
	if (has_instance(turn, event->key))
		return PL_OK; /* heard before */
	variables = variables_of(event->key, event->body);
	if (!variables)
		return pl_fail(PL_NOMEM, "out of memory");
	rule_route(turn, "ROUTE_CONTACT", variables, &route);
	beginning.variables = variables;
	beginning.workflow = route.workflow;
	beginning.version = route.version;
	instance_begin(turn, &beginning, id);
	json_decref(variables);
	return PL_OK;
}

enum pl_err instance_on_closed(struct pl_turn *turn, const struct pl_event *event)
{
	struct pl_rows *rows = pl_query(turn, "select id, status from instance where contact = $1",
					"s", event->key);
	json_t *ids = json_array(), *id;
	size_t i;

	while (pl_rows_next(rows))
		if (strcmp(pl_rows_text(rows, 1), "RUNNING") == 0)
			json_array_append_new(ids, json_string(pl_rows_text(rows, 0)));
	pl_rows_free(rows);
	json_array_foreach(ids, i, id) {
		struct instance in;

		if (instance_find(turn, &in, json_string_value(id)))
			instance_cancel(turn, &in);
		instance_fini(&in);
	}
	json_decref(ids);
	return PL_OK;
}

/* ---- answers ---- */

static bool is(const struct pl_answer *answer, const char *operation)
{
	return strcmp(answer->operation, operation) == 0;
}

static void move_on(struct pl_turn *turn, struct instance *in, const struct pl_answer *answer)
{
	const struct task *task = task_find(answer->operation);
	uint64_t token_id =
		(uint64_t)json_integer_value(json_object_get(answer->context, "tokenId"));
	json_t *result;

	if (is(answer, answer->err ? "WorkAssignment.request" : "WorkAssignment.cancel"))
		in->asked = false;
	if (answer->err == PL_STATE && task && task->conflict_ends) {
		instance_cancel(turn, in);
	} else if (answer->err) {
		step_fail(turn, in, token_id, pl_err_row(answer->err)->wire, answer->message);
	} else {
		result = json_copy((json_t *)answer->body);
		json_object_del(result, "v");
		step_complete(turn, in, token_id, result);
		json_decref(result);
	}
}

/* What nobody but the contact itself may refuse; its attributes may be what isn't wanted. */
static void on_fallback(struct pl_turn *turn, const struct instance *in,
			const struct pl_answer *answer)
{
	if (strcmp(pl_json_get_text(answer->context, "fallback"), "plain") != 0)
		instance_ask_for_agent(turn, in, true);
	else
		pl_log(ERROR, "workflow.stuck", in->contact, "the default service is refused: %s",
		       answer->message);
}

enum pl_err instance_on_answer(struct pl_turn *turn, const struct pl_answer *answer)
{
	struct instance in;
	bool found = instance_find(turn, &in, pl_json_get_text(answer->context, "instanceId"));
	bool refused = answer->err && answer->err != PL_STATE;

	if (found && json_object_get(answer->context, "fallback")) {
		if (refused)
			on_fallback(turn, &in, answer);
	} else if (found && in.status == INSTANCE_RUNNING) {
		move_on(turn, &in, answer);
	} else if (found && in.status == INSTANCE_FAILED && refused &&
		   is(answer, "WorkAssignment.request")) {
		instance_ask_for_agent(turn, &in, false);
	}
	instance_fini(&in);
	return PL_OK;
}

enum pl_err instance_on_timer(struct pl_turn *turn, const char *key, const json_t *body)
{
	const char *dot = strchr(key, '.');
	struct instance in;
	char id[27] = "";

	if (dot && dot - key < (ptrdiff_t)sizeof(id))
		memcpy(id, key, (size_t)(dot - key));
	if (instance_find(turn, &in, id) && in.status == INSTANCE_RUNNING)
		step_timer(turn, &in, strtoull(dot + 1, NULL, 10));
	instance_fini(&in);
	return PL_OK;
}

/* A task of an instance. What WorkAssignment is asked for a contact is asked on and on: a workflow
 * that failed would ask it, too, and know less. */
static bool may_expire(const char *operation, const json_t *context)
{
	return json_object_get(context, "tokenId") &&
	       (json_object_get(context, "alone") ||
		strncmp(operation, "WorkAssignment.", strlen("WorkAssignment.")) != 0);
}

enum pl_err instance_tick(struct pl_turn *turn)
{
	int64_t wait_s = pl_attribute_get(pl_turn_service(turn), "task_wait");

	(void)pl_command_expire(turn, wait_s * 1000, may_expire);
	instance_sweep(turn);
	message_sweep(turn);
	return PL_OK;
}
