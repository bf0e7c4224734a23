/*
 * metric.c — the list of metrics, and its Prometheus text (exposition format 0.0.4).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pelago/metric.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { BUCKETS = sizeof(((struct pl_metric *)0)->buckets) / sizeof(uint64_t), FIRST_US = 10 };

static struct pl_metric *first;
static struct pl_metric **lastp = &first;

static void list(struct pl_metric *metric)
{
	if (metric->listed)
		return;
	metric->listed = 1;
	metric->next = NULL;
	*lastp = metric;
	lastp = &metric->next;
}

void pl_metric_add(struct pl_metric *metric, double by)
{
	list(metric);
	metric->value += by;
}

void pl_metric_set(struct pl_metric *metric, double value)
{
	list(metric);
	metric->value = value;
}

void pl_metric_observe(struct pl_metric *metric, int64_t us)
{
	if (us < 0)
		us = 0;
	list(metric);
	metric->value += (double)us / 1e6;
	metric->count++;
	for (unsigned i = 0; i < BUCKETS; i++) {
		if (us <= (int64_t)FIRST_US << i) {
			metric->buckets[i]++;
			break;
		}
	}
}

static void put_escaped(FILE *out, const char *text, int quote)
{
	for (; *text; text++) {
		if (*text == '\n')
			fputs("\\n", out);
		else if (*text == '\\' || *text == quote)
			fprintf(out, "\\%c", *text);
		else
			fputc(*text, out);
	}
}

/* put_sample writes one line; le is the upper bound of a bucket in seconds, or NULL. */
static void put_sample(FILE *out, const struct pl_metric *metric, const char *suffix,
		       const char *service, const char *le)
{
	fprintf(out, "%s%s{service=\"", metric->name, suffix);
	put_escaped(out, service, '"');
	fputc('"', out);
	if (le)
		fprintf(out, ",le=\"%s\"", le);
	fputs("} ", out);
}

static void put_histogram(FILE *out, const struct pl_metric *metric, const char *service)
{
	uint64_t sum = 0;
	char le[32];

	for (unsigned i = 0; i < BUCKETS; i++) {
		snprintf(le, sizeof(le), "%.9g", (double)((int64_t)FIRST_US << i) / 1e6);
		sum += metric->buckets[i];
		put_sample(out, metric, "_bucket", service, le);
		fprintf(out, "%" PRIu64 "\n", sum);
	}
	put_sample(out, metric, "_bucket", service, "+Inf");
	fprintf(out, "%" PRIu64 "\n", metric->count);
	put_sample(out, metric, "_sum", service, NULL);
	fprintf(out, "%.15g\n", metric->value);
	put_sample(out, metric, "_count", service, NULL);
	fprintf(out, "%" PRIu64 "\n", metric->count);
}

char *pl_metric_text(const char *service)
{
	static const char *const kinds[] = { "counter", "gauge", "histogram" };
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	int failed;

	if (!out)
		return NULL;
	for (const struct pl_metric *m = first; m; m = m->next) {
		fprintf(out, "# HELP %s ", m->name);
		put_escaped(out, m->text, 0);
		fprintf(out, "\n# TYPE %s %s\n", m->name, kinds[m->kind]);
		if (m->kind == PL_HISTOGRAM) {
			put_histogram(out, m, service);
		} else {
			put_sample(out, m, "", service, NULL);
			fprintf(out, "%.15g\n", m->value);
		}
	}
	failed = ferror(out);
	if (fclose(out) || failed) {
		free(text);
		return NULL;
	}
	return text;
}
