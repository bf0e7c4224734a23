/*
 * chat_test.c — CustomerControllerService on a real bus: what customers and other services may do,
 * and what they may not (CHN-1).
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
#include "test_play.h"
#include "test_world.h"

/* ---- stories ---- */

static void a_chat_from_open_to_close(void **state)
{
	struct test_world *w = world();
	struct customer c;
	json_t *event, *push, *reply;

	open_chat(w, &c, "open-1");
	event = test_wait_event(w, "contact.opened", c.contact_id);
	assert_string_equal(pl_json_get_text(event, "body.channel"), "chat");
	assert_string_equal(pl_json_get_text(event, "body.direction"), "inbound");
	assert_string_equal(pl_json_get_text(event, "body.customer.name"), "Ann");
	assert_string_equal(pl_json_get_text(event, "body.customer.email"), "ann@example.org");
	assert_string_equal(pl_json_get_text(event, "body.topic"), "sales");
	assert_string_equal(pl_json_get_text(event, "body.attributes.Language"), "English");
	assert_string_equal(pl_json_get_text(event, "body.context.basket"), "tent");
	json_decref(event);

	accepted(w, CCS ".message", say_body(&c, "m1", "one\nline\x01\r\x7f \xc2\x85two"));
	push = test_wait_push(w, c.stream, "message");
	assert_int_equal(json_integer_value(json_object_get(push, "seq")), 2);
	assert_string_equal(pl_json_get_text(push, "frame.text"), "one\nline two");
	assert_string_equal(pl_json_get_text(push, "frame.from"), "customer");
	assert_string_equal(pl_json_get_text(push, "frame.clientId"), "m1");
	assert_string_equal(pl_json_get_text(push, "frame.contactId"), c.contact_id);
	json_decref(push);
	event = test_wait_event(w, "message.said", c.contact_id);
	assert_string_equal(pl_json_get_text(event, "body.from"), "customer");
	json_decref(event);

	reply = test_request(w, CCS ".join", join_body(&c, "agent1", "O1"));
	assert_int_equal(json_integer_value(json_object_get(reply, "head")), 3);
	assert_true(json_is_false(json_object_get(reply, "closed")));
	assert_int_equal(json_array_size(json_object_get(reply, "transcript")), 3);
	assert_null(pl_json_get(json_array_get(json_object_get(reply, "transcript"), 0),
				"resumeToken"));
	json_decref(reply);
	accepted(w, CCS ".post", post_body(&c, "agent", "agent1", "m1", "yours, but another's m1"));
	accepted(w, CCS ".typing",
		 json_pack("{s:s, s:s, s:b}", "contactId", c.contact_id, "agentId", "agent1", "on",
			   1));
	push = test_wait_push(w, c.stream, "typing");
	assert_null(json_object_get(push, "seq"));
	assert_string_equal(pl_json_get_text(push, "frame.from"), "agent");
	json_decref(push);

	accepted(w, CCS ".customer-close", body(json_pack("{s:s}", "type", "close"), c.session));
	accepted(w, CCS ".customer-close", body(json_pack("{s:s}", "type", "close"), c.session));
	event = test_wait_event(w, "contact.closed", c.contact_id);
	assert_string_equal(pl_json_get_text(event, "body.reason"), "customer");
	json_decref(event);
	test_no_event(w, "contact.closed", NULL, 50);
	reply = transcript(w, &c);
	assert_int_equal(frames_of_type(reply, "message"), 2);
	assert_int_equal(frames_of_type(reply, "closed"), 1);
	json_decref(reply);
	json_decref(c.session);
	test_world_free(w);
}

static void repeats_change_nothing(void **state)
{
	struct test_world *w = world();
	struct customer c, again;
	json_t *reply;

	open_chat(w, &c, "open-1");
	open_chat(w, &again, "open-1");
	json_decref(again.session);
	assert_string_equal(again.contact_id, c.contact_id);
	assert_string_equal(again.token, c.token);
	json_decref(test_wait_event(w, "contact.opened", NULL));
	test_no_event(w, "contact.opened", NULL, 50);

	for (int i = 0; i < 3; i++) {
		reply = test_request(w, CCS ".message",
				     say_body(&c, "m1", i ? "changed" : "hello"));
		assert_int_equal(json_array_size(json_object_get(reply, "again")), i ? 1 : 0);
		if (i)
			assert_string_equal(
				pl_json_get_text(json_array_get(json_object_get(reply, "again"), 0),
						 "frame.text"),
				"hello");
		json_decref(reply);
	}
	for (int i = 0; i < 2; i++)
		accepted(w, CCS ".join", join_body(&c, "agent1", "O1"));
	for (int i = 0; i < 2; i++) {
		reply = test_request(w, CCS ".post", post_body(&c, "agent", "agent1", "a1", "hi"));
		assert_int_equal(json_integer_value(json_object_get(reply, "seq")), 4);
		assert_int_equal(json_is_true(json_object_get(reply, "repeated")), i);
		json_decref(reply);
	}
	for (int i = 0; i < 2; i++)
		accepted(w, CCS ".leave",
			 json_pack("{s:s, s:s}", "contactId", c.contact_id, "agentId", "agent1"));
	assert_int_equal(head_of(w, &c), 5);
	/* the clientId is known after the end, and after a restart */
	accepted(w, CCS ".customer-close", body(json_pack("{s:s}", "type", "close"), c.session));
	test_service_kill(w, CCS);
	test_service_start(w, CCS, NULL);
	accepted(w, CCS ".message", say_body(&c, "m1", "hello"));
	test_refused(w, CCS ".message", say_body(&c, "m2", "hello"), "conflict");
	open_chat(w, &again, "open-1");
	json_decref(again.session);
	assert_string_equal(again.token, c.token);
	assert_int_equal(head_of(w, &c), 6);
	json_decref(c.session);
	test_world_free(w);
}

