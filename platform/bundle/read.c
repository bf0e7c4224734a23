/*
 * read.c — is it a bundle as it should be?
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "pelago/json.h"
#include "platform/bundle/impl.h"
#include "platform/bundle/release.h"
#include "platform/setup/setup.h"

/* What is seen of the archive: hashes and sizes of its files. */
struct seen {
	json_t *files; /* {path in small letters: {"path","size","sha256"}} */
	char *list, *signature, *manifest;
	size_t list_len, manifest_len;
};

enum pl_err path_check(const char *path)
{
	size_t len = strlen(path);
	const char *at = path;

	for (const char *c = path; *c; c++)
		if ((unsigned char)*c < 0x21 || (unsigned char)*c > 0x7e ||
		    strchr("\\:*?\"<>|", *c))
			return pl_fail(PL_STATE, "a path in the archive has a character that isn't "
						 "taken: letters, digits and -_.+/ are");
	if (len == 0 || len > BUNDLE_PATH_MOST)
		return pl_fail(PL_STATE,
			       "a path in the archive has %zu characters; 1 to %d are taken", len,
			       BUNDLE_PATH_MOST);
	do { /* no part may be empty (so none begins or ends with '/'), ".", ".." or hidden */
		size_t part = strcspn(at, "/");

		if (part == 0 || *at == '.')
			return pl_fail(PL_STATE,
				       "'%s' in the archive would lead out of its folder, "
				       "or be hidden",
				       path);
		at += part;
	} while (*at++);
	return PL_OK;
}

static enum pl_err keep(char **textp, size_t *lenp, const struct entry *entry)
{
	*textp = malloc(entry->len + 1);
	if (!*textp)
		return PL_NOMEM;
	if (entry->len)
		memcpy(*textp, entry->data, entry->len);
	(*textp)[entry->len] = '\0';
	if (lenp)
		*lenp = entry->len;
	return PL_OK;
}

static enum pl_err see(const struct entry *entry, void *arg)
{
	struct seen *seen = arg;
	char hash[BUNDLE_HASH_SIZE], key[BUNDLE_PATH_MOST + 1] = "";
	enum pl_err err;

	for (size_t i = 0; entry->path[i]; i++)
		key[i] = (char)(entry->path[i] >= 'A' && entry->path[i] <= 'Z'
					? entry->path[i] + ('a' - 'A')
					: entry->path[i]);
	if (json_object_get(seen->files, key))
		return pl_fail(PL_STATE, "'%s' is in the archive twice", entry->path);
	err = bundle_hash(hash, entry->data, entry->len);
	if (!err && strcmp(entry->path, "files.json") == 0)
		err = keep(&seen->list, &seen->list_len, entry);
	else if (!err && strcmp(entry->path, "signature") == 0)
		err = keep(&seen->signature, NULL, entry);
	else if (!err && strcmp(entry->path, "manifest.json") == 0)
		err = keep(&seen->manifest, &seen->manifest_len, entry);
	if (err)
		return err;
	return json_object_set_new(seen->files, key,
				   json_pack("{s:s,s:I,s:s}", "path", entry->path, "size",
					     (json_int_t)entry->len, "sha256", hash)) == 0
		       ? PL_OK
		       : PL_NOMEM;
}

/* ---- what it says of itself ---- */

static enum pl_err check_signature(char signer[64], const struct seen *seen,
				   const struct bundle_rules *rules)
{
	json_t *signature = NULL, *name;
	const char *key;
	enum pl_err err = PL_OK;

	if (!seen->list)
		return pl_fail(PL_STATE,
			       "the archive has no files.json: 'pelago bundle pack' makes one");
	if (!rules->keys)
		return PL_OK;
	if (!seen->signature)
		return pl_fail(PL_STATE, "the archive isn't signed: 'pelago bundle sign' signs it");
	if (pl_json_parse(&signature, seen->signature, strlen(seen->signature)))
		return pl_fail(PL_STATE, "the archive's signature is unreadable");
	key = pl_json_get_text(signature, "key");
	name = json_object_get(rules->keys, key);
	if (!name)
		err = pl_fail(PL_STATE, "the archive is signed by a key that isn't trusted here: "
					"'pelago bundle trust FILE.pub' trusts its maker's");
	else if (!key_check(pl_json_get_text(signature, "signature"), key, seen->list,
			    seen->list_len))
		err = pl_fail(PL_STATE, "the archive was altered: its list isn't what '%s' signed",
			      json_string_value(name));
	else
		snprintf(signer, 64, "%s", json_string_value(name));
	json_decref(signature);
	return err;
}

static enum pl_err check_head(const json_t *list, const struct bundle_rules *rules)
{
	const char *name = NULL, *version = NULL, *arch = NULL, *requires = NULL;
	int64_t format = 0;

