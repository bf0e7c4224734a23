/*
 * text.c — see packet.h. A row here is a metric.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "packet.h"
#include "pelago/json.h"

struct metric {
	const char *list; /* of a host; NULL: the host itself */
	const char *label;
	const char *member, *name, *type, *text;
	double unit; /* the member's value times this */
};

static const struct metric metrics[] = {
#define INTERFACE(member, name, text)                                                              \
	{                                                                                          \
		"interfaces", "interface", member, "packet_interface_" name "_total", "counter",   \
			text, 1                                                                    \
	}
	INTERFACE("receivedBytes", "received_bytes", "Bytes received"),
	INTERFACE("receivedPackets", "received_packets", "Packets received"),
	INTERFACE("receiveErrors", "receive_errors", "Packets received broken"),
	INTERFACE("receiveDropped", "receive_dropped", "Packets dropped on arrival"),
	INTERFACE("sentBytes", "sent_bytes", "Bytes sent"),
	INTERFACE("sentPackets", "sent_packets", "Packets sent"),
	INTERFACE("sendErrors", "send_errors", "Packets that could not be sent"),
	INTERFACE("sendDropped", "send_dropped", "Packets dropped instead of sent"),
#undef INTERFACE
#define PROTOCOL(member, name, text)                                                               \
	{                                                                                          \
		NULL, NULL, "protocols." member, "packet_" name "_total", "counter", text, 1       \
	}
	PROTOCOL("ip.inDiscards", "ip_in_discards", "IP packets discarded on arrival"),
	PROTOCOL("tcp.inSegs", "tcp_in_segments", "TCP segments received"),
	PROTOCOL("tcp.outSegs", "tcp_out_segments", "TCP segments sent"),
	PROTOCOL("tcp.retransSegs", "tcp_retransmits", "TCP segments sent again"),
	PROTOCOL("tcp.inErrs", "tcp_in_errors", "TCP segments received broken"),
	PROTOCOL("tcp.attemptFails", "tcp_attempt_fails", "TCP connections that failed"),
	PROTOCOL("tcp.estabResets", "tcp_resets", "TCP connections that were reset"),
	PROTOCOL("udp.inDatagrams", "udp_in_datagrams", "UDP datagrams received"),
	PROTOCOL("udp.outDatagrams", "udp_out_datagrams", "UDP datagrams sent"),
	PROTOCOL("udp.noPorts", "udp_no_ports", "UDP datagrams for nobody"),
	PROTOCOL("udp.inErrors", "udp_in_errors", "UDP datagrams received broken"),
	PROTOCOL("udp.rcvbufErrors", "udp_receive_buffer_errors", "UDP datagrams without room"),
#undef PROTOCOL
	{ NULL, NULL, "protocols.tcp.currEstab", "packet_tcp_connections", "gauge",
	  "TCP connections of the host", 1 },
#define PROCESS(member, name, type, text, unit)                                                    \
	{                                                                                          \
		"processes", "process", member, "packet_process_" name, type, text, unit           \
	}
	PROCESS("count", "instances", "gauge", "Processes of that name", 1),
	PROCESS("cpuMs", "cpu_seconds", "gauge", "Processor time of those that run", 1e-3),
	PROCESS("memoryBytes", "memory_bytes", "gauge", "Memory, what is shared in parts", 1),
	PROCESS("connections", "connections", "gauge", "TCP connections", 1),
	PROCESS("retransmits", "retransmits", "gauge",
		"Segments sent again by the connections that there are", 1),
	PROCESS("roundTripUs", "round_trip_seconds", "gauge",
		"Round trip of its TCP connections, on average", 1e-6),
	PROCESS("roundTripMostUs", "round_trip_most_seconds", "gauge",
		"The longest round trip of its TCP connections", 1e-6),
#undef PROCESS
};

/* A label's value: \, " and newline are escaped. */
static void print_label(FILE *out, const char *name, const char *value)
{
	fprintf(out, "%s=\"", name);
	for (; *value; value++)
		if (*value == '\n')
			fputs("\\n", out);
		else
			fprintf(out, "%s%c", *value == '"' || *value == '\\' ? "\\" : "", *value);
	fputc('"', out);
}

static void print_sample(FILE *out, const struct metric *m, const char *host, const json_t *item)
{
	const json_t *value = pl_json_get(item, m->member);

	if (!json_is_number(value))
		return;
	fprintf(out, "%s{", m->name);
	print_label(out, "host", host);
	if (m->label) {
		fputc(',', out);
		print_label(out, m->label, pl_json_get_text(item, "name"));
	}
	fprintf(out, "} %.17g\n", json_number_value(value) * m->unit);
}

static void print_metric(FILE *out, const struct metric *m, const json_t *hosts)
{
	const json_t *host, *item;
	size_t i, k;

	fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", m->name, m->text, m->name, m->type);
	json_array_foreach(hosts, i, host) {
		const char *name = pl_json_get_text(host, "host");

		if (!m->list)
			print_sample(out, m, name, host);
		json_array_foreach(m->list ? json_object_get(host, m->list) : NULL, k, item)
			print_sample(out, m, name, item);
	}
}

char *text_of(const json_t *round)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	for (size_t i = 0; i < sizeof(metrics) / sizeof(metrics[0]); i++)
		print_metric(out, &metrics[i], json_object_get(round, "hosts"));
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}
