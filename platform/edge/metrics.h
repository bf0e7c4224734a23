/*
 * metrics.h — what the edge counts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef EDGE_METRICS_H
#define EDGE_METRICS_H

#include "pelago/metric.h"

extern struct pl_metric edge_connections, edge_frames_in_total, edge_frames_out_total,
	edge_slow_total, edge_fetches_total, edge_http_total, edge_http_duration,
	edge_refused_total;

#endif
