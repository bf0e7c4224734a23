/*
 * cmd_workflow.c — pelago workflow validate and convert: BPMN files, with nothing running.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engines/bpmn/bpmn.h"
#include "engines/bpmndoc/bpmndoc.h"
#include "pelago/json.h"
#include "platform/cli/cli.h"
#include "platform/setup/file.h"

struct workflow_file {
	char *text;
	size_t len;
	struct bpmndoc *doc; /* NULL: it is none, see problem */
	char problem[512];
};

/* open_file reads a file; one that is no BPMN is opened with its problem said. */
static enum pl_err open_file(struct workflow_file *file, const char *path)
{
	enum pl_err err = file_read(&file->text, &file->len, path);

	if (!err)
		err = bpmndoc_open(&file->doc, file->text, file->len);
	if (err != PL_INVALID && err != PL_TOOLARGE)
		return err;
	snprintf(file->problem, sizeof(file->problem), "%s", pl_err_detail(err));
	return PL_OK;
}

static void close_file(struct workflow_file *file)
{
	bpmndoc_free(file->doc);
	free(file->text);
}

/* why_not returns why it can't be executed, or NULL where it can. */
static const char *why_not(const struct workflow_file *file)
{
	struct bpmn_model **models;
	size_t len;
	enum pl_err err = bpmn_models_parse(&models, &len, file->text, file->len);

	if (err)
		return pl_err_detail(err);
	bpmn_models_free(models, len);
	return NULL;
}

static json_t *problems_as_json(const struct workflow_file *file)
{
	const struct bpmndoc_problem *problems;
	size_t len = file->doc ? bpmndoc_problems(file->doc, &problems) : 0;
	json_t *list = json_array();

	if (!file->doc)
		json_array_append_new(list, json_pack("{s:s}", "reason", file->problem));
	for (size_t i = 0; i < len && i < BPMNDOC_PROBLEMS_MAX; i++)
		json_array_append_new(list,
				      json_pack("{s:I,s:s,s:s,s:s,s:s}", "line",
						(json_int_t)problems[i].line, "element",
						problems[i].element, "id", problems[i].id, "name",
						problems[i].name, "reason", problems[i].reason));
	return list;
}

static void print_as_json(const struct workflow_file *file, const char *why)
{
	const struct bpmndoc_problem *problems;
	struct bpmndoc_counts counts = { 0 };
	size_t len = file->doc ? bpmndoc_problems(file->doc, &problems) : 1;
	json_t *all;

	if (file->doc)
		bpmndoc_count(file->doc, &counts);
	all = json_pack("{s:b,s:I,s:o,s:b,s:I,s:I,s:I}", "valid", len == 0, "problemCount",
			(json_int_t)len, "problems", problems_as_json(file), "executable", !why,
			"elements", (json_int_t)counts.elements, "processes",
			(json_int_t)counts.processes, "diagrams", (json_int_t)counts.diagrams);
	if (why)
		json_object_set_new(all, "why", json_string(why));
	json_dumpf(all, stdout, JSON_INDENT(2));
	printf("\n");
	json_decref(all);
}

static void print_problem(const struct bpmndoc_problem *p)
{
	printf("line %ld: %s", p->line, p->element);
	if (*p->id)
		printf(" %s", p->id);
	if (*p->name)
		printf(" (%s)", p->name);
	printf(": %s\n", p->reason);
}

static void print_for_people(const struct workflow_file *file, const char *why)
{
	const struct bpmndoc_problem *problems;
	struct bpmndoc_counts counts;
	size_t len;

	if (!file->doc) {
		printf("%s\n", file->problem);
		return;
	}
	len = bpmndoc_problems(file->doc, &problems);
	bpmndoc_count(file->doc, &counts);
	for (size_t i = 0; i < len && i < BPMNDOC_PROBLEMS_MAX; i++)
		print_problem(&problems[i]);
	if (len > BPMNDOC_PROBLEMS_MAX)
		printf("and %zu more\n", len - BPMNDOC_PROBLEMS_MAX);
	printf("%s BPMN 2.0: %zu elements, %zu processes, %zu diagrams\n",
	       len ? "not valid" : "valid", counts.elements, counts.processes, counts.diagrams);
	if (why)
		printf("can't be executed: %s\n", why);
	else
		printf("can be executed\n");
}

static int validate(struct cli *cli)
{
	const struct bpmndoc_problem *problems;
	struct workflow_file file = { 0 };
	enum pl_err err = open_file(&file, cli->words[0]);
	const char *why;
	bool is_valid;

	if (err) {
		close_file(&file);
		return cli_fail(err);
	}
	why = file.doc ? why_not(&file) : file.problem;
	is_valid = file.doc && bpmndoc_problems(file.doc, &problems) == 0;
	if (cli->wants_json)
		print_as_json(&file, why);
	else
		print_for_people(&file, why);
	close_file(&file);
	return is_valid ? EXIT_DONE : EXIT_REFUSED;
}

/* write_again writes a document, and reads what it wrote: it must be the same. */
static enum pl_err write_again(const struct bpmndoc *doc, const char *path)
{
	struct bpmndoc *again = NULL;
	char *text = NULL;
	size_t len;
	enum pl_err err = bpmndoc_write(&text, &len, doc);

	if (!err)
		err = bpmndoc_open(&again, text, len);
	if (!err)
		err = bpmndoc_compare(doc, again);
	if (!err && strcmp(path, "-") != 0)
		err = file_replace(path, text, len, 0644);
	else if (!err && fwrite(text, 1, len, stdout) != len)
		err = pl_fail(PL_IO, "standard output takes no more");
	bpmndoc_free(again);
	free(text);
	return err;
}

static int convert(struct cli *cli)
{
	struct workflow_file file = { 0 };
	enum pl_err err = open_file(&file, cli->words[0]);
	int status;

	if (!err && !file.doc)
		err = pl_fail(PL_STATE, "%s: %s", cli->words[0], file.problem);
	if (!err)
		err = write_again(file.doc, cli->words[1]);
	status = err ? cli_fail(err) : EXIT_DONE;
	close_file(&file);
	return status;
}

const struct cli_command workflow_commands[] = {
	{ "workflow", "validate", "FILE", 1, 1, "", validate,
	  "Holds a BPMN 2.0 file to the standard's schema, and says whether Pelago can execute it. "
	  "Exits with 0 if it is valid, 4 if not. Needs nothing running." },
	{ "workflow", "convert", "IN OUT", 2, 2, "", convert,
	  "Reads a BPMN 2.0 file and writes it again in UTF-8 with nothing lost: foreign "
	  "namespaces, extension elements, diagrams, comments. OUT may be - for standard output. "
	  "Needs nothing running." },
	{ 0 },
};
