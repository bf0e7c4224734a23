/*
 * erase_test.c — what is kept for its time only; and all that is kept on one customer, exported,
 * and erased (CTX-4).
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

/* What our ContextStore says. */
static struct {
	int erased, more; /* answers `more` so many times */
	bool has_left;
	json_t *asked; /* bodies of erase */
} contexts;

static struct test_world *w;

static json_t *kept(const json_t *body)
{
	json_t *list, *ids = json_object_get(body, "contextIds"), *id, *least = NULL, *after = NULL;
	const char *from = pl_json_get_text(body, "after");
	size_t i;

	if (contexts.has_left)
		return json_pack("{s:[{s:s}], s:n}", "contexts", "contextId", "left", "after");
	list = json_array();
	json_array_foreach(ids, i, id) { /* one a page, by id */
		if (strcmp(json_string_value(id), from) <= 0)
			continue;
		if (least)
			after = least;
		if (!least || strcmp(json_string_value(id), json_string_value(least)) < 0)
			least = id;
	}
	if (least)
		json_array_append_new(list, json_pack("{s:O, s:{}}", "contextId", least, "data"));
	if (after)
		after = least;
	return json_pack("{s:o, s:O?}", "contexts", list, "after", after);
}

static json_t *context_store(const char *operation, json_t *body, void *arg)
{
	if (strcmp(operation, "kept") == 0)
		return contexts.asked && !contexts.has_left && json_array_size(contexts.asked) > 0
			       ? json_pack("{s:[], s:n}", "contexts", "after")
			       : kept(body);
	contexts.erased++;
	json_array_append(contexts.asked, body);
	return json_pack("{s:i, s:i, s:b}", "contexts", 2, "audits", 1, "more",
			 contexts.more-- > 0);
}

static int start(void **state)
{
	memset(&contexts, 0, sizeof(contexts));
	contexts.asked = json_array();
	w = test_world_new();
	test_serve(w, "ContextStore", context_store, NULL);
	test_service_start(w, SERVICE, NULL);
	return 0;
}

static int stop(void **state)
{
	test_world_free(w);
	json_decref(contexts.asked);
	return 0;
}

static void chat(const char *contact, const char *email, int messages, bool is_closed)
{
	test_event(w, CCS, "contact", "opened", contact,
		   json_pack("{s:s, s:{s:s, s:s}}", "channel", "chat", "customer", "name", "Ann",
			     "email", email));
	for (int i = 1; i <= messages; i++)
		test_event(w, CCS, "message", "said", contact,
			   json_pack("{s:i, s:s, s:I}", "seq", i, "text", "hello", "atMs",
				     (json_int_t)test_now_ms()));
	if (is_closed)
		test_event(w, CCS, "contact", "closed", contact,
			   json_pack("{s:s}", "reason", "agent"));
}

static json_t *call(const char *operation, const char *id, json_t *query)
{
	return test_request(
		w, operation,
		test_http("X", json_pack("{s:s}", "id", id), query, NULL, "boss", "administrator"));
}

static bool is_closed(struct test_world *world, void *arg)
{
	json_t *reply = test_request(w, SERVICE ".contact", json_pack("{s:s}", "contactId", arg));
	bool is = strcmp(pl_json_get_text(reply, "state"), "closed") == 0;

	json_decref(reply);
	return is;
}

static void wait_closed(const char *contact)
{
	test_until(w, is_closed, (void *)(uintptr_t)contact, "the contact is closed");
}

static bool is_known(const char *operation, const char *id)
{
	json_t *reply = call(operation, id, NULL);
	bool is = !*test_error(reply);

	json_decref(reply);
	return is;
}

/* ---- retention ---- */

/* As if it all had been ten days ago. */
static void age(void)
{
	static const char *const statements[] = {
		"update contact set first_ms = first_ms - 864000000 where id in ('old', 'open')",
		"update transcript set at_ms = at_ms - 864000000 where contact in ('old', 'open')",
		"update customer set last_ms = last_ms - 864000000 where id in ('o@x', 'p@x')",
	};
	char address[512];
	struct pl_store *store = NULL;

	test_service_kill(w, SERVICE);
	test_service_store(w, SERVICE, address, sizeof(address));
	assert_int_equal(pl_store_open(&store, address), PL_OK);
	for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++)
		assert_int_equal(pl_store_exec(store, statements[i], ""), PL_OK);
	pl_store_close(store);
	test_service_start(w, SERVICE, "--set", "keep_contacts=9", "--set", "keep_transcripts=9",
			   "--set", "keep_customers=9", NULL);
}

#define HASH_OF_A "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"
#define HASH_OF_B "3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d"

