/* starter.c — see starter.h. SPDX-License-Identifier: Apache-2.0 */
#include "starter.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engines/bpmn/bpmn.h"
#include "pelago/json.h"
#include "pelago/log.h"
#include "step.h"

enum {
	CATCH_UP_BATCH = 20, /* starts of one turn */
	KEY_SIZE = NAME_MAX_BYTES + BPMN_ID_MAX + 2,
	ENVIRONMENT_MAX = 65536, /* bytes of all its values as JSON */
	NAMES_MAX = 500,	 /* of values */
	VALUE_NAME_MAX = 255,
};

static int64_t latest(struct pl_turn *turn, const char *workflow)
{
	struct pl_rows *rows =
		pl_query(turn, "select max(version) from workflow where name = $1 and deployed = 1",
			 "s", workflow);
	int64_t version = pl_rows_next(rows) ? pl_rows_int(rows, 0) : 0;

	pl_rows_free(rows);
	return version;
}

/* ---- messages and signals ---- */

void starter_start(struct pl_turn *turn, const char *kind, const char *name, const json_t *payload,
		   size_t most, json_t *started)
{
	struct pl_rows *rows = pl_query(
		turn,
		"select s.workflow, s.version, s.element from starter s where s.kind = $1 and "
		"s.name = $2 and s.version = (select max(w.version) from workflow w where "
		"w.name = s.workflow and w.deployed = 1) order by s.workflow, s.element limit $3",
		"ssi", kind, name, (int64_t)most);
	json_t *list = json_array(), *item;
	size_t i;

	while (pl_rows_next(rows))
		json_array_append_new(list, json_pack("[s, I, s]", pl_rows_text(rows, 0),
						      (json_int_t)pl_rows_int(rows, 1),
						      pl_rows_text(rows, 2)));
	pl_rows_free(rows);
	json_array_foreach(list, i, item) {
		const struct beginning b = {
			.payload = payload,
			.workflow = json_string_value(json_array_get(item, 0)),
			.version = json_integer_value(json_array_get(item, 1)),
			.element = json_string_value(json_array_get(item, 2)),
		};
		char id[27];

		pl_turn_beat(turn);
		instance_begin(turn, &b, id);
		json_array_append_new(started, json_string(id));
	}
	json_decref(list);
}

/* ---- clocks ---- */

struct due {
	const char *workflow, *element;
	int64_t version, due_ms, period_ms;
	int64_t left; /* times behind this one; -1: without an end */
	bool is_date; /* follows the wall clock */
};

static void timer_key(char key[KEY_SIZE], const char *workflow, const char *element)
{
	snprintf(key, KEY_SIZE, "%s/%s", workflow, element);
}

static void timer_arm(struct pl_turn *turn, const struct due *d)
{
	int64_t in_ms = d->due_ms - pl_turn_now_ms(turn);
	char key[KEY_SIZE];

	if (!d->is_date && d->period_ms && in_ms > d->period_ms)
		in_ms = d->period_ms; /* the clock was put back */
	timer_key(key, d->workflow, d->element);
	pl_timer_set(turn, "start", key, d->is_date ? PL_TIMER_CALENDAR : PL_TIMER_ELAPSED,
		     in_ms > 0 ? in_ms : 0,
		     json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:b}", "workflow", d->workflow,
			       "element", d->element, "version", (json_int_t)d->version, "dueMs",
			       (json_int_t)d->due_ms, "periodMs", (json_int_t)d->period_ms, "left",
			       (json_int_t)d->left, "date", d->is_date));
}

/* due_pass goes on to the first time that is not before at_ms; false if none is left. */
static bool due_pass(struct due *d, int64_t at_ms)
{
	int64_t n;

	if (d->due_ms >= at_ms)
		return true;
	if (!d->period_ms)
		return false;
	n = (at_ms - d->due_ms + d->period_ms - 1) / d->period_ms;
	if (d->left >= 0 && n > d->left)
		return false;
	d->due_ms += n * d->period_ms;
	if (d->left >= 0)
		d->left -= n;
	return true;
}

