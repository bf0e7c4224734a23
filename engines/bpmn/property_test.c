/*
 * property_test.c — random processes, random answers: no token is lost, nothing hangs.
 *
 * A process is made of blocks in blocks, or of gateways and tasks joined at random. After each
 * answer the instance is written out and read in again; what it then says that it waits for must be
 * what it reported and nobody answered or withdrew. One that runs waits for something.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engines/bpmn/story.h"

enum { ROUNDS = 400, ANSWERS_MAX = 60, WAITS_MAX = 1100, XML_MAX = 200000, DEPTH_MAX = 4 };

struct waiting {
	uint64_t token;
	int kind; /* of enum bpmn_wait_kind, or INCIDENT */
};

enum { INCIDENT = 100 };

struct world {
	unsigned seed;
	char xml[XML_MAX], *at;
	int ids;
	struct waiting waits[WAITS_MAX];
	size_t waits_len;
};

static unsigned pick(struct world *world, unsigned n)
{
	world->seed = world->seed * 1103515245 + 12345;
	return world->seed / 65536 % n;
}

/* ---- processes ---- */

static void __attribute__((format(printf, 2, 3))) put(struct world *world, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	world->at += vsnprintf(world->at, (size_t)(world->xml + XML_MAX - world->at), fmt, ap);
	va_end(ap);
	assert_true(world->at < world->xml + XML_MAX - 1000);
}

static void flow(struct world *world, int from, int to, const char *condition)
{
	put(world, "<b:sequenceFlow id='f%d' sourceRef='n%d' targetRef='n%d'>%s</b:sequenceFlow>",
	    world->ids++, from, to, condition);
}

static const char *const loops[] = {
	"",
	"",
	"",
	"",
	"<b:multiInstanceLoopCharacteristics><b:loopCardinality>=2</b:loopCardinality>"
	"</b:multiInstanceLoopCharacteristics>",
	"<b:multiInstanceLoopCharacteristics isSequential='true'><b:loopCardinality>=2"
	"</b:loopCardinality></b:multiInstanceLoopCharacteristics>",
	"<b:standardLoopCharacteristics loopMaximum='2'/>",
};

static const char *const tasks[] = {
	"<b:serviceTask id='n%d'>" EXT("<z:taskDefinition type='T'/>") "%s</b:serviceTask>",
	"<b:serviceTask id='n%d'>" EXT("<z:taskDefinition type='T'/>" IO(
		IN("=1", "x") OUT("=x", "y"))) "%s</b:serviceTask>",
	"<b:task id='n%d'>%s</b:task>",
	"<b:scriptTask id='n%d'>" EXT(
		"<z:script expression='=1' resultVariable='r'/>") "%s</b:scriptTask>",
	"<b:receiveTask id='n%d' messageRef='M'>%s</b:receiveTask>",
	"<b:callActivity id='n%d' calledElement='q'>%s</b:callActivity>",
};

static const char *const boundaries[] = { TIMER, MESSAGE, SIGNAL, ERROR, ERROR_ANY, ESCALATION };

static const char *const starts[] = { TIMER, MESSAGE, SIGNAL, ERROR, ESCALATION };

struct block { /* where flows come in and go out */
	int in, out;
};

static struct block make_block(struct world *world, int depth);

static struct block make_task(struct world *world)
{
	int id = world->ids++;

	put(world, tasks[pick(world, 6)], id, loops[pick(world, 7)]);
	return (struct block){ id, id };
}

static struct block make_sequence(struct world *world, int depth)
{
	struct block a = make_block(world, depth), b = make_block(world, depth);

	flow(world, a.out, b.in, "");
	return (struct block){ a.in, b.out };
}

static struct block make_gateway(struct world *world, int depth)
{
	static const char *const kinds[] = { "exclusive", "parallel", "inclusive" };
	const char *kind = kinds[pick(world, 3)];
	int split = world->ids++, join = world->ids++, first = world->ids++;
	bool decides = strcmp(kind, "parallel") != 0;
	char attribute[40] = "";

