/*
 * packet_test.c — figures of hosts, gathered from nodes, some of which say nothing; as text; sent
 * to a receiver that is away or refuses (PLT-33).
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

#include "packet.h"
#include "pelago/json.h"
#include "test_receiver.h"
#include "test_world.h"

#define SERVICE "PacketMetric"

static json_t *host_named(const char *name)
{
	return json_pack("{s:s, s:[{s:s, s:I}], s:{s:{s:i, s:i}}, s:[{s:s, s:i, s:i, s:i}]}",
			 "host", name, "interfaces", "name", "eth0", "receivedBytes",
			 (json_int_t)1 << 40, "protocols", "tcp", "retransSegs", 7, "currEstab", 3,
			 "processes", "name", "UCMService", "count", 1, "cpuMs", 1500,
			 "roundTripUs", 250);
}

static json_t *round_of(const char *host)
{
	return json_pack("{s:I, s:[o]}", "atMs", (json_int_t)1764428400123, "hosts",
			 host_named(host));
}

/* PLT-33 */
static void figures_are_prometheus_text(void **state)
{
	json_t *round = round_of("a\"b\\c\nd");
	char *text = text_of(round);

	assert_non_null(strstr(text,
			       "# TYPE packet_interface_received_bytes_total counter\n"
			       "packet_interface_received_bytes_total{host=\"a\\\"b\\\\c\\nd\","
			       "interface=\"eth0\"} 1099511627776\n"));
	assert_non_null(strstr(text, "packet_tcp_retransmits_total{host=\"a\\\"b\\\\c\\nd\"} 7\n"));
	assert_non_null(strstr(text, "process=\"UCMService\"} 1.5\n"));
	assert_non_null(strstr(text, "# TYPE packet_tcp_connections gauge\n"));
	free(text);
	json_decref(round);
	text = text_of(NULL);
	assert_non_null(text);
	free(text);
}

/* PLT-33 */
static void figures_are_documents(void **state)
{
	json_t *round = round_of("alpha"), *line;
	int64_t count = 0;
	char *text = bulk_of(round, "sea", &count), *at = text;

	assert_int_equal(count, 3);
	for (int i = 0; i < 6; i++) {
		line = json_loads(at, JSON_DISABLE_EOF_CHECK, NULL);
		assert_non_null(line);
		if (i % 2 == 0)
			assert_string_equal(pl_json_get_text(line, "create._index"), "sea");
		else
			assert_string_equal(pl_json_get_text(line, "host.name"), "alpha");
		if (i == 1) {
			assert_string_equal(pl_json_get_text(line, "@timestamp"),
					    "2025-11-29T15:00:00.123Z");
			assert_string_equal(pl_json_get_text(line, "metricset.name"), "interface");
			assert_string_equal(pl_json_get_text(line, "interface.name"), "eth0");
		}
		json_decref(line);
		at = strchr(at, '\n') + 1;
	}
	assert_string_equal(at, "");
	free(text);
	json_decref(round);
	assert_null(bulk_of(NULL, "sea", &count));
}

/* PLT-33 */
static void an_answer_says_what_was_refused(void **state)
{
	assert_int_equal(bulk_refused("{\"errors\":false,\"items\":[]}"), 0);
	assert_int_equal(bulk_refused("{\"errors\":true,\"items\":[{\"create\":{\"status\":201}},"
				      "{\"create\":{\"status\":400}},{}]}"),
			 2);
	assert_int_equal(bulk_refused("{\"errors\":true,\"items\":7}"), 0);
	assert_int_equal(bulk_refused("{}"), -1);
	assert_int_equal(bulk_refused("<html>"), -1);
	assert_int_equal(bulk_refused(""), -1);
}

/* ---- the service ---- */

static struct test_world *w;
static struct test_receiver *receiver;
static char target[80];

static json_t *manager(const char *operation, json_t *body, void *arg)
{
	if (strcmp(operation, "nodes") != 0)
		return json_object();
	return json_pack("{s:i, s:{s:[{s:s},{s:s},{s:s},{s:s}], s:n}}", "status", 200, "body",
			 "items", "name", "node-a", "name", "node-b", "name", "node-c", "name",
			 "node-d", "cursor");
}

static json_t *node(const char *operation, json_t *body, void *arg)
{
	assert_string_equal(operation, "packets");
	return arg ? host_named(arg) : json_object();
}

static json_t *refuse(const char *operation, json_t *body, void *arg)
{
	return test_refusal("UNAVAILABLE");
}

