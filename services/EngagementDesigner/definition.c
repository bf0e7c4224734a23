/*
 * definition.c — workflows: checked, kept in versions that never change, deployed.
 *
 * Any file that the engine can read may be kept; only one whose tasks are all known is deployed.
 * "The latest" is the highest deployed version. Undeploying starts nothing new; instances go on.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "age.h"
#include "binding.h"
#include "cache.h"
#include "designer.h"
#include "engines/pack/pack.h"
#include "pelago/json.h"
#include "pelago/log.h"
#include "pelago/page.h"
#include "starter.h"
#include "task.h"

enum { PROBLEMS_MAX = 50 };

void definition_hash(char hash[65], const char *xml, size_t xml_len)
{
	unsigned char sum[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(sum, (const unsigned char *)xml, xml_len);
	sodium_bin2hex(hash, 65, sum, sizeof(sum));
}

static bool name_is_good(const char *name)
{
	size_t len = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				  "0123456789_.-");

	return len > 0 && len <= NAME_MAX_BYTES && !name[len] && name[0] != '.';
}

enum pl_err definition_check_name(const char *name)
{
	if (name_is_good(name))
		return PL_OK;
	return pl_fail(
		PL_INVALID,
		"name: letters, digits and _ . - are allowed, at most %d of them; give a name "
		"beside the file if the process's id is another",
		NAME_MAX_BYTES);
}

/* Gives problem; NULL is none. */
static void add_problem(json_t *problems, json_t *problem)
{
	if (problem && json_array_size(problems) < PROBLEMS_MAX)
		json_array_append(problems, problem);
	json_decref(problem);
}

/* What stands in the way of a deployment: [text, …]. */
static json_t *problems_of(struct pl_turn *turn, const char *name, const struct bpmn_model *model)
{
	json_t *problems = json_array();
	struct bpmn_element_info info;
	bool is_last = false;
	size_t i = 0;

	for (size_t at = 0; at < bpmn_model_element_count(model); at++) {
		json_t *problem = NULL;

		bpmn_model_element(model, at, &info);
		if (info.task_type && !task_is_user(info.task_type) && !task_find(info.task_type))
			problem =
				json_sprintf("%s: there is no operation %s that a workflow may use",
					     info.id, info.task_type);
		else
			problem = binding_problem(turn, name, &info);
		add_problem(problems, problem);
		add_problem(problems, age_problem(&info));
	}
	while (!is_last)
		add_problem(problems, starter_problem(model, i++, pl_turn_now_ms(turn), &is_last));
	return problems;
}

static enum pl_err refuse_problems(const json_t *problems)
{
	if (json_array_size(problems) == 0)
		return PL_OK;
	return pl_fail(PL_INVALID, "%s", json_string_value(json_array_get(problems, 0)));
}

/* The process's name, cut between characters. */
static void title_of(char title[TITLE_MAX + 1], const struct bpmn_model *model)
{
	const char *name = bpmn_model_process_name(model);
	size_t len = strlen(name);

	if (len > TITLE_MAX)
		for (len = TITLE_MAX; len > 0 && (name[len] & 0xc0) == 0x80;)
			len--;
	memcpy(title, name, len);
	title[len] = '\0';
}

static enum pl_err parse(const char *hash, const char *xml, size_t xml_len,
			 const struct bpmn_model **modelp)
{
	if (xml_len > FILE_MAX)
		return pl_fail(PL_TOOLARGE, "the file is larger than %d bytes", FILE_MAX);
	*modelp = cache_find(hash);
	return *modelp ? PL_OK : cache_put(hash, xml, xml_len, modelp);
}

/* ---- what is kept ---- */

struct row {
	int64_t version; /* 0: there is none */
	bool deployed;
	char hash[65];
};

/* version 0 finds the highest. */
static void row_find(struct pl_turn *turn, const char *name, int64_t version, struct row *row)
{
	struct pl_rows *rows =
		pl_query(turn,
			 "select version, deployed, hash from workflow where name = $1 "
			 "and (version = $2 or $2 = 0) order by version desc limit 1",
			 "si", name, version);

	*row = (struct row){ 0 };
	if (pl_rows_next(rows)) {
		row->version = pl_rows_int(rows, 0);
		row->deployed = pl_rows_int(rows, 1);
		snprintf(row->hash, sizeof(row->hash), "%s", pl_rows_text(rows, 2));
	}
	pl_rows_free(rows);
}

