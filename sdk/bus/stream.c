/* stream.c — see stream.h. SPDX-License-Identifier: Apache-2.0 */
#include "stream.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	HOST_GONE_MS = 15000, /* unacknowledged output for so long: the host is gone */
	KEEPALIVE_IDLE_S = 5,
	KEEPALIVE_EVERY_S = 5,
	KEEPALIVE_TRIES = 2,
};

int64_t stream_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

bool stream_wait(const struct stream *stream, short events, int64_t until_ms)
{
	struct pollfd poll_fd = { stream->fd, events, 0 };

	for (;;) {
		int64_t left_ms = until_ms - stream_now_ms();
		int n = poll(&poll_fd, 1, left_ms > 0 ? (int)left_ms : 0);

		if (n >= 0 || errno != EINTR)
			return n > 0;
	}
}

/* set_up lets the kernel find out when the server's host vanishes without a word. */
static void set_up(int fd)
{
	int on = 1, idle_s = KEEPALIVE_IDLE_S, every_s = KEEPALIVE_EVERY_S, tries = KEEPALIVE_TRIES;
	unsigned gone_ms = HOST_GONE_MS;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof(idle_s));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &every_s, sizeof(every_s));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &tries, sizeof(tries));
	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &gone_ms, sizeof(gone_ms));
}

/* reach connects to one address; false leaves errno. */
static bool reach(struct stream *stream, const struct addrinfo *address, int64_t until_ms)
{
	int error = 0;
	socklen_t len = sizeof(error);

	stream->fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (stream->fd < 0)
		return false;
	set_up(stream->fd);
	if (connect(stream->fd, address->ai_addr, address->ai_addrlen) == 0)
		return true;
	error = errno;
	if (error == EINPROGRESS) {
		error = ETIMEDOUT;
		if (stream_wait(stream, POLLOUT, until_ms))
			getsockopt(stream->fd, SOL_SOCKET, SO_ERROR, &error, &len);
	}
	if (error == 0)
		return true;
	stream_close(stream);
	errno = error;
	return false;
}

enum pl_err stream_connect(struct stream *stream, const char *host, const char *port,
			   int64_t until_ms)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *found = NULL, *one;
	int status = getaddrinfo(host, port, &hints, &found);
	bool is_reached = false;

	if (status)
		return pl_fail(PL_UNAVAILABLE, "%s: %s", host, gai_strerror(status));
	for (one = found; one && !is_reached; one = one->ai_next)
		is_reached = reach(stream, one, until_ms);
	freeaddrinfo(found);
	return is_reached ? PL_OK : pl_fail(PL_UNAVAILABLE, "%s:%s: %m", host, port);
}

static bool expect_host(SSL *ssl, const char *host)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(ssl);

	if (X509_VERIFY_PARAM_set1_ip_asc(param, host))
		return true;
	return X509_VERIFY_PARAM_set1_host(param, host, 0) && SSL_set_tlsext_host_name(ssl, host);
}

static enum pl_err refused(const struct stream *stream, const char *host)
{
	long verified = SSL_get_verify_result(stream->ssl);
	unsigned long error = ERR_get_error();

	if (verified != X509_V_OK)
		return pl_fail(PL_UNAVAILABLE, "%s: its certificate isn't accepted: %s", host,
			       X509_verify_cert_error_string(verified));
	return pl_fail(PL_UNAVAILABLE, "%s: TLS: %s", host,
		       error ? ERR_reason_error_string(error) : "the connection has ended");
}

enum pl_err stream_secure(struct stream *stream, SSL_CTX *ctx, const char *host, int64_t until_ms)
{
	stream->ssl = SSL_new(ctx);
	if (!stream->ssl || !expect_host(stream->ssl, host) || !SSL_set_fd(stream->ssl, stream->fd))
		return PL_NOMEM;
	for (;;) {
		short events;
		int n;

		ERR_clear_error();
		n = SSL_connect(stream->ssl);
		if (n == 1)
			return PL_OK;
		switch (SSL_get_error(stream->ssl, n)) {
		case SSL_ERROR_WANT_READ:
			events = POLLIN;
			break;
		case SSL_ERROR_WANT_WRITE:
			events = POLLOUT;
			break;
		default:
			return refused(stream, host);
		}
		if (!stream_wait(stream, events, until_ms))
			return pl_fail(PL_UNAVAILABLE, "%s: TLS: no answer in time", host);
	}
}

/* outcome tells 0 from -1 after a call on the TLS stream that moved nothing. */
static ssize_t outcome(struct stream *stream, int n)
{
	switch (SSL_get_error(stream->ssl, n)) {
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		return 0;
	default:
		return -1;
	}
}

static bool can_wait(ssize_t n)
{
	return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
}

ssize_t stream_read(struct stream *stream, void *data, size_t len)
{
	ssize_t n;

	if (stream->ssl) {
		ERR_clear_error();
		n = SSL_read(stream->ssl, data, len > INT32_MAX ? INT32_MAX : (int)len);
		return n > 0 ? n : outcome(stream, (int)n);
	}
	n = recv(stream->fd, data, len, 0);
	return n > 0 ? n : can_wait(n) ? 0 : -1;
}

ssize_t stream_write(struct stream *stream, const void *data, size_t len)
{
	ssize_t n;

	if (stream->ssl) {
		ERR_clear_error();
		n = SSL_write(stream->ssl, data, len > INT32_MAX ? INT32_MAX : (int)len);
		return n > 0 ? n : outcome(stream, (int)n);
	}
	n = send(stream->fd, data, len, MSG_NOSIGNAL);
	return n >= 0 ? n : can_wait(n) ? 0 : -1;
}

void stream_close(struct stream *stream)
{
	SSL_free(stream->ssl);
	if (stream->fd >= 0)
		close(stream->fd);
	*stream = (struct stream){ .fd = -1 };
}
