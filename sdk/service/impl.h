/*
 * impl.h — what the files of the turn engine share.
 *
 *   main.c      arguments, start, the loop
 *   end.c       giving the work to whoever waits for it
 *   turn.c      a batch of work in one transaction; rollback, halves, what is set aside
 *   gather.c    how long events wait for others
 *   request.c   operations, repeats, held requests
 *   builtin.c   ping, heads, fetch, events, metrics
 *   outbox.c    events out: numbers, publishing, acknowledgements, rotation
 *   out.c       one of them
 *   lot.c       several in one message
 *   snapshot.c  and the state that is left of them
 *   reader.c    events in: positions, repeats
 *   gap.c       and what is missing of them
 *   survey.c    and of which keys
 *   command.c   commands and asks
 *   timer.c     durable timers
 *   retire.c    numbers that are forgotten with their keys
 *   stream.c    numbered frames for pages
 *   steady.c    the clock by which what is remembered ages
 *   alarm.c     alarms, as commands to the manager
 *   config.c    desired settings from the node, heartbeat
 *   level.c     what form is written, and the schema up to it
 *
 * All memory here is derived from the tables of schema.c: after a rollback it is read anew.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_SDK_SERVICE_IMPL_H
#define PELAGO_SDK_SERVICE_IMPL_H

#include <pthread.h>
#include <uthash.h>

#include "pelago/alarm.h"
#include "pelago/bus.h"
#include "pelago/heartbeat.h"
#include "pelago/json.h"
#include "pelago/log.h"
#include "pelago/metric.h"
#include "pelago/service.h"

enum {
	TURN_ITEMS = 1024,   /* work in one turn at most */
	QUEUE_ITEMS = 8192,  /* work that waits at most, before the bus isn't read */
	OUTBOX_DEEP = 20000, /* events without acknowledgement: no new work beyond */
	REQUEST_KEPT_MS = 600000,
	OUTBOX_KEPT_MS = 300000,
	SEEN_KEPT_MS = 8 * 86400000, /* longer than the log keeps events */
	GRACE_MS = 10000,
	YIELD_MS = 3000, /* one that shall be a standby doesn't reach for the database before */
	ID_MARK_MS = 1000,
	ASK_MS = 3000,
	REPLY_MOST = 1000000, /* bytes; the bus takes 1 MiB with headers */
	CACHE_ITEMS = 4096,
	WATCHED_ITEMS = 100000,
	FETCH_BYTES = 512 << 10, /* in an answer to `fetch` or `events`: the bus carries 1 MiB */
	POSTED_LATER_MS = 500,	 /* until what was posted is tried again */
	STORE_LOST_MS = 1000,	 /* a database that is away longer is told */
	DISK_LEAST = 32 << 20,	 /* bytes free below which no new work is taken */
};

/* ---- work: what waits for a turn ---- */

enum work_kind {
	WORK_REQUEST,  /* text: operation; id, reply, body */
	WORK_EVENT,    /* reader, seq, id: identity, body */
	WORK_REPAIR,   /* of a gap: body = answer of `events` */
	WORK_RESTATED, /* an event of a snapshot: body; seq: number of the one before it */
	WORK_SNAPSHOT, /* the end of a page of a snapshot: json = the page without its events */
	WORK_KEYS,     /* of a survey: reader, json = answer of `keys`; generation: its number */
	WORK_ANSWER,   /* of a command: id, body */
	WORK_ASKED,    /* of an ask: ask */
	WORK_TIMER,    /* timer's kind and key in text and id */
	WORK_POSTED,   /* posted_fn, posted_arg, json */
	WORK_TICK,
	WORK_REBUILD,
};

struct reader;
struct ask;

struct work {
	struct work *next;
	enum work_kind kind;
	char *text, *id, *reply; /* in room, as is the body */
	char *body;
	size_t body_len;
	json_t *json;
	struct reader *reader;
	unsigned generation; /* of the reader */
	int64_t seq;
	struct ask *ask;
	pl_posted_fn *posted_fn;
	void *posted_arg;
	const char *aside; /* why it is set aside in this turn instead of handled, or NULL */
	char room[];
};

