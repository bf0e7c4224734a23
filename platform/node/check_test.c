/*
 * check_test.c — maintenance tests fail on what is wrong, and say it (PLT-30).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "check.h"

static struct check_facts good_facts(void)
{
	struct check_facts facts = { .echo_us = 1500, .is_log_ready = true, .has_clock = true };

	facts.data = (char *)(uintptr_t) "/nonexistent";
	facts.bus_url = (char *)(uintptr_t) "nats://127.0.0.1:1";
	memset(facts.checksum, 'a', 32);
	memset(facts.wanted_checksum, 'a', 32);
	return facts;
}

static void fails(check_fn *fn, const struct check_facts *facts, const char *part)
{
	char evidence[EVIDENCE] = "";

	assert_false(fn(facts, evidence));
	assert_non_null(strstr(evidence, part));
}

static void passes(check_fn *fn, const struct check_facts *facts, const char *part)
{
	char evidence[EVIDENCE] = "";

	assert_true(fn(facts, evidence));
	assert_non_null(strstr(evidence, part));
}

/* PLT-30 */
static void bus_and_clock(void **state)
{
	struct check_facts facts = good_facts();

	(void)state;
	passes(check_bus, &facts, "in 1.5 ms");
	facts.is_log_ready = false;
	fails(check_bus, &facts, "isn't there");
	facts.echo_us = -1;
	fails(check_bus, &facts, "didn't come back");
	facts.clock_ms = -2000;
	passes(check_clock, &facts, "-2000 ms");
	facts.clock_ms = 2001;
	fails(check_clock, &facts, "2001 ms");
	facts.has_clock = false;
	fails(check_clock, &facts, "didn't tell");
}

/* PLT-30 */
static void databases_and_services(void **state)
{
	struct check_facts facts = good_facts();

	(void)state;
	facts.probes = json_pack("{s:i, s:i}", "A", 3, "B", 40);
	facts.services = json_pack("[{s:s, s:b, s:s}]", "name", "A", "serving", 1, "health", "");
	passes(check_database, &facts, "2 databases written, the slowest in 40 ms");
	passes(check_services, &facts, "1 serve");
	json_object_set_new(facts.probes, "B", json_integer(9000));
	fails(check_database, &facts, "B: a write took 9000 ms");
	json_object_set_new(facts.probes, "A", json_string("no space left"));
	fails(check_database, &facts, "A: no space left; B:");
	json_array_append_new(facts.services, json_pack("{s:s, s:b, s:s}", "name", "B", "serving",
							0, "health", "exited with 1"));
	fails(check_services, &facts, "B: exited with 1");
	json_decref(facts.probes);
	json_decref(facts.services);
}

/* Evidence of many is cut, not written past its end. */
static void many_do_not_fit(void **state)
{
	struct check_facts facts = good_facts();
	char evidence[EVIDENCE] = "", name[32];

	(void)state;
	facts.probes = json_object();
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "Service%d", i);
		json_object_set_new(facts.probes, name, json_string("it doesn't answer"));
	}
	assert_false(check_database(&facts, evidence));
	assert_int_equal(strlen(evidence), EVIDENCE - 1);
	json_decref(facts.probes);
}

/* PLT-30 */
static void what_is_not_there(void **state)
{
	struct check_facts facts = good_facts();

	(void)state;
	fails(check_disk, &facts, "No such file");
	fails(check_certificates, &facts, "there are none");
	fails(check_ports, &facts, "bus 127.0.0.1:1 doesn't answer");
	fails(check_tls, &facts, "");
	facts.bus_url = (char *)(uintptr_t) "tls://127.0.0.1:1";
	fails(check_tls, &facts, "doesn't take TLS 1.2");
	passes(check_replication, &facts, "aaaa");
	facts.wanted_checksum[0] = 'b';
	fails(check_replication, &facts, "wanted is baaa");
	facts.checksum[0] = '\0';
	fails(check_replication, &facts, "of no copy");
}

/* PLT-9 */
static void addresses_of_clusters(void **state)
{
	struct check_facts facts = good_facts();

	(void)state;
	passes(check_address, &facts, "no address of its own");
	snprintf(facts.address, sizeof(facts.address), "nowhere.invalid"); /* RFC 6761 §6.4 */
	fails(check_address, &facts, "nobody here reaches");
	snprintf(facts.address, sizeof(facts.address), "127.0.0.9");
	fails(check_address, &facts, "this host's own address");
	snprintf(facts.floating, sizeof(facts.floating), "127.0.0.9"); /* it has it now */
	passes(check_address, &facts, "127.0.0.9");
	snprintf(facts.address, sizeof(facts.address), "192.0.2.77"); /* a load balancer's */
	passes(check_address, &facts, "192.0.2.77 is 192.0.2.77");
	snprintf(facts.address, sizeof(facts.address), "2001:db8::77");
	passes(check_address, &facts, "2001:db8::77");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_of_clusters),  cmocka_unit_test(bus_and_clock),
		cmocka_unit_test(databases_and_services), cmocka_unit_test(many_do_not_fit),
		cmocka_unit_test(what_is_not_there),
	};

	return cmocka_run_group_tests_name("check", tests, NULL, NULL);
}
