/*
 * routing_test.c — routing by sets, named agents, steps, overflow and transfers; opening hours; the
 * standby: the real service on a real bus.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "story_test.h"

static void service_is(struct test_world *w, const char *name, json_t *definition)
{
	test_event(w, "UCAStoreService", "service", "set", name, definition);
}

static json_t *with(json_t *body, const char *member, json_t *value)
{
	json_object_set_new(body, member, value);
	return body;
}

static void assert_match(struct test_world *w, const char *contact, const char *agent_id,
			 const char *service)
{
	json_t *match = matched(w, contact);

	assert_string_equal(text(match, "agentId"), agent_id);
	assert_string_equal(text(match, "service"), service);
	json_decref(match);
}

/* RTG-1: a step asks for the best only; when it has expired, others will do. Through a restart. */
static void steps_widen_with_time(void **state)
{
	struct test_world *w = world();

	ready(w, "ann", "Sales", 1, 1); /* proficiency 2 */
	assert_string_equal(ask(w, with(wanted("C1", "Sales"), "steps",
					json_pack("[{s:i, s:i}]", "seconds", 2, "proficiency", 1))),
			    "queued");
	assert_string_equal(request(w, "C2", "Billing"), "queued");
	restart(w);
	test_no_event(w, "work.matched", NULL, 500);
	assert_match(w, "C1", "ann", "Sales");
	test_world_free(w);
}

/* RTG-1 */
static void named_agents_first_and_alone(void **state)
{
	struct test_world *w = world();
	json_t *match;

	ready(w, "ann", "Sales", 1, 1);
	ready(w, "bob", "Billing", 1, 2);
	/* preferred, whatever bob can do; then who has the attributes */
	assert_string_equal(
		ask(w, with(wanted("C1", "Sales"), "agents", json_pack("{s:[s]}", "ids", "bob"))),
		"matched");
	assert_match(w, "C1", "bob", "Sales");
	/* required for a second: ann waits so long */
	assert_string_equal(ask(w, with(wanted("C2", "Sales"), "agents",
					json_pack("{s:[s], s:b, s:i}", "ids", "bob", "required", 1,
						  "seconds", 1))),
			    "queued");
	match = test_request(w, SERVICE ".status", json_pack("{s:s}", "contactId", "C2"));
	assert_int_equal(number(match, "position"), 1);
	json_decref(match);
	match = test_request(w, SERVICE ".explain", json_pack("{s:s}", "contactId", "C2"));
	assert_int_equal(number(match, "waiting.agents.atCapacity"), 1);
	assert_int_equal(number(match, "waiting.agents.lacksAttribute"), 1);
	json_decref(match);
	assert_match(w, "C2", "ann", "Sales");
	test_world_free(w);
}

/* RTG-1, RTG-5: what the routing service says holds for requests that don't; overflow. */
static void a_service_overflows(void **state)
{
	struct test_world *w = world();

	service_is(w, "Sales",
		   json_pack("{s:s, s:{s:i, s:s}, s:i}", "name", "Sales", "overflow", "seconds", 1,
			     "service", "Support", "priority", 3));
	/* a broken definition changes nothing, and blocks nobody */
	service_is(w, "Fax", json_pack("{s:s, s:i}", "name", "Fax", "priority", 70));
	service_is(w, "Billing", json_pack("{s:s}", "name", "Billing"));
	ready(w, "ann", "Support", 1, 1);
	test_run(w, 300); /* the definitions come by a reader of their own */
	assert_string_equal(request(w, "C1", "Sales"), "queued");
	assert_string_equal(request(w, "C2", "Fax"), "queued");
	assert_match(w, "C1", "ann", "Support");
	assert_queues(w, 1, 1, 0);
	test_world_free(w);
}

/* RTG-4: transfers keep the age. */
static void transfers_go_where_they_should(void **state)
{
	struct test_world *w = world();
	json_t *match, *reply;

	ready(w, "ann", "Sales Billing", 1, 1);
	assert_string_equal(request(w, "C1", "Sales"), "matched");
	match = matched(w, "C1");
	says(w, "accepted", match, NULL, false);
	assert_string_equal(request(w, "C2", "Billing"), "queued"); /* younger */
	/* to a service: not to ann again at once, though she is free and can */
	ended(w, match,
	      json_pack("{s:s, s:b, s:{s:s}}", "reason", "transferred", "requeue", 1, "to",
			"service", "Billing"));
	json_decref(match);
	json_decref(matched(w, "C2"));
	reply = test_request(w, SERVICE ".status", json_pack("{s:s}", "contactId", "C1"));
	assert_int_equal(number(reply, "position"), 1);
	json_decref(reply);
	ready(w, "bob", "Billing", 1, 2);
	match = matched(w, "C1");
	assert_string_equal(text(match, "agentId"), "bob");
	assert_string_equal(text(match, "service"), "Billing");
	/* to a user: nobody else, even through a restart */
	says(w, "accepted", match, NULL, false);
	ended(w, match,
	      json_pack("{s:s, s:b, s:{s:s}}", "reason", "transferred", "requeue", 1, "to", "user",
			"cat"));
	json_decref(match);
	until_figure(w, "waiting", 1);
	restart(w);
	test_no_event(w, "work.matched", "C1", 300);
	ready(w, "cat", "Fax", 1, 3);
	assert_match(w, "C1", "cat", "Billing");
	test_world_free(w);
}

