/*
 * gather.c — see gather.h.
 *
 * A cursor is a JSON array that says what comes next:
 *	["known", AFTER]                     contexts that know the customer, after a context's id
 *	["contexts", AFTER, PLACE]           contexts of the contacts from a place in the history on
 *	["contacts", N, PLACE]               N contacts from there on
 *	["messages", CONTACT, REST, N, PLACE] a transcript's rest, then N contacts
 * PLACE is list.h's cursor: "" is the beginning, null the end. REST is transcript.h's.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "gather.h"

#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "contact.h"
#include "customer.h"
#include "list.h"
#include "pelago/json.h"
#include "transcript.h"

enum { GROUP = 20, ITEM_BYTES = 300 * 1024, CURSOR_BYTES = 4096 };

struct gather {
	struct pl_turn *turn;
	const char *profile;
	json_t *parts;
	json_t *items;
	json_t *next; /* cursor; NULL at the end */
};

static json_t *reply_of(json_t *items, const json_t *next)
{
	char *text = next ? pl_json_dump(next) : NULL;
	json_t *reply = json_pack("{s:i, s:{s:o, s:s?}}", "status", 200, "body", "items", items,
				  "cursor", text);

	free(text);
	return reply;
}

static json_t *with_kind(json_t *item, const char *kind)
{
	json_object_set_new(item, "kind", json_string(kind));
	return item;
}

/* The place is a page's cursor; "" is the beginning. */
static enum pl_err place_read(struct pl_page *page, const char *place, const char *list)
{
	json_t *from = json_pack("{s:i, s:s}", "limit", 1, "cursor", place);
	enum pl_err err = pl_page_read(page, from, list);

	json_decref(from);
	return err;
}

/* The next contact of the history from *placep on, which moves; NULL at the end (*placep too). */
static enum pl_err next_contact(struct gather *g, char **placep, json_t **recordp)
{
	struct contact_filter filter = { .customers = g->parts };
	json_t *page = NULL;
	const char *next;
	enum pl_err err = place_read(&filter.page, *placep, "records");

	if (!err)
		err = list_contacts(g->turn, &filter, &page);
	next = json_string_value(json_object_get(page, "cursor"));
	*recordp = json_incref(json_array_get(json_object_get(page, "items"), 0));
	free(*placep);
	*placep = next ? strdup(next) : NULL;
	json_decref(page);
	return err;
}

/* ---- what needs no other service ---- */

static void take_profile(struct gather *g)
{
	json_array_append_new(g->items,
			      with_kind(customer_profile(g->turn, g->profile), "customer"));
	g->next = json_pack("[s, s]", "known", "");
}

/* What follows after some contacts: more of their twenty, the next twenty, or nothing. */
static json_t *after_contacts(int64_t left, const char *place)
{
	if (!place)
		return NULL;
	return left > 0 ? json_pack("[s, I, s]", "contacts", (json_int_t)left, place)
			: json_pack("[s, s, s]", "contexts", "", place);
}

static enum pl_err take_contacts(struct gather *g, int64_t left, const char *from)
{
	char *place = strdup(from);
	enum pl_err err = place ? PL_OK : PL_NOMEM;
	size_t bytes = 0;

	while (!err && place && left > 0 && bytes < ITEM_BYTES && !g->next) {
		json_t *record = NULL, *whole = NULL;
		const char *id, *rest;

		err = next_contact(g, &place, &record);
		id = pl_json_get_text(record, "contactId");
		left--;
		if (record && contact_read(g->turn, id, &whole) == PL_OK) {
			bytes += json_dumpb(whole, NULL, 0, 0);
			rest = pl_json_get_text(whole, "transcriptCursor");
			if (*rest)
				g->next = json_pack("[s, s, s, I, s?]", "messages", id, rest,
						    (json_int_t)left, place);
			json_array_append_new(g->items, with_kind(whole, "contact"));
		}
		json_decref(record);
	}
	if (!err && !g->next)
		g->next = after_contacts(left, place);
	free(place);
	return err;
}

static enum pl_err take_messages(struct gather *g, const char *contact, const char *rest,
				 int64_t left, const char *place)
{
	struct pl_page from;
	json_t *page = NULL;
	enum pl_err err = place_read(&from, rest, TRANSCRIPT);
	const char *next;

	from.limit = TRANSCRIPT_MOST;
	if (!err)
		err = contact_transcript(g->turn, contact, &from, &page);
	if (err)
		return err;
	next = json_string_value(json_object_get(page, "cursor"));
	g->next = next ? json_pack("[s, s, s, I, s?]", "messages", contact, next, (json_int_t)left,
				   place)
		       : after_contacts(left, place);
	json_array_append_new(g->items,
			      json_pack("{s:s, s:s, s:O}", "kind", "messages", "contactId", contact,
					"messages", json_object_get(page, "items")));
	json_decref(page);
	return PL_OK;
}

/* ---- contexts ---- */

static enum pl_err on_contexts(struct pl_turn *turn, const struct pl_answer *answer)
{
	json_t *items = json_array(), *one, *next = json_object_get(answer->context, "next");
	const char *after = json_string_value(json_object_get(answer->body, "after"));
	size_t i;

