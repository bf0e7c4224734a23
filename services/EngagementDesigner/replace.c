/*
 * replace.c — what an upgrade does here once the new program runs: its workflows instead of those
 * of before, rules that name one of before set to the new one; and all of it back.
 *
 * The new program has its tasks in it, and has deployed its workflows by itself (gold.c), so the
 * latest tasks and workflows come together, and no contact finds none. What is left is to take the
 * old ones out. A workflow that was customised stays as it is, with all of its versions.
 *
 * Each of these may be asked twice. With dryRun it is only told what would be done.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <string.h>

#include "designer.h"
#include "pelago/json.h"
#include "pelago/log.h"

enum { NAMES_MOST = 200 };

/* ---- out-of-the-box workflows ---- */

struct gold {
	int64_t newest; /* as delivered; 0: none is kept */
	bool is_deployed, is_customised;
	json_t *old; /* deployed versions as delivered, before the newest one */
};

static void gold_find(struct gold *gold, struct pl_turn *turn, const char *name)
{
	struct pl_rows *rows = pl_query(turn,
					"select version, deployed, out_of_box from workflow "
					"where name = $1 order by version desc",
					"s", name);

	*gold = (struct gold){ .old = json_array() };
	while (pl_rows_next(rows)) {
		bool is_deployed = pl_rows_int(rows, 1) != 0, is_own = pl_rows_int(rows, 2) != 0;

		if (!is_own) {
			gold->is_customised |= is_deployed;
		} else if (!gold->newest) {
			gold->newest = pl_rows_int(rows, 0);
			gold->is_deployed = is_deployed;
		} else if (is_deployed) {
			json_array_append_new(gold->old, json_integer(pl_rows_int(rows, 0)));
		}
	}
	pl_rows_free(rows);
}

/* Those that were delivered; of them the ones of an array, if there is one. A new reference. */
static json_t *gold_names(struct pl_turn *turn, const json_t *of)
{
	struct pl_rows *rows = pl_query(turn, "select name from gold order by name", "");
	json_t *names = json_array(), *item;
	size_t i;

	while (pl_rows_next(rows)) {
		bool is_meant = !of;

		json_array_foreach(of, i, item) {
			is_meant |= strcmp(json_string_value(item), pl_rows_text(rows, 0)) == 0;
		}
		if (is_meant)
			json_array_append_new(names, json_string(pl_rows_text(rows, 0)));
	}
	pl_rows_free(rows);
	return names;
}

/* Rules that route contacts to a version, or with version 0 to any of a workflow: one's id, or "".
 */
static void user_of(struct pl_turn *turn, char id[27], const char *name, int64_t version)
{
	struct pl_rows *rows = pl_query(turn,
					"select id from rule where workflow = $1 and enabled = 1 "
					"and event <> $3 and ($2 = 0 or version = $2) limit 1",
					"sis", name, version, rule_old_event);

	snprintf(id, 27, "%s", pl_rows_next(rows) ? pl_rows_text(rows, 0) : "");
	pl_rows_free(rows);
}

static void add(json_t *list, const char *name, int64_t version)
{
	json_array_append_new(list,
			      json_pack("{s:s,s:I}", "name", name, "version", (json_int_t)version));
}

static enum pl_err set_deployed(struct pl_turn *turn, const json_t *item, bool deployed)
{
	json_t *reply = NULL;
	enum pl_err err =
		deployed ? op_deploy(turn, item, &reply) : op_undeploy(turn, item, &reply);

	json_decref(reply);
	return err;
}

static void retire(struct pl_turn *turn, const json_t *versions)
{
	json_t *item;
	size_t i;

	json_array_foreach(versions, i, item)
		set_deployed(turn, item, false); /* it is there: it was found in this turn */
}

/* ---- what was asked ---- */

struct asked {
	json_t *names, *removed; /* borrowed; names NULL: all */
	bool is_dry;
};

static enum pl_err read_names(json_t **listp, const json_t *body, const char *member)
{
	json_t *item;
	size_t i;
	enum pl_err err = pl_json_array(listp, body, member, NAMES_MOST, false);

