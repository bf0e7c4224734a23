/* address.c — see address.h. SPDX-License-Identifier: Apache-2.0 */
#include "address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct net {
	unsigned char prefix[16];
	int bits;
	int ipv4_at; /* an IPv4 address stands there; 0: none */
};

static const struct {
	uint32_t prefix;
	int bits;
} nets_4[] = {
	{ 0x00000000, 8 },  /* this network (RFC 6890) */
	{ 0x7f000000, 8 },  /* loopback */
	{ 0xa9fe0000, 16 }, /* link-local */
	{ 0x646464c8, 32 }, /* 100.100.100.200: a cloud's metadata */
	{ 0xe0000000, 3 },  /* multicast, reserved, broadcast */
};

static const struct net nets_6[] = {
	{ { 0 }, 96, 12 }, /* unspecified, loopback, old IPv4 forms */
	{ { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff }, 96, 12 }, /* mapped */
	{ { 0x00, 0x64, 0xff, 0x9b }, 96, 12 },			  /* NAT64 (RFC 6052) */
	{ { 0x20, 0x02 }, 16, 2 },				  /* 6to4 */
	{ { 0xfe, 0x80 }, 10, 0 },				  /* link-local */
	{ { 0xff }, 8, 0 },					  /* multicast */
	{ { 0xfd, 0x00, 0x0e, 0xc2 }, 32, 0 },			  /* a cloud's metadata */
};

static bool is_local_4(uint32_t address)
{
	for (size_t i = 0; i < sizeof(nets_4) / sizeof(nets_4[0]); i++)
		if ((address ^ nets_4[i].prefix) >> (32 - nets_4[i].bits) == 0)
			return true;
	return false;
}

static bool is_within(const unsigned char *address, const struct net *net)
{
	for (int bit = 0; bit < net->bits; bit++)
		if (((address[bit / 8] ^ net->prefix[bit / 8]) >> (7 - bit % 8)) & 1)
			return false;
	return true;
}

static bool is_local_6(const unsigned char *address)
{
	for (size_t i = 0; i < sizeof(nets_6) / sizeof(nets_6[0]); i++) {
		const unsigned char *at = address + nets_6[i].ipv4_at;

		if (!is_within(address, &nets_6[i]))
			continue;
		return !nets_6[i].ipv4_at ||
		       is_local_4((uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
				  (uint32_t)at[2] << 8 | at[3]);
	}
	return false;
}

bool address_is_local(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET)
		return is_local_4(ntohl(((const struct sockaddr_in *)address)->sin_addr.s_addr));
	if (address->sa_family == AF_INET6)
		return is_local_6(((const struct sockaddr_in6 *)address)->sin6_addr.s6_addr);
	return true;
}
