/*
 * export.c — see export.h. A key of more than one part is its parts with a space between them; the
 * last one never has any.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "export.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "pelago/json.h"
#include "pelago/mart.h"

enum { FILL_CONTACTS = 50, FILL_CUSTOMERS = 200, KEY_BYTES = 700 };

static struct pl_mart *mart;

/* Splits "first last" at its last space. */
static bool split(const char *key, char first[KEY_BYTES], const char **lastp)
{
	const char *space = strrchr(key, ' ');

	if (!space || (size_t)(space - key) >= KEY_BYTES)
		return false;
	snprintf(first, KEY_BYTES, "%.*s", (int)(space - key), key);
	*lastp = space + 1;
	return true;
}

static json_t *json_of(const char *text)
{
	json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);

	return value ? value : json_null();
}

/* ---- rows, as they are when they go ---- */

/* From column 14 on: direction, and how it ended. */
static void add_outcome(json_t *row, struct pl_rows *rows)
{
	bool is_surveyed = pl_rows_int(rows, 18) > 0;

	json_object_set_new(row, "direction", json_string(pl_rows_text(rows, 14)));
	json_object_set_new(row, "abandoned", json_boolean(pl_rows_int(rows, 15)));
	json_object_set_new(row, "off_hours", json_boolean(pl_rows_int(rows, 16)));
	json_object_set_new(row, "survey",
			    is_surveyed ? json_of(pl_rows_text(rows, 17)) : json_null());
	json_object_set_new(row, "surveyed_at", pl_mart_time(pl_rows_int(rows, 18)));
}

static json_t *read_contact(struct pl_turn *turn, const char *id)
{
	struct pl_rows *rows = pl_query(
		turn,
		"select c.customer, c.channel, c.state, c.name, c.email, c.phone, c.topic, c.service, "
		"c.attributes, c.context, c.opened_ms, c.closed_ms, c.close_reason, c.disposition, "
		"c.direction, coalesce(o.abandoned, 0), coalesce(o.off_hours, 0), o.survey, "
		"coalesce(o.surveyed_ms, 0) from contact c left join outcome o on o.contact = c.id "
		"where c.id = $1",
		"s", id);
	json_t *row = NULL;

	if (pl_rows_next(rows))
		row = json_pack(
			"{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:s, s:s}",
			"contact_id", id, "customer_id", pl_rows_text(rows, 0), "channel",
			pl_rows_text(rows, 1), "state", pl_rows_text(rows, 2), "name",
			pl_rows_text(rows, 3), "email", pl_rows_text(rows, 4), "phone",
			pl_rows_text(rows, 5), "topic", pl_rows_text(rows, 6), "service",
			pl_rows_text(rows, 7), "attributes", json_of(pl_rows_text(rows, 8)),
			"context", json_of(pl_rows_text(rows, 9)), "opened_at",
			pl_mart_time(pl_rows_int(rows, 10)), "closed_at",
			pl_mart_time(pl_rows_int(rows, 11)), "close_reason", pl_rows_text(rows, 12),
			"disposition", pl_rows_text(rows, 13));
	if (row)
		add_outcome(row, rows);
	pl_rows_free(rows);
	return row;
}

static json_t *read_offer(struct pl_turn *turn, const char *key)
{
	char contact[KEY_BYTES];
	const char *offer = "";
	struct pl_rows *rows;
	json_t *row = NULL;

	if (!split(key, contact, &offer))
		return NULL;
	rows = pl_query(turn,
			"select agent, made_ms, accepted_ms, ended_ms, reason from contact_offer "
			"where contact = $1 and offer = $2",
			"ss", contact, offer);
	if (pl_rows_next(rows))
		row = json_pack(
			"{s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:s}", "offer_key", key, "contact_id",
			contact, "offer_id", offer, "agent_id", pl_rows_text(rows, 0), "made_at",
			pl_mart_time(pl_rows_int(rows, 1)), "accepted_at",
			pl_mart_time(pl_rows_int(rows, 2)), "ended_at",
			pl_mart_time(pl_rows_int(rows, 3)), "reason", pl_rows_text(rows, 4));
	pl_rows_free(rows);
	return row;
}

