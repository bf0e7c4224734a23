/*
 * designer.h — what the commands about workflows and rules ask EngagementDesigner.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_CLI_DESIGNER_H
#define PELAGO_CLI_DESIGNER_H

#include "platform/cli/cli.h"

/* designer_ask asks EngagementDesigner; body: gives; *replyp is a new reference. */
enum pl_err designer_ask(json_t **replyp, struct cli *cli, const char *operation, json_t *body);
/* designer_list gives the items of all pages; filter: gives. */
enum pl_err designer_list(json_t **itemsp, struct cli *cli, const char *operation, json_t *filter);
/* designer_print lists the items with columns, and returns an exit status; filter: gives. */
int designer_print(struct cli *cli, const char *operation, json_t *filter,
		   const struct cli_column *columns);
/* designer_do asks for a change and prints its answer, or with --json the answer as it is; body:
 * gives. said prints it for people. */
int designer_do(struct cli *cli, const char *operation, json_t *body,
		void (*said)(const json_t *reply));
/* designer_words makes {key: first word, other: second word as a number above 0}, without the
 * second where it isn't given. PL_INVALID for another one. *bodyp is a new reference. */
enum pl_err designer_words(json_t **bodyp, const struct cli *cli, const char *key,
			   const char *other);

/* designer_with_words is designer_do with them. */
int designer_with_words(struct cli *cli, const char *operation, const char *key, const char *other,
			void (*said)(const json_t *reply));

/* designer_import has the file of the first word kept as the next version; designer_export writes
 * the `xml` of what the words name. Both return an exit status. */
int designer_import(struct cli *cli, const char *operation);
int designer_export(struct cli *cli, const char *operation);

#endif
