/*
 * alarm.c — the table of alarms.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "alarm.h"

#include <stdlib.h>
#include <string.h>

#include "pelago/json.h"
#include "pelago/log.h"
#include "pelago/metric.h"
#include "pelago/page.h"

enum { KEY_MAX = 64, SOURCE_MAX = 64, SUBJECT_MAX = 200, REASON_MAX = 512, OLD_ROWS = 500 };

static const int64_t kept_ms = (int64_t)90 * 86400000; /* cleared ones */

static const struct alarm_kind kinds[] = {
#define CRITICAL					 "critical"
#define MAJOR						 "major"
#define MINOR						 "minor"
#define WARNING						 "warning"
#define ITSELF						 true
#define BY_ACK						 false
#define PL_ALARM(key, severity, ends, title, cause, fix) { key, severity, ends, title, cause, fix },
#include "tables/alarm.h"
#undef PL_ALARM
#undef CRITICAL
#undef MAJOR
#undef MINOR
#undef WARNING
#undef ITSELF
#undef BY_ACK
};

static struct pl_metric open_count = { .name = "alarms_open",
				       .text = "Alarms that are open",
				       .kind = PL_GAUGE };

const char alarm_tables[] =
	"create table alarm (id TEXT primary key, key TEXT not null, source TEXT not null,"
	" subject TEXT not null, watched BIGINT not null, reason TEXT not null,"
	" count BIGINT not null, raised_ms BIGINT not null, last_ms BIGINT not null,"
	" cleared_ms BIGINT not null, acked_by TEXT not null, acked_ms BIGINT not null);"
	"create index alarm_cleared on alarm (cleared_ms);"
	"create table alarm_receiver (name TEXT primary key, settings TEXT not null,"
	" secret TEXT not null, sent_ms BIGINT not null);"
	"create table alarm_notice (id TEXT primary key, receiver TEXT not null,"
	" body TEXT not null);"
	"create index alarm_notice_receiver on alarm_notice (receiver, id)";

struct alarm *open_alarms;

const struct alarm_kind *alarm_kind_get(const char *key)
{
	static const struct alarm_kind newer = {
		"",
		"major",
		false,
		"An alarm of a newer version",
		"This manager doesn't know it.",
		"Bring the manager to the version of the node or service that raises it."
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].key, key) == 0)
			return &kinds[i];
	return &newer;
}

/* ---- the open ones ---- */

static void alarm_free(struct alarm *a)
{
	free(a->key);
	free(a->source);
	free(a->subject);
	free(a);
}

static struct alarm *alarm_new(const char *id, const struct alarm_name *name)
{
	struct alarm *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	memcpy(a->id, id, sizeof(a->id) - 1);
	a->is_watched = name->is_watched;
	a->key = strdup(name->key);
	a->source = strdup(name->source);
	a->subject = strdup(name->subject);
	if (a->key && a->source && a->subject)
		return a;
	alarm_free(a);
	return NULL;
}

static void link_in(struct alarm *a)
{
	a->next = open_alarms;
	open_alarms = a;
	pl_metric_add(&open_count, 1);
}

static void unlink_it(struct alarm *gone)
{
	for (struct alarm **at = &open_alarms; *at; at = &(*at)->next)
		if (*at == gone) {
			*at = gone->next;
			alarm_free(gone);
			pl_metric_add(&open_count, -1);
			return;
		}
}

struct alarm *alarm_find(const struct alarm_name *name)
{
	for (struct alarm *a = open_alarms; a; a = a->next)
		if (strcmp(a->key, name->key) == 0 && strcmp(a->source, name->source) == 0 &&
		    strcmp(a->subject, name->subject) == 0)
			return a;
	return NULL;
}

static bool is_of(const struct alarm *a, const struct cluster *cluster)
{
	const struct node *node = node_find(a->source);

	if (node)
		return node->cluster == cluster;
	for (const struct placed *s = model.services; s; s = s->next)
		if (strcmp(s->name, a->source) == 0)
			return s->cluster == cluster;
	return false;
}

int alarm_count(const struct cluster *cluster)
{
	int count = 0;

	for (const struct alarm *a = open_alarms; a; a = a->next)
		count += is_of(a, cluster);
	return count;
}

enum pl_err alarm_rebuild(struct pl_turn *turn)
{
	struct pl_rows *rows;
	enum pl_err err = PL_OK;

