/* text.c — see text.h. SPDX-License-Identifier: Apache-2.0 */
#include "engines/upgrade/text.h"

#include <stdio.h>
#include <string.h>

void text_add(char *text, size_t size, const char *fmt, va_list ap)
{
	size_t len = strlen(text);

	if (len > 0 && len + 2 < size) {
		memcpy(text + len, "; ", 3);
		len += 2;
	}
	vsnprintf(text + len, size - len, fmt, ap);
	len = strlen(text);
	if (len + 1 < size)
		return;
	while (len > 0 && (text[len - 1] & 0xc0) == 0x80)
		len--;
	text[len > 0 ? len - 1 : 0] = '\0';
}
