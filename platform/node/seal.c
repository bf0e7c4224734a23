/*
 * seal.c — the key pair to which the manager seals secrets for this node (libsodium's
 * crypto_box_seal).
 *
 * nodes/NAME/seal.key holds the secret key and the public key in base64, one a line. Lost, it is
 * made anew, and the manager seals for the new one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node.h"
#include "platform/setup/file.h"

enum { BASE64 = sodium_base64_VARIANT_ORIGINAL, LINE = 44 };

static enum pl_err make(char public_text[SEAL_KEY_SIZE], const char *path)
{
	unsigned char public_key[crypto_box_PUBLICKEYBYTES], secret_key[crypto_box_SECRETKEYBYTES];
	char secret_text[SEAL_KEY_SIZE], text[2 * SEAL_KEY_SIZE + 2];
	enum pl_err err;

	crypto_box_keypair(public_key, secret_key);
	sodium_bin2base64(public_text, SEAL_KEY_SIZE, public_key, sizeof(public_key), BASE64);
	sodium_bin2base64(secret_text, SEAL_KEY_SIZE, secret_key, sizeof(secret_key), BASE64);
	snprintf(text, sizeof(text), "%s\n%s\n", secret_text, public_text);
	err = file_replace(path, text, strlen(text), 0600);
	sodium_memzero(secret_key, sizeof(secret_key));
	sodium_memzero(secret_text, sizeof(secret_text));
	sodium_memzero(text, sizeof(text));
	return err;
}

enum pl_err seal_open(struct node *node)
{
	char *path = NULL, *text = NULL;
	size_t len = 0;
	enum pl_err err = PL_NOMEM;

	if (sodium_init() < 0)
		return PL_INTERNAL;
	if (asprintf(&path, "%s/nodes/%s/seal.key", node->data, node->name) < 0)
		return PL_NOMEM;
	err = file_read(&text, &len, path);
	if (!err && len == 2 * (LINE + 1)) {
		memcpy(node->seal_key, text + LINE + 1, LINE);
	} else if (!err || err == PL_NOTFOUND) {
		pl_err_clear();
		err = make(node->seal_key, path);
	}
	if (text)
		sodium_memzero(text, len);
	free(text);
	free(path);
	return err;
}