static void resume_wants_the_token(void **state)
{
	struct test_world *w = world();
	struct customer c, other;
	json_t *reply;
	char bent[64];

	open_chat(w, &c, NULL);
	open_chat(w, &other, NULL);
	assert_string_not_equal(c.contact_id, other.contact_id);
	snprintf(bent, sizeof(bent), "%s", c.token);
	bent[0] = bent[0] == 'A' ? 'B' : 'A';
	test_refused(w, CCS ".resume", resume_body(c.contact_id, other.token, 0), "unauthorized");
	test_refused(w, CCS ".resume", resume_body(c.contact_id, bent, 0), "unauthorized");
	test_refused(w, CCS ".resume", resume_body(c.contact_id, "", 0), "unauthorized");
	test_refused(w, CCS ".resume", resume_body("01ARZ3NDEKTSV4RRFFQ69G5FAV", c.token, 0),
		     "unauthorized");
	test_refused(w, CCS ".resume", resume_body("' or 1=1 --", c.token, 0), "unauthorized");
	test_refused(w, CCS ".resume", resume_body(c.contact_id, c.token, 2), "badRequest");
	test_refused(w, CCS ".resume", resume_body(c.contact_id, c.token, -1), "badRequest");
	reply = test_request(w, CCS ".resume", resume_body(c.contact_id, c.token, 0));
	assert_string_equal(pl_json_get_text(reply, "session.contactId"), c.contact_id);
	assert_int_equal(json_integer_value(pl_json_get(
				 json_array_get(json_object_get(reply, "send"), 0), "head")),
			 1);
	assert_string_equal(
		pl_json_get_text(json_array_get(json_object_get(reply, "watch"), 0), "stream"),
		c.stream);
	json_decref(reply);
	accepted(w, CCS ".gone",
		 json_pack("{s:n, s:O, s:s}", "frame", "session", c.session, "connection", "C1"));
	json_decref(c.session);
	json_decref(other.session);
	test_world_free(w);
}

/* Texts of n characters that take two bytes each. */
static char *long_text(size_t n)
{
	char *text = calloc(1, 2 * n + 1);

	for (size_t i = 0; i < n; i++)
		memcpy(text + 2 * i, "\xc3\xa9", 2);
	return text;
}

static void refuse_open(struct test_world *w, const char *name, json_t *value, const char *code)
{
	json_t *frame = open_frame(NULL);

	json_object_set_new(frame, name, value);
	test_refused(w, CCS ".open", body(frame, NULL), code);
}

static json_t *many(size_t n)
{
	json_t *object = json_object();
	char name[24];

	for (size_t i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "a%zu", i);
		json_object_set_new(object, name, json_string("x"));
	}
	return object;
}

static json_t *nested(int levels)
{
	json_t *value = json_object();

	for (; levels > 1; levels -= 2) /* an object and an array */
		value = json_pack("{s:[o]}", "a", value);
	return value;
}

