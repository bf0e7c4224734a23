/*
 * story.c — see story.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/bpmn/story.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engines/dmn/dmn.h"
#include "engines/test/test_oom.h"

enum { WAITS_MAX = 200, TEXT_MAX = 4096, THROWN_MAX = 500, OOM_STEP = 11, OOM_MAX = 500 };

struct waiting {
	uint64_t token;
	char text[200], element[64];
};

struct teller {
	const struct story *story;
	struct bpmn_model *model, *before;
	struct bpmn_instance *inst;
	struct waiting waits[WAITS_MAX];
	size_t waits_len;
	char thrown[THROWN_MAX];
	struct dmn_model *decisions;
};

json_t *story_json(const char *text, size_t len)
{
	char *copy = strndup(text, len);
	json_t *json;

	for (char *at = copy; at && *at; at++)
		if (*at == '\'')
			*at = '"';
	json = copy ? json_loads(copy, JSON_DECODE_ANY, NULL) : NULL;
	if (!json && !oom_is_on())
		fail_msg("no JSON: %s", text);
	free(copy);
	return json;
}

/* ---- what the instance says ---- */

static void add_wait(struct teller *teller, uint64_t token, const char *element, const char *kind,
		     const char *more)
{
	struct waiting *waiting = &teller->waits[teller->waits_len++];

	assert_true(teller->waits_len < WAITS_MAX);
	waiting->token = token;
	snprintf(waiting->element, sizeof(waiting->element), "%s", element);
	snprintf(waiting->text, sizeof(waiting->text), "%s%s%s%s", kind, element, more ? ":" : "",
		 more ? more : "");
}

static void on_wait(void *arg, const struct bpmn_wait *wait)
{
	static const char *const kinds[] = { "", "timer:", "message:", "signal:", "call:" };

	add_wait(arg, wait->token_id, wait->element_id, kinds[wait->kind], wait->key);
}

static void forget(struct teller *teller, uint64_t token)
{
	size_t i = 0;

	while (i < teller->waits_len && teller->waits[i].token != token)
		i++;
	if (i == teller->waits_len)
		return;
	teller->waits_len--;
	memmove(&teller->waits[i], &teller->waits[i + 1],
		(teller->waits_len - i) * sizeof(teller->waits[0]));
}

static void on_withdraw(void *arg, uint64_t token_id, const char *element_id)
{
	size_t before = ((struct teller *)arg)->waits_len;

	forget(arg, token_id);
	if (!oom_is_on())
		assert_int_equal(((struct teller *)arg)->waits_len, before - 1);
}

static void on_thrown(void *arg, const struct bpmn_thrown *thrown)
{
	struct teller *teller = arg;
	size_t len = strlen(teller->thrown);

	snprintf(teller->thrown + len, sizeof(teller->thrown) - len, "%sthrown:%s:%s%s%s",
		 len ? " " : "", thrown->event, thrown->name, thrown->key ? ":" : "",
		 thrown->key ? thrown->key : "");
}

static void on_incident(void *arg, uint64_t token_id, const char *element_id, const char *code,
			const char *reason)
{
	forget(arg, token_id);
	add_wait(arg, token_id, element_id, "incident:", code);
}

static const struct dmn_model *on_decision(void *arg, const struct dmn_element **elementp,
					   const char *decision_id, const char *binding,
					   const char *version_tag)
{
	static const char text[] =
		"<definitions xmlns='https://www.omg.org/spec/DMN/20191111/MODEL/' name='d'"
		" namespace='urn:d' id='d'><inputData id='i' name='n'/>"
		"<decision id='twice' name='twice'><informationRequirement>"
		"<requiredInput href='#i'/></informationRequirement>"
		"<literalExpression><text>n * 2</text></literalExpression></decision>"
		"</definitions>";
	const struct dmn_file file = { "d.dmn", text, sizeof(text) - 1 };
	struct teller *teller = arg;

	if (!teller->decisions && dmn_load(&teller->decisions, &file, 1, NULL, NULL))
		return NULL;
	*elementp = dmn_find(teller->decisions, DMN_DECISION, decision_id);
	if (!*elementp)
		pl_fail(PL_NOTFOUND, "there is no decision %s", decision_id);
	return *elementp ? teller->decisions : NULL;
}

static const struct bpmn_effects plain = {
	.wait = on_wait, .withdraw = on_withdraw, .thrown = on_thrown, .decision = on_decision
};
static const struct bpmn_effects with_incidents = { .wait = on_wait,
						    .withdraw = on_withdraw,
						    .thrown = on_thrown,
						    .incident = on_incident,
						    .decision = on_decision };

