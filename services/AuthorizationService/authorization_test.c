/*
 * authorization_test.c — where codes may go, proofs, and the real service on a real bus; we are
 * UCAStoreService (PLT-50 PLT-51 PLT-53).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pelago/json.h"
#include "pelago/token.h"
#include "pool_room.h"
#include "redirect.h"
#include "secret.h"
#include "test_world.h"

#define SERVICE "AuthorizationService"

/* RFC 7636, appendix B */
static const char verifier[] = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
static const char challenge[] = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

static void redirects_are_judged(void **state)
{
	static const struct {
		const char *uri, *origin;
		bool good;
	} rows[] = {
		{ "/", "", true },
		{ "/workspaces/", "", true },
		{ "/manager/", "https://evil.example", true },
		{ "/services/EngagementDesigner/index.html", "", true },
		{ "http://127.0.0.1:8080/workspaces/", "", true },
		{ "https://localhost:8443/", "", true },
		{ "https://[::1]:8443/manager/", "", true },
		{ "https://cc.example:8443/manager/", "https://cc.example:8443", true },
		{ "https://CC.example:8443/manager/", "https://cc.EXAMPLE:8443", true },
		{ "https://cc.example:8443/manager/", "", false },
		{ "https://cc.example/manager/", "https://cc.example:8443", false },
		{ "https://evil.example/manager/", "https://cc.example:8443", false },
		{ "https://127.0.0.1@evil.example/", "", false },
		{ "https://127.0.0.1.evil.example/", "", false },
		{ "https://localhost.evil/", "", false },
		{ "//evil.example/", "", false },
		{ "/\\evil.example", "", false },
		{ "javascript:alert(1)", "", false },
		{ "ftp://127.0.0.1/", "", false },
		{ "/workspaces", "", false },
		{ "/workspaces/../x", "", false },
		{ "/services/EngagementDesigner/../../x", "", false },
		{ "/services/EngagementDesigner//evil", "", false },
		{ "/workspaces/?a=b", "", false },
		{ "/workspaces/#a", "", false },
		{ "/demo/", "", false },
		{ "https://127.0.0.1", "", false },
		{ "", "", false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (redirect_is_good(rows[i].uri, rows[i].origin) != rows[i].good)
			fail_msg("%s from %s", rows[i].uri, rows[i].origin);
}

static void urls_are_encoded(void **state)
{
	char url[64] = "/signin/";

	assert_true(url_add(url, sizeof(url), "a", "b c&d=\"\xc3\xa4"));
	assert_string_equal(url, "/signin/?a=b%20c%26d%3D%22%C3%A4");
	assert_true(url_add(url, sizeof(url), "e", ""));
	assert_false(url_add(url, sizeof(url), "long", "012345678901234567890123456789"));
	assert_string_equal(url, "/signin/?a=b%20c%26d%3D%22%C3%A4&e=");
}

static void verifiers_are_proved(void **state)
{
	assert_true(verifier_proves(verifier, challenge));
	assert_false(verifier_proves("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl", challenge));
	assert_false(verifier_proves("short", challenge));
	assert_false(verifier_proves(verifier, ""));
}

/* ---- the service ---- */

static json_t *user_store(const char *operation, json_t *body, void *arg)
{
	const char *id = pl_json_get_text(body, "user");
	const char *role = strcmp(id, "admin") == 0   ? "administrator"
			   : strcmp(id, "robot") == 0 ? "service"
						      : "agent";

	if (strcmp(id, "ghost") == 0)
		return test_refusal("NOTFOUND");
	return json_pack("{s:{s:s, s:s, s:[s], s:b}}", "user", "id", id, "name", "Some One",
			 "roles", role, "enabled", strcmp(id, "former") != 0);
}

static struct test_world *begin_locking(const char *lock_time)
{
	struct test_world *w = test_world_new();
	json_t *demo = json_pack("{s:s, s:s, s:s, s:s, s:s}", "admin", "admin-pass", "agent1",
				 "agent-pass", "robot", "robot-pass", "ghost", "ghost-pass",
				 "former", "former-pass");
	char path[160];

	snprintf(path, sizeof(path), "%s/demo-users.json", test_world_dir(w));
	assert_int_equal(json_dump_file(demo, path, 0), 0);
	json_decref(demo);
	test_serve(w, "UCAStoreService", user_store, NULL);
	test_service_start(w, SERVICE, "--set", lock_time, "--set", "refresh_retry=1", NULL);
	return w;
}

static struct test_world *begin(void)
{
	return begin_locking("lock_time=1");
}

static json_t *post(struct test_world *w, const char *operation, json_t *form)
{
	return test_request(w, operation, test_http("POST", NULL, NULL, form, NULL, NULL));
}

static json_t *token(struct test_world *w, json_t *form)
{
	return post(w, SERVICE ".token", form);
}

static json_t *password_form(const char *username, const char *password)
{
	return json_pack("{s:s, s:s, s:s}", "grant_type", "password", "username", username,
			 "password", password);
}

static json_t *refresh_form(const char *refresh)
{
	return json_pack("{s:s, s:s}", "grant_type", "refresh_token", "refresh_token", refresh);
}

/* Checks status and OAuth's error of a reply, and forgets it. */
static void gives(json_t *reply, int status, const char *error)
{
	assert_int_equal(json_integer_value(json_object_get(reply, "status")), status);
	assert_string_equal(pl_json_get_text(reply, "body.error"), error);
	json_decref(reply);
}

static void log_in(struct test_world *w, const char *username, const char *password)
{
	gives(token(w, password_form(username, password)), 200, "");
}

static json_t *claims_of(struct test_world *w, const json_t *reply)
{
	json_t *keys = test_request(w, SERVICE ".jwks", json_object()), *claims = NULL;
	const char *text = pl_json_get_text(reply, "body.access_token");

	assert_int_equal(
		pl_token_check(&claims, NULL, text, strlen(text), keys, test_now_ms() / 1000), 0);
	json_decref(keys);
	return claims;
}

static void a_password_gives_tokens(void **state)
{
	struct test_world *w = begin();
	json_t *reply = token(w, password_form("admin", "admin-pass")),
	       *claims = claims_of(w, reply);
	json_t *keys;

	assert_string_equal(pl_json_get_text(claims, "sub"), "admin");
	assert_string_equal(pl_json_get_text(claims, "name"), "Some One");
	assert_string_equal(json_string_value(json_array_get(json_object_get(claims, "roles"), 0)),
			    "administrator");
	assert_int_equal(json_integer_value(json_object_get(claims, "exp")) -
				 json_integer_value(json_object_get(claims, "iat")),
			 900);
	assert_string_equal(pl_json_get_text(reply, "body.token_type"), "Bearer");
	assert_string_equal(pl_json_get_text(reply, "headers.Cache-Control"), "no-store");
	assert_int_equal(json_integer_value(pl_json_get(reply, "body.expires_in")), 900);
	json_decref(claims);
	json_decref(reply);
	gives(token(w, password_form("admin", "wrong")), 400, "invalid_grant");
	gives(token(w, password_form("nobody", "wrong")), 400, "invalid_grant");
	gives(token(w, password_form("ghost", "ghost-pass")), 400, "invalid_grant");
	gives(token(w, password_form("former", "former-pass")), 400, "invalid_grant");
	/* hashed meanwhile, and after a crash: the same keys, the same passwords */
	keys = test_request(w, SERVICE ".jwks", json_object());
	assert_null(json_object_get(json_array_get(json_object_get(keys, "keys"), 0), "d"));
	test_run(w, 500);
	test_service_kill(w, SERVICE);
	test_service_start(w, SERVICE, NULL);
	log_in(w, "agent1", "agent-pass");
	reply = test_request(w, SERVICE ".http-jwks",
			     test_http("GET", NULL, NULL, NULL, NULL, NULL));
	assert_true(json_equal(pl_json_get(reply, "body.keys"), json_object_get(keys, "keys")));
	json_decref(reply);
	json_decref(keys);
	test_world_free(w);
}

static void bad_token_requests_are_refused(void **state)
{
	struct test_world *w = begin();
	char *huge = malloc(100001);
	json_t *reply;

	memset(huge, 'x', 100000);
	huge[100000] = '\0';
	gives(token(w, NULL), 400, "invalid_request");
	gives(token(w, json_object()), 400, "invalid_request");
	gives(token(w, json_pack("{s:s}", "grant_type", "implicit")), 400,
	      "unsupported_grant_type");
	gives(token(w, password_form("", "x")), 400, "invalid_request");
	gives(token(w, password_form(huge, "x")), 400, "invalid_request");
	gives(token(w, password_form("admin", huge)), 400, "invalid_request");
	gives(token(w, password_form("' or '1'='1", "x")), 400, "invalid_grant");
	gives(token(w, refresh_form("nothing")), 400, "invalid_grant");
	gives(token(w, refresh_form(huge)), 400, "invalid_request");
	gives(token(w, json_pack("{s:s, s:s}", "grant_type", "authorization_code", "code", "x")),
	      400, "invalid_request");
	reply = test_request_bytes(w, SERVICE ".token", "{\"body\":{\"grant_type\":", 22);
	assert_string_equal(test_error(reply), "badRequest");
	json_decref(reply);
	reply = test_request_bytes(w, SERVICE ".token", "{\"body\":7}", 10);
	gives(reply, 400, "invalid_request");
	free(huge);
	log_in(w, "admin", "admin-pass");
	test_world_free(w);
}

static json_t *code_form(const char *code, const char *proof)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s}", "grant_type", "authorization_code", "code",
			 code, "client_id", "pelago-web", "redirect_uri",
			 "http://127.0.0.1:8080/workspaces/", "code_verifier", proof);
}

