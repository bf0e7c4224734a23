/*
 * plan.h — what a work asks for, and how that widens while it waits (RTG-1, RTG-2, RTG-5).
 *
 * A plan is JSON, kept with the work:
 *
 *   sets       [{"service", "needs":["Category.Value", …], "priority"}]   1 to 6, any of them will
 * do agents     {"ids":[agent, …], "required", "seconds"}   asked for first; required: nobody else,
 *              for so many seconds (0: for ever), then preferred
 *   selection  who of several gets it; absent: the attribute `selection`
 *   steps      [{"seconds", "selection", "proficiency", "without":[category, …]}]   one after the
 *              other, each for so many seconds of waiting: none but agents of that proficiency or
 *              better are asked, without regard to some categories; after the last, anybody
 *   overflow   {"seconds", "service"}   from then on agents of that service will do, too
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PLAN_H
#define PLAN_H

#include <jansson.h>
#include <stdint.h>

#include "engines/assign/assign.h"

enum {
	PLAN_STEPS_MAX = 10,
	PLAN_SECONDS_MAX = 86400,
	PLAN_TEXT_MAX = 100, /* bytes of a service's or category's name */
};

/*
 * plan_new makes the plan of a request: {"service","attributes","priority"} or {"sets":[the same,
 * …]}, and "agents", "selection", "steps", "overflow". What the request leaves open is taken from
 * defaults, the routing service's definition (NULL: none). *planp is a new reference.
 *
 * Returns PL_INVALID with what is wrong, PL_NOMEM.
 */
enum pl_err plan_new(json_t **planp, const json_t *request, const json_t *defaults);

/* plan_service returns the service of a set of the plan as it was matched; by name, and for the
 * contact as a whole, that of the first. Borrowed. */
const char *plan_service(const json_t *plan, int set);

/*
 * plan_turn_to makes the plan of a transfer: to another service with what its definition says
 * (defaults may be NULL), the other attributes as they were; or to one agent, required for so many
 * seconds. *planp is a new reference. PL_INVALID, PL_NOMEM.
 */
enum pl_err plan_turn_to_service(json_t **planp, const json_t *plan, const char *service,
				 const json_t *defaults);
enum pl_err plan_turn_to_agent(json_t **planp, const json_t *plan, const char *agent_id,
			       int64_t seconds);

/* A plan as it stands after some waiting, for the engine. Texts are borrowed from the plan. */
struct plan_view {
	struct assign_set sets[ASSIGN_SETS_MAX];
	struct assign_need needs[ASSIGN_SETS_MAX][ASSIGN_NEEDS_MAX];
	char overflow[PLAN_TEXT_MAX + 10]; /* "Service.…" */
	const char *named[ASSIGN_NAMED_MAX];
	size_t set_count, named_count;
	bool named_required;
	enum assign_selection selection;
	int64_t next_s; /* when it changes next, in seconds of waiting; 0: never */
};

/* plan_view fills a view; ageing_us > 0: each priority is that much later, in the order's unit. */
void plan_view(struct plan_view *view, const json_t *plan, int64_t waited_s,
	       enum assign_selection selection, int64_t ageing_us);

#endif
