/*
 * ocpdata_test.c — the real service on a real bus; we are all the producers.
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
#include "test_world.h"

#define SERVICE "OCPDataServices"
#define CCS	"CustomerControllerService"
#define UCM	"UCMService"

static void opened(struct test_world *w, const char *contact, const char *email)
{
	test_event(w, CCS, "contact", "opened", contact,
		   json_pack("{s:s, s:s, s:{s:s, s:s*}, s:s, s:{s:s}, s:{s:s}}", "contactId",
			     contact, "channel", "chat", "customer", "name", "Eve", "email", email,
			     "topic", "Order", "attributes", "Language", "English", "context",
			     "cart", "3"));
}

static void said(struct test_world *w, const char *contact, int seq, const char *from,
		 const char *text)
{
	test_event(w, CCS, "message", "said", contact,
		   json_pack("{s:s, s:i, s:s, s:s, s:s, s:I, s:s}", "contactId", contact, "seq",
			     seq, "from", from, "name", "N", "text", text, "atMs",
			     (json_int_t)1000 + seq, "clientId", "c"));
}

static void closed(struct test_world *w, const char *contact)
{
	test_event(w, CCS, "contact", "closed", contact,
		   json_pack("{s:s, s:s}", "contactId", contact, "reason", "customer"));
}

static void offer(struct test_world *w, const char *contact, const char *verb, const char *offer_id,
		  const char *agent, const char *reason)
{
	test_event(w, UCM, "offer", verb, contact,
		   json_pack("{s:s, s:s, s:s, s:s, s:s, s:s*, s:s*}", "offerId", offer_id,
			     "contactId", contact, "agentId", agent, "channel", "chat", "service",
			     "Sales", "reason", reason, "disposition",
			     reason && strcmp(reason, "completed") == 0 ? "sold" : NULL));
}

/* What `contact` answers once it has so many steps and messages. */
struct expected {
	const char *contact;
	size_t steps, messages;
	json_t *reply;
};

static bool has_all(struct test_world *w, void *arg)
{
	struct expected *e = arg;

	json_decref(e->reply);
	e->reply = test_request(w, SERVICE ".contact", json_pack("{s:s}", "contactId", e->contact));
	return json_array_size(json_object_get(e->reply, "steps")) >= e->steps &&
	       json_array_size(json_object_get(e->reply, "transcript")) >= e->messages;
}

static json_t *wait_contact(struct test_world *w, const char *contact, size_t steps,
			    size_t messages)
{
	struct expected e = { contact, steps, messages, NULL };

	test_until(w, has_all, &e, contact);
	assert_int_equal(json_array_size(json_object_get(e.reply, "steps")), steps);
	assert_int_equal(json_array_size(json_object_get(e.reply, "transcript")), messages);
	return e.reply;
}

static void is_whole(const json_t *contact)
{
	static const char *const texts[][2] = {
		{ "channel", "chat" },	    { "direction", "inbound" },
		{ "state", "closed" },	    { "customer.id", "eve@example.org" },
		{ "customer.name", "Eve" }, { "topic", "Order" },
		{ "service", "Sales" },	    { "attributes.Language", "English" },
		{ "context.cart", "3" },    { "closeReason", "customer" },
		{ "disposition", "sold" },
	};
	const json_t *o = json_object_get(contact, "offers"),
		     *t = json_object_get(contact, "transcript");

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_string_equal(pl_json_get_text(contact, texts[i][0]), texts[i][1]);
	assert_int_equal(json_array_size(o), 2);
	assert_string_equal(pl_json_get_text(json_array_get(o, 0), "reason"), "noAnswer");
	assert_string_equal(pl_json_get_text(json_array_get(o, 1), "agentId"), "agent2");
	assert_true(json_integer_value(json_object_get(json_array_get(o, 1), "acceptedMs")) > 0);
	assert_string_equal(pl_json_get_text(json_array_get(t, 1), "text"), "Grüße 😀");
	assert_int_equal(json_integer_value(json_object_get(json_array_get(t, 1), "atMs")), 1003);
}

