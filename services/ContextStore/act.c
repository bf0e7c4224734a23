/* act.c — see act.h. SPDX-License-Identifier: Apache-2.0 */
#include "act.h"

#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "pelago/json.h"

enum { SHORT_ID_LEN = 10, SHORT_ID_TRIES = 8 };

static enum pl_err check_id(const struct wish *wish)
{
	if (wish->id && !context_id_is_good(wish->id))
		return pl_fail(PL_INVALID, "contextId is not a text of 1 to %d characters",
			       ID_CHARS);
	return PL_OK;
}

json_t *act_shown(struct pl_turn *turn, const struct context *context)
{
	json_t *all = json_copy(context->entry);

	json_object_set_new(all, "contextId", json_string(context->id));
	json_object_set_new(all, "version", json_integer(context->version));
	json_object_set_new(all, "leaseSeconds", json_integer(context->lease_s));
	json_object_set_new(
		all, "expiresInSeconds",
		json_integer((context->expires_ms - pl_turn_now_ms(turn) + 999) / 1000));
	return all;
}

static json_t *told(const struct context *context)
{
	return json_pack("{s:s, s:I}", "contextId", context->id, "version",
			 (json_int_t)context->version);
}

static struct touch touch_of(const struct wish *wish, const char *operation)
{
	return (struct touch){ operation, wish->touchpoint, wish->sid };
}

static enum pl_err save(struct pl_turn *turn, struct context *context, const struct wish *wish,
			const char *operation, json_t **toldp)
{
	struct touch touch = touch_of(wish, operation);
	enum pl_err err = PL_OK;

	if (wish->version && wish->version != context->version)
		err = pl_fail(PL_STATE, "the context is at version %ld", (long)context->version);
	if (!err && wish->change)
		err = change_apply(context->entry, wish->change);
	if (!err)
		err = context_may_alias(turn, context);
	if (err)
		return err;
	if (wish->lease_s)
		context->lease_s = wish->lease_s;
	context_write(turn, context, &touch);
	if (wish->wants_rules)
		pl_emit(turn, "context", "rules", context->id,
			json_pack("{s:s, s:I, s:s, s:s, s:s, s:s}", "contextId", context->id,
				  "version", (json_int_t)context->version, "operation", operation,
				  "groupId", pl_json_get_text(context->entry, "groupId"), "topic",
				  pl_json_get_text(context->entry, "topic"), "touchpoint",
				  wish->touchpoint ? wish->touchpoint : ""));
	*toldp = told(context);
	return PL_OK;
}

/* The end of an id is its random part. */
static void short_id(struct pl_turn *turn, char id[27])
{
	for (int tries = 0; tries < SHORT_ID_TRIES; tries++) {
		struct context other;
		char whole[27];

		pl_id(whole);
		memcpy(id, whole + 26 - SHORT_ID_LEN, SHORT_ID_LEN + 1);
		if (context_read(turn, &other, id))
			return;
		context_fini(&other);
	}
	pl_id(id);
}

static enum pl_err make(struct pl_turn *turn, const struct wish *wish, json_t **toldp)
{
	struct context context = { .entry = json_pack("{s:{}}", "data"),
				   .lease_s = pl_attribute_get(pl_turn_service(turn), "lease") };
	char id[27];
	enum pl_err err = PL_NOMEM;

	if (!wish->id && wish->wants_short_id)
		short_id(turn, id);
	else if (!wish->id)
		pl_id(id);
	context.id = strdup(wish->id ? wish->id : id);
	if (context.id && context.entry)
		err = save(turn, &context, wish, "create", toldp);
	context_fini(&context);
	return err;
}

enum pl_err act_create(struct pl_turn *turn, const struct wish *wish, json_t **toldp)
{
	struct context context;
	enum pl_err err = check_id(wish);

	if (err)
		return err;
	if (wish->id && context_read(turn, &context, wish->id) == PL_OK) {
		context_fini(&context);
		return pl_fail(PL_STATE, "there is a context with this id already");
	}
	return make(turn, wish, toldp);
}

enum pl_err act_update(struct pl_turn *turn, const struct wish *wish, json_t **toldp)
{
	struct context context;
	enum pl_err err = context_read(turn, &context, wish->id);

	if (err)
		return err;
	err = save(turn, &context, wish, "update", toldp);
	context_fini(&context);
	return err;
}

enum pl_err act_upsert(struct pl_turn *turn, const struct wish *wish, json_t **toldp)
{
	enum pl_err err = check_id(wish);

	if (err)
		return err;
	err = wish->id ? act_update(turn, wish, toldp) : PL_NOTFOUND;
	return err == PL_NOTFOUND ? make(turn, wish, toldp) : err;
}

enum pl_err act_get(struct pl_turn *turn, const struct wish *wish, json_t **toldp)
{
	struct touch touch = touch_of(wish, "read");
	struct context context;
	enum pl_err err = context_read(turn, &context, wish->id);

	if (err)
		return err;
	*toldp = act_shown(turn, &context);
	if (wish->touchpoint)
		audit_note(turn, context.id, context.version, &touch);
	context_fini(&context);
	return PL_OK;
}

enum pl_err act_delete(struct pl_turn *turn, const struct wish *wish, json_t **toldp)
{
	struct touch touch = touch_of(wish, "delete");
	struct context context;
	enum pl_err err = context_read(turn, &context, wish->id);

	if (err)
		return err;
	context_delete(turn, &context, &touch);
	*toldp = told(&context);
	context_fini(&context);
	return PL_OK;
}

enum pl_err act_renew(struct pl_turn *turn, const struct wish *wish, json_t **toldp)
{
	struct wish only = { .id = wish->id,
			     .touchpoint = wish->touchpoint,
			     .sid = wish->sid,
			     .lease_s = wish->lease_s };
	struct context context;
	enum pl_err err = context_read(turn, &context, wish->id);

	if (err)
		return err;
	err = save(turn, &context, &only, "renew", toldp);
	context_fini(&context);
	return err;
}

/* Reads the context that has the member. */
static enum pl_err read_key(struct pl_turn *turn, struct context *context, const struct wish *wish)
{
	enum pl_err err = context_read(turn, context, wish->id);

	if (!err && !json_object_get(json_object_get(context->entry, "data"), wish->key)) {
		context_fini(context);
		err = pl_fail(PL_NOTFOUND, "the context's data has no such key");
	}
	return err;
}

enum pl_err act_get_key(struct pl_turn *turn, const struct wish *wish, json_t **toldp)
{
	struct touch touch = touch_of(wish, "read");
	struct context context;
	enum pl_err err = read_key(turn, &context, wish);

	if (err)
		return err;
	*toldp = json_object();
	json_object_set(*toldp, wish->key,
			json_object_get(json_object_get(context.entry, "data"), wish->key));
	if (wish->touchpoint)
		audit_note(turn, context.id, context.version, &touch);
	context_fini(&context);
	return PL_OK;
}

enum pl_err act_delete_key(struct pl_turn *turn, const struct wish *wish, json_t **toldp)
{
	json_t *change = json_pack("{s:{s:n}}", "data", wish->key);
	struct wish less = *wish;
	struct context context;
	enum pl_err err = read_key(turn, &context, wish);

	less.change = change;
	if (!err) {
		err = save(turn, &context, &less, "update", toldp);
		context_fini(&context);
	}
	json_decref(change);
	return err;
}
