/*
 * main.c — UCMService: the life of a contact, and its offers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "ucm.h"

static const struct pl_op ops[] = {
	/* from an agent's socket */
	{ "accept", op_accept, 0 },
	{ "reject", op_reject, 0 },
	{ "transfer", op_transfer, 0 },
	{ "consult", op_consult, 0 },
	{ "conference", op_conference, 0 },
	{ "release", op_release, 0 },
	/* from other services and pages */
	{ "complete", op_complete, 0 },
	{ "contacts", op_contacts, PL_OP_READ },
	{ "contact", op_contact, PL_OP_READ },
	{ 0 },
};

static const struct pl_on_event events[] = {
	{ "contact.opened", on_opened },
	{ "contact.closed", on_closed },
	{ "work.matched", on_matched },
	{ "agent.state", on_agent_state },
	{ "agent.gone", on_agent_gone },
	{ "service.set", on_service },
	{ 0 },
};

static const struct pl_on_answer answers[] = {
	{ "WorkAssignment.request", on_requested },
	{ 0 },
};

static const struct pl_on_timer timers[] = {
	{ "offer", on_timeout },
	{ "early", on_early },
	{ "consult", on_consult },
	{ 0 },
};

int main(int argc, char **argv)
{
	const struct pl_service_def def = {
		.name = UCM_SERVICE,
		.migrations = ucm_migrations,
		.migrations_count = ucm_migrations_count,
		.ops = ops,
		.events = events,
		.answers = answers,
		.timers = timers,
		.keys = told_keys,
		.state = told_state,
		.tick = sweep,
		.tick_ms = 30000,
	};

	return pl_service_main(argc, argv, &def);
}
