/*
 * customer_test.c — one profile over all channels: addresses, merge and split, history, search
 * (CTX-2).
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

static struct test_world *w;

static int start(void **state)
{
	w = test_world_new();
	test_service_start(w, SERVICE, NULL);
	return 0;
}

static int stop(void **state)
{
	test_world_free(w);
	return 0;
}

/* who: as JSON, {"name":…} */
static void opened(const char *contact, const char *channel, const char *who)
{
	json_t *customer = json_loads(who, 0, NULL);

	assert_non_null(customer);
	test_event(w, "CustomerControllerService", "contact", "opened", contact,
		   json_pack("{s:s, s:s, s:o}", "contactId", contact, "channel", channel,
			     "customer", customer));
	test_run(w, 2); /* another millisecond, for the order */
}

static json_t *call(const char *operation, json_t *path, json_t *query, json_t *body)
{
	return test_request(w, operation, test_http("X", path, query, body, "boss", "supervisor"));
}

/* Calls, and returns the reply's body; fails unless it has this status. */
static json_t *good(const char *operation, const char *id, json_t *query, json_t *body, int status)
{
	json_t *reply = call(operation, id ? json_pack("{s:s}", "id", id) : NULL, query, body);
	json_t *answer = json_incref(json_object_get(reply, "body"));

	assert_string_equal(test_error(reply), "");
	assert_int_equal(json_integer_value(json_object_get(reply, "status")), status);
	json_decref(reply);
	return answer;
}

static void bad(const char *operation, const char *id, json_t *query, json_t *body,
		const char *code)
{
	test_refused(w, operation,
		     test_http("X", id ? json_pack("{s:s}", "id", id) : NULL, query, body, "boss",
			       "supervisor"),
		     code);
}

/* Reads all pages; the named members of the items, each followed by a space. To be freed. */
static char *pages(const char *operation, const char *id, json_t *query, const char *member)
{
	char *text = calloc(1, 8192);
	json_t *page, *one, *cursor;
	bool more;
	size_t i;

	do {
		page = good(operation, id, json_copy(query), NULL, 200);
		json_array_foreach(json_object_get(page, "items"), i, one) {
			strncat(text, pl_json_get_text(one, member), 100);
			strncat(text, " ", 2);
		}
		cursor = json_object_get(page, "cursor");
		more = json_is_string(cursor);
		json_object_set(query, "cursor", cursor);
		json_decref(page);
	} while (more);
	json_decref(query);
	return text;
}

static void history_is(const char *id, const char *contacts)
{
	char *text = pages(SERVICE ".http-customer-history", id, json_pack("{s:s}", "limit", "2"),
			   "contactId");

	assert_string_equal(text, contacts);
	free(text);
}

static void finds(const char *q, const char *names)
{
	char *text = pages(SERVICE ".http-customers", NULL,
			   json_pack("{s:s, s:s}", "q", q, "limit", "1"), "name");

	if (strcmp(text, names) != 0)
		fail_msg("%s: found \"%s\"", q, text);
	free(text);
}

static char *merge(const char *into, const char *from)
{
	json_t *answer =
		good(SERVICE ".http-merge", into, NULL, json_pack("{s:s}", "customer", from), 200);
	char *id = strdup(pl_json_get_text(answer, "mergeId"));

	json_decref(answer);
	return id;
}

static void split(const char *id, const char *merge_id)
{
	json_decref(good(SERVICE ".http-split", id, NULL, json_pack("{s:s}", "mergeId", merge_id),
			 200));
}

struct wanted {
	const char *contact;
};

static bool is_there(struct test_world *world, void *arg)
{
	const struct wanted *wanted = arg;
	json_t *reply = test_request(w, SERVICE ".contact",
				     json_pack("{s:s}", "contactId", wanted->contact));
	bool is = *pl_json_get_text(reply, "channel");

	json_decref(reply);
	return is;
}

