/*
 * leg_test.c — transfers and consultations: the real service on a real bus; the test plays
 * customers, matcher, agents' sessions and agents (RTG-4, RTG-8, WSP-1, PLT-60).
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

#define UCM "UCMService"
#define WA  "WorkAssignment"
#define UAC "UnifiedAgentController"

/* Agents by the name of their state; services that are closed; attributes that are refused. */
static json_t *be_uac(const char *operation, json_t *body, void *arg)
{
	const char *id = pl_json_get_text(body, "agentId");

	if (strcmp(id, "unknown") == 0)
		return test_refusal("NOTFOUND");
	return json_pack("{s:{s:s, s:s, s:b}}", "agent", "id", id, "state",
			 strcmp(id, "gone") == 0 ? "LoggedOut" : "Ready", "logoutPending",
			 strcmp(id, "leaving") == 0);
}

static json_t *be_wa(const char *operation, json_t *body, void *arg)
{
	if (strcmp(operation, "hours") == 0)
		return json_pack("{s:b}", "open",
				 strcmp(pl_json_get_text(body, "service"), "Closed") != 0);
	if (strcmp(operation, "request") == 0 && json_object_get(body, "attributes") &&
	    strcmp(pl_json_get_text(body, "service"), "Plain") == 0)
		return test_refusal("INVALID");
	if (strcmp(operation, "request") == 0 &&
	    strcmp(pl_json_get_text(body, "service"), "Refused") == 0)
		return test_refusal("INVALID");
	return json_object();
}

static struct test_world *start(const char *set)
{
	struct test_world *w = test_world_new();

	test_serve(w, UAC, be_uac, NULL);
	test_serve(w, WA, be_wa, NULL);
	test_service_start(w, UCM, set ? "--set" : NULL, set, NULL);
	return w;
}

static void match(struct test_world *w, const char *contact, const char *offer, const char *agent)
{
	test_event(w, WA, "work", "matched", contact,
		   json_pack("{s:s, s:s, s:s, s:s, s:s, s:i}", "offerId", offer, "contactId",
			     contact, "agentId", agent, "channel", "chat", "service", "Sales",
			     "waitedMs", 5));
}

/* Gives frame. */
static json_t *from(const char *agent, json_t *frame)
{
	return json_pack("{s:o, s:{s:s, s:s, s:s+}}", "frame", frame, "session", "agentId", agent,
			 "sessionId", "S", "name", "Name of ", agent);
}

static void ok(struct test_world *w, const char *operation, json_t *body)
{
	json_t *reply = test_request(w, operation, body);

	if (test_error(reply)[0])
		fail_msg("%s: %s", operation, pl_json_get_text(reply, "error.message"));
	json_decref(reply);
}

static void refused(struct test_world *w, const char *operation, json_t *body, const char *code,
		    const char *words)
{
	json_t *reply = test_request(w, operation, body);

	assert_string_equal(test_error(reply), code);
	if (!strstr(pl_json_get_text(reply, "error.message"), words))
		fail_msg("%s: \"%s\" isn't \"%s\"", operation,
			 pl_json_get_text(reply, "error.message"), words);
	json_decref(reply);
}

/* The next event; its body's member is this text. */
static json_t *heard(struct test_world *w, const char *noun_verb, const char *key,
		     const char *member, const char *text)
{
	json_t *event = test_wait_event(w, noun_verb, key);

	assert_string_equal(pl_json_get_text(json_object_get(event, "body"), member), text);
	return event;
}

static void hears(struct test_world *w, const char *noun_verb, const char *key, const char *member,
		  const char *text)
{
	json_decref(heard(w, noun_verb, key, member, text));
}

static json_t *accept(const char *contact, const char *agent)
{
	return from(agent, json_pack("{s:s, s:s}", "type", "accept", "contactId", contact));
}

