/*
 * replace_test.c — what an upgrade replaces, and its way back: the real service on a real bus, with
 * a second delivered version of its workflow put into its store.
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
#include "test_world.h"

#define ED     "EngagementDesigner"
#define OLD    "01OLD0000000000000000000AA"
#define PINNED "01PINNED000000000000000000"

static json_t *asked(struct test_world *w, const char *operation, json_t *body)
{
	json_t *reply = test_request(w, operation, body);

	assert_string_equal(test_error(reply), "");
	return reply;
}

/* The next release has delivered another chat; a rule names the one before, another is of the event
 * that was renamed. */
static struct test_world *world(void)
{
	struct test_world *w = test_world_new();
	struct pl_store *store = NULL;
	char url[600];

	test_service_start(w, ED, NULL);
	json_decref(asked(w, ED ".workflows", json_object()));
	test_service_stop(w, ED);
	test_service_store(w, ED, url, sizeof(url));
	assert_int_equal(pl_store_open(&store, url), PL_OK);
	assert_int_equal(
		pl_store_exec(store,
			      "insert into workflow (name, version, title, xml, hash, deployed, "
			      "out_of_box, created_ms, created_by) select name, 2, title, xml, "
			      "'another', 1, 1, created_ms, created_by from workflow where "
			      "name = 'chat' and version = 1",
			      ""),
		PL_OK);
	assert_int_equal(
		pl_store_exec(store,
			      "insert into rule (id, event, channel, condition, rank, workflow, "
			      "version, enabled, is_default) values ('" PINNED
			      "', 'ROUTE_CONTACT', 'chat', '', 5, 'chat', 1, 1, 0), ('" OLD
			      "', 'ROUTE_CONTACT_TRANSFER_TO_SERVICE', 'chat', '', 7, 'chat', 1, "
			      "1, 0)",
			      ""),
		PL_OK);
	pl_store_close(store);
	test_service_start(w, ED, NULL);
	return w;
}

static bool is_deployed(struct test_world *w, int version)
{
	json_t *reply = asked(w, ED ".workflow",
			      json_pack("{s:s,s:i}", "name", "chat", "version", version));
	bool is = json_is_true(json_object_get(reply, "deployed"));

	json_decref(reply);
	return is;
}

/* {"version", "enabled"} of a rule; version: a number, or "latest". */
static void rule_is(struct test_world *w, const char *id, const char *version, bool enabled)
{
	json_t *reply = asked(w, ED ".rules", json_object()), *item, *found = NULL;
	char text[32];
	size_t i;

	json_array_foreach(json_object_get(reply, "items"), i, item) {
		if (strcmp(pl_json_get_text(item, "id"), id) == 0)
			found = item;
	}
	assert_non_null(found);
	item = json_object_get(found, "version");
	snprintf(text, sizeof(text), "%lld", (long long)json_integer_value(item));
	assert_string_equal(json_is_string(item) ? json_string_value(item) : text, version);
	assert_int_equal(json_is_true(json_object_get(found, "enabled")), enabled);
	json_decref(reply);
}

static size_t rules(struct test_world *w)
{
	json_t *reply = asked(w, ED ".rules", json_object());
	size_t count = json_array_size(json_object_get(reply, "items"));

	json_decref(reply);
	return count;
}

static size_t size(const json_t *reply, const char *member)
{
	return json_array_size(json_object_get(reply, member));
}

/* Asks for the way back with what was replied; that so many things stay. */
static void back(struct test_world *w, json_t *replied, size_t left)
{
	json_t *reply = asked(w, ED ".replace-back", replied);

	assert_int_equal(size(reply, "left"), left);
	json_decref(reply);
}

/* UPG-62 */
static void a_version_goes_when_no_rule_names_it(void **state)
{
	struct test_world *w = world();
	json_t *reply = asked(w, ED ".replaceable", json_object()), *chat, *moved;

	(void)state;
	chat = json_array_get(json_object_get(reply, "workflows"), 0);
	assert_string_equal(pl_json_get_text(chat, "name"), "chat");
	assert_int_equal(json_integer_value(json_object_get(chat, "version")), 2);
	assert_true(json_is_false(json_object_get(chat, "customised")));
	assert_int_equal(size(chat, "old"), 1);
	assert_int_equal(size(reply, "pinned"), 1);
	assert_int_equal(size(reply, "recreate"), 1);
	json_decref(reply);

	reply = asked(w, ED ".replace", json_object()); /* a rule would lead nowhere */
	assert_int_equal(size(reply, "retired"), 0);
	json_decref(reply);
	json_decref(asked(w, ED ".aim-rules", json_pack("{s:[s]}", "names", "another")));
	rule_is(w, PINNED, "1", true);
	moved = asked(w, ED ".aim-rules", json_pack("{s:[s],s:b}", "names", "chat", "dryRun", 1));
	assert_int_equal(size(moved, "moved"), 1);
	assert_int_equal(size(moved, "retired"), 1);
	rule_is(w, PINNED, "1", true);
	assert_true(is_deployed(w, 1));
	for (int times = 0; times < 2; times++) { /* the second time there is nothing to do */
		reply = asked(w, ED ".aim-rules", json_pack("{s:[s]}", "names", "chat"));
		assert_int_equal(size(reply, "moved"), times ? 0 : 1);
		json_decref(reply);
		rule_is(w, PINNED, "2", true);
		assert_false(is_deployed(w, 1));
		assert_true(is_deployed(w, 2));
	}
	for (int times = 0; times < 2; times++) {
		back(w, json_incref(moved), 0);
		rule_is(w, PINNED, "1", true);
		assert_true(is_deployed(w, 1));
	}
	json_decref(asked(w, ED ".delete-rule", json_pack("{s:s}", "id", PINNED)));
	back(w, moved, 1);

	reply = asked(w, ED ".replace", json_object());
	assert_int_equal(size(reply, "retired"), 1);
	assert_false(is_deployed(w, 1));
	back(w, reply, 0);
	assert_true(is_deployed(w, 1));
	test_world_free(w);
}

