/* customer.c — see customer.h. SPDX-License-Identifier: Apache-2.0 */
#include "customer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "export.h"
#include "merge.h"
#include "pelago/json.h"
#include "word.h"

enum { COMPLETE_ROWS = 200 };

/* ---- one customer ---- */

static json_t *row_of(struct pl_turn *turn, const char *id)
{
	struct pl_rows *rows =
		pl_query(turn,
			 "select id, name, email, first_ms, last_ms, root, attributes "
			 "from customer where id = $1",
			 "s", id);
	json_t *row = NULL;

	if (pl_rows_next(rows))
		row = json_pack("{s:s, s:s, s:s, s:I, s:I, s:s, s:o}", "id", pl_rows_text(rows, 0),
				"name", pl_rows_text(rows, 1), "email", pl_rows_text(rows, 2),
				"firstMs", (json_int_t)pl_rows_int(rows, 3), "lastMs",
				(json_int_t)pl_rows_int(rows, 4), "root",
				*pl_rows_text(rows, 5) ? pl_rows_text(rows, 5)
						       : pl_rows_text(rows, 0),
				"attributes", json_loads(pl_rows_text(rows, 6), 0, NULL));
	pl_rows_free(rows);
	return row;
}

static void reindex(struct pl_turn *turn, const char *id)
{
	json_t *row = row_of(turn, id), *addresses = address_list(turn, id);

	word_index(turn, id, pl_json_get_text(row, "name"), addresses);
	json_decref(row);
	json_decref(addresses);
}

/* Addresses that are good, of what a contact says of its customer. */
static size_t addresses_of(struct address *list, size_t most, const json_t *who)
{
	json_t *more = json_object_get(who, "addresses"), *one;
	size_t count = 0, i;

	if (count < most && address_set(&list[count], "email", pl_json_get_text(who, "email")))
		count++;
	if (count < most && address_set(&list[count], "phone", pl_json_get_text(who, "phone")))
		count++;
	json_array_foreach(more, i, one)
		if (count < most && address_set(&list[count], pl_json_get_text(one, "kind"),
						pl_json_get_text(one, "value")))
			count++;
	return count;
}

/* The id of a customer that isn't there yet. */
static void new_id(char id[CUSTOMER_ID_MAX + 1], const struct address *list, size_t count,
		   const char *contact)
{
	if (count > 0 && strcmp(list[0].kind, "email") == 0)
		snprintf(id, CUSTOMER_ID_MAX + 1, "%s", list[0].value);
	else
		snprintf(id, CUSTOMER_ID_MAX + 1, "%.300s", contact);
}

/* An empty name doesn't replace one. Returns whether anything is to be searched for anew. */
static bool note(struct pl_turn *turn, const char *id, const json_t *who, int64_t at_ms)
{
	json_t *row = row_of(turn, id);
	const char *name = pl_json_get_text(who, "name");
	bool is_new = !row || (*name && strcmp(name, pl_json_get_text(row, "name")) != 0);

	pl_exec(turn,
		"insert into customer (id, name, email, first_ms, last_ms, root) "
		"values ($1, $2, $3, $4, $4, $1) on conflict (id) do update set "
		"name = case when excluded.name = '' then customer.name else excluded.name end, "
		"email = case when customer.email = '' then excluded.email else customer.email end, "
		"root = case when customer.root = '' then excluded.root else customer.root end, lone = 0, "
		"first_ms = case when excluded.first_ms < customer.first_ms then excluded.first_ms "
		"else customer.first_ms end, "
		"last_ms = case when excluded.last_ms > customer.last_ms then excluded.last_ms "
		"else customer.last_ms end",
		"sssi", id, name, pl_json_get_text(who, "email"), at_ms);
	json_decref(row);
	return is_new;
}

