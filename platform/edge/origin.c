/*
 * origin.c — origins of pages.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "origin.h"

#include <string.h>
#include <strings.h>

bool origin_is_allowed(const char *origin, const char *host, bool is_tls, const json_t *allowed)
{
	const char *scheme = is_tls ? "https://" : "http://";
	const json_t *other;
	size_t i;

	if (!origin[0])
		return true;
	if (host[0] && strncasecmp(origin, scheme, strlen(scheme)) == 0 &&
	    strcasecmp(origin + strlen(scheme), host) == 0)
		return true;
	json_array_foreach(allowed, i, other)
		if (json_is_string(other) && strcasecmp(json_string_value(other), origin) == 0)
			return true;
	return false;
}
