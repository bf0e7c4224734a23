/*
 * notify_test.c — changes told to receivers that are down, slow, endless, or hostile; the service
 * killed in between; and where notifications may not go to (CTX-1).
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

#include <arpa/inet.h>
#include <cmocka.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "address.h"
#include "pelago/json.h"
#include "test_world.h"

#define SERVICE "ContextStore"

/* ---- a receiver: the path says how it behaves ---- */

static struct {
	int fd, port;
	pthread_t thread;
	pthread_mutex_t lock;
	json_t *got; /* [{"path","body":{…}}…], those that were answered 2xx; under the lock */
	atomic_bool is_down, is_stopping;
	atomic_int calls;
} receiver = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void keep(const char *path, const char *body)
{
	pthread_mutex_lock(&receiver.lock);
	json_array_append_new(receiver.got, json_pack("{s:s, s:o}", "path", path, "body",
						      json_loads(body, 0, NULL)));
	pthread_mutex_unlock(&receiver.lock);
}

static void say(int fd, const char *text)
{
	if (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0)
		return; /* the caller has gone */
}

static void pour(int fd)
{
	static char flood[4096];

	say(fd, "HTTP/1.1 200 OK\r\n\r\n");
	memset(flood, 'x', sizeof(flood));
	while (!receiver.is_stopping && send(fd, flood, sizeof(flood), MSG_NOSIGNAL) > 0)
		;
}

static void answer(int fd, const char *path, const char *body)
{
	char text[200];

	atomic_fetch_add(&receiver.calls, 1);
	if (receiver.is_down) {
		say(fd, "HTTP/1.1 503 Down\r\nContent-Length: 0\r\n\r\n");
	} else if (strcmp(path, "/refuse") == 0) {
		say(fd, "HTTP/1.1 422 No\r\nContent-Length: 0\r\n\r\n");
	} else if (strcmp(path, "/redirect") == 0) {
		snprintf(text, sizeof(text),
			 "HTTP/1.1 307 There\r\nLocation: http://127.0.0.1:%d/redirect\r\n"
			 "Content-Length: 0\r\n\r\n",
			 receiver.port);
		say(fd, text);
	} else if (strcmp(path, "/slow") == 0) {
		(void)!recv(fd, text, 1, 0); /* until the caller has gone */
	} else if (strcmp(path, "/garbage") == 0) {
		say(fd, "\x01\x02\x03\r\n\r\n");
	} else if (strcmp(path, "/endless") == 0) {
		keep(path, body);
		pour(fd);
	} else {
		keep(path, body);
		say(fd, "HTTP/1.1 204 Good\r\n\r\n");
	}
}

static void serve(int fd)
{
	static char text[300000];
	char path[100] = "", *end = NULL;
	size_t len = 0, wanted = 0;

	while (len < sizeof(text) - 1) {
		ssize_t n = recv(fd, text + len, sizeof(text) - 1 - len, 0);

		if (n <= 0)
			return;
		len += (size_t)n;
		text[len] = '\0';
		end = strstr(text, "\r\n\r\n");
		if (end && !wanted) {
			const char *length = strcasestr(text, "Content-Length:");

			wanted = (size_t)(end - text) + 4 +
				 (length ? strtoul(length + 15, NULL, 10) : 0);
		}
		if (wanted && len >= wanted)
			break;
	}
	if (!end || sscanf(text, "POST %99s", path) != 1)
		return;
	answer(fd, path, end + 4);
}

static void *receive(void *arg)
{
	while (!receiver.is_stopping) {
		struct pollfd poll_fd = { receiver.fd, POLLIN, 0 };
		int fd;

		if (poll(&poll_fd, 1, 50) <= 0)
			continue;
		fd = accept(receiver.fd, NULL, NULL);
		if (fd < 0)
			continue;
		serve(fd);
		close(fd);
	}
	return NULL;
}

static struct test_world *w;

static int start(void **state)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(address);

	receiver.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(receiver.fd, (struct sockaddr *)&address, len) || listen(receiver.fd, 50))
		return -1;
	getsockname(receiver.fd, (struct sockaddr *)&address, &len);
	receiver.port = ntohs(address.sin_port);
	receiver.got = json_array();
	receiver.is_down = receiver.is_stopping = false;
	receiver.calls = 0;
	if (pthread_create(&receiver.thread, NULL, receive, NULL))
		return -1;
	w = test_world_new();
	return 0;
}

