/*
 * bpmndoc_test.c — files come out as they went in, and what breaks the schema is told (EDR-14).
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
#include <libxml/parser.h>

#include "engines/bpmndoc/bpmndoc.h"
#include "engines/test/test_oom.h"

static const char *const models[] = { MODELS "/process.bpmn", MODELS "/collaboration.bpmn" };

static char *read_file(const char *path, size_t *lenp)
{
	FILE *f = fopen(path, "r");
	char *text = malloc(1 << 20);

	assert_non_null(f);
	*lenp = fread(text, 1, (1 << 20) - 1, f);
	text[*lenp] = '\0';
	fclose(f);
	return text;
}

static struct bpmndoc *open_doc(const char *text, size_t len)
{
	struct bpmndoc *doc;

	if (bpmndoc_open(&doc, text, len))
		fail_msg("%s", pl_err_detail(PL_INVALID));
	return doc;
}

static void assert_valid(const struct bpmndoc *doc)
{
	const struct bpmndoc_problem *problems;

	if (bpmndoc_problems(doc, &problems))
		fail_msg("line %ld, %s '%s': %s", problems->line, problems->element, problems->id,
			 problems->reason);
}

/* EDR-14 */
static void models_come_out_as_they_went_in(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++) {
		struct bpmndoc *doc, *again;
		size_t len, out_len, twice_len;
		char *text = read_file(models[i], &len), *out, *twice;

		doc = open_doc(text, len);
		assert_valid(doc);
		assert_int_equal(bpmndoc_write(&out, &out_len, doc), PL_OK);
		again = open_doc(out, out_len);
		assert_int_equal(bpmndoc_compare(doc, again), PL_OK);
		assert_int_equal(bpmndoc_write(&twice, &twice_len, again), PL_OK);
		assert_string_equal(out, twice);
		free(twice);
		free(out);
		free(text);
		bpmndoc_free(again);
		bpmndoc_free(doc);
	}
}

/* EDR-14: each element of the schema stands in one of the models */
static void models_have_every_element(void **state)
{
	static const char *const names[] = {
#define ELEMENT(name, type, group) #name,
#include "engines/bpmndoc/schema.h"
#undef ELEMENT
	};
	size_t len, other_len;
	char *process = read_file(models[0], &len), *talk = read_file(models[1], &other_len),
	     tag[80];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		static const char *const prefixes[] = { "", "b:", "bpmndi:", "di:", "dc:" };
		bool is_there =
			strstr(talk, "<di:extension/>") && !strcmp(names[i], "diagramExtension");

		for (size_t j = 0; j < sizeof(prefixes) / sizeof(prefixes[0]) * 3; j++) {
			snprintf(tag, sizeof(tag), "<%s%s%c", prefixes[j / 3], names[i],
				 " />"[j % 3]);
			is_there |= strstr(process, tag) || strstr(talk, tag);
		}
		if (!is_there)
			fail_msg("no model has a %s", names[i]);
	}
	free(process);
	free(talk);
}

static void counts_say_what_is_in_it(void **state)
{
	size_t len;
	char *text = read_file(models[1], &len);
	struct bpmndoc *doc = open_doc(text, len);
	struct bpmndoc_counts counts;

	(void)state;
	bpmndoc_count(doc, &counts);
	assert_int_equal(counts.processes, 1);
	assert_int_equal(counts.collaborations, 1);
	assert_int_equal(counts.choreographies, 1);
	assert_int_equal(counts.diagrams, 2);
	bpmndoc_free(doc);
	free(text);
}

#define HEAD                                                                                       \
	"<definitions xmlns='http://www.omg.org/spec/BPMN/20100524/MODEL' "                        \
	"xmlns:di='http://www.omg.org/spec/DD/20100524/DI' xmlns:o='urn:o' "                       \
	"targetNamespace='urn:t'>"
#define PROCESS(body) HEAD "<process id='p'>" body "</process></definitions>"

