/*
 * hanging_test.c — all that hangs on a contact: private talk, pages that were shown, how it ended,
 * the survey, files. It is exported, goes after its time, and is erased with it (CTX-4).
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

#define SERVICE "OCPDataServices"
#define CCS	"CustomerControllerService"
/* "abc" and "abcd": their SHA-256, in base64 */
#define ABC	  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define ABCD	  "88d4266fd4e6338d13b845fcf289579d209c897823b9217da3e161936f031589"
#define ABC_TEXT  "YWJj"
#define ABCD_TEXT "YWJjZA=="

static struct test_world *w;

static json_t *context_store(const char *operation, json_t *body, void *arg)
{
	return strcmp(operation, "kept") == 0
		       ? json_pack("{s:[], s:n}", "contexts", "after")
		       : json_pack("{s:i, s:i, s:b}", "contexts", 0, "audits", 0, "more", 0);
}

static int start(void **state)
{
	w = test_world_new();
	test_serve(w, "ContextStore", context_store, NULL);
	test_service_start(w, SERVICE, NULL);
	return 0;
}

static int stop(void **state)
{
	test_world_free(w);
	return 0;
}

static void ask(const char *operation, json_t *body)
{
	json_t *reply = test_request(w, operation, body);

	assert_string_equal(test_error(reply), "");
	json_decref(reply);
}

static void keep(const char *owner, const char *hash, const char *data, int size)
{
	char upload[64];

	snprintf(upload, sizeof(upload), "%s-%.8s", owner, hash);
	ask(SERVICE ".blob-put",
	    json_pack("{s:s, s:i, s:s}", "upload", upload, "n", 0, "data", data));
	ask(SERVICE ".blob-commit",
	    json_pack("{s:s, s:s, s:i}", "upload", upload, "hash", hash, "size", size));
	ask(SERVICE ".blob-keep",
	    json_pack("{s:s, s:s, s:i}", "owner", owner, "hash", hash, "size", size));
}

static bool has_blob(const char *hash)
{
	json_t *reply =
		test_request(w, SERVICE ".blob-get", json_pack("{s:s, s:i}", "hash", hash, "n", 0));
	bool has = !*test_error(reply);

	json_decref(reply);
	return has;
}

static void said(const char *verb, const char *contact, json_t *body)
{
	static int later; /* no two at the same time: their order is looked at */

	json_object_set_new(body, "atMs", json_integer(test_now_ms() + later++));
	test_event(w, CCS, "message", verb, contact, body);
}

static bool is_whole(struct test_world *world, void *arg)
{
	json_t *reply = test_request(w, SERVICE ".contact", json_pack("{s:s}", "contactId", arg));
	bool is = strcmp(pl_json_get_text(reply, "state"), "closed") == 0 &&
		  json_array_size(json_object_get(reply, "transcript")) == 3 &&
		  pl_json_get(reply, "survey.answers");

	json_decref(reply);
	return is;
}

static void chat(const char *contact, const char *email)
{
	test_event(w, CCS, "contact", "opened", contact,
		   json_pack("{s:s, s:{s:s}}", "channel", "chat", "customer", "email", email));
	said("said", contact, json_pack("{s:i, s:s}", "seq", 1, "text", "hello"));
	said("private", contact,
	     json_pack("{s:i, s:s, s:s}", "seq", 1, "agentId", "agent1", "text", "aside"));
	said("pushed", contact,
	     json_pack("{s:i, s:s, s:s}", "seq", 2, "url", "https://shop.example/", "title",
		       "Shop"));
	test_event(
		w, CCS, "contact", "closed", contact,
		json_pack("{s:s, s:b, s:b}", "reason", "timeout", "abandoned", 1, "offHours", 1));
	test_event(w, CCS, "contact", "surveyed", contact,
		   json_pack("{s:[{s:s, s:s, s:s, s:s}]}", "answers", "id", "why", "text", "Why?",
			     "kind", "text", "value", "because"));
	test_until(w, is_whole, (void *)(uintptr_t)contact, "the contact is whole");
	keep(contact, ABC, ABC_TEXT, 3);
}

/* ---- the database, while the service is down ---- */

static struct pl_store *look(void)
{
	char address[512];
	struct pl_store *store = NULL;

	test_service_kill(w, SERVICE);
	test_service_store(w, SERVICE, address, sizeof(address));
	assert_int_equal(pl_store_open(&store, address), PL_OK);
	return store;
}

static void file(struct pl_store *store, const char *contact, const char *id, int64_t seq,
		 const char *hash)
{
	assert_int_equal(
		pl_store_exec(store,
			      "insert into contact_file (contact, id, seq, hash, name, size, "
			      "type) values ($1, $2, $3, $4, 'bill.pdf', 3, 'text/pdf')",
			      "ssis", contact, id, seq, hash),
		PL_OK);
}

/* sql is static: the store knows statements by it. */
static int64_t count(struct pl_store *store, const char *sql, const char *contact)
{
	struct pl_rows *rows = NULL;
	int64_t n;

	assert_int_equal(pl_store_query(&rows, store, sql, "s", contact), PL_OK);
	assert_true(pl_rows_next(rows));
	n = pl_rows_int(rows, 0);
	pl_rows_free(rows);
	return n;
}

static const char *const counts[] = {
	"select count(*) from contact where id = $1",
	"select count(*) from transcript where contact = $1",
	"select count(*) from private_talk where contact = $1",
	"select count(*) from outcome where contact = $1",
	"select count(*) from step where contact = $1",
	"select count(*) from contact_file where contact = $1",
	"select count(*) from blob_owner where owner = $1",
};

