/*
 * designer_test.c — the pure parts, and the real service on a real bus, with the test as all
 * others.
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

#include <sys/wait.h>
#include <unistd.h>

#include "cache.h"
#include "choice.h"
#include "filter.h"
#include "pelago/json.h"
#include "task.h"
#include "test_world.h"

#define ED "EngagementDesigner"

/* ---- files ---- */

static char *read_text(const char *path)
{
	FILE *f = fopen(path, "re");
	char *text = calloc(1, 300000);

	assert_non_null(f);
	assert_non_null(text);
	assert_true(fread(text, 1, 299999, f) > 0);
	fclose(f);
	return text;
}

static char *replaced(const char *text, const char *old, const char *new)
{
	const char *at = strstr(text, old);
	char *out = calloc(1, strlen(text) + strlen(new) + 1);

	assert_non_null(at);
	assert_non_null(out);
	memcpy(out, text, (size_t)(at - text));
	snprintf(out + (at - text), strlen(text) + strlen(new) + 1 - (size_t)(at - text), "%s%s",
		 new, at + strlen(old));
	return out;
}

static char *chat_with(const char *old, const char *new)
{
	char *text = read_text(WORKFLOWS "/chat.bpmn"), *out = replaced(text, old, new);

	free(text);
	return out;
}

/* The chat's workflow with other pauses. */
static char *chat_pausing(const char *pause)
{
	char *first = chat_with("PT30S", pause), *out = replaced(first, "PT60S", pause);

	free(first);
	return out;
}

#define HEAD                                                                                       \
	"<bpmn:definitions xmlns:bpmn='http://www.omg.org/spec/BPMN/20100524/MODEL' "              \
	"xmlns:zeebe='http://camunda.org/schema/zeebe/1.0' id='D' targetNamespace='x'>"

/* start → one service task with these extension elements → end */
static char *small(const char *process, const char *extensions)
{
	char *text = NULL;

	assert_true(asprintf(&text,
			     HEAD "<bpmn:process id='%s' isExecutable='true'>"
				  "<bpmn:startEvent id='S'/><bpmn:serviceTask id='T'>"
				  "<bpmn:extensionElements>%s</bpmn:extensionElements>"
				  "</bpmn:serviceTask><bpmn:endEvent id='E'/>"
				  "<bpmn:sequenceFlow id='F1' sourceRef='S' targetRef='T'/>"
				  "<bpmn:sequenceFlow id='F2' sourceRef='T' targetRef='E'/>"
				  "</bpmn:process></bpmn:definitions>",
			     process, extensions) > 0);
	return text;
}

#define SAY "<zeebe:taskDefinition type='AutomationController.say'/>"

/* ---- pure parts ---- */

static void inputs_are_checked(void **state)
{
	static const struct {
		const char *operation, *input;
		enum pl_err err;
	} rows[] = {
		{ "AutomationController.say", "{\"template\":\"greeting\"}", PL_OK },
		{ "AutomationController.say", "{\"contactId\":\"C1\",\"text\":null}", PL_OK },
		{ "AutomationController.say", "{\"contactId\":\"C2\"}", PL_INVALID },
		{ "AutomationController.say", "{\"contactId\":7}", PL_INVALID },
		{ "AutomationController.say", "{\"template\":[]}", PL_INVALID },
		{ "WorkAssignment.request", "{\"channel\":\"chat\",\"service\":\"Sales\"}", PL_OK },
		{ "WorkAssignment.request", "{\"channel\":\"chat\"}", PL_INVALID },
		{ "WorkAssignment.request", "{\"channel\":\"chat\",\"service\":null}", PL_INVALID },
		{ "WorkAssignment.request",
		  "{\"channel\":\"chat\",\"service\":\"S\",\"priority\":\"high\"}", PL_INVALID },
		{ "WorkAssignment.request",
		  "{\"channel\":\"chat\",\"service\":\"S\",\"attributes\":[]}", PL_INVALID },
		{ "ContextStore.upsert", "{\"contextId\":\"X\",\"data\":null,\"other\":1}", PL_OK },
		{ "ContextStore.get", "{}", PL_INVALID },
		{ "WorkAssignment.request", "{\"channel\":\"chat\",\"sets\":[]}", PL_OK },
		{ "WorkAssignment.request", "{\"channel\":\"chat\",\"sets\":{}}", PL_INVALID },
		{ "WorkAssignment.request", "{\"channel\":\"chat\",\"service\":\"S\",\"steps\":{}}",
		  PL_INVALID },
		{ "WorkAssignment.hours", "{\"service\":\"S\"}", PL_OK },
		{ "WorkAssignment.hours", "{}", PL_INVALID },
		{ "AutomationController.say", "{\"text\":\"x\",\"close\":true}", PL_INVALID },
		{ "CustomerControllerService.close", "{\"reason\":\"timeout\",\"offHours\":1}",
		  PL_INVALID },
		{ "CustomerControllerService.close",
		  "{\"reason\":\"timeout\",\"offHours\":true,\"opensAtMs\":1}", PL_OK },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct task *task = task_find(rows[i].operation);
		json_t *input = json_loads(rows[i].input, 0, NULL), *body = NULL;

		assert_non_null(task);
		assert_non_null(input);
		assert_int_equal(task_check(&body, task, input, "C1"), rows[i].err);
		if (!rows[i].err && task->inputs[0].type == TASK_CONTACT)
			assert_string_equal(pl_json_get_text(body, "contactId"), "C1");
		assert_null(json_object_get(body, "data"));
		json_decref(body);
		json_decref(input);
	}
	assert_null(task_find("AutomationController.delete"));
}

/* EDR-15 */
static void tasks_grow_old(void **state)
{
	static const struct {
		unsigned version;
		enum task_age age;
	} rows[] = { { 0, TASK_CURRENT },  { 5, TASK_CURRENT }, { 4, TASK_OUTDATED },
		     { 3, TASK_OUTDATED }, { 2, TASK_TOO_OLD }, { 1, TASK_TOO_OLD },
		     { 6, TASK_NEWER } };
	const struct task task = { .operation = "A.b", .version = 5 };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(task_age(&task, rows[i].version), rows[i].age);
	for (size_t i = 0; task_row(i); i++)
		assert_true(task_row(i)->version > 0);
}

/* A workflow may use only services that the manifest lets us call. */
static void tasks_are_in_the_manifest(void **state)
{
	json_t *manifest = json_load_file(MANIFEST, 0, NULL), *name;
	size_t n, found;

	assert_non_null(manifest);
	for (size_t i = 0; task_row(i); i++) {
		found = 0;
		json_array_foreach(json_object_get(manifest, "calls"), n, name) {
			size_t len = json_string_length(name);

			found += strncmp(task_row(i)->operation, json_string_value(name), len) ==
					 0 &&
				 task_row(i)->operation[len] == '.';
		}
		assert_int_equal(found, 1);
	}
	json_decref(manifest);
}

static void conditions_are_met_by_true_only(void **state)
{
	static const struct {
		const char *condition;
		bool met;
	} rows[] = {
		{ "", true },
		{ "contact.topic = \"billing\"", true },
		{ "=contact.topic = \"billing\"", true },
		{ "contact.topic = \"sales\"", false },
		{ "contact.attributes.Language = \"German\" and contact.channel = \"chat\"", true },
		{ "contact.nothing", false },
		{ "contact.topic", false },
		{ "1", false },
		{ "for i in 1..100000 return i", false }, /* beyond its steps */
	};
	json_t *variables = json_pack("{s:{s:s, s:s, s:{s:s}}}", "contact", "channel", "chat",
				      "topic", "billing", "attributes", "Language", "German");

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool met = !rows[i].met;

		assert_int_equal(choice_check(rows[i].condition), PL_OK);
		(void)choice_meets(&met, rows[i].condition, variables);
		assert_int_equal(met, rows[i].met);
	}
	assert_int_equal(choice_check("contact.topic = "), PL_INVALID);
	assert_int_equal(choice_check("run(\"rm\")"), PL_INVALID);
	json_decref(variables);
}

