/*
 * await_test.c — instances that wait for messages, signals, people, conditions and each other: the
 * real service on a real bus.
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
#include "story_test.h"

/* EDR-5, EDR-6 */
static void a_message_finds_the_one_that_waits_for_its_key(void **state)
{
	struct test_world *w = world_of(ONE("one", PAID));
	char a[27], b[27], to[27];
	json_t *instance;

	order(w, "A", a);
	order(w, "B", b);
	paid(w, "C", to);
	assert_string_equal(to, ""); /* nobody */
	test_service_kill(w, ED);
	test_service_start(w, ED, NULL);
	paid(w, "B", to);
	assert_string_equal(to, b);
	status_is(w, b, "COMPLETED");
	status_is(w, a, "RUNNING");
	instance = shown(w, b);
	assert_int_equal(json_integer_value(pl_json_get(instance, "variables.cents")), 100);
	json_decref(instance);
	paid(w, "B", to); /* a second one finds nobody */
	assert_string_equal(to, "");
	/* two that wait for the same: one message, one of them; the one that came first */
	order(w, "A", b);
	paid(w, "A", to);
	assert_string_equal(to, a);
	paid(w, "A", to);
	assert_string_equal(to, b);
	/* what is no message */
	test_refused(w, ED ".publish", json_object(), "badRequest");
	test_refused(w, ED ".publish", json_pack("{s:i}", "name", 1), "badRequest");
	test_refused(w, ED ".publish", json_pack("{s:s, s:[]}", "name", "paid", "payload"),
		     "badRequest");
	/* an undeployed one isn't begun */
	json_decref(asked(w, ED ".undeploy", json_pack("{s:s, s:i}", "name", "one", "version", 1)));
	instance = asked(w, ED ".publish", json_pack("{s:s}", "name", "order"));
	assert_int_equal(json_array_size(json_object_get(instance, "started")), 0);
	json_decref(instance);
	test_world_free(w);
}

/* EDR-5: in batches, and through a kill */
static void a_signal_reaches_all_that_wait(void **state)
{
	struct test_world *w = world_of(ONE("one", STORM));
	char id[27];
	json_t *reply;

	for (int i = 0; i < 120; i++)
		order(w, "x", id);
	reply = asked(w, ED ".signal", json_pack("{s:s}", "name", "calm"));
	assert_int_equal(json_integer_value(json_object_get(reply, "waiting")), 0);
	json_decref(reply);
	reply = asked(w, ED ".signal", json_pack("{s:s}", "name", "storm"));
	assert_int_equal(json_integer_value(json_object_get(reply, "waiting")), 120);
	json_decref(reply);
	test_service_kill(w, ED);
	test_service_start(w, ED, NULL);
	test_until(w, none_runs, NULL, "all have heard the signal");
	order(w, "y", id); /* later, so it heard nothing */
	status_is(w, id, "RUNNING");
	test_world_free(w);
}

#define CALLER                                                                                                             \
	HEAD PROCESS("caller") STARTS_BY_ORDER CALL("K", "called") END(                                                    \
		"E") "<bpmn:boundaryEvent id='B' attachedToRef='K'><bpmn:errorEventDefinition "                            \
		     "errorRef='X_broke'/></bpmn:boundaryEvent>" CATCH(                                                    \
			     "H",                                                                                          \
			     STORM) "<bpmn:boundaryEvent id='L' attachedToRef='K' cancelActivity='false'>"                 \
				    "<bpmn:escalationEventDefinition escalationRef='C_late'/></bpmn:boundaryEvent>" CATCH( \
					    "P", STORM) END("E2") END("E3") FLOW("S", "K")                                 \
					    FLOW("K", "E") FLOW("B", "H") FLOW("H", "E2")                                  \
						    FLOW("L", "P") FLOW("P", "E3") TAIL
