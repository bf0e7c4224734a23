/*
 * names_test.c — names with blanks and signs, as they are in scope.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/cases.h"

static const char variables[] =
	"{a: 1, b: 2, \"a-b\": 10, \"a + b\": 20, \"a*b\": 30, \"it's\": 40, \"x.y\": 50, \"a/b\": 60,"
	" größe: 70, count: 80, first name: \"Ann\", date of birth: @\"2000-01-31\","
	" \"in a list\": [7], \"if only\": 8,"
	" person: {\"last name\": \"Lee\", \"home-address\": {\"zip code\": \"10115\"}},"
	" people: [{last name: \"Lee\", age: 41}, {last name: \"Kay\", age: 12}]}";

static const struct feel_case names[] = {
	{ "a", "1", NULL, variables },
	{ "b", "2", NULL, variables },
	{ "a-b", "10", NULL, variables },
	{ "a - b", "10", NULL, variables },
	{ "a+b", "20", NULL, variables },
	{ "a + b + a", "21", NULL, variables },
	{ "a*b / 2", "15", NULL, variables },
	{ "it's", "40", NULL, variables },
	{ "x.y", "50", NULL, variables },
	{ "a/b", "60", NULL, variables },
	{ "first name + \"!\"", "\"Ann!\"", NULL, variables },
	{ "first   name", "\"Ann\"", NULL, variables },
	{ "date of birth", "date(2000, 1, 31)", NULL, variables },
	{ "in a list", "[7]", NULL, variables },
	{ "in a list[1]", "7", NULL, variables },
	{ "for i in in a list return i", "[7]", NULL, variables },
	{ "if only + 1", "9", NULL, variables },
	{ "a-c", NULL, "there is no variable c", variables },
	{ "b-a", "1", NULL, variables },
	{ "a b", NULL, "there is no variable a b", variables },
	{ "gr\u00f6\u00dfe", "70", NULL, variables },
	{ "count", "80", NULL, variables },
	{ "count(in a list)", "1", NULL, variables },
	{ "a-b-a", "9", NULL, variables },
};

static const struct feel_case members[] = {
	{ "person.last name", "\"Lee\"", NULL, variables },
	{ "person.home-address.zip code", "\"10115\"", NULL, variables },
	{ "person.home - address", "{zip code: \"10115\"}", NULL, variables },
	{ "person. last  name", "\"Lee\"", NULL, variables },
	{ "people[last name = \"Lee\"].age", "[41]", NULL, variables },
	{ "people[age-1 = 40][1].last name", "\"Lee\"", NULL, variables },
	{ "people.last name", "[\"Lee\", \"Kay\"]", NULL, variables },
	{ "people[age in years > 1]", "[]", NULL, variables },
	{ "{x-y: 7, x: 1, y: 3, r: [{x-y: 1}, x - y]}.r[2]", "7", NULL, variables },
	{ "[{u-v: 1}, {u: 5, v: 2, w: u-v}.w][2]", "3", NULL, variables },
};

static const struct feel_case contexts[] = {
	{ "{a: 1, b: a + 1, c: {d: b + a}}", "{a: 1, b: 2, c: {d: 3}}" },
	{ "{a+b: 1, c: a+b + 1}", "{\"a+b\": 1, c: 2}" },
	{ "{a + b: 1}", "{\"a + b\": 1}" },
	{ "{foo bar: 1, baz: foo  bar}.baz", "1" },
	{ "{\"a b\": 1, c: a b}.c", "1" },
	{ "{\"\": 1}", "{\"\": 1}" },
	{ "{\"x(\": 1}", "{\"x(\": 1}" },
	{ "{if: 1}.if", "1" },
	{ "{in: 1, for: 2}.for", "2" },
	{ "{a: 1}.b", NULL, "no entry b" },
	{ "{x-y: {z: 5}}.x-y.z", "5" },
	{ "{a: 1, r: {a: 2, b: a}}.r.b", "2" },
	{ "{b: a, a: 1}.b", NULL, "there is no variable a" },
	{ "`strange name`", NULL, "strange name" },
};

/* EDR-4 */
static void the_longest_name_in_scope_is_taken(void **state)
{
	FEEL_CASES_HOLD(names);
}

/* EDR-4 */
static void members_have_such_names_too(void **state)
{
	FEEL_CASES_HOLD(members);
}

/* EDR-4 */
static void entries_see_earlier_ones(void **state)
{
	FEEL_CASES_HOLD(contexts);
}

static void memory_may_run_out_anywhere(void **state)
{
	FEEL_CASES_HOLD_WITHOUT_MEMORY(names);
	FEEL_CASES_HOLD_WITHOUT_MEMORY(members);
	FEEL_CASES_HOLD_WITHOUT_MEMORY(contexts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_longest_name_in_scope_is_taken),
		cmocka_unit_test(members_have_such_names_too),
		cmocka_unit_test(entries_see_earlier_ones),
		cmocka_unit_test(memory_may_run_out_anywhere),
	};

	return cmocka_run_group_tests_name("feel-names", tests, NULL, NULL);
}
