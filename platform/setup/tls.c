/*
 * tls.c — the instance's certificate authority and the certificates of its processes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "platform/setup/file.h"
#include "platform/setup/setup.h"
#include "platform/setup/tls_impl.h"

enum { AUTHORITY_DAYS = 3650, DAY_S = 86400 };

enum pl_err tls_fail(const char *what)
{
	char why[160];

	ERR_error_string_n(ERR_get_error(), why, sizeof(why));
	ERR_clear_error();
	return pl_fail(PL_INTERNAL, "%s: %s", what, why);
}

/* ---- files ---- */

static char *tls_path(const char *data, const char *name, const char *end)
{
	char *path = NULL;

	return asprintf(&path, "%s/tls/%s.%s", data, name, end) < 0 ? NULL : path;
}

static X509 *read_certificate(const char *path)
{
	FILE *f = fopen(path, "re");
	X509 *certificate = f ? PEM_read_X509(f, NULL, NULL, NULL) : NULL;

	if (f)
		fclose(f);
	ERR_clear_error();
	return certificate;
}

static EVP_PKEY *read_key(const char *path)
{
	FILE *f = fopen(path, "re");
	EVP_PKEY *key = f ? PEM_read_PrivateKey(f, NULL, NULL, NULL) : NULL;

	if (f)
		fclose(f);
	ERR_clear_error();
	return key;
}

/* Writes what a BIO holds; frees it. */
static enum pl_err write_bio(const char *path, BIO *bio, mode_t mode)
{
	char *text;
	long len = BIO_get_mem_data(bio, &text);
	enum pl_err err = file_replace(path, text, (size_t)len, mode);

	BIO_free(bio);
	return err;
}

static enum pl_err write_pair(const char *data, const char *name, X509 *certificate, EVP_PKEY *key)
{
	char *certificate_path = tls_path(data, name, "pem"),
	     *key_path = tls_path(data, name, "key");
	BIO *text = BIO_new(BIO_s_mem()), *secret = BIO_new(BIO_s_secmem());
	enum pl_err err = PL_NOMEM; /* what the bare gotos below mean */

	if (!certificate_path || !key_path || !text || !secret)
		goto out;
	if (!PEM_write_bio_X509(text, certificate) ||
	    !PEM_write_bio_PKCS8PrivateKey(secret, key, NULL, NULL, 0, NULL, NULL)) {
		err = tls_fail("writing a certificate");
		goto out;
	}
	err = write_bio(key_path, secret, 0600);
	secret = NULL;
	if (!err) {
		err = write_bio(certificate_path, text, 0644);
		text = NULL;
	}
out:
	BIO_free(text);
	BIO_free(secret);
	free(certificate_path);
	free(key_path);
	return err;
}

/* ---- making ---- */

static bool set_serial(X509 *certificate)
{
	unsigned char bytes[16];
	BIGNUM *number = NULL;
	bool ok = RAND_bytes(bytes, sizeof(bytes)) == 1;

	bytes[0] = (bytes[0] & 0x7f) | 0x40; /* positive, 128 bits (RFC 5280 §4.1.2.2) */
	number = ok ? BN_bin2bn(bytes, sizeof(bytes), NULL) : NULL;
	ok = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
	BN_free(number);
	return ok;
}

static bool add_extension(X509 *certificate, X509 *issuer, int nid, const char *value)
{
	X509_EXTENSION *extension;
	X509V3_CTX context;
	bool ok;

	X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	ok = extension && X509_add_ext(certificate, extension, -1);
	X509_EXTENSION_free(extension);
	return ok;
}