	if (answer->err) {
		pl_reply_error(
			turn, answer->held, PL_UNAVAILABLE,
			"the contexts can't be read now; the same page may be asked for again");
		json_decref(items);
		return PL_OK;
	}
	json_array_foreach(json_object_get(answer->body, "contexts"), i, one)
		json_array_append_new(items, with_kind(json_copy(one), "context"));
	if (after) { /* the same, from there on */
		next = json_object_get(answer->context, "same");
		json_array_set_new(next, 1, json_string(after));
	}
	pl_reply(turn, answer->held, reply_of(items, json_is_null(next) ? NULL : next));
	return PL_OK;
}

static void ask_contexts(struct gather *g, json_t *who, const json_t *same, json_t *next)
{
	json_object_set(who, "after", json_array_get(same, 1));
	pl_ask(g->turn, "ContextStore.kept", who, on_contexts, pl_hold(g->turn),
	       json_pack("{s:O, s:o?}", "same", same, "next", next));
}

static void ask_known(struct gather *g, const json_t *cursor)
{
	json_t *values = json_array(), *profile = customer_profile(g->turn, g->profile), *one;
	size_t i;

	json_array_foreach(json_object_get(profile, "addresses"), i, one)
		if (json_array_size(values) < 200)
			json_array_append(values, json_object_get(one, "value"));
	json_decref(profile);
	ask_contexts(g,
		     json_pack("{s:O, s:O, s:o}", "contextIds", g->parts, "groupIds", g->parts,
			       "values", values),
		     cursor, json_pack("[s, s, s]", "contexts", "", ""));
}

static enum pl_err ask_of_contacts(struct gather *g, const json_t *cursor)
{
	const char *from = json_string_value(json_array_get(cursor, 2));
	char *place = strdup(from);
	json_t *ids = json_array(), *next = NULL;
	enum pl_err err = place ? PL_OK : PL_NOMEM;

	for (int i = 0; !err && place && i < GROUP; i++) {
		json_t *record = NULL;

		err = next_contact(g, &place, &record);
		if (record)
			json_array_append(ids, json_object_get(record, "contactId"));
		json_decref(record);
	}
	free(place);
	if (err) {
		json_decref(ids);
		return err;
	}
	if (json_array_size(ids) > 0)
		next = json_pack("[s, I, s]", "contacts", (json_int_t)json_array_size(ids), from);
	ask_contexts(g, json_pack("{s:o}", "contextIds", ids), cursor, next);
	return PL_OK;
}

/* ---- a page ---- */

static enum pl_err bad_cursor(void)
{
	return pl_fail(PL_INVALID, "the cursor is not one of ours");
}

static enum pl_err take_page(struct gather *g, json_t *cursor, bool *is_askedp)
{
	const char *what = json_string_value(json_array_get(cursor, 0)), *a, *b, *place;
	json_int_t n;

	*is_askedp = true;
	if (what && strcmp(what, "known") == 0 && json_unpack(cursor, "[s, s!]", &what, &a) == 0) {
		ask_known(g, cursor);
		return PL_OK;
	}
	if (what && strcmp(what, "contexts") == 0 &&
	    json_unpack(cursor, "[s, s, s!]", &what, &a, &b) == 0)
		return ask_of_contacts(g, cursor);
	*is_askedp = false;
	if (what && strcmp(what, "contacts") == 0 &&
	    json_unpack(cursor, "[s, I, s!]", &what, &n, &a) == 0 && n > 0 && n <= GROUP)
		return take_contacts(g, n, a);
	place = json_string_value(json_array_get(cursor, 4));
	if (what && strcmp(what, "messages") == 0 && json_array_size(cursor) == 5 &&
	    (a = json_string_value(json_array_get(cursor, 1))) &&
	    (b = json_string_value(json_array_get(cursor, 2))))
		return take_messages(g, a, b, json_integer_value(json_array_get(cursor, 3)), place);
	return bad_cursor();
}

static enum pl_err gather(struct pl_turn *turn, const char *profile, const char *text,
			  json_t **replyp)
{
	struct gather g = { .turn = turn,
			    .profile = profile,
			    .parts = customer_parts(turn, profile),
			    .items = json_array() };
	json_t *cursor = text ? json_loads(text, 0, NULL) : NULL;
	bool is_asked = false;
	enum pl_err err = PL_OK;

	if (!text)
		take_profile(&g);
	else
		err = cursor ? take_page(&g, cursor, &is_asked) : bad_cursor();
	if (!err && !is_asked)
		*replyp = reply_of(json_incref(g.items), g.next);
	json_decref(cursor);
	json_decref(g.items);
	json_decref(g.parts);
	json_decref(g.next);
	return err;
}

enum pl_err http_export(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *id = NULL, *cursor = NULL;
	char *profile = NULL;
	enum pl_err err = pl_json_text(&id, body, "path.id", CUSTOMER_ID_MAX, true);

	if (!err)
		err = pl_json_text(&cursor, body, "query.cursor", CURSOR_BYTES, false);
	if (err)
		return err;
	profile = customer_find(turn, id);
	if (!profile)
		return pl_fail(PL_NOTFOUND, "there is no such customer");
	err = gather(turn, profile, cursor, replyp);
	free(profile);
	return err;
}
