/*
 * work_unit_test.c — a work's every pair of state and event; requests and agents as they come.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "due.h"
#include "orphan.h"
#include "routing.h"
#include "spec.h"
#include "work.h"

/* Only their addresses count here. */
#define ACTION(name)                                                                               \
	enum pl_err name(struct pl_turn *turn, struct work *work, const struct work_act *act)      \
	{                                                                                          \
		fail();                                                                            \
		return PL_OK;                                                                      \
	}
ACTION(enqueue)
ACTION(requeue)
ACTION(dequeue)
ACTION(reserve)

const json_t *routing_find(const char *service)
{
	return NULL;
}

void work_fini(struct work *work)
{
	json_decref(work->plan);
	json_decref(work->excluded);
}

enum { REFUSED = WORK_STATES };

/* What must come of each pair (RTG-4, RTG-8). */
static const struct {
	work_action_fn *action;
	int to;
} expected[WORK_STATES][WORK_EVENTS] = {
	[WORK_NONE] = { { enqueue, WORK_QUEUED }, /* request */
			{ NULL, WORK_NONE },	  /* cancel */
			{ NULL, REFUSED },	  /* match */
			{ NULL, REFUSED },	  /* accept */
			{ NULL, REFUSED },	  /* requeue */
			{ NULL, REFUSED },	  /* end */
			{ NULL, WORK_NONE } },	  /* close */
	[WORK_QUEUED] = { { NULL, WORK_QUEUED },
			  { dequeue, WORK_NONE },
			  { reserve, WORK_OFFERED },
			  { dequeue, WORK_ACTIVE },
			  { NULL, REFUSED },
			  { NULL, REFUSED },
			  { dequeue, WORK_NONE } },
	[WORK_OFFERED] = { { NULL, WORK_OFFERED },
			   { NULL, WORK_LEAVING },
			   { NULL, REFUSED },
			   { NULL, WORK_ACTIVE },
			   { requeue, WORK_QUEUED },
			   { NULL, WORK_NONE },
			   { NULL, WORK_LEAVING } },
	[WORK_ACTIVE] = { { NULL, WORK_ACTIVE },
			  { NULL, REFUSED },
			  { NULL, REFUSED },
			  { NULL, WORK_ACTIVE },
			  { requeue, WORK_QUEUED },
			  { NULL, WORK_NONE },
			  { NULL, WORK_LEAVING } },
	[WORK_LEAVING] = { { NULL, WORK_OFFERED },
			   { NULL, WORK_LEAVING },
			   { NULL, REFUSED },
			   { NULL, WORK_LEAVING },
			   { NULL, WORK_NONE },
			   { NULL, WORK_NONE },
			   { NULL, WORK_LEAVING } },
};

static void every_pair_has_its_rule(void **state)
{
	size_t rules = 0;

	for (int s = 0; s < WORK_STATES; s++)
		for (int e = 0; e < WORK_EVENTS; e++) {
			const struct work_rule *rule =
				work_rule_find(NULL, (enum work_state)s, (enum work_event)e);

			assert_int_equal(rule ? (int)rule->to : (int)REFUSED, expected[s][e].to);
			assert_true((rule ? rule->action : NULL) == expected[s][e].action);
			rules += rule != NULL;
		}
	assert_int_equal(rules, work_rules_count); /* none twice */
}

static enum pl_err check(const char *text, struct work *work)
{
	json_t *body = json_loads(text, 0, NULL);
	enum pl_err err;

	assert_non_null(body);
	err = work_check(work, body);
	json_decref(body);
	return err;
}

static const json_t *first_set(const struct work *work)
{
	return json_array_get(json_object_get(work->plan, "sets"), 0);
}

static const json_t *needs(const struct work *work)
{
	return json_object_get(first_set(work), "needs");
}

