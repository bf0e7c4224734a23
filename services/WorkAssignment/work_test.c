/*
 * work_test.c — the real service on a real bus; the test plays UCMService and
 * UnifiedAgentController.
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
#include <sqlite3.h>

#include "story_test.h"

/* RTG-1, RTG-5, RTG-7: from the request to the end of wrap-up. */
static void a_contact_finds_its_agent(void **state)
{
	struct test_world *w = world();
	json_t *reply, *match, *push;

	assert_string_equal(request(w, "C1", "Sales"), "queued");
	push = test_wait_push(w, "contact.C1", "queued");
	assert_int_equal(number(push, "frame.position"), 1);
	assert_string_equal(text(push, "frame.contactId"), "C1");
	json_decref(push);
	assert_string_equal(request(w, "C1", "Sales"), "queued"); /* again: no double */
	agent(w, "ann", "Ready", "Sales", 1);
	match = matched(w, "C1");
	assert_string_equal(text(match, "agentId"), "ann");
	assert_string_equal(text(match, "channel"), "chat");
	assert_string_equal(text(match, "service"), "Sales");
	assert_true(number(match, "waitedMs") >= 0);
	assert_string_equal(request(w, "C1", "Sales"), "matched");
	assert_queues(w, 0, 1, 0);
	says(w, "made", match, NULL, false);
	says(w, "accepted", match, NULL, false);
	until_figure(w, "active", 1);
	test_refused(w, SERVICE ".cancel", json_pack("{s:s}", "contactId", "C1"), "conflict");
	assert_string_equal(request(w, "C2", "Sales"), "queued"); /* ann has no room */
	closed(w, "C1");
	says(w, "ended", match, "completed", false);
	json_decref(match);
	match = matched(w, "C2");
	assert_string_equal(request(w, "C1", "Sales"), "conflict");
	reply = test_request(w, SERVICE ".explain", json_pack("{s:s}", "contactId", "C2"));
	assert_string_equal(text(json_array_get(json_object_get(reply, "items"), 0), "agentId"),
			    "ann");
	assert_int_equal(number(json_array_get(json_object_get(reply, "items"), 0),
				"explanation.agents.eligible"),
			 1);
	json_decref(reply);
	/* matched at once: nothing is said of a queue */
	says(w, "ended", match, "completed", false);
	json_decref(match);
	until_figure(w, "offered", 0);
	assert_string_equal(request(w, "C3", "Sales"), "matched");
	test_no_push(w, "contact.C3", "queued", 100);
	test_world_free(w);
}

/* RTG-2, RTG-4: a rejected contact keeps its place, and isn't offered to the same agent at once. */
static void a_requeued_contact_keeps_its_place(void **state)
{
	struct test_world *w = world();
	json_t *first, *match;

	ready(w, "ann", "Sales", 1, 1);
	assert_string_equal(request(w, "C1", "Sales"), "matched");
	first = matched(w, "C1");
	assert_string_equal(request(w, "C2", "Sales"), "queued");
	assert_string_equal(request(w, "C3", "Sales"), "queued");
	json_decref(test_wait_push(w, "contact.C2", "queued"));
	says(w, "ended", first, "rejected", true);
	match = matched(w, "C2"); /* C1 is first again, but not for ann */
	restart(w);
	agent(w, "bob", "Ready", "Sales", 1);
	json_decref(first);
	first = matched(w, "C1");
	assert_string_equal(text(first, "agentId"), "bob");
	/* bob rejects it too: nobody else is left, so that after a time ann may have it */
	says(w, "ended", first, "rejected", true);
	json_decref(matched(w, "C3"));
	says(w, "ended", match, "completed", false);
	json_decref(first);
	first = matched(w, "C1");
	assert_string_equal(text(first, "agentId"), "ann");
	json_decref(first);
	json_decref(match);
	test_world_free(w);
}

