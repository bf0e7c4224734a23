/*
 * attribute_commit.c — a set of changes, at once or not at all.
 *
 * Who commits names the version that was seen. Is there a later commit that changed one of the same
 * attributes, on whatever level, nothing is done, and who asks is told what it was.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attribute.h"
#include "pelago/json.h"
#include "pelago/log.h"

enum { NOTE_MAX = 400 };

/* ---- who was first ---- */

static bool is_same(const json_t *a, const json_t *b)
{
	return strcmp(pl_json_get_text(a, "service"), pl_json_get_text(b, "service")) == 0 &&
	       strcmp(pl_json_get_text(a, "key"), pl_json_get_text(b, "key")) == 0;
}

static bool has_same(const json_t *changes, const json_t *change)
{
	json_t *other;
	size_t i;

	json_array_foreach(changes, i, other) {
		if (is_same(other, change))
			return true;
	}
	return false;
}

/* What others changed of the same attributes since; a new reference. */
static json_t *changed_since(struct pl_turn *turn, const struct commit *commit)
{
	json_t *since = history_changes(turn, commit->expected, INT64_MAX), *theirs = json_array();
	json_t *change;
	size_t i;

	json_array_foreach(since, i, change) {
		if (has_same(commit->changes, change))
			json_array_append(theirs, change);
	}
	json_decref(since);
	return theirs;
}

/* 409 with what was changed; gives theirs. */
static json_t *refusal(json_t *theirs)
{
	const json_t *last = json_array_get(theirs, json_array_size(theirs) - 1);
	json_t *detail =
		json_sprintf("%s of %s was changed by %s meanwhile: look at it again",
			     pl_json_get_text(last, "name"), pl_json_get_text(last, "service"),
			     pl_json_get_text(last, "by"));

	return json_pack("{s:i, s:s, s:{s:s, s:s, s:i, s:o, s:s, s:I, s:o}}", "status", 409, "type",
			 "application/problem+json", "body", "type", "about:blank", "title",
			 "Conflict", "status", 409, "detail", detail, "code", "conflict", "version",
			 (json_int_t)values_version(), "changes", theirs);
}

/* ---- doing it ---- */

/* "WrapUp of Service (cluster X)" */
static void audit_change(struct pl_turn *turn, const json_t *request, const struct commit *commit,
			 const json_t *change)
{
	json_t *shown = change_shown(change), *was = json_object_get(shown, "was"),
	       *became = json_object_get(shown, "became");
	char *before = json_is_null(was) ? strdup("") : json_dumps(was, JSON_ENCODE_ANY);
	char *after = json_is_null(became) ? strdup("") : json_dumps(became, JSON_ENCODE_ANY);
	char target[400], action[40];

	snprintf(action, sizeof(action), "attribute.%s", commit->kind);
	snprintf(target, sizeof(target), "%s.%s %s %s", pl_json_get_text(change, "service"),
		 pl_json_get_text(change, "key"), pl_json_get_text(change, "level"),
		 pl_json_get_text(change, "place"));
	audit_add(turn, request, action, target, before ? before : "", after ? after : "");
	free(before);
	free(after);
	json_decref(shown);
}

static void store_change(struct pl_turn *turn, int64_t version, int64_t n, const json_t *change)
{
	char *was = json_dumps(json_object_get(change, "was"), JSON_ENCODE_ANY | JSON_COMPACT);
	char *became =
		json_dumps(json_object_get(change, "became"), JSON_ENCODE_ANY | JSON_COMPACT);

	pl_exec(turn,
		"insert into attribute_change (version, n, level, place, service, key, name, was,"
		" became) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
		"iisssssss", version, n, pl_json_get_text(change, "level"),
		pl_json_get_text(change, "place"), pl_json_get_text(change, "service"),
		pl_json_get_text(change, "key"), pl_json_get_text(change, "name"), was, became);
	free(was);
	free(became);
}

static void apply(struct pl_turn *turn, const json_t *request, const struct commit *commit)
{
	int64_t version = values_version() + 1, n = 0;
	json_t *change, *became;
	struct spot spot;
	size_t i;

	pl_exec(turn,
		"insert into attribute_commit (version, at_ms, who, origin, kind, note) values ($1,"
		" $2, $3, $4, $5, $6)",
		"iissss", version, pl_turn_now_ms(turn), asked_by(request),
		pl_json_get_text(request, "from"), commit->kind, commit->note);
	json_array_foreach(commit->changes, i, change) {
		if (change_is_none(change))
			continue;
		became = json_object_get(change, "became");
		change_spot(&spot, change);
		store_change(turn, version, n++, change);
		value_put(turn, &spot, json_is_null(became) ? NULL : became, version,
			  asked_by(request));
		audit_change(turn, request, commit, change);
	}
	values_committed(version);
	secrets_watch(turn);
	model_raise(turn);
	pl_log(INFO, "attribute.commit", NULL, "version=%lld changes=%lld by=%s",
	       (long long)version, (long long)n, asked_by(request));
}

/* ---- is it one? ---- */

