/*
 * wire_test.c — frames by hand over a socket pair: whole, in single bytes, malformed, endless.
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
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "wire.h"
#include "pelago/log.h"

struct ends {
	struct wire *wire;
	int server;
	char seen[512]; /* "sid subject reply id status body|" each */
};

static void ends_open(struct ends *ends)
{
	int fds[2];

	memset(ends, 0, sizeof(*ends));
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	ends->server = fds[1];
	ends->wire = calloc(1, sizeof(*ends->wire));
	ends->wire->stream.fd = fds[0];
	ends->wire->attached = true;
}

static void ends_close(struct ends *ends)
{
	wire_free(ends->wire);
	close(ends->server);
}

static void on_letter(uint64_t sid, struct letter *letter, void *arg)
{
	struct ends *ends = arg;
	const struct pl_message *m = &letter->message;
	size_t used = strlen(ends->seen);

	snprintf(ends->seen + used, sizeof(ends->seen) - used, "%llu %s %s %s %d %.*s|",
		 (unsigned long long)sid, m->subject, m->reply ? m->reply : "-",
		 m->id ? m->id : "-", m->status, (int)m->body_len, (const char *)m->body);
	free(letter);
}

static void feed(struct ends *ends, const char *text, size_t len)
{
	assert_int_equal(write(ends->server, text, len), len);
	wire_read(ends->wire, on_letter, ends);
}

static const char FRAMES[] = "PING\r\n"
			     "MSG a.b 7 5\r\nhello\r\n"
			     "MSG a.b 7 re.ply 0\r\n\r\n"
			     "+OK\r\nINFO {\"max_payload\":5}\r\n-ERR 'Slow Consumer'\r\n"
			     "hmsg c 8 r 27 30\r\nNATS/1.0\r\npelago-id: 42\r\n\r\nxyz\r\n"
			     "HMSG d 9 16 16\r\nNATS/1.0 503\r\n\r\n\r\n"
			     "\r\nMSG\te\t10\t1\r\n!\r\n";
static const char SEEN[] = "7 a.b - - 0 hello|7 a.b re.ply - 0 |8 c r 42 0 xyz|9 d - - 503 |"
			   "10 e - - 0 !|";

static void frames_come_whole_and_in_single_bytes(void **state)
{
	struct ends ends;
	char pong[16] = "";

	ends_open(&ends);
	feed(&ends, FRAMES, sizeof(FRAMES) - 1);
	assert_string_equal(ends.seen, SEEN);
	wire_write(ends.wire);
	assert_int_equal(read(ends.server, pong, sizeof(pong)), 6);
	assert_string_equal(pong, "PONG\r\n");
	ends.seen[0] = '\0';
	for (size_t i = 0; i < sizeof(FRAMES) - 1; i++)
		feed(&ends, FRAMES + i, 1);
	assert_string_equal(ends.seen, SEEN);
	assert_true(ends.wire->attached);
	ends_close(&ends);
}

static void malformed_frames_end_the_wire(void **state)
{
	static const char *const frames[] = {
		"MSG\r\n",
		"MSG a 1\r\n",
		"MSG a 1 r 5 6 7 8\r\n",
		"MSG a x 5\r\n",
		"MSG a\x01"
		"b 1 5\r\n",
		"MSG a 1 r\rs 5\r\n",
		"MSG a 1 -5\r\n",
		"MSG a 1 99999999999999999999\r\n",
		"MSG a 1 8388609\r\n",
		"MSG a 18446744073709551617 5\r\n",
		"HMSG a 1 5\r\n",
		"HMSG a 1 6 5\r\n",
		"HMSG a 1 x 5\r\n",
	};

	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		struct ends ends;

		ends_open(&ends);
		feed(&ends, frames[i], strlen(frames[i]));
		if (ends.wire->attached)
			fail_msg("taken: %s", frames[i]);
		assert_string_equal(ends.seen, "");
		ends_close(&ends);
	}
}

static void a_line_without_end_ends_the_wire(void **state)
{
	struct ends ends;
	char line[5000];

	memset(line, 'x', sizeof(line));
	ends_open(&ends);
	feed(&ends, line, sizeof(line));
	assert_false(ends.wire->attached);
	ends_close(&ends);
}

static void what_came_before_the_end_is_delivered(void **state)
{
	struct ends ends;

	ends_open(&ends);
	assert_int_equal(write(ends.server, FRAMES, sizeof(FRAMES) - 1), sizeof(FRAMES) - 1);
	shutdown(ends.server, SHUT_WR);
	wire_read(ends.wire, on_letter, &ends);
	assert_string_equal(ends.seen, SEEN);
	assert_false(ends.wire->attached);
	ends_close(&ends);
}

static void output_waits_for_room_and_keeps_its_order(void **state)
{
	struct ends ends;
	struct pl_message message = { .subject = "s", .id = "1" };
	size_t sent = 0, got = 0;
	char *all = malloc(1 << 24), part[4096];
	unsigned n = 0;

	ends_open(&ends);
	while (!ends.wire->stalled) {
		char body[1000];

		message.body = body;
		message.body_len = (size_t)snprintf(body, sizeof(body), "%u:%0900d", n++, 0);
		assert_int_equal(message_write(&ends.wire->out, &message), PL_OK);
		wire_write(ends.wire);
	}
	sent = buffer_len(&ends.wire->out);
	assert_true(sent > 0);
	while (buffer_len(&ends.wire->out) > 0 || ends.wire->stalled || got == 0) {
		ssize_t len = read(ends.server, part, sizeof(part));

		assert_true(len > 0);
		memcpy(all + got, part, (size_t)len);
		got += (size_t)len;
		wire_write(ends.wire);
	}
	shutdown(ends.wire->stream.fd, SHUT_WR);
	for (ssize_t len; (len = read(ends.server, part, sizeof(part))) > 0; got += (size_t)len)
		memcpy(all + got, part, (size_t)len);
	all[got] = '\0';
	for (char *at = all, *stop; n-- > 0; at = stop) {
		static unsigned next;

		at = strstr(at, "\r\n\r\n");
		assert_non_null(at);
		assert_int_equal(strtoul(at + 4, &stop, 10), next++);
	}
	free(all);
	ends_close(&ends);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_come_whole_and_in_single_bytes),
		cmocka_unit_test(malformed_frames_end_the_wire),
		cmocka_unit_test(a_line_without_end_ends_the_wire),
		cmocka_unit_test(what_came_before_the_end_is_delivered),
		cmocka_unit_test(output_waits_for_room_and_keeps_its_order),
	};

	return cmocka_run_group_tests_name("wire", tests, NULL, NULL);
}
