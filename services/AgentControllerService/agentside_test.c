/*
 * agentside_test.c — AgentControllerService on a real bus; chats, contexts, offers and the agent's
 * page are played. What is asked of each is counted.
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
#include "pelago/store.h"
#include "test_world.h"

#define ACS "AgentControllerService"
#define CCS "CustomerControllerService"
#define UAC "UnifiedAgentController"
#define UCM "UCMService"

/* How the played services behave. */
struct manners {
	bool closed;	   /* the chat, when it is joined */
	json_t *left;	   /* contacts whose customer has left, by id */
	bool no_chat;	   /* it is unknown */
	bool no_context;   /* ContextStore knows none */
	bool mute_context; /* it says nothing */
	bool big_context;  /* it knows as much as it may */
	bool refuses;	   /* the chat refuses what agents do */
	bool mute_chat;	   /* it says nothing to what agents do */
};

static const struct manners good;

static json_t *joined(const struct manners *m, const json_t *body)
{
	bool closed = m->closed || json_object_get(m->left, pl_json_get_text(body, "contactId"));

	return json_pack(
		"{s:[{s:s, s:i}, {s:s, s:i, s:s}], s:i, s:i, s:{s:s}, s:s, s:{s:s}, s:{s:s, s:s}, s:b, "
		"s:s*, s:s, s:{s:i}}",
		"transcript", "type", "opened", "seq", 1, "type", "message", "seq", 2, "text",
		"hello", "first", 1, "head", 2, "customer", "name", "Ann", "topic", "sales",
		"attributes", "Language", "English", "context", "basket", "tent", "page", "/tents",
		"closed", closed, "reason", closed ? "customer" : NULL, "presence", "away", "files",
		"maxBytes", 9);
}

static json_t *be_chat(const char *operation, json_t *body, void *arg)
{
	const struct manners *m = arg;

	if (strcmp(operation, "join") == 0)
		return m->no_chat ? test_refusal("NOTFOUND") : joined(m, body);
	if (strcmp(operation, "transcript") == 0)
		return joined(m, body);
	if (strcmp(operation, "leave") == 0)
		return json_object();
	if (strcmp(operation, "file") == 0)
		return json_pack("{s:{s:s}}", "blob", "name", "a.txt");
	if (m->mute_chat)
		return NULL;
	if (m->refuses)
		return test_refusal("STATE");
	if (strcmp(pl_json_get_text(body, "clientId"), "again") == 0)
		return json_pack("{s:i, s:b, s:{s:i, s:s}}", "seq", 3, "repeated", 1, "frame",
				 "seq", 3, "text", "said before");
	if (strcmp(operation, "send-file") == 0)
		return json_pack("{s:b}", "continue", 1);
	if (strcmp(operation, "private") == 0)
		return json_pack("{s:i, s:b, s:s, s:{s:i}}", "seq", 2, "repeated", 1, "stream",
				 "desk.C1", "frame", "seq", 2);
	return json_pack("{s:i}", "seq", 3);
}

static json_t *big_text(size_t len)
{
	char *text = malloc(len);
	json_t *value;

	memset(text, 'x', len);
	value = json_stringn(text, len);
	free(text);
	return value;
}

static json_t *be_store(const char *operation, json_t *body, void *arg)
{
	const struct manners *m = arg;

	if (m->mute_context)
		return NULL;
	if (m->big_context)
		return json_pack("{s:{s:o}}", "data", "notes", big_text(127 * 1024));
	return m->no_context ? test_refusal("NOTFOUND")
			     : json_pack("{s:O, s:{s:s, s:s}}", "contextId",
					 json_object_get(body, "contextId"), "data", "basket",
					 "boat", "tier", "gold");
}

static int64_t seen[2]; /* numbers of the frames that agent1 and agent2 were shown */

static struct test_world *world_with(struct manners *m)
{
	struct test_world *w = test_world_new();

	memset(seen, 0, sizeof(seen));
	test_serve(w, CCS, be_chat, m);
	test_serve(w, "ContextStore", be_store, m);
	test_serve(w, UCM, NULL, NULL);
	return w;
}

static struct test_world *world(struct manners *m)
{
	struct test_world *w = world_with(m);

	test_service_start(w, ACS, NULL);
	return w;
}

/* ---- what others do ---- */

static void accept_offer(struct test_world *w, const char *agent, const char *contact,
			 const char *offer)
{
	test_event(w, UCM, "offer", "accepted", contact,
		   json_pack("{s:s, s:s, s:s, s:s, s:s}", "offerId", offer, "contactId", contact,
			     "agentId", agent, "channel", "chat", "service", "Sales"));
}

static void end_offer(struct test_world *w, const char *contact, const char *offer,
		      const char *reason)
{
	test_event(w, UCM, "offer", "ended", contact,
		   json_pack("{s:s, s:s, s:s}", "offerId", offer, "contactId", contact, "reason",
			     reason));
}

static void close_chat(struct test_world *w, const char *contact, const char *reason)
{
	test_event(w, CCS, "contact", "closed", contact,
		   json_pack("{s:s, s:s}", "contactId", contact, "reason", reason));
}

static json_t *of(const char *agent, json_t *frame)
{
	return json_pack("{s:o, s:{s:s}, s:s}", "frame", frame, "session", "agentId", agent,
			 "connection", "C1");
}

static json_t *frame(const char *type, const char *contact)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:b}", "type", type, "contactId", contact,
			 "clientId", "a1", "text", "good day", "on", 1);
}

static json_t *fetch(struct test_world *w, int agent)
{
	char stream[32];

	snprintf(stream, sizeof(stream), "work.agent%d", agent);
	return test_request(w, ACS ".fetch",
			    json_pack("{s:s, s:I, s:i}", "stream", stream, "after",
				      (json_int_t)seen[agent - 1], "limit", 1));
}

/* The next of an agent's frames, beside what the edge is to do. */
static json_t *shown(struct test_world *w, const char *agent)
{
	int number = agent[strlen("agent")] - '0';

	for (int64_t until = test_now_ms() + TEST_WAIT_MS; test_now_ms() < until;) {
		json_t *reply = fetch(w, number);
		json_t *item = json_array_get(json_object_get(reply, "items"), 0);

		json_incref(item);
		json_decref(reply);
		if (item) {
			assert_int_equal(json_integer_value(json_object_get(item, "seq")),
					 ++seen[number - 1]);
			return item;
		}
		test_run(w, 2);
	}
	fail_msg("%s is shown nothing more", agent);
	return NULL;
}

