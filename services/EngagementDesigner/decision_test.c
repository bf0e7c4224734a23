/*
 * decision_test.c — business rule tasks over decisions that are kept and deployed, and which
 * version a task or call means: the real service on a real bus.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pelago/json.h"
#include "story_test.h"

#define DMN(body)                                                                                  \
	"<definitions xmlns='https://www.omg.org/spec/DMN/20191111/MODEL/' "                       \
	"xmlns:zeebe='http://camunda.org/schema/zeebe/1.0' id='D' name='D' namespace='x'>" body    \
	"</definitions>"
#define TAG(tag) "<extensionElements><zeebe:versionTag value='" tag "'/></extensionElements>"
#define DECISION(id, tag, text)                                                                    \
	"<decision id='" id "' name='" id "'>" tag "<literalExpression><text>" text                \
	"</text></literalExpression></decision>"

/* A discount table: what the amount is worth. */
#define TABLE(high)                                                                                \
	DMN("<inputData id='in' name='amount'/><decision id='discount' name='Discount'>"           \
	    "<informationRequirement><requiredInput href='#in'/></informationRequirement>"         \
	    "<decisionTable hitPolicy='FIRST'><input><inputExpression><text>amount</text>"         \
	    "</inputExpression></input><output/>"                                                  \
	    "<rule><inputEntry><text>&gt;= 100</text></inputEntry>"                                \
	    "<outputEntry><text>" high "</text></outputEntry></rule>"                              \
	    "<rule><inputEntry><text>-</text></inputEntry>"                                        \
	    "<outputEntry><text>0</text></outputEntry></rule></decisionTable></decision>")

#define DECIDES(process, attributes)                                                               \
	HEAD PROCESS(process) STARTS_BY_ORDER                                                      \
		"<bpmn:businessRuleTask id='B'><bpmn:extensionElements>"                           \
		"<zeebe:calledDecision resultVariable='percent' " attributes                       \
		"/></bpmn:extensionElements></bpmn:businessRuleTask>" CATCH("W", PAID) END("E")    \
			FLOW("S", "B") FLOW("B", "W") FLOW("W", "E") TAIL

static json_t *imported(struct test_world *w, const char *xml, const char *name)
{
	return asked(w, ED ".import-decision",
		     json_pack("{s:s, s:s*, s:b}", "xml", xml, "name", name, "deploy", 1));
}

static void import_refused(struct test_world *w, const char *operation, const char *xml,
			   const char *reason)
{
	json_t *reply =
		test_request(w, operation, json_pack("{s:s, s:b}", "xml", xml, "deploy", 1));

	assert_string_equal(test_error(reply), "badRequest");
	if (!strstr(pl_json_get_text(reply, "error.message"), reason))
		fail_msg("%s: not %s", pl_json_get_text(reply, "error.message"), reason);
	json_decref(reply);
}

/* Begins an instance with an amount. */
static void spend(struct test_world *w, int amount, char id[27])
{
	json_t *reply = asked(w, ED ".publish",
			      json_pack("{s:s, s:{s:s, s:i}}", "name", "order", "payload", "id",
					"A", "amount", amount));

	snprintf(id, 27, "%s",
		 json_string_value(json_array_get(json_object_get(reply, "started"), 0)));
	json_decref(reply);
}

static void percent_is(struct test_world *w, const char *id, int percent)
{
	json_t *instance = shown(w, id);

	assert_int_equal(json_integer_value(pl_json_get(instance, "variables.percent")), percent);
	json_decref(instance);
}

/* EDR-4, EDR-5: a table decides; a later version does from the next instance on, also after kill -9
 */
