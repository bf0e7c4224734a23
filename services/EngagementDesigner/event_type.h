/*
 * event_type.h — the catalogue of events: family, type, version, and a schema of what comes along.
 *
 * Pelago's own are rows of event_table.h, of the family Contact. Those of other systems are
 * registered; a version never changes, and one that is withdrawn stays on record, but isn't taken
 * any more. An event is called FAMILY.TYPE; of the family Contact by its type alone.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DESIGNER_EVENT_TYPE_H
#define DESIGNER_EVENT_TYPE_H

#include "designer.h"

enum {
	EVENT_WORD_MAX = 60,	    /* bytes of a family and of a type */
	EVENT_NAME_MAX_BYTES = 121, /* "FAMILY.TYPE" */
	EVENT_TYPES_MAX = 500,	    /* registered versions */
	EVENT_SCHEMA_MAX = 32768,   /* bytes of a schema */
	EVENT_VERSION_MAX = 1000000,
	EVENT_MEMBERS_MAX = 1000, /* of a payload */
};

struct event_name {
	char family[EVENT_WORD_MAX + 1], type[EVENT_WORD_MAX + 1];
};

/* event_name_read takes a name apart. PL_INVALID for what is none. */
enum pl_err event_name_read(struct event_name *name, const char *text);
/* event_name_text is the way back. */
void event_name_text(char text[EVENT_NAME_MAX_BYTES + 1], const char *family, const char *type);
/* event_is_own tells whether a family is Pelago's own. */
bool event_is_own(const char *family);
/* event_type_known tells whether a version of that name is in the catalogue and not withdrawn. */
bool event_type_known(struct pl_turn *turn, const char *name);

/* outside.c: what an event of another system does */
pl_op_fn op_take_event;
pl_op_fn op_event_types, op_event_type, op_register_event, op_withdraw_event, op_check_event;

#endif
