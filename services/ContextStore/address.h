/*
 * address.h — where notifications may go to.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONTEXTSTORE_ADDRESS_H
#define CONTEXTSTORE_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

/*
 * address_is_local tells whether an address is this machine, this link, or nobody's: loopback,
 * link-local (with the metadata services of clouds), unspecified, multicast, broadcast; also when
 * it is written within an IPv6 address (mapped, NAT64, 6to4). Private networks (RFC 1918) are not
 * local. What isn't IP is.
 */
bool address_is_local(const struct sockaddr *address);

#endif