static void bad_opens_are_refused(void **state)
{
	struct test_world *w = world();
	char *name = long_text(201), *big = long_text(9000), *deep = calloc(1, 40000);
	struct customer c;
	json_t *frame = open_frame(NULL);

	refuse_open(w, "name", json_null(), "badRequest");
	refuse_open(w, "name", json_string(""), "badRequest");
	refuse_open(w, "name", json_string(" \t "), "badRequest");
	refuse_open(w, "name", json_integer(1), "badRequest");
	refuse_open(w, "name", json_string(name), "badRequest");
	refuse_open(w, "email", json_string("nobody"), "badRequest");
	refuse_open(w, "email", json_string("a@b\nBcc: c@d"), "badRequest");
	refuse_open(w, "topic", json_array(), "badRequest");
	refuse_open(w, "clientId", json_string(""), "badRequest");
	refuse_open(w, "clientId", json_string(big), "badRequest");
	refuse_open(w, "attributes", json_string("x"), "badRequest");
	refuse_open(w, "attributes", json_pack("{s:i}", "a", 1), "badRequest");
	refuse_open(w, "attributes", many(33), "badRequest");
	refuse_open(w, "context", json_array(), "badRequest");
	refuse_open(w, "context", json_pack("{s:s}", "a", big), "tooLarge");
	refuse_open(w, "context", nested(17), "badRequest");
	refuse_open(w, "context", nested(55), "badRequest");
	test_refused(w, CCS ".open", json_object(), "badRequest");
	test_refused(w, CCS ".open", json_pack("{s:n}", "frame"), "badRequest");
	test_refused(w, CCS ".open", json_pack("{s:[]}", "frame"), "badRequest");
	memset(deep, '[', 39999);
	json_decref(test_request_bytes(w, CCS ".open", deep, 39999));
	json_decref(test_request_bytes(w, CCS ".open", "\xff\xfe", 2));
	json_decref(test_request_bytes(w, CCS ".open", "", 0));
	test_no_event(w, "contact.opened", NULL, 100);

	json_object_set_new(frame, "attributes", many(32));
	json_object_set_new(frame, "context", nested(15));
	name[400] = '\0';
	json_object_set_new(frame, "name", json_string(name));
	take_opened(&c, test_request(w, CCS ".open", body(frame, NULL)));
	/* a second chat on the same connection only after the first has ended */
	test_refused(w, CCS ".open", body(open_frame(NULL), c.session), "conflict");
	accepted(w, CCS ".customer-close", body(json_pack("{s:s}", "type", "close"), c.session));
	accepted(w, CCS ".open", body(open_frame(NULL), c.session));
	json_decref(c.session);
	free(name);
	free(big);
	free(deep);
	test_world_free(w);
}

static void bad_messages_are_refused(void **state)
{
	struct test_world *w = world();
	char *most = long_text(8000), *over = long_text(8001);
	struct customer c, nobody = { .session = NULL };
	json_t *forged = json_pack("{s:s}", "contactId", "01ARZ3NDEKTSV4RRFFQ69G5FAV");

	open_chat(w, &c, NULL);
	test_refused(w, CCS ".message", say_body(&nobody, "m1", "x"), "unauthorized");
	test_refused(w, CCS ".customer-typing", body(json_pack("{s:b}", "on", 1), NULL),
		     "unauthorized");
	test_refused(w, CCS ".customer-close", body(json_object(), NULL), "unauthorized");
	test_refused(w, CCS ".message", say_body(&c, "m1", ""), "badRequest");
	test_refused(w, CCS ".message", say_body(&c, "m1", " \n\x01"), "badRequest");
	test_refused(w, CCS ".message", say_body(&c, "", "x"), "badRequest");
	test_refused(w, CCS ".message", say_body(&c, "m1", over), "tooLarge");
	test_refused(w, CCS ".message", body(json_pack("{s:s}", "text", "x"), c.session),
		     "badRequest");
	test_refused(w, CCS ".message",
		     body(json_pack("{s:s, s:i}", "clientId", "m", "text", 1), c.session),
		     "badRequest");
	test_refused(w, CCS ".message",
		     body(json_pack("{s:s, s:s}", "clientId", "m", "text", "x"), forged),
		     "conflict");
	test_refused(w, CCS ".customer-typing", body(json_object(), c.session), "badRequest");
	test_refused(w, CCS ".post", post_body(&c, "agent", "agent1", "a", "x"), "unauthorized");
	test_refused(w, CCS ".post", post_body(&c, "agent", NULL, "a", "x"), "badRequest");
	test_refused(w, CCS ".post", post_body(&c, "customer", NULL, "a", "x"), "badRequest");
	test_refused(w, CCS ".post", post_body(&nobody, "bot", NULL, "a", "x"), "notFound");
	test_refused(w, CCS ".close",
		     json_pack("{s:s, s:s, s:s}", "contactId", c.contact_id, "reason", "agent",
			       "by", "agent1"),
		     "unauthorized");
	test_refused(w, CCS ".close",
		     json_pack("{s:s, s:s}", "contactId", c.contact_id, "reason", "bored"),
		     "badRequest");
	assert_int_equal(head_of(w, &c), 1);
	accepted(w, CCS ".message", say_body(&c, "m1", most));
	assert_int_equal(head_of(w, &c), 2);
	json_decref(forged);
	json_decref(c.session);
	free(most);
	free(over);
	test_world_free(w);
}

