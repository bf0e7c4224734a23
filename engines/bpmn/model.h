/*
 * model.h — a process as it is run: nodes, flows, and what the file says about each.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BPMN_MODEL_H
#define BPMN_MODEL_H

#include "engines/bpmn/bpmn.h"
#include "engines/feel/feel.h"

enum bpmn_part { /* bits of what an element may hold */
		 BPMN_PART_INERT = 0,
		 BPMN_PART_TASK = 1,
		 BPMN_PART_SCRIPT = 2,
		 BPMN_PART_TIMER = 4,
		 BPMN_PART_IO = 8,
		 BPMN_PART_REFUSED = 16,
};

enum bpmn_kind {
	BPMN_NONE,
#define BPMN_KIND(kind, enters, leaves, needs, may) BPMN_##kind,
#include "engines/bpmn/elements.h"
	BPMN_KINDS
};

struct bpmn_kind_row {
	bool enters, leaves;
	unsigned needs, may;
};

extern const struct bpmn_kind_row bpmn_kind_rows[BPMN_KINDS];

struct bpmn_text { /* `=expression`, or a literal */
	struct feel_expr *expr;
	char *literal; /* NULL if expr is set */
};

struct bpmn_mapping {
	struct bpmn_text source;
	char *target; /* names by dots */
};

struct bpmn_mappings {
	struct bpmn_mapping *rows;
	size_t len;
};

struct bpmn_timer {
	bool is_date;
	struct bpmn_text text;
	int64_t due_ms; /* of a literal */
};

struct bpmn_node {
	enum bpmn_kind kind;
	const char *tag; /* of the element table */
	char *id, *name;
	long line;
	unsigned parts; /* bits of enum bpmn_part that it has */
	char *task_type;
	unsigned retries;
	struct feel_expr *script;
	char *result_variable;
	struct bpmn_timer timer;
	struct bpmn_mappings inputs, outputs;
	char *default_id;
	json_t *ranks; /* flow ids to their places among its `outgoing` children; may be NULL */
	unsigned *outgoing; /* places of flows, in that order */
	unsigned outgoing_len, incoming_len;
	int default_flow; /* place, or -1 */
};

struct bpmn_flow {
	char *id, *source_id, *target_id;
	long line;
	unsigned source, target; /* places of nodes */
	struct feel_expr *condition;
};

struct bpmn_model {
	char *process_id, *process_name;
	struct bpmn_node *nodes;
	size_t nodes_len, nodes_cap;
	struct bpmn_flow *flows;
	size_t flows_len, flows_cap;
	json_t *places; /* id to place; flows as ~place */
	unsigned start;
};

/* bpmn_model_place returns the place of a node, or -1. */
int bpmn_model_place(const struct bpmn_model *model, const char *id);

/* bpmn_model_link joins flows and nodes and checks the whole; PL_INVALID with line and reason. */
enum pl_err bpmn_model_link(struct bpmn_model *model);

/* bpmn_timer_resolve reads ISO 8601 text; false for one that names no single moment or length. */
bool bpmn_timer_resolve(int64_t *due_msp, bool is_date, const char *text, size_t len);

#endif
