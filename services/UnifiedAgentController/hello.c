/*
 * hello.c — a page says who it is, and gets all that the agent has.
 *
 * The token is checked (with keys asked for where they aren't known), then UCAStoreService is asked
 * for the agent's skills and AgentControllerService for the contacts; then the session begins. What
 * was learned on the way travels in the asks' context.
 *
 * The agent's stream is watched from its head before the contacts were asked for: frames of the
 * moments in between come again rather than not at all.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "uac.h"

#include <stdio.h>
#include <string.h>

#include "pelago/json.h"

enum { TOKEN_BYTES = 8192, CONTACTS_MAX = 1000 };

static pl_answer_fn on_keys, on_user, on_restored;

static bool has_role(const json_t *claims, const char *role)
{
	const json_t *item;
	size_t i;

	json_array_foreach(json_object_get(claims, "roles"), i, item)
		if (json_is_string(item) && strcmp(json_string_value(item), role) == 0)
			return true;
	return false;
}

/* Takes what is wanted of the claims into *contextp, a new object. */
static enum pl_err read_claims(json_t **contextp, const json_t *claims, json_t *session)
{
	char stream[STREAM_SIZE];
	const char *id = NULL, *name = NULL;
	int64_t exp_s = 0;
	enum pl_err err = pl_json_text(&id, claims, "sub", AGENT_SIZE - 1, true);

	if (!err)
		err = pl_json_text(&name, claims, "name", NAME_SIZE - 1, false);
	if (!err)
		err = pl_json_int(&exp_s, claims, "exp", 0, INT64_MAX / 1000, true);
	if (!err)
		err = agent_stream(stream, id);
	if (err)
		return err;
	if (!has_role(claims, "agent"))
		return pl_fail(PL_FORBIDDEN, "this user is not an agent");
	if (json_is_object(session) && strcmp(pl_json_get_text(session, "agentId"), id) != 0)
		return pl_fail(PL_FORBIDDEN, "this connection is another agent's");
	*contextp = json_pack("{s:s, s:s, s:s, s:I, s:O?}", "agentId", id, "name", name ? name : id,
			      "stream", stream, "expS", (json_int_t)exp_s, "session", session);
	return *contextp ? PL_OK : PL_NOMEM;
}

static enum pl_err check(json_t **contextp, const char *token, json_t *session, int64_t now_ms)
{
	json_t *claims = NULL;
	enum pl_err err = keys_check(&claims, token, now_ms);

	if (!err)
		err = read_claims(contextp, claims, session);
	json_decref(claims);
	return err;
}

static void ask_user(struct pl_turn *turn, struct pl_held *held, json_t *context)
{
	pl_ask(turn, "UCAStoreService.user",
	       json_pack("{s:O}", "user", json_object_get(context, "agentId")), on_user, held,
	       context);
}

enum pl_err op_hello(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	json_t *session = json_object_get(body, "session"), *context = NULL;
	const char *token = NULL;
	enum pl_err err = pl_json_text(&token, body, "frame.token", TOKEN_BYTES, true);

	if (err)
		return err;
	err = check(&context, token, session, pl_turn_now_ms(turn));
	if (err == PL_AGAIN)
		pl_ask(turn, "AuthorizationService.jwks", NULL, on_keys, pl_hold(turn),
		       json_pack("{s:s, s:O?}", "token", token, "session", session));
	else if (err)
		return err;
	else
		ask_user(turn, pl_hold(turn), context);
	return PL_OK;
}

static enum pl_err on_keys(struct pl_turn *turn, const struct pl_answer *answer)
{
	json_t *context = NULL;
	enum pl_err err;

	if (answer->err)
		return pl_fail(PL_UNAVAILABLE, "the token can't be checked now: %s",
			       answer->message);
	keys_take(answer->body, pl_turn_now_ms(turn));
	err = check(&context, pl_json_get_text(answer->context, "token"),
		    json_object_get(answer->context, "session"), pl_turn_now_ms(turn));
	if (err == PL_AGAIN)
		err = pl_fail(PL_UNAUTHORIZED, "the token's key is not known");
	if (!err)
		ask_user(turn, answer->held, context);
	return err;
}

static enum pl_err on_user(struct pl_turn *turn, const struct pl_answer *answer)
{
	json_t *user = json_object_get(answer->body, "user"), *context;
	const char *stream = pl_json_get_text(answer->context, "stream");

	if (answer->err == PL_NOTFOUND || json_is_false(json_object_get(user, "enabled")))
		return pl_fail(PL_UNAUTHORIZED, "this user is not there any more, or was disabled");
	if (answer->err)
		return pl_fail(PL_UNAVAILABLE, "the agent's skills can't be read now: %s",
			       answer->message);
	context = json_copy(answer->context);
	json_object_set(context, "user", user);
	if (json_object_get(answer->body, "reasons"))
		json_object_set(context, "reasons", json_object_get(answer->body, "reasons"));
	json_object_set_new(context, "head", json_integer(pl_stream_head(turn, stream)));
	pl_ask(turn, "AgentControllerService.restore",
	       json_pack("{s:O}", "agentId", json_object_get(context, "agentId")), on_restored,
	       answer->held, context);
	return PL_OK;
}

/* ---- the session begins ---- */

/* Gives otherwise, which stands for a missing from. */
static void set_json(struct agent *agent, json_t **to, json_t *from, json_t *otherwise)
{
	if (!from)
		from = otherwise;
	if (!*to || !json_equal(*to, from))
		agent->is_changed = true;
	json_incref(from);
	json_decref(*to);
	*to = from;
	json_decref(otherwise);
}

