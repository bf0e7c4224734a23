/*
 * workflow_bench.c — workflows through the whole service, every step durable before it shows: the
 * real EngagementDesigner on a real bus, with this program as everybody else.
 *
 *   one task     instances a second of start, one task, end: from the message that starts them to
 *                the event that they have ended
 *   tasks        completions a second of instances with twenty tasks in a row, and how long it
 *                takes from an answer to the instance's next task, at full and at half load
 *   definitions  the same over a hundred workflows in turn
 *   timers       SIZE instances (420,000 is the goal) that wait for a timer: how long the service
 *                takes to start with them, how much memory each takes, and how late they are
 *
 * The baseline of the same run is the store alone: the rows of one completion, 256 a transaction.
 * PELAGO_TEST_POSTGRES (tools/with-postgres) measures PostgreSQL instead of SQLite.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "pelago/bus.h"
#include "pelago/json.h"
#include "pelago/service.h"
#include "test_world.h"

#define ED "EngagementDesigner"

enum { SECONDS = 3, SAMPLES = 1 << 20, DEPTH = 512, DEFINITIONS = 100, LATE_S = 8, LATE_MS = 2 };

#define HEAD                                                                                       \
	"<bpmn:definitions xmlns:bpmn='http://www.omg.org/spec/BPMN/20100524/MODEL' "              \
	"xmlns:zeebe='http://camunda.org/schema/zeebe/1.0' id='D' targetNamespace='x'>"            \
	"<bpmn:message id='M' name='%s'/><bpmn:process id='%s' isExecutable='true'>"               \
	"<bpmn:startEvent id='S'><bpmn:messageEventDefinition messageRef='M'/></bpmn:startEvent>"
#define TAIL "<bpmn:endEvent id='E'/></bpmn:process></bpmn:definitions>"
#define TASK                                                                                       \
	"<bpmn:serviceTask id='T%d'><bpmn:extensionElements><zeebe:taskDefinition "                \
	"type='ContextStore.get'/><zeebe:ioMapping><zeebe:input source='=slot' "                   \
	"target='contextId'/></zeebe:ioMapping></bpmn:extensionElements></bpmn:serviceTask>"
#define FLOW "<bpmn:sequenceFlow id='F%d' sourceRef='%s' targetRef='%s'/>"

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* A process of so many tasks in a row, begun by a message of its name. */
static char *tasks_in_a_row(const char *name, int tasks)
{
	char *text = NULL, from[16] = "S", to[16];
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	fprintf(out, HEAD, name, name);
	for (int i = 0; i <= tasks; i++) {
		if (i < tasks)
			fprintf(out, TASK, i);
		snprintf(to, sizeof(to), i < tasks ? "T%d" : "E", i);
		fprintf(out, FLOW, i, from, to);
		snprintf(from, sizeof(from), "%s", to);
	}
	fputs(TAIL, out);
	fclose(out);
	return text;
}

static void deploy(struct test_world *w, char *xml)
{
	json_t *reply =
		test_request(w, ED ".import", json_pack("{s:s, s:b}", "xml", xml, "deploy", 1));

	if (*test_error(reply))
		fail_msg("%s", json_dumps(reply, 0));
	json_decref(reply);
	free(xml);
}

/* The newest process of the service in this world's folder: its file in /proc. */
static FILE *open_proc(const struct test_world *w, const char *file)
{
	DIR *proc = opendir("/proc");
	char path[300], text[1000];
	const struct dirent *entry;
	long newest = 0;

	while (proc && (entry = readdir(proc))) {
		long pid = strtol(entry->d_name, NULL, 10);
		size_t len;
		FILE *f;

		snprintf(path, sizeof(path), "/proc/%ld/cmdline", pid);
		f = pid > newest ? fopen(path, "r") : NULL;
		if (!f)
			continue;
		len = fread(text, 1, sizeof(text), f);
		fclose(f);
		if (memmem(text, len, ED, strlen(ED)) &&
		    memmem(text, len, test_world_dir(w), strlen(test_world_dir(w))))
			newest = pid;
	}
	if (proc)
		closedir(proc);
	snprintf(path, sizeof(path), "/proc/%ld/%s", newest, file);
	return fopen(path, "r");
}

/* Proportional memory in bytes. */
static int64_t memory(const struct test_world *w)
{
	FILE *f = open_proc(w, "smaps_rollup");
	char line[200];
	long kib = 0;

	while (f && !kib && fgets(line, sizeof(line), f))
		(void)sscanf(line, "Pss: %ld", &kib);
	if (f)
		fclose(f);
	return kib * 1024;
}

