/*
 * automation_test.c — AutomationController on a real bus: messages are posted once, from texts that
 * can be changed.
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
#include "test_world.h"

#define AC    "AutomationController"
#define POST  "CustomerControllerService.post"
#define CLOSE "CustomerControllerService.close"

static const char contact[] = "01ARZ3NDEKTSV4RRFFQ69G5FAV";

static json_t *say(const char *template_name, json_t *values)
{
	return json_pack("{s:s, s:s, s:o*}", "contactId", contact, "template", template_name,
			 "values", values);
}

static void accepted(struct test_world *w, const char *operation, json_t *request)
{
	json_t *reply = test_request(w, operation, request);

	if (test_error(reply)[0])
		fail_msg("%s: %s", operation, pl_json_get_text(reply, "error.message"));
	json_decref(reply);
}

static void posted(struct test_world *w, const char *text)
{
	json_t *body = test_wait_command(w, POST);

	assert_string_equal(pl_json_get_text(body, "contactId"), contact);
	assert_string_equal(pl_json_get_text(body, "from"), "bot");
	assert_string_equal(pl_json_get_text(body, "name"), "Pelago");
	assert_true(strlen(pl_json_get_text(body, "clientId")) > 0);
	if (text)
		assert_string_equal(pl_json_get_text(body, "text"), text);
	json_decref(body);
}

static void says_what_the_template_says(void **state)
{
	struct test_world *w = test_world_new();

	test_service_start(w, AC, NULL);
	test_serve(w, "CustomerControllerService", NULL, NULL);
	accepted(w, AC ".say", say("greeting", NULL));
	posted(w, NULL);
	accepted(w, AC ".set-template",
		 json_pack("{s:s, s:s}", "name", "greeting", "text", "Hi {name|you}!"));
	accepted(w, AC ".say", say("greeting", json_pack("{s:s}", "name", "{service}")));
	posted(w, "Hi {service}!");
	accepted(w, AC ".say", json_pack("{s:s, s:s}", "contactId", contact, "text", "as it is"));
	posted(w, "as it is");
	/* what was changed isn't made anew */
	test_service_kill(w, AC);
	test_service_start(w, AC, NULL);
	accepted(w, AC ".say", say("greeting", NULL));
	posted(w, "Hi you!");
	test_no_command(w, POST, 50);
	test_world_free(w);
}

/* A last word, and then the end: in one lane, so the close can't overtake it (CHN-1). */
static void closes_behind_the_message(void **state)
{
	struct test_world *w = test_world_new();
	json_t *request = say("offhours", NULL), *command;

	test_service_start(w, AC, NULL);
	test_serve(w, "CustomerControllerService", NULL, NULL);
	json_object_set_new(request, "from", json_string("system"));
	json_object_set_new(request, "close",
			    json_pack("{s:s, s:b, s:I}", "reason", "timeout", "offHours", 1,
				      "opensAtMs", (json_int_t)1801000000000));
	accepted(w, AC ".say", json_deep_copy(request));
	command = test_wait_command(w, POST);
	assert_string_equal(pl_json_get_text(command, "from"), "system");
	assert_null(json_object_get(command, "name"));
	assert_string_equal(
		pl_json_get_text(command, "text"),
		"We are closed at the moment. Please come back during our opening hours.");
	json_decref(command);
	command = test_wait_command(w, CLOSE);
	assert_string_equal(pl_json_get_text(command, "contactId"), contact);
	assert_string_equal(pl_json_get_text(command, "reason"), "timeout");
	assert_true(json_is_true(json_object_get(command, "offHours")));
	assert_int_equal(json_integer_value(json_object_get(command, "opensAtMs")), 1801000000000);
	json_decref(command);

	json_object_set_new(request, "close", json_pack("{s:s}", "reason", "agent"));
	json_object_set_new(request, "from", json_string("agent"));
	test_refused(w, AC ".say", json_deep_copy(request), "badRequest");
	json_object_del(request, "from");
	test_refused(w, AC ".say", json_deep_copy(request), "badRequest"); /* by no agent */
	json_object_set_new(request, "close", json_object());
	test_refused(w, AC ".say", json_deep_copy(request), "badRequest");
	json_object_set_new(request, "close",
			    json_pack("{s:s, s:s}", "reason", "timeout", "offHours", "yes"));
	test_refused(w, AC ".say", request, "badRequest");
	test_no_command(w, CLOSE, 50);
	test_world_free(w);
}

