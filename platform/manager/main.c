/*
 * main.c — pelago-manager: the control plane, a service as any other.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <time.h>

#include "manager.h"

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
	{ 0 },
};

int main(int argc, char **argv)
{
	static const struct pl_service_def def = {
		.name = "Manager",
		.migrations = migrations,
		.migrations_count = sizeof(migrations) / sizeof(migrations[0]),
		.ops = ops,
		.rebuild = model_rebuild,
	};

	return pl_service_main(argc, argv, &def);
}
