/*
 * assign.h — who gets which contact: agents and waiting works in memory, one decision at a time.
 *
 * What it hides: the queues, indexes and orders that keep a decision's cost independent of how many
 * works wait and nearly so of how many agents there are (see match.c's head for how, and what it
 * costs).
 * What it does not do: no clock (time is passed in, in milliseconds of any one clock), no threads,
 * no input or output, nothing durable. After a restart the caller states agents, reservations and
 * works again; the decisions that follow are the same, in whatever order they were stated.
 *
 * The next decision is the smallest (priority, order, work id, step) among all pairs of a waiting
 * work's step and an agent who can take it now. A work's steps are its named agents in the order
 * given, then its attribute sets. An agent can take a step who is available, has capacity left on
 * the work's channel and in all, is not excluded by the work, and is the one named or has every
 * attribute of the set. Of several such agents the work's selection takes one; ties go to the
 * longest idle, then to the lower id. This is strictly first come, first served within a priority.
 *
 * An agent who works by skill level (by_skill) and is the one to be taken takes instead, of all
 * works that wait and that the agent can take, the one whose step suits best: by name before any
 * set, then the lowest mean proficiency over the set's attributes (a set without any comes last),
 * then by (priority, order, work id, step) as above.
 *
 * All functions belong to one thread at a time. Strings passed in are copied. A function that fails
 * changes nothing, also for want of memory; the sentence is in pl_err_detail.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_ASSIGN_H
#define PELAGO_ASSIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pelago/err.h"

enum {
	ASSIGN_ID_MAX = 127,	    /* bytes of an id, reference, channel or attribute */
	ASSIGN_CHANNELS_MAX = 32,   /* different channels in one engine */
	ASSIGN_CAPACITY_MAX = 1000, /* contacts at once, a channel and in all */
	ASSIGN_AGENT_ATTRIBUTES_MAX = 256,
	ASSIGN_PROFICIENCY_MAX = 16, /* 1 is best */
	ASSIGN_PRIORITY_MAX = 10,    /* 1 is served first */
	ASSIGN_PRIORITY_DEFAULT = 5,
	ASSIGN_SETS_MAX = 6,	    /* a work */
	ASSIGN_NEEDS_MAX = 16,	    /* attributes of a set */
	ASSIGN_NAMED_MAX = 6,	    /* a work */
	ASSIGN_EXCLUDED_MAX = 64,   /* a work */
	ASSIGN_CANDIDATES_MAX = 20, /* of an explanation */
	ASSIGN_BY_NAME = -1,	    /* in place of a set's index: the work's named agents */
};

enum assign_selection {
	ASSIGN_LONGEST_IDLE,	 /* earliest ready_since_ms */
	ASSIGN_LEAST_OCCUPIED,	 /* fewest reservations */
	ASSIGN_BEST_PROFICIENCY, /* lowest sum of proficiencies over the set's attributes */
	ASSIGN_RANK,		 /* lowest rank */
	ASSIGN_SELECTION_COUNT
};

struct assign; /* opaque */

struct assign_channel {
	const char *channel;
	unsigned max;	    /* contacts at once, 1..ASSIGN_CAPACITY_MAX */
	bool exclusive;	    /* takes the whole agent: nothing beside it (voice) */
	bool interruptible; /* may lie while an exclusive one is handled (e-mail); not both */
};

struct assign_attribute {
	const char *attribute; /* "Category.Value" */
	unsigned proficiency;  /* 1..16 */
};

struct assign_agent {
	const char *id;
	bool available;		/* takes contacts now */
	int64_t ready_since_ms; /* start of the idle time; the caller moves it when an agent is free
				 * again */
	unsigned capacity_total; /* contacts at once over all channels, 0..ASSIGN_CAPACITY_MAX */
	const struct assign_channel *channels; /* a channel not listed is never offered */
	size_t channel_count;
	const struct assign_attribute *attributes;
	size_t attribute_count;
	unsigned rank; /* lower is taken first */
	bool by_skill; /* takes the work that suits best, not the one in greatest need */
};

struct assign_need {
	const char *attribute;
	unsigned max_proficiency; /* 1..16; 0 takes any */
};

