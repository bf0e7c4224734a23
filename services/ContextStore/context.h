/*
 * context.h — contexts in the store. One whose lease has run out is gone, though its row may still
 * be there.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONTEXTSTORE_CONTEXT_H
#define CONTEXTSTORE_CONTEXT_H

#include "pelago/service.h"

struct context {
	char *id;      /* as it was made, though it may have been asked for by an alias */
	json_t *entry; /* see change.h */
	int64_t version, lease_s, expires_ms;
	int64_t made_ms;  /* 0: not written yet */
	json_t *was_data; /* as the store has it; NULL where it has none */
};
void context_fini(struct context *context);

/* context_read finds one by id or alias. Returns PL_NOTFOUND; on an error nothing is to be freed.
 */
enum pl_err context_read(struct pl_turn *turn, struct context *context, const char *id);

/*
 * context_may_alias returns PL_STATE when an alias of the entry is the id or an alias of another
 * context. Before any write.
 */
enum pl_err context_may_alias(struct pl_turn *turn, const struct context *context);

/* What happened to a context, for its audit. */
struct touch {
	const char *operation;
	const char *touchpoint; /* or NULL */
	const char *sid;	/* or NULL */
};
/* context_write stores it with the next version, and renews its lease. */
void context_write(struct pl_turn *turn, struct context *context, const struct touch *touch);
void context_delete(struct pl_turn *turn, const struct context *context, const struct touch *touch);

/* context_erase removes all there is of one, by its own id, but for its audit; nobody is told. */
void context_erase(struct pl_turn *turn, const char *id);

/* context_sweep removes some whose lease has run out. */
void context_sweep(struct pl_turn *turn);

#endif
