/*
 * upgrade_test.c — each check fires; plans have the order that they should, and load.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "engines/plan/plan.h"
#include "engines/upgrade/upgrade.h"
#include "engines/upgrade/words.h"
#include "pelago/json.h"

static const char facts_text[] =
	"{'demo': false, 'version': '0.1.0', 'level': 1, 'plan': '',"
	" 'upgrade': '', 'alarms': ['disk.low:a'], 'acknowledged': ['0.2.0', '0.3.0'],"
	" 'clusters': [{'name': 'C1', 'kind': '1', 'accepting': false},"
	"  {'name': 'C2', 'kind': '2', 'accepting': false},"
	"  {'name': 'P', 'kind': 'provisioning', 'accepting': false}],"
	" 'nodes': ["
	"  {'name': 'n1', 'cluster': 'C1', 'host': 'h1', 'state': 'Stable', 'version': '0.1.0',"
	"   'arch': 'x86_64', 'processors': 4, 'memoryMiB': 8000, 'freeMiB': {'/': 9000,"
	"   '/var': 9000, 'data': 9000}, 'clockMs': 3, 'certificateDays': 300,"
	"   'replication': 'Synchronized', 'confirmedSeconds': 1, 'edge': true},"
	"  {'name': 'n2', 'cluster': 'C1', 'host': 'h2', 'state': 'Stable', 'version': '0.1.0',"
	"   'arch': 'x86_64', 'processors': 4, 'memoryMiB': 8000, 'freeMiB': {'/': 9000,"
	"   '/var': 9000, 'data': 9000}, 'clockMs': 3, 'certificateDays': 300,"
	"   'replication': 'Synchronized', 'confirmedSeconds': 1, 'edge': false},"
	"  {'name': 'n3', 'identity': '5E', 'cluster': 'C2', 'host': 'h1', 'state': 'Stable', 'version': '0.1.0',"
	"   'arch': 'x86_64', 'processors': 4, 'memoryMiB': 8000, 'freeMiB': {'/': 9000,"
	"   '/var': 9000, 'data': 9000}, 'clockMs': 3, 'certificateDays': 300,"
	"   'replication': 'Synchronized', 'confirmedSeconds': 1, 'edge': true},"
	"  {'name': 'n4', 'cluster': 'P', 'host': 'h1', 'state': 'Stable', 'version': '0.1.0',"
	"   'arch': 'x86_64', 'processors': 4, 'memoryMiB': 8000, 'freeMiB': {'/': 9000,"
	"   '/var': 9000, 'data': 9000}, 'clockMs': 3, 'certificateDays': 300,"
	"   'replication': 'Synchronized', 'confirmedSeconds': 1, 'edge': true}],"
	" 'services': ["
	"  {'name': 'UCMService', 'version': '0.1.0', 'hash': 'u1', 'cluster': 'C1',"
	"   'state': 'Installed', 'requires': ['UCAStoreService']},"
	"  {'name': 'UCAStoreService', 'version': '0.1.0', 'hash': 's1', 'cluster': 'C1',"
	"   'state': 'Installed'},"
	"  {'name': 'AutomationController', 'version': '0.1.0', 'hash': 'w1', 'cluster': 'C1',"
	"   'state': 'Installed'},"
	"  {'name': 'AuthorizationService', 'version': '0.1.0', 'hash': 'a1', 'cluster': 'C2',"
	"   'state': 'Installed'},"
	"  {'name': 'Another', 'version': '7.0.0', 'hash': 'x1', 'cluster': 'C2',"
	"   'state': 'Installed'},"
	"  {'name': 'SolutionConfiguration', 'version': '0.1.0', 'hash': 'c1', 'cluster': 'P',"
	"   'state': 'Installed'}],"
	" 'bundles': [{'name': 'UCMService', 'version': '0.1.0'},"
	"  {'name': 'UCMService', 'version': '0.2.0'},"
	"  {'name': 'SolutionConfiguration', 'version': '0.0.9'}],"
	" 'profiles': [{'name': 'Basic', 'services': ['UCMService']}],"
	" 'attributes': [{'service': 'UCMService', 'key': 'offer', 'level': 'global',"
	"  'place': ''}],"
	" 'companions': {'nats-server': '2.9.10'}, 'work': {'agents': 0, 'contacts': 0},"
	" 'uses': [{'interface': 'GET /x', 'kind': 'client', 'origin': '', 'agent': 'curl/8.5.0',"
	"  'user': 'ann', 'version': '0.1.0', 'firstMs': 1, 'lastMs': 2}],"
	" 'releases': []}";

static const char release_text[] =
	"{'kind': 'release', 'name': 'pelago', 'version': '0.2.0', 'arch': 'x86_64',"
	" 'sources': ['0.0', '0.1', '0.2'],"
	" 'platform': [{'arch': 'x86_64', 'file': 'platform-0.2.0-x86_64.zip', 'size': 100,"
	"  'sha256': 'p2'}],"
	" 'services': [{'name': 'UCMService', 'version': '0.2.0', 'sha256': 'u2'},"
	"  {'name': 'UCAStoreService', 'version': '0.2.0', 'sha256': 's2'},"
	"  {'name': 'AutomationController', 'version': '0.2.0', 'sha256': 'w2'},"
	"  {'name': 'AuthorizationService', 'version': '0.2.0', 'sha256': 'a2'},"
	"  {'name': 'Unused', 'version': '0.2.0', 'sha256': 'y2'},"
	"  {'name': 'SolutionConfiguration', 'version': '0.2.0', 'sha256': 'c2'}],"
	" 'minimum': {'processors': 2, 'memoryMiB': 2000,"
	"  'freeMiB': {'/': 100, '/var': 100, 'demo': 50}},"
	" 'companions': [{'name': 'nats-server', 'version': '2.9.0'}],"
	" 'changes': {'attributes': {'added': [], 'changed': [], 'removed': []}}}";

static const char request_text[] =
	"{'mode': 'window', 'group': 1, 'configuration': 'DigitalOnly-100', 'options': ['Chat']}";

static json_t *facts, *release, *request;

/* JSON with single quotes, which need no escaping here. */
static json_t *parse(const char *text)
{
	static char copy[8000];
	json_t *value;
	json_error_t error;

	snprintf(copy, sizeof(copy), "%s", text);
	for (char *at = copy; *at; at++)
		if (*at == '\'')
			*at = '"';
	value = json_loads(copy, JSON_DECODE_ANY, &error);
	if (!value)
		fail_msg("%s: %s", error.text, text);
	return value;
}

