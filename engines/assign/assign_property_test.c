/*
 * assign_property_test.c — random steps against the reference: the same decisions, always
 * (RTG-1 to RTG-4, RTG-7, RTG-8).
 *
 * ASSIGN_STEPS in the environment sets the number of steps (default 48,000), ASSIGN_SEED the start
 * of the random numbers.
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

#include "assign_test.h"
#include "reference.h"

struct world {
	struct assign *a;
	struct reference *r;
	uint64_t random;
	unsigned agents, works; /* how much of the reference's room this run uses */
	unsigned eager;		/* percent of the steps that are followed by decisions */
	int64_t now_ms;
	uint64_t next_order;
	unsigned next_ref;
};

static unsigned draw(struct world *w, unsigned below)
{
	w->random ^= w->random << 13;
	w->random ^= w->random >> 7;
	w->random ^= w->random << 17;
	return (unsigned)((w->random >> 32) % below);
}

static bool chance(struct world *w, unsigned percent)
{
	return draw(w, 100) < percent;
}

static const char *const channel_names[REF_CHANNELS] = { "chat", "email", "voice" };

static const char *name(char kind, unsigned number)
{
	static char names[8][32];
	static unsigned next;
	char *to = names[next++ % 8];

	snprintf(to, sizeof(names[0]), "%c-%07u", kind, number);
	return to;
}

static const char *attribute_name(unsigned number)
{
	static char names[REF_ATTRIBUTES][16];

	snprintf(names[number], sizeof(names[0]), "Skill.%u", number);
	return names[number];
}

static void set_agent(struct world *w, unsigned number)
{
	struct ref_agent *agent = &w->r->agents[number];
	struct assign_channel channels[REF_CHANNELS];
	struct assign_attribute attributes[REF_ATTRIBUTES];
	struct assign_agent given = { .id = name('a', number),
				      .channels = channels,
				      .attributes = attributes };

	agent->present = true;
	given.available = agent->available = chance(w, 70);
	given.ready_since_ms = agent->ready_since_ms = w->now_ms - draw(w, 50);
	given.capacity_total = agent->capacity_total = draw(w, 8);
	given.rank = agent->rank = draw(w, 3);
	given.by_skill = agent->by_skill = chance(w, 25);
	for (unsigned i = 0; i < REF_CHANNELS; i++) {
		agent->max[i] = draw(w, 4);
		agent->exclusive[i] = i == 2 ? chance(w, 80) : chance(w, 5);
		agent->interruptible[i] = !agent->exclusive[i] && chance(w, 40);
		if (agent->max[i])
			channels[given.channel_count++] =
				(struct assign_channel){ channel_names[i], agent->max[i],
							 agent->exclusive[i],
							 agent->interruptible[i] };
		else
			agent->exclusive[i] = agent->interruptible[i] = false;
	}
	for (unsigned i = 0; i < REF_ATTRIBUTES; i++) {
		agent->proficiency[i] = chance(w, 50) ? 1 + draw(w, 16) : 0;
		if (agent->proficiency[i])
			attributes[given.attribute_count++] =
				(struct assign_attribute){ attribute_name(i),
							   agent->proficiency[i] };
	}
	assert_int_equal(assign_agent_set(w->a, &given), PL_OK);
}

static void change_available(struct world *w, unsigned number)
{
	struct ref_agent *agent = &w->r->agents[number];
	bool available = chance(w, 75);
	int64_t since = w->now_ms - (chance(w, 20) ? draw(w, 60) : 0);

	assert_int_equal(assign_agent_available(w->a, name('a', number), available, since),
			 agent->present ? PL_OK : PL_NOTFOUND);
	if (!agent->present)
		return;
	agent->available = available;
	agent->ready_since_ms = since;
}

static void remove_agent(struct world *w, unsigned number)
{
	struct ref_agent *agent = &w->r->agents[number];

	assert_int_equal(assign_agent_remove(w->a, name('a', number)),
			 agent->present ? PL_OK : PL_NOTFOUND);
	agent->present = false;
}

