/*
 * export.h — contacts, offers, what was said, customers and agents' states, to the data mart.
 *
 * Rows are noted by their keys and read when they go, so what changes often goes once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OCPDATA_EXPORT_H
#define OCPDATA_EXPORT_H

#include "pelago/service.h"

enum pl_err export_start(struct pl_service *service);
void export_stop(struct pl_service *service);
void export_load(struct pl_turn *turn);
void export_tick(struct pl_turn *turn);

/* What has changed. */
void export_contact(struct pl_turn *turn, const char *contact);
void export_offer(struct pl_turn *turn, const char *contact, const char *offer);
void export_message(struct pl_turn *turn, const char *contact, int64_t seq);
void export_private(struct pl_turn *turn, const char *contact, int64_t seq);
void export_customer(struct pl_turn *turn, const char *customer);
void export_agent_state(struct pl_turn *turn, const char *agent, const char *producer, int64_t n);

/* What is erased goes from the mart, too: before it goes here. */
void export_erase_contacts(struct pl_turn *turn, const json_t *contacts);
void export_erase_customer(struct pl_turn *turn, const char *customer);

#endif
