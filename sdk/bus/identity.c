/*
 * identity.c — see pelago/identity.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pelago/identity.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LOOKS = 20, LOOK_US = 25000 };

static int64_t written_ns(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec
				    : 0;
}

/* The first certificate of a file, and those behind it. */
static X509 *read_certificates(STACK_OF(X509) * chain, const char *path)
{
	FILE *f = fopen(path, "re");
	X509 *first = f ? PEM_read_X509(f, NULL, NULL, NULL) : NULL, *next;

	while (first && (next = PEM_read_X509(f, NULL, NULL, NULL)))
		if (!sk_X509_push(chain, next))
			X509_free(next);
	if (f)
		fclose(f);
	ERR_clear_error(); /* the end of the file is one */
	return first;
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

static enum pl_err show(struct pl_identity *identity, SSL_CTX *tls, const char *path)
{
	char certificate_path[PATH_MAX], key_path[PATH_MAX];
	struct pl_identity now;
	STACK_OF(X509) * chain;
	X509 *certificate;
	EVP_PKEY *key;
	enum pl_err err = PL_OK;

	snprintf(certificate_path, sizeof(certificate_path), "%s.pem", path);
	snprintf(key_path, sizeof(key_path), "%s.key", path);
	now = (struct pl_identity){ written_ns(certificate_path), written_ns(key_path) };
	if (now.certificate_ns == 0 ||
	    (now.certificate_ns == identity->certificate_ns && now.key_ns == identity->key_ns))
		return PL_OK;
	chain = sk_X509_new_null();
	if (!chain)
		return PL_NOMEM;
	certificate = read_certificates(chain, certificate_path);
	key = read_key(key_path);
	if (!certificate || !key)
		err = pl_fail(PL_INVALID, "%s, %s: no certificate with its key", certificate_path,
			      key_path);
	else if (X509_check_private_key(certificate, key) != 1 && identity->certificate_ns)
		ERR_clear_error();
	else if (SSL_CTX_use_cert_and_key(tls, certificate, key, chain, 1) != 1)
		err = pl_fail(PL_INVALID, "%s, %s: no certificate with its key", certificate_path,
			      key_path);
	else
		*identity = now;
	ERR_clear_error();
	sk_X509_pop_free(chain, X509_free);
	X509_free(certificate);
	EVP_PKEY_free(key);
	return err;
}

enum pl_err pl_identity_show(struct pl_identity *identity, SSL_CTX *tls, const char *path)
{
	bool is_first = identity->certificate_ns == 0;
	enum pl_err err = show(identity, tls, path);

	/* who shows none yet may have come between the two files of a renewal */
	for (int i = 0; is_first && err == PL_INVALID && i < LOOKS; i++) {
		usleep(LOOK_US);
		err = show(identity, tls, path);
	}
	return err;
}
