/*
 * chat.h — what the files of this service share.
 *
 *   main.c       tables                          chat.c      a chat found, stepped, shown
 *   chat_fsm.c   its rules                       chat_act.c  what the rules do
 *   customer.c   operations of the customer's socket
 *   inside.c     operations of other services    idle.c      chats that nobody writes in
 *   presence.c   whether the customer is there   shutdown.c  no new chats; all are closed
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CHAT_H
#define CHAT_H

#include <jansson.h>

#include "chat_fsm.h"
#include "pelago/json.h"
#include "pelago/log.h"
#include "pelago/service.h"

#define CHAT_SERVICE "CustomerControllerService"

enum { CONTACT_ID_MAX = 26, CLIENT_ID_MAX = 64, NAME_CHARS = 200, TEXT_CHARS = 8000 };

extern const struct pl_migration chat_migrations[];
extern const size_t chat_migrations_count;

/* chat_load finds a chat; PL_NOTFOUND. */
enum pl_err chat_load(struct pl_turn *turn, struct chat *chat, const char *contact_id);

/* chat_load_by_token does so for who has its resume token; else PL_UNAUTHORIZED. */
enum pl_err chat_load_by_token(struct pl_turn *turn, struct chat *chat, const char *contact_id,
			       const char *token);
/* chat_check_joined returns PL_UNAUTHORIZED for an agent who isn't in the chat. */
enum pl_err chat_check_joined(struct pl_turn *turn, const struct chat *chat, const char *agent_id);

/*
 * chat_step applies the rule for an event: its action, then the new state. Returns PL_STATE, and
 * has changed nothing, if the chat's rules refuse it. Last of what a handler may refuse.
 */
enum pl_err chat_step(struct pl_turn *turn, struct chat *chat, enum chat_event event,
		      struct chat_act *act);

/* chat_said returns the number of the message with that clientId of that sender, or 0. */
int64_t chat_said(struct pl_turn *turn, const struct chat *chat, const char *sender,
		  const char *client_id);
/* chat_append adds a frame to the chat's stream, with contactId and time; its number. Gives. */
int64_t chat_append(struct pl_turn *turn, const struct chat *chat, json_t *frame);
/* chat_frame returns one frame of the stream, or NULL. New reference. */
json_t *chat_frame(struct pl_turn *turn, const struct chat *chat, int64_t seq);

/*
 * chat_view returns all that an agent's page shows:
 * {"transcript","head","first","customer","presence","topic","attributes","context","closed","reason",
 * "files"}.
 * The transcript is the newest frames before number `before` (0: all) that fit max_bytes, at most
 * 200; first is the number of its first. "private" and "privateHead" are the newest of what agents
 * said among themselves, in an eighth of max_bytes. New reference.
 */
json_t *chat_view(struct pl_turn *turn, const struct chat *chat, int64_t before, int64_t max_bytes);

/* chat_time writes RFC 3339 with milliseconds, chat_time_ms reads it; 0 for another text. */
void chat_time(char text[32], int64_t ms);
int64_t chat_time_ms(const char *text);

/* chat_opened returns the body of contact.opened; email and topic may be NULL. Borrows. */
json_t *chat_opened(const char *contact_id, const char *name, const char *email, const char *topic,
		    json_t *attributes, json_t *context);

/* chat_tell emits an event contact.VERB that is no message, and keeps it for who asks later. Gives
 * body. */
void chat_tell(struct pl_turn *turn, const struct chat *chat, const char *verb, json_t *body);

/* chat_keep_said keeps the numbers of what was said, as frame (act->seq) and as event (act->n), by
 * its sender and clientId (chat_act.c). */
void chat_keep_said(struct pl_turn *turn, const struct chat *chat, const struct chat_act *act);

/* snapshot.c: see struct pl_service_def */
enum pl_err chat_keys(struct pl_turn *turn, const char *noun, const char *after, int64_t limit,
		      json_t *list);
enum pl_err chat_state(struct pl_turn *turn, struct pl_snapshot *snapshot);

/* talk.c: pages that agents show, and what they say among themselves in the stream "desk.ID" */
pl_op_fn op_push, op_private;
void talk_stream(char stream[32], const struct chat *chat);

/* chat_is_over tells whether the chat has been closed. */
bool chat_is_over(const struct chat *chat);

/* presence.c; connection is the edge's name for a customer's socket, or NULL */
void presence_begin(struct pl_turn *turn, const struct chat *chat, const char *connection);
void presence_arrive(struct pl_turn *turn, struct chat *chat, const char *connection);
void presence_leave(struct pl_turn *turn, const char *contact_id, const char *connection);
void presence_end(struct pl_turn *turn, const struct chat *chat);
void presence_sweep(struct pl_turn *turn);
pl_timer_fn presence_check;

/* idle.c */
void idle_begin(struct pl_turn *turn, const struct chat *chat);
void idle_end(struct pl_turn *turn, const struct chat *chat);
pl_timer_fn idle_check;
enum pl_err chats_sweep(struct pl_turn *turn);

/* customer.c */
pl_op_fn op_open, op_resume, op_message, op_customer_typing, op_customer_close, op_survey, op_gone;
/* inside.c */
pl_op_fn op_post, op_join, op_leave, op_typing, op_close, op_transcript, op_chats;

#endif
