/*
 * address.h — addresses of customers, of every kind: e-mail, telephone, and what channels have.
 *
 * An address is one customer's. It is kept, and compared, in one form: e-mail in small letters,
 * telephone numbers without spaces and punctuation.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OCPDATA_ADDRESS_H
#define OCPDATA_ADDRESS_H

#include "pelago/service.h"

enum { KIND_BYTES = 20, ADDRESS_BYTES = 320, ADDRESSES_MOST = 100 };

struct address {
	char kind[KIND_BYTES + 1];     /* "email", "phone", or small letters, digits and - */
	char value[ADDRESS_BYTES + 1]; /* in its one form */
};

/* address_set puts it into its form; false for a bad kind, or a value that is empty or too long. */
bool address_set(struct address *address, const char *kind, const char *value);

/* address_read takes {"kind","value"}; PL_INVALID says what is wrong. */
enum pl_err address_read(struct address *address, const json_t *object);

/* address_owner returns the id of the customer whose it is, to be freed, or NULL. */
char *address_owner(struct pl_turn *turn, const struct address *address);

void address_add(struct pl_turn *turn, const struct address *address, const char *customer);
void address_remove(struct pl_turn *turn, const struct address *address);

/* address_list returns a new array [{"kind","value"}…] of a customer's. */
json_t *address_list(struct pl_turn *turn, const char *customer);

#endif
