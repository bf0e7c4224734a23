/*
 * token.c — JSON Web Tokens: one algorithm, one issuer, keys only from the set that the caller
 * trusts.
 *
 * Nothing of a token is believed before its signature is checked, but three members of its header:
 * alg must be the one we use, kid chooses among our own keys, crit is refused (RFC 7515 §4.1.11).
 * The key is handed to libjose with alg filled in, so that no other algorithm can be inferred.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pelago/token.h"

#include <jose/b64.h>
#include <jose/jwk.h>
#include <jose/jws.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "pelago/json.h"

enum { TOKEN_MAX = 8192, SIGNATURE_CHARS = 86, SKEW_S = 5, KID_BYTES = 16, KID_CHARS = 22 };

static const int64_t TIME_MAX_S = 253402300799; /* end of the year 9999 */
static const char ISSUER[] = "pelago";
static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* A compact token's three parts, borrowed from it (RFC 7515 §7.1). */
struct parts {
	const char *header, *payload, *signature;
	size_t header_len, payload_len, signature_len;
};

/* libjose tells its errors on standard error unless it is given another place. */
static void no_message(void *misc, const char *file, int line, uint64_t err, const char *fmt,
		       va_list ap)
{
}

static jose_cfg_t *silent(void)
{
	jose_cfg_t *cfg = jose_cfg();

	if (cfg)
		jose_cfg_set_err_func(cfg, no_message, NULL);
	return cfg;
}

static void cfg_free(jose_cfg_t *cfg)
{
	if (cfg)
		jose_cfg_decref(cfg);
}

static size_t count_base64url(const char *s, const char *end)
{
	const char *p = s;

	while (p < end && *p && strchr(ALPHABET, *p))
		p++;
	return (size_t)(p - s);
}

static enum pl_err split(struct parts *parts, const char *token, size_t len)
{
	const char *end = token + len;

	if (len > TOKEN_MAX)
		return pl_fail(PL_UNAUTHORIZED, "token: longer than %d bytes", TOKEN_MAX);
	parts->header = token;
	parts->header_len = count_base64url(parts->header, end);
	if (parts->header_len == 0 || parts->header_len >= len ||
	    parts->header[parts->header_len] != '.')
		goto bad;
	parts->payload = parts->header + parts->header_len + 1;
	parts->payload_len = count_base64url(parts->payload, end);
	if (parts->payload_len == 0 || parts->payload + parts->payload_len >= end ||
	    parts->payload[parts->payload_len] != '.')
		goto bad;
	parts->signature = parts->payload + parts->payload_len + 1;
	parts->signature_len = count_base64url(parts->signature, end);
	if (parts->signature_len != SIGNATURE_CHARS ||
	    parts->signature + parts->signature_len != end)
		goto bad;
	return PL_OK;
bad:
	return pl_fail(PL_UNAUTHORIZED, "token: not a compact JSON Web Token");
}

/* refuse makes whatever is wrong with a token's content PL_UNAUTHORIZED, with the same detail. */
static enum pl_err refuse(enum pl_err err)
{
	return err == PL_INVALID ? PL_UNAUTHORIZED : err;
}

static enum pl_err decode(json_t **objectp, const char *text, size_t len)
{
	char bytes[TOKEN_MAX];
	size_t n = jose_b64_dec_buf(text, len, bytes, sizeof(bytes));
	enum pl_err err;

	if (n == SIZE_MAX)
		return pl_fail(PL_UNAUTHORIZED, "token: not base64url");
	err = refuse(pl_json_parse(objectp, bytes, n));
	if (!err && !json_is_object(*objectp)) {
		json_decref(*objectp);
		*objectp = NULL;
		err = pl_fail(PL_UNAUTHORIZED, "token: a part is not a JSON object");
	}
	return err;
}

static enum pl_err check_header(const char **kidp, const json_t *header)
{
	const char *alg;
	enum pl_err err = pl_json_text(&alg, header, "alg", 16, true);

	if (!err && strcmp(alg, "ES256") != 0)
		err = pl_fail(PL_INVALID, "token: alg must be ES256");
	if (!err && json_object_get(header, "crit"))
		err = pl_fail(PL_INVALID, "token: crit is not supported");
	if (!err)
		err = pl_json_text(kidp, header, "kid", 128, true);
	return refuse(err);
}

