/* keys.c — see keys.h. SPDX-License-Identifier: Apache-2.0 */
#include "keys.h"

#include <stdlib.h>

#include "pelago/json.h"
#include "pelago/token.h"

static json_t *newest, *public_set;

void keys_forget(void)
{
	json_decref(newest);
	json_decref(public_set);
	newest = public_set = NULL;
}

static enum pl_err make(struct pl_turn *turn)
{
	enum pl_err err = pl_token_key(&newest);
	char *text = err ? NULL : pl_json_dump(newest);

	if (!err && !text)
		err = PL_NOMEM;
	if (!err)
		pl_exec(turn, "insert into signing_key (kid, jwk, made_ms) values ($1, $2, $3)",
			"ssi", pl_json_get_text(newest, "kid"), text, pl_turn_now_ms(turn));
	free(text);
	return err;
}

enum pl_err keys_load(struct pl_turn *turn)
{
	json_t *list = json_array();
	struct pl_rows *rows;
	enum pl_err err = PL_OK;

	keys_forget();
	rows = pl_query(turn, "select jwk from signing_key order by made_ms desc, kid", "");
	while (!err && pl_rows_next(rows)) {
		json_t *jwk = json_loads(pl_rows_text(rows, 0), 0, NULL);

		json_array_append_new(list, pl_token_public(jwk));
		if (!newest)
			newest = json_incref(jwk);
		json_decref(jwk);
	}
	err = rows ? pl_rows_err(rows) : PL_STORE;
	pl_rows_free(rows);
	if (!err && !newest) {
		err = make(turn);
		json_array_append_new(list, pl_token_public(newest));
	}
	public_set = json_pack("{s:o}", "keys", list);
	return err;
}

enum pl_err keys_sign(char **tokenp, const json_t *claims)
{
	return pl_token_sign(tokenp, claims, newest);
}

const json_t *keys_public(void)
{
	return public_set;
}
