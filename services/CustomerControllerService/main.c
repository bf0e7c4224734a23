/*
 * main.c — CustomerControllerService: a chat's messages and their order.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <sodium.h>

#include "files.h"
#include "shutdown.h"
#include "survey.h"

static const struct pl_op ops[] = {
	/* from the customer's socket */
	{ "open", op_open, PL_OP_OPENS },
	{ "resume", op_resume, 0 },
	{ "message", op_message, 0 },
	{ "customer-typing", op_customer_typing, PL_OP_READ },
	{ "customer-close", op_customer_close, 0 },
	{ "survey", op_survey, 0 },
	{ "gone", op_gone, 0 },
	/* from other services */
	{ "post", op_post, 0 },
	{ "join", op_join, 0 },
	{ "leave", op_leave, 0 },
	{ "typing", op_typing, PL_OP_READ },
	{ "push", op_push, 0 },
	{ "private", op_private, 0 },
	{ "close", op_close, 0 },
	{ "transcript", op_transcript, PL_OP_READ },
	{ "chats", op_chats, PL_OP_READ },
	/* over HTTP */
	{ "http-shutdown", op_shutdown, PL_OP_READ },
	{ "http-set-shutdown", op_set_shutdown, 0 },
	{ "http-close-all", op_close_all, 0 },
	/* files; asked again, they know what was sent by its clientId */
	{ "http-send-file", op_http_send_file, PL_OP_READ },
	{ "http-file", op_http_file, PL_OP_READ },
	{ "send-file", op_send_file, PL_OP_READ },
	{ "file", op_file, PL_OP_READ },
	{ 0 },
};

static const struct pl_on_event events[] = { { "service.set", survey_on_service }, { 0 } };

static const struct pl_on_answer answers[] = { { "Manager.own", shutdown_on_moved }, { 0 } };

static const struct pl_on_timer timers[] = {
	{ "idle", idle_check },
	{ "gone", presence_check },
	{ "close-all", close_all_go_on },
	{ 0 },
};

static const char *const late[] = { "message", NULL };

int main(int argc, char **argv)
{
	const struct pl_service_def def = {
		.name = CHAT_SERVICE,
		.migrations = chat_migrations,
		.migrations_count = chat_migrations_count,
		.ops = ops,
		.events = events,
		.answers = answers,
		.timers = timers,
		.late = late,
		.configured = shutdown_configured,
		.keys = chat_keys,
		.state = chat_state,
		.tick = chats_sweep,
		.tick_ms = 10000,
		.watched_kind = "contact",
	};

	if (sodium_init() < 0)
		return 1;
	return pl_service_main(argc, argv, &def);
}
