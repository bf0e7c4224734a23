/*
 * work.c — works in, works out; the engine's birth and end.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "private.h"

#include <stdlib.h>

enum pl_err assign_new(struct assign **ap)
{
	struct assign *a;

	if (!ap)
		return pl_fail(PL_INVALID, "nowhere to put the engine");
	a = calloc(1, sizeof(*a));
	if (!a)
		return PL_NOMEM;
	a->agents.seed = (uint64_t)(uintptr_t)a * 0x9e3779b97f4a7c15u;
	a->works.seed = a->refs.seed = a->attributes.seed = a->queues.seed = a->agents.seed;
	a->indexes[INDEX_IDLE] = as_index_new(a, INDEX_IDLE);
	if (!a->indexes[INDEX_IDLE]) {
		assign_free(a);
		return PL_NOMEM;
	}
	*ap = a;
	return PL_OK;
}

void assign_free(struct assign *a)
{
	if (!a)
		return;
	for (size_t i = 0; i < a->refs.size; i++) {
		struct map_node *node = a->refs.slots[i].node;

		if (node) {
			struct hold *hold = container_of(node, struct hold, node);

			free(hold->own_ref);
			free(hold->memory);
		}
	}
	for (size_t i = 0; i < a->agents.size; i++) {
		struct map_node *node = a->agents.slots[i].node;
		struct agent *agent = node ? container_of(node, struct agent, node) : NULL;

		while (agent && agent->named) {
			struct queue *q = agent->named;

			agent->named = q->next;
			free(q);
		}
		if (agent)
			free(agent->held);
		free(agent);
	}
	for (uint32_t i = 0; i < a->queue_next; i++)
		free(a->queue_of[i]);
	for (unsigned i = 0; i < INDEX_COUNT; i++)
		as_index_free(a, a->indexes[i]);
	for (uint32_t i = 0; i < a->attribute_cap; i++)
		free(a->attribute_of[i]);
	as_map_fini(&a->agents);
	as_map_fini(&a->works);
	as_map_fini(&a->refs);
	as_map_fini(&a->attributes);
	as_map_fini(&a->queues);
	free(a->attribute_of);
	free(a->served);
	free(a->agent_free);
	free(a->queue_of);
	free(a->heads);
	free(a->waiting);
	free(a->queue_free);
	free(a->flags);
	free(a);
}

static enum pl_err ids_check(const char *work_id, const char *what, const char *const *ids,
			     size_t count, size_t max)
{
	if (count > max)
		return pl_fail(PL_INVALID, "work %s: %zu %s agents, %zu are allowed", work_id,
			       count, what, max);
	for (size_t i = 0; i < count; i++)
		if (!ids || !as_id_is_valid(ids[i]))
			return pl_fail(PL_INVALID,
				       "work %s: a %s agent's id is missing or longer "
				       "than %d bytes",
				       work_id, what, ASSIGN_ID_MAX);
	return PL_OK;
}

static enum pl_err work_check(const struct assign_work *work)
{
	enum pl_err err;

	if (!as_id_is_valid(work->id) || !as_id_is_valid(work->channel))
		return pl_fail(PL_INVALID,
			       "a work's id or channel is missing or longer than %d "
			       "bytes",
			       ASSIGN_ID_MAX);
	if (work->ref && !as_id_is_valid(work->ref))
		return pl_fail(PL_INVALID,
			       "work %s: its reference is empty or longer than %d "
			       "bytes",
			       work->id, ASSIGN_ID_MAX);
	if ((unsigned)work->selection >= ASSIGN_SELECTION_COUNT)
		return pl_fail(PL_INVALID, "work %s: selection %d is unknown", work->id,
			       (int)work->selection);
	if (work->set_count > ASSIGN_SETS_MAX || (work->set_count && !work->sets))
		return pl_fail(PL_INVALID, "work %s: %zu sets, %d are allowed", work->id,
			       work->sets ? work->set_count : 0, ASSIGN_SETS_MAX);
	if (!work->named_count && (!work->set_count || work->named_required))
		return pl_fail(PL_INVALID, "work %s: neither a set nor a named agent may take it",
			       work->id);
	for (size_t i = 0; i < work->set_count; i++) {
		err = as_set_check(&work->sets[i]);
		if (err)
			return err;
	}
	err = ids_check(work->id, "named", work->named, work->named_count, ASSIGN_NAMED_MAX);
	if (err)
		return err;
	return ids_check(work->id, "excluded", work->excluded, work->excluded_count,
			 ASSIGN_EXCLUDED_MAX);
}

static uint8_t priority_of(const struct assign_set *set)
{
	return (uint8_t)(set->priority ? set->priority : ASSIGN_PRIORITY_DEFAULT);
}

/* work_new lays out a work, its strings and its lists in one piece of memory; its entries have no
 * queues yet. */
