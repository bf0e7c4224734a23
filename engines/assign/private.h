/*
 * private.h — the engine's inside: what each part keeps, and who calls whom.
 *
 *   map.c    ids to things            order.c  waiting entries in order (a tree)
 *   index.c  agents in selection order, with bits for what they have and can
 *   state.c  attributes, channels, queues, flags: what agents and works share
 *   agent.c  agents, reservations     work.c   works in, works out
 *   match.c  the decision             explain.c  questions that change nothing
 *
 * Lifetimes: an attribute lives while an agent or queue refers to it; an agent while it is set, or
 * a reservation, a named queue or an exclusion refers to it (then it is a shell: absent, unable); a
 * queue of a named agent while it has entries; a queue of a set a while longer (see queue_idle).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_ASSIGN_PRIVATE_H
#define PELAGO_ASSIGN_PRIVATE_H

#include <string.h>

#include "assign.h"
#include "map.h"

enum {
	FREED_MAX = 4,	 /* agents looked at one by one; more, and their queues are flagged */
	RECENT_MAX = 16, /* matches a queue remembers */
	IDLE_QUEUES_MAX = 1024, /* empty queues kept for the next work with that set */
	ENTRIES_MAX = ASSIGN_NAMED_MAX + ASSIGN_SETS_MAX,
	INDEX_IDLE = 0, /* (ready_since), for ASSIGN_BEST_PROFICIENCY too; always there */
	INDEX_OCCUPIED, /* (in_use, ready_since) */
	INDEX_RANK,	/* (rank, ready_since) */
	INDEX_COUNT,
	LEVEL_ANY = ASSIGN_PROFICIENCY_MAX - 1,
	CHUNK = 8, /* blocks looked at in one go; room is a multiple of it */
	BLOCK_SLOTS = 64,
	BLOCK_MERGE = 48, /* neighbours with no more agents than this become one */
};

#define NONE UINT32_MAX

struct agent;
struct queue;
struct work;

/* Who has an attribute, in one index: bits by block. All NULL until an agent of that index has it.
 */
struct rows {
	uint64_t *up_to[ASSIGN_PROFICIENCY_MAX]; /* has it at that level or better */
	uint64_t (*level)[4]; /* bit i of the level (proficiency - 1); noise for who lacks it */
};

struct attribute {
	struct map_node node;
	uint32_t no;
	uint32_t refs;
	uint32_t limits; /* the levels that up_to is kept for, LEVEL_ANY always */
	struct rows rows[INDEX_COUNT];
	char name[];
};

struct held {
	struct attribute *attribute;
	unsigned proficiency;
};

struct place {
	uint32_t block;
	uint32_t slot;
};

/* What an agent has of a channel. */
struct share {
	uint32_t used;
	uint16_t max; /* 0: it isn't offered */
};

struct agent {
	struct map_node node;
	uint32_t refs; /* reservations, named queues, exclusions */
	uint32_t no;   /* row of the served matrix; NONE for a shell */
	bool present;
	bool available;
	bool by_skill;
	bool freed;    /* is in assign.freed */
	uint32_t can;  /* channels it can take a contact of now */
	uint32_t busy; /* channels with a reservation */
	uint32_t exclusive;
	uint32_t interruptible;
	uint32_t rank;
	uint32_t in_use;
	uint32_t capacity_total;
	int64_t ready_since_ms;
	struct place places[INDEX_COUNT];
	struct held *held;
	size_t held_count;
	struct queue *named; /* its named queues, by next */
	struct share
		*channels; /* by number; behind the id, which lies close to what is read most */
	char id[];
};

/* One step of one work, in one queue: a treap node ordered by entry_cmp. */
struct entry {
	struct entry *left, *right, *parent;
	struct work *work;
	struct queue *queue;
	uint64_t order;
	uint32_t size; /* of the subtree */
	uint32_t heap; /* random; a parent's is the lower */
	uint8_t priority;
	uint8_t step;
};

struct need {
	struct attribute *attribute;
	uint32_t max_level; /* proficiency - 1 */
};

