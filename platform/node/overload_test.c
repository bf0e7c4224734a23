/*
 * overload_test.c — what is too much, for how long, and when it is over; and that real processes
 * are measured.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <unistd.h>

#include "platform/node/overload.h"
#include "platform/node/proc.h"

/* PLT-8: 80, 90 and 90 % for 60 s; cleared at 60, 75 and 85. */
static void each_kind_has_its_levels(void **state)
{
	static const struct {
		enum overload_kind kind;
		double raised, cleared;
	} cases[] = { { OVERLOAD_cpu, 80, 60 },
		      { OVERLOAD_memory, 90, 75 },
		      { OVERLOAD_disk, 90, 85 } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum overload_kind kind = cases[i].kind;
		struct overload o = { 0 };

		o.percent[kind] = cases[i].raised - 0.1;
		assert_false(overload_judge(&o, 1000));
		assert_false(overload_judge(&o, 100000));
		o.percent[kind] = cases[i].raised;
		assert_false(overload_judge(&o, 200000));
		assert_false(overload_judge(&o, 259999));
		assert_true(overload_judge(&o, 260000));
		assert_true(o.is_over[kind]);
		assert_false(overload_judge(&o, 270000));
		o.percent[kind] = cases[i].cleared;
		assert_false(overload_judge(&o, 280000));
		assert_true(o.is_over[kind]);
		o.percent[kind] = cases[i].cleared - 0.1;
		assert_true(overload_judge(&o, 290000));
		assert_false(o.is_over[kind]);
		for (int k = 0; k < OVERLOAD_COUNT; k++)
			assert_false(o.is_over[k]);
	}
}

static void a_moment_below_begins_the_minute_anew(void **state)
{
	struct overload o = { 0 };

	(void)state;
	o.percent[OVERLOAD_cpu] = 95;
	assert_false(overload_judge(&o, 1000));
	o.percent[OVERLOAD_cpu] = 70; /* between the levels: neither raised nor cleared */
	assert_false(overload_judge(&o, 50000));
	o.percent[OVERLOAD_cpu] = 95;
	assert_false(overload_judge(&o, 60000));
	assert_false(overload_judge(&o, 61001));
	assert_true(overload_judge(&o, 120000));
}

static void a_folder_without_processes_uses_nothing(void **state)
{
	struct overload o = { 0 };

	(void)state;
	overload_measure(&o, "/nonexistent", 1000);
	overload_measure(&o, "/nonexistent", 2000);
	for (int k = 0; k < OVERLOAD_COUNT; k++)
		assert_true(o.percent[k] == 0);
	overload_measure(&o, "/", 3000);
	assert_true(o.percent[OVERLOAD_disk] > 0 && o.percent[OVERLOAD_disk] <= 100);
}

static void a_process_is_measured(void **state)
{
	int64_t before = proc_cpu_ms(getpid()), n = 0;

	(void)state;
	while (proc_cpu_ms(getpid()) < before + 20)
		n++;
	assert_true(n > 0);
	assert_true(proc_memory_bytes(getpid()) > 100000);
	assert_int_equal(proc_memory_bytes(-1), 0);
	assert_int_equal(proc_cpu_ms(-1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_has_its_levels),
		cmocka_unit_test(a_moment_below_begins_the_minute_anew),
		cmocka_unit_test(a_folder_without_processes_uses_nothing),
		cmocka_unit_test(a_process_is_measured),
	};

	return cmocka_run_group_tests_name("overload", tests, NULL, NULL);
}
