/*
 * plan_actions.c — what the steps of plans do: services come to clusters and leave them.
 *
 * Steps set what should be (the table placement), which nodes follow; what is, they see in the
 * nodes' reports. Arguments of a step: "service", "cluster", "version", "hash"; "node" of a switch.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "level.h"
#include "manager.h"
#include "pelago/json.h"
#include "plans.h"
#include "platform.h"
#include "rights.h"
#include "upgrade.h"
#include "wipe.h"

enum {
	STAGE_MS = 120 * 1000,
	SWITCH_MS = 30 * 1000,
	DRAIN_MS = 40 * 1000, /* more than its own deadline */
	RESTART_MS = 120 * 1000,
	JOIN_MS = 300 * 1000, /* somebody starts the host */
	TEST_MS = 130 * 1000, /* more than a run's own deadline */
	REMOVE_MS = 30 * 1000,
	LEVEL_MS = 120 * 1000, /* schemas take their time */
	PLATFORM_FETCH_MS = 300 * 1000,
	PLATFORM_SWITCH_MS = 90 * 1000, /* its trial, and the way back */
	GATE_MS = 90 * 1000,		/* a node's maintenance tests among them */
	CRASHES_MOST = 3, /* of one that shall replace another: it isn't waited for any longer */
};

static const char *arg(const struct plan_step *step, const char *name)
{
	return pl_json_get_text(step->args, name);
}

/* ---- rows of placement ---- */

static struct placed *present(const struct plan_step *step)
{
	const struct cluster *cluster = cluster_find(arg(step, "cluster"));

	return cluster ? placed_in(arg(step, "service"), cluster) : NULL;
}

/* One that was renamed since isn't found. */
static enum pl_err has_cluster(const struct plan_step *step)
{
	return cluster_find(arg(step, "cluster"))
		       ? PL_OK
		       : pl_fail(PL_STATE, "there is no cluster '%s' any more",
				 arg(step, "cluster"));
}

static json_t *row_of(const struct placed *s)
{
	return s ? json_pack("{s:s,s:s,s:s,s:O}", "version", s->version, "hash", s->hash, "phase",
			     phase_text(s->phase), "manifest", s->manifest)
		 : json_null();
}

/* Whether a row is what `before` says. */
static bool is_row(const struct placed *s, const json_t *before)
{
	if (!s || json_is_null(before))
		return !s && json_is_null(before);
	return strcmp(s->hash, pl_json_get_text(before, "hash")) == 0 &&
	       strcmp(phase_text(s->phase), pl_json_get_text(before, "phase")) == 0;
}

static enum pl_err put_row(struct pl_turn *turn, const struct plan_step *step, const json_t *row)
{
	enum pl_err err = has_cluster(step);
	char *manifest;

	if (err)
		return err;
	if (json_is_null(row)) {
		pl_exec(turn, "delete from placement where name = $1 and cluster = $2", "ss",
			arg(step, "service"), arg(step, "cluster"));
		return model_change(turn);
	}
	manifest = json_dumps(json_object_get(row, "manifest"), JSON_COMPACT | JSON_SORT_KEYS);
	if (!manifest)
		return PL_NOMEM;
	pl_exec(turn,
		"insert into placement (name, cluster, version, hash, phase, manifest) values "
		"($1, $2, $3, $4, $5, $6) on conflict (name, cluster) do update set version = "
		"excluded.version, hash = excluded.hash, phase = excluded.phase, "
		"manifest = excluded.manifest",
		"ssssss", arg(step, "service"), arg(step, "cluster"),
		pl_json_get_text(row, "version"), pl_json_get_text(row, "hash"),
		pl_json_get_text(row, "phase"), manifest);
	free(manifest);
	return model_change(turn);
}

/* The row of the step's bundle, in a phase. */
static enum pl_err put_bundle(struct pl_turn *turn, const struct plan_step *step, enum phase phase)
{
	const struct loaded *b = loaded_find(arg(step, "service"), arg(step, "version"));
	enum pl_err err;
	json_t *row;

