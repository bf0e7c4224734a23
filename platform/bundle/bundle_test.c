/*
 * bundle_test.c — PLT-10: what is a bundle, and what is refused, each with its reason.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>
#include <cmocka.h>

#include "pelago/json.h"
#include "platform/bundle/impl.h"
#include "platform/bundle/release.h"
#include "platform/setup/file.h"

static char folder[] = "/tmp/pelago-bundle-XXXXXX", *secret, *service, *keys_folder;
static json_t *keys;
static struct utsname machine;

static struct bundle_rules rules(void)
{
	return (struct bundle_rules){ .keys = keys, .arch = machine.machine, .platform = "1.4.0" };
}

static void put(const char *name, const char *text)
{
	char path[300];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	assert_int_equal(file_replace(path, text, strlen(text), 0600), PL_OK);
}

static char *at(const char *name)
{
	char *path = NULL;

	assert_true(asprintf(&path, "%s/%s", folder, name) >= 0);
	return path;
}

static void make(const char *name)
{
	char *path = at(name);

	assert_int_equal(folder_make(path, 0700), PL_OK);
	free(path);
}

static const char manifest[] = "{\"name\":\"Sample\",\"version\":\"1.2.0\",\"cluster\":1}";
static char program[4096];

static int setup(void **unused)
{
	char line[BUNDLE_KEY_SIZE], public_key[BUNDLE_KEY_SIZE];

	assert_non_null(mkdtemp(folder));
	uname(&machine);
	make("Sample/web/pages");
	make("Sample/lib");
	make("keys");
	for (size_t i = 0; i < sizeof(program) - 1; i++)
		program[i] = (char)('a' + i * i % 23);
	put("Sample/manifest.json", manifest);
	put("Sample/Sample", program);
	put("Sample/web/index.html", "<!doctype html>");
	put("Sample/web/pages/a.js", "let a;");
	put("Sample/unit_test", "what a build folder holds, too");
	assert_int_equal(bundle_key_make(line, public_key), PL_OK);
	secret = strdup(line);
	put("keys/maker.pub", public_key);
	keys = json_object();
	keys_folder = at("keys");
	assert_int_equal(bundle_trust(keys, keys_folder), PL_OK);
	assert_int_equal(json_object_size(keys), 1);
	service = at("Sample");
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

static int teardown(void **unused)
{
	assert_int_equal(nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
	free(secret);
	free(service);
	free(keys_folder);
	json_decref(keys);
	return 0;
}

static enum pl_err pack_of(void **datap, size_t *lenp, const char *from, const char *key,
			   const char *arch)
{
	const struct bundle_parts parts = {
		.folder = from, .secret = key, .requires = "1.0.0", .arch = arch
	};

	return bundle_pack(datap, lenp, &parts);
}

static void pack(void **datap, size_t *lenp)
{
	assert_int_equal(pack_of(datap, lenp, service, secret, NULL), PL_OK);
}

/* Refused with a code, and a sentence that has these words. */
static void refused_by(const void *data, size_t len, const struct bundle_rules *by,
		       enum pl_err expected, const char *words)
{
	struct bundle bundle;
	enum pl_err err = bundle_read(&bundle, data, len, by);

	if (err != expected || !strstr(pl_err_detail(err), words))
		fail_msg("%d '%s' instead of %d '%s'", (int)err, pl_err_detail(err), (int)expected,
			 words);
	assert_null(bundle.manifest);
}

static void refused(const void *data, size_t len, const char *words)
{
	struct bundle_rules by = rules();

	refused_by(data, len, &by, PL_STATE, words);
}

static void a_bundle_is_read(void **unused)
{
	struct bundle_rules by = rules();
	struct bundle bundle;
	void *data = NULL, *again = NULL;
	size_t len, again_len;

	pack(&data, &len);
	pack(&again, &again_len);
	assert_int_equal(len, again_len);
	assert_memory_equal(data, again, len); /* the same files make the same archive */
	assert_int_equal(bundle_read(&bundle, data, len, &by), PL_OK);
	assert_string_equal(pl_json_get_text(bundle.manifest, "name"), "Sample");
	assert_string_equal(pl_json_get_text(bundle.files, "arch"), machine.machine);
	assert_int_equal(json_array_size(json_object_get(bundle.files, "files")), 4);
	assert_int_equal(strlen(bundle.hash), 64);
	assert_string_equal(bundle.signer, "maker");
	bundle_fini(&bundle);
	free(data);
	free(again);
}