/* A file of one byte, "a" (YQ==) or "b" (Yg==), sent in a contact. */
static void attach(const char *contact, int seq, const char *hash, const char *data)
{
	char upload[64];

	snprintf(upload, sizeof(upload), "%s-%d", contact, seq);
	json_decref(
		test_request(w, SERVICE ".blob-put",
			     json_pack("{s:s, s:i, s:s}", "upload", upload, "n", 0, "data", data)));
	json_decref(test_request(
		w, SERVICE ".blob-commit",
		json_pack("{s:s, s:s, s:i}", "upload", upload, "hash", hash, "size", 1)));
	json_decref(test_request(
		w, SERVICE ".blob-keep",
		json_pack("{s:s, s:s, s:i}", "owner", contact, "hash", hash, "size", 1)));
	test_event(w, CCS, "message", "file", contact,
		   json_pack("{s:i, s:s, s:I, s:{s:s, s:s, s:s, s:i, s:s}}", "seq", seq, "from",
			     "customer", "atMs", (json_int_t)test_now_ms(), "file", "id", upload,
			     "hash", hash, "name", "a.txt", "size", 1, "type", "text/plain"));
}

static bool has_body(const char *hash)
{
	json_t *reply =
		test_request(w, SERVICE ".blob-get", json_pack("{s:s, s:i}", "hash", hash, "n", 0));
	bool has = !*test_error(reply);

	json_decref(reply);
	return has;
}

static bool body_is_gone(struct test_world *world, void *arg)
{
	return !has_body(arg);
}

static bool old_is_gone(struct test_world *world, void *arg)
{
	return !is_known(SERVICE ".http-contact", "old") &&
	       !is_known(SERVICE ".http-customer", "o@x");
}

static void what_is_over_its_time_goes(void **state)
{
	json_t *reply;

	chat("old", "o@x", 3, true);
	attach("old", 4, HASH_OF_A, "YQ==");
	chat("open", "p@x", 3, false);
	attach("open", 4, HASH_OF_B, "Yg==");
	chat("new", "o2@x", 3, true);
	attach("new", 4, HASH_OF_A, "YQ==");
	wait_closed("old");
	wait_closed("new");
	age();
	test_until(w, old_is_gone, NULL, "the old contact and its customer go");
	assert_true(is_known(SERVICE ".http-contact", "new"));
	assert_true(is_known(SERVICE ".http-customer", "o2@x"));
	reply = test_request(w, SERVICE ".contact", json_pack("{s:s}", "contactId", "open"));
	assert_string_equal(pl_json_get_text(reply, "state"), "waiting"); /* it goes on */
	assert_int_equal(json_array_size(json_object_get(reply, "transcript")), 0);
	json_decref(reply);
	assert_true(is_known(SERVICE ".http-customer", "p@x"));
	/* files go with their lines, and with the last contact that has them */
	test_until(w, body_is_gone, (void *)(uintptr_t)HASH_OF_B, "the line's file goes");
	assert_true(has_body(HASH_OF_A));
}

/* ---- export ---- */

static int count_of(const json_t *items, const char *kind)
{
	int count = 0;
	json_t *one;
	size_t i;

	json_array_foreach(items, i, one)
		count += strcmp(pl_json_get_text(one, "kind"), kind) == 0;
	return count;
}

static json_t *all_of(const char *id)
{
	json_t *all = json_array(), *reply, *cursor = NULL;

	do {
		reply = call(SERVICE ".http-export", id,
			     cursor ? json_pack("{s:o}", "cursor", cursor) : NULL);
		assert_string_equal(test_error(reply), "");
		json_array_extend(all, pl_json_get(reply, "body.items"));
		cursor = json_incref(pl_json_get(reply, "body.cursor"));
		json_decref(reply);
	} while (json_is_string(cursor));
	json_decref(cursor);
	return all;
}

static void all_of_a_customer_is_exported(void **state)
{
	char id[8];
	json_t *all, *one;
	size_t i, messages = 0;

	for (int n = 0; n < 25; n++) {
		snprintf(id, sizeof(id), "C%02d", n);
		chat(id, "a@x", n == 3 ? 1100 : 1, true);
	}
	chat("other", "b@x", 1, true);
	wait_closed("C24");
	wait_closed("other");
	all = all_of("a@x");
	assert_int_equal(count_of(all, "customer"), 1);
	assert_int_equal(count_of(all, "contact"), 25);
	assert_int_equal(count_of(all, "messages"), 1);
	assert_int_equal(count_of(all, "context"),
			 26); /* one for the customer, and for each contact */
	json_array_foreach(all, i, one)
		messages += json_array_size(json_object_get(one, "transcript")) +
			    json_array_size(json_object_get(one, "messages"));
	assert_int_equal(messages, 24 + 1100);
	json_decref(all);
	test_refused(
		w, SERVICE ".http-export",
		test_http("GET", json_pack("{s:s}", "id", "none"), NULL, NULL, "b", "supervisor"),
		"notFound");
}

