/*
 * streaming_test.c — events sent on to a receiver that is down, refuses, or breaks off; the service
 * killed in between; too many of them (PLT-31).
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
#include "test_receiver.h"
#include "test_world.h"

#define SERVICE "EventStreaming"

static struct test_world *w;
static struct test_receiver *receiver;
static char target[80];

static int begin(void **state)
{
	receiver = test_receiver_new();
	snprintf(target, sizeof(target), "target=http://127.0.0.1:%d/recorder",
		 test_receiver_port(receiver));
	w = test_world_new();
	test_serve(w, "Manager", NULL, NULL);
	return 0;
}

static int end(void **state)
{
	test_world_free(w);
	test_receiver_free(receiver);
	return 0;
}

static void publish(const char *noun, const char *key, int from, int to)
{
	for (int i = from; i <= to; i++)
		test_event(w, "CustomerControllerService", noun, "tried", key,
			   json_pack("{s:i}", "i", i));
}

/* All lines that the receiver has taken, in order, repeats (which it may get) left out. */
static json_t *lines_got(void)
{
	json_t *got = test_receiver_got(receiver), *lines = json_array(), *one;
	int64_t last = 0;
	size_t i;

	json_array_foreach(got, i, one) {
		const char *text = json_string_value(json_object_get(one, "body"));

		while (*text) {
			json_t *line = json_loads(text, JSON_DISABLE_EOF_CHECK, NULL);
			int64_t seq = json_integer_value(json_object_get(line, "seq"));

			assert_non_null(line);
			if (seq > last)
				json_array_append(lines, line);
			last = seq > last ? seq : last;
			json_decref(line);
			text = strchr(text, '\n') + 1;
		}
	}
	json_decref(got);
	return lines;
}

static bool has_lines(struct test_world *world, void *arg)
{
	json_t *lines = lines_got();
	bool ok = json_array_size(lines) >= *(const size_t *)arg;

	json_decref(lines);
	return ok;
}

static json_t *wait_for_lines(size_t count)
{
	json_t *lines;

	test_until(w, has_lines, &count, "the receiver has all of it");
	lines = lines_got();
	assert_int_equal(json_array_size(lines), count);
	return lines;
}

static bool has_failed(struct test_world *world, void *arg)
{
	return test_receiver_calls(receiver) >= *(const int *)arg;
}

static void wait_for_calls(int count)
{
	test_until(w, has_failed, &count, "it is tried");
}

static json_t *destination(void)
{
	return test_request(w, SERVICE ".destination", json_object());
}

/* PLT-31 */
static void chosen_events_go_on_in_order(void **state)
{
	static const char *const nouns[] = { "contact", "leg" };
	json_t *lines, *line, *got, *shown;
	int last[2] = { 0, 0 }; /* of each noun: they come by readers of their own */
	size_t i;

	test_service_start(w, SERVICE, "--set", target, "--set", "token=open sesame", "--set",
			   "nouns=leg contact", NULL);
	publish("contact", "C1", 1, 20);
	publish("message", "C1", 1, 20);
	publish("leg", "C1", 1, 20);
	lines = wait_for_lines(40);
	json_array_foreach(lines, i, line) {
		int noun = strcmp(pl_json_get_text(line, "noun"), nouns[0]) != 0;

		assert_string_equal(pl_json_get_text(line, "noun"), nouns[noun]);
		last[noun]++;
		assert_string_equal(pl_json_get_text(line, "verb"), "tried");
		assert_string_equal(pl_json_get_text(line, "key"), "C1");
		assert_string_equal(pl_json_get_text(line, "producer"),
				    "CustomerControllerService");
		assert_int_equal(json_integer_value(json_object_get(line, "seq")), i + 1);
		assert_int_equal(json_integer_value(json_object_get(line, "n")), last[noun]);
		assert_int_equal(json_integer_value(pl_json_get(line, "body.i")), last[noun]);
	}
	json_decref(lines);
	got = test_receiver_got(receiver);
	line = json_array_get(got, 0);
	assert_string_equal(pl_json_get_text(line, "path"), "/recorder");
	assert_non_null(strstr(pl_json_get_text(line, "head"), "application/x-ndjson"));
	assert_non_null(
		strstr(pl_json_get_text(line, "head"), "Authorization: Bearer open sesame\r\n"));
	assert_non_null(strstr(pl_json_get_text(line, "head"), "Pelago-First: 1\r\n"));
	json_decref(got);
	shown = destination();
	assert_string_equal(pl_json_get_text(shown, "state"), "Up");
	assert_int_equal(json_integer_value(json_object_get(shown, "deliveredSequence")), 40);
	assert_int_equal(json_integer_value(json_object_get(shown, "pending")), 0);
	assert_true(json_is_null(json_object_get(shown, "why")));
	json_decref(shown);
}

