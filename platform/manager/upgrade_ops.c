/*
 * upgrade_ops.c — what people ask of upgrades.
 *
 * A request's body: {"version": of a loaded release, or "release": the manifest of one that was
 * checked where it lies, for check and plan; "mode":"window"|"rolling", "group", "configuration",
 * "options":[NAME] or null, "clusters":{"1":NAME}: names that were confirmed, "acknowledge":BOOL:
 * the release notes were read, "finalizeAfterMinutes"}.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "engines/upgrade/upgrade.h"
#include "engines/upgrade/words.h"
#include "pelago/json.h"
#include "pelago/log.h"
#include "pelago/version.h"
#include "plans.h"
#include "profile.h"
#include "release.h"
#include "upgrade.h"

enum { MINUTES_MOST = 7 * 24 * 60, SEEN_MOST = 380 };

static enum pl_err answer(json_t **replyp, int status, json_t *body)
{
	*replyp = json_pack("{s:i,s:o}", "status", status, "body", body);
	return *replyp ? PL_OK : PL_NOMEM;
}

static enum pl_err needs_asker(const json_t *body)
{
	return *asked_by(body) ? PL_OK : pl_fail(PL_UNAUTHORIZED, "who asks isn't known");
}

/* ---- what was asked for ---- */

/* *releasep is borrowed: of the body, or of a loaded one. */
static enum pl_err read_release(const json_t **releasep, const json_t *body, bool must_be_loaded)
{
	const char *version = NULL;
	const struct release *loaded;
	json_t *manifest = NULL;
	enum pl_err err = pl_json_text(&version, body, "body.version", 40, false);

	if (!err && !must_be_loaded)
		err = pl_json_object(&manifest, body, "body.release", 1000, false);
	if (err)
		return err;
	if (manifest) {
		*releasep = manifest;
		return PL_OK;
	}
	if (!version)
		return pl_fail(PL_INVALID, "body.version: which release?");
	loaded = release_find(version);
	if (!loaded)
		return pl_fail(PL_NOTFOUND,
			       "release %s isn't loaded; 'pelago release load FILE' loads it",
			       version);
	*releasep = loaded->manifest;
	return PL_OK;
}

static enum pl_err read_words(json_t **optionsp, const char **configurationp, const json_t *body)
{
	const char *names[UPGRADE_OPTIONS * 4], *configuration = NULL;
	json_t *list = NULL, *item;
	struct upgrade_words words;
	enum pl_err err = pl_json_text(&configuration, body, "body.configuration", 60, true);
	size_t i, len = 0;

	if (!err)
		err = pl_json_array(&list, body, "body.options", sizeof(names) / sizeof(names[0]),
				    false);
	json_array_foreach(list, i, item) {
		if (!err && !json_is_string(item))
			err = pl_fail(PL_INVALID, "body.options: names are wanted");
		if (!err)
			names[len++] = json_string_value(item);
	}
	if (!err)
		err = upgrade_words_read(&words, configuration, names, len);
	if (err)
		return err;
	*configurationp = words.configuration;
	*optionsp = list ? json_array() : json_null();
	for (unsigned k = 0; k < UPGRADE_OPTIONS; k++)
		if (list && words.options & 1u << k)
			json_array_append_new(*optionsp, json_string(upgrade_option_name(
								 (enum upgrade_option)k)));
	return PL_OK;
}

static const char *cluster_of_kind(const char *kind)
{
	for (const struct cluster *c = model.clusters; c; c = c->next)
		if (strcmp(c->kind, kind) == 0)
			return c->name;
	return NULL;
}

/* Which cluster is which, as somebody confirmed it. */
static enum pl_err check_names(const json_t *body)
{
	json_t *names = NULL, *name;
	enum pl_err err = pl_json_object(&names, body, "body.clusters", 20, false);
	const char *kind;

	json_object_foreach(names, kind, name) {
		const char *is = cluster_of_kind(kind);

		if (!err && !is)
			err = pl_fail(PL_INVALID, "body.clusters: there is no cluster %s", kind);
		if (!err && (!json_is_string(name) || strcasecmp(json_string_value(name), is) != 0))
			err = pl_fail(PL_INVALID, "cluster %s is %s, not '%s'", kind, is,
				      json_is_string(name) ? json_string_value(name) : "?");
	}
	return err;
}

