/* http.c — see http.h. SPDX-License-Identifier: Apache-2.0 */
#include "http.h"

#include <stdlib.h>
#include <string.h>

#include "act.h"
#include "audit.h"
#include "find.h"
#include "pelago/json.h"

enum { QUERY_BYTES = 2048 };

/* The edge has checked a token if there was one. */
static enum pl_err may(struct pl_turn *turn, const json_t *body)
{
	if (json_is_object(json_object_get(body, "user")) ||
	    pl_attribute_get(pl_turn_service(turn), "open_access"))
		return PL_OK;
	return pl_fail(PL_UNAUTHORIZED, "a bearer token is needed");
}

/* A number in place of a text becomes one. */
static void numbers_to_texts(json_t *change)
{
	static const char *const texts[] = { "contextId", "groupId",  "routingId",
					     "topic",	  "tenantId", "aliasId" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		json_t *value = json_object_get(change, texts[i]);

		if (json_is_integer(value))
			json_object_set_new(
				change, texts[i],
				json_sprintf("%" JSON_INTEGER_FORMAT, json_integer_value(value)));
	}
}

static void alias_to_list(json_t *change)
{
	json_t *alias = json_object_get(change, "aliasId");

	if (alias && !json_object_get(change, "aliasIds"))
		json_object_set_new(change, "aliasIds", json_pack("[O]", alias));
}

/* "true" or "false" */
static enum pl_err read_flag(bool *flagp, const json_t *body, const char *name)
{
	const char *text = NULL;
	enum pl_err err = pl_json_text(&text, body, name, 10, false);

	if (err || !text)
		return err;
	*flagp = strcmp(text, "true") == 0;
	return *flagp || strcmp(text, "false") == 0
		       ? PL_OK
		       : pl_fail(PL_INVALID, "%s is neither true nor false", name);
}

/* The routing id may come in the query, too. */
static enum pl_err read_rid(const json_t *body, json_t *change)
{
	const char *rid = NULL;
	enum pl_err err = pl_json_text(&rid, body, "query.rid", ID_BYTES, false);

	if (!err && rid && !*rid)
		err = pl_fail(PL_INVALID, "query.rid is empty");
	if (!err && rid && change && !json_object_get(change, "routingId"))
		json_object_set_new(change, "routingId", json_string(rid));
	return err;
}

static enum pl_err read_query(struct wish *wish, const json_t *body, json_t *change)
{
	enum pl_err err =
		pl_json_text(&wish->touchpoint, body, "query.touchpoint", ID_BYTES, false);

	if (!err)
		err = pl_json_text(&wish->sid, body, "query.sid", ID_BYTES, false);
	if (!err)
		err = pl_json_digits(&wish->lease_s, body, "query.lease", 1, LEASE_MOST_S);
	if (!err)
		err = pl_json_digits(&wish->version, body, "query.version", 1, INT64_MAX);
	if (!err)
		err = read_flag(&wish->wants_short_id, body, "query.shortid");
	if (!err)
		err = read_flag(&wish->wants_rules, body, "query.rules");
	return err ? err : read_rid(body, change);
}

static enum pl_err read_ids(struct wish *wish, const json_t *body, const json_t *change,
			    bool needs_id)
{
	enum pl_err err = pl_json_text(&wish->id, body, "path.id", ID_BYTES, false);

	if (!err)
		err = pl_json_text(&wish->key, body, "path.key", DATA_MAX, false);
	if (!err && !wish->id && change)
		err = pl_json_text(&wish->id, change, "contextId", ID_BYTES, false);
	if (!err && !wish->id && needs_id)
		err = pl_json_text(&wish->id, body, "query.alias", ID_BYTES, false);
	if (!err && !wish->id && needs_id)
		err = pl_fail(PL_INVALID, "contextId is missing");
	return err;
}

struct call {
	int status;
	bool has_body, needs_id;
	act_fn *act;
};

/* body's change, its own copy; NULL where the call has none. */
static enum pl_err read_change(json_t **changep, const struct call *call, const json_t *body)
{
	json_t *given = NULL;
	enum pl_err err;

	if (!call->has_body)
		return PL_OK;
	err = pl_json_object(&given, body, "body", CHANGE_MEMBERS, true);
	if (err)
		return err;
	*changep = json_copy(given);
	if (!*changep)
		return PL_NOMEM;
	numbers_to_texts(*changep);
	alias_to_list(*changep);
	return PL_OK;
}

static enum pl_err run(struct pl_turn *turn, const json_t *body, json_t **replyp,
		       const struct call *call)
{
	struct wish wish = { 0 };
	json_t *change = NULL, *answer = NULL;
	enum pl_err err = may(turn, body);

	if (!err)
		err = read_change(&change, call, body);
	if (!err)
		err = read_ids(&wish, body, change, call->needs_id);
	if (!err)
		err = read_query(&wish, body, change);
	wish.change = change;
	if (!err)
		err = call->act(turn, &wish, &answer);
	if (!err)
		*replyp = json_pack("{s:i, s:o}", "status", call->status, "body", answer);
	json_decref(change);
	return err;
}