/* RTG-2: a queue of more rows than are read at once comes back whole, and in its order. */
static void a_long_queue_is_rebuilt_in_order(void **state)
{
	enum { WAITING = 1100, SERVED = 3 };
	struct test_world *w = world();
	char id[16];

	for (int i = 0; i < WAITING; i++) {
		snprintf(id, sizeof(id), "C%d", WAITING - i);
		assert_string_equal(request(w, id, "Sales"), "queued");
	}
	restart(w);
	assert_queues(w, WAITING, 0, 0);
	agent(w, "ann", "Ready", "Sales", SERVED);
	for (int i = 0; i < SERVED; i++) {
		snprintf(id, sizeof(id), "C%d", WAITING - i);
		json_decref(matched(w, id));
	}
	assert_queues(w, WAITING - SERVED, SERVED, 0);
	test_world_free(w);
}

/* RTG-4: who didn't answer gets nothing more until heard of, in whatever order the two come. */
static void who_does_not_answer_is_held_back(void **state)
{
	struct test_world *w = world();
	json_t *match;

	ready(w, "ann", "Sales", 3, 1);
	assert_string_equal(request(w, "C1", "Sales"), "matched");
	match = matched(w, "C1");
	says(w, "ended", match, "noAnswer", true);
	until_figure(w, "agents.ready", 0);
	assert_string_equal(request(w, "C2", "Sales"), "queued");
	test_no_event(w, "work.matched", NULL, 2500);
	restart(w);
	assert_queues(w, 2, 0, 0);
	agent(w, "ann", "NotReady", "Sales", 3);
	test_no_event(w, "work.matched", NULL, 100);
	agent(w, "ann", "Ready", "Sales", 3);
	json_decref(match);
	match = matched(w, "C1");
	json_decref(matched(w, "C2"));
	json_decref(match);
	test_world_free(w);
}

/* RTG-8: closed at any moment. */
static void closed_contacts_are_not_queued(void **state)
{
	struct test_world *w = world();
	json_t *match;

	closed(w, "C0"); /* before its request */
	assert_string_equal(request(w, "C1", "Sales"), "queued");
	closed(w, "C1"); /* while it waits */
	until_figure(w, "waiting", 0);
	assert_string_equal(request(w, "C0", "Sales"), "conflict");
	assert_string_equal(request(w, "C1", "Sales"), "conflict");
	ready(w, "ann", "Sales", 1, 1);
	assert_string_equal(request(w, "C2", "Sales"), "matched");
	match = matched(w, "C2");
	closed(w, "C2"); /* while it is offered: the agent is released by the offer's end only */
	assert_string_equal(request(w, "C3", "Sales"), "queued");
	says(w, "ended", match, "rejected", true);
	json_decref(match);
	json_decref(matched(w, "C3"));
	assert_queues(w, 0, 1, 0);
	/* cancelled */
	assert_string_equal(request(w, "C4", "Sales"), "queued");
	json_decref(test_request(w, SERVICE ".cancel", json_pack("{s:s}", "contactId", "C4")));
	json_decref(test_request(w, SERVICE ".cancel", json_pack("{s:s}", "contactId", "C4")));
	assert_queues(w, 0, 1, 0);
	test_world_free(w);
}

static void agents_serve_what_they_can(void **state)
{
	struct test_world *w = world();
	json_t *match, *reply;

	ready(w, "ann", "Sales Billing", 1, 1);
	ready(w, "bob", "Billing", 1, 2);
	assert_string_equal(request(w, "C1", "Fax"), "queued"); /* nobody: it waits */
	assert_string_equal(request(w, "C2", "Sales"), "matched");
	match = matched(w, "C2");
	assert_string_equal(text(match, "agentId"), "ann");
	json_decref(match);
	assert_string_equal(request(w, "C3", "Sales"), "queued"); /* two contacts, one slot */
	assert_string_equal(request(w, "C4", "Billing"), "matched");
	match = matched(w, "C4");
	assert_string_equal(text(match, "agentId"), "bob");
	/* two nouns, two readers: whichever comes first, bob gets it not again */
	ended(w, match,
	      json_pack("{s:s, s:b, s:I}", "reason", "agentLost", "requeue", 1, "lostMs",
			(json_int_t)test_now_ms()));
	until_figure(w, "waiting", 3);
	agent(w, "bob", "LoggedOut", "Billing", 1);
	test_no_event(w, "work.matched", "C4", 200);
	json_decref(match);
	agent(w, "cat", "Ready", "Billing Fax", 2);
	json_decref(matched(w, "C4"));
	json_decref(matched(w, "C1"));
	reply = test_request(w, SERVICE ".status", json_pack("{s:s}", "contactId", "C3"));
	assert_true(json_is_true(json_object_get(reply, "waiting")));
	assert_int_equal(number(reply, "position"), 1);
	json_decref(reply);
	reply = test_request(w, SERVICE ".http-queues",
			     test_http("GET", NULL, NULL, NULL, "boss", "supervisor"));
	assert_int_equal(number(reply, "status"), 200);
	assert_int_equal(number(reply, "body.waiting"), 1);
	assert_int_equal(json_array_size(pl_json_get(reply, "body.items")), 3);
	json_decref(reply);
	test_world_free(w);
}

