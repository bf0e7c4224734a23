/*
 * event_test.c — the catalogue of events, and what an outside system's event does: the real service
 * on a real bus (EDR-15).
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
#include "test_world.h"

#define ED "EngagementDesigner"

static struct test_world *w;

static int begin(void **state)
{
	w = test_world_new();
	test_serve(w, "Manager", NULL, NULL);
	test_service_start(w, ED, NULL);
	return 0;
}

static int end(void **state)
{
	test_world_free(w);
	return 0;
}

/* JSON with ' for ". */
static json_t *quoted(const char *text)
{
	char *copy = strdup(text);
	json_t *value;

	for (char *at = copy; *at; at++)
		if (*at == '\'')
			*at = '"';
	value = json_loads(copy, 0, NULL);
	assert_non_null(value);
	free(copy);
	return value;
}

static json_t *asked(const char *operation, json_t *body)
{
	json_t *reply = test_request(w, operation, body);

	if (*test_error(reply))
		fail_msg("%s: %s", operation, pl_json_get_text(reply, "error.message"));
	return reply;
}

/* Refused with that code, and a message that begins like this. */
static void refused(const char *operation, json_t *body, const char *code, const char *why)
{
	json_t *reply = test_request(w, operation, body);

	assert_string_equal(test_error(reply), code);
	if (strncmp(pl_json_get_text(reply, "error.message"), why, strlen(why)) != 0)
		fail_msg("%s, not %s", pl_json_get_text(reply, "error.message"), why);
	json_decref(reply);
}

static json_t *registration(const char *type, int version, const char *schema)
{
	return json_pack("{s:s, s:s, s:i, s:s, s:o, s:s}", "family", "Orders", "type", type,
			 "version", version, "title", "An order is late", "schema", quoted(schema),
			 "by", "designer");
}

#define LATE                                                                                       \
	"{'type':'object','required':['order'],'properties':{'order':{'type':'string'},"           \
	"'cents':{'type':'integer','minimum':0}},'additionalProperties':false}"

static void registered(const char *type, int version, const char *schema, bool created)
{
	json_t *reply = asked(ED ".register-event", registration(type, version, schema));

	assert_int_equal(json_is_true(json_object_get(reply, "created")), created);
	assert_false(json_is_true(json_object_get(reply, "withdrawn")));
	json_decref(reply);
}

static json_t *check(const char *family, const char *type, int version, const char *payload)
{
	json_t *body = json_pack("{s:s, s:s, s:o}", "family", family, "type", type, "payload",
				 quoted(payload));

	if (version)
		json_object_set_new(body, "version", json_integer(version));
	return body;
}

/* "name:version name:version …" of the list, a page of two at a time; withdrawn ones with a '-'. */
static void listed(char *text, size_t size)
{
	json_t *page = NULL, *item;
	char cursor[400] = "";
	size_t i, len = 0;

	do {
		page = asked(ED ".event-types",
			     json_pack("{s:i, s:s}", "limit", 2, "cursor", cursor));
		json_array_foreach(json_object_get(page, "items"), i, item)
			len += (size_t)snprintf(
				text + len, size - len, "%s%s:%d ",
				json_is_true(json_object_get(item, "withdrawn")) ? "-" : "",
				pl_json_get_text(item, "name"),
				(int)json_integer_value(json_object_get(item, "version")));
		snprintf(cursor, sizeof(cursor), "%s", pl_json_get_text(page, "cursor"));
		json_decref(page);
	} while (*cursor);
}

