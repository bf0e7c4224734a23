/* migration.c — see migration.h. SPDX-License-Identifier: Apache-2.0 */
#include "migration.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engines/bpmn/bpmn.h"
#include "move.h"
#include "pelago/json.h"
#include "pelago/log.h"
#include "pelago/page.h"

enum {
	BATCH = 100,	     /* instances of a turn */
	MAPPINGS_MAX = 1000, /* ids of a mapping */
	MAPPING_MAX = 65536, /* bytes */
	SWEEP = 2000,	     /* rows of a migration that are forgotten in a tick */
	DAY_MS = 86400000,
};

/* STATE(name, is_over) */
#define STATES                                                                                     \
	STATE(LOOKING, false) /* a dry run */                                                      \
	STATE(MOVING, false)                                                                       \
	STATE(UNDOING, false)                                                                      \
	STATE(LOOKED, true)                                                                        \
	STATE(MOVED, true)                                                                         \
	STATE(UNDONE, true)                                                                        \
	STATE(FAILED, true) /* see why */

enum state {
#define STATE(name, is_over) STATE_##name,
	STATES
#undef STATE
		STATE_COUNT
};

static const struct {
	const char *name;
	bool is_over;
} states[] = {
#define STATE(name, is_over) { #name, is_over },
	STATES
#undef STATE
};

struct migration { /* a row */
	char id[27], workflow[NAME_MAX_BYTES + 1], at[27];
	int64_t from, to, looked, moved, stuck, undone, created_ms, ended_ms;
	enum state state;
	json_t *mapping, *by, *why;
};

#define COLUMNS                                                                                    \
	"select id, workflow, from_version, to_version, state, at, looked, moved, stuck, undone, " \
	"created_ms, ended_ms, mapping, created_by, why from migration "

static void migration_fini(struct migration *m)
{
	json_decref(m->mapping);
	json_decref(m->by);
	json_decref(m->why);
}

static enum state state_of(const char *name)
{
	for (int i = 0; i < STATE_COUNT; i++)
		if (strcmp(states[i].name, name) == 0)
			return (enum state)i;
	return STATE_FAILED;
}

/* False past the last; else migration_fini follows. */
static bool migration_next(struct migration *m, struct pl_rows *rows)
{
	*m = (struct migration){ 0 };
	if (!pl_rows_next(rows))
		return false;
	snprintf(m->id, sizeof(m->id), "%s", pl_rows_text(rows, 0));
	snprintf(m->workflow, sizeof(m->workflow), "%s", pl_rows_text(rows, 1));
	m->from = pl_rows_int(rows, 2);
	m->to = pl_rows_int(rows, 3);
	m->state = state_of(pl_rows_text(rows, 4));
	snprintf(m->at, sizeof(m->at), "%s", pl_rows_text(rows, 5));
	m->looked = pl_rows_int(rows, 6);
	m->moved = pl_rows_int(rows, 7);
	m->stuck = pl_rows_int(rows, 8);
	m->undone = pl_rows_int(rows, 9);
	m->created_ms = pl_rows_int(rows, 10);
	m->ended_ms = pl_rows_int(rows, 11);
	m->mapping = json_loads(pl_rows_text(rows, 12), 0, NULL);
	m->by = json_string(pl_rows_text(rows, 13));
	m->why = json_string(pl_rows_text(rows, 14));
	return true;
}

static bool migration_find(struct pl_turn *turn, struct migration *m, const char *id)
{
	struct pl_rows *rows = pl_query(turn, COLUMNS "where id = $1", "s", id);
	bool found = migration_next(m, rows);

	pl_rows_free(rows);
	return found;
}

static void migration_keep(struct pl_turn *turn, struct migration *m)
{
	m->ended_ms = states[m->state].is_over ? pl_turn_now_ms(turn) : 0;
	pl_exec(turn,
		"update migration set state = $2, at = $3, looked = $4, moved = $5, stuck = $6, "
		"undone = $7, ended_ms = $8, why = $9 where id = $1",
		"sssiiiiis", m->id, states[m->state].name, m->at, m->looked, m->moved, m->stuck,
		m->undone, m->ended_ms, json_string_value(m->why));
	if (m->ended_ms)
		pl_log(INFO, "workflow.migration", NULL,
		       "migration=%s workflow=%s from=%ld to=%ld state=%s moved=%ld stuck=%ld "
		       "undone=%ld",
		       m->id, m->workflow, (long)m->from, (long)m->to, states[m->state].name,
		       (long)m->moved, (long)m->stuck, (long)m->undone);
	else
		pl_timer_set(turn, "migration", m->id, PL_TIMER_ELAPSED, 0, NULL);
}

