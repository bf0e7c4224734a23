/*
 * handshake.h — is a request one that opens a WebSocket (RFC 6455 §4.2.1)?
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef EDGE_HANDSHAKE_H
#define EDGE_HANDSHAKE_H

#include <stdbool.h>

/* Fields of a request, "" for one that isn't there. Borrowed. */
struct handshake {
	bool is_get;
	const char *upgrade, *connection, *version, *key;
	bool has_protocols; /* Sec-WebSocket-Protocol: we speak none of them */
};

/* Why a handshake is refused: a problem document's status and detail. */
struct handshake_fault {
	int status; /* 405, 426 or 400 */
	const char *detail;
};

/* handshake_fault returns the first thing that is wrong with a handshake, or NULL. Static. */
const struct handshake_fault *handshake_fault(const struct handshake *handshake);

/* list_has tells whether a comma-separated list of tokens has one, in any case (RFC 9110 §5.6.1).
 */
bool list_has(const char *list, const char *token);

#endif
