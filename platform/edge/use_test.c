/*
 * use_test.c — who uses which outside interface: told apart, cut, bounded.
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
#include "use.h"

static const char firefox[] = "Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101";

/* UPG-63 */
static void clients_are_told_apart(void **state)
{
	static const struct {
		const char *origin, *agent;
		bool is_own, is_let_in;
		const char *kind, *page, *product;
	} rows[] = {
		{ "https://shop.example", firefox, false, true, "page", "https://shop.example",
		  "" },
		{ "https://pelago.example", firefox, true, true, "own", "", "" },
		{ "", firefox, true, true, "own", "", "" },
		{ "", "curl/8.5.0", true, true, "client", "", "curl/8.5.0" },
		{ "", "python-requests/2.31 (x) y/1", true, true, "client", "",
		  "python-requests/2.31" },
		{ "", "", true, true, "client", "", "" },
		/* what isn't let in is no page, whatever it says */
		{ "https://liar.example", firefox, false, false, "client", "", "Mozilla/5.0" },
		{ "", "\x1b[31mred\x07/1\xff\n", true, true, "client", "", "?[31mred?/1??" },
		{ "", "<script>alert(1)</script>", true, true, "client", "", "<script>alert" },
		{ "", "a123456789b123456789c123456789d123456789e123456789", true, true, "client",
		  "", "a123456789b123456789c123456789d123456789e123456" },
	};
	struct client client;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		client_init(&client, rows[i].origin, rows[i].agent, rows[i].is_own,
			    rows[i].is_let_in);
		assert_string_equal(client.kind, rows[i].kind);
		assert_string_equal(client.origin, rows[i].page);
		assert_string_equal(client.agent, rows[i].product);
	}
}

static struct client program(const char *agent)
{
	struct client client;

	client_init(&client, "", agent, true, true);
	return client;
}

/* UPG-63 */
static void each_is_told_once(void **state)
{
	struct client curl = program("curl/8"), page;
	struct uses *uses = NULL;
	json_t *told;

	(void)state;
	assert_int_equal(uses_new(&uses), PL_OK);
	assert_null(uses_take(uses));
	uses_note(uses, "GET /x/{id}", &curl, "ann", 1000);
	uses_note(uses, "GET /x/{id}", &curl, "ann", 2000);
	client_init(&page, "https://shop.example", firefox, false, true);
	uses_note(uses, "frame /chat open", &page, "ann", 2000);
	told = uses_take(uses);
	assert_int_equal(json_array_size(told), 2);
	assert_string_equal(pl_json_get_text(json_array_get(told, 0), "interface"), "GET /x/{id}");
	assert_string_equal(pl_json_get_text(json_array_get(told, 0), "agent"), "curl/8");
	assert_string_equal(pl_json_get_text(json_array_get(told, 0), "user"), "ann");
	assert_int_equal(json_integer_value(json_object_get(json_array_get(told, 0), "lastMs")),
			 2000);
	/* whose page it is says enough */
	assert_string_equal(pl_json_get_text(json_array_get(told, 1), "user"), "");
	json_decref(told);
	assert_null(uses_take(uses)); /* those are on their way */
	uses_told(uses, false);
	told = uses_take(uses); /* and got lost */
	assert_int_equal(json_array_size(told), 2);
	json_decref(told);
	uses_told(uses, true);
	uses_note(uses, "GET /x/{id}", &curl, "ann", 2000 + USES_AGAIN_MS - 1);
	assert_null(uses_take(uses));
	uses_note(uses, "GET /x/{id}", &curl, "ann", 2000 + USES_AGAIN_MS);
	told = uses_take(uses);
	assert_int_equal(json_array_size(told), 1);
	json_decref(told);
	uses_told(uses, true);
	uses_note(uses, "GET /x/{id}", &curl, "ann", 1500); /* the clock was put back */
	told = uses_take(uses);
	assert_int_equal(json_array_size(told), 1);
	json_decref(told);
	uses_free(uses);
}

/* UPG-63: whoever says another name each time costs no more than so much. */
static void they_are_bounded(void **state)
{
	struct uses *uses = NULL;
	char agent[40];
	unsigned all = 0;
	json_t *told;

	(void)state;
	assert_int_equal(uses_new(&uses), PL_OK);
	for (int i = 0; i < 3 * USES_MOST; i++) {
		struct client client;

		snprintf(agent, sizeof(agent), "evil/%d", i);
		client = program(agent);
		uses_note(uses, "GET /x", &client, "", 1000 + i);
	}
	while ((told = uses_take(uses))) {
		assert_true(json_array_size(told) <= USES_TOLD_MOST);
		all += (unsigned)json_array_size(told);
		json_decref(told);
		uses_told(uses, true);
	}
	assert_int_equal(all, USES_MOST);
	for (int i = 0; i < 3; i++) { /* those that were told make room */
		struct client client = program("good/1");

		uses_note(uses, "GET /y", &client, "ann", 5000);
		told = uses_take(uses);
		assert_int_equal(json_array_size(told), i == 0);
		json_decref(told);
		uses_told(uses, true);
	}
	uses_free(uses);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clients_are_told_apart),
		cmocka_unit_test(each_is_told_once),
		cmocka_unit_test(they_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