static void positions_move_up(void **state)
{
	struct test_world *w = world();
	json_t *push;
	char id[8];

	for (int i = 1; i <= 3; i++) {
		snprintf(id, sizeof(id), "C%d", i);
		assert_string_equal(request(w, id, "Sales"), "queued");
	}
	push = test_wait_push(w, "contact.C3", "queued");
	assert_int_equal(number(push, "frame.position"), 3);
	json_decref(push);
	closed(w, "C1");
	push = test_wait_push(w, "contact.C3", "queued");
	assert_int_equal(number(push, "frame.position"), 2);
	json_decref(push);
	test_no_push(w, "contact.C3", "queued", 2500); /* only when it changes */
	test_world_free(w);
}

static json_t *ucm(const char *operation, json_t *body, void *arg)
{
	return json_pack("{s:{s:s, s:s, s:s}}", "contact", "contactId", text(body, "contactId"),
			 "state", "queued", "offerId", (const char *)arg);
}

/* RTG-8: a match that nobody has heard of. */
static void orphans_are_released(void **state)
{
	struct test_world *w = test_world_new();
	json_t *match, *again;

	test_service_start(w, SERVICE, "--set", "orphan_s=5", NULL);
	ready(w, "ann", "Sales", 1, 1);
	assert_string_equal(request(w, "C1", "Sales"), "matched");
	match = matched(w, "C1");
	test_serve(w, "UCMService", ucm, (void *)(uintptr_t)text(match, "offerId"));
	test_run(w, 3000);
	again = matched(w, "C1");
	assert_string_not_equal(text(again, "offerId"), text(match, "offerId"));
	assert_queues(w, 0, 1, 0);
	says(w, "ended", match, "rejected", true); /* at last: too late to matter */
	ready(w, "bob", "Sales", 1, 2);
	assert_string_equal(request(w, "C2", "Sales"), "matched");
	assert_queues(w, 0, 2, 0);
	json_decref(match);
	json_decref(again);
	test_world_free(w);
}

/* RTG-8: accepted offers that the store has forgotten occupy their agents, and their contact isn't
 * matched. */
static void unknown_accepted_offers_are_adopted(void **state)
{
	struct test_world *w = world();
	json_t *offer = json_pack("{s:s, s:s, s:s, s:s, s:s}", "offerId", "O1", "contactId", "C1",
				  "agentId", "ann", "channel", "chat", "service", "Sales");

	assert_string_equal(request(w, "C1", "Sales"), "queued");
	says(w, "accepted", offer, NULL, false);
	until_figure(w, "active", 1);
	ready(w, "ann", "Sales", 1, 1);
	assert_queues(w, 0, 0, 1);
	assert_string_equal(request(w, "C2", "Sales"), "queued"); /* ann has no room */
	restart(w);
	assert_queues(w, 1, 0, 1);
	says(w, "ended", offer, "agentLost", true);
	json_decref(matched(w, "C1")); /* at its old place */
	says(w, "ended", offer, "agentLost", true);
	test_no_event(w, "work.matched", NULL, 100);
	json_decref(offer);
	test_world_free(w);
}

/* RTG-8: one agent hands the contact over to another, by an offer that was never made here; the
 * contact is the other one's then, and can be queued again from there. */
