/*
 * snmp_test.c — SNMP notifications byte by byte, and answers that aren't one (PLT-32).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "snmp.h"

/* 1.2.840.113556.1.8000.2554.40444.3606.45918.19140.40373.4414936.6454600 */
#define OWN                                                                                        \
	0x2a, 0x86, 0x48, 0x86, 0xf7, 0x14, 0x01, 0xbe, 0x40, 0x93, 0x7a, 0x82, 0xbb, 0x7c, 0x9c,  \
		0x16, 0x82, 0xe6, 0x5e, 0x81, 0x95, 0x44, 0x82, 0xbb, 0x35, 0x82, 0x8d, 0xbb,      \
		0x58, 0x83, 0x89, 0xfa, 0x48

static json_t *notice_of(const char *reason)
{
	return json_pack("{s:s, s:{s:s, s:s}}", "what", "cleared", "alarm", "key", "disk.low",
			 "reason", reason);
}

static bool holds(const struct snmp_message *m, const void *bytes, size_t len)
{
	for (size_t i = m->at; i + len <= m->at + m->len; i++)
		if (memcmp(m->bytes + i, bytes, len) == 0)
			return true;
	return false;
}

/* PLT-32 */
static void an_inform_is_as_the_standard_has_it(void **state)
{
	static const unsigned char version_and_community[] = { 0x02, 1, 1, 0x04, 3, 's', 'e', 'a' };
	static const unsigned char request[] = { 0x02, 2, 0x01, 0x00, 0x02, 1, 0, 0x02, 1, 0 };
	static const unsigned char uptime[] = { 0x43, 2, 0x00, 0x80 };
	static const unsigned char cleared[] = { 0x06, 35, OWN, 0, 2 };
	static const unsigned char key[] = { 0x06, 36,	OWN, 1,	  2,   0,   0x04, 8,
					     'd',  'i', 's', 'k', '.', 'l', 'o',  'w' };
	char reason[201] = "";
	struct snmp_message m;
	json_t *notice;

	(void)state;
	memset(reason, 'x', sizeof(reason) - 1);
	notice = notice_of(reason);
	assert_true(snmp_encode(&m, "sea", 256, true, 128, notice));
	assert_int_equal(m.bytes[m.at], 0x30);
	assert_int_equal(m.bytes[m.at + 1], 0x82);
	assert_int_equal(m.bytes[m.at + 2] << 8 | m.bytes[m.at + 3], m.len - 4);
	assert_memory_equal(m.bytes + m.at + 4, version_and_community,
			    sizeof(version_and_community));
	assert_int_equal(m.bytes[m.at + 12], 0xa6);
	assert_true(holds(&m, request, sizeof(request)));
	assert_true(holds(&m, uptime, sizeof(uptime)));
	assert_true(holds(&m, cleared, sizeof(cleared)));
	assert_true(holds(&m, key, sizeof(key)));
	assert_true(snmp_encode(&m, "sea", 256, false, 128, notice));
	assert_int_equal(m.bytes[m.at + 12], 0xa7);
	json_decref(notice);
}

static void what_does_not_fit_is_refused(void **state)
{
	char reason[SNMP_MAX + 1];
	struct snmp_message m;
	json_t *notice;

	(void)state;
	memset(reason, 'x', sizeof(reason) - 1);
	reason[sizeof(reason) - 1] = '\0';
	notice = notice_of(reason);
	assert_false(snmp_encode(&m, "sea", 1, true, 1, notice));
	json_decref(notice);
}

static void only_the_answer_confirms(void **state)
{
	static const unsigned char good[] = { 0x30, 23,	 0x02, 1,    1,	   0x04, 3,    's',
					      'e',  'a', 0xa2, 13,   0x02, 2,	 1,    0,
					      0x02, 1,	 0,    0x02, 1,	   0,	 0x30, 0 };
	unsigned char bytes[sizeof(good)];

	(void)state;
	memcpy(bytes, good, sizeof(good));
	bytes[1] = sizeof(good) - 2;
	bytes[11] = sizeof(good) - 12;
	assert_true(snmp_confirms(bytes, sizeof(bytes), 256));
	assert_false(snmp_confirms(bytes, sizeof(bytes), 257));
	for (size_t len = 0; len < sizeof(bytes); len++)
		assert_false(snmp_confirms(bytes, len, 256));
	bytes[18] = 5; /* genErr */
	assert_false(snmp_confirms(bytes, sizeof(bytes), 256));
	bytes[18] = 0;
	bytes[10] = 0xa6;
	assert_false(snmp_confirms(bytes, sizeof(bytes), 256));
	bytes[10] = 0xa2;
	bytes[1] = 0x84; /* a length of four bytes */
	assert_false(snmp_confirms(bytes, sizeof(bytes), 256));
}

/* ---- version 3 ---- */

static const struct usm_engine engine = { { [11] = 2 }, 12 };

static struct usm_user user_of(const char *hash)
{
	struct usm_user user = { .name = "pelago", .hash = usm_hash(hash) };
	size_t len;

	assert_non_null(user.hash);
	assert_true(usm_key(user.key, &user.key_len, user.hash, "maplesyrup", &engine));
	assert_true(usm_key(user.privacy_key, &len, user.hash, "another one", &engine));
	return user;
}