	while (open_alarms)
		unlink_it(open_alarms);
	pl_metric_set(&open_count, 0);
	rows = pl_query(turn,
			"select id, key, source, subject, watched, acked_ms from alarm where "
			"cleared_ms = 0",
			"");
	while (!err && pl_rows_next(rows)) {
		const struct alarm_name name = { pl_rows_text(rows, 1), pl_rows_text(rows, 2),
						 pl_rows_text(rows, 3), pl_rows_int(rows, 4) != 0 };
		struct alarm *a = alarm_new(pl_rows_text(rows, 0), &name);

		if (!a) {
			err = PL_NOMEM;
			break;
		}
		a->is_acknowledged = pl_rows_int(rows, 5) != 0;
		link_in(a);
	}
	pl_rows_free(rows);
	return err;
}

/* ---- shown ---- */

#define COLUMNS                                                                                    \
	"id, key, source, subject, reason, count, raised_ms, last_ms, cleared_ms, acked_by, acked_ms"

static json_t *time_or_null(int64_t ms)
{
	return ms ? json_integer(ms) : json_null();
}

static json_t *view_alarm(const struct pl_rows *rows)
{
	const struct alarm_kind *kind = alarm_kind_get(pl_rows_text(rows, 1));
	const char *by = pl_rows_text(rows, 9);

	return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:I,s:I,s:I,s:o,s:o,s:o}", "id",
			 pl_rows_text(rows, 0), "key", pl_rows_text(rows, 1), "severity",
			 kind->severity, "state", pl_rows_int(rows, 8) ? "cleared" : "raised",
			 "title", kind->title, "source", pl_rows_text(rows, 2), "subject",
			 pl_rows_text(rows, 3), "reason", pl_rows_text(rows, 4), "cause",
			 kind->cause, "fix", kind->fix, "count", (json_int_t)pl_rows_int(rows, 5),
			 "raisedMs", (json_int_t)pl_rows_int(rows, 6), "lastMs",
			 (json_int_t)pl_rows_int(rows, 7), "clearedMs",
			 time_or_null(pl_rows_int(rows, 8)), "acknowledgedBy",
			 *by ? json_string(by) : json_null(), "acknowledgedMs",
			 time_or_null(pl_rows_int(rows, 10)));
}

/* NULL if there is none of that id. */
static json_t *alarm_read(struct pl_turn *turn, const char *id)
{
	struct pl_rows *rows =
		pl_query(turn, "select " COLUMNS " from alarm where id = $1", "s", id);
	json_t *view = pl_rows_next(rows) ? view_alarm(rows) : NULL;

	pl_rows_free(rows);
	return view;
}

static void tell(struct pl_turn *turn, const char *what, const char *id)
{
	json_t *view = alarm_read(turn, id);

	if (view)
		receiver_tell(turn, what, view);
	json_decref(view);
}

/* ---- raised and cleared ---- */

static void raise_new(struct pl_turn *turn, const struct alarm_name *name, const char *reason)
{
	struct alarm *a;
	char id[27];

	pl_id(id);
	a = alarm_new(id, name);
	if (!a)
		return; /* those of reports are tried again each second */
	link_in(a);
	pl_exec(turn,
		"insert into alarm (" COLUMNS ", watched) "
		"values ($1, $2, $3, $4, $5, 1, $6, $6, 0, '', 0, $7)",
		"sssssii", id, name->key, name->source, name->subject, reason, pl_turn_now_ms(turn),
		(int64_t)name->is_watched);
	pl_log(WARN, "alarm.raised", NULL, "alarm=%s source=%s subject=%s: %s", name->key,
	       name->source, name->subject, reason);
	tell(turn, "raised", id);
}

void alarm_raise(struct pl_turn *turn, const struct alarm_name *name, const char *reason)
{
	const struct alarm *known = alarm_find(name);

	if (known)
		pl_exec(turn,
			"update alarm set count = count + 1, last_ms = $1, reason = $2 where id = $3",
			"iss", pl_turn_now_ms(turn), reason, known->id);
	else
		raise_new(turn, name, reason);
}

static void clear(struct pl_turn *turn, struct alarm *a)
{
	pl_exec(turn, "update alarm set cleared_ms = $1 where id = $2", "is", pl_turn_now_ms(turn),
		a->id);
	pl_log(INFO, "alarm.cleared", NULL, "alarm=%s source=%s subject=%s", a->key, a->source,
	       a->subject);
	tell(turn, "cleared", a->id);
	unlink_it(a);
}

void alarm_clear(struct pl_turn *turn, const struct alarm_name *name)
{
	struct alarm *a = alarm_find(name);

	if (a)
		clear(turn, a);
}

