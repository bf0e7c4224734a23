/*
 * upgrade_report.c — what was looked at before an upgrade: for people, as JSON, as a page.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "pelago/json.h"
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

static void print_escaped(const char *s)
{
	for (; *s; s++)
		if (*s == '<')
			fputs("&lt;", stdout);
		else if (*s == '>')
			fputs("&gt;", stdout);
		else if (*s == '&')
			fputs("&amp;", stdout);
		else if (*s == '"')
			fputs("&quot;", stdout);
		else
			putchar(*s);
}

static void print_cell(const char *tag, const char *s)
{
	printf("<%s>", tag);
	print_escaped(s);
	printf("</%s>", tag);
}

static void print_html(const json_t *items, const char *version)
{
	time_t now = time(NULL);
	char moment[40] = "";
	json_t *item;
	struct tm tm;
	size_t i;

	if (localtime_r(&now, &tm))
		strftime(moment, sizeof(moment), "%Y-%m-%d %H:%M:%S", &tm);
	puts("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
	     "<title>Checks before an upgrade</title>\n<style>"
	     "body{font:15px/1.4 sans-serif;margin:2rem;color:#151515}"
	     "table{border-collapse:collapse}"
	     "th,td{text-align:left;vertical-align:top;padding:.4rem .8rem;border-bottom:1px solid #ccc}"
	     ".pass{color:#3d7317}.warn{color:#8a4b00}.inhibit{color:#b1380b;font-weight:bold}"
	     "</style></head><body>");
	printf("<h1>Checks before an upgrade to ");
	print_escaped(version);
	printf("</h1>\n<p>%s</p>\n<table>\n<thead><tr><th>Result</th><th>Key</th><th>Check</th>"
	       "<th>Seen</th><th>Why it matters</th><th>To do</th></tr></thead>\n<tbody>\n",
	       moment);
	json_array_foreach(items, i, item) {
		printf("<tr><td class=\"%s\">%s</td>", text(item, "result"), text(item, "result"));
		print_cell("td", text(item, "key"));
		print_cell("td", text(item, "title"));
		print_cell("td", text(item, "seen"));
		print_cell("td", text(item, "why"));
		print_cell("td", text(item, "fix"));
		puts("</tr>");
	}
	puts("</tbody>\n</table>\n</body></html>");
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
