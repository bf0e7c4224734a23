/*
 * supervise.h — keeps processes alive: starts, adopts, restarts, judges and stops them.
 *
 * Used by the root supervisor (`pelago up`) and by each node. A process of a name exists at most
 * once in a data folder: its instance lock decides (lock.h). A supervisor that comes after one that
 * died adopts what lives. An exit is noticed by pidfd. The first restart after a healthy run is
 * immediate; then follows exponential back-off; too many crashes in a window make it Failed, tried
 * again each 30 s.
 *
 * What it does not do: decide what should run, log, or talk to the bus.
 *
 * One thread. The owner's loop polls supervisor_fd for at most supervisor_wait_ms and calls
 * supervisor_turn. Nothing here blocks, but for the files of the data folder.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_SUPERVISE_H
#define PELAGO_SUPERVISE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "pelago/err.h"

struct supervisor; /* opaque */
struct process;	   /* opaque */

enum process_state {
#define PROCESS_STATE(name, text) PROCESS_##name,
#include "platform/supervise/states.h"
#undef PROCESS_STATE
	PROCESS_STATE_COUNT
};
/* process_state_text returns "Running", "Failed", … */
const char *process_state_text(enum process_state state);

/* What is to run; all of it is copied. */
struct process_spec {
	const char *name;	 /* procs/NAME.lock, log/NAME.log */
	const char *tag;	 /* its version: one word, kept in the lock file */
	const char *const *argv; /* argv[0] is a path; ends with NULL */
	const char *const
		*env;	       /* NAME=VALUE beside the supervisor's own; ends with NULL; or NULL */
	const char *heartbeat; /* file whose first 64 bits change at least each 300 ms, or NULL:
				  none, or process_beat */
	int stale_ms;	       /* heartbeat unchanged for that long: stuck; 0: the supervisor's */
	int stop_ms;	       /* from SIGTERM to SIGKILL */
	bool keeps_log;	       /* rotates log/NAME.log itself: only its old copies are removed */
};

/* What is known of a process. Texts are borrowed until the next call. */
struct process_view {
	const struct process *process;
	const char *name;
	const char *tag; /* of the running process, else of the spec */
	enum process_state state;
	pid_t pid; /* 0 if there is none */
	bool adopted;
	unsigned restarts; /* starts beyond the first, by this supervisor */
	int64_t uptime_ms; /* 0 if there is none */
	bool is_healthy;   /* running, and its heartbeat (if any) is fresh */
	const char *why;   /* the last change */
};

typedef void process_changed_fn(const struct process_view *view, void *arg);

struct supervisor_options {
	const char *data; /* folder with procs/ and log/, which are made if absent; copied */
	process_changed_fn
		*on_change; /* at each change of state; may not add or remove processes; or NULL */
	void *arg;
	/* Zero takes the default. */
	int healthy_ms;	     /* 10000: a run that long is healthy */
	int pause_ms;	     /* 100: first back-off; doubles */
	int pause_most_ms;   /* 10000 */
	int crash_limit;     /* 8: more crashes than that … */
	int crash_window_ms; /* 60000: … within this make it Failed */
	int failed_ms;	     /* 30000: between tries of a Failed one */
	int stale_ms;	     /* 1000: heartbeat unchanged for that long */
	int young_ms;	     /* 5000: age below which heartbeats aren't judged */
	int64_t log_bytes;   /* 10 MiB: a log larger than that is rotated */
	int log_copies;	     /* 3 */
};

/* supervisor_new makes it; the caller owns *supervisorp. Returns PL_IO, PL_NOMEM. */
enum pl_err supervisor_new(struct supervisor **supervisorp,
			   const struct supervisor_options *options);

/* supervisor_free forgets its processes and leaves them running. Takes NULL. */
void supervisor_free(struct supervisor *supervisor);

int supervisor_fd(const struct supervisor *supervisor);
int supervisor_wait_ms(const struct supervisor *supervisor);
void supervisor_turn(struct supervisor *supervisor);

/* supervisor_reap takes the exits of strangers whose parent died (a subreaper gets those). After
 * SIGCHLD. */
void supervisor_reap(struct supervisor *supervisor);

/*
 * process_add makes a process known, not running. *processp is owned by the supervisor, valid until
 * process_remove. Returns PL_INVALID for a name that isn't [A-Za-z0-9._-]+, PL_STATE for a name it
 * has, PL_NOMEM.
 */
enum pl_err process_add(struct process **processp, struct supervisor *supervisor,
			const struct process_spec *spec);
/* process_respec replaces the spec (the name stays); in effect from the next start. */
enum pl_err process_respec(struct process *process, const struct process_spec *spec);
/* process_remove forgets it; only of one that is Off (else PL_STATE). */
enum pl_err process_remove(struct process *process);

/* process_start adopts a living instance or starts one, and keeps it alive from now on. */
void process_start(struct process *process);
/* process_adopt takes a living instance and starts none; true if there was one. */
bool process_adopt(struct process *process);
/* process_stop ends it and keeps it ended: SIGTERM, and SIGKILL after stop_ms. Off when it is done.
 */
void process_stop(struct process *process);
/* process_renew ends it by a signal (SIGKILL after stop_ms) and starts it by the spec of then. */
void process_renew(struct process *process, int signal);
/* process_let tells that it will end by itself, and isn't to be started again; process_start before
 * then keeps it after all. */
void process_let(struct process *process);
/* process_signal sends a signal; PL_NOTFOUND if it isn't running. */
enum pl_err process_signal(const struct process *process, int signal);

/*
 * process_beat is a heartbeat that the owner tells, of a process without a file: from the first one
 * on it is judged. process_unbeat: not any more.
 */
void process_beat(struct process *process);
void process_unbeat(struct process *process);

/* process_is_as_specified: it runs, with the tag of its spec. */
bool process_is_as_specified(const struct process *process);
void process_view_get(struct process_view *view, const struct process *process);
struct process *process_find(const struct supervisor *supervisor, const char *name);
struct process *process_next(const struct supervisor *supervisor, const struct process *process);

/*
 * log_rotate renames path to path.1, path.1 to path.2 and so on, if it has more than `most` bytes;
 * true if it did. Its writer must then open it anew.
 */
bool log_rotate(const char *path, int64_t most, int copies);

/* supervisor_now_ms returns milliseconds of the monotonic clock. */
int64_t supervisor_now_ms(void);

#endif