static bool is_text(const json_t *object, const char *name, const char *wanted)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text && strcmp(text, wanted) == 0;
}

static bool is_absent_or(const json_t *object, const char *name, const char *wanted)
{
	return !json_object_get(object, name) || is_text(object, name, wanted);
}

/* key_find returns the set's key of that id if it is one for ES256, or NULL. Borrowed. */
static const json_t *key_find(const json_t *jwks, const char *kid)
{
	const json_t *key;
	size_t i;

	json_array_foreach(json_object_get(jwks, "keys"), i, key) {
		if (is_text(key, "kid", kid) && is_text(key, "kty", "EC") &&
		    is_text(key, "crv", "P-256") && is_absent_or(key, "alg", "ES256") &&
		    is_absent_or(key, "use", "sig"))
			return key;
	}
	return NULL;
}

static enum pl_err check_signature(const struct parts *parts, const json_t *key)
{
	json_t *x = json_object_get(key, "x"), *y = json_object_get(key, "y");
	jose_cfg_t *cfg = silent();
	json_t *jwk = NULL, *jws = NULL;
	enum pl_err err = PL_NOMEM;

	if (!cfg)
		goto out;
	if (!json_is_string(x) || !json_is_string(y)) {
		err = pl_fail(PL_UNAUTHORIZED, "token: its key is incomplete");
		goto out;
	}
	jwk = json_pack("{s:s, s:s, s:s, s:O, s:O}", "kty", "EC", "crv", "P-256", "alg", "ES256",
			"x", x, "y", y);
	jws = json_pack("{s:s%, s:s%, s:s%}", "protected", parts->header, parts->header_len,
			"payload", parts->payload, parts->payload_len, "signature",
			parts->signature, parts->signature_len);
	if (!jwk || !jws)
		goto out;
	err = jose_jws_ver(cfg, jws, NULL, jwk, false)
		      ? PL_OK
		      : pl_fail(PL_UNAUTHORIZED, "token: the signature is wrong");
out:
	json_decref(jws);
	json_decref(jwk);
	cfg_free(cfg);
	return err;
}

static enum pl_err check_claims(const json_t *claims, int64_t now_s)
{
	const char *text;
	int64_t iat, exp, nbf = 0;
	json_t *roles, *role;
	size_t i;
	enum pl_err err;

	if ((err = pl_json_text(&text, claims, "iss", 64, true)))
		return refuse(err);
	if (strcmp(text, ISSUER) != 0)
		return pl_fail(PL_UNAUTHORIZED, "token: from another issuer");
	if ((err = pl_json_int(&iat, claims, "iat", 0, TIME_MAX_S, true)) ||
	    (err = pl_json_int(&exp, claims, "exp", 0, TIME_MAX_S, true)) ||
	    (err = pl_json_int(&nbf, claims, "nbf", 0, TIME_MAX_S, false)) ||
	    (err = pl_json_text(&text, claims, "name", 256, false)) ||
	    (err = pl_json_text(&text, claims, "jti", 128, false)) ||
	    (err = pl_json_array(&roles, claims, "roles", 64, false)) ||
	    (err = pl_json_text(&text, claims, "sub", 256, true)))
		return refuse(err);
	if (text[0] == '\0')
		return pl_fail(PL_UNAUTHORIZED, "token: sub is empty");
	json_array_foreach(roles, i, role) {
		if (!json_is_string(role))
			return pl_fail(PL_UNAUTHORIZED, "token: a role is not a text");
	}
	if (exp + SKEW_S <= now_s)
		return pl_fail(PL_UNAUTHORIZED, "token: expired");
	if (iat - SKEW_S > now_s || nbf - SKEW_S > now_s)
		return pl_fail(PL_UNAUTHORIZED, "token: not valid yet");
	return PL_OK;
}

