/*
 * certificate.c — see certificate.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "certificate.h"

#include <string.h>
#include <strings.h>

#include "cluster.h"
#include "pelago/json.h"
#include "pelago/page.h"
#include "plans.h"

const char certificate_tables[] =
	"create table certificate_wish (node TEXT not null, name TEXT not null,"
	" serial TEXT not null, primary key (node, name))";

static const char authority[] = "ca", own_host[] = "manager";
enum { DAY_MS = 86400 * 1000 };

static json_t *wishes; /* {NODE: {NAME: SERIAL}}, as in the table */

enum pl_err certificate_rebuild(struct pl_turn *turn)
{
	struct pl_rows *rows =
		pl_query(turn, "select node, name, serial from certificate_wish", "");

	json_decref(wishes);
	wishes = json_object();
	while (pl_rows_next(rows)) {
		json_t *of = json_object_get(wishes, pl_rows_text(rows, 0));

		if (!of) {
			of = json_object();
			json_object_set_new(wishes, pl_rows_text(rows, 0), of);
		}
		json_object_set_new(of, pl_rows_text(rows, 1), json_string(pl_rows_text(rows, 2)));
	}
	pl_rows_free(rows);
	return wishes ? PL_OK : PL_NOMEM;
}

json_t *certificate_wishes(const struct node *node)
{
	return json_object_get(wishes, node->name);
}

/* ---- hosts ---- */

/* All nodes that came with the manager share its host; each other one has its own. */
static const char *host_of(const struct node *node)
{
	return node->is_joined ? node->name : own_host;
}

static bool shares_host(const struct node *a, const struct node *b)
{
	return strcmp(host_of(a), host_of(b)) == 0;
}

/* The node that speaks for its host: the first one that is heard. */
static const struct node *speaker_of(const struct node *node)
{
	for (const struct node *n = model.nodes; n; n = n->next)
		if (shares_host(n, node) && report_get(n->name, NULL))
			return n;
	return NULL;
}

static const json_t *certificates_of(const struct node *node)
{
	return json_object_get(report_get(node->name, NULL), "certificates");
}

/* ---- shown ---- */

static json_t *clusters_on(const struct node *node)
{
	json_t *list = json_array();

	for (const struct cluster *c = model.clusters; c; c = c->next)
		for (const struct node *n = model.nodes; n; n = n->next)
			if (n->cluster == c && shares_host(n, node)) {
				json_array_append_new(list, json_string(c->name));
				break;
			}
	return list;
}

static json_t *view(const struct node *node, const json_t *told, int64_t now_ms)
{
	json_t *item = json_deep_copy(told);
	int64_t expires_ms = json_integer_value(json_object_get(told, "expiresMs"));

	json_object_set_new(item, "host", json_string(host_of(node)));
	json_object_set_new(item, "clusters", clusters_on(node));
	json_object_set_new(item, "daysLeft",
			    json_integer(expires_ms > now_ms ? (expires_ms - now_ms) / DAY_MS : 0));
	return item;
}

enum pl_err op_certificates(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct pl_page page;
	json_t *told;
	size_t i;
	enum pl_err err = pl_page_read(&page, json_object_get(body, "query"), "certificates");

	for (const struct node *n = model.nodes; !err && n; n = n->next) {
		if (speaker_of(n) != n)
			continue;
		json_array_foreach(certificates_of(n), i, told) {
			const char *name = pl_json_get_text(told, "name");

			if (n->is_joined && strcmp(name, authority) == 0)
				continue; /* it has the manager's */
			pl_page_keep(&page, view(n, told, pl_turn_now_ms(turn)), "%d:%s:%s",
				     n->is_joined, host_of(n), name);
		}
	}
	if (err)
		return err;
	*replyp = json_pack("{s:i,s:o}", "status", 200, "body", pl_page_answer(&page));
	return *replyp ? PL_OK : PL_NOMEM;
}

/* ---- renewed ---- */

struct wish {
	const struct cluster *cluster;
	const char *service;
	const struct node *node;
};

static bool runs_on(const char *service, const struct node *node)
{
	for (const struct placed *s = model.services; s; s = s->next)
		if (s->cluster == node->cluster && strcasecmp(s->name, service) == 0)
			return true;
	return false;
}

static enum pl_err wish_read(struct wish *wish, const json_t *body)
{
	const char *cluster = NULL, *node = NULL;
	bool is_there = false;
	enum pl_err err;

	memset(wish, 0, sizeof(*wish));
	if ((err = pl_json_text(&cluster, body, "body.cluster", 128, false)) ||
	    (err = pl_json_text(&wish->service, body, "body.service", 64, false)) ||
	    (err = pl_json_text(&node, body, "body.node", 128, false)))
		return err;
	if (!*asked_by(body))
		return pl_fail(PL_UNAUTHORIZED, "who asks isn't known");
	if (!!cluster + !!wish->service + !!node > 1)
		return pl_fail(PL_INVALID, "name a cluster, a service or a node, not several");
	if (cluster && !(wish->cluster = cluster_find(cluster)))
		return pl_fail(PL_NOTFOUND, "there is no cluster '%s'", cluster);
	if (node && !(wish->node = node_find(node)))
		return pl_fail(PL_NOTFOUND, "there is no node '%s'", node);
	for (const struct node *n = model.nodes; wish->service && n; n = n->next)
		is_there |= runs_on(wish->service, n);
	if (wish->service && !is_there)
		return pl_fail(PL_NOTFOUND, "service '%s' is installed nowhere", wish->service);
	return PL_OK;
}