struct queue {
	struct work *first, **last;
	size_t len, events; /* events: how many of len are WORK_EVENT */
};
void queue_init(struct queue *q);
void queue_put(struct queue *q, struct work *w);
struct work *queue_get(struct queue *q);
struct work *work_new(enum work_kind kind, const char *text, const char *id, const char *reply,
		      const void *body, size_t body_len); /* NULL without memory */
void work_free(struct work *w);

/* ---- derived memory ---- */

struct count { /* an event key's last number: what we sent, or what we have seen */
	UT_hash_handle hh;
	int64_t n;
	char name[]; /* "noun key", "producer noun key", or a stream */
};
/* count_find moves what it finds to the young end; count_put bounds the table. */
struct count *count_find(struct count **table, const char *name);
void count_put(struct count **table, const char *name, int64_t n);
void count_put_most(struct count **table, const char *name, int64_t n, unsigned most);
void count_clear(struct count **table);

struct out {		   /* an outbox row without acknowledgement that is in memory */
	UT_hash_handle hh; /* by seq */
	struct out *next;
	int64_t seq;
	int64_t sent_ms; /* monotonic, 0: not on its way */
	int64_t due_ms;	 /* monotonic: until then it waits for others, 0: it doesn't */
	unsigned lot;	 /* events in the message that ended with it; 0: none did */
	bool acked;
	char *noun, *subject, *msg_id, *body;
};

struct timer {
	UT_hash_handle hh;
	int64_t due_ms; /* monotonic for human, wall for calendar */
	enum pl_timer_clock clock;
	bool queued; /* waits in the work queue */
	size_t slot; /* in the heap of its clock */
	char *kind;
	char name[]; /* "kind key" */
};

struct timer_heap {
	struct timer **slots;
	size_t len, cap;
};

struct command {
	UT_hash_handle hh;    /* by id */
	struct command *next; /* in its lane */
	struct lane *lane;
	int64_t next_ms; /* monotonic time to send (again); INT64_MAX: an answer waits for its turn
			  */
	int64_t pause_ms;
	int64_t since_ms; /* monotonic: first sent, or the bus came back; 0: not sent yet */
	char *operation, *body, *context;
	char id[27];
};

struct lane {
	UT_hash_handle hh;
	struct command *first, **last;
	char name[]; /* "Service lane" */
};

struct ask {
	UT_hash_handle hh;
	char id[27];
	char *operation, *body;
	pl_answer_fn *fn;
	struct pl_held *held;
	json_t *context;
	int64_t deadline_ms, next_ms; /* monotonic */
	enum pl_err err;
	json_t *answer;
	char *message;
	bool done; /* its work is queued */
};

struct pl_held {
	UT_hash_handle hh; /* by id, if it has one */
	char *reply;
	bool remember;
	char id[];
};

struct survey { /* which keys have been missed? See survey.c */
	bool is_on, is_stored;
	unsigned number;
	size_t producer; /* of the reader's list: the one being asked */
	char after[301];
	int64_t next_ms; /* when to ask (again) */
	/* what the running turn makes of it */
	bool turn_stored, turn_step, turn_is_end, turn_log;
	size_t turn_producer;
	char turn_after[301];
};

struct reader {
	struct reader *next;
	char *noun;
	struct pl_service *service;
	struct pl_subscription *sub;
	unsigned generation;
	enum { READER_OFF, READER_ASKED, READER_ON } state;
	int64_t seq;	  /* stored position: sequence of the last message taken */
	char *identity;	  /* and its identity; NULL at the beginning */
	int64_t turn_seq; /* position within the running turn */
	char *turn_identity;
	bool compare; /* the next message is the one at the position */
	bool rewind;  /* once this turn commits: read from the beginning */
	int64_t consumer_seq;
	int64_t pending;   /* messages that the server has yet; INT64_MAX: unknown */
	json_t *producers; /* names of services; NULL: the node didn't say */
	struct survey survey;
	int64_t log_now, log_stored; /* number of the log, as the node says and as it was */
	int64_t heard_ms;	     /* monotonic */
	int64_t next_ms;	     /* when to ask the node (again) */
	int64_t lost_ms; /* when our place is lost unless a message comes before; 0: it isn't */
};

