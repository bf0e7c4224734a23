/*
 * upgrade.h — upgrades of the whole solution (engines/upgrade/upgrade.h).
 *
 *   upgrade.c          what is known of them: the last one, its plan, what it came from
 *   upgrade_facts.c    what checks and plans are made from
 *   upgrade_ops.c      what people ask: check, plan, run, resume, roll back, finalize
 *   upgrade_actions.c  steps of their plans
 *   upgrade_after.c    steps of their plans that EngagementDesigner takes
 *   upgrade_gate.c     the step that looks at whether all is well
 *   upgrade_report.c   what came after, and who uses what it changes
 *   upgrade_log.c      log/solution-upgrade.log and .jsonl
 *
 * Steps (arguments):
 *
 *   release-bundles     services of a release are loaded (version, services)
 *   gate                all is as well as it was (upgrade_gate.c)
 *   attributes-record   what is set is noted
 *   attributes-restore  what is missing of it is set again
 *   profiles-restore    services that 'pelago upgrade unprofile' took out are put back
 *   workflows-replace   workflows as they were delivered before are undeployed (names, removed)
 *   rules-recreate      rules of the renamed event are made anew
 *   rules-aim           rules that name a workflow of before name the new one (names)
 *   cluster-state       a cluster accepts or denies as it did (cluster, accepting)
 *   bundles-forget      bundles of a version that nothing uses go (version); a pivot
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_MANAGER_UPGRADE_H
#define PELAGO_MANAGER_UPGRADE_H

#include "engines/plan/plan.h"
#include "platform/manager/manager.h"

extern const char upgrade_tables[];	 /* migration 16 */
void upgrade_beat(struct pl_turn *turn); /* the log; finalizes by itself where asked to */
void upgrade_log_beat(struct pl_turn *turn);

/* The last upgrade that was begun. */
struct upgrade_last {
	char plan[27], finalize[27]; /* their ids; "": none */
	char from[41], to[41], mode[16];
	int64_t at_ms, finalize_after_ms; /* in health; 0: never by itself */
	json_t *request, *release;	  /* request: with "afterwards", as it was at first */
	const char *state;		  /* as upgrade_state_text */
};
/*
 * upgrade_last_read reads it; PL_NOTFOUND. upgrade_last_fini frees what is in it. States:
 * "running", "failed", "stuck", "undoing", "undone", "upgraded": all of it has been done, and can
 * be taken back; "finalizing", "finalized".
 */
enum pl_err upgrade_last_read(struct upgrade_last *last, struct pl_turn *turn);
void upgrade_last_fini(struct upgrade_last *last);
enum pl_err upgrade_last_put(struct pl_turn *turn, const struct upgrade_last *last);

/* upgrade_facts returns a new reference, NULL without memory; asked: a context of upgrade_ask,
 * borrowed, NULL: not known. */
json_t *upgrade_facts(struct pl_turn *turn, const json_t *asked);
/*
 * upgrade_ask asks services what only they know, and calls fn in a later turn, with the request
 * held. fn's err fails the request. Gives context, to which is added, null where they don't answer:
 *
 *   work      {"agents","contacts"} that are under way; only if asks_work
 *   designer  what EngagementDesigner.replaceable replies, where it is installed
 */
typedef enum pl_err upgrade_asked_fn(struct pl_turn *turn, struct pl_held *held,
				     const json_t *context);
enum pl_err upgrade_ask(struct pl_turn *turn, upgrade_asked_fn *fn, json_t *context,
			bool asks_work);

enum pl_err op_upgrade(struct pl_turn *turn, const json_t *body, json_t **replyp);
enum pl_err op_upgrade_check(struct pl_turn *turn, const json_t *body, json_t **replyp);
enum pl_err op_upgrade_plan(struct pl_turn *turn, const json_t *body, json_t **replyp);
enum pl_err op_upgrade_report(struct pl_turn *turn, const json_t *body, json_t **replyp);
enum pl_err op_upgrade_run(struct pl_turn *turn, const json_t *body, json_t **replyp);
enum pl_err op_upgrade_resume(struct pl_turn *turn, const json_t *body, json_t **replyp);
enum pl_err op_upgrade_rollback(struct pl_turn *turn, const json_t *body, json_t **replyp);
enum pl_err op_upgrade_finalize(struct pl_turn *turn, const json_t *body, json_t **replyp);
enum pl_err op_upgrade_acknowledge(struct pl_turn *turn, const json_t *body, json_t **replyp);
enum pl_err op_upgrade_unprofile(struct pl_turn *turn, const json_t *body, json_t **replyp);

/* Actions; see above. */
plan_fn release_bundles_apply, release_bundles_undo;
plan_fn gate_check, gate_apply, gate_verify;
plan_fn attributes_record_apply, attributes_record_undo, attributes_restore_apply;
plan_fn profiles_restore_apply, nothing_undo;
plan_fn designer_apply, designer_verify, designer_undo;
plan_fn cluster_state_check, cluster_state_apply, cluster_state_undo;
plan_fn bundles_forget_apply;

#endif
