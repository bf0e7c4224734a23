/*
 * turn_test.c — the promises of pelago/service.h, kept by a real service on a real bus.
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

static int setup(void **state)
{
	*state = test_world_new();
	test_service_start(*state, "Trial", NULL);
	return 0;
}

static int teardown(void **state)
{
	test_world_free(*state);
	return 0;
}

static int64_t figure(struct test_world *w, const char *name)
{
	json_t *reply = test_request(w, "Trial.count", json_object());
	int64_t value = json_integer_value(json_object_get(reply, name));

	json_decref(reply);
	return value;
}

static json_t *key(const char *text)
{
	return json_pack("{s:s}", "key", text);
}

/* PLT-60 */
static void a_repeated_request_gets_the_first_answer(void **state)
{
	struct test_world *w = *state;

	for (int i = 0; i < 3; i++)
		json_decref(test_request_id(w, "Trial.put", key("once"), "01HREQUEST"));
	test_service_kill(w, "Trial");
	test_service_start(w, "Trial", NULL);
	json_decref(test_request_id(w, "Trial.put", key("once"), "01HREQUEST"));
	assert_int_equal(figure(w, "sum"), 1);
}

static void the_culprit_of_a_batch_stands_alone(void **state)
{
	static const char *const operations[] = { "Trial.put", "Trial.late-refusal",
						  "Trial.broken" };
	struct test_world *w = *state;
	char ids[60][27], name[20];

	for (int i = 0; i < 60; i++) {
		snprintf(name, sizeof(name), "k%d", i);
		test_send(w, operations[i % 20 == 7 ? 1 : i % 20 == 13 ? 2 : 0], key(name), ids[i]);
	}
	for (int i = 0; i < 60; i++) {
		json_t *reply = test_answer(w, ids[i]);

		assert_string_equal(test_error(reply),
				    i % 20 == 7 || i % 20 == 13 ? "internal" : "");
		json_decref(reply);
	}
	assert_int_equal(figure(w, "count"), 54);
	assert_int_equal(figure(w, "sum"), 54);
}

static void bad_input_is_refused_in_words(void **state)
{
	struct test_world *w = *state;
	static const char *const bodies[] = {
		"", "{", "[]", "null", "{\"key\":1}", "{}", "{\"key\":\"a\",\"key\":\"b\"}"
	};

	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		json_t *reply = test_request_bytes(w, "Trial.put", bodies[i], strlen(bodies[i]));

		assert_string_equal(test_error(reply), "badRequest");
		assert_true(pl_json_get_text(reply, "error.message")[0]);
		json_decref(reply);
	}
	test_refused(w, "Trial.unknown", json_object(), "notFound");
	assert_int_equal(figure(w, "count"), 0);
}

static void a_refused_or_poisonous_event_is_parked_and_the_rest_goes_on(void **state)
{
	static const char *const what[] = { "ok", "refuse", "ok", "poison", "ok" };
	struct test_world *w = *state;

	for (int i = 0; i < 5; i++)
		test_event(w, "Giver", "gift", "given", "g", json_pack("{s:s}", "what", what[i]));
	for (int tries = 0; figure(w, "sum") < 3 && tries < 100; tries++)
		test_run(w, 50);
	assert_int_equal(figure(w, "sum"), 3);
	assert_int_equal(figure(w, "parked"), 2);
}

/* PLT-31 */
static void repeats_and_gaps_of_events_are_seen_by_number(void **state)
{
	static const int64_t order[] = { 1, 2, 2, 5, 3, 1, 4, 6 };
	struct test_world *w = *state;

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		test_event_n(w, "Giver", "gift", "given", "g", order[i],
			     json_pack("{s:s}", "what", "ok"));
	for (int tries = 0; figure(w, "sum") < 6 && tries < 100; tries++)
		test_run(w, 50);
	test_run(w, 300);
	assert_int_equal(figure(w, "sum"), 6);
}

/* What was passed over comes by repair only: 3 is the poison, and 4 stands behind it. */
static void a_poisonous_event_of_a_gap_is_parked_too(void **state)
{
	static const int64_t order[] = { 1, 3, 2, 4 };
	struct test_world *w = *state;

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		test_event_n(w, "Giver", "gift", "given", "g", order[i],
			     json_pack("{s:s}", "what", order[i] == 3 ? "poison" : "ok"));
	for (int tries = 0; figure(w, "sum") < 3 && tries < 60; tries++)
		test_run(w, 50);
	assert_int_equal(figure(w, "sum"), 3);
	assert_int_equal(figure(w, "parked"), 1);
}