	if (decides)
		snprintf(attribute, sizeof(attribute), " default='d%d'", first);
	put(world, "<b:%sGateway id='n%d'%s/><b:%sGateway id='n%d'/>", kind, split, attribute, kind,
	    join);
	for (unsigned i = 0, n = 2 + pick(world, 2); i < n; i++) {
		struct block within = make_block(world, depth);

		if (decides && i == 0)
			put(world, "<b:sequenceFlow id='d%d' sourceRef='n%d' targetRef='n%d'/>",
			    first, split, within.in);
		else
			flow(world, split, within.in,
			     !decides ? ""
			     : pick(world, 2)
				     ? "<b:conditionExpression>=true</b:conditionExpression>"
				     : "<b:conditionExpression>=false</b:conditionExpression>");
		flow(world, within.out, join, "");
	}
	return (struct block){ split, join };
}

static void put_ends(struct world *world, int from)
{
	static const char *const ends[] = { "",	    "",		"",    TERMINATE,
					    SIGNAL, ESCALATION, ERROR, COMPENSATE };
	int end = world->ids++;

	put(world, "<b:endEvent id='n%d'>%s</b:endEvent>", end, ends[pick(world, 8)]);
	flow(world, from, end, "");
}

static void put_scope(struct world *world, int depth, const char *start)
{
	int first = world->ids++;
	struct block within;

	put(world, start, first);
	within = make_block(world, depth);
	flow(world, first, within.in, "");
	put_ends(world, within.out);
}

static struct block make_sub(struct world *world, int depth)
{
	int id = world->ids++;

	put(world, "<b:subProcess id='n%d'>%s", id, loops[pick(world, 7)]);
	put_scope(world, depth, "<b:startEvent id='n%d'/>");
	if (pick(world, 3) == 0) {
		unsigned start = pick(world, 5);
		char text[300];

		snprintf(text, sizeof(text),
			 "<b:startEvent id='n%%d' isInterrupting='%s'>%s</b:startEvent>",
			 start != 3 && pick(world, 2) ? "false" : "true", starts[start]);
		put(world, "<b:subProcess id='n%d' triggeredByEvent='true'>", world->ids++);
		put_scope(world, depth, text);
		put(world, "</b:subProcess>");
	}
	put(world, "</b:subProcess>");
	return (struct block){ id, id };
}

/* An event at its boundary leads round it. */
static struct block make_guarded(struct world *world, int depth)
{
	struct block within = pick(world, 2) ? make_task(world) : make_sub(world, depth);
	int boundary = world->ids++, merge = world->ids++;
	unsigned event = pick(world, 6);
	struct block aside = make_block(world, depth);

	put(world,
	    "<b:boundaryEvent id='n%d' attachedToRef='n%d' cancelActivity='%s'>%s</b:boundaryEvent>"
	    "<b:exclusiveGateway id='n%d'/>",
	    boundary, within.in, event != 3 && event != 4 && pick(world, 2) ? "false" : "true",
	    boundaries[event], merge);
	flow(world, boundary, aside.in, "");
	flow(world, aside.out, merge, "");
	flow(world, within.out, merge, "");
	return (struct block){ within.in, merge };
}

static struct block make_undone(struct world *world)
{
	int id = world->ids++, boundary = world->ids++, handler = world->ids++,
	    throw = world->ids++;

	put(world,
	    "<b:task id='n%d'/><b:boundaryEvent id='n%d' attachedToRef='n%d'>" COMPENSATE
	    "</b:boundaryEvent><b:serviceTask id='n%d' isForCompensation='true'>" EXT(
		    "<z:taskDefinition type='T'/>") "</b:serviceTask>"
						    "<b:association id='a%d' sourceRef='n%d' targetRef='n%d'/>"
						    "<b:intermediateThrowEvent id='n%d'>%s</b:intermediateThrowEvent>",
	    id, boundary, id, handler, world->ids++, boundary, handler, throw,
	    pick(world, 2) ? COMPENSATE : "");
	flow(world, id, throw, "");
	return (struct block){ id, throw };
}

static struct block make_choice(struct world *world)
{
	int gateway = world->ids++, a = world->ids++, b = world->ids++, merge = world->ids++;