static void from_ccs(struct test_world *w, const char *contact)
{
	opened(w, contact, "Eve@Example.org");
	said(w, contact, 2, "customer", "hello");
	said(w, contact, 3, "agent", "Grüße 😀");
	closed(w, contact);
}

static void from_ucm(struct test_world *w, const char *contact)
{
	offer(w, contact, "made", "O1", "agent1", NULL);
	offer(w, contact, "ended", "O1", "agent1", "noAnswer");
	offer(w, contact, "made", "O2", "agent2", NULL);
	offer(w, contact, "accepted", "O2", "agent2", NULL);
	offer(w, contact, "ended", "O2", "agent2", "completed");
}

static void producers_may_come_in_any_order(void **state)
{
	struct test_world *w = test_world_new();
	json_t *contact;

	test_service_start(w, SERVICE, NULL);
	from_ccs(w, "A");
	from_ucm(w, "A");
	from_ucm(w, "B");
	from_ccs(w, "B");
	contact = wait_contact(w, "A", 7, 2);
	is_whole(contact);
	json_decref(contact);
	contact = wait_contact(w, "B", 7, 2);
	is_whole(contact);
	json_decref(contact);
	/* one customer, two contacts, in whatever letters */
	contact = test_request(w, SERVICE ".history",
			       json_pack("{s:s}", "customer", "EVE@example.ORG"));
	assert_int_equal(json_array_size(json_object_get(contact, "items")), 2);
	assert_string_equal(pl_json_get_text(contact, "customer.name"), "Eve");
	json_decref(contact);
	test_world_free(w);
}

/* What agents said among themselves is kept where its time belongs, and marked. */
static void private_talk_is_marked(void **state)
{
	static const char *const order[] = { "hello", "is he angry?", "good day", "no" };
	struct test_world *w = test_world_new();
	json_t *contact, *item;
	size_t i;

	test_service_start(w, SERVICE, NULL);
	opened(w, "A", "eve@example.org");
	said(w, "A", 2, "customer", "hello");
	said(w, "A", 5, "agent", "good day");
	for (int seq = 1; seq <= 2; seq++)
		test_event(w, CCS, "message", "private", "A",
			   json_pack("{s:s, s:i, s:s, s:s, s:s, s:I}", "contactId", "A", "seq", seq,
				     "agentId", "agent1", "name", "Mia", "text", order[2 * seq - 1],
				     "atMs", (json_int_t)1000 + 3 * seq));
	contact = wait_contact(w, "A", 1, 4);
	json_array_foreach(json_object_get(contact, "transcript"), i, item) {
		assert_string_equal(pl_json_get_text(item, "text"), order[i]);
		assert_int_equal(json_is_true(json_object_get(item, "private")), i % 2);
	}
	json_decref(contact);
	test_world_free(w);
}

