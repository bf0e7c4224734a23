/*
 * bus_test.c — the bus over a real nats-server with TLS and users: both ways, losses, refusals.
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
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <arpa/inet.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "pelago/bus.h"
#include "pelago/log.h"
#include "message.h"
#include "test_server.h"

static struct test_server server;

/* What one side has seen. */
struct seen {
	struct pl_bus *bus;
	unsigned n;
	unsigned n_up, n_down;
	int status;
	char subject[64], reply[96], id[64], msg_id[64];
	size_t body_len;
	char body[128];
	unsigned order_errors;
	long last;
	struct pl_subscription *drop; /* to be freed by the handler */
};

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void copy(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%s", from ? from : "-");
}

static void note(const struct pl_message *message, void *arg)
{
	struct seen *seen = arg;

	seen->n++;
	seen->status = message->status;
	copy(seen->subject, sizeof(seen->subject), message->subject);
	copy(seen->reply, sizeof(seen->reply), message->reply);
	copy(seen->id, sizeof(seen->id), message->id);
	copy(seen->msg_id, sizeof(seen->msg_id), message->msg_id);
	seen->body_len = message->body_len;
	snprintf(seen->body, sizeof(seen->body), "%.*s",
		 (int)(message->body_len < 100 ? message->body_len : 100),
		 (const char *)message->body);
	if (seen->drop) {
		pl_subscription_free(seen->drop);
		seen->drop = NULL;
	}
}

static void note_state(enum pl_bus_state state, void *arg)
{
	struct seen *seen = arg;

	if (state == PL_BUS_UP)
		seen->n_up++;
	else
		seen->n_down++;
}

/* answer replies to a request with its own body. */
static void answer(const struct pl_message *message, void *arg)
{
	struct seen *seen = arg;
	struct pl_message reply = { .subject = message->reply,
				    .id = message->id,
				    .body = message->body,
				    .body_len = message->body_len };

	note(message, arg);
	assert_int_equal(pl_bus_publish(seen->bus, &reply), PL_OK);
}

static struct pl_bus_options options_of(const char *seed_file, const char *name, struct seen *seen)
{
	return (struct pl_bus_options){ .url = server.url,
					.ca_file = server.ca,
					.seed_file = seed_file,
					.name = name,
					.wait_ms = 5000,
					.on_state = note_state,
					.arg = seen };
}

static struct pl_bus *open_bus(const char *seed_file, const char *name, struct seen *seen)
{
	struct pl_bus_options options = options_of(seed_file, name, seen);

	memset(seen, 0, sizeof(*seen));
	if (pl_bus_open(&seen->bus, &options))
		fail_msg("%s", pl_err_detail(PL_OK));
	return seen->bus;
}

/* turn lets both buses work for at most wait_ms. */
static void turn(struct pl_bus *a, struct pl_bus *b, int wait_ms)
{
	struct pollfd fds[2] = { { pl_bus_fd(a), POLLIN, 0 },
				 { b ? pl_bus_fd(b) : -1, POLLIN, 0 } };

	pl_bus_flush(a);
	if (b)
		pl_bus_flush(b);
	poll(fds, 2, wait_ms);
	if (fds[0].revents)
		pl_bus_read(a, 64);
	if (b && fds[1].revents)
		pl_bus_read(b, 64);
	pl_bus_flush(a);
	if (b)
		pl_bus_flush(b);
}