#define CALLED(end)                                                                                \
	HEAD PROCESS("called") "<bpmn:startEvent id='S'/>" CATCH(                                  \
		"W", PAID) "<bpmn:endEvent id='E'>" end "</bpmn:endEvent>" FLOW("S", "W")          \
		FLOW("W", "E") TAIL

/* EDR-5: a call's result, its error, its escalation, and its end with its caller's */
static void a_call_comes_back(void **state)
{
	struct test_world *w = world_of(CALLER);
	char a[27], to[27];
	json_t *instance;

	/* the called one isn't there, then it is: its result */
	order(w, "A", a);
	test_until(w, is_stuck, NULL, "the call is an incident");
	deployed(w, CALLED(""));
	json_decref(asked(w, ED ".retry", json_pack("{s:s}", "id", a)));
	wait_for(w, a, "RUNNING", "K");
	for (*to = '\0'; !*to; test_run(w, 10))
		paid(w, "A", to); /* until the called instance waits for it */
	assert_string_not_equal(to, a);
	wait_for(w, a, "COMPLETED", NULL);
	status_is(w, to, "COMPLETED");
	instance = shown(w, a);
	assert_int_equal(json_integer_value(pl_json_get(instance, "variables.cents")), 100);
	json_decref(instance);
	/* its error */
	deployed(w, CALLED("<bpmn:errorEventDefinition errorRef='X_broke'/>"));
	order(w, "B", a);
	for (*to = '\0'; !*to; test_run(w, 10))
		paid(w, "B", to);
	wait_for(w, a, "RUNNING", "H");
	status_is(w, to, "FAILED");
	/* its escalation */
	deployed(w, CALLED("<bpmn:escalationEventDefinition escalationRef='C_late'/>"));
	order(w, "C", a);
	for (*to = '\0'; !*to; test_run(w, 10))
		paid(w, "C", to);
	wait_for(w, a, "RUNNING", "P");
	test_world_free(w);
}

#define USER_TASK                                                                                  \
	HEAD PROCESS("form") STARTS_BY_ORDER                                                       \
		"<bpmn:userTask id='U'><bpmn:extensionElements><zeebe:userTask/>"                  \
		"</bpmn:extensionElements></bpmn:userTask>"                                        \
		"<bpmn:manualTask id='N'/>" CATCH("W",                                             \
						  "<bpmn:conditionalEventDefinition>"              \
						  "<bpmn:condition>=cents &gt; 5</bpmn:condition>" \
						  "</bpmn:conditionalEventDefinition>") END("E")   \
			FLOW("S", "U") FLOW("U", "N") FLOW("N", "W") FLOW("W", "E") TAIL

/* EDR-5: what a person answers; a condition that comes true from outside */
static void people_and_conditions(void **state)
{
	struct test_world *w = world_of(USER_TASK);
	char id[27];
	json_t *instance, *token;

	order(w, "A", id);
	wait_for(w, id, "RUNNING", "U");
	instance = shown(w, id);
	token = json_object_get(json_array_get(json_object_get(instance, "tokens"), 0), "id");
	test_refused(w, ED ".complete", json_pack("{s:s, s:i}", "id", id, "token", 99), "conflict");
	test_refused(w, ED ".complete", json_pack("{s:s}", "id", id), "badRequest");
	test_refused(w, ED ".complete", json_pack("{s:s, s:i}", "id", "nobody", "token", 1),
		     "notFound");
	json_decref(asked(w, ED ".complete",
			  json_pack("{s:s, s:O, s:{s:i}}", "id", id, "token", token, "variables",
				    "cents", 1)));
	test_refused(w, ED ".complete", json_pack("{s:s, s:O}", "id", id, "token", token),
		     "conflict");
	json_decref(instance);
	wait_for(w, id, "RUNNING", "W");
	json_decref(asked(w, ED ".set-variables",
			  json_pack("{s:s, s:{s:i}}", "id", id, "variables", "cents", 5)));
	wait_for(w, id, "RUNNING", "W");
	json_decref(asked(w, ED ".set-variables",
			  json_pack("{s:s, s:{s:i}}", "id", id, "variables", "cents", 6)));
	wait_for(w, id, "COMPLETED", NULL);
	test_refused(w, ED ".set-variables",
		     json_pack("{s:s, s:{s:i}}", "id", id, "variables", "cents", 6), "conflict");
	test_world_free(w);
}