static const struct bpmn_effects *effects_of(const struct teller *teller)
{
	return teller->story->has_incidents ? &with_incidents : &plain;
}

/* ---- what the world does ---- */

static uint64_t token_at(const struct teller *teller, const char *element)
{
	for (size_t i = 0; i < teller->waits_len; i++)
		if (strcmp(teller->waits[i].element, element) == 0)
			return teller->waits[i].token;
	if (!oom_is_on())
		fail_msg("%s: nothing waits at %s", teller->story->name, element);
	return 0;
}

struct words {
	char verb[16], first[64], second[64];
	json_t *json; /* or NULL */
};

static enum pl_err read_words(struct words *words, const char *does)
{
	size_t len = strcspn(does, "{");
	const char *json = does[len] ? does + len : NULL;
	char text[200] = "";

	*words = (struct words){ 0 };
	memcpy(text, does, len < sizeof(text) ? len : sizeof(text) - 1);
	sscanf(text, "%15s %63s %63s", words->verb, words->first, words->second);
	if (!json)
		return PL_OK;
	words->json = story_json(json, strlen(json));
	return words->json ? PL_OK : PL_NOMEM;
}

typedef enum pl_err answer_fn(struct bpmn_instance *inst, uint64_t token, const struct words *words,
			      const struct bpmn_effects *effects, void *arg);

static enum pl_err complete(struct bpmn_instance *inst, uint64_t token, const struct words *words,
			    const struct bpmn_effects *effects, void *arg)
{
	return bpmn_instance_complete(inst, token, words->json, effects, arg);
}

static enum pl_err fail_task(struct bpmn_instance *inst, uint64_t token, const struct words *words,
			     const struct bpmn_effects *effects, void *arg)
{
	return bpmn_instance_fail(inst, token, words->second, "said so", effects, arg);
}

static enum pl_err escalate(struct bpmn_instance *inst, uint64_t token, const struct words *words,
			    const struct bpmn_effects *effects, void *arg)
{
	return bpmn_instance_escalate(inst, token, words->second, words->json, effects, arg);
}

static enum pl_err timer(struct bpmn_instance *inst, uint64_t token, const struct words *words,
			 const struct bpmn_effects *effects, void *arg)
{
	return bpmn_instance_timer(inst, token, effects, arg);
}

static enum pl_err message(struct bpmn_instance *inst, uint64_t token, const struct words *words,
			   const struct bpmn_effects *effects, void *arg)
{
	return bpmn_instance_message(inst, token, words->json, effects, arg);
}

static enum pl_err retry(struct bpmn_instance *inst, uint64_t token, const struct words *words,
			 const struct bpmn_effects *effects, void *arg)
{
	return bpmn_instance_retry(inst, token, effects, arg);
}

static enum pl_err skip_it(struct bpmn_instance *inst, uint64_t token, const struct words *words,
			   const struct bpmn_effects *effects, void *arg)
{
	return bpmn_instance_skip(inst, token, effects, arg);
}

static enum pl_err drop(struct bpmn_instance *inst, uint64_t token, const struct words *words,
			const struct bpmn_effects *effects, void *arg)
{
	return bpmn_instance_drop(inst, token, effects, arg);
}

static const struct {
	const char *verb;
	answer_fn *fn;
	bool keeps; /* the wait goes on, or may begin again */
} answers[] = {
	{ "complete", complete }, { "fail", fail_task },  { "escalate", escalate, true },
	{ "timer", timer },	  { "message", message }, { "retry", retry, true },
	{ "skip", skip_it },	  { "drop", drop },
};

static enum pl_err answer(struct teller *teller, const struct words *words)
{
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		uint64_t token;
		enum pl_err err;

		if (strcmp(words->verb, answers[i].verb) != 0)
			continue;
		token = token_at(teller, words->first);
		if (answers[i].fn != escalate)
			forget(teller, token);
		err = answers[i].fn(teller->inst, token, words, effects_of(teller), teller);
		/* a second answer finds nobody */
		if (!err && !answers[i].keeps)
			assert_int_equal(answers[i].fn(teller->inst, token, words,
						       effects_of(teller), teller),
					 PL_STATE);
		return err;
	}
	fail_msg("%s: what is %s?", teller->story->name, words->verb);
	return PL_INTERNAL;
}

