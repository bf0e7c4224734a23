/*
 * sequence.c — numbers of a stream's frames.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sequence.h"

enum sequence_verdict sequence_push(struct sequence *sequence, int64_t seq)
{
	if (seq <= sequence->last)
		return SEQUENCE_DROP;
	if (seq > sequence->head)
		sequence->head = seq;
	if (seq > sequence->last + 1)
		return SEQUENCE_FETCH;
	sequence->last = seq;
	return SEQUENCE_DELIVER;
}

enum sequence_verdict sequence_item(struct sequence *sequence, int64_t seq, int64_t *lostp)
{
	*lostp = 0;
	if (seq <= sequence->last)
		return SEQUENCE_DROP;
	*lostp = seq - sequence->last - 1;
	sequence->last = seq;
	if (seq > sequence->head)
		sequence->head = seq;
	return SEQUENCE_DELIVER;
}

bool sequence_head(struct sequence *sequence, int64_t head)
{
	if (head > sequence->head)
		sequence->head = head;
	return sequence->head > sequence->last;
}
