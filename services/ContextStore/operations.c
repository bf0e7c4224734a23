/*
 * operations.c — what is served, and by whom.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "operations.h"

#include "bus.h"
#include "http.h"
#include "person.h"

const struct pl_op operations[] = {
	{ "create", bus_create, 0 },
	{ "get", bus_get, PL_OP_READ },
	{ "update", bus_update, 0 },
	{ "upsert", bus_upsert, 0 },
	{ "delete", bus_delete, 0 },
	{ "renew", bus_renew, 0 },
	{ "audit", bus_audit, PL_OP_READ },
	{ "kept", person_kept, PL_OP_READ },
	{ "erase", person_erase, 0 },
	{ "http-create", http_create, 0 },
	{ "http-list", http_list, PL_OP_READ },
	{ "http-get", http_get, PL_OP_READ },
	{ "http-update", http_update, 0 },
	{ "http-upsert", http_upsert, 0 },
	{ "http-delete", http_delete, 0 },
	{ "http-renew", http_renew, 0 },
	{ "http-get-key", http_get_key, PL_OP_READ },
	{ "http-set-key", http_set_key, 0 },
	{ "http-delete-key", http_delete_key, 0 },
	{ "http-group", http_group, PL_OP_READ },
	{ "http-audit", http_audit, PL_OP_READ },
	{ "http-subscriptions", http_subscriptions, PL_OP_READ },
	{ "http-subscription", http_subscription, PL_OP_READ },
	{ "http-set-subscription", http_set_subscription, 0 },
	{ "http-delete-subscription", http_delete_subscription, 0 },
	{ 0 },
};
