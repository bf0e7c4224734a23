/*
 * migration.h — running instances of one version of a workflow go over to another, in batches that
 * can be undone; or are only looked at: who would get stuck, and why.
 *
 * A migration is a row that says how far it is, moved on by a durable timer: each batch is a turn,
 * so a kill in between resumes it where it was. What can't go over stays and finishes on its
 * version. Undone, an instance that has not moved on since is put exactly where it was; one that
 * has goes back by the mapping the other way round, if it can.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DESIGNER_MIGRATION_H
#define DESIGNER_MIGRATION_H

#include "designer.h"

pl_timer_fn migration_on_timer;
/* migration_tick forgets old ones, and has those go on whose timer another version dropped. */
enum pl_err migration_tick(struct pl_turn *turn);

pl_op_fn op_migrate, op_migrations, op_migration, op_migration_instances, op_undo_migration;

#endif
