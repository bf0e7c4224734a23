/* login.c — see login.h. SPDX-License-Identifier: Apache-2.0 */
#include "login.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "account.h"
#include "audit.h"
#include "lockout.h"
#include "pelago/json.h"
#include "pelago/log.h"
#include "pelago/metric.h"
#include "pool.h"

/* Fewer than the pool takes: a demo's hashing has a place beside them. */
enum { ATTEMPTS_MOST = 64, ATTEMPT_KEPT_MS = 10000, ATTEMPT_MOST_MS = 60000 };

static struct pl_metric granted = { .name = "logins_granted_total",
				    .text = "Log-ins that succeeded" };
static struct pl_metric failed = { .name = "logins_failed_total",
				   .text = "Log-ins with a wrong password" };
static struct pl_metric locked = { .name = "logins_locked_total",
				   .text = "Log-ins refused as the user is locked" };

struct attempt {
	UT_hash_handle hh;
	char id[27];
	const struct login_flow *flow; /* NULL: a password is set */
	struct pl_held *held;
	char *username, *password;
	json_t *then;
	bool is_put; /* in the pool */
	int64_t begun_ms;
	int64_t ended_ms; /* 0: goes on. Kept for a while, as the turn that ended it may run again
			   */
};

static struct pool *pool;
static struct attempt *attempts;
static unsigned attempts_open;

enum pl_err login_start(struct pl_service *service)
{
	return pool_new(&pool, service, (int)pl_attribute_get(service, "hash_threads"),
			login_hashed);
}

static void forget_password(struct attempt *a)
{
	if (a->password)
		sodium_memzero(a->password, strlen(a->password));
	free(a->password);
	a->password = NULL;
}

static void attempt_end(struct attempt *a, int64_t now_ms)
{
	if (!a->ended_ms)
		attempts_open--;
	a->ended_ms = now_ms;
	forget_password(a);
}

static void attempt_free(struct attempt *a)
{
	attempt_end(a, 1);
	HASH_DEL(attempts, a);
	json_decref(a->then);
	free(a->username);
	free(a);
}

void login_stop(void)
{
	struct attempt *a, *tmp;

	pool_free(pool);
	pool = NULL;
	HASH_ITER(hh, attempts, a, tmp)
		attempt_free(a);
}

/* A result that got lost, with a turn that a full disk refused, mustn't keep its place for ever. */
static void sweep(int64_t now_ms)
{
	struct attempt *a, *tmp;

	HASH_ITER(hh, attempts, a, tmp)
		if (a->ended_ms ? now_ms - a->ended_ms > ATTEMPT_KEPT_MS
				: now_ms - a->begun_ms > ATTEMPT_MOST_MS)
			attempt_free(a);
}

static const struct login_flow *flow_find(const char *name)
{
	const struct login_flow *flow;

	for (flow = login_flows; flow->name; flow++)
		if (strcmp(flow->name, name) == 0)
			break;
	pl_assert(flow->name);
	return flow;
}

static struct attempt *attempt_of(const json_t *body)
{
	struct attempt *a;

	HASH_FIND_STR(attempts, pl_json_get_text(body, "id"), a);
	return a;
}

static enum pl_err put_attempt(struct pl_turn *turn, struct attempt *a)
{
	char *hash = a->flow ? account_hash(turn, a->username) : NULL;
	const char *plain = a->flow ? account_plain(a->username) : NULL;
	struct pool_job job = { .id = a->id, .password = a->password };
	enum pl_err err;

	if (hash && hash[0])
		job.hash = hash;
	else if (hash && plain)
		job.plain = plain;
	else if (a->flow)
		job.hash = pool_nobody;
	err = pool_put(pool, &job);
	free(hash);
	return err;
}

static enum pl_err dispatch(struct pl_turn *turn, json_t *body, void *arg)
{
	struct attempt *a = attempt_of(body);
	enum pl_err err;

