/* find.c — see find.h. SPDX-License-Identifier: Apache-2.0 */
#include "find.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "act.h"
#include "change.h"
#include "context.h"
#include "keys.h"
#include "pelago/json.h"

enum { COMPLETE_ROWS = 100 };

/* Where a page starts: before this row. */
struct place {
	int64_t made_ms;
	char id[4 * ID_CHARS + 1];
};

static enum pl_err place_read(struct place *place, const struct pl_page *page)
{
	const char *id = "";
	enum pl_err err;

	*place = (struct place){ .made_ms = INT64_MAX };
	err = pl_page_split(page, &place->made_ms, &id);
	if (!err && strlen(id) >= sizeof(place->id))
		err = pl_fail(PL_INVALID, "cursor: not one of this list");
	if (!err)
		snprintf(place->id, sizeof(place->id), "%s", id);
	return err;
}

#define COLUMNS "select c.id, c.made_ms, c.group_id, c.topic, c.tenant_id, c.expires_ms "
#define BY(column)                                                                                 \
	COLUMNS "from context c where c." column " = $1 and (c.made_ms, c.id) < ($2, $3) and "     \
		"c.made_ms >= $4 order by c.made_ms desc, c.id desc limit $5"

static struct pl_rows *candidates(struct pl_turn *turn, const struct find *find,
				  const struct place *place)
{
	int64_t most = SCAN_ROWS + 1;

	if (find->key)
		return pl_query(
			turn,
			COLUMNS
			"from context_key k join context c on c.id = k.context "
			"where k.value = $1 and k.name = $2 and (k.made_ms, k.context) < ($3, $4) and "
			"k.made_ms >= $5 order by k.made_ms desc, k.context desc limit $6",
			"ssisii", find->value, find->key, place->made_ms, place->id, find->since_ms,
			most);
	if (find->group)
		return pl_query(turn, BY("group_id"), "sisii", find->group, place->made_ms,
				place->id, find->since_ms, most);
	if (find->topic)
		return pl_query(turn, BY("topic"), "sisii", find->topic, place->made_ms, place->id,
				find->since_ms, most);
	if (find->tenant)
		return pl_query(turn, BY("tenant_id"), "sisii", find->tenant, place->made_ms,
				place->id, find->since_ms, most);
	return pl_query(turn,
			COLUMNS "from context c where (c.made_ms, c.id) < ($1, $2) and "
				"c.made_ms >= $3 order by c.made_ms desc, c.id desc limit $4",
			"isii", place->made_ms, place->id, find->since_ms, most);
}

static bool is_same(const char *wanted, const char *has)
{
	return !wanted || strcmp(wanted, has) == 0;
}

static bool fits(const struct find *find, struct pl_rows *rows, int64_t now_ms)
{
	return is_same(find->group, pl_rows_text(rows, 2)) &&
	       is_same(find->topic, pl_rows_text(rows, 3)) &&
	       is_same(find->tenant, pl_rows_text(rows, 4)) && pl_rows_int(rows, 5) > now_ms;
}

/* Returns the ids that fit, and in placep the row that was looked at last; false: all were. */
static bool pick(struct pl_turn *turn, const struct find *find, struct place *place, json_t *picked)
{
	struct pl_rows *rows = candidates(turn, find, place);
	bool more = false;

	for (int seen = 0; pl_rows_next(rows); seen++) {
		more = seen == SCAN_ROWS || (int64_t)json_array_size(picked) == find->page.limit;
		if (more)
			break;
		place->made_ms = pl_rows_int(rows, 1);
		snprintf(place->id, sizeof(place->id), "%s", pl_rows_text(rows, 0));
		if (fits(find, rows, pl_turn_now_ms(turn)))
			json_array_append_new(picked,
					      json_pack("{s:s, s:I}", "id", place->id, "madeMs",
							(json_int_t)place->made_ms));
	}
	pl_rows_free(rows);
	return more;
}

#define KEY "%" PRId64 ":%s"

/* Reads entries until the page's bytes are enough; false if some are left. */
static bool show(struct pl_turn *turn, json_t *picked, struct pl_page *page)
{
	struct place last = { 0 };
	size_t i, bytes = 0;
	json_t *one;

	json_array_foreach(picked, i, one) {
		struct context context;
		json_t *shown;

		if (context_read(turn, &context, pl_json_get_text(one, "id")))
			continue;
		shown = act_shown(turn, &context);
		context_fini(&context);
		bytes += json_dumpb(shown, NULL, 0, JSON_COMPACT);
		if (bytes > PAGE_BYTES && *last.id) {
			json_decref(shown);
			pl_page_stop(page, KEY, last.made_ms, last.id);
			return false;
		}
		last.made_ms = json_integer_value(json_object_get(one, "madeMs"));
		snprintf(last.id, sizeof(last.id), "%s", pl_json_get_text(one, "id"));
		pl_page_add(page, shown, KEY, last.made_ms, last.id);
	}
	return true;
}

enum pl_err find_page(struct pl_turn *turn, const struct find *find, json_t **pagep)
{
	struct pl_page page = find->page;
	struct place place;
	json_t *picked;
	bool more;
	enum pl_err err = place_read(&place, &page);

	if (err)
		return err;
	if (find->until_ms && find->until_ms < place.made_ms) {
		place.made_ms = find->until_ms;
		place.id[0] = '\0';
	}
	picked = json_array();
	more = pick(turn, find, &place, picked);
	if (show(turn, picked, &page) && more)
		pl_page_stop(&page, KEY, place.made_ms, place.id);
	json_decref(picked);
	*pagep = pl_page_answer(&page);
	return *pagep ? PL_OK : PL_NOMEM;
}

void find_complete(struct pl_turn *turn)
{
	struct pl_rows *rows = pl_query(
		turn, "select id, entry from context where made_ms = 0 order by id limit $1", "i",
		(int64_t)COMPLETE_ROWS);
	json_t *list = json_array(), *one;
	int64_t now = pl_turn_now_ms(turn);
	size_t i;

	while (pl_rows_next(rows))
		json_array_append_new(list,
				      json_pack("{s:s, s:o}", "id", pl_rows_text(rows, 0), "entry",
						json_loads(pl_rows_text(rows, 1), 0, NULL)));
	pl_rows_free(rows);
	json_array_foreach(list, i, one) {
		const char *id = pl_json_get_text(one, "id");

		pl_exec(turn,
			"update context set topic = $1, tenant_id = $2, made_ms = $3 where id = $4",
			"ssis", pl_json_get_text(one, "entry.topic"),
			pl_json_get_text(one, "entry.tenantId"), now, id);
		keys_write(turn, id, now, NULL, pl_json_get(one, "entry.data"));
	}
	json_decref(list);
}