static void timer_begin(struct pl_turn *turn, const struct bpmn_start *start, const char *workflow,
			int64_t version)
{
	int64_t now_ms = pl_turn_now_ms(turn);
	struct due d = {
		.workflow = workflow,
		.element = start->element_id,
		.version = version,
		.due_ms = start->is_date ? start->due_ms : now_ms + start->due_ms,
		.period_ms = start->period_ms,
		.left = start->repeats,
		.is_date = start->is_date,
	};

	if (due_pass(&d, now_ms))
		timer_arm(turn, &d);
	else
		pl_log(INFO, "workflow.start_passed", NULL,
		       "workflow=%s version=%ld element=%s: its time has passed", workflow,
		       (long)version, start->element_id);
}

/* ISO 8601, in UTC */
static void due_text(char text[40], int64_t ms)
{
	time_t s = (time_t)(ms / 1000);
	size_t len;
	struct tm tm;

	gmtime_r(&s, &tm);
	len = strftime(text, 40, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + len, 40 - len, ".%03dZ", (int)(ms % 1000));
}

/* due_next goes on to the next time, past those that were missed too long ago; false if none is
 * left.
 */
static bool due_next(struct due *d, int64_t now_ms)
{
	int64_t oldest_ms = now_ms - CATCH_UP_MAX * d->period_ms;

	if (!d->period_ms || d->left == 0)
		return false;
	d->due_ms += d->period_ms;
	if (d->left > 0)
		d->left--;
	if (d->due_ms < oldest_ms)
		pl_log(WARN, "workflow.start_missed", NULL,
		       "workflow=%s element=%s: more than %d starts were missed; only the last are "
		       "made up for",
		       d->workflow, d->element, CATCH_UP_MAX);
	return due_pass(d, oldest_ms);
}

static void begin_due(struct pl_turn *turn, const struct due *d)
{
	struct beginning b = { .workflow = d->workflow,
			       .version = d->version,
			       .element = d->element };
	json_t *payload;
	char id[27], text[40];

	due_text(text, d->due_ms);
	payload = json_pack("{s:s}", "due", text);
	b.payload = payload;
	instance_begin(turn, &b, id);
	json_decref(payload);
}

enum pl_err starter_on_timer(struct pl_turn *turn, const char *key, const json_t *body)
{
	struct due d = {
		.workflow = pl_json_get_text(body, "workflow"),
		.element = pl_json_get_text(body, "element"),
		.version = json_integer_value(json_object_get(body, "version")),
		.due_ms = json_integer_value(json_object_get(body, "dueMs")),
		.period_ms = json_integer_value(json_object_get(body, "periodMs")),
		.left = json_integer_value(json_object_get(body, "left")),
		.is_date = json_is_true(json_object_get(body, "date")),
	};
	int64_t now_ms = pl_turn_now_ms(turn);
	bool is_left = true;
	int n = 0;

	if (!d.version || latest(turn, d.workflow) != d.version)
		return pl_fail(PL_STATE, "timer start %s: version %ld is not the latest", key,
			       (long)d.version);
	do {
		pl_turn_beat(turn);
		begin_due(turn, &d);
		is_left = due_next(&d, now_ms);
	} while (is_left && d.due_ms <= now_ms && ++n < CATCH_UP_BATCH);
	if (is_left)
		timer_arm(turn, &d);
	return PL_OK;
}

/* ---- conditions ---- */

static json_t *environment(struct pl_turn *turn)
{
	struct pl_rows *rows =
		pl_query(turn, "select name, value from environment order by name", "");
	json_t *values = json_object();

	while (pl_rows_next(rows))
		json_object_set_new(values, pl_rows_text(rows, 0),
				    json_loads(pl_rows_text(rows, 1), JSON_DECODE_ANY, NULL));
	pl_rows_free(rows);
	return values;
}

