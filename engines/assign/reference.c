/*
 * reference.c — what the engine must decide, by plain scans of everything.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "reference.h"

#include <string.h>

static unsigned in_use(const struct ref_agent *agent)
{
	unsigned sum = 0;

	for (unsigned i = 0; i < REF_CHANNELS; i++)
		sum += agent->used[i];
	return sum;
}

bool reference_has_capacity(const struct ref_agent *agent, unsigned channel)
{
	if (in_use(agent) >= agent->capacity_total || agent->used[channel] >= agent->max[channel])
		return false;
	for (unsigned i = 0; i < REF_CHANNELS; i++) {
		if (!agent->used[i])
			continue;
		if (agent->exclusive[i] || (agent->exclusive[channel] && !agent->interruptible[i]))
			return false;
	}
	return true;
}

static bool can(const struct ref_agent *agent, unsigned channel)
{
	return agent->present && agent->available && reference_has_capacity(agent, channel);
}

static bool is_excluded(const struct ref_work *work, unsigned agent)
{
	for (unsigned i = 0; i < work->excluded_count; i++)
		if (work->excluded[i] == agent)
			return true;
	return false;
}

static bool is_named(const struct ref_work *work, unsigned agent)
{
	for (unsigned i = 0; i < work->named_count; i++)
		if (work->named[i] == agent)
			return true;
	return false;
}

static bool has_all(const struct ref_agent *agent, const struct ref_set *set)
{
	for (unsigned i = 0; i < REF_ATTRIBUTES; i++)
		if (set->max_proficiency[i] &&
		    (!agent->proficiency[i] || agent->proficiency[i] > set->max_proficiency[i]))
			return false;
	return true;
}

static unsigned proficiency(const struct ref_agent *agent, const struct ref_set *set)
{
	unsigned sum = 0;

	for (unsigned i = 0; i < REF_ATTRIBUTES; i++)
		if (set->max_proficiency[i])
			sum += agent->proficiency[i];
	return sum;
}

static bool is_before(const struct ref_agent *a, const struct ref_agent *b,
		      const struct ref_work *work, const struct ref_set *set)
{
	unsigned a_key = 0, b_key = 0;

	if (work->selection == ASSIGN_LEAST_OCCUPIED) {
		a_key = in_use(a);
		b_key = in_use(b);
	} else if (work->selection == ASSIGN_BEST_PROFICIENCY) {
		a_key = proficiency(a, set);
		b_key = proficiency(b, set);
	} else if (work->selection == ASSIGN_RANK) {
		a_key = a->rank;
		b_key = b->rank;
	}
	if (a_key != b_key)
		return a_key < b_key;
	if (a->ready_since_ms != b->ready_since_ms)
		return a->ready_since_ms < b->ready_since_ms;
	return a < b;
}

static int best_agent(const struct reference *r, const struct ref_work *work,
		      const struct ref_set *set)
{
	int best = -1;

	for (unsigned i = 0; i < REF_AGENTS; i++) {
		const struct ref_agent *agent = &r->agents[i];

		if (!can(agent, work->channel) || !has_all(agent, set) || is_excluded(work, i))
			continue;
		if (best < 0 || is_before(agent, &r->agents[best], work, set))
			best = (int)i;
	}
	return best;
}

static void count(const struct reference *r, const struct ref_work *work, int set,
		  struct assign_counts *out)
{
	*out = (struct assign_counts){ 0 };
	for (unsigned i = 0; i < REF_AGENTS; i++) {
		const struct ref_agent *agent = &r->agents[i];

		if (!agent->present)
			continue;
		out->total++;
		if (!agent->available)
			out->not_ready++;
		else if (!can(agent, work->channel))
			out->at_capacity++;
		else if (set == ASSIGN_BY_NAME ? !is_named(work, i)
					       : !has_all(agent, &work->sets[set]))
			out->lacks_attribute++;
		else if (is_excluded(work, i))
			out->excluded++;
		else
			out->eligible++;
	}
}

/* Whether a step of work comes before the decision found so far. */
static bool comes_first(const struct ref_work *work, unsigned priority, uint64_t order,
			const struct ref_decision *so_far)
{
	if (!so_far->work)
		return true;
	if (priority != so_far->priority)
		return priority < so_far->priority;
	if (order != so_far->order)
		return order < so_far->order;
	return work->id < so_far->work->id;
}

