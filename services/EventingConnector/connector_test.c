/*
 * connector_test.c — events that are posted: twice, at once, wrong, late, too many; the service
 * killed in between; the real service on a real bus, with the test as EngagementDesigner (EDR-15).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "pelago/json.h"
#include "pelago/store.h"
#include "test_world.h"

#define SERVICE "EventingConnector"

struct designer {
	const char *refuses; /* error of check-event */
	bool is_silent;	     /* take-event isn't answered */
	int checks, takes;
};

static struct test_world *w;
static struct designer designer;

static json_t *play(const char *operation, json_t *body, void *arg)
{
	struct designer *d = arg;

	if (strcmp(operation, "check-event") == 0) {
		d->checks++;
		return d->refuses ? test_refusal(d->refuses)
				  : json_pack("{s:s, s:i}", "name", "Orders.DELAYED", "version", 3);
	}
	if (d->is_silent)
		return NULL;
	d->takes++;
	return json_pack("{s:s, s:s}", "outcome", "started", "instanceId", "I1");
}

static int begin(void **state)
{
	designer = (struct designer){ 0 };
	w = test_world_new();
	test_serve(w, "Manager", NULL, NULL);
	test_serve(w, "EngagementDesigner", play, &designer);
	test_service_start(w, SERVICE, "--set", "backlog=2", NULL);
	return 0;
}

static int end(void **state)
{
	test_world_free(w);
	return 0;
}

static json_t *event(const char *id, int cents)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:{s:i}}", "family", "Orders", "type", "DELAYED",
			 "id", id, "key", "4711", "payload", "cents", cents);
}

static json_t *post_of(const char *user, json_t *body)
{
	return test_http("POST", NULL, NULL, body, user, "service");
}

/* The event as it was answered. */
static json_t *posted(json_t *request)
{
	json_t *reply = test_request(w, SERVICE ".http-post", request), *body;

	if (*test_error(reply))
		fail_msg("%s", pl_json_get_text(reply, "error.message"));
	assert_int_equal(json_integer_value(json_object_get(reply, "status")), 202);
	body = json_incref(json_object_get(reply, "body"));
	json_decref(reply);
	return body;
}

static void refused(json_t *request, const char *code, const char *why)
{
	json_t *reply = test_request(w, SERVICE ".http-post", request);

	assert_string_equal(test_error(reply), code);
	if (strncmp(pl_json_get_text(reply, "error.message"), why, strlen(why)) != 0)
		fail_msg("%s, not %s", pl_json_get_text(reply, "error.message"), why);
	json_decref(reply);
}

static json_t *shown(const char *id, const char *user, const char *roles)
{
	return test_request(
		w, SERVICE ".http-event",
		test_http("GET", json_pack("{s:s}", "id", id), NULL, NULL, user, roles));
}

struct wanted {
	char id[27];
	const char *status;
};

static bool has_status(struct test_world *world, void *arg)
{
	const struct wanted *wanted = arg;
	json_t *reply = shown(wanted->id, "admin", "administrator");
	bool has = strcmp(pl_json_get_text(reply, "body.status"), wanted->status) == 0;

	json_decref(reply);
	return has;
}

static void comes_to(const json_t *answer, const char *status)
{
	struct wanted wanted = { .status = status };

	snprintf(wanted.id, sizeof(wanted.id), "%s", pl_json_get_text(answer, "eventId"));
	test_until(w, has_status, &wanted, status);
}

