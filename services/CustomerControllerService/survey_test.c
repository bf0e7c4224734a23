/*
 * survey_test.c — customers are asked after the end, and answer once (CHN-1, PLT-60).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "pelago/json.h"
#include "test_play.h"
#include "test_world.h"

static void set_service(struct test_world *w, const char *name, json_t *survey)
{
	test_event(w, "UCAStoreService", "service", "set", name,
		   json_pack("{s:s, s:o}", "name", name, "survey", survey));
}

static json_t *ratings(void)
{
	return json_pack("[{s:s, s:s, s:s, s:i}]", "id", "nice", "text", "Nice?", "kind", "rating",
			 "most", 3);
}

static json_t *served_body(const struct customer *c, const char *offer, const char *service)
{
	json_t *request = join_body(c, "agent1", offer);

	json_object_set_new(request, "service", json_string(service));
	return request;
}

static json_t *answer_body(const struct customer *c, const char *client_id, json_t *answers)
{
	return body(json_pack("{s:s, s:s, s:o}", "type", "survey", "clientId", client_id, "answers",
			      answers),
		    c->session);
}

static void leave(struct test_world *w, const struct customer *c)
{
	accepted(w, CCS ".customer-close", body(json_object(), c->session));
}

/* The last frame but `back`. */
static json_t *frame_of(const json_t *view, size_t back)
{
	json_t *frames = json_object_get(view, "transcript");

	return json_array_get(frames, json_array_size(frames) - 1 - back);
}

/* How many frames the chat has after its end: opened, joined, closed, and perhaps the survey. */
struct probe {
	const char *service;
	size_t surveys;
};

static bool asks_as_wanted(struct test_world *w, void *arg)
{
	struct probe *probe = arg;
	struct customer c;
	json_t *view;
	size_t n;

	open_chat(w, &c, NULL);
	accepted(w, CCS ".join", served_body(&c, "O1", probe->service));
	leave(w, &c);
	view = transcript(w, &c);
	n = frames_of_type(view, "survey");
	json_decref(view);
	json_decref(c.session);
	return n == probe->surveys;
}

/* The event has been heard. */
static void until_asks(struct test_world *w, const char *service, size_t surveys)
{
	struct probe probe = { service, surveys };

	test_until(w, asks_as_wanted, &probe, "the service's survey is known");
}

static void the_customer_answers_once(void **state)
{
	struct test_world *w = world();
	struct customer c;
	json_t *view, *event, *reply;

	set_service(w, "Sales", ratings());
	until_asks(w, "Sales", 1);
	open_chat(w, &c, NULL);
	test_refused(w, CCS ".survey", answer_body(&c, "s1", json_pack("{s:i}", "nice", 3)),
		     "conflict");
	accepted(w, CCS ".join", served_body(&c, "O1", "Sales"));
	test_refused(w, CCS ".survey", answer_body(&c, "s1", json_pack("{s:i}", "nice", 3)),
		     "conflict");
	leave(w, &c);
	json_decref(test_wait_event(w, "contact.closed", c.contact_id));
	view = transcript(w, &c);
	assert_string_equal(pl_json_get_text(frame_of(view, 1), "type"), "closed");
	assert_string_equal(pl_json_get_text(frame_of(view, 0), "type"), "survey");
	assert_string_equal(
		pl_json_get_text(json_array_get(json_object_get(frame_of(view, 0), "questions"), 0),
				 "text"),
		"Nice?");
	json_decref(view);
	/* what was asked counts, whatever is asked of others later */
	set_service(w, "Sales", json_null());
	until_asks(w, "Sales", 0);

	test_refused(w, CCS ".survey", answer_body(&c, "s1", json_object()), "badRequest");
	test_refused(w, CCS ".survey", answer_body(&c, "s1", json_array()), "badRequest");
	test_refused(w, CCS ".survey", answer_body(&c, "s1", json_null()), "badRequest");
	test_refused(w, CCS ".survey", answer_body(&c, "s1", json_pack("{s:i}", "nice", 4)),
		     "badRequest");
	test_refused(w, CCS ".survey", answer_body(&c, "s1", json_pack("{s:i}", "other", 1)),
		     "badRequest");
	test_refused(w, CCS ".survey", answer_body(&c, "", json_pack("{s:i}", "nice", 3)),
		     "badRequest");
	test_refused(w, CCS ".survey", body(json_object(), NULL), "unauthorized");
	test_no_event(w, "contact.surveyed", NULL, 50);

	accepted(w, CCS ".survey", answer_body(&c, "s1", json_pack("{s:i}", "nice", 2)));
	event = test_wait_event(w, "contact.surveyed", c.contact_id);
	assert_string_equal(pl_json_get_text(event, "body.service"), "Sales");
	reply = json_array_get(pl_json_get(event, "body.answers"), 0);
	assert_string_equal(pl_json_get_text(reply, "text"), "Nice?");
	assert_int_equal(json_integer_value(json_object_get(reply, "value")), 2);
	json_decref(event);
	test_service_kill(w, CCS);
	test_service_start(w, CCS, NULL);
	reply = test_request(w, CCS ".survey",
			     answer_body(&c, "s1", json_pack("{s:i}", "nice", 3)));
	assert_string_equal(
		pl_json_get_text(json_array_get(json_object_get(reply, "again"), 0), "frame.type"),
		"surveyed");
	json_decref(reply);
	test_refused(w, CCS ".survey", answer_body(&c, "s2", json_pack("{s:i}", "nice", 3)),
		     "conflict");
	view = transcript(w, &c);
	assert_string_equal(pl_json_get_text(frame_of(view, 0), "type"), "surveyed");
	assert_null(json_object_get(frame_of(view, 0), "answers"));
	json_decref(view);
	test_no_event(w, "contact.surveyed", NULL, 50);
	json_decref(c.session);
	test_world_free(w);
}

