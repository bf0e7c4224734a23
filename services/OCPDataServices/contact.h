/*
 * contact.h — contacts as they are shown.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OCPDATA_CONTACT_H
#define OCPDATA_CONTACT_H

#include "pelago/page.h"
#include "pelago/service.h"

enum { CONTACT_ID_MAX = 255 };

/* contact_read returns all of a contact, transcript included; PL_NOTFOUND. */
enum pl_err contact_read(struct pl_turn *turn, const char *id, json_t **contactp);

struct contact_filter {
	const char *state;    /* "waiting", "offered", "active", "closed"; NULL: all */
	const char *agent;    /* who was offered it, or had it */
	const char *customer; /* id of one */
	int64_t since_ms;
	struct pl_page page; /* as read */
};
/* contact_list returns a page {"items","cursor"}, newest first. PL_INVALID for a bad filter. */
enum pl_err contact_list(struct pl_turn *turn, const struct contact_filter *filter, json_t **pagep);

#endif