struct gap { /* events of a key are missing: the producer is asked until they are here */
	UT_hash_handle hh;
	int64_t first, upto; /* passed over: the first, and the highest */
	int64_t oldest;	     /* that the producer keeps, as it last said; 0: none */
	bool wants_state;    /* log and producer have them no more: its state is asked for */
	int64_t next_ms, pause_ms;
	char *producer, *noun, *key;
	char name[]; /* "producer noun key" */
};

/* ---- staged: goes out after the commit ---- */

struct staged {
	struct staged *next;
	enum {
		STAGED_REPLY,
		STAGED_PUSH,
		STAGED_OUT,
		STAGED_COMMAND,
		STAGED_ASK,
		STAGED_DONE,	 /* forget the command named id */
		STAGED_HELD,	 /* held was made: a rollback drops it */
		STAGED_HELD_END, /* held was answered: the commit drops it */
		STAGED_ASK_END,	 /* ask was handled: the commit frees it */
	} kind;
	char *subject, *body;
	struct out *out;
	struct command *command;
	char *lane;
	struct ask *ask;
	struct pl_held *held;
	char *id;
};

struct pl_turn {
	struct pl_service *service;
	int64_t id, now_ms;
	enum pl_err err; /* first store error: the turn rolls back */
	unsigned writes; /* made by the handler that runs */
	struct staged *staged, **staged_last;
	struct work *work;    /* that runs */
	struct pl_held *held; /* set by pl_hold for the request that runs */
	json_t *known;	      /* prefetched replies by request id */
	json_t *numbers;      /* keys whose numbers were prefetched */
	char fresh[64][27];   /* ids made by pl_new_key in this turn: no rows can be there yet */
	unsigned fresh_len;
};

struct pl_service {
	const struct pl_service_def *def;
	const char *data, *node, *bus_url, *store_url;
	const char *instance; /* of two on one node: "", or "2" */
	char dir[512];
	json_t *set; /* --set */
	struct pl_store *store;
	struct pl_bus *bus;
	char inbox[96];
	struct pl_subscription *subs[6];
	struct queue queue;
	int64_t turn_id, incarnation, epoch;
	int64_t steady_ms; /* of pl_turn_steady_ms, when the monotonic clock is 0 */
	char boot_id[40];
	bool stopping, running;
	bool owns, waits;	 /* the database is ours; another process owns it, as was seen */
	bool is_loaded;		 /* all derived memory is there */
	bool has_all;		 /* end.c: what was sent to it has come */
	int64_t gather_until_ms; /* monotonic: until when late events wait; 0: there are none */