static bool holds(struct pl_turn *turn, const char *workflow, int64_t version, const char *element,
		  const json_t *values)
{
	const struct bpmn_model *model = NULL;
	bool is = false;
	enum pl_err err = definition_model(turn, workflow, version, &model);

	if (!err)
		err = bpmn_model_start_holds(&is, model, element, values);
	if (err)
		pl_log(WARN, "workflow.start_condition", NULL, "workflow=%s element=%s: %s",
		       workflow, element, pl_err_detail(err));
	return !err && is;
}

/* Starts it if its condition has become true; ids are appended to started. */
static void condition_ask(struct pl_turn *turn, const struct beginning *b, bool held,
			  json_t *started)
{
	bool is = holds(turn, b->workflow, b->version, b->element, b->payload);
	char id[27];

	if (is == held)
		return;
	pl_exec(turn,
		"update starter set holds = $4 where workflow = $1 and version = $2 and "
		"element = $3",
		"sisi", b->workflow, b->version, b->element, (int64_t)is);
	if (!is)
		return;
	instance_begin(turn, b, id);
	json_array_append_new(started, json_string(id));
}

static void conditions_ask(struct pl_turn *turn, const json_t *values, json_t *started)
{
	struct pl_rows *rows = pl_query(turn,
					"select workflow, version, element, holds from starter "
					"where kind = 'condition' order by workflow, element",
					"");
	json_t *list = json_array(), *item;
	size_t i;

	while (pl_rows_next(rows))
		json_array_append_new(list,
				      json_pack("[s, I, s, b]", pl_rows_text(rows, 0),
						(json_int_t)pl_rows_int(rows, 1),
						pl_rows_text(rows, 2), pl_rows_int(rows, 3) != 0));
	pl_rows_free(rows);
	json_array_foreach(list, i, item) {
		const struct beginning b = {
			.payload = values,
			.workflow = json_string_value(json_array_get(item, 0)),
			.version = json_integer_value(json_array_get(item, 1)),
			.element = json_string_value(json_array_get(item, 2)),
		};

		pl_turn_beat(turn);
		condition_ask(turn, &b, json_is_true(json_array_get(item, 3)), started);
	}
	json_decref(list);
}

/* {} → {variables} */
enum pl_err op_environment(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	(void)body;
	*replyp = json_pack("{s:o}", "variables", environment(turn));
	return *replyp ? PL_OK : PL_NOMEM;
}

static enum pl_err check_environment(const json_t *changes, const json_t *values)
{
	char *text = pl_json_dump(values);
	size_t len = text ? strlen(text) : 0;
	const char *name;
	json_t *value;

	free(text);
	if (!text)
		return pl_fail(PL_NOMEM, "out of memory");
	if (len > ENVIRONMENT_MAX || json_object_size(values) > NAMES_MAX)
		return pl_fail(PL_TOOLARGE,
			       "the environment would have more than %d bytes or %d names",
			       ENVIRONMENT_MAX, NAMES_MAX);
	json_object_foreach((json_t *)changes, name, value)
		if (!*name || strlen(name) > VALUE_NAME_MAX)
			return pl_fail(PL_INVALID, "a name has 1 to %d bytes", VALUE_NAME_MAX);
	return PL_OK;
}

static void environment_keep(struct pl_turn *turn, const json_t *changes)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)changes, name, value) {
		char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);

		if (json_is_null(value))
			pl_exec(turn, "delete from environment where name = $1", "s", name);
		else
			pl_exec(turn,
				"insert into environment (name, value) values ($1, $2) "
				"on conflict (name) do update set value = excluded.value",
				"ss", name, text);
		free(text);
	}
}

/* {variables} → {started:[id]}: values of the environment, null takes one out */
enum pl_err op_set_environment(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	json_t *changes = NULL, *values, *value, *started;
	const char *name;
	void *next;
	enum pl_err err = pl_json_object(&changes, body, "variables", NAMES_MAX, true);

	if (err)
		return err;
	values = environment(turn);
	json_object_update(values, changes);
	json_object_foreach_safe(values, next, name, value)
		if (json_is_null(value))
			json_object_del(values, name);
	err = check_environment(changes, values);
	if (!err) {
		started = json_array();
		environment_keep(turn, changes);
		conditions_ask(turn, values, started);
		*replyp = json_pack("{s:o}", "started", started);
	}
	json_decref(values);
	return err;
}

