/*
 * token_test.c — one good token, and every way that one can be bad (PLT-50).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <jose/b64.h>
#include <jose/jwk.h>
#include <jose/jws.h>
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

enum { NOW_S = 1800000000 };

static json_t *key, *other_key, *jwks;

static int set_up(void **state)
{
	if (pl_token_key(&key) || pl_token_key(&other_key))
		return -1;
	jwks = json_pack("{s:[o, o]}", "keys", pl_token_public(other_key), pl_token_public(key));
	return jwks ? 0 : -1;
}

static int tear_down(void **state)
{
	json_decref(key);
	json_decref(other_key);
	json_decref(jwks);
	return 0;
}

static json_t *good_claims(void)
{
	return json_pack("{s:s, s:s, s:s, s:[s, s], s:i, s:i, s:s}", "iss", "pelago", "sub",
			 "agent1", "name", "Agent One", "roles", "agent", "supervisor", "iat",
			 NOW_S - 60, "exp", NOW_S + 60, "jti", "t1");
}

/* signed_by makes a token whatever its header and payload are. */
static char *signed_by(const json_t *jwk, const char *header, const char *payload)
{
	json_t *jws = json_pack("{s:o}", "payload", jose_b64_enc(payload, strlen(payload)));
	json_t *sig = json_pack("{s:o}", "protected", jose_b64_enc(header, strlen(header)));
	char *token = NULL;

	assert_true(jose_jws_sig(NULL, jws, sig, jwk));
	assert_true(asprintf(&token, "%s.%s.%s", pl_json_get_text(jws, "protected"),
			     pl_json_get_text(jws, "payload"),
			     pl_json_get_text(jws, "signature")) > 0);
	json_decref(sig);
	json_decref(jws);
	return token;
}

static char *token_of(json_t *claims, const json_t *jwk)
{
	char *token = NULL;

	assert_int_equal(pl_token_sign(&token, claims, jwk), PL_OK);
	json_decref(claims);
	return token;
}

static void refused(const char *what, const char *token, size_t len, const json_t *set,
		    int64_t now_s)
{
	json_t *claims = NULL;
	bool unknown = true;
	enum pl_err err = pl_token_check(&claims, &unknown, token, len, set, now_s);

	if (err != PL_UNAUTHORIZED || claims)
		fail_msg("%s: %s", what, err ? pl_err_detail(err) : "taken");
	assert_false(unknown);
}

static void accepted(const char *token, const json_t *set, int64_t now_s)
{
	json_t *claims = NULL;
	enum pl_err err = pl_token_check(&claims, NULL, token, strlen(token), set, now_s);

	if (err)
		fail_msg("%s", pl_err_detail(err));
	assert_string_equal(pl_json_get_text(claims, "sub"), "agent1");
	json_decref(claims);
}

static void a_good_token_gives_its_claims(void **state)
{
	char *token = token_of(good_claims(), key);
	json_t *claims = NULL, *wanted = good_claims();
	bool unknown = true;

	assert_int_equal(pl_token_check(&claims, &unknown, token, strlen(token), jwks, NOW_S),
			 PL_OK);
	assert_false(unknown);
	assert_true(json_equal(claims, wanted));
	json_decref(wanted);
	json_decref(claims);
	free(token);
}

static void sign_names_the_issuer_if_the_claims_do_not(void **state)
{
	json_t *claims = good_claims();
	char *token;

	json_object_del(claims, "iss");
	json_incref(claims);
	token = token_of(claims, key);
	assert_null(json_object_get(claims, "iss"));
	json_decref(claims);
	accepted(token, jwks, NOW_S);
	free(token);
}

static void clocks_may_differ_by_five_seconds(void **state)
{
	char *token = token_of(good_claims(), key);

	accepted(token, jwks, NOW_S + 60 + 4);
	refused("expired", token, strlen(token), jwks, NOW_S + 60 + 5);
	accepted(token, jwks, NOW_S - 60 - 5);
	refused("future", token, strlen(token), jwks, NOW_S - 60 - 6);
	refused("long ago", token, strlen(token), jwks, INT64_MAX);
	refused("negative", token, strlen(token), jwks, INT64_MIN);
	free(token);
}

