/*
 * dmn_load_test.c — what is refused when a model is loaded, and why; versions; limits; each
 * allocation failing in turn.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>

#include "engines/dmn/dmn_test.h"
#include "engines/test/test_oom.h"

#define NS   "https://www.omg.org/spec/DMN/20230324/MODEL/"
#define HEAD "<definitions xmlns='" NS "' name='m' namespace='urn:m'>\n"
#define TAIL "</definitions>"
#define DECISION(id, name, needs)                                                                  \
	"<decision id='" id "' name='" name "'>" needs                                             \
	"<literalExpression><text>1</text></literalExpression></decision>\n"
#define NEEDS(href)                                                                                \
	"<informationRequirement><requiredDecision href='" href "'/></informationRequirement>"
#define KNOWS(href)                                                                                \
	"<knowledgeRequirement><requiredKnowledge href='" href "'/></knowledgeRequirement>"
#define TABLE(attrs, body)                                                                         \
	HEAD "<decision id='d' name='D'><decisionTable " attrs ">" body                            \
	     "</decisionTable></decision>" TAIL

static const struct {
	const char *name, *xml, *detail;
} refusals[] = {
	{ "empty", "", "test.dmn: the file is empty" },
	{ "no_xml", "hello", "test.dmn: line 1: Start tag expected" },
	{ "cut_off", HEAD, "test.dmn: line 2: " },
	{ "other_root", "<a/>", "line 1: the root is not <definitions> of DMN 1.1 to 1.5" },
	{ "other_version", "<definitions xmlns='urn:dmn:9' name='m' namespace='urn:m'/>",
	  "the root is not <definitions>" },
	{ "document_type", "<!DOCTYPE a [<!ENTITY b 'c'>]>" HEAD TAIL,
	  "a document type declaration is not allowed" },
	{ "external_entity", "<!DOCTYPE a SYSTEM 'file:///etc/passwd'>" HEAD TAIL,
	  "a document type declaration is not allowed" },
	{ "invalid_utf8", HEAD "<decision name='\xff'/>" TAIL, "test.dmn: line 2: " },
	{ "no_namespace", "<definitions xmlns='" NS "' name='m'/>",
	  "attribute namespace is missing or empty" },
	{ "no_name", HEAD "<decision id='a'/>" TAIL, "line 2: decision: attribute name" },
	{ "name_twice", HEAD DECISION("a", "A", "") "<inputData name='A'/>" TAIL,
	  "line 3: the name \"A\" is there twice, in line 2, too" },
	{ "id_twice", HEAD DECISION("a", "A", "") DECISION("a", "B", "") TAIL,
	  "line 3: \"B\": the id \"a\" is there twice, in line 2, too" },
	{ "item_twice", HEAD "<itemDefinition name='t'/><itemDefinition name='t'/>" TAIL,
	  "the item definition \"t\" is there twice" },
	{ "component_twice",
	  HEAD "<itemDefinition name='t'><itemComponent name='a'/><itemComponent name='a'/>"
	       "</itemDefinition>" TAIL,
	  "item \"t\": component \"a\" is there twice" },
	{ "missing_reference", HEAD DECISION("a", "A", NEEDS("#nowhere")) TAIL,
	  "line 2: \"A\" refers to \"#nowhere\", which is missing" },
	{ "reference_to_other_file", HEAD DECISION("a", "A", NEEDS("urn:other#b")) TAIL,
	  "\"A\" refers to \"urn:other#b\", which is missing" },
	{ "reference_without_href",
	  HEAD "<decision name='A'><informationRequirement><requiredDecision/>"
	       "</informationRequirement></decision>" TAIL,
	  "requiredDecision: attribute href is missing or empty" },
	{ "service_of_no_decision",
	  HEAD "<inputData id='i' name='I'/><decisionService name='S'><outputDecision href='#i'/>"
	       "</decisionService>" TAIL,
	  "\"S\" refers to \"I\", which is of the wrong kind" },
	{ "requires_itself", HEAD DECISION("a", "A", NEEDS("#a")) TAIL,
	  "\"A\" requires itself by way of \"A\": a cycle" },
	{ "cycle", HEAD DECISION("a", "A", NEEDS("#b")) DECISION("b", "B", NEEDS("#a")) TAIL,
	  "line 3: \"A\" requires itself by way of \"B\": a cycle" },
	{ "cycle_by_service",
	  HEAD DECISION("a", "A", KNOWS("#s")) "<decisionService id='s' name='S'><outputDecision "
					       "href='#a'/></decisionService>" TAIL,
	  "a cycle" },
	{ "item_cycle",
	  HEAD "<itemDefinition name='a'><typeRef>b</typeRef></itemDefinition>\n"
	       "<itemDefinition name='b'><typeRef>a</typeRef></itemDefinition>" TAIL,
	  "item definition \"a\" is defined by itself: a cycle" },
	{ "missing_import", HEAD "<import name='x' namespace='urn:x' importType='" NS "'/>" TAIL,
	  "line 2: the imported file with the namespace \"urn:x\" is missing" },
	{ "two_expressions",
	  HEAD "<decision name='A'><literalExpression/><context/></decision>" TAIL,
	  "decision: a second expression" },
	{ "entry_twice",
	  HEAD "<decision name='A'><context><contextEntry><variable name='a'/></contextEntry>"
	       "<contextEntry><variable name='a'/></contextEntry></context></decision>" TAIL,
	  "context: entry \"a\" is there twice" },
	{ "entry_behind_result",
	  HEAD "<decision name='A'><context><contextEntry/><contextEntry><variable name='a'/>"
	       "</contextEntry></context></decision>" TAIL,
	  "context: an entry follows the one without name" },
	{ "parameter_twice",
	  HEAD "<businessKnowledgeModel name='A'><encapsulatedLogic><formalParameter name='a'/>"
	       "<formalParameter name='a'/></encapsulatedLogic></businessKnowledgeModel>" TAIL,
	  "parameter \"a\" is there twice" },
	{ "relation_row",
	  HEAD "<decision name='A'><relation><column name='a'/><row/></relation></decision>" TAIL,
	  "relation: a row of 0 values under 1 columns" },
	{ "no_condition", HEAD "<decision name='A'><conditional/></decision>" TAIL,
	  "conditional: if is missing" },
	{ "no_iterator", HEAD "<decision name='A'><for><in/><return/></for></decision>" TAIL,
	  "for: attribute iteratorVariable is missing" },
	{ "hit_policy", TABLE("hitPolicy='BEST'", "<output/>"),
	  "decision table of \"D\": hitPolicy \"BEST\" is unknown" },
	{ "aggregation", TABLE("hitPolicy='COLLECT' aggregation='AVG'", "<output/>"),
	  "aggregation \"AVG\" is unknown" },
	{ "no_output", TABLE("", ""), "decision table of \"D\": it has no output" },
	{ "output_without_name", TABLE("", "<output name='a'/><output/>"),
	  "output: attribute name is missing" },
	{ "output_twice", TABLE("", "<output name='a'/><output name='a'/>"),
	  "output \"a\" is there twice" },
	{ "input_without_expression", TABLE("", "<input/><output/>"),
	  "an input has no expression" },
	{ "rule_with_too_few", TABLE("", "<output/><rule/>"),
	  "a rule has 0 of outputEntry, not 1" },
};

static void refusals_say_why(void **state)
{
	size_t failed = 0;

	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		struct dmn_model *model = NULL;
		enum pl_err err = test_load(&model, refusals[i].xml);

		if (err != PL_INVALID || model || !strstr(pl_err_detail(err), refusals[i].detail)) {
			print_error("%s: %d %s\n", refusals[i].name, (int)err, pl_err_detail(err));
			dmn_free(model);
			failed++;
		}
	}
	assert_int_equal(failed, 0);
}

/* ---- sizes ---- */

