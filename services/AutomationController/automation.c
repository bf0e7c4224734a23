/*
 * automation.c — automated messages: what is said, and by which text.
 *
 * `say` is answered once the message is staged as a command to CustomerControllerService, which is
 * repeated until it is posted. The message's clientId is made here and kept in the command, so it
 * is posted once however often that is repeated; `say` repeated with the same request id makes no
 * second command.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "automation.h"

#include <stdlib.h>
#include <string.h>

#include "pelago/json.h"
#include "pelago/log.h"
#include "template.h"

enum {
	CONTACT_ID_MAX = 26,
	CLIENT_ID_MAX = 64,
	NAME_MAX_BYTES = 64,
	VALUES_MOST = 32,
	NAME_CHARS = 200,
	REASON_MAX = 32,
};

#define OPENS_MS_MOST (1LL << 52)

static const char default_bot[] = "Pelago";

enum pl_err automation_rebuild(struct pl_turn *turn)
{
#define TEMPLATE(name, text)                                                                           \
	pl_exec(turn,                                                                                  \
		"insert into template (name, text, changed_ms) values ($1, $2, 0) on conflict (name) " \
		"do update set text = excluded.text "                                                  \
		"where template.changed_ms = 0 and template.text <> excluded.text",                    \
		"ss", #name, text);
#include "defaults.h"
#undef TEMPLATE
	return PL_OK;
}

/* ---- what is kept ---- */

static char *find_text(struct pl_turn *turn, const char *name)
{
	struct pl_rows *rows =
		pl_query(turn, "select text from template where name = $1", "s", name);
	char *text = pl_rows_next(rows) ? strdup(pl_rows_text(rows, 0)) : NULL;

	pl_rows_free(rows);
	return text;
}

static json_t *bot_name(struct pl_turn *turn)
{
	struct pl_rows *rows = pl_query(turn, "select value from setting where name = 'bot'", "");
	json_t *name = json_string(pl_rows_next(rows) ? pl_rows_text(rows, 0) : default_bot);

	pl_rows_free(rows);
	return name;
}

/* ---- say ---- */

/* The text of a request: its own, or a template's; filled in. */
static enum pl_err make_text(char **textp, struct pl_turn *turn, const json_t *body)
{
	const char *name = NULL, *own = NULL;
	json_t *values = NULL;
	char *raw;
	enum pl_err err = pl_json_text(&name, body, "template", NAME_MAX_BYTES, false);

	if (!err)
		err = pl_json_text(&own, body, "text", TEMPLATE_BYTES, !name);
	if (!err)
		err = pl_json_object(&values, body, "values", VALUES_MOST, false);
	if (err)
		return err;
	raw = name ? find_text(turn, name) : strdup(own);
	if (!raw)
		return name ? pl_fail(PL_NOTFOUND, "no template has this name") : PL_NOMEM;
	err = template_check(raw);
	if (!err)
		err = template_fill(textp, raw, values);
	free(raw);
	return err;
}

struct say {
	const char *contact_id, *client_id, *from; /* from: "bot" or "system" */
	const char *close; /* with this reason behind the message, or NULL */
	bool off_hours;
	json_t *opens_at_ms; /* borrowed, or NULL */
};

static enum pl_err read_close(struct say *say, const json_t *body)
{
	int64_t opens_ms = 0;
	json_t *close = NULL;
	enum pl_err err = pl_json_object(&close, body, "close", 8, false);

	if (err || !close)
		return err;
	err = pl_json_text(&say->close, close, "reason", REASON_MAX, true);
	/* What the chat would refuse later would leave it open, with nobody behind it. */
	if (!err && strcmp(say->close, "timeout") != 0 && strcmp(say->close, "shutdown") != 0)
		err = pl_fail(PL_INVALID, "close.reason: \"timeout\" or \"shutdown\"");
	if (!err)
		err = pl_json_bool(&say->off_hours, close, "offHours", false);
	if (!err)
		err = pl_json_int(&opens_ms, close, "opensAtMs", 0, OPENS_MS_MOST, false);
	if (!err && opens_ms)
		say->opens_at_ms = json_object_get(close, "opensAtMs");
	return err;
}

static enum pl_err read_say(struct say *say, const json_t *body)
{
	enum pl_err err = pl_json_text(&say->contact_id, body, "contactId", CONTACT_ID_MAX, true);

	if (!err)
		err = pl_json_text(&say->client_id, body, "clientId", CLIENT_ID_MAX, false);
	if (!err)
		err = pl_json_text(&say->from, body, "from", REASON_MAX, false);
	if (!err && !say->from)
		say->from = "bot";
	if (!err && strcmp(say->from, "bot") != 0 && strcmp(say->from, "system") != 0)
		err = pl_fail(PL_INVALID, "from: \"bot\" or \"system\"");
	return err ? err : read_close(say, body);
}

