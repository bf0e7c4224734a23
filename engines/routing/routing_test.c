/*
 * routing_test.c — what a contact asks for as it waits; opening hours.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "hours.h"
#include "plan.h"

/* JSON with ' for " */
static json_t *json(const char *text)
{
	char *copy = strdup(text);
	json_t *value;

	for (char *c = copy; *c; c++)
		if (*c == '\'')
			*c = '"';
	value = json_loads(copy, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	assert_non_null(value);
	free(copy);
	return value;
}

static enum pl_err make(json_t **planp, const char *request, const char *defaults)
{
	json_t *r = json(request), *d = defaults ? json(defaults) : NULL;
	enum pl_err err = plan_new(planp, r, d);

	json_decref(r);
	json_decref(d);
	return err;
}

static struct plan_view *view_at(const json_t *plan, int64_t waited_s)
{
	static struct plan_view view;

	plan_view(&view, plan, waited_s, ASSIGN_LEAST_OCCUPIED, 0);
	return &view;
}

/* RTG-1: steps widen with waiting time, each a condition and an expiry. */
static void steps_widen(void **state)
{
	json_t *plan = NULL;
	struct plan_view *v;

	assert_int_equal(
		make(&plan,
		     "{'service':'Sales','attributes':{'Language':'German','Level':'Gold'},"
		     "'steps':[{'seconds':10,'selection':'bestProficiency','proficiency':3},"
		     "{'seconds':20,'proficiency':8,'without':['Level']}]}",
		     NULL),
		PL_OK);
	v = view_at(plan, 0);
	assert_int_equal(v->set_count, 1);
	assert_int_equal(v->sets[0].need_count, 3);
	assert_int_equal(v->sets[0].needs[0].max_proficiency, 3);
	assert_int_equal(v->selection, ASSIGN_BEST_PROFICIENCY);
	assert_int_equal(v->next_s, 10);
	v = view_at(plan, 9);
	assert_int_equal(v->next_s, 10);
	v = view_at(plan, 10);
	assert_int_equal(v->sets[0].need_count, 2);
	assert_string_equal(v->sets[0].needs[1].attribute, "Language.German");
	assert_int_equal(v->sets[0].needs[1].max_proficiency, 8);
	assert_int_equal(v->selection, ASSIGN_LEAST_OCCUPIED);
	assert_int_equal(v->next_s, 30);
	v = view_at(plan, 30);
	assert_int_equal(v->sets[0].need_count, 3);
	assert_int_equal(v->sets[0].needs[0].max_proficiency, 0);
	assert_int_equal(v->next_s, 0);
	json_decref(plan);
}

/* RTG-1, RTG-5: several sets, named agents for a time, overflow; what is left open, the routing
 * service says. */
static void sets_agents_and_overflow(void **state)
{
	json_t *plan = NULL;
	struct plan_view *v;

	assert_int_equal(make(&plan,
			      "{'sets':[{'service':'Sales','priority':2,'attributes':{'Language':"
			      "'German'}},{'service':'Billing'}],'selection':'rank',"
			      "'agents':{'ids':['ann','bob'],'required':true,'seconds':15}}",
			      "{'overflow':{'seconds':60,'service':'Support'},'priority':7,"
			      "'selection':'longestIdle'}"),
			 PL_OK);
	v = view_at(plan, 0);
	assert_int_equal(v->set_count, 2);
	assert_int_equal(v->sets[0].priority, 2);
	assert_int_equal(v->sets[1].priority, 7);
	assert_int_equal(v->selection, ASSIGN_RANK);
	assert_int_equal(v->named_count, 2);
	assert_string_equal(v->named[1], "bob");
	assert_true(v->named_required);
	assert_int_equal(v->next_s, 15);
	v = view_at(plan, 15);
	assert_false(v->named_required);
	assert_int_equal(v->named_count, 2);
	assert_int_equal(v->next_s, 60);
	v = view_at(plan, 60);
	assert_int_equal(v->set_count, 3);
	assert_string_equal(v->sets[2].needs[0].attribute, "Service.Support");
	assert_string_equal(v->sets[2].needs[1].attribute, "Language.German");
	assert_int_equal(v->sets[2].priority, 2);
	assert_string_equal(plan_service(plan, 0), "Sales");
	assert_string_equal(plan_service(plan, 1), "Billing");
	assert_string_equal(plan_service(plan, 2), "Support");
	assert_string_equal(plan_service(plan, ASSIGN_BY_NAME), "Sales");
	/* RTG-2: a priority that ages is so much later, in one class */
	plan_view(v, plan, 60, ASSIGN_RANK, 1000);
	assert_int_equal(v->sets[0].priority, ASSIGN_PRIORITY_DEFAULT);
	assert_int_equal(v->sets[0].later, 1000);
	assert_int_equal(v->sets[1].later, 6000);
	json_decref(plan);
}

/* RTG-4 */
static void transfers_turn_a_plan(void **state)
{
	json_t *plan = NULL, *turned = NULL;
	struct plan_view *v;

	assert_int_equal(make(&plan,
			      "{'service':'Sales','attributes':{'Language':'German'},"
			      "'overflow':{'seconds':60,'service':'Support'}}",
			      NULL),
			 PL_OK);
	assert_int_equal(plan_turn_to_service(&turned, plan, "Billing", NULL), PL_OK);
	v = view_at(turned, 100);
	assert_int_equal(v->set_count, 1);
	assert_string_equal(v->sets[0].needs[0].attribute, "Service.Billing");
	assert_string_equal(v->sets[0].needs[1].attribute, "Language.German");
	json_decref(turned);
	assert_int_equal(plan_turn_to_service(&turned, plan, "", NULL), PL_INVALID);
	assert_int_equal(plan_turn_to_agent(&turned, plan, "", 30), PL_INVALID);
	assert_int_equal(plan_turn_to_agent(&turned, plan, "ann", 30), PL_OK);
	v = view_at(turned, 0);
	assert_true(v->named_required);
	assert_string_equal(v->named[0], "ann");
	v = view_at(turned, 30);
	assert_false(v->named_required);
	assert_string_equal(v->sets[0].needs[0].attribute, "Service.Sales");
	json_decref(turned);
	json_decref(plan);
}

static void bad_plans_are_refused(void **state)
{
	static const char *const bad[] = {
		"{}",
		"{'sets':7}",
		"{'sets':[7]}",
		"{'sets':[{}]}",
		"{'sets':[{'service':''}]}",
		"{'sets':[{'service':'A','priority':11}]}",
		"{'sets':[{'service':'A'},{'service':'A'},{'service':'A'},{'service':'A'},"
		"{'service':'A'},{'service':'A'},{'service':'A'}]}",
		"{'service':'A','selection':'best'}",
		"{'service':'A','selection':1}",
		"{'service':'A','agents':[]}",
		"{'service':'A','agents':{}}",
		"{'service':'A','agents':{'ids':['']}}",
		"{'service':'A','agents':{'ids':[1]}}",
		"{'service':'A','agents':{'ids':['a\\u0000b']}}",
		"{'service':'A','agents':{'ids':['a'],'required':'yes'}}",
		"{'service':'A','agents':{'ids':['a'],'seconds':-1}}",
		"{'service':'A','agents':{'ids':['a','b','c','d','e','f','g']}}",
		"{'service':'A','steps':{}}",
		"{'service':'A','steps':[1]}",
		"{'service':'A','steps':[{}]}",
		"{'service':'A','steps':[{'seconds':0}]}",
		"{'service':'A','steps':[{'seconds':1,'proficiency':17}]}",
		"{'service':'A','steps':[{'seconds':1,'selection':'x'}]}",
		"{'service':'A','steps':[{'seconds':1,'without':['Service']}]}",
		"{'service':'A','steps':[{'seconds':1,'without':[3]}]}",
		"{'service':'A','overflow':{'seconds':1}}",
		"{'service':'A','overflow':{'service':'B'}}",
		"{'service':'A','overflow':{'seconds':1,'service':''}}",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		json_t *plan = NULL;

		assert_int_equal(make(&plan, bad[i], NULL), PL_INVALID);
		assert_null(plan);
	}
}

/* ---- hours ---- */

static int64_t utc_ms(const char *text)
{
	struct tm tm = { 0 };

	assert_non_null(strptime(text, "%Y-%m-%d %H:%M", &tm));
	return (int64_t)timegm(&tm) * 1000;
}

/* RTG-5: 25 October 2026 is the last day of summer time in Berlin, 26 December a Saturday. */
static void opening_hours(void **state)
{
	static const struct {
		const char *at;
		bool open;
		const char *next; /* when that changes; NULL: not within a year */
		const char *holiday;
	} cases[] = {
		{ "2026-10-23 05:59", false, "2026-10-23 06:00", NULL }, /* Friday, 07:59 there */
		{ "2026-10-23 06:00", true, "2026-10-23 10:00", NULL },
		{ "2026-10-23 10:00", false, "2026-10-23 11:00", NULL }, /* lunch */
		{ "2026-10-23 15:59", true, "2026-10-23 16:00", NULL },
		{ "2026-10-23 16:00", false, "2026-10-24 22:00", NULL }, /* Sunday at 00:00 */
		{ "2026-10-25 21:30", true, "2026-10-25 23:00", NULL },	 /* to 24:00, winter time */
		{ "2026-10-25 23:00", false, "2026-10-26 07:00", NULL },
		{ "2026-12-25 10:00", false, "2026-12-25 11:00", "Christmas" },
		{ "2026-12-25 11:30", true, "2026-12-25 12:00", "Christmas" },
		{ "2026-12-26 10:00", false, "2026-12-26 23:00", NULL },
	};
	json_t *hours =
		json("{'zone':'Europe/Berlin','week':{"
		     "'mon':[['08:00','18:00']],'fri':[['08:00','12:00'],['13:00','18:00']],"
		     "'sun':[['00:00','12:00'],['12:00','24:00']]},"
		     "'holidays':[{'date':'2026-12-25','name':'Christmas',"
		     "'hours':[['12:00','13:00']]}]}");
	struct hours_at at;

	assert_int_equal(hours_check(hours), PL_OK);
	setenv("TZ", "Asia/Tokyo", 1);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		hours_at(&at, hours, utc_ms(cases[i].at));
		assert_int_equal(at.open, cases[i].open);
		assert_int_equal(at.open ? at.closes_ms : at.opens_ms, utc_ms(cases[i].next));
		assert_int_equal(at.open ? at.opens_ms : at.closes_ms, 0);
		if (cases[i].holiday)
			assert_string_equal(at.holiday, cases[i].holiday);
		else
			assert_null(at.holiday);
	}
	assert_string_equal(getenv("TZ"), "Asia/Tokyo");
	json_decref(hours);
}

