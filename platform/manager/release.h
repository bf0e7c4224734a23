/*
 * release.h — releases of Pelago that the manager holds (platform/bundle/release.h).
 *
 *   release.c       what is held: lists, members, deletion
 *   release_load.c  one comes: checked on a thread, stored member by member
 *
 * The members are blobs by their hashes, as bundles are, so nodes fetch a platform package as they
 * fetch a bundle; the archive itself isn't kept. Loading a release installs nothing: its bundles
 * are loaded one by one by release_bundle_load.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_MANAGER_RELEASE_H
#define PELAGO_MANAGER_RELEASE_H

#include "platform/bundle/release.h"
#include "platform/manager/manager.h"

struct release {
	struct release *next; /* falling versions */
	char *version, *hash, *signer;
	int64_t size, loaded_ms;
	json_t *manifest;
	json_t *members; /* array of {"path","hash","size","manifest"}; manifest: of a bundle or a
			    platform package, else null */
};

extern const char release_tables[];		 /* a migration */
enum pl_err releases_read(struct pl_turn *turn); /* at start, after a rollback and a change */

/* releases_first returns the newest, or NULL; borrowed, as the others, until the next change. */
const struct release *releases_first(void);
const struct release *release_find(const char *version);
/* release_member returns a member by its path, or NULL. */
const json_t *release_member(const struct release *release, const char *path);
/* release_platform returns the member that is the platform package for a processor, or NULL. */
const json_t *release_platform(const struct release *release, const char *arch);
/* release_service returns what a release's manifest says of a service, or NULL. */
const json_t *release_service(const struct release *release, const char *service);
/* release_has_service: one of the releases brings a service of that name: it is no other maker's.
 */
bool release_has_service(const char *service);

/*
 * release_bundle_load loads a bundle of a release as bundle_load does; request: who asks. PL_STATE
 * where other contents are loaded under its name and version, PL_NOTFOUND.
 */
enum pl_err release_bundle_load(struct pl_turn *turn, const struct release *release,
				const char *service, const json_t *request);

json_t *release_view(const struct release *release, bool with_manifest);
enum pl_err op_releases(struct pl_turn *turn, const json_t *body, json_t **replyp);
enum pl_err op_release(struct pl_turn *turn, const json_t *body, json_t **replyp);
enum pl_err op_release_delete(struct pl_turn *turn, const json_t *body, json_t **replyp);

/* release_load.c */
enum pl_err op_release_load(struct pl_turn *turn, const json_t *body, json_t **replyp);
void release_load_close(void); /* waits for the one that is being read */

#endif
