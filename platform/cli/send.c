/*
 * send.c — see send.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "platform/cli/send.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pelago/json.h"
#include "platform/bundle/bundle.h"

enum { CHUNK = 96 << 10, PUT_MS = 10000, BASE64 = sodium_base64_VARIANT_ORIGINAL };

static void upload_id(char id[40])
{
	unsigned char bin[16];

	randombytes_buf(bin, sizeof(bin));
	memcpy(id, "cli-", 4);
	sodium_bin2hex(id + 4, 33, bin, sizeof(bin));
}

static enum pl_err put(struct cli *cli, const char *id, size_t n, const unsigned char *data,
		       size_t len)
{
	size_t room = sodium_base64_ENCODED_LEN(len, BASE64);
	char *text = malloc(room);
	json_t *reply = NULL;
	enum pl_err err;

	if (!text)
		return PL_NOMEM;
	sodium_bin2base64(text, room, data, len, BASE64);
	err = cli_ask(&reply, cli, "Manager.blob-put",
		      json_pack("{s:s,s:I,s:s}", "upload", id, "n", (json_int_t)n, "data", text),
		      PUT_MS);
	json_decref(reply);
	free(text);
	return err;
}

static enum pl_err commit(struct cli *cli, const char *id, const char *hash, size_t len)
{
	json_t *reply = NULL;
	enum pl_err err = cli_ask(
		&reply, cli, "Manager.blob-commit",
		json_pack("{s:s,s:s,s:I}", "upload", id, "hash", hash, "size", (json_int_t)len),
		PUT_MS);

	json_decref(reply);
	return err;
}

static enum pl_err load(json_t **viewp, struct cli *cli, const char *id, const char *hash,
			size_t len, const char *operation)
{
	enum pl_err err = commit(cli, id, hash, len);

	return err ? err
		   : cli_send(viewp, cli, operation, json_object(), NULL,
			      json_pack("{s:{s:s,s:I}}", "blob", "hash", hash, "size",
					(json_int_t)len));
}

static enum pl_err send_bytes(char id[40], char hash[BUNDLE_HASH_SIZE], struct cli *cli,
			      const void *data, size_t len)
{
	enum pl_err err = PL_OK;

	if (len == 0)
		return pl_fail(PL_STATE, "an empty file is no bundle");
	if (len > BUNDLE_BYTES_MOST)
		return pl_fail(PL_TOOLARGE, "the bundle has %zu bytes; at most %d MiB are taken",
			       len, BUNDLE_BYTES_MOST >> 20);
	upload_id(id);
	for (size_t n = 0; !err && n * CHUNK < len; n++)
		err = put(cli, id, n, (const unsigned char *)data + n * CHUNK,
			  len - n * CHUNK < CHUNK ? len - n * CHUNK : CHUNK);
	return err ? err : bundle_hash(hash, data, len);
}

enum pl_err bundle_send(json_t **viewp, struct cli *cli, const void *data, size_t len)
{
	char id[40], hash[BUNDLE_HASH_SIZE];
	enum pl_err err = send_bytes(id, hash, cli, data, len);

	return err ? err : load(viewp, cli, id, hash, len, "Manager.bundle-load");
}

enum pl_err bytes_send(char hash[BUNDLE_HASH_SIZE], struct cli *cli, const void *data, size_t len)
{
	char id[40];
	enum pl_err err = send_bytes(id, hash, cli, data, len);

	return err ? err : commit(cli, id, hash, len);
}

/* A part of it, as long as a chunk unless it is the last. */
static enum pl_err read_part(size_t *lenp, unsigned char part[CHUNK], int fd, size_t at)
{
	ssize_t got = 1;

	for (*lenp = 0; got > 0 && *lenp < CHUNK; *lenp += (size_t)got) {
		got = pread(fd, part + *lenp, CHUNK - *lenp, (off_t)(at + *lenp));
		if (got < 0)
			return pl_fail(PL_IO, "the file can't be read: %s", strerror(errno));
	}
	return PL_OK;
}

static enum pl_err send_parts(size_t *sizep, char hash[BUNDLE_HASH_SIZE], struct cli *cli,
			      const char *id, int fd)
{
	unsigned char *part = malloc(CHUNK), bin[crypto_hash_sha256_BYTES];
	crypto_hash_sha256_state sum;
	enum pl_err err = part ? PL_OK : PL_NOMEM;
	size_t len = CHUNK;

	crypto_hash_sha256_init(&sum);
	for (*sizep = 0; !err && len == CHUNK; *sizep += len) {
		err = read_part(&len, part, fd, *sizep);
		if (!err && len > 0) {
			crypto_hash_sha256_update(&sum, part, len);
			err = put(cli, id, *sizep / CHUNK, part, len);
		}
	}
	crypto_hash_sha256_final(&sum, bin);
	sodium_bin2hex(hash, BUNDLE_HASH_SIZE, bin, sizeof(bin));
	free(part);
	return err;
}

enum pl_err file_send(json_t **viewp, struct cli *cli, int fd, const char *operation)
{
	char id[40], hash[BUNDLE_HASH_SIZE];
	size_t size = 0;
	enum pl_err err;

	upload_id(id);
	err = send_parts(&size, hash, cli, id, fd);
	return err ? err : load(viewp, cli, id, hash, size, operation);
}