void alarm_forget_old(struct pl_turn *turn)
{
	pl_exec(turn,
		"delete from alarm where id in (select id from alarm where cleared_ms > 0 and "
		"cleared_ms < $1 order by id limit $2)",
		"ii", pl_turn_now_ms(turn) - kept_ms, (int64_t)OLD_ROWS);
}

/* ---- operations ---- */

enum pl_err op_alarm(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct alarm_name name = { 0 };
	const char *reason = NULL;
	bool is_raised = false;
	enum pl_err err;

	if ((err = pl_json_text(&name.key, body, "key", KEY_MAX, true)) ||
	    (err = pl_json_text(&name.source, body, "source", SOURCE_MAX, true)) ||
	    (err = pl_json_text(&name.subject, body, "subject", SUBJECT_MAX, true)) ||
	    (err = pl_json_text(&reason, body, "reason", REASON_MAX, true)) ||
	    (err = pl_json_bool(&is_raised, body, "raised", true)))
		return err;
	if (is_raised)
		alarm_raise(turn, &name, reason);
	else
		alarm_clear(turn, &name);
	return PL_OK;
}

static enum pl_err read_state(const char **statep, const json_t *body)
{
	*statep = "all";
	if (*pl_json_get_text(body, "query.state"))
		*statep = pl_json_get_text(body, "query.state");
	if (strcmp(*statep, "all") == 0 || strcmp(*statep, "raised") == 0 ||
	    strcmp(*statep, "cleared") == 0)
		return PL_OK;
	return pl_fail(PL_INVALID, "state: must be all, raised or cleared");
}

/* The newest first: ids rise with time. */
enum pl_err op_alarms(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *state = NULL;
	struct pl_page page;
	struct pl_rows *rows;
	enum pl_err err = read_state(&state, body);

	if (!err)
		err = pl_page_read(&page, json_object_get(body, "query"), "alarms");
	if (err)
		return err;
	rows = pl_query(
		turn,
		"select " COLUMNS " from alarm where ($1 = '' or id < $1) and ($2 = 'all' or "
		"($2 = 'raised' and cleared_ms = 0) or ($2 = 'cleared' and cleared_ms > 0)) "
		"order by id desc limit $3",
		"ssi", page.after, state, page.limit + 1);
	while (pl_rows_next(rows))
		pl_page_add(&page, view_alarm(rows), "%s", pl_rows_text(rows, 0));
	pl_rows_free(rows);
	*replyp = json_pack("{s:i,s:o}", "status", 200, "body", pl_page_answer(&page));
	return *replyp ? PL_OK : PL_NOMEM;
}

static enum pl_err answer(struct pl_turn *turn, const char *id, json_t **replyp)
{
	json_t *view = alarm_read(turn, id);

	if (!view)
		return pl_fail(PL_NOTFOUND, "there is no alarm '%s'", id);
	*replyp = json_pack("{s:i,s:o}", "status", 200, "body", view);
	return *replyp ? PL_OK : PL_NOMEM;
}

enum pl_err op_alarm_show(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *id = NULL;
	enum pl_err err = pl_json_text(&id, body, "path.id", 64, true);

	return err ? err : answer(turn, id, replyp);
}

static struct alarm *open_of(const char *id)
{
	for (struct alarm *a = open_alarms; a; a = a->next)
		if (strcmp(a->id, id) == 0)
			return a;
	return NULL;
}

/* A repeat changes nothing: who was first stays. */
enum pl_err op_alarm_ack(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *id = NULL;
	enum pl_err err = pl_json_text(&id, body, "path.id", 64, true);
	struct alarm *a = err ? NULL : open_of(id);
	json_t *view;

	if (err)
		return err;
	if (!*asked_by(body))
		return pl_fail(PL_UNAUTHORIZED, "who asks isn't known");
	view = alarm_read(turn, id);
	if (view && !a && json_is_null(json_object_get(view, "acknowledgedBy")))
		err = pl_fail(PL_STATE, "the alarm has been cleared already");
	json_decref(view);
	if (err)
		return err;
	if (a && !a->is_acknowledged) {
		pl_exec(turn, "update alarm set acked_by = $1, acked_ms = $2 where id = $3", "sis",
			asked_by(body), pl_turn_now_ms(turn), id);
		audit_add(turn, body, "alarm.acknowledge", id, "raised", "acknowledged");
		a->is_acknowledged = true;
		tell(turn, "acknowledged", id);
		if (!alarm_kind_get(a->key)->ends_itself)
			clear(turn, a);
	}
	return answer(turn, id, replyp);
}
