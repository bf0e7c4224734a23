/*
 * join.c — the data folder of a host that joins.
 *
 * Keys are made here and never leave; what the manager gets are their public halves.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pelago/json.h"
#include "pelago/version.h"
#include "platform/setup/file.h"
#include "platform/setup/setup.h"
#include "platform/setup/setup_impl.h"

bool setup_is_address(const char *text)
{
	struct in_addr four;

	return inet_pton(AF_INET, text, &four) == 1;
}

static enum pl_err add_key(json_t *keys, const char *data, const char *process)
{
	char public_key[PL_NKEY_PUBLIC_SIZE];
	enum pl_err err = bus_key_make(public_key, data, process);

	if (!err && json_object_set_new(keys, process, json_string(public_key)) != 0)
		err = PL_NOMEM;
	return err;
}

enum pl_err setup_join_keys(json_t **keysp, const char *data, const json_t *manifests)
{
	static const char *const own[] = { "node", "edge", "cli" };
	json_t *keys = json_object(), *manifest;
	char *folder = NULL;
	enum pl_err err = PL_NOMEM;
	size_t i;

	if (keys && asprintf(&folder, "%s/keys", data) >= 0)
		err = folder_make(folder, 0700);
	for (i = 0; !err && i < sizeof(own) / sizeof(own[0]); i++)
		err = add_key(keys, data, own[i]);
	json_array_foreach(manifests, i, manifest) {
		const char *name = pl_json_get_text(manifest, "name");

		if (!err && strcmp(name, "Manager") != 0)
			err = add_key(keys, data, name);
	}
	free(folder);
	if (err)
		json_decref(keys);
	else
		*keysp = keys;
	return err;
}

static enum pl_err write_file(const char *data, const char *name, const char *text)
{
	char *path = NULL;
	enum pl_err err = asprintf(&path, "%s/tls/%s", data, name) < 0
				  ? PL_NOMEM
				  : file_replace(path, text, strlen(text), 0600);

	free(path);
	return err;
}

/* The node's key goes by the name that it has got. */
static enum pl_err name_key(const char *data, const char *node)
{
	char *from = NULL, *to = NULL, *seed = NULL;
	size_t len = 0;
	enum pl_err err = PL_NOMEM;

	if (asprintf(&from, "%s/keys/node.nk", data) >= 0 &&
	    asprintf(&to, "%s/keys/%s.nk", data, node) >= 0)
		err = file_read(&seed, &len, from);
	if (!err)
		err = file_replace(to, seed, len, 0600);
	free(from);
	free(to);
	free(seed);
	return err;
}

/* Both pairs, identity and edge. */
static enum pl_err write_pairs(const char *data, const char *certificate, const char *key)
{
	static const struct {
		const char *name;
		bool is_key;
	} files[] = { { "identity.key", true },
		      { "identity.pem", false },
		      { "edge.key", true },
		      { "edge.pem", false } };
	enum pl_err err = PL_OK;

	for (size_t i = 0; !err && i < sizeof(files) / sizeof(files[0]); i++)
		err = write_file(data, files[i].name, files[i].is_key ? key : certificate);
	return err;
}

enum pl_err setup_certify(const char *data, const char *certificate, const char *key)
{
	json_t *both = json_pack("{s:s,s:s}", "certificate", certificate, "key", key);
	char *path = NULL;
	enum pl_err err = PL_NOMEM;

	if (both && asprintf(&path, "%s/tls/renewed.json", data) >= 0)
		err = file_replace_json(path, both, 0600);
	json_decref(both);
	free(path);
	return err ? err : setup_certify_resume(data);
}

enum pl_err setup_certify_resume(const char *data)
{
	const char *certificate = NULL, *key = NULL;
	json_t *both = NULL;
	char *path = NULL;
	enum pl_err err = asprintf(&path, "%s/tls/renewed.json", data) < 0
				  ? PL_NOMEM
				  : file_read_json(&both, path);

	if (err == PL_NOTFOUND) {
		pl_err_clear();
		free(path);
		return PL_OK;
	}
	if (!err)
		err = pl_json_text(&certificate, both, "certificate", 16384, true);
	if (!err)
		err = pl_json_text(&key, both, "key", 16384, true);
	if (!err)
		err = write_pairs(data, certificate, key);
	if (!err && unlink(path) != 0)
		err = pl_fail(PL_IO, "%s can't be removed", path);
	json_decref(both);
	free(path);
	return err;
}

enum pl_err setup_join(const struct setup_joined *j)
{
	struct setup setup = { .data = (char *)j->data };
	char *path = NULL;
	json_t *settings = NULL;
	enum pl_err err = setup_folders(&setup);

	if (!err)
		err = write_file(j->data, "ca.pem", j->authority);
	if (!err)
		err = write_pairs(j->data, j->certificate, j->key);
	if (!err)
		err = name_key(j->data, j->node);
	if (!err) {
		settings = json_pack("{s:i,s:s,s:s,s:s,s:s,s:i,s:i,s:i,s:b}", "format",
				     SETUP_FORMAT, "version", pl_version, "node", j->node, "bus",
				     j->bus_url, "storeUrl", j->store, "busPort", 0, "httpsPort",
				     j->https_port, "httpPort", j->http_port, "demo", j->is_demo);
		err = settings && asprintf(&path, "%s/pelago.json", j->data) >= 0
			      ? file_replace_json(path, settings, 0600)
			      : PL_NOMEM;
	}
	json_decref(settings);
	free(path);
	return err;
}