/* How the user is taken for contacts, and how long he has for an offer and after a contact. */
static json_t *routing_of(const json_t *user)
{
	return json_pack("{s:O*, s:O*, s:O*, s:O*}", "rank", json_object_get(user, "rank"),
			 "workSelection", json_object_get(user, "workSelection"), "offerSeconds",
			 json_object_get(user, "offerSeconds"), "wrapUpSeconds",
			 json_object_get(user, "wrapUpSeconds"));
}

static void learn(struct agent *agent, const json_t *context)
{
	json_t *user = json_object_get(context, "user"),
	       *codes = json_object_get(context, "reasons");
	const char *name = pl_json_get_text(user, "name");

	if (!name[0])
		name = pl_json_get_text(context, "name");
	if (strncmp(agent->name, name, sizeof(agent->name) - 1) != 0)
		agent->is_changed = true;
	snprintf(agent->name, sizeof(agent->name), "%s", name);
	set_json(agent, &agent->attributes, json_object_get(user, "attributes"), json_array());
	set_json(agent, &agent->capacity, json_object_get(user, "capacity"), json_object());
	set_json(agent, &agent->routing, NULL, routing_of(user));
	agent->auto_ready = json_is_true(json_object_get(user, "autoReady"));
	json_decref(agent->reasons);
	agent->reasons = json_array_size(codes) ? json_incref(codes) : reasons();
}

static json_t *all_contacts(struct pl_turn *turn, const struct agent *agent, json_t *restored)
{
	json_t *list = offered_contacts(turn, agent->id), *item, *offer;
	size_t i, j;

	/* Accepted since: what the other side says is newer. */
	json_array_foreach(restored, i, item)
		for (j = json_array_size(list); j-- > 0;) {
			offer = json_array_get(list, j);
			if (strcmp(pl_json_get_text(item, "offerId"),
				   pl_json_get_text(offer, "offerId")) == 0)
				json_array_remove(list, j);
		}
	json_array_extend(list, restored);
	return list;
}

static json_t *watch(const char *stream, json_int_t after)
{
	return json_pack("{s:s, s:s, s:I}", "stream", stream, "service", UAC_SERVICE, "after",
			 after);
}

static json_t *watches(const struct agent *agent, const json_t *context, json_t *restored)
{
	char stream[STREAM_SIZE];
	json_t *list = json_array();

	session_stream(stream, agent->session_id);
	json_array_append_new(list, watch(stream, 0));
	json_array_append_new(list, watch(pl_json_get_text(context, "stream"),
					  json_integer_value(json_object_get(context, "head"))));
	json_array_extend(list, restored);
	return list;
}

static json_t *session_reply(struct pl_turn *turn, const struct agent *agent, const json_t *body)
{
	json_t *frame = agent_frame(turn, agent);

	json_object_set_new(frame, "type", json_string("session"));
	json_object_set_new(frame, "agent",
			    json_pack("{s:s, s:s, s:s, s:O?}", "id", agent->id, "username",
				      agent->id, "name", agent->name, "reasons", agent->reasons));
	json_object_set_new(frame, "contacts",
			    all_contacts(turn, agent, json_object_get(body, "contacts")));
	return json_pack("{s:{s:s, s:s, s:s}, s:[o]}", "session", "agentId", agent->id, "sessionId",
			 agent->session_id, "name", agent->name, "send", frame);
}

/* Whether the page renews the session that it has; PL_STATE if another page has it now. */
static enum pl_err is_renewal(bool *isp, const struct agent *agent, const json_t *context)
{
	const char *had = pl_json_get_text(context, "session.sessionId");

	*isp = had[0] && strcmp(had, agent->session_id) == 0;
	if (had[0] && agent->session_id[0] && !*isp)
		return pl_fail(PL_STATE, "another page of this agent took over");
	return PL_OK;
}

static enum pl_err begin(struct pl_turn *turn, struct agent *agent, const struct pl_answer *answer)
{
	const json_t *context = answer->context;
	int64_t exp_s = json_integer_value(json_object_get(context, "expS"));
	int64_t renew_s = pl_attribute_get(pl_turn_service(turn), "renew_s");
	char stream[STREAM_SIZE];
	bool renews = false;
	json_t *reply;
	enum pl_err err = is_renewal(&renews, agent, context);

	if (err)
		return err;
	if (!renews) {
		session_replace(turn, agent);
		pl_id(agent->session_id);
		session_stream(stream, agent->session_id);
		pl_stream_watch(turn, stream);
	}
	learn(agent, context);
	pl_timer_cancel(turn, "grace", agent->id);
	pl_timer_set(turn, "expiry", agent->id, PL_TIMER_ELAPSED,
		     (exp_s + renew_s) * 1000 - pl_turn_now_ms(turn), NULL);
	(void)agent_apply(turn, agent, AGENT_EV_LOGIN,
			  "loggedIn"); /* there is a rule in each state */
	reply = session_reply(turn, agent, answer->body);
	if (!renews)
		json_object_set_new(
			reply, "watch",
			watches(agent, context, json_object_get(answer->body, "watch")));
	pl_reply(turn, answer->held, reply);
	return PL_OK;
}

static enum pl_err on_restored(struct pl_turn *turn, const struct pl_answer *answer)
{
	struct agent agent;
	enum pl_err err;

	if (answer->err)
		return pl_fail(PL_UNAVAILABLE, "the agent's contacts can't be read now: %s",
			       answer->message);
	agent_load(turn, &agent, pl_json_get_text(answer->context, "agentId"));
	err = begin(turn, &agent, answer);
	agent_fini(&agent);
	return err;
}
