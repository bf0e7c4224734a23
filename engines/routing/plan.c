/*
 * plan.c — see plan.h: a plan as it stands after some waiting.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan.h"

#include <stdio.h>
#include <string.h>

#include "pelago/json.h"
#include "selection.h"

const char *plan_service(const json_t *plan, int set)
{
	const json_t *sets = json_object_get(plan, "sets");
	size_t count = json_array_size(sets);

	if (set >= 0 && (size_t)set >= count)
		return pl_json_get_text(plan, "overflow.service");
	return pl_json_get_text(json_array_get(sets, set < 0 ? 0 : (size_t)set), "service");
}

static int64_t number(const json_t *object, const char *path)
{
	return json_integer_value(pl_json_get(object, path));
}

/* A threshold that lies ahead is when the view changes next, if none is earlier. */
static bool has_passed(struct plan_view *view, int64_t at_s, int64_t waited_s)
{
	if (waited_s >= at_s)
		return true;
	if (!view->next_s || at_s < view->next_s)
		view->next_s = at_s;
	return false;
}

/* The step that holds now, or NULL after the last. */
static const json_t *present_step(struct plan_view *view, const json_t *plan, int64_t waited_s)
{
	int64_t until_s = 0;
	json_t *step;
	size_t i;

	json_array_foreach(json_object_get(plan, "steps"), i, step) {
		until_s += number(step, "seconds");
		if (!has_passed(view, until_s, waited_s))
			return step;
	}
	return NULL;
}

static bool is_dropped(const json_t *step, const char *need)
{
	size_t len = (size_t)(strchr(need, '.') - need), i;
	json_t *category;

	json_array_foreach(json_object_get(step, "without"), i, category)
		if (json_string_length(category) == len &&
		    strncmp(json_string_value(category), need, len) == 0)
			return true;
	return false;
}

/* service: in place of the set's own, for the overflow; or NULL. */
static void add_set(struct plan_view *view, const json_t *set, const json_t *step,
		    const char *service, int64_t ageing_us)
{
	struct assign_need *needs = view->needs[view->set_count];
	struct assign_set *to = &view->sets[view->set_count];
	unsigned proficiency = (unsigned)number(step, "proficiency");
	unsigned priority = (unsigned)number(set, "priority");
	json_t *need;
	size_t i;

	*to = (struct assign_set){ .priority = priority, .needs = needs };
	if (ageing_us > 0) {
		to->priority = ASSIGN_PRIORITY_DEFAULT;
		to->later = (uint64_t)(priority - 1) * (uint64_t)ageing_us;
	}
	json_array_foreach(json_object_get(set, "needs"), i, need) {
		const char *name = json_string_value(need);

		if (to->need_count == ASSIGN_NEEDS_MAX || is_dropped(step, name))
			continue;
		if (service && i == 0)
			name = service;
		needs[to->need_count++] = (struct assign_need){ name, proficiency };
	}
	view->set_count++;
}

static void add_agents(struct plan_view *view, const json_t *plan, int64_t waited_s)
{
	const json_t *agents = json_object_get(plan, "agents");
	int64_t seconds = number(agents, "seconds");
	json_t *id;
	size_t i;

	json_array_foreach(json_object_get(agents, "ids"), i, id)
		if (view->named_count < ASSIGN_NAMED_MAX)
			view->named[view->named_count++] = json_string_value(id);
	view->named_required = view->named_count &&
			       json_is_true(json_object_get(agents, "required")) &&
			       (!seconds || !has_passed(view, seconds, waited_s));
}

void plan_view(struct plan_view *view, const json_t *plan, int64_t waited_s,
	       enum assign_selection selection, int64_t ageing_us)
{
	const json_t *sets = json_object_get(plan, "sets"), *step;
	const char *service = pl_json_get_text(plan, "overflow.service");
	json_t *set;
	size_t i;

	view->set_count = view->named_count = 0;
	view->next_s = 0;
	step = present_step(view, plan, waited_s);
	if (!selection_find(&view->selection, pl_json_get_text(step, "selection")) &&
	    !selection_find(&view->selection, pl_json_get_text(plan, "selection")))
		view->selection = selection;
	json_array_foreach(sets, i, set)
		if (i < ASSIGN_SETS_MAX)
			add_set(view, set, step, NULL, ageing_us);
	if (*service && has_passed(view, number(plan, "overflow.seconds"), waited_s) &&
	    view->set_count < ASSIGN_SETS_MAX) {
		snprintf(view->overflow, sizeof(view->overflow), "Service.%s", service);
		add_set(view, json_array_get(sets, 0), NULL, view->overflow, ageing_us);
	}
	add_agents(view, plan, waited_s);
}