/* EDR-15 */
static void filters_hold_or_not(void **state)
{
	static const struct {
		const char *path, *is, *value;
		bool holds;
	} rows[] = {
		{ "contact.topic", "equals", "\"billing\"", true },
		{ "contact.topic", "equals", "\"Billing\"", false },
		{ "contact.topic", "notEquals", "\"billing\"", false },
		{ "contact.nothing", "equals", "\"\"", false },
		{ "contact.nothing", "notEquals", "\"x\"", true },
		{ "contact.none", "exists", "null", false }, /* null is as if it weren't there */
		{ "contact.none", "missing", "null", true },
		{ "contact.topic.deeper", "missing", "null", true },
		{ "contact.attributes.Years", "equals", "5", true }, /* a text that is a number */
		{ "contact.attributes.Years", "equals", "\"5\"", true },
		{ "contact.attributes.Years", "less", "5.5", true },
		{ "contact.attributes.Years", "less", "5", false },
		{ "contact.attributes.Years", "atMost", "5", true },
		{ "contact.attributes.Years", "more", "5", false },
		{ "contact.attributes.Years", "atLeast", "5", true },
		{ "contact.topic", "less", "5", false }, /* no number is neither */
		{ "contact.topic", "atLeast", "5", false },
		{ "contact.topic", "oneOf", "[\"sales\",\"billing\"]", true },
		{ "contact.topic", "noneOf", "[\"sales\"]", true },
		{ "contact.nothing", "noneOf", "[\"sales\"]", true },
		{ "contact.topic", "startsWith", "\"bill\"", true },
		{ "contact.topic", "startsWith", "\"billing more\"", false },
		{ "contact.topic", "contains", "\"lin\"", true },
		{ "contact.tags", "contains", "\"vip\"", true },
		{ "contact.tags", "contains", "\"vi\"", false },
		{ "contact.tags", "contains", "7", true },
		{ "contact.vip", "equals", "true", true },
		{ "contact.vip", "equals", "1", false },
	};
	json_t *variables =
		json_pack("{s:{s:s, s:{s:s}, s:n, s:[s, i], s:b}}", "contact", "topic", "billing",
			  "attributes", "Years", "5", "none", "tags", "vip", 7, "vip", 1);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *filters =
			json_pack("[{s:s, s:s, s:o}]", "path", rows[i].path, "is", rows[i].is,
				  "value", json_loads(rows[i].value, JSON_DECODE_ANY, NULL));

		assert_int_equal(filter_check(filters, "contact"), PL_OK);
		if (filter_meets(filters, variables) != rows[i].holds)
			fail_msg("%s %s %s", rows[i].path, rows[i].is, rows[i].value);
		json_decref(filters);
	}
	assert_true(filter_meets(NULL, variables));
	json_decref(variables);
}

static void models_are_parsed_once_and_bounded(void **state)
{
	char *xml = small("p", SAY), hash[65];
	const struct bpmn_model *model = NULL, *again = NULL;

	for (int i = 0; i < 3 * CACHE_MODELS; i++) {
		snprintf(hash, sizeof(hash), "%064d", i);
		assert_null(cache_find(hash));
		assert_int_equal(cache_put(hash, xml, strlen(xml), &again), PL_OK);
		assert_ptr_equal(cache_find(hash), again);
		snprintf(hash, sizeof(hash), "%064d", 0);
		model = model ? model : again;
		assert_ptr_equal(cache_find(hash), model); /* used, so kept */
	}
	assert_int_equal(cache_put("broken", "<x", 2, &again), PL_INVALID);
	cache_clear();
	assert_null(cache_find(hash));
	free(xml);
}

/* ---- the others, played ---- */

struct others {
	int waiting;	     /* so many times WorkAssignment says that the contact waits */
	const char *refused; /* operation that is refused … */
	const char *by;	     /* … by this error */
	const char *silent;  /* operation that isn't answered */
	bool closed;	     /* off hours */
	json_int_t wait_s;   /* that status tells; 0: not known */
	int said, upserts, requests, asked_status, asked_hours;
};

static bool is(const char *a, const char *b)
{
	return a && strcmp(a, b) == 0;
}

static json_t *play(struct others *o, const char *operation, json_t *answer, int *count)
{
	if (is(o->silent, operation)) {
		json_decref(answer);
		return NULL;
	}
	++*count;
	if (is(o->refused, operation)) {
		json_decref(answer);
		return test_refusal(o->by);
	}
	return answer;
}

static json_t *automation(const char *operation, json_t *body, void *arg)
{
	struct others *o = arg;

	return play(o, operation, json_pack("{s:i}", "seq", 1), &o->said);
}

static json_t *context(const char *operation, json_t *body, void *arg)
{
	struct others *o = arg;

	return play(o, operation, json_pack("{s:i}", "version", 1), &o->upserts);
}

static json_t *assignment(const char *operation, json_t *body, void *arg)
{
	struct others *o = arg;

	if (is(operation, "status")) {
		bool waiting = o->waiting > 0;

		if (!is(o->silent, operation) && waiting)
			o->waiting--;
		return play(o, operation,
			    json_pack("{s:b, s:s, s:i, s:o}", "waiting", waiting, "state",
				      waiting ? "queued" : "active", "position", waiting ? 3 : 0,
				      "estimatedWaitSeconds",
				      o->wait_s ? json_integer(o->wait_s) : json_null()),
			    &o->asked_status);
	}
	if (is(operation, "hours"))
		return play(o, operation,
			    json_pack("{s:b, s:o, s:n, s:n}", "open", !o->closed, "opensAtMs",
				      o->closed ? json_integer(1801000000000) : json_null(),
				      "closesAtMs", "holiday"),
			    &o->asked_hours);
	return play(o, operation, json_pack("{s:s, s:i}", "state", "queued", "position", 1),
		    &o->requests);
}

static struct test_world *world_with(struct others *o)
{
	struct test_world *w = test_world_new();

	test_serve(w, "AutomationController", automation, o);
	test_serve(w, "ContextStore", context, o);
	test_serve(w, "WorkAssignment", assignment, o);
	return w;
}

static void open_contact(struct test_world *w, const char *id, const char *topic)
{
	test_event(w, "CustomerControllerService", "contact", "opened", id,
		   json_pack("{s:s, s:s, s:{s:s}, s:s, s:{s:s}, s:{s:s}}", "contactId", id,
			     "channel", "chat", "customer", "name", "Ann", "topic", topic,
			     "attributes", "Language", "German", "context", "cart", "42"));
}

static void close_contact(struct test_world *w, const char *id)
{
	test_event(w, "CustomerControllerService", "contact", "closed", id,
		   json_pack("{s:s, s:s}", "contactId", id, "reason", "customer"));
}

static json_t *import(struct test_world *w, char *xml, const char *name)
{
	json_t *reply =
		test_request(w, ED ".import",
			     json_pack("{s:s, s:s*, s:b}", "xml", xml, "name", name, "deploy", 1));

	free(xml);
	return reply;
}

static void import_good(struct test_world *w, char *xml, const char *name)
{
	json_t *reply = import(w, xml, name);

	assert_string_equal(test_error(reply), "");
	json_decref(reply);
}

static void ended_with(struct test_world *w, const char *contact, const char *status)
{
	json_t *ended = test_wait_event(w, "workflow.ended", contact);

	assert_string_equal(pl_json_get_text(ended, "body.status"), status);
	json_decref(ended);
}

/* The instance of a contact, with tokens and history. */
static json_t *instance_of(struct test_world *w, const char *contact)
{
	json_t *list = test_request(w, ED ".instances", json_pack("{s:s}", "contactId", contact));
	json_t *first = json_array_get(json_object_get(list, "items"), 0), *reply;

	assert_non_null(first);
	assert_int_equal(json_array_size(json_object_get(list, "items")), 1);
	reply = test_request(w, ED ".instance",
			     json_pack("{s:O}", "id", json_object_get(first, "id")));
	assert_non_null(json_object_get(reply, "history"));
	json_decref(list);
	return reply;
}

static size_t count_of(struct test_world *w, const char *status)
{
	json_t *reply;
	char cursor[80] = "";
	size_t n = 0;

	do {
		reply = test_request(w, ED ".instances",
				     json_pack("{s:s, s:i, s:s}", "status", status, "limit", 70,
					       "cursor", cursor));
		n += json_array_size(json_object_get(reply, "items"));
		snprintf(cursor, sizeof(cursor), "%s", pl_json_get_text(reply, "cursor"));
		json_decref(reply);
	} while (*cursor);
	return n;
}

/* ---- a chat ---- */

static void said(struct test_world *w, const char *template)
{
	json_t *body = test_wait_command(w, "AutomationController.say");

	assert_string_equal(pl_json_get_text(body, "template"), template);
	assert_string_equal(pl_json_get_text(body, "contactId"), "C1");
	json_decref(body);
}

