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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(events_are_registered_and_withdrawn, begin, end),
		cmocka_unit_test_setup_teardown(payloads_are_compared_with_the_schema, begin, end),
		cmocka_unit_test_setup_teardown(a_large_schema_is_refused, begin, end),
	};

	return cmocka_run_group_tests_name("designer event", tests, NULL, NULL);
}
