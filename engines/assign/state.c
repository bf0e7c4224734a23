/*
 * state.c — what agents and works share: ids, attributes, channels, queues and their flags.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "private.h"

#include <stdalign.h>
#include <stdlib.h>

bool as_id_is_valid(const char *id)
{
	return id && id[0] && strnlen(id, ASSIGN_ID_MAX + 1) <= ASSIGN_ID_MAX;
}

bool as_attribute_is_valid(const char *name)
{
	const char *dot = as_id_is_valid(name) ? strchr(name, '.') : NULL;

	return dot && dot != name && dot[1];
}

struct attribute *as_attribute_find(const struct assign *a, const char *name)
{
	struct map_node *node = as_map_find(&a->attributes, name, strlen(name));

	return node ? container_of(node, struct attribute, node) : NULL;
}

struct attribute *as_attribute_get(struct assign *a, const char *name)
{
	struct attribute *attribute = as_attribute_find(a, name);
	size_t len = strlen(name);

	if (attribute)
		return attribute;
	if (a->attributes.count == a->attribute_cap) {
		uint32_t cap = a->attribute_cap ? a->attribute_cap * 2 : 64;
		struct attribute **bigger = realloc(a->attribute_of, cap * sizeof(*bigger));

		if (!bigger)
			return NULL;
		memset(bigger + a->attribute_cap, 0, (cap - a->attribute_cap) * sizeof(*bigger));
		a->attribute_of = bigger;
		a->attribute_next = a->attribute_cap;
		a->attribute_cap = cap;
	}
	attribute = calloc(1, sizeof(*attribute) + len + 1);
	if (!attribute || !as_map_reserve(&a->attributes, 1)) {
		free(attribute);
		return NULL;
	}
	memcpy(attribute->name, name, len + 1);
	attribute->node = (struct map_node){ attribute->name, len };
	while (a->attribute_of[a->attribute_next])
		a->attribute_next = (a->attribute_next + 1) % a->attribute_cap;
	attribute->no = a->attribute_next;
	attribute->limits = UINT32_C(1) << LEVEL_ANY;
	a->attribute_of[attribute->no] = attribute;
	as_map_put(&a->attributes, &attribute->node);
	return attribute;
}

void as_attribute_sweep(struct assign *a, struct attribute *attribute)
{
	if (!attribute || attribute->refs)
		return;
	as_map_remove(&a->attributes, &attribute->node);
	a->attribute_of[attribute->no] = NULL;
	for (unsigned i = 0; i < INDEX_COUNT; i++)
		as_rows_free(&attribute->rows[i]);
	free(attribute);
}

uint32_t as_channel_find(const struct assign *a, const char *name)
{
	for (uint32_t i = 0; i < a->channel_count; i++)
		if (strcmp(a->channels[i], name) == 0)
			return i;
	return NONE;
}

enum pl_err as_channel_get(struct assign *a, uint32_t *channelp, const char *name)
{
	uint32_t channel = as_channel_find(a, name);

	if (channel == NONE) {
		channel = a->channel_count;
		if (channel == ASSIGN_CHANNELS_MAX)
			return pl_fail(PL_INVALID, "channel %s: there are %d channels already",
				       name, ASSIGN_CHANNELS_MAX);
		for (unsigned i = 0; i < INDEX_COUNT; i++)
			if (a->indexes[i] && !as_index_reserve_channel(a->indexes[i], channel))
				return PL_NOMEM;
		memcpy(a->channels[channel], name, strlen(name) + 1);
		a->channel_count++;
	}
	*channelp = channel;
	return PL_OK;
}

struct agent *as_agent_find(const struct assign *a, const char *id)
{
	struct map_node *node = as_map_find(&a->agents, id, strlen(id));

	return node ? container_of(node, struct agent, node) : NULL;
}

struct agent *as_agent_get(struct assign *a, const char *id)
{
	struct agent *agent = as_agent_find(a, id);
	size_t len = strlen(id), room;

	if (agent)
		return agent;
	room = (sizeof(*agent) + len + 1 + alignof(struct share) - 1) &
	       ~(alignof(struct share) - 1);
	agent = calloc(1, room + ASSIGN_CHANNELS_MAX * sizeof(*agent->channels));
	if (!agent || !as_map_reserve(&a->agents, 1)) {
		free(agent);
		return NULL;
	}
	agent->channels = (struct share *)((char *)agent + room);
	memcpy(agent->id, id, len + 1);
	agent->node = (struct map_node){ agent->id, len };
	agent->no = NONE;
	as_map_put(&a->agents, &agent->node);
	return agent;
}

void as_agent_sweep(struct assign *a, struct agent *agent)
{
	if (!agent || agent->refs || agent->present)
		return;
	as_map_remove(&a->agents, &agent->node);
	free(agent->held);
	free(agent);
}

/* resize gives the served matrix and what goes along its edges new room; all or nothing is seen. */
static bool resize(struct assign *a, uint32_t agents, uint32_t words)
{
	uint64_t *served = calloc((size_t)agents * words, sizeof(*served));
	uint64_t *waiting = calloc((size_t)ASSIGN_CHANNELS_MAX * words, sizeof(*waiting));
	uint32_t *agent_free = realloc(a->agent_free, agents * sizeof(*agent_free));
	uint32_t *free_nos = realloc(a->queue_free, words * 64 * sizeof(*free_nos));
	struct queue **queue_of = realloc(a->queue_of, words * 64 * sizeof(struct queue *));
	struct head *heads = realloc(a->heads, words * 64 * sizeof(*heads));

	if (agent_free)
		a->agent_free = agent_free;
	if (free_nos)
		a->queue_free = free_nos;
	if (queue_of)
		a->queue_of = queue_of;
	if (heads)
		a->heads = heads;
	if (!served || !waiting || !agent_free || !free_nos || !queue_of || !heads) {
		free(served);
		free(waiting);
		return false;
	}
	for (uint32_t i = 0; a->served && i < a->agent_next; i++)
		memcpy(served + (size_t)i * words, a->served + (size_t)i * a->queue_words,
		       a->queue_words * sizeof(*served));
	for (uint32_t i = 0; a->waiting && i < ASSIGN_CHANNELS_MAX; i++)
		memcpy(waiting + (size_t)i * words, a->waiting + (size_t)i * a->queue_words,
		       a->queue_words * sizeof(*waiting));
	free(a->served);
	free(a->waiting);
	a->served = served;
	a->waiting = waiting;
	a->agent_cap = agents;
	a->queue_words = words;
	return true;
}

