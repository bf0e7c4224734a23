/*
 * key.c — Ed25519 keys of bundles, and SHA-256.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <dirent.h>
#include <openssl/evp.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/bundle/impl.h"
#include "platform/setup/file.h"
#include "platform/setup/setup.h"

static const char secret_mark[] = "pelago-bundle-secret ", public_mark[] = "pelago-bundle-key ";

enum { BASE64 = sodium_base64_VARIANT_ORIGINAL };

static bool decode(unsigned char *bin, size_t bin_len, const char *text, const char *mark)
{
	size_t len = strlen(mark), got = 0;

	if (strncmp(text, mark, len) != 0)
		return false;
	text += len;
	return sodium_base642bin(bin, bin_len, text, strcspn(text, "\r\n"), NULL, &got, NULL,
				 BASE64) == 0 &&
	       got == bin_len;
}

static void encode(char text[BUNDLE_KEY_SIZE], const unsigned char *bin, size_t len,
		   const char *mark)
{
	char base64[90]; /* a signature has 88 */

	sodium_bin2base64(base64, sizeof(base64), bin, len, BASE64);
	snprintf(text, BUNDLE_KEY_SIZE, "%s%s", mark, base64);
}

enum pl_err bundle_hash(char hash[BUNDLE_HASH_SIZE], const void *data, size_t len)
{
	unsigned char bin[32];

	if (EVP_Digest(data, len, bin, NULL, EVP_sha256(), NULL) != 1)
		return pl_fail(PL_INTERNAL, "SHA-256 isn't there");
	sodium_bin2hex(hash, BUNDLE_HASH_SIZE, bin, sizeof(bin));
	return PL_OK;
}

enum pl_err bundle_key_make(char secret[BUNDLE_KEY_SIZE], char public_key[BUNDLE_KEY_SIZE])
{
	unsigned char seed[crypto_sign_SEEDBYTES], pk[crypto_sign_PUBLICKEYBYTES],
		sk[crypto_sign_SECRETKEYBYTES];

	if (sodium_init() < 0)
		return pl_fail(PL_INTERNAL, "libsodium doesn't start");
	randombytes_buf(seed, sizeof(seed));
	crypto_sign_seed_keypair(pk, sk, seed);
	encode(secret, seed, sizeof(seed), secret_mark);
	encode(public_key, pk, sizeof(pk), public_mark);
	sodium_memzero(seed, sizeof(seed));
	sodium_memzero(sk, sizeof(sk));
	return PL_OK;
}

enum pl_err key_sign(char signature[BUNDLE_KEY_SIZE], char public_key[BUNDLE_KEY_SIZE],
		     const char *secret, const void *data, size_t len)
{
	unsigned char seed[crypto_sign_SEEDBYTES], pk[crypto_sign_PUBLICKEYBYTES],
		sk[crypto_sign_SECRETKEYBYTES], bin[crypto_sign_BYTES];

	if (sodium_init() < 0)
		return pl_fail(PL_INTERNAL, "libsodium doesn't start");
	if (!decode(seed, sizeof(seed), secret, secret_mark))
		return pl_fail(PL_INVALID, "that is no private key of 'pelago bundle keygen'");
	crypto_sign_seed_keypair(pk, sk, seed);
	crypto_sign_detached(bin, NULL, data, len, sk);
	encode(signature, bin, sizeof(bin), "");
	encode(public_key, pk, sizeof(pk), "");
	sodium_memzero(seed, sizeof(seed));
	sodium_memzero(sk, sizeof(sk));
	return PL_OK;
}

bool key_check(const char *signature, const char *public_key, const void *data, size_t len)
{
	unsigned char pk[crypto_sign_PUBLICKEYBYTES], bin[crypto_sign_BYTES];

	return sodium_init() >= 0 && decode(pk, sizeof(pk), public_key, "") &&
	       decode(bin, sizeof(bin), signature, "") &&
	       crypto_sign_verify_detached(bin, data, len, pk) == 0;
}

enum pl_err bundle_key_check(const char *line)
{
	unsigned char pk[crypto_sign_PUBLICKEYBYTES];

	return decode(pk, sizeof(pk), line, public_mark)
		       ? PL_OK
		       : pl_fail(PL_INVALID, "that is no public key of 'pelago bundle keygen'");
}

static int is_public(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return len > 4 && entry->d_name[0] != '.' && strcmp(entry->d_name + len - 4, ".pub") == 0;
}

static enum pl_err trust_file(json_t *keys, const char *folder, const char *name)
{
	unsigned char pk[crypto_sign_PUBLICKEYBYTES];
	char *path = NULL, *text = NULL, key[BUNDLE_KEY_SIZE];
	enum pl_err err = PL_NOMEM;

	if (asprintf(&path, "%s/%s", folder, name) < 0)
		return PL_NOMEM;
	err = file_read(&text, NULL, path);
	if (!err && !decode(pk, sizeof(pk), text, public_mark))
		err = pl_fail(PL_INVALID, "%s is no public key of 'pelago bundle keygen'", path);
	if (!err) {
		encode(key, pk, sizeof(pk), "");
		if (json_object_set_new(keys, key,
					json_stringn(name, strlen(name) - strlen(".pub"))) != 0)
			err = PL_NOMEM;
	}
	free(text);
	free(path);
	return err;
}

enum pl_err bundle_trust(json_t *keys, const char *folder)
{
	struct dirent **names = NULL;
	int count = scandir(folder, &names, is_public, alphasort);
	enum pl_err err = PL_OK;

	for (int i = 0; i < count; i++) {
		if (!err)
			err = trust_file(keys, folder, names[i]->d_name);
		free(names[i]);
	}
	free(names);
	return err;
}

static enum pl_err trust_below(json_t *keys, const char *parent, const char *name)
{
	char *folder = NULL;
	enum pl_err err;

	if (asprintf(&folder, "%s/%s", parent, name) < 0)
		return PL_NOMEM;
	err = bundle_trust(keys, folder);
	free(folder);
	return err;
}

enum pl_err bundle_trusted(json_t *keys, const char *data, const char *programs)
{
	enum pl_err err = trust_below(keys, programs, "bundles");

	return err ? err : trust_below(keys, data, "trust");
}

enum pl_err bundle_makers(json_t *keys, const char *data, const char *programs)
{
	enum pl_err err = trust_below(keys, programs, "bundles");

	if (!err && !setup_is_build(programs))
		json_object_del(keys, strchr(setup_development_key, ' ') + 1);
	return err ? err : trust_below(keys, data, "trust");
}
