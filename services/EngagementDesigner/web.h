/*
 * web.h — the operations that HTTP routes lead to: the bus's own, with path, query and body as one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DESIGNER_WEB_H
#define DESIGNER_WEB_H

#include "pelago/service.h"

pl_op_fn web_workflows, web_workflow, web_import, web_instances, web_instance, web_rules;
pl_op_fn web_add_rule, web_set_rule, web_delete_rule;
pl_op_fn web_event_types, web_event_type, web_register_event, web_withdraw_event;
pl_op_fn web_migrate, web_migrations, web_migration, web_migration_instances, web_undo_migration;
pl_op_fn web_incidents, web_retry, web_skip, web_drop, web_cancel;
pl_op_fn web_decisions, web_decision, web_import_decision;

#endif