static void a_bundle_may_be_for_all_processors(void **unused)
{
	struct bundle_rules by = rules();
	struct bundle bundle;
	void *data = NULL;
	char *part;
	size_t len;

	put("Sample/lib/part.py", "pass");
	assert_int_equal(pack_of(&data, &len, service, secret, "all"), PL_OK);
	by.arch = "another";
	assert_int_equal(bundle_read(&bundle, data, len, &by), PL_OK);
	assert_string_equal(pl_json_get_text(bundle.files, "arch"), "all");
	assert_int_equal(json_array_size(json_object_get(bundle.files, "files")), 5);
	bundle_fini(&bundle);
	free(data);
	part = at("Sample/lib/part.py");
	assert_int_equal(remove(part), 0);
	free(part);
}

static void a_bundle_is_unpacked(void **unused)
{
	struct bundle_rules by = rules();
	char *place = at("place/1.2.0"), *path = at("place/1.2.0/Sample"), *text = NULL;
	struct stat st;
	void *data = NULL;
	size_t len;

	make("place");
	make("place/.new-1.2.0"); /* of one who was killed */
	put("place/.new-1.2.0/rest", "rest");
	pack(&data, &len);
	assert_int_equal(bundle_unpack(place, data, len, &by), PL_OK);
	assert_int_equal(file_read(&text, NULL, path), PL_OK);
	assert_string_equal(text, program);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	free(path);
	free(text);
	path = at("place/1.2.0/web/pages/a.js");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	free(path);
	path = at("place/1.2.0/rest");
	assert_int_not_equal(access(path, F_OK), 0);
	free(path);
	path = at("place/.new-1.2.0");
	assert_int_not_equal(access(path, F_OK), 0);
	free(path);
	free(place);
	free(data);
}

/* UPG-2: an archive holds no links, so they come with the folder that is made of it. */
static void an_unpacked_platform_has_the_program_by_all_its_names(void **unused)
{
	static const char *const names[] = { "upgradeSolution", "upgradeCE", "patchCE" };
	struct bundle_rules by = rules();
	char *from = at("platform"), *place = at("programs/1.2.0"), text[200];
	void *data = NULL;
	size_t len;

	make("platform");
	make("programs");
	put("platform/pelago", program);
	snprintf(
		text, sizeof(text),
		"{\"kind\":\"platform\",\"name\":\"pelago\",\"version\":\"1.2.0\",\"arch\":\"%s\"}",
		machine.machine);
	put("platform/manifest.json", text);
	assert_int_equal(pack_of(&data, &len, from, secret, NULL), PL_OK);
	assert_int_equal(platform_unpack(place, data, len, &by), PL_OK);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char *path = NULL, to[16] = "";

		assert_true(asprintf(&path, "%s/%s", place, names[i]) >= 0);
		assert_int_equal(readlink(path, to, sizeof(to) - 1), 6);
		assert_string_equal(to, "pelago");
		free(path);
	}
	free(data);
	free(place);
	free(from);
}

static void what_is_refused_leaves_nothing(void **unused)
{
	struct bundle_rules by = rules();
	char *place = at("none/1.2.0");
	void *data = NULL;
	size_t len;

	make("none");
	pack(&data, &len);
	assert_int_equal(bundle_unpack(place, data, len - 40, &by), PL_STATE);
	assert_int_not_equal(access(place, F_OK), 0);
	free(place);
	free(data);
}

/* Each byte of it, one after the other: no bundle but the signed one is taken. */
static void an_altered_bundle_is_refused(void **unused)
{
	struct bundle_rules by = rules();
	unsigned char *data;
	size_t len, taken = 0;
	void *made = NULL;
	char whole[BUNDLE_HASH_SIZE];

	pack(&made, &len);
	data = made;
	assert_int_equal(bundle_hash(whole, data, len), PL_OK);
	for (size_t i = 0; i < len; i += 7) {
		struct bundle bundle;

		data[i] ^= 0x41;
		if (bundle_read(&bundle, data, len, &by) == PL_OK) {
			/* Times and such of the zip itself: no file of it is another one. */
			assert_string_not_equal(bundle.hash, whole);
			assert_int_equal(json_array_size(json_object_get(bundle.files, "files")),
					 4);
			bundle_fini(&bundle);
			taken++;
		}
		data[i] ^= 0x41;
	}
	assert_true(taken < len / 7 / 2);
	free(made);
}

static void a_cut_bundle_is_refused(void **unused)
{
	void *data = NULL;
	size_t len;

	pack(&data, &len);
	for (size_t cut = 1; cut < len; cut += 53) {
		struct bundle_rules by = rules();
		struct bundle bundle;

		assert_int_equal(bundle_read(&bundle, data, len - cut, &by), PL_STATE);
	}
	refused(data, len / 2, "damaged or cut");
	refused("", 0, "no zip archive");
	refused("PK\003\004 and more", 13, "no zip archive");
	free(data);
}

