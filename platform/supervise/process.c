/*
 * process.c — one supervised process: its states are the table, what they do is below it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "platform/supervise/impl.h"

static bool crashes_too_often(const struct process *p);
static bool is_wanted(const struct process *p);
static bool is_let(const struct process *p);
static void launch(struct process *p);
static void relaunch(struct process *p);
static void pause_long(struct process *p);
static void pause_short(struct process *p);
static void terminate(struct process *p);
static void kill_now(struct process *p);
static void forget(struct process *p);
static void renew(struct process *p);
static void let(struct process *p);
static void keep(struct process *p);

#define R(from, event, guard, action, to, why)                                                     \
	{                                                                                          \
		PROCESS_##from, PROCESS_EV_##event, guard, action, PROCESS_##to, why               \
	}
/* clang-format off */
const struct process_rule process_rules[] = { /* first match wins */
	R(OFF,      START, NULL,              launch,      RUNNING,  "started"),
	R(RUNNING,  EXIT,  crashes_too_often, pause_long,  FAILED,   "crashes too often"),
	R(RUNNING,  EXIT,  NULL,              pause_short, WAITING,  "ended"),
	R(RUNNING,  STOP,  NULL,              terminate,   STOPPING, "asked to stop"),
	R(RUNNING,  RENEW, NULL,              renew,       STOPPING, "is replaced"),
	R(RUNNING,  LET,   NULL,              let,         STOPPING, "ends by itself"),
	R(WAITING,  DUE,   NULL,              relaunch,    RUNNING,  "started again"),
	R(WAITING,  STOP,  NULL,              forget,      OFF,      "stopped"),
	R(WAITING,  RENEW, NULL,              relaunch,    RUNNING,  "replaced"),
	R(FAILED,   DUE,   NULL,              relaunch,    RUNNING,  "tried again"),
	R(FAILED,   STOP,  NULL,              forget,      OFF,      "stopped"),
	R(FAILED,   RENEW, NULL,              relaunch,    RUNNING,  "replaced"),
	R(STOPPING, START, is_let,            keep,        RUNNING,  "stays after all"),
	R(STOPPING, STOP,  is_let,            terminate,   STOPPING, "asked to stop"),
	R(STOPPING, DUE,   NULL,              kill_now,    STOPPING, "killed: didn't stop in time"),
	R(STOPPING, EXIT,  is_wanted,         launch,      RUNNING,  "started"),
	R(STOPPING, EXIT,  NULL,              forget,      OFF,      "stopped"),
};
/* clang-format on */
#undef R
const unsigned process_rules_count = sizeof(process_rules) / sizeof(process_rules[0]);

static const char *const state_texts[] = {
#define PROCESS_STATE(name, text) text,
#include "platform/supervise/states.h"
#undef PROCESS_STATE
};

const char *process_state_text(enum process_state state)
{
	return (unsigned)state < PROCESS_STATE_COUNT ? state_texts[state] : "?";
}

int64_t supervisor_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* What happened last, in words: the rule's text and the detail */
static void note(struct process *p, const char *text, const char *detail)
{
	snprintf(p->why, sizeof(p->why), "%s%s%s", text, detail && *detail ? ": " : "",
		 detail ? detail : "");
}

static void changed(struct process *p)
{
	const struct supervisor_options *o = &p->supervisor->options;
	struct process_view view;

	if (!o->on_change)
		return;
	process_view_get(&view, p);
	o->on_change(&view, o->arg);
}

/* Counts an end that wasn't asked for, and goes on from there. */
static void fall(struct process *p)
{
	if (p->crashes_len == CRASHES_KEPT)
		memmove(p->crashes_ms, p->crashes_ms + 1,
			(--p->crashes_len) * sizeof(p->crashes_ms[0]));
	p->crashes_ms[p->crashes_len++] = supervisor_now_ms();
	p->streak++;
	process_event(p, PROCESS_EV_EXIT);
	p->exit_text[0] = '\0';
}

