/*
 * attribute_secret.c — secrets: encrypted at rest (seal.h), in sealed boxes on the way to a node
 * (libsodium's crypto_box_seal).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "attribute.h"
#include "pelago/json.h"
#include "seal.h"

enum { BASE64 = sodium_base64_VARIANT_ORIGINAL };

static const char *data;

void secret_init(const char *folder)
{
	data = folder;
}

enum pl_err secret_encrypt(json_t **storedp, const char *text)
{
	char *sealed = NULL;
	enum pl_err err = seal(&sealed, data, text);

	if (err)
		return err;
	*storedp = json_pack("{s:s}", "secret", sealed);
	free(sealed);
	return *storedp ? PL_OK : PL_NOMEM;
}

/* {"sealed": base64} for the owner of a public key. */
static enum pl_err box(json_t **sealedp, const char *plain,
		       const unsigned char key[crypto_box_PUBLICKEYBYTES])
{
	size_t len = strlen(plain) + crypto_box_SEALBYTES,
	       size = sodium_base64_encoded_len(len, BASE64);
	unsigned char *bytes = malloc(len);
	char *text = malloc(size);
	enum pl_err err = bytes && text ? PL_OK : PL_NOMEM;

	if (!err && crypto_box_seal(bytes, (const unsigned char *)plain, strlen(plain), key))
		err = pl_fail(PL_INVALID, "sealKey: not a public key");
	if (!err) {
		sodium_bin2base64(text, size, bytes, len, BASE64);
		*sealedp = json_pack("{s:s}", "sealed", text);
		err = *sealedp ? PL_OK : PL_NOMEM;
	}
	free(bytes);
	free(text);
	return err;
}

enum pl_err secret_seal(json_t **sealedp, const json_t *stored, const char *node_key)
{
	unsigned char key[crypto_box_PUBLICKEYBYTES];
	char *plain = NULL;
	size_t len = 0;
	enum pl_err err;

	if (sodium_base642bin(key, sizeof(key), node_key, strlen(node_key), NULL, &len, NULL,
			      BASE64) ||
	    len != sizeof(key))
		return pl_fail(PL_INVALID, "sealKey: not a public key");
	err = unseal(&plain, data, pl_json_get_text(stored, "secret"));
	if (!err)
		err = box(sealedp, plain, key);
	pl_secret_free(plain);
	return err;
}

enum pl_err secret_check(const json_t *stored)
{
	char *plain = NULL;
	enum pl_err err = unseal(&plain, data, pl_json_get_text(stored, "secret"));

	pl_secret_free(plain);
	return err;
}

json_t *value_shown(const json_t *stored)
{
	if (!stored)
		return json_null();
	return json_is_object(stored) ? json_string("********") : json_incref((json_t *)stored);
}
