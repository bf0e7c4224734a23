/*
 * build.c — the steps of an upgrade.
 *
 * Rolling: packages are brought to all hosts, then the manager, one node, the other nodes (one of
 * each cluster at a time), one root supervisor, the others, one service on one node, the other
 * services, the edges, each behind the one before it and a look at whether all is as well as it
 * was. Services come after the nodes, as a node holds
 * no bundle that requires a newer one, and after the root supervisors, which give them their rights
 * on the bus. Two minors are two hops with a pivot between them: the second may rely on what the
 * first writes.
 *
 * In a window: the manager first, then out with the old services, nodes, in with the new ones.
 *
 * What comes after (after.h) stands before the last look at health, in both.
 *
 * Steps are of plan_actions.c and its neighbours in platform/manager; what each takes stands there.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engines/upgrade/upgrade.h"
#include "pelago/json.h"

enum {
	DRAIN_DEADLINE_MS = 30000,
	HOLD_MS = 1000,
	SERVICE_HOLD_MS = 2500 /* two looks at what it answered */,
	SERVICES_MOST = 200
};

static const char configuration[] = "SolutionConfiguration";

/* One service that is installed, and what the release has in its place. */
struct unit {
	const json_t *now, *next;
	const char *name, *cluster;
	enum { NEW, SEEN, SORTED } mark;
};

struct build {
	const json_t *facts, *release, *request;
	json_t *steps;
	json_t *after;	    /* ids: what the next step waits for */
	const char *suffix; /* of ids: "", or "@VERSION" of a second hop */
	struct unit units[SERVICES_MOST];
	const struct unit *order[SERVICES_MOST]; /* each behind those that it requires */
	size_t units_len, order_len;
};

static const char *text(const json_t *item, const char *name)
{
	return pl_json_get_text(item, name);
}

static const char *version(const struct build *b)
{
	return text(b->release, "version");
}

/* ---- services, in order ---- */

static bool follows(const struct unit *unit, const struct unit *other)
{
	if (unit == other || strcmp(unit->name, configuration) == 0)
		return false;
	return strcmp(other->name, configuration) == 0 ||
	       pl_json_has(json_object_get(unit->now, "requires"), other->name);
}

static enum pl_err sort_in(struct build *b, struct unit *unit)
{
	enum pl_err err = PL_OK;

	if (unit->mark == SORTED)
		return PL_OK;
	if (unit->mark == SEEN)
		return pl_fail(PL_STATE, "%s requires itself, by way of others", unit->name);
	unit->mark = SEEN;
	for (size_t i = 0; !err && i < b->units_len; i++)
		if (follows(unit, &b->units[i]))
			err = sort_in(b, &b->units[i]);
	unit->mark = SORTED;
	b->order[b->order_len++] = unit;
	return err;
}

/* What the release doesn't bring stays as it is: services of others' makers. */
static enum pl_err read_units(struct build *b)
{
	json_t *service;
	enum pl_err err = PL_OK;
	size_t i;

	b->units_len = b->order_len = 0;
	json_array_foreach(json_object_get(b->facts, "services"), i, service) {
		const json_t *next = pl_json_find(json_object_get(b->release, "services"), "name",
						  text(service, "name"));

		if (next && b->units_len < SERVICES_MOST)
			b->units[b->units_len++] =
				(struct unit){ service, next, text(service, "name"),
					       text(service, "cluster"), NEW };
	}
	for (i = 0; !err && i < b->units_len; i++)
		err = sort_in(b, &b->units[i]);
	return err;
}

/* ---- steps ---- */

/* A step behind b->after; gives args; returns its id, which is in the steps. */
static const char *put(struct build *b, const char *action, const char *place, json_t *args,
		       const char *fmt, ...) __attribute__((format(printf, 5, 6)));
static const char *put(struct build *b, const char *action, const char *place, json_t *args,
		       const char *fmt, ...)
{
	json_t *id = json_sprintf("%s%s%s%s", action, *place ? ":" : "", place, b->suffix), *title;
	va_list ap;

	va_start(ap, fmt);
	title = json_vsprintf(fmt, ap);
	va_end(ap);
	json_array_append_new(b->steps,
			      json_pack("{s:o,s:s,s:o,s:o,s:O}", "id", id, "action", action,
					"title", title, "args", args, "after", b->after));
	return json_string_value(id);
}

