/*
 * builtins_context.c — built-ins of contexts. None changes a context: what is put is put in a copy.
 *
 * Source: DMN 1.4 table 81.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/builtins.h"
#include "engines/feel/lexer.h"

static const struct feel_text key_text = { "key", 3 }, value_text = { "value", 5 };

/* The value of a key; NULL for none, and when the run is over. */
static const struct feel_value *member(struct feel_run *run, const struct feel_value *context,
				       struct feel_text key)
{
	const struct feel_value *v = NULL;
	size_t len = context->json ? 1 : context->context.len;

	if (!feel_run_step(run, 1 + len / 8))
		return NULL;
	if (!feel_context_get(&v, &run->arena, context, key))
		return feel_run_over(run);
	return v;
}

static const struct feel_value *no_key(struct feel_run *run, struct feel_text key)
{
	return feel_null_because(run, "the context has no key \"%.*s\"",
				 (int)feel_utf8_cut(key.bytes, key.len, 60), key.bytes);
}

FEEL_FN(get_value)
{
	const struct feel_value *v = member(run, args[0], args[1]->string);

	return v || run->err ? v : no_key(run, args[1]->string);
}

/* The keys of a path, at least one; false with a note, or when the run is over. */
static bool take_keys(struct feel_run *run, const struct feel_value *list,
		      const struct feel_value *const **keysp, size_t *lenp)
{
	if (!feel_items(run, list, keysp, lenp))
		return false;
	for (size_t i = 0; i < *lenp; i++) {
		if ((*keysp)[i]->kind != FEEL_STRING) {
			feel_null_because(run, "key %zu is a %s, not a string", i + 1,
					  feel_kind_text((*keysp)[i]->kind));
			return false;
		}
	}
	if (*lenp == 0)
		feel_null_because(run, "there is no key");
	return *lenp > 0;
}

FEEL_FN(get_value_at)
{
	const struct feel_value *v = args[0];
	const struct feel_value *const *keys;
	size_t keys_len;

	if (!take_keys(run, args[1], &keys, &keys_len))
		return run->err ? NULL : &feel_null;
	for (size_t i = 0; i < keys_len; i++) {
		v = v->kind == FEEL_CONTEXT ? member(run, v, keys[i]->string) : NULL;
		if (!v)
			return run->err ? NULL : no_key(run, keys[i]->string);
	}
	return v;
}

struct builder { /* a context in the making */
	struct feel_run *run;
	struct feel_entry *entries;
	size_t len;
};

/* Makes room for up to max entries. */
static bool build(struct builder *b, struct feel_run *run, size_t max)
{
	*b = (struct builder){ .run = run };
	if (!feel_run_step(run, max))
		return false;
	b->entries = feel_arena_alloc(&run->arena, (max + 1) * sizeof(*b->entries));
	if (!b->entries)
		feel_run_over(run);
	return b->entries;
}

/* Sets *placep to where a key is, or to the end; false when the run is over. */
static bool find(const struct builder *b, struct feel_text key, size_t *placep)
{
	size_t i = 0;

	while (i < b->len && !feel_text_equal(b->entries[i].key, key))
		i++;
	*placep = i;
	return feel_run_step(b->run, i / 16);
}

static bool put(struct builder *b, struct feel_text key, const struct feel_value *v)
{
	size_t place;

	if (!find(b, key, &place))
		return false;
	b->entries[place] = (struct feel_entry){ key, v };
	b->len += place == b->len;
	return true;
}

static const struct feel_value *built(const struct builder *b)
{
	return feel_run_value(b->run, feel_context(&b->run->arena, b->entries, b->len));
}

static bool take_entries(struct feel_run *run, const struct feel_value *context,
			 struct feel_entry **entriesp, size_t *lenp)
{
	if (!feel_context_entries(entriesp, lenp, &run->arena, context)) {
		feel_run_over(run);
		return false;
	}
	return feel_run_step(run, *lenp);
}

