/*
 * programs_test.c — versions of programs on a host: the link, what is written, what is asked, and
 * the rights of all that may run.
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

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/setup/file.h"
#include "platform/setup/programs.h"
#include "platform/setup/setup.h"

static char data[64];

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	return remove(path);
}

static int make_folder(void **state)
{
	snprintf(data, sizeof(data), "/tmp/pelago-programs-XXXXXX");
	return mkdtemp(data) ? 0 : -1;
}

static int remove_folder(void **state)
{
	return nftw(data, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static char *at(const char *rest)
{
	static char path[300];

	snprintf(path, sizeof(path), "%s/%s", data, rest);
	return path;
}

static void put(const char *rest, const char *text)
{
	char folder[300], *slash;

	snprintf(folder, sizeof(folder), "%s", at(rest));
	slash = strrchr(folder, '/');
	*slash = '\0';
	assert_int_equal(folder_make(folder, 0700), PL_OK);
	assert_int_equal(file_replace(at(rest), text, strlen(text), 0600), PL_OK);
}

/* UPG-40 */
static void where_nothing_was_switched_there_is_nothing(void **state)
{
	json_t *programs = NULL;

	assert_int_equal(programs_read(&programs, data), PL_OK);
	assert_int_equal(json_object_size(programs), 0);
	assert_null(programs_get(programs, PROGRAM_EDGE));
	assert_false(programs_use(programs, "0.1.0"));
	assert_null(programs_folder(programs, data, "0.1.0"));
	assert_null(platform_current(data));
	json_decref(programs);
}

/* UPG-40: switched at once, whatever was left by who was killed. */
static void the_link_names_a_version_or_is_away(void **state)
{
	char *version;

	assert_int_equal(platform_point(data, "0.2.0"), PL_OK);
	assert_int_equal(symlink("0.9.0", at("platform/.current")), 0);
	assert_int_equal(platform_point(data, "0.3.0"), PL_OK);
	version = platform_current(data);
	assert_string_equal(version, "0.3.0");
	free(version);
	assert_int_equal(platform_point(data, NULL), PL_OK);
	assert_int_equal(platform_point(data, NULL), PL_OK);
	assert_null(platform_current(data));
	assert_int_equal(symlink("../../etc", at("platform/current")), 0);
	assert_null(platform_current(data)); /* leads elsewhere */
}

static void a_version_is_in_its_folder_or_the_base(void **state)
{
	json_t *programs = json_pack(
		"{s:{s:s,s:s},s:{s:{s:s,s:s,s:s},s:{s:s,s:s,s:s}}}", "base", "version", "0.1.0",
		"path", data, "programs", "edge", "version", "0.2.0", "before", "0.1.0", "state",
		"trial", "root", "version", "0.1.0", "before", "0.3.0", "state", "failed");
	char *folder;

	put("platform/0.2.0/pelago", "x");
	folder = programs_folder(programs, data, "0.2.0");
	assert_string_equal(folder, at("platform/0.2.0"));
	free(folder);
	folder = programs_folder(programs, data, "0.1.0");
	assert_string_equal(folder, data);
	free(folder);
	assert_null(programs_folder(programs, data, "0.3.0"));
	assert_null(programs_folder(programs, data, "../../etc"));
	assert_true(programs_use(programs, "0.2.0"));
	assert_true(programs_use(programs, "0.1.0"));
	assert_false(programs_use(programs, "0.3.0")); /* it has failed */
	assert_int_equal(programs_write(programs, data), PL_OK);
	json_decref(programs);
	programs = NULL;
	assert_int_equal(programs_read(&programs, data), PL_OK);
	assert_non_null(programs_get(programs, "edge"));
	json_decref(programs);
}

static void a_wish_is_a_version_and_a_number(void **state)
{
	static const char *const bad[] = { "{\"version\":\"../x\",\"n\":1}",
					   "{\"version\":\"\",\"n\":1}",
					   "{\"version\":\"0.1.0\"}",
					   "{\"n\":3}",
					   "[]",
					   "" };
	char *version = NULL;
	int64_t n = 0;

	assert_int_equal(wish_get(&version, &n, data, "edge"), PL_NOTFOUND);
	assert_int_equal(wish_put(data, "edge", "0.2.0", 7), PL_OK);
	assert_int_equal(wish_get(&version, &n, data, "edge"), PL_OK);
	assert_string_equal(version, "0.2.0");
	assert_int_equal(n, 7);
	free(version);
	version = NULL;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		put("platform/wish/edge.json", bad[i]);
		assert_int_equal(wish_get(&version, &n, data, "edge"), PL_INVALID);
		assert_null(version);
	}
}

static json_t *rights_from(const char *programs)
{
	struct setup setup = { .data = data, .programs = at(programs) };
	json_t *rights;

	setup.programs = strdup(setup.programs);
	assert_int_equal(setup_manifests(&setup), PL_OK);
	rights = manifests_rights(setup.manifests);
	json_decref(setup.manifests);
	free(setup.programs);
	return rights;
}

/* UPG-8: services of both versions run; root supervisor and manager, each of either, agree. */
static void rights_are_those_of_all_versions(void **state)
{
	json_t *programs, *one, *two, *of_a;
	char base[300];

	put("base/services/A/manifest.json",
	    "{\"name\":\"A\",\"version\":\"0.1.0\",\"publishes\":[\"old\"],\"reads\":[\"x\",\"y\"]}");
	put("platform/0.2.0/services/A/manifest.json",
	    "{\"name\":\"A\",\"version\":\"0.2.0\",\"publishes\":[\"new\"],\"reads\":[\"y\",\"x\"]}");
	put("platform/0.2.0/services/B/manifest.json", "{\"name\":\"B\",\"version\":\"0.2.0\"}");
	put("platform/0.3.0/services/A/manifest.json", "no manifest");
	snprintf(base, sizeof(base), "%s", at("base"));
	programs = json_pack("{s:{s:s,s:s}}", "base", "version", "0.1.0", "path", base);
	assert_int_equal(programs_write(programs, data), PL_OK);
	json_decref(programs);
	one = rights_from("base");
	two = rights_from("platform/0.2.0");
	assert_true(json_equal(one, two));
	assert_int_equal(json_object_size(one), 2);
	of_a = json_object_get(one, "A");
	assert_int_equal(json_object_size(of_a), 4);
	assert_non_null(json_object_get(of_a, "publishes \"old\""));
	assert_non_null(json_object_get(of_a, "publishes \"new\""));
	json_decref(one);
	json_decref(two);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)
	const struct CMUnitTest tests[] = {
		T(where_nothing_was_switched_there_is_nothing),
		T(the_link_names_a_version_or_is_away),
		T(a_version_is_in_its_folder_or_the_base),
		T(a_wish_is_a_version_and_a_number),
		T(rights_are_those_of_all_versions),
	};

	return cmocka_run_group_tests_name("programs", tests, NULL, NULL);
}
