/*
 * activity_test.c — tasks, calls, sub-processes, variables in scopes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engines/bpmn/story.h"

#define SUB(id, ext, within)                                                                       \
	SUB_PROCESS(id, ext NODE("startEvent", "s1", "") within FLOW("g1", "s1", "t"))
#define RULE(decision)                                                                             \
	NODE("businessRuleTask", "t",                                                              \
	     EXT("<z:calledDecision decisionId='" decision "' resultVariable='r'/>"))
#define CALL(attr, ext)                                                                            \
	NODE("callActivity", "t", EXT("<z:calledElement processId='q' " attr "/>" ext))

/* EDR-5: every kind of task */
static void tasks(void **state)
{
	static const struct story stories[] = {
		{ "service task",
		  ONE(TASK("t"), "t"),
		  NULL,
		  { { "start", "t" }, { "complete t {'n': 1}", "" } },
		  "completed",
		  "{'n': 1}" },
		{ "user task",
		  ONE(NODE("userTask", "t", ""), "t"),
		  NULL,
		  { { "start", "t" }, { "complete t", "" } },
		  "completed" },
		{ "manual task",
		  ONE(NODE("manualTask", "t", ""), "t"),
		  NULL,
		  { { "start", "" } },
		  "completed" },
		{ "abstract task",
		  ONE(NODE("task", "t", ""), "t"),
		  NULL,
		  { { "start", "" } },
		  "completed" },
		{ "abstract task with mappings",
		  ONE(NODE("task", "t", EXT(IO(IN("=n", "a") OUT("=a + 1", "b")))), "t"),
		  "{'n': 1}",
		  { { "start", "" } },
		  "completed",
		  "{'a': null, 'b': 2}" },
		{ "script task",
		  ONE(SCRIPT("t", "=n + 1", "m"), "t"),
		  "{'n': 1}",
		  { { "start", "" } },
		  "completed",
		  "{'m': 2}" },
		{ "script task that somebody else runs",
		  ONE(NODE("scriptTask", "t", EXT("<z:taskDefinition type='T'/>")), "t"),
		  NULL,
		  { { "start", "t" }, { "complete t", "" } },
		  "completed" },
		{ "business rule task",
		  ONE(RULE("twice"), "t"),
		  "{'n': 21}",
		  { { "start", "" } },
		  "completed",
		  "{'r': 42}" },
		{ "business rule task that somebody else runs",
		  ONE(NODE("businessRuleTask", "t", EXT("<z:taskDefinition type='T'/>")), "t"),
		  NULL,
		  { { "start", "t" }, { "complete t", "" } },
		  "completed" },
		{ "a decision that nobody finds",
		  ONE(RULE("thrice"), "t"),
		  NULL,
		  { { "start", "" } },
		  "failed: decision decision: there is no decision thrice" },
		{ "send task that somebody else runs",
		  ONE(NODE("sendTask", "t", EXT("<z:taskDefinition type='T'/>")), "t"),
		  NULL,
		  { { "start", "t" }, { "complete t", "" } },
		  "completed" },
		{ "a task without a flow behind it",
		  PROCESS START TASK("t") FLOW("f1", "s", "t") TAIL,
		  NULL,
		  { { "start", "t" }, { "complete t", "" } },
		  "completed" },
		{ 0 },
	};

	story_tell(stories);
}

#define LUA(script, ext)                                                                           \
	NODE_AS("scriptTask", "t", "scriptFormat='lua'", ext "<b:script>" script "</b:script>")