static void bad_cursors_are_refused(void **state)
{
	static const char *const cursors[] = {
		"x",
		"[]",
		"{}",
		"[\"known\"]",
		"[\"known\", 7]",
		"[\"contexts\",\"\"]",
		"[\"contacts\",0,\"\"]",
		"[\"contacts\",99999,\"\"]",
		"[\"messages\",\"a\",7,1,null]",
		"[\"messages\",\"C\",\"x\",1,null]",
		"[\"messages\",\"C\",\"records:MTox\",1,null]",
		"[\"contacts\",1,\"x\"]",
		"[\"contacts\",1,\"records:eA\"]",
		"[\"contexts\",\"\",\"x\"]",
		"[7]",
		"[\"odd\",\"\"]",
	};

	chat("C", "a@x", 1, true);
	wait_closed("C");
	for (size_t i = 0; i < sizeof(cursors) / sizeof(cursors[0]); i++)
		test_refused(w, SERVICE ".http-export",
			     test_http("GET", json_pack("{s:s}", "id", "a@x"),
				       json_pack("{s:s}", "cursor", cursors[i]), NULL, "b",
				       "supervisor"),
			     "badRequest");
}

/* ---- erasure ---- */

static json_t *erasure(const char *id)
{
	json_t *reply = call(SERVICE ".http-erasure", id, NULL);
	json_t *body = json_incref(json_object_get(reply, "body"));

	assert_string_equal(test_error(reply), "");
	json_decref(reply);
	return body;
}

static bool is_done(struct test_world *world, void *arg)
{
	json_t *body = erasure(arg);
	bool is = strcmp(pl_json_get_text(body, "state"), "done") == 0;

	json_decref(body);
	return is;
}

static void begin(const char *customer, char id[27])
{
	json_t *reply = call(SERVICE ".http-erase", customer, NULL);

	assert_string_equal(test_error(reply), "");
	assert_int_equal(json_integer_value(json_object_get(reply, "status")), 202);
	snprintf(id, 27, "%s", pl_json_get_text(reply, "body.erasureId"));
	json_decref(reply);
}

static int64_t number_of(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

#define HELLO "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

/* What hangs on a contact beside its messages: private talk, a survey, a file. */
static void add_all(const char *contact)
{
	test_event(w, CCS, "message", "private", contact,
		   json_pack("{s:i, s:s, s:s, s:I}", "seq", 1, "agentId", "agent1", "text", "Ann?",
			     "atMs", (json_int_t)test_now_ms()));
	test_event(w, CCS, "contact", "surveyed", contact,
		   json_pack("{s:[{s:s, s:s}]}", "answers", "id", "q", "value", "good"));
	json_decref(test_request(
		w, SERVICE ".blob-put",
		json_pack("{s:s, s:i, s:s}", "upload", "U", "n", 0, "data", "aGVsbG8=")));
	json_decref(test_request(
		w, SERVICE ".blob-commit",
		json_pack("{s:s, s:s, s:i}", "upload", "U", "hash", HELLO, "size", 5)));
	json_decref(test_request(
		w, SERVICE ".blob-keep",
		json_pack("{s:s, s:s, s:i}", "owner", contact, "hash", HELLO, "size", 5)));
	json_decref(test_request(w, SERVICE ".blob-get",
				 json_pack("{s:s, s:i}", "hash", HELLO, "n", 0)));
}

/* What is left of a contact, by the database itself. */
static int64_t rows_of(const char *contact)
{
	static const char *const counts[] = {
		"select count(*) from private_talk where contact = $1",
		"select count(*) from outcome where contact = $1",
		"select count(*) from blob_owner where owner = $1",
		"select count(*) from transcript where contact = $1",
	};
	char address[512];
	struct pl_store *store = NULL;
	struct pl_rows *rows;
	int64_t count = 0;

	test_service_stop(w, SERVICE);
	test_service_store(w, SERVICE, address, sizeof(address));
	assert_int_equal(pl_store_open(&store, address), PL_OK);
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		assert_int_equal(pl_store_query(&rows, store, counts[i], "s", contact), PL_OK);
		assert_true(pl_rows_next(rows));
		count += pl_rows_int(rows, 0);
		pl_rows_free(rows);
	}
	pl_store_close(store);
	test_service_start(w, SERVICE, NULL);
	return count;
}

