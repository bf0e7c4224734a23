/*
 * words.c — a configuration and its options, from what was typed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/upgrade/words.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "engines/spell/spell.h"

enum { LIST_SIZE = 400 };

static const struct {
	const char *name, *service;
} options[] = {
#define UPGRADE_OPTION(id, name, service, text) { name, service },
#include "tables/upgrade.h"
#undef UPGRADE_OPTION
};

static const struct {
	const char *name;
	enum upgrade_option option;
} olds[] = {
#define UPGRADE_OLD(name, id) { name, UPGRADE_##id },
#include "tables/upgrade.h"
#undef UPGRADE_OLD
};

#define UPGRADE_BIT(id) (1u << UPGRADE_##id)
static const struct configuration {
	const char *name;
	unsigned options;
} configurations[] = {
#define UPGRADE_CONFIGURATION(name, text, agents, options) { name, options },
#include "tables/upgrade.h"
#undef UPGRADE_CONFIGURATION
};

enum {
	OLDS = sizeof(olds) / sizeof(olds[0]),
	CONFIGURATIONS = sizeof(configurations) / sizeof(configurations[0]),
};

/* It isn't of that deployment, and still taken: there it is a matter of a larger one. */
static bool is_harmless(const struct configuration *c, enum upgrade_option option)
{
	return option == UPGRADE_CRM && strcmp(c->name, "DigitalOnly-100") == 0;
}

const char *upgrade_option_name(enum upgrade_option option)
{
	return options[option].name;
}

const char *upgrade_option_service(enum upgrade_option option)
{
	return options[option].service;
}

enum upgrade_option upgrade_option_of(const char *service)
{
	unsigned i = 0;

	while (i < UPGRADE_OPTIONS && strcmp(options[i].service, service) != 0)
		i++;
	return (enum upgrade_option)i;
}

static const struct configuration *configuration_of(const char *name)
{
	for (size_t i = 0; i < CONFIGURATIONS; i++)
		if (strcasecmp(configurations[i].name, name) == 0)
			return &configurations[i];
	return NULL;
}

bool upgrade_configuration_has(const char *configuration, enum upgrade_option option)
{
	const struct configuration *c = configuration_of(configuration);

	return c && (c->options & 1u << option);
}

static enum pl_err read_configuration(const struct configuration **cp, const char *text)
{
	const char *names[CONFIGURATIONS + 1] = { NULL }, *nearest;

	*cp = configuration_of(text);
	if (*cp)
		return PL_OK;
	for (size_t i = 0; i < CONFIGURATIONS; i++)
		names[i] = configurations[i].name;
	nearest = spell_nearest(text, names);
	if (nearest)
		return pl_fail(PL_INVALID, "there is no configuration '%.60s'; did you mean '%s'?",
			       text, nearest);
	return pl_fail(PL_INVALID,
		       "there is no configuration '%.60s'; there are Combined-4500, Combined-100, "
		       "VoiceOnly-4500, VoiceOnly-100, DigitalOnly-4500 and DigitalOnly-100",
		       text);
}

static enum upgrade_option option_of(const char *text)
{
	for (unsigned i = 0; i < UPGRADE_OPTIONS; i++)
		if (strcasecmp(options[i].name, text) == 0)
			return (enum upgrade_option)i;
	for (unsigned i = 0; i < OLDS; i++)
		if (strcasecmp(olds[i].name, text) == 0)
			return olds[i].option;
	return UPGRADE_OPTIONS;
}

static const char *list_of(char list[LIST_SIZE], const struct configuration *c)
{
	size_t len = 0;

	list[0] = '\0';
	for (unsigned i = 0; i < UPGRADE_OPTIONS; i++)
		if (c->options & 1u << i)
			len += (size_t)snprintf(list + len, LIST_SIZE - len, "%s%s",
						len ? ", " : "", options[i].name);
	return list;
}

/* The nearest of those that the configuration has, so that what is proposed is taken. */
static enum pl_err unknown(const char *text, const struct configuration *c)
{
	const char *names[UPGRADE_OPTIONS + OLDS + 1], *nearest;
	char list[LIST_SIZE];
	size_t len = 0;

	for (unsigned i = 0; i < UPGRADE_OPTIONS; i++)
		if (c->options & 1u << i)
			names[len++] = options[i].name;
	for (unsigned i = 0; i < OLDS; i++)
		if (c->options & 1u << olds[i].option)
			names[len++] = olds[i].name;
	names[len] = NULL;
	nearest = spell_nearest(text, names);
	if (nearest)
		return pl_fail(PL_INVALID, "there is no option '%.60s'; did you mean '%s'?", text,
			       nearest);
	return pl_fail(PL_INVALID, "there is no option '%.60s'; %s has %s", text, c->name,
		       list_of(list, c));
}

static enum pl_err read_option(struct upgrade_words *words, const struct configuration *c,
			       const char *text)
{
	enum upgrade_option option = option_of(text);
	char list[LIST_SIZE];

	if (option == UPGRADE_OPTIONS)
		return unknown(text, c);
	if (!(c->options & 1u << option)) {
		if (!is_harmless(c, option))
			return pl_fail(PL_INVALID, "'%.60s' is no option of %s, which has %s", text,
				       c->name, list_of(list, c));
		words->odd |= 1u << option;
	}
	words->options |= 1u << option;
	return PL_OK;
}

enum pl_err upgrade_words_read(struct upgrade_words *words, const char *configuration,
			       const char *const *list, size_t len)
{
	const struct configuration *c = NULL;
	enum pl_err err = read_configuration(&c, configuration);

	memset(words, 0, sizeof(*words));
	for (size_t i = 0; !err && i < len; i++)
		err = read_option(words, c, list[i]);
	if (!err)
		words->configuration = c->name;
	return err;
}

enum pl_err upgrade_group_read(int *groupp, const char *text)
{
	if (text[0] < '1' || text[0] > '0' + UPGRADE_GROUPS || text[1])
		return pl_fail(PL_INVALID,
			       "-cg %.20s: a cluster group is 1 (a single site has just that one) "
			       "to %d",
			       text, UPGRADE_GROUPS);
	*groupp = text[0] - '0';
	return PL_OK;
}
