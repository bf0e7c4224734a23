/*
 * tally_test.c — PLT-13: a service without the SDK keeps the promises of the bus protocol.
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
	test_service_start(*state, "Tally", NULL);
	return 0;
}

static int teardown(void **state)
{
	test_world_free(*state);
	return 0;
}

static json_t *name(const char *text)
{
	return json_pack("{s:s}", "name", text);
}

static int64_t figure(struct test_world *w, const char *of)
{
	json_t *reply = test_request(w, "Tally.counts", json_object());
	int64_t value = json_integer_value(
		json_object_get(json_object_get(json_object_get(reply, "body"), "counts"), of));

	json_decref(reply);
	return value;
}

struct wish {
	const char *of;
	int64_t value;
};

static bool has_come_to(struct test_world *w, void *arg)
{
	const struct wish *wish = arg;

	return figure(w, wish->of) >= wish->value;
}

static void until(struct test_world *w, const char *of, int64_t value)
{
	struct wish wish = { of, value };

	test_until(w, has_come_to, &wish, of);
	assert_int_equal(figure(w, of), value);
}

static int64_t value_of(json_t *reply)
{
	int64_t value = json_integer_value(pl_json_get(reply, "body.value"));

	json_decref(reply);
	return value;
}

static void a_repeated_request_gets_the_first_answer(void **state)
{
	struct test_world *w = *state;

	for (int i = 0; i < 3; i++)
		assert_int_equal(value_of(test_request_id(w, "Tally.put", name("a"), "01HONCE")),
				 1);
	test_service_kill(w, "Tally");
	test_service_start(w, "Tally", NULL);
	assert_int_equal(value_of(test_request_id(w, "Tally.put", name("a"), "01HONCE")), 1);
	assert_int_equal(value_of(test_request(w, "Tally.put", name("a"))), 2);
}

static void what_is_refused_or_a_defect_leaves_nothing_and_the_rest_goes_on(void **state)
{
	static const char *const whats[] = { "a", "refused late", "defect" }, *const errors[] = {
		"", "conflict", "internal"
	};
	struct test_world *w = *state;
	char ids[30][27];

	for (int i = 0; i < 30; i++)
		test_send(w, "Tally.put", name(whats[i % 3]), ids[i]);
	for (int i = 0; i < 30; i++) {
		json_t *reply = test_answer(w, ids[i]);

		assert_string_equal(test_error(reply), errors[i % 3]);
		json_decref(reply);
	}
	assert_int_equal(figure(w, "a"), 10);
	assert_int_equal(figure(w, "refused late"), 0);
	assert_int_equal(figure(w, "defect"), 0);
}

static void bad_input_is_refused_in_words(void **state)
{
	static const char *const bodies[] = { "",
					      "{",
					      "[]",
					      "null",
					      "{\"name\":1}",
					      "{}",
					      "{\"name\":NaN}",
					      "{\"name\":\"\xff\"}",
					      "{\"name\":\"\\ud800\"}" };
	char deep[60000];
	struct test_world *w = *state;

	memset(deep, '[', sizeof(deep));
	for (size_t i = 0; i <= sizeof(bodies) / sizeof(bodies[0]); i++) {
		bool is_deep = i == sizeof(bodies) / sizeof(bodies[0]);
		json_t *reply = test_request_bytes(w, "Tally.put", is_deep ? deep : bodies[i],
						   is_deep ? sizeof(deep) : strlen(bodies[i]));

		assert_string_equal(test_error(reply), "badRequest");
		assert_true(pl_json_get_text(reply, "error.message")[0]);
		json_decref(reply);
	}
	test_refused(w, "Tally.unknown", json_object(), "notFound");
}

/* Each number once and in order, whoever dies. */
static void its_events_are_neither_lost_nor_doubled(void **state)
{
	struct test_world *w = *state;

	for (int i = 1; i <= 40; i++) {
		if (i == 15) {
			test_service_kill(w, "Tally");
			test_service_start(w, "Tally", NULL);
		} else if (i == 30) {
			test_bus_stop(w);
			test_bus_start(w);
		}
		json_decref(test_request(w, "Tally.put", name("key with blank")));
	}
	for (int i = 1; i <= 40; i++) {
		json_t *event = test_wait_event(w, "tally-count.raised", "key with blank");

		assert_int_equal(json_integer_value(json_object_get(event, "n")), i);
		assert_int_equal(json_integer_value(pl_json_get(event, "body.value")), i);
		json_decref(event);
	}
	test_no_event(w, "tally-count.raised", NULL, 100);
}

static void events_are_read_once_from_the_stored_position(void **state)
{
	struct test_world *w = *state;

	for (int i = 0; i < 10; i++)
		test_event(w, "Giver", "thing", "made", "k", json_object());
	until(w, "things", 10);
	test_service_kill(w, "Tally");
	for (int i = 0; i < 10; i++)
		test_event(w, "Giver", "thing", "made", "k", json_object());
	test_service_start(w, "Tally", NULL);
	until(w, "things", 20);
	test_bus_stop(w);
	test_bus_start(w);
	test_event(w, "Giver", "thing", "made", "k", json_object());
	until(w, "things", 21);
	assert_int_equal(figure(w, "thing k"), 21 * 22 / 2);
}

/* PLT-31 */
static void repeats_and_gaps_of_events_are_seen_by_number(void **state)
{
	static const int64_t order[] = { 1, 2, 2, 5, 3, 1, 4, 6 };
	struct test_world *w = *state;

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		test_event_n(w, "Giver", "thing", "made", "k", order[i], json_object());
	until(w, "things", 6);
	assert_int_equal(figure(w, "thing k"), 21);
}

