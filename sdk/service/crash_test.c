/*
 * crash_test.c — nothing is lost, doubled or out of order when a consumer, the bus or a producer is
 * killed, and when the log is put back to an older copy (PLT-31, PLT-60); and memory stays small.
 *
 * Requests `add` for a few keys go to Producer, each repeated with its id until answered. Each
 * makes an event; Consumer keeps it and sends a command to Target. At the end all three must have
 * exactly the same.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "pelago/bus.h"
#include "pelago/json.h"
#include "pelago/log.h"
#include "pelago/service.h"
#include "pelago/store.h"
#include "sdk/bus/test_server.h"

enum { KEYS = 8, EACH = 250, DEADLINE_MS = 60000, PAD = 40000, PEAK_KB = 48 << 10, MANY = 5000 };

static const char *const names[] = { "Producer", "Consumer", "Target" };

struct asked {
	int64_t i, sent_ms;
	char id[27];
};

struct world {
	char dir[128], bus_url[64], js[160], program[512];
	int port;
	pid_t server, services[3];
	struct pl_bus *bus;
	char inbox[96];
	struct pl_subscription *subs[4];
	struct asked asked[KEYS];
	int64_t done; /* additions answered */
	json_t *counts;
	long count_number; /* of the question: a late answer to another isn't taken */
	bool counted, log_made, purged;
	int64_t messages; /* in the log, when it was made or changed last */
	const char *crash_each;
	int crashing;	/* the service that ends itself */
	int pad;	/* bytes more in each event */
	bool gathers;	/* the consumer's events wait for others */
	int log_number; /* as the node counts logs */
	unsigned kills;
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void server_start(struct world *w)
{
	char port[16];

	snprintf(port, sizeof(port), "%d", w->port);
	w->server = fork();
	if (w->server == 0) {
		char log[192];

		snprintf(log, sizeof(log), "%s/nats.log", w->dir);
		execlp("nats-server", "nats-server", "-a", "127.0.0.1", "-p", port, "-js", "-sd",
		       w->js, "-l", log, NULL);
		_exit(127);
	}
	assert_true(w->server > 0);
}

static void service_start(struct world *w, int i)
{
	char store[256];

	snprintf(store, sizeof(store), "sqlite:%s/services/%s/store.db", w->dir, names[i]);
	w->services[i] = fork();
	if (w->services[i] == 0) {
		char log[192];

		snprintf(log, sizeof(log), "%s/%s.log", w->dir, names[i]);
		if (!freopen(log, "a", stderr))
			_exit(126);
		if (w->crash_each && i == w->crashing)
			setenv("PELAGO_CRASH_EACH", w->crash_each, 1);
		if (w->gathers)
			setenv("PELAGO_GATHER_MS", "100", 1);
		execl(w->program, w->program, names[i], "--data", w->dir, "--bus", w->bus_url,
		      "--store", store, "--node", "local", NULL);
		_exit(127);
	}
	assert_true(w->services[i] > 0);
}

static void end(pid_t *pid, int signo)
{
	if (*pid <= 0)
		return;
	kill(*pid, signo);
	waitpid(*pid, NULL, 0);
	*pid = 0;
}

static void publish(struct world *w, const char *subject, const char *reply, const char *id,
		    json_t *body)
{
	char *text = pl_json_dump(body);
	struct pl_message m = {
		.subject = subject, .reply = reply, .id = id, .body = text, .body_len = strlen(text)
	};

	(void)pl_bus_publish(w->bus, &m);
	json_decref(body);
	free(text);
}

/* What a node does for its services: the log, and readers of it. */
static void set_log(struct world *w, const char *how, int most)
{
	char subject[64], reply[128];

	snprintf(subject, sizeof(subject), "$JS.API.STREAM.%s.EVT", how);
	snprintf(reply, sizeof(reply), "%s.js.stream", w->inbox);
	publish(w, subject, reply, NULL,
		json_pack("{s:s, s:[s], s:s, s:s, s:s, s:i, s:I, s:i}", "name", "EVT", "subjects",
			  "evt.>", "storage", "file", "retention", "limits", "discard", "new",
			  "num_replicas", 1, "duplicate_window", (json_int_t)120000000000,
			  "max_msgs", most));
}

static void make_log(struct world *w)
{
	set_log(w, "CREATE", -1);
}