/* {"mode","group","configuration","options"}: a new reference. */
static enum pl_err read_request(json_t **requestp, const json_t *body)
{
	const char *mode = NULL, *configuration = NULL;
	json_t *options = NULL;
	int64_t group = 1, minutes = 0;
	enum pl_err err = needs_asker(body);

	if (!err)
		err = pl_json_text(&mode, body, "body.mode", 16, false);
	if (!err && mode && strcmp(mode, "window") != 0 && strcmp(mode, "rolling") != 0)
		err = pl_fail(PL_INVALID, "body.mode: window or rolling, not '%s'", mode);
	if (!err)
		err = pl_json_int(&group, body, "body.group", 1, UPGRADE_GROUPS, false);
	if (!err && group != 1)
		err = pl_fail(PL_INVALID,
			      "there is no cluster group %d here: a single site has group 1",
			      (int)group);
	if (!err)
		err = pl_json_int(&minutes, body, "body.finalizeAfterMinutes", 0, MINUTES_MOST,
				  false);
	if (!err)
		err = check_names(body);
	if (!err)
		err = read_words(&options, &configuration, body);
	if (err)
		return err;
	*requestp = json_pack("{s:s,s:I,s:s,s:o,s:I}", "mode", mode ? mode : "window", "group",
			      (json_int_t)group, "configuration", configuration, "options", options,
			      "finalizeAfterMinutes", (json_int_t)minutes);
	return *requestp ? PL_OK : PL_NOMEM;
}

/* ---- check, plan, run ---- */

/* With no option named, the installed ones are meant. */
static void propose(json_t *request, const json_t *facts)
{
	if (json_is_null(json_object_get(request, "options")))
		json_object_set_new(request, "options", upgrade_options(facts));
}

static void acknowledge(struct pl_turn *turn, const json_t *body, const char *version)
{
	pl_exec(turn,
		"insert into upgrade_note (version, who, at_ms) values ($1, $2, $3) on conflict "
		"(version) do nothing",
		"ssi", version, asked_by(body), pl_turn_now_ms(turn));
	audit_add(turn, body, "upgrade.acknowledge", version, "", "");
}

/* The first of those that inhibit, and how many more. */
static enum pl_err refuse(const json_t *checks)
{
	unsigned count = upgrade_inhibits(checks);
	json_t *check = NULL;
	size_t i;

	json_array_foreach(checks, i, check) {
		if (strcmp(pl_json_get_text(check, "result"), "inhibit") == 0)
			break;
	}
	return pl_fail(PL_STATE,
		       "%u check%s inhibit%s the upgrade: %s: %.*s; 'pelago upgrade check' "
		       "shows all",
		       count, count == 1 ? "" : "s", count == 1 ? "s" : "",
		       pl_json_get_text(check, "key"), SEEN_MOST - 100,
		       pl_json_get_text(check, "seen"));
}

static enum pl_err start(json_t **viewp, struct pl_turn *turn, const json_t *body,
			 const struct upgrade *u)
{
	json_t *definition = NULL;
	struct upgrade_last last = { .at_ms = pl_turn_now_ms(turn) };
	enum pl_err err = upgrade_plan(&definition, u);

	if (!err)
		err = plans_start(viewp, turn, body, definition);
	if (err)
		return err;
	snprintf(last.plan, sizeof(last.plan), "%s", pl_json_get_text(*viewp, "id"));
	snprintf(last.from, sizeof(last.from), "%s", pl_json_get_text(u->facts, "version"));
	snprintf(last.to, sizeof(last.to), "%s", pl_json_get_text(u->release, "version"));
	snprintf(last.mode, sizeof(last.mode), "%s", pl_json_get_text(u->request, "mode"));
	last.finalize_after_ms =
		json_integer_value(json_object_get(u->request, "finalizeAfterMinutes")) * 60000;
	last.request = (json_t *)u->request;
	/* for the report: it can't be seen any more once it is done */
	json_object_set_new(last.request, "afterwards", upgrade_afterwards(u));
	last.release = (json_t *)u->release;
	return upgrade_last_put(turn, &last);
}

/* The steps as they would be stored; nothing is. */
static enum pl_err show(json_t **viewp, struct pl_turn *turn, const struct upgrade *u)
{
	json_t *definition = NULL, *dry = json_pack("{s:{s:b}}", "body", "dryRun", 1);
	enum pl_err err = upgrade_plan(&definition, u);

	if (!err)
		err = plans_start(viewp, turn, dry, definition);
	json_decref(dry);
	return err;
}

