/*
 * desk.h — what the files of this service share.
 *
 *   main.c      tables
 *   desk.c      an agent's contact found, stepped, listed
 *   desk_fsm.c  its rules
 *   desk_act.c  what the rules do
 *   wrapup.c    after the contact
 *   leg.c       consultations, private talk, pages shown
 *   events.c    events, answers, timers
 *   agent.c     the agent's frames
 *   restore.c   all that an agent had, for a page that comes back
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DESK_H
#define DESK_H

#include <jansson.h>

#include "desk_fsm.h"
#include "pelago/json.h"
#include "pelago/log.h"
#include "pelago/service.h"

enum { CONTACT_ID_MAX = 26, ID_MAX = 64, DISPOSITION_CHARS = 200 };

#define DESK_STREAM "work" /* kind of the stream of an agent's frames, "work.AGENT" */

extern const struct pl_migration desk_migrations[];
extern const size_t desk_migrations_count;

/* desk_by_offer finds an agent's contact; false if there is none. */
bool desk_by_offer(struct pl_turn *turn, struct desk *desk, const char *offer_id);
/* desk_by_agent finds the latest of an agent with a contact. */
bool desk_by_agent(struct pl_turn *turn, struct desk *desk, const char *agent_id,
		   const char *contact_id);

/*
 * desk_to_say finds by what an agent has a chat: the contact, or a consultation about it; of
 * several an active one first, then one in wrap-up, then the contact itself.
 */
bool desk_to_say(struct pl_turn *turn, struct desk *desk, const char *agent_id,
		 const char *contact_id);
/* desk_chat returns the contact whose chat is shown. Borrowed. */
const char *desk_chat(const struct desk *desk);

/*
 * desk_step applies the rule for an event: its action, then the new state. Returns PL_STATE, and
 * has changed nothing, if there is none. Last of what a handler may refuse.
 */
enum pl_err desk_step(struct pl_turn *turn, struct desk *desk, enum desk_event event,
		      struct desk_act *act);

/* desk_view returns how a page lists it: contactId, offerId, state, channel, service, customer,
 * topic, attributes, context, in wrap-up reason and wrapUpSeconds. New reference. */
json_t *desk_view(struct pl_turn *turn, const struct desk *desk);
/* desk_watch returns what has the edge follow the chat, and what agents say beside it, after what a
 * view of CustomerControllerService has. New reference. */
json_t *desk_watch(const struct desk *desk, const json_t *view);

/* desk_act.c */
/* desk_deliver sends a frame to an agent's page. Gives both; directives may be NULL. */
void desk_deliver(struct pl_turn *turn, const char *agent_id, json_t *frame, json_t *directives);
/* desk_unwatch returns the opposite of desk_watch; NULL while the agent has the chat otherwise. */
json_t *desk_unwatch(struct pl_turn *turn, const struct desk *desk);
void desk_deliver_closed(struct pl_turn *turn, const struct desk *desk, int64_t wrapup_s);
void desk_keep_reason(struct pl_turn *turn, struct desk *desk, const char *reason);
/* desk_pass asks the chat, and holds the agent's request until that has answered. Gives body. */
void desk_pass(struct pl_turn *turn, const struct desk *desk, const char *operation, json_t *body);

/* wrapup.c */
int64_t wrapup_extensions_left(struct pl_turn *turn, const struct desk *desk);
pl_event_fn on_service;
/* leg.c */
pl_event_fn on_leg;
pl_answer_fn on_entered;
/* legs_view returns the open consultations of a contact: [{legId, state, to, participant}]. */
json_t *legs_view(struct pl_turn *turn, const char *contact_id);
/* legs_sweep forgets those that were over before. */
void legs_sweep(struct pl_turn *turn, int64_t before_ms);
/* leg_state returns how far a consultation is, a new JSON text "joined". */
json_t *leg_state(struct pl_turn *turn, const char *leg_id);

/* events.c */
pl_event_fn on_accepted, on_ended, on_closed, on_agent;
pl_answer_fn on_joined, on_context;
pl_timer_fn on_context_late, on_wrapped;
enum pl_err desks_sweep(struct pl_turn *turn);
/* forget.c */
/* forget_later: the agent has logged out. */
void forget_later(struct pl_turn *turn, const char *agent_id);
pl_timer_fn on_forget;
/* agent.c */
pl_op_fn op_message, op_typing, op_close, op_complete, op_push, op_extend;
pl_answer_fn on_passed;
/* files.c */
pl_op_fn op_http_send_file, op_http_file;
/* restore.c */
pl_op_fn op_contacts, op_restore;

#endif
