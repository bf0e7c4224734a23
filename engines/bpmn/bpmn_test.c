/*
 * bpmn_test.c — files read and refused, instances run, stored at every wait, and out of memory.
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

#include "engines/bpmn/bpmn.h"
#include "engines/test/test_oom.h"

#define HEAD                                                                                       \
	"<?xml version='1.0'?>\n<b:definitions"                                                    \
	" xmlns:b='http://www.omg.org/spec/BPMN/20100524/MODEL'"                                   \
	" xmlns:z='http://camunda.org/schema/zeebe/1.0' xmlns:o='urn:other'>\n"
#define PROCESS HEAD "<b:process id='p' name='P' isExecutable='true'>\n"
#define TAIL	"</b:process>\n</b:definitions>"
#define START	"<b:startEvent id='s'/>"
#define END	"<b:endEvent id='e'/>"
#define EXT(x)	"<b:extensionElements>" x "</b:extensionElements>"
#define SERVICE(id, more)                                                                          \
	"<b:serviceTask id='" id                                                                   \
	"'>" EXT("<z:taskDefinition type='T." id "'/>" more) "</b:serviceTask>"
#define SCRIPT(id, expression, variable)                                                           \
	"<b:scriptTask id='" id "'>" EXT("<z:script expression='" expression                       \
					 "' resultVariable='" variable "'/>") "</b:scriptTask>"
#define TIMER(id, text)                                                                            \
	"<b:intermediateCatchEvent id='" id "'><b:timerEventDefinition>" text                      \
	"</b:timerEventDefinition></b:intermediateCatchEvent>"
#define FLOW(id, from, to) "<b:sequenceFlow id='" id "' sourceRef='" from "' targetRef='" to "'/>"
#define FLOW_IF(id, from, to, condition)                                                           \
	"<b:sequenceFlow id='" id "' sourceRef='" from "' targetRef='" to "'>"                     \
	"<b:conditionExpression>" condition "</b:conditionExpression></b:sequenceFlow>"
/* start, one thing, end */
#define ONE(x, id) PROCESS START x END FLOW("f1", "s", id) FLOW("f2", id, "e") TAIL

/* JSON in the tests is written with ' for " */
static json_t *json_of(const char *text)
{
	char *copy = strdup(text);
	json_t *json;

	for (char *at = copy; *at; at++)
		if (*at == '\'')
			*at = '"';
	json = json_loads(copy, JSON_DECODE_ANY, NULL);
	if (!json)
		fail_msg("no JSON: %s", text);
	free(copy);
	return json;
}

static struct bpmn_model *model_of(const char *xml)
{
	struct bpmn_model *model = NULL;

	if (bpmn_model_parse(&model, xml, strlen(xml)))
		fail_msg("%s: %s", xml, pl_err_detail(PL_INVALID));
	return model;
}

struct log { /* what the effects said, a line each */
	char text[8192];
	uint64_t token; /* of the last wait */
};

static void __attribute__((format(printf, 2, 3))) note(struct log *log, const char *fmt, ...)
{
	size_t len = strlen(log->text);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(log->text + len, sizeof(log->text) - len, fmt, ap);
	va_end(ap);
}

static void on_wait(void *arg, const struct bpmn_wait *wait)
{
	struct log *log = arg;
	char *text = json_dumps(wait->input, JSON_SORT_KEYS | JSON_COMPACT);

	if (wait->kind == BPMN_WAIT_TASK)
		note(log, "task %s %s %s\n", wait->element_id, wait->name, text ? text : "");
	else
		note(log, "timer %s %s %lld\n", wait->element_id,
		     wait->is_date ? "date" : "duration", (long long)wait->due_ms);
	log->token = wait->token_id;
	free(text);
}

static void on_trace(void *arg, const char *element_id, const char *what)
{
	note(arg, "%s %s\n", what, element_id);
}

static const struct bpmn_effects effects = { .wait = on_wait };
static const struct bpmn_effects traced = { .wait = on_wait, .trace = on_trace };

static char *read_file(const char *path, size_t *lenp)
{
	FILE *file = fopen(path, "rb");
	char *bytes = malloc(BPMN_FILE_MAX);

	if (!file)
		fail_msg("%s is not there", path);
	*lenp = fread(bytes, 1, BPMN_FILE_MAX, file);
	fclose(file);
	return bytes;
}

static struct bpmn_model *chat_model(void)
{
	struct bpmn_model *model = NULL;
	size_t len;
	char *xml = read_file(WORKFLOWS "/chat.bpmn", &len);

	if (bpmn_model_parse(&model, xml, len))
		fail_msg("%s", pl_err_detail(PL_INVALID));
	free(xml);
	return model;
}

