/*
 * attribute_history.c — what was committed, and back to any earlier point.
 *
 * The difference of each commit is kept for ever, and secrets in it in their encrypted form: going
 * back is one more commit, which makes each value what it was then.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "attribute.h"
#include "pelago/json.h"
#include "pelago/page.h"

/* Columns version, level, place, service, key, name, was, became; stored form. */
static json_t *change_of(const struct pl_rows *rows)
{
	return json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:o, s:o}", "version",
			 (json_int_t)pl_rows_int(rows, 0), "level", pl_rows_text(rows, 1), "place",
			 pl_rows_text(rows, 2), "service", pl_rows_text(rows, 3), "key",
			 pl_rows_text(rows, 4), "name", pl_rows_text(rows, 5), "was",
			 json_loads(pl_rows_text(rows, 6), JSON_DECODE_ANY, NULL), "became",
			 json_loads(pl_rows_text(rows, 7), JSON_DECODE_ANY, NULL));
}

json_t *history_changes(struct pl_turn *turn, int64_t after, int64_t upto)
{
	struct pl_rows *rows = pl_query(
		turn,
		"select attribute_change.version, level, place, service, key, name, was, became,"
		" who, at_ms from attribute_change join attribute_commit on"
		" attribute_commit.version = attribute_change.version"
		" where attribute_change.version > $1 and attribute_change.version <= $2"
		" order by attribute_change.version, n",
		"ii", after, upto);
	json_t *changes = json_array();

	while (pl_rows_next(rows)) {
		json_t *change = change_of(rows), *shown = change_shown(change);

		json_object_set_new(shown, "by", json_string(pl_rows_text(rows, 8)));
		json_object_set_new(shown, "atMs", json_integer(pl_rows_int(rows, 9)));
		json_array_append_new(changes, shown);
		json_decref(change);
	}
	pl_rows_free(rows);
	return changes;
}

/* ---- the list ---- */

/* Without what its commit says already. */
static json_t *shown_of(struct pl_turn *turn, int64_t version)
{
	json_t *changes = history_changes(turn, version - 1, version), *change;
	size_t i;

	json_array_foreach(changes, i, change) {
		json_object_del(change, "version");
		json_object_del(change, "by");
		json_object_del(change, "atMs");
	}
	return changes;
}

struct asked {
	const char *service, *key;
};

static enum pl_err read_asked(struct asked *asked, const json_t *query)
{
	const char *service = NULL, *attribute = NULL;
	const struct placed *placed = NULL;
	static struct pl_attribute schema;
	enum pl_err err;

	asked->service = asked->key = "";
	if ((err = pl_json_text(&service, query, "service", 128, false)) ||
	    (err = pl_json_text(&attribute, query, "attribute", 128, false)))
		return err;
	if (attribute) {
		err = name_attribute(&placed, &schema, service, attribute);
		asked->key = err ? "" : schema.key;
	} else if (service) {
		placed = name_service(service);
		if (!placed)
			err = pl_fail(PL_NOTFOUND, "there is no service '%s'", service);
	}
	if (placed)
		asked->service = placed->name;
	return err;
}

static json_t *commits(struct pl_turn *turn, const struct pl_page *page, int64_t before,
		       const struct asked *asked)
{
	struct pl_rows *rows = pl_query(
		turn,
		"select version, at_ms, who, origin, kind, note from attribute_commit"
		" where version < $1 and ($2 = '' or exists (select 1 from attribute_change where"
		" attribute_change.version = attribute_commit.version and service = $2 and"
		" ($3 = '' or key = $3))) order by version desc limit $4",
		"issi", before, asked->service, asked->key, page->limit + 1);
	json_t *list = json_array();

	while (pl_rows_next(rows))
		json_array_append_new(list, json_pack("{s:I, s:I, s:s, s:s, s:s, s:s}", "version",
						      (json_int_t)pl_rows_int(rows, 0), "atMs",
						      (json_int_t)pl_rows_int(rows, 1), "by",
						      pl_rows_text(rows, 2), "from",
						      pl_rows_text(rows, 3), "kind",
						      pl_rows_text(rows, 4), "note",
						      pl_rows_text(rows, 5)));
	pl_rows_free(rows);
	return list;
}