static json_t *authorize_body(const char *username, const char *password, const char *redirect)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "username", username, "password",
			 password, "client_id", "pelago-web", "redirect_uri", redirect, "state",
			 "a b", "code_challenge", challenge, "code_challenge_method", "S256");
}

/* Signs in and writes the code. */
static void get_code(struct test_world *w, char code[SECRET_CHARS + 1])
{
	static const char before[] = "http://127.0.0.1:8080/workspaces/?code=";
	json_t *reply =
		post(w, SERVICE ".authorize",
		     authorize_body("agent1", "agent-pass", "http://127.0.0.1:8080/workspaces/"));
	const char *url = pl_json_get_text(reply, "body.redirect");

	assert_int_equal(json_integer_value(json_object_get(reply, "status")), 200);
	assert_memory_equal(url, before, strlen(before));
	snprintf(code, SECRET_CHARS + 1, "%s", url + strlen(before));
	assert_string_equal(url + strlen(before) + SECRET_CHARS, "&state=a%20b");
	json_decref(reply);
}

static void pages_sign_in_by_code(void **state)
{
	struct test_world *w = begin();
	char code[SECRET_CHARS + 1];
	json_t *reply, *form;

	reply = test_request(w, SERVICE ".authorize-page",
			     test_http("GET", NULL,
				       json_pack("{s:s, s:s}", "state", "x y", "evil", "no"), NULL,
				       NULL, NULL));
	assert_int_equal(json_integer_value(json_object_get(reply, "status")), 302);
	assert_string_equal(pl_json_get_text(reply, "headers.Location"), "/signin/?state=x%20y");
	json_decref(reply);
	get_code(w, code);
	reply = token(w, code_form(code, verifier));
	assert_int_equal(json_integer_value(json_object_get(reply, "status")), 200);
	form = refresh_form(pl_json_get_text(reply, "body.refresh_token"));
	json_object_set_new(form, "client_id", json_string("pelago-web"));
	gives(token(w, json_copy(form)), 200, "");
	/* the code again: refused, and what it gave ends */
	gives(token(w, code_form(code, verifier)), 400, "invalid_grant");
	gives(token(w, form), 400, "invalid_grant");
	json_decref(reply);
	/* a wrong proof, client or page spends it */
	get_code(w, code);
	gives(token(w, code_form(code, challenge)), 400, "invalid_grant");
	gives(token(w, code_form(code, verifier)), 400, "invalid_grant");
	get_code(w, code);
	form = code_form(code, verifier);
	json_object_set_new(form, "redirect_uri", json_string("http://127.0.0.1:8080/manager/"));
	gives(token(w, form), 400, "invalid_grant");
	get_code(w, code);
	form = code_form(code, verifier);
	json_object_set_new(form, "client_id", json_string("other"));
	gives(token(w, form), 400, "invalid_grant");
	test_world_free(w);
}

