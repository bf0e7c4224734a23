/*
 * bundles.c — what is loaded: bundles come, are checked, preferred, deleted.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "blob.h"
#include "inspector.h"
#include "manager.h"
#include "pelago/json.h"
#include "pelago/log.h"
#include "pelago/page.h"
#include "plans.h"

/* A bundle that is being checked. */
struct check {
	struct check *next;
	char id[27];
	struct pl_held *held;
	json_t *request;
};
static struct check *checks;

static json_t *view(const struct loaded *b)
{
	json_t *clusters = json_array(), *view;

	for (const struct placed *s = model.services; s; s = s->next)
		if (strcmp(s->name, b->name) == 0 && strcmp(s->version, b->version) == 0)
			json_array_append_new(clusters, json_string(s->cluster->name));
	view = json_pack("{s:s,s:s,s:s,s:s,s:I,s:s,s:b,s:I,s:I,s:o}", "name", b->name, "version",
			 b->version, "title", pl_json_get_text(b->manifest, "title"), "hash",
			 b->hash, "bytes", (json_int_t)b->size, "signer", b->signer, "preferred",
			 b->is_preferred, "loadedMs", (json_int_t)b->loaded_ms, "installedMs",
			 (json_int_t)b->installed_ms, "clusters", clusters);
	return view;
}

enum pl_err op_bundles(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct pl_page page;
	char key[VERSION_KEY_SIZE];
	enum pl_err err = pl_page_read(&page, json_object_get(body, "query"), "bundles");

	for (const struct loaded *b = model.bundles; !err && b; b = b->next)
		pl_page_keep(&page, view(b), "%s:%s", b->name, version_key(key, b->version));
	if (err)
		return err;
	*replyp = json_pack("{s:i,s:o}", "status", 200, "body", pl_page_answer(&page));
	return *replyp ? PL_OK : PL_NOMEM;
}

/* ---- loading ---- */

static void check_free(struct check *check)
{
	json_decref(check->request);
	free(check);
}

static struct check *check_take(const char *id)
{
	for (struct check **at = &checks; *at; at = &(*at)->next)
		if (strcmp((*at)->id, id) == 0) {
			struct check *check = *at;

			*at = check->next;
			return check;
		}
	return NULL;
}

/* The same again is no error; other bytes under the same name and version are, unless asked for. */
static enum pl_err may_load(const char *name, const char *version, const char *hash,
			    const json_t *request)
{
	const struct loaded *same = loaded_find(name, version);

	if (strcmp(name, "Manager") == 0)
		return pl_fail(PL_STATE, "Manager isn't installed by a bundle");
	if (!same || strcmp(same->hash, hash) == 0 ||
	    json_is_true(pl_json_get(request, "body.replace")))
		return PL_OK;
	return pl_fail(PL_STATE,
		       "%s %s is loaded already, with other contents: give it another version, or "
		       "delete that one first",
		       name, version);
}

static bool is_placed_anywhere(const char *name)
{
	for (const struct placed *s = model.services; s; s = s->next)
		if (strcmp(s->name, name) == 0)
			return true;
	return false;
}

enum pl_err bundle_load(struct pl_turn *turn, const json_t *checked, const json_t *request)
{
	const json_t *manifest = json_object_get(checked, "manifest");
	const char *name = pl_json_get_text(manifest, "name"),
		   *version = pl_json_get_text(manifest, "version"),
		   *hash = pl_json_get_text(checked, "hash");
	const struct loaded *same = loaded_find(name, version);
	enum pl_err err = may_load(name, version, hash, request);
	char *text;

	if (err || (same && strcmp(same->hash, hash) == 0))
		return err;
	text = json_dumps(manifest, JSON_COMPACT | JSON_SORT_KEYS);
	if (!text)
		return PL_NOMEM;
	pl_exec(turn,
		"insert into bundle (name, version, hash, size, manifest, signer, preferred, loaded_ms, "
		"installed_ms) values ($1, $2, $3, $4, $5, $6, 0, $7, 0) on conflict (name, version) do "
		"update set hash = excluded.hash, size = excluded.size, manifest = excluded.manifest, "
		"signer = excluded.signer, loaded_ms = excluded.loaded_ms, installed_ms = 0",
		"sssissi", name, version, hash,
		json_integer_value(json_object_get(checked, "size")), text,
		pl_json_get_text(checked, "signer"), pl_turn_now_ms(turn));
	free(text);
	audit_add(turn, request, "bundle.load", name, same ? same->hash : "", version);
	pl_log(INFO, "bundle.loaded", NULL, "service=%s version=%s signer=%s by=%s", name, version,
	       pl_json_get_text(checked, "signer"), asked_by(request));
	/* Nodes hold all versions of what is placed with them. */
	return is_placed_anywhere(name) ? model_change(turn) : model_reread(turn);
}

/* In a turn; once more after a rollback, when the asker has to ask again. */
static enum pl_err on_checked(struct pl_turn *turn, json_t *result, void *unused)
{
	struct check *check = check_take(pl_json_get_text(result, "id"));
	enum pl_err err = (enum pl_err)json_integer_value(json_object_get(result, "err"));
	const json_t *manifest = json_object_get(result, "manifest");
	const struct loaded *b;

