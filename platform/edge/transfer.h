/*
 * transfer.h — what bodies on their way to and from the blob store have in common: the size of a
 * chunk, how many at once, and its operations (docs/protocol.md, "Large bodies").
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef EDGE_TRANSFER_H
#define EDGE_TRANSFER_H

#include <stdbool.h>
#include <stdint.h>

#include "edge.h"
#include "pelago/err.h"
#include "request.h"

struct http;

enum {
	TRANSFER_CHUNK = 96 * 1024, /* bytes of a chunk: 128 KiB as base64 */
	TRANSFERS_MOST = 64,	    /* at once in all: their chunks fit the bus's buffer */
};

/* transfer_begin takes a place; PL_RATE when the client's address has too many already,
 * PL_UNAVAILABLE when all have. transfer_end gives it back. */
enum pl_err transfer_begin(struct http *http);
void transfer_end(struct http *http);

/* transfer_ask asks a service's blob store, and waits for as long as it takes to be started anew.
 * body is taken; requestp may be NULL. */
enum pl_err transfer_ask(struct request **requestp, struct edge *edge, const char *store,
			 const char *operation, json_t *body, request_fn *fn, void *arg);

/* transfer_hex writes a SHA-256 as the store names it. */
enum { TRANSFER_HEX = 65 };
void transfer_hex(char hex[TRANSFER_HEX], const unsigned char hash[32]);

#endif