static void nothing_shown(struct test_world *w, int ms)
{
	test_run(w, ms);
	for (int agent = 1; agent <= 2; agent++) {
		json_t *reply = fetch(w, agent);

		assert_int_equal(json_array_size(json_object_get(reply, "items")), 0);
		json_decref(reply);
	}
}

/* The next thing that an agent's page is shown has this type. */
static json_t *delivered(struct test_world *w, const char *agent, const char *type)
{
	json_t *body = shown(w, agent);

	assert_string_equal(pl_json_get_text(body, "frame.type"), type);
	return body;
}

static void completed(struct test_world *w, const char *offer, const char *disposition)
{
	json_t *body = test_wait_command(w, UCM ".complete");

	assert_string_equal(pl_json_get_text(body, "offerId"), offer);
	assert_string_equal(pl_json_get_text(body, "disposition"), disposition);
	json_decref(body);
}

static void accepted(struct test_world *w, const char *operation, json_t *request)
{
	json_t *reply = test_request(w, operation, request);

	if (test_error(reply)[0])
		fail_msg("%s: %s", operation, pl_json_get_text(reply, "error.message"));
	json_decref(reply);
}

static const char *first_watch(const json_t *body, const char *path)
{
	return pl_json_get_text(json_array_get(pl_json_get(body, path), 0), "stream");
}

static size_t contacts_of(struct test_world *w, const char *agent)
{
	json_t *reply = test_request(w, ACS ".contacts", json_pack("{s:s}", "agentId", agent));
	size_t n = json_array_size(json_object_get(reply, "contacts"));

	json_decref(reply);
	return n;
}

/* ---- stories ---- */

static void a_contact_from_accept_to_complete(void **state)
{
	struct manners m = good;
	struct test_world *w = world(&m);
	json_t *body, *reply;

	test_event(w, UAC, "agent", "state", "agent1",
		   json_pack("{s:s, s:s, s:s}", "agentId", "agent1", "state", "Ready", "name",
			     "Mia Berg"));
	test_run(w, 200); /* two readers: of agents and of offers */
	accept_offer(w, "agent1", "C1", "O1");
	body = test_wait_command(w, CCS ".join");
	assert_string_equal(pl_json_get_text(body, "participant.name"), "Mia Berg");
	assert_string_equal(pl_json_get_text(body, "participant.role"), "agent");
	json_decref(body);
	body = delivered(w, "agent1", "assigned");
	assert_string_equal(pl_json_get_text(body, "frame.contactId"), "C1");
	assert_string_equal(pl_json_get_text(body, "frame.customer.name"), "Ann");
	assert_string_equal(pl_json_get_text(body, "frame.service"), "Sales");
	assert_string_equal(pl_json_get_text(body, "frame.context.basket"), "boat");
	assert_string_equal(pl_json_get_text(body, "frame.context.page"), "/tents");
	assert_string_equal(pl_json_get_text(body, "frame.context.tier"), "gold");
	assert_int_equal(json_array_size(pl_json_get(body, "frame.transcript")), 2);
	assert_string_equal(pl_json_get_text(body, "frame.presence"), "away");
	assert_string_equal(first_watch(body, "watch"), "contact.C1");
	json_decref(body);

	accepted(w, ACS ".message", of("agent1", frame("message", "C1")));
	body = test_wait_command(w, CCS ".post");
	assert_string_equal(pl_json_get_text(body, "agentId"), "agent1");
	assert_string_equal(pl_json_get_text(body, "from"), "agent");
	assert_string_equal(pl_json_get_text(body, "text"), "good day");
	assert_string_equal(pl_json_get_text(body, "name"), "Mia Berg");
	json_decref(body);
	reply = test_request(w, ACS ".message",
			     of("agent1", json_pack("{s:s, s:s, s:s}", "contactId", "C1",
						    "clientId", "again", "text", "x")));
	assert_string_equal(
		pl_json_get_text(json_array_get(json_object_get(reply, "again"), 0), "frame.text"),
		"said before");
	json_decref(reply);
	accepted(w, ACS ".typing", of("agent1", frame("typing", "C1")));
	json_decref(test_wait_command(w, CCS ".typing"));
	test_refused(w, ACS ".complete", of("agent1", frame("complete", "C1")), "conflict");

	accepted(w, ACS ".close",
		 of("agent1",
		    json_pack("{s:s, s:s}", "contactId", "C1", "disposition", "Resolved")));
	body = test_wait_command(w, CCS ".close");
	assert_string_equal(pl_json_get_text(body, "reason"), "agent");
	assert_string_equal(pl_json_get_text(body, "by"), "agent1");
	json_decref(body);
	close_chat(w, "C1", "agent");
	body = delivered(w, "agent1", "closed");
	assert_int_equal(json_integer_value(pl_json_get(body, "frame.wrapUpSeconds")), 30);
	assert_string_equal(json_string_value(json_array_get(pl_json_get(body, "unwatch"), 0)),
			    "contact.C1");
	json_decref(body);
	m.refuses = true;
	test_refused(w, ACS ".message", of("agent1", frame("message", "C1")), "conflict");
	assert_int_equal(contacts_of(w, "agent1"), 1);
	accepted(w, ACS ".complete", of("agent1", json_pack("{s:s}", "contactId", "C1")));
	accepted(w, ACS ".complete", of("agent1", json_pack("{s:s}", "contactId", "C1")));
	completed(w, "O1", "Resolved");
	end_offer(w, "C1", "O1", "completed");
	assert_int_equal(contacts_of(w, "agent1"), 0);
	test_no_command(w, UCM ".complete", 50);
	nothing_shown(w, 0);
	test_world_free(w);
}

/* A name that is longer than a chat takes keeps nobody out. */
static void a_very_long_name_is_cut(void **state)
{
	struct manners m = good;
	struct test_world *w = world(&m);
	char name[501], *to = name;
	json_t *body;

	for (int i = 0; i < 250; i++, to += 2)
		memcpy(to, "\xc3\xa9", 3);
	test_event(w, UAC, "agent", "state", "agent1", json_pack("{s:s}", "name", name));
	test_run(w, 200);
	accept_offer(w, "agent1", "C1", "O1");
	body = test_wait_command(w, CCS ".join");
	assert_int_equal(strlen(pl_json_get_text(body, "participant.name")), 400);
	json_decref(body);
	test_world_free(w);
}

