/*
 * cmd_instance.c — pelago workflow, where it asks the running EngagementDesigner: what is kept and
 * deployed, and what runs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>

#include "pelago/json.h"
#include "platform/cli/designer.h"

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

static int list(struct cli *cli)
{
	return designer_print(cli, "workflows", json_object(), workflows);
}

static const struct cli_column tasks_columns[] = {
	{ "Task", "element", FORM_TEXT },      { "Does", "operation", FORM_TEXT },
	{ "Version", "version", FORM_NUMBER }, { "Newest", "newest", FORM_NUMBER },
	{ "State", "state", FORM_TEXT },       { 0 },
};

static int tasks(struct cli *cli)
{
	json_t *body = NULL, *workflow = NULL;
	enum pl_err err = designer_words(&body, cli, "name", "version");
	int status;

	if (!err)
		err = designer_ask(&workflow, cli, "workflow", body);
	if (err)
		return cli_fail(err);
	status = cli_print_items(cli, json_object_get(workflow, "tasks"), tasks_columns);
	json_decref(workflow);
	return status;
}

static int instances(struct cli *cli)
{
	return designer_print(cli, "instances",
			      json_pack("{s:s*}", "status", cli->words_len ? cli->words[0] : NULL),
			      instances_columns);
}

static int import_file(struct cli *cli)
{
	return designer_import(cli, "import");
}

static int export_file(struct cli *cli)
{
	return designer_export(cli, "workflow");
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

static int deploy(struct cli *cli)
{
	return designer_with_words(cli, "deploy", "name", "version", say_deployed);
}

/* So many instances run on the version that was said. */
static enum pl_err count_running(int64_t *runningp, struct cli *cli)
{
	json_t *body = NULL, *reply = NULL;
	enum pl_err err = designer_words(&body, cli, "name", "version");

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
	return designer_with_words(cli, "undeploy", "name", "version", say_deployed);
}

const struct cli_command instance_commands[] = {
	{ "workflow", "list", "", 0, 0, "", list,
	  "Lists workflows and their versions, deployed or not." },
	{ "workflow", "tasks", "NAME [VERSION]", 1, 2, "", tasks,
	  "Lists the service tasks of a version, the newest unless said: by which version they were "
	  "drawn, and whether they are out of date. Those more than two versions behind can't be "
	  "deployed any more." },
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
	{ 0 },
};
