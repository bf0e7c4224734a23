/*
 * floating.h — an address that is always on one of the hosts with an edge (PLT-9).
 *
 * The manager says which node has it. A node that the bus hasn't heard for FLOATING_LEASE_MS lets
 * go of it by itself, before the manager, which waits for longer, gives it to another: so at no
 * moment two hosts have it. It is held as an address of its own (/32) of the interface in whose
 * network it lies, and announced by gratuitous ARP (RFC 5227 §3).
 *
 * IPv4. Needs the right to change the host's addresses (CAP_NET_ADMIN, CAP_NET_RAW).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_NODE_FLOATING_H
#define PELAGO_NODE_FLOATING_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "pelago/err.h"

enum {
	FLOATING_LEASE_MS = 2500, /* less than the manager's SILENT_MS */
	FLOATING_ANNOUNCED = 3,	  /* how often it is announced, a second apart */
};

struct node;

/* floating_beat takes or lets go of the address, as it should be now. */
void floating_beat(struct node *node, int64_t now_ms);
/* floating_drop lets go of it: the node ends. */
void floating_drop(struct node *node);

/* ---- address.c: this host's addresses ---- */

/* address_interface finds the interface in whose network an address lies; 0 if there is none. */
int address_interface(struct in_addr address);
/* address_is_here tells whether this host has it. */
bool address_is_here(struct in_addr address);
/* address_add and address_remove are idempotent. PL_IO, PL_FORBIDDEN without the right. */
enum pl_err address_add(struct in_addr address, int interface);
enum pl_err address_remove(struct in_addr address, int interface);
/* address_announce tells the network where the address is now. PL_IO. */
enum pl_err address_announce(struct in_addr address, int interface);

#endif
