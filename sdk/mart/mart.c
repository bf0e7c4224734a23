/*
 * mart.c — what waits for the mart, in the service's own store; see pelago/mart.h.
 *
 * Batches go one at a time, in order of stamps: all that is taken has lower stamps than what isn't,
 * so a batch that was written is removed by its last one, and what changed meanwhile stays, as it
 * has a higher one. What this very turn has noted isn't taken: it may yet be rolled back.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pelago/mart.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pelago/alarm.h"
#include "pelago/json.h"
#include "pelago/log.h"
#include "pelago/metric.h"
#include "target.h"
#include "url.h"

enum {
	BATCH_ROWS = 500,
	BATCH_BYTES = 4 << 20,
	PAUSE_MOST_MS = 60000,
	ALARM_EACH_MS = 3600000,
	FILL_BELOW = 2000, /* rows that wait while more are filled in */
	FORGET_ROWS = 20000,
};

static const int64_t LAST_MS = INT64_C(253402300799999); /* of the year 9999 */

static struct pl_metric exported = { .name = "mart_rows_exported_total",
				     .text = "Rows written to the data mart" };
static struct pl_metric failures = { .name = "mart_failures_total",
				     .text = "Batches that the data mart didn't take" };
static struct pl_metric waiting = { .name = "mart_rows_waiting",
				    .text = "Rows that wait for the data mart",
				    .kind = PL_GAUGE };
static struct pl_metric lag = { .name = "mart_lag_seconds",
				.text = "Age of the oldest change that the data mart hasn't",
				.kind = PL_GAUGE };

struct pl_mart {
	struct pl_service *service;
	const struct pl_mart_def *def;
	struct target *target; /* NULL until there is something to write */
	struct url url;
	int64_t queued;
	int64_t newest;			/* stamp of the last row noted */
	int64_t noted_ms, before_noted; /* the turn that noted last, and `newest` before it */
	int64_t first_failed_ms;	/* 0: all is well */
	int64_t next_ms, pause_ms, alarm_ms;
	int64_t batch_rows; /* how many the next batch takes */
	bool is_writing, is_over;
	bool is_made; /* the tables: a first batch makes them, be it empty */
	json_t *fill; /* {"place":TEXT of the url, "after":TEXT, "done":BOOL} */
};

/* ---- in the store ---- */

static void save(struct pl_turn *turn, const char *id, const char *value)
{
	pl_exec(turn,
		"insert into mart_state (id, value) values ($1, $2) "
		"on conflict (id) do update set value = excluded.value",
		"ss", id, value);
}

static void save_fill(struct pl_mart *mart, struct pl_turn *turn, const char *after, bool is_done)
{
	char *text;

	json_decref(mart->fill);
	mart->fill = json_pack("{s:s, s:s, s:b}", "place", mart->url.place, "after", after, "done",
			       is_done);
	text = pl_json_dump(mart->fill);
	save(turn, "fill", text);
	free(text);
}

static int64_t number_of(struct pl_rows *rows)
{
	int64_t n = pl_rows_next(rows) ? pl_rows_int(rows, 0) : 0;

	pl_rows_free(rows);
	return n;
}

static char *state_of(struct pl_turn *turn, const char *id)
{
	struct pl_rows *rows =
		pl_query(turn, "select value from mart_state where id = $1", "s", id);
	char *value = pl_rows_next(rows) ? strdup(pl_rows_text(rows, 0)) : NULL;

	pl_rows_free(rows);
	return value;
}

void pl_mart_load(struct pl_mart *mart, struct pl_turn *turn)
{
	char *last = state_of(turn, "last"), *fill = state_of(turn, "fill");
	int64_t kept = last ? strtoll(last, NULL, 10) : 0;

	mart->queued = number_of(pl_query(turn, "select count(*) from mart_row", ""));
	mart->newest =
		number_of(pl_query(turn, "select coalesce(max(stamp), 0) from mart_row", ""));
	if (kept > mart->newest)
		mart->newest = kept;
	mart->noted_ms = 0;
	json_decref(mart->fill);
	mart->fill = fill ? json_loads(fill, 0, NULL) : NULL;
	free(last);
	free(fill);
}

/* ---- noting changes ---- */

bool pl_mart_is_on(const struct pl_mart *mart)
{
	return mart && mart->url.is_there;
}

static int64_t next_stamp(struct pl_mart *mart, struct pl_turn *turn)
{
	int64_t now_ms = pl_turn_now_ms(turn);

	if (mart->noted_ms != now_ms) {
		mart->before_noted = mart->newest;
		mart->noted_ms = now_ms;
	}
	mart->newest = mart->newest >= now_ms * 1000 ? mart->newest + 1 : now_ms * 1000;
	return mart->newest;
}

