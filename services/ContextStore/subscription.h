/*
 * subscription.h — who is told of changes of contexts: at most five, each with a filter.
 *
 * {"url", "enabled", and if set "groupId", "tenantId", "topic", "operations":[…]}
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONTEXTSTORE_SUBSCRIPTION_H
#define CONTEXTSTORE_SUBSCRIPTION_H

#include "context.h"

enum { SUBSCRIPTIONS = 5, SUBSCRIPTION_ID_BYTES = 64 };

struct subscription {
	char id[SUBSCRIPTION_ID_BYTES + 1]; /* "" in a free slot */
	json_t *body;
	int64_t waiting; /* notices in the store */
	/* Since the service started. */
	int64_t sent, fails /* in a row */, next_ms, last_ms;
	int last_status;
	char last_error[200];
	int in_flight;
	bool has_failed; /* one of those in flight */
};

extern struct subscription subscriptions[SUBSCRIPTIONS];

/* subscriptions_load reads them and counts what waits for each. */
void subscriptions_load(struct pl_turn *turn);
void subscriptions_forget(void);

/* subscription_find returns the one with this id, or NULL; "" finds a free slot. */
struct subscription *subscription_find(const char *id);

/* subscription_check refuses with PL_INVALID what is no subscription, saying what is wrong. */
enum pl_err subscription_check(const char *id, const json_t *body);
void subscription_write(struct pl_turn *turn, struct subscription *s, const char *id,
			const json_t *body);
void subscription_remove(struct pl_turn *turn, struct subscription *s);
void subscription_enable(struct pl_turn *turn, struct subscription *s, bool on);

bool subscription_is_on(const struct subscription *s);
bool subscription_wants(const struct subscription *s, const struct context *context,
			const struct touch *touch);
json_t *subscription_shown(const struct subscription *s);

#endif
