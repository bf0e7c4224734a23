/*
 * lot_test.c — lots of events, out and in, and what a turn does once; on a bus of paper, by a clock
 * that stands until it is moved.
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
#include <unistd.h>

#include <cmocka.h>

#include "impl.h"

enum { BIG = 990000, TESTS = 20 };

struct world {
	struct pl_service service;
	struct pl_heartbeat heartbeat;
	char dir[64];
	json_t *sent;		/* "MSG_ID" of each event or lot that was published, in order */
	json_t *handled;	/* "NOUN KEY N" */
	pl_message_fn *deliver; /* of the reader */
	void *deliver_arg;
	int64_t consumer_seq;
	bool is_down;
	char *flood;
	size_t expired;
};

static struct world *world;

static void deliver_message(struct world *w, int seq, const char *id, const char *body);
static int64_t clock_ms;

/* ---- the clock and the bus ---- */

int64_t __wrap_mono_ms(void);
int64_t __wrap_mono_ms(void)
{
	return clock_ms;
}

enum pl_bus_state __wrap_pl_bus_state(const struct pl_bus *bus);
enum pl_bus_state __wrap_pl_bus_state(const struct pl_bus *bus)
{
	return world->is_down ? PL_BUS_DOWN : PL_BUS_UP;
}

enum pl_err __wrap_pl_bus_publish(struct pl_bus *bus, const struct pl_message *m);
enum pl_err __wrap_pl_bus_publish(struct pl_bus *bus, const struct pl_message *m)
{
	if (strncmp(m->subject, "evt.", 4) == 0)
		json_array_append_new(world->sent, json_string(m->msg_id));
	return PL_OK;
}

enum pl_err __wrap_pl_bus_subscribe(struct pl_subscription **subp, struct pl_bus *bus,
				    const char *subject, const char *queue, pl_message_fn *fn,
				    void *arg);
enum pl_err __wrap_pl_bus_subscribe(struct pl_subscription **subp, struct pl_bus *bus,
				    const char *subject, const char *queue, pl_message_fn *fn,
				    void *arg)
{
	*subp = NULL;
	if (strstr(subject, ".evt.")) {
		world->deliver = fn;
		world->deliver_arg = arg;
		world->consumer_seq = 0;
	}
	return PL_OK;
}

/* As many as are wanted, each a lot of repeats. */
unsigned __wrap_pl_bus_read(struct pl_bus *bus, unsigned max);
unsigned __wrap_pl_bus_read(struct pl_bus *bus, unsigned max)
{
	for (unsigned i = 0; i < max; i++)
		deliver_message(world, 2 + (int)world->consumer_seq, "a", world->flood);
	return max;
}

int __wrap_pl_bus_fd(const struct pl_bus *bus);
int __wrap_pl_bus_fd(const struct pl_bus *bus)
{
	return -1;
}

void __wrap_pl_bus_flush(struct pl_bus *bus);
void __wrap_pl_bus_flush(struct pl_bus *bus)
{
}

/* ---- the service ---- */

static enum pl_err on_thing(struct pl_turn *turn, const struct pl_event *event)
{
	char text[200];

	if (strcmp(event->verb, "refused") == 0)
		return pl_fail(PL_INVALID, "refused");
	if (strcmp(event->verb, "broken") == 0) {
		pl_exec(turn, "insert into no_such_table (a) values (1)", "");
		return PL_OK;
	}
	snprintf(text, sizeof(text), "%s %s %ld", event->noun, event->key, (long)event->n);
	json_array_append_new(world->handled, json_string(text));
	return PL_OK;
}

static bool is_any(const char *operation, const json_t *context)
{
	return true;
}

static enum pl_err on_expired(struct pl_turn *turn, const struct pl_answer *answer)
{
	assert_int_equal(answer->err, PL_TIMEOUT);
	world->expired++;
	return PL_OK;
}

static enum pl_err tick(struct pl_turn *turn)
{
	(void)pl_command_expire(turn, 10000, is_any);
	return PL_OK;
}

static const struct pl_on_event events[] = { { "thing.*", on_thing }, { 0 } };
static const struct pl_on_answer answers[] = { { "Other.do", on_expired }, { 0 } };
static const char *const late[] = { "late", NULL };
static const struct pl_service_def def = {
	.name = "Tested", .events = events, .answers = answers, .late = late, .tick = tick
};

