/*
 * solution.h — what the files of SolutionConfiguration share.
 *
 *   gather.c  asks the manager for all attributes that have an area
 *   area.c    lists them by area: one that several services have under the same name is one here
 *   set.c     sets it for all of these services at once
 *   file.c    export and import
 *
 * The manager keeps the values, on the level `solution`; nothing is kept here. A value that is set
 * for a service directly wins, and is shown as set outside.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SOLUTION_SOLUTION_H
#define SOLUTION_SOLUTION_H

#include "pelago/service.h"

/*
 * gather asks for all attributes with an area and then calls `then` with {"items":[as the manager
 * shows them], "version", "request"}, or answers the request with what went wrong.
 *   request  the one that is answered; copied
 */
typedef void gather_fn(struct pl_turn *turn, struct pl_held *held, const json_t *gathered);
enum gather_for { GATHER_LIST, GATHER_SET };
void gather(struct pl_turn *turn, const json_t *request, enum gather_for what);
gather_fn area_list, set_run;

/* A request of ours to the manager in the name of who asks; body and query: give, NULL is none. */
json_t *manager_request(const json_t *request, json_t *query, json_t *body);
/* The manager's answer, or its refusal, as it is. */
pl_answer_fn manager_answered;

pl_op_fn op_attributes, op_set_attributes, op_export, op_import;

#endif
