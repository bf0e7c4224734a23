/*
 * engines/dmn/dmn.h — decision models (DMN): read once from their files, run often.
 *
 * What it does: reads DMN 1.1 to 1.5, several files at once where one imports another, and finds
 * the values of decisions and decision services: decision tables of every hit policy, all boxed
 * expressions, business knowledge models, requirement graphs, item definitions with their checks.
 * Expressions are FEEL, by engines/feel; values stay FEEL's.
 *
 * What it does not do: it has no side effect, no I/O and no clock but the run's; it runs neither
 * Java nor PMML nor other expression languages. Drawings and documentation in a file are ignored.
 *
 * Errors: what breaks the structure of a file (a missing reference, a cycle, a name that is there
 * twice) refuses it, with file, line and name. An expression that is no FEEL, or that can't be run
 * here, doesn't: its value is null. Nor does the name of a type that nobody defines: it is any
 * value. Both are among dmn_problems, and an evaluation that needs them says so. Null on error is
 * FEEL's: the evaluation goes on, and a diagnostic says where and why.
 *
 * Threads: a loaded model may be used by several threads at once, a run (engines/feel/feel.h) by
 * one. Nothing blocks.
 *
 * Source: OMG, Decision Model and Notation 1.2 to 1.5.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DMN_DMN_H
#define DMN_DMN_H

#include <stddef.h>

#include "engines/feel/feel.h"
#include "pelago/err.h"

struct dmn_model;   /* opaque */
struct dmn_element; /* opaque: input data, a decision, a business knowledge model, a service */

enum {
	DMN_FILE_MAX = 16777216,    /* bytes of a file */
	DMN_FILES_MAX = 64,	    /* of a model */
	DMN_MEMORY_MAX = 268435456, /* bytes of a model, its compiled expressions apart */
	DMN_NAMES_MAX = 2000,  /* of one context, relation, table, and what one element requires */
	DMN_TYPES_MAX = 10000, /* item definitions that one file sees */
	DMN_KEYS_MAX = 5000,   /* names of several words that members of contexts have */
	DMN_DEPTH_MAX = 250,   /* of elements that require each other, and of types */
	DMN_CALL_DEPTH = 1000, /* of elements and boxed expressions that wait for each other */
	DMN_DIAGNOSTICS_MAX = 32, /* that are kept; later ones are counted */
};

/* ---- models ---- */

struct dmn_file {
	const char *name; /* in messages */
	const char *text; /* XML */
	size_t len;	  /* in bytes */
};

/*
 * dmn_find_fn is asked for the file of an import that no file at hand answers.
 *
 *   namespace  that the import names
 *   location   its locationURI, or NULL; from outside: never follow it as it is
 *
 * Returns PL_OK with *filep filled in, whose name and text live until dmn_load returns,
 * PL_NOTFOUND, or what ends the load, with a detail.
 */
typedef enum pl_err dmn_find_fn(struct dmn_file *filep, const char *namespace, const char *location,
				void *arg);

/* dmn_has_namespace tells whether a file is DMN of that namespace, for a dmn_find_fn that looks
 * around. */
bool dmn_has_namespace(const struct dmn_file *file, const char *namespace);

/*
 * dmn_load reads a model.
 *
 *   files  the first is the one whose elements are asked for, the others are what it imports, in
 *          any order; borrowed for the call
 *   find   NULL: files are all there are
 *
 * Returns PL_OK and sets *modelp (caller owns it: dmn_free), PL_INVALID for what is no DMN, with
 * file, line, element and reason in the detail, PL_TOOLARGE past a limit, PL_NOMEM. On error
 * *modelp is untouched.
 */
enum pl_err dmn_load(struct dmn_model **modelp, const struct dmn_file *files, size_t files_len,
		     dmn_find_fn *find, void *arg);
void dmn_free(struct dmn_model *model); /* takes NULL */

struct dmn_diagnostic {
	const char *file;    /* as the caller named it */
	const char *element; /* the name of the decision, item definition and so on */
	long line;	     /* in the file, from 1 */
	unsigned column;     /* in the line of the expression, in characters from 1; 0: unknown */
	const char *reason;
};

/* dmn_problems sets *problemsp to what can't be run (at most DMN_DIAGNOSTICS_MAX, of the model) and
 * returns how many there are in all. */
size_t dmn_problems(const struct dmn_diagnostic **problemsp, const struct dmn_model *model);

/* ---- elements ---- */

enum dmn_element_kind { DMN_INPUT_DATA, DMN_DECISION, DMN_KNOWLEDGE, DMN_SERVICE };

struct dmn_info {
	enum dmn_element_kind kind;
	const char *id; /* may be NULL */
	const char *name;
	const char *type;	 /* the name of its type, or NULL for any value */
	const char *version_tag; /* its zeebe:versionTag, or NULL */
};

/* dmn_element_at returns the i-th element of the model's first file, NULL past the last. */
const struct dmn_element *dmn_element_at(const struct dmn_model *model, size_t i);

/* dmn_element_info tells about one; the texts are of the model. */
struct dmn_info dmn_element_info(const struct dmn_element *element);

/* dmn_find returns the element of that kind and name, or else id; NULL if there is none. Those of
 * files imported without a name count, too. */
const struct dmn_element *dmn_find(const struct dmn_model *model, enum dmn_element_kind kind,
				   const char *name);

/* ---- evaluation ---- */

struct dmn_diagnostics {
	struct dmn_diagnostic rows[DMN_DIAGNOSTICS_MAX]; /* texts of the model or the run */
	size_t kept;					 /* rows */
	size_t len;					 /* how many there were in all */
};

/*
 * dmn_evaluate finds the value of a decision, with what it requires; of a decision service: that of
 * its one output decision, or a context of several by their names; or of a business knowledge model
 * called with inputs by its parameters' names.
 *
 *   run      holds the value and what is made on the way, and has limits and clock
 *   element  a decision, service or business knowledge model of model
 *   inputs   a context of the run: input data by name, those of an imported file by name or within
 * a context by the name of the import; of a service its input decisions, too. Values are coerced to
 * the types of the model. Absent ones are null diagnosticsp  why values are null; filled in; NULL:
 * not asked for
 *
 * Returns the value, of the run; NULL when the run is over: feel_run_err tells why (PL_TOOLARGE
 * past a limit, PL_NOMEM, PL_INVALID for input data).
 */
const struct feel_value *dmn_evaluate(struct feel_run *run, const struct dmn_model *model,
				      const struct dmn_element *element,
				      const struct feel_value *inputs,
				      struct dmn_diagnostics *diagnosticsp);

#endif