struct assign_set {
	unsigned priority;		 /* 1..10; 0 stands for the default */
	const struct assign_need *needs; /* all are required; none takes any agent of the channel */
	size_t need_count;
	uint64_t later; /* added to the work's order: an ageing priority, in the order's unit */
};

struct assign_work {
	const char *id;
	const char *channel;
	const char *ref; /* what a match reserves under (see assign_release); NULL: the work's id */
	uint64_t order;	 /* age: lower first; a requeued work passes its old one */
	enum assign_selection selection;
	const struct assign_set *sets;
	size_t set_count;
	const char *const *named; /* agent ids, asked for before any set and without regard to
				   * attributes, at the best priority and order among the sets */
	size_t named_count;
	bool named_required; /* nobody but the named; the sets then give the priority only */
	const char *const *excluded; /* agent ids never to take it: who rejected or didn't answer */
	size_t excluded_count;
};

/*
 * Agents by the first reason that holds, in this order; their sum is total. An agent with capacity
 * who isn't the one named counts under lacks_attribute.
 */
struct assign_counts {
	unsigned total;
	unsigned not_ready;
	unsigned at_capacity;
	unsigned lacks_attribute;
	unsigned excluded;
	unsigned eligible;
};

struct assign_match {
	char work_id[ASSIGN_ID_MAX + 1];
	char agent_id[ASSIGN_ID_MAX + 1];
	char ref[ASSIGN_ID_MAX + 1]; /* the reservation just made */
	int set;		     /* index into the work's sets, or ASSIGN_BY_NAME */
	unsigned priority;	     /* it was matched at */
	uint64_t order;		     /* with the set's `later` */
	struct assign_counts counts; /* as they were just before it */
};

enum assign_reason {
	ASSIGN_ELIGIBLE,
	ASSIGN_AT_CAPACITY,
	ASSIGN_NOT_READY,
	ASSIGN_EXCLUDED,
};

struct assign_candidate {
	char agent_id[ASSIGN_ID_MAX + 1];
	enum assign_reason reason; /* why not, or ASSIGN_ELIGIBLE */
	unsigned proficiency;	   /* sum over the set's attributes */
	unsigned in_use;	   /* reservations */
	unsigned rank;
	int64_t ready_since_ms;
};

struct assign_explanation {
	struct assign_counts counts;
	size_t candidate_count;
	/* those with the attributes (or named): eligible ones first, then by reason; in each the
	 * order in which the work's selection would take them */
	struct assign_candidate candidates[ASSIGN_CANDIDATES_MAX];
};

struct assign_queue_stats {
	size_t waiting; /* works that wait for this set on this channel, at any priority */
	size_t ahead;	/* of those, at this set's priority or better: before a newcomer */
	struct assign_counts agents;
	int64_t estimate_ms; /* a newcomer's wait, see assign_estimate; -1: not known */
};

/* assign_new makes an empty engine. Returns PL_OK and sets *ap (assign_free), PL_NOMEM. */
enum pl_err assign_new(struct assign **ap);

/* assign_free forgets everything. Takes NULL. */
void assign_free(struct assign *a);

/*
 * assign_agent_set adds an agent, or replaces all that is known of one but the reservations.
 * Lowering a capacity below what is reserved takes nothing away; no more is offered until it fits.
 *
 * Returns PL_OK, PL_INVALID, PL_NOMEM.
 */
enum pl_err assign_agent_set(struct assign *a, const struct assign_agent *agent);

/*
 * assign_agent_available says whether an agent takes contacts, and since when.
 *
 * Returns PL_OK, PL_NOTFOUND, PL_INVALID. Allocates nothing.
 */
enum pl_err assign_agent_available(struct assign *a, const char *id, bool available,
				   int64_t ready_since_ms);

/*
 * assign_agent_remove forgets an agent. Its reservations stay until released and count again if the
 * agent is set anew; works that name or exclude it keep doing so.
 *
 * Returns PL_OK, PL_NOTFOUND, PL_INVALID. Allocates nothing.
 */
enum pl_err assign_agent_remove(struct assign *a, const char *id);

/*
 * assign_work_add lets a work wait.
 *
 * Returns PL_OK; PL_STATE when that id waits already, or its ref is reserved or promised to another
 * work; PL_INVALID; PL_NOMEM.
 */
enum pl_err assign_work_add(struct assign *a, const struct assign_work *work);

