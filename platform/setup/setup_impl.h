/*
 * setup_impl.h — what the files of the setup share.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_SETUP_IMPL_H
#define PELAGO_SETUP_IMPL_H

#include "pelago/nkey.h"
#include "platform/setup/checksum.h"
#include "platform/setup/setup.h"

/* setup_folders makes the folders of a data folder. */
enum pl_err setup_folders(const struct setup *setup);

/* bus_members reads the keys of joined hosts: {NODE: {PROCESS: public key}}; a new reference. */
enum pl_err bus_members(json_t **membersp, const struct setup *setup);
/* bus_inputs writes the checksum of what nats.conf is written from; the file has it behind
 * bus_inputs_line. */
enum pl_err bus_inputs(char checksum[CHECKSUM_SIZE], const struct setup *setup,
		       const json_t *members);
extern const char bus_inputs_line[];
/* setup_trust has the instance trust the development key, if it is one for development. */
enum pl_err setup_trust(const struct setup *setup);

#endif
