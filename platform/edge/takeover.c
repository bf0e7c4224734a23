/*
 * takeover.c — see takeover.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "takeover.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "pelago/log.h"

enum { ASK_S = 1, LINE_MOST = 64 };

static const char took[] = "took\n";

struct takeover {
	char path[108]; /* of our offer; as long as a socket's may be (unix(7)); "": none */
	int folder_fd;	/* by which a longer one is short */
	int ports[TAKEOVER_PORTS];
	int other_fd; /* to the one that we take over from, or -1 */
	bool is_told;
	struct takeover_events events;
	struct edge *edge;
	struct lws *offer, *next; /* next: the connection of who takes over, or NULL */
	bool has_taken;
};

static int open_folder(const char *data)
{
	char *path = NULL;
	int fd = asprintf(&path, "%s/edge", data) < 0
			 ? -1
			 : open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	free(path);
	return fd;
}

static struct sockaddr_un address_of(int folder_fd, int slot)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/offer%s.sock",
		 folder_fd, slot ? ".2" : "");
	return address;
}

static bool is_own_user(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 && peer.uid == geteuid();
}

/* ---- asking ---- */

static int port_of(int fd)
{
	struct sockaddr_storage address;
	socklen_t len = sizeof(address);
	int listens = 0;
	socklen_t size = sizeof(listens);

	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 || !listens ||
	    getsockname(fd, (struct sockaddr *)&address, &len) != 0)
		return 0;
	if (address.ss_family == AF_INET6)
		return ntohs(((struct sockaddr_in6 *)&address)->sin6_port);
	return address.ss_family == AF_INET ? ntohs(((struct sockaddr_in *)&address)->sin_port) : 0;
}

/* What came is kept where it is a socket of one of our ports. */
static void keep(int fd, const int ports[TAKEOVER_PORTS], int fds[TAKEOVER_PORTS])
{
	int port = port_of(fd);

	for (size_t i = 0; i < TAKEOVER_PORTS; i++)
		if (port && ports[i] == port && fds[i] < 0) {
			fds[i] = fd;
			return;
		}
	close(fd);
}

static bool receive(int other, const int ports[TAKEOVER_PORTS], int fds[TAKEOVER_PORTS])
{
	union {
		char bytes[CMSG_SPACE(TAKEOVER_PORTS * sizeof(int))];
		struct cmsghdr align;
	} control = { 0 };
	char line[LINE_MOST];
	struct iovec io = { .iov_base = line, .iov_len = sizeof(line) };
	struct msghdr message = { .msg_iov = &io,
				  .msg_iovlen = 1,
				  .msg_control = control.bytes,
				  .msg_controllen = sizeof(control.bytes) };

	if (recvmsg(other, &message, MSG_CMSG_CLOEXEC) <= 0)
		return false;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
		size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < count; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
			keep(fd, ports, fds);
		}
	}
	return true;
}

enum pl_err takeover_ask(struct takeover **takeoverp, const char *data, int slot,
			 const int ports[TAKEOVER_PORTS], int fds[TAKEOVER_PORTS])
{
	struct takeover *t = calloc(1, sizeof(*t));
	struct timeval limit = { .tv_sec = ASK_S };
	struct sockaddr_un other, own;

	if (!t)
		return PL_NOMEM;
	t->other_fd = -1;
	for (size_t i = 0; i < TAKEOVER_PORTS; i++) {
		t->ports[i] = ports[i];
		fds[i] = -1;
	}
	*takeoverp = t;
	t->folder_fd = open_folder(data);
	if (t->folder_fd < 0) {
		pl_log(WARN, "edge.takeover", NULL, "%s/edge: %s", data, strerror(errno));
		return PL_OK;
	}
	own = address_of(t->folder_fd, slot);
	other = address_of(t->folder_fd, !slot);
	memcpy(t->path, own.sun_path, sizeof(t->path));
	t->other_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(t->other_fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	setsockopt(t->other_fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	if (t->other_fd >= 0 &&
	    connect(t->other_fd, (struct sockaddr *)&other, sizeof(other)) == 0 &&
	    is_own_user(t->other_fd) && receive(t->other_fd, ports, fds)) {
		pl_log(INFO, "edge.takeover", NULL, "from the other slot: sockets %s, %s",
		       fds[0] >= 0 ? "https" : "-", fds[1] >= 0 ? "http" : "-");
		return PL_OK;
	}
	if (t->other_fd >= 0)
		close(t->other_fd);
	t->other_fd = -1;
	return PL_OK;
}

bool takeover_has_other(const struct takeover *t)
{
	return t && t->other_fd >= 0 && !t->is_told;
}

void takeover_took(struct takeover *t)
{
	t->is_told = true;
	if (send(t->other_fd, took, sizeof(took) - 1, MSG_NOSIGNAL) < 0)
		pl_log(WARN, "edge.takeover", NULL, "the other one is gone: %s", strerror(errno));
}

/* ---- offering ---- */

static struct lws *adopt(struct takeover *t, int fd)
{
	lws_sock_file_fd_type adopted = { .filefd = fd };
	struct lws *wsi = lws_adopt_descriptor_vhost(t->edge->files, LWS_ADOPT_RAW_FILE_DESC,
						     adopted, "takeover", NULL);

	if (wsi)
		lws_set_opaque_user_data(wsi, t);
	return wsi;
}

enum pl_err takeover_offer(struct takeover *t, struct edge *edge,
			   const struct takeover_events *events)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;

	t->edge = edge;
	t->events = *events;
	if (!*t->path)
		return PL_OK;
	memcpy(address.sun_path, t->path, sizeof(address.sun_path));
	unlink(t->path); /* of one who was killed: each slot has one process */
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
	    chmod(t->path, 0600) != 0 || listen(fd, 4) != 0 || !(t->offer = adopt(t, fd))) {
		enum pl_err err = pl_fail(PL_IO, "%s: %s", t->path, strerror(errno));

		if (fd >= 0)
			close(fd);
		return err;
	}
	return PL_OK;
}