/* "what" of the context: what was asked. */
static enum pl_err go_on(struct pl_turn *turn, json_t **replyp, const json_t *context)
{
	const json_t *body = json_object_get(context, "asked"), *release = NULL;
	const char *what = pl_json_get_text(context, "what");
	json_t *request = json_object_get(context, "request"), *facts, *checks = NULL, *view = NULL;
	enum pl_err err = read_release(&release, body, strcmp(what, "run") == 0);
	struct upgrade u;

	if (err)
		return err;
	if (json_is_true(pl_json_get(body, "body.acknowledge")))
		acknowledge(turn, body, pl_json_get_text(release, "version"));
	facts = upgrade_facts(turn, context);
	if (!facts)
		return PL_NOMEM;
	propose(request, facts);
	u = (struct upgrade){ facts, release, request };
	if (strcmp(what, "plan") != 0)
		checks = upgrade_check(&u);
	if (strcmp(what, "plan") == 0) {
		err = show(&view, turn, &u);
	} else if (strcmp(what, "check") == 0) {
		view = json_pack("{s:i,s:O,s:O}", "inhibits", (int)upgrade_inhibits(checks),
				 "options", json_object_get(request, "options"), "checks", checks);
	} else {
		err = upgrade_inhibits(checks) ? refuse(checks) : start(&view, turn, body, &u);
	}
	json_decref(facts);
	json_decref(checks);
	return err ? err : answer(replyp, strcmp(what, "run") == 0 ? 202 : 200, view);
}

static enum pl_err on_asked(struct pl_turn *turn, struct pl_held *held, const json_t *context)
{
	json_t *reply = NULL;
	enum pl_err err = go_on(turn, &reply, context);

	if (!err)
		pl_reply(turn, held, reply);
	return err;
}

/* In a window nothing may be under way: that has to be asked, too. */
static enum pl_err begin(struct pl_turn *turn, const json_t *body, const char *what)
{
	bool asks_work;
	const json_t *release = NULL;
	json_t *request = NULL, *context;
	enum pl_err err = read_request(&request, body);

	if (!err)
		err = read_release(&release, body, strcmp(what, "run") == 0);
	if (err) {
		json_decref(request);
		return err;
	}
	context = json_pack("{s:s,s:o,s:o}", "what", what, "request", request, "asked",
			    json_deep_copy(body));
	if (!context)
		return PL_NOMEM;
	asks_work = strcmp(what, "plan") != 0 &&
		    strcmp(pl_json_get_text(request, "mode"), "window") == 0;
	return upgrade_ask(turn, on_asked, context, asks_work);
}

enum pl_err op_upgrade_check(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return begin(turn, body, "check");
}

enum pl_err op_upgrade_plan(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return begin(turn, body, "plan");
}

enum pl_err op_upgrade_run(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return begin(turn, body, "run");
}

/* ---- how it goes ---- */

/* RFC 3339, or null. */
static json_t *moment(int64_t ms)
{
	time_t s = (time_t)(ms / 1000);
	char text[40];
	struct tm tm;

	if (ms <= 0 || !gmtime_r(&s, &tm))
		return json_null();
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	return json_string(text);
}

static void add_steps(json_t *steps, struct pl_turn *turn, const char *id)
{
	struct planned *planned = NULL;

	if (!*id || plans_find(&planned, turn, id) != PL_OK)
		return;
	for (unsigned i = 0; i < planned->plan->steps_len; i++) {
		const struct plan_step *s = &planned->plan->steps[i];

		json_array_append_new(
			steps, json_pack("{s:s,s:s,s:s,s:i,s:o,s:o,s:s,s:s,s:I}", "id", s->id,
					 "title", s->title, "state", plan_step_state_text(s->state),
					 "attempts", (int)s->attempts, "started",
					 moment(s->started_ms), "ended", moment(s->ended_ms),
					 "detail", s->detail, "action", s->action->name, "usualMs",
					 (json_int_t)plans_usual_ms(s->action->name)));
	}
	plans_drop(planned);
}

static json_t *why_of(struct pl_turn *turn, const char *plan)
{
	struct pl_rows *rows = pl_query(turn, "select why from plan where id = $1", "s", plan);
	json_t *why = json_string(pl_rows_next(rows) ? pl_rows_text(rows, 0) : "");

	pl_rows_free(rows);
	return why;
}