static void a_chat_runs_its_workflow(void **state)
{
	struct others o = { .waiting = 2 };
	struct test_world *w = world_with(&o);
	json_t *body, *entry;
	size_t i, comforts = 0;

	test_service_start(w, ED, NULL);
	import_good(w, chat_pausing("PT0.2S"), NULL);
	open_contact(w, "C1", "billing");
	body = test_wait_event(w, "workflow.started", "C1");
	assert_string_equal(pl_json_get_text(body, "body.workflow"), "chat");
	assert_int_equal(json_integer_value(pl_json_get(body, "body.version")), 2);
	json_decref(body);
	said(w, "greeting");
	body = test_wait_command(w, "ContextStore.upsert");
	assert_string_equal(pl_json_get_text(body, "contextId"), "C1");
	assert_string_equal(pl_json_get_text(body, "data.cart"), "42");
	json_decref(body);
	body = test_wait_command(w, "WorkAssignment.request");
	assert_string_equal(pl_json_get_text(body, "service"), "Billing");
	assert_string_equal(pl_json_get_text(body, "channel"), "chat");
	assert_string_equal(pl_json_get_text(body, "attributes.Language"), "German");
	json_decref(body);
	said(w, "comfort_position");
	o.wait_s = 61;
	body = test_wait_command(w, "AutomationController.say");
	assert_string_equal(pl_json_get_text(body, "template"), "comfort_wait");
	assert_string_equal(pl_json_get_text(body, "values.name"), "Ann");
	assert_int_equal(json_integer_value(pl_json_get(body, "values.position")), 3);
	assert_int_equal(json_integer_value(pl_json_get(body, "values.minutes")), 2);
	json_decref(body);
	ended_with(w, "C1", "COMPLETED");
	assert_int_equal(o.said, 3);
	assert_int_equal(o.asked_hours, 3); /* and before each comfort */
	assert_int_equal(o.upserts, 1);
	assert_int_equal(o.requests, 1);
	assert_int_equal(o.asked_status, 3);
	body = instance_of(w, "C1");
	assert_string_equal(pl_json_get_text(body, "status"), "COMPLETED");
	assert_int_equal(json_array_size(json_object_get(body, "tokens")), 0);
	json_array_foreach(json_object_get(body, "history"), i, entry)
		comforts += is(pl_json_get_text(entry, "element"), "Task_comfort") &&
			    is(pl_json_get_text(entry, "what"), "completed");
	assert_int_equal(comforts, 2);
	json_decref(body);
	test_world_free(w);
}

/* Off hours nobody is asked for: the customer is told, and the chat closes behind that (RTG-5). */
static void off_hours_the_chat_ends(void **state)
{
	struct others o = { .closed = true };
	struct test_world *w = world_with(&o);
	json_t *body;

	test_service_start(w, ED, NULL);
	open_contact(w, "C1", "sales");
	body = test_wait_command(w, "WorkAssignment.hours");
	assert_string_equal(pl_json_get_text(body, "service"), "Sales");
	json_decref(body);
	body = test_wait_command(w, "AutomationController.say");
	assert_string_equal(pl_json_get_text(body, "template"), "offhours");
	assert_string_equal(pl_json_get_text(body, "from"), "system");
	assert_string_equal(pl_json_get_text(body, "close.reason"), "timeout");
	assert_true(json_is_true(pl_json_get(body, "close.offHours")));
	assert_int_equal(json_integer_value(pl_json_get(body, "close.opensAtMs")), 1801000000000);
	json_decref(body);
	ended_with(w, "C1", "COMPLETED");
	close_contact(w, "C1");
	test_no_command(w, "WorkAssignment.request", 50);
	assert_int_equal(o.said, 1);
	test_world_free(w);
}

/* Who waits when the service closes is told so, and leaves the queue (RTG-5). */
static void who_waits_at_the_close_is_told(void **state)
{
	struct others o = { .waiting = 1000 };
	struct test_world *w = world_with(&o);
	json_t *body;

	test_service_start(w, ED, NULL);
	import_good(w, chat_pausing("PT0.2S"), NULL);
	open_contact(w, "C1", "sales");
	said(w, "greeting");
	said(w, "comfort_position");
	o.closed = true;
	json_decref(test_wait_command(w, "WorkAssignment.cancel"));
	do {
		body = test_wait_command(w, "AutomationController.say");
		if (is(pl_json_get_text(body, "template"), "offhours"))
			break;
		json_decref(body); /* a comfort of before */
	} while (true);
	assert_string_equal(pl_json_get_text(body, "close.reason"), "timeout");
	assert_int_equal(json_integer_value(pl_json_get(body, "close.opensAtMs")), 1801000000000);
	json_decref(body);
	ended_with(w, "C1", "COMPLETED");
	test_world_free(w);
}

/* Who has waited for long is sent to Support, before others, once, and is comforted on (RTG-5). */
static void a_long_wait_overflows(void **state)
{
	struct others o = { .waiting = 1000 };
	struct test_world *w = world_with(&o);
	char *xml = chat_pausing("PT0.1S"), *quick = replaced(xml, "PT10M", "PT0.5S");
	json_t *body;
	int said_before;

	free(xml);
	test_service_start(w, ED, NULL);
	import_good(w, quick, NULL);
	open_contact(w, "C1", "sales");
	body = test_wait_command(w, "WorkAssignment.request");
	assert_string_equal(pl_json_get_text(body, "service"), "Sales");
	json_decref(body);
	json_decref(test_wait_command(w, "WorkAssignment.cancel"));
	body = test_wait_command(w, "WorkAssignment.request");
	assert_string_equal(pl_json_get_text(body, "service"), "Support");
	assert_int_equal(json_integer_value(json_object_get(body, "priority")), 3);
	assert_string_equal(pl_json_get_text(body, "attributes.Language"), "German");
	json_decref(body);
	said_before = o.said;
	while (o.said < said_before + 12) /* longer than until the next time */
		json_decref(test_wait_command(w, "AutomationController.say"));
	test_no_command(w, "WorkAssignment.request", 0);
	assert_int_equal(o.requests, 3); /* one of them to cancel */
	o.waiting = 0;
	ended_with(w, "C1", "COMPLETED");
	test_world_free(w);
}

/* An agent who has it meanwhile keeps it. */
static void who_is_served_at_last_does_not_overflow(void **state)
{
	struct others o = { .waiting = 1000, .refused = "cancel", .by = "STATE" };
	struct test_world *w = world_with(&o);
	char *xml = chat_pausing("PT0.1S"), *quick = replaced(xml, "PT10M", "PT0.3S");

	free(xml);
	test_service_start(w, ED, NULL);
	import_good(w, quick, NULL);
	open_contact(w, "C1", "sales");
	json_decref(test_wait_command(w, "WorkAssignment.request"));
	json_decref(test_wait_command(w, "WorkAssignment.cancel"));
	ended_with(w, "C1", "COMPLETED");
	test_no_command(w, "WorkAssignment.request", 0);
	test_world_free(w);
}

/* A service that can't tell its hours closes no door. */
static void without_hours_an_agent_is_asked_for(void **state)
{
	struct others o = { .refused = "hours", .by = "INVALID" };
	struct test_world *w = world_with(&o);
	json_t *body;

	test_service_start(w, ED, NULL);
	open_contact(w, "C1", "sales");
	body = test_wait_command(w, "WorkAssignment.request");
	assert_string_equal(pl_json_get_text(body, "contactId"), "C1");
	json_decref(body);
	ended_with(w, "C1", "FAILED");
	test_world_free(w);
}

static bool at_element(struct test_world *w, const char *contact, const char *element)
{
	json_t *list = test_request(w, ED ".instances", json_pack("{s:s}", "contactId", contact));
	json_t *instance = NULL, *token;
	bool found = false;
	size_t i;

	if (json_array_size(json_object_get(list, "items")))
		instance = instance_of(w, contact);
	json_array_foreach(json_object_get(instance, "tokens"), i, token)
		found = found || is(pl_json_get_text(token, "element"), element);
	json_decref(list);
	json_decref(instance);
	return found;
}

static void wait_at(struct test_world *w, const char *contact, const char *element)
{
	for (int64_t until = test_now_ms() + TEST_WAIT_MS; !at_element(w, contact, element);) {
		if (test_now_ms() > until)
			fail_msg("%s is not at %s; see %s", contact, element, test_world_dir(w));
		test_run(w, 20);
	}
}

