/*
 * designer.h — what the files of EngagementDesigner share.
 *
 *   main.c        tables                          task.c      operations that a workflow may use
 *   definition.c  workflows: kept, deployed       gold.c      those delivered with the program
 *   instance.c    instances: started, ended       step.c      one call of the engine, what follows
 *   history.c     instances: listed, swept        await.c     messages, signals, calls, people
 *   rule.c        routing rules, kept             choice.c    which rule a contact meets
 *   cache.c       models, parsed once             web.c       the same operations over HTTP
 *   snapshot.c    started and ended, told again   incident.c  what can't go on: retried, skipped
 *   replace.c     what an upgrade replaces
 *   decision.c    decisions: kept, deployed       binding.c   which version a call means
 *   event_type.c  the catalogue of events         filter.c    a rule's filters
 *   migration.c   many to another version         move.c      one to another version, and back
 *   outside.c     events that other systems post  age.c       tasks that are out of date
 *   starter.c     what starts workflows beside contacts
 *   message.c     messages that nobody waited for yet
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DESIGNER_H
#define DESIGNER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "pelago/service.h"

enum {
	NAME_MAX_BYTES = 100, /* of a workflow */
	TITLE_MAX = 200,      /* bytes of a workflow's title; longer ones are cut */
	XML_MAX = 262144,     /* bytes of a file as it is: what the bus carries */
	FILE_MAX = 8388608,   /* bytes of a workflow's file, packed on the bus */
	STATE_MAX = 262144,   /* bytes of an instance's state, and of a task's input */
	PAGE_BYTES =
		500000,	  /* of texts without a size of their own: with one more it rides the bus */
	CONTACT_MAX = 64, /* bytes of a contact's id */
	CONDITION_MAX = 4000, /* bytes of a rule's condition */
};

extern const struct pl_migration designer_migrations[];
extern const size_t designer_migrations_count;

/* ---- workflows ---- */

struct bpmn_model;

struct definition {
	const char *name; /* NULL: the process's id */
	const char *xml;
	size_t xml_len;
	const char *by; /* who brings it */
	bool deploy, out_of_box;
};

/*
 * definition_add checks a file and keeps it as the next version of its name, unless it is the
 * highest one's very text. *replyp says which it is. Refuses before it writes.
 */
enum pl_err definition_add(struct pl_turn *turn, const struct definition *definition,
			   json_t **replyp);

/* definition_model finds the parsed model of a version; borrowed until the next call. */
enum pl_err definition_model(struct pl_turn *turn, const char *name, int64_t version,
			     const struct bpmn_model **modelp);

/* definition_check_name refuses what is no name of a workflow or decision file. */
enum pl_err definition_check_name(const char *name);
/* definition_read_version reads a name, and a version (0: none) from a request; _xml a file. */
enum pl_err definition_read_version(const json_t *body, const char **namep, int64_t *versionp);
enum pl_err definition_read_xml(const json_t *body, const char **xmlp, size_t *lenp);
/* definition_put_xml puts a file into a reply: as it is, or packed where it is too large for that.
 */
enum pl_err definition_put_xml(json_t *reply, const char *xml);
/* definition_check says what stands in the way of running a version: PL_INVALID, PL_NOTFOUND. */
enum pl_err definition_check(struct pl_turn *turn, const char *name, int64_t version);

void definition_hash(char hash[65], const char *xml, size_t xml_len); /* SHA-256, hexadecimal */

/* gold_import brings in the out-of-the-box workflows beside the program; once in a process's life.
 */
enum pl_err gold_import(struct pl_turn *turn);

pl_op_fn op_workflows, op_workflow, op_import, op_validate, op_deploy, op_undeploy;

/* ---- routing rules ---- */

struct route {
	char workflow[NAME_MAX_BYTES + 1];
	int64_t version; /* 0: no rule fits */
};

/* rule_route chooses the workflow of an event. variables: {contact:{…}}, or {event:{…}} of one from
 * outside. */
void rule_route(struct pl_turn *turn, const char *event, const json_t *variables,
		struct route *route);
/* rule_add_default makes the default rule of a channel, if it has none. */
void rule_add_default(struct pl_turn *turn, const char *event, const char *channel,
		      const char *workflow);

pl_op_fn op_rules, op_set_rule, op_delete_rule, op_recreate_rules;
/* What was called otherwise: its rules are kept on record, made anew under the new name. */
extern const char rule_old_event[], rule_new_event[];

/* ---- replace.c ---- */

pl_op_fn op_replaceable, op_replace, op_aim_rules, op_replace_back;

/* ---- instances ---- */

pl_event_fn instance_on_opened, instance_on_closed;
/* snapshot.c: see struct pl_service_def */
enum pl_err designer_keys(struct pl_turn *turn, const char *noun, const char *after, int64_t limit,
			  json_t *list);
enum pl_err designer_state(struct pl_turn *turn, struct pl_snapshot *snapshot);
pl_answer_fn instance_on_answer;
pl_timer_fn instance_on_timer;
enum pl_err instance_tick(struct pl_turn *turn);
void instance_sweep(struct pl_turn *turn); /* those that ended long ago */

pl_op_fn op_instances, op_instance;

#endif
