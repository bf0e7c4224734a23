/*
 * index.c — agents in the order of a selection, with bits for what they have and what they can.
 *
 * The present agents, sorted by their key, are cut into blocks of up to 64. Between blocks the
 * order is strict; inside one it isn't kept, so that a place, once taken, holds until the agent's
 * key changes. A block is one bit in each of several words: per channel, who can take a contact
 * now; per attribute, who has it, and who has it at a level that some set asks for or better; and
 * in four words more its level, so that a sum of levels is an addition of such words. Words of one
 * meaning lie side by side. Who can take a contact that needs k attributes is then k ANDs for 64
 * agents.
 *
 * Picking ANDs and counts all blocks, in the order of memory, then walks them in key order to the
 * first that has anybody and compares keys there. An agent moves by clearing and setting a few bits
 * per attribute it has. A full block is split in two unless the newcomer goes behind the last of
 * all, and neighbours with no more than BLOCK_MERGE agents become one: so there are at most
 * 2n / 49 + 1 blocks, and no operation but the _reserve ones needs memory.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "private.h"

#include <stdlib.h>

static int compare(int64_t a, int64_t b)
{
	return a < b ? -1 : a > b;
}

static struct slot_key key_of(const struct index *x, const struct agent *agent)
{
	switch (x->which) {
	case INDEX_OCCUPIED:
		return (struct slot_key){ agent->in_use, agent->ready_since_ms };
	case INDEX_RANK:
		return (struct slot_key){ agent->rank, agent->ready_since_ms };
	default:
		return (struct slot_key){ agent->ready_since_ms, 0 };
	}
}

static int key_cmp(struct slot_key a, const char *a_id, struct slot_key b, const char *b_id)
{
	if (a.major != b.major)
		return a.major < b.major ? -1 : 1;
	if (a.minor != b.minor)
		return a.minor < b.minor ? -1 : 1;
	return strcmp(a_id, b_id);
}

/* placed_key returns the key an agent was placed by, which may be older than key_of. */
static struct slot_key placed_key(const struct index *x, const struct agent *agent)
{
	struct place p = agent->places[x->which];

	return x->blocks[p.block].keys[p.slot];
}

static void find_last(const struct index *x, struct block *block)
{
	block->last = NULL;
	for (uint64_t word = block->used; word; word &= word - 1) {
		struct agent *agent = block->agents[lowest_bit(word)];

		if (!block->last || key_cmp(placed_key(x, agent), agent->id,
					    placed_key(x, block->last), block->last->id) > 0)
			block->last = agent;
	}
}

static void put(struct index *x, uint32_t b, struct agent *agent, struct slot_key key)
{
	struct block *block = &x->blocks[b];
	unsigned slot = lowest_bit(~block->used);
	uint64_t bit = UINT64_C(1) << slot;

	block->used |= bit;
	block->keys[slot] = key;
	block->agents[slot] = agent;
	agent->places[x->which] = (struct place){ b, slot };
	for (size_t i = 0; i < agent->held_count; i++) {
		const struct attribute *attribute = agent->held[i].attribute;
		const struct rows *rows = &attribute->rows[x->which];
		unsigned level = agent->held[i].proficiency - 1;

		for (uint32_t l = attribute->limits >> level << level; l; l &= l - 1)
			rows->up_to[lowest_bit(l)][b] |= bit;
		for (unsigned j = 0; j < 4; j++)
			rows->level[b][j] = (rows->level[b][j] & ~bit) | (uint64_t)(level >> j & 1)
										 << slot;
	}
	for (uint32_t can = agent->can; can; can &= can - 1)
		x->can[lowest_bit(can)][b] |= bit;
}

/* take_out leaves the block's last agent to the caller. */
static void take_out(struct index *x, struct agent *agent)
{
	struct place p = agent->places[x->which];
	uint64_t keep = ~(UINT64_C(1) << p.slot);

	x->blocks[p.block].used &= keep;
	for (size_t i = 0; i < agent->held_count; i++) {
		const struct attribute *attribute = agent->held[i].attribute;
		unsigned level = agent->held[i].proficiency - 1;

		for (uint32_t l = attribute->limits >> level << level; l; l &= l - 1)
			attribute->rows[x->which].up_to[lowest_bit(l)][p.block] &= keep;
	}
	for (uint32_t can = agent->can; can; can &= can - 1)
		x->can[lowest_bit(can)][p.block] &= keep;
}

static void move(struct index *x, struct agent *agent, uint32_t to)
{
	struct slot_key key = placed_key(x, agent);

	take_out(x, agent);
	put(x, to, agent, key);
}