/* EDR-4: script tasks in Lua, in their sandbox */
static void lua_scripts(void **state)
{
	static const struct story stories[] = {
		{ "script task in Lua",
		  ONE(LUA("local s = 0 for _, i in ipairs(items) do s = s + i end return {sum = s}",
			  ""),
		      "t"),
		  "{'items': [1, 2, 3]}",
		  { { "start", "" } },
		  "completed",
		  "{'sum': 6, 's': null}" },
		{ "its result is mapped",
		  ONE(LUA("return {a = n * 2}", EXT(IO(IN("=m", "n") OUT("=a", "b")))), "t"),
		  "{'m': 4}",
		  { { "start", "" } },
		  "completed",
		  "{'a': null, 'b': 8, 'n': null}" },
		{ "a script in Lua that never ends",
		  PROCESS START LUA("while true do end", "") TASK("b") END FLOW("f1", "s", "t")
			  FLOW("f2", "s", "b") FLOW("f3", "t", "e") FLOW("f4", "b", "e") TAIL,
		  NULL,
		  { { "start", "incident:t:expression b" },
		    { "complete b", "incident:t:expression" },
		    { "skip t", "" } },
		  "completed",
		  NULL,
		  true },
		{ "a script in Lua that goes wrong",
		  PROCESS START LUA("error('no')", "") BOUNDARY("b", "t", ERROR_ANY) TASK("x")
			  END FLOW("f1", "s", "t") FLOW("f2", "t", "e") FLOW("f3", "b", "x")
				  FLOW("f4", "x", "e") TAIL,
		  NULL,
		  { { "start", "x" } },
		  "running" },
		{ "a script in Lua that returns no table",
		  ONE(LUA("return 7", ""), "t"),
		  NULL,
		  { { "start", "" } },
		  "failed: script script: it returns no table" },
		{ 0 },
	};

	story_tell(stories);
}

/* EDR-5: call activities */
static void calls(void **state)
{
	static const struct story stories[] = {
		{ "call activity",
		  ONE(CALL("", ""), "t"),
		  "{'n': 1}",
		  { { "start", "call:t" }, { "complete t {'m': 2}", "" } },
		  "completed",
		  "{'m': 2}" },
		{ "call as BPMN itself has it",
		  ONE(NODE_AS("callActivity", "t", "calledElement='q'", ""), "t"),
		  NULL,
		  { { "start", "call:t" }, { "complete t", "" } },
		  "completed" },
		{ "the child's variables stay away",
		  ONE(CALL("propagateAllChildVariables='false'", ""), "t"),
		  NULL,
		  { { "start", "call:t" }, { "complete t {'m': 2}", "" } },
		  "completed",
		  "{'m': null}" },
		{ "the child's variables are mapped",
		  ONE(CALL("propagateAllChildVariables='false'", IO(OUT("=m", "k"))), "t"),
		  NULL,
		  { { "start", "call:t" }, { "complete t {'m': 2}", "" } },
		  "completed",
		  "{'m': null, 'k': 2}" },
		{ "a called process that ends by an error",
		  PROCESS START CALL("", "") BOUNDARY("b", "t", ERROR) TASK("x")
			  END FLOW("f1", "s", "t") FLOW("f2", "t", "e") FLOW("f3", "b", "x")
				  FLOW("f4", "x", "e") TAIL,
		  NULL,
		  { { "start", "call:t" }, { "fail t E1", "x" } },
		  "running" },
		{ "a called process that escalates",
		  PROCESS START CALL("", "") BESIDE("b", "t", ESCALATION) TASK("x")
			  END FLOW("f1", "s", "t") FLOW("f2", "t", "e") FLOW("f3", "b", "x")
				  FLOW("f4", "x", "e") TAIL,
		  NULL,
		  { { "start", "call:t" }, { "escalate t C1", "call:t x" }, { "complete t", "x" } },
		  "running" },
		{ 0 },
	};

	story_tell(stories);
}

/* EDR-4, EDR-5: sub-processes are scopes */
static void scopes(void **state)
{
	static const struct story stories[] = {
		{ "embedded sub-process",
		  ONE(SUB("sub", "", TASK("t")), "sub"),
		  NULL,
		  { { "start", "t" }, { "complete t {'n': 1}", "" } },
		  "completed",
		  "{'n': 1}" },
		{ "variables of a sub-process stay in it",
		  ONE(SUB("sub", EXT(IO(IN("=n * 10", "local") OUT("=local + 1", "out"))),
			  SCRIPT("t", "=local + 1", "local")),
		      "sub"),
		  "{'n': 1}",
		  { { "start", "" } },
		  "completed",
		  "{'n': 1, 'local': null, 'out': 12}" },
		{ "a result goes to the nearest scope of its name",
		  ONE(SUB("sub", EXT(IO(IN("=0", "x"))), TASK("t")), "sub"),
		  "{'x': 5}",
		  { { "start", "t" }, { "complete t {'x': 1, 'y': 2}", "" } },
		  "completed",
		  "{'x': 5, 'y': 2}" },
		{ "sub-process in sub-process",
		  PROCESS START SUB_PROCESS("a", NODE("startEvent", "a1", "") INNER_PROCESS(
							 "b", NODE("startEvent", "b1", "") TASK("t")
								      FLOW("h1", "b1", "t"))
							 FLOW("g1", "a1", "b"))
			  END FLOW("f1", "s", "a") FLOW("f2", "a", "e") TAIL,
		  NULL,
		  { { "start", "t" }, { "complete t", "" } },
		  "completed" },
		{ "several tokens in a sub-process",
		  ONE(SUB("sub", "", TASK("t") TASK("u") FLOW("g2", "s1", "u")), "sub"),
		  NULL,
		  { { "start", "u t" }, { "complete u", "t" }, { "complete t", "" } },
		  "completed" },
		{ "names of several words and dots",
		  ONE(SCRIPT("t", "={\"a.b\": 1}", "r"), "t"),
		  NULL,
		  { { "start", "" } },
		  "completed",
		  "{'r': {'a.b': 1}}" },
		{ 0 },
	};

	story_tell(stories);
}

