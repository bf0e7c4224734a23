/*
 * ucm_test.c — the real service on a real bus; the test plays customers, matcher and agents
 * (RTG-4, RTG-8).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "pelago/json.h"
#include "test_world.h"

#define SERVICE "UCMService"

static struct test_world *start(const char *set)
{
	struct test_world *w = test_world_new();

	test_service_start(w, SERVICE, set ? "--set" : NULL, set, NULL);
	return w;
}

static void open_contact(struct test_world *w, const char *contact)
{
	test_event(w, "CustomerControllerService", "contact", "opened", contact,
		   json_pack("{s:s, s:s, s:{s:s}, s:s, s:{s:s}}", "contactId", contact, "channel",
			     "chat", "customer", "name", "Ann", "topic", "Invoice", "attributes",
			     "Language", "English"));
}

static void close_contact(struct test_world *w, const char *contact)
{
	test_event(w, "CustomerControllerService", "contact", "closed", contact,
		   json_pack("{s:s, s:s}", "contactId", contact, "reason", "customer"));
}

static void match(struct test_world *w, const char *contact, const char *offer, const char *agent)
{
	test_event(w, "WorkAssignment", "work", "matched", contact,
		   json_pack("{s:s, s:s, s:s, s:s, s:s, s:i}", "offerId", offer, "contactId",
			     contact, "agentId", agent, "channel", "chat", "service", "Sales",
			     "waitedMs", 5));
}

static void agent_gone(struct test_world *w, const char *agent)
{
	test_event(w, "UnifiedAgentController", "agent", "gone", agent,
		   json_pack("{s:s}", "agentId", agent));
}

static json_t *answer(const char *contact, const char *offer, const char *agent)
{
	return json_pack("{s:{s:s, s:s*}, s:{s:s, s:s}}", "frame", "contactId", contact, "offerId",
			 offer, "session", "agentId", agent, "sessionId", "S1");
}

static json_t *completion(const char *contact, const char *offer, const char *agent)
{
	return json_pack("{s:s, s:s, s:s, s:s}", "contactId", contact, "offerId", offer, "agentId",
			 agent, "disposition", "sold");
}

static void ok(struct test_world *w, const char *operation, json_t *body)
{
	json_t *reply = test_request(w, operation, body);

	assert_string_equal(test_error(reply), "");
	json_decref(reply);
}

/* The refusal's words hold this. */
static void refused_with(struct test_world *w, const char *operation, json_t *body,
			 const char *code, const char *words)
{
	json_t *reply = test_request(w, operation, body);

	assert_string_equal(test_error(reply), code);
	assert_non_null(strstr(pl_json_get_text(reply, "error.message"), words));
	json_decref(reply);
}

/* The event's member is this text. */
static void event_says(struct test_world *w, const char *noun_verb, const char *contact,
		       const char *member, const char *text)
{
	json_t *event = test_wait_event(w, noun_verb, contact);

	assert_string_equal(pl_json_get_text(json_object_get(event, "body"), member), text);
	json_decref(event);
}

static void ended(struct test_world *w, const char *contact, const char *offer, const char *reason,
		  bool requeue)
{
	json_t *event = test_wait_event(w, "offer.ended", contact);
	const json_t *body = json_object_get(event, "body");

	assert_string_equal(pl_json_get_text(body, "offerId"), offer);
	assert_string_equal(pl_json_get_text(body, "reason"), reason);
	assert_int_equal(json_is_true(json_object_get(body, "requeue")), requeue);
	json_decref(event);
}

struct expected {
	const char *contact, *state;
};

static bool has_state(struct test_world *w, void *arg)
{
	const struct expected *expected = arg;
	json_t *reply = test_request(w, SERVICE ".contact",
				     json_pack("{s:s}", "contactId", expected->contact));
	bool is = strcmp(pl_json_get_text(reply, "contact.state"), expected->state) == 0;

	json_decref(reply);
	return is;
}

static void reaches(struct test_world *w, const char *contact, const char *state)
{
	struct expected expected = { contact, state };

	test_until(w, has_state, &expected, state);
}

static void offered(struct test_world *w, const char *contact, const char *offer, const char *agent)
{
	match(w, contact, offer, agent);
	event_says(w, "offer.made", contact, "offerId", offer);
}

