/*
 * upgrade_report.c — what a person wants to know of an upgrade beside its steps: what came after
 * the services, and who uses an outside interface that it changes.
 *
 * Of the last upgrade, or of a release beforehand: by "version" of one that is loaded, or, of the
 * command line, "release": the manifest of one that isn't.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <string.h>

#include "engines/upgrade/upgrade.h"
#include "interface.h"
#include "pelago/json.h"
#include "pelago/version.h"
#include "plans.h"
#include "release.h"
#include "upgrade.h"

static enum pl_err answer(json_t **replyp, json_t *view)
{
	*replyp = json_pack("{s:i,s:o}", "status", 200, "body", view);
	return *replyp ? PL_OK : PL_NOMEM;
}

/* ---- what came after ---- */

/* Of a second hop ids have its version behind them. */
static const struct plan_step *step_find(const struct plan *plan, const json_t *step,
					 const char *to)
{
	const char *action = pl_json_get_text(step, "action"),
		   *place = pl_json_get_text(step, "place"), *colon = *place ? ":" : "";
	const struct plan_step *found;
	char id[300];

	snprintf(id, sizeof(id), "%s%s%s", action, colon, place);
	found = plan_step_find(plan, id);
	if (found)
		return found;
	snprintf(id, sizeof(id), "%s%s%s@%s", action, colon, place, to);
	return plan_step_find(plan, id);
}

/* The first one that isn't done tells; "": there is nothing to do. */
static const char *state_of(const struct plan *plan, const json_t *steps, const char *to)
{
	const char *state = "";
	json_t *step;
	size_t i;

	json_array_foreach(steps, i, step) {
		const struct plan_step *found = plan ? step_find(plan, step, to) : NULL;

		state = found ? plan_step_state_text(found->state) : "waiting";
		if (!found || found->state != STEP_DONE)
			break;
	}
	return state;
}

static json_t *with_states(const json_t *items, const struct plan *plan, const char *to)
{
	json_t *list = json_array(), *item;
	size_t i;

	json_array_foreach(items, i, item) {
		json_t *view = json_copy(item);

		json_object_set_new(
			view, "state",
			json_string(state_of(plan, json_object_get(item, "steps"), to)));
		json_object_del(view, "steps");
		json_object_del(view, "commands");
		json_array_append_new(list, view);
	}
	return list;
}

/* ---- of the last upgrade ---- */

static enum pl_err report_last(struct pl_turn *turn, json_t **replyp)
{
	struct upgrade_last last;
	struct planned *planned = NULL;
	json_t *facts;
	enum pl_err err = upgrade_last_read(&last, turn);

	if (err == PL_NOTFOUND)
		return pl_fail(PL_NOTFOUND,
			       "nothing was upgraded yet: name a release, to see what it would "
			       "change");
	facts = err ? NULL : upgrade_facts(turn, NULL);
	if (!facts) {
		if (!err)
			upgrade_last_fini(&last);
		return err ? err : PL_NOMEM;
	}
	if (plans_find(&planned, turn, last.plan) != PL_OK)
		pl_err_clear(); /* its states aren't known any more */
	err = answer(replyp, json_pack("{s:s,s:s,s:s,s:s,s:o,s:o}", "state", last.state, "from",
				       last.from, "to", last.to, "mode", last.mode, "afterwards",
				       with_states(json_object_get(last.request, "afterwards"),
						   planned ? planned->plan : NULL, last.to),
				       "interfaces",
				       upgrade_interfaces(&(struct upgrade){ facts, last.release,
									     last.request })));
	if (planned)
		plans_drop(planned);
	json_decref(facts);
	upgrade_last_fini(&last);
	return err;
}

/* ---- of a release, beforehand ---- */

static enum pl_err on_asked(struct pl_turn *turn, struct pl_held *held, const json_t *context)
{
	const json_t *release = json_object_get(context, "release"), *items;
	json_t *request = json_pack("{s:s}", "mode", "rolling"), *facts, *reply = NULL;
	struct upgrade u;
	enum pl_err err;

	facts = upgrade_facts(turn, context);
	if (!facts) {
		json_decref(request);
		return PL_NOMEM;
	}
	u = (struct upgrade){ facts, release, request };
	items = upgrade_afterwards(&u);
	err = answer(&reply,
		     json_pack("{s:s,s:s,s:s,s:n,s:o,s:o}", "state", "none", "from", pl_version,
			       "to", pl_json_get_text(release, "version"), "mode", "afterwards",
			       with_states(items, NULL, ""), "interfaces", upgrade_interfaces(&u)));
	json_decref((json_t *)items);
	json_decref(request);
	json_decref(facts);
	if (!err)
		pl_reply(turn, held, reply);
	return err;
}

enum pl_err op_upgrade_report(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *version = NULL;
	const struct release *loaded = NULL;
	json_t *release = NULL;
	enum pl_err err = pl_json_text(&version, body, "query.version", 40, false);

	if (!err && !version && json_is_object(json_object_get(body, "body")))
		err = pl_json_object(&release, body, "body.release", 1000, false);
	if (err)
		return err;
	if (version && !(loaded = release_find(version)))
		return pl_fail(PL_NOTFOUND,
			       "release %s isn't loaded; 'pelago release load FILE' loads it",
			       version);
	if (loaded)
		release = loaded->manifest;
	if (!release)
		return report_last(turn, replyp);
	return upgrade_ask(turn, on_asked, json_pack("{s:O}", "release", release), false);
}
