/*
 * iterations_test.c — for, some and every.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/cases.h"

static const struct feel_case loops[] = {
	{ "for i in [1, 2, 3] return i * 2", "[2, 4, 6]" },
	{ "for i in [] return i", "[]" },
	{ "for i in [1, 2], j in [10, 20] return i + j", "[11, 21, 12, 22]" },
	{ "for i in [[1, 2], [3]], j in i return j", "[1, 2, 3]" },
	{ "for i in 5 return i", "[5]" },
	{ "for i in null return i", NULL },
	{ "for i in {a: 1} return i.a", "[1]" },
	{ "for my var in [1] return my var + 1", "[2]" },
	{ "for a-b in [1] return a-b", "[1]" },
	{ "for i in [1, 2] return for j in [i] return j + i", "[[2], [4]]" },
	{ "(for i in [1, 2] return i)[2]", "2" },
	{ "for x in [{a: 1}] return x.a", "[1]" },
};

static const struct feel_case counts[] = {
	{ "for i in 2..4 return i", "[2, 3, 4]" },
	{ "for i in 4..2 return i", "[4, 3, 2]" },
	{ "for i in -1..1 return i", "[-1, 0, 1]" },
	{ "for i in 1..1 return i", "[1]" },
	{ "for i in 1 + 1..1 + 3 return i", "[2, 3, 4]" },
	{ "for i in [1..3] return i", "[1, 2, 3]" },
	{ "for i in (1..3) return i", "[2]" },
	{ "for i in (1..2) return i", "[]" },
	{ "for i in [3..1] return i", NULL, "from one end to the other" },
	{ "for i in [1..null] return i", NULL },
	{ "for i in [1..3) return i", "[1, 2]" },
	{ "for i in 1.5..3 return i", NULL, "only whole numbers" },
	{ "for i in \"a\"..\"c\" return i", NULL },
	{ "for i in 1..null return i", NULL },
	{ "for i in (> 3) return i", NULL },
	{ "for d in @\"2026-02-27\"..@\"2026-03-01\" return d",
	  "[@\"2026-02-27\", @\"2026-02-28\", @\"2026-03-01\"]" },
	{ "for d in @\"2026-01-02\"..@\"2026-01-01\" return d.day", "[2, 1]" },
	{ "for d in (@\"2026-01-01\"..@\"2026-01-03\"] return d.day", "[2, 3]" },
	{ "for i in 1..2, j in i..2 return [i, j]", "[[1, 1], [1, 2], [2, 2]]" },
};

static const struct feel_case partials[] = {
	{ "for i in 0..4 return if i = 0 then 1 else i * partial[-1]", "[1, 1, 2, 6, 24]" },
	{ "for i in 1..3 return count(partial)", "[0, 1, 2]" },
	{ "for i in 1..3 return sum(partial)", "[null, null, null]" },
	{ "for i in 1..2, j in 1..2 return count(partial)", "[0, 1, 2, 3]" },
	{ "for i in 1..3 return partial", "[[], [[]], [[], [[]]]]" },
	{ "for i in 1..2 return for j in 1..2 return count(partial)", "[[0, 1], [0, 1]]" },
};

static const struct feel_case quantifiers[] = {
	{ "some x in [1, 2] satisfies x > 1", "true" },
	{ "some x in [1, 2] satisfies x > 2", "false" },
	{ "every x in [1, 2] satisfies x > 0", "true" },
	{ "every x in [1, 2] satisfies x > 1", "false" },
	{ "some x in [] satisfies true", "false" },
	{ "every x in [] satisfies false", "true" },
	{ "some x in [1, 2], y in [2, 3] satisfies x = y", "true" },
	{ "every x in [1, 2], y in [3, 4] satisfies x < y", "true" },
	{ "some x in [null, 2] satisfies x > 1", "true" },
	{ "some x in [null] satisfies x > 1", NULL },
	{ "every x in [null, 0] satisfies x > 1", "false" },
	{ "every x in [null, 2] satisfies x > 1", NULL },
	{ "some x in null satisfies true", NULL },
	{ "some x in 1..3 satisfies x = 3", "true" },
	{ "every x in [1..3] satisfies x < 4", "true" },
	{ "some i in [1] satisfies 5", NULL },
	{ "some x in [1, 2] satisfies x > 1 and x < 3", "true" },
};

/* EDR-4 */
static void for_makes_a_list(void **state)
{
	FEEL_CASES_HOLD(loops);
}

/* EDR-4 */
static void for_counts_numbers_and_dates(void **state)
{
	FEEL_CASES_HOLD(counts);
}

/* EDR-4 */
static void partial_is_what_was_made_so_far(void **state)
{
	FEEL_CASES_HOLD(partials);
}

/* EDR-4 */
static void some_and_every_ask(void **state)
{
	FEEL_CASES_HOLD(quantifiers);
}

static void memory_may_run_out_anywhere(void **state)
{
	FEEL_CASES_HOLD_WITHOUT_MEMORY(loops);
	FEEL_CASES_HOLD_WITHOUT_MEMORY(counts);
	FEEL_CASES_HOLD_WITHOUT_MEMORY(partials);
	FEEL_CASES_HOLD_WITHOUT_MEMORY(quantifiers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(for_makes_a_list),
		cmocka_unit_test(for_counts_numbers_and_dates),
		cmocka_unit_test(partial_is_what_was_made_so_far),
		cmocka_unit_test(some_and_every_ask),
		cmocka_unit_test(memory_may_run_out_anywhere),
	};

	return cmocka_run_group_tests_name("feel-iterations", tests, NULL, NULL);
}
