/*
 * contextstore_http_test.c — the REST interface of the real service: what clients of other context
 * stores send, keys, aliases, audit, and searches in pages (CTX-1, CTX-3).
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

#define SERVICE "ContextStore"

static struct test_world *w;

static int world(void **state)
{
	w = test_world_new();
	test_service_start(w, SERVICE, NULL);
	return 0;
}

static int no_world(void **state)
{
	test_world_free(w);
	return 0;
}

struct http {
	json_t *path, *query, *body;
};

/* Calls and returns the reply's body; fails unless it has this status. */
static json_t *call(const char *operation, struct http http, int status)
{
	json_t *reply = test_request(
		w, operation, test_http("GET", http.path, http.query, http.body, "d", "designer"));
	json_t *body = json_incref(json_object_get(reply, "body"));

	assert_string_equal(test_error(reply), "");
	assert_int_equal(json_integer_value(json_object_get(reply, "status")), status);
	json_decref(reply);
	return body;
}

static void refused(const char *operation, struct http http, const char *code)
{
	test_refused(w, operation,
		     test_http("GET", http.path, http.query, http.body, "d", "designer"), code);
}

#define HTTP(...)     ((struct http){ __VA_ARGS__ })
#define ID(id)	      .path = json_pack("{s:s}", "id", id)
#define KEY(id, name) .path = json_pack("{s:s, s:s}", "id", id, "key", name)

static int64_t version_of(json_t *body)
{
	int64_t version = json_integer_value(json_object_get(body, "version"));

	json_decref(body);
	return version;
}

static void create(const char *id, json_t *body)
{
	json_object_set_new(body, "contextId", json_string(id));
	json_decref(call(SERVICE ".http-create", HTTP(.body = body), 201));
}

/* CTX-3: as written by clients of the reference product */
static void other_clients_are_understood(void **state)
{
	json_t *body = call(
		SERVICE ".http-create",
		HTTP(.query = json_pack("{s:s, s:s, s:s, s:s, s:s}", "lease", "12", "sid",
					"Not Specified", "rid", "0", "rules", "false", "shortid",
					"false"),
		     .body = json_pack("{s:i, s:{s:s}}", "contextId", 1, "data", "Auto", "Verde")),
		201);

	assert_string_equal(pl_json_get_text(body, "contextId"), "1");
	json_decref(body);
	body = call(SERVICE ".http-get", HTTP(ID("1")), 200);
	assert_string_equal(pl_json_get_text(body, "routingId"), "0");
	assert_int_equal(json_integer_value(json_object_get(body, "leaseSeconds")), 12);
	json_decref(body);
	body = call(
		SERVICE ".http-upsert",
		HTTP(ID("w 1"), .query = json_pack("{s:s}", "touchpoint", "WEB"),
		     .body = json_pack("{s:i, s:b, s:s, s:{s:s}}", "groupId", 42, "persistToEDM", 1,
				       "aliasId", "acct-7", "data", "Email", "a@b.c")),
		200);
	assert_int_equal(version_of(body), 1);
	body = call(SERVICE ".http-list", HTTP(.query = json_pack("{s:s}", "alias", "acct-7")),
		    200);
	assert_string_equal(pl_json_get_text(body, "contextId"), "w 1");
	assert_string_equal(pl_json_get_text(body, "groupId"), "42");
	assert_true(json_is_true(json_object_get(body, "persistToEDM")));
	json_decref(body);
	body = call(SERVICE ".http-update",
		    HTTP(.query = json_pack("{s:s}", "alias", "acct-7"),
			 .body = json_pack("{s:{s:s}}", "data", "Phone", "1")),
		    200);
	assert_int_equal(version_of(body), 2);
	body = call(SERVICE ".http-create",
		    HTTP(.query = json_pack("{s:s}", "shortid", "true"), .body = json_object()),
		    201);
	assert_int_equal(strlen(pl_json_get_text(body, "contextId")), 10);
	json_decref(body);
}

