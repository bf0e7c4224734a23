/*
 * bundle.h — a bundle (.svar): the archive in which a service is delivered.
 *
 * A zip of the service's manifest.json, its program (named as the service), and what else it brings
 * (web/…, workflows/…, lib/…, attributes.json), beside two files:
 *
 *   files.json  {"format":1,"name","version","arch","requires":VERSION,
 *                "files":[{"path","size","sha256","run":BOOL}…]}: all other files, in the order of
 *                their paths; arch is that of `uname -m`, or "all"; requires the oldest platform
 *   signature   {"key","signature"}: Ed25519 (RFC 8032) over the bytes of files.json; base64
 *
 * So the signature is over all of it. A bundle is refused that is unsigned, or signed by a key that
 * isn't trusted; that lacks or brings a file that isn't in the list, or one with other bytes; whose
 * paths lead elsewhere, aren't plain files or are there twice, in any case; that unpacks to more
 * than it may; that is for another processor or a newer platform. All of it is checked before a
 * byte of it is written.
 *
 * Any thread; blocks as long as hashing takes (about 1 s for 300 MB).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_BUNDLE_H
#define PELAGO_BUNDLE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "pelago/err.h"

enum {
	BUNDLE_FORMAT = 1,
	BUNDLE_BYTES_MOST = 64 << 20, /* of the archive */
	BUNDLE_UNPACKED_MOST = 256 << 20,
	BUNDLE_RATIO_MOST = 100,     /* unpacked to packed … */
	BUNDLE_RATIO_FREE = 1 << 20, /* … from that many bytes on */
	BUNDLE_FILES_MOST = 4096,
	BUNDLE_PATH_MOST = 200,
	BUNDLE_VERSION_MOST = 40,
	BUNDLE_HASH_SIZE = 65, /* SHA-256 in hexadecimal digits, with the 0 */
	BUNDLE_KEY_SIZE = 128, /* a line of a key file, with the 0 */
};

/* What is taken. */
struct bundle_rules {
	const json_t *keys; /* {KEY: NAME}: trusted keys, as bundle_trust makes it; NULL: it needn't
			       be signed, as before bundle_sign */
	const char *arch;   /* of this machine; NULL: any */
	const char *platform; /* version of this platform; NULL: any */
	size_t unpacked_most; /* bytes; 0: BUNDLE_UNPACKED_MOST */
};

struct bundle {
	json_t *manifest;	     /* object */
	json_t *files;		     /* files.json */
	char hash[BUNDLE_HASH_SIZE]; /* of the whole archive */
	char signer[64];	     /* name of the key */
};

/*
 * bundle_read checks an archive in memory by the rules. Returns PL_STATE with what is wrong and
 * what to do, PL_NEWER for one that needs a newer platform, PL_TOOLARGE, PL_NOMEM. The caller calls
 * bundle_fini if it returned PL_OK.
 */
enum pl_err bundle_read(struct bundle *bundle, const void *data, size_t len,
			const struct bundle_rules *rules);
void bundle_fini(struct bundle *bundle);

/*
 * bundle_unpack checks it as bundle_read does, and unpacks it into folder, which mustn't be there
 * yet: it is there whole and durable, or not at all. PL_FULL, PL_IO, and as bundle_read.
 */
enum pl_err bundle_unpack(const char *folder, const void *data, size_t len,
			  const struct bundle_rules *rules);

/* What a bundle is made of. */
struct bundle_parts {
	const char *folder;
	const char *program;  /* its file; NULL: the one in the folder */
	const char *secret;   /* line of a private key file; NULL: it isn't signed */
	const char *requires; /* oldest platform */
	const char *arch;     /* NULL: the manifest's, else that of this machine */
	const char *version;  /* put into the manifest; NULL: the one that is there */
};

/*
 * bundle_pack makes an archive of a folder. Of a built service: manifest.json, the program, and the
 * members of the table in pack.c that are there. Of what manifest.json calls a platform, a patch or
 * a release (release.h): all that isn't hidden. The same files make the same archive. *datap:
 * free(). PL_INVALID, PL_NOTFOUND name the file.
 */
enum pl_err bundle_pack(void **datap, size_t *lenp, const struct bundle_parts *parts);
/* bundle_sign makes the same archive, signed by this key and no other; what isn't as its list says
 * is refused as by bundle_read. *newp: free() */
enum pl_err bundle_sign(void **newp, size_t *new_lenp, const void *data, size_t len,
			const char *secret);

/* bundle_hash writes the SHA-256 of an archive in small hexadecimal digits. */
enum pl_err bundle_hash(char hash[BUNDLE_HASH_SIZE], const void *data, size_t len);

/* ---- keys ---- */

/* bundle_key_make makes a pair: one line each, without an end of line. */
enum pl_err bundle_key_make(char secret[BUNDLE_KEY_SIZE], char public_key[BUNDLE_KEY_SIZE]);
/* bundle_key_check: PL_INVALID for a line that is no public key. */
enum pl_err bundle_key_check(const char *line);
/*
 * bundle_trusted adds those whose bundles may run here: PROGRAMS/bundles, which came with the
 * programs, and DATA/trust, which its administrator trusts. bundle_makers adds those whose bundles
 * and releases are taken in: the same, without the development key unless DATA/trust has it (as in
 * a demo) or the programs are run from where they were built.
 */
enum pl_err bundle_makers(json_t *keys, const char *data, const char *programs);
enum pl_err bundle_trusted(json_t *keys, const char *data, const char *programs);
/* bundle_trust adds the keys of a folder's files *.pub to an object {KEY: NAME}; a folder that
 * isn't there has none. PL_INVALID names a file that is no key. */
enum pl_err bundle_trust(json_t *keys, const char *folder);

/* ---- versions ---- */

/* version_is_good: "1.2.0", "1.2.0-rc.1", "1.2.0+3" (semver.org 2.0.0). */
bool version_is_good(const char *version);
/* version_compare is as strcmp, by the rules of semver.org 2.0.0 §11; what follows "+" doesn't
 * count. */
int version_compare(const char *a, const char *b);
enum { VERSION_KEY_SIZE = 200 };
/* version_key writes a text whose bytes are in the order of versions, for lists that are sorted by
 * bytes; it is another one for each version. Of what is no version it is that text, cut. Returns
 * key. */
const char *version_key(char key[VERSION_KEY_SIZE], const char *version);

#endif
