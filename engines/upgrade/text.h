/*
 * text.h — sentences that are put together, one behind the other, in as much room as there is.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_UPGRADE_TEXT_H
#define PELAGO_UPGRADE_TEXT_H

#include <stdarg.h>
#include <stddef.h>

/* text_add adds a sentence to text, behind "; " if it isn't the first; what there is no room for is
 * cut between two characters (RFC 3629). */
void text_add(char *text, size_t size, const char *fmt, va_list ap)
	__attribute__((format(printf, 3, 0)));

#endif