/* Not always the last: those before may have been asked again since. */
static json_t *asked_of_customer(void)
{
	json_t *body;
	size_t i;

	json_array_foreach(contexts.asked, i, body) {
		if (json_object_get(body, "groupIds"))
			return body;
	}
	return NULL;
}

static void a_customer_is_erased_through_crashes(void **state)
{
	char contact[8], id[27];
	json_t *body;
	char *text;

	contexts.more = 2;
	for (int n = 0; n < 230; n++) {
		snprintf(contact, sizeof(contact), "C%03d", n);
		chat(contact, n % 2 ? "a@x" : "a2@x", 1, true);
	}
	chat("other", "b@x", 2, true);
	add_all("C007");
	wait_closed("C229");
	wait_closed("other");
	assert_int_equal(rows_of("C007"), 4);
	json_decref(test_request(w, SERVICE ".http-merge",
				 test_http("POST", json_pack("{s:s}", "id", "a@x"), NULL,
					   json_pack("{s:s}", "customer", "a2@x"), "boss",
					   "administrator")));
	begin("a2@x", id);
	for (int i = 0; i < 3; i++) {
		test_run(w, 30);
		test_service_kill(w, SERVICE);
		test_service_start(w, SERVICE, NULL);
	}
	test_until(w, is_done, id, "the erasure ends");
	body = erasure(id);
	assert_int_equal(number_of(body, "contacts"), 230);
	assert_int_equal(number_of(body, "messages"), 230);
	assert_int_equal(number_of(body, "left"), 0);
	assert_string_equal(pl_json_get_text(body, "madeBy"), "boss");
	text = pl_json_dump(body);
	assert_null(strstr(text, "@x")); /* it doesn't say who it was */
	free(text);
	json_decref(body);
	assert_false(is_known(SERVICE ".http-customer", "a@x"));
	assert_false(is_known(SERVICE ".http-customer", "a2@x"));
	assert_false(is_known(SERVICE ".http-contact", "C000"));
	assert_true(is_known(SERVICE ".http-contact", "other"));
	assert_int_equal(rows_of("C007"), 0);
	test_refused(w, SERVICE ".blob-get", json_pack("{s:s, s:i}", "hash", HELLO, "n", 0),
		     "notFound");
	body = call(SERVICE ".http-customers", "", json_pack("{s:s}", "q", "ann"));
	assert_int_equal(json_array_size(pl_json_get(body, "body.items")), 1); /* b@x */
	json_decref(body);
	body = asked_of_customer();
	assert_int_equal(json_array_size(json_object_get(body, "groupIds")), 2);
	assert_int_equal(json_array_size(json_object_get(body, "values")), 2);
}

static void what_a_search_finds_is_told(void **state)
{
	char id[27];
	json_t *body;

	chat("C", "a@x", 1, true);
	wait_closed("C");
	contexts.has_left = true;
	begin("a@x", id);
	test_until(w, is_done, id, "the erasure ends");
	body = erasure(id);
	assert_int_equal(number_of(body, "left"), 1);
	assert_int_equal(number_of(body, "contexts"),
			 4); /* told for the contact, and the customer */
	json_decref(body);
}

static void a_contact_that_goes_on_is_not_erased(void **state)
{
	json_t *reply;

	chat("C", "a@x", 1, false);
	test_event(w, "UCMService", "offer", "made", "C",
		   json_pack("{s:s, s:s}", "offerId", "O", "agentId", "agent1"));
	chat("D", "a@x", 1, true);
	wait_closed("D");
	reply = call(SERVICE ".http-erase", "a@x", NULL);
	assert_string_equal(test_error(reply), "conflict");
	json_decref(reply);
	reply = call(SERVICE ".http-erase", "none", NULL);
	assert_string_equal(test_error(reply), "notFound");
	json_decref(reply);
	reply = call(SERVICE ".http-erasure", "none", NULL);
	assert_string_equal(test_error(reply), "notFound");
	json_decref(reply);
	assert_true(is_known(SERVICE ".http-contact", "D"));
}

int main(void)
{
#define STORY(name) cmocka_unit_test_setup_teardown(name, start, stop)
	const struct CMUnitTest tests[] = {
		STORY(what_is_over_its_time_goes),  STORY(all_of_a_customer_is_exported),
		STORY(bad_cursors_are_refused),	    STORY(a_customer_is_erased_through_crashes),
		STORY(what_a_search_finds_is_told), STORY(a_contact_that_goes_on_is_not_erased),
	};

	return cmocka_run_group_tests_name("ocpdata-erase", tests, NULL, NULL);
}