/* Processor time in microseconds. */
static int64_t used_us(const struct test_world *w)
{
	FILE *f = open_proc(w, "stat");
	long user = 0, system = 0;

	if (f && fscanf(f, "%*d %*s %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %ld %ld", &user,
			&system) != 2)
		user = system = 0;
	if (f)
		fclose(f);
	return (user + system) * 10000; /* USER_HZ is 100 on Linux */
}

/* ---- the load ---- */

struct answer { /* to a task, not before it is due */
	int64_t due_us;
	unsigned slot;
	char reply[160];
};

struct load {
	struct test_world *world;
	struct pl_bus *bus;
	struct pl_subscription *tasks, *ends, *replies;
	char inbox[96];
	const char *name; /* of the workflow, or its beginning */
	unsigned definitions, next;
	bool on;
	int64_t think_us; /* before a task is answered */
	int64_t started, ended, completed;
	int64_t answered_us[DEPTH];
	uint32_t *took_us;
	int64_t took_len;
	struct answer *answers; /* a ring, in the order in which they are due */
	size_t answers_first, answers_len;
};

static void begin_one(struct load *l, unsigned slot)
{
	char id[27], body[200], name[40];
	struct pl_message m = {
		.subject = "svc." ED ".publish", .reply = l->inbox, .id = id, .body = body
	};

	pl_id(id);
	if (l->definitions > 1)
		snprintf(name, sizeof(name), "%s%u", l->name, l->next++ % l->definitions);
	else
		snprintf(name, sizeof(name), "%s", l->name);
	m.body_len = (size_t)snprintf(body, sizeof(body),
				      "{\"v\":1,\"name\":\"%s\",\"payload\":{\"slot\":\"%u\"}}",
				      name, slot);
	l->started++;
	l->answered_us[slot] = 0;
	(void)pl_bus_publish(l->bus, &m);
}

static void answer(struct load *l, const struct answer *a)
{
	const struct pl_message m = { .subject = a->reply, .body = "{\"v\":1}", .body_len = 7 };

	l->answered_us[a->slot] = now_us();
	l->completed++;
	(void)pl_bus_publish(l->bus, &m);
}

/* A command: the task of a slot's instance. A repeated one is answered again. */
static void on_task(const struct pl_message *m, void *arg)
{
	static const char member[] = "\"contextId\":\"";
	struct load *l = arg;
	const char *at = memmem(m->body, m->body_len, member, sizeof(member) - 1);
	struct answer *a;

	if (!at || !m->reply)
		return;
	pl_assert(l->answers_len < DEPTH);
	a = &l->answers[(l->answers_first + l->answers_len++) % DEPTH];
	a->slot = (unsigned)strtoul(at + sizeof(member) - 1, NULL, 10) % DEPTH;
	a->due_us = now_us() + l->think_us;
	snprintf(a->reply, sizeof(a->reply), "%s", m->reply);
	if (l->answered_us[a->slot])
		l->took_us[l->took_len++ % SAMPLES] =
			(uint32_t)(now_us() - l->answered_us[a->slot]);
}

/* The next event of a message that tells of one that has ended, or NULL: a line each, if several
 * share it. */
static const char *next_end(const struct pl_message *m, const char *at)
{
	static const char status[] = "COMPLETED";
	const char *end = (const char *)m->body + m->body_len;
	const char *found = at < end ? memmem(at, (size_t)(end - at), status, 9) : NULL;

	return found ? found + 9 : NULL;
}

/* One ends, the next begins: its slot is as good as any. */
static void on_end(const struct pl_message *m, void *arg)
{
	struct load *l = arg;

	for (const char *at = m->body; (at = next_end(m, at));) {
		if (l->on)
			begin_one(l, (unsigned)(l->ended % DEPTH));
		l->ended++;
	}
}

static void on_reply(const struct pl_message *m, void *arg)
{
	(void)arg;
	if (m->status || memmem(m->body, m->body_len, "error", 5))
		fail_msg("refused: %.*s", (int)m->body_len, (const char *)m->body);
}

static void go_on(struct load *l)
{
	unsigned n;

	while (l->answers_len && l->answers[l->answers_first].due_us <= now_us()) {
		answer(l, &l->answers[l->answers_first]);
		l->answers_first = (l->answers_first + 1) % DEPTH;
		l->answers_len--;
	}
	pl_bus_flush(l->bus);
	n = pl_bus_read(l->bus, 4096);
	if (!n)
		usleep(50);
}

