/*
 * model.h — decision models as they are run: files, types, elements and boxed expressions.
 *
 * Everything lives in the model's arena and is only read once the model is loaded. The fields below
 * a struct's "linked" are set by dmn_link, those below "compiled" by dmn_compile.
 *
 * Source: DMN 1.5 chapters 6 to 8 and 10.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DMN_MODEL_H
#define DMN_MODEL_H

#include <stdbool.h>
#include <stddef.h>

#include "engines/dmn/dmn.h"
#include "engines/dmn/map.h"
#include "engines/feel/arena.h"
#include "engines/feel/feel.h"

enum dmn_mark { DMN_NEW, DMN_OPEN, DMN_DONE }; /* of a walk that looks for cycles */

struct dmn_source;
struct dmn_boxed;
struct dmn_table;
struct dmn_element;

struct dmn_place { /* what a message points at */
	const struct dmn_source *source;
	const char *owner; /* the element's name, such as of a decision */
	long line;
};

struct dmn_ref {	  /* a type's name, and what it means */
	const char *name; /* NULL: any value */
	/* linked */
	const struct feel_type *type; /* NULL: any value */
};

struct dmn_text {	  /* FEEL, as it stands in the file */
	const char *text; /* NULL: there is none */
	size_t len;
	struct dmn_place place;
	const char *refused; /* why it can't be run whatever it says; NULL: it can */
	struct dmn_ref type; /* of its value */
	size_t indent;	     /* characters of ours in front of the first line */
	/* compiled */
	struct feel_expr *expr;
	const char *problem; /* why expr is NULL; NULL then: there is no text */
};

struct dmn_part {	  /* a context entry, list item, binding or parameter */
	const char *name; /* NULL: of an item, or a result */
	struct dmn_ref type;
	struct dmn_boxed *boxed; /* NULL of a parameter */
};

struct dmn_item { /* an item definition, or a component of one */
	const char *name;
	struct dmn_place place;
	struct dmn_ref base;
	bool is_collection, is_function;
	struct dmn_item *components;
	size_t components_len;
	struct dmn_part *params; /* of a function */
	size_t params_len;
	struct dmn_ref output;
	struct dmn_text allowed;    /* of each member, if it is a collection */
	struct dmn_text constraint; /* of the whole */
	/* linked */
	struct feel_type one;	/* of a member, where it says more than its base */
	struct feel_type whole; /* the item as it is used */
	enum dmn_mark mark;
};

enum dmn_boxed_kind {
	DMN_LITERAL,	 /* text */
	DMN_CONTEXT,	 /* parts; the nameless last one is its value */
	DMN_RECORD,	 /* parts that don't see each other: a relation's row */
	DMN_LIST,	 /* parts */
	DMN_INVOCATION,	 /* body called with parts */
	DMN_FUNCTION,	 /* parts are parameters of body */
	DMN_CONDITIONAL, /* parts: if, then, else */
	DMN_FOR,	 /* parts[0]: name in boxed; body */
	DMN_SOME,
	DMN_EVERY,
	DMN_FILTER, /* parts[0].boxed filtered by body */
	DMN_TABLE,
	DMN_ABSENT, /* there is no expression */
};

struct dmn_boxed {
	enum dmn_boxed_kind kind;
	struct dmn_place place;
	struct dmn_ref type; /* of its value; a literal has it in its text */
	struct dmn_text text;
	struct dmn_part *parts;
	size_t len;
	struct dmn_boxed *body;
	struct dmn_text *helper; /* of our own: calls, iterates or filters what was found */
	struct dmn_table *table;
	const char *refused; /* of a function: why it can't be run here */
};

enum dmn_hit_policy {
	DMN_UNIQUE,
	DMN_ANY,
	DMN_PRIORITY,
	DMN_FIRST,
	DMN_RULE_ORDER,
	DMN_OUTPUT_ORDER,
	DMN_COLLECT,
};
enum dmn_aggregation { DMN_NO_AGGREGATION, DMN_SUM, DMN_MIN, DMN_MAX, DMN_COUNT };

struct dmn_input {
	struct dmn_text text, values;
};
struct dmn_output {
	const char *name; /* may be NULL of a single one */
	struct dmn_text values, fallback;
	struct dmn_text *order; /* FEEL of our own: the values as a list */
	struct dmn_ref type;
};
struct dmn_rule {
	struct dmn_text *inputs, *outputs; /* as many as the table has */
	long line;
};

