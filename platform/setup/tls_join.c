/*
 * tls_join.c — certificates for hosts that join: the request, the signature, the fingerprint by
 * which a token names the authority.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <arpa/inet.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/setup/setup.h"
#include "platform/setup/tls_impl.h"

enum { ADDRESSES_MAX = 9 }; /* eight of the host, and the floating one */

/* A copy of what a BIO holds, or NULL. */
static char *bio_text(BIO *bio)
{
	char *text;
	long len = BIO_get_mem_data(bio, &text);

	return len > 0 ? strndup(text, (size_t)len) : NULL;
}

enum pl_err tls_request(char **keyp, char **requestp)
{
	BIO *secret = BIO_new(BIO_s_mem()), *text = BIO_new(BIO_s_mem());
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509_REQ *request = X509_REQ_new();
	char *key_text = NULL, *request_text = NULL;
	enum pl_err err = PL_OK;

	if (!secret || !text || !key || !request || !X509_REQ_set_pubkey(request, key) ||
	    !X509_REQ_sign(request, key, EVP_sha256()) ||
	    !PEM_write_bio_PKCS8PrivateKey(secret, key, NULL, NULL, 0, NULL, NULL) ||
	    !PEM_write_bio_X509_REQ(text, request))
		err = tls_fail("making a request for a certificate");
	if (!err) {
		key_text = bio_text(secret);
		request_text = bio_text(text);
		err = key_text && request_text ? PL_OK : PL_NOMEM;
	}
	if (err) {
		free(key_text);
		free(request_text);
	} else {
		*keyp = key_text;
		*requestp = request_text;
	}
	BIO_free(secret);
	BIO_free(text);
	EVP_PKEY_free(key);
	X509_REQ_free(request);
	return err;
}

static bool is_host(const char *text)
{
	size_t len = strlen(text);

	return len > 0 && len < 254 &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-") ==
		       len;
}

static enum pl_err add_names(char names[TLS_NAMES_MAX], const json_t *addresses)
{
	struct in6_addr six;
	json_t *item;
	size_t i;

	tls_own_names(names);
	if (json_array_size(addresses) > ADDRESSES_MAX)
		return pl_fail(PL_INVALID, "addresses: at most %d", ADDRESSES_MAX);
	json_array_foreach(addresses, i, item) {
		const char *text = json_is_string(item) ? json_string_value(item) : "";
		bool is_ip = setup_is_address(text) || inet_pton(AF_INET6, text, &six) == 1;
		size_t len = strlen(names);

		if (!is_ip && !is_host(text))
			return pl_fail(PL_INVALID,
				       "addresses[%zu] is neither an address nor a name", i);
		if ((size_t)snprintf(names + len, TLS_NAMES_MAX - len, ",%s:%s",
				     is_ip ? "IP" : "DNS", text) >= TLS_NAMES_MAX - len)
			return pl_fail(PL_INVALID, "addresses are too long together");
	}
	return PL_OK;
}

enum pl_err tls_sign(char **pemp, const char *data, const char *request, const char *name,
		     const json_t *addresses)
{
	struct tls_authority authority = { 0 };
	BIO *in = BIO_new_mem_buf(request, -1), *out = BIO_new(BIO_s_mem());
	X509_REQ *asked = in ? PEM_read_bio_X509_REQ(in, NULL, NULL, NULL) : NULL;
	EVP_PKEY *key = asked ? X509_REQ_get0_pubkey(asked) : NULL;
	X509 *certificate = NULL;
	char names[TLS_NAMES_MAX];
	enum pl_err err;

	/* Who asks must have the key, and a key that is as strong as ours. */
	if (!key || X509_REQ_verify(asked, key) != 1 || !EVP_PKEY_is_a(key, "EC") ||
	    EVP_PKEY_get_bits(key) != 256)
		err = pl_fail(PL_INVALID, "request is no signed PKCS #10 request of a P-256 key");
	else
		err = add_names(names, addresses);
	if (!err)
		err = tls_authority_open(&authority, data);
	if (!err) {
		certificate = tls_issue(&authority, key, name, names);
		if (!certificate || !out || !PEM_write_bio_X509(out, certificate))
			err = tls_fail("signing a certificate");
	}
	if (!err)
		err = (*pemp = bio_text(out)) ? PL_OK : PL_NOMEM;
	tls_authority_close(&authority);
	X509_free(certificate);
	X509_REQ_free(asked);
	BIO_free(in);
	BIO_free(out);
	return err;
}

enum pl_err tls_fingerprint(char fingerprint[TLS_FINGERPRINT_SIZE], const char *pem)
{
	BIO *in = BIO_new_mem_buf(pem, -1);
	X509 *certificate = in ? PEM_read_bio_X509(in, NULL, NULL, NULL) : NULL;
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	bool ok = certificate && X509_digest(certificate, EVP_sha256(), digest, &len) && len == 32;

	for (unsigned i = 0; ok && i < len; i++)
		snprintf(fingerprint + 2 * i, 3, "%02x", digest[i]);
	X509_free(certificate);
	BIO_free(in);
	return ok ? PL_OK : pl_fail(PL_INVALID, "this is no certificate");
}
