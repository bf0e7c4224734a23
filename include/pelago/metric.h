/*
 * pelago/metric.h — counters, gauges and histograms, shown as Prometheus text.
 *
 * A metric is a static object; it joins the list at its first use. Turn thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_METRIC_H
#define PELAGO_METRIC_H

#include <stdint.h>

#include "pelago/err.h"

enum pl_metric_kind { PL_COUNTER, PL_GAUGE, PL_HISTOGRAM };

struct pl_metric {
	const char *name; /* "queue_wait_seconds": area_noun_unit */
	const char *text;
	enum pl_metric_kind kind;
	double value;	      /* counter, gauge; sum of a histogram */
	uint64_t buckets[24]; /* histogram: up to 2^i × 10 µs */
	uint64_t count;
	struct pl_metric *next;
	int listed;
};

void pl_metric_add(struct pl_metric *metric, double by);
void pl_metric_set(struct pl_metric *metric, double value);
/* pl_metric_observe counts a duration in a histogram, in microseconds. */
void pl_metric_observe(struct pl_metric *metric, int64_t us);
/* pl_metric_text returns all listed metrics, labelled service="…"; free(). NULL without memory. */
char *pl_metric_text(const char *service);

#endif
