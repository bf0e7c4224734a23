/*
 * history.c — instances and what they did: listed, shown, and swept once they are old.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "designer.h"
#include "incident.h"
#include "pelago/json.h"
#include "pelago/page.h"

enum {
	SWEEP = 500,	      /* instances of one tick */
	HISTORY_MAX = 262144, /* bytes of history in a reply: the newest */
	STEPS_MOST = 2000,
	DAY_MS = 86400000,
};

#define LIST                                                                                           \
	"select id, contact, workflow, version, status, started_ms, ended_ms, failure from instance "  \
	"where ($1 = '' or contact = $1) and ($2 = '' or workflow = $2) and ($3 = '' or status = $3) " \
	"and ($4 = '' or id < $4) "
#define NEWEST "order by id desc limit $5"

/* One index can lead the search: the most selective of what is asked for. */
static const char by_contact[] = LIST "and contact = $1 " NEWEST;
static const char by_workflow[] = LIST "and workflow = $2 " NEWEST;
static const char by_status[] = LIST "and status = $3 " NEWEST;
static const char by_id[] = LIST NEWEST;

static json_t *list_row(const struct pl_rows *rows)
{
	json_t *row =
		json_pack("{s:s, s:s, s:s, s:I, s:s, s:I}", "id", pl_rows_text(rows, 0),
			  "contactId", pl_rows_text(rows, 1), "workflow", pl_rows_text(rows, 2),
			  "version", (json_int_t)pl_rows_int(rows, 3), "status",
			  pl_rows_text(rows, 4), "startedMs", (json_int_t)pl_rows_int(rows, 5));

	if (pl_rows_int(rows, 6))
		json_object_set_new(row, "endedMs", json_integer(pl_rows_int(rows, 6)));
	if (!pl_rows_is_null(rows, 7))
		json_object_set_new(row, "failure", json_loads(pl_rows_text(rows, 7), 0, NULL));
	return row;
}

static enum pl_err read_filters(const json_t *body, const char *filters[3])
{
	static const char *const names[] = { "contactId", "workflow", "status" };
	enum pl_err err = PL_OK;

	for (int i = 0; !err && i < 3; i++) {
		filters[i] = NULL;
		err = pl_json_text(&filters[i], body, names[i], NAME_MAX_BYTES, false);
		if (!filters[i])
			filters[i] = "";
	}
	return err;
}

/* {contactId, workflow, status, cursor, limit} → {items:[…], cursor}, the newest first */
enum pl_err op_instances(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *f[3], *sql;
	struct pl_page page;
	struct pl_rows *rows;
	enum pl_err err = read_filters(body, f);

	if (!err)
		err = pl_page_read(&page, body, "instances");
	if (err)
		return err;
	sql = *f[0] ? by_contact : *f[1] ? by_workflow : *f[2] ? by_status : by_id;
	rows = pl_query(turn, sql, "ssssi", f[0], f[1], f[2], page.after, page.limit + 1);
	while (pl_rows_next(rows))
		pl_page_add(&page, list_row(rows), "%s", pl_rows_text(rows, 0));
	pl_rows_free(rows);
	*replyp = pl_page_answer(&page);
	return *replyp ? PL_OK : PL_NOMEM;
}

/* A step's row as entries {element, what, atMs}, in front of what is there. */
static void put_step(json_t *history, int64_t at_ms, const char *text)
{
	json_t *trace = json_loads(text, 0, NULL), *entry;
	size_t i;

	json_array_foreach(trace, i, entry)
		json_array_insert_new(
			history, i,
			json_pack("{s:O, s:O, s:I}", "element", json_array_get(entry, 0), "what",
				  json_array_get(entry, 1), "atMs", (json_int_t)at_ms));
	json_decref(trace);
}

static json_t *history_of(struct pl_turn *turn, const char *id)
{
	struct pl_rows *rows = pl_query(turn,
					"select at_ms, trace from history where instance = $1 "
					"order by n desc limit $2",
					"si", id, (int64_t)STEPS_MOST);
	json_t *history = json_array();
	size_t bytes = 0;

	while (pl_rows_next(rows) && bytes < HISTORY_MAX) {
		put_step(history, pl_rows_int(rows, 0), pl_rows_text(rows, 1));
		bytes += 3 * strlen(pl_rows_text(rows, 1)); /* members' names and the time */
	}
	pl_rows_free(rows);
	return history;
}

/* {id} → {id, …, tokens, variables, incidents, history} */
enum pl_err op_instance(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	json_t *instance = NULL, *state = NULL;
	const char *id = NULL;
	struct pl_rows *rows;
	enum pl_err err = pl_json_text(&id, body, "id", 26, true);

	if (err)
		return err;
	rows = pl_query(
		turn,
		"select id, contact, workflow, version, status, started_ms, ended_ms, failure, "
		"state from instance where id = $1",
		"s", id);
	if (pl_rows_next(rows)) {
		instance = list_row(rows);
		if (!pl_rows_is_null(rows, 8))
			state = json_loads(pl_rows_text(rows, 8), 0, NULL);
	}
	pl_rows_free(rows);
	if (!instance)
		return pl_fail(PL_NOTFOUND, "there is no instance %s", id);
	json_object_set(instance, "tokens", json_object_get(state, "tokens"));
	json_object_set(instance, "variables", json_object_get(state, "variables"));
	json_object_set_new(instance, "incidents", incident_list(turn, id));
	json_object_set_new(instance, "history", history_of(turn, id));
	json_decref(state);
	*replyp = instance;
	return PL_OK;
}

void instance_sweep(struct pl_turn *turn)
{
	int64_t days = pl_attribute_get(pl_turn_service(turn), "keep_days");
	int64_t before_ms = pl_turn_now_ms(turn) - days * DAY_MS;
	struct pl_rows *rows =
		pl_query(turn,
			 "select id from instance where ended_ms > 0 and ended_ms <= $1 "
			 "order by ended_ms, id limit $2",
			 "ii", before_ms, (int64_t)SWEEP);
	json_t *ids = json_array();
	char *list;

	while (pl_rows_next(rows))
		json_array_append_new(ids, json_string(pl_rows_text(rows, 0)));
	pl_rows_free(rows);
	list = json_array_size(ids) ? pl_json_dump(ids) : NULL;
	json_decref(ids);
	if (!list)
		return; /* no write, so no sync of the disk */
	pl_exec(turn, "delete from history where instance in PL_LIST($1)", "s", list);
	pl_exec(turn, "delete from instance where id in PL_LIST($1)", "s", list);
	free(list);
}