/* EDR-14: each way to break the schema, and the sentence for it */
static void what_breaks_the_schema_is_told(void **state)
{
	static const struct {
		const char *text, *reason;
	} rows[] = {
		{ HEAD "<proces id='p'/></definitions>", "BPMN has no such element" },
		{ HEAD "<startEvent id='p'/></definitions>", "it can't stand in definitions" },
		{ HEAD "<o:thing/></definitions>", "an element of another namespace" },
		{ HEAD "<process id='p'/><import namespace='n' location='l' importType='t'/>"
		       "</definitions>",
		  "it stands too late in definitions" },
		{ "<definitions xmlns='http://www.omg.org/spec/BPMN/20100524/MODEL'/>",
		  "the attribute targetNamespace is missing" },
		{ PROCESS("<task id='a' size='3'/>"), "there is no attribute size here" },
		{ PROCESS("<task id='a'/><task id='a'/>"),
		  "the id 'a' is there before, in line 1" },
		{ PROCESS("<task id='1a'/>"), "the id '1a' is none" },
		{ PROCESS("<task id=''/>"), "the id '' is none" },
		{ PROCESS("<task id='a' isForCompensation='yes'/>"),
		  "isForCompensation is 'yes'; it is true or false" },
		{ PROCESS("<task id='a' startQuantity='1.5'/>"),
		  "startQuantity is '1.5'; it is a whole number" },
		{ PROCESS("<parallelGateway id='a' gatewayDirection='Up'/>"),
		  "gatewayDirection is 'Up'; it is one of Unspecified|Converging|Diverging|Mixed" },
		{ PROCESS("<task id='t'/><sequenceFlow id='a' sourceRef='t'/>"),
		  "the attribute targetRef is missing" },
		{ PROCESS("<task id='a'/><sequenceFlow id='f' sourceRef='a' targetRef='b'/>"),
		  "targetRef is 'b', and there is no element of that id" },
		{ PROCESS("<task id='a'/><sequenceFlow id='f' sourceRef='a' targetRef='p'/>"),
		  "targetRef is 'p', which is a process" },
		{ PROCESS("<task id='a'/><sequenceFlow id='f' sourceRef='a' targetRef=''/>"),
		  "targetRef is empty" },
		{ PROCESS("<task id='a'/><sequenceFlow id='f' sourceRef='a' targetRef='x:a'/>"),
		  "whose prefix isn't declared" },
		{ PROCESS("<boundaryEvent id='b' attachedToRef='p'/>"), "which is a process" },
		{ PROCESS("<task id='a'><outgoing>nowhere</outgoing></task>"),
		  "its text is 'nowhere', and there is no element of that id" },
		{ PROCESS("<task id='a'><outgoing/></task>"), "its text is empty" },
		{ PROCESS("<task id='a'>hello</task>"),
		  "there is text where only elements may be" },
		{ PROCESS("<task id='a'><standardLoopCharacteristics/><standardLoopCharacteristics/>"
			  "</task>"),
		  "task has more than one" },
		{ PROCESS("<task id='a'><dataInputAssociation/></task>"),
		  "targetRef is missing in it" },
		{ PROCESS("<startEvent id='s'><conditionalEventDefinition/></startEvent>"),
		  "condition is missing in it" },
		{ PROCESS("<startEvent id='s'><timerEventDefinition><timeDate/><timeCycle/>"
			  "</timerEventDefinition></startEvent>"),
		  "timerEventDefinition has more than one" },
		{ PROCESS("<startEvent id='s'><linkEventDefinition/></startEvent>"),
		  "the attribute name is missing" },
	};
	const struct bpmndoc_problem *problems;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bpmndoc *doc = open_doc(rows[i].text, strlen(rows[i].text));
		size_t len = bpmndoc_problems(doc, &problems);

		if (len != 1 || !strstr(problems->reason, rows[i].reason))
			fail_msg("%s: %zu problems, %s", rows[i].text, len,
				 len ? problems->reason : "none");
		bpmndoc_free(doc);
	}
}