/* CHN-1 */
static void files_are_part_of_the_transcript(void **state)
{
	struct test_world *w = test_world_new();
	json_t *contact, *item, *reply;

	test_service_start(w, SERVICE, NULL);
	opened(w, "A", "eve@example.org");
	said(w, "A", 2, "customer", "look");
	test_event(w, CCS, "message", "file", "A",
		   json_pack("{s:i, s:s, s:s, s:i, s:{s:s, s:s, s:i, s:s, s:s}}", "seq", 3, "from",
			     "customer", "clientId", "F1", "atMs", 1005, "file", "id", "F", "name",
			     "a.png", "size", 7, "type", "image/png", "hash", "abc"));
	contact = wait_contact(w, "A", 1, 2);
	item = json_array_get(json_object_get(contact, "transcript"), 1);
	assert_string_equal(pl_json_get_text(item, "text"), "a.png");
	assert_string_equal(pl_json_get_text(item, "file.id"), "F");
	assert_int_equal(json_integer_value(pl_json_get(item, "file.size")), 7);
	assert_null(pl_json_get(item, "file.hash"));
	assert_null(
		json_object_get(json_array_get(json_object_get(contact, "transcript"), 0), "file"));
	json_decref(contact);
	reply = test_request(w, SERVICE ".http-file",
			     test_http("GET", json_pack("{s:s, s:s}", "id", "A", "fileId", "F"),
				       NULL, NULL, "agent1", "agent"));
	assert_string_equal(pl_json_get_text(reply, "blob.hash"), "abc");
	assert_string_equal(pl_json_get_text(reply, "blob.name"), "a.png");
	json_decref(reply);
	test_refused(w, SERVICE ".http-file",
		     test_http("GET", json_pack("{s:s, s:s}", "id", "B", "fileId", "F"), NULL, NULL,
			       "agent1", "agent"),
		     "notFound");
	test_world_free(w);
}

/* Pages that were shown, how it ended, and what the customer thought of it (CHN-1). */
static void the_end_is_told(void **state)
{
	struct test_world *w = test_world_new();
	json_t *contact, *item;

	test_service_start(w, SERVICE, NULL);
	opened(w, "A", "eve@example.org");
	said(w, "A", 2, "customer", "hello");
	test_event(w, CCS, "message", "pushed", "A",
		   json_pack("{s:i, s:s, s:s, s:s, s:s, s:i}", "seq", 3, "agentId", "agent1",
			     "name", "Mia", "url", "https://shop.example/tents", "title", "Tents",
			     "atMs", 1004));
	closed(w, "A");
	test_event(w, CCS, "contact", "surveyed", "A",
		   json_pack("{s:s, s:i, s:s, s:[{s:s, s:s, s:s, s:i}], s:i}", "contactId", "A",
			     "seq", 6, "service", "Sales", "answers", "id", "rating", "text",
			     "Nice?", "kind", "rating", "value", 4, "atMs", 1009));
	contact = wait_contact(w, "A", 3, 2);
	item = json_array_get(json_object_get(contact, "transcript"), 1);
	assert_string_equal(pl_json_get_text(item, "text"), "Tents");
	assert_string_equal(pl_json_get_text(item, "url"), "https://shop.example/tents");
	assert_string_equal(pl_json_get_text(item, "from"), "agent");
	assert_true(json_is_false(json_object_get(contact, "abandoned")));
	item = json_array_get(pl_json_get(contact, "survey.answers"), 0);
	assert_string_equal(pl_json_get_text(item, "text"), "Nice?");
	assert_int_equal(json_integer_value(json_object_get(item, "value")), 4);
	json_decref(contact);

	test_event(w, CCS, "contact", "surveyed", "B", json_pack("{s:i}", "answers", 1));
	test_event(w, CCS, "contact", "opened", "D",
		   json_pack("{s:s, s:s, s:{}}", "channel", "chat", "direction", "outbound",
			     "customer"));
	contact = wait_contact(w, "D", 1, 0);
	assert_string_equal(pl_json_get_text(contact, "direction"), "outbound");
	json_decref(contact);
	test_event(
		w, CCS, "contact", "closed", "B",
		json_pack("{s:s, s:b, s:b}", "reason", "timeout", "abandoned", 1, "offHours", 1));
	opened(w, "B", "eve@example.org");
	contact = wait_contact(w, "B", 3, 0);
	assert_true(json_is_true(json_object_get(contact, "abandoned")));
	assert_true(json_is_true(json_object_get(contact, "offHours")));
	assert_null(json_object_get(contact, "survey"));
	json_decref(contact);
	test_world_free(w);
}

