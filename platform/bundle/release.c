/*
 * release.c — see release.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "platform/bundle/release.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <sodium.h>

#include "pelago/json.h"
#include "pelago/version.h"
#include "platform/bundle/impl.h"

enum { SOURCES_MOST = 16, MEMBERS_MOST = 1000, HASH_BLOCK = 64 << 10 };

enum pl_err hash_file(char hash[BUNDLE_HASH_SIZE], int fd)
{
	EVP_MD_CTX *sum = EVP_MD_CTX_new();
	char *block = malloc(HASH_BLOCK);
	bool ok = sum && block && EVP_DigestInit_ex(sum, EVP_sha256(), NULL) == 1;
	enum pl_err err = ok ? PL_OK : PL_NOMEM;
	unsigned char bin[32];
	off_t at = 0;

	while (!err) {
		ssize_t got = pread(fd, block, HASH_BLOCK, at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			err = pl_fail(PL_IO, "the archive can't be read: %s", strerror(errno));
		if (got <= 0)
			break;
		at += got;
		if (EVP_DigestUpdate(sum, block, (size_t)got) != 1)
			err = PL_NOMEM;
	}
	if (!err && EVP_DigestFinal_ex(sum, bin, NULL) != 1)
		err = PL_NOMEM;
	if (!err)
		sodium_bin2hex(hash, BUNDLE_HASH_SIZE, bin, sizeof(bin));
	EVP_MD_CTX_free(sum);
	free(block);
	return err;
}

static enum pl_err open_source(struct source *source, int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return pl_fail(PL_IO, "the archive is no file that can be read");
	*source = (struct source){ NULL, (size_t)st.st_size, fd };
	return PL_OK;
}

/* ---- its manifest ---- */

static enum pl_err malformed(void)
{
	return pl_fail(PL_STATE, "the release's manifest is malformed: %s",
		       pl_err_detail(PL_INVALID));
}

static enum pl_err check_sources(const json_t *manifest)
{
	json_t *sources = NULL, *item;
	int major, minor, end;
	size_t i;

	if (pl_json_array(&sources, manifest, "sources", SOURCES_MOST, true))
		return malformed();
	json_array_foreach(sources, i, item) {
		const char *text = json_is_string(item) ? json_string_value(item) : "";

		end = -1;
		if (sscanf(text, "%d.%d%n", &major, &minor, &end) != 2 || end < 0 || text[end])
			return pl_fail(PL_STATE,
				       "the release's manifest is malformed: sources[%zu] isn't "
				       "like \"0.1\"",
				       i);
	}
	return json_array_size(sources) > 0
		       ? PL_OK
		       : pl_fail(PL_STATE, "the release takes over from no other");
}

static const json_t *listed(const json_t *list, const char *path)
{
	json_t *item;
	size_t i;

	json_array_foreach(json_object_get(list, "files"), i, item) {
		if (strcmp(pl_json_get_text(item, "path"), path) == 0)
			return item;
	}
	return NULL;
}

/* What a manifest says of a member is what the signed list says. */
static enum pl_err check_member(const json_t *member, const json_t *list)
{
	const char *file = NULL, *hash = NULL;
	const json_t *item;
	int64_t size = 0;

	if (pl_json_text(&file, member, "file", BUNDLE_PATH_MOST, true) ||
	    pl_json_text(&hash, member, "sha256", BUNDLE_HASH_SIZE - 1, true) ||
	    pl_json_int(&size, member, "size", 1, BUNDLE_BYTES_MOST, true))
		return malformed();
	item = listed(list, file);
	if (!item || strcmp(pl_json_get_text(item, "sha256"), hash) != 0 ||
	    json_integer_value(json_object_get(item, "size")) != size)
		return pl_fail(PL_STATE, "the release's manifest names '%s', which isn't in it so",
			       file);
	return PL_OK;
}

static enum pl_err check_service(const json_t *member)
{
	const char *name = NULL, *version = NULL;
	int64_t schema = 0;

	if (pl_json_text(&name, member, "name", 64, true) ||
	    pl_json_text(&version, member, "version", BUNDLE_VERSION_MOST, true) ||
	    pl_json_int(&schema, member, "schema", 0, INT32_MAX, true) ||
	    pl_json_int(&schema, member, "contracts", 0, INT32_MAX, true))
		return malformed();
	return version_is_good(version)
		       ? PL_OK
		       : pl_fail(PL_STATE, "%s's version '%s' isn't like 1.2.0", name, version);
}

static enum pl_err check_members(const json_t *manifest, const char *name, const json_t *list)
{
	bool is_service = strcmp(name, "services") == 0;
	json_t *members = NULL, *member;
	enum pl_err err = PL_OK;
	size_t i;