void customer_seen(struct pl_turn *turn, char id[CUSTOMER_ID_MAX + 1], const json_t *who,
		   const char *contact, int64_t at_ms)
{
	struct address list[10];
	char *owners[10] = { NULL };
	size_t count = addresses_of(list, sizeof(list) / sizeof(list[0]), who);
	const char *owner = NULL;
	bool is_new;

	for (size_t i = 0; i < count; i++) {
		owners[i] = address_owner(turn, &list[i]);
		if (!owner)
			owner = owners[i];
	}
	if (owner)
		snprintf(id, CUSTOMER_ID_MAX + 1, "%s", owner);
	else
		new_id(id, list, count, contact);
	is_new = note(turn, id, who, at_ms);
	for (size_t i = 0; i < count; i++) {
		if (!owners[i])
			address_add(turn, &list[i], id);
		is_new = is_new || !owners[i];
		free(owners[i]);
	}
	if (is_new)
		reindex(turn, id);
	export_customer(turn, id);
}

/* ---- profiles ---- */

char *customer_find(struct pl_turn *turn, const char *text)
{
	json_t *row = row_of(turn, text);
	struct address address;
	char *owner = NULL, *root = NULL;

	if (!row && address_set(&address, "email", text) && (owner = address_owner(turn, &address)))
		row = row_of(turn, owner);
	if (row)
		root = strdup(pl_json_get_text(row, "root"));
	json_decref(row);
	free(owner);
	return root;
}

json_t *customer_parts(struct pl_turn *turn, const char *profile)
{
	struct pl_rows *rows = pl_query(turn,
					"select id from customer where root = $1 and id <> $1 "
					"order by id limit $2",
					"si", profile, (int64_t)PARTS_MOST);
	json_t *list = json_pack("[s]", profile);

	while (pl_rows_next(rows))
		json_array_append_new(list, json_string(pl_rows_text(rows, 0)));
	pl_rows_free(rows);
	return list;
}

/* Adds what one part knows. */
static void add_part(struct pl_turn *turn, json_t *profile, const char *id)
{
	json_t *part = row_of(turn, id), *addresses = address_list(turn, id);
	json_t *first = json_object_get(profile, "firstMs"),
	       *last = json_object_get(profile, "lastMs");

	json_array_extend(json_object_get(profile, "addresses"), addresses);
	if (json_integer_value(json_object_get(part, "firstMs")) < json_integer_value(first))
		json_object_set(profile, "firstMs", json_object_get(part, "firstMs"));
	if (json_integer_value(json_object_get(part, "lastMs")) > json_integer_value(last))
		json_object_set(profile, "lastMs", json_object_get(part, "lastMs"));
	if (!*pl_json_get_text(profile, "name"))
		json_object_set(profile, "name", json_object_get(part, "name"));
	if (!*pl_json_get_text(profile, "email"))
		json_object_set(profile, "email", json_object_get(part, "email"));
	json_object_update_missing(json_object_get(profile, "attributes"),
				   json_object_get(part, "attributes"));
	json_object_set_new(part, "addresses", addresses);
	json_object_del(part, "root");
	json_object_del(part, "attributes");
	json_array_append_new(json_object_get(profile, "parts"), part);
}

json_t *customer_profile(struct pl_turn *turn, const char *id)
{
	json_t *profile = row_of(turn, id), *parts, *part;
	size_t i;

	if (!profile)
		return NULL;
	json_object_del(profile, "root");
	json_object_set_new(profile, "addresses", json_array());
	json_object_set_new(profile, "parts", json_array());
	parts = customer_parts(turn, id);
	json_array_foreach(parts, i, part)
		add_part(turn, profile, json_string_value(part));
	json_object_set_new(profile, "merges", merge_list(turn, parts));
	json_decref(parts);
	return profile;
}

json_t *customer_summary(struct pl_turn *turn, const char *id)
{
	json_t *profile = customer_profile(turn, id);

	json_object_del(profile, "parts");
	json_object_del(profile, "merges");
	return profile;
}

/* ---- changes ---- */

static enum pl_err check_addresses(struct pl_turn *turn, const char *profile, const json_t *list)
{
	enum pl_err err = PL_OK;
	json_t *one;
	size_t i;