/* Properly signed, and yet refused for a claim. NULL removes it. */
static void bad_claims(void **state)
{
	static const struct {
		const char *name, *json;
	} rows[] = {
		{ "iss", NULL },
		{ "iss", "\"Pelago\"" },
		{ "iss", "\"https://other.example\"" },
		{ "iss", "[\"pelago\"]" },
		{ "sub", NULL },
		{ "sub", "\"\"" },
		{ "sub", "7" },
		{ "iat", NULL },
		{ "iat", "1.5" },
		{ "iat", "-1" },
		{ "iat", "9223372036854775807" },
		{ "exp", NULL },
		{ "exp", "\"1800000060\"" },
		{ "exp", "1800000060.0" },
		{ "exp", "9223372036854775807" },
		{ "exp", "-9223372036854775808" },
		{ "exp", "0" },
		{ "nbf", "1800000006" },
		{ "nbf", "\"soon\"" },
		{ "name", "{}" },
		{ "jti", "1" },
		{ "roles", "\"administrator\"" },
		{ "roles", "[1]" },
		{ "roles", "{\"administrator\":true}" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *claims = good_claims();
		char *token, *text, header[200];

		json_object_del(claims, rows[i].name);
		if (rows[i].json)
			json_object_set_new(claims, rows[i].name,
					    json_loads(rows[i].json, JSON_DECODE_ANY, NULL));
		text = pl_json_dump(claims);
		snprintf(header, sizeof(header), "{\"alg\":\"ES256\",\"kid\":\"%s\"}",
			 pl_json_get_text(key, "kid"));
		token = signed_by(key, header, text);
		refused(text, token, strlen(token), jwks, NOW_S);
		free(token);
		free(text);
		json_decref(claims);
	}
}

/* Properly signed, with a header that says too much or too little. */
static void bad_headers(void **state)
{
	static const char *const headers[] = {
		"{\"alg\":\"ES256\",\"kid\":\"%s\",\"crit\":[\"b64\"],\"b64\":true}",
		"{\"alg\":\"ES256\",\"kid\":\"%s\",\"crit\":[]}",
		"{\"alg\":\"ES256\",\"kid\":\"%s\",\"kid\":\"%s\"}",
		"{\"alg\":\"ES256\",\"kid\":[\"%s\"]}",
		"{\"alg\":\"ES256\"}",
	};
	json_t *claims = good_claims();
	char *payload = pl_json_dump(claims);

	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		const char *kid = pl_json_get_text(key, "kid");
		char header[400];
		char *token;

		snprintf(header, sizeof(header), headers[i], kid, kid);
		token = signed_by(key, header, payload);
		refused(header, token, strlen(token), jwks, NOW_S);
		free(token);
	}
	free(payload);
	json_decref(claims);
}

/* with_header puts another header before payload and signature of a token. */
static char *with_header(const char *token, const char *header)
{
	json_t *encoded = jose_b64_enc(header, strlen(header));
	char *changed = NULL;

	assert_true(asprintf(&changed, "%s%s", json_string_value(encoded), strchr(token, '.')) > 0);
	json_decref(encoded);
	return changed;
}

static void another_algorithm(void **state)
{
	static const char *const algs[] = { "none",  "None",  "NONE",  "",	"HS256",
					    "HS512", "RS256", "PS256", "ES384", "ES512",
					    "es256", "EdDSA", "ES256 " };
	char *token = token_of(good_claims(), key);

	for (size_t i = 0; i < sizeof(algs) / sizeof(algs[0]); i++) {
		char header[200];
		char *changed;

		snprintf(header, sizeof(header), "{\"alg\":\"%s\",\"kid\":\"%s\"}", algs[i],
			 pl_json_get_text(key, "kid"));
		changed = with_header(token, header);
		refused(header, changed, strlen(changed), jwks, NOW_S);
		refused("without signature", changed, strlen(changed) - 86, jwks, NOW_S);
		free(changed);
	}
	free(token);
}

/* The public key, which everyone knows, taken for the secret of an HMAC. */
static void a_public_key_as_secret(void **state)
{
	json_t *public = pl_token_public(key), *claims = good_claims();
	const char *kid = pl_json_get_text(key, "kid");
	char *payload = pl_json_dump(claims), *as_text = pl_json_dump(public);
	json_t *secret = json_pack("{s:s, s:s, s:o}", "kty", "oct", "kid", kid, "k",
				   jose_b64_enc(as_text, strlen(as_text)));
	json_t *x_secret = json_pack("{s:s, s:O}", "kty", "oct", "k", json_object_get(public, "x"));
	json_t *mixed = json_pack("{s:[O]}", "keys", secret);
	char header[200];
	char *token;

	snprintf(header, sizeof(header), "{\"alg\":\"HS256\",\"kid\":\"%s\"}", kid);
	token = signed_by(secret, header, payload);
	refused("HMAC by the whole key", token, strlen(token), jwks, NOW_S);
	refused("HMAC by a key of the set", token, strlen(token), mixed, NOW_S);
	free(token);
	token = signed_by(x_secret, header, payload);
	refused("HMAC by x", token, strlen(token), jwks, NOW_S);
	free(token);

	json_decref(mixed);
	json_decref(x_secret);
	json_decref(secret);
	json_decref(public);
	json_decref(claims);
	free(as_text);
	free(payload);
}

