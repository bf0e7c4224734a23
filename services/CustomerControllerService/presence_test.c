/*
 * presence_test.c — customers who go, come back, reload, open a second tab, or write nothing any
 * more (CHN-1, PLT-60).
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
#include "test_play.h"
#include "test_world.h"

static struct test_world *quick_world(void)
{
	struct test_world *w = test_world_new();

	test_serve(w, "AutomationController", NULL, NULL);
	test_service_start(w, CCS, "--set", "away_s=1", "--set", "abandon_s=2", NULL);
	return w;
}

static json_t *on_connection(json_t *request, const char *connection)
{
	json_object_set_new(request, "connection", json_string(connection));
	return request;
}

static void resume_on(struct test_world *w, const struct customer *c, const char *connection)
{
	accepted(w, CCS ".resume",
		 on_connection(resume_body(c->contact_id, c->token, 0), connection));
}

static void gone(struct test_world *w, const struct customer *c, const char *connection)
{
	accepted(w, CCS ".gone",
		 json_pack("{s:n, s:O, s:s}", "frame", "session", c->session, "connection",
			   connection));
}

static void is_told(struct test_world *w, const struct customer *c, const char *what)
{
	json_t *push = test_wait_push(w, c->stream, "presence");

	assert_string_equal(pl_json_get_text(push, "frame.customer"), what);
	assert_string_equal(pl_json_get_text(push, "frame.contactId"), c->contact_id);
	assert_null(json_object_get(push, "seq"));
	json_decref(push);
}

static void is_shown(struct test_world *w, const struct customer *c, const char *what)
{
	json_t *view = transcript(w, c);

	assert_string_equal(pl_json_get_text(view, "presence"), what);
	json_decref(view);
}

static void who_waits_no_longer_has_abandoned(void **state)
{
	struct test_world *w = quick_world();
	struct customer c, stays;
	json_t *event;

	open_chat(w, &c, NULL);
	open_chat(w, &stays, NULL);
	gone(w, &stays, "C1");
	resume_on(w, &stays, "C2");
	gone(w, &c, "C1");
	event = test_wait_event(w, "contact.closed", NULL);
	assert_string_equal(pl_json_get_text(event, "body.contactId"), c.contact_id);
	assert_string_equal(pl_json_get_text(event, "body.reason"), "timeout");
	assert_true(json_is_true(pl_json_get(event, "body.abandoned")));
	json_decref(event);
	test_no_push(w, c.stream, "presence", 0); /* nobody is there to be told */
	test_no_event(w, "contact.closed", NULL, 500);
	accepted(w, CCS ".message", say_body(&stays, "m1", "still here"));
	/* who comes back later sees how it ended */
	resume_on(w, &c, "C3");
	gone(w, &c, "C3");
	json_decref(c.session);
	json_decref(stays.session);
	test_world_free(w);
}

static void the_agent_sees_whether_the_customer_is_there(void **state)
{
	struct test_world *w = quick_world();
	struct customer c;
	json_t *event;

	open_chat(w, &c, NULL);
	accepted(w, CCS ".join", join_body(&c, "agent1", "O1"));
	is_shown(w, &c, "connected");
	gone(w, &c, "C1");
	is_told(w, &c, "away");
	is_shown(w, &c, "away");
	resume_on(w, &c, "C2");
	is_told(w, &c, "connected");
	is_shown(w, &c, "connected");
	/* away for longer than one is waited for in the queue: the agent decides */
	gone(w, &c, "C2");
	is_told(w, &c, "away");
	test_no_event(w, "contact.closed", NULL, 2500);
	/* back in the queue, it is abandoned */
	accepted(w, CCS ".leave",
		 json_pack("{s:s, s:s}", "contactId", c.contact_id, "agentId", "agent1"));
	event = test_wait_event(w, "contact.closed", c.contact_id);
	assert_true(json_is_true(pl_json_get(event, "body.abandoned")));
	json_decref(event);
	json_decref(c.session);
	test_world_free(w);
}

/* Each reload is a new connection; the end of the one before is told sooner, or later. */
static void fifty_reloads_are_no_news(void **state)
{
	struct test_world *w = quick_world();
	char before[16] = "C1", now[16];
	struct customer c;

	open_chat(w, &c, NULL);
	accepted(w, CCS ".join", join_body(&c, "agent1", "O1"));
	for (int i = 2; i < 52; i++) {
		snprintf(now, sizeof(now), "C%d", i);
		if (i % 2)
			gone(w, &c, before);
		resume_on(w, &c, now);
		if (i % 2 == 0)
			gone(w, &c, before);
		gone(w, &c, "unheard-of");
		memcpy(before, now, sizeof(before));
	}
	test_no_push(w, c.stream, "presence", 1500);
	assert_int_equal(head_of(w, &c), 2);
	is_shown(w, &c, "connected");
	gone(w, &c, now);
	is_told(w, &c, "away");
	json_decref(c.session);
	test_world_free(w);
}

