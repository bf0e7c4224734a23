/*
 * metrics.c — what the edge counts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "metrics.h"

#define COUNTER(name, text) struct pl_metric name = { #name, text, PL_COUNTER }
#define GAUGE(name, text)   struct pl_metric name = { #name, text, PL_GAUGE }

GAUGE(edge_connections, "WebSocket connections that are open");
COUNTER(edge_frames_in_total, "frames that clients sent");
COUNTER(edge_frames_out_total, "frames sent to clients");
COUNTER(edge_slow_total, "connections closed because they read too slowly");
COUNTER(edge_fetches_total, "times that frames of a stream had to be fetched");
COUNTER(edge_http_total, "HTTP requests answered");
COUNTER(edge_refused_total, "TCP connections refused: too many of one address");
struct pl_metric edge_http_duration = { "edge_http_seconds", "HTTP request to its answer",
					PL_HISTOGRAM };
