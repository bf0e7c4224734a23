/* question.c — see question.h. SPDX-License-Identifier: Apache-2.0 */
#include "question.h"

#include <stdlib.h>
#include <string.h>

#include "pelago/json.h"
#include "text.h"

enum {
	ID_BYTES = 64,
	TEXT_BYTES = 1200,
	KIND_BYTES = 16,
	CHOICES_MOST = 20,
	MOST_NORMAL = 5,
	MOST_LIMIT = 10,
};

static const char usual[] =
	"[{\"id\":\"rating\",\"text\":\"How satisfied are you with this chat?\",\"kind\":\"rating\"},"
	"{\"id\":\"comment\",\"text\":\"What could we do better?\",\"kind\":\"text\"}]";

/* ---- questions ---- */

static enum pl_err read_most(json_t *clean, const json_t *question)
{
	int64_t most = MOST_NORMAL;
	enum pl_err err = pl_json_int(&most, question, "most", 2, MOST_LIMIT, false);

	if (!err)
		json_object_set_new(clean, "most", json_integer(most));
	return err;
}

static enum pl_err read_choices(json_t *clean, const json_t *question)
{
	json_t *choices = NULL, *choice;
	size_t i;
	enum pl_err err = pl_json_array(&choices, question, "choices", CHOICES_MOST, true);

	if (err)
		return err;
	if (json_array_size(choices) == 0)
		return pl_fail(PL_INVALID, "choices: there are none");
	json_array_foreach(choices, i, choice)
		if (!json_is_string(choice) || text_is_blank(json_string_value(choice)) ||
		    json_string_length(choice) > TEXT_BYTES)
			return pl_fail(PL_INVALID, "choices: each is a text of at most %d bytes",
				       TEXT_BYTES);
	json_object_set(clean, "choices", choices);
	return PL_OK;
}

static enum pl_err nothing_more(json_t *clean, const json_t *question)
{
	return PL_OK;
}

static enum pl_err take_rating(json_t **valuep, const json_t *question, const json_t *value)
{
	json_int_t most = json_integer_value(json_object_get(question, "most"));

	if (!json_is_integer(value) || json_integer_value(value) < 1 ||
	    json_integer_value(value) > most)
		return pl_fail(PL_INVALID,
			       "answers: a whole number from 1 to %lld is wanted for %s",
			       (long long)most, pl_json_get_text(question, "id"));
	*valuep = json_incref((json_t *)value);
	return PL_OK;
}

static enum pl_err take_choice(json_t **valuep, const json_t *question, const json_t *value)
{
	json_t *choice;
	size_t i;

	json_array_foreach(json_object_get(question, "choices"), i, choice)
		if (json_equal(choice, value)) {
			*valuep = json_incref(choice);
			return PL_OK;
		}
	return pl_fail(PL_INVALID, "answers: that is none of the choices of %s",
		       pl_json_get_text(question, "id"));
}

static enum pl_err take_text(json_t **valuep, const json_t *question, const json_t *value)
{
	const struct text_rule rule = { "value", ANSWER_CHARS, true, false };
	json_t *holder = json_pack("{s:O}", rule.name, value);
	char *text = NULL;
	enum pl_err err = holder ? text_take(&text, holder, &rule) : PL_NOMEM;

	json_decref(holder);
	if (err)
		return pl_fail(err, "answers: %s: %s", pl_json_get_text(question, "id"),
			       pl_err_detail(err));
	if (text)
		*valuep = json_string(text);
	free(text);
	return PL_OK;
}

static const struct kind {
	const char *name;
	enum pl_err (*read)(json_t *clean, const json_t *question);
	enum pl_err (*take)(json_t **valuep, const json_t *question, const json_t *value);
} kinds[] = {
	{ "rating", read_most, take_rating },
	{ "choice", read_choices, take_choice },
	{ "text", nothing_more, take_text },
	{ 0 },
};

static const struct kind *kind_find(const char *name)
{
	for (const struct kind *kind = kinds; kind->name; kind++)
		if (strcmp(kind->name, name) == 0)
			return kind;
	return NULL;
}