static void stage_post(struct pl_turn *turn, const struct say *say, const char *text)
{
	json_t *post = json_pack("{s:s, s:s, s:s, s:s}", "contactId", say->contact_id, "from",
				 say->from, "text", text, "clientId", say->client_id);

	if (strcmp(say->from, "bot") == 0)
		json_object_set_new(post, "name", bot_name(turn));
	pl_command(turn, "CustomerControllerService.post", say->contact_id, post,
		   json_pack("{s:s}", "contactId", say->contact_id));
}

/* In the lane of the message: the chat is closed once that is in it. */
static void stage_close(struct pl_turn *turn, const struct say *say)
{
	pl_command(turn, "CustomerControllerService.close", say->contact_id,
		   json_pack("{s:s, s:s, s:b, s:O*}", "contactId", say->contact_id, "reason",
			     say->close, "offHours", say->off_hours, "opensAtMs", say->opens_at_ms),
		   json_pack("{s:s}", "contactId", say->contact_id));
}

enum pl_err op_say(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct say say = { 0 };
	char *text = NULL, own_id[27];
	enum pl_err err = read_say(&say, body);

	if (!err)
		err = make_text(&text, turn, body);
	if (!err && !text[strspn(text, " \t\r\n")])
		err = pl_fail(PL_INVALID, "text is empty");
	if (err) {
		free(text);
		return err;
	}
	if (!say.client_id || !say.client_id[0]) {
		pl_id(own_id);
		say.client_id = own_id;
	}
	if (!pl_attribute_get(pl_turn_service(turn), "silent"))
		stage_post(turn, &say, text);
	if (say.close)
		stage_close(turn, &say);
	*replyp = json_pack("{s:s}", "clientId", say.client_id);
	free(text);
	return PL_OK;
}

/* A chat that was closed meanwhile is nothing to do about. */
enum pl_err on_posted(struct pl_turn *turn, const struct pl_answer *answer)
{
	if (answer->err && answer->err != PL_STATE && answer->err != PL_NOTFOUND)
		pl_log(WARN, "automation.refused", pl_json_get_text(answer->context, "contactId"),
		       "%s: %s", pl_err_row(answer->err)->name, answer->message);
	return PL_OK;
}

/* ---- templates ---- */

enum pl_err op_templates(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct pl_rows *rows =
		pl_query(turn, "select name, text, changed_ms from template order by name", "");
	json_t *list = json_array();

	while (pl_rows_next(rows))
		json_array_append_new(list,
				      json_pack("{s:s, s:s, s:b}", "name", pl_rows_text(rows, 0),
						"text", pl_rows_text(rows, 1), "changed",
						pl_rows_int(rows, 2) > 0));
	pl_rows_free(rows);
	*replyp = json_pack("{s:o, s:o}", "templates", list, "bot", bot_name(turn));
	return PL_OK;
}

static bool is_template_name(const char *name)
{
	size_t len = strlen(name);

	return len > 0 &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
		       len;
}

static bool has_control(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return true;
	return false;
}

/* {name, text} sets a template, {bot} the name that they are said by. */
enum pl_err op_set_template(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *name = NULL, *text = NULL, *bot = NULL;
	enum pl_err err = pl_json_text(&bot, body, "bot", NAME_CHARS, false);

	if (!err)
		err = pl_json_text(&name, body, "name", NAME_MAX_BYTES, !bot);
	if (!err)
		err = pl_json_text(&text, body, "text", TEMPLATE_BYTES, name != NULL);
	if (!err && name && !is_template_name(name))
		err = pl_fail(PL_INVALID, "name: letters, digits, '_' and '-'");
	if (!err && text && !text[strspn(text, " \t\r\n")])
		err = pl_fail(PL_INVALID, "text is empty");
	if (!err && bot && (!bot[strspn(bot, " ")] || has_control(bot)))
		err = pl_fail(PL_INVALID, "bot: a name");
	if (!err && text)
		err = template_check(text);
	if (err)
		return err;
	if (name)
		pl_exec(turn,
			"insert into template (name, text, changed_ms) values ($1, $2, $3) "
			"on conflict (name) do update set text = excluded.text, "
			"changed_ms = excluded.changed_ms",
			"ssi", name, text, pl_turn_now_ms(turn));
	if (bot)
		pl_exec(turn,
			"insert into setting (name, value) values ('bot', $1) "
			"on conflict (name) do update set value = excluded.value",
			"s", bot);
	return PL_OK;
}
