/*
 * options.c — reading what was typed, and help.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engines/spell/spell.h"
#include "platform/cli/cli.h"
#include "pelago/version.h"

enum kind { FLAG, TEXT, MANY, PORT };

static const struct cli_option options[] = {
	{ "data", "DIR", "folder of the instance", TEXT, offsetof(struct cli, data) },
	{ "json", NULL, "prints JSON", FLAG, offsetof(struct cli, wants_json) },
	{ "https-port", "N", "port of HTTPS, 8443", PORT, offsetof(struct cli, https_port) },
	{ "http-port", "N", "port of HTTP on 127.0.0.1, 8080", PORT,
	  offsetof(struct cli, http_port) },
	{ "store", "URL", "sqlite: or postgresql://…", TEXT, offsetof(struct cli, store) },
	{ "context", "FEEL", "context of variables, as {a: 1}", TEXT,
	  offsetof(struct cli, context) },
	{ "listen", "ADDRESS", "address at which other hosts reach the bus and HTTPS", TEXT,
	  offsetof(struct cli, listen) },
	{ "floating", "ADDRESS", "address that is always on one of the hosts with an edge", TEXT,
	  offsetof(struct cli, floating) },
	{ "join", "TOKEN", "joins a solution, by the token of 'pelago node join-token'", TEXT,
	  offsetof(struct cli, join) },
	{ "minutes", "N", "for how long the token is good, 60", TEXT,
	  offsetof(struct cli, minutes) },
	{ "together", NULL, "all nodes at once, not one after the other", FLAG,
	  offsetof(struct cli, together) },
	{ "demo", NULL, "makes demo users and data", FLAG, offsetof(struct cli, wants_demo) },
	{ "detach", NULL, "returns when it is ready", FLAG, offsetof(struct cli, wants_detach) },
	{ "decision", "NAME", "the decision to be evaluated", TEXT,
	  offsetof(struct cli, decision) },
	{ "node", "NODE", "of this node only", TEXT, offsetof(struct cli, node) },
	{ "kind", "KIND", "of this kind only", TEXT, offsetof(struct cli, kind) },
	{ "all", NULL, "also those that are over", FLAG, offsetof(struct cli, wants_all) },
	{ "file", "FILE", "reads JSON from a file; - is standard input", TEXT,
	  offsetof(struct cli, file) },
	{ "service", "NAME", "name of the service", TEXT, offsetof(struct cli, service) },
	{ "cluster", "NAME", "name of the cluster; of an upgrade: K=NAME, once a cluster", MANY,
	  offsetof(struct cli, cluster) },
	{ "profile", "NAME", "name of the service profile", TEXT, offsetof(struct cli, profile) },
	{ "area", "NAME", "area of SolutionConfiguration", TEXT, offsetof(struct cli, area) },
	{ "level", "LEVEL", "profile, cluster, global or solution", TEXT,
	  offsetof(struct cli, level) },
	{ "expected", "VERSION", "the version that was seen; refused if it has changed since", TEXT,
	  offsetof(struct cli, expected) },
	{ "note", "TEXT", "why, for the history", TEXT, offsetof(struct cli, note) },
	{ "endpoint", "ID", "an endpoint, not a user", TEXT, offsetof(struct cli, endpoint) },
	{ "key", "FILE", "private key of 'pelago bundle keygen'", TEXT, offsetof(struct cli, key) },
	{ "out", "FILE", "where to write it", TEXT, offsetof(struct cli, out) },
	{ "program", "FILE", "the program, where it isn't in the folder", TEXT,
	  offsetof(struct cli, program) },
	{ "requires", "VERSION", "oldest Pelago that it runs on", TEXT,
	  offsetof(struct cli, requires) },
	{ "arch", "ARCH", "processor as of 'uname -m', or all: what isn't made for one", TEXT,
	  offsetof(struct cli, arch) },
	{ "dir", "DIR", "the folder that is made, ./NAME", TEXT, offsetof(struct cli, dir) },
	{ "language", "LANGUAGE", "c (unless said) or python", TEXT,
	  offsetof(struct cli, language) },
	{ "as", "VERSION", "the version that it gets", TEXT, offsetof(struct cli, version) },
	{ "force", NULL, "doesn't wait for its work to end", FLAG, offsetof(struct cli, forces) },
	{ "drop-data", NULL, "its database goes, too", FLAG, offsetof(struct cli, drops_data) },
	{ "dry-run", NULL, "only shows what would be done", FLAG, offsetof(struct cli, is_dry) },
	{ "from", "VERSION", "the version that they run on", TEXT, offsetof(struct cli, from) },
	{ "to", "VERSION", "the version that they go to", TEXT, offsetof(struct cli, to) },
	{ "map", "FILE", "JSON object: ids of elements and flows, old to new", TEXT,
	  offsetof(struct cli, map) },
	{ "undo", NULL, "takes the last one back", FLAG, offsetof(struct cli, wants_undo) },
	{ "window", NULL, "in a maintenance window, the usual way", FLAG,
	  offsetof(struct cli, wants_window) },
	{ "rolling", NULL, "node by node and service by service, while people work", FLAG,
	  offsetof(struct cli, wants_rolling) },
	{ "plan", NULL, "only shows what would be done", FLAG, offsetof(struct cli, wants_plan) },
	{ "resume", NULL, "goes on with the one that was begun", FLAG,
	  offsetof(struct cli, wants_resume) },
	{ "fix", "KEY", "runs the commands that mend a check, or all", TEXT,
	  offsetof(struct cli, fix) },
	{ "html", NULL, "prints a page", FLAG, offsetof(struct cli, wants_html) },
	{ "finalize-after-minutes", "N", "makes it final by itself after so long in health", TEXT,
	  offsetof(struct cli, minutes) },
	{ "yes", NULL, "doesn't ask for confirmation", FLAG, offsetof(struct cli, says_yes) },
	{ 0 },
};
static const char always[] = "data json";

static const struct cli_command *const tables[] = {
	up_commands,	   status_commands,	   cluster_commands,  node_commands,
	service_commands,  solution_commands,	   feel_commands,     decision_commands,
	alarm_commands,	   attribute_commands,	   profile_commands,  replication_commands,
	test_commands,	   event_commands,	   log_commands,      bundle_commands,
	release_commands,  plan_commands,	   workflow_commands, certificate_commands,
	upgrade_commands,  instance_commands,	   rule_commands,     migration_commands,
	incident_commands, decision_file_commands,
};

const struct cli_command *cli_commands(unsigned i)
{
	for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++)
		for (const struct cli_command *c = tables[t]; c->noun; c++)
			if (i-- == 0)
				return c;
	return NULL;
}

static bool has_word(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = strstr(list, word); at; at = strstr(at + 1, word))
		if ((at == list || at[-1] == ' ') && (at[len] == ' ' || !at[len]))
			return true;
	return false;
}

const struct cli_option *cli_options(unsigned i)
{
	return i < sizeof(options) / sizeof(options[0]) - 1 ? &options[i] : NULL;
}

bool cli_takes(const struct cli_command *command, const struct cli_option *option)
{
	return has_word(always, option->name) || has_word(command->options, option->name);
}

/* ---- spelling ---- */