/* RTG-1: an agent who works by skill level. */
static void skill_level_takes_what_suits(void **state)
{
	struct test_world *w = world();

	assert_string_equal(request(w, "C1", "Sales"), "queued");
	assert_string_equal(
		ask(w, json_pack("{s:s, s:s, s:[{s:s}, {s:s}]}", "contactId", "C2", "channel",
				 "chat", "sets", "service", "Fax", "service", "Language")),
		"queued");
	test_event(w, "UnifiedAgentController", "agent", "state", "ann",
		   json_pack("{s:s, s:s, s:[{s:s, s:i}, {s:s, s:i}, {s:s, s:i}], s:{s:i}}", "state",
			     "Ready", "workSelection", "skillLevel", "attributes", "name",
			     "Service.Sales", "proficiency", 9, "name", "Language.English",
			     "proficiency", 1, "name", "Service.Fax", "proficiency", 2, "capacity",
			     "chat", 1));
	assert_match(w, "C2", "ann", "Fax");
	test_world_free(w);
}

/* RTG-5 */
static void hours_are_told(void **state)
{
	struct test_world *w = world();
	json_t *reply;

	service_is(w, "Sales", json_pack("{s:s, s:{s:{}}}", "name", "Sales", "hours", "week"));
	for (int i = 0; i < 50; i++) {
		reply = test_request(w, SERVICE ".hours", json_pack("{s:s}", "service", "Sales"));
		if (json_is_false(json_object_get(reply, "open")))
			break;
		json_decref(reply);
		test_run(w, 50);
	}
	assert_true(json_is_false(json_object_get(reply, "open")));
	assert_true(json_is_null(json_object_get(reply, "opensAtMs")));
	json_decref(reply);
	restart(w);
	reply = test_request(w, SERVICE ".hours", json_pack("{s:s}", "service", "Sales"));
	assert_true(json_is_false(json_object_get(reply, "open")));
	json_decref(reply);
	service_is(w, "Sales", json_pack("{s:b}", "removed", 1));
	reply = test_request(w, SERVICE ".hours", json_pack("{s:s}", "service", "Nothing"));
	assert_true(json_is_true(json_object_get(reply, "open")));
	json_decref(reply);
	test_refused(w, SERVICE ".hours", json_object(), "badRequest");
	test_world_free(w);
}

/* RTG-6: the leader is killed between decision and offer; the standby goes on within 2 s. */
static void a_standby_takes_over(void **state)
{
	struct test_world *w = world();
	json_t *first, *second;
	int64_t began_ms;

	test_standby_start(w, SERVICE);
	ready(w, "ann", "Sales", 1, 1);
	assert_string_equal(request(w, "C1", "Sales"), "matched");
	assert_string_equal(request(w, "C2", "Sales"), "queued");
	assert_string_equal(request(w, "C3", "Sales"), "queued");
	first = matched(w, "C1");
	test_service_kill(w, SERVICE);
	test_standby_leads(w, SERVICE);
	began_ms = test_now_ms();
	says(w, "ended", first, "completed", false);
	second = matched(w, "C2");
	assert_true(test_now_ms() - began_ms < 2000);
	assert_string_equal(text(second, "agentId"), "ann");
	assert_queues(w, 1, 1, 0);
	test_no_event(w, "work.matched", "C1", 200); /* decided once */
	/* and back: the next one stands by, and the one that led is killed in its turn */
	test_standby_start(w, SERVICE);
	test_service_kill(w, SERVICE);
	test_standby_leads(w, SERVICE);
	says(w, "ended", second, "completed", false);
	json_decref(matched(w, "C3"));
	json_decref(first);
	json_decref(second);
	test_world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steps_widen_with_time),
		cmocka_unit_test(named_agents_first_and_alone),
		cmocka_unit_test(a_service_overflows),
		cmocka_unit_test(transfers_go_where_they_should),
		cmocka_unit_test(skill_level_takes_what_suits),
		cmocka_unit_test(hours_are_told),
		cmocka_unit_test(a_standby_takes_over),
	};

	return cmocka_run_group_tests_name("routing", tests, NULL, NULL);
}
