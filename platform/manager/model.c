/*
 * model.c — what should be.
 *
 * Clusters and nodes of a new instance come from clusters.h, services from the manifests beside the
 * programs: at each start the tables are brought up to them. Where somebody placed otherwise, that
 * stays.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "attribute.h"
#include "cluster.h"
#include "manager.h"
#include "pelago/json.h"
#include "pelago/log.h"
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

/* The kind of cluster where a manifest's service runs by default: "1" … "5" or "provisioning". */
static void kind_of(char kind[16], const json_t *manifest)
{
	const json_t *cluster = json_object_get(manifest, "cluster");

	if (json_is_string(cluster))
		snprintf(kind, 16, "%s", json_string_value(cluster));
	else
		snprintf(kind, 16, "%d",
			 json_is_integer(cluster) ? (int)json_integer_value(cluster) : 1);
}

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

/* Whether the service's row says the same as its manifest. */
static bool is_stored(struct pl_turn *turn, const char *name, const char *manifest)
{
	struct pl_rows *rows =
		pl_query(turn, "select manifest from service where name = $1", "s", name);
	bool same = pl_rows_next(rows) && strcmp(pl_rows_text(rows, 0), manifest) == 0;

	pl_rows_free(rows);
	return same;
}

/* True if something changed. */
static bool store_service(struct pl_turn *turn, const json_t *manifest)
{
	const char *name = pl_json_get_text(manifest, "name");
	char *text = json_dumps(manifest, JSON_COMPACT | JSON_SORT_KEYS), kind[16];
	bool same = !text || is_stored(turn, name, text);

	kind_of(kind, manifest);
	if (!same)
		pl_exec(turn,
			"insert into service (name, version, cluster, manifest) "
			"select $1, $2, name, $4 from cluster where kind = $3 order by place limit 1 "
			"on conflict (name) do update set version = excluded.version, "
			"manifest = excluded.manifest",
			"ssss", name, pl_json_get_text(manifest, "version"), kind, text);
	free(text);
	return !same;
}

static bool is_listed(const json_t *manifests, const char *name)
{
	json_t *manifest;
	size_t i;

	json_array_foreach(manifests, i, manifest) {
		if (strcmp(pl_json_get_text(manifest, "name"), name) == 0)
			return true;
	}
	return false;
}

/* Services whose programs are gone are forgotten. */
static bool drop_services(struct pl_turn *turn, const json_t *manifests)
{
	struct pl_rows *rows = pl_query(turn, "select name from service", "");
	json_t *gone = json_array(), *name;
	bool changed;
	size_t i;

	while (pl_rows_next(rows))
		if (!is_listed(manifests, pl_rows_text(rows, 0)))
			json_array_append_new(gone, json_string(pl_rows_text(rows, 0)));
	pl_rows_free(rows);
	json_array_foreach(gone, i, name) {
		pl_exec(turn, "delete from service where name = $1", "s", json_string_value(name));
	}
	changed = json_array_size(gone) > 0;
	json_decref(gone);
	return changed;
}

static void store_version(struct pl_turn *turn)
{
	pl_exec(turn, "update desired set version = version + 1 where id = 1", "");
}

static enum pl_err store_manifests(struct pl_turn *turn, const json_t *manifests)
{
	bool changed = false;
	json_t *manifest;
	size_t i;

	store_clusters(turn);
	json_array_foreach(manifests, i, manifest) {
		if (strcmp(pl_json_get_text(manifest, "name"), "Manager") != 0)
			changed |= store_service(turn, manifest);
	}
	changed |= drop_services(turn, manifests);
	if (changed)
		store_version(turn);
	return PL_OK;
}

/* ---- reading the tables ---- */

static void model_clear(void)
{
	while (model.services) {
		struct placed *s = model.services;

		model.services = s->next;
		json_decref(s->manifest);
		free(s->name);
		free(s->version);
		free(s->owner);
		free(s);
	}
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
		free(c->kind);
		free(c);
	}
}

