/*
 * platform.h — this host's own programs, as the manager wants them: packages are fetched as bundles
 * are (bundle.h), and the root supervisor is asked to switch (setup/programs.h).
 *
 * Only the node that speaks for its host is told of packages; it removes those that neither the
 * manager nor any program of the host needs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_NODE_PLATFORM_H
#define PELAGO_NODE_PLATFORM_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "pelago/err.h"
#include "platform/bundle/bundle.h"

struct node;

/* platform_apply takes `platform` of the desired state, or NULL. */
enum pl_err platform_apply(struct node *node, const json_t *platform);
/* platform_take checks and unpacks a package, or a patch over what this node runs from. Any thread.
 */
enum pl_err platform_take(const struct node *node, const char *folder, const void *data, size_t len,
			  const struct bundle_rules *rules);
/*
 * Packages of one version may differ: a release is made anew under its number. Beside each that is
 * unpacked stands its hash. platform_is_of tells whether what is unpacked of a version is that one
 * (also if it isn't known, as one that a node of before unpacked). platform_clear removes another
 * one, and notes the hash of what is unpacked next; PL_STATE while programs run from it. Any
 * thread.
 */
bool platform_is_of(const struct node *node, const char *version, const char *hash);
enum pl_err platform_clear(const struct node *node, const char *version, const char *hash);
void platform_beat(struct node *node, int64_t now_ms);
/* platform_report returns {"base":VERSION under this node's patch or "",
 * "held":[{"version","hash","state","detail","isRefused"}…], "settled":NUMBER,
 * "programs":{NAME:{"version","state","detail","n"}…}}. */
json_t *platform_report(const struct node *node);

#endif
