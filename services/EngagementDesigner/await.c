/* await.c — see await.h. SPDX-License-Identifier: Apache-2.0 */
#include "await.h"

#include <string.h>

#include "binding.h"
#include "message.h"
#include "pelago/json.h"
#include "pelago/log.h"
#include "starter.h"

enum {
	SIGNAL_BATCH = 50, /* instances that a signal moves in one turn */
	EVENT_NAME_MAX = 255,
	EVENT_KEY_MAX = 255,
};

struct awaited {
	char id[27], kind[8], key[EVENT_KEY_MAX + 1], instance[27];
	int64_t token;
};

#define AWAITED "select id, kind, key, instance, token from awaited "

static bool awaited_next(struct awaited *a, struct pl_rows *rows)
{
	bool found = pl_rows_next(rows);

	*a = (struct awaited){ 0 };
	if (found) {
		snprintf(a->id, sizeof(a->id), "%s", pl_rows_text(rows, 0));
		snprintf(a->kind, sizeof(a->kind), "%s", pl_rows_text(rows, 1));
		snprintf(a->key, sizeof(a->key), "%s", pl_rows_text(rows, 2));
		snprintf(a->instance, sizeof(a->instance), "%s", pl_rows_text(rows, 3));
		a->token = pl_rows_int(rows, 4);
	}
	return found;
}

/* *rows is freed. */
static bool awaited_one(struct awaited *a, struct pl_rows *rows)
{
	bool found = awaited_next(a, rows);

	pl_rows_free(rows);
	return found;
}

/* Gives body. */
static void work(struct pl_turn *turn, const char *what, json_t *body)
{
	char key[27];

	pl_id(key);
	json_object_set_new(body, "do", json_string(what));
	pl_timer_set(turn, "work", key, PL_TIMER_ELAPSED, 0, body);
}

/* ---- who waits ---- */

static void cancel_called(struct pl_turn *turn, const struct awaited *a)
{
	if (strcmp(a->kind, "call") == 0 && *a->key)
		work(turn, "cancel", json_pack("{s:s}", "id", a->key));
}

void await_drop(struct pl_turn *turn, const struct instance *in, int64_t token_id)
{
	struct pl_rows *rows =
		pl_query(turn, AWAITED "where instance = $1 and (token = $2 or $2 = 0) order by id",
			 "si", in->id, token_id);
	struct awaited a;
	bool any = false;

	while (awaited_next(&a, rows)) {
		cancel_called(turn, &a);
		any = true;
	}
	pl_rows_free(rows);
	if (any)
		pl_exec(turn, "delete from awaited where instance = $1 and (token = $2 or $2 = 0)",
			"si", in->id, token_id);
}

static void stage_wait(struct pl_turn *turn, const struct instance *in, const json_t *item)
{
	const char *kind = pl_json_get_text(item, "kind");
	int64_t token = json_integer_value(json_object_get(item, "token"));
	json_t *kept;
	char id[27];

	pl_id(id);
	pl_exec(turn,
		"insert into awaited (id, kind, name, key, instance, token) "
		"values ($1, $2, $3, $4, $5, $6)",
		"sssssi", id, kind, pl_json_get_text(item, "name"), pl_json_get_text(item, "key"),
		in->id, token);
	kept = strcmp(kind, "message") == 0 ? message_take(turn, pl_json_get_text(item, "name"),
							   pl_json_get_text(item, "key"))
					    : NULL;
	if (kept)
		work(turn, "message", kept);
	if (strcmp(kind, "call") == 0)
		work(turn, "call",
		     json_pack("{s:s, s:I, s:O, s:O, s:O, s:O, s:O*}", "parent", in->id, "token",
			       (json_int_t)token, "name", json_object_get(item, "name"), "input",
			       json_object_get(item, "input"), "depth",
			       json_object_get(item, "depth"), "binding",
			       json_object_get(item, "binding"), "versionTag",
			       json_object_get(item, "versionTag")));
}

