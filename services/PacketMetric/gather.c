/*
 * gather.c — see packet.h. A round ends when each node has answered, or said nothing for as long as
 * a question waits (pl_ask): one that is away is left out.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <string.h>

#include "packet.h"
#include "pelago/json.h"
#include "pelago/log.h"
#include "pelago/metric.h"

enum { PATIENCE_MS = 10000 }; /* a round that takes longer is given up */

static struct pl_metric rounds = { .name = "packetmetric_rounds_total",
				   .text = "Looks at the figures of all hosts" };
static struct pl_metric silent = { .name = "packetmetric_nodes_silent_total",
				   .text = "Nodes that gave no figures when they were asked" };

static struct {
	json_t *latest, *hosts; /* hosts: of the round under way, NULL without one */
	int64_t number;		/* of the round: older answers don't count */
	size_t asked, answered;
	int64_t began_ms; /* by pl_turn_steady_ms */
} gather;

const json_t *gather_latest(void)
{
	return gather.latest;
}

enum pl_err gather_new(struct pl_turn *turn)
{
	json_decref(gather.hosts);
	gather.hosts = NULL;
	gather.began_ms = 0;
	gather.number++;
	return PL_OK;
}

static void end_round(struct pl_turn *turn)
{
	json_t *round = json_pack("{s:I, s:o}", "atMs", (json_int_t)pl_turn_now_ms(turn), "hosts",
				  gather.hosts);

	gather.hosts = NULL;
	if (!round)
		return;
	json_decref(gather.latest);
	gather.latest = round;
	pl_metric_add(&rounds, 1);
	send_round(turn, round);
}

static bool is_of_round(const struct pl_answer *answer)
{
	return gather.hosts &&
	       json_integer_value(json_object_get(answer->context, "round")) == gather.number;
}

/* Two hosts of one name are told apart by the node that spoke. */
static void add_host(const json_t *body, const char *node)
{
	json_t *host = json_copy((json_t *)body), *other;
	size_t i;

	json_object_del(host, "v");
	json_array_foreach(gather.hosts, i, other) {
		if (json_equal(json_object_get(other, "host"), json_object_get(host, "host")))
			json_object_set_new(
				host, "host",
				json_sprintf("%s (%s)", pl_json_get_text(host, "host"), node));
	}
	json_array_append_new(gather.hosts, host);
}

static enum pl_err on_packets(struct pl_turn *turn, const struct pl_answer *answer)
{
	if (!is_of_round(answer))
		return PL_OK;
	if (answer->err)
		pl_metric_add(&silent, 1);
	else if (json_object_get(answer->body, "host")) /* it speaks for its host */
		add_host(answer->body, pl_json_get_text(answer->context, "node"));
	if (++gather.answered == gather.asked)
		end_round(turn);
	return PL_OK;
}

static json_t *context_of(const char *node)
{
	return json_pack("{s:I, s:s}", "round", (json_int_t)gather.number, "node", node);
}

static void ask_node(struct pl_turn *turn, const char *node)
{
	char operation[100];

	snprintf(operation, sizeof(operation), "%.64s.packets", node);
	pl_ask(turn, operation, json_object(), on_packets, NULL, context_of(node));
	gather.asked++;
}

static enum pl_err on_nodes(struct pl_turn *turn, const struct pl_answer *answer)
{
	const json_t *item;
	size_t i;

	if (!is_of_round(answer))
		return PL_OK;
	if (answer->err) { /* without a manager there is no list */
		pl_log(WARN, "packetmetric.nodes", NULL, "%s", answer->message);
		return gather_new(turn);
	}
	json_array_foreach(pl_json_get(answer->body, "body.items"), i, item)
		ask_node(turn, pl_json_get_text(item, "name"));
	if (!gather.asked)
		end_round(turn);
	return PL_OK;
}

enum pl_err gather_tick(struct pl_turn *turn)
{
	int64_t now_ms = pl_turn_steady_ms(turn),
		interval_ms = 1000 * pl_attribute_get(pl_turn_service(turn), "interval");

	send_tick(turn);
	if (gather.hosts && now_ms - gather.began_ms > PATIENCE_MS)
		gather_new(turn);
	if (gather.hosts || (gather.began_ms && now_ms - gather.began_ms < interval_ms))
		return PL_OK;
	gather.hosts = json_array();
	gather.began_ms = now_ms;
	gather.number++;
	gather.asked = gather.answered = 0;
	pl_ask(turn, "Manager.nodes",
	       json_pack("{s:s, s:{}, s:{s:s}}", "method", "GET", "path", "query", "limit", "200"),
	       on_nodes, NULL, context_of(""));
	return PL_OK;
}
