/*
 * files_test.c — files of a chat on a real bus; we are the blob store, the edge, and the agents.
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
#include <sodium.h>

#include "pelago/json.h"
#include "test_play.h"
#include "test_world.h"

#define OCP  "OCPDataServices"
#define HASH "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const char *refuses; /* name of the error by which the store refuses to keep a body */

static json_t *store(const char *operation, json_t *request, void *arg)
{
	assert_string_equal(operation, "blob-keep");
	return refuses ? test_refusal(refuses) : json_object();
}

static json_t *blob_of(const char *leading, int64_t size, bool is_there)
{
	char text[512];
	json_t *blob = json_pack("{s:I, s:s}", "size", (json_int_t)size, "type",
				 "application/x-msdownload");

	if (is_there) {
		sodium_bin2base64(text, sizeof(text), (const unsigned char *)leading,
				  strlen(leading), sodium_base64_VARIANT_ORIGINAL);
		json_object_set_new(blob, "hash", json_string(HASH));
		json_object_set_new(blob, "leading", json_string(text));
	}
	return blob;
}

/* The edge's request about a PDF of 9 bytes: before it comes, or once it is there. */
static json_t *sent(const struct customer *c, const char *token, const char *client_id,
		    const char *name, bool is_there)
{
	json_t *request = test_http("POST", json_pack("{s:s}", "contactId", c->contact_id),
				    json_pack("{s:s*, s:s*}", "clientId", client_id, "name", name),
				    NULL, NULL, NULL);

	json_object_set_new(request, "headers", json_pack("{s:s*}", "pelago-resume-token", token));
	json_object_set_new(request, "blob", blob_of("%PDF-1.7", 9, is_there));
	return request;
}

static json_t *by_agent(const struct customer *c, const char *agent, const char *client_id,
			bool is_there)
{
	return json_pack("{s:s, s:s, s:s, s:{s:s, s:s}, s:o}", "contactId", c->contact_id,
			 "agentId", agent, "name", "Mia", "query", "clientId", client_id, "name",
			 "offer.txt", "blob", blob_of("hello", 5, is_there));
}

static void is_taken(struct test_world *w, const char *operation, json_t *request)
{
	json_t *reply = test_request(w, operation, request);

	if (!json_is_true(json_object_get(reply, "continue")))
		fail_msg("%s: %s", operation, json_dumps(reply, 0));
	json_decref(reply);
}

static struct test_world *with_store(const char *name, const char *value)
{
	struct test_world *w = test_world_new();
	char set[64];

	refuses = NULL;
	snprintf(set, sizeof(set), "%s=%s", name, value);
	test_service_start(w, CCS, "--set", set, NULL);
	test_serve(w, OCP, store, NULL);
	return w;
}

static json_t *blob_asked(struct test_world *w, const struct customer *c, const char *token,
			  const char *id)
{
	json_t *request =
		test_http("GET", json_pack("{s:s, s:s}", "contactId", c->contact_id, "fileId", id),
			  NULL, NULL, NULL, NULL);

	json_object_set_new(request, "headers", json_pack("{s:s*}", "pelago-resume-token", token));
	return test_request(w, CCS ".http-file", request);
}