static json_t *migration_json(const struct migration *m)
{
	json_t *json =
		json_pack("{s:s, s:s, s:I, s:I, s:s, s:O, s:I, s:I, s:I, s:I, s:I, s:O}", "id",
			  m->id, "workflow", m->workflow, "from", (json_int_t)m->from, "to",
			  (json_int_t)m->to, "state", states[m->state].name, "mapping", m->mapping,
			  "looked", (json_int_t)m->looked, "moved", (json_int_t)m->moved, "stuck",
			  (json_int_t)m->stuck, "undone", (json_int_t)m->undone, "createdMs",
			  (json_int_t)m->created_ms, "createdBy", m->by);

	if (m->ended_ms)
		json_object_set_new(json, "endedMs", json_integer(m->ended_ms));
	if (json_string_length(m->why))
		json_object_set(json, "why", m->why);
	return json;
}

/* ---- what came of each instance ---- */

/* outcome: "stuck", "moved", "undone", "stays" (can't go back). */
static void note(struct pl_turn *turn, const struct migration *m, const struct instance *in,
		 const char *outcome, const json_t *why, const json_t *before)
{
	char *reasons = why ? pl_json_dump(why) : NULL,
	     *text = before ? pl_json_dump(before) : NULL;

	pl_exec(turn,
		"insert into migrated (migration, instance, outcome, why, before, steps) "
		"values ($1, $2, $3, $4, $5, $6) on conflict (migration, instance) do update set "
		"outcome = excluded.outcome, why = excluded.why, before = excluded.before",
		"sssssi", m->id, in->id, outcome, reasons, text, in->steps);
	free(reasons);
	free(text);
}

static enum pl_err go_over(struct pl_turn *turn, struct migration *m, struct instance *in,
			   const struct move *move)
{
	bool dry = m->state == STATE_LOOKING;
	json_t *why = NULL, *before = NULL;
	enum pl_err err = move_over(turn, in, move, dry, &why, &before);

	if (err)
		return err;
	m->looked++;
	if (why)
		m->stuck++;
	else if (!dry)
		m->moved++;
	if (why || !dry)
		note(turn, m, in, why ? "stuck" : "moved", why, before);
	json_decref(why);
	json_decref(before);
	return PL_OK;
}

struct was { /* of an instance as it had moved */
	int64_t steps;
	json_t *before;
};

static void was_find(struct pl_turn *turn, struct was *was, const struct migration *m,
		     const char *id)
{
	struct pl_rows *rows = pl_query(
		turn, "select steps, before from migrated where migration = $1 and instance = $2",
		"ss", m->id, id);

	*was = (struct was){ .steps = -1 };
	if (pl_rows_next(rows)) {
		was->steps = pl_rows_int(rows, 0);
		if (!pl_rows_is_null(rows, 1))
			was->before = json_loads(pl_rows_text(rows, 1), 0, NULL);
	}
	pl_rows_free(rows);
}

static enum pl_err go_back(struct pl_turn *turn, struct migration *m, struct instance *in,
			   const struct move *move)
{
	struct was was;
	json_t *why = NULL;
	enum pl_err err;

	if (in->status != INSTANCE_RUNNING || in->version != m->to)
		return PL_OK; /* over, or gone on to another version */
	was_find(turn, &was, m, in->id);
	if (was.before && was.steps == in->steps)
		err = move_back(turn, in, move, was.before, &why);
	else
		err = move_over(turn, in, move, false, &why, NULL);
	if (!err) {
		m->undone += !why;
		note(turn, m, in, why ? "stays" : "undone", why, NULL);
	}
	json_decref(why);
	json_decref(was.before);
	return err;
}

/* ---- a batch ---- */

typedef enum pl_err go_fn(struct pl_turn *turn, struct migration *m, struct instance *in,
			  const struct move *move);

static struct pl_rows *batch(struct pl_turn *turn, const struct migration *m)
{
	if (m->state == STATE_UNDOING)
		return pl_query(turn,
				"select instance from migrated where migration = $1 and "
				"instance > $2 and outcome = 'moved' order by instance limit $3",
				"ssi", m->id, m->at, (int64_t)BATCH);
	return pl_query(turn,
			"select id from instance where workflow = $1 and version = $2 and "
			"status = 'RUNNING' and id > $3 order by id limit $4",
			"sisi", m->workflow, m->from, m->at, (int64_t)BATCH);
}