static struct work *work_new(const struct assign_work *given, uint32_t channel)
{
	const char *ref = given->ref ? given->ref : given->id;
	size_t sets = given->named_required ? 0 : given->set_count;
	size_t entries = given->named_count + sets, id_len = strlen(given->id);
	size_t ref_len = strlen(ref);
	uint8_t best = given->set_count ? UINT8_MAX : ASSIGN_PRIORITY_DEFAULT;
	uint64_t least = given->set_count ? UINT64_MAX : 0;
	struct work *w =
		malloc(sizeof(*w) + entries * sizeof(w->entries[0]) +
		       given->excluded_count * sizeof(w->excluded[0]) + id_len + ref_len + 2);
	char *strings;

	if (!w)
		return NULL;
	w->excluded = (struct agent **)&w->entries[entries];
	strings = (char *)&w->excluded[given->excluded_count];
	memcpy(strings, given->id, id_len + 1);
	memcpy(strings + id_len + 1, ref, ref_len + 1);
	w->node = (struct map_node){ strings, id_len };
	w->hold = (struct hold){ .node = { strings + id_len + 1, ref_len },
				 .channel = channel,
				 .memory = w };
	w->selection = (uint8_t)given->selection;
	w->set_count = (uint8_t)given->set_count;
	w->named_count = (uint8_t)given->named_count;
	w->entry_count = (uint8_t)entries;
	w->excluded_count = 0;
	for (size_t i = 0; i < given->set_count; i++) {
		if (priority_of(&given->sets[i]) < best)
			best = priority_of(&given->sets[i]);
		if (given->sets[i].later < least)
			least = given->sets[i].later;
	}
	for (size_t i = 0; i < entries; i++) {
		size_t set = i - given->named_count;
		bool by_name = i < given->named_count;

		w->entries[i] = (struct entry){
			.work = w,
			.order = given->order + (by_name ? least : given->sets[set].later),
			.priority = by_name ? best : priority_of(&given->sets[set]),
			.step = (uint8_t)(by_name ? i : ASSIGN_NAMED_MAX + set),
		};
	}
	return w;
}

/* work_resolve finds or makes all that the work refers to; what it made unused, work_undo frees. */
static bool work_resolve(struct assign *a, struct work *w, const struct assign_work *given)
{
	for (unsigned i = 0; i < w->entry_count; i++) {
		struct entry *e = &w->entries[i];
		struct agent *agent;

		if (i >= w->named_count) {
			e->queue =
				as_queue_get(a, w->hold.channel, &given->sets[i - w->named_count]);
		} else {
			agent = as_agent_get(a, given->named[i]);
			e->queue = agent ? as_queue_get_named(a, w->hold.channel, agent) : NULL;
			if (agent && !e->queue)
				as_agent_sweep(a, agent);
		}
		if (!e->queue)
			return false;
	}
	for (size_t i = 0; i < given->excluded_count; i++) {
		struct agent *agent = as_agent_get(a, given->excluded[i]);

		if (!agent)
			return false;
		if (as_work_excludes(w, agent))
			continue;
		agent->refs++;
		w->excluded[w->excluded_count++] = agent;
	}
	return true;
}

static void drop_excluded(struct assign *a, struct work *w)
{
	while (w->excluded_count) {
		struct agent *agent = w->excluded[--w->excluded_count];

		agent->refs--;
		as_agent_sweep(a, agent);
	}
}

