/*
 * text.h — a text on its way to clients: dumped once, shared by all connections that get it.
 *
 * Counted, since as many queues as watch a stream hold the same one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef EDGE_TEXT_H
#define EDGE_TEXT_H

#include <jansson.h>
#include <stddef.h>

struct text {
	unsigned refs;
	size_t len;
	unsigned char bytes[]; /* LWS_PRE of room, then the text */
};

/* text_new dumps value; NULL without memory or value. The caller holds one reference. */
struct text *text_new(const json_t *value);
struct text *text_ref(struct text *text);
void text_unref(struct text *text); /* takes NULL */

#endif