static int begin(void **state)
{
	/* A service's memory ends with its process. */
	static struct world worlds[TESTS];
	static size_t count;
	struct world *w = &worlds[count++];
	struct pl_service *s = &w->service;
	char url[96];
	int level = 1;

	assert_true(count <= TESTS);
	*state = world = w;
	clock_ms = 1000000;
	snprintf(w->dir, sizeof(w->dir), "/tmp/pelago-lot-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	snprintf(url, sizeof(url), "sqlite:%s/data.db", w->dir);
	w->sent = json_array();
	w->handled = json_array();
	s->def = &def;
	s->node = "local";
	s->heartbeat = &w->heartbeat;
	s->config_ms = s->disk_ms = INT64_MAX;
	snprintf(s->inbox, sizeof(s->inbox), "_IN.Tested.x");
	queue_init(&s->queue);
	queue_init(&s->posted);
	assert_int_equal(pl_store_open(&s->store, url), PL_OK);
	assert_int_equal(pl_store_own(s->store, &s->epoch), PL_OK);
	assert_int_equal(
		pl_store_migrate(s->store, "sdk", sdk_migrations, sdk_migrations_count, &level),
		PL_OK);
	assert_int_equal(outbox_load(s), PL_OK);
	assert_int_equal(reader_load(s), PL_OK);
	return 0;
}

static int end(void **state)
{
	struct world *w = *state;
	static const char *const files[] = { "data.db", "data.db.lock" };
	char path[100];

	pl_store_close(w->service.store);
	json_decref(w->sent);
	json_decref(w->handled);
	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%s", w->dir, files[i]);
		(void)unlink(path);
	}
	(void)rmdir(w->dir);
	return 0;
}

/* ---- events out ---- */

struct made {
	const char *noun;
	int count;
	size_t bytes;
};

static enum pl_err make(struct pl_turn *turn, json_t *body, void *arg)
{
	const struct made *made = arg;
	char *pad = calloc(1, made->bytes + 1);

	json_decref(body);
	memset(pad, 'x', made->bytes);
	for (int i = 0; i < made->count; i++)
		pl_emit(turn, made->noun, "made", "key", json_pack("{s:s}", "pad", pad));
	free(pad);
	return PL_OK;
}

static void emit(struct world *w, const char *noun, int count, size_t bytes)
{
	struct made made = { noun, count, bytes };
	struct work *work = work_new(WORK_POSTED, "", NULL, NULL, NULL, 0);

	work->posted_fn = make;
	work->posted_arg = &made;
	queue_put(&w->service.queue, work);
	turn_run(&w->service);
}

static void ack(struct world *w, int first, int last)
{
	static const char text[] = "{\"stream\":\"EVT\",\"seq\":1}";
	char subject[80];
	struct pl_message m = { .subject = subject, .body = text, .body_len = sizeof(text) - 1 };

	if (first == last)
		snprintf(subject, sizeof(subject), "_IN.Tested.x.ack.%d", first);
	else
		snprintf(subject, sizeof(subject), "_IN.Tested.x.ack.%d-%d", first, last);
	on_ack(&m, &w->service);
}

/* What was published since the last look, one name after the other; NULL ends them. */
static void was_sent(struct world *w, ...)
{
	const char *id;
	size_t i = 0;
	va_list ids;

	va_start(ids, w);
	for (; (id = va_arg(ids, const char *)); i++)
		assert_string_equal(json_string_value(json_array_get(w->sent, i)), id);
	va_end(ids);
	assert_int_equal(json_array_size(w->sent), i);
	json_array_clear(w->sent);
}

/* PLT-31: a lot that is sent again is known to the log by its identity, whatever came since */
static void a_lot_is_sent_again_as_it_was(void **state)
{
	struct world *w = *state;

	emit(w, "thing", 3, 10);
	emit(w, "thing", 1, 10);
	emit(w, "thing", 2, 10);
	was_sent(w, "Tested:1:thing:key:3+3", "Tested:1:thing:key:4", "Tested:1:thing:key:6+2",
		 NULL);
	outbox_resend(&w->service);
	was_sent(w, "Tested:1:thing:key:3+3", "Tested:1:thing:key:4", "Tested:1:thing:key:6+2",
		 NULL);
	ack(w, 1, 3);
	assert_int_equal(w->service.acked_seq, 3);
	assert_int_equal(w->service.acked_lot, 3);
	outbox_resend(&w->service);
	was_sent(w, "Tested:1:thing:key:4", "Tested:1:thing:key:6+2", NULL);
	ack(w, 5, 6);
	ack(w, 4, 4);
	assert_int_equal(w->service.acked_seq, 6);
	assert_int_equal(w->service.acked_lot, 2);
	assert_int_equal(w->service.out_len, 0);
}