static int begin(void **state)
{
	(void)state;
	facts = parse(facts_text);
	release = parse(release_text);
	request = parse(request_text);
	return 0;
}

static int end(void **state)
{
	(void)state;
	json_decref(facts);
	json_decref(release);
	json_decref(request);
	return 0;
}

static struct upgrade upgrade(void)
{
	return (struct upgrade){ facts, release, request };
}

/* Sets a member at a path "nodes.0.state"; NULL: takes it out. */
static void set(json_t *object, const char *path, const char *value)
{
	char copy[100], *rest = copy, *word, *next;

	snprintf(copy, sizeof(copy), "%s", path);
	word = strsep(&rest, ".");
	for (; (next = strsep(&rest, ".")); word = next)
		object = json_is_array(object) ? json_array_get(object, (size_t)(word[0] - '0'))
					       : json_object_get(object, word);
	assert_non_null(object);
	if (!value)
		json_object_del(object, word);
	else if (json_is_array(object))
		json_array_append_new(object, parse(value));
	else
		json_object_set_new(object, word, parse(value));
}

static const json_t *find(const json_t *checks, const char *key)
{
	json_t *item;
	size_t i;

	json_array_foreach(checks, i, item) {
		if (strcmp(pl_json_get_text(item, "key"), key) == 0)
			return item;
	}
	fail_msg("there is no check %s", key);
	return NULL;
}

