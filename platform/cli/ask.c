/*
 * ask.c — requests to the manager over the local bus, with the command line's own key.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <poll.h>
#include <pwd.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pelago/json.h"
#include "platform/cli/cli.h"
#include "platform/supervise/supervise.h"

/* A request without answer is repeated with its id; SILENT_MS: it went to one that has just died.
 */
enum { OPEN_MS = 500, REPEAT_MS = 100, SILENT_MS = 300, CALL_MS = 10000 };
enum { LOOKS = 3, LOOK_AGAIN_US = 20000 };

struct asked {
	const char *operation;
	bool is_done, is_refused; /* refused: nobody serves it at this moment */
	enum pl_err err;
	json_t *reply;
};

enum pl_err cli_setup(struct cli *cli)
{
	return cli->setup ? PL_OK : setup_read(&cli->setup, cli->data);
}

void cli_fini(struct cli *cli)
{
	pl_bus_close(cli->bus);
	setup_free(cli->setup);
}

static bool is_listed(const struct setup *setup)
{
	unsigned address, port, state;
	bool listens = false;
	char line[256];
	FILE *f = fopen("/proc/net/tcp", "re");

	while (f && !listens && fgets(line, sizeof(line), f))
		listens =
			sscanf(line, " %*d: %8x:%4x %*8x:%*4x %2x", &address, &port, &state) == 3 &&
			port == (unsigned)setup->bus_port && state == 0x0a;
	if (!f)
		return true; /* it can't be told */
	fclose(f);
	return listens;
}

/* The kernel's list is read in pieces, and may miss one while others come and go. */
bool cli_bus_listens(const struct setup *setup)
{
	for (int i = 0; i < LOOKS; i++) {
		if (is_listed(setup))
			return true;
		usleep(LOOK_AGAIN_US);
	}
	return false;
}

static enum pl_err open_bus(struct cli *cli)
{
	struct pl_bus_options options = { .name = "cli", .wait_ms = OPEN_MS };
	char *url, *ca, *seed, *identity;
	enum pl_err err;

	if (cli->bus)
		return PL_OK;
	err = cli_setup(cli);
	if (err == PL_NOTFOUND)
		return pl_fail(PL_UNAVAILABLE, "not running: there is no instance in that folder");
	if (err)
		return err;
	if (!cli->setup->node && !cli_bus_listens(cli->setup))
		return pl_fail(PL_UNAVAILABLE, "the bus of %s can't be reached", cli->setup->data);
	options.url = url = setup_bus_url(cli->setup);
	options.ca_file = ca = setup_path(cli->setup, "tls/ca.pem");
	options.seed_file = seed = setup_path(cli->setup, "keys/cli.nk");
	options.identity = identity = setup_path(cli->setup, "tls/identity");
	err = url && ca && seed && identity ? pl_bus_open(&cli->bus, &options) : PL_NOMEM;
	if (err == PL_UNAVAILABLE || err == PL_TIMEOUT)
		err = pl_fail(PL_UNAVAILABLE, "the bus of %s can't be reached", cli->setup->data);
	free(url);
	free(ca);
	free(seed);
	free(identity);
	return err;
}

/* The error that a reply tells of: the row by its name, else by its code. */
static enum pl_err refusal(const json_t *error)
{
	const char *name = pl_json_get_text(error, "name"),
		   *message = pl_json_get_text(error, "message");
	enum pl_err err = pl_err_from_wire(pl_json_get_text(error, "code"));

	for (int i = 0; i < PL_ERR_COUNT; i++)
		if (strcmp(pl_err_row((enum pl_err)i)->name, name) == 0)
			err = (enum pl_err)i;
	if (err == PL_OK)
		err = PL_INTERNAL;
	return pl_fail(err, "%s", *message ? message : pl_err_row(err)->text);
}

static void on_reply(const struct pl_message *message, void *arg)
{
	struct asked *asked = arg;
	json_t *error;

	if (asked->is_done)
		return;
	if (message->status == 503) {
		asked->is_refused = true;
		return;
	}
	asked->is_done = true;
	asked->err = pl_json_parse(&asked->reply, message->body, message->body_len);
	error = asked->err ? NULL : json_object_get(asked->reply, "error");
	if (error)
		asked->err = refusal(error);
}

static void request_id(char id[27])
{
	static const char letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

	for (int i = 0; i < 26; i++)
		id[i] = letters[randombytes_uniform(32)];
	id[26] = '\0';
}

static enum pl_err exchange(struct asked *asked, struct cli *cli, const struct pl_message *request,
			    int wait_ms)
{
	int64_t now_ms = supervisor_now_ms(), deadline_ms = now_ms + wait_ms, next_ms = now_ms;
	enum pl_err err = PL_OK;

	while (!asked->is_done && now_ms < deadline_ms) {
		struct pollfd fd = { .fd = pl_bus_fd(cli->bus), .events = POLLIN };

		if (now_ms >= next_ms) {
			err = pl_bus_publish(cli->bus, request);
			if (err && err != PL_UNAVAILABLE)
				return err;
			pl_bus_flush(cli->bus);
			asked->is_refused = false;
			next_ms = now_ms + SILENT_MS;
		}
		poll(&fd, 1, (int)((next_ms < deadline_ms ? next_ms : deadline_ms) - now_ms));
		while (pl_bus_read(cli->bus, 64) == 64)
			;
		now_ms = supervisor_now_ms();
		if (asked->is_refused && next_ms > now_ms + REPEAT_MS)
			next_ms = now_ms + REPEAT_MS;
	}
	return asked->is_done ? asked->err : PL_TIMEOUT;
}

