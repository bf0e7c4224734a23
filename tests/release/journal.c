/*
 * journal.c — Journal, which reads Ledger's events and asks it: a peer of three releases.
 *
 * One of release 1 knows amounts as texts only: an event in another form is set aside, and shows.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "pelago/json.h"
#include "pelago/service.h"
#include "tests/release/amount.h"

static const struct pl_migration migrations[] = {
	{ 1, "create table noted (key TEXT not null primary key, cents BIGINT not null)" },
#if RELEASE >= 2
	{ 2, "alter table noted add column times BIGINT not null default 0" },
#endif
};

static enum pl_err on_put(struct pl_turn *turn, const struct pl_event *event)
{
	int64_t cents = 0;
	enum pl_err err = amount_read(&cents, event->body, RELEASE);

	if (err)
		return err;
	pl_exec(turn,
		"insert into noted (key, cents) values ($1, $2) on conflict (key) do update set "
		"cents = excluded.cents",
		"si", event->key, cents);
	return PL_OK;
}

static void sum(int64_t *countp, int64_t *centsp, struct pl_turn *turn)
{
	struct pl_rows *rows =
		pl_query(turn, "select count(*), coalesce(sum(cents), 0) from noted", "");

	if (pl_rows_next(rows)) {
		*countp = pl_rows_int(rows, 0);
		*centsp = pl_rows_int(rows, 1);
	}
	pl_rows_free(rows);
}

/* What Ledger says of its total, in the form of either release. */
static enum pl_err total_of(int64_t *centsp, const json_t *reply)
{
	json_t *same;
	enum pl_err err;

	if (RELEASE >= 2 && json_object_get(reply, "totalCents"))
		return pl_json_int(centsp, reply, "totalCents", 0, INT64_MAX, true);
	same = json_pack("{s:O*}", "amount", json_object_get(reply, "total"));
	err = amount_read(centsp, same, 1);
	json_decref(same);
	return err;
}

static enum pl_err on_total(struct pl_turn *turn, const struct pl_answer *answer)
{
	int64_t count = 0, cents = 0, theirs = 0;
	enum pl_err err = answer->err;

	if (!err)
		err = total_of(&theirs, answer->body);
	if (err) {
		pl_reply_error(turn, answer->held, err,
			       answer->err ? answer->message : pl_err_detail(err));
		return PL_OK;
	}
	sum(&count, &cents, turn);
	pl_reply(turn, answer->held,
		 answer_of(answer->context,
			   json_pack("{s:I,s:I,s:I}", "count", (json_int_t)count, "cents",
				     (json_int_t)cents, "theirs", (json_int_t)theirs)));
	return PL_OK;
}

/* {} → {"count","cents","theirs"}: what was noted here, and what Ledger says */
static enum pl_err op_compare(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	pl_ask(turn, "Ledger.total", json_object(), on_total, pl_hold(turn),
	       json_pack("{s:O*}", "method", json_object_get(body, "method")));
	return PL_OK;
}

/* {"key","amount"}: puts into Ledger */
static enum pl_err op_order(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *key = NULL;
	int64_t cents = 0;
	char text[AMOUNT_SIZE];
	bool is_old = RELEASE == 1 || pl_level(pl_turn_service(turn)) == 1;
	enum pl_err err = pl_json_text(&key, body, "key", 60, true);

	if (!err)
		err = amount_read(&cents, body, RELEASE);
	if (err)
		return err;
	pl_command(turn, "Ledger.put", key,
		   is_old ? json_pack("{s:s,s:s}", "key", key, "amount", amount_text(text, cents))
			  : json_pack("{s:s,s:I}", "key", key, "cents", (json_int_t)cents),
		   NULL);
	return PL_OK;
}

static enum pl_err on_ordered(struct pl_turn *turn, const struct pl_answer *answer)
{
	return PL_OK;
}

static const struct pl_op ops[] = { { "compare", op_compare, PL_OP_READ },
				    { "order", op_order, 0 },
				    { 0 } };
static const struct pl_on_event events[] = { { "entry.put", on_put }, { 0 } };
static const struct pl_on_answer answers[] = { { "Ledger.put", on_ordered }, { 0 } };

int main(int argc, char **argv)
{
	const struct pl_service_def def = { .name = "Journal",
					    .migrations = migrations,
					    .migrations_count =
						    sizeof(migrations) / sizeof(migrations[0]),
					    .ops = ops,
					    .events = events,
					    .answers = answers };

	return pl_service_main(argc, argv, &def);
}
