/*
 * upgrade.c — the last upgrade, as it is stored; what follows from the states of its plans.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "upgrade.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pelago/json.h"

const char upgrade_tables[] =
	"create table upgrade (plan TEXT not null primary key, finalize TEXT not null,"
	" from_version TEXT not null, to_version TEXT not null, mode TEXT not null,"
	" at_ms BIGINT not null, finalize_after_ms BIGINT not null, request TEXT not null,"
	" release TEXT not null);"
	"create table upgrade_note (version TEXT not null primary key, who TEXT not null,"
	" at_ms BIGINT not null);"
	"create table upgrade_record (id BIGINT primary key, body TEXT not null);"
	"create table upgrade_profile (profile TEXT not null, service TEXT not null,"
	" version TEXT not null, primary key (profile, service))";

static const char *plan_state(char state[16], struct pl_turn *turn, const char *plan)
{
	struct pl_rows *rows = pl_query(turn, "select state from plan where id = $1", "s", plan);

	snprintf(state, 16, "%s", pl_rows_next(rows) ? pl_rows_text(rows, 0) : "");
	pl_rows_free(rows);
	return state;
}

/* A finalize that failed leaves it upgraded, if its pivot wasn't reached; it is begun anew. */
static const char *state_of(struct pl_turn *turn, const struct upgrade_last *last)
{
	static const char *const same[] = { "running", "failed", "stuck", "undoing", "undone" };
	char state[16];

	plan_state(state, turn, last->plan);
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		if (strcmp(state, same[i]) == 0)
			return same[i];
	if (!*last->finalize)
		return "upgraded";
	plan_state(state, turn, last->finalize);
	if (strcmp(state, "done") == 0)
		return "finalized";
	return strcmp(state, "running") == 0 ? "finalizing" : "upgraded";
}

enum pl_err upgrade_last_read(struct upgrade_last *last, struct pl_turn *turn)
{
	struct pl_rows *rows = pl_query(
		turn,
		"select plan, finalize, from_version, to_version, mode, at_ms, finalize_after_ms, "
		"request, release from upgrade order by plan desc limit 1",
		"");

	memset(last, 0, sizeof(*last));
	if (!pl_rows_next(rows)) {
		pl_rows_free(rows);
		return pl_fail(PL_NOTFOUND, "nothing was upgraded yet");
	}
	snprintf(last->plan, sizeof(last->plan), "%s", pl_rows_text(rows, 0));
	snprintf(last->finalize, sizeof(last->finalize), "%s", pl_rows_text(rows, 1));
	snprintf(last->from, sizeof(last->from), "%s", pl_rows_text(rows, 2));
	snprintf(last->to, sizeof(last->to), "%s", pl_rows_text(rows, 3));
	snprintf(last->mode, sizeof(last->mode), "%s", pl_rows_text(rows, 4));
	last->at_ms = pl_rows_int(rows, 5);
	last->finalize_after_ms = pl_rows_int(rows, 6);
	last->request = json_loads(pl_rows_text(rows, 7), 0, NULL);
	last->release = json_loads(pl_rows_text(rows, 8), 0, NULL);
	pl_rows_free(rows);
	last->state = state_of(turn, last);
	if (last->request && last->release)
		return PL_OK;
	upgrade_last_fini(last);
	return PL_NOMEM;
}

void upgrade_last_fini(struct upgrade_last *last)
{
	json_decref(last->request);
	json_decref(last->release);
	last->request = last->release = NULL;
}

enum pl_err upgrade_last_put(struct pl_turn *turn, const struct upgrade_last *last)
{
	char *request = pl_json_dump(last->request), *release = pl_json_dump(last->release);
	enum pl_err err = PL_NOMEM;

	if (request && release)
		err = pl_exec(
			turn,
			"insert into upgrade (plan, finalize, from_version, to_version, mode, "
			"at_ms, finalize_after_ms, request, release) values ($1, $2, $3, $4, "
			"$5, $6, $7, $8, $9) on conflict (plan) do update set finalize = "
			"excluded.finalize",
			"sssssiiss", last->plan, last->finalize, last->from, last->to, last->mode,
			last->at_ms, last->finalize_after_ms, request, release);
	free(request);
	free(release);
	return err;
}
