/*
 * cmd_bundle.c — pelago bundle keygen, pack, sign, verify, trust: what makers of services need.
 * None of it needs a running instance.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "pelago/json.h"
#include "pelago/version.h"
#include "platform/bundle/bundle.h"
#include "platform/cli/cli.h"
#include "platform/setup/file.h"

static enum pl_err write_new(const char *path, const char *line, mode_t mode)
{
	char text[BUNDLE_KEY_SIZE + 2];

	if (access(path, F_OK) == 0)
		return pl_fail(PL_STATE, "%s is there already, and stays as it is", path);
	snprintf(text, sizeof(text), "%s\n", line);
	return file_replace(path, text, strlen(text), mode);
}

/* Gives value. */
static void print_json(json_t *value)
{
	json_dumpf(value, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(value);
}

static int keygen(struct cli *cli)
{
	char secret[BUNDLE_KEY_SIZE], public_key[BUNDLE_KEY_SIZE], *key = NULL, *pub = NULL;
	enum pl_err err = PL_NOMEM;

	if (asprintf(&key, "%s.key", cli->words[0]) >= 0 &&
	    asprintf(&pub, "%s.pub", cli->words[0]) >= 0)
		err = bundle_key_make(secret, public_key);
	if (!err)
		err = write_new(key, secret, 0600);
	if (!err)
		err = write_new(pub, public_key, 0644);
	if (!err && !cli->wants_json)
		printf("%s signs; keep it to yourself. Give away %s: 'pelago bundle trust %s' trusts it.\n",
		       key, pub, pub);
	else if (!err)
		print_json(json_pack("{s:s,s:s}", "secret", key, "public", pub));
	free(key);
	free(pub);
	return err ? cli_fail(err) : EXIT_DONE;
}

static enum pl_err read_key(char **linep, const struct cli *cli)
{
	return cli->key ? file_read(linep, NULL, cli->key) : PL_OK;
}

static enum pl_err write_bundle(const struct cli *cli, const char *path, const void *data,
				size_t len)
{
	enum pl_err err = file_replace(path, data, len, 0644);

	if (!err && cli->wants_json)
		print_json(json_pack("{s:s,s:I}", "file", path, "bytes", (json_int_t)len));
	else if (!err)
		printf("%s: %zu bytes\n", path, len);
	return err;
}

/* NAME-VERSION.svar, by the folder's manifest. free() */
static enum pl_err default_name(char **pathp, const char *folder)
{
	char *path = NULL;
	json_t *manifest = NULL;
	enum pl_err err = PL_NOMEM;

	if (asprintf(&path, "%s/manifest.json", folder) >= 0)
		err = file_read_json(&manifest, path);
	if (!err && asprintf(pathp, "%s-%s.svar", pl_json_get_text(manifest, "name"),
			     pl_json_get_text(manifest, "version")) < 0)
		err = PL_NOMEM;
	json_decref(manifest);
	free(path);
	return err;
}

static int pack(struct cli *cli)
{
	struct bundle_parts parts = { .folder = cli->words[0],
				      .program = cli->program,
				      .requires = cli->requires ? cli->requires : pl_version,
				      .arch = cli->arch,
				      .version = cli->version };
	char *key = NULL, *out = cli->out ? strdup(cli->out) : NULL;
	void *data = NULL;
	size_t len = 0;
	enum pl_err err = read_key(&key, cli);

	parts.secret = key;
	if (!err)
		err = bundle_pack(&data, &len, &parts);
	if (!err && !out)
		err = default_name(&out, cli->words[0]);
	if (!err)
		err = write_bundle(cli, out, data, len);
	free(data);
	free(out);
	free(key);
	return err ? cli_fail(err) : EXIT_DONE;
}

static int sign(struct cli *cli)
{
	char *key = NULL, *data = NULL;
	void *made = NULL;
	size_t len = 0, made_len = 0;
	enum pl_err err;

	if (!cli->key)
		return cli_usage("--key is missing: the file that 'pelago bundle keygen' made");
	err = read_key(&key, cli);
	if (!err)
		err = file_read(&data, &len, cli->words[0]);
	if (!err)
		err = bundle_sign(&made, &made_len, data, len, key);
	if (!err)
		err = write_bundle(cli, cli->out ? cli->out : cli->words[0], made, made_len);
	free(made);
	free(data);
	free(key);
	return err ? cli_fail(err) : EXIT_DONE;
}

static void print_bundle(const struct cli *cli, const struct bundle *bundle, size_t len)
{
	const char *name = pl_json_get_text(bundle->files, "name"),
		   *version = pl_json_get_text(bundle->files, "version"),
		   *arch = pl_json_get_text(bundle->files, "arch"),
		   *requires = pl_json_get_text(bundle->files, "requires");
	size_t files = json_array_size(json_object_get(bundle->files, "files"));

	if (cli->wants_json)
		print_json(json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:I,s:I}", "name", name, "version",
				     version, "arch", arch, "requires", requires, "signer",
				     bundle->signer, "hash", bundle->hash, "bytes", (json_int_t)len,
				     "files", (json_int_t)files));
	else
		printf("%s %s for %s, requires Pelago %s; %zu files, signed by %s\nSHA-256 %s\n",
		       name, version, arch, requires, files, bundle->signer, bundle->hash);
}

