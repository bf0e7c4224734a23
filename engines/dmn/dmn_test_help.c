/*
 * dmn_test_help.c — models and rows for the tests.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>

#include "engines/dmn/dmn_test.h"

static char *read_file(const char *name, size_t *lenp)
{
	char path[512], *text = NULL;
	FILE *in;

	snprintf(path, sizeof(path), "%s/%s", MODELS, name);
	in = fopen(path, "rb");
	if (!in)
		return NULL;
	text = malloc(1 << 20);
	assert_non_null(text);
	*lenp = fread(text, 1, (1 << 20) - 1, in);
	text[*lenp] = '\0';
	fclose(in);
	return text;
}

/* Imports are looked for by location. */
static enum pl_err find(struct dmn_file *filep, const char *namespace, const char *location,
			void *arg)
{
	char **kept = arg;

	while (*kept)
		kept++;
	*kept = location ? read_file(location, &filep->len) : NULL;
	if (!*kept)
		return PL_NOTFOUND;
	filep->name = location;
	filep->text = *kept;
	return PL_OK;
}

struct dmn_model *test_model(const char *name)
{
	struct dmn_model *model = NULL;
	struct dmn_file file = { .name = name };
	char *kept[DMN_FILES_MAX + 1] = { NULL };
	char *text = read_file(name, &file.len);

	assert_non_null(text);
	file.text = text;
	if (dmn_load(&model, &file, 1, find, kept))
		fail_msg("%s: %s", name, pl_err_detail(PL_INVALID));
	free(text);
	for (char **k = kept; *k; k++)
		free(*k);
	return model;
}

enum pl_err test_load(struct dmn_model **modelp, const char *xml)
{
	const struct dmn_file file = { "test.dmn", xml, strlen(xml) };

	return dmn_load(modelp, &file, 1, NULL, NULL);
}

static const struct dmn_element *find_element(const struct dmn_model *model, const char *name)
{
	static const enum dmn_element_kind kinds[] = { DMN_DECISION, DMN_SERVICE, DMN_KNOWLEDGE };
	const struct dmn_element *found = NULL;

	for (size_t i = 0; !found && i < 3; i++)
		found = dmn_find(model, kinds[i], name);
	return found;
}

static char *text_of(const char *head, const char *tail, size_t len)
{
	char *text = NULL;

	assert_true(asprintf(&text, "%s%.*s", head, (int)len, tail) >= 0);
	return text;
}

/* Whether one of the diagnostics has the reason, as "Element:line:column: reason". */
static bool has_reason(const struct dmn_diagnostics *all, const char *reason, char *last,
		       size_t size)
{
	bool found = false;

	for (size_t i = 0; !found && i < all->kept; i++) {
		const struct dmn_diagnostic *d = &all->rows[i];

		snprintf(last, size, "%s:%ld:%u: %s", d->element, d->line, d->column, d->reason);
		found = strstr(last, reason) != NULL;
	}
	return found;
}

char *test_value(const struct dmn_model *model, const struct test_case *c)
{
	const struct dmn_element *element = find_element(model, c->element);
	const struct feel_value *inputs = NULL, *value = NULL, *json = NULL;
	struct dmn_diagnostics diagnostics;
	struct feel_expr *expr = NULL;
	struct feel_run *run = NULL;
	char last[600] = "none", *text;
	enum pl_err err;

	assert_non_null(element);
	err = feel_run_new(&run, NULL);
	if (!err && c->context)
		err = feel_compile(&expr, c->context, strlen(c->context));
	if (!err && expr)
		inputs = feel_evaluate(run, expr, NULL);
	if (!err && (inputs || !expr))
		value = dmn_evaluate(run, model, element, inputs, &diagnostics);
	if (value)
		json = feel_to_json_text(run, value);
	if (!json)
		text = text_of("!", pl_err_detail(err ? err : feel_run_err(run)), 500);
	else if (c->reason && *c->reason &&
		 !has_reason(&diagnostics, c->reason, last, sizeof(last)))
		text = text_of("! diagnostics end with ", last, strlen(last));
	else if (!c->reason && has_reason(&diagnostics, "", last, sizeof(last)))
		text = text_of("! there is a diagnostic ", last, strlen(last));
	else
		text = text_of("", json->string.bytes, json->string.len);
	feel_free(expr);
	feel_run_free(run);
	return text;
}

void test_cases(const struct dmn_model *model, const struct test_case *cases)
{
	size_t failed = 0;

	for (const struct test_case *c = cases; c->name; c++) {
		char *text = test_value(model, c);

		if (strcmp(text, c->json) != 0) {
			print_error("%s: %s %s\n  is     %s\n  not    %s\n", c->name, c->element,
				    c->context ? c->context : "", text, c->json);
			failed++;
		}
		free(text);
	}
	assert_int_equal(failed, 0);
}