/* A customer who writes as much as is allowed can't make an answer that no bus would carry. */
static void a_huge_chat_can_be_joined_and_read(void **state)
{
	struct test_world *w = world();
	char *most = long_text(8000), id[16];
	int64_t first, after = 0;
	struct customer c;
	json_t *reply;

	open_chat(w, &c, NULL);
	for (int i = 0; i < 120; i++) {
		snprintf(id, sizeof(id), "m%d", i);
		accepted(w, CCS ".message", say_body(&c, id, most));
	}
	reply = test_request(w, CCS ".join", join_body(&c, "agent1", "O1"));
	first = json_integer_value(json_object_get(reply, "first"));
	assert_int_equal(json_integer_value(json_object_get(reply, "head")), 122);
	assert_true(first > 100 && first < 122);
	assert_int_equal(json_array_size(json_object_get(reply, "transcript")), 122 - first + 1);
	json_decref(reply);
	reply = test_request(
		w, CCS ".transcript",
		json_pack("{s:s, s:I}", "contactId", c.contact_id, "before", (json_int_t)first));
	assert_int_equal(
		json_integer_value(json_object_get(
			json_array_get(json_object_get(reply, "transcript"),
				       json_array_size(json_object_get(reply, "transcript")) - 1),
			"seq")),
		first - 1);
	json_decref(reply);
	while (after < 122) { /* as an edge that has missed it all */
		json_t *items;

		reply = test_request(w, CCS ".fetch",
				     json_pack("{s:s, s:I, s:i}", "stream", c.stream, "after",
					       (json_int_t)after, "limit", 200));
		items = json_object_get(reply, "items");
		assert_true(json_array_size(items) > 0);
		for (size_t i = 0; i < json_array_size(items); i++)
			assert_int_equal(json_integer_value(
						 json_object_get(json_array_get(items, i), "seq")),
					 ++after);
		json_decref(reply);
	}
	json_decref(c.session);
	free(most);
	test_world_free(w);
}

static void who_is_there(void **state)
{
	struct test_world *w = world();
	struct customer c;
	json_t *reply;

	open_chat(w, &c, NULL);
	accepted(w, CCS ".join", join_body(&c, "agent1", "O1"));
	accepted(w, CCS ".join", join_body(&c, "agent2", "O2"));
	reply = test_request(w, CCS ".chats", json_object());
	assert_int_equal(json_integer_value(json_object_get(reply, "served")), 1);
	json_decref(reply);
	accepted(w, CCS ".leave",
		 json_pack("{s:s, s:s, s:s}", "contactId", c.contact_id, "agentId", "agent1",
			   "offerId", "O1"));
	test_refused(w, CCS ".post", post_body(&c, "agent", "agent1", "a", "x"), "unauthorized");
	accepted(w, CCS ".post", post_body(&c, "agent", "agent2", "a", "x"));
	accepted(w, CCS ".leave",
		 json_pack("{s:s, s:s}", "contactId", c.contact_id, "agentId", "agent2"));
	reply = test_request(w, CCS ".chats", json_object());
	assert_int_equal(json_integer_value(json_object_get(reply, "open")), 1);
	json_decref(reply);
	/* the agent who left may have the contact again, by another offer */
	accepted(w, CCS ".join", join_body(&c, "agent1", "O3"));
	accepted(w, CCS ".close",
		 json_pack("{s:s, s:s, s:s}", "contactId", c.contact_id, "reason", "agent", "by",
			   "agent1"));
	reply = test_request(w, CCS ".join", join_body(&c, "agent3", "O4"));
	assert_true(json_is_true(json_object_get(reply, "closed")));
	assert_string_equal(pl_json_get_text(reply, "reason"), "agent");
	assert_int_equal(frames_of_type(reply, "joined"), 3);
	assert_int_equal(frames_of_type(reply, "left"), 2);
	json_decref(reply);
	json_decref(c.session);
	test_world_free(w);
}

static void an_idle_chat_times_out_and_is_dropped(void **state)
{
	struct test_world *w = test_world_new();
	struct customer idle, busy;
	json_t *event;

	test_service_start(w, CCS, "--set", "idle_s=4", "--set", "kept_s=1", NULL);
	open_chat(w, &idle, NULL);
	open_chat(w, &busy, NULL);
	for (int i = 0; i < 4; i++) {
		char id[8];

		snprintf(id, sizeof(id), "m%d", i);
		test_run(w, 900);
		accepted(w, CCS ".message", say_body(&busy, id, "still here"));
	}
	event = test_wait_event(w, "contact.closed", NULL);
	assert_string_equal(pl_json_get_text(event, "body.contactId"), idle.contact_id);
	assert_string_equal(pl_json_get_text(event, "body.reason"), "timeout");
	json_decref(event);
	accepted(w, CCS ".message", say_body(&busy, "last", "still here"));
	for (int i = 0; i < 30; i++) {
		json_t *reply = transcript(w, &idle);
		bool dropped = strcmp(test_error(reply), "notFound") == 0;

		json_decref(reply);
		if (dropped)
			break;
		assert_true(i < 29);
		test_run(w, 500);
	}
	test_refused(w, CCS ".resume", resume_body(idle.contact_id, idle.token, 0), "unauthorized");
	json_decref(idle.session);
	json_decref(busy.session);
	test_world_free(w);
}