void process_event(struct process *p, enum process_event event)
{
	for (unsigned i = 0; i < process_rules_count; i++) {
		const struct process_rule *rule = &process_rules[i];

		if (rule->from != p->state || rule->event != event ||
		    (rule->guard && !rule->guard(p)))
			continue;
		p->state = rule->to;
		note(p, rule->why, event == PROCESS_EV_EXIT ? p->exit_text : NULL);
		rule->action(p);
		if (p->state == PROCESS_RUNNING && p->pidfd < 0)
			fall(p); /* the launch failed */
		else
			changed(p);
		return;
	}
}

/* ---- guards ---- */

static bool is_wanted(const struct process *p)
{
	return p->is_wanted;
}

static bool is_let(const struct process *p)
{
	return p->is_let;
}

static bool crashes_too_often(const struct process *p)
{
	const struct supervisor_options *o = &p->supervisor->options;
	int64_t since = supervisor_now_ms() - o->crash_window_ms;
	int count = 0;

	for (unsigned i = 0; i < p->crashes_len; i++)
		count += p->crashes_ms[i] > since;
	return count > o->crash_limit;
}

/* ---- actions ---- */

static void watch(struct process *p)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = p };

	epoll_ctl(p->supervisor->epoll_fd, EPOLL_CTL_ADD, p->pidfd, &event);
	p->due_ms = 0;
	memset(&p->beat, 0, sizeof(p->beat));
}

/* When a process started, on the monotonic clock, by the kernel's word; now if it can't be told. */
static int64_t kernel_started_ms(pid_t pid)
{
	unsigned long long ticks = 0;
	struct timespec mono, boot;
	char path[64], text[512], *after;
	size_t len = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "re");
	if (f) {
		len = fread(text, 1, sizeof(text) - 1, f);
		fclose(f);
	}
	text[len] = '\0';
	after = strrchr(text, ')');
	if (!after ||
	    sscanf(after + 1,
		   " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
		   &ticks) != 1)
		return supervisor_now_ms();
	clock_gettime(CLOCK_MONOTONIC, &mono);
	clock_gettime(CLOCK_BOOTTIME, &boot); /* what the ticks count on */
	return (int64_t)(ticks * 1000 / (unsigned long long)sysconf(_SC_CLK_TCK)) +
	       (mono.tv_sec - boot.tv_sec) * 1000;
}

static enum pl_err adopt(struct process *p)
{
	struct lock_holder holder;
	enum pl_err err = lock_holder_get(&holder, p->lock_path);

	if (err)
		return err;
	p->pid = holder.pid;
	p->pidfd = holder.pidfd;
	memcpy(p->running_tag, holder.tag, sizeof(p->running_tag));
	p->is_adopted = true;
	p->started_ms = kernel_started_ms(p->pid);
	watch(p);
	return PL_OK;
}

/* Leaves pidfd at -1, with the reason in exit_text, if there is no process now. */
static void launch(struct process *p)
{
	enum pl_err err = adopt(p);

	if (!err) {
		note(p, "adopted", NULL);
		return;
	}
	if (err == PL_NOTFOUND)
		err = spawn(p);
	if (err) {
		snprintf(p->exit_text, sizeof(p->exit_text), "not started: %s", pl_err_detail(err));
		return;
	}
	p->is_adopted = false;
	p->started_ms = supervisor_now_ms();
	snprintf(p->running_tag, sizeof(p->running_tag), "%s", p->tag);
	p->starts++;
	watch(p);
}

static void relaunch(struct process *p)
{
	launch(p);
}

static void pause_long(struct process *p)
{
	p->due_ms = supervisor_now_ms() + p->supervisor->options.failed_ms;
}

static void pause_short(struct process *p)
{
	const struct supervisor_options *o = &p->supervisor->options;
	int64_t pause = 0;

	if (p->streak > 1)
		pause = p->streak - 2 < 16 ? (int64_t)o->pause_ms << (p->streak - 2)
					   : o->pause_most_ms;
	if (pause > o->pause_most_ms)
		pause = o->pause_most_ms;
	p->due_ms = supervisor_now_ms() + pause;
	if (p->due_ms == 0)
		p->due_ms = 1;
}

