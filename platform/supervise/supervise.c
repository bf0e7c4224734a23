/*
 * supervise.c — the supervisor's loop: exits by pidfd, times that have come, heartbeats, logs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "platform/supervise/supervise.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform/supervise/impl.h"

static void defaults(struct supervisor_options *o)
{
#define DEFAULT(member, value) (o->member = o->member ? o->member : (value))
	DEFAULT(healthy_ms, 10000);
	DEFAULT(pause_ms, 100);
	DEFAULT(pause_most_ms, 10000);
	DEFAULT(crash_limit, 8);
	DEFAULT(crash_window_ms, 60000);
	DEFAULT(failed_ms, 30000);
	DEFAULT(stale_ms, 1000);
	DEFAULT(young_ms, 5000);
	DEFAULT(log_bytes, 10 << 20);
	DEFAULT(log_copies, 3);
#undef DEFAULT
}

static enum pl_err folder(const char *data, const char *name)
{
	enum pl_err err = PL_OK;
	char *path = NULL;

	if (asprintf(&path, "%s/%s", data, name) < 0)
		return PL_NOMEM;
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		err = pl_fail(PL_IO, "%s: %s", path, strerror(errno));
	free(path);
	return err;
}

enum pl_err supervisor_new(struct supervisor **supervisorp,
			   const struct supervisor_options *options)
{
	struct supervisor *s = calloc(1, sizeof(*s));
	enum pl_err err = PL_NOMEM;

	if (!s)
		return PL_NOMEM;
	s->epoll_fd = -1;
	s->options = *options;
	defaults(&s->options);
	s->data = strdup(options->data);
	if (!s->data)
		goto out;
	err = folder(s->data, "procs");
	if (!err)
		err = folder(s->data, "log");
	if (err)
		goto out;
	s->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (s->epoll_fd < 0)
		err = pl_fail(PL_IO, "epoll: %s", strerror(errno));
out:
	if (err)
		supervisor_free(s);
	else
		*supervisorp = s;
	return err;
}

void supervisor_free(struct supervisor *s)
{
	if (!s)
		return;
	while (s->first) {
		struct process *p = s->first;

		s->first = p->next;
		process_free(p);
	}
	if (s->epoll_fd >= 0)
		close(s->epoll_fd);
	free(s->data);
	free(s);
}

int supervisor_fd(const struct supervisor *s)
{
	return s->epoll_fd;
}

struct process *process_next(const struct supervisor *s, const struct process *p)
{
	return p ? p->next : s->first;
}

struct process *process_find(const struct supervisor *s, const char *name)
{
	for (struct process *p = s->first; p; p = p->next)
		if (strcmp(p->name, name) == 0)
			return p;
	return NULL;
}

/* The exit of a process whose pidfd is readable; only our own children have a status. */
static void take_exit(struct process *p)
{
	int status = 0;
	pid_t pid = p->is_adopted ? 0 : waitpid(p->pid, &status, WNOHANG);

	process_ended(p, status, pid == p->pid);
}

void supervisor_reap(struct supervisor *s)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (struct process *p = s->first; p; p = p->next)
			if (p->pid == pid) {
				process_ended(p, status, true);
				break;
			}
}

static void heartbeats(struct supervisor *s, int64_t now_ms)
{
	bool on_time = now_ms - s->beat_ms < 2 * BEAT_MS;

	s->beat_ms = now_ms;
	for (struct process *p = s->first; p; p = p->next)
		if (heartbeat_is_judged(p) && p->state == PROCESS_RUNNING &&
		    p->exit_text[0] == '\0' && !heartbeat_is_fresh(p, now_ms, on_time))
			process_signal(p, SIGKILL);
}

void supervisor_turn(struct supervisor *s)
{
	struct epoll_event events[32];
	int count = epoll_wait(s->epoll_fd, events, 32, 0);
	int64_t now_ms;

	for (int i = 0; i < count; i++)
		take_exit(events[i].data.ptr);
	now_ms = supervisor_now_ms();
	if (now_ms - s->beat_ms >= BEAT_MS)
		heartbeats(s, now_ms);
	if (now_ms - s->rotate_ms >= ROTATE_MS) {
		s->rotate_ms = now_ms;
		for (struct process *p = s->first; p; p = p->next)
			rotate(p);
	}
	for (struct process *p = s->first; p; p = p->next)
		if (p->due_ms && p->due_ms <= now_ms) {
			p->due_ms = 0;
			process_event(p, PROCESS_EV_DUE);
		}
}

int supervisor_wait_ms(const struct supervisor *s)
{
	int64_t now_ms = supervisor_now_ms(), wait_ms = 1000;

	for (const struct process *p = s->first; p; p = p->next) {
		if (p->due_ms && p->due_ms - now_ms < wait_ms)
			wait_ms = p->due_ms - now_ms;
		if (heartbeat_is_judged(p) && p->state == PROCESS_RUNNING &&
		    s->beat_ms + BEAT_MS - now_ms < wait_ms)
			wait_ms = s->beat_ms + BEAT_MS - now_ms;
	}
	return wait_ms > 0 ? (int)wait_ms : 0;
}
