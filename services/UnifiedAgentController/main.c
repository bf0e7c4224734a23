/*
 * main.c — UnifiedAgentController: agents' sessions and states.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "uac.h"

static const struct pl_op ops[] = {
	/* from an agent's socket */
	{ "hello", op_hello, 0 },
	{ "startWork", op_start_work, 0 },
	{ "state", op_state, 0 },
	{ "logout", op_logout, 0 },
	{ "gone", op_gone, 0 },
	/* from other services */
	{ "agent", op_agent, PL_OP_READ },
	{ "agents", op_agents, PL_OP_READ },
	{ 0 },
};

static const struct pl_on_event events[] = {
	{ "offer.made", on_made },
	{ "offer.accepted", on_accepted },
	{ "offer.ended", on_ended },
	{ 0 },
};

static const struct pl_on_timer timers[] = {
	{ "grace", on_grace },
	{ "expiry", on_expiry },
	{ 0 },
};

int main(int argc, char **argv)
{
	const struct pl_service_def def = {
		.name = UAC_SERVICE,
		.migrations = uac_migrations,
		.migrations_count = uac_migrations_count,
		.ops = ops,
		.events = events,
		.timers = timers,
		.keys = agent_keys,
		.state = agent_snapshot,
		.tick = sweep,
		.tick_ms = 5000,
		.watched_kind = "session",
	};

	return pl_service_main(argc, argv, &def);
}