/* UPG-62 */
static void what_was_customised_stays(void **state)
{
	struct test_world *w = world();
	json_t *reply = asked(w, ED ".workflow", json_pack("{s:s}", "name", "chat"));

	(void)state;
	json_decref(asked(w, ED ".import",
			  json_pack("{s:s%,s:s,s:b}", "xml", pl_json_get_text(reply, "xml"),
				    strlen(pl_json_get_text(reply, "xml")) - 1, "name", "chat",
				    "deploy", 1)));
	json_decref(reply);
	json_decref(asked(w, ED ".delete-rule", json_pack("{s:s}", "id", PINNED)));
	reply = asked(w, ED ".replace", json_object());
	assert_int_equal(size(reply, "retired"), 0);
	assert_int_equal(size(reply, "customised"), 1);
	json_decref(reply);
	assert_true(is_deployed(w, 1));
	assert_true(is_deployed(w, 3));
	test_world_free(w);
}

/* UPG-62 */
static void what_a_release_has_no_more_goes_when_no_rule_leads_to_it(void **state)
{
	struct test_world *w = world();
	json_t *rest = asked(w, ED ".rules", json_object()), *rule,
	       *wish = json_pack("{s:[],s:[s]}", "names", "removed", "chat"), *reply;
	size_t i;

	(void)state;
	reply = asked(w, ED ".replace", json_incref(wish));
	assert_int_equal(size(reply, "retired"), 0);
	json_decref(reply);
	json_array_foreach(json_object_get(rest, "items"), i, rule) {
		if (strcmp(pl_json_get_text(rule, "id"), OLD) != 0) /* that one routes nothing */
			json_decref(asked(w, ED ".delete-rule",
					  json_pack("{s:s}", "id", pl_json_get_text(rule, "id"))));
	}
	json_decref(rest);
	reply = asked(w, ED ".replace", wish);
	assert_int_equal(size(reply, "retired"), 2);
	assert_false(is_deployed(w, 2));
	back(w, reply, 0);
	assert_true(is_deployed(w, 2));
	test_world_free(w);
}

/* The rule that was made of the old one, as somebody has edited it meanwhile. Gives value. */
static void edited(struct test_world *w, const char *member, json_t *value)
{
	json_t *reply = asked(w, ED ".rules", json_object()), *item, *made = NULL;
	size_t i;

	json_array_foreach(json_object_get(reply, "items"), i, item) {
		if (strcmp(pl_json_get_text(item, "event"), "ROUTE_CONTACT_TRANSFER") == 0)
			made = item;
	}
	assert_non_null(made);
	json_object_set_new(made, member, value);
	json_decref(asked(w, ED ".set-rule", json_pack("{s:O}", "rule", made)));
	json_decref(reply);
}

/* UPG-62 */
static void rules_made_anew_go_back(void **state)
{
	struct test_world *w = world();
	json_t *before = asked(w, ED ".replaceable", json_object());
	size_t count = rules(w);

	(void)state;
	json_decref(asked(w, ED ".recreate-rules", json_object()));
	assert_int_equal(rules(w), count + 1);
	rule_is(w, OLD, "1", false);
	for (int times = 0; times < 2; times++) {
		back(w, json_incref(before), 0);
		assert_int_equal(rules(w), count);
		rule_is(w, OLD, "1", true);
	}
	json_decref(asked(w, ED ".recreate-rules", json_object()));
	edited(w, "filters",
	       json_pack("[{s:s, s:s, s:s}]", "path", "contact.topic", "is", "equals", "value",
			 "billing"));
	back(w, json_incref(before), 1);
	edited(w, "filters", json_array());
	edited(w, "rank", json_integer(9));
	back(w, before, 1);
	assert_int_equal(rules(w), count + 1);
	rule_is(w, OLD, "1", false);
	test_world_free(w);
}

/* UPG-62 */
static void what_is_malformed_is_refused(void **state)
{
	struct test_world *w = test_world_new();

	(void)state;
	test_service_start(w, ED, NULL);
	test_refused(w, ED ".replace", json_pack("{s:[i]}", "names", 1), "badRequest");
	test_refused(w, ED ".aim-rules", json_pack("{s:s}", "names", "chat"), "badRequest");
	test_refused(w, ED ".replace", json_pack("{s:i}", "dryRun", 1), "badRequest");
	test_refused(w, ED ".replace-back", json_pack("{s:s}", "moved", "all"), "badRequest");
	back(w, json_pack("{s:[s,i],s:[{}],s:[n]}", "retired", "x", 1, "moved", "recreate"), 3);
	test_world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_version_goes_when_no_rule_names_it),
		cmocka_unit_test(what_was_customised_stays),
		cmocka_unit_test(what_a_release_has_no_more_goes_when_no_rule_leads_to_it),
		cmocka_unit_test(rules_made_anew_go_back),
		cmocka_unit_test(what_is_malformed_is_refused),
	};

	return cmocka_run_group_tests_name("designer replace", tests, NULL, NULL);
}
