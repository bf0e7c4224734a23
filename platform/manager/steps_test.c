/*
 * steps_test.c — what the steps `level-raise` (level.c) and those of a host's programs
 * (platform_actions.c) refuse, wait for and take: UPG-7, UPG-9, UPG-40.
 *
 * The manager around them is a stand-in: a solution of one cluster, what its nodes report, and a
 * note of each statement.
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

#include "level.h"
#include "pelago/json.h"
#include "pelago/log.h"
#include "pelago/version.h"
#include "platform.h"
#include "release.h"

/* ---- the manager around them ---- */

struct model model;

static struct cluster cluster = { .name = (char *)(uintptr_t) "C1" };
static struct node node, joined;
static struct placed ledger, foreign;
static struct switched one;
static struct platform_wish wish; /* wish.program NULL: nothing is wanted */
static json_t *reports;		  /* by node; one that isn't there isn't heard */
static char executed[400];	  /* the statements of a step */
static bool has_speaker, is_held, is_well;
static int own_level, model_changes;

void pl_log_line(enum pl_log_level level, const char *event, const char *contact, const char *fmt,
		 ...)
{
}

const json_t *report_get(const char *name, int64_t *agop)
{
	return json_object_get(reports, name);
}

bool release_has_service(const char *service)
{
	return strcmp(service, "Foreign") != 0;
}

enum pl_err model_change(struct pl_turn *turn)
{
	model_changes++;
	return PL_OK;
}

enum pl_err pl_turn_exec(struct pl_turn *turn, const char *sql, const char *types, ...)
{
	size_t len = strlen(executed);

	snprintf(executed + len, sizeof(executed) - len, "%.40s;", sql);
	return PL_OK;
}

struct pl_service *pl_turn_service(struct pl_turn *turn)
{
	return NULL;
}

int pl_level(const struct pl_service *service)
{
	return own_level;
}

void pl_level_want(struct pl_service *service, int level)
{
	own_level = level;
}

struct node *node_find(const char *name)
{
	for (struct node *n = model.nodes; n; n = n->next)
		if (strcmp(n->name, name) == 0)
			return n;
	return NULL;
}

const struct node *platform_speaker(const struct node *of)
{
	return of && of->is_joined ? of : has_speaker ? &node : NULL;
}

const struct platform_wish *platform_wish_find(const char *name, const char *program)
{
	return wish.program && strcmp(wish.program, program) == 0 ? &wish : NULL;
}

enum pl_err platform_wish_put(struct pl_turn *turn, const char *name, const char *program,
			      const char *version)
{
	snprintf(executed, sizeof(executed), "%s wishes %s %s", name, program, version);
	return PL_OK;
}

enum pl_err platform_hold(struct pl_turn *turn, const char *name, const char *version,
			  const char *hash)
{
	snprintf(executed, sizeof(executed), "%s holds %s of %s", name, version,
		 hash ? hash : "nothing");
	return PL_OK;
}

bool platform_holds(const char *name, const char *version)
{
	return is_held;
}

const json_t *platform_report(const json_t *report, const char *program)
{
	return json_object_get(pl_json_get(report, "platform.programs"), program);
}

bool is_stable(const struct node *of, const json_t *report)
{
	return is_well;
}

/* ---- the world of a case ---- */

/* JSON with single quotes, which need no escaping here. */
static json_t *parse(const char *text)
{
	static char copy[1000];
	json_t *value;

	snprintf(copy, sizeof(copy), "%s", text);
	for (char *at = copy; *at; at++)
		if (*at == '\'')
			*at = '"';
	value = json_loads(copy, 0, NULL);
	if (!value)
		fail_msg("%s", text);
	return value;
}

static void report(const char *name, const char *text)
{
	json_object_set_new(reports, name, parse(text));
}

#define WORD(text) ((char *)(uintptr_t)(text))