static void a_task_takes_the_latest_decision(void **state)
{
	struct test_world *w = test_world_new();
	char a[27], b[27];
	json_t *reply;

	test_service_start(w, ED, "--set", "retry_pause=3600", NULL);
	import_refused(w, ED ".import", DECIDES("latest", "decisionId='discount'"),
		       "B: decision discount is not deployed");
	reply = imported(w, TABLE("10"), NULL);
	assert_string_equal(pl_json_get_text(reply, "name"), "discount");
	json_decref(reply);
	deployed(w, DECIDES("latest", "decisionId='discount'"));
	spend(w, 99, a);
	spend(w, 100, b);
	percent_is(w, a, 0);
	percent_is(w, b, 10);
	reply = imported(w, TABLE("20"), NULL);
	assert_int_equal(json_integer_value(json_object_get(reply, "version")), 2);
	json_decref(reply);
	test_service_kill(w, ED);
	test_service_start(w, ED, "--set", "retry_pause=3600", NULL);
	percent_is(w, b, 10); /* it has been decided */
	spend(w, 100, a);
	percent_is(w, a, 20);
	/* the same text is no new version; asked alone; shown, listed */
	reply = imported(w, TABLE("20"), NULL);
	assert_true(json_is_false(json_object_get(reply, "created")));
	json_decref(reply);
	reply = asked(w, ED ".evaluate-decision",
		      json_pack("{s:s, s:{s:i}}", "id", "discount", "variables", "amount", 500));
	assert_int_equal(json_integer_value(json_object_get(reply, "value")), 20);
	assert_int_equal(json_integer_value(json_object_get(reply, "version")), 2);
	json_decref(reply);
	reply = asked(w, ED ".decisions", json_object());
	assert_int_equal(json_array_size(json_object_get(reply, "items")), 2);
	json_decref(reply);
	reply = asked(w, ED ".decision", json_pack("{s:s}", "name", "discount"));
	assert_string_equal(pl_json_get_text(reply, "xml"), TABLE("20"));
	json_decref(reply);
	/* gone: an incident with its reason; back: retried */
	for (int version = 1; version <= 2; version++)
		json_decref(asked(w, ED ".undeploy-decision",
				  json_pack("{s:s, s:i}", "name", "discount", "version", version)));
	spend(w, 100, a);
	assert_true(is_stuck(w, NULL));
	reply = asked(w, ED ".incidents", json_object());
	assert_string_equal(
		pl_json_get_text(json_array_get(json_object_get(reply, "items"), 0), "reason"),
		"decision: decision discount is not deployed");
	json_decref(reply);
	json_decref(asked(w, ED ".deploy-decision",
			  json_pack("{s:s, s:i}", "name", "discount", "version", 1)));
	json_decref(asked(w, ED ".retry", json_pack("{s:s}", "id", a)));
	percent_is(w, a, 10);
	test_world_free(w);
}

static const char one[] = DMN(DECISION("d", TAG("one"), "1")),
		  two[] = DMN(DECISION("d", TAG("two"), "2"));

/* EDR-5, EDR-12 */
static void a_task_is_bound_to_its_deployment_or_a_tag(void **state)
{
	struct test_world *w = test_world_new();
	char id[27];

	test_service_start(w, ED, "--set", "retry_pause=3600", NULL);
	json_decref(imported(w, one, NULL));
	deployed(w, DECIDES("pinned", "decisionId='d' bindingType='deployment'"));
	json_decref(imported(w, two, NULL));
	spend(w, 1, id);
	percent_is(w, id, 1);
	/* undeployed and deployed again: a version means what it meant */
	json_decref(asked(w, ED ".undeploy-decision",
			  json_pack("{s:s, s:i}", "name", "d", "version", 1)));
	json_decref(
		asked(w, ED ".undeploy", json_pack("{s:s, s:i}", "name", "pinned", "version", 1)));
	json_decref(
		asked(w, ED ".deploy", json_pack("{s:s, s:i}", "name", "pinned", "version", 1)));
	spend(w, 1, id);
	percent_is(w, id, 1);
	json_decref(
		asked(w, ED ".undeploy", json_pack("{s:s, s:i}", "name", "pinned", "version", 1)));
	import_refused(
		w, ED ".import",
		DECIDES("tagged", "decisionId='d' bindingType='versionTag' versionTag='one'"),
		"B: no version of decision d with the tag one is deployed");
	json_decref(asked(w, ED ".deploy-decision",
			  json_pack("{s:s, s:i}", "name", "d", "version", 1)));
	deployed(w, DECIDES("tagged", "decisionId='d' bindingType='versionTag' versionTag='one'"));
	spend(w, 1, id);
	percent_is(w, id, 1);
	import_refused(w, ED ".import",
		       DECIDES("told", "decisionId='=name' bindingType='deployment'"),
		       "B: what it calls is told by an expression");
	test_world_free(w);
}

