/* merge.c — see merge.h. SPDX-License-Identifier: Apache-2.0 */
#include "merge.h"

#include <stdlib.h>
#include <string.h>

#include "customer.h"
#include "export.h"
#include "pelago/json.h"

enum { MERGES_SHOWN = 100 };

static void export_parts(struct pl_turn *turn, const json_t *parts)
{
	json_t *part;
	size_t i;

	json_array_foreach((json_t *)parts, i, part)
		export_customer(turn, json_string_value(part));
}

enum pl_err merge_make(struct pl_turn *turn, const char *from, const char *into, const char *user,
		       char id[27])
{
	json_t *moved, *kept;
	char *text;
	bool is_full;

	if (strcmp(from, into) == 0)
		return pl_fail(PL_STATE, "they are one customer already");
	moved = customer_parts(turn, from);
	kept = customer_parts(turn, into);
	is_full = json_array_size(moved) + json_array_size(kept) > PARTS_MOST;
	json_decref(kept);
	if (is_full) {
		json_decref(moved);
		return pl_fail(PL_STATE, "a customer has at most %d parts", PARTS_MOST);
	}
	text = pl_json_dump(moved);
	pl_id(id);
	pl_exec(turn, "update customer set root = $1 where root = $2", "ss", into, from);
	pl_exec(turn,
		"insert into customer_merge (id, from_root, into_root, moved, at_ms, made_by) "
		"values ($1, $2, $3, $4, $5, $6)",
		"ssssis", id, from, into, text, pl_turn_now_ms(turn), user);
	free(text);
	export_parts(turn, moved);
	json_decref(moved);
	return PL_OK;
}

static json_t *read_merge(struct pl_turn *turn, const char *id)
{
	struct pl_rows *rows = pl_query(
		turn,
		"select from_root, into_root, moved, undone_ms from customer_merge where id = $1",
		"s", id);
	json_t *merge = NULL;

	if (pl_rows_next(rows))
		merge = json_pack("{s:s, s:s, s:o, s:I}", "from", pl_rows_text(rows, 0), "into",
				  pl_rows_text(rows, 1), "moved",
				  json_loads(pl_rows_text(rows, 2), 0, NULL), "undoneMs",
				  (json_int_t)pl_rows_int(rows, 3));
	pl_rows_free(rows);
	return merge;
}

/* Only what is still where the merge's own customer is: others were split from it since. */
static void move_back(struct pl_turn *turn, const json_t *merge, const char *profile)
{
	const char *from = pl_json_get_text(merge, "from");
	json_t *part;
	size_t i;

	json_array_foreach(json_object_get(merge, "moved"), i, part)
		pl_exec(turn, "update customer set root = $1 where id = $2 and root = $3", "sss",
			from, json_string_value(part), profile);
	export_parts(turn, json_object_get(merge, "moved"));
}

enum pl_err merge_undo(struct pl_turn *turn, const char *profile, const char *id, const char *user)
{
	json_t *merge = read_merge(turn, id);
	char *now = merge ? customer_find(turn, pl_json_get_text(merge, "from")) : NULL;
	enum pl_err err = PL_OK;

	if (!now || (strcmp(now, profile) != 0 &&
		     json_integer_value(json_object_get(merge, "undoneMs")) == 0))
		err = pl_fail(PL_NOTFOUND, "this customer has no such merge");
	else if (json_integer_value(json_object_get(merge, "undoneMs")) > 0)
		err = pl_fail(PL_STATE, "this merge is undone already");
	if (!err) {
		move_back(turn, merge, profile);
		pl_exec(turn,
			"update customer_merge set undone_ms = $1, undone_by = $2 where id = $3",
			"iss", pl_turn_now_ms(turn), user, id);
	}
	free(now);
	json_decref(merge);
	return err;
}

json_t *merge_list(struct pl_turn *turn, const json_t *customers)
{
	char *text = pl_json_dump(customers);
	struct pl_rows *rows = pl_query(
		turn,
		"select id, from_root, into_root, at_ms, made_by from customer_merge where "
		"into_root in PL_LIST($1) and undone_ms = 0 order by id limit $2",
		"si", text, (int64_t)MERGES_SHOWN);
	json_t *list = json_array();

	while (pl_rows_next(rows))
		json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:I, s:s}", "mergeId",
						      pl_rows_text(rows, 0), "from",
						      pl_rows_text(rows, 1), "into",
						      pl_rows_text(rows, 2), "atMs",
						      (json_int_t)pl_rows_int(rows, 3), "by",
						      pl_rows_text(rows, 4)));
	pl_rows_free(rows);
	free(text);
	return list;
}
