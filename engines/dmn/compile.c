/*
 * compile.c — compiles the expressions of a model, each with the names that it sees.
 *
 * A name has a slot: first those that an element requires, then entries, parameters and iterators
 * as they come into sight. eval_boxed.c fills the slots in the same order.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/dmn/compile.h"
#include "engines/dmn/table.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Names of members and types that all expressions of a root see; variables come and go. */
struct base {
	struct feel_names *names;
	const struct dmn_source *root;
	size_t added; /* variables, in all */
};

enum { BASE_ADDED_MAX = 200000 }; /* then it is made anew, as it keeps the bytes of names */

struct compiler {
	struct dmn_model *model;
	const struct dmn_source *source;
	struct dmn_element *element;
	struct feel_names *names; /* in sight */
	struct base *base;	  /* that names are of; NULL: they are its own */
	size_t len;		  /* of variables */
};

/* ---- names ---- */

/* A name that FEEL can't read is only a problem where it would be used. */
static enum pl_err if_readable(enum pl_err err)
{
	return err == PL_INVALID ? PL_OK : err;
}

static enum pl_err fill_base(struct dmn_model *model, struct base *base)
{
	const struct dmn_map *keys = &model->keys;
	const struct dmn_source *root = base->root;
	enum pl_err err = PL_OK;

	for (size_t i = 0; !err && i < keys->cap; i++) {
		const char *key = keys->rows[i].key;

		if (key)
			err = if_readable(feel_names_add_key(base->names, key, strlen(key)));
	}
	for (size_t i = 0; !err && i < root->seen_len; i++) {
		const struct dmn_seen_type *seen = &root->seen[i];

		err = if_readable(feel_names_add_type(base->names, seen->name, strlen(seen->name),
						      seen->type));
	}
	return err;
}

static enum pl_err open_base(struct compiler *c, struct base *base)
{
	enum pl_err err = PL_OK;

	if (base->root != c->source->root || base->added > BASE_ADDED_MAX) {
		feel_names_free(base->names);
		*base = (struct base){ .root = c->source->root };
		err = feel_names_new(&base->names);
		if (!err)
			err = fill_base(c->model, base);
	}
	c->base = base;
	c->names = base->names;
	return err;
}

static enum pl_err add_name(struct compiler *c, const char *name)
{
	enum pl_err err = feel_names_add(c->names, NULL, name, strlen(name));
	char unused[32];

	if (err == PL_INVALID) {
		snprintf(unused, sizeof(unused), "unused%zu", c->len);
		err = feel_names_add(c->names, NULL, unused, strlen(unused));
	}
	if (err)
		return err;
	c->len++;
	if (c->base)
		c->base->added++;
	if (c->element && c->len > c->element->slots)
		c->element->slots = c->len;
	return PL_OK;
}

/* Forgets the names that came behind the first len. */
static void leave(struct compiler *c, size_t len)
{
	feel_names_cut(c->names, len);
	c->len = len;
}

/* ---- texts ---- */

static enum pl_err keep(struct dmn_model *model, struct feel_expr *expr)
{
	if (model->exprs_len == model->exprs_cap) {
		size_t cap = model->exprs_cap ? model->exprs_cap * 2 : 64;
		struct feel_expr **exprs = realloc(model->exprs, cap * sizeof(*exprs));

		if (!exprs) {
			feel_free(expr);
			return PL_NOMEM;
		}
		model->exprs = exprs;
		model->exprs_cap = cap;
	}
	model->exprs[model->exprs_len++] = expr;
	return PL_OK;
}

/* Whether there is nothing but the character c between blanks; 0: nothing at all. */
static bool is_just(const struct dmn_text *text, char c)
{
	bool found = !c;

	for (size_t i = 0; i < text->len; i++) {
		if (isspace((unsigned char)text->text[i]))
			continue;
		if (found || text->text[i] != c)
			return false;
		found = true;
	}
	return found;
}

static bool is_blank(const struct dmn_text *text)
{
	return is_just(text, '\0');
}

