/*
 * checksum.c — see checksum.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "platform/setup/checksum.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* A secret is sealed anew each time it is sent, and says itself whether it is whole. */
static void drop_sealed(json_t *values)
{
	json_t *value;
	const char *key;
	void *next;

	json_object_foreach_safe(values, next, key, value) {
		if (json_is_object(value))
			json_object_del(values, key);
	}
}

static void drop_secrets(json_t *desired)
{
	json_t *service, *profile;
	const char *name;
	size_t i;

	json_array_foreach(json_object_get(desired, "services"), i, service) {
		drop_sealed(json_object_get(service, "attributes"));
		json_object_foreach(json_object_get(service, "profiles"), name, profile) {
			drop_sealed(profile);
		}
	}
}

enum pl_err checksum_of(char text[CHECKSUM_SIZE], const json_t *desired)
{
	json_t *copy = json_deep_copy(desired);
	unsigned char hash[(CHECKSUM_SIZE - 1) / 2];
	char *dump;

	json_object_del(copy, "v");
	json_object_del(copy, "checksum");
	json_object_del(copy, "sealKey");
	drop_secrets(copy);
	dump = json_dumps(copy, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
	json_decref(copy);
	if (!dump)
		return PL_NOMEM;
	crypto_generichash(hash, sizeof(hash), (const unsigned char *)dump, strlen(dump), NULL, 0);
	sodium_bin2hex(text, CHECKSUM_SIZE, hash, sizeof(hash));
	sodium_memzero(dump, strlen(dump)); /* it may hold sealed secrets */
	free(dump);
	return PL_OK;
}
