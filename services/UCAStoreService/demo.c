/*
 * demo.c — see demo.h.
 *
 * Every demo agent speaks English best and serves all three services, each with another proficiency
 * (1 is best), so that any of them can take any demo chat, and matching still has something to
 * choose.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "demo.h"

#include <stdio.h>
#include <unistd.h>

#include "account.h"
#include "pelago/json.h"
#include "pelago/log.h"
#include "resource.h"

enum { DEMO_CAPACITY = 5 };

/* proficiencies; 0: doesn't have it */
static const struct demo_user {
	const char *id, *name, *role;
	int sales, billing, support, german, french, spanish;
} users[] = {
	{ "admin", "Ines Albrecht", "administrator" },
	{ "supervisor", "Martin Okafor", "supervisor" },
	{ "designer", "Lena Sorensen", "designer" },
	{ "agent1", "Amira Haddad", "agent", 1, 4, 8, 0, 2, 0 },
	{ "agent2", "Jonas Weber", "agent", 6, 1, 5, 1, 0, 0 },
	{ "agent3", "Priya Raman", "agent", 9, 6, 1, 0, 0, 0 },
	{ "agent4", "Lucas Moreau", "agent", 2, 8, 11, 0, 1, 0 },
	{ "agent5", "Sofia Navarro", "agent", 7, 2, 6, 0, 0, 1 },
	{ "agent6", "Tom Gallagher", "agent", 12, 9, 2, 0, 0, 0 },
	{ "agent7", "Katrin Vogel", "agent", 3, 5, 7, 1, 0, 4 },
	{ "agent8", "Daniel Osei", "agent", 8, 3, 9, 0, 5, 0 },
	{ "agent9", "Mei Tanaka", "agent", 5, 11, 3, 0, 0, 0 },
	{ "agent10", "Marek Nowak", "agent", 4, 7, 10, 3, 0, 0 },
	{ "agent11", "Elena Petrova", "agent", 10, 4, 4, 2, 0, 0 },
	{ "agent12", "Samuel Brooks", "agent", 1, 12, 13, 0, 0, 6 },
	{ "agent13", "Noor El Amin", "agent", 11, 2, 8, 0, 3, 0 },
	{ "agent14", "Felix Schubert", "agent", 6, 10, 1, 1, 0, 0 },
	{ "agent15", "Grace Mwangi", "agent", 3, 6, 12, 0, 0, 0 },
	{ "agent16", "Paolo Ricci", "agent", 13, 1, 6, 0, 4, 3 },
	{ "agent17", "Hanna Lindqvist", "agent", 2, 9, 5, 4, 0, 0 },
	{ "agent18", "Rafael Costa", "agent", 8, 5, 2, 0, 0, 2 },
	{ "agent19", "Chloe Martin", "agent", 5, 13, 7, 0, 1, 0 },
	{ "agent20", "Oliver Stein", "agent", 7, 3, 16, 2, 0, 0 },
};

static void add(json_t *attributes, const char *name, int proficiency)
{
	if (proficiency > 0)
		json_array_append_new(attributes, json_pack("{s:s, s:i}", "name", name,
							    "proficiency", proficiency));
}

static json_t *user_of(const struct demo_user *u)
{
	json_t *attributes = json_array();
	bool is_agent = u->sales > 0;

	add(attributes, "Language.English", is_agent);
	add(attributes, "Language.German", u->german);
	add(attributes, "Language.French", u->french);
	add(attributes, "Language.Spanish", u->spanish);
	add(attributes, "Service.Sales", u->sales);
	add(attributes, "Service.Billing", u->billing);
	add(attributes, "Service.Support", u->support);
	return json_pack("{s:s, s:s, s:[s], s:b, s:o, s:{s:i, s:i}}", "id", u->id, "name", u->name,
			 "roles", u->role, "enabled", 1, "attributes", attributes, "capacity",
			 "total", is_agent ? DEMO_CAPACITY : 0, "chat",
			 is_agent ? DEMO_CAPACITY : 0);
}

enum pl_err demo_fill(struct pl_turn *turn)
{
	char path[600];

	snprintf(path, sizeof(path), "%s/demo-users.json", pl_service_data(pl_turn_service(turn)));
	if (access(path, F_OK))
		return PL_OK;
	resource_demo(turn);
	if (account_any(turn))
		return PL_OK;
	for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++) {
		json_t *user = user_of(&users[i]);

		if (!user)
			return PL_NOMEM;
		account_write(turn, user);
		json_decref(user);
	}
	pl_log(INFO, "users.demo", NULL, "%zu demo users", sizeof(users) / sizeof(users[0]));
	return PL_OK;
}