/* Works that the same agents could take: same channel and set, or same channel and named agent. */
struct queue {
	struct map_node node; /* key: channel, then attribute number and level of each need */
	uint32_t no;	      /* column of the served matrix; NONE for a named agent's */
	uint32_t channel;
	uint32_t heap_pos; /* in assign.flags, or NONE */
	struct entry
		*cursor; /* while flagged: no entry before it can be served, but by the freed */
	struct entry *root, *first;
	uint32_t excluding; /* entries whose work excludes somebody */
	struct agent *named;
	struct queue *next; /* of the named agent; or older among the idle */
	struct queue *prev;
	int64_t recent_ms[RECENT_MAX];
	uint64_t recent_count; /* matches ever */
	size_t need_count;
	struct need needs[ASSIGN_NEEDS_MAX];
	uint32_t key[1 + ASSIGN_NEEDS_MAX];
};

/* What a reference stands for: capacity that a work will need (agent is NULL) or has. */
struct hold {
	struct map_node node;
	struct agent *agent;
	uint32_t channel;
	void *memory;  /* to free: this, or the work it is part of */
	char *own_ref; /* to free, after a rename */
};

struct work {
	struct hold hold;
	struct map_node node;
	uint8_t selection;
	uint8_t set_count;
	uint8_t named_count; /* steps before the sets */
	uint8_t entry_count;
	uint32_t excluded_count;
	struct agent **excluded;
	struct entry entries[]; /* then the excluded, the id, the reference */
};

struct slot_key {
	int64_t major, minor;
};

struct block {
	uint64_t used;
	uint32_t position;  /* in the index's order */
	struct agent *last; /* the greatest of those inside */
	struct slot_key keys[BLOCK_SLOTS];
	struct agent *agents[BLOCK_SLOTS];
};

/* All present agents in the order of one selection. */
struct index {
	unsigned which;
	uint32_t cap;	 /* blocks there is room for */
	uint32_t count;	 /* blocks in use */
	uint32_t *order; /* those in use, in key order; behind them the free ones */
	struct block *blocks;
	uint64_t *can[ASSIGN_CHANNELS_MAX]; /* by block */
	uint32_t high;			    /* blocks ever used: the others are all zeroes */
	uint64_t *found;		    /* by block, what the last question left */
};

struct head {
	uint64_t order;
	uint32_t priority;
};

struct assign {
	struct map agents, works, refs, attributes, queues;
	size_t agent_count; /* present */
	size_t available_count;
	size_t able_count[ASSIGN_CHANNELS_MAX];
	size_t reserved;
	char channels[ASSIGN_CHANNELS_MAX][ASSIGN_ID_MAX + 1];
	uint32_t channel_count;
	struct index *indexes[INDEX_COUNT];
	struct attribute **attribute_of; /* by number; NULL: free */
	uint32_t attribute_cap, attribute_next;

	/* served: bit (agent no, queue no) is set where the agent has the queue's attributes */
	uint64_t *served;
	uint32_t agent_cap, agent_next;
	uint32_t *agent_free;
	uint32_t agent_free_count;
	uint32_t queue_words, queue_next;
	struct queue **queue_of;
	struct head *heads; /* by queue number, of the first entry */
	uint64_t *waiting;  /* queues with entries: ASSIGN_CHANNELS_MAX rows of queue_words */
	uint32_t *queue_free;
	uint32_t queue_free_count;

	struct queue **flags; /* heap of the flagged queues, by cursor */
	uint32_t flag_count, flag_cap;
	uint32_t queue_count; /* that exist, of both kinds */
	struct queue *idle_new, *idle_old;
	uint32_t idle_count;
	struct agent *freed[FREED_MAX];
	uint32_t freed_count;
	uint32_t random;
};

#define container_of(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

static inline unsigned lowest_bit(uint64_t word)
{
	return (unsigned)__builtin_ctzll(word);
}

/* order.c: the entries of a queue, in order. None of these fails. */
int as_entry_cmp(const struct entry *a, const struct entry *b);
void as_order_insert(struct queue *q, struct entry *e);
void as_order_remove(struct queue *q, struct entry *e);
struct entry *as_order_next(const struct entry *e);
size_t as_order_rank(const struct entry *e);			 /* entries before it */
size_t as_order_ahead(const struct queue *q, unsigned priority); /* of that priority or better */

/* index.c: agents in selection order. The _reserve and _new functions return false without memory
 * and leave what is seen as it was; the others need none. */
