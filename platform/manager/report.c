/*
 * report.c — the nodes' reports, and what each node should do.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "attribute.h"
#include "certificate.h"
#include "cluster.h"
#include "manager.h"
#include "plans.h"
#include "platform.h"
#include "pelago/json.h"
#include "replication.h"

static struct report *reports;

/* How far a node's clock is before ours; the report was under way for a moment. */
static void note_clock(const json_t *body, int64_t now_ms)
{
	json_t *host = json_object_get(body, "host");
	const json_t *its_ms = json_object_get(host, "nowMs");

	if (json_is_integer(its_ms))
		json_object_set_new(host, "clockMs",
				    json_integer(json_integer_value(its_ms) - now_ms));
}

static enum pl_err keep(const char *node, const json_t *body, int64_t now_ms)
{
	struct report *r = reports;

	while (r && strcmp(r->node, node) != 0)
		r = r->next;
	if (!r) {
		r = calloc(1, sizeof(*r));
		if (!r)
			return PL_NOMEM;
		r->node = strdup(node);
		if (!r->node) {
			free(r);
			return PL_NOMEM;
		}
		r->next = reports;
		reports = r;
	}
	json_decref(r->body);
	r->body = json_deep_copy(body);
	note_clock(r->body, now_ms);
	r->heard_ms = manager_now_ms();
	return r->body ? PL_OK : PL_NOMEM;
}