static void events_are_registered_and_withdrawn(void **state)
{
	char list[500] = "";
	json_t *reply;

	registered("DELAYED", 1, LATE, true);
	registered("DELAYED", 1, LATE, false);
	registered("DELAYED", 2, "{'type':'object'}", true);
	registered("PAID", 1, "{}", true);
	listed(list, sizeof(list));
	assert_string_equal(list, "ROUTE_CONTACT:1 ROUTE_CONTACT_TRANSFER:1 Orders.DELAYED:1 "
				  "Orders.DELAYED:2 Orders.PAID:1 ");
	reply = asked(ED ".event-type", quoted("{'name':'Orders.DELAYED'}"));
	assert_int_equal(json_integer_value(json_object_get(reply, "version")), 2);
	assert_string_equal(pl_json_get_text(reply, "registeredBy"), "designer");
	json_decref(reply);
	reply = asked(ED ".event-type", quoted("{'name':'ROUTE_CONTACT'}"));
	assert_true(json_is_true(json_object_get(reply, "builtIn")));
	assert_non_null(pl_json_get(reply, "schema.properties.contact"));
	assert_int_equal(json_integer_value(json_object_get(reply, "rules")), 1); /* of the chat */
	json_decref(reply);

	reply = asked(ED ".withdraw-event", quoted("{'name':'Orders.DELAYED','version':2}"));
	assert_int_equal(json_integer_value(json_object_get(reply, "rules")), 0);
	json_decref(reply);
	reply = asked(ED ".event-type", quoted("{'name':'Orders.DELAYED'}"));
	assert_int_equal(json_integer_value(json_object_get(reply, "version")), 1);
	json_decref(reply);
	refused(ED ".check-event", check("Orders", "DELAYED", 2, "{}"), "conflict",
		"version 2 of event Orders.DELAYED is withdrawn");
	registered("DELAYED", 2, "{'type':'object'}", false); /* back again */
	json_decref(asked(ED ".check-event", check("Orders", "DELAYED", 2, "{}")));

	refused(ED ".register-event", registration("DELAYED", 1, "{}"), "conflict",
		"version 1 of Orders.DELAYED has another schema");
	refused(ED ".register-event", registration("DE LAYED", 1, "{}"), "badRequest", "type: ");
	refused(ED ".register-event", registration("", 1, "{}"), "badRequest", "type");
	refused(ED ".register-event", registration("DELAYED", 0, "{}"), "badRequest", "version");
	refused(ED ".register-event", registration("X", 1, "{'properties':{'a':{'typ':'x'}}}"),
		"badRequest", "schema.properties.a: the keyword typ is not known here");
	reply = registration("X", 1, "{}");
	json_object_set_new(reply, "family", json_string("Contact"));
	refused(ED ".register-event", reply, "badRequest", "family: Contact is Pelago's own");
	refused(ED ".withdraw-event", quoted("{'name':'ROUTE_CONTACT','version':1}"), "conflict",
		"event ROUTE_CONTACT is Pelago's own");
	refused(ED ".withdraw-event", quoted("{'name':'Orders.DELAYED'}"), "badRequest",
		"version is missing");
	refused(ED ".withdraw-event", quoted("{'name':'Orders.DELAYED','version':9}"), "notFound",
		"there is no version 9 of event Orders.DELAYED");
	refused(ED ".event-type", quoted("{'name':'A.B.C'}"), "badRequest", "an event is called");
	refused(ED ".event-type", quoted("{'name':'None'}"), "notFound", "there is no event None");
}

static void payloads_are_compared_with_the_schema(void **state)
{
	json_t *reply;

	registered("DELAYED", 1, LATE, true);
	reply = asked(ED ".check-event", check("Orders", "DELAYED", 0, "{'order':'4711'}"));
	assert_string_equal(pl_json_get_text(reply, "name"), "Orders.DELAYED");
	assert_int_equal(json_integer_value(json_object_get(reply, "version")), 1);
	json_decref(reply);
	refused(ED ".check-event", check("Orders", "DELAYED", 1, "{}"), "badRequest",
		"payload: order is missing");
	refused(ED ".check-event", check("Orders", "DELAYED", 1, "{'order':'1','cents':-1}"),
		"badRequest", "payload.cents: must be at least 0");
	refused(ED ".check-event", check("Orders", "DELAYED", 1, "{'order':'1','more':1}"),
		"badRequest", "payload: has no member more");
	refused(ED ".check-event", check("Orders", "DELAYED", 7, "{}"), "notFound",
		"there is no version 7 of event Orders.DELAYED");
	refused(ED ".check-event", check("Orders", "NONE", 0, "{}"), "notFound",
		"there is no event Orders.NONE");
	refused(ED ".check-event", check("Contact", "ROUTE_CONTACT", 1, "{}"), "unauthorized",
		"family: events of Contact are Pelago's own");
}

static void a_large_schema_is_refused(void **state)
{
	json_t *body = registration("LARGE", 1, "{}"), *schema = json_object_get(body, "schema");
	char *text = calloc(1, 40001);

	memset(text, 'x', 40000);
	json_object_set_new(schema, "description", json_string(text));
	refused(ED ".register-event", body, "tooLarge", "schema: it is larger than");
	free(text);
}

/* ---- events from outside ---- */

#define HEAD                                                                                       \
	"<bpmn:definitions xmlns:bpmn='http://www.omg.org/spec/BPMN/20100524/MODEL' "              \
	"xmlns:zeebe='http://camunda.org/schema/zeebe/1.0' id='D' targetNamespace='x'>"            \
	"<bpmn:message id='M' name='Orders.DELAYED'><bpmn:extensionElements>"                      \
	"<zeebe:subscription correlationKey='=key'/></bpmn:extensionElements></bpmn:message>"
