/*
 * assign_test.c — what the engine promises, one promise a test.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "assign.h"
#include "assign_test.h"

/* Out of memory: the allocation that reaches zero fails, and all after it. */
static long allocations_left = -1;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);

static bool may_allocate(void)
{
	if (allocations_left > 0)
		allocations_left--;
	return allocations_left != 0;
}

void *__wrap_malloc(size_t size)
{
	return may_allocate() ? __real_malloc(size) : NULL;
}

void *__wrap_calloc(size_t count, size_t size)
{
	return may_allocate() ? __real_calloc(count, size) : NULL;
}

void *__wrap_realloc(void *memory, size_t size)
{
	return may_allocate() ? __real_realloc(memory, size) : NULL;
}

static const struct assign_channel chat_3[] = { { "chat", 3, false } };
static const struct assign_channel all_channels[] = { { "chat", 3, false },
						      { "email", 2, false },
						      { "voice", 1, true } };
static const struct assign_attribute english[] = { { "Language.English", 1 } };
static const struct assign_attribute billing_5[] = { { "Language.English", 1 },
						     { "Service.Billing", 5 } };
static const struct assign_need need_english[] = { { "Language.English", 0 } };
static const struct assign_need need_both[] = { { "Language.English", 0 },
						{ "Service.Billing", 8 } };
static const struct assign_set english_set[] = { { 0, need_english, 1 } };
static const struct assign_set both_set[] = { { 0, need_both, 2 } };

