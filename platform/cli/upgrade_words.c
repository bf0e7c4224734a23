/*
 * upgrade_words.c — what was typed behind 'pelago upgrade run', and what is asked back.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "engines/spell/spell.h"
#include "pelago/json.h"
#include "platform/cli/upgrade.h"

enum { MINUTES_MOST = 7 * 24 * 60 };

static const char *const kinds[UPGRADE_KINDS + 1] = {
	"1", "2", "3", "4", "5", "provisioning", NULL
};
static const char usage[] = "upgradeSolution FILE.zip -cg N CONFIGURATION [OPTION…]; see 'pelago "
			    "help upgrade'";

/* ---- words ---- */

static int read_names(struct upgrade_typed *typed, const struct cli *cli)
{
	for (int i = 0; i < cli->clusters_len; i++) {
		const char *text = cli->clusters[i], *equals = strchr(text, '=');
		int kind = 0;

		while (equals && kinds[kind] &&
		       (strlen(kinds[kind]) != (size_t)(equals - text) ||
			strncasecmp(kinds[kind], text, (size_t)(equals - text)) != 0))
			kind++;
		if (!equals || !kinds[kind] || !equals[1])
			return cli_usage("--cluster %s: K=NAME is wanted, K being 1 to 5 or "
					 "provisioning",
					 text);
		if (typed->names[kind] && strcasecmp(typed->names[kind], equals + 1) != 0)
			return cli_usage("--cluster %s: it was %s=%s before", text, kinds[kind],
					 typed->names[kind]);
		typed->names[kind] = equals + 1;
	}
	return EXIT_DONE;
}

static bool is_minutes(const char *text)
{
	char *end;
	long minutes = strtol(text, &end, 10);

	return !*end && end != text && minutes >= 1 && minutes <= MINUTES_MOST;
}

int upgrade_read(struct upgrade_typed *typed, const struct cli *cli)
{
	const char *rest[sizeof(cli->words) / sizeof(cli->words[0])], *group = NULL;
	size_t len = 0;
	enum pl_err err;

	memset(typed, 0, sizeof(*typed));
	for (int i = 0; i < cli->words_len; i++) {
		const char *word = cli->words[i];

		if (strcmp(word, "-cg") == 0) {
			if (group || i + 1 == cli->words_len)
				return cli_usage(group ? "-cg is there twice"
						       : "-cg needs the number of a cluster group");
			group = cli->words[++i];
		} else if (*word == '-') {
			return cli_usage("option '%s' doesn't exist; did you mean '-cg'?", word);
		} else {
			rest[len++] = word;
		}
	}
	if (len < 1)
		return cli_usage("which release? %s", usage);
	if (!group)
		return cli_usage("-cg N is missing, the cluster group: %s", usage);
	if (len < 2)
		return cli_usage("the configuration is missing: %s", usage);
	if (cli->wants_window && cli->wants_rolling)
		return cli_usage("--window or --rolling, not both");
	if (cli->minutes && !is_minutes(cli->minutes))
		return cli_usage("--finalize-after-minutes %s: 1 to %d, a week", cli->minutes,
				 MINUTES_MOST);
	err = upgrade_group_read(&typed->group, group);
	if (!err && typed->group != 1)
		err = pl_fail(PL_INVALID,
			      "-cg %s: there is no such cluster group; a single site has 1", group);
	if (!err)
		err = upgrade_words_read(&typed->words, rest[1], rest + 2, len - 2);
	if (err)
		return cli_fail(err);
	typed->file = rest[0];
	typed->has_options = len > 2;
	return read_names(typed, cli);
}

json_t *upgrade_request(const struct upgrade_typed *typed, const struct cli *cli,
			const json_t *options)
{
	json_t *names = json_array();

	for (unsigned i = 0; i < UPGRADE_OPTIONS; i++)
		if (typed->words.options & 1u << i)
			json_array_append_new(
				names, json_string(upgrade_option_name((enum upgrade_option)i)));
	if (options)
		json_array_extend(names, (json_t *)options);
	return json_pack("{s:s,s:i,s:s,s:o}", "mode", cli->wants_rolling ? "rolling" : "window",
			 "group", typed->group, "configuration", typed->words.configuration,
			 "options",
			 typed->has_options || options ? names : (json_decref(names), json_null()));
}

