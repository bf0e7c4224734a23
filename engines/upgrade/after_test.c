/*
 * after_test.c — what comes after an upgrade: what is said of it, and its steps in their order.
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

#include "engines/upgrade/upgrade.h"
#include "pelago/json.h"

#define SERVICES                                                                                   \
	"[{'name':'EngagementDesigner','cluster':'C1'},"                                           \
	"{'name':'AuthorizationService','cluster':'C2'}]"
#define NODES                                                                                      \
	"'nodes':[{'name':'n1','cluster':'C1','host':'h1','identity':'11'},"                       \
	"{'name':'n2','cluster':'C2','host':'h1','identity':'11'},"                                \
	"{'name':'n3','cluster':'C2','host':'h2','identity':'22'},"                                \
	"{'name':'n4','cluster':'C2','host':'h1','identity':'11'}]"
#define CHAT(customised)                                                                           \
	"{'workflows':[{'name':'chat','version':1,'customised':" customised                        \
	"},{'name':'sms','version':1,'customised':false}],"                                        \
	"'pinned':[{'id':'R1','workflow':'chat','version':1},"                                     \
	"{'id':'R2','workflow':'sms','version':1}],"
#define FACTS(services, designer)                                                                  \
	"{'version':'0.1.0','unprofiled':[],'services':" services "," NODES                        \
	",'designer':" designer "}"
#define NONE_OLD    "'recreate':[]}"
#define OLD(ready)  "'recreate':[{'id':'R3','workflow':'chat','ready':" ready "}]}"
#define RELEASE(is) "{'version':'0.2.0','since':'0.1.0','services':" SERVICES ",'changes':{" is "}}"
#define CHANGED	    "'workflows':{'added':[],'changed':['chat'],'removed':[]}"
#define UNCHANGED   "'workflows':{'added':[],'changed':[],'removed':[]}"

static json_t *parse(const char *text)
{
	char copy[4000];
	json_t *value;

	assert_true(strlen(text) < sizeof(copy));
	snprintf(copy, sizeof(copy), "%s", text);
	for (char *at = copy; *at; at++)
		if (*at == '\'')
			*at = '"';
	value = json_loads(copy, 0, NULL);
	if (!value)
		fail_msg("no JSON: %s", text);
	return value;
}

static json_t *afterwards(const char *facts, const char *release, const char *mode)
{
	json_t *f = parse(facts), *r = parse(release), *q = json_pack("{s:s}", "mode", mode), *all;

	all = upgrade_afterwards(&(struct upgrade){ f, r, q });
	json_decref(f);
	json_decref(r);
	json_decref(q);
	return all;
}

static const json_t *find(const json_t *all, const char *key)
{
	json_t *item;
	size_t i;

	json_array_foreach(all, i, item) {
		if (strcmp(pl_json_get_text(item, "key"), key) == 0)
			return item;
	}
	fail_msg("there is no %s", key);
	return NULL;
}

/* "action:place " of all steps. */
static const char *steps_of(const json_t *all)
{
	static char text[500];
	json_t *item, *step;
	size_t i, k, len = 0;

	text[0] = '\0';
	json_array_foreach(all, i, item) {
		json_array_foreach(json_object_get(item, "steps"), k, step) {
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s:%s",
						len ? " " : "", pl_json_get_text(step, "action"),
						pl_json_get_text(step, "place"));
		}
	}
	return text;
}