struct text {
	char *bytes;
	size_t len;
};

/* head, then middle n times, then end, then tail n times; @ in middle is the number, + the next. */
static struct text nested(const char *head, const char *middle, const char *end, const char *tail,
			  int n)
{
	struct text text = { 0 };
	FILE *out = open_memstream(&text.bytes, &text.len);

	assert_non_null(out);
	fputs(head, out);
	for (int i = 0; i < n; i++)
		for (const char *at = middle; *at; at++)
			if (*at == '@' || *at == '+')
				fprintf(out, "%d", *at == '@' ? i : i + 1);
			else
				fputc(*at, out);
	fputs(end, out);
	for (int i = 0; i < n; i++)
		fputs(tail, out);
	fputs(TAIL, out);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void expect(struct text text, enum pl_err wanted, const char *detail)
{
	const struct dmn_file file = { "big.dmn", text.bytes, text.len };
	struct dmn_model *model = NULL;
	enum pl_err err = dmn_load(&model, &file, 1, NULL, NULL);

	if (err != wanted || (err && !strstr(pl_err_detail(err), detail)))
		fail_msg("%d %s, not %s", (int)err, pl_err_detail(err), detail);
	dmn_free(model);
	free(text.bytes);
}

static void sizes_are_bounded(void **state)
{
	struct text large = { calloc(1, DMN_FILE_MAX + 1UL), DMN_FILE_MAX + 1UL };

	assert_non_null(large.bytes);
	expect(large, PL_TOOLARGE, "big.dmn: the file is larger than 16777216 bytes");
	expect(nested(HEAD "<decision name='A'>", "<list>", "", "</list>", 100000), PL_INVALID,
	       "Excessive depth");
	expect(nested(HEAD,
		      "<decision id='d@' name='D@'><informationRequirement>"
		      "<requiredDecision href='#d+'/></informationRequirement></decision>",
		      "<inputData id='d2000' name='last'/>", "", 2000),
	       PL_TOOLARGE, "more than 250 elements require each other in a row");
	expect(nested(HEAD, "<itemDefinition name='t@'><typeRef>t+</typeRef></itemDefinition>",
		      "<itemDefinition name='t2000'/>", "", 2000),
	       PL_TOOLARGE, "more than 250 types in a row");
	expect(nested(HEAD "<decision name='A'><context>",
		      "<contextEntry><variable name='n@'/></contextEntry>", "</context></decision>",
		      "", 20000),
	       PL_TOOLARGE, "more than 2000");
	expect(nested(HEAD, "<itemDefinition name='t@'/>", "", "", 10001), PL_TOOLARGE,
	       "more than 10000 item definitions");
	expect(nested(HEAD,
		      "<decision name='D@'><context><contextEntry><variable name='a @'/>"
		      "</contextEntry></context></decision>",
		      "", "", 5001),
	       PL_TOOLARGE, "more than 5000 names of several words");
	expect(nested(HEAD "<decision name='A'><list>",
		      "<literalExpression><text>@</text></literalExpression>", "</list></decision>",
		      "", 20000),
	       PL_OK, "");
}

/* ---- versions ---- */

static void versions_are_read(void **state)
{
	static const char *const versions[] = {
		"http://www.omg.org/spec/DMN/20151101/dmn.xsd",
		"http://www.omg.org/spec/DMN/20180521/MODEL/",
		"https://www.omg.org/spec/DMN/20191111/MODEL/",
		"https://www.omg.org/spec/DMN/20211108/MODEL/",
		NS,
	};

	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		const struct test_case c = { "version", "A", NULL, "3", NULL };
		struct dmn_model *model = NULL;
		char *xml = NULL, *value;

		assert_true(
			asprintf(&xml,
				 "<d:definitions xmlns:d='%s' name='m' namespace='urn:m'>"
				 "<d:decision name='A'><d:variable name='A' typeRef='feel:number'/>"
				 "<d:literalExpression><d:text>1 + 2</d:text>"
				 "</d:literalExpression></d:decision></d:definitions>",
				 versions[i]) > 0);
		assert_int_equal(test_load(&model, xml), PL_OK);
		value = test_value(model, &c);
		assert_string_equal(value, "3");
		free(value);
		free(xml);
		dmn_free(model);
	}
}

