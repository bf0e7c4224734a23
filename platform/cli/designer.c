/* designer.c — see designer.h. SPDX-License-Identifier: Apache-2.0 */
#include "platform/cli/designer.h"

#include <stdio.h>

enum { ASK_MS = 10000, PAGE = 200 };

enum pl_err designer_ask(json_t **replyp, struct cli *cli, const char *operation, json_t *body)
{
	char subject[80];

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
