/*
 * resource_check.c — the kinds of resources, and what their objects may look like.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "engines/routing/hours.h"
#include "engines/routing/plan.h"
#include "pelago/json.h"
#include "resource.h"

#define CODE_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

enum { LABEL_MAX = 100, TEXT_MAX = 1500, QUESTIONS_MAX = 10, CHOICES_MAX = 20 };

/* A text that people read: something, and without control characters but line ends. */
static enum pl_err words_check(const json_t *object, const char *member, size_t max, bool required)
{
	const char *text = NULL;
	enum pl_err err = pl_json_text(&text, object, member, max, required);

	if (err || !text)
		return err;
	if (!*text)
		return pl_fail(PL_INVALID, "%s is empty", member);
	for (; *text; text++)
		if (((unsigned char)*text < ' ' && *text != '\n' && *text != '\t') || *text == 0x7f)
			return pl_fail(PL_INVALID, "%s has characters that can't be printed",
				       member);
	return PL_OK;
}

static enum pl_err question_check(const json_t *question, size_t i)
{
	static const char *const kinds[] = { "rating", "choice", "text" };
	const char *kind = NULL;
	json_t *choices = NULL;
	int64_t most;
	bool known = false;
	enum pl_err err = words_check(question, "id", 40, true);

	if (!err)
		err = words_check(question, "text", 300, true);
	if (!err)
		err = pl_json_text(&kind, question, "kind", 10, true);
	for (size_t k = 0; !err && k < sizeof(kinds) / sizeof(kinds[0]); k++)
		known = known || strcmp(kinds[k], kind) == 0;
	if (!err && !known)
		err = pl_fail(PL_INVALID, "kind is none of rating, choice, text");
	if (!err)
		err = pl_json_int(&most, question, "most", 2, 10, false);
	if (!err)
		err = pl_json_array(&choices, question, "choices", CHOICES_MAX,
				    strcmp(kind, "choice") == 0);
	return err ? pl_fail(PL_INVALID, "survey[%zu]: %s", i, pl_err_detail(err)) : PL_OK;
}

/* true: the usual questions; or an array of one's own. */
static enum pl_err survey_check(const json_t *object)
{
	json_t *survey = json_object_get(object, "survey"), *question;
	enum pl_err err = PL_OK;
	size_t i;

	if (!survey || json_is_boolean(survey) || json_is_null(survey))
		return PL_OK;
	if (!json_is_array(survey) || json_array_size(survey) > QUESTIONS_MAX)
		return pl_fail(PL_INVALID, "survey is neither a boolean nor at most %d questions",
			       QUESTIONS_MAX);
	json_array_foreach(survey, i, question) {
		if (!err)
			err = question_check(question, i);
	}
	return err;
}

static enum pl_err service_check(const json_t *object)
{
	json_t *request = json_pack("{s:s}", "service", "S"), *plan = NULL;
	int64_t seconds;
	enum pl_err err = words_check(object, "title", LABEL_MAX, false);

	if (!err)
		err = hours_check(json_object_get(object, "hours"));
	if (!err)
		err = plan_new(&plan, request, object);
	if (!err)
		err = pl_json_int(&seconds, object, "wrapUpSeconds", 0, 3600, false);
	if (!err)
		err = survey_check(object);
	json_decref(request);
	json_decref(plan);
	return err;
}

static enum pl_err code_check(const json_t *object)
{
	enum pl_err err = words_check(object, "label", LABEL_MAX, false);

	return err ? err : words_check(object, "service", PLAN_TEXT_MAX, false);
}

static enum pl_err text_check(const json_t *object)
{
	enum pl_err err = words_check(object, "title", LABEL_MAX, false);

	if (!err)
		err = words_check(object, "text", TEXT_MAX, true);
	if (!err)
		err = words_check(object, "service", PLAN_TEXT_MAX, false);
	return err ? err : words_check(object, "language", 40, false);
}

static const struct resource_kind kinds[] = {
	{ "services", "name", NULL, "service", service_check },
	{ "reasons", "code", CODE_CHARS, NULL, code_check },
	{ "dispositions", "code", CODE_CHARS, NULL, code_check },
	{ "texts", "shortcut", CODE_CHARS, NULL, text_check },
};

enum pl_err resource_kind_find(const struct resource_kind **kindp, const char *kind)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].kind, kind) == 0) {
			*kindp = &kinds[i];
			return PL_OK;
		}
	return pl_fail(PL_NOTFOUND, "there are services, reasons, dispositions and texts, no %.40s",
		       kind);
}

const struct resource_kind *resource_kind_of(const char *noun)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].noun && strcmp(kinds[i].noun, noun) == 0)
			return &kinds[i];
	return NULL;
}

enum pl_err resource_check(const struct resource_kind *kind, const char *name, const json_t *object)
{
	const char *own = NULL;
	enum pl_err err = pl_json_text(&own, object, kind->name, RESOURCE_NAME_MAX, false);

	if (!err && own && strcmp(own, name) != 0)
		err = pl_fail(PL_INVALID, "%s is another one than in the address", kind->name);
	if (!err && (!*name || (kind->name_chars && name[strspn(name, kind->name_chars)])))
		err = pl_fail(PL_INVALID, "%s: letters, digits, _ and - only", kind->name);
	for (const char *c = name; !err && *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			err = pl_fail(PL_INVALID, "%s has characters that can't be printed",
				      kind->name);
	return err ? err : kind->check(object);
}
