/*
 * age.h — tasks of a workflow that were drawn by another version of their operation.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DESIGNER_AGE_H
#define DESIGNER_AGE_H

#include <jansson.h>

#include "engines/bpmn/bpmn.h"

enum { AGE_TASKS_MAX = 500 };

/* age_problem says why a task can't be deployed; NULL: nothing. */
json_t *age_problem(const struct bpmn_element_info *info);
/* age_tasks lists the service tasks of a workflow, at most AGE_TASKS_MAX, those that aren't current
 * first: [{element, operation, version, newest, state}], version null where the file tells none. */
json_t *age_tasks(const struct bpmn_model *model);

#endif
