/*
 * take.h — events into tables.
 *
 * Each producer's events of a contact come in order, but those of two producers in any: an offer
 * may come before the contact was opened, and a message after it was closed. So each event only
 * ever adds what it knows, and none of them is refused for what is missing in it: a refused one
 * would stop its contact.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OCPDATA_TAKE_H
#define OCPDATA_TAKE_H

#include "pelago/service.h"

extern const struct pl_on_event take_events[];

#endif