	json_array_foreach(err ? NULL : *listp, i, item) {
		if (!json_is_string(item))
			return pl_fail(PL_INVALID, "%s: names are wanted", member);
	}
	return err;
}

static enum pl_err read_asked(struct asked *asked, const json_t *body)
{
	enum pl_err err;

	*asked = (struct asked){ 0 };
	err = read_names(&asked->names, body, "names");
	if (!err)
		err = read_names(&asked->removed, body, "removed");
	return err ? err : pl_json_bool(&asked->is_dry, body, "dryRun", false);
}

/* ---- how it is ---- */

static json_t *view(struct pl_turn *turn, const char *name)
{
	struct gold gold;

	gold_find(&gold, turn, name);
	return json_pack("{s:s,s:I,s:b,s:b,s:o}", "name", name, "version", (json_int_t)gold.newest,
			 "deployed", gold.is_deployed, "customised", gold.is_customised, "old",
			 gold.old);
}

static json_t *pinned(struct pl_turn *turn)
{
	struct pl_rows *rows =
		pl_query(turn,
			 "select r.id, r.workflow, r.version from rule r join "
			 "workflow w on w.name = r.workflow and w.version = r.version "
			 "where w.out_of_box = 1 and r.event <> $1 order by r.id",
			 "s", rule_old_event);
	json_t *list = json_array();

	while (pl_rows_next(rows))
		json_array_append_new(list, json_pack("{s:s,s:s,s:I}", "id", pl_rows_text(rows, 0),
						      "workflow", pl_rows_text(rows, 1), "version",
						      (json_int_t)pl_rows_int(rows, 2)));
	pl_rows_free(rows);
	return list;
}

/* Of the renamed event; by: the rule that stands for it already, or "". */
static json_t *outlived(struct pl_turn *turn)
{
	struct pl_rows *rows = pl_query(
		turn,
		"select r.id, r.workflow, r.enabled, (select w.deployed from workflow w where "
		"w.name = r.workflow order by w.version desc limit 1), coalesce((select d.id from "
		"rule d where d.event = $2 and d.channel = r.channel and d.is_default = 1 and "
		"r.is_default = 1), '') from rule r where r.event = $1 and r.replaced_by = '' "
		"order by r.id",
		"ss", rule_old_event, rule_new_event);
	json_t *list = json_array();

	while (pl_rows_next(rows))
		json_array_append_new(
			list,
			json_pack("{s:s,s:s,s:b,s:b,s:s}", "id", pl_rows_text(rows, 0), "workflow",
				  pl_rows_text(rows, 1), "enabled", pl_rows_int(rows, 2) != 0,
				  "ready", pl_rows_int(rows, 3) != 0, "by", pl_rows_text(rows, 4)));
	pl_rows_free(rows);
	return list;
}

/* {} → {workflows:[{name, version, deployed, customised, old:[version]}], pinned:[{id, workflow,
 * version}], recreate:[{id, workflow, enabled, ready, by}]} */
enum pl_err op_replaceable(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	json_t *names = gold_names(turn, NULL), *views = json_array(), *name;
	size_t i;

	(void)body;
	json_array_foreach(names, i, name)
		json_array_append_new(views, view(turn, json_string_value(name)));
	json_decref(names);
	*replyp = json_pack("{s:o,s:o,s:o}", "workflows", views, "pinned", pinned(turn), "recreate",
			    outlived(turn));
	return *replyp ? PL_OK : PL_NOMEM;
}

/* ---- workflows ---- */

/* A version that a rule names stays until the rule names another one. */
static void sort_out(struct pl_turn *turn, const char *name, json_t *retired, json_t *customised)
{
	struct gold gold;
	json_t *version;
	char user[27];
	size_t i;

	gold_find(&gold, turn, name);
	if (gold.is_customised)
		json_array_append_new(customised, json_string(name));
	json_array_foreach(gold.old, i, version) {
		user_of(turn, user, name, json_integer_value(version));
		if (!gold.is_customised && gold.is_deployed && !*user)
			add(retired, name, json_integer_value(version));
	}
	json_decref(gold.old);
}