/* EDR-4 */
static void what_is_no_decision_is_refused(void **state)
{
	static const struct {
		const char *xml, *reason;
	} rows[] = {
		{ "<x", "line 1" },
		{ "<definitions/>", "not <definitions> of DMN" },
		{ DMN(""), "no decision with an id" },
		{ DMN("<decision name='n'><literalExpression><text>1</text></literalExpression>"
		      "</decision>"),
		  "no decision with an id" },
		{ DMN(DECISION("d", "", "1 +")), "line 1: d:" },
		{ DMN("<import name='o' namespace='other' "
		      "importType='https://www.omg.org/spec/DMN/20191111/MODEL/'/>" DECISION(
			      "d", "", "1")),
		  "namespace \"other\" is missing" },
		{ DMN(DECISION("a b", "", "1")), "name: letters, digits" },
	};
	struct test_world *w = test_world_new();
	json_t *reply;
	char *huge = calloc(1, 300001);

	assert_non_null(huge);
	memset(huge, 'x', 300000);
	test_service_start(w, ED, NULL);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		import_refused(w, ED ".import-decision", rows[i].xml, rows[i].reason);
	test_refused(w, ED ".import-decision", json_object(), "badRequest");
	test_refused(w, ED ".import-decision", json_pack("{s:s}", "xml", huge), "tooLarge");
	free(huge);
	/* an id belongs to one deployed file */
	json_decref(imported(w, one, "mine"));
	import_refused(w, ED ".import-decision", two, "decision d is one of file mine");
	reply = asked(w, ED ".import-decision", json_pack("{s:s}", "xml", two));
	assert_int_equal(json_array_size(json_object_get(reply, "problems")), 1);
	json_decref(reply);
	test_refused(w, ED ".deploy-decision", json_pack("{s:s}", "name", "d"), "badRequest");
	test_refused(w, ED ".deploy-decision", json_pack("{s:s}", "name", "none"), "notFound");
	test_refused(w, ED ".undeploy-decision", json_pack("{s:s}", "name", "d"), "badRequest");
	test_refused(w, ED ".decision", json_pack("{s:s}", "name", "none"), "notFound");
	test_refused(w, ED ".evaluate-decision", json_pack("{s:s}", "id", "none"), "notFound");
	test_world_free(w);
}

#define RETURNS(tag, value)                                                                        \
	HEAD PROCESS("called") tag                                                                 \
		"<bpmn:startEvent id='S'/><bpmn:scriptTask id='T'><bpmn:extensionElements>"        \
		"<zeebe:script expression='=" value "' resultVariable='version'/>"                 \
		"</bpmn:extensionElements></bpmn:scriptTask>" END("E") FLOW("S", "T")              \
			FLOW("T", "E") TAIL
#define CALLS(process, binding)                                                                    \
	HEAD PROCESS(process) STARTS_BY_ORDER                                                      \
		"<bpmn:callActivity id='K'><bpmn:extensionElements><zeebe:calledElement "          \
		"processId='called' propagateAllChildVariables='true' " binding                    \
		"/></bpmn:extensionElements></bpmn:callActivity>" END("E") FLOW("S", "K")          \
			FLOW("K", "E") TAIL

static void version_called(struct test_world *w, int version)
{
	json_t *instance;
	char id[27];

	order(w, "A", id);
	wait_for(w, id, "COMPLETED", NULL);
	instance = shown(w, id);
	assert_int_equal(json_integer_value(pl_json_get(instance, "variables.version")), version);
	json_decref(instance);
}

static void undeploy(struct test_world *w, const char *name)
{
	json_decref(asked(w, ED ".undeploy", json_pack("{s:s, s:i}", "name", name, "version", 1)));
}

/* EDR-5, EDR-12 */
static void a_call_takes_the_version_that_it_is_bound_to(void **state)
{
	struct test_world *w = test_world_new();
	char id[27];
	json_t *reply;

	test_service_start(w, ED, "--set", "retry_pause=3600", NULL);
	import_refused(w, ED ".import", CALLS("pinned", "bindingType='deployment'"),
		       "K: workflow called is not deployed");
	deployed(w, RETURNS("<bpmn:extensionElements><zeebe:versionTag value='stable'/>"
			    "</bpmn:extensionElements>",
			    "1"));
	deployed(w, CALLS("pinned", "bindingType='deployment'"));
	deployed(w, RETURNS("", "2"));
	version_called(w, 1);
	undeploy(w, "pinned");
	deployed(w, CALLS("latest", ""));
	version_called(w, 2);
	undeploy(w, "latest");
	deployed(w, CALLS("tagged", "bindingType='versionTag' versionTag='stable'"));
	version_called(w, 1);
	undeploy(w, "called"); /* the one with the tag */
	order(w, "B", id);
	test_until(w, is_stuck, NULL, "the call is an incident");
	reply = asked(w, ED ".incidents", json_object());
	assert_string_equal(
		pl_json_get_text(json_array_get(json_object_get(reply, "items"), 0), "reason"),
		"no version of workflow called with the tag stable is deployed");
	json_decref(reply);
	test_world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_task_takes_the_latest_decision),
		cmocka_unit_test(a_task_is_bound_to_its_deployment_or_a_tag),
		cmocka_unit_test(what_is_no_decision_is_refused),
		cmocka_unit_test(a_call_takes_the_version_that_it_is_bound_to),
	};

	if (getenv("DESIGNER_TEST"))
		cmocka_set_test_filter(getenv("DESIGNER_TEST"));
	return cmocka_run_group_tests_name("designer decision", tests, NULL, NULL);
}