static void a_contact_is_handed_over(void **state)
{
	struct test_world *w = world();
	json_t *match, *offer = json_pack("{s:s, s:s, s:s, s:s, s:s, s:b}", "offerId", "HAND",
					  "contactId", "C1", "agentId", "bob", "channel", "chat",
					  "service", "Sales", "handedOver", 1);

	ready(w, "ann", "Sales", 1, 1);
	assert_string_equal(request(w, "C1", "Sales"), "matched");
	match = matched(w, "C1");
	says(w, "accepted", match, NULL, false);
	ready(w, "bob", "Sales", 1, 2);
	says(w, "accepted", offer, NULL, false);
	says(w, "ended", match, "transferred", false);
	until_figure(w, "active", 1);
	restart(w);
	assert_queues(w, 0, 0, 1);
	assert_string_equal(request(w, "C2", "Sales"), "matched"); /* ann is free, bob isn't */
	json_decref(match);
	match = matched(w, "C2");
	assert_string_equal(text(match, "agentId"), "ann");
	says(w, "ended", offer, "transferred", true);
	json_decref(match);
	match = matched(w, "C1");
	assert_string_equal(text(match, "agentId"), "bob");
	json_decref(match);
	json_decref(offer);
	test_world_free(w);
}

static void database(struct test_world *w, const char *sql)
{
	char path[200];
	sqlite3 *db;

	snprintf(path, sizeof(path), "%s/services/" SERVICE "/store.db", test_world_dir(w));
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	sqlite3_busy_timeout(db, 2000);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

/* A turn that the database refuses once the engine has decided: memory goes back with it. */
static void a_rolled_back_turn_leaves_nothing(void **state)
{
	struct test_world *w = world();
	char ids[3][27], contact[8];
	json_t *match;

	assert_string_equal(request(w, "C1", "Fax"), "queued");
	ready(w, "ann", "Sales", 2, 1);
	database(w, "create trigger no_ann before insert on decision when new.contact_id = 'X1' "
		    "begin select raise(abort, 'not this one'); end");
	for (int i = 0; i < 3; i++) {
		snprintf(contact, sizeof(contact), "X%d", i);
		test_send(w, SERVICE ".request", wanted(contact, "Sales"), ids[i]);
	}
	for (int i = 0; i < 3; i++) {
		json_t *reply = test_answer(w, ids[i]);

		assert_string_equal(test_error(reply), i == 1 ? "internal" : "");
		json_decref(reply);
	}
	assert_queues(w, 1, 2, 0);
	database(w, "drop trigger no_ann");
	assert_string_equal(request(w, "X1", "Sales"), "queued"); /* ann has no room */
	json_decref(matched(w, "X0"));
	match = matched(w, "X2");
	says(w, "ended", match, "completed", false);
	json_decref(match);
	json_decref(matched(w, "X1"));
	assert_queues(w, 1, 2, 0);
	test_world_free(w);
}

static void bad_requests_are_refused(void **state)
{
	struct test_world *w = world();
	static const char deep[] =
		"{\"contactId\":\"C1\",\"channel\":\"chat\",\"service\":\"S\",\"attributes\":";
	json_t *body, *many = json_object(), *reply;
	char name[16];

	test_refused(w, SERVICE ".request", json_object(), "badRequest");
	test_refused(w, SERVICE ".status", json_pack("{s:i}", "contactId", 7), "badRequest");
	test_refused(w, SERVICE ".explain", json_pack("{s:s}", "contactId", "C9"), "notFound");
	test_refused(w, SERVICE ".cancel", json_object(), "badRequest");
	reply = test_request_bytes(w, SERVICE ".request", deep, sizeof(deep) - 1);
	assert_string_equal(test_error(reply), "badRequest");
	json_decref(reply);
	for (int i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "A%d", i);
		json_object_set_new(many, name, json_string("B"));
	}
	body = wanted("C1", "Sales");
	json_object_set_new(body, "attributes", many);
	test_refused(w, SERVICE ".request", body, "badRequest");
	/* more channels than there can be */
	for (int i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "X%d", i);
		body = wanted(name, "Sales");
		json_object_set_new(body, "channel", json_string(name));
		reply = test_request(w, SERVICE ".request", body);
		assert_string_equal(test_error(reply), i < 32 ? "" : "badRequest");
		json_decref(reply);
	}
	assert_queues(w, 32, 0, 0);
	test_world_free(w);
}

