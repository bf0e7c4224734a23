/*
 * queue.c — see streaming.h.
 *
 * The numbers have a gap where events were lost to a full queue, so that the receiver can tell.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pelago/alarm.h"
#include "pelago/json.h"
#include "pelago/metric.h"
#include "streaming.h"

enum { ROWS_MOST = 500, BYTES_MOST = 512 << 10 };

const struct pl_migration migrations[] = {
	{ 1, "create table outgoing (n BIGINT primary key, at_ms BIGINT not null,"
	     " body TEXT not null);"
	     "create table stream (one BIGINT primary key, id TEXT not null, next BIGINT not null,"
	     " taken BIGINT not null, taken_ms BIGINT not null)" },
};
const size_t migrations_count = sizeof(migrations) / sizeof(migrations[0]);

struct queue queue;

static struct pl_metric waiting = { .name = "streaming_events_waiting",
				    .text = "Events that wait for the receiver",
				    .kind = PL_GAUGE };
static struct pl_metric taken = { .name = "streaming_events_taken_total",
				  .text = "Events that the receiver has taken" };
static struct pl_metric lost = { .name = "streaming_events_lost_total",
				 .text = "Events lost to a full queue" };

static void store(struct pl_turn *turn)
{
	pl_exec(turn,
		"insert into stream (one, id, next, taken, taken_ms) values (1, $1, $2, $3, $4) "
		"on conflict (one) do update set next = excluded.next, taken = excluded.taken, "
		"taken_ms = excluded.taken_ms",
		"siii", queue.id, queue.next, queue.taken, queue.taken_ms);
}

enum pl_err queue_rebuild(struct pl_turn *turn)
{
	struct pl_rows *rows =
		pl_query(turn, "select id, next, taken, taken_ms from stream where one = 1", "");
	bool is_known = pl_rows_next(rows);

	queue.generation++;
	if (is_known) {
		snprintf(queue.id, sizeof(queue.id), "%s", pl_rows_text(rows, 0));
		queue.next = pl_rows_int(rows, 1);
		queue.taken = pl_rows_int(rows, 2);
		queue.taken_ms = pl_rows_int(rows, 3);
	}
	pl_rows_free(rows);
	if (!is_known) {
		pl_id(queue.id);
		queue.next = 1;
		queue.taken = queue.taken_ms = 0;
		store(turn);
	}
	rows = pl_query(turn, "select count(*) from outgoing", "");
	queue.waiting = pl_rows_next(rows) ? pl_rows_int(rows, 0) : 0;
	pl_rows_free(rows);
	pl_metric_set(&waiting, (double)queue.waiting);
	return PL_OK;
}

static bool is_wanted(const struct pl_service *service, const char *noun)
{
	const char *at = pl_attribute_text(service, "nouns");
	size_t len = strlen(noun);

	if (!*pl_attribute_text(service, "target"))
		return false;
	while (at && (strncmp(at, noun, len) != 0 || (at[len] != ' ' && at[len] != '\0'))) {
		at = strchr(at, ' ');
		at = at ? at + 1 : NULL;
	}
	return at != NULL;
}

static void note_lost(struct pl_turn *turn)
{
	pl_metric_add(&lost, 1);
	pl_alarm_raise(turn, "streaming.lost", "",
		       "%lld events wait already: event %lld and what followed were not kept",
		       (long long)queue.waiting, (long long)queue.next);
}

enum pl_err queue_add(struct pl_turn *turn, const struct pl_event *event)
{
	const struct pl_service *service = pl_turn_service(turn);
	json_t *line;
	char *text;

	if (!is_wanted(service, event->noun))
		return PL_OK;
	if (queue.waiting >= pl_attribute_get(service, "backlog")) {
		note_lost(turn);
		queue.next++;
		store(turn);
		return PL_OK;
	}
	line = json_pack("{s:I, s:s, s:s, s:s, s:s, s:I, s:I, s:O}", "seq", (json_int_t)queue.next,
			 "producer", event->producer, "noun", event->noun, "verb", event->verb,
			 "key", event->key, "n", (json_int_t)event->n, "atMs",
			 (json_int_t)event->at_ms, "body", event->body);
	text = line ? pl_json_dump(line) : NULL;
	json_decref(line);
	if (!text)
		return PL_NOMEM;
	pl_exec(turn, "insert into outgoing (n, at_ms, body) values ($1, $2, $3)", "iis",
		queue.next++, pl_turn_now_ms(turn), text);
	free(text);
	queue.waiting++;
	store(turn);
	pl_metric_set(&waiting, (double)queue.waiting);
	return PL_OK;
}

char *queue_first(struct pl_turn *turn, size_t *lenp, int64_t *firstp, int64_t *lastp)
{
	struct pl_rows *rows = pl_query(turn, "select n, body from outgoing order by n limit $1",
					"i", (int64_t)ROWS_MOST);
	char *lines = NULL;
	FILE *out = open_memstream(&lines, lenp);

	*firstp = *lastp = 0;
	while (out && ftell(out) < BYTES_MOST && pl_rows_next(rows)) {
		*lastp = pl_rows_int(rows, 0);
		if (!*firstp)
			*firstp = *lastp;
		fprintf(out, "%s\n", pl_rows_text(rows, 1));
	}
	pl_rows_free(rows);
	if (out && fclose(out) == 0 && *firstp)
		return lines;
	free(lines);
	return NULL;
}

void queue_taken(struct pl_turn *turn, int64_t last)
{
	struct pl_rows *rows =
		pl_query(turn, "delete from outgoing where n <= $1 returning n", "i", last);
	int64_t count = 0;

	while (pl_rows_next(rows))
		count++;
	pl_rows_free(rows);
	queue.waiting -= count;
	if (last > queue.taken)
		queue.taken = last;
	queue.taken_ms = pl_turn_now_ms(turn);
	store(turn);
	pl_metric_add(&taken, (double)count);
	pl_metric_set(&waiting, (double)queue.waiting);
}

int64_t queue_oldest_ms(struct pl_turn *turn)
{
	struct pl_rows *rows = pl_query(turn, "select at_ms from outgoing order by n limit 1", "");
	int64_t at_ms = pl_rows_next(rows) ? pl_rows_int(rows, 0) : 0;

	pl_rows_free(rows);
	return at_ms;
}
