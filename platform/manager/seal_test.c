/*
 * seal_test.c — a secret comes back only with its key, and whole (PLT-20).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "seal.h"

static char data[] = "/tmp/pelago-seal-XXXXXX", keys[64], path[80];

static int begin(void **state)
{
	(void)state;
	if (!mkdtemp(data))
		return -1;
	snprintf(keys, sizeof(keys), "%s/keys", data);
	snprintf(path, sizeof(path), "%s/master.key", keys);
	return mkdir(keys, 0700);
}

static int end(void **state)
{
	(void)state;
	unlink(path);
	rmdir(keys);
	return rmdir(data);
}

/* PLT-20 */
static void a_secret_comes_back(void **state)
{
	static const char *const secrets[] = { "", "x", "a longer one, with ü" };
	char *sealed = NULL, *again = NULL, *opened = NULL;
	struct stat st;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(seal(&sealed, data, secrets[i]), PL_OK);
		assert_int_equal(seal(&again, data, secrets[i]), PL_OK);
		assert_string_not_equal(sealed, again);
		assert_int_equal(unseal(&opened, data, sealed), PL_OK);
		assert_string_equal(opened, secrets[i]);
		free(sealed);
		free(again);
		free(opened);
	}
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

/* PLT-20 */
static void altered_cut_or_of_another_key_it_does_not(void **state)
{
	char *sealed = NULL, *opened = NULL;
	FILE *f;

	(void)state;
	assert_int_equal(seal(&sealed, data, "secret"), PL_OK);
	sealed[40] = sealed[40] == 'A' ? 'B' : 'A';
	assert_int_equal(unseal(&opened, data, sealed), PL_STATE);
	sealed[20] = '\0';
	assert_int_equal(unseal(&opened, data, sealed), PL_STATE);
	assert_int_equal(unseal(&opened, data, ""), PL_STATE);
	assert_int_equal(unseal(&opened, data, "no base64!"), PL_STATE);
	free(sealed);
	assert_int_equal(seal(&sealed, data, "secret"), PL_OK);
	unlink(path);
	assert_int_equal(unseal(&opened, data, sealed), PL_STATE);
	f = fopen(path, "we");
	assert_non_null(f);
	fputs("no key\n", f);
	fclose(f);
	assert_int_equal(unseal(&opened, data, sealed), PL_IO);
	assert_int_equal(seal(&opened, data, "secret"), PL_IO);
	assert_null(opened);
	free(sealed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_secret_comes_back),
		cmocka_unit_test(altered_cut_or_of_another_key_it_does_not),
	};

	return cmocka_run_group_tests_name("seal", tests, begin, end);
}