/* ---- Shutdown Mode, Close all ---- */

static void shutdown_mode_lets_chats_go_on(void **state)
{
	struct test_world *w = world();
	struct customer c;
	json_t *reply;

	open_chat(w, &c, "open-1");
	switch_shutdown(w, true);
	switch_shutdown(w, true);
	test_refused(w, CCS ".open", body(open_frame("open-2"), NULL), "notAccepting");
	test_service_kill(w, CCS);
	test_service_start(w, CCS, NULL);
	test_refused(w, CCS ".open", body(open_frame("open-2"), NULL), "notAccepting");
	accepted(w, CCS ".open", body(open_frame("open-1"), NULL));
	accepted(w, CCS ".message", say_body(&c, "m1", "x"));
	reply = shutdown_report(w);
	assert_true(json_is_true(json_object_get(reply, "on")));
	assert_string_equal(pl_json_get_text(reply, "by"), "boss");
	assert_int_equal(json_integer_value(json_object_get(reply, "running")), 1);
	assert_true(json_is_null(json_object_get(reply, "closeAll")));
	json_decref(reply);
	test_refused(w, CCS ".http-set-shutdown", put_body(json_null()), "badRequest");
	test_refused(w, CCS ".http-set-shutdown", put_body(json_string("on")), "badRequest");
	test_refused(w, CCS ".http-set-shutdown",
		     test_http("PUT", NULL, NULL, json_array(), "boss", "supervisor"),
		     "badRequest");
	test_refused(w, CCS ".http-close-all",
		     test_http("POST", NULL, NULL, NULL, NULL, "administrator"), "badRequest");
	switch_shutdown(w, false);
	accepted(w, CCS ".open", body(open_frame("open-2"), NULL));
	json_decref(c.session);
	test_world_free(w);
}

static bool is_set(struct test_world *w, void *arg)
{
	json_t *reply = shutdown_report(w);
	bool is = json_integer_value(json_object_get(reply, "sinceMs")) > 0;

	json_decref(reply);
	return is;
}

/* A Shutdown Mode that an earlier version kept in a row: it holds, and becomes the attribute.
 * PLT-15 */
static void a_former_shutdown_mode_holds(void **state)
{
	struct test_world *w = world();
	struct pl_store *store = NULL;
	char url[300];
	json_t *reply, *asked;

	test_service_stop(w, CCS);
	test_service_store(w, CCS, url, sizeof(url));
	assert_int_equal(pl_store_open(&store, url), PL_OK);
	assert_int_equal(pl_store_exec(store,
				       "insert into shutdown (id, is_on, since_ms, by_user) values "
				       "(1, 1, 7, 'boss')",
				       ""),
			 PL_OK);
	pl_store_close(store);
	test_service_start(w, CCS, NULL);
	test_refused(w, CCS ".open", body(open_frame("open-1"), NULL), "notAccepting");
	asked = test_wait_command(w, "Manager.own");
	assert_string_equal(pl_json_get_text(asked, "attribute"), "shutdown_mode");
	assert_string_equal(pl_json_get_text(asked, "user.sub"), "boss");
	assert_true(json_is_true(json_object_get(asked, "value")));
	json_decref(asked);
	test_until(w, is_set, NULL, "it is the attribute");
	test_refused(w, CCS ".open", body(open_frame("open-1"), NULL), "notAccepting");
	switch_shutdown(w, false);
	accepted(w, CCS ".open", body(open_frame("open-1"), NULL));
	reply = shutdown_report(w);
	assert_false(json_is_true(json_object_get(reply, "on")));
	json_decref(reply);
	test_world_free(w);
}

static bool all_closed(struct test_world *w, void *arg)
{
	json_t *reply = shutdown_report(w);
	bool is_done = strcmp(pl_json_get_text(reply, "closeAll.state"), "done") == 0;

	json_decref(reply);
	return is_done;
}

