/*
 * authorization.h — Authorization Service Address: where AuthorizationService is reached from
 * outside.
 *
 * Services among themselves use the bus. Agents' pages and other programs use the address, so as
 * long as one is set it is tried: at each change and each minute its keys (RFC 7517) are fetched
 * over HTTPS, and an alarm tells when they don't come. Empty: nothing is tried.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DESK_AUTHORIZATION_H
#define DESK_AUTHORIZATION_H

#include "pelago/service.h"

/* authorization_probe tries the address beside the turn; one try at a time. */
enum pl_err authorization_probe(struct pl_turn *turn);
void authorization_stop(struct pl_service *service); /* ends a try that is under way */

#endif