	put(world,
	    "<b:eventBasedGateway id='n%d'/><b:intermediateCatchEvent id='n%d'>" MESSAGE
	    "</b:intermediateCatchEvent><b:intermediateCatchEvent id='n%d'>" TIMER
	    "</b:intermediateCatchEvent><b:exclusiveGateway id='n%d'/>",
	    gateway, a, b, merge);
	flow(world, gateway, a, "");
	flow(world, gateway, b, "");
	flow(world, a, merge, "");
	flow(world, b, merge, "");
	return (struct block){ gateway, merge };
}

static struct block make_block(struct world *world, int depth)
{
	if (depth >= DEPTH_MAX)
		return make_task(world);
	switch (pick(world, 9)) {
	case 0:
	case 1:
		return make_sequence(world, depth + 1);
	case 2:
	case 3:
		return make_gateway(world, depth + 1);
	case 4:
		return make_sub(world, depth + 1);
	case 5:
		return make_guarded(world, depth + 1);
	case 6:
		return make_undone(world);
	case 7:
		return make_choice(world);
	default:
		return make_task(world);
	}
}

/* Any node may lead to any later one, and some back: joins that nothing fills, loops without end.
 */
static void make_tangle(struct world *world)
{
	static const char *const kinds[] = {
		"<b:parallelGateway id='n%d'/>",
		"<b:inclusiveGateway id='n%d'/>",
		"<b:exclusiveGateway id='n%d'/>",
		"<b:task id='n%d'/>",
		"<b:serviceTask id='n%d'>" EXT("<z:taskDefinition type='T'/>") "</b:serviceTask>",
	};
	unsigned n = 4 + pick(world, 8), kind[12];
	int base = world->ids;

	world->ids += (int)n + 2;
	put(world, "<b:startEvent id='n%d'/>", base);
	put(world, "<b:endEvent id='n%d'/>", base + (int)n + 1);
	for (unsigned i = 0; i < n; i++) {
		kind[i] = pick(world, 5);
		put(world, kinds[kind[i]], base + 1 + (int)i);
		flow(world, base + (int)(i ? pick(world, i + 1) : 0), base + 1 + (int)i, "");
	}
	for (unsigned i = 0; i < n; i++) {
		bool decides = kind[i] == 1 || kind[i] == 2;

		flow(world, base + 1 + (int)i, base + 1 + (int)(i + 1 + pick(world, n - i)),
		     decides ? "<b:conditionExpression>=true</b:conditionExpression>" : "");
		if (pick(world, 4) == 0)
			flow(world, base + 1 + (int)i, base + 1 + (int)pick(world, i + 1),
			     decides ? "<b:conditionExpression>=false</b:conditionExpression>"
				     : "");
	}
}

static struct bpmn_model *make_model(struct world *world)
{
	struct bpmn_model *model = NULL;
	enum pl_err err;

	world->at = world->xml;
	world->ids = 0;
	put(world, "%s", PROCESS);
	if (pick(world, 4))
		put_scope(world, 0, "<b:startEvent id='n%d'/>");
	else
		make_tangle(world);
	put(world, "%s", TAIL);
	err = bpmn_model_parse(&model, world->xml, strlen(world->xml));
	if (err && err != PL_INVALID)
		fail_msg("%s", pl_err_detail(err));
	return model; /* NULL: a tangle that breaks a rule */
}

/* ---- answers ---- */

static void add(struct world *world, uint64_t token, int kind)
{
	assert_true(world->waits_len < WAITS_MAX);
	world->waits[world->waits_len++] = (struct waiting){ token, kind };
}

static void forget(struct world *world, uint64_t token)
{
	for (size_t i = 0; i < world->waits_len; i++)
		if (world->waits[i].token == token)
			world->waits[i--] = world->waits[--world->waits_len];
}

static void on_wait(void *arg, const struct bpmn_wait *wait)
{
	add(arg, wait->token_id, (int)wait->kind);
}

static void on_withdraw(void *arg, uint64_t token_id, const char *element_id)
{
	forget(arg, token_id);
}

static void on_incident(void *arg, uint64_t token_id, const char *element_id, const char *code,
			const char *reason)
{
	forget(arg, token_id);
	add(arg, token_id, INCIDENT);
}

static const struct bpmn_effects effects[2] = {
	{ .wait = on_wait, .withdraw = on_withdraw },
	{ .wait = on_wait, .withdraw = on_withdraw, .incident = on_incident },
};

