/*
 * upgrade_facts.c — what the manager knows that matters to an upgrade.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alarm.h"
#include "attribute.h"
#include "eventing.h"
#include "interface.h"
#include "pelago/json.h"
#include "pelago/version.h"
#include "platform/setup/setup.h"
#include "plans.h"
#include "profile.h"
#include "release.h"
#include "replication.h"
#include "upgrade.h"

static json_t *clusters(void)
{
	json_t *list = json_array();

	for (const struct cluster *c = model.clusters; c; c = c->next)
		json_array_append_new(list, json_pack("{s:s,s:s,s:b,s:b}", "name", c->name, "kind",
						      c->kind, "accepting", c->is_accepting,
						      "stopped", c->is_stopped));
	return list;
}

static json_t *node_fact(struct pl_turn *turn, struct node *n)
{
	static const char *const members[] = { "arch",	  "processors", "memoryMiB",
					       "freeMiB", "clockMs",	"certificateDays" };
	const json_t *report = report_get(n->name, NULL), *host = json_object_get(report, "host");
	json_t *view = view_node(n), *certificate;
	const char *identity = "";
	size_t k;
	json_t *fact = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:b}", "name", n->name, "cluster",
				 n->cluster->name, "host", n->is_joined ? n->name : "manager",
				 "state", pl_json_get_text(view, "state"), "version",
				 pl_json_get_text(report, "version"), "replication",
				 replication_state(n, pl_turn_now_ms(turn)), "edge",
				 json_is_true(json_object_get(report, "edge")));

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		json_t *value = json_object_get(host, members[i]);

		json_object_set(fact, members[i], value ? value : json_null());
	}
	json_array_foreach(json_object_get(report, "certificates"), k, certificate) {
		if (strcmp(pl_json_get_text(certificate, "name"), "identity") == 0)
			identity = pl_json_get_text(certificate, "serial");
	}
	json_object_set_new(fact, "identity", json_string(identity));
	json_object_set_new(fact, "confirmedSeconds",
			    n->confirmed_ms
				    ? json_integer((pl_turn_now_ms(turn) - n->confirmed_ms) / 1000)
				    : json_null());
	json_decref(view);
	return fact;
}

static json_t *nodes(struct pl_turn *turn)
{
	json_t *list = json_array();

	for (const struct cluster *c = model.clusters; c; c = c->next) /* those of one together */
		for (struct node *n = model.nodes; n; n = n->next)
			if (n->cluster == c)
				json_array_append_new(list, node_fact(turn, n));
	return list;
}

static json_t *services(void)
{
	json_t *list = json_array();

	for (const struct placed *s = model.services; s; s = s->next) {
		json_t *view = view_service(s),
		       *requires = json_object_get(s->manifest, "requires"),
		       *reads = json_object_get(s->manifest, "reads");

		json_array_append_new(
			list, json_pack("{s:s,s:s,s:s,s:s,s:s,s:o,s:o}", "name", s->name, "version",
					s->version, "hash", s->hash, "cluster", s->cluster->name,
					"state", pl_json_get_text(view, "state"), "requires",
					requires ? json_incref(requires) : json_array(), "reads",
					reads ? json_incref(reads) : json_array()));
		json_decref(view);
	}
	return list;
}

static json_t *bundles(void)
{
	json_t *list = json_array();

	for (const struct loaded *b = model.bundles; b; b = b->next)
		json_array_append_new(
			list, json_pack("{s:s,s:s}", "name", b->name, "version", b->version));
	return list;
}

static json_t *profiles(void)
{
	json_t *list = json_array(), *profile, *version;
	const char *name, *service;

	json_object_foreach(profiles_all(), name, profile) {
		json_t *names = json_array();

		json_object_foreach(json_object_get(profile, "services"), service, version) {
			json_array_append_new(names, json_string(service));
		}
		json_array_append_new(list,
				      json_pack("{s:s,s:o}", "name", name, "services", names));
	}
	return list;
}