static void on_reader(const struct pl_message *m, void *arg)
{
	struct world *w = arg;
	json_t *asked = NULL;
	int64_t start;
	char reply[256];

	assert_int_equal(pl_json_parse(&asked, m->body, m->body_len), PL_OK);
	start = json_integer_value(json_object_get(asked, "start"));
	snprintf(reply, sizeof(reply), "%s.js.%s", w->inbox, m->reply);
	publish(w, "$JS.API.CONSUMER.CREATE.EVT", reply, NULL,
		json_pack("{s:s, s:{s:O, s:O, s:s, s:i, s:s, s:I, s:s, s:b, s:I, s:I, s:b}}",
			  "stream_name", "EVT", "config", "deliver_subject",
			  json_object_get(asked, "deliver"), "filter_subject",
			  json_object_get(asked, "filter"), "ack_policy", "none", "max_deliver", 1,
			  "deliver_policy", "by_start_sequence", "opt_start_seq",
			  (json_int_t)(start > 0 ? start : 1), "replay_policy", "instant",
			  "mem_storage", 1, "inactive_threshold", (json_int_t)30000000000,
			  "idle_heartbeat", (json_int_t)500000000, "flow_control", 1));
	json_decref(asked);
}

static void on_js(const struct pl_message *m, void *arg)
{
	struct world *w = arg;
	const char *to = m->subject + strlen(w->inbox) + 4;
	json_t *answer = NULL;

	if (m->status || pl_json_parse(&answer, m->body, m->body_len))
		return;
	if (strcmp(to, "purge") == 0) {
		w->purged = json_is_true(json_object_get(answer, "success"));
	} else if (strcmp(to, "stream") == 0) {
		w->log_made = !json_object_get(answer, "error");
		w->messages = json_integer_value(pl_json_get(answer, "state.messages"));
	} else if (json_object_get(answer, "error")) {
		make_log(w);
		publish(w, to, NULL, NULL,
			json_pack("{s:{s:s, s:s}}", "error", "code", "unavailable", "message",
				  "not yet"));
	} else {
		publish(w, to, NULL, NULL,
			json_pack("{s:i, s:I, s:O, s:[s]}", "log", w->log_number, "deliveredSeq",
				  (json_int_t)json_integer_value(
					  pl_json_get(answer, "delivered.stream_seq")),
				  "pending", json_object_get(answer, "num_pending"), "producers",
				  "Producer"));
	}
	json_decref(answer);
}

static void ask_add(struct world *w, int key)
{
	char reply[128], name[8];

	snprintf(reply, sizeof(reply), "%s.add.%d", w->inbox, key);
	snprintf(name, sizeof(name), "k%d", key);
	w->asked[key].sent_ms = now_ms();
	publish(w, "svc.Producer.add", reply, w->asked[key].id,
		json_pack("{s:s, s:I, s:i}", "key", name, "i", (json_int_t)w->asked[key].i, "pad",
			  w->pad));
}

static void next_add(struct world *w, int key)
{
	w->asked[key].i++;
	pl_id(w->asked[key].id);
	if (w->asked[key].i <= EACH)
		ask_add(w, key);
}

static void on_added(const struct pl_message *m, void *arg)
{
	struct world *w = arg;
	int key = (int)strtol(strrchr(m->subject, '.') + 1, NULL, 10);
	json_t *answer = NULL;

	if (m->status)
		return; /* nobody there: repeated */
	assert_int_equal(pl_json_parse(&answer, m->body, m->body_len), PL_OK);
	if (json_object_get(answer, "error"))
		fail_msg("refused: %s", pl_json_get_text(answer, "error.message"));
	if (json_integer_value(json_object_get(answer, "i")) == w->asked[key].i) {
		w->done++;
		next_add(w, key);
	}
	json_decref(answer);
}

static void on_count(const struct pl_message *m, void *arg)
{
	struct world *w = arg;

	if (m->status || strtol(strrchr(m->subject, '.') + 1, NULL, 10) != w->count_number)
		return;
	json_decref(w->counts);
	w->counts = NULL;
	(void)pl_json_parse(&w->counts, m->body, m->body_len);
	w->counted = true;
}

static void step(struct world *w)
{
	struct pollfd fd = { pl_bus_fd(w->bus), POLLIN, 0 };

	pl_bus_flush(w->bus);
	poll(&fd, 1, 20);
	pl_bus_read(w->bus, 1000);
	for (int key = 0; key < KEYS; key++)
		if (w->asked[key].i <= EACH && now_ms() - w->asked[key].sent_ms > 150)
			ask_add(w, key);
	for (int i = 0; i < 3; i++)
		if (w->services[i] > 0 && waitpid(w->services[i], NULL, WNOHANG) > 0)
			service_start(w, i);
	if (!w->log_made)
		make_log(w);
}

/* Asks until there is an answer, which is borrowed until the next one. Gives body. */
static const json_t *ask(struct world *w, const char *operation, const char *id, json_t *body)
{
	char subject[64], reply[128];
	int64_t sent_ms = 0;

	snprintf(subject, sizeof(subject), "svc.%s", operation);
	snprintf(reply, sizeof(reply), "%s.count.%ld", w->inbox, ++w->count_number);
	w->counted = false;
	for (int64_t until = now_ms() + 10000; !w->counted && now_ms() < until;) {
		if (now_ms() - sent_ms > 200) {
			publish(w, subject, reply, id, json_incref(body));
			sent_ms = now_ms();
		}
		step(w);
	}
	json_decref(body);
	assert_true(w->counted);
	return w->counts;
}

