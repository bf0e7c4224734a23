/*
 * metric_test.c — counting, buckets, and the text they make (PLT-33).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pelago/metric.h"

static struct pl_metric turns = { "turns_total", "Turns\nrun \\ \"all\".", PL_COUNTER };
static struct pl_metric depth = { "outbox_rows", "Rows in the outbox.", PL_GAUGE };
static struct pl_metric waits = { "queue_wait_seconds", "Wait.", PL_HISTOGRAM };
static struct pl_metric unused = { "unused_total", "Never touched.", PL_COUNTER };

static void has(const char *text, const char *part)
{
	assert_non_null(text);
	if (!strstr(text, part))
		fail_msg("%s is not in:\n%s", part, text);
}

/* in order: the list lives as long as the process */
static void nothing_is_listed_before_its_first_use(void **state)
{
	char *text = pl_metric_text("S");

	assert_non_null(text);
	assert_string_equal(text, "");
	free(text);
	assert_false(unused.listed);
}

static void counters_and_gauges(void **state)
{
	char *text;

	pl_metric_add(&turns, 1);
	pl_metric_add(&turns, 2);
	pl_metric_set(&depth, 7);
	pl_metric_add(&depth, -2.5);
	text = pl_metric_text("S\"\\\n");
	assert_string_equal(text, "# HELP turns_total Turns\\nrun \\\\ \"all\".\n"
				  "# TYPE turns_total counter\n"
				  "turns_total{service=\"S\\\"\\\\\\n\"} 3\n"
				  "# HELP outbox_rows Rows in the outbox.\n"
				  "# TYPE outbox_rows gauge\n"
				  "outbox_rows{service=\"S\\\"\\\\\\n\"} 4.5\n");
	free(text);
}

static void counters_stay_whole_when_large(void **state)
{
	char *text;

	turns.value = 0;
	pl_metric_add(&turns, 123456789012345.0);
	text = pl_metric_text("S");
	has(text, "turns_total{service=\"S\"} 123456789012345\n");
	free(text);
}

static void histogram_buckets(void **state)
{
	const int64_t last_us = (int64_t)10 << 23;
	char *text;

	pl_metric_observe(&waits, -5); /* a clock that went back: as 0 */
	pl_metric_observe(&waits, 10); /* a bound belongs to its bucket */
	pl_metric_observe(&waits, 11);
	pl_metric_observe(&waits, last_us);
	pl_metric_observe(&waits, last_us + 1); /* over all: only in +Inf */
	assert_int_equal(waits.buckets[0], 2);
	assert_int_equal(waits.buckets[1], 1);
	assert_int_equal(waits.buckets[23], 1);
	assert_int_equal(waits.count, 5);
	text = pl_metric_text("S");
	has(text, "# TYPE queue_wait_seconds histogram\n");
	has(text, "queue_wait_seconds_bucket{service=\"S\",le=\"1e-05\"} 2\n");
	has(text, "queue_wait_seconds_bucket{service=\"S\",le=\"2e-05\"} 3\n");
	has(text, "queue_wait_seconds_bucket{service=\"S\",le=\"41.94304\"} 3\n");
	has(text, "queue_wait_seconds_bucket{service=\"S\",le=\"83.88608\"} 4\n");
	has(text, "queue_wait_seconds_bucket{service=\"S\",le=\"+Inf\"} 5\n");
	has(text, "queue_wait_seconds_sum{service=\"S\"} 167.772182\n");
	has(text, "queue_wait_seconds_count{service=\"S\"} 5\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_listed_before_its_first_use),
		cmocka_unit_test(counters_and_gauges),
		cmocka_unit_test(counters_stay_whole_when_large),
		cmocka_unit_test(histogram_buckets),
	};

	return cmocka_run_group_tests_name("metric", tests, NULL, NULL);
}