static struct ref_hold *find_hold(struct world *w, unsigned ref)
{
	for (unsigned i = 0; i < REF_HOLDS; i++)
		if (w->r->holds[i].held && w->r->holds[i].ref == ref)
			return &w->r->holds[i];
	return NULL;
}

static struct ref_hold *any_hold(struct world *w)
{
	unsigned start = draw(w, REF_HOLDS), held = 0;

	/* the first ones are the fullest */
	while (held < REF_HOLDS && w->r->holds[held].held)
		held++;
	if (held)
		return &w->r->holds[start % held];
	return NULL;
}

static void hold(struct world *w, unsigned ref, unsigned agent, unsigned channel)
{
	unsigned i = 0;

	while (w->r->holds[i].held)
		i++;
	w->r->holds[i] = (struct ref_hold){ true, ref, agent, channel };
	w->r->agents[agent].used[channel]++;
}

static void draw_set(struct world *w, struct ref_set *set, struct assign_set *given,
		     struct assign_need *needs)
{
	bool usual = chance(w, 75); /* what many works ask for, so that queues get long */
	unsigned count = usual ? 1 : draw(w, 4), start = draw(w, usual ? 2 : REF_ATTRIBUTES);

	memset(set, 0, sizeof(*set));
	set->priority = chance(w, 70) ? 5 : 1 + draw(w, 10);
	set->later = chance(w, 20) ? draw(w, 40) : 0;
	*given = (struct assign_set){ .priority = set->priority,
				      .later = set->later,
				      .needs = needs };
	if (set->priority == 5 && chance(w, 50))
		given->priority = 0;
	for (unsigned i = 0; i < count; i++) {
		/* backwards or forwards: the same set in another order */
		unsigned no = (start + (w->random & 1 ? count - 1 - i : i)) % REF_ATTRIBUTES;
		unsigned max = usual || chance(w, 60) ? 0 : 1 + draw(w, 16);

		if (set->max_proficiency[no])
			continue;
		set->max_proficiency[no] = max ? max : 16;
		needs[given->need_count++] = (struct assign_need){ attribute_name(no), max };
	}
}

static void add_work(struct world *w, unsigned number)
{
	struct ref_work *work = &w->r->works[number], drawn = { .id = number };
	struct assign_need needs[ASSIGN_SETS_MAX][ASSIGN_NEEDS_MAX];
	struct assign_set sets[ASSIGN_SETS_MAX];
	const char *named[ASSIGN_NAMED_MAX], *excluded[ASSIGN_EXCLUDED_MAX];
	char names[ASSIGN_NAMED_MAX + ASSIGN_EXCLUDED_MAX][32];
	struct assign_work given = { .sets = sets, .named = named, .excluded = excluded };
	unsigned n = 0;

	drawn.channel = draw(w, REF_CHANNELS);
	drawn.order = chance(w, 80) ? w->next_order++ : draw(w, (unsigned)w->next_order + 1);
	drawn.selection = (enum assign_selection)draw(w, ASSIGN_SELECTION_COUNT);
	drawn.set_count = chance(w, 80) ? 1 : 1 + draw(w, ASSIGN_SETS_MAX);
	drawn.named_count = chance(w, 15) ? 1 + draw(w, ASSIGN_NAMED_MAX) : 0;
	if (drawn.named_count) {
		drawn.named_required = chance(w, 50);
		if (chance(w, 30))
			drawn.set_count = 0;
	}
	if (chance(w, 30))
		drawn.excluded_count = 1 + draw(w, chance(w, 50) ? 12 : 3);
	drawn.ref = w->next_ref++;
	for (unsigned i = 0; i < drawn.set_count; i++)
		draw_set(w, &drawn.sets[i], &sets[i], needs[i]);
	for (unsigned i = 0; i < drawn.named_count; i++, n++) {
		drawn.named[i] = draw(w, w->agents);
		named[i] = memcpy(names[n], name('a', drawn.named[i]), sizeof(names[n]));
	}
	for (unsigned i = 0; i < drawn.excluded_count; i++, n++) {
		drawn.excluded[i] = draw(w, w->agents < 8 || chance(w, 30) ? w->agents : 8);
		excluded[i] = memcpy(names[n], name('a', drawn.excluded[i]), sizeof(names[n]));
	}
	given.id = name('w', number);
	given.channel = channel_names[drawn.channel];
	given.ref = name('r', drawn.ref);
	given.order = drawn.order;
	given.selection = drawn.selection;
	given.set_count = drawn.set_count;
	given.named_count = drawn.named_count;
	given.named_required = drawn.named_required;
	given.excluded_count = drawn.excluded_count;
	assert_int_equal(assign_work_add(w->a, &given), work->waits ? PL_STATE : PL_OK);
	if (work->waits)
		return;
	*work = drawn;
	work->waits = true;
}

