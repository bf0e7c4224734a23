/*
 * starter_test.c — workflows that are started by clocks and conditions: the real service on a real
 * bus.
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
#include <time.h>

#include <cmocka.h>

#include "pelago/json.h"
#include "pelago/store.h"
#include "story_test.h"

#define STARTS_BY(process, element, what)                                                          \
	HEAD PROCESS(process) "<bpmn:startEvent id='" element "'>" what                            \
			      "</bpmn:startEvent>" END("E") FLOW(element, "E") TAIL
#define CYCLE(process, element, cycle)                                                             \
	STARTS_BY(process, element,                                                                \
		  "<bpmn:timerEventDefinition><bpmn:timeCycle>" cycle                              \
		  "</bpmn:timeCycle></bpmn:timerEventDefinition>")
#define CONDITION(process, element, condition)                                                     \
	STARTS_BY(process, element,                                                                \
		  "<bpmn:conditionalEventDefinition><bpmn:condition>=" condition                   \
		  "</bpmn:condition></bpmn:conditionalEventDefinition>")

static struct test_world *world(void)
{
	struct test_world *w = test_world_new();

	test_service_start(w, ED, NULL);
	return w;
}

/* The newest so many. */
static json_t *newest(struct test_world *w, const char *workflow, int limit)
{
	json_t *reply = asked(w, ED ".instances",
			      json_pack("{s:s, s:i}", "workflow", workflow, "limit", limit));
	json_t *items = json_incref(json_object_get(reply, "items"));

	json_decref(reply);
	return items;
}

static json_t *instances(struct test_world *w, const char *workflow)
{
	return newest(w, workflow, 200);
}

static size_t count(struct test_world *w, const char *workflow)
{
	json_t *items = instances(w, workflow);
	size_t n = json_array_size(items);

	json_decref(items);
	return n;
}

struct wanted {
	const char *workflow;
	size_t n;
};

static bool has_begun(struct test_world *w, void *arg)
{
	const struct wanted *wanted = arg;

	return count(w, wanted->workflow) >= wanted->n;
}