static void stage_thrown(struct pl_turn *turn, const struct instance *in, json_t *item)
{
	int64_t keep_s = pl_attribute_get(pl_turn_service(turn), "message_keep");
	const char *event = pl_json_get_text(item, "event");
	char upto[27];

	if (strcmp(event, "message") == 0) {
		json_object_set_new(item, "untilMs",
				    json_integer(pl_turn_now_ms(turn) + keep_s * 1000));
	} else if (strcmp(event, "signal") == 0) { /* for those that wait by now */
		pl_id(upto);
		json_object_set_new(item, "upto", json_string(upto));
	} else if (strcmp(event, "escalation") == 0) {
		if (!*in->parent)
			return;
		json_object_set_new(item, "id", json_string(in->parent));
		json_object_set_new(item, "token", json_integer(in->parent_token));
	}
	work(turn, event, json_incref(item));
}

void await_stage(struct pl_turn *turn, const struct instance *in)
{
	json_t *item;
	size_t i;

	json_array_foreach(in->thrown, i, item)
		stage_thrown(turn, in, item);
	json_array_foreach(in->awaited, i, item)
		stage_wait(turn, in, item);
}

void await_end(struct pl_turn *turn, const struct instance *in, const json_t *variables,
	       const json_t *failure)
{
	json_t *why;

	if (!*in->parent)
		return;
	why = json_incref((json_t *)failure);
	if (in->status == INSTANCE_CANCELLED)
		why = json_pack("{s:s, s:s}", "code", "cancelled", "reason",
				"the called instance was cancelled");
	work(turn, "return",
	     json_pack("{s:s, s:I, s:O*, s:o*}", "id", in->parent, "token",
		       (json_int_t)in->parent_token, "variables", why ? NULL : variables, "failure",
		       why));
}

/* ---- messages ---- */

static void deliver(struct pl_turn *turn, const struct awaited *a, const json_t *payload)
{
	struct instance in;

	pl_exec(turn, "delete from awaited where id = $1", "s", a->id);
	if (instance_find(turn, &in, a->instance) && in.status == INSTANCE_RUNNING)
		step_message(turn, &in, (uint64_t)a->token, payload);
	instance_fini(&in);
}

/* *instance is "" if nobody waited for it; true if it is kept. */
static bool publish(struct pl_turn *turn, const json_t *message, char instance[27], json_t *started)
{
	const char *name = pl_json_get_text(message, "name");
	const char *key = pl_json_get_text(message, "key");
	const json_t *payload = json_object_get(message, "payload");
	struct awaited a;
	bool found = awaited_one(&a, pl_query(turn,
					      AWAITED "where kind = 'message' and name = $1 and "
						      "key = $2 order by id limit 1",
					      "ss", name, key));

	snprintf(instance, 27, "%s", a.instance);
	if (found)
		deliver(turn, &a, payload);
	else
		starter_start(turn, "message", name, payload, 1, started);
	if (found || json_array_size(started) > 0)
		return false;
	if (message_keep(turn, message))
		return true;
	pl_log(INFO, "workflow.unheard", NULL, "message=%s key=%s", name, key);
	return false;
}

static enum pl_err do_message(struct pl_turn *turn, const json_t *body)
{
	json_t *started = json_array();
	char instance[27];

	(void)publish(turn, body, instance, started);
	json_decref(started);
	return PL_OK;
}

/* Those that waited before it, a batch a turn. */
static enum pl_err do_signal(struct pl_turn *turn, const json_t *body)
{
	const char *name = pl_json_get_text(body, "name");
	const json_t *payload = json_object_get(body, "payload");
	struct awaited batch[SIGNAL_BATCH];
	json_t *started = json_array();
	struct pl_rows *rows;
	int n = 0;

	if (!json_is_true(json_object_get(body, "more")))
		starter_start(turn, "signal", name, payload, SIGNAL_BATCH, started);
	json_decref(started);
	rows = pl_query(turn,
			AWAITED
			"where kind = 'signal' and name = $1 and id < $2 order by id limit $3",
			"ssi", name, pl_json_get_text(body, "upto"), (int64_t)SIGNAL_BATCH);
	while (n < SIGNAL_BATCH && awaited_next(&batch[n], rows))
		n++;
	pl_rows_free(rows);
	for (int i = 0; i < n; i++) {
		pl_turn_beat(turn);
		deliver(turn, &batch[i], payload);
	}
	if (n == SIGNAL_BATCH) {
		json_t *again = json_copy((json_t *)body);

		json_object_set_new(again, "more", json_true());
		work(turn, "signal", again);
	}
	return PL_OK;
}

