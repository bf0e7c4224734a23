/*
 * eventlog_test.c — a service reads just the nouns of its manifest, into its own inbox.
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

#include <sys/stat.h>
#include <unistd.h>

#include "node.h"
#include "pelago/json.h"

static struct service reader = { .name = (char *)(uintptr_t) "Reader" };
static char subject[128], reply[128];
static json_t *body;

/* Stand-ins for the rest of the node. */
enum pl_err node_publish(struct node *node, const char *to, const char *answer_to, json_t *sent)
{
	(void)node;
	snprintf(subject, sizeof(subject), "%s", to);
	snprintf(reply, sizeof(reply), "%s", answer_to ? answer_to : "");
	json_decref(body);
	body = sent;
	return PL_OK;
}

struct service *service_find(const struct node *node, const char *name)
{
	(void)node;
	return strcmp(name, reader.name) == 0 ? &reader : NULL;
}

int64_t supervisor_now_ms(void)
{
	return 1000;
}

static void ask(struct node *node, const char *process, const char *request)
{
	char to[128];
	struct pl_message m = { .subject = to,
				.reply = "_IN.Reader.x.answer",
				.body = request,
				.body_len = strlen(request) };

	snprintf(to, sizeof(to), "node.node-common.reader.%s", process);
	subject[0] = '\0';
	on_reader_request(&m, node);
}

static int begin(void **state)
{
	(void)state;
	reader.reads = json_loads("[\"contact\",\"work\"]", 0, NULL);
	reader.producers = json_loads("{\"work\":[\"Maker\"]}", 0, NULL);
	return reader.reads ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	json_decref(reader.reads);
	json_decref(reader.producers);
	json_decref(body);
	return 0;
}

static void what_the_manifest_allows_is_made(void **state)
{
	struct node node = { .name = "node-common",
			     .inbox = "_IN.node-common.r",
			     .is_log_ready = true };
	json_t *answer;

	(void)state;
	ask(&node, "Reader",
	    "{\"v\":1,\"filter\":\"evt.*.contact.>\",\"start\":0,\"deliver\":\"_IN.Reader.x.y\"}");
	assert_string_equal(subject, "$JS.API.CONSUMER.CREATE.EVT");
	assert_string_equal(pl_json_get_text(body, "config.deliver_policy"), "all");
	ask(&node, "Reader",
	    "{\"v\":1,\"filter\":\"evt.12.work.*\",\"start\":7,\"deliver\":\"_IN.Reader.x.y\"}");
	assert_string_equal(pl_json_get_text(body, "config.deliver_policy"), "by_start_sequence");
	assert_int_equal(json_integer_value(pl_json_get(body, "config.opt_start_seq")), 7);
	assert_string_equal(pl_json_get_text(body, "config.deliver_subject"), "_IN.Reader.x.y");
	assert_string_equal(pl_json_get_text(body, "config.ack_policy"), "none");

	/* the server's answer goes on to who asked, once */
	answer = json_loads("{\"delivered\":{\"stream_seq\":6},\"num_pending\":3}", 0, NULL);
	assert_string_equal(reply, "_IN.node-common.r.reader.2");
	on_reader_answer(&node, 2, answer);
	assert_string_equal(subject, "_IN.Reader.x.answer");
	assert_int_equal(json_integer_value(json_object_get(body, "deliveredSeq")), 6);
	assert_int_equal(json_integer_value(json_object_get(body, "pending")), 3);
	assert_string_equal(
		json_string_value(json_array_get(json_object_get(body, "producers"), 0)), "Maker");
	subject[0] = '\0';
	on_reader_answer(&node, 2, answer);
	on_reader_answer(&node, 99, answer);
	assert_string_equal(subject, "");
	json_decref(answer);
	answer = json_loads("{\"error\":{\"description\":\"stream not found\"}}", 0, NULL);
	on_reader_answer(&node, 1, answer);
	assert_string_equal(pl_json_get_text(body, "error.message"), "stream not found");
	json_decref(answer);
	eventlog_lost(&node);
}