static enum pl_err migrate(struct teller *teller)
{
	const char *text = teller->story->mapping ? teller->story->mapping : "{}";
	json_t *mapping = story_json(text, strlen(text)), *stuck = NULL;
	struct bpmn_model *to = NULL;
	enum pl_err err =
		mapping ? bpmn_model_parse(&to, teller->story->to, strlen(teller->story->to))
			: PL_NOMEM;

	if (!err)
		err = bpmn_instance_migrate(teller->inst, to, mapping, false, &stuck,
					    effects_of(teller), teller);
	if (err == PL_STATE)
		fail_msg("%s: %s", teller->story->name, json_dumps(stuck, 0));
	for (size_t i = 0; i < teller->waits_len; i++) {
		struct waiting *waiting = &teller->waits[i];
		const char *id = json_string_value(json_object_get(mapping, waiting->element));

		if (!id)
			continue;
		snprintf(waiting->element, sizeof(waiting->element), "%s", id);
		snprintf(waiting->text, sizeof(waiting->text), "%s", id);
	}
	json_decref(stuck);
	json_decref(mapping);
	teller->before = teller->model;
	teller->model = to;
	return err;
}

static enum pl_err act(struct teller *teller, const struct words *words)
{
	const struct bpmn_effects *effects = effects_of(teller);

	if (strcmp(words->verb, "start") == 0)
		return words->second[0] ? bpmn_instance_start_at(teller->inst, words->second,
								 words->json, effects, teller)
					: bpmn_instance_start(teller->inst, effects, teller);
	if (strcmp(words->verb, "signal") == 0)
		return bpmn_instance_signal(teller->inst, words->first, words->json, effects,
					    teller);
	if (strcmp(words->verb, "set") == 0)
		return bpmn_instance_set(teller->inst, 0, words->json, effects, teller);
	if (strcmp(words->verb, "migrate") == 0)
		return migrate(teller);
	if (strcmp(words->verb, "cancel") == 0)
		return bpmn_instance_cancel(teller->inst, effects, teller);
	return answer(teller, words);
}

/* ---- the telling ---- */

static void list_waits(const struct teller *teller, char text[TEXT_MAX])
{
	char *at = text, *end = text + TEXT_MAX - THROWN_MAX;

	*at = '\0';
	for (size_t i = 0; i < teller->waits_len && at < end - sizeof(teller->waits[0].text); i++) {
		at = i ? stpcpy(at, " ") : at;
		at = stpcpy(at, teller->waits[i].text);
	}
	if (teller->thrown[0])
		stpcpy(at > text ? stpcpy(at, " ") : at, teller->thrown);
}

static int by_token(const void *a, const void *b)
{
	const struct waiting *x = a, *y = b;

	return (x->token > y->token) - (x->token < y->token);
}

/* Out, in again, and asked once more: all is as it was. */
static enum pl_err reload(struct teller *teller)
{
	json_t *state = bpmn_instance_state(teller->inst), *again = NULL;
	struct bpmn_instance *read = NULL;
	char before[TEXT_MAX], after[TEXT_MAX];
	enum pl_err err = state ? bpmn_instance_load(&read, teller->model, state) : PL_NOMEM;

	if (err && err != PL_NOMEM)
		fail_msg("%s: %s\n%s", teller->story->name, pl_err_detail(err),
			 json_dumps(state, 0));
	if (!err) {
		again = bpmn_instance_state(read);
		err = again ? PL_OK : PL_NOMEM;
	}
	if (!err && !json_equal(state, again))
		fail_msg("%s: %s is not %s", teller->story->name, json_dumps(again, 0),
			 json_dumps(state, 0));
	json_decref(state);
	json_decref(again);
	if (err) {
		bpmn_instance_free(read);
		return err;
	}
	bpmn_instance_free(teller->inst);
	teller->inst = read;
	if (bpmn_instance_status(read) != BPMN_RUNNING)
		return PL_OK;
	qsort(teller->waits, teller->waits_len, sizeof(teller->waits[0]), by_token);
	teller->thrown[0] = '\0';
	list_waits(teller, before);
	teller->waits_len = 0;
	err = bpmn_instance_waits(read, effects_of(teller), teller);
	list_waits(teller, after);
	if (!err && strcmp(before, after) != 0)
		fail_msg("%s: asked again, it waits for %s, not %s", teller->story->name, after,
			 before);
	return err;
}

static enum pl_err take_step(struct teller *teller, const struct story_step *step)
{
	char text[TEXT_MAX];
	struct words words;
	enum pl_err err = read_words(&words, step->does);