#define wait_for(a, b, ms, condition)                                                              \
	do {                                                                                       \
		int64_t until_ = now_ms() + (ms);                                                  \
		while (!(condition) && now_ms() < until_)                                          \
			turn(a, b, 20);                                                            \
		if (!(condition))                                                                  \
			fail_msg("after %d ms still not: %s", (int)(ms), #condition);              \
	} while (0)

/* settle makes sure that the server knows all that bus has said: a message goes round. */
static void settle(struct pl_bus *bus)
{
	struct seen seen = { .bus = bus };
	struct pl_subscription *sub = NULL;
	struct pl_message message = { 0 };
	char inbox[96];

	pl_bus_inbox(bus, inbox);
	message.subject = inbox;
	assert_int_equal(pl_bus_subscribe(&sub, bus, inbox, NULL, note, &seen), PL_OK);
	assert_int_equal(pl_bus_publish(bus, &message), PL_OK);
	wait_for(bus, NULL, 5000, seen.n == 1);
	pl_subscription_free(sub);
}

static void publish(struct pl_bus *bus, const char *subject, const char *body)
{
	struct pl_message message = { .subject = subject, .body = body, .body_len = strlen(body) };

	assert_int_equal(pl_bus_publish(bus, &message), PL_OK);
}

static void messages_go_both_ways(void **state)
{
	struct seen a, b;
	struct pl_subscription *sub_a = NULL, *sub_b = NULL;

	open_bus(server.alpha, "A", &a);
	open_bus(server.beta, "B", &b);
	assert_int_equal(pl_bus_state(a.bus), PL_BUS_UP);
	assert_int_equal(pl_bus_subscribe(&sub_a, a.bus, "to.a", NULL, note, &a), PL_OK);
	assert_int_equal(pl_bus_subscribe(&sub_b, b.bus, "to.b", NULL, note, &b), PL_OK);
	settle(a.bus);
	settle(b.bus);
	publish(a.bus, "to.b", "hello");
	publish(b.bus, "to.a", "");
	wait_for(a.bus, b.bus, 5000, a.n == 1 && b.n == 1);
	assert_string_equal(b.subject, "to.b");
	assert_string_equal(b.body, "hello");
	assert_string_equal(b.reply, "-");
	assert_string_equal(b.id, "-");
	assert_int_equal(b.status, 0);
	assert_int_equal(a.body_len, 0);
	assert_int_equal(pl_bus_waiting(a.bus), 0);
	pl_subscription_free(sub_a);
	publish(b.bus, "to.a", "nobody");
	settle(a.bus);
	settle(b.bus);
	settle(a.bus);
	assert_int_equal(a.n, 1);
	assert_int_equal(a.n_up + a.n_down, 0);
	pl_bus_close(a.bus);
	pl_bus_close(b.bus); /* with a subscription left */
	pl_bus_close(NULL);
}

/* PLT-11 */
static void what_was_sent_before_an_end_still_comes(void **state)
{
	struct pl_subscription *sub = NULL;
	struct seen a, b;

	open_bus(server.alpha, "A", &a);
	open_bus(server.beta, "B", &b);
	assert_int_equal(pl_bus_subscribe(&sub, a.bus, "to.a", "group", note, &a), PL_OK);
	settle(a.bus);
	publish(b.bus, "to.a", "1");
	publish(b.bus, "to.a", "2");
	settle(b.bus); /* the server has sent them */
	pl_subscription_end(sub);
	pl_subscription_end(sub);
	settle(a.bus);
	wait_for(a.bus, NULL, 5000, pl_bus_waiting(a.bus) == 0);
	assert_int_equal(a.n, 2);
	publish(b.bus, "to.a", "nobody");
	settle(b.bus);
	settle(a.bus);
	assert_int_equal(a.n, 2);
	pl_subscription_free(sub);
	pl_subscription_end(NULL);
	settle(a.bus);
	pl_bus_close(a.bus);
	pl_bus_close(b.bus);
}

static void a_request_is_answered(void **state)
{
	struct seen a, b, replies = { 0 };
	struct pl_subscription *service = NULL, *inbox_sub = NULL;
	char inbox[96], wildcard[100], reply[100];
	struct pl_message request = { .subject = "svc.B.ask",
				      .id = "01HZZZZZZZZZZZZZZZZZZZZZZZ",
				      .msg_id = "B:1:contact:X:1",
				      .body = "{}",
				      .body_len = 2 };

	open_bus(server.alpha, "A", &a);
	open_bus(server.beta, "B", &b);
	pl_bus_inbox(a.bus, inbox);
	snprintf(wildcard, sizeof(wildcard), "%s.*", inbox);
	snprintf(reply, sizeof(reply), "%s.7", inbox);
	assert_int_equal(pl_bus_subscribe(&inbox_sub, a.bus, wildcard, NULL, note, &replies),
			 PL_OK);
	assert_int_equal(pl_bus_subscribe(&service, b.bus, "svc.B.*", "B", answer, &b), PL_OK);
	settle(b.bus);
	request.reply = reply;
	assert_int_equal(pl_bus_publish(a.bus, &request), PL_OK);
	wait_for(a.bus, b.bus, 5000, replies.n == 1);
	assert_string_equal(b.id, request.id);
	assert_string_equal(b.msg_id, request.msg_id);
	assert_string_equal(b.reply, reply);
	assert_string_equal(replies.subject, reply);
	assert_string_equal(replies.id, request.id);
	assert_string_equal(replies.body, "{}");
	assert_int_equal(replies.status, 0);

	request.subject = "svc.Nobody.ask";
	assert_int_equal(pl_bus_publish(a.bus, &request), PL_OK);
	wait_for(a.bus, b.bus, 5000, replies.n == 2);
	assert_int_equal(replies.status, 503);
	assert_int_equal(replies.body_len, 0);
	pl_bus_close(a.bus);
	pl_bus_close(b.bus);
}

static void a_queue_group_shares_and_wildcards_match(void **state)
{
	struct seen a, b, in_a = { 0 }, in_b = { 0 }, all = { 0 };
	struct pl_subscription *sub = NULL;

	open_bus(server.alpha, "A", &a);
	open_bus(server.beta, "B", &b);
	assert_int_equal(pl_bus_subscribe(&sub, a.bus, "work.*", "group", note, &in_a), PL_OK);
	assert_int_equal(pl_bus_subscribe(&sub, b.bus, "work.*", "group", note, &in_b), PL_OK);
	assert_int_equal(pl_bus_subscribe(&sub, b.bus, "work.>", NULL, note, &all), PL_OK);
	settle(a.bus);
	settle(b.bus);
	for (int i = 0; i < 200; i++)
		publish(a.bus, "work.one", "x");
	publish(a.bus, "work.one.two", "x");
	wait_for(a.bus, b.bus, 5000, in_a.n + in_b.n == 200 && all.n == 201);
	assert_true(in_a.n > 20 && in_b.n > 20);
	pl_bus_close(a.bus);
	pl_bus_close(b.bus);
}

static void bodies_of_one_mebibyte_pass_and_no_more(void **state)
{
	struct seen a, b;
	struct pl_subscription *sub = NULL;
	char *body = malloc(MESSAGE_MAX_BODY + 1);
	struct pl_message message = { .subject = "big", .id = "ID", .body = body };

	memset(body, 'x', MESSAGE_MAX_BODY + 1);
	open_bus(server.alpha, "A", &a);
	open_bus(server.beta, "B", &b);
	assert_int_equal(pl_bus_subscribe(&sub, b.bus, "big", NULL, note, &b), PL_OK);
	settle(b.bus);
	message.body_len = MESSAGE_MAX_BODY + 1;
	assert_int_equal(pl_bus_publish(a.bus, &message), PL_TOOLARGE);
	message.body_len = MESSAGE_MAX_BODY;
	for (int i = 0; i < 8; i++)
		assert_int_equal(pl_bus_publish(a.bus, &message), PL_OK);
	wait_for(a.bus, b.bus, 5000, b.n == 8);
	assert_int_equal(b.body_len, MESSAGE_MAX_BODY);
	assert_int_equal(a.n_down + b.n_down, 0);
	free(body);
	pl_bus_close(a.bus);
	pl_bus_close(b.bus);
}

static void what_is_no_subject_is_refused(void **state)
{
	static const char *const bad[] = { "",	   ".",	  "a.",		  ".a",
					   "a..b", "a b", "a\r\nPUB x 1", "a.>.b",
					   "\x7f", "a\tb" };
	struct seen a;
	struct pl_subscription *sub = NULL;
	struct pl_message message = { .subject = "ok", .id = "a\r\nInjected: b" };

	open_bus(server.alpha, "A", &a);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		message = (struct pl_message){ .subject = bad[i] };
		assert_int_equal(pl_bus_subscribe(&sub, a.bus, bad[i], NULL, note, &a), PL_INVALID);
		assert_int_equal(pl_bus_publish(a.bus, &message), PL_INVALID);
		message = (struct pl_message){ .subject = "ok", .reply = bad[i] };
		assert_int_equal(pl_bus_publish(a.bus, &message), PL_INVALID);
	}
	message = (struct pl_message){ .subject = "a.*" };
	assert_int_equal(pl_bus_publish(a.bus, &message), PL_INVALID);
	message = (struct pl_message){ .subject = "ok", .id = "a\r\nInjected: b" };
	assert_int_equal(pl_bus_publish(a.bus, &message), PL_INVALID);
	assert_int_equal(pl_bus_subscribe(&sub, a.bus, "ok", "a b", note, &a), PL_INVALID);
	assert_null(sub);
	settle(a.bus);
	pl_bus_close(a.bus);
}