struct dmn_table {
	struct dmn_place place;
	enum dmn_hit_policy hit;
	enum dmn_aggregation aggregation;
	struct dmn_input *inputs;
	size_t inputs_len;
	struct dmn_output *outputs;
	size_t outputs_len;
	struct dmn_rule *rules;
	size_t rules_len;
	/* compiled */
	struct dmn_index *index; /* NULL: none is worth it */
};

struct dmn_link { /* to an element, by the file */
	const char *href;
	long line;
	/* linked */
	const struct dmn_element *element;
};

struct dmn_name { /* that logic sees: an element, or what is seen of an imported file */
	const char *name;
	const struct dmn_element *element; /* NULL: a context of parts */
	struct dmn_name *parts;
	size_t parts_len;
};

struct dmn_element {
	enum dmn_element_kind kind;
	const char *id, *name;
	const char *version_tag; /* NULL: none */
	const char *variable;	 /* its name where it is used */
	struct dmn_place place;
	struct dmn_ref type;
	struct dmn_boxed *logic; /* of a decision or knowledge */
	struct dmn_link *needs;	 /* inputs, decisions, knowledge; of a service its encapsulated */
	size_t needs_len;
	struct dmn_link *outputs; /* of a service: decisions */
	size_t outputs_len;
	struct dmn_link *params; /* of a service: input data, then input decisions */
	size_t params_len;
	/* linked */
	struct dmn_name *names; /* what its logic sees, in the order of slots */
	size_t names_len;
	size_t slots; /* the most that its logic has at a time */
	size_t index; /* among all elements of the model */
	enum dmn_mark mark;
};

struct dmn_import {
	const char *name; /* "": its elements are ours */
	const char *namespace, *location, *type;
	long line;
	/* linked */
	struct dmn_source *source; /* NULL: its file is no DMN */
};

struct dmn_seen_type {
	const char *name; /* `import.name` of another file's */
	const struct feel_type *type;
};

struct dmn_source {
	const char *label; /* as the caller names the file */
	const char *namespace, *name;
	const char *language; /* of expressions that don't say theirs; NULL: FEEL */
	struct dmn_import *imports;
	size_t imports_len;
	struct dmn_item *items;
	size_t items_len;
	struct dmn_element *elements;
	size_t elements_len;
	/* linked */
	struct dmn_map ids;	    /* to elements of this file */
	struct dmn_source *root;    /* the file that this one is imported into without a name */
	struct dmn_source *next;    /* imported into the same root, in the order of precedence */
	struct dmn_map names;	    /* of a root: to elements of all its files */
	struct dmn_map types;	    /* of a root: to item definitions of all its files */
	struct dmn_seen_type *seen; /* of a root: the types that its expressions may name */
	size_t seen_len;
};

struct dmn_model {
	struct feel_arena arena;
	struct dmn_source *sources[DMN_FILES_MAX]; /* the first is the one that was asked for */
	size_t sources_len;
	size_t elements_len;	/* of all sources */
	struct dmn_map keys;	/* names of members of contexts that are more than one word */
	struct dmn_text expand; /* FEEL that makes a list of what can be iterated over */
	struct dmn_text aggregations[DMN_COUNT + 1]; /* FEEL of a list */
	struct feel_expr **exprs;		     /* all that were compiled, to be freed */
	size_t exprs_len, exprs_cap;
	struct dmn_diagnostics problems; /* found when it was loaded */
};

/* dmn_fail is pl_fail with the file, line and owner of place in front. */
enum pl_err dmn_fail(enum pl_err err, const struct dmn_place *place, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* dmn_no_room is PL_NOMEM, or PL_TOOLARGE past the limit of the model. */
enum pl_err dmn_no_room(const struct dmn_model *model);

/* dmn_problem keeps why something of a loaded model can't be run; false without memory. */
bool dmn_problem(struct dmn_model *model, const struct dmn_place *place, unsigned column,
		 const char *reason);

/* dmn_link joins files, references and types; PL_INVALID for a model that can't be run. */
enum pl_err dmn_link(struct dmn_model *model);

/* dmn_link_types resolves the types of all files; dmn_link_ref that of one name in a file. */
enum pl_err dmn_link_types(struct dmn_model *model);
enum pl_err dmn_link_ref(struct dmn_model *model, const struct dmn_source *source,
			 struct dmn_ref *ref, const struct dmn_place *place);

extern const struct feel_type dmn_unknown_type;

/* dmn_path sets *importp to the import by whose name a file sees another; *importp is NULL for one
 * that needs none. False if it doesn't see it. */
bool dmn_path(const struct dmn_import **importp, const struct dmn_source *from,
	      const struct dmn_source *to);

/* dmn_compile compiles all expressions; what is no FEEL becomes a problem. */
enum pl_err dmn_compile(struct dmn_model *model);

#endif