/* Two nodes, one of them on a host that joined; all is of this very release. */
static int begin(void **state)
{
	reports = json_object();
	report("node-a", "{'version': '0.1.0', 'services': []}");
	report("node-a-2", "{'version': '0.1.0', 'services': []}");
	joined = (struct node){ .name = WORD("node-a-2"), .cluster = &cluster, .is_joined = true };
	node = (struct node){ .name = WORD("node-a"), .cluster = &cluster, .next = &joined };
	foreign = (struct placed){ .name = WORD("Foreign"),
				   .version = WORD("0.0.7"),
				   .cluster = &cluster };
	ledger = (struct placed){ .name = WORD("Ledger"),
				  .version = WORD("0.1.0"),
				  .cluster = &cluster,
				  .next = &foreign };
	model = (struct model){ .clusters = &cluster, .nodes = &node, .services = &ledger };
	wish = (struct platform_wish){ 0 };
	executed[0] = '\0';
	has_speaker = is_well = true;
	is_held = false;
	own_level = model_changes = 0;
	return 0;
}

static int end(void **state)
{
	json_decref(reports);
	return 0;
}

/* A step of an action; its arguments and what was before are freed by `drop`. */
static const struct plan_action actions[] = {
	{ .name = "level-raise" },   { .name = "platform-settle" }, { .name = "platform-fetch" },
	{ .name = "platform-node" }, { .name = "platform-edge" },   { .name = "platform-manager" },
};

static struct plan_step step_of(const char *action, const char *args)
{
	struct plan_step step = { .args = parse(args) };

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (strcmp(actions[i].name, action) == 0)
			step.action = &actions[i];
	assert_non_null(step.action);
	return step;
}

static void drop(struct plan_step *step)
{
	json_decref(step->args);
	json_decref(step->before);
}

/* fn must answer err, and say so. */
static void says(plan_fn *fn, struct plan_step *step, enum pl_err err, const char *words)
{
	enum pl_err is;

	pl_err_clear();
	is = fn(NULL, step);
	if (is != err || (err && !strstr(pl_err_detail(is), words)))
		fail_msg("%d '%s', not %d '%s'", (int)is, is ? pl_err_detail(is) : "", (int)err,
			 words);
}

/* ---- level-raise ---- */

static void level_is_refused_while_something_is_of_before(void **state)
{
	struct plan_step step = step_of("level-raise", "{'level': 1}"),
			 high = step_of("level-raise", "{'level': 2}");

	says(level_check, &high, PL_STATE, "the manager is of Pelago 0.1.0, so level 2 must wait");
	assert_null(high.before);
	json_object_del(reports, "node-a-2");
	says(level_check, &step, PL_AGAIN, "node node-a-2 isn't heard; start it, or wait for it");
	report("node-a-2", "{'version': '0.0.9'}");
	says(level_check, &step, PL_STATE,
	     "node node-a-2 is of Pelago 0.0.9, so level 1 must wait");
	report("node-a-2", "{}");
	says(level_check, &step, PL_STATE, "node node-a-2 is of Pelago ");
	report("node-a-2", "{'version': '0.1.0'}");
	ledger.version = WORD("0.0.9");
	says(level_check, &step, PL_STATE, "Ledger 0.0.9 in C1 is of a release of before");
	ledger.version = WORD("0.1.3");
	one = (struct switched){ .name = WORD("Ledger"),
				 .node = WORD("node-a"),
				 .version = WORD("0.0.9") };
	model.switched = &one;
	says(level_check, &step, PL_STATE, "Ledger 0.0.9 on node node-a is of a release of before");
	one.version = WORD("0.1.3");
	assert_null(step.before);
	says(level_check, &step, PL_OK, ""); /* other makers' services are no matter */
	assert_int_equal(json_integer_value(json_object_get(step.before, "level")), 0);
	assert_string_equal(executed, "");
	drop(&step);
	drop(&high);
}

