/*
 * orphan.h — reservations with nobody behind them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ORPHAN_H
#define ORPHAN_H

#include <jansson.h>

enum orphan_verdict { ORPHAN_STAYS, ORPHAN_RELEASE, ORPHAN_REQUEUE };

/* orphan_judge reads UCMService's contact {"state","offerId"}. What it doesn't know stays. */
enum orphan_verdict orphan_judge(const json_t *contact, const char *offer_id);

#endif
