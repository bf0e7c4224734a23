/*
 * profile.h — service profiles: the services that a user or an endpoint may invoke, and settings of
 * these services for their work alone.
 *
 *   profile.c       what is in memory, and what follows from it
 *   profile_admin.c what administrators do
 *
 * A user or endpoint has one profile at most. A service in a profile is pinned to a version or
 * follows the latest; settings of one that is pinned to another version than runs wait for it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_MANAGER_PROFILE_H
#define PELAGO_MANAGER_PROFILE_H

#include "manager.h"

enum { PROFILES_MAX = 200, MEMBERS_MAX = 5000 };

/* What a profile is for; the words in addresses and tables. */
enum member_kind { MEMBER_USER, MEMBER_ENDPOINT, MEMBER_KINDS };
extern const char *const member_kinds[MEMBER_KINDS];

/* profiles_read reads the tables: {NAME: {"title", "services": {SERVICE: VERSION|"latest"},
 * "user": [id…], "endpoint": [id…]}}. */
enum pl_err profiles_read(struct pl_turn *turn);
json_t *profiles_all(void);
json_t *profile_find(const char *typed, const char **namep); /* in any case; NULL if none */
/* profile_with tells the name of the profile that is meant; PL_NOTFOUND, PL_STATE if the service
 * isn't in it. */
enum pl_err profile_with(const char **namep, const char *typed, const char *service);
/* Whether a profile's settings of a service hold: its version is the one that runs. */
bool profile_holds(const json_t *profile, const struct placed *service);
/*
 * profiles_may returns what the edges refuse by: {"services": {PROFILE: {SERVICE: true}},
 * "user": {ID: PROFILE}, "endpoint": {ID: PROFILE}}, a new reference; only profiles that somebody
 * has. Who has none may invoke all; whatever the profile, one may sign in, and roles alone decide
 * about the manager.
 */
json_t *profiles_may(void);
json_t *profile_view(const char *name, bool has_members); /* new reference */

pl_op_fn op_profiles, op_profile;
pl_op_fn op_profile_create, op_profile_change, op_profile_delete;
pl_op_fn op_profile_service, op_profile_service_remove;
pl_op_fn op_profile_assign, op_profile_unassign;

#endif
