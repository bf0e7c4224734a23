/*
 * cmd_release.c — pelago release list, show, load, delete, verify.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "pelago/json.h"
#include "pelago/version.h"
#include "platform/cli/release.h"
#include "platform/cli/send.h"

enum { LOAD_MS = 10 * 60 * 1000 }; /* it is read twice, and stored */

static const struct cli_column columns[] = {
	{ "Release", "version", FORM_TEXT },
	{ "Processor", "arch", FORM_TEXT },
	{ "Takes over from", "sources", FORM_LIST },
	{ "Services", "services", FORM_NUMBER },
	{ "Bytes", "bytes", FORM_NUMBER },
	{ "Signed by", "signer", FORM_TEXT },
	{ "SHA-256", "hash", FORM_ONLY_JSON },
	{ "Loaded", "loadedMs", FORM_ONLY_JSON },
	{ 0 },
};

static int list(struct cli *cli)
{
	return cli_print_list(cli, "Manager.releases", NULL, columns);
}

static void print_json(const json_t *value)
{
	json_dumpf(value, stdout, JSON_INDENT(2));
	putchar('\n');
}

static void print_changes(const json_t *changes)
{
	const char *what, *how;
	json_t *lists, *names, *name;
	size_t i;

	json_object_foreach((json_t *)changes, what, lists) {
		json_object_foreach(lists, how, names) {
			if (json_array_size(names) == 0)
				continue;
			printf("%s %s:", what, how);
			json_array_foreach(names, i, name) {
				printf("%s %s", i ? "," : "", json_string_value(name));
			}
			putchar('\n');
		}
	}
}

static void print_release(const json_t *manifest, const char *signer, const char *hash)
{
	const json_t *since = json_object_get(manifest, "since");

	printf("Pelago %s for %s, %zu services, signed by %s\nSHA-256 %s\n",
	       pl_json_get_text(manifest, "version"), pl_json_get_text(manifest, "arch"),
	       json_array_size(json_object_get(manifest, "services")), signer, hash);
	if (json_is_string(since))
		printf("Since %s:\n", json_string_value(since));
	print_changes(json_object_get(manifest, "changes"));
}

static int show(struct cli *cli)
{
	json_t *view = NULL;
	enum pl_err err = cli_call(&view, cli, "Manager.release",
				   json_pack("{s:s}", "version", cli->words[0]));

	if (err)
		return cli_fail(err);
	if (cli->wants_json)
		print_json(view);
	else
		print_release(json_object_get(view, "manifest"), pl_json_get_text(view, "signer"),
			      pl_json_get_text(view, "hash"));
	json_decref(view);
	return EXIT_DONE;
}

static enum pl_err open_file(int *fdp, const char *path)
{
	*fdp = open(path, O_RDONLY | O_CLOEXEC);
	return *fdp >= 0 ? PL_OK
			 : pl_fail(errno == ENOENT ? PL_NOTFOUND : PL_IO, "%s: %s", path,
				   strerror(errno));
}

/* Checked here, too, before much is sent. */
static enum pl_err read_release(struct bundle *release, struct cli *cli, int fd)
{
	struct bundle_rules rules = { .platform = pl_version };
	char *folder = setup_data_path(cli->data), *programs = setup_programs_path();
	json_t *keys = json_object();
	struct utsname machine;
	enum pl_err err = folder && programs && keys ? PL_OK : PL_NOMEM;

	uname(&machine);
	rules.arch = machine.machine;
	rules.keys = keys;
	if (!err)
		err = bundle_makers(keys, folder, programs);
	if (!err)
		err = release_read(release, fd, &rules);
	json_decref(keys);
	free(programs);
	free(folder);
	return err;
}

enum pl_err release_open(struct bundle *release, int *fdp, struct cli *cli, const char *path)
{
	enum pl_err err = open_file(fdp, path);

	return err ? err : read_release(release, cli, *fdp);
}

static int verify(struct cli *cli)
{
	struct bundle release = { 0 };
	int fd = -1;
	enum pl_err err = release_open(&release, &fd, cli, cli->words[0]);

	if (fd >= 0)
		close(fd);
	if (err)
		return cli_fail(err);
	if (cli->wants_json)
		print_json(release.manifest);
	else
		print_release(release.manifest, release.signer, release.hash);
	bundle_fini(&release);
	return EXIT_DONE;
}

static int load(struct cli *cli)
{
	struct bundle release = { 0 };
	json_t *view = NULL;
	int fd = -1;
	enum pl_err err = release_open(&release, &fd, cli, cli->words[0]);

	bundle_fini(&release);
	cli->wait_ms = LOAD_MS;
	if (!err)
		err = file_send(&view, cli, fd, "Manager.release-load");
	if (fd >= 0)
		close(fd);
	if (err)
		return cli_fail(err);
	if (cli->wants_json)
		print_json(view);
	else
		printf("release %s is loaded; nothing is changed by it yet\n",
		       pl_json_get_text(view, "version"));
	json_decref(view);
	return EXIT_DONE;
}

static int delete (struct cli *cli)
{
	json_t *view = NULL;
	enum pl_err err;

	if (!cli_confirm(cli, "Delete release %s?", cli->words[0]))
		return cli->says_yes ? EXIT_FAILED : EXIT_USAGE;
	err = cli_call(&view, cli, "Manager.release-delete",
		       json_pack("{s:s}", "version", cli->words[0]));
	if (err)
		return cli_fail(err);
	if (cli->wants_json)
		print_json(view);
	else
		printf("release %s is deleted\n", cli->words[0]);
	json_decref(view);
	return EXIT_DONE;
}

const struct cli_command release_commands[] = {
	{ "release", "list", "", 0, 0, "", list, "Lists the releases that are loaded." },
	{ "release", "show", "VERSION", 1, 1, "", show,
	  "Shows what a release brings and changes." },
	{ "release", "load", "FILE", 1, 1, "", load,
	  "Loads a release, pelago-VERSION.zip, for an upgrade." },
	{ "release", "delete", "VERSION", 1, 1, "yes", delete,
	  "Deletes a release that nothing is of." },
	{ "release", "verify", "FILE", 1, 1, "", verify,
	  "Tells whether a release would be taken here, and why not." },
	{ 0 },
};