static void all_of(const char *contact, bool is_there)
{
	struct pl_store *store = look();

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		if ((count(store, counts[i], contact) > 0) != is_there)
			fail_msg("%s: %s: %s", contact, counts[i], is_there ? "missing" : "left");
	pl_store_close(store);
}

/* ---- stories ---- */

static bool is_done(struct test_world *world, void *arg)
{
	json_t *reply = test_request(w, SERVICE ".http-erasure",
				     test_http("GET", json_pack("{s:s}", "id", arg), NULL, NULL,
					       "boss", "administrator"));
	bool is = strcmp(pl_json_get_text(reply, "body.state"), "done") == 0;

	if (is) {
		assert_int_equal(json_integer_value(pl_json_get(reply, "body.left")), 0);
		assert_int_equal(json_integer_value(pl_json_get(reply, "body.messages")), 2);
	}
	json_decref(reply);
	return is;
}

static void it_goes_with_an_erased_customer(void **state)
{
	struct pl_store *store;
	json_t *reply;
	char id[27];

	chat("A", "a@x");
	chat("B", "b@x"); /* keeps the same file */
	keep("A", ABCD, ABCD_TEXT, 4);
	store = look();
	file(store, "A", "f1", 1, ABC);
	file(store, "A", "f2", 2, ABCD);
	file(store, "B", "f1", 1, ABC);
	pl_store_close(store);
	all_of("A", true);
	test_service_start(w, SERVICE, NULL);
	reply = test_request(w, SERVICE ".http-erase",
			     test_http("DELETE", json_pack("{s:s}", "id", "a@x"), NULL, NULL,
				       "boss", "administrator"));
	assert_string_equal(test_error(reply), "");
	snprintf(id, sizeof(id), "%s", pl_json_get_text(reply, "body.erasureId"));
	json_decref(reply);
	test_until(w, is_done, id, "the erasure ends");
	assert_false(has_blob(ABCD));
	assert_true(has_blob(ABC));
	all_of("A", false);
	all_of("B", true);
}

static json_t *contact_exported(const char *customer)
{
	json_t *reply =
		test_request(w, SERVICE ".http-export",
			     test_http("GET", json_pack("{s:s}", "id", customer),
				       json_pack("{s:s}", "cursor", "[\"contacts\",1,\"\"]"), NULL,
				       "boss", "supervisor"));
	json_t *contact = json_incref(json_array_get(pl_json_get(reply, "body.items"), 0));

	assert_string_equal(test_error(reply), "");
	json_decref(reply);
	return contact;
}

static void it_is_exported(void **state)
{
	struct pl_store *store;
	json_t *contact, *lines;

	chat("A", "a@x");
	store = look();
	file(store, "A", "f1", 1, ABC);
	pl_store_close(store);
	test_service_start(w, SERVICE, NULL);
	contact = contact_exported("a@x");
	lines = json_object_get(contact, "transcript");
	assert_int_equal(json_array_size(lines), 3);
	assert_string_equal(pl_json_get_text(json_array_get(lines, 0), "file.name"), "bill.pdf");
	assert_string_equal(pl_json_get_text(json_array_get(lines, 1), "text"), "aside");
	assert_true(json_is_true(json_object_get(json_array_get(lines, 1), "private")));
	assert_string_equal(pl_json_get_text(json_array_get(lines, 2), "url"),
			    "https://shop.example/");
	assert_true(json_is_true(json_object_get(contact, "abandoned")));
	assert_true(json_is_true(json_object_get(contact, "offHours")));
	assert_string_equal(
		pl_json_get_text(json_array_get(pl_json_get(contact, "survey.answers"), 0),
				 "value"),
		"because");
	json_decref(contact);
}

static bool is_silent(struct test_world *world, void *arg)
{
	json_t *reply = test_request(w, SERVICE ".contact", json_pack("{s:s}", "contactId", arg));
	bool is = json_array_size(json_object_get(reply, "transcript")) == 1;

	assert_string_equal(pl_json_get_text(reply, "state"), "closed");
	json_decref(reply);
	return is;
}

/* Lines 1 of both kinds are old; the file of line 1 was sent again in line 2. */
static void what_was_said_goes_after_its_time(void **state)
{
	struct pl_store *store;

	chat("A", "a@x");
	keep("A", ABCD, ABCD_TEXT, 4);
	store = look();
	file(store, "A", "f1", 1, ABC);
	file(store, "A", "f2", 2, ABC);
	file(store, "A", "f3", 1, ABCD);
	assert_int_equal(
		pl_store_exec(store,
			      "update transcript set at_ms = at_ms - 864000000 where seq = 1", ""),
		PL_OK);
	assert_int_equal(
		pl_store_exec(store, "update private_talk set at_ms = at_ms - 864000000", ""),
		PL_OK);
	pl_store_close(store);
	test_service_start(w, SERVICE, "--set", "keep_transcripts=9", NULL);
	test_until(w, is_silent, (void *)(uintptr_t) "A", "what was said goes");
	assert_true(has_blob(ABC));
	assert_false(has_blob(ABCD));
	store = look();
	assert_int_equal(count(store, "select count(*) from contact_file where contact = $1", "A"),
			 1);
	assert_int_equal(count(store, "select count(*) from blob_owner where owner = $1", "A"), 1);
	pl_store_close(store);
}

int main(void)
{
#define STORY(name) cmocka_unit_test_setup_teardown(name, start, stop)
	const struct CMUnitTest tests[] = {
		STORY(it_goes_with_an_erased_customer),
		STORY(it_is_exported),
		STORY(what_was_said_goes_after_its_time),
	};

	return cmocka_run_group_tests_name("ocpdata-hanging", tests, NULL, NULL);
}
