/*
 * outside.c — an event that another system has posted, and what it does: EventingConnector brings
 * it once it is durable, and hears how it went.
 *
 * It goes to the instance that waits for a message of its name and key; else the first rule that
 * fits starts a workflow with {event:{…}}; else it is a message like others, which may start a
 * workflow by a message start, or is kept for who waits later.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "await.h"
#include "event_type.h"
#include "pelago/json.h"
#include "pelago/log.h"

enum { EVENT_KEY_MAX = 255, SOURCE_MAX = 200 };

struct outside {
	const char *id, *name, *key, *source;
	int64_t version, at_ms, keep_s;
	json_t *payload; /* borrowed */
};

static enum pl_err read_outside(struct outside *o, const json_t *body)
{
	enum pl_err err = pl_json_text(&o->id, body, "id", 26, true);

	if (!err)
		err = pl_json_text(&o->name, body, "name", EVENT_NAME_MAX_BYTES, true);
	if (!err)
		err = pl_json_int(&o->version, body, "version", 1, EVENT_VERSION_MAX, true);
	if (!err)
		err = pl_json_int(&o->at_ms, body, "atMs", 0, INT64_MAX, true);
	if (!err)
		err = pl_json_int(&o->keep_s, body, "keepSeconds", 0, INT32_MAX, false);
	if (!err)
		err = pl_json_text(&o->key, body, "key", EVENT_KEY_MAX, false);
	if (!err)
		err = pl_json_text(&o->source, body, "source", SOURCE_MAX, false);
	if (!err)
		err = pl_json_object(&o->payload, body, "payload", EVENT_MEMBERS_MAX, true);
	o->key = o->key ? o->key : "";
	o->source = o->source ? o->source : "";
	return err;
}

static json_t *variables_of(const struct outside *o, const struct event_name *name)
{
	return json_pack("{s:{s:s, s:s, s:s, s:I, s:s, s:s, s:I, s:O}}", "event", "id", o->id,
			 "family", name->family, "type", name->type, "version",
			 (json_int_t)o->version, "key", o->key, "source", o->source, "atMs",
			 (json_int_t)o->at_ms, "payload", o->payload);
}

static bool is_awaited(struct pl_turn *turn, const struct outside *o)
{
	struct pl_rows *rows =
		pl_query(turn,
			 "select 1 from awaited where kind = 'message' and name = $1 "
			 "and key = $2 limit 1",
			 "ss", o->name, o->key);
	bool found = pl_rows_next(rows);

	pl_rows_free(rows);
	return found;
}

static enum pl_err publish(struct pl_turn *turn, const struct outside *o, json_t **replyp)
{
	json_t *message = json_pack("{s:s, s:O}", "name", o->name, "payload", o->payload);
	json_t *reply = NULL, *started;
	const char *id;
	enum pl_err err;

	if (*o->key)
		json_object_set_new(message, "key", json_string(o->key));
	if (o->keep_s)
		json_object_set_new(message, "keepSeconds", json_integer(o->keep_s));
	err = op_publish(turn, message, &reply);
	json_decref(message);
	if (err)
		return err;
	started = json_object_get(reply, "started");
	id = json_string_value(json_object_get(reply, "instanceId"));
	if (id)
		*replyp = json_pack("{s:s, s:s}", "outcome", "delivered", "instanceId", id);
	else if (json_array_size(started) > 0)
		*replyp = json_pack("{s:s, s:O}", "outcome", "started", "instanceId",
				    json_array_get(started, 0));
	else
		*replyp =
			json_pack("{s:s, s:n}", "outcome",
				  json_is_true(json_object_get(reply, "kept")) ? "kept" : "unheard",
				  "instanceId");
	json_decref(reply);
	return PL_OK;
}

static void start(struct pl_turn *turn, const struct route *route, const json_t *variables,
		  json_t **replyp)
{
	const struct beginning b = { .variables = variables,
				     .workflow = route->workflow,
				     .version = route->version };
	char id[27];

	instance_begin(turn, &b, id);
	*replyp = json_pack("{s:s, s:s}", "outcome", "started", "instanceId", id);
}

/* {id, name, version, key, keepSeconds, atMs, source, payload} → {outcome, instanceId}; outcome:
 * "delivered", "started", "kept", "unheard" */
enum pl_err op_take_event(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct outside o = { 0 };
	struct event_name name;
	struct route route = { 0 };
	json_t *variables;
	enum pl_err err = read_outside(&o, body);

	if (!err)
		err = event_name_read(&name, o.name);
	if (err)
		return err;
	variables = variables_of(&o, &name);
	if (!variables)
		return pl_fail(PL_NOMEM, "out of memory");
	if (!is_awaited(turn, &o))
		rule_route(turn, o.name, variables, &route);
	if (route.version)
		start(turn, &route, variables, replyp);
	else
		err = publish(turn, &o, replyp);
	json_decref(variables);
	if (!err)
		pl_log(INFO, "event.taken", NULL, "event=%s id=%s outcome=%s instance=%s", o.name,
		       o.id, pl_json_get_text(*replyp, "outcome"),
		       pl_json_get_text(*replyp, "instanceId"));
	return err;
}
