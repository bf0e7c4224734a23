/*
 * impl.h — the inside of a document, and the schema as it is searched.
 *
 *   bpmndoc.c  reads, counts, writes     schema.c   the rows of schema.h, made ready for search
 *   check.c    holds one to the other    compare.c  two documents, node by node
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BPMNDOC_IMPL_H
#define BPMNDOC_IMPL_H

#include <libxml/tree.h>

#include "engines/bpmndoc/bpmndoc.h"

#define BPMNDOC_NS "http://www.omg.org/spec/BPMN/20100524/MODEL"

struct id {
	const char *text; /* borrowed from the tree */
	size_t place;	  /* in the order of the file */
	const xmlNode *node;
};

struct bpmndoc {
	xmlDoc *tree;
	char *namespace; /* targetNamespace; "" */
	struct bpmndoc_problem *problems;
	size_t problems_len, problems_room, problems_all;
	struct id *ids; /* sorted once they are all there */
	size_t ids_len, ids_room;
	struct bpmndoc_counts counts;
	bool no_memory;
};

enum { ALTERNATIVES_MAX = 3, MANY = -1 };

struct schema_name {
	const char *text; /* not ended by a 0 */
	size_t len;
};

/* What may stand at a place of an element. */
struct schema_particle {
	struct schema_name names[ALTERNATIVES_MAX];
	unsigned names_len;
	bool is_group; /* names are those of groups */
	int min, max;  /* MANY */
};

struct schema_attribute {
	struct schema_name name, kind; /* kind: what is behind the colon */
	bool is_required;
};

struct schema_type {
	const char *name;
	const struct schema_type *base; /* NULL */
	const struct schema_attribute *attributes;
	const struct schema_particle *particles; /* the base's first */
	unsigned attributes_len, particles_len;
	bool has_text, has_any, is_ref;
};

struct schema_element {
	const char *name, *group;
	const struct schema_type *type;
};

bool schema_name_is(struct schema_name name, const char *text);
/* schema_find returns the element that a node of BPMN or its diagrams is, or NULL. */
const struct schema_element *schema_find(const xmlNode *node);
bool schema_is_ours(const xmlNode *node); /* by its namespace */
bool schema_derives(const struct schema_type *type, struct schema_name from);

void bpmndoc_check(struct bpmndoc *doc);

#endif