static void bad_sign_ins_are_refused(void **state)
{
	struct test_world *w = begin();
	json_t *reply, *body;

	reply = post(w, SERVICE ".authorize", authorize_body("agent1", "wrong", "/workspaces/"));
	assert_int_equal(json_integer_value(json_object_get(reply, "status")), 401);
	assert_string_equal(pl_json_get_text(reply, "type"), "application/problem+json");
	assert_non_null(strstr(pl_json_get_text(reply, "text"), "\"code\":\"unauthorized\""));
	json_decref(reply);
	test_refused(w, SERVICE ".authorize",
		     test_http("POST", NULL, NULL,
			       authorize_body("agent1", "agent-pass",
					      "https://evil.example/workspaces/"),
			       NULL, NULL),
		     "badRequest");
	body = test_http(
		"POST", NULL, NULL,
		authorize_body("agent1", "agent-pass", "http://127.0.0.1:8080/workspaces/"), NULL,
		NULL);
	json_object_set_new(body, "origin", json_string("https://other.example"));
	test_refused(w, SERVICE ".authorize", body, "badRequest");
	body = authorize_body("agent1", "agent-pass", "/workspaces/");
	json_object_set_new(body, "code_challenge_method", json_string("plain"));
	test_refused(w, SERVICE ".authorize", test_http("POST", NULL, NULL, body, NULL, NULL),
		     "badRequest");
	body = authorize_body("agent1", "agent-pass", "/workspaces/");
	json_object_set_new(body, "client_id", json_string("evil"));
	test_refused(w, SERVICE ".authorize", test_http("POST", NULL, NULL, body, NULL, NULL),
		     "badRequest");
	test_refused(w, SERVICE ".authorize", test_http("POST", NULL, NULL, NULL, NULL, NULL),
		     "badRequest");
	test_world_free(w);
}

