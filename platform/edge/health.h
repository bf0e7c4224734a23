/*
 * health.h — /healthz, /readyz and /metrics.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef EDGE_HEALTH_H
#define EDGE_HEALTH_H

#include <stdbool.h>

struct http;
struct collect;

/* health_begin answers if the path is one of its own; else returns false. */
bool health_begin(struct http *http);

/* collect_cancel ends a collection whose asker is gone. Takes NULL. */
void collect_cancel(struct collect *collect);

#endif