	if (!b || strcmp(b->hash, arg(step, "hash")) != 0)
		return pl_fail(PL_STATE, "%s %s isn't loaded any more", arg(step, "service"),
			       arg(step, "version"));
	row = json_pack("{s:s,s:s,s:s,s:O}", "version", b->version, "hash", b->hash, "phase",
			phase_text(phase), "manifest", b->manifest);
	err = row ? put_row(turn, step, row) : PL_NOMEM;
	json_decref(row);
	return err;
}

static enum pl_err set_phase(struct pl_turn *turn, const struct plan_step *step, const char *phase)
{
	pl_exec(turn, "update placement set phase = $3 where name = $1 and cluster = $2", "sss",
		arg(step, "service"), arg(step, "cluster"), phase);
	return model_change(turn);
}

static enum pl_err keep_row(void *turn, struct plan_step *step)
{
	json_decref(step->before);
	step->before = row_of(present(step));
	return step->before ? PL_OK : PL_NOMEM;
}

static enum pl_err changed_since(const struct plan_step *step)
{
	return pl_fail(PL_STATE, "%s in %s was changed since", arg(step, "service"),
		       arg(step, "cluster"));
}

/* ---- what nodes say ---- */

typedef enum pl_err node_fn(const struct node *node, const json_t *report, const void *what);

/* Asks fn of each node of the step's cluster; one that isn't heard is waited for. */
static enum pl_err each_node(const struct plan_step *step, node_fn *fn, const void *what)
{
	const struct cluster *cluster = cluster_find(arg(step, "cluster"));
	enum pl_err err = has_cluster(step);

	for (const struct node *n = model.nodes; !err && n; n = n->next) {
		const json_t *report = report_get(n->name, NULL);

		if (n->cluster != cluster ||
		    (*arg(step, "node") && strcmp(n->name, arg(step, "node"))))
			continue;
		err = report ? fn(n, report, what)
			     : pl_fail(PL_AGAIN, "node %s isn't heard; start it, or wait for it",
				       n->name);
	}
	return err;
}

static enum pl_err holds(const struct node *node, const json_t *report, const void *hash)
{
	const json_t *bundle = report_bundle(report, hash);
	const char *state = pl_json_get_text(bundle, "state");

	if (strcmp(state, "ready") == 0)
		return PL_OK;
	return pl_fail(PL_AGAIN, "node %s: %s", node->name,
		       *pl_json_get_text(bundle, "detail") ? pl_json_get_text(bundle, "detail")
		       : *state				   ? state
							   : "hasn't heard of it yet");
}

static enum pl_err runs(const struct node *node, const json_t *report, const void *what)
{
	const struct placed *s = what;
	const json_t *item = report_service(report, s->name), *heir = json_object_get(item, "next");
	bool is_new;

	if (serves(report, s))
		return PL_OK;
	if (s->cluster->is_stopped)
		return pl_fail(PL_AGAIN, "cluster %s is stopped; 'pelago solution start' starts it",
			       s->cluster->name);
	item = heir ? heir : item; /* it runs beside the one that it shall replace */
	is_new = strcmp(pl_json_get_text(item, "hash"), wanted_on(s, node->name).hash) == 0;
	if (is_new && strcmp(pl_json_get_text(item, "state"), "Running") != 0 &&
	    json_integer_value(json_object_get(item, "restarts")) >= CRASHES_MOST)
		return pl_fail(PL_INTERNAL, "node %s: %s ends again and again: %s; see its log",
			       node->name, s->name, pl_json_get_text(item, "health"));
	return pl_fail(PL_AGAIN, "node %s: %s doesn't serve yet%s%s", node->name, s->name,
		       *pl_json_get_text(item, "health") ? ": " : "",
		       pl_json_get_text(item, "health"));
}

static enum pl_err is_gone(const struct node *node, const json_t *report, const void *service)
{
	const json_t *item = report_service(report, service);

	return item ? pl_fail(PL_AGAIN, "node %s: %s still runs", node->name,
			      pl_json_get_text(item, "name"))
		    : PL_OK;
}

static enum pl_err is_drained(const struct node *node, const json_t *report, const void *service)
{
	const json_t *item = report_service(report, service);
	long long waiting = json_integer_value(json_object_get(item, "outbox"));

