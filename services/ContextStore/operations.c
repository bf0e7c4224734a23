/*
 * operations.c — contexts made, read, changed and removed; the same for the bus and for HTTP.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "operations.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "change.h"
#include "context.h"
#include "pelago/json.h"

enum { ID_BYTES = 4 * ID_CHARS, CHANGE_MEMBERS = 20 };

/* What both sides ask for. */
struct wish {
	const char *id;	      /* NULL: to be made */
	const json_t *change; /* may be NULL */
	const char *touchpoint;
	int64_t lease_s; /* 0: as it is, or the default */
	int64_t version; /* that the asker knows; 0: any */
};

static enum pl_err check_id(const struct wish *wish)
{
	if (wish->id && !context_id_is_good(wish->id))
		return pl_fail(PL_INVALID, "contextId is not a text of 1 to %d characters",
			       ID_CHARS);
	return PL_OK;
}

static json_t *shown(struct pl_turn *turn, const struct context *context)
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

/* ---- what both sides share ---- */

static enum pl_err save(struct pl_turn *turn, struct context *context, const struct wish *wish,
			const char *operation, json_t **toldp)
{
	struct touch touch = { operation, wish->touchpoint };
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
	*toldp = told(context);
	return PL_OK;
}

static enum pl_err make(struct pl_turn *turn, const struct wish *wish, const char *operation,
			json_t **toldp)
{
	struct context context = { .entry = json_pack("{s:{}}", "data"),
				   .lease_s = pl_attribute_get(pl_turn_service(turn), "lease") };
	char id[27];
	enum pl_err err = PL_NOMEM;

	if (!wish->id)
		pl_id(id);
	context.id = strdup(wish->id ? wish->id : id);
	if (context.id && context.entry)
		err = save(turn, &context, wish, operation, toldp);
	context_fini(&context);
	return err;
}

static enum pl_err do_create(struct pl_turn *turn, const struct wish *wish, json_t **toldp)
{
	struct context context;
	enum pl_err err = check_id(wish);

	if (err)
		return err;
	if (wish->id && context_read(turn, &context, wish->id) == PL_OK) {
		context_fini(&context);
		return pl_fail(PL_STATE, "there is a context with this id already");
	}
	return make(turn, wish, "create", toldp);
}

static enum pl_err do_update(struct pl_turn *turn, const struct wish *wish, json_t **toldp)
{
	struct context context;
	enum pl_err err = context_read(turn, &context, wish->id);

	if (err)
		return err;
	err = save(turn, &context, wish, "update", toldp);
	context_fini(&context);
	return err;
}

static enum pl_err do_upsert(struct pl_turn *turn, const struct wish *wish, json_t **toldp)
{
	enum pl_err err = check_id(wish);

	if (err)
		return err;
	err = wish->id ? do_update(turn, wish, toldp) : PL_NOTFOUND;
	return err == PL_NOTFOUND ? make(turn, wish, "create", toldp) : err;
}

static enum pl_err do_get(struct pl_turn *turn, const struct wish *wish, json_t **toldp)
{
	struct context context;
	enum pl_err err = context_read(turn, &context, wish->id);

	if (err)
		return err;
	*toldp = shown(turn, &context);
	context_fini(&context);
	return PL_OK;
}

static enum pl_err do_delete(struct pl_turn *turn, const struct wish *wish, json_t **toldp)
{
	struct touch touch = { "delete", wish->touchpoint };
	struct context context;
	enum pl_err err = context_read(turn, &context, wish->id);

	if (err)
		return err;
	context_delete(turn, &context, &touch);
	*toldp = told(&context);
	context_fini(&context);
	return PL_OK;
}

static enum pl_err do_renew(struct pl_turn *turn, const struct wish *wish, json_t **toldp)
{
	struct wish only = { .id = wish->id,
			     .touchpoint = wish->touchpoint,
			     .lease_s = wish->lease_s };
	struct context context;
	enum pl_err err = context_read(turn, &context, wish->id);

	if (err)
		return err;
	err = save(turn, &context, &only, "renew", toldp);
	context_fini(&context);
	return err;
}