static void inboxes_are_unique_and_ours(void **state)
{
	struct seen a;
	char inbox[1000][96];

	open_bus(server.alpha, "A", &a);
	for (int i = 0; i < 1000; i++) {
		pl_bus_inbox(a.bus, inbox[i]);
		assert_memory_equal(inbox[i], "_IN.A.", 6);
		assert_int_equal(strlen(inbox[i]), 6 + 32);
		for (int j = 0; j < i; j++)
			assert_string_not_equal(inbox[i], inbox[j]);
	}
	pl_bus_close(a.bus);
}

static char denied[512];

/* The log line of a denied publish is caught by a pipe in place of standard error. */
static void a_denied_subject_is_logged_and_harms_nobody(void **state)
{
	struct seen a;
	struct pl_subscription *sub = NULL;
	int ends[2], before = dup(2);
	ssize_t n;

	assert_int_equal(pipe(ends), 0);
	open_bus(server.alpha, "A", &a);
	dup2(ends[1], 2);
	publish(a.bus, "secret.plan", "x");
	assert_int_equal(pl_bus_subscribe(&sub, a.bus, "secret.plan", NULL, note, &a), PL_OK);
	pl_bus_flush(a.bus);
	settle(a.bus);
	n = read(ends[0], denied, sizeof(denied) - 1);
	dup2(before, 2);
	close(before);
	close(ends[0]);
	close(ends[1]);
	assert_true(n > 0);
	assert_non_null(strstr(denied, "bus.denied"));
	assert_non_null(strstr(denied, "secret.plan"));
	assert_non_null(strstr(denied, "ERROR"));
	settle(a.bus);
	assert_int_equal(a.n_down, 0);
	pl_bus_close(a.bus);
}