/* What the release doesn't bring any more goes if no rule leads to it. */
static void sort_out_removed(struct pl_turn *turn, const char *name, json_t *retired)
{
	struct gold gold;
	json_t *version;
	char user[27];
	size_t i;

	gold_find(&gold, turn, name);
	user_of(turn, user, name, 0);
	if (!gold.is_customised && !*user) {
		if (gold.is_deployed)
			add(retired, name, gold.newest);
		json_array_foreach(gold.old, i, version)
			add(retired, name, json_integer_value(version));
	}
	json_decref(gold.old);
}

/* {names, removed, dryRun} → {retired:[{name, version}], customised:[name]} */
enum pl_err op_replace(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	json_t *names, *retired, *customised, *name;
	struct asked asked;
	size_t i;
	enum pl_err err = read_asked(&asked, body);

	if (err)
		return err;
	names = gold_names(turn, asked.names);
	retired = json_array();
	customised = json_array();
	json_array_foreach(names, i, name)
		sort_out(turn, json_string_value(name), retired, customised);
	json_array_foreach(asked.removed, i, name)
		sort_out_removed(turn, json_string_value(name), retired);
	if (!asked.is_dry)
		retire(turn, retired);
	json_decref(names);
	*replyp = json_pack("{s:o,s:o}", "retired", retired, "customised", customised);
	return *replyp ? PL_OK : PL_NOMEM;
}

/* ---- rules that name a version ---- */

static bool has_version(const json_t *versions, const char *name, int64_t version)
{
	json_t *item;
	size_t i;

	json_array_foreach(versions, i, item) {
		if (strcmp(pl_json_get_text(item, "name"), name) == 0 &&
		    json_integer_value(json_object_get(item, "version")) == version)
			return true;
	}
	return false;
}

/* A rule goes on to the newest version, and its former one out. */
static void aim(struct pl_turn *turn, const json_t *rule, json_t *moved, json_t *retired)
{
	const char *name = pl_json_get_text(rule, "workflow");
	int64_t version = json_integer_value(json_object_get(rule, "version"));
	struct gold gold;
	json_t *old;
	size_t i;

	gold_find(&gold, turn, name);
	if (!gold.is_customised && gold.is_deployed && version < gold.newest) {
		json_array_append_new(moved, json_pack("{s:s,s:s,s:I,s:I}", "id",
						       pl_json_get_text(rule, "id"), "workflow",
						       name, "from", (json_int_t)version, "to",
						       (json_int_t)gold.newest));
		json_array_foreach(gold.old, i, old) {
			if (json_integer_value(old) == version &&
			    !has_version(retired, name, version))
				add(retired, name, version);
		}
	}
	json_decref(gold.old);
}

static void move(struct pl_turn *turn, const char *id, int64_t from, int64_t to)
{
	pl_exec(turn, "update rule set version = $3 where id = $1 and version = $2", "sii", id,
		from, to);
	pl_log(INFO, "rule.aimed", NULL, "rule=%s from=%ld to=%ld", id, (long)from, (long)to);
}

/* {names, dryRun} → {moved:[{id, workflow, from, to}], retired:[{name, version}]} */
enum pl_err op_aim_rules(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	json_t *names, *rules, *moved, *retired, *rule;
	struct asked asked;
	size_t i;
	enum pl_err err = read_asked(&asked, body);

	if (err)
		return err;
	names = gold_names(turn, asked.names);
	rules = pinned(turn);
	moved = json_array();
	retired = json_array();
	json_array_foreach(rules, i, rule) {
		if (pl_json_has(names, pl_json_get_text(rule, "workflow")))
			aim(turn, rule, moved, retired);
	}
	json_array_foreach(asked.is_dry ? NULL : moved, i, rule)
		move(turn, pl_json_get_text(rule, "id"),
		     json_integer_value(json_object_get(rule, "from")),
		     json_integer_value(json_object_get(rule, "to")));
	if (!asked.is_dry)
		retire(turn, retired);
	json_decref(names);
	json_decref(rules);
	*replyp = json_pack("{s:o,s:o}", "moved", moved, "retired", retired);
	return *replyp ? PL_OK : PL_NOMEM;
}