/* ---- calls ---- */

static bool find_running(struct pl_turn *turn, struct instance *in, const json_t *body)
{
	return instance_find(turn, in, pl_json_get_text(body, "id")) &&
	       in->status == INSTANCE_RUNNING;
}

static enum pl_err do_call(struct pl_turn *turn, const json_t *body)
{
	const char *parent_id = pl_json_get_text(body, "parent");
	struct beginning b = {
		.variables = json_object_get(body, "input"),
		.workflow = pl_json_get_text(body, "name"),
		.parent = parent_id,
		.parent_token = json_integer_value(json_object_get(body, "token")),
		.depth = (unsigned)json_integer_value(json_object_get(body, "depth")),
	};
	struct called called = {
		.kind = CALLED_WORKFLOW,
		.id = b.workflow,
		.binding = pl_json_get_text(body, "binding"),
		.version_tag = pl_json_get_text(body, "versionTag"),
	};
	struct instance parent;
	struct bound bound;
	struct awaited a;
	char id[27];

	if (!awaited_one(&a, pl_query(turn, AWAITED "where instance = $1 and token = $2", "si",
				      parent_id, b.parent_token)))
		return PL_OK; /* withdrawn meanwhile */
	if (instance_find(turn, &parent, parent_id) && parent.status == INSTANCE_RUNNING) {
		called.by = parent.workflow;
		called.by_version = parent.version;
		if (instance_has_contact(&parent))
			b.contact = parent.contact;
		if (!binding_find(turn, &bound, &called)) {
			b.version = bound.version;
			instance_begin(turn, &b, id);
			pl_exec(turn, "update awaited set key = $2 where id = $1", "ss", a.id, id);
		} else {
			await_drop(turn, &parent, b.parent_token);
			step_fail(turn, &parent, (uint64_t)b.parent_token, "notFound",
				  pl_err_detail(PL_NOTFOUND));
		}
	}
	instance_fini(&parent);
	return PL_OK;
}

static enum pl_err do_return(struct pl_turn *turn, const json_t *body)
{
	int64_t token = json_integer_value(json_object_get(body, "token"));
	const json_t *failure = json_object_get(body, "failure");
	struct instance in;

	if (find_running(turn, &in, body)) {
		pl_exec(turn, "delete from awaited where instance = $1 and token = $2", "si", in.id,
			token);
		if (failure)
			step_fail(turn, &in, (uint64_t)token, pl_json_get_text(failure, "code"),
				  pl_json_get_text(failure, "reason"));
		else
			step_complete(turn, &in, (uint64_t)token,
				      json_object_get(body, "variables"));
	}
	instance_fini(&in);
	return PL_OK;
}

static enum pl_err do_escalation(struct pl_turn *turn, const json_t *body)
{
	struct instance in;

	if (find_running(turn, &in, body))
		step_escalate(turn, &in,
			      (uint64_t)json_integer_value(json_object_get(body, "token")),
			      pl_json_get_text(body, "name"), json_object_get(body, "payload"));
	instance_fini(&in);
	return PL_OK;
}

static enum pl_err do_cancel(struct pl_turn *turn, const json_t *body)
{
	struct instance in;

	if (find_running(turn, &in, body))
		instance_cancel(turn, &in);
	instance_fini(&in);
	return PL_OK;
}

static const struct {
	const char *what;
	enum pl_err (*fn)(struct pl_turn *turn, const json_t *body);
} works[] = { { "message", do_message }, { "signal", do_signal },	  { "call", do_call },
	      { "return", do_return },	 { "escalation", do_escalation }, { "cancel", do_cancel } };

enum pl_err await_on_work(struct pl_turn *turn, const char *key, const json_t *body)
{
	const char *what = pl_json_get_text(body, "do");

	for (size_t i = 0; i < sizeof(works) / sizeof(works[0]); i++)
		if (strcmp(works[i].what, what) == 0)
			return works[i].fn(turn, body);
	return pl_fail(PL_INVALID, "work %s: this program doesn't know %s", key, what);
}

/* ---- operations ---- */

