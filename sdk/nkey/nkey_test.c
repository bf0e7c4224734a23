/* nkey_test.c — keys in the form that nats-server takes. SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>

#include "pelago/nkey.h"

/* The pair printed in the documentation of nats-server. Nobody uses it. */
static const char known_seed[] = "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY";
static const char known_public[] = "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4";

/* The same public key without its prefix and checksum. */
static const uint8_t raw_public[] = { 0xef, 0x4e, 0x44, 0x52, 0x4b, 0x72, 0xe4, 0x40,
				      0xf9, 0x6d, 0xae, 0x7b, 0xba, 0x23, 0x7c, 0x66,
				      0x66, 0xa4, 0x07, 0x01, 0xcb, 0x13, 0x65, 0xa4,
				      0x22, 0x44, 0xf8, 0x4e, 0x7a, 0x67, 0xda, 0xb1 };

static void the_known_seed_gives_the_known_key(void **state)
{
	char public_key[PL_NKEY_PUBLIC_SIZE];
	char line[80];

	assert_int_equal(pl_nkey_public(public_key, known_seed), PL_OK);
	assert_string_equal(public_key, known_public);
	snprintf(line, sizeof(line), "%s\n", known_seed);
	assert_int_equal(pl_nkey_public(public_key, line), PL_OK);
}

static void a_new_pair_belongs_together(void **state)
{
	for (int i = 0; i < 100; i++) {
		char seed[PL_NKEY_SEED_SIZE], again[PL_NKEY_PUBLIC_SIZE],
			public_key[PL_NKEY_PUBLIC_SIZE];

		assert_int_equal(pl_nkey_make(seed, public_key), PL_OK);
		assert_int_equal(strlen(seed), 58);
		assert_int_equal(strlen(public_key), 56);
		assert_memory_equal(seed, "SU", 2);
		assert_int_equal(public_key[0], 'U');
		assert_int_equal(pl_nkey_public(again, seed), PL_OK);
		assert_string_equal(again, public_key);
	}
}

static void a_damaged_seed_is_refused(void **state)
{
	char public_key[PL_NKEY_PUBLIC_SIZE] = "untouched";
	char seed[sizeof(known_seed)];

	assert_int_equal(pl_nkey_public(public_key, ""), PL_INVALID);
	assert_int_equal(pl_nkey_public(public_key, known_public), PL_INVALID);
	for (size_t i = 0; i < sizeof(known_seed) - 1; i++) {
		memcpy(seed, known_seed, sizeof(seed));
		seed[i] = seed[i] == 'A' ? 'B' : 'A';
		assert_int_equal(pl_nkey_public(public_key, seed), PL_INVALID);
		seed[i] = 'a';
		assert_int_equal(pl_nkey_public(public_key, seed), PL_INVALID);
		memcpy(seed, known_seed, sizeof(seed));
		seed[i] = '\0';
		assert_int_equal(pl_nkey_public(public_key, seed), PL_INVALID);
	}
	assert_string_equal(public_key, "untouched");
}

static void a_seed_file_is_read(void **state)
{
	char path[] = "/tmp/nkey-test-XXXXXX";
	char public_key[PL_NKEY_PUBLIC_SIZE];
	uint8_t signature[PL_NKEY_SIGNATURE_LEN];
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(pl_nkey_read_public(public_key, path), PL_INVALID);
	dprintf(fd, "%s\n", known_seed);
	close(fd);
	assert_int_equal(pl_nkey_read_public(public_key, path), PL_OK);
	assert_string_equal(public_key, known_public);
	assert_int_equal(pl_nkey_sign(signature, path, "nonce", 5), PL_OK);
	assert_int_equal(
		crypto_sign_verify_detached(signature, (const uint8_t *)"nonce", 5, raw_public), 0);
	unlink(path);
	assert_int_equal(pl_nkey_read_public(public_key, path), PL_INVALID);
	assert_int_equal(pl_nkey_sign(signature, path, "nonce", 5), PL_INVALID);
}

static void signatures_are_verified(void **state)
{
	char seed[PL_NKEY_SEED_SIZE], public_key[PL_NKEY_PUBLIC_SIZE], other[PL_NKEY_PUBLIC_SIZE];
	char path[] = "/tmp/pelago-nkey-XXXXXX";
	uint8_t signature[PL_NKEY_SIGNATURE_LEN];
	int fd = mkstemp(path);

	(void)state;
	assert_int_equal(pl_nkey_make(seed, public_key), PL_OK);
	assert_true(write(fd, seed, strlen(seed)) == (ssize_t)strlen(seed));
	close(fd);
	assert_int_equal(pl_nkey_sign(signature, path, "data", 4), PL_OK);
	unlink(path);
	assert_true(pl_nkey_is_public(public_key));
	assert_true(pl_nkey_verify(public_key, signature, "data", 4));
	assert_false(pl_nkey_verify(public_key, signature, "date", 4));
	assert_false(pl_nkey_verify("", signature, "data", 4));
	assert_int_equal(pl_nkey_make(seed, other), PL_OK);
	assert_false(pl_nkey_verify(other, signature, "data", 4));
	assert_false(pl_nkey_is_public(seed));
	public_key[55] ^= 1;
	assert_false(pl_nkey_is_public(public_key));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_known_seed_gives_the_known_key),
		cmocka_unit_test(a_new_pair_belongs_together),
		cmocka_unit_test(a_damaged_seed_is_refused),
		cmocka_unit_test(a_seed_file_is_read),
		cmocka_unit_test(signatures_are_verified),
	};

	return cmocka_run_group_tests_name("nkey", tests, NULL, NULL);
}
