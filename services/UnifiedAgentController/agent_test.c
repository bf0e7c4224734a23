/*
 * agent_test.c — the real service on a real bus; the test plays the edge and all other services
 * (WSP-1, RTG-4, RTG-8).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pelago/json.h"
#include "pelago/token.h"
#include "test_world.h"

#define SERVICE "UnifiedAgentController"

/* The other services. */
struct others {
	struct test_world *w;
	json_t *key, *later_key; /* private; the second isn't published at first */
	bool has_rotated, is_disabled, has_more_skills, is_auto_ready;
	int jwks_asked;
	json_t *restored; /* what AgentControllerService says */
	json_t *reasons;  /* what UCAStoreService allows, or NULL */
};

static json_t *play_authorization(const char *operation, json_t *body, void *arg)
{
	struct others *o = arg;
	json_t *keys = json_pack("[o]", pl_token_public(o->key));

	o->jwks_asked++;
	if (o->has_rotated)
		json_array_append_new(keys, pl_token_public(o->later_key));
	return json_pack("{s:o}", "keys", keys);
}

static json_t *play_store(const char *operation, json_t *body, void *arg)
{
	struct others *o = arg;
	const char *user = pl_json_get_text(body, "user");

	if (strcmp(user, "nobody") == 0)
		return test_refusal("NOTFOUND");
	return json_pack("{s:{s:s, s:s, s:b, s:[{s:s, s:i}], s:{s:i}, s:b, s:i, s:i, s:i}, s:O*}",
			 "user", "id", user, "name", "Some One", "enabled", !o->is_disabled,
			 "attributes", "name", "Service.Sales", "proficiency", 1, "capacity",
			 "total", o->has_more_skills ? 7 : 5, "autoReady", o->is_auto_ready, "rank",
			 3, "offerSeconds", 9, "wrapUpSeconds", 8, "reasons", o->reasons);
}

static json_t *play_desk(const char *operation, json_t *body, void *arg)
{
	struct others *o = arg;

	return json_deep_copy(o->restored);
}

static struct others *start(const char *set)
{
	struct others *o = calloc(1, sizeof(*o));

	assert_non_null(o);
	assert_int_equal(pl_token_key(&o->key), 0);
	assert_int_equal(pl_token_key(&o->later_key), 0);
	o->restored = json_pack("{s:[], s:[]}", "contacts", "watch");
	o->w = test_world_new();
	test_serve(o->w, "AuthorizationService", play_authorization, o);
	test_serve(o->w, "UCAStoreService", play_store, o);
	test_serve(o->w, "AgentControllerService", play_desk, o);
	test_service_start(o->w, SERVICE, set ? "--set" : NULL, set, NULL);
	return o;
}

static void end(struct others *o)
{
	test_world_free(o->w);
	json_decref(o->key);
	json_decref(o->later_key);
	json_decref(o->restored);
	json_decref(o->reasons);
	free(o);
}

static json_t *token(const json_t *key, const char *user, const char *role, int life_s)
{
	json_int_t now_s = (json_int_t)(test_now_ms() / 1000);
	json_t *claims =
		json_pack("{s:s, s:s, s:[s], s:I, s:I, s:s}", "sub", user, "name", "Some One",
			  "roles", role, "iat", now_s, "exp", now_s + life_s, "jti", "J");
	char *text = NULL;
	json_t *value;

	assert_int_equal(pl_token_sign(&text, claims, key), 0);
	value = json_string(text);
	free(text);
	json_decref(claims);
	return value;
}

/* A frame of a connection; gives token, borrows session. */
static json_t *hello_body(json_t *text, json_t *session)
{
	return json_pack("{s:{s:s, s:o}, s:O?, s:s, s:s}", "frame", "type", "hello", "token", text,
			 "session", session, "connection", "CONN", "from", "127.0.0.1");
}

static json_t *hello(struct others *o, const char *user, json_t *session)
{
	return test_request(o->w, SERVICE ".hello",
			    hello_body(token(o->key, user, "agent", 600), session));
}

/* Says hello as a new page and returns its session. */
static json_t *log_in(struct others *o, const char *user)
{
	json_t *reply = hello(o, user, NULL), *session = json_object_get(reply, "session");

	assert_string_equal(test_error(reply), "");
	assert_string_equal(pl_json_get_text(session, "agentId"), user);
	json_incref(session);
	json_decref(reply);
	return session;
}

static json_t *frame(json_t *session, const char *state, const char *reason)
{
	return json_pack("{s:{s:s, s:s, s:s*}, s:O?, s:s}", "frame", "type", "state", "state",
			 state, "reason", reason, "session", session, "connection", "CONN");
}

