/*
 * reference.c — the manual page (man(7)) and bash's completion, from the tables of commands.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <string.h>

#include "pelago/version.h"
#include "platform/cli/cli.h"

/* A text in roff: a minus is no hyphen, and no line begins with a control character. */
static void print_roff(const char *text)
{
	if (*text == '.' || *text == '\'')
		fputs("\\&", stdout);
	for (; *text; text++) {
		if (*text == '-' || *text == '\\')
			putchar('\\');
		fputs(*text == '\\' ? "e" : (char[]){ *text, '\0' }, stdout);
	}
}

static void print_command(const struct cli_command *c)
{
	printf(".TP\n\\fBpelago %s%s%s\\fR %s", c->noun, c->verb ? " " : "", c->verb ? c->verb : "",
	       *c->words ? "\\fI" : "");
	print_roff(c->words);
	puts(*c->words ? "\\fR" : "");
	print_roff(c->text);
	putchar('\n');
	for (unsigned i = 0; cli_options(i); i++) {
		const struct cli_option *o = cli_options(i);

		if (!cli_takes(c, o) || strcmp(o->name, "data") == 0 ||
		    strcmp(o->name, "json") == 0)
			continue;
		fputs(".br\n\\fB\\-\\-", stdout);
		print_roff(o->name);
		printf("\\fR%s%s%s: ", o->value ? " \\fI" : "", o->value ? o->value : "",
		       o->value ? "\\fR" : "");
		print_roff(o->text);
		putchar('\n');
	}
}

static void print_manual(void)
{
	printf(".\\\" SPDX-License-Identifier: Apache-2.0\n"
	       ".TH PELAGO 1 \"\" \"Pelago %s\" \"Pelago\"\n",
	       pl_version);
	puts(".SH NAME\npelago \\- command line of the contact centre Pelago\n"
	     ".SH SYNOPSIS\n\\fBpelago\\fR \\fINOUN\\fR [\\fIVERB\\fR] [\\fIOPTION\\fR\\&...]\n"
	     ".SH COMMANDS");
	for (unsigned i = 0; cli_commands(i); i++)
		print_command(cli_commands(i));
	puts(".SH OPTIONS\nEach command takes\n"
	     ".TP\n\\fB\\-\\-data\\fR \\fIDIR\\fR\nfolder of the instance\n"
	     ".TP\n\\fB\\-\\-json\\fR\nprints JSON\n"
	     ".TP\n\\fB\\-\\-help\\fR\nsays what the noun's commands do\n"
	     ".SH ENVIRONMENT\n.TP\n\\fBPELAGO_DATA\\fR\nfolder of the instance, where "
	     "\\fB\\-\\-data\\fR doesn't say it\n"
	     ".SH EXIT STATUS\n0 done, 1 failed, 2 wrong usage, 3 not reachable, 4 refused by a "
	     "precondition, which is said.");
}

/* Whether an earlier command has the same noun. */
static bool is_seen(unsigned at)
{
	for (unsigned i = 0; i < at; i++)
		if (strcmp(cli_commands(i)->noun, cli_commands(at)->noun) == 0)
			return true;
	return false;
}

static void print_nouns(void)
{
	for (unsigned i = 0; cli_commands(i); i++)
		if (!is_seen(i))
			printf(" %s", cli_commands(i)->noun);
}

static void print_verbs(const char *noun)
{
	for (unsigned i = 0; cli_commands(i); i++)
		if (strcmp(cli_commands(i)->noun, noun) == 0 && cli_commands(i)->verb)
			printf(" %s", cli_commands(i)->verb);
}

static void print_completion(void)
{
	printf("# bash completion of pelago(1). SPDX-License-Identifier: Apache-2.0\n"
	       "_pelago()\n{\n"
	       "\tlocal word=${COMP_WORDS[COMP_CWORD]} noun=${COMP_WORDS[1]:-} list=\n"
	       "\tcase $COMP_CWORD:$noun:${COMP_WORDS[2]:-} in\n"
	       "\t1:*) list='help");
	print_nouns();
	printf("' ;;\n\t2:help:*) list='");
	print_nouns();
	puts("' ;;");
	for (unsigned i = 0; cli_commands(i); i++) {
		const struct cli_command *c = cli_commands(i);

		if (c->verb && !is_seen(i)) {
			printf("\t2:%s:*) list='", c->noun);
			print_verbs(c->noun);
			puts("' ;;");
		}
		printf("\t*:%s:%s) list='--help", c->noun, c->verb ? c->verb : "*");
		for (unsigned k = 0; cli_options(k); k++)
			if (cli_takes(c, cli_options(k)))
				printf(" --%s", cli_options(k)->name);
		puts("' ;;");
	}
	puts("\tesac\n"
	     "\tCOMPREPLY=($(compgen -W \"$list\" -- \"$word\"))\n"
	     "\t[[ $word == -* ]] || COMPREPLY+=($(compgen -f -- \"$word\"))\n}\n"
	     "complete -o filenames -F _pelago pelago");
}

bool reference_print(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--manual") == 0) {
			print_manual();
			return true;
		}
		if (strcmp(argv[i], "--completion") == 0) {
			print_completion();
			return true;
		}
	}
	return false;
}