static enum pl_err read_clusters(struct pl_turn *turn)
{
	struct pl_rows *rows = pl_query(
		turn,
		"select name, kind, accepting, place, stopped from cluster order by place, name",
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
		c->is_accepting = pl_rows_int(rows, 2) != 0;
		c->place = (int)pl_rows_int(rows, 3);
		c->is_stopped = pl_rows_int(rows, 4) != 0;
		err = c->name && c->kind ? PL_OK : PL_NOMEM;
	}
	pl_rows_free(rows);
	return err;
}

static enum pl_err read_nodes(struct pl_turn *turn)
{
	struct pl_rows *rows = pl_query(
		turn,
		"select node.name, node.cluster, node.joined, node.draining, node.restarts, "
		"node.restart, node.restart_place, node.restart_ms, node.restart_why "
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
		n->restart = restart_of(pl_rows_text(rows, 5));
		n->restart_place = pl_rows_int(rows, 6);
		n->restart_ms = pl_rows_int(rows, 7);
		n->restart_why = strdup(pl_rows_text(rows, 8));
		err = n->name && n->restart_why ? PL_OK : PL_NOMEM;
	}
	pl_rows_free(rows);
	return err;
}

static enum pl_err read_services(struct pl_turn *turn)
{
	struct pl_rows *rows = pl_query(
		turn, "select name, version, cluster, manifest, owner from service order by name",
		"");
	struct placed **last = &model.services;
	enum pl_err err = PL_OK;

	while (!err && pl_rows_next(rows)) {
		struct placed *s = calloc(1, sizeof(*s));

		if (!s) {
			err = PL_NOMEM;
			break;
		}
		*last = s;
		last = &s->next;
		s->name = strdup(pl_rows_text(rows, 0));
		s->version = strdup(pl_rows_text(rows, 1));
		s->cluster = cluster_find(pl_rows_text(rows, 2));
		s->manifest = json_loads(pl_rows_text(rows, 3), 0, NULL);
		s->owner = *pl_rows_text(rows, 4) ? strdup(pl_rows_text(rows, 4)) : NULL;
		err = s->name && s->version && s->cluster && s->manifest ? PL_OK : PL_NOMEM;
	}
	pl_rows_free(rows);
	return err;
}

static void read_version(struct pl_turn *turn)
{
	struct pl_rows *rows = pl_query(
		turn, "select version, stopped, site, holder from desired where id = 1", "");

	if (pl_rows_next(rows)) {
		model.version = pl_rows_int(rows, 0);
		model.is_stopped = pl_rows_int(rows, 1) != 0;
		snprintf(model.site, sizeof(model.site), "%s", pl_rows_text(rows, 2));
		snprintf(model.holder, sizeof(model.holder), "%s", pl_rows_text(rows, 3));
	}
	pl_rows_free(rows);
}

enum pl_err model_rebuild(struct pl_turn *turn)
{
	char *programs = setup_programs_path();
	json_t *manifests = NULL;
	enum pl_err err = programs ? manifests_load(&manifests, programs) : PL_NOMEM;

	free(programs);
	if (err)
		return err;
	err = store_manifests(turn, manifests);
	model_clear();
	if (!err)
		err = read_clusters(turn);
	if (!err)
		err = read_nodes(turn);
	if (!err)
		err = read_services(turn);
	if (!err)
		err = values_read(turn);
	if (!err)
		err = profiles_read(turn);
	read_version(turn);
	members_changed();
	json_decref(model.routes);
	model.routes = routes_make(manifests);
	json_decref(manifests);
	if (!err && !model.routes)
		err = PL_NOMEM;
	pl_push(turn, "node.config", json_pack("{s:I}", "version", (json_int_t)model.version));
	return err;
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

	if (!service->cluster->is_accepting || strcmp(model.site, "Active") != 0)
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
