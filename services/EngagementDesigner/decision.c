/* decision.c — see decision.h. SPDX-License-Identifier: Apache-2.0 */
#include "decision.h"

#include <inttypes.h>
#include <string.h>

#include "cache.h"
#include "pelago/json.h"
#include "pelago/log.h"
#include "pelago/page.h"

enum {
	DECISIONS_MAX = 500,   /* of a file, that can be called */
	DECISION_ID_MAX = 255, /* bytes */
	EVALUATE_STEPS = 500000,
	EVALUATE_MEMORY = 16 << 20,
};

/* ---- files ---- */

struct row {
	int64_t version; /* 0: there is none */
	bool deployed;
	char hash[65];
};

/* version 0 finds the highest. */
static void row_find(struct pl_turn *turn, const char *name, int64_t version, struct row *row)
{
	struct pl_rows *rows = pl_query(turn,
					"select version, deployed, hash from decision_file where "
					"name = $1 and (version = $2 or $2 = 0) "
					"order by version desc limit 1",
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
		return pl_fail(PL_NOTFOUND, "there is no version %ld of decision file %s",
			       (long)version, name);
	return pl_fail(PL_NOTFOUND, "there is no decision file %s", name);
}

static enum pl_err parse(const char *hash, const char *name, const char *xml, size_t xml_len,
			 const struct dmn_model **modelp)
{
	*modelp = cache_find_decisions(hash);
	return *modelp ? PL_OK : cache_put_decisions(hash, name, xml, xml_len, modelp);
}

static enum pl_err file_model(struct pl_turn *turn, const char *name, int64_t version,
			      const struct dmn_model **modelp)
{
	struct pl_rows *rows = pl_query(
		turn, "select hash, xml from decision_file where name = $1 and version = $2", "si",
		name, version);
	enum pl_err err = PL_NOTFOUND;

	if (pl_rows_next(rows))
		err = parse(pl_rows_text(rows, 0), name, pl_rows_text(rows, 1),
			    strlen(pl_rows_text(rows, 1)), modelp);
	pl_rows_free(rows);
	return err == PL_NOTFOUND ? no_such(name, version) : err;
}

/* ---- what is in a file ---- */

static bool can_be_called(const struct dmn_info *info)
{
	return (info->kind == DMN_DECISION || info->kind == DMN_SERVICE) && info->id && *info->id;
}

/* The i-th decision or service with an id, from 0; NULL past the last. */
static const struct dmn_element *callable(const struct dmn_model *model, size_t i,
					  struct dmn_info *info)
{
	const struct dmn_element *element;

	for (size_t at = 0; (element = dmn_element_at(model, at)); at++) {
		*info = dmn_element_info(element);
		if (can_be_called(info) && i-- == 0)
			break;
	}
	return element;
}

static const struct dmn_element *find_callable(const struct dmn_model *model, const char *id)
{
	const struct dmn_element *element;
	struct dmn_info info;

	for (size_t i = 0; (element = callable(model, i, &info)); i++)
		if (strcmp(info.id, id) == 0)
			break;
	return element;
}

static json_t *decisions_of(const struct dmn_model *model)
{
	json_t *list = json_array();
	struct dmn_info info;

	for (size_t i = 0; callable(model, i, &info); i++)
		json_array_append_new(list, json_pack("{s:s, s:s, s:s*}", "id", info.id, "name",
						      info.name, "versionTag", info.version_tag));
	return list;
}

/* What stands in the way of a deployment: [text, …]. */
static json_t *problems_of(struct pl_turn *turn, const char *file, const struct dmn_model *model)
{
	const struct dmn_diagnostic *rows;
	json_t *problems = json_array();
	size_t len = dmn_problems(&rows, model);
	struct dmn_info info;

	for (size_t i = 0; i < len && i < DMN_DIAGNOSTICS_MAX; i++)
		json_array_append_new(problems, json_sprintf("line %ld: %s: %s", rows[i].line,
							     rows[i].element, rows[i].reason));
	for (size_t i = 0; callable(model, i, &info); i++) {
		struct pl_rows *other = pl_query(
			turn, "select file from decision where id = $1 and file <> $2 limit 1",
			"ss", info.id, file);

		if (pl_rows_next(other))
			json_array_append_new(
				problems, json_sprintf("decision %s is one of file %s, which is "
						       "deployed: undeploy that one, or give "
						       "this decision another id",
						       info.id, pl_rows_text(other, 0)));
		pl_rows_free(other);
	}
	return problems;
}

static enum pl_err refuse_problems(const json_t *problems)
{
	if (json_array_size(problems) == 0)
		return PL_OK;
	return pl_fail(PL_INVALID, "%s", json_string_value(json_array_get(problems, 0)));
}

/* Whether workflows can call what is in it. */
static enum pl_err check(const struct dmn_model *model)
{
	struct dmn_info info;
	size_t n = 0;

	for (; callable(model, n, &info); n++)
		if (strlen(info.id) > DECISION_ID_MAX)
			return pl_fail(PL_INVALID, "decision %s: its id is longer than %d bytes",
				       info.name, DECISION_ID_MAX);
	if (n == 0)
		return pl_fail(PL_INVALID, "the file has no decision with an id, by which a "
					   "workflow could call it");
	if (n > DECISIONS_MAX)
		return pl_fail(PL_TOOLARGE, "the file has more than %d decisions", DECISIONS_MAX);
	return PL_OK;
}

static void set_deployed(struct pl_turn *turn, const char *name, int64_t version,
			 const struct dmn_model *model)
{
	struct dmn_info info;

	pl_exec(turn, "delete from decision where file = $1 and version = $2", "si", name, version);
	for (size_t i = 0; model && callable(model, i, &info); i++)
		pl_exec(turn,
			"insert into decision (id, file, version, tag) values ($1, $2, $3, $4)",
			"ssis", info.id, name, version, info.version_tag ? info.version_tag : "");
	pl_exec(turn, "update decision_file set deployed = $3 where name = $1 and version = $2",
		"sii", name, version, (int64_t)(model != NULL));
	pl_log(INFO, "decision.deployed", NULL, "file=%s version=%ld deployed=%d", name,
	       (long)version, model != NULL);
}

/* ---- evaluated ---- */

const struct dmn_model *decision_find(struct pl_turn *turn, const struct dmn_element **elementp,
				      const struct called *called)
{
	const struct dmn_model *model = NULL;
	struct bound bound = { .version = 0 };
	enum pl_err err = binding_find(turn, &bound, called);

	if (!err)
		err = file_model(turn, bound.name, bound.version, &model);
	if (err)
		return NULL;
	*elementp = find_callable(model, called->id);
	if (*elementp)
		return model;
	(void)pl_fail(PL_NOTFOUND, "version %ld of file %s has no decision %s", (long)bound.version,
		      bound.name, called->id);
	return NULL;
}

static json_t *diagnostics_json(const struct dmn_diagnostics *all)
{
	json_t *list = json_array();

	for (size_t i = 0; i < all->kept; i++)
		json_array_append_new(list,
				      json_pack("{s:s, s:I, s:s}", "element", all->rows[i].element,
						"line", (json_int_t)all->rows[i].line, "reason",
						all->rows[i].reason));
	return list;
}

static enum pl_err evaluate(json_t **replyp, const struct dmn_model *model,
			    const struct dmn_element *element, const json_t *variables,
			    int64_t now_ms)
{
	const struct feel_limits limits = { .steps = EVALUATE_STEPS,
					    .memory_bytes = EVALUATE_MEMORY };
	const struct feel_value *inputs, *value = NULL;
	struct dmn_diagnostics diagnostics = { .len = 0 };
	struct feel_run *run = NULL;
	json_t *result = NULL;
	enum pl_err err = feel_run_new(&run, &limits);

	if (err)
		return err;
	feel_run_set_clock(run, now_ms, 0);
	inputs = feel_of_json(run, variables);
	if (inputs)
		value = dmn_evaluate(run, model, element, inputs, &diagnostics);
	if (value)
		result = feel_to_json(run, value);
	if (result)
		*replyp = json_pack("{s:o, s:o}", "value", result, "diagnostics",
				    diagnostics_json(&diagnostics));
	else
		err = feel_run_err(run) ? feel_run_err(run) : PL_NOMEM;
	feel_run_free(run);
	return err;
}

/* {id, variables} → {value, diagnostics:[{element, line, reason}], file, version} */
enum pl_err op_evaluate_decision(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct called called = { .kind = CALLED_DECISION, .binding = "latest" };
	const struct dmn_element *element = NULL;
	const struct dmn_model *model = NULL;
	json_t *variables = NULL, *none;
	struct bound bound = { .version = 0 };
	enum pl_err err = pl_json_text(&called.id, body, "id", DECISION_ID_MAX, true);

	if (!err)
		err = pl_json_object(&variables, body, "variables", 1000, false);
	if (!err)
		err = binding_find(turn, &bound, &called);
	if (!err)
		err = file_model(turn, bound.name, bound.version, &model);
	if (err)
		return err;
	element = find_callable(model, called.id);
	none = json_object();
	err = element ? evaluate(replyp, model, element, variables ? variables : none,
				 pl_turn_now_ms(turn))
		      : no_such(bound.name, bound.version);
	json_decref(none);
	if (err)
		return err;
	json_object_set_new(*replyp, "file", json_string(bound.name));
	json_object_set_new(*replyp, "version", json_integer(bound.version));
	return PL_OK;
}

/* ---- operations ---- */

#define COLUMNS "name, version, hash, deployed, created_ms, created_by"

static json_t *row_json(const struct pl_rows *rows)
{
	return json_pack("{s:s, s:I, s:s, s:b, s:I, s:s}", "name", pl_rows_text(rows, 0), "version",
			 (json_int_t)pl_rows_int(rows, 1), "hash", pl_rows_text(rows, 2),
			 "deployed", (int)pl_rows_int(rows, 3), "createdMs",
			 (json_int_t)pl_rows_int(rows, 4), "createdBy", pl_rows_text(rows, 5));
}

/* {cursor, limit} → {items:[…], cursor} */
enum pl_err op_decisions(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *name = "";
	int64_t version = 0;
	struct pl_page page;
	struct pl_rows *rows;
	enum pl_err err = pl_page_read(&page, body, "decisions");

	if (!err)
		err = pl_page_split(&page, &version, &name);
	if (err)
		return err;
	rows = pl_query(turn,
			"select " COLUMNS
			" from decision_file where name > $1 or (name = $1 and version > $2) "
			"order by name, version limit $3",
			"sii", name, version, page.limit + 1);
	while (pl_rows_next(rows))
		pl_page_add(&page, row_json(rows), "%" PRId64 ":%s", pl_rows_int(rows, 1),
			    pl_rows_text(rows, 0));
	pl_rows_free(rows);
	*replyp = pl_page_answer(&page);
	return *replyp ? PL_OK : PL_NOMEM;
}

/* {name, version} → {name, …, xml, decisions, problems}; without a version the highest */
enum pl_err op_decision(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const struct dmn_model *model = NULL;
	const char *name = NULL;
	struct pl_rows *rows;
	json_t *found = NULL;
	int64_t version;
	enum pl_err err = definition_read_version(body, &name, &version);

	if (err)
		return err;
	rows = pl_query(turn,
			"select " COLUMNS
			", xml from decision_file where name = $1 and (version = $2 or $2 = 0) "
			"order by version desc limit 1",
			"si", name, version);
	if (pl_rows_next(rows)) {
		found = row_json(rows);
		err = definition_put_xml(found, pl_rows_text(rows, 6));
		if (!err)
			err = parse(pl_rows_text(rows, 2), name, pl_rows_text(rows, 6),
				    strlen(pl_rows_text(rows, 6)), &model);
	}
	pl_rows_free(rows);
	if (!found)
		return no_such(name, version);
	json_object_set_new(found, "decisions", model ? decisions_of(model) : json_array());
	json_object_set_new(found, "problems",
			    model ? problems_of(turn, name, model)
				  : json_pack("[s]", pl_err_detail(err)));
	*replyp = found;
	return PL_OK;
}

static void add_row(struct pl_turn *turn, const char *name, int64_t version, const char *xml,
		    const char *hash, const char *by)
{
	pl_exec(turn,
		"insert into decision_file (name, version, xml, hash, deployed, created_ms, "
		"created_by) values ($1, $2, $3, $4, 0, $5, $6)",
		"sissis", name, version, xml, hash, pl_turn_now_ms(turn), by);
	pl_log(INFO, "decision.kept", NULL, "file=%s version=%ld by=%s", name, (long)version, by);
}

/* {xml, name, deploy, by} → {name, version, hash, created, deployed, decisions, problems}; the name
 * is the first decision's id unless it is said */
enum pl_err op_import_decision(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *xml = NULL, *name = NULL, *by = NULL;
	const struct dmn_model *model = NULL;
	bool deploy = false, is_new;
	struct dmn_info info;
	json_t *problems;
	struct row row;
	char hash[65];
	size_t len;
	enum pl_err err = definition_read_xml(body, &xml, &len);

	if (!err)
		err = pl_json_text(&name, body, "name", NAME_MAX_BYTES, false);
	if (!err)
		err = pl_json_bool(&deploy, body, "deploy", false);
	if (!err)
		err = pl_json_text(&by, body, "by", 200, false);
	if (err)
		return err;
	definition_hash(hash, xml, len);
	err = parse(hash, name ? name : "the file", xml, len, &model);
	if (!err)
		err = check(model);
	if (!err && !name) {
		(void)callable(model, 0, &info);
		name = info.id;
	}
	if (!err)
		err = definition_check_name(name);
	if (err)
		return err;
	problems = problems_of(turn, name, model);
	if (deploy)
		err = refuse_problems(problems);
	if (err) {
		json_decref(problems);
		return err;
	}
	row_find(turn, name, 0, &row);
	is_new = strcmp(row.hash, hash) != 0;
	if (is_new)
		add_row(turn, name, ++row.version, xml, hash, by ? by : "");
	if (deploy && (is_new || !row.deployed))
		set_deployed(turn, name, row.version, model);
	*replyp = json_pack("{s:s, s:I, s:s, s:b, s:b, s:o, s:o}", "name", name, "version",
			    (json_int_t)row.version, "hash", hash, "created", is_new, "deployed",
			    deploy || (!is_new && row.deployed), "decisions", decisions_of(model),
			    "problems", problems);
	return PL_OK;
}

static enum pl_err answer_deployed(json_t **replyp, const char *name, int64_t version, bool is)
{
	*replyp = json_pack("{s:s, s:I, s:b}", "name", name, "version", (json_int_t)version,
			    "deployed", is);
	return PL_OK;
}

/* {name, version} → {name, version, deployed} */
enum pl_err op_deploy_decision(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const struct dmn_model *model = NULL;
	const char *name = NULL;
	json_t *problems;
	struct row row;
	int64_t version;
	enum pl_err err = definition_read_version(body, &name, &version);

	if (err)
		return err;
	row_find(turn, name, version, &row);
	if (!row.version)
		return no_such(name, version);
	err = file_model(turn, name, row.version, &model);
	if (err)
		return err;
	problems = problems_of(turn, name, model);
	err = refuse_problems(problems);
	json_decref(problems);
	if (err)
		return err;
	if (!row.deployed)
		set_deployed(turn, name, row.version, model);
	return answer_deployed(replyp, name, row.version, true);
}

/* {name, version} → {name, version, deployed} */
enum pl_err op_undeploy_decision(struct pl_turn *turn, const json_t *body, json_t **replyp)
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
		set_deployed(turn, name, version, NULL);
	return answer_deployed(replyp, name, version, false);
}
