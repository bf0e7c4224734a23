/*
 * identity_test.c — PLT-3: a renewed certificate is shown by who runs already.
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

#include <fcntl.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pelago/identity.h"

static char folder[] = "/tmp/pelago-identity-XXXXXX", base[64];
static int64_t at_s = 1000000000; /* each file is younger than the one before */

static void stamp(const char *path)
{
	struct timespec times[2] = { { .tv_sec = ++at_s }, { .tv_sec = at_s } };

	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void write_key(EVP_PKEY *key)
{
	char path[80];
	FILE *f;

	snprintf(path, sizeof(path), "%s.key", base);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL), 1);
	fclose(f);
	stamp(path);
}

static void write_certificate(EVP_PKEY *key, long serial)
{
	X509 *certificate = X509_new();
	char path[80];
	FILE *f;

	ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial);
	X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
	X509_gmtime_adj(X509_getm_notAfter(certificate), 60);
	X509_set_pubkey(certificate, key);
	assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
	snprintf(path, sizeof(path), "%s.pem", base);
	f = fopen(path, "w");
	assert_non_null(f);
	PEM_write_X509(f, certificate);
	fclose(f);
	stamp(path);
	X509_free(certificate);
}

static long shown(SSL_CTX *tls)
{
	X509 *certificate = SSL_CTX_get0_certificate(tls);

	return certificate ? ASN1_INTEGER_get(X509_get0_serialNumber(certificate)) : 0;
}

/* PLT-3 */
static void a_renewed_certificate_is_shown(void **state)
{
	EVP_PKEY *first = EVP_EC_gen("P-256"), *second = EVP_EC_gen("P-256");
	SSL_CTX *tls = SSL_CTX_new(TLS_client_method());
	struct pl_identity identity = { 0 };
	char path[80];

	(void)state;
	assert_int_equal(pl_identity_show(&identity, tls, base), PL_OK); /* there is none */
	assert_int_equal(shown(tls), 0);
	write_key(first);
	write_certificate(first, 1);
	assert_int_equal(pl_identity_show(&identity, tls, base), PL_OK);
	assert_int_equal(shown(tls), 1);
	/* the other key is there, its certificate isn't: as before, until it is */
	write_key(second);
	assert_int_equal(pl_identity_show(&identity, tls, base), PL_OK);
	assert_int_equal(shown(tls), 1);
	write_certificate(second, 2);
	assert_int_equal(pl_identity_show(&identity, tls, base), PL_OK);
	assert_int_equal(shown(tls), 2);
	assert_int_equal(SSL_CTX_check_private_key(tls), 1);
	/* what can't be read is told, and changes nothing */
	snprintf(path, sizeof(path), "%s.pem", base);
	assert_int_equal(truncate(path, 20), 0);
	stamp(path);
	assert_int_equal(pl_identity_show(&identity, tls, base), PL_INVALID);
	assert_int_equal(shown(tls), 2);
	unlink(path);
	assert_int_equal(pl_identity_show(&identity, tls, base), PL_OK);
	assert_int_equal(shown(tls), 2);
	SSL_CTX_free(tls);
	EVP_PKEY_free(first);
	EVP_PKEY_free(second);
}

/* At the start there is nothing to fall back on. */
static void a_pair_that_is_none_is_told_at_the_start(void **state)
{
	EVP_PKEY *first = EVP_EC_gen("P-256"), *second = EVP_EC_gen("P-256");
	SSL_CTX *tls = SSL_CTX_new(TLS_client_method());
	struct pl_identity identity = { 0 };

	(void)state;
	write_key(first);
	write_certificate(second, 3);
	assert_int_equal(pl_identity_show(&identity, tls, base), PL_INVALID);
	SSL_CTX_free(tls);
	EVP_PKEY_free(first);
	EVP_PKEY_free(second);
}

static void *write_the_other(void *key)
{
	usleep(100000);
	write_certificate(key, 5);
	return NULL;
}

/* PLT-3: who begins between the two files of a renewal waits for the other. */
static void a_pair_that_is_half_renewed_at_the_start_is_waited_for(void **state)
{
	EVP_PKEY *first = EVP_EC_gen("P-256"), *second = EVP_EC_gen("P-256");
	SSL_CTX *tls = SSL_CTX_new(TLS_client_method());
	struct pl_identity identity = { 0 };
	pthread_t renewer;

	(void)state;
	write_certificate(first, 4);
	write_key(second);
	assert_int_equal(pthread_create(&renewer, NULL, write_the_other, second), 0);
	assert_int_equal(pl_identity_show(&identity, tls, base), PL_OK);
	assert_int_equal(shown(tls), 5);
	pthread_join(renewer, NULL);
	SSL_CTX_free(tls);
	EVP_PKEY_free(first);
	EVP_PKEY_free(second);
}

static int make_folder(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(base, sizeof(base), "%s/identity", folder);
	return 0;
}

static int remove_folder(void **state)
{
	char path[80];

	(void)state;
	snprintf(path, sizeof(path), "%s.pem", base);
	unlink(path);
	snprintf(path, sizeof(path), "%s.key", base);
	unlink(path);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_renewed_certificate_is_shown),
		cmocka_unit_test(a_pair_that_is_none_is_told_at_the_start),
		cmocka_unit_test(a_pair_that_is_half_renewed_at_the_start_is_waited_for),
	};

	return cmocka_run_group_tests_name("identity", tests, make_folder, remove_folder);
}
