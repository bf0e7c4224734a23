/*
 * send.c — see send.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "platform/cli/send.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

enum pl_err bundle_send(json_t **viewp, struct cli *cli, const void *data, size_t len)
{
	char id[40], hash[BUNDLE_HASH_SIZE];
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
	if (!err)
		err = bundle_hash(hash, data, len);
	if (!err)
		err = commit(cli, id, hash, len);
	if (!err)
		err = cli_send(
			viewp, cli, "Manager.bundle-load", json_object(), NULL,
			json_pack("{s:{s:s,s:I}}", "blob", "hash", hash, "size", (json_int_t)len));
	return err;
}