static void wait_for(const char *contact)
{
	struct wanted wanted = { contact };

	test_until(w, is_there, &wanted, "the contact is there");
}

static void any_address_leads_to_the_customer(void **state)
{
	json_t *profile;

	opened("A", "chat",
	       "{\"name\":\"Ann Lee\",\"email\":\"Ann@X.org\",\"phone\":\"+49 (30) 12-34\"}");
	opened("B", "voice", "{\"phone\":\"+49301234\"}");
	opened("C", "social",
	       "{\"addresses\":[{\"kind\":\"xmpp\",\"value\":\"ann@jab\"}],\"email\":\" ann@x.org \"}");
	opened("D", "social", "{\"addresses\":[{\"kind\":\"xmpp\",\"value\":\"ann@jab\"}]}");
	opened("E", "chat", "{\"name\":\"Nobody\"}");
	wait_for("E");
	history_is("ann@x.org", "D C B A ");
	history_is("ANN@X.ORG", "D C B A ");
	history_is("E", "E ");
	profile = good(SERVICE ".http-customer", "ann@x.org", NULL, NULL, 200);
	assert_string_equal(pl_json_get_text(profile, "name"), "Ann Lee");
	assert_int_equal(json_array_size(json_object_get(profile, "addresses")), 3);
	assert_int_equal(json_array_size(json_object_get(profile, "parts")), 1);
	json_decref(profile);
}

static void a_merge_can_be_undone(void **state)
{
	char *first, *second;
	json_t *profile;

	opened("A1", "chat", "{\"name\":\"Ann\",\"email\":\"a@x\"}");
	opened("B1", "voice", "{\"name\":\"B\",\"phone\":\"1\"}");
	opened("C1", "chat", "{\"name\":\"C\",\"email\":\"c@x\"}");
	wait_for("C1");
	first = merge("a@x", "B1"); /* B1 is the id of the customer with phone 1 */
	history_is("a@x", "B1 A1 ");
	history_is("B1", "B1 A1 ");
	opened("B2", "voice", "{\"phone\":\"1\"}");
	wait_for("B2");
	history_is("a@x", "B2 B1 A1 ");
	second = merge("c@x", "B1"); /* that is, the whole of a@x */
	history_is("c@x", "B2 C1 B1 A1 ");
	profile = good(SERVICE ".http-customer", "a@x", NULL, NULL, 200);
	assert_string_equal(pl_json_get_text(profile, "id"), "c@x");
	assert_int_equal(json_array_size(json_object_get(profile, "parts")), 3);
	assert_int_equal(json_array_size(json_object_get(profile, "merges")), 2);
	assert_string_equal(
		pl_json_get_text(json_array_get(json_object_get(profile, "merges"), 0), "by"),
		"boss");
	json_decref(profile);
	bad(SERVICE ".http-merge", "c@x", NULL, json_pack("{s:s}", "customer", "B1"), "conflict");

	split("c@x", first); /* the inner one: B leaves, with what came meanwhile */
	history_is("B1", "B2 B1 ");
	history_is("c@x", "C1 A1 ");
	split("c@x", second);
	history_is("c@x", "C1 ");
	history_is("a@x", "A1 ");
	history_is("B1", "B2 B1 ");
	bad(SERVICE ".http-split", "c@x", NULL, json_pack("{s:s}", "mergeId", second), "conflict");
	bad(SERVICE ".http-split", "c@x", NULL, json_pack("{s:s}", "mergeId", "none"), "notFound");
	bad(SERVICE ".http-merge", "c@x", NULL, json_pack("{s:s}", "customer", "none"), "notFound");
	bad(SERVICE ".http-merge", "c@x", NULL, json_object(), "badRequest");
	free(first);
	free(second);
}