static enum pl_err go_all(struct pl_turn *turn, struct migration *m, const struct move *move)
{
	go_fn *go = m->state == STATE_UNDOING ? go_back : go_over;
	struct pl_rows *rows = batch(turn, m);
	json_t *ids = json_array(), *id;
	enum pl_err err = PL_OK;
	size_t i;

	while (pl_rows_next(rows))
		json_array_append_new(ids, json_string(pl_rows_text(rows, 0)));
	pl_rows_free(rows);
	json_array_foreach(ids, i, id) {
		struct instance in;

		pl_turn_beat(turn);
		if (instance_find(turn, &in, json_string_value(id)))
			err = go(turn, m, &in, move);
		instance_fini(&in);
		if (err)
			break;
		snprintf(m->at, sizeof(m->at), "%s", json_string_value(id));
	}
	if (json_array_size(ids) < BATCH)
		m->state = m->state == STATE_UNDOING   ? STATE_UNDONE
			   : m->state == STATE_LOOKING ? STATE_LOOKED
						       : STATE_MOVED;
	json_decref(ids);
	return err;
}

/* New to old, where the old version has nothing of the new id itself. */
static json_t *other_way_round(const json_t *mapping, const struct bpmn_model *old)
{
	json_t *back = json_object(), *to;
	struct bpmn_element_info info;
	const char *id;

	json_object_foreach((json_t *)mapping, id, to)
		if (!bpmn_model_find(old, json_string_value(to), &info) &&
		    !json_object_get(back, json_string_value(to)))
			json_object_set_new(back, json_string_value(to), json_string(id));
	return back;
}

static enum pl_err go_on(struct pl_turn *turn, struct migration *m)
{
	bool back = m->state == STATE_UNDOING;
	struct move move = { .version = back ? m->from : m->to };
	json_t *mapping = NULL;
	enum pl_err err = definition_model(turn, m->workflow, move.version, &move.model);

	if (err == PL_NOMEM)
		return err;
	if (err) {
		json_decref(m->why);
		m->why = json_string(pl_err_detail(err));
		m->state = STATE_FAILED;
		return PL_OK;
	}
	mapping = back ? other_way_round(m->mapping, move.model) : json_incref(m->mapping);
	move.mapping = mapping;
	err = go_all(turn, m, &move);
	json_decref(mapping);
	return err;
}

enum pl_err migration_on_timer(struct pl_turn *turn, const char *key, const json_t *body)
{
	struct migration m;
	enum pl_err err = PL_OK;

	(void)body;
	if (migration_find(turn, &m, key) && !states[m.state].is_over) {
		err = go_on(turn, &m);
		if (!err)
			migration_keep(turn, &m);
	}
	migration_fini(&m);
	return err;
}

/* ---- operations ---- */

static enum pl_err check_mapping(const json_t *mapping, const char **textp)
{
	const char *id;
	json_t *to;

	json_object_foreach((json_t *)mapping, id, to)
		if (!json_is_string(to) || !*json_string_value(to))
			return pl_fail(PL_INVALID, "mapping: %.200s is mapped to no id", id);
	*textp = mapping ? pl_json_dump(mapping) : strdup("{}");
	if (!*textp)
		return pl_fail(PL_NOMEM, "out of memory");
	if (strlen(*textp) > MAPPING_MAX)
		return pl_fail(PL_TOOLARGE, "mapping: larger than %d bytes", MAPPING_MAX);
	return PL_OK;
}

/* One at a time, so that it is clear what each undoes. */
static enum pl_err check_alone(struct pl_turn *turn, const char *workflow)
{
	struct pl_rows *rows = pl_query(turn,
					"select id from migration where workflow = $1 and "
					"ended_ms = 0 limit 1",
					"s", workflow);
	enum pl_err err = PL_OK;

	if (pl_rows_next(rows))
		err = pl_fail(PL_STATE, "migration %s of %s goes on; wait until it is over",
			      pl_rows_text(rows, 0), workflow);
	pl_rows_free(rows);
	return err;
}

struct wish {
	const char *name, *by;
	int64_t from, to;
	json_t *mapping;
	bool dry;
};

static enum pl_err read_wish(struct wish *wish, const json_t *body)
{
	enum pl_err err = pl_json_text(&wish->name, body, "name", NAME_MAX_BYTES, true);