static json_t *attributes(void)
{
	json_t *list = json_array(), *record;
	const char *name;

	json_object_foreach(values_all(), name, record) {
		json_array_append_new(list, json_pack("{s:s,s:s,s:s,s:s}", "service",
						      pl_json_get_text(record, "service"), "key",
						      pl_json_get_text(record, "key"), "level",
						      pl_json_get_text(record, "level"), "place",
						      pl_json_get_text(record, "place")));
	}
	return list;
}

static json_t *alarms(void)
{
	json_t *list = json_array();

	for (const struct alarm *a = open_alarms; a; a = a->next)
		json_array_append_new(list,
				      json_sprintf("%s:%s:%s", a->key, a->source, a->subject));
	return list;
}

static json_t *releases(void)
{
	json_t *list = json_array();

	for (const struct release *r = releases_first(); r; r = r->next)
		json_array_append(list, r->manifest);
	return list;
}

static json_t *acknowledged(struct pl_turn *turn)
{
	struct pl_rows *rows = pl_query(turn, "select version from upgrade_note", "");
	json_t *list = json_array();

	while (pl_rows_next(rows))
		json_array_append_new(list, json_string(pl_rows_text(rows, 0)));
	pl_rows_free(rows);
	return list;
}

static json_t *unprofiled(struct pl_turn *turn)
{
	struct pl_rows *rows = pl_query(
		turn, "select profile, service from upgrade_profile order by profile, service", "");
	json_t *list = json_array();

	while (pl_rows_next(rows))
		json_array_append_new(list, json_pack("{s:s,s:s}", "profile", pl_rows_text(rows, 0),
						      "service", pl_rows_text(rows, 1)));
	pl_rows_free(rows);
	return list;
}

/* {"nats-server": its version, "postgresql": where it is the store}. */
static json_t *companions(struct pl_turn *turn, bool is_postgres)
{
	json_t *list = json_object();
	const char *broker = eventing_version();
	struct pl_rows *rows;

	if (*broker)
		json_object_set_new(list, "nats-server", json_string(broker));
	if (!is_postgres)
		return list;
	rows = pl_query(turn, "select current_setting('server_version')", "");
	if (pl_rows_next(rows)) { /* "15.14 (Debian …)": as a version of three numbers */
		int major = 0, minor = 0;

		sscanf(pl_rows_text(rows, 0), "%6d.%6d", &major, &minor);
		json_object_set_new(list, "postgresql", json_sprintf("%d.%d.0", major, minor));
	}
	pl_rows_free(rows);
	return list;
}

static json_t *known(const json_t *asked, const char *what)
{
	json_t *value = json_object_get(asked, what);

	return value ? json_incref(value) : json_null();
}

json_t *upgrade_facts(struct pl_turn *turn, const json_t *asked)
{
	struct upgrade_last last;
	struct setup *setup = NULL;
	bool has_last = upgrade_last_read(&last, turn) == PL_OK;
	bool is_known = setup_read(&setup, pl_service_data(pl_turn_service(turn))) == PL_OK;
	bool is_postgres = is_known && strncmp(setup->store, "postgresql:", 11) == 0;
	json_t *facts = json_pack(
		"{s:b,s:s,s:i,s:s,s:s,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}",
		"demo", is_known && setup->is_demo, "version", pl_version, "level", model.level,
		"plan", plans_running() ? plans_running() : "", "upgrade",
		has_last ? last.state : "", "clusters", clusters(), "nodes", nodes(turn),
		"services", services(), "bundles", bundles(), "profiles", profiles(), "attributes",
		attributes(), "companions", companions(turn, is_postgres), "alarms", alarms(),
		"acknowledged", acknowledged(turn), "releases", releases(), "unprofiled",
		unprofiled(turn), "uses", interfaces_used(turn), "work", known(asked, "work"),
		"designer", known(asked, "designer"));

	if (has_last)
		upgrade_last_fini(&last);
	setup_free(setup);
	return facts;
}

/* ---- what only services know ---- */