static void customers_are_found(void **state)
{
	opened("A", "chat", "{\"name\":\"Anna Maria Müller\",\"email\":\"am@x.org\"}");
	opened("B", "chat", "{\"name\":\"Annabel Ödön\",\"phone\":\"+36 1 234\"}");
	opened("C", "chat", "{\"name\":\"Bob\",\"email\":\"bob@x.org\"}");
	opened("C", "chat", "{\"name\":\"Bob Miller\",\"email\":\"bob@x.org\"}");
	opened("D", "chat", "{\"name\":\"Bob\"}");
	opened("E", "chat", "{\"name\":\"Zed Zebra\",\"email\":\"zed@x.org\"}");
	wait_for("E");
	finds("z", "Zed Zebra "); /* once, by whichever of its words and addresses */
	finds("ann", "Anna Maria Müller Annabel Ödön ");
	finds("ANNA M", "Anna Maria Müller ");
	finds("MÜLL", "Anna Maria Müller ");
	finds("ödön", "Annabel Ödön ");
	finds("+361", "Annabel Ödön ");
	finds("+36 (1)", "Annabel Ödön ");
	finds("bob@", "Bob Miller ");
	finds("miller", "Bob Miller ");
	finds("bobby", "");
	finds("%", "");
	finds("'; drop table customer; --", "");
	json_decref(good(SERVICE ".http-merge", "B", NULL,
			 json_pack("{s:s}", "customer", "am@x.org"), 200));
	finds("müller", "Annabel Ödön "); /* the profile that it is part of */
	finds("a", "Annabel Ödön ");
	bad(SERVICE ".http-customers", NULL, json_pack("{s:s}", "cursor", "x"), NULL, "badRequest");
	bad(SERVICE ".http-customers", NULL, json_pack("{s:s}", "limit", "0"), NULL, "badRequest");
}

static void profiles_are_changed(void **state)
{
	json_t *made = good(SERVICE ".http-make-customer", NULL, NULL,
			    json_pack("{s:s, s:[{s:s, s:s}], s:{s:s, s:i}}", "name", "New One",
				      "addresses", "kind", "phone", "value", "0 123", "attributes",
				      "language", "de", "vip", 1),
			    201);
	char id[64];

	snprintf(id, sizeof(id), "%s", pl_json_get_text(made, "id"));
	json_decref(made);
	opened("P", "voice", "{\"phone\":\"0123\"}");
	wait_for("P");
	history_is(id, "P ");
	json_decref(
		good(SERVICE ".http-change-customer", id, NULL,
		     json_pack("{s:s, s:[{s:s, s:s}], s:[{s:s, s:s}], s:{s:n}}", "name", "Newer",
			       "addAddresses", "kind", "email", "value", "N@x", "removeAddresses",
			       "kind", "phone", "value", "0123", "attributes", "vip"),
		     200));
	made = good(SERVICE ".http-customer", "n@x", NULL, NULL, 200);
	assert_string_equal(pl_json_get_text(made, "name"), "Newer");
	assert_string_equal(pl_json_get_text(made, "attributes.language"), "de");
	assert_null(pl_json_get(made, "attributes.vip"));
	assert_int_equal(json_array_size(json_object_get(made, "addresses")), 1);
	json_decref(made);
	finds("newer", "Newer ");
	finds("new o", "");
	finds("0123", "");
	opened("Q", "chat", "{\"email\":\"q@x\"}");
	wait_for("Q");
	bad(SERVICE ".http-change-customer", id, NULL,
	    json_pack("{s:[{s:s, s:s}]}", "addAddresses", "kind", "email", "value", "q@x"),
	    "conflict");
	bad(SERVICE ".http-change-customer", id, NULL,
	    json_pack("{s:[{s:s, s:s}]}", "addAddresses", "kind", "E-Mail", "value", "q@x"),
	    "badRequest");
	bad(SERVICE ".http-change-customer", id, NULL, json_pack("{s:[i]}", "addAddresses", 7),
	    "badRequest");
	bad(SERVICE ".http-change-customer", id, NULL, json_pack("{s:i}", "name", 7), "badRequest");
	bad(SERVICE ".http-change-customer", "none", NULL, json_object(), "notFound");
	bad(SERVICE ".http-make-customer", NULL, NULL,
	    json_pack("{s:[{s:s, s:s}]}", "addresses", "kind", "phone", "value", "()"),
	    "badRequest");
}