static void only_ones_own_contacts(void **state)
{
	struct manners m = good;
	struct test_world *w = world(&m);

	accept_offer(w, "agent1", "C1", "O1");
	json_decref(delivered(w, "agent1", "assigned"));
	test_refused(w, ACS ".message", of("agent2", frame("message", "C1")), "unauthorized");
	test_refused(w, ACS ".close", of("agent2", frame("close", "C1")), "unauthorized");
	test_refused(w, ACS ".message", of("agent1", frame("message", "C2")), "unauthorized");
	test_refused(w, ACS ".message",
		     json_pack("{s:o, s:n}", "frame", frame("message", "C1"), "session"),
		     "unauthorized");
	test_refused(w, ACS ".message", json_object(), "badRequest");
	test_refused(w, ACS ".message", of("agent1", json_object()), "badRequest");
	test_refused(w, ACS ".message", of("agent1", json_pack("{s:i}", "contactId", 1)),
		     "badRequest");
	test_refused(w, ACS ".close",
		     of("agent1", json_pack("{s:s, s:i}", "contactId", "C1", "disposition", 1)),
		     "badRequest");
	test_refused(w, ACS ".restore", json_object(), "badRequest");
	json_decref(test_request_bytes(w, ACS ".close", "{", 1));
	test_no_command(w, CCS ".post", 50);
	test_no_command(w, CCS ".close", 0);
	m.refuses = true;
	test_refused(w, ACS ".message", of("agent1", frame("message", "C1")), "conflict");
	m.refuses = false;
	m.mute_chat = true;
	test_refused(w, ACS ".message", of("agent1", frame("message", "C1")), "unavailable");
	test_world_free(w);
}

static json_t *over_http(const char *agent, const char *contact, const char *file)
{
	json_t *request = test_http(file ? "GET" : "POST",
				    json_pack("{s:s, s:s*}", "contactId", contact, "fileId", file),
				    json_pack("{s:s, s:s}", "name", "a.txt", "clientId", "F1"),
				    NULL, agent, "agent");

	json_object_set_new(request, "blob", json_pack("{s:i}", "size", 5));
	return request;
}

/* CHN-1: files go to and from the chat, for who has the contact. */
static void files_pass_through(void **state)
{
	struct manners m = good;
	struct test_world *w = world(&m);
	json_t *reply, *body;

	test_refused(w, ACS ".http-send-file", over_http("agent1", "C1", NULL), "notFound");
	accept_offer(w, "agent1", "C1", "O1");
	body = delivered(w, "agent1", "assigned");
	assert_int_equal(json_integer_value(pl_json_get(body, "frame.files.maxBytes")), 9);
	json_decref(body);
	reply = test_request(w, ACS ".http-send-file", over_http("agent1", "C1", NULL));
	assert_true(json_is_true(json_object_get(reply, "continue")));
	json_decref(reply);
	body = test_wait_command(w, CCS ".send-file");
	assert_string_equal(pl_json_get_text(body, "contactId"), "C1");
	assert_string_equal(pl_json_get_text(body, "agentId"), "agent1");
	assert_string_equal(pl_json_get_text(body, "query.clientId"), "F1");
	assert_int_equal(json_integer_value(pl_json_get(body, "blob.size")), 5);
	json_decref(body);
	reply = test_request(w, ACS ".http-file", over_http("agent1", "C1", "F"));
	assert_string_equal(pl_json_get_text(reply, "blob.name"), "a.txt");
	json_decref(reply);
	test_refused(w, ACS ".http-send-file", over_http("agent2", "C1", NULL), "notFound");
	test_refused(w, ACS ".http-file", over_http("agent2", "C1", "F"), "notFound");
	m.refuses = true;
	test_refused(w, ACS ".http-send-file", over_http("agent1", "C1", NULL), "conflict");
	m.refuses = false;
	m.mute_chat = true;
	test_refused(w, ACS ".http-send-file", over_http("agent1", "C1", NULL), "unavailable");
	test_world_free(w);
}

/* The customer leaves while the agent joins: no contact stays behind. */
static void closed_before_it_was_joined(void **state)
{
	struct manners m = good;
	struct test_world *w = world(&m);
	json_t *body;

	m.closed = true;
	accept_offer(w, "agent1", "C1", "O1");
	close_chat(w, "C1", "customer");
	body = delivered(w, "agent1", "assigned");
	assert_null(json_object_get(body, "directives"));
	json_decref(body);
	body = delivered(w, "agent1", "closed");
	assert_string_equal(pl_json_get_text(body, "frame.reason"), "customer");
	json_decref(body);
	accepted(w, ACS ".complete",
		 of("agent1", json_pack("{s:s, s:s}", "contactId", "C1", "disposition", "Gone")));
	completed(w, "O1", "Gone");
	m.no_chat = true;
	accept_offer(w, "agent1", "C2", "O2");
	completed(w, "O2", "");
	nothing_shown(w, 50);
	assert_int_equal(contacts_of(w, "agent1"), 0);
	test_world_free(w);
}

static void wrapup_ends_by_itself(void **state)
{
	struct manners m = good;
	struct test_world *w = world_with(&m);
	json_t *body;

	test_service_start(w, ACS, "--set", "wrapup_s=1", NULL);
	accept_offer(w, "agent1", "C1", "O1");
	json_decref(delivered(w, "agent1", "assigned"));
	close_chat(w, "C1", "timeout");
	json_decref(delivered(w, "agent1", "closed"));
	completed(w, "O1", "");
	test_service_configure(w, ACS, json_object());
	test_service_stop(w, ACS);
	test_service_start(w, ACS, "--set", "wrapup_s=0", NULL);
	accept_offer(w, "agent1", "C2", "O2");
	json_decref(delivered(w, "agent1", "assigned"));
	close_chat(w, "C2", "customer");
	body = delivered(w, "agent1", "closed");
	assert_int_equal(json_integer_value(pl_json_get(body, "frame.wrapUpSeconds")), 0);
	json_decref(body);
	completed(w, "O2", "");
	assert_int_equal(contacts_of(w, "agent1"), 0);
	test_world_free(w);
}