/* What was said, by the key "contact seq"; sql selects who, name, text, at_ms, and perhaps url. */
static json_t *read_line(struct pl_turn *turn, const char *key, const char *sql,
			 const char *key_name, const char *who_name)
{
	char contact[KEY_BYTES];
	const char *seq_text = "";
	struct pl_rows *rows;
	json_t *row = NULL;
	int64_t seq;

	if (!split(key, contact, &seq_text))
		return NULL;
	seq = strtoll(seq_text, NULL, 10);
	rows = pl_query(turn, sql, "si", contact, seq);
	if (pl_rows_next(rows))
		row = json_pack("{s:s, s:s, s:I, s:s, s:s, s:s, s:o, s:s*}", key_name, key,
				"contact_id", contact, "seq", (json_int_t)seq, who_name,
				pl_rows_text(rows, 0), "name", pl_rows_text(rows, 1), "text",
				pl_rows_text(rows, 2), "at", pl_mart_time(pl_rows_int(rows, 3)),
				"url", pl_rows_text(rows, 4));
	pl_rows_free(rows);
	return row;
}

static json_t *read_message(struct pl_turn *turn, const char *key)
{
	return read_line(turn, key,
			 "select sender, name, text, at_ms, url from transcript "
			 "where contact = $1 and seq = $2",
			 "message_key", "sender");
}

static json_t *read_private(struct pl_turn *turn, const char *key)
{
	return read_line(turn, key,
			 "select agent, name, text, at_ms, null from private_talk "
			 "where contact = $1 and seq = $2",
			 "talk_key", "agent_id");
}

static json_t *read_customer(struct pl_turn *turn, const char *id)
{
	struct pl_rows *rows =
		pl_query(turn,
			 "select root, name, email, attributes, first_ms, last_ms from customer "
			 "where id = $1",
			 "s", id);
	json_t *row = NULL;

	if (pl_rows_next(rows))
		row = json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:o}", "customer_id", id,
				"profile_id", *pl_rows_text(rows, 0) ? pl_rows_text(rows, 0) : id,
				"name", pl_rows_text(rows, 1), "email", pl_rows_text(rows, 2),
				"attributes", json_of(pl_rows_text(rows, 3)), "first_at",
				pl_mart_time(pl_rows_int(rows, 4)), "last_at",
				pl_mart_time(pl_rows_int(rows, 5)));
	pl_rows_free(rows);
	if (row)
		json_object_set_new(row, "addresses", address_list(turn, id));
	return row;
}

static json_t *read_agent_state(struct pl_turn *turn, const char *key)
{
	char agent[KEY_BYTES], front[KEY_BYTES];
	const char *n = "", *producer = "";
	struct pl_rows *rows;
	json_t *row = NULL;

	if (!split(key, front, &n) || !split(front, agent, &producer))
		return NULL;
	rows = pl_query(turn,
			"select at_ms, state, reason from agent_state where agent = $1 and "
			"producer = $2 and n = $3",
			"ssi", agent, producer, (int64_t)strtoll(n, NULL, 10));
	if (pl_rows_next(rows))
		row = json_pack("{s:s, s:s, s:o, s:s, s:s}", "state_key", key, "agent_id", agent,
				"at", pl_mart_time(pl_rows_int(rows, 0)), "state",
				pl_rows_text(rows, 1), "reason", pl_rows_text(rows, 2));
	pl_rows_free(rows);
	return row;
}