static const struct {
	const char *xml, *detail;
} refusals[] = {
	{ "", "the file is empty" },
	{ "nonsense", "line 1: " },
	{ "<a><b></a>", "line 1: " },
	{ "<a/>", "line 1: the root is not definitions" },
	{ "<definitions/>", "the root is not definitions" },
	{ HEAD "</b:definitions>", "the file has no process" },
	{ HEAD "<b:process id='p'/></b:definitions>", "process p: there is no start event" },
	{ HEAD "<b:process id='p'>" START END FLOW(
		  "f1", "s", "e") "</b:process><b:process id='q'>" START END FLOW("f1", "s", "e")
		  TAIL,
	  "the file has 2 executable processes, p and q among them" },
	{ "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "document type" },
	{ "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", "document type" },
	{ "<a>&b;</a>", "line 1: " },
	{ PROCESS TAIL, "process p: there is no start event" },
	{ PROCESS START TAIL, "element s: startEvent has no outgoing sequence flow" },
	{ HEAD "<b:process id='p' isExecutable='false'>" TAIL, "isExecutable is not true" },
	{ HEAD "<b:process>" TAIL, "process: attribute id is missing" },
	{ HEAD "<b:choreography id='c'/><b:process id='p'/></b:definitions>",
	  "line 3: element c: choreography is not executable" },
	{ HEAD "<b:globalChoreographyTask id='c'/><b:process id='p'/></b:definitions>",
	  "element c: globalChoreographyTask is not executable" },
	{ ONE("<b:choreographyTask id='u'/>", "u"),
	  "element u: choreographyTask is not executable" },
	{ ONE("<b:subChoreography id='u'/>", "u"), "element u: subChoreography is not executable" },
	{ ONE("<b:callChoreography id='u'/>", "u"),
	  "element u: callChoreography is not executable" },
	{ ONE("<b:implicitThrowEvent id='u'/>", "u"), "implicitThrowEvent is not executable" },
	{ ONE("<b:event id='u'/>", "u"), "element u: event is not executable" },
	{ ONE("\n\n<b:complexGateway id='Gateway_1'/>", "Gateway_1"),
	  "line 6: element Gateway_1: complexGateway is not executable" },
	{ ONE("<b:adHocSubProcess id='u'/>", "u"), "element u: adHocSubProcess is not executable" },
	{ ONE("<b:teleportTask id='u'/>", "u"), "element u: teleportTask is not known to BPMN" },
	{ ONE("<b:serviceTask id='t' z:modelerTemplateVersion='two'/>", "t"),
	  "element t: modelerTemplateVersion is a number up to 1000000" },
	{ ONE("<b:serviceTask id='t'/>", "t"),
	  "element t: serviceTask without zeebe:taskDefinition is not executable" },
	{ ONE("<b:scriptTask id='t'/>", "t"), "scriptTask without zeebe:script" },
	{ ONE("<b:intermediateCatchEvent id='t'/>", "t"), "without timerEventDefinition" },
	{ ONE("<b:intermediateCatchEvent id='t'><b:messageEventDefinition/>"
	      "</b:intermediateCatchEvent>",
	      "t"),
	  "element t: intermediateCatchEvent needs a reference to one declared with a name" },
	{ PROCESS "<b:startEvent id='s'><b:timerEventDefinition/></b:startEvent>" TAIL,
	  "element s: timerEventDefinition without timeDuration, timeDate or timeCycle" },
	{ PROCESS "<b:startEvent id='s'><b:terminateEventDefinition/></b:startEvent>" TAIL,
	  "element s: startEvent with terminateEventDefinition is not executable" },
	{ ONE("<b:serviceTask id='t'><b:multiInstanceLoopCharacteristics/></b:serviceTask>", "t"),
	  "element t: a multi-instance has either the inputCollection" },
	{ ONE("<b:task id='t' isForCompensation='true'/>", "t"),
	  "element t: task has an incoming sequence flow" },
	{ ONE("<b:task id='t'>" EXT("<z:taskHeaders/>") "</b:task>", "t"),
	  "element t: zeebe:taskHeaders is not executable here" },
	{ ONE("<b:serviceTask id='t'>" EXT("<z:unheardOf/>") "</b:serviceTask>", "t"),
	  "element t: zeebe:unheardOf is not executable here" },
	{ ONE(SERVICE("t", "<z:taskDefinition type='x'/>"), "t"), "a second zeebe:taskDefinition" },
	{ ONE("<b:serviceTask id='t'>" EXT("<z:taskDefinition/>") "</b:serviceTask>", "t"),
	  "taskDefinition: attribute type is missing" },
	{ ONE("<b:serviceTask id='t'>" EXT("<z:taskDefinition type='=x'/>") "</b:serviceTask>",
	      "t"),
	  "a task type is a name" },
	{ ONE("<b:serviceTask id='t'>" EXT(
		      "<z:taskDefinition type='x' retries='many'/>") "</b:serviceTask>",
	      "t"),
	  "retries are a number" },
	{ ONE("<b:exclusiveGateway id='t'>" EXT("<z:ioMapping/>") "</b:exclusiveGateway>", "t"),
	  "element t: zeebe:ioMapping is not executable here" },
	{ PROCESS EXT("<z:executionListeners/>") TAIL,
	  "element p: zeebe:executionListeners is not executable here" },
	{ ONE(SERVICE("t", "<z:ioMapping><z:input source='=1 +' target='a'/></z:ioMapping>"), "t"),
	  "element t: input a: FEEL, line 1, column 4: expected a value" },
	{ ONE(SERVICE("t", "<z:ioMapping><z:input source='=1' target='a..b'/></z:ioMapping>"), "t"),
	  "input target \"a..b\" is no path" },
	{ ONE(SERVICE("t", "<z:ioMapping><z:input target='a'/></z:ioMapping>"), "t"),
	  "input a: attribute source is missing" },
	{ ONE(SCRIPT("t", "1", "x"), "t"), "element t: script: an expression begins with =" },
	{ ONE(SCRIPT("t", "=frob(1)", "x"), "t"), "unknown function frob" },
	{ ONE("<b:scriptTask id='t'><b:script>x</b:script></b:scriptTask>", "t"),
	  "element t: script without scriptFormat=\"lua\" is not executable" },
	{ ONE(TIMER("t", "<b:timeDuration>soon</b:timeDuration>"), "t"),
	  "element t: timeDuration: \"soon\" is not an ISO 8601 duration" },
	{ ONE(TIMER("t", "<b:timeDuration>P1M</b:timeDuration>"), "t"), "without years or months" },
	{ ONE(TIMER("t", "<b:timeDate>2026-01-01T00:00:00</b:timeDate>"), "t"), "with a zone" },
	{ ONE(TIMER("t", "<b:timeCycle>R/PT1M</b:timeCycle>"), "t"),
	  "element t: intermediateCatchEvent with timeCycle happens only once" },
	{ ONE(TIMER("t", "<b:timeCycle>0 0 * * *</b:timeCycle>"), "t"),
	  "is not an ISO 8601 repeating interval" },
	{ ONE(TIMER("t", "<b:timeDuration>PT1S</b:timeDuration><b:timeDate>x</b:timeDate>"), "t"),
	  "one duration, date or cycle" },
	{ PROCESS START END FLOW("f1", "s", "nowhere") TAIL,
	  "sequence flow f1: its target nowhere is no flow node" },
	{ PROCESS START END FLOW("f1", "s", "f1") TAIL, "its target f1 is no flow node" },
	{ PROCESS START END "<b:sequenceFlow id='f1' sourceRef='s'/>" TAIL,
	  "attribute targetRef is missing" },
	{ PROCESS START START TAIL, "element s: the id is there twice" },
	{ PROCESS START "<b:startEvent id='s2'/>" END FLOW("f1", "s", "e") FLOW("f2", "s2", "e")
		  TAIL,
	  "element s2: startEvent is a second one" },
	{ PROCESS START END FLOW("f1", "s", "e") FLOW("f2", "e", "e") TAIL,
	  "element e: endEvent has an outgoing sequence flow" },
	{ PROCESS START END FLOW("f1", "s", "e") FLOW("f2", "s", "s") TAIL,
	  "element s: startEvent has an incoming sequence flow" },
	{ PROCESS START END SERVICE("t", "") FLOW("f1", "s", "e") FLOW("f2", "t", "e") TAIL,
	  "element t: serviceTask has no incoming sequence flow" },
	{ PROCESS START END "<b:parallelGateway id='t'/>" FLOW("f1", "s", "e") FLOW("f2", "s", "t")
		  TAIL,
	  "element t: parallelGateway has no outgoing sequence flow" },
	{ PROCESS START END FLOW_IF("f1", "s", "e", "=true") TAIL,
	  "a condition on a flow out of a startEvent is not executable" },
	{ PROCESS START END "<b:exclusiveGateway id='g'/>" FLOW("f1", "s", "g") FLOW("f2", "g", "e")
		  FLOW("f3", "g", "e") TAIL,
	  "sequence flow f2: has no condition and is not the default of gateway g" },
	{ PROCESS START END "<b:exclusiveGateway id='g' default='f1'/>" FLOW("f1", "s", "g")
		  FLOW("f2", "g", "e") TAIL,
	  "element g: exclusiveGateway has a default that is not one of its outgoing flows" },
	{ PROCESS START END "<b:exclusiveGateway id='g' default='f2'/>" FLOW("f1", "s", "g")
		  FLOW_IF("f2", "g", "e", "=true") TAIL,
	  "has a condition on its default flow" },
	{ PROCESS START END "<b:exclusiveGateway id='g'/>" FLOW("f1", "s", "g")
		  FLOW_IF("f2", "g", "e", "x") TAIL,
	  "sequence flow f2: condition: an expression begins with =" },
	{ PROCESS START END "<b:sequenceFlow id='f1' sourceRef='s' targetRef='e'>"
			    "<b:conditionExpression language='groovy'>x</b:conditionExpression>"
			    "</b:sequenceFlow>" TAIL,
	  "the language groovy is not FEEL" },
	{ ONE("<b:subProcess id='sub'><b:startEvent id='x'/></b:subProcess>", "sub"),
	  "element x: startEvent has no outgoing sequence flow" },
	{ PROCESS START END FLOW("f1", "s", "e") "<b:correlationSubscription id='d'/>" TAIL,
	  "element d: correlationSubscription is not executable" },
};

/* EDR-5: what can't be executed is refused by name */
static void what_cannot_run_is_refused_by_name(void **state)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		struct bpmn_model *model = NULL;
		enum pl_err err;

		pl_err_clear();
		err = bpmn_model_parse(&model, refusals[i].xml, strlen(refusals[i].xml));
		if (err != PL_INVALID || !strstr(pl_err_detail(err), refusals[i].detail))
			fail_msg("%s\n%s, not %s", refusals[i].xml, pl_err_detail(err),
				 refusals[i].detail);
		assert_null(model);
	}
}