/* From here on, steps wait for this one. */
static void then(struct build *b, const char *id)
{
	json_decref(b->after);
	b->after = json_pack("[s]", id);
}

/* … for these: gives. */
static void then_all(struct build *b, json_t *ids)
{
	json_decref(b->after);
	b->after = ids;
}

static void mark(json_t *ids, const char *id)
{
	json_array_append_new(ids, json_string(id));
}

static json_t *service_args(const struct unit *u, const char *node)
{
	return json_pack("{s:s,s:s,s:s,s:s,s:s*}", "service", u->name, "cluster", u->cluster,
			 "version", text(u->next, "version"), "hash", text(u->next, "sha256"),
			 "node", node);
}

static json_t *place_of(const struct unit *u, const char *where)
{
	return json_sprintf("%s:%s", u->name, where);
}

static const char *put_service(struct build *b, const char *action, const struct unit *u,
			       const char *node, json_t *more, const char *title)
{
	json_t *args = service_args(u, node), *place = place_of(u, node ? node : u->cluster);
	const char *id;

	if (more)
		json_object_update(args, more);
	json_decref(more);
	id = put(b, action, json_string_value(place), args, "%s %s %s, %s", title, u->name,
		 text(args, "version"), node ? node : u->cluster);
	json_decref(place);
	return id;
}

/*
 * A look at whether all is as well as it was before the upgrade: of a service, on one node or on
 * all of its cluster; of a node; of all. after: what has just been done, for people.
 */
struct look {
	const char *service, *node, *after;
	bool runs_tests;
};

static void gate(struct build *b, struct look look)
{
	const json_t *alarms = json_object_get(b->facts, "alarms");
	json_t *place = json_sprintf("%s%s%s%s", look.service ? look.service : "",
				     look.service && look.node ? ":" : "",
				     look.node ? look.node : "", look.after ? look.after : "");

	then(b, put(b, "gate", json_string_value(place),
		    json_pack("{s:s*,s:s*,s:b,s:i,s:o}", "service", look.service, "node", look.node,
			      "tests", look.runs_tests, "holdMs",
			      look.service ? SERVICE_HOLD_MS : HOLD_MS, "alarms",
			      alarms ? json_deep_copy(alarms) : json_array()),
		    look.after ? "Health of all, after %s" : "Health of %s",
		    look.after ? look.after : json_string_value(place)));
	json_decref(place);
}

static const json_t *package_of(const struct build *b, const char *arch)
{
	json_t *item;
	size_t i;

	json_array_foreach(json_object_get(b->release, "platform"), i, item) {
		if (strcmp(text(item, "arch"), arch) == 0)
			return item;
	}
	return NULL;
}

static bool speaks(const struct build *b, const json_t *node)
{
	json_t *other;
	size_t i;

	json_array_foreach(json_object_get(b->facts, "nodes"), i, other) {
		if (strcmp(text(other, "host"), text(node, "host")) == 0)
			return other == node;
	}
	return false;
}

/* The services of the release are loaded. */
static void load(struct build *b)
{
	json_t *names = json_array();

	for (size_t i = 0; i < b->order_len; i++)
		json_array_append_new(names,
				      json_pack("{s:s,s:s,s:s}", "name", b->order[i]->name,
						"version", text(b->order[i]->next, "version"),
						"hash", text(b->order[i]->next, "sha256")));
	then(b, put(b, "release-bundles", version(b),
		    json_pack("{s:s,s:o}", "version", version(b), "services", names),
		    "Loads the services of %s", version(b)));
}

/* Programs are where they will be needed; nothing has changed for anybody. */
static void bring(struct build *b)
{
	json_t *node, *ids = json_array();
	size_t i;

	json_array_foreach(json_object_get(b->facts, "nodes"), i, node) {
		const json_t *package = package_of(b, text(node, "arch"));

		if (speaks(b, node) && package)
			mark(ids,
			     put(b, "platform-fetch", text(node, "name"),
				 json_pack("{s:s,s:s,s:s,s:O}", "node", text(node, "name"),
					   "version", version(b), "hash", text(package, "sha256"),
					   "size", json_object_get(package, "size")),
				 "Brings Pelago %s to the host of %s", version(b),
				 text(node, "name")));
	}
	then_all(b, ids);
}

