/*
 * survey.c — what the customer is asked after the end.
 *
 * Questions are the routing service's (`service.set` of UCAStoreService); those of the service
 * whose agent joined last are asked, as they were at the end, by a frame behind `closed`. They can
 * be answered once, for survey_s; the answers go to the omnichannel database with the words of the
 * questions, and nobody else sees them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "survey.h"

#include <stdlib.h>
#include <string.h>

#include "question.h"

/* ---- questions of services ---- */

enum pl_err survey_on_service(struct pl_turn *turn, const struct pl_event *event)
{
	json_t *questions = NULL;
	enum pl_err err = question_list(&questions, json_object_get(event->body, "survey"));
	char *text = questions ? pl_json_dump(questions) : NULL;

	if (err) /* what UCAStoreService would have refused: no survey is better than none of its
		    events */
		pl_log(ERROR, "chat.survey", NULL, "service=%s: %s", event->key,
		       pl_err_detail(err));
	if (questions && !text) {
		json_decref(questions);
		return PL_NOMEM;
	}
	if (text)
		pl_exec(turn,
			"insert into survey (service, questions) values ($1, $2) "
			"on conflict (service) do update set questions = excluded.questions",
			"ss", event->key, text);
	else
		pl_exec(turn, "delete from survey where service = $1", "s", event->key);
	json_decref(questions);
	free(text);
	return PL_OK;
}

void survey_note_service(struct pl_turn *turn, const struct chat *chat, const char *service)
{
	pl_exec(turn, "update chat set service = $2 where contact_id = $1", "ss", chat->id,
		service);
}

/* ---- asking ---- */

/* The text of an array of questions, free(); NULL if there is none. */
static char *read_questions(struct pl_turn *turn, const char *sql, const struct chat *chat)
{
	struct pl_rows *rows = pl_query(turn, sql, "s", chat->id);
	char *text = pl_rows_next(rows) && !pl_rows_is_null(rows, 0) ? strdup(pl_rows_text(rows, 0))
								     : NULL;

	pl_rows_free(rows);
	return text;
}

static char *of_service(struct pl_turn *turn, const struct chat *chat)
{
	return read_questions(
		turn,
		"select s.questions from chat c join survey s on s.service = c.service "
		"where c.contact_id = $1",
		chat);
}

bool asks_survey(struct pl_turn *turn, const struct chat *chat, const struct chat_act *act)
{
	char *text = of_service(turn, chat);
	bool asks = text != NULL;

	free(text);
	return asks;
}

void close_and_ask(struct pl_turn *turn, const struct chat *chat, struct chat_act *act)
{
	char *text = of_service(turn, chat);
	json_t *questions = text ? json_loads(text, 0, NULL) : NULL;

	add_closed(turn, chat, act);
	if (questions) {
		chat_append(turn, chat,
			    json_pack("{s:s, s:O}", "type", "survey", "questions", questions));
		pl_exec(turn, "update chat set survey = $2 where contact_id = $1", "ss", chat->id,
			text);
	}
	json_decref(questions);
	free(text);
}

/* ---- the answer ---- */

bool is_asked(struct pl_turn *turn, const struct chat *chat, const struct chat_act *act)
{
	int64_t most_ms = pl_attribute_get(pl_turn_service(turn), "survey_s") * 1000;
	struct pl_rows *rows =
		pl_query(turn,
			 "select 1 from chat where contact_id = $1 and survey is not null "
			 "and answered_ms = 0 and closed_ms > $2",
			 "si", chat->id, pl_turn_now_ms(turn) - most_ms);
	bool is = pl_rows_next(rows);

	pl_rows_free(rows);
	return is;
}

void add_surveyed(struct pl_turn *turn, const struct chat *chat, struct chat_act *act)
{
	int64_t now_ms = pl_turn_now_ms(turn);
	struct pl_rows *rows;

	act->seq = chat_append(
		turn, chat,
		json_pack("{s:s, s:s}", "type", "surveyed", "clientId", act->client_id));
	pl_exec(turn,
		"insert into said (contact_id, sender, client_id, seq) values ($1, $2, $3, $4)",
		"sssi", chat->id, act->sender, act->client_id, act->seq);
	pl_exec(turn, "update chat set answered_ms = $2 where contact_id = $1", "si", chat->id,
		now_ms);
	rows = pl_query(turn, "select service from chat where contact_id = $1", "s", chat->id);
	if (pl_rows_next(rows))
		chat_tell(turn, chat, "surveyed",
			  json_pack("{s:s, s:I, s:s, s:O, s:I}", "contactId", chat->id, "seq",
				    (json_int_t)act->seq, "service", pl_rows_text(rows, 0),
				    "answers", act->answers, "atMs", (json_int_t)now_ms));
	pl_rows_free(rows);
}

/* Checked by the questions that were asked; a chat that asks nothing takes no answers. */
static enum pl_err read_answers(struct pl_turn *turn, json_t **answersp, const struct chat *chat,
				const json_t *frame)
{
	char *text = read_questions(turn, "select survey from chat where contact_id = $1", chat);
	json_t *questions = text ? json_loads(text, 0, NULL) : NULL, *given = NULL;
	enum pl_err err;

	free(text);
	if (!questions)
		return pl_fail(PL_STATE, "no survey waits for an answer");
	err = pl_json_object(&given, frame, "answers", QUESTIONS_MOST, true);
	if (!err)
		err = question_answers(answersp, questions, given);
	json_decref(questions);
	return err;
}

enum pl_err survey_answer(struct pl_turn *turn, struct chat *chat, const json_t *frame,
			  const char *client_id)
{
	struct chat_act act = { .from = "customer",
				.sender = SURVEY_SENDER,
				.client_id = client_id };
	json_t *answers = NULL;
	enum pl_err err = read_answers(turn, &answers, chat, frame);

	act.answers = answers;
	if (!err)
		err = chat_step(turn, chat, CHAT_EV_ANSWER, &act);
	json_decref(answers);
	return err;
}