static void a_closed_contact_cancels_its_workflow(void **state)
{
	struct others o = { .waiting = 1000, .silent = "request" };
	struct test_world *w = world_with(&o);
	json_t *body;

	test_service_start(w, ED, NULL);
	import_good(w, chat_pausing("PT0.4S"), NULL);
	/* while a task is out: its late answer changes nothing */
	open_contact(w, "C1", "sales");
	wait_at(w, "C1", "Task_ask");
	close_contact(w, "C1");
	ended_with(w, "C1", "CANCELLED");
	o.silent = NULL;
	test_run(w, 1500); /* the command is sent again */
	assert_int_equal(o.requests, 1);
	test_no_command(w, "AutomationController.say", 0);
	/* while a timer runs: it doesn't fire */
	open_contact(w, "C2", "sales");
	wait_at(w, "C2", "Timer_wait");
	close_contact(w, "C2");
	ended_with(w, "C2", "CANCELLED");
	o.asked_status = 0;
	test_run(w, 1000);
	assert_int_equal(o.asked_status, 0);
	body = instance_of(w, "C2");
	assert_string_equal(pl_json_get_text(body, "status"), "CANCELLED");
	json_decref(body);
	assert_int_equal(o.requests, 2);
	test_no_event(w, "workflow.ended", NULL, 0);
	test_world_free(w);
}

static void no_contact_is_stuck(void **state)
{
	struct others o = { .refused = "say", .by = "NOTFOUND" };
	struct test_world *w = world_with(&o);
	json_t *body, *rules;

	test_service_start(w, ED, NULL);
	/* a refused task before an agent was asked for */
	import_good(w, small("chat", SAY), NULL);
	open_contact(w, "C1", "sales");
	ended_with(w, "C1", "FAILED");
	body = test_wait_command(w, "WorkAssignment.request");
	assert_string_equal(pl_json_get_text(body, "service"), "Support");
	assert_string_equal(pl_json_get_text(body, "contactId"), "C1");
	assert_string_equal(pl_json_get_text(body, "channel"), "chat");
	assert_string_equal(pl_json_get_text(body, "attributes.Language"), "German");
	json_decref(body);
	body = instance_of(w, "C1");
	assert_string_equal(pl_json_get_text(body, "failure.code"), "notFound");
	assert_string_equal(pl_json_get_text(body, "failure.element"), "T");
	json_decref(body);
	/* a conflict is the end of the contact, and quiet */
	o.by = "STATE";
	open_contact(w, "C2", "sales");
	ended_with(w, "C2", "CANCELLED");
	test_no_command(w, "WorkAssignment.request", 300);
	/* the request itself is refused: the default service, once */
	import_good(w, chat_pausing("PT31S"), NULL);
	o.refused = "request";
	o.by = "INVALID";
	test_service_configure(w, ED,
			       json_pack("{s:b, s:{s:s}}", "accepting", 1, "attributes",
					 "default_service", "Help"));
	test_run(w, 700);
	o.requests = 0;
	open_contact(w, "C3", "sales");
	ended_with(w, "C3", "FAILED");
	json_decref(test_wait_command(w, "WorkAssignment.request"));
	for (int plain = 0; plain < 2; plain++) { /* its attributes may be what is refused */
		body = test_wait_command(w, "WorkAssignment.request");
		assert_string_equal(pl_json_get_text(body, "service"), "Help");
		assert_string_equal(pl_json_get_text(body, "attributes.Language"),
				    plain ? "" : "German");
		json_decref(body);
	}
	test_no_command(w, "WorkAssignment.request", 300);
	/* no rule */
	o.refused = NULL;
	rules = test_request(w, ED ".rules", json_object());
	assert_int_equal(json_array_size(json_object_get(rules, "items")), 1);
	body = json_array_get(json_object_get(rules, "items"), 0);
	assert_true(json_is_true(json_object_get(body, "default")));
	json_decref(test_request(w, ED ".delete-rule",
				 json_pack("{s:O}", "id", json_object_get(body, "id"))));
	json_decref(rules);
	open_contact(w, "C4", "sales");
	ended_with(w, "C4", "FAILED");
	body = test_wait_command(w, "WorkAssignment.request");
	assert_string_equal(pl_json_get_text(body, "service"), "Help");
	json_decref(body);
	body = instance_of(w, "C4");
	assert_string_equal(pl_json_get_text(body, "failure.code"), "noRule");
	json_decref(body);
	test_world_free(w);
}

static void a_failure_after_the_request_asks_nobody_again(void **state)
{
	struct others o = { .refused = "status", .by = "INVALID" };
	struct test_world *w = world_with(&o);

	test_service_start(w, ED, NULL);
	import_good(w, chat_pausing("PT0.1S"), NULL);
	open_contact(w, "C1", "sales");
	ended_with(w, "C1", "FAILED");
	test_run(w, 300);
	assert_int_equal(o.requests, 1);
	test_world_free(w);
}

static void data_that_grows_too_large_fails_the_instance(void **state)
{
	struct others o = { 0 };
	struct test_world *w = world_with(&o);
	char *huge = malloc(300001);
	json_t *body;

	assert_non_null(huge);
	memset(huge, 'x', 300000);
	huge[300000] = '\0';
	test_service_start(w, ED, NULL);
	test_event(w, "CustomerControllerService", "contact", "opened", "C1",
		   json_pack("{s:s, s:{s:s}}", "channel", "chat", "context", "x", huge));
	free(huge);
	ended_with(w, "C1", "FAILED");
	json_decref(test_wait_command(w, "WorkAssignment.request"));
	body = instance_of(w, "C1");
	assert_string_equal(pl_json_get_text(body, "failure.code"), "tooLarge");
	json_decref(body);
	assert_int_equal(o.said, 0);
	/* what an event lacks or has wrong doesn't keep a contact from an agent */
	test_event(w, "CustomerControllerService", "contact", "opened", "C2",
		   json_pack("{s:i, s:[], s:s}", "channel", 7, "attributes", "context", "x"));
	ended_with(w, "C2", "FAILED");
	json_decref(test_wait_command(w, "WorkAssignment.request"));
	test_world_free(w);
}

/* start → two flows at once: one task each, no joining */
static char *split(const char *one, const char *two)
{
	char *text = NULL;

	assert_true(asprintf(&text,
			     HEAD "<bpmn:process id='split' isExecutable='true'>"
				  "<bpmn:startEvent id='S'/>"
				  "<bpmn:serviceTask id='A'><bpmn:extensionElements>%s"
				  "</bpmn:extensionElements></bpmn:serviceTask>"
				  "<bpmn:serviceTask id='B'><bpmn:extensionElements>%s"
				  "</bpmn:extensionElements></bpmn:serviceTask>"
				  "<bpmn:endEvent id='E'/>"
				  "<bpmn:sequenceFlow id='F1' sourceRef='S' targetRef='A'/>"
				  "<bpmn:sequenceFlow id='F2' sourceRef='S' targetRef='B'/>"
				  "<bpmn:sequenceFlow id='F3' sourceRef='A' targetRef='E'/>"
				  "<bpmn:sequenceFlow id='F4' sourceRef='B' targetRef='E'/>"
				  "</bpmn:process></bpmn:definitions>",
			     one, two) > 0);
	return text;
}

#define REQUEST                                                                                    \
	"<zeebe:taskDefinition type='WorkAssignment.request'/><zeebe:ioMapping>"                   \
	"<zeebe:input source='chat' target='channel'/><zeebe:input source='Sales' "                \
	"target='service'/></zeebe:ioMapping>"

static void route_to(struct test_world *w, const char *workflow, char id[27])
{
	json_t *body = json_pack("{s:{s:s, s:s, s:s}}", "rule", "event", "ROUTE_CONTACT",
				 "workflow", workflow, "condition",
				 "=contact.topic = contact.topic"),
	       *reply;

	if (*id)
		json_object_set_new(json_object_get(body, "rule"), "id", json_string(id));
	reply = test_request(w, ED ".set-rule", body);
	assert_string_equal(test_error(reply), "");
	snprintf(id, 27, "%s", pl_json_get_text(reply, "rule.id"));
	json_decref(reply);
}

/* A task that nobody answers is given up, and the contact gets an agent; what WorkAssignment is
 * asked isn't. */
static void silence_keeps_no_contact_from_an_agent(void **state)
{
	struct others o = { .silent = "say" };
	struct test_world *w = world_with(&o);
	json_t *body;

	test_service_start(w, ED, "--set", "task_wait=1", NULL);
	import_good(w, small("chat", SAY), NULL);
	open_contact(w, "C1", "sales");
	ended_with(w, "C1", "FAILED");
	body = test_wait_command(w, "WorkAssignment.request");
	assert_string_equal(pl_json_get_text(body, "contactId"), "C1");
	assert_string_equal(pl_json_get_text(body, "service"), "Support");
	json_decref(body);
	body = instance_of(w, "C1");
	assert_string_equal(pl_json_get_text(body, "failure.reason"),
			    "AutomationController.say was not answered for 1 s");
	json_decref(body);
	o.silent = "request";
	import_good(w, small("chat", REQUEST), NULL);
	open_contact(w, "C2", "sales");
	test_no_event(w, "workflow.ended", "C2", 2500);
	o.silent = NULL;
	ended_with(w, "C2", "COMPLETED");
	test_world_free(w);
}

