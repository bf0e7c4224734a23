/*
 * question.h — the questions of a survey, and what may be answered. Pure: knows neither bus nor
 * store.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CHAT_QUESTION_H
#define CHAT_QUESTION_H

#include <jansson.h>

#include "pelago/err.h"

enum { QUESTIONS_MOST = 10, ANSWER_CHARS = 2000 };

/*
 * question_list reads the member `survey` of a routing service: true is the usual questions, false,
 * null and an empty array none, an array one's own:
 *
 *   {"id", "text", "kind":"rating" with "most" (5; 2 to 10) | "choice" with "choices" | "text"}
 *
 * *listp is a new reference to an array in which each has all that its kind needs, or NULL for
 * none. PL_INVALID, with the question.
 */
enum pl_err question_list(json_t **listp, const json_t *survey);

/*
 * question_answers checks {id: value}: a rating is a whole number from 1 to most, a choice one of
 * the choices, a text any text. null, and a blank text, is no answer; none at all is refused.
 *
 *   questions  a list by question_list
 *
 * *answersp is a new reference to [{"id","text","kind","value"}] in the order of the questions.
 * PL_INVALID, PL_TOOLARGE for a text of more than ANSWER_CHARS, PL_NOMEM.
 */
enum pl_err question_answers(json_t **answersp, const json_t *questions, const json_t *answers);

#endif