#define PROCESS(id, start, middle)                                                                 \
	HEAD "<bpmn:process id='" id "' isExecutable='true'>" start middle                         \
	     "<bpmn:endEvent id='E'/><bpmn:sequenceFlow id='F1' sourceRef='S' targetRef='W'/>"     \
	     "<bpmn:sequenceFlow id='F2' sourceRef='W' targetRef='E'/></bpmn:process>"             \
	     "</bpmn:definitions>"
#define PLAIN	 "<bpmn:startEvent id='S'/>"
#define MESSAGE	 "<bpmn:messageEventDefinition messageRef='M'/>"
#define BY_EVENT "<bpmn:startEvent id='S'>" MESSAGE "</bpmn:startEvent>"
#define LATER                                                                                      \
	"<bpmn:userTask id='W'><bpmn:extensionElements><zeebe:userTask/>"                          \
	"</bpmn:extensionElements></bpmn:userTask>"
#define WAITS "<bpmn:intermediateCatchEvent id='W'>" MESSAGE "</bpmn:intermediateCatchEvent>"

static void deployed(const char *xml)
{
	json_decref(asked(ED ".import", json_pack("{s:s, s:b}", "xml", xml, "deploy", 1)));
}

static json_t *taken(const char *id, const char *key, const char *payload)
{
	return json_pack("{s:s, s:s, s:i, s:s, s:i, s:s, s:o}", "id", id, "name", "Orders.DELAYED",
			 "version", 1, "key", key, "atMs", 7, "source", "shop", "payload",
			 quoted(payload));
}

/* Its instance, in id. */
static void goes(const char *event, const char *key, const char *payload, const char *outcome,
		 char id[27])
{
	json_t *reply = asked(ED ".take-event", taken(event, key, payload));

	assert_string_equal(pl_json_get_text(reply, "outcome"), outcome);
	snprintf(id, 27, "%s", pl_json_get_text(reply, "instanceId"));
	json_decref(reply);
}

static json_t *shown(const char *id)
{
	return asked(ED ".instance", json_pack("{s:s}", "id", id));
}

static void is_of(const char *id, const char *workflow, const char *status)
{
	json_t *instance = shown(id);

	assert_string_equal(pl_json_get_text(instance, "workflow"), workflow);
	assert_string_equal(pl_json_get_text(instance, "status"), status);
	json_decref(instance);
}

/* A rule for the event with these filters. */
static json_t *rule(const char *workflow, const char *filters)
{
	return json_pack("{s:{s:s, s:s, s:o, s:i}}", "rule", "event", "Orders.DELAYED", "workflow",
			 workflow, "filters", quoted(filters), "rank", 10);
}

static void an_event_starts_what_a_rule_says(void **state)
{
	char id[27];
	json_t *reply, *changed;

	registered("DELAYED", 1, LATE, true);
	deployed(PROCESS("apology", PLAIN, LATER));
	goes("E1", "4711", "{'order':'4711'}", "unheard", id);
	reply = asked(ED ".set-rule",
		      rule("apology",
			   "[{'path':'event.payload.cents','is':'atLeast','value':1000},"
			   "{'path':'event.source','is':'oneOf','value':['shop','web']}]"));
	goes("E2", "4711", "{'order':'4711','cents':999}", "unheard", id);
	goes("E3", "4711", "{'order':'4711','cents':1000}", "started", id);
	is_of(id, "apology", "RUNNING");
	changed = shown(id);
	assert_string_equal(pl_json_get_text(changed, "variables.event.payload.order"), "4711");
	assert_string_equal(pl_json_get_text(changed, "variables.event.family"), "Orders");
	assert_string_equal(pl_json_get_text(changed, "variables.event.id"), "E3");
	json_decref(changed);
	/* off, at once */
	json_object_set_new(json_object_get(reply, "rule"), "enabled", json_false());
	json_decref(asked(ED ".set-rule", reply));
	goes("E4", "4711", "{'order':'4711','cents':1000}", "unheard", id);
}