/* CHN-1: asked, kept by the store, then seen; sent again, it is the same. */
static void a_file_is_sent_once(void **state)
{
	struct test_world *w = with_store("files_most", "50");
	struct customer c;
	json_t *reply, *again, *frame, *event, *kept;
	const char *id;

	open_chat(w, &c, "O1");
	is_taken(w, CCS ".http-send-file", sent(&c, c.token, "F1", "../in\r\nvoice.PDF", false));
	test_no_command(w, OCP ".blob-keep", 50);
	reply = test_request(w, CCS ".http-send-file",
			     sent(&c, c.token, "F1", "../in\r\nvoice.PDF", true));
	assert_int_equal(json_integer_value(json_object_get(reply, "status")), 201);
	kept = test_wait_command(w, OCP ".blob-keep");
	assert_string_equal(pl_json_get_text(kept, "owner"), c.contact_id);
	assert_string_equal(pl_json_get_text(kept, "hash"), HASH);
	assert_int_equal(json_integer_value(json_object_get(kept, "size")), 9);
	assert_string_equal(pl_json_get_text(reply, "body.name"), "invoice.PDF");
	assert_string_equal(pl_json_get_text(reply, "body.type"), "application/pdf");
	event = test_wait_event(w, "message.file", c.contact_id);
	assert_string_equal(pl_json_get_text(event, "body.file.hash"), HASH);
	assert_string_equal(pl_json_get_text(event, "body.from"), "customer");
	frame = test_wait_push(w, c.stream, "file");
	assert_int_equal(json_integer_value(pl_json_get(frame, "frame.seq")), 2);
	id = pl_json_get_text(reply, "body.id");
	assert_string_equal(pl_json_get_text(frame, "frame.file.id"), id);
	assert_string_equal(pl_json_get_text(frame, "frame.file.name"), "invoice.PDF");
	assert_int_equal(json_integer_value(pl_json_get(frame, "frame.file.size")), 9);
	assert_null(pl_json_get(frame, "frame.file.hash"));
	assert_string_equal(pl_json_get_text(frame, "frame.clientId"), "F1");
	for (int is_there = 0; is_there < 2; is_there++) {
		again = test_request(w, CCS ".http-send-file",
				     sent(&c, c.token, "F1", "other.txt", is_there));
		assert_int_equal(json_integer_value(json_object_get(again, "status")), 200);
		assert_true(
			json_equal(json_object_get(again, "body"), json_object_get(reply, "body")));
		json_decref(again);
	}
	again = blob_asked(w, &c, c.token, id);
	assert_string_equal(pl_json_get_text(again, "blob.hash"), HASH);
	assert_string_equal(pl_json_get_text(again, "blob.name"), "invoice.PDF");
	json_decref(again);
	again = blob_asked(w, &c, c.token, "none");
	assert_string_equal(test_error(again), "notFound");
	json_decref(again);
	assert_int_equal(test_told_again(w, CCS, "message", c.contact_id), 1);
	json_decref(reply);
	json_decref(event);
	json_decref(frame);
	json_decref(kept);
	json_decref(c.session);
	test_world_free(w);
}

/* Only those who are in the chat, and only what it takes. */
static void what_is_not_taken(void **state)
{
	struct test_world *w = with_store("files_most", "2");
	struct customer c, d;
	json_t *request;

	open_chat(w, &c, "O1");
	open_chat(w, &d, "O2");
	for (int is_there = 0; is_there < 2; is_there++) {
		const char *op = CCS ".http-send-file";

		test_refused(w, op, sent(&c, NULL, "F", "a.pdf", is_there), "unauthorized");
		test_refused(w, op, sent(&c, "", "F", "a.pdf", is_there), "unauthorized");
		test_refused(w, op, sent(&c, d.token, "F", "a.pdf", is_there), "unauthorized");
		test_refused(w, op, sent(&c, c.token, NULL, "a.pdf", is_there), "badRequest");
		test_refused(w, op, sent(&c, c.token, "", "a.pdf", is_there), "badRequest");
		test_refused(w, op, sent(&c, c.token, "F", NULL, is_there), "badRequest");
		test_refused(w, op, sent(&c, c.token, "F", "..", is_there), "badRequest");
		test_refused(w, op, sent(&c, c.token, "F", "a.pdf.exe", is_there), "badRequest");
		request = sent(&c, c.token, "F", "a.pdf", is_there);
		json_object_set_new(json_object_get(request, "blob"), "size",
				    json_integer(10485761));
		test_refused(w, op, request, "tooLarge");
		request = sent(&c, c.token, "F", "a.pdf", is_there);
		json_object_set_new(json_object_get(request, "blob"), "size", json_integer(0));
		test_refused(w, op, request, "badRequest");
	}
	/* called a picture, but it is none */
	test_refused(w, CCS ".http-send-file", sent(&c, c.token, "F", "a.png", true), "badRequest");
	test_no_command(w, OCP ".blob-keep", 50);
	accepted(w, CCS ".http-send-file", sent(&c, c.token, "F1", "a.pdf", true));
	accepted(w, CCS ".http-send-file", sent(&c, c.token, "F2", "b.pdf", true));
	test_refused(w, CCS ".http-send-file", sent(&c, c.token, "F3", "c.pdf", false), "conflict");
	test_refused(w, CCS ".http-send-file", sent(&c, c.token, "F3", "c.pdf", true), "conflict");
	/* an agent who isn't there, then is */
	test_refused(w, CCS ".send-file", by_agent(&d, "agent1", "A1", false), "unauthorized");
	accepted(w, CCS ".join", join_body(&d, "agent1", "OF1"));
	is_taken(w, CCS ".send-file", by_agent(&d, "agent1", "A1", false));
	test_refused(w, CCS ".send-file", by_agent(&d, "agent2", "A1", true), "unauthorized");
	accepted(w, CCS ".send-file", by_agent(&d, "agent1", "A1", true));
	assert_int_equal(test_told_again(w, CCS, "message", d.contact_id), 1);
	request = blob_asked(w, &d, c.token, "x");
	assert_string_equal(test_error(request), "unauthorized");
	json_decref(request);
	json_decref(c.session);
	json_decref(d.session);
	test_world_free(w);
}

