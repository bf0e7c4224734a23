/*
 * replication.c — see replication.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "replication.h"

#include <stdio.h>
#include <string.h>

#include "pelago/json.h"
#include "pelago/log.h"
#include "pelago/page.h"

enum {
	STALE_MS = 300000,
	STORE_MS = 60000, /* between two rows about the same confirmation */
};

const char replication_tables[] =
	"create table replica (node TEXT primary key, version BIGINT not null,"
	" checksum TEXT not null, confirmed_ms BIGINT not null, resync BIGINT not null)";

/* ---- what should be ---- */

const char *replication_checksum(struct node *node)
{
	json_t *desired;

	if (node->checksum_version == model.version && node->checksum_resync == node->resync)
		return node->checksum;
	desired = desired_of(node, NULL);
	if (!desired || checksum_of(node->checksum, desired) != PL_OK) {
		json_decref(desired);
		return "";
	}
	json_decref(desired);
	node->checksum_version = model.version;
	node->checksum_resync = node->resync;
	return node->checksum;
}

/* ---- what is ---- */

enum pl_err replication_rebuild(struct pl_turn *turn)
{
	struct pl_rows *rows = pl_query(
		turn, "select node, version, checksum, confirmed_ms, resync from replica", "");

	while (pl_rows_next(rows)) {
		struct node *node = node_find(pl_rows_text(rows, 0));

		if (!node)
			continue;
		node->confirmed_version = pl_rows_int(rows, 1);
		snprintf(node->confirmed, sizeof(node->confirmed), "%s", pl_rows_text(rows, 2));
		node->confirmed_ms = node->stored_ms = pl_rows_int(rows, 3);
		node->resync = pl_rows_int(rows, 4);
	}
	pl_rows_free(rows);
	return PL_OK;
}

static bool is_confirmed(struct node *node)
{
	return node->confirmed_version == model.version &&
	       strcmp(node->confirmed, replication_checksum(node)) == 0;
}

void replication_confirm(struct node *node, const json_t *report)
{
	const char *checksum = pl_json_get_text(report, "desiredChecksum");
	int64_t version = json_integer_value(json_object_get(report, "desiredVersion"));

	node->is_fresh |=
		version != node->confirmed_version || strcmp(checksum, node->confirmed) != 0;
	node->confirmed_version = version;
	snprintf(node->confirmed, sizeof(node->confirmed), "%s", checksum);
	node->has_confirmed = true;
}

static void store(struct pl_turn *turn, struct node *node)
{
	pl_exec(turn,
		"insert into replica (node, version, checksum, confirmed_ms, resync) "
		"values ($1, $2, $3, $4, $5) on conflict (node) do update set "
		"version = excluded.version, checksum = excluded.checksum, "
		"confirmed_ms = excluded.confirmed_ms, resync = excluded.resync",
		"sisii", node->name, node->confirmed_version, node->confirmed, node->confirmed_ms,
		node->resync);
	node->stored_ms = node->confirmed_ms;
	node->is_fresh = false;
}

void replication_beat(struct pl_turn *turn)
{
	int64_t now_ms = pl_turn_now_ms(turn);

	for (struct node *n = model.nodes; n; n = n->next) {
		if (n->has_confirmed)
			n->confirmed_ms = now_ms;
		n->has_confirmed = false;
		if (n->confirmed_ms && (n->is_fresh || n->confirmed_ms - n->stored_ms > STORE_MS))
			store(turn, n);
	}
}

/* ---- shown ---- */

const char *replication_state(struct node *node, int64_t now_ms)
{
	const json_t *report = report_get(node->name, NULL);

	if (report && *pl_json_get_text(report, "desiredError"))
		return "Failed";
	if (report && is_confirmed(node))
		return "Synchronized";
	if (report)
		return node->confirmed_version == model.version ? "Audit" : "Synchronizing";
	if (now_ms - node->confirmed_ms > STALE_MS)
		return "Stale";
	return is_confirmed(node) ? "Synchronized" : "Queued";
}

static json_t *view(struct pl_turn *turn, struct node *node)
{
	const json_t *report = report_get(node->name, NULL);
	const char *error = pl_json_get_text(report, "desiredError");

	return json_pack("{s:s, s:s, s:s, s:I, s:I, s:s, s:s, s:o, s:o}", "node", node->name,
			 "cluster", node->cluster->name, "state",
			 replication_state(node, pl_turn_now_ms(turn)), "version",
			 (json_int_t)node->confirmed_version, "wantedVersion",
			 (json_int_t)model.version, "checksum", node->confirmed, "wantedChecksum",
			 replication_checksum(node), "confirmedMs",
			 node->confirmed_ms ? json_integer(node->confirmed_ms) : json_null(),
			 "error", *error ? json_string(error) : json_null());
}

enum pl_err op_replication(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct pl_page page;
	enum pl_err err = pl_page_read(&page, json_object_get(body, "query"), "replication");

	for (struct node *n = model.nodes; !err && n; n = n->next)
		pl_page_keep(&page, view(turn, n), "%05d:%s", n->cluster->place, n->name);
	if (err)
		return err;
	*replyp = json_pack("{s:i,s:o}", "status", 200, "body", pl_page_answer(&page));
	return *replyp ? PL_OK : PL_NOMEM;
}

/* The number is part of what a node gets, so it differs from what the node has. */
static void resync(struct pl_turn *turn, struct node *node)
{
	node->resync++;
	store(turn, node);
	pl_log(INFO, "replication.resync", NULL, "node=%s", node->name);
}

static void hurry(struct pl_turn *turn)
{
	pl_push(turn, "node.config", json_pack("{s:I}", "version", (json_int_t)model.version));
}

enum pl_err op_resync(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *name = NULL;
	enum pl_err err = pl_json_text(&name, body, "path.node", 64, true);
	struct node *node = err ? NULL : node_find(name);

	if (err)
		return err;
	if (!node)
		return pl_fail(PL_NOTFOUND, "there is no node '%s'", name);
	if (!*asked_by(body))
		return pl_fail(PL_UNAUTHORIZED, "who asks isn't known");
	resync(turn, node);
	audit_add(turn, body, "replication.resync", node->name, "", "");
	hurry(turn);
	*replyp = json_pack("{s:i,s:o}", "status", 202, "body", view(turn, node));
	return *replyp ? PL_OK : PL_NOMEM;
}

enum pl_err op_resync_all(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	int count = 0;

	if (!*asked_by(body))
		return pl_fail(PL_UNAUTHORIZED, "who asks isn't known");
	for (struct node *n = model.nodes; n; n = n->next, count++)
		resync(turn, n);
	audit_add(turn, body, "replication.resync", "all nodes", "", "");
	hurry(turn);
	*replyp = json_pack("{s:i,s:{s:i}}", "status", 202, "body", "nodes", count);
	return *replyp ? PL_OK : PL_NOMEM;
}
