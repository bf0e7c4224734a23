/*
 * plans.h — the plans of the manager: kept in its database, run in its turns.
 *
 *   plans.c     stored, read, run
 *   plan_ops.c  what people ask of them
 *
 * A plan's steps act through `struct pl_turn`, their world: their effects are rows of the same
 * transaction as the plan's own, which nodes then follow; they wait for nodes' reports.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_MANAGER_PLANS_H
#define PELAGO_MANAGER_PLANS_H

#include "engines/plan/plan.h"
#include "platform/manager/manager.h"

enum { PLANS_TICK_MS = 250 };

/* The rows of plan_actions.c; ends with a row of zeros. */
extern const struct plan_action plan_actions[];

enum pl_err plans_read(struct pl_turn *turn); /* at start and after a rollback */
enum pl_err plans_tick(struct pl_turn *turn);
/* plans_wake lets plans go on soon: something was reported. */
void plans_wake(struct pl_turn *turn);

/*
 * plans_start stores a plan and begins it; one plan runs in a cluster group at a time, beside
 * those that only look on.
 *
 *   request     who asks
 *   definition  as of plan_load, without an id; gives
 *   *viewp      the plan as people see it: a new reference
 *
 * With "dryRun" true in the request's body, it is only shown. Returns PL_STATE while another plan
 * runs, and what plan_load returns.
 */
enum pl_err plans_start(json_t **viewp, struct pl_turn *turn, const json_t *request,
			json_t *definition);
/* plans_own is plans_start of the manager's own accord: `who` is the reason. Gives definition. */
enum pl_err plans_own(struct pl_turn *turn, const char *who, json_t *definition);
/* plans_is_dry: a plan shall only be shown. plans_answer is the reply that shows it, NULL without
 * memory; gives view. */
bool plans_is_dry(const json_t *request);
json_t *plans_answer(const json_t *request, json_t *view);
/* plans_running returns the id of a plan that runs and lets no other run, or NULL: all but those
 * that only look on (phases in plans.c). */
const char *plans_running(void);
/* plans_step returns the step of a plan that runs which does something to a node, or NULL. */
const struct plan_step *plans_step(const char *action, const char *node);
/* plans_node finds the node that a step names. PL_STATE: it was removed. */
enum pl_err plans_node(struct node **nodep, const struct plan_step *step);
/* plans_mention tells whether a plan that runs has a step with these arguments. */
bool plans_mention(const char *service, const char *version);

/* Steps of restart.c, join.c, test.c and certificate.c. */
plan_fn restart_check, restart_apply, restart_verify, restart_undo;
plan_fn admit_apply, admit_verify, admit_undo, arrive_verify, settle_verify;
plan_fn test_apply, test_verify, test_undo;
plan_fn certify_apply, certify_verify, certify_undo;
/* A plan has come to an end. */
void restart_over(struct pl_turn *turn, const struct plan *plan);
void test_over(struct pl_turn *turn, const struct plan *plan);

enum pl_err op_plans(struct pl_turn *turn, const json_t *body, json_t **replyp);
enum pl_err op_plan(struct pl_turn *turn, const json_t *body, json_t **replyp);
enum pl_err op_plan_resume(struct pl_turn *turn, const json_t *body, json_t **replyp);
enum pl_err op_plan_undo(struct pl_turn *turn, const json_t *body, json_t **replyp);

/* Of plans.c, for plan_ops.c. */
struct planned {
	struct planned *next;
	struct plan *plan;
	char *who, *origin;
	int64_t at_ms, journal_n;
	enum plan_state told; /* as the audit and the pages have it */
};
/* plans_find returns a plan that runs, or reads one that is over from the database; the caller
 * calls plans_drop or plans_begin. PL_NOTFOUND. */
enum pl_err plans_find(struct planned **plannedp, struct pl_turn *turn, const char *id);
/* plans_blocker returns the id of the plan that doesn't let this one run, or NULL. */
const char *plans_blocker(const struct planned *planned);
void plans_drop(struct planned *planned); /* if it is over; else it stays among those that run */
void plans_begin(struct pl_turn *turn, struct planned *planned); /* it isn't over: it runs */
json_t *plans_view(const struct planned *planned, bool with_steps);
/* plans_usual_ms tells how long a step of an action usually takes. */
int64_t plans_usual_ms(const char *action);

#endif
