/* test_world.c — see test_world.h. SPDX-License-Identifier: Apache-2.0 */
#include "test_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "pelago/bus.h"
#include "pelago/json.h"

enum { SERVICES = 16, ARGS = 16, RESEND_MS = 250, NOBODY_MS = 30 };

/* pl_id of the SDK needs a whole service; ours are as unguessable as a test needs. */
static void make_id(char id[27])
{
	static unsigned count;

	snprintf(id, 27, "TEST%08x%010x", (unsigned)getpid(), ++count);
}

struct running {
	char name[64];
	pid_t pid, standby;
};

struct served {
	struct test_world *world;
	char name[64];
	struct pl_subscription *sub;
	test_serve_fn *fn;
	void *arg;
};

struct test_world {
	char dir[96], url[64], inbox[96], programs[512];
	int port;
	pid_t server;
	struct pl_bus *bus;
	struct pl_subscription *subs[4];
	bool has_log;
	struct running services[SERVICES];
	struct served served[SERVICES];
	json_t *replies;   /* by id: what came, or null for nobody there */
	json_t *first;	   /* by id: our answer as another service */
	json_t *commands;  /* [{operation, body}] */
	json_t *events;	   /* [envelope] of services */
	json_t *all;	   /* the same, also those that were waited for */
	json_t *seen;	   /* identities of events that came */
	json_t *pushes;	   /* [push] */
	json_t *published; /* [envelope] of ours */
	json_t *counts;	   /* "producer noun key": n */
	json_t *acks;	   /* by number: the log's acknowledgement */
};

static int64_t mono_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t test_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

const char *test_world_bus(const struct test_world *w)
{
	return w->url;
}

const char *test_world_dir(const struct test_world *w)
{
	return w->dir;
}

/* ---- processes ---- */

static pid_t spawn(const char *log, const char *const argv[])
{
	pid_t parent = getpid(), pid = fork();

	assert_true(pid >= 0);
	if (pid > 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent || !freopen(log, "a", stdout) || !freopen(log, "a", stderr))
		_exit(126);
	execvp(argv[0], (char *const *)argv);
	_exit(127);
}

/* Returns the exit status, or -signal. */
static int end(pid_t *pidp, int signo)
{
	int status = 0;

	if (*pidp <= 0)
		return 0;
	kill(*pidp, signo);
	for (int tries = 0; waitpid(*pidp, &status, WNOHANG) == 0; tries++) {
		if (tries == 1000) /* 10 s */
			kill(*pidp, SIGKILL);
		usleep(10000);
	}
	*pidp = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static int free_port(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0 && bind(fd, (struct sockaddr *)&address, len) == 0);
	assert_true(getsockname(fd, (struct sockaddr *)&address, &len) == 0);
	close(fd);
	return ntohs(address.sin_port);
}

void test_bus_start(struct test_world *w)
{
	char port[16], js[128], log[128];
	const char *const argv[] = { "nats-server", "-a", "127.0.0.1", "-p", port, "-js",
				     "-sd",	    js,	  "-l",	       log,  NULL };

	snprintf(port, sizeof(port), "%d", w->port);
	snprintf(js, sizeof(js), "%s/js", w->dir);
	snprintf(log, sizeof(log), "%s/nats.log", w->dir);
	w->server = spawn(log, argv);
}

void test_bus_stop(struct test_world *w)
{
	end(&w->server, SIGKILL);
}

static struct running *running_find(struct test_world *w, const char *name)
{
	for (int i = 0; i < SERVICES; i++)
		if (strcmp(w->services[i].name, name) == 0)
			return &w->services[i];
	return NULL;
}

static struct running *running_get(struct test_world *w, const char *name)
{
	struct running *r = running_find(w, name);

	if (!r)
		r = running_find(w, "");
	if (!r)
		abort(); /* more services than the world has room for */
	snprintf(r->name, sizeof(r->name), "%s", name);
	return r;
}

/* A database of its own for each world and service, on either store. */
void test_service_store(const struct test_world *w, const char *name, char *store, size_t size)
{
	const char *postgres = getenv("PELAGO_TEST_POSTGRES");

	if (postgres)
		snprintf(store, size, "%s?schema=t%d_%s", postgres, w->port, name);
	else
		snprintf(store, size, "sqlite:%s/services/%s/store.db", w->dir, name);
}