static struct load load_open(struct test_world *w)
{
	struct pl_bus_options options = { .name = "bench", .wait_ms = 3000 };
	struct load l = { .world = w,
			  .took_us = calloc(SAMPLES, sizeof(uint32_t)),
			  .answers = calloc(DEPTH, sizeof(struct answer)) };

	options.url = test_world_bus(w);
	assert_int_equal(pl_bus_open(&l.bus, &options), PL_OK);
	pl_bus_inbox(l.bus, l.inbox);
	return l;
}

static void load_listen(struct load *l)
{
	pl_bus_subscribe(&l->tasks, l->bus, "svc.ContextStore.get", NULL, on_task, l);
	pl_bus_subscribe(&l->ends, l->bus, "evt.*.workflow.*", NULL, on_end, l);
	pl_bus_subscribe(&l->replies, l->bus, l->inbox, NULL, on_reply, l);
}

static void load_close(struct load *l)
{
	pl_bus_close(l->bus);
	free(l->took_us);
	free(l->answers);
}

static int by_size(const void *a, const void *b)
{
	return (*(const uint32_t *)a > *(const uint32_t *)b) -
	       (*(const uint32_t *)a < *(const uint32_t *)b);
}

struct figures {
	double instances, completions, p50_ms, p99_ms, used_us; /* of a completion, the service's */
};

/* depth instances at once, for SECONDS; those that are on their way end then. */
static struct figures load_run(struct load *l, unsigned depth, int64_t think_us)
{
	int64_t began = now_us(), end, ended, completed, used;
	struct figures f;
	size_t n;

	l->think_us = think_us;
	l->on = true;
	l->started = l->ended = l->completed = l->took_len = 0;
	for (unsigned slot = 0; slot < depth; slot++)
		begin_one(l, slot);
	while (now_us() < began + 1000000) /* until it runs */
		go_on(l);
	used = used_us(l->world);
	began = now_us();
	ended = l->ended;
	completed = l->completed;
	l->took_len = 0;
	while ((end = now_us()) < began + SECONDS * 1000000)
		go_on(l);
	used = used_us(l->world) - used;
	f.used_us = (double)used / (double)(l->completed - completed);
	f.instances = (double)(l->ended - ended) / ((double)(end - began) / 1e6);
	f.completions = (double)(l->completed - completed) / ((double)(end - began) / 1e6);
	n = l->took_len < SAMPLES ? (size_t)l->took_len : SAMPLES;
	qsort(l->took_us, n, sizeof(l->took_us[0]), by_size);
	f.p50_ms = n ? l->took_us[n / 2] / 1e3 : 0;
	f.p99_ms = n ? l->took_us[n * 99 / 100] / 1e3 : 0;
	l->on = false;
	l->think_us = 0;
	for (int64_t until = now_us() + 60000000; l->ended < l->started && now_us() < until;)
		go_on(l);
	assert_int_equal(l->ended, l->started); /* none is lost */
	return f;
}

/* ---- the store alone ---- */

static const char SCHEMA[] =
	"create table b_instance (id TEXT primary key, state TEXT not null, steps BIGINT not null);"
	"create table b_history (instance TEXT not null, n BIGINT not null, at_ms BIGINT not null, "
	"trace TEXT not null, primary key (instance, n));"
	"create table b_command (id TEXT primary key, body TEXT not null)";

/* Transactions of 256 completions: a state, a step of history, a command in the place of another.
 */
static double store_run(const char *url)
{
	struct pl_store *store = NULL;
	char state[161], ids[256][27], id[27];
	int64_t began, end, n = 0, epoch, turn = 0;

	memset(state, 'x', sizeof(state) - 1);
	state[sizeof(state) - 1] = '\0';
	if (pl_store_open(&store, url) || pl_store_own(store, &epoch))
		fail_msg("%s: %s", url, pl_err_detail(PL_STORE));
	assert_int_equal(pl_store_script(store, SCHEMA), PL_OK);
	for (int i = 0; i < 256; i++) {
		pl_id(ids[i]);
		pl_store_exec(store, "insert into b_instance (id, state, steps) values ($1, $2, 0)",
			      "ss", ids[i], state);
	}
	began = now_us();
	while ((end = now_us()) < began + SECONDS * 1000000 / 2) {
		assert_int_equal(pl_store_begin(store), PL_OK);
		for (int i = 0; i < 256; i++, n++) {
			pl_id(id);
			pl_store_exec(store,
				      "update b_instance set state = $2, steps = $3 where id = $1",
				      "ssi", ids[i], state, n);
			pl_store_exec(store,
				      "insert into b_history (instance, n, at_ms, trace) "
				      "values ($1, $2, $2, $3)",
				      "sis", ids[i], n,
				      "[[\"T1\",\"completed\"],[\"T2\",\"entered\"]]");
			pl_store_exec(store, "insert into b_command (id, body) values ($1, $2)",
				      "ss", id, state);
			pl_store_exec(store, "delete from b_command where id = $1", "s", id);
		}
		assert_int_equal(pl_store_commit(store, ++turn), PL_OK);
	}
	pl_store_close(store);
	return (double)n / ((double)(end - began) / 1e6);
}

