/*
 * view.c — lists for people. States are what nodes report, never what was asked for.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alarm.h"
#include "cluster.h"
#include "manager.h"
#include "plans.h"
#include "platform.h"
#include "pelago/json.h"
#include "pelago/page.h"
#include "test.h"
#include "platform/bundle/bundle.h"

static enum pl_err read_page(struct pl_page *page, const json_t *body, const char *list)
{
	return pl_page_read(page, json_object_get(body, "query"), list);
}

static enum pl_err answer_page(json_t **replyp, struct pl_page *page)
{
	*replyp = json_pack("{s:i,s:o}", "status", 200, "body", pl_page_answer(page));
	return *replyp ? PL_OK : PL_NOMEM;
}

/* ---- what is true of a node ---- */

/* Stable: all its services are installed and healthy, and it has applied the newest configuration
 * (PLT-2). */
bool is_stable(const struct node *node, const json_t *report)
{
	if (!report || !node_has_newest(report) ||
	    !json_is_true(json_object_get(report, "logReady")))
		return false;
	for (const struct placed *s = model.services; s; s = s->next)
		if (s->cluster == node->cluster && placed_runs(s) && !serves(report, s))
			return false;
	return true;
}

bool node_is_stable(const struct node *node)
{
	return is_stable(node, report_get(node->name, NULL));
}

/* Whether all of a node's services take or refuse new work as its cluster should (PLT-1). */
static bool has_arrived(const struct node *node)
{
	const json_t *report = report_get(node->name, NULL);

	if (!report || !node_has_newest(report))
		return false;
	for (const struct placed *s = model.services; s; s = s->next)
		if (s->cluster == node->cluster && placed_runs(s) && !accepts_as_desired(report, s))
			return false;
	return true;
}

/* ---- clusters ---- */

/* view_database tells where the databases of a cluster's services are, and of how many services
 * that run some node has it open. */
static json_t *view_database(const struct cluster *cluster)
{
	int open = 0, of = 0;

	for (const struct placed *s = model.services; s; s = s->next) {
		bool is_open = false;

		if (s->cluster != cluster || !placed_runs(s))
			continue;
		for (const struct node *n = model.nodes; n; n = n->next)
			is_open |= n->cluster == cluster && is_active(report_get(n->name, NULL), s);
		open += is_open;
		of++;
	}
	return json_pack("{s:s,s:i,s:i}", "store", model.store, "open", open, "of", of);
}

json_t *view_cluster(const struct cluster *cluster)
{
	json_t *nodes = json_array(), *services = json_array(), *kind;
	int arrived = 0, passes = test_passes(cluster);

	for (const struct node *n = model.nodes; n; n = n->next)
		if (n->cluster == cluster) {
			json_array_append_new(nodes, json_string(n->name));
			arrived += has_arrived(n);
		}
	for (const struct placed *s = model.services; s; s = s->next)
		if (s->cluster == cluster)
			json_array_append_new(services, json_string(s->name));
	kind = isdigit((unsigned char)cluster->kind[0])
		       ? json_integer(strtol(cluster->kind, NULL, 10))
		       : json_string(cluster->kind);
	return json_pack("{s:s,s:o,s:s,s:s,s:i,s:o,s:o,s:i,s:o,s:o}", "name", cluster->name, "kind",
			 kind, "address", cluster->address, "state",
			 cluster->is_accepting ? "Accepting" : "Denying", "arrived", arrived,
			 "nodes", nodes, "services", services, "alarms", alarm_count(cluster),
			 "testsPass", passes < 0 ? json_null() : json_boolean(passes), "database",
			 view_database(cluster));
}

enum pl_err op_clusters(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct pl_page page;
	enum pl_err err = read_page(&page, body, "clusters");

	for (const struct cluster *c = model.clusters; !err && c; c = c->next)
		pl_page_keep(&page, view_cluster(c), "%05d:%s", c->place, c->name);
	return err ? err : answer_page(replyp, &page);
}

enum pl_err op_cluster(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *name = NULL;
	enum pl_err err = pl_json_text(&name, body, "path.name", 128, true);
	const struct cluster *cluster = err ? NULL : cluster_find(name);

	if (err)
		return err;
	if (!cluster)
		return pl_fail(PL_NOTFOUND, "there is no cluster '%s'", name);
	*replyp = json_pack("{s:i,s:o}", "status", 200, "body", view_cluster(cluster));
	return *replyp ? PL_OK : PL_NOMEM;
}

/* ---- nodes ---- */

