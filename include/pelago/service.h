/*
 * pelago/service.h — a service: one process, one database, turns.
 *
 * A turn takes the messages that wait, opens one transaction, runs their handlers, commits once,
 * and only then sends what they staged. A handler reads, decides, then writes: it refuses (returns
 * an error) before its first write. It has no other effects than its writes and what it stages
 * here: its reply, pushes (may be lost), events (never lost, in order within a key), commands
 * (repeated until answered), asks (may be lost: their continuation is called with PL_TIMEOUT),
 * timers.
 *
 * Memory that a service keeps beside its database is derived: on a rolled-back turn the service's
 * rebuild function is called, which makes it anew from the database.
 *
 * Errors of the store are kept in the turn: pl_exec and pl_query after one do nothing, and the turn
 * rolls back whatever the handler returns. So handlers needn't check pl_exec.
 *
 * All of it runs on one thread. JSON values: "gives" means the reference is consumed even on an
 * error.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_SERVICE_H
#define PELAGO_SERVICE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pelago/err.h"
#include "pelago/store.h"

struct pl_service;  /* opaque: the running service */
struct pl_turn;	    /* opaque: the turn that runs; not to be kept */
struct pl_held;	    /* opaque: a request to be answered in a later turn */
struct pl_snapshot; /* see "what is left of old events" */

/* ---- what a service is: tables ---- */

enum {
	PL_OP_READ = 1,	 /* changes nothing: its reply isn't kept for repeats */
	PL_OP_OPENS = 2, /* opens new work: refused while denying or overloaded, or the disk is full
			  */
	PL_OP_FILLS = 4, /* brings much that is kept: refused when the disk is nearly full, so that
			    there is room for what can't be refused */
};

/*
 * An operation answers a request to svc.SERVICE.NAME. *replyp is a new reference given to the
 * caller, or left NULL for {}. An error is answered as {"error":{"code","message"}} with
 * pl_err_detail.
 */
typedef enum pl_err pl_op_fn(struct pl_turn *turn, const json_t *body, json_t **replyp);
struct pl_op {
	const char *name;
	pl_op_fn *fn;
	unsigned flags;
	const char
		*key; /* where the body names the key of the events it emits, "frame.contactId"; or
			 NULL: with it the numbers of a whole batch are read in one statement */
};

struct pl_event {
	const char *producer; /* service that sent it */
	const char *noun, *verb, *key;
	int64_t n;     /* counts the events of producer, noun and key from 1, gapless */
	int64_t at_ms; /* when it was staged, the producer's clock */
	const json_t *body;
};
/* An event handler that returns an error sets the event aside, parks its key and raises an alarm.
 */
typedef enum pl_err pl_event_fn(struct pl_turn *turn, const struct pl_event *event);
struct pl_on_event {
	const char *subject; /* "contact.opened": noun and verb; "contact.*": all verbs */
	pl_event_fn *fn;
};

/* The answer to a command or an ask. */
struct pl_answer {
	const char *operation; /* "WorkAssignment.request" */
	enum pl_err err;
	const char *message; /* of an error */
	const json_t *body;
	json_t *context;      /* what was given along, borrowed; never NULL */
	struct pl_held *held; /* of an ask: the request held for it, or NULL */
};
typedef enum pl_err pl_answer_fn(struct pl_turn *turn, const struct pl_answer *answer);
struct pl_on_answer {
	const char *operation; /* the command's, "WorkAssignment.request"; "*" for all others */
	pl_answer_fn *fn;
};

typedef enum pl_err pl_timer_fn(struct pl_turn *turn, const char *key, const json_t *body);
struct pl_on_timer {
	const char *kind;
	pl_timer_fn *fn;
};