static bool give(const struct takeover *t, int to)
{
	union {
		char bytes[CMSG_SPACE(TAKEOVER_PORTS * sizeof(int))];
		struct cmsghdr align;
	} control = { 0 };
	char line[LINE_MOST];
	struct iovec io = { .iov_base = line };
	struct msghdr message = { .msg_iov = &io, .msg_iovlen = 1 };
	int given[TAKEOVER_PORTS];
	size_t count = 0;
	struct cmsghdr *c;

	for (size_t i = 0; i < TAKEOVER_PORTS; i++) {
		given[count] = t->events.socket(t->events.arg, i);
		count += given[count] >= 0;
	}
	io.iov_len = (size_t)snprintf(line, sizeof(line), "%d %d\n", t->ports[0], t->ports[1]);
	if (count > 0) {
		message.msg_control = control.bytes;
		message.msg_controllen = CMSG_SPACE(count * sizeof(int));
		c = CMSG_FIRSTHDR(&message);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(c), given, count * sizeof(int));
	}
	return sendmsg(to, &message, MSG_NOSIGNAL) == (ssize_t)io.iov_len;
}

static void next_gone(struct takeover *t)
{
	bool had_taken = t->has_taken;

	t->next = NULL;
	t->has_taken = false;
	if (had_taken)
		t->events.lost(t->events.arg);
}

/* A slot has one process: if it knocks again, the one before is gone. */
static int knocked(struct takeover *t)
{
	int fd = accept4(lws_get_socket_fd(t->offer), NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return 0;
	if (!is_own_user(fd)) {
		close(fd);
		return 0;
	}
	if (t->next) {
		lws_set_opaque_user_data(t->next, NULL);
		lws_set_timeout(t->next, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
		next_gone(t);
	}
	if (!give(t, fd)) {
		pl_log(WARN, "edge.takeover", NULL, "the sockets can't be given: %s",
		       strerror(errno));
		close(fd);
		return 0;
	}
	t->next = adopt(t, fd);
	return 0;
}

static int spoke(struct takeover *t)
{
	char text[LINE_MOST];
	ssize_t len = read(lws_get_socket_fd(t->next), text, sizeof(text));

	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (len == (ssize_t)sizeof(took) - 1 && memcmp(text, took, sizeof(took) - 1) == 0 &&
	    !t->has_taken) {
		t->has_taken = true;
		t->events.took(t->events.arg);
		return 0;
	}
	next_gone(t);
	return -1;
}

int takeover_readable(struct takeover *t, struct lws *wsi)
{
	return wsi == t->offer ? knocked(t) : wsi == t->next ? spoke(t) : -1;
}

void takeover_free(struct takeover *t)
{
	if (!t)
		return;
	if (t->offer)
		unlink(t->path);
	if (t->other_fd >= 0)
		close(t->other_fd);
	if (t->folder_fd >= 0)
		close(t->folder_fd);
	free(t);
}
