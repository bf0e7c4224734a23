/*
 * attribute_value.c — what is set, by level, and what is in effect.
 *
 * All values are in memory, derived from the table: {"LEVEL\nPLACE\nSERVICE\nKEY": record}.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attribute.h"
#include "pelago/json.h"
#include "pelago/log.h"

enum { NAME_SIZE = 500 };

const char *const level_names[LEVEL_DEFAULT + 1] = { "profile", "cluster", "global", "solution",
						     "default" };

static struct {
	json_t *all;	 /* by name */
	json_t *touched; /* {SERVICE: version of the last commit that changed it} */
	int64_t version;
} values;

static void name_of(char name[NAME_SIZE], const struct spot *spot)
{
	snprintf(name, NAME_SIZE, "%s\n%s\n%s\n%s", level_names[spot->level], spot->place,
		 spot->service, spot->key);
}

const json_t *value_get(const struct spot *spot)
{
	char name[NAME_SIZE];

	name_of(name, spot);
	return json_object_get(values.all, name);
}

json_t *values_all(void)
{
	return values.all;
}

int64_t values_version(void)
{
	return values.version;
}

int64_t values_version_of(const char *service)
{
	return json_integer_value(json_object_get(values.touched, service));
}

void values_committed(int64_t version)
{
	values.version = version;
}

static void remember(const struct spot *spot, const json_t *value, int64_t version, int64_t at_ms,
		     const char *by)
{
	char name[NAME_SIZE];

	name_of(name, spot);
	json_object_set_new(values.touched, spot->service, json_integer(version));
	if (value)
		json_object_set_new(values.all, name,
				    json_pack("{s:s, s:s, s:s, s:s, s:O, s:I, s:I, s:s}", "level",
					      level_names[spot->level], "place", spot->place,
					      "service", spot->service, "key", spot->key, "value",
					      value, "version", (json_int_t)version, "atMs",
					      (json_int_t)at_ms, "by", by));
	else
		json_object_del(values.all, name);
}

void value_put(struct pl_turn *turn, const struct spot *spot, const json_t *value, int64_t version,
	       const char *by)
{
	const char *level = level_names[spot->level];
	char *text = value ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;

	if (text)
		pl_exec(turn,
			"insert into attribute_value (level, place, service, key, value, version,"
			" at_ms, by_user) values ($1, $2, $3, $4, $5, $6, $7, $8)"
			" on conflict (level, place, service, key) do update set"
			" value = excluded.value, version = excluded.version,"
			" at_ms = excluded.at_ms, by_user = excluded.by_user",
			"sssssiis", level, spot->place, spot->service, spot->key, text, version,
			pl_turn_now_ms(turn), by);
	else
		pl_exec(turn,
			"delete from attribute_value where level = $1 and place = $2 and"
			" service = $3 and key = $4",
			"ssss", level, spot->place, spot->service, spot->key);
	remember(spot, text ? value : NULL, version, pl_turn_now_ms(turn), by);
	free(text);
}

/* ---- reading ---- */

static enum level level_find(const char *name)
{
	enum level level = 0;

	while (level < LEVEL_DEFAULT && strcmp(level_names[level], name) != 0)
		level++;
	return level;
}

static enum pl_err read_values(struct pl_turn *turn)
{
	struct pl_rows *rows = pl_query(turn,
					"select level, place, service, key, value, version, at_ms,"
					" by_user from attribute_value",
					"");
	enum pl_err err = PL_OK;

	while (!err && pl_rows_next(rows)) {
		struct spot spot = { level_find(pl_rows_text(rows, 0)), pl_rows_text(rows, 1),
				     pl_rows_text(rows, 2), pl_rows_text(rows, 3) };
		json_t *value = json_loads(pl_rows_text(rows, 4), JSON_DECODE_ANY, NULL);

		if (!value)
			err = PL_NOMEM;
		else
			remember(&spot, value, pl_rows_int(rows, 5), pl_rows_int(rows, 6),
				 pl_rows_text(rows, 7));
		json_decref(value);
	}
	pl_rows_free(rows);
	return err;
}

/* Those of values that are gone count, too. */
static void read_versions(struct pl_turn *turn)
{
	struct pl_rows *rows = pl_query(turn,
					"select service, max(version) from attribute_change"
					" group by service",
					"");

	while (pl_rows_next(rows))
		json_object_set_new(values.touched, pl_rows_text(rows, 0),
				    json_integer(pl_rows_int(rows, 1)));
	pl_rows_free(rows);
	rows = pl_query(turn, "select max(version) from attribute_commit", "");
	values.version = pl_rows_next(rows) ? pl_rows_int(rows, 0) : 0;
	pl_rows_free(rows);
}

/* The value of a key that an attribute had before becomes that of the attribute, where it has none.
 */
static void take_over(struct pl_turn *turn, const char *service, const char *former,
		      const char *key)
{
	pl_exec(turn,
		"update attribute_value set key = $3 where service = $1 and key = $2 and not exists"
		" (select 1 from attribute_value as other where other.service = $1 and"
		" other.key = $3 and other.level = attribute_value.level and"
		" other.place = attribute_value.place)",
		"sss", service, former, key);
}

static void take_former(struct pl_turn *turn)
{
	for (const struct placed *s = model.services; s; s = s->next) {
		json_t *row, *former;
		size_t i, k;

		json_array_foreach(json_object_get(s->manifest, "attributes"), i, row) {
			json_array_foreach(json_object_get(row, "formerly"), k, former) {
				take_over(turn, s->name, json_string_value(former),
					  pl_json_get_text(row, "key"));
			}
		}
	}
}

enum pl_err values_read(struct pl_turn *turn)
{
	enum pl_err err;

	json_decref(values.all);
	json_decref(values.touched);
	values.all = json_object();
	values.touched = json_object();
	if (!values.all || !values.touched)
		return PL_NOMEM;
	secret_init(pl_service_data(pl_turn_service(turn)));
	take_former(turn);
	err = read_values(turn);
	read_versions(turn);
	return err;
}

void values_move_cluster(struct pl_turn *turn, const char *from, const char *to)
{
	static const char *const tables[] = {
		"update attribute_value set place = $2 where level = 'cluster' and place = $1",
		"update attribute_change set place = $2 where level = 'cluster' and place = $1",
	};

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		pl_exec(turn, tables[i], "ss", from, to);
	values_read(turn);
}

/* ---- what is in effect ---- */

void effective_get(struct effective *effective, const char *service,
		   const struct pl_attribute *schema, const char *cluster, const char *profile)
{
	const char *const places[LEVEL_DEFAULT] = { profile, cluster, "", "" };

	for (enum level level = 0; level < LEVEL_DEFAULT; level++) {
		struct spot spot = { level, places[level], service, schema->key };
		const json_t *record = spot.place ? value_get(&spot) : NULL;

		if (record) {
			effective->value = json_object_get(record, "value");
			effective->level = level;
			effective->place = places[level];
			return;
		}
	}
	effective->value = schema->normal;
	effective->level = LEVEL_DEFAULT;
	effective->place = "";
}