/* PLT-23 */
static void wrapup_is_as_long_as_the_profile_says(void **state)
{
	struct manners m = good;
	struct test_world *w = world_with(&m);
	json_t *body;

	test_service_start(w, ACS, NULL);
	test_service_configure(w, ACS,
			       json_pack("{s:b, s:{s:{s:i}}, s:{s:[s]}}", "accepting", 1,
					 "profiles", "Gold", "wrapup_s", 77, "users", "Gold",
					 "agent1"));
	test_run(w, 700);
	accept_offer(w, "agent1", "C1", "O1");
	json_decref(delivered(w, "agent1", "assigned"));
	close_chat(w, "C1", "customer");
	body = delivered(w, "agent1", "closed");
	assert_int_equal(json_integer_value(pl_json_get(body, "frame.wrapUpSeconds")), 77);
	json_decref(body);
	test_world_free(w);
}

static void assert_alarm(struct test_world *w, bool is_raised)
{
	json_t *told = test_wait_command(w, "Manager.alarm");

	assert_string_equal(pl_json_get_text(told, "key"), "authorization.unreachable");
	assert_int_equal(json_is_true(json_object_get(told, "raised")), is_raised);
	json_decref(told);
}

/* PLT-24: the Authorization Service Address is tried, and a wrong one is told. */
static void a_wrong_authorization_address_is_told(void **state)
{
	struct manners m = good;
	struct test_world *w = world_with(&m);

	test_serve(w, "Manager", NULL, NULL);
	test_service_start(w, ACS, NULL);
	assert_alarm(w, false);
	test_service_configure(w, ACS,
			       json_pack("{s:b, s:{s:s}}", "accepting", 1, "attributes",
					 "authorization_service_address", "127.0.0.1:1"));
	assert_alarm(w, true);
	test_service_configure(w, ACS, json_pack("{s:b}", "accepting", 1));
	assert_alarm(w, false);
	test_world_free(w);
}

static void a_context_that_does_not_come(void **state)
{
	struct manners m = good;
	struct test_world *w = world_with(&m);
	json_t *body;

	test_service_start(w, ACS, "--set", "context_wait_s=1", NULL);
	m.no_context = true;
	accept_offer(w, "agent1", "C1", "O1");
	body = delivered(w, "agent1", "assigned");
	assert_string_equal(pl_json_get_text(body, "frame.context.basket"), "tent");
	json_decref(body);
	m.mute_context = true;
	accept_offer(w, "agent1", "C2", "O2");
	body = delivered(w, "agent1", "assigned");
	assert_string_equal(pl_json_get_text(body, "frame.contactId"), "C2");
	json_decref(body);
	m.mute_context = m.no_context = false;
	nothing_shown(w, 1500); /* the late answer shows nothing twice */
	test_world_free(w);
}

static void an_offer_that_others_end(void **state)
{
	struct manners m = good;
	struct test_world *w = world(&m);
	json_t *body;

	accept_offer(w, "agent1", "C1", "O1");
	json_decref(delivered(w, "agent1", "assigned"));
	end_offer(w, "C1", "O1", "agentLost");
	body = delivered(w, "agent1", "withdrawn");
	assert_string_equal(pl_json_get_text(body, "frame.reason"), "agentLost");
	json_decref(body);
	body = test_wait_command(w, CCS ".leave");
	assert_string_equal(pl_json_get_text(body, "offerId"), "O1");
	json_decref(body);
	test_refused(w, ACS ".message", of("agent1", frame("message", "C1")), "conflict");
	/* the next one has it, then the first again */
	accept_offer(w, "agent2", "C1", "O2");
	json_decref(delivered(w, "agent2", "assigned"));
	end_offer(w, "C1", "O2", "transferred");
	json_decref(delivered(w, "agent2", "withdrawn"));
	accept_offer(w, "agent1", "C1", "O0");
	json_decref(delivered(w, "agent1", "assigned"));
	accepted(w, ACS ".message", of("agent1", frame("message", "C1")));
	close_chat(w, "C1", "customer");
	json_decref(delivered(w, "agent1", "closed"));
	end_offer(w, "unknown", "O9", "rejected");
	test_no_command(w, UCM ".complete", 50);
	assert_int_equal(contacts_of(w, "agent2"), 0);
	test_world_free(w);
}

static void a_page_that_comes_back(void **state)
{
	struct manners m = good;
	struct test_world *w = world(&m);
	char contact[8], offer[8];
	json_t *reply, *first;

	reply = test_request(w, ACS ".restore", json_pack("{s:s}", "agentId", "agent1"));
	assert_int_equal(json_array_size(json_object_get(reply, "contacts")), 0);
	json_decref(reply);
	for (int i = 0; i < 5; i++) {
		snprintf(contact, sizeof(contact), "C%d", i);
		snprintf(offer, sizeof(offer), "O%d", i);
		accept_offer(w, "agent1", contact, offer);
		json_decref(delivered(w, "agent1", "assigned"));
	}
	close_chat(w, "C4", "customer");
	json_decref(delivered(w, "agent1", "closed"));
	reply = test_request(w, ACS ".restore", json_pack("{s:s}", "agentId", "agent1"));
	assert_int_equal(json_array_size(json_object_get(reply, "contacts")), 5);
	assert_int_equal(json_array_size(json_object_get(reply, "watch")),
			 9); /* the agent's own, four chats, and what agents say in each */
	first = json_array_get(json_object_get(reply, "watch"), 0);
	assert_string_equal(pl_json_get_text(first, "stream"), "work.agent1");
	assert_int_equal(json_integer_value(json_object_get(first, "after")), 6);
	first = json_array_get(json_object_get(reply, "contacts"), 0);
	assert_string_equal(pl_json_get_text(first, "contactId"), "C0");
	assert_string_equal(pl_json_get_text(first, "state"), "active");
	assert_string_equal(pl_json_get_text(first, "context.tier"), "gold");
	assert_string_equal(pl_json_get_text(first, "customer.name"), "Ann");
	assert_int_equal(json_array_size(json_object_get(first, "transcript")), 2);
	assert_string_equal(pl_json_get_text(first, "presence"), "away");
	first = json_array_get(json_object_get(reply, "contacts"), 4);
	assert_string_equal(pl_json_get_text(first, "state"), "wrapup");
	assert_string_equal(pl_json_get_text(first, "reason"), "customer");
	assert_int_equal(json_integer_value(json_object_get(first, "wrapUpSeconds")), 30);
	json_decref(reply);
	test_world_free(w);
}

