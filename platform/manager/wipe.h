/*
 * wipe.h — a service's database goes, for ever.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_MANAGER_WIPE_H
#define PELAGO_MANAGER_WIPE_H

#include "pelago/service.h"

/* wipe_database removes the files, or drops the schema, of a service that runs nowhere. Nothing
 * there is no error. */
enum pl_err wipe_database(struct pl_service *service, const char *name);

#endif
