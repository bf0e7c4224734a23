/*
 * contact.h — contacts as they are shown.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OCPDATA_CONTACT_H
#define OCPDATA_CONTACT_H

#include "pelago/service.h"

enum { CONTACT_ID_MAX = 255, PAGE_MOST = 200 };

/* contact_read returns all of a contact, transcript included; PL_NOTFOUND. */
enum pl_err contact_read(struct pl_turn *turn, const char *id, json_t **contactp);

struct contact_filter {
	const char *state;    /* "waiting", "offered", "active", "closed"; NULL: all */
	const char *agent;    /* who was offered it, or had it */
	const char *customer; /* id of one */
	const char *cursor;   /* of the page before */
	int64_t since_ms;
	int64_t limit;
};
/* contact_list returns {"contacts":[…]}, newest first, and "cursor" if there are more. PL_INVALID
 * for a bad filter. */
enum pl_err contact_list(struct pl_turn *turn, const struct contact_filter *filter, json_t **pagep);

#endif