/* Batch by batch, killed between them: each is closed once; what is opened meanwhile stays. */
static void close_all_goes_on_after_a_kill(void **state)
{
	enum { CHATS = 350 };
	struct test_world *w = world();
	struct customer c[CHATS], late;
	json_t *reply, *event;

	for (int i = 0; i < CHATS; i++)
		open_chat(w, &c[i], NULL);
	accepted(w, CCS ".join", join_body(&c[7], "agent1", "O1"));
	accepted(w, CCS ".customer-close", body(json_object(), c[8].session));
	json_decref(test_wait_event(w, "contact.closed", c[8].contact_id));
	close_all(w);
	close_all(w); /* goes on already: the same one */
	test_service_kill(w, CCS);
	test_service_start(w, CCS, NULL);
	open_chat(w, &late, NULL);
	for (int i = 0; i < CHATS; i++) {
		if (i != 8) {
			event = test_wait_event(w, "contact.closed", c[i].contact_id);
			assert_string_equal(pl_json_get_text(event, "body.reason"), "shutdown");
			json_decref(event);
		}
		json_decref(c[i].session);
	}
	test_until(w, all_closed, NULL, "all are closed");
	test_no_event(w, "contact.closed", NULL, 50);
	reply = shutdown_report(w);
	assert_int_equal(json_integer_value(pl_json_get(reply, "closeAll.total")), CHATS - 1);
	assert_int_equal(json_integer_value(pl_json_get(reply, "closeAll.closed")), CHATS - 1);
	assert_int_equal(json_integer_value(pl_json_get(reply, "closeAll.left")), 0);
	assert_int_equal(json_integer_value(json_object_get(reply, "running")), 1);
	json_decref(reply);
	accepted(w, CCS ".message", say_body(&late, "m1", "x"));
	close_all(w);
	test_until(w, all_closed, NULL, "the second one is done");
	test_refused(w, CCS ".message", say_body(&late, "m2", "x"), "conflict");
	json_decref(late.session);
	test_world_free(w);
}

/* PLT-24: by its attribute, once each time that it is set; what is opened later stays. */
static void close_all_by_its_attribute(void **state)
{
	struct test_world *w = world();
	struct customer first, later;
	json_t *event;

	open_chat(w, &first, NULL);
	set_attribute(w, "close_all", json_true(), "admin");
	event = test_wait_event(w, "contact.closed", first.contact_id);
	assert_string_equal(pl_json_get_text(event, "body.reason"), "shutdown");
	json_decref(event);
	open_chat(w, &later, NULL);
	test_service_kill(w, CCS);
	test_service_start(w, CCS, NULL);
	test_no_event(w, "contact.closed", later.contact_id, 600);
	accepted(w, CCS ".message", say_body(&later, "m1", "x"));
	set_attribute(w, "close_all", json_true(), "admin");
	json_decref(test_wait_event(w, "contact.closed", later.contact_id));
	json_decref(first.session);
	json_decref(later.session);
	test_world_free(w);
}

/* kill -9 while messages are under way: each is there once, in the order it was said (PLT-60). */
static void killed_while_it_is_talked(void **state)
{
	enum { CHATS = 5, EACH = 40 };
	struct test_world *w = world();
	struct customer c[CHATS];
	char ids[CHATS][27], client_id[8];

	for (int i = 0; i < CHATS; i++)
		open_chat(w, &c[i], NULL);
	for (int m = 0; m < EACH; m++) {
		snprintf(client_id, sizeof(client_id), "m%d", m);
		for (int i = 0; i < CHATS; i++)
			test_send(w, CCS ".message", say_body(&c[i], client_id, client_id), ids[i]);
		if (m % 10 == 5) {
			test_run(w, m / 10); /* a little later each time */
			test_service_kill(w, CCS);
			test_service_start(w, CCS, NULL);
		}
		for (int i = 0; i < CHATS; i++)
			json_decref(test_request_id(w, CCS ".message",
						    say_body(&c[i], client_id, client_id), ids[i]));
	}
	for (int i = 0; i < CHATS; i++) {
		json_t *reply = transcript(w, &c[i]), *frame;
		size_t n;

		assert_int_equal(json_integer_value(json_object_get(reply, "head")), EACH + 1);
		json_array_foreach(json_object_get(reply, "transcript"), n, frame) {
			assert_int_equal(json_integer_value(json_object_get(frame, "seq")), n + 1);
			snprintf(client_id, sizeof(client_id), "m%zu", n - 1);
			if (n > 0)
				assert_string_equal(pl_json_get_text(frame, "text"), client_id);
		}
		json_decref(reply);
		for (int m = 0; m < EACH; m++) {
			json_t *event = test_wait_event(w, "message.said", c[i].contact_id);

			assert_int_equal(json_integer_value(pl_json_get(event, "body.seq")), m + 2);
			json_decref(event);
		}
		test_no_event(w, "message.said", c[i].contact_id, 0);
		json_decref(c[i].session);
	}
	test_world_free(w);
}

static json_t *talk_body(const struct customer *c, const char *agent, const char *client_id)
{
	return json_pack("{s:s, s:s, s:s, s:s}", "contactId", c->contact_id, "agentId", agent,
			 "name", "Mia", "clientId", client_id);
}

static json_t *with(json_t *object, const char *name, const char *text)
{
	json_object_set_new(object, name, json_string(text));
	return object;
}