static void what_is_taken_is_brought_once(void **state)
{
	json_t *first = posted(post_of("shop", event("a", 1))), *again, *command, *reply;

	assert_false(json_is_true(json_object_get(first, "repeated")));
	assert_string_equal(pl_json_get_text(first, "name"), "Orders.DELAYED");
	assert_int_equal(json_integer_value(json_object_get(first, "version")), 3);
	command = test_wait_command(w, "EngagementDesigner.take-event");
	assert_string_equal(pl_json_get_text(command, "id"), pl_json_get_text(first, "eventId"));
	assert_string_equal(pl_json_get_text(command, "key"), "4711");
	assert_string_equal(pl_json_get_text(command, "source"), "shop");
	assert_int_equal(json_integer_value(pl_json_get(command, "payload.cents")), 1);
	json_decref(command);
	comes_to(first, "started");
	/* the same once more: another request */
	again = posted(post_of("shop", event("a", 1)));
	assert_true(json_is_true(json_object_get(again, "repeated")));
	assert_string_equal(pl_json_get_text(again, "eventId"), pl_json_get_text(first, "eventId"));
	assert_string_equal(pl_json_get_text(again, "instanceId"), "I1");
	json_decref(again);
	refused(post_of("shop", event("a", 2)), "conflict", "id: an event a with other content");
	/* the same id of another sender is another event */
	again = posted(post_of("warehouse", event("a", 2)));
	assert_string_not_equal(pl_json_get_text(again, "eventId"),
				pl_json_get_text(first, "eventId"));
	comes_to(again, "started");
	json_decref(again);
	assert_int_equal(designer.takes, 2);
	/* each sees its own */
	reply = shown(pl_json_get_text(first, "eventId"), "warehouse", "service");
	assert_string_equal(test_error(reply), "notFound");
	json_decref(reply);
	reply = shown(pl_json_get_text(first, "eventId"), "shop", "service");
	assert_string_equal(pl_json_get_text(reply, "body.sender"), "shop");
	json_decref(reply);
	json_decref(first);
}

static void twice_at_once_is_one_event(void **state)
{
	char ids[8][27];
	json_t *eventId = NULL;

	for (int i = 0; i < 8; i++)
		test_send(w, SERVICE ".http-post", post_of("shop", event("same", 1)), ids[i]);
	for (int i = 0; i < 8; i++) {
		json_t *reply = test_answer(w, ids[i]);

		if (!eventId)
			eventId = json_incref(pl_json_get(reply, "body.eventId"));
		assert_true(json_is_string(eventId));
		assert_true(json_equal(eventId, pl_json_get(reply, "body.eventId")));
		json_decref(reply);
	}
	json_decref(test_wait_command(w, "EngagementDesigner.take-event"));
	test_no_command(w, "EngagementDesigner.take-event", 50);
	json_decref(eventId);
}

static void what_is_wrong_is_refused(void **state)
{
	json_t *body = event("a", 1);

	json_object_set_new(body, "at", json_string("now"));
	refused(post_of("shop", body), "badRequest",
		"an event has family, type, version, id, key, keepSeconds, atMs and payload, but "
		"no at");
	body = event("", 1);
	refused(post_of("shop", body), "badRequest", "id is empty");
	body = event("a", 1);
	json_object_del(body, "id");
	refused(post_of("shop", body), "badRequest", "id");
	body = event("a", 1);
	json_object_set_new(body, "payload", json_array());
	refused(post_of("shop", body), "badRequest", "payload");
	body = event("a", 1);
	json_object_set_new(body, "version", json_string("1"));
	refused(post_of("shop", body), "badRequest", "version");
	body = event("a", 1);
	json_object_set_new(body, "keepSeconds", json_integer(604801));
	refused(post_of("shop", body), "badRequest", "keepSeconds");
	refused(post_of("shop", json_array()), "badRequest", "body");
	refused(post_of("shop", NULL), "badRequest", "body");
	body = event("a", 1);
	json_object_set_new(body, "atMs", json_integer(test_now_ms() - 90000000));
	refused(post_of("shop", body), "conflict", "atMs: the event is 90000 s old");
	body = event("a", 1);
	json_object_set_new(body, "atMs", json_integer(test_now_ms() + 900000));
	refused(post_of("shop", body), "badRequest", "atMs: that is in");
	assert_int_equal(designer.checks, 0);
	designer.refuses = "NOTFOUND";
	refused(post_of("shop", event("a", 1)), "notFound", "");
	designer.refuses = "INVALID";
	refused(post_of("shop", event("a", 1)), "badRequest", "");
	designer.refuses = NULL;
	json_decref(posted(post_of("shop", event("a", 1)))); /* a refusal isn't kept */
}

/* Posts one of that time, each with an id of its own, until it is refused as late. */
static bool is_late(struct test_world *world, void *arg)
{
	static int count;
	char id[20];
	json_t *body, *reply;
	bool late;

	snprintf(id, sizeof(id), "late %d", ++count);
	body = event(id, 1);
	json_object_set_new(body, "atMs", json_integer(*(const int64_t *)arg));
	reply = test_request(w, SERVICE ".http-post", post_of("shop", body));
	late = strncmp(pl_json_get_text(reply, "error.message"), "atMs: the event is", 18) == 0;
	json_decref(reply);
	return late;
}

