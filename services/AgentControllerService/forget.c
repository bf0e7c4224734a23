/*
 * forget.c — frames that nobody asks for any more.
 *
 * They hold what customers wrote. Once an agent has logged out, what was shown till then is of no
 * use: a page that comes back gets all anew. It goes a while later, as an edge may yet be about to
 * fetch something for a page that was as quick as the news of the log-out.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "desk.h"

#include <string.h>

enum { FORGET_MS = 600000 };

void forget_later(struct pl_turn *turn, const char *agent_id)
{
	char stream[PL_STREAM_SIZE];
	int64_t head;

	if (pl_stream_name(stream, DESK_STREAM, agent_id))
		return;
	head = pl_stream_head(turn, stream);
	if (head > 0)
		pl_timer_set(turn, "forget", agent_id, PL_TIMER_ELAPSED, FORGET_MS,
			     json_pack("{s:I}", "upto", (json_int_t)head));
}

enum pl_err on_forget(struct pl_turn *turn, const char *key, const json_t *body)
{
	char stream[PL_STREAM_SIZE];
	enum pl_err err = pl_stream_name(stream, DESK_STREAM, key);

	if (!err)
		pl_stream_trim(turn, stream, json_integer_value(json_object_get(body, "upto")));
	return err;
}
