/*
 * after.c — what comes after an upgrade's services: what is seen of it beforehand, and its steps.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "engines/upgrade/text.h"
#include "engines/upgrade/upgrade.h"
#include "pelago/json.h"

static const char designer[] = "EngagementDesigner", authorization[] = "AuthorizationService",
		  old_event[] = "ROUTE_CONTACT_TRANSFER_TO_SERVICE";

enum result { PASS, WARN, INHIBIT };
static const char *const result_texts[] = { "pass", "warn", "inhibit" };

struct after {
	const struct upgrade *u;
	enum result result;
	char seen[1000], fix[400];
	json_t *commands, *steps;
};

/* ---- what is said ---- */

static void saw(struct after *a, enum result result, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static void saw(struct after *a, enum result result, const char *fmt, ...)
{
	va_list ap;

	a->result = result > a->result ? result : a->result;
	va_start(ap, fmt);
	text_add(a->seen, sizeof(a->seen), fmt, ap);
	va_end(ap);
}

static void advise(struct after *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void advise(struct after *a, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	text_add(a->fix, sizeof(a->fix), fmt, ap);
	va_end(ap);
}

/* Words after "pelago" that mend it; each only once. */
static void mend(struct after *a, const char *words)
{
	json_t *item;
	size_t i;

	json_array_foreach(a->commands, i, item) {
		if (strcmp(json_string_value(item), words) == 0)
			return;
	}
	json_array_append_new(a->commands, json_string(words));
	advise(a, "pelago %s", words);
}

/* Gives args. */
static void step(struct after *a, const char *action, const char *place, json_t *args,
		 const char *fmt, ...) __attribute__((format(printf, 5, 6)));
static void step(struct after *a, const char *action, const char *place, json_t *args,
		 const char *fmt, ...)
{
	json_t *title;
	va_list ap;

	va_start(ap, fmt);
	title = json_vsprintf(fmt, ap);
	va_end(ap);
	json_array_append_new(a->steps, json_pack("{s:s,s:s,s:o,s:o}", "action", action, "place",
						  place, "args", args, "title", title));
}

/* ---- what there is ---- */

static const char *text(const json_t *item, const char *name)
{
	return pl_json_get_text(item, name);
}

static const json_t *fact(const struct after *a, const char *path)
{
	return pl_json_get(a->u->facts, path);
}

/* Whether a service is installed and the release replaces it; else what is said of it. */
static bool is_replaced(struct after *a, const char *service)
{
	if (!pl_json_find(fact(a, "services"), "name", service)) {
		saw(a, PASS, "not deployed: %s isn't installed", service);
		return false;
	}
	if (!pl_json_find(json_object_get(a->u->release, "services"), "name", service)) {
		saw(a, PASS, "%s isn't in the release, and stays as it is", service);
		return false;
	}
	return true;
}

/*
 * Workflows that the release has changed, a new reference; json_null() for all: it was compared
 * with another release than the one that is here.
 */
static json_t *changed(const struct after *a)
{
	const json_t *lists = pl_json_get(a->u->release, "changes.workflows");
	json_t *names;

	if (strcmp(text(a->u->release, "since"), text(a->u->facts, "version")) != 0)
		return json_null();
	names = json_array();
	json_array_extend(names, json_object_get(lists, "changed"));
	json_array_extend(names, json_object_get(lists, "added"));
	return names;
}

static bool is_changed(const json_t *names, const char *name)
{
	return json_is_null(names) || pl_json_has(names, name);
}

static bool is_customised(const struct after *a, const char *workflow)
{
	return json_is_true(json_object_get(
		pl_json_find(fact(a, "designer.workflows"), "name", workflow), "customised"));
}

/* It has been asked and didn't answer: its steps are taken all the same. */
static bool tells(struct after *a)
{
	if (json_is_object(fact(a, "designer")))
		return true;
	saw(a, WARN, "%s doesn't tell", designer);
	advise(a, "see 'pelago service list', and the log of %s", designer);
	return false;
}

/* ---- each of them ---- */

static void workflows(struct after *a)
{
	const json_t *removed = pl_json_get(a->u->release, "changes.workflows.removed");
	json_t *names, *workflow;
	unsigned count = 0;
	size_t i;

	if (!is_replaced(a, designer))
		return;
	names = changed(a);
	if (tells(a))
		json_array_foreach(fact(a, "designer.workflows"), i, workflow) {
			const char *name = text(workflow, "name");

			if (!is_changed(names, name))
				continue;
			count++;
			if (!is_customised(a, name)) {
				saw(a, PASS, "%s is replaced, and what runs goes on", name);
				continue;
			}
			saw(a, WARN,
			    "%s was customised, and stays; the release's version is laid beside it",
			    name);
			advise(a,
			       "compare them afterwards ('pelago workflow export %s'), then "
			       "'pelago workflow deploy %s VERSION'",
			       name, name);
		}
	json_array_foreach(removed, i, workflow) {
		saw(a, PASS, "%s is in the release no more, and goes unless a rule leads to it",
		    json_string_value(workflow));
	}
	if (a->result == PASS && count == 0 && json_array_size(removed) == 0)
		saw(a, PASS, "no workflow has changed");
	saw(a, PASS, "task bundles: not deployed; tasks come with %s", designer);
	if (json_is_null(names) || json_array_size(names) > 0 || json_array_size(removed) > 0)
		step(a, "workflows-replace", "",
		     json_pack("{s:O,s:o}", "names", names, "removed",
			       removed ? json_deep_copy(removed) : json_array()),
		     "Workflows of %s in the place of those of before",
		     text(a->u->release, "version"));
	json_decref(names);
}

/* The newest version of each has to be deployed, now and when the release's came beside it. */
static void transfer_rules(struct after *a)
{
	json_t *rule;
	bool is_told;
	size_t i, count;

	if (!is_replaced(a, designer))
		return;
	is_told = tells(a);
	json_array_foreach(fact(a, "designer.recreate"), i, rule) {
		const char *workflow = text(rule, "workflow");
		char words[140];

		if (json_is_true(json_object_get(rule, "ready")) && !is_customised(a, workflow))
			continue;
		saw(a, INHIBIT, "rule %s leads to %s, whose newest version %s", text(rule, "id"),
		    workflow,
		    json_is_true(json_object_get(rule, "ready"))
			    ? "will be the release's, and not deployed"
			    : "isn't deployed");
		if (!json_is_true(json_object_get(rule, "ready"))) {
			snprintf(words, sizeof(words), "workflow deploy %s", workflow);
			mend(a, words);
		}
		mend(a, "rule recreate");
	}
	count = json_array_size(fact(a, "designer.recreate"));
	if (is_told && count == 0)
		saw(a, PASS, "none is of %s", old_event);
	else if (a->result == PASS)
		saw(a, PASS, "%zu of %s", count, old_event);
	if (!is_told || count > 0)
		step(a, "rules-recreate", "", json_object(), "Rules of %s under the name of today",
		     old_event);
}

static void profiles(struct after *a)
{
	bool rolls = strcmp(text(a->u->request, "mode"), "rolling") == 0;
	const json_t *out = fact(a, "unprofiled");
	json_t *item;
	size_t i;

	json_array_foreach(out, i, item) {
		saw(a, PASS, "%s goes back into %s", text(item, "service"), text(item, "profile"));
	}
	if (json_array_size(out) == 0)
		saw(a, PASS, "nothing was taken out");
	if (!rolls || json_array_size(out) > 0)
		step(a, "profiles-restore", "", json_object(), "Service profiles as they were");
}

static void rule_targets(struct after *a)
{
	unsigned count = 0;
	json_t *names, *rule;
	bool is_told;
	size_t i;

	if (!is_replaced(a, designer))
		return;
	names = changed(a);
	is_told = tells(a);
	json_array_foreach(fact(a, "designer.pinned"), i, rule) {
		const char *name = text(rule, "workflow");

		if (!is_changed(names, name) || is_customised(a, name))
			continue;
		count++;
		saw(a, PASS, "rule %s names version %lld of %s, and goes on to the release's",
		    text(rule, "id"),
		    (long long)json_integer_value(json_object_get(rule, "version")), name);
	}
	if (is_told && count == 0)
		saw(a, PASS, "no rule names a version that is replaced");
	saw(a, PASS, "attributes keep their values");
	if (count > 0 || !is_told)
		step(a, "rules-aim", "", json_pack("{s:O}", "names", names),
		     "Rules that name a workflow of before lead to that of %s",
		     text(a->u->release, "version"));
	json_decref(names);
}

/* A host's processes show one certificate: it is refreshed once on each host that runs the service.
 */
static void identity(struct after *a)
{
	const char *cluster;
	json_t *node, *hosts;
	size_t i;

	if (!is_replaced(a, authorization))
		return;
	cluster = text(pl_json_find(fact(a, "services"), "name", authorization), "cluster");
	hosts = json_array();
	json_array_foreach(fact(a, "nodes"), i, node) {
		const char *name = text(node, "name"), *serial = text(node, "identity");

		if (strcmp(text(node, "cluster"), cluster) != 0 ||
		    pl_json_has(hosts, text(node, "host")))
			continue;
		json_array_append_new(hosts, json_string(text(node, "host")));
		if (!*serial) {
			saw(a, WARN, "%s doesn't tell its certificate", name);
			advise(a, "afterwards 'pelago certificate renew --node %s'", name);
			continue;
		}
		saw(a, PASS, "refreshed on the host of %s", name);
		step(a, "certify", name,
		     json_pack("{s:s,s:s,s:s}", "node", name, "name", "identity", "serial", serial),
		     "Another identity certificate for %s on the host of %s", authorization, name);
	}
	json_decref(hosts);
}

static void database(struct after *a)
{
	saw(a, PASS,
	    "not deployed: CustomerControllerService has no other database than its own; "
	    "transcripts go to OCPDataServices");
}

/* ---- all of them ---- */

static const struct row {
	const char *key;
	void (*fn)(struct after *a);
	const char *title, *why;
} rows[] = {
#define AFTER(key, fn, title, why) { key, fn, title, why },
#include "engines/upgrade/after.h"
#undef AFTER
};

static json_t *one(const struct row *row, const struct upgrade *u)
{
	struct after a = { .u = u, .commands = json_array(), .steps = json_array() };

	row->fn(&a);
	return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:o,s:o}", "key", row->key, "title", row->title,
			 "result", result_texts[a.result], "seen", a.seen, "why", row->why, "fix",
			 a.fix, "commands", a.commands, "steps", a.steps);
}

json_t *upgrade_afterwards(const struct upgrade *upgrade)
{
	json_t *all = json_array();

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		json_array_append_new(all, one(&rows[i], upgrade));
	return all;
}
