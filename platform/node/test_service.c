/*
 * test_service.c — a service that does nothing, under the name of its program: for tests of its
 * node.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <libgen.h>
#include <stdlib.h>
#include <string.h>

#include "pelago/service.h"

static enum pl_err op_open(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	(void)turn;
	(void)body;
	(void)replyp;
	return PL_OK;
}

int main(int argc, char **argv)
{
	static const struct pl_op ops[] = { { "open", op_open, PL_OP_OPENS }, { 0 } };
	struct pl_service_def def = { .ops = ops };
	char *path = strdup(argv[0]);
	int status;

	if (!path)
		return 1;
	def.name = basename(path);
	status = pl_service_main(argc, argv, &def);
	free(path);
	return status;
}