static enum pl_err answer_task(struct world *world, struct bpmn_instance *inst, uint64_t token,
			       const struct bpmn_effects *with)
{
	static const char *const codes[] = { "E1", "E2", "X" };

	switch (pick(world, 6)) {
	case 0:
		return bpmn_instance_fail(inst, token, codes[pick(world, 3)], "m", with, world);
	case 1:
		add(world, token, BPMN_WAIT_TASK);
		return bpmn_instance_escalate(inst, token, "C1", NULL, with, world);
	default:
		return bpmn_instance_complete(inst, token, NULL, with, world);
	}
}

static enum pl_err answer_incident(struct world *world, struct bpmn_instance *inst, uint64_t token,
				   const struct bpmn_effects *with)
{
	switch (pick(world, 3)) {
	case 0:
		return bpmn_instance_retry(inst, token, with, world);
	case 1:
		return bpmn_instance_skip(inst, token, with, world);
	default:
		return bpmn_instance_drop(inst, token, with, world);
	}
}

static enum pl_err answer_any(struct world *world, struct bpmn_instance *inst,
			      const struct bpmn_effects *with)
{
	struct waiting waiting = world->waits[pick(world, (unsigned)world->waits_len)];

	if (pick(world, 12) == 0)
		return bpmn_instance_signal(inst, "sig", NULL, with, world);
	forget(world, waiting.token);
	switch (waiting.kind) {
	case BPMN_WAIT_TIMER:
		return bpmn_instance_timer(inst, waiting.token, with, world);
	case BPMN_WAIT_MESSAGE:
	case BPMN_WAIT_SIGNAL:
		return bpmn_instance_message(inst, waiting.token, NULL, with, world);
	case INCIDENT:
		return answer_incident(world, inst, waiting.token, with);
	default:
		return answer_task(world, inst, waiting.token, with);
	}
}

static int by_token(const void *a, const void *b)
{
	const struct waiting *x = a, *y = b;

	return (x->token > y->token) - (x->token < y->token);
}

static struct bpmn_instance *reload(struct world *world, struct bpmn_instance *inst,
				    const struct bpmn_model *model, const struct bpmn_effects *with)
{
	json_t *state = bpmn_instance_state(inst);
	struct bpmn_instance *again = NULL;
	struct waiting before[WAITS_MAX];
	size_t len = world->waits_len;

	if (bpmn_instance_load(&again, model, state))
		fail_msg("%s\n%s\n%s", world->xml, pl_err_detail(PL_INVALID), json_dumps(state, 0));
	memcpy(before, world->waits, len * sizeof(before[0]));
	world->waits_len = 0;
	assert_int_equal(bpmn_instance_waits(again, with, world), PL_OK);
	qsort(before, len, sizeof(before[0]), by_token);
	qsort(world->waits, world->waits_len, sizeof(before[0]), by_token);
	if (len != world->waits_len)
		fail_msg("%s\n%zu waits, not %zu\n%s", world->xml, world->waits_len, len,
			 json_dumps(state, 0));
	for (size_t i = 0; i < len; i++)
		assert_int_equal(before[i].token, world->waits[i].token);
	if (!len)
		fail_msg("%s\nhangs: %s", world->xml, json_dumps(state, 0));
	json_decref(state);
	bpmn_instance_free(inst);
	return again;
}

static bool live(struct world *world, const struct bpmn_model *model)
{
	const struct bpmn_effects *with = &effects[pick(world, 2)];
	struct bpmn_instance *inst = NULL;
	bool has_ended;

	world->waits_len = 0;
	assert_int_equal(bpmn_instance_new(&inst, model, NULL), PL_OK);
	assert_int_equal(bpmn_instance_start(inst, with, world), PL_OK);
	for (int i = 0; i < ANSWERS_MAX && bpmn_instance_status(inst) == BPMN_RUNNING; i++) {
		enum pl_err err;

		inst = reload(world, inst, model, with);
		err = answer_any(world, inst, with);
		if (err)
			fail_msg("%s\n%s", world->xml, pl_err_detail(err));
	}
	has_ended = bpmn_instance_status(inst) == BPMN_COMPLETED;
	if (has_ended)
		assert_int_equal(world->waits_len, 0);
	bpmn_instance_free(inst);
	return has_ended;
}