static void a_wrong_key_authority_or_host_is_refused_at_once(void **state)
{
	struct pl_bus *bus = NULL;
	struct pl_bus_options options = options_of(server.stranger, "A", NULL);
	char url[128];
	int64_t start_ms = now_ms();

	for (int i = 0; i < 10; i++) {
		assert_int_equal(pl_bus_open(&bus, &options), PL_UNAVAILABLE);
		assert_non_null(strstr(pl_err_detail(PL_OK), "refuses the key"));
	}
	assert_true(now_ms() - start_ms < 4000);
	options.seed_file = server.alpha;
	options.ca_file = server.other_ca;
	options.wait_ms = 0;
	assert_int_equal(pl_bus_open(&bus, &options), PL_UNAVAILABLE);
	options.ca_file = server.ca;
	snprintf(url, sizeof(url), "tls://127.1:%d",
		 server.port); /* the same host by another name */
	options.url = url;
	assert_int_equal(pl_bus_open(&bus, &options), PL_UNAVAILABLE);
	snprintf(url, sizeof(url), "tls://127.0.0.1:%d,%s", test_free_port(), server.url);
	options.url = url;
	options.wait_ms = 1000; /* the second answers */
	assert_int_equal(pl_bus_open(&bus, &options), PL_OK);
	pl_bus_close(bus);
	bus = NULL;
	options.ca_file = "/nonexistent";
	options.wait_ms = 5000;
	assert_int_equal(pl_bus_open(&bus, &options), PL_INVALID);
	options.ca_file = server.ca;
	options.seed_file = "/nonexistent";
	assert_int_equal(pl_bus_open(&bus, &options), PL_INVALID);
	options.seed_file = server.ca;
	assert_int_equal(pl_bus_open(&bus, &options), PL_INVALID);
	options.seed_file = server.alpha;
	options.name = "a b";
	assert_int_equal(pl_bus_open(&bus, &options), PL_INVALID);
	assert_null(bus);
	assert_true(now_ms() - start_ms < 8000);
}

