/*
 * kill_test.c — a thousand instances are alive and the service is killed at random, again and
 * again: each goes on exactly where it was, does each of its tasks once, and waits out its timer.
 *
 * INSTANCES and KILLS in the environment make it longer: KILLS=200 INSTANCES=4200 kill_test.
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
#include "story_test.h"

enum { STEPS = 3, MOST = 20000, AT_ONCE = 100, LOOKS = 400, LOOK_MS = 100, APART_MS = 150 };

/* a task, one more, a pause, a task, one more, a task, one more */
#define TASK(id, step)                                                                             \
	"<bpmn:serviceTask id='" id "'><bpmn:extensionElements><zeebe:taskDefinition "             \
	"type='ContextStore.get'/><zeebe:ioMapping><zeebe:input source='=id + \"." step "\"' "     \
	"target='contextId'/><zeebe:output source='=n + 1' target='n'/></zeebe:ioMapping>"         \
	"</bpmn:extensionElements></bpmn:serviceTask>"
#define PAUSE                                                                                      \
	"<bpmn:timerEventDefinition><bpmn:timeDuration>PT0.1S</bpmn:timeDuration>"                 \
	"</bpmn:timerEventDefinition>"
static const char process[] = HEAD PROCESS("kept") STARTS_BY_ORDER TASK("A", "0") CATCH("W", PAUSE)
	TASK("B", "1") TASK("C", "2") END("E") FLOW("S", "A") FLOW("A", "W") FLOW("W", "B")
		FLOW("B", "C") FLOW("C", "E") TAIL;

static int done[MOST][STEPS]; /* so often each task was asked for, repeats left out */

static json_t *perform(const char *operation, json_t *body, void *arg)
{
	int instance, step;

	(void)operation;
	(void)arg;
	if (sscanf(pl_json_get_text(body, "contextId"), "%d.%d", &instance, &step) == 2 &&
	    instance >= 0 && instance < MOST && step >= 0 && step < STEPS)
		done[instance][step]++;
	return json_object();
}

static int number(const char *name, int normal, int most)
{
	const char *text = getenv(name);
	long n = text ? strtol(text, NULL, 10) : normal;

	return n < 1 ? 1 : n > most ? most : (int)n;
}

static void kill_it(struct test_world *w)
{
	test_service_kill(w, ED);
	test_service_start(w, ED, NULL);
}

static json_t *order_of(int instance)
{
	char name[16];

	snprintf(name, sizeof(name), "%d", instance);
	return json_pack("{s:s, s:{s:s, s:i}}", "name", "order", "payload", "id", name, "n", 0);
}

/* Begins some, and kills the service, if so, before it may have answered: the same request again
 * begins nothing more. */
static void begin(struct test_world *w, int first, int len, char ids[][27], bool kill)
{
	char requests[AT_ONCE][27];

	for (int i = 0; i < len; i++)
		test_send(w, ED ".publish", order_of(first + i), requests[i]);
	if (kill)
		kill_it(w);
	for (int i = 0; i < len; i++) {
		json_t *reply =
			kill ? test_request_id(w, ED ".publish", order_of(first + i), requests[i])
			     : test_answer(w, requests[i]);
		const json_t *started = json_object_get(reply, "started");

		assert_int_equal(json_array_size(started), 1);
		snprintf(ids[first + i], 27, "%s", json_string_value(json_array_get(started, 0)));
		json_decref(reply);
	}
}

static bool all_have_ended(struct test_world *w, int looks)
{
	for (int i = 0; i < looks; i++) {
		if (none_runs(w, NULL))
			return true;
		test_run(w, LOOK_MS);
	}
	return false;
}

/* EDR-6, EDR-16 */
static void killed_at_random_each_goes_on_where_it_was(void **state)
{
	int instances = number("INSTANCES", 1000, MOST), kills = number("KILLS", 6, 100000);
	int in_beginning = kills / 3;
	static char ids[MOST][27];
	struct test_world *w = test_world_new();
	unsigned seed = (unsigned)test_now_ms();

	(void)state;
	test_serve(w, "ContextStore", perform, NULL);
	test_service_start(w, ED, NULL);
	deployed(w, process);
	for (int i = 0; i < instances; i += AT_ONCE)
		begin(w, i, instances - i < AT_ONCE ? instances - i : AT_ONCE, ids,
		      i / AT_ONCE < in_beginning);
	for (int i = in_beginning; i < kills; i++) {
		test_run(w, (int)((unsigned)rand_r(&seed) % APART_MS));
		kill_it(w);
	}
	if (!all_have_ended(w, LOOKS))
		fail_msg("some instances have not ended");
	for (int i = 0; i < instances; i++) {
		json_t *instance = shown(w, ids[i]);

		assert_string_equal(pl_json_get_text(instance, "status"), "COMPLETED");
		assert_int_equal(json_integer_value(pl_json_get(instance, "variables.n")), STEPS);
		for (int step = 0; step < STEPS; step++)
			assert_int_equal(done[i][step], 1);
		json_decref(instance);
	}
	test_world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(killed_at_random_each_goes_on_where_it_was),
	};

	return cmocka_run_group_tests_name("designer kill", tests, NULL, NULL);
}
