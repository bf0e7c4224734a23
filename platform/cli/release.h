/*
 * release.h — releases at the command line.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_CLI_RELEASE_H
#define PELAGO_CLI_RELEASE_H

#include "platform/bundle/release.h"
#include "platform/cli/cli.h"

/*
 * release_open opens a file and checks it as release_read does, by the keys that this instance
 * trusts. The caller closes *fdp where it isn't -1 any more, and calls bundle_fini. PL_NOTFOUND
 * where there is no such file.
 */
enum pl_err release_open(struct bundle *release, int *fdp, struct cli *cli, const char *path);

#endif
