/*
 * check_address.c — the cluster's address leads somewhere, and not to this host alone (PLT-9).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <ifaddrs.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "check.h"

static bool is_same(const struct sockaddr *a, const char *text)
{
	char own[64] = "";
	socklen_t len = a->sa_family == AF_INET	   ? sizeof(struct sockaddr_in)
			: a->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
						   : 0;

	return len && getnameinfo(a, len, own, sizeof(own), NULL, 0, NI_NUMERICHOST) == 0 &&
	       strcmp(own, text) == 0;
}

/* Loopback is an address of every host. */
static bool is_own(const char *text)
{
	struct ifaddrs *all = NULL;
	bool own = strncmp(text, "127.", 4) == 0;

	if (getifaddrs(&all) != 0)
		return own;
	for (const struct ifaddrs *a = all; a && !own; a = a->ifa_next)
		own = a->ifa_addr && is_same(a->ifa_addr, text);
	freeifaddrs(all);
	return own;
}

bool check_address(const struct check_facts *facts, char evidence[EVIDENCE])
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *list = NULL;
	char text[64] = "";
	bool ok = true;
	int code;

	if (!*facts->address) {
		snprintf(evidence, EVIDENCE, "the cluster has no address of its own");
		return true;
	}
	code = getaddrinfo(facts->address, NULL, &hints, &list);
	if (code) {
		snprintf(
			evidence, EVIDENCE,
			"%.200s: %s; nobody here reaches the cluster by it: have DNS name it, or give "
			"the cluster another address",
			facts->address, gai_strerror(code));
		return false;
	}
	for (const struct addrinfo *a = list; a && ok; a = a->ai_next) {
		if (getnameinfo(a->ai_addr, a->ai_addrlen, text, sizeof(text), NULL, 0,
				NI_NUMERICHOST) != 0)
			continue;
		ok = strcmp(text, facts->floating) == 0 || !is_own(text);
	}
	freeaddrinfo(list);
	if (ok)
		snprintf(evidence, EVIDENCE, "%s is %s", facts->address, text);
	else
		snprintf(
			evidence, EVIDENCE,
			"%.200s is %s, this host's own address: people would lose the cluster with "
			"it; take the floating address, or a load balancer's",
			facts->address, text);
	return ok;
}