	if (pl_json_int(&format, list, "format", 1, INT64_MAX, true))
		return pl_fail(PL_STATE, "the archive's list is malformed: %s",
			       pl_err_detail(PL_INVALID));
	if (format > BUNDLE_FORMAT)
		return pl_fail(PL_NEWER,
			       "the archive has format %lld, this Pelago reads up to %d: "
			       "upgrade Pelago first",
			       (long long)format, BUNDLE_FORMAT);
	if (pl_json_text(&name, list, "name", 64, true) ||
	    pl_json_text(&version, list, "version", BUNDLE_VERSION_MOST, true) ||
	    pl_json_text(&arch, list, "arch", 32, true) ||
	    pl_json_text(&requires, list, "requires", BUNDLE_VERSION_MOST, true))
		return pl_fail(PL_STATE, "the archive's list is malformed: %s",
			       pl_err_detail(PL_INVALID));
	if (!version_is_good(version) || !version_is_good(requires))
		return pl_fail(PL_STATE,
			       "the archive's version '%s' or what it requires, '%s', isn't "
			       "like 1.2.0",
			       version, requires);
	if (rules->platform && version_compare(requires, rules->platform) > 0)
		return pl_fail(PL_NEWER,
			       "%s %s requires Pelago %s, this is %s: upgrade Pelago first", name,
			       version, requires, rules->platform);
	if (rules->arch && strcmp(arch, "all") != 0 && strcmp(arch, rules->arch) != 0)
		return pl_fail(PL_STATE,
			       "%s %s is for %s, this machine is %s: fetch the archive for %s",
			       name, version, arch, rules->arch, rules->arch);
	return PL_OK;
}

static enum pl_err check_file(const json_t *item, const struct seen *seen, size_t *countp)
{
	const char *path = NULL, *hash = NULL;
	json_t *file = NULL, *value;
	const char *key;
	int64_t size = -1;

	if (pl_json_text(&path, item, "path", BUNDLE_PATH_MOST, true) ||
	    pl_json_text(&hash, item, "sha256", 64, true) ||
	    pl_json_int(&size, item, "size", 0, BUNDLE_UNPACKED_MOST, true))
		return pl_fail(PL_STATE, "the archive's list is malformed: %s",
			       pl_err_detail(PL_INVALID));
	json_object_foreach((json_t *)seen->files, key, value) {
		if (strcmp(pl_json_get_text(value, "path"), path) == 0)
			file = value;
	}
	if (!file)
		return pl_fail(PL_STATE, "the archive is incomplete: '%s' is missing", path);
	if (json_integer_value(json_object_get(file, "size")) != size ||
	    strcmp(pl_json_get_text(file, "sha256"), hash) != 0)
		return pl_fail(PL_STATE, "the archive was altered: '%s' isn't what was signed",
			       path);
	if (json_object_get(file, "listed"))
		return pl_fail(PL_STATE, "'%s' is in the archive's list twice", path);
	json_object_set_new(file, "listed", json_true());
	(*countp)++;
	return PL_OK;
}

static enum pl_err check_files(const json_t *list, const struct seen *seen)
{
	json_t *files = NULL, *item, *file;
	enum pl_err err = pl_json_array(&files, list, "files", BUNDLE_FILES_MOST, true);
	const char *key;
	size_t i, count = seen->signature ? 2 : 1; /* what isn't listed: the list, and that */

	if (err)
		return pl_fail(PL_STATE, "the archive's list is malformed: %s", pl_err_detail(err));
	json_array_foreach(files, i, item) {
		if ((err = check_file(item, seen, &count)))
			return err;
	}
	if (count == json_object_size(seen->files))
		return PL_OK;
	json_object_foreach(seen->files, key, file) {
		if (!json_object_get(file, "listed") && strcmp(key, "files.json") != 0 &&
		    strcmp(key, "signature") != 0)
			return pl_fail(PL_STATE, "the archive was altered: '%s' isn't in its list",
				       pl_json_get_text(file, "path"));
	}
	return pl_fail(PL_STATE, "the archive's list names itself");
}

enum pl_err archive_kind_of(enum archive_kind *kindp, const json_t *manifest)
{
	static const struct {
		const char *text;
		enum archive_kind kind;
	} kinds[] = { { "", ARCHIVE_SERVICE },
		      { "platform", ARCHIVE_PLATFORM },
		      { "patch", ARCHIVE_PLATFORM },
		      { "release", ARCHIVE_RELEASE } };
	const char *text = pl_json_get_text(manifest, "kind");

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].text, text) == 0) {
			*kindp = kinds[i].kind;
			return PL_OK;
		}
	return pl_fail(PL_STATE, "the archive is a '%s', which isn't known", text);
}

