/*
 * node_upgrade.h — one node goes to another version: pelago node upgrade, patch, unpatch.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_CLI_NODE_UPGRADE_H
#define PELAGO_CLI_NODE_UPGRADE_H

#include "platform/cli/cli.h"

cli_fn node_upgrade, node_patch, node_unpatch;

#endif
