/*
 * world_test.c — the test world itself: log, pushes, and being a service.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "test_world.h"

static json_t *refuse_all(const char *operation, json_t *body, void *arg)
{
	++*(int *)arg;
	return test_refusal("STATE");
}

static void a_served_service_answers_once(void **state)
{
	struct test_world *w = test_world_new();
	int calls = 0;
	json_t *body;

	test_serve(w, "Other", refuse_all, &calls);
	for (int i = 0; i < 2; i++) {
		json_t *reply =
			test_request_id(w, "Other.act", json_pack("{s:s}", "key", "K"), "ID1");

		assert_string_equal(test_error(reply), "conflict");
		json_decref(reply);
	}
	assert_int_equal(calls, 1);
	body = test_wait_command(w, "Other.act");
	assert_string_equal(json_string_value(json_object_get(body, "key")), "K");
	json_decref(body);
	test_no_command(w, "Other.act", 50);
	test_world_free(w);
}

static void events_are_stored_and_kept(void **state)
{
	struct test_world *w = test_world_new();
	json_t *reply;

	test_event(w, "Other", "contact", "opened", "C1", json_object());
	test_bus_stop(w);
	test_bus_start(w);
	test_event(w, "Other", "contact", "closed", "C1", json_object());
	reply = test_request(
		w, "Other.events",
		json_pack("{s:s, s:s, s:i}", "noun", "contact", "key", "C1", "from", 2));
	assert_int_equal(json_array_size(json_object_get(reply, "events")), 1);
	json_decref(reply);
	test_no_event(w, "contact.opened", NULL, 0); /* our own aren't the services' */
	test_world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_served_service_answers_once),
		cmocka_unit_test(events_are_stored_and_kept),
	};

	return cmocka_run_group_tests_name("world", tests, NULL, NULL);
}