static void test_one_contact_from_open_to_end(void **state)
{
	struct test_world *w = start(NULL);
	json_t *event;

	open_contact(w, "C1");
	match(w, "C1", "O1", "agent1");
	event = test_wait_event(w, "offer.made", "C1");
	assert_string_equal(pl_json_get_text(event, "body.customer.name"), "Ann");
	assert_string_equal(pl_json_get_text(event, "body.agentId"), "agent1");
	assert_string_equal(pl_json_get_text(event, "body.channel"), "chat");
	assert_string_equal(pl_json_get_text(event, "body.service"), "Sales");
	assert_int_equal(json_integer_value(pl_json_get(event, "body.expiresInSeconds")), 20);
	json_decref(event);
	reaches(w, "C1", "offered");
	ok(w, SERVICE ".accept", answer("C1", "O1", "agent1"));
	event_says(w, "offer.accepted", "C1", "agentId", "agent1");
	reaches(w, "C1", "active");
	close_contact(w, "C1");
	reaches(w, "C1", "wrapup");
	test_no_event(w, "offer.ended", "C1", 50);
	ok(w, SERVICE ".complete", completion("C1", "O1", "agent1"));
	event = test_wait_event(w, "offer.ended", "C1");
	assert_string_equal(pl_json_get_text(event, "body.reason"), "completed");
	assert_string_equal(pl_json_get_text(event, "body.disposition"), "sold");
	json_decref(event);
	reaches(w, "C1", "ended");
	ok(w, SERVICE ".complete", completion("C1", "O1", "agent1"));
	test_no_event(w, "offer.ended", "C1", 50);
	test_world_free(w);
}

static void test_who_may_answer_and_when(void **state)
{
	struct test_world *w = start(NULL);

	open_contact(w, "C1");
	refused_with(w, SERVICE ".accept", answer("C1", NULL, "agent1"), "unauthorized",
		     "not offered");
	offered(w, "C1", "O1", "agent1");
	refused_with(w, SERVICE ".accept", answer("C1", "O1", "agent2"), "unauthorized",
		     "not offered");
	refused_with(w, SERVICE ".accept", answer("C1", NULL, "agent2"), "unauthorized",
		     "not offered");
	refused_with(w, SERVICE ".accept", answer("C2", "O1", "agent1"), "unauthorized",
		     "not offered");
	refused_with(w, SERVICE ".reject", answer("C1", "O1", "agent2"), "unauthorized",
		     "not offered");
	refused_with(w, SERVICE ".complete", completion("C1", "O1", "agent1"), "conflict",
		     "accepted");
	ok(w, SERVICE ".accept", answer("C1", NULL, "agent1"));
	ok(w, SERVICE ".accept", answer("C1", "O1", "agent1")); /* again */
	refused_with(w, SERVICE ".reject", answer("C1", "O1", "agent1"), "conflict", "already");
	refused_with(w, SERVICE ".complete", completion("C1", "O1", "agent2"), "unauthorized", "");
	json_decref(test_wait_event(w, "offer.accepted", "C1"));
	test_no_event(w, "offer.accepted", "C1", 100);
	test_world_free(w);
}

static void test_rejected_and_offered_to_another(void **state)
{
	struct test_world *w = start(NULL);

	open_contact(w, "C1");
	offered(w, "C1", "O1", "agent1");
	ok(w, SERVICE ".reject", answer("C1", "O1", "agent1"));
	ended(w, "C1", "O1", "rejected", true);
	reaches(w, "C1", "queued");
	ok(w, SERVICE ".reject", answer("C1", "O1", "agent1"));
	test_no_event(w, "offer.ended", "C1", 50);
	refused_with(w, SERVICE ".accept", answer("C1", "O1", "agent1"), "conflict", "rejected");
	offered(w, "C1", "O2", "agent2");
	refused_with(w, SERVICE ".accept", answer("C1", NULL, "agent1"), "conflict", "rejected");
	ok(w, SERVICE ".accept", answer("C1", "O2", "agent2"));
	reaches(w, "C1", "active");
	test_world_free(w);
}

static void test_not_answered_in_time(void **state)
{
	struct test_world *w = start("offer_timeout_s=1");

	open_contact(w, "C1");
	offered(w, "C1", "O1", "agent1");
	ended(w, "C1", "O1", "noAnswer", true);
	reaches(w, "C1", "queued");
	refused_with(w, SERVICE ".accept", answer("C1", "O1", "agent1"), "conflict", "in time");
	test_world_free(w);
}