/* EDR-6: hundreds are alive, the service is killed again and again; each goes on exactly once */
static void killed_among_hundreds_each_is_where_it_was(void **state)
{
	enum { TOTAL = 300 };
	struct test_world *w = world_of(CALLER);
	static char ids[TOTAL][27];
	char name[16], to[27];
	int found = 0;

	deployed(w, CALLED(""));
	for (int i = 0; i < TOTAL; i++) {
		snprintf(name, sizeof(name), "%d", i);
		order(w, name, ids[i]);
		if (i % 60 == 17) {
			test_service_kill(w, ED);
			test_service_start(w, ED, NULL);
		}
	}
	for (int i = 0; i < TOTAL; i++)
		wait_for(w, ids[i], "RUNNING", "K");
	for (int i = 0; i < TOTAL; i++) {
		snprintf(name, sizeof(name), "%d", i);
		for (*to = '\0'; !*to; test_run(w, *to ? 0 : 5))
			paid(w, name, to);
		found++;
		if (i % 60 == 41) {
			test_service_kill(w, ED);
			test_service_start(w, ED, NULL);
		}
	}
	assert_int_equal(found, TOTAL);
	for (int i = 0; i < TOTAL; i++)
		wait_for(w, ids[i], "COMPLETED", NULL);
	for (int i = 0; i < TOTAL; i++) { /* nobody waits for a second one */
		snprintf(name, sizeof(name), "%d", i);
		paid(w, name, to);
		assert_string_equal(to, "");
	}
	test_until(w, none_runs, NULL, "none is left");
	test_world_free(w);
}

/* ---- incidents ---- */

struct worker {
	bool refuses;
	int asked;
};

static json_t *context(const char *operation, json_t *body, void *arg)
{
	struct worker *worker = arg;

	worker->asked++;
	return worker->refuses ? test_refusal("INVALID") : json_pack("{s:i}", "version", 7);
}

static bool is_asked_thrice(struct test_world *w, void *arg)
{
	return ((const struct worker *)arg)->asked >= 3;
}

#define ONE_TASK                                                                                   \
	HEAD PROCESS("job") STARTS_BY_ORDER                                                        \
		"<bpmn:serviceTask id='T'><bpmn:extensionElements><zeebe:taskDefinition "          \
		"type='ContextStore.get'/><zeebe:ioMapping><zeebe:input source='=id' "             \
		"target='contextId'/></zeebe:ioMapping></bpmn:extensionElements>"                  \
		"</bpmn:serviceTask>" END("E") FLOW("S", "T") FLOW("T", "E") TAIL

static void alarm_is(struct test_world *w, bool is_raised, const char *reason)
{
	json_t *alarm = test_wait_command(w, "Manager.alarm");

	assert_string_equal(pl_json_get_text(alarm, "key"), "workflow.incident");
	assert_string_equal(pl_json_get_text(alarm, "subject"), "job");
	assert_int_equal(json_is_true(json_object_get(alarm, "raised")), is_raised);
	if (!strstr(pl_json_get_text(alarm, "reason"), reason))
		fail_msg("%s: not %s", pl_json_get_text(alarm, "reason"), reason);
	json_decref(alarm);
}

/* EDR-2: tried three times by itself, kept through a kill, then retried, skipped, dropped,
 * cancelled; the alarm ends with the last that waits for somebody */
