/*
 * assign_bench.c — matches a second of the assignment engine, beside a linear scan in the same run.
 *
 *   assign_bench [agents [seconds]]     (4500, 1)
 *
 * The world: each agent speaks one of 8 languages and has 3 of 16 skills at one of 5 levels; a work
 * needs a language and a skill at some level or better, and goes to the longest idle. Half of the
 * agents are busy: each match frees the agent matched so many matches ago. The baseline is a scan
 * of an array of 16 bytes an agent that knows nothing but numbers; the engine's figure has
 * everything in it: the work added by name, matched with its counts, its capacity released, its
 * agent ready again. Both must decide the same. Seconds are of this process's own processor time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engines/assign/assign.h"

enum {
	LANGUAGES = 8,
	SKILLS = 16,
	LEVELS = 5,
	SETS = LANGUAGES * SKILLS * LEVELS,
	AGENTS_MAX = 100000
};

struct person {
	uint16_t skills;
	uint8_t language, level, busy;
	int64_t idle_since;
};

struct world {
	unsigned agents;
	struct person *people;
	struct assign *engine; /* NULL: the baseline */
	uint64_t random;
	int64_t clock;
	uint64_t order;
};

static const struct assign_channel chat[] = { { "chat", 5, false } };
static char language_names[LANGUAGES][16], skill_names[SKILLS][16];
static struct assign_need needs[SETS][2];
static struct assign_set sets[SETS];

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static unsigned draw(struct world *w, unsigned below)
{
	w->random ^= w->random << 13;
	w->random ^= w->random >> 7;
	w->random ^= w->random << 17;
	return (unsigned)(w->random >> 32) % below;
}

static void check(enum pl_err err)
{
	if (err) {
		fprintf(stderr, "assign_bench: %s\n", pl_err_detail(err));
		exit(1);
	}
}

static void make_sets(void)
{
	for (unsigned i = 0; i < LANGUAGES; i++)
		snprintf(language_names[i], sizeof(language_names[i]), "Language.L%u", i);
	for (unsigned i = 0; i < SKILLS; i++)
		snprintf(skill_names[i], sizeof(skill_names[i]), "Service.S%u", i);
	for (unsigned i = 0; i < SETS; i++) {
		needs[i][0] = (struct assign_need){ language_names[i % LANGUAGES], 0 };
		needs[i][1] = (struct assign_need){ skill_names[i / LANGUAGES % SKILLS],
						    LEVELS - i / LANGUAGES / SKILLS };
		sets[i] = (struct assign_set){ 0, needs[i], 2 };
	}
}

static char agent_ids[AGENTS_MAX][16];

static void make_agent_ids(void)
{
	for (unsigned i = 0; i < AGENTS_MAX; i++)
		snprintf(agent_ids[i], sizeof(agent_ids[i]), "agent%05u", i);
}

static void hire(struct world *w, unsigned number)
{
	struct person *p = &w->people[number];
	struct assign_attribute attributes[4];
	size_t count = 0;

	*p = (struct person){ .language = (uint8_t)draw(w, LANGUAGES),
			      .level = (uint8_t)(1 + draw(w, LEVELS)),
			      .idle_since = ++w->clock };
	attributes[count++] = (struct assign_attribute){ language_names[p->language], 1 };
	while (count < 4) {
		unsigned skill = draw(w, SKILLS);

		if (p->skills >> skill & 1)
			continue;
		p->skills |= (uint16_t)(1u << skill);
		attributes[count++] =
			(struct assign_attribute){ skill_names[skill], LEVELS + 1u - p->level };
	}
	if (w->engine)
		check(assign_agent_set(w->engine,
				       &(struct assign_agent){ .id = agent_ids[number],
							       .available = true,
							       .ready_since_ms = p->idle_since,
							       .capacity_total = 1,
							       .channels = chat,
							       .channel_count = 1,
							       .attributes = attributes,
							       .attribute_count = 4 }));
}

static void open_world(struct world *w, unsigned agents, bool with_engine)
{
	*w = (struct world){ .agents = agents, .random = 88172645463325252u };
	w->people = calloc(agents, sizeof(*w->people));
	if (!w->people)
		check(PL_NOMEM);
	if (with_engine)
		check(assign_new(&w->engine));
	for (unsigned i = 0; i < agents; i++)
		hire(w, i);
}

static void close_world(struct world *w)
{
	assign_free(w->engine);
	free(w->people);
}

static void work_id(char id[16], uint64_t number)
{
	id[15] = '\0';
	for (int i = 14; i >= 0; i--, number /= 10)
		id[i] = (char)('0' + number % 10);
}

static void add(struct world *w, const char *id, unsigned set, uint64_t order)
{
	check(assign_work_add(w->engine, &(struct assign_work){ .id = id,
								.channel = "chat",
								.order = order,
								.sets = &sets[set],
								.set_count = 1 }));
}

static int scan(const struct world *w, unsigned set)
{
	unsigned language = set % LANGUAGES, level = 1 + set / LANGUAGES / SKILLS;
	uint16_t skill = (uint16_t)(1u << set / LANGUAGES % SKILLS);
	int64_t oldest = INT64_MAX;
	int best = -1;

	for (unsigned i = 0; i < w->agents; i++) {
		const struct person *p = &w->people[i];

		/* one jump, not four: mispredicted ones would double its time */
		if (p->busy | (p->language != language) | !(p->skills & skill) | (p->level < level))
			continue;
		if (p->idle_since < oldest) {
			oldest = p->idle_since;
			best = (int)i;
		}
	}
	return best;
}

