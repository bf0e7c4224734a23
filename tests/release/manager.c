/*
 * manager.c — a manager that stands still at each point of its upgrades. Wraps plan_advance.
 *
 * PELAGO_POINTS names a folder; without it this is an ordinary manager. At a point the manager
 * makes a file there, its name "STEP MOMENT", with its pid in it, and stops itself (SIGSTOP) until
 * somebody lets it go on, or kills it. A point whose file is there has been passed: so each comes
 * once, however often the manager is started.
 *
 *   doing     the effect was had, and isn't stored: who kills it now has killed it before
 *   did       it is stored: after
 *   done      what came of it was seen, and is stored
 *   undoing   the step is to be taken back, that is stored, and nothing was taken back yet
 *   undone    it was taken back, and that isn't stored
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engines/plan/plan.h"

bool __real_plan_advance(struct plan *plan, void *world, struct plan_clock clock);
bool __wrap_plan_advance(struct plan *plan, void *world, struct plan_clock clock);

static const struct {
	enum plan_step_state state;
	bool is_stored;
	const char *moment;
} moments[] = {
	{ STEP_VERIFYING, false, "doing" }, { STEP_VERIFYING, true, "did" },
	{ STEP_DONE, true, "done" },	    { STEP_UNDOING, true, "undoing" },
	{ STEP_UNDONE, false, "undone" },
};

static void stand_still(const char *folder, const char *step, const char *moment)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "%s/%s %s", folder, step, moment);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	dprintf(fd, "%d\n", (int)getpid());
	close(fd);
	raise(SIGSTOP);
}

static void points(const struct plan *plan, bool is_stored)
{
	const char *folder = getenv("PELAGO_POINTS");

	if (!folder || (strcmp(plan->kind, "upgrade") != 0 && strcmp(plan->kind, "finalize") != 0))
		return;
	for (unsigned i = 0; i < plan->steps_len; i++) {
		const struct plan_step *step = &plan->steps[i];

		for (size_t k = 0; k < sizeof(moments) / sizeof(moments[0]); k++)
			if (step->state == moments[k].state && is_stored == moments[k].is_stored &&
			    (is_stored || step->is_changed))
				stand_still(folder, step->id, moments[k].moment);
	}
}

bool __wrap_plan_advance(struct plan *plan, void *world, struct plan_clock clock)
{
	bool is_changed;

	points(plan, true);
	is_changed = __real_plan_advance(plan, world, clock);
	if (is_changed)
		points(plan, false);
	return is_changed;
}