static void what_means_nothing_here_is_left_alone(void **state)
{
	struct bpmn_element_info info;
	struct bpmn_model *model = model_of(PROCESS "<b:documentation>d</b:documentation><o:any><o:thing/></o:any>" EXT(
		"<o:x/><z:versionTag value='1'/><z:properties><z:property/></z:properties>") "<b:laneSet id='l'><b:lane id='l1'/></b:laneSet>"
											     "<b:textAnnotation id='ta'><b:text>t</b:text></b:textAnnotation>"
											     "<b:association id='as' sourceRef='s' targetRef='ta'/><b:dataObject id='do'/>"
											     "<b:dataObjectReference id='dr' dataObjectRef='do'/>"
											     "<b:dataStoreReference id='ds'/><b:group id='gr'/><b:property id='pr'/>" START
											     "<b:serviceTask id='t' name='Täsk' o:attr='1' z:modelerTemplateVersion='2'><b:documentation/>"
											     "<b:ioSpecification><b:inputSet/></b:ioSpecification><b:dataInputAssociation/><b:performer/>"
											     "<b:inputSet/><b:outputSet/><b:rendering/><b:ioBinding/><b:supportedInterfaceRef/><b:supports/>" EXT(
												     "<o:y/><z:taskDefinition type='a.b' retries='5'/>") "</b:serviceTask>" END
												     FLOW("f1",
													  "s",
													  "t")
													     FLOW("f2",
														  "t",
														  "e") "</b:process><b:message id='m'/><o:diagram/></b:definitions>");

	assert_string_equal(bpmn_model_process_id(model), "p");
	assert_string_equal(bpmn_model_process_name(model), "P");
	assert_string_equal(bpmn_model_version_tag(model), "1");
	assert_int_equal(bpmn_model_element_count(model), 3);
	assert_true(bpmn_model_find(model, "t", &info));
	assert_string_equal(info.name, "Täsk");
	assert_string_equal(info.tag, "serviceTask");
	assert_string_equal(info.task_type, "a.b");
	assert_int_equal(info.retries, 5);
	assert_int_equal(info.template_version, 2);
	assert_false(bpmn_model_find(model, "f1", &info));
	assert_false(bpmn_model_find(model, "ta", &info));
	bpmn_model_free(model);
	bpmn_model_free(NULL);
}

static char *repeated(const char *before, const char *part, size_t n, const char *after)
{
	char *text = malloc(strlen(before) + n * strlen(part) + strlen(after) + 1), *at = text;

	at = stpcpy(at, before);
	while (n--)
		at = stpcpy(at, part);
	stpcpy(at, after);
	return text;
}

