/*
 * release.h — packages of Pelago itself, and the release that carries them.
 *
 * All are archives as bundles are (bundle.h): a zip with files.json and a signature over it, read
 * by the same code and refused for the same reasons. Their manifest.json has "kind":
 *
 *   platform  platform-VERSION-ARCH.zip: the programs, their pages and manifests, as in an
 * installed tree. {"kind":"platform","name":"pelago","version","arch"} patch     the same with
 * "base":VERSION, only changed files release   pelago-VERSION.zip: platform packages, bundles and
 * workflows as members
 *
 * Manifest of a release:
 *
 *   {"kind":"release","name":"pelago","version":"0.2.0","arch":"x86_64",
 *    "sources":["0.0","0.1","0.2"],   minors that it takes over from in place
 *    "platform":[{"arch","file","size","sha256"}…],
 *    "services":[{"name","version","file","size","sha256","cluster","schema":NUMBER,
 *                 "contracts":NUMBER}…], schema: last migration; contracts: highest level that one
 *                 of them waits for, 0 for none
 *    "manager":{"schema","contracts"},
 *    "minimum":{"processors","memoryMiB","freeMiB":{"/":NUMBER,"/var":NUMBER,"demo":NUMBER}},
 *    "companions":[{"name":"nats-server","version":"2.9.10"}…],   minimum
 *    "since":"0.1.0" or null,       the release that it was compared with
 *    "changes":{"services","workflows","tasks","attributes","interfaces":
 *               {"added":[…],"changed":[…],"removed":[…]}},    names; of an attribute Service.key,
 *                 of an interface "GET /api/v1/…", "message NAME" or "event NOUN of SERVICE"
 *    "messages":[{"name","path","type","from":"client"|"server"}]}   where those of them that are
 *                 messages of a WebSocket are said, and by whom
 *
 * A release is read member by member, so it needs the memory of its largest member only.
 *
 * Any thread; blocks as long as reading and hashing take.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_BUNDLE_RELEASE_H
#define PELAGO_BUNDLE_RELEASE_H

#include "platform/bundle/bundle.h"

#define RELEASE_BYTES_MOST (1024L << 20) /* of the archive, and of what is in it */

/*
 * release_read checks an archive in an open file by the rules; its offset doesn't matter, and is
 * changed. *release: bundle_fini. rules.platform is the version of the manager that reads it: one
 * that the release doesn't take over from is refused. As bundle_read, and PL_IO.
 */
enum pl_err release_read(struct bundle *release, int fd, const struct bundle_rules *rules);

/* A member of a release: platform package, bundle, workflow. data is borrowed until fn returns. */
struct release_member {
	const char *path, *hash; /* path: "bundles/UCMService-0.2.0.svar" */
	const void *data;
	size_t len;
};
typedef enum pl_err release_member_fn(const struct release_member *member, void *arg);
/* release_walk calls fn for each member but the manifest, of an archive that release_read has
 * taken; an error of fn ends it, and is returned. PL_STATE if the file was changed since. */
enum pl_err release_walk(const struct bundle *release, int fd, release_member_fn *fn, void *arg);

/* release_takes tells whether a release takes over from a version in place: PL_OK, or PL_STATE with
 * the sentence that says from which it does and what to do. */
enum pl_err release_takes(const json_t *manifest, const char *from);

/* platform_read and platform_unpack are bundle_read and bundle_unpack for a platform package or a
 * patch (manifest.json: see above). */
enum pl_err platform_read(struct bundle *package, const void *data, size_t len,
			  const struct bundle_rules *rules);
enum pl_err platform_unpack(const char *folder, const void *data, size_t len,
			    const struct bundle_rules *rules);

#endif
