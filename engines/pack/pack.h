/*
 * pack.h — a text made small enough for a message: gzip (RFC 1952) in base64 (RFC 4648 §4), and
 * back.
 *
 * Pure; any thread. What is returned is the caller's: free().
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_PACK_H
#define PELAGO_PACK_H

#include <stddef.h>

#include "pelago/err.h"

/* pack_text returns PL_OK and sets *packedp, PL_NOMEM. */
enum pl_err pack_text(char **packedp, const char *text, size_t len);

/*
 * pack_open sets *textp, which ends with a NUL, and its length. PL_INVALID for what is no base64,
 * no gzip, or more than one; PL_TOOLARGE for a text of more than max bytes, of which no more is
 * unpacked; PL_NOMEM.
 */
enum pl_err pack_open(char **textp, size_t *lenp, const char *packed, size_t packed_len,
		      size_t max);

#endif
