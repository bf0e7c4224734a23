/* designer.c — see designer.h. SPDX-License-Identifier: Apache-2.0 */
#include "platform/cli/designer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engines/pack/pack.h"
#include "pelago/json.h"
#include "platform/setup/file.h"

enum {
	ASK_MS = 10000,
	PAGE = 200,
	PLAIN_MAX = 262144,	 /* bytes of a file that goes as it is */
	PACKED_MAX = 900000,	 /* of one that is packed: the bus carries 1 MiB */
	UNPACKED_MAX = 67108864, /* of one that comes */
};

static const char *const operations[] = {
#define DESIGNER_OP(name) name,
#include "tables/designer_op.h"
#undef DESIGNER_OP
};

static bool may_ask(const char *operation)
{
	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
		if (strcmp(operations[i], operation) == 0)
			return true;
	return false;
}

enum pl_err designer_ask(json_t **replyp, struct cli *cli, const char *operation, json_t *body)
{
	char subject[80];

	if (!may_ask(operation)) {
		json_decref(body);
		return pl_fail(PL_INTERNAL, "%s is not in tables/designer_op.h", operation);
	}
	snprintf(subject, sizeof(subject), "EngagementDesigner.%s", operation);
	return cli_ask(replyp, cli, subject, body, ASK_MS);
}

enum pl_err designer_list(json_t **itemsp, struct cli *cli, const char *operation, json_t *filter)
{
	json_t *items = json_array(), *page = NULL;
	const char *cursor = NULL;
	enum pl_err err;

	json_object_set_new(filter, "limit", json_integer(PAGE));
	do {
		json_t *body = json_deep_copy(filter);

		if (cursor)
			json_object_set_new(body, "cursor", json_string(cursor));
		json_decref(page);
		page = NULL;
		err = designer_ask(&page, cli, operation, body);
		if (!err && json_array_extend(items, json_object_get(page, "items")) != 0)
			err = pl_fail(PL_INTERNAL, "%s was answered without items", operation);
		cursor = json_string_value(json_object_get(page, "cursor"));
	} while (!err && cursor);
	json_decref(page);
	json_decref(filter);
	if (err)
		json_decref(items);
	else
		*itemsp = items;
	return err;
}

int designer_print(struct cli *cli, const char *operation, json_t *filter,
		   const struct cli_column *columns)
{
	json_t *items = NULL;
	enum pl_err err = designer_list(&items, cli, operation, filter);
	int status;

	if (err)
		return cli_fail(err);
	status = cli_print_items(cli, items, columns);
	json_decref(items);
	return status;
}

int designer_do(struct cli *cli, const char *operation, json_t *body,
		void (*said)(const json_t *reply))
{
	json_t *reply = NULL;
	enum pl_err err = designer_ask(&reply, cli, operation, body);

	if (err)
		return cli_fail(err);
	if (cli->wants_json) {
		json_dumpf(reply, stdout, JSON_INDENT(2));
		putchar('\n');
	} else {
		said(reply);
	}
	json_decref(reply);
	return EXIT_DONE;
}

/* ---- words ---- */

/* A word as a whole number above 0; without the word 0. */
static enum pl_err number(int64_t *np, const struct cli *cli, int word, const char *what)
{
	char *end = NULL;
	long long n;

	*np = 0;
	if (cli->words_len <= word)
		return PL_OK;
	errno = 0;
	n = strtoll(cli->words[word], &end, 10);
	if (errno || *end || n < 1)
		return pl_fail(PL_INVALID, "%s: %s is no whole number above 0", what,
			       cli->words[word]);
	*np = n;
	return PL_OK;
}

enum pl_err designer_words(json_t **bodyp, const struct cli *cli, const char *key,
			   const char *other)
{
	int64_t n;
	enum pl_err err = number(&n, cli, 1, other);

	if (!err)
		*bodyp = json_pack("{s:s, s:o*}", key, cli->words[0], other,
				   n ? json_integer(n) : NULL);
	return err;
}

int designer_with_words(struct cli *cli, const char *operation, const char *key, const char *other,
			void (*said)(const json_t *reply))
{
	json_t *body = NULL;
	enum pl_err err = designer_words(&body, cli, key, other);

	return err ? cli_fail(err) : designer_do(cli, operation, body, said);
}

/* ---- files ---- */

static void say_kept(const json_t *reply)
{
	const json_t *problems = json_object_get(reply, "problems"), *problem;
	size_t i;

	printf("%s version %lld%s\n", pl_json_get_text(reply, "name"),
	       (long long)json_integer_value(json_object_get(reply, "version")),
	       json_is_false(json_object_get(reply, "created")) ? ", as it was" : "");
	json_array_foreach(problems, i, problem)
		printf("  can't be deployed: %s\n", json_string_value(problem));
}

/* A file as it is or, where it is too large for that, packed. */
static enum pl_err read_xml(json_t **bodyp, const char *path)
{
	char *text = NULL, *packed = NULL;
	size_t len = 0;
	json_t *xml = NULL;
	enum pl_err err = file_read(&text, &len, path);

	if (!err) {
		xml = json_stringn(text, len);
		if (!xml)
			err = pl_fail(
				PL_INVALID,
				"%s: is no text in UTF-8; 'pelago workflow convert' writes one",
				path);
	}
	if (!err && len > PLAIN_MAX)
		err = pack_text(&packed, text, len);
	if (!err && packed && strlen(packed) > PACKED_MAX)
		err = pl_fail(PL_TOOLARGE, "%s: packed, it is larger than %d bytes", path,
			      PACKED_MAX);
	if (!err)
		*bodyp = packed ? json_pack("{s:s}", "gzip", packed)
				: json_pack("{s:O}", "xml", xml);
	json_decref(xml);
	free(packed);
	free(text);
	return err;
}

int designer_import(struct cli *cli, const char *operation)
{
	const char *user = getenv("USER");
	json_t *body = NULL;
	enum pl_err err = read_xml(&body, cli->words[0]);

	if (err)
		return cli_fail(err);
	json_object_set_new(body, "by", json_string(user ? user : "local"));
	return designer_do(cli, operation, body, say_kept);
}

static enum pl_err put(const char *path, const char *text)
{
	if (path)
		return file_replace(path, text, strlen(text), 0644);
	return fputs(text, stdout) < 0 ? pl_fail(PL_IO, "standard output takes no more") : PL_OK;
}

int designer_export(struct cli *cli, const char *operation)
{
	json_t *body = NULL, *reply = NULL;
	const char *packed;
	char *text = NULL;
	size_t len = 0;
	enum pl_err err = designer_words(&body, cli, "name", "version");

	if (!err)
		err = designer_ask(&reply, cli, operation, body);
	packed = pl_json_get_text(reply, "gzip");
	if (!err && *packed)
		err = pack_open(&text, &len, packed, strlen(packed), UNPACKED_MAX);
	if (!err)
		err = put(cli->out, text ? text : pl_json_get_text(reply, "xml"));
	free(text);
	json_decref(reply);
	return err ? cli_fail(err) : EXIT_DONE;
}