static void who_was_not_served_is_not_asked(void **state)
{
	struct test_world *w = world();
	struct customer c;
	json_t *view;

	set_service(w, "Sales", json_true());
	set_service(w, "Support", json_false());
	until_asks(w, "Sales", 1);
	until_asks(w, "Support", 0);
	open_chat(w, &c, NULL);
	leave(w, &c);
	view = transcript(w, &c);
	assert_int_equal(frames_of_type(view, "survey"), 0);
	json_decref(view);
	json_decref(c.session);

	/* transferred: the last service asks, or doesn't */
	open_chat(w, &c, NULL);
	accepted(w, CCS ".join", served_body(&c, "O1", "Sales"));
	accepted(w, CCS ".leave",
		 json_pack("{s:s, s:s}", "contactId", c.contact_id, "agentId", "agent1"));
	accepted(w, CCS ".join", served_body(&c, "O2", "Support"));
	leave(w, &c);
	accepted(w, CCS ".join", served_body(&c, "O3", "Sales")); /* too late */
	view = transcript(w, &c);
	assert_int_equal(frames_of_type(view, "survey"), 0);
	json_decref(view);
	test_refused(w, CCS ".survey", answer_body(&c, "s1", json_pack("{s:i}", "rating", 3)),
		     "conflict");
	json_decref(c.session);

	/* what can't be read asks nothing, and stops nothing */
	set_service(w, "Sales", json_pack("[{s:s}]", "id", "x"));
	until_asks(w, "Sales", 0);
	set_service(w, "Sales", json_true());
	until_asks(w, "Sales", 1);
	test_event(w, "UCAStoreService", "service", "set", "Sales",
		   json_pack("{s:s, s:b}", "name", "Sales", "removed", 1));
	until_asks(w, "Sales", 0);
	test_world_free(w);
}

static void a_survey_is_over_after_a_while(void **state)
{
	struct test_world *w = test_world_new();
	struct customer c;

	test_service_start(w, CCS, "--set", "survey_s=1", NULL);
	set_service(w, "Sales", json_true());
	until_asks(w, "Sales", 1);
	open_chat(w, &c, NULL);
	accepted(w, CCS ".join", served_body(&c, "O1", "Sales"));
	leave(w, &c);
	test_run(w, 1100);
	test_refused(w, CCS ".survey", answer_body(&c, "s1", json_pack("{s:i}", "rating", 3)),
		     "conflict");
	json_decref(c.session);
	test_world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_customer_answers_once),
		cmocka_unit_test(who_was_not_served_is_not_asked),
		cmocka_unit_test(a_survey_is_over_after_a_while),
	};

	return cmocka_run_group_tests_name("survey", tests, NULL, NULL);
}