static void incidents_wait_for_somebody(void **state)
{
	struct worker worker = { .refuses = true };
	struct test_world *w = test_world_new();
	char id[27];
	json_t *reply, *first, *instance;

	test_serve(w, "ContextStore", context, &worker);
	test_serve(w, "Manager", NULL, NULL);
	test_service_start(w, ED, "--set", "retry_pause=0", NULL);
	deployed(w, ONE_TASK);
	order(w, "A", id);
	test_until(w, is_asked_thrice, &worker, "the task was tried three times");
	alarm_is(w, true, "can't go on at element T, after 3 attempts: ");
	test_run(w, 200);
	assert_int_equal(worker.asked, 3);
	test_service_kill(w, ED);
	test_service_start(w, ED, "--set", "retry_pause=0", NULL);
	reply = asked(w, ED ".incidents", json_object());
	first = json_array_get(json_object_get(reply, "items"), 0);
	assert_string_equal(pl_json_get_text(first, "instanceId"), id);
	assert_string_equal(pl_json_get_text(first, "element"), "T");
	assert_string_equal(pl_json_get_text(first, "code"), "badRequest");
	assert_int_equal(json_integer_value(json_object_get(first, "attempts")), 3);
	test_refused(w, ED ".skip", json_pack("{s:s, s:i}", "id", id, "token", 99), "conflict");
	test_refused(w, ED ".drop", json_pack("{s:s, s:i}", "id", id, "token", 99), "conflict");
	instance = shown(w, id);
	assert_true(json_equal(
		pl_json_get(json_array_get(json_object_get(instance, "incidents"), 0), "token"),
		json_object_get(first, "token")));
	json_decref(instance);
	json_decref(reply);
	reply = asked(w, ED ".incidents", json_pack("{s:s}", "instanceId", "another"));
	assert_int_equal(json_array_size(json_object_get(reply, "items")), 0);
	json_decref(reply);
	reply = asked(w, ED ".incidents", json_pack("{s:s}", "instanceId", id));
	first = json_array_get(json_object_get(reply, "items"), 0);
	test_refused(w, ED ".retry", json_pack("{s:s}", "id", "nobody"), "notFound");
	worker.refuses = false;
	json_decref(
		asked(w, ED ".retry",
		      json_pack("{s:s, s:O}", "id", id, "token", json_object_get(first, "token"))));
	json_decref(reply);
	wait_for(w, id, "COMPLETED", NULL);
	assert_int_equal(worker.asked, 4);
	assert_int_equal(incidents_of(w), 0);
	alarm_is(w, false, "");
	test_refused(w, ED ".retry", json_pack("{s:s}", "id", id), "conflict");
	/* skipped, cancelled */
	worker = (struct worker){ .refuses = true };
	order(w, "B", id);
	test_until(w, is_asked_thrice, &worker, "tried three times");
	wait_for(w, id, "RUNNING", "T");
	test_until(w, is_stuck, NULL, "it is an incident");
	json_decref(asked(w, ED ".skip", json_pack("{s:s}", "id", id)));
	wait_for(w, id, "COMPLETED", NULL);
	worker = (struct worker){ .refuses = true };
	order(w, "D", id);
	test_until(w, is_asked_thrice, &worker, "tried three times");
	test_until(w, is_stuck, NULL, "it is an incident");
	json_decref(asked(w, ED ".drop", json_pack("{s:s}", "id", id)));
	wait_for(w, id, "COMPLETED", NULL);
	worker = (struct worker){ .refuses = true };
	order(w, "C", id);
	test_until(w, is_asked_thrice, &worker, "tried three times");
	json_decref(asked(w, ED ".cancel", json_pack("{s:s}", "id", id)));
	status_is(w, id, "CANCELLED");
	assert_int_equal(incidents_of(w), 0);
	test_refused(w, ED ".cancel", json_pack("{s:s}", "id", id), "conflict");
	test_world_free(w);
}