static uint64_t *served_word(const struct assign *a, const struct agent *agent, uint32_t no)
{
	return &a->served[(size_t)agent->no * a->queue_words + no / 64];
}

bool as_agent_number(struct assign *a, struct agent *agent)
{
	if (a->agent_free_count) {
		agent->no = a->agent_free[--a->agent_free_count];
		return true;
	}
	if (a->agent_next == a->agent_cap &&
	    !resize(a, a->agent_cap ? a->agent_cap * 2 : 64, a->queue_words ? a->queue_words : 1))
		return false;
	agent->no = a->agent_next++;
	return true;
}

enum pl_err as_set_check(const struct assign_set *set)
{
	if (set->priority > ASSIGN_PRIORITY_MAX)
		return pl_fail(PL_INVALID, "priority %u: it is 1 to %d", set->priority,
			       ASSIGN_PRIORITY_MAX);
	if (set->need_count > ASSIGN_NEEDS_MAX)
		return pl_fail(PL_INVALID, "a set has %zu attributes, %d are allowed",
			       set->need_count, ASSIGN_NEEDS_MAX);
	if (set->need_count && !set->needs)
		return pl_fail(PL_INVALID, "a set's attributes are missing");
	for (size_t i = 0; i < set->need_count; i++) {
		const struct assign_need *need = &set->needs[i];

		if (!as_attribute_is_valid(need->attribute))
			return pl_fail(PL_INVALID, "attribute '%.150s' isn't Category.Value",
				       need->attribute ? need->attribute : "");
		if (need->max_proficiency > ASSIGN_PROFICIENCY_MAX)
			return pl_fail(PL_INVALID, "%s: proficiency %u, it is 1 to %d",
				       need->attribute, need->max_proficiency,
				       ASSIGN_PROFICIENCY_MAX);
		for (size_t j = 0; j < i; j++)
			if (strcmp(set->needs[j].attribute, need->attribute) == 0)
				return pl_fail(PL_INVALID, "a set has %s twice", need->attribute);
	}
	return PL_OK;
}

