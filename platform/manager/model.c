/*
 * model.c — what should be.
 *
 * Clusters and nodes of a new instance come from clusters.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "attribute.h"
#include "cluster.h"
#include "level.h"
#include "manager.h"
#include "pelago/json.h"
#include "pelago/log.h"
#include "platform/setup/file.h"
#include "platform/setup/setup.h"
#include "profile.h"

struct model model;

static const struct first_cluster {
	const char *kind, *name, *node;
} first_clusters[] = {
#define CLUSTER(kind, name, node) { kind, name, node },
#include "platform/setup/clusters.h"
#undef CLUSTER
};
enum { FIRST_CLUSTERS = sizeof(first_clusters) / sizeof(first_clusters[0]) };

struct cluster *cluster_find(const char *name)
{
	for (struct cluster *c = model.clusters; c; c = c->next)
		if (strcasecmp(c->name, name) == 0)
			return c;
	return NULL;
}

struct node *node_find(const char *name)
{
	for (struct node *n = model.nodes; n; n = n->next)
		if (strcmp(n->name, name) == 0)
			return n;
	return NULL;
}

/* ---- bringing the tables up ---- */

static void store_clusters(struct pl_turn *turn)
{
	/* One that was renamed is still the one of its kind. */
	for (int i = 0; i < FIRST_CLUSTERS; i++) {
		pl_exec(turn,
			"insert into cluster (name, kind, place, accepting) select $1, $2, $3, 1 "
			"where not exists (select 1 from cluster where kind = $2)",
			"ssi", first_clusters[i].name, first_clusters[i].kind, (int64_t)i);
		pl_exec(turn,
			"insert into node (name, cluster) select $1, name from cluster "
			"where kind = $2 order by place limit 1 on conflict (name) do nothing",
			"ss", first_clusters[i].node, first_clusters[i].kind);
	}
}

static void store_version(struct pl_turn *turn)
{
	pl_exec(turn, "update desired set version = version + 1 where id = 1", "");
}

/* ---- reading the tables ---- */

static void model_clear(void)
{
	placements_clear();
	while (model.nodes) {
		struct node *n = model.nodes;

		model.nodes = n->next;
		free(n->name);
		free(n->restart_why);
		free(n);
	}
	while (model.clusters) {
		struct cluster *c = model.clusters;

		model.clusters = c->next;
		free(c->name);
		free(c->address);
		free(c->kind);
		free(c);
	}
}

static enum pl_err read_clusters(struct pl_turn *turn)
{
	struct pl_rows *rows =
		pl_query(turn,
			 "select name, kind, accepting, place, stopped, address from cluster "
			 "order by place, name",
			 "");
	struct cluster **last = &model.clusters;
	enum pl_err err = PL_OK;

	while (!err && pl_rows_next(rows)) {
		struct cluster *c = calloc(1, sizeof(*c));

		if (!c) {
			err = PL_NOMEM;
			break;
		}
		*last = c;
		last = &c->next;
		c->name = strdup(pl_rows_text(rows, 0));
		c->kind = strdup(pl_rows_text(rows, 1));
		c->address = strdup(pl_rows_text(rows, 5));
		c->is_accepting = pl_rows_int(rows, 2) != 0;
		c->place = (int)pl_rows_int(rows, 3);
		c->is_stopped = pl_rows_int(rows, 4) != 0;
		err = c->name && c->kind && c->address ? PL_OK : PL_NOMEM;
	}
	pl_rows_free(rows);
	return err;
}

static enum pl_err read_nodes(struct pl_turn *turn)
{
	struct pl_rows *rows = pl_query(
		turn,
		"select node.name, node.cluster, node.joined, node.draining, node.restarts, "
		"node.restart_why "
		"from node join cluster on cluster.name = node.cluster "
		"order by cluster.place, node.name",
		"");
	struct node **last = &model.nodes;
	enum pl_err err = PL_OK;

	while (!err && pl_rows_next(rows)) {
		struct node *n = calloc(1, sizeof(*n));

		if (!n) {
			err = PL_NOMEM;
			break;
		}
		*last = n;
		last = &n->next;
		n->name = strdup(pl_rows_text(rows, 0));
		n->cluster = cluster_find(pl_rows_text(rows, 1));
		n->is_joined = pl_rows_int(rows, 2) != 0;
		n->is_draining = pl_rows_int(rows, 3) != 0;
		n->restarts = pl_rows_int(rows, 4);
		n->restart_why = strdup(pl_rows_text(rows, 5));
		err = n->name && n->restart_why ? PL_OK : PL_NOMEM;
	}
	pl_rows_free(rows);
	return err;
}