static int verify(struct cli *cli)
{
	char *folder = setup_data_path(cli->data), *programs = setup_programs_path(), *data = NULL;
	struct bundle_rules rules = { .platform = pl_version };
	json_t *keys = json_object();
	struct utsname machine;
	struct bundle bundle;
	size_t len = 0;
	enum pl_err err = folder && programs && keys ? PL_OK : PL_NOMEM;

	uname(&machine);
	rules.arch = machine.machine;
	rules.keys = keys;
	if (!err)
		err = bundle_makers(keys, folder, programs);
	if (!err)
		err = file_read(&data, &len, cli->words[0]);
	if (!err)
		err = bundle_read(&bundle, data, len, &rules);
	if (!err) {
		print_bundle(cli, &bundle, len);
		bundle_fini(&bundle);
	}
	json_decref(keys);
	free(data);
	free(folder);
	free(programs);
	return err ? cli_fail(err) : EXIT_DONE;
}

static int trust(struct cli *cli)
{
	const char *slash = strrchr(cli->words[0], '/'), *name = slash ? slash + 1 : cli->words[0];
	size_t len = strlen(name);
	char *path = NULL, *folder = NULL, *line = NULL;
	enum pl_err err;

	if (len < 5 || strcmp(name + len - 4, ".pub") != 0)
		return cli_usage("%s: a public key is a file NAME.pub", cli->words[0]);
	err = cli_setup(cli);
	if (!err)
		err = file_read(&line, NULL, cli->words[0]);
	if (!err)
		err = bundle_key_check(line);
	folder = err ? NULL : setup_path(cli->setup, "trust");
	path = err ? NULL : setup_path(cli->setup, "trust/%s", name);
	if (!err)
		err = folder && path ? folder_make(folder, 0700) : PL_NOMEM;
	if (!err)
		err = file_replace(path, line, strlen(line), 0600);
	if (!err && cli->wants_json)
		print_json(json_pack("{s:s#}", "trusted", name, (int)len - 4));
	else if (!err)
		printf("bundles signed by %.*s are taken from now on\n", (int)len - 4, name);
	free(path);
	free(folder);
	free(line);
	return err ? cli_fail(err) : EXIT_DONE;
}

const struct cli_command bundle_commands[] = {
	{ "bundle", "keygen", "NAME", 1, 1, "", keygen,
	  "Makes NAME.key, which signs bundles, and NAME.pub, which others trust." },
	{ "bundle", "pack", "FOLDER", 1, 1, "key program requires arch as out", pack,
	  "Makes a bundle of a built service: its manifest.json, its program, its pages." },
	{ "bundle", "sign", "FILE", 1, 1, "key out", sign,
	  "Signs a bundle, anew if it was signed." },
	{ "bundle", "verify", "FILE", 1, 1, "", verify,
	  "Tells whether a bundle would be taken here, and why not." },
	{ "bundle", "trust", "FILE.pub", 1, 1, "", trust,
	  "Has this instance take bundles that were signed by a key." },
	{ 0 },
};