static int64_t count(struct world *w, const char *service, const char *what)
{
	char operation[64];

	snprintf(operation, sizeof(operation), "%s.count", service);
	return json_integer_value(json_object_get(ask(w, operation, NULL, json_object()), what));
}

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	char path[256];
	char *slash;
	ssize_t n;

	n = readlink("/proc/self/exe", w->program, sizeof(w->program) - 16);
	assert_true(n > 0);
	w->program[n] = '\0';
	slash = strrchr(w->program, '/');
	snprintf(slash, 16, "/test_service");
	snprintf(w->dir, sizeof(w->dir), "/tmp/pelago-crash-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	snprintf(path, sizeof(path), "%s/services", w->dir);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(w->js, sizeof(w->js), "%s/js", w->dir);
	w->log_number = 1;
	w->port = test_free_port();
	snprintf(w->bus_url, sizeof(w->bus_url), "nats://127.0.0.1:%d", w->port);
	*state = w;
	return 0;
}

static void begin(struct world *w)
{
	struct pl_bus_options options = { .url = w->bus_url, .name = "test", .wait_ms = 5000 };
	char subject[128];

	server_start(w);
	assert_int_equal(pl_bus_open(&w->bus, &options), PL_OK);
	pl_bus_inbox(w->bus, w->inbox);
	snprintf(subject, sizeof(subject), "%s.js.>", w->inbox);
	pl_bus_subscribe(&w->subs[0], w->bus, subject, NULL, on_js, w);
	snprintf(subject, sizeof(subject), "%s.add.*", w->inbox);
	pl_bus_subscribe(&w->subs[1], w->bus, subject, NULL, on_added, w);
	snprintf(subject, sizeof(subject), "%s.count.*", w->inbox);
	pl_bus_subscribe(&w->subs[2], w->bus, subject, NULL, on_count, w);
	pl_bus_subscribe(&w->subs[3], w->bus, "node.local.reader.*", NULL, on_reader, w);
	make_log(w);
	for (int i = 0; i < 3; i++)
		service_start(w, i);
	for (int key = 0; key < KEYS; key++)
		next_add(w, key);
}

static int teardown(void **state)
{
	struct world *w = *state;

	for (int i = 0; i < 3; i++)
		end(&w->services[i], SIGTERM);
	pl_bus_close(w->bus);
	end(&w->server, SIGKILL);
	json_decref(w->counts);
	if (!getenv("PELAGO_KEEP")) {
		char *const rm[] = { (char *)"rm", (char *)"-rf", w->dir, NULL };
		pid_t pid = fork();

		if (pid == 0) {
			execvp("rm", rm);
			_exit(127);
		}
		waitpid(pid, NULL, 0);
	}
	free(w);
	return 0;
}

/* Runs until all additions are answered, calling fault about each ms. */
static void run(struct world *w, void (*fault)(struct world *), int each_ms)
{
	int64_t until = now_ms() + DEADLINE_MS, next = now_ms() + each_ms;

	while (w->done < KEYS * EACH && now_ms() < until) {
		step(w);
		if (fault && now_ms() >= next) {
			fault(w);
			next = now_ms() + each_ms;
		}
	}
	assert_int_equal(w->done, KEYS * EACH);
}

static void check_exact(struct world *w)
{
	int64_t until = now_ms() + DEADLINE_MS;

	assert_int_equal(count(w, "Producer", "made"), KEYS * EACH);
	while (count(w, "Target", "put") < KEYS * EACH && now_ms() < until)
		step(w);
	assert_int_equal(count(w, "Consumer", "taken"), KEYS * EACH);
	assert_int_equal(count(w, "Consumer", "disordered"), 0);
	assert_int_equal(count(w, "Target", "put"), KEYS * EACH);
}

static void run_for(struct world *w, int ms)
{
	for (int64_t until = now_ms() + ms; now_ms() < until;)
		step(w);
}

static void kill_consumer(struct world *w)
{
	kill(w->services[1], SIGKILL);
}

static void kill_bus(struct world *w)
{
	end(&w->server, SIGKILL);
	server_start(w);
}

static void end_producer(struct world *w)
{
	kill(w->services[0], SIGTERM);
}

/* PLT-11 PLT-60: who is told to end gives over all that it has, in the midst of work */
static void a_planned_end_loses_nothing(void **state)
{
	struct world *w = *state;

	begin(w);
	run(w, end_producer, 250);
	check_exact(w);
}

static void count_event(const struct pl_message *m, void *arg)
{
	int64_t *seen = arg;

	(void)m;
	++*seen;
}

