/*
 * http.h — the REST interface, as clients of other context stores know it.
 *
 * What those clients do beside JSON's letter is taken: ids that are numbers, and `aliasId` for one
 * alias. A context is found by its id or an alias everywhere; at the collection itself by the query
 * `alias`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONTEXTSTORE_HTTP_H
#define CONTEXTSTORE_HTTP_H

#include "pelago/service.h"

pl_op_fn http_create, http_get, http_update, http_upsert, http_delete, http_renew;
pl_op_fn http_get_key, http_set_key, http_delete_key;
pl_op_fn http_list;  /* one by query `alias`, or a page of a search */
pl_op_fn http_group; /* a page of those with a groupId */
pl_op_fn http_audit;
pl_op_fn http_subscriptions, http_subscription, http_set_subscription, http_delete_subscription;

#endif
