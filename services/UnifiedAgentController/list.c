/*
 * list.c — who is logged in: whom one can transfer a contact to.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "uac.h"

#include <string.h>

#include "pelago/json.h"
#include "pelago/page.h"

#define SERVICE_CATEGORY "Service."
#define SELECT_AGENT                                                                               \
	"select a.agent_id, a.name, a.state, a.reason, a.since_ms, a.attributes, "                 \
	"(select count(*) from offer o where o.agent_id = a.agent_id and o.is_accepted = 1) "      \
	"from agent a "

/* ["Sales"] of [{"name":"Service.Sales",…}]; gives attributes. */
static json_t *services_of(json_t *attributes)
{
	json_t *list = json_array(), *item;
	const char *name;
	size_t i;

	json_array_foreach(attributes, i, item) {
		name = pl_json_get_text(item, "name");
		if (strncmp(name, SERVICE_CATEGORY, strlen(SERVICE_CATEGORY)) == 0)
			json_array_append_new(list, json_string(name + strlen(SERVICE_CATEGORY)));
	}
	json_decref(attributes);
	return list;
}

static json_t *show(struct pl_rows *rows)
{
	enum agent_state state = (enum agent_state)pl_rows_int(rows, 2);
	json_t *attributes = json_loads(pl_rows_text(rows, 5), 0, NULL);
	json_t *item = json_pack(
		"{s:s, s:s, s:s, s:s, s:I, s:I, s:o}", "id", pl_rows_text(rows, 0), "name",
		pl_rows_text(rows, 1), "state", agent_state_name(state), "reason",
		pl_rows_text(rows, 3), "sinceMs", (json_int_t)pl_rows_int(rows, 4), "contacts",
		(json_int_t)pl_rows_int(rows, 6), "services", services_of(attributes));

	agent_flags(item, state);
	return item;
}

/* {agentId} → {agent}; one who is logged out is told as such, one who never logged in isn't there.
 */
enum pl_err op_agent(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *id = NULL;
	struct pl_rows *rows;
	enum pl_err err = pl_json_text(&id, body, "agentId", AGENT_SIZE - 1, true);

	if (err)
		return err;
	rows = pl_query(turn, SELECT_AGENT "where a.agent_id = $1", "s", id);
	if (pl_rows_next(rows))
		*replyp = json_pack("{s:o}", "agent", show(rows));
	pl_rows_free(rows);
	return *replyp ? PL_OK : pl_fail(PL_NOTFOUND, "this agent never logged in");
}

enum pl_err op_agents(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct pl_page page;
	struct pl_rows *rows;
	enum pl_err err = pl_page_read(&page, json_object_get(body, "query"), "agents");

	if (err)
		return err;
	rows = pl_query(turn,
			SELECT_AGENT "where a.state <> $1 and a.agent_id > $2 "
				     "order by a.agent_id limit $3",
			"isi", (int64_t)AGENT_LOGGED_OUT, page.after, page.limit + 1);
	while (pl_rows_next(rows))
		pl_page_add(&page, show(rows), "%s", pl_rows_text(rows, 0));
	pl_rows_free(rows);
	*replyp = json_pack("{s:i, s:o}", "status", 200, "body", pl_page_answer(&page));
	return *replyp ? PL_OK : PL_NOMEM;
}
