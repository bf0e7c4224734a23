/*
 * question_test.c — questions of surveys, and what may be answered (CHN-1).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "pelago/json.h"
#include "question.h"

static json_t *json(const char *text)
{
	json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);

	if (!value)
		fail_msg("no JSON: %s", text);
	return value;
}

static json_t *questions(const char *text)
{
	json_t *survey = json(text), *list = NULL;

	assert_int_equal(question_list(&list, survey), PL_OK);
	json_decref(survey);
	return list;
}

static void lists_are_made_whole(void **state)
{
	static const char *const none[] = { "false", "null", "[]" };
	json_t *list = questions("true"), *wanted;

	assert_int_equal(json_array_size(list), 2);
	assert_int_equal(json_integer_value(json_object_get(json_array_get(list, 0), "most")), 5);
	json_decref(list);
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_null(questions(none[i]));
	assert_int_equal(question_list(&list, NULL), PL_OK);
	assert_null(list);
	list = questions(
		"[{\"id\":\"a\",\"text\":\"A?\",\"kind\":\"rating\",\"most\":3,\"more\":1},"
		"{\"id\":\"b\",\"text\":\"B?\",\"kind\":\"choice\",\"choices\":[\"x\",\"y\"]}]");
	wanted = json(
		"[{\"id\":\"a\",\"text\":\"A?\",\"kind\":\"rating\",\"most\":3},"
		"{\"id\":\"b\",\"text\":\"B?\",\"kind\":\"choice\",\"choices\":[\"x\",\"y\"]}]");
	assert_true(json_equal(list, wanted));
	json_decref(list);
	json_decref(wanted);
}

static void bad_lists_are_refused(void **state)
{
	static const char *const rows[] = {
		"1",
		"\"x\"",
		"{}",
		"[1]",
		"[{}]",
		"[{\"id\":\"\",\"text\":\"A?\",\"kind\":\"text\"}]",
		"[{\"id\":\"a\",\"kind\":\"text\"}]",
		"[{\"id\":\"a\",\"text\":\"A?\",\"kind\":\"essay\"}]",
		"[{\"id\":\"a\",\"text\":\"A?\",\"kind\":\"rating\",\"most\":1}]",
		"[{\"id\":\"a\",\"text\":\"A?\",\"kind\":\"rating\",\"most\":11}]",
		"[{\"id\":\"a\",\"text\":\"A?\",\"kind\":\"choice\"}]",
		"[{\"id\":\"a\",\"text\":\"A?\",\"kind\":\"choice\",\"choices\":[]}]",
		"[{\"id\":\"a\",\"text\":\"A?\",\"kind\":\"choice\",\"choices\":[1]}]",
		"[{\"id\":\"a\",\"text\":\"A?\",\"kind\":\"choice\",\"choices\":[\" \"]}]",
		"[{\"id\":\"a\",\"text\":\"A?\",\"kind\":\"text\"},"
		"{\"id\":\"a\",\"text\":\"A?\",\"kind\":\"text\"}]",
		"[1,2,3,4,5,6,7,8,9,10,11]",
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *survey = json(rows[i]), *list = NULL;

		if (question_list(&list, survey) != PL_INVALID)
			fail_msg("taken: %s", rows[i]);
		assert_null(list);
		json_decref(survey);
	}
}

#define ALL                                                                                        \
	"[{\"id\":\"a\",\"text\":\"A?\",\"kind\":\"rating\",\"most\":3},"                          \
	"{\"id\":\"b\",\"text\":\"B?\",\"kind\":\"choice\",\"choices\":[\"x\",\"y\"]},"            \
	"{\"id\":\"c\",\"text\":\"C?\",\"kind\":\"text\"}]"

static void answers_fit_their_questions(void **state)
{
	static const struct {
		const char *answers, *taken; /* NULL: refused */
	} rows[] = {
		{ "{\"a\":3}", "[{\"id\":\"a\",\"text\":\"A?\",\"kind\":\"rating\",\"value\":3}]" },
		{ "{\"c\":\" so\\u0001\\nso \",\"b\":\"y\",\"a\":null}",
		  "[{\"id\":\"b\",\"text\":\"B?\",\"kind\":\"choice\",\"value\":\"y\"},"
		  "{\"id\":\"c\",\"text\":\"C?\",\"kind\":\"text\",\"value\":\" so\\nso \"}]" },
		{ "{}", NULL },
		{ "{\"a\":null,\"c\":\"  \"}", NULL },
		{ "{\"a\":0}", NULL },
		{ "{\"a\":4}", NULL },
		{ "{\"a\":2.5}", NULL },
		{ "{\"a\":\"2\"}", NULL },
		{ "{\"a\":true}", NULL },
		{ "{\"a\":9223372036854775807}", NULL },
		{ "{\"b\":\"z\"}", NULL },
		{ "{\"b\":[\"x\"]}", NULL },
		{ "{\"c\":1}", NULL },
		{ "{\"c\":{\"x\":[]}}", NULL },
		{ "{\"d\":1,\"a\":1}", NULL },
	};
	json_t *list = questions(ALL);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *answers = json(rows[i].answers), *taken = NULL, *wanted;
		enum pl_err err = question_answers(&taken, list, answers);

		if (err != (rows[i].taken ? PL_OK : PL_INVALID))
			fail_msg("%s: %s", rows[i].answers, pl_err_detail(err));
		if (rows[i].taken) {
			wanted = json(rows[i].taken);
			assert_true(json_equal(taken, wanted));
			json_decref(wanted);
		}
		json_decref(taken);
		json_decref(answers);
	}
	json_decref(list);
}

static void a_long_text_is_too_large(void **state)
{
	char text[ANSWER_CHARS + 2];
	json_t *list = questions(ALL), *answers, *taken = NULL;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	answers = json_pack("{s:s}", "c", text);
	assert_int_equal(question_answers(&taken, list, answers), PL_TOOLARGE);
	json_decref(answers);
	answers = json_pack("{s:s}", "c", text + 1);
	assert_int_equal(question_answers(&taken, list, answers), PL_OK);
	json_decref(taken);
	json_decref(answers);
	json_decref(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_are_made_whole),
		cmocka_unit_test(bad_lists_are_refused),
		cmocka_unit_test(answers_fit_their_questions),
		cmocka_unit_test(a_long_text_is_too_large),
	};

	return cmocka_run_group_tests_name("question", tests, NULL, NULL);
}