static void agent_state(struct test_world *w, const char *agent, int offer_s)
{
	json_t *body = json_pack("{s:s, s:s}", "agentId", agent, "state", "Ready");

	if (offer_s)
		json_object_set_new(body, "offerSeconds", json_integer(offer_s));
	test_event(w, "UnifiedAgentController", "agent", "state", agent, body);
}

struct time_wanted {
	int contacts, seconds;
};

/* A new contact's offer to agent1 lasts that long. */
static bool lasts(struct test_world *w, void *arg)
{
	struct time_wanted *wanted = arg;
	char contact[16], offer[16];
	json_t *event;
	bool is;

	snprintf(contact, sizeof(contact), "C%d", ++wanted->contacts);
	snprintf(offer, sizeof(offer), "O%d", wanted->contacts);
	open_contact(w, contact);
	match(w, contact, offer, "agent1");
	event = test_wait_event(w, "offer.made", contact);
	is = json_integer_value(pl_json_get(event, "body.expiresInSeconds")) == wanted->seconds;
	json_decref(event);
	return is;
}

static void a_users_own_time_to_answer_is_used(void **state)
{
	struct test_world *w = start("offer_timeout_s=3000");
	struct time_wanted wanted = { .seconds = 1 };
	char contact[16], offer[16];

	agent_state(w, "agent1", 1);
	test_until(w, lasts, &wanted, "an offer of the user's own time");
	snprintf(contact, sizeof(contact), "C%d", wanted.contacts);
	snprintf(offer, sizeof(offer), "O%d", wanted.contacts);
	ended(w, contact, offer, "noAnswer", true);
	agent_state(w, "agent1", 0);
	wanted.seconds = 3000;
	test_until(w, lasts, &wanted, "an offer of everybody's time");
	test_world_free(w);
}

/* PLT-23: a service profile counts for its users, below what a user has of his own. */
static void a_profiles_time_to_answer_is_used(void **state)
{
	struct test_world *w = start(NULL);
	struct time_wanted wanted = { .seconds = 70 };

	test_service_configure(w, SERVICE,
			       json_pack("{s:b, s:{s:i}, s:{s:{s:i}}, s:{s:[s, s]}}", "accepting",
					 1, "attributes", "offer_timeout_s", 60, "profiles", "Gold",
					 "offer_timeout_s", 70, "users", "Gold", "agent1",
					 "agent2"));
	test_until(w, lasts, &wanted, "an offer of the profile's time");
	agent_state(w, "agent1", 80);
	wanted.seconds = 80;
	test_until(w, lasts, &wanted, "an offer of the user's own time");
	agent_state(w, "agent1", 0);
	test_service_configure(w, SERVICE,
			       json_pack("{s:b, s:{s:i}, s:{s:{s:i}}, s:{s:[s]}}", "accepting", 1,
					 "attributes", "offer_timeout_s", 60, "profiles", "Gold",
					 "offer_timeout_s", 70, "users", "Gold", "agent2"));
	wanted.seconds = 60;
	test_until(w, lasts, &wanted, "an offer of everybody's time");
	test_world_free(w);
}

/* Accept and the end of the time come together: one of them wins, and everybody is told the same.
 */
static void test_accept_at_the_moment_of_withdrawal(void **state)
{
	struct test_world *w = start("offer_timeout_s=1");
	char id[27];
	json_t *reply;

	open_contact(w, "C1");
	offered(w, "C1", "O1", "agent1");
	test_run(w, 990);
	test_send(w, SERVICE ".accept", answer("C1", "O1", "agent1"), id);
	reply = test_answer(w, id);
	if (test_error(reply)[0]) {
		ended(w, "C1", "O1", "noAnswer", true);
		test_no_event(w, "offer.accepted", "C1", 200);
	} else {
		json_decref(test_wait_event(w, "offer.accepted", "C1"));
		test_no_event(w, "offer.ended", "C1", 200);
	}
	json_decref(reply);
	test_world_free(w);
}

static void test_customer_leaves(void **state)
{
	struct test_world *w = start(NULL);

	open_contact(w, "C1");
	offered(w, "C1", "O1", "agent1");
	close_contact(w, "C1");
	ended(w, "C1", "O1", "customerLeft", false);
	reaches(w, "C1", "ended");
	refused_with(w, SERVICE ".accept", answer("C1", "O1", "agent1"), "conflict",
		     "customer left");
	match(w, "C1", "O2", "agent2"); /* the matcher heard of it too late */
	ended(w, "C1", "O2", "customerLeft", false);
	open_contact(w, "C2");
	close_contact(w, "C2");
	reaches(w, "C2", "ended");
	test_no_event(w, "offer.made", NULL, 50);
	test_world_free(w);
}