/* EDR-1: what is no BPMN is refused with line and reason */
static void what_is_no_bpmn_is_refused(void **state)
{
	static const struct {
		const char *text;
		enum pl_err err;
		const char *reason;
	} rows[] = {
		{ "", PL_INVALID, "empty" },
		{ "hello", PL_INVALID, "line 1" },
		{ "<a>\n<b>\n</a>", PL_INVALID, "line 3" },
		{ HEAD, PL_INVALID, "line 1" },
		{ "<definitions/>", PL_INVALID, "of no namespace" },
		{ "<process xmlns='http://www.omg.org/spec/BPMN/20100524/MODEL'/>", PL_INVALID,
		  "outermost element is process" },
		{ "<!DOCTYPE a [<!ENTITY x 'y'>]><a/>", PL_INVALID, "document type" },
		{ "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", PL_INVALID, "document type" },
		{ HEAD "&nbsp;</definitions>", PL_INVALID, "line 1" },
		{ "<?xml version='1.0' encoding='klingon'?><a/>", PL_INVALID, "encoding" },
	};
	struct bpmndoc *doc;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		enum pl_err err = bpmndoc_open(&doc, rows[i].text, strlen(rows[i].text));

		if (err != rows[i].err || !strstr(pl_err_detail(err), rows[i].reason))
			fail_msg("%s: %d, %s", rows[i].text, (int)err, pl_err_detail(err));
	}
}

static void encodings_are_read(void **state)
{
	static const char latin[] = "<?xml version='1.0' encoding='ISO-8859-1'?>" HEAD
				    "<process id='p' name='gr\xfc\xdf'/></definitions>";
	static const char ascii[] = HEAD "<process id='p' name='wide'/></definitions>";
	unsigned char wide[2 * sizeof(ascii)] = { 0xff, 0xfe };
	struct bpmndoc *doc;
	char *out;
	size_t len;

	(void)state;
	doc = open_doc(latin, strlen(latin));
	assert_int_equal(bpmndoc_write(&out, &len, doc), PL_OK);
	assert_non_null(strstr(out, "encoding=\"UTF-8\""));
	assert_non_null(strstr(out, "name=\"gr\xc3\xbc\xc3\x9f\""));
	free(out);
	bpmndoc_free(doc);

	for (size_t i = 0; i < strlen(ascii); i++)
		wide[2 + 2 * i] = (unsigned char)ascii[i];
	doc = open_doc((char *)wide, 2 + 2 * strlen(ascii));
	assert_int_equal(bpmndoc_write(&out, &len, doc), PL_OK);
	assert_non_null(strstr(out, "name=\"wide\""));
	free(out);
	bpmndoc_free(doc);
}

/* What differs is told: one row a kind of difference. */
static void differences_are_seen(void **state)
{
	static const char *const rows[][2] = {
		{ PROCESS("<task id='a'/>"), PROCESS("<task id='b'/>") },
		{ PROCESS("<task id='a'/>"), PROCESS("<task id='a' name='n'/>") },
		{ PROCESS("<task id='a'/>"), PROCESS("") },
		{ PROCESS("<task id='a'/><task id='b'/>"),
		  PROCESS("<task id='b'/><task id='a'/>") },
		{ PROCESS("<subProcess id='a'><task id='b'/></subProcess>"),
		  PROCESS("<subProcess id='a'/><task id='b'/>") },
		{ PROCESS("<documentation>a</documentation>"),
		  PROCESS("<documentation>b</documentation>") },
		{ PROCESS("<documentation>a</documentation>"),
		  PROCESS("<documentation><![CDATA[a]]></documentation>") },
		{ PROCESS("<task id='a' o:x='1'/>"), PROCESS("<task id='a' o:x='2'/>") },
		{ PROCESS("<task id='a' xmlns:n='urn:n'/>"), PROCESS("<task id='a'/>") },
		{ PROCESS("<!-- a -->"), PROCESS("<!-- b -->") },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bpmndoc *a = open_doc(rows[i][0], strlen(rows[i][0]));
		struct bpmndoc *b = open_doc(rows[i][1], strlen(rows[i][1]));

		if (bpmndoc_compare(a, b) != PL_STATE)
			fail_msg("%s and %s are the same", rows[i][0], rows[i][1]);
		assert_int_equal(bpmndoc_compare(a, a), PL_OK);
		bpmndoc_free(a);
		bpmndoc_free(b);
	}
}

