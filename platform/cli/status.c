/*
 * status.c — how an instance is: by its locks, its manager and its edge.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "pelago/json.h"
#include "pelago/version.h"
#include "platform/cli/cli.h"
#include "platform/setup/file.h"
#include "platform/supervise/lock.h"

enum { ASK_MS = 1000, HTTP_MS = 1000 };

static void miss(struct cli_status *status, const char *text)
{
	json_array_append_new(status->missing, json_string(text));
}

/* GET on the loopback port; the status of the answer, 0 if there was none. */
static int http_status(int port, const char *path)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	struct timeval limit = { HTTP_MS / 1000, (HTTP_MS % 1000) * 1000 };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), code = 0;
	char text[256];
	ssize_t len;

	if (fd < 0)
		return 0;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	snprintf(text, sizeof(text),
		 "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\n\r\n", path, port);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
	    send(fd, text, strlen(text), MSG_NOSIGNAL) > 0) {
		len = recv(fd, text, sizeof(text) - 1, MSG_WAITALL);
		text[len > 0 ? len : 0] = '\0';
		if (sscanf(text, "HTTP/1.%*d %d", &code) != 1)
			code = 0;
	}
	close(fd);
	return code;
}

static int is_lock(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return len > 5 && strcmp(entry->d_name + len - 5, ".lock") == 0;
}

/* A tag begins with a version, but that of a program that isn't ours. */
static int version_len(const char *tag)
{
	return *tag >= '0' && *tag <= '9' ? (int)strcspn(tag, ",") : 0;
}

static void list_processes(struct cli_status *status, const struct setup *setup)
{
	char *folder = setup_path(setup, "procs");
	struct dirent **names = NULL;
	struct lock_holder holder;
	int count = folder ? scandir(folder, &names, is_lock, alphasort) : 0;

	for (int i = 0; i < count; i++) {
		char *path = setup_path(setup, "procs/%s", names[i]->d_name);

		if (path && lock_holder_get(&holder, path) == PL_OK) {
			close(holder.pidfd);
			json_array_append_new(status->processes,
					      json_pack("{s:s#,s:i,s:s#}", "name", names[i]->d_name,
							(int)strlen(names[i]->d_name) - 5, "pid",
							(int)holder.pid, "version", holder.tag,
							version_len(holder.tag)));
		}
		free(path);
		free(names[i]);
	}
	free(names);
	free(folder);
	status->is_alive = json_array_size(status->processes) > 0;
}

static void ask_manager(struct cli_status *status, struct cli *cli)
{
	const char *node = cli->setup->node;
	json_t *reply = NULL, *items, *item;
	enum pl_err err = node ? cli_ask(&reply, cli, "Manager.member",
					 json_pack("{s:s}", "node", node), ASK_MS)
			       : cli_ask(&reply, cli, "Manager.status", json_object(), ASK_MS);
	size_t i;

	if (err) {
		miss(status, pl_err_detail(err));
		return;
	}
	items = json_object_get(reply, "missing");
	json_array_foreach(items, i, item) {
		json_array_append(status->missing, item);
	}
	if (!json_is_true(json_object_get(reply, "ready")) && json_array_size(items) == 0)
		miss(status, "the manager isn't ready");
	json_decref(reply);
}

enum pl_err cli_status_get(struct cli_status *status, struct cli *cli)
{
	char *path, text[160];
	struct lock_holder holder;
	int code;

	memset(status, 0, sizeof(*status));
	status->missing = json_array();
	status->processes = json_array();
	path = setup_path(cli->setup, "lock");
	if (!status->missing || !status->processes || !path) {
		free(path);
		return PL_NOMEM;
	}
	if (lock_holder_get(&holder, path) == PL_OK) {
		status->root_pid = holder.pid;
		snprintf(status->root_version, sizeof(status->root_version), "%s", holder.tag);
		close(holder.pidfd);
	}
	free(path);
	list_processes(status, cli->setup);
	if (!status->root_pid) {
		miss(status, status->is_alive
				     ? "the root supervisor has ended; run 'pelago up' again"
				     : "nothing of it runs");
		return PL_OK;
	}
	ask_manager(status, cli);
	code = cli->setup->has_edge ? http_status(cli->setup->http_port, "/readyz") : 200;
	if (code != 200) {
		snprintf(text, sizeof(text),
			 code ? "edge: /readyz answers %d on port %d"
			      : "edge: no answer%.0d on port %d",
			 code, cli->setup->http_port);
		miss(status, text);
	}
	status->is_ready = json_array_size(status->missing) == 0;
	return PL_OK;
}

void cli_status_fini(struct cli_status *status)
{
	json_decref(status->missing);
	json_decref(status->processes);
}

static void print_users(const struct cli *cli)
{
	char *path = setup_path(cli->setup, "demo-users.json");
	json_t *users = NULL, *password;
	const char *name;

	if (path && file_read_json(&users, path) == PL_OK) {
		printf("\n  Demo users (all in %s):\n", path);
		json_object_foreach(users, name, password) {
			if (strncmp(name, "agent", 5) != 0 || strcmp(name, "agent1") == 0 ||
			    strcmp(name, "agent2") == 0)
				printf("    %-11s %s\n", name, json_string_value(password));
		}
	}
	json_decref(users);
	free(path);
}

/* That of the root supervisor, which may be another one than this command's. */
static void root_version(char version[LOCK_TAG_MAX], const struct setup *setup)
{
	char *path = setup_path(setup, "lock");
	struct lock_holder holder;

	snprintf(version, LOCK_TAG_MAX, "%s", pl_version);
	if (path && lock_holder_get(&holder, path) == PL_OK) {
		close(holder.pidfd);
		if (*holder.tag)
			snprintf(version, LOCK_TAG_MAX, "%s", holder.tag);
	}
	free(path);
}

void cli_print_addresses(const struct cli *cli)
{
	const struct setup *s = cli->setup;

	char version[LOCK_TAG_MAX];

	root_version(version, s);
	printf("Pelago %s is ready; its data is in %s\n\n", version, s->data);
	if (s->node)
		printf("  node %s of the solution whose bus is %s\n", s->node, s->bus_url);
	if (!s->has_edge)
		return;
	printf("  http://127.0.0.1:%d/   (this machine only)\n", s->http_port);
	printf("  https://%s:%d/  (authority: %s/tls/ca.pem)\n",
	       s->listen ? s->listen : "localhost", s->https_port, s->data);
	printf("  /workspaces/ for agents, /manager/ for administrators%s\n",
	       s->is_demo ? ", /demo/ a shop with the chat" : "");
	if (s->is_demo)
		print_users(cli);
}
