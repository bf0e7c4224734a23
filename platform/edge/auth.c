/*
 * auth.c — tokens and keys.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "auth.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <utlist.h>

#include "clock.h"
#include "link.h"
#include "pelago/json.h"
#include "pelago/log.h"
#include "pelago/token.h"

enum { ASK_EACH_MS = 1000, TOKEN_MAX = 8192 };

struct auth_wait {
	struct auth_wait *prev, *next;
	auth_keys_fn *fn;
	void *arg;
};

struct auth {
	struct edge *edge;
	json_t *jwks; /* NULL until they came once */
	struct request *request;
	struct auth_wait *waits;
	int64_t asked_ms; /* 0: never */
};

static void on_keys(enum pl_err err, json_t *reply, void *arg)
{
	struct auth *auth = arg;
	struct auth_wait *wait;

	auth->request = NULL;
	if (!err && json_is_array(json_object_get(reply, "keys"))) {
		json_decref(auth->jwks);
		auth->jwks = json_incref(reply);
	} else if (!err) {
		err = pl_fail(PL_UNAVAILABLE, "the keys to check tokens are not there");
	}
	if (err)
		pl_log(WARN, "edge.keys", NULL, "%s", pl_err_detail(err));
	while ((wait = auth->waits)) {
		DL_DELETE(auth->waits, wait);
		wait->fn(err, wait->arg);
		free(wait);
	}
}

static enum pl_err ask(struct auth *auth, struct auth_wait **waitp, auth_keys_fn *fn, void *arg)
{
	struct auth_wait *wait = malloc(sizeof(*wait));
	enum pl_err err = PL_OK;

	if (!wait)
		return PL_NOMEM;
	if (!auth->request) {
		auth->asked_ms = clock_ms();
		err = link_ask(&auth->request, auth->edge->link, "svc.AuthorizationService.jwks",
			       json_pack("{s:i}", "v", 1), REQUEST_NORMAL, on_keys, auth);
	}
	if (err) {
		free(wait);
		return err;
	}
	wait->fn = fn;
	wait->arg = arg;
	DL_APPEND(auth->waits, wait);
	*waitp = wait;
	return PL_AGAIN;
}

enum pl_err auth_check(json_t **claimsp, struct auth *auth, const char *header,
		       struct auth_wait **waitp, auth_keys_fn *fn, void *arg)
{
	bool is_unknown_key = false;
	const char *token;
	enum pl_err err;

	if (strncasecmp(header, "Bearer ", 7) != 0)
		return pl_fail(PL_UNAUTHORIZED, "a bearer token is needed");
	token = header + 7 + strspn(header + 7, " ");
	if (strlen(token) > TOKEN_MAX)
		return pl_fail(PL_UNAUTHORIZED, "the token is too long");
	if (!auth->jwks)
		return waitp ? ask(auth, waitp, fn, arg)
			     : pl_fail(PL_UNAVAILABLE, "the keys to check tokens are not there");
	err = pl_token_check(claimsp, &is_unknown_key, token, strlen(token), auth->jwks,
			     (int64_t)time(NULL));
	if (err && is_unknown_key && waitp &&
	    (auth->request || clock_ms() - auth->asked_ms >= ASK_EACH_MS))
		return ask(auth, waitp, fn, arg);
	return err;
}

json_t *auth_claimed(const char *token)
{
	const char *payload = strchr(token, '.');
	unsigned char text[TOKEN_MAX];
	json_t *claims = NULL;
	size_t len = 0;

	if (!payload || strlen(token) > TOKEN_MAX)
		return NULL;
	payload++;
	if (sodium_base642bin(text, sizeof(text), payload, strcspn(payload, "."), NULL, &len, NULL,
			      sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
	    pl_json_parse(&claims, (char *)text, len))
		pl_err_clear();
	return claims;
}

void auth_wait_cancel(struct auth *auth, struct auth_wait *wait)
{
	if (!wait)
		return;
	DL_DELETE(auth->waits, wait);
	free(wait);
}

enum pl_err auth_new(struct auth **authp, struct edge *edge)
{
	struct auth *auth = calloc(1, sizeof(*auth));

	if (!auth)
		return PL_NOMEM;
	auth->edge = edge;
	*authp = auth;
	return PL_OK;
}

void auth_free(struct auth *auth)
{
	struct auth_wait *wait;

	if (!auth)
		return;
	request_cancel(auth->request);
	while ((wait = auth->waits)) {
		DL_DELETE(auth->waits, wait);
		free(wait);
	}
	json_decref(auth->jwks);
	free(auth);
}