static void terminate(struct process *p)
{
	p->is_let = false;
	process_signal(p, SIGTERM);
	p->due_ms = supervisor_now_ms() + p->stop_ms;
}

static void kill_now(struct process *p)
{
	process_signal(p, SIGKILL);
	p->due_ms = 0;
}

static void renew(struct process *p)
{
	p->is_let = false;
	process_signal(p, p->end_signal);
	p->due_ms = supervisor_now_ms() + p->stop_ms;
}

static void let(struct process *p)
{
	p->is_let = true;
	p->due_ms = 0;
}

static void keep(struct process *p)
{
	p->is_let = false;
}

static void forget(struct process *p)
{
	p->is_let = false;
	p->due_ms = 0;
	p->streak = 0;
	p->crashes_len = 0;
}

/* ---- called by the loop and by the owner ---- */

void process_ended(struct process *p, int status, bool status_known)
{
	bool was_judged = p->state == PROCESS_RUNNING;

	if (p->exit_text[0] == '\0' && !status_known)
		snprintf(p->exit_text, sizeof(p->exit_text), "pid %d is gone", (int)p->pid);
	else if (p->exit_text[0] == '\0' && WIFSIGNALED(status))
		snprintf(p->exit_text, sizeof(p->exit_text), "pid %d was ended by signal %d (%s)",
			 (int)p->pid, WTERMSIG(status), strsignal(WTERMSIG(status)));
	else if (p->exit_text[0] == '\0')
		snprintf(p->exit_text, sizeof(p->exit_text), "pid %d exited with status %d",
			 (int)p->pid, WEXITSTATUS(status));
	if (was_judged &&
	    supervisor_now_ms() - p->started_ms >= p->supervisor->options.healthy_ms) {
		p->streak = 0;
		p->crashes_len = 0;
	}
	/* Closed, it would stay in the set while a child that is being started has it, too. */
	epoll_ctl(p->supervisor->epoll_fd, EPOLL_CTL_DEL, p->pidfd, NULL);
	close(p->pidfd);
	p->pidfd = -1;
	p->pid = 0;
	p->running_tag[0] = '\0';
	if (was_judged) {
		fall(p);
		return;
	}
	process_event(p, PROCESS_EV_EXIT);
	p->exit_text[0] = '\0';
}

void process_start(struct process *p)
{
	p->is_wanted = true;
	process_event(p, PROCESS_EV_START);
}

bool process_adopt(struct process *p)
{
	enum pl_err err = p->state == PROCESS_OFF ? adopt(p) : PL_STATE;

	for (int i = 0; err == PL_AGAIN && i < 100; i++) {
		usleep(1000); /* it starts or ends just now */
		err = adopt(p);
	}
	if (err)
		return false;
	p->is_wanted = true;
	p->state = PROCESS_RUNNING;
	note(p, "adopted", NULL);
	changed(p);
	return true;
}

void process_stop(struct process *p)
{
	p->is_wanted = false;
	process_event(p, PROCESS_EV_STOP);
}

void process_renew(struct process *p, int signal_number)
{
	p->is_wanted = true;
	p->end_signal = signal_number;
	p->streak = 0;
	p->crashes_len = 0;
	process_event(p, p->state == PROCESS_OFF ? PROCESS_EV_START : PROCESS_EV_RENEW);
}

void process_let(struct process *p)
{
	p->is_wanted = false;
	process_event(p, PROCESS_EV_LET);
}

enum pl_err process_signal(const struct process *p, int signal_number)
{
	if (p->pidfd < 0)
		return PL_NOTFOUND;
	return syscall(SYS_pidfd_send_signal, p->pidfd, signal_number, NULL, 0) == 0 ? PL_OK
										     : PL_NOTFOUND;
}

void process_beat(struct process *p)
{
	p->beats++;
}

void process_unbeat(struct process *p)
{
	p->beats = 0;
}

bool process_is_as_specified(const struct process *p)
{
	return p->pid && strcmp(p->running_tag, p->tag) == 0;
}