	/* request.c */
	struct pl_held *held;
	int64_t id_mark_ms, id_stored_ms;
	int64_t purge_ms, purge_kept; /* next purge, at the latest; replies kept since the last */
	char purged_key[512];	      /* of pl_seen, the last that was looked at */
	/* retire.c */
	char retire_after[301], retire_noun[101]; /* of pl_key, the last that was looked at */
	char retired_key[27];			  /* the highest that was forgotten, or "" */
	int64_t retired_n;			  /* the highest number of them */
	/* outbox.c */
	struct count *sent;
	struct out *out_first, **out_last, *out_next, *outs; /* out_next: the first not sent */
	int64_t out_going, out_window; /* sent without acknowledgement, and how many may be */
	unsigned out_late;	       /* that wait for others */
	int64_t out_due_ms;	       /* monotonic: when the first of them is due, 0: none waits */
	size_t out_bytes;	       /* in memory */
	int64_t taken_seq, read_seq;   /* last row of the tables, and last that came to memory */
	int64_t read_ms;	       /* no reading before */
	/* out_len: all without acknowledgement, also those that are in their table only */
	int64_t out_len, out_seq, acked_seq, acked_stored, ack_stored_ms, rotated_ms, rotated_seq,
		resend_ms, looked_ms;
	int64_t acked_lot; /* events in the message that ended with acked_seq */
	int64_t probe_ms,
		kept_at;   /* when to probe again, 0: not; last row published again, -1: none */
	bool kept_left;	   /* there were more rows to publish again */
	bool kept_stored;  /* the next process is told that it publishes them again */
	int64_t again_ms;  /* it isn't told before */
	bool probe_is_out; /* it isn't answered */
	char out_table;
	/* reader.c */
	struct reader *readers;
	struct count *seen;
	struct gap *gaps;
	/* command.c */
	struct command *commands;
	struct lane *lanes;
	struct ask *asks;
	/* timer.c */
	struct timer *timers;
	struct timer_heap heaps[PL_TIMER_CLOCKS];
	char **touched; /* names of timers that the running turn set, cancelled or ran */
	size_t touched_len, touched_cap;
	bool touched_lost; /* there was no memory for one */
	int64_t grace_ms;  /* monotonic: no person's timer fires before */
	/* stream.c */
	struct count *heads;
	/* alarm.c: monotonic ms when one was raised last, 0: cleared */
	struct count *alarms;
	struct count *watched; /* monotonic ms when an edge last asked */
	int64_t watched_since_ms;
	/* config.c */
	bool accepting, disk_low;
	json_t *config;
	int64_t config_mtime_ns, config_ms, disk_ms, tick_ms;
	int64_t command_ms; /* when commands were last looked through */
	volatile struct pl_heartbeat *heartbeat;
	/* level.c: that holds; that the node wants, 0: as it is; when to try again; what failed */
	int level, level_wanted;
	int64_t defects; /* requests that it answered with a defect of its own */
	int64_t level_ms;
	char level_why[256];
	/* attribute.c */
	json_t *manifest;
	struct setting *settings;
	size_t settings_len;
	json_t *members; /* {USER: PROFILE} */

	int wake_fd, signal_fd;
	pthread_mutex_t posted_lock;
	struct queue posted;
	int64_t posted_later_ms; /* what couldn't be stored isn't tried before */
};

int64_t mono_ms(void);
int64_t wall_ms(void);
int64_t steady_ms(const struct pl_service *s);
enum pl_err steady_load(struct pl_service *s); /* after outbox_load */
bool is_fresh(const struct pl_turn *turn, const char *id);
void id_after(const char id[27]); /* what pl_id makes on this thread comes after */
/*
 * Ids rise over restarts too, even if the clock is put back meanwhile: none is a second or more
 * newer than a mark that is stored with them. id_load takes it at the start; id_mark returns the
 * one to be stored in this turn, 0 if the stored one will do.
 */
void id_load(struct pl_service *s, int64_t mark_ms);
int64_t id_mark(struct pl_service *s);
bool too_large(struct pl_turn *turn, const char *what, const char *text); /* fails the turn */

/* main.c: waits for so long at most, takes what came, and runs a turn of it */
void service_turn(struct pl_service *s, int wait_ms);

/* end.c */
void service_end(struct pl_service *s);

/* turn.c */
void turn_run(struct pl_service *s);
enum pl_err turn_alone(struct pl_service *s,
		       enum work_kind kind);		   /* a turn of one tick or rebuild */
struct staged *turn_stage(struct pl_turn *turn, int kind); /* NULL: the turn fails with PL_NOMEM */
void turn_fail(struct pl_turn *turn, enum pl_err err);

/* gather.c: how long the queue's events may still wait for more, in ms */
int64_t gather_late_ms(struct pl_service *s);

/* request.c */
void request_subscribe(struct pl_service *s, enum pl_err *errp);
void request_prefetch(struct pl_turn *turn, struct work **items, size_t count);
void request_keys(struct pl_service *s, struct work *w, json_t *keys);
void request_run(struct pl_turn *turn, struct work *w);
void request_refuse(struct pl_service *s, struct work *w, enum pl_err err, const char *message);
bool request_wants_purge(const struct pl_service *s);
void request_purge(struct pl_turn *turn);
void held_drop(struct pl_service *s, struct pl_held *held);
char *error_body(enum pl_err err, const char *message);

