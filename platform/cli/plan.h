/*
 * plan.h — plans, as commands that begin one show them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_CLI_PLAN_H
#define PELAGO_CLI_PLAN_H

#include "platform/cli/cli.h"

/* plan_print prints a plan and its steps. */
int plan_print(const struct cli *cli, const json_t *plan);
/* plan_begin asks for a plan, and watches it, or with --dry-run prints it; gives path and body. */
int plan_begin(struct cli *cli, const char *operation, json_t *path, json_t *body);
/* plan_watch waits until a plan is over, shows its progress on a terminal, and why it failed;
 * EXIT_DONE if its last state is `good`. */
int plan_watch(struct cli *cli, const char *id, const char *good);

#endif
