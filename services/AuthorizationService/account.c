/* account.c — see account.h. SPDX-License-Identifier: Apache-2.0 */
#include "account.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pelago/json.h"
#include "pelago/log.h"

static json_t *plain; /* {username: password} of accounts without a hash */
static json_t *asked; /* of these, whose hash is on its way: no rollback calls it back */

void account_forget(void)
{
	json_decref(plain);
	plain = NULL;
}

static bool is_empty(struct pl_turn *turn)
{
	struct pl_rows *rows = pl_query(turn, "select username from account limit 1", "");
	bool any = pl_rows_next(rows);

	pl_rows_free(rows);
	return !any;
}

static void import(struct pl_turn *turn, const json_t *demo)
{
	const char *username;
	json_t *password;

	json_object_foreach((json_t *)demo, username, password) {
		if (json_is_string(password))
			pl_exec(turn,
				"insert into account (username, hash, roles, changed_ms, login_ms) "
				"values ($1, '', '[]', $2, 0)",
				"si", username, pl_turn_now_ms(turn));
	}
	pl_log(INFO, "accounts.demo", NULL, "%zu demo accounts", json_object_size(demo));
}

enum pl_err account_import(struct pl_turn *turn)
{
	struct pl_rows *rows;
	char path[600];
	json_t *demo;

	account_forget();
	plain = json_object();
	snprintf(path, sizeof(path), "%s/demo-users.json", pl_service_data(pl_turn_service(turn)));
	demo = json_load_file(path, 0, NULL);
	if (!json_is_object(demo)) {
		json_decref(demo);
		return PL_OK;
	}
	if (is_empty(turn))
		import(turn, demo);
	rows = pl_query(turn, "select username from account where hash = '' order by username", "");
	while (pl_rows_next(rows)) {
		json_t *password = json_object_get(demo, pl_rows_text(rows, 0));

		if (json_is_string(password))
			json_object_set(plain, pl_rows_text(rows, 0), password);
	}
	pl_rows_free(rows);
	json_decref(demo);
	return PL_OK;
}

char *account_hash(struct pl_turn *turn, const char *username)
{
	struct pl_rows *rows =
		pl_query(turn, "select hash from account where username = $1", "s", username);
	char *hash = NULL;

	if (pl_rows_next(rows))
		hash = strdup(pl_rows_text(rows, 0));
	pl_rows_free(rows);
	return hash;
}

const char *account_plain(const char *username)
{
	return json_string_value(json_object_get(plain, username));
}

const char *account_next(void)
{
	const char *username;
	json_t *password;

	json_object_foreach(plain, username, password) {
		if (!json_object_get(asked, username))
			return username;
	}
	return NULL;
}

void account_asked(const char *username, bool is_on_its_way)
{
	if (!asked)
		asked = json_object();
	if (is_on_its_way)
		json_object_set_new(asked, username, json_true());
	else
		json_object_del(asked, username);
}

void account_set_hash(struct pl_turn *turn, const char *username, const char *hash)
{
	json_object_del(plain, username); /* a rollback reads it anew */
	pl_exec(turn,
		"insert into account (username, hash, roles, changed_ms, login_ms) values ($1, $2, '[]', $3, 0) "
		"on conflict (username) do update set hash = excluded.hash, changed_ms = excluded.changed_ms",
		"ssi", username, hash, pl_turn_now_ms(turn));
}

void account_entered(struct pl_turn *turn, const char *username, const json_t *roles)
{
	char *text = pl_json_dump(roles);

	pl_exec(turn, "update account set roles = $1, login_ms = $2 where username = $3", "sis",
		text ? text : "[]", pl_turn_now_ms(turn), username);
	free(text);
}
