/*
 * migration_test.c — running instances go over to another version and back: the real service on a
 * real bus.
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

#include "pelago/json.h"
#include "test_world.h"

#define ED "EngagementDesigner"

#define HEAD                                                                                       \
	"<bpmn:definitions xmlns:bpmn='http://www.omg.org/spec/BPMN/20100524/MODEL' "              \
	"xmlns:zeebe='http://camunda.org/schema/zeebe/1.0' id='D' targetNamespace='x'>"            \
	"<bpmn:message id='M_order' name='order'/>"                                                \
	"<bpmn:message id='M_paid' name='paid'><bpmn:extensionElements>"                           \
	"<zeebe:subscription correlationKey='=id'/></bpmn:extensionElements></bpmn:message>"       \
	"<bpmn:message id='M_sent' name='sent'><bpmn:extensionElements>"                           \
	"<zeebe:subscription correlationKey='=id'/></bpmn:extensionElements></bpmn:message>"       \
	"<bpmn:process id='shop' isExecutable='true'>"                                             \
	"<bpmn:startEvent id='S'><bpmn:messageEventDefinition messageRef='M_order'/>"              \
	"</bpmn:startEvent><bpmn:endEvent id='E'/>"
#define TAIL "</bpmn:process></bpmn:definitions>"
#define FLOW(from, to)                                                                             \
	"<bpmn:sequenceFlow id='F_" from to "' sourceRef='" from "' targetRef='" to "'/>"
#define RECEIVE(id, message) "<bpmn:receiveTask id='" id "' messageRef='" message "'/>"
#define LATE(id, at, after)                                                                        \
	"<bpmn:boundaryEvent id='" id "' attachedToRef='" at "'><bpmn:timerEventDefinition>"       \
	"<bpmn:timeDuration>" after "</bpmn:timeDuration></bpmn:timerEventDefinition>"             \
	"</bpmn:boundaryEvent>"

/* pay, then send; or too late */
#define FIRST                                                                                      \
	HEAD RECEIVE("Pay", "M_paid") RECEIVE("Send", "M_sent") LATE("Late", "Pay", "PT1H")        \
		FLOW("S", "Pay") FLOW("Pay", "Send") FLOW("Send", "E") FLOW("Late", "E") TAIL
/* "Pay" is called "Payment", which has another event at its boundary; a step more behind */
#define SECOND                                                                                     \
	HEAD RECEIVE("Payment", "M_paid") RECEIVE("Send", "M_sent") RECEIVE("Thank", "M_paid")     \
		LATE("TooLate", "Payment", "PT2H") FLOW("S", "Payment") FLOW("Payment", "Send")    \
			FLOW("Send", "Thank") FLOW("Thank", "E") FLOW("TooLate", "E") TAIL
/* there is no "Send" */
#define THIRD HEAD RECEIVE("Payment", "M_paid") FLOW("S", "Payment") FLOW("Payment", "E") TAIL

static json_t *asked(struct test_world *w, const char *operation, json_t *body)
{
	json_t *reply = test_request(w, operation, body);

	if (*test_error(reply))
		fail_msg("%s: %s", operation, json_dumps(reply, 0));
	return reply;
}

static struct test_world *shop(void)
{
	static const char *const versions[] = { FIRST, SECOND, THIRD };
	struct test_world *w = test_world_new();

	test_service_start(w, ED, NULL);
	for (int i = 0; i < 3; i++)
		json_decref(asked(w, ED ".import",
				  json_pack("{s:s, s:b}", "xml", versions[i], "deploy", i == 0)));
	return w;
}

static void order(struct test_world *w, const char *name, char id[27])
{
	json_t *reply = asked(w, ED ".publish",
			      json_pack("{s:s, s:{s:s}}", "name", "order", "payload", "id", name));

	assert_int_equal(json_array_size(json_object_get(reply, "started")), 1);
	snprintf(id, 27, "%s",
		 json_string_value(json_array_get(json_object_get(reply, "started"), 0)));
	json_decref(reply);
}

/* The instance that the message went to, or "". */
static void publish(struct test_world *w, const char *message, const char *key, char id[27])
{
	json_t *reply =
		asked(w, ED ".publish", json_pack("{s:s, s:s}", "name", message, "key", key));

	snprintf(id, 27, "%s", pl_json_get_text(reply, "instanceId"));
	json_decref(reply);
}

static json_t *shown(struct test_world *w, const char *id)
{
	return asked(w, ED ".instance", json_pack("{s:s}", "id", id));
}

