/*
 * subscription_http.c — subscriptions, for administrators.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "http.h"

#include <string.h>

#include "pelago/json.h"
#include "subscription.h"

static enum pl_err answer(enum pl_err err, json_t *body, json_t **replyp)
{
	if (err)
		json_decref(body);
	else
		*replyp = json_pack("{s:i, s:o}", "status", 200, "body", body);
	return err;
}

/* Finds the one that the path names. */
static enum pl_err find(struct subscription **sp, const json_t *body)
{
	const char *id = NULL;
	enum pl_err err = pl_json_text(&id, body, "path.id", SUBSCRIPTION_ID_BYTES, true);

	*sp = err || !*id ? NULL : subscription_find(id);
	return err || *sp ? err : pl_fail(PL_NOTFOUND, "there is no such subscription");
}

enum pl_err http_subscriptions(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	json_t *items = json_array();

	for (int i = 0; i < SUBSCRIPTIONS; i++)
		if (subscriptions[i].id[0])
			json_array_append_new(items, subscription_shown(&subscriptions[i]));
	return answer(PL_OK, json_pack("{s:o, s:n}", "items", items, "cursor"), replyp);
}

enum pl_err http_subscription(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct subscription *s;
	enum pl_err err = find(&s, body);

	return answer(err, err ? NULL : subscription_shown(s), replyp);
}

enum pl_err http_set_subscription(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct subscription *s;
	const char *id = NULL;
	json_t *wanted = NULL;
	enum pl_err err = pl_json_text(&id, body, "path.id", 4 * SUBSCRIPTION_ID_BYTES, true);

	if (!err)
		err = pl_json_object(&wanted, body, "body", 20, true);
	if (!err)
		err = subscription_check(id, wanted);
	if (err)
		return err;
	s = subscription_find(id);
	if (!s)
		s = subscription_find("");
	if (!s)
		return pl_fail(PL_STATE, "there are %d subscriptions already", SUBSCRIPTIONS);
	subscription_write(turn, s, id, wanted);
	return answer(PL_OK, subscription_shown(s), replyp);
}

enum pl_err http_delete_subscription(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct subscription *s;
	enum pl_err err = find(&s, body);

	if (!err)
		subscription_remove(turn, s);
	return answer(err, json_object(), replyp);
}
