/*
 * request.c — a workflow asks for an agent, or not any more.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "queue.h"

static bool is_closed(struct pl_turn *turn, const char *id)
{
	struct pl_rows *rows =
		pl_query(turn, "select at_ms from closed where contact_id = $1", "s", id);
	bool closed = pl_rows_next(rows);

	pl_rows_free(rows);
	return closed;
}

/* What is true after the turn's matching, for a contact that was asked for. */
static json_t *standing(struct pl_turn *turn, const char *id)
{
	struct waiting *waiting = queue_find(id);
	size_t position = 0;
	int64_t wait_ms = 0;

	if (waiting)
		(void)queue_place(id, pl_turn_now_ms(turn), &position, &wait_ms);
	return json_pack("{s:s, s:I, s:o}", "state", waiting ? "queued" : "matched", "position",
			 (json_int_t)position, "estimatedWaitSeconds", wait_json(wait_ms));
}

/* keep_row takes what the row says over what is asked for, if there is a row: a repeat changes
 * nothing. */
static enum pl_err keep_row(struct pl_turn *turn, struct work *work)
{
	struct work had;
	enum pl_err err = work_load(turn, &had, work->id);

	if (err || had.state == WORK_NONE) {
		work_fini(&had);
		return err;
	}
	work_fini(work);
	*work = had;
	return PL_OK;
}

enum pl_err op_request(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct waiting *waiting;
	struct work work;
	enum pl_err err = work_check(&work, body);

	if (!err && is_closed(turn, work.id))
		err = pl_fail(PL_STATE, "the contact has ended");
	if (!err)
		err = keep_row(turn, &work);
	if (!err)
		err = work_step(turn, &work, WORK_EV_REQUEST, NULL);
	if (!err)
		err = match_all(turn);
	if (!err) {
		waiting = queue_find(work.id);
		if (waiting && queue_push(turn, waiting)) {
			/* The customer's edge may not watch yet: once more at the next tick. */
			waiting->pushed = 0;
			queue_move();
		}
		*replyp = standing(turn, work.id);
	}
	work_fini(&work);
	return err;
}

enum pl_err op_cancel(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *id = NULL;
	struct work work;
	enum pl_err err = contact_id_check(&id, body);
	bool was_there;

	if (err)
		return err;
	err = work_load(turn, &work, id);
	was_there = work.state == WORK_QUEUED || work.state == WORK_OFFERED;
	if (!err && work.state == WORK_ACTIVE)
		err = pl_fail(PL_STATE, "an agent has the contact already");
	if (!err)
		err = work_step(turn, &work, WORK_EV_CANCEL, NULL);
	work_fini(&work);
	if (!err)
		*replyp = json_pack("{s:b}", "cancelled", was_there);
	return err;
}
