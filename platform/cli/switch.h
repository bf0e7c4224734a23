/*
 * switch.h — Pelago's own programs on this host go from one version to another, and back by
 * themselves (setup/programs.h has the files).
 *
 *   switch.c       wishes, trials, what becomes of them
 *   switch_edge.c  an edge takes over from another, beside it
 *   succeed.c      the root supervisor itself
 *
 * What shall run is written before it is done, so a root supervisor that comes after one that died
 * does what is left to do: it compares each program with what is written. A node's supervisor is
 * ended so that its services go on (SIGUSR2); the next one adopts them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_CLI_SWITCH_H
#define PELAGO_CLI_SWITCH_H

#include "platform/cli/root.h"
#include "platform/setup/programs.h"

enum {
	TRIAL_MS = 10000, /* well for that long, it stays; PELAGO_TRIAL_MS is another time */
	WELL_MS = 15000,  /* it has so long to become well */
	WISH_MS = 200,
};

struct program {
	struct program *next;
	char *name;
	struct process *process; /* NULL: the root supervisor itself */
	int64_t begun_ms;	 /* of its trial, or since it isn't well */
	int64_t well_ms;	 /* since when it is; 0: it isn't */
	char fallen[256];	 /* why it ended, or "" */
};

struct switches {
	struct setup *setup;
	struct supervisor *supervisor;
	struct parts *parts;
	json_t *programs; /* programs.json */
	bool is_dirty;	  /* it couldn't be written */
	struct program *first;
	int64_t looked_ms, trial_ms;
	/* switch_edge.c: of the program edge */
	struct process
		*other; /* in the other slot: the next one, or one whose connections go over */
	bool other_is_next;
	int slot;	  /* of the program's process */
	char *wants_root; /* version by which this process shall be replaced, or NULL */
};

/* switches_new makes all parts known, by what is written of them. PL_IO, PL_NOMEM. */
enum pl_err switches_new(struct switches **switchesp, struct parts *parts);
void switches_free(struct switches *switches);	/* takes NULL */
void switches_start(struct switches *switches); /* adopts or starts all of them */
void switches_adopt(struct switches *switches); /* adopts what lives, and starts nothing */
/* switches_note is told each change of a process. */
void switches_note(struct switches *switches, const struct process_view *view);
void switches_beat(struct switches *switches);
void switches_stop(struct switches *switches); /* all is stopped in order: trials are over */

/* switches_keep_root: this process couldn't be replaced, so it stays. */
void switches_keep_root(struct switches *switches, const char *why);

/* ---- among its files ---- */

/* What is written: the version that a program shall have. Borrowed. */
const char *program_version(const struct switches *switches, const char *name);
bool program_is_on_trial(const struct switches *switches, const char *name);
/* program_fail goes back to the version before, in what is written. */
void program_fail(struct switches *switches, struct program *program, const char *why);

/* switch_edge.c */
void edge_start(struct switches *switches, struct program *edge);
void edge_beat(struct switches *switches, struct program *edge);
/* edge_return: the new one is no good; who was there before goes on. */
void edge_return(struct switches *switches, struct program *edge);
bool edge_is_well(const struct switches *switches, const struct program *edge);

/*
 * succeed.c: root_succeed replaces this process by the root supervisor of another version, in place
 * (execve), so its children stay its own, and it keeps its pid and the folder's lock. Another
 * process of the present version looks on: if the new one ends, hangs or can't start while it is on
 * trial, it becomes the root supervisor. Returns only if it failed.
 */
enum pl_err root_succeed(struct switches *switches, const char *version, int lock_fd);

/*
 * succeed_begin is what `pelago up` does before anything else: goes on as the version that the
 * folder's link names (which doesn't return), or looks on as above until it is needed.
 *
 *   *lock_fdp  the folder's lock, if this process is to be the root supervisor at once; else -1
 *   *is_overp  it has looked on and wasn't needed
 */
enum pl_err succeed_begin(int *lock_fdp, bool *is_overp, const char *data);

#endif