/* EDR-6: whatever the process, whatever the answers */
static void no_token_is_lost_and_nothing_hangs(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
	const char *rounds = getenv("BPMN_ROUNDS");
	unsigned run = 0, completed = 0, n = rounds ? (unsigned)strtoul(rounds, NULL, 10) : ROUNDS;

	for (unsigned i = 0; i < n; i++) {
		struct bpmn_model *model;

		world->seed = i;
		model = make_model(world);
		run += model != NULL;
		completed += model && live(world, model);
		bpmn_model_free(model);
	}
	assert_true(run > n * 3 / 4);
	assert_true(completed > n / 8);
	free(world);
}

/* ---- states that somebody changed ---- */

static void change(struct world *world, json_t *at, int depth)
{
	static const char *const texts[] = { "n1",    "n2",	  "n5",		  "task",
					     "timer", "join",	  "message",	  "sub",
					     "loop",  "incident", "compensation", "eventSub" };
	json_t *member = NULL;
	const char *key;
	unsigned n;

	if (json_is_array(at) && json_array_size(at)) {
		n = pick(world, (unsigned)json_array_size(at));
		if (pick(world, 6) == 0)
			json_array_remove(at, n);
		else if (pick(world, 6) == 0)
			json_array_append_new(at, json_deep_copy(json_array_get(at, n)));
		else
			change(world, json_array_get(at, n), depth + 1);
		return;
	}
	if (!json_is_object(at) || !json_object_size(at))
		return;
	n = pick(world, (unsigned)json_object_size(at));
	json_object_foreach(at, key, member)
		if (n-- == 0)
			break;
	if ((json_is_array(member) || json_is_object(member)) && pick(world, 4))
		change(world, member, depth + 1);
	else if (depth && pick(world, 5) == 0)
		json_object_del(at, key);
	else if (json_is_integer(member))
		json_integer_set(member, pick(world, 2) ? (json_int_t)pick(world, 8) : -1);
	else if (json_is_string(member) && depth)
		json_string_set(member, texts[pick(world, 12)]);
}

/* A state that is taken in goes on without harm, wherever that leads. */
static void try_changed(struct world *world, struct bpmn_instance *inst,
			const struct bpmn_model *model)
{
	static const struct bpmn_effects quiet = { 0 };
	struct bpmn_instance *again = NULL;
	json_t *state = bpmn_instance_state(inst);

	change(world, state, 0);
	if (bpmn_instance_load(&again, model, state) == PL_OK)
		for (uint64_t token = 1; token < 30; token++) {
			bpmn_instance_complete(again, token, NULL, &quiet, world);
			bpmn_instance_timer(again, token, &quiet, world);
			bpmn_instance_message(again, token, NULL, &quiet, world);
			bpmn_instance_skip(again, token, &quiet, world);
			bpmn_instance_fail(again, token, "E1", "", &quiet, world);
		}
	json_decref(state);
	bpmn_instance_free(again);
}

static void changed_states_do_no_harm(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
	const char *rounds = getenv("BPMN_ROUNDS");
	unsigned n = rounds ? (unsigned)strtoul(rounds, NULL, 10) : ROUNDS;

	for (unsigned i = 0; i < n; i++) {
		struct bpmn_instance *inst = NULL;
		struct bpmn_model *model;

		world->seed = i;
		model = make_model(world);
		if (!model || bpmn_instance_new(&inst, model, NULL))
			continue;
		world->waits_len = 0;
		bpmn_instance_start(inst, &effects[1], world);
		for (int k = 0; k < 8 && bpmn_instance_status(inst) == BPMN_RUNNING; k++) {
			try_changed(world, inst, model);
			answer_any(world, inst, &effects[1]);
		}
		bpmn_instance_free(inst);
		bpmn_model_free(model);
	}
	free(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_token_is_lost_and_nothing_hangs),
		cmocka_unit_test(changed_states_do_no_harm),
	};

	return cmocka_run_group_tests_name("bpmn property", tests, NULL, NULL);
}