static void until(struct test_world *w, const char *workflow, size_t n)
{
	struct wanted wanted = { workflow, n };

	test_until(w, has_begun, &wanted, "they have been started");
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int64_t ms_of(const char *due)
{
	struct tm tm = { 0 };
	const char *rest = strptime(due, "%Y-%m-%dT%H:%M:%S", &tm);

	assert_non_null(rest);
	return (int64_t)timegm(&tm) * 1000 + strtol(rest + 1, NULL, 10);
}

/* So many instances, each of another due time, none left out. */
static void once_each(struct test_world *w, const char *workflow, size_t n, int64_t period_ms)
{
	json_t *items = instances(w, workflow), *item, *all = json_array();
	const char *due[200] = { NULL };
	size_t i;

	assert_int_equal(json_array_size(items), n);
	json_array_foreach(items, i, item) {
		json_t *instance = shown(w, pl_json_get_text(item, "id"));

		json_array_append_new(all, instance);
		assert_string_equal(pl_json_get_text(instance, "status"), "COMPLETED");
		due[i] = pl_json_get_text(instance, "variables.due");
	}
	qsort(due, n, sizeof(due[0]), by_text);
	for (i = 1; i < n; i++)
		assert_int_equal(ms_of(due[i]) - ms_of(due[i - 1]), period_ms);
	json_decref(all);
	json_decref(items);
}

/* EDR-5, EDR-6: over kill -9, a pause, and to the end of the cycle */
static void a_clock_starts_once_each_time(void **state)
{
	struct test_world *w = world();

	deployed(w, CYCLE("tick", "S", "R9/PT0.1S"));
	for (int i = 1; i <= 4; i++) {
		until(w, "tick", (size_t)i);
		test_run(w, i * 37 % 100); /* at any moment of the period */
		test_service_kill(w, ED);
		test_run(w, i == 4 ? 300 : 0); /* several are missed */
		test_service_start(w, ED, NULL);
	}
	until(w, "tick", 9);
	test_run(w, 300);
	once_each(w, "tick", 9, 100);
	test_world_free(w);
}

/* EDR-6 */
static void who_takes_over_goes_on_with_the_clock(void **state)
{
	struct test_world *w = world();

	test_standby_start(w, ED);
	deployed(w, CYCLE("tick", "S", "R9/PT0.1S"));
	until(w, "tick", 2);
	test_service_kill(w, ED);
	test_standby_leads(w, ED);
	until(w, "tick", 9);
	test_run(w, 300);
	once_each(w, "tick", 9, 100);
	test_world_free(w);
}

static void undeploy(struct test_world *w, const char *name, int version)
{
	json_decref(asked(w, ED ".undeploy",
			  json_pack("{s:s, s:i}", "name", name, "version", version)));
}

static size_t count_version(struct test_world *w, const char *workflow, int version)
{
	json_t *items = instances(w, workflow), *item;
	size_t i, n = 0;

	json_array_foreach(items, i, item)
		n += json_integer_value(json_object_get(item, "version")) == version;
	json_decref(items);
	return n;
}

/* EDR-5, EDR-12 */
static void only_the_latest_version_is_started(void **state)
{
	struct test_world *w = world();
	size_t first;

	deployed(w, CYCLE("tick", "S1", "R/PT0.1S"));
	until(w, "tick", 2);
	deployed(w, CYCLE("tick", "S2", "R/PT0.1S"));
	first = count_version(w, "tick", 1);
	until(w, "tick", first + 2);
	assert_int_equal(count_version(w, "tick", 1), first);
	undeploy(w, "tick", 2); /* the one before is the latest again */
	until(w, "tick", count(w, "tick") + 2);
	assert_true(count_version(w, "tick", 1) > first);
	undeploy(w, "tick", 1);
	first = count(w, "tick");
	test_run(w, 300);
	assert_int_equal(count(w, "tick"), first);
	test_service_kill(w, ED);
	test_service_start(w, ED, NULL);
	test_run(w, 300);
	assert_int_equal(count(w, "tick"), first);
	test_world_free(w);
}

/* The text is static. */
static const char *date_at(int64_t at_ms)
{
	time_t s = (time_t)(at_ms / 1000);
	static char text[60];
	size_t len;
	struct tm tm;

	gmtime_r(&s, &tm);
	len = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + len, sizeof(text) - len, ".%03dZ", (int)(at_ms % 1000));
	return text;
}

/* A date so many ms from now. */
static const char *date_in(int64_t ms)
{
	return date_at(test_now_ms() + ms);
}

static void deploy_with(struct test_world *w, const char *xml, const char *when)
{
	char *text = NULL;

	assert_true(asprintf(&text, xml, when) > 0);
	deployed(w, text);
	free(text);
}

#define DATE(process)                                                                              \
	STARTS_BY(process, "S",                                                                    \
		  "<bpmn:timerEventDefinition><bpmn:timeDate>%s</bpmn:timeDate>"                   \
		  "</bpmn:timerEventDefinition>")

struct last {
	const char *workflow, *due;
};

static bool has_come_to(struct test_world *w, void *arg)
{
	const struct last *last = arg;
	json_t *items = newest(w, last->workflow, 1);
	const char *id = pl_json_get_text(json_array_get(items, 0), "id");
	json_t *instance = *id ? shown(w, id) : json_object();
	bool has = strcmp(pl_json_get_text(instance, "variables.due"), last->due) == 0;

	json_decref(instance);
	json_decref(items);
	return has;
}

