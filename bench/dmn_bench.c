/*
 * dmn_bench.c — decisions a second of a decision table, beside scans of it in the same run.
 *
 *   dmn_bench [seconds]     (1)
 *
 * The table: 1,000 rules over an age, a tier, an amount and a country, one of which matches. The
 * figure has everything in it: the decision with its four inputs, their types, the table, the
 * output. The baselines: the same table with each entry of each rule asked as FEEL until one
 * matches, and a scan in C of an array of numbers that knows nothing of FEEL. All three must
 * decide the same. Seconds are of this process's own processor time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engines/dmn/model.h"

enum { AGES = 10, TIERS = 4, AMOUNTS = 5, COUNTRIES = 5, PEOPLE = 512 };

static const char *const tiers[TIERS] = { "none", "silver", "gold", "platinum" };
static const char *const countries[COUNTRIES][2] = {
	{ "DE", "AT" }, { "FR", "BE" }, { "IT", "ES" }, { "PL", "CZ" }, { "US", "CA" }
};

struct person {
	int age, tier, amount, country;
};
static struct person people[PEOPLE];
static int wanted[PEOPLE]; /* rules */
static const struct feel_value *contexts[PEOPLE];

struct rule {
	int age_from, age_to, tier, amount_from, amount_to, country;
};
static struct rule rules[AGES * TIERS * AMOUNTS * COUNTRIES];

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void check(enum pl_err err)
{
	if (err) {
		fprintf(stderr, "dmn_bench: %s\n", pl_err_detail(err));
		exit(1);
	}
}

static char *make_table(void)
{
	char *xml = NULL;
	size_t len, made = 0;
	FILE *out = open_memstream(&xml, &len);

	if (!out) {
		check(PL_NOMEM);
		return NULL;
	}
	fputs("<definitions xmlns='https://www.omg.org/spec/DMN/20230324/MODEL/' name='bench'"
	      " namespace='urn:bench'>",
	      out);
	for (int i = 0; i < 4; i++)
		fprintf(out,
			"<inputData id='i%d' name='%s'><variable name='%s' typeRef='%s'/></inputData>",
			i, (const char *[]){ "age", "tier", "amount", "country" }[i],
			(const char *[]){ "age", "tier", "amount", "country" }[i],
			i % 2 ? "string" : "number");
	fputs("<decision id='d' name='decision'>", out);
	for (int i = 0; i < 4; i++)
		fprintf(out,
			"<informationRequirement><requiredInput href='#i%d'/>"
			"</informationRequirement>",
			i);
	fputs("<decisionTable hitPolicy='FIRST'>", out);
	for (int i = 0; i < 4; i++)
		fprintf(out, "<input><inputExpression><text>%s</text></inputExpression></input>",
			(const char *[]){ "age", "tier", "amount", "country" }[i]);
	fputs("<output typeRef='number'/>", out);
	for (int a = 0; a < AGES; a++)
		for (int t = 0; t < TIERS; t++)
			for (int m = 0; m < AMOUNTS; m++)
				for (int c = 0; c < COUNTRIES; c++) {
					struct rule *r = &rules[made];

					*r = (struct rule){ a * 10,  a * 10 + 10,   t,
							    m * 200, m * 200 + 200, c };
					fprintf(out,
						"<rule><inputEntry><text>[%d..%d)</text></inputEntry>"
						"<inputEntry><text>\"%s\"</text></inputEntry>"
						"<inputEntry><text>[%d..%d)</text></inputEntry>"
						"<inputEntry><text>\"%s\",\"%s\"</text></inputEntry>"
						"<outputEntry><text>%zu</text></outputEntry></rule>",
						r->age_from, r->age_to, tiers[t], r->amount_from,
						r->amount_to, countries[c][0], countries[c][1],
						made++);
				}
	fputs("</decisionTable></decision></definitions>", out);
	if (fclose(out))
		check(PL_NOMEM);
	return xml;
}

__attribute__((noinline)) static int scan(const struct person *p)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		const struct rule *r = &rules[i];

		if (p->age >= r->age_from && p->age < r->age_to && p->tier == r->tier &&
		    p->amount >= r->amount_from && p->amount < r->amount_to &&
		    p->country == r->country)
			return (int)i;
	}
	return -1;
}

static void make_people(struct feel_run *run)
{
	unsigned random = 2463534242u;

	for (int i = 0; i < PEOPLE; i++) {
		struct feel_expr *expr = NULL;
		char text[160];

		random = random * 1664525u + 1013904223u;
		people[i] = (struct person){ (int)(random >> 8) % 100, (int)(random >> 16) % TIERS,
					     (int)(random >> 12) % 1000,
					     (int)(random >> 20) % COUNTRIES };
		snprintf(text, sizeof(text), "{age: %d, tier: \"%s\", amount: %d, country: \"%s\"}",
			 people[i].age, tiers[people[i].tier], people[i].amount,
			 countries[people[i].country][i % 2]);
		check(feel_compile(&expr, text, strlen(text)));
		contexts[i] = feel_evaluate(run, expr, NULL);
		if (!contexts[i])
			check(feel_run_err(run));
		wanted[i] = scan(&people[i]);
	}
}

static int decide(struct feel_run *run, const struct dmn_model *model,
		  const struct dmn_element *element, const struct feel_value *inputs)
{
	const struct feel_value *value = dmn_evaluate(run, model, element, inputs, NULL);
	int64_t number;

	if (!value) {
		check(feel_run_err(run));
		return -1;
	}
	if (value->kind != FEEL_NUMBER || !feel_decimal_to_int(&number, value->number))
		return -1;
	feel_run_reset(run);
	return (int)number;
}

/* Microseconds a decision; model NULL: by the scan in C. */
static double measure(const struct dmn_model *model, double least)
{
	const struct dmn_element *element =
		model ? dmn_find(model, DMN_DECISION, "decision") : NULL;
	struct feel_run *run = NULL;
	double start, spent;
	long done = 0;

	check(feel_run_new(&run, NULL));
	start = seconds();
	do {
		for (int i = 0; i < PEOPLE; i++) {
			int rule =
				model ? decide(run, model, element, contexts[i]) : scan(&people[i]);

			if (rule != wanted[i]) {
				fprintf(stderr, "dmn_bench: rule %d, not %d\n", rule, wanted[i]);
				exit(1);
			}
		}
		done += PEOPLE;
		spent = seconds() - start;
	} while (spent < least);
	feel_run_free(run);
	return spent / (double)done * 1e6;
}

int main(int argc, char **argv)
{
	double least = argc > 1 ? strtod(argv[1], NULL) : 1, c, indexed, plain;
	struct dmn_model *model = NULL;
	struct feel_run *run = NULL;
	struct dmn_index *index;
	struct dmn_table *table;
	struct dmn_file file = { .name = "bench" };
	char *xml = make_table();

	file.text = xml;
	file.len = strlen(xml);
	check(dmn_load(&model, &file, 1, NULL, NULL));
	check(feel_run_new(&run, NULL));
	make_people(run);
	table = dmn_find(model, DMN_DECISION, "decision")->logic->table;
	index = table->index;
	c = measure(NULL, least);
	indexed = measure(model, least);
	table->index = NULL;
	plain = measure(model, least);
	table->index = index;
	printf("a decision by a table of %zu rules: %.2f us\n"
	       "   each rule asked as FEEL %.1f us, ratio %.0f\n"
	       "   a scan of numbers in C %.2f us, ratio %.2f\n",
	       table->rules_len, indexed, plain, plain / indexed, c, c / indexed);
	feel_run_free(run);
	dmn_free(model);
	free(xml);
	return 0;
}