static void stage_all(struct build *b)
{
	json_t *ids = json_array();

	for (size_t i = 0; i < b->order_len; i++) {
		const struct unit *u = b->order[i];

		mark(ids, put_service(b, "rights", u, NULL, NULL, "Rights of"));
		mark(ids, put_service(b, "stage", u, NULL, NULL, "Brings"));
	}
	if (json_array_size(ids) > 0)
		then_all(b, ids);
	else
		json_decref(ids);
}

static json_t *platform_args(const struct build *b, const json_t *node)
{
	return json_pack("{s:s,s:s}", "node", text(node, "name"), "version", version(b));
}

static void manager_first(struct build *b)
{
	/* Whichever node speaks for its host: the first one of all may be another host's. */
	then(b, put(b, "platform-manager", "", json_pack("{s:s}", "version", version(b)),
		    "Manager %s", version(b)));
	gate(b, (struct look){ .after = "the manager" });
}

static void node_next(struct build *b, const json_t *node, bool is_canary)
{
	then(b, put(b, "platform-node", text(node, "name"), platform_args(b, node),
		    is_canary ? "Node %s %s, the first one" : "Node %s %s", text(node, "name"),
		    version(b)));
	gate(b, (struct look){ .node = text(node, "name"), .runs_tests = true });
}

/* How many nodes of a node's cluster stand before it, the first one of all not counted. */
static unsigned rank_of(const json_t *nodes, const json_t *node)
{
	unsigned rank = 0;
	json_t *other;
	size_t i;

	json_array_foreach(nodes, i, other) {
		if (other == node)
			break;
		rank += i > 0 && strcmp(text(other, "cluster"), text(node, "cluster")) == 0;
	}
	return rank;
}

/* Of each cluster the node of a rank, all at once; false if there is none. */
static bool nodes_of_rank(struct build *b, unsigned rank)
{
	const json_t *nodes = json_object_get(b->facts, "nodes");
	json_t *before = json_incref(b->after), *ids = json_array(), *node;
	bool has_some;
	size_t i;

	json_array_foreach(nodes, i, node) {
		if (i == 0 || rank_of(nodes, node) != rank)
			continue;
		then_all(b, json_incref(before));
		node_next(b, node, false);
		json_array_extend(ids, b->after);
	}
	has_some = json_array_size(ids) > 0;
	if (has_some)
		then_all(b, json_incref(ids));
	json_decref(before);
	json_decref(ids);
	return has_some;
}

/* The first one of all by itself, then one of each cluster at a time: a cluster's others are well
 * meanwhile. */
static void nodes_in_turn(struct build *b)
{
	node_next(b, json_array_get(json_object_get(b->facts, "nodes"), 0), true);
	for (unsigned rank = 0; nodes_of_rank(b, rank);)
		rank++;
}

static unsigned nodes_of(const struct build *b, const char *cluster)
{
	unsigned count = 0;
	json_t *node;
	size_t i;

	json_array_foreach(json_object_get(b->facts, "nodes"), i, node)
		count += strcmp(text(node, "cluster"), cluster) == 0;
	return count;
}

/* Node by node, where there is more than one; after the first of all, a look at it. */
static void service_next(struct build *b, const struct unit *u, bool is_canary)
{
	bool is_first = is_canary;
	json_t *node;
	size_t i;

	if (nodes_of(b, u->cluster) > 1)
		json_array_foreach(json_object_get(b->facts, "nodes"), i, node) {
			if (strcmp(text(node, "cluster"), u->cluster) != 0)
				continue;
			then(b,
			     put_service(b, "switch", u, text(node, "name"), NULL, "Replaces by"));
			if (is_first)
				gate(b, (struct look){ u->name, text(node, "name"), NULL, true });
			is_first = false;
		}
	then(b, put_service(b, "install", u, NULL, NULL, "Replaces by"));
	gate(b, (struct look){ .service = u->name, .runs_tests = is_first });
}