/* UPG-8: what the log has is known to it, so the next owner doesn't publish all that is kept */
static void a_new_owner_publishes_little_again(void **state)
{
	struct pl_subscription *sub = NULL;
	struct world *w = *state;
	int64_t seen = 0;

	begin(w);
	run(w, NULL, 0);
	check_exact(w);
	assert_int_equal(pl_bus_subscribe(&sub, w->bus, "evt.>", NULL, count_event, &seen), PL_OK);
	end(&w->services[0], SIGTERM);
	service_start(w, 0);
	assert_int_equal(count(w, "Producer", "made"), KEYS * EACH);
	run_for(w, 1000);
	assert_true(seen < KEYS * EACH);
	pl_subscription_free(sub);
}

static void kill_producer(struct world *w)
{
	end(&w->services[0], SIGKILL);
	service_start(w, 0);
}

static void kill_all_in_turn(struct world *w)
{
	static void (*const faults[])(struct world *) = { kill_consumer, kill_producer, kill_bus };

	faults[w->kills++ % 3](w);
}

/* PLT-60: without a fault the three agree */
static void nothing_happens(void **state)
{
	struct world *w = *state;

	begin(w);
	run(w, NULL, 0);
	check_exact(w);
}

/* PLT-31 PLT-60: kill -9 of a consumer, again and again */
static void consumer_is_killed(void **state)
{
	struct world *w = *state;

	begin(w);
	run(w, kill_consumer, 150);
	check_exact(w);
}

/* PLT-31 PLT-60: the same where events wait for others, both before they are sent and before they
 * are handled */
static void gathering_ones_are_killed(void **state)
{
	struct world *w = *state;

	w->gathers = true;
	begin(w);
	run(w, kill_all_in_turn, 150);
	check_exact(w);
}

/* PLT-31: kill -9 of the bus in mid-publish */
static void bus_is_killed(void **state)
{
	struct world *w = *state;

	begin(w);
	run(w, kill_bus, 300);
	check_exact(w);
}

/* PLT-60: kill -9 of the service between commit and reply */
static void producer_dies_after_commit(void **state)
{
	struct world *w = *state;

	w->crash_each = "60";
	begin(w);
	run(w, NULL, 0);
	w->crash_each = NULL;
	end(&w->services[0], SIGKILL);
	service_start(w, 0);
	check_exact(w);
}

static void copy_folder(const char *from, const char *to)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		execlp("cp", "cp", "-a", from, to, NULL);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
}

/* PLT-31: the log's folder is put back to an older copy; what came since is in no consumer's past
 */
static void log_is_put_back(void **state)
{
	struct world *w = *state;
	char old[200], away[200];
	int64_t until;

	snprintf(old, sizeof(old), "%s/js-old", w->dir);
	snprintf(away, sizeof(away), "%s/js-away", w->dir);
	begin(w);
	until = now_ms() + DEADLINE_MS;
	while (w->done < KEYS * EACH / 3 && now_ms() < until)
		step(w);
	end(&w->server, SIGTERM);
	copy_folder(w->js, old);
	server_start(w);
	while (w->done < 2 * KEYS * EACH / 3 && now_ms() < until)
		step(w);
	end(&w->services[1], SIGKILL); /* so that it has not taken all when the log goes back */
	while (w->done < 5 * KEYS * EACH / 6 && now_ms() < until)
		step(w);
	end(&w->server, SIGKILL);
	assert_int_equal(rename(w->js, away), 0);
	assert_int_equal(rename(old, w->js), 0);
	server_start(w);
	service_start(w, 1);
	run(w, NULL, 0);
	check_exact(w);
}

/* PLT-60: the log is full, refuses for a while, and has room again */
static void log_is_full(void **state)
{
	struct world *w = *state;
	int64_t until;

	begin(w);
	until = now_ms() + DEADLINE_MS;
	while (w->done < KEYS * EACH / 4 && now_ms() < until)
		step(w);
	w->messages = 0;
	set_log(w, "UPDATE", -1);
	while (!w->messages && now_ms() < until)
		step(w);
	set_log(w, "UPDATE", (int)w->messages + 2 * KEYS);
	run(w, NULL, 0);
	for (until = now_ms() + 1500; now_ms() < until;)
		step(w);
	assert_true(count(w, "Consumer", "taken") <= KEYS * EACH / 2);
	set_log(w, "UPDATE", -1);
	check_exact(w);
}

/* All events together are 80 MB. Sanitizers need more memory than that themselves. */
static void check_peak(const struct world *w, int i)
{
	char path[64], line[128];
	long peak_kb = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)w->services[i]);
	f = fopen(path, "re");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		if (strncmp(line, "VmHWM:", 6) == 0)
			peak_kb = strtol(line + 6, NULL, 10);
	fclose(f);
	assert_true(peak_kb > 0);
#ifndef __SANITIZE_ADDRESS__
	assert_in_range(peak_kb, 1, PEAK_KB);
#endif
}

