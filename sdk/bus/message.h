/*
 * message.h — messages and subjects between pelago/bus.h and the client library.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_BUS_MESSAGE_H
#define PELAGO_BUS_MESSAGE_H

#include <stdbool.h>

#include <nats/nats.h>

#include "pelago/bus.h"

#define MESSAGE_MAX_BODY (1024 * 1024)

/* is_subject tells whether text is a subject to publish to, or with wildcards, to subscribe to. */
bool is_subject(const char *text, bool wildcards);

/* is_word tells whether text is without white space and control characters, and not empty. */
bool is_word(const char *text);

/*
 * message_pack copies message. Returns PL_INVALID for a bad subject or header, PL_TOOLARGE,
 * PL_NOMEM. The caller owns *packedp: natsMsg_Destroy.
 */
enum pl_err message_pack(natsMsg **packedp, const struct pl_message *message);

/* message_unpack fills message with pointers into packed. */
void message_unpack(struct pl_message *message, natsMsg *packed);

#endif
