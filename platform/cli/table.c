/*
 * table.c — lists, for people and as JSON, from the same columns.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pelago/json.h"
#include "platform/cli/cli.h"

enum { CELL_MAX = 256 };

static void put_bytes(char cell[CELL_MAX], double bytes)
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB" };
	int unit = 0;

	while (bytes >= 1000 && unit < 4) {
		bytes /= 1000;
		unit++;
	}
	snprintf(cell, CELL_MAX, bytes < 10 && unit ? "%.1f %s" : "%.0f %s", bytes, units[unit]);
}

static void put_seconds(char cell[CELL_MAX], long long s)
{
	if (s < 120)
		snprintf(cell, CELL_MAX, "%lld s", s);
	else if (s < 7200)
		snprintf(cell, CELL_MAX, "%lld min", s / 60);
	else if (s < 172800)
		snprintf(cell, CELL_MAX, "%lld h", s / 3600);
	else
		snprintf(cell, CELL_MAX, "%lld d", s / 86400);
}

static void put_time(char cell[CELL_MAX], int64_t ms)
{
	time_t s = (time_t)(ms / 1000);
	struct tm tm;

	if (localtime_r(&s, &tm))
		strftime(cell, CELL_MAX, "%Y-%m-%d %H:%M:%S", &tm);
}

static void put_list(char cell[CELL_MAX], const json_t *list)
{
	json_t *item;
	size_t i, len = 0;

	json_array_foreach(list, i, item) {
		int n = snprintf(cell + len, CELL_MAX - len, "%s%s", i ? ", " : "",
				 json_is_string(item) ? json_string_value(item)
						      : pl_json_get_text(item, "name"));

		len = len + (size_t)n < CELL_MAX ? len + (size_t)n : CELL_MAX - 1;
	}
}

/* "Denying [1/2]": the nodes that have arrived at a cluster's state. */
static void put_state(char cell[CELL_MAX], const json_t *item, const json_t *state)
{
	snprintf(cell, CELL_MAX, "%s [%lld/%zu]", json_string_value(state),
		 (long long)json_integer_value(json_object_get(item, "arrived")),
		 json_array_size(json_object_get(item, "nodes")));
}

static void put_cell(char cell[CELL_MAX], const json_t *item, const struct cli_column *column)
{
	const json_t *value = json_object_get(item, column->member);
	enum cli_form form = column->form;

	cell[0] = '\0';
	if (form == FORM_STATE && json_is_string(value))
		put_state(cell, item, value);
	else if (json_is_string(value))
		snprintf(cell, CELL_MAX, "%s", json_string_value(value));
	else if (form == FORM_LIST)
		put_list(cell, value);
	else if (form == FORM_BYTES && json_is_number(value))
		put_bytes(cell, json_number_value(value));
	else if (form == FORM_SECONDS && json_is_number(value))
		put_seconds(cell, (long long)json_number_value(value));
	else if (form == FORM_TIME && json_is_integer(value))
		put_time(cell, json_integer_value(value));
	else if (json_is_integer(value))
		snprintf(cell, CELL_MAX, "%lld", (long long)json_integer_value(value));
	else if (json_is_real(value))
		snprintf(cell, CELL_MAX, "%.2f", json_real_value(value));
	else if (json_is_boolean(value))
		snprintf(cell, CELL_MAX, "%s", json_is_true(value) ? "yes" : "no");
	if (!cell[0])
		snprintf(cell, CELL_MAX, "-");
}

/* Characters, not bytes: those that begin one (RFC 3629). */
static int width(const char *text)
{
	int n = 0;

	for (; *text; text++)
		n += (*text & 0xc0) != 0x80;
	return n;
}

static int print_json(const json_t *items, const struct cli_column *columns)
{
	json_t *list = json_array(), *item;
	size_t i;

	json_array_foreach(items, i, item) {
		json_t *row = json_object();

		for (const struct cli_column *c = columns; c->member; c++) {
			json_t *value = json_object_get(item, c->member);

			json_object_set(row, c->member, value ? value : json_null());
		}
		json_array_append_new(list, row);
	}
	json_dumpf(list, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(list);
	return EXIT_DONE;
}

int cli_print_items(const struct cli *cli, const json_t *items, const struct cli_column *columns)
{
	int widths[32] = { 0 }, n;
	char cell[CELL_MAX];
	json_t *item;
	size_t i;

	if (cli->wants_json)
		return print_json(items, columns);
	for (n = 0; n < 32 && columns[n].member; n++) {
		widths[n] = width(columns[n].title);
		json_array_foreach(items, i, item) {
			put_cell(cell, item, &columns[n]);
			if (width(cell) > widths[n])
				widths[n] = width(cell);
		}
	}
	for (int c = 0; c < n; c++)
		if (columns[c].form != FORM_ONLY_JSON)
			printf("%s%*s  ", columns[c].title, widths[c] - width(columns[c].title),
			       "");
	putchar('\n');
	json_array_foreach(items, i, item) {
		for (int c = 0; c < n; c++) {
			if (columns[c].form == FORM_ONLY_JSON)
				continue;
			put_cell(cell, item, &columns[c]);
			printf("%s%*s  ", cell, widths[c] - width(cell), "");
		}
		putchar('\n');
	}
	return EXIT_DONE;
}