/* PLT-31: those of another noun in between are left out, and go in a lot of their own */
static void a_lot_is_of_one_noun(void **state)
{
	struct world *w = *state;

	emit(w, "late", 1, 10);
	emit(w, "late", 1, 10);
	was_sent(w, NULL);
	emit(w, "thing", 1, 10);
	was_sent(w, "Tested:1:thing:key:1", NULL);
	clock_ms += 50;
	outbox_beat(&w->service);
	was_sent(w, "Tested:1:late:key:2+2", NULL);
	ack(w, 3, 3);
	assert_int_equal(w->service.acked_seq, 0);
	ack(w, 1, 2);
	assert_int_equal(w->service.acked_seq, 3);
	assert_int_equal(w->service.acked_lot, 1);
}

/* PLT-31: what waits for others isn't passed by those of its noun that memory had no room for */
static void order_holds_where_memory_was_full(void **state)
{
	struct world *w = *state;

	emit(w, "thing", 8, BIG);
	json_array_clear(w->sent);
	emit(w, "late", 1, 100000);
	emit(w, "late", 1, BIG - 100000);
	assert_true(w->service.taken_seq > w->service.read_seq); /* the second had no room */
	for (int seq = 1; seq <= 8; seq++)
		ack(w, seq, seq);
	assert_true(w->service.taken_seq == w->service.read_seq);
	clock_ms += 50;
	outbox_beat(&w->service);
	was_sent(w, "Tested:1:late:key:1", "Tested:1:late:key:2", NULL);
}

/* PLT-31: who comes to its database while the bus is away takes nothing for lost by that */
static void without_a_bus_nothing_is_probed(void **state)
{
	struct world *w = *state;

	emit(w, "thing", 1, 10);
	ack(w, 1, 1);
	w->is_down = true;
	outbox_probe(&w->service);
	w->is_down = false;
	outbox_probe(&w->service);
	assert_true(w->service.probe_is_out);
	assert_int_equal(w->service.kept_at, -1);
	was_sent(w, "Tested:1:thing:key:1", "Tested:1:thing:key:1", NULL);
}

static void tick_once(struct world *w)
{
	queue_put(&w->service.queue, work_new(WORK_TICK, "", NULL, NULL, NULL, 0));
	turn_run(&w->service);
}

/* PLT-31 PLT-60: who is killed while it publishes again all that it keeps goes on with it, though
 * its probe, which the log has by now, says nothing any more */
static void publishing_again_goes_on_after_a_kill(void **state)
{
	struct world *w = *state;
	struct pl_service *s = &w->service;

	emit(w, "thing", 3, 10);
	ack(w, 1, 3);
	tick_once(w);
	outbox_resend_kept(s);
	assert_true(outbox_wants_turn(s));
	tick_once(w);
	assert_false(outbox_wants_turn(s));
	s->kept_at = -1; /* as it was before the kill is not known to the next */
	assert_int_equal(outbox_load(s), PL_OK);
	json_array_clear(w->sent);
	outbox_beat(s);
	was_sent(w, "Tested:1:thing:key:1", "Tested:1:thing:key:2", "Tested:1:thing:key:3", NULL);
	outbox_beat(s);
	assert_int_equal(s->kept_at, -1);
	tick_once(w);
	assert_int_equal(outbox_load(s), PL_OK);
	assert_int_equal(s->kept_at, -1);
}

/* PLT-31: what is probed is the lot, though only its last event is there to be sent */
static void a_probe_names_the_lot(void **state)
{
	struct world *w = *state;

	emit(w, "thing", 3, 10);
	ack(w, 1, 3);
	outbox_probe(&w->service);
	was_sent(w, "Tested:1:thing:key:3+3", "Tested:1:thing:key:3+3", NULL);
}

/* ---- events in ---- */

static char *event_text(const char *noun, const char *verb, int n)
{
	char *text = NULL;

	assert_true(asprintf(&text,
			     "{\"v\":1,\"producer\":\"Maker\",\"incarnation\":1,\"noun\":\"%s\","
			     "\"verb\":\"%s\",\"key\":\"k\",\"n\":%d,\"atMs\":1,\"body\":{}}",
			     noun, verb, n) > 0);
	return text;
}

static void deliver_message(struct world *w, int seq, const char *id, const char *body)
{
	char reply[100];
	struct pl_message m = { .subject = "evt.3.thing.lot",
				.reply = reply,
				.msg_id = id,
				.body = body,
				.body_len = strlen(body) };

	if (!w->deliver)
		reader_beat(&w->service);
	snprintf(reply, sizeof(reply), "$JS.ACK.EVT.c.1.%d.%d.1.0", seq, (int)++w->consumer_seq);
	w->deliver(&m, w->deliver_arg);
}

