/*
 * gold.c — the out-of-the-box workflows: *.bpmn in the folder `workflows` beside the program.
 *
 * Each file is looked at once for each of its texts: what was seen last stands in table gold. A new
 * file is brought in and deployed. A changed one becomes the next version and is deployed, unless
 * the workflow has been customised: then it is left alone, and a newer program only lays its new
 * version beside the customised one, undeployed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "designer.h"
#include "engines/bpmn/bpmn.h"
#include "pelago/log.h"
#include "pelago/version.h"

static const char *const channels[] = { "chat" }; /* with an out-of-the-box workflow of that name */

static bool find_folder(char folder[512])
{
	ssize_t len = readlink("/proc/self/exe", folder, 480);
	char *slash;

	if (len <= 0)
		return false;
	folder[len] = '\0';
	slash = strrchr(folder, '/');
	if (!slash)
		return false;
	snprintf(slash, 512 - (size_t)(slash - folder), "/workflows");
	return true;
}

static char *read_file(const char *path, size_t *lenp)
{
	FILE *f = fopen(path, "re");
	char *text = f ? malloc(XML_MAX + 2) : NULL;

	if (text) {
		*lenp = fread(text, 1, XML_MAX + 1, f);
		text[*lenp] = '\0';
		if (ferror(f) || strlen(text) != *lenp) {
			free(text);
			text = NULL;
		}
	}
	if (f)
		fclose(f);
	return text;
}

struct seen {
	bool known, same_text, same_program, customised;
};

static struct seen look(struct pl_turn *turn, const char *name, const char *hash)
{
	struct seen seen = { 0 };
	struct pl_rows *rows =
		pl_query(turn, "select hash, program from gold where name = $1", "s", name);

	if (pl_rows_next(rows)) {
		seen.known = true;
		seen.same_text = strcmp(pl_rows_text(rows, 0), hash) == 0;
		seen.same_program = strcmp(pl_rows_text(rows, 1), pl_version) == 0;
	}
	pl_rows_free(rows);
	rows = pl_query(
		turn,
		"select out_of_box from workflow where name = $1 order by version desc limit 1",
		"s", name);
	if (pl_rows_next(rows))
		seen.customised = !pl_rows_int(rows, 0);
	pl_rows_free(rows);
	return seen;
}

static void import_file(struct pl_turn *turn, const char *path, const char *name)
{
	char by[PL_VERSION_ROOM + 8];
	struct definition d = { .name = name, .by = by, .out_of_box = true };
	char *xml = read_file(path, &d.xml_len);
	json_t *reply = NULL;
	struct seen seen;
	char hash[65];
	enum pl_err err;

	if (!xml) {
		pl_log(ERROR, "workflow.gold", NULL, "%s can't be read", path);
		return;
	}
	snprintf(by, sizeof(by), "Pelago %s", pl_version);
	definition_hash(hash, xml, d.xml_len);
	seen = look(turn, name, hash);
	if (!seen.same_text && seen.customised && seen.known && seen.same_program) {
		pl_log(INFO, "workflow.gold", NULL, "%s changed; customised, so left alone", name);
	} else if (!seen.same_text) {
		d.xml = xml;
		d.deploy = !seen.customised;
		err = definition_add(turn, &d, &reply);
		if (err)
			pl_log(ERROR, "workflow.gold", NULL, "%s: %s", path, pl_err_detail(err));
		else
			pl_exec(turn,
				"insert into gold (name, hash, program) values ($1, $2, $3) on "
				"conflict (name) do update set hash = excluded.hash, "
				"program = excluded.program",
				"sss", name, hash, pl_version);
		if (!err && !seen.known)
			for (size_t i = 0; i < sizeof(channels) / sizeof(channels[0]); i++)
				if (strcmp(channels[i], name) == 0)
					rule_add_default(turn, "ROUTE_CONTACT", name, name);
		json_decref(reply);
	}
	free(xml);
}

enum pl_err gold_import(struct pl_turn *turn)
{
	static bool done; /* rebuild is called again after each rollback */
	struct dirent **files = NULL;
	char folder[512], path[800], name[NAME_MAX_BYTES + 1];
	int count;

	if (done)
		return PL_OK;
	done = true;
	count = find_folder(folder) ? scandir(folder, &files, NULL, alphasort) : -1;
	if (count < 0)
		pl_log(ERROR, "workflow.gold", NULL, "there are no out-of-the-box workflows: %s",
		       strerror(errno));
	for (int i = 0; i < count; i++) {
		const char *dot = strrchr(files[i]->d_name, '.');

		if (dot && strcmp(dot, ".bpmn") == 0 && dot - files[i]->d_name <= NAME_MAX_BYTES) {
			snprintf(name, sizeof(name), "%.*s", (int)(dot - files[i]->d_name),
				 files[i]->d_name);
			snprintf(path, sizeof(path), "%s/%s", folder, files[i]->d_name);
			import_file(turn, path, name);
		}
		free(files[i]);
	}
	free(files);
	return PL_OK;
}