static void read_version(struct pl_turn *turn)
{
	struct pl_rows *rows = pl_query(
		turn, "select version, stopped, site, holder, level from desired where id = 1", "");

	if (pl_rows_next(rows)) {
		model.version = pl_rows_int(rows, 0);
		model.is_stopped = pl_rows_int(rows, 1) != 0;
		snprintf(model.site, sizeof(model.site), "%s", pl_rows_text(rows, 2));
		model.level = (int)pl_rows_int(rows, 4);
		snprintf(model.holder, sizeof(model.holder), "%s", pl_rows_text(rows, 3));
	}
	pl_rows_free(rows);
}

/* The edges' routes: the manager's own, and those of what is installed. */
static enum pl_err make_routes(void)
{
	json_t *manifests = model.own ? json_pack("[O]", model.own) : NULL;

	if (!manifests)
		return PL_NOMEM;
	for (const struct placed *s = model.services; s; s = s->next)
		if (phase_runs(s->phase))
			json_array_append(manifests, s->manifest);
	json_decref(model.routes);
	model.routes = routes_make(manifests);
	json_decref(manifests);
	return model.routes ? PL_OK : PL_NOMEM;
}

static enum pl_err read_all(struct pl_turn *turn)
{
	enum pl_err err;

	model_clear();
	err = read_clusters(turn);
	if (!err)
		err = read_nodes(turn);
	if (!err)
		err = placements_read(turn);
	if (!err)
		err = values_read(turn);
	if (!err)
		err = profiles_read(turn);
	read_version(turn);
	members_changed();
	return err ? err : make_routes();
}

/* The manifest beside the manager's own program. */
static enum pl_err read_own(void)
{
	char *programs = setup_programs_path(), *path = NULL;
	enum pl_err err = PL_NOMEM;

	if (programs && asprintf(&path, "%s/pelago-manager.manifest.json", programs) >= 0)
		err = file_read_json(&model.own, path);
	if (!err)
		err = manifest_check(model.own, path);
	free(programs);
	free(path);
	return err;
}

static enum pl_err read_store(struct pl_turn *turn)
{
	struct setup *setup;
	enum pl_err err = setup_read(&setup, pl_service_data(pl_turn_service(turn)));

	if (err)
		return err;
	model.store = strncmp(setup->store, "sqlite:", 7) == 0 ? "SQLite" : "PostgreSQL";
	setup_free(setup);
	return PL_OK;
}

enum pl_err model_rebuild(struct pl_turn *turn)
{
	enum pl_err err = model.own ? PL_OK : read_own();

	if (!err && !model.store)
		err = read_store(turn);
	if (err)
		return err;
	store_clusters(turn);
	level_store_first(turn);
	err = read_all(turn);
	pl_push(turn, "node.config", json_pack("{s:I}", "version", (json_int_t)model.version));
	return err;
}

enum pl_err model_reread(struct pl_turn *turn)
{
	enum pl_err err;

	placements_clear();
	err = placements_read(turn);
	if (!err)
		err = values_read(turn); /* rows of another manifest may take what was set */
	read_version(turn);
	return err ? err : make_routes();
}

enum pl_err model_change(struct pl_turn *turn)
{
	store_version(turn);
	pl_push(turn, "node.config", json_pack("{s:I}", "version", (json_int_t)model.version + 1));
	return model_reread(turn);
}

void model_raise(struct pl_turn *turn)
{
	store_version(turn);
	model.version++;
	pl_push(turn, "node.config", json_pack("{s:I}", "version", (json_int_t)model.version));
}

/* ---- what follows from it ---- */

/* Whether some cluster of a kind accepts; a kind without clusters does. */
static bool kind_accepts(const char *kind)
{
	bool some = false, accepts = false;

	for (const struct cluster *c = model.clusters; c; c = c->next)
		if (strcmp(c->kind, kind) == 0) {
			some = true;
			accepts |= c->is_accepting;
		}
	return accepts || !some;
}

bool is_accepting(const struct placed *service)
{
	const json_t *downstream = json_object_get(service->manifest, "downstream"), *kind;
	char text[16];
	size_t i;

	if (!placed_runs(service) || service->phase != PHASE_INSTALLED ||
	    !service->cluster->is_accepting || strcmp(model.site, "Active") != 0)
		return false;
	json_array_foreach(downstream, i, kind) {
		if (json_is_string(kind))
			snprintf(text, sizeof(text), "%s", json_string_value(kind));
		else
			snprintf(text, sizeof(text), "%d", (int)json_integer_value(kind));
		if (!kind_accepts(text))
			return false;
	}
	return true;
}
