/*
 * demo.h — the users of a demo.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef UCASTORE_DEMO_H
#define UCASTORE_DEMO_H

#include "pelago/service.h"

/* demo_fill writes the demo's users into an empty store, if DIR/demo-users.json says that this is
 * one. */
enum pl_err demo_fill(struct pl_turn *turn);

#endif
