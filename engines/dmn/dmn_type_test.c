/*
 * dmn_type_test.c — item definitions: checks, coercions, names.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/dmn/dmn_test.h"

#define PERSON                                                                                     \
	"{full name: \"Ann Doe\", age: 30, colours: [\"red\"], home: {city: \"Bonn\"}, more: 1}"
#define PERSON_JSON                                                                                 \
	"{\"full name\":\"Ann Doe\",\"age\":30,\"colours\":[\"red\"],\"home\":{\"city\":\"Bonn\"}," \
	"\"more\":1}"

static const struct test_case cases[] = {
	{ "simple", "Echo number", "{number: 1.10}", "1.1", NULL },
	{ "simple_wrong", "Echo number", "{number: \"1\"}", "null", "number:" },
	{ "prefixed_name", "Echo prefixed", "{prefixed: 1}", "1", NULL },
	{ "prefixed_name_wrong", "Echo prefixed", "{prefixed: \"1\"}", "null", "prefixed:" },
	{ "old_name", "Echo old", "{old: duration(\"PT1H\")}", "\"PT1H\"", NULL },
	{ "any", "Echo maybe", "{maybe: [1, \"a\"]}", "[1,\"a\"]", NULL },
	{ "list_of_any", "Echo numbers", "{numbers: [1, \"a\"]}", "[1,\"a\"]", NULL },
	{ "missing_input", "Echo number", NULL, "null", "\"number\" is not given" },
	{ "null_input", "Echo colour", "{colour: null}", "null", NULL },
	{ "allowed_values", "Echo colour", "{colour: \"red\"}", "\"red\"", NULL },
	{ "allowed_values_refused", "Echo colour", "{colour: \"blue\"}", "null", "colour:" },
	{ "allowed_values_of_base", "Echo shade", "{shade: \"blue\"}", "null", "shade:" },
	{ "allowed_values_instead_of_base", "Echo side", "{side: \"left\"}", "\"left\"", NULL },
	{ "allowed_values_not_of_base", "Echo side", "{side: \"red\"}", "null", "side:" },
	{ "allowed_values_broken", "Echo broken", "{broken: \"a\"}", "null", "tBroken: " },
	{ "collection", "Echo colours", "{colours: [\"red\", \"green\"]}", "[\"red\",\"green\"]",
	  NULL },
	{ "collection_wrong_member", "Echo colours", "{colours: [\"red\", \"blue\"]}", "null",
	  "colours:" },
	{ "collection_allowed_values", "Echo small", "{small: [1, 10]}", "[1,10]", NULL },
	{ "collection_allowed_values_refused", "Echo small", "{small: [1, 11]}", "null", "small:" },
	{ "collection_type_constraint", "Echo small", "{small: [1, 2, 3, 4]}", "null", "small:" },
	{ "type_constraint", "Echo even number", "{even number: 4}", "4", NULL },
	{ "type_constraint_refused", "Echo even number", "{even number: 5}", "null",
	  "even number:" },
	{ "components", "Echo person", "{person: " PERSON "}", PERSON_JSON, NULL },
	{ "components_wrong", "Echo person", "{person: {full name: 1}}", "null", "person:" },
	{ "components_allowed_values", "Echo person",
	  "{person: context put(" PERSON ", \"age\", 200)}", "null", "person:" },
	{ "components_names_in_feel", "Names member", "{person: " PERSON "}", "\"Ann Doe of Bonn\"",
	  NULL },
	{ "components_in_a_list", "Echo people", "{people: " PERSON "}", "[" PERSON_JSON "]",
	  NULL },
	{ "components_of_its_own_type", "Echo tree",
	  "{tree: {value: 1, children: [{value: 2, children: [], next: null}],"
	  " next: {value: 3, children: [], next: null}}}",
	  "{\"value\":1,\"children\":[{\"value\":2,\"children\":[],\"next\":null}],"
	  "\"next\":{\"value\":3,\"children\":[],\"next\":null}}",
	  NULL },
	{ "components_of_its_own_type_wrong", "Echo tree",
	  "{tree: {value: 1, children: [{value: \"a\", children: [], next: null}], next: null}}",
	  "null", "tree:" },
	{ "function_item", "Calls predicate", "{predicate: function(x: number) x = 2}", "true",
	  NULL },
	{ "function_item_result", "Calls predicate", "{predicate: function(x: number) \"a\"}",
	  "null", "Calls predicate:" },
	{ "function_definition_type", "Calls function result", NULL, "[null,true]",
	  "Calls function result:" },
	{ "instance_of_item", "Instance of", "{colour: \"red\", person: " PERSON "}",
	  "[true,true,false]", NULL },
	{ "parameter_of_item_type", "Typed lambda", "{text: \"red\"}", "\"red\"", NULL },
	{ "parameter_of_item_type_wrong", "Typed lambda", "{text: \"blue\"}", "null",
	  "Typed lambda:" },
	{ "to_singleton_list", "To list", "{number: 3}", "[3]", NULL },
	{ "from_singleton_list", "From list", "{number: 3}", "3", NULL },
	{ "not_from_longer_list", "Not from list", "{number: 3}", "null", "Not from list:" },
	{ "date_to_date_and_time", "To date and time", NULL, "\"2024-02-29T00:00:00Z\"", NULL },
	{ "date_and_time", "Echo when", "{when: @\"2024-02-29T10:00:00@Europe/Berlin\"}",
	  "\"2024-02-29T10:00:00@Europe/Berlin\"", NULL },
	{ 0 },
};

static void item_definitions(void **state)
{
	struct dmn_model *model = test_model("types.dmn");

	test_cases(model, cases);
	dmn_free(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(item_definitions),
	};

	return cmocka_run_group_tests_name("dmn types", tests, NULL, NULL);
}
