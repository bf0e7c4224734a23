/*
 * contextstore_test.c — changes laid over entries, and the real service on a real bus (CTX-1).
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

#include "change.h"
#include "pelago/json.h"
#include "test_world.h"

#define SERVICE "ContextStore"

static void changes_are_laid_over(void **state)
{
	static const struct {
		const char *change, *entry; /* NULL: refused */
	} rows[] = {
		{ "{\"data\":{\"b\":2}}", "{\"data\":{\"a\":1,\"b\":2},\"topic\":\"t\"}" },
		{ "{\"data\":{\"a\":null}}", "{\"data\":{},\"topic\":\"t\"}" },
		{ "{\"topic\":null}", "{\"data\":{\"a\":1}}" },
		{ "{\"topic\":\"u\",\"odd\":1}", "{\"data\":{\"a\":1},\"topic\":\"u\"}" },
		{ "{\"aliasIds\":[\"x\",\"y\",\"z\"]}",
		  "{\"data\":{\"a\":1},\"topic\":\"t\",\"aliasIds\":[\"x\",\"y\",\"z\"]}" },
		{ "{\"aliasIds\":[\"x\",\"y\",\"z\",\"4\"]}", NULL },
		{ "{\"aliasIds\":[\"x\",\"x\"]}", NULL },
		{ "{\"aliasIds\":[\"\"]}", NULL },
		{ "{\"aliasIds\":\"x\"}", NULL },
		{ "{\"data\":7}", NULL },
		{ "{\"data\":null}", NULL },
		{ "{\"topic\":7}", NULL },
		{ "{\"groupId\":\"\"}", NULL },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		static const char before[] = "{\"data\":{\"a\":1},\"topic\":\"t\"}";
		json_t *entry = json_loads(before, 0, NULL),
		       *change = json_loads(rows[i].change, 0, NULL);
		json_t *expected = json_loads(rows[i].entry ? rows[i].entry : before, 0, NULL);

		assert_int_equal(change_apply(entry, change), rows[i].entry ? PL_OK : PL_INVALID);
		assert_true(json_equal(entry, expected));
		json_decref(entry);
		json_decref(change);
		json_decref(expected);
	}
}

static void ids_count_characters(void **state)
{
	char id[512] = "";

	for (int i = 0; i < 255; i++)
		memcpy(id + 2 * i, "\xc3\xa4", 3);
	assert_true(context_id_is_good(id));
	id[510] = 'b';
	assert_false(context_id_is_good(id));
	assert_false(context_id_is_good(""));
	assert_false(context_id_is_good("a\nb"));
}

/* Checks the version that a write returned. */
static void writes(struct test_world *w, const char *operation, json_t *body, int version)
{
	json_t *reply = test_request(w, operation, body);

	assert_string_equal(test_error(reply), "");
	assert_int_equal(json_integer_value(json_object_get(reply, "version")), version);
	json_decref(reply);
}

static json_t *get(struct test_world *w, const char *id)
{
	return test_request(w, SERVICE ".get", json_pack("{s:s}", "contextId", id));
}

static void entries_are_written_and_read(void **state)
{
	struct test_world *w = test_world_new();
	json_t *reply, *audit;

	test_service_start(w, SERVICE, NULL);
	writes(w, SERVICE ".upsert",
	       json_pack("{s:s, s:{s:i}, s:s, s:[s, s]}", "contextId", "C1", "data", "a", 1,
			 "touchpoint", "web", "aliasIds", "alias1", "alias2"),
	       1);
	writes(w, SERVICE ".upsert", json_pack("{s:s, s:{s:i}}", "contextId", "C1", "data", "b", 2),
	       2);
	writes(w, SERVICE ".update",
	       json_pack("{s:s, s:{s:n}, s:i}", "contextId", "alias1", "data", "a", "version", 2),
	       3);
	test_refused(w, SERVICE ".update",
		     json_pack("{s:s, s:{}, s:i}", "contextId", "C1", "data", "version", 2),
		     "conflict");
	test_refused(w, SERVICE ".update", json_pack("{s:s, s:{}}", "contextId", "none", "data"),
		     "notFound");
	test_refused(w, SERVICE ".create", json_pack("{s:s}", "contextId", "alias2"), "conflict");
	test_refused(w, SERVICE ".create",
		     json_pack("{s:s, s:[s]}", "contextId", "C2", "aliasIds", "alias2"),
		     "conflict");
	test_service_kill(w, SERVICE);
	test_service_start(w, SERVICE, NULL);
	reply = get(w, "alias2");
	assert_string_equal(pl_json_get_text(reply, "contextId"), "C1");
	assert_null(pl_json_get(reply, "data.a"));
	assert_int_equal(json_integer_value(pl_json_get(reply, "data.b")), 2);
	assert_int_equal(json_integer_value(json_object_get(reply, "leaseSeconds")), 7200);
	json_decref(reply);
	writes(w, SERVICE ".delete",
	       json_pack("{s:s, s:s}", "contextId", "C1", "touchpoint", "desk"), 3);
	test_refused(w, SERVICE ".get", json_pack("{s:s}", "contextId", "alias1"), "notFound");
	audit = test_request(w, SERVICE ".audit", json_pack("{s:s}", "contextId", "C1"));
	assert_int_equal(json_array_size(json_object_get(audit, "audit")), 4);
	reply = json_array_get(json_object_get(audit, "audit"), 0);
	assert_string_equal(pl_json_get_text(reply, "operation"), "create");
	assert_string_equal(pl_json_get_text(reply, "touchpoint"), "web");
	json_decref(audit);
	reply = test_request(w, SERVICE ".create", json_object());
	assert_int_equal(strlen(pl_json_get_text(reply, "contextId")), 26);
	json_decref(reply);
	test_world_free(w);
}

