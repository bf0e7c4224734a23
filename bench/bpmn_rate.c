/*
 * bpmn_rate.c — instances a second of the BPMN engine in memory, for bench/bpmn.bench.mjs.
 *
 *   bpmn_rate FILE NAME
 *
 * Each instance is made, started and answered until it ends: every tenth with vip true. Prints one
 * line of JSON: instances a second of this process's own processor time, tasks performed and ends
 * reached for each instance, so that the caller can see that all sides did the same; and of the
 * workload "timer" the bytes of memory and of stored text that an instance takes while it waits.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engines/bpmn/bpmn.h"

enum { BATCH = 200, WAITS_MAX = 128, WAITING = 20000 };

struct world {
	uint64_t tasks[WAITS_MAX];
	size_t tasks_len;
	unsigned long performed, vip_ends, normal_ends;
};

static void check(enum pl_err err)
{
	if (err) {
		fprintf(stderr, "bpmn_rate: %s\n", pl_err_detail(err));
		exit(1);
	}
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void on_wait(void *arg, const struct bpmn_wait *wait)
{
	struct world *world = arg;

	if (wait->kind == BPMN_WAIT_TASK && world->tasks_len < WAITS_MAX)
		world->tasks[world->tasks_len++] = wait->token_id;
}

static void on_trace(void *arg, const char *element_id, const char *what)
{
	struct world *world = arg;

	if (strcmp(what, "entered") != 0)
		return;
	world->vip_ends += strcmp(element_id, "endVip") == 0;
	world->normal_ends += strcmp(element_id, "endNormal") == 0;
}

static const struct bpmn_effects effects = { .wait = on_wait, .trace = on_trace };

static void run_one(const struct bpmn_model *model, const json_t *variables, struct world *world)
{
	struct bpmn_instance *inst = NULL;

	world->tasks_len = 0;
	check(bpmn_instance_new(&inst, model, variables));
	check(bpmn_instance_start(inst, &effects, world));
	for (size_t i = 0; i < world->tasks_len; i++) {
		uint64_t token = world->tasks[i];

		world->performed++;
		if (i + 1 == world->tasks_len)
			i = (size_t)-1, world->tasks_len = 0;
		check(bpmn_instance_complete(inst, token, NULL, &effects, world));
	}
	if (bpmn_instance_status(inst) != BPMN_COMPLETED)
		check(pl_fail(PL_INTERNAL, "an instance did not complete"));
	bpmn_instance_free(inst);
}

static void measure_rate(const struct bpmn_model *model, const char *name)
{
	json_t *vip = json_pack("{s:b}", "vip", true), *normal = json_pack("{s:b}", "vip", false);
	struct world world = { 0 };
	double start, spent;
	unsigned long done = 0;

	for (int i = 0; i < BATCH; i++)
		run_one(model, normal, &world);
	world = (struct world){ 0 };
	start = seconds();
	do {
		for (int i = 0; i < BATCH; i++)
			run_one(model, done++ % 10 ? normal : vip, &world);
		spent = seconds() - start;
	} while (spent < 2);
	printf("{\"name\":\"%s\",\"rate\":%.0f,\"tasks\":%.2f,\"vip\":%.3f,\"normal\":%.3f}\n",
	       name, (double)done / spent, (double)world.performed / (double)done,
	       (double)world.vip_ends / (double)done, (double)world.normal_ends / (double)done);
	json_decref(vip);
	json_decref(normal);
}

/* What an instance takes while it waits. */
static void measure_size(const struct bpmn_model *model, const char *name)
{
	static struct bpmn_instance *waiting[WAITING];
	size_t before = mallinfo2().uordblks, after;
	json_t *state;
	char *text;

	for (size_t i = 0; i < WAITING; i++) {
		check(bpmn_instance_new(&waiting[i], model, NULL));
		check(bpmn_instance_start(waiting[i], NULL, NULL));
	}
	after = mallinfo2().uordblks;
	state = bpmn_instance_state(waiting[0]);
	text = state ? json_dumps(state, JSON_COMPACT) : NULL;
	if (!text) {
		check(PL_NOMEM);
		return;
	}
	printf("{\"name\":\"%s\",\"memory\":%zu,\"stored\":%zu}\n", name,
	       (after - before) / WAITING, strlen(text));
	free(text);
	json_decref(state);
	for (size_t i = 0; i < WAITING; i++)
		bpmn_instance_free(waiting[i]);
}

int main(int argc, char **argv)
{
	static char xml[BPMN_FILE_MAX];
	struct bpmn_model *model = NULL;
	FILE *file = argc == 3 ? fopen(argv[1], "rb") : NULL;
	size_t len;

	if (!file) {
		fprintf(stderr, "usage: bpmn_rate FILE NAME\n");
		return 2;
	}
	len = fread(xml, 1, sizeof(xml), file);
	fclose(file);
	check(bpmn_model_parse(&model, xml, len));
	if (strcmp(argv[2], "timer") == 0)
		measure_size(model, argv[2]);
	else
		measure_rate(model, argv[2]);
	bpmn_model_free(model);
	return 0;
}