	if (check && err)
		pl_fail(err, "%s", pl_json_get_text(result, "message"));
	else if (check)
		err = bundle_load(turn, result, check->request);
	if (check && err) {
		pl_log(WARN, "bundle.refused", NULL, "by=%s: %s", asked_by(check->request),
		       pl_err_detail(err));
		pl_reply_error(turn, check->held, err, pl_err_detail(err));
	} else if (check) {
		b = loaded_find(pl_json_get_text(manifest, "name"),
				pl_json_get_text(manifest, "version"));
		pl_reply(
			turn, check->held,
			json_pack("{s:i,s:o}", "status", 201, "body", b ? view(b) : json_object()));
	}
	if (check)
		check_free(check);
	json_decref(result);
	return PL_OK;
}

enum pl_err bundles_open(struct pl_service *service)
{
	return inspector_open(service, on_checked);
}

enum pl_err op_bundle_load(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	/* The command line has no route: what it says of the bundle is in the body. */
	const json_t *over = json_object_get(body, "blob"),
		     *blob = over ? over : pl_json_get(body, "body.blob");
	const char *hash = pl_json_get_text(blob, "hash");
	struct check *check;
	void *data = NULL;
	size_t len = 0;
	enum pl_err err;

	if (!*asked_by(body))
		return pl_fail(PL_UNAUTHORIZED, "who asks isn't known");
	if (!blob)
		return pl_fail(PL_INVALID, "the body of the request is the bundle");
	if (!*hash) { /* what the head of a request says, before its body comes */
		int64_t size = json_integer_value(json_object_get(blob, "size"));

		if (size > BUNDLE_BYTES_MOST)
			return pl_fail(PL_TOOLARGE, "a bundle has at most %d MiB",
				       BUNDLE_BYTES_MOST >> 20);
		*replyp = json_pack("{s:b}", "continue", 1);
		return *replyp ? PL_OK : PL_NOMEM;
	}
	if (json_integer_value(json_object_get(blob, "size")) > BUNDLE_BYTES_MOST)
		return pl_fail(PL_TOOLARGE, "a bundle has at most %d MiB", BUNDLE_BYTES_MOST >> 20);
	err = blob_read(&data, &len, turn, hash);
	if (err)
		return err;
	check = calloc(1, sizeof(*check));
	if (!check) {
		free(data);
		return PL_NOMEM;
	}
	pl_id(check->id);
	err = inspector_put(check->id, data, len);
	if (err) {
		free(check);
		return err;
	}
	check->request = json_deep_copy(body);
	check->held = pl_hold(turn);
	check->next = checks;
	checks = check;
	return PL_OK;
}

/* ---- preferring, deleting ---- */

static enum pl_err take_path(struct loaded **bundlep, const json_t *body)
{
	const char *name = NULL, *version = NULL;
	enum pl_err err = pl_json_text(&name, body, "path.name", 64, true);

	if (!err)
		err = pl_json_text(&version, body, "path.version", BUNDLE_VERSION_MOST, true);
	if (!err && !*asked_by(body))
		err = pl_fail(PL_UNAUTHORIZED, "who asks isn't known");
	if (err)
		return err;
	*bundlep = loaded_find(name, version);
	return *bundlep ? PL_OK
			: pl_fail(PL_NOTFOUND, "%s %s isn't loaded; see 'pelago service list'",
				  name, version);
}

enum pl_err op_bundle_prefer(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct loaded *b = NULL;
	const char *was = "";
	enum pl_err err = take_path(&b, body);

	if (err)
		return err;
	for (const struct loaded *other = model.bundles; other; other = other->next)
		if (strcmp(other->name, b->name) == 0 && other->is_preferred)
			was = other->version;
	if (!b->is_preferred) {
		pl_exec(turn, "update bundle set preferred = 0 where name = $1", "s", b->name);
		pl_exec(turn, "update bundle set preferred = 1 where name = $1 and version = $2",
			"ss", b->name, b->version);
		audit_add(turn, body, "bundle.prefer", b->name, was, b->version);
		for (struct loaded *other = model.bundles; other; other = other->next)
			if (strcmp(other->name, b->name) == 0)
				other->is_preferred = other == b;
	}
	*replyp = json_pack("{s:i,s:o}", "status", 200, "body", view(b));
	return *replyp ? PL_OK : PL_NOMEM;
}

enum pl_err op_bundle_delete(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct loaded *b = NULL;
	enum pl_err err = take_path(&b, body);

	if (err)
		return err;
	for (const struct placed *s = model.services; s; s = s->next)
		if (strcmp(s->name, b->name) == 0 && strcmp(s->version, b->version) == 0)
			return pl_fail(PL_STATE, "%s %s is in use in %s; uninstall it there first",
				       b->name, b->version, s->cluster->name);
	if (plans_mention(b->name, b->version))
		return pl_fail(PL_STATE, "plan %s uses %s %s; wait for it", plans_running(),
			       b->name, b->version);
	*replyp = json_pack("{s:i,s:{s:s,s:s}}", "status", 200, "body", "name", b->name, "version",
			    b->version);
	pl_exec(turn, "delete from bundle where name = $1 and version = $2", "ss", b->name,
		b->version);
	blob_remove(turn, b->hash);
	audit_add(turn, body, "bundle.delete", b->name, b->version, "");
	return model_change(turn);
}
