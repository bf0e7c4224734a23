/*
 * customer.h — customers, and the profiles that they make up.
 *
 * A contact is of the customer that has one of its addresses; without any it has a customer of its
 * own. A profile is what is known of one person: one customer, or several that were merged. Its id
 * is that of the customer that the others were merged into, the `root`. Merging changes roots and
 * nothing else, so a split gives each its own contacts back, those that came meanwhile included.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OCPDATA_CUSTOMER_H
#define OCPDATA_CUSTOMER_H

#include "address.h"
#include "pelago/page.h"

enum { CUSTOMER_ID_MAX = 320, PARTS_MOST = 50, NAME_BYTES = 400 };

/*
 * customer_seen finds or makes the customer of a contact {"name","email","phone",
 * "addresses":[{"kind","value"}…]}, notes what is new, and writes its id.
 */
void customer_seen(struct pl_turn *turn, char id[CUSTOMER_ID_MAX + 1], const json_t *who,
		   const char *contact, int64_t at_ms);

/* customer_find returns the profile's id of a customer's id or e-mail address; NULL if there is
 * none. To be freed. */
char *customer_find(struct pl_turn *turn, const char *text);

/* customer_parts returns a new array of the ids of a profile's customers, its own first. */
json_t *customer_parts(struct pl_turn *turn, const char *profile);

/* customer_profile returns a new object, or NULL if there is no such profile. */
json_t *customer_profile(struct pl_turn *turn, const char *profile);

/* customer_summary: the same without parts and merges. */
json_t *customer_summary(struct pl_turn *turn, const char *profile);

struct customer_change {
	const char *name;	    /* NULL: as it is */
	const json_t *attributes;   /* laid over; null removes one; may be NULL */
	const json_t *add, *remove; /* addresses; may be NULL */
};
/* customer_check returns PL_INVALID for a bad change, PL_STATE for an address of somebody else's
 * profile (NULL: a new one). */
enum pl_err customer_check(struct pl_turn *turn, const char *profile,
			   const struct customer_change *change);
/* customer_change writes what was checked. */
void customer_change(struct pl_turn *turn, const char *profile,
		     const struct customer_change *change);
void customer_make(struct pl_turn *turn, char id[27]);

/*
 * customer_search returns a page {"items":[summary…],"cursor"}; q is the beginning of a name or an
 * address, or NULL for all, by id. A profile that is found by several words is shown once a page,
 * so a page may be short and have a cursor. PL_INVALID for no such cursor.
 */
enum pl_err customer_search(struct pl_turn *turn, const char *q, const struct pl_page *from,
			    json_t **pagep);

/* customer_complete fills what an older version didn't write, in some rows; true if there were
 * none.
 */
bool customer_complete(struct pl_turn *turn);

#endif
