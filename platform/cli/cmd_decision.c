/*
 * cmd_decision.c — pelago decision eval: a decision of a DMN file, with nothing running.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engines/dmn/dmn.h"
#include "platform/cli/typed.h"

enum { FOLDER_FILES_MAX = 1000 }; /* that are looked at for an import */

struct files {
	struct dmn_file rows[DMN_FILES_MAX];
	size_t len;
	const char *folder; /* of the first */
	size_t folder_len;  /* with its slash */
};

/* ---- files ---- */

static enum pl_err read_all(char **textp, size_t *lenp, FILE *in, const char *path)
{
	size_t cap = 65536, len = 0;
	char *text = malloc(cap), *more;

	while (text && (len += fread(text + len, 1, cap - len, in)) == cap) {
		if (cap > DMN_FILE_MAX) {
			free(text);
			return pl_fail(PL_TOOLARGE, "%s is larger than %d bytes", path,
				       DMN_FILE_MAX);
		}
		more = realloc(text, cap *= 2);
		if (!more)
			free(text);
		text = more;
	}
	if (!text)
		return PL_NOMEM;
	if (ferror(in)) {
		free(text);
		return pl_fail(PL_IO, "%s can't be read: %s", path, strerror(errno));
	}
	*textp = text;
	*lenp = len;
	return PL_OK;
}

/* path is consumed. */
static enum pl_err add_file(struct files *files, char *path)
{
	struct dmn_file *file = &files->rows[files->len];
	enum pl_err err;
	char *text = NULL;
	FILE *in;

	if (!path)
		return PL_NOMEM;
	in = files->len < DMN_FILES_MAX ? fopen(path, "rb") : NULL;
	if (!in) {
		err = files->len < DMN_FILES_MAX
			      ? pl_fail(PL_NOTFOUND, "%s can't be opened: %s", path,
					strerror(errno))
			      : pl_fail(PL_TOOLARGE, "more than %d files", DMN_FILES_MAX);
		free(path);
		return err;
	}
	err = read_all(&text, &file->len, in, path);
	fclose(in);
	if (err) {
		free(path);
		return err;
	}
	file->name = path;
	file->text = text;
	files->len++;
	return PL_OK;
}

static void free_files(struct files *files)
{
	for (size_t i = 0; i < files->len; i++) {
		free((char *)files->rows[i].name);
		free((char *)files->rows[i].text);
	}
}

static char *beside(const struct files *files, const char *name)
{
	char *path;

	if (asprintf(&path, "%.*s%s", (int)files->folder_len, files->folder, name) < 0)
		return NULL;
	return path;
}

/* A location is followed below the first file's folder; of any other only the file's name counts.
 */
static enum pl_err find_by_location(struct files *files, const char *location)
{
	const char *slash = location ? strrchr(location, '/') : NULL;
	bool is_below =
		location && *location != '/' && !strchr(location, ':') && !strstr(location, "..");
	const char *name = slash && !is_below ? slash + 1 : location;

	if (!name || !*name || *name == '.')
		return PL_NOTFOUND;
	return add_file(files, beside(files, name));
}

static enum pl_err find_by_namespace(struct files *files, const char *namespace)
{
	char *folder = files->folder_len ? strndup(files->folder, files->folder_len) : strdup(".");
	DIR *dir = folder ? opendir(folder) : NULL;
	enum pl_err err = PL_NOTFOUND;
	const struct dirent *entry;

	free(folder);
	for (int i = 0; dir && err == PL_NOTFOUND && i < FOLDER_FILES_MAX; i++) {
		const char *dot;

		entry = readdir(dir);
		if (!entry)
			break;
		dot = strrchr(entry->d_name, '.');
		if (!dot || strcmp(dot, ".dmn") != 0)
			continue;
		err = add_file(files, beside(files, entry->d_name));
		if (!err && !dmn_has_namespace(&files->rows[files->len - 1], namespace)) {
			files->len--;
			free((char *)files->rows[files->len].name);
			free((char *)files->rows[files->len].text);
			err = PL_NOTFOUND;
		}
	}
	if (dir)
		closedir(dir);
	return err;
}

static enum pl_err find_import(struct dmn_file *filep, const char *namespace, const char *location,
			       void *arg)
{
	struct files *files = arg;
	enum pl_err err = find_by_location(files, location);

	if (err == PL_NOTFOUND)
		err = find_by_namespace(files, namespace);
	if (!err)
		*filep = files->rows[files->len - 1];
	return err;
}

static enum pl_err load(struct dmn_model **modelp, struct files *files, const struct cli *cli)
{
	const char *slash = strrchr(cli->words[0], '/');
	enum pl_err err = PL_OK;

