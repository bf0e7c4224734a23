/* erase.c — see erase.h. SPDX-License-Identifier: Apache-2.0 */
#include "erase.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "customer.h"
#include "export.h"
#include "pelago/alarm.h"
#include "pelago/json.h"
#include "pelago/log.h"
#include "remove.h"

enum { CONTACTS = 100, AT_ONCE = 4 };

/*
 * phase   contacts: contacts are removed · customer: the last removal is under way · search: it is
 *         looked for · done
 * batch   ids removed last, to be looked for
 */
struct erasure {
	char id[27];
	char phase[12];
	json_t *parts, *values, *batch;
	int64_t pending; /* commands that aren't answered */
	int64_t left;
};

static void fini(struct erasure *e)
{
	json_decref(e->parts);
	json_decref(e->values);
	json_decref(e->batch);
}

/* ---- the row ---- */

static bool take(struct erasure *e, struct pl_rows *rows)
{
	bool found = pl_rows_next(rows);

	if (found) {
		snprintf(e->id, sizeof(e->id), "%s", pl_rows_text(rows, 0));
		snprintf(e->phase, sizeof(e->phase), "%s", pl_rows_text(rows, 1));
		e->parts = json_loads(pl_rows_text(rows, 2), 0, NULL);
		e->values = json_loads(pl_rows_text(rows, 3), 0, NULL);
		e->batch = json_loads(pl_rows_text(rows, 4), 0, NULL);
		e->pending = pl_rows_int(rows, 5);
		e->left = pl_rows_int(rows, 6);
	}
	pl_rows_free(rows);
	return found;
}

static bool read_erasure(struct pl_turn *turn, struct erasure *e, const char *id)
{
	memset(e, 0, sizeof(*e));
	return take(e, pl_query(turn,
				"select id, phase, parts, vals, batch, pending, found from erasure "
				"where id = $1",
				"s", id));
}

static void set_phase(struct pl_turn *turn, const struct erasure *e, const char *phase)
{
	pl_exec(turn, "update erasure set phase = $1 where id = $2", "ss", phase, e->id);
}

static void set_batch(struct pl_turn *turn, const struct erasure *e, const json_t *ids)
{
	char *text = pl_json_dump(ids);

	pl_exec(turn, "update erasure set batch = $1 where id = $2", "ss", text, e->id);
	free(text);
}

static void count(struct pl_turn *turn, const char *id, int64_t contacts, int64_t messages,
		  int64_t contexts, int64_t found)
{
	pl_exec(turn,
		"update erasure set contacts = contacts + $1, messages = messages + $2, "
		"contexts = contexts + $3, found = found + $4 where id = $5",
		"iiiis", contacts, messages, contexts, found, id);
}

/* ---- beginning ---- */

static bool goes_on(struct pl_turn *turn, const json_t *parts)
{
	char *text = pl_json_dump(parts);
	struct pl_rows *rows =
		pl_query(turn,
			 "select 1 from contact where customer in PL_LIST($1) and "
			 "(state <> 'closed' or offer_state in ('offered', 'active')) limit 1",
			 "s", text);
	bool does = pl_rows_next(rows);

	pl_rows_free(rows);
	free(text);
	return does;
}

/* What contexts may be known by, beside contacts: ids and addresses. */
static json_t *values_of(struct pl_turn *turn, const json_t *parts)
{
	json_t *values = json_array(), *part, *address;
	size_t i, j;

	json_array_foreach(parts, i, part) {
		json_t *addresses = address_list(turn, json_string_value(part));

		json_array_foreach(addresses, j, address)
			if (json_array_size(values) < 200)
				json_array_append(values, json_object_get(address, "value"));
		json_decref(addresses);
	}
	return values;
}

enum pl_err erase_begin(struct pl_turn *turn, const char *profile, const char *user, char id[27])
{
	json_t *parts = customer_parts(turn, profile), *values;
	char *parts_text, *values_text;