static void says_place_and_wait(void **state)
{
	struct test_world *w = test_world_new();

	test_service_start(w, AC, NULL);
	test_serve(w, "CustomerControllerService", NULL, NULL);
	accepted(w, AC ".say",
		 say("comfort_wait",
		     json_pack("{s:s, s:i, s:i}", "name", "Ann", "position", 3, "minutes", 4)));
	posted(w,
	       "Thank you for waiting, Ann. You are number 3 in the queue, and the wait is about "
	       "4 min.");
	test_world_free(w);
}

static void bad_requests_say_nothing(void **state)
{
	struct test_world *w = test_world_new();

	test_service_start(w, AC, NULL);
	test_serve(w, "CustomerControllerService", NULL, NULL);
	test_refused(w, AC ".say", say("nonsense", NULL), "notFound");
	test_refused(w, AC ".say", say("greeting", json_array()), "badRequest");
	test_refused(w, AC ".say", json_pack("{s:s}", "contactId", contact), "badRequest");
	test_refused(w, AC ".say", json_pack("{s:s}", "text", "x"), "badRequest");
	test_refused(w, AC ".say", json_pack("{s:s, s:s}", "contactId", contact, "text", " \n"),
		     "badRequest");
	test_refused(w, AC ".say", json_pack("{s:s, s:s}", "contactId", contact, "text", "{broken"),
		     "badRequest");
	test_refused(w, AC ".set-template", json_pack("{s:s, s:s}", "name", "a b", "text", "x"),
		     "badRequest");
	test_refused(w, AC ".set-template", json_pack("{s:s, s:s}", "name", "a", "text", "{"),
		     "badRequest");
	test_refused(w, AC ".set-template", json_pack("{s:s}", "name", "a"), "badRequest");
	test_refused(w, AC ".set-template", json_pack("{s:s}", "bot", "a\nb"), "badRequest");
	test_no_command(w, POST, 50);
	test_world_free(w);
}

/* kill -9 between requests, their answers, and the commands: each is posted once, in order. */
static void each_is_posted_once(void **state)
{
	enum { EACH = 60 };
	struct test_world *w = test_world_new();
	char text[16], id[27];

	test_service_start(w, AC, NULL);
	test_serve(w, "CustomerControllerService", NULL, NULL);
	for (int i = 0; i < EACH; i++) {
		snprintf(text, sizeof(text), "text %d", i);
		test_send(w, AC ".say", json_pack("{s:s, s:s}", "contactId", contact, "text", text),
			  id);
		if (i % 12 == 6) {
			test_run(w, i / 12);
			test_service_kill(w, AC);
			test_service_start(w, AC, NULL);
		}
		json_decref(test_request_id(
			w, AC ".say", json_pack("{s:s, s:s}", "contactId", contact, "text", text),
			id));
	}
	for (int i = 0; i < EACH; i++) {
		snprintf(text, sizeof(text), "text %d", i);
		posted(w, text);
	}
	test_no_command(w, POST, 100);
	test_world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_what_the_template_says),
		cmocka_unit_test(closes_behind_the_message),
		cmocka_unit_test(says_place_and_wait),
		cmocka_unit_test(bad_requests_say_nothing),
		cmocka_unit_test(each_is_posted_once),
	};

	return cmocka_run_group_tests_name("automation", tests, NULL, NULL);
}
