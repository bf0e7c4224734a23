/*
 * read_table.c — decision tables. Their orientation is layout: the file says the same of each.
 *
 * Source: DMN 1.5 §8.3.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "engines/dmn/read.h"

struct word {
	const char *text;
	int value;
};
static const struct word hit_policies[] = {
	{ "UNIQUE", DMN_UNIQUE },	  { "ANY", DMN_ANY },
	{ "PRIORITY", DMN_PRIORITY },	  { "FIRST", DMN_FIRST },
	{ "RULE ORDER", DMN_RULE_ORDER }, { "OUTPUT ORDER", DMN_OUTPUT_ORDER },
	{ "COLLECT", DMN_COLLECT },	  { NULL, 0 },
};
static const struct word aggregations[] = {
	{ "SUM", DMN_SUM }, { "COUNT", DMN_COUNT }, { "MIN", DMN_MIN }, { "MAX", DMN_MAX },
	{ NULL, 0 },
};

/* Sets *valuep to what an attribute's word stands for; absent leaves it. */
static enum pl_err read_word(struct dmn_reader *reader, int *valuep, const xmlNode *node,
			     const char *name, const struct word *words)
{
	const char *text;
	enum pl_err err = dmn_attr(reader, &text, node, name);

	if (err || !text || !*text)
		return err;
	for (; words->text; words++)
		if (strcmp(words->text, text) == 0) {
			*valuep = words->value;
			return PL_OK;
		}
	return xml_refuse(node, "decision table of \"%s\": %s \"%s\" is unknown", reader->owner,
			  name, text);
}

static enum pl_err read_input(struct dmn_reader *reader, struct dmn_input *input,
			      const xmlNode *node)
{
	enum pl_err err;

	if (!dmn_first(reader, node, "inputExpression"))
		return xml_refuse(node, "decision table of \"%s\": an input has no expression",
				  reader->owner);
	err = dmn_child_text(reader, &input->text, node, "inputExpression");
	return err ? err : dmn_child_text(reader, &input->values, node, "inputValues");
}

static enum pl_err read_output(struct dmn_reader *reader, struct dmn_output *output,
			       const xmlNode *node, bool is_single)
{
	enum pl_err err = PL_OK;

	if (!is_single)
		err = dmn_attr_name(reader, &output->name, node, "name");
	if (!err)
		err = dmn_attr_type(reader, &output->type, node);
	if (!err)
		err = dmn_child_text(reader, &output->values, node, "outputValues");
	return err ? err : dmn_child_text(reader, &output->fallback, node, "defaultOutputEntry");
}

static enum pl_err read_inputs(struct dmn_reader *reader, struct dmn_table *table,
			       const xmlNode *node)
{
	enum pl_err err = dmn_rows(reader, &table->inputs, dmn_count(reader, node, "input"),
				   sizeof(*table->inputs));

	for (const xmlNode *n = dmn_first(reader, node, "input"); !err && n;
	     n = dmn_next(reader, n, "input"))
		err = read_input(reader, &table->inputs[table->inputs_len++], n);
	return err;
}

static enum pl_err read_outputs(struct dmn_reader *reader, struct dmn_table *table,
				const xmlNode *node)
{
	size_t len = dmn_count(reader, node, "output");
	enum pl_err err =
		dmn_named_rows(reader, &table->outputs, len, sizeof(*table->outputs), node);

	if (!err && len == 0)
		return xml_refuse(node, "decision table of \"%s\": it has no output",
				  reader->owner);
	for (const xmlNode *n = dmn_first(reader, node, "output"); !err && n;
	     n = dmn_next(reader, n, "output")) {
		struct dmn_output *output = &table->outputs[table->outputs_len++];

		err = read_output(reader, output, n, len == 1);
		for (const struct dmn_output *o = table->outputs; !err && o < output; o++)
			if (strcmp(o->name, output->name) == 0)
				err = xml_refuse(n,
						 "decision table of \"%s\": output \"%s\" is "
						 "there twice",
						 reader->owner, o->name);
	}
	return err;
}

static enum pl_err read_entries(struct dmn_reader *reader, struct dmn_text **entriesp,
				size_t wanted, const xmlNode *node, const char *tag)
{
	struct dmn_text *entry;
	size_t len = dmn_count(reader, node, tag);
	enum pl_err err;

	if (len != wanted)
		return xml_refuse(node, "decision table of \"%s\": a rule has %zu of %s, not %zu",
				  reader->owner, len, tag, wanted);
	err = dmn_rows(reader, entriesp, len, sizeof(**entriesp));
	entry = *entriesp;
	for (const xmlNode *n = dmn_first(reader, node, tag); !err && n;
	     n = dmn_next(reader, n, tag))
		err = dmn_read_text(reader, entry++, n);
	return err;
}

static enum pl_err read_rules(struct dmn_reader *reader, struct dmn_table *table,
			      const xmlNode *node)
{
	enum pl_err err = dmn_rows(reader, &table->rules, dmn_count(reader, node, "rule"),
				   sizeof(*table->rules));

	for (const xmlNode *n = dmn_first(reader, node, "rule"); !err && n;
	     n = dmn_next(reader, n, "rule")) {
		struct dmn_rule *rule = &table->rules[table->rules_len++];

		rule->line = xmlGetLineNo(n);
		err = read_entries(reader, &rule->inputs, table->inputs_len, n, "inputEntry");
		if (!err)
			err = read_entries(reader, &rule->outputs, table->outputs_len, n,
					   "outputEntry");
	}
	return err;
}

enum pl_err dmn_read_table(struct dmn_reader *reader, struct dmn_boxed *boxed, const xmlNode *node)
{
	int hit = DMN_UNIQUE, aggregation = DMN_NO_AGGREGATION;
	struct dmn_table *table;
	enum pl_err err = dmn_rows(reader, &table, 1, sizeof(*table));

	if (err)
		return err;
	boxed->table = table;
	table->place = dmn_place(reader, node);
	err = read_word(reader, &hit, node, "hitPolicy", hit_policies);
	if (!err)
		err = read_word(reader, &aggregation, node, "aggregation", aggregations);
	table->hit = (enum dmn_hit_policy)hit;
	table->aggregation =
		hit == DMN_COLLECT ? (enum dmn_aggregation)aggregation : DMN_NO_AGGREGATION;
	if (!err)
		err = read_inputs(reader, table, node);
	if (!err)
		err = read_outputs(reader, table, node);
	return err ? err : read_rules(reader, table, node);
}