static json_t *gone(json_t *session)
{
	return json_pack("{s:n, s:O, s:s}", "frame", "session", session, "connection", "CONN");
}

static void ok(struct others *o, const char *operation, json_t *body)
{
	json_t *reply = test_request(o->w, operation, body);

	assert_string_equal(test_error(reply), "");
	json_decref(reply);
}

/* The next agent.state event of that agent. */
static void tells(struct others *o, const char *agent, const char *state, const char *reason)
{
	json_t *event = test_wait_event(o->w, "agent.state", agent);

	assert_string_equal(pl_json_get_text(event, "body.state"), state);
	assert_string_equal(pl_json_get_text(event, "body.reason"), reason);
	assert_string_equal(pl_json_get_text(event, "body.name"), "Some One");
	assert_int_equal(json_array_size(pl_json_get(event, "body.attributes")), 1);
	assert_true(json_is_integer(pl_json_get(event, "body.capacity.total")));
	assert_int_equal(json_integer_value(pl_json_get(event, "body.rank")), 3);
	assert_int_equal(json_integer_value(pl_json_get(event, "body.offerSeconds")), 9);
	assert_int_equal(json_integer_value(pl_json_get(event, "body.wrapUpSeconds")), 8);
	json_decref(event);
}

/* The next push of that type to a stream has this text. */
static void shows(struct others *o, const char *stream, const char *type, const char *member,
		  const char *text)
{
	json_t *push = test_wait_push(o->w, stream, type);

	assert_string_equal(pl_json_get_text(json_object_get(push, "frame"), member), text);
	json_decref(push);
}

static void ucm_event(struct others *o, const char *verb, const char *contact, const char *offer,
		      const char *agent, const char *reason)
{
	test_event(o->w, "UCMService", "offer", verb, contact,
		   json_pack("{s:s, s:s, s:s, s:s, s:s, s:{s:s}, s:i, s:s*}", "offerId", offer,
			     "contactId", contact, "agentId", agent, "channel", "chat", "service",
			     "Sales", "customer", "name", "Ann", "expiresInSeconds", 20, "reason",
			     reason));
}

static void test_hello_and_states(void **state)
{
	struct others *o = start(NULL);
	json_t *reply = hello(o, "agent1", NULL), *item, *session;

	item = json_array_get(json_object_get(reply, "send"), 0);
	assert_string_equal(pl_json_get_text(item, "type"), "session");
	assert_string_equal(pl_json_get_text(item, "agent.id"), "agent1");
	assert_string_equal(pl_json_get_text(item, "agent.name"), "Some One");
	assert_string_equal(pl_json_get_text(item, "state"), "NotReady");
	assert_string_equal(pl_json_get_text(item, "reason"), "loggedIn");
	assert_true(json_is_array(json_object_get(item, "contacts")));
	assert_int_equal(json_array_size(json_object_get(reply, "watch")), 2);
	session = json_incref(json_object_get(reply, "session"));
	json_decref(reply);
	tells(o, "agent1", "NotReady", "loggedIn");
	ok(o, SERVICE ".state", frame(session, "Ready", NULL));
	tells(o, "agent1", "Ready", "");
	shows(o, "agent.agent1", "state", "state", "Ready");
	ok(o, SERVICE ".state", frame(session, "Ready", NULL)); /* shown again, told once */
	shows(o, "agent.agent1", "state", "state", "Ready");
	ok(o, SERVICE ".state", frame(session, "NotReady", "lunch"));
	tells(o, "agent1", "NotReady", "Lunch");
	shows(o, "agent.agent1", "state", "reason", "Lunch");
	ok(o, SERVICE ".state", frame(session, "NotReady", NULL));
	tells(o, "agent1", "NotReady", "Other");
	test_refused(o->w, SERVICE ".state", frame(session, "NotReady", "because"), "badRequest");
	test_refused(o->w, SERVICE ".state", frame(session, "NotReady", "noAnswer"), "badRequest");
	test_refused(o->w, SERVICE ".state", frame(session, "Gone", NULL), "badRequest");
	test_refused(o->w, SERVICE ".state", frame(NULL, "Ready", NULL), "unauthorized");
	test_no_event(o->w, "agent.state", NULL, 50);
	reply = test_request(o->w, SERVICE ".logout", frame(session, "", NULL));
	assert_true(json_is_true(json_object_get(reply, "close")));
	assert_true(json_is_null(json_object_get(reply, "session")));
	json_decref(reply);
	tells(o, "agent1", "LoggedOut", "logout");
	json_decref(test_wait_event(o->w, "agent.gone", "agent1"));
	test_refused(o->w, SERVICE ".state", frame(session, "Ready", NULL), "unauthorized");
	test_refused(o->w, SERVICE ".logout", frame(session, "", NULL), "unauthorized");
	json_decref(session);
	end(o);
}

