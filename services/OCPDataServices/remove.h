/*
 * remove.h — contacts and customers removed with all that hangs on them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OCPDATA_REMOVE_H
#define OCPDATA_REMOVE_H

#include "pelago/service.h"

/* remove_contacts removes those of a JSON array of ids; returns how many messages went. */
int64_t remove_contacts(struct pl_turn *turn, const json_t *ids);

/* remove_count adds up what statements count, each of which takes a JSON list of ids. */
int64_t remove_count(struct pl_turn *turn, const char *const *counts, size_t len,
		     const json_t *ids);

/* remove_left counts rows that there are of contacts with these ids: 0 after they were removed. */
int64_t remove_left(struct pl_turn *turn, const json_t *ids);

/* remove_customer removes a customer with its addresses; it has no contacts. */
void remove_customer(struct pl_turn *turn, const char *id);

#endif