/* PLT-32: password and engine of RFC 3414 A.3, digested by another implementation of A.2. */
static void a_key_follows_from_password_and_engine(void **state)
{
	static const unsigned char sha256[] = { 0x89, 0x82, 0xe0, 0xe5, 0x49, 0xe8, 0x66, 0xdb,
						0x36, 0x1a, 0x6b, 0x62, 0x5d, 0x84, 0xcc, 0xcc,
						0x11, 0x16, 0x2d, 0x45, 0x3e, 0xe8, 0xce, 0x3a,
						0x64, 0x45, 0xc2, 0xd6, 0x77, 0x6f, 0x0f, 0x8b };
	static const unsigned char sha512[] = { 0x22, 0xa5, 0xa3, 0x6c };
	struct usm_user user = user_of("sha-256");

	(void)state;
	assert_int_equal(user.key_len, sizeof(sha256));
	assert_memory_equal(user.key, sha256, sizeof(sha256));
	user = user_of("SHA-512");
	assert_int_equal(user.key_len, 64);
	assert_memory_equal(user.key, sha512, sizeof(sha512));
	assert_null(usm_hash("MD5"));
	assert_null(usm_hash(""));
}

static const unsigned char *place_of(const struct snmp_message *m, const void *bytes, size_t len)
{
	for (size_t i = m->at; i + len <= m->at + m->len; i++)
		if (memcmp(m->bytes + i, bytes, len) == 0)
			return m->bytes + i;
	return NULL;
}

/* Takes the signature out and computes it again. */
static void assert_signed(struct snmp_message *m, const struct usm_user *user)
{
	unsigned char name[] = { 0x04, 6, 'p', 'e', 'l', 'a', 'g', 'o', 4, 0, 0, 0 },
		      mac[USM_MAC_MAX], whole[EVP_MAX_MD_SIZE];
	size_t len = user->hash->mac_len;
	unsigned char *at;
	unsigned whole_len;

	name[9] = (unsigned char)len;
	at = (unsigned char *)(uintptr_t)place_of(m, name, 10);
	assert_non_null(at);
	memcpy(mac, at + 10, len);
	memset(at + 10, 0, len);
	assert_non_null(HMAC(EVP_get_digestbyname(user->hash->openssl), user->key,
			     (int)user->key_len, m->bytes + m->at, m->len, whole, &whole_len));
	assert_memory_equal(mac, whole, len);
}

static void assert_encrypted(const struct snmp_message *m, const struct usm_user *user,
			     const struct usm_stamp *stamp)
{
	static const unsigned char iv[] = { 0, 0, 1, 2, 0, 0, 0, 200, 1, 2, 3, 4, 5, 6, 7, 8 };
	const unsigned char *salt = place_of(m, stamp->salt, sizeof(stamp->salt));
	unsigned char clear[SNMP_MAX];
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	int len;

	assert_non_null(salt);
	assert_false(holds(m, "disk.low", 8));
	salt += sizeof(stamp->salt);
	assert_int_equal(salt[0], 0x04);
	assert_int_equal(salt[1], 0x82);
	salt += 4;
	assert_true(EVP_DecryptInit_ex(context, EVP_aes_128_cfb128(), NULL, user->privacy_key, iv));
	assert_true(EVP_DecryptUpdate(context, clear, &len, salt,
				      (int)(m->bytes + m->at + m->len - salt)));
	EVP_CIPHER_CTX_free(context);
	assert_int_equal(clear[0], 0x30); /* ScopedPDU */
	assert_int_equal(clear[4], 0x04);
	assert_int_equal(clear[5], engine.id_len);
	assert_int_equal(clear[6 + engine.id_len], 0x04); /* no context name */
	assert_int_equal(clear[7 + engine.id_len], 0);
	assert_int_equal(clear[8 + engine.id_len], 0xa7);
}

/* PLT-32 */
static void a_trap_of_version_3_is_signed_and_encrypted(void **state)
{
	static const unsigned char clock[] = { 0x02, 2, 0x01, 0x02, 0x02, 2, 0, 200 };
	const struct usm_stamp stamp = { 0x102, 200, { 1, 2, 3, 4, 5, 6, 7, 8 } };
	json_t *notice = notice_of("full");
	struct snmp_message m;

	(void)state;
	for (int i = 0; i < 2; i++) {
		const struct usm_user user = user_of(i ? "SHA-512" : "SHA-256");

		assert_true(snmp_encode_v3(&m, &user, &engine, &stamp, 77, 5, notice));
		assert_true(holds(&m, clock, sizeof(clock)));
		assert_encrypted(&m, &user, &stamp);
		assert_signed(&m, &user);
	}
	json_decref(notice);
}

static void too_much_for_version_3_is_refused(void **state)
{
	const struct usm_stamp stamp = { 1, 1, { 0 } };
	const struct usm_user user = user_of("SHA-512");
	char reason[SNMP_MAX + 1];
	struct snmp_message m;
	int refused = 0;

	(void)state;
	for (size_t len = SNMP_MAX - 1000; len < SNMP_MAX; len++) {
		json_t *notice;

		memset(reason, 'x', len);
		reason[len] = '\0';
		notice = notice_of(reason);
		refused += !snmp_encode_v3(&m, &user, &engine, &stamp, 1, 1, notice);
		json_decref(notice);
	}
	assert_in_range(refused, 1, 999);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_inform_is_as_the_standard_has_it),
		cmocka_unit_test(what_does_not_fit_is_refused),
		cmocka_unit_test(only_the_answer_confirms),
		cmocka_unit_test(a_key_follows_from_password_and_engine),
		cmocka_unit_test(a_trap_of_version_3_is_signed_and_encrypted),
		cmocka_unit_test(too_much_for_version_3_is_refused),
	};

	return cmocka_run_group_tests_name("snmp", tests, NULL, NULL);
}