	if (!err)
		err = pl_json_int(&wish->from, body, "from", 1, INT64_MAX, true);
	if (!err)
		err = pl_json_int(&wish->to, body, "to", 1, INT64_MAX, true);
	if (!err)
		err = pl_json_object(&wish->mapping, body, "mapping", MAPPINGS_MAX, false);
	if (!err)
		err = pl_json_bool(&wish->dry, body, "dryRun", false);
	if (!err)
		err = pl_json_text(&wish->by, body, "by", 200, false);
	if (!err && wish->from == wish->to)
		err = pl_fail(PL_INVALID, "from and to are the same version");
	return err;
}

static bool is_deployed(struct pl_turn *turn, const char *name, int64_t version)
{
	struct pl_rows *rows = pl_query(
		turn, "select 1 from workflow where name = $1 and version = $2 and deployed = 1",
		"si", name, version);
	bool found = pl_rows_next(rows);

	pl_rows_free(rows);
	return found;
}

/* What it goes to must be able to run; what it comes from must be there. */
static enum pl_err check_versions(struct pl_turn *turn, const struct wish *wish)
{
	const struct bpmn_model *model = NULL;
	enum pl_err err = definition_model(turn, wish->name, wish->from, &model);

	if (!err)
		err = definition_check(turn, wish->name, wish->to);
	if (!err && !wish->dry && !is_deployed(turn, wish->name, wish->to))
		err = pl_fail(PL_STATE, "%s version %ld is not deployed: deploy it first",
			      wish->name, (long)wish->to);
	return err;
}

/* {name, from, to, mapping, dryRun, by} → the migration, which has begun */
enum pl_err op_migrate(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct wish wish = { .by = NULL };
	struct migration m;
	const char *mapping = NULL;
	enum pl_err err = read_wish(&wish, body);

	if (!err)
		err = check_mapping(wish.mapping, &mapping);
	if (!err)
		err = check_versions(turn, &wish);
	if (!err)
		err = check_alone(turn, wish.name);
	if (!err) {
		m = (struct migration){ .from = wish.from,
					.to = wish.to,
					.state = wish.dry ? STATE_LOOKING : STATE_MOVING,
					.created_ms = pl_turn_now_ms(turn),
					.mapping = json_loads(mapping, 0, NULL),
					.by = json_string(wish.by ? wish.by : ""),
					.why = json_string("") };
		pl_id(m.id);
		snprintf(m.workflow, sizeof(m.workflow), "%s", wish.name);
		pl_exec(turn,
			"insert into migration (id, workflow, from_version, to_version, mapping, state, "
			"at, looked, moved, stuck, undone, created_ms, created_by, ended_ms, why) "
			"values ($1, $2, $3, $4, $5, $6, '', 0, 0, 0, 0, $7, $8, 0, '')",
			"ssiissis", m.id, m.workflow, m.from, m.to, mapping, states[m.state].name,
			m.created_ms, json_string_value(m.by));
		migration_keep(turn, &m);
		*replyp = migration_json(&m);
		migration_fini(&m);
	}
	free((char *)mapping);
	return err;
}

/* {workflow, limit, cursor} → {items:[migration], cursor}, the newest first; without: of all */
enum pl_err op_migrations(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *name = NULL;
	struct pl_page page;
	struct pl_rows *rows;
	struct migration m;
	enum pl_err err = pl_json_text(&name, body, "workflow", NAME_MAX_BYTES, false);

	if (!err)
		err = pl_page_read(&page, body, "migrations");
	if (err)
		return err;
	rows = pl_query(turn,
			COLUMNS "where ($1 = '' or workflow = $1) and ($2 = '' or id < $2) "
				"order by id desc limit $3",
			"ssi", name ? name : "", page.after, page.limit + 1);
	while (migration_next(&m, rows)) {
		pl_page_add(&page, migration_json(&m), "%s", m.id);
		migration_fini(&m);
	}
	pl_rows_free(rows);
	*replyp = pl_page_answer(&page);
	return *replyp ? PL_OK : PL_NOMEM;
}

static enum pl_err find_asked(struct pl_turn *turn, struct migration *m, const json_t *body)
{
	const char *id = NULL;
	enum pl_err err = pl_json_text(&id, body, "id", 26, true);

	*m = (struct migration){ 0 };
	if (!err && !migration_find(turn, m, id))
		err = pl_fail(PL_NOTFOUND, "there is no migration %s", id);
	return err;
}

