/*
 * interface.c — see interface.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "interface.h"

#include <string.h>

#include "pelago/json.h"
#include "pelago/log.h"

enum { TOLD_MOST = 500, CLIENTS_MOST = 100, ROWS_MOST = 5000, SWEEP_MS = 3600 * 1000 };
static const int64_t KEPT_MS = 180LL * 86400 * 1000;

const char interface_tables[] =
	"create table interface_use (interface TEXT not null, kind TEXT not null,"
	" origin TEXT not null, agent TEXT not null, person TEXT not null, version TEXT not null,"
	" first_ms BIGINT not null, last_ms BIGINT not null,"
	" primary key (interface, kind, origin, agent, person));"
	"create index interface_use_last on interface_use (last_ms)";

struct use {
	const char *interface, *kind, *origin, *agent, *person, *version;
	int64_t last_ms;
};

/* Nothing that a terminal or a page would take for more than text comes in. */
static bool is_plain(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return true;
}

static bool is_kind(const char *kind)
{
	return strcmp(kind, "own") == 0 || strcmp(kind, "page") == 0 || strcmp(kind, "client") == 0;
}

static enum pl_err read_use(struct use *use, const json_t *item, int64_t now_ms)
{
	enum pl_err err = pl_json_text(&use->interface, item, "interface", 255, true);

	if (!err)
		err = pl_json_text(&use->kind, item, "kind", 16, true);
	if (!err)
		err = pl_json_text(&use->origin, item, "origin", 200, false);
	if (!err)
		err = pl_json_text(&use->agent, item, "agent", 100, false);
	if (!err)
		err = pl_json_text(&use->person, item, "user", 200, false);
	if (!err)
		err = pl_json_int(&use->last_ms, item, "lastMs", 0, INT64_MAX, true);
	use->origin = use->origin ? use->origin : "";
	use->agent = use->agent ? use->agent : "";
	use->person = use->person ? use->person : "";
	if (use->last_ms > now_ms)
		use->last_ms = now_ms;
	if (!err && !(is_kind(use->kind) && is_plain(use->interface) && is_plain(use->origin) &&
		      is_plain(use->agent) && is_plain(use->person)))
		err = pl_fail(PL_INVALID, "uses: one is malformed");
	return err;
}

static int64_t number(struct pl_rows *rows)
{
	int64_t n = pl_rows_next(rows) ? pl_rows_int(rows, 0) : 0;

	pl_rows_free(rows);
	return n;
}

static bool is_known(struct pl_turn *turn, const struct use *use)
{
	return number(pl_query(turn,
			       "select count(*) from interface_use where interface = $1 and "
			       "kind = $2 and origin = $3 and agent = $4 and person = $5",
			       "sssss", use->interface, use->kind, use->origin, use->agent,
			       use->person)) > 0;
}

/* Whoever shows a user isn't crowded out by those who show none. */
static bool has_room(struct pl_turn *turn, const struct use *use)
{
	int64_t clients = number(pl_query(
		turn,
		"select count(*) from interface_use where interface = $1 and (person = '') = "
		"($2 = '')",
		"ss", use->interface, use->person));

	return clients < CLIENTS_MOST &&
	       number(pl_query(turn, "select count(*) from interface_use", "")) < ROWS_MOST;
}

static void put(struct pl_turn *turn, struct use *use)
{
	if (!is_known(turn, use) && !has_room(turn, use)) {
		use->kind = "others";
		use->origin = use->agent = use->person = "";
		if (!is_known(turn, use))
			pl_log(WARN, "interface.use", NULL,
			       "interface=%s has more clients than are told apart", use->interface);
	}
	pl_exec(turn,
		"insert into interface_use (interface, kind, origin, agent, person, version, "
		"first_ms, last_ms) values ($1, $2, $3, $4, $5, $6, $7, $7) on conflict (interface, "
		"kind, origin, agent, person) do update set version = excluded.version, last_ms = "
		"excluded.last_ms where excluded.last_ms >= interface_use.last_ms",
		"ssssssi", use->interface, use->kind, use->origin, use->agent, use->person,
		use->version, use->last_ms);
}

static void sweep(struct pl_turn *turn)
{
	static int64_t swept_ms;

	if (swept_ms && manager_now_ms() - swept_ms < SWEEP_MS)
		return;
	swept_ms = manager_now_ms();
	pl_exec(turn, "delete from interface_use where last_ms < $1", "i",
		pl_turn_now_ms(turn) - KEPT_MS);
}

/* {version, uses:[{interface, kind, origin, agent, user, lastMs}]} → {}: version: of the edge */
enum pl_err op_interface_uses(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *version = NULL;
	json_t *uses = NULL, *item;
	size_t i;
	enum pl_err err = pl_json_text(&version, body, "version", 63, true);

	(void)replyp;
	if (!err)
		err = pl_json_array(&uses, body, "uses", TOLD_MOST, true);
	if (err)
		return err;
	sweep(turn);
	json_array_foreach(uses, i, item) {
		struct use use = { .version = version };

		if (read_use(&use, item, pl_turn_now_ms(turn)) == PL_OK)
			put(turn, &use);
		else /* of a newer edge: the others count all the same */
			pl_log(WARN, "interface.use", NULL, "%s", pl_err_detail(PL_INVALID));
	}
	return PL_OK;
}

json_t *interfaces_used(struct pl_turn *turn)
{
	struct pl_rows *rows = pl_query(turn,
					"select interface, kind, origin, agent, person, version, "
					"first_ms, last_ms from interface_use order by interface, "
					"last_ms desc",
					"");
	json_t *list = json_array();

	while (pl_rows_next(rows))
		json_array_append_new(
			list,
			json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:I,s:I}", "interface",
				  pl_rows_text(rows, 0), "kind", pl_rows_text(rows, 1), "origin",
				  pl_rows_text(rows, 2), "agent", pl_rows_text(rows, 3), "user",
				  pl_rows_text(rows, 4), "version", pl_rows_text(rows, 5),
				  "firstMs", (json_int_t)pl_rows_int(rows, 6), "lastMs",
				  (json_int_t)pl_rows_int(rows, 7)));
	pl_rows_free(rows);
	return list;
}
