/*
 * send.h — bundles and releases go to the manager.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_CLI_SEND_H
#define PELAGO_CLI_SEND_H

#include "platform/bundle/bundle.h"
#include "platform/cli/cli.h"

/* bundle_send sends a bundle's bytes and has them loaded; *viewp is what it became. */
enum pl_err bundle_send(json_t **viewp, struct cli *cli, const void *data, size_t len);
/* bytes_send only sends them; hash names them from then on. */
enum pl_err bytes_send(char hash[BUNDLE_HASH_SIZE], struct cli *cli, const void *data, size_t len);
/* file_send sends a file's bytes, part by part, and has them loaded by an operation of the manager.
 */
enum pl_err file_send(json_t **viewp, struct cli *cli, int fd, const char *operation);

#endif