FEEL_FN(get_entries)
{
	const struct feel_value *key;
	struct feel_entry *entries;
	const struct feel_value **items;
	struct builder b;
	size_t entries_len;

	if (!take_entries(run, args[0], &entries, &entries_len) ||
	    !feel_run_alloc_items(run, &items, entries_len))
		return NULL;
	for (size_t i = 0; i < entries_len; i++) {
		key = feel_text_value(run, entries[i].key.bytes, entries[i].key.len);
		if (!key || !build(&b, run, 2) || !put(&b, key_text, key) ||
		    !put(&b, value_text, entries[i].value))
			return NULL;
		items[i] = built(&b);
		if (!items[i])
			return NULL;
	}
	return feel_list_of(run, items, entries_len);
}

FEEL_FN(context)
{
	const struct feel_value *const *entries;
	size_t entries_len, place;
	struct builder b;

	if (!feel_items(run, args[0], &entries, &entries_len) || !build(&b, run, entries_len))
		return NULL;
	for (size_t i = 0; i < entries_len; i++) {
		bool is_entry = entries[i]->kind == FEEL_CONTEXT;
		const struct feel_value *key = is_entry ? member(run, entries[i], key_text) : NULL;
		const struct feel_value *v = key ? member(run, entries[i], value_text) : NULL;

		if (run->err)
			return NULL;
		if (!v || key->kind != FEEL_STRING)
			return feel_null_because(
				run, "context(): entry %zu has not both a key and a value", i + 1);
		if (!find(&b, key->string, &place))
			return NULL;
		if (place < b.len)
			return feel_null_because(run,
						 "context(): the key of entry %zu is there "
						 "twice",
						 i + 1);
		if (!put(&b, key->string, v))
			return NULL;
	}
	return built(&b);
}

/* A copy of context with one entry more, or another value for a key. */
static const struct feel_value *with(struct feel_run *run, const struct feel_value *context,
				     struct feel_text key, const struct feel_value *v)
{
	struct feel_entry *entries;
	struct builder b;
	size_t entries_len;

	if (!take_entries(run, context, &entries, &entries_len) || !build(&b, run, entries_len + 1))
		return NULL;
	for (size_t i = 0; i < entries_len; i++)
		b.entries[b.len++] = entries[i];
	return put(&b, key, v) ? built(&b) : NULL;
}

FEEL_FN(context_put)
{
	return with(run, args[0], args[1]->string, args[2]);
}

/* From the innermost context outwards, each gets a copy with the new one inside. */
FEEL_FN(context_put_at)
{
	const struct feel_value *const *keys;
	const struct feel_value **path, *v = args[2];
	size_t keys_len;

	if (!take_keys(run, args[1], &keys, &keys_len))
		return run->err ? NULL : &feel_null;
	if (!feel_run_alloc_items(run, &path, keys_len))
		return NULL;
	path[0] = args[0];
	for (size_t i = 1; i < keys_len; i++) {
		path[i] = member(run, path[i - 1], keys[i - 1]->string);
		if (!path[i] || path[i]->kind != FEEL_CONTEXT)
			return run->err ? NULL : no_key(run, keys[i - 1]->string);
	}
	for (size_t i = keys_len; v && i-- > 0;)
		v = with(run, path[i], keys[i]->string, v);
	return v;
}

FEEL_FN(context_merge)
{
	const struct feel_value *const *contexts;
	struct feel_entry *entries;
	size_t contexts_len, entries_len, total = 0;
	struct builder b;

	if (!feel_items(run, args[0], &contexts, &contexts_len))
		return NULL;
	for (size_t i = 0; i < contexts_len; i++) {
		if (contexts[i]->kind != FEEL_CONTEXT)
			return feel_null_because(run, "context merge(): item %zu is a %s", i + 1,
						 feel_kind_text(contexts[i]->kind));
		total += contexts[i]->json ? json_object_size(contexts[i]->json)
					   : contexts[i]->context.len;
	}
	if (!build(&b, run, total))
		return NULL;
	for (size_t i = 0; i < contexts_len; i++) {
		if (!take_entries(run, contexts[i], &entries, &entries_len))
			return NULL;
		for (size_t k = 0; k < entries_len; k++)
			if (!put(&b, entries[k].key, entries[k].value))
				return NULL;
	}
	return built(&b);
}
