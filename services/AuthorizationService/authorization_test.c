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

static struct test_world *begin(void)
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
	test_service_start(w, SERVICE, "--set", "lock_time=1", NULL);
	return w;
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(redirects_are_judged),
		cmocka_unit_test(urls_are_encoded),
		cmocka_unit_test(verifiers_are_proved),
		cmocka_unit_test(a_password_gives_tokens),
		cmocka_unit_test(bad_token_requests_are_refused),
	};

	return cmocka_run_group_tests_name("authorization", tests, NULL, NULL);
}