	if (goes_on(turn, parts)) {
		json_decref(parts);
		return pl_fail(PL_STATE,
			       "a contact of this customer goes on; erase when it has ended");
	}
	values = values_of(turn, parts);
	parts_text = pl_json_dump(parts);
	values_text = pl_json_dump(values);
	pl_id(id);
	pl_exec(turn,
		"insert into erasure (id, phase, parts, vals, made_ms, made_by) "
		"values ($1, 'contacts', $2, $3, $4, $5)",
		"sssis", id, parts_text, values_text, pl_turn_now_ms(turn), user);
	pl_log(INFO, "erasure.begun", NULL, "erasure=%s by=%s", id, user);
	free(parts_text);
	free(values_text);
	json_decref(parts);
	json_decref(values);
	return PL_OK;
}

/* ---- going on ---- */

static void tell(struct pl_turn *turn, const char *id, const char *operation, json_t *body)
{
	pl_exec(turn, "update erasure set pending = pending + 1 where id = $1", "s", id);
	pl_command(turn, operation, id, json_incref(body),
		   json_pack("{s:s, s:o}", "erasure", id, "body", body));
}

static json_t *contacts_of(struct pl_turn *turn, const struct erasure *e)
{
	char *text = pl_json_dump(e->parts);
	struct pl_rows *rows = pl_query(turn,
					"select id from contact where customer in PL_LIST($1) and "
					"state = 'closed' limit $2",
					"si", text, (int64_t)CONTACTS);
	json_t *ids = json_array();

	while (pl_rows_next(rows))
		json_array_append_new(ids, json_string(pl_rows_text(rows, 0)));
	pl_rows_free(rows);
	free(text);
	return ids;
}

static void remove_customers(struct pl_turn *turn, const struct erasure *e)
{
	json_t *part;
	size_t i;

	json_array_foreach(e->parts, i, part) {
		remove_customer(turn, json_string_value(part));
		export_erase_customer(turn, json_string_value(part));
	}
	tell(turn, e->id, "ContextStore.erase",
	     json_pack("{s:O, s:O, s:O}", "contextIds", e->parts, "groupIds", e->parts, "values",
		       e->values));
	set_phase(turn, e, "customer");
}

static void remove_bit(struct pl_turn *turn, const struct erasure *e)
{
	json_t *ids = contacts_of(turn, e);
	int64_t messages;

	count(turn, e->id, 0, 0, 0, remove_left(turn, e->batch));
	set_batch(turn, e, ids);
	if (json_array_size(ids) == 0) {
		if (!goes_on(turn, e->parts)) /* one may have come since; its end is waited for */
			remove_customers(turn, e);
	} else {
		export_erase_contacts(turn, ids);
		messages = remove_contacts(turn, ids);
		count(turn, e->id, (int64_t)json_array_size(ids), messages, 0, 0);
		tell(turn, e->id, "ContextStore.erase", json_pack("{s:O}", "contextIds", ids));
	}
	json_decref(ids);
}

static int64_t customers_left(struct pl_turn *turn, const struct erasure *e)
{
	static const char *const counts[] = {
		"select count(*) from customer where id in PL_LIST($1)",
		"select count(*) from contact where customer in PL_LIST($1)",
		"select count(*) from address where customer in PL_LIST($1)",
		"select count(*) from customer_word where customer in PL_LIST($1)",
	};

	return remove_count(turn, counts, sizeof(counts) / sizeof(counts[0]), e->parts);
}

static void search(struct pl_turn *turn, const struct erasure *e)
{
	count(turn, e->id, 0, 0, 0, customers_left(turn, e));
	tell(turn, e->id, "ContextStore.kept",
	     json_pack("{s:O, s:O, s:O}", "contextIds", e->parts, "groupIds", e->parts, "values",
		       e->values));
	set_phase(turn, e, "search");
}

/* The row forgets who it was. */
static void end(struct pl_turn *turn, const struct erasure *e)
{
	pl_exec(turn,
		"update erasure set phase = 'done', parts = '[]', vals = '[]', batch = '[]', "
		"ended_ms = $1 where id = $2",
		"is", pl_turn_now_ms(turn), e->id);
	if (e->left) {
		pl_log(ERROR, "erasure.left", NULL,
		       "erasure=%s: the search found %ld rows that should have gone", e->id,
		       (long)e->left);
		pl_alarm_raise(turn, "erasure.failed", e->id, "%ld rows are left", (long)e->left);
	} else {
		pl_log(INFO, "erasure.done", NULL, "erasure=%s", e->id);
	}
}