static enum pl_err check_program(const struct seen *seen, const char *name)
{
	size_t len = strlen(name);
	char program[80];

	for (size_t i = 0; i <= len && i < sizeof(program); i++)
		program[i] =
			(char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] + ('a' - 'A') : name[i]);
	return json_object_get(seen->files, program)
		       ? PL_OK
		       : pl_fail(PL_STATE, "the archive has no program '%s'", name);
}

static enum pl_err check_kind(const json_t *manifest, const struct seen *seen, const json_t *list,
			      int wanted)
{
	static const char *const names[] = { "bundle of a service", "platform package", "release" };
	enum archive_kind kind;
	enum pl_err err = archive_kind_of(&kind, manifest);

	if (err)
		return err;
	if (wanted >= 0 && (int)kind != wanted)
		return pl_fail(PL_STATE, "this is a %s, not a %s", names[kind], names[wanted]);
	if (kind == ARCHIVE_SERVICE && manifest_check(manifest, "manifest.json"))
		return pl_fail(PL_STATE, "the archive's manifest isn't good: %s",
			       pl_err_detail(PL_INVALID));
	if (kind == ARCHIVE_SERVICE)
		return check_program(seen, pl_json_get_text(list, "name"));
	return kind == ARCHIVE_RELEASE ? release_check(manifest, list) : PL_OK;
}

static enum pl_err check_manifest(json_t **manifestp, const struct seen *seen, const json_t *list,
				  int kind)
{
	const char *name = pl_json_get_text(list, "name"),
		   *version = pl_json_get_text(list, "version");
	json_t *manifest = NULL;
	enum pl_err err = PL_OK;

	if (!seen->manifest)
		return pl_fail(PL_STATE, "the archive has no manifest.json");
	if (pl_json_parse(&manifest, seen->manifest, seen->manifest_len))
		err = pl_fail(PL_STATE, "the archive's manifest isn't good: %s",
			      pl_err_detail(PL_INVALID));
	else if (strcmp(pl_json_get_text(manifest, "name"), name) != 0 ||
		 strcmp(pl_json_get_text(manifest, "version"), version) != 0)
		err = pl_fail(PL_STATE, "the archive's list says %s %s, its manifest %s %s", name,
			      version, pl_json_get_text(manifest, "name"),
			      pl_json_get_text(manifest, "version"));
	else
		err = check_kind(manifest, seen, list, kind);
	if (err)
		json_decref(manifest);
	else
		*manifestp = manifest;
	return err;
}

static enum pl_err judge(struct bundle *bundle, const struct seen *seen,
			 const struct bundle_rules *rules, int kind)
{
	enum pl_err err = check_signature(bundle->signer, seen, rules);

	if (!err && pl_json_parse(&bundle->files, seen->list, seen->list_len))
		err = pl_fail(PL_STATE, "the archive's list is unreadable");
	if (!err)
		err = check_head(bundle->files, rules);
	if (!err)
		err = check_files(bundle->files, seen);
	if (!err)
		err = check_manifest(&bundle->manifest, seen, bundle->files, kind);
	return err;
}

enum pl_err archive_read(struct bundle *bundle, const struct source *source,
			 const struct bundle_rules *rules, int kind)
{
	size_t most = source->data ? BUNDLE_BYTES_MOST : RELEASE_BYTES_MOST;
	struct seen seen = { .files = json_object() };
	enum pl_err err = seen.files ? PL_OK : PL_NOMEM;

	memset(bundle, 0, sizeof(*bundle));
	if (!err && source->len > most)
		err = pl_fail(PL_TOOLARGE, "the archive has %zu bytes; at most %zu MiB are taken",
			      source->len, most >> 20);
	if (!err)
		err = source->data ? bundle_hash(bundle->hash, source->data, source->len)
				   : hash_file(bundle->hash, source->fd);
	if (!err)
		err = zip_walk(source, source->data ? rules->unpacked_most : most, see, &seen);
	if (!err)
		err = judge(bundle, &seen, rules, kind);
	json_decref(seen.files);
	free(seen.list);
	free(seen.signature);
	free(seen.manifest);
	if (err)
		bundle_fini(bundle);
	return err;
}

enum pl_err bundle_read(struct bundle *bundle, const void *data, size_t len,
			const struct bundle_rules *rules)
{
	struct source source = { data ? data : "", len, -1 };

	return archive_read(bundle, &source, rules, ARCHIVE_SERVICE);
}

void bundle_fini(struct bundle *bundle)
{
	json_decref(bundle->manifest);
	json_decref(bundle->files);
	memset(bundle, 0, sizeof(*bundle));
}