static void what_no_bus_takes_is_refused_and_keeps_nothing_back(void **state)
{
	static const char *const what[] = { "event", "command", "frame" };
	struct test_world *w = *state;
	int64_t waiting = -1;

	test_serve(w, "Other", NULL, NULL);
	for (int i = 0; i < 3; i++)
		test_refused(w, "Trial.large", key(what[i]), "internal");
	json_decref(test_request(w, "Trial.put", key("white space %20 too")));
	json_decref(test_wait_event(w, "trial.put", "white space %20 too"));
	json_decref(test_request(w, "Trial.order", key("a")));
	json_decref(test_wait_command(w, "Other.do"));
	for (int tries = 0; waiting != 0 && tries < 40; tries++) {
		json_t *reply = test_request(w, "Trial.ping", json_object());

		waiting = json_integer_value(json_object_get(reply, "outbox"));
		json_decref(reply);
		test_run(w, 50);
	}
	assert_int_equal(waiting, 0);
}

static json_t *say_word(const char *operation, json_t *body, void *arg)
{
	(void)operation;
	(void)body;
	(void)arg;
	return json_pack("{s:s}", "word", "yes");
}

static json_t *say_nothing(const char *operation, json_t *body, void *arg)
{
	(void)operation;
	(void)body;
	(void)arg;
	return NULL;
}

static void a_held_request_is_answered_later_or_refused_in_time(void **state)
{
	struct test_world *w = *state;
	json_t *reply;

	test_serve(w, "Other", say_word, NULL);
	reply = test_request(w, "Trial.ask", key("a"));
	assert_string_equal(pl_json_get_text(reply, "said"), "yes");
	json_decref(reply);
	test_serve(w, "Other", say_nothing, NULL);
	test_refused(w, "Trial.ask", key("b"), "unavailable");
	assert_int_equal(figure(w, "count"), 1);
}

static void a_held_request_survives_a_culprit_in_its_batch(void **state)
{
	struct test_world *w = *state;
	char ids[30][27];

	test_serve(w, "Other", say_word, NULL);
	for (int i = 0; i < 30; i++)
		test_send(w, i % 3 ? "Trial.ask" : "Trial.late-refusal", key("same"), ids[i]);
	for (int i = 0; i < 30; i++) {
		json_t *reply = test_answer(w, ids[i]);

		assert_string_equal(test_error(reply), i % 3 ? "" : "internal");
		json_decref(reply);
	}
	assert_int_equal(figure(w, "sum"), 20);
}

static json_t *say_busy_first(const char *operation, json_t *body, void *arg)
{
	int *left = arg;

	(void)operation;
	(void)body;
	return (*left)-- > 0 ? test_refusal("UNAVAILABLE") : json_object();
}

static void commands_of_a_lane_come_once_and_in_order(void **state)
{
	struct test_world *w = *state;
	int left = 0;

	json_decref(test_request(w, "Trial.order", key("a")));
	test_service_kill(w, "Trial"); /* none was answered: nobody is there */
	test_service_start(w, "Trial", NULL);
	test_serve(w, "Other", say_busy_first, &left);
	for (int i = 0; i < 5; i++) {
		json_t *body = test_wait_command(w, "Other.do");

		assert_int_equal(json_integer_value(json_object_get(body, "i")), i);
		json_decref(body);
	}
	test_no_command(w, "Other.do", 700);
}

static void a_timer_fires_once_also_after_a_restart(void **state)
{
	struct test_world *w = *state;

	json_decref(
		test_request(w, "Trial.later", json_pack("{s:s, s:i}", "key", "t", "inMs", 300)));
	json_decref(
		test_request(w, "Trial.later", json_pack("{s:s, s:i}", "key", "u", "inMs", 300)));
	json_decref(test_request(w, "Trial.never", key("u")));
	test_service_kill(w, "Trial");
	test_service_start(w, "Trial", NULL);
	json_decref(test_wait_event(w, "trial.put", "t"));
	test_run(w, 200);
	assert_int_equal(figure(w, "sum"), 1);
}

static void timers_are_as_they_were_before_a_rollback(void **state)
{
	static const char *const kept[] = { "cancelled", "put off" };
	struct test_world *w = *state;

	for (size_t i = 0; i < 2; i++)
		json_decref(test_request(
			w, "Trial.later",
			json_pack("{s:s, s:i, s:b}", "key", kept[i], "inMs", 3000, "elapsed", 1)));
	test_refused(w, "Trial.muddle", key("a"), "internal");
	for (size_t i = 0; i < 2; i++)
		json_decref(test_wait_event(w, "trial.put", kept[i]));
	assert_int_equal(figure(w, "sum"), 2); /* none that was new, or fired twice */
}

static void a_timer_that_was_set_aside_fires_no_more(void **state)
{
	struct test_world *w = *state;

	json_decref(test_request(w, "Trial.later",
				 json_pack("{s:s, s:i}", "key", "poison", "inMs", 0)));
	test_run(w, 1000);
	assert_int_equal(figure(w, "sum"), 0);
}