struct pl_service_def {
	const char *name; /* "UCMService" */
	const struct pl_migration *migrations;
	size_t migrations_count;
	/* Each table ends with a row of zeros; NULL is an empty table. */
	const struct pl_op *ops;
	const struct pl_on_event *events;
	const struct pl_on_answer *answers;
	const struct pl_on_timer *timers;
	/*
	 * Called in a turn of its own at start, after the migrations and before the first message,
	 * and again after each rollback: builds derived memory from the database. May be NULL.
	 */
	enum pl_err (*rebuild)(struct pl_turn *turn);
	/* Called in a turn of its own at start and after its settings changed. May be NULL. */
	enum pl_err (*configured)(struct pl_turn *turn);
	/* Called about each tick_ms in a turn of its own; 0 is never. */
	enum pl_err (*tick)(struct pl_turn *turn);
	int tick_ms;
	/*
	 * How long events may wait for others to share their turn while nothing else waits: of a
	 * service whose events nobody waits for. 0: they don't.
	 */
	int gather_ms;
	/* Nouns of events that nobody waits for, up to NULL: they leave up to 50 ms later. */
	const char *const *late;
	/*
	 * Kind of streams ("session" for "session.ID") of which is kept when an edge last asked for
	 * them: an edge asks each 5 s for all that it watches, so silence means that nobody is
	 * connected, also when the edge died and couldn't say so. NULL: none.
	 */
	const char *watched_kind;
	/*
	 * For whoever is behind log and outbox; see "what is left of old events". Both or none,
	 * also of a service without events: NULL. keys   appends to list, in their order, at most
	 * limit keys of noun that come after `after`
	 *          ("" at first) and of which something could be told: the contacts that are held
	 *   state  tells one of them: pl_snapshot_held, pl_snapshot_add. A key that isn't held is
	 * no error; of one whose key is an old id the number of its last event is forgotten, too
	 */
	enum pl_err (*keys)(struct pl_turn *turn, const char *noun, const char *after,
			    int64_t limit, json_t *list);
	enum pl_err (*state)(struct pl_turn *turn, struct pl_snapshot *snapshot);
	/* Called once before the first turn (threads, pools) and once after the last. May be NULL.
	 */
	enum pl_err (*start)(struct pl_service *service);
	void (*stop)(struct pl_service *service);
};

/*
 * pl_service_main runs a service until SIGTERM (a graceful stop: what has come is handled, the
 * outbox is flushed for at most 2 s) and returns its exit status. Arguments: --data DIR --node NODE
 * --bus URL --store URL [--instance ID] [--set KEY=VALUE …]. ID tells two of a service on one node
 * apart: of their heartbeats.
 */
int pl_service_main(int argc, char **argv, const struct pl_service_def *def);

/* ---- what a handler reads ---- */

struct pl_service *pl_turn_service(struct pl_turn *turn);
int64_t pl_turn_now_ms(const struct pl_turn *turn); /* wall clock, the same for the whole turn */
/*
 * pl_turn_steady_ms returns the time by which what is remembered ages: milliseconds that only
 * differ from each other meaningfully. It goes on as long as the service runs, however the wall
 * clock jumps, and after a restart where it was stored last: time away doesn't count.
 */
int64_t pl_turn_steady_ms(const struct pl_turn *turn);
/*
 * pl_turn_answers tells whether the answer of the request that runs goes to an inbox that only the
 * process of that name may read, as the bus has it: what is for its eyes can be said there.
 */
bool pl_turn_answers(const struct pl_turn *turn, const char *process);
/*
 * pl_turn_beat tells the node that a long turn goes on: a service that stands still for a second is
 * ended. For rebuild, at each of many rows.
 */
void pl_turn_beat(struct pl_turn *turn);
const char *pl_service_data(const struct pl_service *service);

/*
 * The level of the solution is the minor of the oldest release whose programs must still read what
 * is written: rows, events, frames, files. pl_level returns it: a service of release 0.2 writes as
 * one of 0.1 did while it is 1, and its own form from 2 on; it reads both always. It is raised when
 * an upgrade is finalized, between two turns, and after the steps of the schema that waited for it
 * (pelago/store.h) were run; it never falls.
 */
int pl_level(const struct pl_service *service);
/* pl_level_want is for whoever keeps the level itself: it is to rise. Otherwise the node says so.
 */
void pl_level_want(struct pl_service *service, int level);

/*
 * The attributes of a service are rows of the manifest.json beside its program
 * (pelago/attribute.h); a key that isn't there is a defect. A value set by an administrator is in
 * effect within a second.
 *
 * pl_attribute_get returns a boolean as 0 or 1, an integer, a duration in its unit, an enumeration
 * as the place of the word among `values`.
 */
int64_t pl_attribute_get(const struct pl_service *service, const char *key);
/* pl_attribute_get_for is pl_attribute_get for the work of a user, whose service profile may say
 * something else. */
int64_t pl_attribute_get_for(const struct pl_service *service, const char *user, const char *key);
/* pl_attribute_text returns a string, an address ("": none) or the word of an enumeration. Borrowed
 * until the end of the turn. */