/* One signature in 256 begins with a zero byte, which some clients take for an empty one. */
static void no_signature_is_unlucky(void **state)
{
	struct seen a;

	for (int i = 0; i < 500; i++) {
		open_bus(i % 2 ? server.alpha : server.beta, "A", &a);
		pl_bus_close(a.bus);
	}
}

static void an_absent_server_is_waited_for(void **state)
{
	struct pl_bus *bus = NULL;
	struct pl_bus_options options = options_of(server.alpha, "A", NULL);
	char url[64];
	int64_t start_ms = now_ms();

	snprintf(url, sizeof(url), "tls://127.0.0.1:%d", test_free_port());
	options.url = url;
	options.wait_ms = 0;
	assert_int_equal(pl_bus_open(&bus, &options), PL_UNAVAILABLE);
	assert_true(now_ms() - start_ms < 200);
	start_ms = now_ms();
	options.wait_ms = 300;
	assert_int_equal(pl_bus_open(&bus, &options), PL_UNAVAILABLE);
	assert_in_range(now_ms() - start_ms, 200, 400);
	assert_null(bus);
}

/* count_up checks that the numbers in bodies only grow. */
static void count_up(const struct pl_message *message, void *arg)
{
	struct seen *seen = arg;
	char text[32] = "";
	long n;

	memcpy(text, message->body, message->body_len < 31 ? message->body_len : 31);
	n = strtol(text, NULL, 10);
	if (n <= seen->last)
		seen->order_errors++;
	seen->last = n;
	seen->n++;
}

