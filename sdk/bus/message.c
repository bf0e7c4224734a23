/* message.c — see message.h. SPDX-License-Identifier: Apache-2.0 */
#include "message.h"

#include <stdlib.h>
#include <string.h>

bool is_word(const char *text)
{
	if (!*text)
		return false;
	for (; *text; text++)
		if ((unsigned char)*text <= ' ' || *text == 0x7f)
			return false;
	return true;
}

bool is_subject(const char *text, bool wildcards)
{
	if (!text || !is_word(text))
		return false;
	for (;;) {
		size_t len = strcspn(text, ".");

		if (len == 0)
			return false;
		if (len == 1 && (*text == '*' || *text == '>')) {
			if (!wildcards || (*text == '>' && text[1]))
				return false;
		}
		text += len;
		if (!*text)
			return true;
		text++;
	}
}

static enum pl_err set_header(natsMsg *packed, const char *name, const char *value)
{
	if (!value)
		return PL_OK;
	if (!is_word(value))
		return pl_fail(PL_INVALID, "header %s: white space or control characters", name);
	return natsMsgHeader_Set(packed, name, value) == NATS_OK ? PL_OK : PL_NOMEM;
}

enum pl_err message_pack(natsMsg **packedp, const struct pl_message *message)
{
	natsMsg *packed = NULL;
	enum pl_err err;

	if (!is_subject(message->subject, false))
		return pl_fail(PL_INVALID, "not a subject to publish to: \"%.80s\"",
			       message->subject ? message->subject : "");
	if (message->reply && !is_subject(message->reply, false))
		return pl_fail(PL_INVALID, "not a reply subject: \"%.80s\"", message->reply);
	if (message->body_len > MESSAGE_MAX_BODY)
		return pl_fail(PL_TOOLARGE, "%s: %zu bytes, at most %d ride the bus",
			       message->subject, message->body_len, MESSAGE_MAX_BODY);
	if (natsMsg_Create(&packed, message->subject, message->reply, message->body,
			   (int)message->body_len) != NATS_OK)
		return PL_NOMEM;
	err = set_header(packed, "Pelago-Id", message->id);
	if (!err)
		err = set_header(packed, "Nats-Msg-Id", message->msg_id);
	if (err)
		natsMsg_Destroy(packed);
	else
		*packedp = packed;
	return err;
}

static const char *header(natsMsg *packed, const char *name)
{
	const char *value = NULL;

	return natsMsgHeader_Get(packed, name, &value) == NATS_OK ? value : NULL;
}

void message_unpack(struct pl_message *message, natsMsg *packed)
{
	const char *status = header(packed, "Status");

	*message = (struct pl_message){
		.subject = natsMsg_GetSubject(packed),
		.reply = natsMsg_GetReply(packed),
		.id = header(packed, "Pelago-Id"),
		.msg_id = header(packed, "Nats-Msg-Id"),
		.stalled = header(packed, "Nats-Consumer-Stalled"),
		.status = status ? (int)strtol(status, NULL, 10) : 0,
		.body = natsMsg_GetData(packed),
		.body_len = (size_t)natsMsg_GetDataLength(packed),
	};
}