static void deliver(struct world *w, int seq, const char *id, const char *body)
{
	deliver_message(w, seq, id, body);
	turn_run(&w->service);
}

/* A lot of thing, numbered on from n; verbs ends with NULL. */
static void deliver_lot(struct world *w, int seq, const char *id, int n, const char *const *verbs)
{
	char *body = strdup("");

	for (; *verbs; verbs++, n++) {
		char *text = event_text("thing", *verbs, n), *longer = NULL;

		assert_true(asprintf(&longer, "%s%s%s", body, *body ? "\n" : "", text) > 0);
		free(text);
		free(body);
		body = longer;
	}
	deliver(w, seq, id, body);
	free(body);
}

static void was_handled(struct world *w, ...)
{
	const char *name;
	size_t i = 0;
	va_list names;

	va_start(names, w);
	for (; (name = va_arg(names, const char *)); i++)
		assert_string_equal(json_string_value(json_array_get(w->handled, i)), name);
	va_end(names);
	assert_int_equal(json_array_size(w->handled), i);
}

static void stands_at(struct world *w, int64_t seq, const char *id)
{
	assert_int_equal(w->service.readers->seq, seq);
	assert_string_equal(w->service.readers->identity, id);
}

static int64_t parked(struct world *w)
{
	struct pl_rows *rows = NULL;
	int64_t count = -1;

	assert_int_equal(
		pl_store_query(&rows, w->service.store, "select count(*) from pl_parked", ""),
		PL_OK);
	if (pl_rows_next(rows))
		count = pl_rows_int(rows, 0);
	pl_rows_free(rows);
	return count;
}

/* PLT-31: lots that overlap are handled event by event, each once */
static void overlapping_lots_are_handled_once(void **state)
{
	static const char *const three[] = { "made", "made", "made", NULL };
	struct world *w = *state;

	deliver_lot(w, 1, "Maker:1:thing:k:3+3", 1, three);
	deliver_lot(w, 2, "Maker:1:thing:k:4+3", 2, three);
	was_handled(w, "thing k 1", "thing k 2", "thing k 3", "thing k 4", NULL);
	stands_at(w, 2, "Maker:1:thing:k:4+3");
}

/* PLT-31: of a lot, only what can't be handled is set aside, whether it is first, or last */
static void a_bad_event_keeps_its_lot_not_back(void **state)
{
	static const char *const bad[] = { "refused", "made", "refused", "made", "refused", NULL };
	struct world *w = *state;

	deliver_lot(w, 1, "Maker:1:thing:k:5+5", 1, bad);
	was_handled(w, "thing k 2", "thing k 4", NULL);
	stands_at(w, 1, "Maker:1:thing:k:5+5");
	assert_int_equal(parked(w), 3);
}

/* PLT-31: the same of those that the database refuses; the batch runs again in halves, so what is
 * handled by memory alone is seen more than once */
static void a_lot_with_what_the_database_refuses(void **state)
{
	static const char *const bad[] = { "broken", "made", "broken", NULL };
	struct world *w = *state;

	deliver_lot(w, 1, "Maker:1:thing:k:3+3", 1, bad);
	stands_at(w, 1, "Maker:1:thing:k:3+3");
	assert_int_equal(parked(w), 2);
}

/* PLT-31: text that is no event, empty lines, and nothing at all are passed over */
static void garbage_in_a_lot_is_passed_over(void **state)
{
	struct world *w = *state;
	char *first = event_text("thing", "made", 1), *second = event_text("thing", "made", 2);
	char *body = NULL;

	assert_true(asprintf(&body, "\n[1]\n%s\n{\"noun\":\n%s\n", first, second) > 0);
	deliver(w, 1, "Maker:1:thing:k:2+2", body);
	was_handled(w, "thing k 1", "thing k 2", NULL);
	stands_at(w, 1, "Maker:1:thing:k:2+2");
	deliver(w, 2, "a", "");
	stands_at(w, 2, "a");
	free(body);
	free(first);
	free(second);
}

/* PLT-3: who may publish one noun's events can't pass off others under it */
static void another_noun_is_refused(void **state)
{
	struct world *w = *state;
	char *own = event_text("thing", "made", 1), *other = event_text("other", "made", 1);
	char *body = NULL;
	struct pl_rows *rows = NULL;

	assert_true(asprintf(&body, "%s\n%s", other, own) > 0);
	deliver(w, 1, "Maker:1:thing:k:1+2", body);
	was_handled(w, "thing k 1", NULL);
	assert_int_equal(pl_store_query(&rows, w->service.store,
					"select n from pl_seen where noun = 'other'", ""),
			 PL_OK);
	assert_false(pl_rows_next(rows));
	pl_rows_free(rows);
	free(body);
	free(own);
	free(other);
}