static void test_match_before_opening(void **state)
{
	struct test_world *w = start("opened_wait_ms=700");
	json_t *event;

	match(w, "C1", "O1", "agent1");
	test_no_event(w, "offer.made", "C1", 200);
	open_contact(w, "C1");
	event = test_wait_event(w, "offer.made", "C1");
	assert_string_equal(pl_json_get_text(event, "body.customer.name"), "Ann");
	json_decref(event);
	ok(w, SERVICE ".accept", answer("C1", "O1", "agent1"));
	match(w, "C2", "O2", "agent1"); /* its opening comes much too late */
	event = test_wait_event(w, "offer.made", "C2");
	json_decref(event);
	open_contact(w, "C2");
	ok(w, SERVICE ".accept", answer("C2", "O2", "agent1"));
	test_no_event(w, "offer.made", NULL, 900);
	match(w, "C3", "O3", "agent1"); /* and a close without any opening */
	close_contact(w, "C3");
	ended(w, "C3", "O3", "customerLeft", false);
	close_contact(w, "C4");
	match(w, "C4", "O4", "agent1");
	ended(w, "C4", "O4", "customerLeft", false);
	test_world_free(w);
}

static void test_matched_twice(void **state)
{
	struct test_world *w = start(NULL);

	open_contact(w, "C1");
	offered(w, "C1", "O1", "agent1");
	match(w, "C1", "O1", "agent1");
	test_no_event(w, "offer.made", "C1", 100);
	match(w, "C1", "O2", "agent2");
	ended(w, "C1", "O2", "withdrawn", false);
	ok(w, SERVICE ".accept", answer("C1", "O1", "agent1"));
	match(w, "C1", "O3", "agent2");
	ended(w, "C1", "O3", "withdrawn", false);
	match(w, "C9", "O8", "agent1"); /* both before its opening */
	match(w, "C9", "O9", "agent2");
	ended(w, "C9", "O9", "withdrawn", false);
	open_contact(w, "C9");
	event_says(w, "offer.made", "C9", "offerId", "O8");
	test_world_free(w);
}

static void test_agent_is_lost(void **state)
{
	struct test_world *w = start(NULL);

	open_contact(w, "TALKS");
	open_contact(w, "WRAPS");
	open_contact(w, "RINGS");
	open_contact(w, "OTHER");
	offered(w, "TALKS", "O1", "agent1");
	offered(w, "WRAPS", "O2", "agent1");
	offered(w, "RINGS", "O3", "agent1");
	offered(w, "OTHER", "O4", "agent2");
	ok(w, SERVICE ".accept", answer("TALKS", NULL, "agent1"));
	ok(w, SERVICE ".accept", answer("WRAPS", NULL, "agent1"));
	ok(w, SERVICE ".accept", answer("OTHER", NULL, "agent2"));
	close_contact(w, "WRAPS");
	reaches(w, "WRAPS", "wrapup");
	agent_gone(w, "agent1");
	ended(w, "TALKS", "O1", "agentLost", true);
	ended(w, "WRAPS", "O2", "completed", false);
	ended(w, "RINGS", "O3", "agentLost", true);
	reaches(w, "TALKS", "queued");
	reaches(w, "WRAPS", "ended");
	reaches(w, "RINGS", "queued");
	reaches(w, "OTHER", "active");
	refused_with(w, SERVICE ".complete", completion("TALKS", "O1", "agent1"), "conflict",
		     "back");
	offered(w, "TALKS", "O5", "agent1"); /* back again */
	ok(w, SERVICE ".accept", answer("TALKS", NULL, "agent1"));
	reaches(w, "TALKS", "active");
	test_world_free(w);
}