static bool is_kept(struct test_world *w, const char *key, int seconds)
{
	json_t *reply = asked(w, ED ".publish",
			      json_pack("{s:s, s:s, s:i, s:{s:s}}", "name", "paid", "key", key,
					"keepSeconds", seconds, "payload", "of", key));
	bool kept = json_is_true(json_object_get(reply, "kept"));

	json_decref(reply);
	return kept;
}

static json_t *kept(struct test_world *w)
{
	json_t *reply = asked(w, ED ".messages", json_object());
	json_t *items = json_incref(json_object_get(reply, "items"));

	json_decref(reply);
	return items;
}

static bool nothing_is_kept(struct test_world *w, void *arg)
{
	json_t *items = kept(w);
	bool none = json_array_size(items) == 0;

	json_decref(items);
	return none;
}

/* EDR-5, EDR-6: kept through a kill, in order, one for each wait; past its time it is gone */
static void a_message_waits_for_who_waits_later(void **state)
{
	struct test_world *w = world_of(ONE("one", PAID));
	char a[27], b[27], c[27];
	json_t *items, *huge;
	char *text = calloc(1, 70001);

	assert_non_null(text);
	assert_false(is_kept(w, "A", 0));
	assert_true(is_kept(w, "A", 3600));
	assert_true(is_kept(w, "A", 3600)); /* twice: for two that wait */
	assert_true(is_kept(w, "B", 3600));
	test_service_kill(w, ED);
	test_service_start(w, ED, NULL);
	order(w, "A", a);
	test_service_kill(w, ED); /* on its way, or not yet */
	test_service_start(w, ED, NULL);
	wait_for(w, a, "COMPLETED", NULL);
	order(w, "A", b);
	wait_for(w, b, "COMPLETED", NULL);
	order(w, "A", c); /* there is none left */
	status_is(w, c, "RUNNING");
	assert_false(is_kept(w, "A", 3600)); /* somebody waits */
	status_is(w, c, "COMPLETED");
	items = kept(w);
	assert_int_equal(json_array_size(items), 1);
	assert_string_equal(pl_json_get_text(json_array_get(items, 0), "payload.of"), "B");
	json_decref(
		asked(w, ED ".drop-message",
		      json_pack("{s:O}", "id", json_object_get(json_array_get(items, 0), "id"))));
	json_decref(items);
	test_refused(w, ED ".drop-message", json_pack("{s:s}", "id", "none"), "notFound");
	order(w, "B", a);
	status_is(w, a, "RUNNING");
	/* its time */
	assert_true(is_kept(w, "C", 1));
	test_until(w, nothing_is_kept, NULL, "its time is over");
	order(w, "C", b);
	status_is(w, b, "RUNNING");
	/* what can't be kept */
	memset(text, 'x', 70000);
	huge = json_pack("{s:s, s:i, s:{s:s}}", "name", "paid", "keepSeconds", 9, "payload", "x",
			 text);
	test_refused(w, ED ".publish", huge, "tooLarge");
	free(text);
	test_refused(w, ED ".publish", json_pack("{s:s, s:i}", "name", "paid", "keepSeconds", -1),
		     "badRequest");
	test_refused(w, ED ".publish",
		     json_pack("{s:s, s:i}", "name", "paid", "keepSeconds", 604801), "badRequest");
	test_world_free(w);
}

/* EDR-6: more than ride the bus at once */
static void large_messages_are_listed(void **state)
{
	enum { COUNT = 20, LEN = 60000 };
	struct test_world *w = world_of(ONE("one", PAID));
	json_t *body = json_pack("{s:s, s:i, s:{s:o}}", "name", "paid", "keepSeconds", 3600,
				 "payload", "x", json_null()),
	       *page, *cursor;
	char *text = calloc(1, LEN + 1);
	size_t seen = 0, pages = 0;

	assert_non_null(text);
	memset(text, 'x', LEN);
	json_object_set_new(json_object_get(body, "payload"), "x", json_string(text));
	for (int i = 0; i < COUNT; i++)
		json_decref(asked(w, ED ".publish", json_incref(body)));
	json_decref(body);
	body = json_pack("{s:i}", "limit", 200);
	do {
		page = asked(w, ED ".messages", json_incref(body));
		seen += json_array_size(json_object_get(page, "items"));
		pages++;
		cursor = json_incref(json_object_get(page, "cursor"));
		json_decref(page);
		json_object_set_new(body, "cursor", cursor);
	} while (json_is_string(cursor) && pages < COUNT);
	assert_int_equal(seen, COUNT);
	json_decref(body);
	free(text);
	test_world_free(w);
}

