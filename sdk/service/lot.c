/*
 * lot.c — several events in one message.
 *
 * A lot is of one noun, an event a line. Its identity is that of its last event and how many there
 * are, which tells what is in it, as none of the noun is left out in between.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOT_BYTES = 64 << 10 }; /* or a single one that is larger */

enum pl_err out_publish(struct pl_service *s, const struct out *out, int64_t ack)
{
	char reply[160];
	struct pl_message m = { .subject = out->subject,
				.reply = reply,
				.msg_id = out->msg_id,
				.body = out->body,
				.body_len = strlen(out->body) };

	snprintf(reply, sizeof(reply), "%s.ack.%ld", s->inbox, (long)ack);
	return pl_bus_publish(s->bus, &m);
}

void lot_id(char id[LOT_ID], const struct out *out, int64_t count)
{
	snprintf(id, LOT_ID, count > 1 ? "%s+%ld" : "%s", out->msg_id, (long)count);
}

bool out_waits(const struct out *out)
{
	return !out->acked && !out->sent_ms;
}

/* One that was sent before is sent again as it was: so the log knows it, if it has it. */
static bool was_lot(const struct lot *lot)
{
	return lot->last->lot == lot->count;
}

struct lot lot_of(struct out *first, unsigned most)
{
	struct lot lot = { first, first, 1, strlen(first->body) };

	for (struct out *out = first->next; out && lot.count < most && !was_lot(&lot);
	     out = out->next) {
		size_t len;

		if (strcmp(out->noun, first->noun) != 0)
			continue;
		len = strlen(out->body) + 1;
		if (!out_waits(out) || lot.len + len > LOT_BYTES)
			break;
		lot.last = out;
		lot.count++;
		lot.len += len;
	}
	return lot;
}

struct out *lot_next(const struct lot *lot, struct out *out)
{
	if (out == lot->last)
		return NULL;
	do
		out = out->next;
	while (strcmp(out->noun, lot->first->noun) != 0);
	return out;
}

static char *lot_text(const struct lot *lot)
{
	char *text = malloc(lot->len + 1), *at = text;

	for (struct out *out = lot->first; text && out; out = lot_next(lot, out)) {
		if (at > text)
			*at++ = '\n';
		at = stpcpy(at, out->body);
	}
	return text;
}

enum pl_err lot_publish(struct pl_service *s, const struct lot *lot)
{
	char subject[256], reply[160], id[LOT_ID];
	struct pl_message m = { .subject = subject, .reply = reply, .msg_id = id };
	enum pl_err err = PL_NOMEM;
	char *text;

	if (lot->count == 1)
		return out_publish(s, lot->first, lot->first->seq);
	text = lot_text(lot);
	if (!text)
		return err;
	snprintf(subject, sizeof(subject), "%.*s.%s.%s",
		 (int)strcspn(strchr(lot->first->subject, '.') + 1, ".") + 4, lot->first->subject,
		 lot->first->noun, LOT_VERB);
	snprintf(reply, sizeof(reply), "%s.ack.%ld-%ld", s->inbox, (long)lot->first->seq,
		 (long)lot->last->seq);
	lot_id(id, lot->last, lot->count);
	m.body = text;
	m.body_len = lot->len;
	err = pl_bus_publish(s->bus, &m);
	free(text);
	return err;
}

void lot_sent(struct pl_service *s, const struct lot *lot)
{
	int64_t now = mono_ms();

	for (struct out *out = lot->first; out; out = lot_next(lot, out)) {
		s->out_late -= out->due_ms != 0;
		s->out_going++;
		out->due_ms = 0;
		out->sent_ms = now;
		out->lot = 0;
	}
	lot->last->lot = lot->count;
}