/* A certificate without extensions and signature. */
static X509 *certificate_new(EVP_PKEY *key, const char *name, X509 *issuer, int days)
{
	X509 *certificate = X509_new();
	X509_NAME *subject = certificate ? X509_get_subject_name(certificate) : NULL;
	bool ok =
		subject && X509_set_version(certificate, 2) && set_serial(certificate) &&
		X509_gmtime_adj(X509_getm_notBefore(certificate), -DAY_S) &&
		X509_time_adj_ex(X509_getm_notAfter(certificate), days, 0, NULL) &&
		X509_set_pubkey(certificate, key) &&
		X509_NAME_add_entry_by_txt(subject, "O", MBSTRING_UTF8,
					   (const unsigned char *)"Pelago", -1, -1, 0) &&
		X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
					   (const unsigned char *)name, -1, -1, 0) &&
		X509_set_issuer_name(certificate, issuer ? X509_get_subject_name(issuer) : subject);

	if (ok)
		return certificate;
	X509_free(certificate);
	return NULL;
}

enum pl_err tls_authority(const char *data)
{
	char *path = tls_path(data, "ca", "pem"), *key_path = tls_path(data, "ca", "key"), name[64];
	unsigned char id[4] = { 0 };
	X509 *certificate = NULL;
	enum pl_err err = PL_OK;
	EVP_PKEY *key = NULL;

	if (!path || !key_path)
		err = PL_NOMEM;
	if (err || (access(path, R_OK) == 0 && access(key_path, R_OK) == 0))
		goto out;
	if (access(path, F_OK) == 0) {
		err = pl_fail(PL_IO, "%s is there, but its key %s isn't readable", path, key_path);
		goto out;
	}
	key = EVP_EC_gen("P-256");
	RAND_bytes(id, sizeof(id));
	snprintf(name, sizeof(name), "Pelago authority %02x%02x%02x%02x", id[0], id[1], id[2],
		 id[3]);
	certificate = key ? certificate_new(key, name, NULL, AUTHORITY_DAYS) : NULL;
	if (!certificate ||
	    !add_extension(certificate, certificate, NID_basic_constraints,
			   "critical,CA:TRUE,pathlen:0") ||
	    !add_extension(certificate, certificate, NID_key_usage,
			   "critical,keyCertSign,cRLSign") ||
	    !add_extension(certificate, certificate, NID_subject_key_identifier, "hash") ||
	    !X509_sign(certificate, key, EVP_sha256()))
		err = tls_fail("making the certificate authority");
	else
		err = write_pair(data, "ca", certificate, key);
out:
	X509_free(certificate);
	EVP_PKEY_free(key);
	free(path);
	free(key_path);
	return err;
}

/* ---- the authority at work ---- */

enum pl_err tls_authority_open(struct tls_authority *authority, const char *data)
{
	char *path = tls_path(data, "ca", "pem"), *key_path = tls_path(data, "ca", "key");
	enum pl_err err = path && key_path ? PL_OK : PL_NOMEM;

	authority->certificate = err ? NULL : read_certificate(path);
	authority->key = err ? NULL : read_key(key_path);
	if (!err && (!authority->certificate || !authority->key))
		err = pl_fail(PL_IO, "%s: the certificate authority can't be read", path);
	if (err)
		tls_authority_close(authority);
	free(path);
	free(key_path);
	return err;
}

void tls_authority_close(struct tls_authority *authority)
{
	X509_free(authority->certificate);
	EVP_PKEY_free(authority->key);
	authority->certificate = NULL;
	authority->key = NULL;
}