struct length {
	const char *contact;
	size_t items;
};

static bool has_items(struct test_world *world, void *arg)
{
	const struct length *length = arg;
	json_t *reply = test_request(w, SERVICE ".contact",
				     json_pack("{s:s}", "contactId", length->contact));
	bool has = json_array_size(json_object_get(reply, "transcript")) == length->items;

	json_decref(reply);
	return has;
}

/* 400 messages, and behind each tenth what agents say among themselves. */
static void long_transcripts_come_in_pages(void **state)
{
	struct length all = { "T", 440 };
	char *text, *expected = calloc(1, 8192), number[16];
	size_t len = 0;

	opened("T", "chat", "{}");
	for (int i = 1; i <= 400; i++) {
		snprintf(number, sizeof(number), "%d", i);
		test_event(w, "CustomerControllerService", "message", "said", "T",
			   json_pack("{s:i, s:s, s:i}", "seq", i, "text", number, "atMs", 10 * i));
		len += (size_t)snprintf(expected + len, 8192 - len, "%d ", i);
		if (i % 10)
			continue;
		snprintf(number, sizeof(number), "p%d", i);
		test_event(w, "CustomerControllerService", "message", "private", "T",
			   json_pack("{s:i, s:s, s:i}", "seq", i / 10, "text", number, "atMs",
				     10 * i + 5));
		len += (size_t)snprintf(expected + len, 8192 - len, "p%d ", i);
	}
	test_until(w, has_items, &all, "all messages are there");
	for (int limit = 1; limit <= 200; limit += 33) {
		snprintf(number, sizeof(number), "%d", limit);
		text = pages(SERVICE ".http-transcript", "T", json_pack("{s:s}", "limit", number),
			     "text");
		assert_string_equal(text, expected);
		free(text);
	}
	free(expected);
	bad(SERVICE ".http-transcript", "none", NULL, NULL, "notFound");
	bad(SERVICE ".http-transcript", "T", json_pack("{s:s}", "cursor", "x"), NULL, "badRequest");
	bad(SERVICE ".http-transcript", "T", json_pack("{s:s}", "cursor", "transcript:MTox_"), NULL,
	    "badRequest");
	bad(SERVICE ".http-transcript", "T", json_pack("{s:s}", "cursor", "transcript:MTp4"), NULL,
	    "badRequest"); /* 1:x */
}

/* A page ends where its bytes are enough; the contact shows as much, and where to go on. */
static void large_transcripts_end_pages_early(void **state)
{
	char *huge = malloc(100001), *text, cursor[200];
	struct length shown = { "L", 5 };
	json_t *reply;

	memset(huge, 'x', 100000);
	huge[100000] = '\0';
	opened("L", "chat", "{}");
	for (int i = 1; i <= 12; i++) {
		huge[0] = (char)('a' + i - 1);
		test_event(w, "CustomerControllerService", "message", "said", "L",
			   json_pack("{s:i, s:s, s:s}", "seq", i, "text", huge, "name",
				     (char[]){ huge[0], '\0' }));
	}
	opened("after", "chat", "{}");
	wait_for("after");
	test_until(w, has_items, &shown, "as much as a reply holds");
	text = pages(SERVICE ".http-transcript", "L", json_object(), "name");
	assert_string_equal(text, "a b c d e f g h i j k l ");
	free(text);
	reply = test_request(w, SERVICE ".contact", json_pack("{s:s}", "contactId", "L"));
	snprintf(cursor, sizeof(cursor), "%s", pl_json_get_text(reply, "transcriptCursor"));
	json_decref(reply);
	text = pages(SERVICE ".http-transcript", "L", json_pack("{s:s}", "cursor", cursor), "name");
	assert_string_equal(text, "f g h i j k l ");
	free(text);
	free(huge);
}