enum pl_err pl_token_check(json_t **claimsp, bool *unknown_keyp, const char *token,
			   size_t token_len, const json_t *jwks, int64_t now_s)
{
	json_t *header = NULL, *claims = NULL;
	struct parts parts = { 0 };
	const json_t *key;
	const char *kid;
	enum pl_err err;

	if (unknown_keyp)
		*unknown_keyp = false;
	err = split(&parts, token, token_len);
	if (!err)
		err = decode(&header, parts.header, parts.header_len);
	if (!err)
		err = check_header(&kid, header);
	if (err)
		goto out;
	key = key_find(jwks, kid);
	if (!key) {
		if (unknown_keyp)
			*unknown_keyp = true;
		err = pl_fail(PL_UNAUTHORIZED, "token: signed with an unknown key");
		goto out;
	}
	err = check_signature(&parts, key);
	if (!err)
		err = decode(&claims, parts.payload, parts.payload_len);
	if (!err)
		err = check_claims(claims, now_s);
out:
	if (err)
		json_decref(claims);
	else
		*claimsp = claims;
	json_decref(header);
	return err;
}

/* issued returns the claims as base64url, with our issuer if they name none. New reference. */
static json_t *issued(const json_t *claims)
{
	json_t *all = json_copy((json_t *)claims);
	json_t *encoded = NULL;

	if (!json_object_get(all, "iss") &&
	    json_object_set_new(all, "iss", json_string(ISSUER)) != 0)
		goto out;
	encoded = jose_b64_enc_dump(all);
out:
	json_decref(all);
	return encoded;
}

enum pl_err pl_token_sign(char **tokenp, const json_t *claims, const json_t *private_jwk)
{
	const char *kid = json_string_value(json_object_get(private_jwk, "kid"));
	jose_cfg_t *cfg = NULL;
	json_t *jws = NULL, *sig = NULL, *payload = NULL;
	enum pl_err err = PL_NOMEM;
	char *token = NULL;

	if (!json_is_object(claims))
		return pl_fail(PL_INVALID, "token: the claims are not an object");
	if (!kid || !is_text(private_jwk, "crv", "P-256") || !json_object_get(private_jwk, "d"))
		return pl_fail(PL_INVALID, "token: not a private ES256 key with an id");
	cfg = silent();
	payload = issued(claims);
	if (!cfg || !payload)
		goto out;
	jws = json_pack("{s:O}", "payload", payload);
	sig = json_pack("{s:{s:s, s:s, s:s}}", "protected", "alg", "ES256", "typ", "JWT", "kid",
			kid);
	if (!jws || !sig)
		goto out;
	if (!jose_jws_sig(cfg, jws, sig, private_jwk)) {
		err = pl_fail(PL_INVALID, "token: the key can't sign");
		goto out;
	}
	if (asprintf(&token, "%s.%s.%s", pl_json_get_text(jws, "protected"),
		     json_string_value(payload), pl_json_get_text(jws, "signature")) < 0)
		goto out;
	*tokenp = token;
	err = PL_OK;
out:
	json_decref(sig);
	json_decref(jws);
	json_decref(payload);
	cfg_free(cfg);
	return err;
}

enum pl_err pl_token_key(json_t **private_jwkp)
{
	unsigned char random[KID_BYTES];
	char kid[KID_CHARS + 1] = "";
	jose_cfg_t *cfg = silent();
	json_t *jwk = NULL;
	enum pl_err err = PL_NOMEM;

	if (getrandom(random, sizeof(random), 0) != sizeof(random)) {
		err = pl_fail(PL_IO, "token: no random numbers");
		goto out;
	}
	jose_b64_enc_buf(random, sizeof(random), kid, sizeof(kid) - 1);
	jwk = json_pack("{s:s, s:s, s:s}", "alg", "ES256", "use", "sig", "kid", kid);
	if (!cfg || !jwk || !jose_jwk_gen(cfg, jwk))
		goto out;
	*private_jwkp = json_incref(jwk);
	err = PL_OK;
out:
	json_decref(jwk);
	cfg_free(cfg);
	return err;
}

json_t *pl_token_public(const json_t *private_jwk)
{
	jose_cfg_t *cfg = silent();
	json_t *jwk = json_deep_copy(private_jwk);

	if (!cfg || !jwk || !jose_jwk_pub(cfg, jwk)) {
		json_decref(jwk);
		jwk = NULL;
	}
	cfg_free(cfg);
	return jwk;
}
