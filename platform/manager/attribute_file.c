/*
 * attribute_file.c — what is set, to a file and from one.
 *
 * {"kind":"pelago-attributes","format":1,"values":[{level, place, service, attribute, value}]}. Of
 * a secret it says that there is one, never which: {…, "secret":true}.
 *
 * An import shows the difference first: what would change, what can't be taken and why, which
 * secrets have to be set by hand.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "attribute.h"
#include "pelago/json.h"
#include "pelago/version.h"

enum { FORMAT = 1 };
static const char kind[] = "pelago-attributes";

/* ---- export ---- */

struct asked {
	const char *level, *service, *place;
};

static bool is_wanted(const struct asked *asked, const json_t *record)
{
	return (!asked->level || strcmp(pl_json_get_text(record, "level"), asked->level) == 0) &&
	       (!asked->place || strcmp(pl_json_get_text(record, "place"), asked->place) == 0) &&
	       (!asked->service ||
		strcmp(pl_json_get_text(record, "service"), asked->service) == 0);
}

static enum pl_err read_asked(struct asked *asked, const json_t *query)
{
	const struct placed *service;
	enum pl_err err;

	memset(asked, 0, sizeof(*asked));
	if ((err = pl_json_text(&asked->level, query, "level", 20, false)) ||
	    (err = pl_json_text(&asked->place, query, "place", 128, false)) ||
	    (err = pl_json_text(&asked->service, query, "service", 128, false)))
		return err;
	service = asked->service ? name_service(asked->service) : NULL;
	if (asked->service && !service)
		return pl_fail(PL_NOTFOUND, "there is no service '%s'", asked->service);
	asked->service = service ? service->name : NULL;
	return PL_OK;
}

static json_t *line_of(const json_t *record)
{
	json_t *value = json_object_get(record, "value");
	json_t *line = json_pack("{s:O, s:O, s:O, s:O}", "level", json_object_get(record, "level"),
				 "place", json_object_get(record, "place"), "service",
				 json_object_get(record, "service"), "attribute",
				 json_object_get(record, "key"));

	if (json_is_object(value))
		json_object_set_new(line, "secret", json_true());
	else
		json_object_set(line, "value", value);
	return line;
}

/* ?level&place&service */
enum pl_err op_attributes_export(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	json_t *lines, *record;
	struct asked asked;
	const char *spot;
	enum pl_err err = read_asked(&asked, json_object_get(body, "query"));

	if (err)
		return err;
	lines = json_array();
	json_object_foreach(values_all(), spot, record) {
		if (is_wanted(&asked, record))
			json_array_append_new(lines, line_of(record));
	}
	*replyp = json_pack("{s:i, s:{s:s, s:i, s:s, s:I, s:o}}", "status", 200, "body", "kind",
			    kind, "format", FORMAT, "program", pl_version, "version",
			    (json_int_t)values_version(), "values", lines);
	return *replyp ? PL_OK : PL_NOMEM;
}

/* ---- import ---- */

static enum pl_err read_file(json_t **linesp, const json_t *wish)
{
	const char *word = NULL;
	int64_t format = 0;
	json_t *file = NULL;
	enum pl_err err = pl_json_object(&file, wish, "file", 20, true);

	if (!err)
		err = pl_json_text(&word, file, "kind", 40, true);
	if (!err && strcmp(word, kind) != 0)
		err = pl_fail(PL_INVALID, "file: is of kind '%s', not %s", word, kind);
	if (!err)
		err = pl_json_int(&format, file, "format", 1, INT64_MAX, true);
	if (!err && format > FORMAT)
		err = pl_fail(PL_NEWER,
			      "file: was written in format %lld by a newer Pelago; this one reads "
			      "up to %d",
			      (long long)format, FORMAT);
	return err ? err : pl_json_array(linesp, file, "values", CHANGES_MAX, true);
}

struct difference {
	json_t *changes, *refused, *secrets;
};

static void refuse(struct difference *difference, const json_t *line, enum pl_err err)
{
	json_t *item = json_is_object(line) ? json_copy((json_t *)line) : json_object();

	json_object_set_new(item, "why", json_string(pl_err_detail(err)));
	json_array_append_new(difference->refused, item);
	pl_err_clear();
}

static void compare(struct difference *difference, const json_t *lines)
{
	json_t *line, *change;
	size_t i;

	json_array_foreach(lines, i, line) {
		enum pl_err err;

		if (json_is_true(json_object_get(line, "secret"))) {
			json_array_append(difference->secrets, line);
			continue;
		}
		change = NULL;
		err = change_read(&change, line, false);
		if (err)
			refuse(difference, line, err);
		else if (change_is_none(change))
			json_decref(change);
		else
			json_array_append_new(difference->changes, change);
	}
}

static json_t *shown(const struct difference *difference)
{
	json_t *changes = json_array(), *change;
	size_t i;

	json_array_foreach(difference->changes, i, change) {
		json_array_append_new(changes, change_shown(change));
	}
	return changes;
}

/* body {file, apply, expected, note, skipRefused} */
enum pl_err op_attributes_import(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct commit commit = { .kind = "import" };
	struct difference difference = { 0 };
	json_t *wish = NULL, *lines = NULL;
	bool applies = false, skips = false;
	enum pl_err err = pl_json_object(&wish, body, "body", 8, true);

	if (!err)
		err = read_file(&lines, wish);
	if (!err)
		err = pl_json_bool(&applies, wish, "apply", false);
	if (!err)
		err = pl_json_bool(&skips, wish, "skipRefused", false);
	if (!err && applies)
		err = commit_fields(&commit, wish);
	if (err)
		return err;
	difference = (struct difference){ json_array(), json_array(), json_array() };
	compare(&difference, lines);
	commit.changes = difference.changes;
	if (applies && json_array_size(difference.refused) && !skips)
		err = pl_fail(
			PL_STATE,
			"%zu of the file's values can't be taken (%s): leave them out, or go on "
			"without them by skipRefused",
			json_array_size(difference.refused),
			pl_json_get_text(json_array_get(difference.refused, 0), "why"));
	else if (applies)
		err = commit_run(turn, body, &commit, replyp);
	else
		*replyp = json_pack("{s:i, s:{s:I, s:o}}", "status", 200, "body", "version",
				    (json_int_t)values_version(), "changes", shown(&difference));
	if (!err) {
		json_t *answer = json_object_get(*replyp, "body");

		json_object_set(answer, "refused", difference.refused);
		json_object_set(answer, "secrets", difference.secrets);
	}
	json_decref(difference.changes);
	json_decref(difference.refused);
	json_decref(difference.secrets);
	return err;
}
