/*
 * main.c — pelago-manager: the control plane, a service as any other.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <time.h>

#include "alarm.h"
#include "attribute.h"
#include "blob.h"
#include "certificate.h"
#include "cluster.h"
#include "eventing.h"
#include "inspector.h"
#include "interface.h"
#include "level.h"
#include "logs.h"
#include "manager.h"
#include "plans.h"
#include "platform.h"
#include "profile.h"
#include "release.h"
#include "replication.h"
#include "snmp_engine.h"
#include "test.h"
#include "upgrade.h"

enum { FORGET_MS = 600000 };

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
	{ 2, alarm_tables },
	{ 3,
	  "create table attribute_value (level TEXT not null, place TEXT not null,"
	  " service TEXT not null, key TEXT not null, value TEXT not null, version BIGINT not null,"
	  " at_ms BIGINT not null, by_user TEXT not null,"
	  " primary key (level, place, service, key));"
	  "create table attribute_commit (version BIGINT primary key, at_ms BIGINT not null,"
	  " who TEXT not null, origin TEXT not null, kind TEXT not null, note TEXT not null);"
	  "create table attribute_change (version BIGINT not null, n BIGINT not null,"
	  " level TEXT not null, place TEXT not null, service TEXT not null, key TEXT not null,"
	  " name TEXT not null, was TEXT not null, became TEXT not null, primary key (version, n));"
	  "create index attribute_change_of on attribute_change (service, key, version);"
	  "create table profile (name TEXT primary key, title TEXT not null);"
	  "create table profile_service (profile TEXT not null, service TEXT not null,"
	  " version TEXT not null, primary key (profile, service));"
	  "create table profile_member (kind TEXT not null, id TEXT not null,"
	  " profile TEXT not null, primary key (kind, id))" },
	{ 4, replication_tables },
	{ 5, cluster_tables },
	{ 6, test_tables },
	{ 7, eventing_tables },
	{ 8,
	  "create table plan (id TEXT not null primary key, at_ms BIGINT not null,"
	  " ended_ms BIGINT not null, who TEXT not null, origin TEXT not null, kind TEXT not null,"
	  " title TEXT not null, state TEXT not null, why TEXT not null,"
	  " undoes_itself BIGINT not null);"
	  "create table plan_step (plan TEXT not null, n BIGINT not null, body TEXT not null,"
	  " primary key (plan, n));"
	  "create table plan_journal (plan TEXT not null, n BIGINT not null, at_ms BIGINT not null,"
	  " step TEXT not null, state TEXT not null, attempts BIGINT not null, detail TEXT not null,"
	  " primary key (plan, n))" },
	/* Services are placed by installing bundles; table service was filled from files beside the
	 * programs, and is of no use from here on. */
	{ 9,
	  "create table blob (hash TEXT not null primary key, chunks BIGINT not null,"
	  " size BIGINT not null, touched_ms BIGINT not null);"
	  "create table blob_upload (id TEXT not null primary key, chunks BIGINT not null,"
	  " size BIGINT not null, touched_ms BIGINT not null);"
	  "create table blob_chunk (source TEXT not null, n BIGINT not null, body BLOB not null,"
	  " primary key (source, n));"
	  "create table bundle (name TEXT not null, version TEXT not null, hash TEXT not null,"
	  " size BIGINT not null, manifest TEXT not null, signer TEXT not null,"
	  " preferred BIGINT not null, loaded_ms BIGINT not null, installed_ms BIGINT not null,"
	  " primary key (name, version));"
	  "create table placement (name TEXT not null, cluster TEXT not null, version TEXT not null,"
	  " hash TEXT not null, phase TEXT not null, manifest TEXT not null,"
	  " owner TEXT not null default '', primary key (name, cluster));"
	  "create table placement_node (name TEXT not null, node TEXT not null,"
	  " version TEXT not null, hash TEXT not null, manifest TEXT not null,"
	  " primary key (name, node))" },
	{ 10, certificate_tables },
	{ 11, address_tables },
	{ 12, snmp_engine_tables },
	{ 14, release_tables },
	{ 15, platform_tables },
	{ 16, upgrade_tables },
	{ 18, interface_tables },
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
	{ "member", op_member, PL_OP_READ },
	{ "authority", op_authority, PL_OP_READ },
	{ "certify", op_certify, 0 },
	{ "certificates", op_certificates, PL_OP_READ },
	{ "certificates-renew", op_certificates_renew, 0 },
	{ "solution", op_solution, PL_OP_READ },
	{ "plans", op_plans, PL_OP_READ },
	{ "plan", op_plan, PL_OP_READ },
	{ "plan-resume", op_plan_resume, 0 },
	{ "plan-undo", op_plan_undo, 0 },
	{ "upgrade", op_upgrade, PL_OP_READ },
	{ "upgrade-check", op_upgrade_check, 0 },
	{ "upgrade-plan", op_upgrade_plan, PL_OP_READ },
	{ "upgrade-report", op_upgrade_report, PL_OP_READ },
	{ "interface-uses", op_interface_uses, 0 },
	{ "upgrade-run", op_upgrade_run, 0 },
	{ "upgrade-resume", op_upgrade_resume, 0 },
	{ "upgrade-rollback", op_upgrade_rollback, 0 },
	{ "upgrade-finalize", op_upgrade_finalize, 0 },
	{ "upgrade-acknowledge", op_upgrade_acknowledge, 0 },
	{ "upgrade-unprofile", op_upgrade_unprofile, 0 },
	{ "blob-put", op_blob_put, PL_OP_FILLS },
	{ "blob-commit", op_blob_commit, PL_OP_FILLS },
	{ "blob-drop", op_blob_drop, 0 },
	{ "blob-get", op_blob_get, PL_OP_READ },
	{ "bundles", op_bundles, PL_OP_READ },
	{ "bundle-load", op_bundle_load, 0 },
	{ "bundle-prefer", op_bundle_prefer, 0 },
	{ "bundle-delete", op_bundle_delete, 0 },
	{ "releases", op_releases, PL_OP_READ },
	{ "release", op_release, PL_OP_READ },
	{ "release-load", op_release_load, 0 },
	{ "release-delete", op_release_delete, 0 },
	{ "deliver", op_deliver, PL_OP_READ },
	{ "install", op_install, 0 },
	{ "uninstall", op_uninstall, 0 },
	{ "accept", op_accept, 0 },
	{ "deny", op_deny, 0 },
	{ "eventingBrokers", op_brokers, PL_OP_READ },
	{ "eventingDestinations", op_destinations, PL_OP_READ },
	{ "logs", op_logs, PL_OP_READ },
	{ "tested", op_tested, 0 },
	{ "testRun", op_test_run, 0 },
	{ "testRuns", op_test_runs, PL_OP_READ },
	{ "tests", op_tests, PL_OP_READ },
	{ "testSchedule", op_test_schedule, PL_OP_READ },
	{ "testScheduleSet", op_test_schedule_set, 0 },
	{ "replication", op_replication, PL_OP_READ },
	{ "replicationResync", op_resync, 0 },
	{ "replicationResyncAll", op_resync_all, 0 },
	{ "alarm", op_alarm, 0 },
	{ "alarms", op_alarms, PL_OP_READ },
	{ "alarmShow", op_alarm_show, PL_OP_READ },
	{ "alarmAck", op_alarm_ack, 0 },
	{ "alarmReceivers", op_receivers, PL_OP_READ },
	{ "alarmReceiverSet", op_receiver_set, 0 },
	{ "alarmReceiverRemove", op_receiver_remove, 0 },
	{ "alarmReceiverTest", op_receiver_test, 0 },
	{ "attributes", op_attributes, PL_OP_READ },
	{ "attributes-commit", op_attributes_commit, 0 },
	{ "attributes-history", op_attributes_history, PL_OP_READ },
	{ "attributes-revert", op_attributes_revert, 0 },
	{ "attributes-export", op_attributes_export, PL_OP_READ },
	{ "attributes-import", op_attributes_import, 0 },
	{ "own", op_own, 0 },
	{ "profiles", op_profiles, PL_OP_READ },
	{ "profile", op_profile, PL_OP_READ },
	{ "profile-create", op_profile_create, 0 },
	{ "profile-change", op_profile_change, 0 },
	{ "profile-delete", op_profile_delete, 0 },
	{ "profile-service", op_profile_service, 0 },
	{ "profile-service-remove", op_profile_service_remove, 0 },
	{ "profile-assign", op_profile_assign, 0 },
	{ "profile-unassign", op_profile_unassign, 0 },
	{ "rename", op_rename, 0 },
	{ "address", op_address, 0 },
	{ "restart-cluster", op_restart_cluster, 0 },
	{ "restart-node", op_restart_node, 0 },
	{ "node-upgrade", op_node_upgrade, 0 },
	{ "drain", op_drain, 0 },
	{ "undrain", op_undrain, 0 },
	{ "remove", op_remove, 0 },
	{ "join-token", op_token, 0 },
	{ "join", op_join, 0 },
	{ "stop", op_stop, 0 },
	{ "start", op_start, 0 },
	{ "site", op_site, 0 },
	{ 0 },
};