static bool is_noted(struct pl_turn *turn, const char *table, const char *key)
{
	struct pl_rows *rows = pl_query(turn, "select 1 from mart_row where tab = $1 and id = $2",
					"ss", table, key);
	bool is = pl_rows_next(rows);

	pl_rows_free(rows);
	return is;
}

/* All is filled in anew once there is room. */
static void overflow(struct pl_mart *mart, struct pl_turn *turn)
{
	if (mart->is_over)
		return;
	mart->is_over = true;
	save_fill(mart, turn, "", false);
	pl_log(ERROR, "mart.overflow", NULL,
	       "%" PRId64
	       " rows wait for the data mart; changes are not noted any more, and all is "
	       "exported anew once it has taken them",
	       mart->queued);
}

static void note(struct pl_mart *mart, struct pl_turn *turn, const char *table, const char *key,
		 const char *row)
{
	if (!is_noted(turn, table, key)) {
		if (mart->queued >= pl_attribute_get(mart->service, "mart_backlog")) {
			overflow(mart, turn);
			return;
		}
		mart->queued++;
	}
	pl_exec(turn,
		"insert into mart_row (tab, id, stamp, row) values ($1, $2, $3, $4) "
		"on conflict (tab, id) do update set stamp = excluded.stamp, row = excluded.row",
		"ssis", table, key, next_stamp(mart, turn), row);
}

void pl_mart_put(struct pl_mart *mart, struct pl_turn *turn, const char *table, const char *key,
		 json_t *row)
{
	char *text = row ? pl_json_dump(row) : NULL;

	if (pl_mart_is_on(mart))
		note(mart, turn, table, key, text ? text : "");
	free(text);
	json_decref(row);
}

void pl_mart_remove(struct pl_mart *mart, struct pl_turn *turn, const char *table, const char *key)
{
	if (pl_mart_is_on(mart))
		note(mart, turn, table, key, "null");
}

json_t *pl_mart_time(int64_t at_ms)
{
	time_t at = (time_t)(at_ms / 1000);
	char text[40];
	struct tm tm;

	if (at_ms <= 0 || at_ms > LAST_MS || !gmtime_r(&at, &tm))
		return json_null();
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	return json_sprintf("%s.%03dZ", text, (int)(at_ms % 1000));
}

/* ---- a batch ---- */

static const struct pl_mart_table *table_of(const struct pl_mart *mart, const char *name)
{
	for (const struct pl_mart_table *t = mart->def->tables; t->name; t++)
		if (strcmp(t->name, name) == 0)
			return t;
	return NULL;
}

static void add(json_t *batch, const char *table, const char *list, json_t *value)
{
	json_t *rows = json_object_get(batch, table);

	if (!rows) {
		rows = json_pack("{s:[], s:[]}", "put", "remove");
		json_object_set_new(batch, table, rows);
	}
	json_array_append_new(json_object_get(rows, list), value);
}

/* Adds a row that was taken from the store; returns its size. */
static size_t add_row(struct pl_mart *mart, struct pl_turn *turn, json_t *batch,
		      const json_t *taken)
{
	const char *name = pl_json_get_text(taken, "table"), *key = pl_json_get_text(taken, "key");
	const char *text = pl_json_get_text(taken, "row");
	const struct pl_mart_table *table = table_of(mart, name);
	json_t *row = NULL;

	if (!table)
		return 0; /* a newer version's */
	if (*text)
		row = json_loads(text, JSON_DECODE_ANY, NULL);
	else if (table->read)
		row = table->read(turn, key);
	if (!json_is_object(row)) {
		json_decref(row);
		add(batch, name, "remove", json_string(key));
		return strlen(key);
	}
	json_object_set(row, "stamp", json_object_get(taken, "stamp"));
	add(batch, name, "put", row);
	return *text ? strlen(text) : json_dumpb(row, NULL, 0, JSON_COMPACT);
}

static json_t *take_rows(struct pl_mart *mart, struct pl_turn *turn)
{
	int64_t upto = mart->noted_ms == pl_turn_now_ms(turn) ? mart->before_noted : mart->newest;
	struct pl_rows *rows = pl_query(
		turn,
		"select tab, id, stamp, row from mart_row where stamp <= $1 order by stamp limit $2",
		"ii", upto, mart->batch_rows);
	json_t *list = json_array();
	size_t bytes = 0;

	while (bytes < BATCH_BYTES && pl_rows_next(rows)) {
		bytes += strlen(pl_rows_text(rows, 3));
		json_array_append_new(list,
				      json_pack("{s:s, s:s, s:I, s:s}", "table",
						pl_rows_text(rows, 0), "key", pl_rows_text(rows, 1),
						"stamp", (json_int_t)pl_rows_int(rows, 2), "row",
						pl_rows_text(rows, 3)));
	}
	pl_rows_free(rows);
	return list;
}