static void hostile_files_end_soon(void **state)
{
	static const struct {
		const char *before, *part;
		size_t n;
		const char *after;
		enum pl_err err;
	} files[] = {
		{ "<a>", " ", BPMN_FILE_MAX, "</a>", PL_TOOLARGE },
		{ "", "<a>", 100000, "", PL_INVALID },
		{ PROCESS, "<b:subProcess id='x'>", 20000, "", PL_INVALID },
		{ PROCESS START, "<o:x/>", 100000, TAIL, PL_INVALID },
		{ PROCESS START END "<b:exclusiveGateway id='g'>", "<b:outgoing>x</b:outgoing>",
		  30000, "</b:exclusiveGateway>" FLOW("f1", "s", "g") FLOW("f2", "g", "e") TAIL,
		  PL_OK },
		{ PROCESS "<b:startEvent id='s' name='", "&lt;", 200000, "'/>" TAIL, PL_INVALID },
		{ "<a ", "b='' ", 100000, "/>", PL_TOOLARGE },
		{ HEAD, "<b:process id='p'><b:task id='t'/></b:process>", 15000, "</b:definitions>",
		  PL_INVALID },
		{ HEAD "<b:process id='p'/>", "<b:message id='m' name='=1'/>", 1001,
		  "</b:definitions>", PL_TOOLARGE },
		{ "<!DOCTYPE a [<!ENTITY a 'aaaaaaaaaa'>", "<!ENTITY b '&a;&a;&a;'>", 1000,
		  "]><a>&b;</a>", PL_INVALID },
		{ "\xff\xfe", "\x01", 1000, "", PL_INVALID },
		{ "<?xml version='1.0' encoding='UTF-7'?>", "+", 1000, "<a/>", PL_INVALID },
	};
	struct bpmn_model *model = NULL;
	char many[64], *text, *at;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		enum pl_err err;

		text = repeated(files[i].before, files[i].part, files[i].n, files[i].after);
		err = bpmn_model_parse(&model, text, strlen(text));
		if (err != files[i].err)
			fail_msg("file %zu: %d, %s", i, (int)err, pl_err_detail(err));
		free(text);
	}
	bpmn_model_free(model);
	model = NULL;
	text = malloc(BPMN_FILE_MAX);
	at = stpcpy(text, PROCESS);
	for (int i = 0; i <= BPMN_NODES_MAX; i++) {
		snprintf(many, sizeof(many), "<b:startEvent id='s%d'/>", i);
		at = stpcpy(at, many);
	}
	stpcpy(at, TAIL);
	assert_int_equal(bpmn_model_parse(&model, text, strlen(text)), PL_TOOLARGE);
	free(text);
}

/* Writes a part with its number for each #. */
static size_t write_part(char *at, const char *part, size_t number)
{
	char *end = at;

	for (; *part; part++)
		if (*part == '#')
			end += snprintf(end, 8, "%zu", number);
		else
			*end++ = *part;
	return (size_t)(end - at);
}

/* A process of `len` parts; # in each is its number. */
static char *made_of(size_t len, const char *part, const char *before, const char *after)
{
	char *text = malloc(strlen(before) + strlen(after) + len * (strlen(part) + 50) + 1);
	char *at = stpcpy(text, before);

	for (size_t i = 1; i <= len; i++)
		at += write_part(at, part, i);
	stpcpy(at, after);
	return text;
}

/* EDR-16: large processes; what would take too long to be read is told */
static void ten_thousand_elements_are_read(void **state)
{
	enum { LEN = 12000, JOINS = 2300 };
	struct bpmn_model *model = NULL;
	char *text = made_of(LEN,
			     "<b:manualTask id='m#'/><b:sequenceFlow id='f#' sourceRef='m#' "
			     "targetRef='e'/><b:sequenceFlow id='g#' sourceRef='t' "
			     "targetRef='m#'/>",
			     PROCESS START SERVICE("t", "") END FLOW("f", "s", "t"), TAIL);

	assert_int_equal(bpmn_model_parse(&model, text, strlen(text)), PL_OK);
	assert_int_equal(bpmn_model_element_count(model), LEN + 3);
	bpmn_model_free(model);
	model = NULL;
	free(text);
	text = made_of(
		JOINS,
		"<b:manualTask id='m#'/><b:inclusiveGateway id='j#'/><b:sequenceFlow id='a#' "
		"sourceRef='m#' targetRef='j#'/><b:sequenceFlow id='b#' sourceRef='m#' "
		"targetRef='j#'/><b:sequenceFlow id='c#' sourceRef='j#' targetRef='e'/>"
		"<b:sequenceFlow id='d#' sourceRef='t' targetRef='m#'/>",
		PROCESS START SERVICE("t", "") END FLOW("f", "s", "t"), TAIL);
	assert_int_equal(bpmn_model_parse(&model, text, strlen(text)), PL_TOOLARGE);
	assert_non_null(strstr(pl_err_detail(PL_TOOLARGE), "lead to inclusive gateways"));
	free(text);
}

static struct bpmn_instance *started(const struct bpmn_model *model, const char *variables,
				     struct log *log)
{
	json_t *json = json_of(variables);
	struct bpmn_instance *inst = NULL;

	assert_int_equal(bpmn_instance_new(&inst, model, json), PL_OK);
	json_decref(json);
	*log = (struct log){ 0 };
	assert_int_equal(bpmn_instance_start(inst, &effects, log), PL_OK);
	return inst;
}

/* Writes the instance out and reads it in again, through text, as a crash would. */
static struct bpmn_instance *reloaded(struct bpmn_instance *inst, const struct bpmn_model *model)
{
	json_t *state = bpmn_instance_state(inst), *read, *second;
	char *text = json_dumps(state, JSON_SORT_KEYS);
	struct bpmn_instance *again = NULL;

	bpmn_instance_free(inst);
	read = json_loads(text, 0, NULL);
	if (bpmn_instance_load(&again, model, read))
		fail_msg("%s: %s", text, pl_err_detail(PL_INVALID));
	second = bpmn_instance_state(again);
	assert_true(json_equal(state, second));
	json_decref(state);
	json_decref(read);
	json_decref(second);
	free(text);
	return again;
}

