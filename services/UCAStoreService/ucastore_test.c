/*
 * ucastore_test.c — what users may look like, and the real service on a real bus.
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

#include "check.h"
#include "pelago/json.h"
#include "test_world.h"

#define SERVICE "UCAStoreService"

static const char good[] =
	"{\"id\":\"ann\",\"name\":\"Ann\",\"roles\":[\"agent\"],\"enabled\":true,"
	"\"attributes\":[{\"name\":\"Language.English\",\"proficiency\":1}],"
	"\"capacity\":{\"total\":5,\"chat\":5}}";

/* One member replaced by what is wrong. */
static void users_are_checked(void **state)
{
	static const struct {
		const char *member, *value;
	} bad[] = {
		{ "id", "\"a b\"" },
		{ "id", "\"a..b\"" },
		{ "id", "\".a\"" },
		{ "id", "\"\"" },
		{ "id", "\"a>\"" },
		{ "id", "7" },
		{ "name", "\"\"" },
		{ "name", "null" },
		{ "roles", "[\"king\"]" },
		{ "roles", "[7]" },
		{ "roles", "\"agent\"" },
		{ "enabled", "1" },
		{ "attributes", "[{\"name\":\"English\",\"proficiency\":1}]" },
		{ "attributes", "[{\"name\":\"Language.\",\"proficiency\":1}]" },
		{ "attributes", "[{\"name\":\"A.B.C\",\"proficiency\":1}]" },
		{ "attributes", "[{\"name\":\"Language.English\",\"proficiency\":0}]" },
		{ "attributes", "[{\"name\":\"Language.English\",\"proficiency\":17}]" },
		{ "attributes",
		  "[{\"name\":\"A.B\",\"proficiency\":1},{\"name\":\"A.B\",\"proficiency\":2}]" },
		{ "attributes", "[7]" },
		{ "capacity", "{\"chat\":5}" },
		{ "capacity", "{\"total\":-1}" },
		{ "capacity", "{\"total\":5,\"a b\":1}" },
		{ "capacity", "{\"total\":1000}" },
		{ "wrapUpSeconds", "-1" },
		{ "offerSeconds", "\"20\"" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		json_t *user = json_loads(good, 0, NULL);

		assert_int_equal(user_check(user), PL_OK);
		json_object_set_new(user, bad[i].member,
				    json_loads(bad[i].value, JSON_DECODE_ANY, NULL));
		assert_int_equal(user_check(user), PL_INVALID);
		json_decref(user);
	}
}

static void make_demo(struct test_world *w)
{
	char path[160];
	json_t *demo = json_pack("{s:s}", "admin", "secret");

	snprintf(path, sizeof(path), "%s/demo-users.json", test_world_dir(w));
	assert_int_equal(json_dump_file(demo, path, 0), 0);
	json_decref(demo);
}

static bool has_attribute(const json_t *user, const char *name)
{
	json_t *attribute;
	size_t i;

	json_array_foreach(json_object_get(user, "attributes"), i, attribute) {
		if (strcmp(pl_json_get_text(attribute, "name"), name) == 0)
			return true;
	}
	return false;
}

static void the_demo_has_its_users(void **state)
{
	static const char *const all[] = { "Language.English", "Service.Sales", "Service.Billing",
					   "Service.Support" };
	struct test_world *w = test_world_new();
	json_t *reply, *user;
	size_t i, germans = 0;

	make_demo(w);
	test_service_start(w, SERVICE, NULL);
	reply = test_request(w, SERVICE ".users", json_pack("{s:s}", "role", "agent"));
	assert_int_equal(json_array_size(json_object_get(reply, "items")), 20);
	json_array_foreach(json_object_get(reply, "items"), i, user) {
		for (size_t a = 0; a < 4; a++)
			assert_true(has_attribute(user, all[a]));
		germans += has_attribute(user, "Language.German");
		assert_int_equal(json_integer_value(pl_json_get(user, "capacity.chat")), 5);
		assert_int_equal(json_integer_value(pl_json_get(user, "capacity.total")), 5);
		assert_true(json_is_true(json_object_get(user, "enabled")));
	}
	assert_true(germans >= 5 && germans < 20);
	json_decref(reply);
	reply = test_request(w, SERVICE ".user", json_pack("{s:s}", "user", "admin"));
	assert_string_equal(json_string_value(json_array_get(pl_json_get(reply, "user.roles"), 0)),
			    "administrator");
	json_decref(reply);
	/* a later start leaves it as it is */
	json_decref(
		test_request(w, SERVICE ".set-user",
			     json_pack("{s:{s:s, s:b}}", "user", "id", "agent1", "enabled", 0)));
	test_service_kill(w, SERVICE);
	test_service_start(w, SERVICE, NULL);
	reply = test_request(w, SERVICE ".user", json_pack("{s:s}", "user", "agent1"));
	assert_true(json_is_false(pl_json_get(reply, "user.enabled")));
	assert_string_equal(pl_json_get_text(reply, "user.name"), "Amira Haddad");
	assert_true(has_attribute(json_object_get(reply, "user"), "Service.Sales"));
	json_decref(reply);
	test_world_free(w);
}

static void users_are_written_and_listed(void **state)
{
	struct test_world *w = test_world_new();
	json_t *reply;
	char id[16], cursor[80] = "";
	int count = 0, pages = 0;

	test_service_start(w, SERVICE, NULL);
	test_refused(w, SERVICE ".user", json_pack("{s:s}", "user", "ann"), "notFound");
	for (int i = 0; i < 5; i++) {
		json_t *user = json_loads(good, 0, NULL);

		snprintf(id, sizeof(id), "user%d", i);
		json_object_set_new(user, "id", json_string(id));
		reply = test_request(w, SERVICE ".set-user", json_pack("{s:o}", "user", user));
		assert_string_equal(test_error(reply), "");
		assert_null(pl_json_get(reply, "user.wrapUpSeconds"));
		assert_null(pl_json_get(reply, "user.offerSeconds"));
		json_decref(reply);
	}
	do {
		reply = test_request(
			w, SERVICE ".http-users",
			test_http("GET", NULL,
				  json_pack("{s:s, s:s}", "limit", "2", "cursor", cursor), NULL,
				  "boss", "supervisor"));
		assert_int_equal(json_integer_value(json_object_get(reply, "status")), 200);
		count += (int)json_array_size(pl_json_get(reply, "body.items"));
		snprintf(cursor, sizeof(cursor), "%s", pl_json_get_text(reply, "body.cursor"));
		json_decref(reply);
		pages++;
	} while (*cursor);
	assert_int_equal(count, 5);
	assert_int_equal(pages, 3);
	reply = test_request(w, SERVICE ".http-set-user",
			     test_http("PUT", json_pack("{s:s}", "id", "user3"), NULL,
				       json_pack("{s:s, s:[], s:i}", "name", "Änne 😀", "attributes",
						 "wrapUpSeconds", 5),
				       "root", "administrator"));
	assert_string_equal(pl_json_get_text(reply, "body.name"), "Änne 😀");
	json_decref(reply);
	reply = test_request(w, SERVICE ".http-user",
			     test_http("GET", json_pack("{s:s}", "id", "user3"), NULL, NULL, "boss",
				       "supervisor"));
	assert_string_equal(pl_json_get_text(reply, "body.name"), "Änne 😀");
	assert_int_equal(json_array_size(pl_json_get(reply, "body.attributes")), 0);
	assert_int_equal(json_integer_value(pl_json_get(reply, "body.wrapUpSeconds")), 5);
	json_decref(reply);
	reply = test_request(w, SERVICE ".set-user",
			     json_pack("{s:{s:s, s:i, s:i}}", "user", "id", "user3",
				       "wrapUpSeconds", 0, "offerSeconds", 12));
	assert_null(pl_json_get(reply, "user.wrapUpSeconds"));
	assert_int_equal(json_integer_value(pl_json_get(reply, "user.offerSeconds")), 12);
	json_decref(reply);
	test_world_free(w);
}

/* ---- routing services, codes, texts ---- */

static json_t *at(const char *kind, const char *name)
{
	return name ? json_pack("{s:s, s:s}", "kind", kind, "name", name)
		    : json_pack("{s:s}", "kind", kind);
}

static json_t *put(struct test_world *w, const char *kind, const char *name, json_t *body)
{
	return test_request(w, SERVICE ".http-set-resource",
			    test_http("PUT", at(kind, name), NULL, body, "root", "administrator"));
}

static json_t *get(struct test_world *w, const char *operation, const char *kind, const char *name)
{
	return test_request(w, operation,
			    test_http("GET", at(kind, name), NULL, NULL, "root", "administrator"));
}

static void assert_reading(struct test_world *w, const char *error)
{
	for (int one = 0; one < 2; one++) {
		json_t *reply =
			test_request(w, one ? SERVICE ".http-resource" : SERVICE ".http-resources",
				     test_http("GET", at("reasons", one ? "Break" : NULL), NULL,
					       NULL, NULL, NULL));

		assert_string_equal(test_error(reply), error);
		json_decref(reply);
	}
}

static void assert_alarm(struct test_world *w, bool is_raised)
{
	json_t *alarm = test_wait_command(w, "Manager.alarm");

	assert_string_equal(pl_json_get_text(alarm, "key"), "access.tokenless");
	assert_int_equal(json_is_true(json_object_get(alarm, "raised")), is_raised);
	json_decref(alarm);
}

/* PLT-24, PLT-50: without a token nothing is read, but with the one switch, and an alarm */
static void resources_without_a_token(void **state)
{
	struct test_world *w = test_world_new();

	test_serve(w, "Manager", NULL, NULL);
	test_service_start(w, SERVICE, NULL);
	assert_alarm(w, false);
	assert_reading(w, "unauthorized");
	test_service_configure(w, SERVICE,
			       json_pack("{s:b, s:{s:b}}", "accepting", 1, "attributes",
					 "enable_tokenless_access", 1));
	assert_alarm(w, true);
	assert_reading(w, "");
	test_service_configure(w, SERVICE, json_pack("{s:b}", "accepting", 1));
	assert_alarm(w, false);
	assert_reading(w, "unauthorized");
	test_world_free(w);
}

/* RTG-5, WSP-1 */
static void resources_are_kept_and_told(void **state)
{
	struct test_world *w = test_world_new();
	json_t *reply, *event, *told;

	test_service_start(w, SERVICE, NULL);
	reply = put(w, "services", "Returns",
		    json_pack("{s:i, s:{s:s, s:{s:[[s, s]]}}}", "priority", 3, "hours", "zone",
			      "Europe/Berlin", "week", "mon", "08:00", "18:00"));
	assert_string_equal(pl_json_get_text(reply, "body.name"), "Returns");
	json_decref(reply);
	event = test_wait_event(w, "service.set", "Returns");
	assert_int_equal(json_integer_value(pl_json_get(event, "body.priority")), 3);
	json_decref(event);
	assert_int_equal(test_told_again(w, SERVICE, "service", "Returns"), 1); /* PLT-60 */
	test_service_kill(w, SERVICE);
	test_service_start(w, SERVICE, NULL);
	reply = get(w, SERVICE ".http-resource", "services", "Returns");
	assert_string_equal(pl_json_get_text(reply, "body.hours.zone"), "Europe/Berlin");
	json_decref(reply);
	json_decref(put(w, "reasons", "Doctor", json_pack("{s:s}", "label", "At the doctor's")));
	reply = get(w, SERVICE ".http-desk", "", NULL);
	assert_int_equal(json_array_size(pl_json_get(reply, "body.reasons")), 6);
	assert_int_equal(json_array_size(pl_json_get(reply, "body.dispositions")), 5);
	assert_true(json_array_size(pl_json_get(reply, "body.texts")) > 0);
	assert_string_equal(
		pl_json_get_text(json_array_get(pl_json_get(reply, "body.services"), 0), "title"),
		"Returns");
	json_decref(reply);
	json_decref(test_request(w, SERVICE ".set-user",
				 json_pack("{s:{s:s, s:s, s:[s], s:i, s:b, s:s}}", "user", "id",
					   "ann", "name", "Ann", "roles", "agent", "rank", 7,
					   "autoReady", 1, "workSelection", "skillLevel")));
	reply = test_request(w, SERVICE ".user", json_pack("{s:s}", "user", "ann"));
	assert_int_equal(json_array_size(json_object_get(reply, "reasons")), 6);
	assert_int_equal(json_integer_value(pl_json_get(reply, "user.rank")), 7);
	assert_true(json_is_true(pl_json_get(reply, "user.autoReady")));
	assert_string_equal(pl_json_get_text(reply, "user.workSelection"), "skillLevel");
	json_decref(reply);
	json_decref(get(w, SERVICE ".http-delete-resource", "services", "Returns"));
	event = test_wait_event(w, "service.set", "Returns");
	assert_true(json_is_true(pl_json_get(event, "body.removed")));
	reply = test_request(
		w, SERVICE ".snapshot",
		json_pack("{s:s, s:s, s:i}", "noun", "service", "key", "Returns", "after", 1));
	told = json_array_get(json_object_get(reply, "events"), 0);
	assert_true(json_equal(json_object_get(told, "body"), json_object_get(event, "body")));
	assert_int_equal(json_integer_value(json_object_get(told, "n")), 2);
	json_decref(reply);
	reply = test_request(w, SERVICE ".keys", json_pack("{s:s}", "noun", "service"));
	assert_int_equal(json_array_size(json_object_get(reply, "keys")), 1);
	json_decref(reply);
	json_decref(event);
	reply = get(w, SERVICE ".http-resource", "services", "Returns");
	assert_string_equal(test_error(reply), "notFound");
	json_decref(reply);
	test_world_free(w);
}

static void bad_resources_are_refused(void **state)
{
	static const struct {
		const char *kind, *name, *body, *code;
	} bad[] = {
		{ "cars", "a", "{}", "notFound" },
		{ "services", "a\nb", "{}", "badRequest" },
		{ "services", "", "{}", "badRequest" },
		{ "services", "A", "{\"name\":\"B\"}", "badRequest" },
		{ "services", "A", "{\"title\":\"\"}", "badRequest" },
		{ "services", "A", "{\"hours\":{}}", "badRequest" },
		{ "services", "A", "{\"steps\":[{}]}", "badRequest" },
		{ "services", "A", "{\"overflow\":{\"seconds\":1}}", "badRequest" },
		{ "services", "A", "{\"wrapUpSeconds\":-1}", "badRequest" },
		{ "services", "A", "{\"survey\":7}", "badRequest" },
		{ "services", "A", "{\"survey\":[{}]}", "badRequest" },
		{ "services", "A",
		  "{\"survey\":[{\"id\":\"q\",\"text\":\"Q?\",\"kind\":\"choice\"}]}",
		  "badRequest" },
		{ "reasons", "a b", "{}", "badRequest" },
		{ "reasons", "a", "{\"label\":\"\\u0007\"}", "badRequest" },
		{ "texts", "a", "{}", "badRequest" },
		{ "texts", "a", "{\"text\":\"\"}", "badRequest" },
		{ "texts", "a", "[]", "badRequest" },
	};
	struct test_world *w = test_world_new();

	test_service_start(w, SERVICE, NULL);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		json_t *reply = put(w, bad[i].kind, bad[i].name,
				    json_loads(bad[i].body, JSON_DECODE_ANY, NULL));

		assert_string_equal(test_error(reply), bad[i].code);
		json_decref(reply);
	}
	test_no_event(w, "service.set", NULL, 50);
	test_world_free(w);
}