static void refresh_tokens_are_good_once(void **state)
{
	struct test_world *w = begin();
	json_t *first = token(w, password_form("agent1", "agent-pass")), *second, *again, *claims;
	const char *old = pl_json_get_text(first, "body.refresh_token");

	second = token(w, refresh_form(old));
	assert_int_equal(json_integer_value(json_object_get(second, "status")), 200);
	claims = claims_of(w, second);
	assert_string_equal(pl_json_get_text(claims, "sub"), "agent1");
	json_decref(claims);
	again = token(w, refresh_form(old)); /* a page that lost the answer */
	assert_int_equal(json_integer_value(json_object_get(again, "status")), 200);
	assert_string_not_equal(pl_json_get_text(again, "body.refresh_token"),
				pl_json_get_text(second, "body.refresh_token"));
	claims = refresh_form(pl_json_get_text(again, "body.refresh_token"));
	json_object_set_new(claims, "client_id", json_string("other"));
	gives(token(w, claims), 400, "invalid_grant");
	test_service_kill(w, SERVICE);
	test_service_start(w, SERVICE, "--set", "refresh_retry=1", NULL);
	gives(token(w, refresh_form(pl_json_get_text(second, "body.refresh_token"))), 200, "");
	test_run(w, 1100); /* later it is a copy that somebody uses: all ends */
	gives(token(w, refresh_form(old)), 400, "invalid_grant");
	gives(token(w, refresh_form(pl_json_get_text(again, "body.refresh_token"))), 400,
	      "invalid_grant");
	json_decref(first);
	json_decref(second);
	json_decref(again);
	test_world_free(w);
}

static bool is_active(struct test_world *w, const char *text)
{
	json_t *reply = test_request(w, SERVICE ".introspect", json_pack("{s:s}", "token", text));
	bool active = json_is_true(json_object_get(reply, "active"));

	assert_string_equal(test_error(reply), "");
	json_decref(reply);
	return active;
}

static void revoke(struct test_world *w, const char *text)
{
	gives(post(w, SERVICE ".revoke", json_pack("{s:s}", "token", text)), 200, "");
}

static void tokens_are_revoked(void **state)
{
	struct test_world *w = begin();
	json_t *a = token(w, password_form("agent1", "agent-pass"));
	json_t *b = token(w, password_form("agent1", "agent-pass")), *reply;

	assert_true(is_active(w, pl_json_get_text(a, "body.access_token")));
	revoke(w, pl_json_get_text(a, "body.refresh_token"));
	assert_false(is_active(w, pl_json_get_text(a, "body.access_token")));
	gives(token(w, refresh_form(pl_json_get_text(a, "body.refresh_token"))), 400,
	      "invalid_grant");
	assert_true(is_active(w, pl_json_get_text(b, "body.access_token")));
	revoke(w, pl_json_get_text(b, "body.access_token"));
	assert_false(is_active(w, pl_json_get_text(b, "body.access_token")));
	revoke(w, "nothing of ours");
	assert_false(is_active(w, "a.b.c"));
	gives(post(w, SERVICE ".revoke", json_object()), 400, "invalid_request");
	reply = post(w, SERVICE ".http-introspect", json_pack("{s:s}", "token", "x"));
	assert_true(json_is_false(pl_json_get(reply, "body.active")));
	json_decref(reply);
	test_refused(w, SERVICE ".introspect", json_object(), "badRequest");
	json_decref(a);
	json_decref(b);
	test_world_free(w);
}