static int stop(void **state)
{
	test_world_free(w);
	receiver.is_stopping = true;
	pthread_join(receiver.thread, NULL);
	close(receiver.fd);
	json_decref(receiver.got);
	return 0;
}

/* ---- the service ---- */

static void start_service(const char *more)
{
	test_service_start(w, SERVICE, "--set", "notify_local=1", "--set",
			   more ? more : "notify_backlog=1000", NULL);
}

static json_t *subscribe(const char *id, const char *path, json_t *filter)
{
	json_object_set_new(filter, "url",
			    json_sprintf("http://127.0.0.1:%d%s", receiver.port, path));
	return test_request(
		w, SERVICE ".http-set-subscription",
		test_http("PUT", json_pack("{s:s}", "id", id), NULL, filter, "a", "administrator"));
}

static json_t *subscription(const char *id)
{
	json_t *reply = test_request(
		w, SERVICE ".http-subscription",
		test_http("GET", json_pack("{s:s}", "id", id), NULL, NULL, "a", "administrator"));
	json_t *body = json_incref(json_object_get(reply, "body"));

	assert_string_equal(test_error(reply), "");
	json_decref(reply);
	return body;
}

static int64_t number_of(const char *id, const char *name)
{
	json_t *body = subscription(id);
	int64_t n = json_integer_value(json_object_get(body, name));

	json_decref(body);
	return n;
}

static void write_context(const char *id, const char *group)
{
	json_decref(test_request(w, SERVICE ".upsert",
				 json_pack("{s:s, s:s, s:{s:s}, s:s}", "contextId", id, "groupId",
					   group, "data", "k", "v", "touchpoint", "test")));
}

struct wanted {
	const char *path, *context;
	int count;
};

static int count_got(const struct wanted *wanted)
{
	int count = 0;
	json_t *one;
	size_t i;

	pthread_mutex_lock(&receiver.lock);
	json_array_foreach(receiver.got, i, one)
		count +=
			strcmp(pl_json_get_text(one, "path"), wanted->path) == 0 &&
			(!wanted->context || strcmp(pl_json_get_text(one, "body.context.contextId"),
						    wanted->context) == 0);
	pthread_mutex_unlock(&receiver.lock);
	return count;
}

static bool has_got(struct test_world *world, void *arg)
{
	const struct wanted *wanted = arg;

	return count_got(wanted) >= wanted->count;
}

static void wait_for(const char *path, const char *context, int count)
{
	struct wanted wanted = { path, context, count };

	test_until(w, has_got, &wanted, "notifications come");
}

static bool fails(struct test_world *world, void *arg)
{
	return number_of(arg, "failsInARow") > 0;
}

static bool is_idle(struct test_world *world, void *arg)
{
	return number_of(arg, "waiting") == 0;
}

static bool is_off(struct test_world *world, void *arg)
{
	json_t *body = subscription(arg);
	bool off = json_is_false(json_object_get(body, "enabled"));

	json_decref(body);
	return off;
}

static void until(bool (*fn)(struct test_world *world, void *arg), const char *id, const char *what)
{
	test_until(w, fn, (void *)(uintptr_t)id, what);
}

/* ---- stories ---- */

static void changes_are_told_to_those_who_want_them(void **state)
{
	json_t *one;

	start_service(NULL);
	json_decref(subscribe("all", "/all", json_object()));
	json_decref(subscribe(
		"some", "/some",
		json_pack("{s:s, s:[s, s]}", "groupId", "G", "operations", "create", "delete")));
	write_context("C1", "G");
	write_context("C1", "G");
	write_context("C2", "H");
	json_decref(test_request(w, SERVICE ".delete", json_pack("{s:s}", "contextId", "C1")));
	wait_for("/all", NULL, 4);
	wait_for("/some", "C1", 2);
	assert_int_equal(count_got(&(struct wanted){ "/some", NULL, 0 }), 2);
	pthread_mutex_lock(&receiver.lock);
	one = json_array_get(receiver.got, 0);
	assert_string_equal(pl_json_get_text(one, "body.operation"), "create");
	assert_string_equal(pl_json_get_text(one, "body.touchpoint"), "test");
	assert_string_equal(pl_json_get_text(one, "body.context.data.k"), "v");
	assert_int_equal(json_integer_value(pl_json_get(one, "body.context.version")), 1);
	pthread_mutex_unlock(&receiver.lock);
	until(is_idle, "all", "nothing waits");
}

