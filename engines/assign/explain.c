/*
 * explain.c — questions that change nothing: why, where, how long.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "private.h"

struct found {
	const struct agent *agent;
	enum assign_reason reason;
};

/* count_rest fills the counts of a channel, given who has what is asked for and can take it. */
void as_count_rest(const struct assign *a, uint32_t channel, unsigned excluded, unsigned eligible,
		   struct assign_counts *out)
{
	size_t able = channel == NONE ? 0 : a->able_count[channel];

	out->total = (unsigned)a->agent_count;
	out->not_ready = (unsigned)(a->agent_count - a->available_count);
	out->at_capacity = (unsigned)(a->available_count - able);
	out->excluded = excluded;
	out->eligible = eligible;
	out->lacks_attribute = (unsigned)able - excluded - eligible;
}

/* named_agent returns the agent of a step, NULL if an earlier step names the same. */
static const struct agent *named_agent(const struct work *w, unsigned step)
{
	for (unsigned i = 0; i < step; i++)
		if (w->entries[i].queue == w->entries[step].queue)
			return NULL;
	return w->entries[step].queue->named;
}

void as_count_named(const struct assign *a, const struct work *w, struct assign_counts *out)
{
	unsigned excluded = 0, eligible = 0;

	for (unsigned i = 0; i < w->named_count; i++) {
		const struct agent *agent = named_agent(w, i);

		if (!agent || !(agent->can >> w->hold.channel & 1))
			continue;
		if (as_work_excludes(w, agent))
			excluded++;
		else
			eligible++;
	}
	as_count_rest(a, w->hold.channel, excluded, eligible, out);
}

static enum assign_reason reason_of(const struct agent *agent, uint32_t channel,
				    const struct work *w)
{
	if (!agent->available)
		return ASSIGN_NOT_READY;
	if (channel == NONE || !(agent->can >> channel & 1))
		return ASSIGN_AT_CAPACITY;
	return w && as_work_excludes(w, agent) ? ASSIGN_EXCLUDED : ASSIGN_ELIGIBLE;
}

/* keep_best puts one among the best so far, in order; by_reason_only keeps the order of coming. */
static void keep_best(struct found *best, size_t *countp, struct found one, unsigned selection,
		      const struct queue *q, bool by_reason_only)
{
	size_t i = *countp;

	for (; i > 0; i--) {
		const struct found *other = &best[i - 1];

		if (other->reason < one.reason)
			break;
		if (other->reason == one.reason &&
		    (by_reason_only || as_agent_cmp(other->agent, one.agent, selection, q) < 0))
			break;
		if (i < ASSIGN_CANDIDATES_MAX)
			best[i] = *other;
	}
	if (i == ASSIGN_CANDIDATES_MAX)
		return;
	best[i] = one;
	if (*countp < ASSIGN_CANDIDATES_MAX)
		++*countp;
}

/* look_at_all counts the agents for a queue's set, and keeps the best of those who have it. */
static void look_at_all(const struct assign *a, const struct queue *q, const struct work *w,
			struct assign_counts *counts, struct found *best, size_t *countp)
{
	const struct index *x = a->indexes[INDEX_IDLE];
	unsigned excluded = 0, eligible = 0;

	for (uint32_t i = 0; i < x->count; i++) {
		uint32_t b = x->order[i];
		uint64_t word = as_index_having(x, b, x->blocks[b].used, q);

		for (; word; word &= word - 1) {
			const struct agent *agent = x->blocks[b].agents[lowest_bit(word)];
			struct found one = { agent, reason_of(agent, q->channel, w) };

			excluded += one.reason == ASSIGN_EXCLUDED;
			eligible += one.reason == ASSIGN_ELIGIBLE;
			if (best)
				keep_best(best, countp, one, w->selection, q, false);
		}
	}
	as_count_rest(a, q->channel, excluded, eligible, counts);
}

void as_explain(const struct assign *a, const struct work *w, const struct entry *e,
		struct assign_explanation *out)
{
	const struct queue *q = e->queue;
	struct found best[ASSIGN_CANDIDATES_MAX];
	size_t count = 0;

	if (q->named) {
		as_count_named(a, w, &out->counts);
		for (unsigned i = 0; i < w->named_count; i++) {
			const struct agent *agent = named_agent(w, i);

			if (agent && agent->present)
				keep_best(best, &count,
					  (struct found){ agent, reason_of(agent, q->channel, w) },
					  w->selection, q, true);
		}
	} else {
		look_at_all(a, q, w, &out->counts, best, &count);
	}
	out->candidate_count = count;
	for (size_t i = 0; i < count; i++) {
		const struct agent *agent = best[i].agent;
		struct assign_candidate *candidate = &out->candidates[i];

		memcpy(candidate->agent_id, agent->id, agent->node.key_len + 1);
		candidate->reason = best[i].reason;
		candidate->proficiency = as_agent_proficiency(agent, q);
		candidate->in_use = agent->in_use;
		candidate->rank = agent->rank;
		candidate->ready_since_ms = agent->ready_since_ms;
	}
}

