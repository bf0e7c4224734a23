/*
 * main.c — pelago-manager: the control plane, a service as any other.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <time.h>

#include "alarm.h"
#include "manager.h"

enum { TICK_MS = 500, FORGET_MS = 600000 };

int64_t manager_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static const struct pl_migration migrations[] = {
	{ 1,
	  "create table cluster (name TEXT primary key, kind TEXT not null, place BIGINT not null,"
	  " accepting BIGINT not null);"
	  "create table node (name TEXT primary key, cluster TEXT not null);"
	  "create table service (name TEXT primary key, version TEXT not null, cluster TEXT not null,"
	  " manifest TEXT not null);"
	  "create table desired (id BIGINT primary key, version BIGINT not null);"
	  "insert into desired (id, version) values (1, 1);"
	  "create table audit (id TEXT primary key, at_ms BIGINT not null, who TEXT not null,"
	  " origin TEXT not null, action TEXT not null, target TEXT not null, was TEXT not null,"
	  " became TEXT not null)" },
	{ 2, "create table alarm (id TEXT primary key, key TEXT not null, source TEXT not null,"
	     " subject TEXT not null, watched BIGINT not null, reason TEXT not null,"
	     " count BIGINT not null, raised_ms BIGINT not null, last_ms BIGINT not null,"
	     " cleared_ms BIGINT not null, acked_by TEXT not null, acked_ms BIGINT not null);"
	     "create index alarm_cleared on alarm (cleared_ms);"
	     "create table alarm_receiver (name TEXT primary key, settings TEXT not null,"
	     " secret TEXT not null, sent_ms BIGINT not null);"
	     "create table alarm_notice (id TEXT primary key, receiver TEXT not null,"
	     " body TEXT not null);"
	     "create index alarm_notice_receiver on alarm_notice (receiver, id)" },
};

static const struct pl_op ops[] = {
	{ "report", op_report, PL_OP_READ },
	{ "desired", op_desired, PL_OP_READ },
	{ "status", op_status, PL_OP_READ },
	{ "clusters", op_clusters, PL_OP_READ },
	{ "cluster", op_cluster, PL_OP_READ },
	{ "nodes", op_nodes, PL_OP_READ },
	{ "services", op_services, PL_OP_READ },
	{ "routes", op_routes, PL_OP_READ },
	{ "audit", op_audit, PL_OP_READ },
	{ "accept", op_accept, 0 },
	{ "deny", op_deny, 0 },
	{ "alarm", op_alarm, 0 },
	{ "alarms", op_alarms, PL_OP_READ },
	{ "alarmShow", op_alarm_show, PL_OP_READ },
	{ "alarmAck", op_alarm_ack, 0 },
	{ "alarmReceivers", op_receivers, PL_OP_READ },
	{ "alarmReceiverSet", op_receiver_set, 0 },
	{ "alarmReceiverRemove", op_receiver_remove, 0 },
	{ "alarmReceiverTest", op_receiver_test, 0 },
	{ 0 },
};

static enum pl_err rebuild(struct pl_turn *turn)
{
	enum pl_err err = model_rebuild(turn);

	if (!err)
		err = alarm_rebuild(turn);
	return err ? err : receiver_rebuild(turn);
}

static enum pl_err tick(struct pl_turn *turn)
{
	static int64_t forgot_ms;

	alarm_watch(turn);
	receiver_beat(turn);
	if (manager_now_ms() - forgot_ms >= FORGET_MS) {
		forgot_ms = manager_now_ms();
		alarm_forget_old(turn);
	}
	return PL_OK;
}

static void stop(struct pl_service *service)
{
	receiver_stop();
}

int main(int argc, char **argv)
{
	static const struct pl_service_def def = {
		.name = "Manager",
		.migrations = migrations,
		.migrations_count = sizeof(migrations) / sizeof(migrations[0]),
		.ops = ops,
		.rebuild = rebuild,
		.tick = tick,
		.tick_ms = TICK_MS,
		.stop = stop,
	};

	return pl_service_main(argc, argv, &def);
}