/* ---- random steps ---- */

enum { AGENTS = 4, ROOM = 2, STEPS = 500, HELD_MAX = AGENTS * ROOM };

struct game {
	struct test_world *w;
	json_t *held[HELD_MAX]; /* matches whose offers haven't ended */
	bool accepted[HELD_MAX];
	int in_use[AGENTS];
	bool ready[AGENTS];
	int requested, ended, marks;
};

static int agent_of(const json_t *match)
{
	return text(match, "agentId")[0] - 'a';
}

static void take_match(struct game *g)
{
	json_t *event = test_wait_event(g->w, "work.matched", NULL);
	json_t *match = json_incref(json_object_get(event, "body"));
	int who = agent_of(match), slot = -1;

	json_decref(event);
	assert_true(++g->in_use[who] <= ROOM); /* RTG-8 */
	for (int i = 0; i < HELD_MAX; i++) {
		if (g->held[i])
			assert_string_not_equal(text(g->held[i], "contactId"),
						text(match, "contactId"));
		else if (slot < 0)
			slot = i;
	}
	assert_in_range(slot, 0, HELD_MAX - 1);
	g->held[slot] = match;
	g->accepted[slot] = false;
	says(g->w, "made", match, NULL, false);
}

static bool has_mark(struct test_world *w, void *arg)
{
	json_t *line, *reply = test_request(w, SERVICE ".queues", json_object());
	const struct game *g = arg;
	bool has = false;
	size_t i;

	json_array_foreach(json_object_get(reply, "items"), i, line)
		has |= strcmp(text(line, "service"), "Mark") == 0 &&
		       number(line, "active") == g->marks;
	json_decref(reply);
	return has;
}

/* All events of offers so far are handled once this last one is, of an offer that is unknown here.
 */
static void let_handle(struct game *g)
{
	char id[16];

	snprintf(id, sizeof(id), "M%d", ++g->marks);
	test_event(g->w, "UCMService", "offer", "accepted", id,
		   json_pack("{s:s, s:s, s:s, s:s, s:s}", "offerId", id, "contactId", id, "agentId",
			     "zoe", "channel", "fax", "service", "Mark"));
	test_until(g->w, has_mark, g, "all offers' events handled");
}

static void take_matches(struct game *g)
{
	json_t *reply;
	int64_t reserved, held = 0;

	let_handle(g);
	reply = test_request(g->w, SERVICE ".queues", json_object());
	reserved = number(reply, "offered") + number(reply, "active") - g->marks;
	json_decref(reply);
	for (int i = 0; i < HELD_MAX; i++)
		held += g->held[i] != NULL;
	for (; held < reserved; held++)
		take_match(g);
}

static void end_one(struct game *g, int i)
{
	static const char *const reasons[] = { "rejected", "completed", "agentLost", "completed" };
	const char *reason = reasons[rand() % 4];
	bool requeue = strcmp(reason, "completed") != 0;
	json_t *match = g->held[i];

	g->held[i] = NULL;
	g->in_use[agent_of(match)]--;
	if (!requeue) {
		closed(g->w, text(match, "contactId"));
		g->ended++;
	}
	says(g->w, "ended", match, reason, requeue);
	json_decref(match);
}

/* A request that dies with the service is asked again: one contact, one answer. */
static void request_and_kill(struct game *g)
{
	char contact[16], id[27];
	json_t *reply;

	snprintf(contact, sizeof(contact), "C%d", ++g->requested);
	test_send(g->w, SERVICE ".request", wanted(contact, "Billing"), id);
	test_run(g->w, rand() % 4);
	restart(g->w);
	reply = test_request_id(g->w, SERVICE ".request", wanted(contact, "Billing"), id);
	assert_string_equal(test_error(reply), "");
	json_decref(reply);
}