static void remove_work(struct world *w, unsigned number)
{
	struct ref_work *work = &w->r->works[number];

	assert_int_equal(assign_work_remove(w->a, name('w', number)),
			 work->waits ? PL_OK : PL_NOTFOUND);
	work->waits = false;
}

static void release(struct world *w)
{
	struct ref_hold *h = any_hold(w);
	unsigned ref = h ? h->ref : w->next_ref;

	if (!h) {
		assert_int_equal(assign_release(w->a, name('r', ref)), PL_NOTFOUND);
		return;
	}
	h->held = false;
	w->r->agents[h->agent].used[h->channel]--;
	assert_int_equal(assign_release(w->a, name('r', ref)), PL_OK);
	assert_int_equal(assign_release(w->a, name('r', ref)), PL_NOTFOUND);
}

static void reserve(struct world *w, bool is_fact)
{
	unsigned agent = draw(w, w->agents), channel = draw(w, REF_CHANNELS);
	unsigned ref = w->next_ref++;
	bool present = w->r->agents[agent].present;
	bool fits = reference_has_capacity(&w->r->agents[agent], channel);
	enum pl_err expected = PL_OK;

	if (!is_fact)
		expected = !present ? PL_NOTFOUND : fits ? PL_OK : PL_STATE;
	assert_int_equal((is_fact ? assign_restore : assign_reserve)(
				 w->a, name('a', agent), channel_names[channel], name('r', ref)),
			 expected);
	if (!expected)
		hold(w, ref, agent, channel);
}

static void rename_hold(struct world *w)
{
	struct ref_hold *h = any_hold(w);
	unsigned ref = w->next_ref++;

	if (!h)
		return;
	assert_int_equal(assign_rename(w->a, name('r', h->ref), name('r', ref)), PL_OK);
	h->ref = ref;
}

static void check_explanation(const struct assign_explanation *x, const struct assign_match *m,
			      bool by_skill)
{
	bool found = false;

	assert_memory_equal(&x->counts, &m->counts, sizeof(x->counts));
	assert_in_range(x->candidate_count, 1, ASSIGN_CANDIDATES_MAX);
	if (!by_skill)
		assert_string_equal(x->candidates[0].agent_id, m->agent_id);
	for (size_t i = 0; i < x->candidate_count; i++) {
		found = found || strcmp(x->candidates[i].agent_id, m->agent_id) == 0;
		assert_int_equal(x->candidates[i].reason == ASSIGN_ELIGIBLE,
				 i < x->counts.eligible);
	}
	assert_true(found || x->counts.eligible > ASSIGN_CANDIDATES_MAX);
}