static int unknown(const char *what, const char *text, const char *dashes, const char *const *list)
{
	const char *nearest = spell_nearest(text, list);

	if (nearest)
		return cli_usage("%s '%s%s' doesn't exist; did you mean '%s%s'?", what, dashes,
				 text, dashes, nearest);
	return cli_usage("%s '%s%s' doesn't exist; see 'pelago help'", what, dashes, text);
}

/* ---- options ---- */

static int unknown_option(const char *name, const struct cli_command *command)
{
	const char *list[sizeof(options) / sizeof(options[0])];
	size_t len = 0;

	for (const struct cli_option *o = options; o->name; o++)
		if (cli_takes(command, o))
			list[len++] = o->name;
	list[len] = NULL;
	return unknown("option", name, "--", list);
}

static int port_set(struct cli *cli, const struct cli_option *o, const char *text)
{
	char *end;
	long port = strtol(text, &end, 10);

	if (*end || end == text || port < 1 || port > 65535)
		return cli_usage("--%s: %s is not a port (1 to 65535)", o->name, text);
	*(int *)(void *)((char *)cli + o->at) = (int)port;
	return EXIT_DONE;
}

/* Takes argv[*ip] as an option, and the next as its value if it needs one. */
static int option_take(struct cli *cli, const struct cli_command *command, int *ip, char **argv)
{
	const char *text = argv[*ip] + 2, *value = strchr(text, '=');
	size_t len = value ? (size_t)(value - text) : strlen(text);
	const struct cli_option *o = options;
	char name[64];

	snprintf(name, sizeof(name), "%.*s", (int)len, text);
	while (o->name && strcmp(o->name, name) != 0)
		o++;
	if (!o->name || !cli_takes(command, o))
		return unknown_option(name, command);
	if (o->kind == FLAG) {
		if (value)
			return cli_usage("--%s takes no value", o->name);
		*(bool *)((char *)cli + o->at) = true;
		return EXIT_DONE;
	}
	if (value)
		value++;
	else if (argv[*ip + 1])
		value = argv[++*ip];
	if (!value || !*value)
		return cli_usage("--%s needs a value: %s", o->name, o->value);
	if (o->kind == PORT)
		return port_set(cli, o, value);
	*(const char **)(void *)((char *)cli + o->at) = value;
	if (o->kind == MANY && cli->clusters_len == CLUSTERS_MOST)
		return cli_usage("--%s %s: that is one too many", o->name, value);
	if (o->kind == MANY)
		cli->clusters[cli->clusters_len++] = value;
	return EXIT_DONE;
}

