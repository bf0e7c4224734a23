/*
 * root_metrics.h — what the root supervisor and nats-server count, for Prometheus (PLT-33).
 *
 * The root answers `ctl.metrics` as every process does, for itself and for the bus, whose figures
 * it asks for each ROOT_METRICS_MS: by VARZ of the system account, so that nats-server needs no
 * port of its own to be watched at.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_CLI_ROOT_METRICS_H
#define PELAGO_CLI_ROOT_METRICS_H

#include "pelago/bus.h"
#include "platform/supervise/supervise.h"

enum { ROOT_METRICS_MS = 5000 };

struct root_metrics; /* opaque */

/* root_metrics_new begins to answer; bus and supervisor are borrowed. */
enum pl_err root_metrics_new(struct root_metrics **metricsp, struct pl_bus *bus,
			     struct supervisor *supervisor);
void root_metrics_free(struct root_metrics *metrics); /* takes NULL */
/* root_metrics_beat asks the bus, if it is time to. */
void root_metrics_beat(struct root_metrics *metrics);

#endif
