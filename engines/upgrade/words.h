/*
 * words.h — what an upgrade is told: a configuration and its options (tables/upgrade.h).
 *
 * Names are taken in any case, and in older spellings. Pure; any thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_UPGRADE_WORDS_H
#define PELAGO_UPGRADE_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "pelago/err.h"

enum upgrade_option {
#define UPGRADE_OPTION(id, name, service, text) UPGRADE_##id,
#include "tables/upgrade.h"
#undef UPGRADE_OPTION
	UPGRADE_OPTIONS
};

enum { UPGRADE_GROUPS = 2 }; /* cluster groups: one a data centre */

struct upgrade_words {
	const char *configuration; /* as the table spells it */
	unsigned options;	   /* bits 1 << enum upgrade_option */
	unsigned odd; /* of these: such as aren't known to its deployment, but do no harm */
};

/*
 * upgrade_words_read reads a configuration and its options; one that is there twice is as once.
 * PL_INVALID names the word, and the valid one that is spelled most like it.
 */
enum pl_err upgrade_words_read(struct upgrade_words *words, const char *configuration,
			       const char *const *options, size_t options_len);
/* upgrade_group_read reads the number of a cluster group, 1 to UPGRADE_GROUPS. */
enum pl_err upgrade_group_read(int *groupp, const char *text);

const char *upgrade_option_name(enum upgrade_option option);
const char *upgrade_option_service(enum upgrade_option option);
/* upgrade_option_of returns the option that brings a service, UPGRADE_OPTIONS if none does. */
enum upgrade_option upgrade_option_of(const char *service);
/* upgrade_configuration_has tells whether a configuration of the table has an option. */
bool upgrade_configuration_has(const char *configuration, enum upgrade_option option);

#endif