/* Elements at which its tokens are, in order, and its version: "1: Pay Late". */
static void is_at(struct test_world *w, const char *id, const char *wanted)
{
	json_t *instance = shown(w, id), *token;
	char seen[200];
	size_t i, len;

	len = (size_t)snprintf(seen, sizeof(seen), "%lld:",
			       (long long)json_integer_value(json_object_get(instance, "version")));
	json_array_foreach(json_object_get(instance, "tokens"), i, token)
		len += (size_t)snprintf(seen + len, sizeof(seen) - len, " %s",
					pl_json_get_text(token, "element"));
	assert_string_equal(seen, wanted);
	json_decref(instance);
}

struct wanted {
	const char *id;
	json_t *seen;
};

static bool is_over(struct test_world *w, void *arg)
{
	struct wanted *wanted = arg;

	json_decref(wanted->seen);
	wanted->seen = asked(w, ED ".migration", json_pack("{s:s}", "id", wanted->id));
	return json_object_get(wanted->seen, "endedMs") != NULL;
}

/* Waits until a migration is over, and adds its items; gives begun. */
static json_t *over(struct test_world *w, json_t *begun)
{
	struct wanted wanted = { .id = pl_json_get_text(begun, "id") };

	test_until(w, is_over, &wanted, "the migration is over");
	json_object_update_new(wanted.seen,
			       asked(w, ED ".migration-instances",
				     json_pack("{s:s, s:i}", "id", wanted.id, "limit", 200)));
	json_decref(begun);
	return wanted.seen;
}

static void deploy(struct test_world *w, int version)
{
	json_decref(asked(w, ED ".deploy",
			  json_pack("{s:s, s:i}", "name", "shop", "version", version)));
}

static json_t *migrate(struct test_world *w, int from, int to, const char *mapping, bool dry)
{
	if (!dry)
		deploy(w, to);
	return over(
		w, asked(w, ED ".migrate",
			 json_pack("{s:s, s:i, s:i, s:o*, s:b}", "name", "shop", "from", from, "to",
				   to, "mapping", mapping ? json_loads(mapping, 0, NULL) : NULL,
				   "dryRun", (int)dry)));
}

static json_t *undo(struct test_world *w, const json_t *migration)
{
	return over(w, asked(w, ED ".undo-migration",
			     json_pack("{s:O}", "id", json_object_get(migration, "id"))));
}

static void counts(const json_t *migration, const char *state, int looked, int moved, int stuck,
		   int undone)
{
	char seen[80], wanted[80];

	snprintf(seen, sizeof(seen), "%s %lld %lld %lld %lld", pl_json_get_text(migration, "state"),
		 (long long)json_integer_value(json_object_get(migration, "looked")),
		 (long long)json_integer_value(json_object_get(migration, "moved")),
		 (long long)json_integer_value(json_object_get(migration, "stuck")),
		 (long long)json_integer_value(json_object_get(migration, "undone")));
	snprintf(wanted, sizeof(wanted), "%s %d %d %d %d", state, looked, moved, stuck, undone);
	assert_string_equal(seen, wanted);
}

#define RENAMED "{\"Pay\": \"Payment\"}"

/* EDR-12, EDR-13: a dry run lists who would get stuck, and changes nothing; then they go over,
 * what can't stays and finishes on its version */
static void instances_go_over_or_stay(void **state)
{
	struct test_world *w = shop();
	json_t *seen, *item;
	char a[27], b[27], to[27];

	order(w, "A", a);
	order(w, "B", b);
	publish(w, "paid", "B", to);
	is_at(w, b, "1: Send");
	/* without the mapping nobody knows where Pay is; Send isn't in the third */
	seen = migrate(w, 1, 3, NULL, true);
	counts(seen, "LOOKED", 2, 0, 2, 0);
	item = json_array_get(json_object_get(seen, "items"), 0);
	assert_string_equal(pl_json_get_text(item, "instanceId"), a);
	item = json_array_get(json_object_get(item, "why"), 0);
	assert_string_equal(pl_json_get_text(item, "element"), "Pay");
	assert_true(json_is_null(json_object_get(item, "to")));
	assert_non_null(strstr(pl_json_get_text(item, "reason"), "no such element"));
	json_decref(seen);
	is_at(w, a, "1: Pay Late");
	seen = migrate(w, 1, 3, RENAMED, false);
	counts(seen, "MOVED", 2, 1, 1, 0);
	json_decref(seen);
	is_at(w, a, "3: Payment");
	is_at(w, b, "1: Send");
	publish(w, "sent", "B", to);
	assert_string_equal(to, b);
	publish(w, "paid", "A", to);
	assert_string_equal(to, a);
	is_at(w, a, "3:");
	is_at(w, b, "1:");
	test_world_free(w);
}

/* EDR-13: who has not gone on is exactly where it was, its timer too; who has goes back by the
 * mapping the other way round, if it can */