static void a_key_in_the_header_is_not_used(void **state)
{
	json_t *own = NULL, *public, *claims = good_claims();
	char *payload = pl_json_dump(claims), *as_text, *header = NULL, *token;

	assert_int_equal(pl_token_key(&own), PL_OK);
	public = pl_token_public(own);
	as_text = pl_json_dump(public);
	assert_true(asprintf(&header, "{\"alg\":\"ES256\",\"kid\":\"%s\",\"jwk\":%s}",
			     pl_json_get_text(key, "kid"), as_text) > 0);
	token = signed_by(own, header, payload);
	refused("key in the header", token, strlen(token), jwks, NOW_S);
	free(token);
	free(header);
	free(as_text);
	free(payload);
	json_decref(public);
	json_decref(own);
	json_decref(claims);
}

static void a_wrong_key(void **state)
{
	json_t *forged = json_deep_copy(other_key), *unknown_key = json_deep_copy(other_key);
	json_t *claims = NULL;
	bool unknown = false;
	char *token;

	json_object_set(forged, "kid", json_object_get(key, "kid"));
	token = token_of(good_claims(), forged);
	refused("the id of one key, the signature of another", token, strlen(token), jwks, NOW_S);
	free(token);

	json_object_set_new(unknown_key, "kid", json_string("rotated"));
	token = token_of(good_claims(), unknown_key);
	assert_int_equal(pl_token_check(&claims, &unknown, token, strlen(token), jwks, NOW_S),
			 PL_UNAUTHORIZED);
	assert_true(unknown);
	assert_int_equal(pl_token_check(&claims, NULL, token, strlen(token), jwks, NOW_S),
			 PL_UNAUTHORIZED);
	free(token);
	json_decref(forged);
	json_decref(unknown_key);
}

/* A key of the set that isn't one for ES256 signatures counts as absent; an unusable one refuses.
 */
static void odd_key_sets(void **state)
{
	static const char *const sets[] = {
		"null",
		"[]",
		"{}",
		"{\"keys\":{}}",
		"{\"keys\":[]}",
		"{\"keys\":[null,1,\"k\",[]]}",
		"{\"keys\":[{\"kid\":\"%s\"}]}",
		"{\"keys\":[{\"kid\":\"%s\",\"kty\":\"oct\",\"k\":\"AAAA\"}]}",
		"{\"keys\":[{\"kid\":\"%s\",\"kty\":\"RSA\",\"crv\":\"P-256\"}]}",
		"{\"keys\":[{\"kid\":\"%s\",\"kty\":\"EC\",\"crv\":\"P-521\"}]}",
		"{\"keys\":[{\"kid\":\"%s\",\"kty\":\"EC\",\"crv\":\"P-256\",\"use\":\"enc\"}]}",
		"{\"keys\":[{\"kid\":\"%s\",\"kty\":\"EC\",\"crv\":\"P-256\"}]}",
		"{\"keys\":[{\"kid\":\"%s\",\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":1,\"y\":2}]}",
		"{\"keys\":[{\"kid\":\"%s\",\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"\",\"y\":\"\"}]}",
		"{\"keys\":[{\"kid\":\"%s\",\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"!\"}]}",
	};
	char *token = token_of(good_claims(), key);

	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		json_t *set, *claims = NULL;
		char text[300];

		snprintf(text, sizeof(text), sets[i], pl_json_get_text(key, "kid"));
		set = json_loads(text, JSON_DECODE_ANY, NULL);
		assert_non_null(set);
		assert_int_equal(pl_token_check(&claims, NULL, token, strlen(token), set, NOW_S),
				 PL_UNAUTHORIZED);
		assert_null(claims);
		json_decref(set);
	}
	assert_int_equal(
		pl_token_check(&(json_t *){ NULL }, NULL, token, strlen(token), NULL, NOW_S),
		PL_UNAUTHORIZED);
	free(token);
}

static void truncated_at_each_byte(void **state)
{
	char *token = token_of(good_claims(), key);

	for (size_t len = 0; len < strlen(token); len++) {
		/* a copy of exactly that length: the sanitizer sees a read behind its end */
		char *copy = malloc(len ? len : 1);

		assert_non_null(copy);
		memcpy(copy, token, len);
		refused("truncated", copy, len, jwks, NOW_S);
		free(copy);
	}
	free(token);
}

