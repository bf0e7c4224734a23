/*
 * snmp.c — alarms to a network manager: SNMPv2c InformRequests, which are confirmed, or on wish
 * Traps, which may be lost (RFC 3416 §4.2.6, §4.2.7); and SNMPv3 Traps, signed and encrypted.
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

#include "manager.h"
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

static enum pl_err check_address(const json_t *settings)
{
	const char *address = NULL;
	char host[256], port[8];
	enum pl_err err = pl_json_text(&address, settings, "address", 300, true);

	if (!err && !split(host, port, address))
		err = pl_fail(PL_INVALID, "address: must be HOST:PORT");
	return err;
}

static enum pl_err check(const json_t *settings)
{
	const char *community = NULL;
	bool inform;
	enum pl_err err = check_address(settings);

	if (!err)
		err = pl_json_text(&community, settings, "community", 64, true);
	return err ? err : pl_json_bool(&inform, settings, "inform", false);
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

/* False: refused, or stopped. A trap's end is that nobody refuses it within LOOK_MS. */
static bool wait_for_end(int fd, const int32_t *request, const atomic_bool *stop)
{
	unsigned char bytes[SNMP_MAX];
	struct pollfd fds = { .fd = fd, .events = POLLIN };

	for (int left_ms = ANSWER_MS; left_ms > 0 && !atomic_load(stop); left_ms -= LOOK_MS) {
		ssize_t len = poll(&fds, 1, LOOK_MS) > 0 ? recv(fd, bytes, sizeof(bytes), 0) : 0;

		if (len < 0)
			return false; /* nobody listens there */
		if (!request || (len > 0 && snmp_confirms(bytes, (size_t)len, *request)))
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

/* request: which Response ends it, NULL for a trap */
static bool deliver(const json_t *settings, const struct snmp_message *message,
		    const int32_t *request, const atomic_bool *stop, char why[WHY_SIZE])
{
	int fd = open_socket(pl_json_get_text(settings, "address"), why);
	bool ok = false;

	if (fd < 0)
		return false;
	for (int tries = 0; tries < TRIES && !ok && !atomic_load(stop); tries++)
		ok = send(fd, message->bytes + message->at, message->len, 0) ==
			     (ssize_t)message->len &&
		     wait_for_end(fd, request, stop);
	if (!ok)
		snprintf(why, WHY_SIZE, "%s",
			 request ? "the receiver doesn't confirm it" : "nobody listens there");
	close(fd);
	return ok;
}

static bool snmp_send(const json_t *settings, const json_t *notice, const atomic_bool *stop,
		      char why[WHY_SIZE])
{
	bool confirm = !json_is_false(json_object_get(settings, "inform"));
	int32_t request = (int32_t)randombytes_uniform(INT32_MAX);
	struct snmp_message message;

	if (!snmp_encode(&message, pl_json_get_text(settings, "community"), request, confirm,
			 uptime(), notice)) {
		snprintf(why, WHY_SIZE, "it doesn't fit a notification");
		return false;
	}
	return deliver(settings, &message, confirm ? &request : NULL, stop, why);
}

/* ---- version 3 ---- */

static const char *hash_name(const json_t *settings)
{
	const char *name = pl_json_get_text(settings, "auth");

	return *name ? name : "SHA-256";
}

static enum pl_err check_password(const json_t *settings, const char *member)
{
	const char *password = NULL;
	enum pl_err err = pl_json_text(&password, settings, member, 200, true);

	if (!err && strlen(password) < USM_PASSWORD_LEAST)
		err = pl_fail(PL_INVALID, "%s: must have at least %d characters", member,
			      USM_PASSWORD_LEAST);
	return err;
}

static enum pl_err check_v3(const json_t *settings)
{
	const char *user = NULL, *hash = NULL;
	enum pl_err err;

	if ((err = check_address(settings)) ||
	    (err = pl_json_text(&user, settings, "user", USM_NAME_MAX, true)) ||
	    (err = pl_json_text(&hash, settings, "auth", 20, false)) ||
	    (err = check_password(settings, "authPassword")) ||
	    (err = check_password(settings, "privacyPassword")))
		return err;
	if (!*user)
		return pl_fail(PL_INVALID, "user: is empty; name the one that the receiver knows");
	if (!usm_hash(hash_name(settings)))
		return pl_fail(PL_INVALID, "auth: must be SHA-256 or SHA-512");
	return PL_OK;
}

static bool read_engine(struct usm_engine *engine, struct usm_stamp *stamp, const json_t *settings)
{
	const char *id = pl_json_get_text(settings, "engine.id");
	int64_t since_ms = json_integer_value(pl_json_get(settings, "engine.sinceMs"));

	stamp->boots = (uint32_t)json_integer_value(pl_json_get(settings, "engine.boots"));
	stamp->time_s = (uint32_t)((manager_now_ms() - since_ms) / 1000);
	randombytes_buf(stamp->salt, sizeof(stamp->salt));
	return sodium_hex2bin(engine->id, sizeof(engine->id), id, strlen(id), NULL, &engine->id_len,
			      NULL) == 0;
}

static bool encode_v3(struct snmp_message *message, const json_t *settings, const json_t *notice)
{
	struct usm_user user = { .name = pl_json_get_text(settings, "user"),
				 .hash = usm_hash(hash_name(settings)) };
	struct usm_engine engine;
	struct usm_stamp stamp;
	size_t privacy_len;
	bool ok = user.hash && read_engine(&engine, &stamp, settings) &&
		  usm_key(user.key, &user.key_len, user.hash,
			  pl_json_get_text(settings, "authPassword"), &engine) &&
		  usm_key(user.privacy_key, &privacy_len, user.hash,
			  pl_json_get_text(settings, "privacyPassword"), &engine) &&
		  snmp_encode_v3(message, &user, &engine, &stamp,
				 (int32_t)randombytes_uniform(INT32_MAX), uptime(), notice);

	sodium_memzero(&user, sizeof(user));
	return ok;
}

static bool snmpv3_send(const json_t *settings, const json_t *notice, const atomic_bool *stop,
			char why[WHY_SIZE])
{
	struct snmp_message message;

	if (!encode_v3(&message, settings, notice)) {
		snprintf(why, WHY_SIZE, "it doesn't fit a notification");
		return false;
	}
	return deliver(settings, &message, NULL, stop, why);
}

const struct receiver_kind snmp_kind = { "snmp", { "community" }, check, snmp_send };
const struct receiver_kind snmpv3_kind = {
	"snmpv3", { "authPassword", "privacyPassword" }, check_v3, snmpv3_send
};
