/*
 * node.h — what the files of the node share.
 *
 *   main.c     arguments, the loop, the bus, stop
 *   desired.c  what should run: the cached file, the manager's newer one, applying it
 *   service.c  one service: its process, its settings file, is it serving
 *   seal.c     the key to which secrets are sealed for this node
 *   handover.c one version of a service takes over from another
 *   bundle.h   the bundles from which services run
 *   platform.h this host's own programs
 *   eventlog.c keeps the stream EVT in being, creates readers of it for services
 *   eventing.c brokers, streams and readers, for the manager
 *   logs.c     lines that tell of one contact, for the manager
 *   metrics.c  what it counts
 *   netstat.h  figures of its host's network, for PacketMetric
 *   check.h    maintenance tests
 *   alarm.c    what is wrong here, for the report
 *   report.c   tells the manager how it is
 *
 * The node goes by its own copy of the desired state (PLT-4): without manager and without bus it
 * starts and serves what it last knew. It never blocks for longer than opening the bus takes
 * (OPEN_MS).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_NODE_H
#define PELAGO_NODE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "pelago/bus.h"
#include "pelago/nkey.h"
#include "platform/node/bundle.h"
#include "platform/node/floating.h"
#include "platform/node/overload.h"
#include "platform/node/platform.h"
#include "platform/setup/checksum.h"
#include "platform/supervise/lock.h"
#include "platform/supervise/supervise.h"

enum {
	OPEN_MS = 250, /* one try to open the bus */
	REPORT_MS = 1000,
	REPORT_AGAIN_MS = 100, /* when no manager was there */
	ASK_MS = 1000,	       /* a question without answer is asked again */
	PING_MS = 200,	       /* while a service isn't known to serve as it should */
	PING_NEW_MS = 1000,    /* of one that was started less than NEW_MS ago */
	PING_CALM_MS = 5000,   /* else */
	NEW_MS = 30000,
	PING_STALE_MS = 15000,
	BEAT_LOOK_MS = 200, /* between looks at a service's heartbeat */
	MEMORY_MS = 10000,
	BUSY_MS = 10,	   /* while somebody waits for what is gathered */
	LOOK_MS = 3000,	   /* at the copy of the desired state */
	READERS_MAX = 256, /* requests for readers under way */
	TURN_MESSAGES = 256,
	SEAL_KEY_SIZE = 45, /* base64 of 32 bytes, and its end */
};

struct service {
	struct service *next;
	struct node *node;
	char *name, *version, *hash;   /* hash: of the bundle that shall run */
	char key[PL_NKEY_PUBLIC_SIZE]; /* public, of its user of the bus */
	struct process *process;       /* NULL until its bundle was there once */
	char *spec_hash;	       /* of the bundle that the process is specified by */
	/* handover.c */
	struct process *heir; /* of another version, beside it until it takes over; or NULL */
	char *heir_hash;
	int slot;	   /* of process, 0 or 1; heir has the other one */
	int64_t warm_ms;   /* since when it is fit to take over; 0: it isn't */
	bool hands_over;   /* process was told to end */
	json_t *reads;	   /* nouns whose events it may read */
	json_t *producers; /* {NOUN: [services that publish it]}, or NULL */
	bool is_accepting; /* as desired */
	bool is_leaving;   /* not desired any more: removed once it has ended */
	bool is_standby;   /* as desired: another node's instance shall do the work */
	bool waits;	   /* as its heartbeat says: another process owns the database */
	pid_t waits_pid;   /* of which process that was read */
	int64_t looked_ms; /* at the heartbeat */
	/* What its own answer to `ping` said. */
	pid_t ping_pid;
	bool ping_accepting;
	int64_t ping_settings; /* the commit whose settings are in effect */
	json_t *ping_restart;  /* keys of attributes that wait for a restart; NULL: not asked yet */
	int ping_level;
	char ping_release[64];	  /* of the SDK that it was built with */
	char ping_level_why[256]; /* why it doesn't rise, or "" */
	int64_t ping_outbox;	  /* messages that it has to deliver */
	int64_t ping_defects;	  /* requests that it answered with a defect of its own */
	int64_t ping_sent_ms, ping_heard_ms;
	int64_t settings;	       /* as written to its file */
	bool told_serving, told_waits; /* what the last report said */
	int64_t memory_bytes, memory_ms;
};

struct reader_request { /* given on to the bus's server; its answer goes back to who asked */
	char *reply;
	json_t *producers; /* of what it reads */
	int64_t at_ms;
	unsigned number;
};

struct node {
	const char *data, *name, *bus_url;
	char *programs, *store, *store_password; /* store: template */
	struct supervisor *supervisor;
	struct service *services;
	struct copy *copies;			    /* bundle.h */
	bool speaks;				    /* for its host: platform.h */
	int64_t swept_ms, programs_ms, programs_ns; /* ns: time of programs.json */
	int wake_fd;				    /* something was done beside the loop */

	struct pl_bus *bus; /* NULL until it was open once */
	char inbox[96];
	struct pl_subscription *subs[6];
	int64_t open_ms; /* of the last try */
	int signal_fd;
	volatile int64_t *heartbeat;

	char seal_key[SEAL_KEY_SIZE]; /* public */
	json_t *desired;	      /* NULL: nothing known */
	int64_t desired_asked_ms, desired_looked_ms;
	char desired_checksum[CHECKSUM_SIZE]; /* of the copy on the disk; "": there is none */
	char desired_error[512];	      /* why it isn't applied, or "" */
	int64_t restarts; /* that were asked for before this process began; -1: not known yet */