static bool has_no_messages(struct test_world *w, void *store)
{
	struct pl_rows *rows = NULL;
	bool none;

	assert_int_equal(pl_store_query(&rows, store, "select 1 from message limit 1", ""), PL_OK);
	none = !pl_rows_next(rows);
	pl_rows_free(rows);
	return none;
}

/* More than are forgotten in one tick. */
static void messages_past_their_time_are_gone(void **state)
{
	static const char insert[] =
		"with recursive n(i) as (select 1 union all select i + 1 from n where i < 600) "
		"insert into message (id, name, key, payload, kept_ms, until_ms) "
		"select 'old' || i, 'paid', 'A', '{}', 1, i from n";
	struct test_world *w = world_of(ONE("one", PAID));
	struct pl_store *store = NULL;
	char url[600], id[27];

	test_service_stop(w, ED);
	test_service_store(w, ED, url, sizeof(url));
	assert_int_equal(pl_store_open(&store, url), PL_OK);
	assert_int_equal(pl_store_exec(store, insert, ""), PL_OK);
	test_service_start(w, ED, NULL);
	order(w, "A", id); /* of what is gone nobody gets anything */
	status_is(w, id, "RUNNING");
	test_until(w, has_no_messages, store, "all are forgotten");
	pl_store_close(store);
	test_world_free(w);
}

#define SENDS                                                                                      \
	HEAD PROCESS("sends") STARTS_BY_ORDER                                                      \
		"<bpmn:intermediateThrowEvent id='W'><bpmn:extensionElements><zeebe:ioMapping>"    \
		"<zeebe:input source='=7' target='cents'/></zeebe:ioMapping>"                      \
		"</bpmn:extensionElements><bpmn:messageEventDefinition messageRef='M_paid'/>"      \
		"</bpmn:intermediateThrowEvent>" END("E") FLOW("S", "W") FLOW("W", "E") TAIL

/* EDR-5: thrown before the other one waits */
static void a_thrown_message_is_kept(void **state)
{
	struct test_world *w = world_of(SENDS);
	char id[27];
	json_t *instance;

	order(w, "A", id);
	wait_for(w, id, "COMPLETED", NULL);
	json_decref(
		asked(w, ED ".undeploy", json_pack("{s:s, s:i}", "name", "sends", "version", 1)));
	deployed(w, ONE("one", PAID));
	order(w, "A", id);
	wait_for(w, id, "COMPLETED", NULL);
	instance = shown(w, id);
	assert_int_equal(json_integer_value(pl_json_get(instance, "variables.cents")), 7);
	json_decref(instance);
	test_world_free(w);
}

#define SILENT_TASK                                                                                \
	HEAD PROCESS("silent") STARTS_BY_ORDER                                                     \
		"<bpmn:serviceTask id='T'><bpmn:extensionElements><zeebe:taskDefinition "          \
		"type='ContextStore.get' retries='2'/><zeebe:ioMapping><zeebe:input source='=id' " \
		"target='contextId'/></zeebe:ioMapping></bpmn:extensionElements>"                  \
		"</bpmn:serviceTask>" END("E") FLOW("S", "T") FLOW("T", "E") TAIL

static json_t *silence(const char *operation, json_t *body, void *arg)
{
	++*(int *)arg;
	return NULL;
}

