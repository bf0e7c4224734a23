/*
 * rights_test.c — on a real nats-server with a nats.conf of ours: who reaches further than its
 * manifest is refused. A listener that may hear everything tells what came through; a message that
 * is allowed, sent after one that isn't, tells that the first was dropped.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pelago/bus.h"
#include "pelago/nkey.h"
#include "platform/setup/file.h"
#include "platform/setup/setup.h"

static char data[] = "/tmp/pelago-rights-XXXXXX";
static struct setup *setup;
static struct pl_bus *listener;
static struct pl_subscription *all;
static char heard[256];
static pid_t server;

static void on_all(const struct pl_message *m, void *arg)
{
	(void)arg;
	/* answers of the server's API and the log's acknowledgements aren't asked about */
	if (strncmp(m->subject, "$JS.EVENT", 9) != 0)
		snprintf(heard, sizeof(heard), "%s", m->subject);
}

static struct pl_bus *open_as(const char *name)
{
	char *url = setup_bus_url(setup), *ca = setup_path(setup, "tls/ca.pem");
	char *seed = setup_path(setup, "keys/%s.nk", name),
	     *identity = setup_path(setup, "tls/identity");
	struct pl_bus_options options = { .url = url,
					  .ca_file = ca,
					  .seed_file = seed,
					  .identity = identity,
					  .name = name,
					  .wait_ms = 5000 };
	struct pl_bus *bus = NULL;

	assert_int_equal(pl_bus_open(&bus, &options), PL_OK);
	free(url);
	free(ca);
	free(seed);
	free(identity);
	return bus;
}

/* The conf of an instance, and a user who may do everything. */
static void write_conf(void)
{
	char seed[PL_NKEY_SEED_SIZE], public_key[PL_NKEY_PUBLIC_SIZE], *text, *end, *whole;
	char *path = setup_path(setup, "bus/nats.conf"),
	     *seed_path = setup_path(setup, "keys/Listener.nk");
	bool changed;

	assert_int_equal(bus_setup(setup, &changed), PL_OK);
	assert_int_equal(file_read(&text, NULL, path), PL_OK);
	assert_int_equal(pl_nkey_make(seed, public_key), PL_OK);
	assert_int_equal(file_replace(seed_path, seed, strlen(seed), 0600), PL_OK);
	end = strstr(text, "\t\t]\n\t}\n}\n");
	assert_non_null(end);
	assert_true(asprintf(&whole, "%.*s\t\t{ nkey: %s }\n%s", (int)(end - text), text,
			     public_key, end) > 0);
	assert_int_equal(file_replace(path, whole, strlen(whole), 0600), PL_OK);
	free(whole);
	free(text);
	free(path);
	free(seed_path);
}

static void start_server(void)
{
	char *path = setup_path(setup, "bus/nats.conf");

	server = fork();
	if (server == 0) {
		int null_fd = open("/dev/null", O_WRONLY);

		dup2(null_fd, 1);
		dup2(null_fd, 2);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execlp("nats-server", "nats-server", "-c", path, NULL);
		execl("/usr/sbin/nats-server", "nats-server", "-c", path, NULL);
		_exit(127);
	}
	free(path);
}

