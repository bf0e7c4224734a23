/*
 * login.h — from a user name and a password, or what stands for them, to a user of UCAStoreService.
 *
 * The ways in are rows of login_flows; each ends with a reply:
 *
 *	login_begin   lock-out; the request is held, an attempt begins (turn 1)
 *	dispatch      the attempt was committed: its password goes to the pool (turn 2)
 *	login_hashed  wrong: refused and counted. right: UCAStoreService is asked (turn 3)
 *	on_user       finish of the flow issues a code or tokens (turn 4)
 *
 * A turn may be rolled back and run again. So turn 1 hands nothing to the pool: only once its audit
 *row is there, turn 2 does, and what turn 1 keeps in memory without such a row is dropped.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef AUTHORIZATION_LOGIN_H
#define AUTHORIZATION_LOGIN_H

#include "pelago/service.h"

enum { USERNAME_MAX = 64, PASSWORD_MAX = 1024 };

/*
 * What a flow does once the user is known. user is NULL if UCAStoreService has none, or a disabled
 * one. then is what the flow gave at its begin, with "username", "address" and "attempt" (its audit
 * row). Returns an error only before its first write.
 */
typedef enum pl_err login_finish_fn(struct pl_turn *turn, const json_t *user, const json_t *then,
				    json_t **replyp);
struct login_flow {
	const char *name;
	login_finish_fn *finish;
	json_t *(*wrong)(void);		    /* the reply to a wrong password */
	json_t *(*locked)(int64_t seconds); /* to a locked user */
};
extern const struct login_flow login_flows[]; /* main.c */

/* login_begin checks a password, then goes on with the flow. Gives then. PL_RATE when too many
 * wait. */
enum pl_err login_begin(struct pl_turn *turn, const char *flow, const char *username,
			const char *password, const char *address, json_t *then, json_t **replyp);

/* login_user goes on with the flow without a password. Gives then, which has "username". */
void login_user(struct pl_turn *turn, const char *flow, struct pl_held *held, json_t *then);

/* login_set_password makes an account, or gives one another password. */
enum pl_err login_set_password(struct pl_turn *turn, const char *username, const char *password);

/* login_hashed takes a result of the pool. */
pl_posted_fn login_hashed;
/* login_hash_next hashes the passwords of a demo, one after the other. */
pl_posted_fn login_hash_next;

enum pl_err login_start(struct pl_service *service);
void login_stop(void);

#endif