/* EDR-5: a date, a duration, a cycle that began before it was deployed */
static void dates_and_durations(void **state)
{
	struct test_world *w = world();
	int64_t soon_ms, now_ms = test_now_ms();
	char end[60];
	struct last last = { "began", end };
	size_t n;

	deploy_with(w, DATE("passed"), date_in(-1000));
	deploy_with(w, DATE("later"), date_in(3600000));
	snprintf(end, sizeof(end), "%s", date_at(now_ms + 1900)); /* of 20 times the last */
	deploy_with(w, CYCLE("began", "S", "R20/%s/PT0.2S"), date_at(now_ms - 1900));
	deployed(w, STARTS_BY("once", "S",
			      "<bpmn:timerEventDefinition><bpmn:timeDuration>PT0.2S"
			      "</bpmn:timeDuration></bpmn:timerEventDefinition>"));
	soon_ms = test_now_ms() + 2000;
	deploy_with(w, DATE("soon"), date_in(2000));
	test_service_kill(w, ED);
	while (test_now_ms() < soon_ms)
		test_run(w, 20);
	test_service_start(w, ED, NULL);
	until(w, "soon", 1);
	until(w, "once", 1);
	test_until(w, has_come_to, &last, "the cycle's last time");
	n = count(w, "began"); /* without those that had passed when it was deployed */
	assert_in_range(n, 1, 11);
	once_each(w, "began", n, 200);
	assert_int_equal(count(w, "soon"), 1);
	assert_int_equal(count(w, "once"), 1);
	assert_int_equal(count(w, "passed"), 0);
	assert_int_equal(count(w, "later"), 0);
	test_world_free(w);
}

/* Puts the time that a clock waits for back. */
static void put_back(const struct test_world *w, int64_t ms)
{
	struct pl_store *store = NULL;
	struct pl_rows *rows = NULL;
	json_t *body = NULL;
	char url[600], *text;

	test_service_store(w, ED, url, sizeof(url));
	assert_int_equal(pl_store_open(&store, url), PL_OK);
	assert_int_equal(
		pl_store_query(&rows, store, "select body from pl_timer where kind = 'start'", ""),
		PL_OK);
	assert_true(pl_rows_next(rows));
	body = json_loads(pl_rows_text(rows, 0), 0, NULL);
	pl_rows_free(rows);
	json_object_set_new(body, "dueMs",
			    json_integer(json_integer_value(json_object_get(body, "dueMs")) - ms));
	text = pl_json_dump(body);
	assert_int_equal(pl_store_exec(store,
				       "update pl_timer set body = $1, wall_ms = 0, mono_ms = 0 "
				       "where kind = 'start'",
				       "s", text),
			 PL_OK);
	free(text);
	json_decref(body);
	pl_store_close(store);
}

static bool no_due_is_missed(struct test_world *w, void *arg)
{
	json_t *items = newest(w, "hour", 1);
	const char *id = pl_json_get_text(json_array_get(items, 0), "id");
	json_t *instance = *id ? shown(w, id) : json_object();
	const char *due = pl_json_get_text(instance, "variables.due");
	bool none = *due && ms_of(due) > test_now_ms() - 3600000;

	json_decref(instance);
	json_decref(items);
	return none;
}

/* EDR-5: after a year away not each hour of it is made up for */
static void what_was_missed_too_long_ago_is_left_out(void **state)
{
	struct test_world *w = world();
	char cursor[200] = "";
	size_t n = 0;

	deployed(w, CYCLE("hour", "S", "R/PT1H"));
	test_service_stop(w, ED);
	put_back(w, 365LL * 24 * 3600000);
	test_service_start(w, ED, NULL);
	test_until(w, no_due_is_missed, NULL, "the clock is where it was");
	do {
		json_t *reply = asked(w, ED ".instances",
				      json_pack("{s:s, s:i, s:s}", "workflow", "hour", "limit", 200,
						"cursor", cursor));

		n += json_array_size(json_object_get(reply, "items"));
		snprintf(cursor, sizeof(cursor), "%s", pl_json_get_text(reply, "cursor"));
		json_decref(reply);
	} while (*cursor);
	assert_int_equal(n, 1 + 200); /* the one that it waited for, and the last */
	test_world_free(w);
}

static void not_deployed(struct test_world *w, const char *xml, const char *reason)
{
	json_t *reply =
		test_request(w, ED ".import", json_pack("{s:s, s:b}", "xml", xml, "deploy", 1));

	assert_string_equal(test_error(reply), "badRequest");
	if (!strstr(pl_json_get_text(reply, "error.message"), reason))
		fail_msg("%s: not %s", pl_json_get_text(reply, "error.message"), reason);
	json_decref(reply);
}