/* set_fill is set_resolve with the attributes known, in the set's order. */
static void set_fill(struct queue *q, uint32_t channel, const struct assign_set *set,
		     struct attribute *const *attributes)
{
	q->channel = channel;
	q->key[0] = channel;
	q->need_count = set->need_count;
	q->named = NULL;
	for (size_t i = 0; i < set->need_count; i++) {
		unsigned max = set->needs[i].max_proficiency;
		struct need need = { attributes[i], max ? max - 1 : LEVEL_ANY };
		size_t j = i;

		for (; j > 0 && q->needs[j - 1].attribute->no > need.attribute->no; j--)
			q->needs[j] = q->needs[j - 1];
		q->needs[j] = need;
	}
	for (size_t i = 0; i < set->need_count; i++)
		q->key[1 + i] = q->needs[i].attribute->no << 4 | q->needs[i].max_level;
}

bool as_set_resolve(const struct assign *a, struct queue *q, uint32_t channel,
		    const struct assign_set *set)
{
	struct attribute *attributes[ASSIGN_NEEDS_MAX];

	for (size_t i = 0; i < set->need_count; i++) {
		attributes[i] = as_attribute_find(a, set->needs[i].attribute);
		if (!attributes[i]) {
			q->channel = channel;
			return false;
		}
	}
	set_fill(q, channel, set, attributes);
	return true;
}

static size_t key_len(const struct queue *q)
{
	return (1 + q->need_count) * sizeof(q->key[0]);
}

struct queue *as_queue_find(const struct assign *a, const struct queue *like)
{
	struct map_node *node = as_map_find(&a->queues, like->key, key_len(like));

	return node ? container_of(node, struct queue, node) : NULL;
}

/* queue_idle keeps an empty queue for the next work with its set; the longest empty goes. */
static void queue_idle(struct assign *a, struct queue *q)
{
	q->prev = a->idle_new;
	q->next = NULL;
	if (a->idle_new)
		a->idle_new->next = q;
	else
		a->idle_old = q;
	a->idle_new = q;
	if (++a->idle_count > IDLE_QUEUES_MAX)
		as_queue_free(a, a->idle_old);
}

static void queue_unidle(struct assign *a, struct queue *q)
{
	if (q->prev)
		q->prev->next = q->next;
	else
		a->idle_old = q->next;
	if (q->next)
		q->next->prev = q->prev;
	else
		a->idle_new = q->prev;
	a->idle_count--;
}

static bool reserve_flags(struct assign *a)
{
	uint32_t cap = a->flag_cap ? a->flag_cap * 2 : 64;
	struct queue **bigger;

	if (a->queue_count < a->flag_cap)
		return true;
	bigger = realloc(a->flags, cap * sizeof(struct queue *));
	if (!bigger)
		return false;
	a->flags = bigger;
	a->flag_cap = cap;
	return true;
}

/* fill_column says which agents serve q, one AND for 64 agents. */
static void fill_column(struct assign *a, const struct queue *q)
{
	const struct index *x = a->indexes[INDEX_IDLE];
	uint64_t bit = UINT64_C(1) << q->no % 64;

	for (uint32_t i = 0; i < x->count; i++) {
		uint32_t b = x->order[i];
		uint64_t used = x->blocks[b].used;
		uint64_t having = as_index_having(x, b, used, q);

		for (; used; used &= used - 1) {
			unsigned slot = lowest_bit(used);
			uint64_t *word = served_word(a, x->blocks[b].agents[slot], q->no);

			if (having >> slot & 1)
				*word |= bit;
			else
				*word &= ~bit;
		}
	}
}

static struct queue *queue_new(struct assign *a, const struct queue *like)
{
	struct queue *q;
	bool has_no = a->queue_free_count || a->queue_next < a->queue_words * 64;

