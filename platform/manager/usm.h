/*
 * usm.h — SNMPv3's user-based security model, for who sends traps and so is authoritative: HMAC by
 * SHA-2 (RFC 7860), AES-128 in cipher feedback mode (RFC 3826), keys from passwords (RFC 3414 A.2).
 *
 * Any thread; nothing is kept.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_MANAGER_USM_H
#define PELAGO_MANAGER_USM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	USM_ENGINE_MAX = 32, /* bytes (RFC 3411 §5, SnmpEngineID) */
	USM_KEY_MAX = 64,
	USM_MAC_MAX = 48,
	USM_PASSWORD_LEAST = 8, /* RFC 3414 §11.2 */
	USM_NAME_MAX = 32,	/* RFC 3414 §5, usmUserSecurityName */
};

struct usm_hash {
	const char *name;    /* "SHA-256" */
	const char *openssl; /* its name there */
	size_t mac_len;	     /* of HMAC what is sent (RFC 7860 §4.2.1) */
};
/* usm_hash returns the row of a name, NULL if there is none. */
const struct usm_hash *usm_hash(const char *name);

struct usm_engine {
	unsigned char id[USM_ENGINE_MAX];
	size_t id_len;
};

struct usm_user {
	const char *name; /* borrowed */
	const struct usm_hash *hash;
	unsigned char key[USM_KEY_MAX], privacy_key[USM_KEY_MAX];
	size_t key_len;
};

/* What one message carries of the engine; no two may have the same under one key. */
struct usm_stamp {
	uint32_t boots, time_s;
	unsigned char salt[8];
};

/* usm_key makes a user's key for an engine from a password. *lenp: how many bytes of it count.
 * False without memory. */
bool usm_key(unsigned char key[USM_KEY_MAX], size_t *lenp, const struct usm_hash *hash,
	     const char *password, const struct usm_engine *engine);
/* usm_encrypt encrypts in place; the key's first 16 bytes count. */
bool usm_encrypt(unsigned char *bytes, size_t len, const unsigned char *key,
		 const struct usm_stamp *stamp);
/* usm_sign writes the signature of a message in which its place is zeros. */
bool usm_sign(unsigned char *mac, const struct usm_user *user, const unsigned char *bytes,
	      size_t len);

#endif
