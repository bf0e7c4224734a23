/*
 * out.c — an event on its way: subject, identity and text.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* CRC-32C (Castagnoli), RFC 3720 appendix B.4 */
static uint32_t crc32c(const char *text)
{
	static uint32_t table[256];
	uint32_t crc = ~0u;

	if (!table[1])
		for (uint32_t i = 0; i < 256; i++) {
			uint32_t c = i;

			for (int bit = 0; bit < 8; bit++)
				c = c & 1 ? (c >> 1) ^ 0x82f63b78u : c >> 1;
			table[i] = c;
		}
	for (; *text; text++)
		crc = (crc >> 8) ^ table[(crc ^ (unsigned char)*text) & 255];
	return ~crc;
}

void out_free(struct out *out)
{
	if (!out)
		return;
	free(out->noun);
	free(out->subject);
	free(out->msg_id);
	free(out->body);
	free(out);
}

/* A header's value has no white space, but a key may: "%20". */
static void encode_key(char encoded[1024], const char *key)
{
	size_t len = 0;

	for (; *key && len < 1020; key++)
		if ((unsigned char)*key <= ' ' || *key == 0x7f || *key == '%')
			len += (size_t)snprintf(encoded + len, 4, "%%%02X", (unsigned char)*key);
		else
			encoded[len++] = *key;
	encoded[len] = '\0';
}

struct out *out_new(const struct pl_service *s, int64_t seq, const char *noun, const char *verb,
		    const char *key, int64_t n, const char *body)
{
	struct out *out = calloc(1, sizeof(*out));
	char encoded[1024];

	if (!out)
		return NULL;
	encode_key(encoded, key);
	out->seq = seq;
	if (asprintf(&out->subject, "evt.%u.%s.%s", crc32c(key) % 16, noun, verb) < 0)
		out->subject = NULL;
	if (asprintf(&out->msg_id, "%s:%ld:%s:%s:%ld", s->def->name, (long)s->incarnation, noun,
		     encoded, (long)n) < 0)
		out->msg_id = NULL;
	out->noun = strdup(noun);
	out->body = strdup(body);
	if (!out->noun || !out->subject || !out->msg_id || !out->body) {
		out_free(out);
		return NULL;
	}
	return out;
}
