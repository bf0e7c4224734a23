/*
 * level.h — the level of the solution: the minor of the oldest release whose programs must still
 * read what is written (pelago/service.h).
 *
 * A new solution is at its manager's own; a plan's step `level-raise` raises it, which can't be
 * taken back: nodes carry it to their services, each of which runs the steps of its schema that
 * waited.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_MANAGER_LEVEL_H
#define PELAGO_MANAGER_LEVEL_H

#include "engines/plan/plan.h"
#include "platform/manager/manager.h"

void level_store_first(struct pl_turn *turn); /* at start: of a solution that is new */
void level_tick(struct pl_turn *turn);	      /* the manager's own database follows */

/* The step `level-raise` {"level":NUMBER}. check: all nodes and services are of that minor. */
enum pl_err level_check(void *world, struct plan_step *step);
enum pl_err level_apply(void *world, struct plan_step *step);
enum pl_err level_verify(void *world, struct plan_step *step);

#endif