/* UPG-10 */
static void all_is_well(void **state)
{
	struct upgrade u = upgrade();
	json_t *checks = upgrade_check(&u), *item;
	size_t i;

	(void)state;
	assert_int_equal(upgrade_inhibits(checks), 0);
	json_array_foreach(checks, i, item) {
		bool warns = strcmp(pl_json_get_text(item, "result"), "warn") == 0;
		const char *key = pl_json_get_text(item, "key");

		assert_true(*pl_json_get_text(item, "seen"));
		assert_true(*pl_json_get_text(item, "why"));
		assert_int_equal(warns, *pl_json_get_text(item, "fix") != '\0');
		assert_int_equal(warns,
				 strcmp(key, "backups") == 0 || strcmp(key, "snapshots") == 0);
	}
	json_decref(checks);
}

#define OF_FACTS   'f'
#define OF_RELEASE 'r'
#define OF_REQUEST 'q'

/* What makes each check fire: a change of one of the three. */
static const struct {
	const char *key;
	char of;
	const char *path, *value, *result, *says;
	const char *command; /* the first one that mends it, or NULL */
} fires[] = {
	{ "path", OF_FACTS, "version", "'0.2.0'", "inhibit", "0.2.0 is here already", NULL },
	{ "path", OF_FACTS, "version", "'0.3.1'", "inhibit", "0.3.1 is here already", NULL },
	{ "path", OF_FACTS, "version", "'1.1.0'", "inhibit", "is here already", NULL },
	{ "path", OF_RELEASE, "version", "'1.0.0'", "inhibit", "doesn't take over from 0.1.0",
	  NULL },
	{ "path", OF_RELEASE, "sources", "['0.0']", "inhibit", "doesn't take over from 0.1.0",
	  NULL },
	{ "path", OF_RELEASE, "version", "'new'", "inhibit", "no versions", NULL },
	{ "plans", OF_FACTS, "plan", "'P1'", "inhibit", "plan P1 runs", NULL },
	{ "plans", OF_FACTS, "upgrade", "'upgraded'", "inhibit", "isn't finalized",
	  "upgrade finalize --yes" },
	{ "plans", OF_FACTS, "upgrade", "'failed'", "inhibit", "failed", NULL },
	{ "options", OF_REQUEST, "options", "[]", "inhibit",
	  "Chat (AutomationController) is installed", NULL },
	{ "options", OF_REQUEST, "options", "['Chat', 'SMS']", "warn", "SMS was named, but", NULL },
	{ "options", OF_REQUEST, "configuration", "'Combined-100'", "warn", "VoiceService isn't",
	  NULL },
	{ "options", OF_REQUEST, "options", "['Chat', 'CRMgateway']", "warn", "CRMgateway", NULL },
	{ "release-notes", OF_FACTS, "acknowledged", "['0.1.0']", "inhibit", "nobody",
	  "upgrade acknowledge 0.2.0 --yes" },
	{ "nodes-stable", OF_FACTS, "nodes.1.state", "'Up'", "inhibit", "n2 is Up", NULL },
	{ "nodes-stable", OF_FACTS, "nodes.0.state", "'Unreachable'", "inhibit",
	  "n1 is Unreachable", NULL },
	{ "replication", OF_FACTS, "nodes.0.replication", "'Audit'", "inhibit", "n1 is Audit",
	  "replication resync n1" },
	{ "replication", OF_FACTS, "nodes.0.replication", "'Stale'", "inhibit", "n1 is Stale",
	  "replication resync n1" },
	{ "replication", OF_FACTS, "nodes.1.confirmedSeconds", "301", "inhibit", "over 300 s",
	  "replication resync n2" },
	{ "replication", OF_FACTS, "nodes.1.confirmedSeconds", "null", "inhibit", "over 300 s",
	  "replication resync n2" },
	{ "services", OF_FACTS, "services.0.state", "'Failed'", "inhibit",
	  "UCMService in C1 is Failed", NULL },
	{ "services", OF_FACTS, "services", "[]", "inhibit", "no service", NULL },
	{ "loaded-versions", OF_FACTS, "bundles.9", "{'name': 'UCMService', 'version': '0.0.9'}",
	  "inhibit", "UCMService 0.0.9 is loaded beside 0.1.0",
	  "service delete UCMService@0.0.9 --yes" },
	{ "service-profiles", OF_FACTS, "profiles.0.services.9", "'EngagementDesigner'", "inhibit",
	  "is in the profile Basic", "upgrade unprofile Basic EngagementDesigner --yes" },
	{ "service-profiles", OF_FACTS, "profiles.0.services.9", "'MobileCommunications'",
	  "inhibit", "is in the profile Basic",
	  "upgrade unprofile Basic MobileCommunications --yes" },
	{ "node-versions", OF_FACTS, "nodes.1.version", "'0.0.9'", "inhibit", "n2 is 0.0.9", NULL },
	{ "disk", OF_FACTS, "nodes.0.freeMiB./", "3583", "inhibit", "n1 has 3583 MiB free on /",
	  NULL },
	{ "disk", OF_FACTS, "nodes.1.freeMiB./var", "4095", "inhibit", "on /var, 4096 are", NULL },
	{ "disk", OF_RELEASE, "minimum.freeMiB./", "9001", "inhibit", "9001 are needed", NULL },
	{ "disk", OF_FACTS, "nodes.0.freeMiB", "{}", "warn", "doesn't tell", NULL },
	{ "hardware", OF_RELEASE, "minimum.processors", "5", "inhibit", "n1 has 4 processors",
	  NULL },
	{ "hardware", OF_RELEASE, "minimum.memoryMiB", "8001", "inhibit", "8001 are needed", NULL },
	{ "hardware", OF_FACTS, "nodes.0.arch", "'aarch64'", "inhibit", "n1 is a aarch64", NULL },
	{ "interoperability", OF_FACTS, "companions.nats-server", "'2.8.9'", "inhibit",
	  "nats-server is 2.8.9, at least 2.9.0", NULL },
	{ "attributes", OF_RELEASE, "changes.attributes.removed", "['UCMService.offer']", "inhibit",
	  "UCMService.offer is set", NULL },
	{ "attributes", OF_RELEASE, "changes.attributes.changed", "['UCMService.offer']", "warn",
	  "has changed", NULL },
	{ "interfaces", OF_RELEASE, "changes",
	  "{'attributes': {}, 'interfaces': {'removed': ['GET /x'], 'changed': [], 'added': []}}",
	  "warn", "GET /x is removed, and used by curl/8.5.0, user ann", NULL },
	{ "certificates", OF_FACTS, "nodes.0.certificateDays", "29", "inhibit",
	  "n1 ends in 29 days", NULL },
	{ "clocks", OF_FACTS, "nodes.1.clockMs", "1001", "inhibit", "n2 is 1001 ms off", NULL },
	{ "clocks", OF_FACTS, "nodes.1.clockMs", "-1001", "inhibit", "n2 is -1001 ms off", NULL },
	{ "draining", OF_FACTS, "work.agents", "2", "inhibit", "2 agents are logged in", NULL },
	{ "draining", OF_FACTS, "work.contacts", "3", "inhibit", "3 contacts", NULL },
	{ "draining", OF_FACTS, "work", "null", "inhibit", "don't tell", NULL },
	{ "draining", OF_FACTS, "clusters.0.accepting", "true", "inhibit", "C1 is Accepting",
	  "cluster deny C1 --yes" },
};

