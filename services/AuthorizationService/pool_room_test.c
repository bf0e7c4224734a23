/*
 * pool_room_test.c — where hashing is slow, fewer wait.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pool_room.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* PLT-51 */
static void as_many_wait_as_can_be_served(void **state)
{
	(void)state;
	assert_int_equal(pool_room(2, 0), POOL_ROOM_MOST); /* nothing is known */
	assert_int_equal(pool_room(2, 20000), POOL_ROOM_MOST);
	assert_int_equal(pool_room(2, 30000), 66);
	assert_int_equal(pool_room(1, 30000), 33);
	assert_int_equal(pool_room(2, 200000), 10);
	assert_int_equal(pool_room(2, 500000), 8); /* some, so that how long it takes is seen */
	assert_int_equal(pool_room(4, INT64_MAX), 16);
}

/* PLT-51 */
static void what_it_takes_is_followed(void **state)
{
	int64_t mean_us = pool_room_took(0, 30000);

	(void)state;
	assert_int_equal(mean_us, 30000);
	for (int i = 0; i < 8; i++)
		mean_us = pool_room_took(mean_us, 600000);
	assert_int_equal(pool_room(2, mean_us), 8);
	for (int i = 0; i < 20; i++)
		mean_us = pool_room_took(mean_us, 30000);
	assert_in_range(pool_room(2, mean_us), 55, 66);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_many_wait_as_can_be_served),
		cmocka_unit_test(what_it_takes_is_followed),
	};

	return cmocka_run_group_tests_name("authorization-pool-room", tests, NULL, NULL);
}