/* out.c */
struct out *out_new(const struct pl_service *s, int64_t seq, const char *noun, const char *verb,
		    const char *key, int64_t n, const char *body); /* NULL without memory */
void out_free(struct out *out);

/* lot.c: a message of several events, one a line, has this verb */
#define LOT_VERB "lot"
enum { LOT_EVENTS = 64, LOT_ID = 1400 /* bytes of an identity */ };
struct lot {
	struct out *first, *last;
	unsigned count;
	size_t len; /* of their texts, a line each */
};
/* lot_of: first, and what follows of its noun and waits, none left out; at most so many. What was
 * sent together before is together again. */
struct lot lot_of(struct out *first, unsigned most);
struct out *lot_next(const struct lot *lot, struct out *out); /* NULL behind the last */
/* lot_id writes the identity of one of count events that ends with out. */
void lot_id(char id[LOT_ID], const struct out *out, int64_t count);
/* The acknowledgement comes to ack.SEQ, of several ack.FIRST-LAST. PL_NOMEM, or of pl_bus_publish.
 */
enum pl_err lot_publish(struct pl_service *s, const struct lot *lot);
void lot_sent(struct pl_service *s, const struct lot *lot); /* it is on its way */
enum pl_err out_publish(struct pl_service *s, const struct out *out, int64_t ack);
bool out_waits(const struct out *out); /* it isn't sent yet */

/* outbox.c */
void outbox_prefetch(struct pl_turn *turn, json_t *keys);
enum pl_err outbox_load(struct pl_service *s);
enum pl_err outbox_load_meta(struct pl_service *s); /* what a rolled-back turn may have changed */
void outbox_take(struct pl_service *s, struct out *out); /* after the commit */
void outbox_send(struct pl_service *s);			 /* what was taken */
int64_t outbox_wait_ms(const struct pl_service *s);	 /* until something is due; -1: nothing */
void outbox_resend(struct pl_service *s);		 /* all without acknowledgement */
void outbox_probe(struct pl_service *s);
void outbox_resend_kept(struct pl_service *s); /* all that is kept, bit by bit */
void outbox_beat(struct pl_service *s);
void outbox_keep(struct pl_turn *turn);	  /* stores the watermark, rotates */
void meta_keep_ids(struct pl_turn *turn); /* stores the mark of ids that the turn made */
bool outbox_wants_turn(struct pl_service *s);
void on_ack(const struct pl_message *m, void *arg);

/* reader.c */
enum pl_err reader_load(struct pl_service *s);
void reader_beat(struct pl_service *s);
void reader_restart_all(struct pl_service *s);
void reader_end_all(struct pl_service *s); /* no more of them is taken */
void reader_run(struct pl_turn *turn, struct work *w);
void reader_restate(struct pl_turn *turn, struct work *w);
void reader_prefetch(struct pl_turn *turn, struct work **items, size_t count, json_t *keys);
void reader_store(struct pl_turn *turn);
void reader_purge(struct pl_turn *turn);
void reader_settle(struct pl_service *s, bool committed);
void reader_set_aside(struct pl_turn *turn, struct work *w);
enum { SEEN_NAME = 700 };
void seen_name(char name[SEEN_NAME], const struct pl_event *e); /* "producer noun key" */
int64_t last_seen(struct pl_turn *turn, const char *name, const struct pl_event *e);
void set_seen(struct pl_turn *turn, const char *name, const struct pl_event *e); /* to e->n */
bool event_read(struct pl_event *e, const json_t *json); /* e borrows from json */

/* gap.c */
enum pl_err gap_load(struct pl_service *s); /* anew */
void gap_beat(struct pl_service *s, int64_t now);
void gap_note(struct pl_turn *turn, const char *name, const struct pl_event *e);
void gap_filled(struct pl_turn *turn, const char *name, const struct pl_event *e);
void gap_hurry(struct pl_service *s, const struct pl_event *e);
void gap_repair(struct pl_turn *turn, struct work *w);
void gap_restated(struct pl_turn *turn, struct work *w);
void on_repair(const struct pl_message *m, void *arg);
void on_snapshot(const struct pl_message *m, void *arg);

