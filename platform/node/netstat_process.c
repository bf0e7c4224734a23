/*
 * netstat_process.c — see netstat.h: processes, and their TCP connections by sock_diag(7).
 *
 * A connection belongs to the process that has its inode among its open files.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <uthash.h>

#include "netstat.h"
#include "pelago/json.h"
#include "proc.h"

enum { ARGUMENTS_MAX = 8192, ANSWER_MAX = 32768, ESTABLISHED = 1 };

struct group { /* processes of one name */
	char name[65];
	int count;
	int64_t cpu_ms, memory_bytes, connections, retransmits, round_trip_us, most_us;
	struct group *next;
};

struct owner { /* of a socket */
	unsigned long inode;
	struct group *group;
	UT_hash_handle hh;
};

struct look {
	struct group *groups;
	struct owner *owners;
};

/* ---- processes ---- */

static size_t read_arguments(char text[ARGUMENTS_MAX], const char *pid)
{
	char path[64];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "/proc/%.20s/cmdline", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	len = fd < 0 ? 0 : read(fd, text, ARGUMENTS_MAX - 1);
	if (fd >= 0)
		close(fd);
	text[len > 0 ? len : 0] = '\0';
	return len > 0 ? (size_t)len : 0;
}

/* Whether the folder, or something in it, is among the arguments. */
static bool is_ours(const char *text, size_t len, const char *data)
{
	size_t data_len = strlen(data);

	for (const char *at = text; at < text + len; at += strlen(at) + 1)
		if (strncmp(at, data, data_len) == 0 &&
		    (at[data_len] == '\0' || at[data_len] == '/'))
			return true;
	return false;
}

static struct group *group_of(struct look *look, const char *program)
{
	const char *slash = strrchr(program, '/'), *name = slash ? slash + 1 : program;
	struct group *g = look->groups;

	while (g && strncmp(g->name, name, sizeof(g->name) - 1) != 0)
		g = g->next;
	if (g)
		return g;
	g = calloc(1, sizeof(*g));
	if (!g)
		return NULL;
	snprintf(g->name, sizeof(g->name), "%s", name);
	g->next = look->groups;
	look->groups = g;
	return g;
}

static void add_owner(struct look *look, unsigned long inode, struct group *group)
{
	struct owner *owner = NULL;

	HASH_FIND(hh, look->owners, &inode, sizeof(inode), owner);
	if (owner || !(owner = calloc(1, sizeof(*owner))))
		return; /* the first that has it */
	owner->inode = inode;
	owner->group = group;
	HASH_ADD(hh, look->owners, inode, sizeof(owner->inode), owner);
}

static void add_sockets(struct look *look, const char *pid, struct group *group)
{
	char path[64], target[64];
	struct dirent *entry;
	unsigned long inode;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%.20s/fd", pid);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		ssize_t len = readlinkat(dirfd(dir), entry->d_name, target, sizeof(target) - 1);

		target[len > 0 ? len : 0] = '\0';
		if (sscanf(target, "socket:[%lu]", &inode) == 1)
			add_owner(look, inode, group);
	}
	if (dir)
		closedir(dir);
}

static void add_process(struct look *look, const char *pid, const char *data)
{
	char arguments[ARGUMENTS_MAX];
	size_t len = read_arguments(arguments, pid);
	pid_t number = (pid_t)strtol(pid, NULL, 10);
	struct group *group;

	if (!is_ours(arguments, len, data))
		return;
	group = group_of(look, arguments);
	if (!group)
		return;
	group->count++;
	group->cpu_ms += proc_cpu_ms(number);
	group->memory_bytes += proc_memory_bytes(number);
	add_sockets(look, pid, group);
}

static enum pl_err look_at_processes(struct look *look, const char *data)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;

	if (!dir)
		return pl_fail(PL_IO, "/proc: %s", strerror(errno));
	while ((entry = readdir(dir)))
		if (isdigit((unsigned char)entry->d_name[0]))
			add_process(look, entry->d_name, data);
	closedir(dir);
	return PL_OK;
}

/* ---- connections ---- */

