/*
 * match.c — the decision, and the algorithm as a whole.
 *
 * Works that ask for the same attributes on the same channel are alike to every agent, so they
 * stand in one queue, ordered by (priority, order), and only its first has to be looked at. A work
 * with several sets stands in several queues; one that names agents stands in a queue of each.
 *
 * Nothing is searched that can't have changed. As long as assign_match found nothing, no agent
 * suits any waiting work. Three events can change that, and each leaves a note:
 *
 *   a work arrives     its queues are flagged, with a cursor at it
 *   an agent gains     capacity, availability or attributes: it goes to the list of freed agents
 *   that list is full  the queues that the freed serve are flagged instead, cursor at the first
 *
 * The invariant: a pair of a waiting entry and an agent who can take it exists only where the agent
 * is freed, or the queue is flagged and the entry isn't before its cursor. So the next decision is
 * the lowest of
 *
 *   - the lowest cursor of the flagged queues (a heap), if somebody can take that entry: asking the
 *     index of agents (index.c) tells who and of how many. If nobody can, nobody can take any
 *     later entry of that queue, so the flag falls. Only where the work itself excludes agents the
 *     cursor moves on instead; every step of it is an agent able to serve the queue who has been
 *     excluded by that very work.
 *   - the first entry that each freed agent can take: the first of each queue it serves. Which
 *     queues those are is a row of bits an agent, ANDed with the bits of the queues that aren't
 *     empty; what is compared are the copied keys of the first entries, side by side in memory. An
 *     entry found so and not by a cursor suits the freed only, so they alone are compared.
 *
 * The first is cheap when agents wait, the second when works do. Starting with everything at once,
 * as after a restart, goes by the flags: each match costs one question to the index.
 *
 * Costs, with A agents, Q queues that aren't empty, W works waiting:
 *
 *   question to the index   A / 64 (A / 25 at worst) words for each attribute of the set
 *   a freed agent's best    Q / 64 words, and a comparison per queue it serves
 *   work in or out          ln W steps in the tree of its queue, at an end of it; log Q in the heap
 *   agent moves             a few bits per attribute it has, per selection in use
 *   agent by skill level    a comparison per queue it serves, and one more question to the index
 *   new kind of set         A steps, once (its queue stays while up to 1,024 empty ones are kept)
 *   memory                  about 300 bytes a work, 5 words a block of agents and attribute, Q bits
 *                           an agent
 *
 * W shows in the tree's depth only, and in the processor's caches: works that wait in hundreds of
 * thousands lie in cold memory, which makes a match with a million waiting two to three times as
 * long as one with ten thousand. A is seen 64 at a time. What grows with Q is a comparison of
 * neighbours in memory.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "private.h"

static const struct work anybodys; /* excludes nobody */

/* first_for returns the queue's first entry that doesn't exclude the agent, who serves it. */
static struct entry *first_for(const struct queue *q, const struct agent *agent)
{
	struct entry *e = q->first;

	while (e && q->excluding && as_work_excludes(e->work, agent))
		e = as_order_next(e);
	return e;
}

static bool is_later(struct head head, const struct entry *than)
{
	return head.priority != than->priority ? head.priority > than->priority
					       : head.order > than->order;
}

/* best_for returns the first entry that the agent can take, or NULL. */
static struct entry *best_for(const struct assign *a, const struct agent *agent)
{
	struct entry *best = NULL, *e;

	for (uint32_t can = agent->can; can; can &= can - 1) {
		const uint64_t *waiting = &a->waiting[(size_t)lowest_bit(can) * a->queue_words];
		const uint64_t *served = &a->served[(size_t)agent->no * a->queue_words];

		for (uint32_t i = 0; i < a->queue_words; i++)
			for (uint64_t word = waiting[i] & served[i]; word; word &= word - 1) {
				uint32_t no = i * 64 + lowest_bit(word);

				if (best && is_later(a->heads[no], best))
					continue;
				e = first_for(a->queue_of[no], agent);
				if (e && (!best || as_entry_cmp(e, best) < 0))
					best = e;
			}
	}
	for (const struct queue *q = agent->named; q; q = q->next) {
		if (!(agent->can >> q->channel & 1))
			continue;
		e = first_for(q, agent);
		if (e && (!best || as_entry_cmp(e, best) < 0))
			best = e;
	}
	return best;
}

/* best_of_freed returns the first entry that any freed agent can take; who can't any leaves. */
static struct entry *best_of_freed(struct assign *a)
{
	struct entry *best = NULL;

	for (uint32_t i = 0; i < a->freed_count;) {
		struct entry *e = best_for(a, a->freed[i]);

		if (!e) {
			a->freed[i]->freed = false;
			a->freed[i] = a->freed[--a->freed_count];
			continue;
		}
		if (!best || as_entry_cmp(e, best) < 0)
			best = e;
		i++;
	}
	return best;
}

static struct agent *pick_freed(const struct assign *a, const struct entry *e, unsigned *eligiblep)
{
	const struct queue *q = e->queue;
	struct agent *best = NULL;