/* A contact C1 that agent1 has, by offer O-C1. */
static void serve(struct test_world *w, const char *contact)
{
	char offer[16];

	snprintf(offer, sizeof(offer), "O-%s", contact);
	test_event(w, "CustomerControllerService", "contact", "opened", contact,
		   json_pack("{s:s, s:s, s:{s:s}, s:{s:s}}", "contactId", contact, "channel",
			     "chat", "customer", "name", "Ann", "attributes", "Language",
			     "English"));
	match(w, contact, offer, "agent1");
	json_decref(test_wait_event(w, "offer.made", contact));
	ok(w, UCM ".accept", accept(contact, "agent1"));
	json_decref(test_wait_event(w, "offer.accepted", contact));
}

static json_t *transfer(const char *agent, const char *contact, const char *kind, const char *to)
{
	return from(agent, json_pack("{s:s, s:s, s:{s:s}, s:s}", "type", "transfer", "contactId",
				     contact, "to", kind, to, "note", "wants an invoice"));
}

static json_t *consult(const char *agent, const char *contact, const char *kind, const char *to)
{
	return from(agent, json_pack("{s:s, s:s, s:{s:s}, s:s}", "type", "consult", "contactId",
				     contact, "to", kind, to, "note", "may I?"));
}

static json_t *about_leg(const char *agent, const char *contact, const char *leg)
{
	return from(agent, json_pack("{s:s, s:s}", "contactId", contact, "legId", leg));
}

/* Asks, and writes the new leg's id. */
static void ask(struct test_world *w, const char *contact, const char *kind, const char *to,
		char leg[64])
{
	json_t *event;

	ok(w, UCM ".consult", consult("agent1", contact, kind, to));
	event = heard(w, "leg.state", contact, "state", "offering");
	snprintf(leg, 64, "%s", pl_json_get_text(event, "body.legId"));
	assert_string_equal(pl_json_get_text(event, "body.agentId"), "agent1");
	assert_true(json_is_null(pl_json_get(event, "body.participant")));
	json_decref(event);
}

/* A leg of C1 that agent2 has joined, by offer L-C1. */
static void join(struct test_world *w, const char *contact, char leg[64])
{
	json_t *request, *made;
	char offer[16];

	ask(w, contact, "user", "agent2", leg);
	request = test_wait_command(w, WA ".request");
	assert_string_equal(pl_json_get_text(request, "contactId"), leg);
	assert_true(json_is_true(pl_json_get(request, "agents.required")));
	assert_string_equal(
		json_string_value(json_array_get(pl_json_get(request, "agents.ids"), 0)), "agent2");
	json_decref(request);
	snprintf(offer, sizeof(offer), "L-%s", contact);
	match(w, leg, offer, "agent2");
	made = heard(w, "offer.made", leg, "kind", "consult");
	assert_string_equal(pl_json_get_text(made, "body.parentId"), contact);
	assert_string_equal(pl_json_get_text(made, "body.from.name"), "Name of agent1");
	assert_string_equal(pl_json_get_text(made, "body.note.text"), "may I?");
	assert_string_equal(pl_json_get_text(made, "body.customer.name"), "Ann");
	json_decref(made);
	ok(w, UCM ".accept", accept(leg, "agent2"));
	hears(w, "offer.accepted", leg, "parentId", contact);
	made = heard(w, "leg.state", contact, "state", "joined");
	assert_string_equal(pl_json_get_text(made, "body.participant.id"), "agent2");
	assert_string_equal(pl_json_get_text(made, "body.participant.name"), "Name of agent2");
	json_decref(made);
}

static void ended(struct test_world *w, const char *contact, const char *offer, const char *reason,
		  bool requeue)
{
	json_t *event = heard(w, "offer.ended", contact, "offerId", offer);

	assert_string_equal(pl_json_get_text(event, "body.reason"), reason);
	assert_int_equal(json_is_true(pl_json_get(event, "body.requeue")), requeue);
	json_decref(event);
}