static void requests_are_checked(void **state)
{
	static const char *const bad[] = {
		"{}",
		"{'contactId':'','channel':'chat','service':'Sales'}",
		"{'contactId':'C.1','channel':'chat','service':'Sales'}",
		"{'contactId':'C 1','channel':'chat','service':'Sales'}",
		"{'contactId':7,'channel':'chat','service':'Sales'}",
		"{'contactId':'C1','service':'Sales'}",
		"{'contactId':'C1','channel':'','service':'Sales'}",
		"{'contactId':'C1','channel':'a b','service':'Sales'}",
		"{'contactId':'C1','channel':'chat'}",
		"{'contactId':'C1','channel':'chat','service':''}",
		"{'contactId':'C1','channel':'chat','service':'a\\nb'}",
		"{'contactId':'C1','channel':'chat','service':'Sales','priority':0}",
		"{'contactId':'C1','channel':'chat','service':'Sales','priority':11}",
		"{'contactId':'C1','channel':'chat','service':'Sales','priority':'high'}",
		"{'contactId':'C1','channel':'chat','service':'Sales','attributes':[]}",
		"{'contactId':'C1','channel':'chat','service':'Sales','attributes':{'A':1}}",
		"{'contactId':'C1','channel':'chat','service':'Sales','attributes':{'A':''}}",
		"{'contactId':'C1','channel':'chat','service':'Sales','attributes':{'':'B'}}",
		"{'contactId':'C1','channel':'chat','service':'Sales','attributes':{'A.B':'C'}}",
		"{'contactId':'C1','channel':'chat','service':'S','attributes':{'A':{'B':'C'}}}",
		"{'contactId':'C1','channel':'chat','service':'S','attributes':{'A':'b\\u0001'}}",
	};
	char text[512];
	struct work work;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text), "%s", bad[i]);
		for (char *c = text; *c; c++)
			if (*c == '\'')
				*c = '"';
		assert_int_equal(check(text, &work), PL_INVALID);
		work_fini(&work);
	}
	assert_int_equal(check("{\"contactId\":\"C1\",\"channel\":\"chat\",\"service\":\"Sales\","
			       "\"priority\":2,"
			       "\"attributes\":{\"Language\":\"English\",\"Level\":null}}",
			       &work),
			 PL_OK);
	assert_int_equal(json_integer_value(json_object_get(first_set(&work), "priority")), 2);
	assert_int_equal(json_array_size(needs(&work)), 2);
	assert_string_equal(json_string_value(json_array_get(needs(&work), 0)), "Service.Sales");
	assert_string_equal(json_string_value(json_array_get(needs(&work), 1)), "Language.English");
	work_fini(&work);
	/* the service named twice is one need */
	assert_int_equal(check("{\"contactId\":\"C1\",\"channel\":\"chat\",\"service\":\"Sales\","
			       "\"attributes\":{\"Service\":\"Sales\"}}",
			       &work),
			 PL_OK);
	assert_int_equal(json_integer_value(json_object_get(first_set(&work), "priority")), 5);
	assert_int_equal(json_array_size(needs(&work)), 1);
	work_fini(&work);
}

static void huge_requests_are_refused(void **state)
{
	json_t *attributes = json_object();
	json_t *body = json_pack("{s:s, s:s, s:s, s:o}", "contactId", "C1", "channel", "chat",
				 "service", "Sales", "attributes", attributes);
	char name[200];
	struct work work;

	for (int i = 0; i < ASSIGN_NEEDS_MAX - 1; i++) {
		snprintf(name, sizeof(name), "A%d", i);
		json_object_set_new(attributes, name, json_string("B"));
	}
	assert_int_equal(work_check(&work, body), PL_OK);
	assert_int_equal(json_array_size(needs(&work)), ASSIGN_NEEDS_MAX);
	work_fini(&work);
	json_object_set_new(attributes, "more", json_string("B"));
	assert_int_equal(work_check(&work, body), PL_INVALID);
	work_fini(&work);
	json_object_clear(attributes);
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	json_object_set_new(attributes, "A", json_string(name));
	assert_int_equal(work_check(&work, body), PL_INVALID);
	work_fini(&work);
	json_decref(body);
}