	*eligiblep = 0;
	for (uint32_t i = 0; i < a->freed_count; i++) {
		struct agent *agent = a->freed[i];

		if (!(agent->can >> q->channel & 1) || !as_agent_serves(a, agent, q) ||
		    as_work_excludes(e->work, agent))
			continue;
		++*eligiblep;
		if (!best || as_agent_cmp(agent, best, e->work->selection, q) < 0)
			best = agent;
	}
	return best;
}

/* next_decision returns the entry to serve next, or NULL, and by whom. */
static struct entry *next_decision(struct assign *a, struct agent **agentp, unsigned *eligiblep)
{
	struct entry *freed = best_of_freed(a);

	while (a->flag_count) {
		struct queue *q = a->flags[0];
		unsigned others;

		if (freed && as_entry_cmp(freed, q->cursor) < 0)
			break;
		*agentp = as_index_pick(a, q, q->cursor->work, eligiblep);
		if (*agentp)
			return q->cursor;
		if (q->cursor->work->excluded_count && as_index_pick(a, q, &anybodys, &others))
			as_queue_advance(a, q);
		else
			as_queue_unflag(a, q);
	}
	if (freed)
		*agentp = pick_freed(a, freed, eligiblep);
	return freed;
}

/* How well an agent suits an entry: as a fraction, the lower the better. */
struct fit {
	unsigned sum, of;
};

static struct fit fit_of(const struct agent *agent, const struct queue *q)
{
	if (q->named)
		return (struct fit){ 0, 1 };
	if (!q->need_count)
		return (struct fit){ ASSIGN_PROFICIENCY_MAX + 1, 1 };
	return (struct fit){ as_agent_proficiency(agent, q), (unsigned)q->need_count };
}

static void keep_fitter(struct entry **bestp, struct fit *fit, struct entry *e, struct fit of_e)
{
	unsigned ours = of_e.sum * fit->of, theirs = fit->sum * of_e.of;

	if (!e || (*bestp && (ours > theirs || (ours == theirs && as_entry_cmp(e, *bestp) > 0))))
		return;
	*bestp = e;
	*fit = of_e;
}

/* best_by_skill returns the entry that suits the agent best; there is one. */
static struct entry *best_by_skill(const struct assign *a, const struct agent *agent)
{
	struct entry *best = NULL;
	struct fit fit = { 0, 1 };

	for (const struct queue *q = agent->named; q; q = q->next)
		if (agent->can >> q->channel & 1)
			keep_fitter(&best, &fit, first_for(q, agent), fit_of(agent, q));
	if (best)
		return best;
	for (uint32_t can = agent->can; can; can &= can - 1) {
		const uint64_t *waiting = &a->waiting[(size_t)lowest_bit(can) * a->queue_words];
		const uint64_t *served = &a->served[(size_t)agent->no * a->queue_words];

		for (uint32_t i = 0; i < a->queue_words; i++)
			for (uint64_t word = waiting[i] & served[i]; word; word &= word - 1) {
				const struct queue *q = a->queue_of[i * 64 + lowest_bit(word)];

				keep_fitter(&best, &fit, first_for(q, agent), fit_of(agent, q));
			}
	}
	return best;
}

static void note_match(struct queue *q, int64_t now_ms)
{
	q->recent_ms[q->recent_count++ % RECENT_MAX] = now_ms;
}

static void count_match(const struct assign *a, const struct entry *e, unsigned eligible,
			struct assign_counts *out)
{
	const struct queue *q = e->queue;
	const struct work *w = e->work;
	unsigned excluded = 0;

	if (q->named) {
		as_count_named(a, w, out);
		return;
	}
	for (uint32_t i = 0; i < w->excluded_count; i++)
		excluded += w->excluded[i]->can >> q->channel & 1 &&
			    as_agent_serves(a, w->excluded[i], q);
	as_count_rest(a, q->channel, excluded, eligible, out);
}

bool assign_match_explained(struct assign *a, int64_t now_ms, struct assign_match *out,
			    struct assign_explanation *explanation)
{
	struct agent *agent;
	struct entry *e;
	struct work *w;
	unsigned eligible;

	if (!a || !out)
		return false;
	e = next_decision(a, &agent, &eligible);
	if (!e)
		return false;
	if (agent->by_skill) {
		e = best_by_skill(a, agent);
		(void)as_index_pick(a, e->queue, e->work, &eligible);
	}
	w = e->work;
	as_map_prefetch(&a->works, &w->node);
	if (explanation)
		as_explain(a, w, e, explanation);
	count_match(a, e, eligible, &out->counts);
	memcpy(out->work_id, w->node.key, w->node.key_len + 1);
	memcpy(out->ref, w->hold.node.key, w->hold.node.key_len + 1);
	memcpy(out->agent_id, agent->id, agent->node.key_len + 1);
	out->set = entry_set(e);
	out->priority = e->priority;
	out->order = e->order;
	note_match(e->queue, now_ms);

	agent->refs++;
	a->reserved++;
	as_work_unwait(a, w);
	w->hold.agent = agent;
	as_agent_occupy(a, agent, w->hold.channel, 1);
	return true;
}

bool assign_match(struct assign *a, int64_t now_ms, struct assign_match *out)
{
	return assign_match_explained(a, now_ms, out, NULL);
}
