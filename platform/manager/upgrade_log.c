/*
 * upgrade_log.c — log/solution-upgrade.log for people, log/solution-upgrade.jsonl for programs: the
 * journal of the plans of upgrades, a line a transition.
 *
 * The database has the journal; the files follow it. The last line of the second one tells how far
 * they are, so nothing is missed or doubled whoever dies; a last line that was cut off is finished
 * by writing it anew. The files are appended to only, and may be moved away.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "pelago/json.h"
#include "pelago/log.h"
#include "upgrade.h"

enum { TAIL = 4096, LINES_AT_ONCE = 500 };

static struct {
	bool is_read;
	char plan[27];
	int64_t n;
} at;

static char *path_of(struct pl_turn *turn, const char *name)
{
	char *path = NULL;

	return asprintf(&path, "%s/log/%s", pl_service_data(pl_turn_service(turn)), name) < 0
		       ? NULL
		       : path;
}

/* Where the last whole line says; cuts off what follows it. */
static void read_position(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	char tail[TAIL + 1];
	off_t size, from;
	ssize_t len;
	char *end, *line;
	json_t *last;

	at.is_read = true;
	if (fd < 0)
		return;
	size = lseek(fd, 0, SEEK_END);
	from = size > TAIL ? size - TAIL : 0;
	len = pread(fd, tail, TAIL, from);
	tail[len > 0 ? len : 0] = '\0';
	end = strrchr(tail, '\n');
	if (end && end[1] && ftruncate(fd, from + (end + 1 - tail)) != 0)
		pl_log(WARN, "upgrade.log", NULL, "%s: %s", path, strerror(errno));
	close(fd);
	if (!end)
		return;
	*end = '\0';
	line = strrchr(tail, '\n');
	last = json_loads(line ? line + 1 : tail, 0, NULL);
	snprintf(at.plan, sizeof(at.plan), "%s", pl_json_get_text(last, "plan"));
	at.n = json_integer_value(json_object_get(last, "n"));
	json_decref(last);
}

static void write_line(FILE *text, FILE *json, const struct pl_rows *rows)
{
	int64_t ms = pl_rows_int(rows, 2);
	const char *step = pl_rows_text(rows, 3), *state = pl_rows_text(rows, 4),
		   *detail = pl_rows_text(rows, 6);
	time_t s = (time_t)(ms / 1000);
	char moment[40] = "";
	json_t *line;
	struct tm tm;

	if (gmtime_r(&s, &tm))
		strftime(moment, sizeof(moment), "%Y-%m-%dT%H:%M:%S", &tm);
	if (text)
		fprintf(text, "%s.%03dZ %s %s%s%s%s%s\n", moment, (int)(ms % 1000),
			pl_rows_text(rows, 7), *step ? step : pl_rows_text(rows, 8), ": ", state,
			*detail ? ": " : "", detail);
	line = json_pack("{s:s,s:I,s:I,s:s,s:s,s:s,s:I,s:s}", "plan", pl_rows_text(rows, 0), "n",
			 (json_int_t)pl_rows_int(rows, 1), "atMs", (json_int_t)ms, "kind",
			 pl_rows_text(rows, 7), "step", step, "state", state, "attempts",
			 (json_int_t)pl_rows_int(rows, 5), "detail", detail);
	if (json && line && json_dumpf(line, json, JSON_COMPACT) == 0)
		fputc('\n', json);
	json_decref(line);
}

/* Of what was committed before this turn. */
void upgrade_log_beat(struct pl_turn *turn)
{
	char *text_path = path_of(turn, "solution-upgrade.log"),
	     *json_path = path_of(turn, "solution-upgrade.jsonl");
	FILE *text = NULL, *json = NULL;
	struct pl_rows *rows;

	if (!text_path || !json_path)
		goto out;
	if (!at.is_read)
		read_position(json_path);
	rows = pl_query(
		turn,
		"select j.plan, j.n, j.at_ms, j.step, j.state, j.attempts, j.detail, p.kind, "
		"p.title from plan_journal j join plan p on p.id = j.plan "
		"where p.kind in ('upgrade', 'finalize') and (j.plan > $1 or "
		"(j.plan = $1 and j.n > $2)) order by j.plan, j.n limit $3",
		"sii", at.plan, at.n, (int64_t)LINES_AT_ONCE);
	while (pl_rows_next(rows)) {
		if (!json) {
			text = fopen(text_path, "ae");
			json = fopen(json_path, "ae");
			if (!json)
				break;
		}
		write_line(text, json, rows);
		snprintf(at.plan, sizeof(at.plan), "%s", pl_rows_text(rows, 0));
		at.n = pl_rows_int(rows, 1);
	}
	pl_rows_free(rows);
	if (text)
		fclose(text);
	if (json && fclose(json) != 0)
		pl_log(WARN, "upgrade.log", NULL, "%s: %s", json_path, strerror(errno));
out:
	free(text_path);
	free(json_path);
}
