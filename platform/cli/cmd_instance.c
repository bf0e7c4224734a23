/*
 * cmd_instance.c — pelago workflow, where it asks the running EngagementDesigner: what is kept and
 * deployed, what runs, and what can't go on.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pelago/json.h"
#include "platform/cli/designer.h"
#include "platform/setup/file.h"

static const struct cli_column workflows[] = {
	{ "Workflow", "name", FORM_TEXT },     { "Version", "version", FORM_NUMBER },
	{ "Title", "title", FORM_TEXT },       { "Deployed", "deployed", FORM_TEXT },
	{ "Gold", "gold", FORM_TEXT },	       { "Running", "running", FORM_NUMBER },
	{ "Created", "createdMs", FORM_TIME }, { "By", "createdBy", FORM_TEXT },
	{ "Hash", "hash", FORM_ONLY_JSON },    { 0 },
};

static const struct cli_column instances_columns[] = {
	{ "Instance", "id", FORM_TEXT },
	{ "Workflow", "workflow", FORM_TEXT },
	{ "Version", "version", FORM_NUMBER },
	{ "Status", "status", FORM_TEXT },
	{ "Contact", "contactId", FORM_TEXT },
	{ "Started", "startedMs", FORM_TIME },
	{ "Ended", "endedMs", FORM_TIME },
	{ "Failure", "failure", FORM_ONLY_JSON },
	{ 0 },
};

static const struct cli_column incidents_columns[] = {
	{ "Instance", "instanceId", FORM_TEXT }, { "Token", "token", FORM_NUMBER },
	{ "Workflow", "workflow", FORM_TEXT },	 { "Version", "version", FORM_NUMBER },
	{ "Element", "element", FORM_TEXT },	 { "Code", "code", FORM_TEXT },
	{ "Attempts", "attempts", FORM_NUMBER }, { "Since", "atMs", FORM_TIME },
	{ "Reason", "reason", FORM_TEXT },	 { 0 },
};

/* A word as a whole number above 0; without the word 0. */
static enum pl_err number(int64_t *np, const struct cli *cli, int word, const char *what)
{
	char *end = NULL;
	long long n;

	*np = 0;
	if (cli->words_len <= word)
		return PL_OK;
	errno = 0;
	n = strtoll(cli->words[word], &end, 10);
	if (errno || *end || n < 1)
		return pl_fail(PL_INVALID, "%s: %s is no whole number above 0", what,
			       cli->words[word]);
	*np = n;
	return PL_OK;
}

/* {KEY: first word, OTHER: second word as a number} */
static enum pl_err words(json_t **bodyp, const struct cli *cli, const char *key, const char *other)
{
	int64_t n;
	enum pl_err err = number(&n, cli, 1, other);

	if (!err)
		*bodyp = json_pack("{s:s, s:o*}", key, cli->words[0], other,
				   n ? json_integer(n) : NULL);
	return err;
}

static int list(struct cli *cli)
{
	return designer_print(cli, "workflows", json_object(), workflows);
}

static int instances(struct cli *cli)
{
	return designer_print(cli, "instances",
			      json_pack("{s:s*}", "status", cli->words_len ? cli->words[0] : NULL),
			      instances_columns);
}

static int incidents(struct cli *cli)
{
	return designer_print(cli, "incidents", json_object(), incidents_columns);
}

static void say_kept(const json_t *reply)
{
	const json_t *problems = json_object_get(reply, "problems"), *problem;
	size_t i;

	printf("%s version %lld%s\n", pl_json_get_text(reply, "name"),
	       (long long)json_integer_value(json_object_get(reply, "version")),
	       json_is_false(json_object_get(reply, "created")) ? ", as it was" : "");
	json_array_foreach(problems, i, problem)
		printf("  can't be deployed: %s\n", json_string_value(problem));
}

static int import_file(struct cli *cli)
{
	const char *user = getenv("USER");
	char *text = NULL;
	size_t len = 0;
	json_t *xml;
	enum pl_err err = file_read(&text, &len, cli->words[0]);

	if (err)
		return cli_fail(err);
	xml = json_stringn(text, len);
	free(text);
	if (!xml)
		return cli_fail(pl_fail(PL_INVALID,
					"%s: is no text in UTF-8; 'pelago workflow "
					"convert' writes one",
					cli->words[0]));
	return designer_do(cli, "import",
			   json_pack("{s:o, s:s}", "xml", xml, "by", user ? user : "local"),
			   say_kept);
}

static enum pl_err put(const char *path, const char *text)
{
	if (path)
		return file_replace(path, text, strlen(text), 0644);
	return fputs(text, stdout) < 0 ? pl_fail(PL_IO, "standard output takes no more") : PL_OK;
}