static void level_rises_once(void **state)
{
	struct plan_step step = step_of("level-raise", "{'level': 1}");

	says(level_apply, &step, PL_OK, "");
	assert_string_equal(executed, "update desired set level = $1 where id =;");
	assert_int_equal(model_changes, 1);
	model.level = 1;
	executed[0] = '\0';
	says(level_apply, &step, PL_OK, "");
	assert_string_equal(executed, "");
	assert_int_equal(model_changes, 1);
	drop(&step);
}

static void level_is_waited_for(void **state)
{
	/* what a node says of a service, and what is waited for: "" nothing */
	static const struct {
		const char *service, *words;
	} cases[] = {
		{ "{'name': 'Ledger', 'release': '0.2.0', 'level': 1}",
		  "node node-a: Ledger is still at level 1" },
		{ "{'name': 'Ledger', 'release': '0.2.0', 'level': 1, 'levelWhy': 'the disk is full'}",
		  "Ledger is still at level 1: the disk is full" },
		{ "{'name': 'Ledger', 'release': '0.2.0', 'level': 2}", "" },
		{ "{'name': 'Ledger', 'release': '0.2.0', 'level': 3}", "" },
		{ "{'name': 'Ledger', 'release': '0.2.0', 'level': 1, 'standby': true}", "" },
		{ "{'name': 'Ledger', 'release': '0.1.0', 'level': 1}", "" }, /* its highest */
		{ "{'name': 'Foreign', 'serving': true}", "" },
		{ "{'name': 'Foreign', 'serving': false}", "Foreign is still at level 0" },
	};
	struct plan_step step = step_of("level-raise", "{'level': 2}");

	own_level = 1;
	says(level_verify, &step, PL_AGAIN, "the manager itself is still at level 1");
	own_level = 2;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_t *body = json_pack("{s:[o]}", "services", parse(cases[i].service));

		json_object_set_new(reports, "node-a", body);
		says(level_verify, &step, *cases[i].words ? PL_AGAIN : PL_OK, cases[i].words);
	}
	json_object_del(reports, "node-a");
	says(level_verify, &step, PL_AGAIN, "node node-a isn't heard; start it, or wait for it");
	drop(&step);
}

static void the_manager_follows_the_level(void **state)
{
	model.level = 2;
	own_level = 1;
	level_tick(NULL);
	assert_int_equal(own_level, 2);
	model.level = 1; /* it never falls */
	level_tick(NULL);
	assert_int_equal(own_level, 2);
}

/* ---- platform-settle ---- */

static void settle_refuses_a_host_that_is_gone(void **state)
{
	struct plan_step step = step_of("platform-settle",
					"{'node': 'node-x', 'version': '0.2.0'}"),
			 any = step_of("platform-settle", "{'version': '0.2.0'}");

	says(platform_settle_apply, &step, PL_STATE, "there is no node 'node-x' any more");
	says(platform_settle_verify, &step, PL_STATE, "there is no node 'node-x' any more");
	has_speaker = false;
	says(platform_settle_apply, &any, PL_STATE, "no node that speaks for the manager's host");
	assert_string_equal(executed, "");
	drop(&step);
	drop(&any);
}

static void settle_lets_go_of_other_packages_once(void **state)
{
	struct plan_step step =
		step_of("platform-settle", "{'node': 'node-a-2', 'version': '0.2.0'}");

	says(platform_settle_apply, &step, PL_OK, "");
	assert_string_equal(executed, "node-a-2 wishes settled 0.2.0");
	wish = (struct platform_wish){ .program = WORD("settled"),
				       .version = WORD("0.2.0"),
				       .n = 7 };
	executed[0] = '\0';
	says(platform_settle_apply, &step, PL_OK, "");
	assert_string_equal(executed, "");
	wish.version = WORD("0.1.0"); /* of an upgrade before: it goes on */
	says(platform_settle_apply, &step, PL_OK, "");
	assert_string_equal(executed, "node-a-2 wishes settled 0.2.0");
	drop(&step);
}

