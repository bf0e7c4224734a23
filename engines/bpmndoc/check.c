/*
 * check.c — holds a document to the schema, and its references to what they name.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engines/bpmndoc/impl.h"

enum { PARTICLES_OF_ONE_MAX = 40 };

static const char *attribute(const xmlNode *node, const char *name)
{
	for (const xmlAttr *a = node->properties; a; a = a->next)
		if (!a->ns && strcmp((const char *)a->name, name) == 0)
			return a->children && a->children->content
				       ? (const char *)a->children->content
				       : "";
	return "";
}

static void problem(struct bpmndoc *doc, const xmlNode *at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void problem(struct bpmndoc *doc, const xmlNode *at, const char *fmt, ...)
{
	struct bpmndoc_problem *p;
	char *reason;
	va_list ap;
	int len;

	if (doc->problems_all++ >= BPMNDOC_PROBLEMS_MAX)
		return;
	if (doc->problems_len == doc->problems_room) {
		size_t room = doc->problems_room ? 2 * doc->problems_room : 16;
		struct bpmndoc_problem *bigger =
			realloc(doc->problems, room * sizeof(*doc->problems));

		if (!bigger) {
			doc->no_memory = true;
			return;
		}
		doc->problems = bigger;
		doc->problems_room = room;
	}
	va_start(ap, fmt);
	len = vasprintf(&reason, fmt, ap);
	va_end(ap);
	if (len < 0) {
		doc->no_memory = true;
		return;
	}
	p = &doc->problems[doc->problems_len++];
	*p = (struct bpmndoc_problem){ .line = xmlGetLineNo(at),
				       .element = (const char *)at->name,
				       .id = attribute(at, "id"),
				       .name = attribute(at, "name"),
				       .reason = reason };
}

/* ---- ids ---- */

static int by_text(const void *a, const void *b)
{
	const struct id *left = a, *right = b;
	int by = strcmp(left->text, right->text);

	return by ? by : left->place < right->place ? -1 : 1;
}

