/*
 * model.h — a process as it is run: scopes, nodes, flows, and what the file says about each.
 *
 * All are arrays, and refer to each other by place. A scope is the process or a sub-process; a node
 * is in one, and a sub-process has one within.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BPMN_MODEL_H
#define BPMN_MODEL_H

#include "engines/bpmn/bpmn.h"
#include "engines/feel/feel.h"
#include "engines/lua/script.h"

enum bpmn_part { /* bits of what an element may hold */
		 BPMN_PART_INERT = 0,
		 BPMN_PART_SCRIPT = 1,
		 BPMN_PART_DECISION = 2,
		 BPMN_PART_TASK = 4,
		 BPMN_PART_CALLED = 8,
		 BPMN_PART_IO = 16,
		 BPMN_PART_PROPERTIES = 32,
		 BPMN_PART_USER = 64,
		 BPMN_PART_LOOP = 128,
		 BPMN_PART_KEY = 256,
		 BPMN_PART_REFUSED = 512,
};

/* BPMN_EVENT(name, tag): the definition that makes an event one of this type. */
#define BPMN_EVENTS                                                                                \
	BPMN_EVENT(PLAIN, "no event definition")                                                   \
	BPMN_EVENT(MESSAGE, "messageEventDefinition")                                              \
	BPMN_EVENT(TIMER, "timerEventDefinition")                                                  \
	BPMN_EVENT(SIGNAL, "signalEventDefinition")                                                \
	BPMN_EVENT(CONDITION, "conditionalEventDefinition")                                        \
	BPMN_EVENT(ERROR, "errorEventDefinition")                                                  \
	BPMN_EVENT(ESCALATION, "escalationEventDefinition")                                        \
	BPMN_EVENT(COMPENSATION, "compensateEventDefinition")                                      \
	BPMN_EVENT(TERMINATE, "terminateEventDefinition")                                          \
	BPMN_EVENT(LINK, "linkEventDefinition")                                                    \
	BPMN_EVENT(CANCEL, "cancelEventDefinition")

enum bpmn_event {
#define BPMN_EVENT(name, tag) BPMN_EV_##name,
	BPMN_EVENTS
#undef BPMN_EVENT
		BPMN_EVENT_COUNT
};

enum bpmn_flows { BPMN_NO, BPMN_MAY, BPMN_MUST };

enum bpmn_kind {
	BPMN_NONE,
#define BPMN_KIND(kind, enters, leaves, needs, may, events) BPMN_##kind,
#include "engines/bpmn/elements.h"
	BPMN_KINDS
};

struct bpmn_kind_row {
	enum bpmn_flows enters, leaves;
	unsigned needs; /* one of these parts */
	unsigned may;
	unsigned events; /* bits by enum bpmn_event */
};

extern const struct bpmn_kind_row bpmn_kind_rows[BPMN_KINDS];
extern const char *const bpmn_event_tags[BPMN_EVENT_COUNT];

struct bpmn_text { /* `=expression`, or a literal; neither if the file says nothing */
	struct feel_expr *expr;
	char *literal;
};

struct bpmn_mapping {
	struct bpmn_text source;
	char *target; /* names by dots */
};

struct bpmn_mappings {
	struct bpmn_mapping *rows;
	size_t len;
};

enum bpmn_timer_kind { BPMN_DURATION, BPMN_DATE, BPMN_CYCLE };

struct bpmn_due { /* when a timer fires */
	bool is_date;
	int64_t due_ms;	   /* since 1970, or from now on */
	int64_t period_ms; /* of a cycle */
	int repeats;	   /* how often more behind that; -1: without end */
};

struct bpmn_timer {
	enum bpmn_timer_kind kind;
	struct bpmn_text text;
	struct bpmn_due due; /* of a literal */
};

struct bpmn_event_part {
	enum bpmn_event type;
	char *ref;	       /* id of a message, signal, error, escalation or activity */
	struct bpmn_text link; /* its name */
	const struct bpmn_text
		*name;		     /* of what ref declares, or its code; the link's; NULL: none */
	const struct bpmn_text *key; /* a message's correlation; NULL: none */
	struct bpmn_timer timer;
	struct feel_expr *condition;
};

enum bpmn_loop_kind {
	BPMN_LOOP_NONE,
	BPMN_LOOP_STANDARD,
	BPMN_LOOP_PARALLEL,
	BPMN_LOOP_SEQUENTIAL
};

struct bpmn_loop_part {
	enum bpmn_loop_kind kind;
	struct feel_expr *condition; /* of a standard loop to go on, of a multi-instance to end */
	struct feel_expr *cardinality, *collection, *output;
	char *element, *output_collection; /* names of variables */
	char *output_name;		   /* where output is but a name; else NULL */
	bool test_before;
	unsigned max; /* of a standard loop; 0: none */
};

struct bpmn_call_part { /* a called process or decision */
	struct bpmn_text id;
	char *binding, *version_tag; /* NULL: latest */
	bool keeps_parent, keeps_child;
};

struct bpmn_property { /* what is said of a task beside its type */
	char *name;
	bool is_header;
	struct bpmn_text value;
};