static void edges(struct build *b, bool together)
{
	json_t *ids = json_array(), *node;
	size_t i;

	json_array_foreach(json_object_get(b->facts, "nodes"), i, node) {
		const char *id;

		if (!json_is_true(json_object_get(node, "edge")) || !speaks(b, node))
			continue;
		id = put(b, "platform-edge", text(node, "name"), platform_args(b, node),
			 "Edge %s on the host of %s", version(b), text(node, "name"));
		mark(ids, id);
		if (!together)
			then(b, id);
	}
	if (together && json_array_size(ids) > 0)
		then_all(b, ids);
	else
		json_decref(ids);
}

/* All at once, or all but the first one. */
static void roots(struct build *b, bool together)
{
	json_t *ids = json_array(), *node;
	size_t i;

	json_array_foreach(json_object_get(b->facts, "nodes"), i, node) {
		const char *id;

		if (!speaks(b, node))
			continue;
		id = put(b, "platform-root", text(node, "name"), platform_args(b, node),
			 "Root supervisor %s on the host of %s", version(b), text(node, "name"));
		if (together)
			mark(ids, id);
		else
			then(b, id);
		together = true;
	}
	if (json_array_size(ids) > 0)
		then_all(b, ids);
	else
		json_decref(ids);
}

static void afterwards(struct build *b)
{
	json_t *all = upgrade_afterwards(&(struct upgrade){ b->facts, b->release, b->request });
	json_t *item, *step;
	size_t i, k;

	json_array_foreach(all, i, item) {
		json_array_foreach(json_object_get(item, "steps"), k, step)
			then(b, put(b, text(step, "action"), text(step, "place"),
				    json_incref(json_object_get(step, "args")), "%s",
				    text(step, "title")));
	}
	json_decref(all);
}

/* ---- rolling ---- */

static enum pl_err hop(struct build *b, bool is_last)
{
	size_t i, first = 0;
	enum pl_err err = read_units(b);

	if (err)
		return err;
	bring(b);
	manager_first(b);
	nodes_in_turn(b);
	roots(b, false);
	load(b);
	stage_all(b);
	/* The first one of all: not the one by which settings come to the others, if there is one.
	 */
	while (first + 1 < b->order_len && strcmp(b->order[first]->name, configuration) == 0)
		first++;
	if (b->order_len > 0)
		service_next(b, b->order[first], true);
	for (i = 0; i < b->order_len; i++)
		if (i != first)
			service_next(b, b->order[i], false);
	edges(b, false);
	if (is_last)
		afterwards(b);
	gate(b, (struct look){ .after = "the edges", .runs_tests = true });
	return PL_OK;
}

/* The release of a minor that is loaded: the newest one. */
static const json_t *loaded(const json_t *facts, int minor)
{
	const json_t *best = NULL;
	struct upgrade_version v;
	json_t *item;
	size_t i;

	json_array_foreach(json_object_get(facts, "releases"), i, item) {
		if (upgrade_version_read(&v, text(item, "version")) && v.minor == minor &&
		    (!best ||
		     upgrade_version_compare(text(best, "version"), text(item, "version")) < 0))
			best = item;
	}
	return best;
}

static void level(struct build *b)
{
	struct upgrade_version v = { 0 };

	upgrade_version_read(&v, version(b));
	then(b, put(b, "level-raise", version(b), json_pack("{s:i}", "level", v.minor),
		    "From here on, what is written is for %s and newer", version(b)));
}

/* What is older of the release's services: of `from`, and of a release between the two. */
static void forget_older(struct build *b, const char *from)
{
	json_t *versions = json_pack("[s]", from), *item;
	size_t i;

	json_array_foreach(json_object_get(b->facts, "bundles"), i, item) {
		const char *is = text(item, "version");

		if (pl_json_find(json_object_get(b->release, "services"), "name",
				 text(item, "name")) &&
		    upgrade_version_compare(is, version(b)) < 0 && !pl_json_has(versions, is))
			mark(versions, is);
	}
	json_array_foreach(versions, i, item) {
		const char *is = json_string_value(item);

		then(b, put(b, "bundles-forget", is, json_pack("{s:s}", "version", is),
			    "Lets go of the services of %s", is));
	}
	json_decref(versions);
}

static enum pl_err roll(struct build *b)
{
	struct upgrade_version from = { 0 }, to = { 0 };
	const json_t *target = b->release, *between;
	enum pl_err err = PL_OK;
	char *suffix;

