/*
 * cmd_attribute.h — what the commands of `pelago attribute` share.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_CLI_CMD_ATTRIBUTE_H
#define PELAGO_CLI_CMD_ATTRIBUTE_H

#include <stdint.h>

#include "platform/cli/cli.h"

/* attribute_expected takes --expected, if given; EXIT_DONE or EXIT_USAGE. */
int attribute_expected(int64_t *versionp, const struct cli *cli);
/* attribute_print prints a commit's answer: its changes and its version. */
int attribute_print(const struct cli *cli, const json_t *answer);

/* attribute_file.c */
cli_fn attribute_export, attribute_import;

#endif
