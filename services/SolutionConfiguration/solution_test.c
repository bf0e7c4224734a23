/*
 * solution_test.c — attributes by area, set for all services that have them; the manager is played.
 * PLT-22.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pelago/json.h"
#include "test_world.h"

#define SERVICE "SolutionConfiguration"

static json_t *item(const char *service, const char *area, const char *name, bool is_outside)
{
	return json_pack("{s:s, s:s?, s:s, s:s, s:s, s:{s:i}, s:i, s:s, s:b}", "service", service,
			 "area", area, "name", name, "key", "audit_kept", "type", "duration",
			 "overrides", "solution", 7, "effective", is_outside ? 9 : 7, "origin",
			 is_outside ? "global" : "solution", "setOutside", is_outside);
}

/* The manager: two pages of attributes; the rest says what it was asked. */
static json_t *manager(const char *operation, json_t *asked, void *arg)
{
	const char *cursor = pl_json_get_text(asked, "query.cursor");

	assert_string_equal(pl_json_get_text(asked, "user.name"), "root");
	if (arg)
		return test_refusal((const char *)arg);
	if (strcmp(operation, "attributes") == 0 && !*cursor)
		return json_pack("{s:i, s:{s:[o, o], s:s, s:i}}", "status", 200, "body", "items",
				 item("A", "Audit", "Audit Kept", false),
				 item("A", NULL, "Threads", false), "cursor", "next", "version", 4);
	if (strcmp(operation, "attributes") == 0)
		return json_pack("{s:i, s:{s:[o], s:n, s:i}}", "status", 200, "body", "items",
				 item("B", "Audit", "Audit Kept", true), "cursor", "version", 4);
	return json_pack("{s:i, s:{s:s}}", "status", 200, "body", "asked", operation);
}

static json_t *ask(struct test_world *w, const char *operation, json_t *body)
{
	return test_request(
		w, operation,
		test_http(body ? "POST" : "GET", NULL, NULL, body, "root", "administrator"));
}

static struct test_world *world(const char *refusal)
{
	struct test_world *w = test_world_new();

	test_serve(w, "Manager", manager, (void *)(uintptr_t)refusal);
	test_service_start(w, SERVICE, NULL);
	return w;
}

/* PLT-22 */
static void one_name_in_several_services_is_one(void **state)
{
	struct test_world *w = world(NULL);
	json_t *reply = ask(w, SERVICE ".http-attributes", NULL), *one;

	assert_int_equal(json_array_size(pl_json_get(reply, "body.items")), 1);
	one = json_array_get(pl_json_get(reply, "body.items"), 0);
	assert_string_equal(pl_json_get_text(one, "area"), "Audit");
	assert_int_equal(json_integer_value(json_object_get(one, "value")), 7);
	assert_int_equal(json_array_size(json_object_get(one, "targets")), 2);
	one = json_array_get(json_object_get(one, "targets"), 1);
	assert_string_equal(pl_json_get_text(one, "service"), "B");
	assert_true(json_is_true(json_object_get(one, "setOutside")));
	assert_int_equal(json_integer_value(pl_json_get(reply, "body.version")), 4);
	json_decref(reply);
	test_refused(w, SERVICE ".http-attributes",
		     test_http("GET", NULL, json_pack("{s:s}", "limit", "0"), NULL, "root",
			       "administrator"),
		     "badRequest");
	test_world_free(w);
}

/* PLT-22 */
static void it_is_set_for_all_at_once(void **state)
{
	struct test_world *w = world(NULL);
	json_t *reply, *asked, *changes;

	reply = ask(w, SERVICE ".http-set-attributes",
		    json_pack("{s:i, s:s, s:[{s:s, s:s, s:i}]}", "expected", 4, "note", "less",
			      "changes", "area", "audit", "name", "audit kept", "value", 5));
	assert_string_equal(pl_json_get_text(reply, "body.asked"), "attributes-commit");
	json_decref(reply);
	asked = test_wait_command(w, "Manager.attributes");
	json_decref(asked);
	asked = test_wait_command(w, "Manager.attributes-commit");
	changes = pl_json_get(asked, "body.changes");
	assert_int_equal(json_array_size(changes), 2);
	assert_string_equal(pl_json_get_text(json_array_get(changes, 1), "service"), "B");
	assert_string_equal(pl_json_get_text(json_array_get(changes, 1), "level"), "solution");
	assert_int_equal(json_integer_value(json_object_get(json_array_get(changes, 1), "value")),
			 5);
	assert_int_equal(json_integer_value(pl_json_get(asked, "body.expected")), 4);
	json_decref(asked);
	reply = ask(w, SERVICE ".http-set-attributes",
		    json_pack("{s:i, s:[{s:s, s:s, s:i}]}", "expected", 4, "changes", "area",
			      "Audit", "name", "Threads", "value", 5));
	assert_string_equal(test_error(reply), "notFound");
	json_decref(reply);
	for (int i = 0; i < 2; i++) {
		reply = ask(w, SERVICE ".http-set-attributes",
			    i ? json_pack("{s:s}", "changes", "all") : json_object());
		assert_string_equal(test_error(reply), "badRequest");
		json_decref(reply);
	}
	test_world_free(w);
}

/* PLT-22 */
static void files_are_of_this_level_only(void **state)
{
	struct test_world *w = world(NULL);
	json_t *reply = ask(w, SERVICE ".http-export", NULL);

	assert_string_equal(pl_json_get_text(reply, "body.asked"), "attributes-export");
	json_decref(reply);
	for (int i = 0; i < 2; i++) {
		reply = ask(w, SERVICE ".http-import",
			    json_pack("{s:{s:[{s:s}]}}", "file", "values", "level",
				      i ? "global" : "solution"));
		assert_string_equal(test_error(reply), i ? "badRequest" : "");
		json_decref(reply);
	}
	test_world_free(w);
}

static void what_the_manager_refuses_is_refused(void **state)
{
	struct test_world *w = world("STATE");
	json_t *reply = ask(w, SERVICE ".http-attributes", NULL);

	assert_string_equal(test_error(reply), "conflict");
	json_decref(reply);
	reply = ask(w, SERVICE ".http-export", NULL);
	assert_string_equal(test_error(reply), "conflict");
	json_decref(reply);
	test_world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_name_in_several_services_is_one),
		cmocka_unit_test(it_is_set_for_all_at_once),
		cmocka_unit_test(files_are_of_this_level_only),
		cmocka_unit_test(what_the_manager_refuses_is_refused),
	};

	return cmocka_run_group_tests_name("solution", tests, NULL, NULL);
}