static void test_tokens(void **state)
{
	struct others *o = start(NULL);
	json_t *forged = NULL, *session;
	int asked;

	test_refused(o->w, SERVICE ".hello",
		     hello_body(token(o->key, "boss", "supervisor", 600), NULL), "unauthorized");
	test_refused(o->w, SERVICE ".hello",
		     hello_body(token(o->key, "agent1", "agent", -60), NULL), "unauthorized");
	test_refused(o->w, SERVICE ".hello",
		     hello_body(token(o->key, "nobody", "agent", 600), NULL), "unauthorized");
	test_refused(o->w, SERVICE ".hello", hello_body(json_string("x.y.z"), NULL),
		     "unauthorized");
	test_refused(o->w, SERVICE ".hello", hello_body(json_integer(5), NULL), "badRequest");
	assert_int_equal(pl_token_key(&forged), 0);
	asked = o->jwks_asked;
	for (int i = 0; i < 20; i++)
		test_refused(o->w, SERVICE ".hello",
			     hello_body(token(forged, "agent1", "agent", 600), NULL),
			     "unauthorized");
	assert_true(o->jwks_asked <= asked + 2);
	test_no_event(o->w, "agent.state", NULL, 50);
	o->has_rotated = true;
	test_run(o->w, 1100);
	json_decref(o->key);
	o->key = json_incref(o->later_key);
	session = log_in(o, "agent1");
	test_refused(o->w, SERVICE ".hello",
		     hello_body(token(o->key, "agent2", "agent", 600), session), "unauthorized");
	o->is_disabled = true;
	test_refused(o->w, SERVICE ".hello",
		     hello_body(token(o->key, "agent1", "agent", 600), session), "unauthorized");
	json_decref(session);
	json_decref(forged);
	end(o);
}

static void test_renewal_and_takeover(void **state)
{
	struct others *o = start("grace_s=1");
	json_t *first = log_in(o, "agent1"), *reply, *second, *push;
	char stream[128];

	tells(o, "agent1", "NotReady", "loggedIn");
	ok(o, SERVICE ".state", frame(first, "Ready", NULL));
	tells(o, "agent1", "Ready", "");
	reply = hello(o, "agent1", first);
	assert_true(json_equal(json_object_get(reply, "session"), first));
	assert_null(json_object_get(reply, "watch"));
	json_decref(reply);
	test_no_event(o->w, "agent.state", NULL, 50);
	o->has_more_skills = true;
	second = log_in(o, "agent1");
	assert_false(json_equal(first, second));
	tells(o, "agent1", "Ready", "");
	snprintf(stream, sizeof(stream), "session.%s", pl_json_get_text(first, "sessionId"));
	push = test_wait_push(o->w, stream, "replaced");
	assert_true(json_is_true(json_object_get(push, "close")));
	json_decref(push);
	test_refused(o->w, SERVICE ".state", frame(first, "NotReady", "Lunch"), "unauthorized");
	test_refused(o->w, SERVICE ".hello",
		     hello_body(token(o->key, "agent1", "agent", 600), first), "conflict");
	ok(o, SERVICE ".gone", gone(first)); /* the end of the older one matters to nobody */
	test_no_event(o->w, "agent.gone", NULL, 1500);
	ok(o, SERVICE ".state", frame(second, "NotReady", "Lunch"));
	tells(o, "agent1", "NotReady", "Lunch");
	json_decref(first);
	json_decref(second);
	end(o);
}

static void test_browser_lost(void **state)
{
	struct others *o = start("grace_s=1");
	json_t *session = log_in(o, "agent1"), *reply;

	tells(o, "agent1", "NotReady", "loggedIn");
	ok(o, SERVICE ".state", frame(session, "Ready", NULL));
	tells(o, "agent1", "Ready", "");
	ok(o, SERVICE ".gone", gone(session));
	ok(o, SERVICE ".gone", gone(session));
	json_decref(session);
	test_run(o->w, 500);
	reply = hello(o, "agent1", NULL); /* back in time: everything as it was */
	assert_string_equal(
		pl_json_get_text(json_array_get(json_object_get(reply, "send"), 0), "state"),
		"Ready");
	session = json_incref(json_object_get(reply, "session"));
	json_decref(reply);
	test_no_event(o->w, "agent.state", NULL, 1200);
	ok(o, SERVICE ".gone", gone(session));
	tells(o, "agent1", "LoggedOut", "connectionLost");
	json_decref(test_wait_event(o->w, "agent.gone", "agent1"));
	json_decref(session);
	session = log_in(o, "agent1");
	tells(o, "agent1", "NotReady", "loggedIn");
	json_decref(session);
	end(o);
}