static void tokens_side_by_side(void **state)
{
	struct others o = { .silent = "request", .refused = "say", .by = "NOTFOUND" };
	struct test_world *w = world_with(&o);
	char rule_id[27] = "";
	json_t *body;

	test_service_start(w, ED, NULL);
	import_good(w, split(SAY, REQUEST), NULL);
	route_to(w, "split", rule_id);
	/* one fails while the request for an agent is out: whose refusal, later, isn't the end */
	open_contact(w, "C1", "x");
	ended_with(w, "C1", "FAILED");
	json_decref(test_wait_command(w, "WorkAssignment.request"));
	o.silent = NULL;
	o.refused = "request";
	o.by = "INVALID";
	body = test_wait_command(w, "WorkAssignment.request"); /* the same again */
	assert_string_equal(pl_json_get_text(body, "service"), "Sales");
	json_decref(body);
	body = test_wait_command(w, "WorkAssignment.request");
	assert_string_equal(pl_json_get_text(body, "service"), "Support");
	json_decref(body);
	/* a task that can't be sent takes the other with it */
	import_good(w,
		    split(SAY, "<zeebe:taskDefinition type='AutomationController.say'/>"
			       "<zeebe:ioMapping><zeebe:input source='C9' target='contactId'/>"
			       "</zeebe:ioMapping>"),
		    NULL);
	o.refused = NULL;
	o.said = 0;
	open_contact(w, "C2", "x");
	ended_with(w, "C2", "FAILED");
	body = instance_of(w, "C2");
	assert_string_equal(pl_json_get_text(body, "failure.code"), "badInput");
	assert_string_equal(pl_json_get_text(body, "failure.element"), "B");
	json_decref(body);
	json_decref(test_wait_command(w, "WorkAssignment.request"));
	assert_int_equal(o.said, 0);
	/* both are done */
	import_good(w, split(SAY, REQUEST), NULL);
	open_contact(w, "C3", "x");
	ended_with(w, "C3", "COMPLETED");
	assert_int_equal(o.said, 1);
	test_world_free(w);
}

/* start → sub-process of one task, watched by a long timer → end; errors of one code, or of any,
 * lead to a pause */
static char *guarded(const char *task, const char *code)
{
	char *text = NULL;

	assert_true(asprintf(&text,
			     HEAD "<bpmn:error id='X' errorCode='badInput'/>"
				  "<bpmn:process id='guarded' isExecutable='true'>"
				  "<bpmn:startEvent id='S'/><bpmn:subProcess id='Sub'>"
				  "<bpmn:startEvent id='S1'/>"
				  "<bpmn:serviceTask id='A'><bpmn:extensionElements>%s"
				  "</bpmn:extensionElements></bpmn:serviceTask>"
				  "<bpmn:sequenceFlow id='F0' sourceRef='S1' targetRef='A'/>"
				  "</bpmn:subProcess>"
				  "<bpmn:boundaryEvent id='Late' attachedToRef='Sub'>"
				  "<bpmn:timerEventDefinition><bpmn:timeDuration>PT1H"
				  "</bpmn:timeDuration></bpmn:timerEventDefinition>"
				  "</bpmn:boundaryEvent>"
				  "<bpmn:boundaryEvent id='Caught' attachedToRef='Sub'>"
				  "<bpmn:errorEventDefinition %s/></bpmn:boundaryEvent>"
				  "<bpmn:intermediateCatchEvent id='Pause'>"
				  "<bpmn:timerEventDefinition><bpmn:timeDuration>PT0.1S"
				  "</bpmn:timeDuration></bpmn:timerEventDefinition>"
				  "</bpmn:intermediateCatchEvent><bpmn:endEvent id='E'/>"
				  "<bpmn:sequenceFlow id='F1' sourceRef='S' targetRef='Sub'/>"
				  "<bpmn:sequenceFlow id='F2' sourceRef='Sub' targetRef='E'/>"
				  "<bpmn:sequenceFlow id='F3' sourceRef='Caught' "
				  "targetRef='Pause'/>"
				  "<bpmn:sequenceFlow id='F4' sourceRef='Pause' targetRef='E'/>"
				  "<bpmn:sequenceFlow id='F5' sourceRef='Late' targetRef='E'/>"
				  "</bpmn:process></bpmn:definitions>",
			     task, code) > 0);
	return text;
}

static bool came_by(struct test_world *w, const char *contact, const char *element)
{
	json_t *body = instance_of(w, contact), *entry;
	bool found = false;
	size_t i;

	json_array_foreach(json_object_get(body, "history"), i, entry) {
		found |= is(pl_json_get_text(entry, "element"), element);
	}
	json_decref(body);
	return found;
}

/* EDR-5: errors of tasks are caught at a boundary, and timers withdrawn with what they watched */
static void errors_are_caught_at_a_boundary(void **state)
{
	struct others o = { .refused = "say", .by = "NOTFOUND" };
	struct test_world *w = world_with(&o);
	char rule_id[27] = "";

	test_service_start(w, ED, NULL);
	import_good(w, guarded(SAY, ""), NULL);
	route_to(w, "guarded", rule_id);
	open_contact(w, "C1", "x");
	ended_with(w, "C1", "COMPLETED");
	assert_true(came_by(w, "C1", "Caught"));
	/* one that can't be sent at all */
	import_good(w,
		    guarded(SAY "<zeebe:ioMapping><zeebe:input source='C9' target='contactId'/>"
				"</zeebe:ioMapping>",
			    "errorRef='X'"),
		    NULL);
	o.refused = NULL;
	o.said = 0;
	open_contact(w, "C2", "x");
	ended_with(w, "C2", "COMPLETED");
	assert_true(came_by(w, "C2", "Caught"));
	assert_int_equal(o.said, 0);
	/* nothing goes wrong */
	import_good(w, guarded(SAY, "errorRef='X'"), NULL);
	open_contact(w, "C3", "x");
	ended_with(w, "C3", "COMPLETED");
	assert_false(came_by(w, "C3", "Caught"));
	assert_int_equal(o.said, 1);
	test_world_free(w);
}

static void dates_are_waited_for_and_history_is_bounded(void **state)
{
	static const char duration[] = ">PT30S</bpmn:timeDuration>",
			  past[] = ">2020-01-01T00:00:00Z</bpmn:timeDate>",
			  future[] = ">9999-01-01T00:00:00Z</bpmn:timeDate>";
	struct others o = { .waiting = 3 };
	struct test_world *w = world_with(&o);
	json_t *body, *entry;
	char *text, *xml;
	size_t i, last = 0;

	test_service_start(w, ED, "--set", "history_steps=2", NULL);
	for (int late = 0; late < 2; late++) {
		text = chat_with("<bpmn:timeDuration ", "<bpmn:timeDate ");
		xml = replaced(text, duration, late ? future : past);
		free(text);
		import_good(w, replaced(xml, "PT60S", "PT0S"), NULL);
		free(xml);
		open_contact(w, late ? "C2" : "C1", "x");
		if (!late)
			ended_with(w, "C1", "COMPLETED");
	}
	body = instance_of(w, "C1"); /* timer, and the last status */
	json_array_foreach(json_object_get(body, "history"), i, entry) {
		assert_false(is(pl_json_get_text(entry, "element"), "Task_greet"));
		last += is(pl_json_get_text(entry, "element"), "End_done");
	}
	assert_true(i > 0 && last > 0);
	json_decref(body);
	wait_at(w, "C2", "Timer_wait");
	o.asked_status = 0;
	test_run(w, 400);
	assert_int_equal(o.asked_status, 0);
	close_contact(w, "C2");
	ended_with(w, "C2", "CANCELLED");
	test_world_free(w);
}

/* ---- workflows ---- */