static const struct pl_mart_column contact_columns[] = {
	{ "contact_id", "text" },
	{ "customer_id", "text" },
	{ "channel", "text" },
	{ "state", "text" },
	{ "name", "text" },
	{ "email", "text" },
	{ "phone", "text" },
	{ "topic", "text" },
	{ "service", "text" },
	{ "attributes", "jsonb" },
	{ "context", "jsonb" },
	{ "opened_at", "timestamptz" },
	{ "closed_at", "timestamptz" },
	{ "close_reason", "text" },
	{ "disposition", "text" },
	{ "direction", "text" },
	{ "abandoned", "boolean" },
	{ "off_hours", "boolean" },
	{ "survey", "jsonb" },
	{ "surveyed_at", "timestamptz" },
	{ 0 },
};
static const struct pl_mart_column offer_columns[] = {
	{ "offer_key", "text" },
	{ "contact_id", "text" },
	{ "offer_id", "text" },
	{ "agent_id", "text" },
	{ "made_at", "timestamptz" },
	{ "accepted_at", "timestamptz" },
	{ "ended_at", "timestamptz" },
	{ "reason", "text" },
	{ 0 },
};
static const struct pl_mart_column message_columns[] = {
	{ "message_key", "text" }, { "contact_id", "text" }, { "seq", "bigint" },
	{ "sender", "text" },	   { "name", "text" },	     { "text", "text" },
	{ "at", "timestamptz" },   { "url", "text" },	     { 0 },
};
static const struct pl_mart_column private_columns[] = {
	{ "talk_key", "text" },	 { "contact_id", "text" },
	{ "seq", "bigint" },	 { "agent_id", "text" },
	{ "name", "text" },	 { "text", "text" },
	{ "at", "timestamptz" }, { 0 },
};
static const struct pl_mart_column customer_columns[] = {
	{ "customer_id", "text" },     { "profile_id", "text" },     { "name", "text" },
	{ "email", "text" },	       { "addresses", "jsonb" },     { "attributes", "jsonb" },
	{ "first_at", "timestamptz" }, { "last_at", "timestamptz" }, { 0 },
};
static const struct pl_mart_column agent_state_columns[] = {
	{ "state_key", "text" }, { "agent_id", "text" }, { "at", "timestamptz" },
	{ "state", "text" },	 { "reason", "text" },	 { 0 },
};
static const struct pl_mart_table tables[] = {
	{ "contact", contact_columns, read_contact },
	{ "contact_offer", offer_columns, read_offer },
	{ "message", message_columns, read_message },
	{ "private_talk", private_columns, read_private },
	{ "customer", customer_columns, read_customer },
	{ "agent_state", agent_state_columns, read_agent_state },
	{ 0 },
};

/* ---- what has changed ---- */

void export_contact(struct pl_turn *turn, const char *contact)
{
	pl_mart_put(mart, turn, "contact", contact, NULL);
}

void export_customer(struct pl_turn *turn, const char *customer)
{
	pl_mart_put(mart, turn, "customer", customer, NULL);
}

void export_offer(struct pl_turn *turn, const char *contact, const char *offer)
{
	char key[KEY_BYTES];

	if (!pl_mart_is_on(mart))
		return;
	snprintf(key, sizeof(key), "%s %s", contact, offer);
	pl_mart_put(mart, turn, "contact_offer", key, NULL);
}

static void export_line(struct pl_turn *turn, const char *table, const char *contact, int64_t seq)
{
	char key[KEY_BYTES];

	if (!pl_mart_is_on(mart))
		return;
	snprintf(key, sizeof(key), "%s %" PRId64, contact, seq);
	pl_mart_put(mart, turn, table, key, NULL);
}

void export_message(struct pl_turn *turn, const char *contact, int64_t seq)
{
	export_line(turn, "message", contact, seq);
}

void export_private(struct pl_turn *turn, const char *contact, int64_t seq)
{
	export_line(turn, "private_talk", contact, seq);
}

void export_agent_state(struct pl_turn *turn, const char *agent, const char *producer, int64_t n)
{
	char key[KEY_BYTES];

	if (!pl_mart_is_on(mart))
		return;
	snprintf(key, sizeof(key), "%s %s %" PRId64, agent, producer, n);
	pl_mart_put(mart, turn, "agent_state", key, NULL);
}

/* ---- what goes, or all there is ---- */

