/*
 * node_upgrade.c — see node_upgrade.h: the package is checked here first, then goes to the manager,
 * which makes a plan of it. Without --node all of the manager's host is meant.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "platform/cli/node_upgrade.h"

#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "pelago/json.h"
#include "pelago/version.h"
#include "platform/bundle/release.h"
#include "platform/cli/plan.h"
#include "platform/cli/send.h"
#include "platform/setup/file.h"

/* Any node of this host stands for it. */
static const char host_node[] = "node-common";

struct package {
	char *data;
	size_t len;
	struct bundle bundle;
};

/* Whether it is for the processor of another host, that host's node says. */
static enum pl_err read_package(struct package *p, const struct cli *cli, const char *kind)
{
	struct bundle_rules rules = { .platform = pl_version };
	const struct setup *setup = cli->setup;
	json_t *keys = json_object();
	struct utsname machine;
	const char *found;
	enum pl_err err = keys ? file_read(&p->data, &p->len, cli->words[0]) : PL_NOMEM;

	uname(&machine);
	rules.arch = cli->node ? NULL : machine.machine;
	rules.keys = keys;
	if (!err)
		err = bundle_trusted(keys, setup->data, setup->programs);
	if (!err)
		err = platform_read(&p->bundle, p->data, p->len, &rules);
	json_decref(keys);
	if (err)
		return err;
	found = pl_json_get_text(p->bundle.manifest, "kind");
	if (strcmp(found, kind) != 0)
		return pl_fail(PL_STATE, "%s is a %s package: %s takes it", cli->words[0], found,
			       strcmp(found, "patch") == 0 ? "'patchCE -i'" : "'upgradeCE'");
	return PL_OK;
}

static int begin(struct cli *cli, json_t *body)
{
	json_object_set_new(body, "whole", json_boolean(!cli->node));
	return plan_begin(cli, "Manager.node-upgrade",
			  json_pack("{s:s}", "name", cli->node ? cli->node : host_node), body);
}

static enum pl_err is_managers_host(struct cli *cli)
{
	enum pl_err err = cli_setup(cli);

	if (!err && cli->setup->node)
		err = pl_fail(PL_STATE,
			      "this host joined as %s: where the solution has its manager, say the "
			      "same with --node %s",
			      cli->setup->node, cli->setup->node);
	return err;
}

static int install(struct cli *cli, const char *kind)
{
	struct package p = { 0 };
	char hash[BUNDLE_HASH_SIZE] = "";
	json_t *body = NULL;
	int status = EXIT_FAILED;
	enum pl_err err = is_managers_host(cli);

	if (!err)
		err = read_package(&p, cli, kind);
	if (err) {
		status = cli_fail(err);
		goto out;
	}
	if (!cli->is_dry &&
	    !cli_confirm(cli, "Bring %s to version %s?", cli->node ? cli->node : "this host",
			 pl_json_get_text(p.bundle.manifest, "version"))) {
		status = cli->says_yes ? EXIT_FAILED : EXIT_USAGE;
		goto out;
	}
	err = cli->is_dry ? bundle_hash(hash, p.data, p.len) : bytes_send(hash, cli, p.data, p.len);
	body = json_pack("{s:s,s:s,s:s}", "version", pl_json_get_text(p.bundle.manifest, "version"),
			 "hash", hash, "base", pl_json_get_text(p.bundle.manifest, "base"));
	if (!err && !body)
		err = PL_NOMEM;
	status = err ? cli_fail(err) : begin(cli, json_incref(body));
out:
	json_decref(body);
	bundle_fini(&p.bundle);
	free(p.data);
	return status;
}

int node_upgrade(struct cli *cli)
{
	return install(cli, "platform");
}

int node_patch(struct cli *cli)
{
	return install(cli, "patch");
}

int node_unpatch(struct cli *cli)
{
	enum pl_err err = is_managers_host(cli);

	if (err)
		return cli_fail(err);
	if (!cli->is_dry &&
	    !cli_confirm(cli, "Take the patch off %s?", cli->node ? cli->node : "this host"))
		return cli->says_yes ? EXIT_FAILED : EXIT_USAGE;
	return begin(cli, json_pack("{s:b}", "unpatch", 1));
}