/* PLT-31 */
static void what_is_not_taken_comes_again_over_a_kill(void **state)
{
	json_t *lines, *line, *shown;
	size_t i;

	test_service_start(w, SERVICE, "--set", target, NULL);
	test_receiver_say(receiver, 503, "{}");
	publish("contact", "C1", 1, 10);
	wait_for_calls(3);
	shown = destination();
	assert_string_equal(pl_json_get_text(shown, "state"), "Down");
	assert_string_equal(pl_json_get_text(shown, "why"), "the receiver answered 503");
	assert_int_equal(json_integer_value(json_object_get(shown, "pending")), 10);
	json_decref(shown);
	shown = test_wait_command(w, "Manager.alarm");
	assert_string_equal(pl_json_get_text(shown, "key"), "streaming.behind");
	json_decref(shown);
	test_service_kill(w, SERVICE);
	publish("contact", "C1", 11, 20);
	test_receiver_say(receiver, 0, "{}"); /* it breaks off */
	test_service_start(w, SERVICE, "--set", target, NULL);
	wait_for_calls(5);
	test_receiver_say(receiver, 200, "{}");
	lines = wait_for_lines(20);
	json_array_foreach(lines, i, line) {
		assert_int_equal(json_integer_value(json_object_get(line, "seq")), i + 1);
		assert_int_equal(json_integer_value(json_object_get(line, "n")), i + 1);
	}
	json_decref(lines);
	test_service_kill(w, SERVICE);
	test_service_start(w, SERVICE, "--set", target, NULL);
	publish("contact", "C1", 21, 21);
	json_decref(wait_for_lines(21));
}

/* PLT-31 */
static void what_is_too_much_is_told(void **state)
{
	json_t *lines, *alarm;

	test_service_start(w, SERVICE, "--set", target, "--set", "backlog=5", NULL);
	test_receiver_say(receiver, 503, "{}");
	publish("contact", "C1", 1, 8);
	do {
		alarm = test_wait_command(w, "Manager.alarm");
	} while (strcmp(pl_json_get_text(alarm, "key"), "streaming.behind") == 0 &&
		 (json_decref(alarm), true));
	assert_string_equal(pl_json_get_text(alarm, "key"), "streaming.lost");
	assert_non_null(strstr(pl_json_get_text(alarm, "reason"), "event 6 and what followed"));
	json_decref(alarm);
	test_receiver_say(receiver, 200, "{}");
	json_decref(wait_for_lines(5));
	publish("contact", "C1", 9, 9);
	lines = wait_for_lines(6);
	assert_int_equal(json_integer_value(json_object_get(json_array_get(lines, 5), "seq")), 9);
	json_decref(lines);
}

static bool is_up(struct test_world *world, void *arg)
{
	json_t *shown = destination();
	bool ok = strcmp(pl_json_get_text(shown, "state"), "Up") == 0;

	json_decref(shown);
	return ok;
}

static bool has_fourth(struct test_world *world, void *arg)
{
	json_t *lines = lines_got();
	const json_t *last = json_array_get(lines, json_array_size(lines) - 1);
	bool ok = json_integer_value(json_object_get(last, "n")) == 4;

	json_decref(lines);
	return ok;
}

/* PLT-31 */
static void a_receiver_can_be_set_while_it_runs(void **state)
{
	json_t *shown;

	test_service_start(w, SERVICE, NULL);
	publish("contact", "C1", 1, 3);
	shown = destination();
	assert_string_equal(pl_json_get_text(shown, "state"), "Off");
	assert_int_equal(json_integer_value(json_object_get(shown, "pending")), 0);
	json_decref(shown);
	test_service_configure(
		w, SERVICE,
		json_pack("{s:{s:s}}", "attributes", "target", strchr(target, '=') + 1));
	test_until(w, is_up, NULL, "the setting is in effect");
	publish("contact", "C1", 4, 4);
	test_until(w, has_fourth, NULL, "the receiver has it");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(chosen_events_go_on_in_order),
		TEST(what_is_not_taken_comes_again_over_a_kill),
		TEST(what_is_too_much_is_told),
		TEST(a_receiver_can_be_set_while_it_runs),
	};

	return cmocka_run_group_tests_name("event-streaming", tests, NULL, NULL);
}
