/*
 * use.c — see use.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "use.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <uthash.h>

enum { PARTS = 5, KEY_MAX = 600, INTERFACE_MAX = 200, USER_MAX = 100 };
static const char part = '\x1f'; /* between the parts of a key; in none of them */

struct use {
	char *key; /* "INTERFACE KIND ORIGIN AGENT USER" */
	int64_t last_ms, told_ms;
	bool is_on_its_way;
	UT_hash_handle hh;
};

struct uses {
	struct use *all;
	bool are_on_their_way;
};

/* ---- who ---- */

/* At most size - 1 bytes, whole characters (RFC 3629), nothing that a terminal would obey. */
static void copy_plain(char *to, size_t size, const char *from, size_t len)
{
	len = strnlen(from, len);
	if (len >= size)
		for (len = size - 1; len > 0 && (from[len] & 0xc0) == 0x80;)
			len--;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)from[i],
			      next = i + 1 < len ? (unsigned char)from[i + 1] : 0;

		to[i] = c < ' ' || c == 0x7f ? '?' : from[i];
		if (c == 0xc2 && next >= 0x80 && next < 0xa0) /* a control of ISO 6429, too */
			to[i] = to[i + 1] = '?', i++;
	}
	to[len] = '\0';
}

/* "curl/8.5.0" of "curl/8.5.0 (linux; …) other/1": ASCII that a header may have. */
static void copy_product(char *to, size_t size, const char *agent)
{
	size_t len = strcspn(agent, " \t(;,");

	copy_plain(to, size, agent, len);
	for (; *to; to++)
		if ((unsigned char)*to > 0x7e)
			*to = '?';
}

static bool is_browser(const char *agent)
{
	return strncasecmp(agent, "Mozilla/", 8) == 0;
}

void client_init(struct client *client, const char *origin, const char *agent, bool is_own,
		 bool is_let_in)
{
	memset(client, 0, sizeof(*client));
	if (*origin && !is_own && is_let_in) {
		client->kind = "page";
		copy_plain(client->origin, sizeof(client->origin), origin, strlen(origin));
	} else if (*origin ? is_own : is_browser(agent)) {
		client->kind =
			"own"; /* to our own pages browsers say no origin where they only read */
	} else {
		client->kind = "client";
		copy_product(client->agent, sizeof(client->agent), agent);
	}
}

/* ---- uses ---- */

enum pl_err uses_new(struct uses **usesp)
{
	*usesp = calloc(1, sizeof(**usesp));
	return *usesp ? PL_OK : PL_NOMEM;
}

static void drop(struct uses *uses, struct use *use)
{
	HASH_DEL(uses->all, use);
	free(use->key);
	free(use);
}

void uses_free(struct uses *uses)
{
	struct use *use, *next;

	if (!uses)
		return;
	HASH_ITER(hh, uses->all, use, next)
		drop(uses, use);
	free(uses);
}

/* Those that were told are only kept so that they aren't told again too soon. */
static void make_room(struct uses *uses)
{
	struct use *use, *next;

	HASH_ITER(hh, uses->all, use, next) {
		if (use->told_ms && !use->is_on_its_way)
			drop(uses, use);
	}
}

static struct use *add(struct uses *uses, const char *key, size_t len)
{
	struct use *use;

	if (HASH_COUNT(uses->all) >= USES_MOST)
		make_room(uses);
	if (HASH_COUNT(uses->all) >= USES_MOST)
		return NULL;
	use = calloc(1, sizeof(*use));
	if (!use || !(use->key = strdup(key))) {
		free(use);
		return NULL;
	}
	HASH_ADD_KEYPTR(hh, uses->all, use->key, len, use);
	return use;
}

void uses_note(struct uses *uses, const char *interface, const struct client *client,
	       const char *user, int64_t wall_ms)
{
	char key[KEY_MAX], name[USER_MAX] = "";
	struct use *use;
	int len;

	if (strcmp(client->kind, "client") == 0)
		copy_plain(name, sizeof(name), user, strlen(user));
	len = snprintf(key, sizeof(key), "%.*s%c%s%c%s%c%s%c%s", INTERFACE_MAX, interface, part,
		       client->kind, part, client->origin, part, client->agent, part, name);
	HASH_FIND(hh, uses->all, key, (unsigned)len, use);
	if (!use)
		use = add(uses, key, (size_t)len);
	if (use)
		use->last_ms = wall_ms;
}

/* ---- told ---- */

static bool is_due(const struct use *use)
{
	/* a clock that was put back is no reason to be silent */
	return !use->told_ms || use->last_ms - use->told_ms >= USES_AGAIN_MS ||
	       use->last_ms < use->told_ms;
}

static json_t *row(const struct use *use)
{
	static const char *const names[PARTS] = { "interface", "kind", "origin", "agent", "user" };
	json_t *object = json_pack("{s:I}", "lastMs", (json_int_t)use->last_ms);
	const char *at = use->key;

	for (int i = 0; object && i < PARTS; i++) {
		size_t len = strcspn(at, "\x1f");

		if (json_object_set_new(object, names[i], json_stringn(at, len)) != 0) {
			json_decref(object);
			return NULL;
		}
		at += len + 1;
	}
	return object;
}

json_t *uses_take(struct uses *uses)
{
	json_t *list = uses->are_on_their_way ? NULL : json_array();
	struct use *use, *next;

	HASH_ITER(hh, uses->all, use, next) {
		json_t *object;

		if (!list || json_array_size(list) == USES_TOLD_MOST)
			break;
		if (!is_due(use))
			continue;
		object = row(use);
		if (!object) { /* what isn't UTF-8 after all can't be told */
			drop(uses, use);
			continue;
		}
		json_array_append_new(list, object);
		use->is_on_its_way = true;
	}
	if (json_array_size(list) == 0) {
		json_decref(list);
		return NULL;
	}
	uses->are_on_their_way = true;
	return list;
}

void uses_told(struct uses *uses, bool have_arrived)
{
	struct use *use, *next;

	uses->are_on_their_way = false;
	HASH_ITER(hh, uses->all, use, next) {
		if (use->is_on_its_way && have_arrived)
			use->told_ms = use->last_ms;
		use->is_on_its_way = false;
	}
}