enum pl_err op_report(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *name = NULL;
	json_t *services = NULL;
	struct node *node;
	enum pl_err err = pl_json_text(&name, body, "node", 64, true);

	if (!err)
		err = pl_json_array(&services, body, "services", 1000, true);
	node = err ? NULL : node_find(name);
	if (!err && !node)
		err = pl_fail(PL_NOTFOUND, "node %s isn't known", name);
	if (!err)
		err = keep(name, body, pl_turn_now_ms(turn));
	if (err)
		return err;
	replication_confirm(node, body);
	plans_wake(turn);
	*replyp = json_pack("{s:I, s:s, s:I}", "desired", (json_int_t)model.version, "checksum",
			    replication_checksum(node), "nowMs", (json_int_t)pl_turn_now_ms(turn));
	if (*replyp && *node->test)
		json_object_set_new(*replyp, "test", json_string(node->test));
	return *replyp ? PL_OK : PL_NOMEM;
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

/* {NOUN: [services that publish it]} of what one reads, wherever they run. */
static json_t *producers_of(const json_t *reads)
{
	json_t *producers = json_object(), *noun;
	size_t i;

	json_array_foreach(reads, i, noun) {
		json_t *names = json_array();

		for (const struct placed *s = model.services; s; s = s->next)
			if (has_name(json_object_get(s->manifest, "publishes"),
				     json_string_value(noun)) &&
			    !has_name(names, s->name))
				json_array_append_new(names, json_string(s->name));
		json_object_set_new(producers, json_string_value(noun), names);
	}
	return producers;
}

static json_t *desired_service(const struct placed *s, const struct node *node,
			       const char *node_key)
{
	struct wanted w = wanted_on(s, node->name);
	json_t *reads = json_object_get(w.manifest, "reads");
	json_t *item = json_pack(
		"{s:s,s:s,s:s,s:b,s:b,s:o,s:o}", "name", s->name, "version", w.version, "hash",
		w.hash, "accepting", is_accepting(s), "standby", wants_standby(s, node), "reads",
		reads ? json_incref(reads) : json_array(), "producers", producers_of(reads));

	deliver_item(item, s, node_key);
	return item;
}

static void add_bundle(json_t *bundles, const char *name, const char *version, const char *hash)
{
	json_t *bundle;
	size_t i;

	json_array_foreach(bundles, i, bundle) {
		if (strcmp(pl_json_get_text(bundle, "hash"), hash) == 0)
			return;
	}
	json_array_append_new(bundles, json_pack("{s:s,s:s,s:s}", "name", name, "version", version,
						 "hash", hash));
}

/* What a node shall hold: all versions that are loaded of what is placed in its cluster, so that
 * going to another one and back needs no fetching. What runs comes first. */
static json_t *desired_bundles(const struct node *node)
{
	json_t *bundles = json_array();

	for (const struct placed *s = model.services; s; s = s->next)
		if (s->cluster == node->cluster &&
		    (phase_runs(s->phase) || s->phase == PHASE_STAGED)) {
			struct wanted w = wanted_on(s, node->name);

			add_bundle(bundles, s->name, w.version, w.hash);
		}
	for (const struct loaded *b = model.bundles; b; b = b->next) {
		const struct placed *s = placed_in(b->name, node->cluster);

		if (s && (phase_runs(s->phase) || s->phase == PHASE_STAGED))
			add_bundle(bundles, b->name, b->version, b->hash);
	}
	return bundles;
}

json_t *desired_of(const struct node *node, const char *node_key)
{
	json_t *services = json_array(), *killed = json_array();

	for (const struct placed *s = model.services; s; s = s->next) {
		if (s->cluster == node->cluster && placed_runs(s))
			json_array_append_new(services, desired_service(s, node, node_key));
		if (s->cluster == node->cluster && s->phase == PHASE_KILLED)
			json_array_append_new(killed, json_string(s->name));
	}
	return json_pack("{s:I,s:i,s:I,s:s,s:s,s:I,s:s,s:s*,s:O*,s:o,s:o,s:o,s:o,s:o*}", "version",
			 (json_int_t)model.version, "level", model.level, "resync",
			 (json_int_t)node->resync, "node", node->name, "cluster",
			 node->cluster->name, "restarts", (json_int_t)node->restarts,
			 "clusterAddress", node->cluster->address, "floating", floating_of(node),
			 "renew", certificate_wishes(node), "users", deliver_users(), "services",
			 services, "bundles", desired_bundles(node), "killed", killed, "platform",
			 platform_of(node));
}

enum pl_err op_desired(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *name = NULL, *node_key = NULL;
	struct node *node;
	enum pl_err err = pl_json_text(&name, body, "node", 64, true);

	if (!err)
		err = pl_json_text(&node_key, body, "sealKey", 64, false);
	if (err)
		return err;
	node = node_find(name);
	if (!node)
		return pl_fail(PL_NOTFOUND, "node %s isn't known", name);
	if (node_key && !pl_turn_answers(turn, name))
		return pl_fail(PL_UNAUTHORIZED, "secrets of %s are told to itself only", name);
	*replyp = desired_of(node, node_key);
	if (!*replyp)
		return PL_NOMEM;
	if (node_key) /* it refuses what others asked for in its name */
		json_object_set_new(*replyp, "sealKey", json_string(node_key));
	json_object_set_new(*replyp, "checksum", json_string(replication_checksum(node)));
	return PL_OK;
}

const json_t *report_get(const char *node, int64_t *agop)
{
	for (const struct report *r = reports; r; r = r->next)
		if (strcmp(r->node, node) == 0) {
			int64_t ago = manager_now_ms() - r->heard_ms;

			if (agop)
				*agop = ago;
			return ago <= SILENT_MS ? r->body : NULL;
		}
	if (agop)
		*agop = -1;
	return NULL;
}

const json_t *report_service(const json_t *report, const char *service)
{
	json_t *item;
	size_t i;

	json_array_foreach(json_object_get(report, "services"), i, item) {
		if (strcmp(pl_json_get_text(item, "name"), service) == 0)
			return item;
	}
	return NULL;
}

bool node_has_newest(const json_t *report)
{
	return json_integer_value(json_object_get(report, "desiredVersion")) == model.version;
}

bool is_active(const json_t *report, const struct placed *service)
{
	const json_t *item = report_service(report, service->name);

	return json_is_true(json_object_get(item, "serving")) &&
	       !json_is_true(json_object_get(item, "standby"));
}

const json_t *report_bundle(const json_t *report, const char *hash)
{
	json_t *item;
	size_t i;

	json_array_foreach(json_object_get(report, "bundles"), i, item) {
		if (strcmp(pl_json_get_text(item, "hash"), hash) == 0)
			return item;
	}
	return NULL;
}

bool serves(const json_t *report, const struct placed *service)
{
	const json_t *item = report_service(report, service->name);
	struct wanted w = wanted_on(service, pl_json_get_text(report, "node"));

	return json_is_true(json_object_get(item, "serving")) &&
	       strcmp(pl_json_get_text(item, "version"), w.version) == 0 &&
	       strcmp(pl_json_get_text(item, "hash"), w.hash) == 0;
}

bool accepts_as_desired(const json_t *report, const struct placed *service)
{
	const json_t *item = report_service(report, service->name);

	return serves(report, service) &&
	       json_is_true(json_object_get(item, "accepting")) == is_accepting(service);
}