/* Two hosts of one name, a node that doesn't speak for its host, and one that fails. */
static int begin(void **state)
{
	receiver = test_receiver_new();
	test_receiver_say(receiver, 200, "{\"errors\":false}");
	snprintf(target, sizeof(target), "target=http://127.0.0.1:%d/",
		 test_receiver_port(receiver));
	w = test_world_new();
	test_serve(w, "Manager", manager, NULL);
	test_serve(w, "node-a", node, (char *)(uintptr_t) "alpha");
	test_serve(w, "node-b", node, NULL);
	test_serve(w, "node-c", node, (char *)(uintptr_t) "alpha");
	test_serve(w, "node-d", refuse, NULL);
	return 0;
}

static int end(void **state)
{
	test_world_free(w);
	test_receiver_free(receiver);
	return 0;
}

static char *text_now(void)
{
	json_t *reply = test_request(w, SERVICE ".http-metrics",
				     test_http("GET", NULL, NULL, NULL, "a", "administrator"));
	char *text = strdup(pl_json_get_text(reply, "text"));

	json_decref(reply);
	return text;
}

static bool shows_both(struct test_world *world, void *arg)
{
	char *text = text_now();
	bool ok = strstr(text, "packet_tcp_connections{host=\"alpha\"} 3\n") &&
		  strstr(text, "packet_tcp_connections{host=\"alpha (node-c)\"} 3\n");

	free(text);
	return ok;
}

static bool has_calls(struct test_world *world, void *arg)
{
	return test_receiver_calls(receiver) >= *(const int *)arg;
}

static void wait_for_calls(int more)
{
	int wanted = test_receiver_calls(receiver) + more;

	test_until(w, has_calls, &wanted, "the receiver is told");
}

static bool has_got(struct test_world *world, void *arg)
{
	json_t *got = test_receiver_got(receiver);
	bool ok = json_array_size(got) > 0;

	json_decref(got);
	return ok;
}

/* PLT-33 */
static void all_hosts_are_asked_and_shown(void **state)
{
	test_service_start(w, SERVICE, "--set", "interval=1", NULL);
	test_until(w, shows_both, NULL, "both hosts are shown");
	assert_int_equal(test_receiver_calls(receiver), 0);
}

/* PLT-33 */
static void a_receiver_gets_what_it_missed(void **state)
{
	json_t *got, *alarm, *one;

	test_receiver_say(receiver, 503, "{}");
	test_service_start(w, SERVICE, "--set", "interval=1", "--set", target, "--set",
			   "api_key=open sesame", NULL);
	alarm = test_wait_command(w, "Manager.alarm");
	assert_string_equal(pl_json_get_text(alarm, "key"), "metrics.undelivered");
	assert_string_equal(pl_json_get_text(alarm, "reason"), "the receiver answered 503");
	json_decref(alarm);
	test_receiver_say(receiver, 200, "{\"errors\":false}");
	test_until(w, has_got, NULL, "the receiver has it");
	got = test_receiver_got(receiver);
	one = json_array_get(got, 0);
	assert_string_equal(pl_json_get_text(one, "path"), "/_bulk");
	assert_non_null(
		strstr(pl_json_get_text(one, "head"), "Authorization: ApiKey open sesame\r\n"));
	assert_non_null(strstr(pl_json_get_text(one, "body"),
			       "{\"create\":{\"_index\":\"pelago-metrics\"}}\n"));
	json_decref(got);
	alarm = test_wait_command(w, "Manager.alarm");
	assert_true(json_is_false(json_object_get(alarm, "raised")));
	json_decref(alarm);
}

/* PLT-33 */
static void documents_that_are_refused_are_not_sent_again(void **state)
{
	json_t *alarm;

	test_receiver_say(receiver, 200,
			  "{\"errors\":true,\"items\":[{\"create\":{\"status\":400}}]}");
	test_service_start(w, SERVICE, "--set", "interval=1", "--set", target, NULL);
	alarm = test_wait_command(w, "Manager.alarm");
	assert_non_null(strstr(pl_json_get_text(alarm, "reason"), "refuses documents"));
	json_decref(alarm);
	test_receiver_say(receiver, 200, "<html>");
	wait_for_calls(2);
}

int main(void)
{
#define WORLD_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(figures_are_prometheus_text),
		cmocka_unit_test(figures_are_documents),
		cmocka_unit_test(an_answer_says_what_was_refused),
		WORLD_TEST(all_hosts_are_asked_and_shown),
		WORLD_TEST(a_receiver_gets_what_it_missed),
		WORLD_TEST(documents_that_are_refused_are_not_sent_again),
	};

	return cmocka_run_group_tests_name("packet-metric", tests, NULL, NULL);
}
