/*
 * install.c — installs and uninstalls of any number of services, resolved into plans.
 *
 * Services go in after those that they require (`requires` of their manifests, of those that go in
 * together), all others at once, and out the other way round. SolutionConfiguration goes in first
 * and out last. One that replaces another version goes node by node, and back by itself if it
 * doesn't come to serve.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "manager.h"
#include "pelago/json.h"
#include "platform/bundle/bundle.h"
#include "plans.h"

enum { AT_ONCE_MOST = 200, DRAIN_DEADLINE_MS = 30 * 1000 };

static const char configuration[] = "SolutionConfiguration";

/* One service of those that go in or out together. */
struct item {
	const struct loaded *bundle; /* of an install */
	const char *name, *version, *hash;
	const json_t *manifest;
	struct cluster *cluster;
	const struct placed *placed; /* what is there now, or NULL */
	enum { NEW, SEEN, SORTED } mark;
};

struct items {
	struct item *list, **sorted; /* sorted: each behind those that it requires */
	size_t len, sorted_len;
};

/* ---- what was asked for ---- */

/* Names of before are taken, too (spec of services: older spellings). */
static const char *present_name(const char *name)
{
	static const struct {
		const char *old, *new;
	} names[] = {
		{ "UCASStoreService", "UCAStoreService" },
		{ "OceanaConfiguration", "SolutionConfiguration" },
		{ "AvayaMobileCommunications", "MobileCommunications" },
		{ "ZangSmsConnector", "SmsConnector" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcasecmp(names[i].old, name) == 0)
			return names[i].new;
	return name;
}

/* The preferred version, else the highest. */
static const struct loaded *best(const char *name)
{
	const struct loaded *first = NULL;

	for (const struct loaded *b = model.bundles; b; b = b->next) {
		if (strcasecmp(b->name, name) != 0)
			continue;
		if (b->is_preferred)
			return b;
		if (!first)
			first = b;
	}
	return first;
}

/* The first cluster of the kind that a manifest names. */
static struct cluster *default_cluster(const json_t *manifest)
{
	const json_t *kind = json_object_get(manifest, "cluster");
	char text[16] = "1";

	if (json_is_string(kind))
		snprintf(text, sizeof(text), "%s", json_string_value(kind));
	else if (json_is_integer(kind))
		snprintf(text, sizeof(text), "%d", (int)json_integer_value(kind));
	for (struct cluster *c = model.clusters; c; c = c->next)
		if (strcmp(c->kind, text) == 0)
			return c;
	return NULL;
}

static enum pl_err take_cluster(struct cluster **clusterp, const json_t *wish)
{
	const char *name = NULL;
	enum pl_err err = pl_json_text(&name, wish, "cluster", 128, false);

	if (err || !name)
		return err;
	*clusterp = cluster_find(name);
	return *clusterp ? PL_OK
			 : pl_fail(PL_NOTFOUND,
				   "there is no cluster '%s'; see 'pelago cluster list'", name);
}

static enum pl_err take_install(struct item *item, const json_t *wish)
{
	const char *name = NULL, *version = NULL;
	enum pl_err err = pl_json_text(&name, wish, "name", 64, true);

	if (!err)
		err = pl_json_text(&version, wish, "version", BUNDLE_VERSION_MOST, false);
	if (!err)
		err = take_cluster(&item->cluster, wish);
	if (err)
		return err;
	name = present_name(name);
	item->bundle = version ? loaded_find(name, version) : best(name);
	if (!item->bundle)
		return pl_fail(PL_NOTFOUND,
			       "%s%s%s isn't loaded; 'pelago service load FILE' loads it", name,
			       version ? " " : "", version ? version : "");
	item->name = item->bundle->name;
	item->version = item->bundle->version;
	item->hash = item->bundle->hash;
	item->manifest = item->bundle->manifest;
	if (!item->cluster)
		item->cluster = default_cluster(item->manifest);
	if (!item->cluster)
		return pl_fail(PL_STATE, "there is no cluster of the kind that %s is for; name one",
			       item->name);
	item->placed = placed_in(item->name, item->cluster);
	return PL_OK;
}

static enum pl_err take_uninstall(struct item *item, const json_t *wish)
{
	const char *name = NULL;
	enum pl_err err = pl_json_text(&name, wish, "name", 64, true);

	if (!err)
		err = take_cluster(&item->cluster, wish);
	if (err)
		return err;
	name = present_name(name);
	for (const struct placed *s = model.services; s; s = s->next) {
		if (strcasecmp(s->name, name) != 0 ||
		    (item->cluster && s->cluster != item->cluster))
			continue;
		if (item->placed)
			return pl_fail(PL_STATE, "%s is in %s and in %s; name the cluster", s->name,
				       item->placed->cluster->name, s->cluster->name);
		item->placed = s;
	}
	if (!item->placed)
		return pl_fail(PL_NOTFOUND, "%s isn't installed%s%s; see 'pelago service list'",
			       name, item->cluster ? " in " : "",
			       item->cluster ? item->cluster->name : "");
	item->cluster = item->placed->cluster;
	item->name = item->placed->name;
	item->version = item->placed->version;
	item->hash = item->placed->hash;
	item->manifest = item->placed->manifest;
	return PL_OK;
}

typedef enum pl_err take_fn(struct item *item, const json_t *wish);

static void items_fini(struct items *items)
{
	free(items->list);
	free(items->sorted);
}

static enum pl_err items_read(struct items *items, const json_t *body, take_fn *take)
{
	json_t *wishes = NULL, *wish;
	enum pl_err err = pl_json_array(&wishes, body, "body.services", AT_ONCE_MOST, true);
	size_t i;

	memset(items, 0, sizeof(*items));
	if (!err && !*asked_by(body))
		err = pl_fail(PL_UNAUTHORIZED, "who asks isn't known");
	if (!err && json_array_size(wishes) == 0)
		err = pl_fail(PL_INVALID, "body.services: names none");
	if (err)
		return err;
	items->list = calloc(json_array_size(wishes), sizeof(*items->list));
	items->sorted = calloc(json_array_size(wishes), sizeof(*items->sorted));
	if (!items->list || !items->sorted)
		err = PL_NOMEM;
	json_array_foreach(wishes, i, wish) {
		struct item *item = err ? NULL : &items->list[items->len];

		if (item)
			err = take(item, wish);
		for (size_t k = 0; !err && k < items->len; k++)
			if (strcmp(items->list[k].name, item->name) == 0 &&
			    items->list[k].cluster == item->cluster)
				err = pl_fail(PL_INVALID, "%s in %s is named twice", item->name,
					      item->cluster->name);
		items->len += !err;
	}
	if (err)
		items_fini(items);
	return err;
}

/* ---- their order ---- */

static bool names(const json_t *manifest, const char *service)
{
	json_t *name;
	size_t i;

	json_array_foreach(json_object_get(manifest, "requires"), i, name) {
		if (json_is_string(name) && strcmp(json_string_value(name), service) == 0)
			return true;
	}
	return false;
}

/* Whether an item goes in after another one of those that go in together. */
static bool follows(const struct item *item, const struct item *other)
{
	if (strcmp(item->name, configuration) == 0)
		return false;
	return strcmp(other->name, configuration) == 0 ||
	       (item != other && names(item->manifest, other->name));
}

static enum pl_err sort_in(struct items *items, struct item *item)
{
	enum pl_err err = PL_OK;

	if (item->mark == SORTED)
		return PL_OK;
	if (item->mark == SEEN)
		return pl_fail(PL_STATE, "%s requires itself, by way of others", item->name);
	item->mark = SEEN;
	for (size_t i = 0; !err && i < items->len; i++)
		if (follows(item, &items->list[i]))
			err = sort_in(items, &items->list[i]);
	item->mark = SORTED;
	items->sorted[items->sorted_len++] = item;
	return err;
}

static enum pl_err items_sort(struct items *items)
{
	enum pl_err err = PL_OK;

	for (size_t i = 0; !err && i < items->len; i++)
		err = sort_in(items, &items->list[i]);
	return err;
}

/* What an item requires must go in with it, or be there. */
static enum pl_err check_required(const struct items *items, const struct item *item)
{
	json_t *name;
	size_t i;

	json_array_foreach(json_object_get(item->manifest, "requires"), i, name) {
		bool is_there = false;

		for (const struct placed *s = model.services; s; s = s->next)
			is_there |= json_is_string(name) && s->phase == PHASE_INSTALLED &&
				    strcmp(s->name, json_string_value(name)) == 0;
		for (size_t k = 0; k < items->len; k++)
			is_there |= json_is_string(name) &&
				    strcmp(items->list[k].name, json_string_value(name)) == 0;
		if (!is_there)
			return pl_fail(PL_STATE,
				       "%s requires %s, which isn't installed: install it, too",
				       item->name, json_string_value(name));
	}
	return PL_OK;
}

/* ---- steps ---- */

static json_t *ids_new(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static json_t *ids_new(const char *fmt, ...)
{
	json_t *id;
	va_list ap;

	va_start(ap, fmt);
	id = json_vsprintf(fmt, ap);
	va_end(ap);
	return json_pack("[o]", id);
}

static void ids_add(json_t *ids, const char *action, const struct item *item)
{
	json_array_append_new(ids,
			      json_sprintf("%s:%s:%s", action, item->name, item->cluster->name));
}

/* Gives after and more; node and more may be NULL. */
static void step(json_t *steps, const char *action, const struct item *item, const char *node,
		 json_t *after, json_t *more, const char *title)
{
	json_t *args = json_pack("{s:s,s:s,s:s,s:s,s:s*}", "service", item->name, "cluster",
				 item->cluster->name, "version", item->version, "hash", item->hash,
				 "node", node);

	if (more)
		json_object_update(args, more);
	json_decref(more);
	json_array_append_new(
		steps, json_pack("{s:o,s:s,s:o,s:o,s:o}", "id",
				 json_sprintf("%s:%s:%s", action, item->name,
					      node ? node : item->cluster->name),
				 "action", action, "title",
				 json_sprintf("%s %s %s, %s", title, item->name, item->version,
					      node ? node : item->cluster->name),
				 "args", args, "after", after));
}

static bool replaces(const struct item *item)
{
	return item->placed && phase_runs(item->placed->phase) &&
	       strcmp(item->placed->hash, item->hash) != 0;
}

static unsigned nodes_of(const struct cluster *cluster)
{
	unsigned count = 0;

	for (const struct node *n = model.nodes; n; n = n->next)
		count += n->cluster == cluster;
	return count;
}

static void install_steps(json_t *steps, const struct items *items, const struct item *item)
{
	json_t *after = json_array();

	ids_add(after, "stage", item);
	ids_add(after, "rights", item);
	for (size_t i = 0; i < items->len; i++)
		if (follows(item, &items->list[i]))
			ids_add(after, "install", &items->list[i]);
	if (replaces(item) && nodes_of(item->cluster) > 1)
		for (const struct node *n = model.nodes; n; n = n->next)
			if (n->cluster == item->cluster) {
				step(steps, "switch", item, n->name, after, NULL, "Replaces by");
				after = ids_new("switch:%s:%s", item->name, n->name);
			}
	step(steps, "install", item, NULL, after, NULL, replaces(item) ? "Replaces by" : "Starts");
}

static json_t *install_plan(const struct items *items)
{
	json_t *steps = json_array();
	bool some_replace = false;

	for (size_t i = 0; i < items->sorted_len; i++) {
		step(steps, "rights", items->sorted[i], NULL, json_array(), NULL, "Rights of");
		step(steps, "stage", items->sorted[i], NULL, json_array(), NULL, "Brings");
		some_replace |= replaces(items->sorted[i]);
	}
	for (size_t i = 0; i < items->sorted_len; i++)
		install_steps(steps, items, items->sorted[i]);
	return json_pack("{s:s,s:o,s:b,s:o}", "kind", "install", "title",
			 items->len == 1 ? json_sprintf("Install %s %s", items->list[0].name,
							items->list[0].version)
					 : json_sprintf("Install %zu services", items->len),
			 "undoesItself", some_replace, "steps", steps);
}

static void uninstall_steps(json_t *steps, const struct items *items, const struct item *item,
			    const json_t *body)
{
	bool is_forced = json_is_true(pl_json_get(body, "body.force"));
	json_t *after = json_array(), *then;

	for (size_t i = 0; i < items->len; i++) /* what requires it goes first */
		if (follows(&items->list[i], item))
			ids_add(after, "forget", &items->list[i]);
	if (!is_forced) {
		step(steps, "drain", item, NULL, after,
		     json_pack("{s:i}", "deadlineMs", DRAIN_DEADLINE_MS), "Ends the work of");
		after = ids_new("drain:%s:%s", item->name, item->cluster->name);
	}
	step(steps, "remove", item, NULL, after, json_pack("{s:b}", "force", is_forced), "Stops");
	step(steps, "forget", item, NULL, ids_new("remove:%s:%s", item->name, item->cluster->name),
	     NULL, "Takes out");
	then = ids_new("forget:%s:%s", item->name, item->cluster->name);
	step(steps, "rights", item, NULL, json_incref(then), json_pack("{s:s}", "version", ""),
	     "Rights of");
	if (json_is_true(pl_json_get(body, "body.dropData")))
		step(steps, "drop", item, NULL, json_incref(then), NULL, "Drops the database of");
	json_decref(then);
}

static json_t *uninstall_plan(const struct items *items, const json_t *body)
{
	json_t *steps = json_array();

	for (size_t i = items->sorted_len; i > 0; i--)
		uninstall_steps(steps, items, items->sorted[i - 1], body);
	return json_pack("{s:s,s:o,s:b,s:o}", "kind", "uninstall", "title",
			 items->len == 1 ? json_sprintf("Uninstall %s %s", items->list[0].name,
							items->list[0].version)
					 : json_sprintf("Uninstall %zu services", items->len),
			 "undoesItself", 0, "steps", steps);
}

/* ---- operations ---- */

static enum pl_err answer(json_t **replyp, struct pl_turn *turn, const json_t *body,
			  json_t *definition)
{
	json_t *view = NULL;
	enum pl_err err = definition ? plans_start(&view, turn, body, definition) : PL_NOMEM;

	if (!err)
		*replyp = plans_answer(body, view);
	return err;
}

enum pl_err op_install(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct items items;
	enum pl_err err = items_read(&items, body, take_install);

	if (err)
		return err;
	for (size_t i = 0; !err && i < items.len; i++)
		err = check_required(&items, &items.list[i]);
	if (!err)
		err = items_sort(&items);
	if (!err)
		err = answer(replyp, turn, body, install_plan(&items));
	items_fini(&items);
	return err;
}

/* Whether something that stays requires it. */
static enum pl_err check_needed(const struct items *items, const struct item *item)
{
	for (const struct placed *s = model.services; s; s = s->next) {
		bool goes = false;

		for (size_t k = 0; k < items->len; k++)
			goes |= items->list[k].placed == s;
		if (!goes && names(s->manifest, item->name))
			return pl_fail(PL_STATE, "%s requires %s: uninstall it, too, or first",
				       s->name, item->name);
	}
	return PL_OK;
}

enum pl_err op_uninstall(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct items items;
	enum pl_err err = items_read(&items, body, take_uninstall);

	if (err)
		return err;
	for (size_t i = 0; !err && i < items.len; i++)
		err = check_needed(&items, &items.list[i]);
	if (!err)
		err = items_sort(&items);
	if (!err)
		err = answer(replyp, turn, body, uninstall_plan(&items, body));
	items_fini(&items);
	return err;
}
