/*
 * setup.h — an instance's data folder: made at the first start, checked at each.
 *
 *   pelago.json      settings: format, version, ports, store, demo     0600
 *   lock             held by the root supervisor
 *   trust/NAME.pub   makers whose bundles and releases are taken                        0600
 *   level            number of the minor whose programs must still read what is written  0600
 *   platform/        versions of Pelago's own programs: programs.h
 *   tls/             the authority, certificates for nats-server and edge, and tls/identity, which
 *                    this host's processes show to the bus
 *   keys/NAME.nk     seed of each process's bus key                    0600
 *   bus/nats.conf    by the root supervisor, from the manifests and bus/members.json
 *   bus/members.json keys of the processes on joined hosts, from the manager
 *   bus/manifests/   of bundles that name other rights than what is here, from the manager
 *   bus/jetstream/   the event log
 *   demo-users.json  passwords of the demo users                       0600
 *   services/  nodes/  procs/  log/  edge/
 *
 * The folder of a joined host (setup_join) has no bus, no authority, and settings `node` and `bus`.
 *
 * What it does not do: start anything. One thread; blocks on the disk.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_SETUP_H
#define PELAGO_SETUP_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pelago/err.h"
#include "pelago/nkey.h"

enum { TLS_RENEW_DAYS = 30 }; /* a certificate that is good for less is renewed at the next start */
enum { SETUP_FORMAT = 1 };    /* of the data folder; a higher one is refused */

struct setup {
	char *data;	/* absolute */
	char *programs; /* folder of the programs, absolute */
	int https_port, http_port, bus_port;
	char *store;	/* template of databases' addresses; {data} and {service} are filled in */
	char *listen;	/* address at which other hosts reach bus and edge; NULL: none do */
	char *floating; /* address that is always on a host with an edge; NULL: none */
	char *node;	/* a joined host's node; NULL: this host has bus and manager */
	char *bus_url;	/* of a joined host */
	bool has_edge;
	bool is_demo;
	bool bus_changed;  /* setup_open wrote another nats.conf than there was */
	json_t *settings;  /* pelago.json */
	json_t *manifests; /* array of objects, by name */
};

/* What the user asked for. Zero or NULL: what the folder has, or the default. */
struct setup_wish {
	const char *data;
	const char *store;
	const char *listen, *floating;
	int https_port, http_port;
	bool wants_demo;
};

/*
 * setup_data_path returns the data folder: wish, else PELAGO_DATA, else run/ of the checkout whose
 * build folder the programs are in, else /var/lib/pelago. Absolute, whether it exists or not.
 * free(); NULL without memory.
 */
char *setup_data_path(const char *wish);

/* setup_read reads a folder that exists; changes nothing. PL_NOTFOUND if it is none, PL_NEWER. */
enum pl_err setup_read(struct setup **setupp, const char *data);

/*
 * setup_open makes or checks a folder: settings, authority, certificates, keys, nats.conf, demo
 * users. *setupp is the caller's: setup_free. Returns PL_NEWER naming both versions, PL_INVALID for
 * a value of the wish, PL_IO.
 */
enum pl_err setup_open(struct setup **setupp, const struct setup_wish *wish);
void setup_free(struct setup *setup);

/*
 * setup_settle notes that the folder is that version's from now on: older programs refuse it. A
 * folder whose programs were never switched (programs.h) is the newest version's that opened it.
 * PL_IO.
 */
enum pl_err setup_settle(struct setup *setup, const char *version);

/* setup_bus_url returns "tls://ADDRESS:PORT"; free(). NULL without memory. */
char *setup_bus_url(const struct setup *setup);
/* setup_store_url returns the address of a service's database; free(). NULL without memory. */
char *setup_store_url(const char *template, const char *data, const char *service);
/*
 * setup_store_password takes the password out of an address "…://USER:PASSWORD@…", in place, and
 * returns it decoded (RFC 3986 §2.1) for the environment: what is in arguments, others can see.
 * NULL if there is none. free().
 */
char *setup_store_password(char *url);
/*
 * setup_store_stale_ms returns how long a service on a database may miss its heartbeat: 1 s, as a
 * standby may wait for SQLite's owner; 5 s where it may wait for a server, which a kill wouldn't
 * hasten.
 */
