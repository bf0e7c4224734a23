/*
 * release.c — see release.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "release.h"

#include <stdlib.h>
#include <string.h>

#include "pelago/json.h"
#include "pelago/log.h"
#include "pelago/page.h"
#include "plans.h"

const char release_tables[] =
	"create table release (version TEXT not null primary key, hash TEXT not null,"
	" size BIGINT not null, manifest TEXT not null, signer TEXT not null,"
	" loaded_ms BIGINT not null);"
	"create table release_member (version TEXT not null, path TEXT not null,"
	" hash TEXT not null, size BIGINT not null, manifest TEXT not null,"
	" primary key (version, path));"
	"alter table desired add column level BIGINT not null default 0";

static struct release *releases;

/* ---- reading the tables ---- */

static void release_free(struct release *r)
{
	json_decref(r->manifest);
	json_decref(r->members);
	free(r->version);
	free(r->hash);
	free(r->signer);
	free(r);
}

static void clear(void)
{
	while (releases) {
		struct release *next = releases->next;

		release_free(releases);
		releases = next;
	}
}

static void insert_sorted(struct release *r)
{
	struct release **at = &releases;

	while (*at && version_compare((*at)->version, r->version) > 0)
		at = &(*at)->next;
	r->next = *at;
	*at = r;
}

static enum pl_err read_one(const struct pl_rows *rows)
{
	struct release *r = calloc(1, sizeof(*r));

	if (!r)
		return PL_NOMEM;
	r->version = strdup(pl_rows_text(rows, 0));
	r->hash = strdup(pl_rows_text(rows, 1));
	r->size = pl_rows_int(rows, 2);
	r->manifest = json_loads(pl_rows_text(rows, 3), 0, NULL);
	r->signer = strdup(pl_rows_text(rows, 4));
	r->loaded_ms = pl_rows_int(rows, 5);
	r->members = json_array();
	if (!r->version || !r->hash || !r->manifest || !r->signer || !r->members) {
		release_free(r);
		return PL_NOMEM;
	}
	insert_sorted(r);
	return PL_OK;
}

static void read_members(struct pl_turn *turn, struct release *r)
{
	struct pl_rows *rows =
		pl_query(turn,
			 "select path, hash, size, manifest from release_member where version = $1 "
			 "order by path",
			 "s", r->version);

	while (pl_rows_next(rows)) {
		json_t *manifest = json_loads(pl_rows_text(rows, 3), JSON_DECODE_ANY, NULL);

		json_array_append_new(r->members,
				      json_pack("{s:s,s:s,s:I,s:o}", "path", pl_rows_text(rows, 0),
						"hash", pl_rows_text(rows, 1), "size",
						(json_int_t)pl_rows_int(rows, 2), "manifest",
						manifest ? manifest : json_null()));
	}
	pl_rows_free(rows);
}

enum pl_err releases_read(struct pl_turn *turn)
{
	struct pl_rows *rows = pl_query(
		turn, "select version, hash, size, manifest, signer, loaded_ms from release", "");
	enum pl_err err = PL_OK;

	clear();
	while (!err && pl_rows_next(rows))
		err = read_one(rows);
	pl_rows_free(rows);
	for (struct release *r = releases; !err && r; r = r->next)
		read_members(turn, r);
	return err;
}

/* ---- looking ---- */

const struct release *releases_first(void)
{
	return releases;
}

const struct release *release_find(const char *version)
{
	for (const struct release *r = releases; r; r = r->next)
		if (strcmp(r->version, version) == 0)
			return r;
	return NULL;
}

const json_t *release_member(const struct release *release, const char *path)
{
	return pl_json_find(release->members, "path", path);
}

const json_t *release_platform(const struct release *release, const char *arch)
{
	const json_t *item =
		pl_json_find(json_object_get(release->manifest, "platform"), "arch", arch);

	return item ? release_member(release, pl_json_get_text(item, "file")) : NULL;
}

const json_t *release_service(const struct release *release, const char *service)
{
	return pl_json_find(json_object_get(release->manifest, "services"), "name", service);
}

bool release_has_service(const char *service)
{
	for (const struct release *r = releases; r; r = r->next)
		if (release_service(r, service))
			return true;
	return false;
}