static bool has_id(const json_t *list, const char *id)
{
	json_t *question;
	size_t i;

	json_array_foreach(list, i, question)
		if (strcmp(pl_json_get_text(question, "id"), id) == 0)
			return true;
	return false;
}

static enum pl_err add_question(json_t *list, const json_t *question)
{
	const char *id = NULL, *text = NULL, *name = NULL;
	const struct kind *kind = NULL;
	json_t *clean;
	enum pl_err err;

	if (!json_is_object(question))
		return pl_fail(PL_INVALID, "a question is an object");
	err = pl_json_text(&id, question, "id", ID_BYTES, true);
	if (!err && (!id[0] || has_id(list, id)))
		err = pl_fail(PL_INVALID, "id: one of its own is wanted");
	if (!err)
		err = pl_json_text(&text, question, "text", TEXT_BYTES, true);
	if (!err)
		err = pl_json_text(&name, question, "kind", KIND_BYTES, true);
	if (!err && !(kind = kind_find(name)))
		err = pl_fail(PL_INVALID, "kind: none of rating, choice, text");
	if (err)
		return err;
	clean = json_pack("{s:s, s:s, s:s}", "id", id, "text", text, "kind", name);
	err = clean ? kind->read(clean, question) : PL_NOMEM;
	if (err)
		json_decref(clean);
	else if (json_array_append_new(list, clean))
		err = PL_NOMEM;
	return err;
}

enum pl_err question_list(json_t **listp, const json_t *survey)
{
	json_t *own = json_is_true(survey) ? json_loads(usual, 0, NULL) : NULL, *list, *question;
	enum pl_err err = PL_OK;
	size_t i;

	*listp = NULL;
	if (own)
		survey = own;
	if (!survey || json_is_null(survey) || json_is_false(survey))
		return PL_OK;
	if (!json_is_array(survey) || json_array_size(survey) > QUESTIONS_MOST)
		return pl_fail(PL_INVALID, "survey: at most %d questions are wanted",
			       QUESTIONS_MOST);
	list = json_array();
	json_array_foreach(survey, i, question)
		if (!err)
			err = add_question(list, question);
	json_decref(own);
	if (err || json_array_size(list) == 0)
		json_decref(list);
	else
		*listp = list;
	return err;
}

/* ---- answers ---- */

static bool is_asked(const json_t *questions, const json_t *answers)
{
	json_t *value;
	const char *id;

	json_object_foreach((json_t *)answers, id, value)
		if (!has_id(questions, id))
			return false;
	return true;
}

static enum pl_err take_all(json_t *taken, const json_t *questions, const json_t *answers)
{
	json_t *question;
	size_t i;

	json_array_foreach(questions, i, question) {
		const char *id = pl_json_get_text(question, "id");
		const json_t *given = json_object_get(answers, id);
		const struct kind *kind = kind_find(pl_json_get_text(question, "kind"));
		json_t *value = NULL;
		enum pl_err err = PL_OK;

		if (!kind)
			return pl_fail(PL_INTERNAL, "a question of no kind was asked");
		if (given && !json_is_null(given))
			err = kind->take(&value, question, given);
		if (err)
			return err;
		if (value)
			json_array_append_new(taken,
					      json_pack("{s:s, s:O, s:s, s:o}", "id", id, "text",
							json_object_get(question, "text"), "kind",
							kind->name, "value", value));
	}
	return PL_OK;
}

enum pl_err question_answers(json_t **answersp, const json_t *questions, const json_t *answers)
{
	json_t *taken;
	enum pl_err err;

	if (!is_asked(questions, answers))
		return pl_fail(PL_INVALID, "answers: one to a question that wasn't asked");
	taken = json_array();
	err = take_all(taken, questions, answers);
	if (!err && json_array_size(taken) == 0)
		err = pl_fail(PL_INVALID, "answers: there are none");
	if (err)
		json_decref(taken);
	else
		*answersp = taken;
	return err;
}