static bool takes_value(const char *arg)
{
	for (const struct cli_option *o = options; o->name; o++)
		if (strcmp(arg + 2, o->name) == 0)
			return o->kind != FLAG;
	return false;
}

/* ---- commands ---- */

static int unknown_noun(const char *noun)
{
	const char *list[64] = { "help" };
	size_t len = 1;

	for (unsigned i = 0; cli_commands(i) && len < 63; i++)
		list[len++] = cli_commands(i)->noun;
	return unknown("command", noun, "", list);
}

static int find(const struct cli_command **commandp, const char *noun, const char *verb)
{
	const char *verbs[32] = { NULL };
	size_t len = 0;

	for (unsigned i = 0; cli_commands(i); i++) {
		const struct cli_command *c = cli_commands(i);

		if (strcmp(c->noun, noun) != 0)
			continue;
		if (!c->verb || (verb && strcmp(c->verb, verb) == 0)) {
			*commandp = c;
			return EXIT_DONE;
		}
		if (len < 31)
			verbs[len++] = c->verb;
	}
	if (len == 0)
		return unknown_noun(noun);
	if (verb)
		return unknown("verb", verb, "", verbs);
	return cli_usage("what about the %s? See 'pelago help %s'", noun, noun);
}

static void print_command(const struct cli_command *c)
{
	printf("  pelago %s%s%s%s%s\n      %s\n", c->noun, c->verb ? " " : "",
	       c->verb ? c->verb : "", *c->words ? " " : "", c->words, c->text);
	for (const struct cli_option *o = options; o->name; o++)
		if (has_word(c->options, o->name))
			printf("      --%s%s%s  %s\n", o->name, o->value ? " " : "",
			       o->value ? o->value : "", o->text);
}

void cli_help(const char *noun)
{
	if (!noun)
		puts("usage: pelago NOUN [VERB] [OPTION…]\n");
	for (unsigned i = 0; cli_commands(i); i++)
		if (!noun || strcmp(cli_commands(i)->noun, noun) == 0)
			print_command(cli_commands(i));
	puts("\n  With each: --data DIR (folder of the instance), --json, --help.\n"
	     "  Exit status: 0 done, 1 failed, 2 wrong usage, 3 not reachable, 4 refused.");
}

static int help(const char *noun)
{
	const struct cli_command *command = NULL;
	bool known = !noun;

	for (unsigned i = 0; noun && cli_commands(i); i++)
		known |= strcmp(cli_commands(i)->noun, noun) == 0;
	if (!known)
		return find(&command, noun, NULL);
	cli_help(noun);
	return EXIT_DONE;
}

int cli_parse(struct cli *cli, const struct cli_command **commandp, int argc, char **argv)
{
	static const struct cli_command none = { .options = "" };
	const struct cli_command *command = NULL;
	const char *words[WORDS_MOST + 2] = { NULL };
	int len = 0, skip, status = EXIT_DONE;
	bool wants_help = argc < 2;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--version") == 0) {
			printf("pelago %s\n", pl_version);
			return EXIT_DONE;
		}
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			wants_help = true;
		else if (strncmp(argv[i], "--", 2) == 0)
			i += takes_value(argv[i]);
		else if (len < WORDS_MOST + 2)
			words[len++] = argv[i];
		else
			return cli_usage("too many words from '%s' on", argv[i]);
	}
	if (len > 0 && strcmp(words[0], "help") == 0)
		return reference_print(argc, argv) ? EXIT_DONE : help(words[1]);
	if (wants_help)
		return help(words[0]);
	if (len == 0) {
		int i = 1;

		status = option_take(cli, &none, &i, argv);
		return status ? status : cli_usage("a command is missing; see 'pelago help'");
	}
	status = find(&command, words[0], words[1]);
	if (status)
		return status;
	skip = command->verb ? 2 : 1;
	for (int i = 1; i < argc && !status; i++)
		if (strncmp(argv[i], "--", 2) == 0)
			status = option_take(cli, command, &i, argv);
	if (status)
		return status;
	cli->words_len = len - skip;
	if (cli->words_len > command->words_most)
		return cli_usage("'%s' is too much here; see 'pelago help %s'",
				 words[skip + command->words_most], command->noun);
	if (cli->words_len < command->words_least)
		return cli_usage("%s is missing; see 'pelago help %s'", command->words,
				 command->noun);
	memcpy(cli->words, words + skip, (size_t)cli->words_len * sizeof(words[0]));
	*commandp = command;
	return EXIT_DONE;
}