/* Calls fn for the keys "contact last" of some contacts' rows. */
static void each_key(struct pl_turn *turn, const char *sql, const char *ids, const char *table,
		     bool is_removed)
{
	struct pl_rows *rows = pl_query(turn, sql, "s", ids);
	json_t *keys = json_array(), *key;
	size_t i;

	while (pl_rows_next(rows))
		json_array_append_new(
			keys, json_sprintf("%s %s", pl_rows_text(rows, 0), pl_rows_text(rows, 1)));
	pl_rows_free(rows);
	json_array_foreach(keys, i, key) {
		if (is_removed)
			pl_mart_remove(mart, turn, table, json_string_value(key));
		else
			pl_mart_put(mart, turn, table, json_string_value(key), NULL);
	}
	json_decref(keys);
}

static void parts_of(struct pl_turn *turn, const json_t *contacts, bool is_removed)
{
	char *ids = pl_json_dump(contacts);

	each_key(turn, "select contact, offer from contact_offer where contact in PL_LIST($1)", ids,
		 "contact_offer", is_removed);
	each_key(turn,
		 "select contact, cast(seq as text) from transcript where contact in PL_LIST($1)",
		 ids, "message", is_removed);
	each_key(turn,
		 "select contact, cast(seq as text) from private_talk where contact in PL_LIST($1)",
		 ids, "private_talk", is_removed);
	free(ids);
}

void export_erase_contacts(struct pl_turn *turn, const json_t *contacts)
{
	json_t *id;
	size_t i;

	if (!pl_mart_is_on(mart))
		return;
	json_array_foreach((json_t *)contacts, i, id)
		pl_mart_remove(mart, turn, "contact", json_string_value(id));
	parts_of(turn, contacts, true);
}

void export_erase_customer(struct pl_turn *turn, const char *customer)
{
	pl_mart_remove(mart, turn, "customer", customer);
}

static json_t *ids_after(struct pl_turn *turn, const char *sql, const char *after, int64_t limit)
{
	struct pl_rows *rows = pl_query(turn, sql, "si", after, limit);
	json_t *ids = json_array();

	while (pl_rows_next(rows))
		json_array_append_new(ids, json_string(pl_rows_text(rows, 0)));
	pl_rows_free(rows);
	return ids;
}

static const char *last_of(const json_t *ids)
{
	return json_string_value(json_array_get(ids, json_array_size(ids) - 1));
}

static char *place(const char *kind, const char *id)
{
	char *text = NULL;

	return asprintf(&text, "%s%s", kind, id) < 0 ? NULL : text;
}

/* First the customers, "u" and the last id; then contacts with what they have, "c" and the last id.
 */
static void fill(struct pl_turn *turn, struct pl_mart *of, char **afterp)
{
	bool is_contact = **afterp == 'c';
	const char *after = **afterp ? *afterp + 1 : "";
	json_t *ids =
		is_contact ? ids_after(turn,
				       "select id from contact where id > $1 order by id limit $2",
				       after, FILL_CONTACTS)
			   : ids_after(turn,
				       "select id from customer where id > $1 order by id limit $2",
				       after, FILL_CUSTOMERS);
	json_t *id;
	size_t i;

	json_array_foreach(ids, i, id)
		pl_mart_put(of, turn, is_contact ? "contact" : "customer", json_string_value(id),
			    NULL);
	if (is_contact && i > 0)
		parts_of(turn, ids, false);
	free(*afterp);
	if (i > 0)
		*afterp = place(is_contact ? "c" : "u", last_of(ids));
	else
		*afterp = is_contact ? NULL : place("c", "");
	json_decref(ids);
}

enum pl_err export_start(struct pl_service *service)
{
	static const struct pl_mart_def def = { tables, fill };

	return pl_mart_new(&mart, service, &def);
}

void export_stop(struct pl_service *service)
{
	pl_mart_free(mart);
	mart = NULL;
}

void export_load(struct pl_turn *turn)
{
	pl_mart_load(mart, turn);
}

void export_tick(struct pl_turn *turn)
{
	pl_mart_tick(mart, turn);
}