static void two_tabs_are_one_customer(void **state)
{
	struct test_world *w = quick_world();
	char first[27], second[27];
	struct customer c, other;
	json_t *reply;

	open_chat(w, &c, NULL);
	accepted(w, CCS ".join", join_body(&c, "agent1", "O1"));
	test_send(w, CCS ".resume", on_connection(resume_body(c.contact_id, c.token, 1), "T1"),
		  first);
	test_send(w, CCS ".resume", on_connection(resume_body(c.contact_id, c.token, 0), "T2"),
		  second);
	for (int i = 0; i < 2; i++) {
		reply = test_answer(w, i ? second : first);
		assert_string_equal(test_error(reply), "");
		assert_int_equal(
			json_integer_value(pl_json_get(
				json_array_get(json_object_get(reply, "watch"), 0), "after")),
			i ? 0 : 1);
		json_decref(reply);
	}
	gone(w, &c, "C1");
	gone(w, &c, "T2"); /* the newest */
	gone(w, &c, "T2");
	test_no_push(w, c.stream, "presence", 1500);
	/* the last tab turns to another chat: it has left this one */
	open_chat(w, &other, NULL);
	reply = on_connection(resume_body(other.contact_id, other.token, 0), "T1");
	json_object_set(reply, "session", c.session);
	accepted(w, CCS ".resume", reply);
	is_told(w, &c, "away");
	json_decref(c.session);
	json_decref(other.session);
	test_world_free(w);
}

/* kill -9: who was away is still waited for, and no longer than that (PLT-60). */
static void a_killed_service_still_knows_who_is_away(void **state)
{
	struct test_world *w = quick_world();
	struct customer c, there;
	json_t *event;

	open_chat(w, &c, NULL);
	open_chat(w, &there, NULL);
	gone(w, &c, "C1");
	test_service_kill(w, CCS);
	test_service_start(w, CCS, "--set", "away_s=1", "--set", "abandon_s=2", NULL);
	test_no_event(w, "contact.closed", NULL, 6000); /* customers get time to come back */
	event = test_wait_event(w, "contact.closed", NULL);
	assert_string_equal(pl_json_get_text(event, "body.contactId"), c.contact_id);
	json_decref(event);
	json_decref(c.session);
	json_decref(there.session);
	test_world_free(w);
}

/* ---- writing nothing ---- */

static void who_writes_nothing_is_asked_then_left(void **state)
{
	struct test_world *w = test_world_new();
	struct customer idle, wakes;
	json_t *command, *event;

	test_serve(w, "AutomationController", NULL, NULL);
	test_service_start(w, CCS, "--set", "idle_s=4", "--set", "idle_warn_s=2", NULL);
	open_chat(w, &idle, NULL);
	open_chat(w, &wakes, NULL);
	for (int i = 0; i < 2; i++) {
		command = test_wait_command(w, "AutomationController.say");
		assert_string_equal(pl_json_get_text(command, "template"), "idle");
		assert_string_equal(pl_json_get_text(command, "from"), "system");
		assert_string_equal(pl_json_get_text(command, "values.minutes"), "1");
		json_decref(command);
	}
	accepted(w, CCS ".message", say_body(&wakes, "m1", "yes"));
	event = test_wait_event(w, "contact.closed", NULL);
	assert_string_equal(pl_json_get_text(event, "body.contactId"), idle.contact_id);
	assert_string_equal(pl_json_get_text(event, "body.reason"), "timeout");
	assert_null(pl_json_get(event, "body.abandoned"));
	json_decref(event);
	/* who answered is asked anew */
	command = test_wait_command(w, "AutomationController.say");
	assert_string_equal(pl_json_get_text(command, "contactId"), wakes.contact_id);
	json_decref(command);
	json_decref(test_wait_event(w, "contact.closed", wakes.contact_id));
	test_no_command(w, "AutomationController.say", 50);
	json_decref(idle.session);
	json_decref(wakes.session);
	test_world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_waits_no_longer_has_abandoned),
		cmocka_unit_test(the_agent_sees_whether_the_customer_is_there),
		cmocka_unit_test(fifty_reloads_are_no_news),
		cmocka_unit_test(two_tabs_are_one_customer),
		cmocka_unit_test(a_killed_service_still_knows_who_is_away),
		cmocka_unit_test(who_writes_nothing_is_asked_then_left),
	};

	return cmocka_run_group_tests_name("presence", tests, NULL, NULL);
}
