/*
 * bus.c — keys of the bus's users and nats.conf, written from the manifests and the table of
 * grants.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pelago/json.h"
#include "pelago/nkey.h"
#include "platform/setup/file.h"
#include "platform/setup/setup.h"
#include "platform/setup/setup_impl.h"

enum who { SERVICE, MANAGER, NODE, EDGE, CLI, ROOT, MEMBER };
enum right { PUBLISH, SUBSCRIBE };
enum each { NONE, SELF, PRODUCERS, PUBLISHES, CALLS, ASKS, PUSHES };

static const struct grant {
	enum who who;
	enum right right;
	const char *pattern;
	enum each each;
} grants[] = {
#define GRANT(who, right, pattern, each) { who, right, pattern, each },
#include "platform/setup/grants.h"
#undef GRANT
};

static const char *const each_members[] = {
	[PUBLISHES] = "publishes", [CALLS] = "calls", [ASKS] = "asks", [PUSHES] = "pushes"
};

/* One user of the bus. */
struct user {
	const char *process;
	enum who who, also; /* the manager is a service too */
	const json_t *manifest;
};

/* Writes a new key if nobody else has meanwhile: then that one is it. */
static enum pl_err key_write(const char *path, const char *seed)
{
	char *fresh = NULL, line[PL_NKEY_SEED_SIZE + 1];
	enum pl_err err = PL_NOMEM;

	snprintf(line, sizeof(line), "%s\n", seed);
	if (asprintf(&fresh, "%s.%d", path, (int)getpid()) < 0)
		goto out;
	err = file_replace(fresh, line, strlen(line), 0600);
	if (!err && link(fresh, path) != 0 && errno != EEXIST)
		err = pl_fail(PL_IO, "%s: %s", path, strerror(errno));
	unlink(fresh);
	free(fresh);
out:
	sodium_memzero(line, sizeof(line));
	return err;
}

enum pl_err bus_key_make(char public_key[PL_NKEY_PUBLIC_SIZE], const char *data,
			 const char *process)
{
	char *path = NULL, seed[PL_NKEY_SEED_SIZE];
	enum pl_err err = PL_OK;

	if (asprintf(&path, "%s/keys/%s.nk", data, process) < 0)
		return PL_NOMEM;
	if (access(path, F_OK) != 0) {
		err = pl_nkey_make(seed, public_key);
		if (!err)
			err = key_write(path, seed);
		sodium_memzero(seed, sizeof(seed));
	}
	if (!err)
		err = pl_nkey_read_public(public_key, path);
	free(path);
	return err;
}

static void print_item(FILE *f, unsigned *countp, const char *pattern, const char *value)
{
	const char *at = strstr(pattern, "%s");

	fputs((*countp)++ ? ", \"" : "\"", f);
	if (at)
		fprintf(f, "%.*s%s%s", (int)(at - pattern), pattern, value, at + 2);
	else
		fputs(pattern, f);
	fputc('"', f);
}

static bool has_name(const json_t *list, const char *name)
{
	json_t *item;
	size_t i;

	json_array_foreach(list, i, item) {
		if (strcmp(json_string_value(item), name) == 0)
			return true;
	}
	return false;
}

/* Whether a manifest publishes any noun of a list. */
static bool produces(const json_t *manifest, const json_t *nouns)
{
	json_t *noun;
	size_t i;

	json_array_foreach(nouns, i, noun) {
		if (has_name(json_object_get(manifest, "publishes"), json_string_value(noun)))
			return true;
	}
	return false;
}

static void print_grant(FILE *f, unsigned *countp, const struct grant *grant,
			const struct user *user, const struct setup *setup)
{
	json_t *item;
	size_t i;

	switch (grant->each) {
	case NONE:
	case SELF:
		print_item(f, countp, grant->pattern, user->process);
		break;
	case PRODUCERS:
		json_array_foreach(setup->manifests, i, item) {
			if (produces(item, json_object_get(user->manifest, "reads")))
				print_item(f, countp, grant->pattern,
					   pl_json_get_text(item, "name"));
		}
		break;
	default:
		json_array_foreach(json_object_get(user->manifest, each_members[grant->each]), i,
				   item) {
			print_item(f, countp, grant->pattern, json_string_value(item));
		}
	}
}

