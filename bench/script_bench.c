/*
 * script_bench.c — scripts a second, compiled once; beside it, compiled anew each time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engines/lua/script.h"

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void check(enum pl_err err)
{
	if (err) {
		fprintf(stderr, "script_bench: %s\n", pl_err_detail(err));
		exit(1);
	}
}

static double rate(const char *text, const json_t *variables, bool anew)
{
	struct script *script;
	double start = seconds(), now;
	unsigned long done = 0;
	json_t *result;

	check(script_compile(&script, text, strlen(text)));
	do {
		for (int i = 0; i < 100; i++, done++) {
			if (anew) {
				script_free(script);
				check(script_compile(&script, text, strlen(text)));
			}
			check(script_run(&result, script, variables, NULL));
			json_decref(result);
		}
		now = seconds();
	} while (now - start < 1);
	script_free(script);
	return (double)done / (now - start);
}

int main(void)
{
	static const char *const texts[] = {
		"return age >= 18 and tier == 'gold' and amount < 1000",
		"local sum = 0 for _, item in ipairs(items) do sum = sum + item.price end "
		"return {sum = sum, big = sum > 1000}",
	};
	json_t *variables =
		json_pack("{s:i,s:s,s:i,s:[{s:i},{s:i},{s:i}]}", "age", 30, "tier", "gold",
			  "amount", 700, "items", "price", 3, "price", 4, "price", 5);

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		double once = rate(texts[i], variables, false),
		       anew = rate(texts[i], variables, true);

		printf("%.0f/s compiled once, %.0f/s compiled anew, ratio %.1f: %.40s…\n", once,
		       anew, once / anew, texts[i]);
	}
	json_decref(variables);
	return 0;
}
