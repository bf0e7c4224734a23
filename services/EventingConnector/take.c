/*
 * take.c — see connector.h.
 *
 * An event is acknowledged once it is kept, together with the command that brings it to the
 * workflows; the command is repeated until it is answered, so what was acknowledged arrives once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "connector.h"
#include "pelago/json.h"
#include "pelago/log.h"

static json_t *answer_of(json_t *event)
{
	return json_pack("{s:i, s:o}", "status", 202, "body", event);
}

static void bring(struct pl_turn *turn, const struct posted *p, const char *id, const char *name,
		  int64_t version)
{
	int64_t at_ms = p->at_ms ? p->at_ms : pl_turn_now_ms(turn);
	const char *lane = *p->key ? p->key : id; /* what has the same key stays in order */

	pl_command(turn, "EngagementDesigner.take-event", lane,
		   json_pack("{s:s, s:s, s:I, s:s, s:I, s:I, s:s, s:O}", "id", id, "name", name,
			     "version", (json_int_t)version, "key", p->key, "keepSeconds",
			     (json_int_t)p->keep_s, "atMs", (json_int_t)at_ms, "source", p->sender,
			     "payload", p->payload),
		   json_pack("{s:s}", "id", id));
}

/* The answer to one that is there already, or NULL. */
static enum pl_err answer_again(struct pl_turn *turn, const struct posted *p, json_t **replyp)
{
	json_t *event;
	enum pl_err err = kept_find(turn, p, &event);

	if (err || !event)
		return err;
	kept_mark_repeated(event);
	*replyp = answer_of(event);
	return PL_OK;
}

static enum pl_err keep(struct pl_turn *turn, const struct posted *p, const json_t *checked,
			json_t **replyp)
{
	const char *name = pl_json_get_text(checked, "name");
	int64_t version = json_integer_value(json_object_get(checked, "version"));
	json_t *event;
	char id[27];
	enum pl_err err = answer_again(turn, p, replyp); /* it may have come twice at once */

	if (err || *replyp)
		return err;
	err = kept_check_room(turn);
	if (!err)
		err = kept_add(turn, p, name, version, id);
	if (err)
		return err;
	bring(turn, p, id, name, version);
	pl_log(INFO, "event.posted", NULL, "event=%s version=%ld id=%s sender=%s", name,
	       (long)version, id, p->sender);
	err = kept_find(turn, p, &event);
	if (err || !event)
		return err ? err : pl_fail(PL_STORE, "the event wasn't kept");
	json_object_set_new(event, "repeated", json_false());
	*replyp = answer_of(event);
	return PL_OK;
}

static enum pl_err on_checked(struct pl_turn *turn, const struct pl_answer *answer)
{
	struct posted p;
	json_t *reply = NULL;
	enum pl_err err = answer->err;

	if (err) {
		pl_reply_error(turn, answer->held, err, answer->message);
		return PL_OK;
	}
	err = posted_read(&p, answer->context);
	if (!err)
		err = keep(turn, &p, answer->body, &reply);
	if (err)
		pl_reply_error(turn, answer->held, err, pl_err_detail(err));
	else
		pl_reply(turn, answer->held, reply);
	return PL_OK;
}

/* {body:{family, type, version, id, key, keepSeconds, atMs, payload}} → 202 {eventId, …, repeated}
 */
enum pl_err op_post(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct posted p;
	json_t *wanted;
	enum pl_err err = posted_read(&p, body);

	if (!err)
		err = answer_again(turn, &p, replyp);
	if (!err && *replyp)
		return PL_OK;
	if (!err)
		err = posted_check_age(turn, &p);
	if (!err)
		err = kept_check_room(turn);
	if (err)
		return err;
	wanted = json_pack("{s:s, s:s, s:O}", "family", p.family, "type", p.type, "payload",
			   p.payload);
	if (p.version)
		json_object_set_new(wanted, "version", json_integer(p.version));
	pl_ask(turn, "EngagementDesigner.check-event", wanted, on_checked, pl_hold(turn),
	       json_pack("{s:O, s:O}", "body", json_object_get(body, "body"), "user",
			 json_object_get(body, "user")));
	return PL_OK;
}

/* It was checked before it was kept: what is refused now is so for good. */
enum pl_err on_taken(struct pl_turn *turn, const struct pl_answer *answer)
{
	const char *id = pl_json_get_text(answer->context, "id");

	if (answer->err) {
		pl_log(WARN, "event.refused", NULL, "id=%s: %s", id, answer->message);
		kept_settle(turn, id, "refused", "", answer->message);
	} else {
		kept_settle(turn, id, pl_json_get_text(answer->body, "outcome"),
			    pl_json_get_text(answer->body, "instanceId"), "");
	}
	return PL_OK;
}
