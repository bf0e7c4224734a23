/*
 * cmd_decision_file.c — pelago decision, where it asks the running EngagementDesigner: files of
 * decisions that are kept and deployed, for business rule tasks.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>

#include "pelago/json.h"
#include "platform/cli/designer.h"

static const struct cli_column files[] = {
	{ "File", "name", FORM_TEXT },
	{ "Version", "version", FORM_NUMBER },
	{ "Deployed", "deployed", FORM_TEXT },
	{ "Created", "createdMs", FORM_TIME },
	{ "By", "createdBy", FORM_TEXT },
	{ "Hash", "hash", FORM_ONLY_JSON },
	{ 0 },
};

static int list(struct cli *cli)
{
	return designer_print(cli, "decisions", json_object(), files);
}

static int import_file(struct cli *cli)
{
	return designer_import(cli, "import-decision");
}

static int export_file(struct cli *cli)
{
	return designer_export(cli, "decision");
}

static void say_deployed(const json_t *reply)
{
	printf("%s version %lld %s deployed\n", pl_json_get_text(reply, "name"),
	       (long long)json_integer_value(json_object_get(reply, "version")),
	       json_is_true(json_object_get(reply, "deployed")) ? "is" : "is no longer");
}

static int deploy(struct cli *cli)
{
	return designer_with_words(cli, "deploy-decision", "name", "version", say_deployed);
}

static int undeploy(struct cli *cli)
{
	return designer_with_words(cli, "undeploy-decision", "name", "version", say_deployed);
}

const struct cli_command decision_file_commands[] = {
	{ "decision", "list", "", 0, 0, "", list,
	  "Lists files of decisions and their versions, deployed or not." },
	{ "decision", "import", "FILE", 1, 1, "", import_file,
	  "Keeps a DMN file as the next version of its name, which is its first decision's id, and "
	  "says what would stand in the way of its deployment." },
	{ "decision", "export", "NAME [VERSION]", 1, 2, "out", export_file,
	  "Writes a version's file, the newest unless said." },
	{ "decision", "deploy", "NAME [VERSION]", 1, 2, "", deploy,
	  "Deploys a version, the newest unless said: business rule tasks take the highest deployed "
	  "one, unless they are bound to another." },
	{ "decision", "undeploy", "NAME VERSION", 2, 2, "", undeploy,
	  "Lets business rule tasks take a version no longer, but those that are bound to it." },
	{ 0 },
};
