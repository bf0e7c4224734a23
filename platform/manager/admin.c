/*
 * admin.c — what an administrator changes, and the trail of it (PLT-52).
 *
 * The edge has checked the roles; what comes from the command line comes with its own bus key.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "cluster.h"
#include "manager.h"
#include "pelago/json.h"
#include "pelago/log.h"
#include "pelago/page.h"

/* The log-in name; from the command line, that of the system's user. */
const char *asked_by(const json_t *request)
{
	const char *sub = pl_json_get_text(request, "user.sub");

	return *sub ? sub : pl_json_get_text(request, "user.name");
}

void audit_add(struct pl_turn *turn, const json_t *request, const char *action, const char *target,
	       const char *was, const char *became)
{
	char id[27];

	pl_id(id);
	pl_exec(turn,
		"insert into audit (id, at_ms, who, origin, action, target, was, became) "
		"values ($1, $2, $3, $4, $5, $6, $7, $8)",
		"sissssss", id, pl_turn_now_ms(turn), asked_by(request),
		pl_json_get_text(request, "from"), action, target, was, became);
}

static enum pl_err set_accepting(struct pl_turn *turn, const json_t *body, json_t **replyp,
				 bool accepting)
{
	static const char *const texts[] = { "Denying", "Accepting" };
	struct cluster *cluster = NULL;
	enum pl_err err = cluster_asked(&cluster, body);

	if (err)
		return err;
	if (cluster->is_accepting != accepting) {
		pl_exec(turn, "update cluster set accepting = $1 where name = $2", "is",
			(int64_t)accepting, cluster->name);
		audit_add(turn, body, accepting ? "cluster.accept" : "cluster.deny", cluster->name,
			  texts[!accepting], texts[accepting]);
		cluster->is_accepting = accepting;
		model_raise(turn);
		pl_log(INFO, "cluster.state", NULL, "cluster=%s state=%s by=%s", cluster->name,
		       texts[accepting], asked_by(body));
	}
	*replyp = json_pack("{s:i,s:o}", "status", 200, "body", view_cluster(cluster));
	return PL_OK;
}

enum pl_err op_accept(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return set_accepting(turn, body, replyp, true);
}

enum pl_err op_deny(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	return set_accepting(turn, body, replyp, false);
}

/* ---- audit ---- */

static json_t *view_entry(const struct pl_rows *rows)
{
	return json_pack("{s:s,s:I,s:s,s:s,s:s,s:s,s:s,s:s}", "id", pl_rows_text(rows, 0), "atMs",
			 (json_int_t)pl_rows_int(rows, 1), "who", pl_rows_text(rows, 2), "from",
			 pl_rows_text(rows, 3), "action", pl_rows_text(rows, 4), "target",
			 pl_rows_text(rows, 5), "before", pl_rows_text(rows, 6), "after",
			 pl_rows_text(rows, 7));
}

/* The newest first: ids rise with time. */
enum pl_err op_audit(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct pl_page page;
	struct pl_rows *rows;
	enum pl_err err = pl_page_read(&page, json_object_get(body, "query"), "audit");

	if (err)
		return err;
	rows = pl_query(turn,
			"select id, at_ms, who, origin, action, target, was, became from audit "
			"where $1 = '' or id < $1 order by id desc limit $2",
			"si", page.after, page.limit + 1);
	while (pl_rows_next(rows))
		pl_page_add(&page, view_entry(rows), "%s", pl_rows_text(rows, 0));
	pl_rows_free(rows);
	*replyp = json_pack("{s:i,s:o}", "status", 200, "body", pl_page_answer(&page));
	return *replyp ? PL_OK : PL_NOMEM;
}
