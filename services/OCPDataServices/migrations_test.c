/*
 * migrations_test.c — a database of an older version is taken over, and what it didn't write is
 * filled in (CTX-2).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "migrations.h"
#include "pelago/json.h"
#include "test_world.h"

#define SERVICE "OCPDataServices"

enum { OLD = 4 }; /* before profiles */

static const char *const rows[] = {
	"insert into contact (id, first_ms, channel, customer, name, email, opened_ms, closed_ms, "
	"close_reason, offer_state) values "
	"('A', 1000, 'chat', 'a@x', 'Ann Lee', 'a@x', 1000, 3000, 'agent', 'ended')",
	"insert into contact (id, first_ms, channel, customer, offer_state) values "
	"('B', 2000, 'chat', 'B', 'offered')",
	"insert into contact_offer (contact, offer, agent) values ('A', 'O1', 'agent1')",
	"insert into contact_offer (contact, offer, agent) values ('A', 'O2', 'agent1')",
	"insert into customer (id, name, email, first_ms, last_ms) values "
	"('a@x', 'Ann Lee', 'a@x', 1000, 1000)",
	"insert into customer (id, name, email, first_ms, last_ms) values ('B', '', '', 2000, 2000)",
	"insert into transcript (contact, seq, sender, name, text, at_ms, url) values "
	"('A', 1, 'agent', 'Mia', 'Shop', 1500, 'https://shop.example/')",
	"insert into private_talk (contact, seq, agent, name, text, at_ms) values "
	"('A', 1, 'agent1', 'Mia', 'aside', 1400)",
	"insert into outcome (contact, abandoned) values ('A', 1)",
	"insert into contact_file (contact, id, seq, hash, name, size, type) values "
	"('A', 'f1', 1, 'x', 'bill.pdf', 3, 'text/pdf')",
};

static void write_old(struct test_world *w)
{
	char address[512], path[512];
	struct pl_store *store = NULL;
	int level = 0;

	snprintf(path, sizeof(path), "%s/services/" SERVICE, test_world_dir(w));
	assert_true(mkdir(path, 0700) == 0 || errno == EEXIST);
	test_service_store(w, SERVICE, address, sizeof(address));
	assert_int_equal(pl_store_open(&store, address), PL_OK);
	assert_int_equal(pl_store_migrate(store, SERVICE, migrations, OLD, &level), PL_OK);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(pl_store_exec(store, rows[i], ""), PL_OK);
	pl_store_close(store);
}

struct wanted {
	const char *operation, *query, *ids, *id_name;
};

/* The ids of a list, each followed by a space. */
static bool is_listed(struct test_world *w, void *arg)
{
	const struct wanted *wanted = arg;
	json_t *reply = test_request(w, wanted->operation,
				     test_http("GET", NULL, json_loads(wanted->query, 0, NULL),
					       NULL, "boss", "supervisor"));
	json_t *one;
	char ids[200] = "";
	size_t i;

	json_array_foreach(pl_json_get(reply, "body.items"), i, one)
		snprintf(ids + strlen(ids), sizeof(ids) - strlen(ids), "%s ",
			 pl_json_get_text(one, wanted->id_name));
	json_decref(reply);
	return strcmp(ids, wanted->ids) == 0;
}

static void an_old_database_is_taken_over(void **state)
{
	static const struct wanted lists[] = {
		{ SERVICE ".http-contacts", "{}", "B A ", "contactId" },
		{ SERVICE ".http-contacts", "{\"state\":\"closed\"}", "A ", "contactId" },
		{ SERVICE ".http-contacts", "{\"state\":\"offered\"}", "B ", "contactId" },
		{ SERVICE ".http-contacts", "{\"agent\":\"agent1\"}", "A ", "contactId" },
		{ SERVICE ".http-customers", "{}", "B a@x ", "id" },
		{ SERVICE ".http-customers", "{\"q\":\"lee\"}", "a@x ", "id" },
		{ SERVICE ".http-customers", "{\"q\":\"a@\"}", "a@x ", "id" },
		{ SERVICE ".http-history", "{\"customer\":\"A@x\"}", "A ", "contactId" },
	};
	struct test_world *w = test_world_new();
	json_t *contact, *lines;

	write_old(w);
	test_service_start(w, SERVICE, NULL);
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		test_until(w, is_listed, (void *)(uintptr_t)&lists[i], lists[i].query);
	contact = test_request(w, SERVICE ".contact", json_pack("{s:s}", "contactId", "A"));
	lines = json_object_get(contact, "transcript");
	assert_string_equal(pl_json_get_text(contact, "direction"), "inbound");
	assert_true(json_is_true(json_object_get(contact, "abandoned")));
	assert_int_equal(json_array_size(lines), 2);
	assert_string_equal(pl_json_get_text(json_array_get(lines, 0), "text"), "aside");
	assert_string_equal(pl_json_get_text(json_array_get(lines, 1), "file.id"), "f1");
	json_decref(contact);
	test_world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_old_database_is_taken_over),
	};

	return cmocka_run_group_tests_name("ocpdata-migrations", tests, NULL, NULL);
}