static void an_event_goes_to_who_waits_for_it(void **state)
{
	char first[27], second[27], id[27];
	json_t *reply;

	registered("DELAYED", 1, LATE, true);
	/* one waits for each key, which it has from the event that began it */
	deployed(HEAD "<bpmn:process id='waiting' isExecutable='true'>" PLAIN
		      "<bpmn:scriptTask id='K'><bpmn:extensionElements><zeebe:script "
		      "expression='=event.key' resultVariable='key'/></bpmn:extensionElements>"
		      "</bpmn:scriptTask>" WAITS "<bpmn:endEvent id='E'/>"
		      "<bpmn:sequenceFlow id='F0' sourceRef='S' targetRef='K'/>"
		      "<bpmn:sequenceFlow id='F1' sourceRef='K' targetRef='W'/>"
		      "<bpmn:sequenceFlow id='F2' sourceRef='W' targetRef='E'/></bpmn:process>"
		      "</bpmn:definitions>");
	json_decref(asked(ED ".set-rule", rule("waiting", "[]")));
	goes("E1", "4711", "{'order':'4711'}", "started", first);
	goes("E2", "4712", "{'order':'4712'}", "started", second);
	is_of(first, "waiting", "RUNNING");
	goes("E3", "4712", "{'order':'again'}", "delivered", id);
	assert_string_equal(id, second);
	is_of(second, "waiting", "COMPLETED");
	reply = shown(second);
	assert_string_equal(pl_json_get_text(reply, "variables.order"), "again");
	json_decref(reply);
	is_of(first, "waiting", "RUNNING");
}

/* It comes before the one that will want it. */
static void an_early_event_is_kept(void **state)
{
	json_t *event = taken("E1", "4711", "{'order':'early'}"), *reply;
	char id[27];

	registered("DELAYED", 1, LATE, true);
	json_object_set_new(event, "keepSeconds", json_integer(600));
	reply = asked(ED ".take-event", event);
	assert_string_equal(pl_json_get_text(reply, "outcome"), "kept");
	json_decref(reply);
	goes("E2", "4712", "{'order':'nobody'}", "unheard", id);
}

static void an_event_starts_what_begins_with_it(void **state)
{
	char id[27];

	registered("DELAYED", 1, LATE, true);
	deployed(PROCESS("begun", BY_EVENT, LATER));
	goes("E1", "", "{'order':'4711'}", "started", id);
	is_of(id, "begun", "RUNNING");
	refused(ED ".take-event", quoted("{'id':'E','name':'Orders.DELAYED','version':1,'atMs':1}"),
		"badRequest", "payload is missing");
}

static void bad_filters_are_named(void **state)
{
	static const struct {
		const char *filters, *why;
	} bad[] = {
		{ "[{'path':'event.payload.a','is':'like','value':'x'}]",
		  "filters[0] (event.payload.a): is: there is no like; there are equals notEquals" },
		{ "[{'path':'event.key','is':'exists'},{'path':'contact.topic','is':'exists'}]",
		  "filters[1] (contact.topic): path: for this event it has to begin with event." },
		{ "[{'path':'event.payload.a','is':'less','value':'5'}]",
		  "filters[0] (event.payload.a): value: must be a number" },
		{ "[{'path':'event.payload.a','is':'oneOf','value':[]}]",
		  "filters[0] (event.payload.a): value: must be a list" },
		{ "[{'path':'event.payload.a','is':'exists','value':1}]",
		  "filters[0] (event.payload.a): value: isn't wanted" },
		{ "[{'is':'exists'}]", "filters[0]: path" },
		{ "[1]", "filters[0]: must be an object" },
		{ "[{'path':'event.a','is':'exists','not':true}]",
		  "filters[0]: has path, is and value, but no not" },
		{ "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]", "filters" },
	};

	registered("DELAYED", 1, LATE, true);
	deployed(PROCESS("apology", PLAIN, LATER));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		refused(ED ".set-rule", rule("apology", bad[i].filters), "badRequest", bad[i].why);
	refused(ED ".set-rule",
		quoted("{'rule':{'event':'ROUTE_CONTACT','channel':'email','workflow':'apology',"
		       "'default':true,'filters':[{'path':'contact.topic','is':'exists'}]}}"),
		"badRequest", "filters: a default rule has none");
	refused(ED ".set-rule", quoted("{'rule':{'event':'Orders.NONE','workflow':'apology'}}"),
		"badRequest", "event: there is no Orders.NONE in the catalogue of events");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(events_are_registered_and_withdrawn, begin, end),
		cmocka_unit_test_setup_teardown(payloads_are_compared_with_the_schema, begin, end),
		cmocka_unit_test_setup_teardown(a_large_schema_is_refused, begin, end),
		cmocka_unit_test_setup_teardown(an_event_starts_what_a_rule_says, begin, end),
		cmocka_unit_test_setup_teardown(an_event_goes_to_who_waits_for_it, begin, end),
		cmocka_unit_test_setup_teardown(an_early_event_is_kept, begin, end),
		cmocka_unit_test_setup_teardown(an_event_starts_what_begins_with_it, begin, end),
		cmocka_unit_test_setup_teardown(bad_filters_are_named, begin, end),
	};

	return cmocka_run_group_tests_name("designer event", tests, NULL, NULL);
}