static enum pl_err refuse(struct dmn_model *model, struct dmn_text *text, const char *reason)
{
	text->problem = feel_arena_copy(&model->arena, reason, strlen(reason));
	if (!text->problem || !dmn_problem(model, &text->place, 0, reason))
		return dmn_no_room(model);
	return PL_OK;
}

typedef enum pl_err compile_fn(struct feel_expr **exprp, const struct feel_names *names,
			       const char *text, size_t text_len);

static enum pl_err compile(struct compiler *c, struct dmn_text *text, compile_fn *fn)
{
	enum pl_err err;

	if (text->refused)
		return refuse(c->model, text, text->refused);
	if (!text->text)
		return PL_OK;
	if (is_blank(text)) {
		text->text = NULL;
		return PL_OK;
	}
	err = fn(&text->expr, c->names, text->text, text->len);
	if (err == PL_INVALID || err == PL_TOOLARGE)
		return refuse(c->model, text, pl_err_detail(err));
	return err ? err : keep(c->model, text->expr);
}

static enum pl_err compile_text(struct compiler *c, struct dmn_text *text)
{
	enum pl_err err = dmn_link_ref(c->model, c->source, &text->type, &text->place);

	return err ? err : compile(c, text, feel_compile_with);
}

static enum pl_err compile_tests(struct compiler *c, struct dmn_text *text)
{
	return compile(c, text, feel_compile_tests);
}

/* Makes FEEL of our own around a text, which keeps its place. */
static enum pl_err wrap(struct compiler *c, struct dmn_text **wrappedp, const char *before,
			const struct dmn_text *text, const char *after)
{
	size_t before_len = strlen(before), size = before_len + text->len + strlen(after) + 1;
	struct dmn_text *wrapped = feel_arena_alloc(&c->model->arena, sizeof(*wrapped));
	char *copy = feel_arena_alloc(&c->model->arena, size);

	if (!wrapped || !copy)
		return dmn_no_room(c->model);
	wrapped->len = (size_t)snprintf(copy, size, "%s%.*s%s", before, (int)text->len,
					text->text ? text->text : "", after);
	wrapped->text = copy;
	wrapped->place = text->place;
	wrapped->refused = text->refused;
	wrapped->indent = before_len;
	*wrappedp = wrapped;
	return PL_OK;
}

/* ---- boxed expressions ---- */

static enum pl_err compile_boxed(struct compiler *c, struct dmn_boxed *boxed);

static enum pl_err compile_parts(struct compiler *c, struct dmn_boxed *boxed)
{
	enum pl_err err = PL_OK;

	for (size_t i = 0; !err && i < boxed->len; i++) {
		struct dmn_part *part = &boxed->parts[i];

		err = dmn_link_ref(c->model, c->source, &part->type, &boxed->place);
		if (!err && part->boxed)
			err = compile_boxed(c, part->boxed);
	}
	return err;
}

/* An entry sees those before it, and a function itself. */
static enum pl_err compile_context(struct compiler *c, struct dmn_boxed *boxed)
{
	size_t outer = c->len;
	enum pl_err err = PL_OK;

	for (size_t i = 0; !err && i < boxed->len; i++) {
		struct dmn_part *part = &boxed->parts[i];
		bool is_function = part->name && part->boxed->kind == DMN_FUNCTION;

		err = dmn_link_ref(c->model, c->source, &part->type, &boxed->place);
		if (!err && is_function)
			err = add_name(c, part->name);
		if (!err)
			err = compile_boxed(c, part->boxed);
		if (!err && !is_function && part->name)
			err = add_name(c, part->name);
	}
	leave(c, outer);
	return err;
}

static enum pl_err compile_function(struct compiler *c, struct dmn_boxed *boxed)
{
	size_t outer = c->len;
	enum pl_err err = PL_OK;

	for (size_t i = 0; !err && i < boxed->len; i++) {
		err = dmn_link_ref(c->model, c->source, &boxed->parts[i].type, &boxed->place);
		if (!err)
			err = add_name(c, boxed->parts[i].name);
	}
	if (!err && boxed->refused && !dmn_problem(c->model, &boxed->place, 0, boxed->refused))
		err = dmn_no_room(c->model);
	if (!err && !boxed->refused)
		err = compile_boxed(c, boxed->body);
	leave(c, outer);
	return err;
}