static void a_migration_is_undone(void **state)
{
	struct test_world *w = shop();
	json_t *moved, *seen, *token;
	char a[27], b[27], c[27], to[27];

	order(w, "A", a);
	order(w, "B", b);
	order(w, "C", c);
	moved = migrate(w, 1, 2, RENAMED, false);
	counts(moved, "MOVED", 3, 3, 0, 0);
	is_at(w, a, "2: Payment TooLate");
	publish(w, "paid", "B", to);
	assert_string_equal(to, b);
	publish(w, "paid", "C", to);
	publish(w, "sent", "C", to);
	is_at(w, b, "2: Send");
	is_at(w, c, "2: Thank");
	seen = undo(w, moved);
	counts(seen, "UNDONE", 3, 3, 0, 2);
	assert_int_equal(json_array_size(json_object_get(seen, "items")), 1);
	assert_string_equal(
		pl_json_get_text(json_array_get(json_object_get(seen, "items"), 0), "outcome"),
		"stays");
	json_decref(seen);
	is_at(w, a, "1: Pay Late");
	is_at(w, b, "1: Send");
	is_at(w, c, "2: Thank");
	seen = shown(w, a); /* the timer is the old one, by its number */
	token = json_array_get(json_object_get(seen, "tokens"), 1);
	assert_int_equal(json_integer_value(json_object_get(token, "due")), 3600000);
	json_decref(seen);
	/* there is nothing left to be undone */
	test_refused(w, ED ".undo-migration",
		     json_pack("{s:O}", "id", json_object_get(moved, "id")), "conflict");
	test_refused(w, ED ".undo-migration", json_pack("{s:s}", "id", "none"), "notFound");
	publish(w, "paid", "A", to);
	assert_string_equal(to, a);
	publish(w, "sent", "A", to);
	assert_string_equal(to, a);
	is_at(w, a, "1:");
	json_decref(moved);
	seen = asked(w, ED ".migrations", json_pack("{s:s}", "workflow", "shop"));
	assert_int_equal(json_array_size(json_object_get(seen, "items")), 1);
	json_decref(seen);
	test_world_free(w);
}

/* EDR-13: what makes no sense is refused, and says why */
static void what_is_no_migration_is_refused(void **state)
{
	struct test_world *w = shop();

	test_refused(w, ED ".migrate", json_pack("{s:s, s:i}", "name", "shop", "from", 1),
		     "badRequest");
	test_refused(w, ED ".migrate",
		     json_pack("{s:s, s:i, s:i}", "name", "shop", "from", 1, "to", 1),
		     "badRequest");
	test_refused(w, ED ".migrate",
		     json_pack("{s:s, s:i, s:i}", "name", "shop", "from", 1, "to", 9), "notFound");
	test_refused(w, ED ".migrate",
		     json_pack("{s:s, s:i, s:i}", "name", "none", "from", 1, "to", 2), "notFound");
	test_refused(w, ED ".migrate",
		     json_pack("{s:s, s:i, s:i, s:{s:i}}", "name", "shop", "from", 1, "to", 2,
			       "mapping", "Pay", 1),
		     "badRequest");
	test_refused(
		w, ED ".migrate",
		json_pack("{s:s, s:i, s:i, s:[]}", "name", "shop", "from", 1, "to", 2, "mapping"),
		"badRequest");
	test_refused(w, ED ".migrate", /* not deployed */
		     json_pack("{s:s, s:i, s:i}", "name", "shop", "from", 1, "to", 2), "conflict");
	test_refused(w, ED ".migration", json_pack("{s:s}", "id", "none"), "notFound");
	test_world_free(w);
}

/* EDR-13, EDR-6: in batches; killed again and again, each instance goes over and back once */
static void killed_in_between_it_goes_on(void **state)
{
	enum { TOTAL = 350 };
	struct test_world *w = shop();
	static char ids[TOTAL][27];
	char name[16], to[27];
	json_t *begun, *seen;

	for (int i = 0; i < TOTAL; i++) {
		snprintf(name, sizeof(name), "%d", i);
		order(w, name, ids[i]);
	}
	deploy(w, 2);
	begun = asked(w, ED ".migrate",
		      json_pack("{s:s, s:i, s:i, s:{s:s}}", "name", "shop", "from", 1, "to", 2,
				"mapping", "Pay", "Payment"));
	test_refused(w, ED ".migrate", /* one at a time, unless it is over already */
		     json_pack("{s:s, s:i, s:i}", "name", "shop", "from", 9, "to", 2), "notFound");
	for (int i = 0; i < 3; i++) {
		test_service_kill(w, ED);
		test_service_start(w, ED, NULL);
	}
	seen = over(w, begun);
	counts(seen, "MOVED", TOTAL, TOTAL, 0, 0);
	for (int i = 0; i < TOTAL; i += 7)
		is_at(w, ids[i], "2: Payment TooLate");
	begun = asked(w, ED ".undo-migration",
		      json_pack("{s:O}", "id", json_object_get(seen, "id")));
	json_decref(seen);
	for (int i = 0; i < 3; i++) {
		test_service_kill(w, ED);
		test_service_start(w, ED, NULL);
	}
	seen = over(w, begun);
	counts(seen, "UNDONE", TOTAL, TOTAL, 0, TOTAL);
	json_decref(seen);
	for (int i = 0; i < TOTAL; i += 7) {
		is_at(w, ids[i], "1: Pay Late");
		snprintf(name, sizeof(name), "%d", i);
		publish(w, "paid", name, to);
		assert_string_equal(to, ids[i]);
	}
	test_world_free(w);
}

