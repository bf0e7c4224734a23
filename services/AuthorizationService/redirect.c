/* redirect.c — see redirect.h. SPDX-License-Identifier: Apache-2.0 */
#include "redirect.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

/* A page's path; one that ends with '*' stands for all below it. */
static const char *const pages[] = { "/", "/workspaces/", "/manager/",
				     "/services/EngagementDesigner/*" };

static const char *const own_hosts[] = { "127.0.0.1", "localhost", "[::1]" };

static bool path_is_good(const char *path)
{
	if (strspn(path, LETTERS "/_.-") != strlen(path) || strstr(path, "..") ||
	    strstr(path, "//"))
		return false;
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		size_t len = strlen(pages[i]);

		if (pages[i][len - 1] == '*' ? strncmp(path, pages[i], len - 1) == 0
					     : strcmp(path, pages[i]) == 0)
			return true;
	}
	return false;
}

static bool host_is_own(const char *host, size_t len)
{
	for (size_t i = 0; i < sizeof(own_hosts) / sizeof(own_hosts[0]); i++) {
		size_t own = strlen(own_hosts[i]);

		if (len >= own && strncasecmp(host, own_hosts[i], own) == 0 &&
		    (len == own || host[own] == ':'))
			return true;
	}
	return false;
}

bool redirect_is_good(const char *uri, const char *origin)
{
	const char *host = strstr(uri, "://"), *path;
	size_t len;

	if (uri[0] == '/')
		return path_is_good(uri);
	if (!host || (strncasecmp(uri, "https://", 8) != 0 && strncasecmp(uri, "http://", 7) != 0))
		return false;
	host += 3;
	len = strspn(host, LETTERS ".-:[]");
	path = host + len;
	if (len == 0 || *path != '/' || !path_is_good(path))
		return false;
	if (*origin)
		return strlen(origin) == (size_t)(path - uri) &&
		       strncasecmp(origin, uri, (size_t)(path - uri)) == 0;
	return host_is_own(host, len);
}

bool url_add(char *url, size_t size, const char *name, const char *value)
{
	size_t len = strlen(url), start = len;
	int n = snprintf(url + len, size - len, "%c%s=", strchr(url, '?') ? '&' : '?', name);

	if (n < 0 || (size_t)n >= size - len)
		goto full;
	len += (size_t)n;
	for (const unsigned char *c = (const unsigned char *)value; *c; c++) {
		if (len + 4 > size)
			goto full;
		if (strchr(LETTERS "-._~", *c))
			url[len++] = (char)*c;
		else
			len += (size_t)snprintf(url + len, size - len, "%%%02X", *c);
		url[len] = '\0';
	}
	return true;
full:
	url[start] = '\0';
	return false;
}