static pid_t start(struct test_world *w, const char *name, const char *log_name,
		   const char *const more[])
{
	char program[640], store[512], log[256];
	const char *argv[ARGS] = { program, "--data", w->dir,	 "--node", "local",
				   "--bus", w->url,   "--store", store };
	int argc = 9;

	snprintf(program, sizeof(program), "%s/%s/%s", w->programs, name, name);
	test_service_store(w, name, store, sizeof(store));
	snprintf(log, sizeof(log), "%s/%s.log", w->dir, log_name);
	while (more && argc < ARGS - 1 && *more)
		argv[argc++] = *more++;
	argv[argc] = NULL;
	return spawn(log, argv);
}

void test_service_start(struct test_world *w, const char *name, ...)
{
	struct running *r = running_get(w, name);
	const char *more[ARGS] = { NULL };
	char ping[128];
	va_list ap;

	assert_int_equal(r->pid, 0);
	va_start(ap, name);
	for (int i = 0; i < ARGS - 1 && (more[i] = va_arg(ap, const char *)); i++)
		;
	va_end(ap);
	r->pid = start(w, name, name, more);
	snprintf(ping, sizeof(ping), "%s.ping", name);
	json_decref(test_request_id(w, ping, json_object(), NULL));
}

/* A log says when the process stands by. */
static bool stands_by(struct test_world *w, void *arg)
{
	char line[1000], path[256];
	bool found = false;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s.log", w->dir, (const char *)arg);
	f = fopen(path, "re");
	while (f && !found && fgets(line, sizeof(line), f))
		found = strstr(line, "service.standby");
	if (f)
		fclose(f);
	return found;
}

void test_standby_start(struct test_world *w, const char *name)
{
	struct running *r = running_find(w, name);
	char log[80];

	assert_true(r && r->pid && !r->standby);
	snprintf(log, sizeof(log), "%s-standby", name);
	r->standby = start(w, name, log, NULL);
	test_until(w, stands_by, log, log);
}

void test_standby_leads(struct test_world *w, const char *name)
{
	struct running *r = running_find(w, name);

	assert_true(r && !r->pid && r->standby);
	r->pid = r->standby;
	r->standby = 0;
}

void test_service_kill(struct test_world *w, const char *name)
{
	struct running *r = running_find(w, name);

	assert_non_null(r);
	end(&r->pid, SIGKILL);
}

void test_service_stop(struct test_world *w, const char *name)
{
	struct running *r = running_find(w, name);
	int status;

	assert_non_null(r);
	status = end(&r->pid, SIGTERM);
	if (status)
		fail_msg("%s ended with %d: see %s/%s.log", name, status, w->dir, name);
}

void test_service_configure(struct test_world *w, const char *name, json_t *config)
{
	char path[256], fresh[264];

	snprintf(path, sizeof(path), "%s/services/%s", w->dir, name);
	assert_true(mkdir(path, 0700) == 0 || errno == EEXIST);
	snprintf(path, sizeof(path), "%s/services/%s/config.json", w->dir, name);
	snprintf(fresh, sizeof(fresh), "%s.new", path);
	assert_int_equal(json_dump_file(config, fresh, JSON_COMPACT), 0);
	assert_int_equal(rename(fresh, path), 0);
	json_decref(config);
}

/* ---- the bus ---- */

static void publish(struct test_world *w, const char *subject, const char *reply, const char *id,
		    const char *msg_id, json_t *body)
{
	char *text = pl_json_dump(body);
	struct pl_message m = {
		.subject = subject, .reply = reply, .id = id, .msg_id = msg_id, .body = text
	};

	assert_non_null(text);
	m.body_len = strlen(text);
	(void)pl_bus_publish(w->bus, &m);
	json_decref(body);
	free(text);
}

static void step(struct test_world *w, int wait_ms)
{
	struct pollfd fd = { pl_bus_fd(w->bus), POLLIN, 0 };

	pl_bus_flush(w->bus);
	poll(&fd, 1, wait_ms);
	pl_bus_read(w->bus, 1000);
	pl_bus_flush(w->bus);
}

