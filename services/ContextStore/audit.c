/* audit.c — see audit.h. SPDX-License-Identifier: Apache-2.0 */
#include "audit.h"

#include <stdio.h>

#include "export.h"

enum { LAST = 100, SWEEP_ROWS = 1000 };

void audit_note(struct pl_turn *turn, const char *context, int64_t version,
		const struct touch *touch)
{
	char id[27];

	pl_id(id);
	pl_exec(turn,
		"insert into context_audit (id, context, at_ms, operation, version, touchpoint, sid) "
		"values ($1, $2, $3, $4, $5, $6, $7)",
		"ssisiss", id, context, pl_turn_now_ms(turn), touch->operation, version,
		touch->touchpoint ? touch->touchpoint : "", touch->sid ? touch->sid : "");
	export_audit(turn, id, context, version, touch);
}

static json_t *from_row(struct pl_rows *rows)
{
	return json_pack("{s:I, s:s, s:I, s:s, s:s}", "atMs", (json_int_t)pl_rows_int(rows, 1),
			 "operation", pl_rows_text(rows, 2), "version",
			 (json_int_t)pl_rows_int(rows, 3), "touchpoint", pl_rows_text(rows, 4),
			 "sid", pl_rows_text(rows, 5));
}

static struct pl_rows *rows_before(struct pl_turn *turn, const char *context, const char *before,
				   int64_t limit)
{
	return pl_query(turn,
			"select id, at_ms, operation, version, touchpoint, sid from context_audit "
			"where context = $1 and id < $2 order by id desc limit $3",
			"ssi", context, before, limit);
}

json_t *audit_last(struct pl_turn *turn, const char *context)
{
	struct pl_rows *rows = rows_before(turn, context, "~", LAST);
	json_t *list = json_array();

	while (pl_rows_next(rows))
		json_array_insert_new(list, 0, from_row(rows));
	pl_rows_free(rows);
	return list;
}

enum pl_err audit_page(struct pl_turn *turn, const char *context, const struct pl_page *from,
		       json_t **pagep)
{
	struct pl_page page = *from;
	struct pl_rows *rows =
		rows_before(turn, context, *page.after ? page.after : "~", page.limit + 1);
	bool found = false;

	while (pl_rows_next(rows)) {
		found = true;
		pl_page_add(&page, from_row(rows), "%s", pl_rows_text(rows, 0));
	}
	pl_rows_free(rows);
	*pagep = pl_page_answer(&page);
	if (*pagep && !found && !*from->after) {
		json_decref(*pagep);
		*pagep = NULL;
		return pl_fail(PL_NOTFOUND, "nothing is kept of such a context");
	}
	return *pagep ? PL_OK : PL_NOMEM;
}

void audit_sweep(struct pl_turn *turn, int64_t kept_ms)
{
	pl_exec(turn,
		"delete from context_audit where id in (select id from context_audit where at_ms < $1 "
		"order by at_ms limit $2)",
		"ii", pl_turn_now_ms(turn) - kept_ms, (int64_t)SWEEP_ROWS);
}
