/* remove.c — see remove.h. SPDX-License-Identifier: Apache-2.0 */
#include "remove.h"

#include <stdlib.h>

#include "file.h"
#include "pelago/json.h"
#include "word.h"

int64_t remove_contacts(struct pl_turn *turn, const json_t *ids)
{
	char *text = pl_json_dump(ids);
	struct pl_rows *rows =
		pl_query(turn, "delete from transcript where contact in PL_LIST($1) returning seq",
			 "s", text);
	int64_t messages = 0;

	while (pl_rows_next(rows))
		messages++;
	pl_rows_free(rows);
	for (size_t i = 0; i < json_array_size(ids); i++)
		files_remove(turn, json_string_value(json_array_get(ids, i)));
	pl_exec(turn, "delete from private_talk where contact in PL_LIST($1)", "s", text);
	pl_exec(turn, "delete from outcome where contact in PL_LIST($1)", "s", text);
	pl_exec(turn, "delete from step where contact in PL_LIST($1)", "s", text);
	pl_exec(turn, "delete from contact_offer where contact in PL_LIST($1)", "s", text);
	pl_exec(turn, "delete from contact_agent where contact in PL_LIST($1)", "s", text);
	pl_exec(turn, "delete from contact where id in PL_LIST($1)", "s", text);
	free(text);
	return messages;
}

int64_t remove_count(struct pl_turn *turn, const char *const *counts, size_t len, const json_t *ids)
{
	char *text = pl_json_dump(ids);
	int64_t sum = 0;

	for (size_t i = 0; i < len; i++) {
		struct pl_rows *rows = pl_query(turn, counts[i], "s", text);

		if (pl_rows_next(rows))
			sum += pl_rows_int(rows, 0);
		pl_rows_free(rows);
	}
	free(text);
	return sum;
}

int64_t remove_left(struct pl_turn *turn, const json_t *ids)
{
	static const char *const counts[] = {
		"select count(*) from contact where id in PL_LIST($1)",
		"select count(*) from transcript where contact in PL_LIST($1)",
		"select count(*) from contact_file where contact in PL_LIST($1)",
		"select count(*) from blob_owner where owner in PL_LIST($1)",
		"select count(*) from private_talk where contact in PL_LIST($1)",
		"select count(*) from outcome where contact in PL_LIST($1)",
		"select count(*) from step where contact in PL_LIST($1)",
		"select count(*) from contact_offer where contact in PL_LIST($1)",
		"select count(*) from contact_agent where contact in PL_LIST($1)",
	};

	return remove_count(turn, counts, sizeof(counts) / sizeof(counts[0]), ids);
}

void remove_customer(struct pl_turn *turn, const char *id)
{
	word_forget(turn, id);
	pl_exec(turn, "delete from address where customer = $1", "s", id);
	pl_exec(turn, "delete from customer_merge where from_root = $1 or into_root = $1", "s", id);
	pl_exec(turn, "delete from customer where id = $1", "s", id);
}