static enum pl_err read_event(const json_t *body, const char **namep, const char **keyp,
			      json_t **payloadp)
{
	enum pl_err err = pl_json_text(namep, body, "name", EVENT_NAME_MAX, true);

	*keyp = "";
	*payloadp = NULL;
	if (!err && json_object_get(body, "key"))
		err = pl_json_text(keyp, body, "key", EVENT_KEY_MAX, true);
	if (!err)
		err = pl_json_object(payloadp, body, "payload", 1000, false);
	return err;
}

/* {name, key, payload, keepSeconds} → {instanceId, started:[id], kept}: a message to whoever waits,
 * or starts by it, or will wait within that time */
enum pl_err op_publish(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *name = NULL, *key = NULL;
	json_t *payload = NULL, *started, *message;
	char instance[27];
	int64_t until_ms = 0;
	bool kept;
	enum pl_err err = read_event(body, &name, &key, &payload);

	if (!err)
		err = message_until(turn, body, &until_ms);
	if (err)
		return err;
	message = json_pack("{s:s, s:s, s:O*, s:I}", "name", name, "key", key, "payload", payload,
			    "untilMs", (json_int_t)until_ms);
	started = json_array();
	kept = publish(turn, message, instance, started);
	json_decref(message);
	*replyp = json_pack("{s:o, s:o, s:b}", "instanceId",
			    *instance ? json_string(instance) : json_null(), "started", started,
			    "kept", kept);
	return PL_OK;
}

/* {name, payload} → {waiting}: a signal to all that wait for it, so many now */
enum pl_err op_signal(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *name = NULL, *key = NULL;
	json_t *payload = NULL;
	struct pl_rows *rows;
	int64_t waiting;
	char upto[27];
	enum pl_err err = read_event(body, &name, &key, &payload);

	if (err)
		return err;
	rows = pl_query(turn, "select count(*) from awaited where kind = 'signal' and name = $1",
			"s", name);
	waiting = pl_rows_next(rows) ? pl_rows_int(rows, 0) : 0;
	pl_rows_free(rows);
	pl_id(upto);
	work(turn, "signal",
	     json_pack("{s:s, s:O*, s:s}", "name", name, "payload", payload, "upto", upto));
	*replyp = json_pack("{s:I}", "waiting", (json_int_t)waiting);
	return PL_OK;
}

static enum pl_err running(struct pl_turn *turn, struct instance *in, const json_t *body)
{
	const char *id = NULL;
	enum pl_err err = pl_json_text(&id, body, "id", 26, true);

	*in = (struct instance){ 0 };
	if (err)
		return err;
	if (!instance_find(turn, in, id))
		return pl_fail(PL_NOTFOUND, "there is no instance %s", id);
	if (in->status != INSTANCE_RUNNING)
		return pl_fail(PL_STATE, "instance %s has ended", id);
	return PL_OK;
}

/* {id, token, variables} → {}: a person has done a user task */
enum pl_err op_complete(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct instance in;
	struct awaited a;
	json_t *variables = NULL;
	int64_t token = 0;
	enum pl_err err = running(turn, &in, body);

	(void)replyp;
	if (!err)
		err = pl_json_int(&token, body, "token", 1, 1LL << 53, true);
	if (!err)
		err = pl_json_object(&variables, body, "variables", 1000, false);
	if (!err &&
	    !awaited_one(&a,
			 pl_query(turn,
				  AWAITED "where instance = $1 and token = $2 and kind = 'user'",
				  "si", in.id, token)))
		err = pl_fail(PL_STATE, "token %ld of instance %s is at no user task", (long)token,
			      in.id);
	if (!err) {
		pl_exec(turn, "delete from awaited where id = $1", "s", a.id);
		step_complete(turn, &in, (uint64_t)token, variables);
	}
	instance_fini(&in);
	return err;
}

/* {id, variables} → {}: sets variables, which may make conditions true */
enum pl_err op_set_variables(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	json_t *variables = NULL;
	struct instance in;
	enum pl_err err = running(turn, &in, body);

	(void)replyp;
	if (!err)
		err = pl_json_object(&variables, body, "variables", 1000, true);
	if (!err)
		step_set(turn, &in, variables);
	instance_fini(&in);
	return err;
}
