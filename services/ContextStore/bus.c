/* bus.c — see bus.h. SPDX-License-Identifier: Apache-2.0 */
#include "bus.h"

#include "act.h"
#include "audit.h"
#include "pelago/json.h"

static enum pl_err read_wish(struct wish *wish, const json_t *body, bool needs_id)
{
	enum pl_err err = pl_json_text(&wish->id, body, "contextId", ID_BYTES, needs_id);

	wish->change = body;
	if (!err)
		err = pl_json_text(&wish->touchpoint, body, "touchpoint", ID_BYTES, false);
	if (!err)
		err = pl_json_int(&wish->lease_s, body, "lease", 1, LEASE_MOST_S, false);
	if (!err)
		err = pl_json_int(&wish->version, body, "version", 1, INT64_MAX, false);
	return err;
}

static enum pl_err run(struct pl_turn *turn, const json_t *body, json_t **replyp, bool needs_id,
		       act_fn *act)
{
	struct wish wish = { 0 };
	enum pl_err err = read_wish(&wish, body, needs_id);

	return err ? err : act(turn, &wish, replyp);
}

enum pl_err bus_create(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return run(turn, body, replyp, false, act_create);
}

enum pl_err bus_get(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return run(turn, body, replyp, true, act_get);
}

enum pl_err bus_update(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return run(turn, body, replyp, true, act_update);
}

enum pl_err bus_upsert(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return run(turn, body, replyp, false, act_upsert);
}

enum pl_err bus_delete(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return run(turn, body, replyp, true, act_delete);
}

enum pl_err bus_renew(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return run(turn, body, replyp, true, act_renew);
}

enum pl_err bus_audit(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *id = NULL;
	enum pl_err err = pl_json_text(&id, body, "contextId", ID_BYTES, true);

	if (!err)
		*replyp = json_pack("{s:o}", "audit", audit_last(turn, id));
	return err;
}