const char *pl_attribute_text(const struct pl_service *service, const char *key);
/* pl_attribute_secret opens a secret: *secretp is freed, and wiped, by pl_secret_free. PL_NOTFOUND
 * if none is set, PL_STATE if it is sealed for another node, PL_IO. */
enum pl_err pl_attribute_secret(char **secretp, const struct pl_service *service, const char *key);
void pl_secret_free(char *secret); /* takes NULL */
/* Of an attribute with `bySelf`: when it was set (wall clock, 0: it is as normal) and by whom.
 * Borrowed until the end of the turn. */
int64_t pl_attribute_set_ms(const struct pl_service *service, const char *key);
const char *pl_attribute_set_by(const struct pl_service *service, const char *key);

/* pl_exec and pl_query are pl_store_exec and pl_store_query in the turn's transaction; see above.
 */
#define pl_exec(turn, sql, ...) pl_turn_exec(turn, sql, __VA_ARGS__)
enum pl_err pl_turn_exec(struct pl_turn *turn, const char *sql, const char *types, ...);
/* pl_query returns rows to be freed with pl_rows_free, or NULL after a store error.
 * pl_rows_next(NULL) is false. */
struct pl_rows *pl_query(struct pl_turn *turn, const char *sql, const char *types, ...);

/*
 * pl_id writes a new id: a ULID, 26 characters of Crockford's base 32. Those of one thread rise. It
 * is no secret: within a millisecond the next follows from the last. Any thread.
 */
void pl_id(char id[27]);
/* pl_new_key is pl_id for a new key of events or a new stream: the turn then knows that no rows are
 * there yet. */
void pl_new_key(struct pl_turn *turn, char id[27]);

/* ---- what a handler stages; all of it goes out after the commit, or not at all ---- */

/* An event, a command or a frame of more than 1,000,000 bytes of JSON fails its turn. */

/*
 * pl_emit stages an event evt.PARTITION.NOUN.VERB. Gives body. Order within (noun, key) is kept.
 * No verb is called "lot". Returns the event's number within (noun, key), from 1.
 */
int64_t pl_emit(struct pl_turn *turn, const char *noun, const char *verb, const char *key,
		json_t *body);

/*
 * pl_command stages a request to another service that is repeated until it is answered; the answer
 * comes to the table `answers` in a later turn (an error whose row says retry is repeated, not
 * answered). operation  "WorkAssignment.request" lane       commands to one service with the same
 * lane are answered one after the other, in order body       gives context    gives; comes back
 * with the answer; NULL is {}
 */
void pl_command(struct pl_turn *turn, const char *operation, const char *lane, json_t *body,
		json_t *context);

/*
 * pl_command_expire gives up commands that were sent and have had no answer for age_ms: the table
 * `answers` has them in this turn, with PL_TIMEOUT. What the other side did of them isn't known.
 * The time in which the service or the bus was away doesn't count, nor that behind another command
 * of the lane. Call it in a tick.
 *
 *   is_meant  tells which ones, by operation and context
 *
 * Returns how many; at most 50 a call.
 */
typedef bool pl_command_is_fn(const char *operation, const json_t *context);
size_t pl_command_expire(struct pl_turn *turn, int64_t age_ms, pl_command_is_fn *is_meant);

/*
 * pl_ask stages a request whose answer is needed to go on, but by nobody after a crash. fn is
 * called exactly once in a later turn, with PL_TIMEOUT after 3 s. held may be NULL.
 */
void pl_ask(struct pl_turn *turn, const char *operation, json_t *body, pl_answer_fn *fn,
	    struct pl_held *held, json_t *context);

/*
 * pl_hold keeps the request that the handler answers now open, and makes its *replyp ignored.
 * Exactly one pl_reply must follow, in this or a later turn (a process that ends before makes the
 * asker repeat).
 */
struct pl_held *pl_hold(struct pl_turn *turn);
void pl_reply(struct pl_turn *turn, struct pl_held *held, json_t *reply); /* gives; frees held */
void pl_reply_error(struct pl_turn *turn, struct pl_held *held, enum pl_err err,
		    const char *message);

/*
 * Timers are durable, one per (kind, key): setting replaces.
 *
 *   PL_TIMER_HUMAN     somebody is waited for: runs on the monotonic clock, and fires not before
 *                      10 s after a restart of the service or a reconnection of the bus
 *   PL_TIMER_CALENDAR  a moment: follows the wall clock, also where that is put forward or back
 *   PL_TIMER_ELAPSED   so much time: runs on the monotonic clock, whatever happens meanwhile
 */
