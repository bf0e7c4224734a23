/*
 * node.c — nodes and clusters as an administrator changes them: drain, accept, remove, rename.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "attribute.h"
#include "cluster.h"
#include "pelago/json.h"
#include "pelago/log.h"
#include "plans.h"
#include "platform.h"

enum { NAME_MAX_BYTES = 64 };

const char cluster_tables[] =
	"alter table cluster add column stopped BIGINT not null default 0;"
	"alter table node add column joined BIGINT not null default 0;"
	"alter table node add column draining BIGINT not null default 0;"
	"alter table node add column restarts BIGINT not null default 0;"
	"alter table node add column restart TEXT not null default '';"
	"alter table node add column restart_place BIGINT not null default 0;"
	"alter table node add column restart_ms BIGINT not null default 0;"
	"alter table node add column restart_why TEXT not null default '';"
	"alter table service add column owner TEXT not null default '';"
	"alter table desired add column stopped BIGINT not null default 0;"
	"alter table desired add column site TEXT not null default 'Active';"
	"alter table desired add column holder TEXT not null default '';"
	"create table join_token (hash TEXT primary key, cluster TEXT not null, who TEXT not null,"
	" expires_ms BIGINT not null, node TEXT not null);"
	"create table member (node TEXT primary key, keys TEXT not null)";

static enum pl_err asker_known(const json_t *body)
{
	return *asked_by(body) ? PL_OK : pl_fail(PL_UNAUTHORIZED, "who asks isn't known");
}

enum pl_err node_asked(struct node **nodep, const json_t *body)
{
	const char *name = NULL;
	enum pl_err err = pl_json_text(&name, body, "path.name", 128, true);
	struct node *node = err ? NULL : node_find(name);

	if (err)
		return err;
	if (!node)
		return pl_fail(PL_NOTFOUND, "there is no node '%s'", name);
	*nodep = node;
	return asker_known(body);
}

enum pl_err cluster_asked(struct cluster **clusterp, const json_t *body)
{
	const char *name = NULL;
	enum pl_err err = pl_json_text(&name, body, "path.name", 128, true);
	struct cluster *cluster = err ? NULL : cluster_find(name);

	if (err)
		return err;
	if (!cluster)
		return pl_fail(PL_NOTFOUND, "there is no cluster '%s'", name);
	*clusterp = cluster;
	return asker_known(body);
}

bool takes_work(const struct node *node)
{
	const json_t *report = node->is_draining ? NULL : report_get(node->name, NULL);

	return report && json_array_size(json_object_get(report, "overload")) == 0;
}

static bool another_takes_work(const struct node *node)
{
	for (const struct node *n = model.nodes; n; n = n->next)
		if (n != node && n->cluster == node->cluster && takes_work(n))
			return true;
	return false;
}

static enum pl_err answer_node(json_t **replyp, const struct node *node)
{
	*replyp = json_pack("{s:i,s:o}", "status", 200, "body", view_node(node));
	return *replyp ? PL_OK : PL_NOMEM;
}

static enum pl_err set_draining(struct pl_turn *turn, const json_t *body, json_t **replyp,
				bool draining)
{
	static const char *const texts[] = { "Accepting", "Draining" };
	struct node *node = NULL;
	enum pl_err err = node_asked(&node, body);

	if (!err && draining && !node->is_draining && !another_takes_work(node))
		err = pl_fail(
			PL_STATE,
			"no other node of %s takes its work: deny the cluster instead, or add a "
			"node",
			node->cluster->name);
	if (err)
		return err;
	if (node->is_draining != draining) {
		pl_exec(turn, "update node set draining = $1 where name = $2", "is",
			(int64_t)draining, node->name);
		audit_add(turn, body, draining ? "node.drain" : "node.accept", node->name,
			  texts[!draining], texts[draining]);
		node->is_draining = draining;
		model_raise(turn);
		pl_log(INFO, "node.drain", NULL, "node=%s state=%s by=%s", node->name,
		       texts[draining], asked_by(body));
	}
	return answer_node(replyp, node);
}

enum pl_err op_drain(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return set_draining(turn, body, replyp, true);
}

enum pl_err op_undrain(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return set_draining(turn, body, replyp, false);
}

/* ---- remove ---- */