/* A single bit turned anywhere, but for the unused bits of a part's last character. */
static void changed_at_each_byte(void **state)
{
	char *token = token_of(good_claims(), key);
	json_t *claims;

	for (size_t i = 0; token[i]; i++) {
		const char was = token[i];

		if (token[i + 1] == '.' || token[i + 1] == '\0')
			continue;
		token[i] = was == 'A' ? 'B' : 'A';
		claims = NULL;
		assert_int_equal(pl_token_check(&claims, NULL, token, strlen(token), jwks, NOW_S),
				 PL_UNAUTHORIZED);
		token[i] = was;
	}
	accepted(token, jwks, NOW_S);
	free(token);
}

static void garbage(void **state)
{
	static const char *const texts[] = {
		"",
		".",
		"..",
		"...",
		"a.b.c",
		"null",
		"Bearer x",
		"e30.e30.",
		"e30..e30",
		".e30.e30",
		"e30=.e30=.e30=",
		"{}.{}.{}",
		"\xff\xfe.\x00.\x01",
		"e30.e30.e30.e30.e30",
	};
	char *token = token_of(good_claims(), key), *odd = NULL;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		refused(texts[i], texts[i], strlen(texts[i]), jwks, NOW_S);
	assert_true(asprintf(&odd, " %s", token) > 0);
	refused("a space before", odd, strlen(odd), jwks, NOW_S);
	free(odd);
	assert_true(asprintf(&odd, "%s\n", token) > 0);
	refused("a line end behind", odd, strlen(odd), jwks, NOW_S);
	refused("a NUL behind", token, strlen(token) + 1, jwks, NOW_S);
	free(odd);
	assert_true(asprintf(&odd, "%s==", token) > 0);
	refused("padding", odd, strlen(odd), jwks, NOW_S);
	free(odd);
	assert_true(asprintf(&odd, "%s.AAAA", token) > 0);
	refused("a fourth part", odd, strlen(odd), jwks, NOW_S);
	free(odd);
	free(token);
}

static void oversized(void **state)
{
	json_t *claims = good_claims();
	char text[8001];
	char *token;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	json_object_set_new(claims, "more", json_string(text));
	token = token_of(claims, key);
	assert_true(strlen(token) > 8192);
	refused("over 8 KiB", token, strlen(token), jwks, NOW_S);
	free(token);

	claims = good_claims();
	text[4000] = '\0';
	json_object_set_new(claims, "more", json_string(text));
	token = token_of(claims, key);
	accepted(token, jwks, NOW_S);
	free(token);
}

static void keys_are_private_and_public(void **state)
{
	json_t *public = pl_token_public(key);

	assert_int_equal(strlen(pl_json_get_text(key, "kid")), 22);
	assert_string_not_equal(pl_json_get_text(key, "kid"), pl_json_get_text(other_key, "kid"));
	assert_non_null(json_object_get(key, "d"));
	assert_null(json_object_get(public, "d"));
	assert_string_equal(pl_json_get_text(public, "kid"), pl_json_get_text(key, "kid"));
	assert_string_equal(pl_json_get_text(public, "kty"), "EC");
	assert_string_equal(pl_json_get_text(public, "crv"), "P-256");
	json_decref(public);
	assert_null(pl_token_public(NULL));
}

static void sign_refuses_what_cannot_sign(void **state)
{
	json_t *claims = good_claims(), *public = pl_token_public(key), *no_kid = json_copy(key);
	char *token = NULL;

	json_object_del(no_kid, "kid");
	assert_int_equal(pl_token_sign(&token, claims, public), PL_INVALID);
	assert_int_equal(pl_token_sign(&token, claims, no_kid), PL_INVALID);
	assert_int_equal(pl_token_sign(&token, claims, NULL), PL_INVALID);
	assert_int_equal(pl_token_sign(&token, NULL, key), PL_INVALID);
	assert_null(token);
	json_decref(no_kid);
	json_decref(public);
	json_decref(claims);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_token_gives_its_claims),
		cmocka_unit_test(sign_names_the_issuer_if_the_claims_do_not),
		cmocka_unit_test(clocks_may_differ_by_five_seconds),
		cmocka_unit_test(bad_claims),
		cmocka_unit_test(bad_headers),
		cmocka_unit_test(another_algorithm),
		cmocka_unit_test(a_public_key_as_secret),
		cmocka_unit_test(a_key_in_the_header_is_not_used),
		cmocka_unit_test(a_wrong_key),
		cmocka_unit_test(odd_key_sets),
		cmocka_unit_test(truncated_at_each_byte),
		cmocka_unit_test(changed_at_each_byte),
		cmocka_unit_test(garbage),
		cmocka_unit_test(oversized),
		cmocka_unit_test(keys_are_private_and_public),
		cmocka_unit_test(sign_refuses_what_cannot_sign),
	};

	return cmocka_run_group_tests_name("token", tests, set_up, tear_down);
}