/* ---- timers ---- */

static int64_t size_of(const char *name, int64_t normal)
{
	const char *text = getenv(name);

	return text ? strtoll(text, NULL, 10) : normal;
}

static char *timer_process(void)
{
	char *text = NULL;

	if (asprintf(&text,
		     HEAD
		     "<bpmn:intermediateCatchEvent id='W'><bpmn:timerEventDefinition>"
		     "<bpmn:timeDuration>PT10H</bpmn:timeDuration></bpmn:timerEventDefinition>"
		     "</bpmn:intermediateCatchEvent><bpmn:sequenceFlow id='F1' sourceRef='S' "
		     "targetRef='W'/><bpmn:sequenceFlow id='F2' sourceRef='W' targetRef='E'/>" TAIL,
		     "timer", "timer") < 0)
		fail_msg("out of memory");
	return text;
}

/* So many of the only one that runs, and waits; the first of them are due from `due_ms` on, LATE_MS
 * apart. */
static void multiply(const char *url, int64_t count, int64_t late, int64_t due_ms)
{
	static const char script[] =
		"with recursive copy(i) as (select cast(1 as bigint) union all select i + 1 from copy "
		"where i < %ld) insert into instance (id, contact, workflow, version, status, opened, "
		"state, started_ms, ended_ms, steps, asked, parent, parent_token) select '01K000000000' "
		"|| (1000000000 + i), '01K000000000' || (1000000000 + i), workflow, version, status, "
		"opened, state, started_ms, ended_ms, steps, asked, parent, parent_token from copy, "
		"(select * from instance where status = 'RUNNING') as o;"
		"with recursive copy(i) as (select cast(1 as bigint) union all select i + 1 from copy "
		"where i < %ld) insert into history (instance, n, at_ms, trace) select '01K000000000' || "
		"(1000000000 + i), n, at_ms, trace from copy, (select h.* from history h where h.instance "
		"= (select id from instance where workflow = 'timer' and id not like '01K0%%')) as o;"
		"with recursive copy(i) as (select cast(1 as bigint) union all select i + 1 from copy "
		"where i < %ld) insert into pl_timer (kind, key, clock, wall_ms, mono_ms, boot_id, body) "
		"select kind, '01K000000000' || (1000000000 + i) || substr(key, 27), 1, case when i <= %ld "
		"then %ld + i * %d else wall_ms end, 0, boot_id, body from copy, (select * from pl_timer "
		"where kind = 'token') as o;";
	struct pl_store *store = NULL;
	int64_t epoch;
	char *sql = NULL;

	assert_true(asprintf(&sql, script, (long)count, (long)count, (long)count, (long)late,
			     (long)due_ms, LATE_MS) > 0);
	if (pl_store_open(&store, url) || pl_store_own(store, &epoch) || pl_store_begin(store) ||
	    pl_store_script(store, sql) || pl_store_commit(store, 1))
		fail_msg("%s", pl_err_detail(PL_STORE));
	pl_store_close(store);
	free(sql);
}

struct late {
	int64_t due_ms, count, seen;
	uint32_t *late_ms;
};

/* By the event's own time: it may leave some 50 ms later. */
static void on_late(const struct pl_message *m, void *arg)
{
	static const char id[] = "\"instanceId\":\"01K000000000", when[] = "\"atMs\":";
	struct late *late = arg;
	const char *line = m->body, *end, *name, *time;
	int64_t by;

	for (; (end = next_end(m, line)); line = end) {
		name = memmem(line, (size_t)(end - line), id, sizeof(id) - 1);
		time = memmem(line, (size_t)(end - line), when, sizeof(when) - 1);
		if (!name || !time || late->seen == late->count)
			continue;
		by = strtoll(time + sizeof(when) - 1, NULL, 10) -
		     (late->due_ms +
		      (strtoll(name + sizeof(id) - 1, NULL, 10) - 1000000000) * LATE_MS);
		late->late_ms[late->seen++] = (uint32_t)(by > 0 ? by : 0);
	}
}