/* Its own supervisor shall be of another version than it is, or is still on trial. */
static bool is_upgrading(const struct node *node, const json_t *report)
{
	const struct platform_wish *wish = platform_wish_find(node->name, "node");
	const json_t *seen = platform_report(report, node->name);
	const char *state = pl_json_get_text(seen, "state");

	return wish && strcmp(state, "failed") != 0 &&
	       (strcmp(pl_json_get_text(seen, "version"), wish->version) != 0 ||
		strcmp(state, "trial") == 0);
}

/* PLT-2 */
static const char *state_of(const struct node *node, const json_t *report)
{
	const char *why;

	if (strcmp(restart_of(node, &why), "running") == 0)
		return "Rebooting";
	if (!report)
		return "Unreachable";
	if (is_upgrading(node, report))
		return "Upgrading";
	return is_stable(node, report) ? "Stable" : "Up";
}

json_t *view_node(const struct node *node)
{
	static const char *const members[] = { "version",     "uptimeSeconds", "load",
					       "memoryBytes", "diskFreeBytes", "overload" };
	int64_t ago_ms, working = 0;
	const char *why;
	const json_t *report = report_get(node->name, &ago_ms);
	json_t *view = json_pack("{s:s,s:s,s:s}", "name", node->name, "cluster",
				 node->cluster->name, "state", state_of(node, report));

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		json_t *value = json_object_get(report, members[i]);

		json_object_set(view, members[i], value ? value : json_null());
	}
	for (const struct placed *s = model.services; s; s = s->next)
		working += s->cluster == node->cluster && is_active(report, s);
	json_object_set_new(view, "working", json_integer(working));
	json_object_set_new(view, "draining", json_boolean(node->is_draining));
	json_object_set_new(view, "restart", json_string(restart_of(node, &why)));
	json_object_set_new(view, "restartWhy", *why ? json_string(why) : json_null());
	json_object_set_new(view, "lastHeardSeconds",
			    ago_ms < 0 ? json_null() : json_integer(ago_ms / 1000));
	return view;
}

enum pl_err op_nodes(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct pl_page page;
	enum pl_err err = read_page(&page, body, "nodes");

	for (const struct node *n = model.nodes; !err && n; n = n->next)
		pl_page_keep(&page, view_node(n), "%05d:%s", n->cluster->place, n->name);
	return err ? err : answer_page(replyp, &page);
}

/* ---- services ---- */

static const char *instance_state(const json_t *item, bool is_serving)
{
	const char *state = pl_json_get_text(item, "state");

	if (!item)
		return "Unreachable";
	if (strcmp(state, "Running") != 0)
		return state;
	if (!is_serving)
		return "Starting";
	return json_is_true(json_object_get(item, "standby")) ? "Standby" : "Running";
}

static json_t *view_instance(const struct node *node, const json_t *item, bool is_serving)
{
	static const char *const members[] = { "pid", "restarts", "memoryBytes", "uptimeSeconds" };
	json_t *view = json_pack("{s:s,s:s}", "node", node->name, "state",
				 instance_state(item, is_serving));

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		json_t *value = json_object_get(item, members[i]);

		json_object_set(view, members[i], value ? value : json_null());
	}
	return view;
}

/* How many nodes of its cluster are as far as they shall be, of how many; whether it failed on
 * some. */
struct tally {
	int there, of;
	bool has_failed, has_active;
};

static struct tally tally_nodes(const struct placed *service, json_t *nodes, json_t *instances)
{
	struct tally t = { 0 };

	for (const struct node *n = model.nodes; n; n = n->next) {
		const json_t *report, *item;
		bool is_serving;

		if (n->cluster != service->cluster)
			continue;
		report = report_get(n->name, NULL);
		item = report_service(report, service->name);
		is_serving = serves(report, service);
		t.of++;
		t.has_active |= is_active(report, service);
		t.there += phase_runs(service->phase) ? is_serving : report && !item;
		t.has_failed |= strcmp(pl_json_get_text(item, "state"), "Failed") == 0;
		json_array_append_new(nodes, json_string(n->name));
		json_array_append_new(instances, view_instance(n, item, is_serving));
	}
	/* all stand by: one is about to take over */
	t.there -= phase_runs(service->phase) && t.there == t.of && t.of > 0 && !t.has_active;
	return t;
}