/* ---- back ---- */

static void leave(json_t *left, const char *what, const char *name)
{
	json_array_append_new(left, json_sprintf("%s %s was changed since", what, name));
}

static void aim_back(struct pl_turn *turn, const json_t *item, json_t *left)
{
	const char *id = pl_json_get_text(item, "id");
	int64_t from = json_integer_value(json_object_get(item, "from")),
		to = json_integer_value(json_object_get(item, "to"));
	struct pl_rows *rows = pl_query(turn, "select version from rule where id = $1", "s", id);
	int64_t now = pl_rows_next(rows) ? pl_rows_int(rows, 0) : -1;

	pl_rows_free(rows);
	if (now == to)
		move(turn, id, to, from);
	else if (now != from)
		leave(left, "rule", id);
}

/* One that was made anew goes if it is still as it was made; the old one is as it was. */
static void uncreate(struct pl_turn *turn, const json_t *item, json_t *left)
{
	const char *id = pl_json_get_text(item, "id"), *by = pl_json_get_text(item, "by");
	int64_t enabled = json_is_true(json_object_get(item, "enabled"));
	char new[27] = "";
	struct pl_rows *rows = pl_query(
		turn,
		"select o.replaced_by, n.id from rule o left join rule n on n.id = o.replaced_by "
		"and n.event = $3 and n.channel = o.channel and n.condition = o.condition and "
		"n.filters = o.filters and n.rank = o.rank and n.workflow = o.workflow and "
		"n.version = 0 and n.enabled = $2 and n.is_default = o.is_default where o.id = $1 and o.replaced_by <> ''",
		"sis", id, enabled, rule_new_event);
	bool is_replaced = pl_rows_next(rows), is_same = is_replaced && !pl_rows_is_null(rows, 1);

	if (is_replaced)
		snprintf(new, sizeof(new), "%s", pl_rows_text(rows, 0));
	pl_rows_free(rows);
	if (!is_replaced)
		return;
	if (!*by && !is_same) {
		leave(left, "rule", new);
		return;
	}
	if (!*by)
		pl_exec(turn, "delete from rule where id = $1", "s", new);
	pl_exec(turn, "update rule set enabled = $2, replaced_by = '' where id = $1", "si", id,
		enabled);
	pl_log(INFO, "rule.uncreated", NULL, "rule=%s of=%s", new, id);
}

static void redeploy(struct pl_turn *turn, const json_t *item, json_t *left)
{
	if (set_deployed(turn, item, true))
		json_array_append_new(left, json_string(pl_err_detail(PL_STATE)));
}

/* What these have replied with, as `retired` and `moved`, and `recreate` of replaceable → {left:
 * [sentence]}: what stays, as somebody has changed it since */
enum pl_err op_replace_back(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	static const struct {
		const char *member;
		void (*fn)(struct pl_turn *turn, const json_t *item, json_t *left);
	} rows[] = { { "retired", redeploy }, { "moved", aim_back }, { "recreate", uncreate } };
	json_t *left = json_array(), *lists[3] = { NULL }, *item;
	enum pl_err err = PL_OK;
	size_t i;

	for (size_t k = 0; !err && k < 3; k++)
		err = pl_json_array(&lists[k], body, rows[k].member, NAMES_MOST * 10, false);
	for (size_t k = 0; !err && k < 3; k++)
		json_array_foreach(lists[k], i, item)
			rows[k].fn(turn, item, left);
	if (err) {
		json_decref(left);
		return err;
	}
	*replyp = json_pack("{s:o}", "left", left);
	return *replyp ? PL_OK : PL_NOMEM;
}