/* CTX-4 */
static void what_is_kept_of_a_person_is_erased(void **state)
{
	struct test_world *w = test_world_new();
	json_t *reply, *who = json_pack("{s:[s, s], s:[s], s:[s]}", "contextIds", "C1", "gone",
					"groupIds", "G", "values", "ann@x");

	test_service_start(w, SERVICE, NULL);
	writes(w, SERVICE ".upsert", json_pack("{s:s}", "contextId", "gone"), 1);
	writes(w, SERVICE ".delete", json_pack("{s:s}", "contextId", "gone"), 1);
	writes(w, SERVICE ".upsert", json_pack("{s:s}", "contextId", "C1"), 1);
	writes(w, SERVICE ".upsert", json_pack("{s:s, s:s}", "contextId", "C2", "groupId", "G"), 1);
	writes(w, SERVICE ".upsert",
	       json_pack("{s:s, s:{s:s}}", "contextId", "C3", "data", "mail", "ann@x"), 1);
	writes(w, SERVICE ".upsert",
	       json_pack("{s:s, s:[s]}", "contextId", "C4", "aliasIds", "ann@x"), 1);
	writes(w, SERVICE ".upsert",
	       json_pack("{s:s, s:{s:s}}", "contextId", "other", "data", "mail", "bob@x"), 1);
	reply = test_request(w, SERVICE ".kept", json_incref(who));
	assert_int_equal(json_array_size(json_object_get(reply, "contexts")), 4);
	json_decref(reply);
	reply = test_request(w, SERVICE ".erase", json_incref(who));
	assert_int_equal(json_integer_value(json_object_get(reply, "contexts")), 4);
	assert_int_equal(json_integer_value(json_object_get(reply, "audits")), 6);
	assert_true(json_is_false(json_object_get(reply, "more")));
	json_decref(reply);
	reply = test_request(w, SERVICE ".kept", who);
	assert_int_equal(json_array_size(json_object_get(reply, "contexts")), 0);
	json_decref(reply);
	reply = test_request(w, SERVICE ".audit", json_pack("{s:s}", "contextId", "gone"));
	assert_int_equal(json_array_size(json_object_get(reply, "audit")), 0);
	json_decref(reply);
	json_decref(get(w, "other"));
	test_refused(w, SERVICE ".erase", json_pack("{s:[i]}", "values", 7), "badRequest");
	test_refused(w, SERVICE ".kept", json_pack("{s:s}", "values", "x"), "badRequest");
	test_world_free(w);
}

static bool is_gone(struct test_world *w, void *arg)
{
	json_t *reply = get(w, "C1");
	bool gone = strcmp(test_error(reply), "notFound") == 0;

	json_decref(reply);
	return gone;
}

static bool is_swept(struct test_world *w, void *arg)
{
	json_t *reply = test_request(w, SERVICE ".audit", json_pack("{s:s}", "contextId", "C1"));
	json_t *list = json_object_get(reply, "audit");
	const char *last =
		pl_json_get_text(json_array_get(list, json_array_size(list) - 1), "operation");
	bool swept = strcmp(last, "expire") == 0;

	json_decref(reply);
	return swept;
}

static void leases_run_out(void **state)
{
	struct test_world *w = test_world_new();

	test_service_start(w, SERVICE, NULL);
	writes(w, SERVICE ".create",
	       json_pack("{s:s, s:i, s:[s]}", "contextId", "C1", "lease", 1, "aliasIds", "A"), 1);
	writes(w, SERVICE ".create", json_pack("{s:s, s:i}", "contextId", "C2", "lease", 1), 1);
	writes(w, SERVICE ".renew", json_pack("{s:s, s:i}", "contextId", "C2", "lease", 60), 2);
	test_until(w, is_gone, NULL, "a lease runs out");
	writes(w, SERVICE ".create", json_pack("{s:s, s:[s]}", "contextId", "C3", "aliasIds", "A"),
	       1);
	test_until(w, is_swept, NULL, "what has run out is removed");
	writes(w, SERVICE ".update", json_pack("{s:s}", "contextId", "C2"), 3);
	writes(w, SERVICE ".update", json_pack("{s:s}", "contextId", "A"),
	       2); /* C3 kept its alias */
	writes(w, SERVICE ".upsert", json_pack("{s:s}", "contextId", "C1"), 1);
	test_world_free(w);
}