/* Makes a service's timers due while it is down. */
static void pass_time(struct test_world *w)
{
	struct pl_store *store = NULL;
	char url[600];

	test_service_kill(w, ACS);
	test_service_store(w, ACS, url, sizeof(url));
	assert_int_equal(pl_store_open(&store, url), PL_OK);
	assert_int_equal(pl_store_exec(store, "update pl_timer set wall_ms = 0, mono_ms = 0", ""),
			 PL_OK);
	pl_store_close(store);
	test_service_start(w, ACS, NULL);
}

static size_t frames_kept(struct test_world *w)
{
	json_t *reply = test_request(w, ACS ".fetch",
				     json_pack("{s:s, s:i}", "stream", "work.agent1", "after", 0));
	size_t count = json_array_size(json_object_get(reply, "items"));

	json_decref(reply);
	return count;
}

/* CTX-4: what customers wrote isn't kept for a page that is gone */
static void frames_of_before_the_log_out_are_forgotten(void **state)
{
	struct manners m = good;
	struct test_world *w = world(&m);

	accept_offer(w, "agent1", "C1", "O1");
	json_decref(delivered(w, "agent1", "assigned"));
	test_event(w, UAC, "agent", "state", "agent1",
		   json_pack("{s:s, s:s, s:s}", "agentId", "agent1", "state", "LoggedOut", "name",
			     "Al"));
	assert_int_equal(frames_kept(w), 1);
	for (int64_t until = test_now_ms() + TEST_WAIT_MS;
	     frames_kept(w) > 0 && test_now_ms() < until;)
		pass_time(w);
	assert_int_equal(frames_kept(w), 0);
	accept_offer(w, "agent1", "C2", "O2");
	json_decref(delivered(w, "agent1", "assigned")); /* numbered on */
	pass_time(w);
	assert_int_equal(frames_kept(w), 1);
	test_world_free(w);
}

/* What the store knows of ten contacts is more than one message carries. */
static void a_page_with_huge_contexts_comes_back(void **state)
{
	struct manners m = good;
	struct test_world *w = world(&m);
	char contact[8], offer[8];
	json_t *reply;

	m.big_context = true;
	for (int i = 0; i < 10; i++) {
		snprintf(contact, sizeof(contact), "C%d", i);
		snprintf(offer, sizeof(offer), "O%d", i);
		accept_offer(w, "agent1", contact, offer);
		json_decref(delivered(w, "agent1", "assigned"));
	}
	reply = test_request(w, ACS ".restore", json_pack("{s:s}", "agentId", "agent1"));
	assert_int_equal(json_array_size(json_object_get(reply, "contacts")), 10);
	assert_int_equal(json_array_size(json_object_get(reply, "watch")), 21);
	json_decref(reply);
	assert_int_equal(contacts_of(w, "agent1"), 10);
	test_world_free(w);
}

/* Whoever joins after this is told that the chat is closed, even before the event is read. */
static void leave_chat(struct test_world *w, struct manners *m, const char *contact)
{
	json_object_set_new(m->left, contact, json_true());
	close_chat(w, contact, "customer");
}

/* kill -9 at every step of many contacts: each is shown, closed and completed once (PLT-60). */
static void killed_at_every_step(void **state)
{
	enum { EACH = 24 };
	struct manners m = good;
	struct test_world *w = world_with(&m);
	char contact[8], offer[8];
	int assigned = 0, closed = 0;

	m.left = json_object();
	test_service_start(w, ACS, "--set", "wrapup_s=0", NULL);
	for (int i = 0; i < EACH; i++) {
		snprintf(contact, sizeof(contact), "C%d", i);
		snprintf(offer, sizeof(offer), "O%d", i);
		accept_offer(w, "agent1", contact, offer);
		if (i % 4 == 1)
			leave_chat(w, &m, contact);
		if (i % 6 == 5) {
			test_run(w, i / 6);
			test_service_kill(w, ACS);
			test_service_start(w, ACS, "--set", "wrapup_s=0", NULL);
		}
		if (i % 4 != 1)
			leave_chat(w, &m, contact);
	}
	for (int i = 0; i < 2 * EACH; i++) {
		json_t *body = shown(w, "agent1");

		assigned += strcmp(pl_json_get_text(body, "frame.type"), "assigned") == 0;
		closed += strcmp(pl_json_get_text(body, "frame.type"), "closed") == 0;
		assert_true(assigned >= closed);
		json_decref(body);
	}
	assert_int_equal(assigned, EACH);
	assert_int_equal(closed, EACH);
	for (int i = 0; i < EACH; i++)
		json_decref(test_wait_command(w, UCM ".complete"));
	test_no_command(w, UCM ".complete", 200);
	nothing_shown(w, 0);
	for (int i = 0; i < EACH; i++)
		json_decref(test_wait_command(w, CCS ".join"));
	test_no_command(w, CCS ".join", 0);
	assert_int_equal(contacts_of(w, "agent1"), 0);
	json_decref(m.left);
	test_world_free(w);
}

/* PLT-60: heard again, at every stage, nothing is done twice */
static void what_is_heard_again_changes_nothing(void **state)
{
	struct manners m = good;
	struct test_world *w = world(&m);

	accept_offer(w, "agent1", "C1", "O1");
	accept_offer(w, "agent1", "C1", "O1");
	json_decref(delivered(w, "agent1", "assigned"));
	accept_offer(w, "agent1", "C1", "O1");
	close_chat(w, "C1", "customer");
	close_chat(w, "C1", "customer");
	json_decref(delivered(w, "agent1", "closed"));
	accept_offer(w, "agent1", "C1", "O1");
	accepted(w, ACS ".complete", of("agent1", frame("complete", "C1")));
	json_decref(test_wait_command(w, UCM ".complete"));
	for (int i = 0; i < 2; i++) {
		end_offer(w, "C1", "O1", "completed");
		accept_offer(w, "agent1", "C1", "O1");
		close_chat(w, "C1", "customer");
	}
	nothing_shown(w, 200);
	test_no_command(w, UCM ".complete", 0);
	test_no_command(w, CCS ".leave", 0);
	json_decref(test_wait_command(w, CCS ".join"));
	test_no_command(w, CCS ".join", 0);
	test_world_free(w);
}