/* UPG-62 */
static void steps_come_in_their_order(void **state)
{
	static const struct {
		const char *facts, *release, *mode, *steps;
	} rows[] = {
		{ FACTS(SERVICES, CHAT("false") OLD("true")), RELEASE(CHANGED), "window",
		  "workflows-replace: rules-recreate: profiles-restore: rules-aim: certify:n2 "
		  "certify:n3" },
		/* nothing has changed */
		{ FACTS(SERVICES, CHAT("false") NONE_OLD), RELEASE(UNCHANGED), "rolling",
		  "certify:n2 certify:n3" },
		/* neither is there */
		{ FACTS("[]", "null"), RELEASE(CHANGED), "rolling", "" },
		{ FACTS("[]", "null"), RELEASE(CHANGED), "window", "profiles-restore:" },
		/* a customised one keeps its rules */
		{ FACTS(SERVICES, CHAT("true") NONE_OLD), RELEASE(CHANGED), "rolling",
		  "workflows-replace: certify:n2 certify:n3" },
		/* it doesn't answer at the moment: what is to be done is found out then */
		{ FACTS(SERVICES, "null"), RELEASE(CHANGED), "rolling",
		  "workflows-replace: rules-recreate: rules-aim: certify:n2 certify:n3" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *all = afterwards(rows[i].facts, rows[i].release, rows[i].mode);

		assert_string_equal(steps_of(all), rows[i].steps);
		json_decref(all);
	}
}

/* UPG-62: the manifest's changes are those since another release than the one that is here. */
static void all_workflows_are_meant_where_the_manifest_cannot_tell(void **state)
{
	json_t *all = afterwards(FACTS(SERVICES, CHAT("false") NONE_OLD),
				 "{'version':'0.3.0','since':'0.2.0','services':" SERVICES
				 ",'changes':{" UNCHANGED "}}",
				 "rolling");
	const json_t *step = json_array_get(json_object_get(find(all, "workflows"), "steps"), 0);

	(void)state;
	assert_true(json_is_null(pl_json_get(step, "args.names")));
	assert_non_null(strstr(pl_json_get_text(find(all, "rule-targets"), "seen"), "rule R2"));
	json_decref(all);
}

/* UPG-62: each tells what it saw, and what a person has to do. */
static void what_is_seen(void **state)
{
	static const struct {
		const char *facts, *release, *key, *result, *says, *command;
	} rows[] = {
		{ FACTS(SERVICES, CHAT("false") NONE_OLD), RELEASE(CHANGED), "workflows", "pass",
		  "chat is replaced", NULL },
		{ FACTS(SERVICES, CHAT("false") NONE_OLD), RELEASE(CHANGED), "workflows", "pass",
		  "task bundles: not deployed", NULL },
		{ FACTS(SERVICES, CHAT("true") NONE_OLD), RELEASE(CHANGED), "workflows", "warn",
		  "chat was customised", NULL },
		{ FACTS(SERVICES, CHAT("true") NONE_OLD), RELEASE(UNCHANGED), "workflows", "pass",
		  "no workflow has changed", NULL },
		{ FACTS(SERVICES, CHAT("true") NONE_OLD),
		  RELEASE("'workflows':{'removed':['old']}"), "workflows", "pass",
		  "old is in the release no more", NULL },
		{ FACTS(SERVICES, "null"), RELEASE(CHANGED), "workflows", "warn", "doesn't tell",
		  NULL },
		{ FACTS("[]", "null"), RELEASE(CHANGED), "workflows", "pass", "not deployed",
		  NULL },
		{ FACTS(SERVICES, CHAT("false") NONE_OLD), RELEASE(CHANGED), "transfer-rules",
		  "pass", "none is of ROUTE_CONTACT_TRANSFER_TO_SERVICE", NULL },
		{ FACTS(SERVICES, CHAT("false") OLD("true")), RELEASE(CHANGED), "transfer-rules",
		  "pass", "1 of ROUTE_CONTACT_TRANSFER_TO_SERVICE", NULL },
		{ FACTS(SERVICES, CHAT("false") OLD("false")), RELEASE(CHANGED), "transfer-rules",
		  "inhibit", "rule R3 leads to chat", "workflow deploy chat" },
		{ FACTS(SERVICES, CHAT("true") OLD("true")), RELEASE(CHANGED), "transfer-rules",
		  "inhibit", "rule R3 leads to chat", "rule recreate" },
		{ FACTS(SERVICES, CHAT("false") NONE_OLD), RELEASE(CHANGED), "rule-targets", "pass",
		  "rule R1 names version 1 of chat", NULL },
		{ FACTS(SERVICES, CHAT("true") NONE_OLD), RELEASE(CHANGED), "rule-targets", "pass",
		  "no rule names", NULL },
		{ FACTS(SERVICES, CHAT("true") NONE_OLD), RELEASE(CHANGED), "identity-certificate",
		  "pass", "host of n3", NULL },
		{ "{'version':'0.1.0','services':" SERVICES
		  ",'nodes':[{'name':'n2','cluster':'C2','host':'h1','identity':''}]}",
		  RELEASE(CHANGED), "identity-certificate", "warn",
		  "n2 doesn't tell its certificate", NULL },
		{ FACTS(SERVICES, "null"),
		  "{'version':'0.2.0','services':[{'name':'EngagementDesigner'}]}",
		  "identity-certificate", "pass", "isn't in the release", NULL },
		{ "{'unprofiled':[{'profile':'Basic','service':'EngagementDesigner'}]}",
		  RELEASE(CHANGED), "profiles-restored", "pass",
		  "EngagementDesigner goes back into Basic", NULL },
		{ FACTS(SERVICES, "null"), RELEASE(CHANGED), "database-attributes", "pass",
		  "not deployed", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *all = afterwards(rows[i].facts, rows[i].release, "rolling");
		const json_t *item = find(all, rows[i].key), *command;

		command = json_array_get(json_object_get(item, "commands"), 0);
		assert_string_equal(pl_json_get_text(item, "result"), rows[i].result);
		if (!strstr(pl_json_get_text(item, "seen"), rows[i].says))
			fail_msg("%s: %s", rows[i].key, pl_json_get_text(item, "seen"));
		assert_int_equal(strcmp(rows[i].result, "pass") == 0,
				 !*pl_json_get_text(item, "fix"));
		if (rows[i].command)
			assert_string_equal(json_string_value(command), rows[i].command);
		else
			assert_null(command);
		json_decref(all);
	}
}

/* However many rules and however long their names, what is said is cut, and stays text. */
static void much_is_cut(void **state)
{
	json_t *facts = parse(FACTS(SERVICES, CHAT("false") NONE_OLD)), *rules, *all,
	       *release = parse(RELEASE(CHANGED)), *request = json_object();

	(void)state;
	rules = json_object_get(json_object_get(facts, "designer"), "pinned");
	for (int i = 0; i < 300; i++)
		json_array_append_new(rules,
				      json_pack("{s:s,s:s,s:i}", "id", "01ABCDEFGHJKMNPQRSTVWXYZ00",
						"workflow", "chat", "version", i));
	json_object_set_new(facts, "unprofiled", json_array());
	for (int i = 0; i < 300; i++)
		json_array_append_new(json_object_get(facts, "unprofiled"),
				      json_pack("{s:s,s:s}", "profile", "\u00fc\u20ac\u00fc\u20ac",
						"service", i % 2 ? "a" : "\u00e4"));
	all = upgrade_afterwards(&(struct upgrade){ facts, release, request });
	assert_true(strlen(pl_json_get_text(find(all, "rule-targets"), "seen")) < 1000);
	assert_true(strlen(pl_json_get_text(find(all, "profiles-restored"), "seen")) > 900);
	json_decref(all);
	json_decref(facts);
	json_decref(release);
	json_decref(request);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steps_come_in_their_order),
		cmocka_unit_test(all_workflows_are_meant_where_the_manifest_cannot_tell),
		cmocka_unit_test(what_is_seen),
		cmocka_unit_test(much_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
