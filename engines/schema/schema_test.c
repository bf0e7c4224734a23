/* schema_test.c — schemas, values beside them, and what is said of those that don't fit (EDR-15).
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engines/schema/schema.h"

static json_t *read(const char *text)
{
	json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);

	if (!value)
		fail_msg("no JSON: %s", text);
	return value;
}

/* why NULL: it fits */
static const struct {
	const char *schema, *value, *why;
} rows[] = {
	{ "true", "1", NULL },
	{ "false", "1", "payload: may not be there" },
	{ "{}", "null", NULL },
	{ "{'type':'object'}", "{}", NULL },
	{ "{'type':'object'}", "[]", "payload: must be of type object" },
	{ "{'type':['string','null']}", "null", NULL },
	{ "{'type':['string','null']}", "1", "payload: must be of type string or null" },
	{ "{'type':'integer'}", "1.0", NULL },
	{ "{'type':'integer'}", "1.5", "payload: must be of type integer" },
	{ "{'type':'number'}", "true", "payload: must be of type number" },
	{ "{'type':'boolean'}", "false", NULL },
	{ "{'enum':['a',1,{'x':[1]}]}", "{'x':[1.0]}", NULL },
	{ "{'enum':['a',1]}", "'b'", "payload: must be one of [\"a\",1]" },
	{ "{'const':null}", "null", NULL },
	{ "{'const':{'a':1}}", "{'a':2}", "payload: must be {\"a\":1}" },
	{ "{'const':false}", "0", "payload: must be false" },
	{ "{'minimum':1}", "1", NULL },
	{ "{'minimum':1}", "0.5", "payload: must be at least 1" },
	{ "{'minimum':1}", "'a'", NULL },
	{ "{'maximum':9007199254740993}", "9007199254740994",
	  "payload: must be at most 9007199254740993" },
	{ "{'exclusiveMinimum':1}", "1", "payload: must be above 1" },
	{ "{'exclusiveMaximum':1}", "1", "payload: must be below 1" },
	{ "{'multipleOf':3}", "9", NULL },
	{ "{'multipleOf':3}", "10", "payload: must be a multiple of 3" },
	{ "{'multipleOf':0.01}", "19.99", NULL },
	{ "{'multipleOf':1e-308}", "1e308", "payload: must be a multiple of" },
	{ "{'minLength':2}", "'äö'", NULL },
	{ "{'minLength':3}", "'äö'", "payload: must have at least 3 characters" },
	{ "{'maxLength':1}", "'ab'", "payload: must have at most 1 characters" },
	{ "{'pattern':'^[a-z]+$'}", "'abc'", NULL },
	{ "{'pattern':'b'}", "'abc'", NULL },
	{ "{'pattern':'^[a-z]+$'}", "'a1'", "payload: must match ^[a-z]+$" },
	{ "{'pattern':'^a$'}", "'a\\n'", "payload: must match ^a$" },
	{ "{'items':{'type':'integer'}}", "[1,2]", NULL },
	{ "{'items':{'type':'integer'}}", "[1,'a']", "payload[1]: must be of type integer" },
	{ "{'items':false}", "[]", NULL },
	{ "{'items':false}", "[1]", "payload[0]: may not be there" },
	{ "{'minItems':1}", "[]", "payload: must have at least 1 items" },
	{ "{'maxItems':1}", "[1,2]", "payload: must have at most 1 items" },
	{ "{'uniqueItems':true}", "[1,true,'1']", NULL },
	{ "{'uniqueItems':true}", "[1,2,1.0]", "payload: items 0 and 2 are the same" },
	{ "{'uniqueItems':false}", "[1,1]", NULL },
	{ "{'properties':{'a':{'type':'string'}}}", "{'b':1}", NULL },
	{ "{'properties':{'a':{'properties':{'b':{'type':'string'}}}}}", "{'a':{'b':1}}",
	  "payload.a.b: must be of type string" },
	{ "{'required':['a','b']}", "{'a':1}", "payload: b is missing" },
	{ "{'required':['a']}", "[]", NULL },
	{ "{'properties':{'a':true},'additionalProperties':false}", "{'a':1}", NULL },
	{ "{'properties':{'a':true},'additionalProperties':false}", "{'a':1,'c':1}",
	  "payload: has no member c" },
	{ "{'additionalProperties':{'type':'string'}}", "{'a':1}",
	  "payload.a: must be of type string" },
	{ "{'minProperties':1}", "{}", "payload: must have at least 1 members" },
	{ "{'maxProperties':0}", "{'a':1}", "payload: must have at most 0 members" },
	{ "{'allOf':[{'minimum':1},{'maximum':2}]}", "2", NULL },
	{ "{'allOf':[{'minimum':1},{'maximum':2}]}", "3", "payload: must be at most 2" },
	{ "{'anyOf':[{'type':'string'},{'minimum':2}]}", "3", NULL },
	{ "{'anyOf':[{'type':'string'},{'minimum':2}]}", "1", "payload: fits none of anyOf" },
	{ "{'oneOf':[{'type':'integer'},{'minimum':2}]}", "1", NULL },
	{ "{'oneOf':[{'type':'integer'},{'minimum':2}]}", "1.5", "payload: fits none of oneOf" },
	{ "{'oneOf':[{'type':'integer'},{'minimum':2}]}", "3",
	  "payload: fits more than one of oneOf" },
	{ "{'not':{'type':'string'}}", "1", NULL },
	{ "{'not':{'type':'string'}}", "'a'", "payload: fits what stands behind not" },
	/* what a branch that didn't fit has left behind */
	{ "{'anyOf':[{'properties':{'a':{'properties':{'b':false}}}},{'required':['c']}]}",
	  "{'a':{'b':1}}", "payload: fits none of anyOf" },
	{ "{'$ref':'#/$defs/a~1b','$defs':{'a/b':{'type':'string'}}}", "1",
	  "payload: must be of type string" },
	{ "{'properties':{'next':{'$ref':'#'}},'additionalProperties':false}",
	  "{'next':{'next':{}}}", NULL },
	{ "{'properties':{'next':{'$ref':'#'}},'additionalProperties':false}",
	  "{'next':{'next':{'x':1}}}", "payload.next.next: has no member x" },
	{ "{'$schema':'https://json-schema.org/draft/2020-12/schema','title':'T','format':'email',"
	  "'examples':[1],'default':1,'deprecated':false}",
	  "'no mail'", NULL },
};

