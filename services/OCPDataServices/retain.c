/* retain.c — see retain.h. SPDX-License-Identifier: Apache-2.0 */
#include "retain.h"

#include "file.h"
#include "pelago/json.h"
#include "remove.h"

enum { MESSAGES = 2000, CONTACTS = 200, CUSTOMERS = 200, STATES = 2000 };

/* The time before which a kind is over, 0 for none. */
static int64_t before(struct pl_turn *turn, const char *attribute)
{
	int64_t days = pl_attribute_get(pl_turn_service(turn), attribute);

	return days ? pl_turn_now_ms(turn) - days * 86400000 : 0;
}

typedef void line_fn(struct pl_turn *turn, const char *contact, int64_t seq);

static void forget_message(struct pl_turn *turn, const char *contact, int64_t seq)
{
	pl_exec(turn, "delete from transcript where contact = $1 and seq = $2", "si", contact, seq);
	files_forget(turn, contact, seq);
}

static void forget_private(struct pl_turn *turn, const char *contact, int64_t seq)
{
	pl_exec(turn, "delete from private_talk where contact = $1 and seq = $2", "si", contact,
		seq);
}

/* Takes rows (contact, seq). One by one: a pair can't be a member of a list. */
static void lines(struct pl_turn *turn, struct pl_rows *rows, line_fn *forget)
{
	json_t *list = json_array(), *one;
	size_t i;

	while (pl_rows_next(rows))
		json_array_append_new(list,
				      json_pack("{s:s, s:I}", "contact", pl_rows_text(rows, 0),
						"seq", (json_int_t)pl_rows_int(rows, 1)));
	pl_rows_free(rows);
	json_array_foreach(list, i, one)
		forget(turn, pl_json_get_text(one, "contact"),
		       (int64_t)json_integer_value(json_object_get(one, "seq")));
	json_decref(list);
}

static void messages(struct pl_turn *turn, int64_t before_ms)
{
	lines(turn,
	      pl_query(
		      turn,
		      "select contact, seq from transcript where at_ms < $1 order by at_ms limit $2",
		      "ii", before_ms, (int64_t)MESSAGES),
	      forget_message);
	lines(turn,
	      pl_query(
		      turn,
		      "select contact, seq from private_talk where at_ms < $1 order by at_ms limit $2",
		      "ii", before_ms, (int64_t)MESSAGES),
	      forget_private);
}

/* A customer whose last contact has gone is looked at by its own time. */
static void note_lone(struct pl_turn *turn, const json_t *customers)
{
	json_t *id;
	size_t i;

	json_array_foreach(customers, i, id)
		pl_exec(turn,
			"update customer set lone = 1 where id = $1 and not exists "
			"(select 1 from contact where customer = $1)",
			"s", json_string_value(id));
}

static void contacts(struct pl_turn *turn, int64_t before_ms)
{
	struct pl_rows *rows =
		pl_query(turn,
			 "select id, customer from contact where state = 'closed' and "
			 "first_ms < $1 order by first_ms, id limit $2",
			 "ii", before_ms, (int64_t)CONTACTS);
	json_t *ids = json_array(), *customers = json_array();

	while (pl_rows_next(rows)) {
		json_array_append_new(ids, json_string(pl_rows_text(rows, 0)));
		json_array_append_new(customers, json_string(pl_rows_text(rows, 1)));
	}
	pl_rows_free(rows);
	if (json_array_size(ids) > 0) {
		remove_contacts(turn, ids);
		note_lone(turn, customers);
	}
	json_decref(ids);
	json_decref(customers);
}

/* One that others were merged into stays with them. */
static void customers(struct pl_turn *turn, int64_t before_ms)
{
	struct pl_rows *rows = pl_query(
		turn,
		"select c.id from customer c where c.lone = 1 and c.last_ms < $1 and not exists "
		"(select 1 from customer p where p.root = c.id and p.id <> c.id) "
		"order by c.last_ms limit $2",
		"ii", before_ms, (int64_t)CUSTOMERS);
	json_t *ids = json_array(), *id;
	size_t i;

	while (pl_rows_next(rows))
		json_array_append_new(ids, json_string(pl_rows_text(rows, 0)));
	pl_rows_free(rows);
	json_array_foreach(ids, i, id)
		remove_customer(turn, json_string_value(id));
	json_decref(ids);
}

static void agent_states(struct pl_turn *turn, int64_t before_ms)
{
	struct pl_rows *rows =
		pl_query(turn,
			 "select agent, producer, n from agent_state where at_ms < $1 "
			 "order by at_ms limit $2",
			 "ii", before_ms, (int64_t)STATES);
	json_t *list = json_array(), *one;
	size_t i;

	while (pl_rows_next(rows))
		json_array_append_new(list,
				      json_pack("{s:s, s:s, s:I}", "agent", pl_rows_text(rows, 0),
						"producer", pl_rows_text(rows, 1), "n",
						(json_int_t)pl_rows_int(rows, 2)));
	pl_rows_free(rows);
	json_array_foreach(list, i, one)
		pl_exec(turn,
			"delete from agent_state where agent = $1 and producer = $2 and n = $3",
			"ssi", pl_json_get_text(one, "agent"), pl_json_get_text(one, "producer"),
			(int64_t)json_integer_value(json_object_get(one, "n")));
	json_decref(list);
}

void retain_some(struct pl_turn *turn)
{
	static const struct {
		const char *attribute;
		void (*fn)(struct pl_turn *turn, int64_t before_ms);
	} kinds[] = {
		{ "keep_transcripts", messages },
		{ "keep_contacts", contacts },
		{ "keep_customers", customers },
		{ "keep_agent_states", agent_states },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		int64_t before_ms = before(turn, kinds[i].attribute);

		if (before_ms > 0)
			kinds[i].fn(turn, before_ms);
	}
}