static void add_stuck(struct pl_turn *turn, struct pl_page *page, const struct migration *m)
{
	struct pl_rows *rows = pl_query(
		turn,
		"select g.instance, g.outcome, g.why, i.contact from migrated g left join instance i "
		"on i.id = g.instance where g.migration = $1 and g.instance > $2 and "
		"g.outcome in ('stuck', 'stays') order by g.instance limit $3",
		"ssi", m->id, page->after, page->limit + 1);
	size_t bytes = 0;

	while (bytes <= PAGE_BYTES && pl_rows_next(rows)) {
		pl_page_add(page,
			    json_pack("{s:s, s:s, s:s, s:o}", "instanceId", pl_rows_text(rows, 0),
				      "outcome", pl_rows_text(rows, 1), "contactId",
				      pl_rows_is_null(rows, 3) ? "" : pl_rows_text(rows, 3), "why",
				      pl_rows_is_null(rows, 2)
					      ? json_array()
					      : json_loads(pl_rows_text(rows, 2), 0, NULL)),
			    "%s", pl_rows_text(rows, 0));
		bytes += strlen(pl_rows_text(rows, 2));
		if (bytes > PAGE_BYTES)
			pl_page_stop(page, "%s", pl_rows_text(rows, 0));
	}
	pl_rows_free(rows);
}

/* {id} → the migration */
enum pl_err op_migration(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct migration m;
	enum pl_err err = find_asked(turn, &m, body);

	if (!err)
		*replyp = migration_json(&m);
	migration_fini(&m);
	return err;
}

/* {id, limit, cursor} → {items:[{instanceId, contactId, outcome, why:[{element, to, reason}]}],
 * cursor}: those that are stuck, or can't go back */
enum pl_err op_migration_instances(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct migration m = { 0 };
	struct pl_page page;
	enum pl_err err = pl_page_read(&page, body, "migration-instances");

	if (!err)
		err = find_asked(turn, &m, body);
	if (!err) {
		add_stuck(turn, &page, &m);
		*replyp = pl_page_answer(&page);
	}
	migration_fini(&m);
	return err ? err : *replyp ? PL_OK : PL_NOMEM;
}

/* {id} → the migration, which is being undone */
enum pl_err op_undo_migration(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct migration m;
	enum pl_err err = find_asked(turn, &m, body);

	if (!err && m.state != STATE_MOVING && m.state != STATE_MOVED)
		err = pl_fail(PL_STATE, "migration %s is %s: there is nothing to be undone", m.id,
			      states[m.state].name);
	if (!err && m.state == STATE_MOVED)
		err = check_alone(turn, m.workflow);
	if (!err) {
		m.state = STATE_UNDOING;
		m.at[0] = '\0';
		migration_keep(turn, &m);
		*replyp = migration_json(&m);
	}
	migration_fini(&m);
	return err;
}

/* ---- the tick ---- */

/* For a day they are kept always: who began one asks how it ended, and may want it undone. */
static void forget_old(struct pl_turn *turn)
{
	int64_t kept_days = pl_attribute_get(pl_turn_service(turn), "keep_days"),
		days = kept_days > 0 ? kept_days : 1;
	struct pl_rows *rows =
		pl_query(turn,
			 "select id from migration where ended_ms > 0 and ended_ms <= $1 "
			 "order by ended_ms limit 1",
			 "i", pl_turn_now_ms(turn) - days * DAY_MS);
	char id[27] = "";

	if (pl_rows_next(rows))
		snprintf(id, sizeof(id), "%s", pl_rows_text(rows, 0));
	pl_rows_free(rows);
	if (!*id)
		return;
	pl_exec(turn,
		"delete from migrated where migration = $1 and instance in (select instance from "
		"migrated where migration = $1 order by instance limit $2)",
		"si", id, (int64_t)SWEEP);
	pl_exec(turn,
		"delete from migration where id = $1 and not exists (select 1 from migrated where "
		"migration = $1)",
		"s", id);
}

enum pl_err migration_tick(struct pl_turn *turn)
{
	struct pl_rows *rows =
		pl_query(turn, "select id from migration where ended_ms = 0 order by id", "");
	json_t *ids = json_array(), *id;
	size_t i;

	while (pl_rows_next(rows))
		json_array_append_new(ids, json_string(pl_rows_text(rows, 0)));
	pl_rows_free(rows);
	json_array_foreach(ids, i, id)
		if (pl_timer_left_ms(turn, "migration", json_string_value(id)) < 0)
			pl_timer_set(turn, "migration", json_string_value(id), PL_TIMER_ELAPSED, 0,
				     NULL);
	json_decref(ids);
	forget_old(turn);
	return PL_OK;
}