	upgrade_version_read(&from, text(b->facts, "version"));
	upgrade_version_read(&to, version(b));
	if (to.minor - from.minor <= 1)
		return hop(b, true);
	between = loaded(b->facts, from.minor + 1);
	if (!between)
		return pl_fail(
			PL_STATE,
			"%s to %s rolls by way of %d.%d, which isn't loaded: 'pelago release "
			"load FILE', or take --window",
			text(b->facts, "version"), version(b), from.major, from.minor + 1);
	b->release = between;
	err = hop(b, false);
	if (err)
		return err;
	level(b);
	forget_older(b, text(b->facts, "version"));
	b->release = target;
	if (asprintf(&suffix, "@%s", version(b)) < 0)
		return PL_NOMEM;
	b->suffix = suffix;
	err = hop(b, true);
	free(suffix);
	b->suffix = "";
	return err;
}

/* ---- in a window ---- */

/* The new version goes in before the old one comes out. */
static bool overlaps(const struct unit *u, const json_t *facts)
{
	const json_t *cluster =
		pl_json_find(json_object_get(facts, "clusters"), "name", u->cluster);

	return strcmp(u->name, "EventingConnector") == 0 ||
	       strcmp(u->name, "CallEventControl") == 0 ||
	       (strcmp(u->name, "AuthorizationService") == 0 &&
		strcmp(text(cluster, "kind"), "2") == 0);
}

/* What runs comes out under its own version. */
static json_t *old_args(const struct unit *u)
{
	return json_pack("{s:s,s:s}", "version", text(u->now, "version"), "hash",
			 text(u->now, "hash"));
}

static const char *take_out(struct build *b, const struct unit *u)
{
	json_t *drain = old_args(u);

	json_object_set_new(drain, "deadlineMs", json_integer(DRAIN_DEADLINE_MS));
	then(b, put_service(b, "drain", u, NULL, drain, "Ends the work of"));
	then(b, put_service(b, "remove", u, NULL, old_args(u), "Stops"));
	return put_service(b, "forget", u, NULL, old_args(u), "Takes out");
}

/* What a unit's own first step waits for: what came before, and a step of each unit of which `is`
 * tells so. */
static void behind(struct build *b, const json_t *before, const char *action, const struct unit *u,
		   bool (*is)(const struct unit *, const struct unit *))
{
	json_t *ids = json_deep_copy(before);

	for (size_t i = 0; i < b->order_len; i++) {
		const struct unit *other = b->order[i];

		if (is(u, other) && !(overlaps(other, b->facts) && strcmp(action, "forget") == 0))
			json_array_append_new(ids, json_sprintf("%s:%s:%s%s", action, other->name,
								other->cluster, b->suffix));
	}
	then_all(b, ids);
}

static bool is_followed(const struct unit *unit, const struct unit *other)
{
	return follows(other, unit);
}

/* All at once, but what others require after these; SolutionConfiguration last. */
static void uninstall_all(struct build *b)
{
	json_t *before = json_incref(b->after), *ids = json_array();

	for (size_t i = b->order_len; i > 0; i--) {
		const struct unit *u = b->order[i - 1];

		if (overlaps(u, b->facts))
			continue;
		behind(b, before, "forget", u, is_followed);
		mark(ids, take_out(b, u));
	}
	then_all(b, json_array_size(ids) > 0 ? json_incref(ids) : json_incref(before));
	json_decref(ids);
	json_decref(before);
}

/* All at once, but behind what they require; SolutionConfiguration first. */
static void install_all(struct build *b)
{
	json_t *ids = json_array(), *before = json_incref(b->after);

	for (size_t i = 0; i < b->order_len; i++) {
		const struct unit *u = b->order[i];

		behind(b, before, "install", u, follows);
		mark(ids, put_service(b, "install", u, NULL, NULL,
				      overlaps(u, b->facts) ? "Replaces by" : "Starts"));
	}
	then_all(b, json_array_size(ids) > 0 ? json_incref(ids) : json_incref(before));
	json_decref(ids);
	json_decref(before);
}