int setup_store_stale_ms(const char *url);
/* setup_path returns DATA/…; free(). NULL without memory. */
char *setup_path(const struct setup *setup, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* setup_bus_port_move chooses another free port for the bus; only while nothing of the instance
 * runs. */
enum pl_err setup_bus_port_move(struct setup *setup);

/* setup_manifests reads the manifests anew: those beside the programs, what other versions on this
 * host name beyond them, and those of installed bundles. */
enum pl_err setup_manifests(struct setup *setup);

/*
 * setup_level returns what DATA/level says: the level of the solution (pelago/service.h), as this
 * host has heard of it; 0: not yet. Programs of a smaller minor are refused by setup_read and
 * setup_open.
 */
int setup_level(const char *data);
enum pl_err setup_level_set(const char *data, int level);

/* setup_is_build tells whether a folder of programs is one that was built in, not installed. */
bool setup_is_build(const char *programs);
extern const char setup_development_key[]; /* a line of a public key file */
/* setup_programs_path returns the folder of the running program; free(). */
char *setup_programs_path(void);

/* port_is_free tells whether a TCP port of this machine can be listened on. */
bool port_is_free(int port, bool loopback_only);

/* ---- parts, also used alone ---- */

/*
 * manifests_load reads the manifests beside the programs: services/NAME/manifest.json and
 * pelago-*.manifest.json. *manifestsp is a new array, sorted by name. PL_INVALID names file and
 * reason.
 */
enum pl_err manifests_load(json_t **manifestsp, const char *programs);
/*
 * manifests_installed lays those of DATA/bus/manifests over them: bundles that name other rights
 * than what came with the programs. manifest_widen adds what another version names to a manifest's
 * lists; manifest_covers tells whether it has all of it already.
 */
enum pl_err manifests_installed(json_t *manifests, const char *data);
void manifest_widen(json_t *manifest, const json_t *other);
bool manifest_covers(const json_t *manifest, const json_t *other);
/* manifests_rights returns {NAME:{"LIST ITEM":true}}, all that gives rights, in no order: the same
 * for whoever read the same manifests. */
json_t *manifests_rights(const json_t *manifests);
/* manifest_check tells whether a manifest's names are fit for subjects and paths. */
enum pl_err manifest_check(const json_t *manifest, const char *file);

/*
 * tls_authority makes tls/ca.pem and tls/ca.key if absent; tls_certificate a certificate for a
 * process (EC P-256, 825 days; localhost, 127.0.0.1, ::1, this host's name and addresses, which end
 * with NULL, or NULL), and again when it isn't good for 30 more days or doesn't fit.
 */
enum pl_err tls_authority(const char *data);
enum pl_err tls_certificate(const char *data, const char *process, const char *const *addresses);
/* tls_renew makes another one, though there is a good one. */
enum pl_err tls_renew(const char *data, const char *process, const char *const *addresses);
/* tls_describe tells of a process's certificate: {"name","subject","issuer","serial","beginsMs",
 * "expiresMs"}; a new reference. PL_NOTFOUND. */
enum pl_err tls_describe(json_t **tellp, const char *data, const char *process);
/*
 * tls_wish asks the root supervisor to renew the certificate with a serial number (hexadecimal
 * digits); one that isn't there any more was renewed. tls_wishes tells whether it was asked to, and
 * isn't done.
 */
enum pl_err tls_wish(const char *data, const char *process, const char *serial);
bool tls_wishes(const char *data, const char *process);

/*
 * tls_request makes a key, and a request for a certificate of it (PKCS #10, RFC 2986, PEM); both
 * are the caller's: free(). PL_INTERNAL.
 */
enum pl_err tls_request(char **keyp, char **requestp);
/*
 * tls_sign makes the certificate that a request asks for, by the authority of data: for name as
 * subject and for the addresses, an array of at most 9 IP addresses and host names; other names in
 * the request don't count. *pemp: free(). PL_INVALID names what is wrong.
 */
enum pl_err tls_sign(char **pemp, const char *data, const char *request, const char *name,
		     const json_t *addresses);
/* tls_fingerprint writes the SHA-256 of a certificate (PEM) in hexadecimal digits. PL_INVALID. */
enum { TLS_FINGERPRINT_SIZE = 65 };
enum pl_err tls_fingerprint(char fingerprint[TLS_FINGERPRINT_SIZE], const char *pem);

/* tls_days_left returns for how many more days a process's certificate is good; -1: it isn't, or
 * none is there. */
int tls_days_left(const char *data, const char *process);

/* What a joining host keeps of the manager's answer; all borrowed. */
struct setup_joined {
	const char *data, *node, *bus_url, *store;
	const char *authority, *certificate, *key; /* PEM */
	int https_port, http_port;		   /* of the edge; 0: none */
	bool is_demo;
};
/* bus_key_make makes keys/PROCESS.nk of a data folder if absent, and writes its public key. */
enum pl_err bus_key_make(char public_key[PL_NKEY_PUBLIC_SIZE], const char *data,
			 const char *process);
/* setup_join_keys makes the bus keys of a joining host in data/keys; *keysp is {PROCESS: public
 * key}.
 */
enum pl_err setup_join_keys(json_t **keysp, const char *data, const json_t *manifests);
/* setup_join makes the folder of a joined host; pelago.json last, so that it is whole or not there.
 */
enum pl_err setup_join(const struct setup_joined *joined);
/*
 * setup_certify gives a joined host another certificate with its key (PEM), whole or not at all;
 * setup_certify_resume finishes what was interrupted. PL_IO.
 */
enum pl_err setup_certify(const char *data, const char *certificate, const char *key);
enum pl_err setup_certify_resume(const char *data);
/* setup_is_address tells whether a text is an IPv4 address (in dots). */
bool setup_is_address(const char *text);
/* setup_is_name tells whether a text is a process's name, fit for subjects and paths. */
bool setup_is_name(const char *text);

/* bus_setup makes the keys and writes bus/nats.conf; *changedp tells whether it differs from
 * before. Only who holds the folder's lock writes it; the manager writes what it is written from:
 * bus/members.json and bus/manifests. */
enum pl_err bus_setup(const struct setup *setup, bool *changedp);
/*
 * bus_follow is bus_setup where the manager has written since it was called last; follow begins as
 * zeros. Two writes may have the same time, so what was written just now is read once more later.
 */
struct bus_follow {
	int64_t members_ns, manifests_ns, versions_ns; /* when they were written */
	bool is_settled;			       /* another write would have another time */
};
enum pl_err bus_follow(struct bus_follow *follow, struct setup *setup, bool *changedp);
/* bus_has_inputs tells whether nats.conf has all that was written for it; reads the manifests
 * anew. */
enum pl_err bus_has_inputs(bool *hasp, struct setup *setup);
/* bus_inputs_touch has bus_follow look again, as the manifests beside the programs may be newer. */
enum pl_err bus_inputs_touch(const struct setup *setup);

/* demo_users_make makes demo-users.json if absent. */
enum pl_err demo_users_make(const char *data);

#endif