/* ---- a version becomes the latest ---- */

json_t *starter_problem(const struct bpmn_model *model, size_t i, int64_t now_ms, bool *is_last)
{
	struct bpmn_start start;
	json_t *problem = NULL;
	enum pl_err err = bpmn_model_start(&start, model, i, now_ms);

	*is_last = err == PL_NOTFOUND;
	if (*is_last)
		return NULL;
	if (err)
		return json_string(pl_err_detail(err));
	if (start.period_ms && start.period_ms < CYCLE_LEAST_MS)
		problem = json_sprintf("%s: a workflow can't be started more often than each %d ms",
				       start.element_id, CYCLE_LEAST_MS);
	bpmn_start_fini(&start);
	return problem;
}

/* Whose ways to start are kept; 0: of none. held: gets the elements whose condition is true. */
static int64_t disarmed(struct pl_turn *turn, const char *workflow, int64_t wanted, json_t *held)
{
	struct pl_rows *rows = pl_query(turn,
					"select version, element, kind, holds from starter where "
					"workflow = $1 order by version",
					"s", workflow);
	json_t *timers = json_array(), *element;
	char key[KEY_SIZE];
	int64_t armed = 0;
	size_t i;

	while (pl_rows_next(rows)) {
		armed = pl_rows_int(rows, 0);
		if (strcmp(pl_rows_text(rows, 2), "timer") == 0)
			json_array_append_new(timers, json_string(pl_rows_text(rows, 1)));
		if (pl_rows_int(rows, 3))
			json_object_set_new(held, pl_rows_text(rows, 1), json_true());
	}
	pl_rows_free(rows);
	if (armed && armed != wanted) {
		json_array_foreach(timers, i, element) {
			timer_key(key, workflow, json_string_value(element));
			pl_timer_cancel(turn, "start", key);
		}
		pl_exec(turn, "delete from starter where workflow = $1", "s", workflow);
	}
	json_decref(timers);
	return armed;
}

static void arm(struct pl_turn *turn, const char *workflow, int64_t version,
		const struct bpmn_start *start, bool held)
{
	const char *name = json_string_value(start->name);

	if (strcmp(start->event, "plain") == 0)
		return;
	pl_exec(turn,
		"insert into starter (workflow, version, element, kind, name, holds) "
		"values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
		"sisssi", workflow, version, start->element_id, start->event, name ? name : "",
		(int64_t)held);
	if (strcmp(start->event, "timer") == 0)
		timer_begin(turn, start, workflow, version);
}

void starter_arm(struct pl_turn *turn, const char *workflow)
{
	int64_t version = latest(turn, workflow);
	json_t *held = json_object(), *values = NULL, *started = NULL;
	const struct bpmn_model *model = NULL;
	struct bpmn_start start;
	enum pl_err err = PL_OK;

	if (disarmed(turn, workflow, version, held) == version || !version)
		goto out;
	err = definition_model(turn, workflow, version, &model);
	for (size_t i = 0; !err; i++) {
		err = bpmn_model_start(&start, model, i, pl_turn_now_ms(turn));
		if (err)
			break;
		arm(turn, workflow, version, &start,
		    json_object_get(held, start.element_id) != NULL);
		bpmn_start_fini(&start);
	}
	if (err != PL_NOTFOUND)
		pl_log(ERROR, "workflow.starts", NULL, "workflow=%s version=%ld: %s", workflow,
		       (long)version, pl_err_detail(err));
	values = environment(turn);
	started = json_array();
	conditions_ask(turn, values, started);
out:
	json_decref(started);
	json_decref(values);
	json_decref(held);
}