	if (pl_json_array(&members, manifest, name, MEMBERS_MOST, true))
		return malformed();
	json_array_foreach(members, i, member) {
		err = check_member(member, list);
		if (!err && is_service)
			err = check_service(member);
		if (err)
			return err;
	}
	return PL_OK;
}

static enum pl_err check_platform(const json_t *manifest, const json_t *list)
{
	const char *arch = pl_json_get_text(list, "arch");
	json_t *member;
	size_t i;

	json_array_foreach(json_object_get(manifest, "platform"), i, member) {
		if (strcmp(pl_json_get_text(member, "arch"), arch) == 0)
			return PL_OK;
	}
	return pl_fail(PL_STATE, "the release has no platform package for %s", arch);
}

enum pl_err release_check(const json_t *manifest, const json_t *list)
{
	enum pl_err err = check_sources(manifest);

	if (!err)
		err = check_members(manifest, "platform", list);
	if (!err)
		err = check_members(manifest, "services", list);
	if (!err)
		err = check_platform(manifest, list);
	if (!err && (!json_is_object(json_object_get(manifest, "minimum")) ||
		     !json_is_object(json_object_get(manifest, "changes"))))
		err = pl_fail(PL_STATE, "the release's manifest has no minimum or no changes");
	return err;
}

/* "0.1, 0.2" */
static void sources_text(char text[128], const json_t *manifest)
{
	json_t *item;
	size_t i, at = 0;

	text[0] = '\0';
	json_array_foreach(json_object_get(manifest, "sources"), i, item) {
		int len = snprintf(text + at, 128 - at, "%s%s", i ? ", " : "",
				   json_string_value(item));

		if (len < 0 || (size_t)len >= 128 - at)
			return;
		at += (size_t)len;
	}
}

enum pl_err release_takes(const json_t *manifest, const char *from)
{
	const char *version = pl_json_get_text(manifest, "version");
	char text[128];
	json_t *item;
	size_t i;

	json_array_foreach(json_object_get(manifest, "sources"), i, item) {
		const char *source = json_string_value(item);
		size_t len = strlen(source);

		if (strncmp(from, source, len) == 0 && from[len] == '.')
			return PL_OK;
	}
	if (version_compare(from, version) > 0)
		return pl_fail(PL_STATE,
			       "release %s is older than this Pelago %s: an upgrade is taken back "
			       "by 'pelago upgrade rollback'",
			       version, from);
	sources_text(text, manifest);
	return pl_fail(PL_STATE,
		       "release %s takes over from %s in place, and this is Pelago %s: upgrade to "
		       "one of those first",
		       version, text, from);
}

/* ---- reading ---- */

enum pl_err release_read(struct bundle *release, int fd, const struct bundle_rules *rules)
{
	struct source source;
	enum pl_err err;

	memset(release, 0, sizeof(*release));
	err = open_source(&source, fd);
	if (!err)
		err = archive_read(release, &source, rules, ARCHIVE_RELEASE);
	if (!err && rules->platform && (err = release_takes(release->manifest, rules->platform)))
		bundle_fini(release);
	return err;
}

struct walk {
	const struct bundle *release;
	release_member_fn *fn;
	void *arg;
};

static enum pl_err visit(const struct entry *entry, void *arg)
{
	const struct walk *w = arg;
	const json_t *item = listed(w->release->files, entry->path);
	struct release_member member = { .path = entry->path,
					 .data = entry->data,
					 .len = entry->len };
	char hash[BUNDLE_HASH_SIZE];
	enum pl_err err;

	if (!item || strcmp(entry->path, "manifest.json") == 0)
		return PL_OK; /* the list and its signature are in no list */
	err = bundle_hash(hash, entry->data, entry->len);
	if (!err && strcmp(hash, pl_json_get_text(item, "sha256")) != 0)
		err = pl_fail(PL_STATE, "the release was changed while it was read");
	member.hash = hash;
	return err ? err : w->fn(&member, w->arg);
}

enum pl_err release_walk(const struct bundle *release, int fd, release_member_fn *fn, void *arg)
{
	struct walk walk = { release, fn, arg };
	struct source source;
	enum pl_err err = open_source(&source, fd);

	return err ? err : zip_walk(&source, RELEASE_BYTES_MOST, visit, &walk);
}

/* ---- platform packages ---- */

enum pl_err platform_read(struct bundle *package, const void *data, size_t len,
			  const struct bundle_rules *rules)
{
	struct source source = { data ? data : "", len, -1 };

	return archive_read(package, &source, rules, ARCHIVE_PLATFORM);
}

enum pl_err platform_unpack(const char *folder, const void *data, size_t len,
			    const struct bundle_rules *rules)
{
	struct source source = { data ? data : "", len, -1 };

	return archive_unpack(folder, &source, rules, ARCHIVE_PLATFORM);
}
