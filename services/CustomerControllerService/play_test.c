/* play_test.c — see test_play.h. SPDX-License-Identifier: Apache-2.0 */
#include "test_play.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "pelago/json.h"
#include "test_world.h"

void set_attribute(struct test_world *w, const char *key, json_t *value, const char *by)
{
	test_service_configure(w, CCS,
			       json_pack("{s:b, s:{s:o}, s:{s:{s:I, s:s}}}", "accepting", 1,
					 "attributes", key, value, "setBy", key, "atMs",
					 (json_int_t)test_now_ms(), "by", by));
}

/* The manager, and the node that gives on what it says. */
static json_t *manager(const char *operation, json_t *asked, void *arg)
{
	if (strcmp(operation, "own") != 0)
		return test_refusal("NOTFOUND");
	assert_string_equal(pl_json_get_text(asked, "service"), CCS);
	set_attribute(arg, pl_json_get_text(asked, "attribute"),
		      json_incref(json_object_get(asked, "value")),
		      pl_json_get_text(asked, "user.sub"));
	return json_object();
}

struct test_world *world(void)
{
	struct test_world *w = test_world_new();

	test_serve(w, "Manager", manager, w);
	test_service_start(w, CCS, NULL);
	return w;
}

json_t *body(json_t *frame, json_t *session)
{
	return json_pack("{s:o, s:O?, s:s, s:s}", "frame", frame, "session", session, "connection",
			 "C1", "from", "127.0.0.1");
}

json_t *open_frame(const char *client_id)
{
	return json_pack("{s:s, s:s*, s:s, s:s, s:s, s:{s:s}, s:{s:s}}", "type", "open", "clientId",
			 client_id, "name", "Ann", "email", "ann@example.org", "topic", "sales",
			 "attributes", "Language", "English", "context", "basket", "tent");
}

void take_opened(struct customer *c, json_t *reply)
{
	json_t *frame = json_array_get(json_object_get(reply, "send"), 0);

	assert_string_equal(test_error(reply), "");
	snprintf(c->contact_id, sizeof(c->contact_id), "%s", pl_json_get_text(frame, "contactId"));
	snprintf(c->token, sizeof(c->token), "%s", pl_json_get_text(frame, "resumeToken"));
	snprintf(c->stream, sizeof(c->stream), "contact.%s", c->contact_id);
	assert_int_equal(strlen(c->contact_id), 26);
	assert_int_equal(strlen(c->token), 43);
	assert_int_equal(json_integer_value(json_object_get(frame, "seq")), 1);
	c->session = json_incref(json_object_get(reply, "session"));
	assert_non_null(c->session);
	json_decref(reply);
}

void open_chat(struct test_world *w, struct customer *c, const char *client_id)
{
	take_opened(c, test_request(w, CCS ".open", body(open_frame(client_id), NULL)));
}

json_t *say_body(const struct customer *c, const char *client_id, const char *text)
{
	return body(json_pack("{s:s, s:s, s:s}", "type", "message", "clientId", client_id, "text",
			      text),
		    c->session);
}

json_t *resume_body(const char *contact_id, const char *token, int after)
{
	return body(json_pack("{s:s, s:s, s:s, s:i}", "type", "resume", "contactId", contact_id,
			      "resumeToken", token, "after", after),
		    NULL);
}

json_t *join_body(const struct customer *c, const char *agent, const char *offer)
{
	return json_pack("{s:s, s:s, s:s, s:{s:s, s:s}}", "contactId", c->contact_id, "agentId",
			 agent, "offerId", offer, "participant", "role", "agent", "name", "Mia");
}

json_t *post_body(const struct customer *c, const char *from, const char *agent,
		  const char *client_id, const char *text)
{
	return json_pack("{s:s, s:s, s:s*, s:s, s:s}", "contactId", c->contact_id, "from", from,
			 "agentId", agent, "clientId", client_id, "text", text);
}

void accepted(struct test_world *w, const char *operation, json_t *request)
{
	json_t *reply = test_request(w, operation, request);

	if (test_error(reply)[0])
		fail_msg("%s: %s", operation, pl_json_get_text(reply, "error.message"));
	json_decref(reply);
}

json_t *transcript(struct test_world *w, const struct customer *c)
{
	return test_request(w, CCS ".transcript", json_pack("{s:s}", "contactId", c->contact_id));
}

size_t frames_of_type(const json_t *view, const char *type)
{
	json_t *frame;
	size_t i, n = 0;

	json_array_foreach(json_object_get(view, "transcript"), i, frame)
		n += strcmp(pl_json_get_text(frame, "type"), type) == 0;
	return n;
}

int64_t head_of(struct test_world *w, const struct customer *c)
{
	json_t *reply = transcript(w, c);
	int64_t head = json_integer_value(json_object_get(reply, "head"));

	json_decref(reply);
	return head;
}

json_t *put_body(json_t *on)
{
	return test_http("PUT", NULL, NULL, json_pack("{s:o}", "on", on), "boss", "supervisor");
}

/* The body of an HTTP answer of this status. */
json_t *answered(json_t *reply, int status)
{
	json_t *shown = json_incref(json_object_get(reply, "body"));

	assert_string_equal(test_error(reply), "");
	assert_int_equal(json_integer_value(json_object_get(reply, "status")), status);
	json_decref(reply);
	return shown;
}

struct switched {
	bool on;
};

static bool is_switched(struct test_world *w, void *arg)
{
	json_t *reply = shutdown_report(w);
	bool on = json_is_true(json_object_get(reply, "on"));

	json_decref(reply);
	return on == ((struct switched *)arg)->on;
}

void switch_shutdown(struct test_world *w, bool on)
{
	struct switched wanted = { on };
	json_t *shown = answered(
		test_request(w, CCS ".http-set-shutdown", put_body(json_boolean(on))), 200);

	assert_int_equal(json_is_true(json_object_get(shown, "on")), on);
	assert_string_equal(pl_json_get_text(shown, "by"), "boss");
	json_decref(shown);
	test_until(w, is_switched, &wanted, "Shutdown Mode is as it was set");
}

json_t *shutdown_report(struct test_world *w)
{
	return answered(test_request(w, CCS ".http-shutdown",
				     test_http("GET", NULL, NULL, NULL, "boss", "supervisor")),
			200);
}

void close_all(struct test_world *w)
{
	json_decref(
		answered(test_request(w, CCS ".http-close-all",
				      test_http("POST", NULL, NULL, NULL, "boss", "administrator")),
			 202));
}