/* ---- questions ---- */

bool upgrade_yes(const struct cli *cli, bool *endedp, const char *fmt, ...)
{
	char answer[64];
	va_list ap;

	if (cli->says_yes)
		return true;
	for (;;) {
		va_start(ap, fmt);
		vprintf(fmt, ap);
		va_end(ap);
		fputs(" (y/n) ", stdout);
		fflush(stdout);
		if (!fgets(answer, sizeof(answer), stdin)) {
			putchar('\n');
			cli_usage("nobody answers: add --yes");
			if (endedp)
				*endedp = true;
			return false;
		}
		if (*answer == 'y' || *answer == 'Y')
			return true;
		if (*answer == 'n' || *answer == 'N')
			return false;
	}
}

static bool is_kind(const json_t *cluster, const char *kind)
{
	const json_t *is = json_object_get(cluster, "kind");

	return json_is_integer(is) ? json_integer_value(is) == strtol(kind, NULL, 10)
				   : strcmp(json_string_value(is), kind) == 0;
}

static const char *name_of(const json_t *clusters, const char *kind)
{
	json_t *cluster;
	size_t i;

	json_array_foreach(clusters, i, cluster) {
		if (is_kind(cluster, kind))
			return pl_json_get_text(cluster, "name");
	}
	return NULL;
}

static int wrong_name(const char *typed, const char *kind, const char *is, const json_t *clusters)
{
	const char *names[64] = { NULL }, *nearest;
	json_t *cluster;
	size_t i;

	json_array_foreach(clusters, i, cluster) {
		if (i < 63)
			names[i] = pl_json_get_text(cluster, "name");
	}
	for (i = 0; names[i]; i++)
		if (strcasecmp(names[i], typed) == 0)
			return cli_usage("'%s' isn't cluster %s, which is %s", typed, kind, is);
	nearest = spell_nearest(typed, names);
	if (nearest)
		return cli_usage("there is no cluster '%s'; did you mean '%s'?", typed, nearest);
	return cli_usage("there is no cluster '%s'; cluster %s is %s", typed, kind, is);
}

/* Until it is right: n asks for another one, and that is asked about again. */
static int ask_name(const struct cli *cli, const char *kind, const char *is, const json_t *clusters)
{
	char typed[130];
	bool has_ended = false;

	snprintf(typed, sizeof(typed), "%s", is);
	for (;;) {
		if (upgrade_yes(cli, &has_ended, "Is Cluster %s name %s", kind, typed)) {
			if (strcasecmp(typed, is) == 0)
				return EXIT_DONE;
			wrong_name(typed, kind, is, clusters);
		}
		if (has_ended)
			return EXIT_USAGE;
		printf("Name of Cluster %s: ", kind);
		fflush(stdout);
		if (!fgets(typed, sizeof(typed), stdin))
			return cli_usage("nobody answers: add --yes");
		typed[strcspn(typed, "\r\n")] = '\0';
	}
}

int upgrade_confirm_names(json_t **namesp, const struct cli *cli, const struct upgrade_typed *typed,
			  const json_t *clusters)
{
	json_t *names = json_object();
	int status = EXIT_DONE;

	for (int k = 0; k < UPGRADE_KINDS && !status; k++) {
		const char *is = name_of(clusters, kinds[k]), *said = typed->names[k];

		if (!is && said)
			status = cli_usage("--cluster %s=%s: there is no cluster of this kind",
					   kinds[k], said);
		else if (is && said && strcasecmp(is, said) != 0)
			status = wrong_name(said, kinds[k], is, clusters);
		else if (is && !said)
			status = ask_name(cli, kinds[k], is, clusters);
		if (is && !status)
			json_object_set_new(names, kinds[k], json_string(is));
	}
	if (status)
		json_decref(names);
	else
		*namesp = names;
	return status;
}