static json_t *http(struct test_world *w, const char *operation, const char *method, const char *id,
		    json_t *query, json_t *body)
{
	return test_request(w, operation,
			    test_http(method, id ? json_pack("{s:s}", "id", id) : NULL, query, body,
				      "d", "designer"));
}

static void http_has_the_same(void **state)
{
	struct test_world *w = test_world_new();
	json_t *reply;

	test_service_start(w, SERVICE, NULL);
	reply = http(w, SERVICE ".http-create", "POST", NULL,
		     json_pack("{s:s, s:s}", "lease", "60", "touchpoint", "t"),
		     json_pack("{s:s, s:{s:s}}", "contextId", "H1", "data", "k", "v"));
	assert_int_equal(json_integer_value(json_object_get(reply, "status")), 201);
	json_decref(reply);
	reply = http(w, SERVICE ".http-upsert", "PUT", "H1", NULL,
		     json_pack("{s:{s:s}}", "data", "l", "w"));
	assert_int_equal(json_integer_value(pl_json_get(reply, "body.version")), 2);
	json_decref(reply);
	reply = http(w, SERVICE ".http-update", "PUT", "H1", NULL,
		     json_pack("{s:{s:s}}", "data", "m", "x"));
	assert_int_equal(json_integer_value(pl_json_get(reply, "body.version")), 3);
	json_decref(reply);
	reply = http(w, SERVICE ".http-get", "GET", "H1", NULL, NULL);
	assert_string_equal(pl_json_get_text(reply, "body.data.k"), "v");
	assert_string_equal(pl_json_get_text(reply, "body.data.m"), "x");
	assert_int_equal(json_integer_value(pl_json_get(reply, "body.leaseSeconds")), 60);
	json_decref(reply);
	json_decref(http(w, SERVICE ".http-delete", "DELETE", "H1", NULL, NULL));
	reply = http(w, SERVICE ".http-get", "GET", "H1", NULL, NULL);
	assert_string_equal(test_error(reply), "notFound");
	json_decref(reply);
	reply = http(w, SERVICE ".http-create", "POST", NULL, json_pack("{s:s}", "lease", "1h"),
		     json_object());
	assert_string_equal(test_error(reply), "badRequest");
	json_decref(reply);
	reply = http(w, SERVICE ".http-update", "PUT", NULL, NULL, json_object());
	assert_string_equal(test_error(reply), "badRequest");
	json_decref(reply);
	test_world_free(w);
}

static void bad_requests_are_refused(void **state)
{
	struct test_world *w = test_world_new();
	char *huge = malloc(200001);
	json_t *reply;

	memset(huge, 'x', 200000);
	huge[200000] = '\0';
	test_service_start(w, SERVICE, NULL);
	test_refused(w, SERVICE ".get", json_object(), "badRequest");
	test_refused(w, SERVICE ".get", json_pack("{s:s}", "contextId", "'--"), "notFound");
	test_refused(w, SERVICE ".upsert", json_pack("{s:s}", "contextId", ""), "badRequest");
	test_refused(w, SERVICE ".upsert", json_pack("{s:s}", "contextId", huge), "badRequest");
	test_refused(w, SERVICE ".upsert", json_pack("{s:s, s:i}", "contextId", "a", "data", 7),
		     "badRequest");
	test_refused(w, SERVICE ".upsert",
		     json_pack("{s:s, s:{s:s}}", "contextId", "a", "data", "k", huge), "tooLarge");
	test_refused(w, SERVICE ".upsert", json_pack("{s:s, s:i}", "contextId", "a", "lease", 0),
		     "badRequest");
	test_refused(w, SERVICE ".renew", json_pack("{s:s, s:i}", "contextId", "a", "lease", 5),
		     "notFound");
	reply = test_request_bytes(w, SERVICE ".upsert",
				   "{\"contextId\":\"a\",\"contextId\":\"b\"}", 33);
	assert_string_equal(test_error(reply), "badRequest");
	json_decref(reply);
	free(huge);
	for (int i = 0; i < 2; i++) { /* repeated: once */
		reply = test_request_id(w, SERVICE ".upsert",
					json_pack("{s:s}", "contextId", "once"), "same");
		assert_int_equal(json_integer_value(json_object_get(reply, "version")), 1);
		json_decref(reply);
	}
	test_world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(changes_are_laid_over),
		cmocka_unit_test(ids_count_characters),
		cmocka_unit_test(entries_are_written_and_read),
		cmocka_unit_test(what_is_kept_of_a_person_is_erased),
		cmocka_unit_test(leases_run_out),
		cmocka_unit_test(http_has_the_same),
		cmocka_unit_test(bad_requests_are_refused),
	};

	return cmocka_run_group_tests_name("contextstore", tests, NULL, NULL);
}