	bool is_log_ready;
	json_t *log_state;  /* of the log at the last look, as in log.json; NULL: no look yet */
	int64_t log_number; /* rises when the log is another one; 0: no look yet */
	int64_t log_asked_ms;
	struct reader_request readers[READERS_MAX];
	unsigned readers_number;

	struct check_run *check; /* the last run of maintenance tests, or NULL */
	bool has_clock;
	int64_t clock_ms; /* ours minus the manager's, as of the last report */
	char wanted_checksum[CHECKSUM_SIZE];

	json_t *alarms, *root_alarms; /* [{key, subject, reason}], or NULL */
	int64_t root_alarms_ns;	      /* time of the root's file as it was read */

	int64_t started_ms, report_ms;
	bool report_soon;
	struct overload overload;
	int64_t heard_ms;  /* when the bus last showed that it hears us */
	char floating[64]; /* the floating address, if it is here, or "" */
	bool floating_known, floating_failed;
	int announced;		       /* how often */
	int64_t announced_ms, edge_ms; /* edge_ms: when an edge was last seen here; 0: never */
	int64_t lag_ms; /* the longest since the last look that a service's heartbeat was late */
	bool is_stopping, leaves_services;
};

/* node_publish sends a JSON body. Gives body. reply may be NULL. */
enum pl_err node_publish(struct node *node, const char *subject, const char *reply, json_t *body);

/* node_refuse answers with an error and its sentence. */
void node_refuse(struct node *node, const char *reply, enum pl_err err);

/* desired.c */
void desired_load(struct node *node); /* at the start, from the cached file */
/* The manager has this one: asks for it unless it is here. checksum "": it didn't say. */
void desired_offer(struct node *node, int64_t version, const char *checksum);
void desired_beat(struct node *node, int64_t now_ms);  /* looks at its copy now and then */
void desired_take(struct node *node, json_t *desired); /* the manager's answer; borrowed */
int64_t desired_version(const struct node *node);

/* service.c */
enum pl_err service_apply(struct node *node, const json_t *item);
void service_leave(struct service *service, bool is_killed);
bool service_uses(const struct service *service, const char *hash); /* of a bundle */
/* service_specify makes or renews a process's spec, of the bundle in folder. */
enum pl_err service_specify(struct process **processp, const struct service *service, int slot,
			    const char *folder);
/* service_tag is what the process that is wanted is started with: "1.2.0,0a1b2c3d". */
void service_tag(char tag[LOCK_TAG_MAX], const struct service *service);

/* handover.c */
/* service_settle starts what shall run once its bundle is there. What ran before it runs until
 * then, and until the other one, beside it, is fit to take over. */
void service_settle(struct service *service, int64_t now_ms);
/* service_drop_heir ends the one that would have taken over. */
void service_drop_heir(struct service *service);

void service_reap(struct node *node); /* forgets those that left and have ended */
void service_ping(struct service *service, int64_t now_ms);
void service_pinged(struct node *node, const char *name, const json_t *answer);
/* service_look reads a service's heartbeat: a standby answers nobody, but is as it should be. */
void service_look(struct service *service, int64_t now_ms);
/* service_view is process_view_get, also of a service whose bundle isn't there yet. */
void service_view(struct process_view *view, const struct service *service);
bool service_waits(const struct service *service, const struct process_view *view);
/* service_heir_waits: its heir has done all that can be done while another one owns the database.
 */
bool service_heir_waits(const struct service *service, int64_t now_ms);
/* service_is_serving: it does its work, or stands by. */
bool service_is_serving(const struct service *service, const struct process_view *view,
			int64_t now_ms);
struct service *service_find(const struct node *node, const char *name);
void service_free(struct service *service);

/* seal.c */
enum pl_err
seal_open(struct node *node); /* reads the key pair, or makes it; after its folder is there */

/* eventlog.c */
void eventlog_beat(struct node *node, int64_t now_ms);
void eventlog_lost(struct node *node); /* the bus went: all of it is asked anew */
void on_stream_answer(struct node *node, const json_t *answer);
void on_reader_request(const struct pl_message *message, void *arg);
void on_reader_answer(struct node *node, unsigned number, const json_t *answer);

/* alarm.c: keys of tables/alarm.h */
void alarm_set(struct node *node, const char *key, const char *subject, const char *reason);
void alarm_drop(struct node *node, const char *key, const char *subject);
json_t *alarm_list(struct node *node); /* a new reference */

/* eventing.c */
void eventing_begin(struct node *node, const char *reply); /* answers there */
void eventing_answered(struct node *node, const char *what, const json_t *answer);
void eventing_beat(struct node *node, int64_t now_ms);
bool eventing_is_asked(void);
void eventing_stop(void);

/* logs.c */
void logs_begin(struct node *node, const char *reply, const json_t *body); /* answers there */
void logs_beat(struct node *node);
bool logs_are_read(void);
void logs_stop(void);

/* metrics.c */
void on_metrics(const struct pl_message *message, void *arg);

/* check.c */
void check_begin(struct node *node, const char *id); /* unless that run has been done */
void check_beat(struct node *node, int64_t now_ms);
void check_echo(struct node *node);
void check_probed(struct node *node, const char *name, const json_t *answer);
void check_taken(struct node *node, const json_t *answer);
bool check_is_asked(const struct node *node); /* a run is under way */
void check_stop(struct node *node);	      /* waits for its thread */

/* report.c */
void report_send(struct node *node, int64_t now_ms);

/* ---- certificate.c ---- */

/* certificates_report returns what the manager shows of this host's certificates: a new reference.
 */
json_t *certificates_report(const struct node *node);
/* certificates_wish tells the root supervisor which ones the manager wants renewed. */
void certificates_wish(const struct node *node);

#endif