/* find_id returns the first element of that id, or NULL. */
static const struct id *find_id(const struct bpmndoc *doc, const char *text)
{
	size_t from = 0, to = doc->ids_len;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (strcmp(doc->ids[middle].text, text) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return from < doc->ids_len && strcmp(doc->ids[from].text, text) == 0 ? &doc->ids[from]
									     : NULL;
}

static void add_id(struct bpmndoc *doc, const xmlNode *node, const char *text)
{
	if (doc->ids_len == doc->ids_room) {
		size_t room = doc->ids_room ? 2 * doc->ids_room : 256;
		struct id *bigger = realloc(doc->ids, room * sizeof(*doc->ids));

		if (!bigger) {
			doc->no_memory = true;
			return;
		}
		doc->ids = bigger;
		doc->ids_room = room;
	}
	doc->ids[doc->ids_len] = (struct id){ text, doc->ids_len, node };
	doc->ids_len++;
}

/* next_node goes through the elements that are BPMN's own, in the order of the file. */
static xmlNode *next_node(const struct bpmndoc *doc, xmlNode *node)
{
	const struct schema_element *element = schema_find(node);
	xmlNode *next = NULL;

	if (element && !element->type->has_any)
		for (next = node->children; next && next->type != XML_ELEMENT_NODE;)
			next = next->next;
	while (!next && node != xmlDocGetRootElement(doc->tree)) {
		for (next = node->next; next && next->type != XML_ELEMENT_NODE;)
			next = next->next;
		node = node->parent;
	}
	return next;
}

static void collect(struct bpmndoc *doc)
{
	xmlNode *node = xmlDocGetRootElement(doc->tree);

	for (; node; node = next_node(doc, node)) {
		const char *id = schema_find(node) ? attribute(node, "id") : "";

		if (*id)
			add_id(doc, node, id);
	}
	if (doc->ids_len)
		qsort(doc->ids, doc->ids_len, sizeof(doc->ids[0]), by_text);
}

static void check_id(struct bpmndoc *doc, const xmlNode *node, const char *text)
{
	const struct id *first = find_id(doc, text);

	if (xmlValidateNCName((const xmlChar *)text, 0))
		problem(doc, node,
			"the id '%.100s' is none: it begins with a letter or _, and has letters, "
			"digits, - . _ only",
			text);
	if (first && first->node != node)
		problem(doc, node, "the id '%.100s' is there before, in line %ld", text,
			xmlGetLineNo(first->node));
}

/* ---- references ---- */

static void check_reference(struct bpmndoc *doc, xmlNode *node, const char *what, const char *text,
			    struct schema_name wanted)
{
	const char *colon = strchr(text, ':'), *local = colon ? colon + 1 : text;
	const struct schema_element *element;
	const struct id *found;
	char prefix[64];
	const xmlNs *ns;

	if (!*text) {
		problem(doc, node, "%s is empty: leave it out, or name an element", what);
		return;
	}
	if (colon) {
		snprintf(prefix, sizeof(prefix), "%.*s", (int)(colon - text), text);
		ns = xmlSearchNs(doc->tree, node, (const xmlChar *)prefix);
		if (!ns) {
			problem(doc, node, "%s is '%.100s', whose prefix isn't declared", what,
				text);
			return;
		}
		if (strcmp((const char *)ns->href, doc->namespace) != 0)
			return; /* of another file */
	}
	found = find_id(doc, local);
	if (!found) {
		if (!doc->no_memory)
			problem(doc, node, "%s is '%.100s', and there is no element of that id",
				what, text);
		return;
	}
	element = schema_find(found->node);
	if (wanted.len && !schema_derives(element->type, wanted))
		problem(doc, node, "%s is '%.100s', which is a %s", what, text, element->name);
}

/* ---- attributes ---- */

static bool is_integer(const char *text)
{
	text += *text == '-' || *text == '+';
	return *text && !text[strspn(text, "0123456789")];
}

static bool is_number(const char *text)
{
	char *end;

	strtod(text, &end);
	return end != text && !end[strspn(end, " \t\r\n")];
}

static bool is_boolean(const char *text)
{
	return !strcmp(text, "true") || !strcmp(text, "false") || !strcmp(text, "1") ||
	       !strcmp(text, "0");
}

static bool is_one_of(struct schema_name words, const char *text)
{
	size_t len = strlen(text);

	for (const char *p = words.text, *end = p + words.len; p < end;) {
		size_t word = strcspn(p, "|");

		if (word > (size_t)(end - p))
			word = (size_t)(end - p);
		if (word == len && strncmp(p, text, len) == 0)
			return true;
		p += word + 1;
	}
	return false;
}

static void check_value(struct bpmndoc *doc, xmlNode *node, const struct schema_attribute *rule,
			const char *name, const char *text)
{
	struct schema_name kind = rule->kind;

	if (!kind.len)
		return;
	if (kind.text[0] == 'q' && (kind.len == 1 || kind.text[1] == '>')) {
		struct schema_name wanted = { kind.text + 2, kind.len == 1 ? 0 : kind.len - 2 };

		check_reference(doc, node, name, text, wanted);
	} else if (kind.len == 2 && strncmp(kind.text, "id", 2) == 0) {
		check_id(doc, node, text);
	} else if (kind.len == 1 && *kind.text == 'b'	? !is_boolean(text)
		   : kind.len == 1 && *kind.text == 'i' ? !is_integer(text)
		   : kind.len == 1 && *kind.text == 'n' ? !is_number(text)
							: !is_one_of(kind, text)) {
		problem(doc, node, "%s is '%.100s'; it is %s%.*s", name, text,
			kind.len > 1 ? "one of " : "", kind.len > 1 ? (int)kind.len : 14,
			kind.len > 1	    ? kind.text
			: *kind.text == 'b' ? "true or false"
			: *kind.text == 'i' ? "a whole number"
					    : "a number");
	}
}

static const struct schema_attribute *find_attribute(const struct schema_type *type,
						     const char *name)
{
	for (unsigned i = 0; i < type->attributes_len; i++)
		if (schema_name_is(type->attributes[i].name, name))
			return &type->attributes[i];
	return NULL;
}

static void check_attributes(struct bpmndoc *doc, xmlNode *node, const struct schema_type *type)
{
	for (const xmlAttr *a = node->properties; a; a = a->next) {
		const char *name = (const char *)a->name;
		const struct schema_attribute *rule;

		if (a->ns)
			continue; /* of somebody else's, kept as it is */
		rule = find_attribute(type, name);
		if (rule)
			check_value(doc, node, rule, name, attribute(node, name));
		else
			problem(doc, node, "there is no attribute %.100s here", name);
	}
	for (unsigned i = 0; i < type->attributes_len; i++) {
		const struct schema_attribute *rule = &type->attributes[i];
		char name[64];

		snprintf(name, sizeof(name), "%.*s", (int)rule->name.len, rule->name.text);
		if (rule->is_required && !xmlHasNsProp(node, (const xmlChar *)name, NULL))
			problem(doc, node, "the attribute %s is missing", name);
	}
}

/* ---- what is within an element ---- */

/* has_word tells whether one of the words of text is name. */
static bool has_word(const char *text, struct schema_name name)
{
	for (; *text; text += strspn(text, " ")) {
		size_t len = strcspn(text, " ");

		if (len == name.len && strncmp(text, name.text, len) == 0)
			return true;
		text += len;
	}
	return false;
}

static bool takes(const struct schema_particle *p, const struct schema_element *element)
{
	for (unsigned i = 0; i < p->names_len; i++)
		if (p->is_group ? has_word(element->group, p->names[i])
				: schema_name_is(p->names[i], element->name))
			return true;
	return false;
}

/* place finds where a child may stand, from the present place on; MANY: nowhere. */
static int place(const struct schema_type *type, int from, const struct schema_element *element)
{
	for (int i = from; i < (int)type->particles_len; i++)
		if (takes(&type->particles[i], element))
			return i;
	return MANY;
}

static void check_child(struct bpmndoc *doc, xmlNode *child, const struct schema_type *type,
			int *atp, unsigned *seen)
{
	const struct schema_element *element = schema_find(child);
	const char *parent = (const char *)child->parent->name;
	int at;

	if (!schema_is_ours(child)) {
		problem(doc, child,
			"an element of another namespace stands in extensionElements only, "
			"not in %s",
			parent);
		return;
	}
	if (!element) {
		problem(doc, child, "BPMN has no such element");
		return;
	}
	at = place(type, *atp, element);
	if (at == MANY) {
		if (place(type, 0, element) == MANY)
			problem(doc, child, "it can't stand in %s", parent);
		else
			problem(doc, child, "it stands too late in %s: the order is %.*s after it",
				parent, (int)type->particles[*atp].names[0].len,
				type->particles[*atp].names[0].text);
		return;
	}
	if (++seen[at] > 1 && type->particles[at].max == 1)
		problem(doc, child, "%s has more than one", parent);
	*atp = at;
}

static bool is_blank(const char *text)
{
	return !text || !text[strspn(text, " \t\r\n")];
}

static void check_children(struct bpmndoc *doc, xmlNode *node, const struct schema_type *type)
{
	unsigned seen[PARTICLES_OF_ONE_MAX] = { 0 };
	int at = 0;

	pl_assert(type->particles_len < PARTICLES_OF_ONE_MAX);
	for (xmlNode *child = node->children; child; child = child->next) {
		if (child->type == XML_ELEMENT_NODE)
			check_child(doc, child, type, &at, seen);
		else if ((child->type == XML_TEXT_NODE || child->type == XML_CDATA_SECTION_NODE) &&
			 !type->has_text && !type->is_ref &&
			 !is_blank((const char *)child->content))
			problem(doc, node, "there is text where only elements may be");
	}
	for (unsigned i = 0; i < type->particles_len; i++) {
		const struct schema_particle *p = &type->particles[i];

		if (p->min && !seen[i])
			problem(doc, node, "%s%.*s is missing in it",
				p->is_group ? "an element for " : "", (int)p->names[0].len,
				p->names[0].text);
	}
}

static void check_ref_text(struct bpmndoc *doc, xmlNode *node)
{
	char *text = (char *)xmlNodeGetContent(node), *from = text;
	size_t len;

	if (!text) {
		doc->no_memory = true;
		return;
	}
	from += strspn(from, " \t\r\n");
	len = strlen(from);
	while (len && isspace((unsigned char)from[len - 1]))
		len--;
	from[len] = '\0';
	check_reference(doc, node, "its text", from, (struct schema_name){ "", 0 });
	xmlFree(text);
}

void bpmndoc_check(struct bpmndoc *doc)
{
	xmlNode *node = xmlDocGetRootElement(doc->tree);

	doc->namespace = (char *)attribute(node, "targetNamespace");
	collect(doc);
	for (; node; node = next_node(doc, node)) {
		const struct schema_element *element = schema_find(node);
		const char *name = (const char *)node->name;

		doc->counts.elements++;
		doc->counts.processes += !strcmp(name, "process");
		doc->counts.collaborations += !strcmp(name, "collaboration");
		doc->counts.choreographies += !strcmp(name, "choreography");
		doc->counts.diagrams += !strcmp(name, "BPMNDiagram");
		if (!element)
			continue; /* told by its parent */
		check_attributes(doc, node, element->type);
		if (element->type->is_ref)
			check_ref_text(doc, node);
		if (!element->type->has_any)
			check_children(doc, node, element->type);
	}
}
