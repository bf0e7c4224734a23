/*
 * plan_new.c — plans from what is asked for; see plan.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <string.h>

#include "pelago/json.h"
#include "plan.h"
#include "selection.h"

enum { ATTRIBUTES_MAX = ASSIGN_NEEDS_MAX - 1 }; /* beside the service */

static bool is_printable(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return true;
}

static enum pl_err add_need(json_t *needs, const char *category, const char *value)
{
	char need[ASSIGN_ID_MAX + 1];
	json_t *one;
	size_t i;

	if (!*category || strchr(category, '.') || !*value || !is_printable(category) ||
	    !is_printable(value))
		return pl_fail(
			PL_INVALID,
			"attributes: a category is a text without a dot, a value is one text");
	if (snprintf(need, sizeof(need), "%s.%s", category, value) >= (int)sizeof(need))
		return pl_fail(PL_INVALID,
			       "attributes: category and value together are longer than %d bytes",
			       ASSIGN_ID_MAX - 1);
	json_array_foreach(needs, i, one) {
		if (strcmp(json_string_value(one), need) == 0)
			return PL_OK;
	}
	return json_array_append_new(needs, json_string(need)) ? PL_NOMEM : PL_OK;
}

/* A value that is null wasn't given by the customer: it isn't asked for. */
static enum pl_err add_attributes(json_t *needs, const json_t *from)
{
	json_t *attributes = NULL, *value;
	const char *category;
	enum pl_err err = pl_json_object(&attributes, from, "attributes", ATTRIBUTES_MAX, false);

	json_object_foreach(attributes, category, value) {
		if (err || json_is_null(value))
			continue;
		if (!json_is_string(value) ||
		    strlen(json_string_value(value)) != json_string_length(value))
			err = pl_fail(PL_INVALID, "attributes: the value of %.60s is not a text",
				      category);
		else
			err = add_need(needs, category, json_string_value(value));
	}
	return err;
}

static enum pl_err service_check(const char *service)
{
	if (*service && is_printable(service))
		return PL_OK;
	return pl_fail(PL_INVALID, "service is empty, or has characters that can't be printed");
}

static enum pl_err add_set(json_t *sets, const json_t *from, int64_t priority)
{
	json_t *needs = json_array();
	const char *service = NULL;
	enum pl_err err = pl_json_text(&service, from, "service", PLAN_TEXT_MAX, true);

	if (!err)
		err = service_check(service);
	if (!err)
		err = pl_json_int(&priority, from, "priority", 1, ASSIGN_PRIORITY_MAX, false);
	if (!err)
		err = add_need(needs, "Service", service);
	if (!err)
		err = add_attributes(needs, from);
	if (!err &&
	    json_array_append_new(sets, json_pack("{s:s, s:O, s:I}", "service", service, "needs",
						  needs, "priority", (json_int_t)priority)))
		err = PL_NOMEM;
	json_decref(needs);
	return err;
}

static enum pl_err take_sets(json_t *plan, const json_t *request, int64_t priority)
{
	json_t *given = NULL, *set, *sets = json_array();
	enum pl_err err = pl_json_array(&given, request, "sets", ASSIGN_SETS_MAX, false);
	size_t i;

	if (!err && !json_array_size(given))
		err = add_set(sets, request, priority);
	json_array_foreach(given, i, set) {
		if (!err && !json_is_object(set))
			err = pl_fail(PL_INVALID, "sets[%zu] is not an object", i);
		if (!err)
			err = add_set(sets, set, priority);
	}
	if (!err && json_object_set(plan, "sets", sets))
		err = PL_NOMEM;
	json_decref(sets);
	return err;
}

static enum pl_err take_agents(json_t *plan, const json_t *request)
{
	json_t *agents = NULL, *ids = NULL, *id;
	int64_t seconds = 0;
	bool required = false;
	enum pl_err err = pl_json_object(&agents, request, "agents", 3, false);
	size_t i;

	if (err || !agents)
		return err;
	err = pl_json_array(&ids, agents, "ids", ASSIGN_NAMED_MAX, true);
	if (!err)
		err = pl_json_bool(&required, agents, "required", false);
	if (!err)
		err = pl_json_int(&seconds, agents, "seconds", 0, PLAN_SECONDS_MAX, false);
	json_array_foreach(ids, i, id) {
		if (!err && (!json_string_length(id) || json_string_length(id) > ASSIGN_ID_MAX ||
			     strlen(json_string_value(id)) != json_string_length(id)))
			err = pl_fail(PL_INVALID, "agents.ids[%zu] is not an agent's id", i);
	}
	if (err || !json_array_size(ids))
		return err;
	return json_object_set_new(plan, "agents",
				   json_pack("{s:O, s:b, s:I}", "ids", ids, "required", required,
					     "seconds", (json_int_t)seconds))
		       ? PL_NOMEM
		       : PL_OK;
}

static enum pl_err selection_check(const json_t *from)
{
	const char *name = NULL;
	enum assign_selection selection;
	enum pl_err err = pl_json_text(&name, from, "selection", 40, false);

	if (!err && name && !selection_find(&selection, name))
		err = pl_fail(PL_INVALID, "selection is none of longestIdle, leastOccupied, "
					  "bestProficiency, rank");
	return err;
}

static enum pl_err step_check(const json_t *step, size_t i)
{
	json_t *without = NULL, *category;
	int64_t seconds, proficiency;
	enum pl_err err;
	size_t j;