static void subscriptions_come_back_after_kill_9(void **state)
{
	struct seen a, b;
	struct pl_subscription *sub = NULL;
	char filler[3000], body[3100];
	int fd_a, fd_b;
	long n = 0;

	memset(filler, 'x', sizeof(filler) - 1);
	filler[sizeof(filler) - 1] = '\0';
	open_bus(server.alpha, "A", &a);
	open_bus(server.beta, "B", &b);
	fd_a = pl_bus_fd(a.bus);
	fd_b = pl_bus_fd(b.bus);
	b.last = -1;
	for (int i = 0; i < 20; i++) {
		char subject[16];

		snprintf(subject, sizeof(subject), "other.%d", i);
		assert_int_equal(pl_bus_subscribe(&sub, b.bus, subject, NULL, note, &b), PL_OK);
	}
	assert_int_equal(pl_bus_subscribe(&sub, b.bus, "flow.*", "B", count_up, &b), PL_OK);
	settle(b.bus);
	for (unsigned round = 1; round <= 20; round++) {
		unsigned before = b.n;
		struct pl_message message = { .subject = "flow.x", .id = "I", .body = body };
		int n_turns = 0;

		while (server.pid || n_turns < 10) { /* traffic, cut off in its middle */
			for (int i = 0; i < 20; i++) {
				message.body_len =
					(size_t)snprintf(body, sizeof(body), "%ld %s", n++, filler);
				pl_bus_publish(a.bus, &message);
			}
			turn(a.bus, b.bus, 0);
			if (b.n > before + 50 && ++n_turns == 5)
				test_server_kill(&server);
		}
		wait_for(a.bus, b.bus, 5000, a.n_down == round && b.n_down == round);
		assert_int_equal(pl_bus_state(a.bus), PL_BUS_DOWN);
		assert_true(b.n > before);
		message.body_len = (size_t)snprintf(body, sizeof(body), "%ld", n++);
		assert_int_equal(pl_bus_publish(a.bus, &message), PL_OK); /* waits for the server */
		test_server_start(&server);
		wait_for(a.bus, b.bus, 5000, a.n_up == round && b.n_up == round);
		settle(b.bus);
		before = b.n;
		message.body_len = (size_t)snprintf(body, sizeof(body), "%ld", n++);
		assert_int_equal(pl_bus_publish(a.bus, &message), PL_OK);
		wait_for(a.bus, b.bus, 5000, b.n > before && b.last == n - 1);
		assert_int_equal(pl_bus_state(a.bus), PL_BUS_UP);
		assert_int_equal(b.order_errors, 0);
		assert_int_equal(a.n_down, round);
		assert_int_equal(b.n_down, round);
		assert_int_equal(pl_bus_fd(a.bus), fd_a);
		assert_int_equal(pl_bus_fd(b.bus), fd_b);
	}
	pl_bus_close(a.bus);
	pl_bus_close(b.bus);
}

static void while_down_eight_mebibytes_are_kept(void **state)
{
	struct seen a, b;
	struct pl_subscription *sub = NULL;
	char *body = calloc(1, 65536);
	struct pl_message message = { .subject = "kept", .body = body, .body_len = 65536 };
	unsigned n = 0;

	open_bus(server.alpha, "A", &a);
	open_bus(server.beta, "B", &b);
	test_server_kill(&server);
	wait_for(a.bus, b.bus, 5000, a.n_down == 1 && b.n_down == 1);
	assert_int_equal(pl_bus_subscribe(&sub, b.bus, "kept", NULL, note, &b), PL_OK);
	while (n < 1000 && pl_bus_publish(a.bus, &message) == PL_OK)
		n++;
	assert_in_range(n, 120, 128);
	assert_int_equal(pl_bus_publish(a.bus, &message), PL_UNAVAILABLE);
	test_server_start(&server);
	wait_for(b.bus, NULL, 5000, b.n_up == 1); /* subscribed before the other is back */
	settle(b.bus);
	wait_for(a.bus, b.bus, 5000, b.n == n);
	free(body);
	pl_bus_close(a.bus);
	pl_bus_close(b.bus);
}

static void closing_while_down_does_not_wait(void **state)
{
	struct seen a;
	int64_t start_ms;

	open_bus(server.alpha, "A", &a);
	test_server_kill(&server);
	wait_for(a.bus, NULL, 5000, a.n_down == 1);
	start_ms = now_ms();
	pl_bus_close(a.bus);
	assert_true(now_ms() - start_ms < 200);
	test_server_start(&server);
}

