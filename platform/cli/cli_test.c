/*
 * cli_test.c — what is typed becomes a command with its values, or a sentence; lists in both forms.
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

#include <unistd.h>

#include "platform/cli/cli.h"
#include "pelago/version.h"

static int done(struct cli *cli)
{
	(void)cli;
	return EXIT_DONE;
}

const struct cli_command up_commands[] = {
	{ "up", NULL, "", 0, 0, "http-port store demo", done, "Starts." },
	{ 0 },
};
const struct cli_command status_commands[] = { { "status", NULL, "", 0, 0, "", done, "Tells." },
					       { 0 } };
const struct cli_command cluster_commands[] = {
	{ "cluster", "list", "", 0, 0, "", done, "Lists." },
	{ "cluster", "deny", "CLUSTER", 1, 2, "yes", done, "Denies." },
	{ 0 },
};
const struct cli_command node_commands[] = { { 0 } };
const struct cli_command service_commands[] = { { 0 } };
const struct cli_command feel_commands[] = { { 0 } };
const struct cli_command decision_commands[] = { { 0 } };
const struct cli_command replication_commands[] = { { 0 } };
const struct cli_command test_commands[] = { { 0 } };
const struct cli_command event_commands[] = { { 0 } };
const struct cli_command log_commands[] = { { 0 } };
const struct cli_command alarm_commands[] = { { 0 } };
const struct cli_command attribute_commands[] = { { 0 } };
const struct cli_command profile_commands[] = { { 0 } };
const struct cli_command solution_commands[] = { { 0 } };
const struct cli_command bundle_commands[] = { { 0 } };
const struct cli_command release_commands[] = { { 0 } };
const struct cli_command plan_commands[] = { { 0 } };
const struct cli_command workflow_commands[] = { { 0 } };
const struct cli_command instance_commands[] = { { 0 } };
const struct cli_command incident_commands[] = { { 0 } };
const struct cli_command decision_file_commands[] = { { 0 } };
const struct cli_command rule_commands[] = { { 0 } };
const struct cli_command migration_commands[] = { { 0 } };
const struct cli_command certificate_commands[] = { { 0 } };
const struct cli_command upgrade_commands[] = { { 0 } };

static char said[4096];
static int saved_out, saved_err;
static FILE *output;

/* What is printed between begin and finish is in `said`. */
static void begin(void)
{
	output = tmpfile();
	assert_non_null(output);
	fflush(stdout);
	fflush(stderr);
	saved_out = dup(1);
	saved_err = dup(2);
	dup2(fileno(output), 1);
	dup2(fileno(output), 2);
}

static void finish(void)
{
	size_t len;

	fflush(stdout);
	fflush(stderr);
	dup2(saved_out, 1);
	dup2(saved_err, 2);
	close(saved_out);
	close(saved_err);
	rewind(output);
	len = fread(said, 1, sizeof(said) - 1, output);
	said[len] = '\0';
	fclose(output);
}

/* Parses a line of words parted by blanks. */
static int parse(struct cli *cli, const struct cli_command **commandp, const char *line)
{
	static char copy[256];
	char *argv[32] = { (char *)(uintptr_t) "pelago" }, *rest = copy, *word;
	int argc = 1, status;

	snprintf(copy, sizeof(copy), "%s", line);
	while ((word = strsep(&rest, " ")))
		if (*word)
			argv[argc++] = word;
	memset(cli, 0, sizeof(*cli));
	*commandp = NULL;
	begin();
	status = cli_parse(cli, commandp, argc, argv);
	finish();
	return status;
}

static void commands_and_their_values(void **state)
{
	const struct cli_command *command;
	struct cli cli;

	(void)state;
	assert_int_equal(
		parse(&cli, &command, "up --http-port 81 --store=sqlite: --demo --data /d"),
		EXIT_DONE);
	assert_ptr_equal(command, &up_commands[0]);
	assert_int_equal(cli.http_port, 81);
	assert_string_equal(cli.store, "sqlite:");
	assert_string_equal(cli.data, "/d");
	assert_true(cli.wants_demo);
	assert_false(cli.wants_json);

	/* options may stand anywhere */
	assert_int_equal(parse(&cli, &command, "--data /d cluster --yes deny A --json B"),
			 EXIT_DONE);
	assert_ptr_equal(command, &cluster_commands[1]);
	assert_int_equal(cli.words_len, 2);
	assert_string_equal(cli.words[0], "A");
	assert_string_equal(cli.words[1], "B");
	assert_true(cli.says_yes);
	assert_true(cli.wants_json);
}

