/*
 * turn_bench.c — requests through one service's turns: each keeps its id and reply, writes a row,
 * numbers and stages an event. Durable before it is answered, at several depths of outstanding
 * requests.
 *
 * The baseline of the same run is the store alone: the same statements, as many a transaction as
 * requests are outstanding, with neither bus nor JSON. PELAGO_TEST_POSTGRES (tools/with-postgres)
 * adds PostgreSQL.
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
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "pelago/bus.h"
#include "pelago/service.h"
#include "pelago/store.h"
#include "test_world.h"

enum { SECONDS = 3, SAMPLES = 1 << 20 };

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

struct load {
	struct pl_bus *bus;
	struct pl_subscription *sub;
	char inbox[96];
	int64_t *sent_us;
	uint32_t *took_us;
	int64_t n_sent, n_done, refused;
	bool on;
};

static void put(struct load *l, unsigned slot)
{
	char reply[128], id[27], body[80];
	struct pl_message m = {
		.subject = "svc.Trial.put", .reply = reply, .id = id, .body = body
	};

	pl_id(id);
	snprintf(reply, sizeof(reply), "%s.%u", l->inbox, slot);
	m.body_len = (size_t)snprintf(body, sizeof(body), "{\"v\":1,\"key\":\"%s\"}", id);
	l->sent_us[slot] = now_us();
	l->n_sent++;
	(void)pl_bus_publish(l->bus, &m);
}

static void on_put(const struct pl_message *m, void *arg)
{
	struct load *l = arg;
	unsigned slot = (unsigned)strtoul(strrchr(m->subject, '.') + 1, NULL, 10);

	if (m->status || memmem(m->body, m->body_len, "error", 5))
		l->refused++;
	else
		l->took_us[l->n_done++ % SAMPLES] = (uint32_t)(now_us() - l->sent_us[slot]);
	if (l->on)
		put(l, slot);
}

static int by_size(const void *a, const void *b)
{
	return (*(const uint32_t *)a > *(const uint32_t *)b) -
	       (*(const uint32_t *)a < *(const uint32_t *)b);
}

static double load_run(struct load *l, unsigned depth, uint32_t *p50, uint32_t *p99)
{
	int64_t began, end;
	size_t n;

	l->n_done = l->refused = 0;
	l->on = true;
	began = now_us();
	for (unsigned slot = 0; slot < depth; slot++)
		put(l, slot);
	while ((end = now_us()) < began + SECONDS * 1000000) {
		pl_bus_flush(l->bus);
		if (pl_bus_read(l->bus, 4096) == 0)
			usleep(20);
	}
	n = l->n_done < SAMPLES ? (size_t)l->n_done : SAMPLES;
	qsort(l->took_us, n, sizeof(l->took_us[0]), by_size);
	*p50 = n ? l->took_us[n / 2] : 0;
	*p99 = n ? l->took_us[n * 99 / 100] : 0;
	l->on = false;
	for (int64_t until = now_us() + 500000; now_us() < until; usleep(100)) {
		pl_bus_flush(l->bus);
		pl_bus_read(l->bus, 4096);
	}
	if (l->refused)
		printf("    %ld requests were refused\n", (long)l->refused);
	return (double)n / ((double)(end - began) / 1e6);
}

static const char SCHEMA[] =
	"create table b_request (id TEXT primary key, at_ms BIGINT not null, reply TEXT not null);"
	"create index b_request_at on b_request (at_ms);"
	"create table b_key (noun TEXT not null, key TEXT not null, n BIGINT not null, primary key (noun, key));"
	"create table b_outbox (seq BIGINT primary key, body TEXT not null);"
	"create table b_thing (key TEXT primary key, n BIGINT not null)";

static double store_run(const char *url, unsigned depth)
{
	struct pl_store *store = NULL;
	int64_t began, end, n = 0, epoch, turn = 0;
	static int64_t seq;

	if (pl_store_open(&store, url) || pl_store_own(store, &epoch))
		fail_msg("%s: %s", url, pl_err_detail(PL_STORE));
	(void)pl_store_script(store, SCHEMA);
	began = now_us();
	while ((end = now_us()) < began + SECONDS * 1000000 / 2) {
		assert_int_equal(pl_store_begin(store), PL_OK);
		for (unsigned i = 0; i < depth; i++, n++) {
			char id[27];

			pl_id(id);
			pl_store_exec(store, "insert into b_thing (key, n) values ($1, 1)", "s",
				      id);
			pl_store_exec(store, "insert into b_key (noun, key, n) values ('t', $1, 1)",
				      "s", id);
			pl_store_exec(
				store, "insert into b_outbox (seq, body) values ($1, $2)", "is",
				++seq,
				"{\"v\":1,\"producer\":\"Trial\",\"noun\":\"trial\",\"verb\":\"put\"}");
			pl_store_exec(
				store,
				"insert into b_request (id, at_ms, reply) values ($1, $2, $3)",
				"sis", id, now_us(), "{\"put\":\"x\",\"v\":1}");
		}
		assert_int_equal(pl_store_commit(store, ++turn), PL_OK);
	}
	pl_store_close(store);
	return (double)n / ((double)(end - began) / 1e6);
}

static void bench(const char *name, const char *service_url, const char *plain_url)
{
	static const unsigned depths[] = { 1, 16, 256, 4096 };
	struct test_world *w = test_world_new();
	struct pl_bus_options options = { .name = "bench", .wait_ms = 3000 };
	struct load l = { .sent_us = calloc(4096, sizeof(int64_t)),
			  .took_us = calloc(SAMPLES, sizeof(uint32_t)) };
	char subject[128], at[256], own[256];

	if (!service_url) { /* left alone, the service would take the server of the tests */
		snprintf(at, sizeof(at), "sqlite:%s/trial.db", test_world_dir(w));
		snprintf(own, sizeof(own), "sqlite:%s/plain.db", test_world_dir(w));
		service_url = at;
		plain_url = own;
	}
	test_service_start(w, "Trial", "--store", service_url, NULL);
	options.url = test_world_bus(w);
	assert_int_equal(pl_bus_open(&l.bus, &options), PL_OK);
	pl_bus_inbox(l.bus, l.inbox);
	snprintf(subject, sizeof(subject), "%s.*", l.inbox);
	pl_bus_subscribe(&l.sub, l.bus, subject, NULL, on_put, &l);
	printf("%s\n%12s %12s %10s %10s %16s %8s\n", name, "outstanding", "requests/s", "p50 ms",
	       "p99 ms", "store alone/s", "ratio");
	for (size_t i = 0; i < sizeof(depths) / sizeof(depths[0]); i++) {
		uint32_t p50, p99;
		double ours = load_run(&l, depths[i], &p50, &p99);
		double limit = store_run(plain_url, depths[i]);

		printf("%12u %12.0f %10.2f %10.2f %16.0f %8.2f\n", depths[i], ours, p50 / 1e3,
		       p99 / 1e3, limit, ours / limit);
	}
	pl_bus_close(l.bus);
	free(l.sent_us);
	free(l.took_us);
	test_world_free(w);
}

static void run_all(void **state)
{
	const char *server = getenv("PELAGO_TEST_POSTGRES");
	char one[512], two[512];

	(void)state;
	bench("SQLite, synchronous=FULL", NULL, NULL);
	if (!server) {
		printf("PostgreSQL: not measured; run it as tools/with-postgres bench/run turn\n");
		return;
	}
	snprintf(one, sizeof(one), "%s%sschema=trial", server, strchr(server, '?') ? "&" : "?");
	snprintf(two, sizeof(two), "%s%sschema=plain", server, strchr(server, '?') ? "&" : "?");
	bench("PostgreSQL", one, two);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(run_all) };

	setvbuf(stdout, NULL, _IOLBF, 0); /* services are forked: they must not inherit lines */
	return cmocka_run_group_tests_name("turn_bench", tests, NULL, NULL);
}