/* Those of one context keep their order, whatever goes beside them. */
static void order_is_kept_within_a_context(void **state)
{
	int64_t version = 0;
	json_t *one;
	size_t i;

	start_service(NULL);
	json_decref(subscribe("all", "/all", json_object()));
	for (int n = 0; n < 30; n++) {
		write_context("C1", "G");
		write_context(n % 2 ? "C2" : "C3", "G");
	}
	wait_for("/all", "C1", 30);
	pthread_mutex_lock(&receiver.lock);
	json_array_foreach(receiver.got, i, one) {
		if (strcmp(pl_json_get_text(one, "body.context.contextId"), "C1") != 0)
			continue;
		version++;
		assert_int_equal(json_integer_value(pl_json_get(one, "body.context.version")),
				 version);
	}
	pthread_mutex_unlock(&receiver.lock);
}

/* Receiver down, service killed after the commit and before anything was taken. */
static void nothing_is_lost(void **state)
{
	start_service(NULL);
	json_decref(subscribe("all", "/all", json_object()));
	receiver.is_down = true;
	for (int n = 0; n < 20; n++)
		write_context("C1", "G");
	until(fails, "all", "the receiver is found to be down");
	test_service_kill(w, SERVICE);
	start_service(NULL);
	assert_int_equal(number_of("all", "waiting"), 20);
	receiver.is_down = false;
	wait_for("/all", "C1", 20);
	until(is_idle, "all", "nothing waits");
	assert_int_equal(count_got(&(struct wanted){ "/all", "C1", 0 }), 20);
}

static void hostile_receivers_do_no_harm(void **state)
{
	start_service(NULL);
	json_decref(subscribe("endless", "/endless", json_object()));
	json_decref(subscribe("redirect", "/redirect", json_object()));
	json_decref(subscribe("garbage", "/garbage", json_object()));
	json_decref(subscribe("refuse", "/refuse", json_object()));
	json_decref(subscribe("good", "/good", json_object()));
	write_context("C1", "G");
	wait_for("/endless", "C1", 1);
	wait_for("/good", "C1", 1);
	until(is_idle, "endless", "an endless answer is cut");
	until(fails, "redirect", "a redirect isn't followed");
	until(fails, "garbage", "garbage is no answer");
	until(is_idle, "refuse", "what is refused three times is dropped");
	assert_int_equal(count_got(&(struct wanted){ "/endless", NULL, 0 }), 1);
	assert_int_equal(number_of("redirect", "lastStatus"), 307);
	assert_true(number_of("garbage", "waiting") == 1);
}

static void time_is_limited(void **state)
{
	json_t *body;

	start_service("notify_timeout=1");
	json_decref(subscribe("slow", "/slow", json_object()));
	write_context("C1", "G");
	until(fails, "slow", "a receiver that says nothing is left");
	body = subscription("slow");
	assert_non_null(strcasestr(pl_json_get_text(body, "lastError"), "timed out"));
	json_decref(body);
}

static void what_is_never_taken_is_given_up(void **state)
{
	start_service("notify_give_up=1");
	json_decref(subscribe("all", "/all", json_object()));
	receiver.is_down = true;
	for (int n = 0; n < 20; n++)
		write_context("C1", "G");
	until(is_idle, "all", "it is given up");
	receiver.is_down = false;
	write_context("C2", "G");
	wait_for("/all", "C2", 1);
	assert_int_equal(count_got(&(struct wanted){ "/all", "C1", 0 }), 0);
}

static void too_many_switch_it_off(void **state)
{
	start_service("notify_backlog=3");
	json_decref(subscribe("all", "/all", json_object()));
	receiver.is_down = true;
	for (int n = 0; n < 5; n++)
		write_context("C1", "G");
	until(is_off, "all", "it is off");
	assert_int_equal(number_of("all", "waiting"), 3);
	receiver.is_down = false;
	json_decref(subscribe("all", "/all", json_object()));
	wait_for("/all", "C1", 3);
}

static void local_addresses_are_refused(void **state)
{
	json_t *body;

	test_service_start(w, SERVICE, NULL);
	json_decref(subscribe("all", "/all", json_object()));
	write_context("C1", "G");
	until(fails, "all", "it fails");
	body = subscription("all");
	assert_non_null(strstr(pl_json_get_text(body, "lastError"), "local"));
	assert_int_equal(receiver.calls, 0);
	json_decref(body);
}