static void print_rights(FILE *f, enum right right, const struct user *user,
			 const struct setup *setup)
{
	unsigned count = 0;

	fprintf(f, "\t\t\t%s: { allow: [ ", right == PUBLISH ? "publish" : "subscribe");
	for (size_t i = 0; i < sizeof(grants) / sizeof(grants[0]); i++)
		if (grants[i].right == right &&
		    (grants[i].who == user->who || grants[i].who == user->also))
			print_grant(f, &count, &grants[i], user, setup);
	fputs(" ] }\n", f);
}

/* host: "", or which one, for people */
static void print_rights_of(FILE *f, const struct user *user, const char *host,
			    const char *public_key, const struct setup *setup)
{
	fprintf(f, "\t\t{ # %s%s%s\n\t\t\tnkey: %s\n\t\t\tpermissions: {\n", user->process,
		*host ? " on the host of " : "", host, public_key);
	print_rights(f, PUBLISH, user, setup);
	print_rights(f, SUBSCRIBE, user, setup);
	fputs("\t\t\t}\n\t\t}\n", f);
}

static enum pl_err print_user(FILE *f, const struct user *user, const struct setup *setup)
{
	char public_key[PL_NKEY_PUBLIC_SIZE];
	enum pl_err err = bus_key_make(public_key, setup->data, user->process);

	if (!err)
		print_rights_of(f, user, "", public_key, setup);
	return err;
}

static const json_t *manifest_of(const struct setup *setup, const char *name)
{
	json_t *manifest;
	size_t i;

	json_array_foreach(setup->manifests, i, manifest) {
		if (strcmp(pl_json_get_text(manifest, "name"), name) == 0)
			return manifest;
	}
	return NULL;
}

/* Processes of one joined host have the rights that those here have, but for the command line,
 * which may only ask how its node is. */
static enum pl_err print_member(FILE *f, const char *node, const json_t *keys,
				const struct setup *setup)
{
	const char *process;
	json_t *key;

	json_object_foreach((json_t *)keys, process, key) {
		struct user user = { process, SERVICE, SERVICE, manifest_of(setup, process) };

		if (strcmp(process, "node") == 0)
			user = (struct user){ node, NODE, NODE, NULL };
		else if (strcmp(process, "edge") == 0)
			user = (struct user){ "edge", EDGE, EDGE, NULL };
		else if (strcmp(process, "cli") == 0)
			user = (struct user){ "cli", MEMBER, MEMBER, NULL };
		else if (!user.manifest)
			continue; /* a service that is gone */
		/* Checked by the manager; looked at again, as a quote here would widen rights. */
		if (!json_is_string(key) || !setup_is_name(node) ||
		    !pl_nkey_is_public(json_string_value(key)))
			return pl_fail(PL_INVALID, "bus/members.json: %s of %s is no key", process,
				       node);
		print_rights_of(f, &user, node, json_string_value(key), setup);
	}
	return PL_OK;
}

static enum pl_err print_users(FILE *f, const struct setup *setup, const json_t *members)
{
	static const struct user ours[] = {
#define CLUSTER(kind, name, node) { node, NODE, NODE, NULL },
#include "platform/setup/clusters.h"
#undef CLUSTER
		{ "edge", EDGE, EDGE, NULL },
		{ "cli", CLI, CLI, NULL },
		{ "root", ROOT, ROOT, NULL },
	};
	enum pl_err err = PL_OK;
	json_t *manifest, *keys;
	const char *node;
	size_t i;

