/*
 * numbers_test.c — built-ins of numbers, and of lists of them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/cases.h"

static const struct feel_case numbers[] = {
	{ "decimal(1/3, 2)", "0.33" },
	{ "decimal(1.5, 0)", "2" },
	{ "decimal(2.5, 0)", "2" },
	{ "decimal(0.5, 0)", "0" },
	{ "decimal(1234, -2)", "1200" },
	{ "decimal(n: 1.005, scale: 2)", "1" },
	{ "decimal(1.115, 2.9)", "1.12" },
	{ "decimal(1, 10000)", NULL, "scale" },
	{ "decimal(1, null)", NULL },
	{ "decimal(\"1\", 1)", NULL },
	{ "floor(1.5)", "1" },
	{ "floor(-1.5)", "-2" },
	{ "floor(-1.56, 1)", "-1.6" },
	{ "floor(1.56, 1)", "1.5" },
	{ "floor(n: 1.9)", "1" },
	{ "floor(1.56, null)", NULL },
	{ "ceiling(n: 1.56, scale: null)", NULL },
	{ "floor(null)", NULL },
	{ "floor(\"a\")", NULL },
	{ "ceiling(1.5)", "2" },
	{ "ceiling(-1.5)", "-1" },
	{ "ceiling(-1.56, 1)", "-1.5" },
	{ "ceiling(1.51, 1)", "1.6" },
	{ "ceiling(n: 1.1, scale: 0)", "2" },
	{ "ceiling(null)", NULL },
	{ "round up(5.5, 0)", "6" },
	{ "round up(-5.5, 0)", "-6" },
	{ "round up(1.121, 2)", "1.13" },
	{ "round up(-1.126, 2)", "-1.13" },
	{ "round up(1.1, 1)", "1.1" },
	{ "round up(n: 5.1, scale: 0)", "6" },
	{ "round up(5.1, null)", NULL },
	{ "round down(5.5, 0)", "5" },
	{ "round down(-5.5, 0)", "-5" },
	{ "round down(1.129, 2)", "1.12" },
	{ "round down(n: -1.129, scale: 2)", "-1.12" },
	{ "round down(null, 0)", NULL },
	{ "round half up(5.5, 0)", "6" },
	{ "round half up(-5.5, 0)", "-6" },
	{ "round half up(1.125, 2)", "1.13" },
	{ "round half up(1.124, 2)", "1.12" },
	{ "round half up(n: 2.5, scale: 0)", "3" },
	{ "round half up(\"a\", 0)", NULL },
	{ "round half down(5.5, 0)", "5" },
	{ "round half down(-5.5, 0)", "-5" },
	{ "round half down(1.125, 2)", "1.12" },
	{ "round half down(1.1251, 2)", "1.13" },
	{ "round half down(1.126, 2)", "1.13" },
	{ "round half down(-1.126, 2)", "-1.13" },
	{ "round half down(n: 1500, scale: -3)", "1000" },
	{ "round half down(1, \"a\")", NULL },
	{ "abs(10)", "10" },
	{ "abs(-10)", "10" },
	{ "abs(n: -0.5)", "0.5" },
	{ "abs(@\"-PT5H\")", "@\"PT5H\"" },
	{ "abs(@\"PT5H\")", "@\"PT5H\"" },
	{ "abs(@\"-P1Y2M\")", "@\"P1Y2M\"" },
	{ "abs(@\"-PT0.5S\")", "@\"PT0.5S\"" },
	{ "abs(null)", NULL },
	{ "abs(\"a\")", NULL },
	{ "modulo(12, 5)", "2" },
	{ "modulo(-12, 5)", "3" },
	{ "modulo(12, -5)", "-3" },
	{ "modulo(-12, -5)", "-2" },
	{ "modulo(10.1, 4.5)", "1.1" },
	{ "modulo(-10.1, 4.5)", "3.4" },
	{ "modulo(10.1, -4.5)", "-3.4" },
	{ "modulo(-10.1, -4.5)", "-1.1" },
	{ "modulo(dividend: 4, divisor: 2)", "0" },
	{ "modulo(1e34, 7)", "4" },
	{ "modulo(1, 0)", NULL, "divisor is 0" },
	{ "modulo(1, null)", NULL },
	{ "sqrt(16)", "4" },
	{ "sqrt(number: 2)", "1.414213562373095048801688724209698" },
	{ "sqrt(0)", "0" },
	{ "sqrt(-1)", NULL, "negative" },
	{ "sqrt(\"4\")", NULL },
	{ "decimal(log(10), 30)", "2.302585092994045684017991454684" },
	{ "log(1)", "0" },
	{ "log(number: 1)", "0" },
	{ "log(0)", NULL, "not above 0" },
	{ "log(-1)", NULL },
	{ "log(null)", NULL },
	{ "decimal(exp(5), 28)", "148.4131591025766034211155800406" },
	{ "exp(0)", "1" },
	{ "exp(number: 0)", "1" },
	{ "exp(100000)", NULL, "too large" },
	{ "exp(\"1\")", NULL },
	{ "odd(5)", "true" },
	{ "odd(2)", "false" },
	{ "odd(-1)", "true" },
	{ "odd(number: 0)", "false" },
	{ "odd(1.5)", "false" },
	{ "odd(null)", NULL },
	{ "even(5)", "false" },
	{ "even(2)", "true" },
	{ "even(-2)", "true" },
	{ "even(number: 0)", "true" },
	{ "even(1e30)", "true" },
	{ "even(0.5)", "false" },
	{ "even(\"2\")", NULL },
};

static const struct feel_case statistics[] = {
	{ "sum([1, 2, 3])", "6" },
	{ "sum(1, 2, 3)", "6" },
	{ "sum(list: [0.1, 0.2])", "0.3" },
	{ "sum(5)", "5" },
	{ "sum([@\"PT1H\", @\"PT30M\"])", "@\"PT1H30M\"" },
	{ "sum([])", NULL, "empty" },
	{ "sum([1, null])", NULL, "item 2 is a null" },
	{ "sum([\"a\"])", NULL },
	{ "sum(null)", NULL },
	{ "mean([1, 2, 3])", "2" },
	{ "mean(1, 2)", "1.5" },
	{ "mean(list: [4])", "4" },
	{ "mean([@\"P1Y\", @\"P3Y\"])", "@\"P2Y\"" },
	{ "mean([])", NULL, "empty" },
	{ "mean([\"a\"])", NULL },
	{ "product([2, 3, 4])", "24" },
	{ "product(2, 3, 4)", "24" },
	{ "product(list: [2])", "2" },
	{ "product([])", NULL, "empty" },
	{ "product([@\"PT1H\"])", NULL },
	{ "product([1, null])", NULL },
	{ "median([8, 2, 5, 3, 4])", "4" },
	{ "median(6, 1, 2, 3)", "2.5" },
	{ "median(list: [1])", "1" },
	{ "median([])", NULL, "empty" },
	{ "median([1, \"a\"])", NULL },
	{ "stddev([2, 4, 7, 5])", "2.081665999466132735282297706979931" },
	{ "stddev(2, 4, 7, 5)", "2.081665999466132735282297706979931" },
	{ "stddev(list: [1, 1])", "0" },
	{ "stddev([47])", NULL, "less than two" },
	{ "stddev(47)", NULL },
	{ "stddev([])", NULL },
	{ "stddev([1, null])", NULL },
	{ "mode([6, 3, 9, 6, 6])", "[6]" },
	{ "mode([6, 1, 9, 6, 1])", "[1, 6]" },
	{ "mode(3, 6, 1)", "[1, 3, 6]" },
	{ "mode(list: [2.50, 2.5])", "[2.5]" },
	{ "mode([])", "[]" },
	{ "mode(6)", "[6]" },
	{ "mode([1, null])", NULL },
	{ "mode(null)", NULL },
};

static void numbers_are_rounded_and_computed(void **state)
{
	FEEL_CASES_HOLD(numbers);
}

static void lists_are_summed_up(void **state)
{
	FEEL_CASES_HOLD(statistics);
}

static void memory_may_run_out_anywhere(void **state)
{
	FEEL_CASES_HOLD_WITHOUT_MEMORY(numbers);
	FEEL_CASES_HOLD_WITHOUT_MEMORY(statistics);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_rounded_and_computed),
		cmocka_unit_test(lists_are_summed_up),
		cmocka_unit_test(memory_may_run_out_anywhere),
	};

	return cmocka_run_group_tests_name("feel-numbers", tests, NULL, NULL);
}