static void clocks_that_are_none_are_refused(void **state)
{
	struct test_world *w = world();

	not_deployed(w, CYCLE("p", "S", "R/PT0.01S"), "S: a workflow can't be started more often");
	not_deployed(w, CYCLE("p", "S", "=\"never\""), "element S: the timer's value is no");
	not_deployed(w, CYCLE("p", "S", "=hours"), "element S: the timer's value is no");
	not_deployed(w, CYCLE("p", "S", "0 0 9-17 * * MON-FRI"), "element S");
	test_world_free(w);
}

/* How many were started. */
static size_t set(struct test_world *w, const char *name, json_t *value)
{
	json_t *reply =
		asked(w, ED ".set-environment", json_pack("{s:{s:o}}", "variables", name, value));
	size_t n = json_array_size(json_object_get(reply, "started"));

	json_decref(reply);
	return n;
}

/* EDR-5: when it becomes true, once; also the version that comes after doesn't start it again */
static void a_condition_starts_when_it_becomes_true(void **state)
{
	struct test_world *w = world();
	json_t *reply, *items, *huge;
	char name[8];

	deployed(w, CONDITION("crowd", "S", "waiting &gt; 10 and open"));
	assert_int_equal(set(w, "waiting", json_integer(11)), 0);
	assert_int_equal(set(w, "open", json_true()), 1);
	assert_int_equal(set(w, "waiting", json_integer(12)), 0);
	test_service_kill(w, ED);
	test_service_start(w, ED, NULL);
	assert_int_equal(set(w, "waiting", json_integer(13)), 0);
	assert_int_equal(set(w, "waiting", json_integer(3)), 0);
	assert_int_equal(set(w, "waiting", json_integer(14)), 1);
	assert_int_equal(set(w, "open", json_null()), 0);
	assert_int_equal(set(w, "open", json_true()), 1);
	items = instances(w, "crowd");
	reply = shown(w, pl_json_get_text(json_array_get(items, 0), "id"));
	assert_int_equal(json_integer_value(pl_json_get(reply, "variables.waiting")), 14);
	json_decref(reply);
	json_decref(items);
	deployed(w, CONDITION("crowd", "S", "waiting &gt; 11 and open"));
	assert_int_equal(count(w, "crowd"), 3);
	deployed(w, CONDITION("crowd", "S2", "waiting &gt; 12 and open")); /* another event */
	assert_int_equal(count(w, "crowd"), 4);
	undeploy(w, "crowd", 3);
	undeploy(w, "crowd", 2);
	undeploy(w, "crowd", 1);
	assert_int_equal(set(w, "open", json_false()), 0);
	assert_int_equal(set(w, "open", json_true()), 0);
	reply = asked(w, ED ".environment", json_object());
	assert_int_equal(json_object_size(json_object_get(reply, "variables")), 2);
	json_decref(reply);
	/* what is no environment */
	test_refused(w, ED ".set-environment", json_object(), "badRequest");
	test_refused(w, ED ".set-environment", json_pack("{s:[]}", "variables"), "badRequest");
	test_refused(w, ED ".set-environment", json_pack("{s:{s:i}}", "variables", "", 1),
		     "badRequest");
	huge = json_object();
	for (int i = 0; i < 499; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		json_object_set_new(huge, name, json_integer(i));
	}
	test_refused(w, ED ".set-environment", json_pack("{s:o}", "variables", huge), "tooLarge");
	test_world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_clock_starts_once_each_time),
		cmocka_unit_test(who_takes_over_goes_on_with_the_clock),
		cmocka_unit_test(only_the_latest_version_is_started),
		cmocka_unit_test(dates_and_durations),
		cmocka_unit_test(what_was_missed_too_long_ago_is_left_out),
		cmocka_unit_test(clocks_that_are_none_are_refused),
		cmocka_unit_test(a_condition_starts_when_it_becomes_true),
	};

	if (getenv("DESIGNER_TEST"))
		cmocka_set_test_filter(getenv("DESIGNER_TEST"));
	return cmocka_run_group_tests_name("designer starter", tests, NULL, NULL);
}