static void test_transfer(void **state)
{
	struct test_world *w = start(NULL);
	json_t *event;

	serve(w, "C1");
	ok(w, UCM ".transfer", transfer("agent1", "C1", "service", "Billing"));
	event = heard(w, "offer.ended", "C1", "reason", "transferred");
	assert_true(json_is_true(pl_json_get(event, "body.requeue")));
	assert_string_equal(pl_json_get_text(event, "body.to.service"), "Billing");
	json_decref(event);
	ok(w, UCM ".transfer", transfer("agent1", "C1", "service", "Billing")); /* twice */
	test_no_event(w, "offer.ended", "C1", 50);
	/* who gets it next is told why; also who gets it after a reject, and a kill */
	match(w, "C1", "O2", "agent2");
	hears(w, "offer.made", "C1", "note.text", "wants an invoice");
	ok(w, UCM ".reject", accept("C1", "agent2"));
	ended(w, "C1", "O2", "rejected", true);
	test_service_kill(w, UCM);
	test_service_start(w, UCM, NULL);
	match(w, "C1", "O3", "agent3");
	event = heard(w, "offer.made", "C1", "note.from.name", "Name of agent1");
	json_decref(event);
	ok(w, UCM ".accept", accept("C1", "agent3"));
	hears(w, "offer.accepted", "C1", "note.from.id", "agent1");
	/* on to a user, without a note */
	ok(w, UCM ".transfer",
	   from("agent3", json_pack("{s:s, s:{s:s}}", "contactId", "C1", "to", "user", "agent1")));
	hears(w, "offer.ended", "C1", "to.user", "agent1");
	match(w, "C1", "O4", "agent1");
	event = test_wait_event(w, "offer.made", "C1");
	assert_null(pl_json_get(event, "body.note"));
	json_decref(event);
	test_world_free(w);
}

static void test_what_cannot_be_transferred(void **state)
{
	struct test_world *w = start(NULL);

	serve(w, "C1");
	test_event(w, "UCAStoreService", "service", "set", "Closed",
		   json_pack("{s:s}", "name", "Closed"));
	test_event(w, "UCAStoreService", "service", "set", "Old", json_pack("{s:b}", "removed", 0));
	test_event(w, "UCAStoreService", "service", "set", "Old", json_pack("{s:b}", "removed", 1));
	refused(w, UCM ".transfer", transfer("agent1", "C1", "service", "Closed"), "conflict",
		"Closed is closed now");
	refused(w, UCM ".transfer", transfer("agent1", "C1", "service", "Nothing"), "badRequest",
		"no service");
	refused(w, UCM ".transfer", transfer("agent1", "C1", "service", "Old"), "badRequest",
		"no service");
	refused(w, UCM ".transfer", transfer("agent1", "C1", "user", "agent1"), "badRequest",
		"yourself");
	refused(w, UCM ".transfer", transfer("agent1", "C1", "user", "unknown"), "badRequest",
		"ever logged in");
	refused(w, UCM ".transfer", transfer("agent1", "C1", "user", "gone"), "conflict",
		"not logged in");
	refused(w, UCM ".transfer", transfer("agent1", "C1", "user", "leaving"), "conflict",
		"about to log out");
	refused(w, UCM ".transfer", transfer("agent1", "C1", "user", ""), "badRequest", "wanted");
	refused(w, UCM ".transfer", transfer("agent1", "C1", "planet", "Mars"), "badRequest",
		"wanted");
	refused(w, UCM ".transfer", transfer("agent1", "C1", "leg", "L9"), "badRequest",
		"no consultation");
	refused(w, UCM ".transfer",
		from("agent1", json_pack("{s:s, s:{s:s, s:s}}", "contactId", "C1", "to", "user",
					 "agent2", "service", "Sales")),
		"badRequest", "to");
	refused(w, UCM ".transfer", transfer("agent2", "C1", "user", "agent3"), "unauthorized",
		"isn't yours");
	refused(w, UCM ".transfer", transfer("agent1", "C9", "user", "agent3"), "unauthorized",
		"isn't yours");
	refused(w, UCM ".transfer", json_pack("{s:{s:s}}", "frame", "contactId", "C1"),
		"unauthorized", "hello");
	test_no_event(w, "offer.ended", "C1", 0);
	/* late: the chat has ended, or the contact is back in the queue */
	test_event(w, "CustomerControllerService", "contact", "closed", "C1",
		   json_pack("{s:s}", "reason", "customer"));
	serve(w, "C2"); /* behind it in the log */
	refused(w, UCM ".transfer", transfer("agent1", "C1", "user", "agent2"), "conflict",
		"chat has ended");
	test_event(w, UAC, "agent", "gone", "agent1", json_pack("{s:s}", "agentId", "agent1"));
	ended(w, "C2", "O-C2", "agentLost", true);
	refused(w, UCM ".transfer", transfer("agent1", "C2", "user", "agent2"), "conflict",
		"taken back");
	test_world_free(w);
}