	if (!json_is_object(step))
		return pl_fail(PL_INVALID, "steps[%zu] is not an object", i);
	err = pl_json_int(&seconds, step, "seconds", 1, PLAN_SECONDS_MAX, true);
	if (!err)
		err = pl_json_int(&proficiency, step, "proficiency", 1, ASSIGN_PROFICIENCY_MAX,
				  false);
	if (!err)
		err = selection_check(step);
	if (!err)
		err = pl_json_array(&without, step, "without", ATTRIBUTES_MAX, false);
	json_array_foreach(without, j, category) {
		const char *name = json_string_value(category);

		if (!err && (!name || !*name || strchr(name, '.') || strcmp(name, "Service") == 0))
			err = pl_fail(
				PL_INVALID,
				"steps[%zu].without[%zu] is not a category other than Service", i,
				j);
	}
	return err;
}

static enum pl_err take_steps(json_t *plan, const json_t *from)
{
	json_t *steps = NULL, *step;
	enum pl_err err = pl_json_array(&steps, from, "steps", PLAN_STEPS_MAX, false);
	size_t i;

	json_array_foreach(steps, i, step) {
		if (!err)
			err = step_check(step, i);
	}
	if (!err && json_array_size(steps) && json_object_set(plan, "steps", steps))
		err = PL_NOMEM;
	return err;
}

static enum pl_err take_overflow(json_t *plan, const json_t *from)
{
	json_t *overflow = NULL;
	const char *service = NULL;
	int64_t seconds;
	enum pl_err err = pl_json_object(&overflow, from, "overflow", 2, false);

	if (err || !overflow)
		return err;
	err = pl_json_text(&service, overflow, "service", PLAN_TEXT_MAX, true);
	if (!err)
		err = service_check(service);
	if (!err)
		err = pl_json_int(&seconds, overflow, "seconds", 0, PLAN_SECONDS_MAX, true);
	if (!err && json_object_set(plan, "overflow", overflow))
		err = PL_NOMEM;
	return err;
}

static enum pl_err take_selection(json_t *plan, const json_t *from)
{
	enum pl_err err = selection_check(from);
	json_t *selection = json_object_get(from, "selection");

	if (!err && json_is_string(selection) && json_object_set(plan, "selection", selection))
		err = PL_NOMEM;
	return err;
}

/* What the request doesn't say, the routing service does. */
static enum pl_err take_rest(json_t *plan, const json_t *request, const json_t *defaults)
{
	static const struct {
		const char *member;
		enum pl_err (*take)(json_t *plan, const json_t *from);
	} rest[] = { { "selection", take_selection },
		     { "steps", take_steps },
		     { "overflow", take_overflow } };
	enum pl_err err = PL_OK;

	for (size_t i = 0; !err && i < sizeof(rest) / sizeof(rest[0]); i++)
		err = rest[i].take(plan,
				   json_object_get(request, rest[i].member) ? request : defaults);
	return err;
}

enum pl_err plan_new(json_t **planp, const json_t *request, const json_t *defaults)
{
	int64_t priority = ASSIGN_PRIORITY_DEFAULT;
	json_t *plan = json_object(), *nothing = json_object();
	enum pl_err err = plan && nothing ? PL_OK : PL_NOMEM;

	if (!defaults)
		defaults = nothing;
	if (!err)
		err = pl_json_int(&priority, defaults, "priority", 1, ASSIGN_PRIORITY_MAX, false);
	if (!err)
		err = take_sets(plan, request, priority);
	if (!err)
		err = take_agents(plan, request);
	if (!err)
		err = take_rest(plan, request, defaults);
	json_decref(nothing);
	if (err)
		json_decref(plan);
	else
		*planp = plan;
	return err;
}

/* The attributes beside the service, as a request says them. */
static json_t *attributes_of(const json_t *plan)
{
	const json_t *set = json_array_get(json_object_get(plan, "sets"), 0);
	json_t *attributes = json_object(), *need;
	size_t i;

	json_array_foreach(json_object_get(set, "needs"), i, need) {
		const char *name = json_string_value(need), *dot = strchr(name, '.');
		char category[ASSIGN_ID_MAX + 1];

		if (i == 0 || !dot)
			continue;
		snprintf(category, sizeof(category), "%.*s", (int)(dot - name), name);
		json_object_set_new(attributes, category, json_string(dot + 1));
	}
	return attributes;
}

enum pl_err plan_turn_to_service(json_t **planp, const json_t *plan, const char *service,
				 const json_t *defaults)
{
	json_t *request =
		json_pack("{s:s, s:o}", "service", service, "attributes", attributes_of(plan));
	enum pl_err err = request ? plan_new(planp, request, defaults) : PL_NOMEM;

	json_decref(request);
	return err;
}

enum pl_err plan_turn_to_agent(json_t **planp, const json_t *plan, const char *agent_id,
			       int64_t seconds)
{
	json_t *turned = json_pack("{s:O}", "sets", json_object_get(plan, "sets"));
	json_t *request = json_pack("{s:{s:[s], s:b, s:I}}", "agents", "ids", agent_id, "required",
				    1, "seconds", (json_int_t)seconds);
	enum pl_err err = turned && request ? take_agents(turned, request) : PL_NOMEM;

	json_decref(request);
	if (err)
		json_decref(turned);
	else
		*planp = turned;
	return err;
}