/* assign_work_remove takes a waiting work out. Returns PL_OK, PL_NOTFOUND, PL_INVALID. */
enum pl_err assign_work_remove(struct assign *a, const char *id);

/*
 * assign_match takes the next decision: the work stops waiting and the agent's capacity is reserved
 * under the work's ref. The caller loops until there is none.
 *
 *   now_ms  kept for assign_estimate only
 *   out     filled when there was one
 *
 * Returns whether there was one. Never fails: what a match needs was allocated with the work.
 */
bool assign_match(struct assign *a, int64_t now_ms, struct assign_match *out);

/*
 * assign_match_explained is assign_match that also explains the decision, as it was just before.
 * Costs a look at every agent.
 *
 *   explanation  filled when there was a match; NULL: not wanted
 */
bool assign_match_explained(struct assign *a, int64_t now_ms, struct assign_match *out,
			    struct assign_explanation *explanation);

/*
 * assign_reserve takes capacity of an agent under a reference, for what wasn't matched here.
 * Availability is not asked.
 *
 * Returns PL_OK; PL_STATE when there is no capacity, or the reference is in use; PL_NOTFOUND for an
 * unknown agent; PL_INVALID; PL_NOMEM.
 */
enum pl_err assign_reserve(struct assign *a, const char *agent_id, const char *channel,
			   const char *ref);

/*
 * assign_restore is assign_reserve for what is a fact already (rows read after a restart): it
 * counts also when it exceeds the capacity, and for an agent who isn't set yet.
 *
 * Returns PL_OK; PL_STATE when the reference is in use; PL_INVALID; PL_NOMEM.
 */
enum pl_err assign_restore(struct assign *a, const char *agent_id, const char *channel,
			   const char *ref);

/*
 * assign_release gives a reservation's capacity back, once.
 *
 * Returns PL_OK; PL_NOTFOUND for a reference that isn't reserved (any more); PL_INVALID.
 */
enum pl_err assign_release(struct assign *a, const char *ref);

/*
 * assign_rename gives a reservation another reference, e.g. the offer id drawn after the match.
 *
 * Returns PL_OK; PL_NOTFOUND; PL_STATE when new_ref is in use; PL_INVALID; PL_NOMEM.
 */
enum pl_err assign_rename(struct assign *a, const char *ref, const char *new_ref);

/*
 * assign_position tells where a work stands among those that wait for the same attributes on the
 * same channel; 1 is next. For ASSIGN_BY_NAME, the best place it has with a named agent.
 *
 * Returns PL_OK and sets *positionp; PL_NOTFOUND for a work that doesn't wait; PL_INVALID for a set
 * it doesn't wait for.
 */
enum pl_err assign_position(const struct assign *a, const char *work_id, int set,
			    size_t *positionp);

/*
 * assign_estimate guesses how long a work will still wait for one of its sets: its position times
 * the mean time between the recent matches of that set and channel. The mean is taken from the
 * oldest of the last 16 matches until now, so it grows while nothing is matched.
 *
 * Returns PL_OK and sets *wait_msp, to -1 where fewer than two matches are known; PL_NOTFOUND,
 * PL_INVALID as assign_position.
 */
enum pl_err assign_estimate(const struct assign *a, const char *work_id, int set, int64_t now_ms,
			    int64_t *wait_msp);

/*
 * assign_queue_stats counts works and agents of a channel and set, whether or not any work ever
 * asked for it. estimate_ms is 0 where an agent is eligible and nobody is ahead.
 *
 * Returns PL_OK, PL_INVALID.
 */
enum pl_err assign_queue_stats(const struct assign *a, const char *channel,
			       const struct assign_set *set, int64_t now_ms,
			       struct assign_queue_stats *out);

/*
 * assign_explain tells why a waiting work has no agent yet for one of its sets. Costs a look at
 * every agent.
 *
 * Returns PL_OK; PL_NOTFOUND for a work that doesn't wait; PL_INVALID for a set it doesn't have.
 */
enum pl_err assign_explain(const struct assign *a, const char *work_id, int set,
			   struct assign_explanation *out);

/* assign_waiting counts the works that wait, assign_reserved the reservations. */
size_t assign_waiting(const struct assign *a);
size_t assign_reserved(const struct assign *a);

#endif