/* Takes decisions until there is none, or at most that many, comparing each. */
static void decide(struct world *w, unsigned most)
{
	static struct assign_explanation x;
	struct ref_decision d;
	struct assign_match m;

	for (unsigned i = 0; i < most; i++) {
		bool expected = reference_next(w->r, &d), explained = chance(w, 10);

		assert_int_equal(assign_match_explained(w->a, w->now_ms, &m, explained ? &x : NULL),
				 expected);
		if (!expected)
			return;
		assert_string_equal(m.work_id, name('w', d.work->id));
		assert_string_equal(m.agent_id, name('a', d.agent));
		assert_string_equal(m.ref, name('r', d.work->ref));
		assert_int_equal(m.set, d.set);
		assert_int_equal(m.priority, d.priority);
		assert_true(m.order == d.order);
		assert_memory_equal(&m.counts, &d.counts, sizeof(d.counts));
		if (explained)
			check_explanation(&x, &m, w->r->agents[d.agent].by_skill);
		assert_true(reference_has_capacity(&w->r->agents[d.agent], d.work->channel));
		d.work->waits = false;
		hold(w, d.work->ref, d.agent, d.work->channel);
	}
}

static void ask_position(struct world *w, unsigned number)
{
	const struct ref_work *work = &w->r->works[number];
	size_t position = 0;
	unsigned set = draw(w, ASSIGN_SETS_MAX);
	enum pl_err err = assign_position(w->a, name('w', number), (int)set, &position);

	if (!work->waits) {
		assert_int_equal(err, PL_NOTFOUND);
	} else if (set >= work->set_count || work->named_required) {
		assert_int_equal(err, PL_INVALID);
	} else {
		assert_int_equal(err, PL_OK);
		assert_int_equal(position, reference_position(w->r, work, set));
	}
}

static void step(struct world *w)
{
	unsigned kind = draw(w, 100);

	w->now_ms += draw(w, 3);
	if (kind < 8)
		set_agent(w, draw(w, w->agents));
	else if (kind < 26)
		change_available(w, draw(w, w->agents));
	else if (kind < 28)
		remove_agent(w, draw(w, w->agents));
	else if (kind < 62)
		add_work(w, draw(w, w->works));
	else if (kind < 64)
		remove_work(w, draw(w, w->works));
	else if (kind < 86)
		release(w);
	else if (kind < 91)
		reserve(w, false);
	else if (kind < 92)
		reserve(w, true);
	else if (kind < 94)
		rename_hold(w);
	else
		ask_position(w, draw(w, w->works));
	if (chance(w, w->eager))
		decide(w, chance(w, 90) ? UINT32_MAX : 1);
}

static void run(unsigned agents, unsigned works, unsigned eager, unsigned long steps, uint64_t seed)
{
	struct world w = {
		.random = seed * 0x9e3779b97f4a7c15u | 1,
		.agents = agents,
		.works = works,
		.eager = eager,
	};

	w.r = calloc(1, sizeof(*w.r));
	assert_non_null(w.r);
	assert_int_equal(assign_new(&w.a), PL_OK);
	for (unsigned i = 0; i < agents; i++)
		if (chance(&w, 80))
			set_agent(&w, i);
	for (unsigned long i = 0; i < steps; i++)
		step(&w);
	decide(&w, UINT32_MAX);
	assert_null(find_hold(&w, w.next_ref));
	assign_free(w.a);
	free(w.r);
}

static unsigned long from_environment(const char *variable, unsigned long otherwise)
{
	const char *text = getenv(variable);

	return text ? strtoul(text, NULL, 10) : otherwise;
}

static void decides_as_the_reference(void **state)
{
	unsigned long steps = from_environment("ASSIGN_STEPS", 48000);
	uint64_t seed = from_environment("ASSIGN_SEED", 20240229);

	(void)state;
	/* few agents fight for everything, many fill several blocks of the index, many works wait
	 */
	run(3, 8, 85, steps / 4, seed);
	run(10, 60, 10, steps / 4, seed + 1);
	run(12, 40, 85, steps / 4, seed + 2);
	run(60, 20, 85, steps / 8, seed + 3);
	run(400, 200, 85, steps / 16 + 1, seed + 4);
	run(20, 500, 50, steps / 16 + 1, seed + 5);
}

int assign_property_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decides_as_the_reference),
	};

	return cmocka_run_group_tests_name("assign, random steps", tests, NULL, NULL);
}