/* ---- after the contact (WSP-1) ---- */

static void define_service(struct test_world *w, json_t *body)
{
	test_event(w, "UCAStoreService", "service", "set", "Sales", body);
}

static json_t *extend(struct test_world *w)
{
	return test_request(w, ACS ".extend", of("agent1", json_pack("{s:s}", "contactId", "C1")));
}

static void wrapup_is_the_services_and_can_be_extended(void **state)
{
	struct manners m = good;
	struct test_world *w = world(&m);
	json_t *reply, *item;

	define_service(w, json_pack("{s:s, s:i}", "name", "Sales", "wrapUpSeconds", 7));
	accept_offer(w, "agent1", "C1", "O1");
	json_decref(delivered(w, "agent1", "assigned"));
	reply = extend(w);
	assert_string_equal(test_error(reply), "conflict");
	json_decref(reply);
	test_run(w, 200); /* two readers: of services and of chats */
	close_chat(w, "C1", "customer");
	reply = delivered(w, "agent1", "closed");
	assert_int_equal(json_integer_value(pl_json_get(reply, "frame.wrapUpSeconds")), 7);
	assert_int_equal(json_integer_value(pl_json_get(reply, "frame.extensionsLeft")), 2);
	json_decref(reply);
	reply = extend(w);
	item = json_array_get(json_object_get(reply, "send"), 0);
	assert_string_equal(pl_json_get_text(item, "type"), "wrapup");
	assert_in_range(json_integer_value(json_object_get(item, "wrapUpSeconds")), 65, 67);
	assert_int_equal(json_integer_value(json_object_get(item, "extensionsLeft")), 1);
	json_decref(reply);
	test_service_kill(w, ACS); /* PLT-60 */
	test_service_start(w, ACS, NULL);
	reply = test_request(w, ACS ".restore", json_pack("{s:s}", "agentId", "agent1"));
	item = json_array_get(json_object_get(reply, "contacts"), 0);
	assert_in_range(json_integer_value(json_object_get(item, "wrapUpSeconds")), 60, 67);
	assert_int_equal(json_integer_value(json_object_get(item, "extensionsLeft")), 1);
	json_decref(reply);
	json_decref(extend(w));
	reply = extend(w);
	assert_string_equal(test_error(reply), "conflict");
	assert_non_null(strstr(pl_json_get_text(reply, "error.message"), "no more extensions"));
	json_decref(reply);
	test_world_free(w);
}

static void a_users_own_wrapup_goes_before_the_services(void **state)
{
	struct manners m = good;
	struct test_world *w = world(&m);
	json_t *reply;

	define_service(w, json_pack("{s:s, s:i}", "name", "Sales", "wrapUpSeconds", 0));
	test_event(w, "UnifiedAgentController", "agent", "state", "agent1",
		   json_pack("{s:s, s:s, s:s, s:i}", "agentId", "agent1", "name", "Ann", "state",
			     "Ready", "wrapUpSeconds", 11));
	test_run(w, 200); /* three readers: of agents, services and chats */
	accept_offer(w, "agent1", "C1", "O1");
	json_decref(delivered(w, "agent1", "assigned"));
	close_chat(w, "C1", "customer");
	reply = delivered(w, "agent1", "closed");
	assert_int_equal(json_integer_value(pl_json_get(reply, "frame.wrapUpSeconds")), 11);
	json_decref(reply);
	accept_offer(w, "agent2", "C2", "O2");
	json_decref(delivered(w, "agent2", "assigned"));
	close_chat(w, "C2", "customer");
	reply = delivered(w, "agent2", "closed");
	assert_int_equal(json_integer_value(pl_json_get(reply, "frame.wrapUpSeconds")), 0);
	json_decref(reply);
	test_world_free(w);
}

static void a_service_may_have_no_wrapup(void **state)
{
	struct manners m = good;
	struct test_world *w = world(&m);

	define_service(w, json_pack("{s:s, s:i}", "name", "Sales", "wrapUpSeconds", 0));
	test_run(w, 200);
	accept_offer(w, "agent1", "C1", "O1");
	json_decref(delivered(w, "agent1", "assigned"));
	close_chat(w, "C1", "customer");
	json_decref(delivered(w, "agent1", "closed"));
	completed(w, "O1", "");
	test_world_free(w);
}

/* ---- consultations (WSP-1) ---- */

static void leg_event(struct test_world *w, const char *state, bool has_joined)
{
	test_event(w, UCM, "leg", "state", "C1",
		   json_pack("{s:s, s:s, s:s, s:{s:s}, s:o, s:s, s:s}", "contactId", "C1", "legId",
			     "LEG", "state", state, "to", "user", "agent2", "participant",
			     has_joined ? json_pack("{s:s, s:s}", "id", "agent2", "name", "Tom")
					: json_null(),
			     "offerId", has_joined ? "L1" : "", "agentId", "agent1"));
}

static void consulted(struct test_world *w, const char *agent, const char *state)
{
	json_t *body = delivered(w, agent, "consult");

	assert_string_equal(pl_json_get_text(body, "frame.contactId"), "C1");
	assert_string_equal(pl_json_get_text(body, "frame.legId"), "LEG");
	assert_string_equal(pl_json_get_text(body, "frame.state"), state);
	assert_string_equal(pl_json_get_text(body, "frame.to.user"), "agent2");
	json_decref(body);
}

/* agent1 has C1, agent2 has joined a leg of it. */
static void consult(struct test_world *w)
{
	json_t *body;

	accept_offer(w, "agent1", "C1", "O1");
	json_decref(test_wait_command(w, CCS ".join"));
	json_decref(delivered(w, "agent1", "assigned"));
	leg_event(w, "offering", false);
	consulted(w, "agent1", "offering");
	test_event(w, UCM, "offer", "accepted", "LEG",
		   json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:{s:s, s:s}, s:{s:s, s:{}}}",
			     "offerId", "L1", "contactId", "LEG", "agentId", "agent2", "channel",
			     "chat", "service", "Sales", "kind", "consult", "parentId", "C1",
			     "from", "id", "agent1", "name", "Mia", "note", "text", "may I?",
			     "from"));
	body = delivered(w, "agent2", "assigned");
	assert_string_equal(pl_json_get_text(body, "frame.contactId"), "LEG");
	assert_string_equal(pl_json_get_text(body, "frame.kind"), "consult");
	assert_string_equal(pl_json_get_text(body, "frame.parentId"), "C1");
	assert_string_equal(pl_json_get_text(body, "frame.from.name"), "Mia");
	assert_string_equal(pl_json_get_text(body, "frame.note.text"), "may I?");
	assert_int_equal(json_array_size(pl_json_get(body, "frame.transcript")), 2);
	assert_string_equal(first_watch(body, "watch"), "contact.C1");
	json_decref(body);
	test_no_command(w, CCS ".join", 0); /* the customer doesn't see that */
	leg_event(w, "joined", true);
	consulted(w, "agent1", "joined");
}