static void wrong_usage_names_the_nearest(void **state)
{
	static const struct {
		const char *line, *part;
	} rows[] = {
		{ "clutser list", "did you mean 'cluster'?" },
		{ "cluster lits", "did you mean 'list'?" },
		{ "cluster", "pelago help cluster" },
		{ "cluster list --jsno", "did you mean '--json'?" },
		{ "cluster list --yes", "option '--yes' doesn't exist" },
		{ "cluster list more", "'more' is too much" },
		{ "cluster deny", "CLUSTER is missing" },
		{ "cluster deny a b c", "'c' is too much" },
		{ "up --http-port", "--http-port needs a value: N" },
		{ "up --http-port=", "--http-port needs a value" },
		{ "up --http-port 0", "0 is not a port" },
		{ "up --http-port 8o", "8o is not a port" },
		{ "up --demo=yes", "--demo takes no value" },
		{ "--json", "a command is missing" },
		{ "--nonsense", "option '--nonsense' doesn't exist" },
		{ "a b c d e f g h i j k l m n o p q r s t u v w x y z aa", "too many words" },
		{ "help nonsense", "command 'nonsense' doesn't exist" },
	};
	const struct cli_command *command;
	struct cli cli;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(parse(&cli, &command, rows[i].line), EXIT_USAGE);
		assert_null(command);
		assert_non_null(strstr(said, rows[i].part));
		assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1); /* one line */
	}
}

static void help_and_version(void **state)
{
	static const char *const helps[] = { "", "help", "--help", "-h" };
	const struct cli_command *command;
	struct cli cli;
	char line[PL_VERSION_ROOM + 8];

	(void)state;
	for (size_t i = 0; i < sizeof(helps) / sizeof(helps[0]); i++) {
		assert_int_equal(parse(&cli, &command, helps[i]), EXIT_DONE);
		assert_null(command);
		assert_non_null(strstr(said, "pelago cluster deny CLUSTER"));
		assert_non_null(strstr(said, "pelago up"));
	}
	assert_int_equal(parse(&cli, &command, "cluster --help"), EXIT_DONE);
	assert_non_null(strstr(said, "--yes"));
	assert_null(strstr(said, "pelago up"));
	assert_int_equal(parse(&cli, &command, "--version"), EXIT_DONE);
	snprintf(line, sizeof(line), "pelago %s\n", pl_version);
	assert_string_equal(said, line);
}

static void lists_for_people_and_programs(void **state)
{
	static const struct cli_column columns[] = {
		{ "Name", "name", FORM_TEXT },
		{ "State", "state", FORM_STATE },
		{ "Nodes", "nodes", FORM_LIST },
		{ "Memory", "memory", FORM_BYTES },
		{ "Uptime", "uptime", FORM_SECONDS },
		{ "More", "more", FORM_ONLY_JSON },
		{ 0 },
	};
	struct cli cli = { 0 };
	json_t *items = json_loads(
		       "[{\"name\":\"é\",\"state\":\"Denying\",\"arrived\":1,\"nodes\":[\"a\",\"b\"],"
		       "\"memory\":2100000,\"uptime\":7300,\"more\":{\"x\":1},\"other\":2},{}]",
		       0, NULL),
	       *printed;

	(void)state;
	assert_non_null(items);
	begin();
	assert_int_equal(cli_print_items(&cli, items, columns), EXIT_DONE);
	finish();
	assert_string_equal(said, "Name  State          Nodes  Memory  Uptime  \n"
				  "é     Denying [1/2]  a, b   2.1 MB  2 h     \n"
				  "-     -              -      -       -       \n");
	cli.wants_json = true;
	begin();
	assert_int_equal(cli_print_items(&cli, items, columns), EXIT_DONE);
	finish();
	printed = json_loads(said, 0, NULL);
	assert_int_equal(json_array_size(printed), 2);
	assert_int_equal(json_object_size(json_array_get(printed, 0)), 6);
	assert_null(json_object_get(json_array_get(printed, 0), "other"));
	assert_true(json_is_null(json_object_get(json_array_get(printed, 1), "more")));
	json_decref(printed);
	json_decref(items);
}

static void print_reference(const char *word)
{
	char *argv[] = { (char *)"pelago", (char *)"help", (char *)word, NULL };
	struct cli cli = { 0 };
	const struct cli_command *command = NULL;

	begin();
	assert_int_equal(cli_parse(&cli, &command, 3, argv), EXIT_DONE);
	finish();
	assert_null(command);
}

static void the_manual_and_the_completion_name_all(void **state)
{
	print_reference("--manual");
	assert_non_null(strstr(said, "\\fBpelago cluster deny\\fR \\fICLUSTER\\fR\nDenies.\n"));
	assert_non_null(strstr(said, "\\fB\\-\\-http\\-port\\fR \\fIN\\fR: port of HTTP"));
	print_reference("--completion");
	assert_non_null(strstr(said, "1:*) list='help up status cluster' ;;"));
	assert_non_null(strstr(said, "2:cluster:*) list=' list deny' ;;"));
	assert_non_null(strstr(said, "*:cluster:deny) list='--help --data --json --yes' ;;"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_and_their_values),
		cmocka_unit_test(wrong_usage_names_the_nearest),
		cmocka_unit_test(help_and_version),
		cmocka_unit_test(lists_for_people_and_programs),
		cmocka_unit_test(the_manual_and_the_completion_name_all),
	};

	return cmocka_run_group_tests_name("cli", tests, NULL, NULL);
}
