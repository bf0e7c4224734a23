/*
 * alarm.h — alarms: what is wrong, since when, who knows (PLT-32).
 *
 *   alarm.c          the table of alarms; raised, cleared, acknowledged; lists
 *   alarm_watch.c    those that follow from what nodes report
 *   receiver.c       who is told: by mail, webhook or SNMP; a queue for each
 *   sender.c         threads that tell them; mail.c webhook.c snmp.c how
 *
 * An alarm is named by key (tables/alarm.h), source (a service, a node, "manager") and subject. At
 * most one of a name is open; raised again it is counted.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_MANAGER_ALARM_H
#define PELAGO_MANAGER_ALARM_H

#include "manager.h"

struct alarm_kind {
	const char *key, *severity;
	bool ends_itself;
	const char *title, *cause, *fix;
};
/* alarm_kind_get returns the row of a key; of one that a newer program knows a row that says just
 * that. Never NULL. */
const struct alarm_kind *alarm_kind_get(const char *key);

struct alarm_name {
	const char *key, *source, *subject;
	bool is_watched; /* raised by alarm_watch.c, which clears it, too */
};

/* An open alarm, mirrored from the database. */
struct alarm {
	struct alarm *next;
	char id[27];
	char *key, *source, *subject;
	bool is_watched, is_acknowledged;
	bool is_seen; /* alarm_watch.c: what it tells of is still so */
};
extern struct alarm *open_alarms;

extern const char alarm_tables[]; /* a migration */
enum pl_err alarm_rebuild(struct pl_turn *turn);
struct alarm *alarm_find(const struct alarm_name *name);
/* alarm_raise raises or counts; alarm_clear ends an open one. Both tell the receivers. */
void alarm_raise(struct pl_turn *turn, const struct alarm_name *name, const char *reason);
void alarm_clear(struct pl_turn *turn, const struct alarm_name *name);
/* alarm_count returns how many are open that come from a node or a service of a cluster. */
int alarm_count(const struct cluster *cluster);
void alarm_forget_old(struct pl_turn *turn);

/* alarm_watch compares the alarms that follow from reports with those that are open. Each second.
 */
void alarm_watch(struct pl_turn *turn);

/* receiver_tell queues "raised", "cleared" or "acknowledged" for all receivers. */
void receiver_tell(struct pl_turn *turn, const char *what, const json_t *alarm);
enum pl_err receiver_rebuild(struct pl_turn *turn);
void receiver_beat(struct pl_turn *turn); /* sends what is due */
void receiver_stop(void);

enum pl_err op_alarm(struct pl_turn *turn, const json_t *body, json_t **replyp);
enum pl_err op_alarms(struct pl_turn *turn, const json_t *body, json_t **replyp);
enum pl_err op_alarm_show(struct pl_turn *turn, const json_t *body, json_t **replyp);
enum pl_err op_alarm_ack(struct pl_turn *turn, const json_t *body, json_t **replyp);
enum pl_err op_receivers(struct pl_turn *turn, const json_t *body, json_t **replyp);
enum pl_err op_receiver_set(struct pl_turn *turn, const json_t *body, json_t **replyp);
enum pl_err op_receiver_remove(struct pl_turn *turn, const json_t *body, json_t **replyp);
enum pl_err op_receiver_test(struct pl_turn *turn, const json_t *body, json_t **replyp);

#endif
