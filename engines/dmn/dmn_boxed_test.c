/*
 * dmn_boxed_test.c — boxed expressions.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/dmn/dmn_test.h"

#define PEOPLE                                                                                     \
	"people: [{name: \"Ann\", age: 30}, {name: \"Bob\", age: 5}, {name: \"Cy\", age: 80}]"

static const struct test_case cases[] = {
	{ "literal", "Literal", "{n: 1.50}", "2.5", NULL },
	{ "literal_type", "Typed literal", "{n: 1}", "null", "Typed literal:" },
	{ "context", "Context", "{n: 2}",
	  "{\"first one\":4,\"second\":5,\"inner\":{\"a\":5,\"b\":9}}", NULL },
	{ "context_result", "Result", "{n: 2}", "12", NULL },
	{ "context_entry_type", "Typed entry", "{n: 2}", "{\"a\":null,\"b\":true}",
	  "Typed entry:" },
	{ "list", "List", "{n: 1}", "[1,2,[3]]", NULL },
	{ "relation", "Relation", "{n: 7}",
	  "[{\"full name\":\"Ann\",\"age\":7},{\"full name\":\"Bob\",\"age\":null}]", "Relation:" },
	{ "relation_filtered", "Uses relation", "{n: 7}", "[\"Ann\"]", "Relation:" },
	{ "function", "Calls function", "{n: 5}", "[10,15,null]", "Calls function:" },
	{ "function_recursion", "Recursion", "{n: 20}", "2432902008176640000", NULL },
	{ "function_without_end", "Endless", "{n: 1}",
	  "!FEEL: functions call each other without an end, or too deep", NULL },
	{ "function_in_java", "Calls Java", NULL, "null", "functions in Java are not run" },
	{ "function_in_pmml", "Calls PMML", NULL, "null", "functions in PMML are not run" },
	{ "invocation", "Invocation", "{n: 2}", "6", NULL },
	{ "invocation_of_built_in", "Invokes built-in", NULL, "\"ABC\"", NULL },
	{ "invocation_of_no_function", "Invokes nothing", "{n: 2}", "null",
	  "what is invoked is no function but number" },
	{ "invocation_binding_type", "Typed binding", "{n: 2}", "true", "Typed binding:" },
	{ "conditional_then", "Conditional", "{n: 11}", "\"large\"", NULL },
	{ "conditional_else", "Conditional", "{n: 1}", "\"small\"", NULL },
	{ "conditional_null", "Conditional", "{n: null}", "\"small\"", "Conditional:" },
	{ "for", "For", "{n: 3}", "[2,5,8]", NULL },
	{ "for_nested", "For over decision", "{n: 3}", "[[3,6],[4,8]]", NULL },
	{ "for_null", "For over nothing", NULL, "null", "For over nothing:" },
	{ "some", "Some", "{n: 3}", "true", NULL },
	{ "some_none", "Some", "{n: 4}", "false", NULL },
	{ "every", "Every", "{n: 3}", "true", NULL },
	{ "every_not", "Every", "{n: 2}", "false", NULL },
	{ "every_no_boolean", "Every", "{n: \"a\"}", "null",
	  "what is asked is null, not a boolean" },
	{ "some_no_boolean", "Some no boolean", NULL, "null",
	  "what is asked is string, not a boolean" },
	{ "filter", "Filter", "{n: 10, " PEOPLE "}", "[{\"name\":\"Ann\",\"age\":30}]", NULL },
	{ "filter_by_no_boolean", "Filter by position", NULL, "null", "Filter by position:" },
	{ "filter_by_boxed_expression", "Filter by boxed", "{n: 1}", "[2,3]", NULL },
	{ "filter_by_boxed_no_boolean", "Filter by boxed", "{n: null}", "null",
	  "what is asked is null, not a boolean" },
	{ "no_expression", "Nothing", NULL, "null", "Nothing:370:0: there is no expression" },
	{ "no_feel", "No FEEL", "{n: 1}", "null", "No FEEL:" },
	{ "other_language", "Other language", NULL, "null",
	  "only the expression language FEEL is run" },
	{ "imported_values", "Imported values", NULL, "null", "imported values are not run" },
	{ "diagnostic_line_and_column", "Null in second line", NULL, "null",
	  "Null in second line:395:8: " },
	{ 0 },
};

static void boxed_expressions(void **state)
{
	struct dmn_model *model = test_model("boxed.dmn");

	test_cases(model, cases);
	dmn_free(model);
}

/* What can't be run is known when the model is loaded. */
static void problems_are_listed(void **state)
{
	struct dmn_model *model = test_model("boxed.dmn");
	const struct dmn_diagnostic *problems;

	assert_int_equal(dmn_problems(&problems, model), 5);
	assert_string_equal(problems[0].element, "Java");
	assert_string_equal(problems[2].element, "No FEEL");
	assert_string_equal(problems[2].file, "boxed.dmn");
	dmn_free(model);
}

/* Of many diagnostics those that are kept are whole, and the others are counted. */
static void many_diagnostics_are_counted(void **state)
{
	static const char head[] =
		"<definitions xmlns='https://www.omg.org/spec/DMN/20230324/MODEL/' name='m' "
		"namespace='urn:m'><decision id='d' name='D'><literalExpression><text>"
		"for i in 1..20 return i + \"a\"</text></literalExpression></decision></definitions>";
	struct dmn_diagnostics diagnostics;
	struct dmn_model *model;
	struct feel_run *run;

	assert_int_equal(test_load(&model, head), PL_OK);
	assert_int_equal(feel_run_new(&run, NULL), PL_OK);
	assert_non_null(
		dmn_evaluate(run, model, dmn_find(model, DMN_DECISION, "D"), NULL, &diagnostics));
	assert_int_equal(diagnostics.len, 20);
	assert_in_range(diagnostics.kept, 1, 20);
	for (size_t i = 0; i < diagnostics.kept; i++) {
		assert_string_equal(diagnostics.rows[i].element, "D");
		assert_non_null(strstr(diagnostics.rows[i].reason, "no such operation"));
	}
	feel_run_free(run);
	dmn_free(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(boxed_expressions),
		cmocka_unit_test(problems_are_listed),
		cmocka_unit_test(many_diagnostics_are_counted),
	};

	return cmocka_run_group_tests_name("dmn boxed", tests, NULL, NULL);
}