/* A name of a type that nobody defines is any value, and is said. */
static void unknown_types_are_problems(void **state)
{
	static const char xml[] =
		HEAD "<itemDefinition name='t'><typeRef>tNone</typeRef></itemDefinition>\n"
		     "<decision name='D'><variable name='D' typeRef='ns:tNowhere'/>"
		     "<literalExpression><text>[1]</text></literalExpression></decision>" TAIL;
	const struct test_case c = { "unknown", "D", NULL, "[1]",
				     "D:3:0: its type is unknown; any value is taken" };
	const struct dmn_diagnostic *problems;
	struct dmn_model *model = NULL;
	char *value;

	assert_int_equal(test_load(&model, xml), PL_OK);
	assert_int_equal(dmn_problems(&problems, model), 2);
	assert_string_equal(problems[0].reason, "there is no type \"tNone\"; any value is taken");
	assert_int_equal(problems[0].line, 2);
	assert_string_equal(problems[1].reason,
			    "there is no type \"ns:tNowhere\"; any value is taken");
	value = test_value(model, &c);
	assert_string_equal(value, c.json);
	free(value);
	dmn_free(model);
}

/* ---- memory ---- */

static const char small[] = HEAD
	"<itemDefinition name='t x'><typeRef>string</typeRef><allowedValues><text>\"a\", \"b\"</text>"
	"</allowedValues></itemDefinition>"
	"<inputData id='i' name='in put'><variable name='in put' typeRef='t x'/></inputData>"
	"<businessKnowledgeModel id='k' name='K'><encapsulatedLogic><formalParameter name='p'/>"
	"<literalExpression><text>p + \"!\"</text></literalExpression></encapsulatedLogic>"
	"</businessKnowledgeModel>"
	"<decision id='d' name='D'><variable name='D' typeRef='Any'/>"
	"<informationRequirement><requiredInput href='#i'/></informationRequirement>"
	"<knowledgeRequirement><requiredKnowledge href='#k'/></knowledgeRequirement>"
	"<context><contextEntry><variable name='a'/><decisionTable hitPolicy='COLLECT'>"
	"<input><inputExpression><text>in put</text></inputExpression></input><output/>"
	"<rule><inputEntry><text>\"a\"</text></inputEntry><outputEntry><text>1</text></outputEntry>"
	"</rule></decisionTable></contextEntry><contextEntry><variable name='b'/><invocation>"
	"<literalExpression><text>K</text></literalExpression><binding><parameter name='p'/>"
	"<literalExpression><text>in put</text></literalExpression></binding></invocation>"
	"</contextEntry><contextEntry><variable name='c'/><for iteratorVariable='i'><in>"
	"<literalExpression><text>1..2</text></literalExpression></in><return><literalExpression>"
	"<text>i</text></literalExpression></return></for></contextEntry></context></decision>"
	"<decisionService id='s' name='S'><outputDecision href='#d'/><inputData href='#i'/>"
	"</decisionService>" TAIL;

