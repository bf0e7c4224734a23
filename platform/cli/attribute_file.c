/*
 * attribute_file.c — pelago attribute export, import.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pelago/json.h"
#include "platform/cli/cmd_attribute.h"
#include "platform/setup/file.h"

int attribute_export(struct cli *cli)
{
	json_t *file = NULL;
	char *text;
	enum pl_err err = cli_send(
		&file, cli, "Manager.attributes-export", NULL,
		json_pack("{s:s*, s:s*}", "level", cli->level, "service", cli->service), NULL);

	if (err)
		return cli_fail(err);
	text = json_dumps(file, JSON_INDENT(2));
	if (!text)
		err = PL_NOMEM;
	else if (cli->words_len)
		err = file_replace(cli->words[0], text, strlen(text), 0600);
	else
		puts(text);
	free(text);
	json_decref(file);
	return err ? cli_fail(err) : EXIT_DONE;
}

static void print_lines(const char *title, const json_t *lines)
{
	json_t *line;
	size_t i;

	json_array_foreach(lines, i, line) {
		const char *why = pl_json_get_text(line, "why");

		printf("%s: %s of %s%s%s\n", title, pl_json_get_text(line, "attribute"),
		       pl_json_get_text(line, "service"), *why ? ": " : "", why);
	}
}

static enum pl_err ask(json_t **answerp, struct cli *cli, const json_t *file, json_t *more)
{
	json_object_set(more, "file", (json_t *)file);
	return cli_send(answerp, cli, "Manager.attributes-import", NULL, NULL, more);
}

/* The difference, for people. */
static void print_difference(struct cli *cli, const json_t *difference)
{
	struct cli plain = *cli;

	plain.wants_json = false;
	attribute_print(&plain, difference);
	print_lines("can't be taken", json_object_get(difference, "refused"));
	print_lines("a secret, to be set by hand", json_object_get(difference, "secrets"));
}

static int apply(struct cli *cli, const json_t *file, const json_t *difference)
{
	int64_t version = json_integer_value(json_object_get(difference, "version"));
	json_t *answer = NULL;
	enum pl_err err;
	int status = attribute_expected(&version, cli);

	if (status)
		return status;
	err = ask(&answer, cli, file,
		  json_pack("{s:b, s:b, s:I, s:s}", "apply", 1, "skipRefused", 1, "expected",
			    (json_int_t)version, "note", cli->note ? cli->note : ""));
	if (err)
		return cli_fail(err);
	if (cli->wants_json)
		attribute_print(cli, answer);
	else
		printf("imported: version %lld\n",
		       (long long)json_integer_value(json_object_get(answer, "version")));
	json_decref(answer);
	return EXIT_DONE;
}

/* The difference first; what can't be taken is left out only after it was shown. */
int attribute_import(struct cli *cli)
{
	json_t *file = NULL, *difference = NULL;
	enum pl_err err = file_read_json(&file, cli->words[0]);
	size_t changes;
	int status = EXIT_DONE;

	if (err == PL_NOTFOUND)
		return cli_usage("%s: there is no such file", cli->words[0]);
	if (!err)
		err = ask(&difference, cli, file, json_object());
	if (err) {
		json_decref(file);
		return cli_fail(err);
	}
	changes = json_array_size(json_object_get(difference, "changes"));
	if (!cli->wants_json)
		print_difference(cli, difference);
	if (changes == 0 && !cli->wants_json)
		puts("nothing to change");
	else if (changes && !cli_confirm(cli, "Make these %zu changes?", changes))
		status = EXIT_USAGE;
	else
		status = apply(cli, file, difference);
	json_decref(difference);
	json_decref(file);
	return status;
}