static json_t *status(struct pl_turn *turn, const struct upgrade_last *last)
{
	bool finalizes =
		strcmp(last->state, "finalizing") == 0 || strcmp(last->state, "finalized") == 0;
	json_t *steps = json_array();

	add_steps(steps, turn, last->plan);
	if (finalizes)
		add_steps(steps, turn, last->finalize);
	return json_pack("{s:s,s:s,s:s,s:s,s:s,s:o,s:o,s:o}", "state", last->state, "from",
			 last->from, "to", last->to, "mode", last->mode, "plan",
			 finalizes ? last->finalize : last->plan, "why",
			 why_of(turn, *last->finalize ? last->finalize : last->plan), "at",
			 moment(last->at_ms), "steps", steps);
}

enum pl_err op_upgrade(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct upgrade_last last;
	enum pl_err err = upgrade_last_read(&last, turn);
	json_t *view;

	if (err == PL_NOTFOUND)
		return answer(replyp, 200,
			      json_pack("{s:s,s:s,s:n,s:n,s:s,s:s,s:n,s:[]}", "state", "none",
					"from", pl_version, "to", "mode", "plan", "", "why", "",
					"at", "steps"));
	if (err)
		return err;
	view = status(turn, &last);
	upgrade_last_fini(&last);
	return answer(replyp, 200, view);
}

/* ---- resume, roll back ---- */

/* What still matters while it is half done. */
static bool matters(const char *key)
{
	static const char *const keys[] = { "disk", "hardware", "certificates", "clocks" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(keys[i], key) == 0)
			return true;
	return false;
}

static enum pl_err check_again(struct pl_turn *turn, const struct upgrade_last *last)
{
	json_t *facts = upgrade_facts(turn, NULL), *checks, *check, *left = json_array();
	struct upgrade u = { facts, last->release, last->request };
	enum pl_err err = PL_OK;
	size_t i;

	checks = upgrade_check(&u);
	json_array_foreach(checks, i, check) {
		if (matters(pl_json_get_text(check, "key")))
			json_array_append(left, check);
	}
	if (upgrade_inhibits(left))
		err = refuse(left);
	json_decref(left);
	json_decref(checks);
	json_decref(facts);
	return err;
}

/* The last upgrade's plan, by the operation on plans. */
static enum pl_err change(struct pl_turn *turn, const json_t *body, json_t **replyp,
			  const struct upgrade_last *last, pl_op_fn *fn)
{
	json_t *asked = json_deep_copy(body), *path = json_pack("{s:s}", "id", last->plan);
	json_t *reply = NULL;
	struct upgrade_last now;
	enum pl_err err;

	json_object_set_new(asked, "path", path);
	err = fn(turn, asked, &reply);
	json_decref(asked);
	json_decref(reply);
	if (!err)
		err = upgrade_last_read(&now, turn);
	if (err)
		return err;
	err = answer(replyp, 202, status(turn, &now));
	upgrade_last_fini(&now);
	return err;
}

static enum pl_err nothing_to(const struct upgrade_last *last, const char *what)
{
	return pl_fail(PL_STATE, "the last upgrade, %s to %s, is %s: there is nothing to %s",
		       last->from, last->to, last->state, what);
}

static enum pl_err read_last(struct upgrade_last *last, struct pl_turn *turn, const json_t *body)
{
	enum pl_err err = needs_asker(body);

	if (!err)
		err = upgrade_last_read(last, turn);
	return err == PL_NOTFOUND ? pl_fail(PL_STATE, "nothing was upgraded yet") : err;
}

enum pl_err op_upgrade_resume(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct upgrade_last last;
	enum pl_err err = read_last(&last, turn, body);

	if (err)
		return err;
	if (strcmp(last.state, "running") == 0 || strcmp(last.state, "undoing") == 0) {
		err = answer(replyp, 200, status(turn, &last)); /* it goes on by itself */
	} else if (strcmp(last.state, "failed") != 0 && strcmp(last.state, "stuck") != 0) {
		err = nothing_to(&last, "resume");
	} else {
		err = check_again(turn, &last);
		if (!err)
			err = change(turn, body, replyp, &last, op_plan_resume);
	}
	upgrade_last_fini(&last);
	return err;
}

enum pl_err op_upgrade_rollback(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct upgrade_last last;
	enum pl_err err = read_last(&last, turn, body);

	if (err)
		return err;
	if (strcmp(last.state, "finalized") == 0 || strcmp(last.state, "finalizing") == 0)
		err = pl_fail(PL_STATE,
			      "%s is %s: what is written since then, %s can't read, so there is no "
			      "way back",
			      last.to, last.state, last.from);
	else if (strcmp(last.state, "undone") == 0 || strcmp(last.state, "undoing") == 0)
		err = nothing_to(&last, "roll back");
	else
		err = change(turn, body, replyp, &last, op_plan_undo);
	upgrade_last_fini(&last);
	return err;
}

