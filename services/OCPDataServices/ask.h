/*
 * ask.h — what requests are made of, from the bus or from HTTP.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OCPDATA_ASK_H
#define OCPDATA_ASK_H

#include "pelago/service.h"

/* ask_answer makes body the answer with this status, unless there was an error. Gives body. */
enum pl_err ask_answer(enum pl_err err, int status, json_t *body, json_t **replyp);

/* ask_user returns the name of who asks, or "". */
const char *ask_user(const json_t *body);

#endif