/* A consultation is part of the contact that it is about, and no contact of its own. */
static void a_consultation_is_a_step(void **state)
{
	struct test_world *w = test_world_new();
	json_t *contact, *step;

	test_service_start(w, SERVICE, NULL);
	opened(w, "A", "eve@example.org");
	test_event(w, UCM, "offer", "made", "LEG",
		   json_pack("{s:s, s:s, s:s, s:s}", "offerId", "L1", "contactId", "LEG", "agentId",
			     "agent2", "parentId", "A"));
	test_event(w, UCM, "leg", "state", "A",
		   json_pack("{s:s, s:s, s:{s:s}, s:s, s:s}", "legId", "LEG", "state", "joined",
			     "participant", "id", "agent2", "agentId", "agent1", "contactId", "A"));
	contact = wait_contact(w, "A", 2, 0);
	step = json_array_get(json_object_get(contact, "steps"), 1);
	assert_string_equal(pl_json_get_text(step, "event"), "leg.state");
	assert_string_equal(pl_json_get_text(step, "agentId"), "agent2");
	assert_string_equal(pl_json_get_text(step, "reason"), "joined");
	json_decref(contact);
	test_refused(w, SERVICE ".contact", json_pack("{s:s}", "contactId", "LEG"), "notFound");
	test_world_free(w);
}

static void nothing_is_lost_or_doubled_by_a_crash(void **state)
{
	struct test_world *w = test_world_new();
	json_t *contact;

	test_service_start(w, SERVICE, NULL);
	opened(w, "A", "eve@example.org");
	for (int seq = 2; seq < 60; seq++) {
		said(w, "A", seq, "customer", "x");
		if (seq % 20 == 0) {
			test_service_kill(w, SERVICE);
			test_service_start(w, SERVICE, NULL);
		}
		if (seq == 30) {
			test_bus_stop(w);
			test_bus_start(w);
		}
	}
	closed(w, "A");
	json_decref(wait_contact(w, "A", 2, 58));
	/* a gap is filled from its producer: number 2 is only asked for */
	test_event_n(w, CCS, "contact", "opened", "G", 1, json_pack("{s:s}", "contactId", "G"));
	test_event_n(w, CCS, "message", "said", "G", 1,
		     json_pack("{s:s, s:i, s:s}", "contactId", "G", "seq", 2, "text", "first"));
	test_event_n(w, CCS, "message", "said", "G", 3,
		     json_pack("{s:s, s:i, s:s}", "contactId", "G", "seq", 4, "text", "last"));
	test_event_n(w, CCS, "contact", "closed", "G", 2,
		     json_pack("{s:s, s:s}", "contactId", "G", "reason", "agent"));
	test_event_n(w, CCS, "message", "said", "G", 2,
		     json_pack("{s:s, s:i, s:s}", "contactId", "G", "seq", 3, "text", "between"));
	test_event_n(w, CCS, "message", "said", "G", 2,
		     json_pack("{s:s, s:i, s:s}", "contactId", "G", "seq", 9, "text", "a repeat"));
	contact = wait_contact(w, "G", 2, 3);
	assert_string_equal(pl_json_get_text(contact, "closeReason"), "agent");
	json_decref(contact);
	test_world_free(w);
}

static void hostile_events_stop_nobody(void **state)
{
	struct test_world *w = test_world_new();
	json_t *contact, *deep = json_object();
	char *huge = malloc(300001);

	memset(huge, 'x', 300000);
	huge[300000] = '\0';
	test_service_start(w, SERVICE, NULL);
	test_event(w, CCS, "contact", "opened", "H", json_object());
	test_event(w, CCS, "contact", "opened", "H",
		   json_pack("{s:i, s:[], s:i}", "channel", 7, "customer", "attributes", 5));
	test_event(w, CCS, "message", "said", "H", json_pack("{s:s, s:i}", "seq", "x", "text", 7));
	test_event(w, CCS, "message", "said", "H", json_pack("{s:i, s:s}", "seq", 2, "text", huge));
	test_event(w, CCS, "contact", "renamed", "H", json_object());
	test_event(w, UCM, "offer", "made", "H", json_object());
	test_event(w, UCM, "offer", "ended", "H", json_pack("{s:o}", "offerId", deep));
	test_event(w, "UnifiedAgentController", "agent", "state", "agent1", json_object());
	test_event(w, CCS, "contact", "closed", "H", json_object());
	contact = wait_contact(w, "H", 6, 2);
	assert_string_equal(pl_json_get_text(contact, "state"), "closed");
	json_decref(contact);
	free(huge);
	test_world_free(w);
}

