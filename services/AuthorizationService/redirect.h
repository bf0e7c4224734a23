/*
 * redirect.h — where a browser may be sent with a code, and texts in a URL.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef AUTHORIZATION_REDIRECT_H
#define AUTHORIZATION_REDIRECT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * redirect_is_good judges a redirect_uri of our pages' client: a path of a page of ours,
 * "/workspaces/", or a URL with such a path and without query or fragment.
 *
 *   origin  the Origin header of the request that asks for the code, "https://host:8443", which the
 * URL must have too; "" if the edge named none: then only this machine's own names are good. For
 *           whoever gets a code can turn it into tokens, and a code goes where the URL says.
 */
bool redirect_is_good(const char *uri, const char *origin);

/* url_add appends name=value, percent-encoded, after '?' or '&'; false if it doesn't fit. */
bool url_add(char *url, size_t size, const char *name, const char *value);

#endif