static enum pl_err on_done(struct pl_turn *turn, json_t *result, void *arg);

static void write_batch(struct pl_mart *mart, struct pl_turn *turn)
{
	json_t *list = take_rows(mart, turn), *batch = json_object(), *one;
	size_t i, bytes = 0, count = 0;
	int64_t last = 0;

	json_array_foreach(list, i, one) {
		if (bytes >= BATCH_BYTES)
			break;
		bytes += add_row(mart, turn, batch, one);
		last = json_integer_value(json_object_get(one, "stamp"));
		count++;
	}
	json_decref(list);
	if ((count == 0 && mart->is_made) ||
	    (!mart->target &&
	     target_new(&mart->target, mart->service, mart->def->tables, on_done, mart))) {
		json_decref(batch);
		return;
	}
	mart->is_writing = true;
	target_write(mart->target, mart->url.text, batch,
		     json_pack("{s:I, s:I, s:I}", "last", (json_int_t)last, "count",
			       (json_int_t)count, "bytes", (json_int_t)bytes));
}

static void pump(struct pl_mart *mart, struct pl_turn *turn)
{
	if (mart->url.is_good && (mart->queued > 0 || !mart->is_made) && !mart->is_writing &&
	    mart->next_ms <= pl_turn_now_ms(turn))
		write_batch(mart, turn);
}

/* ---- what became of it ---- */

static void on_taken(struct pl_mart *mart, struct pl_turn *turn, int64_t last)
{
	struct pl_rows *rows =
		pl_query(turn, "delete from mart_row where stamp <= $1 returning stamp", "i", last);
	char text[24];
	int count = 0;

	while (pl_rows_next(rows))
		count++;
	pl_rows_free(rows);
	mart->queued -= count;
	pl_metric_add(&exported, count);
	snprintf(text, sizeof(text), "%" PRId64, mart->newest);
	save(turn, "last", text);
	if (mart->first_failed_ms)
		pl_log(INFO, "mart.back", NULL, "the data mart takes rows again; %" PRId64 " wait",
		       mart->queued);
	mart->is_made = true;
	mart->first_failed_ms = 0;
	mart->pause_ms = mart->next_ms = mart->alarm_ms = 0;
	if (mart->batch_rows < BATCH_ROWS)
		mart->batch_rows = 2 * mart->batch_rows;
}

/* Alone, a row that is refused goes behind all others, so that it doesn't stop them. */
static void on_refused(struct pl_mart *mart, struct pl_turn *turn, int64_t last, const char *why)
{
	if (mart->batch_rows > 1) {
		mart->batch_rows /= 2;
		mart->next_ms = 0;
		return;
	}
	pl_exec(turn, "update mart_row set stamp = $1 where stamp = $2", "ii",
		next_stamp(mart, turn), last);
	pl_log(ERROR, "mart.refused", NULL,
	       "the data mart refuses a row: %s; it is tried again behind the others", why);
}

static void on_failed(struct pl_mart *mart, struct pl_turn *turn, const json_t *result)
{
	const char *why = pl_json_get_text(result, "detail");

	pl_metric_add(&failures, 1);
	if (!mart->first_failed_ms) {
		mart->first_failed_ms = pl_turn_now_ms(turn);
		pl_log(WARN, "mart.away", NULL, "the data mart doesn't take rows: %s", why);
	}
	mart->pause_ms = mart->pause_ms ? 2 * mart->pause_ms : 500;
	if (mart->pause_ms > PAUSE_MOST_MS)
		mart->pause_ms = PAUSE_MOST_MS;
	mart->next_ms = pl_turn_now_ms(turn) + mart->pause_ms;
	if (strcmp(pl_json_get_text(result, "error"), pl_err_row(PL_STORE)->name) == 0)
		on_refused(mart, turn, json_integer_value(pl_json_get(result, "context.last")),
			   why);
}

static enum pl_err on_done(struct pl_turn *turn, json_t *result, void *arg)
{
	struct pl_mart *mart = arg;