/* The call is FEEL's by names: `_f_(name: _0_, …)` with slots of its own. */
static enum pl_err compile_invocation(struct compiler *c, struct dmn_boxed *boxed)
{
	struct dmn_text call = { .place = boxed->place };
	struct compiler own = { .model = c->model, .source = c->source };
	size_t size = 16, len = 0;
	char *text;
	enum pl_err err = compile_boxed(c, boxed->body);

	if (!err)
		err = compile_parts(c, boxed);
	for (size_t i = 0; i < boxed->len; i++)
		size += strlen(boxed->parts[i].name) + 32;
	text = err ? NULL : feel_arena_alloc(&c->model->arena, size);
	if (!text)
		return err ? err : dmn_no_room(c->model);
	err = feel_names_new(&own.names);
	if (!err)
		err = add_name(&own, DMN_HELPER_FUNCTION);
	for (size_t i = 0; !err && i < boxed->len; i++) {
		char *name = feel_arena_alloc(&c->model->arena, 24);

		if (!name)
			err = dmn_no_room(c->model);
		else
			snprintf(name, 24, "_%zu_", i);
		if (!err)
			err = add_name(&own, name);
		if (!err)
			len += (size_t)snprintf(text + len, size - len, "%s%s: %s", i ? ", " : "",
						boxed->parts[i].name, name);
	}
	if (!err) {
		call.text = text;
		call.len = len;
		err = wrap(&own, &boxed->helper, DMN_HELPER_FUNCTION "(", &call, ")");
	}
	if (!err)
		err = compile_text(&own, boxed->helper);
	feel_names_free(own.names);
	return err;
}

/* What is iterated over may be written as FEEL's `for` takes it: `1..10`. */
static enum pl_err compile_in(struct compiler *c, struct dmn_boxed *boxed)
{
	struct dmn_part *in = &boxed->parts[0];
	enum pl_err err = dmn_link_ref(c->model, c->source, &in->type, &boxed->place);

	if (err || in->boxed->kind != DMN_LITERAL || is_blank(&in->boxed->text))
		return err ? err : compile_boxed(c, in->boxed);
	err = wrap(c, &boxed->helper, "for _i_ in ", &in->boxed->text, "\nreturn _i_");
	return err ? err : compile_text(c, boxed->helper);
}

static enum pl_err compile_iterator(struct compiler *c, struct dmn_boxed *boxed)
{
	size_t outer = c->len;
	enum pl_err err = compile_in(c, boxed);

	if (err)
		return err;
	err = add_name(c, boxed->parts[0].name);
	if (!err && boxed->kind == DMN_FOR)
		err = add_name(c, "partial");
	if (!err)
		err = compile_boxed(c, boxed->body);
	leave(c, outer);
	return err;
}

/* A literal match is FEEL's filter, which knows members; positions are no boolean. */
static enum pl_err compile_filter(struct compiler *c, struct dmn_boxed *boxed)
{
	bool is_literal = boxed->body->kind == DMN_LITERAL && !is_blank(&boxed->body->text);
	size_t outer = c->len;
	enum pl_err err = compile_parts(c, boxed);

	if (err)
		return err;
	err = add_name(c, is_literal ? DMN_HELPER_LIST : "item");
	if (!err && is_literal)
		err = wrap(c, &boxed->helper,
			   DMN_HELPER_LIST "[(function(m) if m instance of number then \"number\" "
					   "else m)(",
			   &boxed->body->text, "\n)]");
	if (!err)
		err = is_literal ? compile_text(c, boxed->helper) : compile_boxed(c, boxed->body);
	leave(c, outer);
	return err;
}

/* The order of output values is that of their list; a type's allowed values stand in for them. */
static enum pl_err compile_output(struct compiler *c, struct dmn_table *table,
				  struct dmn_output *output)
{
	const struct dmn_text *values = &output->values;
	enum pl_err err = dmn_link_ref(c->model, c->source, &output->type, &table->place);

