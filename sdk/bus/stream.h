/*
 * stream.h — bytes to and from a server over TCP, or TLS over TCP. A process that uses it ignores
 * SIGPIPE, which OpenSSL's writing may raise.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_BUS_STREAM_H
#define PELAGO_BUS_STREAM_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "pelago/err.h"

struct stream {
	int fd;	  /* doesn't block; -1: none */
	SSL *ssl; /* NULL: in clear */
};

/*
 * stream_connect reaches host and port before until_ms (CLOCK_MONOTONIC); it blocks. Returns
 * PL_UNAVAILABLE. The caller closes *stream: stream_close.
 */
enum pl_err stream_connect(struct stream *stream, const char *host, const char *port,
			   int64_t until_ms);

/*
 * stream_secure makes it a TLS stream to the server whose certificate is for host, a name or an
 * address, and blocks until until_ms at most. Returns PL_UNAVAILABLE, PL_NOMEM.
 */
enum pl_err stream_secure(struct stream *stream, SSL_CTX *ctx, const char *host, int64_t until_ms);

/* Both return how many bytes went, 0 when none can now, -1 when the connection has ended. */
ssize_t stream_read(struct stream *stream, void *data, size_t len);
ssize_t stream_write(struct stream *stream, const void *data, size_t len);

/* stream_wait waits for poll's events until until_ms; false when none came. */
bool stream_wait(const struct stream *stream, short events, int64_t until_ms);

void stream_close(struct stream *stream);

/* stream_now_ms returns the time of CLOCK_MONOTONIC. */
int64_t stream_now_ms(void);

#endif
