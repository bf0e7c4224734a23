/*
 * demo.c — passwords of the demo users: random, made once, readable by the owner alone.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "platform/setup/file.h"
#include "platform/setup/setup.h"

enum { AGENTS = 20, PASSWORD_LEN = 16 }; /* 16 characters of 57: 93 bits */

static void password_make(char password[PASSWORD_LEN + 1])
{
	/* none that look alike */
	static const char letters[] = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";

	for (int i = 0; i < PASSWORD_LEN; i++)
		password[i] = letters[randombytes_uniform(sizeof(letters) - 1)];
	password[PASSWORD_LEN] = '\0';
}

static enum pl_err add(json_t *users, const char *name)
{
	char password[PASSWORD_LEN + 1];

	password_make(password);
	return json_object_set_new(users, name, json_string(password)) == 0 ? PL_OK : PL_NOMEM;
}

enum pl_err demo_users_make(const char *data)
{
	static const char *const people[] = { "admin", "supervisor", "designer" };
	json_t *users = json_object();
	char *path = NULL, name[16];
	enum pl_err err = PL_OK;

	if (sodium_init() < 0)
		err = pl_fail(PL_INTERNAL, "no source of random numbers");
	else if (!users || asprintf(&path, "%s/demo-users.json", data) < 0)
		err = PL_NOMEM;
	if (err || access(path, F_OK) == 0)
		goto out;
	for (size_t i = 0; !err && i < sizeof(people) / sizeof(people[0]); i++)
		err = add(users, people[i]);
	for (int i = 1; !err && i <= AGENTS; i++) {
		snprintf(name, sizeof(name), "agent%d", i);
		err = add(users, name);
	}
	if (!err)
		err = file_replace_json(path, users, 0600);
out:
	json_decref(users);
	free(path);
	return err;
}