static enum pl_err find_entry(const struct assign *a, const struct work **wp,
			      const struct entry **entryp, const char *work_id, int set)
{
	const struct work *w;

	if (!a || !as_id_is_valid(work_id))
		return pl_fail(PL_INVALID, "a work's id is missing or longer than %d bytes",
			       ASSIGN_ID_MAX);
	w = as_work_find(a, work_id);
	if (!w)
		return pl_fail(PL_NOTFOUND, "no work %s waits", work_id);
	*entryp = as_work_entry(w, set);
	if (!*entryp)
		return pl_fail(PL_INVALID, "work %s doesn't wait for %s %d", work_id,
			       set == ASSIGN_BY_NAME ? "named agents," : "set", set);
	*wp = w;
	return PL_OK;
}

enum pl_err assign_explain(const struct assign *a, const char *work_id, int set,
			   struct assign_explanation *out)
{
	const struct work *w;
	const struct entry *e;
	enum pl_err err;

	if (!out)
		return pl_fail(PL_INVALID, "nowhere to put the explanation");
	err = find_entry(a, &w, &e, work_id, set);
	if (!err)
		as_explain(a, w, e, out);
	return err;
}

/* find_place returns the work's best place and the entry that has it. */
static enum pl_err find_place(const struct assign *a, const char *work_id, int set,
			      size_t *positionp, const struct entry **entryp)
{
	const struct work *w;
	const struct entry *e;
	enum pl_err err = find_entry(a, &w, &e, work_id, set);

	if (err)
		return err;
	*positionp = as_order_rank(e) + 1;
	*entryp = e;
	for (unsigned i = 1; set == ASSIGN_BY_NAME && i < w->named_count; i++) {
		size_t position = as_order_rank(&w->entries[i]) + 1;

		if (position < *positionp) {
			*positionp = position;
			*entryp = &w->entries[i];
		}
	}
	return PL_OK;
}

enum pl_err assign_position(const struct assign *a, const char *work_id, int set, size_t *positionp)
{
	const struct entry *e;
	size_t position;
	enum pl_err err;

	if (!positionp)
		return pl_fail(PL_INVALID, "nowhere to put the position");
	err = find_place(a, work_id, set, &position, &e);
	if (!err)
		*positionp = position;
	return err;
}

static int64_t estimate(const struct queue *q, size_t position, int64_t now_ms)
{
	uint64_t known = q->recent_count < RECENT_MAX ? q->recent_count : RECENT_MAX;
	double span, wait;

	if (known < 2)
		return -1;
	span = (double)now_ms - (double)q->recent_ms[(q->recent_count - known) % RECENT_MAX];
	wait = span * (double)position / (double)(known - 1);
	if (wait <= 0) /* the clock went back */
		return 0;
	return wait >= 9e18 ? INT64_MAX : (int64_t)wait;
}

enum pl_err assign_estimate(const struct assign *a, const char *work_id, int set, int64_t now_ms,
			    int64_t *wait_msp)
{
	const struct entry *e;
	size_t position;
	enum pl_err err;

	if (!wait_msp)
		return pl_fail(PL_INVALID, "nowhere to put the estimate");
	err = find_place(a, work_id, set, &position, &e);
	if (!err)
		*wait_msp = estimate(e->queue, position, now_ms);
	return err;
}

enum pl_err assign_queue_stats(const struct assign *a, const char *channel,
			       const struct assign_set *set, int64_t now_ms,
			       struct assign_queue_stats *out)
{
	const struct queue *q = NULL;
	struct queue like;
	enum pl_err err;

	if (!a || !set || !out || !as_id_is_valid(channel))
		return pl_fail(PL_INVALID, "a channel and a set are needed");
	err = as_set_check(set);
	if (err)
		return err;
	*out = (struct assign_queue_stats){ .estimate_ms = -1 };
	if (as_set_resolve(a, &like, as_channel_find(a, channel), set)) {
		look_at_all(a, &like, NULL, &out->agents, NULL, NULL);
		q = as_queue_find(a, &like);
	} else {
		as_count_rest(a, like.channel, 0, 0, &out->agents);
	}
	if (q) {
		unsigned priority = set->priority ? set->priority : ASSIGN_PRIORITY_DEFAULT;

		out->waiting = q->root ? q->root->size : 0;
		out->ahead = as_order_ahead(q, priority);
		out->estimate_ms = estimate(q, out->ahead + 1, now_ms);
	}
	if (out->agents.eligible && !out->ahead)
		out->estimate_ms = 0;
	return PL_OK;
}
