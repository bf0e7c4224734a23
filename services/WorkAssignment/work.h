/*
 * work.h — what the files of this service share.
 *
 *   main.c      tables                               work_fsm.c  a work's rules
 *   work.c      a work: its row, its steps           queue.c     derived memory: the engine, who
 * waits check.c     what may be asked for                plan.c      what a work asks for, as it
 * widens match.c     decisions                            due.c       when it widens request.c
 * operations request, cancel           routing.c   routing services; hours.c agent.c     events of
 * agents                     spec.c      an agent as the engine wants it offer.c     events of
 * offers and contacts        show.c      operations that only read tick.c      positions,
 * exclusions, retention     orphan.c    reservations with nobody behind them explain.c   why
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WORK_H
#define WORK_H

#include <jansson.h>

#include "engines/assign/assign.h"
#include "pelago/json.h"
#include "pelago/log.h"
#include "pelago/metric.h"
#include "pelago/service.h"
#include "work_fsm.h"

enum {
	ID_BYTES = 64, /* of a contact or offer */
	CHANNEL_BYTES = 40,
	SERVICE_BYTES = 100,
};

struct work {
	char id[ID_BYTES + 1]; /* contactId */
	char channel[CHANNEL_BYTES + 1];
	char service[SERVICE_BYTES + 1];
	char offer_id[ID_BYTES + 1]; /* "" while it waits */
	json_t *plan;		     /* what it asks for, see plan.h */
	json_t *excluded;	     /* [agentId, …] */
	int64_t place, excluded_ms, since_ms;
	enum work_state state;
};

struct work_act {
	const char *agent_id; /* who had it, or gets it */
	bool exclude;	      /* the agent mustn't get it again at once */
	const json_t *to;     /* of a transfer: {"service"} or {"user"}; or NULL */
	const struct assign_match *match;
	const struct assign_explanation *explanation;
};

/* work.c */
extern const struct pl_migration work_migrations[];
extern const size_t work_migrations_count;
/* work_load reads a work; one that isn't there has state WORK_NONE. Then work_fini. */
enum pl_err work_load(struct pl_turn *turn, struct work *work, const char *id);
void work_fini(struct work *work);
/*
 * work_step applies the rule for an event, and writes the row. Returns PL_STATE, and has changed
 * nothing, if there is no rule; what the action returns.
 */
enum pl_err work_step(struct pl_turn *turn, struct work *work, enum work_event event,
		      const struct work_act *act);
/*
 * work_undo is for an error that comes once the engine was changed: it writes (nothing), so that
 * the turn rolls back, and the engine with it.
 */
void work_undo(struct pl_turn *turn);
void work_store(struct pl_turn *turn, const struct work *work);
enum pl_err works_load(struct pl_turn *turn); /* all that wait, into the queue */

/* check.c: work_check fills a new work from a request's body; PL_INVALID. The work needs work_fini.
 */
enum pl_err work_check(struct work *work, const json_t *body);
enum pl_err contact_id_check(const char **idp, const json_t *body);

/* match.c: match_all takes decisions until there is none. After whatever changed something. */
enum pl_err match_all(struct pl_turn *turn);

struct match_told {
	const char *offer_id, *contact_id, *agent_id, *channel, *service;
	int64_t waited_ms;
};
/* work_matched returns the body of work.matched. */
json_t *work_matched(const struct match_told *match);

/* snapshot.c: see struct pl_service_def */
enum pl_err work_keys(struct pl_turn *turn, const char *noun, const char *after, int64_t limit,
		      json_t *list);
enum pl_err work_state(struct pl_turn *turn, struct pl_snapshot *snapshot);

/* explain.c */
json_t *explanation_json(const struct assign_explanation *explanation, int64_t now_ms);

/* agent.c */
pl_event_fn on_agent_state;
/* agent_freed: a reservation of the agent ended at that time. An agent who has been ready since
 * before gone_ms didn't answer or was lost then, and is held back. */
void agent_freed(struct pl_turn *turn, const char *id, int64_t at_ms, int64_t gone_ms);
enum pl_err agents_load(struct pl_turn *turn);

/* offer.c: states of a reservation, stored */
enum { OFFER_UNHEARD = 0, OFFER_MADE = 1, OFFER_ACCEPTED = 2 };
pl_event_fn on_offer_made, on_offer_accepted, on_offer_ended, on_contact_closed;
struct offer_end {
	const char *offer_id;
	const char *reason;
	bool requeue;
	const json_t *to; /* see work_act */
	int64_t lost_ms;  /* when the agent was lost; 0: wasn't */
	int64_t at_ms;
};
/* offer_end releases the reservation and lets the contact go, or wait again. PL_NOTFOUND. */
enum pl_err offer_end(struct pl_turn *turn, const struct offer_end *end);
enum pl_err reservations_load(struct pl_turn *turn);

/* request.c, show.c */
pl_op_fn op_request, op_cancel, op_status, op_queues, op_explain, op_http_queues, op_http_explain;

/* tick.c, orphan.c */
void orphans_sweep(struct pl_turn *turn);
enum pl_err tick(struct pl_turn *turn);

#endif