static int count(struct test_world *w, json_t *filter)
{
	json_t *reply = test_request(w, SERVICE ".contacts", filter);
	int n;

	assert_string_equal(test_error(reply), "");
	n = (int)json_array_size(json_object_get(reply, "items"));
	json_decref(reply);
	return n;
}

static void contacts_are_listed(void **state)
{
	struct test_world *w = test_world_new();
	char id[16], cursor[300] = "";
	int n = 0, pages = 0;
	json_t *reply;

	test_service_start(w, SERVICE, NULL);
	for (int i = 0; i < 5; i++) {
		snprintf(id, sizeof(id), "C%d", i);
		opened(w, id, NULL);
	}
	offer(w, "C1", "made", "O1", "agent1", NULL);
	offer(w, "C2", "made", "O2", "agent2", NULL);
	offer(w, "C2", "accepted", "O2", "agent2", NULL);
	closed(w, "C3");
	json_decref(wait_contact(w, "C2", 3, 0));
	json_decref(wait_contact(w, "C3", 2, 0));
	assert_int_equal(count(w, json_object()), 5);
	assert_int_equal(count(w, json_pack("{s:s}", "state", "waiting")), 2);
	assert_int_equal(count(w, json_pack("{s:s}", "state", "offered")), 1);
	assert_int_equal(count(w, json_pack("{s:s}", "state", "active")), 1);
	assert_int_equal(count(w, json_pack("{s:s}", "state", "closed")), 1);
	assert_int_equal(count(w, json_pack("{s:s}", "agent", "agent2")), 1);
	assert_int_equal(count(w, json_pack("{s:I}", "sinceMs", (json_int_t)test_now_ms() + 60000)),
			 0);
	do {
		reply = test_request(
			w, SERVICE ".http-contacts",
			test_http("GET", NULL,
				  *cursor ? json_pack("{s:s, s:s}", "limit", "2", "cursor", cursor)
					  : json_pack("{s:s}", "limit", "2"),
				  NULL, "boss", "supervisor"));
		assert_int_equal(json_integer_value(json_object_get(reply, "status")), 200);
		n += (int)json_array_size(pl_json_get(reply, "body.items"));
		snprintf(cursor, sizeof(cursor), "%s", pl_json_get_text(reply, "body.cursor"));
		json_decref(reply);
		pages++;
	} while (*cursor);
	assert_int_equal(n, 5);
	assert_int_equal(pages, 3);
	reply = test_request(w, SERVICE ".http-history",
			     test_http("GET", NULL, json_pack("{s:s}", "customer", "C4"), NULL,
				       "boss", "agent"));
	assert_int_equal(json_array_size(pl_json_get(reply, "body.items")), 1);
	json_decref(reply);
	reply = test_request(
		w, SERVICE ".http-contact",
		test_http("GET", json_pack("{s:s}", "id", "C3"), NULL, NULL, "boss", "agent"));
	assert_string_equal(pl_json_get_text(reply, "body.state"), "closed");
	json_decref(reply);
	test_world_free(w);
}