/* Who is asked into a chat and takes it over is there twice; customers see one. */
static void an_agent_in_two_parts_is_seen_once(void **state)
{
	struct test_world *w = world();
	struct customer c;
	json_t *reply;

	open_chat(w, &c, NULL);
	accepted(w, CCS ".join", join_body(&c, "agent1", "O1"));
	accepted(w, CCS ".join", join_body(&c, "agent2", "LEG"));
	accepted(w, CCS ".join", join_body(&c, "agent2", "O2")); /* takes over */
	accepted(w, CCS ".leave", with(talk_body(&c, "agent1", "x"), "offerId", "O1"));
	accepted(w, CCS ".leave", with(talk_body(&c, "agent2", "x"), "offerId", "LEG"));
	accepted(w, CCS ".post", post_body(&c, "agent", "agent2", "a", "x"));
	reply = transcript(w, &c);
	assert_int_equal(frames_of_type(reply, "joined"), 2);
	assert_int_equal(frames_of_type(reply, "left"), 1);
	json_decref(reply);
	accepted(w, CCS ".leave", with(talk_body(&c, "agent2", "x"), "offerId", "O2"));
	reply = transcript(w, &c);
	assert_int_equal(frames_of_type(reply, "left"), 2);
	json_decref(reply);
	json_decref(c.session);
	test_world_free(w);
}

static void private_talk_has_a_stream_of_its_own(void **state)
{
	struct test_world *w = world();
	json_t *reply, *frame, *event;
	struct customer c;
	char desk[40];

	open_chat(w, &c, NULL);
	snprintf(desk, sizeof(desk), "desk.%s", c.contact_id);
	accepted(w, CCS ".join", join_body(&c, "agent1", "O1"));
	accepted(w, CCS ".private", with(talk_body(&c, "agent1", "p1"), "text", "is he angry?"));
	accepted(w, CCS ".private", with(talk_body(&c, "agent2", "p1"), "text", "a little"));
	test_service_kill(w, CCS); /* PLT-60 */
	test_service_start(w, CCS, NULL);
	reply = test_request(w, CCS ".private", with(talk_body(&c, "agent1", "p1"), "text", "no"));
	assert_string_equal(pl_json_get_text(reply, "frame.text"), "is he angry?");
	assert_string_equal(pl_json_get_text(reply, "stream"), desk);
	json_decref(reply);
	event = test_wait_event(w, "message.private", c.contact_id);
	assert_string_equal(pl_json_get_text(event, "body.agentId"), "agent1");
	json_decref(event);
	reply = transcript(w, &c);
	assert_int_equal(json_integer_value(json_object_get(reply, "head")), 2);
	assert_int_equal(json_integer_value(json_object_get(reply, "privateHead")), 2);
	assert_int_equal(frames_of_type(reply, "message"), 0);
	frame = json_array_get(json_object_get(reply, "private"), 1);
	assert_true(json_is_true(json_object_get(frame, "private")));
	assert_string_equal(pl_json_get_text(frame, "agentId"), "agent2");
	assert_int_equal(json_integer_value(json_object_get(frame, "seq")), 2);
	json_decref(reply);
	/* the customer who resumes is given the chat's stream, and no other */
	reply = test_request(w, CCS ".resume", resume_body(c.contact_id, c.token, 0));
	assert_int_equal(json_array_size(json_object_get(reply, "watch")), 1);
	assert_string_equal(
		pl_json_get_text(json_array_get(json_object_get(reply, "watch"), 0), "stream"),
		c.stream);
	json_decref(reply);
	test_refused(w, CCS ".private", talk_body(&c, "agent1", "p2"), "badRequest");
	test_refused(w, CCS ".private", with(talk_body(&c, "agent1", ""), "text", "x"),
		     "badRequest");
	accepted(w, CCS ".customer-close", body(json_pack("{s:s}", "type", "close"), c.session));
	test_refused(w, CCS ".private", with(talk_body(&c, "agent1", "p3"), "text", "x"),
		     "conflict");
	json_decref(c.session);
	test_world_free(w);
}

static void a_page_is_shown(void **state)
{
	static const char *const bad[] = { "",
					   "shop.example",
					   "javascript:alert(1)",
					   "data:text/html,x",
					   "http://",
					   "https:///path",
					   "https://:80/",
					   "https://bank.example@evil.example/",
					   "https://a\\b",
					   "https://a/ b",
					   "https://a/\tb" };
	struct test_world *w = world();
	json_t *reply, *frame;
	struct customer c;

	open_chat(w, &c, NULL);
	test_refused(w, CCS ".push", with(talk_body(&c, "agent1", "u0"), "url", "https://a/"),
		     "unauthorized");
	accepted(w, CCS ".join", join_body(&c, "agent1", "O1"));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		test_refused(w, CCS ".push", with(talk_body(&c, "agent1", "u1"), "url", bad[i]),
			     "badRequest");
	accepted(w, CCS ".push",
		 with(with(talk_body(&c, "agent1", "u1"), "url", "HTTPS://shop.example/tents?a=@"),
		      "title", "Tents"));
	reply = test_request(w, CCS ".push", with(talk_body(&c, "agent1", "u1"), "url", "x"));
	frame = json_object_get(reply, "frame");
	assert_string_equal(pl_json_get_text(frame, "type"), "push");
	assert_string_equal(pl_json_get_text(frame, "title"), "Tents");
	assert_string_equal(pl_json_get_text(frame, "from"), "agent");
	assert_null(json_object_get(frame, "agentId"));
	assert_int_equal(json_integer_value(json_object_get(frame, "seq")), 3);
	json_decref(reply);
	json_decref(test_wait_event(w, "message.pushed", c.contact_id));
	json_decref(c.session);
	test_world_free(w);
}

