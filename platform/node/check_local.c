/*
 * check_local.c — see check.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <dirent.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "check.h"
#include "pelago/json.h"

enum {
	SLOW_DATABASE_MS = 2000,
	CLOCK_MOST_MS = 2000,
	CERTIFICATE_DAYS = 14, /* the next start renews one that is good for less than 30 */
	DISK_LEAST_MB = 512,
	DISK_LEAST_PERCENT = 5,
};

/* Adds to a list of sentences, as far as there is room. */
static void add(char evidence[EVIDENCE], const char *name, const char *text)
{
	size_t len = strlen(evidence);

	snprintf(evidence + len, EVIDENCE - len, "%s%s: %s", len ? "; " : "", name, text);
}

bool check_bus(const struct check_facts *facts, char evidence[EVIDENCE])
{
	if (facts->echo_us < 0)
		snprintf(evidence, EVIDENCE, "what was published didn't come back");
	else
		snprintf(evidence, EVIDENCE, "published and received in %.1f ms; the event log %s",
			 (double)facts->echo_us / 1000,
			 facts->is_log_ready ? "is there" : "isn't there");
	return facts->echo_us >= 0 && facts->is_log_ready;
}

bool check_database(const struct check_facts *facts, char evidence[EVIDENCE])
{
	const char *name;
	json_t *value;
	bool ok = true;
	int64_t slowest = 0;

	json_object_foreach(facts->probes, name, value) {
		if (json_is_string(value)) {
			add(evidence, name, json_string_value(value));
			ok = false;
		} else if (json_integer_value(value) > SLOW_DATABASE_MS) {
			char text[60];

			snprintf(text, sizeof(text), "a write took %lld ms",
				 (long long)json_integer_value(value));
			add(evidence, name, text);
			ok = false;
		} else if (json_integer_value(value) > slowest) {
			slowest = json_integer_value(value);
		}
	}
	if (ok)
		snprintf(evidence, EVIDENCE, "%zu databases written, the slowest in %lld ms",
			 json_object_size(facts->probes), (long long)slowest);
	return ok;
}

bool check_disk(const struct check_facts *facts, char evidence[EVIDENCE])
{
	struct statvfs disk;
	int64_t left_mb, percent;

	if (statvfs(facts->data, &disk) != 0 || disk.f_blocks == 0) {
		snprintf(evidence, EVIDENCE, "%s: %m", facts->data);
		return false;
	}
	left_mb = (int64_t)disk.f_bavail * (int64_t)disk.f_frsize / 1000000;
	percent = (int64_t)disk.f_bavail * 100 / (int64_t)disk.f_blocks;
	snprintf(evidence, EVIDENCE, "%lld MB free, %lld %%; at least %d MB or %d %% are needed",
		 (long long)left_mb, (long long)percent, DISK_LEAST_MB, DISK_LEAST_PERCENT);
	return left_mb >= DISK_LEAST_MB || percent >= DISK_LEAST_PERCENT;
}

bool check_clock(const struct check_facts *facts, char evidence[EVIDENCE])
{
	if (!facts->has_clock) {
		snprintf(evidence, EVIDENCE, "the manager didn't tell its time");
		return false;
	}
	snprintf(evidence, EVIDENCE, "%lld ms from the manager's; at most %d are fine",
		 (long long)facts->clock_ms, CLOCK_MOST_MS);
	return llabs(facts->clock_ms) <= CLOCK_MOST_MS;
}

/* ---- certificates ---- */

static X509 *certificate_read(const char *path)
{
	FILE *f = fopen(path, "re");
	X509 *certificate = f ? PEM_read_X509(f, NULL, NULL, NULL) : NULL;

	if (f)
		fclose(f);
	return certificate;
}

/* Days until it ends; below 0: it has, or can't be read. */
static int days_left(const X509 *certificate)
{
	int days = -1, seconds = 0;

	if (!certificate || !ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(certificate)))
		return -1;
	return seconds < 0 ? -1 : days;
}

static bool certificate_check(const char *path, const char *file, X509 *authority, int *leastp,
			      char evidence[EVIDENCE])
{
	X509 *certificate = certificate_read(path);
	EVP_PKEY *key = authority ? X509_get0_pubkey(authority) : NULL;
	int days = days_left(certificate);
	char text[80] = "";

	if (!certificate)
		snprintf(text, sizeof(text), "can't be read");
	else if (!key || X509_verify(certificate, key) != 1)
		snprintf(text, sizeof(text), "isn't of the manager's authority");
	else if (days < CERTIFICATE_DAYS)
		snprintf(text, sizeof(text), days < 0 ? "has ended" : "ends in %d days", days);
	if (days < *leastp)
		*leastp = days;
	X509_free(certificate);
	if (*text)
		add(evidence, file, text);
	return !*text;
}

static int is_certificate(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return len > 4 && strcmp(entry->d_name + len - 4, ".pem") == 0;
}

int check_certificate_days(const char *data)
{
	char folder[512], path[800];
	struct dirent **names = NULL;
	int count, least = 100000;

	snprintf(folder, sizeof(folder), "%s/tls", data);
	count = scandir(folder, &names, is_certificate, alphasort);
	for (int i = 0; i < count; i++) {
		X509 *certificate;
		int days;

		snprintf(path, sizeof(path), "%s/%s", folder, names[i]->d_name);
		certificate = certificate_read(path);
		days = days_left(certificate);
		least = days < least ? days : least;
		X509_free(certificate);
		free(names[i]);
	}
	free(names);
	return count > 0 ? least : -1;
}

bool check_certificates(const struct check_facts *facts, char evidence[EVIDENCE])
{
	char folder[512], path[800];
	struct dirent **names = NULL;
	X509 *authority;
	int count, least = 100000;
	bool ok = true;

	snprintf(folder, sizeof(folder), "%s/tls", facts->data);
	snprintf(path, sizeof(path), "%s/ca.pem", folder);
	authority = certificate_read(path);
	count = scandir(folder, &names, is_certificate, alphasort);
	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]->d_name);
		ok &= certificate_check(path, names[i]->d_name, authority, &least, evidence);
		free(names[i]);
	}
	free(names);
	X509_free(authority);
	if (count <= 0)
		snprintf(evidence, EVIDENCE, "there are none in %.200s", folder);
	else if (ok)
		snprintf(evidence, EVIDENCE, "%d are good, the first ends in %d days", count,
			 least);
	return ok && count > 0;
}

/* ---- services, replication ---- */

bool check_services(const struct check_facts *facts, char evidence[EVIDENCE])
{
	json_t *item;
	bool ok = true;
	size_t i;

	json_array_foreach(facts->services, i, item)
		if (!json_is_true(json_object_get(item, "serving"))) {
			add(evidence, pl_json_get_text(item, "name"),
			    pl_json_get_text(item, "health"));
			ok = false;
		}
	if (ok)
		snprintf(evidence, EVIDENCE, "%zu serve", json_array_size(facts->services));
	return ok;
}

bool check_replication(const struct check_facts *facts, char evidence[EVIDENCE])
{
	bool ok = *facts->checksum && strcmp(facts->checksum, facts->wanted_checksum) == 0;

	snprintf(evidence, EVIDENCE, "checksum %s, wanted is %s",
		 *facts->checksum ? facts->checksum : "of no copy",
		 *facts->wanted_checksum ? facts->wanted_checksum : "not known");
	return ok;
}