static void a_poisonous_event_is_set_aside_and_the_rest_goes_on(void **state)
{
	struct test_world *w = *state;

	test_event(w, "Giver", "thing", "made", "k", json_object());
	test_event(w, "Giver", "thing", "poison", "k", json_object());
	test_event(w, "Giver", "thing", "made", "k", json_object());
	until(w, "things", 2);
	assert_int_equal(figure(w, "poison"), 0);
}

/* PLT-31: several in one message, of which some were there before, and one can't be handled */
static void events_that_share_a_message_are_read_one_by_one(void **state)
{
	static const char *const verbs[] = { "made", "made", "poison", "made", NULL };
	struct test_world *w = *state;

	test_event(w, "Giver", "thing", "made", "k", json_object());
	test_lot(w, "Giver", "thing", verbs, "k", 1);
	test_service_kill(w, "Tally");
	test_event_n(w, "Giver", "thing", "made", "k", 5, json_object());
	test_service_start(w, "Tally", NULL);
	until(w, "things", 4);
	assert_int_equal(figure(w, "thing k"), 1 + 2 + 4 + 5);
	assert_int_equal(figure(w, "poison"), 0);
}

static bool adds_five(struct test_world *w, void *arg)
{
	int64_t before = figure(w, "a");

	return value_of(test_request(w, "Tally.put", name("a"))) == before + 5;
}

static bool denies(struct test_world *w, void *arg)
{
	json_t *reply = test_request(w, "Tally.ping", json_object());
	bool is_so = json_is_false(json_object_get(reply, "accepting"));

	json_decref(reply);
	return is_so;
}

/* PLT-1 */
static void settings_are_in_effect_at_once_and_denying_refuses_new_work(void **state)
{
	struct test_world *w = *state;

	test_service_configure(w, "Tally",
			       json_pack("{s:b,s:i,s:{s:i}}", "accepting", 1, "settings", 7,
					 "attributes", "step", 5));
	test_until(w, adds_five, NULL, "the step is 5");
	test_service_configure(w, "Tally", json_pack("{s:b}", "accepting", 0));
	test_until(w, denies, NULL, "it denies");
	test_refused(w, "Tally.put", name("a"), "notAccepting");
	assert_true(figure(w, "a") > 0);
}

static void a_standby_waits_and_takes_over(void **state)
{
	struct test_world *w = *state;

	json_decref(test_request(w, "Tally.put", name("a")));
	test_standby_start(w, "Tally");
	json_decref(test_request(w, "Tally.put", name("a")));
	test_service_kill(w, "Tally");
	test_standby_leads(w, "Tally");
	assert_int_equal(value_of(test_request(w, "Tally.put", name("a"))), 3);
}

/* Told to end in the midst of it: what was done is in the log before it ends, the rest is done once
 * by the next. */
static void it_drains_when_it_is_told_to_end(void **state)
{
	struct test_world *w = *state;
	char ids[60][27];

	for (int i = 0; i < 60; i++) {
		test_send(w, "Tally.put", name("a"), ids[i]);
		if (i == 40)
			json_decref(test_answer(w, ids[i]));
	}
	test_service_stop(w, "Tally");
	test_service_start(w, "Tally", NULL);
	for (int i = 0; i < 60; i++)
		if (i != 40)
			json_decref(test_request_id(w, "Tally.put", name("a"), ids[i]));
	assert_int_equal(figure(w, "a"), 60);
	for (int i = 1; i <= 60; i++) {
		json_t *event = test_wait_event(w, "tally-count.raised", "a");

		assert_int_equal(json_integer_value(json_object_get(event, "n")), i);
		json_decref(event);
	}
	assert_int_equal(test_told_again(w, "Tally", "tally-count", "a"), 1);
}

static json_t *giver(const char *operation, json_t *body, void *arg)
{
	if (strcmp(operation, "snapshot") != 0)
		return NULL;
	return json_pack("{s:s,s:s,s:s,s:I,s:i,s:b,s:b,s:[{s:s,s:i,s:i,s:{}}]}", "producer",
			 "Giver", "noun", "thing", "key", "old", "after",
			 json_integer_value(json_object_get(body, "after")), "n", 5, "held", 1,
			 "more", 0, "events", "verb", "made", "n", 3, "atMs", 1, "body");
}

/* 1 to 4 are kept nowhere: 3 is what is left of them, and after 5 it goes on. */
static void what_no_log_has_is_repaired_by_state(void **state)
{
	struct test_world *w = *state;

	test_serve(w, "Giver", giver, NULL);
	test_event_n(w, "Giver", "thing", "made", "old", 5, json_object());
	until(w, "things", 1);
	assert_int_equal(figure(w, "thing old"), 3);
	test_event_n(w, "Giver", "thing", "made", "old", 6, json_object());
	until(w, "things", 2);
	assert_int_equal(figure(w, "thing old"), 3 + 6);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_repeated_request_gets_the_first_answer),
		CASE(what_is_refused_or_a_defect_leaves_nothing_and_the_rest_goes_on),
		CASE(bad_input_is_refused_in_words),
		CASE(its_events_are_neither_lost_nor_doubled),
		CASE(events_are_read_once_from_the_stored_position),
		CASE(repeats_and_gaps_of_events_are_seen_by_number),
		CASE(a_poisonous_event_is_set_aside_and_the_rest_goes_on),
		CASE(events_that_share_a_message_are_read_one_by_one),
		CASE(settings_are_in_effect_at_once_and_denying_refuses_new_work),
		CASE(a_standby_waits_and_takes_over),
		CASE(it_drains_when_it_is_told_to_end),
		CASE(what_no_log_has_is_repaired_by_state),
	};

	return cmocka_run_group_tests_name("tally", tests, NULL, NULL);
}
