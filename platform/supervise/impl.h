/*
 * impl.h — what the files of the supervisor share.
 *
 *   lock.c       instance locks          process.c    one process: its states and what they do
 *   spawn.c      fork and exec           supervise.c  the loop, the list, orphans
 *   heartbeat.c  is it stuck?            rotate.c     logs
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_SUPERVISE_IMPL_H
#define PELAGO_SUPERVISE_IMPL_H

#include "platform/supervise/lock.h"
#include "platform/supervise/supervise.h"

enum { CRASHES_KEPT = 64, BEAT_MS = 250, ROTATE_MS = 10000 };

enum process_event {
	PROCESS_EV_START, /* it is wanted */
	PROCESS_EV_DUE,	  /* its time has come: a pause or a deadline is over */
	PROCESS_EV_EXIT,  /* it ended, or couldn't be started */
	PROCESS_EV_STOP,  /* it isn't wanted any more */
	PROCESS_EV_RENEW, /* it is to be replaced by what the spec says now */
	PROCESS_EV_LET,	  /* it ends by itself, and isn't to come back */
	PROCESS_EVENT_COUNT
};

struct process_rule {
	enum process_state from;
	enum process_event event;
	bool (*guard)(const struct process *p);
	void (*action)(struct process *p);
	enum process_state to;
	const char *why;
};
extern const struct process_rule process_rules[];
extern const unsigned process_rules_count;

struct beat { /* what was seen of a heartbeat */
	int64_t value;
	int64_t changed_ms; /* when it was seen to change */
	int64_t cpu_ms;	    /* processor time used until then */
};

struct process {
	struct process *next;
	struct supervisor *supervisor;
	char *name, *tag;
	char **argv, **env;
	char *heartbeat;
	int64_t beats; /* told by the owner; 0: none */
	char *lock_path, *log_path;
	int stale_ms, stop_ms;
	bool keeps_log;

	enum process_state state;
	bool is_wanted, is_adopted;
	bool is_let;	/* nobody has asked it to end */
	int end_signal; /* of a renewal */
	pid_t pid;
	int pidfd;
	char running_tag[LOCK_TAG_MAX];
	int64_t started_ms;
	int64_t due_ms; /* 0: never */
	unsigned starts;
	unsigned streak; /* short runs in a row */
	unsigned crashes_len;
	int64_t crashes_ms[CRASHES_KEPT]; /* youngest last */
	struct beat beat;
	char exit_text[160];
	char why[256];
};

struct supervisor {
	struct supervisor_options options;
	char *data;
	int epoll_fd;
	struct process *first;
	int64_t beat_ms, rotate_ms; /* of the last round */
};

/* process.c */
void process_event(struct process *p, enum process_event event);
void process_ended(struct process *p, int status, bool status_known);
void process_free(struct process *p);

/*
 * spawn.c: takes the lock and starts the program; sets pid and pidfd. PL_STATE: another instance
 * lives. PL_NOTFOUND: no such program.
 */
enum pl_err spawn(struct process *p);

/* heartbeat.c: false once a running process is stuck, with the reason in p->exit_text */
bool heartbeat_is_judged(const struct process *p);
int heartbeat_stale_ms(const struct process *p);
bool heartbeat_is_fresh(struct process *p, int64_t now_ms, bool on_time);

/* rotate.c */
void rotate(const struct process *p);

#endif