	if (!as_map_reserve(&a->queues, 1) || !reserve_flags(a) ||
	    (!has_no &&
	     !resize(a, a->agent_cap ? a->agent_cap : 64, a->queue_words ? a->queue_words * 2 : 1)))
		return NULL;
	for (size_t i = 0; i < like->need_count; i++)
		if (!as_index_reserve_limit(a, like->needs[i].attribute, like->needs[i].max_level))
			return NULL;
	q = calloc(1, sizeof(*q));
	if (!q)
		return NULL;
	q->no = a->queue_free_count ? a->queue_free[--a->queue_free_count] : a->queue_next++;
	q->channel = like->channel;
	q->heap_pos = NONE;
	q->need_count = like->need_count;
	memcpy(q->needs, like->needs, like->need_count * sizeof(q->needs[0]));
	memcpy(q->key, like->key, key_len(like));
	q->node = (struct map_node){ q->key, key_len(q) };
	for (size_t i = 0; i < q->need_count; i++)
		q->needs[i].attribute->refs++;
	a->queue_of[q->no] = q;
	a->queue_count++;
	as_map_put(&a->queues, &q->node);
	fill_column(a, q);
	queue_idle(a, q);
	return q;
}

struct queue *as_queue_get(struct assign *a, uint32_t channel, const struct assign_set *set)
{
	struct attribute *attributes[ASSIGN_NEEDS_MAX];
	struct queue like, *q = NULL;
	size_t i;

	for (i = 0; i < set->need_count; i++) {
		attributes[i] = as_attribute_get(a, set->needs[i].attribute);
		if (!attributes[i])
			goto out;
	}
	set_fill(&like, channel, set, attributes);
	q = as_queue_find(a, &like);
	if (!q) {
		q = queue_new(a, &like);
	} else if (!q->root) { /* used now: the last to be freed */
		queue_unidle(a, q);
		queue_idle(a, q);
	}
out:
	while (!q && i > 0)
		as_attribute_sweep(a, attributes[--i]);
	return q;
}

struct queue *as_queue_get_named(struct assign *a, uint32_t channel, struct agent *agent)
{
	struct queue *q;

	for (q = agent->named; q; q = q->next)
		if (q->channel == channel)
			return q;
	if (!reserve_flags(a))
		return NULL;
	q = calloc(1, sizeof(*q));
	if (!q)
		return NULL;
	q->no = NONE;
	q->channel = channel;
	q->heap_pos = NONE;
	q->named = agent;
	agent->refs++;
	q->next = agent->named;
	if (q->next)
		q->next->prev = q;
	agent->named = q;
	a->queue_count++;
	return q;
}

void as_queue_free(struct assign *a, struct queue *q)
{
	a->queue_count--;
	if (q->named) {
		if (q->prev)
			q->prev->next = q->next;
		else
			q->named->named = q->next;
		if (q->next)
			q->next->prev = q->prev;
		q->named->refs--;
		as_agent_sweep(a, q->named);
	} else {
		queue_unidle(a, q);
		as_map_remove(&a->queues, &q->node);
		a->queue_of[q->no] = NULL;
		a->queue_free[a->queue_free_count++] = q->no;
		for (size_t i = 0; i < q->need_count; i++) {
			q->needs[i].attribute->refs--;
			as_attribute_sweep(a, q->needs[i].attribute);
		}
	}
	free(q);
}

/* show_head copies the first entry's key to where agents compare them, or says there is none. */
static void show_head(struct assign *a, const struct queue *q)
{
	uint64_t *word, bit;

	if (q->named)
		return;
	word = &a->waiting[(size_t)q->channel * a->queue_words + q->no / 64];
	bit = UINT64_C(1) << q->no % 64;
	if (q->first) {
		a->heads[q->no] = (struct head){ q->first->order, q->first->priority };
		*word |= bit;
	} else {
		*word &= ~bit;
	}
}

void as_queue_put(struct assign *a, struct entry *e)
{
	struct queue *q = e->queue;

	if (!q->root && !q->named)
		queue_unidle(a, q);
	a->random = a->random * 1664525u + 1013904223u;
	e->heap = a->random ^ a->random >> 16;
	as_order_insert(q, e);
	q->excluding += e->work->excluded_count > 0;
	if (q->first == e)
		show_head(a, q);
	as_queue_flag(a, q, e);
}