static void timers(struct test_world *w, struct load *l)
{
	int64_t count = size_of("SIZE", 420000), began, ready, empty;
	struct late late = { .count = LATE_S * 1000 / LATE_MS };
	char url[600];

	if (late.count > count)
		late.count = count;
	deploy(w, timer_process());
	l->name = "timer";
	begin_one(l, 0);
	for (int64_t until = now_us() + 500000; now_us() < until;)
		go_on(l);
	test_service_stop(w, ED);
	test_service_start(w, ED, NULL);
	empty = memory(w);
	test_service_stop(w, ED);
	test_service_store(w, ED, url, sizeof(url));
	late.late_ms = calloc((size_t)late.count, sizeof(uint32_t));
	/* room for the copies to be made, and for the start */
	late.due_ms = test_now_ms() + 6000 + count / 20;
	multiply(url, count, late.count, late.due_ms);
	pl_subscription_free(l->ends);
	pl_bus_subscribe(&l->ends, l->bus, "evt.*.workflow.*", NULL, on_late, &late);
	began = now_us();
	test_service_start(w, ED, NULL);
	ready = now_us();
	printf("%ld instances that wait for a timer: ready after %.2f s, %ld bytes of memory each\n",
	       (long)count, (double)(ready - began) / 1e6, (long)((memory(w) - empty) / count));
	if (test_now_ms() > late.due_ms)
		printf("  they were due before it was ready: lateness says nothing\n");
	while (late.seen < late.count && test_now_ms() < late.due_ms + LATE_S * 1000 + 20000)
		go_on(l);
	assert_int_equal(late.seen, late.count);
	qsort(late.late_ms, (size_t)late.count, sizeof(uint32_t), by_size);
	printf("  %d of them a second are due: late by %u ms (p50), %u ms (p99), %u ms at most\n",
	       1000 / LATE_MS, late.late_ms[late.count / 2], late.late_ms[late.count * 99 / 100],
	       late.late_ms[late.count - 1]);
	free(late.late_ms);
}

/* ---- all ---- */

static void tell(const char *what, const struct figures *f)
{
	printf("%-30s %7.0f instances/s %7.0f completions/s, %4.0f us of the service's; next task "
	       "p50 %6.2f ms p99 %6.2f ms\n",
	       what, f->instances, f->completions, f->used_us, f->p50_ms, f->p99_ms);
}

static void run_all(void **state)
{
	const char *server = getenv("PELAGO_TEST_POSTGRES");
	struct test_world *w = test_world_new();
	struct load l;
	struct figures f, full;
	char url[600], name[40];
	double alone;

	(void)state;
	if (server)
		snprintf(url, sizeof(url), "%s%sschema=bench", server,
			 strchr(server, '?') ? "&" : "?");
	else
		snprintf(url, sizeof(url), "sqlite:%s/bench.db", test_world_dir(w));
	alone = store_run(url);
	test_service_start(w, ED, NULL);
	l = load_open(w);
	load_listen(&l);
	deploy(w, tasks_in_a_row("one", 1));
	deploy(w, tasks_in_a_row("row", 20));
	for (int i = 0; i < DEFINITIONS; i++) {
		snprintf(name, sizeof(name), "many%d", i);
		deploy(w, tasks_in_a_row(name, 20));
	}
	printf("%s\n", server ? "PostgreSQL" : "SQLite, synchronous=FULL");
	l.definitions = 1;
	l.name = "one";
	f = load_run(&l, DEPTH, 0);
	tell("one task", &f);
	l.name = "row";
	full = load_run(&l, DEPTH, 0);
	tell("20 tasks in a row", &full);
	f = load_run(&l, DEPTH / 4, (int64_t)(DEPTH / 4 / (full.completions / 2) * 1e6));
	tell("20 tasks in a row, half load", &f);
	l.name = "many";
	l.definitions = DEFINITIONS;
	f = load_run(&l, DEPTH, 0);
	tell("20 tasks, 100 definitions", &f);
	printf("%-30s %29.0f completions/s; ratio %.2f\n", "the store alone, 256 at a time", alone,
	       full.completions / alone);
	l.definitions = 1;
	timers(w, &l);
	load_close(&l);
	test_world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(run_all) };

	setvbuf(stdout, NULL, _IOLBF, 0); /* services are forked: they must not inherit lines */
	return cmocka_run_group_tests_name("workflow_bench", tests, NULL, NULL);
}
