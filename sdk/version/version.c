/*
 * version.c — see pelago/version.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pelago/version.h"

#include <stdio.h>

__attribute__((section(".pelago.version"))) const char pl_version[PL_VERSION_ROOM] = PELAGO_VERSION;

int pl_version_minor(const char *version)
{
	int major, minor;

	return sscanf(version, "%d.%d", &major, &minor) == 2 && minor > 0 ? minor : 0;
}