static json_t *in_human_ms(int ms)
{
	return json_pack("{s:s, s:i, s:b}", "key", "h", "inMs", ms, "human", 1);
}

/* A restart, and then a rollback. */
static void the_grace_of_people_survives_a_rollback(void **state)
{
	struct test_world *w = *state;

	json_decref(test_request(w, "Trial.later", in_human_ms(300)));
	test_service_kill(w, "Trial");
	test_service_start(w, "Trial", NULL);
	test_refused(w, "Trial.broken", key("a"), "internal");
	test_run(w, 1200);
	assert_int_equal(figure(w, "sum"), 0);
}

/* It has no grace, and doesn't begin anew. */
static void a_span_of_time_goes_on_over_a_restart(void **state)
{
	struct test_world *w = *state;

	json_decref(
		test_request(w, "Trial.later",
			     json_pack("{s:s, s:i, s:b}", "key", "h", "inMs", 600, "elapsed", 1)));
	test_service_kill(w, "Trial");
	test_run(w, 300);
	test_service_start(w, "Trial", NULL);
	test_run(w, 500);
	assert_int_equal(figure(w, "sum"), 1);
}

static void no_time_of_people_runs_out_while_the_bus_is_away(void **state)
{
	struct test_world *w = *state;

	json_decref(test_request(w, "Trial.later", in_human_ms(600)));
	test_bus_stop(w);
	test_run(w, 1200);
	test_bus_start(w);
	assert_int_equal(figure(w, "sum"), 0);
}

static void frames_are_numbered_and_can_be_fetched(void **state)
{
	struct test_world *w = *state;
	json_t *reply = NULL;

	for (int i = 1; i <= 5; i++) {
		json_decref(reply);
		reply = test_request(w, "Trial.frame", json_pack("{s:s}", "stream", "contact.c1"));
		assert_int_equal(json_integer_value(json_object_get(reply, "seq")), i);
		if (i == 3) {
			test_service_kill(w, "Trial");
			test_service_start(w, "Trial", NULL);
		}
	}
	json_decref(reply);
	reply = test_request(w, "Trial.fetch",
			     json_pack("{s:s, s:i}", "stream", "contact.c1", "after", 3));
	assert_int_equal(json_array_size(json_object_get(reply, "items")), 2);
	assert_int_equal(json_integer_value(json_object_get(reply, "head")), 5);
	json_decref(reply);
	reply = test_request(w, "Trial.heads",
			     json_pack("{s:[s, s]}", "streams", "contact.c1", "contact.no"));
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(reply, "heads"), "contact.c1")),
		5);
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(reply, "heads"), "contact.no")),
		0);
	json_decref(reply);
}

/* PLT-1 */
static void a_denying_service_refuses_only_new_work(void **state)
{
	struct test_world *w = *state;

	test_service_configure(w, "Trial", json_pack("{s:b}", "accepting", 0));
	test_run(w, 700);
	test_refused(w, "Trial.open", key("a"), "notAccepting");
	json_decref(test_request(w, "Trial.put", key("b")));
	test_service_configure(w, "Trial", json_pack("{s:b}", "accepting", 1));
	test_run(w, 700);
	json_decref(test_request(w, "Trial.open", key("a")));
	assert_int_equal(figure(w, "count"), 2);
}

int main(void)
{
#define TURN_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TURN_TEST(a_repeated_request_gets_the_first_answer),
		TURN_TEST(the_culprit_of_a_batch_stands_alone),
		TURN_TEST(bad_input_is_refused_in_words),
		TURN_TEST(a_refused_or_poisonous_event_is_parked_and_the_rest_goes_on),
		TURN_TEST(repeats_and_gaps_of_events_are_seen_by_number),
		TURN_TEST(a_poisonous_event_of_a_gap_is_parked_too),
		TURN_TEST(what_no_bus_takes_is_refused_and_keeps_nothing_back),
		TURN_TEST(a_held_request_is_answered_later_or_refused_in_time),
		TURN_TEST(a_held_request_survives_a_culprit_in_its_batch),
		TURN_TEST(commands_of_a_lane_come_once_and_in_order),
		TURN_TEST(a_timer_fires_once_also_after_a_restart),
		TURN_TEST(timers_are_as_they_were_before_a_rollback),
		TURN_TEST(a_timer_that_was_set_aside_fires_no_more),
		TURN_TEST(the_grace_of_people_survives_a_rollback),
		TURN_TEST(a_span_of_time_goes_on_over_a_restart),
		TURN_TEST(no_time_of_people_runs_out_while_the_bus_is_away),
		TURN_TEST(frames_are_numbered_and_can_be_fetched),
		TURN_TEST(a_denying_service_refuses_only_new_work),
	};

	return cmocka_run_group_tests_name("turn", tests, NULL, NULL);
}
