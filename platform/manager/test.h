/*
 * test.h — maintenance tests: runs that are wanted of nodes, and their results (PLT-30).
 *
 * Runs are the steps of a plan, which somebody wants, the schedule, or the manager as other
 * services are installed than at the last run. A run of a node is a row until the node has
 * answered; one that isn't over serves all who want it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_MANAGER_TEST_H
#define PELAGO_MANAGER_TEST_H

#include "manager.h"

extern const char test_tables[];		/* a migration */
enum pl_err test_rebuild(struct pl_turn *turn); /* after model_rebuild */
void test_beat(struct pl_turn *turn);
/* test_want has a node test itself as part of a larger plan; a run that isn't over serves it. */
void test_want(struct pl_turn *turn, struct node *node, const char *why);
/* test_passes tells of a cluster: 1 all tests of all its nodes passed at their last run, 0 they
 * didn't, -1 some weren't run yet. */
int test_passes(const struct cluster *cluster);

enum pl_err op_tested(struct pl_turn *turn, const json_t *body, json_t **replyp);
enum pl_err op_test_run(struct pl_turn *turn, const json_t *body, json_t **replyp);
enum pl_err op_test_runs(struct pl_turn *turn, const json_t *body, json_t **replyp);
enum pl_err op_tests(struct pl_turn *turn, const json_t *body, json_t **replyp);
enum pl_err op_test_schedule(struct pl_turn *turn, const json_t *body, json_t **replyp);
enum pl_err op_test_schedule_set(struct pl_turn *turn, const json_t *body, json_t **replyp);

#endif