enum pl_err release_bundle_load(struct pl_turn *turn, const struct release *release,
				const char *service, const json_t *request)
{
	const json_t *item = release_service(release, service),
		     *member =
			     item ? release_member(release, pl_json_get_text(item, "file")) : NULL;
	json_t *checked;
	enum pl_err err;

	if (!member)
		return pl_fail(PL_NOTFOUND, "release %s has no service '%s'", release->version,
			       service);
	checked = json_pack("{s:O,s:O,s:O,s:s}", "manifest", json_object_get(member, "manifest"),
			    "hash", json_object_get(member, "hash"), "size",
			    json_object_get(member, "size"), "signer", release->signer);
	err = checked ? bundle_load(turn, checked, request) : PL_NOMEM;
	json_decref(checked);
	return err;
}

/* ---- operations ---- */

static json_t *member_views(const struct release *r)
{
	json_t *views = json_array(), *member;
	size_t i;

	json_array_foreach(r->members, i, member) {
		json_array_append_new(views, json_pack("{s:O,s:O,s:O}", "path",
						       json_object_get(member, "path"), "hash",
						       json_object_get(member, "hash"), "size",
						       json_object_get(member, "size")));
	}
	return views;
}

json_t *release_view(const struct release *r, bool with_manifest)
{
	json_t *view = json_pack("{s:s,s:s,s:I,s:s,s:I,s:i,s:O,s:O}", "version", r->version, "hash",
				 r->hash, "bytes", (json_int_t)r->size, "signer", r->signer,
				 "loadedMs", (json_int_t)r->loaded_ms, "services",
				 (int)json_array_size(json_object_get(r->manifest, "services")),
				 "arch", json_object_get(r->manifest, "arch"), "sources",
				 json_object_get(r->manifest, "sources"));

	if (view && with_manifest) {
		json_object_set(view, "manifest", r->manifest);
		json_object_set_new(view, "members", member_views(r));
	}
	return view;
}

enum pl_err op_releases(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct pl_page page;
	char key[VERSION_KEY_SIZE];
	enum pl_err err = pl_page_read(&page, json_object_get(body, "query"), "releases");

	for (const struct release *r = releases; !err && r; r = r->next)
		pl_page_keep(&page, release_view(r, false), "%s", version_key(key, r->version));
	if (err)
		return err;
	*replyp = json_pack("{s:i,s:o}", "status", 200, "body", pl_page_answer(&page));
	return *replyp ? PL_OK : PL_NOMEM;
}

static enum pl_err take_path(const struct release **releasep, const json_t *body)
{
	const char *version = NULL;
	enum pl_err err = pl_json_text(&version, body, "path.version", BUNDLE_VERSION_MOST, true);

	if (err)
		return err;
	*releasep = release_find(version);
	return *releasep ? PL_OK
			 : pl_fail(PL_NOTFOUND,
				   "release %s isn't loaded; see 'pelago release list'", version);
}

enum pl_err op_release(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const struct release *r = NULL;
	enum pl_err err = take_path(&r, body);

	if (err)
		return err;
	*replyp = json_pack("{s:i,s:o}", "status", 200, "body", release_view(r, true));
	return *replyp ? PL_OK : PL_NOMEM;
}

/* Hosts that run it fetch it again when they lose it, and those that join need it. */
static enum pl_err check_unused(const struct release *r)
{
	for (const struct node *n = model.nodes; n; n = n->next)
		if (strcmp(pl_json_get_text(report_get(n->name, NULL), "version"), r->version) == 0)
			return pl_fail(PL_STATE, "node %s is of release %s, which therefore stays",
				       n->name, r->version);
	for (const struct placed *s = model.services; s; s = s->next)
		if (strcmp(s->version, r->version) == 0 && release_service(r, s->name))
			return pl_fail(PL_STATE,
				       "%s %s in %s is of this release, which therefore stays",
				       s->name, s->version, s->cluster->name);
	return plans_running() ? pl_fail(PL_STATE, "plan %s runs; wait for it", plans_running())
			       : PL_OK;
}

enum pl_err op_release_delete(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const struct release *r = NULL;
	enum pl_err err = take_path(&r, body);

	if (!err && !*asked_by(body))
		err = pl_fail(PL_UNAUTHORIZED, "who asks isn't known");
	if (!err)
		err = check_unused(r);
	if (err)
		return err;
	*replyp = json_pack("{s:i,s:{s:s}}", "status", 200, "body", "version", r->version);
	/* Its blobs go with the next sweep, but for those that are bundles by themselves. */
	pl_exec(turn, "delete from release_member where version = $1", "s", r->version);
	pl_exec(turn, "delete from release where version = $1", "s", r->version);
	audit_add(turn, body, "release.delete", r->version, r->hash, "");
	pl_log(INFO, "release.deleted", NULL, "version=%s by=%s", r->version, asked_by(body));
	return releases_read(turn);
}