static void bad_queries_are_refused(void **state)
{
	static const struct {
		const char *name, *value;
	} rows[] = {
		{ "lease", "1h" },   { "lease", "0" },	     { "lease", "99999999999" },
		{ "lease", "" },     { "rid", "" },	     { "shortid", "maybe" },
		{ "rules", "TRUE" }, { "version", "first" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		refused(SERVICE ".http-create",
			HTTP(.query = json_pack("{s:s}", rows[i].name, rows[i].value),
			     .body = json_object()),
			"badRequest");
	refused(SERVICE ".http-create", HTTP(.body = json_pack("{s:s}", "persistToEDM", "yes")),
		"badRequest");
	refused(SERVICE ".http-create", HTTP(.body = json_pack("{s:f}", "contextId", 1.5)),
		"badRequest");
	refused(SERVICE ".http-update", HTTP(.body = json_object()), "badRequest");
	refused(SERVICE ".http-list", HTTP(.query = json_pack("{s:s}", "alias", "nobody")),
		"notFound");
}

static void one_key_is_read_and_written(void **state)
{
	json_t *body;

	create("K1", json_pack("{s:{s:s, s:{s:i}}}", "data", "a", "1", "map", "x", 5));
	body = call(SERVICE ".http-get-key", HTTP(KEY("K1", "map")), 200);
	assert_int_equal(json_integer_value(pl_json_get(body, "map.x")), 5);
	json_decref(body);
	body = call(SERVICE ".http-set-key",
		    HTTP(KEY("K1", "a"), .body = json_pack("{s:s}", "a", "2")), 200);
	assert_int_equal(version_of(body), 2);
	body = call(SERVICE ".http-set-key",
		    HTTP(KEY("K1", "b.c"), .body = json_pack("{s:b}", "value", 1)), 200);
	assert_int_equal(version_of(body), 3);
	refused(SERVICE ".http-set-key", HTTP(KEY("K1", "b"), .body = json_object()), "badRequest");
	refused(SERVICE ".http-set-key",
		HTTP(KEY("none", "b"), .body = json_pack("{s:s}", "b", "1")), "notFound");
	refused(SERVICE ".http-get-key", HTTP(KEY("K1", "none")), "notFound");
	assert_int_equal(version_of(call(SERVICE ".http-delete-key", HTTP(KEY("K1", "a")), 200)),
			 4);
	refused(SERVICE ".http-delete-key", HTTP(KEY("K1", "a")), "notFound");
	body = call(SERVICE ".http-get", HTTP(ID("K1")), 200);
	assert_null(pl_json_get(body, "data.a"));
	assert_true(json_is_true(json_object_get(json_object_get(body, "data"), "b.c")));
	json_decref(body);
}

static void a_lease_is_renewed(void **state)
{
	json_t *body;

	create("L1", json_object());
	body = call(SERVICE ".http-renew",
		    HTTP(ID("L1"), .query = json_pack("{s:s}", "lease", "90")), 200);
	assert_int_equal(version_of(body), 2);
	body = call(SERVICE ".http-get", HTTP(ID("L1")), 200);
	assert_int_equal(json_integer_value(json_object_get(body, "leaseSeconds")), 90);
	json_decref(body);
	refused(SERVICE ".http-renew", HTTP(ID("none")), "notFound");
}

static void the_audit_has_pages(void **state)
{
	static const char *const wanted[] = { "delete", "read", "update", "create" };
	json_t *page, *cursor = NULL;
	size_t seen = 0;

	create("A1", json_pack("{s:[s]}", "aliasIds", "A1-alias"));
	json_decref(call(SERVICE ".http-update",
			 HTTP(ID("A1"),
			      .query = json_pack("{s:s, s:s}", "touchpoint", "ivr", "sid", "s9"),
			      .body = json_object()),
			 200));
	json_decref(call(SERVICE ".http-get", HTTP(ID("A1")), 200)); /* without one: not noted */
	json_decref(call(SERVICE ".http-get",
			 HTTP(ID("A1"), .query = json_pack("{s:s}", "touchpoint", "desk")), 200));
	page = call(SERVICE ".http-audit", HTTP(ID("A1-alias")), 200);
	assert_int_equal(json_array_size(json_object_get(page, "items")), 3);
	json_decref(page);
	json_decref(call(SERVICE ".http-delete", HTTP(ID("A1-alias")), 200));
	do { /* it outlives the context */
		page = call(SERVICE ".http-audit",
			    HTTP(ID("A1"),
				 .query = json_pack("{s:s, s:O*}", "limit", "1", "cursor", cursor)),
			    200);
		json_decref(cursor);
		cursor = json_incref(json_object_get(page, "cursor"));
		assert_string_equal(
			pl_json_get_text(json_array_get(json_object_get(page, "items"), 0),
					 "operation"),
			wanted[seen++]);
		if (seen == 3)
			assert_string_equal(
				pl_json_get_text(json_array_get(json_object_get(page, "items"), 0),
						 "sid"),
				"s9");
		json_decref(page);
	} while (json_is_string(cursor));
	json_decref(cursor);
	assert_int_equal(seen, 4);
	refused(SERVICE ".http-audit", HTTP(ID("none")), "notFound");
}

static void rules_are_told(void **state)
{
	json_t *event, *change = json_pack("{s:s, s:s}", "contextId", "R1", "topic", "orders");

	json_decref(
		call(SERVICE ".http-create",
		     HTTP(.query = json_pack("{s:s, s:s}", "rules", "true", "touchpoint", "crm"),
			  .body = change),
		     201));
	event = test_wait_event(w, "context.rules", "R1");
	assert_string_equal(pl_json_get_text(event, "body.topic"), "orders");
	assert_string_equal(pl_json_get_text(event, "body.touchpoint"), "crm");
	json_decref(event);
}

/* Reads all pages and returns the ids, each followed by a space. To be freed. */
static char *all_pages(const char *operation, json_t *path, json_t *query, int *pagesp)
{
	char *ids = calloc(1, 8192);
	json_t *page, *one, *cursor;
	size_t i;

	*pagesp = 0;
	do {
		page = call(operation,
			    HTTP(.path = json_deep_copy(path), .query = json_copy(query)), 200);
		json_array_foreach(json_object_get(page, "items"), i, one) {
			strncat(ids, pl_json_get_text(one, "contextId"), 40);
			strncat(ids, " ", 2);
		}
		cursor = json_object_get(page, "cursor");
		json_object_set(query, "cursor", cursor);
		++*pagesp;
	} while (json_is_string(cursor) && (json_decref(page), true));
	json_decref(page);
	json_decref(path);
	json_decref(query);
	return ids;
}

static void finds(const char *what, json_t *query, const char *ids)
{
	int pages;
	char *found = all_pages(SERVICE ".http-list", NULL, query, &pages);

	if (strcmp(found, ids) != 0)
		fail_msg("%s: found \"%s\" in place of \"%s\"", what, found, ids);
	free(found);
}

static void contexts_are_found(void **state)
{
	json_t *body;
	char *ids;
	int pages;

	for (int i = 0; i < 5; i++) { /* the second hasn't what the others have */
		char id[4] = { 'S', (char)('0' + i), '\0' };

		create(id, json_pack("{s:{s:s, s:i, s:b}, s:s, s:s, s:s}", "data", "mail",
				     i == 1 ? "x@y.z" : "s@t.u", "n", i, "on", i % 2, "groupId",
				     "G", "topic", i < 3 ? "T" : "U", "tenantId", "N"));
		test_run(w, 2); /* another millisecond, for the order */
	}
	finds("group", json_pack("{s:s}", "groupId", "G"), "S4 S3 S2 S1 S0 ");
	finds("small pages", json_pack("{s:s, s:s}", "groupId", "G", "limit", "2"),
	      "S4 S3 S2 S1 S0 ");
	finds("key", json_pack("{s:s, s:s}", "key", "mail", "value", "s@t.u"), "S4 S3 S2 S0 ");
	finds("number", json_pack("{s:s, s:s}", "key", "n", "value", "3"), "S3 ");
	finds("boolean", json_pack("{s:s, s:s}", "key", "on", "value", "true"), "S3 S1 ");
	finds("two filters",
	      json_pack("{s:s, s:s, s:s}", "key", "mail", "value", "s@t.u", "topic", "T"),
	      "S2 S0 ");
	finds("tenant and topic", json_pack("{s:s, s:s}", "tenantId", "N", "topic", "U"), "S4 S3 ");
	finds("nothing", json_pack("{s:s}", "topic", "' or 1=1 --"), "");
	finds("time", json_pack("{s:s, s:s}", "topic", "T", "until", "1"), "");
	finds("since", json_pack("{s:s, s:s}", "topic", "T", "since", "1"), "S2 S1 S0 ");
	body = call(
		SERVICE ".http-update",
		HTTP(ID("S0"), .body = json_pack("{s:{s:n}, s:s}", "data", "mail", "topic", "U")),
		200);
	json_decref(body);
	json_decref(call(SERVICE ".http-delete", HTTP(ID("S2")), 200));
	finds("what changed", json_pack("{s:s, s:s}", "key", "mail", "value", "s@t.u"), "S4 S3 ");
	finds("what moved", json_pack("{s:s}", "topic", "U"), "S4 S3 S0 ");
	ids = all_pages(SERVICE ".http-group", json_pack("{s:s}", "group", "G"), json_object(),
			&pages);
	assert_string_equal(ids, "S4 S3 S1 S0 ");
	free(ids);
	refused(SERVICE ".http-group", HTTP(.path = json_pack("{s:s}", "group", "none")),
		"notFound");
	refused(SERVICE ".http-list", HTTP(.query = json_pack("{s:s}", "key", "mail")),
		"badRequest");
	refused(SERVICE ".http-list", HTTP(.query = json_pack("{s:s}", "limit", "many")),
		"badRequest");
	refused(SERVICE ".http-list", HTTP(.query = json_pack("{s:s}", "cursor", "x")),
		"badRequest");
}

/* A page of large entries ends before the bus's limit, and goes on after it. */
static void large_entries_share_pages(void **state)
{
	char *text = malloc(120001), *ids;
	int pages;

	memset(text, 'x', 120000);
	text[120000] = '\0';
	for (int i = 0; i < 10; i++) {
		char id[4] = { 'B', (char)('0' + i), '\0' };

		create(id, json_pack("{s:{s:s}, s:s}", "data", "text", text, "topic", "big"));
		test_run(w, 2);
	}
	ids = all_pages(SERVICE ".http-list", NULL, json_pack("{s:s}", "topic", "big"), &pages);
	assert_string_equal(ids, "B9 B8 B7 B6 B5 B4 B3 B2 B1 B0 ");
	assert_true(pages >= 3);
	free(ids);
	free(text);
}

static void who_has_no_token_is_refused(void **state)
{
	static const char *const operations[] = { "create",  "list",	   "get",   "update",
						  "upsert",  "delete",	   "renew", "get-key",
						  "set-key", "delete-key", "group", "audit" };
	char operation[64];
	json_t *reply;

	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
		snprintf(operation, sizeof(operation), SERVICE ".http-%s", operations[i]);
		test_refused(w, operation, test_http("GET", NULL, NULL, NULL, NULL, NULL),
			     "unauthorized");
	}
	test_service_configure(
		w, SERVICE,
		json_pack("{s:b, s:{s:i}}", "accepting", 1, "attributes", "open_access", 1));
	test_run(w, 700);
	reply = test_request(w, SERVICE ".http-create",
			     test_http("POST", NULL, NULL, json_object(), NULL, NULL));
	assert_int_equal(json_integer_value(json_object_get(reply, "status")), 201);
	json_decref(reply);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(other_clients_are_understood),
		cmocka_unit_test(bad_queries_are_refused),
		cmocka_unit_test(one_key_is_read_and_written),
		cmocka_unit_test(a_lease_is_renewed),
		cmocka_unit_test(the_audit_has_pages),
		cmocka_unit_test(rules_are_told),
		cmocka_unit_test(contexts_are_found),
		cmocka_unit_test(large_entries_share_pages),
		cmocka_unit_test(who_has_no_token_is_refused), /* the last: it opens the door */
	};

	return cmocka_run_group_tests_name("contextstore-http", tests, world, no_world);
}