/* RTG-8: an edge that dies can't say who was connected; its silence says it. */
static void test_edge_is_silent(void **state)
{
	struct others *o = start("silence_s=10");
	json_t *session = log_in(o, "agent1"), *quiet = log_in(o, "agent2");
	char stream[80];

	snprintf(stream, sizeof(stream), "session.%s", pl_json_get_text(session, "sessionId"));
	for (int i = 0; i < 8; i++) { /* one edge asks for one of the two */
		json_decref(test_request(o->w, SERVICE ".heads",
					 json_pack("{s:[s]}", "streams", stream)));
		test_run(o->w, 2000);
	}
	test_refused(o->w, SERVICE ".state", frame(quiet, "Ready", NULL), "unauthorized");
	ok(o, SERVICE ".state", frame(session, "Ready", NULL));
	json_decref(session);
	json_decref(quiet);
	end(o);
}

static void test_token_runs_out(void **state)
{
	struct others *o = start("grace_s=1");
	char stream[128];
	json_t *reply, *session, *push;

	test_service_stop(o->w, SERVICE);
	test_service_start(o->w, SERVICE, "--set", "grace_s=1", "--set", "renew_s=0", NULL);
	reply = test_request(o->w, SERVICE ".hello",
			     hello_body(token(o->key, "agent1", "agent", 2), NULL));
	session = json_incref(json_object_get(reply, "session"));
	json_decref(reply);
	tells(o, "agent1", "NotReady", "loggedIn");
	snprintf(stream, sizeof(stream), "session.%s", pl_json_get_text(session, "sessionId"));
	push = test_wait_push(o->w, stream, "error");
	assert_true(json_is_true(json_object_get(push, "close")));
	assert_string_equal(pl_json_get_text(push, "frame.code"), "unauthorized");
	json_decref(push);
	tells(o, "agent1", "LoggedOut", "connectionLost");
	json_decref(session);
	end(o);
}

static void test_offers(void **state)
{
	struct others *o = start(NULL);
	json_t *session = log_in(o, "agent1"), *push, *reply, *items;

	tells(o, "agent1", "NotReady", "loggedIn");
	ok(o, SERVICE ".state", frame(session, "Ready", NULL));
	tells(o, "agent1", "Ready", "");
	ucm_event(o, "made", "C1", "O1", "agent1", NULL);
	push = test_wait_push(o->w, "agent.agent1", "offer");
	assert_string_equal(pl_json_get_text(push, "frame.offerId"), "O1");
	assert_string_equal(pl_json_get_text(push, "frame.contactId"), "C1");
	assert_string_equal(pl_json_get_text(push, "frame.channel"), "chat");
	assert_string_equal(pl_json_get_text(push, "frame.service"), "Sales");
	assert_string_equal(pl_json_get_text(push, "frame.customer.name"), "Ann");
	assert_int_equal(json_integer_value(pl_json_get(push, "frame.expiresInSeconds")), 20);
	json_decref(push);
	ucm_event(o, "made", "C2", "O2", "agent1", NULL);
	shows(o, "agent.agent1", "offer", "offerId", "O2");
	ucm_event(o, "accepted", "C2", "O2", "agent1", NULL);
	json_decref(o->restored);
	o->restored =
		json_pack("{s:[{s:s, s:s, s:s}], s:[{s:s, s:s, s:i}]}", "contacts", "contactId",
			  "C2", "offerId", "O2", "state", "active", "watch", "stream", "contact.C2",
			  "service", "CustomerControllerService", "after", 7);
	reply = hello(o, "agent1", NULL); /* a page that comes back */
	items = json_object_get(json_array_get(json_object_get(reply, "send"), 0), "contacts");
	assert_int_equal(json_array_size(items), 2);
	assert_string_equal(pl_json_get_text(json_array_get(items, 0), "offerId"), "O1");
	assert_string_equal(pl_json_get_text(json_array_get(items, 0), "state"), "offered");
	assert_in_range(
		json_integer_value(pl_json_get(json_array_get(items, 0), "expiresInSeconds")), 10,
		20);
	assert_string_equal(pl_json_get_text(json_array_get(items, 1), "state"), "active");
	assert_int_equal(json_array_size(json_object_get(reply, "watch")), 3);
	json_decref(reply);
	ucm_event(o, "ended", "C1", "O1", "agent1", "customerLeft");
	shows(o, "agent.agent1", "withdrawn", "reason", "customerLeft");
	ucm_event(o, "ended", "C2", "O2", "agent1", "agentLost"); /* accepted: not ours to show */
	ucm_event(o, "made", "C3", "O3", "agent1", NULL);
	ucm_event(o, "ended", "C3", "O3", "agent1", "rejected");
	test_no_push(o->w, "agent.agent1", "withdrawn", 100);
	test_no_event(o->w, "agent.state", NULL, 0);
	ucm_event(o, "made", "C4", "O4", "agent1", NULL);
	ucm_event(o, "ended", "C4", "O4", "agent1", "noAnswer");
	shows(o, "agent.agent1", "withdrawn", "reason", "noAnswer");
	tells(o, "agent1", "NotReady", "noAnswer");
	ucm_event(o, "made", "C5", "O5", "agent1",
		  NULL); /* when it's not ready for another reason */
	ucm_event(o, "ended", "C5", "O5", "agent1", "noAnswer");
	shows(o, "agent.agent1", "withdrawn", "reason", "noAnswer");
	ucm_event(o, "ended", "C6", "O6", "agent1", "noAnswer"); /* never made */
	test_no_event(o->w, "agent.state", NULL, 100);
	json_decref(session);
	end(o);
}