static void settle_waits_for_its_host(void **state)
{
	struct plan_step step =
		step_of("platform-settle", "{'node': 'node-a-2', 'version': '0.2.0'}");

	wish = (struct platform_wish){ .program = WORD("settled"),
				       .version = WORD("0.2.0"),
				       .n = 7 };
	says(platform_settle_verify, &step, PL_AGAIN,
	     "the host of node node-a-2 hasn't settled yet");
	report("node-a-2", "{'platform': {'settled': 6}}"); /* what was wished for before */
	says(platform_settle_verify, &step, PL_AGAIN, "hasn't settled yet");
	report("node-a-2", "{'platform': {'settled': '7'}}");
	says(platform_settle_verify, &step, PL_AGAIN, "hasn't settled yet");
	report("node-a-2", "{'platform': {'settled': 7}}");
	says(platform_settle_verify, &step, PL_OK, "");
	wish.program = NULL; /* the node was removed, and came anew */
	says(platform_settle_verify, &step, PL_AGAIN, "hasn't settled yet");
	json_object_del(reports, "node-a-2");
	says(platform_settle_verify, &step, PL_AGAIN, "node node-a-2 isn't heard; start it");
	drop(&step);
}

/* ---- platform-fetch, platform-node, … ---- */

static void fetch_waits_or_gives_up_as_the_host_says(void **state)
{
	static const struct {
		const char *report, *words;
		enum pl_err err;
	} cases[] = {
		{ "{}", "the host of node node-a: hasn't heard of the package yet", PL_AGAIN },
		{ "{'platform': {'held': [{'version': '0.2.0', 'state': 'waiting',"
		  " 'detail': 'the disk is full'}]}}",
		  "the host of node node-a: the disk is full", PL_AGAIN },
		{ "{'platform': {'held': [{'version': '0.2.0', 'state': 'waiting',"
		  " 'detail': 'it was altered', 'isRefused': true}]}}",
		  "the host of node node-a: it was altered", PL_STATE },
		{ "{'platform': {'held': [{'version': '0.3.0', 'state': 'ready'}]}}",
		  "hasn't heard of the package yet", PL_AGAIN },
		{ "{'platform': {'held': [{'version': '0.2.0', 'hash': 'h1', 'state': 'ready'}]}}",
		  "hasn't heard of the package yet", PL_AGAIN }, /* another one of that version */
		{ "{'platform': {'held': [{'version': '0.2.0', 'hash': 'h2', 'state': 'ready'}]}}",
		  "", PL_OK },
		{ "{'platform': {'held': [{'version': '0.2.0', 'state': 'ready'}]}}", "", PL_OK },
	};
	struct plan_step step =
		step_of("platform-fetch", "{'node': 'node-a', 'version': '0.2.0', 'hash': 'h2'}");

	says(platform_fetch_check, &step, PL_OK, "");
	says(platform_fetch_apply, &step, PL_OK, "");
	assert_string_equal(executed, "node-a holds 0.2.0 of h2");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		report("node-a", cases[i].report);
		says(platform_fetch_verify, &step, cases[i].err, cases[i].words);
	}
	executed[0] = '\0';
	says(platform_fetch_undo, &step, PL_OK, ""); /* nothing is held */
	assert_string_equal(executed, "");
	is_held = true;
	says(platform_fetch_undo, &step, PL_OK, "");
	assert_string_equal(executed, "node-a holds 0.2.0 of nothing");
	executed[0] = '\0';
	says(platform_fetch_check, &step, PL_OK, ""); /* it was there before: it stays */
	says(platform_fetch_undo, &step, PL_OK, "");
	assert_string_equal(executed, "");
	drop(&step);
}

#define PROGRAM(name, version, state, n)                                                           \
	"{'platform': {'programs': {'" name "': {'version': '" version "', 'state': '" state       \
	"', 'detail': 'it fell', 'n': " n "}}}}"