static enum pl_err complete(struct bpmn_instance *inst, struct log *log, const char *result)
{
	json_t *json = result ? json_of(result) : NULL;
	uint64_t token = log->token;
	enum pl_err err;

	*log = (struct log){ .token = token };
	err = bpmn_instance_complete(inst, token, json, &effects, log);
	json_decref(json);
	return err;
}

static void variable_is(const struct bpmn_instance *inst, const char *name, const char *wanted)
{
	json_t *json = json_of(wanted);
	const json_t *got = json_object_get(bpmn_instance_variables(inst), name);

	if (!got || !json_equal(json, (json_t *)got))
		fail_msg("%s is not %s", name, wanted);
	json_decref(json);
}

static const char contact[] =
	"{'contact': {'contactId': 'c1', 'channel': 'chat', 'topic': 'sales',"
	" 'customer': {'name': 'Ann'}, 'context': {'page': '/prices'}, 'attributes': {'language': 'en'}}}";

/* EDR-6: the chat workflow from end to end, thrown away and loaded again at every wait */
static void the_chat_workflow_runs_and_survives_at_every_wait(void **state)
{
	static const struct {
		const char *result; /* NULL: the timer */
		const char *effect;
	} steps[] = {
		{ "{'open': true, 'opensAtMs': null}",
		  "task Task_ask WorkAssignment.request {\"attributes\":{\"language\":\"en\"},"
		  "\"channel\":\"chat\",\"contactId\":\"c1\",\"priority\":5,"
		  "\"service\":\"Sales\"}\n" },
		{ "{'state': 'queued', 'secret': 1}",
		  "task Task_greet AutomationController.say "
		  "{\"contactId\":\"c1\",\"template\":\"greeting\","
		  "\"values\":{\"name\":\"Ann\",\"service\":\"Sales\"}}\n" },
		{ "{'messageId': 1}",
		  "task Task_remember ContextStore.upsert {\"contextId\":\"c1\","
		  "\"data\":{\"page\":\"/prices\"},\"touchpoint\":\"workflow\"}\n" },
		{ "{}", "timer Timer_wait duration 30000\n" },
		{ NULL, "timer Boundary_long duration 600000\n"
			"task Task_status WorkAssignment.status {\"contactId\":\"c1\"}\n" },
		{ "{'waiting': true, 'state': 'queued', 'position': 2, 'estimatedWaitSeconds': 61}",
		  "task Task_hours_again WorkAssignment.hours {\"service\":\"Sales\"}\n" },
		{ "{'open': true, 'opensAtMs': null}",
		  "task Task_comfort AutomationController.say "
		  "{\"contactId\":\"c1\",\"template\":\"comfort_wait\","
		  "\"values\":{\"minutes\":2,\"name\":\"Ann\",\"position\":2,"
		  "\"service\":\"Sales\"}}\n" },
		{ "null", "timer Timer_again duration 60000\n" },
		{ NULL, "task Task_status WorkAssignment.status {\"contactId\":\"c1\"}\n" },
		{ "{'waiting': true, 'state': 'queued', 'position': 1,"
		  " 'estimatedWaitSeconds': null}",
		  "task Task_hours_again WorkAssignment.hours {\"service\":\"Sales\"}\n" },
		{ "{'open': true, 'opensAtMs': null}",
		  "task Task_comfort AutomationController.say "
		  "{\"contactId\":\"c1\",\"template\":\"comfort_position\","
		  "\"values\":{\"minutes\":null,\"name\":\"Ann\",\"position\":1,"
		  "\"service\":\"Sales\"}}\n" },
		{ "null", "timer Timer_again duration 60000\n" },
		{ NULL, "task Task_status WorkAssignment.status {\"contactId\":\"c1\"}\n" },
		{ "{'waiting': false, 'state': 'active', 'position': 0,"
		  " 'estimatedWaitSeconds': null}",
		  "" },
	};
	struct bpmn_model *model = chat_model();
	struct log log;
	struct bpmn_instance *inst = started(model, contact, &log);

	assert_string_equal(log.text,
			    "task Task_hours WorkAssignment.hours {\"service\":\"Sales\"}\n");
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		uint64_t token = log.token;

		inst = reloaded(inst, model);
		assert_int_equal(bpmn_instance_start(inst, &effects, &log), PL_STATE);
		if (steps[i].result) {
			assert_int_equal(bpmn_instance_timer(inst, token, &effects, &log),
					 PL_STATE);
			assert_int_equal(complete(inst, &log, steps[i].result), PL_OK);
		} else {
			assert_int_equal(complete(inst, &log, "{}"), PL_STATE);
			log = (struct log){ 0 };
			assert_int_equal(bpmn_instance_timer(inst, token, &effects, &log), PL_OK);
		}
		assert_string_equal(log.text, steps[i].effect);
		/* a second answer finds nobody and changes nothing */
		assert_int_equal(bpmn_instance_complete(inst, token, NULL, &effects, &log),
				 PL_STATE);
		assert_int_equal(bpmn_instance_timer(inst, token, &effects, &log), PL_STATE);
		assert_int_equal(bpmn_instance_fail(inst, token, "c", "m", &effects, &log),
				 PL_STATE);
		assert_string_equal(log.text, steps[i].effect);
	}
	assert_int_equal(bpmn_instance_status(inst), BPMN_COMPLETED);
	variable_is(inst, "service", "'Sales'");
	variable_is(inst, "matched", "false");
	variable_is(inst, "messageId", "1");
	assert_null(json_object_get(bpmn_instance_variables(inst), "secret"));
	inst = reloaded(inst, model);
	assert_int_equal(bpmn_instance_complete(inst, log.token, NULL, NULL, NULL), PL_STATE);
	bpmn_instance_free(inst);
	bpmn_model_free(model);
}

