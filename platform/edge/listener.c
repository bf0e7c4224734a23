/*
 * listener.c — ports.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "metrics.h"
#include "pelago/log.h"
#include "peer.h"

enum { ACCEPT_MAX = 32, BACKLOG = 1024 };

struct listener {
	int fd; /* ours; the library has another one of the same socket */
	bool is_tls;
	struct edge *edge;
	struct lws *wsi; /* NULL while nothing is accepted */
};

static int open_socket(int family, const struct sockaddr *address, socklen_t len)
{
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1, zero = 0;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof(zero));
	if (bind(fd, address, len) || listen(fd, BACKLOG)) {
		int kept = errno;

		close(fd);
		errno = kept;
		return -1;
	}
	return fd;
}

static int open_all(int port)
{
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int fd = open_socket(AF_INET6, (struct sockaddr *)&v6, sizeof(v6));

	/* A machine without IPv6. */
	if (fd < 0 && errno != EADDRINUSE && errno != EACCES)
		fd = open_socket(AF_INET, (struct sockaddr *)&v4, sizeof(v4));
	return fd;
}

static int open_at(const char *address, int port)
{
	struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
				  .ai_socktype = SOCK_STREAM },
			*found;
	char service[8];
	int fd;

	snprintf(service, sizeof(service), "%d", port);
	if (getaddrinfo(address, service, &hints, &found) != 0) {
		errno = EADDRNOTAVAIL;
		return -1;
	}
	fd = open_socket(found->ai_family, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	return fd;
}

enum pl_err listener_take(struct listener **listenerp, int fd, bool is_tls)
{
	struct listener *listener = calloc(1, sizeof(*listener));

	if (!listener) {
		close(fd);
		return PL_NOMEM;
	}
	listener->is_tls = is_tls;
	listener->fd = fd;
	*listenerp = listener;
	return PL_OK;
}

enum pl_err listener_new(struct listener **listenerp, const char *address, int port, bool is_tls)
{
	int fd = address ? open_at(address, port) : open_all(port);

	if (fd < 0)
		return pl_fail(PL_UNAVAILABLE, "cannot listen on port %d of %s: %s", port,
			       address ? address : "this machine", strerror(errno));
	return listener_take(listenerp, fd, is_tls);
}

enum pl_err listener_start(struct listener *listener, struct edge *edge)
{
	listener->edge = edge;
	return listener_resume(listener);
}

enum pl_err listener_resume(struct listener *listener)
{
	lws_sock_file_fd_type fd;

	if (!listener || listener->wsi)
		return PL_OK;
	fd.filefd = fcntl(listener->fd, F_DUPFD_CLOEXEC, 0); /* the library closes its own */
	if (fd.filefd >= 0)
		listener->wsi = lws_adopt_descriptor_vhost(
			listener->edge->files, LWS_ADOPT_RAW_FILE_DESC, fd, "listener", NULL);
	if (!listener->wsi)
		return pl_fail(PL_INTERNAL, "cannot listen in the loop");
	lws_set_opaque_user_data(listener->wsi, listener);
	return PL_OK;
}

void listener_pause(struct listener *listener)
{
	if (!listener || !listener->wsi)
		return;
	lws_set_opaque_user_data(listener->wsi, NULL);
	lws_set_timeout(listener->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
	listener->wsi = NULL;
}

void listener_stop(struct listener *listener)
{
	listener_pause(listener);
	if (listener && listener->fd >= 0)
		close(listener->fd);
	if (listener)
		listener->fd = -1;
}

int listener_fd(const struct listener *listener)
{
	return listener ? listener->fd : -1;
}

void listener_free(struct listener *listener)
{
	if (!listener)
		return;
	if (listener->fd >= 0)
		close(listener->fd);
	free(listener);
}

static void take(struct listener *listener, int fd, const struct sockaddr *from)
{
	struct peer *peer = peer_new(listener->edge, from, listener->is_tls);
	lws_adoption_type type = LWS_ADOPT_HTTP | LWS_ADOPT_SOCKET;
	lws_sock_file_fd_type adopted = { .sockfd = fd };
	struct lws *wsi;
	int one = 1;

	if (!peer) {
		pl_metric_add(&edge_refused_total, 1);
		close(fd);
		return;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (listener->is_tls)
		type |= LWS_ADOPT_ALLOW_SSL;
	wsi = lws_adopt_descriptor_vhost(listener->edge->clients, type, adopted, NULL, NULL);
	if (wsi)
		lws_set_opaque_user_data(wsi, peer);
	else
		peer_free(listener->edge, peer);
}

int listener_readable(struct listener *listener)
{
	struct sockaddr_storage from;
	socklen_t len;
	int fd;

	for (int i = 0; i < ACCEPT_MAX; i++) {
		len = sizeof(from);
		fd = accept4(listener->fd, (struct sockaddr *)&from, &len,
			     SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0)
			break;
		take(listener, fd, (struct sockaddr *)&from);
	}
	return 0;
}
