/*
 * release_fuzz.c — any bytes as a release: refused with a reason, or whole.
 *
 * It needn't be signed, as else nothing would get past that.
 *
 * fuzz-sources: platform/bundle/key.c platform/bundle/version.c platform/bundle/zip.c
 * fuzz-sources: platform/bundle/read.c platform/bundle/release.c platform/bundle/sign.c
 * platform/bundle/unpack.c fuzz-sources: platform/setup/manifests.c platform/setup/file.c
 * platform/setup/trust.c fuzz-sources: sdk/attribute/attribute.c sdk/attribute/value.c
 * sdk/json/json.c sdk/json/dump.c fuzz-sources: sdk/err/err.c fuzz-libs: libarchive jansson
 * libsodium openssl libpcre2-8
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pelago/json.h"
#include "platform/bundle/release.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum pl_err count(const struct release_member *member, void *arg)
{
	*(size_t *)arg += member->len;
	return PL_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bundle_rules rules = { .platform = "0.1.0" };
	int fd = memfd_create("release", MFD_CLOEXEC);
	struct bundle release;
	size_t bytes = 0;
	enum pl_err err;

	pl_assert(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	pl_err_clear();
	err = release_read(&release, fd, &rules);
	if (err) {
		pl_assert(err == PL_NOMEM ||
			  strcmp(pl_err_detail(err), pl_err_row(err)->text) != 0);
	} else {
		pl_assert(release_walk(&release, fd, count, &bytes) == PL_OK && bytes > 0);
		pl_assert(release_takes(release.manifest, "0.1.0") == PL_OK);
		bundle_fini(&release);
	}
	close(fd);
	return 0;
}