static bool is_twice(const json_t *changes, size_t at)
{
	const json_t *change = json_array_get(changes, at), *other;
	static const char *const members[] = { "level", "place", "service", "key" };

	for (size_t i = 0; i < at; i++) {
		size_t same = 0;

		other = json_array_get(changes, i);
		for (size_t k = 0; k < 4; k++)
			same += strcmp(pl_json_get_text(change, members[k]),
				       pl_json_get_text(other, members[k])) == 0;
		if (same == 4)
			return true;
	}
	return false;
}

static enum pl_err check(const json_t *request, const struct commit *commit)
{
	size_t len = json_array_size(commit->changes);

	if (!*asked_by(request))
		return pl_fail(PL_UNAUTHORIZED, "who asks isn't known");
	if (commit->expected > values_version())
		return pl_fail(PL_INVALID,
			       "expected: version %lld is yet to come; the last is %lld",
			       (long long)commit->expected, (long long)values_version());
	for (size_t i = 1; i < len; i++)
		if (is_twice(commit->changes, i))
			return pl_fail(
				PL_INVALID, "changes[%zu]: %s is in the set twice", i,
				pl_json_get_text(json_array_get(commit->changes, i), "name"));
	return PL_OK;
}

static json_t *shown_changes(const struct commit *commit)
{
	json_t *shown = json_array(), *change;
	size_t i;

	json_array_foreach(commit->changes, i, change) {
		if (!change_is_none(change))
			json_array_append_new(shown, change_shown(change));
	}
	return shown;
}

enum pl_err commit_run(struct pl_turn *turn, const json_t *request, const struct commit *commit,
		       json_t **replyp)
{
	enum pl_err err = check(request, commit);
	json_t *theirs, *shown;

	if (err)
		return err;
	theirs = commit->expected < 0 ? json_array() : changed_since(turn, commit);
	if (json_array_size(theirs)) {
		*replyp = refusal(theirs);
		return *replyp ? PL_OK : PL_NOMEM;
	}
	json_decref(theirs);
	shown = shown_changes(commit);
	if (json_array_size(shown))
		apply(turn, request, commit);
	*replyp = json_pack("{s:i, s:{s:I, s:o}}", "status", 200, "body", "version",
			    (json_int_t)values_version(), "changes", shown);
	return *replyp ? PL_OK : PL_NOMEM;
}

/* ---- operations ---- */

enum pl_err commit_fields(struct commit *commit, const json_t *body)
{
	enum pl_err err = pl_json_int(&commit->expected, body, "expected", 0, INT64_MAX, true);

	if (!err)
		err = pl_json_text(&commit->note, body, "note", NOTE_MAX, false);
	if (!commit->note)
		commit->note = "";
	return err;
}

static enum pl_err read_changes(json_t **changesp, const json_t *wishes)
{
	enum pl_err err = PL_OK;
	json_t *wish, *change;
	size_t i;

	*changesp = json_array();
	json_array_foreach(wishes, i, wish) {
		change = NULL;
		err = change_read(&change, wish, false);
		if (err)
			break;
		json_array_append_new(*changesp, change);
	}
	return err;
}

/* body {expected, note, changes:[{level, place, service, attribute, value}]} */
enum pl_err op_attributes_commit(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct commit commit = { .kind = "commit" };
	json_t *wish = NULL, *wishes = NULL;
	enum pl_err err = pl_json_object(&wish, body, "body", 8, true);

	if (!err)
		err = commit_fields(&commit, wish);
	if (!err)
		err = pl_json_array(&wishes, wish, "changes", CHANGES_MAX, true);
	if (!err)
		err = read_changes(&commit.changes, wishes);
	if (!err)
		err = commit_run(turn, body, &commit, replyp);
	json_decref(commit.changes);
	return err;
}

/*
 * A service sets an attribute of its own, asked by a person over its own interface, for its
 * cluster. {service, attribute, value, user, from}; only attributes with `bySelf`.
 */
enum pl_err op_own(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct commit commit = { .kind = "commit", .note = "", .expected = -1 };
	const char *service = NULL, *attribute = NULL;
	const struct placed *placed = NULL;
	struct pl_attribute schema;
	json_t *wish, *change = NULL;
	enum pl_err err;

	if ((err = pl_json_text(&service, body, "service", 64, true)) ||
	    (err = pl_json_text(&attribute, body, "attribute", 64, true)) ||
	    (err = name_attribute(&placed, &schema, service, attribute)))
		return err;
	if (!schema.is_by_self)
		return pl_fail(PL_FORBIDDEN, "%s of %s isn't for its service to set", schema.name,
			       placed->name);
	wish = json_pack("{s:s, s:s, s:s, s:s, s:O*}", "level", "cluster", "place",
			 placed->cluster->name, "service", placed->name, "attribute", schema.key,
			 "value", json_object_get(body, "value"));
	err = change_read(&change, wish, false);
	json_decref(wish);
	if (err)
		return err;
	commit.changes = json_pack("[o]", change);
	err = commit_run(turn, body, &commit, replyp);
	json_decref(commit.changes);
	return err;
}
