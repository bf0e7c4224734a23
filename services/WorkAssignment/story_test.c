/*
 * story_test.c — see story_test.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "story_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static json_t *attributes_of(const char *services)
{
	char text[200], *rest = text, *one;
	json_t *list = json_pack("[{s:s, s:i}]", "name", "Language.English", "proficiency", 1);

	snprintf(text, sizeof(text), "%s", services);
	while ((one = strsep(&rest, " "))) {
		char name[100];

		snprintf(name, sizeof(name), "Service.%s", one);
		json_array_append_new(list,
				      json_pack("{s:s, s:i}", "name", name, "proficiency", 2));
	}
	return list;
}

void agent(struct test_world *w, const char *id, const char *state, const char *services, int chats)
{
	test_event(w, "UnifiedAgentController", "agent", "state", id,
		   json_pack("{s:s, s:s, s:s, s:o, s:{s:i, s:i}}", "agentId", id, "name", "Ann",
			     "state", state, "attributes", attributes_of(services), "capacity",
			     "total", chats, "chat", chats));
}

json_t *wanted(const char *contact, const char *service)
{
	return json_pack("{s:s, s:s, s:s, s:{s:s}}", "contactId", contact, "channel", "chat",
			 "service", service, "attributes", "Language", "English");
}

const char *text(const json_t *value, const char *path)
{
	return pl_json_get_text(value, path);
}

int64_t number(const json_t *value, const char *path)
{
	return json_integer_value(pl_json_get(value, path));
}

const char *ask(struct test_world *w, json_t *body)
{
	static char answer[40];
	json_t *reply = test_request(w, SERVICE ".request", body);

	snprintf(answer, sizeof(answer), "%s",
		 *test_error(reply) ? test_error(reply) : text(reply, "state"));
	json_decref(reply);
	return answer;
}

const char *request(struct test_world *w, const char *contact, const char *service)
{
	return ask(w, wanted(contact, service));
}

json_t *matched(struct test_world *w, const char *contact)
{
	json_t *event = test_wait_event(w, "work.matched", contact);
	json_t *body = json_incref(json_object_get(event, "body"));

	json_decref(event);
	assert_string_equal(text(body, "contactId"), contact);
	assert_true(*text(body, "offerId"));
	return body;
}

void ended(struct test_world *w, const json_t *match, json_t *more)
{
	json_t *body = json_deep_copy(match);

	json_object_del(body, "waitedMs");
	json_object_update(body, more);
	json_decref(more);
	test_event(w, "UCMService", "offer", "ended", text(match, "contactId"), body);
}

void says(struct test_world *w, const char *verb, const json_t *match, const char *reason,
	  bool requeue)
{
	json_t *body;

	if (reason) {
		ended(w, match, json_pack("{s:s, s:b}", "reason", reason, "requeue", requeue));
		return;
	}
	body = json_deep_copy(match);
	json_object_del(body, "waitedMs");
	test_event(w, "UCMService", "offer", verb, text(match, "contactId"), body);
}

void closed(struct test_world *w, const char *contact)
{
	test_event(w, "CustomerControllerService", "contact", "closed", contact,
		   json_pack("{s:s, s:s}", "contactId", contact, "reason", "customer"));
}

struct figure {
	const char *path;
	int64_t value;
};

static bool has_figure(struct test_world *w, void *arg)
{
	const struct figure *figure = arg;
	json_t *reply = test_request(w, SERVICE ".queues", json_object());
	bool is = pl_json_get(reply, figure->path) && number(reply, figure->path) == figure->value;

	json_decref(reply);
	return is;
}

void until_figure(struct test_world *w, const char *path, int64_t value)
{
	struct figure figure = { path, value };

	test_until(w, has_figure, &figure, path);
}

void assert_queues(struct test_world *w, int64_t waiting, int64_t offered, int64_t active)
{
	json_t *reply = test_request(w, SERVICE ".queues", json_object());

	assert_int_equal(number(reply, "waiting"), waiting);
	assert_int_equal(number(reply, "offered"), offered);
	assert_int_equal(number(reply, "active"), active);
	json_decref(reply);
}

void ready(struct test_world *w, const char *id, const char *services, int chats, int64_t ready_now)
{
	agent(w, id, "Ready", services, chats);
	until_figure(w, "agents.ready", ready_now);
}

struct test_world *world(void)
{
	struct test_world *w = test_world_new();

	test_serve(w, "UCMService", NULL, NULL);
	test_service_start(w, SERVICE, "--set", "requeue_same_agent_s=1", NULL);
	return w;
}

void restart(struct test_world *w)
{
	test_service_kill(w, SERVICE);
	test_service_start(w, SERVICE, "--set", "requeue_same_agent_s=1", NULL);
}
