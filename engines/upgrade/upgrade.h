/*
 * upgrade.h — what is looked at before an upgrade, and the steps that it takes.
 *
 * Both follow from three objects, so that each row and each order can be tried with nothing
 * running:
 *
 *   facts    {"demo":BOOL,"version","level":NUMBER,"plan":ID of one that runs or "",
 *             "upgrade":state of the last upgrade or "",
 *             "clusters":[{"name","kind":"1".."5"|"provisioning","accepting":BOOL,"stopped":BOOL}],
 *             "nodes":[{"name","cluster","host","state","version","arch","processors","memoryMiB",
 *                       "freeMiB":{"/","/var","data"},"clockMs":ours minus its or null,
 *                       "certificateDays":NUMBER or null, "identity":serial of its host's or "",
 *                       "replication","confirmedSeconds" or null,
 *                       "edge":BOOL}],
 *             "services":[{"name","version","hash","cluster","state","requires":[NAME],
 *                          "reads":[NOUN]}],
 *             "bundles":[{"name","version"}],           all that are loaded
 *             "profiles":[{"name","services":[NAME]}],
 *             "attributes":[{"service","key","level","place"}],   that are set
 *             "unprofiled":[{"profile","service"}],    taken out for this upgrade
 *             "uses":[{"interface","kind":"own"|"page"|"client"|"others","origin","agent","user",
 *                      "version","firstMs","lastMs"}], seen by the edges (platform/edge/use.h)
 *             "companions":{NAME:VERSION},
 *             "designer":{"workflows","pinned","recreate"} as EngagementDesigner.replaceable
 * replies, or null: it didn't answer, "work":{"agents","contacts"} or null: they didn't answer,
 *             "alarms":[NAME],                  open ones, as gates name them
 *             "acknowledged":[VERSION],         whose release notes somebody has read
 *             "releases":[manifest]}            that are loaded
 *   release  the manifest of the release (its shape: CONTRIBUTING, "Releases")
 *   request  {"mode":"window"|"rolling","group":NUMBER,"configuration",
 *             "options":[NAME] or null: none were named}
 *
 * Pure; any thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_UPGRADE_H
#define PELAGO_UPGRADE_H

#include <jansson.h>
#include <stdbool.h>

#include "pelago/err.h"

struct upgrade {
	const json_t *facts, *release, *request; /* borrowed */
};

/* ---- checks ---- */

/*
 * upgrade_check returns [{"key","title","result":"pass"|"warn"|"inhibit","seen","why","fix",
 * "commands":[words after pelago]}…] in the order of the table in checks.h: a new reference, NULL
 * without memory. fix is "" of what passes; commands is empty where no command mends it.
 */
json_t *upgrade_check(const struct upgrade *upgrade);
/* upgrade_inhibits counts those that inhibit. */
unsigned upgrade_inhibits(const json_t *checks);
/* upgrade_options returns the options of what is installed, in the order of their table: a new
 * reference. */
json_t *upgrade_options(const json_t *facts);

/*
 * upgrade_afterwards returns what comes after the services, in its order (after.h): as the checks,
 * which have it at their end, and "steps":[{"action","place","args","title"}]. A new reference.
 */
json_t *upgrade_afterwards(const struct upgrade *upgrade);

/*
 * upgrade_interfaces returns the outside interfaces that a release changes, and who was seen using
 * them: [{"name","change":"removed"|"changed"|"added","users":[…]}], in that order; a new
 * reference. A user is as in the facts' "uses", without "interface", or
 * {"kind":"service","agent":its name, "version",…}: one of another maker that reads an event.
 */
json_t *upgrade_interfaces(const struct upgrade *upgrade);
/* upgrade_client_text says who a user is, for people. */
void upgrade_client_text(char *to, size_t size, const json_t *user);

/* ---- steps ---- */

/*
 * upgrade_plan makes the definition of a plan (engines/plan/plan.h) of it. *planp is a new
 * reference. PL_STATE where there is nothing that could be done.
 */
enum pl_err upgrade_plan(json_t **planp, const struct upgrade *upgrade);
/* upgrade_finalize is the same for what lets go of the version before; from: its version. */
enum pl_err upgrade_finalize(json_t **planp, const json_t *facts, const json_t *release,
			     const char *from);

/* ---- versions ---- */

struct upgrade_version {
	int major, minor, patch;
};
/* upgrade_version_read reads MAJOR.MINOR.PATCH and what may follow it; false: it is none. */
bool upgrade_version_read(struct upgrade_version *version, const char *text);
/* upgrade_version_compare is as strcmp. */
int upgrade_version_compare(const char *a, const char *b);

#endif
