/*
 * address.c — this host's addresses, by netlink (rtnetlink(7)); gratuitous ARP (packet(7)).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <ifaddrs.h>
#include <linux/rtnetlink.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netpacket/packet.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "floating.h"

static const struct sockaddr_in *four(const struct sockaddr *address)
{
	return address && address->sa_family == AF_INET ? (const void *)address : NULL;
}

int address_interface(struct in_addr address)
{
	struct ifaddrs *all = NULL;
	int index = 0;

	if (getifaddrs(&all) != 0)
		return 0;
	for (const struct ifaddrs *a = all; a && !index; a = a->ifa_next) {
		const struct sockaddr_in *own = four(a->ifa_addr), *mask = four(a->ifa_netmask);

		if (own && mask && own->sin_addr.s_addr != address.s_addr &&
		    mask->sin_addr.s_addr != INADDR_BROADCAST && !(a->ifa_flags & IFF_LOOPBACK) &&
		    ((own->sin_addr.s_addr ^ address.s_addr) & mask->sin_addr.s_addr) == 0)
			index = (int)if_nametoindex(a->ifa_name);
	}
	freeifaddrs(all);
	return index;
}

bool address_is_here(struct in_addr address)
{
	struct ifaddrs *all = NULL;
	bool here = false;

	if (getifaddrs(&all) != 0)
		return false;
	for (const struct ifaddrs *a = all; a; a = a->ifa_next) {
		const struct sockaddr_in *own = four(a->ifa_addr);

		here |= own && own->sin_addr.s_addr == address.s_addr;
	}
	freeifaddrs(all);
	return here;
}

/* ---- netlink ---- */

struct request {
	struct nlmsghdr head;
	struct ifaddrmsg message;
	char attributes[64];
};

static void put(struct request *r, unsigned short type, const void *data, unsigned short len)
{
	struct rtattr *a = (void *)((char *)r + NLMSG_ALIGN(r->head.nlmsg_len));

	a->rta_type = type;
	a->rta_len = (unsigned short)RTA_LENGTH(len);
	memcpy(RTA_DATA(a), data, len);
	r->head.nlmsg_len = NLMSG_ALIGN(r->head.nlmsg_len) + RTA_ALIGN(a->rta_len);
}

/* Sends it and returns the kernel's errno, 0 if it was done. */
static int ask(struct request *r)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct {
		struct nlmsghdr head;
		struct nlmsgerr error;
		char rest[512];
	} reply;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), error = EIO;

	if (fd < 0)
		return errno;
	if (sendto(fd, r, r->head.nlmsg_len, 0, (void *)&kernel, sizeof(kernel)) < 0 ||
	    recv(fd, &reply, sizeof(reply), 0) < (ssize_t)NLMSG_LENGTH(sizeof(reply.error)))
		error = errno ? errno : EIO;
	else if (reply.head.nlmsg_type == NLMSG_ERROR)
		error = -reply.error.error;
	close(fd);
	return error;
}

static enum pl_err change(unsigned short type, unsigned short flags, struct in_addr address,
			  int interface, int harmless)
{
	struct request r = { .head = { .nlmsg_len = NLMSG_LENGTH(sizeof(struct ifaddrmsg)),
				       .nlmsg_type = type,
				       .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags },
			     .message = { .ifa_family = AF_INET,
					  .ifa_prefixlen = 32,
					  .ifa_index = (unsigned)interface } };
	int error;

	put(&r, IFA_LOCAL, &address, sizeof(address));
	put(&r, IFA_ADDRESS, &address, sizeof(address));
	error = ask(&r);
	if (!error || error == harmless)
		return PL_OK;
	return pl_fail(error == EPERM ? PL_FORBIDDEN : PL_IO, "changing this host's addresses: %s",
		       strerror(error));
}

enum pl_err address_add(struct in_addr address, int interface)
{
	return change(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, address, interface, EEXIST);
}

enum pl_err address_remove(struct in_addr address, int interface)
{
	return change(RTM_DELADDR, 0, address, interface, EADDRNOTAVAIL);
}

/* ---- ARP ---- */

struct arp { /* RFC 826, of IPv4 over Ethernet */
	uint16_t hardware, protocol;
	uint8_t hardware_len, protocol_len;
	uint16_t operation;
	uint8_t sender_mac[6], sender[4], target_mac[6], target[4];
} __attribute__((packed));

enum pl_err address_announce(struct in_addr address, int interface)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(ETH_P_ARP),
				  .sll_ifindex = interface,
				  .sll_halen = ETH_ALEN };
	struct arp arp = { .hardware = htons(ARPHRD_ETHER),
			   .protocol = htons(ETH_P_IP),
			   .hardware_len = ETH_ALEN,
			   .protocol_len = 4,
			   .operation = htons(ARPOP_REQUEST) };
	struct ifreq request = { 0 };
	int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_ARP));
	bool ok;

	if (fd < 0)
		return pl_fail(PL_IO, "announcing an address: %s", strerror(errno));
	ok = if_indextoname((unsigned)interface, request.ifr_name) &&
	     ioctl(fd, SIOCGIFHWADDR, &request) == 0;
	memcpy(arp.sender_mac, request.ifr_hwaddr.sa_data, sizeof(arp.sender_mac));
	memcpy(arp.sender, &address, sizeof(arp.sender));
	memcpy(arp.target, &address, sizeof(arp.target));
	memset(to.sll_addr, 0xff, ETH_ALEN);
	ok = ok &&
	     sendto(fd, &arp, sizeof(arp), 0, (void *)&to, sizeof(to)) == (ssize_t)sizeof(arp);
	close(fd);
	return ok ? PL_OK : pl_fail(PL_IO, "announcing an address: %s", strerror(errno));
}
