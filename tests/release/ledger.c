/*
 * ledger.c — Ledger, a service of three releases: amounts by key. RELEASE says which one it is.
 *
 *   level 1  amounts are texts, "12.50": column amount, event {"amount"}
 *   level 2  amounts are cents: column cents, event {"cents"}; column amount is dropped
 *   level 3  events have the time, too: column at_ms, event {"cents","atMs"}
 *
 * A release writes the form of the level, and reads all forms up to its own. At level 1 column
 * amount alone is true, as a program of release 1 may have written it since; so the step that
 * contracts fills cents from it.
 *
 * FAULT makes it one that an upgrade has to go back from: 1 ends at once, 2 hangs, 3 refuses all, 4
 * can't migrate real data.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pelago/json.h"
#include "pelago/service.h"
#include "tests/release/amount.h"

#define IN_CENTS "cast(replace(amount, '.', '') as BIGINT)"

static const struct pl_migration migrations[] = {
	{ 1, "create table entry (key TEXT not null primary key, amount TEXT not null)" },
#if FAULT == 4 /* good with an empty table */
	{ 2, "create unique index entry_amount on entry (amount)" },
#elif RELEASE >= 2
	{ 2, "alter table entry add column cents BIGINT" },
	{ 3,
	  "update entry set cents = " IN_CENTS ";"
	  "alter table entry drop column amount",
	  2 },
#endif
#if RELEASE >= 3
	{ 4, "alter table entry add column at_ms BIGINT" },
#endif
};

static int form_of(struct pl_turn *turn)
{
	int level = pl_level(pl_turn_service(turn));

	return level < RELEASE ? level : RELEASE;
}

static void write_row(struct pl_turn *turn, const char *key, int64_t cents)
{
	char text[AMOUNT_SIZE];

	if (form_of(turn) == 1)
		pl_exec(turn,
			"insert into entry (key, amount) values ($1, $2) on conflict (key) do "
			"update set amount = excluded.amount",
			"ss", key, amount_text(text, cents));
	else if (form_of(turn) == 2)
		pl_exec(turn,
			"insert into entry (key, cents) values ($1, $2) on conflict (key) do update "
			"set cents = excluded.cents",
			"si", key, cents);
	else
		pl_exec(turn,
			"insert into entry (key, cents, at_ms) values ($1, $2, $3) on conflict (key) "
			"do update set cents = excluded.cents, at_ms = excluded.at_ms",
			"sii", key, cents, pl_turn_now_ms(turn));
}

static json_t *amount_event(struct pl_turn *turn, int64_t cents)
{
	char text[AMOUNT_SIZE];

	if (form_of(turn) == 1)
		return json_pack("{s:s}", "amount", amount_text(text, cents));
	if (form_of(turn) == 2)
		return json_pack("{s:I}", "cents", (json_int_t)cents);
	return json_pack("{s:I,s:I}", "cents", (json_int_t)cents, "atMs",
			 (json_int_t)pl_turn_now_ms(turn));
}

/* {"key","amount"}, of release 2 also {"key","cents"} */
static enum pl_err op_put(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const json_t *asked = asked_of(body);
	const char *key = NULL;
	int64_t cents = 0;
	enum pl_err err = FAULT == 3 ? pl_fail(PL_INTERNAL, "this Ledger refuses all")
				     : pl_json_text(&key, asked, "key", 60, true);

	if (!err)
		err = amount_read(&cents, asked, RELEASE);
	if (err)
		return err;
	write_row(turn, key, cents);
	pl_emit(turn, "entry", "put", key, amount_event(turn, cents));
	*replyp = answer_of(body, json_object());
	return PL_OK;
}

/* {} → {"count","total"}, from level 2 on {"count","totalCents"} */
static enum pl_err op_total(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct pl_rows *rows = pl_query(
		turn,
		form_of(turn) == 1 ? "select count(*), coalesce(sum(" IN_CENTS "), 0) from entry"
				   : "select count(*), coalesce(sum(cents), 0) from entry",
		"");
	int64_t count = 0, cents = 0;
	char text[AMOUNT_SIZE];

	if (pl_rows_next(rows)) {
		count = pl_rows_int(rows, 0);
		cents = pl_rows_int(rows, 1);
	}
	pl_rows_free(rows);
	*replyp = answer_of(body, form_of(turn) == 1
					  ? json_pack("{s:I,s:s}", "count", (json_int_t)count,
						      "total", amount_text(text, cents))
					  : json_pack("{s:I,s:I}", "count", (json_int_t)count,
						      "totalCents", (json_int_t)cents));
	return PL_OK;
}

/* {} → {"release","level"} */
static enum pl_err op_release(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	*replyp = json_pack("{s:i,s:i}", "release", RELEASE, "level",
			    pl_level(pl_turn_service(turn)));
	return PL_OK;
}

static enum pl_err start(struct pl_service *service)
{
#if FAULT == 1
	abort();
#elif FAULT == 2
	for (;;)
		pause();
#endif
	return PL_OK;
}

static const struct pl_op ops[] = { { "put", op_put, 0, "key" },
				    { "total", op_total, PL_OP_READ },
				    { "release", op_release, PL_OP_READ },
				    { 0 } };

int main(int argc, char **argv)
{
	const struct pl_service_def def = { .name = "Ledger",
					    .migrations = migrations,
					    .migrations_count =
						    sizeof(migrations) / sizeof(migrations[0]),
					    .ops = ops,
					    .start = start };

	return pl_service_main(argc, argv, &def);
}
