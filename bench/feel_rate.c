/*
 * feel_rate.c — evaluations a second of FEEL expressions, for bench/feel.bench.mjs.
 *
 *   feel_rate < expressions     one a line
 *
 * Prints one line for each: evaluations a second of what was compiled once, with its variables in
 * slots, and of compiling and evaluating it each time over JSON; and the last value as JSON, so
 * that the caller can see that both sides computed the same. Seconds are of this process's own
 * processor time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engines/feel/feel.h"

enum { BATCH = 1000, PEOPLE = 64 };

static const struct feel_value *slots[PEOPLE][3];
static json_t *contexts[PEOPLE];

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void check(enum pl_err err)
{
	if (err) {
		fprintf(stderr, "feel_rate: %s\n", pl_err_detail(err));
		exit(1);
	}
}

static const void *need(const void *p)
{
	if (!p)
		check(PL_NOMEM);
	return p;
}

/* The people that bench/feel.bench.mjs has, too: age 10 to 73, every other one gold. */
static void hire(struct feel_run *run, struct feel_names *names)
{
	struct feel_arena *arena = feel_run_arena(run);

	check(feel_names_add(names, NULL, "age", 3));
	check(feel_names_add(names, NULL, "tier", 4));
	check(feel_names_add(names, NULL, "amount", 6));
	for (int i = 0; i < PEOPLE; i++) {
		const char *tier = i % 2 ? "gold" : "silver";

		slots[i][0] = need(feel_number_of_int(arena, 10 + i));
		slots[i][1] = need(feel_string(arena, tier, strlen(tier)));
		slots[i][2] = need(feel_number_of_int(arena, i * 20));
		contexts[i] =
			json_pack("{s:i,s:s,s:i}", "age", 10 + i, "tier", tier, "amount", i * 20);
		need(contexts[i]);
	}
}

static double rate_compiled(const struct feel_names *names, const char *text)
{
	const struct feel_limits limits = { .steps = 1UL << 62 };
	struct feel_expr *expr = NULL;
	struct feel_run *own = NULL;
	double start, spent;
	long done = 0;

	check(feel_compile_with(&expr, names, text, strlen(text)));
	check(feel_run_new(&own, &limits));
	start = seconds();
	do {
		for (int i = 0; i < BATCH; i++) {
			const struct feel_bindings bindings = { .slots = slots[i % PEOPLE] };

			if (!feel_evaluate(own, expr, &bindings))
				check(feel_run_err(own));
		}
		done += BATCH;
		feel_run_reset(own);
		spent = seconds() - start;
	} while (spent < 1);
	feel_run_free(own);
	feel_free(expr);
	return (double)done / spent;
}

static double rate_each_time(const char *text, json_t **lastp)
{
	double start = seconds(), spent;
	long done = 0;

	do {
		for (int i = 0; i < PEOPLE; i++) {
			struct feel_expr *expr = NULL;
			json_t *result = NULL;

			check(feel_compile(&expr, text, strlen(text)));
			check(feel_eval(&result, expr, contexts[i], NULL));
			feel_free(expr);
			json_decref(*lastp);
			*lastp = result;
		}
		done += PEOPLE;
		spent = seconds() - start;
	} while (spent < 1);
	return (double)done / spent;
}

int main(void)
{
	struct feel_names *names = NULL;
	struct feel_run *run = NULL;
	char line[1024];

	check(feel_names_new(&names));
	check(feel_run_new(&run, NULL));
	hire(run, names);
	while (fgets(line, sizeof(line), stdin)) {
		json_t *last = NULL;
		double compiled, each_time;
		char *value;

		line[strcspn(line, "\n")] = '\0';
		compiled = rate_compiled(names, line);
		each_time = rate_each_time(line, &last);
		value = json_dumps(last, JSON_ENCODE_ANY);
		printf("{\"compiled\":%.0f,\"eachTime\":%.0f,\"last\":%s}\n", compiled, each_time,
		       (const char *)need(value));
		free(value);
		json_decref(last);
	}
	for (int i = 0; i < PEOPLE; i++)
		json_decref(contexts[i]);
	feel_run_free(run);
	feel_names_free(names);
	return 0;
}
