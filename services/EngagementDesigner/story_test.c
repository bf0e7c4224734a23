/* story_test.c — see story_test.h. SPDX-License-Identifier: Apache-2.0 */
#include "story_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "pelago/json.h"

json_t *asked(struct test_world *w, const char *operation, json_t *body)
{
	json_t *reply = test_request(w, operation, body);

	assert_string_equal(test_error(reply), "");
	return reply;
}

void deployed(struct test_world *w, const char *xml)
{
	json_decref(asked(w, ED ".import", json_pack("{s:s, s:b}", "xml", xml, "deploy", 1)));
}

struct test_world *world_of(const char *xml)
{
	struct test_world *w = test_world_new();

	test_service_start(w, ED, "--set", "retry_pause=3600", NULL);
	deployed(w, xml);
	return w;
}

void order(struct test_world *w, const char *name, char id[27])
{
	json_t *reply = asked(w, ED ".publish",
			      json_pack("{s:s, s:{s:s}}", "name", "order", "payload", "id", name));

	assert_int_equal(json_array_size(json_object_get(reply, "started")), 1);
	snprintf(id, 27, "%s",
		 json_string_value(json_array_get(json_object_get(reply, "started"), 0)));
	json_decref(reply);
}

void paid(struct test_world *w, const char *key, char id[27])
{
	json_t *reply = asked(w, ED ".publish",
			      json_pack("{s:s, s:s, s:{s:i}}", "name", "paid", "key", key,
					"payload", "cents", 100));

	snprintf(id, 27, "%s", pl_json_get_text(reply, "instanceId"));
	assert_int_equal(json_array_size(json_object_get(reply, "started")), 0);
	json_decref(reply);
}

json_t *shown(struct test_world *w, const char *id)
{
	return asked(w, ED ".instance", json_pack("{s:s}", "id", id));
}

void status_is(struct test_world *w, const char *id, const char *status)
{
	json_t *instance = shown(w, id);

	assert_string_equal(pl_json_get_text(instance, "status"), status);
	json_decref(instance);
}

struct place {
	const char *id, *status, *element;
};

static bool is_at(struct test_world *w, void *arg)
{
	const struct place *p = arg;
	json_t *instance = shown(w, p->id), *token;
	bool found = strcmp(pl_json_get_text(instance, "status"), p->status) == 0;
	size_t i;

	if (found && p->element) {
		found = false;
		json_array_foreach(json_object_get(instance, "tokens"), i, token)
			found = found ||
				strcmp(pl_json_get_text(token, "element"), p->element) == 0;
	}
	json_decref(instance);
	return found;
}

void wait_for(struct test_world *w, const char *id, const char *status, const char *element)
{
	struct place p = { id, status, element };

	test_until(w, is_at, &p, element ? element : status);
}

bool none_runs(struct test_world *w, void *arg)
{
	json_t *reply = asked(w, ED ".instances", json_pack("{s:s}", "status", "RUNNING"));
	bool none = json_array_size(json_object_get(reply, "items")) == 0;

	json_decref(reply);
	return none;
}

size_t incidents_of(struct test_world *w)
{
	json_t *reply = asked(w, ED ".incidents", json_pack("{s:i}", "limit", 50));
	size_t n = json_array_size(json_object_get(reply, "items"));

	json_decref(reply);
	return n;
}

bool is_stuck(struct test_world *w, void *arg)
{
	return incidents_of(w) > 0;
}
