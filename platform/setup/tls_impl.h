/*
 * tls_impl.h — what tls.c and tls_join.c share.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_SETUP_TLS_IMPL_H
#define PELAGO_SETUP_TLS_IMPL_H

#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <stdbool.h>

#include "pelago/err.h"

enum { TLS_NAMES_MAX = 1024, TLS_DAYS = 825 };

/* tls_fail tells of a failed call of the library, with its reason. */
enum pl_err tls_fail(const char *what);

struct tls_authority {
	X509 *certificate;
	EVP_PKEY *key;
};
/* tls_authority_open reads the authority of a data folder. PL_IO. */
enum pl_err tls_authority_open(struct tls_authority *authority, const char *data);
void tls_authority_close(struct tls_authority *authority);

/*
 * tls_issue makes a certificate for a key, signed by the authority. names: "DNS:localhost,IP:…".
 * NULL after an error of the library.
 */
X509 *tls_issue(const struct tls_authority *authority, EVP_PKEY *key, const char *name,
		const char *names);
/* tls_own_names writes the names that every certificate has: localhost and its addresses. */
void tls_own_names(char names[TLS_NAMES_MAX]);

#endif