static void agents_are_read(void **state)
{
	static struct spec spec;
	json_t *attributes = json_loads("[{\"name\":\"Language.English\",\"proficiency\":1},"
					"{\"name\":\"Language.English\",\"proficiency\":2},"
					"{\"name\":\"English\",\"proficiency\":1},"
					"{\"name\":\"Service.Sales\",\"proficiency\":17},7,"
					"{\"name\":\"Service.Billing\",\"proficiency\":16}]",
					0, NULL);
	json_t *capacity =
		json_loads("{\"total\":5,\"chat\":5,\"voice\":1,\"email\":0,\"fax\":-1}", 0, NULL);

	spec_fill(&spec, attributes, capacity);
	assert_int_equal(spec.attribute_count, 2);
	assert_int_equal(spec.channel_count, 2);
	assert_int_equal(spec.skipped, 5);
	assert_int_equal(spec.total, 5);
	for (size_t i = 0; i < spec.channel_count; i++)
		assert_int_equal(spec.channels[i].exclusive,
				 strcmp(spec.channels[i].channel, "voice") == 0);
	json_object_del(capacity, "total");
	json_object_set_new(capacity, "chat", json_integer(3));
	spec_fill(&spec, NULL, capacity);
	assert_int_equal(spec.total, 3);
	assert_int_equal(spec.attribute_count, 0);
	spec_fill(&spec, NULL, NULL);
	assert_int_equal(spec.total, 0);
	json_object_clear(capacity);
	for (int i = 0; i < 2 * ASSIGN_CHANNELS_MAX; i++) {
		char name[16];

		snprintf(name, sizeof(name), "c%d", i);
		json_object_set_new(capacity, name, json_integer(1));
	}
	spec_fill(&spec, NULL, capacity);
	assert_int_equal(spec.channel_count, ASSIGN_CHANNELS_MAX);
	json_decref(attributes);
	json_decref(capacity);
}

/* RTG-8: what UCMService says of a contact, and what comes of a reservation nobody heard of. */
static void orphans_are_judged(void **state)
{
	static const struct {
		const char *state, *offer_id;
		enum orphan_verdict verdict;
	} cases[] = {
		{ "opened", "", ORPHAN_STAYS },	     { "queued", "", ORPHAN_STAYS },
		{ "queued", "O1", ORPHAN_REQUEUE },  { "queued", "O2", ORPHAN_STAYS },
		{ "offered", "O1", ORPHAN_STAYS },   { "offered", "O2", ORPHAN_RELEASE },
		{ "active", "O1", ORPHAN_STAYS },    { "active", "O2", ORPHAN_RELEASE },
		{ "wrapup", "O1", ORPHAN_STAYS },    { "wrapup", "O2", ORPHAN_RELEASE },
		{ "ended", "O1", ORPHAN_RELEASE },   { "ended", "O2", ORPHAN_RELEASE },
		{ "something", "O1", ORPHAN_STAYS },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_t *contact = json_pack("{s:s, s:s}", "state", cases[i].state, "offerId",
					    cases[i].offer_id);

		assert_int_equal(orphan_judge(contact, "O1"), cases[i].verdict);
		json_decref(contact);
	}
	assert_int_equal(orphan_judge(NULL, "O1"), ORPHAN_STAYS);
}

static void the_earliest_is_due_first(void **state)
{
	struct due due;
	int64_t last = -1;
	char id[16];
	int taken = 0;

	assert_false(due_take(&due, INT64_MAX));
	for (int i = 0; i < 1000; i++) {
		snprintf(id, sizeof(id), "C%d", i);
		assert_true(due_add(id, (i * 7919) % 1000));
	}
	assert_false(due_take(&due, -1));
	for (; due_take(&due, 499); taken++) {
		assert_true(due.at_ms >= last && due.at_ms <= 499);
		last = due.at_ms;
	}
	assert_int_equal(taken, 500);
	due_clear();
	assert_false(due_take(&due, INT64_MAX));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_pair_has_its_rule),
		cmocka_unit_test(requests_are_checked),
		cmocka_unit_test(huge_requests_are_refused),
		cmocka_unit_test(agents_are_read),
		cmocka_unit_test(orphans_are_judged),
		cmocka_unit_test(the_earliest_is_due_first),
	};

	return cmocka_run_group_tests_name("work-unit", tests, NULL, NULL);
}