static enum pl_err rebuild(struct pl_turn *turn)
{
	enum pl_err err = model_rebuild(turn);

	if (!err)
		err = floating_rebuild(turn);
	if (!err)
		err = releases_read(turn);
	if (!err)
		err = replication_rebuild(turn);
	if (!err)
		err = test_rebuild(turn);
	if (!err)
		err = alarm_rebuild(turn);
	if (!err)
		err = certificate_rebuild(turn);
	if (!err)
		err = receiver_rebuild(turn);
	if (!err)
		err = snmp_engine_rebuild(turn);
	if (!err)
		secrets_watch(turn);
	if (!err)
		err = platform_rebuild(turn);
	if (!err)
		err = plans_read(turn);
	blob_sweep(turn);
	return err ? err : delivery_begin(turn);
}

static enum pl_err tick(struct pl_turn *turn)
{
	static int64_t forgot_ms;
	int64_t now_ms = manager_now_ms();
	enum pl_err err;

	solution_beat(turn);
	balance_beat(turn);
	floating_beat(turn);
	members_beat(turn);
	alarm_watch(turn);
	receiver_beat(turn);
	replication_beat(turn);
	test_beat(turn);
	if (now_ms - forgot_ms >= FORGET_MS) {
		forgot_ms = now_ms;
		alarm_forget_old(turn);
		blob_sweep(turn);
	}
	level_tick(turn);
	eventing_beat(turn);
	upgrade_beat(turn);
	err = delivery_tick(turn);
	return err ? err : plans_tick(turn);
}

static void stop(struct pl_service *service)
{
	receiver_stop();
	inspector_close();
	release_load_close();
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
		.tick_ms = PLANS_TICK_MS,
		.start = bundles_open,
		.stop = stop,
	};

	return pl_service_main(argc, argv, &def);
}