/* UPG-2 UPG-10 */
static void each_check_fires(void **state)
{
	for (size_t i = 0; i < sizeof(fires) / sizeof(fires[0]); i++) {
		struct upgrade u;
		const json_t *check, *command;
		json_t *checks;

		end(state);
		begin(state);
		set(fires[i].of == OF_FACTS	? facts
		    : fires[i].of == OF_RELEASE ? release
						: request,
		    fires[i].path, fires[i].value);
		u = upgrade();
		checks = upgrade_check(&u);
		check = find(checks, fires[i].key);
		if (strcmp(pl_json_get_text(check, "result"), fires[i].result) != 0 ||
		    !strstr(pl_json_get_text(check, "seen"), fires[i].says))
			fail_msg("%s: %s: %s", fires[i].key, pl_json_get_text(check, "result"),
				 pl_json_get_text(check, "seen"));
		command = json_array_get(json_object_get(check, "commands"), 0);
		if (fires[i].command)
			assert_string_equal(json_string_value(command), fires[i].command);
		else
			assert_null(command);
		assert_true(*pl_json_get_text(check, "fix"));
		assert_int_equal(upgrade_inhibits(checks) > 0,
				 strcmp(fires[i].result, "inhibit") == 0);
		json_decref(checks);
	}
}

/* UPG-8 UPG-10 */
static void what_rolling_looks_at(void **state)
{
	struct upgrade u;
	json_t *checks;

	(void)state;
	set(request, "mode", "'rolling'");
	set(facts, "clusters.0.accepting", "true");
	set(facts, "work", "{'agents': 20, 'contacts': 200}");
	set(facts, "profiles.0.services.9", "'EngagementDesigner'");
	u = upgrade();
	checks = upgrade_check(&u);
	assert_int_equal(upgrade_inhibits(checks), 0); /* people go on working */
	assert_string_equal(pl_json_get_text(find(checks, "cluster-states"), "result"), "warn");
	json_decref(checks);
	set(release, "version", "'0.3.0'");
	checks = upgrade_check(&u);
	assert_non_null(strstr(pl_json_get_text(find(checks, "path"), "seen"), "by way of 0.2"));
	json_decref(checks);
	set(facts, "releases.9", "{'version': '0.2.4'}");
	checks = upgrade_check(&u);
	assert_string_equal(pl_json_get_text(find(checks, "path"), "result"), "pass");
	json_decref(checks);
}