static const char *const properties_text =
	"{'headers': {'color': '=red'}, 'assignee': 'ann', 'candidateGroups': ['a'], 'dueDate':"
	" '2030-01-01T00:00:00Z', 'formId': 'f', 'priority': '50'}";

static void on_wait(void *arg, const struct bpmn_wait *wait)
{
	json_t *wanted = story_json(properties_text, strlen(properties_text));

	if (!json_equal(wanted, (json_t *)wait->properties))
		fail_msg("properties are %s", json_dumps(wait->properties, 0));
	json_decref(wanted);
	*(int *)arg += 1;
}

static void a_user_task_says_who_and_when(void **state)
{
	static const char xml[] = ONE(
		NODE("userTask", "t",
		     EXT("<z:taskDefinition type='T'/>"
			 "<z:assignmentDefinition assignee='=who' candidateGroups='=[\"a\"]'/>"
			 "<z:formDefinition formId='f'/><z:priorityDefinition priority='50'/>"
			 "<z:taskSchedule dueDate='=date and time(\"2030-01-01T00:00:00Z\")'/>"
			 "<z:taskHeaders><z:header key='color' value='=red'/></z:taskHeaders>")),
		"t");
	static const struct bpmn_effects effects = { .wait = on_wait };
	struct bpmn_model *model = NULL;
	struct bpmn_instance *inst = NULL;
	json_t *variables = json_pack("{s:s}", "who", "ann");
	int seen = 0;

	assert_int_equal(bpmn_model_parse(&model, xml, sizeof(xml) - 1), PL_OK);
	assert_int_equal(bpmn_instance_new(&inst, model, variables), PL_OK);
	assert_int_equal(bpmn_instance_start(inst, &effects, &seen), PL_OK);
	assert_int_equal(bpmn_instance_waits(inst, &effects, &seen), PL_OK);
	assert_int_equal(seen, 2);
	json_decref(variables);
	bpmn_instance_free(inst);
	bpmn_model_free(model);
}

static void on_call(void *arg, const struct bpmn_wait *wait)
{
	char *text = json_dumps(wait->input, JSON_SORT_KEYS | JSON_COMPACT);

	assert_string_equal(text, arg);
	assert_string_equal(wait->name, "q");
	assert_string_equal(wait->binding, "versionTag");
	assert_string_equal(wait->version_tag, "v7");
	assert_int_equal(wait->depth, 4);
	free(text);
}

static void a_call_says_what_and_with_what(void **state)
{
	static const struct {
		const char *attr, *input;
	} rows[] = {
		{ "", "{\"a\":2,\"n\":1}" },
		{ "propagateAllParentVariables='false'", "{\"a\":2}" },
	};
	static const struct bpmn_effects effects = { .wait = on_call };
	char xml[3000];

	for (size_t i = 0; i < 2; i++) {
		struct bpmn_model *model = NULL;
		struct bpmn_instance *inst = NULL;
		json_t *variables = json_pack("{s:i}", "n", 1);

		snprintf(xml, sizeof(xml),
			 ONE(NODE("callActivity", "t",
				  EXT("<z:calledElement processId='=\"q\"' bindingType='versionTag'"
				      " versionTag='v7' %s/>" IO(IN("=n + 1", "a")))),
			     "t"),
			 rows[i].attr);
		assert_int_equal(bpmn_model_parse(&model, xml, strlen(xml)), PL_OK);
		assert_int_equal(bpmn_instance_new(&inst, model, variables), PL_OK);
		bpmn_instance_set_depth(inst, 3);
		assert_int_equal(bpmn_instance_start(inst, &effects, (void *)rows[i].input), PL_OK);
		bpmn_instance_free(inst);
		inst = NULL;
		assert_int_equal(bpmn_instance_new(&inst, model, variables), PL_OK);
		bpmn_instance_set_depth(inst, BPMN_CALL_DEPTH_MAX);
		assert_int_equal(bpmn_instance_start(inst, &effects, (void *)rows[i].input), PL_OK);
		assert_int_equal(bpmn_instance_status(inst), BPMN_FAILED);
		json_decref(variables);
		bpmn_instance_free(inst);
		bpmn_model_free(model);
	}
}