	if (!err && !values->text && output->type.type)
		values = dmn_allowed_of(output->type.type);
	if (!err && values && values->text && !is_blank(values) && !is_just(values, '-') &&
	    (table->hit == DMN_PRIORITY || table->hit == DMN_OUTPUT_ORDER)) {
		err = wrap(c, &output->order, "[", values, "\n]");
		if (!err)
			err = compile_text(c, output->order);
	}
	if (!err)
		err = compile_tests(c, &output->values);
	return err ? err : compile_text(c, &output->fallback);
}

static enum pl_err compile_table(struct compiler *c, struct dmn_boxed *boxed)
{
	struct dmn_table *table = boxed->table;
	enum pl_err err = PL_OK;

	for (size_t i = 0; !err && i < table->inputs_len; i++) {
		err = compile_text(c, &table->inputs[i].text);
		if (!err)
			err = compile_tests(c, &table->inputs[i].values);
	}
	for (size_t i = 0; !err && i < table->outputs_len; i++)
		err = compile_output(c, table, &table->outputs[i]);
	for (size_t i = 0; !err && i < table->rules_len; i++) {
		for (size_t j = 0; !err && j < table->inputs_len; j++)
			err = compile_tests(c, &table->rules[i].inputs[j]);
		for (size_t j = 0; !err && j < table->outputs_len; j++)
			err = compile_text(c, &table->rules[i].outputs[j]);
	}
	return err ? err : dmn_index_new(c->model, table);
}

static enum pl_err compile_literal(struct compiler *c, struct dmn_boxed *boxed)
{
	return compile_text(c, &boxed->text);
}

static enum pl_err compile_absent(struct compiler *c, struct dmn_boxed *boxed)
{
	return PL_OK;
}

static enum pl_err compile_boxed(struct compiler *c, struct dmn_boxed *boxed)
{
	static enum pl_err (*const compiles[])(struct compiler *, struct dmn_boxed *) = {
		[DMN_LITERAL] = compile_literal,       [DMN_CONTEXT] = compile_context,
		[DMN_RECORD] = compile_parts,	       [DMN_LIST] = compile_parts,
		[DMN_INVOCATION] = compile_invocation, [DMN_FUNCTION] = compile_function,
		[DMN_CONDITIONAL] = compile_parts,     [DMN_FOR] = compile_iterator,
		[DMN_SOME] = compile_iterator,	       [DMN_EVERY] = compile_iterator,
		[DMN_FILTER] = compile_filter,	       [DMN_TABLE] = compile_table,
		[DMN_ABSENT] = compile_absent,
	};
	enum pl_err err = dmn_link_ref(c->model, c->source, &boxed->type, &boxed->place);

	return err ? err : compiles[boxed->kind](c, boxed);
}

/* ---- elements ---- */

static enum pl_err compile_element(struct dmn_model *model, struct base *base,
				   struct dmn_element *element)
{
	struct compiler c = { .model = model, .source = element->place.source, .element = element };
	enum pl_err err = dmn_link_ref(model, c.source, &element->type, &element->place);

	if (err || !element->logic)
		return err;
	err = dmn_see(model, element);
	if (!err)
		err = open_base(&c, base);
	for (size_t i = 0; !err && i < element->names_len; i++)
		err = add_name(&c, element->names[i].name);
	if (!err)
		err = compile_boxed(&c, element->logic);
	if (c.names)
		leave(&c, 0);
	return err;
}

static enum pl_err compile_item(struct dmn_model *model, struct compiler *c, struct dmn_item *item)
{
	enum pl_err err = compile_tests(c, &item->allowed);

	if (!err)
		err = compile_tests(c, &item->constraint);
	for (size_t i = 0; !err && i < item->components_len; i++)
		err = compile_item(model, c, &item->components[i]);
	return err;
}

static enum pl_err compile_items(struct dmn_model *model, struct base *base,
				 const struct dmn_source *source)
{
	struct compiler c = { .model = model, .source = source };
	enum pl_err err = open_base(&c, base);

	for (size_t i = 0; !err && i < source->items_len; i++)
		err = compile_item(model, &c, &source->items[i]);
	return err;
}