static void bad_files_are_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"not XML",
		"<a>",
		"<!DOCTYPE d [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]><d>&b;</d>",
		"<!DOCTYPE d SYSTEM \"file:///etc/passwd\"><d/>",
		"<x xmlns='http://www.omg.org/spec/BPMN/20100524/MODEL'/>",
		HEAD "</bpmn:definitions>",
		HEAD "<bpmn:process id='p'><bpmn:startEvent id='S'/></bpmn:process>"
		     "</bpmn:definitions>",
		HEAD "<bpmn:process id='p'><bpmn:startEvent id='S'/><bpmn:complexGateway id='U'/>"
		     "<bpmn:sequenceFlow id='F' sourceRef='S' targetRef='U'/></bpmn:process>"
		     "</bpmn:definitions>",
	};
	struct others o = { 0 };
	struct test_world *w = world_with(&o);
	char *huge = malloc(300001), *xml, *text;
	json_t *reply;

	test_service_start(w, ED, NULL);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		reply = test_request(w, ED ".import", json_pack("{s:s}", "xml", bad[i]));
		assert_string_equal(test_error(reply), "badRequest");
		assert_true(strlen(pl_json_get_text(reply, "error.message")) > 10);
		json_decref(reply);
		reply = test_request(w, ED ".validate", json_pack("{s:s}", "xml", bad[i]));
		assert_true(json_is_false(json_object_get(reply, "valid")));
		json_decref(reply);
	}
	assert_non_null(huge);
	/* names beyond what a reason has room for, cut at each place of a character */
	for (size_t shift = 0; shift < 3; shift++) {
		memset(huge, 'x', shift);
		for (size_t i = 0; i < 400; i++)
			memcpy(huge + shift + 3 * i, "€", 4);
		xml = small(huge, SAY);
		test_refused(w, ED ".import", json_pack("{s:s}", "xml", xml), "badRequest");
		free(xml);
		assert_true(asprintf(&xml, HEAD "<bpmn:%s/></bpmn:definitions>", huge) > 0);
		test_refused(w, ED ".import", json_pack("{s:s}", "xml", xml), "badRequest");
		reply = test_request(w, ED ".validate", json_pack("{s:s}", "xml", xml));
		assert_true(json_is_false(json_object_get(reply, "valid")));
		json_decref(reply);
		free(xml);
		assert_true(asprintf(&text, "<zeebe:taskDefinition type='%s'/>", huge) > 0);
		xml = small("p", text);
		test_refused(w, ED ".import", json_pack("{s:s, s:b}", "xml", xml, "deploy", 1),
			     "badRequest");
		reply = test_request(w, ED ".validate", json_pack("{s:s}", "xml", xml));
		assert_true(json_is_false(json_object_get(reply, "valid")));
		json_decref(reply);
		free(text);
		free(xml);
	}
	memset(huge, ' ', 300000);
	huge[300000] = '\0';
	test_refused(w, ED ".import", json_pack("{s:s}", "xml", huge), "tooLarge");
	free(huge);
	test_refused(w, ED ".import", json_object(), "badRequest");
	test_refused(w, ED ".import", json_pack("{s:i}", "xml", 1), "badRequest");
	/* names */
	xml = small("p", SAY);
	test_refused(w, ED ".import", json_pack("{s:s, s:s}", "xml", xml, "name", "../x"),
		     "badRequest");
	test_refused(w, ED ".import", json_pack("{s:s, s:s}", "xml", xml, "name", ""),
		     "badRequest");
	free(xml);
	/* an operation that a workflow may not use: kept, but not deployed */
	xml = small("p", "<zeebe:taskDefinition type='AuthorizationService.token'/>");
	reply = test_request(w, ED ".import", json_pack("{s:s, s:b}", "xml", xml, "deploy", 1));
	assert_string_equal(test_error(reply), "badRequest");
	assert_non_null(
		strstr(pl_json_get_text(reply, "error.message"), "AuthorizationService.token"));
	json_decref(reply);
	reply = test_request(w, ED ".import", json_pack("{s:s}", "xml", xml));
	assert_string_equal(test_error(reply), "");
	assert_int_equal(json_array_size(json_object_get(reply, "problems")), 1);
	json_decref(reply);
	test_refused(w, ED ".deploy", json_pack("{s:s}", "name", "p"), "badRequest");
	test_refused(w, ED ".deploy", json_pack("{s:s}", "name", "q"), "notFound");
	test_refused(w, ED ".deploy", json_pack("{s:s, s:i}", "name", "p", "version", 9),
		     "notFound");
	free(xml);
	test_world_free(w);
}

/* EDR-15: a task that is out of date is shown so, and runs; one of a later program isn't deployed.
 */
static void tasks_out_of_date_are_shown(void **state)
{
	struct others o = { 0 };
	struct test_world *w = world_with(&o);
	char *xml = small("old", SAY), *drawn;
	json_t *reply, *task;
	size_t i;

	test_service_start(w, ED, NULL);
	reply = test_request(w, ED ".workflow", json_pack("{s:s}", "name", "chat"));
	assert_true(json_array_size(json_object_get(reply, "tasks")) > 5);
	json_array_foreach(json_object_get(reply, "tasks"), i, task)
		assert_string_equal(pl_json_get_text(task, "state"), "current");
	json_decref(reply);
	drawn = replaced(xml, "<bpmn:serviceTask id='T'",
			 "<bpmn:serviceTask id='T' zeebe:modelerTemplateVersion='2'");
	import_good(w, drawn, NULL);
	reply = test_request(w, ED ".workflow", json_pack("{s:s}", "name", "old"));
	assert_true(json_is_true(json_object_get(reply, "deployed")));
	task = json_array_get(json_object_get(reply, "tasks"), 0);
	assert_string_equal(pl_json_get_text(task, "state"), "outdated");
	assert_string_equal(pl_json_get_text(task, "operation"), "AutomationController.say");
	json_decref(reply);
	drawn = replaced(xml, "<bpmn:serviceTask id='T'",
			 "<bpmn:serviceTask id='T' zeebe:modelerTemplateVersion='9'");
	test_refused(w, ED ".import", json_pack("{s:s, s:b}", "xml", drawn, "deploy", 1),
		     "badRequest");
	free(drawn);
	drawn = replaced(xml, "<bpmn:serviceTask id='T'",
			 "<bpmn:serviceTask id='T' zeebe:modelerTemplateVersion='two'");
	test_refused(w, ED ".import", json_pack("{s:s}", "xml", drawn), "badRequest");
	free(drawn);
	free(xml);
	test_world_free(w);
}

static void versions_are_kept_and_listed(void **state)
{
	struct others o = { .silent = "say" };
	struct test_world *w = world_with(&o);
	json_t *reply, *row;
	char *xml = chat_pausing("PT7S");

	test_service_start(w, ED, NULL);
	reply = test_request(w, ED ".workflows", json_object());
	row = json_array_get(json_object_get(reply, "items"), 0);
	assert_int_equal(json_array_size(json_object_get(reply, "items")), 1);
	assert_string_equal(pl_json_get_text(row, "name"), "chat");
	assert_string_equal(pl_json_get_text(row, "title"), "Chat");
	assert_string_equal(pl_json_get_text(row, "gold"), "gold");
	assert_true(json_is_true(json_object_get(row, "deployed")));
	json_decref(reply);
	open_contact(w, "C1", "sales");
	wait_at(w, "C1", "Task_greet");
	/* over HTTP, twice the same text */
	for (int i = 0; i < 2; i++) {
		reply = test_request(w, ED ".http-import",
				     test_http("POST", NULL, NULL, json_pack("{s:s}", "xml", xml),
					       "dora", "designer"));
		assert_int_equal(json_integer_value(json_object_get(reply, "status")), 201);
		assert_int_equal(json_integer_value(pl_json_get(reply, "body.version")), 2);
		assert_int_equal(json_is_true(pl_json_get(reply, "body.created")), i == 0);
		json_decref(reply);
	}
	reply = test_request(w, ED ".http-workflow",
			     test_http("GET", json_pack("{s:s}", "name", "chat"), NULL, NULL,
				       "dora", "designer"));
	assert_string_equal(pl_json_get_text(reply, "body.xml"), xml);
	assert_string_equal(pl_json_get_text(reply, "body.gold"), "broken");
	assert_string_equal(pl_json_get_text(reply, "body.createdBy"), "dora");
	assert_true(json_is_false(pl_json_get(reply, "body.deployed")));
	json_decref(reply);
	reply = test_request(w, ED ".http-workflow",
			     test_http("GET", json_pack("{s:s}", "name", "chat"),
				       json_pack("{s:s}", "version", "1"), NULL, "dora",
				       "designer"));
	assert_int_equal(json_integer_value(pl_json_get(reply, "body.running")), 1);
	json_decref(reply);
	test_refused(w, ED ".http-workflow",
		     test_http("GET", json_pack("{s:s}", "name", "chat"),
			       json_pack("{s:s}", "version", "1x"), NULL, "dora", "designer"),
		     "badRequest");
	test_refused(w, ED ".workflow", json_pack("{s:s, s:i}", "name", "chat", "version", 3),
		     "notFound");
	/* page by page */
	reply = test_request(
		w, ED ".http-workflows",
		test_http("GET", NULL, json_pack("{s:s}", "limit", "1"), NULL, "dora", "designer"));
	assert_string_equal(pl_json_get_text(reply, "body.cursor"), "workflows:MTpjaGF0");
	json_decref(reply);
	reply = test_request(w, ED ".workflows",
			     json_pack("{s:s}", "cursor", "workflows:MTpjaGF0"));
	row = json_array_get(json_object_get(reply, "items"), 0);
	assert_int_equal(json_integer_value(json_object_get(row, "version")), 2);
	assert_true(json_is_null(json_object_get(reply, "cursor")));
	json_decref(reply);
	/* undeployed: says what runs, and that goes on; new contacts get an agent all the same */
	reply = test_request(w, ED ".undeploy",
			     json_pack("{s:s, s:i}", "name", "chat", "version", 1));
	assert_int_equal(json_integer_value(json_object_get(reply, "running")), 1);
	json_decref(reply);
	o.silent = NULL;
	open_contact(w, "C2", "sales");
	ended_with(w, "C2", "FAILED");
	wait_at(w, "C1", "Timer_wait");
	reply = test_request(w, ED ".deploy", json_pack("{s:s}", "name", "chat"));
	assert_int_equal(json_integer_value(json_object_get(reply, "version")), 2);
	json_decref(reply);
	reply = test_request(w, ED ".http-instances",
			     test_http("GET", NULL, json_pack("{s:s}", "status", "RUNNING"), NULL,
				       "dora", "designer"));
	assert_int_equal(json_array_size(pl_json_get(reply, "body.items")), 1);
	json_decref(reply);
	reply = test_request(w, ED ".http-rules",
			     test_http("GET", NULL, NULL, NULL, "dora", "designer"));
	assert_int_equal(json_array_size(pl_json_get(reply, "body.items")), 1);
	json_decref(reply);
	free(xml);
	test_world_free(w);
}