static void test_more_contacts_of_a_lost_agent_than_fit_a_batch(void **state)
{
	struct test_world *w = start(NULL);
	char contact[16], offer[16];

	for (int i = 0; i < 205; i++) {
		snprintf(contact, sizeof(contact), "C%d", i);
		snprintf(offer, sizeof(offer), "O%d", i);
		open_contact(w, contact);
		match(w, contact, offer, "agent1");
	}
	for (int i = 0; i < 205; i++)
		json_decref(test_wait_event(w, "offer.made", NULL));
	agent_gone(w, "agent1");
	for (int i = 0; i < 205; i++)
		json_decref(test_wait_event(w, "offer.ended", NULL));
	test_no_event(w, "offer.ended", NULL, 50);
	test_world_free(w);
}

static void test_killed_in_the_middle(void **state)
{
	struct test_world *w = start(NULL);
	json_t *first, *again;

	open_contact(w, "C1");
	test_service_kill(w, SERVICE);
	match(w, "C1", "O1", "agent1");
	test_service_start(w, SERVICE, NULL);
	event_says(w, "offer.made", "C1", "offerId", "O1");
	first = test_request_id(w, SERVICE ".accept", answer("C1", "O1", "agent1"), "REQUEST1");
	test_service_kill(w, SERVICE);
	close_contact(w, "C1");
	test_service_start(w, SERVICE, NULL);
	again = test_request_id(w, SERVICE ".accept", answer("C1", "O1", "agent1"), "REQUEST1");
	assert_true(json_equal(first, again));
	json_decref(first);
	json_decref(again);
	event_says(w, "offer.accepted", "C1", "offerId", "O1");
	reaches(w, "C1", "wrapup");
	ok(w, SERVICE ".complete", completion("C1", "O1", "agent1"));
	ended(w, "C1", "O1", "completed", false);
	test_no_event(w, "offer.made", NULL, 50);
	test_no_event(w, "offer.accepted", NULL, 50);
	test_world_free(w);
}

static void test_lists(void **state)
{
	struct test_world *w = start(NULL);
	json_t *reply;

	open_contact(w, "C1");
	open_contact(w, "C2");
	open_contact(w, "C3");
	offered(w, "C2", "O2", "agent1");
	reply = test_request(w, SERVICE ".contacts", json_pack("{s:s}", "state", "Offered"));
	assert_int_equal(json_array_size(json_object_get(reply, "items")), 1);
	json_decref(reply);
	reaches(w, "C3", "opened");
	reply = test_request(w, SERVICE ".contacts",
			     test_http("GET", NULL, json_pack("{s:s}", "limit", "2"), NULL,
				       "supervisor", "supervisor"));
	assert_int_equal(json_array_size(pl_json_get(reply, "body.items")), 2);
	assert_string_equal(pl_json_get_text(reply, "body.cursor"), "contacts:QzI");
	json_decref(reply);
	reply = test_request(
		w, SERVICE ".contacts",
		test_http("GET", NULL,
			  json_pack("{s:s, s:s}", "limit", "2", "cursor", "contacts:QzI"), NULL,
			  "supervisor", "supervisor"));
	assert_int_equal(json_array_size(pl_json_get(reply, "body.items")), 1);
	assert_true(json_is_null(pl_json_get(reply, "body.cursor")));
	json_decref(reply);
	test_refused(w, SERVICE ".contacts", json_pack("{s:s}", "state", "nonsense"), "badRequest");
	test_refused(
		w, SERVICE ".contacts",
		test_http("GET", NULL, json_pack("{s:s}", "limit", "9x"), NULL, "a", "supervisor"),
		"badRequest");
	test_refused(w, SERVICE ".contact", json_pack("{s:s}", "contactId", "NONE"), "notFound");
	test_world_free(w);
}

static void test_hostile_input(void **state)
{
	struct test_world *w = start(NULL);
	static const char *const bodies[] = {
		"",
		"[]",
		"{",
		"null",
		"{\"frame\":7,\"session\":{\"agentId\":\"agent1\"}}",
		"{\"frame\":{\"contactId\":{}},\"session\":{\"agentId\":\"agent1\"}}",
		"{\"frame\":{\"contactId\":\"C1\"},\"session\":{\"agentId\":[]}}",
		"{\"frame\":{\"contactId\":\"C1\",\"offerId\":1},\"session\":{\"agentId\":\"agent1\"}}",
		"{\"frame\":null,\"session\":{\"agentId\":\"agent1\"}}",
	};
	static const char *const operations[] = { "accept",  "reject",	   "complete", "transfer",
						  "consult", "conference", "release" };
	char name[64], longer[200];

	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		for (size_t j = 0; j < sizeof(operations) / sizeof(operations[0]); j++) {
			json_t *reply;

			snprintf(name, sizeof(name), SERVICE ".%s", operations[j]);
			reply = test_request_bytes(w, name, bodies[i], strlen(bodies[i]));
			assert_string_equal(test_error(reply), "badRequest");
			json_decref(reply);
		}
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	test_refused(w, SERVICE ".accept", answer(longer, NULL, "agent1"), "badRequest");
	test_refused(w, SERVICE ".accept",
		     json_pack("{s:{s:s}, s:n}", "frame", "contactId", "C1", "session"),
		     "unauthorized");
	/* An event that can't be read parks its key, and only that. */
	test_event(w, "WorkAssignment", "work", "matched", "BAD", json_pack("{s:i}", "offerId", 1));
	open_contact(w, "C1");
	offered(w, "C1", "O1", "agent1");
	test_world_free(w);
}

