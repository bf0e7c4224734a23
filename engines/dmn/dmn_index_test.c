/*
 * dmn_index_test.c — a large table has the values that FEEL gives its entries, one by one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>

#include "engines/dmn/dmn_test.h"
#include "engines/dmn/model.h"

enum { RULES = 150, TRIES = 1500 };

static uint32_t seed = 2463534242u;

/* Marsaglia's xorshift: the same tests in each run. */
static unsigned any(unsigned below)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed % below;
}

static const char *const numbers[] = {
	"-",	     "%u",	 "< %u",     "<= %u",	   "> %u",     "&gt;= %u",
	"[%u..60]",  "(%u..60)", "]%u..60[", "[%u..60)",   "not(%u)",  "not(&lt; %u, 50)",
	"%u, 20, 3", "null",	 "!= %u",    "? * 2 = %u", "%u, null", "not(null)",
	"= %u",	     "-%u",
};
static const char *const strings[] = {
	"-",
	"\"k%u\"",
	"\"k%u\",\"k7\"",
	"not(\"k%u\")",
	"&lt; \"k%u\"",
	"[\"k%u\"..\"k9\"]",
	"starts with(?, \"k%u\")",
	"",
};
static const char *const mixed[] = {
	"-",	"true",	 "false",  "not(true)",		"%u",
	"null", "\"a\"", "[1, 2]", "@\"2024-01-%02u\"", "&lt; @\"P%uD\"",
};
#define PICK(list) ((list)[any(sizeof(list) / sizeof((list)[0]))])

static void put_entry(FILE *out, const char *form, unsigned number)
{
	fputs("<inputEntry><text>", out);
	for (; *form; form++)
		if (*form == '<')
			fputs("&lt;", out);
		else if (*form == '%') {
			fprintf(out, form[1] == '0' ? "%02u" : "%u", number);
			form += form[1] == '0' ? 3 : 1;
		} else
			fputc(*form, out);
	fputs("</text></inputEntry>", out);
}

static char *table_xml(void)
{
	char *xml;
	size_t len;
	FILE *out = open_memstream(&xml, &len);

	assert_non_null(out);
	fputs("<definitions xmlns='https://www.omg.org/spec/DMN/20230324/MODEL/' name='t'"
	      " namespace='urn:t'>"
	      "<inputData id='a' name='a'/><inputData id='b' name='b'/><inputData id='c' name='c'/>"
	      "<decision id='d' name='d'>"
	      "<informationRequirement><requiredInput href='#a'/></informationRequirement>"
	      "<informationRequirement><requiredInput href='#b'/></informationRequirement>"
	      "<informationRequirement><requiredInput href='#c'/></informationRequirement>"
	      "<decisionTable hitPolicy='RULE ORDER'>"
	      "<input><inputExpression><text>a</text></inputExpression></input>"
	      "<input><inputExpression><text>b</text></inputExpression></input>"
	      "<input><inputExpression><text>c</text></inputExpression></input><output/>",
	      out);
	for (int i = 0; i < RULES; i++) {
		fputs("<rule>", out);
		put_entry(out, PICK(numbers), any(60));
		put_entry(out, PICK(strings), any(10));
		put_entry(out, PICK(mixed), 1 + any(9));
		fprintf(out, "<outputEntry><text>%d</text></outputEntry></rule>", i);
	}
	fputs("</decisionTable></decision></definitions>", out);
	assert_int_equal(fclose(out), 0);
	return xml;
}

static char *some_context(void)
{
	static const char *const as[] = { "%u", "%u.5", "null", "\"x\"", "[%u]" };
	static const char *const bs[] = { "\"k%u\"", "\"kk\"", "null", "%u", "\"\"" };
	static const char *const cs[] = {
		"true", "false", "null", "%u", "\"a\"", "[1, 2]", "@\"2024-01-%02u\"", "@\"P%uD\""
	};
	char form[100], *context = NULL;

	snprintf(form, sizeof(form), "{a: %s, b: %s, c: %s}", any(3) ? as[0] : PICK(as),
		 any(3) ? bs[0] : PICK(bs), PICK(cs));
	for (const char *at = form; (at = strchr(at, '%'));) {
		size_t len = strchr(at, 'u') - at + 1U;
		char number[8];

		snprintf(number, sizeof(number), len > 2 ? "%02u" : "%u",
			 len > 2 ? 1 + any(9) : any(65));
		memmove(form + (at - form) + strlen(number), at + len, strlen(at + len) + 1);
		memcpy(form + (at - form), number, strlen(number));
	}
	context = strdup(form);
	assert_non_null(context);
	return context;
}

static void the_index_agrees_with_feel(void **state)
{
	struct dmn_model *indexed = NULL, *plain = NULL;
	struct dmn_index *index;
	char *xml = table_xml();

	assert_int_equal(test_load(&indexed, xml), PL_OK);
	assert_int_equal(test_load(&plain, xml), PL_OK);
	index = plain->sources[0]->elements[3].logic->table->index;
	assert_non_null(index);
	plain->sources[0]->elements[3].logic->table->index = NULL;
	for (int i = 0; i < TRIES; i++) {
		char *context = some_context();
		const struct test_case c = { "d", "d", context, NULL, "" };
		char *is = test_value(indexed, &c), *wanted = test_value(plain, &c);

		if (strcmp(is, wanted) != 0)
			fail_msg("%s\n  index %s\n  plain %s", context, is, wanted);
		free(context);
		free(is);
		free(wanted);
	}
	dmn_free(indexed);
	dmn_free(plain);
	free(xml);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_index_agrees_with_feel),
	};

	return cmocka_run_group_tests_name("dmn index", tests, NULL, NULL);
}
