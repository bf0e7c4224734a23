/*
 * cmd_certificate.c — pelago certificate list, renew, fetch.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>

#include "pelago/json.h"
#include "platform/cli/plan.h"

static const struct cli_column columns[] = {
	{ "Host", "host", FORM_TEXT },
	{ "Certificate", "name", FORM_TEXT },
	{ "Good until", "expiresMs", FORM_TIME },
	{ "Days left", "daysLeft", FORM_NUMBER },
	{ "Clusters", "clusters", FORM_LIST },
	{ "Subject", "subject", FORM_ONLY_JSON },
	{ "Issuer", "issuer", FORM_ONLY_JSON },
	{ "Serial", "serial", FORM_ONLY_JSON },
	{ "Begins", "beginsMs", FORM_ONLY_JSON },
	{ 0 },
};

static int list(struct cli *cli)
{
	return cli_print_list(cli, "Manager.certificates", NULL, columns);
}

static int renew(struct cli *cli)
{
	json_t *wish = json_pack("{s:s*,s:s*,s:s*}", "cluster", cli->cluster, "service",
				 cli->service, "node", cli->node);

	if (!cli->is_dry && !cli_confirm(cli, "Renew certificates of %s?",
					 cli->cluster	? cli->cluster
					 : cli->service ? cli->service
					 : cli->node	? cli->node
							: "all hosts")) {
		json_decref(wish);
		return cli->says_yes ? EXIT_FAILED : EXIT_USAGE;
	}
	return plan_begin(cli, "Manager.certificates-renew", json_object(), wish);
}

static int fetch(struct cli *cli)
{
	enum pl_err err = cli_setup(cli);

	if (!err && !cli->setup->node)
		err = pl_fail(PL_STATE, "this host has the authority itself: 'pelago certificate "
					"renew' renews its certificates");
	if (!err)
		err = cli_certify_anew(cli);
	return err ? cli_fail(err) : EXIT_DONE;
}

const struct cli_command certificate_commands[] = {
	{ "certificate", "list", "", 0, 0, "", list,
	  "Lists the certificates of all hosts, and how long they are good." },
	{ "certificate", "renew", "", 0, 0, "cluster service node yes dry-run", renew,
	  "Renews the certificates of the hosts of a cluster, a service or a node, or of all." },
	{ "certificate", "fetch", "", 0, 0, "", fetch,
	  "On a host that has joined: gets it another certificate now." },
	{ 0 },
};
