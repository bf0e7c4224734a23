/*
 * gather.c — all attributes that have an area, from the manager, page by page.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "pelago/json.h"
#include "solution.h"

static gather_fn *const purposes[] = { [GATHER_LIST] = area_list, [GATHER_SET] = set_run };

json_t *manager_request(const json_t *request, json_t *query, json_t *body)
{
	return json_pack("{s:s, s:{}, s:o, s:o*, s:O*, s:O*}", "method", body ? "POST" : "GET",
			 "path", "query", query ? query : json_object(), "body", body, "user",
			 json_object_get(request, "user"), "from",
			 json_object_get(request, "from"));
}

enum pl_err manager_answered(struct pl_turn *turn, const struct pl_answer *answer)
{
	if (answer->err)
		pl_reply_error(turn, answer->held, answer->err, answer->message);
	else
		pl_reply(turn, answer->held, json_deep_copy(answer->body));
	return PL_OK;
}

static enum pl_err on_page(struct pl_turn *turn, const struct pl_answer *answer);

/* Gives gathered. */
static void ask_page(struct pl_turn *turn, struct pl_held *held, json_t *gathered,
		     const json_t *cursor)
{
	json_t *query = json_pack("{s:s, s:O*}", "limit", "200", "cursor",
				  json_is_string(cursor) ? cursor : NULL);

	pl_ask(turn, "Manager.attributes",
	       manager_request(json_object_get(gathered, "request"), query, NULL), on_page, held,
	       gathered);
}

static enum pl_err on_page(struct pl_turn *turn, const struct pl_answer *answer)
{
	const json_t *page = json_object_get(answer->body, "body"),
		     *cursor = json_object_get(page, "cursor");
	json_t *item;
	size_t i;

	if (answer->err)
		return manager_answered(turn, answer);
	json_array_foreach(json_object_get(page, "items"), i, item) {
		if (*pl_json_get_text(item, "area"))
			json_array_append(json_object_get(answer->context, "items"), item);
	}
	json_object_set(answer->context, "version", json_object_get(page, "version"));
	if (json_is_string(cursor))
		ask_page(turn, answer->held, json_incref(answer->context), cursor);
	else
		purposes[json_integer_value(json_object_get(answer->context, "what"))](
			turn, answer->held, answer->context);
	return PL_OK;
}

void gather(struct pl_turn *turn, const json_t *request, enum gather_for what)
{
	ask_page(turn, pl_hold(turn),
		 json_pack("{s:[], s:o, s:i}", "items", "request", json_deep_copy(request), "what",
			   (int)what),
		 NULL);
}