static void several_processes_are_several_models(void **state)
{
	static const char xml[] = HEAD
		"<b:collaboration id='c'><b:participant id='p1' processRef='p'/>"
		"<b:participant id='p2' processRef='q'/><b:messageFlow id='mf' sourceRef='t'"
		" targetRef='r'/></b:collaboration>"
		"<b:process id='p' isExecutable='true'>" START TASK("t") END FLOW("f1", "s", "t")
			FLOW("f2", "t",
			     "e") "</b:process>"
				  "<b:process id='r' isExecutable='false'><b:complexGateway id='x'/></b:process>"
				  "<b:process id='q' isExecutable='true'><b:laneSet id='l'/>" NODE(
					  "startEvent", "s2", "") NODE("endEvent", "e2", "")
					  FLOW("f3", "s2", "e2") TAIL;
	struct bpmn_model **models = NULL, *one = NULL;
	size_t len = 0;

	assert_int_equal(bpmn_models_parse(&models, &len, xml, sizeof(xml) - 1), PL_OK);
	assert_int_equal(len, 2);
	assert_string_equal(bpmn_model_process_id(models[0]), "p");
	assert_string_equal(bpmn_model_process_id(models[1]), "q");
	bpmn_models_free(models, len);
	assert_int_equal(bpmn_model_parse(&one, xml, sizeof(xml) - 1), PL_INVALID);
	assert_null(one);
}

static void what_cannot_happen_is_refused(void **state)
{
	static const struct story_refusal refusals[] = {
		{ ONE(LUA("return (", ""), "t"), "line 5: element t: script: line 1: " },
		{ ONE(NODE_AS("scriptTask", "t", "scriptFormat='groovy'", ""), "t"),
		  "scriptFormat=\"groovy\" is not executable: feel and lua are" },
		{ ONE(NODE("callActivity", "t", ""), "t"),
		  "element t: callActivity without zeebe:calledElement" },
		{ ONE(NODE("callActivity", "t", EXT("<z:calledElement/>")), "t"),
		  "element t: processId is missing" },
		{ ONE(CALL("bindingType='newest'", ""), "t"), "bindingType is latest" },
		{ ONE(NODE("businessRuleTask", "t", ""), "t"),
		  "businessRuleTask without zeebe:calledDecision" },
		{ ONE(NODE("sendTask", "t", ""), "t"),
		  "element t: sendTask needs a reference to one declared" },
		{ ONE(NODE("receiveTask", "t", ""), "t"), "element t: receiveTask needs" },
		{ ONE(SUB_PROCESS("t", ""), "t"), "element t: subProcess has no start event" },
		{ ONE(SUB_PROCESS("t", NODE("startEvent", "s1", MESSAGE) NODE("endEvent", "e1", "")
					       FLOW("g1", "s1", "e1")),
		      "t"),
		  "element s1: startEvent of a sub-process has no event definition" },
		{ ONE(NODE("scriptTask", "t",
			   EXT("<z:script expression='=1' resultVariable='x'/>"
			       "<z:taskDefinition type='T'/>")),
		      "t"),
		  "has both zeebe:script and zeebe:taskDefinition" },
		{ 0 },
	};

	story_refuse(refusals);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tasks),
		cmocka_unit_test(lua_scripts),
		cmocka_unit_test(calls),
		cmocka_unit_test(scopes),
		cmocka_unit_test(a_user_task_says_who_and_when),
		cmocka_unit_test(a_call_says_what_and_with_what),
		cmocka_unit_test(several_processes_are_several_models),
		cmocka_unit_test(what_cannot_happen_is_refused),
	};

	return story_main("bpmn activities", tests);
}