static enum pl_err live(void)
{
	const struct feel_value *inputs, *value = NULL;
	static const char context[] = "{in put: \"a\"}";
	struct dmn_diagnostics diagnostics;
	struct dmn_model *model = NULL;
	struct feel_expr *expr = NULL;
	struct feel_names *names = NULL;
	struct feel_run *run = NULL;
	enum pl_err err = test_load(&model, small);

	if (!err)
		err = feel_names_new(&names);
	if (!err)
		err = feel_run_new(&run, NULL);
	if (!err)
		err = feel_compile_with(&expr, names, context, sizeof(context) - 1);
	if (!err) {
		inputs = feel_evaluate(run, expr, NULL);
		if (inputs)
			value = dmn_evaluate(run, model, dmn_find(model, DMN_SERVICE, "S"), inputs,
					     &diagnostics);
		if (value)
			value = feel_to_json_text(run, value);
		err = value ? PL_OK : feel_run_err(run);
	}
	if (!err)
		assert_memory_equal(value->string.bytes, "{\"a\":[1],\"b\":\"a!\",\"c\":[1,2]}",
				    value->string.len);
	feel_run_free(run);
	feel_free(expr);
	feel_names_free(names);
	dmn_free(model);
	return err;
}

static void memory_may_run_out_anywhere(void **state)
{
	bool is_done = false;

	assert_int_equal(live(), PL_OK);
	for (long n = 1; !is_done; n++) {
		enum pl_err err;

		oom_fail_at(n);
		err = live();
		is_done = oom_counted() < n;
		oom_fail_at(0);
		if (err != (is_done ? PL_OK : PL_NOMEM))
			fail_msg("allocation %ld: %d %s", n, (int)err, pl_err_detail(err));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refusals_say_why),
		cmocka_unit_test(sizes_are_bounded),
		cmocka_unit_test(versions_are_read),
		cmocka_unit_test(unknown_types_are_problems),
		cmocka_unit_test(memory_may_run_out_anywhere),
	};

	return cmocka_run_group_tests_name("dmn load", tests, NULL, NULL);
}