static enum pl_err no_such(const char *name, int64_t version)
{
	if (version)
		return pl_fail(PL_NOTFOUND, "there is no version %ld of workflow %s", (long)version,
			       name);
	return pl_fail(PL_NOTFOUND, "there is no workflow %s", name);
}

enum pl_err definition_model(struct pl_turn *turn, const char *name, int64_t version,
			     const struct bpmn_model **modelp)
{
	struct pl_rows *rows;
	struct row row;
	enum pl_err err;

	row_find(turn, name, version, &row);
	if (!row.version)
		return no_such(name, version);
	*modelp = cache_find(row.hash);
	if (*modelp)
		return PL_OK;
	rows = pl_query(turn, "select xml from workflow where name = $1 and version = $2", "si",
			name, row.version);
	if (pl_rows_next(rows))
		err = parse(row.hash, pl_rows_text(rows, 0), strlen(pl_rows_text(rows, 0)), modelp);
	else
		err = no_such(name, version);
	pl_rows_free(rows);
	return err;
}

enum pl_err definition_check(struct pl_turn *turn, const char *name, int64_t version)
{
	const struct bpmn_model *model = NULL;
	json_t *problems;
	enum pl_err err = definition_model(turn, name, version, &model);

	if (err)
		return err;
	problems = problems_of(turn, name, model);
	err = refuse_problems(problems);
	json_decref(problems);
	return err;
}

static void add_row(struct pl_turn *turn, const struct definition *d, const char *name,
		    int64_t version, const char *hash, const struct bpmn_model *model)
{
	const char *tag = bpmn_model_version_tag(model);
	char title[TITLE_MAX + 1];

	title_of(title, model);
	pl_exec(turn,
		"insert into workflow (name, version, title, xml, hash, deployed, out_of_box, created_ms, "
		"created_by, tag) values ($1, $2, $3, $4, $5, 0, $6, $7, $8, $9)",
		"sisssiiss", name, version, title, d->xml, hash, (int64_t)d->out_of_box,
		pl_turn_now_ms(turn), d->by, tag ? tag : "");
	pl_log(INFO, "workflow.kept", NULL, "workflow=%s version=%ld by=%s", name, (long)version,
	       d->by);
}

static void set_deployed(struct pl_turn *turn, const char *name, int64_t version, bool deployed,
			 const struct bpmn_model *model)
{
	if (deployed)
		binding_keep(turn, name, version, model);
	pl_exec(turn, "update workflow set deployed = $3 where name = $1 and version = $2", "sii",
		name, version, (int64_t)deployed);
	starter_arm(turn, name);
	pl_log(INFO, "workflow.deployed", NULL, "workflow=%s version=%ld deployed=%d", name,
	       (long)version, deployed);
}

enum pl_err definition_add(struct pl_turn *turn, const struct definition *d, json_t **replyp)
{
	const struct bpmn_model *model = NULL;
	const char *name = d->name;
	char kept[NAME_MAX_BYTES + 1]; /* the model may go with what is started */
	json_t *problems, *title;
	struct row row;
	char hash[65];
	bool is_new;
	enum pl_err err;

	definition_hash(hash, d->xml, d->xml_len);
	err = parse(hash, d->xml, d->xml_len, &model);
	if (err)
		return err;
	if (!name)
		name = bpmn_model_process_id(model);
	err = definition_check_name(name);
	if (err)
		return err;
	problems = problems_of(turn, name, model);
	if (d->deploy)
		err = refuse_problems(problems);
	if (err) {
		json_decref(problems);
		return err;
	}
	snprintf(kept, sizeof(kept), "%s", name);
	name = kept;
	title = json_string(bpmn_model_process_name(model));
	row_find(turn, name, 0, &row);
	is_new = strcmp(row.hash, hash) != 0;
	if (is_new)
		add_row(turn, d, name, ++row.version, hash, model);
	if (d->deploy && (is_new || !row.deployed))
		set_deployed(turn, name, row.version, true, model);
	*replyp =
		json_pack("{s:s, s:I, s:o, s:s, s:b, s:b, s:o}", "name", name, "version",
			  (json_int_t)row.version, "title", title, "hash", hash, "created", is_new,
			  "deployed", d->deploy || (!is_new && row.deployed), "problems", problems);
	return PL_OK;
}

/* ---- operations ---- */

#define COLUMNS                                                                                      \
	"w.name, w.version, w.title, w.hash, w.deployed, w.out_of_box, w.created_ms, w.created_by, " \
	"(select count(*) from gold g where g.name = w.name), "                                      \
	"(select count(*) from instance i where i.workflow = w.name and i.version = w.version "      \
	"and i.status = 'RUNNING')"

