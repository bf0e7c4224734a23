/*
 * message.h — messages that nobody waited for, kept for a while for whoever waits later.
 *
 * A kept message goes to the first that begins to wait for its name and key, the oldest first, each
 * to one. Past its time it is gone.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DESIGNER_MESSAGE_H
#define DESIGNER_MESSAGE_H

#include "designer.h"

enum {
	MESSAGES_MAX = 10000,	   /* kept at one time */
	MESSAGE_BYTES_MAX = 65536, /* of the payload of a request that wants it kept */
	MESSAGE_KEEP_MAX = 604800  /* seconds */
};

/* message_until reads `keepSeconds` of a request and tells until when its message is kept: the wall
 * clock, 0: not at all. */
enum pl_err message_until(struct pl_turn *turn, const json_t *body, int64_t *until_msp);

/* message_keep keeps {name, key, payload, untilMs}, with `id` what was kept before; false if its
 * time has passed, or there are too many. */
bool message_keep(struct pl_turn *turn, const json_t *message);

/* message_take takes out the oldest of that name and key: as message_keep has it, a new reference,
 * or NULL. */
json_t *message_take(struct pl_turn *turn, const char *name, const char *key);

void message_sweep(struct pl_turn *turn);

pl_op_fn op_messages, op_drop_message;

#endif
