/*
 * bundle.h — the bundles that this node holds: fetched from the manager in chunks, checked,
 * unpacked to DATA/bundles/NAME/VERSION-HASH (the first eight digits of it), from where services
 * run.
 *
 * A folder that is there is whole. What can't be fetched or unpacked says why in the node's report,
 * and is tried again. Checking and unpacking is done on threads beside the loop.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_NODE_BUNDLE_H
#define PELAGO_NODE_BUNDLE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "pelago/err.h"

struct node;

enum {
	COPIES_AT_ONCE = 2,
	COPY_ASKS = 4,	       /* chunks asked for ahead */
	COPY_SILENT_MS = 1000, /* no chunk for that long: asked again */
	COPY_AGAIN_MS = 3000,  /* after a failure */
};

/*
 * copies_want is the list of the desired state: [{"name","version","hash"}…]. What isn't in it any
 * more is removed, once nothing runs from it. platform: packages of Pelago itself,
 * [{"version","hash"}…], or NULL; they are unpacked to DATA/platform/VERSION, and platform.c
 * removes them.
 */
enum pl_err copies_want(struct node *node, const json_t *bundles, const json_t *platform);
/* copies_platform returns [{"version","state","detail","isRefused"}…] of those;
 * copies_hold_platform tells whether one is wanted, or being unpacked. */
json_t *copies_platform(const struct node *node);
bool copies_hold_platform(const struct node *node, const char *version);
/* copies_beat goes on with what isn't ready. */
void copies_beat(struct node *node, int64_t now_ms);
/* on_chunk takes the answer to "bundle.NUMBER.N"; NULL: nobody serves it. */
void on_chunk(struct node *node, const char *what, const json_t *answer);
/* copy_folder returns where a bundle is unpacked, if it is ready; borrowed. NULL if it isn't. */
const char *copy_folder(const struct node *node, const char *hash);
/* copy_place returns where it would be; NULL for a bundle that isn't wanted here. */
const char *copy_place(const struct node *node, const char *hash);
/* copies_report returns [{"name","version","hash","state","detail"}…]. */
json_t *copies_report(const struct node *node);
void copies_free(struct node *node); /* waits for those that are being unpacked */

#endif
