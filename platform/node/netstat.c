/*
 * netstat.c — see netstat.h: /proc/net.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "netstat.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pelago/json.h"

static const char *const columns[] = {
	"receivedBytes", "receivedPackets", "receiveErrors",	   "receiveDropped",
	NULL /* fifo */, NULL /* frame */,  NULL /* compressed */, NULL /* multicast */,
	"sentBytes",	 "sentPackets",	    "sendErrors",	   "sendDropped"
};
enum { COLUMNS = sizeof(columns) / sizeof(columns[0]), FILE_BYTES = 64 << 10 };

/* NULL unless it is "  eth0: 1 2 3 …". */
static json_t *interface_of(const char *line)
{
	const char *colon = strchr(line, ':'), *name = line + strspn(line, " ");
	json_t *view;
	char *at;

	if (!colon || colon == name)
		return NULL;
	view = json_pack("{s:s%}", "name", name, (size_t)(colon - name));
	at = (char *)(uintptr_t)colon + 1;
	for (int i = 0; view && i < COLUMNS; i++) {
		char *end;
		unsigned long long n = strtoull(at, &end, 10);

		if (end == at) {
			json_decref(view);
			return NULL;
		}
		if (columns[i])
			json_object_set_new(view, columns[i], json_integer((json_int_t)n));
		at = end;
	}
	return view;
}

static char *next_line(char **atp)
{
	char *line = *atp, *end = line ? strchr(line, '\n') : NULL;

	if (!line || !*line)
		return NULL;
	if (end)
		*end = '\0';
	*atp = end ? end + 1 : NULL;
	return line;
}

json_t *netstat_interfaces(const char *text)
{
	json_t *list = json_array();
	char *copy = strdup(text), *at = copy, *line;

	while (copy && (line = next_line(&at))) {
		json_t *one = interface_of(line);

		if (one)
			json_array_append_new(list, one);
	}
	free(copy);
	return list;
}

/* "Tcp: RtoAlgorithm RtoMin …" and "Tcp: 1 200 …" */
static void add_protocol(json_t *protocol, char *names, char *values)
{
	char *name, *value, *name_at = NULL, *value_at = NULL;

	name = strtok_r(names, " ", &name_at);
	value = strtok_r(values, " ", &value_at);
	while ((name = strtok_r(NULL, " ", &name_at)) && (value = strtok_r(NULL, " ", &value_at))) {
		name[0] = (char)tolower((unsigned char)name[0]);
		json_object_set_new(protocol, name, json_integer(strtoll(value, NULL, 10)));
	}
}

json_t *netstat_protocols(const char *text)
{
	static const struct {
		const char *begin, *name;
	} wanted[] = { { "Ip: ", "ip" }, { "Tcp: ", "tcp" }, { "Udp: ", "udp" } };
	json_t *all = json_object();
	char *copy = strdup(text), *at = copy, *names, *values;

	while (copy && (names = next_line(&at)) && (values = next_line(&at)))
		for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
			size_t len = strlen(wanted[i].begin);

			if (strncmp(names, wanted[i].begin, len) == 0 &&
			    strncmp(values, wanted[i].begin, len) == 0) {
				json_t *protocol = json_object();

				add_protocol(protocol, names, values);
				json_object_set_new(all, wanted[i].name, protocol);
			}
		}
	free(copy);
	return all;
}

/* A file of the kernel's, whose size isn't known before. */
static enum pl_err read_by(json_t **valuep, const char *path, json_t *(*fn)(const char *))
{
	char *text = malloc(FILE_BYTES);
	FILE *f = text ? fopen(path, "re") : NULL;
	size_t len = f ? fread(text, 1, FILE_BYTES - 1, f) : 0;
	enum pl_err err = PL_NOMEM;

	if (text && !len)
		err = pl_fail(PL_IO, "%s: %s", path, strerror(errno));
	if (f)
		fclose(f);
	if (len) {
		text[len] = '\0';
		*valuep = fn(text);
		err = *valuep ? PL_OK : PL_NOMEM;
	}
	free(text);
	return err;
}

enum pl_err netstat_host(json_t **hostp, const char *data)
{
	json_t *interfaces = NULL, *protocols = NULL, *processes = NULL;
	char name[256] = "";
	enum pl_err err = read_by(&interfaces, "/proc/net/dev", netstat_interfaces);

	if (!err)
		err = read_by(&protocols, "/proc/net/snmp", netstat_protocols);
	if (!err)
		err = netstat_processes(&processes, data);
	gethostname(name, sizeof(name) - 1);
	if (!err) {
		*hostp = json_pack("{s:s, s:O, s:O, s:O}", "host", name, "interfaces", interfaces,
				   "protocols", protocols, "processes", processes);
		err = *hostp ? PL_OK : PL_NOMEM;
	}
	json_decref(interfaces);
	json_decref(protocols);
	json_decref(processes);
	return err;
}
