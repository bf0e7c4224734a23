/*
 * rights.h — the rights that a service's bundle names, on the bus.
 *
 * The bus's users are written from the manifests beside the programs, and from DATA/bus/manifests,
 * where those of installed bundles are that say something else (platform/setup). The manager writes
 * these; the root supervisor writes the bus's file from them, and has the bus read it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_MANAGER_RIGHTS_H
#define PELAGO_MANAGER_RIGHTS_H

#include <jansson.h>

#include "pelago/service.h"

/*
 * rights_write gives a service the rights of all its manifests that are placed somewhere, and of
 * one more (NULL: none). What is there already is no error, and wakes nobody.
 */
enum pl_err rights_write(struct pl_turn *turn, const char *service, const json_t *manifest);
/* rights_seen returns PL_AGAIN until the bus's file has what was written. */
enum pl_err rights_seen(struct pl_turn *turn);

#endif