	json_array_foreach((json_t *)list, i, one) {
		struct address address;
		char *owner = NULL, *root = NULL;

		if (!err)
			err = address_read(&address, one);
		if (err)
			break;
		owner = address_owner(turn, &address);
		root = owner ? customer_find(turn, owner) : NULL;
		if (root && (!profile || strcmp(root, profile) != 0))
			err = pl_fail(PL_STATE,
				      "an address is another customer's: merge the two, or "
				      "remove it there");
		free(root);
		free(owner);
	}
	return err;
}

enum pl_err customer_check(struct pl_turn *turn, const char *profile,
			   const struct customer_change *change)
{
	enum pl_err err = check_addresses(turn, profile, change->add);
	json_t *attributes;

	if (!err)
		err = check_addresses(turn, profile, change->remove);
	if (err || !change->attributes)
		return err;
	attributes = json_deep_copy(change->attributes);
	if (json_dumpb(attributes, NULL, 0, JSON_COMPACT) > 16384)
		err = pl_fail(PL_TOOLARGE, "attributes are larger than 16 KiB");
	json_decref(attributes);
	return err;
}

static void change_attributes(struct pl_turn *turn, const char *id, const json_t *change)
{
	json_t *row = row_of(turn, id), *all = json_object_get(row, "attributes"), *value;
	const char *name;
	char *text;

	json_object_foreach((json_t *)change, name, value) {
		if (json_is_null(value))
			json_object_del(all, name);
		else
			json_object_set(all, name, value);
	}
	text = pl_json_dump(all);
	pl_exec(turn, "update customer set attributes = $1 where id = $2", "ss", text, id);
	free(text);
	json_decref(row);
}

void customer_change(struct pl_turn *turn, const char *profile,
		     const struct customer_change *change)
{
	struct address address;
	json_t *one;
	size_t i;

	if (change->name)
		pl_exec(turn, "update customer set name = $1 where id = $2", "ss", change->name,
			profile);
	if (change->attributes)
		change_attributes(turn, profile, change->attributes);
	json_array_foreach((json_t *)change->remove, i, one)
		if (address_read(&address, one) == PL_OK) {
			char *owner = address_owner(turn, &address);

			address_remove(turn, &address);
			if (owner) {
				reindex(turn, owner);
				export_customer(turn, owner);
			}
			free(owner);
		}
	json_array_foreach((json_t *)change->add, i, one)
		if (address_read(&address, one) == PL_OK)
			address_add(turn, &address, profile);
	reindex(turn, profile);
	export_customer(turn, profile);
}

void customer_make(struct pl_turn *turn, char id[27])
{
	pl_id(id);
	pl_exec(turn,
		"insert into customer (id, name, email, first_ms, last_ms, root) "
		"values ($1, '', '', $2, $2, $1)",
		"si", id, pl_turn_now_ms(turn));
}

/* ---- search ---- */

/*
 * Of the rows by which a profile is found only the first counts, so that no page has it again.
 * Those before it are asked for by customer, first of its own and then of those it was merged with:
 * asked for at once, PostgreSQL reads all that are found.
 */
static struct pl_rows *candidates(struct pl_turn *turn, const char *q, const char *after_key,
				  const char *after_id, int64_t limit)
{
	char from[WORD_KEY_BYTES], to[WORD_KEY_BYTES + 1];
	struct address phone;

	if (!q)
		return pl_query(turn,
				"select '', id, root from customer where id > $1 and (root = id or "
				"root = '') order by id limit $2",
				"si", after_id, limit);
	if (q[strspn(q, "+0123456789 -()./")] == '\0' && address_set(&phone, "phone", q))
		q = phone.value;
	word_key(from, q);
	snprintf(to, sizeof(to), "%sg", from);
	return pl_query(turn,
			"select w.key, w.customer, u.root from customer_word w join customer u on "
			"u.id = w.customer where w.key < $2 and (w.key, w.customer) > ($3, $4) and "
			"w.key >= $1 and not exists (select 1 from customer_word e "
			"where e.customer = w.customer and e.key >= $1 and e.key < w.key) "
			"and not exists (select 1 from customer r join customer_word e "
			"on e.customer = r.id where r.root = u.root and r.root <> '' and "
			"e.key >= $1 and (e.key, e.customer) < (w.key, w.customer)) "
			"order by w.key, w.customer limit $5",
			"ssssi", from, to, strcmp(after_key, from) > 0 ? after_key : from, after_id,
			limit);
}

