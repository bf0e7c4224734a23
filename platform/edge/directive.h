/*
 * directive.h — what replies and pushes tell the edge to do with a connection.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef EDGE_DIRECTIVE_H
#define EDGE_DIRECTIVE_H

#include <jansson.h>

struct conn;

/*
 * directives_apply does what the members of object say, in this order: session, send, unwatch,
 * watch, close. Members of a wrong kind are passed over and logged: services are trusted, but not
 * to be without defects.
 */
void directives_apply(struct conn *conn, const json_t *object);

#endif
