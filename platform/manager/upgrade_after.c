/*
 * upgrade_after.c — steps of an upgrade that are taken by EngagementDesigner: workflows, and rules.
 *
 * What was there is asked for and stored before it is changed; both while the step waits to be
 * seen, as an answer comes in a later turn. All that is asked may be done twice.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pelago/json.h"
#include "pelago/log.h"
#include "plans.h"
#include "upgrade.h"

static const char designer[] = "EngagementDesigner";

enum { STALE_MS = 5000 }; /* whose turn was rolled back, or who isn't asked for it any more */

/* What was asked, and its answer until a step takes it. Lost with the process: asked again then. */
struct talk {
	struct talk *next;
	char *key; /* of what was asked for which step */
	int64_t asked_ms;
	bool is_answered;
	enum pl_err err;
	char *message;
	json_t *reply;
};
static struct talk *talks;

static struct talk **talk_find(const char *key)
{
	struct talk **at = &talks;

	while (*at && strcmp((*at)->key, key) != 0)
		at = &(*at)->next;
	return at;
}

static void talk_drop(struct talk **at)
{
	struct talk *talk = *at;

	*at = talk->next;
	json_decref(talk->reply);
	free(talk->message);
	free(talk->key);
	free(talk);
}

static enum pl_err on_answer(struct pl_turn *turn, const struct pl_answer *answer)
{
	struct talk *talk = *talk_find(pl_json_get_text(answer->context, "key"));

	if (!talk || talk->is_answered)
		return PL_OK;
	talk->is_answered = true;
	talk->err = answer->err;
	talk->message = answer->err ? strdup(answer->message ? answer->message : "") : NULL;
	talk->reply = answer->err ? NULL : json_deep_copy(answer->body);
	plans_wake(turn);
	return PL_OK;
}

static enum pl_err talk_begin(struct pl_turn *turn, const char *key, const char *operation,
			      json_t *body)
{
	struct talk *talk = calloc(1, sizeof(*talk));
	char name[80];

	if (!talk || !(talk->key = strdup(key))) {
		free(talk);
		json_decref(body);
		return PL_NOMEM;
	}
	talk->asked_ms = manager_now_ms();
	talk->next = talks;
	talks = talk;
	snprintf(name, sizeof(name), "%s.%s", designer, operation);
	pl_ask(turn, name, body, on_answer, NULL, json_pack("{s:s}", "key", key));
	return pl_fail(PL_AGAIN, "%s is asked", designer);
}

/*
 * The reply to an operation, a new reference; PL_AGAIN until it has come, and while nobody answers.
 * why: apart from other questions of the step. body: gives.
 */
static enum pl_err ask(json_t **replyp, struct pl_turn *turn, const struct plan_step *step,
		       const char *why, const char *operation, json_t *body)
{
	char key[200];
	struct talk **at;
	enum pl_err err;

	snprintf(key, sizeof(key), "%s %s", why, step->id);
	at = talk_find(key);
	if (*at && manager_now_ms() - (*at)->asked_ms > STALE_MS) {
		talk_drop(at);
		at = talk_find(key);
	}
	if (!*at)
		return talk_begin(turn, key, operation, body);
	json_decref(body);
	if (!(*at)->is_answered)
		return pl_fail(PL_AGAIN, "%s is asked", designer);
	err = (*at)->err;
	if (err)
		err = pl_fail(pl_err_row(err)->retry ? PL_AGAIN : err, "%s: %s", designer,
			      (*at)->message ? (*at)->message : "");
	else
		*replyp = json_incref((*at)->reply);
	talk_drop(at);
	return err;
}

static bool is_placed(void)
{
	for (const struct placed *s = model.services; s; s = s->next)
		if (strcmp(s->name, designer) == 0)
			return true;
	return false;
}

/* ---- there ---- */

static const struct kind {
	const char *action;
	const char *look, *change; /* operations; look is told dryRun, where it is the same */
	const char *trail;	   /* of the audit */
} kinds[] = {
	{ "workflows-replace", "replace", "replace", "workflow.replace" },
	{ "rules-recreate", "replaceable", "recreate-rules", "rule.recreate" },
	{ "rules-aim", "aim-rules", "aim-rules", "rule.aim" },
};

static const struct kind *kind_of(const struct plan_step *step)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].action, step->action->name) == 0)
			return &kinds[i];
	return NULL;
}

static json_t *question(const struct plan_step *step, bool is_dry)
{
	static const char *const members[] = { "names", "removed" };
	json_t *body = json_pack("{s:b}", "dryRun", is_dry);

	for (size_t i = 0; i < 2; i++) {
		json_t *list = json_object_get(step->args, members[i]);

		if (json_is_array(list))
			json_object_set(body, members[i], list);
	}
	return body;
}

/* What would be changed: the step's pre-image. It is stored before anything else is asked. */
static enum pl_err look(struct pl_turn *turn, struct plan_step *step)
{
	json_t *reply = NULL;
	enum pl_err err =
		ask(&reply, turn, step, "look", kind_of(step)->look, question(step, true));

	if (err)
		return err;
	json_decref(step->before);
	step->before = reply;
	step->is_changed = true;
	return pl_fail(PL_AGAIN, "what is there has been noted");
}

static void trail(struct pl_turn *turn, const struct plan_step *step, const json_t *reply)
{
	json_t *request = json_pack("{s:{s:s},s:s}", "user", "name", "upgrade", "from", "plan");
	char *became = json_dumps(reply, JSON_COMPACT);

	audit_add(turn, request, kind_of(step)->trail, designer, "", became ? became : "");
	json_decref(request);
	free(became);
}

enum pl_err designer_apply(void *world, struct plan_step *step)
{
	return PL_OK; /* designer_verify does it, once it knows what there is */
}

enum pl_err designer_verify(void *world, struct plan_step *step)
{
	json_t *reply = NULL;
	enum pl_err err;

	if (!is_placed())
		return PL_OK; /* it was taken out meanwhile */
	if (!json_is_object(step->before))
		return look(world, step);
	err = ask(&reply, world, step, "change", kind_of(step)->change, question(step, false));
	if (err)
		return err;
	trail(world, step, reply);
	json_decref(reply);
	return PL_OK;
}

/* ---- and back ---- */

enum pl_err designer_undo(void *world, struct plan_step *step)
{
	static const char *const members[] = { "retired", "moved", "recreate" };
	json_t *body, *reply = NULL;
	const json_t *left;
	enum pl_err err;

	if (!json_is_object(step->before) || !is_placed())
		return PL_OK;
	body = json_object();
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		json_t *list = json_object_get(step->before, members[i]);

		/* what there is beside rules that are made anew belongs to other steps */
		if (list && (i == 2) == (strcmp(step->action->name, "rules-recreate") == 0))
			json_object_set(body, members[i], list);
	}
	err = ask(&reply, world, step, "back", "replace-back", body);
	if (err)
		return err;
	left = json_array_get(json_object_get(reply, "left"), 0);
	if (left)
		err = pl_fail(PL_STATE, "%s", json_string_value(left));
	json_decref(reply);
	return err;
}
