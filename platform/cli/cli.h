/*
 * cli.h — the command line: rows of commands, one file a noun.
 *
 * A command is a row beside its function in cmd_<noun>.c. What it lists comes from one list of
 * columns, for people and as JSON. Exit: 0 done, 1 failed, 2 wrong usage, 3 not reachable, 4
 * refused.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_CLI_H
#define PELAGO_CLI_H

#include <jansson.h>
#include <stdbool.h>

#include "pelago/bus.h"
#include "pelago/err.h"
#include "platform/setup/setup.h"

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_UNREACHABLE = 3, EXIT_REFUSED = 4 };

enum { WORDS_MOST = 24, CLUSTERS_MOST = 12 };

/* What was typed. */
struct cli {
	/* NULL: not given */
	const char *data, *store, *context, *decision, *service, *file, *cluster, *profile, *area,
		*level, *expected, *note, *endpoint, *listen, *floating, *join, *minutes, *node,
		*key, *out, *program, *requires, *kind, *arch, *dir, *language, *version, *from,
		*to, *map;
	int https_port, http_port;
	int wait_ms; /* for the answer of cli_send; 0: the usual time */
	bool wants_json, says_yes, wants_demo, wants_detach, wants_all, together, forces,
		drops_data, is_dry, wants_undo;
	bool wants_window, wants_rolling, wants_plan, wants_resume, wants_html;
	const char *fix;
	const char *clusters[CLUSTERS_MOST]; /* each --cluster that was given */
	int clusters_len;
	const char *words[WORDS_MOST]; /* after noun and verb */
	int words_len;
	/* Opened when first needed. */
	struct setup *setup;
	struct pl_bus *bus;
};

/* A command returns its exit status; fail it with cli_fail, so that the sentence is printed. */
typedef int cli_fn(struct cli *cli);

struct cli_command {
	const char *noun, *verb; /* verb NULL: the noun alone */
	const char *words;	 /* what follows, for the help: "CLUSTER", or "" */
	int words_least, words_most;
	const char
		*options; /* names of those it takes beside --data and --json, parted by blanks */
	cli_fn *fn;
	const char *text;
};

/* An option; kind and at are private to options.c. */
struct cli_option {
	const char *name, *value, *text; /* value: what it is called, NULL: it has none */
	unsigned kind;
	size_t at;
};
/* Each table ends with a row of zeros. */
extern const struct cli_command up_commands[], status_commands[], cluster_commands[],
	node_commands[], service_commands[], feel_commands[], decision_commands[], alarm_commands[],
	attribute_commands[], profile_commands[], replication_commands[], solution_commands[],
	test_commands[], event_commands[], log_commands[], bundle_commands[], release_commands[],
	plan_commands[], workflow_commands[], certificate_commands[], upgrade_commands[],
	instance_commands[], rule_commands[], migration_commands[], incident_commands[],
	decision_file_commands[];

