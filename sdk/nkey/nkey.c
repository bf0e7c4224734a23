/*
 * nkey.c — the text form of a user's Ed25519 keys.
 *
 * A seed carries two prefixes, "seed" and "user", of five bits each in its first two bytes, so that
 * its text begins with "SU"; a public key carries "user" in its first byte.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pelago/nkey.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

enum {
	PREFIX_SEED = 18,
	PREFIX_USER = 20,
	KEY_LEN = 32,
	CRC_LEN = 2,
	SEED_RAW_LEN = 2 + KEY_LEN + CRC_LEN,
	PUBLIC_RAW_LEN = 1 + KEY_LEN + CRC_LEN,
};

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/* CRC-16/XMODEM: polynomial 0x1021, start 0, not reflected. */
static uint16_t crc16(const uint8_t *data, size_t len)
{
	uint16_t crc = 0;

	for (size_t i = 0; i < len; i++) {
		crc = (uint16_t)(crc ^ (data[i] << 8));
		for (int bit = 0; bit < 8; bit++)
			crc = (uint16_t)(crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1);
	}
	return crc;
}

/* seal writes the checksum behind raw's first len - CRC_LEN bytes and the whole as text. */
static void seal(char *text, uint8_t *raw, size_t len)
{
	uint16_t crc = crc16(raw, len - CRC_LEN);
	uint32_t bits = 0;
	int n_bits = 0;

	raw[len - 2] = (uint8_t)(crc & 0xff);
	raw[len - 1] = (uint8_t)(crc >> 8);
	for (size_t i = 0; i < len; i++) {
		bits = bits << 8 | raw[i];
		for (n_bits += 8; n_bits >= 5; n_bits -= 5)
			*text++ = alphabet[bits >> (n_bits - 5) & 31];
	}
	if (n_bits > 0)
		*text++ = alphabet[bits << (5 - n_bits) & 31];
	*text = '\0';
}

/* unseal is the reverse of seal; false unless text is exactly len bytes with the right checksum. */
static bool unseal(uint8_t *raw, size_t len, const char *text, size_t text_len)
{
	uint32_t bits = 0;
	int n_bits = 0;
	size_t n = 0;

	if (text_len != (len * 8 + 4) / 5)
		return false;
	for (size_t i = 0; i < text_len; i++) {
		const char *c = memchr(alphabet, text[i], sizeof(alphabet) - 1);

		if (!c)
			return false;
		bits = bits << 5 | (uint32_t)(c - alphabet);
		n_bits += 5;
		if (n_bits >= 8) {
			n_bits -= 8;
			raw[n++] = (uint8_t)(bits >> n_bits);
		}
	}
	if (bits & ((1u << n_bits) - 1))
		return false;
	return crc16(raw, len - CRC_LEN) == (uint16_t)(raw[len - 2] | raw[len - 1] << 8);
}

static void write_public(char *text, const uint8_t *key)
{
	uint8_t raw[PUBLIC_RAW_LEN] = { PREFIX_USER << 3 };

	memcpy(raw + 1, key, KEY_LEN);
	seal(text, raw, sizeof(raw));
}

enum pl_err pl_nkey_make(char seed[PL_NKEY_SEED_SIZE], char public_key[PL_NKEY_PUBLIC_SIZE])
{
	uint8_t raw[SEED_RAW_LEN] = { PREFIX_SEED << 3 | PREFIX_USER >> 2,
				      (PREFIX_USER << 6) & 0xff };
	uint8_t public_raw[crypto_sign_PUBLICKEYBYTES];
	uint8_t secret[crypto_sign_SECRETKEYBYTES];

	if (sodium_init() < 0)
		return pl_fail(PL_INTERNAL, "no source of random numbers");
	randombytes_buf(raw + 2, KEY_LEN);
	crypto_sign_seed_keypair(public_raw, secret, raw + 2);
	seal(seed, raw, sizeof(raw));
	write_public(public_key, public_raw);
	sodium_memzero(raw, sizeof(raw));
	sodium_memzero(secret, sizeof(secret));
	return PL_OK;
}

