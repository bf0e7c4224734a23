/*
 * logs.h — the way of one contact through all processes, from their logs (PLT-33).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_MANAGER_LOGS_H
#define PELAGO_MANAGER_LOGS_H

#include "manager.h"

enum pl_err op_logs(struct pl_turn *turn, const json_t *body, json_t **replyp);

#endif