/* ---- rules ---- */

static json_t *rule(const char *workflow, const char *condition, int rank, const char *channel)
{
	return json_pack("{s:{s:s, s:s, s:s, s:i, s:s}}", "rule", "event", "ROUTE_CONTACT",
			 "workflow", workflow, "condition", condition, "rank", rank, "channel",
			 channel);
}

static void set_rule(struct test_world *w, json_t *body, char id[27])
{
	json_t *reply = test_request(w, ED ".set-rule", body);

	assert_string_equal(test_error(reply), "");
	snprintf(id, 27, "%s", pl_json_get_text(reply, "rule.id"));
	json_decref(reply);
}

static void routed_to(struct test_world *w, const char *contact, const char *topic,
		      const char *workflow)
{
	json_t *started;

	open_contact(w, contact, topic);
	started = test_wait_event(w, "workflow.started", contact);
	assert_string_equal(pl_json_get_text(started, "body.workflow"), workflow);
	json_decref(started);
}

/* The ranks of the next two rules. */
static void assert_page(struct test_world *w, char cursor[120], const char *wanted)
{
	json_t *reply =
		test_request(w, ED ".rules", json_pack("{s:i, s:s}", "limit", 2, "cursor", cursor));
	json_t *item;
	char ranks[40] = "";
	size_t i;

	json_array_foreach(json_object_get(reply, "items"), i, item)
		snprintf(ranks + strlen(ranks), sizeof(ranks) - strlen(ranks), "%d ",
			 (int)json_integer_value(json_object_get(item, "rank")));
	assert_string_equal(ranks, wanted);
	snprintf(cursor, 120, "%s", pl_json_get_text(reply, "cursor"));
	json_decref(reply);
}

static void rules_are_asked_in_order(void **state)
{
	struct others o = { .waiting = 1000 };
	struct test_world *w = world_with(&o);
	char first[27], second[27], other[27], cursor[120] = "";
	json_t *body;

	test_service_start(w, ED, NULL);
	import_good(w, small("one", SAY), NULL);
	import_good(w, small("two", SAY), NULL);
	routed_to(w, "C1", "vip", "chat");
	set_rule(w, rule("one", "contact.topic = \"vip\"", 20, "chat"), first);
	routed_to(w, "C2", "vip", "one");
	routed_to(w, "C3", "sales", "chat");
	set_rule(w, rule("two", "contact.attributes.Language = \"German\"", 10, ""), second);
	set_rule(w, rule("one", "", 1, "email"), other); /* another channel */
	routed_to(w, "C4", "vip", "two");
	/* off */
	body = rule("two", "contact.attributes.Language = \"German\"", 10, "");
	json_object_set_new(json_object_get(body, "rule"), "id", json_string(second));
	json_object_set_new(json_object_get(body, "rule"), "enabled", json_false());
	set_rule(w, body, other);
	assert_string_equal(other, second);
	routed_to(w, "C5", "vip", "one");
	/* its workflow isn't deployed: the next one that fits */
	json_decref(test_request(w, ED ".undeploy",
				 json_pack("{s:s, s:i}", "name", "one", "version", 1)));
	routed_to(w, "C6", "vip", "chat");
	/* a version */
	body = rule("chat", "contact.topic = \"old\"", 5, "chat");
	json_object_set_new(json_object_get(body, "rule"), "version", json_integer(1));
	set_rule(w, body, other);
	import_good(w, chat_pausing("PT9S"), NULL);
	open_contact(w, "C7", "old");
	body = test_wait_event(w, "workflow.started", "C7");
	assert_int_equal(json_integer_value(pl_json_get(body, "body.version")), 1);
	json_decref(body);
	open_contact(w, "C8", "new");
	body = test_wait_event(w, "workflow.started", "C8");
	assert_int_equal(json_integer_value(pl_json_get(body, "body.version")), 2);
	json_decref(body);
	/* listed in that order, whatever comes and goes */
	assert_page(w, cursor, "1 5 ");
	json_decref(test_request(w, ED ".delete-rule", json_pack("{s:s}", "id", other)));
	set_rule(w, rule("chat", "", 3, ""), other);
	set_rule(w, rule("chat", "", 12, ""), other);
	assert_page(w, cursor, "10 12 ");
	assert_page(w, cursor, "20 0 "); /* the default */
	assert_string_equal(cursor, "");
	/* refused */
	test_refused(w, ED ".rules", json_pack("{s:s}", "cursor", "instances:1"), "badRequest");
	test_refused(w, ED ".set-rule", rule("chat", "contact.topic = ", 1, ""), "badRequest");
	test_refused(w, ED ".set-rule", rule("nothing", "", 1, ""), "notFound");
	test_refused(w, ED ".set-rule", rule("chat", "", -1, ""), "badRequest");
	body = rule("chat", "", 1, "");
	json_object_set_new(json_object_get(body, "rule"), "event", json_string("EAT"));
	test_refused(w, ED ".set-rule", body, "badRequest");
	body = rule("chat", "", 1, "chat");
	json_object_set_new(json_object_get(body, "rule"), "default", json_true());
	test_refused(w, ED ".set-rule", body, "conflict");
	body = rule("chat", "", 1, "");
	json_object_set_new(json_object_get(body, "rule"), "id", json_string("nobody"));
	test_refused(w, ED ".set-rule", body, "notFound");
	test_refused(w, ED ".delete-rule", json_pack("{s:s}", "id", "nobody"), "notFound");
	test_world_free(w);
}

/* ---- kill -9 ---- */

/* EDR-6 */
static void killed_at_every_wait(void **state)
{
	static const struct {
		const char *silent, *element;
	} waits[] = { { "hours", "Task_hours" }, { "request", "Task_ask" },
		      { "say", "Task_greet" },	 { "upsert", "Task_remember" },
		      { NULL, "Timer_wait" },	 { "status", "Task_status" },
		      { "say", "Task_comfort" } };
	struct others o = { .waiting = 1, .silent = "hours" };
	struct test_world *w = world_with(&o);

	test_service_start(w, ED, NULL);
	import_good(w, chat_pausing("PT1S"), NULL);
	open_contact(w, "C1", "sales");
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		o.silent = waits[i].silent;
		if (i > 0 && !o.silent)
			o.silent = "status"; /* so that the timer's end is seen */
		wait_at(w, "C1", waits[i].element);
		test_service_kill(w, ED);
		test_service_start(w, ED, NULL);
		o.silent = i + 1 < sizeof(waits) / sizeof(waits[0]) ? waits[i + 1].silent : NULL;
	}
	ended_with(w, "C1", "COMPLETED");
	test_run(w, 1500);
	assert_int_equal(o.said, 2);
	assert_int_equal(o.upserts, 1);
	assert_int_equal(o.requests, 1);
	assert_int_equal(o.asked_status, 2);
	test_no_event(w, "workflow.ended", NULL, 0);
	test_world_free(w);
}

