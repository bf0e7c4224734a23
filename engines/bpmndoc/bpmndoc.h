/*
 * bpmndoc.h — a BPMN 2.0 file as a document: checked against the standard's schema, written again
 * with nothing lost.
 *
 * What it does: it keeps all that is in the file, what it doesn't know included: foreign
 * namespaces, extension elements, diagrams, comments, the order and the prefixes of everything. It
 * tells what breaks the schema of BPMN 2.0.2, and references that lead nowhere.
 *
 * What it does not do: run it, or say whether it can be run (engines/bpmn).
 *
 * Threads: a document is used by one at a time. Nothing blocks.
 *
 * Source: OMG BPMN 2.0.2, its schemas BPMN20.xsd, Semantic.xsd and BPMNDI.xsd.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BPMNDOC_H
#define BPMNDOC_H

#include <stdbool.h>
#include <stddef.h>

#include "pelago/err.h"

enum {
	BPMNDOC_BYTES_MAX = 64 << 20, /* of a file */
	BPMNDOC_PROBLEMS_MAX = 1000,  /* that are kept; more are counted */
};

struct bpmndoc; /* opaque */

struct bpmndoc_problem { /* borrowed from the document */
	long line;
	const char *element; /* its tag: "sequenceFlow" */
	const char *id;	     /* "" for none */
	const char *name;    /* "" for none */
	const char *reason;  /* a sentence */
};

/*
 * bpmndoc_open reads a file: UTF-8, UTF-16 or ISO-8859-1.
 *
 *   data  not kept
 *
 * Returns PL_OK and sets *docp (caller owns it: bpmndoc_free), also where the document breaks the
 * schema: see bpmndoc_problems. PL_INVALID with line and reason for what is no XML, or no BPMN 2.0;
 * document types are refused, so that no entity is ever expanded or loaded. PL_TOOLARGE, PL_NOMEM.
 */
enum pl_err bpmndoc_open(struct bpmndoc **docp, const char *data, size_t len);

/* bpmndoc_free takes NULL. */
void bpmndoc_free(struct bpmndoc *doc);

/* bpmndoc_problems counts what breaks the schema; the first BPMNDOC_PROBLEMS_MAX of them, in the
 * order of the file, are at *problemsp. None: the document is valid. */
size_t bpmndoc_problems(const struct bpmndoc *doc, const struct bpmndoc_problem **problemsp);

/* What is in it. */
struct bpmndoc_counts {
	size_t elements, processes, collaborations, choreographies, diagrams;
};
void bpmndoc_count(const struct bpmndoc *doc, struct bpmndoc_counts *counts);

/* bpmndoc_write makes the file again, in UTF-8; *textp: free(). PL_NOMEM. */
enum pl_err bpmndoc_write(char **textp, size_t *lenp, const struct bpmndoc *doc);

/* bpmndoc_compare tells whether two documents hold the same, in the same order and with the same
 * prefixes. PL_STATE with the line of the first difference. */
enum pl_err bpmndoc_compare(const struct bpmndoc *a, const struct bpmndoc *b);

#endif
