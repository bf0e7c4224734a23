/*
 * programs.h — which version of each of Pelago's own programs runs on a host.
 *
 *   DATA/platform/VERSION/       a platform package, unpacked: whole, or not there
 *   DATA/platform/hash-VERSION   of the package that was unpacked there
 *   DATA/platform/current        symbolic link to the root supervisor's VERSION; without it, the
 *                                programs beside the one that was started (the base) are it
 *   DATA/platform/programs.json  what runs, or shall run: written by the root supervisor only
 *     {"base":{"version","path"}, "programs":{NAME:{"version","before","state","detail","n"}}}
 *   DATA/platform/wish/NAME.json what is asked of the root supervisor: {"version","n"}
 *
 * NAME is "root", "Manager", "edge", or a node's name. A wish whose n is another one than that of
 * the program is taken up: state "trial" is written before its effect, "running" once the program
 * has been well for TRIAL_MS; "failed", with version and before exchanged back, once it has ended
 * or wasn't well in time. So whoever comes after a root supervisor that died sees how far it was.
 *
 * Blocks on the disk. Any thread; one writer a file.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_SETUP_PROGRAMS_H
#define PELAGO_SETUP_PROGRAMS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "pelago/err.h"

/* Names beside those of nodes. */
#define PROGRAM_ROOT	"root"
#define PROGRAM_MANAGER "Manager"
#define PROGRAM_EDGE	"edge"

/* States: PROGRAM_RUNNING, … */
#define PROGRAM_RUNNING "running"
#define PROGRAM_TRIAL	"trial"
#define PROGRAM_FAILED	"failed"

/*
 * programs_read returns programs.json, an empty object where nothing was ever switched: a new
 * reference. PL_IO, PL_INVALID for a file that is no such thing.
 */
enum pl_err programs_read(json_t **programsp, const char *data);
/* programs_write replaces it, durably. PL_IO, PL_FULL. */
enum pl_err programs_write(const json_t *programs, const char *data);

/* programs_get returns a program's entry, borrowed; NULL: it was never switched. */
json_t *programs_get(const json_t *programs, const char *name);
/* programs_use tells whether a version is that of a program, or the one that it would go back to.
 */
bool programs_use(const json_t *programs, const char *version);

/*
 * programs_folder returns where the programs of a version are: DATA/platform/VERSION, or the base's
 * folder; free(). NULL if they are nowhere, or without memory.
 */
char *programs_folder(const json_t *programs, const char *data, const char *version);
/* platform_place returns DATA/platform/VERSION, there or not; free(). NULL without memory. */
char *platform_place(const char *data, const char *version);

/* platform_current returns the version that DATA/platform/current names; free(). NULL: none. */
char *platform_current(const char *data);
/* platform_point has it name another one, at once and durably; NULL: the base, so it goes. */
enum pl_err platform_point(const char *data, const char *version);

/* wish_put asks the root supervisor; wish_get reads what was asked: PL_NOTFOUND. *versionp: free()
 */
enum pl_err wish_put(const char *data, const char *name, const char *version, int64_t n);
enum pl_err wish_get(char **versionp, int64_t *np, const char *data, const char *name);

#endif
