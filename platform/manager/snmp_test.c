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

#include "snmp.h"

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
	static const unsigned char cleared[] = { 0x06, 11,   0x2b, 6, 1, 4, 1,
						 0x81, 0xfd, 0x59, 1, 0, 2 };
	static const unsigned char key[] = { 0x06, 11,	 0x2b, 6,   1,	 4,    1,  0x81,
					     0xfd, 0x59, 1,    1,   2,	 0x04, 8,  'd',
					     'i',  's',	 'k',  '.', 'l', 'o',  'w' };
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_inform_is_as_the_standard_has_it),
		cmocka_unit_test(what_does_not_fit_is_refused),
		cmocka_unit_test(only_the_answer_confirms),
	};

	return cmocka_run_group_tests_name("snmp", tests, NULL, NULL);
}