/* RTG-5: outside the opening hours the customer is told so, and the chat ends. */
static void the_chat_workflow_ends_off_hours(void **state)
{
	struct bpmn_model *model = chat_model();
	struct log log;
	struct bpmn_instance *inst = started(model, contact, &log);

	assert_int_equal(complete(inst, &log, "{'open': false, 'opensAtMs': 1000}"), PL_OK);
	assert_string_equal(
		log.text, "task Task_closed AutomationController.say {\"close\":{\"offHours\":true,"
			  "\"opensAtMs\":1000,\"reason\":\"timeout\"},\"contactId\":\"c1\","
			  "\"from\":\"system\",\"template\":\"offhours\",\"values\":"
			  "{\"name\":\"Ann\",\"service\":\"Sales\"}}\n");
	assert_int_equal(complete(inst, &log, "{}"), PL_OK);
	assert_int_equal(bpmn_instance_status(inst), BPMN_COMPLETED);
	bpmn_instance_free(inst);
	bpmn_model_free(model);
}

static void results_are_mapped_or_merged(void **state)
{
	struct bpmn_model *model = model_of(
		PROCESS START SERVICE("a", "<z:ioMapping><z:input source='=n + 1' target='x.y'/>"
					   "<z:input source='text' target='x.z'/></z:ioMapping>")
			SERVICE("b", "<z:ioMapping><z:output source='=got * n' target='out.v'/>"
				     "<z:output source='=n' target='n.deep'/></z:ioMapping>")
				END FLOW("f1", "s", "a") FLOW("f2", "a", "b") FLOW("f3", "b", "e")
					TAIL);
	json_t *list = json_array();
	struct log log;
	struct bpmn_instance *inst = started(model, "{'n': 2, 'out': {'u': 1}}", &log);

	assert_string_equal(log.text, "task a T.a {\"x\":{\"y\":3,\"z\":\"text\"}}\n");
	assert_int_equal(bpmn_instance_complete(inst, log.token, list, &effects, &log), PL_INVALID);
	json_decref(list);
	assert_int_equal(complete(inst, &log, "{'n': 10, 'k': [1]}"), PL_OK);
	variable_is(inst, "n", "10");
	variable_is(inst, "k", "[1]");
	assert_string_equal(log.text, "task b T.b {}\n");
	assert_int_equal(complete(inst, &log, "{'got': 4, 'other': 5}"), PL_OK);
	variable_is(inst, "out", "{'u': 1, 'v': 40}");
	variable_is(inst, "n", "{'deep': 10}");
	assert_null(json_object_get(bpmn_instance_variables(inst), "got"));
	assert_int_equal(bpmn_instance_status(inst), BPMN_COMPLETED);
	bpmn_instance_free(inst);
	bpmn_model_free(model);
}

#define GATEWAY                                                                                    \
	PROCESS START "<b:exclusiveGateway id='g' default='fd'><b:outgoing>f3</b:outgoing>"        \
		      "<b:outgoing>f2</b:outgoing></b:exclusiveGateway>" SERVICE("a", "")          \
			      SERVICE("b", "") SERVICE("c", "") END FLOW("f1", "s", "g")           \
				      FLOW_IF("f2", "g", "a", "=x > 1")                            \
					      FLOW_IF("f3", "g", "b", " =x > 2 ")                  \
						      FLOW("fd", "g", "c") FLOW("fa", "a", "e")    \
							      FLOW("fb", "b", "e")                 \
								      FLOW("fc", "c", "e") TAIL

static void a_gateway_asks_in_its_own_order(void **state)
{
	static const struct {
		const char *variables, *effect;
	} rows[] = {
		{ "{'x': 2}", "task a T.a {}\n" },     { "{'x': 3}", "task b T.b {}\n" },
		{ "{'x': 1}", "task c T.c {}\n" },     { "{}", "task c T.c {}\n" },
		{ "{'x': 'big'}", "task c T.c {}\n" },
	};
	struct bpmn_model *model = model_of(GATEWAY);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct log log;
		struct bpmn_instance *inst = started(model, rows[i].variables, &log);

		assert_string_equal(log.text, rows[i].effect);
		bpmn_instance_free(inst);
	}
	bpmn_model_free(model);
}

static void timers_are_durations_or_dates(void **state)
{
	static const struct {
		const char *timer, *effect;
	} rows[] = {
		{ "<b:timeDuration> PT1.5S </b:timeDuration>", "timer t duration 1500\n" },
		{ "<b:timeDuration>P1DT2H</b:timeDuration>", "timer t duration 93600000\n" },
		{ "<b:timeDuration>P106751991167D</b:timeDuration>",
		  "timer t duration 9007199254740992\n" },
		{ "<b:timeDate>-290000000-01-01T00:00:00Z</b:timeDate>",
		  "timer t date -9007199254740992\n" },
		{ "<b:timeDuration>-PT5S</b:timeDuration>", "timer t duration 0\n" },
		{ "<b:timeDuration>=\"PT\" + string(n) + \"M\"</b:timeDuration>",
		  "timer t duration 120000\n" },
		{ "<b:timeDuration>=duration(\"PT1M\") * n</b:timeDuration>",
		  "timer t duration 120000\n" },
		{ "<b:timeDate>2026-01-01T00:00:00Z</b:timeDate>", "timer t date 1767225600000\n" },
		{ "<b:timeDate>=date and time(\"2026-01-01T01:00:00+01:00\")</b:timeDate>",
		  "timer t date 1767225600000\n" },
	};
	char xml[2000];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bpmn_instance *inst;
		struct bpmn_model *model;
		struct log log;

		snprintf(xml, sizeof(xml), ONE(TIMER("t", "%s"), "t"), rows[i].timer);
		model = model_of(xml);
		inst = started(model, "{'n': 2}", &log);
		assert_string_equal(log.text, rows[i].effect);
		inst = reloaded(inst, model);
		assert_int_equal(bpmn_instance_timer(inst, log.token, NULL, NULL), PL_OK);
		assert_int_equal(bpmn_instance_status(inst), BPMN_COMPLETED);
		bpmn_instance_free(inst);
		bpmn_model_free(model);
	}
}

#define LOOP(script)                                                                               \
	PROCESS START "<b:exclusiveGateway id='g' default='f2'/>" SCRIPT("t", script, "x")         \
		END FLOW("f1", "s", "g") FLOW("f2", "g", "t") FLOW("f3", "t", "g")                 \
			FLOW_IF("f4", "g", "e", "=x = 0") TAIL

