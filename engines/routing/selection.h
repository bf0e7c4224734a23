/*
 * selection.h — names of resource selections (RTG-1), as requests and routing services say them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SELECTION_H
#define SELECTION_H

#include <string.h>

#include "engines/assign/assign.h"

static const char *const selection_names[ASSIGN_SELECTION_COUNT] = {
	[ASSIGN_LONGEST_IDLE] = "longestIdle",
	[ASSIGN_LEAST_OCCUPIED] = "leastOccupied",
	[ASSIGN_BEST_PROFICIENCY] = "bestProficiency",
	[ASSIGN_RANK] = "rank",
};

/* selection_find sets *selectionp and returns true if there is one of that name. */
static inline bool selection_find(enum assign_selection *selectionp, const char *name)
{
	for (size_t i = 0; i < ASSIGN_SELECTION_COUNT; i++)
		if (strcmp(selection_names[i], name) == 0) {
			*selectionp = (enum assign_selection)i;
			return true;
		}
	return false;
}

#endif