/* Returns the agent a new work gets, or -1, the work being gone again. */
static int match(struct world *w, unsigned set)
{
	struct assign_match m;
	char id[16];
	int agent;

	if (!w->engine) {
		agent = scan(w, set);
	} else {
		work_id(id, w->order);
		add(w, id, set, w->order++);
		agent = assign_match(w->engine, 0, &m) ? (int)strtol(m.agent_id + 5, NULL, 10) : -1;
		if (agent < 0)
			check(assign_work_remove(w->engine, id));
	}
	if (agent >= 0)
		w->people[agent].busy = 1;
	return agent;
}

static void ready(struct world *w, int agent, uint64_t matched_as)
{
	char id[16];

	w->people[agent].busy = 0;
	w->people[agent].idle_since = ++w->clock;
	if (!w->engine)
		return;
	work_id(id, matched_as);
	check(assign_release(w->engine, id));
	check(assign_agent_available(w->engine, agent_ids[agent], true, w->clock));
}

/* Agents wait: works come one by one. Returns matches a second and the first 20,000 decisions. */
static double agents_wait(unsigned agents, bool with_engine, double for_s, uint64_t *decisionsp)
{
	struct world w;
	unsigned busy = agents / 2 + 1, at = 0;
	int *ring = malloc(busy * sizeof(*ring));
	uint64_t *matched_as = malloc(busy * sizeof(*matched_as));
	uint64_t done = 0, decisions = 0, hash = 0;
	double start, now;

	open_world(&w, agents, with_engine);
	if (!ring || !matched_as)
		abort();
	for (unsigned i = 0; i < busy; i++)
		ring[i] = -1;
	start = seconds();
	do {
		for (unsigned i = 0; i < 200; i++, done++) {
			int agent = match(&w, draw(&w, SETS));
			int back = ring[at];
			uint64_t back_as = matched_as[at];

			ring[at] = agent;
			matched_as[at] = w.order - 1;
			at = (at + 1) % busy;
			if (back >= 0)
				ready(&w, back, back_as);
			hash = (hash ^ (uint64_t)(agent + 1)) * 1099511628211u;
			if (done == 20000)
				decisions = hash;
		}
		now = seconds();
	} while (now - start < for_s || done <= 20000);
	*decisionsp = decisions;
	close_world(&w);
	free(ring);
	free(matched_as);
	return (double)done / (now - start);
}

/* Works wait: agents become free one by one, and a new work takes the place of each matched. */
static double works_wait(unsigned agents, unsigned waiting, double for_s, double *stated_sp)
{
	struct world w;
	struct assign_match m, *busy = malloc((agents + 1) * sizeof(*busy)); /* a ring */
	uint64_t from = 0, to = 0, done;
	char id[16];
	double start, now;

	if (!busy)
		check(PL_NOMEM);
	open_world(&w, agents, true);
	start = seconds();
	/* as from a store that keeps no order: all before the first match */
	for (uint64_t i = 0; i < waiting; i++) {
		uint64_t order = (i * 7919 + 13) % waiting;

		work_id(id, order);
		add(&w, id, draw(&w, SETS), order);
	}
	*stated_sp = seconds() - start;
	w.order = waiting;
	while (assign_match(w.engine, 0, &m))
		busy[to++] = m;
	done = to;
	start = seconds();
	do {
		for (unsigned i = 0; i < 200 && from < to; i++) {
			m = busy[from++ % (agents + 1)];
			check(assign_release(w.engine, m.ref));
			check(assign_agent_available(w.engine, m.agent_id, true, ++w.clock));
			work_id(id, w.order);
			add(&w, id, draw(&w, SETS), w.order++);
			while (assign_match(w.engine, 0, &m))
				busy[to++ % (agents + 1)] = m;
		}
		now = seconds();
	} while (now - start < for_s);
	close_world(&w);
	free(busy);
	return (double)(to - done) / (now - start);
}

int main(int argc, char **argv)
{
	static const unsigned waiting[] = { 10000, 25000, 100000, 1000000 };
	unsigned agents = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 4500;
	double for_s = argc > 2 ? strtod(argv[2], NULL) : 1, linear, ours, stated_s;
	uint64_t linear_decisions, our_decisions;

	if (agents < 2 || agents >= AGENTS_MAX || for_s <= 0) {
		fprintf(stderr, "usage: assign_bench [agents (2 to 99999) [seconds]]\n");
		return 2;
	}
	make_sets();
	make_agent_ids();
	linear = agents_wait(agents, false, for_s, &linear_decisions);
	ours = agents_wait(agents, true, for_s, &our_decisions);
	printf("%u agents, works come: %.0f/s, linear scan %.0f/s, ratio %.1f, decisions %s\n",
	       agents, ours, linear, ours / linear,
	       linear_decisions == our_decisions ? "identical" : "DIFFER");
	for (size_t i = 0; i < sizeof(waiting) / sizeof(waiting[0]); i++) {
		ours = works_wait(agents, waiting[i], for_s, &stated_s);
		printf("%u agents, %u works wait: %.0f/s, stated in %.3f s\n", agents, waiting[i],
		       ours, stated_s);
	}
	return linear_decisions != our_decisions;
}
