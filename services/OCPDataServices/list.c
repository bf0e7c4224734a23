/*
 * list.c — see list.h.
 *
 * First the ids, by the one index that leads: that of the customer's parts, of the agent, of the
 * state, or of time. Then the records of those that are shown.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "list.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contact.h"
#include "pelago/json.h"

static const char *const states[] = { "waiting", "offered", "active", "closed" };

struct found {
	int64_t first_ms;
	char id[CONTACT_ID_MAX + 1];
};

struct search {
	const struct contact_filter *filter;
	struct found before; /* where the page starts */
	struct found *found;
	size_t count, cap;
	bool more;	   /* rows were left */
	struct found last; /* looked at, where rows were left */
};

static bool is_state(const char *text)
{
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (strcmp(states[i], text) == 0)
			return true;
	return false;
}

enum pl_err list_read(struct contact_filter *filter, const json_t *object)
{
	enum pl_err err = pl_json_text(&filter->state, object, "state", 20, false);

	if (!err)
		err = pl_json_text(&filter->agent, object, "agent", 100, false);
	if (!err)
		err = pl_page_read(&filter->page, object, "records");
	if (!err && filter->state && !*filter->state)
		filter->state = NULL;
	if (!err && filter->agent && !*filter->agent)
		filter->agent = NULL;
	if (!err && filter->state && !is_state(filter->state))
		err = pl_fail(PL_INVALID, "state is none of waiting, offered, active, closed");
	return err;
}

/* "first_ms:id" of the last one of the page before */
static enum pl_err before_read(struct found *before, const struct pl_page *page)
{
	const char *id = "";
	enum pl_err err;

	*before = (struct found){ .first_ms = INT64_MAX };
	err = pl_page_split(page, &before->first_ms, &id);
	if (!err && strlen(id) > CONTACT_ID_MAX)
		err = pl_fail(PL_INVALID, "cursor: not one of this list");
	if (!err)
		snprintf(before->id, sizeof(before->id), "%s", id);
	return err;
}

static bool keep(struct search *s, const struct found *one)
{
	if (s->count == s->cap) {
		size_t cap = s->cap ? 2 * s->cap : 64;
		struct found *more = realloc(s->found, cap * sizeof(*more));

		if (!more)
			return false;
		s->found = more;
		s->cap = cap;
	}
	s->found[s->count++] = *one;
	return true;
}

/* Takes rows (id, first_ms, state): one more than limit that fit, and not more than are scanned. */
static bool take(struct search *s, struct pl_rows *rows, const char *state)
{
	size_t taken = 0;
	bool ok = true;

	for (int seen = 0; ok && pl_rows_next(rows); seen++) {
		struct found one = { .first_ms = pl_rows_int(rows, 1) };

		snprintf(one.id, sizeof(one.id), "%s", pl_rows_text(rows, 0));
		s->more = seen == SCAN_ROWS;
		if (s->more)
			break;
		s->last = one;
		if (state && strcmp(state, pl_rows_text(rows, 2)) != 0)
			continue;
		ok = keep(s, &one);
		if ((int64_t)++taken > s->filter->page.limit)
			break;
	}
	pl_rows_free(rows);
	return ok;
}

#define PLACE(a, b, c)                                                                             \
	"(c.first_ms, c.id) < ($" #a ", $" #b ") and c.first_ms >= $" #c                           \
	" order by c.first_ms desc, c.id desc limit "

static bool by_customers(struct pl_turn *turn, struct search *s)
{
	const struct contact_filter *f = s->filter;
	json_t *customer;
	bool ok = true;
	size_t i;

	json_array_foreach(f->customers, i, customer)
		ok = ok &&
		     take(s,
			  pl_query(turn,
				   "select c.id, c.first_ms, c.state from contact c "
				   "where c.customer = $1 and ($2 = '' or c.state = $2) and "
				   "($3 = '' or $3 in (select o.agent from contact_agent o where "
				   "o.contact = c.id)) and " PLACE(4, 5, 6) "$7",
				   "sssisii", json_string_value(customer), f->state ? f->state : "",
				   f->agent ? f->agent : "", s->before.first_ms, s->before.id,
				   f->since_ms, f->page.limit + 1),
			  NULL);
	s->more = false; /* each gave all that the page needs */
	return ok;
}

