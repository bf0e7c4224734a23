/* address.c — see address.h. SPDX-License-Identifier: Apache-2.0 */
#include "address.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pelago/json.h"

static bool kind_is_good(const char *kind)
{
	size_t len = strlen(kind);

	return len > 0 && len <= KIND_BYTES &&
	       kind[strspn(kind, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}

static void small_letters(char *text)
{
	for (; *text; text++)
		if (*text >= 'A' && *text <= 'Z')
			*text = (char)(*text - 'A' + 'a');
}

static void digits_only(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++)
		if (!strchr(" -().\t/", *from))
			*to++ = *from;
	*to = '\0';
}

bool address_set(struct address *address, const char *kind, const char *value)
{
	size_t len;

	while (isspace((unsigned char)*value))
		value++;
	len = strlen(value);
	while (len > 0 && isspace((unsigned char)value[len - 1]))
		len--;
	if (!kind_is_good(kind) || len == 0 || len > ADDRESS_BYTES)
		return false;
	snprintf(address->kind, sizeof(address->kind), "%s", kind);
	snprintf(address->value, sizeof(address->value), "%.*s", (int)len, value);
	if (strcmp(kind, "email") == 0)
		small_letters(address->value);
	else if (strcmp(kind, "phone") == 0)
		digits_only(address->value);
	return *address->value;
}

enum pl_err address_read(struct address *address, const json_t *object)
{
	const char *kind = NULL, *value = NULL;
	enum pl_err err = PL_OK;

	if (!json_is_object(object))
		return pl_fail(PL_INVALID, "an address is no object");
	err = pl_json_text(&kind, object, "kind", KIND_BYTES, true);
	if (!err)
		err = pl_json_text(&value, object, "value", ADDRESS_BYTES, true);
	if (!err && !address_set(address, kind, value))
		err = pl_fail(PL_INVALID, "an address has a bad kind or an empty value");
	return err;
}

char *address_owner(struct pl_turn *turn, const struct address *address)
{
	struct pl_rows *rows =
		pl_query(turn, "select customer from address where kind = $1 and value = $2", "ss",
			 address->kind, address->value);
	char *id = pl_rows_next(rows) ? strdup(pl_rows_text(rows, 0)) : NULL;

	pl_rows_free(rows);
	if (id || strcmp(address->kind, "email") != 0)
		return id;
	/* one that an older version wrote is known by its id */
	rows = pl_query(turn, "select id from customer where id = $1 and root = ''", "s",
			address->value);
	id = pl_rows_next(rows) ? strdup(pl_rows_text(rows, 0)) : NULL;
	pl_rows_free(rows);
	return id;
}

void address_add(struct pl_turn *turn, const struct address *address, const char *customer)
{
	pl_exec(turn,
		"insert into address (kind, value, customer) values ($1, $2, $3) "
		"on conflict (kind, value) do nothing",
		"sss", address->kind, address->value, customer);
}

void address_remove(struct pl_turn *turn, const struct address *address)
{
	pl_exec(turn, "delete from address where kind = $1 and value = $2", "ss", address->kind,
		address->value);
}

json_t *address_list(struct pl_turn *turn, const char *customer)
{
	struct pl_rows *rows = pl_query(turn,
					"select kind, value from address where customer = $1 "
					"order by kind, value limit $2",
					"si", customer, (int64_t)ADDRESSES_MOST);
	json_t *list = json_array();

	while (pl_rows_next(rows))
		json_array_append_new(list, json_pack("{s:s, s:s}", "kind", pl_rows_text(rows, 0),
						      "value", pl_rows_text(rows, 1)));
	pl_rows_free(rows);
	return list;
}