/* "key:id" of the last row of the page before; *idp is within page. */
static enum pl_err after_read(char key[WORD_KEY_BYTES], const char **idp,
			      const struct pl_page *page)
{
	const char *colon = strchr(page->after, ':');

	key[0] = '\0';
	*idp = "";
	if (!*page->after)
		return PL_OK;
	if (!colon || colon - page->after >= WORD_KEY_BYTES)
		return pl_fail(PL_INVALID, "cursor: not one of this list");
	snprintf(key, WORD_KEY_BYTES, "%.*s", (int)(colon - page->after), page->after);
	*idp = colon + 1;
	return PL_OK;
}

/* Takes rows (key, customer, root): an array of {"root","key"} of as many rows as the limit. *lastp
 * is the last key of them if there are more, else NULL. */
static json_t *roots_of(struct pl_rows *rows, int64_t limit, json_t **lastp)
{
	json_t *roots = json_array(), *key = NULL;
	bool more = false;

	for (int64_t seen = 0; pl_rows_next(rows); seen++) {
		const char *root =
			*pl_rows_text(rows, 2) ? pl_rows_text(rows, 2) : pl_rows_text(rows, 1);

		more = seen == limit;
		if (more)
			break;
		json_decref(key);
		key = json_sprintf("%s:%s", pl_rows_text(rows, 0), pl_rows_text(rows, 1));
		json_array_append_new(roots, json_pack("{s:s, s:O}", "root", root, "key", key));
	}
	pl_rows_free(rows);
	*lastp = more ? json_incref(key) : NULL;
	json_decref(key);
	return roots;
}

enum pl_err customer_search(struct pl_turn *turn, const char *q, const struct pl_page *from,
			    json_t **pagep)
{
	struct pl_page page = *from;
	char key[WORD_KEY_BYTES];
	json_t *roots, *one, *last;
	const char *id;
	size_t i;
	enum pl_err err = after_read(key, &id, &page);

	if (err)
		return err;
	roots = roots_of(candidates(turn, q, key, id, page.limit + 1), page.limit, &last);
	json_array_foreach(roots, i, one) {
		json_t *summary = customer_summary(turn, pl_json_get_text(one, "root"));

		if (summary)
			pl_page_add(&page, summary, "%s", pl_json_get_text(one, "key"));
	}
	if (last)
		pl_page_stop(&page, "%s", json_string_value(last));
	json_decref(last);
	json_decref(roots);
	*pagep = pl_page_answer(&page);
	return *pagep ? PL_OK : PL_NOMEM;
}

bool customer_complete(struct pl_turn *turn)
{
	struct pl_rows *rows = pl_query(
		turn, "select id, email from customer where root = '' order by id limit $1", "i",
		(int64_t)COMPLETE_ROWS);
	json_t *list = json_array(), *one;
	size_t i;

	while (pl_rows_next(rows))
		json_array_append_new(list, json_pack("{s:s, s:s}", "id", pl_rows_text(rows, 0),
						      "email", pl_rows_text(rows, 1)));
	pl_rows_free(rows);
	json_array_foreach(list, i, one) {
		const char *id = pl_json_get_text(one, "id");
		struct address address;

		pl_exec(turn, "update customer set root = $1 where id = $1", "s", id);
		if (address_set(&address, "email", pl_json_get_text(one, "email")))
			address_add(turn, &address, id);
		reindex(turn, id);
	}
	json_decref(list);
	return i == 0;
}
