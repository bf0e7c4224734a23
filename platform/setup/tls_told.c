/*
 * tls_told.c — what a certificate says, and the wish that it be renewed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "pelago/json.h"
#include "platform/setup/file.h"
#include "platform/setup/setup.h"

static char *path_of(const char *data, const char *process, const char *end)
{
	char *path = NULL;

	return asprintf(&path, "%s/tls/%s.%s", data, process, end) < 0 ? NULL : path;
}

static X509 *read_one(const char *data, const char *process)
{
	char *path = path_of(data, process, "pem");
	FILE *f = path ? fopen(path, "re") : NULL;
	X509 *certificate = f ? PEM_read_X509(f, NULL, NULL, NULL) : NULL;

	if (f)
		fclose(f);
	free(path);
	return certificate;
}

static json_int_t ms_of(const ASN1_TIME *time)
{
	struct tm tm;

	return ASN1_TIME_to_tm(time, &tm) ? (json_int_t)timegm(&tm) * 1000 : 0;
}

static json_t *name_of(const X509_NAME *name)
{
	char text[256] = "";

	X509_NAME_get_text_by_NID((X509_NAME *)name, NID_commonName, text, sizeof(text));
	return json_string(text);
}

static char *serial_of(const X509 *certificate)
{
	BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), NULL);
	char *hex = number ? BN_bn2hex(number) : NULL, *copy = hex ? strdup(hex) : NULL;

	OPENSSL_free(hex);
	BN_free(number);
	return copy;
}

enum pl_err tls_describe(json_t **tellp, const char *data, const char *process)
{
	X509 *certificate = read_one(data, process);
	char *serial = certificate ? serial_of(certificate) : NULL;
	enum pl_err err = PL_OK;

	if (!certificate)
		return pl_fail(PL_NOTFOUND, "%s/tls/%s.pem is no certificate", data, process);
	*tellp = serial ? json_pack("{s:s,s:o,s:o,s:s,s:I,s:I}", "name", process, "subject",
				    name_of(X509_get_subject_name(certificate)), "issuer",
				    name_of(X509_get_issuer_name(certificate)), "serial", serial,
				    "beginsMs", ms_of(X509_get0_notBefore(certificate)),
				    "expiresMs", ms_of(X509_get0_notAfter(certificate)))
			: NULL;
	if (!*tellp)
		err = PL_NOMEM;
	free(serial);
	X509_free(certificate);
	return err;
}

static bool has_serial(const char *data, const char *process, const char *wished)
{
	X509 *certificate = read_one(data, process);
	char *serial = certificate ? serial_of(certificate) : NULL;
	bool same = serial && strcmp(serial, wished) == 0;

	free(serial);
	X509_free(certificate);
	return same;
}

enum pl_err tls_wish(const char *data, const char *process, const char *serial)
{
	char *path;
	enum pl_err err;

	if (!serial || !setup_is_name(process))
		return pl_fail(PL_INVALID, "this names no certificate");
	if (!has_serial(data, process, serial))
		return PL_OK;
	path = path_of(data, process, "renew");
	err = path ? file_replace(path, serial, strlen(serial), 0600) : PL_NOMEM;
	free(path);
	return err;
}

bool tls_wishes(const char *data, const char *process)
{
	char *path = path_of(data, process, "renew"), *serial = NULL;
	bool is_wished = false;

	if (path && access(path, F_OK) == 0 && file_read(&serial, NULL, path) == PL_OK) {
		is_wished = has_serial(data, process, serial);
		if (!is_wished)
			unlink(path); /* it was done */
	}
	free(serial);
	free(path);
	return is_wished;
}