static bool has_failed_twice(struct test_world *w, void *arg)
{
	json_t *reply = asked(w, ED ".incidents", json_object());
	const json_t *first = json_array_get(json_object_get(reply, "items"), 0);
	bool has = json_integer_value(json_object_get(first, "attempts")) == 2;

	json_decref(reply);
	return has;
}

/* EDR-5, EDR-6: tried again by itself, then an incident that says so; a late answer moves nothing
 */
static void a_task_that_nobody_answers_is_an_incident(void **state)
{
	struct worker worker = { 0 };
	struct test_world *w = test_world_new();
	char id[27];
	json_t *reply, *first;
	int heard = 0;

	test_serve(w, "ContextStore", silence, &heard);
	test_service_start(w, ED, "--set", "retry_pause=0", "--set", "task_wait=1", NULL);
	deployed(w, SILENT_TASK);
	order(w, "A", id);
	test_until(w, has_failed_twice, NULL, "it was tried twice");
	assert_true(heard >= 2);
	reply = asked(w, ED ".incidents", json_object());
	first = json_array_get(json_object_get(reply, "items"), 0);
	assert_string_equal(pl_json_get_text(first, "code"), "unavailable");
	assert_string_equal(pl_json_get_text(first, "reason"),
			    "ContextStore.get was not answered for 1 s");
	json_decref(reply);
	test_service_kill(w, ED); /* nothing is sent again */
	heard = 0;
	test_service_start(w, ED, "--set", "retry_pause=0", "--set", "task_wait=1", NULL);
	test_serve(w, "ContextStore", context, &worker);
	json_decref(asked(w, ED ".retry", json_pack("{s:s}", "id", id)));
	wait_for(w, id, "COMPLETED", NULL);
	assert_int_equal(heard, 0);
	assert_int_equal(worker.asked, 1);
	test_world_free(w);
}

/* EDR-5: deployed by a program that had the operation, run by one that hasn't */
static void a_task_that_is_gone_is_an_incident(void **state)
{
	struct test_world *w = world_of(ONE_TASK);
	struct pl_store *store = NULL;
	char url[600], id[27];
	json_t *reply, *first;

	test_service_stop(w, ED);
	test_service_store(w, ED, url, sizeof(url));
	assert_int_equal(pl_store_open(&store, url), PL_OK);
	assert_int_equal(
		pl_store_exec(store,
			      "update workflow set hash = 'another', "
			      "xml = replace(xml, 'ContextStore.get', 'ContextStore.lend') "
			      "where name = 'job'",
			      ""),
		PL_OK);
	pl_store_close(store);
	test_service_start(w, ED, NULL);
	order(w, "A", id);
	reply = asked(w, ED ".incidents", json_object());
	first = json_array_get(json_object_get(reply, "items"), 0);
	assert_string_equal(pl_json_get_text(first, "code"), "unknownTask");
	assert_string_equal(pl_json_get_text(first, "reason"),
			    "ContextStore.lend is no longer an operation that a workflow may use");
	json_decref(reply);
	test_world_free(w);
}

/* ---- rules of the renamed event ---- */

static void put_old_rule(const struct test_world *w, const char *id, const char *condition,
			 int is_default)
{
	struct pl_store *store = NULL;
	char url[600];

	test_service_store(w, ED, url, sizeof(url));
	assert_int_equal(pl_store_open(&store, url), PL_OK);
	assert_int_equal(
		pl_store_exec(store,
			      "insert into rule (id, event, channel, condition, rank, "
			      "workflow, version, enabled, is_default) values ($1, "
			      "'ROUTE_CONTACT_TRANSFER_TO_SERVICE', 'chat', $2, 7, 'one', 1, "
			      "1, $3)",
			      "ssi", id, condition, (int64_t)is_default),
		PL_OK);
	pl_store_close(store);
}

