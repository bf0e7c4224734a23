/*
 * main.c — WorkAssignment: which agent gets which contact.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "queue.h"
#include "routing.h"

static const struct pl_op ops[] = {
	{ "request", op_request, 0 },
	{ "cancel", op_cancel, 0 },
	{ "status", op_status, PL_OP_READ },
	{ "queues", op_queues, PL_OP_READ },
	{ "hours", op_hours, PL_OP_READ },
	{ "explain", op_explain, PL_OP_READ },
	{ "http-queues", op_http_queues, PL_OP_READ },
	{ "http-explain", op_http_explain, PL_OP_READ },
	{ 0 },
};

static const struct pl_on_event events[] = {
	{ "offer.made", on_offer_made },
	{ "offer.accepted", on_offer_accepted },
	{ "offer.ended", on_offer_ended },
	{ "agent.state", on_agent_state },
	{ "contact.closed", on_contact_closed },
	{ "service.set", on_service_set },
	{ 0 },
};

int main(int argc, char **argv)
{
	const struct pl_service_def def = {
		.name = "WorkAssignment",
		.migrations = work_migrations,
		.migrations_count = work_migrations_count,
		.ops = ops,
		.events = events,
		.rebuild = queue_rebuild,
		.keys = work_keys,
		.state = work_state,
		.tick = tick,
		.tick_ms = 500,
	};

	return pl_service_main(argc, argv, &def);
}
