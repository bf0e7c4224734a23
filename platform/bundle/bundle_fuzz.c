/*
 * bundle_fuzz.c — any bytes as a bundle: refused with a reason, or whole.
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

#include "pelago/json.h"
#include "platform/bundle/bundle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bundle_rules rules = { .platform = "1.0.0", .unpacked_most = 1 << 20 };
	struct bundle bundle;
	enum pl_err err;

	pl_err_clear();
	err = bundle_read(&bundle, data, size, &rules);
	if (err) {
		pl_assert(err == PL_NOMEM ||
			  strcmp(pl_err_detail(err), pl_err_row(err)->text) != 0);
		return 0;
	}
	pl_assert(*pl_json_get_text(bundle.manifest, "name"));
	pl_assert(version_is_good(pl_json_get_text(bundle.manifest, "version")));
	bundle_fini(&bundle);
	return 0;
}