static void step(struct game *g, bool deadly)
{
	int i = rand() % HELD_MAX, a = rand() % AGENTS;
	char id[16];

	switch (rand() % 8) {
	case 0:
	case 1:
		snprintf(id, sizeof(id), "C%d", ++g->requested);
		request(g->w, id, g->requested % 2 ? "Sales" : "Billing");
		break;
	case 2:
		if (g->held[i] && !g->accepted[i]) {
			says(g->w, "accepted", g->held[i], NULL, false);
			g->accepted[i] = true;
		}
		break;
	case 3:
	case 4:
	case 5:
		if (g->held[i])
			end_one(g, i);
		break;
	default:
		snprintf(id, sizeof(id), "%c", 'a' + a);
		g->ready[a] = !g->ready[a];
		agent(g->w, id, g->ready[a] ? "Ready" : "NotReady",
		      a % 2 ? "Sales" : "Sales Billing", ROOM);
		break;
	}
	if (deadly)
		request_and_kill(g);
	take_matches(g);
}

static void finish(struct game *g)
{
	char id[2] = "a";

	for (int a = 0; a < AGENTS; a++, id[0]++)
		agent(g->w, id, "Ready", "Sales Billing", ROOM);
	while (g->ended < g->requested) {
		take_matches(g);
		for (int i = 0; i < HELD_MAX; i++)
			if (g->held[i])
				end_one(g, i);
	}
}

static void nobody_is_over_capacity(void **state)
{
	struct game g = { .w = world() };

	srand(7);
	for (int i = 1; i <= STEPS; i++)
		step(&g, i % 50 == 0);
	finish(&g);
	let_handle(&g);
	assert_queues(g.w, 0, 0, g.marks);
	test_world_free(g.w);
}

/* PLT-60: a match whose agent is reserved is told again; heard again, what UCMService says changes
 * nothing (RTG-8) */
static void what_is_heard_again_changes_nothing(void **state)
{
	struct test_world *w = world();
	json_t *match;

	ready(w, "ann", "Sales", 1, 1);
	assert_string_equal(request(w, "C1", "Sales"), "matched");
	match = matched(w, "C1");
	assert_int_equal(test_told_again(w, SERVICE, "work", "C1"), 1);
	says(w, "made", match, NULL, false);
	says(w, "accepted", match, NULL, false);
	until_figure(w, "active", 1);
	says(w, "made", match, NULL, false);
	says(w, "accepted", match, NULL, false);
	assert_queues(w, 0, 0, 1);
	says(w, "ended", match, "rejected", true);
	until_figure(w, "active", 0);
	assert_int_equal(test_told_again(w, SERVICE, "work", "C1"), 0);
	says(w, "made", match, NULL, false);
	says(w, "accepted", match, NULL, false);
	says(w, "ended", match, "rejected", true);
	until_figure(w, "waiting", 1);
	closed(w, "C2");
	closed(w, "C2");
	assert_string_equal(request(w, "C3", "Fax"), "queued");
	closed(w, "C3"); /* once it has gone, the one before was heard of */
	until_figure(w, "waiting", 1);
	assert_string_equal(request(w, "C2", "Sales"), "conflict");
	assert_queues(w, 1, 0, 0);
	agent(w, "bob", "Ready", "Sales", 1);
	json_decref(match);
	match = matched(w, "C1");
	assert_string_equal(text(match, "agentId"), "bob");
	assert_int_equal(test_told_again(w, SERVICE, "work", "C1"), 1);
	json_decref(match);
	test_world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_contact_finds_its_agent),
		cmocka_unit_test(a_requeued_contact_keeps_its_place),
		cmocka_unit_test(a_long_queue_is_rebuilt_in_order),
		cmocka_unit_test(who_does_not_answer_is_held_back),
		cmocka_unit_test(closed_contacts_are_not_queued),
		cmocka_unit_test(agents_serve_what_they_can),
		cmocka_unit_test(positions_move_up),
		cmocka_unit_test(orphans_are_released),
		cmocka_unit_test(unknown_accepted_offers_are_adopted),
		cmocka_unit_test(a_contact_is_handed_over),
		cmocka_unit_test(a_rolled_back_turn_leaves_nothing),
		cmocka_unit_test(bad_requests_are_refused),
		cmocka_unit_test(what_is_heard_again_changes_nothing),
		cmocka_unit_test(nobody_is_over_capacity),
	};

	return cmocka_run_group_tests_name("work", tests, NULL, NULL);
}
