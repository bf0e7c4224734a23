/*
 * schema.c — the rows of schema.h, made ready for search at their first use.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "engines/bpmndoc/impl.h"

enum { PARTICLES_MAX = 1200, ATTRIBUTES_MAX = 700 };

enum type_no {
#define TYPE(name, base, attributes, children) TYPE_##name,
#include "engines/bpmndoc/schema.h"
#undef TYPE
	TYPE_COUNT
};

static const struct {
	const char *name, *base, *attributes, *children;
} rows[] = {
#define TYPE(name, base, attributes, children) { #name, base, attributes, children },
#include "engines/bpmndoc/schema.h"
#undef TYPE
};

static struct schema_type types[TYPE_COUNT];

static struct schema_element elements[] = {
#define ELEMENT(name, type, group) { #name, group, &types[TYPE_##type] },
#include "engines/bpmndoc/schema.h"
#undef ELEMENT
};

enum { ELEMENT_COUNT = sizeof(elements) / sizeof(elements[0]) };

static struct schema_particle particles[PARTICLES_MAX];
static struct schema_attribute attributes[ATTRIBUTES_MAX];
static unsigned particles_len, attributes_len;

bool schema_name_is(struct schema_name name, const char *text)
{
	return strncmp(name.text, text, name.len) == 0 && !text[name.len];
}

/* next_word takes a word from *textp up to a blank. */
static struct schema_name next_word(const char **textp)
{
	const char *from = *textp + strspn(*textp, " ");
	struct schema_name word = { from, strcspn(from, " ") };

	*textp = from + word.len;
	return word;
}

static void add_attribute(struct schema_name word)
{
	struct schema_attribute *a = &attributes[attributes_len++];
	const char *colon = memchr(word.text, ':', word.len);

	a->name = (struct schema_name){ word.text, colon ? (size_t)(colon - word.text) : word.len };
	a->kind = colon ? (struct schema_name){ colon + 1, word.len - a->name.len - 1 }
			: (struct schema_name){ "", 0 };
	a->is_required = a->name.text[a->name.len - 1] == '!';
	a->name.len -= a->is_required;
}

static void add_particle(struct schema_type *type, struct schema_name word)
{
	struct schema_particle *p = &particles[particles_len];
	const char *bar;

	if (word.text[0] == '#') {
		type->has_text |= schema_name_is(word, "#text") || word.text[1] == 't';
		type->has_any |= word.text[1] == 'a';
		type->is_ref |= word.text[1] == 'r';
		return;
	}
	particles_len++;
	*p = (struct schema_particle){ .min = 1, .max = 1 };
	switch (word.text[word.len - 1]) {
	case '?':
		p->min = 0;
		break;
	case '*':
		p->min = 0;
		p->max = MANY;
		break;
	case '+':
		p->max = MANY;
		break;
	default:
		word.len++; /* nothing to take off */
	}
	word.len--;
	p->is_group = word.text[0] == '~';
	word.text += p->is_group;
	word.len -= p->is_group;
	do {
		bar = memchr(word.text, '|', word.len);
		p->names[p->names_len++] =
			(struct schema_name){ word.text,
					      bar ? (size_t)(bar - word.text) : word.len };
		if (bar) {
			word.len -= (size_t)(bar + 1 - word.text);
			word.text = bar + 1;
		}
	} while (bar);
	type->particles_len++;
}

static const struct schema_type *find_type(const char *name)
{
	for (unsigned i = 0; i < TYPE_COUNT; i++)
		if (strcmp(rows[i].name, name) == 0)
			return &types[i];
	return NULL;
}

static int by_name(const void *a, const void *b)
{
	const struct schema_element *left = a, *right = b;

	return strcmp(left->name, right->name);
}

/* A base stands before what is made of it. */
static void prepare(void)
{
	for (unsigned i = 0; i < TYPE_COUNT; i++) {
		struct schema_type *type = &types[i];
		const struct schema_type *base = find_type(rows[i].base);
		const char *text;

		*type = (struct schema_type){ .name = rows[i].name, .base = base };
		type->attributes = &attributes[attributes_len];
		type->particles = &particles[particles_len];
		if (base) {
			memcpy(&attributes[attributes_len], base->attributes,
			       base->attributes_len * sizeof(attributes[0]));
			memcpy(&particles[particles_len], base->particles,
			       base->particles_len * sizeof(particles[0]));
			attributes_len += base->attributes_len;
			particles_len += base->particles_len;
			type->particles_len = base->particles_len;
		}
		for (text = rows[i].attributes; *text;)
			add_attribute(next_word(&text));
		type->attributes_len = (unsigned)(&attributes[attributes_len] - type->attributes);
		for (text = rows[i].children; *text;)
			add_particle(type, next_word(&text));
		pl_assert(attributes_len < ATTRIBUTES_MAX && particles_len < PARTICLES_MAX);
	}
	qsort(elements, ELEMENT_COUNT, sizeof(elements[0]), by_name);
}

enum { DIAGRAMS = 2 };

static const char *const namespaces[] = {
	BPMNDOC_NS,
	"http://www.omg.org/spec/BPMN/20100524/DI",
	[DIAGRAMS] = "http://www.omg.org/spec/DD/20100524/DI",
	"http://www.omg.org/spec/DD/20100524/DC",
};

bool schema_is_ours(const xmlNode *node)
{
	for (size_t i = 0; node->ns && i < sizeof(namespaces) / sizeof(namespaces[0]); i++)
		if (strcmp((const char *)node->ns->href, namespaces[i]) == 0)
			return true;
	return false;
}

const struct schema_element *schema_find(const xmlNode *node)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct schema_element like = { .name = (const char *)node->name };

	pthread_once(&once, prepare);
	if (node->ns && strcmp((const char *)node->ns->href, namespaces[DIAGRAMS]) == 0 &&
	    strcmp(like.name, "extension") == 0)
		like.name = "diagramExtension";
	return schema_is_ours(node)
		       ? bsearch(&like, elements, ELEMENT_COUNT, sizeof(elements[0]), by_name)
		       : NULL;
}

bool schema_derives(const struct schema_type *type, struct schema_name from)
{
	for (; type; type = type->base)
		if (schema_name_is(from, type->name))
			return true;
	return false;
}