/* Nothing is seen before the store has it, nor after the end; a loss is told. */
static void the_store_comes_first(void **state)
{
	struct test_world *w = with_store("file_bytes", "9");
	struct customer c;
	json_t *view, *frame;

	open_chat(w, &c, "O1");
	refuses = "NOTFOUND";
	test_refused(w, CCS ".http-send-file", sent(&c, c.token, "F1", "a.pdf", true),
		     "unavailable");
	refuses = "FULL";
	test_refused(w, CCS ".http-send-file", sent(&c, c.token, "F1", "a.pdf", true),
		     "unavailable");
	assert_int_equal(head_of(w, &c), 1);
	refuses = NULL;
	accepted(w, CCS ".http-send-file", sent(&c, c.token, "F1", "a.pdf", true));
	view = transcript(w, &c);
	assert_int_equal(frames_of_type(view, "file"), 1);
	assert_int_equal(json_integer_value(pl_json_get(view, "files.maxBytes")), 9);
	assert_string_equal(json_string_value(json_array_get(pl_json_get(view, "files.types"), 0)),
			    ".png");
	json_decref(view);
	test_service_kill(w, CCS);
	test_service_start(w, CCS, NULL);
	accepted(w, CCS ".customer-close", body(json_pack("{s:s}", "type", "close"), c.session));
	test_refused(w, CCS ".http-send-file", sent(&c, c.token, "F2", "a.pdf", false), "conflict");
	test_refused(w, CCS ".http-send-file", sent(&c, c.token, "F2", "a.pdf", true), "conflict");
	/* what was sent before is still known, and there */
	accepted(w, CCS ".http-send-file", sent(&c, c.token, "F1", "a.pdf", true));
	view = test_request(w, CCS ".resume", resume_body(c.contact_id, c.token, 0));
	frame = json_array_get(json_object_get(view, "send"), 0);
	assert_null(json_object_get(frame, "files"));
	json_decref(view);
	json_decref(c.session);
	test_world_free(w);
}

static void where_no_files_are_taken(void **state)
{
	struct test_world *w = with_store("file_bytes", "0");
	struct customer c;
	json_t *view;

	open_chat(w, &c, "O1");
	test_refused(w, CCS ".http-send-file", sent(&c, c.token, "F1", "a.pdf", false),
		     "unauthorized");
	view = transcript(w, &c);
	assert_null(json_object_get(view, "files"));
	json_decref(view);
	json_decref(c.session);
	test_world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_sent_once),
		cmocka_unit_test(what_is_not_taken),
		cmocka_unit_test(the_store_comes_first),
		cmocka_unit_test(where_no_files_are_taken),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests_name("chat-files", tests, NULL, NULL);
}