/* Of what is under way operations list a page: more than a page is as good as many. */
static const struct question {
	const char *service, *operation, *state;
	const char *fact, *what; /* what: a number of the fact; NULL: the reply is the fact */
} questions[] = {
	{ "UnifiedAgentController", "agents", NULL, "work", "agents" },
	{ "UCMService", "contacts", "opened", "work", "contacts" },
	{ "UCMService", "contacts", "queued", "work", "contacts" },
	{ "UCMService", "contacts", "offered", "work", "contacts" },
	{ "UCMService", "contacts", "active", "work", "contacts" },
	{ "EngagementDesigner", "replaceable", NULL, "designer", NULL },
};

enum { QUESTIONS = sizeof(questions) / sizeof(questions[0]) };

struct asking {
	struct asking *next;
	char id[27];
	upgrade_asked_fn *fn;
	struct pl_held *held;
	json_t *context;
	int open;
};
static struct asking *askings;

static enum pl_err finish(struct pl_turn *turn, struct asking *a)
{
	struct asking **at = &askings;
	enum pl_err err;

	while (*at != a)
		at = &(*at)->next;
	*at = a->next;
	err = a->fn(turn, a->held, a->context);
	if (err)
		pl_reply_error(turn, a->held, err, pl_err_detail(err));
	json_decref(a->context);
	free(a);
	return PL_OK;
}

/* Adds up what is counted; once one doesn't answer, the fact isn't known. */
static void take(json_t *context, const struct question *q, const struct pl_answer *answer)
{
	const json_t *items = pl_json_get(answer->body, "body.items");
	json_t *fact = json_object_get(context, q->fact);

	if (answer->err || (q->what && !json_is_array(items)))
		json_object_set_new(context, q->fact, json_null());
	else if (!q->what)
		json_object_set_new(context, q->fact, json_deep_copy(answer->body));
	else if (json_is_object(fact))
		json_object_set_new(
			fact, q->what,
			json_integer(json_integer_value(json_object_get(fact, q->what)) +
				     (json_int_t)json_array_size(items)));
}

static enum pl_err on_answer(struct pl_turn *turn, const struct pl_answer *answer)
{
	const char *id = pl_json_get_text(answer->context, "id");
	json_int_t n = json_integer_value(json_object_get(answer->context, "question"));
	struct asking *a = askings;

	while (a && strcmp(a->id, id) != 0)
		a = a->next;
	if (!a)
		return PL_OK;
	take(a->context, &questions[n], answer);
	return --a->open > 0 ? PL_OK : finish(turn, a);
}

static bool is_installed(const char *service)
{
	for (const struct placed *s = model.services; s; s = s->next)
		if (strcmp(s->name, service) == 0)
			return true;
	return false;
}

static bool is_asked(const struct question *q, bool asks_work)
{
	return q->what ? asks_work : is_installed(q->service);
}

static void put(struct pl_turn *turn, struct asking *a, int n)
{
	char operation[100];

	snprintf(operation, sizeof(operation), "%s.%s", questions[n].service,
		 questions[n].operation);
	pl_ask(turn, operation,
	       json_pack("{s:s,s:{s:s,s:s*}}", "method", "GET", "query", "limit", "200", "state",
			 questions[n].state),
	       on_answer, NULL, json_pack("{s:s,s:i}", "id", a->id, "question", n));
}

enum pl_err upgrade_ask(struct pl_turn *turn, upgrade_asked_fn *fn, json_t *context, bool asks_work)
{
	struct asking *a = calloc(1, sizeof(*a));

	if (!a) {
		json_decref(context);
		return PL_NOMEM;
	}
	pl_id(a->id);
	a->fn = fn;
	a->context = context;
	if (asks_work)
		json_object_set_new(context, "work",
				    json_pack("{s:i,s:i}", "agents", 0, "contacts", 0));
	a->held = pl_hold(turn);
	a->next = askings;
	askings = a;
	for (int i = 0; i < QUESTIONS; i++)
		a->open += is_asked(&questions[i], asks_work);
	if (a->open == 0)
		return finish(turn, a);
	for (int i = 0; i < QUESTIONS; i++)
		if (is_asked(&questions[i], asks_work))
			put(turn, a, i);
	return PL_OK;
}