/* A changed out-of-the-box workflow is marked as broken. */
static const char *gold_mark(const struct pl_rows *rows)
{
	if (pl_rows_int(rows, 5))
		return "gold";
	return pl_rows_int(rows, 8) ? "broken" : "";
}

static json_t *row_json(const struct pl_rows *rows)
{
	return json_pack("{s:s, s:I, s:s, s:s, s:b, s:s, s:I, s:s, s:I}", "name",
			 pl_rows_text(rows, 0), "version", (json_int_t)pl_rows_int(rows, 1),
			 "title", pl_rows_text(rows, 2), "hash", pl_rows_text(rows, 3), "deployed",
			 (int)pl_rows_int(rows, 4), "gold", gold_mark(rows), "createdMs",
			 (json_int_t)pl_rows_int(rows, 6), "createdBy", pl_rows_text(rows, 7),
			 "running", (json_int_t)pl_rows_int(rows, 9));
}

/* {cursor, limit} → {items:[…], cursor} */
enum pl_err op_workflows(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *name = "";
	int64_t version = 0;
	struct pl_page page;
	struct pl_rows *rows;
	enum pl_err err = pl_page_read(&page, body, "workflows");

	if (!err)
		err = pl_page_split(&page, &version, &name);
	if (err)
		return err;
	rows = pl_query(turn,
			"select " COLUMNS
			" from workflow w where w.name > $1 or (w.name = $1 and w.version > $2) "
			"order by w.name, w.version limit $3",
			"sii", name, version, page.limit + 1);
	while (pl_rows_next(rows))
		pl_page_add(&page, row_json(rows), "%" PRId64 ":%s", pl_rows_int(rows, 1),
			    pl_rows_text(rows, 0));
	pl_rows_free(rows);
	*replyp = pl_page_answer(&page);
	return *replyp ? PL_OK : PL_NOMEM;
}

enum pl_err definition_read_version(const json_t *body, const char **namep, int64_t *versionp)
{
	enum pl_err err = pl_json_text(namep, body, "name", NAME_MAX_BYTES, true);

	*versionp = 0;
	return err ? err : pl_json_int(versionp, body, "version", 1, INT64_MAX, false);
}

enum pl_err definition_put_xml(json_t *reply, const char *xml)
{
	size_t len = strlen(xml);
	char *packed = NULL;
	enum pl_err err;

	if (len <= XML_MAX)
		return json_object_set_new(reply, "xml", json_stringn(xml, len)) ? PL_NOMEM : PL_OK;
	err = pack_text(&packed, xml, len);
	if (!err && json_object_set_new(reply, "gzip", json_string(packed)))
		err = PL_NOMEM;
	free(packed);
	return err;
}

/* {name, version} → {name, …, xml or gzip, problems, tasks}; without a version the highest */
enum pl_err op_workflow(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const struct bpmn_model *model = NULL;
	const char *name = NULL;
	struct pl_rows *rows;
	int64_t version;
	json_t *found = NULL;
	enum pl_err err = definition_read_version(body, &name, &version);

	if (err)
		return err;
	rows = pl_query(turn,
			"select " COLUMNS ", w.xml from workflow w where w.name = $1 and "
			"(w.version = $2 or $2 = 0) order by w.version desc limit 1",
			"si", name, version);
	if (pl_rows_next(rows)) {
		found = row_json(rows);
		err = definition_put_xml(found, pl_rows_text(rows, 10));
	}
	pl_rows_free(rows);
	if (!found)
		return no_such(name, version);
	if (err) {
		json_decref(found);
		return err;
	}
	err = definition_model(turn, name, version, &model);
	json_object_set_new(found, "problems",
			    err ? json_pack("[s]", pl_err_detail(err))
				: problems_of(turn, name, model));
	json_object_set_new(found, "tasks", err ? json_array() : age_tasks(model));
	*replyp = found;
	return PL_OK;
}

/* What is packed is put into the request in its own form. */
static enum pl_err unpack(const json_t *body, const char **xmlp, size_t *lenp)
{
	const json_t *packed = json_object_get(body, "gzip");
	json_t *xml;
	char *text = NULL;
	enum pl_err err = pack_open(&text, lenp, json_string_value(packed),
				    json_string_length(packed), FILE_MAX);