/* PLT-60: what the log doesn't take waits in the producer's tables, not in its memory */
static void a_long_wait_costs_no_memory(void **state)
{
	struct world *w = *state;
	int64_t until;

	w->pad = PAD;
	begin(w);
	until = now_ms() + DEADLINE_MS;
	while (w->done < KEYS && now_ms() < until)
		step(w);
	set_log(w, "UPDATE", 2 * KEYS);
	run(w, NULL, 0);
	check_peak(w, 0);
	end(&w->services[0], SIGKILL);
	service_start(w, 0);
	assert_int_equal(count(w, "Producer", "made"), KEYS * EACH);
	check_peak(w, 0);
	set_log(w, "UPDATE", -1);
	check_exact(w);
	check_peak(w, 0);
}

static void forget_boot(struct world *w)
{
	char url[256];
	struct pl_store *store = NULL;

	snprintf(url, sizeof(url), "sqlite:%s/services/%s/store.db", w->dir, names[0]);
	assert_int_equal(pl_store_open(&store, url), PL_OK);
	assert_int_equal(
		pl_store_exec(store, "update pl_meta set value = 'older' where name = 'boot'", ""),
		PL_OK);
	pl_store_close(store);
}

/* PLT-31: after a reboot the log has nothing; all that is kept goes out again, bit by bit */
static void a_reboot_brings_all_kept_events_again(void **state)
{
	struct world *w = *state;
	char away[200];
	int64_t until;

	w->pad = PAD;
	begin(w);
	end(&w->services[1], SIGKILL); /* before the first event */
	run(w, NULL, 0);
	end(&w->services[0], SIGTERM);
	end(&w->server, SIGKILL);
	snprintf(away, sizeof(away), "%s/js-away", w->dir);
	assert_int_equal(rename(w->js, away), 0);
	forget_boot(w);
	w->log_made = false;
	until = now_ms() + DEADLINE_MS;
	server_start(w);
	service_start(w, 0);
	service_start(w, 1);
	while (count(w, "Consumer", "taken") == 0 && now_ms() < until)
		step(w);
	check_peak(w, 0);
	kill(w->services[0], SIGKILL); /* in the middle: it goes on after the next start */
	check_exact(w);
	check_peak(w, 0);
}

static void exec_in(struct world *w, int i, const char *sql)
{
	char url[256];
	struct pl_store *store = NULL;

	snprintf(url, sizeof(url), "sqlite:%s/services/%s/store.db", w->dir, names[i]);
	assert_int_equal(pl_store_open(&store, url), PL_OK);
	assert_int_equal(pl_store_exec(store, sql, ""), PL_OK);
	pl_store_close(store);
}

/* All that was published is in the log, and then nowhere: neither there nor in the outbox. */
static void forget_events(struct world *w)
{
	char reply[128];
	int64_t sent_ms = 0, until = now_ms() + DEADLINE_MS;

	end(&w->services[0], SIGTERM); /* which waits for the acknowledgements */
	snprintf(reply, sizeof(reply), "%s.js.purge", w->inbox);
	for (w->purged = false; !w->purged && now_ms() < until;) {
		if (now_ms() - sent_ms > 500) {
			publish(w, "$JS.API.STREAM.PURGE.EVT", reply, NULL, json_object());
			sent_ms = now_ms();
		}
		step(w);
	}
	assert_true(w->purged);
	exec_in(w, 0, "delete from pl_outbox_a");
	exec_in(w, 0, "delete from pl_outbox_b");
	service_start(w, 0);
}

static bool log_has(struct world *w, int i, const char *event)
{
	char path[192], line[2048];
	bool found = false;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s.log", w->dir, names[i]);
	f = fopen(path, "re");
	assert_non_null(f);
	while (!found && fgets(line, sizeof(line), f))
		found = strstr(line, event) != NULL;
	fclose(f);
	return found;
}

static void run_to(struct world *w, int64_t done)
{
	int64_t until = now_ms() + DEADLINE_MS;

	while (w->done < done && now_ms() < until)
		step(w);
	assert_true(w->done >= done);
}

/* PLT-31 PLT-60: a log that has kept everything through kill -9 isn't told everything again */
static void a_bus_that_lost_nothing_is_told_nothing_again(void **state)
{
	struct world *w = *state;

	begin(w);
	run_to(w, KEYS * EACH / 3);
	kill_bus(w);
	run(w, NULL, 0);
	check_exact(w);
	for (size_t i = 0; i < 3; i++)
		assert_false(log_has(w, (int)i, "outbox.resend"));
}

/* The consumer ends itself after some of its commits, so amid pages. */
static void crash_consumer(struct world *w)
{
	w->crash_each = "8";
	w->crashing = 1;
	service_start(w, 1);
}

static void calm_consumer(struct world *w)
{
	w->crash_each = NULL;
	end(&w->services[1], SIGKILL);
	service_start(w, 1);
}