static void forget(struct node *node)
{
	struct node **at = &model.nodes;

	while (*at != node)
		at = &(*at)->next;
	*at = node->next;
	free(node->name);
	free(node->restart_why);
	free(node);
}

enum pl_err node_remove(struct pl_turn *turn, struct node *node)
{
	pl_exec(turn, "delete from node where name = $1", "s", node->name);
	pl_exec(turn, "delete from member where node = $1", "s", node->name);
	pl_exec(turn, "delete from placement_node where node = $1", "s", node->name);
	platform_forget(turn, node->name);
	pl_log(INFO, "node.removed", NULL, "node=%s", node->name);
	forget(node);
	members_changed();
	return model_change(turn);
}

enum pl_err op_remove(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct node *node = NULL;
	enum pl_err err = node_asked(&node, body);

	if (err)
		return err;
	if (!node->is_joined)
		return pl_fail(PL_STATE, "%s is the manager's own: it can't be removed",
			       node->name);
	if (report_get(node->name, NULL))
		return pl_fail(PL_STATE,
			       "%s is running: stop it first, by 'pelago down' on its host",
			       node->name);
	audit_add(turn, body, "node.remove", node->name, node->cluster->name, "");
	err = node_remove(turn, node);
	if (err)
		return err;
	*replyp = json_pack("{s:i,s:{}}", "status", 200, "body");
	return *replyp ? PL_OK : PL_NOMEM;
}

/* ---- rename ---- */

/* A name that people read and type: letters of any script, no control characters, none at its ends.
 */
static enum pl_err name_check(const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || len > NAME_MAX_BYTES)
		return pl_fail(PL_INVALID, "name: 1 to %d bytes", NAME_MAX_BYTES);
	for (const char *c = name; *c; c++)
		if (iscntrl((unsigned char)*c) || *c == '/' || *c == '"' || *c == '\\')
			return pl_fail(PL_INVALID,
				       "name: no control characters, quotes or slashes");
	if (name[0] == ' ' || name[len - 1] == ' ' || name[0] == '-')
		return pl_fail(PL_INVALID, "name: begins or ends with a blank, or with a dash");
	return PL_OK;
}

static enum pl_err name_is_free(const char *name, const struct cluster *ours)
{
	const struct cluster *other = cluster_find(name);

	if (other && other != ours)
		return pl_fail(PL_STATE, "there is a cluster '%s' already", other->name);
	for (const struct node *n = model.nodes; n; n = n->next)
		if (strcasecmp(n->name, name) == 0)
			return pl_fail(PL_STATE, "'%s' is a node's name", n->name);
	return PL_OK;
}

enum pl_err op_rename(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct cluster *cluster = NULL;
	const char *name = NULL;
	enum pl_err err = cluster_asked(&cluster, body);
	char *copy;

	if (!err)
		err = pl_json_text(&name, body, "body.name", 128, true);
	if (!err)
		err = name_check(name);
	if (!err)
		err = name_is_free(name, cluster);
	if (!err && plans_running()) /* its steps name the cluster */
		err = pl_fail(PL_STATE, "plan %s runs; wait until it is over", plans_running());
	if (err)
		return err;
	if (strcmp(name, cluster->name) != 0) {
		copy = strdup(name);
		if (!copy)
			return PL_NOMEM;
		pl_exec(turn, "update cluster set name = $1 where name = $2", "ss", name,
			cluster->name);
		pl_exec(turn, "update node set cluster = $1 where cluster = $2", "ss", name,
			cluster->name);
		pl_exec(turn, "update placement set cluster = $1 where cluster = $2", "ss", name,
			cluster->name);
		pl_exec(turn, "update join_token set cluster = $1 where cluster = $2", "ss", name,
			cluster->name);
		pl_exec(turn,
			"update attribute_value set place = $1 where level = 'cluster' and place = $2",
			"ss", name, cluster->name);
		pl_exec(turn,
			"update attribute_change set place = $1 where level = 'cluster' and place = $2",
			"ss", name, cluster->name);
		err = values_read(turn);
		audit_add(turn, body, "cluster.rename", name, cluster->name, name);
		values_move_cluster(turn, cluster->name, name);
		free(cluster->name);
		cluster->name = copy;
		model_raise(turn);
	}
	*replyp = json_pack("{s:i,s:o}", "status", 200, "body", view_cluster(cluster));
	return *replyp && !err ? PL_OK : PL_NOMEM;
}
