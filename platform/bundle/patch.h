/*
 * patch.h — a patch over the programs that it changes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_BUNDLE_PATCH_H
#define PELAGO_BUNDLE_PATCH_H

#include "platform/bundle/release.h"

/*
 * patch_unpack checks a patch (release.h), and makes folder of the programs in base and of the
 * patch's files over them: it is there whole and durable, or not at all.
 *
 *   base          folder of the programs, an unpacked package or a build folder
 *   base_version  of these; PL_STATE if the patch is for another one
 *
 * As platform_unpack.
 */
enum pl_err patch_unpack(const char *folder, const char *base, const char *base_version,
			 const void *data, size_t len, const struct bundle_rules *rules);

#endif