static void always_and_never_open(void **state)
{
	json_t *never = json("{'week':{}}");
	json_t *always = json("{'week':{'mon':[['00:00','24:00']],'tue':[['00:00','24:00']],"
			      "'wed':[['00:00','24:00']],'thu':[['00:00','24:00']],"
			      "'fri':[['00:00','24:00']],'sat':[['00:00','24:00']],"
			      "'sun':[['00:00','24:00']]}}");
	struct hours_at at;

	hours_at(&at, NULL, utc_ms("2026-10-23 05:59"));
	assert_true(at.open);
	assert_int_equal(at.closes_ms, 0);
	hours_at(&at, never, utc_ms("2026-10-23 05:59"));
	assert_false(at.open);
	assert_int_equal(at.opens_ms, 0);
	hours_at(&at, always, utc_ms("2026-10-23 05:59"));
	assert_true(at.open);
	assert_int_equal(at.closes_ms, 0);
	json_decref(never);
	json_decref(always);
}

static void bad_hours_are_refused(void **state)
{
	static const char *const bad[] = {
		"7",
		"{}",
		"{'week':[]}",
		"{'week':{'monday':[]}}",
		"{'week':{'mon':['08:00','18:00']}}",
		"{'week':{'mon':[['8:00','18:00']]}}",
		"{'week':{'mon':[['08:00','25:00']]}}",
		"{'week':{'mon':[['08:00','24:30']]}}",
		"{'week':{'mon':[['08:60','18:00']]}}",
		"{'week':{'mon':[['18:00','08:00']]}}",
		"{'week':{'mon':[['08:00','08:00']]}}",
		"{'week':{'mon':[['08:00','12:00'],['11:00','13:00']]}}",
		"{'week':{'mon':[['08:00','12:00','13:00']]}}",
		"{'week':{},'zone':'Mars/Olympus'}",
		"{'week':{},'zone':'../../etc/passwd'}",
		"{'week':{},'zone':''}",
		"{'week':{},'holidays':[{}]}",
		"{'week':{},'holidays':[{'date':'2026-02-30'}]}",
		"{'week':{},'holidays':[{'date':'26-12-25'}]}",
		"{'week':{},'holidays':[{'date':'2026-12-25','hours':[1]}]}",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		json_t *hours = json(bad[i]);
		struct hours_at at;

		assert_int_equal(hours_check(hours), PL_INVALID);
		hours_at(&at, hours, 0);
		assert_true(at.open); /* nobody is turned away by a slip */
		json_decref(hours);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steps_widen),		 cmocka_unit_test(sets_agents_and_overflow),
		cmocka_unit_test(transfers_turn_a_plan), cmocka_unit_test(bad_plans_are_refused),
		cmocka_unit_test(opening_hours),	 cmocka_unit_test(always_and_never_open),
		cmocka_unit_test(bad_hours_are_refused),
	};

	return cmocka_run_group_tests_name("routing", tests, NULL, NULL);
}
