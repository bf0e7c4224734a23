/*
 * rule.c — routing rules: event and channel, filters and an optional condition on the contact (or
 * on what an event from outside brings), the workflow.
 *
 * They are asked in order of rank (then of age), the default of a channel last; the first that fits
 * and whose workflow is deployed is taken. They are read for each contact, so an edit takes effect
 * at once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "choice.h"
#include "designer.h"
#include "event_type.h"
#include "filter.h"
#include "pelago/json.h"
#include "pelago/log.h"
#include "pelago/page.h"

enum { RULES_MAX = 200 };

const char rule_old_event[] = "ROUTE_CONTACT_TRANSFER_TO_SERVICE",
	   rule_new_event[] = "ROUTE_CONTACT_TRANSFER";

static bool meets(const char *id, const char *filters, const char *condition,
		  const json_t *variables)
{
	json_t *list = strcmp(filters, "[]") == 0 ? NULL : json_loads(filters, 0, NULL);
	bool met = filter_meets(list, variables);
	enum pl_err err = met ? choice_meets(&met, condition, variables) : PL_OK;

	if (err)
		pl_log(WARN, "rule.condition", pl_json_get_text(variables, "contact.contactId"),
		       "rule=%s: %s", id, pl_err_detail(err));
	json_decref(list);
	return met;
}

void rule_route(struct pl_turn *turn, const char *event, const json_t *variables,
		struct route *route)
{
	struct pl_rows *rows = pl_query(
		turn,
		"select r.id, r.condition, r.filters, w.name, w.version from rule r left join workflow w "
		"on w.name = r.workflow and w.deployed = 1 and w.version = (case when r.version > 0 then "
		"r.version else (select max(l.version) from workflow l where l.name = r.workflow and "
		"l.deployed = 1) end) where r.event = $1 and r.enabled = 1 and (r.channel = '' or "
		"r.channel = $2) order by r.is_default, r.rank, r.id",
		"ss", event, pl_json_get_text(variables, "contact.channel"));

	*route = (struct route){ 0 };
	while (!route->version && pl_rows_next(rows)) {
		if (!meets(pl_rows_text(rows, 0), pl_rows_text(rows, 2), pl_rows_text(rows, 1),
			   variables))
			continue;
		if (pl_rows_is_null(rows, 3)) {
			pl_log(WARN, "rule.undeployed",
			       pl_json_get_text(variables, "contact.contactId"),
			       "rule=%s: its workflow is not deployed", pl_rows_text(rows, 0));
			continue;
		}
		snprintf(route->workflow, sizeof(route->workflow), "%s", pl_rows_text(rows, 3));
		route->version = pl_rows_int(rows, 4);
	}
	pl_rows_free(rows);
}

/* ---- what is kept ---- */

struct rule {
	const char *id, *event, *channel, *condition, *workflow;
	const char *filters; /* JSON */
	int64_t rank, version;
	bool enabled, is_default;
};

static void write(struct pl_turn *turn, const struct rule *r)
{
	pl_exec(turn,
		"insert into rule (id, event, channel, condition, rank, workflow, version, enabled, "
		"is_default) values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (id) do update set "
		"event = excluded.event, channel = excluded.channel, condition = excluded.condition, "
		"rank = excluded.rank, workflow = excluded.workflow, version = excluded.version, "
		"enabled = excluded.enabled, is_default = excluded.is_default",
		"ssssisiii", r->id, r->event, r->channel, r->condition, r->rank, r->workflow,
		r->version, (int64_t)r->enabled, (int64_t)r->is_default);
	pl_exec(turn, "update rule set filters = $2 where id = $1", "ss", r->id, r->filters);
	pl_log(INFO, "rule.set", NULL, "rule=%s event=%s channel=%s workflow=%s enabled=%d", r->id,
	       r->event, r->channel, r->workflow, r->enabled);
}

/* The default of an event and channel, or "". */
static void find_default(struct pl_turn *turn, const char *event, const char *channel, char id[27])
{
	struct pl_rows *rows = pl_query(turn,
					"select id from rule where event = $1 and channel = $2 and "
					"is_default = 1",
					"ss", event, channel);

	id[0] = '\0';
	if (pl_rows_next(rows))
		snprintf(id, 27, "%s", pl_rows_text(rows, 0));
	pl_rows_free(rows);
}