	json_decref(body);
	if (!a || a->is_put)
		return PL_OK;
	if (!audit_has(turn, a->id)) {
		attempt_free(a); /* its turn was rolled back, and the held request with it */
		return PL_OK;
	}
	err = put_attempt(turn, a);
	a->is_put = !err;
	if (err) {
		pl_reply_error(turn, a->held, err, pl_err_detail(err));
		attempt_end(a, pl_turn_now_ms(turn));
	}
	return PL_OK;
}

/* Gives then. */
static enum pl_err attempt_begin(struct pl_turn *turn, const struct login_flow *flow,
				 const char *username, const char *password, const char *address,
				 json_t *then)
{
	struct attempt *a;

	sweep(pl_turn_now_ms(turn));
	if (attempts_open >= ATTEMPTS_MOST) {
		json_decref(then);
		return pl_fail(PL_RATE, "too many log-ins at this moment; try again");
	}
	a = calloc(1, sizeof(*a));
	if (!a || !(a->username = strdup(username)) || !(a->password = strdup(password))) {
		if (a)
			free(a->username);
		free(a);
		json_decref(then);
		return PL_NOMEM;
	}
	a->flow = flow;
	a->then = then;
	a->begun_ms = pl_turn_now_ms(turn);
	a->held = pl_hold(turn);
	audit_begin(turn, a->id, flow ? flow->name : "set-password", username, address);
	HASH_ADD_STR(attempts, id, a);
	attempts_open++;
	pl_service_post(pl_turn_service(turn), dispatch, json_pack("{s:s}", "id", a->id), NULL);
	return PL_OK;
}

enum pl_err login_begin(struct pl_turn *turn, const char *flow_name, const char *username,
			const char *password, const char *address, json_t *then, json_t **replyp)
{
	const struct login_flow *flow = flow_find(flow_name);
	int64_t left_s = lockout_left_s(turn, username);

	if (left_s) {
		pl_metric_add(&locked, 1);
		audit_note(turn, flow->name, username, address, "locked");
		*replyp = flow->locked(left_s);
		json_decref(then);
		return PL_OK;
	}
	json_object_set_new(then, "username", json_string(username));
	json_object_set_new(then, "address", json_string(address));
	return attempt_begin(turn, flow, username, password, address, then);
}

enum pl_err login_set_password(struct pl_turn *turn, const char *username, const char *password)
{
	return attempt_begin(turn, NULL, username, password, "", json_object());
}

/* ---- the password was hashed ---- */

static void refuse(struct pl_turn *turn, struct attempt *a)
{
	int64_t left_s = lockout_left_s(turn, a->username);
	bool locks = !left_s && lockout_failed(turn, a->username);

	pl_metric_add(left_s ? &locked : &failed, 1);
	audit_end(turn, a->id,
		  left_s  ? "locked"
		  : locks ? "wrong password, locks"
			  : "wrong password");
	if (locks)
		pl_log(WARN, "login.locked", NULL,
		       "a user is locked after wrong passwords; attempt=%s", a->id);
	pl_reply(turn, a->held, left_s ? a->flow->locked(left_s) : a->flow->wrong());
}

/* A right password that was guessed beside those that locked the user is none. */
static void accept(struct pl_turn *turn, struct attempt *a, const char *hash)
{
	int64_t left_s = lockout_left_s(turn, a->username);

	if (hash && account_plain(a->username))
		account_set_hash(turn, a->username, hash);
	if (left_s) {
		pl_metric_add(&locked, 1);
		audit_end(turn, a->id, "locked");
		pl_reply(turn, a->held, a->flow->locked(left_s));
		return;
	}
	json_object_set_new(a->then, "attempt", json_string(a->id));
	login_user(turn, a->flow->name, a->held, json_copy(a->then));
}