static bool is_gone(struct test_world *w, void *id)
{
	json_t *reply = test_request(w, ED ".instance", json_pack("{s:s}", "id", id));
	bool is = strcmp(test_error(reply), "notFound") == 0;

	json_decref(reply);
	return is;
}

/* EDR-13: also where nothing that has ended is kept */
static void how_it_ended_can_be_asked(void **state)
{
	struct test_world *w = test_world_new();
	json_t *seen;
	char a[27];

	test_service_start(w, ED, "--set", "keep_days=0", NULL);
	json_decref(asked(w, ED ".import", json_pack("{s:s, s:b}", "xml", FIRST, "deploy", 1)));
	json_decref(asked(w, ED ".import", json_pack("{s:s}", "xml", SECOND)));
	order(w, "A", a);
	seen = migrate(w, 1, 2, NULL, true);
	counts(seen, "LOOKED", 1, 0, 1, 0);
	json_decref(asked(w, ED ".cancel", json_pack("{s:s}", "id", a)));
	test_until(w, is_gone, a, "what has ended is forgotten");
	json_decref(
		asked(w, ED ".migration", json_pack("{s:O}", "id", json_object_get(seen, "id"))));
	json_decref(seen);
	test_world_free(w);
}

/* EDR-13: what doesn't fit a message is told a page at a time. */
static void many_reasons_are_listed(void **state)
{
	enum { TASKS = 60, INSTANCES = 40 };
	struct test_world *w = shop();
	char *xml = NULL, order_id[27], key[16];
	size_t len, seen = 0, pages = 0;
	FILE *f = open_memstream(&xml, &len);
	json_t *begun, *body, *page, *cursor;

	fputs(HEAD "<bpmn:parallelGateway id='G'/>" FLOW("S", "G"), f);
	for (int i = 0; i < TASKS; i++)
		fprintf(f,
			"<bpmn:receiveTask id='T%0150d' messageRef='M_paid'/><bpmn:sequenceFlow "
			"id='G%d' sourceRef='G' targetRef='T%0150d'/><bpmn:sequenceFlow id='H%d' "
			"sourceRef='T%0150d' targetRef='E'/>",
			i, i, i, i, i);
	fputs(TAIL, f);
	fclose(f);
	json_decref(asked(w, ED ".import", json_pack("{s:s, s:b}", "xml", xml, "deploy", 1)));
	free(xml);
	for (int i = 0; i < INSTANCES; i++) {
		snprintf(key, sizeof(key), "K%d", i);
		order(w, key, order_id);
	}
	begun = asked(
		w, ED ".migrate",
		json_pack("{s:s, s:i, s:i, s:b}", "name", "shop", "from", 4, "to", 3, "dryRun", 1));
	begun = over(w, begun);
	counts(begun, "LOOKED", INSTANCES, 0, INSTANCES, 0);
	body = json_pack("{s:O, s:i}", "id", json_object_get(begun, "id"), "limit", 200);
	do {
		page = asked(w, ED ".migration-instances", json_incref(body));
		seen += json_array_size(json_object_get(page, "items"));
		cursor = json_incref(json_object_get(page, "cursor"));
		json_decref(page);
		json_object_set(body, "cursor", cursor);
		json_decref(cursor);
		pages++;
	} while (json_is_string(json_object_get(body, "cursor")) && pages < INSTANCES);
	assert_int_equal(seen, INSTANCES);
	assert_in_range(pages, 2, INSTANCES - 1);
	json_decref(body);
	json_decref(begun);
	test_world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(instances_go_over_or_stay),
		cmocka_unit_test(a_migration_is_undone),
		cmocka_unit_test(how_it_ended_can_be_asked),
		cmocka_unit_test(many_reasons_are_listed),
		cmocka_unit_test(what_is_no_migration_is_refused),
		cmocka_unit_test(killed_in_between_it_goes_on),
	};

	if (getenv("DESIGNER_TEST"))
		cmocka_set_test_filter(getenv("DESIGNER_TEST"));
	return cmocka_run_group_tests_name("designer migration", tests, NULL, NULL);
}
