/*
 * check.h — maintenance tests of this node (PLT-30).
 *
 *   check.c        a run: what the loop must ask first, then a thread, then the results
 *   check_local.c  tests of what the loop has asked, and of this machine
 *   check_net.c    tests over the network: names, ports, TLS
 *
 * The manager wants a run by naming it in the answer to a report, and goes on naming it until it
 * has the results; so neither's death loses one. A test gets facts that don't change, and may
 * block.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_NODE_CHECK_H
#define PELAGO_NODE_CHECK_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum { EVIDENCE = 400 };

struct check_facts {
	char *data, *bus_url;
	json_t *services; /* [{"name","serving","health"}] */
	json_t *probes;	 /* {NAME: milliseconds that its database took, or a text: why it didn't} */
	int64_t echo_us; /* from publishing to receiving; -1: it didn't come */
	bool is_log_ready;
	bool has_clock;
	int64_t clock_ms;		 /* ours minus the manager's */
	char address[256], floating[64]; /* the cluster's, and the one that we have now; "": none */
	char checksum[33], wanted_checksum[33];
	int http_port, https_port; /* of an edge beside us; 0: there is none */
};

/* A test: true is Success; evidence says what was seen, either way. */
typedef bool check_fn(const struct check_facts *facts, char evidence[EVIDENCE]);
check_fn check_bus, check_database, check_disk, check_clock, check_certificates, check_services,
	check_replication, check_dns, check_reverse_dns, check_ports, check_tls, check_address;

/* check_certificate_days returns for how many days all certificates in DATA/tls are good, below 0:
 * one has ended, or there is none. */
int check_certificate_days(const char *data);

#endif
