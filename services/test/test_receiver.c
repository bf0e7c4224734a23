/*
 * test_receiver.c — see test_receiver.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test_receiver.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
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
#include <unistd.h>

enum { REQUEST_MAX = 4 << 20 };

struct test_receiver {
	int fd, port;
	pthread_t thread;
	atomic_bool is_stopping;
	pthread_mutex_t lock; /* of what follows */
	int status, calls;
	const char *body;
	json_t *got;
};

/* The status by which it was answered. */
static int answer(struct test_receiver *r, int fd)
{
	char text[4096];
	int status;

	pthread_mutex_lock(&r->lock);
	status = r->status;
	r->calls++;
	snprintf(text, sizeof(text),
		 "HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n"
		 "Connection: close\r\n\r\n%s",
		 status, strlen(r->body), r->body);
	pthread_mutex_unlock(&r->lock);
	if (status && send(fd, text, strlen(text), MSG_NOSIGNAL) < 0)
		return 0; /* the caller has gone */
	return status;
}

static void keep(struct test_receiver *r, const char *path, const char *head, const char *body)
{
	pthread_mutex_lock(&r->lock);
	json_array_append_new(
		r->got, json_pack("{s:s, s:s, s:s}", "path", path, "head", head, "body", body));
	pthread_mutex_unlock(&r->lock);
}

/* The end of the head once all of the body is there. */
static char *receive(int fd, char *text)
{
	size_t len = 0, wanted = 0;
	char *end = NULL;

	while (len < REQUEST_MAX - 1) {
		ssize_t n = recv(fd, text + len, REQUEST_MAX - 1 - len, 0);

		if (n <= 0)
			return NULL;
		len += (size_t)n;
		text[len] = '\0';
		end = strstr(text, "\r\n\r\n");
		if (end && !wanted) {
			const char *length = strcasestr(text, "Content-Length:");

			wanted = (size_t)(end - text) + 4 +
				 (length ? strtoul(length + 15, NULL, 10) : 0);
		}
		if (wanted && len >= wanted)
			return end;
	}
	return NULL;
}

static void serve(struct test_receiver *r, int fd)
{
	char *text = malloc(REQUEST_MAX), *end = text ? receive(fd, text) : NULL, path[200] = "";

	if (end && sscanf(text, "POST %199s", path) == 1) {
		int status;

		*end = '\0';
		status = answer(r, fd);
		if (status >= 200 && status < 300)
			keep(r, path, text, end + 4);
	}
	free(text);
}

static void *run(void *arg)
{
	struct test_receiver *r = arg;

	while (!r->is_stopping) {
		struct pollfd poll_fd = { r->fd, POLLIN, 0 };
		int fd;

		if (poll(&poll_fd, 1, 50) <= 0)
			continue;
		fd = accept(r->fd, NULL, NULL);
		if (fd < 0)
			continue;
		serve(r, fd);
		close(fd);
	}
	return NULL;
}

struct test_receiver *test_receiver_new(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(address);
	struct test_receiver *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	r->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(r->fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(r->fd, 20), 0);
	assert_int_equal(getsockname(r->fd, (struct sockaddr *)&address, &len), 0);
	r->port = ntohs(address.sin_port);
	r->status = 200;
	r->body = "{}";
	r->got = json_array();
	pthread_mutex_init(&r->lock, NULL);
	assert_int_equal(pthread_create(&r->thread, NULL, run, r), 0);
	return r;
}

void test_receiver_free(struct test_receiver *r)
{
	if (!r)
		return;
	r->is_stopping = true;
	pthread_join(r->thread, NULL);
	close(r->fd);
	json_decref(r->got);
	pthread_mutex_destroy(&r->lock);
	free(r);
}

int test_receiver_port(const struct test_receiver *r)
{
	return r->port;
}

void test_receiver_say(struct test_receiver *r, int status, const char *body)
{
	pthread_mutex_lock(&r->lock);
	r->status = status;
	r->body = body;
	pthread_mutex_unlock(&r->lock);
}

int test_receiver_calls(struct test_receiver *r)
{
	int calls;

	pthread_mutex_lock(&r->lock);
	calls = r->calls;
	pthread_mutex_unlock(&r->lock);
	return calls;
}

json_t *test_receiver_got(struct test_receiver *r)
{
	json_t *got;

	pthread_mutex_lock(&r->lock);
	got = json_deep_copy(r->got);
	pthread_mutex_unlock(&r->lock);
	return got;
}