/* UPG-10 */
static void a_demo_needs_what_the_manifest_says(void **state)
{
	struct upgrade u;
	json_t *checks;

	(void)state;
	set(facts, "demo", "true");
	set(facts, "nodes.0.freeMiB", "{'/': 10, '/var': 10, 'data': 50}");
	u = upgrade();
	checks = upgrade_check(&u);
	assert_string_equal(pl_json_get_text(find(checks, "disk"), "result"), "pass");
	json_decref(checks);
	set(facts, "nodes.0.freeMiB.data", "49");
	checks = upgrade_check(&u);
	assert_string_equal(pl_json_get_text(find(checks, "disk"), "result"), "inhibit");
	json_decref(checks);
}

/* UPG-2 */
static void what_is_installed_is_proposed(void **state)
{
	json_t *options = upgrade_options(facts);

	(void)state;
	assert_int_equal(json_array_size(options), 1);
	assert_string_equal(json_string_value(json_array_get(options, 0)), "Chat");
	json_decref(options);
}

/* ---- plans ---- */

static enum pl_err nothing(void *world, struct plan_step *step)
{
	(void)world;
	(void)step;
	return PL_OK;
}

static const struct plan_action actions[] = {
	{ "rights", PLAN_COMPENSATING, .apply = nothing, .undo = nothing },
	{ "stage", PLAN_REVERSIBLE, .apply = nothing, .undo = nothing },
	{ "switch", PLAN_REVERSIBLE, .apply = nothing, .undo = nothing },
	{ "install", PLAN_REVERSIBLE, .apply = nothing, .undo = nothing },
	{ "drain", PLAN_REVERSIBLE, .apply = nothing, .undo = nothing },
	{ "remove", PLAN_REVERSIBLE, .apply = nothing, .undo = nothing },
	{ "forget", PLAN_REVERSIBLE, .apply = nothing, .undo = nothing },
	{ "gate", PLAN_REVERSIBLE, .apply = nothing, .undo = nothing },
	{ "release-bundles", PLAN_REVERSIBLE, .apply = nothing, .undo = nothing },
	{ "platform-fetch", PLAN_REVERSIBLE, .apply = nothing, .undo = nothing },
	{ "platform-node", PLAN_REVERSIBLE, .apply = nothing, .undo = nothing },
	{ "platform-edge", PLAN_REVERSIBLE, .apply = nothing, .undo = nothing },
	{ "platform-root", PLAN_REVERSIBLE, .apply = nothing, .undo = nothing },
	{ "platform-manager", PLAN_REVERSIBLE, .apply = nothing, .undo = nothing },
	{ "cluster-state", PLAN_REVERSIBLE, .apply = nothing, .undo = nothing },
	{ "attributes-record", PLAN_REVERSIBLE, .apply = nothing, .undo = nothing },
	{ "attributes-restore", PLAN_REVERSIBLE, .apply = nothing, .undo = nothing },
	{ "profiles-restore", PLAN_REVERSIBLE, .apply = nothing, .undo = nothing },
	{ "workflows-replace", PLAN_REVERSIBLE, .apply = nothing, .undo = nothing },
	{ "rules-recreate", PLAN_REVERSIBLE, .apply = nothing, .undo = nothing },
	{ "rules-aim", PLAN_REVERSIBLE, .apply = nothing, .undo = nothing },
	{ "certify", PLAN_REVERSIBLE, .apply = nothing, .undo = nothing },
	{ "bundles-forget", PLAN_PIVOT, .apply = nothing },
	{ "level-raise", PLAN_PIVOT, .apply = nothing },
	{ "platform-settle", PLAN_PIVOT, .apply = nothing },
	{ 0 },
};

