/*
 * notify.h — changes of contexts told to subscriptions over HTTP, at least once.
 *
 * A change and its notices are one transaction; a notice goes only when its receiver has answered
 * 2xx. Those of one context come in order. A receiver that fails is left alone for a while, up to
 * five minutes; what it hasn't taken after `notify_give_up` is dropped, with an error in the log.
 * One it refuses (400, 413, 415, 422) three times is dropped, too. Beyond `notify_backlog` notices
 * the subscription is switched off, as the changes after that can't be told.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONTEXTSTORE_NOTIFY_H
#define CONTEXTSTORE_NOTIFY_H

#include "context.h"

/* notify_change makes the notices of a change. */
void notify_change(struct pl_turn *turn, const struct context *context, const struct touch *touch);

/* notify_forget removes the notices of a context that nobody has been told of. */
void notify_forget(struct pl_turn *turn, const char *context);

/* notify_load reads what notify.c keeps in memory: after start and rollbacks. */
void notify_load(struct pl_turn *turn);
/* notify_pump sends what is due. */
void notify_pump(struct pl_turn *turn);
void notify_stop(void);

#endif