static void heap_set(struct assign *a, uint32_t pos, struct queue *q)
{
	a->flags[pos] = q;
	q->heap_pos = pos;
}

static void sift_up(struct assign *a, struct queue *q)
{
	uint32_t pos = q->heap_pos;

	for (; pos > 0; pos = (pos - 1) / 2) {
		struct queue *parent = a->flags[(pos - 1) / 2];

		if (as_entry_cmp(parent->cursor, q->cursor) <= 0)
			break;
		heap_set(a, pos, parent);
	}
	heap_set(a, pos, q);
}

static void sift_down(struct assign *a, struct queue *q)
{
	uint32_t pos = q->heap_pos, child;

	for (; (child = 2 * pos + 1) < a->flag_count; pos = child) {
		if (child + 1 < a->flag_count &&
		    as_entry_cmp(a->flags[child + 1]->cursor, a->flags[child]->cursor) < 0)
			child++;
		if (as_entry_cmp(q->cursor, a->flags[child]->cursor) <= 0)
			break;
		heap_set(a, pos, a->flags[child]);
	}
	heap_set(a, pos, q);
}

void as_queue_flag(struct assign *a, struct queue *q, struct entry *cursor)
{
	if (q->heap_pos == NONE)
		q->heap_pos = a->flag_count++;
	else if (as_entry_cmp(cursor, q->cursor) >= 0)
		return;
	q->cursor = cursor;
	sift_up(a, q);
}

void as_queue_unflag(struct assign *a, struct queue *q)
{
	struct queue *moved = a->flags[--a->flag_count];

	if (moved != q) {
		heap_set(a, q->heap_pos, moved);
		sift_up(a, moved);
		sift_down(a, moved);
	}
	q->heap_pos = NONE;
	q->cursor = NULL;
}

void as_queue_advance(struct assign *a, struct queue *q)
{
	struct entry *next = as_order_next(q->cursor);

	if (!next) {
		as_queue_unflag(a, q);
		return;
	}
	q->cursor = next;
	sift_down(a, q);
}

void as_queue_drop(struct assign *a, struct entry *e)
{
	struct queue *q = e->queue;
	bool was_first = q->first == e;

	if (q->heap_pos != NONE && q->cursor == e)
		as_queue_advance(a, q);
	as_order_remove(q, e);
	q->excluding -= e->work->excluded_count > 0;
	if (was_first)
		show_head(a, q);
	if (q->root)
		return;
	if (q->named)
		as_queue_free(a, q);
	else
		queue_idle(a, q);
}

bool as_agent_serves(const struct assign *a, const struct agent *agent, const struct queue *q)
{
	if (q->named)
		return q->named == agent;
	return agent->present && *served_word(a, agent, q->no) >> q->no % 64 & 1;
}

void as_agent_flag_queues(struct assign *a, struct agent *agent)
{
	for (uint32_t can = agent->can; can; can &= can - 1) {
		const uint64_t *waiting = &a->waiting[(size_t)lowest_bit(can) * a->queue_words];
		const uint64_t *served = &a->served[(size_t)agent->no * a->queue_words];

		for (uint32_t i = 0; i < a->queue_words; i++)
			for (uint64_t word = waiting[i] & served[i]; word; word &= word - 1) {
				struct queue *q = a->queue_of[i * 64 + lowest_bit(word)];

				as_queue_flag(a, q, q->first);
			}
	}
	for (struct queue *q = agent->named; q; q = q->next)
		if (agent->can >> q->channel & 1)
			as_queue_flag(a, q, q->first);
}

void as_agent_freed(struct assign *a, struct agent *agent)
{
	if (agent->freed)
		return;
	if (a->freed_count < FREED_MAX) {
		a->freed[a->freed_count++] = agent;
		agent->freed = true;
		return;
	}
	while (a->freed_count) {
		struct agent *other = a->freed[--a->freed_count];

		other->freed = false;
		as_agent_flag_queues(a, other);
	}
	as_agent_flag_queues(a, agent);
}
