/*
 * main.c — SolutionConfiguration: attributes of many services, set in one step.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "solution.h"

static const struct pl_op ops[] = {
	{ "http-attributes", op_attributes, PL_OP_READ },
	{ "http-set-attributes", op_set_attributes, 0 },
	{ "http-export", op_export, PL_OP_READ },
	{ "http-import", op_import, 0 },
	{ 0 },
};

int main(int argc, char **argv)
{
	const struct pl_service_def def = { .name = "SolutionConfiguration", .ops = ops };

	return pl_service_main(argc, argv, &def);
}