static void what_reaches_further_is_refused(void **state)
{
	static const struct {
		const char *process, *request;
	} rows[] = {
		{ "Stranger",
		  "{\"filter\":\"evt.*.contact.>\",\"start\":0,\"deliver\":\"_IN.Stranger.x\"}" },
		{ "Reader",
		  "{\"filter\":\"evt.*.contact.>\",\"start\":0,\"deliver\":\"_IN.Other.x\"}" },
		{ "Reader",
		  "{\"filter\":\"evt.*.contact.>\",\"start\":0,\"deliver\":\"_IN.Reader2.x\"}" },
		{ "Reader",
		  "{\"filter\":\"evt.*.contact.>\",\"start\":0,\"deliver\":\"_IN.Reader\"}" },
		{ "Reader",
		  "{\"filter\":\"evt.*.contact.>\",\"start\":0,\"deliver\":\"_IN.Reader.\"}" },
		{ "Reader",
		  "{\"filter\":\"evt.*.contact.>\",\"start\":0,\"deliver\":\"_IN.Reader.>\"}" },
		{ "Reader",
		  "{\"filter\":\"evt.*.contact.>\",\"start\":0,\"deliver\":\"_IN.Reader.x y\"}" },
		{ "Reader",
		  "{\"filter\":\"evt.*.contact.>\",\"start\":0,\"deliver\":\"svc.Reader.x\"}" },
		{ "Reader",
		  "{\"filter\":\"evt.*.agent.>\",\"start\":0,\"deliver\":\"_IN.Reader.x\"}" },
		{ "Reader", "{\"filter\":\"evt.>\",\"start\":0,\"deliver\":\"_IN.Reader.x\"}" },
		{ "Reader", "{\"filter\":\"evt.*.*.>\",\"start\":0,\"deliver\":\"_IN.Reader.x\"}" },
		{ "Reader", "{\"filter\":\">\",\"start\":0,\"deliver\":\"_IN.Reader.x\"}" },
		{ "Reader",
		  "{\"filter\":\"evt.*.contact.> \",\"start\":0,\"deliver\":\"_IN.Reader.x\"}" },
		{ "Reader",
		  "{\"filter\":\"evt.*.contact.>\",\"start\":-1,\"deliver\":\"_IN.Reader.x\"}" },
		{ "Reader", "{\"filter\":\"evt.*.contact.>\",\"deliver\":\"_IN.Reader.x\"}" },
		{ "Reader", "{\"filter\":7,\"start\":0,\"deliver\":\"_IN.Reader.x\"}" },
		{ "Reader", "[]" },
		{ "Reader", "{" },
		{ "Reader", "" },
	};
	struct node node = { .name = "node-common",
			     .inbox = "_IN.node-common.r",
			     .is_log_ready = true };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ask(&node, rows[i].process, rows[i].request);
		assert_string_equal(subject, "_IN.Reader.x.answer");
		assert_true(*pl_json_get_text(body, "error.code"));
	}
	eventlog_lost(&node);
}

static void too_many_at_once_are_refused(void **state)
{
	struct node node = { .name = "node-common",
			     .inbox = "_IN.node-common.r",
			     .is_log_ready = true };
	static const char request[] =
		"{\"filter\":\"evt.*.contact.>\",\"start\":0,\"deliver\":\"_IN.Reader.x.y\"}";

	(void)state;
	for (int i = 0; i < READERS_MAX; i++) {
		ask(&node, "Reader", request);
		assert_string_equal(subject, "$JS.API.CONSUMER.CREATE.EVT");
	}
	ask(&node, "Reader", request);
	assert_string_equal(pl_json_get_text(body, "error.code"), "rateLimited");
	eventlog_lost(&node);
	ask(&node, "Reader", request); /* of a log that isn't known again yet */
	assert_string_equal(pl_json_get_text(body, "error.code"), "unavailable");
	node.is_log_ready = true;
	ask(&node, "Reader", request);
	assert_string_equal(subject, "$JS.API.CONSUMER.CREATE.EVT");
	eventlog_lost(&node);
}

static int64_t number_after(struct node *node, const char *created, int64_t last_seq)
{
	json_t *answer = json_pack("{s:s, s:{s:I}}", "created", created, "state", "last_seq",
				   (json_int_t)last_seq);

	on_stream_answer(node, answer);
	json_decref(answer);
	return node->log_number;
}

/* PLT-60: a log that is another one is noticed, also by a node that was away meanwhile */
static void another_log_is_noticed(void **state)
{
	char dir[] = "/tmp/pelago-eventlog-XXXXXX", folder[96], path[128];
	struct node node = { .data = dir, .name = "node-common" };

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/nodes", dir);
	snprintf(folder, sizeof(folder), "%s/nodes/node-common", dir);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(mkdir(folder, 0700), 0);
	assert_int_equal(number_after(&node, "monday", 0), 1);
	assert_int_equal(number_after(&node, "monday", 70), 1);
	assert_int_equal(number_after(&node, "monday", 70), 1);
	assert_int_equal(number_after(&node, "monday", 69), 2); /* an older copy */
	assert_int_equal(number_after(&node, "monday", 90), 2);
	assert_int_equal(number_after(&node, "tuesday", 95), 3); /* made anew */
	json_decref(node.log_state);
	node.log_state = NULL;
	node.log_number = 0;
	assert_int_equal(number_after(&node, "tuesday", 95), 3); /* the next node */
	json_decref(node.log_state);
	node.log_state = NULL;
	assert_int_equal(number_after(&node, "tuesday", 80), 4);
	json_decref(node.log_state);
	snprintf(path, sizeof(path), "%s/log.json", folder);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(folder), 0);
	snprintf(path, sizeof(path), "%s/nodes", dir);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(rmdir(dir), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_manifest_allows_is_made),
		cmocka_unit_test(what_reaches_further_is_refused),
		cmocka_unit_test(too_many_at_once_are_refused),
		cmocka_unit_test(another_log_is_noticed),
	};

	return cmocka_run_group_tests_name("eventlog", tests, begin, end);
}