static bool all_ended(struct test_world *w, void *arg)
{
	return count_of(w, "RUNNING") == 0 && count_of(w, "COMPLETED") == *(size_t *)arg;
}

/* EDR-6 */
static void two_hundred_go_on_exactly_once(void **state)
{
	struct others o = { .waiting = 100 };
	struct test_world *w = world_with(&o);
	size_t total = 200;
	char id[24];

	test_service_start(w, ED, NULL);
	import_good(w, chat_pausing("PT1S"), NULL);
	for (size_t i = 0; i < total; i++) {
		snprintf(id, sizeof(id), "C%zu", i);
		open_contact(w, id, "sales");
		if (i % 50 == 30) {
			test_service_kill(w, ED);
			test_service_start(w, ED, NULL);
		}
	}
	for (int i = 0; i < 6; i++) {
		test_run(w, 150);
		test_service_kill(w, ED);
		test_service_start(w, ED, NULL);
	}
	test_until(w, all_ended, &total, "all instances have ended");
	assert_int_equal(o.upserts, 200);
	assert_int_equal(o.requests, 200);
	assert_int_equal(o.said, 300);
	assert_int_equal(o.asked_status, 300);
	for (size_t i = 0; i < total; i++) {
		snprintf(id, sizeof(id), "C%zu", i);
		ended_with(w, id, "COMPLETED");
	}
	test_no_event(w, "workflow.ended", NULL, 200);
	/* old ones are swept; a tick comes soon after the start */
	test_service_stop(w, ED);
	test_service_start(w, ED, "--set", "keep_days=0", NULL);
	total = 0;
	test_until(w, all_ended, &total, "old instances are swept");
	test_world_free(w);
}

/* ---- out-of-the-box workflows ---- */

/* A copy of the program, whose workflows can be changed. */
static void copy_program(char dir[64])
{
	char command[2000], program[512];
	ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 1);
	pid_t pid;

	assert_true(n > 0);
	program[n] = '\0';
	*strrchr(program, '/') = '\0';
	snprintf(dir, 64, "/tmp/pelago-gold-XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(command, sizeof(command),
		 "mkdir -p %s/" ED "/workflows && cd '%s' && cp " ED " manifest.json %s/" ED
		 "/ && cp workflows/*.bpmn %s/" ED "/workflows/",
		 dir, program, dir, dir);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	setenv("PELAGO_SERVICES", dir, 1);
}

static void change_gold(const char *dir, const char *old, const char *new)
{
	char path[200], *text, *out;
	FILE *f;

	snprintf(path, sizeof(path), "%s/" ED "/workflows/chat.bpmn", dir);
	text = read_text(path);
	out = replaced(text, old, new);
	f = fopen(path, "we");
	assert_non_null(f);
	assert_int_equal(fputs(out, f) >= 0, 1);
	assert_int_equal(fclose(f), 0);
	free(text);
	free(out);
}

static void restart(struct test_world *w)
{
	test_service_stop(w, ED);
	test_service_start(w, ED, NULL);
}

static void highest_is(struct test_world *w, int version, const char *gold)
{
	json_t *reply = test_request(w, ED ".workflow", json_pack("{s:s}", "name", "chat"));

	assert_int_equal(json_integer_value(pl_json_get(reply, "version")), version);
	assert_string_equal(pl_json_get_text(reply, "gold"), gold);
	assert_true(json_is_true(pl_json_get(reply, "deployed")));
	json_decref(reply);
}

static void customised_workflows_are_left_alone(void **state)
{
	struct others o = { 0 };
	struct test_world *w;
	char dir[64], path[200];
	json_t *reply;

	copy_program(dir);
	w = world_with(&o);
	test_service_start(w, ED, NULL);
	highest_is(w, 1, "gold");
	restart(w);
	highest_is(w, 1, "gold");
	change_gold(dir, "PT30S", "PT31S");
	restart(w);
	highest_is(w, 2, "gold");
	import_good(w, chat_pausing("PT5S"), NULL);
	highest_is(w, 3, "broken");
	change_gold(dir, "PT31S", "PT32S");
	restart(w);
	highest_is(w, 3, "broken");
	/* a broken file is said to be, and changes nothing */
	change_gold(dir, "<bpmn:process", "<bpmn:prozess");
	restart(w);
	highest_is(w, 3, "broken");
	reply = test_request(w, ED ".rules", json_object());
	assert_int_equal(json_array_size(json_object_get(reply, "items")), 1);
	json_decref(reply);
	test_world_free(w);
	unsetenv("PELAGO_SERVICES");
	snprintf(path, sizeof(path), "%s/" ED "/workflows/chat.bpmn", dir);
	unlink(path);
	snprintf(path, sizeof(path), "%s/" ED "/workflows", dir);
	rmdir(path);
	snprintf(path, sizeof(path), "%s/" ED "/" ED, dir);
	unlink(path);
	snprintf(path, sizeof(path), "%s/" ED "/manifest.json", dir);
	unlink(path);
	snprintf(path, sizeof(path), "%s/" ED, dir);
	rmdir(path);
	rmdir(dir);
}

/* PLT-60: a contact that is heard of again has one instance; what it told is told again */
static void a_contact_has_one_instance(void **state)
{
	struct others o = { 0 };
	struct test_world *w = world_with(&o);
	json_t *reply;

	test_service_start(w, ED, NULL);
	open_contact(w, "C1", "sales");
	open_contact(w, "C1", "sales");
	json_decref(test_wait_event(w, "workflow.started", "C1"));
	assert_int_equal(test_told_again(w, ED, "workflow", "C1"), 1);
	close_contact(w, "C1");
	close_contact(w, "C1");
	json_decref(test_wait_event(w, "workflow.ended", "C1"));
	open_contact(w, "C1", "sales");
	close_contact(w, "C1");
	test_no_event(w, "workflow.started", "C1", 200);
	test_no_event(w, "workflow.ended", "C1", 0);
	assert_int_equal(test_told_again(w, ED, "workflow", "C1"), 2);
	reply = test_request(w, ED ".instances", json_pack("{s:s}", "contactId", "C1"));
	assert_int_equal(json_array_size(json_object_get(reply, "items")), 1);
	json_decref(reply);
	test_world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(inputs_are_checked),
		cmocka_unit_test(tasks_grow_old),
		cmocka_unit_test(tasks_are_in_the_manifest),
		cmocka_unit_test(conditions_are_met_by_true_only),
		cmocka_unit_test(filters_hold_or_not),
		cmocka_unit_test(models_are_parsed_once_and_bounded),
		cmocka_unit_test(a_chat_runs_its_workflow),
		cmocka_unit_test(off_hours_the_chat_ends),
		cmocka_unit_test(who_waits_at_the_close_is_told),
		cmocka_unit_test(a_long_wait_overflows),
		cmocka_unit_test(who_is_served_at_last_does_not_overflow),
		cmocka_unit_test(without_hours_an_agent_is_asked_for),
		cmocka_unit_test(a_closed_contact_cancels_its_workflow),
		cmocka_unit_test(no_contact_is_stuck),
		cmocka_unit_test(a_failure_after_the_request_asks_nobody_again),
		cmocka_unit_test(data_that_grows_too_large_fails_the_instance),
		cmocka_unit_test(silence_keeps_no_contact_from_an_agent),
		cmocka_unit_test(tokens_side_by_side),
		cmocka_unit_test(errors_are_caught_at_a_boundary),
		cmocka_unit_test(dates_are_waited_for_and_history_is_bounded),
		cmocka_unit_test(bad_files_are_refused),
		cmocka_unit_test(tasks_out_of_date_are_shown),
		cmocka_unit_test(versions_are_kept_and_listed),
		cmocka_unit_test(rules_are_asked_in_order),
		cmocka_unit_test(killed_at_every_wait),
		cmocka_unit_test(two_hundred_go_on_exactly_once),
		cmocka_unit_test(customised_workflows_are_left_alone),
		cmocka_unit_test(a_contact_has_one_instance),
	};

	if (getenv("DESIGNER_TEST"))
		cmocka_set_test_filter(getenv("DESIGNER_TEST"));
	return cmocka_run_group_tests_name("designer", tests, NULL, NULL);
}
