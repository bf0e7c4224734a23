/*
 * resource.h — what an administrator defines beside users: routing services, reason codes,
 * disposition codes, canned texts.
 *
 * A resource has a kind, a name within it, and a JSON object that holds all else. Kinds are a table
 * (resource_kinds): who else is told, and what an object of the kind may look like.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef UCASTORE_RESOURCE_H
#define UCASTORE_RESOURCE_H

#include "pelago/service.h"

enum { RESOURCES_MAX = 500, RESOURCE_NAME_MAX = 100 };

struct resource_kind {
	const char *kind;	/* as in the address */
	const char *name;	/* member of the object that is its name */
	const char *name_chars; /* NULL: any that can be printed */
	const char *noun; /* of the event NOUN.set that tells of a change; NULL: nobody is told */
	enum pl_err (*check)(const json_t *object);
};

/* resource_kind_find returns PL_NOTFOUND for a kind that isn't there; resource_kind_of the kind
 * whose changes that noun tells, or NULL. */
enum pl_err resource_kind_find(const struct resource_kind **kindp, const char *kind);
const struct resource_kind *resource_kind_of(const char *noun);

/*
 * resource_check judges an object of the kind by its name, which it must bear or leave out.
 * Returns PL_INVALID, saying what is wrong.
 */
enum pl_err resource_check(const struct resource_kind *kind, const char *name,
			   const json_t *object);

/* resource_list returns the kind's objects in order of name, after one, at most so many. */
json_t *resource_list(struct pl_turn *turn, const char *kind, const char *after, int64_t limit);

/* resource_codes returns the names of a kind, for a caller who only compares. */
json_t *resource_codes(struct pl_turn *turn, const char *kind);

/* resource_removed returns the body of NOUN.set for one that was removed. */
json_t *resource_removed(void);

/* snapshot.c: see struct pl_service_def */
enum pl_err resource_keys(struct pl_turn *turn, const char *noun, const char *after, int64_t limit,
			  json_t *list);
enum pl_err resource_state(struct pl_turn *turn, struct pl_snapshot *snapshot);

/* The demo's routing services, where there are none. */
void resource_demo(struct pl_turn *turn);

/* HTTP; and what an agent's desk needs, in one answer. */
pl_op_fn http_resources, http_resource, http_set_resource, http_delete_resource, http_desk;

#endif