static void renumber(struct index *x, uint32_t from)
{
	for (uint32_t i = from; i < x->count; i++)
		x->blocks[x->order[i]].position = i;
}

/* open_block puts an empty block at position pos of the order and returns its number. */
static uint32_t open_block(struct index *x, uint32_t pos)
{
	uint32_t b = x->order[x->count];

	pl_assert(x->count < x->cap);
	memmove(&x->order[pos + 1], &x->order[pos], (x->count - pos) * sizeof(*x->order));
	x->order[pos] = b;
	x->count++;
	renumber(x, pos);
	x->blocks[b].used = 0;
	x->blocks[b].last = NULL;
	if (b >= x->high)
		x->high = b + 1;
	return b;
}

static void close_block(struct index *x, uint32_t pos)
{
	uint32_t b = x->order[pos];

	x->count--;
	memmove(&x->order[pos], &x->order[pos + 1], (x->count - pos) * sizeof(*x->order));
	x->order[x->count] = b;
	renumber(x, pos);
}

/* find_position returns the first block that doesn't end before the key, or count. */
static uint32_t find_position(const struct index *x, struct slot_key key, const char *id)
{
	uint32_t low = 0, high = x->count, middle = high - 1;

	/* the last block first: who is ready now goes behind all others */
	for (; low < high; middle = (low + high) / 2) {
		const struct agent *last = x->blocks[x->order[middle]].last;

		if (key_cmp(placed_key(x, last), last->id, key, id) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* split moves the upper half of the full block at pos into a new one behind it. */
static void split(struct index *x, uint32_t pos)
{
	uint32_t from = x->order[pos], to = open_block(x, pos + 1);
	struct block *block = &x->blocks[from];
	struct agent *sorted[BLOCK_SLOTS];

	for (unsigned i = 0; i < BLOCK_SLOTS; i++) {
		struct agent *agent = block->agents[i];
		unsigned j = i;

		for (; j > 0 && key_cmp(block->keys[i], agent->id, placed_key(x, sorted[j - 1]),
					sorted[j - 1]->id) < 0;
		     j--)
			sorted[j] = sorted[j - 1];
		sorted[j] = agent;
	}
	for (unsigned i = BLOCK_SLOTS / 2; i < BLOCK_SLOTS; i++)
		move(x, sorted[i], to);
	x->blocks[from].last = sorted[BLOCK_SLOTS / 2 - 1];
	x->blocks[to].last = sorted[BLOCK_SLOTS - 1];
}

/* merge empties the block at pos + 1 into the one at pos, if they are few; returns whether. */
static bool merge(struct index *x, uint32_t pos)
{
	uint32_t to = x->order[pos], from = x->order[pos + 1];
	struct block *a = &x->blocks[to], *b = &x->blocks[from];
	unsigned a_count = (unsigned)__builtin_popcountll(a->used);

	if (a_count + (unsigned)__builtin_popcountll(b->used) > BLOCK_MERGE)
		return false;
	for (uint64_t word = b->used; word; word &= word - 1)
		move(x, b->agents[lowest_bit(word)], to);
	a->last = b->last;
	close_block(x, pos + 1);
	return true;
}

void as_index_insert(struct index *x, struct agent *agent)
{
	struct slot_key key = key_of(x, agent);
	uint32_t pos = find_position(x, key, agent->id), b;
	bool is_last = pos == x->count;

	if (is_last) {
		if (pos == 0 || x->blocks[x->order[pos - 1]].used == UINT64_MAX)
			open_block(x, pos);
		else
			pos--;
	} else if (x->blocks[x->order[pos]].used == UINT64_MAX) {
		const struct agent *last;

		split(x, pos);
		last = x->blocks[x->order[pos]].last;
		if (key_cmp(placed_key(x, last), last->id, key, agent->id) < 0)
			pos++;
	}
	b = x->order[pos];
	put(x, b, agent, key);
	if (is_last)
		x->blocks[b].last = agent;
}

void as_index_remove(struct index *x, struct agent *agent)
{
	struct block *block = &x->blocks[agent->places[x->which].block];
	uint32_t pos = block->position;
	struct agent *last = block->last;

	take_out(x, agent);
	if (!block->used) {
		close_block(x, pos);
		return;
	}
	if (last == agent)
		find_last(x, block);
	if (pos + 1 < x->count && merge(x, pos))
		return;
	if (pos > 0)
		merge(x, pos - 1);
}

void as_index_update(struct index *x, struct agent *agent)
{
	struct slot_key now = key_of(x, agent), then = placed_key(x, agent);

	if (now.major == then.major && now.minor == then.minor)
		return;
	as_index_remove(x, agent);
	as_index_insert(x, agent);
}

void as_index_can(struct index *x, const struct agent *agent, uint32_t changed)
{
	struct place p = agent->places[x->which];

	for (; changed; changed &= changed - 1)
		x->can[lowest_bit(changed)][p.block] ^= UINT64_C(1) << p.slot;
}

/* grow makes an array of one element a block longer, and zeroes what is new. */
static bool grow(void **arrayp, size_t size, uint32_t from, uint32_t to)
{
	char *bigger = realloc(*arrayp, to * size);

	if (!bigger)
		return false;
	memset(bigger + from * size, 0, (to - from) * size);
	*arrayp = bigger;
	return true;
}

static bool grow_rows(struct rows *rows, uint32_t from, uint32_t to)
{
	for (unsigned i = 0; i <= LEVEL_ANY; i++)
		if (rows->up_to[i] && !grow((void **)&rows->up_to[i], sizeof(uint64_t), from, to))
			return false;
	return grow((void **)&rows->level, sizeof(*rows->level), from, to);
}

bool as_index_reserve(struct assign *a, struct index *x, size_t agents)
{
	uint32_t cap = x->cap ? x->cap : CHUNK;

	while (cap < 2 * agents / (BLOCK_MERGE + 1) + 4)
		cap *= 2;
	if (cap == x->cap)
		return true;
	/* what grew before another failed is grown again the next time */
	if (!grow((void **)&x->order, sizeof(*x->order), x->cap, cap) ||
	    !grow((void **)&x->blocks, sizeof(*x->blocks), x->cap, cap) ||
	    !grow((void **)&x->found, sizeof(*x->found), x->cap, cap))
		return false;
	for (unsigned i = 0; i < ASSIGN_CHANNELS_MAX; i++)
		if (x->can[i] && !grow((void **)&x->can[i], sizeof(*x->can[i]), x->cap, cap))
			return false;
	for (uint32_t i = 0; i < a->attribute_cap; i++)
		if (a->attribute_of[i] && a->attribute_of[i]->rows[x->which].level &&
		    !grow_rows(&a->attribute_of[i]->rows[x->which], x->cap, cap))
			return false;
	for (uint32_t i = x->cap; i < cap; i++)
		x->order[i] = i;
	x->cap = cap;
	return true;
}

bool as_index_reserve_channel(struct index *x, uint32_t channel)
{
	if (!x->can[channel])
		x->can[channel] = calloc(x->cap, sizeof(*x->can[channel]));
	return x->can[channel];
}

bool as_index_reserve_attribute(const struct index *x, struct attribute *attribute)
{
	struct rows *rows = &attribute->rows[x->which];

	if (rows->level)
		return true;
	for (uint32_t l = attribute->limits; l; l &= l - 1) {
		rows->up_to[lowest_bit(l)] = calloc(x->cap, sizeof(uint64_t));
		if (!rows->up_to[lowest_bit(l)]) {
			as_rows_free(rows);
			return false;
		}
	}
	rows->level = calloc(x->cap, sizeof(*rows->level));
	if (!rows->level)
		as_rows_free(rows);
	return rows->level;
}

void as_rows_free(struct rows *rows)
{
	for (unsigned i = 0; i <= LEVEL_ANY; i++)
		free(rows->up_to[i]);
	free(rows->level);
	*rows = (struct rows){ 0 };
}

struct index *as_index_new(struct assign *a, unsigned which)
{
	struct index *x = calloc(1, sizeof(*x));
	const struct index *model = a->indexes[INDEX_IDLE];

	if (!x)
		return NULL;
	x->which = which;
	if (!as_index_reserve(a, x, a->agent_count))
		goto fail;
	for (uint32_t i = 0; i < a->channel_count; i++)
		if (!as_index_reserve_channel(x, i))
			goto fail;
	for (uint32_t i = 0; i < a->attribute_cap; i++)
		if (a->attribute_of[i] && a->attribute_of[i]->rows[INDEX_IDLE].level &&
		    !as_index_reserve_attribute(x, a->attribute_of[i]))
			goto fail;
	for (uint32_t i = 0; model && i < model->count; i++) {
		const struct block *block = &model->blocks[model->order[i]];

		for (uint64_t word = block->used; word; word &= word - 1)
			as_index_insert(x, block->agents[lowest_bit(word)]);
	}
	return x;
fail:
	as_index_free(a, x);
	return NULL;
}

void as_index_free(struct assign *a, struct index *x)
{
	if (!x)
		return;
	for (uint32_t i = 0; i < a->attribute_cap; i++)
		if (a->attribute_of[i])
			as_rows_free(&a->attribute_of[i]->rows[x->which]);
	for (unsigned i = 0; i < ASSIGN_CHANNELS_MAX; i++)
		free(x->can[i]);
	free(x->order);
	free(x->blocks);
	free(x->found);
	free(x);
}

/* at_most returns the bits whose four-bit number is no more than limit. */
static inline uint64_t at_most(const uint64_t level[4], unsigned limit)
{
	uint64_t less = 0, equal = UINT64_MAX;

	for (int i = 3; i >= 0; i--) {
		if (limit >> i & 1) {
			less |= equal & ~level[i];
			equal &= level[i];
		} else {
			equal &= ~level[i];
		}
	}
	return less | equal;
}

bool as_index_reserve_limit(struct assign *a, struct attribute *attribute, uint32_t level)
{
	if (attribute->limits >> level & 1)
		return true;
	for (unsigned i = 0; i < INDEX_COUNT; i++) {
		const struct index *x = a->indexes[i];
		struct rows *rows = &attribute->rows[i];

		if (!x || !rows->level)
			continue;
		free(rows->up_to[level]); /* of a time that failed half way */
		rows->up_to[level] = calloc(x->cap, sizeof(uint64_t));
		if (!rows->up_to[level])
			return false;
		for (uint32_t b = 0; b < x->high; b++)
			rows->up_to[level][b] =
				rows->up_to[LEVEL_ANY][b] & at_most(rows->level[b], level);
	}
	attribute->limits |= UINT32_C(1) << level;
	return true;
}

uint64_t as_index_having(const struct index *x, uint32_t block, uint64_t word,
			 const struct queue *q)
{
	for (size_t i = 0; word && i < q->need_count; i++) {
		const struct rows *rows = &q->needs[i].attribute->rows[x->which];

		if (!rows->level)
			return 0;
		word &= rows->up_to[LEVEL_ANY][block];
		word &= at_most(rows->level[block], q->needs[i].max_level);
	}
	return word;
}

bool as_index_has_all(const struct agent *agent, const struct queue *q)
{
	struct place p = agent->places[INDEX_IDLE];

	for (size_t i = 0; i < q->need_count; i++) {
		const struct attribute *attribute = q->needs[i].attribute;
		const uint64_t *up_to = attribute->rows[INDEX_IDLE].up_to[q->needs[i].max_level];

		if (!up_to || !(up_to[p.block] >> p.slot & 1))
			return false;
	}
	return true;
}

/* least_sum keeps of word the agents with the lowest sum of levels, which goes to *sump. */
static uint64_t least_sum(uint32_t block, uint64_t word, const struct queue *q, unsigned *sump)
{
	uint64_t sum[8] = { 0 }; /* 16 attributes of level 15 at most */
	unsigned least = 0;

	for (size_t i = 0; i < q->need_count; i++) {
		const uint64_t *level = q->needs[i].attribute->rows[INDEX_IDLE].level[block];
		uint64_t carry = 0;

		for (unsigned j = 0; j < 8; j++) {
			uint64_t add = j < 4 ? level[j] : 0, old = sum[j];

			sum[j] = old ^ add ^ carry;
			carry = (old & add) | (carry & (old ^ add));
		}
	}
	for (int j = 7; j >= 0; j--) {
		if (word & ~sum[j])
			word &= ~sum[j];
		else
			least |= 1u << j;
	}
	*sump = least;
	return word;
}

static struct agent *least_key(const struct block *block, uint64_t word)
{
	unsigned best = lowest_bit(word);

	while (word &= word - 1) {
		unsigned slot = lowest_bit(word);
		struct slot_key k = block->keys[slot], b = block->keys[best];

		if (k.major < b.major ||
		    (k.major == b.major &&
		     key_cmp(k, block->agents[slot]->id, b, block->agents[best]->id) < 0))
			best = slot;
	}
	return block->agents[best];
}

bool as_work_excludes(const struct work *w, const struct agent *agent)
{
	for (uint32_t i = 0; i < w->excluded_count; i++)
		if (w->excluded[i] == agent)
			return true;
	return false;
}

/* Two words at once; every 64-bit machine has such a register. */
typedef uint64_t pair __attribute__((vector_size(16), aligned(8), may_alias));

/* bytes_of_bits returns, in each byte, how many bits of that byte are set. */
static inline pair bytes_of_bits(pair v)
{
	v -= v >> 1 & 0x5555555555555555u;
	v = (v & 0x3333333333333333u) + (v >> 2 & 0x3333333333333333u);
	return (v + (v >> 4)) & 0x0f0f0f0f0f0f0f0fu;
}

static unsigned sum_of_bytes(pair v)
{
	v = (v & 0x00ff00ff00ff00ffu) + (v >> 8 & 0x00ff00ff00ff00ffu);
	return (unsigned)((v[0] * 0x0001000100010001u >> 48) + (v[1] * 0x0001000100010001u >> 48));
}

/* find_all leaves in x->found who can take a contact of q, and returns how many they are. */
static unsigned find_all(const struct index *x, const struct queue *q)
{
	const uint64_t *rows[ASSIGN_NEEDS_MAX];
	unsigned count = 0;

	for (size_t i = 0; i < q->need_count; i++) {
		const struct need *need = &q->needs[i];

		rows[i] = need->attribute->rows[x->which].up_to[need->max_level];
		if (!rows[i])
			return 0;
	}
	for (uint32_t b = 0; b < x->high; b += CHUNK) {
		const pair *can = (const pair *)&x->can[q->channel][b];
		pair *found = (pair *)&x->found[b];
		pair p0 = can[0], p1 = can[1], p2 = can[2], p3 = can[3];

		for (size_t i = 0; i < q->need_count; i++) {
			const pair *row = (const pair *)&rows[i][b];

			p0 &= row[0];
			p1 &= row[1];
			p2 &= row[2];
			p3 &= row[3];
		}
		found[0] = p0;
		found[1] = p1;
		found[2] = p2;
		found[3] = p3;
		count += sum_of_bytes(bytes_of_bits(p0) + bytes_of_bits(p1) + bytes_of_bits(p2) +
				      bytes_of_bits(p3));
	}
	return count;
}

/* leave_out takes the excluded from x->found, and returns how many they were. */
static unsigned leave_out(const struct index *x, const struct work *w)
{
	unsigned count = 0;

	for (uint32_t i = 0; i < w->excluded_count; i++) {
		struct place p = w->excluded[i]->places[x->which];

		if (!w->excluded[i]->present || !(x->found[p.block] >> p.slot & 1))
			continue;
		x->found[p.block] &= ~(UINT64_C(1) << p.slot);
		count++;
	}
	return count;
}

static unsigned index_of(unsigned selection)
{
	switch (selection) {
	case ASSIGN_LEAST_OCCUPIED:
		return INDEX_OCCUPIED;
	case ASSIGN_RANK:
		return INDEX_RANK;
	default:
		return INDEX_IDLE;
	}
}

struct agent *as_index_pick(const struct assign *a, const struct queue *q, const struct work *w,
			    unsigned *eligiblep)
{
	const struct index *x = a->indexes[index_of(w->selection)];
	struct agent *picked = NULL;
	unsigned best_sum = UINT32_MAX, sum;

	*eligiblep = 0;
	if (q->named) {
		if (!(q->named->can >> q->channel & 1) || as_work_excludes(w, q->named))
			return NULL;
		*eligiblep = 1;
		return q->named;
	}
	*eligiblep = find_all(x, q);
	if (*eligiblep)
		*eligiblep -= leave_out(x, w);
	if (!*eligiblep)
		return NULL;
	for (uint32_t i = 0; i < x->count; i++) {
		uint32_t b = x->order[i];
		uint64_t word = x->found[b];

		if (!word)
			continue;
		if (w->selection != ASSIGN_BEST_PROFICIENCY)
			return least_key(&x->blocks[b], word);
		word = least_sum(b, word, q, &sum);
		if (sum < best_sum) {
			best_sum = sum;
			picked = least_key(&x->blocks[b], word);
		}
	}
	return picked;
}

unsigned as_agent_proficiency(const struct agent *agent, const struct queue *q)
{
	struct place p = agent->places[INDEX_IDLE];
	unsigned sum = 0;

	for (size_t i = 0; i < q->need_count; i++) {
		const uint64_t *level = q->needs[i].attribute->rows[INDEX_IDLE].level[p.block];

		sum++;
		for (unsigned j = 0; j < 4; j++)
			sum += (unsigned)(level[j] >> p.slot & 1) << j;
	}
	return sum;
}

int as_agent_cmp(const struct agent *a, const struct agent *b, unsigned selection,
		 const struct queue *q)
{
	int by = 0;

	if (selection == ASSIGN_LEAST_OCCUPIED)
		by = compare(a->in_use, b->in_use);
	else if (selection == ASSIGN_RANK)
		by = compare(a->rank, b->rank);
	else if (selection == ASSIGN_BEST_PROFICIENCY)
		by = compare(as_agent_proficiency(a, q), as_agent_proficiency(b, q));
	if (!by)
		by = compare(a->ready_since_ms, b->ready_since_ms);
	return by ? by : strcmp(a->id, b->id);
}