static void test_strange_names(void **state)
{
	struct others *o = start(NULL);
	char longest[100];
	json_t *session = log_in(o, "john.doe *>"), *other;

	ok(o, SERVICE ".state", frame(session, "Ready", NULL));
	shows(o, "agent.john%2Edoe%20%2A%3E", "state", "state", "Ready");
	other = log_in(o, "john%2Edoe %2A%3E");
	ok(o, SERVICE ".state", frame(other, "Ready", NULL));
	test_no_push(o->w, "agent.john%2Edoe%20%2A%3E", "state", 100);
	memset(longest, '.', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	test_refused(o->w, SERVICE ".hello", hello_body(token(o->key, longest, "agent", 600), NULL),
		     "badRequest");
	json_decref(session);
	json_decref(other);
	end(o);
}

static void test_killed(void **state)
{
	struct others *o = start(NULL);
	json_t *session = log_in(o, "agent1");
	char id[27];
	json_t *reply;

	tells(o, "agent1", "NotReady", "loggedIn");
	ok(o, SERVICE ".state", frame(session, "Ready", NULL));
	tells(o, "agent1", "Ready", "");
	test_service_kill(o->w, SERVICE);
	ucm_event(o, "made", "C1", "O1", "agent1", NULL);
	test_service_start(o->w, SERVICE, NULL);
	shows(o, "agent.agent1", "offer", "offerId", "O1");
	test_service_kill(o->w, SERVICE);
	test_service_start(o->w, SERVICE, NULL);
	ok(o, SERVICE ".state", frame(session, "NotReady", "Break")); /* the same session goes on */
	tells(o, "agent1", "NotReady", "Break");
	test_send(o->w, SERVICE ".hello", hello_body(token(o->key, "agent2", "agent", 600), NULL),
		  id);
	test_service_kill(o->w, SERVICE);
	test_service_start(o->w, SERVICE, NULL);
	reply = test_request_id(o->w, SERVICE ".hello",
				hello_body(token(o->key, "agent2", "agent", 600), NULL), id);
	assert_string_equal(test_error(reply), "");
	json_decref(reply);
	tells(o, "agent2", "NotReady", "loggedIn");
	test_no_event(o->w, "agent.state", NULL, 50);
	test_no_push(o->w, "agent.agent1", "offer", 0);
	json_decref(session);
	end(o);
}

static void test_hostile_input(void **state)
{
	struct others *o = start(NULL);
	static const char *const bodies[] = {
		"",
		"[]",
		"{",
		"7",
		"{\"frame\":null,\"session\":7}",
		"{\"frame\":{\"token\":null}}",
		"{\"frame\":{\"token\":{},\"state\":[]},\"session\":{\"agentId\":{},\"sessionId\":\"\"}}",
	};
	static const char *const operations[] = { SERVICE ".hello", SERVICE ".state" };
	json_t *session;

	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		for (size_t j = 0; j < 2; j++) {
			json_t *reply = test_request_bytes(o->w, operations[j], bodies[i],
							   strlen(bodies[i]));

			assert_string_equal(test_error(reply), "badRequest");
			json_decref(reply);
		}
	/* A session that was never begun, as a row without a page has "". */
	session = json_pack("{s:s, s:s}", "agentId", "agent1", "sessionId", "");
	test_refused(o->w, SERVICE ".state", frame(session, "Ready", NULL), "unauthorized");
	ok(o, SERVICE ".gone", gone(session));
	test_no_event(o->w, "agent.state", NULL, 50);
	json_decref(session);
	end(o);
}

/* ---- at work (WSP-1) ---- */

static json_t *plain(const char *type, json_t *session)
{
	return json_pack("{s:{s:s}, s:O}", "frame", "type", type, "session", session);
}

/* The next state frame: which state, of which reason, and what is pending. */
static void shows_state(struct others *o, const char *stream, const char *state, const char *reason,
			const char *flags)
{
	json_t *push = test_wait_push(o->w, stream, "state"),
	       *item = json_object_get(push, "frame");
	char seen[64];

	snprintf(seen, sizeof(seen), "%s%s%s",
		 json_is_true(json_object_get(item, "working")) ? "working " : "",
		 json_is_true(json_object_get(item, "pending")) ? "pending " : "",
		 json_is_true(json_object_get(item, "logoutPending")) ? "logout " : "");
	assert_string_equal(pl_json_get_text(item, "state"), state);
	assert_string_equal(pl_json_get_text(item, "reason"), reason);
	assert_string_equal(seen, flags);
	assert_true(json_integer_value(json_object_get(item, "sinceMs")) <=
		    json_integer_value(json_object_get(item, "nowMs")));
	json_decref(push);
}

/* What a page that comes back is told, and its new session. */
static json_t *comes_back(struct others *o, const char *state, const char *flag)
{
	json_t *reply = hello(o, "agent1", NULL), *session = json_object_get(reply, "session");
	json_t *item = json_array_get(json_object_get(reply, "send"), 0);

	assert_string_equal(pl_json_get_text(item, "state"), state);
	assert_true(json_is_true(json_object_get(item, flag)));
	json_incref(session);
	json_decref(reply);
	return session;
}

static void take(struct others *o, const char *contact, const char *offer)
{
	ucm_event(o, "made", contact, offer, "agent1", NULL);
	shows(o, "agent.agent1", "offer", "offerId", offer);
	ucm_event(o, "accepted", contact, offer, "agent1", NULL);
}

static void test_start_work(void **state)
{
	struct others *o = start(NULL);
	json_t *session = log_in(o, "agent1");

	tells(o, "agent1", "NotReady", "loggedIn");
	ok(o, SERVICE ".startWork", plain("startWork", session));
	shows_state(o, "agent.agent1", "NotReady", "startWork", "working ");
	tells(o, "agent1", "NotReady", "startWork");
	ok(o, SERVICE ".startWork", plain("startWork", session)); /* twice */
	shows_state(o, "agent.agent1", "NotReady", "startWork", "working ");
	test_refused(o->w, SERVICE ".startWork", json_pack("{s:{}}", "frame"), "unauthorized");
	json_decref(session);

	o->is_auto_ready = true;
	o->reasons = json_pack("[s, s]", "break", "coffee");
	session = log_in(o, "agent2");
	tells(o, "agent2", "NotReady", "loggedIn");
	ok(o, SERVICE ".startWork", plain("startWork", session));
	tells(o, "agent2", "Ready", "");
	ok(o, SERVICE ".state", frame(session, "NotReady", "Coffee")); /* the code as it is kept */
	tells(o, "agent2", "NotReady", "coffee");
	test_refused(o->w, SERVICE ".state", frame(session, "NotReady", "Lunch"), "badRequest");
	ok(o, SERVICE ".state", frame(session, "NotReady", NULL));
	tells(o, "agent2", "NotReady", "Other");
	json_decref(session);
	end(o);
}

static void test_not_ready_waits_for_the_last_contact(void **state)
{
	struct others *o = start(NULL);
	json_t *session = log_in(o, "agent1"), *again;

	ok(o, SERVICE ".state", frame(session, "Ready", NULL));
	shows_state(o, "agent.agent1", "Ready", "", "working ");
	take(o, "C1", "O1");
	take(o, "C2", "O2");
	ok(o, SERVICE ".state", frame(session, "NotReady", "Break"));
	shows_state(o, "agent.agent1", "NotReady", "Break", "working pending ");
	ok(o, SERVICE ".state", frame(session, "Ready", NULL)); /* takes it back */
	shows_state(o, "agent.agent1", "Ready", "", "working ");
	ok(o, SERVICE ".state", frame(session, "NotReady", "Lunch"));
	shows_state(o, "agent.agent1", "NotReady", "Lunch", "working pending ");
	test_service_kill(o->w, SERVICE); /* PLT-60 */
	test_service_start(o->w, SERVICE, NULL);
	again = comes_back(o, "NotReady", "pending");
	ucm_event(o, "ended", "C1", "O1", "agent1", "completed");
	ucm_event(o, "ended", "C2", "O2", "agent1", "transferred");
	shows_state(o, "agent.agent1", "NotReady", "Lunch", "working ");
	/* one that was under way when the agent went for a break */
	take(o, "C3", "O3");
	shows_state(o, "agent.agent1", "NotReady", "Lunch", "working pending ");
	ucm_event(o, "ended", "C3", "O3", "agent1", "completed");
	shows_state(o, "agent.agent1", "NotReady", "Lunch", "working ");
	json_decref(session);
	json_decref(again);
	end(o);
}

static void test_log_out_waits_for_the_last_contact(void **state)
{
	struct others *o = start(NULL);
	json_t *session = log_in(o, "agent1"), *reply;
	char stream[80];

	ok(o, SERVICE ".state", frame(session, "Ready", NULL));
	shows_state(o, "agent.agent1", "Ready", "", "working ");
	take(o, "C1", "O1");
	reply = test_request(o->w, SERVICE ".logout", plain("logout", session));
	assert_null(json_object_get(reply, "close"));
	json_decref(reply);
	shows_state(o, "agent.agent1", "NotReady", "logout", "working logout ");
	ok(o, SERVICE ".state", frame(session, "Ready", NULL)); /* stays */
	shows_state(o, "agent.agent1", "Ready", "", "working ");
	ok(o, SERVICE ".logout", plain("logout", session));
	shows_state(o, "agent.agent1", "NotReady", "logout", "working logout ");
	json_decref(session);
	session = comes_back(o, "NotReady", "logoutPending");
	snprintf(stream, sizeof(stream), "session.%s", pl_json_get_text(session, "sessionId"));
	ucm_event(o, "ended", "C1", "O1", "agent1", "completed");
	shows_state(o, stream, "LoggedOut", "logout", "");
	assert_string_equal(pl_json_get_text(reply = test_wait_event(o->w, "agent.gone", "agent1"),
					     "body.reason"),
			    "logout");
	json_decref(reply);
	test_refused(o->w, SERVICE ".state", frame(session, "Ready", NULL), "unauthorized");
	json_decref(session);
	end(o);
}

static void test_forced_log_out(void **state)
{
	struct others *o = start(NULL);
	json_t *session = log_in(o, "agent1"), *reply;

	ok(o, SERVICE ".state", frame(session, "Ready", NULL));
	take(o, "C1", "O1");
	test_refused(o->w, SERVICE ".logout",
		     json_pack("{s:{s:s, s:s}, s:O}", "frame", "type", "logout", "force", "yes",
			       "session", session),
		     "badRequest");
	reply = test_request(o->w, SERVICE ".logout",
			     json_pack("{s:{s:s, s:b}, s:O}", "frame", "type", "logout", "force", 1,
				       "session", session));
	assert_true(json_is_true(json_object_get(reply, "close")));
	json_decref(reply);
	json_decref(test_wait_event(o->w, "agent.gone", "agent1"));
	json_decref(session);
	end(o);
}

static json_t *agents(struct others *o, const char *limit, const char *cursor)
{
	return test_request(o->w, SERVICE ".agents",
			    test_http("GET", NULL,
				      json_pack("{s:s*, s:s*}", "limit", limit, "cursor", cursor),
				      NULL, "agent1", "agent"));
}

static void test_list_of_agents(void **state)
{
	struct others *o = start(NULL);
	json_t *first = log_in(o, "agent1"), *second = log_in(o, "agent2"), *page, *item;
	char cursor[80];

	ok(o, SERVICE ".state", frame(first, "Ready", NULL));
	take(o, "C1", "O1");
	ucm_event(o, "made", "C2", "O2", "agent1", NULL); /* no contact yet */
	shows(o, "agent.agent1", "offer", "offerId", "O2");
	page = agents(o, "1", NULL);
	assert_int_equal(json_integer_value(json_object_get(page, "status")), 200);
	snprintf(cursor, sizeof(cursor), "%s", pl_json_get_text(page, "body.cursor"));
	item = json_array_get(pl_json_get(page, "body.items"), 0);
	assert_string_equal(pl_json_get_text(item, "name"), "Some One");
	assert_string_equal(pl_json_get_text(item, "state"), "Ready");
	assert_int_equal(json_integer_value(json_object_get(item, "contacts")), 1);
	assert_string_equal(json_string_value(json_array_get(json_object_get(item, "services"), 0)),
			    "Sales");
	json_decref(page);
	page = agents(o, NULL, cursor);
	assert_int_equal(json_array_size(pl_json_get(page, "body.items")), 1);
	assert_true(json_is_null(pl_json_get(page, "body.cursor")));
	json_decref(page);
	for (size_t i = 0; i < 4; i++) {
		static const char *const limits[] = { "0", "201", "x", "1x" };

		page = agents(o, limits[i], NULL);
		assert_string_equal(test_error(page), "badRequest");
		json_decref(page);
	}
	ok(o, SERVICE ".logout", plain("logout", second));
	page = agents(o, NULL, NULL);
	assert_int_equal(json_array_size(pl_json_get(page, "body.items")), 1);
	json_decref(page);
	page = test_request(o->w, SERVICE ".agent", json_pack("{s:s}", "agentId", "agent2"));
	assert_string_equal(pl_json_get_text(page, "agent.state"), "LoggedOut");
	json_decref(page);
	test_refused(o->w, SERVICE ".agent", json_pack("{s:s}", "agentId", "nobody"), "notFound");
	json_decref(first);
	json_decref(second);
	end(o);
}

/* PLT-60: of an agent's events the last ones are told again to who missed them */
static void test_told(void **state)
{
	struct others *o = start(NULL);
	json_t *session = log_in(o, "agent1");

	tells(o, "agent1", "NotReady", "loggedIn");
	assert_int_equal(test_told_again(o->w, SERVICE, "agent", "agent1"), 1);
	ok(o, SERVICE ".state", frame(session, "Ready", NULL));
	tells(o, "agent1", "Ready", "");
	assert_int_equal(test_told_again(o->w, SERVICE, "agent", "agent1"), 1);
	ok(o, SERVICE ".logout",
	   json_pack("{s:{s:s}, s:O, s:s}", "frame", "type", "logout", "session", session,
		     "connection", "CONN"));
	json_decref(test_wait_event(o->w, "agent.gone", "agent1"));
	assert_int_equal(test_told_again(o->w, SERVICE, "agent", "agent1"), 2);
	json_decref(session);
	end(o);
}

/* PLT-60: an offer that is heard of again shows the agent nothing twice, and leaves nothing open */
static void test_heard_again(void **state)
{
	struct others *o = start(NULL);
	json_t *session = log_in(o, "agent1"), *push;

	ok(o, SERVICE ".state", frame(session, "Ready", NULL));
	ucm_event(o, "made", "C1", "O1", "agent1", NULL);
	json_decref(test_wait_push(o->w, "agent.agent1", "offer"));
	ucm_event(o, "made", "C1", "O1", "agent1", NULL);
	ucm_event(o, "accepted", "C1", "O1", "agent1", NULL);
	ucm_event(o, "accepted", "C1", "O1", "agent1", NULL);
	ucm_event(o, "made", "C1", "O1", "agent1", NULL);
	ucm_event(o, "ended", "C1", "O1", "agent1", "completed");
	for (int i = 0; i < 2; i++) {
		ucm_event(o, "made", "C1", "O1", "agent1", NULL);
		ucm_event(o, "accepted", "C1", "O1", "agent1", NULL);
		ucm_event(o, "ended", "C1", "O1", "agent1", "completed");
	}
	test_no_push(o->w, "agent.agent1", "offer", 200);
	test_no_push(o->w, "agent.agent1", "withdrawn", 0);
	/* no contact is open: not ready is at once */
	json_decref(test_wait_push(o->w, "agent.agent1", "state"));
	ok(o, SERVICE ".state", frame(session, "NotReady", "Break"));
	push = test_wait_push(o->w, "agent.agent1", "state");
	assert_true(json_is_false(pl_json_get(push, "frame.pending")));
	json_decref(push);
	/* one that wasn't answered counts once */
	ok(o, SERVICE ".state", frame(session, "Ready", NULL));
	ucm_event(o, "made", "C2", "O2", "agent1", NULL);
	ucm_event(o, "ended", "C2", "O2", "agent1", "noAnswer");
	json_decref(test_wait_push(o->w, "agent.agent1", "withdrawn"));
	ok(o, SERVICE ".state", frame(session, "Ready", NULL));
	ucm_event(o, "made", "C2", "O2", "agent1", NULL);
	ucm_event(o, "ended", "C2", "O2", "agent1", "noAnswer");
	test_no_push(o->w, "agent.agent1", "withdrawn", 200);
	json_decref(session);
	end(o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hello_and_states),
		cmocka_unit_test(test_tokens),
		cmocka_unit_test(test_renewal_and_takeover),
		cmocka_unit_test(test_browser_lost),
		cmocka_unit_test(test_edge_is_silent),
		cmocka_unit_test(test_token_runs_out),
		cmocka_unit_test(test_offers),
		cmocka_unit_test(test_strange_names),
		cmocka_unit_test(test_killed),
		cmocka_unit_test(test_hostile_input),
		cmocka_unit_test(test_start_work),
		cmocka_unit_test(test_not_ready_waits_for_the_last_contact),
		cmocka_unit_test(test_log_out_waits_for_the_last_contact),
		cmocka_unit_test(test_forced_log_out),
		cmocka_unit_test(test_list_of_agents),
		cmocka_unit_test(test_told),
		cmocka_unit_test(test_heard_again),
	};

	return cmocka_run_group_tests_name("agent", tests, NULL, NULL);
}
