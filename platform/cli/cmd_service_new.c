/*
 * cmd_service_new.c — pelago service new. Needs no running instance.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "platform/cli/cli.h"
#include "platform/cli/service_new.h"
#include "platform/setup/setup.h"

static const char *const languages[] = { "c", "python", NULL };

/* In a checkout, and installed; from the folder of the programs. */
static const char *const places[] = { "../sdk/template", "../../share/pelago/template" };

/* free() */
static enum pl_err find_template(char **pathp, const char *language)
{
	char *programs = setup_programs_path(), *path = NULL;
	enum pl_err err = programs ? PL_NOTFOUND : PL_NOMEM;

	for (size_t i = 0; err == PL_NOTFOUND && i < sizeof(places) / sizeof(places[0]); i++) {
		if (asprintf(&path, "%s/%s/%s", programs, places[i], language) < 0)
			err = PL_NOMEM;
		else if (access(path, R_OK | X_OK) == 0)
			err = PL_OK;
		else
			free(path);
	}
	if (err == PL_NOTFOUND)
		pl_fail(err, "the template isn't beside %s: install the SDK of Pelago", programs);
	if (!err)
		*pathp = path;
	free(programs);
	return err;
}

static bool is_language(const char *word)
{
	for (const char *const *l = languages; *l; l++)
		if (strcmp(*l, word) == 0)
			return true;
	return false;
}

/* Gives value. */
static void print_json(json_t *value)
{
	json_dumpf(value, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(value);
}

int service_new(struct cli *cli)
{
	const char *name = cli->words[0], *language = cli->language ? cli->language : languages[0];
	char *template = NULL, *folder = cli->dir ? strdup(cli->dir) : strdup(name);
	enum pl_err err = folder ? service_name_check(name) : PL_NOMEM;

	if (!is_language(language)) {
		free(folder);
		return cli_usage("--language: there is a template for c and for python, not for %s",
				 language);
	}
	if (!err)
		err = find_template(&template, language);
	if (!err)
		err = template_make(folder, template, name);
	if (!err && cli->wants_json)
		print_json(json_pack("{s:s,s:s,s:s}", "name", name, "folder", folder, "language",
				     language));
	else if (!err)
		printf("%s is in %s; its README.md says how to go on\n", name, folder);
	free(template);
	free(folder);
	return err ? cli_fail(err) : EXIT_DONE;
}