	if (!item || (json_is_false(json_object_get(item, "accepting")) && waiting == 0))
		return PL_OK;
	return pl_fail(PL_AGAIN, "node %s: %s has %lld messages to deliver", node->name,
		       pl_json_get_text(item, "name"), waiting);
}

/* ---- rights ---- */

static enum pl_err rights_apply(void *world, struct plan_step *step)
{
	const struct loaded *b = loaded_find(arg(step, "service"), arg(step, "version"));

	return rights_write(world, arg(step, "service"), b ? b->manifest : NULL);
}

static enum pl_err rights_verify(void *world, struct plan_step *step)
{
	return rights_seen(world);
}

static enum pl_err rights_undo(void *world, struct plan_step *step)
{
	return rights_write(world, arg(step, "service"), NULL);
}

/* ---- stage ---- */

static enum pl_err stage_apply(void *world, struct plan_step *step)
{
	return present(step) ? PL_OK : put_bundle(world, step, PHASE_STAGED);
}

static enum pl_err stage_verify(void *world, struct plan_step *step)
{
	return each_node(step, holds, arg(step, "hash"));
}

static enum pl_err stage_undo(void *world, struct plan_step *step)
{
	const struct placed *s = present(step);

	if (!json_is_null(step->before) || !s)
		return PL_OK; /* it changed nothing */
	if (s->phase != PHASE_STAGED || strcmp(s->hash, arg(step, "hash")) != 0)
		return changed_since(step);
	return put_row(world, step, step->before);
}

/* ---- install ---- */

static enum pl_err install_apply(void *world, struct plan_step *step)
{
	pl_exec(world,
		"update bundle set installed_ms = $3 where name = $1 and version = $2 and "
		"installed_ms = 0",
		"ssi", arg(step, "service"), arg(step, "version"), pl_turn_now_ms(world));
	pl_exec(world,
		"delete from placement_node where name = $1 and node in "
		"(select name from node where cluster = $2)",
		"ss", arg(step, "service"), arg(step, "cluster"));
	return put_bundle(world, step, PHASE_INSTALLED);
}

static enum pl_err install_verify(void *world, struct plan_step *step)
{
	const struct placed *s = present(step);

	return s ? each_node(step, runs, s) : changed_since(step);
}

static enum pl_err install_undo(void *world, struct plan_step *step)
{
	const struct placed *s = present(step);

	if (is_row(s, step->before))
		return s && phase_runs(s->phase) ? each_node(step, runs, s)
						 : each_node(step, is_gone, arg(step, "service"));
	if (!s || strcmp(s->hash, arg(step, "hash")) != 0)
		return changed_since(step);
	put_row(world, step, step->before);
	return pl_fail(PL_AGAIN, "%s goes back to how it was", arg(step, "service"));
}

/* ---- switch: one node goes before its cluster ---- */

static enum pl_err switch_check(void *world, struct plan_step *step)
{
	const struct placed *s = present(step);

	if (!s)
		return pl_fail(PL_STATE, "%s isn't in %s any more", arg(step, "service"),
			       arg(step, "cluster"));
	json_decref(step->before);
	step->before = json_pack("{s:s}", "hash", wanted_on(s, arg(step, "node")).hash);
	return step->before ? PL_OK : PL_NOMEM;
}

static enum pl_err switch_apply(void *world, struct plan_step *step)
{
	const struct loaded *b = loaded_find(arg(step, "service"), arg(step, "version"));
	char *manifest;

	if (!b || strcmp(b->hash, arg(step, "hash")) != 0)
		return pl_fail(PL_STATE, "%s %s isn't loaded any more", arg(step, "service"),
			       arg(step, "version"));
	manifest = json_dumps(b->manifest, JSON_COMPACT | JSON_SORT_KEYS);
	if (!manifest)
		return PL_NOMEM;
	pl_exec(world,
		"insert into placement_node (name, node, version, hash, manifest) values "
		"($1, $2, $3, $4, $5) on conflict (name, node) do update set version = "
		"excluded.version, hash = excluded.hash, manifest = excluded.manifest",
		"sssss", b->name, arg(step, "node"), b->version, b->hash, manifest);
	free(manifest);
	return model_change(world);
}

