/*
 * relations_test.c — how points and ranges lie to each other.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/cases.h"

static const struct feel_case before_and_after[] = {
	{ "before(1, 10)", "true" },
	{ "before(10, 1)", "false" },
	{ "before(1, 1)", "false" },
	{ "before(1, [1..10])", "false" },
	{ "before(1, (1..10])", "true" },
	{ "before(1, [5..10])", "true" },
	{ "before([1..10], 10)", "false" },
	{ "before([1..10), 10)", "true" },
	{ "before([1..10], 15)", "true" },
	{ "before([1..10], [15..20])", "true" },
	{ "before([1..10], [10..20])", "false" },
	{ "before([1..10), [10..20])", "true" },
	{ "before([1..10], (10..20])", "true" },
	{ "before(point1: 1, point2: 2)", "true" },
	{ "before(point: 1, range: [2..3])", "true" },
	{ "before(range: [2..3], point: 4)", "true" },
	{ "before(range1: [1..2], range2: [3..4])", "true" },
	{ "before(@\"2020-01-01\", [@\"2020-01-02\"..@\"2020-01-03\"])", "true" },
	{ "before(\"a\", \"b\")", "true" },
	{ "before((<=5), 6)", "true" },
	{ "before((<5), (>=5))", "true" },
	{ "before(4, (>=5))", "true" },
	{ "before((>=5), 100)", "false" },
	{ "before(1, \"a\")", NULL, "have no order" },
	{ "before(1, null)", NULL },
	{ "before(null, [1..2])", NULL },
	{ "after(10, 5)", "true" },
	{ "after(5, 10)", "false" },
	{ "after(12, [1..10])", "true" },
	{ "after(10, [1..10))", "true" },
	{ "after(10, [1..10])", "false" },
	{ "after([11..20], 12)", "false" },
	{ "after([11..20], 10)", "true" },
	{ "after((11..20], 11)", "true" },
	{ "after([11..20], 11)", "false" },
	{ "after([11..20], [1..10])", "true" },
	{ "after([1..10], [11..20])", "false" },
	{ "after([11..20], [1..11))", "true" },
	{ "after((11..20], [1..11])", "true" },
	{ "after(range1: [3..4], range2: [1..2])", "true" },
	{ "after(1, \"a\")", NULL },
};

static const struct feel_case meeting[] = {
	{ "meets([1..5], [5..10])", "true" },
	{ "meets([1..5), [5..10])", "false" },
	{ "meets([1..5], (5..10])", "false" },
	{ "meets([1..5], [6..10])", "false" },
	{ "meets(range1: [1..5], range2: [5..10])", "true" },
	{ "meets((<=5), (>=5))", "true" },
	{ "meets((>=1), (<=1))", "false" },
	{ "meets(1, [1..2])", NULL },
	{ "met by([5..10], [1..5])", "true" },
	{ "met by([5..10], [1..5))", "false" },
	{ "met by((5..10], [1..5])", "false" },
	{ "met by([6..10], [1..5])", "false" },
	{ "met by(range1: [5..10], range2: [1..5])", "true" },
	{ "overlaps([1..5], [3..8])", "true" },
	{ "overlaps([3..8], [1..5])", "true" },
	{ "overlaps([1..8], [3..5])", "true" },
	{ "overlaps([3..5], [1..8])", "true" },
	{ "overlaps([1..5], [6..8])", "false" },
	{ "overlaps([6..8], [1..5])", "false" },
	{ "overlaps([1..5], [5..8])", "true" },
	{ "overlaps([1..5], (5..8])", "false" },
	{ "overlaps([1..5), [5..8])", "false" },
	{ "overlaps([5..8], [1..5))", "false" },
	{ "overlaps((5..8], [1..5])", "false" },
	{ "overlaps((<=5), (>=3))", "true" },
	{ "overlaps before([1..5], [3..8])", "true" },
	{ "overlaps before([1..5], [6..8])", "false" },
	{ "overlaps before([1..5], [5..8])", "true" },
	{ "overlaps before([1..5], (5..8])", "false" },
	{ "overlaps before([1..5), [5..8])", "false" },
	{ "overlaps before([1..5), (1..5])", "true" },
	{ "overlaps before([1..5], (1..5])", "true" },
	{ "overlaps before([1..5), [1..5])", "false" },
	{ "overlaps before([1..5], [1..5])", "false" },
	{ "overlaps before(range1: [1..5], range2: [3..8])", "true" },
	{ "overlaps after([3..8], [1..5])", "true" },
	{ "overlaps after([6..8], [1..5])", "false" },
	{ "overlaps after([5..8], [1..5])", "true" },
	{ "overlaps after((5..8], [1..5])", "false" },
	{ "overlaps after([5..8], [1..5))", "false" },
	{ "overlaps after((1..5], [1..5))", "true" },
	{ "overlaps after((1..5], [1..5])", "true" },
	{ "overlaps after([1..5], [1..5))", "false" },
	{ "overlaps after([1..5], [1..5])", "false" },
};

static const struct feel_case within[] = {
	{ "finishes(10, [1..10])", "true" },
	{ "finishes(10, [1..10))", "false" },
	{ "finishes([5..10], [1..10])", "true" },
	{ "finishes([5..10), [1..10])", "false" },
	{ "finishes([5..10), [1..10))", "true" },
	{ "finishes([1..10], [1..10])", "true" },
	{ "finishes((1..10], [1..10])", "true" },
	{ "finishes([1..10], (1..10])", "false" },
	{ "finishes(point: 1, range: [0..1])", "true" },
	{ "finished by([1..10], 10)", "true" },
	{ "finished by([1..10), 10)", "false" },
	{ "finished by([1..10], [5..10])", "true" },
	{ "finished by([1..10], [5..10))", "false" },
	{ "finished by([1..10), [5..10))", "true" },
	{ "finished by([1..10], (1..10])", "true" },
	{ "finished by(range: [0..1], point: 1)", "true" },
	{ "includes([1..10], 5)", "true" },
	{ "includes([1..10], 12)", "false" },
	{ "includes([1..10], 1)", "true" },
	{ "includes((1..10], 1)", "false" },
	{ "includes([1..10), 10)", "false" },
	{ "includes([1..10], [4..6])", "true" },
	{ "includes([1..10], [1..6])", "true" },
	{ "includes((1..10], (1..6])", "true" },
	{ "includes((1..10], [1..6])", "false" },
	{ "includes([1..10), [5..10])", "false" },
	{ "includes([1..10], [5..10))", "true" },
	{ "includes((>=1), 1000)", "true" },
	{ "includes((<=3), [1..2])", "true" },
	{ "during(5, [1..10])", "true" },
	{ "during(12, [1..10])", "false" },
	{ "during(1, (1..10])", "false" },
	{ "during([4..6], [1..10])", "true" },
	{ "during([1..6], [1..10])", "true" },
	{ "during((1..6], (1..10])", "true" },
	{ "during([1..6], (1..10])", "false" },
	{ "during([5..10], [1..10))", "false" },
	{ "during(point: 2, range: [1..3])", "true" },
	{ "starts(1, [1..10])", "true" },
	{ "starts(1, (1..10])", "false" },
	{ "starts(2, [1..10])", "false" },
	{ "starts([1..5], [1..10])", "true" },
	{ "starts((1..5], (1..10])", "true" },
	{ "starts((1..5], [1..10])", "false" },
	{ "starts([1..5], (1..10])", "false" },
	{ "starts([1..10], [1..10])", "true" },
	{ "starts([1..10), [1..10])", "true" },
	{ "starts([1..10], [1..10))", "false" },
	{ "starts(point: 1, range: [1..2])", "true" },
	{ "started by([1..10], 1)", "true" },
	{ "started by((1..10], 1)", "false" },
	{ "started by([1..10], [1..5])", "true" },
	{ "started by((1..10], [1..5])", "false" },
	{ "started by([1..10], [1..10))", "true" },
	{ "started by([1..10), [1..10])", "false" },
	{ "coincides(5, 5)", "true" },
	{ "coincides(3, 4)", "false" },
	{ "coincides([1..5], [1..5])", "true" },
	{ "coincides((1..5), [1..5])", "false" },
	{ "coincides([1..5], [2..6])", "false" },
	{ "coincides(point1: \"a\", point2: \"a\")", "true" },
	{ "coincides(1, [1..1])", NULL },
	{ "coincides([1..2], [\"a\"..\"b\"])", NULL, "no order" },
};

static void ranges_lie_before_and_after(void **state)
{
	FEEL_CASES_HOLD(before_and_after);
}

static void ranges_meet_and_overlap(void **state)
{
	FEEL_CASES_HOLD(meeting);
}

static void ranges_lie_within(void **state)
{
	FEEL_CASES_HOLD(within);
}

static void memory_may_run_out_anywhere(void **state)
{
	FEEL_CASES_HOLD_WITHOUT_MEMORY(before_and_after);
	FEEL_CASES_HOLD_WITHOUT_MEMORY(meeting);
	FEEL_CASES_HOLD_WITHOUT_MEMORY(within);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges_lie_before_and_after),
		cmocka_unit_test(ranges_meet_and_overlap),
		cmocka_unit_test(ranges_lie_within),
		cmocka_unit_test(memory_may_run_out_anywhere),
	};

	return cmocka_run_group_tests_name("feel-relations", tests, NULL, NULL);
}
