/*
 * impl.h — what the files of the bundle share.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_BUNDLE_IMPL_H
#define PELAGO_BUNDLE_IMPL_H

#include "platform/bundle/bundle.h"

/* key_sign and key_check: base64 in, base64 out. */
enum pl_err key_sign(char signature[BUNDLE_KEY_SIZE], char public_key[BUNDLE_KEY_SIZE],
		     const char *secret, const void *data, size_t len);
bool key_check(const char *signature, const char *public_key, const void *data, size_t len);

/* path_check: what a path in a bundle may be. PL_STATE names it. */
enum pl_err path_check(const char *path);

struct zip; /* opaque: an archive that is made */

/* One file of an archive; all borrowed until the visitor returns. */
struct entry {
	const char *path;
	const void *data;
	size_t len;
};
/* entry_runs tells whether a file is a program, by the bundle's list. */
bool entry_runs(const struct bundle *bundle, const char *path);
typedef enum pl_err entry_fn(const struct entry *entry, void *arg);
/* Where an archive is: in memory, or in a file. */
struct source {
	const void *data; /* NULL: the file */
	size_t len;
	int fd;
};
/* zip_walk calls fn for each file of an archive, none of which may be anything but a plain file.
 * unpacked_most: bytes of all of them; 0: BUNDLE_UNPACKED_MOST. */
enum pl_err zip_walk(const struct source *source, size_t unpacked_most, entry_fn *fn, void *arg);

/* What an archive is of, by "kind" of its manifest; a service's has none. */
enum archive_kind { ARCHIVE_SERVICE, ARCHIVE_PLATFORM, ARCHIVE_RELEASE };
/* archive_read checks one of a kind, or of any if kind is negative. */
enum pl_err archive_read(struct bundle *bundle, const struct source *source,
			 const struct bundle_rules *rules, int kind);
enum pl_err archive_unpack(const char *folder, const struct source *source,
			   const struct bundle_rules *rules, int kind);
/* names_make links the program's other names (names.h) to it in a folder. */
enum pl_err names_make(const char *folder);
/* release_check tells whether a release's manifest says what its list does. */
enum pl_err release_check(const json_t *manifest, const json_t *files);
/* archive_kind_of: PL_STATE for one that isn't known. */
enum pl_err archive_kind_of(enum archive_kind *kindp, const json_t *manifest);
/* hash_file is bundle_hash of a file. */
enum pl_err hash_file(char hash[BUNDLE_HASH_SIZE], int fd);

/* seal_add adds the file `signature` over a list. */
enum pl_err seal_add(struct zip *zip, const char *secret, const char *list, size_t list_len);

enum pl_err zip_new(struct zip **zipp);
enum pl_err zip_add(struct zip *zip, const char *path, bool runs, const void *data, size_t len);
/* zip_end gives the bytes (free()) and frees it; zip_free takes NULL. */
enum pl_err zip_end(void **datap, size_t *lenp, struct zip *zip);
void zip_free(struct zip *zip);

#endif
