/*
 * dmn_table_test.c — decision tables: hit policies, inputs, outputs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/dmn/dmn_test.h"

#define AGE(age) "{Age: " age ", Tier: \"gold\"}"

static const struct test_case cases[] = {
	{ "unique", "Unique", AGE("17"), "\"minor\"", NULL },
	{ "unique_overlap", "Unique", AGE("62"), "null",
	  "Unique:14:0: the rules in lines 28 and 33 both match" },
	{ "unique_no_match", "Unique", "{Age: 50, Tier: \"none\"}", "null", "no rule matches" },
	{ "unique_null_input", "Unique", "{Age: null, Tier: \"gold\"}", "null", "no rule matches" },
	{ "unique_is_the_default", "No policy", AGE("5"), "\"gold 5\"", NULL },
	{ "any_same", "Any", AGE("30"), "\"adult\"", NULL },
	{ "any_different", "Any", AGE("70"), "null", "match with different outputs" },
	{ "priority", "Priority", AGE("50"), "\"high\"", NULL },
	{ "priority_of_several_outputs", "Priority of two", AGE("50"),
	  "{\"letter\":\"a\",\"digit\":3}", NULL },
	{ "priority_by_item_definition", "Priority by type", AGE("50"), "\"high\"", NULL },
	{ "first", "First", AGE("70"), "\"senior\"", NULL },
	{ "first_later", "First", AGE("3"), "\"minor\"", NULL },
	{ "rule_order", "Rule order", AGE("50"), "[\"b\",\"a\",\"b\"]", NULL },
	{ "rule_order_no_match", "Rule order", AGE("5"), "[]", NULL },
	{ "output_order", "Output order", AGE("50"), "[\"a\",\"b\",\"c\"]", NULL },
	{ "collect", "Collect", AGE("50"), "[\"b\",\"a\"]", NULL },
	{ "collect_no_match", "Collect", AGE("5"), "[]", NULL },
	{ "collect_sum", "Collect sum", AGE("50"), "15", NULL },
	{ "collect_sum_no_match", "Collect sum", AGE("5"), "null", "no rule matches" },
	{ "collect_min", "Collect min", AGE("50"), "2.5", NULL },
	{ "collect_max", "Collect max", AGE("50"), "10", NULL },
	{ "collect_count", "Collect count", AGE("50"), "3", NULL },
	{ "collect_count_no_match", "Collect count", AGE("5"), "0", NULL },
	{ "collect_of_several_outputs", "Collect of two", AGE("30"), "{\"a\":12.5,\"b\":3}", NULL },
	{ "several_outputs", "Several outputs", AGE("30"), "{\"may enter\":\"yes\",\"twice\":60}",
	  NULL },
	{ "several_outputs_one_null", "Several outputs", AGE("3"),
	  "{\"may enter\":\"no\",\"twice\":null}", NULL },
	{ "default_output", "Default", AGE("3"), "\"no\"", NULL },
	{ "default_outputs", "Defaults", AGE("3"), "{\"answer\":\"no\",\"count\":0}", NULL },
	{ "input_values", "Input values", "{Age: 1, Tier: \"silver\"}", "\"silver\"", NULL },
	{ "input_values_refused", "Input values", "{Age: 1, Tier: \"iron\"}", "\"not one of them\"",
	  "the input is none of the values \"gold\",\"silver\"" },
	{ "output_values", "Output values", "{Age: 1, Tier: \"silver\"}", "\"silver\"", NULL },
	{ "output_values_refused", "Output values", "{Age: 1, Tier: \"iron\"}", "null",
	  "the output is none of the values" },
	{ "question_mark", "Question mark", "{Age: 51, Tier: \"x\"}", "\"old\"", NULL },
	{ "question_mark_in_a_call", "Question mark", AGE("3"), "\"g\"", NULL },
	{ "output_type", "Wrong type", AGE("3"), "null", "Wrong type:" },
	{ "input_is_a_list", "Lists", AGE("30"), "\"one\"", NULL },
	{ "input_equals_a_list", "Lists", AGE("3"), "\"two and three\"", NULL },
	{ "empty_entry_is_any", "Empty entry", AGE("3"), "\"any\"", NULL },
	{ "no_inputs", "No inputs", AGE("3"), "4", NULL },
	{ "broken_entry_before_match", "Broken rule", AGE("30"), "\"adult\"", NULL },
	{ "broken_entry", "Broken rule", AGE("3"), "\"else\"", "Broken rule:" },
	{ "input_of_the_wrong_type", "First", "{Age: \"old\", Tier: \"gold\"}", "\"minor\"",
	  "Age:" },
	{ 0 },
};

static void hit_policies(void **state)
{
	struct dmn_model *model = test_model("tables.dmn");

	test_cases(model, cases);
	dmn_free(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hit_policies),
	};

	return cmocka_run_group_tests_name("dmn tables", tests, NULL, NULL);
}