/* PLT-60: what neither log nor outbox has comes as state, in pages, once later events show the gap
 */
static void state_comes_for_lost_events(void **state)
{
	struct world *w = *state;

	begin(w);
	run_to(w, KEYS * EACH / 10);
	end(&w->services[1], SIGKILL);
	run_to(w, KEYS * EACH * 24 / 25);
	forget_events(w);
	service_start(w, 1);
	run(w, NULL, 0);
	check_exact(w);
	assert_true(log_has(w, 1, "event.restated"));
	assert_false(log_has(w, 1, "event.lost"));
}

/* PLT-31 PLT-60: and a crash amid its pages skips none */
static void a_crash_amid_state_skips_nothing(void **state)
{
	struct world *w = *state;

	begin(w);
	end(&w->services[1], SIGKILL); /* before the first event */
	run_to(w, KEYS * EACH * 24 / 25);
	forget_events(w);
	crash_consumer(w);
	run(w, NULL, 0);
	run_for(w, 3000);
	calm_consumer(w);
	check_exact(w);
	assert_true(log_has(w, 1, "event.restated"));
	assert_false(log_has(w, 1, "event.lost"));
}

/* PLT-60: keys that get no later event are found, also by a consumer that dies meanwhile */
static void silent_keys_are_found(void **state)
{
	struct world *w = *state;

	begin(w);
	run_to(w, KEYS * EACH / 10);
	end(&w->services[1], SIGKILL);
	run(w, NULL, 0);
	forget_events(w);
	crash_consumer(w);
	run_for(w, 3000);
	calm_consumer(w);
	check_exact(w);
	assert_true(log_has(w, 1, "log.surveyed"));
	assert_false(log_has(w, 1, "event.lost"));
}

/* PLT-60: the same for one that hadn't taken any event */
static void silent_keys_are_found_from_nothing(void **state)
{
	struct world *w = *state;

	begin(w);
	end(&w->services[1], SIGKILL);
	run(w, NULL, 0);
	forget_events(w);
	service_start(w, 1);
	check_exact(w);
	assert_false(log_has(w, 1, "event.lost"));
}

/* PLT-60: the log goes back to an older copy, and the outbox has forgotten what it lacks */
static void an_older_log_hides_nothing(void **state)
{
	struct world *w = *state;
	char old[200], away[200];
	int64_t until = now_ms() + DEADLINE_MS;

	snprintf(old, sizeof(old), "%s/js-old", w->dir);
	snprintf(away, sizeof(away), "%s/js-away", w->dir);
	begin(w);
	run_to(w, KEYS * EACH / 3);
	end(&w->server, SIGTERM);
	copy_folder(w->js, old);
	server_start(w);
	run_to(w, KEYS * EACH / 2);
	while (count(w, "Consumer", "taken") < KEYS * EACH * 2 / 5 && now_ms() < until)
		step(w); /* beyond the copy's end */
	end(&w->services[1], SIGKILL);
	run(w, NULL, 0);
	forget_events(w);
	end(&w->server, SIGKILL);
	assert_int_equal(rename(w->js, away), 0);
	assert_int_equal(rename(old, w->js), 0);
	server_start(w);
	service_start(w, 1);
	check_exact(w);
	assert_false(log_has(w, 1, "event.lost"));
}

/* PLT-60: the same, and the copy holds the consumer's place, so that only the node can tell */
static void an_older_log_with_the_place_hides_nothing(void **state)
{
	struct world *w = *state;
	char old[200], away[200];
	int64_t until = now_ms() + DEADLINE_MS;

	snprintf(old, sizeof(old), "%s/js-old", w->dir);
	snprintf(away, sizeof(away), "%s/js-away", w->dir);
	begin(w);
	run_to(w, KEYS * EACH / 4);
	while (count(w, "Consumer", "taken") < KEYS * EACH / 8 && now_ms() < until)
		step(w);
	end(&w->services[1], SIGKILL);
	run_to(w, KEYS * EACH / 3);
	end(&w->server, SIGTERM);
	copy_folder(w->js, old);
	server_start(w);
	run(w, NULL, 0);
	forget_events(w);
	end(&w->server, SIGKILL);
	assert_int_equal(rename(w->js, away), 0);
	assert_int_equal(rename(old, w->js), 0);
	w->log_number++;
	server_start(w);
	service_start(w, 1);
	check_exact(w);
	assert_false(log_has(w, 1, "log.rolled_back"));
	assert_false(log_has(w, 1, "event.lost"));
}