/* The plan of a definition, run to its end; the caller frees it. */
static struct plan *run(json_t *definition)
{
	struct plan_clock clock = { 1000, 1000 };
	struct plan *plan = NULL;

	json_object_set_new(definition, "id", json_string("P"));
	if (plan_load(&plan, definition, actions) != PL_OK)
		fail_msg("%s", pl_err_detail(PL_INVALID));
	while (plan_advance(plan, NULL, clock)) {
		plan_stored(plan);
		clock.wall_ms++; /* so that the order can be seen */
	}
	assert_int_equal(plan->state, PLAN_DONE);
	json_decref(definition);
	return plan;
}

static struct plan *planned(void)
{
	struct upgrade u = upgrade();
	json_t *definition = NULL;

	if (upgrade_plan(&definition, &u) != PL_OK)
		fail_msg("%s", pl_err_detail(PL_STATE));
	return run(definition);
}

/* Each step ends before the next one begins. */
static void assert_order(const struct plan *plan, const char *const *ids)
{
	for (; ids[1]; ids++) {
		const struct plan_step *a = plan_step_find(plan, ids[0]),
				       *b = plan_step_find(plan, ids[1]);

		if (!a || !b)
			fail_msg("there is no step %s", a ? ids[1] : ids[0]);
		else if (a->ended_ms > b->started_ms)
			fail_msg("%s begins before %s ends", ids[1], ids[0]);
	}
}

/* UPG-8 UPG-11 UPG-12 */
static void rolling_goes_one_after_the_other(void **state)
{
	static const char *const order[] = {
		"platform-fetch:n1",
		"platform-manager",
		"gate:the manager",
		"platform-node:n1",
		"gate:n1",
		"platform-node:n2",
		"gate:n2",
		"platform-root:n1",
		"platform-root:n2",
		"release-bundles:0.2.0",
		"stage:UCMService:C1",
		"switch:UCAStoreService:n1",
		"gate:UCAStoreService:n1",
		"switch:UCAStoreService:n2",
		"install:UCAStoreService:C1",
		"gate:UCAStoreService",
		"install:SolutionConfiguration:P",
		"switch:UCMService:n1",
		"switch:UCMService:n2",
		"install:UCMService:C1",
		"gate:UCMService",
		"install:AuthorizationService:C2",
		"gate:AuthorizationService",
		"platform-edge:n1",
		"gate:the edges",
		NULL,
	};
	struct plan *plan;

	(void)state;
	set(request, "mode", "'rolling'");
	plan = planned();
	assert_order(plan, order);
	assert_true(plan->undoes_itself);
	assert_non_null(plan_step_find(plan, "platform-fetch:n2"));
	assert_null(plan_step_find(plan, "platform-fetch:n3")); /* n1's host has it */
	assert_null(plan_step_find(plan, "platform-edge:n2"));
	/* n1 may be on a host that joined: it doesn't speak for the manager's */
	assert_null(json_object_get(plan_step_find(plan, "platform-manager")->args, "node"));
	assert_null(plan_step_find(plan, "install:Another:C2")); /* the release has none */
	assert_null(plan_step_find(plan, "install:Unused:C1"));	 /* it isn't installed */
	for (unsigned i = 0; i < plan->steps_len; i++)
		assert_int_not_equal(plan->steps[i].action->kind, PLAN_PIVOT);
	plan_free(plan);
}

