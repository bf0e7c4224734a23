/*
 * balance.c — which node of a cluster does a service's work.
 *
 * A service's database has one owner at a time, and the other nodes' instances wait for it to end:
 * so work goes on without the manager, whatever dies (docs/decisions). The manager only says who
 * shall own: it spreads a cluster's services over its nodes, takes them off a node that drains or
 * is overloaded, and one at a time, as each move is a short pause. A node that came back stays a
 * standby for a while, and as long as a plan changes something: it will be moved then anyhow.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "cluster.h"
#include "pelago/log.h"
#include "plans.h"

enum {
	MOVE_MS = 10000, /* a move that takes longer has failed: whoever owns keeps it */
	CALM_MS = 5000,	 /* for that long nothing may have changed before work is spread */
};

static struct move { /* of one service of a cluster, under way */
	struct move *next;
	char *cluster;
	int64_t since_ms; /* monotonic */
	bool is_pending;
	int64_t calm_ms; /* since when the cluster is as it is */
	unsigned seen;	 /* its nodes that take work, as bits */
} * moves;

bool wants_standby(const struct placed *service, const struct node *node)
{
	const struct node *owner = service->owner ? node_find(service->owner) : NULL;

	return owner && owner != node && owner->cluster == node->cluster;
}

static struct move *move_of(const struct cluster *cluster)
{
	struct move *m = moves;

	while (m && strcmp(m->cluster, cluster->name) != 0)
		m = m->next;
	if (m)
		return m;
	m = calloc(1, sizeof(*m));
	if (!m || !(m->cluster = strdup(cluster->name))) {
		free(m);
		return NULL;
	}
	m->calm_ms = manager_now_ms();
	m->next = moves;
	moves = m;
	return m;
}

static void set_owner(struct pl_turn *turn, struct placed *service, const char *node)
{
	char *copy = node ? strdup(node) : NULL;

	if (node && !copy)
		return; /* at the next beat */
	free(service->owner);
	service->owner = copy;
	pl_exec(turn, "update placement set owner = $1 where name = $2 and cluster = $3", "sss",
		node ? node : "", service->name, service->cluster->name);
	model_raise(turn);
}

/* The node that does a service's work, as the nodes say. */
static struct node *active_node(const struct placed *service)
{
	for (struct node *n = model.nodes; n; n = n->next)
		if (n->cluster == service->cluster && is_active(report_get(n->name, NULL), service))
			return n;
	return NULL;
}

/* Whether a node's instance is there to take the work over. */
static bool stands_by(const struct node *node, const struct placed *service)
{
	const json_t *report = report_get(node->name, NULL);

	return serves(report, service) && !is_active(report, service);
}

static int count_of(const struct node *node)
{
	int count = 0;

	for (const struct placed *s = model.services; s; s = s->next)
		count += s->cluster == node->cluster && active_node(s) == node;
	return count;
}

/* Of those that could take a service's work, the one with the least; NULL if there is none. */
static struct node *least_busy(const struct placed *service, int *countp)
{
	struct node *best = NULL;

	for (struct node *n = model.nodes; n; n = n->next) {
		int count = n->cluster == service->cluster && takes_work(n) && !is_restarting(n) &&
					    stands_by(n, service)
				    ? count_of(n)
				    : -1;

		if (count >= 0 && (!best || count < *countp)) {
			best = n;
			*countp = count;
		}
	}
	return best;
}

static int nodes_of(const struct cluster *cluster)
{
	int count = 0;

	for (const struct node *n = model.nodes; n; n = n->next)
		count += n->cluster == cluster;
	return count;
}

/* Who owns is taken as who shall own, unless a move is under way. */
static void follow(struct pl_turn *turn, const struct cluster *cluster)
{
	for (struct placed *s = model.services; s; s = s->next) {
		const struct node *node = s->cluster == cluster ? active_node(s) : NULL;

		if (node && (!s->owner || strcmp(s->owner, node->name) != 0))
			set_owner(turn, s, node->name);
	}
}

static bool is_pending(const struct cluster *cluster)
{
	for (const struct placed *s = model.services; s; s = s->next) {
		const struct node *node = s->cluster == cluster ? active_node(s) : NULL;

		if (s->cluster == cluster && placed_runs(s) &&
		    (!node || !s->owner || strcmp(s->owner, node->name) != 0))
			return true;
	}
	return false;
}

/* Moves one service; true if there was one to move. */
static bool move_one(struct pl_turn *turn, const struct cluster *cluster, bool is_calm)
{
	for (struct placed *s = model.services; s; s = s->next) {
		struct node *from = s->cluster == cluster ? active_node(s) : NULL, *to;
		int count = 0;

		if (!from)
			continue;
		to = least_busy(s, &count);
		if (!to || (takes_work(from) && (!is_calm || count_of(from) - count < 2)))
			continue;
		pl_log(INFO, "service.move", NULL, "service=%s from=%s to=%s", s->name, from->name,
		       to->name);
		set_owner(turn, s, to->name);
		return true;
	}
	return false;
}

static void watch(struct move *m, const struct cluster *cluster, int64_t now_ms)
{
	unsigned seen = 0, i = 0;

	for (const struct node *n = model.nodes; n; n = n->next)
		if (n->cluster == cluster)
			seen |= (unsigned)takes_work(n) << (i++ % 32);
	if (seen != m->seen)
		m->calm_ms = now_ms;
	m->seen = seen;
}

static void balance(struct pl_turn *turn, const struct cluster *cluster)
{
	struct move *m = move_of(cluster);
	int64_t now_ms = manager_now_ms();
	bool is_calm;

	if (!m)
		return;
	watch(m, cluster, now_ms);
	if (m->is_pending && is_pending(cluster) && now_ms - m->since_ms < MOVE_MS)
		return;
	m->is_pending = false;
	follow(turn, cluster);
	is_calm = now_ms - m->calm_ms >= CALM_MS && !plans_running();
	if (move_one(turn, cluster, is_calm)) {
		m->is_pending = true;
		m->since_ms = now_ms;
	}
}

void balance_beat(struct pl_turn *turn)
{
	for (const struct cluster *c = model.clusters; c; c = c->next)
		if (nodes_of(c) > 1 && !c->is_stopped)
			balance(turn, c);
}