/* Both streams of C1 in a list of directives: stream names, or watches. */
static void has_streams(const json_t *list)
{
	const json_t *first = json_array_get(list, 0), *second = json_array_get(list, 1);

	assert_int_equal(json_array_size(list), 2);
	assert_string_equal(json_is_string(first) ? json_string_value(first)
						  : pl_json_get_text(first, "stream"),
			    "contact.C1");
	assert_string_equal(json_is_string(second) ? json_string_value(second)
						   : pl_json_get_text(second, "stream"),
			    "desk.C1");
}

static json_t *say(const char *agent, const char *contact, bool is_private)
{
	json_t *what = frame("message", contact);

	json_object_set_new(what, "private", json_boolean(is_private));
	return of(agent, what);
}

static void private_talk_and_conference(void **state)
{
	struct manners m = good;
	struct test_world *w = world(&m);
	json_t *reply, *body, *item;

	consult(w);
	/* among agents, by whatever id */
	for (int i = 0; i < 3; i++) {
		reply = test_request(w, ACS ".message",
				     say(i == 0 ? "agent1" : "agent2", i < 2 ? "C1" : "LEG", true));
		item = json_array_get(json_object_get(reply, "again"), 0);
		assert_string_equal(pl_json_get_text(item, "stream"), "desk.C1");
		json_decref(reply);
		body = test_wait_command(w, CCS ".private");
		assert_string_equal(pl_json_get_text(body, "contactId"), "C1");
		assert_string_equal(pl_json_get_text(body, "agentId"), i ? "agent2" : "agent1");
		json_decref(body);
	}
	test_refused(w, ACS ".message", say("agent3", "C1", true), "unauthorized");
	/* not to the customer, as long as agent2 isn't in the chat */
	test_refused(w, ACS ".message", say("agent2", "LEG", false), "conflict");
	test_refused(w, ACS ".message", say("agent2", "C1", false), "unauthorized");
	test_refused(w, ACS ".push", of("agent2", frame("push", "LEG")), "conflict");
	accepted(w, ACS ".typing", of("agent2", frame("typing", "LEG")));
	test_no_command(w, CCS ".post", 50);
	test_no_command(w, CCS ".typing", 0);
	/* a page that comes back has it all (PLT-60) */
	test_service_kill(w, ACS);
	test_service_start(w, ACS, NULL);
	reply = test_request(w, ACS ".restore", json_pack("{s:s}", "agentId", "agent1"));
	item = json_array_get(json_object_get(reply, "contacts"), 0);
	assert_string_equal(
		pl_json_get_text(json_array_get(json_object_get(item, "legs"), 0), "state"),
		"joined");
	assert_true(json_is_array(json_object_get(item, "private")));
	json_array_remove(json_object_get(reply, "watch"), 0); /* the own stream */
	has_streams(json_object_get(reply, "watch"));
	json_decref(reply);
	reply = test_request(w, ACS ".restore", json_pack("{s:s}", "agentId", "agent2"));
	item = json_array_get(json_object_get(reply, "contacts"), 0);
	assert_string_equal(pl_json_get_text(item, "contactId"), "LEG");
	assert_string_equal(pl_json_get_text(item, "parentId"), "C1");
	assert_string_equal(pl_json_get_text(item, "leg"), "joined");
	assert_int_equal(json_array_size(json_object_get(item, "transcript")), 2);
	json_array_remove(json_object_get(reply, "watch"), 0);
	has_streams(json_object_get(reply, "watch"));
	json_decref(reply);
	/* into the chat: told once the chat has let the agent in */
	leg_event(w, "conference", true);
	body = test_wait_command(w, CCS ".join");
	assert_string_equal(pl_json_get_text(body, "contactId"), "C1");
	assert_string_equal(pl_json_get_text(body, "offerId"), "L1");
	json_decref(body);
	consulted(w, "agent2", "conference");
	consulted(w, "agent1", "conference");
	accepted(w, ACS ".message", say("agent2", "LEG", false));
	body = test_wait_command(w, CCS ".post");
	assert_string_equal(pl_json_get_text(body, "contactId"), "C1");
	assert_string_equal(pl_json_get_text(body, "agentId"), "agent2");
	json_decref(body);
	accepted(w, ACS ".push",
		 of("agent2", json_pack("{s:s, s:s, s:s, s:s}", "contactId", "LEG", "clientId", "p",
					"url", "https://a/", "title", "A")));
	body = test_wait_command(w, CCS ".push");
	assert_string_equal(pl_json_get_text(body, "url"), "https://a/");
	assert_string_equal(pl_json_get_text(body, "title"), "A");
	json_decref(body);
	/* agent2 ends it */
	accepted(w, ACS ".close", of("agent2", json_pack("{s:s}", "contactId", "LEG")));
	body = test_wait_command(w, UCM ".release");
	assert_string_equal(pl_json_get_text(body, "frame.contactId"), "C1");
	assert_string_equal(pl_json_get_text(body, "frame.legId"), "LEG");
	assert_string_equal(pl_json_get_text(body, "session.agentId"), "agent2");
	json_decref(body);
	leg_event(w, "ended", true);
	end_offer(w, "LEG", "L1", "completed");
	consulted(w, "agent1", "ended");
	body = delivered(w, "agent2", "closed");
	assert_string_equal(pl_json_get_text(body, "frame.contactId"), "LEG");
	assert_int_equal(json_integer_value(pl_json_get(body, "frame.wrapUpSeconds")), 0);
	has_streams(pl_json_get(body, "unwatch"));
	json_decref(body);
	body = test_wait_command(w, CCS ".leave");
	assert_string_equal(pl_json_get_text(body, "contactId"), "C1");
	assert_string_equal(pl_json_get_text(body, "offerId"), "L1");
	json_decref(body);
	accepted(w, ACS ".close", of("agent2", json_pack("{s:s}", "contactId", "LEG")));
	test_refused(w, ACS ".message", say("agent2", "LEG", true), "conflict");
	assert_int_equal(contacts_of(w, "agent2"), 0);
	reply = test_request(w, ACS ".contacts", json_pack("{s:s}", "agentId", "agent1"));
	item = json_array_get(json_object_get(reply, "contacts"), 0);
	assert_int_equal(json_array_size(json_object_get(item, "legs")), 0);
	json_decref(reply);
	test_world_free(w);
}

