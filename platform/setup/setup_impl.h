/*
 * setup_impl.h — what the files of the setup share.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_SETUP_IMPL_H
#define PELAGO_SETUP_IMPL_H

#include "pelago/nkey.h"
#include "platform/setup/setup.h"

/* bus_key_make makes keys/PROCESS.nk if absent, and writes its public key. */
enum pl_err bus_key_make(char public_key[PL_NKEY_PUBLIC_SIZE], const char *data,
			 const char *process);
/* setup_folders makes the folders of a data folder. */
enum pl_err setup_folders(const struct setup *setup);

#endif