static void test_consult_and_conference(void **state)
{
	struct test_world *w = start(NULL);
	json_t *reply;
	char leg[64];

	serve(w, "C1");
	refused(w, UCM ".conference", about_leg("agent1", "C1", "L9"), "unauthorized", "isn't");
	join(w, "C1", leg);
	reply = test_request(w, UCM ".consult", consult("agent1", "C1", "user", "agent2"));
	assert_string_equal(
		pl_json_get_text(json_array_get(json_object_get(reply, "send"), 0), "legId"), leg);
	json_decref(reply);
	/* whose it isn't, or not in this way */
	refused(w, UCM ".conference", about_leg("agent2", "C1", leg), "unauthorized", "isn't");
	refused(w, UCM ".conference", about_leg("agent1", "C2", leg), "unauthorized", "isn't");
	refused(w, UCM ".release", about_leg("agent3", "C1", leg), "unauthorized", "isn't");
	refused(w, UCM ".transfer", transfer("agent2", leg, "user", "agent3"), "badRequest",
		"consultation");
	refused(w, UCM ".consult", consult("agent2", leg, "user", "agent3"), "badRequest",
		"consultation");
	test_service_kill(w, UCM);
	test_service_start(w, UCM, NULL);
	ok(w, UCM ".conference", about_leg("agent1", "C1", leg));
	hears(w, "leg.state", "C1", "state", "conference");
	ok(w, UCM ".conference", about_leg("agent1", "C1", leg)); /* twice */
	ok(w, UCM ".release", about_leg("agent2", "C1", leg));	  /* the leg's agent */
	hears(w, "leg.state", "C1", "state", "ended");
	ended(w, leg, "L-C1", "completed", false);
	ok(w, UCM ".release", about_leg("agent1", "C1", leg)); /* again, by the other one */
	refused(w, UCM ".conference", about_leg("agent1", "C1", leg), "conflict", "over");
	refused(w, UCM ".transfer", transfer("agent1", "C1", "leg", leg), "conflict", "over");
	test_no_event(w, "leg.state", "C1", 50);
	test_no_event(w, "offer.ended", "C1", 0);
	test_no_command(w, WA ".cancel", 0);
	test_world_free(w);
}

static void test_declined_and_missed(void **state)
{
	struct test_world *w = start("offer_timeout_s=1");
	char leg[64];

	serve(w, "C1");
	ask(w, "C1", "user", "agent2", leg);
	refused(w, UCM ".transfer", transfer("agent1", "C1", "leg", leg), "conflict",
		"nobody has answered");
	match(w, leg, "L1", "agent2");
	hears(w, "offer.made", leg, "offerId", "L1");
	ok(w, UCM ".reject", accept(leg, "agent2"));
	ended(w, leg, "L1", "rejected", false); /* nobody else is asked */
	hears(w, "leg.state", "C1", "state", "declined");

	ask(w, "C1", "user", "agent2", leg);
	match(w, leg, "L2", "agent2");
	hears(w, "offer.made", leg, "offerId", "L2");
	ended(w, leg, "L2", "noAnswer", false);
	hears(w, "leg.state", "C1", "state", "noAnswer");
	refused(w, UCM ".accept", accept(leg, "agent2"), "conflict", "not answered in time");

	ask(w, "C1", "user", "agent2", leg);
	match(w, leg, "L3", "agent2");
	hears(w, "offer.made", leg, "offerId", "L3");
	test_event(w, UAC, "agent", "gone", "agent2", json_pack("{s:s}", "agentId", "agent2"));
	ended(w, leg, "L3", "agentLost", false);
	hears(w, "leg.state", "C1", "state", "noAnswer");

	/* of a service, the next one is asked */
	ask(w, "C1", "service", "Billing", leg);
	match(w, leg, "L4", "agent2");
	hears(w, "offer.made", leg, "offerId", "L4");
	ok(w, UCM ".reject", accept(leg, "agent2"));
	ended(w, leg, "L4", "rejected", true);
	match(w, leg, "L5", "agent3");
	hears(w, "offer.made", leg, "offerId", "L5");
	ended(w, leg, "L5", "noAnswer", true);
	match(w, leg, "L6", "agent4");
	hears(w, "offer.made", leg, "offerId", "L6");
	ok(w, UCM ".accept", accept(leg, "agent4"));
	hears(w, "leg.state", "C1", "state", "joined");
	/* the leg's agent is lost */
	test_event(w, UAC, "agent", "gone", "agent4", json_pack("{s:s}", "agentId", "agent4"));
	ended(w, leg, "L6", "agentLost", false);
	hears(w, "leg.state", "C1", "state", "ended");
	test_world_free(w);
}