enum pl_timer_clock { PL_TIMER_HUMAN, PL_TIMER_CALENDAR, PL_TIMER_ELAPSED, PL_TIMER_CLOCKS };
void pl_timer_set(struct pl_turn *turn, const char *kind, const char *key,
		  enum pl_timer_clock clock, int64_t in_ms, json_t *body);
void pl_timer_cancel(struct pl_turn *turn, const char *kind, const char *key);
/* pl_timer_left_ms returns the time until it fires, -1 if there is none. */
int64_t pl_timer_left_ms(struct pl_turn *turn, const char *kind, const char *key);

/* ---- streams: what a person's page must not miss ---- */

/*
 * A stream is a numbered list of frames for the pages of one person or contact, "contact.ID". The
 * SDK answers the operations `heads` and `fetch` on it, with which an edge catches up.
 *
 * pl_stream_name writes KIND.ID, where characters of the id other than letters, digits and -_@+ are
 * %XX. PL_INVALID for an id that is too long.
 */
enum { PL_STREAM_SIZE = 121 }; /* what an edge takes */
enum pl_err pl_stream_name(char stream[PL_STREAM_SIZE], const char *kind, const char *id);
/*
 * pl_stream_append keeps a frame under the next number, which is set as its "seq", and pushes it.
 *   frame       gives
 *   directives  gives: members for the edge beside the frame ("watch", "unwatch", "close"), or NULL
 * Returns the number (from 1).
 */
int64_t pl_stream_append(struct pl_turn *turn, const char *stream, json_t *frame,
			 json_t *directives);
int64_t pl_stream_head(struct pl_turn *turn, const char *stream);
/* pl_stream_frames returns a new array of the frames after a number. */
json_t *pl_stream_frames(struct pl_turn *turn, const char *stream, int64_t after, int limit);
/* pl_stream_trim forgets a stream's frames up to a number; its numbers go on. */
void pl_stream_trim(struct pl_turn *turn, const char *stream, int64_t upto);
/* pl_stream_drop forgets a stream and its frames. */
void pl_stream_drop(struct pl_turn *turn, const char *stream);
/*
 * pl_stream_unwatched_ms returns for how long no edge has asked for a stream of the watched kind:
 * at most the time since the service started, and since the bus was away. pl_stream_watch counts as
 * asking: for a new stream.
 */
int64_t pl_stream_unwatched_ms(struct pl_turn *turn, const char *stream);
void pl_stream_watch(struct pl_turn *turn, const char *stream);
/* pl_push sends a frame that may be lost (typing, queue position) to whoever watches the stream.
 * Gives. */
void pl_push(struct pl_turn *turn, const char *stream, json_t *frame);

/* ---- what is left of old events ---- */

/*
 * Events are kept for days in the log and for minutes in the outbox. Who has missed older ones asks
 * the producer for the present state of their key, told as those of its events by which it came
 * about, under their own numbers and with their own times: a contact's opening, its messages, its
 * close; an agent's latest state. What has been superseded is left out.
 */
struct pl_snapshot {
	const char *noun, *key;
	int64_t after; /* number of the last event that is known: only later ones are wanted */
	int64_t n;     /* number of the key's last event */
	/* Private. */
	json_t *events;
	int64_t last;
	size_t bytes;
	bool is_held, is_full;
};
/* pl_snapshot_held notes that the key is held, though there may be nothing to tell. */
void pl_snapshot_held(struct pl_snapshot *snapshot);
/*
 * pl_snapshot_add tells an event, in the order of n; what isn't wanted is left out. Gives body.
 * Returns false once there is no more room: the rest is asked for with a higher `after`. So nothing
 * may come up later with a number below one that was told. Notes that the key is held.
 */
bool pl_snapshot_add(struct pl_snapshot *snapshot, int64_t n, const char *verb, int64_t at_ms,
		     json_t *body);

/* ---- I/O sides and pools ---- */

/*
 * pl_service_post hands a result of another thread to the turn thread: fn runs in a turn. Gives
 * body. The only call here that other threads may make.
 */
typedef enum pl_err pl_posted_fn(struct pl_turn *turn, json_t *body, void *arg);
void pl_service_post(struct pl_service *service, pl_posted_fn *fn, json_t *body, void *arg);

#endif