static void an_unsigned_bundle_is_refused(void **unused)
{
	char line[BUNDLE_KEY_SIZE], public_key[BUNDLE_KEY_SIZE];
	void *data = NULL, *signed_by = NULL;
	size_t len, signed_len;
	struct bundle_rules by = rules();
	struct bundle bundle;

	assert_int_equal(pack_of(&data, &len, service, NULL, NULL), PL_OK);
	refused(data, len, "isn't signed");

	assert_int_equal(bundle_key_make(line, public_key), PL_OK);
	assert_int_equal(bundle_sign(&signed_by, &signed_len, data, len, line), PL_OK);
	refused(signed_by, signed_len, "a key that isn't trusted here");
	free(signed_by);

	assert_int_equal(bundle_sign(&signed_by, &signed_len, data, len, secret), PL_OK);
	assert_int_equal(bundle_read(&bundle, signed_by, signed_len, &by), PL_OK);
	bundle_fini(&bundle);
	assert_int_equal(bundle_sign(&data, &len, data, len, "no key"), PL_INVALID);
	free(signed_by);
	free(data);
}

/* ---- archives that `pack` doesn't make ---- */

static json_t *listed(const char *path, const char *text)
{
	char hash[BUNDLE_HASH_SIZE];

	assert_int_equal(bundle_hash(hash, text, strlen(text)), PL_OK);
	return json_pack("{s:s,s:i,s:s,s:b}", "path", path, "size", (int)strlen(text), "sha256",
			 hash, "run", 0);
}

/* The list of Sample, with members of its head laid over it. Gives change. */
static json_t *list_with(json_t *change)
{
	json_t *list =
		json_pack("{s:i,s:s,s:s,s:s,s:s,s:[o,o]}", "format", 1, "name", "Sample", "version",
			  "1.2.0", "arch", machine.machine, "requires", "1.0.0", "files",
			  listed("Sample", program), listed("manifest.json", manifest));

	json_object_update(list, change);
	json_decref(change);
	return list;
}

struct made {
	struct zip *zip;
	void *data;
	size_t len;
};

static struct made begin(json_t *list)
{
	struct made made = { 0 };
	char *text = json_dumps(list, 0);

	assert_int_equal(zip_new(&made.zip), PL_OK);
	assert_int_equal(zip_add(made.zip, "Sample", true, program, strlen(program)), PL_OK);
	assert_int_equal(zip_add(made.zip, "manifest.json", false, manifest, strlen(manifest)),
			 PL_OK);
	assert_int_equal(zip_add(made.zip, "files.json", false, text, strlen(text)), PL_OK);
	assert_int_equal(seal_add(made.zip, secret, text, strlen(text)), PL_OK);
	free(text);
	json_decref(list);
	return made;
}

static void add(struct made *made, const char *path, const char *text)
{
	assert_int_equal(zip_add(made->zip, path, false, text, strlen(text)), PL_OK);
}

static void end(struct made *made)
{
	assert_int_equal(zip_end(&made->data, &made->len, made->zip), PL_OK);
}

static void the_list_is_what_there_is(void **unused)
{
	struct made made = begin(list_with(json_object()));
	struct bundle_rules by = rules();
	struct bundle bundle;

	end(&made);
	assert_int_equal(bundle_read(&bundle, made.data, made.len, &by), PL_OK);
	bundle_fini(&bundle);
	free(made.data);

	made = begin(list_with(json_object()));
	add(&made, "more", "isn't listed");
	end(&made);
	refused(made.data, made.len, "'more' isn't in its list");
	free(made.data);

	made = begin(list_with(json_pack("{s:[o,o,o]}", "files", listed("Sample", program),
					 listed("manifest.json", manifest), listed("gone", "x"))));
	end(&made);
	refused(made.data, made.len, "'gone' is missing");
	free(made.data);

	made = begin(list_with(json_pack("{s:[o,o]}", "files", listed("Sample", "another"),
					 listed("manifest.json", manifest))));
	end(&made);
	refused(made.data, made.len, "'Sample' isn't what was signed");
	free(made.data);
}

