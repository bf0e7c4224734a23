/*
 * address.c — the address of a cluster: where people and other systems reach any of its nodes, a
 * load balancer's or the floating one (PLT-9). Nodes test that it leads somewhere, and not to one
 * of them alone.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cluster.h"
#include "pelago/json.h"
#include "platform/setup/setup.h"

enum { ADDRESS_MOST = 253 }; /* RFC 1035 §2.3.4, without the last dot */

const char address_tables[] = "alter table cluster add column address TEXT not null default ''";

static bool is_number(const char *text)
{
	struct in6_addr six;

	return setup_is_address(text) || inet_pton(AF_INET6, text, &six) == 1;
}

/* A host name (RFC 1123 §2.1): labels of at most 63 letters, digits and dashes; not all digits, as
 * that is a mistyped number. */
static bool is_host(const char *text)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
	bool has_letter = false;

	while (*text) {
		size_t len = strspn(text, letters);

		if (len == 0 || len > 63 || text[0] == '-' || text[len - 1] == '-')
			return false;
		has_letter |= strspn(text, "0123456789-") < len;
		text += len;
		if (*text == '.' && text[1])
			text++;
		else if (*text)
			return false;
	}
	return has_letter;
}

static bool is_loopback(const char *text)
{
	return strcasecmp(text, "localhost") == 0 || strncmp(text, "127.", 4) == 0 ||
	       strcmp(text, "::1") == 0 || strcmp(text, "::") == 0 || strncmp(text, "0.", 2) == 0;
}

static enum pl_err check_form(const char *text)
{
	if (strlen(text) > ADDRESS_MOST || (!is_number(text) && !is_host(text)))
		return pl_fail(PL_INVALID,
			       "address: a host's name, as contact.example.org, or a number, as "
			       "192.0.2.7 or 2001:db8::7");
	if (is_loopback(text))
		return pl_fail(PL_INVALID, "address: %s is another host at each host", text);
	return PL_OK;
}

static enum pl_err check_others(struct pl_turn *turn, const struct cluster *cluster,
				const char *text)
{
	struct setup *setup = NULL;
	enum pl_err err = setup_read(&setup, pl_service_data(pl_turn_service(turn)));

	if (!err && setup->listen && strcmp(setup->listen, text) == 0)
		err = pl_fail(PL_STATE, "%s is the address of the manager's host", text);
	setup_free(setup);
	for (const struct node *n = model.nodes; !err && n; n = n->next)
		if (strcasecmp(n->name, text) == 0)
			err = pl_fail(PL_STATE, "'%s' is a node's name", n->name);
	for (const struct cluster *c = model.clusters; !err && c; c = c->next)
		if (c != cluster && strcasecmp(c->address, text) == 0)
			err = pl_fail(PL_STATE, "%s is the address of cluster %s", text, c->name);
	return err;
}

enum pl_err op_address(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct cluster *cluster = NULL;
	const char *address = NULL;
	enum pl_err err = cluster_asked(&cluster, body);
	char *copy;

	if (!err)
		err = pl_json_text(&address, body, "body.address", 1000, true);
	if (!err && *address)
		err = check_form(address);
	if (!err && *address)
		err = check_others(turn, cluster, address);
	if (err)
		return err;
	if (strcmp(address, cluster->address) != 0) {
		copy = strdup(address);
		if (!copy)
			return PL_NOMEM;
		pl_exec(turn, "update cluster set address = $1 where name = $2", "ss", address,
			cluster->name);
		audit_add(turn, body, "cluster.address", cluster->name, cluster->address, address);
		free(cluster->address);
		cluster->address = copy;
		model_raise(turn);
	}
	*replyp = json_pack("{s:i,s:o}", "status", 200, "body", view_cluster(cluster));
	return *replyp ? PL_OK : PL_NOMEM;
}