static void a_program_is_switched_as_its_host_says(void **state)
{
	struct plan_step step = step_of("platform-edge", "{'node': 'node-a', 'version': '0.2.0'}");

	says(platform_switch_check, &step, PL_STATE, "the host of node node-a has no edge");
	report("node-a", PROGRAM("edge", "0.1.0", "running", "3"));
	says(platform_switch_check, &step, PL_OK, "");
	assert_string_equal(pl_json_get_text(step.before, "version"), "0.1.0");
	says(platform_switch_verify, &step, PL_STATE,
	     "edge of the host of node node-a was changed since");
	says(platform_switch_apply, &step, PL_OK, "");
	assert_string_equal(executed, "node-a wishes edge 0.2.0");

	wish = (struct platform_wish){ .program = WORD("edge"), .version = WORD("0.2.0"), .n = 4 };
	executed[0] = '\0';
	says(platform_switch_apply, &step, PL_OK, ""); /* once more */
	assert_string_equal(executed, "");
	says(platform_switch_verify, &step, PL_AGAIN, "hasn't begun yet");
	report("node-a", PROGRAM("edge", "0.2.0", "trial", "4"));
	says(platform_switch_verify, &step, PL_AGAIN,
	     "edge of the host of node node-a is on trial");
	report("node-a", PROGRAM("edge", "0.1.0", "failed", "4"));
	says(platform_switch_verify, &step, PL_STATE, "edge of the host of node node-a: it fell");
	says(platform_switch_apply, &step, PL_OK, ""); /* resumed: it is tried anew */
	assert_string_equal(executed, "node-a wishes edge 0.2.0");
	report("node-a", PROGRAM("edge", "0.2.0", "running", "4"));
	says(platform_switch_verify, &step, PL_OK, "");

	says(platform_switch_undo, &step, PL_AGAIN, "goes back to 0.1.0");
	assert_string_equal(executed, "node-a wishes edge 0.1.0");
	wish.version = WORD("0.1.0");
	wish.n = 5;
	says(platform_switch_undo, &step, PL_AGAIN, "hasn't begun yet");
	report("node-a", PROGRAM("edge", "0.1.0", "running", "5"));
	says(platform_switch_undo, &step, PL_OK, "");
	wish.version = WORD("0.1.7"); /* somebody's patch */
	says(platform_switch_undo, &step, PL_STATE, "was changed since");
	json_object_del(reports, "node-a");
	says(platform_switch_check, &step, PL_AGAIN, "node node-a isn't heard");
	drop(&step);
}

static void a_node_is_back_once_it_is_stable(void **state)
{
	struct plan_step step = step_of("platform-node", "{'node': 'node-a', 'version': '0.2.0'}");

	wish = (struct platform_wish){ .program = WORD("node"), .version = WORD("0.2.0"), .n = 4 };
	report("node-a", PROGRAM("node-a", "0.2.0", "running", "4"));
	is_well = false;
	says(platform_switch_verify, &step, PL_AGAIN, "node node-a isn't stable yet");
	is_well = true;
	says(platform_switch_verify, &step, PL_OK, "");
	drop(&step);
}

static void the_manager_needs_no_node_to_be_named(void **state)
{
	struct plan_step step = step_of("platform-manager", "{'version': '0.2.0'}");

	report("node-a", PROGRAM("Manager", "0.1.0", "running", "3"));
	says(platform_switch_check, &step, PL_OK, "");
	says(platform_switch_apply, &step, PL_OK, "");
	assert_string_equal(executed, "node-a wishes Manager 0.2.0");
	drop(&step);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(level_is_refused_while_something_is_of_before),
		CASE(level_rises_once),
		CASE(level_is_waited_for),
		CASE(the_manager_follows_the_level),
		CASE(settle_refuses_a_host_that_is_gone),
		CASE(settle_lets_go_of_other_packages_once),
		CASE(settle_waits_for_its_host),
		CASE(fetch_waits_or_gives_up_as_the_host_says),
		CASE(a_program_is_switched_as_its_host_says),
		CASE(a_node_is_back_once_it_is_stable),
		CASE(the_manager_needs_no_node_to_be_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