static int export_file(struct cli *cli)
{
	json_t *body = NULL, *reply = NULL;
	enum pl_err err = words(&body, cli, "name", "version");

	if (!err)
		err = designer_ask(&reply, cli, "workflow", body);
	if (!err)
		err = put(cli->out, pl_json_get_text(reply, "xml"));
	json_decref(reply);
	return err ? cli_fail(err) : EXIT_DONE;
}

static void say_deployed(const json_t *reply)
{
	printf("%s version %lld %s deployed\n", pl_json_get_text(reply, "name"),
	       (long long)json_integer_value(json_object_get(reply, "version")),
	       json_is_true(json_object_get(reply, "deployed")) ? "is" : "is no longer");
	if (json_integer_value(json_object_get(reply, "running")))
		printf("  %lld instances go on with it\n",
		       (long long)json_integer_value(json_object_get(reply, "running")));
}

static int with_words(struct cli *cli, const char *operation, const char *key, const char *other,
		      void (*said)(const json_t *reply))
{
	json_t *body = NULL;
	enum pl_err err = words(&body, cli, key, other);

	return err ? cli_fail(err) : designer_do(cli, operation, body, said);
}

static int deploy(struct cli *cli)
{
	return with_words(cli, "deploy", "name", "version", say_deployed);
}

/* So many instances run on the version that was said. */
static enum pl_err count_running(int64_t *runningp, struct cli *cli)
{
	json_t *body = NULL, *reply = NULL;
	enum pl_err err = words(&body, cli, "name", "version");

	if (!err)
		err = designer_ask(&reply, cli, "workflow", body);
	*runningp = json_integer_value(json_object_get(reply, "running"));
	json_decref(reply);
	return err;
}

static int undeploy(struct cli *cli)
{
	int64_t running = 0;
	enum pl_err err = count_running(&running, cli);

	if (err)
		return cli_fail(err);
	if (running)
		fprintf(stderr, "%lld instances run on %s version %s and will finish on it\n",
			(long long)running, cli->words[0], cli->words[1]);
	if (running && !cli_confirm(cli, "Undeploy it?"))
		return EXIT_REFUSED;
	return with_words(cli, "undeploy", "name", "version", say_deployed);
}

static void say_moved(const json_t *reply)
{
	printf("%lld incidents moved on\n",
	       (long long)json_integer_value(json_object_get(reply, "moved")));
}

static int retry(struct cli *cli)
{
	return with_words(cli, "retry", "id", "token", say_moved);
}

static int skip(struct cli *cli)
{
	return with_words(cli, "skip", "id", "token", say_moved);
}

static void say_cancelled(const json_t *reply)
{
	(void)reply;
	printf("cancelled\n");
}

static int cancel(struct cli *cli)
{
	if (!cli_confirm(cli, "Cancel instance %s?", cli->words[0]))
		return EXIT_REFUSED;
	return with_words(cli, "cancel", "id", "token", say_cancelled);
}

const struct cli_command instance_commands[] = {
	{ "workflow", "list", "", 0, 0, "", list,
	  "Lists workflows and their versions, deployed or not." },
	{ "workflow", "import", "FILE", 1, 1, "", import_file,
	  "Keeps a BPMN file as the next version of its workflow, and says what would stand in the "
	  "way of its deployment." },
	{ "workflow", "export", "NAME [VERSION]", 1, 2, "out", export_file,
	  "Writes a version's file, the newest unless said." },
	{ "workflow", "deploy", "NAME [VERSION]", 1, 2, "", deploy,
	  "Deploys a version, the newest unless said: what starts from now on uses the highest "
	  "deployed one." },
	{ "workflow", "undeploy", "NAME VERSION", 2, 2, "yes", undeploy,
	  "Starts nothing with a version any more. What runs goes on and finishes on it; if "
	  "something does, its number is said and --yes or a confirmation needed." },
	{ "workflow", "instances", "[STATUS]", 0, 1, "", instances,
	  "Lists instances, the newest first: all, or RUNNING, COMPLETED, FAILED, CANCELLED." },
	{ "workflow", "incidents", "", 0, 0, "", incidents,
	  "Lists what can't go on: which instance, at which element, why." },
	{ "workflow", "retry", "INSTANCE [TOKEN]", 1, 2, "", retry,
	  "Does again what is an incident, all of the instance unless one is said." },
	{ "workflow", "skip", "INSTANCE [TOKEN]", 1, 2, "", skip,
	  "Goes on behind an incident as if it had been done." },
	{ "workflow", "cancel", "INSTANCE", 1, 1, "yes", cancel, "Ends an instance." },
	{ 0 },
};