static unsigned best_priority(const struct ref_work *work)
{
	unsigned best = work->set_count ? ASSIGN_PRIORITY_MAX : ASSIGN_PRIORITY_DEFAULT;

	for (unsigned j = 0; j < work->set_count; j++)
		if (work->sets[j].priority < best)
			best = work->sets[j].priority;
	return best;
}

static uint64_t best_order(const struct ref_work *work)
{
	unsigned least = work->set_count ? UINT32_MAX : 0;

	for (unsigned j = 0; j < work->set_count; j++)
		if (work->sets[j].later < least)
			least = work->sets[j].later;
	return work->order + least;
}

/* Lower suits better; -1: by name. */
static double fit(const struct ref_agent *agent, const struct ref_set *set)
{
	unsigned needs = 0;

	for (unsigned i = 0; i < REF_ATTRIBUTES; i++)
		needs += set->max_proficiency[i] != 0;
	return needs ? (double)proficiency(agent, set) / needs : ASSIGN_PROFICIENCY_MAX + 1;
}

/* The agent to be taken chooses: the step that suits best of all that wait. */
static void choose_by_skill(struct reference *r, unsigned agent, struct ref_decision *out)
{
	double best = 1000;

	out->work = NULL;
	for (unsigned i = 0; i < REF_WORKS; i++) {
		struct ref_work *work = &r->works[i];

		if (!work->waits || !can(&r->agents[agent], work->channel) ||
		    is_excluded(work, agent))
			continue;
		for (int j = ASSIGN_BY_NAME; j < (int)work->set_count; j++) {
			bool by_name = j == ASSIGN_BY_NAME;
			const struct ref_set *set = by_name ? NULL : &work->sets[j];
			double of = by_name ? -1 : fit(&r->agents[agent], set);
			unsigned priority = by_name ? best_priority(work) : set->priority;
			uint64_t order = by_name ? best_order(work) : work->order + set->later;

			if (by_name ? !is_named(work, agent)
				    : work->named_required || !has_all(&r->agents[agent], set))
				continue;
			if (of > best || (of >= best && !comes_first(work, priority, order, out)))
				continue;
			best = of;
			*out = (struct ref_decision){ work, agent, j, priority, order, { 0 } };
		}
	}
}

bool reference_next(struct reference *r, struct ref_decision *out)
{
	out->work = NULL;
	for (unsigned i = 0; i < REF_WORKS; i++) {
		struct ref_work *work = &r->works[i];

		if (!work->waits)
			continue;
		for (unsigned j = 0; j < work->named_count; j++) {
			if (!can(&r->agents[work->named[j]], work->channel) ||
			    is_excluded(work, work->named[j]) ||
			    !comes_first(work, best_priority(work), best_order(work), out))
				continue;
			*out = (struct ref_decision){ work,
						      work->named[j],
						      ASSIGN_BY_NAME,
						      best_priority(work),
						      best_order(work),
						      { 0 } };
		}
		for (unsigned j = 0; j < work->set_count && !work->named_required; j++) {
			const struct ref_set *set = &work->sets[j];
			int agent;

			if (!comes_first(work, set->priority, work->order + set->later, out))
				continue;
			agent = best_agent(r, work, set);
			if (agent >= 0)
				*out = (struct ref_decision){
					work,	       (unsigned)agent,		 (int)j,
					set->priority, work->order + set->later, { 0 }
				};
		}
	}
	if (!out->work)
		return false;
	if (r->agents[out->agent].by_skill)
		choose_by_skill(r, out->agent, out);
	count(r, out->work, out->set, &out->counts);
	return true;
}

size_t reference_position(const struct reference *r, const struct ref_work *work, unsigned set)
{
	const struct ref_set *mine = &work->sets[set];
	size_t position = 1;

	for (unsigned i = 0; i < REF_WORKS; i++) {
		const struct ref_work *other = &r->works[i];

		if (!other->waits || other->named_required || other->channel != work->channel)
			continue;
		for (unsigned j = 0; j < other->set_count; j++) {
			const struct ref_set *s = &other->sets[j];

			if (memcmp(s->max_proficiency, mine->max_proficiency,
				   sizeof(s->max_proficiency)) != 0)
				continue;
			if (s->priority != mine->priority)
				position += s->priority < mine->priority;
			else if (other->order + s->later != work->order + mine->later)
				position += other->order + s->later < work->order + mine->later;
			else if (other != work)
				position += other->id < work->id;
			else
				position += j < set;
		}
	}
	return position;
}