static int begin(void **state)
{
	static const char manifests[] =
		"[{\"name\":\"Manager\",\"version\":\"1\",\"pushes\":[\"node\"]},"
		" {\"name\":\"Maker\",\"version\":\"1\",\"publishes\":[\"thing\"]},"
		" {\"name\":\"Reader\",\"version\":\"1\",\"reads\":[\"thing\"],\"calls\":[\"Maker\"],"
		"  \"pushes\":[\"agent\"]},"
		" {\"name\":\"Other\",\"version\":\"1\"}]";

	(void)state;
	assert_non_null(mkdtemp(data));
	assert_int_equal(setup_open(&setup, &(struct setup_wish){ .data = data }), PL_OK);
	json_decref(setup->manifests);
	setup->manifests = json_loads(manifests, 0, NULL);
	assert_non_null(setup->manifests);
	write_conf();
	start_server();
	listener = open_as("Listener");
	assert_int_equal(pl_bus_subscribe(&all, listener, ">", NULL, on_all, NULL), PL_OK);
	pl_bus_flush(listener);
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

static int end(void **state)
{
	(void)state;
	pl_subscription_free(all);
	pl_bus_close(listener);
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	setup_free(setup);
	return nftw(data, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static const struct {
	const char *who, *allowed, *refused[12];
} reach[] = {
	{ "Reader",
	  "svc.Maker.make",
	  { "svc.Other.ping", "svc.Manager.accept", "evt.0.thing.made", "usr.contact.1",
	    "ctl.config", "node.node-common.reader.Maker", "$JS.API.STREAM.DELETE.EVT",
	    "$JS.API.CONSUMER.CREATE.EVT", "$JS.API.INFO", "$SYS.REQ.SERVER.PING", "other" } },
	{ "Maker",
	  "evt.15.thing.made",
	  { "evt.0.contact.opened", "evt.0.thing", "svc.Reader.x", "usr.agent.1",
	    "$JS.API.STREAM.PURGE.EVT" } },
	{ "Other",
	  "ctl.resend",
	  { "evt.0.thing.made", "svc.Maker.make", "usr.agent.1", "ctl.metrics" } },
	{ "node-common",
	  "svc.Manager.report",
	  { "svc.Manager.accept", "svc.Maker.make", "evt.0.thing.made", "$JS.API.STREAM.DELETE.EVT",
	    "$JS.API.STREAM.PURGE.EVT", "$JS.API.CONSUMER.DELETE.EVT.x",
	    "$JS.API.STREAM.CREATE.OTHER" } },
	{ "edge",
	  "svc.Maker.make",
	  { "evt.0.thing.made", "usr.agent.1", "node.node-common.reader.Reader", "$JS.API.INFO",
	    "ctl.config" } },
	{ "root",
	  "_IN.root.x",
	  { "_IN.Reader.x", "svc.Manager.report", "$JS.API.INFO", "ctl.config" } },
	{ "cli", "svc.Maker.ping", { "svc.Maker.make", "evt.0.thing.made", "$JS.API.INFO" } },
	{ "Manager", "usr.node.config", { "svc.Maker.make", "usr.agent.1", "$JS.API.INFO" } },
};

static void who_reaches_further_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(reach) / sizeof(reach[0]); i++) {
		struct pl_bus *bus = open_as(reach[i].who);
		struct pl_message allowed = { .subject = reach[i].allowed,
					      .body = "{}",
					      .body_len = 2 };

		for (size_t k = 0; reach[i].refused[k]; k++) {
			struct pl_message refused = { .subject = reach[i].refused[k],
						      .body = "{}",
						      .body_len = 2 };

			heard[0] = '\0';
			pl_bus_publish(bus, &refused);
			pl_bus_publish(bus, &allowed);
			pl_bus_flush(bus);
			for (int n = 0; !heard[0] && n < 500; n++) {
				struct pollfd fds[2] = {
					{ .fd = pl_bus_fd(listener), .events = POLLIN },
					{ .fd = pl_bus_fd(bus), .events = POLLIN }
				};

				poll(fds, 2, 10);
				pl_bus_read(bus, 10);
				pl_bus_flush(bus);
				pl_bus_read(listener, 1);
			}
			assert_string_equal(heard, reach[i].allowed);
		}
		pl_bus_close(bus);
	}
}

static void note(const struct pl_message *m, void *arg)
{
	(void)m;
	(*(int *)arg)++;
}

/* Another's requests, replies and pushes aren't heard. */
static void who_listens_further_hears_nothing(void **state)
{
	static const char *const subjects[] = { "svc.Maker.>", "_IN.Maker.>", "_IN.>",	"usr.>",
						"evt.>",       ">",	      "node.>", "$JS.>" };
	static const char *const sent[] = { "svc.Maker.make",
					    "_IN.Maker.1",
					    "usr.agent.1",
					    "evt.0.thing.made",
					    "node.node-common.reader.Maker",
					    "svc.Reader.fence" };
	struct pl_subscription *subs[8] = { NULL }, *own = NULL;
	struct pl_bus *bus = open_as("Reader");
	int further = 0, fence = 0;

	(void)state;
	for (size_t i = 0; i < 8; i++)
		pl_bus_subscribe(&subs[i], bus, subjects[i], NULL, note, &further);
	assert_int_equal(pl_bus_subscribe(&own, bus, "svc.Reader.>", NULL, note, &fence), PL_OK);
	pl_bus_flush(bus);
	for (int n = 0; !fence && n < 500; n++) {
		struct pollfd fd = { .fd = pl_bus_fd(bus), .events = POLLIN };

		for (size_t i = 0; i < sizeof(sent) / sizeof(sent[0]); i++)
			pl_bus_publish(listener, &(struct pl_message){ .subject = sent[i],
								       .body = "{}",
								       .body_len = 2 });
		pl_bus_flush(listener);
		poll(&fd, 1, 10);
		pl_bus_read(bus, 100);
		pl_bus_read(listener, 100);
	}
	assert_true(fence > 0);
	assert_int_equal(further, 0);
	for (size_t i = 0; i < 8; i++)
		pl_subscription_free(subs[i]);
	pl_subscription_free(own);
	pl_bus_close(bus);
}

static void without_a_key_nobody_comes_in(void **state)
{
	char *url = setup_bus_url(setup), *ca = setup_path(setup, "tls/ca.pem");
	char *seed = setup_path(setup, "keys/stranger.nk"), text[PL_NKEY_SEED_SIZE],
	     key[PL_NKEY_PUBLIC_SIZE];
	char *identity = setup_path(setup, "tls/identity");
	struct pl_bus_options options = {
		.url = url, .ca_file = ca, .identity = identity, .name = "stranger", .wait_ms = 200
	};
	struct pl_bus *bus = NULL;

	(void)state;
	assert_int_not_equal(pl_bus_open(&bus, &options), PL_OK);
	assert_int_equal(pl_nkey_make(text, key), PL_OK);
	assert_int_equal(file_replace(seed, text, strlen(text), 0600), PL_OK);
	options.seed_file = seed;
	assert_int_not_equal(pl_bus_open(&bus, &options), PL_OK);
	free(url);
	free(ca);
	free(seed);
	free(identity);
}

/* PLT-3: mutual TLS: a key alone isn't enough. */
static void without_a_certificate_nobody_comes_in(void **state)
{
	char *url = setup_bus_url(setup), *ca = setup_path(setup, "tls/ca.pem");
	char *seed = setup_path(setup, "keys/edge.nk"),
	     *identity = setup_path(setup, "tls/identity");
	struct pl_bus_options options = {
		.url = url, .ca_file = ca, .seed_file = seed, .name = "edge", .wait_ms = 200
	};
	struct pl_bus *bus = NULL;

	(void)state;
	assert_int_equal(pl_bus_open(&bus, &options), PL_UNAVAILABLE);
	options.identity = identity;
	assert_int_equal(pl_bus_open(&bus, &options), PL_OK);
	pl_bus_close(bus);
	free(url);
	free(ca);
	free(seed);
	free(identity);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_reaches_further_is_refused),
		cmocka_unit_test(who_listens_further_hears_nothing),
		cmocka_unit_test(without_a_key_nobody_comes_in),
		cmocka_unit_test(without_a_certificate_nobody_comes_in),
	};

	return cmocka_run_group_tests_name("rights", tests, begin, end);
}