/* The rule of an id; NULL: none. */
static json_t *rule_of(const json_t *rules, const char *id)
{
	json_t *item;
	size_t i;

	json_array_foreach(json_object_get(rules, "items"), i, item)
		if (strcmp(pl_json_get_text(item, "id"), id) == 0)
			return item;
	return NULL;
}

/* EDR-7 */
static void rules_of_a_renamed_event_are_made_anew(void **state)
{
	static const char *const ids[] = { "01OLD0000000000000000000AA",
					   "01OLD0000000000000000000AB" };
	struct test_world *w = world_of(ONE("one", PAID));
	json_t *reply, *rule, *again;

	test_service_stop(w, ED);
	put_old_rule(w, ids[0], "contact.topic = 1", 0);
	put_old_rule(w, ids[1], "", 1);
	test_service_start(w, ED, NULL);
	deployed(w, ONE("one", STORM));
	json_decref(asked(w, ED ".undeploy", json_pack("{s:s, s:i}", "name", "one", "version", 2)));
	reply = asked(w, ED ".rules", json_object());
	rule = rule_of(reply, ids[0]);
	assert_true(json_is_true(json_object_get(rule, "recreate")));
	assert_true(json_is_false(json_object_get(rule, "outdated")));
	test_refused(w, ED ".set-rule", json_pack("{s:O}", "rule", rule), "conflict");
	json_object_del(rule, "id");
	test_refused(w, ED ".set-rule", json_pack("{s:O}", "rule", rule), "badRequest");
	json_decref(reply);
	test_refused(w, ED ".recreate-rules", json_object(), "conflict"); /* version 2 isn't */
	json_decref(asked(w, ED ".deploy", json_pack("{s:s}", "name", "one")));
	for (int times = 0; times < 2; times++) { /* the second time there is nothing to do */
		reply = asked(w, ED ".recreate-rules", json_object());
		assert_int_equal(json_integer_value(json_object_get(reply, "recreated")),
				 times ? 0 : 2);
		json_decref(reply);
	}
	reply = asked(w, ED ".rules", json_object());
	for (size_t i = 0; i < 2; i++) {
		rule = rule_of(reply, ids[i]);
		assert_true(json_is_false(json_object_get(rule, "enabled")));
		assert_true(json_is_false(json_object_get(rule, "recreate")));
		assert_true(json_is_true(json_object_get(rule, "outdated")));
		again = rule_of(reply, pl_json_get_text(rule, "replacedBy"));
		assert_non_null(again);
		assert_string_equal(pl_json_get_text(again, "event"), "ROUTE_CONTACT_TRANSFER");
		assert_string_equal(pl_json_get_text(again, "version"), "latest");
		assert_true(json_is_true(json_object_get(again, "enabled")));
		assert_true(json_equal(json_object_get(again, "condition"),
				       json_object_get(rule, "condition")));
	}
	json_decref(reply);
	test_world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_finds_the_one_that_waits_for_its_key),
		cmocka_unit_test(a_message_waits_for_who_waits_later),
		cmocka_unit_test(large_messages_are_listed),
		cmocka_unit_test(messages_past_their_time_are_gone),
		cmocka_unit_test(a_thrown_message_is_kept),
		cmocka_unit_test(a_signal_reaches_all_that_wait),
		cmocka_unit_test(a_call_comes_back),
		cmocka_unit_test(people_and_conditions),
		cmocka_unit_test(incidents_wait_for_somebody),
		cmocka_unit_test(a_task_that_nobody_answers_is_an_incident),
		cmocka_unit_test(a_task_that_is_gone_is_an_incident),
		cmocka_unit_test(rules_of_a_renamed_event_are_made_anew),
		cmocka_unit_test(killed_among_hundreds_each_is_where_it_was),
	};

	if (getenv("DESIGNER_TEST"))
		cmocka_set_test_filter(getenv("DESIGNER_TEST"));
	return cmocka_run_group_tests_name("designer await", tests, NULL, NULL);
}
