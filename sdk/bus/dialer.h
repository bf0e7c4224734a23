/*
 * dialer.h — makes wires: once for pl_bus_open, and on a thread of its own while the bus is down.
 *
 * Connecting blocks (TLS, a host that doesn't answer), so the loop must not do it. The thread
 * exists only while there is no wire, tries every 50 ms without end, and announces its wire by
 * wake_fd.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_BUS_DIALER_H
#define PELAGO_BUS_DIALER_H

#include "wire.h"

struct dialer;

/* dialer_new copies options; wake_fd, an eventfd, is duplicated. The caller owns *dialerp:
 * dialer_free. */
enum pl_err dialer_new(struct dialer **dialerp, const struct pl_bus_options *options, int wake_fd);

/* dialer_free doesn't wait: a thread that is connecting ends by itself. Takes NULL. */
void dialer_free(struct dialer *dialer);

/*
 * dialer_connect tries for at most wait_ms (-1: for ever), and blocks for it. Returns
 * PL_UNAVAILABLE when the server can't be reached or refuses the key, PL_INVALID for unreadable
 * files.
 */
enum pl_err dialer_connect(struct dialer *dialer, struct wire **wirep, int wait_ms);

/* dialer_start begins to try on a thread. Returns PL_UNAVAILABLE when there can't be one now. */
enum pl_err dialer_start(struct dialer *dialer);

/* dialer_take returns the new wire, which is then the caller's, or NULL if there is none yet. */
struct wire *dialer_take(struct dialer *dialer);

#endif