static bool is_wished(const struct wish *wish, const struct node *node)
{
	return (!wish->cluster || node->cluster == wish->cluster) &&
	       (!wish->node || node == wish->node) &&
	       (!wish->service || runs_on(wish->service, node));
}

static void add_steps(json_t *steps, const struct node *node)
{
	json_t *told;
	size_t i;

	json_array_foreach(certificates_of(node), i, told) {
		const char *name = pl_json_get_text(told, "name");

		if (strcmp(name, authority) == 0)
			continue; /* all who trust it would be lost */
		json_array_append_new(
			steps, json_pack("{s:o,s:s,s:o,s:{s:s,s:s,s:s},s:[]}", "id",
					 json_sprintf("certify:%s:%s", name, host_of(node)),
					 "action", "certify", "title",
					 json_sprintf("Renews %s of host %s", name, host_of(node)),
					 "args", "node", node->name, "name", name, "serial",
					 pl_json_get_text(told, "serial"), "after"));
	}
}

enum pl_err op_certificates_renew(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	json_t *steps, *view = NULL, *speakers;
	struct wish wish;
	enum pl_err err = wish_read(&wish, body);

	if (err)
		return err;
	steps = json_array();
	speakers = json_object();
	for (const struct node *n = model.nodes; !err && n; n = n->next) {
		const struct node *speaker = is_wished(&wish, n) ? speaker_of(n) : NULL;

		if (is_wished(&wish, n) && !speaker)
			err = pl_fail(PL_STATE,
				      "node %s isn't heard, so its host can't renew anything; "
				      "start it, or name others",
				      n->name);
		if (!speaker || json_object_get(speakers, speaker->name))
			continue;
		json_object_set_new(speakers, speaker->name, json_true());
		add_steps(steps, speaker);
	}
	json_decref(speakers);
	if (err) {
		json_decref(steps);
		return err;
	}
	err = plans_start(
		&view, turn, body,
		json_pack("{s:s,s:o,s:b,s:o}", "kind", "certificate", "title",
			  json_sprintf("Renew certificates of %s", wish.cluster ? wish.cluster->name
								   : wish.service ? wish.service
								   : wish.node	  ? wish.node->name
										  : "all hosts"),
			  "undoesItself", 0, "steps", steps));
	if (!err)
		*replyp = plans_answer(body, view);
	return err;
}

/* ---- the step: whose serial number isn't the one that shall go any more was renewed ---- */

static bool is_renewed(const struct plan_step *step)
{
	const struct node *node = node_find(pl_json_get_text(step->args, "node"));
	json_t *told;
	size_t i;

	json_array_foreach(node ? certificates_of(node) : NULL, i, told) {
		if (strcmp(pl_json_get_text(told, "name"), pl_json_get_text(step->args, "name")) ==
		    0)
			return strcmp(pl_json_get_text(told, "serial"),
				      pl_json_get_text(step->args, "serial")) != 0;
	}
	return false;
}

enum pl_err certify_apply(void *world, struct plan_step *step)
{
	struct node *node = NULL;
	enum pl_err err = plans_node(&node, step);

	if (err || is_renewed(step))
		return err;
	pl_exec(world,
		"insert into certificate_wish (node, name, serial) values ($1, $2, $3) "
		"on conflict (node, name) do update set serial = excluded.serial",
		"sss", node->name, pl_json_get_text(step->args, "name"),
		pl_json_get_text(step->args, "serial"));
	err = certificate_rebuild(world);
	model_raise(world);
	return err;
}

static enum pl_err wish_drop(struct pl_turn *turn, const struct plan_step *step)
{
	pl_exec(turn, "delete from certificate_wish where node = $1 and name = $2 and serial = $3",
		"sss", pl_json_get_text(step->args, "node"), pl_json_get_text(step->args, "name"),
		pl_json_get_text(step->args, "serial"));
	model_raise(turn);
	return certificate_rebuild(turn);
}

enum pl_err certify_verify(void *world, struct plan_step *step)
{
	struct node *node = NULL;
	enum pl_err err = plans_node(&node, step);

	if (err)
		return err;
	if (is_renewed(step))
		return wish_drop(world, step);
	return pl_fail(PL_AGAIN,
		       "host %s still has the old one: its supervisor's log (pelago.log) tells why "
		       "if that stays so",
		       host_of(node));
}

/* A certificate that was renewed stays: the one before is as good, and gone. */
enum pl_err certify_undo(void *world, struct plan_step *step)
{
	return wish_drop(world, step);
}
