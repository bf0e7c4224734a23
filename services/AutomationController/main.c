/*
 * main.c — AutomationController: automated messages in chats.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "automation.h"

static const struct pl_op ops[] = {
	{ "say", op_say, 0 },
	{ "templates", op_templates, PL_OP_READ },
	{ "set-template", op_set_template, 0 },
	{ 0 },
};

static const struct pl_on_answer answers[] = {
	{ "CustomerControllerService.post", on_posted },
	{ "CustomerControllerService.close", on_posted },
	{ 0 },
};

int main(int argc, char **argv)
{
	const struct pl_service_def def = {
		.name = "AutomationController",
		.migrations = automation_migrations,
		.migrations_count = automation_migrations_count,
		.ops = ops,
		.answers = answers,
		.rebuild = automation_rebuild,
	};

	return pl_service_main(argc, argv, &def);
}