static enum pl_err switch_undo(void *world, struct plan_step *step)
{
	const struct placed *s = present(step);
	const char *hash = s ? wanted_on(s, arg(step, "node")).hash : "";

	if (!s)
		return changed_since(step);
	if (strcmp(hash, pl_json_get_text(step->before, "hash")) == 0)
		return each_node(step, runs, s);
	if (strcmp(hash, arg(step, "hash")) != 0)
		return changed_since(step);
	pl_exec(world, "delete from placement_node where name = $1 and node = $2", "ss", s->name,
		arg(step, "node"));
	model_change(world);
	return pl_fail(PL_AGAIN, "node %s goes back", arg(step, "node"));
}

/* ---- drain, remove, forget ---- */

static enum pl_err is_there(void *world, struct plan_step *step)
{
	if (!present(step))
		return pl_fail(PL_STATE, "%s isn't in %s any more", arg(step, "service"),
			       arg(step, "cluster"));
	return keep_row(world, step);
}

static enum pl_err phase_undo(void *world, struct plan_step *step)
{
	const struct placed *s = present(step);

	if (!s)
		return changed_since(step);
	if (is_row(s, step->before))
		return phase_runs(s->phase) ? each_node(step, runs, s) : PL_OK;
	set_phase(world, step, pl_json_get_text(step->before, "phase"));
	return pl_fail(PL_AGAIN, "%s goes back to how it was", arg(step, "service"));
}

static enum pl_err drain_apply(void *world, struct plan_step *step)
{
	return set_phase(world, step, phase_text(PHASE_DRAINING));
}

/* Whoever doesn't come to an end by the deadline is stopped as it is; what it has is durable. */
static enum pl_err drain_verify(void *world, struct plan_step *step)
{
	int64_t deadline_ms = json_integer_value(json_object_get(step->args, "deadlineMs"));

	if (pl_turn_now_ms(world) - step->started_ms >= deadline_ms)
		return PL_OK;
	return each_node(step, is_drained, arg(step, "service"));
}

static enum pl_err remove_apply(void *world, struct plan_step *step)
{
	bool is_forced = json_is_true(json_object_get(step->args, "force"));

	return set_phase(world, step, phase_text(is_forced ? PHASE_KILLED : PHASE_LEAVING));
}

static enum pl_err remove_verify(void *world, struct plan_step *step)
{
	enum pl_err err = each_node(step, is_gone, arg(step, "service"));

	/* A node that isn't heard obeys when it comes back: force doesn't wait for it. */
	if (err == PL_AGAIN && json_is_true(json_object_get(step->args, "force")) &&
	    pl_turn_now_ms(world) - step->started_ms > SILENT_MS)
		return PL_OK;
	return err;
}

static enum pl_err forget_apply(void *world, struct plan_step *step)
{
	pl_exec(world,
		"delete from placement_node where name = $1 and node in "
		"(select name from node where cluster = $2)",
		"ss", arg(step, "service"), arg(step, "cluster"));
	pl_exec(world, "delete from placement where name = $1 and cluster = $2", "ss",
		arg(step, "service"), arg(step, "cluster"));
	return model_change(world);
}

static enum pl_err forget_undo(void *world, struct plan_step *step)
{
	const struct placed *s = present(step);

	if (is_row(s, step->before))
		return PL_OK;
	return s ? changed_since(step) : put_row(world, step, step->before);
}

/* ---- drop ---- */

static enum pl_err drop_check(void *world, struct plan_step *step)
{
	for (const struct placed *s = model.services; s; s = s->next)
		if (strcmp(s->name, arg(step, "service")) == 0)
			return pl_fail(PL_STATE, "%s is still in %s: its database stays", s->name,
				       s->cluster->name);
	return PL_OK;
}

static enum pl_err drop_apply(void *world, struct plan_step *step)
{
	return wipe_database(pl_turn_service(world), arg(step, "service"));
}

/* For steps that only wait. */
static enum pl_err plan_nothing(void *world, struct plan_step *step)
{
	return PL_OK;
}

/* clang-format off */
#define PLATFORM_SWITCH PLAN_REVERSIBLE, PLATFORM_SWITCH_MS, platform_switch_check, \
		platform_switch_apply, platform_switch_verify, platform_switch_undo