static enum pl_err ask(int fd, int family)
{
	struct {
		struct nlmsghdr head;
		struct inet_diag_req_v2 body;
	} request = { .head = { .nlmsg_len = sizeof(request),
				.nlmsg_type = SOCK_DIAG_BY_FAMILY,
				.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
		      .body = { .sdiag_family = (unsigned char)family,
				.sdiag_protocol = IPPROTO_TCP,
				.idiag_ext = 1 << (INET_DIAG_INFO - 1),
				.idiag_states = 1 << ESTABLISHED } };

	if (send(fd, &request, sizeof(request), 0) == (ssize_t)sizeof(request))
		return PL_OK;
	return pl_fail(PL_IO, "sock_diag: %s", strerror(errno));
}

/* An older kernel's tcp_info is shorter: what it lacks is 0. */
static void add_connection(struct look *look, const struct nlmsghdr *head)
{
	const struct inet_diag_msg *m = NLMSG_DATA(head);
	size_t left = head->nlmsg_len - NLMSG_LENGTH(sizeof(*m));
	const struct nlattr *a = (const struct nlattr *)(const void *)(m + 1);
	unsigned long inode = m->idiag_inode;
	struct tcp_info info = { 0 };
	struct owner *owner = NULL;

	HASH_FIND(hh, look->owners, &inode, sizeof(inode), owner);
	if (!owner)
		return;
	while (left >= sizeof(*a) && a->nla_len >= sizeof(*a) && a->nla_len <= left) {
		size_t step = NLA_ALIGN(a->nla_len), len = a->nla_len - sizeof(*a);

		if (a->nla_type == INET_DIAG_INFO)
			memcpy(&info, a + 1, len < sizeof(info) ? len : sizeof(info));
		left -= step < left ? step : left;
		a = (const struct nlattr *)(const void *)((const char *)a + step);
	}
	owner->group->connections++;
	owner->group->retransmits += info.tcpi_total_retrans;
	owner->group->round_trip_us += info.tcpi_rtt;
	if (info.tcpi_rtt > owner->group->most_us)
		owner->group->most_us = info.tcpi_rtt;
}

/* *endp: the last of it was there. */
static enum pl_err take(struct look *look, bool *endp, const char *bytes, size_t len)
{
	const struct nlmsghdr *head = (const struct nlmsghdr *)(const void *)bytes;

	for (; NLMSG_OK(head, len); head = NLMSG_NEXT(head, len)) {
		if (head->nlmsg_type == NLMSG_DONE)
			*endp = true;
		else if (head->nlmsg_type == NLMSG_ERROR)
			return pl_fail(PL_IO, "sock_diag isn't answered by this kernel");
		else if (head->nlmsg_type == SOCK_DIAG_BY_FAMILY &&
			 head->nlmsg_len >= NLMSG_LENGTH(sizeof(struct inet_diag_msg)))
			add_connection(look, head);
	}
	return PL_OK;
}

static enum pl_err look_at_family(struct look *look, int fd, int family)
{
	_Alignas(struct nlmsghdr) char bytes[ANSWER_MAX];
	enum pl_err err = ask(fd, family);
	bool is_end = false;

	while (!err && !is_end) {
		ssize_t len = recv(fd, bytes, sizeof(bytes), 0);

		if (len <= 0)
			err = pl_fail(PL_IO, "sock_diag: %s", strerror(errno));
		else
			err = take(look, &is_end, bytes, (size_t)len);
	}
	return err;
}

static enum pl_err look_at_connections(struct look *look)
{
	const struct timeval patience = { .tv_usec = 200000 };
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	enum pl_err err;

	if (fd < 0)
		return pl_fail(PL_IO, "sock_diag: %s", strerror(errno));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	err = look_at_family(look, fd, AF_INET);
	if (!err)
		err = look_at_family(look, fd, AF_INET6);
	close(fd);
	return err;
}

/* ---- all of it ---- */

static json_t *view(const struct group *g)
{
	return json_pack("{s:s, s:i, s:I, s:I, s:I, s:I, s:o, s:I}", "name", g->name, "count",
			 g->count, "cpuMs", (json_int_t)g->cpu_ms, "memoryBytes",
			 (json_int_t)g->memory_bytes, "connections", (json_int_t)g->connections,
			 "retransmits", (json_int_t)g->retransmits, "roundTripUs",
			 g->connections ? json_integer(g->round_trip_us / g->connections)
					: json_null(),
			 "roundTripMostUs", (json_int_t)g->most_us);
}

static void look_fini(struct look *look)
{
	struct owner *owner, *next;

	HASH_ITER(hh, look->owners, owner, next) {
		HASH_DEL(look->owners, owner);
		free(owner);
	}
	while (look->groups) {
		struct group *g = look->groups;

		look->groups = g->next;
		free(g);
	}
}

enum pl_err netstat_processes(json_t **listp, const char *data)
{
	struct look look = { 0 };
	json_t *list = json_array();
	enum pl_err err = list ? look_at_processes(&look, data) : PL_NOMEM;

	if (!err)
		err = look_at_connections(&look);
	for (const struct group *g = look.groups; !err && g; g = g->next)
		json_array_append_new(list, view(g));
	look_fini(&look);
	if (err)
		json_decref(list);
	else
		*listp = list;
	return err;
}