enum pl_err cli_ask(json_t **replyp, struct cli *cli, const char *operation, json_t *body,
		    int wait_ms)
{
	struct asked asked = { .operation = operation };
	struct pl_subscription *replies = NULL;
	char subject[160], inbox[96], id[27], *text = NULL;
	struct pl_message request = { .subject = subject, .reply = inbox, .id = id };
	enum pl_err err = PL_NOMEM; /* what the bare gotos below mean */

	if (!body || json_object_set_new(body, "v", json_integer(1)) != 0 ||
	    !(text = pl_json_dump(body)))
		goto out;
	err = open_bus(cli);
	if (err)
		goto out;
	pl_bus_inbox(cli->bus, inbox);
	err = pl_bus_subscribe(&replies, cli->bus, inbox, NULL, on_reply, &asked);
	if (err)
		goto out;
	snprintf(subject, sizeof(subject), "svc.%s", operation);
	request_id(id);
	request.body = text;
	request.body_len = strlen(text);
	err = exchange(&asked, cli, &request, wait_ms);
	if (err == PL_TIMEOUT)
		err = pl_fail(PL_UNAVAILABLE, "%.*s doesn't answer", (int)strcspn(operation, "."),
			      operation);
	if (!err) {
		*replyp = asked.reply;
		asked.reply = NULL;
	}
out:
	pl_subscription_free(replies);
	json_decref(asked.reply);
	json_decref(body);
	free(text);
	return err;
}

/* What an answer with a status of its own says: a problem document (RFC 9457) is a refusal. */
static enum pl_err take_body(json_t **bodyp, const json_t *reply, const char *operation)
{
	json_int_t status = json_integer_value(json_object_get(reply, "status"));
	json_t *body = json_object_get(reply, "body");
	enum pl_err err;

	if (!body && status == 204) {
		*bodyp = json_null();
		return PL_OK;
	}
	if (!body)
		return pl_fail(PL_INTERNAL, "%s answered without a body", operation);
	if (status >= 400) {
		err = pl_err_from_wire(pl_json_get_text(body, "code"));
		return pl_fail(err ? err : PL_INTERNAL, "%s", pl_json_get_text(body, "detail"));
	}
	*bodyp = json_incref(body);
	return PL_OK;
}

enum pl_err cli_send(json_t **bodyp, struct cli *cli, const char *operation, json_t *path,
		     json_t *query, json_t *body)
{
	const struct passwd *person = getpwuid(getuid());
	json_t *reply = NULL;
	enum pl_err err = cli_setup(cli);

	if (!err && cli->setup->node) {
		json_decref(path);
		json_decref(query);
		json_decref(body);
		return pl_fail(
			PL_STATE,
			"this host has joined a solution as %s: say this where its manager is",
			cli->setup->node);
	}
	err = cli_ask(&reply, cli, operation,
		      json_pack("{s:s,s:o,s:o,s:o*,s:{s:s,s:[s]},s:s}", "method",
				path || body ? "POST" : "GET", "path", path ? path : json_object(),
				"query", query ? query : json_object(), "body", body, "user",
				"name", person ? person->pw_name : "local", "roles",
				"administrator", "from", "local"),
		      cli->wait_ms ? cli->wait_ms : CALL_MS);
	if (!err)
		err = take_body(bodyp, reply, operation);
	json_decref(reply);
	return err;
}

enum pl_err cli_call(json_t **bodyp, struct cli *cli, const char *operation, json_t *path)
{
	return cli_send(bodyp, cli, operation, path, NULL, NULL);
}

enum pl_err cli_list_query(json_t **itemsp, struct cli *cli, const char *operation, json_t *query)
{
	json_t *items = json_array(), *page = NULL, *cursor;
	enum pl_err err;

	json_object_set_new(query, "limit", json_string("200"));
	do {
		/* the cursor is the page's: taken before the page goes */
		cursor = json_object_get(page, "cursor");
		if (cursor)
			json_object_set(query, "cursor", cursor);
		json_decref(page);
		page = NULL;
		err = cli_send(&page, cli, operation, NULL, json_deep_copy(query), NULL);
		if (!err && json_array_extend(items, json_object_get(page, "items")) != 0)
			err = pl_fail(PL_INTERNAL, "%s answered without items", operation);
		cursor = json_object_get(page, "cursor");
	} while (!err && json_is_string(cursor));
	json_decref(page);
	json_decref(query);
	if (err)
		json_decref(items);
	else
		*itemsp = items;
	return err;
}

enum pl_err cli_list(json_t **itemsp, struct cli *cli, const char *operation)
{
	return cli_list_query(itemsp, cli, operation, json_object());
}

int cli_print_list(struct cli *cli, const char *operation, json_t *query,
		   const struct cli_column *columns)
{
	json_t *items = NULL;
	enum pl_err err = cli_list_query(&items, cli, operation, query ? query : json_object());
	int status = err ? cli_fail(err) : cli_print_items(cli, items, columns);

	json_decref(items);
	return status;
}
