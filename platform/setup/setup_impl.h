/*
 * setup_impl.h — what the files of the setup share.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_SETUP_IMPL_H
#define PELAGO_SETUP_IMPL_H

#include "pelago/nkey.h"
#include "platform/setup/setup.h"

/* setup_folders makes the folders of a data folder. */
enum pl_err setup_folders(const struct setup *setup);

#endif
