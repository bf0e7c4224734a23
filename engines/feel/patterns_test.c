/*
 * patterns_test.c — matches(), replace() and split().
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/cases.h"

#include <stdlib.h>
#include <string.h>

#include "engines/feel/feel.h"

static const struct feel_case syntax[] = {
	{ "matches(\"foobar\", \"^fo*b\")", "true" },
	{ "matches(\"foobar\", \"o{2}\")", "true" },
	{ "matches(\"foobar\", \"o{3,}\")", "false" },
	{ "matches(\"foobar\", \"^fo{1,2}b\")", "true" },
	{ "matches(\"foobar\", \"(?:foo|bar){2}\")", "true" },
	{ "matches(\"\", \"\")", "true" },
	{ "matches(\"abc\", \"\")", "true" },
	{ "matches(\"abc\", \"b$\")", "false" },
	{ "matches(\"a\\nb\", \"a$\")", "false" },
	{ "matches(\"a\\n\", \"a$\")", "false" },
	{ "matches(\"aXb\", \"a.b\")", "true" },
	{ "matches(\"a\\nb\", \"a.b\")", "false" },
	{ "matches(\"a\\u000Db\", \"a.b\")", "false" },
	{ "matches(\"a\\U01F40Eb\", \"^a.b$\")", "true" },
	{ "matches(\"abab\", \"(ab)\\\\1\")", "true" },
	{ "matches(\"ab\", \"(a)|b\\\\1\")", "true" },
	{ "matches(\"aabbcc11\", \"^(a)\\\\1(b)\\\\2(c)\\\\3\\\\x31\")", NULL, "unknown escape" },
	{ "matches(\"a1\", \"^(a)\\\\11?\")", "false" },
	{ "matches(\"a+b\", \"a\\\\+b\")", "true" },
	{ "matches(\"a|b.c?d*e+f(g){h}-[i]^j$k\\\\l\","
	  " \"a\\\\|b\\\\.c\\\\?d\\\\*e\\\\+f\\\\(g\\\\)\\\\{h\\\\}\\\\-\\\\[i\\\\]\\\\^j\\\\$k\\\\\\\\l\")",
	  "true" },
	{ "matches(\"a\\tb\\nc\", \"a\\\\tb\\\\nc\")", "true" },
	{ "matches(input: \"abc\", pattern: \"B\", flags: \"i\")", "true" },
	{ "matches(\"a\", \"a[^b]\"), matches(\"a \", \"a[^b]\")", "[false, true]", NULL, "{}" },
	{ "matches(\"abc\", \"b\", null)", "true" },
	{ "matches(\"abc\", \"b\", \"\")", "true" },
};

static const struct feel_case classes[] = {
	{ "matches(\"f\", \"^[a-z-[aeiou]]$\")", "true" },
	{ "matches(\"e\", \"^[a-z-[aeiou]]$\")", "false" },
	{ "matches(\"c\", \"^[a-z-[b-y-[c]]]$\")", "true" },
	{ "matches(\"5\", \"^[^a-z-[5]]$\")", "false" },
	{ "matches(\"6\", \"^[^a-z-[5]]$\")", "true" },
	{ "matches(\"-\", \"^[-a]$\")", "true" },
	{ "matches(\"-\", \"^[a-]$\")", "true" },
	{ "matches(\"^\", \"^[a^]$\")", "true" },
	{ "matches(\"]\", \"^[\\\\]]$\")", "true" },
	{ "matches(\"\\\\\", \"^[\\\\\\\\]$\")", "true" },
	{ "matches(\"a\", \"a[^b]\")", "false" },
	{ "matches(\"7\", \"^\\\\d$\")", "true" },
	{ "matches(\"\\u0667\", \"^\\\\d$\")", "true" },
	{ "matches(\"x\", \"^\\\\D$\")", "true" },
	{ "matches(\"\\u00FC\", \"^\\\\w$\")", "true" },
	{ "matches(\"_\", \"^\\\\w$\")", "false" },
	{ "matches(\"!\", \"^\\\\W$\")", "true" },
	{ "matches(\"+\", \"^[\\\\w]$\")", "true" },
	{ "matches(\" \", \"^\\\\s$\")", "true" },
	{ "matches(\"\\u00A0\", \"^\\\\s$\")", "false" },
	{ "matches(\"a\", \"^[\\\\S]$\")", "true" },
	{ "matches(\"_\", \"^\\\\i$\")", "true" },
	{ "matches(\"1\", \"^\\\\i$\")", "false" },
	{ "matches(\"1\", \"^\\\\I$\")", "true" },
	{ "matches(\"a-b.c:d\", \"^\\\\i\\\\c*$\")", "true" },
	{ "matches(\" \", \"^\\\\C$\")", "true" },
	{ "matches(\"A\", \"^\\\\p{Lu}$\")", "true" },
	{ "matches(\"a\", \"^\\\\P{Lu}$\")", "true" },
	{ "matches(\"\\u20AC\", \"^\\\\p{Sc}$\")", "true" },
	{ "matches(\"hello\", \"^\\\\p{IsBasicLatin}+$\")", "true" },
	{ "matches(\"h\\u00E9\", \"^\\\\p{IsBasicLatin}+$\")", "false" },
	{ "matches(\"\\u00E9\", \"^\\\\P{IsBasicLatin}$\")", "true" },
	{ "matches(\"\\u03B1\", \"^[\\\\p{IsGreekandCoptic}x]$\")", "true" },
	{ "matches(\"\\u03B1\", \"^\\\\p{IsGreek}$\")", "true" },
};

static const struct feel_case flags[] = {
	{ "matches(\"a\\nb\", \"a.b\", \"s\")", "true" },
	{ "matches(\"a\\nb\", \"^b$\", \"m\")", "true" },
	{ "matches(\"a\\nb\", \"^b$\")", "false" },
	{ "matches(\"a\\n\", \"^$\", \"m\")", "false" },
	{ "matches(\"\\na\\n\", \"^$\", \"m\")", "true" },
	{ "matches(\"ABC\", \"b\", \"i\")", "true" },
	{ "matches(\"\\u212A\", \"k\", \"i\")", "true" },
	{ "matches(\"O\", \"[A-Z-[OI]]\", \"i\")", "false" },
	{ "matches(\"i\", \"[A-Z-[OI]]\", \"i\")", "false" },
	{ "matches(\"x\", \"[A-Z-[OI]]\", \"i\")", "true" },
	{ "matches(\"q\", \"[^Q]\", \"i\")", "false" },
	{ "matches(\"aA\", \"(a)\\\\1\", \"i\")", "true" },
	{ "matches(\"m\", \"\\\\p{Lu}\", \"i\")", "false" },
	{ "matches(\"m\", \"[\\\\p{Lu}]\", \"i\")", "false" },
	{ "matches(\"m\", \"[\\\\p{Lu}M]\", \"i\")", "true" },
	{ "matches(\"M\", \"[^\\\\p{Lu}x]\", \"i\")", "false" },
	{ "matches(\"X\", \"[^\\\\p{Ll}x]\", \"i\")", "false" },
	{ "matches(\"m\", \"[^\\\\p{Lu}]\", \"i\")", "true" },
	{ "matches(\"hello world\", \"hello\\\\ sworld\", \"x\")", "true" },
	{ "matches(\"hello world\", \" he l lo[ ]world \", \"x\")", "true" },
	{ "matches(\"hello\", \"\\\\p{ I s B a s i c L a t i n }+\", \"x\")", "true" },
	{ "matches(\"A\\nB\", \"a . b\", \"smix\")", "true" },
	{ "matches(\"AA\", \"a{2}\", \"ii\")", "true" },
	{ "matches(\"a\", \" \\t\", \"x\")", "true" },
	{ "matches(\"a\", \"a\", \"q\")", NULL, "flags" },
	{ "matches(\"a\", \"a\", \"X\")", NULL, "flags" },
	{ "matches(\"a\", \"a\", \" \")", NULL, "flags" },
	{ "matches(\"a\", \"a\", 1)", NULL, "flags is a number" },
};

static const struct feel_case invalid[] = {
	{ "matches(\"a\", \"[\")", NULL, "bracket isn't closed" },
	{ "matches(\"a\", \"[]\")", NULL, "nothing in brackets" },
	{ "matches(\"a\", \"[a\")", NULL, "bracket isn't closed" },
	{ "matches(\"a\", \"[z-a]\")", NULL, "ends before it starts" },
	{ "matches(\"a\", \"[a-\\\\d]\")", NULL, "ends before" },
	{ "matches(\"a\", \"[[a]]\")", NULL, "backslash" },
	{ "matches(\"a\", \"[a-[b]c]\")", NULL, "at their end" },
	{ "matches(\"a\", \"(\")", NULL, "parenthesis isn't closed" },
	{ "matches(\"a\", \")\")", NULL, "wasn't opened" },
	{ "matches(\"a\", \"(?=a)\")", NULL, "followed by : only" },
	{ "matches(\"a\", \"(?i)a\")", NULL, "followed by : only" },
	{ "matches(\"a\", \"(?R)\")", NULL, "followed by : only" },
	{ "matches(\"a\", \"(*ACCEPT)\")", NULL, "nothing to repeat" },
	{ "matches(\"a\", \"*a\")", NULL, "nothing to repeat" },
	{ "matches(\"a\", \"a**\")", NULL, "nothing to repeat" },
	{ "matches(\"a\", \"a*+\")", NULL, "nothing to repeat" },
	{ "matches(\"a\", \"a{2\")", NULL, "brace isn't closed" },
	{ "matches(\"a\", \"a{,2}\")", NULL, "no number" },
	{ "matches(\"a\", \"a{3,2}\")", NULL, "at least" },
	{ "matches(\"a\", \"a{99999999999999999999}\")", NULL, "65535" },
	{ "matches(\"a\", \"a}\")", NULL, "need a backslash" },
	{ "matches(\"a\", \"a\\\\\")", NULL, "ends with a backslash" },
	{ "matches(\"a\", \"\\\\b\")", NULL, "unknown escape" },
	{ "matches(\"a\", \"\\\\K\")", NULL, "unknown escape" },
	{ "matches(\"a\", \"\\\\p{Greek}\")", NULL, "category or block" },
	{ "matches(\"a\", \"\\\\p{ IsBasicLatin}\")", NULL, "category or block" },
	{ "matches(\"a\", \"\\\\pL\")", NULL, "unknown escape" },
	{ "matches(\"h\", \"(.)\\\\3\")", NULL, "no such group" },
	{ "matches(\"h\", \"(.\\\\1)\")", NULL, "no such group" },
	{ "matches(\"h\", \"\\\\1(.)\")", NULL, "no such group" },
	{ "matches(\"h\", \"(h)[\\\\1]\")", NULL, "unknown escape" },
	{ "matches(\"h\", \"\\\\0\")", NULL, "no such group" },
	{ "matches(\"h\", \"(((a{60000}){60000}){60000}){60000}\")", NULL,
	  "no regular expression" },
	{ "matches(null, \"a\")", NULL, "input is a null" },
	{ "matches(\"a\", null)", NULL, "pattern is a null" },
	{ "matches(\"a\", [])", NULL, "pattern is a list" },
};

static const struct feel_case replacements[] = {
	{ "replace(\"abcd\", \"(ab)|(a)\", \"[1=$1][2=$2]\")", "\"[1=ab][2=]cd\"" },
	{ "replace(\"abracadabra\", \"bra\", \"*\")", "\"a*cada*\"" },
	{ "replace(\"abracadabra\", \"a.*a\", \"*\")", "\"*\"" },
	{ "replace(\"abracadabra\", \"a.*?a\", \"*\")", "\"*c*bra\"" },
	{ "replace(\"abracadabra\", \"a\", \"\")", "\"brcdbr\"" },
	{ "replace(\"AAAA\", \"A+?\", \"b\")", "\"bbbb\"" },
	{ "replace(\"darted\", \"^(.*?)d(.*)$\", \"$1c$2\")", "\"carted\"" },
	{ "replace(\"abc\", \"[a-z]\", \"[$0]\")", "\"[a][b][c]\"" },
	{ "replace(\"abc\", \"b\", \"\\\\$1\\\\\\\\\")", "\"a$1\\\\c\"" },
	{ "replace(\"abc\", \"(b)\", \"$12\")", "\"ab2c\"" },
	{ "replace(\"abc\", \"(b)\", \"$9\")", "\"ac\"" },
	{ "replace(\"a\\nb\\nc\", \"^\", \"> \", \"m\")", NULL, "empty string" },
	{ "replace(\"a\\nb\", \"^.\", \"x\", \"m\")", "\"x\\nx\"" },
	{ "replace(\"Gr\u00fc\u00dfe\", \"\u00fc\", \"ue\")", "\"Grue\u00dfe\"" },
	{ "replace(\"abc\", \"[A-Z]\", \"#\", \"i\")", "\"###\"" },
	{ "replace(\"abc\", \"x\", \"y\")", "\"abc\"" },
	{ "replace(\"\", \"x\", \"y\")", "\"\"" },
	{ "replace(input: \"abc\", pattern: \"b\", replacement: \"x\")", "\"axc\"" },
	{ "replace(input: \"abc\", pattern: \"B\", replacement: \"x\", flags: \"i\")", "\"axc\"" },
	{ "replace(\"abc\", \"x*\", \"-\")", NULL, "empty string" },
	{ "replace(\"abc\", \"b\", \"$\")", NULL, "$ stands before a number" },
	{ "replace(\"abc\", \"b\", \"$x\")", NULL, "$ stands before a number" },
	{ "replace(\"abc\", \"b\", \"\\\\n\")", NULL, "$ stands before a number" },
	{ "replace(\"abc\", \"(\", \"x\")", NULL },
	{ "replace(\"abc\", \"b\", null)", NULL },
	{ "split(\"John Doe\", \"\\\\s\")", "[\"John\", \"Doe\"]" },
	{ "split(\"a;b;c;;\", \";\")", "[\"a\", \"b\", \"c\", \"\", \"\"]" },
	{ "split(\";a\", \";\")", "[\"\", \"a\"]" },
	{ "split(\"\", \";\")", "[\"\"]" },
	{ "split(\"a1b22c\", \"[0-9]+\")", "[\"a\", \"b\", \"c\"]" },
	{ "split(delimiter: \",\", string: \"foo,bar\")", "[\"foo\", \"bar\"]" },
	{ "split(\"abc\", \"\")", NULL, "empty string" },
	{ "split(\"abc\", \"(\")", NULL },
	{ "split(null, \",\")", NULL },
};

static void patterns_are_xpaths(void **state)
{
	FEEL_CASES_HOLD(syntax);
	FEEL_CASES_HOLD(classes);
}

static void flags_are_s_m_i_x(void **state)
{
	FEEL_CASES_HOLD(flags);
}

static void what_is_no_pattern_is_refused(void **state)
{
	FEEL_CASES_HOLD(invalid);
}

static void texts_are_replaced_and_split(void **state)
{
	FEEL_CASES_HOLD(replacements);
}

static void memory_may_run_out_anywhere(void **state)
{
	FEEL_CASES_HOLD_WITHOUT_MEMORY(flags);
	FEEL_CASES_HOLD_WITHOUT_MEMORY(replacements);
}

static char *repeated(const char *before, const char *part, size_t n, const char *after)
{
	char *text = malloc(strlen(before) + n * strlen(part) + strlen(after) + 1), *at = text;

	assert_non_null(text);
	at = stpcpy(at, before);
	while (n--)
		at = stpcpy(at, part);
	stpcpy(at, after);
	return text;
}

/* Patterns that take exponential or quadratic time on a backtracking engine end by the steps. */
static void no_pattern_runs_long(void **state)
{
	static const struct {
		const char *part;
		size_t n;
		const char *pattern;
	} hostile[] = {
		{ "a", 60, "^(a+)+$" },		 { "a", 60, "^(a|a)*b" },
		{ "a", 60, "(a?){40}(a){60}b" }, { "a", 60, "^(([a-z])+.)+[A-Z]([a-z])+$" },
		{ "a", 300000, "a{60000}b" },	 { "a", 300000, "(a{1000}){60}b" },
		{ "a", 300000, "(a*)\\\\1b" },	 { "a", 300000, "a*b" },
		{ "a", 300000, "[^b]*[^c]*d" },	 { "ab", 150000, "(ab)*c" },
	};
	const struct feel_limits limits = { .steps = 200000 };

	for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		char *text = repeated("matches(\"", hostile[i].part, hostile[i].n, "!\", \"");
		char *whole = repeated(text, hostile[i].pattern, 1, "\")");
		struct feel_expr *expr = NULL;
		json_t *got = NULL;
		enum pl_err err;

		assert_int_equal(feel_compile(&expr, whole, strlen(whole)), PL_OK);
		err = feel_eval(&got, expr, NULL, &limits);
		if (err != PL_TOOLARGE)
			fail_msg("%s: %d", hostile[i].pattern, (int)err);
		json_decref(got);
		feel_free(expr);
		free(whole);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns_are_xpaths),
		cmocka_unit_test(flags_are_s_m_i_x),
		cmocka_unit_test(what_is_no_pattern_is_refused),
		cmocka_unit_test(texts_are_replaced_and_split),
		cmocka_unit_test(memory_may_run_out_anywhere),
		cmocka_unit_test(no_pattern_runs_long),
	};

	return cmocka_run_group_tests_name("feel-patterns", tests, NULL, NULL);
}
