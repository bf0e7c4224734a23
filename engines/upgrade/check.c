/*
 * check.c — what is looked at before an upgrade.
 *
 * A check says what it saw, item by item; the worst of its words is its result.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engines/upgrade/text.h"
#include "engines/upgrade/upgrade.h"
#include "engines/upgrade/words.h"
#include "pelago/json.h"

enum {
	ROOT_MIB = 3584,
	VAR_MIB = 4096,
	STALE_S = 300,
	CERTIFICATE_DAYS = 30,
	CLOCK_MS = 1000,
	USERS_MOST = 4
};
enum result { PASS, WARN, INHIBIT };
enum modes { BOTH, WINDOW, ROLLING };

struct check {
	const json_t *facts, *release, *request;
	enum result result;
	char seen[1000], fix[400];
	json_t *commands;
};

static const char *const result_texts[] = { "pass", "warn", "inhibit" };

/* ---- what checks say ---- */

static void saw(struct check *c, enum result result, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static void saw(struct check *c, enum result result, const char *fmt, ...)
{
	va_list ap;

	/* What passes is said only where nothing else is. */
	if (result < c->result)
		return;
	if (result > c->result && c->result == PASS)
		c->seen[0] = '\0';
	c->result = result;
	va_start(ap, fmt);
	text_add(c->seen, sizeof(c->seen), fmt, ap);
	va_end(ap);
}

/* What a person has to do; no command does it. */
static void advise(struct check *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void advise(struct check *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	text_add(c->fix, sizeof(c->fix), fmt, ap);
	va_end(ap);
}

/* A command mends it: words after "pelago". */
static void mend(struct check *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void mend(struct check *c, const char *fmt, ...)
{
	char words[300];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(words, sizeof(words), fmt, ap);
	va_end(ap);
	json_array_append_new(c->commands, json_string(words));
	advise(c, "pelago %s", words);
}

static const char *text(const json_t *item, const char *name)
{
	return pl_json_get_text(item, name);
}

static long long number(const json_t *item, const char *path)
{
	return json_integer_value(pl_json_get(item, path));
}

static const json_t *list(const struct check *c, const char *name)
{
	return json_object_get(c->facts, name);
}

static bool is_rolling(const struct check *c)
{
	return strcmp(text(c->request, "mode"), "rolling") == 0;
}

static bool is_installed(const struct check *c, const char *service)
{
	return pl_json_find(list(c, "services"), "name", service);
}

/* ---- versions ---- */

static bool is_loaded(const struct check *c, int minor)
{
	struct upgrade_version v;
	json_t *item;
	size_t i;

	json_array_foreach(list(c, "releases"), i, item) {
		if (upgrade_version_read(&v, text(item, "version")) && v.minor == minor)
			return true;
	}
	return false;
}

static void path(struct check *c)
{
	const char *from = text(c->facts, "version"), *to = text(c->release, "version");
	struct upgrade_version f, t;
	char source[32];

	if (!upgrade_version_read(&f, from) || !upgrade_version_read(&t, to)) {
		saw(c, INHIBIT, "'%s' to '%s': these are no versions", from, to);
		advise(c, "take a release as it was built");
		return;
	}
	snprintf(source, sizeof(source), "%d.%d", f.major, f.minor);
	if (upgrade_version_compare(from, to) >= 0) {
		saw(c, INHIBIT, "%s is here already, the release is %s", from, to);
		advise(c, "take a newer release; 'pelago upgrade rollback' goes back");
	} else if (f.major != t.major ||
		   !pl_json_has(json_object_get(c->release, "sources"), source)) {
		saw(c, INHIBIT, "%s doesn't take over from %s in place", to, from);
		advise(c,
		       "upgrade to a release in between first, or install %s anew and restore a "
		       "coordinated backup",
		       to);
	} else if (is_rolling(c) && t.minor - f.minor > 1 && !is_loaded(c, f.minor + 1)) {
		saw(c, INHIBIT, "%s to %s rolls by way of %d.%d, which isn't loaded", from, to,
		    f.major, f.minor + 1);
		advise(c, "pelago release load pelago-%d.%d.0.zip; or take --window", f.major,
		       f.minor + 1);
	} else {
		saw(c, PASS, "%s to %s", from, to);
	}
}

static void plans(struct check *c)
{
	const char *plan = text(c->facts, "plan"), *state = text(c->facts, "upgrade");

	saw(c, PASS, "none runs");
	if (*plan) {
		saw(c, INHIBIT, "plan %s runs", plan);
		advise(c, "wait for it; 'pelago plan show %s' tells how far it is", plan);
	} else if (strcmp(state, "upgraded") == 0) {
		saw(c, INHIBIT, "the last upgrade isn't finalized");
		mend(c, "upgrade finalize --yes");
	} else if (strcmp(state, "failed") == 0) {
		saw(c, INHIBIT, "the last upgrade failed, and waits for a decision");
		advise(c, "pelago upgrade resume, or pelago upgrade rollback");
	}
}

static void loaded(struct check *c)
{
	json_t *service, *bundle;
	unsigned count = 0;
	size_t i, k;

	json_array_foreach(list(c, "services"), i, service) {
		const char *name = text(service, "name");

		count++;
		if (strcmp(name, "SolutionConfiguration") == 0)
			continue;
		json_array_foreach(list(c, "bundles"), k, bundle) {
			const char *version = text(bundle, "version");

			if (strcmp(text(bundle, "name"), name) != 0 ||
			    upgrade_version_compare(version, text(service, "version")) >= 0)
				continue;
			saw(c, INHIBIT, "%s %s is loaded beside %s", name, version,
			    text(service, "version"));
			mend(c, "service delete %s@%s --yes", name, version);
		}
	}
	saw(c, PASS, "of %u services no older version is loaded", count);
}

static void node_versions(struct check *c)
{
	const char *cluster = "", *version = "", *first = "";
	json_t *node;
	size_t i;

	json_array_foreach(list(c, "nodes"), i, node) { /* those of a cluster follow each other */
		if (strcmp(text(node, "cluster"), cluster) == 0 &&
		    strcmp(text(node, "version"), version) != 0) {
			saw(c, INHIBIT, "%s: %s is %s, %s is %s", cluster, first, version,
			    text(node, "name"), text(node, "version"));
			advise(c, "pelago node upgrade PACKAGE --node %s", text(node, "name"));
			continue;
		}
		cluster = text(node, "cluster");
		version = text(node, "version");
		first = text(node, "name");
	}
	saw(c, PASS, "nodes of a cluster are alike");
}

/* ---- nodes and services ---- */

static void nodes_stable(struct check *c)
{
	unsigned count = 0;
	json_t *node;
	size_t i;

	json_array_foreach(list(c, "nodes"), i, node) {
		count++;
		if (strcmp(text(node, "state"), "Stable") == 0)
			continue;
		saw(c, INHIBIT, "%s is %s", text(node, "name"), text(node, "state"));
		advise(c, "see 'pelago node list', and the log of %s", text(node, "name"));
	}
	saw(c, PASS, "%u nodes", count);
}

static void replication(struct check *c)
{
	unsigned count = 0;
	json_t *node;
	size_t i;

	json_array_foreach(list(c, "nodes"), i, node) {
		const char *state = text(node, "replication");
		json_t *age = json_object_get(node, "confirmedSeconds");
		bool is_old = !json_is_integer(age) || json_integer_value(age) > STALE_S;

		count++;
		if (strcmp(state, "Synchronized") == 0 && !is_old)
			continue;
		if (strcmp(state, "Synchronized") == 0)
			saw(c, INHIBIT, "%s hasn't confirmed for over %d s", text(node, "name"),
			    STALE_S);
		else
			saw(c, INHIBIT, "%s is %s", text(node, "name"), state);
		mend(c, "replication resync %s", text(node, "name"));
	}
	saw(c, PASS, "%u nodes are Synchronized", count);
}

static void services(struct check *c)
{
	unsigned count = 0;
	json_t *service;
	size_t i;

	json_array_foreach(list(c, "services"), i, service) {
		count++;
		if (strcmp(text(service, "state"), "Installed") == 0)
			continue;
		saw(c, INHIBIT, "%s in %s is %s", text(service, "name"), text(service, "cluster"),
		    text(service, "state"));
		advise(c, "see 'pelago service list', and the log of %s", text(service, "name"));
	}
	if (count == 0) {
		saw(c, INHIBIT, "no service is installed");
		advise(c, "pelago service install NAME");
	}
	saw(c, PASS, "%u are Installed", count);
}

/* ---- hosts ---- */

static void room(struct check *c, const json_t *node, const char *place, long long least)
{
	const json_t *free_mib = json_object_get(json_object_get(node, "freeMiB"), place);

	if (!json_is_integer(free_mib)) {
		saw(c, WARN, "%s doesn't tell how much is free on %s", text(node, "name"), place);
		advise(c, "pelago node upgrade %s", text(node, "name"));
	} else if (json_integer_value(free_mib) < least) {
		saw(c, INHIBIT, "%s has %lld MiB free on %s, %lld are needed", text(node, "name"),
		    (long long)json_integer_value(free_mib), place, least);
		advise(c, "make room on %s of %s", place, text(node, "name"));
	}
}

static long long more(long long a, long long b)
{
	return a > b ? a : b;
}

static void disk(struct check *c)
{
	const json_t *least = pl_json_get(c->release, "minimum.freeMiB");
	long long demo = number(least, "demo"), root = more(ROOT_MIB, number(least, "/")),
		  var = more(VAR_MIB, number(least, "/var"));
	json_t *node;
	size_t i;

	json_array_foreach(list(c, "nodes"), i, node) {
		if (json_is_true(json_object_get(c->facts, "demo"))) {
			room(c, node, "data", demo);
			continue;
		}
		room(c, node, "/", root);
		room(c, node, "/var", var);
	}
	if (json_is_true(json_object_get(c->facts, "demo")))
		saw(c, PASS, "each node has %lld MiB and more", demo);
	else
		saw(c, PASS, "each node has %lld MiB and more on /, %lld on /var", root, var);
}

static void hardware(struct check *c)
{
	long long processors = number(c->release, "minimum.processors"),
		  memory = number(c->release, "minimum.memoryMiB");
	json_t *node;
	size_t i;

	json_array_foreach(list(c, "nodes"), i, node) {
		json_t *files = json_object_get(c->release, "platform"), *file;
		bool is_for = false;
		size_t k;

		json_array_foreach(files, k, file)
			is_for |= strcmp(text(file, "arch"), text(node, "arch")) == 0;
		if (!is_for) {
			saw(c, INHIBIT, "%s is a %s, and the release has no programs for it",
			    text(node, "name"), text(node, "arch"));
			advise(c, "take a release for %s", text(node, "arch"));
		}
		if (number(node, "processors") < processors || number(node, "memoryMiB") < memory) {
			saw(c, INHIBIT,
			    "%s has %lld processors and %lld MiB, %lld and %lld are needed",
			    text(node, "name"), number(node, "processors"),
			    number(node, "memoryMiB"), processors, memory);
			advise(c, "give the machine of %s more", text(node, "name"));
		}
	}
	saw(c, PASS, "each node has %lld processors and %lld MiB, and more", processors, memory);
}

static void companions(struct check *c)
{
	json_t *want;
	size_t i;

	json_array_foreach(json_object_get(c->release, "companions"), i, want) {
		const char *name = text(want, "name"), *least = text(want, "version"),
			   *has_version = pl_json_get_text(list(c, "companions"), name);

		if (!*has_version)
			saw(c, PASS, "%s: not deployed", name);
		else if (upgrade_version_compare(has_version, least) < 0) {
			saw(c, INHIBIT, "%s is %s, at least %s is needed", name, has_version,
			    least);
			advise(c, "upgrade %s first", name);
		} else {
			saw(c, PASS, "%s is %s", name, has_version);
		}
	}
	saw(c, PASS, "PBX, CTI server, self-service platform: not deployed");
}

static void hypervisor(struct check *c)
{
	saw(c, PASS, "not deployed: Pelago knows of no hypervisor");
}

static void certificates(struct check *c)
{
	long long least = 100000;
	json_t *item;
	size_t i;

	json_array_foreach(list(c, "nodes"), i, item) {
		const json_t *left = json_object_get(item, "certificateDays");
		long long days = json_integer_value(left);

		if (!json_is_integer(left))
			continue;
		least = days < least ? days : least;
		if (days < CERTIFICATE_DAYS) {
			saw(c, INHIBIT, "a certificate of %s ends in %lld days", text(item, "name"),
			    days);
			advise(c, "'pelago down' and 'pelago up' on the host of %s renew it",
			       text(item, "name"));
		}
	}
	saw(c, PASS, "the first ends in %lld days", least);
}

static void clocks(struct check *c)
{
	json_t *node;
	size_t i;

	json_array_foreach(list(c, "nodes"), i, node) {
		const json_t *apart = json_object_get(node, "clockMs");
		long long ms = json_integer_value(apart);

		if (!json_is_integer(apart) || (ms <= CLOCK_MS && ms >= -CLOCK_MS))
			continue;
		saw(c, INHIBIT, "the clock of %s is %lld ms off", text(node, "name"), ms);
		advise(c, "have chrony keep the time of %s", text(node, "name"));
	}
	saw(c, PASS, "none is more than %d ms off", CLOCK_MS);
}

/* ---- settings ---- */

/* An optional service beside which another one always is. */
static void options(struct check *c)
{
	const json_t *named = json_object_get(c->request, "options");
	const char *configuration = text(c->request, "configuration");
	bool is_voice = strncmp(configuration, "DigitalOnly", 11) != 0;

	for (unsigned i = 0; i < UPGRADE_OPTIONS; i++) {
		const char *name = upgrade_option_name((enum upgrade_option)i),
			   *service = upgrade_option_service((enum upgrade_option)i);
		bool is_there = is_installed(c, service), is_named = pl_json_has(named, name);

		if (is_there && !is_named) {
			saw(c, INHIBIT, "%s (%s) is installed, and wasn't named", name, service);
			advise(c, "name it, too, or 'pelago service uninstall %s'", service);
		} else if (is_named && !is_there) {
			saw(c, WARN, "%s was named, but %s isn't installed", name, service);
			advise(c, "leave out %s", name);
		} else if (is_named &&
			   !upgrade_configuration_has(configuration, (enum upgrade_option)i)) {
			saw(c, WARN, "%s isn't usual with %s", name, configuration);
			advise(c, "leave out %s, or take a larger configuration", name);
		}
	}
	if (is_voice && !is_installed(c, "VoiceService")) {
		saw(c, WARN, "%s is one with voice, but VoiceService isn't installed",
		    configuration);
		advise(c, "take DigitalOnly-100 or DigitalOnly-4500");
	}
	saw(c, PASS, "what is installed is what was named");
}

static void release_notes(struct check *c)
{
	const char *version = text(c->release, "version");

	saw(c, PASS, "those of %s were read", version);
	if (pl_json_has(list(c, "acknowledged"), version))
		return;
	saw(c, INHIBIT, "nobody has said to have read those of %s", version);
	mend(c, "upgrade acknowledge %s --yes", version);
}

static void profiles(struct check *c)
{
	static const char *const names[] = { "EngagementDesigner", "MobileCommunications" };
	json_t *profile;
	size_t i;

	json_array_foreach(list(c, "profiles"), i, profile) {
		for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
			if (!pl_json_has(json_object_get(profile, "services"), names[k]))
				continue;
			saw(c, INHIBIT, "%s is in the profile %s", names[k], text(profile, "name"));
			mend(c, "upgrade unprofile %s %s --yes", text(profile, "name"), names[k]);
		}
	}
	saw(c, PASS, "neither EngagementDesigner nor MobileCommunications is in one");
}

static void attributes(struct check *c)
{
	const json_t *removed = pl_json_get(c->release, "changes.attributes.removed"),
		     *changed = pl_json_get(c->release, "changes.attributes.changed");
	json_t *set;
	size_t i;

	json_array_foreach(list(c, "attributes"), i, set) {
		char name[300];

		snprintf(name, sizeof(name), "%s.%s", text(set, "service"), text(set, "key"));
		if (pl_json_has(removed, name)) {
			saw(c, INHIBIT, "%s is set (%s %s), and gone in the release", name,
			    text(set, "level"), text(set, "place"));
			advise(c, "note its value, then 'pelago attribute reset' it");
		} else if (pl_json_has(changed, name)) {
			saw(c, WARN, "%s is set (%s %s), and has changed in the release", name,
			    text(set, "level"), text(set, "place"));
			advise(c, "see the release notes, and look at it afterwards");
		}
	}
	saw(c, PASS, "what is set keeps its meaning");
}

/* "page of https://shop.example, curl/8 and 3 more"; of our own pages none, as they come with the
 * release. Returns how many there are. */
static unsigned put_users(char *who, size_t size, const json_t *users)
{
	unsigned count = 0;
	size_t i, len = 0;
	json_t *user;

	who[0] = '\0';
	json_array_foreach(users, i, user) {
		if (strcmp(text(user, "kind"), "own") == 0 || ++count > USERS_MOST)
			continue;
		len += (size_t)snprintf(who + len, size - len, "%s", len ? ", " : "");
		upgrade_client_text(who + len, size - len, user);
		len += strlen(who + len);
	}
	if (count > USERS_MOST)
		snprintf(who + len, size - len, " and %u more", count - USERS_MOST);
	return count;
}

static void interfaces(struct check *c)
{
	json_t *all = upgrade_interfaces(&(struct upgrade){ c->facts, c->release, c->request });
	char who[USERS_MOST * 400 + 40];
	json_t *item;
	size_t i;

	json_array_foreach(all, i, item) {
		if (put_users(who, sizeof(who), json_object_get(item, "users")) > 0)
			saw(c, WARN, "%s is %s, and used by %s", text(item, "name"),
			    text(item, "change"), who);
	}
	if (c->result == WARN)
		advise(c, "tell those who make them; 'pelago upgrade report' names all");
	saw(c, PASS, "none that is changed or gone was seen used by others");
	json_decref(all);
}

static void drivers(struct check *c)
{
	saw(c, PASS, "none: the external data mart's is PostgreSQL's own library");
}

/* ---- the way back ---- */

static void backups(struct check *c)
{
	saw(c, WARN,
	    "user store, workflows, deferred e-mail, omnichannel database: not deployed: "
	    "this version of Pelago makes no backups");
	advise(c, "copy the data folder while it is stopped, or the PostgreSQL databases");
}

static void snapshots(struct check *c)
{
	saw(c, WARN, "not deployed: this version of Pelago makes no snapshots");
	advise(c, "copy the data folder while it is stopped, or have the hypervisor make one");
}

static void feature_code(struct check *c)
{
	saw(c, PASS, "not deployed: there is no voice");
}

/* ---- work under way ---- */

static void draining(struct check *c)
{
	const json_t *work = list(c, "work");
	json_t *cluster;
	size_t i;

	if (!json_is_object(work)) {
		saw(c, INHIBIT,
		    "UnifiedAgentController and UCMService don't tell what is under way");
		advise(c, "see 'pelago service list'");
	}
	if (number(work, "agents") > 0) {
		saw(c, INHIBIT, "%lld agents are logged in", number(work, "agents"));
		advise(c, "have them log out");
	}
	if (number(work, "contacts") > 0) {
		saw(c, INHIBIT, "%lld contacts are queued or active", number(work, "contacts"));
		advise(c, "have them brought to an end, or close all chatrooms");
	}
	json_array_foreach(list(c, "clusters"), i, cluster) {
		if (!json_is_true(json_object_get(cluster, "accepting")))
			continue;
		saw(c, INHIBIT, "%s is Accepting", text(cluster, "name"));
		mend(c, "cluster deny %s --yes", text(cluster, "name"));
	}
	saw(c, PASS, "no agent, no contact, all clusters Denying; mailboxes: not deployed");
}

static void cluster_states(struct check *c)
{
	unsigned accepting = 0, count = 0;
	json_t *cluster;
	size_t i;

	json_array_foreach(list(c, "clusters"), i, cluster) {
		count++;
		accepting += json_is_true(json_object_get(cluster, "accepting"));
	}
	saw(c, PASS, "all %s", accepting ? "Accepting" : "Denying");
	if (accepting == 0 || accepting == count)
		return;
	json_array_foreach(list(c, "clusters"), i, cluster) {
		if (json_is_true(json_object_get(cluster, "accepting")))
			continue;
		saw(c, WARN, "%s is Denying, others accept", text(cluster, "name"));
		mend(c, "cluster accept %s --yes", text(cluster, "name"));
	}
}

/* ---- all of them ---- */

static const struct row {
	const char *key;
	void (*fn)(struct check *c);
	enum modes modes;
	const char *title, *why;
} rows[] = {
#define CHECK(key, fn, modes, title, why) { key, fn, modes, title, why },
#include "engines/upgrade/checks.h"
#undef CHECK
};

static json_t *check_one(const struct row *row, const struct upgrade *u)
{
	struct check c = { u->facts, u->release, u->request, PASS, "", "", json_array() };

	if (row->modes == BOTH || (row->modes == ROLLING) == is_rolling(&c))
		row->fn(&c);
	else
		saw(&c, PASS, "%s",
		    row->modes == WINDOW ? "of a maintenance window only"
					 : "of a rolling upgrade only");
	return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:o}", "key", row->key, "title", row->title,
			 "result", result_texts[c.result], "seen", c.seen, "why", row->why, "fix",
			 c.result == PASS ? "" : c.fix, "commands", c.commands);
}

json_t *upgrade_check(const struct upgrade *u)
{
	json_t *all = json_array();

	json_t *after = upgrade_afterwards(u), *item;
	size_t k;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		json_array_append_new(all, check_one(&rows[i], u));
	json_array_foreach(after, k, item) {
		json_object_del(item, "steps");
		json_array_append(all, item);
	}
	json_decref(after);
	return all;
}

unsigned upgrade_inhibits(const json_t *checks)
{
	unsigned count = 0;
	json_t *item;
	size_t i;

	json_array_foreach(checks, i, item)
		count += strcmp(text(item, "result"), result_texts[INHIBIT]) == 0;
	return count;
}

json_t *upgrade_options(const json_t *facts)
{
	struct check c = { .facts = facts };
	json_t *names = json_array();

	for (unsigned i = 0; i < UPGRADE_OPTIONS; i++)
		if (is_installed(&c, upgrade_option_service((enum upgrade_option)i)))
			json_array_append_new(
				names, json_string(upgrade_option_name((enum upgrade_option)i)));
	return names;
}
