/*
 * interfaces_test.c — which outside interfaces a release changes, and who uses them.
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

#include "engines/upgrade/upgrade.h"
#include "pelago/json.h"

static const char facts_text[] =
	"{\"services\":[{\"name\":\"UCMService\",\"version\":\"0.1.0\",\"reads\":[\"contact\"]},"
	" {\"name\":\"Another\",\"version\":\"7.0.0\",\"reads\":[\"contact\"]}],"
	"\"uses\":["
	" {\"interface\":\"GET /x\",\"kind\":\"client\",\"origin\":\"\",\"agent\":\"curl/8\","
	"  \"user\":\"ann\",\"version\":\"0.1.0\",\"firstMs\":1,\"lastMs\":5},"
	" {\"interface\":\"GET /x\",\"kind\":\"own\",\"origin\":\"\",\"agent\":\"\",\"user\":\"\","
	"  \"version\":\"0.1.0\",\"firstMs\":1,\"lastMs\":5},"
	" {\"interface\":\"GET /other\",\"kind\":\"client\",\"origin\":\"\",\"agent\":\"wget/1\","
	"  \"user\":\"\",\"version\":\"0.1.0\",\"firstMs\":1,\"lastMs\":5},"
	" {\"interface\":\"frame /chat open\",\"kind\":\"page\",\"origin\":\"https://shop.example\","
	"  \"agent\":\"\",\"user\":\"\",\"version\":\"0.1.0\",\"firstMs\":1,\"lastMs\":5},"
	" {\"interface\":\"socket /chat\",\"kind\":\"page\",\"origin\":\"https://shop.example\","
	"  \"agent\":\"\",\"user\":\"\",\"version\":\"0.1.0\",\"firstMs\":1,\"lastMs\":5},"
	" {\"interface\":\"socket /agent\",\"kind\":\"page\",\"origin\":\"https://shop.example\","
	"  \"agent\":\"\",\"user\":\"\",\"version\":\"0.2.0\",\"firstMs\":1,\"lastMs\":9}]}";

static const char release_text[] =
	"{\"services\":[{\"name\":\"UCMService\"}],\"changes\":{\"interfaces\":{"
	" \"removed\":[\"GET /x\"],\"changed\":[\"message Open\",\"message Left\",\"message Gone\"],"
	" \"added\":[\"GET /y\",\"event contact of UCMService\"]}},"
	"\"messages\":["
	" {\"name\":\"Open\",\"path\":\"/chat\",\"type\":\"open\",\"from\":\"client\"},"
	" {\"name\":\"Left\",\"path\":\"/chat\",\"type\":\"left\",\"from\":\"server\"},"
	" {\"name\":\"Left\",\"path\":\"/agent\",\"type\":\"left\",\"from\":\"server\"}]}";

static const json_t *find(const json_t *all, const char *name)
{
	json_t *item;
	size_t i;

	json_array_foreach(all, i, item) {
		if (strcmp(pl_json_get_text(item, "name"), name) == 0)
			return item;
	}
	fail_msg("there is no %s", name);
	return NULL;
}

/* UPG-63 */
static void users_are_named(void **state)
{
	static const struct {
		const char *name, *change, *users[3];
	} rows[] = {
		{ "GET /x",
		  "removed",
		  { "curl/8, user ann", "pages of Pelago, which change with it" } },
		{ "message Open", "changed", { "page of https://shop.example" } },
		{ "message Left", "changed", { "page of https://shop.example" } }, /* once */
		{ "message Gone", "changed", { NULL } },
		{ "GET /y", "added", { NULL } },
		{ "event contact of UCMService", "added", { "service Another" } },
	};
	json_t *facts = json_loads(facts_text, 0, NULL),
	       *release = json_loads(release_text, 0, NULL);
	json_t *all = upgrade_interfaces(&(struct upgrade){ facts, release, NULL });
	char who[200];

	(void)state;
	assert_int_equal(json_array_size(all), sizeof(rows) / sizeof(rows[0]));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const json_t *item = find(all, rows[i].name),
			     *users = json_object_get(item, "users");
		size_t k = 0;

		assert_string_equal(pl_json_get_text(item, "change"), rows[i].change);
		for (; rows[i].users[k]; k++) {
			upgrade_client_text(who, sizeof(who), json_array_get(users, k));
			assert_string_equal(who, rows[i].users[k]);
			assert_null(json_object_get(json_array_get(users, k), "interface"));
		}
		assert_int_equal(json_array_size(users), k);
	}
	/* as it was seen last */
	assert_int_equal(
		json_integer_value(pl_json_get(
			json_array_get(json_object_get(find(all, "message Left"), "users"), 0),
			"lastMs")),
		9);
	json_decref(all);
	json_decref(facts);
	json_decref(release);
}

static void a_manifest_may_be_odd(void **state)
{
	static const char *const odd[] = {
		"{}", "{\"changes\":7}", "{\"changes\":{\"interfaces\":{\"removed\":\"GET /x\"}}}",
		"{\"changes\":{\"interfaces\":{\"changed\":[1,null,{}]}}}"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		json_t *facts = json_object(), *release = json_loads(odd[i], 0, NULL);
		json_t *all = upgrade_interfaces(&(struct upgrade){ facts, release, NULL });

		assert_int_equal(json_array_size(all), 0);
		json_decref(all);
		json_decref(facts);
		json_decref(release);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(users_are_named),
		cmocka_unit_test(a_manifest_may_be_odd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
