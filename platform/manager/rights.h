/*
 * rights.h — the rights that a service's bundle names, on the bus.
 *
 * The bus's users are written from the manifests beside the programs, and from DATA/bus/manifests,
 * where those of installed bundles are that say something else (platform/setup). The bus reads its
 * file anew upon SIGHUP, which drops nobody.
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

#endif
