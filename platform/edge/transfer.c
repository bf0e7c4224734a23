/*
 * transfer.c — see transfer.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "transfer.h"

#include <sodium.h>
#include <stdio.h>

#include "http.h"
#include "link.h"
#include "peer.h"

enum pl_err transfer_begin(struct http *http)
{
	if (http->edge->transfers >= TRANSFERS_MOST)
		return pl_fail(PL_UNAVAILABLE, "too many files are on their way; try again");
	if (!peer_transfer(http->edge, http->peer))
		return pl_fail(PL_RATE, "too many files of this address are on their way; try "
					"again");
	http->edge->transfers++;
	return PL_OK;
}

void transfer_end(struct http *http)
{
	http->edge->transfers--;
	peer_transferred(http->peer);
}

enum pl_err transfer_ask(struct request **requestp, struct edge *edge, const char *store,
			 const char *operation, json_t *body, request_fn *fn, void *arg)
{
	char subject[100];

	snprintf(subject, sizeof(subject), "svc.%s.%s", store, operation);
	return link_ask(requestp, edge->link, subject, body, REQUEST_LONG, fn, arg);
}

void transfer_hex(char hex[TRANSFER_HEX], const unsigned char hash[32])
{
	sodium_bin2hex(hex, TRANSFER_HEX, hash, 32);
}