static enum pl_err do_audit(struct pl_turn *turn, const struct wish *wish, json_t **toldp)
{
	*toldp = json_pack("{s:o}", "audit", context_audit(turn, wish->id));
	return PL_OK;
}

/* ---- the bus: {contextId, data, groupId, …, touchpoint, lease, version} ---- */

static enum pl_err read_bus(struct wish *wish, const json_t *body, bool needs_id)
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

#define BUS(name, needs_id)                                                                        \
	static enum pl_err op_##name(struct pl_turn *turn, const json_t *body, json_t **replyp)    \
	{                                                                                          \
		struct wish wish = { 0 };                                                          \
		enum pl_err err = read_bus(&wish, body, needs_id);                                 \
                                                                                                   \
		return err ? err : do_##name(turn, &wish, replyp);                                 \
	}
BUS(create, false)
BUS(get, true)
BUS(update, true)
BUS(upsert, false)
BUS(delete, true)
BUS(renew, true)
BUS(audit, true)

/* ---- HTTP ---- */

static enum pl_err read_lease(struct wish *wish, const json_t *body)
{
	const char *text = NULL;
	char *end = NULL;
	enum pl_err err = pl_json_text(&text, body, "query.lease", 12, false);

	if (err || !text)
		return err;
	errno = 0;
	wish->lease_s = strtol(text, &end, 10);
	if (errno || end == text || *end || wish->lease_s < 1 || wish->lease_s > LEASE_MOST_S)
		return pl_fail(PL_INVALID, "lease is not a number of seconds from 1 to %d",
			       LEASE_MOST_S);
	return PL_OK;
}

static enum pl_err read_http(struct wish *wish, const json_t *body, bool has_change)
{
	json_t *change = NULL;
	enum pl_err err = pl_json_text(&wish->id, body, "path.id", ID_BYTES, false);

	if (!err && has_change)
		err = pl_json_object(&change, body, "body", CHANGE_MEMBERS, true);
	if (!err && !wish->id && change)
		err = pl_json_text(&wish->id, change, "contextId", ID_BYTES, false);
	if (!err)
		err = pl_json_text(&wish->touchpoint, body, "query.touchpoint", ID_BYTES, false);
	if (!err)
		err = read_lease(wish, body);
	wish->change = change;
	return err;
}

static enum pl_err http(struct pl_turn *turn, const json_t *body, json_t **replyp, bool has_change,
			int status,
			enum pl_err (*fn)(struct pl_turn *, const struct wish *, json_t **))
{
	struct wish wish = { 0 };
	json_t *answer = NULL;
	enum pl_err err = read_http(&wish, body, has_change);

	if (!err && !wish.id && fn != do_create)
		err = pl_fail(PL_INVALID, "contextId is missing");
	if (!err)
		err = fn(turn, &wish, &answer);
	if (!err)
		*replyp = json_pack("{s:i, s:o}", "status", status, "body", answer);
	return err;
}

static enum pl_err http_create(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return http(turn, body, replyp, true, 201, do_create);
}

static enum pl_err http_get(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return http(turn, body, replyp, false, 200, do_get);
}

static enum pl_err http_update(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return http(turn, body, replyp, true, 200, do_update);
}

static enum pl_err http_upsert(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return http(turn, body, replyp, true, 200, do_upsert);
}

static enum pl_err http_delete(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return http(turn, body, replyp, false, 200, do_delete);
}

const struct pl_op operations[] = {
	{ "create", op_create, 0 },
	{ "get", op_get, PL_OP_READ },
	{ "update", op_update, 0 },
	{ "upsert", op_upsert, 0 },
	{ "delete", op_delete, 0 },
	{ "renew", op_renew, 0 },
	{ "audit", op_audit, PL_OP_READ },
	{ "http-create", http_create, 0 },
	{ "http-get", http_get, PL_OP_READ },
	{ "http-update", http_update, 0 },
	{ "http-upsert", http_upsert, 0 },
	{ "http-delete", http_delete, 0 },
	{ 0 },
};