/* UPG-8 */
static void one_node_of_each_cluster_at_a_time(void **state)
{
	static const char *const orders[][6] = {
		/* n1, n2, n5 are of C1; n3 and n6 of C2; n4 of P */
		{ "gate:n1", "platform-node:n2", "gate:n2", "platform-node:n5", "gate:n5",
		  "platform-root:n1" },
		{ "gate:n1", "platform-node:n3", "gate:n3", "platform-node:n6", "gate:n6",
		  "platform-root:n1" },
		{ "gate:n1", "platform-node:n4", "gate:n4", "platform-node:n5", "platform-root:n1",
		  "platform-root:n2" },
	};
	static const char *const together[] = { "platform-node:n2", "platform-node:n3",
						"platform-node:n4", "platform-node:n5",
						"platform-node:n6" };
	json_int_t started[5];
	struct plan *plan;

	(void)state;
	set(request, "mode", "'rolling'");
	set(facts, "nodes.9", "{'name': 'n5', 'cluster': 'C1', 'host': 'h3', 'arch': 'x86_64'}");
	set(facts, "nodes.9", "{'name': 'n6', 'cluster': 'C2', 'host': 'h3', 'arch': 'x86_64'}");
	plan = planned();
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		const char *order[7] = { NULL };

		memcpy(order, orders[i], sizeof(orders[i]));
		assert_order(plan, order);
	}
	for (size_t i = 0; i < 5; i++)
		started[i] = plan_step_find(plan, together[i])->started_ms;
	assert_true(started[0] == started[1] && started[1] == started[2]);
	assert_true(started[3] == started[4]);
	plan_free(plan);
}

/* UPG-8 */
static void two_minors_roll_as_two_hops(void **state)
{
	static const char *const order[] = { "platform-manager",
					     "platform-root:n2",
					     "install:UCMService:C1",
					     "gate:the edges",
					     "level-raise:0.2.0",
					     "bundles-forget:0.1.0",
					     "platform-manager@0.3.0",
					     "platform-root:n2@0.3.0",
					     "release-bundles:0.3.0@0.3.0",
					     "install:UCMService:C1@0.3.0",
					     "gate:the edges@0.3.0",
					     NULL };
	struct upgrade u = upgrade();
	json_t *between = json_deep_copy(release), *definition = NULL;
	struct plan *plan;

	(void)state;
	set(request, "mode", "'rolling'");
	set(release, "version", "'0.3.0'");
	assert_int_equal(upgrade_plan(&definition, &u), PL_STATE); /* the one between isn't there */
	json_array_append_new(json_object_get(facts, "releases"), between);
	plan = planned();
	assert_order(plan, order);
	assert_string_equal(
		pl_json_get_text(plan_step_find(plan, "platform-root:n2")->args, "version"),
		"0.2.0");
	plan_free(plan);
	set(request, "mode", "'window'");
	plan = planned(); /* at once */
	assert_null(plan_step_find(plan, "level-raise:0.2.0"));
	plan_free(plan);
}

/* UPG-6 */
static void a_window_goes_out_and_in(void **state)
{
	static const char *const orders[][15] = {
		{ "attributes-record", "platform-manager", "drain:UCMService:C1",
		  "remove:UCMService:C1", "forget:UCMService:C1", "drain:UCAStoreService:C1",
		  "forget:UCAStoreService:C1", "drain:SolutionConfiguration:P",
		  "forget:SolutionConfiguration:P", "platform-node:n3", "platform-root:n2",
		  "stage:UCMService:C1", "install:SolutionConfiguration:P",
		  "install:UCAStoreService:C1" },
		{ "install:UCAStoreService:C1", "install:UCMService:C1", "attributes-restore",
		  "cluster-state:C1", "gate:the services" },
		{ "platform-node:n3", "install:AuthorizationService:C2" },
	};
	struct plan *plan;

	(void)state;
	set(facts, "clusters.1.accepting", "true");
	plan = planned();
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++)
		assert_order(plan, orders[i]);
	assert_false(plan->undoes_itself);
	/* the new one goes in before the old one comes out */
	assert_null(plan_step_find(plan, "forget:AuthorizationService:C2"));
	assert_string_equal(
		pl_json_get_text(plan_step_find(plan, "remove:UCMService:C1")->args, "version"),
		"0.1.0");
	assert_true(json_is_true(
		json_object_get(plan_step_find(plan, "cluster-state:C2")->args, "accepting")));
	assert_false(json_is_true(
		json_object_get(plan_step_find(plan, "cluster-state:C1")->args, "accepting")));
	plan_free(plan);
}

