/*
 * sequence.h — which frames of a stream a connection still has to get.
 *
 * Numbers count from 1 without gaps. A frame that comes too early isn't kept: that it exists is
 * noted, and it is fetched with the missing ones.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef EDGE_SEQUENCE_H
#define EDGE_SEQUENCE_H

#include <stdbool.h>
#include <stdint.h>

struct sequence {
	int64_t last; /* delivered */
	int64_t head; /* known to exist */
};

enum sequence_verdict {
	SEQUENCE_DELIVER, /* the next one; it counts as delivered */
	SEQUENCE_DROP,	  /* had it */
	SEQUENCE_FETCH,	  /* others are missing before it */
};

/* sequence_push judges a frame that was pushed. */
enum sequence_verdict sequence_push(struct sequence *sequence, int64_t seq);

/*
 * sequence_item judges a frame that was fetched with `after` = last: what lies between isn't kept
 * any more, so a gap is passed over (*lostp counts its frames).
 */
enum sequence_verdict sequence_item(struct sequence *sequence, int64_t seq, int64_t *lostp);

/* sequence_head notes what the stream's service says; returns whether something is missing. */
bool sequence_head(struct sequence *sequence, int64_t head);

#endif