static void bad_requests_are_refused(void **state)
{
	struct test_world *w = test_world_new();
	char *huge = malloc(500001);
	json_t *reply;

	test_service_start(w, SERVICE, NULL);
	test_refused(w, SERVICE ".user", json_object(), "badRequest");
	test_refused(w, SERVICE ".user", json_pack("{s:[]}", "user"), "badRequest");
	test_refused(w, SERVICE ".user", json_pack("{s:s}", "user", "' or 1=1 --"), "notFound");
	test_refused(w, SERVICE ".users", json_pack("{s:i}", "limit", 0), "badRequest");
	test_refused(w, SERVICE ".users", json_pack("{s:i}", "limit", 201), "badRequest");
	test_refused(w, SERVICE ".set-user", json_pack("{s:{s:s}}", "user", "id", "ann"),
		     "badRequest");
	test_refused(
		w, SERVICE ".http-users",
		test_http("GET", NULL, json_pack("{s:s}", "limit", "2x"), NULL, "b", "supervisor"),
		"badRequest");
	test_refused(w, SERVICE ".nothing", json_object(), "notFound");
	reply = test_request_bytes(w, SERVICE ".user", "{\"user\":", 8);
	assert_string_equal(test_error(reply), "badRequest");
	json_decref(reply);
	reply = test_request_bytes(w, SERVICE ".set-user", "[]", 2);
	assert_string_equal(test_error(reply), "badRequest");
	json_decref(reply);
	memset(huge, 'x', 500000);
	huge[500000] = '\0';
	test_refused(w, SERVICE ".user", json_pack("{s:s}", "user", huge), "badRequest");
	test_refused(w, SERVICE ".set-user",
		     json_pack("{s:{s:s, s:s, s:[s]}}", "user", "id", "ann", "name", huge, "roles",
			       "agent"),
		     "badRequest");
	free(huge);
	/* repeated: the first answer */
	reply = test_request_id(w, SERVICE ".set-user",
				json_pack("{s:o}", "user", json_loads(good, 0, NULL)), "same");
	assert_string_equal(pl_json_get_text(reply, "user.id"), "ann");
	json_decref(reply);
	reply = test_request_id(w, SERVICE ".set-user",
				json_pack("{s:{s:s}}", "user", "id", "other"), "same");
	assert_string_equal(pl_json_get_text(reply, "user.id"), "ann");
	json_decref(reply);
	test_world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(users_are_checked),
		cmocka_unit_test(the_demo_has_its_users),
		cmocka_unit_test(users_are_written_and_listed),
		cmocka_unit_test(resources_without_a_token),
		cmocka_unit_test(resources_are_kept_and_told),
		cmocka_unit_test(bad_resources_are_refused),
		cmocka_unit_test(bad_requests_are_refused),
	};

	return cmocka_run_group_tests_name("ucastore", tests, NULL, NULL);
}