/* PLT-60: however many they are, they come bit by bit, and cost no memory */
static void many_silent_keys_are_found(void **state)
{
	struct world *w = *state;
	int64_t until, wanted = KEYS * EACH + MANY;

	begin(w);
	end(&w->services[1], SIGKILL);
	run(w, NULL, 0);
	forget_events(w);
	end(&w->services[0], SIGTERM);
	exec_in(w, 0,
		"with recursive x (i) as (select 1 union all select i + 1 from x where i < 5000) "
		"insert into made (key, i) select 'many' || i, 1 from x");
	exec_in(w, 0,
		"insert into pl_key (noun, key, n) select 'test', key, 1 from made "
		"where key like 'many%'");
	service_start(w, 0);
	service_start(w, 1);
	for (until = now_ms() + DEADLINE_MS;
	     count(w, "Target", "put") < wanted && now_ms() < until;)
		run_for(w, 100);
	assert_int_equal(count(w, "Consumer", "taken"), wanted);
	assert_int_equal(count(w, "Consumer", "disordered"), 0);
	assert_int_equal(count(w, "Target", "put"), wanted);
	check_peak(w, 1);
}

/* PLT-60: what the producer has forgotten, too, is lost, and said to be; the key goes on */
static void what_nobody_has_is_lost_loudly(void **state)
{
	struct world *w = *state;
	int64_t until;

	begin(w);
	run_to(w, KEYS * EACH / 3);
	end(&w->services[1], SIGTERM);
	run_to(w, KEYS * EACH / 2);
	end(&w->services[0], SIGTERM);
	exec_in(w, 0, "update made set is_gone = 1");
	forget_events(w);
	service_start(w, 1);
	run(w, NULL, 0);
	for (until = now_ms() + DEADLINE_MS;
	     count(w, "Consumer", "last") < KEYS * EACH && now_ms() < until;)
		step(w);
	assert_int_equal(count(w, "Consumer", "last"), KEYS * EACH);
	assert_true(count(w, "Consumer", "taken") >= KEYS * EACH / 2 - KEYS);
	assert_true(count(w, "Consumer", "taken") < KEYS * EACH);
	assert_true(log_has(w, 1, "event.lost"));
}

/* Puts the producer's wall clock, and waits until it has forgotten what is too old. */
static void put_clock(struct world *w, int64_t ahead_ms)
{
	int64_t until = now_ms() + DEADLINE_MS;

	ask(w, "Producer.clock", NULL, json_pack("{s:I}", "aheadMs", (json_int_t)ahead_ms));
	while (count(w, "Producer", "old") > 0 && now_ms() < until)
		run_for(w, 100);
	assert_int_equal(count(w, "Producer", "old"), 0);
}

/* PLT-60: a repeated request gets the first answer, wherever the wall clock jumps meanwhile */
static void a_jump_of_the_clock_makes_no_repeat_new(void **state)
{
	static const int64_t hours[] = { 1, -24 };
	struct world *w = *state;

	begin(w);
	run(w, NULL, 0);
	for (size_t i = 0;; i++) {
		const json_t *answer = ask(w, "Producer.add", "REPEATED",
					   json_pack("{s:s, s:i}", "key", "again", "i", 1));

		assert_int_equal(json_integer_value(json_object_get(answer, "i")), 1);
		if (i == sizeof(hours) / sizeof(hours[0]))
			break;
		put_clock(w, 3600000 * hours[i]);
		end(&w->services[0], SIGKILL); /* it starts again at the real time */
		service_start(w, 0);
	}
}

static void reaches(struct world *w, const char *service, const char *what, int64_t wanted)
{
	int64_t until = now_ms() + DEADLINE_MS;

	while (count(w, service, what) != wanted && now_ms() < until)
		run_for(w, 50);
	assert_int_equal(count(w, service, what), wanted);
}

/* PLT-3 PLT-20: what is for one process's eyes goes to its inbox only */
static void answers_tell_whose_inbox_they_go_to(void **state)
{
	struct world *w = *state;
	const char *name;
	int len;
	char own[96], longer[97], shorter[96];
	const struct {
		const char *process;
		bool answers;
	} rows[] = { { own, true }, { longer, false }, { shorter, false }, { "", false } };

	begin(w);
	name = strchr(w->inbox, '.') + 1;
	len = (int)strcspn(name, ".");
	snprintf(own, sizeof(own), "%.*s", len, name);
	snprintf(longer, sizeof(longer), "%sx", own);
	snprintf(shorter, sizeof(shorter), "%.*s", len - 1, name);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const json_t *answer = ask(w, "Producer.answers", NULL,
					   json_pack("{s:s}", "process", rows[i].process));

		assert_int_equal(json_is_true(json_object_get(answer, "answers")), rows[i].answers);
	}
}

static void frame(struct world *w, bool trim, int head, size_t kept)
{
	char id[27];
	const json_t *answer;

	pl_id(id);
	answer = ask(w, "Producer.frame", id,
		     json_pack("{s:s, s:b}", "stream", "test.S", "trim", trim));
	assert_int_equal(json_integer_value(json_object_get(answer, "head")), head);
	assert_int_equal(json_array_size(json_object_get(answer, "kept")), kept);
}

