/* kept.c — see connector.h. SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "connector.h"
#include "pelago/json.h"
#include "pelago/metric.h"

enum { SWEEP = 1000 };

/*
 * event  given: the id that its sender gave; hash: of all that it says; status: "waiting",
 *        "delivered", "started", "kept", "unheard", "refused"; why: of one that was refused
 */
const struct pl_migration migrations[] = {
	{ 1,
	  "create table event (id TEXT not null primary key, sender TEXT not null, "
	  "given TEXT not null, hash TEXT not null, name TEXT not null, version BIGINT not null, "
	  "key TEXT not null, received_ms BIGINT not null, status TEXT not null, "
	  "instance TEXT not null, why TEXT not null);"
	  "create unique index event_given on event (sender, given);"
	  "create index event_received on event (received_ms);"
	  "create index event_waiting on event (status) where status = 'waiting'" },
};
const size_t migrations_count = sizeof(migrations) / sizeof(migrations[0]);

static int64_t waiting; /* mirrored from the database */

static struct pl_metric waits = { .name = "eventing_waiting",
				  .text = "Events of other systems that wait for workflows",
				  .kind = PL_GAUGE };
static struct pl_metric taken = { .name = "eventing_taken_total",
				  .text = "Events of other systems that were taken" };
static struct pl_metric repeated = { .name = "eventing_repeated_total",
				     .text = "Events of other systems that came once more" };

enum pl_err kept_rebuild(struct pl_turn *turn)
{
	struct pl_rows *rows =
		pl_query(turn, "select count(*) from event where status = 'waiting'", "");

	waiting = pl_rows_next(rows) ? pl_rows_int(rows, 0) : 0;
	pl_rows_free(rows);
	pl_metric_set(&waits, (double)waiting);
	return PL_OK;
}

#define COLUMNS "id, given, hash, name, version, key, received_ms, status, instance, why, sender "

static json_t *row_json(const struct pl_rows *rows)
{
	json_t *json = json_pack(
		"{s:s, s:s, s:s, s:I, s:s, s:s, s:I, s:s, s:o}", "eventId", pl_rows_text(rows, 0),
		"id", pl_rows_text(rows, 1), "name", pl_rows_text(rows, 3), "version",
		(json_int_t)pl_rows_int(rows, 4), "key", pl_rows_text(rows, 5), "sender",
		pl_rows_text(rows, 10), "receivedMs", (json_int_t)pl_rows_int(rows, 6), "status",
		pl_rows_text(rows, 7), "instanceId",
		*pl_rows_text(rows, 8) ? json_string(pl_rows_text(rows, 8)) : json_null());

	if (*pl_rows_text(rows, 9))
		json_object_set_new(json, "why", json_string(pl_rows_text(rows, 9)));
	return json;
}

enum pl_err kept_find(struct pl_turn *turn, const struct posted *p, json_t **eventp)
{
	struct pl_rows *rows = NULL;
	char hash[HASH_ROOM];
	enum pl_err err = posted_hash(hash, p);

	*eventp = NULL;
	if (err)
		return err;
	rows = pl_query(turn, "select " COLUMNS "from event where sender = $1 and given = $2", "ss",
			p->sender, p->id);
	if (pl_rows_next(rows)) {
		if (strcmp(pl_rows_text(rows, 2), hash) != 0)
			err = pl_fail(PL_STATE,
				      "id: an event %.100s with other content was taken before; a "
				      "new event needs an id of its own",
				      p->id);
		else
			*eventp = row_json(rows);
	}
	pl_rows_free(rows);
	return err;
}

void kept_mark_repeated(json_t *event)
{
	json_object_set_new(event, "repeated", json_true());
	pl_metric_add(&repeated, 1);
}

enum pl_err kept_check_room(struct pl_turn *turn)
{
	int64_t most = pl_attribute_get(pl_turn_service(turn), "backlog");

	if (waiting < most)
		return PL_OK;
	return pl_fail(PL_FULL, "%lld events wait for workflows already: post it again later",
		       (long long)waiting);
}

enum pl_err kept_add(struct pl_turn *turn, const struct posted *p, const char *name,
		     int64_t version, char id[27])
{
	char hash[HASH_ROOM];
	enum pl_err err = posted_hash(hash, p);

	if (err)
		return err;
	pl_id(id);
	pl_exec(turn,
		"insert into event (id, sender, given, hash, name, version, key, received_ms, "
		"status, instance, why) values ($1, $2, $3, $4, $5, $6, $7, $8, 'waiting', '', '')",
		"sssssisi", id, p->sender, p->id, hash, name, version, p->key,
		pl_turn_now_ms(turn));
	pl_metric_set(&waits, (double)++waiting);
	pl_metric_add(&taken, 1);
	return PL_OK;
}

void kept_settle(struct pl_turn *turn, const char *id, const char *status, const char *instance,
		 const char *why)
{
	pl_exec(turn, "update event set status = $2, instance = $3, why = $4 where id = $1", "ssss",
		id, status, instance, why);
	pl_metric_set(&waits, (double)--waiting);
}

static bool has_role(const json_t *body, const char *role)
{
	const json_t *one;
	size_t i;

	json_array_foreach(pl_json_get(body, "user.roles"), i, one)
		if (json_is_string(one) && strcmp(json_string_value(one), role) == 0)
			return true;
	return false;
}

/* A system sees what it has posted itself. */
enum pl_err op_event(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *id = NULL;
	struct pl_rows *rows;
	json_t *found = NULL;
	enum pl_err err = pl_json_text(&id, body, "path.id", 100, true);

	if (err)
		return err;
	rows = pl_query(turn, "select " COLUMNS "from event where id = $1", "s", id);
	if (pl_rows_next(rows) &&
	    (has_role(body, "administrator") || has_role(body, "designer") ||
	     strcmp(pl_rows_text(rows, 10), pl_json_get_text(body, "user.sub")) == 0))
		found = row_json(rows);
	pl_rows_free(rows);
	if (!found)
		return pl_fail(PL_NOTFOUND, "there is no event %s", id);
	*replyp = json_pack("{s:i, s:o}", "status", 200, "body", found);
	return PL_OK;
}

/* An id is forgotten only once its event would be too late, also one whose sender's clock was
 * ahead.
 */
enum pl_err kept_sweep(struct pl_turn *turn)
{
	const struct pl_service *service = pl_turn_service(turn);
	int64_t kept_s = 86400 * pl_attribute_get(service, "kept");
	int64_t late_s = pl_attribute_get(service, "late");
	int64_t before_ms =
		pl_turn_now_ms(turn) - 1000 * (kept_s > late_s ? kept_s : late_s) - POSTED_AHEAD_MS;
	json_t *ids = json_array();
	struct pl_rows *rows =
		pl_query(turn,
			 "select id from event where received_ms < $1 and status <> 'waiting' "
			 "order by received_ms limit $2",
			 "ii", before_ms, (int64_t)SWEEP);
	char *list;

	while (pl_rows_next(rows))
		json_array_append_new(ids, json_string(pl_rows_text(rows, 0)));
	pl_rows_free(rows);
	list = json_array_size(ids) ? pl_json_dump(ids) : NULL;
	json_decref(ids);
	if (list) /* else no write, so no sync of the disk */
		pl_exec(turn, "delete from event where id in PL_LIST($1)", "s", list);
	free(list);
	return PL_OK;
}
