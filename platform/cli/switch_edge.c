/*
 * switch_edge.c — the next edge is started beside the one that runs, in the other of two slots
 * (processes edge and edge.2). It takes over by itself once it can serve
 * (platform/edge/takeover.h); its heartbeat tells. The one before then looks after its connections
 * and ends by itself; as long as it is there, it goes on at once if the next one falls.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pelago/log.h"
#include "platform/cli/switch.h"
#include "platform/supervise/lock.h"

static bool is_alive(const struct switches *s, int slot)
{
	char *path = setup_path(s->setup, "procs/edge%s.lock", slot ? ".2" : "");
	bool alive = path && lock_is_held(path);

	free(path);
	return alive;
}

/* Whether the edge of a slot accepts connections, as its heartbeat's second number says. */
static bool accepts(const struct switches *s, int slot)
{
	char *path = setup_path(s->setup, "procs/edge.heartbeat%s", slot ? ".2" : "");
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	int64_t words[2] = { 0 };
	ssize_t len = 0;

	free(path);
	if (fd >= 0) {
		len = pread(fd, words, sizeof(words), 0);
		close(fd);
	}
	return len == (ssize_t)sizeof(words) && words[1] == 1;
}

static enum pl_err put(struct switches *s, struct process **processp, int slot)
{
	return part_put(processp, s->parts, PROGRAM_EDGE, program_version(s, PROGRAM_EDGE), slot);
}

static struct process_view view_of(const struct process *process)
{
	struct process_view view;

	process_view_get(&view, process);
	return view;
}

/* The one in the other slot is the one that runs, from now on. */
static void change_places(struct switches *s, struct program *edge)
{
	struct process *process = edge->process;

	edge->process = s->other;
	s->other = process;
	s->slot = !s->slot;
	s->other_is_next = false;
}

void edge_start(struct switches *s, struct program *edge)
{
	enum pl_err err = PL_OK;

	if (is_alive(s, 1))
		err = put(s, &s->other, 1);
	if (err)
		pl_log(ERROR, "program.start", NULL, "edge: %s", pl_err_detail(err));
	if (!s->other || !process_adopt(s->other)) {
		process_start(edge->process); /* or adopts it */
		return;
	}
	if (!process_adopt(edge->process)) {
		change_places(s, edge);
		return;
	}
	/* Both live: the one that accepts connections is it, and the other comes, or goes. */
	if (accepts(s, 1) && !accepts(s, 0))
		change_places(s, edge);
	s->other_is_next =
		process_is_as_specified(s->other) && !process_is_as_specified(edge->process);
	if (!s->other_is_next)
		process_let(s->other);
}

static void start_next(struct switches *s)
{
	enum pl_err err = put(s, &s->other, !s->slot);

	if (err) {
		pl_log(ERROR, "program.start", NULL, "edge: %s", pl_err_detail(err));
		return;
	}
	s->other_is_next = true;
	process_start(s->other);
}

static bool drop_other(struct switches *s)
{
	if (process_remove(s->other) != PL_OK) {
		pl_err_clear();
		return false;
	}
	s->other = NULL;
	return true;
}

void edge_beat(struct switches *s, struct program *edge)
{
	bool is_as_wanted;

	if (put(s, &edge->process, s->slot) != PL_OK) {
		pl_err_clear(); /* it was told as it was wished for */
		return;
	}
	is_as_wanted = process_is_as_specified(edge->process);
	if (s->other && s->other_is_next) {
		struct process_view next = view_of(s->other);

		if (is_as_wanted) { /* it isn't wanted any more */
			s->other_is_next = false;
			process_stop(s->other);
		} else if (next.is_healthy && process_is_as_specified(s->other) &&
			   accepts(s, !s->slot)) {
			pl_log(INFO, "program.takeover", NULL, "edge pid=%d accepts connections",
			       (int)next.pid);
			change_places(s, edge);
			process_let(s->other);
		} else if (next.state == PROCESS_RUNNING && !process_is_as_specified(s->other)) {
			s->other_is_next = false; /* of a version that was wanted before */
			process_stop(s->other);
		}
		return;
	}
	if (s->other) {
		struct process_view before = view_of(s->other);

		if (before.state == PROCESS_OFF)
			drop_other(s);
		else if (!is_as_wanted && view_of(edge->process).pid)
			process_stop(s->other); /* its place is needed */
		return;
	}
	if (!is_as_wanted && view_of(edge->process).pid)
		start_next(s);
}

void edge_return(struct switches *s, struct program *edge)
{
	if (s->other && s->other_is_next) { /* it never took over */
		s->other_is_next = false;
		process_stop(s->other);
		process_signal(s->other, SIGKILL);
		return;
	}
	if (s->other && view_of(s->other).pid) { /* who was before it goes on */
		process_signal(edge->process, SIGKILL);
		change_places(s, edge);
		process_start(edge->process);
		process_stop(s->other);
		return;
	}
	if (put(s, &edge->process, s->slot) == PL_OK)
		process_renew(edge->process, SIGKILL);
}

bool edge_is_well(const struct switches *s, const struct program *edge)
{
	struct process_view view = view_of(edge->process);

	return !s->other_is_next && view.is_healthy && process_is_as_specified(edge->process) &&
	       accepts(s, s->slot);
}
