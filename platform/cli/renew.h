/*
 * renew.h — this host's certificates, renewed while it runs (PLT-3).
 *
 * Only the root supervisor, or `up` before it, writes certificates. One is renewed when it isn't
 * good for 30 more days, and when its node wishes it: tls/NAME.renew has the serial number of the
 * one that shall go, so a wish has its effect once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_CLI_RENEW_H
#define PELAGO_CLI_RENEW_H

#include "platform/setup/setup.h"
#include "platform/supervise/supervise.h"

enum { RENEW_LOOK_MS = 1000 };

/* Begins as zeros. */
struct renew {
	int64_t looked_ms; /* by the caller's clock */
	int64_t judged_ms; /* all of them, whether they are good for long */
	int64_t asked_ms;  /* of a joined host: the manager */
	int64_t told_ns;   /* when the one was written that the bus shows */
	int64_t seen_ns[3], again_ms[3];
};

/* renew_look renews what is due, and has the bus read its own anew. On a joined host it begins a
 * process that asks the manager. Blocks on the disk. */
void renew_look(struct renew *renew, const struct setup *setup, struct process *bus);

#endif