/* EDR-4: a runaway fails its instance, and says where */
static void what_goes_wrong_fails_the_instance(void **state)
{
	static const struct {
		const char *xml, *element, *code, *reason;
	} rows[] = {
		{ PROCESS START "<b:exclusiveGateway id='g'/>" END FLOW("f1", "s", "g")
			  FLOW_IF("f2", "g", "e", "=x") TAIL,
		  "g", "noFlow", "no condition is true" },
		{ ONE(SCRIPT("t", "=for i in 1..1000000000 return i", "x"), "t"), "t", "expression",
		  "script: FEEL: the evaluation takes more than" },
		{ LOOP("=1"), "t", "steps", "too many steps without a wait" },
		{ LOOP("=count(for i in 1..20000 return i)"), "t", "expression", "more than" },
		{ PROCESS START SCRIPT("t", "=1", "x") END FLOW("f1", "s", "t") FLOW("f2", "t", "t")
			  FLOW("f3", "t", "t") FLOW("f4", "t", "t") FLOW("f5", "t", "e") TAIL,
		  "t", "tokens", "too many tokens" },
		{ ONE(TIMER("t", "<b:timeDuration>=n</b:timeDuration>"), "t"), "t", "timer",
		  "no ISO 8601 duration" },
		{ ONE(TIMER("t", "<b:timeDate>=\"2026-01-01\"</b:timeDate>"), "t"), "t", "timer",
		  "no ISO 8601 date and time" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bpmn_model *model = model_of(rows[i].xml);
		struct log log;
		struct bpmn_instance *inst = started(model, "{}", &log);
		const json_t *failure = bpmn_instance_failure(inst);

		assert_int_equal(bpmn_instance_status(inst), BPMN_FAILED);
		assert_string_equal(json_string_value(json_object_get(failure, "element")),
				    rows[i].element);
		assert_string_equal(json_string_value(json_object_get(failure, "code")),
				    rows[i].code);
		if (!strstr(json_string_value(json_object_get(failure, "reason")), rows[i].reason))
			fail_msg("%s", json_string_value(json_object_get(failure, "reason")));
		inst = reloaded(inst, model);
		assert_int_equal(bpmn_instance_status(inst), BPMN_FAILED);
		bpmn_instance_free(inst);
		bpmn_model_free(model);
	}
}

static void a_failed_task_fails_the_instance(void **state)
{
	struct bpmn_model *model = model_of(ONE(SERVICE("t", ""), "t"));
	struct log log;
	struct bpmn_instance *inst = started(model, "{}", &log);
	const json_t *failure;

	assert_int_equal(bpmn_instance_fail(inst, 99, "x", "y", &traced, &log), PL_STATE);
	assert_null(bpmn_instance_failure(inst));
	log.text[0] = '\0';
	assert_int_equal(bpmn_instance_fail(inst, log.token, "timeout", "no \xff", &traced, &log),
			 PL_OK);
	assert_string_equal(log.text, "failed t\n");
	failure = bpmn_instance_failure(inst);
	assert_string_equal(json_string_value(json_object_get(failure, "code")), "timeout");
	assert_string_equal(json_string_value(json_object_get(failure, "reason")), "(not UTF-8)");
	inst = reloaded(inst, model);
	assert_int_equal(complete(inst, &log, "{}"), PL_STATE);
	bpmn_instance_free(inst);
	bpmn_model_free(model);
}

static void several_flows_make_several_tokens(void **state)
{
	struct bpmn_model *model = model_of(
		PROCESS START SERVICE("a", "") SERVICE("b", "") END FLOW("f1", "s", "a")
			FLOW("f2", "s", "b") FLOW("f3", "a", "e") FLOW("f4", "b", "e") TAIL);
	struct log log = { 0 };
	struct bpmn_instance *inst = NULL;

	assert_int_equal(bpmn_instance_new(&inst, model, NULL), PL_OK);
	assert_int_equal(bpmn_instance_start(inst, &traced, &log), PL_OK);
	assert_string_equal(log.text, "entered s\ncompleted s\ntaken f1\ntaken f2\n"
				      "entered a\nwaiting a\ntask a T.a {}\n"
				      "entered b\nwaiting b\ntask b T.b {}\n");
	assert_int_equal(bpmn_instance_complete(inst, 3, NULL, &effects, &log), PL_OK);
	assert_int_equal(bpmn_instance_status(inst), BPMN_RUNNING);
	inst = reloaded(inst, model);
	assert_int_equal(bpmn_instance_complete(inst, 3, NULL, &effects, &log), PL_STATE);
	assert_int_equal(bpmn_instance_complete(inst, 2, NULL, &effects, &log), PL_OK);
	assert_int_equal(bpmn_instance_status(inst), BPMN_COMPLETED);
	bpmn_instance_free(inst);
	bpmn_model_free(model);
}

#define TOKEN "{'id': 1, 'element': 't', 'waits': 'task'}"
#define STATE(status, tokens)                                                                      \
	"{'version': 1, 'process': 'p', 'started': true, 'status': '" status                       \
	"', 'nextToken': 3, 'variables': {}, 'tokens': [" tokens "]}"

static void a_state_from_outside_is_checked(void **state)
{
	static const struct {
		const char *state, *detail;
	} rows[] = {
		{ "[]", "the version is missing" },
		{ "{'version': 3}", "version 3 is newer" },
		{ "{'version': 1, 'process': 'q'}", "not of process p" },
		{ "{'version': 1, 'process': 'p', 'variables': []}", "variables" },
		{ "{'version': 1, 'process': 'p', 'variables': {}}", "nextToken" },
		{ STATE("asleep", TOKEN), "status" },
		{ STATE("running", ""), "don't fit" },
		{ STATE("completed", TOKEN), "completed, but with tokens" },
		{ STATE("failed", TOKEN), "without element, code and reason" },
		{ STATE("running", TOKEN ", " TOKEN), "token 1 is there twice" },
		{ STATE("running", "{'id': 3, 'element': 't', 'waits': 'task'}"),
		  "below nextToken" },
		{ STATE("running", "{'id': -1, 'element': 't', 'waits': 'task'}"), "token's id" },
		{ STATE("running", "{'id': 1, 'element': 'x', 'waits': 'task'}"), "at no element" },
		{ STATE("running", "{'id': 1, 'element': 'f1', 'waits': 'task'}"),
		  "at no element" },
		{ STATE("running", "{'id': 1, 'element': 'e', 'waits': 'task'}"),
		  "can't wait so at e" },
		{ STATE("running", "{'id': 1, 'element': 't', 'waits': 'timer'}"),
		  "can't wait so" },
		{ STATE("running", "{'id': 1, 'element': 't', 'waits': 'nothing'}"), "can't wait" },
		{ STATE("running", "{'id': 1, 'element': 't'}"), "can't wait so" },
		{ STATE("running", "7"), "token's id" },
	};
	struct bpmn_model *model = model_of(ONE(SERVICE("t", ""), "t"));
	struct bpmn_instance *inst = NULL;
	json_t *json;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		enum pl_err err;

		json = json_of(rows[i].state);
		err = bpmn_instance_load(&inst, model, json);
		if (err != (i == 1 ? PL_NEWER : PL_INVALID) ||
		    !strstr(pl_err_detail(err), rows[i].detail))
			fail_msg("%s: %s", rows[i].state, pl_err_detail(err));
		assert_null(inst);
		json_decref(json);
	}
	json = json_of(STATE("running", TOKEN));
	assert_int_equal(bpmn_instance_load(&inst, model, json), PL_OK);
	json_decref(json);
	inst = reloaded(inst, model);
	assert_int_equal(bpmn_instance_complete(inst, 1, NULL, NULL, NULL), PL_OK);
	bpmn_instance_free(inst);
	inst = NULL;
	json = json_array();
	assert_int_equal(bpmn_instance_new(&inst, model, json), PL_INVALID);
	json_decref(json);
	assert_int_equal(bpmn_instance_new(&inst, model, NULL), PL_OK);
	inst = reloaded(inst, model); /* not started yet */
	assert_int_equal(bpmn_instance_start(inst, NULL, NULL), PL_OK);
	bpmn_instance_free(inst);
	bpmn_model_free(model);
}