/* PLT-31: so are more lines than any lot has, at once */
static void a_message_of_countless_lines_is_one(void **state)
{
	struct world *w = *state;
	struct pl_message m = { .subject = "evt.3.thing.lot",
				.reply = "$JS.ACK.EVT.c.1.1.1.1.0",
				.msg_id = "a",
				.body_len = 1 << 20 };
	char *body = malloc(m.body_len);

	memset(body, '\n', m.body_len);
	m.body = body;
	reader_beat(&w->service);
	w->deliver(&m, w->deliver_arg);
	assert_int_equal(w->service.queue.len, 1);
	turn_run(&w->service);
	stands_at(w, 1, "a");
	free(body);
}

/* PLT-31: a log full of lots is read as fast as it is handled: requests don't wait behind all of it
 */
static void no_more_is_read_than_a_turn_takes(void **state)
{
	struct world *w = *state;
	char *line = event_text("thing", "made", 1);
	size_t len = strlen(line) + 1;

	deliver(w, 1, "a", line);
	w->flood = malloc(64 * len);
	for (int i = 0; i < 64; i++) {
		memcpy(w->flood + (size_t)i * len, line, len);
		w->flood[(size_t)(i + 1) * len - 1] = i < 63 ? '\n' : '\0';
	}
	for (int i = 0; i < 8; i++) {
		service_turn(&w->service, 0);
		assert_true(w->service.queue.len < QUEUE_ITEMS + 64 * LOT_EVENTS);
	}
	was_handled(w, "thing k 1", NULL);
	free(w->flood);
	free(line);
}

/* UPG-8: who ends reads no more, also when the bus comes back meanwhile */
static void who_ends_reads_no_more(void **state)
{
	struct world *w = *state;

	w->service.stopping = true;
	reader_end_all(&w->service);
	reader_restart_all(&w->service);
	reader_beat(&w->service);
	assert_null(w->deliver);
}

/* ---- commands ---- */

static enum pl_err command(struct pl_turn *turn, json_t *body, void *arg)
{
	json_decref(body);
	pl_command(turn, "Other.do", "lane", NULL, NULL);
	return PL_OK;
}

/* PLT-31: a busy service may tick twice in one turn; a command is given up once */
static void a_command_is_given_up_once(void **state)
{
	struct world *w = *state;
	struct work *work = work_new(WORK_POSTED, "", NULL, NULL, NULL, 0);

	work->posted_fn = command;
	queue_put(&w->service.queue, work);
	turn_run(&w->service);
	clock_ms += 20000;
	queue_put(&w->service.queue, work_new(WORK_TICK, "tick", NULL, NULL, NULL, 0));
	queue_put(&w->service.queue, work_new(WORK_TICK, "tick", NULL, NULL, NULL, 0));
	turn_run(&w->service);
	assert_int_equal(w->expired, 1);
	assert_null(w->service.commands);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_lot_is_sent_again_as_it_was, begin, end),
		cmocka_unit_test_setup_teardown(a_lot_is_of_one_noun, begin, end),
		cmocka_unit_test_setup_teardown(order_holds_where_memory_was_full, begin, end),
		cmocka_unit_test_setup_teardown(without_a_bus_nothing_is_probed, begin, end),
		cmocka_unit_test_setup_teardown(publishing_again_goes_on_after_a_kill, begin, end),
		cmocka_unit_test_setup_teardown(a_probe_names_the_lot, begin, end),
		cmocka_unit_test_setup_teardown(overlapping_lots_are_handled_once, begin, end),
		cmocka_unit_test_setup_teardown(a_bad_event_keeps_its_lot_not_back, begin, end),
		cmocka_unit_test_setup_teardown(a_lot_with_what_the_database_refuses, begin, end),
		cmocka_unit_test_setup_teardown(garbage_in_a_lot_is_passed_over, begin, end),
		cmocka_unit_test_setup_teardown(another_noun_is_refused, begin, end),
		cmocka_unit_test_setup_teardown(a_message_of_countless_lines_is_one, begin, end),
		cmocka_unit_test_setup_teardown(no_more_is_read_than_a_turn_takes, begin, end),
		cmocka_unit_test_setup_teardown(who_ends_reads_no_more, begin, end),
		cmocka_unit_test_setup_teardown(a_command_is_given_up_once, begin, end),
	};

	return cmocka_run_group_tests_name("lot", tests, NULL, NULL);
}
