/* transcript.c — see transcript.h. SPDX-License-Identifier: Apache-2.0 */
#include "transcript.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "pelago/json.h"

struct place {
	int64_t chat, talk; /* numbers of the last one shown of each */
};
#define KEY "%" PRId64 ":%" PRId64

static enum pl_err place_read(struct place *place, const struct pl_page *page)
{
	const char *talk = NULL;
	char *end = NULL;
	enum pl_err err;

	*place = (struct place){ INT64_MIN, INT64_MIN };
	err = pl_page_split(page, &place->chat, &talk);
	if (err || !talk)
		return err;
	errno = 0;
	place->talk = strtoll(talk, &end, 10);
	if (errno || end == talk || *end)
		return pl_fail(PL_INVALID, "cursor: not one of this list");
	return PL_OK;
}

/* Of rows: seq, from, name, text, at_ms. */
static json_t *said(struct pl_rows *rows)
{
	return json_pack("{s:I, s:s, s:s, s:s, s:I}", "seq", (json_int_t)pl_rows_int(rows, 0),
			 "from", pl_rows_text(rows, 1), "name", pl_rows_text(rows, 2), "text",
			 pl_rows_text(rows, 3), "atMs", (json_int_t)pl_rows_int(rows, 4));
}

static json_t *chat_after(struct pl_turn *turn, const char *contact, int64_t seq, int64_t limit)
{
	struct pl_rows *rows = pl_query(
		turn,
		"select t.seq, t.sender, t.name, t.text, t.at_ms, t.url, f.id, f.name, f.size, "
		"f.type from transcript t left join contact_file f on f.contact = t.contact and "
		"f.seq = t.seq where t.contact = $1 and t.seq > $2 order by t.seq limit $3",
		"sii", contact, seq, limit);
	json_t *list = json_array();

	while (pl_rows_next(rows)) {
		const char *file = pl_rows_text(rows, 6); /* NULL without one */
		json_t *item = said(rows);

		if (*pl_rows_text(rows, 5))
			json_object_set_new(item, "url", json_string(pl_rows_text(rows, 5)));
		if (file)
			json_object_set_new(item, "file",
					    json_pack("{s:s, s:s, s:I, s:s}", "id", file, "name",
						      pl_rows_text(rows, 7), "size",
						      (json_int_t)pl_rows_int(rows, 8), "type",
						      pl_rows_text(rows, 9)));
		json_array_append_new(list, item);
	}
	pl_rows_free(rows);
	return list;
}

static json_t *talk_after(struct pl_turn *turn, const char *contact, int64_t seq, int64_t limit)
{
	struct pl_rows *rows = pl_query(turn,
					"select seq, 'agent', name, text, at_ms from private_talk "
					"where contact = $1 and seq > $2 order by seq limit $3",
					"sii", contact, seq, limit);
	json_t *list = json_array();

	while (pl_rows_next(rows)) {
		json_t *item = said(rows);

		json_object_set_new(item, "private", json_true());
		json_array_append_new(list, item);
	}
	pl_rows_free(rows);
	return list;
}

static int64_t number(const json_t *item, const char *name)
{
	return json_integer_value(json_object_get(item, name));
}

/* The chat in its order; of the same time, the chat comes first. */
static void merge(struct pl_page *page, struct place place, const json_t *chat, const json_t *talk)
{
	size_t chats = 0, talks = 0, bytes = 0;
	json_t *next, *aside;

	while ((next = json_array_get(chat, chats), aside = json_array_get(talk, talks)) || next) {
		bool is_aside = aside && (!next || number(aside, "atMs") < number(next, "atMs"));
		json_t *item = is_aside ? aside : next;

		bytes += json_dumpb(item, NULL, 0, 0);
		if (bytes > TRANSCRIPT_BYTES && chats + talks > 0) {
			pl_page_stop(page, KEY, place.chat, place.talk);
			return;
		}
		*(is_aside ? &place.talk : &place.chat) = number(item, "seq");
		*(is_aside ? &talks : &chats) += 1;
		pl_page_add(page, json_incref(item), KEY, place.chat, place.talk);
	}
}

enum pl_err transcript_read(struct pl_turn *turn, const char *contact, const struct pl_page *from,
			    json_t **pagep)
{
	struct pl_page page = *from;
	struct place place;
	json_t *chat, *talk;
	enum pl_err err = place_read(&place, &page);

	if (err)
		return err;
	chat = chat_after(turn, contact, place.chat, page.limit + 1);
	talk = talk_after(turn, contact, place.talk, page.limit + 1);
	merge(&page, place, chat, talk);
	json_decref(chat);
	json_decref(talk);
	*pagep = pl_page_answer(&page);
	return *pagep ? PL_OK : PL_NOMEM;
}
