/*
 * sender.h — tells receivers of alarms, by threads beside the turns.
 *
 * A kind of receiver is a row: what its settings must be, which of them are secret, and a function
 * that blocks until the receiver has taken a notice, for at most SEND_MS.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_MANAGER_SENDER_H
#define PELAGO_MANAGER_SENDER_H

#include <stdatomic.h>

#include "pelago/pool.h"

enum { SENDERS = 2, SEND_MS = 10000, CONNECT_MS = 3000, WHY_SIZE = 256, SECRETS_MAX = 2 };

struct receiver_kind {
	const char *name;
	const char *secrets[SECRETS_MAX + 1]; /* members of the settings that are never shown */
	enum pl_err (*check)(const json_t *settings); /* PL_INVALID says what is wrong */
	/*
	 * settings  with the secrets in clear, and "engine" (snmp_engine.h)
	 * notice    {"id","what":"raised"|"cleared"|"acknowledged"|"test","atMs","alarm":{…}}
	 * stop      set: the manager ends, so it returns false within half a second
	 * why       what went wrong, for people
	 */
	bool (*send)(const json_t *settings, const json_t *notice, const atomic_bool *stop,
		     char why[WHY_SIZE]);
};
extern const struct receiver_kind mail_kind, webhook_kind, snmp_kind, snmpv3_kind;

/* receiver.c: called in a turn with {"context":…,"error":TEXT}; "" is success. */
pl_posted_fn receiver_done;

/* sender_new starts threads; pl_pool_free ends them. */
enum pl_err sender_new(struct pl_pool **senderp, struct pl_service *service);
/* sender_put never blocks. Gives the three JSON values, which nobody else may hold. Turn thread. */
enum pl_err sender_put(struct pl_pool *sender, const struct receiver_kind *kind, json_t *settings,
		       json_t *notice, json_t *context);

#endif