/* The answer of one that has become too late meanwhile is the first one. */
static void a_late_repeat_is_a_repeat(void **state)
{
	int64_t at_ms = test_now_ms();
	json_t *body = event("a", 1), *again;

	json_object_set_new(body, "atMs", json_integer(at_ms));
	json_decref(posted(post_of("shop", json_incref(body))));
	test_service_configure(
		w, SERVICE, json_pack("{s:{s:i, s:i}}", "attributes", "late", 1, "backlog", 1000));
	test_until(w, is_late, &at_ms, "an event of that time is late");
	again = posted(post_of("shop", body));
	assert_true(json_is_true(json_object_get(again, "repeated")));
	json_decref(again);
}

static void what_was_acknowledged_survives(void **state)
{
	json_t *first, *again;

	designer.is_silent = true;
	first = posted(post_of("shop", event("a", 1)));
	assert_string_equal(pl_json_get_text(first, "status"), "waiting");
	json_decref(posted(post_of("shop", event("b", 1))));
	refused(post_of("shop", event("c", 1)), "unavailable", "2 events wait for workflows");
	test_service_kill(w, SERVICE);
	test_service_start(w, SERVICE, "--set", "backlog=2", NULL);
	refused(post_of("shop", event("c", 1)), "unavailable", "2 events wait for workflows");
	again = posted(post_of("shop", event("a", 1)));
	assert_string_equal(pl_json_get_text(again, "eventId"), pl_json_get_text(first, "eventId"));
	json_decref(again);
	designer.is_silent = false;
	comes_to(first, "started");
	json_decref(first);
	first = posted(post_of("shop", event("c", 1)));
	comes_to(first, "started");
	json_decref(first);
}

static bool is_shown(const char *id)
{
	json_t *reply = shown(id, "admin", "administrator");
	bool is = !*test_error(reply);

	json_decref(reply);
	return is;
}

static bool is_forgotten(struct test_world *world, void *id)
{
	return !is_shown(id);
}

/* More than are forgotten in one turn; one that was received so late may have told a time five
 * minutes ahead, and wouldn't be too late yet. */
static void old_ones_are_forgotten(void **state)
{
	static const char insert[] =
		"with recursive n(i) as (select 1 union all select i + 1 from n where i < 1200) "
		"insert into event (id, sender, given, hash, name, version, key, received_ms, "
		"status, instance, why) select 'old' || i, 'shop', 'old' || i, '', 'O.D', 1, '', "
		"$1 + i, case when i = 1 then 'waiting' else 'unheard' end, '', '' from n";
	char last[] = "old1200";
	int64_t kept_ms = test_now_ms() - 7LL * 86400 * 1000;
	struct pl_store *store = NULL;
	char url[600];

	test_service_stop(w, SERVICE);
	test_service_store(w, SERVICE, url, sizeof(url));
	assert_int_equal(pl_store_open(&store, url), PL_OK);
	assert_int_equal(pl_store_exec(store, insert, "i", kept_ms - 3600 * 1000), PL_OK);
	assert_int_equal(pl_store_exec(store, "update event set received_ms = $1 where id = 'old3'",
				       "i", kept_ms - 100 * 1000),
			 PL_OK);
	pl_store_close(store);
	test_service_start(w, SERVICE, NULL);
	test_until(w, is_forgotten, last, "all that is old is forgotten");
	assert_false(is_shown("old2"));
	assert_true(is_shown("old1")); /* it waits */
	assert_true(is_shown("old3"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_taken_is_brought_once, begin, end),
		cmocka_unit_test_setup_teardown(twice_at_once_is_one_event, begin, end),
		cmocka_unit_test_setup_teardown(what_is_wrong_is_refused, begin, end),
		cmocka_unit_test_setup_teardown(a_late_repeat_is_a_repeat, begin, end),
		cmocka_unit_test_setup_teardown(what_was_acknowledged_survives, begin, end),
		cmocka_unit_test_setup_teardown(old_ones_are_forgotten, begin, end),
	};

	return cmocka_run_group_tests_name("eventing connector", tests, NULL, NULL);
}
