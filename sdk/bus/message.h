/*
 * message.h — subjects, and messages as the bus's protocol writes them.
 *
 * The protocol: https://docs.nats.io/reference/reference-protocols/nats-protocol. Headers stand
 * before the body: "NATS/1.0[ STATUS]\r\n", "Name: value\r\n" each, and an empty line.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_BUS_MESSAGE_H
#define PELAGO_BUS_MESSAGE_H

#include <stdbool.h>
#include <sys/queue.h>

#include "buffer.h"
#include "pelago/bus.h"

#define MESSAGE_MAX_BODY (1024 * 1024)

/* is_subject tells whether text is a subject to publish to, or with wildcards, to subscribe to. */
bool is_subject(const char *text, bool wildcards);

/* is_word tells whether text is without white space and control characters, and not empty. */
bool is_word(const char *text);

/* message_check returns PL_INVALID for a bad subject or header, PL_TOOLARGE for a body over 1 MiB.
 */
enum pl_err message_check(const struct pl_message *message);

/* message_write appends the frame that publishes message. Returns PL_NOMEM, and then adds nothing.
 */
enum pl_err message_write(struct buffer *out, const struct pl_message *message);

/* message_frame_len returns how long the frame will be, at most. */
size_t message_frame_len(const struct pl_message *message);

/* A text within a frame received: not terminated. */
struct span {
	const char *text;
	size_t len;
};

/* A message received, with all that it points to in one piece of memory. */
struct letter {
	STAILQ_ENTRY(letter) next;
	struct pl_message message;
	char room[];
};
STAILQ_HEAD(letters, letter);

/* letter_new copies a message received; reply.text may be NULL, headers be empty. NULL: PL_NOMEM.
 * The caller owns it: free(). */
struct letter *letter_new(struct span subject, struct span reply, struct span headers,
			  struct span body);

#endif