void gap_silent(struct pl_turn *turn, const struct pl_event *e); /* if the key is behind e->n */

/* survey.c */
void survey_begin(struct reader *r);
void survey_log(struct reader *r, int64_t number);
enum pl_err survey_load(struct pl_service *s);
void survey_beat(struct pl_service *s, struct reader *r, int64_t now);
void survey_store(struct pl_turn *turn, struct reader *r);
void survey_settle(struct reader *r, bool committed);
void survey_run(struct pl_turn *turn, struct work *w);
void on_keys(const struct pl_message *m, void *arg);

/* snapshot.c */
enum pl_err op_snapshot(struct pl_turn *turn, const json_t *body, json_t **replyp);
enum pl_err op_keys(struct pl_turn *turn, const json_t *body, json_t **replyp);

/* command.c */
enum pl_err command_load(struct pl_service *s);
void command_beat(struct pl_service *s);
void command_take(struct pl_service *s, struct command *c, const char *lane);
void command_forget(struct pl_service *s, const char *id);
void command_run(struct pl_turn *turn, struct work *w);
void command_failed(struct pl_service *s, const char *id);
void command_grace(struct pl_service *s); /* the time without bus doesn't count */
void command_free(struct command *c);
void ask_take(struct pl_service *s, struct ask *ask);
void ask_run(struct pl_turn *turn, struct work *w);
void ask_free(struct ask *ask);
void ask_refuse(struct pl_service *s, struct ask *ask, enum pl_err err);
void on_answer(const struct pl_message *m, void *arg);
void on_asked(const struct pl_message *m, void *arg);

/* timer.c */
enum pl_err timer_load(struct pl_service *s);
enum pl_err timer_restore(struct pl_service *s); /* after a rollback: what its turn touched */
void timer_settle(struct pl_service *s);	 /* after a commit */
void timer_beat(struct pl_service *s);
void timer_run(struct pl_turn *turn, struct work *w);
void timer_grace(struct pl_service *s);
void timer_later(struct pl_service *s, struct work *w, int64_t ms);
int64_t timer_next_ms(struct pl_service *s); /* until the next fires; at most 250 */

/* builtin.c: NULL if it isn't one */
const struct pl_op *builtin_find(const char *name);
void on_metrics(const struct pl_message *m, void *arg);

/* stream.c: as many frames as fit, but at least one */
json_t *stream_frames(struct pl_turn *turn, const char *stream, int64_t after, int limit,
		      size_t most_bytes);

/* retire.c */
enum pl_err retire_load(struct pl_service *s);
void retire_some(struct pl_turn *turn); /* in a tick */
/* What a key without a row has counted to, at the most. */
int64_t retired_number(const struct pl_service *s, const char *key);

/* alarm.c: raises one in a turn of its own; the texts are copied */
void alarm_post(struct pl_service *s, const char *key, const char *subject, const char *reason);

/* level.c */
enum pl_err level_open(struct pl_service *s); /* migrates; the store is open, and ours */
void level_wish(struct pl_service *s, int64_t level);
void level_beat(struct pl_service *s); /* between turns: rises to what is wanted */
/* describe.c */
bool describe_is_asked(int argc, char **argv);
int describe(const struct pl_service_def *def); /* exit status */
/* config.c */
enum pl_err config_open(struct pl_service *s);
void config_beat(struct pl_service *s);

/* attribute.c */
enum pl_err attribute_open(struct pl_service *s);
void attribute_apply(struct pl_service *s);	    /* after s->config changed */
json_t *attribute_late(const struct pl_service *s); /* keys of those that wait for a restart */
/* the manifest's; without one that of the SDK */
const char *attribute_version(const struct pl_service *s);

/* secret.c */
enum pl_err secret_open(char **secretp, const struct pl_service *s, const char *sealed);

/* schema.c */
extern const struct pl_migration sdk_migrations[];
extern const size_t sdk_migrations_count;

#endif
