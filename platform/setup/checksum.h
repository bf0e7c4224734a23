/*
 * checksum.h — the checksum by which manager and node compare a node's configuration (PLT-5).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_SETUP_CHECKSUM_H
#define PELAGO_SETUP_CHECKSUM_H

#include <jansson.h>

#include "pelago/err.h"

enum { CHECKSUM_SIZE = 33 }; /* 128 bits in hexadecimal, and the end */

/*
 * checksum_of writes the checksum of an answer to `desired`: BLAKE2b of its members but `v`,
 * `checksum`, `sealKey` and sealed secrets, as compact JSON with sorted names. PL_NOMEM.
 */
enum pl_err checksum_of(char text[CHECKSUM_SIZE], const json_t *desired);

#endif