struct text {
	char *bytes;
	size_t len;
};

static void begin(struct text *t, const char *piece)
{
	t->len = strlen(piece);
	memcpy(t->bytes, piece, t->len);
}

static void add(struct text *t, const char *piece, int times)
{
	size_t len = strlen(piece);

	for (; times; times--, t->len += len)
		memcpy(t->bytes + t->len, piece, len);
}

static void hostile_files_end_soon(void **state)
{
	struct text t = { malloc(BPMNDOC_BYTES_MAX + 1), 0 };
	const struct bpmndoc_problem *problems;
	struct bpmndoc *doc;

	(void)state;
	memset(t.bytes, ' ', BPMNDOC_BYTES_MAX + 1);
	assert_int_equal(bpmndoc_open(&doc, t.bytes, BPMNDOC_BYTES_MAX + 1), PL_TOOLARGE);

	begin(&t, HEAD); /* deeper than anybody draws */
	add(&t, "<o:a>", 100000);
	assert_int_equal(bpmndoc_open(&doc, t.bytes, t.len), PL_INVALID);

	/* a hundred thousand attributes, behind signs that might hide them */
	begin(&t, HEAD "<!-- ' --><![CDATA[<a \"]]><?a ' ?><process ");
	add(&t, "a='>' ", 100000);
	assert_int_equal(bpmndoc_open(&doc, t.bytes, t.len), PL_TOOLARGE);

	/* as many elements of one id, and more problems than are kept */
	begin(&t, HEAD "<process id='p'>");
	add(&t, "<task id='a'/>", 100000);
	add(&t, "</process></definitions>", 1);
	assert_int_equal(bpmndoc_open(&doc, t.bytes, t.len), PL_OK);
	assert_int_equal(bpmndoc_problems(doc, &problems), 99999);
	assert_string_equal(problems[BPMNDOC_PROBLEMS_MAX - 1].id, "a");
	bpmndoc_free(doc);
	free(t.bytes);
}

static void memory_may_run_out_anywhere(void **state)
{
	static const char text[] = PROCESS("<task id='a'/><task id='a'/><task size='3'/>");
	struct bpmndoc *doc;
	enum pl_err err;
	char *out;
	size_t len;
	long all = 1;

	(void)state;
	for (long n = 0; n <= all; n++) {
		oom_fail_at(n);
		err = bpmndoc_open(&doc, text, strlen(text));
		if (!err) {
			err = bpmndoc_write(&out, &len, doc);
			if (!err)
				free(out);
			bpmndoc_free(doc);
		}
		if (n == 0)
			all = oom_counted();
		oom_fail_at(0);
		assert_true(err == PL_NOMEM || err == PL_OK);
	}
	assert_true(all >= 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(models_come_out_as_they_went_in),
		cmocka_unit_test(models_have_every_element),
		cmocka_unit_test(counts_say_what_is_in_it),
		cmocka_unit_test(what_breaks_the_schema_is_told),
		cmocka_unit_test(what_is_no_bpmn_is_refused),
		cmocka_unit_test(encodings_are_read),
		cmocka_unit_test(differences_are_seen),
		cmocka_unit_test(hostile_files_end_soon),
		cmocka_unit_test(memory_may_run_out_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
