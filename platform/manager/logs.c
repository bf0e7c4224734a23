/*
 * logs.c — see logs.h.
 *
 * All nodes that are heard are asked at once; when the last has answered, or its time is over, the
 * lines are put in order. A line that several nodes have read in the same file is shown once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "logs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pelago/json.h"
#include "pelago/page.h"

enum {
	GATHERS = 8,
	ID_MAX = 64,
	DEAD_MS = 10000, /* asks end before; what is left then was rolled back */
};

struct gather {
	int64_t number, began_ms; /* number 0: free */
	struct pl_held *held;
	size_t asked;
	json_t *answers; /* {NODE: answer, or null: it gave none} */
};

static struct gather gathers[GATHERS];
static int64_t last_number;

static struct gather *gather_of(int64_t number)
{
	for (struct gather *g = gathers; g < gathers + GATHERS; g++)
		if (g->number == number)
			return g;
	return NULL;
}

static struct gather *gather_free(void)
{
	for (struct gather *g = gathers; g < gathers + GATHERS; g++)
		if (!g->number || manager_now_ms() - g->began_ms > DEAD_MS) {
			json_decref(g->answers);
			memset(g, 0, sizeof(*g));
			return g;
		}
	return NULL;
}

static int by_time(const void *a, const void *b)
{
	const json_t *const *x = a, *const *y = b;
	int order = strcmp(pl_json_get_text(*x, "at"), pl_json_get_text(*y, "at"));

	if (!order)
		order = strcmp(pl_json_get_text(*x, "program"), pl_json_get_text(*y, "program"));
	return order ? order
		     : (int)(json_integer_value(json_object_get(*x, "place")) -
			     json_integer_value(json_object_get(*y, "place")));
}

/* All lines, each once, the oldest first. A new list. */
static json_t *merge(const json_t *answers)
{
	json_t *seen = json_object(), *sorted = json_array(), *answer, *line, **list;
	const char *node, *text;
	size_t i, count;
	char *key;

	json_object_foreach((json_t *)answers, node, answer)
		json_array_foreach(json_object_get(answer, "lines"), i, line) {
			key = json_dumps(line, JSON_COMPACT | JSON_SORT_KEYS);
			if (key && !json_object_get(seen, key)) {
				json_object_set(seen, key, line);
				json_object_set_new(line, "node", json_string(node));
				json_object_set_new(line, "place", json_integer((json_int_t)i));
			}
			free(key);
		}
	count = json_object_size(seen);
	list = calloc(count + 1, sizeof(*list));
	i = 0;
	if (list)
		json_object_foreach(seen, text, line)
			list[i++] = line;
	if (list)
		qsort(list, count, sizeof(*list), by_time);
	for (i = 0; list && i < count; i++)
		json_array_append(sorted, list[i]);
	free(list);
	json_decref(seen);
	return sorted;
}

static json_t *view(const json_t *line)
{
	static const char *const members[] = { "at",	"level",   "node", "program",
					       "event", "contact", "text" };
	json_t *view = json_object();

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		json_object_set_new(view, members[i],
				    json_string(pl_json_get_text(line, members[i])));
	return view;
}

static void note_silent(json_t *body, const json_t *answers)
{
	json_t *silent = json_array(), *answer;
	bool has_more = false;
	const char *node;

	json_object_foreach((json_t *)answers, node, answer) {
		if (json_is_null(answer))
			json_array_append_new(silent, json_string(node));
		has_more |= json_is_true(json_object_get(answer, "more"));
	}
	json_object_set_new(body, "silent", silent);
	json_object_set_new(body, "hasMore", json_boolean(has_more));
}

static enum pl_err finish(struct pl_turn *turn, struct gather *g, const json_t *query)
{
	struct pl_held *held = g->held;
	json_t *answers = g->answers, *lines, *line, *body;
	struct pl_page page;
	enum pl_err err = pl_page_read(&page, query, "logs");
	size_t i;

	memset(g, 0, sizeof(*g));
	if (err) {
		pl_reply_error(turn, held, err, pl_err_detail(err));
		json_decref(answers);
		return PL_OK;
	}
	lines = merge(answers);
	json_array_foreach(lines, i, line)
		pl_page_keep(&page, view(line), "%.40s:%06zu", pl_json_get_text(line, "at"), i);
	body = pl_page_answer(&page);
	note_silent(body, answers);
	pl_reply(turn, held, json_pack("{s:i, s:o}", "status", 200, "body", body));
	json_decref(lines);
	json_decref(answers);
	return PL_OK;
}

/* A repeat, after a rolled-back turn, says the same. */
static enum pl_err on_lines(struct pl_turn *turn, const struct pl_answer *answer)
{
	struct gather *g =
		gather_of(json_integer_value(json_object_get(answer->context, "number")));
	const char *node = pl_json_get_text(answer->context, "node");

	if (!g)
		return PL_OK;
	if (answer->err)
		json_object_set_new(g->answers, node, json_null());
	else
		json_object_set(g->answers, node, (json_t *)answer->body);
	if (json_object_size(g->answers) < g->asked)
		return PL_OK;
	return finish(turn, g, json_object_get(answer->context, "query"));
}

enum pl_err op_logs(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	json_t *query = json_object_get(body, "query");
	const char *id = pl_json_get_text(query, "contact");
	struct gather *g = gather_free();
	struct pl_page page;
	char operation[80];
	enum pl_err err = pl_page_read(&page, query, "logs");

	if (err)
		return err;
	if (strlen(id) < 8 || strlen(id) > ID_MAX ||
	    strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") !=
		    strlen(id))
		return pl_fail(PL_INVALID, "contact: must be the id of a contact");
	if (!g)
		return pl_fail(PL_RATE, "logs are being read already; try again");
	g->answers = json_object();
	if (!g->answers)
		return PL_NOMEM;
	for (const struct node *n = model.nodes; n; n = n->next)
		g->asked += report_get(n->name, NULL) != NULL;
	if (g->asked == 0) {
		json_decref(g->answers);
		memset(g, 0, sizeof(*g));
		return pl_fail(PL_UNAVAILABLE, "no node is heard");
	}
	g->number = ++last_number;
	g->began_ms = manager_now_ms();
	g->held = pl_hold(turn);
	for (const struct node *n = model.nodes; n; n = n->next) {
		if (!report_get(n->name, NULL))
			continue;
		snprintf(operation, sizeof(operation), "%s.log", n->name);
		pl_ask(turn, operation, json_pack("{s:s}", "contact", id), on_lines, NULL,
		       json_pack("{s:I, s:s, s:O}", "number", (json_int_t)g->number, "node",
				 n->name, "query", query));
	}
	return PL_OK;
}