/* Answers the task that waits, else the first timer. */
static enum pl_err answer(struct bpmn_instance *inst, const json_t *result)
{
	json_t *state = bpmn_instance_state(inst), *token;
	uint64_t task = 0, timer = 0, id;
	size_t i;

	if (!state)
		return PL_NOMEM;
	json_array_foreach(json_object_get(state, "tokens"), i, token) {
		const char *waits = json_string_value(json_object_get(token, "waits"));

		id = (uint64_t)json_integer_value(json_object_get(token, "id"));
		if (strcmp(waits, "task") == 0)
			task = id;
		else if (!timer && strcmp(waits, "timer") == 0)
			timer = id;
	}
	json_decref(state);
	return task ? bpmn_instance_complete(inst, task, result, NULL, NULL)
		    : bpmn_instance_timer(inst, timer, NULL, NULL);
}

/* One whole life; the error of the call in which memory ran out, or PL_OK. */
static enum pl_err live(const char *xml, size_t xml_len, const json_t *variables,
			const json_t *result)
{
	struct bpmn_instance *inst = NULL, *again = NULL;
	struct bpmn_model *model = NULL;
	json_t *state = NULL;
	enum pl_err err = bpmn_model_parse(&model, xml, xml_len);

	if (!err)
		err = bpmn_instance_new(&inst, model, variables);
	if (!err)
		err = bpmn_instance_start(inst, NULL, NULL);
	while (!err && bpmn_instance_status(inst) == BPMN_RUNNING) {
		err = answer(inst, result);
		if (err)
			break;
		state = bpmn_instance_state(inst);
		err = state ? bpmn_instance_load(&again, model, state) : PL_NOMEM;
		json_decref(state);
		if (err)
			break;
		bpmn_instance_free(inst);
		inst = again;
		again = NULL;
	}
	if (err == PL_NOMEM && inst && oom_is_on())
		assert_int_not_equal(bpmn_instance_status(inst), BPMN_FAILED);
	bpmn_instance_free(inst);
	bpmn_model_free(model);
	return err;
}

static void memory_may_run_out_anywhere(void **state)
{
	json_t *variables = json_of(contact);
	json_t *result = json_of("{'waiting': false, 'matched': true}");
	bool is_done = false;
	size_t len;
	char *xml = read_file(WORKFLOWS "/chat.bpmn", &len);

	assert_int_equal(live(xml, len, variables, result), PL_OK);
	for (long n = 1; !is_done; n++) {
		enum pl_err err;

		oom_fail_at(n);
		err = live(xml, len, variables, result);
		is_done = oom_counted() < n;
		oom_fail_at(0);
		if (err != (is_done ? PL_OK : PL_NOMEM))
			fail_msg("allocation %ld: %d %s", n, (int)err, pl_err_detail(err));
	}
	free(xml);
	json_decref(variables);
	json_decref(result);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_cannot_run_is_refused_by_name),
		cmocka_unit_test(what_means_nothing_here_is_left_alone),
		cmocka_unit_test(hostile_files_end_soon),
		cmocka_unit_test(ten_thousand_elements_are_read),
		cmocka_unit_test(the_chat_workflow_runs_and_survives_at_every_wait),
		cmocka_unit_test(the_chat_workflow_ends_off_hours),
		cmocka_unit_test(results_are_mapped_or_merged),
		cmocka_unit_test(a_gateway_asks_in_its_own_order),
		cmocka_unit_test(timers_are_durations_or_dates),
		cmocka_unit_test(what_goes_wrong_fails_the_instance),
		cmocka_unit_test(a_failed_task_fails_the_instance),
		cmocka_unit_test(several_flows_make_several_tokens),
		cmocka_unit_test(a_state_from_outside_is_checked),
		cmocka_unit_test(memory_may_run_out_anywhere),
	};

	json_set_alloc_funcs(oom_malloc, free);
	return cmocka_run_group_tests_name("bpmn", tests, NULL, NULL);
}