void rule_add_default(struct pl_turn *turn, const char *event, const char *channel,
		      const char *workflow)
{
	char id[27];

	find_default(turn, event, channel, id);
	if (id[0])
		return;
	pl_id(id);
	write(turn, &(struct rule){ .id = id,
				    .event = event,
				    .channel = channel,
				    .condition = "",
				    .filters = "[]",
				    .workflow = workflow,
				    .enabled = true,
				    .is_default = true });
}

/* ---- operations ---- */

static json_t *rule_json(const struct rule *r)
{
	return json_pack("{s:s, s:s, s:s, s:o, s:s, s:I, s:s, s:o, s:b, s:b}", "id", r->id, "event",
			 r->event, "channel", r->channel, "filters",
			 json_loads(r->filters, 0, NULL), "condition", r->condition, "rank",
			 (json_int_t)r->rank, "workflow", r->workflow, "version",
			 r->version ? json_integer(r->version) : json_string("latest"), "enabled",
			 r->enabled, "default", r->is_default);
}

static struct rule row_rule(const struct pl_rows *rows)
{
	return (struct rule){ .id = pl_rows_text(rows, 0),
			      .event = pl_rows_text(rows, 1),
			      .channel = pl_rows_text(rows, 2),
			      .condition = pl_rows_text(rows, 3),
			      .rank = pl_rows_int(rows, 4),
			      .workflow = pl_rows_text(rows, 5),
			      .version = pl_rows_int(rows, 6),
			      .enabled = pl_rows_int(rows, 7),
			      .is_default = pl_rows_int(rows, 8),
			      .filters = pl_rows_text(rows, 9) };
}

static bool is_old(const char *event)
{
	return strcmp(event, rule_old_event) == 0;
}

/* What a list says beside the rule: a newer version than its own is deployed; it has to be made
 * anew, or has been. */
static void add_marks(json_t *item, const struct rule *r, const char *replaced_by, int64_t latest)
{
	json_object_set_new(item, "outdated", json_boolean(r->version && r->version < latest));
	json_object_set_new(item, "recreate", json_boolean(is_old(r->event) && !*replaced_by));
	if (*replaced_by)
		json_object_set_new(item, "replacedBy", json_string(replaced_by));
}

/* {cursor, limit} → {items:[…], cursor}, in the order in which they are asked */
enum pl_err op_rules(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct pl_page page;
	struct pl_rows *rows;
	enum pl_err err = pl_page_read(&page, body, "rules");

	if (err)
		return err;
	rows = pl_query(
		turn,
		"select id, event, channel, condition, rank, workflow, version, enabled, "
		"is_default, filters, replaced_by, (select max(w.version) from workflow w where "
		"w.name = rule.workflow and w.deployed = 1) from rule",
		""); /* RULES_MAX at most */
	while (pl_rows_next(rows)) {
		struct rule rule = row_rule(rows);
		json_t *item = rule_json(&rule);

		add_marks(item, &rule, pl_rows_text(rows, 10), pl_rows_int(rows, 11));
		pl_page_keep(&page, item, "%s:%d:%07d:%s", rule.event, rule.is_default,
			     (int)rule.rank, rule.id);
	}
	pl_rows_free(rows);
	*replyp = pl_page_answer(&page);
	return *replyp ? PL_OK : PL_NOMEM;
}

static enum pl_err check_event(struct pl_turn *turn, const char *event)
{
	if (event_type_known(turn, event))
		return PL_OK;
	if (is_old(event))
		return pl_fail(PL_INVALID, "event: %s is called %s now", rule_old_event,
			       rule_new_event);
	return pl_fail(PL_INVALID, "event: there is no %s in the catalogue of events", event);
}

static enum pl_err check_workflow(struct pl_turn *turn, const struct rule *r)
{
	struct pl_rows *rows = pl_query(turn,
					"select count(*) from workflow where name = $1 and "
					"($2 = 0 or version = $2)",
					"si", r->workflow, r->version);
	bool found = pl_rows_next(rows) && pl_rows_int(rows, 0) > 0;

	pl_rows_free(rows);
	if (found)
		return PL_OK;
	return pl_fail(PL_NOTFOUND, "workflow: there is no such version of %s", r->workflow);
}

static enum pl_err read_version(struct rule *r, const json_t *given)
{
	const json_t *version = json_object_get(given, "version");