/* open_seed computes the key pair of seed; the caller wipes secret. */
static enum pl_err open_seed(uint8_t public_raw[crypto_sign_PUBLICKEYBYTES],
			     uint8_t secret[crypto_sign_SECRETKEYBYTES], const char *seed)
{
	uint8_t raw[SEED_RAW_LEN] = { 0 };
	enum pl_err err = PL_OK;

	if (sodium_init() < 0)
		return pl_fail(PL_INTERNAL, "no source of random numbers");
	if (!unseal(raw, sizeof(raw), seed, strcspn(seed, " \t\r\n")) ||
	    raw[0] != (PREFIX_SEED << 3 | PREFIX_USER >> 2) ||
	    raw[1] != ((PREFIX_USER << 6) & 0xff))
		err = pl_fail(PL_INVALID, "not the seed of a bus user (\"SU\" and 56 characters)");
	else
		crypto_sign_seed_keypair(public_raw, secret, raw + 2);
	sodium_memzero(raw, sizeof(raw));
	return err;
}

static enum pl_err read_seed(char text[PL_NKEY_SEED_SIZE + 1], const char *seed_file)
{
	int fd = open(seed_file, O_RDONLY | O_CLOEXEC);
	enum pl_err err = PL_OK;

	memset(text, 0, PL_NKEY_SEED_SIZE + 1);
	if (fd < 0 || read(fd, text, PL_NKEY_SEED_SIZE) < 0)
		err = pl_fail(PL_INVALID, "%s: %s", seed_file, strerror(errno));
	if (fd >= 0)
		close(fd);
	return err;
}

enum pl_err pl_nkey_public(char public_key[PL_NKEY_PUBLIC_SIZE], const char *seed)
{
	uint8_t public_raw[crypto_sign_PUBLICKEYBYTES];
	uint8_t secret[crypto_sign_SECRETKEYBYTES];
	enum pl_err err = open_seed(public_raw, secret, seed);

	if (!err)
		write_public(public_key, public_raw);
	sodium_memzero(secret, sizeof(secret));
	return err;
}

bool pl_nkey_is_public(const char *text)
{
	uint8_t raw[PUBLIC_RAW_LEN];

	return unseal(raw, sizeof(raw), text, strlen(text)) && raw[0] == PREFIX_USER << 3;
}

enum pl_err pl_nkey_read_public(char public_key[PL_NKEY_PUBLIC_SIZE], const char *seed_file)
{
	char seed[PL_NKEY_SEED_SIZE + 1];
	enum pl_err err = read_seed(seed, seed_file);

	if (!err)
		err = pl_nkey_public(public_key, seed);
	sodium_memzero(seed, sizeof(seed));
	return err;
}

enum pl_err pl_nkey_sign(uint8_t signature[PL_NKEY_SIGNATURE_LEN], const char *seed_file,
			 const void *data, size_t len)
{
	char seed[PL_NKEY_SEED_SIZE + 1];
	uint8_t public_raw[crypto_sign_PUBLICKEYBYTES];
	uint8_t secret[crypto_sign_SECRETKEYBYTES];
	enum pl_err err = read_seed(seed, seed_file);

	if (!err)
		err = open_seed(public_raw, secret, seed);
	if (!err)
		crypto_sign_detached(signature, NULL, data, len, secret);
	sodium_memzero(seed, sizeof(seed));
	sodium_memzero(secret, sizeof(secret));
	return err;
}

bool pl_nkey_verify(const char *public_key, const uint8_t signature[PL_NKEY_SIGNATURE_LEN],
		    const void *data, size_t len)
{
	uint8_t raw[PUBLIC_RAW_LEN];

	return unseal(raw, sizeof(raw), public_key, strlen(public_key)) &&
	       raw[0] == PREFIX_USER << 3 &&
	       crypto_sign_verify_detached(signature, data, len, raw + 1) == 0;
}
