/*
 * customer.h — customers: one for each e-mail address, or else one for each contact.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OCPDATA_CUSTOMER_H
#define OCPDATA_CUSTOMER_H

#include "pelago/service.h"

enum { CUSTOMER_ID_MAX = 320 };

/* customer_id writes the id of the customer with that address, or of that contact if email is "".
 */
void customer_id(char id[CUSTOMER_ID_MAX + 1], const char *email, const char *contact);

/* customer_seen notes that somebody was here. An empty name doesn't replace one. */
void customer_seen(struct pl_turn *turn, const char *id, const char *name, const char *email,
		   int64_t at_ms);

/* customer_read returns a new object, or NULL if there is none. */
json_t *customer_read(struct pl_turn *turn, const char *id);

#endif