/* A question to a service isn't put to who asks it, nor to who was asked already. */
static void test_nobody_asks_himself(void **state)
{
	struct test_world *w = start(NULL);
	char leg[64], other[64];

	serve(w, "C1");
	join(w, "C1", leg);
	ask(w, "C1", "service", "Sales", other);
	match(w, other, "L1", "agent1");
	ended(w, other, "L1", "rejected", true);
	match(w, other, "L2", "agent2");
	ended(w, other, "L2", "rejected", true);
	test_no_event(w, "offer.made", other, 0);
	match(w, other, "L3", "agent3");
	hears(w, "offer.made", other, "offerId", "L3");
	ok(w, UCM ".release", about_leg("agent1", "C1", other));
	ended(w, other, "L3", "withdrawn", false);
	match(w, other, "L4", "agent1"); /* too late, too */
	ended(w, other, "L4", "rejected", false);
	test_world_free(w);
}

static void test_nobody_is_found(void **state)
{
	struct test_world *w = start("consult_s=5");
	json_t *request;
	char leg[64];

	serve(w, "C1");
	/* attributes that can't be asked for are left out; a request that can't be made is over */
	ask(w, "C1", "service", "Plain", leg);
	request = test_wait_command(w, WA ".request");
	assert_string_equal(pl_json_get_text(request, "attributes.Language"), "English");
	json_decref(request);
	request = test_wait_command(w, WA ".request");
	assert_null(json_object_get(request, "attributes"));
	json_decref(request);
	ask(w, "C1", "service", "Refused", leg);
	hears(w, "leg.state", "C1", "state", "noAnswer");
	/* the first one's time is over */
	hears(w, "leg.state", "C1", "state", "noAnswer");
	for (int i = 0; i < 2; i++) /* of both legs: what WorkAssignment doesn't know it ignores */
		json_decref(test_wait_command(w, WA ".cancel"));
	/* a match that was under way comes too late */
	match(w, leg, "L1", "agent2");
	ended(w, leg, "L1", "customerLeft", false);
	test_world_free(w);
}

static void test_at_most_three(void **state)
{
	struct test_world *w = start(NULL);
	char leg[64], again[64];

	serve(w, "C1");
	ask(w, "C1", "user", "agent2", leg);
	ask(w, "C1", "user", "agent3", again);
	ask(w, "C1", "service", "Billing", again);
	refused(w, UCM ".consult", consult("agent1", "C1", "user", "agent4"), "conflict",
		"3 consultations");
	ok(w, UCM ".release", about_leg("agent1", "C1", leg)); /* nobody was found for it yet */
	hears(w, "leg.state", "C1", "state", "ended");
	json_decref(test_wait_command(w, WA ".cancel"));
	ask(w, "C1", "user", "agent4", leg);
	/* withdrawn while it rings */
	match(w, leg, "L1", "agent4");
	hears(w, "offer.made", leg, "offerId", "L1");
	ok(w, UCM ".release", about_leg("agent1", "C1", leg));
	ended(w, leg, "L1", "withdrawn", false);
	refused(w, UCM ".accept", accept(leg, "agent4"), "conflict", "taken back");
	test_world_free(w);
}