static void bad_subscriptions_are_refused(void **state)
{
	static const char *const bodies[] = {
		"{}",
		"{\"url\":7}",
		"{\"url\":\"\"}",
		"{\"url\":\"ftp://a/b\"}",
		"{\"url\":\"file:///etc/passwd\"}",
		"{\"url\":\"http://\"}",
		"{\"url\":\"http://a b/\"}",
		"{\"url\":\"http://a/\",\"enabled\":1}",
		"{\"url\":\"http://a/\",\"operations\":[\"read\"]}",
		"{\"url\":\"http://a/\",\"operations\":[7]}",
		"{\"url\":\"http://a/\",\"operations\":\"create\"}",
		"{\"url\":\"http://a/\",\"groupid\":\"G\"}",
		"{\"url\":\"http://a/\",\"groupId\":7}",
	};
	char id[4] = "s0";
	json_t *reply;

	start_service(NULL);
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		test_refused(w, SERVICE ".http-set-subscription",
			     test_http("PUT", json_pack("{s:s}", "id", "x"), NULL,
				       json_loads(bodies[i], 0, NULL), "a", "administrator"),
			     "badRequest");
	test_refused(w, SERVICE ".http-set-subscription",
		     test_http("PUT", json_pack("{s:s}", "id", "a/b"), NULL,
			       json_pack("{s:s}", "url", "http://a/"), "a", "administrator"),
		     "badRequest");
	for (int i = 0; i < 6; i++) {
		id[1] = (char)('0' + i);
		reply = subscribe(id, "/x", json_object());
		assert_string_equal(test_error(reply), i < 5 ? "" : "conflict");
		json_decref(reply);
	}
	reply = subscribe("s4", "/y", json_object()); /* one that is there is changed */
	assert_string_equal(test_error(reply), "");
	json_decref(reply);
	json_decref(test_request(w, SERVICE ".http-delete-subscription",
				 test_http("DELETE", json_pack("{s:s}", "id", "s4"), NULL, NULL,
					   "a", "administrator")));
	reply = subscribe("s5", "/x", json_object());
	assert_string_equal(test_error(reply), "");
	json_decref(reply);
	test_refused(
		w, SERVICE ".http-subscription",
		test_http("GET", json_pack("{s:s}", "id", "s4"), NULL, NULL, "a", "administrator"),
		"notFound");
}

static void addresses_are_told_apart(void **state)
{
	static const struct {
		const char *text;
		bool is_local;
	} rows[] = {
		{ "127.0.0.1", true },
		{ "127.255.255.255", true },
		{ "0.0.0.0", true },
		{ "169.254.169.254", true },
		{ "100.100.100.200", true },
		{ "224.0.0.1", true },
		{ "255.255.255.255", true },
		{ "10.0.0.1", false },
		{ "192.168.1.1", false },
		{ "126.255.255.255", false },
		{ "128.0.0.1", false },
		{ "169.253.1.1", false },
		{ "223.255.255.255", false },
		{ "::1", true },
		{ "::", true },
		{ "fe80::1", true },
		{ "ff02::1", true },
		{ "::ffff:127.0.0.1", true },
		{ "::ffff:8.8.8.8", false },
		{ "64:ff9b::7f00:1", true },
		{ "64:ff9b::808:808", false },
		{ "2002:7f00:1::1", true },
		{ "2002:808:808::1", false },
		{ "fd00:ec2::254", true },
		{ "fd12::1", false },
		{ "2001:db8::1", false },
	};
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	struct sockaddr other = { .sa_family = AF_UNIX };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool local;

		if (inet_pton(AF_INET, rows[i].text, &v4.sin_addr) == 1) {
			local = address_is_local((struct sockaddr *)&v4);
		} else {
			assert_int_equal(inet_pton(AF_INET6, rows[i].text, &v6.sin6_addr), 1);
			local = address_is_local((struct sockaddr *)&v6);
		}
		if (local != rows[i].is_local)
			fail_msg("%s", rows[i].text);
	}
	assert_true(address_is_local(&other));
}

int main(void)
{
#define STORY(name) cmocka_unit_test_setup_teardown(name, start, stop)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_told_apart),
		STORY(changes_are_told_to_those_who_want_them),
		STORY(order_is_kept_within_a_context),
		STORY(nothing_is_lost),
		STORY(hostile_receivers_do_no_harm),
		STORY(time_is_limited),
		STORY(what_is_never_taken_is_given_up),
		STORY(too_many_switch_it_off),
		STORY(local_addresses_are_refused),
		STORY(bad_subscriptions_are_refused),
	};

	return cmocka_run_group_tests_name("contextstore-notify", tests, NULL, NULL);
}
