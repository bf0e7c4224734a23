/*
 * export.h — contexts and their audit, to the data mart (tables context and context_audit).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONTEXTSTORE_EXPORT_H
#define CONTEXTSTORE_EXPORT_H

#include "context.h"

enum pl_err export_start(struct pl_service *service);
void export_stop(void);
void export_load(struct pl_turn *turn);
void export_tick(struct pl_turn *turn);

/* One that has gone stays in the mart, with the time and what ended it. */
void export_change(struct pl_turn *turn, const struct context *context, const struct touch *touch);
void export_audit(struct pl_turn *turn, const char *id, const char *context, int64_t version,
		  const struct touch *touch);
/* What is erased goes from the mart, too. */
void export_erase(struct pl_turn *turn, const char *context);
void export_erase_audit(struct pl_turn *turn, const char *id);

#endif
