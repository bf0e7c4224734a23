/*
 * automation.h — what the files of this service share.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef AUTOMATION_H
#define AUTOMATION_H

#include "pelago/service.h"

extern const struct pl_migration automation_migrations[];
extern const size_t automation_migrations_count;

/* automation_rebuild writes the default templates, but those that somebody has changed. */
enum pl_err automation_rebuild(struct pl_turn *turn);

pl_op_fn op_say, op_templates, op_set_template;
pl_answer_fn on_posted;

#endif