static void is_locked(json_t *reply)
{
	assert_int_equal(json_integer_value(json_object_get(reply, "status")), 429);
	assert_in_range(strtol(pl_json_get_text(reply, "headers.Retry-After"), NULL, 10), 1, 60);
	json_decref(reply);
}

/* Nothing tells whether there is such a user. */
static void wrong_passwords_lock(void **state)
{
	static const char *const names[] = { "agent1", "nobody" };
	struct test_world *w = begin_locking("lock_time=60");

	for (int n = 0; n < 2; n++) {
		for (int i = 0; i < 5; i++)
			gives(token(w, password_form(names[n], "wrong")), 400, "invalid_grant");
		is_locked(token(w, password_form(names[n], "agent-pass")));
	}
	is_locked(post(w, SERVICE ".authorize",
		       authorize_body("agent1", "agent-pass", "/workspaces/")));
	log_in(w, "admin", "admin-pass");
	test_world_free(w);
}

static void a_lock_ends(void **state)
{
	struct test_world *w = begin_locking("lock_time=1");

	for (int i = 0; i < 5; i++)
		gives(token(w, password_form("agent1", "wrong")), 400, "invalid_grant");
	test_run(w, 1100);
	log_in(w, "agent1", "agent-pass");
	gives(token(w, password_form("agent1", "wrong")), 400, "invalid_grant");
	log_in(w, "agent1", "agent-pass"); /* and counting begins anew */
	test_world_free(w);
}

/* Many guesses at once are worth no more than one after the other. */
static void a_burst_is_bounded(void **state)
{
	enum { BURST = 120 };
	struct test_world *w = begin_locking("lock_time=60"); /* longer than the burst takes */
	char ids[BURST][27];
	int wrong = 0, locked = 0, refused = 0;

	for (int i = 0; i < BURST; i++)
		test_send(
			w, SERVICE ".token",
			test_http("POST", NULL, NULL, password_form("agent1", "wrong"), NULL, NULL),
			ids[i]);
	for (int i = 0; i < BURST; i++) {
		json_t *reply = test_answer(w, ids[i]);
		json_int_t status = json_integer_value(json_object_get(reply, "status"));

		wrong += status == 400;
		locked += status == 429;
		refused += strcmp(test_error(reply), "rateLimited") == 0;
		json_decref(reply);
	}
	assert_int_equal(wrong, 5);
	/* 64 are let in on an idle machine, on a busy one those that can be served in time */
	assert_in_range(refused, 1, BURST - POOL_ROOM_EACH * 2);
	assert_int_equal(wrong + locked + refused, BURST);
	log_in(w, "admin", "admin-pass");
	test_world_free(w);
}

static void service_accounts_have_secrets(void **state)
{
	struct test_world *w = begin();
	json_t *reply = token(w, json_pack("{s:s, s:s, s:s}", "grant_type", "client_credentials",
					   "client_id", "robot", "client_secret", "robot-pass"));

	assert_int_equal(json_integer_value(json_object_get(reply, "status")), 200);
	assert_null(pl_json_get(reply, "body.refresh_token"));
	json_decref(reply);
	gives(token(w, json_pack("{s:s, s:s, s:s}", "grant_type", "client_credentials", "client_id",
				 "robot", "client_secret", "wrong")),
	      401, "invalid_client");
	gives(token(w, json_pack("{s:s, s:s, s:s}", "grant_type", "client_credentials", "client_id",
				 "agent1", "client_secret", "agent-pass")),
	      400, "unauthorized_client");
	reply = test_request(w, SERVICE ".set-password",
			     json_pack("{s:s, s:s}", "username", "new", "password", "pw"));
	assert_string_equal(test_error(reply), "");
	json_decref(reply);
	log_in(w, "new", "pw");
	test_refused(w, SERVICE ".set-password",
		     json_pack("{s:s, s:s}", "username", "new", "password", ""), "badRequest");
	test_world_free(w);
}