static json_t *quoted(const char *text)
{
	char *copy = strdup(text);
	json_t *value;

	for (char *at = copy; *at; at++)
		if (*at == '\'')
			*at = '"';
	value = read(copy);
	free(copy);
	return value;
}

static void values_fit_or_not(void **state)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *schema = quoted(rows[i].schema), *value = quoted(rows[i].value);
		enum pl_err err = schema_check(schema);

		if (err)
			fail_msg("%s: %s", rows[i].schema, pl_err_detail(err));
		err = schema_fits(schema, value, "payload");
		if (err != (rows[i].why ? PL_INVALID : PL_OK))
			fail_msg("%s beside %s: %s", rows[i].value, rows[i].schema,
				 pl_err_detail(err));
		if (rows[i].why && strncmp(pl_err_detail(err), rows[i].why, strlen(rows[i].why)))
			fail_msg("%s, not %s", pl_err_detail(err), rows[i].why);
		json_decref(schema);
		json_decref(value);
	}
}

static void bad_schemas_are_refused(void **state)
{
	static const struct {
		const char *schema, *why;
	} bad[] = {
		{ "1", "schema: must be a schema: an object, true or false" },
		{ "{'typ':'string'}", "schema: the keyword typ is not known here" },
		{ "{'if':{}}", "schema: the keyword if is not known here" },
		{ "{'type':'text'}", "schema.type: must be null, boolean" },
		{ "{'type':[]}", "schema.type: must be null, boolean" },
		{ "{'type':[1]}", "schema.type: must be null, boolean" },
		{ "{'properties':{'a':{'properties':{'b':{'minimum':'x'}}}}}",
		  "schema.properties.a.properties.b.minimum: must be a number" },
		{ "{'properties':[]}", "schema.properties: must be an object" },
		{ "{'properties':{'a':1}}", "schema.properties.a: must be a schema" },
		{ "{'multipleOf':0}", "schema.multipleOf: must be a number above 0" },
		{ "{'minLength':-1}", "schema.minLength: must be a whole number" },
		{ "{'minLength':1.5}", "schema.minLength: must be a whole number" },
		{ "{'pattern':'('}", "schema.pattern: at character 2 of the pattern:" },
		{ "{'pattern':1}", "schema.pattern: must be a regular expression" },
		{ "{'pattern':'\\\\C'}", "schema.pattern: at character" },
		{ "{'required':'a'}", "schema.required: must be a list of names" },
		{ "{'anyOf':[]}", "schema.anyOf: must be a list of one schema or more" },
		{ "{'anyOf':[true,{'type':1}]}", "schema.anyOf[1].type: must be" },
		{ "{'$ref':'#/$defs/a'}", "schema.$ref: must be # or #/$defs/NAME" },
		{ "{'default':{'pattern':1},'$ref':'#/default'}", "schema.$ref: must be" },
		{ "{'$ref':'https://example.org/a'}", "schema.$ref: must be" },
		{ "{'$schema':'http://json-schema.org/draft-04/schema#'}",
		  "schema.$schema: must be https://json-schema.org/draft/2020-12/schema" },
		{ "{'enum':1}", "schema.enum: must be a list of values" },
		{ "{'uniqueItems':1}", "schema.uniqueItems: must be true or false" },
		{ "{'items':[]}", "schema.items: must be a schema" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		json_t *schema = quoted(bad[i].schema);
		enum pl_err err = schema_check(schema);

		assert_int_equal(err, PL_INVALID);
		if (strncmp(pl_err_detail(err), bad[i].why, strlen(bad[i].why)))
			fail_msg("%s, not %s", pl_err_detail(err), bad[i].why);
		json_decref(schema);
	}
}

/* `open` and `shut` around each other so often. */
static json_t *nested(int times, const char *open, const char *middle, const char *shut)
{
	size_t room = (size_t)times * (strlen(open) + strlen(shut)) + strlen(middle) + 1;
	char *text = calloc(1, room), *at = text;
	json_t *value;

	for (int i = 0; i < times; i++)
		at = stpcpy(at, open);
	at = stpcpy(at, middle);
	for (int i = 0; i < times; i++)
		at = stpcpy(at, shut);
	value = quoted(text);
	free(text);
	return value;
}

/* Gives both. */
static void hostile_schema(json_t *schema, json_t *value, enum pl_err wanted)
{
	assert_int_equal(schema_check(schema), PL_OK);
	assert_int_equal(schema_fits(schema, value, "payload"), wanted);
	json_decref(schema);
	json_decref(value);
}

static void hostile(const char *schema, json_t *value, enum pl_err wanted)
{
	hostile_schema(quoted(schema), value, wanted);
}

static void work_is_bounded(void **state)
{
	json_t *schema = nested(80, "{'not':", "true", "}"), *many = json_array();

	assert_int_equal(schema_check(schema), PL_TOOLARGE);
	json_decref(schema);
	hostile("{'$ref':'#'}", json_integer(1), PL_TOOLARGE);
	hostile("{'anyOf':[{'$ref':'#'},{'$ref':'#'}]}", json_integer(1), PL_TOOLARGE);
	hostile("{'$ref':'#/$defs/a','$defs':{'a':{'allOf':[{'$ref':'#/$defs/b'},{'$ref':'#/$defs/b'}]},"
		"'b':{'allOf':[{'$ref':'#/$defs/a'},{'$ref':'#/$defs/a'}]}}}",
		json_integer(1), PL_TOOLARGE);
	hostile("{'items':{'$ref':'#'}}", nested(200, "[", "", "]"), PL_TOOLARGE);
	for (int i = 0; i < 1000; i++)
		json_array_append_new(many, json_integer(i));
	hostile("{'uniqueItems':true}", many, PL_TOOLARGE);
	hostile("{'pattern':'^(a+)+$'}", read("\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\""),
		PL_TOOLARGE);
}

/* Names that aren't there, looked for again and again. */
static void work_of_names_is_bounded(void **state)
{
	json_t *names = json_object(), *again = json_array(), *more = json_array(), *schema;
	char name[20];

	for (int i = 0; i < 2000; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		json_object_set_new(names, name, json_true());
	}
	for (int i = 0; i < 40; i++)
		json_array_append_new(again, json_pack("{s:s}", "$ref", "#/$defs/a"));
	for (int i = 0; i < 40; i++)
		json_array_append_new(more, json_pack("{s:s}", "$ref", "#/$defs/b"));
	schema = json_pack("{s:o, s:{s:{s:o}, s:{s:o}}}", "allOf", again, "$defs", "a", "allOf",
			   more, "b", "properties", names);
	hostile_schema(schema, json_object(), PL_TOOLARGE);
}

/* Texts that are cheap at each place alone, and not together. */
static void work_of_patterns_is_bounded(void **state)
{
	enum { RUN = 80, LEN = 20000 };
	char *text = calloc(1, 3 * LEN + 1);
	json_t *many = json_array();

	memset(text, 'a', 3 * LEN);
	for (int i = RUN - 1; i < LEN; i += RUN)
		text[i] = 'c';
	text[LEN - 1] = 'b';
	hostile("{'pattern':'a*a*a*[bd]$'}", json_stringn(text, LEN - 2), PL_TOOLARGE);
	hostile("{'pattern':'a*a*a*b'}", json_stringn(text, LEN), PL_TOOLARGE);
	hostile("{'pattern':'a'}", json_stringn(text, LEN), PL_OK);
	hostile("{'pattern':'a*[bc]'}", json_stringn(text + LEN, 2 * LEN), PL_TOOLARGE);
	for (int i = 0; i < 2000; i++)
		json_array_append_new(many, json_string("aaaaaaaaaaaaab"));
	hostile("{'items':{'pattern':'^[a-z]+$'}}", json_incref(many), PL_OK);
	hostile("{'items':{'not':{'pattern':'^(a+)+$'}}}", many, PL_TOOLARGE);
	hostile("{'items':{'pattern':'(?:a{1000}){20}|c'}}",
		json_pack("[s, s, s, s]", "c", "c", "c", "c"), PL_OK);
	free(text);
}

static void long_names_are_cut(void **state)
{
	char name[400], text[1000];
	json_t *schema, *value;

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	snprintf(text, sizeof(text), "{\"properties\":{\"%s\":{\"items\":{\"type\":\"null\"}}}}",
		 name);
	schema = read(text);
	assert_int_equal(schema_check(schema), PL_OK);
	snprintf(text, sizeof(text), "{\"%s\":[1]}", name);
	value = read(text);
	assert_int_equal(schema_fits(schema, value, "payload"), PL_INVALID);
	json_decref(schema);
	json_decref(value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_fit_or_not),
		cmocka_unit_test(bad_schemas_are_refused),
		cmocka_unit_test(work_is_bounded),
		cmocka_unit_test(work_of_names_is_bounded),
		cmocka_unit_test(work_of_patterns_is_bounded),
		cmocka_unit_test(long_names_are_cut),
	};

	return cmocka_run_group_tests_name("schema", tests, NULL, NULL);
}