static void a_stalled_server_breaks_nothing(void **state)
{
	struct seen a, b;
	struct pl_subscription *sub = NULL, *gone = NULL;
	char *body = calloc(1, 50000);
	struct pl_message message = { .subject = "flow", .body = body, .body_len = 50000 };
	unsigned n = 0;
	int64_t start_ms;

	open_bus(server.alpha, "A", &a);
	open_bus(server.beta, "B", &b);
	assert_int_equal(pl_bus_subscribe(&sub, b.bus, "flow", NULL, note, &b), PL_OK);
	assert_int_equal(pl_bus_subscribe(&gone, a.bus, "gone", NULL, note, &a), PL_OK);
	settle(a.bus);
	settle(b.bus);
	kill(server.pid, SIGSTOP);
	while (n < 2000 && pl_bus_publish(a.bus, &message) == PL_OK) {
		n++;
		turn(a.bus, b.bus, 0);
	}
	assert_true(n > 160 && n < 2000);
	pl_subscription_free(gone);
	assert_int_equal(pl_bus_subscribe(&sub, a.bus, "late", NULL, note, &a), PL_OK);
	kill(server.pid, SIGCONT);
	wait_for(a.bus, b.bus, 10000, b.n == n);
	publish(b.bus, "gone", "x");
	publish(b.bus, "late", "x");
	wait_for(a.bus, b.bus, 5000, a.n == 1);
	assert_string_equal(a.subject, "late");
	assert_int_equal(a.n_down + b.n_down, 0);

	kill(server.pid, SIGSTOP);
	while (pl_bus_publish(a.bus, &message) == PL_OK)
		turn(a.bus, NULL, 0);
	start_ms = now_ms();
	pl_bus_close(a.bus);
	assert_true(now_ms() - start_ms < 300);
	kill(server.pid, SIGCONT);
	free(body);
	pl_bus_close(b.bus);
}

static void closing_delivers_what_was_published(void **state)
{
	struct seen a, b;
	struct pl_subscription *sub = NULL;

	open_bus(server.beta, "B", &b);
	assert_int_equal(pl_bus_subscribe(&sub, b.bus, "last", NULL, note, &b), PL_OK);
	settle(b.bus);
	for (unsigned round = 1; round <= 20; round++) {
		open_bus(server.alpha, "A", &a);
		/* unread input, which makes a careless close reset the connection */
		assert_int_equal(pl_bus_subscribe(&sub, a.bus, "last", NULL, note, &a), PL_OK);
		for (int i = 0; i < 100; i++)
			publish(a.bus, "last", "word");
		pl_bus_close(a.bus);
		wait_for(b.bus, NULL, 2000, b.n == round * 100);
	}
	pl_bus_close(b.bus);
}

static void subscriptions_take_turns(void **state)
{
	struct seen a, few = { 0 }, many = { 0 }, freed = { 0 };
	struct pl_subscription *sub = NULL;

	open_bus(server.alpha, "A", &a);
	assert_int_equal(pl_bus_subscribe(&sub, a.bus, "many", NULL, note, &many), PL_OK);
	assert_int_equal(pl_bus_subscribe(&sub, a.bus, "few", NULL, note, &few), PL_OK);
	assert_int_equal(pl_bus_subscribe(&few.drop, a.bus, "freed", NULL, note, &freed), PL_OK);
	for (int i = 0; i < 300; i++)
		publish(a.bus, "many", "x");
	for (int i = 0; i < 5; i++)
		publish(a.bus, "freed", "x");
	for (int i = 0; i < 5; i++)
		publish(a.bus, "few", "x");
	pl_bus_flush(a.bus);
	while (pl_bus_waiting(a.bus) < 310) { /* read, but hand out nothing */
		struct pollfd fd = { pl_bus_fd(a.bus), POLLIN, 0 };

		assert_int_equal(poll(&fd, 1, 5000), 1);
		pl_bus_read(a.bus, 0);
		if (pl_bus_waiting(a.bus) == 0)
			pl_bus_read(a.bus, 1);
		else
			break;
	}
	wait_for(a.bus, NULL, 5000, few.n == 5 && many.n == 300);
	assert_true(freed.n <= 5);
	pl_bus_close(a.bus);
}

/*
 * A server that cuts its first connections off within a message: the rest of it must not be taken
 * for part of the next greeting.
 */
struct cutter {
	int fd;
	int n_connections;
};

