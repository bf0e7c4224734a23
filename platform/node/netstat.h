/*
 * netstat.h — figures of the host's network and of Pelago's processes on it, as the kernel counts
 * them, for PacketMetric (PLT-33).
 *
 * Nothing is captured, so no rights are needed: what interfaces and protocols count stands in
 * /proc/net, and each connection's round trip and retransmits are asked for by sock_diag(7), for
 * those that belong to our processes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_NODE_NETSTAT_H
#define PELAGO_NODE_NETSTAT_H

#include <jansson.h>

#include "pelago/err.h"

/* netstat_interfaces reads /proc/net/dev: [{"name","receivedBytes",…}]. What isn't a line of it is
 * left out. A new reference, NULL without memory. */
json_t *netstat_interfaces(const char *text);
/* netstat_protocols reads /proc/net/snmp (RFC 1213): {"tcp":{"retransSegs":N,…},"udp":{…}}. */
json_t *netstat_protocols(const char *text);

/*
 * netstat_processes returns [{"name","count","cpuMs","memoryBytes","connections","retransmits",
 * "roundTripUs","roundTripMostUs"}]: of the processes that have the data folder among their
 * arguments, those of one name together. roundTripUs: of a connection on average, null without one.
 * PL_IO: the kernel doesn't say.
 */
enum pl_err netstat_processes(json_t **listp, const char *data);

/* netstat_host returns all of it: {"host","interfaces","protocols","processes"}. */
enum pl_err netstat_host(json_t **hostp, const char *data);

#endif
