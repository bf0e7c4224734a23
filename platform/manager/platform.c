/*
 * platform.c — see platform.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "platform/manager/platform.h"

#include <stdlib.h>
#include <string.h>

#include "pelago/json.h"
#include "pelago/log.h"

const char platform_tables[] =
	"create table platform_wish (node TEXT not null, program TEXT not null,"
	" version TEXT not null, n BIGINT not null, primary key (node, program));"
	"create table platform_hold (node TEXT not null, version TEXT not null,"
	" hash TEXT not null, primary key (node, version))";

struct hold {
	struct hold *next;
	char *node, *version, *hash;
};

static struct platform_wish *wishes;
static struct hold *holds;

/* ---- reading ---- */

static void clear(void)
{
	while (wishes) {
		struct platform_wish *w = wishes;

		wishes = w->next;
		free(w->node);
		free(w->program);
		free(w->version);
		free(w);
	}
	while (holds) {
		struct hold *h = holds;

		holds = h->next;
		free(h->node);
		free(h->version);
		free(h->hash);
		free(h);
	}
}

static bool add_wish(struct pl_rows *rows)
{
	struct platform_wish *w = calloc(1, sizeof(*w));

	if (!w)
		return false;
	w->next = wishes;
	wishes = w;
	w->node = strdup(pl_rows_text(rows, 0));
	w->program = strdup(pl_rows_text(rows, 1));
	w->version = strdup(pl_rows_text(rows, 2));
	w->n = pl_rows_int(rows, 3);
	return w->node && w->program && w->version;
}

static bool add_hold(struct pl_rows *rows)
{
	struct hold *h = calloc(1, sizeof(*h));

	if (!h)
		return false;
	h->next = holds;
	holds = h;
	h->node = strdup(pl_rows_text(rows, 0));
	h->version = strdup(pl_rows_text(rows, 1));
	h->hash = strdup(pl_rows_text(rows, 2));
	return h->node && h->version && h->hash;
}

enum pl_err platform_rebuild(struct pl_turn *turn)
{
	struct pl_rows *rows;
	bool ok = true;

	clear();
	rows = pl_query(turn,
			"select node, program, version, n from platform_wish "
			"order by node desc, program desc",
			"");
	while (ok && pl_rows_next(rows))
		ok = add_wish(rows);
	pl_rows_free(rows);
	rows = pl_query(turn,
			"select node, version, hash from platform_hold "
			"order by node desc, version desc",
			"");
	while (ok && pl_rows_next(rows))
		ok = add_hold(rows);
	pl_rows_free(rows);
	return ok ? PL_OK : PL_NOMEM;
}

/* ---- who speaks ---- */

const struct node *platform_speaker(const struct node *node)
{
	const struct node *first = NULL;

	if (node && node->is_joined)
		return node;
	for (const struct node *n = model.nodes; n; n = n->next)
		if (!n->is_joined && (!first || strcmp(n->name, first->name) < 0))
			first = n;
	return first;
}

const struct platform_wish *platform_wish_find(const char *node, const char *program)
{
	for (const struct platform_wish *w = wishes; w; w = w->next)
		if (strcmp(w->node, node) == 0 && strcmp(w->program, program) == 0)
			return w;
	return NULL;
}

bool platform_holds(const char *node, const char *version)
{
	for (const struct hold *h = holds; h; h = h->next)
		if (strcmp(h->node, node) == 0 && strcmp(h->version, version) == 0)
			return true;
	return false;
}

const json_t *platform_report(const json_t *report, const char *program)
{
	return json_object_get(pl_json_get(report, "platform.programs"), program);
}

/* ---- changing ---- */

/* Told to nodes with the next version of what is wanted. */
static enum pl_err changed(struct pl_turn *turn)
{
	enum pl_err err = platform_rebuild(turn);

	if (!err)
		model_raise(turn);
	return err;
}

enum pl_err platform_wish_put(struct pl_turn *turn, const char *node, const char *program,
			      const char *version)
{
	struct pl_rows *rows =
		pl_query(turn, "select coalesce(max(n), 0) + 1 from platform_wish", "");
	int64_t n = pl_rows_next(rows) ? pl_rows_int(rows, 0) : 1, now_ms = pl_turn_now_ms(turn);

	pl_rows_free(rows);
	/* Never one that a host has seen, also after rows were removed. */
	if (n < now_ms)
		n = now_ms;
	pl_exec(turn,
		"insert into platform_wish (node, program, version, n) values ($1, $2, $3, $4) "
		"on conflict (node, program) do update set version = excluded.version, "
		"n = excluded.n",
		"sssi", node, program, version, n);
	return changed(turn);
}

enum pl_err platform_hold(struct pl_turn *turn, const char *node, const char *version,
			  const char *hash)
{
	if (hash)
		pl_exec(turn,
			"insert into platform_hold (node, version, hash) values ($1, $2, $3) "
			"on conflict (node, version) do update set hash = excluded.hash",
			"sss", node, version, hash);
	else
		pl_exec(turn, "delete from platform_hold where node = $1 and version = $2", "ss",
			node, version);
	return changed(turn);
}

void platform_forget(struct pl_turn *turn, const char *node)
{
	pl_exec(turn, "delete from platform_wish where node = $1", "s", node);
	pl_exec(turn, "delete from platform_hold where node = $1", "s", node);
	if (platform_rebuild(turn) != PL_OK) /* at the next start; nobody asks for that node */
		pl_log(WARN, "platform.forget", NULL, "node=%s", node);
}

/* ---- telling ---- */

json_t *platform_of(const struct node *node)
{
	json_t *programs = json_object(), *hold = json_array();

	for (const struct platform_wish *w = wishes; w; w = w->next)
		if (strcmp(w->node, node->name) == 0)
			json_object_set_new(programs, w->program,
					    json_pack("{s:s,s:I}", "version", w->version, "n",
						      (json_int_t)w->n));
	for (const struct hold *h = holds; h; h = h->next)
		if (strcmp(h->node, node->name) == 0)
			json_array_append_new(hold, json_pack("{s:s,s:s}", "version", h->version,
							      "hash", h->hash));
	if (platform_speaker(node) == node)
		return json_pack("{s:o,s:o}", "programs", programs, "hold", hold);
	json_decref(hold);
	if (json_object_size(programs) > 0)
		return json_pack("{s:o}", "programs", programs);
	json_decref(programs);
	return NULL; /* nothing is wanted, and another one speaks for the host */
}