/* PLT-60: who has missed a chat's events is told all of them, pages of them too */
static void a_chat_is_told_again(void **state)
{
	struct test_world *w = world();
	struct customer c;
	char text[32], id[16];
	json_t *page;

	open_chat(w, &c, "w1");
	accepted(w, CCS ".message", say_body(&c, "m1", "hello"));
	accepted(w, CCS ".post", post_body(&c, "bot", NULL, "b1", "Grüße 😀"));
	accepted(w, CCS ".join", join_body(&c, "agent1", "O1"));
	accepted(w, CCS ".private",
		 json_pack("{s:s, s:s, s:s, s:s, s:s}", "contactId", c.contact_id, "agentId",
			   "agent1", "name", "Mia", "clientId", "p1", "text", "between us"));
	accepted(w, CCS ".push",
		 json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "contactId", c.contact_id, "agentId",
			   "agent1", "name", "Mia", "clientId", "u1", "url", "https://example.org/",
			   "title", "Tents"));
	accepted(w, CCS ".push",
		 json_pack("{s:s, s:s, s:s, s:s, s:s}", "contactId", c.contact_id, "agentId",
			   "agent1", "name", "Mia", "clientId", "u2", "url",
			   "https://example.org/"));
	for (int i = 0; i < 210; i++) {
		snprintf(id, sizeof(id), "c%d", i);
		snprintf(text, sizeof(text), "line %d", i);
		accepted(w, CCS ".message", say_body(&c, id, text));
	}
	assert_int_equal(test_told_again(w, CCS, "contact", c.contact_id), 1);
	assert_int_equal(test_told_again(w, CCS, "message", c.contact_id), 215);
	accepted(w, CCS ".close",
		 json_pack("{s:s, s:s}", "contactId", c.contact_id, "reason", "shutdown"));
	json_decref(test_wait_event(w, "contact.closed", c.contact_id));
	assert_int_equal(test_told_again(w, CCS, "contact", c.contact_id), 2);
	page = test_request(w, CCS ".keys", json_pack("{s:s}", "noun", "message"));
	assert_string_equal(
		pl_json_get_text(json_array_get(json_object_get(page, "keys"), 0), "key"),
		c.contact_id);
	assert_int_equal(json_integer_value(json_object_get(
				 json_array_get(json_object_get(page, "keys"), 0), "n")),
			 215);
	assert_true(json_is_null(json_object_get(page, "next")));
	json_decref(page);
	page = test_request(w, CCS ".snapshot",
			    json_pack("{s:s, s:s}", "noun", "contact", "key", "nobody"));
	assert_true(json_is_false(json_object_get(page, "held")));
	json_decref(page);
	test_refused(w, CCS ".snapshot", json_pack("{s:s}", "noun", "contact"), "badRequest");
	test_refused(w, CCS ".keys", json_pack("{s:s, s:i}", "noun", "contact", "limit", 100000),
		     "badRequest");
	json_decref(c.session);
	test_world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_chat_from_open_to_close),
		cmocka_unit_test(repeats_change_nothing),
		cmocka_unit_test(resume_wants_the_token),
		cmocka_unit_test(bad_opens_are_refused),
		cmocka_unit_test(bad_messages_are_refused),
		cmocka_unit_test(a_huge_chat_can_be_joined_and_read),
		cmocka_unit_test(who_is_there),
		cmocka_unit_test(an_idle_chat_times_out_and_is_dropped),
		cmocka_unit_test(shutdown_mode_lets_chats_go_on),
		cmocka_unit_test(a_former_shutdown_mode_holds),
		cmocka_unit_test(close_all_by_its_attribute),
		cmocka_unit_test(close_all_goes_on_after_a_kill),
		cmocka_unit_test(killed_while_it_is_talked),
		cmocka_unit_test(an_agent_in_two_parts_is_seen_once),
		cmocka_unit_test(private_talk_has_a_stream_of_its_own),
		cmocka_unit_test(a_page_is_shown),
		cmocka_unit_test(a_chat_is_told_again),
	};

	return cmocka_run_group_tests_name("chat", tests, NULL, NULL);
}