/* A name of one word needs no telling; one with a dot would hide the path that it looks like. */
static bool needs_telling(const char *name)
{
	bool is_one_word = true;

	for (; *name && *name != '.'; name++)
		if (!isalnum((unsigned char)*name) && *name != '_' && !(*name & 0x80))
			is_one_word = false;
	return !is_one_word && !*name;
}

static enum pl_err see_key(struct dmn_model *model, const char *name)
{
	if (!name || !needs_telling(name))
		return PL_OK;
	if (!dmn_map_add(&model->keys, &model->arena, name, model))
		return dmn_no_room(model);
	if (model->keys.len > DMN_KEYS_MAX)
		return pl_fail(PL_TOOLARGE, "%s: contexts have more than %d names of several words",
			       model->sources[0]->label, DMN_KEYS_MAX);
	return PL_OK;
}

static enum pl_err see_keys(struct dmn_model *model, const struct dmn_boxed *boxed)
{
	enum pl_err err = PL_OK;

	for (size_t i = 0; !err && i < boxed->len; i++) {
		if (boxed->kind == DMN_CONTEXT || boxed->kind == DMN_RECORD)
			err = see_key(model, boxed->parts[i].name);
		if (!err && boxed->parts[i].boxed)
			err = see_keys(model, boxed->parts[i].boxed);
	}
	for (size_t i = 0; !err && boxed->table && i < boxed->table->outputs_len; i++)
		err = see_key(model, boxed->table->outputs[i].name);
	return err || !boxed->body ? err : see_keys(model, boxed->body);
}

static enum pl_err see_all_keys(struct dmn_model *model)
{
	enum pl_err err = PL_OK;

	for (size_t i = 0; !err && i < model->sources_len; i++) {
		const struct dmn_source *source = model->sources[i];

		for (size_t j = 0; !err && j < source->elements_len; j++) {
			err = see_key(model, source->elements[j].variable);
			if (!err && source->elements[j].logic)
				err = see_keys(model, source->elements[j].logic);
		}
	}
	return err;
}

/* FEEL of our own over one list. */
static enum pl_err compile_helper(struct dmn_model *model, struct dmn_text *text, const char *feel)
{
	struct compiler c = { .model = model, .source = model->sources[0] };
	enum pl_err err = feel_names_new(&c.names);

	text->text = feel;
	text->len = strlen(feel);
	text->place = (struct dmn_place){ c.source, c.source->name, 1 };
	if (!err)
		err = add_name(&c, DMN_HELPER_LIST);
	if (!err)
		err = compile_text(&c, text);
	feel_names_free(c.names);
	return err;
}

static enum pl_err compile_helpers(struct dmn_model *model)
{
	static const char *const aggregations[] = {
		[DMN_SUM] = "sum(" DMN_HELPER_LIST ")",
		[DMN_MIN] = "min(" DMN_HELPER_LIST ")",
		[DMN_MAX] = "max(" DMN_HELPER_LIST ")",
		[DMN_COUNT] = "count(" DMN_HELPER_LIST ")",
	};
	enum pl_err err =
		compile_helper(model, &model->expand, "for _i_ in " DMN_HELPER_LIST " return _i_");

	for (int i = DMN_SUM; !err && i <= DMN_COUNT; i++)
		err = compile_helper(model, &model->aggregations[i], aggregations[i]);
	return err;
}

enum pl_err dmn_compile(struct dmn_model *model)
{
	enum pl_err err = see_all_keys(model);
	struct base base = { 0 };

	if (!err)
		err = compile_helpers(model);
	for (size_t i = 0; !err && i < model->sources_len; i++) {
		struct dmn_source *source = model->sources[i];

		err = compile_items(model, &base, source);
		for (size_t j = 0; !err && j < source->elements_len; j++)
			err = compile_element(model, &base, &source->elements[j]);
	}
	feel_names_free(base.names);
	return err;
}
