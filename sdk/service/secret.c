/*
 * secret.c — secrets come sealed to this node, and are opened where they are used.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "impl.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* The node's key pair, in its folder: secret key, then public key, base64, one a line. */
static enum pl_err read_keys(const struct pl_service *s,
			     unsigned char secret_key[crypto_box_SECRETKEYBYTES],
			     unsigned char public_key[crypto_box_PUBLICKEYBYTES])
{
	char path[600], line[2][64] = { "", "" };
	enum pl_err err = PL_OK;
	FILE *f;

	snprintf(path, sizeof(path), "%s/nodes/%s/seal.key", s->data, s->node);
	f = fopen(path, "re");
	if (!f)
		return pl_fail(PL_IO, "%s can't be read: %s", path, strerror(errno));
	if (!fgets(line[0], sizeof(line[0]), f) || !fgets(line[1], sizeof(line[1]), f) ||
	    sodium_base642bin(secret_key, crypto_box_SECRETKEYBYTES, line[0], strlen(line[0]), "\n",
			      NULL, NULL, sodium_base64_VARIANT_ORIGINAL) ||
	    sodium_base642bin(public_key, crypto_box_PUBLICKEYBYTES, line[1], strlen(line[1]), "\n",
			      NULL, NULL, sodium_base64_VARIANT_ORIGINAL))
		err = pl_fail(PL_IO, "%s isn't a key", path);
	fclose(f);
	sodium_memzero(line, sizeof(line));
	return err;
}

enum pl_err secret_open(char **secretp, const struct pl_service *s, const char *sealed)
{
	unsigned char secret_key[crypto_box_SECRETKEYBYTES], public_key[crypto_box_PUBLICKEYBYTES];
	size_t len = strlen(sealed);
	unsigned char *box = malloc(len + 1);
	char *text = calloc(1, len + 1);
	enum pl_err err = box && text ? read_keys(s, secret_key, public_key) : PL_NOMEM;

	if (!err && (sodium_base642bin(box, len, sealed, len, NULL, &len, NULL,
				       sodium_base64_VARIANT_ORIGINAL) ||
		     len < crypto_box_SEALBYTES ||
		     crypto_box_seal_open((unsigned char *)text, box, len, public_key, secret_key)))
		err = pl_fail(PL_STATE, "a secret is sealed for another key than node %s has",
			      s->node);
	sodium_memzero(secret_key, sizeof(secret_key));
	free(box);
	if (err)
		free(text);
	else
		*secretp = text;
	return err;
}

void pl_secret_free(char *secret)
{
	if (secret)
		sodium_memzero(secret, strlen(secret));
	free(secret);
}
