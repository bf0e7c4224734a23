/*
 * token_fuzz.c — any bytes as a token, and as the key set that it is checked against.
 *
 * The input is a token for a good key set; or, if there is a line end in it, a key set before and a
 * token behind it. Nothing that the fuzzer makes may be taken: it has no private key.
 *
 * fuzz-sources: sdk/token/token.c sdk/json/json.c sdk/err/err.c
 * fuzz-libs: jose jansson
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "pelago/json.h"
#include "pelago/token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* a public key whose private half was thrown away */
static const char keys[] =
	"{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"k\",\"alg\":\"ES256\","
	"\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
	"\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}]}";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static json_t *good;
	const uint8_t *newline = size ? memchr(data, '\n', size) : NULL;
	json_t *jwks = NULL, *claims = NULL;
	bool unknown;

	if (!good)
		pl_assert(pl_json_parse(&good, keys, sizeof(keys) - 1) == PL_OK);
	if (newline) {
		size_t len = (size_t)(newline - data);

		if (pl_json_parse(&jwks, data, len) != PL_OK)
			return 0;
		if (pl_token_check(&claims, &unknown, (const char *)newline + 1, size - len - 1,
				   jwks, 1000) == PL_OK)
			json_decref(claims);
		json_decref(jwks);
	} else {
		pl_assert(pl_token_check(&claims, &unknown, (const char *)data, size, good, 1000) !=
			  PL_OK);
	}
	return 0;
}