void process_view_get(struct process_view *view, const struct process *p)
{
	memset(view, 0, sizeof(*view));
	view->process = p;
	view->name = p->name;
	view->tag = p->running_tag[0] ? p->running_tag : p->tag;
	view->state = p->state;
	view->pid = p->pid;
	view->adopted = p->is_adopted;
	view->restarts = p->starts > 1 ? p->starts - 1 : 0;
	view->uptime_ms = p->pid ? supervisor_now_ms() - p->started_ms : 0;
	view->is_healthy = p->state == PROCESS_RUNNING && p->pid &&
			   (!heartbeat_is_judged(p) ||
			    (p->beat.changed_ms &&
			     supervisor_now_ms() - p->beat.changed_ms < heartbeat_stale_ms(p)));
	view->why = p->why;
}

/* ---- making and freeing ---- */

static void list_free(char **list)
{
	for (size_t i = 0; list && list[i]; i++)
		free(list[i]);
	free(list);
}

static char **list_copy(const char *const *list)
{
	size_t len = 0;
	char **copy;

	while (list && list[len])
		len++;
	copy = calloc(len + 1, sizeof(*copy));
	for (size_t i = 0; copy && i < len; i++) {
		copy[i] = strdup(list[i]);
		if (!copy[i]) {
			list_free(copy);
			return NULL;
		}
	}
	return copy;
}

void process_free(struct process *p)
{
	if (!p)
		return;
	if (p->pidfd >= 0)
		close(p->pidfd);
	list_free(p->argv);
	list_free(p->env);
	free(p->heartbeat);
	free(p->lock_path);
	free(p->log_path);
	free(p->tag);
	free(p->name);
	free(p);
}

enum pl_err process_respec(struct process *p, const struct process_spec *spec)
{
	char *tag = strdup(spec->tag ? spec->tag : "");
	char *heartbeat = spec->heartbeat ? strdup(spec->heartbeat) : NULL;
	char **argv = list_copy(spec->argv), **env = list_copy(spec->env);

	if (!tag || !argv || !env || (spec->heartbeat && !heartbeat)) {
		free(tag);
		free(heartbeat);
		list_free(argv);
		list_free(env);
		return PL_NOMEM;
	}
	free(p->tag);
	free(p->heartbeat);
	list_free(p->argv);
	list_free(p->env);
	p->tag = tag;
	p->heartbeat = heartbeat;
	p->argv = argv;
	p->env = env;
	p->stale_ms = spec->stale_ms;
	p->stop_ms = spec->stop_ms;
	p->keeps_log = spec->keeps_log;
	return PL_OK;
}

static bool name_is_good(const char *name)
{
	return *name && *name != '.' &&
	       name[strspn(name,
			   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")] ==
		       '\0';
}

enum pl_err process_add(struct process **processp, struct supervisor *s,
			const struct process_spec *spec)
{
	struct process **last = &s->first, *p;
	enum pl_err err = PL_NOMEM;

	if (!name_is_good(spec->name))
		return pl_fail(PL_INVALID, "'%s' can't name a process", spec->name);
	if (process_find(s, spec->name))
		return pl_fail(PL_STATE, "process %s is known already", spec->name);
	p = calloc(1, sizeof(*p));
	if (!p)
		return PL_NOMEM;
	p->supervisor = s;
	p->pidfd = -1;
	p->name = strdup(spec->name);
	if (!p->name || asprintf(&p->lock_path, "%s/procs/%s.lock", s->data, p->name) < 0 ||
	    asprintf(&p->log_path, "%s/log/%s.log", s->data, p->name) < 0)
		goto out;
	err = process_respec(p, spec);
	if (err)
		goto out;
	while (*last)
		last = &(*last)->next;
	*last = p;
out:
	if (err)
		process_free(p);
	else
		*processp = p;
	return err;
}

enum pl_err process_remove(struct process *p)
{
	struct process **at = &p->supervisor->first;

	if (p->state != PROCESS_OFF)
		return pl_fail(PL_STATE, "process %s isn't stopped", p->name);
	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	process_free(p);
	return PL_OK;
}