/* PLT-60: what was said of a contact's offers is told again to who missed it */
static void offers_are_told_again(void **state)
{
	struct test_world *w = start(NULL);

	open_contact(w, "C1");
	match(w, "C1", "O1", "agent1");
	json_decref(test_wait_event(w, "offer.made", "C1"));
	ok(w, SERVICE ".reject", answer("C1", "O1", "agent1"));
	json_decref(test_wait_event(w, "offer.ended", "C1"));
	match(w, "C1", "O2", "agent2");
	json_decref(test_wait_event(w, "offer.made", "C1"));
	ok(w, SERVICE ".accept", answer("C1", "O2", "agent2"));
	json_decref(test_wait_event(w, "offer.accepted", "C1"));
	assert_int_equal(test_told_again(w, SERVICE, "offer", "C1"), 4);
	close_contact(w, "C1");
	ok(w, SERVICE ".complete", completion("C1", "O2", "agent2"));
	json_decref(test_wait_event(w, "offer.ended", "C1"));
	assert_int_equal(test_told_again(w, SERVICE, "offer", "C1"), 5);
	test_world_free(w);
}

/* PLT-60: heard again, at every stage, nothing is said or done twice */
static void what_is_heard_again_changes_nothing(void **state)
{
	struct test_world *w = start(NULL);

	open_contact(w, "C1");
	open_contact(w, "C1");
	match(w, "C1", "O1", "agent1");
	json_decref(test_wait_event(w, "offer.made", "C1"));
	open_contact(w, "C1");
	match(w, "C1", "O1", "agent1");
	ok(w, SERVICE ".accept", answer("C1", "O1", "agent1"));
	json_decref(test_wait_event(w, "offer.accepted", "C1"));
	match(w, "C1", "O1", "agent1");
	open_contact(w, "C1");
	close_contact(w, "C1");
	close_contact(w, "C1");
	test_no_event(w, "offer.ended", "C1", 200);
	ok(w, SERVICE ".complete", completion("C1", "O1", "agent1"));
	json_decref(test_wait_event(w, "offer.ended", "C1"));
	agent_gone(w, "agent1");
	agent_gone(w, "agent1");
	open_contact(w, "C1");
	match(w, "C1", "O1", "agent1");
	close_contact(w, "C1");
	test_no_event(w, "offer.made", "C1", 200);
	test_no_event(w, "offer.ended", "C1", 0);
	assert_int_equal(test_told_again(w, SERVICE, "offer", "C1"), 3);
	test_world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_contact_from_open_to_end),
		cmocka_unit_test(test_who_may_answer_and_when),
		cmocka_unit_test(test_rejected_and_offered_to_another),
		cmocka_unit_test(test_not_answered_in_time),
		cmocka_unit_test(a_users_own_time_to_answer_is_used),
		cmocka_unit_test(a_profiles_time_to_answer_is_used),
		cmocka_unit_test(test_accept_at_the_moment_of_withdrawal),
		cmocka_unit_test(test_customer_leaves),
		cmocka_unit_test(test_match_before_opening),
		cmocka_unit_test(test_matched_twice),
		cmocka_unit_test(test_agent_is_lost),
		cmocka_unit_test(test_more_contacts_of_a_lost_agent_than_fit_a_batch),
		cmocka_unit_test(test_killed_in_the_middle),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_hostile_input),
		cmocka_unit_test(offers_are_told_again),
		cmocka_unit_test(what_is_heard_again_changes_nothing),
	};

	return cmocka_run_group_tests_name("contact", tests, NULL, NULL);
}