static void heads_are_checked(void **unused)
{
	static const struct {
		const char *member, *value, *words;
		enum pl_err err;
	} cases[] = {
		{ "arch", "pdp11", "is for pdp11", PL_STATE },
		{ "requires", "1.5.0", "requires Pelago 1.5.0, this is 1.4.0", PL_NEWER },
		{ "requires", "soon", "isn't like 1.2.0", PL_STATE },
		{ "version", "1.2", "isn't like 1.2.0", PL_STATE },
		{ "version", "1.3.0", "says Sample 1.3.0, its manifest Sample 1.2.0", PL_STATE },
		{ "name", "Other", "says Other 1.2.0, its manifest Sample 1.2.0", PL_STATE },
	};
	struct bundle_rules by = rules();
	struct made made;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		made = begin(list_with(json_pack("{s:s}", cases[i].member, cases[i].value)));
		end(&made);
		refused_by(made.data, made.len, &by, cases[i].err, cases[i].words);
		free(made.data);
	}
	made = begin(list_with(json_pack("{s:i}", "format", 2)));
	end(&made);
	refused_by(made.data, made.len, &by, PL_NEWER, "upgrade Pelago first");
	free(made.data);
	made = begin(list_with(json_pack("{s:s}", "files", "none")));
	end(&made);
	refused(made.data, made.len, "list is malformed");
	free(made.data);
}

static void paths_that_lead_elsewhere_are_refused(void **unused)
{
	static const char *const paths[] = { "../x", "/etc/x", "a/../../x", "a//x",    "./x",
					     "a/.",  "a\\x",   "C:x",	    ".hidden", "a/",
					     "a b",  "\x7f",   "..",	    "a/..",    "nul\x01" };

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		struct made made = begin(list_with(json_object()));
		struct bundle_rules by = rules();
		struct bundle bundle;

		add(&made, paths[i], "x");
		end(&made);
		if (bundle_read(&bundle, made.data, made.len, &by) != PL_STATE)
			fail_msg("%s", paths[i]);
		free(made.data);
	}
}

static void a_name_twice_is_refused(void **unused)
{
	static const char *const paths[] = { "Sample", "sample", "MANIFEST.json", "signature" };

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		struct made made = begin(list_with(json_object()));

		add(&made, paths[i], "x");
		end(&made);
		refused(made.data, made.len, "is in the archive twice");
		free(made.data);
	}
}

struct sink {
	char data[32768];
	size_t len;
};

static la_ssize_t sink_write(struct archive *archive, void *arg, const void *data, size_t len)
{
	struct sink *sink = arg;

	assert_true(sink->len + len <= sizeof(sink->data));
	memcpy(sink->data + sink->len, data, len);
	sink->len += len;
	return (la_ssize_t)len;
}

static void what_is_no_plain_file_is_refused(void **unused)
{
	struct archive *archive = archive_write_new();
	struct archive_entry *entry = archive_entry_new();
	static struct sink sink;

	archive_write_set_format_zip(archive);
	archive_write_open(archive, &sink, NULL, sink_write, NULL);
	archive_entry_set_pathname(entry, "link");
	archive_entry_set_filetype(entry, AE_IFLNK);
	archive_entry_set_symlink(entry, "/etc/passwd");
	archive_entry_set_perm(entry, 0777);
	assert_int_equal(archive_write_header(archive, entry), ARCHIVE_OK);
	archive_write_close(archive);
	archive_entry_free(entry);
	archive_write_free(archive);
	refused(sink.data, sink.len, "'link' in the archive is no plain file");
}

static void bombs_are_refused(void **unused)
{
	size_t len = 2 << 20;
	char *zeros = calloc(1, len), *noise = malloc(len);
	struct bundle_rules by = rules();
	struct made made = begin(list_with(json_object()));

	assert_int_equal(zip_add(made.zip, "zeros", false, zeros, len), PL_OK);
	end(&made);
	refused(made.data, made.len, "more than 100 times its size");
	free(made.data);

	for (size_t i = 0; i < len; i++)
		noise[i] = (char)(i * i >> 7);
	by.unpacked_most = 1 << 20;
	made = begin(list_with(json_object()));
	assert_int_equal(zip_add(made.zip, "noise", false, noise, len), PL_OK);
	end(&made);
	refused_by(made.data, made.len, &by, PL_STATE, "more than 1 MiB");
	free(made.data);

	made = begin(list_with(json_object()));
	for (int i = 0; i <= BUNDLE_FILES_MOST; i++) {
		char path[20];

		snprintf(path, sizeof(path), "f/%d", i);
		add(&made, path, "");
	}
	end(&made);
	refused(made.data, made.len, "more than 4096 files");
	free(made.data);
	free(zeros);
	free(noise);
}