	if (json_is_string(version) && strcmp(json_string_value(version), "latest") == 0)
		return PL_OK;
	return pl_json_int(&r->version, given, "version", 1, INT64_MAX, false);
}

static enum pl_err read_rule(struct rule *r, const json_t *given)
{
	enum pl_err err = pl_json_text(&r->id, given, "id", 26, false);

	if (!err)
		err = pl_json_text(&r->event, given, "event", EVENT_NAME_MAX_BYTES, true);
	if (!err)
		err = pl_json_text(&r->channel, given, "channel", 40, false);
	if (!err)
		err = pl_json_text(&r->condition, given, "condition", CONDITION_MAX, false);
	if (!err)
		err = pl_json_text(&r->workflow, given, "workflow", NAME_MAX_BYTES, true);
	if (!err)
		err = pl_json_int(&r->rank, given, "rank", 0, 1000000, false);
	if (!err)
		err = pl_json_bool(&r->enabled, given, "enabled", false);
	if (!err)
		err = pl_json_bool(&r->is_default, given, "default", false);
	if (!err)
		err = read_version(r, given);
	r->channel = r->channel ? r->channel : "";
	r->condition = r->condition ? r->condition : "";
	return err;
}

/* *filtersp: JSON that the caller frees. */
static enum pl_err read_filters(char **filtersp, const struct rule *r, const json_t *given)
{
	json_t *filters = NULL;
	enum pl_err err = pl_json_array(&filters, given, "filters", FILTERS_MAX, false);
	struct event_name name;

	if (!err)
		err = event_name_read(&name, r->event);
	if (!err && filters)
		err = filter_check(filters, event_is_own(name.family) ? "contact" : "event");
	if (err)
		return err;
	*filtersp = filters ? pl_json_dump(filters) : strdup("[]");
	return *filtersp ? PL_OK : pl_fail(PL_NOMEM, "out of memory");
}

static enum pl_err check_default(const struct rule *r)
{
	if (r->is_default && (*r->condition || strcmp(r->filters, "[]") != 0))
		return pl_fail(PL_INVALID, "%s: a default rule has none",
			       *r->condition ? "condition" : "filters");
	return PL_OK;
}

/* An id that is given must be one that is kept; without one it's a new rule, for which there is
 * room. */
static enum pl_err check_id(struct pl_turn *turn, const struct rule *r)
{
	struct pl_rows *rows = pl_query(
		turn,
		"select count(*), coalesce(sum(case when id = $1 then 1 else 0 end), 0) from rule",
		"s", r->id ? r->id : "");
	bool any = pl_rows_next(rows);
	int64_t count = any ? pl_rows_int(rows, 0) : 0, same = any ? pl_rows_int(rows, 1) : 0;

	pl_rows_free(rows);
	if (r->id && !same)
		return pl_fail(PL_NOTFOUND, "there is no rule %s", r->id);
	if (!r->id && count >= RULES_MAX)
		return pl_fail(PL_TOOLARGE, "there are %d rules, no more are kept", RULES_MAX);
	return PL_OK;
}

/* Those of the old name stay as they were. */
static enum pl_err check_editable(struct pl_turn *turn, const struct rule *r)
{
	struct pl_rows *rows = pl_query(turn, "select 1 from rule where id = $1 and event = $2",
					"ss", r->id ? r->id : "", rule_old_event);
	bool is_kept = pl_rows_next(rows);

	pl_rows_free(rows);
	if (is_kept)
		return pl_fail(PL_STATE,
			       "rule %s is of %s, which is called %s now: it can't be edited; "
			       "recreate-rules makes it anew",
			       r->id, rule_old_event, rule_new_event);
	return PL_OK;
}

static enum pl_err check_rule(struct pl_turn *turn, const struct rule *r)
{
	char other[27] = "";
	enum pl_err err = check_editable(turn, r);

	if (!err)
		err = check_event(turn, r->event);
	if (!err)
		err = choice_check(r->condition);
	if (!err)
		err = check_default(r);
	if (!err)
		err = check_id(turn, r);
	if (!err)
		err = check_workflow(turn, r);
	if (!err && r->is_default)
		find_default(turn, r->event, r->channel, other);
	if (!err && other[0] && (!r->id || strcmp(r->id, other) != 0))
		err = pl_fail(PL_STATE, "rule %s is the default of this event and channel", other);
	return err;
}