/* What a test doesn't say: the macros give defaults that a test may say again. */
#pragma GCC diagnostic ignored "-Woverride-init"
#define AGENT(name, since, ...)                                                                    \
	(&(struct assign_agent){ .id = name,                                                       \
				 .available = true,                                                \
				 .ready_since_ms = since,                                          \
				 .capacity_total = 1,                                              \
				 .channels = chat_3,                                               \
				 .channel_count = 1,                                               \
				 .attributes = english,                                            \
				 .attribute_count = 1,                                             \
				 ##__VA_ARGS__ })
#define WORK(name, age, ...)                                                                       \
	(&(struct assign_work){ .id = name,                                                        \
				.channel = "chat",                                                 \
				.order = age,                                                      \
				.sets = english_set,                                               \
				.set_count = 1,                                                    \
				##__VA_ARGS__ })
#define NAMES(...) ((const char *const[]){ __VA_ARGS__ })

static int set_up(void **state)
{
	return assign_new((struct assign **)state);
}

static int tear_down(void **state)
{
	assign_free(*state);
	return 0;
}

static void expect_match(struct assign *a, const char *work, const char *agent)
{
	struct assign_match m;

	assert_true(assign_match(a, 0, &m));
	assert_string_equal(m.work_id, work);
	assert_string_equal(m.agent_id, agent);
}

static void expect_none(struct assign *a)
{
	struct assign_match m;

	assert_false(assign_match(a, 0, &m));
}

/* RTG-2 */
static void first_come_first_served_within_a_priority(void **state)
{
	struct assign *a = *state;
	const struct assign_set urgent[] = { { 1, need_english, 1 } };

	assert_int_equal(assign_work_add(a, WORK("second", 20)), PL_OK);
	assert_int_equal(assign_work_add(a, WORK("first", 10)), PL_OK);
	assert_int_equal(assign_work_add(a, WORK("urgent", 30, .sets = urgent)), PL_OK);
	expect_none(a);
	assert_int_equal(assign_agent_set(a, AGENT("ann", 0)), PL_OK);
	expect_match(a, "urgent", "ann");
	expect_none(a);
	assert_int_equal(assign_release(a, "urgent"), PL_OK);
	expect_match(a, "first", "ann");
	assert_int_equal(assign_release(a, "first"), PL_OK);
	expect_match(a, "second", "ann");
}

/* RTG-2: an ageing priority is a later place, not a class. */
static void a_low_priority_ages(void **state)
{
	struct assign *a = *state;
	const struct assign_set low[] = { { 5, need_english, 1, .later = 100 } };
	size_t position = 0;

	assert_int_equal(assign_work_add(a, WORK("low", 10, .sets = low)), PL_OK);
	assert_int_equal(assign_work_add(a, WORK("younger", 90)), PL_OK);
	assert_int_equal(assign_work_add(a, WORK("youngest", 111)), PL_OK);
	assert_int_equal(assign_position(a, "low", 0, &position), PL_OK);
	assert_int_equal(position, 2);
	assert_int_equal(assign_agent_set(a, AGENT("ann", 0, .capacity_total = 3)), PL_OK);
	expect_match(a, "younger", "ann");
	expect_match(a, "low", "ann");
	expect_match(a, "youngest", "ann");
}

/* RTG-1: work selection by skill level. */
static void who_works_by_skill_takes_what_suits(void **state)
{
	struct assign *a = *state;
	const struct assign_set urgent[] = { { 1, both_set[0].needs, 2 } };
	const struct assign_set anybody[] = { { 1, NULL, 0 } };

	assert_int_equal(assign_work_add(a, WORK("any", 1, .sets = anybody)), PL_OK);
	assert_int_equal(assign_work_add(a, WORK("billing", 2, .sets = urgent)), PL_OK);
	assert_int_equal(assign_work_add(a, WORK("second", 20)), PL_OK);
	assert_int_equal(assign_work_add(a, WORK("english", 10)), PL_OK);
	assert_int_equal(assign_work_add(a, WORK("not-her", 5, .excluded = NAMES("ann"),
						 .excluded_count = 1)),
			 PL_OK);
	assert_int_equal(assign_agent_set(a, AGENT("ann", 0, .attributes = billing_5,
						   .attribute_count = 2, .by_skill = true)),
			 PL_OK);
	expect_match(a, "english", "ann"); /* 1, against (1 + 5) / 2 */
	assert_int_equal(
		assign_work_add(a, WORK("hers", 30, .named = NAMES("ann"), .named_count = 1)),
		PL_OK);
	assert_int_equal(assign_release(a, "english"), PL_OK);
	expect_match(a, "hers", "ann");
	assert_int_equal(assign_release(a, "hers"), PL_OK);
	expect_match(a, "second", "ann");
	assert_int_equal(assign_release(a, "second"), PL_OK);
	expect_match(a, "billing", "ann");
	assert_int_equal(assign_release(a, "billing"), PL_OK);
	expect_match(a, "any", "ann");
	expect_none(a);
}

/* RTG-4 */
static void requeued_work_keeps_its_position_and_avoids_who_rejected(void **state)
{
	struct assign *a = *state;
	size_t position = 0;

	assert_int_equal(assign_agent_set(a, AGENT("ann", 0)), PL_OK);
	assert_int_equal(assign_work_add(a, WORK("w1", 1)), PL_OK);
	expect_match(a, "w1", "ann");
	assert_int_equal(assign_work_add(a, WORK("w2", 2)), PL_OK);
	assert_int_equal(assign_release(a, "w1"), PL_OK);
	assert_int_equal(
		assign_work_add(a, WORK("w1", 1, .excluded = NAMES("ann"), .excluded_count = 1)),
		PL_OK);
	assert_int_equal(assign_position(a, "w1", 0, &position), PL_OK);
	assert_int_equal(position, 1);
	assert_int_equal(assign_position(a, "w2", 0, &position), PL_OK);
	assert_int_equal(position, 2);
	expect_match(a, "w2", "ann");
	assert_int_equal(assign_agent_set(a, AGENT("bob", 0)), PL_OK);
	expect_match(a, "w1", "bob");
}

/* Five agents free at once are more than are looked at one by one: their queues are walked. */
static void whom_the_first_excludes_takes_the_second(void **state)
{
	struct assign *a = *state;

	assign_work_add(a, WORK("w1", 1, .excluded = NAMES("a5"), .excluded_count = 1));
	assign_work_add(a, WORK("w2", 2, .excluded = NAMES("a5"), .excluded_count = 1));
	assign_work_add(a, WORK("w3", 3));
	assign_work_add(a, WORK("w4", 4));
	expect_none(a);
	for (int i = 1; i <= 4; i++)
		assign_agent_set(a, AGENT(((const char *[]){ "a1", "a2", "a3", "a4" })[i - 1], 0,
					  .attributes = NULL, .attribute_count = 0));
	assign_agent_set(a, AGENT("a5", 0));
	expect_match(a, "w3", "a5");
	expect_none(a);
	assign_release(a, "w3");
	expect_match(a, "w4", "a5");
}

/* RTG-1 */
static void each_selection_takes_its_own(void **state)
{
	struct assign *a = *state;
	static const struct assign_attribute good[] = { { "Language.English", 1 },
							{ "Service.Billing", 2 } };
	static const struct assign_attribute poor[] = { { "Language.English", 1 },
							{ "Service.Billing", 9 } };

	assign_agent_set(a, AGENT("idle", 1, .capacity_total = 5, .rank = 9,
				  .attributes = billing_5, .attribute_count = 2));
	assign_agent_set(a, AGENT("good", 2, .capacity_total = 5, .rank = 8, .attributes = good,
				  .attribute_count = 2));
	assign_agent_set(a, AGENT("ranked", 3, .capacity_total = 5, .rank = 1,
				  .attributes = billing_5, .attribute_count = 2));
	assign_agent_set(a, AGENT("free", 4, .capacity_total = 5, .rank = 7,
				  .attributes = billing_5, .attribute_count = 2));
	assign_agent_set(a, AGENT("poor", 0, .capacity_total = 5, .rank = 0, .attributes = poor,
				  .attribute_count = 2));
	assert_int_equal(assign_reserve(a, "idle", "chat", "o1"), PL_OK);
	assert_int_equal(assign_reserve(a, "good", "chat", "o2"), PL_OK);
	assert_int_equal(assign_reserve(a, "ranked", "chat", "o3"), PL_OK);
	for (int i = 0; i < ASSIGN_SELECTION_COUNT; i++) {
		static const char *const expected[] = { "idle", "free", "good", "ranked" };

		assert_int_equal(assign_work_add(a, WORK("w", 1, .sets = both_set,
							 .selection = (enum assign_selection)i)),
				 PL_OK);
		expect_match(a, "w", expected[i]);
		assert_int_equal(assign_release(a, "w"), PL_OK);
	}
}

/* RTG-1 */
static void named_agents_come_before_sets_and_required_ones_alone(void **state)
{
	struct assign *a = *state;

	assign_agent_set(a, AGENT("ann", 0));
	assign_agent_set(a, AGENT("bob", 5, .attributes = NULL, .attribute_count = 0));
	assign_work_add(a, WORK("w1", 1, .named = NAMES("zoe", "bob"), .named_count = 2));
	expect_match(a, "w1", "bob");
	assign_work_add(
		a, WORK("w2", 2, .named = NAMES("bob"), .named_count = 1, .named_required = true));
	assign_work_add(a, WORK("w3", 3, .named = NAMES("bob"), .named_count = 1));
	expect_match(a, "w3", "ann");
	expect_none(a);
	assert_int_equal(assign_release(a, "w1"), PL_OK);
	expect_match(a, "w2", "bob");
}

/* RTG-3 */
static void voice_is_exclusive_and_channels_have_their_own_limits(void **state)
{
	struct assign *a = *state;

	assign_agent_set(a, AGENT("ann", 0, .capacity_total = 4, .channels = all_channels,
				  .channel_count = 3));
	assign_work_add(a, WORK("v1", 1, .channel = "voice"));
	assign_work_add(a, WORK("c1", 2));
	expect_match(a, "v1", "ann");
	expect_none(a);
	assign_release(a, "v1");
	expect_match(a, "c1", "ann");
	assign_work_add(a, WORK("v2", 3, .channel = "voice"));
	assign_work_add(a, WORK("e1", 4, .channel = "email"));
	assign_work_add(a, WORK("e2", 5, .channel = "email"));
	assign_work_add(a, WORK("e3", 6, .channel = "email"));
	assign_work_add(a, WORK("c2", 7));
	assign_work_add(a, WORK("c3", 8));
	expect_match(a, "e1", "ann");
	expect_match(a, "e2", "ann");
	expect_match(a, "c2", "ann");
	expect_none(a);
}

/* RTG-8 */
/* RTG-3 */
static void an_interruptible_contact_does_not_keep_a_call_away(void **state)
{
	struct assign *a = *state;
	const struct assign_channel channels[] = { { "chat", 3, false },
						   { "email", 2, false, true },
						   { "voice", 1, true } };

	assign_agent_set(
		a, AGENT("ann", 0, .capacity_total = 4, .channels = channels, .channel_count = 3));
	assign_work_add(a, WORK("e1", 1, .channel = "email"));
	expect_match(a, "e1", "ann");
	assign_work_add(a, WORK("v1", 2, .channel = "voice"));
	expect_match(a, "v1", "ann");
	assign_work_add(a, WORK("e2", 3, .channel = "email")); /* nothing new beside a call */
	expect_none(a);
	assign_release(a, "v1");
	expect_match(a, "e2", "ann");
	assign_work_add(a, WORK("c1", 4));
	expect_match(a, "c1", "ann");
	assign_work_add(a, WORK("v2", 5, .channel = "voice")); /* a chat does keep it away */
	expect_none(a);
}

static void a_reservation_is_released_once(void **state)
{
	struct assign *a = *state;

	assign_agent_set(a, AGENT("ann", 0));
	assert_int_equal(assign_reserve(a, "ann", "chat", "offer-1"), PL_OK);
	assert_int_equal(assign_reserve(a, "ann", "chat", "offer-1"), PL_STATE);
	assert_int_equal(assign_reserve(a, "ann", "chat", "offer-2"), PL_STATE);
	assert_int_equal(assign_reserve(a, "nobody", "chat", "offer-2"), PL_NOTFOUND);
	assert_int_equal(assign_rename(a, "offer-1", "offer-3"), PL_OK);
	assert_int_equal(assign_release(a, "offer-1"), PL_NOTFOUND);
	assert_int_equal(assign_release(a, "offer-3"), PL_OK);
	assert_int_equal(assign_release(a, "offer-3"), PL_NOTFOUND);
	assert_int_equal(assign_reserved(a), 0);
	/* a reference promised to a waiting work is not reserved, and not free either */
	assign_work_add(a, WORK("w", 1, .ref = "offer-4"));
	assert_int_equal(assign_release(a, "offer-4"), PL_NOTFOUND);
	assert_int_equal(assign_reserve(a, "ann", "chat", "offer-4"), PL_STATE);
	assert_int_equal(assign_work_add(a, WORK("x", 2, .ref = "offer-4")), PL_STATE);
	expect_match(a, "w", "ann");
	assert_int_equal(assign_release(a, "offer-4"), PL_OK);
}

static void removed_agent_keeps_its_reservations(void **state)
{
	struct assign *a = *state;

	assign_agent_set(a, AGENT("ann", 0));
	assign_reserve(a, "ann", "chat", "o");
	assert_int_equal(assign_agent_remove(a, "ann"), PL_OK);
	assert_int_equal(assign_agent_remove(a, "ann"), PL_NOTFOUND);
	assert_int_equal(assign_agent_available(a, "ann", true, 0), PL_NOTFOUND);
	assign_work_add(a, WORK("w", 1));
	expect_none(a);
	assign_agent_set(a, AGENT("ann", 0));
	expect_none(a);
	assert_int_equal(assign_release(a, "o"), PL_OK);
	expect_match(a, "w", "ann");
}

/* RTG-2: whatever the order in which state is stated again */
static void restart_goes_on_the_same(void **state)
{
	enum { AGENTS = 90, WORKS = 300 };
	struct assign *engines[2] = { *state, NULL };
	struct assign_match m[2];
	char id[32];

	assert_int_equal(assign_new(&engines[1]), PL_OK);
	for (int e = 0; e < 2; e++) {
		/* backwards, works first, facts before agents in the second */
		for (int i = 0; e == 1 && i < WORKS; i++) {
			snprintf(id, sizeof(id), "w%d", WORKS - 1 - i);
			assert_int_equal(
				assign_work_add(engines[e],
						WORK(id, (uint64_t)(WORKS - 1 - i) / 2,
						     .sets = i % 2 ? both_set : english_set)),
				PL_OK);
		}
		if (e == 1)
			assert_int_equal(assign_restore(engines[e], "a7", "chat", "o"), PL_OK);
		for (int i = 0; i < AGENTS; i++) {
			int n = e ? AGENTS - 1 - i : i;

			snprintf(id, sizeof(id), "a%d", n);
			assert_int_equal(assign_agent_set(engines[e],
							  AGENT(id, n / 3, .capacity_total = 2,
								.attributes = billing_5,
								.attribute_count = n % 4 ? 1 : 2)),
					 PL_OK);
		}
		if (e == 0)
			assert_int_equal(assign_restore(engines[e], "a7", "chat", "o"), PL_OK);
		for (int i = 0; e == 0 && i < WORKS; i++) {
			snprintf(id, sizeof(id), "w%d", i);
			assert_int_equal(
				assign_work_add(engines[e],
						WORK(id, (uint64_t)i / 2,
						     .sets = i % 2 ? english_set : both_set)),
				PL_OK);
		}
	}
	for (;;) {
		bool more = assign_match(engines[0], 0, &m[0]);

		assert_int_equal(assign_match(engines[1], 0, &m[1]), more);
		if (!more)
			break;
		assert_string_equal(m[0].work_id, m[1].work_id);
		assert_string_equal(m[0].agent_id, m[1].agent_id);
	}
	assert_int_equal(assign_reserved(engines[0]), 2 * AGENTS);
	assign_free(engines[1]);
}

/* RTG-7 */
static void every_agent_has_its_reason(void **state)
{
	struct assign *a = *state;
	struct assign_explanation x;
	struct assign_match m;

	assign_agent_set(a, AGENT("busy", 0));
	assign_reserve(a, "busy", "chat", "o");
	assign_agent_set(a, AGENT("away", 0, .available = false));
	assign_agent_set(a, AGENT("lacks", 0, .attributes = NULL, .attribute_count = 0));
	assign_agent_set(a, AGENT("rejected", 0));
	assign_work_add(a, WORK("w", 1, .excluded = NAMES("rejected"), .excluded_count = 1));
	expect_none(a);
	assert_int_equal(assign_explain(a, "w", 0, &x), PL_OK);
	assert_memory_equal(&x.counts, &((struct assign_counts){ 4, 1, 1, 1, 1, 0 }),
			    sizeof(x.counts));
	assert_int_equal(x.candidate_count, 3);
	assert_string_equal(x.candidates[0].agent_id, "busy");
	assert_int_equal(x.candidates[0].reason, ASSIGN_AT_CAPACITY);
	assert_int_equal(x.candidates[0].in_use, 1);
	assert_string_equal(x.candidates[1].agent_id, "away");
	assert_string_equal(x.candidates[2].agent_id, "rejected");
	assign_agent_set(a, AGENT("takes", 7));
	assert_true(assign_match_explained(a, 0, &m, &x));
	assert_string_equal(m.agent_id, "takes");
	assert_int_equal(m.counts.eligible, 1);
	assert_string_equal(x.candidates[0].agent_id, "takes");
	assert_int_equal(x.candidates[0].reason, ASSIGN_ELIGIBLE);
	assert_int_equal(assign_explain(a, "w", 0, &x), PL_NOTFOUND);
}

/* RTG-5 */
static void waits_are_estimated_from_recent_matches(void **state)
{
	struct assign *a = *state;
	struct assign_match m;
	struct assign_queue_stats stats;
	int64_t wait_ms = 0;
	char id[32];

	assign_agent_set(a, AGENT("ann", 0));
	for (int i = 0; i < 10; i++) {
		snprintf(id, sizeof(id), "w%d", i);
		assert_int_equal(assign_work_add(a, WORK(id, (uint64_t)i)), PL_OK);
	}
	assert_int_equal(assign_estimate(a, "w5", 0, 0, &wait_ms), PL_OK);
	assert_int_equal(wait_ms, -1);
	for (int i = 0; i < 5; i++) {
		assert_true(assign_match(a, 1000 + 60 * i, &m));
		assign_release(a, m.work_id);
	}
	/* 5 wait; four intervals of 60 ms: the third in line waits three of them */
	assert_int_equal(assign_estimate(a, "w7", 0, 1240, &wait_ms), PL_OK);
	assert_int_equal(wait_ms, 180);
	assert_int_equal(assign_queue_stats(a, "chat", english_set, 1240, &stats), PL_OK);
	assert_int_equal(stats.waiting, 5);
	assert_int_equal(stats.ahead, 5);
	assert_int_equal(stats.estimate_ms, 360);
	assert_int_equal(stats.agents.eligible, 1);
	assert_int_equal(assign_queue_stats(a, "fax", both_set, 1240, &stats), PL_OK);
	assert_int_equal(stats.waiting, 0);
	assert_int_equal(stats.agents.total, 1);
	assert_int_equal(stats.estimate_ms, -1);
}

static void bad_input_is_refused_and_changes_nothing(void **state)
{
	struct assign *a = *state;
	char long_id[ASSIGN_ID_MAX + 2];
	static const struct assign_need no_dot[] = { { "English", 0 } };
	static const struct assign_need twice[] = { { "A.b", 0 }, { "A.b", 3 } };
	static const struct assign_need far[] = { { "A.b", 17 } };
	static const struct assign_attribute zero[] = { { "A.b", 0 } };
	static const struct assign_channel none[] = { { "chat", 0, false } };
	const struct assign_set sets[] = {
		{ 11, need_english, 1 }, { 1, no_dot, 1 }, { 1, twice, 2 },
		{ 1, far, 1 },		 { 1, NULL, 1 },   { 1, twice, 17 },
	};
	struct assign_match m;
	size_t position;

	memset(long_id, 'x', sizeof(long_id) - 1);
	long_id[sizeof(long_id) - 1] = '\0';
	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++)
		assert_int_equal(assign_work_add(a, WORK("w", 1, .sets = &sets[i])), PL_INVALID);
	assert_int_equal(assign_work_add(a, WORK("", 1)), PL_INVALID);
	assert_int_equal(assign_work_add(a, WORK(NULL, 1)), PL_INVALID);
	assert_int_equal(assign_work_add(a, WORK(long_id, 1)), PL_INVALID);
	assert_int_equal(assign_work_add(a, WORK("w", 1, .ref = "")), PL_INVALID);
	assert_int_equal(assign_work_add(a, WORK("w", 1, .set_count = 7)), PL_INVALID);
	assert_int_equal(assign_work_add(a, WORK("w", 1, .set_count = 0)), PL_INVALID);
	assert_int_equal(assign_work_add(a, WORK("w", 1, .named_required = true)), PL_INVALID);
	assert_int_equal(assign_work_add(a, WORK("w", 1, .named_count = 1)), PL_INVALID);
	assert_int_equal(assign_work_add(a, WORK("w", 1, .excluded_count = 65)), PL_INVALID);
	assert_int_equal(assign_work_add(a, WORK("w", 1, .selection = 9)), PL_INVALID);
	assert_int_equal(assign_work_add(a, NULL), PL_INVALID);
	assert_int_equal(assign_work_add(NULL, WORK("w", 1)), PL_INVALID);
	assert_int_equal(assign_agent_set(a, NULL), PL_INVALID);
	assert_int_equal(assign_agent_set(a, AGENT("a", 0, .attributes = zero)), PL_INVALID);
	assert_int_equal(assign_agent_set(a, AGENT("a", 0, .channels = none)), PL_INVALID);
	assert_int_equal(assign_agent_set(a, AGENT("a", 0, .channels = NULL)), PL_INVALID);
	assert_int_equal(assign_agent_set(a, AGENT("a", 0, .capacity_total = 1001)), PL_INVALID);
	assert_int_equal(assign_agent_set(a, AGENT(long_id, 0)), PL_INVALID);
	assert_int_equal(assign_agent_available(a, NULL, true, 0), PL_INVALID);
	assert_int_equal(assign_agent_remove(NULL, "a"), PL_INVALID);
	assert_int_equal(assign_release(a, NULL), PL_INVALID);
	assert_int_equal(assign_rename(a, "a", NULL), PL_NOTFOUND);
	assert_int_equal(assign_position(a, "w", 0, NULL), PL_INVALID);
	assert_int_equal(assign_position(a, "w", 0, &position), PL_NOTFOUND);
	assert_int_equal(assign_explain(a, "w", 0, NULL), PL_INVALID);
	assert_int_equal(assign_new(NULL), PL_INVALID);
	assert_false(assign_match(NULL, 0, &m));
	assert_false(assign_match(a, 0, NULL));
	assign_free(NULL);
	assert_int_equal(assign_waiting(a), 0);
	assert_string_equal(pl_err_detail(PL_INVALID), "nowhere to put the engine");
	/* channels run out by name, not by number of agents */
	for (int i = 0; i <= ASSIGN_CHANNELS_MAX; i++) {
		char channel[16];

		snprintf(channel, sizeof(channel), "c%d", i);
		assert_int_equal(assign_work_add(a, WORK(channel, 1, .channel = channel)),
				 i < ASSIGN_CHANNELS_MAX ? PL_OK : PL_INVALID);
	}
}

static void queues_of_sets_seen_once_are_given_up(void **state)
{
	struct assign *a = *state;
	char attribute[32];

	assign_agent_set(a, AGENT("ann", 0));
	for (int i = 0; i < 5000; i++) {
		struct assign_need need = { attribute, 0 };
		struct assign_set set = { 0, &need, 1 };

		snprintf(attribute, sizeof(attribute), "Account.%d", i);
		assert_int_equal(assign_work_add(a, WORK("w", 1, .sets = &set)), PL_OK);
		if (i % 10 == 0) {
			struct assign_attribute has = { attribute, 1 };

			assign_agent_set(a, AGENT("ann", 0, .attributes = &has));
			expect_match(a, "w", "ann");
			assign_release(a, "w");
		} else {
			expect_none(a);
			assert_int_equal(assign_work_remove(a, "w"), PL_OK);
		}
	}
}

/* A short life in which each step succeeds or is tried again with memory: the end is the same. */
static void live(struct assign **ap, long fail_at, bool *failedp)
{
	static const char *const names[] = { "ann", "new-1", "new-2" };
	struct assign_match m;
	struct assign *a;
	char id[32];

#define TRY(call)                                                                                  \
	do {                                                                                       \
		enum pl_err err_ = (call);                                                         \
		if (err_ == PL_NOMEM) {                                                            \
			*failedp = true;                                                           \
			allocations_left = -1;                                                     \
			err_ = (call);                                                             \
		}                                                                                  \
		assert_int_equal(err_, PL_OK);                                                     \
	} while (0)
	allocations_left = fail_at;
	TRY(assign_new(&a));
	for (int i = 0; i < 70; i++) {
		snprintf(id, sizeof(id), "a%d", i);
		TRY(assign_agent_set(a,
				     AGENT(id, i % 7, .channels = all_channels, .channel_count = 3,
					   .attributes = billing_5, .attribute_count = 2)));
	}
	for (int i = 0; i < 90; i++) {
		struct assign_need needs[] = { { "Language.English", 0 }, { id, 0 } };
		struct assign_set sets[] = { { 0, need_english, 1 }, { 3, needs, 2 } };

		snprintf(id, sizeof(id), "Rare.%d", i);
		TRY(assign_work_add(a, WORK(id, (uint64_t)i, .sets = sets, .set_count = 2,
					    .selection = (enum assign_selection)(i / 20 % 4),
					    .named = names, .named_count = i % 4 ? 0 : 3,
					    .excluded = NAMES("a1", "new-3"),
					    .excluded_count = i % 3)));
	}
	TRY(assign_reserve(a, "a69", "email", "o1"));
	TRY(assign_restore(a, "new-4", "fax", "o2"));
	TRY(assign_rename(a, "o1", "o3"));
	TRY(assign_agent_set(a, AGENT("a3", 3, .attributes = english)));
	allocations_left = -1;
#undef TRY
	for (int i = 0; i < 70 && assign_match(a, 0, &m); i++)
		if (i == 30)
			assert_int_equal(assign_release(a, m.ref), PL_OK);
	assert_int_equal(assign_waiting(a), 20);
	*ap = a;
}

static void want_of_memory_changes_nothing(void **state)
{
	bool failed = true;

	(void)state;
	for (long n = 1; failed; n++) {
		struct assign *a = NULL;

		failed = false;
		live(&a, n, &failed);
		assign_free(a);
	}
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(first_come_first_served_within_a_priority),
		T(a_low_priority_ages),
		T(who_works_by_skill_takes_what_suits),
		T(requeued_work_keeps_its_position_and_avoids_who_rejected),
		T(whom_the_first_excludes_takes_the_second),
		T(each_selection_takes_its_own),
		T(named_agents_come_before_sets_and_required_ones_alone),
		T(voice_is_exclusive_and_channels_have_their_own_limits),
		T(an_interruptible_contact_does_not_keep_a_call_away),
		T(a_reservation_is_released_once),
		T(removed_agent_keeps_its_reservations),
		T(restart_goes_on_the_same),
		T(every_agent_has_its_reason),
		T(waits_are_estimated_from_recent_matches),
		T(bad_input_is_refused_and_changes_nothing),
		T(queues_of_sets_seen_once_are_given_up),
		cmocka_unit_test(want_of_memory_changes_nothing),
	};

	return cmocka_run_group_tests_name("assign", tests, NULL, NULL) + assign_property_tests();
}