/* PLT-60: numbers of frames go on over a restart, also where all frames were forgotten */
static void numbers_of_frames_go_on(void **state)
{
	struct world *w = *state;

	begin(w);
	for (int i = 1; i <= 3; i++)
		frame(w, false, i, (size_t)i);
	end(&w->services[0], SIGKILL);
	service_start(w, 0);
	frame(w, false, 4, 4);
	frame(w, true, 4, 0);
	end(&w->services[0], SIGKILL);
	service_start(w, 0);
	frame(w, false, 5, 1);
}

/* The next event of a key that has i of them. */
static void add_one(struct world *w, const char *key, int i)
{
	char id[27];

	pl_id(id);
	ask(w, "Producer.add", id, json_pack("{s:s, s:i}", "key", key, "i", i));
}

/*
 * PLT-60: the number of a key that is an old id is forgotten once nothing of it is held, and none
 * is given twice: what comes late isn't taken for a repeat
 */
static void numbers_of_old_keys_are_forgotten(void **state)
{
	static const char seldom[] = "01ARZ3NDEKTSV4RRFFQ69G5FAV",
			  often[] = "01ARZ3NDEKTSV4RRFFQ69G5FAW",
			  held[] = "01ARZ3NDEKTSV4RRFFQ69G5FAX";
	int64_t adds = KEYS * EACH + 2 + 5 + 1 + 1;
	struct world *w = *state;
	char young[27];

	begin(w);
	run(w, NULL, 0);
	pl_id(young);
	for (int i = 1; i <= 2; i++)
		add_one(w, seldom, i);
	for (int i = 1; i <= 5; i++)
		add_one(w, often, i);
	add_one(w, held, 1);
	add_one(w, young, 1);
	reaches(w, "Target", "put", adds);
	assert_int_equal(count(w, "Producer", "keys"), KEYS + 4);
	end(&w->services[0], SIGTERM);
	exec_in(w, 0, "update made set is_gone = 1 where key <> '01ARZ3NDEKTSV4RRFFQ69G5FAX'");
	exec_in(w, 0, "delete from pl_outbox_a");
	exec_in(w, 0, "delete from pl_outbox_b");
	service_start(w, 0);
	reaches(w, "Producer", "keys", KEYS + 2); /* what is left is held, young, or no id */
	add_one(w, seldom, 3);
	add_one(w, young, 2);
	reaches(w, "Target", "put", adds + 2);
	end(&w->services[0], SIGKILL);
	service_start(w, 0);
	add_one(w, often, 6);
	reaches(w, "Target", "put", adds + 3);
	assert_int_equal(count(w, "Consumer", "disordered"), 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_happens, setup, teardown),
		cmocka_unit_test_setup_teardown(a_planned_end_loses_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(a_new_owner_publishes_little_again, setup,
						teardown),
		cmocka_unit_test_setup_teardown(consumer_is_killed, setup, teardown),
		cmocka_unit_test_setup_teardown(gathering_ones_are_killed, setup, teardown),
		cmocka_unit_test_setup_teardown(bus_is_killed, setup, teardown),
		cmocka_unit_test_setup_teardown(a_bus_that_lost_nothing_is_told_nothing_again,
						setup, teardown),
		cmocka_unit_test_setup_teardown(producer_dies_after_commit, setup, teardown),
		cmocka_unit_test_setup_teardown(log_is_put_back, setup, teardown),
		cmocka_unit_test_setup_teardown(log_is_full, setup, teardown),
		cmocka_unit_test_setup_teardown(a_long_wait_costs_no_memory, setup, teardown),
		cmocka_unit_test_setup_teardown(a_reboot_brings_all_kept_events_again, setup,
						teardown),
		cmocka_unit_test_setup_teardown(state_comes_for_lost_events, setup, teardown),
		cmocka_unit_test_setup_teardown(a_crash_amid_state_skips_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(silent_keys_are_found, setup, teardown),
		cmocka_unit_test_setup_teardown(silent_keys_are_found_from_nothing, setup,
						teardown),
		cmocka_unit_test_setup_teardown(an_older_log_hides_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(an_older_log_with_the_place_hides_nothing, setup,
						teardown),
		cmocka_unit_test_setup_teardown(many_silent_keys_are_found, setup, teardown),
		cmocka_unit_test_setup_teardown(what_nobody_has_is_lost_loudly, setup, teardown),
		cmocka_unit_test_setup_teardown(answers_tell_whose_inbox_they_go_to, setup,
						teardown),
		cmocka_unit_test_setup_teardown(numbers_of_frames_go_on, setup, teardown),
		cmocka_unit_test_setup_teardown(numbers_of_old_keys_are_forgotten, setup, teardown),
		cmocka_unit_test_setup_teardown(a_jump_of_the_clock_makes_no_repeat_new, setup,
						teardown),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("crash", tests, NULL, NULL);
}