void test_run(struct test_world *w, int ms)
{
	for (int64_t until = mono_ms() + ms; mono_ms() < until;)
		step(w, 5);
}

void test_until(struct test_world *w, bool (*fn)(struct test_world *w, void *arg), void *arg,
		const char *what)
{
	for (int64_t until = mono_ms() + TEST_WAIT_MS; !fn(w, arg);) {
		if (mono_ms() > until)
			fail_msg("not within %d ms: %s; see %s", TEST_WAIT_MS, what, w->dir);
		step(w, 10);
	}
}

static json_t *parse(const struct pl_message *m)
{
	json_t *value = NULL;

	return pl_json_parse(&value, m->body ? m->body : "", m->body_len) ? NULL : value;
}

static void make_log(struct test_world *w)
{
	char reply[160];

	snprintf(reply, sizeof(reply), "%s.js.stream", w->inbox);
	publish(w, "$JS.API.STREAM.CREATE.EVT", reply, NULL, NULL,
		json_pack("{s:s, s:[s], s:s, s:s, s:s, s:i, s:I}", "name", "EVT", "subjects",
			  "evt.>", "storage", "file", "retention", "limits", "discard", "new",
			  "num_replicas", 1, "duplicate_window", (json_int_t)120000000000));
}

/* What a node does for a service's reader. */
static void on_reader(const struct pl_message *m, void *arg)
{
	struct test_world *w = arg;
	json_t *asked = parse(m);
	int64_t start = json_integer_value(json_object_get(asked, "start"));
	char reply[256];

	snprintf(reply, sizeof(reply), "%s.js.%s", w->inbox, m->reply);
	publish(w, "$JS.API.CONSUMER.CREATE.EVT", reply, NULL, NULL,
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

static void on_js(struct test_world *w, const char *to, const struct pl_message *m)
{
	json_t *answer = m->status ? NULL : parse(m);

	if (!answer)
		return;
	if (strcmp(to, "stream") == 0) {
		w->has_log = !json_object_get(answer, "error");
	} else if (json_object_get(answer, "error")) {
		make_log(w);
		publish(w, to, NULL, NULL, NULL, test_refusal("UNAVAILABLE"));
	} else {
		publish(w, to, NULL, NULL, NULL,
			json_pack("{s:I, s:O}", "deliveredSeq",
				  (json_int_t)json_integer_value(
					  pl_json_get(answer, "delivered.stream_seq")),
				  "pending", json_object_get(answer, "num_pending")));
	}
	json_decref(answer);
}

static void on_inbox(const struct pl_message *m, void *arg)
{
	struct test_world *w = arg;
	const char *tail = m->subject + strlen(w->inbox) + 1;

	if (strncmp(tail, "js.", 3) == 0) {
		on_js(w, tail + 3, m);
	} else if (strncmp(tail, "ack.", 4) == 0) {
		json_t *answer = parse(m);

		if (!m->status && answer && !json_object_get(answer, "error"))
			json_object_set_new(w->acks, tail + 4, json_true());
		json_decref(answer);
	} else if (strncmp(tail, "r.", 2) == 0) {
		json_t *reply = m->status ? json_null() : parse(m);

		assert_non_null(reply);
		if (!json_is_object(json_object_get(w->replies, tail + 2)))
			json_object_set_new(w->replies, tail + 2, reply);
		else
			json_decref(reply);
	}
}

/* Gives event; each is taken once. */
static void take_event(struct test_world *w, json_t *event)
{
	char name[400];

	assert_non_null(event);
	snprintf(name, sizeof(name), "%s:%ld:%s:%s:%ld", pl_json_get_text(event, "producer"),
		 (long)json_integer_value(json_object_get(event, "incarnation")),
		 pl_json_get_text(event, "noun"), pl_json_get_text(event, "key"),
		 (long)json_integer_value(json_object_get(event, "n")));
	if (!json_object_get(w->seen, name)) {
		json_object_set_new(w->seen, name, json_true());
		json_array_append(w->events, event);
		json_array_append(w->all, event);
	}
	json_decref(event);
}

static void on_event(const struct pl_message *m, void *arg)
{
	struct test_world *w = arg;

	const char *at = m->body, *end = at + m->body_len, *line_end;

	for (; m->msg_id && at < end; at = line_end + 1) { /* of a lot, one a line */
		line_end = memchr(at, '\n', (size_t)(end - at));
		line_end = line_end ? line_end : end;
		take_event(w, json_loadb(at, (size_t)(line_end - at), 0, NULL));
	}
}

static void on_push(const struct pl_message *m, void *arg)
{
	struct test_world *w = arg;

	json_array_append_new(w->pushes, parse(m));
}

static void remove_folder(const char *dir)
{
	const char *const argv[] = { "rm", "-rf", dir, NULL };
	pid_t pid = spawn("/dev/null", argv);

	waitpid(pid, NULL, 0);
}

static void find_programs(struct test_world *w)
{
	const char *place = getenv("PELAGO_SERVICES");
	ssize_t n;

	if (place) {
		snprintf(w->programs, sizeof(w->programs), "%s", place);
		return;
	}
	n = readlink("/proc/self/exe", w->programs, sizeof(w->programs) - 1);
	assert_true(n > 0);
	w->programs[n] = '\0';
	for (int i = 0; i < 2; i++)
		*strrchr(w->programs, '/') = '\0';
}

static bool log_is_there(struct test_world *w, void *arg)
{
	if (!w->has_log)
		make_log(w);
	return w->has_log;
}

struct test_world *test_world_new(void)
{
	struct test_world *w = calloc(1, sizeof(*w));
	struct pl_bus_options options = { .name = "test", .wait_ms = 5000 };
	const struct {
		const char *subject;
		pl_message_fn *fn;
	} subs[] = { { "node.local.reader.*", on_reader },
		     { "evt.>", on_event },
		     { "usr.>", on_push } };
	char path[160];

	assert_non_null(w);
	find_programs(w);
	snprintf(w->dir, sizeof(w->dir), "/tmp/pelago-test-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	snprintf(path, sizeof(path), "%s/services", w->dir);
	assert_int_equal(mkdir(path, 0700), 0);
	w->replies = json_object();
	w->first = json_object();
	w->seen = json_object();
	w->counts = json_object();
	w->acks = json_object();
	w->commands = json_array();
	w->events = json_array();
	w->all = json_array();
	w->pushes = json_array();
	w->published = json_array();
	w->port = free_port();
	snprintf(w->url, sizeof(w->url), "nats://127.0.0.1:%d", w->port);
	options.url = w->url;
	test_bus_start(w);
	assert_int_equal(pl_bus_open(&w->bus, &options), 0);
	pl_bus_inbox(w->bus, w->inbox);
	for (int i = 0; i < 3; i++)
		assert_int_equal(
			pl_bus_subscribe(&w->subs[i], w->bus, subs[i].subject, NULL, subs[i].fn, w),
			0);
	snprintf(path, sizeof(path), "%s.>", w->inbox);
	assert_int_equal(pl_bus_subscribe(&w->subs[3], w->bus, path, NULL, on_inbox, w), 0);
	test_until(w, log_is_there, NULL, "the log is made");
	return w;
}

void test_world_free(struct test_world *w)
{
	char bad[128] = "";

	if (!w)
		return;
	for (int i = 0; i < SERVICES; i++) {
		int standby = end(&w->services[i].standby, SIGTERM);
		int status = end(&w->services[i].pid, SIGTERM);

		if (!status)
			status = standby;
		if (status)
			snprintf(bad, sizeof(bad), "%s ended with %d", w->services[i].name, status);
	}
	pl_bus_close(w->bus);
	test_bus_stop(w);
	if (bad[0])
		fail_msg("%s: see %s", bad, w->dir);
	if (!getenv("PELAGO_KEEP"))
		remove_folder(w->dir);
	json_decref(w->replies);
	json_decref(w->first);
	json_decref(w->seen);
	json_decref(w->counts);
	json_decref(w->acks);
	json_decref(w->commands);
	json_decref(w->events);
	json_decref(w->all);
	json_decref(w->pushes);
	json_decref(w->published);
	free(w);
}

/* ---- requests ---- */

static void send_bytes(struct test_world *w, const char *operation, const void *body, size_t len,
		       const char *id, const char *slot)
{
	char subject[160], reply[200];
	struct pl_message m = {
		.subject = subject, .reply = reply, .id = id, .body = body, .body_len = len
	};

	snprintf(subject, sizeof(subject), "svc.%s", operation);
	snprintf(reply, sizeof(reply), "%s.r.%s", w->inbox, slot);
	(void)pl_bus_publish(w->bus, &m);
}

static json_t *take_reply(struct test_world *w, const char *slot)
{
	json_t *reply = json_incref(json_object_get(w->replies, slot));

	json_object_del(w->replies, slot);
	return reply;
}

/* Sends until an answer is there. */
static json_t *ask(struct test_world *w, const char *operation, const void *body, size_t len,
		   const char *id)
{
	int64_t now = mono_ms(), until = now + TEST_WAIT_MS, next = now;
	char slot[27];

	make_id(slot);
	for (;;) {
		json_t *reply = take_reply(w, slot);

		if (json_is_object(reply))
			return reply;
		now = mono_ms();
		if (reply)
			next = now + NOBODY_MS;
		json_decref(reply);
		if (now > until)
			fail_msg("%s was not answered; see %s", operation, w->dir);
		if (now >= next) {
			send_bytes(w, operation, body, len, id, slot);
			next = now + RESEND_MS;
		}
		step(w, 10);
	}
}

json_t *test_request_id(struct test_world *w, const char *operation, json_t *body, const char *id)
{
	json_t *reply;
	char *text;

	assert_non_null(body);
	json_object_set_new(body, "v", json_integer(1));
	text = pl_json_dump(body);
	assert_non_null(text);
	reply = ask(w, operation, text, strlen(text), id);
	json_decref(body);
	free(text);
	return reply;
}

json_t *test_request(struct test_world *w, const char *operation, json_t *body)
{
	char id[27];

	make_id(id);
	return test_request_id(w, operation, body, id);
}

json_t *test_request_bytes(struct test_world *w, const char *operation, const void *body,
			   size_t len)
{
	char id[27];

	make_id(id);
	return ask(w, operation, body, len, id);
}

void test_send(struct test_world *w, const char *operation, json_t *body, char id[27])
{
	char *text;

	make_id(id);
	json_object_set_new(body, "v", json_integer(1));
	text = pl_json_dump(body);
	assert_non_null(text);
	send_bytes(w, operation, text, strlen(text), id, id);
	pl_bus_flush(w->bus);
	json_decref(body);
	free(text);
}

static bool is_answered(struct test_world *w, void *arg)
{
	return json_is_object(json_object_get(w->replies, arg));
}

json_t *test_answer(struct test_world *w, const char *id)
{
	test_until(w, is_answered, (void *)(uintptr_t)id, "an answer");
	return take_reply(w, id);
}

const char *test_error(const json_t *reply)
{
	return pl_json_get_text(reply, "error.code");
}

void test_refused(struct test_world *w, const char *operation, json_t *body, const char *code)
{
	json_t *reply = test_request(w, operation, body);

	assert_string_equal(test_error(reply), code);
	json_decref(reply);
}

static json_t *words(const char *text)
{
	json_t *list = json_array();

	while (text && *text) {
		size_t len = strcspn(text, " ");

		json_array_append_new(list, json_stringn(text, len));
		text += len + strspn(text + len, " ");
	}
	return list;
}

json_t *test_http(const char *method, json_t *path, json_t *query, json_t *body, const char *user,
		  const char *roles)
{
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:s}", "method", method, "path",
			 path ? path : json_object(), "query", query ? query : json_object(),
			 "body", body ? body : json_null(), "user",
			 user ? json_pack("{s:s, s:s, s:o}", "sub", user, "name", user, "roles",
					  words(roles))
			      : json_null(),
			 "from", "127.0.0.1");
}

/* ---- being another service ---- */

json_t *test_refusal(const char *name)
{
	for (int i = 0; i < PL_ERR_COUNT; i++) {
		const struct pl_err_row *row = pl_err_row((enum pl_err)i);

		if (strcmp(row->name, name) == 0)
			return json_pack("{s:{s:s, s:s, s:s}}", "error", "code", row->wire, "name",
					 name, "message", row->text);
	}
	fail_msg("no error is named %s", name);
	return NULL;
}

static json_t *kept_events(struct test_world *w, const char *producer, json_t *body)
{
	json_t *list = json_array(), *e;
	json_int_t from = json_integer_value(json_object_get(body, "from")), oldest = 0, n;
	size_t i;

	json_array_foreach(w->published, i, e) {
		n = json_integer_value(json_object_get(e, "n"));
		if (strcmp(pl_json_get_text(e, "producer"), producer) == 0 &&
		    strcmp(pl_json_get_text(e, "noun"), pl_json_get_text(body, "noun")) == 0 &&
		    strcmp(pl_json_get_text(e, "key"), pl_json_get_text(body, "key")) == 0) {
			oldest = !oldest || n < oldest ? n : oldest;
			if (n >= from)
				json_array_append(list, e);
		}
	}
	return json_pack("{s:s, s:O, s:O, s:o, s:I}", "producer", producer, "noun",
			 json_object_get(body, "noun"), "key", json_object_get(body, "key"),
			 "events", list, "oldest", oldest);
}

static json_t *serve(struct served *s, const char *operation, json_t *body)
{
	if (strcmp(operation, "events") == 0)
		return kept_events(s->world, s->name, body);
	if (strcmp(operation, "ping") == 0)
		return json_object();
	json_array_append_new(s->world->commands,
			      json_pack("{s:o, s:O}", "operation",
					json_sprintf("%s.%s", s->name, operation), "body", body));
	return s->fn ? s->fn(operation, body, s->arg) : json_object();
}

static void on_served(const struct pl_message *m, void *arg)
{
	struct served *s = arg;
	struct test_world *w = s->world;
	const char *operation = m->subject + strlen("svc.") + strlen(s->name) + 1;
	json_t *reply = m->id ? json_incref(json_object_get(w->first, m->id)) : NULL;
	json_t *body = parse(m);

	assert_non_null(body);
	if (!reply) {
		reply = serve(s, operation, body);
		if (reply && m->id)
			json_object_set(w->first, m->id, reply);
	}
	json_decref(body);
	if (reply && m->reply)
		publish(w, m->reply, NULL, NULL, NULL, reply);
	else
		json_decref(reply);
}

static struct served *served_find(struct test_world *w, const char *name)
{
	for (int i = 0; i < SERVICES; i++)
		if (strcmp(w->served[i].name, name) == 0)
			return &w->served[i];
	return NULL;
}

void test_serve(struct test_world *w, const char *service, test_serve_fn *fn, void *arg)
{
	struct served *s = served_find(w, service);
	char subject[96];

	if (!s) {
		s = served_find(w, "");
		assert_non_null(s);
		snprintf(s->name, sizeof(s->name), "%s", service);
		s->world = w;
		snprintf(subject, sizeof(subject), "svc.%s.*", service);
		assert_int_equal(pl_bus_subscribe(&s->sub, w->bus, subject, service, on_served, s),
				 0);
	}
	s->fn = fn;
	s->arg = arg;
}

/* ---- what came ---- */

typedef bool match_fn(const json_t *item, const char *a, const char *b);

/* Takes the first match out of a list; NULL when none came within ms. */
static json_t *wait_for(struct test_world *w, json_t *list, match_fn *match, const char *a,
			const char *b, int ms)
{
	int64_t until = mono_ms() + ms;

	for (;;) {
		json_t *item;
		size_t i;

		json_array_foreach(list, i, item)
			if (match(item, a, b)) {
				json_incref(item);
				json_array_remove(list, i);
				return item;
			}
		if (mono_ms() > until)
			return NULL;
		step(w, 10);
	}
}

static bool is_command(const json_t *item, const char *operation, const char *unused)
{
	return strcmp(pl_json_get_text(item, "operation"), operation) == 0;
}

static bool is_event(const json_t *item, const char *noun_verb, const char *key)
{
	const char *noun = pl_json_get_text(item, "noun");
	size_t len = strlen(noun);

	return strncmp(noun_verb, noun, len) == 0 && noun_verb[len] == '.' &&
	       strcmp(noun_verb + len + 1, pl_json_get_text(item, "verb")) == 0 &&
	       (!key || strcmp(key, pl_json_get_text(item, "key")) == 0);
}

static bool is_push(const json_t *item, const char *stream, const char *type)
{
	return strcmp(pl_json_get_text(item, "stream"), stream) == 0 &&
	       (!type || strcmp(pl_json_get_text(item, "frame.type"), type) == 0);
}

static json_t *came(struct test_world *w, json_t *item, const char *what, const char *of)
{
	if (!item)
		fail_msg("no %s of %s came; see %s", what, of ? of : "any", w->dir);
	return item;
}

static void came_not(struct test_world *w, json_t *item, const char *what)
{
	char *text = item ? pl_json_dump(item) : NULL;

	if (item)
		fail_msg("%s came though none should: %s; see %s", what, text, w->dir);
}

json_t *test_wait_command(struct test_world *w, const char *operation)
{
	json_t *item = came(w, wait_for(w, w->commands, is_command, operation, NULL, TEST_WAIT_MS),
			    operation, NULL);
	json_t *body = json_incref(json_object_get(item, "body"));

	json_decref(item);
	return body;
}

void test_no_command(struct test_world *w, const char *operation, int ms)
{
	came_not(w, wait_for(w, w->commands, is_command, operation, NULL, ms), operation);
}

json_t *test_wait_event(struct test_world *w, const char *noun_verb, const char *key)
{
	return came(w, wait_for(w, w->events, is_event, noun_verb, key, TEST_WAIT_MS), noun_verb,
		    key);
}

void test_no_event(struct test_world *w, const char *noun_verb, const char *key, int ms)
{
	came_not(w, wait_for(w, w->events, is_event, noun_verb, key, ms), noun_verb);
}

json_t *test_wait_push(struct test_world *w, const char *stream, const char *type)
{
	return came(w, wait_for(w, w->pushes, is_push, stream, type, TEST_WAIT_MS),
		    type ? type : "push", stream);
}

void test_no_push(struct test_world *w, const char *stream, const char *type, int ms)
{
	came_not(w, wait_for(w, w->pushes, is_push, stream, type, ms), "push");
}

static json_t *find_event(const struct test_world *w, const json_t *page, int64_t n)
{
	static const char *const members[] = { "producer", "noun", "key" };
	json_t *e;
	size_t i, k;

	json_array_foreach(w->all, i, e) {
		for (k = 0; k < 3 && strcmp(pl_json_get_text(e, members[k]),
					    pl_json_get_text(page, members[k])) == 0;)
			k++;
		if (k == 3 && json_integer_value(json_object_get(e, "n")) == n)
			return e;
	}
	return NULL;
}

/* Some are published a moment after they are stored. */
static json_t *event_of(struct test_world *w, const json_t *page, int64_t n)
{
	int64_t until = mono_ms() + TEST_WAIT_MS;
	json_t *e;

	while (!(e = find_event(w, page, n)) && mono_ms() < until)
		step(w, 10);
	return e;
}

static void is_same_event(const json_t *told, const json_t *published, const char *dir)
{
	static const char *const members[] = { "verb", "atMs", "body" };

	for (size_t i = 0; i < 3; i++)
		if (!json_equal(json_object_get(told, members[i]),
				json_object_get(published, members[i])))
			fail_msg("told %s instead of %s; see %s", pl_json_dump(told),
				 published ? pl_json_dump(published) : "nothing", dir);
}

int test_told_again(struct test_world *w, const char *service, const char *noun, const char *key)
{
	json_t *page, *told;
	char operation[100];
	int64_t last = 0, n;
	int count = 0;
	size_t i;
	bool more;

	snprintf(operation, sizeof(operation), "%s.snapshot", service);
	do {
		page = test_request_id(w, operation,
				       json_pack("{s:s, s:s, s:I}", "noun", noun, "key", key,
						 "after", (json_int_t)last),
				       NULL);
		assert_string_equal(test_error(page), "");
		assert_true(json_is_true(json_object_get(page, "held")));
		json_array_foreach(json_object_get(page, "events"), i, told) {
			n = json_integer_value(json_object_get(told, "n"));
			assert_true(n > last);
			last = n;
			count++;
			is_same_event(told, event_of(w, page, n), w->dir);
		}
		more = json_is_true(json_object_get(page, "more"));
		n = json_integer_value(json_object_get(page, "n"));
		json_decref(page);
	} while (more);
	if (count > 0)
		assert_int_equal(last, n);
	return count;
}

/* ---- events of ours ---- */

/* {"v":1,"producer",…}, which `events` gives from now on. */
static json_t *make_event(struct test_world *w, const char *producer, const char *noun,
			  const char *verb, const char *key, int64_t n, json_t *body)
{
	char msg_id[400], name[400];
	json_t *e = json_pack("{s:i, s:s, s:i, s:s, s:s, s:s, s:I, s:I, s:o}", "v", 1, "producer",
			      producer, "incarnation", 1, "noun", noun, "verb", verb, "key", key,
			      "n", (json_int_t)n, "atMs", (json_int_t)test_now_ms(), "body", body);
	json_t *had;

	assert_non_null(e);
	if (!served_find(w, producer))
		test_serve(w, producer, NULL, NULL);
	json_array_append(w->published, e);
	snprintf(name, sizeof(name), "%s %s %s", producer, noun, key);
	had = json_object_get(w->counts, name);
	if (json_integer_value(had) < n)
		json_object_set_new(w->counts, name, json_integer(n));
	snprintf(msg_id, sizeof(msg_id), "%s:1:%s:%s:%ld", producer, noun, key, (long)n);
	json_object_set_new(w->seen, msg_id, json_true()); /* not one of the services' */
	return e;
}

/* Until the log has taken it. */
static void publish_event(struct test_world *w, const char *subject, const char *msg_id,
			  const char *text)
{
	static unsigned count;
	char reply[160], number[16];
	struct pl_message m = { .subject = subject,
				.reply = reply,
				.msg_id = msg_id,
				.body = text,
				.body_len = strlen(text) };

	snprintf(number, sizeof(number), "%u", ++count);
	snprintf(reply, sizeof(reply), "%s.ack.%s", w->inbox, number);
	for (int tries = 0; !json_object_get(w->acks, number); tries++) {
		if (tries == TEST_WAIT_MS / RESEND_MS)
			fail_msg("the log took no event within %d ms; see %s", TEST_WAIT_MS,
				 w->dir);
		(void)pl_bus_publish(w->bus, &m);
		for (int64_t next = mono_ms() + RESEND_MS;
		     mono_ms() < next && !json_object_get(w->acks, number);)
			step(w, 10);
	}
}

void test_event_n(struct test_world *w, const char *producer, const char *noun, const char *verb,
		  const char *key, int64_t n, json_t *body)
{
	json_t *e = make_event(w, producer, noun, verb, key, n, body);
	char subject[200], msg_id[400], *text = pl_json_dump(e);

	snprintf(subject, sizeof(subject), "evt.0.%s.%s", noun, verb);
	snprintf(msg_id, sizeof(msg_id), "%s:1:%s:%s:%ld", producer, noun, key, (long)n);
	publish_event(w, subject, msg_id, text);
	free(text);
	json_decref(e);
}

void test_lot(struct test_world *w, const char *producer, const char *noun,
	      const char *const *verbs, const char *key, int64_t from)
{
	char subject[200], msg_id[400], *text = NULL;
	int64_t n = from;

	for (; *verbs; verbs++, n++) {
		json_t *e = make_event(w, producer, noun, *verbs, key, n, json_object());
		char *line = pl_json_dump(e), *longer = NULL;

		assert_true(asprintf(&longer, "%s%s%s", text ? text : "", text ? "\n" : "", line) >
			    0);
		free(text);
		free(line);
		json_decref(e);
		text = longer;
	}
	snprintf(subject, sizeof(subject), "evt.0.%s.lot", noun);
	snprintf(msg_id, sizeof(msg_id), "%s:1:%s:%s:%ld+%ld", producer, noun, key, (long)n - 1,
		 (long)(n - from));
	publish_event(w, subject, msg_id, text);
	free(text);
}

void test_event(struct test_world *w, const char *producer, const char *noun, const char *verb,
		const char *key, json_t *body)
{
	char name[400];

	snprintf(name, sizeof(name), "%s %s %s", producer, noun, key);
	test_event_n(w, producer, noun, verb, key,
		     json_integer_value(json_object_get(w->counts, name)) + 1, body);
}
