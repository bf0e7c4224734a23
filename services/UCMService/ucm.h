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

/* ---- told.c ---- */

/* tell stages an event of a contact's offer and keeps it as long as the contact. Gives body. */
void tell(struct pl_turn *turn, const char *verb, const char *contact_id, json_t *body);
/* See struct pl_service_def. */
enum pl_err told_keys(struct pl_turn *turn, const char *noun, const char *after, int64_t limit,
		      json_t *list);
enum pl_err told_state(struct pl_turn *turn, struct pl_snapshot *snapshot);

/* ---- decide.c, list.c ---- */

pl_op_fn op_accept, op_reject, op_complete, op_contacts, op_contact;

#endif
