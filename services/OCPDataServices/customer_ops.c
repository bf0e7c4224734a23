/* customer_ops.c — see customer_ops.h. SPDX-License-Identifier: Apache-2.0 */
#include "customer_ops.h"

#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "customer.h"
#include "erase.h"
#include "list.h"
#include "merge.h"
#include "pelago/json.h"

enum { MEMBERS = 50 };

static enum pl_err find(struct pl_turn *turn, char **profilep, const json_t *body, const char *name)
{
	const char *text = NULL;
	enum pl_err err = pl_json_text(&text, body, name, CUSTOMER_ID_MAX, true);

	if (err)
		return err;
	*profilep = customer_find(turn, text);
	return *profilep ? PL_OK : pl_fail(PL_NOTFOUND, "there is no such customer");
}

enum pl_err http_customers(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *q = NULL;
	json_t *page = NULL;
	struct pl_page from;
	enum pl_err err = pl_json_text(&q, body, "query.q", CUSTOMER_ID_MAX, false);

	if (!err)
		err = pl_page_read(&from, json_object_get(body, "query"), "customers");
	if (!err)
		err = customer_search(turn, q && *q ? q : NULL, &from, &page);
	return ask_answer(err, 200, page, replyp);
}

enum pl_err http_customer(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	char *profile = NULL;
	enum pl_err err = find(turn, &profile, body, "path.id");

	err = ask_answer(err, 200, err ? NULL : customer_profile(turn, profile), replyp);
	free(profile);
	return err;
}

static enum pl_err read_change(struct customer_change *change, const json_t *body, bool is_new)
{
	json_t *given = NULL, *attributes = NULL, *add = NULL, *remove = NULL;
	enum pl_err err = pl_json_object(&given, body, "body", MEMBERS, true);

	if (!err)
		err = pl_json_text(&change->name, given, "name", NAME_BYTES, false);
	if (!err)
		err = pl_json_object(&attributes, given, "attributes", MEMBERS, false);
	if (!err)
		err = pl_json_array(&add, given, is_new ? "addresses" : "addAddresses", MEMBERS,
				    false);
	if (!err && !is_new)
		err = pl_json_array(&remove, given, "removeAddresses", MEMBERS, false);
	change->attributes = attributes;
	change->add = add;
	change->remove = remove;
	return err;
}

enum pl_err http_make_customer(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct customer_change change = { 0 };
	char id[27] = "";
	enum pl_err err = read_change(&change, body, true);

	if (!err)
		err = customer_check(turn, NULL, &change);
	if (err)
		return err;
	customer_make(turn, id);
	customer_change(turn, id, &change);
	return ask_answer(PL_OK, 201, customer_profile(turn, id), replyp);
}

enum pl_err http_change_customer(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct customer_change change = { 0 };
	char *profile = NULL;
	enum pl_err err = read_change(&change, body, false);

	if (!err)
		err = find(turn, &profile, body, "path.id");
	if (!err)
		err = customer_check(turn, profile, &change);
	if (!err)
		customer_change(turn, profile, &change);
	err = ask_answer(err, 200, err ? NULL : customer_profile(turn, profile), replyp);
	free(profile);
	return err;
}

enum pl_err http_customer_history(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct contact_filter filter = { 0 };
	json_t *page = NULL, *parts = NULL;
	char *profile = NULL;
	enum pl_err err = pl_page_read(&filter.page, json_object_get(body, "query"), "records");

	if (!err)
		err = find(turn, &profile, body, "path.id");
	if (!err) {
		parts = customer_parts(turn, profile);
		filter.customers = parts;
		err = list_contacts(turn, &filter, &page);
	}
	json_decref(parts);
	free(profile);
	return ask_answer(err, 200, page, replyp);
}

/* {customer}: becomes a part of the path's */
enum pl_err http_merge(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	char *into = NULL, *from = NULL, id[27] = "";
	json_t *answer = NULL;
	enum pl_err err = find(turn, &into, body, "path.id");

	if (!err)
		err = find(turn, &from, body, "body.customer");
	if (!err)
		err = merge_make(turn, from, into, ask_user(body), id);
	if (!err)
		answer = json_pack("{s:s, s:o}", "mergeId", id, "customer",
				   customer_profile(turn, into));
	free(into);
	free(from);
	return ask_answer(err, 200, answer, replyp);
}

/* {mergeId} */
enum pl_err http_split(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *id = NULL;
	char *profile = NULL;
	enum pl_err err = pl_json_text(&id, body, "body.mergeId", 26, true);

	if (!err)
		err = find(turn, &profile, body, "path.id");
	if (!err)
		err = merge_undo(turn, profile, id, ask_user(body));
	err = ask_answer(err, 200, err ? NULL : customer_profile(turn, profile), replyp);
	free(profile);
	return err;
}

enum pl_err http_erase(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	char *profile = NULL, id[27] = "";
	json_t *answer = NULL;
	enum pl_err err = find(turn, &profile, body, "path.id");

	if (!err)
		err = erase_begin(turn, profile, ask_user(body), id);
	if (!err)
		err = erase_shown(turn, id, &answer);
	free(profile);
	return ask_answer(err, 202, answer, replyp);
}

enum pl_err http_erasure(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *id = NULL;
	json_t *answer = NULL;
	enum pl_err err = pl_json_text(&id, body, "path.id", 26, true);

	if (!err)
		err = erase_shown(turn, id, &answer);
	return ask_answer(err, 200, answer, replyp);
}
