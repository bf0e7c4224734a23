/*
 * main.c — AgentControllerService: chats, the agent's side.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <curl/curl.h>

#include "authorization.h"
#include "desk.h"

static const struct pl_op ops[] = {
	/* from the agent's socket; what only passes through is answered anew when it is repeated */
	{ "message", op_message, PL_OP_READ },
	{ "typing", op_typing, PL_OP_READ },
	{ "push", op_push, PL_OP_READ },
	{ "close", op_close, 0 },
	{ "extend", op_extend, 0 },
	{ "complete", op_complete, 0 },
	/* over HTTP */
	{ "http-send-file", op_http_send_file, PL_OP_READ },
	{ "http-file", op_http_file, PL_OP_READ },
	/* from other services */
	{ "contacts", op_contacts, PL_OP_READ },
	{ "restore", op_restore, PL_OP_READ },
	{ 0 },
};

static const struct pl_on_event events[] = {
	{ "offer.accepted", on_accepted },
	{ "offer.ended", on_ended },
	{ "contact.closed", on_closed },
	{ "agent.state", on_agent },
	{ "leg.state", on_leg },
	{ "service.set", on_service },
	{ 0 },
};

static const struct pl_on_answer answers[] = {
	{ "CustomerControllerService.join", on_joined },
	{ "CustomerControllerService.transcript", on_joined },
	{ "ContextStore.get", on_context },
	{ 0 },
};

static const struct pl_on_timer timers[] = {
	{ "context", on_context_late },
	{ "wrapup", on_wrapped },
	{ "forget", on_forget },
	{ 0 },
};

static enum pl_err tick(struct pl_turn *turn)
{
	enum pl_err err = authorization_probe(turn);

	return err ? err : desks_sweep(turn);
}

int main(int argc, char **argv)
{
	const struct pl_service_def def = {
		.name = "AgentControllerService",
		.migrations = desk_migrations,
		.migrations_count = desk_migrations_count,
		.ops = ops,
		.events = events,
		.answers = answers,
		.timers = timers,
		.configured = authorization_probe,
		.tick = tick,
		.tick_ms = 60000,
		.stop = authorization_stop,
	};

	curl_global_init(CURL_GLOBAL_DEFAULT);
	return pl_service_main(argc, argv, &def);
}