static void bad_requests_are_refused(void **state)
{
	struct test_world *w = test_world_new();
	json_t *reply;

	test_service_start(w, SERVICE, NULL);
	test_refused(w, SERVICE ".contact", json_object(), "badRequest");
	test_refused(w, SERVICE ".contact", json_pack("{s:s}", "contactId", "none"), "notFound");
	test_refused(w, SERVICE ".contact", json_pack("{s:{}}", "contactId"), "badRequest");
	test_refused(w, SERVICE ".contacts", json_pack("{s:s}", "state", "odd"), "badRequest");
	test_refused(w, SERVICE ".contacts", json_pack("{s:s}", "cursor", "odd"), "badRequest");
	test_refused(w, SERVICE ".contacts", json_pack("{s:s}", "cursor", "records:MXg6QzE"),
		     "badRequest");
	test_refused(w, SERVICE ".contacts", json_pack("{s:i}", "limit", 1000), "badRequest");
	test_refused(w, SERVICE ".history", json_pack("{s:s}", "customer", "' or 1=1"), "notFound");
	test_refused(w, SERVICE ".http-contacts",
		     test_http("GET", NULL, json_pack("{s:s}", "since", "yesterday"), NULL, "b",
			       "agent"),
		     "badRequest");
	reply = test_request_bytes(w, SERVICE ".contacts", "\xff\xfe", 2);
	assert_string_equal(test_error(reply), "badRequest");
	json_decref(reply);
	test_world_free(w);
}

static json_t *without_steps(struct test_world *w, const char *contact)
{
	json_t *reply =
		test_request(w, SERVICE ".contact", json_pack("{s:s}", "contactId", contact));

	json_object_del(reply, "steps");
	return reply;
}

struct pending {
	const char *contact;
	size_t steps;
};

static bool has_steps(struct test_world *w, void *arg)
{
	const struct pending *p = arg;
	json_t *reply =
		test_request(w, SERVICE ".contact", json_pack("{s:s}", "contactId", p->contact));
	bool has = json_array_size(json_object_get(reply, "steps")) >= p->steps;

	json_decref(reply);
	return has;
}

/* PLT-60: told again, messages and offers are one. Steps are kept by number, so a snapshot, which
 * tells under the first numbers, doubles none either. */
static void what_is_heard_again_is_kept_once(void **state)
{
	struct test_world *w = test_world_new();
	struct pending twice = { "C1", 14 };
	json_t *once, *again, *offers;
	size_t i;

	test_service_start(w, SERVICE, NULL);
	from_ccs(w, "C1");
	from_ucm(w, "C1");
	json_decref(wait_contact(w, "C1", 7, 2));
	once = without_steps(w, "C1");
	from_ccs(w, "C1");
	from_ucm(w, "C1");
	test_until(w, has_steps, &twice, "all again");
	again = without_steps(w, "C1");
	assert_string_equal(pl_json_get_text(again, "state"), "closed");
	assert_int_equal(json_array_size(json_object_get(again, "transcript")), 2);
	assert_true(json_equal(json_object_get(again, "transcript"),
			       json_object_get(once, "transcript")));
	offers = json_object_get(again, "offers");
	assert_int_equal(json_array_size(offers), 2);
	for (i = 0; i < 2; i++)
		assert_string_equal(
			pl_json_get_text(json_array_get(offers, i), "reason"),
			pl_json_get_text(json_array_get(json_object_get(once, "offers"), i),
					 "reason"));
	json_decref(once);
	json_decref(again);
	test_world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(producers_may_come_in_any_order),
		cmocka_unit_test(files_are_part_of_the_transcript),
		cmocka_unit_test(the_end_is_told),
		cmocka_unit_test(nothing_is_lost_or_doubled_by_a_crash),
		cmocka_unit_test(private_talk_is_marked),
		cmocka_unit_test(what_is_heard_again_is_kept_once),
		cmocka_unit_test(a_consultation_is_a_step),
		cmocka_unit_test(hostile_events_stop_nobody),
		cmocka_unit_test(contacts_are_listed),
		cmocka_unit_test(bad_requests_are_refused),
	};

	return cmocka_run_group_tests_name("ocpdata", tests, NULL, NULL);
}