const struct plan_action plan_actions[] = {
	/* name     kind               limit      check         apply          verify          undo */
	{ "rights",  PLAN_COMPENSATING, 0,         NULL,         rights_apply,  rights_verify,  rights_undo },
	{ "stage",   PLAN_REVERSIBLE,   STAGE_MS,  keep_row,     stage_apply,   stage_verify,   stage_undo },
	{ "switch",  PLAN_REVERSIBLE,   SWITCH_MS, switch_check, switch_apply,  install_verify, switch_undo },
	{ "install", PLAN_REVERSIBLE,   0,         keep_row,     install_apply, install_verify, install_undo },
	{ "drain",   PLAN_REVERSIBLE,   DRAIN_MS,  is_there,     drain_apply,   drain_verify,   phase_undo },
	{ "remove",  PLAN_REVERSIBLE,   REMOVE_MS, is_there,     remove_apply,  remove_verify,  phase_undo },
	{ "forget",  PLAN_REVERSIBLE,   0,         is_there,     forget_apply,  NULL,           forget_undo },
	{ "level-raise", PLAN_PIVOT,    LEVEL_MS,  level_check,  level_apply,   level_verify,   NULL },
	{ "drop",    PLAN_PIVOT,        0,         drop_check,   drop_apply,    NULL,           NULL },
	{ "restart", PLAN_COMPENSATING, RESTART_MS, restart_check, restart_apply, restart_verify, restart_undo },
	{ "admit",   PLAN_COMPENSATING, 0,         NULL,         admit_apply,   admit_verify,   admit_undo },
	{ "arrive",  PLAN_COMPENSATING, JOIN_MS,   NULL,         plan_nothing,  arrive_verify,  plan_nothing },
	{ "settle",  PLAN_COMPENSATING, JOIN_MS,   NULL,         plan_nothing,  settle_verify,  plan_nothing },
	{ "certify", PLAN_COMPENSATING, 0,         NULL,         certify_apply, certify_verify, certify_undo },
	{ "test",    PLAN_COMPENSATING, TEST_MS,   NULL,         test_apply,    test_verify,    test_undo },
	{ "platform-fetch", PLAN_REVERSIBLE, PLATFORM_FETCH_MS, platform_fetch_check, platform_fetch_apply, platform_fetch_verify, platform_fetch_undo },
	{ "platform-node",    PLATFORM_SWITCH },
	{ "platform-edge",    PLATFORM_SWITCH },
	{ "platform-root",    PLATFORM_SWITCH },
	{ "platform-manager", PLATFORM_SWITCH },
	{ "platform-test", PLAN_COMPENSATING, TEST_MS, platform_test_check, test_apply, platform_test_verify, test_undo },
	{ "platform-settle", PLAN_PIVOT, 0, NULL, platform_settle_apply, platform_settle_verify, NULL },
	{ "release-bundles", PLAN_REVERSIBLE, 0, NULL, release_bundles_apply, NULL, release_bundles_undo },
	{ "gate", PLAN_REVERSIBLE, GATE_MS, gate_check, gate_apply, gate_verify, nothing_undo },
	{ "attributes-record", PLAN_REVERSIBLE, 0, NULL, attributes_record_apply, NULL, attributes_record_undo },
	{ "attributes-restore", PLAN_COMPENSATING, 0, NULL, attributes_restore_apply, NULL, nothing_undo },
	{ "profiles-restore", PLAN_COMPENSATING, 0, NULL, profiles_restore_apply, NULL, nothing_undo },
	{ "workflows-replace", PLAN_REVERSIBLE, 0, NULL, designer_apply, designer_verify, designer_undo },
	{ "rules-recreate", PLAN_REVERSIBLE, 0, NULL, designer_apply, designer_verify, designer_undo },
	{ "rules-aim", PLAN_REVERSIBLE, 0, NULL, designer_apply, designer_verify, designer_undo },
	{ "cluster-state", PLAN_REVERSIBLE, 0, cluster_state_check, cluster_state_apply, NULL, cluster_state_undo },
	{ "bundles-forget", PLAN_PIVOT, 0, NULL, bundles_forget_apply, NULL, NULL },
	{ 0 },
};
/* clang-format on */