X509 *tls_issue(const struct tls_authority *authority, EVP_PKEY *key, const char *name,
		const char *names)
{
	X509 *issuer = authority->certificate,
	     *certificate = certificate_new(key, name, issuer, TLS_DAYS);

	if (certificate &&
	    add_extension(certificate, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
	    add_extension(certificate, issuer, NID_key_usage, "critical,digitalSignature") &&
	    add_extension(certificate, issuer, NID_ext_key_usage, "serverAuth,clientAuth") &&
	    add_extension(certificate, issuer, NID_subject_key_identifier, "hash") &&
	    add_extension(certificate, issuer, NID_authority_key_identifier, "keyid:always") &&
	    add_extension(certificate, issuer, NID_subject_alt_name, names) &&
	    X509_sign(certificate, authority->key, EVP_sha256()))
		return certificate;
	X509_free(certificate);
	return NULL;
}

void tls_own_names(char names[TLS_NAMES_MAX])
{
	snprintf(names, TLS_NAMES_MAX, "DNS:localhost,IP:127.0.0.1,IP:::1");
}

/* This host's name only if it is fit for a certificate. */
static void add_host(char names[TLS_NAMES_MAX])
{
	char host[256] = "";
	size_t len;

	gethostname(host, sizeof(host) - 1);
	len = strlen(host);
	if (len > 0 && len < 254 && strcmp(host, "localhost") != 0 &&
	    strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-") == len)
		snprintf(names + strlen(names), TLS_NAMES_MAX - strlen(names), ",DNS:%s", host);
}

static bool is_good(X509 *certificate, const struct tls_authority *authority, EVP_PKEY *key,
		    const char *const *addresses)
{
	time_t later = time(NULL) + (time_t)TLS_RENEW_DAYS * DAY_S;
	char host[256] = "";

	gethostname(host, sizeof(host) - 1);
	for (; certificate && addresses && *addresses; addresses++)
		if (X509_check_ip_asc(certificate, *addresses, 0) != 1)
			return false;
	return certificate && key &&
	       X509_check_issued(authority->certificate, certificate) == X509_V_OK &&
	       X509_verify(certificate, authority->key) == 1 &&
	       X509_check_private_key(certificate, key) == 1 &&
	       X509_cmp_time(X509_get0_notAfter(certificate), &later) > 0 &&
	       X509_check_host(certificate, "localhost", 0, 0, NULL) == 1 &&
	       X509_check_ip_asc(certificate, "127.0.0.1", 0) == 1 &&
	       (!*host || X509_check_host(certificate, host, 0, 0, NULL) == 1);
}

/* Makes one, unless there is a good one, or anyway. */
static enum pl_err make(const char *data, const char *process, const char *const *addresses,
			bool anyway)
{
	char *path = tls_path(data, process, "pem"), *key_path = tls_path(data, process, "key");
	struct tls_authority authority = { 0 };
	X509 *certificate = NULL;
	char names[TLS_NAMES_MAX];
	EVP_PKEY *key = NULL;
	enum pl_err err = path && key_path ? tls_authority_open(&authority, data) : PL_NOMEM;

	if (err)
		goto out;
	certificate = read_certificate(path);
	key = read_key(key_path);
	if (!anyway && is_good(certificate, &authority, key, addresses))
		goto out;
	X509_free(certificate);
	EVP_PKEY_free(key);
	tls_own_names(names);
	add_host(names);
	for (; addresses && *addresses; addresses++)
		snprintf(names + strlen(names), sizeof(names) - strlen(names), ",IP:%s",
			 *addresses);
	key = EVP_EC_gen("P-256");
	certificate = key ? tls_issue(&authority, key, process, names) : NULL;
	err = certificate ? write_pair(data, process, certificate, key)
			  : tls_fail("making a certificate");
out:
	tls_authority_close(&authority);
	X509_free(certificate);
	EVP_PKEY_free(key);
	free(path);
	free(key_path);
	return err;
}

enum pl_err tls_certificate(const char *data, const char *process, const char *const *addresses)
{
	return make(data, process, addresses, false);
}

enum pl_err tls_renew(const char *data, const char *process, const char *const *addresses)
{
	return make(data, process, addresses, true);
}

int tls_days_left(const char *data, const char *process)
{
	char *path = tls_path(data, process, "pem");
	X509 *certificate = path ? read_certificate(path) : NULL;
	int days = -1, seconds = 0;

	if (!certificate ||
	    !ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(certificate)) || days < 0 ||
	    seconds < 0)
		days = -1;
	X509_free(certificate);
	free(path);
	return days;
}
