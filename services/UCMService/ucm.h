/*
 * ucm.h — contacts and offers as rows, and what may be asked of them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef UCM_H
#define UCM_H

#include "offer_fsm.h"

#define UCM_SERVICE "UCMService"

extern const struct pl_migration ucm_migrations[];
extern const size_t ucm_migrations_count;

/* ---- contact.c ---- */

/* contact_load reads a row into *contact; false if there is none. contact_fini frees what it holds.
 */
bool contact_load(struct pl_turn *turn, struct contact *contact, const char *id);
void contact_fini(struct contact *contact);

/* contact_apply does what the rules say; a pair without a rule changes nothing and is logged. */
void contact_apply(struct pl_turn *turn, struct contact *contact, enum contact_event event,
		   struct offer *offer);

/* Events of other services, and the time after which a match is offered without contact.opened. */
pl_event_fn on_opened, on_closed, on_matched;
pl_timer_fn on_early;

/* ---- offer.c ---- */

/* offer_load finds an offer by its id, offer_latest the last one of a contact to an agent. */
bool offer_load(struct pl_turn *turn, struct offer *offer, const char *id);
bool offer_latest(struct pl_turn *turn, struct offer *offer, const char *contact_id,
		  const char *agent_id);

/*
 * offer_apply does what the rules say: PL_OK, or PL_STATE with words saying why not, before any
 * write.
 */
enum pl_err offer_apply(struct pl_turn *turn, struct offer *offer, enum offer_event event);

/* offer_read takes work.matched's body; PL_INVALID if it can't be one. */
enum pl_err offer_read(struct offer *offer, const json_t *body);

pl_event_fn on_agent_gone;
pl_timer_fn on_timeout;

/* sweep, each 30 s, gives open offers without a timer one, and forgets what ended long ago. */
enum pl_err sweep(struct pl_turn *turn);

/* ---- agent.c ---- */

/* agent_offer_s returns how many seconds an agent has to answer an offer. */
int64_t agent_offer_s(struct pl_turn *turn, const char *agent_id);
pl_event_fn on_agent_state;

/* ---- told.c ---- */

/* tell stages an event of a contact, "offer" or "leg", and keeps it as long as the contact. Gives
 * body. */
void tell(struct pl_turn *turn, const char *noun, const char *verb, const char *contact_id,
	  json_t *body);
/* See struct pl_service_def. */
enum pl_err told_keys(struct pl_turn *turn, const char *noun, const char *after, int64_t limit,
		      json_t *list);
enum pl_err told_state(struct pl_turn *turn, struct pl_snapshot *snapshot);

/* offer_insert stores a new row; offer_end an ended one, and tells it. */
void offer_insert(struct pl_turn *turn, const struct offer *offer, enum offer_state state,
		  const char *reason);
void offer_end(struct pl_turn *turn, struct offer *offer, const char *reason, bool requeue);
void offer_tell_accepted(struct pl_turn *turn, const struct offer *offer);
/* offer_keep_note keeps for the next agent what the one who transfers wrote. */
void offer_keep_note(struct pl_turn *turn, const struct offer *offer);

/* ---- leg.c ---- */

/* leg_load finds a leg; false if there is none. leg_fini frees what it holds. */
bool leg_load(struct pl_turn *turn, struct leg *leg, const char *id);
void leg_fini(struct leg *leg);

/* leg_apply does what the rules say: PL_OK, or PL_STATE before any write. */
enum pl_err leg_apply(struct pl_turn *turn, struct leg *leg, enum leg_event event);

/* leg_describe adds kind, parentId, from and note of a leg to an event of its offer. */
void leg_describe(struct pl_turn *turn, const char *leg_id, json_t *body);
/* leg_view returns {legId, state, to, participant}. */
json_t *leg_view(const struct leg *leg);

/* leg_has_agent: the agent has the contact that the leg is about, or was asked about it before and
 * is still there: asked of a service, nobody is asked what he asks himself. */
bool leg_has_agent(struct pl_turn *turn, const struct contact *contact, const char *agent_id);
/* leg_pass_over ends a match as a reject, without an offer: the next agent is looked for. */
void leg_pass_over(struct pl_turn *turn, const struct contact *contact, struct offer *offer);

/* legs_end ends all legs of a contact that goes on without its agent, or is over. */
void legs_end(struct pl_turn *turn, const struct contact *contact);
/* legs_sweep ends those whose contact has no agent any more: none should be found. */
void legs_sweep(struct pl_turn *turn);

/* ---- target.c: whom a contact is transferred to, or asked about ---- */

struct target {
	const json_t *to; /* the frame's, {service|user|leg} */
	const char *service, *user, *leg;
	const char *note; /* or NULL */
};

/* What a frame says. PL_INVALID in words; oneself too. */
enum pl_err target_read(struct pl_turn *turn, struct target *target, const json_t *body,
			bool allows_leg);
/*
 * target_ask asks whether a service is open, or an agent there; fn goes on, with {to, note,
 * contactId, agentId, name} as its context, and calls target_judge first.
 */
void target_ask(struct pl_turn *turn, const struct target *target, const json_t *body,
		pl_answer_fn *fn);
enum pl_err target_judge(const struct pl_answer *answer);

/* target_mine finds the offer by which the agent of session has the contact: accepted, with an open
 * chat. contact_id, agent_id: of frame and session. */
enum pl_err target_mine(struct pl_turn *turn, struct offer *offer, const char *contact_id,
			const char *agent_id);

pl_event_fn on_service;

/* ---- decide.c, transfer.c, consult.c, list.c ---- */

/* frame_read takes from an agent's frame what it is about, and who says it: borrowed from body.
 * PL_UNAUTHORIZED without a session. */
enum pl_err frame_read(const char **contactp, const char **agentp, const json_t *body);

pl_op_fn op_accept, op_reject, op_complete, op_contacts, op_contact;
pl_op_fn op_transfer, op_consult, op_conference, op_release;
pl_answer_fn on_requested;
pl_timer_fn on_consult;

#endif