/* ---- finalize ---- */

static enum pl_err finalize(json_t **viewp, struct pl_turn *turn, const json_t *body,
			    struct upgrade_last *last)
{
	json_t *facts, *definition = NULL;
	enum pl_err err;

	if (strcmp(last->state, "upgraded") != 0)
		return nothing_to(last, "finalize");
	facts = upgrade_facts(turn, NULL);
	err = facts ? upgrade_finalize(&definition, facts, last->release, last->from) : PL_NOMEM;
	json_decref(facts);
	if (!err)
		err = plans_start(viewp, turn, body, definition);
	if (err)
		return err;
	snprintf(last->finalize, sizeof(last->finalize), "%s", pl_json_get_text(*viewp, "id"));
	return upgrade_last_put(turn, last);
}

enum pl_err op_upgrade_finalize(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct upgrade_last last;
	json_t *view = NULL;
	enum pl_err err = read_last(&last, turn, body);

	if (err)
		return err;
	err = finalize(&view, turn, body, &last);
	upgrade_last_fini(&last);
	return err ? err : answer(replyp, 202, view);
}

/* When it was last not well: a restarted manager begins to count anew. */
static int64_t unwell_ms;

static void finalize_by_itself(struct pl_turn *turn)
{
	struct upgrade_last last;
	json_t *request, *view = NULL;
	bool is_well = true;

	if (upgrade_last_read(&last, turn) != PL_OK)
		return;
	for (const struct node *n = model.nodes; n; n = n->next)
		is_well &= node_is_stable(n);
	if (!unwell_ms || !is_well || strcmp(last.state, "upgraded") != 0)
		unwell_ms = manager_now_ms();
	if (last.finalize_after_ms && strcmp(last.state, "upgraded") == 0 && !plans_running() &&
	    manager_now_ms() - unwell_ms >= last.finalize_after_ms) {
		request = json_pack("{s:{s:s},s:s}", "user", "name", "upgrade", "from", "manager");
		if (finalize(&view, turn, request, &last) != PL_OK)
			pl_log(WARN, "upgrade.finalize", NULL, "%s", pl_err_detail(PL_STATE));
		json_decref(request);
		json_decref(view);
		unwell_ms = manager_now_ms();
	}
	upgrade_last_fini(&last);
}

void upgrade_beat(struct pl_turn *turn)
{
	static int64_t looked_ms;

	upgrade_log_beat(turn);
	if (manager_now_ms() - looked_ms < 5000)
		return;
	looked_ms = manager_now_ms();
	finalize_by_itself(turn);
}

/* ---- what checks want ---- */

enum pl_err op_upgrade_acknowledge(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *version = NULL;
	struct upgrade_version v;
	enum pl_err err = needs_asker(body);

	if (!err)
		err = pl_json_text(&version, body, "body.version", 40, true);
	if (!err && !upgrade_version_read(&v, version))
		err = pl_fail(PL_INVALID, "body.version: '%s' is no version", version);
	if (err)
		return err;
	acknowledge(turn, body, version);
	return answer(replyp, 200, json_pack("{s:s}", "version", version));
}

/* A service goes out of a profile, until the upgrade puts it back. */
enum pl_err op_upgrade_unprofile(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *profile = NULL, *service = NULL, *name = NULL, *version;
	json_t *asked;
	enum pl_err err = needs_asker(body);

	if (!err)
		err = pl_json_text(&profile, body, "body.profile", 128, true);
	if (!err)
		err = pl_json_text(&service, body, "body.service", 64, true);
	if (!err)
		err = profile_with(&name, profile, service);
	if (err)
		return err;
	version = pl_json_get_text(json_object_get(profile_find(name, &name), "services"), service);
	pl_exec(turn,
		"insert into upgrade_profile (profile, service, version) values ($1, $2, $3) on "
		"conflict (profile, service) do update set version = excluded.version",
		"sss", name, service, version);
	asked = json_deep_copy(body);
	json_object_set_new(asked, "path",
			    json_pack("{s:s,s:s}", "name", name, "service", service));
	err = op_profile_service_remove(turn, asked, replyp);
	json_decref(asked);
	return err;
}
