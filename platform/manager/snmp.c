/*
 * snmp.c — alarms to a network manager: SNMPv2c InformRequests, which are confirmed, or on wish
 * Traps, which may be lost (RFC 3416 §4.2.6, §4.2.7).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "snmp.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "pelago/json.h"
#include "sender.h"

enum { TRIES = 3, ANSWER_MS = 2000, LOOK_MS = 250 };

/* HOST:PORT or [IPv6]:PORT; the port may be left out. */
static bool split(char host[256], char port[8], const char *address)
{
	const char *end, *colon = strrchr(address, ':');

	snprintf(port, 8, "162");
	if (*address == '[') {
		end = strchr(++address, ']');
		if (!end || (end[1] && end[1] != ':'))
			return false;
		colon = end[1] ? end + 1 : NULL;
	} else {
		end = colon ? colon : address + strlen(address);
	}
	if (colon) {
		size_t len = strlen(colon + 1);

		if (len == 0 || len > 5 || strspn(colon + 1, "0123456789") != len)
			return false;
		snprintf(port, 8, "%.5s", colon + 1);
	}
	if (end == address || end - address > 255)
		return false;
	snprintf(host, 256, "%.*s", (int)(end - address), address);
	return !strpbrk(host, " \t\r\n/");
}

static enum pl_err check(const json_t *settings)
{
	const char *address = NULL, *community = NULL;
	char host[256], port[8];
	bool inform;
	enum pl_err err;

	if ((err = pl_json_text(&address, settings, "address", 300, true)) ||
	    (err = pl_json_text(&community, settings, "community", 64, true)) ||
	    (err = pl_json_bool(&inform, settings, "inform", false)))
		return err;
	if (!split(host, port, address))
		return pl_fail(PL_INVALID, "address: must be HOST:PORT");
	return PL_OK;
}

static int open_socket(const char *address, char why[WHY_SIZE])
{
	const struct addrinfo hints = { .ai_socktype = SOCK_DGRAM };
	struct addrinfo *list = NULL;
	char host[256], port[8];
	int fd = -1, code;

	if (!split(host, port, address)) {
		snprintf(why, WHY_SIZE, "the address isn't HOST:PORT");
		return -1;
	}
	code = getaddrinfo(host, port, &hints, &list);
	if (code) {
		snprintf(why, WHY_SIZE, "%.120s: %.100s", host, gai_strerror(code));
		return -1;
	}
	for (const struct addrinfo *a = list; a && fd < 0; a = a->ai_next) {
		fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
		if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) != 0) {
			close(fd);
			fd = -1;
		}
	}
	if (fd < 0)
		snprintf(why, WHY_SIZE, "%.120s: %.100s", host, strerror(errno));
	freeaddrinfo(list);
	return fd;
}

static bool wait_for_answer(int fd, int32_t request, const atomic_bool *stop)
{
	unsigned char bytes[SNMP_MAX];
	struct pollfd fds = { .fd = fd, .events = POLLIN };

	for (int left_ms = ANSWER_MS; left_ms > 0 && !atomic_load(stop); left_ms -= LOOK_MS) {
		ssize_t len = poll(&fds, 1, LOOK_MS) > 0 ? recv(fd, bytes, sizeof(bytes), 0) : 0;

		if (len < 0)
			return false; /* refused */
		if (len > 0 && snmp_confirms(bytes, (size_t)len, request))
			return true;
	}
	return false;
}

/* Hundredths of a second since the machine's start. */
static uint32_t uptime(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return (uint32_t)((uint64_t)t.tv_sec * 100 + (uint64_t)t.tv_nsec / 10000000);
}

static bool snmp_send(const json_t *settings, const json_t *notice, const atomic_bool *stop,
		      char why[WHY_SIZE])
{
	bool confirm = !json_is_false(json_object_get(settings, "inform")), ok = false;
	int32_t request = (int32_t)randombytes_uniform(INT32_MAX);
	struct snmp_message message;
	int fd;

	if (!snmp_encode(&message, pl_json_get_text(settings, "community"), request, confirm,
			 uptime(), notice)) {
		snprintf(why, WHY_SIZE, "it doesn't fit a notification");
		return false;
	}
	fd = open_socket(pl_json_get_text(settings, "address"), why);
	if (fd < 0)
		return false;
	for (int tries = 0; tries < TRIES && !ok && !atomic_load(stop); tries++) {
		ok = send(fd, message.bytes + message.at, message.len, 0) == (ssize_t)message.len;
		if (ok && confirm)
			ok = wait_for_answer(fd, request, stop);
	}
	if (!ok)
		snprintf(why, WHY_SIZE, "the receiver doesn't confirm it");
	close(fd);
	return ok;
}

const struct receiver_kind snmp_kind = { "snmp", "community", check, snmp_send };