static json_t *nobody_home(const char *operation, json_t *body, void *arg)
{
	return NULL;
}

static json_t *nonsense(const char *operation, json_t *body, void *arg)
{
	return json_pack("{s:{s:s, s:b, s:[i]}}", "user", "id", "admin", "enabled", 1, "roles", 7);
}

static void the_user_store_may_be_away(void **state)
{
	struct test_world *w = begin();
	json_t *reply;
	char id[27];

	test_serve(w, "UCAStoreService", nobody_home, NULL);
	reply = token(w, password_form("admin", "admin-pass"));
	assert_string_equal(test_error(reply), "unavailable");
	json_decref(reply);
	test_serve(w, "UCAStoreService", nonsense, NULL);
	reply = token(w, password_form("admin", "admin-pass"));
	assert_string_equal(test_error(reply), "unavailable");
	json_decref(reply);
	/* killed in the middle of a log-in: the asker repeats it */
	test_serve(w, "UCAStoreService", user_store, NULL);
	test_send(w, SERVICE ".token",
		  test_http("POST", NULL, NULL, password_form("admin", "admin-pass"), NULL, NULL),
		  id);
	test_service_kill(w, SERVICE);
	test_service_start(w, SERVICE, NULL);
	reply = test_request_id(
		w, SERVICE ".token",
		test_http("POST", NULL, NULL, password_form("admin", "admin-pass"), NULL, NULL),
		id);
	gives(json_incref(reply), 200, "");
	json_decref(reply);
	test_world_free(w);
}

static bool file_holds(const char *path, const char *secret)
{
	static char text[1 << 22];
	FILE *f = fopen(path, "r");
	size_t len = f ? fread(text, 1, sizeof(text), f) : 0;

	if (f)
		fclose(f);
	return memmem(text, len, secret, strlen(secret));
}

/* No password is in the logs or the store. */
static void passwords_are_kept_nowhere(void **state)
{
	static const char *const files[] = { SERVICE ".log", "services/" SERVICE "/store.db",
					     "services/" SERVICE "/store.db-wal" };
	static const char *const secrets[] = { "agent-pass", "Wrong-Secret-77", "admin-pass" };
	struct test_world *w = begin();
	char path[200];

	log_in(w, "agent1", "agent-pass");
	gives(token(w, password_form("agent1", "Wrong-Secret-77")), 400, "invalid_grant");
	gives(post(w, SERVICE ".authorize", authorize_body("agent1", "Wrong-Secret-77", "/")), 401,
	      "");
	test_run(w, 500);
	test_service_kill(w, SERVICE); /* so that the write-ahead log is still there */
	snprintf(path, sizeof(path), "%s/%s", test_world_dir(w), files[2]);
	assert_true(file_holds(path, "$argon2id$") || getenv("PELAGO_TEST_POSTGRES"));
	for (size_t i = 0; i < 9; i++) {
		snprintf(path, sizeof(path), "%s/%s", test_world_dir(w), files[i / 3]);
		if (file_holds(path, secrets[i % 3]))
			fail_msg("%s holds %s", path, secrets[i % 3]);
	}
	test_world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(redirects_are_judged),
		cmocka_unit_test(urls_are_encoded),
		cmocka_unit_test(verifiers_are_proved),
		cmocka_unit_test(a_password_gives_tokens),
		cmocka_unit_test(bad_token_requests_are_refused),
		cmocka_unit_test(pages_sign_in_by_code),
		cmocka_unit_test(bad_sign_ins_are_refused),
		cmocka_unit_test(refresh_tokens_are_good_once),
		cmocka_unit_test(tokens_are_revoked),
		cmocka_unit_test(wrong_passwords_lock),
		cmocka_unit_test(a_lock_ends),
		cmocka_unit_test(a_burst_is_bounded),
		cmocka_unit_test(service_accounts_have_secrets),
		cmocka_unit_test(the_user_store_may_be_away),
		cmocka_unit_test(passwords_are_kept_nowhere),
	};

	return cmocka_run_group_tests_name("authorization", tests, NULL, NULL);
}
