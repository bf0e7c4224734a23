/*
 * survey.h — what the customer is asked after the end, and the answer.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CHAT_SURVEY_H
#define CHAT_SURVEY_H

#include "chat.h"

#define SURVEY_SENDER "survey" /* clientIds of answers are none of messages */

/* survey_on_service keeps the questions of a routing service; the event service.set. */
pl_event_fn survey_on_service;

/* survey_note_service keeps whose agent has joined: that service's survey is asked at the end. */
void survey_note_service(struct pl_turn *turn, const struct chat *chat, const char *service);

/*
 * survey_answer takes a customer's frame {"clientId","answers":{id: value}}, whose clientId has
 * been read and is new. PL_STATE where nothing was asked, it was answered before, or it is too
 * late; PL_INVALID, PL_TOOLARGE.
 */
enum pl_err survey_answer(struct pl_turn *turn, struct chat *chat, const json_t *frame,
			  const char *client_id);

#endif