/* Who had the contact, and is asked about it later, has its chat by the consultation. */
static void asked_about_a_contact_of_before(void **state)
{
	struct manners m = good;
	struct test_world *w = world(&m);
	json_t *body;

	accept_offer(w, "agent2", "C1", "O9");
	json_decref(test_wait_command(w, CCS ".join"));
	json_decref(delivered(w, "agent2", "assigned"));
	end_offer(w, "C1", "O9", "transferred");
	json_decref(delivered(w, "agent2", "withdrawn"));
	test_refused(w, ACS ".http-file", over_http("agent2", "C1", "F"), "notFound");
	consult(w);
	test_refused(w, ACS ".http-send-file", over_http("agent2", "C1", NULL), "conflict");
	body = test_request(w, ACS ".http-file", over_http("agent2", "C1", "F"));
	assert_string_equal(pl_json_get_text(body, "blob.name"), "a.txt");
	json_decref(body);
	accepted(w, ACS ".message", say("agent2", "C1", true));
	test_world_free(w);
}

/* Whose leg it was has the contact, and goes on watching it. */
static void handed_over_to_who_was_asked(void **state)
{
	struct manners m = good;
	struct test_world *w = world(&m);
	json_t *body;

	consult(w);
	accept_offer(w, "agent2", "C1", "O2");
	end_offer(w, "C1", "O1", "transferred");
	end_offer(w, "LEG", "L1", "completed");
	body = delivered(w, "agent1", "withdrawn");
	assert_string_equal(pl_json_get_text(body, "frame.reason"), "transferred");
	has_streams(pl_json_get(body, "unwatch"));
	json_decref(body);
	for (int i = 0; i < 2; i++) {
		body = shown(w, "agent2");
		if (strcmp(pl_json_get_text(body, "frame.type"), "closed") == 0) {
			assert_null(pl_json_get(body, "unwatch"));
		} else {
			assert_string_equal(pl_json_get_text(body, "frame.contactId"), "C1");
			has_streams(pl_json_get(body, "watch"));
		}
		json_decref(body);
	}
	body = test_wait_command(w, CCS ".leave");
	assert_string_equal(pl_json_get_text(body, "offerId"), "O1");
	json_decref(body);
	accepted(w, ACS ".message", of("agent2", frame("message", "C1")));
	test_refused(w, ACS ".message", of("agent1", frame("message", "C1")), "conflict");
	test_no_command(w, CCS ".leave", 50); /* was never in the chat as one who was asked */
	test_world_free(w);
}

/* PLT-60: what is heard again of a consultation, at every stage, changes nothing */
static void a_leg_heard_again(void **state)
{
	struct manners m = good;
	struct test_world *w = world(&m);

	consult(w);
	leg_event(w, "offering", false);
	leg_event(w, "joined", true);
	leg_event(w, "conference", true);
	leg_event(w, "conference", true);
	json_decref(test_wait_command(w, CCS ".join"));
	consulted(w, "agent2", "conference");
	consulted(w, "agent1", "conference");
	leg_event(w, "conference", true);
	leg_event(w, "joined", true);
	leg_event(w, "ended", true);
	leg_event(w, "ended", true);
	consulted(w, "agent1", "ended");
	leg_event(w, "joined", true);
	nothing_shown(w, 200);
	test_no_command(w, CCS ".join", 0);
	test_world_free(w);
}

/* The consultation ends while its agent enters the chat, or before anything was shown. */
static void a_leg_that_ends_early_leaves_nothing_behind(void **state)
{
	struct manners m = good;
	struct test_world *w = world(&m);
	json_t *body;

	consult(w);
	m.no_chat = true; /* the join fails */
	leg_event(w, "conference", true);
	json_decref(test_wait_command(w, CCS ".join"));
	end_offer(w, "LEG", "L1", "agentLost");
	body = delivered(w, "agent2", "withdrawn");
	assert_string_equal(pl_json_get_text(body, "frame.reason"), "agentLost");
	json_decref(body);
	json_decref(test_wait_command(w, CCS ".leave"));
	assert_int_equal(contacts_of(w, "agent2"), 0);
	test_world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_contact_from_accept_to_complete),
		cmocka_unit_test(a_very_long_name_is_cut),
		cmocka_unit_test(only_ones_own_contacts),
		cmocka_unit_test(files_pass_through),
		cmocka_unit_test(closed_before_it_was_joined),
		cmocka_unit_test(wrapup_ends_by_itself),
		cmocka_unit_test(wrapup_is_as_long_as_the_profile_says),
		cmocka_unit_test(a_wrong_authorization_address_is_told),
		cmocka_unit_test(a_context_that_does_not_come),
		cmocka_unit_test(an_offer_that_others_end),
		cmocka_unit_test(a_page_that_comes_back),
		cmocka_unit_test(frames_of_before_the_log_out_are_forgotten),
		cmocka_unit_test(a_page_with_huge_contexts_comes_back),
		cmocka_unit_test(what_is_heard_again_changes_nothing),
		cmocka_unit_test(killed_at_every_step),
		cmocka_unit_test(wrapup_is_the_services_and_can_be_extended),
		cmocka_unit_test(a_users_own_wrapup_goes_before_the_services),
		cmocka_unit_test(a_service_may_have_no_wrapup),
		cmocka_unit_test(private_talk_and_conference),
		cmocka_unit_test(asked_about_a_contact_of_before),
		cmocka_unit_test(handed_over_to_who_was_asked),
		cmocka_unit_test(a_leg_heard_again),
		cmocka_unit_test(a_leg_that_ends_early_leaves_nothing_behind),
	};

	return cmocka_run_group_tests_name("agentside", tests, NULL, NULL);
}