static void *cut(void *arg)
{
	static const char info[] = "INFO {\"server_id\":\"X\",\"version\":\"2.9.10\",\"proto\":1,"
				   "\"headers\":true,\"max_payload\":1048576}\r\n";
	struct cutter *cutter = arg;
	char line[4096];

	for (int i = 0; i < cutter->n_connections; i++) {
		int fd = accept(cutter->fd, NULL, NULL);
		const char *tail = i + 1 < cutter->n_connections ? "MSG cut 1 5000\r\nhalf of"
								 : "MSG cut 1 5\r\nwhole\r\n";
		FILE *in = fdopen(dup(fd), "r");

		(void)!write(fd, info, sizeof(info) - 1);
		while (fgets(line, sizeof(line), in)) {
			if (strncmp(line, "PING", 4) == 0)
				(void)!write(fd, "PONG\r\n", 6);
			if (strncmp(line, "SUB", 3) == 0) {
				(void)!write(fd, tail, strlen(tail));
				if (i + 1 < cutter->n_connections)
					break;
			}
		}
		fclose(in);
		close(fd);
	}
	return NULL;
}

static void a_message_cut_off_is_forgotten(void **state)
{
	struct cutter cutter = { .fd = socket(AF_INET, SOCK_STREAM, 0), .n_connections = 4 };
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(address);
	struct seen seen = { 0 };
	struct pl_bus_options options = {
		.name = "A", .wait_ms = 2000, .on_state = note_state, .arg = &seen
	};
	struct pl_subscription *sub = NULL;
	char url[64];
	pthread_t thread;

	assert_int_equal(bind(cutter.fd, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(cutter.fd, 5), 0);
	assert_int_equal(getsockname(cutter.fd, (struct sockaddr *)&address, &len), 0);
	snprintf(url, sizeof(url), "nats://127.0.0.1:%d", ntohs(address.sin_port));
	options.url = url;
	assert_int_equal(pthread_create(&thread, NULL, cut, &cutter), 0);
	assert_int_equal(pl_bus_open(&seen.bus, &options), PL_OK);
	assert_int_equal(pl_bus_subscribe(&sub, seen.bus, "cut", NULL, note, &seen), PL_OK);
	wait_for(seen.bus, NULL, 5000, seen.n == 1);
	assert_string_equal(seen.body, "whole");
	assert_int_equal(seen.n_down, 3);
	assert_int_equal(seen.n_up, 3);
	pl_bus_close(seen.bus);
	pthread_join(thread, NULL);
	close(cutter.fd);
}

static int set_up(void **state)
{
	test_server_make(&server);
	test_server_start(&server);
	return 0;
}

static int tear_down(void **state)
{
	test_server_remove(&server);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_go_both_ways),
		cmocka_unit_test(what_was_sent_before_an_end_still_comes),
		cmocka_unit_test(a_request_is_answered),
		cmocka_unit_test(a_queue_group_shares_and_wildcards_match),
		cmocka_unit_test(bodies_of_one_mebibyte_pass_and_no_more),
		cmocka_unit_test(what_is_no_subject_is_refused),
		cmocka_unit_test(inboxes_are_unique_and_ours),
		cmocka_unit_test(a_denied_subject_is_logged_and_harms_nobody),
		cmocka_unit_test(a_wrong_key_authority_or_host_is_refused_at_once),
		cmocka_unit_test(no_signature_is_unlucky),
		cmocka_unit_test(an_absent_server_is_waited_for),
		cmocka_unit_test(subscriptions_take_turns),
		cmocka_unit_test(closing_delivers_what_was_published),
		cmocka_unit_test(a_stalled_server_breaks_nothing),
		cmocka_unit_test(a_message_cut_off_is_forgotten),
		cmocka_unit_test(while_down_eight_mebibytes_are_kept),
		cmocka_unit_test(closing_while_down_does_not_wait),
		cmocka_unit_test(subscriptions_come_back_after_kill_9),
	};

	return cmocka_run_group_tests_name("bus", tests, set_up, tear_down);
}