/* The newest first; of a service or an attribute only those that changed it. */
enum pl_err op_attributes_history(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const json_t *query = json_object_get(body, "query");
	int64_t before = INT64_MAX;
	json_t *list, *commit;
	const char *rest = NULL;
	struct pl_page page;
	struct asked asked;
	size_t i;
	enum pl_err err = pl_page_read(&page, query, "attribute-history");

	if (!err)
		err = pl_page_split(&page, &before, &rest);
	if (!err)
		err = read_asked(&asked, query);
	if (err)
		return err;
	list = commits(turn, &page, before, &asked);
	json_array_foreach(list, i, commit) {
		int64_t version = json_integer_value(json_object_get(commit, "version"));

		json_object_set_new(commit, "changes", shown_of(turn, version));
		pl_page_add(&page, json_incref(commit), "%lld:", (long long)version);
	}
	json_decref(list);
	*replyp = json_pack("{s:i,s:o}", "status", 200, "body", pl_page_answer(&page));
	return *replyp ? PL_OK : PL_NOMEM;
}

/* ---- back ---- */

static bool is_listed(const json_t *wishes, const json_t *wish)
{
	static const char *const members[] = { "level", "place", "service", "key" };
	json_t *other;
	size_t i;

	json_array_foreach(wishes, i, other) {
		size_t same = 0;

		for (size_t k = 0; k < 4; k++)
			same += json_equal(json_object_get(other, members[k]),
					   json_object_get(wish, members[k]));
		if (same == 4)
			return true;
	}
	return false;
}

/* What was there before the first change after `to`, each as a wish in stored form. */
static json_t *wishes_of(struct pl_turn *turn, int64_t to)
{
	struct pl_rows *rows = pl_query(turn,
					"select version, level, place, service, key, name, was,"
					" became from attribute_change where version > $1"
					" order by version, n",
					"i", to);
	json_t *wishes = json_array();

	while (pl_rows_next(rows)) {
		json_t *wish = change_of(rows);

		if (!is_listed(wishes, wish)) {
			json_object_set(wish, "attribute", json_object_get(wish, "key"));
			json_object_set(wish, "value", json_object_get(wish, "was"));
			json_array_append(wishes, wish);
		}
		json_decref(wish);
	}
	pl_rows_free(rows);
	return wishes;
}

/* What can't be any more, as its service, profile or cluster is gone, is told and left. */
static json_t *changes_of(json_t *skipped, const json_t *wishes)
{
	json_t *changes = json_array(), *wish, *change;
	size_t i;

	json_array_foreach(wishes, i, wish) {
		enum pl_err err;

		change = NULL;
		err = change_read(&change, wish, true);
		if (!err) {
			json_array_append_new(changes, change);
			continue;
		}
		change = change_shown(wish);
		json_object_del(change, "value");
		json_object_set_new(change, "why", json_string(pl_err_detail(err)));
		json_array_append_new(skipped, change);
		pl_err_clear();
	}
	return changes;
}

/* body {to, expected, note} */
enum pl_err op_attributes_revert(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct commit commit = { .kind = "revert" };
	json_t *wish = NULL, *wishes, *skipped;
	int64_t to = 0;
	enum pl_err err = pl_json_object(&wish, body, "body", 8, true);

	if (!err)
		err = commit_fields(&commit, wish);
	if (!err)
		err = pl_json_int(&to, wish, "to", 0, values_version(), true);
	if (err)
		return err;
	skipped = json_array();
	wishes = wishes_of(turn, to);
	commit.changes = changes_of(skipped, wishes);
	err = commit_run(turn, body, &commit, replyp);
	if (!err && json_array_size(skipped))
		json_object_set(json_object_get(*replyp, "body"), "skipped", skipped);
	json_decref(commit.changes);
	json_decref(wishes);
	json_decref(skipped);
	return err;
}