	teller->thrown[0] = '\0';
	if (!err)
		err = act(teller, &words);
	json_decref(words.json);
	if (err)
		return err;
	qsort(teller->waits, teller->waits_len, sizeof(teller->waits[0]), by_token);
	list_waits(teller, text);
	if (strcmp(text, step->waits) != 0) {
		const json_t *failure = bpmn_instance_failure(teller->inst);

		fail_msg("%s: after \"%s\" it waits for \"%s\", not \"%s\" (%s)",
			 teller->story->name, step->does, text, step->waits,
			 failure ? json_dumps(failure, 0) : "");
	}
	return reload(teller);
}

static void check_end(const struct teller *teller)
{
	static const char *const texts[] = { "running", "completed", "failed", "cancelled" };
	const json_t *failure = bpmn_instance_failure(teller->inst);
	char end[600];
	const char *name;
	json_t *left, *value;

	snprintf(end, sizeof(end), "%s%s%s%s%s", texts[bpmn_instance_status(teller->inst)],
		 failure ? ": " : "",
		 failure ? json_string_value(json_object_get(failure, "code")) : "",
		 failure ? " " : "",
		 failure ? json_string_value(json_object_get(failure, "reason")) : "");
	if (strncmp(end, teller->story->end, strlen(teller->story->end)) != 0)
		fail_msg("%s: at the end it is \"%s\", not \"%s\"", teller->story->name, end,
			 teller->story->end);
	if (!teller->story->left)
		return;
	left = story_json(teller->story->left, strlen(teller->story->left));
	json_object_foreach(left, name, value) {
		const json_t *got = json_object_get(bpmn_instance_variables(teller->inst), name);

		if (json_is_null(value) ? got && !json_is_null(got)
					: !got || !json_equal(value, (json_t *)got))
			fail_msg("%s: %s is %s", teller->story->name, name,
				 json_dumps(got, JSON_ENCODE_ANY));
	}
	json_decref(left);
}

static enum pl_err tell(struct teller *teller)
{
	const struct story *story = teller->story;
	const char *variables = story->variables ? story->variables : "{}";
	json_t *json = story_json(variables, strlen(variables));
	enum pl_err err =
		json ? bpmn_model_parse(&teller->model, story->xml, strlen(story->xml)) : PL_NOMEM;

	if (err == PL_INVALID)
		fail_msg("%s: %s\n%s", story->name, pl_err_detail(err), story->xml);
	if (!err)
		err = bpmn_instance_new(&teller->inst, teller->model, json);
	json_decref(json);
	for (const struct story_step *step = story->steps; !err && step->does; step++)
		err = take_step(teller, step);
	if (!err && !oom_is_on())
		check_end(teller);
	bpmn_instance_free(teller->inst);
	bpmn_model_free(teller->model);
	bpmn_model_free(teller->before);
	dmn_free(teller->decisions);
	*teller = (struct teller){ .story = story };
	return err;
}

/* Memory runs out at every OOM_STEP-th allocation, from another one in each story. */
static void tell_without_memory(struct teller *teller, long from)
{
	bool is_done = false;

	for (long n = 1 + from % OOM_STEP; !is_done && n < OOM_MAX; n += OOM_STEP) {
		enum pl_err err;

		oom_fail_at(n);
		err = tell(teller);
		is_done = oom_counted() < n;
		oom_fail_at(0);
		if (err != PL_OK && err != PL_NOMEM)
			fail_msg("%s, allocation %ld: %s", teller->story->name, n,
				 pl_err_detail(err));
	}
}

void story_tell(const struct story *stories)
{
	for (long i = 0; stories[i].name; i++) {
		struct teller *teller = calloc(1, sizeof(*teller));
		enum pl_err err;

		teller->story = &stories[i];
		err = tell(teller);
		if (err)
			fail_msg("%s: %s", stories[i].name, pl_err_detail(err));
		tell_without_memory(teller, i);
		free(teller);
	}
}

void story_refuse(const struct story_refusal *refusals)
{
	for (; refusals->xml; refusals++) {
		struct bpmn_model *model = NULL;
		enum pl_err err;

		pl_err_clear();
		err = bpmn_model_parse(&model, refusals->xml, strlen(refusals->xml));
		if (err != PL_INVALID || !strstr(pl_err_detail(err), refusals->detail))
			fail_msg("%s\n%s, not %s", refusals->xml, pl_err_detail(err),
				 refusals->detail);
		assert_null(model);
	}
}

void story_setup(void)
{
	json_set_alloc_funcs(oom_malloc, free);
}