static void nodes_together(struct build *b)
{
	json_t *ids = json_array(), *node;
	size_t i;

	json_array_foreach(json_object_get(b->facts, "nodes"), i, node)
		mark(ids, put(b, "platform-node", text(node, "name"), platform_args(b, node),
			      "Node %s %s", text(node, "name"), version(b)));
	json_array_foreach(json_object_get(b->facts, "nodes"), i, node) {
		if (json_is_true(json_object_get(node, "edge")) && speaks(b, node))
			mark(ids,
			     put(b, "platform-edge", text(node, "name"), platform_args(b, node),
				 "Edge %s on the host of %s", version(b), text(node, "name")));
	}
	then_all(b, ids);
}

static void states(struct build *b)
{
	json_t *ids = json_array(), *cluster;
	size_t i;

	json_array_foreach(json_object_get(b->facts, "clusters"), i, cluster) {
		bool accepts = json_is_true(json_object_get(cluster, "accepting"));

		mark(ids, put(b, "cluster-state", text(cluster, "name"),
			      json_pack("{s:s,s:b}", "cluster", text(cluster, "name"), "accepting",
					accepts),
			      "%s is %s, as before", text(cluster, "name"),
			      accepts ? "Accepting" : "Denying"));
	}
	then_all(b, ids);
}

static enum pl_err window(struct build *b)
{
	enum pl_err err = read_units(b);

	if (err)
		return err;
	then(b, put(b, "attributes-record", "", json_object(), "Notes all attributes"));
	bring(b);
	manager_first(b);
	uninstall_all(b);
	nodes_together(b);
	roots(b, true);
	load(b);
	stage_all(b);
	install_all(b);
	then(b, put(b, "attributes-restore", "", json_object(), "Attributes as they were noted"));
	afterwards(b);
	states(b);
	gate(b, (struct look){ .after = "the services", .runs_tests = true });
	return PL_OK;
}

/* ---- both ---- */

static void begin(struct build *b, const struct upgrade *u)
{
	memset(b, 0, sizeof(*b));
	b->facts = u->facts;
	b->release = u->release;
	b->request = u->request;
	b->steps = json_array();
	b->after = json_array();
	b->suffix = "";
}

enum pl_err upgrade_plan(json_t **planp, const struct upgrade *u)
{
	bool rolls = strcmp(text(u->request, "mode"), "rolling") == 0;
	struct build *b = malloc(sizeof(*b));
	enum pl_err err;

	if (!b)
		return PL_NOMEM;
	begin(b, u);
	if (json_array_size(json_object_get(u->facts, "nodes")) == 0)
		err = pl_fail(PL_STATE, "there is no node to be upgraded");
	else
		err = rolls ? roll(b) : window(b);
	if (!err) {
		*planp = json_pack("{s:s,s:o,s:b,s:O}", "kind", "upgrade", "title",
				   json_sprintf("Upgrade to %s, %s", text(u->release, "version"),
						rolls ? "rolling" : "in a window"),
				   "undoesItself", rolls, "steps", b->steps);
		err = *planp ? PL_OK : PL_NOMEM;
	}
	json_decref(b->steps);
	json_decref(b->after);
	free(b);
	return err;
}

/* Hosts let go of the programs of before. */
static void settle(struct build *b)
{
	json_t *ids = json_array(), *node;
	size_t i;

	json_array_foreach(json_object_get(b->facts, "nodes"), i, node) {
		if (speaks(b, node))
			mark(ids,
			     put(b, "platform-settle", text(node, "name"), platform_args(b, node),
				 "The host of %s is of %s", text(node, "name"), version(b)));
	}
	then_all(b, ids);
}

enum pl_err upgrade_finalize(json_t **planp, const json_t *facts, const json_t *release,
			     const char *from)
{
	struct build *b = malloc(sizeof(*b));

	if (!b)
		return PL_NOMEM;
	begin(b, &(struct upgrade){ facts, release, NULL });
	gate(b, (struct look){ .after = "the upgrade", .runs_tests = true });
	level(b);
	settle(b);
	forget_older(b, from);
	*planp = json_pack("{s:s,s:o,s:b,s:O}", "kind", "finalize", "title",
			   json_sprintf("Finalize %s", version(b)), "undoesItself", 0, "steps",
			   b->steps);
	json_decref(b->steps);
	json_decref(b->after);
	free(b);
	return *planp ? PL_OK : PL_NOMEM;
}