/* PostgreSQL reads as many as are asked for, whether or not they are taken. */
static bool by_agent(struct pl_turn *turn, struct search *s)
{
	int64_t limit = s->filter->state ? SCAN_ROWS : s->filter->page.limit;

	return take(s,
		    pl_query(turn,
			     "select o.contact, o.first_ms, c.state from contact_agent o "
			     "join contact c on c.id = o.contact where o.agent = $1 and "
			     "(o.first_ms, o.contact) < ($2, $3) and o.first_ms >= $4 "
			     "order by o.first_ms desc, o.contact desc limit $5",
			     "sisii", s->filter->agent, s->before.first_ms, s->before.id,
			     s->filter->since_ms, limit + 1),
		    s->filter->state);
}

static bool by_state(struct pl_turn *turn, struct search *s)
{
	return take(
		s,
		pl_query(
			turn,
			"select c.id, c.first_ms, c.state from contact c where c.state = $1 and " PLACE(
				2, 3, 4) "$5",
			"sisii", s->filter->state, s->before.first_ms, s->before.id,
			s->filter->since_ms, s->filter->page.limit + 1),
		NULL);
}

static bool by_time(struct pl_turn *turn, struct search *s)
{
	return take(s,
		    pl_query(turn,
			     "select c.id, c.first_ms, c.state from contact c where " PLACE(1, 2,
											    3) "$4",
			     "isii", s->before.first_ms, s->before.id, s->filter->since_ms,
			     s->filter->page.limit + 1),
		    NULL);
}

static int newer(const void *a, const void *b)
{
	const struct found *x = a, *y = b;

	if (x->first_ms != y->first_ms)
		return x->first_ms < y->first_ms ? 1 : -1;
	return strcmp(y->id, x->id);
}

static json_t *records_of(struct pl_turn *turn, const struct search *s, size_t count)
{
	json_t *ids = json_array(), *records;

	for (size_t i = 0; i < count; i++)
		json_array_append_new(ids, json_string(s->found[i].id));
	records = contact_records(turn, ids);
	json_decref(ids);
	return records;
}

#define KEY "%" PRId64 ":%s"

/* Returns the page, NULL without memory. */
static json_t *shown(struct pl_turn *turn, const struct search *s)
{
	struct pl_page page = s->filter->page;
	size_t limit = (size_t)page.limit, count = s->count > limit ? limit : s->count;
	const struct found *last = s->count > limit ? &s->found[limit - 1] : &s->last;
	json_t *records = records_of(turn, s, count);

	for (size_t i = 0; i < count; i++) {
		json_t *record = json_object_get(records, s->found[i].id);

		if (record)
			pl_page_add(&page, json_incref(record), KEY, s->found[i].first_ms,
				    s->found[i].id);
	}
	if (s->count > limit || s->more)
		pl_page_stop(&page, KEY, last->first_ms, last->id);
	json_decref(records);
	return pl_page_answer(&page);
}

enum pl_err list_contacts(struct pl_turn *turn, const struct contact_filter *filter, json_t **pagep)
{
	struct search s = { .filter = filter };
	enum pl_err err = before_read(&s.before, &filter->page);
	bool ok;

	if (err)
		return err;
	ok = filter->customers ? by_customers(turn, &s)
	     : filter->agent   ? by_agent(turn, &s)
	     : filter->state   ? by_state(turn, &s)
			       : by_time(turn, &s);
	if (ok && s.count > 0)
		qsort(s.found, s.count, sizeof(*s.found), newer);
	*pagep = ok ? shown(turn, &s) : NULL;
	free(s.found);
	return *pagep ? PL_OK : PL_NOMEM;
}
