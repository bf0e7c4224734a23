/*
 * netstat_test.c — figures of interfaces, protocols and connections (PLT-33).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <netinet/in.h>

#include "netstat.h"
#include "pelago/json.h"

static int64_t number(const json_t *from, const char *path)
{
	const json_t *value = pl_json_get(from, path);

	assert_true(json_is_integer(value));
	return json_integer_value(value);
}

/* PLT-33 */
static void interfaces_are_read(void **state)
{
	json_t *list = netstat_interfaces(
		"Inter-|   Receive                                                |  Transmit\n"
		" face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs\n"
		"    lo: 123 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18\n"
		"enp0s3:18446744073709 2 0 0 0 0 0 0 3 4 0 0 0 0 0 0\n"
		"  cut: 1 2 3\n"
		": 1 2 3 4 5 6 7 8 9 10 11 12\n"
		"garbage\n\n");
	const json_t *lo = json_array_get(list, 0), *other = json_array_get(list, 1);

	assert_int_equal(json_array_size(list), 2);
	assert_string_equal(pl_json_get_text(lo, "name"), "lo");
	assert_int_equal(number(lo, "receivedBytes"), 123);
	assert_int_equal(number(lo, "receiveDropped"), 6);
	assert_int_equal(number(lo, "sentBytes"), 11);
	assert_int_equal(number(lo, "sendDropped"), 14);
	assert_string_equal(pl_json_get_text(other, "name"), "enp0s3");
	assert_int_equal(number(other, "receivedBytes"), 18446744073709);
	json_decref(list);
	list = netstat_interfaces("");
	assert_int_equal(json_array_size(list), 0);
	json_decref(list);
}

/* PLT-33 */
static void protocols_are_read(void **state)
{
	json_t *all = netstat_protocols(
		"Ip: Forwarding InDiscards\nIp: 1 2\nIcmp: InMsgs\nIcmp: 9\n"
		"Tcp: MaxConn InSegs RetransSegs\nTcp: -1 7 3\nUdp: InDatagrams NoPorts\nUdp: 5\n"
		"UdpLite: InDatagrams\n");

	assert_int_equal(json_object_size(all), 3);
	assert_int_equal(number(all, "ip.inDiscards"), 2);
	assert_int_equal(number(all, "tcp.maxConn"), -1);
	assert_int_equal(number(all, "tcp.retransSegs"), 3);
	assert_int_equal(number(all, "udp.inDatagrams"), 5);
	assert_null(pl_json_get(all, "udp.noPorts"));
	json_decref(all);
}

/* Connects this process to a listener of its own, and says both ends' figures. */
static void connect_self(int fds[3])
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(address);

	fds[0] = socket(AF_INET, SOCK_STREAM, 0);
	fds[1] = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(fds[0], (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(fds[0], 1), 0);
	assert_int_equal(getsockname(fds[0], (struct sockaddr *)&address, &len), 0);
	assert_int_equal(connect(fds[1], (struct sockaddr *)&address, len), 0);
	fds[2] = accept(fds[0], NULL, NULL);
	assert_true(fds[2] >= 0);
	assert_int_equal(write(fds[1], "x", 1), 1);
}

/* PLT-33: this process has the folder among its arguments, see main. */
static void a_process_has_its_connections(void **state)
{
	const json_t *one;
	json_t *list = NULL;
	int fds[3];

	connect_self(fds);
	assert_int_equal(netstat_processes(&list, *state), PL_OK);
	assert_int_equal(json_array_size(list), 1);
	one = json_array_get(list, 0);
	assert_string_equal(pl_json_get_text(one, "name"), "netstat_test");
	assert_int_equal(number(one, "count"), 1);
	assert_int_equal(number(one, "connections"), 2);
	assert_int_equal(number(one, "retransmits"), 0);
	assert_in_range(number(one, "roundTripUs"), 1, 10000000);
	assert_true(number(one, "roundTripMostUs") >= number(one, "roundTripUs"));
	assert_true(number(one, "memoryBytes") > 0);
	json_decref(list);
	for (int i = 0; i < 3; i++)
		close(fds[i]);
	assert_int_equal(netstat_processes(&list, "/no/such/folder"), PL_OK);
	assert_int_equal(json_array_size(list), 0);
	json_decref(list);
}

/* PLT-33 */
static void a_host_has_it_all(void **state)
{
	json_t *host = NULL;

	assert_int_equal(netstat_host(&host, *state), PL_OK);
	assert_true(*pl_json_get_text(host, "host"));
	assert_true(json_array_size(json_object_get(host, "interfaces")) > 0);
	assert_true(number(host, "protocols.tcp.retransSegs") >= 0);
	json_decref(host);
}

int main(int argc, char **argv)
{
	static char folder[] = "/tmp/pelago-netstat-test";
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(interfaces_are_read),
		cmocka_unit_test(protocols_are_read),
		cmocka_unit_test_prestate(a_process_has_its_connections, folder),
		cmocka_unit_test_prestate(a_host_has_it_all, folder),
	};

	if (argc < 2) { /* once more, with the folder among its arguments */
		execl("/proc/self/exe", argv[0], folder, (char *)NULL);
		return 1;
	}
	return cmocka_run_group_tests_name("netstat", tests, NULL, NULL);
}