json_t *view_service(const struct placed *service)
{
	json_t *nodes = json_array(), *instances = json_array();
	struct tally t = tally_nodes(service, nodes, instances);
	char state[40];

	if (service->cluster->is_stopped)
		snprintf(state, sizeof(state), "Loaded");
	else if (service->phase == PHASE_STAGED)
		snprintf(state, sizeof(state), "Installing 0/%d", t.of);
	else if (service->phase != PHASE_INSTALLED)
		snprintf(state, sizeof(state), "Uninstalling %d/%d",
			 phase_runs(service->phase) ? 0 : t.there, t.of);
	else if (t.has_failed)
		snprintf(state, sizeof(state), "Failed");
	else if (t.there == t.of)
		snprintf(state, sizeof(state), "Installed");
	else
		snprintf(state, sizeof(state), "Installing %d/%d", t.there, t.of);
	return json_pack("{s:s,s:s,s:s,s:s,s:o,s:o}", "name", service->name, "version",
			 service->version, "state", state, "cluster", service->cluster->name,
			 "nodes", nodes, "instances", instances);
}

static bool is_placed(const struct loaded *bundle)
{
	for (const struct placed *s = model.services; s; s = s->next)
		if (strcmp(s->name, bundle->name) == 0 && strcmp(s->version, bundle->version) == 0)
			return true;
	return false;
}

enum pl_err op_services(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct pl_page page;
	char key[VERSION_KEY_SIZE];
	enum pl_err err = read_page(&page, body, "services");

	for (const struct placed *s = model.services; !err && s; s = s->next)
		pl_page_keep(&page, view_service(s), "%s:%s:%s", s->name,
			     version_key(key, s->version), s->cluster->name);
	for (const struct loaded *b = model.bundles; !err && b; b = b->next)
		if (!is_placed(b))
			pl_page_keep(&page,
				     json_pack("{s:s,s:s,s:s,s:s,s:[],s:[]}", "name", b->name,
					       "version", b->version, "state", "Loaded", "cluster",
					       "", "nodes", "instances"),
				     "%s:%s:", b->name, version_key(key, b->version));
	return err ? err : answer_page(replyp, &page);
}

/* ---- is all of it ready? ---- */

static void miss(json_t *missing, const char *node, const char *what, const char *why)
{
	json_array_append_new(missing,
			      json_sprintf("%s: %s%s%s", node, what, *why ? ": " : "", why));
}

/* Others of the cluster go on without a node that isn't heard. */
static bool others_are_heard(const struct node *node)
{
	for (const struct node *n = model.nodes; n; n = n->next)
		if (n != node && n->cluster == node->cluster && report_get(n->name, NULL))
			return true;
	return false;
}

static void miss_of_node(json_t *missing, const struct node *n)
{
	const json_t *report = report_get(n->name, NULL);

	if (!report) {
		if (!others_are_heard(n))
			miss(missing, n->name, "isn't heard", "");
		return;
	}
	if (!node_has_newest(report))
		miss(missing, n->name, "hasn't applied the newest configuration", "");
	if (!json_is_true(json_object_get(report, "logReady")))
		miss(missing, n->name, "the event log isn't ready", "");
	for (const struct placed *s = model.services; s; s = s->next)
		if (s->cluster == n->cluster && placed_runs(s) && !serves(report, s))
			miss(missing, s->name, "doesn't serve",
			     pl_json_get_text(report_service(report, s->name), "health"));
}

/* One node's instance must do the work, the others' stand by. */
static void miss_of_service(json_t *missing, const struct placed *s)
{
	bool waits = false;

	for (const struct node *n = model.nodes; n; n = n->next) {
		const json_t *report = n->cluster == s->cluster ? report_get(n->name, NULL) : NULL;

		if (is_active(report, s))
			return;
		waits |= serves(report, s);
	}
	if (waits)
		miss(missing, s->name, "waits for its database", "");
}

enum pl_err op_status(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	json_t *missing = json_array();

	if (model.is_stopped)
		json_array_append_new(missing, json_string("the solution is stopped; start it by "
							   "'pelago solution start'"));
	if (!model.services)
		miss(missing, "Manager", "no service is installed yet", "");
	if (*delivery_state())
		miss(missing, "Manager", delivery_state(), "");
	for (const struct placed *s = model.services; s; s = s->next)
		if (s->phase == PHASE_STAGED)
			miss(missing, s->name, "isn't installed yet", "");
	if (plans_running())
		miss(missing, "Manager", "a plan runs", plans_running());
	for (const struct node *n = model.nodes; n; n = n->next)
		miss_of_node(missing, n);
	for (const struct placed *s = model.services; s; s = s->next)
		if (placed_runs(s))
			miss_of_service(missing, s);
	*replyp =
		json_pack("{s:b,s:o}", "ready", json_array_size(missing) == 0, "missing", missing);
	return *replyp ? PL_OK : PL_NOMEM;
}