struct index *as_index_new(struct assign *a, unsigned which);
void as_index_free(struct assign *a, struct index *x);
bool as_index_reserve(struct assign *a, struct index *x, size_t agents);
bool as_index_reserve_channel(struct index *x, uint32_t channel);
bool as_index_reserve_attribute(const struct index *x, struct attribute *attribute);
bool as_index_reserve_limit(struct assign *a, struct attribute *attribute, uint32_t level);
void as_rows_free(struct rows *rows);
void as_index_insert(struct index *x, struct agent *agent);
void as_index_remove(struct index *x, struct agent *agent);
void as_index_update(struct index *x, struct agent *agent); /* its key may have changed */
void as_index_can(struct index *x, const struct agent *agent, uint32_t changed);
bool as_index_has_all(const struct agent *agent, const struct queue *q);
/* agents of the block, among those in word, that have what the queue needs */
uint64_t as_index_having(const struct index *x, uint32_t block, uint64_t word,
			 const struct queue *q);
/* index_pick returns the agent that the work's selection takes first, or NULL; *eligiblep gets how
 * many could take it. */
struct agent *as_index_pick(const struct assign *a, const struct queue *q, const struct work *w,
			    unsigned *eligiblep);
/* agent_cmp orders present agents as the selection takes them for that queue's set. */
int as_agent_cmp(const struct agent *a, const struct agent *b, unsigned selection,
		 const struct queue *q);
unsigned as_agent_proficiency(const struct agent *agent, const struct queue *q);
bool as_work_excludes(const struct work *w, const struct agent *agent);

/* state.c: what agents and works share. */
bool as_id_is_valid(const char *id);
bool as_attribute_is_valid(const char *name);
struct attribute *as_attribute_find(const struct assign *a, const char *name);
struct attribute *as_attribute_get(struct assign *a, const char *name); /* made with refs 0 */
void as_attribute_sweep(struct assign *a, struct attribute *attribute); /* frees it at refs 0 */
uint32_t as_channel_find(const struct assign *a, const char *name);	/* or NONE */
enum pl_err as_channel_get(struct assign *a, uint32_t *channelp, const char *name);
struct agent *as_agent_find(const struct assign *a, const char *id); /* shells too */
struct agent *as_agent_get(struct assign *a, const char *id); /* a shell with refs 0, or NULL */
void as_agent_sweep(struct assign *a, struct agent *agent);   /* frees a shell at refs 0 */
bool as_agent_number(struct assign *a, struct agent *agent);
enum pl_err as_set_check(const struct assign_set *set);
/* set_resolve fills q's channel, needs and key; false if an attribute isn't known. */
bool as_set_resolve(const struct assign *a, struct queue *q, uint32_t channel,
		    const struct assign_set *set);
struct queue *as_queue_find(const struct assign *a, const struct queue *like);
struct queue *as_queue_get(struct assign *a, uint32_t channel, const struct assign_set *set);
struct queue *as_queue_get_named(struct assign *a, uint32_t channel, struct agent *agent);
void as_queue_free(struct assign *a, struct queue *q);
void as_queue_put(struct assign *a, struct entry *e);
void as_queue_drop(struct assign *a, struct entry *e);
void as_queue_flag(struct assign *a, struct queue *q, struct entry *cursor);
void as_queue_unflag(struct assign *a, struct queue *q);
void as_queue_advance(struct assign *a, struct queue *q); /* its cursor, or unflags it */
bool as_agent_serves(const struct assign *a, const struct agent *agent, const struct queue *q);
void as_agent_flag_queues(struct assign *a, struct agent *agent);
void as_agent_freed(struct assign *a, struct agent *agent);

/* agent.c */
void as_agent_update(struct assign *a, struct agent *agent); /* can, counts, bits, freed */
void as_agent_occupy(struct assign *a, struct agent *agent, uint32_t channel, int by);

/* work.c */
struct work *as_work_find(const struct assign *a, const char *id);
void as_work_unwait(struct assign *a, struct work *w); /* out of all queues; its memory stays */
const struct entry *as_work_entry(const struct work *w, int set); /* NULL: no such step */
static inline int entry_set(const struct entry *e)
{
	return e->step < ASSIGN_NAMED_MAX ? ASSIGN_BY_NAME : e->step - ASSIGN_NAMED_MAX;
}

/* explain.c: questions that change nothing. */
void as_count_rest(const struct assign *a, uint32_t channel, unsigned excluded, unsigned eligible,
		   struct assign_counts *out);
void as_count_named(const struct assign *a, const struct work *w, struct assign_counts *out);
void as_explain(const struct assign *a, const struct work *w, const struct entry *e,
		struct assign_explanation *out);

#endif