static void test_hand_over(void **state)
{
	struct test_world *w = start(NULL);
	char leg[64], other[64], offer[64];
	json_t *event;

	serve(w, "C1");
	join(w, "C1", leg);
	ask(w, "C1", "service", "Billing", other);
	ok(w, UCM ".transfer", transfer("agent1", "C1", "leg", leg));
	event = heard(w, "offer.accepted", "C1", "agentId", "agent2");
	snprintf(offer, sizeof(offer), "%s", pl_json_get_text(event, "body.offerId"));
	assert_string_equal(pl_json_get_text(event, "body.note.text"), "wants an invoice");
	assert_null(pl_json_get(event, "body.kind"));
	json_decref(event);
	ended(w, "C1", "O-C1", "transferred", false);
	ended(w, leg, "L-C1", "completed", false);
	hears(w, "leg.state", "C1", "legId", leg);
	hears(w, "leg.state", "C1", "legId", other);		      /* it goes, too */
	ok(w, UCM ".transfer", transfer("agent1", "C1", "leg", leg)); /* twice */
	test_no_event(w, "offer.accepted", "C1", 50);
	/* it is the other one's now, as any other contact */
	refused(w, UCM ".consult", consult("agent1", "C1", "user", "agent3"), "conflict",
		"transferred");
	ok(w, UCM ".consult", consult("agent2", "C1", "user", "agent1"));
	test_event(w, UAC, "agent", "gone", "agent2", json_pack("{s:s}", "agentId", "agent2"));
	ended(w, "C1", offer, "agentLost", true);
	test_world_free(w);
}

/* The contact goes on without its agent, or is over: nobody stays behind (RTG-8). */
static void test_the_contact_ends_with_legs_open(void **state)
{
	struct test_world *w = start(NULL);

	for (size_t i = 0; i < 3; i++) {
		char contact[8], leg[64], ringing[64], waiting[64], joined[16], rings[16];

		snprintf(contact, sizeof(contact), "C%zu", i);
		snprintf(joined, sizeof(joined), "L-%s", contact);
		snprintf(rings, sizeof(rings), "R-%s", contact);
		serve(w, contact);
		join(w, contact, leg);
		ask(w, contact, "user", "agent3", ringing);
		match(w, ringing, rings, "agent3");
		hears(w, "offer.made", ringing, "offerId", rings);
		ask(w, contact, "service", "Billing", waiting);
		for (int n = 0; n < 2; n++)
			json_decref(test_wait_command(w, WA ".request"));
		if (i == 0)
			test_event(w, "CustomerControllerService", "contact", "closed", contact,
				   json_pack("{s:s}", "reason", "customer"));
		else if (i == 1)
			ok(w, UCM ".transfer", transfer("agent1", contact, "service", "Billing"));
		else
			test_event(w, UAC, "agent", "gone", "agent1",
				   json_pack("{s:s}", "agentId", "agent1"));
		for (int n = 0; n < 3; n++)
			hears(w, "leg.state", contact, "state", "ended");
		ended(w, leg, joined, "completed", false);
		ended(w, ringing, rings, "withdrawn", false);
		json_decref(test_wait_command(w, WA ".cancel"));
		refused(w, UCM ".accept", accept(ringing, "agent3"), "conflict", "taken back");
	}
	test_world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_transfer),
		cmocka_unit_test(test_what_cannot_be_transferred),
		cmocka_unit_test(test_consult_and_conference),
		cmocka_unit_test(test_declined_and_missed),
		cmocka_unit_test(test_nobody_asks_himself),
		cmocka_unit_test(test_nobody_is_found),
		cmocka_unit_test(test_at_most_three),
		cmocka_unit_test(test_hand_over),
		cmocka_unit_test(test_the_contact_ends_with_legs_open),
	};

	return cmocka_run_group_tests_name("leg", tests, NULL, NULL);
}
