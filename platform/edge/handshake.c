/*
 * handshake.c — what a request that opens a WebSocket must say.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "handshake.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

enum { KEY_LETTERS = 22, KEY_LEN = 24 }; /* 16 bytes in base64 */

bool list_has(const char *list, const char *token)
{
	size_t len = strlen(token), width;

	for (;;) {
		list += strspn(list, ", \t");
		if (!*list)
			return false;
		width = strcspn(list, ",");
		while (width > 0 && (list[width - 1] == ' ' || list[width - 1] == '\t'))
			width--;
		if (width == len && strncasecmp(list, token, len) == 0)
			return true;
		list += strcspn(list, ",");
	}
}

static bool is_get(const struct handshake *h)
{
	return h->is_get;
}

static bool is_websocket(const struct handshake *h)
{
	return list_has(h->upgrade, "websocket");
}

static bool is_connection_upgraded(const struct handshake *h)
{
	return list_has(h->connection, "upgrade");
}

static bool is_version_ours(const struct handshake *h)
{
	return strcmp(h->version, "13") == 0;
}

static bool is_key_good(const struct handshake *h)
{
	return strlen(h->key) == KEY_LEN && strcmp(h->key + KEY_LETTERS, "==") == 0 &&
	       strspn(h->key, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") ==
		       KEY_LETTERS;
}

static bool has_no_protocols(const struct handshake *h)
{
	return !h->has_protocols;
}

const struct handshake_fault *handshake_fault(const struct handshake *handshake)
{
	static const struct {
		bool (*is_good)(const struct handshake *handshake);
		struct handshake_fault fault;
	} rows[] = {
		{ is_get, { 405, "a WebSocket is opened with GET" } },
		{ is_websocket, { 400, "the only upgrade is the one to websocket" } },
		{ is_connection_upgraded, { 400, "Connection does not say Upgrade" } },
		{ is_version_ours, { 426, "Sec-WebSocket-Version must be 13" } },
		{ is_key_good, { 400, "Sec-WebSocket-Key is not 16 bytes in base64" } },
		{ has_no_protocols,
		  { 400, "no subprotocol is spoken: leave out Sec-WebSocket-Protocol" } },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!rows[i].is_good(handshake))
			return &rows[i].fault;
	return NULL;
}
