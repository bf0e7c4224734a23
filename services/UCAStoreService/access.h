/*
 * access.h — who may read resources.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef UCASTORE_ACCESS_H
#define UCASTORE_ACCESS_H

#include "pelago/service.h"

/* access_check refuses with PL_UNAUTHORIZED a request without a user, unless the attribute lets it.
 */
enum pl_err access_check(struct pl_turn *turn, const json_t *body);
/* access_configured raises an alarm while the attribute is on. */
enum pl_err access_configured(struct pl_turn *turn);

#endif
