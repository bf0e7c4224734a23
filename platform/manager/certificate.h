/*
 * certificate.h — the certificates of all hosts: shown, and renewed by hand (PLT-3).
 *
 * Hosts renew them by themselves in time. A host's processes show one certificate (tls/identity) to
 * the bus; its edge has another, nats-server a third. So to renew those of a cluster, a service or
 * a node is to renew those of the hosts that run it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_MANAGER_CERTIFICATE_H
#define PELAGO_MANAGER_CERTIFICATE_H

#include "manager.h"

extern const char certificate_tables[]; /* a migration */
enum pl_err certificate_rebuild(struct pl_turn *turn);
/* certificate_wishes returns {NAME: SERIAL} of what a node's host shall renew, or NULL; borrowed.
 */
json_t *certificate_wishes(const struct node *node);

enum pl_err op_certificates(struct pl_turn *turn, const json_t *body, json_t **replyp);
enum pl_err op_certificates_renew(struct pl_turn *turn, const json_t *body, json_t **replyp);

#endif
