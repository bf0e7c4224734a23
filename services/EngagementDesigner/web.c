/* web.c — see web.h. SPDX-License-Identifier: Apache-2.0 */
#include "web.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "decision.h"
#include "designer.h"
#include "event_type.h"
#include "incident.h"
#include "migration.h"
#include "pelago/json.h"

/* A query is text, this a number. */
static enum pl_err read_version(json_t *body)
{
	const char *text = json_string_value(json_object_get(body, "version"));
	char *end = NULL;
	long long n;

	if (!text)
		return PL_OK;
	errno = 0;
	n = strtoll(text, &end, 10);
	if (errno || end == text || *end)
		return pl_fail(PL_INVALID, "version: must be a whole number");
	json_object_set_new(body, "version", json_integer(n));
	return PL_OK;
}

static enum pl_err call(struct pl_turn *turn, const json_t *http, pl_op_fn *fn, int status,
			json_t **replyp)
{
	json_t *body = json_object(), *reply = NULL, *query = NULL, *given;
	enum pl_err err = pl_json_object(&query, http, "query", 20, false);

	given = json_object_get(http, "body");
	if (!err && given && !json_is_object(given) && !json_is_null(given))
		err = pl_fail(PL_INVALID, "the body is not a JSON object");
	json_object_update(body, query);
	if (!err)
		err = read_version(body);
	if (json_is_object(given))
		json_object_update(body, given);
	json_object_update(body, json_object_get(http, "path"));
	json_object_set_new(body, "by", json_string(pl_json_get_text(http, "user.name")));
	if (!err)
		err = fn(turn, body, &reply);
	json_decref(body);
	if (!err)
		*replyp = json_pack("{s:i, s:o}", "status", status, "body",
				    reply ? reply : json_object());
	return err;
}

enum pl_err web_workflows(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return call(turn, body, op_workflows, 200, replyp);
}

enum pl_err web_workflow(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return call(turn, body, op_workflow, 200, replyp);
}

enum pl_err web_import(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return call(turn, body, op_import, 201, replyp);
}

enum pl_err web_instances(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return call(turn, body, op_instances, 200, replyp);
}

enum pl_err web_instance(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return call(turn, body, op_instance, 200, replyp);
}

enum pl_err web_rules(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return call(turn, body, op_rules, 200, replyp);
}

/* The rule is the body itself. */
static enum pl_err put_rule(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	json_t *wish = json_pack("{s:O}", "rule", body), *reply = NULL;
	enum pl_err err = op_set_rule(turn, wish, &reply);

	json_decref(wish);
	if (!err)
		*replyp = json_incref(json_object_get(reply, "rule"));
	json_decref(reply);
	return err;
}

static enum pl_err add_rule(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	json_t *rule = json_copy((json_t *)body);
	enum pl_err err;

	json_object_del(rule, "id");
	err = put_rule(turn, rule, replyp);
	json_decref(rule);
	return err;
}

enum pl_err web_add_rule(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return call(turn, body, add_rule, 201, replyp);
}

enum pl_err web_set_rule(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return call(turn, body, put_rule, 200, replyp);
}

enum pl_err web_delete_rule(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	enum pl_err err = call(turn, body, op_delete_rule, 204, replyp);

	if (!err)
		json_object_del(*replyp, "body");
	return err;
}

enum pl_err web_event_types(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return call(turn, body, op_event_types, 200, replyp);
}

enum pl_err web_event_type(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return call(turn, body, op_event_type, 200, replyp);
}

enum pl_err web_register_event(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return call(turn, body, op_register_event, 201, replyp);
}

enum pl_err web_withdraw_event(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return call(turn, body, op_withdraw_event, 200, replyp);
}

enum pl_err web_migrate(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return call(turn, body, op_migrate, 202, replyp);
}

enum pl_err web_migrations(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return call(turn, body, op_migrations, 200, replyp);
}

enum pl_err web_migration(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return call(turn, body, op_migration, 200, replyp);
}

enum pl_err web_migration_instances(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return call(turn, body, op_migration_instances, 200, replyp);
}

enum pl_err web_undo_migration(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return call(turn, body, op_undo_migration, 202, replyp);
}

enum pl_err web_incidents(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return call(turn, body, op_incidents, 200, replyp);
}

enum pl_err web_retry(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return call(turn, body, op_retry, 200, replyp);
}

enum pl_err web_skip(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return call(turn, body, op_skip, 200, replyp);
}

enum pl_err web_drop(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return call(turn, body, op_drop, 200, replyp);
}

enum pl_err web_cancel(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return call(turn, body, op_cancel, 200, replyp);
}

enum pl_err web_decisions(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return call(turn, body, op_decisions, 200, replyp);
}

enum pl_err web_decision(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return call(turn, body, op_decision, 200, replyp);
}

enum pl_err web_import_decision(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return call(turn, body, op_import_decision, 201, replyp);
}
