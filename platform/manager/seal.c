/*
 * seal.c — see seal.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "seal.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/setup/file.h"

enum {
	KEY_BYTES = crypto_secretbox_xchacha20poly1305_KEYBYTES,
	NONCE_BYTES = crypto_secretbox_xchacha20poly1305_NONCEBYTES,
	MAC_BYTES = crypto_secretbox_xchacha20poly1305_MACBYTES,
	BASE64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING,
};

static enum pl_err key_make(const char *path)
{
	unsigned char key[KEY_BYTES];
	char text[2 * KEY_BYTES + 1];
	enum pl_err err;

	randombytes_buf(key, sizeof(key));
	sodium_bin2hex(text, sizeof(text), key, sizeof(key));
	err = file_replace(path, text, strlen(text), 0600);
	sodium_memzero(key, sizeof(key));
	sodium_memzero(text, sizeof(text));
	return err;
}

static enum pl_err key_read(unsigned char key[KEY_BYTES], const char *data)
{
	char *path = NULL, *text = NULL;
	enum pl_err err = asprintf(&path, "%s/keys/master.key", data) < 0 ? PL_NOMEM : PL_OK;
	size_t len = 0;

	if (err)
		return err;
	err = file_read(&text, NULL, path);
	if (err == PL_NOTFOUND) {
		err = key_make(path);
		if (!err)
			err = file_read(&text, NULL, path);
	}
	if (!err && (sodium_hex2bin(key, KEY_BYTES, text, strlen(text), "\n", &len, NULL) ||
		     len != KEY_BYTES))
		err = pl_fail(PL_IO, "%s holds no key; restore it, or set the secrets anew", path);
	if (text)
		sodium_memzero(text, strlen(text));
	free(text);
	free(path);
	return err;
}

enum pl_err seal(char **textp, const char *data, const char *secret)
{
	size_t len = strlen(secret), box_len = NONCE_BYTES + MAC_BYTES + len;
	size_t size = sodium_base64_encoded_len(box_len, BASE64);
	unsigned char key[KEY_BYTES], *box = malloc(box_len);
	char *text = malloc(size);
	enum pl_err err = box && text ? key_read(key, data) : PL_NOMEM;

	if (!err) {
		randombytes_buf(box, NONCE_BYTES);
		crypto_secretbox_xchacha20poly1305_easy(
			box + NONCE_BYTES, (const unsigned char *)secret, len, box, key);
		sodium_bin2base64(text, size, box, box_len, BASE64);
	}
	sodium_memzero(key, sizeof(key));
	free(box);
	if (err)
		free(text);
	else
		*textp = text;
	return err;
}

enum pl_err unseal(char **textp, const char *data, const char *sealed)
{
	size_t box_size = strlen(sealed) + 1, box_len = 0;
	unsigned char key[KEY_BYTES], *box = malloc(box_size);
	char *text = malloc(box_size);
	enum pl_err err = box && text ? key_read(key, data) : PL_NOMEM;

	if (!err &&
	    (sodium_base642bin(box, box_size, sealed, strlen(sealed), NULL, &box_len, NULL,
			       BASE64) ||
	     box_len < NONCE_BYTES + MAC_BYTES ||
	     crypto_secretbox_xchacha20poly1305_open_easy((unsigned char *)text, box + NONCE_BYTES,
							  box_len - NONCE_BYTES, box, key)))
		err = pl_fail(PL_STATE,
			      "a secret was sealed by another master key: set it anew, or restore "
			      "keys/master.key");
	sodium_memzero(key, sizeof(key));
	free(box);
	if (err) {
		free(text);
		return err;
	}
	text[box_len - NONCE_BYTES - MAC_BYTES] = '\0';
	*textp = text;
	return PL_OK;
}
