/*
 * interfaces.c — outside interfaces that a release changes, and who was seen using them (UPG-63).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <string.h>

#include "engines/upgrade/upgrade.h"
#include "pelago/json.h"

static const char *text(const json_t *item, const char *name)
{
	return pl_json_get_text(item, name);
}

static bool is_same_client(const json_t *a, const json_t *b)
{
	static const char *const members[] = { "kind", "origin", "agent", "user" };

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (strcmp(text(a, members[i]), text(b, members[i])) != 0)
			return false;
	return true;
}

/* Who can be told first: a page, then a program that shows a user. */
static int rank(const json_t *user)
{
	static const char *const kinds[] = { "page", "service", "client", "others", "own" };
	int n = 0;

	if (strcmp(text(user, "kind"), "client") == 0 && *text(user, "user"))
		return 1;
	while (n < 4 && strcmp(text(user, "kind"), kinds[n]) != 0)
		n++;
	return n;
}

static void insert(json_t *users, json_t *user)
{
	size_t at = json_array_size(users);

	while (at > 0 && rank(json_array_get(users, at - 1)) > rank(user))
		at--;
	json_array_insert_new(users, at, user);
}

/* Once each, as it was seen last. */
static void add_user(json_t *users, const json_t *use)
{
	json_t *user, *copy;
	size_t i;

	json_array_foreach(users, i, user) {
		if (!is_same_client(user, use))
			continue;
		if (json_integer_value(json_object_get(use, "lastMs")) >
		    json_integer_value(json_object_get(user, "lastMs")))
			json_object_update_existing(user, (json_t *)use);
		json_object_del(user, "interface");
		return;
	}
	copy = json_copy((json_t *)use);
	json_object_del(copy, "interface");
	insert(users, copy);
}

static void add_users(json_t *users, const json_t *uses, const char *interface)
{
	json_t *use;
	size_t i;

	json_array_foreach(uses, i, use) {
		if (strcmp(text(use, "interface"), interface) == 0)
			add_user(users, use);
	}
}

/* Whoever has the WebSocket may get what comes over it; who sends a frame was seen sending it. */
static void add_message_users(json_t *users, const struct upgrade *u, const char *name)
{
	json_t *message;
	char interface[300];
	size_t i;

	json_array_foreach(json_object_get(u->release, "messages"), i, message) {
		if (strcmp(text(message, "name"), name) != 0)
			continue;
		if (strcmp(text(message, "from"), "client") == 0)
			snprintf(interface, sizeof(interface), "frame %s %s", text(message, "path"),
				 text(message, "type"));
		else
			snprintf(interface, sizeof(interface), "socket %s", text(message, "path"));
		add_users(users, json_object_get(u->facts, "uses"), interface);
	}
}

/* Services of others' makers that read an event, "NOUN of SERVICE": each is a user. */
static void add_readers(json_t *users, const struct upgrade *u, const char *event)
{
	char noun[100];
	json_t *service, *other;
	size_t i, k;

	snprintf(noun, sizeof(noun), "%.*s", (int)strcspn(event, " "), event);
	json_array_foreach(json_object_get(u->facts, "services"), i, service) {
		bool is_ours = false;

		json_array_foreach(json_object_get(u->release, "services"), k, other) {
			is_ours |= strcmp(text(other, "name"), text(service, "name")) == 0;
		}
		if (!is_ours && pl_json_has(json_object_get(service, "reads"), noun))
			json_array_append_new(
				users, json_pack("{s:s,s:s,s:s,s:s,s:s,s:n,s:n}", "kind", "service",
						 "origin", "", "agent", text(service, "name"),
						 "user", "", "version", text(service, "version"),
						 "firstMs", "lastMs"));
	}
}

static json_t *one(const struct upgrade *u, const char *name, const char *change)
{
	json_t *users = json_array();

	if (strncmp(name, "message ", 8) == 0)
		add_message_users(users, u, name + 8);
	else if (strncmp(name, "event ", 6) == 0)
		add_readers(users, u, name + 6);
	else
		add_users(users, json_object_get(u->facts, "uses"), name);
	return json_pack("{s:s,s:s,s:o}", "name", name, "change", change, "users", users);
}

json_t *upgrade_interfaces(const struct upgrade *u)
{
	static const char *const changes[] = { "removed", "changed", "added" };
	json_t *list = json_array(), *name;
	char path[60];
	size_t i;

	for (size_t k = 0; k < sizeof(changes) / sizeof(changes[0]); k++) {
		snprintf(path, sizeof(path), "changes.interfaces.%s", changes[k]);
		json_array_foreach(pl_json_get(u->release, path), i, name) {
			if (json_is_string(name))
				json_array_append_new(list,
						      one(u, json_string_value(name), changes[k]));
		}
	}
	return list;
}

void upgrade_client_text(char *to, size_t size, const json_t *user)
{
	const char *kind = text(user, "kind"), *agent = text(user, "agent"),
		   *person = text(user, "user");

	if (strcmp(kind, "page") == 0)
		snprintf(to, size, "page of %s", text(user, "origin"));
	else if (strcmp(kind, "own") == 0)
		snprintf(to, size, "pages of Pelago, which change with it");
	else if (strcmp(kind, "service") == 0)
		snprintf(to, size, "service %s", agent);
	else if (strcmp(kind, "others") == 0)
		snprintf(to, size, "others, more than are told apart");
	else
		snprintf(to, size, "%s%s%s", *agent ? agent : "a program without a name",
			 *person ? ", user " : "", person);
}
