/* person.c — see person.h. SPDX-License-Identifier: Apache-2.0 */
#include "person.h"

#include <stdlib.h>
#include <string.h>

#include "act.h"
#include "audit.h"
#include "context.h"
#include "export.h"
#include "notify.h"
#include "pelago/json.h"

enum { LIST_MOST = 200, MATCHES_MOST = 10000, KEPT_BYTES = 400 * 1024, ERASE_ROWS = 200 };

/* Each finds ids by a JSON array of texts. */
static const char *const finders[][2] = {
	{ "contextIds", "select id from context where id in PL_LIST($1) limit $2" },
	{ "contextIds", "select context from alias where alias in PL_LIST($1) limit $2" },
	{ "groupIds", "select id from context where group_id in PL_LIST($1) limit $2" },
	{ "values", "select context from context_key where value in PL_LIST($1) limit $2" },
	{ "values", "select context from alias where alias in PL_LIST($1) limit $2" },
};

static enum pl_err check_texts(const json_t *list, const char *name)
{
	json_t *one;
	size_t i;

	json_array_foreach((json_t *)list, i, one)
		if (!json_is_string(one))
			return pl_fail(PL_INVALID, "%s[%zu] is not a text", name, i);
	return PL_OK;
}

/* {ID: true} of all that match */
static enum pl_err matches(struct pl_turn *turn, const json_t *body, json_t **idsp)
{
	json_t *ids = json_object();
	enum pl_err err = PL_OK;

	for (size_t i = 0; !err && i < sizeof(finders) / sizeof(finders[0]); i++) {
		json_t *list = NULL;
		struct pl_rows *rows;
		char *text;

		err = pl_json_array(&list, body, finders[i][0], LIST_MOST, false);
		if (!err)
			err = check_texts(list, finders[i][0]);
		if (err || json_array_size(list) == 0)
			continue;
		text = pl_json_dump(list);
		rows = pl_query(turn, finders[i][1], "si", text, (int64_t)MATCHES_MOST);
		while (pl_rows_next(rows))
			json_object_set_new(ids, pl_rows_text(rows, 0), json_true());
		pl_rows_free(rows);
		free(text);
	}
	if (err)
		json_decref(ids);
	else
		*idsp = ids;
	return err;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The object's names in order, each borrowed from it; to be freed. */
static const char **sorted(json_t *ids, size_t *countp)
{
	const char **list = calloc(json_object_size(ids) + 1, sizeof(*list)), *id;
	json_t *value;

	*countp = 0;
	if (!list)
		return NULL;
	json_object_foreach(ids, id, value)
		list[(*countp)++] = id;
	if (*countp > 0)
		qsort(list, *countp, sizeof(*list), by_text);
	return list;
}

static json_t *page_after(struct pl_turn *turn, const char *const *ids, size_t count,
			  const char *after)
{
	json_t *list = json_array(), *page = json_pack("{s:o, s:n}", "contexts", list, "after");
	size_t bytes = 0;

	for (size_t i = 0; i < count; i++) {
		struct context context;
		json_t *shown;

		if (strcmp(ids[i], after) <= 0 || context_read(turn, &context, ids[i]))
			continue;
		shown = act_shown(turn, &context);
		context_fini(&context);
		bytes += json_dumpb(shown, NULL, 0, 0);
		if (bytes > KEPT_BYTES && json_array_size(list) > 0) {
			json_decref(shown);
			json_object_set(
				page, "after",
				json_object_get(json_array_get(list, json_array_size(list) - 1),
						"contextId"));
			break;
		}
		json_array_append_new(list, shown);
	}
	return page;
}

enum pl_err person_kept(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char **list, *after = NULL;
	json_t *ids = NULL;
	size_t count;
	enum pl_err err = pl_json_text(&after, body, "after", ID_BYTES, false);

	if (!err)
		err = matches(turn, body, &ids);
	if (err)
		return err;
	list = sorted(ids, &count);
	if (list)
		*replyp = page_after(turn, list, count, after ? after : "");
	free(list);
	json_decref(ids);
	return list ? PL_OK : PL_NOMEM;
}

/* What is kept of them when they have gone: of ids that were named, too. */
static int erase_audits(struct pl_turn *turn, const char *contexts)
{
	struct pl_rows *rows = pl_query(
		turn,
		"delete from context_audit where id in (select id from context_audit where context in "
		"PL_LIST($1) limit $2) returning id",
		"si", contexts, (int64_t)ERASE_ROWS);
	json_t *ids = json_array(), *id;
	int count;
	size_t i;

	while (pl_rows_next(rows))
		json_array_append_new(ids, json_string(pl_rows_text(rows, 0)));
	pl_rows_free(rows);
	json_array_foreach(ids, i, id)
		export_erase_audit(turn, json_string_value(id));
	count = (int)json_array_size(ids);
	json_decref(ids);
	return count;
}

enum pl_err person_erase(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	json_t *ids = NULL, *named = NULL, *audited, *value, *id;
	const char *name;
	char *text;
	int contexts = 0, audits;
	size_t i;
	enum pl_err err = matches(turn, body, &ids);

	if (!err)
		err = pl_json_array(&named, body, "contextIds", LIST_MOST, false);
	if (err) {
		json_decref(ids);
		return err;
	}
	audited = named ? json_copy(named) : json_array();
	json_object_foreach(ids, name, value) {
		if (contexts == ERASE_ROWS)
			break;
		contexts++;
		context_erase(turn, name);
		json_array_append_new(audited, json_string(name));
	}
	json_array_foreach(named, i, id) /* one that has gone may still be in the mart */
		export_erase(turn, json_string_value(id));
	text = pl_json_dump(audited);
	audits = erase_audits(turn, text);
	*replyp = json_pack("{s:i, s:i, s:b}", "contexts", contexts, "audits", audits, "more",
			    (size_t)contexts < json_object_size(ids) || audits == ERASE_ROWS);
	free(text);
	json_decref(audited);
	json_decref(ids);
	return PL_OK;
}