	mart->is_writing = false;
	if (strcmp(pl_json_get_text(result, "error"), pl_err_row(PL_OK)->name) == 0)
		on_taken(mart, turn, json_integer_value(pl_json_get(result, "context.last")));
	else
		on_failed(mart, turn, result);
	json_decref(result);
	pump(mart, turn);
	return PL_OK;
}

/* ---- going on ---- */

static bool has_room(const struct pl_mart *mart)
{
	int64_t most = pl_attribute_get(mart->service, "mart_backlog") / 2;

	return mart->queued < (most < FILL_BELOW ? most : FILL_BELOW);
}

static void fill(struct pl_mart *mart, struct pl_turn *turn)
{
	const char *after = pl_json_get_text(mart->fill, "after");
	char *place = strdup(after);

	if (!place)
		return;
	mart->is_over = false;
	mart->def->fill(turn, mart, &place);
	if (!mart->is_over) /* else it begins anew */
		save_fill(mart, turn, place ? place : "", !place);
	free(place);
}

static void show_lag(struct pl_mart *mart, struct pl_turn *turn)
{
	int64_t now = pl_turn_now_ms(turn);
	int64_t oldest = mart->queued ? number_of(pl_query(turn,
							   "select coalesce(min(stamp), 0) from "
							   "mart_row",
							   "")) /
						1000
				      : 0;
	int64_t behind_ms = oldest && oldest < now ? now - oldest : 0;

	if (mart->first_failed_ms && now - mart->first_failed_ms > behind_ms)
		behind_ms = now - mart->first_failed_ms;
	pl_metric_set(&waiting, (double)mart->queued);
	pl_metric_set(&lag, (double)behind_ms / 1000);
	if (behind_ms > 1000 * pl_attribute_get(mart->service, "mart_alarm") &&
	    now >= mart->alarm_ms) {
		mart->alarm_ms = now + ALARM_EACH_MS;
		pl_log(ERROR, "mart.behind", NULL,
		       "the data mart is %" PRId64 " s behind, %" PRId64 " rows wait",
		       behind_ms / 1000, mart->queued);
		pl_alarm_raise(turn, "mart.behind", "",
			       "%" PRId64 " s behind, %" PRId64 " rows wait", behind_ms / 1000,
			       mart->queued);
	} else if (behind_ms == 0) {
		pl_alarm_clear(turn, "mart.behind", "");
	}
}

/* A mart that isn't named any more is owed nothing. */
static void forget(struct pl_mart *mart, struct pl_turn *turn)
{
	struct pl_rows *rows;

	if (mart->queued == 0 && !mart->fill)
		return;
	rows = pl_query(turn,
			"delete from mart_row where stamp in (select stamp from mart_row "
			"order by stamp limit $1) returning stamp",
			"i", (int64_t)FORGET_ROWS);
	while (pl_rows_next(rows))
		mart->queued--;
	pl_rows_free(rows);
	pl_metric_set(&waiting, (double)mart->queued);
	if (!mart->fill)
		return;
	pl_exec(turn, "delete from mart_state where id = 'fill'", "");
	json_decref(mart->fill);
	mart->fill = NULL;
	pl_metric_set(&lag, 0);
	pl_log(INFO, "mart.off", NULL, "no data mart is named any more");
}

void pl_mart_tick(struct pl_mart *mart, struct pl_turn *turn)
{
	url_read(&mart->url, pl_service_data(mart->service));
	if (!pl_mart_is_on(mart)) {
		forget(mart, turn);
		return;
	}
	if (mart->url.is_good &&
	    strcmp(pl_json_get_text(mart->fill, "place"), mart->url.place) != 0) {
		mart->is_made = false;
		pl_log(INFO, "mart.on", NULL, "exporting to %s", mart->url.place);
		save_fill(mart, turn, "", false);
	}
	if (mart->fill && !json_is_true(json_object_get(mart->fill, "done")) && has_room(mart))
		fill(mart, turn);
	pump(mart, turn);
	show_lag(mart, turn);
}

enum pl_err pl_mart_new(struct pl_mart **martp, struct pl_service *service,
			const struct pl_mart_def *def)
{
	struct pl_mart *mart = calloc(1, sizeof(*mart));

	if (!mart)
		return PL_NOMEM;
	mart->service = service;
	mart->def = def;
	mart->batch_rows = BATCH_ROWS;
	url_read(&mart->url, pl_service_data(service));
	*martp = mart;
	return PL_OK;
}

void pl_mart_free(struct pl_mart *mart)
{
	if (!mart)
		return;
	target_free(mart->target);
	json_decref(mart->fill);
	url_fini(&mart->url);
	free(mart);
}