/* {rule:{id, event, channel, filters, condition, rank, workflow, version, enabled, default}} →
 * {rule} */
enum pl_err op_set_rule(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct rule r = { .enabled = true, .rank = 100 };
	json_t *given = NULL;
	char *filters = NULL, id[27];
	enum pl_err err = pl_json_object(&given, body, "rule", 20, true);

	if (!err)
		err = read_rule(&r, given);
	if (!err)
		err = read_filters(&filters, &r, given);
	r.filters = filters;
	if (!err)
		err = check_rule(turn, &r);
	if (!err) {
		if (!r.id) {
			pl_id(id);
			r.id = id;
		}
		write(turn, &r);
		*replyp = json_pack("{s:o}", "rule", rule_json(&r));
	}
	free(filters);
	return err;
}

/* {id} → {} */
enum pl_err op_delete_rule(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct rule r = { 0 };
	enum pl_err err = pl_json_text(&r.id, body, "id", 26, true);

	if (!err)
		err = check_id(turn, &r);
	if (!err)
		pl_exec(turn, "delete from rule where id = $1", "s", r.id);
	return err;
}

/* ---- the renamed event ---- */

/* The newest version of each workflow that they name has to be deployed. */
static enum pl_err check_newest(struct pl_turn *turn)
{
	struct pl_rows *rows = pl_query(
		turn,
		"select r.workflow from rule r where r.event = $1 and r.replaced_by = '' and not exists "
		"(select 1 from workflow w where w.name = r.workflow and w.deployed = 1 and w.version = "
		"(select max(n.version) from workflow n where n.name = r.workflow)) limit 1",
		"s", rule_old_event);
	enum pl_err err = PL_OK;

	if (pl_rows_next(rows))
		err = pl_fail(PL_STATE, "the newest version of workflow %s isn't deployed",
			      pl_rows_text(rows, 0));
	pl_rows_free(rows);
	return err;
}

/* A default that there is already stands for the old one, too. */
static void recreate(struct pl_turn *turn, const char *old_id, const char *channel, bool is_default)
{
	char id[27] = "";

	if (is_default)
		find_default(turn, rule_new_event, channel, id);
	if (!id[0]) {
		pl_id(id);
		pl_exec(turn,
			"insert into rule (id, event, channel, condition, rank, workflow, version, "
			"enabled, is_default, filters) select $1, $2, channel, condition, rank, workflow, "
			"0, enabled, is_default, filters from rule where id = $3",
			"sss", id, rule_new_event, old_id);
	}
	pl_exec(turn, "update rule set enabled = 0, replaced_by = $2 where id = $1", "ss", old_id,
		id);
	pl_log(INFO, "rule.recreated", NULL, "rule=%s of=%s", id, old_id);
}

/* {} → {recreated}: the rules of all channels whose event was renamed, with the latest version; the
 * old ones are kept, off */
enum pl_err op_recreate_rules(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	json_t *old = json_array(), *item;
	struct pl_rows *rows;
	int64_t count = 0;
	size_t i;
	enum pl_err err = check_newest(turn);

	(void)body;
	rows = pl_query(turn, "select count(*) from rule", "");
	if (pl_rows_next(rows))
		count = pl_rows_int(rows, 0);
	pl_rows_free(rows);
	rows = pl_query(turn,
			"select id, channel, is_default from rule where event = $1 and "
			"replaced_by = '' order by id",
			"s", rule_old_event);
	while (pl_rows_next(rows))
		json_array_append_new(old,
				      json_pack("[s, s, b]", pl_rows_text(rows, 0),
						pl_rows_text(rows, 1), pl_rows_int(rows, 2) != 0));
	pl_rows_free(rows);
	if (!err && count + (int64_t)json_array_size(old) > RULES_MAX)
		err = pl_fail(
			PL_TOOLARGE,
			"there are %ld rules, and no more than %d are kept: delete some first",
			(long)count, RULES_MAX);
	if (!err) {
		json_array_foreach(old, i, item)
			recreate(turn, json_string_value(json_array_get(item, 0)),
				 json_string_value(json_array_get(item, 1)),
				 json_is_true(json_array_get(item, 2)));
		*replyp = json_pack("{s:I}", "recreated", (json_int_t)json_array_size(old));
	}
	json_decref(old);
	return err;
}
