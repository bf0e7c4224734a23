/* complete.c — see complete.h. SPDX-License-Identifier: Apache-2.0 */
#include "complete.h"

#include "customer.h"

enum { ROWS = 500 };

static void complete_contact(struct pl_turn *turn, const char *id)
{
	pl_exec(turn,
		"insert into contact_agent (agent, contact, first_ms) "
		"select distinct o.agent, c.id, c.first_ms from contact_offer o "
		"join contact c on c.id = o.contact where c.id = $1 "
		"on conflict (agent, contact) do nothing",
		"s", id);
	pl_exec(turn,
		"update contact set state = case when closed_ms > 0 then 'closed' "
		"when offer_state in ('offered', 'active') then offer_state else 'waiting' end "
		"where id = $1",
		"s", id);
}

/* Returns whether there were none. */
static bool complete_contacts(struct pl_turn *turn)
{
	struct pl_rows *rows = pl_query(turn,
					"select id from contact where state = '' "
					"order by first_ms desc, id desc limit $1",
					"i", (int64_t)ROWS);
	json_t *ids = json_array(), *id;
	size_t i;

	while (pl_rows_next(rows))
		json_array_append_new(ids, json_string(pl_rows_text(rows, 0)));
	pl_rows_free(rows);
	json_array_foreach(ids, i, id)
		complete_contact(turn, json_string_value(id));
	json_decref(ids);
	return i == 0;
}

void complete_some(struct pl_turn *turn)
{
	static bool is_done;

	if (is_done)
		return;
	is_done = complete_contacts(turn);
	is_done = customer_complete(turn) && is_done;
}