/* cli_fail prints the sentence of an error and returns its exit status. */
int cli_fail(enum pl_err err);
/* cli_usage prints a sentence about what was typed and returns EXIT_USAGE. */
int cli_usage(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* cli_confirm asks before something that people notice; true with --yes. Without a terminal: false,
 * and says so. */
bool cli_confirm(const struct cli *cli, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* ---- options.c ---- */

/* cli_parse reads the arguments; *commandp is NULL for help, version or nothing. EXIT_DONE or
 * EXIT_USAGE. */
int cli_parse(struct cli *cli, const struct cli_command **commandp, int argc, char **argv);
/* cli_commands returns the i-th command of all tables, NULL past the last. */
const struct cli_command *cli_commands(unsigned i);
void cli_help(const char *noun);
/* cli_options returns the i-th option, NULL past the last; cli_takes tells whether a command takes
 * it. */
const struct cli_option *cli_options(unsigned i);
bool cli_takes(const struct cli_command *command, const struct cli_option *option);

/* ---- reference.c ---- */

/* reference_print prints the manual page for --manual, the shell's completion for --completion
 * among the words; false without either. */
bool reference_print(int argc, char **argv);

/* ---- ask.c ---- */

/*
 * cli_bus_listens tells whether somebody listens on the bus's port, by /proc/net/tcp (proc(5)):
 * the bus would log that nobody does, and the server that somebody knocked and went away. True if
 * it can't be told.
 */
bool cli_bus_listens(const struct setup *setup);

/* cli_setup reads the data folder once; PL_NOTFOUND if there is no instance. */
enum pl_err cli_setup(struct cli *cli);
/*
 * cli_ask sends a request over the local bus and waits for its answer, for at most wait_ms. body:
 * gives. *replyp is a new reference. PL_UNAVAILABLE when bus or service can't be reached.
 */
enum pl_err cli_ask(json_t **replyp, struct cli *cli, const char *operation, json_t *body,
		    int wait_ms);
/* cli_call is cli_ask of an operation that is also an HTTP route: sent as the local administrator;
 * *bodyp is the answer's body. */
enum pl_err cli_call(json_t **bodyp, struct cli *cli, const char *operation, json_t *path);
/* cli_send is the same with a query and a body, each NULL or given. */
enum pl_err cli_send(json_t **bodyp, struct cli *cli, const char *operation, json_t *path,
		     json_t *query, json_t *body);
/* cli_list is cli_call of a list; *itemsp are the items of all its pages. */
enum pl_err cli_list(json_t **itemsp, struct cli *cli, const char *operation);
/* cli_list_query is the same with a query, which it gives. */
enum pl_err cli_list_query(json_t **itemsp, struct cli *cli, const char *operation, json_t *query);
void cli_fini(struct cli *cli);

/* ---- table.c ---- */

enum cli_form {
	FORM_TEXT,
	FORM_NUMBER,
	FORM_LIST,    /* of texts, or of objects with a name */
	FORM_BYTES,   /* "12 MB" */
	FORM_SECONDS, /* "3 min" */
	FORM_TIME,    /* milliseconds since 1970: "2026-01-31 12:00:00", local */
	FORM_STATE,   /* a cluster's, with the nodes that have arrived */
	FORM_ONLY_JSON,
};
struct cli_column {
	const char *title;
	const char *member;
	enum cli_form form;
};
/* cli_print_items prints an array of objects: a table, or with --json an array of objects with just
 * the columns' members. */
int cli_print_items(const struct cli *cli, const json_t *items, const struct cli_column *columns);
/* cli_print_list prints the items of all pages of a list that the manager has, and returns the exit
 * status: what a command "list" is but its columns. query: given, or NULL. */
int cli_print_list(struct cli *cli, const char *operation, json_t *query,
		   const struct cli_column *columns);

/* ---- status.c ---- */

/* How an instance is. */
struct cli_status {
	pid_t root_pid; /* 0: no root supervisor */
	bool is_alive;	/* some process of it lives */
	bool is_ready;
	json_t *missing;   /* array of sentences */
	json_t *processes; /* array of {"name","pid","version"}; "": of another maker's program */
	char root_version[64]; /* "": it didn't say */
};
/* cli_status_get looks at locks, manager and edge; takes at most about two seconds. Needs
 * cli_setup. */
enum pl_err cli_status_get(struct cli_status *status, struct cli *cli);
void cli_status_fini(struct cli_status *status);
void cli_print_addresses(const struct cli *cli);

/* ---- join.c ---- */

/*
 * cli_join has this host join by a token: makes its keys, asks the manager for a name and a
 * certificate, and makes the data folder of it. PL_INVALID for a token that isn't one,
 * PL_UNAVAILABLE when its address can't be reached, PL_STATE when another authority is there than
 * the token names, and what the manager refuses with.
 */
enum pl_err cli_join(const struct cli *cli, const char *data);

/*
 * cli_certify renews the certificate of a joined host (cli->setup) that is good for less than
 * TLS_RENEW_DAYS, if the manager can be reached. PL_STATE when it has ended.
 */
enum pl_err cli_certify(struct cli *cli);
/* cli_certify_anew renews it anyway. */
enum pl_err cli_certify_anew(struct cli *cli);

/* ---- wait.c ---- */

/*
 * cli_wait asks for an item of a list until done tells 1, or -1: it failed; at most wait_s seconds.
 * *itemp is a new reference to the last one seen. PL_TIMEOUT; PL_NOTFOUND when there is none of the
 * name.
 */
typedef int cli_done_fn(const json_t *item);
enum pl_err cli_wait(json_t **itemp, struct cli *cli, const char *operation, const char *name,
		     cli_done_fn *done, int wait_s);

/* ---- root.c ---- */

/*
 * root_run is the root supervisor: adopts or starts everything, and keeps it alive until SIGTERM or
 * SIGINT; then stops it in order. lock_fd: the folder's lock, held. Returns an exit status.
 */
int root_run(struct setup *setup, int lock_fd);
/* root_stop stops what a root supervisor that died has left. PL_TIMEOUT if something stays. */
enum pl_err root_stop(struct setup *setup);
/* root_nats_server returns the path of nats-server; free(). PL_NOTFOUND names the package. */
enum pl_err root_nats_server(char **pathp);

#endif