	files->folder = cli->words[0];
	files->folder_len = slash ? (size_t)(slash - cli->words[0]) + 1 : 0;
	for (int i = 0; !err && i < cli->words_len; i++)
		err = add_file(files, strdup(cli->words[i]));
	return err ? err : dmn_load(modelp, files->rows, files->len, find_import, files);
}

/* ---- evaluation ---- */

static void list(const struct dmn_model *model, enum dmn_element_kind kind, const char *title)
{
	const struct dmn_element *element;

	for (size_t i = 0; (element = dmn_element_at(model, i)); i++) {
		const struct dmn_info info = dmn_element_info(element);

		if (info.kind == kind)
			fprintf(stderr, "  %s \"%s\"\n", title, info.name);
	}
}

static int ask_which(const struct dmn_model *model, const char *path)
{
	int status = cli_usage("add --decision NAME or --service NAME; %s has:", path);

	list(model, DMN_DECISION, "--decision");
	list(model, DMN_KNOWLEDGE, "--decision");
	list(model, DMN_SERVICE, "--service");
	return status;
}

static const struct dmn_element *find(const struct dmn_model *model, const struct cli *cli)
{
	const struct dmn_element *found;

	if (cli->service)
		return dmn_find(model, DMN_SERVICE, cli->service);
	found = dmn_find(model, DMN_DECISION, cli->decision);
	return found ? found : dmn_find(model, DMN_KNOWLEDGE, cli->decision);
}

static void print_diagnostics(const struct dmn_diagnostics *all)
{
	for (size_t i = 0; i < all->kept; i++) {
		const struct dmn_diagnostic *d = &all->rows[i];

		fprintf(stderr, "pelago: %s: line %ld", d->file, d->line);
		if (d->column)
			fprintf(stderr, ", column %u", d->column);
		fprintf(stderr, ": %s: %s\n", d->element, d->reason);
	}
	if (all->len > all->kept)
		fprintf(stderr, "pelago: and %zu more\n", all->len - all->kept);
}

static enum pl_err print_value(struct feel_run *run, const struct dmn_model *model,
			       const struct dmn_element *element, const struct feel_value *inputs)
{
	struct dmn_diagnostics diagnostics;
	const struct feel_value *value = dmn_evaluate(run, model, element, inputs, &diagnostics);
	const struct feel_value *text = value ? feel_to_json_text(run, value) : NULL;

	print_diagnostics(&diagnostics);
	if (!text)
		return feel_run_err(run);
	printf("%.*s\n", (int)text->string.len, text->string.bytes);
	return PL_OK;
}

static enum pl_err evaluate(const struct dmn_model *model, const struct dmn_element *element,
			    const char *context)
{
	const struct feel_value *inputs = NULL;
	struct feel_names *names = NULL;
	struct feel_expr *expr = NULL;
	struct feel_run *run = NULL;
	enum pl_err err = feel_names_new(&names);

	if (!err)
		err = feel_run_new(&run, NULL);
	if (!err) {
		cli_tell_time(run);
		if (context)
			err = cli_context_take(&inputs, names, run, &expr, context);
	}
	if (!err)
		err = print_value(run, model, element, inputs);
	feel_run_free(run);
	feel_free(expr);
	feel_names_free(names);
	return err;
}

static int eval_in(const struct dmn_model *model, const struct cli *cli)
{
	const struct dmn_element *element;
	enum pl_err err;

	if (!cli->decision && !cli->service)
		return ask_which(model, cli->words[0]);
	element = find(model, cli);
	if (!element) {
		cli_usage("%s has no %s \"%s\"", cli->words[0],
			  cli->service ? "service" : "decision",
			  cli->service ? cli->service : cli->decision);
		ask_which(model, cli->words[0]);
		return EXIT_FAILED;
	}
	err = evaluate(model, element, cli->context);
	return err ? cli_fail(err) : EXIT_DONE;
}

static int eval(struct cli *cli)
{
	struct files files = { 0 };
	struct dmn_model *model = NULL;
	enum pl_err err;
	int status;

	if (cli->decision && cli->service)
		return cli_usage("give --decision or --service, not both");
	err = load(&model, &files, cli);
	status = err ? cli_fail(err) : eval_in(model, cli);
	dmn_free(model);
	free_files(&files);
	return status;
}

const struct cli_command decision_commands[] = {
	{ "decision", "eval", "FILE…", 1, 8, "decision service context", eval,
	  "Evaluates a decision or decision service of a DMN file and prints its value as JSON; "
	  "more files for what it imports, or else those beside it." },
	{ 0 },
};