static void password_set(struct pl_turn *turn, struct attempt *a, const char *hash)
{
	if (!hash) {
		pl_reply_error(turn, a->held, PL_UNAVAILABLE, "the password could not be hashed");
		return;
	}
	account_set_hash(turn, a->username, hash);
	lockout_clear(turn, a->username);
	audit_end(turn, a->id, "set");
	pl_reply(turn, a->held, json_object());
}

enum pl_err login_hashed(struct pl_turn *turn, json_t *body, void *arg)
{
	const char *hash = json_string_value(json_object_get(body, "hash"));
	const char *id = pl_json_get_text(body, "id");
	struct attempt *a = attempt_of(body);

	if (strncmp(id, "demo ", 5) == 0) {
		if (hash && account_plain(id + 5))
			account_set_hash(turn, id + 5, hash);
		if (!hash) /* no memory for one: the tick comes back */
			account_asked(id + 5, false);
		else
			pl_service_post(pl_turn_service(turn), login_hash_next, json_object(),
					NULL);
	} else if (a) {
		if (!a->flow)
			password_set(turn, a, hash);
		else if (json_is_true(json_object_get(body, "ok")))
			accept(turn, a, hash);
		else
			refuse(turn, a);
		attempt_end(a, pl_turn_now_ms(turn));
	}
	json_decref(body);
	return PL_OK;
}

enum pl_err login_hash_next(struct pl_turn *turn, json_t *body, void *arg)
{
	const char *username = account_next();
	struct pool_job job = { 0 };
	char id[USERNAME_MAX + 6];

	json_decref(body);
	if (!username)
		return PL_OK;
	snprintf(id, sizeof(id), "demo %s", username);
	job.id = id;
	job.password = account_plain(username);
	if (!pool_put(pool, &job)) /* a full pool: the tick comes back */
		account_asked(username, true);
	return PL_OK;
}

/* ---- the user ---- */

/* Whatever else an answer may be, a token is made of it only if it is a user. */
static bool is_user(const json_t *user)
{
	json_t *roles = json_object_get(user, "roles"), *role;
	size_t i;

	if (!json_is_string(json_object_get(user, "id")) ||
	    !json_is_string(json_object_get(user, "name")) || !json_is_array(roles))
		return false;
	json_array_foreach(roles, i, role) {
		if (!json_is_string(role))
			return false;
	}
	return true;
}

static enum pl_err on_user(struct pl_turn *turn, const struct pl_answer *answer)
{
	const struct login_flow *flow = flow_find(pl_json_get_text(answer->context, "flow"));
	const char *attempt = pl_json_get_text(answer->context, "attempt");
	const json_t *user = NULL;
	json_t *reply = NULL;
	enum pl_err err;

	if (answer->err && answer->err != PL_NOTFOUND)
		return pl_fail(PL_UNAVAILABLE, "the user store does not answer; try again");
	if (!answer->err)
		user = json_object_get(answer->body, "user");
	if (!answer->err && !is_user(user))
		return pl_fail(PL_UNAVAILABLE, "the user store's answer is not understood");
	if (user && !json_is_true(json_object_get(user, "enabled")))
		user = NULL;
	err = flow->finish(turn, user, answer->context, &reply);
	if (err)
		return err;
	if (attempt[0])
		audit_end(turn, attempt, user ? "granted" : "no such user, or disabled");
	if (attempt[0] && user) {
		pl_metric_add(&granted, 1);
		lockout_clear(turn, pl_json_get_text(answer->context, "username"));
		account_entered(turn, pl_json_get_text(answer->context, "username"),
				json_object_get(user, "roles"));
	}
	pl_reply(turn, answer->held, reply);
	return PL_OK;
}

void login_user(struct pl_turn *turn, const char *flow, struct pl_held *held, json_t *then)
{
	json_object_set_new(then, "flow", json_string(flow));
	pl_ask(turn, "UCAStoreService.user",
	       json_pack("{s:O}", "user", json_object_get(then, "username")), on_user, held, then);
}