static void hostile_customers_stop_nobody(void **state)
{
	static const char *const who[] = {
		"[]",
		"{\"email\":7,\"phone\":{},\"addresses\":7}",
		"{\"addresses\":[7,null,[],{},{\"kind\":\"X Y\",\"value\":\"v\"},{\"kind\":\"a\",\"value\":\"\"}]}",
		"{\"email\":\"   \",\"phone\":\"---\"}",
		"{\"email\":\"'; drop table address; --\"}",
		"{\"name\":\"\\u0001\\ud83d\\ude00 \\u202e x y z a b c d e f g h i j k l m n o p\"}",
	};
	char id[4] = "h0", *huge = malloc(100001);
	json_t *customer;

	for (size_t i = 0; i < sizeof(who) / sizeof(who[0]); i++) {
		id[1] = (char)('0' + i);
		opened(id, "chat", who[i]);
	}
	memset(huge, 'x', 100000);
	huge[100000] = '\0';
	customer = json_pack("{s:s, s:s}", "email", huge, "name", huge);
	test_event(w, "CustomerControllerService", "contact", "opened", "big",
		   json_pack("{s:s, s:o}", "channel", "chat", "customer", customer));
	wait_for("big");
	for (size_t i = 0; i < sizeof(who) / sizeof(who[0]); i++) {
		id[1] = (char)('0' + i);
		wait_for(id);
	}
	free(huge);
}

/* As version 4 wrote it: without states, roots, addresses and words. */
static void write_as_before(void)
{
	static const char *const statements[] = {
		"update contact set state = ''",
		"delete from contact_agent where agent <> ''",
		"update customer set root = ''",
		"delete from address where kind <> ''",
		"delete from customer_word where key <> ''",
	};
	char address[512];
	struct pl_store *store = NULL;

	test_service_stop(w, SERVICE);
	test_service_store(w, SERVICE, address, sizeof(address));
	assert_int_equal(pl_store_open(&store, address), PL_OK);
	for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++)
		assert_int_equal(pl_store_exec(store, statements[i], ""), PL_OK);
	pl_store_close(store);
}

static bool is_filled_in(struct test_world *world, void *arg)
{
	json_t *reply =
		test_request(w, SERVICE ".contacts",
			     json_pack("{s:s, s:s}", "agent", "agent1", "state", "offered"));
	char *found = pages(SERVICE ".http-customers", NULL, json_pack("{s:s}", "q", "old"), "id");
	bool is = json_array_size(json_object_get(reply, "items")) == 1 && *found;

	json_decref(reply);
	free(found);
	return is;
}

static void what_an_older_version_wrote_is_filled_in(void **state)
{
	opened("A", "chat", "{\"name\":\"Old Timer\",\"email\":\"old@x\"}");
	test_event(w, "UCMService", "offer", "made", "A",
		   json_pack("{s:s, s:s}", "offerId", "O1", "agentId", "agent1"));
	wait_for("A");
	write_as_before();
	test_service_start(w, SERVICE, NULL);
	opened("B", "chat", "{\"email\":\"OLD@x\"}"); /* known by its id already */
	wait_for("B");
	history_is("old@x", "B A ");
	test_until(w, is_filled_in, NULL, "it is filled in");
}

int main(void)
{
#define STORY(name) cmocka_unit_test_setup_teardown(name, start, stop)
	const struct CMUnitTest tests[] = {
		STORY(any_address_leads_to_the_customer),
		STORY(a_merge_can_be_undone),
		STORY(customers_are_found),
		STORY(profiles_are_changed),
		STORY(long_transcripts_come_in_pages),
		STORY(large_transcripts_end_pages_early),
		STORY(hostile_customers_stop_nobody),
		STORY(what_an_older_version_wrote_is_filled_in),
	};

	return cmocka_run_group_tests_name("ocpdata-customer", tests, NULL, NULL);
}
