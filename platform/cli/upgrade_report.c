/*
 * upgrade_report.c — what was looked at before an upgrade: for people, as JSON, as a page.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pelago/json.h"
#include "platform/cli/html.h"
#include "platform/cli/upgrade.h"

static const char *text(const json_t *item, const char *name)
{
	const char *value = pl_json_get_text(item, name);

	return value ? value : "";
}

/* ---- for programs ---- */

static void print_json(const json_t *items)
{
	static const char *const members[] = { "key", "result", "seen", "why", "fix" };
	json_t *list = json_array(), *item;
	size_t i;

	json_array_foreach(items, i, item) {
		json_t *row = json_object();

		for (size_t k = 0; k < sizeof(members) / sizeof(members[0]); k++)
			json_object_set(row, members[k], json_object_get(item, members[k]));
		json_array_append_new(list, row);
	}
	json_dumpf(list, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(list);
}

/* ---- for people ---- */

static const char *colour(const char *result)
{
	if (!isatty(STDOUT_FILENO))
		return "";
	return strcmp(result, "pass") == 0   ? "\033[32m"
	       : strcmp(result, "warn") == 0 ? "\033[33m"
					     : "\033[31m";
}

static void print_text(const json_t *answer)
{
	long long inhibits = (long long)json_integer_value(json_object_get(answer, "inhibits"));
	json_t *item;
	size_t i;

	json_array_foreach(json_object_get(answer, "checks"), i, item) {
		const char *result = text(item, "result");

		printf("%s%-7s%s  %-17s %s\n", colour(result), result,
		       isatty(STDOUT_FILENO) ? "\033[0m" : "", text(item, "key"),
		       text(item, "seen"));
		if (strcmp(result, "pass") == 0)
			continue;
		printf("%28s%s\n", "", text(item, "why"));
		if (*text(item, "fix"))
			printf("%28sTo do: %s\n", "", text(item, "fix"));
	}
	if (inhibits)
		printf("\n%lld of them inhibit%s the upgrade. Commands are run by --fix KEY, or "
		       "--fix all.\n",
		       inhibits, inhibits == 1 ? "s" : "");
	else
		puts("\nNothing inhibits the upgrade.");
}

/* ---- as a page ---- */

static void print_html(const json_t *items, const char *version)
{
	static const char *const headings[] = { "Result",	  "Key",   "Check", "Seen",
						"Why it matters", "To do", NULL };
	char title[100];
	json_t *item;
	size_t i;

	snprintf(title, sizeof(title), "Checks before an upgrade to %s", version);
	html_begin(title);
	html_table(headings);
	json_array_foreach(items, i, item) {
		printf("<tr><td class=\"%s\">%s</td>", text(item, "result"), text(item, "result"));
		html_cell("td", text(item, "key"));
		html_cell("td", text(item, "title"));
		html_cell("td", text(item, "seen"));
		html_cell("td", text(item, "why"));
		html_cell("td", text(item, "fix"));
		puts("</tr>");
	}
	html_table_end();
	html_end();
}

void upgrade_report(const struct cli *cli, const json_t *answer, const char *version)
{
	const json_t *items = json_object_get(answer, "checks");

	if (cli->wants_html)
		print_html(items, version);
	else if (cli->wants_json)
		print_json(items);
	else
		print_text(answer);
}