#define CALL(name, ...)                                                                            \
	enum pl_err http_##name(struct pl_turn *turn, const json_t *body, json_t **replyp)         \
	{                                                                                          \
		static const struct call call = { __VA_ARGS__ };                                   \
                                                                                                   \
		return run(turn, body, replyp, &call);                                             \
	}
CALL(create, 201, true, false, act_create)
CALL(get, 200, false, true, act_get)
CALL(update, 200, true, true, act_update)
CALL(upsert, 200, true, true, act_upsert)
CALL(delete, 200, false, true, act_delete)
CALL(renew, 200, false, true, act_renew)
CALL(get_key, 200, false, true, act_get_key)
CALL(delete_key, 200, false, true, act_delete_key)

/* The body has the value under the key's own name, or under "value". */
enum pl_err http_set_key(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct wish wish = { 0 };
	json_t *given = NULL, *change, *value, *answer = NULL;
	enum pl_err err = may(turn, body);

	if (!err)
		err = pl_json_object(&given, body, "body", CHANGE_MEMBERS, true);
	if (!err)
		err = read_ids(&wish, body, NULL, true);
	if (!err)
		err = read_query(&wish, body, NULL);
	if (err)
		return err;
	value = json_object_get(given, wish.key);
	if (!value)
		value = json_object_get(given, "value");
	if (!value)
		return pl_fail(PL_INVALID, "the body has neither a member named as the key nor one "
					   "named value");
	change = json_pack("{s:{s:O}}", "data", wish.key, value);
	wish.change = change;
	err = act_update(turn, &wish, &answer);
	if (!err)
		*replyp = json_pack("{s:i, s:o}", "status", 200, "body", answer);
	json_decref(change);
	return err;
}

/* ---- lists ---- */

static enum pl_err page(struct pl_turn *turn, struct find *find, const json_t *body,
			json_t **replyp)
{
	json_t *found = NULL;
	enum pl_err err = pl_page_read(&find->page, json_object_get(body, "query"), CONTEXTS);

	if (!err)
		err = find_page(turn, find, &found);
	if (!err && find->group && !*find->page.after &&
	    !json_is_string(json_object_get(found, "cursor")) && pl_json_get(body, "path.group") &&
	    json_array_size(json_object_get(found, "items")) == 0)
		err = pl_fail(PL_NOTFOUND, "no context has this groupId");
	if (err)
		json_decref(found);
	else
		*replyp = json_pack("{s:i, s:o}", "status", 200, "body", found);
	return err;
}

static enum pl_err read_find(struct find *find, const json_t *body)
{
	const struct {
		const char *name;
		const char **top;
	} texts[] = {
		{ "query.key", &find->key },	     { "query.value", &find->value },
		{ "query.groupId", &find->group },   { "query.topic", &find->topic },
		{ "query.tenantId", &find->tenant },
	};
	enum pl_err err = PL_OK;

	for (size_t i = 0; !err && i < sizeof(texts) / sizeof(texts[0]); i++)
		err = pl_json_text(texts[i].top, body, texts[i].name, QUERY_BYTES, false);
	if (!err && !find->key != !find->value)
		err = pl_fail(PL_INVALID, "query.key and query.value need each other");
	if (!err)
		err = pl_json_digits(&find->since_ms, body, "query.since", 0, INT64_MAX);
	if (!err)
		err = pl_json_digits(&find->until_ms, body, "query.until", 1, INT64_MAX);
	return err;
}

enum pl_err http_list(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct find find = { 0 };
	enum pl_err err = may(turn, body);

	if (!err && pl_json_get(body, "query.alias"))
		return http_get(turn, body, replyp);
	if (!err)
		err = read_find(&find, body);
	return err ? err : page(turn, &find, body, replyp);
}

enum pl_err http_group(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct find find = { 0 };
	enum pl_err err = may(turn, body);

	if (!err)
		err = pl_json_text(&find.group, body, "path.group", ID_BYTES, true);
	return err ? err : page(turn, &find, body, replyp);
}

/* What is kept of a context outlives it: an id that isn't there any more is looked for as it is. */
enum pl_err http_audit(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *id = NULL;
	struct pl_page from;
	json_t *found = NULL;
	struct context context;
	enum pl_err err = may(turn, body);

	if (!err)
		err = pl_json_text(&id, body, "path.id", ID_BYTES, true);
	if (!err)
		err = pl_page_read(&from, json_object_get(body, "query"), "contextAudit");
	if (err)
		return err;
	if (context_read(turn, &context, id) == PL_OK) {
		err = audit_page(turn, context.id, &from, &found);
		context_fini(&context);
	} else {
		err = audit_page(turn, id, &from, &found);
	}
	if (!err)
		*replyp = json_pack("{s:i, s:o}", "status", 200, "body", found);
	return err;
}
