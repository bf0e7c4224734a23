/*
 * upgrade.h — upgrades at the command line.
 *
 *   upgrade_words.c   what was typed behind 'pelago upgrade run', and what is asked back
 *   upgrade_report.c  what was looked at: for people, as JSON, as a page
 *   upgrade_summary.c what came after, and who uses what is changed
 *   upgrade_watch.c   how it goes, step by step
 *   cmd_upgrade.c     the commands
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_CLI_UPGRADE_H
#define PELAGO_CLI_UPGRADE_H

#include "engines/upgrade/words.h"
#include "platform/cli/cli.h"

enum { UPGRADE_KINDS = 6 };

struct upgrade_typed {
	const char *file;
	int group;
	struct upgrade_words words;
	bool has_options;		  /* some were typed */
	const char *names[UPGRADE_KINDS]; /* of --cluster K=NAME, by kind 1 to 5, provisioning */
};

/*
 * upgrade_read takes apart "FILE -cg N CONFIGURATION [OPTION…]" and the flags beside it. Anything
 * wrong: EXIT_USAGE, after a sentence with the nearest valid spelling. Nothing is touched.
 */
int upgrade_read(struct upgrade_typed *typed, const struct cli *cli);
/* upgrade_request makes the body of a request of it; options: names, or NULL. A new reference. */
json_t *upgrade_request(const struct upgrade_typed *typed, const struct cli *cli,
			const json_t *options);

/*
 * upgrade_yes asks until y or n is answered; true with --yes. At the end of the input: false, with
 * a sentence, and *endedp (may be NULL) is set.
 */
bool upgrade_yes(const struct cli *cli, bool *endedp, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/*
 * upgrade_confirm_names asks for each cluster whether its name is right, until it is. clusters: as
 * Manager.clusters lists them. *namesp is {"1": NAME…}: a new reference. EXIT_USAGE for a name
 * given by --cluster that isn't the cluster's, or when nobody answers.
 */
int upgrade_confirm_names(json_t **namesp, const struct cli *cli, const struct upgrade_typed *typed,
			  const json_t *clusters);

/* upgrade_report prints checks as --json, --html or neither asks for. */
void upgrade_report(const struct cli *cli, const json_t *answer, const char *version);

/* upgrade_summary prints a report of an upgrade, as --json, --html or neither asks for. */
void upgrade_summary(const struct cli *cli, const json_t *report);

/* upgrade_watch shows the steps of the last upgrade until it is over; EXIT_DONE if it ends as one
 * of good (NULL-ended) says. */
int upgrade_watch(struct cli *cli, const char *const *good);
/* upgrade_print prints an upgrade as it is. */
void upgrade_print(const struct cli *cli, const json_t *status);

#endif