/* UPG-9 */
static void finalize_raises_the_level(void **state)
{
	static const char *const order[] = { "gate:the upgrade",     "level-raise:0.2.0",
					     "platform-settle:n2",   "bundles-forget:0.1.0",
					     "bundles-forget:0.1.5", NULL };
	json_t *definition = NULL;
	struct plan *plan;

	(void)state;
	set(facts, "bundles.9", "{'name': 'UCMService', 'version': '0.1.5'}"); /* of a hop */
	set(facts, "bundles.9", "{'name': 'Another', 'version': '0.1.6'}");
	assert_int_equal(upgrade_finalize(&definition, facts, release, "0.1.0"), PL_OK);
	plan = run(definition);
	assert_order(plan, order);
	assert_int_equal(json_integer_value(json_object_get(
				 plan_step_find(plan, "level-raise:0.2.0")->args, "level")),
			 2);
	assert_null(plan_step_find(plan, "bundles-forget:0.2.0"));
	assert_null(plan_step_find(plan, "bundles-forget:0.1.6")); /* another maker's */
	plan_free(plan);
}

static void services_that_require_each_other_in_a_ring(void **state)
{
	struct upgrade u = upgrade();
	json_t *definition = NULL;

	(void)state;
	set(facts, "services.1.requires", "['UCMService']");
	assert_int_equal(upgrade_plan(&definition, &u), PL_STATE);
	set(facts, "nodes", "[]");
	assert_int_equal(upgrade_plan(&definition, &u), PL_STATE);
}

static void versions(void **state)
{
	static const char *const rising[] = { "x",	  "0.1.0-rc.1", "0.1.0", "0.1.1", "0.2.0",
					      "0.10.0-a", "0.10.0",	"1.0.0", "10.0.0" };
	struct upgrade_version v;

	(void)state;
	for (int i = 0; i < 9; i++)
		for (int k = 0; k < 9; k++)
			assert_int_equal(upgrade_version_compare(rising[i], rising[k]),
					 (i > k) - (i < k));
	assert_false(upgrade_version_read(&v, ""));
	assert_false(upgrade_version_read(&v, "1.2"));
	assert_false(upgrade_version_read(&v, "1.2.3x"));
	assert_true(upgrade_version_read(&v, "1.22.3+7"));
	assert_int_equal(v.minor, 22);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(all_is_well, begin, end),
		cmocka_unit_test_setup_teardown(each_check_fires, begin, end),
		cmocka_unit_test_setup_teardown(what_rolling_looks_at, begin, end),
		cmocka_unit_test_setup_teardown(a_demo_needs_what_the_manifest_says, begin, end),
		cmocka_unit_test_setup_teardown(what_is_installed_is_proposed, begin, end),
		cmocka_unit_test_setup_teardown(rolling_goes_one_after_the_other, begin, end),
		cmocka_unit_test_setup_teardown(one_node_of_each_cluster_at_a_time, begin, end),
		cmocka_unit_test_setup_teardown(two_minors_roll_as_two_hops, begin, end),
		cmocka_unit_test_setup_teardown(a_window_goes_out_and_in, begin, end),
		cmocka_unit_test_setup_teardown(finalize_raises_the_level, begin, end),
		cmocka_unit_test_setup_teardown(services_that_require_each_other_in_a_ring, begin,
						end),
		cmocka_unit_test(versions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