static void work_undo(struct assign *a, struct work *w)
{
	drop_excluded(a, w);
	for (unsigned i = 0; i < w->named_count && w->entries[i].queue; i++) {
		struct queue *q = w->entries[i].queue;

		for (unsigned j = i + 1; j < w->named_count; j++)
			if (w->entries[j].queue == q) /* named twice */
				q = NULL;
		if (q && !q->root)
			as_queue_free(a, q);
	}
	free(w);
}

enum pl_err assign_work_add(struct assign *a, const struct assign_work *given)
{
	static const unsigned wanted[] = {
		[ASSIGN_LONGEST_IDLE] = INDEX_IDLE,
		[ASSIGN_LEAST_OCCUPIED] = INDEX_OCCUPIED,
		[ASSIGN_BEST_PROFICIENCY] = INDEX_IDLE,
		[ASSIGN_RANK] = INDEX_RANK,
	};
	struct work *w;
	uint32_t channel;
	enum pl_err err;
	const char *ref;
	struct index **xp;
	uint64_t id_hash, ref_hash;
	size_t id_len, ref_len;

	if (!a || !given)
		return pl_fail(PL_INVALID, "no work given");
	err = work_check(given);
	if (err)
		return err;
	ref = given->ref ? given->ref : given->id;
	id_len = strlen(given->id);
	ref_len = strlen(ref);
	id_hash = as_map_hash(&a->works, given->id, id_len);
	ref_hash = as_map_hash(&a->refs, ref, ref_len);
	if (as_map_find_hashed(&a->works, given->id, id_len, id_hash))
		return pl_fail(PL_STATE, "work %s waits already", given->id);
	if (as_map_find_hashed(&a->refs, ref, ref_len, ref_hash))
		return pl_fail(PL_STATE, "work %s: reference %s is in use", given->id, ref);
	err = as_channel_get(a, &channel, given->channel);
	if (err)
		return err;
	xp = &a->indexes[wanted[given->selection]];
	if (!*xp)
		*xp = as_index_new(a, wanted[given->selection]);
	if (!*xp || !as_map_reserve(&a->works, 1) || !as_map_reserve(&a->refs, 1))
		return PL_NOMEM;
	w = work_new(given, channel);
	if (!w)
		return PL_NOMEM;
	if (!work_resolve(a, w, given)) {
		work_undo(a, w);
		return PL_NOMEM;
	}
	as_map_put_hashed(&a->works, &w->node, id_hash);
	as_map_put_hashed(&a->refs, &w->hold.node, ref_hash);
	for (unsigned i = 0; i < w->entry_count; i++)
		as_queue_put(a, &w->entries[i]);
	return PL_OK;
}

struct work *as_work_find(const struct assign *a, const char *id)
{
	struct map_node *node = as_map_find(&a->works, id, strlen(id));

	return node ? container_of(node, struct work, node) : NULL;
}

const struct entry *as_work_entry(const struct work *w, int set)
{
	unsigned i;

	if (set == ASSIGN_BY_NAME)
		return w->named_count ? &w->entries[0] : NULL;
	if (set < 0 || set >= w->set_count)
		return NULL;
	i = w->named_count + (unsigned)set;
	return i < w->entry_count ? &w->entries[i] : NULL;
}

void as_work_unwait(struct assign *a, struct work *w)
{
	for (unsigned i = 0; i < w->entry_count; i++)
		as_queue_drop(a, &w->entries[i]);
	w->entry_count = 0;
	drop_excluded(a, w);
	as_map_remove(&a->works, &w->node);
}

enum pl_err assign_work_remove(struct assign *a, const char *id)
{
	struct work *w;

	if (!a || !as_id_is_valid(id))
		return pl_fail(PL_INVALID, "a work's id is missing or longer than %d bytes",
			       ASSIGN_ID_MAX);
	w = as_work_find(a, id);
	if (!w)
		return pl_fail(PL_NOTFOUND, "no work %s waits", id);
	as_work_unwait(a, w);
	as_map_remove(&a->refs, &w->hold.node);
	free(w);
	return PL_OK;
}

size_t assign_waiting(const struct assign *a)
{
	return a ? a->works.count : 0;
}

size_t assign_reserved(const struct assign *a)
{
	return a ? a->reserved : 0;
}
