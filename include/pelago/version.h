/*
 * pelago/version.h — the release that a program is of.
 *
 * It is confined to one object, and to the section .pelago.version of a program, VERSION_ROOM
 * bytes: so `make release VERSION=…` stamps another one into programs that are built.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_VERSION_H
#define PELAGO_VERSION_H

enum { PL_VERSION_ROOM = 64 };

extern const char pl_version[PL_VERSION_ROOM]; /* "0.1.0": semver.org 2.0.0 */

/* pl_version_minor returns the second number of a version, "0.2.1": 2; the level (pelago/service.h)
 * of what it writes by itself. 0 of what is no version. */
int pl_version_minor(const char *version);

#endif