	for (i = 0; !err && i < sizeof(ours) / sizeof(ours[0]); i++)
		err = print_user(f, &ours[i], setup);
	json_array_foreach(setup->manifests, i, manifest) {
		struct user user = { pl_json_get_text(manifest, "name"), SERVICE, SERVICE,
				     manifest };

		if (strcmp(user.process, "Manager") == 0)
			user.also = MANAGER;
		if (!err)
			err = print_user(f, &user, setup);
	}
	json_object_foreach((json_t *)members, node, keys) {
		if (!err)
			err = print_member(f, node, keys, setup);
	}
	return err;
}

/* A text in quotes. */
static void print_text(FILE *f, const char *name, const char *text)
{
	fprintf(f, "%s: \"", name);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', f);
		fputc(*text, f);
	}
	fputs("\"\n", f);
}

static void print_path(FILE *f, const char *name, const struct setup *setup, const char *file)
{
	char *path = setup_path(setup, "%s", file);

	print_text(f, name, path ? path : "");
	free(path);
}

static enum pl_err print_conf(FILE *f, const struct setup *setup, const json_t *members)
{
	char checksum[CHECKSUM_SIZE];
	enum pl_err err = bus_inputs(checksum, setup, members);

	if (err)
		return err;
	fputs("# Written by `pelago up` from the manifests; changes here are lost.\n", f);
	fprintf(f, "%s%s\n", bus_inputs_line, checksum);
	fputs("server_name: \"pelago\"\n", f);
	fprintf(f, "listen: \"%s:%d\"\n", setup->listen ? setup->listen : "127.0.0.1",
		setup->bus_port);
	fputs("max_payload: 1048576\n"
	      "max_pending: 67108864\n"
	      "write_deadline: \"5s\"\n"
	      "ping_interval: \"10s\"\n"
	      "ping_max: 3\n"
	      "max_connections: 4096\n",
	      f);
	print_path(f, "log_file", setup, "log/nats-server.log");
	fputs("logfile_size_limit: 10485760\n", f);
	fputs("tls {\n\t", f);
	print_path(f, "cert_file", setup, "tls/nats-server.pem");
	fputc('\t', f);
	print_path(f, "key_file", setup, "tls/nats-server.key");
	fputc('\t', f);
	print_path(f, "ca_file", setup, "tls/ca.pem");
	fputs("\tverify: true\n\ttimeout: 5\n}\njetstream {\n\t", f);
	print_path(f, "store_dir", setup, "bus/jetstream");
	fputs("\tmax_memory_store: 67108864\n\tmax_file_store: 8589934592\n}\n"
	      "accounts {\n"
	      "\tSYS: { users: [], exports: [ { service: \"$SYS.REQ.SERVER.PING.VARZ\", response: stream } ] }\n"
	      "\tPELAGO: {\n\t\tjetstream: enabled\n"
	      "\t\timports: [ { service: { account: SYS, subject: \"$SYS.REQ.SERVER.PING.VARZ\" }, to: \"bus.varz\" } ]\n"
	      "\t\tusers: [\n",
	      f);
	err = print_users(f, setup, members);
	fputs("\t\t]\n\t}\n}\nsystem_account: SYS\n", f);
	return err;
}

enum pl_err bus_setup(const struct setup *setup, bool *changedp)
{
	char *path = setup_path(setup, "bus/nats.conf"), *text = NULL, *before = NULL;
	json_t *members = NULL;
	enum pl_err err = path ? bus_members(&members, setup) : PL_NOMEM;
	size_t len = 0;
	FILE *f = err ? NULL : open_memstream(&text, &len);

	if (!err && !f)
		err = PL_NOMEM;
	if (err)
		goto out;
	err = print_conf(f, setup, members);
	if (fclose(f) != 0 && !err)
		err = PL_NOMEM;
	if (err)
		goto out;
	*changedp = file_read(&before, NULL, path) != PL_OK || strcmp(before, text) != 0;
	if (*changedp)
		err = file_replace(path, text, len, 0600);
out:
	json_decref(members);
	free(path);
	free(text);
	free(before);
	return err;
}
