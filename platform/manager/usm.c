/*
 * usm.c — see usm.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "usm.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>
#include <strings.h>

enum { EXPANDED = 1 << 20, BLOCK = 64 };

static const struct usm_hash hashes[] = {
	{ "SHA-256", "SHA256", 24 },
	{ "SHA-512", "SHA512", 48 },
};

const struct usm_hash *usm_hash(const char *name)
{
	for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++)
		if (strcasecmp(hashes[i].name, name) == 0)
			return &hashes[i];
	return NULL;
}

/* The password, repeated to a mebibyte, digested. */
static bool digest_password(EVP_MD_CTX *context, const char *password)
{
	size_t len = strlen(password), at = 0;
	unsigned char block[BLOCK];
	bool ok = true;

	for (int done = 0; ok && done < EXPANDED; done += BLOCK) {
		for (size_t i = 0; i < BLOCK; i++, at = (at + 1) % len)
			block[i] = (unsigned char)password[at];
		ok = EVP_DigestUpdate(context, block, BLOCK);
	}
	OPENSSL_cleanse(block, sizeof(block));
	return ok;
}

bool usm_key(unsigned char key[USM_KEY_MAX], size_t *lenp, const struct usm_hash *hash,
	     const char *password, const struct usm_engine *engine)
{
	const EVP_MD *md = EVP_get_digestbyname(hash->openssl);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned char general[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	bool ok = md && context && *password && EVP_DigestInit_ex(context, md, NULL) &&
		  digest_password(context, password) &&
		  EVP_DigestFinal_ex(context, general, &len) &&
		  EVP_DigestInit_ex(context, md, NULL) && EVP_DigestUpdate(context, general, len) &&
		  EVP_DigestUpdate(context, engine->id, engine->id_len) &&
		  EVP_DigestUpdate(context, general, len) && EVP_DigestFinal_ex(context, key, &len);

	OPENSSL_cleanse(general, sizeof(general));
	EVP_MD_CTX_free(context);
	*lenp = len;
	return ok;
}

static void put_number(unsigned char *to, uint32_t n)
{
	for (int i = 3; i >= 0; i--, n >>= 8)
		to[i] = n & 0xff;
}

bool usm_encrypt(unsigned char *bytes, size_t len, const unsigned char *key,
		 const struct usm_stamp *stamp)
{
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	unsigned char iv[16];
	int done = 0;
	bool ok;

	put_number(iv, stamp->boots);
	put_number(iv + 4, stamp->time_s);
	memcpy(iv + 8, stamp->salt, sizeof(stamp->salt));
	ok = context && EVP_EncryptInit_ex(context, EVP_aes_128_cfb128(), NULL, key, iv) &&
	     EVP_EncryptUpdate(context, bytes, &done, bytes, (int)len) && done == (int)len;
	EVP_CIPHER_CTX_free(context);
	return ok;
}

bool usm_sign(unsigned char *mac, const struct usm_user *user, const unsigned char *bytes,
	      size_t len)
{
	unsigned char whole[EVP_MAX_MD_SIZE];
	unsigned whole_len = 0;

	if (!HMAC(EVP_get_digestbyname(user->hash->openssl), user->key, (int)user->key_len, bytes,
		  len, whole, &whole_len) ||
	    whole_len < user->hash->mac_len)
		return false;
	memcpy(mac, whole, user->hash->mac_len);
	return true;
}
