/*
 * main.c — EngagementDesigner: workflows, routing rules, and the instances that run for contacts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <sodium.h>

#include "await.h"
#include "decision.h"
#include "designer.h"
#include "event_type.h"
#include "incident.h"
#include "message.h"
#include "migration.h"
#include "starter.h"
#include "web.h"

static const struct pl_op ops[] = {
	{ "workflows", op_workflows, PL_OP_READ },
	{ "workflow", op_workflow, PL_OP_READ },
	{ "import", op_import, 0 },
	{ "validate", op_validate, PL_OP_READ },
	{ "deploy", op_deploy, 0 },
	{ "undeploy", op_undeploy, 0 },
	{ "instances", op_instances, PL_OP_READ },
	{ "instance", op_instance, PL_OP_READ },
	{ "rules", op_rules, PL_OP_READ },
	{ "set-rule", op_set_rule, 0 },
	{ "delete-rule", op_delete_rule, 0 },
	{ "recreate-rules", op_recreate_rules, 0 },
	{ "replaceable", op_replaceable, PL_OP_READ },
	{ "replace", op_replace, 0 },
	{ "aim-rules", op_aim_rules, 0 },
	{ "replace-back", op_replace_back, 0 },
	{ "event-types", op_event_types, PL_OP_READ },
	{ "event-type", op_event_type, PL_OP_READ },
	{ "register-event", op_register_event, 0 },
	{ "withdraw-event", op_withdraw_event, 0 },
	{ "check-event", op_check_event, PL_OP_READ },
	{ "take-event", op_take_event, 0 },
	{ "publish", op_publish, 0 },
	{ "signal", op_signal, 0 },
	{ "complete", op_complete, 0 },
	{ "set-variables", op_set_variables, 0 },
	{ "incidents", op_incidents, PL_OP_READ },
	{ "retry", op_retry, 0 },
	{ "skip", op_skip, 0 },
	{ "drop", op_drop, 0 },
	{ "cancel", op_cancel, 0 },
	{ "decisions", op_decisions, PL_OP_READ },
	{ "decision", op_decision, PL_OP_READ },
	{ "import-decision", op_import_decision, 0 },
	{ "deploy-decision", op_deploy_decision, 0 },
	{ "undeploy-decision", op_undeploy_decision, 0 },
	{ "evaluate-decision", op_evaluate_decision, PL_OP_READ },
	{ "migrate", op_migrate, 0 },
	{ "migrations", op_migrations, PL_OP_READ },
	{ "migration", op_migration, PL_OP_READ },
	{ "migration-instances", op_migration_instances, PL_OP_READ },
	{ "undo-migration", op_undo_migration, 0 },
	{ "messages", op_messages, PL_OP_READ },
	{ "drop-message", op_drop_message, 0 },
	{ "environment", op_environment, PL_OP_READ },
	{ "set-environment", op_set_environment, 0 },
	/* the edge's */
	{ "http-workflows", web_workflows, PL_OP_READ },
	{ "http-workflow", web_workflow, PL_OP_READ },
	{ "http-import", web_import, 0 },
	{ "http-instances", web_instances, PL_OP_READ },
	{ "http-instance", web_instance, PL_OP_READ },
	{ "http-rules", web_rules, PL_OP_READ },
	{ "http-incidents", web_incidents, PL_OP_READ },
	{ "http-retry", web_retry, 0 },
	{ "http-skip", web_skip, 0 },
	{ "http-drop", web_drop, 0 },
	{ "http-cancel", web_cancel, 0 },
	{ "http-decisions", web_decisions, PL_OP_READ },
	{ "http-decision", web_decision, PL_OP_READ },
	{ "http-import-decision", web_import_decision, 0 },
	{ "http-add-rule", web_add_rule, 0 },
	{ "http-set-rule", web_set_rule, 0 },
	{ "http-delete-rule", web_delete_rule, 0 },
	{ "http-event-types", web_event_types, PL_OP_READ },
	{ "http-event-type", web_event_type, PL_OP_READ },
	{ "http-register-event", web_register_event, 0 },
	{ "http-withdraw-event", web_withdraw_event, 0 },
	{ "http-migrate", web_migrate, 0 },
	{ "http-migrations", web_migrations, PL_OP_READ },
	{ "http-migration", web_migration, PL_OP_READ },
	{ "http-migration-instances", web_migration_instances, PL_OP_READ },
	{ "http-undo-migration", web_undo_migration, 0 },
	{ 0 },
};

static const struct pl_on_event events[] = {
	{ "contact.opened", instance_on_opened },
	{ "contact.closed", instance_on_closed },
	{ 0 },
};

static const struct pl_on_answer answers[] = { { "*", instance_on_answer }, { 0 } };
static const struct pl_on_timer timers[] = {
	{ "token", instance_on_timer }, { "work", await_on_work },
	{ "retry", incident_on_retry }, { "migration", migration_on_timer },
	{ "start", starter_on_timer },	{ 0 }
};

static enum pl_err tick(struct pl_turn *turn)
{
	enum pl_err err = instance_tick(turn);

	return err ? err : migration_tick(turn);
}

static const char *const late[] = { "workflow", NULL };

int main(int argc, char **argv)
{
	const struct pl_service_def def = {
		.name = "EngagementDesigner",
		.migrations = designer_migrations,
		.migrations_count = designer_migrations_count,
		.ops = ops,
		.events = events,
		.answers = answers,
		.timers = timers,
		.rebuild = gold_import,
		.late = late,
		.keys = designer_keys,
		.state = designer_state,
		.tick = tick,
		.tick_ms = 1000,
	};

	if (sodium_init() < 0)
		return 1;
	return pl_service_main(argc, argv, &def);
}
