/*
 * dmn_graph_test.c — what elements require of each other: decisions, knowledge, services, imports.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/dmn/dmn_test.h"

static const struct test_case graph[] = {
	{ "decision_of_decision", "Total", "{Amount: 100}", "121", NULL },
	{ "decision_given", "Total", "{Amount: 100, Net / gross: 7}", "8", NULL },
	{ "decision_given_wrong", "Total", "{Net / gross: \"a\"}", "null", "Net / gross:" },
	{ "diamond", "Both", "{Amount: 100}", "[121,120]", NULL },
	{ "special_characters", "Mail", "{Buyer's e-mail + address: \"a@b\"}", "\"A@B\"", NULL },
	{ "umlaut", "Area", "{Größe: 1.5}", "2.25", NULL },
	{ "not_required_is_not_seen", "Not required", "{Amount: 1}", "null", "Not required:" },
	{ "decision_type", "Net / gross", "{Amount: \"a\"}", "null", "Amount:" },
	{ "knowledge", "Discounted", "{Amount: 100}", "89.5", NULL },
	{ "knowledge_named_arguments", "Discounted by name", "{Amount: 100}", "49.5", NULL },
	{ "knowledge_too_few_arguments", "Too few arguments", "{Amount: 100}", "null",
	  "Too few arguments:" },
	{ "knowledge_wrong_argument", "Wrong argument", NULL, "null", "Wrong argument:" },
	{ "knowledge_invoked_recursive", "Invoked", "{Amount: 2}", "1024", NULL },
	{ "knowledge_result_type", "Result typed", NULL, "[1,null]", "Result typed:" },
	{ "knowledge_in_java", "Calls Java", NULL, "null", "functions in Java are not run" },
	{ "knowledge_without_logic", "Calls empty", NULL, "null", "\"empty one\" has no logic" },
	{ "knowledge_by_table", "Table called", NULL, "[\"negative\",\"positive\"]", NULL },
	{ "knowledge_in_a_closure", "As argument", NULL, "[3,2,1]", NULL },
	{ "knowledge_by_itself", "discount", "{amount: 10, rate: 0}", "9.5", NULL },
	{ "service", "Pricing", "{Amount: 100}", "121", NULL },
	{ "service_of_two", "Two of them", "{Amount: 100, Größe: 3}", "{\"Total\":121,\"Area\":9}",
	  NULL },
	{ "service_input_decision", "From the middle", "{Net / gross: 7}", "8", NULL },
	{ "service_called", "Calls service", NULL, "121", NULL },
	{ "service_called_by_names", "Calls service of two", NULL, "9", NULL },
	{ "service_called_input_decision", "Calls the middle", NULL, "[6,null,null]",
	  "Calls the middle:" },
	{ "service_type", "Typed service", "{Amount: 100}", "null", "Typed service:" },
	{ 0 },
};

static const struct test_case imports[] = {
	{ "import", "Greeting", "{first name: \"Al\"}", "\"Hello, Al Doe!!\"", NULL },
	{ "import_input_by_import", "Greeting", "{base: {first name: \"Bo\"}}",
	  "\"Hello, Bo Doe!!\"", NULL },
	{ "import_type", "Imported type", "{mine: \"S\"}", "\"S\"", NULL },
	{ "import_type_refused", "Imported type", "{mine: \"M\"}", "null", "mine:" },
	{ "import_type_in_feel", "Is of imported type", "{mine: \"S\"}", "true", NULL },
	{ "import_service", "Imported service", NULL, "6", NULL },
	{ "import_without_name", "Merged", "{merged input: \"x\"}",
	  "\"of the importing file and x\"", NULL },
	{ "import_without_name_type", "Merged type", "{merged input: \"x\"}", "\"x\"", NULL },
	{ "import_without_name_decision", "merged decision", NULL, "\"of the importing file and \"",
	  NULL },
	{ 0 },
};

static void requirement_graphs(void **state)
{
	struct dmn_model *model = test_model("graph.dmn");

	test_cases(model, graph);
	dmn_free(model);
}

static void imported_files(void **state)
{
	struct dmn_model *model = test_model("import.dmn");

	test_cases(model, imports);
	dmn_free(model);
}

static void elements_are_listed(void **state)
{
	struct dmn_model *model = test_model("graph.dmn");
	size_t counts[DMN_SERVICE + 1] = { 0 };
	const struct dmn_element *element;
	struct dmn_info info;

	for (size_t i = 0; (element = dmn_element_at(model, i)); i++)
		counts[dmn_element_info(element).kind]++;
	assert_int_equal(counts[DMN_INPUT_DATA], 3);
	assert_int_equal(counts[DMN_KNOWLEDGE], 7);
	assert_int_equal(counts[DMN_SERVICE], 4);
	info = dmn_element_info(dmn_find(model, DMN_INPUT_DATA, "_Amount"));
	assert_string_equal(info.name, "Amount");
	assert_string_equal(info.type, "number");
	assert_null(dmn_find(model, DMN_DECISION, "Amount"));
	dmn_free(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requirement_graphs),
		cmocka_unit_test(imported_files),
		cmocka_unit_test(elements_are_listed),
	};

	return cmocka_run_group_tests_name("dmn graph", tests, NULL, NULL);
}
