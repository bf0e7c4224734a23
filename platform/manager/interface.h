/*
 * interface.h — who was seen using which outside interface, as edges tell (platform/edge/use.h).
 *
 * Kept for the report of an upgrade (UPG-63), and bounded: so many clients of an interface that
 * show no user are told apart, so many that show one, and so many rows in all; the others count as
 * one. Who wasn't seen for half a year is forgotten.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_MANAGER_INTERFACE_H
#define PELAGO_MANAGER_INTERFACE_H

#include "platform/manager/manager.h"

extern const char interface_tables[]; /* a migration */

/* interfaces_used returns [{"interface","kind","origin","agent","user","version","firstMs",
 * "lastMs"}…] by interface, the last seen first: a new reference. */
json_t *interfaces_used(struct pl_turn *turn);

enum pl_err op_interface_uses(struct pl_turn *turn, const json_t *body, json_t **replyp);

#endif