struct bpmn_node {
	enum bpmn_kind kind;
	const char *tag; /* of the element table */
	char *id, *name;
	long line;
	unsigned parts; /* bits of enum bpmn_part that it has */
	unsigned scope; /* in which it is */
	int inner;	/* scope of a sub-process, or -1 */
	char *task_type;
	unsigned retries;
	unsigned template_version;
	struct feel_expr *script;
	struct script *lua; /* what runs instead, or NULL */
	bool is_lua;
	char *result_variable;
	struct bpmn_event_part event;
	struct bpmn_loop_part loop;
	struct bpmn_call_part call;
	struct bpmn_mappings inputs, outputs;
	struct bpmn_property *properties;
	size_t properties_len;
	char *default_id, *attached_id;
	json_t *ranks; /* flow ids to their places among its `outgoing` children; may be NULL */
	unsigned *outgoing; /* places of flows, in that order */
	unsigned *incoming;
	unsigned outgoing_len, incoming_len;
	int default_flow;     /* place, or -1 */
	unsigned *boundaries; /* places of the events attached to it */
	unsigned boundaries_len;
	int attached_to; /* of a boundary event: place of its activity */
	int target;	 /* of a link: the catching node; of a compensation boundary: the handler;
			  * of a compensation throw: the activity; or -1 */
	int compensator; /* of an activity: its compensation handler, or -1 */
	bool is_interrupting; /* of a boundary event, or the start of an event sub-process */
	bool is_event_sub, is_transaction, is_handler, starts_process;
	bool has_conditions;	 /* on outgoing flows */
	bool needs_frame;	 /* boundary events, mappings, a scope of its own: see frame.c */
	struct bpmn_bits *reach; /* of an inclusive join, by incoming flow */
};

struct bpmn_flow {
	char *id, *source_id, *target_id;
	long line;
	unsigned scope;
	unsigned source, target; /* places of nodes */
	struct feel_expr *condition;
};

struct bpmn_scope {
	int owner;	 /* place of the sub-process, or -1 for the process */
	int start;	 /* place of its start event; -1: none without a trigger */
	int events;	 /* place of the start of the first event sub-process in it, or -1; next by
			  * model.next_events */
	int compensator; /* sub-process that a compensation event starts, or -1 */
};

struct bpmn_declared { /* a message, signal, error or escalation */
	enum bpmn_event type;
	char *id;
	long line;
	struct bpmn_text name, key;
};

struct bpmn_association {
	char *source_id, *target_id;
	long line;
};

struct bpmn_model {
	char *process_id, *process_name, *version_tag;
	struct bpmn_node *nodes;
	size_t nodes_len, nodes_cap;
	struct bpmn_flow *flows;
	size_t flows_len, flows_cap;
	struct bpmn_scope *scopes;
	size_t scopes_len, scopes_cap;
	struct bpmn_declared *declared;
	size_t declared_len, declared_cap;
	struct bpmn_association *associations;
	size_t associations_len, associations_cap;
	int *next_events; /* by node: the next event sub-process's start of the same scope */
	json_t *places;	  /* id to place; flows as ~place */
};

/* bpmn_model_place returns the place of a node, or -1. */
int bpmn_model_place(const struct bpmn_model *model, const char *id);

/* bpmn_model_flow returns the place of a sequence flow, or -1. */
int bpmn_model_flow(const struct bpmn_model *model, const char *id);

/* bpmn_model_link joins flows and nodes; bpmn_model_check holds the rules of each kind. PL_INVALID
 * with line and reason. */
enum pl_err bpmn_model_link(struct bpmn_model *model);
enum pl_err bpmn_model_check(struct bpmn_model *model);

/* bpmn_model_reach finds what an inclusive join may still wait for. */
enum pl_err bpmn_model_reach(struct bpmn_model *model);

/* bpmn_reaches tells whether a token at node `from` could come in by the i-th incoming flow of join
 * without going through it. */
bool bpmn_reaches(const struct bpmn_node *join, unsigned i, unsigned from);

/* bpmn_starts_at tells whether a process may start at a node. */
bool bpmn_starts_at(const struct bpmn_model *model, unsigned node);

/* bpmn_binding tells which version of what it calls a node means; NULL if it calls nothing. */
const char *bpmn_binding(const struct bpmn_node *node);

/* bpmn_is_activity tells tasks, sub-processes and calls from events and gateways. */
bool bpmn_is_activity(const struct bpmn_node *node);

/* bpmn_timer_resolve reads ISO 8601 text; false for one that names no single moment or length, or
 * no cycle R[n]/[start/]period. */
bool bpmn_timer_resolve(struct bpmn_due *duep, enum bpmn_timer_kind kind, const char *text,
			size_t len);

/* bpmn_timer_wants is what text a timer of that kind has. */
const char *bpmn_timer_wants(enum bpmn_timer_kind kind);

/* bpmn_grow makes room for one more of `size` bytes in *rowsp; false without memory. */
bool bpmn_grow(void **rowsp, size_t len, size_t *capp, size_t size);

#endif
