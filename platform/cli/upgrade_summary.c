/*
 * upgrade_summary.c — what came after an upgrade's services, and who uses an outside interface that
 * it changes: for people, as JSON, as a page.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "engines/upgrade/upgrade.h"
#include "pelago/json.h"
#include "platform/cli/html.h"
#include "platform/cli/upgrade.h"

enum { WHO_SIZE = 400, SEEN_SIZE = 120 };

static const char *text(const json_t *item, const char *name)
{
	return pl_json_get_text(item, name);
}

/* A state of its steps; without any there was nothing to do. */
static const char *state_of(const json_t *item)
{
	return *text(item, "state") ? text(item, "state") : "-";
}

/* "2026-01-31 12:00, Pelago 0.1.0"; a service is there, and isn't seen. */
static void put_seen(char to[SEEN_SIZE], const json_t *user)
{
	const json_t *last_ms = json_object_get(user, "lastMs");
	time_t s = (time_t)(json_integer_value(last_ms) / 1000);
	char moment[40] = "";
	struct tm tm;

	if (json_is_integer(last_ms) && localtime_r(&s, &tm))
		strftime(moment, sizeof(moment), "%Y-%m-%d %H:%M, ", &tm);
	snprintf(to, SEEN_SIZE, "%s%s%s", moment, *moment ? "Pelago " : "version ",
		 text(user, "version"));
}

static void put_title(char *to, size_t size, const json_t *report)
{
	const char *state = text(report, "state");

	snprintf(to, size, "Upgrade %s to %s%s%s", text(report, "from"), text(report, "to"),
		 strcmp(state, "none") == 0 ? "" : ": ", strcmp(state, "none") == 0 ? "" : state);
}

/* ---- for people ---- */

static void print_text(const json_t *report)
{
	json_t *item, *user;
	char title[160], who[WHO_SIZE], seen[SEEN_SIZE];
	size_t i, k;

	put_title(title, sizeof(title), report);
	printf("%s\n\nAfter the services:\n", title);
	json_array_foreach(json_object_get(report, "afterwards"), i, item) {
		printf("  %-9s %s: %s\n", state_of(item), text(item, "title"), text(item, "seen"));
		if (*text(item, "fix"))
			printf("  %9s To do: %s\n", "", text(item, "fix"));
	}
	puts("\nOutside interfaces:");
	if (json_array_size(json_object_get(report, "interfaces")) == 0)
		puts("  none is changed");
	json_array_foreach(json_object_get(report, "interfaces"), i, item) {
		const json_t *users = json_object_get(item, "users");

		printf("  %-9s %s%s\n", text(item, "change"), text(item, "name"),
		       json_array_size(users) ? "" : ": nobody was seen using it");
		json_array_foreach(users, k, user) {
			upgrade_client_text(who, sizeof(who), user);
			put_seen(seen, user);
			printf("  %9s %s (%s)\n", "", who, seen);
		}
	}
}

/* ---- as a page ---- */

static void print_afterwards(const json_t *items)
{
	static const char *const headings[] = { "State", "What", "Seen", "To do", NULL };
	json_t *item;
	size_t i;

	puts("<h2>After the services</h2>");
	html_table(headings);
	json_array_foreach(items, i, item) {
		fputs("<tr>", stdout);
		html_cell("td", state_of(item));
		html_cell("td", text(item, "title"));
		html_cell("td", text(item, "seen"));
		html_cell("td", text(item, "fix"));
		puts("</tr>");
	}
	html_table_end();
}

static void print_interfaces(const json_t *items)
{
	static const char *const headings[] = { "Change", "Interface", "Used by", "Last seen",
						NULL };
	json_t *item, *user;
	char who[WHO_SIZE], seen[SEEN_SIZE];
	size_t i, k;

	puts("<h2>Outside interfaces</h2>");
	html_table(headings);
	json_array_foreach(items, i, item) {
		const json_t *users = json_object_get(item, "users");
		size_t rows = json_array_size(users);

		for (k = 0; k < (rows ? rows : 1); k++) {
			user = json_array_get(users, k);
			fputs("<tr>", stdout);
			html_cell("td", text(item, "change"));
			html_cell("td", text(item, "name"));
			if (user) {
				upgrade_client_text(who, sizeof(who), user);
				put_seen(seen, user);
			}
			html_cell("td", user ? who : "nobody was seen using it");
			html_cell("td", user ? seen : "");
			puts("</tr>");
		}
	}
	html_table_end();
}

void upgrade_summary(const struct cli *cli, const json_t *report)
{
	char title[160];

	if (cli->wants_html) {
		put_title(title, sizeof(title), report);
		html_begin(title);
		print_afterwards(json_object_get(report, "afterwards"));
		print_interfaces(json_object_get(report, "interfaces"));
		html_end();
	} else if (cli->wants_json) {
		json_dumpf(report, stdout, JSON_INDENT(2));
		putchar('\n');
	} else {
		print_text(report);
	}
}