static void a_folder_that_is_no_service_is_not_packed(void **unused)
{
	char *empty = at("empty"), *linked = at("linked/web");
	void *data = NULL;
	size_t len;

	make("empty");
	assert_int_equal(pack_of(&data, &len, empty, secret, NULL), PL_NOTFOUND);
	make("linked");
	put("linked/manifest.json", manifest);
	put("linked/Sample", "x");
	assert_int_equal(symlink("/etc", linked), 0);
	free(empty);
	empty = at("linked");
	assert_int_equal(pack_of(&data, &len, empty, secret, NULL), PL_INVALID);
	put("linked/manifest.json", "{\"name\":\"Sample\",\"version\":\"new\"}");
	assert_int_equal(pack_of(&data, &len, empty, secret, NULL), PL_INVALID);
	assert_null(data);
	free(empty);
	free(linked);
}

static void a_file_that_is_no_key_is_told(void **unused)
{
	json_t *more = json_object();
	char *path = at("odd");

	make("odd");
	put("odd/x.pub", "hello");
	assert_int_equal(bundle_trust(more, path), PL_INVALID);
	free(path);
	path = at("nowhere");
	assert_int_equal(bundle_trust(more, path), PL_OK);
	assert_int_equal(json_object_size(more), 0);
	free(path);
	json_decref(more);
}

/* What sorts lists: the longest there may be, builds of one version, and what is no version. */
static void keys_of_versions_differ(void **unused)
{
	static const char longest[] = "1.0.0-1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.12";
	char a[VERSION_KEY_SIZE], b[VERSION_KEY_SIZE];

	assert_int_equal(sizeof(longest) - 1, BUNDLE_VERSION_MOST);
	assert_true(version_is_good(longest));
	assert_true(strlen(version_key(a, longest)) < VERSION_KEY_SIZE - 1);
	assert_string_not_equal(version_key(a, "1.0.0+a"), version_key(b, "1.0.0+b"));
	assert_true(strcmp(version_key(a, "1.0.0+a"), version_key(b, "1.0.1")) < 0);
	assert_true(strcmp(version_key(a, "1.0.0-a+z"), version_key(b, "1.0.0-a.b")) < 0);
	assert_string_equal(version_key(a, "soon"), "soon");
}

static void versions_have_an_order(void **unused)
{
	static const char *const rising[] = {
		"0.9.9",	"1.0.0-alpha",	 "1.0.0-alpha.1", "1.0.0-alpha.beta",
		"1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1",	  "1.0.0",
		"1.0.1",	"1.2.0",	 "1.10.0",	  "2.0.0"
	};
	static const char *const bad[] = { "",	     "1",	   "1.2",    "1.2.3.4",
					   "01.2.3", "1.2.x",	   "1.2.3-", "1.2.3+",
					   "v1.2.3", "1.2.3-a..b", "1.2.3 ", "../1.2.3" };
	size_t count = sizeof(rising) / sizeof(rising[0]);

	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < count; k++) {
			int order = version_compare(rising[i], rising[k]);
			char a[VERSION_KEY_SIZE], b[VERSION_KEY_SIZE];

			assert_int_equal((order > 0) - (order < 0), (i > k) - (i < k));
			assert_true(version_is_good(rising[i]));
			order = strcmp(version_key(a, rising[i]), version_key(b, rising[k]));
			assert_int_equal((order > 0) - (order < 0), (i > k) - (i < k));
		}
	assert_int_equal(version_compare("1.0.0+a", "1.0.0+b"), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(version_is_good(bad[i]));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bundle_is_read),
		cmocka_unit_test(a_bundle_may_be_for_all_processors),
		cmocka_unit_test(a_bundle_is_unpacked),
		cmocka_unit_test(an_unpacked_platform_has_the_program_by_all_its_names),
		cmocka_unit_test(what_is_refused_leaves_nothing),
		cmocka_unit_test(an_altered_bundle_is_refused),
		cmocka_unit_test(a_cut_bundle_is_refused),
		cmocka_unit_test(an_unsigned_bundle_is_refused),
		cmocka_unit_test(the_list_is_what_there_is),
		cmocka_unit_test(heads_are_checked),
		cmocka_unit_test(paths_that_lead_elsewhere_are_refused),
		cmocka_unit_test(a_name_twice_is_refused),
		cmocka_unit_test(what_is_no_plain_file_is_refused),
		cmocka_unit_test(bombs_are_refused),
		cmocka_unit_test(a_folder_that_is_no_service_is_not_packed),
		cmocka_unit_test(a_file_that_is_no_key_is_told),
		cmocka_unit_test(keys_of_versions_differ),
		cmocka_unit_test(versions_have_an_order),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
