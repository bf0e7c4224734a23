/*
 * reference.h — what the engine must decide, by plain scans of everything: slow and obviously
 * right.
 *
 * For tests only. Agents, attributes and channels are numbers of a small world; the property test
 * makes the names.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_ASSIGN_REFERENCE_H
#define PELAGO_ASSIGN_REFERENCE_H

#include "assign.h"

enum {
	REF_AGENTS = 512,
	REF_WORKS = 512,
	REF_HOLDS = 4096,
	REF_ATTRIBUTES = 16,
	REF_CHANNELS = 3,
};

struct ref_agent {
	bool present, available, by_skill;
	int64_t ready_since_ms;
	unsigned capacity_total, rank;
	unsigned max[REF_CHANNELS]; /* 0: not offered */
	bool exclusive[REF_CHANNELS], interruptible[REF_CHANNELS];
	unsigned proficiency[REF_ATTRIBUTES]; /* 0: lacks it */
	unsigned used[REF_CHANNELS];
};

struct ref_set {
	unsigned priority, later;
	unsigned max_proficiency[REF_ATTRIBUTES]; /* 0: not needed */
};

struct ref_work {
	bool waits;
	unsigned id, ref, channel;
	uint64_t order;
	enum assign_selection selection;
	struct ref_set sets[ASSIGN_SETS_MAX];
	unsigned set_count;
	unsigned named[ASSIGN_NAMED_MAX];
	unsigned named_count;
	bool named_required;
	unsigned excluded[ASSIGN_EXCLUDED_MAX];
	unsigned excluded_count;
};

struct ref_hold {
	bool held;
	unsigned ref, agent, channel;
};

/* Agents' names must sort as their numbers do, works' as well. */
struct reference {
	struct ref_agent agents[REF_AGENTS];
	struct ref_work works[REF_WORKS];
	struct ref_hold holds[REF_HOLDS];
};

struct ref_decision {
	struct ref_work *work;
	unsigned agent;
	int set;
	unsigned priority;
	uint64_t order;
	struct assign_counts counts;
};

bool reference_has_capacity(const struct ref_agent *agent, unsigned channel);

/* reference_next finds the next decision without taking it. */
bool reference_next(struct reference *r, struct ref_decision *out);

/* reference_position is 1 + the works before this one that wait for the same set and channel. */
size_t reference_position(const struct reference *r, const struct ref_work *work, unsigned set);

#endif
