/*
 * choice.h — whether a contact meets a rule's condition. Pure.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DESIGNER_CHOICE_H
#define DESIGNER_CHOICE_H

#include <jansson.h>
#include <stdbool.h>

#include "pelago/err.h"

/* choice_check refuses (PL_INVALID, with the column) a condition that is no FEEL; "" is always met.
 */
enum pl_err choice_check(const char *condition);

/*
 * choice_meets evaluates a condition over variables {contact:{…}}. Only true meets it; null and the
 * like don't. An error is one of the evaluation, with the detail; *metp is false then.
 */
enum pl_err choice_meets(bool *metp, const char *condition, const json_t *variables);

#endif