	if (err)
		return err;
	if (memchr(text, '\0', *lenp))
		err = pl_fail(PL_INVALID, "gzip: there is a NUL in the file");
	xml = err ? NULL : json_stringn(text, *lenp);
	free(text);
	if (!err && !xml)
		err = pl_fail(PL_INVALID, "gzip: the file is no text in UTF-8");
	if (!err && json_object_set_new((json_t *)body, "xml", xml))
		err = PL_NOMEM;
	*xmlp = err ? NULL : json_string_value(json_object_get(body, "xml"));
	return err;
}

enum pl_err definition_read_xml(const json_t *body, const char **xmlp, size_t *lenp)
{
	enum pl_err err;

	if (json_is_string(json_object_get(body, "gzip")))
		return unpack(body, xmlp, lenp);
	if (json_string_length(json_object_get(body, "xml")) > XML_MAX)
		return pl_fail(PL_TOOLARGE,
			       "the file is larger than %d bytes; packed as `gzip` it may be of %d",
			       XML_MAX, FILE_MAX);
	err = pl_json_text(xmlp, body, "xml", XML_MAX, true);
	*lenp = err ? 0 : strlen(*xmlp);
	return err;
}

/* {xml or gzip, name, deploy, by} → {name, version, title, hash, created, deployed, problems} */
enum pl_err op_import(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct definition d = { .by = NULL };
	enum pl_err err = definition_read_xml(body, &d.xml, &d.xml_len);

	if (!err)
		err = pl_json_text(&d.name, body, "name", NAME_MAX_BYTES, false);
	if (!err)
		err = pl_json_bool(&d.deploy, body, "deploy", false);
	if (!err)
		err = pl_json_text(&d.by, body, "by", 200, false);
	if (!d.by)
		d.by = "";
	return err ? err : definition_add(turn, &d, replyp);
}

/* {xml or gzip} → {valid, process, title, problems}: valid could be deployed */
enum pl_err op_validate(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	char title[TITLE_MAX + 1] = "";
	struct bpmn_model *model = NULL;
	json_t *problems;
	const char *xml = NULL;
	size_t len;
	enum pl_err err = definition_read_xml(body, &xml, &len);

	if (err)
		return err;
	err = bpmn_model_parse(&model, xml, len);
	if (err == PL_NOMEM)
		return err;
	if (!err)
		title_of(title, model);
	problems = err ? json_pack("[s]", pl_err_detail(err))
		       : problems_of(turn, bpmn_model_process_id(model), model);
	*replyp = json_pack("{s:b, s:s, s:s, s:o}", "valid", json_array_size(problems) == 0,
			    "process", err ? "" : bpmn_model_process_id(model), "title", title,
			    "problems", problems);
	bpmn_model_free(model);
	return PL_OK;
}

/* {name, version} → {name, version, deployed} */
enum pl_err op_deploy(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const struct bpmn_model *model = NULL;
	const char *name = NULL;
	struct row row;
	int64_t version;
	enum pl_err err = definition_read_version(body, &name, &version);

	if (err)
		return err;
	row_find(turn, name, version, &row);
	if (!row.version)
		return no_such(name, version);
	err = definition_check(turn, name, row.version);
	if (!err)
		err = definition_model(turn, name, row.version, &model);
	if (err)
		return err;
	if (!row.deployed)
		set_deployed(turn, name, row.version, true, model);
	*replyp = json_pack("{s:s, s:I, s:b}", "name", name, "version", (json_int_t)row.version,
			    "deployed", 1);
	return PL_OK;
}

static int64_t count_running(struct pl_turn *turn, const char *name, int64_t version)
{
	struct pl_rows *rows = pl_query(turn,
					"select count(*) from instance where workflow = $1 and "
					"version = $2 and status = 'RUNNING'",
					"si", name, version);
	int64_t n = pl_rows_next(rows) ? pl_rows_int(rows, 0) : 0;

	pl_rows_free(rows);
	return n;
}

/* {name, version} → {name, version, deployed, running}: so many instances go on */
enum pl_err op_undeploy(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *name = NULL;
	struct row row;
	int64_t version;
	enum pl_err err = definition_read_version(body, &name, &version);

	if (!err && !version)
		err = pl_fail(PL_INVALID, "version is missing");
	if (err)
		return err;
	row_find(turn, name, version, &row);
	if (!row.version)
		return no_such(name, version);
	if (row.deployed)
		set_deployed(turn, name, version, false, NULL);
	*replyp =
		json_pack("{s:s, s:I, s:b, s:I}", "name", name, "version", (json_int_t)version,
			  "deployed", 0, "running", (json_int_t)count_running(turn, name, version));
	return PL_OK;
}
