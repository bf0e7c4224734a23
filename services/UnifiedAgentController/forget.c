/*
 * forget.c — frames that nobody asks for any more.
 *
 * Frames carry no time. So each ten minutes the head of each agent's stream is noted beside the
 * time; what is at or before an old enough note goes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "uac.h"

enum { STREAMS_AT_ONCE = 500 };

void forget_stream(struct pl_turn *turn, const char *stream)
{
	pl_exec(turn,
		"insert into stream_mark (stream, seq, at_ms, is_last) values ($1, $2, $3, 1) "
		"on conflict (stream, seq) do nothing",
		"sii", stream, pl_stream_head(turn, stream), pl_turn_now_ms(turn));
}

static void forget_until(struct pl_turn *turn, const char *stream, int64_t seq, bool is_last)
{
	if (is_last)
		pl_stream_drop(turn, stream);
	else
		pl_stream_trim(turn, stream, seq);
	pl_exec(turn, "delete from stream_mark where stream = $1 and seq <= $2", "si", stream, seq);
}

enum pl_err forget(struct pl_turn *turn)
{
	int64_t before_ms = pl_turn_now_ms(turn) -
			    1000 * pl_attribute_get(pl_turn_service(turn), "frames_kept_s");
	json_t *list = json_array(), *item;
	struct pl_rows *rows;
	size_t i;

	pl_exec(turn, "delete from offer where is_accepted = 2 and expires_ms < $1", "i",
		before_ms);
	pl_exec(turn,
		"insert into stream_mark (stream, seq, at_ms, is_last) "
		"select stream, coalesce((select max(seq) from pl_frame where pl_frame.stream = "
		"pl_stream.stream), head), $1, 0 from pl_stream where stream like 'agent.%' "
		"on conflict (stream, seq) do nothing",
		"i", pl_turn_now_ms(turn));
	rows = pl_query(turn,
			"select stream, max(seq), max(is_last) from stream_mark where at_ms < $1 "
			"group by stream order by stream limit $2",
			"ii", before_ms, (int64_t)STREAMS_AT_ONCE);
	while (pl_rows_next(rows))
		json_array_append_new(list, json_pack("[s, I, I]", pl_rows_text(rows, 0),
						      (json_int_t)pl_rows_int(rows, 1),
						      (json_int_t)pl_rows_int(rows, 2)));
	pl_rows_free(rows);
	json_array_foreach(list, i, item)
		forget_until(turn, json_string_value(json_array_get(item, 0)),
			     json_integer_value(json_array_get(item, 1)),
			     json_integer_value(json_array_get(item, 2)) != 0);
	json_decref(list);
	return PL_OK;
}