static void go_on(struct pl_turn *turn, const char *id)
{
	struct erasure e;

	if (!read_erasure(turn, &e, id))
		return;
	if (strcmp(e.phase, "contacts") == 0 && e.pending < AT_ONCE)
		remove_bit(turn, &e);
	else if (strcmp(e.phase, "customer") == 0 && e.pending == 0)
		search(turn, &e);
	else if (strcmp(e.phase, "search") == 0 && e.pending == 0)
		end(turn, &e);
	fini(&e);
}

void erase_some(struct pl_turn *turn)
{
	struct pl_rows *rows =
		pl_query(turn, "select id from erasure where ended_ms = 0 order by id limit $1",
			 "i", (int64_t)AT_ONCE);
	json_t *ids = json_array(), *id;
	size_t i;

	while (pl_rows_next(rows))
		json_array_append_new(ids, json_string(pl_rows_text(rows, 0)));
	pl_rows_free(rows);
	json_array_foreach(ids, i, id)
		go_on(turn, json_string_value(id));
	json_decref(ids);
}

/* ---- answers ---- */

static void answered(struct pl_turn *turn, const char *id)
{
	pl_exec(turn, "update erasure set pending = pending - 1 where id = $1", "s", id);
	go_on(turn, id);
}

/* A refusal is a defect of ours: what is left there counts. */
static int64_t refused(const struct pl_answer *answer, const char *id)
{
	if (!answer->err)
		return 0;
	pl_log(ERROR, "erasure.refused", NULL, "erasure=%s %s: %s", id, answer->operation,
	       answer->message ? answer->message : "");
	return 1;
}

enum pl_err erase_answered(struct pl_turn *turn, const struct pl_answer *answer)
{
	const char *id = pl_json_get_text(answer->context, "erasure");

	count(turn, id, 0, 0, json_integer_value(json_object_get(answer->body, "contexts")),
	      refused(answer, id));
	if (!answer->err && json_is_true(json_object_get(answer->body, "more")))
		tell(turn, id, "ContextStore.erase",
		     json_incref(json_object_get(answer->context, "body")));
	answered(turn, id);
	return PL_OK;
}

enum pl_err erase_searched(struct pl_turn *turn, const struct pl_answer *answer)
{
	const char *id = pl_json_get_text(answer->context, "erasure");

	count(turn, id, 0, 0, 0,
	      (int64_t)json_array_size(json_object_get(answer->body, "contexts")) +
		      refused(answer, id));
	answered(turn, id);
	return PL_OK;
}

enum pl_err erase_shown(struct pl_turn *turn, const char *id, json_t **shownp)
{
	struct pl_rows *rows = pl_query(
		turn,
		"select phase, made_ms, made_by, ended_ms, contacts, messages, contexts, found "
		"from erasure where id = $1",
		"s", id);
	enum pl_err err = PL_OK;

	if (pl_rows_next(rows))
		*shownp = json_pack(
			"{s:s, s:s, s:I, s:s, s:I, s:I, s:I, s:I, s:I}", "erasureId", id, "state",
			pl_rows_int(rows, 3) ? "done" : "running", "madeMs",
			(json_int_t)pl_rows_int(rows, 1), "madeBy", pl_rows_text(rows, 2),
			"endedMs", (json_int_t)pl_rows_int(rows, 3), "contacts",
			(json_int_t)pl_rows_int(rows, 4), "messages",
			(json_int_t)pl_rows_int(rows, 5), "contexts",
			(json_int_t)pl_rows_int(rows, 6), "left", (json_int_t)pl_rows_int(rows, 7));
	else
		err = pl_fail(PL_NOTFOUND, "there is no such erasure");
	pl_rows_free(rows);
	return err;
}
