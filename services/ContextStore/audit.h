/*
 * audit.h — what was done to contexts: operation, time, version, touch point.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONTEXTSTORE_AUDIT_H
#define CONTEXTSTORE_AUDIT_H

#include "context.h"
#include "pelago/page.h"

void audit_note(struct pl_turn *turn, const char *context, int64_t version,
		const struct touch *touch);

/* audit_last returns a new array of a context's last hundred entries, oldest first. */
json_t *audit_last(struct pl_turn *turn, const char *context);

/* audit_page returns a page, newest first. PL_NOTFOUND if nothing is kept of it. */
enum pl_err audit_page(struct pl_turn *turn, const char *context, const struct pl_page *from,
		       json_t **pagep);

/* audit_sweep removes some that are older than kept_ms. */
void audit_sweep(struct pl_turn *turn, int64_t kept_ms);

#endif
