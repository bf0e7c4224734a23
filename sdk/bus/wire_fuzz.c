/*
 * wire_fuzz.c — any bytes from a server: messages are whole, or the wire is given up.
 *
 * fuzz-sources: sdk/bus/wire.c sdk/bus/buffer.c sdk/bus/message.c sdk/bus/stream.c
 * fuzz-sources: sdk/log/log.c sdk/err/err.c
 * fuzz-libs: openssl
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sdk/bus/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_letter(uint64_t sid, struct letter *letter, void *arg)
{
	const struct pl_message *m = &letter->message;

	pl_assert(strlen(m->subject) > 0);
	pl_assert(!m->reply || strlen(m->reply) > 0);
	pl_assert(!m->id || strlen(m->id) < 4096 + m->body_len + 65536);
	pl_assert(((const char *)m->body)[m->body_len] == '\0');
	free(letter);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wire *wire = calloc(1, sizeof(*wire));
	int fds[2];

	pl_assert(wire && socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	fcntl(fds[1], F_SETFL, O_NONBLOCK);
	wire->stream.fd = fds[0];
	wire->attached = true;
	for (size_t at = 0, len; at < size && wire->attached; at += len) {
		len = 1 + data[at] % 64; /* in pieces */
		if (len > size - at)
			len = size - at;
		if (write(fds[1], data + at, len) != (ssize_t)len)
			break;
		wire_read(wire, on_letter, NULL);
		if (buffer_len(&wire->out) > 65536)
			break;
	}
	wire_free(wire);
	close(fds[1]);
	return 0;
}
