/*
 * target.h — the mart's database, written by a thread of its own.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_MART_TARGET_H
#define PELAGO_MART_TARGET_H

#include "pelago/mart.h"

struct target; /* opaque */

/*
 * target_new starts the thread. done is called in a turn with {"error":NAME ("OK"), "detail":TEXT,
 * "context":…}: PL_STORE where the database refused a row, PL_UNAVAILABLE where there is none.
 */
enum pl_err target_new(struct target **targetp, struct pl_service *service,
		       const struct pl_mart_table *tables, pl_posted_fn *done, void *arg);
/* target_free waits 2 s for a batch under way; a thread that hangs is left to the process's end. */
void target_free(struct target *target);

/*
 * target_write writes a batch in one transaction; one at a time.
 *   url      copied
 *   batch    gives: {"TABLE":{"put":[row…], "remove":[key…]}}
 *   context  gives; comes back
 */
void target_write(struct target *target, const char *url, json_t *batch, json_t *context);

#endif
