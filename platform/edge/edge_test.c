/*
 * edge_test.c — the edge's pure parts: paths, routes, lanes, buckets, numbers of streams, what was
 * heard, forms, origins, handshakes, merged metrics.
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

#include "disposition.h"
#include "exposition.h"
#include "form.h"
#include "frame.h"
#include "handshake.h"
#include "heard.h"
#include "lane.h"
#include "limit.h"
#include "origin.h"
#include "path.h"
#include "pelago/json.h"
#include "route.h"
#include "sequence.h"

/* ---- paths ---- */

static bool splits(const char *text)
{
	struct path path;

	return path_split(&path, text, strlen(text));
}

static void paths_that_are_plain(void **state)
{
	struct path path;

	assert_true(path_split(&path, "/a/b%", 4));
	assert_int_equal(path.count, 2);
	assert_false(path.slash);
	assert_true(segment_is(&path.segments[1], "b"));
	assert_true(path_split(&path, "/", 1));
	assert_int_equal(path.count, 0);
	assert_true(path.slash);
	assert_true(path_split(&path, "/caf\xc3\xa9 x/", 9));
	assert_true(path.slash);
	assert_true(path_split(&path, "/.well-known/a", 14));
	assert_true(path_is_hidden(&path));
}

static void paths_that_are_tricks(void **state)
{
	static const char *const tricks[] = {
		"",
		"a",
		"//",
		"/a//b",
		"/..",
		"/a/../b",
		"/.",
		"/a/./b",
		"/%2e%2e",
		"/a\\..\\b",
		"/a\x01",
		"/a\x7f",
		"/\xff",
		"/\xc0\xae",
		"/\xed\xa0\x80",
		"/\xf4\x90\x80\x80",
		"/a/..",
		"/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17",
	};
	char big[PATH_BYTES + 2];
	struct path path;

	for (size_t i = 0; i < sizeof(tricks) / sizeof(tricks[0]); i++)
		if (splits(tricks[i]))
			fail_msg("accepted: %s", tricks[i]);
	assert_false(path_split(&path, "/a\0b", 4));
	memset(big, 'a', sizeof(big));
	big[0] = '/';
	assert_false(path_split(&path, big, sizeof(big)));
}

/* ---- routes ---- */

static struct routes *routes_of(const char *text, unsigned *skippedp)
{
	json_t *object = json_loads(text, 0, NULL);
	struct routes *routes = NULL;

	assert_non_null(object);
	assert_int_equal(routes_new(&routes, object, skippedp), PL_OK);
	json_decref(object);
	return routes;
}

static const char *matched(const struct routes *routes, enum method method, const char *text,
			   struct route_match *match)
{
	static struct path path;

	assert_true(path_split(&path, text, strlen(text)));
	routes_match(match, routes, method, &path);
	return match->route ? match->route->subject : NULL;
}

static void routes_match_templates(void **state)
{
	struct route_match match;
	unsigned skipped;
	struct routes *routes = routes_of(
		"{\"version\":7,\"routes\":["
		"{\"service\":\"A\",\"http\":\"GET\",\"path\":\"/x/{id}\",\"operation\":\"one\"},"
		"{\"service\":\"A\",\"http\":\"GET\",\"path\":\"/x/all\",\"operation\":\"all\",\"auth\":\"none\"},"
		"{\"service\":\"A\",\"http\":\"PUT\",\"path\":\"/x/{id}/y/{n}\",\"operation\":\"put\",\"body\":\"none\"},"
		"{\"service\":\"A\",\"http\":\"POST\",\"path\":\"/x/{id}\",\"operation\":\"post\",\"maxBytes\":99999999}]}",
		&skipped);

	assert_int_equal(skipped, 0);
	assert_string_equal(routes->version, "7");
	assert_string_equal(matched(routes, METHOD_GET, "/x/all", &match), "svc.A.all");
	assert_false(match.route->bearer);
	assert_string_equal(matched(routes, METHOD_GET, "/x/7", &match), "svc.A.one");
	assert_true(match.route->bearer);
	assert_false(match.route->optional);
	assert_true(segment_is(&match.names[0], "id") && segment_is(&match.values[0], "7"));
	assert_string_equal(matched(routes, METHOD_PUT, "/x/1/y/2", &match), "svc.A.put");
	assert_int_equal(match.params, 2);
	assert_string_equal(matched(routes, METHOD_POST, "/x/1", &match), "svc.A.post");
	assert_int_equal(match.route->body_max, ROUTE_BODY_MAX);
	assert_null(matched(routes, METHOD_DELETE, "/x/1", &match));
	assert_int_equal(match.allowed, 1U << METHOD_GET | 1U << METHOD_POST);
	assert_null(matched(routes, METHOD_GET, "/x/1/", &match));
	assert_int_equal(match.allowed, 0);
	routes_free(routes);
}

/* CHN-1: bodies for the blob store, headers that are handed on. */
static void routes_of_large_bodies(void **state)
{
	struct route_match match;
	unsigned skipped;
	struct routes *routes = routes_of(
		"{\"routes\":["
		"{\"service\":\"A\",\"http\":\"POST\",\"path\":\"/a\",\"operation\":\"o\",\"body\":\"blob\"},"
		"{\"service\":\"A\",\"http\":\"POST\",\"path\":\"/b\",\"operation\":\"p\",\"body\":\"blob\","
		"\"maxBytes\":1000000,\"headers\":[\"x-a\",\"x-b\"],\"cors\":true,\"store\":\"own\"},"
		"{\"service\":\"A\",\"http\":\"POST\",\"path\":\"/c\",\"operation\":\"q\",\"body\":\"blob\",\"store\":\"B\"},"
		"{\"service\":\"A\",\"http\":\"POST\",\"path\":\"/c\",\"operation\":\"q\",\"body\":\"blob\",\"maxBytes\":1e9},"
		"{\"service\":\"A\",\"http\":\"POST\",\"path\":\"/c\",\"operation\":\"q\",\"body\":\"blobs\"},"
		"{\"service\":\"A\",\"http\":\"POST\",\"path\":\"/c\",\"operation\":\"q\",\"headers\":[\"X-A\"]},"
		"{\"service\":\"A\",\"http\":\"POST\",\"path\":\"/c\",\"operation\":\"q\",\"headers\":[\"\"]},"
		"{\"service\":\"A\",\"http\":\"POST\",\"path\":\"/c\",\"operation\":\"q\",\"headers\":\"x\"},"
		"{\"service\":\"A\",\"http\":\"POST\",\"path\":\"/c\",\"operation\":\"q\",\"headers\":[\"a\",\"b\",\"c\",\"d\",\"e\"]},"
		"{\"service\":\"A\",\"http\":\"POST\",\"path\":\"/c\",\"operation\":\"q\",\"cors\":1}]}",
		&skipped);

	assert_int_equal(skipped, 8);
	assert_string_equal(matched(routes, METHOD_POST, "/a", &match), "svc.A.o");
	assert_int_equal(match.route->body, BODY_BLOB);
	assert_int_equal(match.route->body_max, ROUTE_BLOB_MAX);
	assert_string_equal(match.route->store, "OCPDataServices");
	assert_false(match.route->cors);
	assert_string_equal(matched(routes, METHOD_POST, "/b", &match), "svc.A.p");
	assert_int_equal(match.route->body_max, 1000000);
	assert_string_equal(match.route->store, "A");
	assert_int_equal(match.route->headers_count, 2);
	assert_string_equal(match.route->headers[1], "x-b");
	assert_true(match.route->cors);
	routes_free(routes);
}

static void routes_leave_out_what_is_wrong(void **state)
{
	json_t *object = json_array();
	struct routes *routes = NULL;
	unsigned skipped;

	assert_int_equal(routes_new(&routes, object, &skipped), PL_INVALID);
	json_decref(object);
	routes = routes_of(
		"{\"routes\":[1,{},"
		"{\"service\":\"A\",\"http\":\"BREW\",\"path\":\"/a\",\"operation\":\"o\"},"
		"{\"service\":\"A\",\"http\":\"GET\",\"path\":\"/../a\",\"operation\":\"o\"},"
		"{\"service\":\"A.>\",\"http\":\"GET\",\"path\":\"/a\",\"operation\":\"o\"},"
		"{\"service\":\"A\",\"http\":\"GET\",\"path\":\"/a\",\"operation\":\"o p\"},"
		"{\"service\":\"A\",\"http\":\"GET\",\"path\":\"/a\",\"operation\":\"o\",\"auth\":\"maybe\"},"
		"{\"service\":\"A\",\"http\":\"GET\",\"path\":\"/a\",\"operation\":\"o\",\"rate\":\"much\"},"
		"{\"service\":\"A\",\"http\":\"GET\",\"path\":\"/a\",\"operation\":\"o\",\"roles\":[1]},"
		"{\"service\":\"A\",\"http\":\"GET\",\"path\":\"/a\",\"operation\":\"o\",\"roles\":\"admin\"},"
		"{\"service\":\"A\",\"websocket\":\"/w\",\"frames\":{\"a\":{\"operation\":\"\"}}},"
		"{\"service\":\"A\",\"websocket\":\"/w\",\"gone\":\"g\",\"frames\":{\"a\":{\"operation\":\"o\"},"
		"\"b\":{\"service\":\"B\",\"operation\":\"o\",\"rate\":\"open\"}}}]}",
		&skipped);
	assert_int_equal(skipped, 11);
	assert_int_equal(routes->http_count, 0);
	assert_null(routes_socket(routes, "/v"));
	assert_string_equal(routes_socket(routes, "/w")->gone_subject, "svc.A.g");
	assert_string_equal(socket_route_frame(routes_socket(routes, "/w"), "b")->subject,
			    "svc.B.o");
	assert_int_equal(socket_route_frame(routes_socket(routes, "/w"), "b")->rate, LIMIT_OPEN);
	assert_null(socket_route_frame(routes_socket(routes, "/w"), "c"));
	routes_free(routes);
}

/* PLT-23 */
static void profiles_judged(void **state)
{
	static const struct {
		struct caller caller;
		const char *subject;
		enum pl_err err;
	} rows[] = {
		{ { "ann", "Ann", "192.0.2.1" }, "svc.A.o", PL_OK },
		{ { "ann", "Ann", "192.0.2.1" }, "svc.B.o", PL_FORBIDDEN },
		{ { "ann", "Ann", "192.0.2.1" }, "svc.AB.o", PL_FORBIDDEN },
		{ { "x", "ann", "192.0.2.1" }, "svc.B.o", PL_FORBIDDEN }, /* by log-in name */
		{ { "bob", "Bob", "192.0.2.1" }, "svc.B.o", PL_OK },	  /* has none: all */
		{ { "", "", "192.0.2.1" }, "svc.B.o", PL_OK },
		{ { NULL, NULL, NULL }, "svc.B.o", PL_OK },
		{ { "", "", "192.0.2.9" }, "svc.B.o", PL_FORBIDDEN }, /* its endpoint */
		{ { "bob", "", "192.0.2.9" }, "svc.B.o", PL_FORBIDDEN },
		{ { "ann", "", "192.0.2.9" }, "svc.A.o", PL_FORBIDDEN }, /* both must have it */
		{ { "eve", "", "" }, "svc.A.o", PL_FORBIDDEN }, /* of a profile that isn't there */
	};
	struct routes *routes;
	unsigned skipped;

	routes = routes_of("{\"routes\":[],\"profiles\":{\"services\":{\"P\":{\"A\":true},"
			   "\"Q\":{\"C\":true}},\"user\":{\"ann\":\"P\",\"eve\":\"none\"},"
			   "\"endpoint\":{\"192.0.2.9\":\"Q\"}}}",
			   &skipped);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(routes_allow(routes, &rows[i].caller, rows[i].subject),
				 rows[i].err);
	routes_free(routes);
	routes = routes_of("{\"routes\":[]}", &skipped); /* there are no profiles */
	assert_int_equal(routes_allow(routes, &rows[1].caller, "svc.B.o"), PL_OK);
	assert_int_equal(routes_allow(NULL, &rows[1].caller, "svc.B.o"), PL_OK);
	routes_free(routes);
	routes = routes_of("{\"routes\":[],\"profiles\":[1]}", &skipped); /* of no use */
	assert_int_equal(routes_allow(routes, &rows[1].caller, "svc.B.o"), PL_OK);
	routes_free(routes);
}

/* ---- lanes ---- */

static void lanes_keep_order_and_bounds(void **state)
{
	struct lane_item items[100] = { 0 }, *next;
	struct lanes lanes = { .split = true };
	int i;

	assert_int_equal(lanes_put(&lanes, "a", &items[0]), LANE_RUN);
	assert_int_equal(lanes_put(&lanes, "b", &items[1]), LANE_RUN);
	for (i = 2; i < 2 + LANE_ITEMS; i++)
		assert_int_equal(lanes_put(&lanes, "a", &items[i]), LANE_WAIT);
	assert_int_equal(lanes_put(&lanes, "a", &items[99]), LANE_FULL);
	assert_int_equal(lanes_put(&lanes, "b", &items[98]), LANE_WAIT);
	assert_ptr_equal(lanes_next(&lanes, &items[1]), &items[98]);
	assert_null(lanes_next(&lanes, &items[98]));
	next = &items[0];
	for (i = 2; i < 2 + LANE_ITEMS; i++) {
		next = lanes_next(&lanes, next);
		assert_ptr_equal(next, &items[i]);
	}
	assert_null(lanes_next(&lanes, next));
	assert_int_equal(lanes.running, 0);
	assert_null(lanes.first);
	items[0].bytes = items[1].bytes = items[2].bytes = LANES_BYTES / 2 + 1;
	assert_int_equal(lanes_put(&lanes, "a", &items[0]), LANE_RUN);
	assert_int_equal(lanes_put(&lanes, "a", &items[1]), LANE_WAIT);
	assert_int_equal(lanes_put(&lanes, "a", &items[2]), LANE_FULL);
	assert_ptr_equal(lanes_pop(&lanes), &items[1]);
	assert_null(lanes_pop(&lanes));
	lanes_fini(&lanes);
}

static void lanes_are_one_until_there_is_a_session(void **state)
{
	struct lane_item items[4] = { 0 };
	struct lanes lanes = { 0 };

	assert_int_equal(lanes_put(&lanes, "", &items[0]), LANE_RUN);
	assert_int_equal(lanes_put(&lanes, "x", &items[1]), LANE_WAIT);
	lanes_split(&lanes);
	/* x has one that waits: the next of x must not overtake it */
	assert_int_equal(lanes_put(&lanes, "x", &items[2]), LANE_WAIT);
	assert_ptr_equal(lanes_next(&lanes, &items[0]), &items[1]);
	assert_ptr_equal(lanes_next(&lanes, &items[1]), &items[2]);
	assert_int_equal(lanes_put(&lanes, "x", &items[3]), LANE_RUN);
	lanes_fini(&lanes);
}

/* ---- buckets ---- */

static void buckets_fill_and_empty(void **state)
{
	struct limit limit = { 60 / 60000.0, 3 }; /* one a second */
	struct bucket bucket = { 0 };

	for (int i = 0; i < 3; i++)
		assert_true(bucket_take(&bucket, &limit, 1000));
	assert_false(bucket_take(&bucket, &limit, 1000));
	assert_int_equal(bucket_wait_s(&bucket, &limit), 2);
	assert_false(bucket_take(&bucket, &limit, 1900));
	assert_true(bucket_take(&bucket, &limit, 2100));
	assert_false(bucket_take(&bucket, &limit, 2200));
	for (int i = 0; i < 3; i++)
		assert_true(bucket_take(&bucket, &limit, 100000));
	assert_false(bucket_take(&bucket, &limit, 100000));
}

static void limits_of_a_demo(void **state)
{
	json_t *more = json_loads(
		"{\"login\":{\"perMinute\":60},\"open\":{\"perMinute\":-1},\"connections\":5}", 0,
		NULL);
	struct limits limits;

	limits_init(&limits, false);
	assert_true(limits.rows[1][LIMIT_LOGIN].burst == limits.rows[0][LIMIT_LOGIN].burst);
	limits_init(&limits, true);
	assert_true(limits.rows[1][LIMIT_LOGIN].burst == 600 &&
		    limits.rows[0][LIMIT_LOGIN].burst == 10);
	limits_override(&limits, more);
	assert_true(limits.rows[0][LIMIT_LOGIN].burst == 60 &&
		    limits.rows[0][LIMIT_OPEN].burst == 20);
	assert_int_equal(limits.connections[0], 5);
	limits_override(&limits, NULL);
	json_decref(more);
	assert_int_equal(limit_class_from("nothing"), LIMIT_COUNT);
}

/* ---- files ---- */

static void names_of_files(void **state)
{
	static const char *const rows[][2] = {
		{ "a.pdf", "attachment; filename=\"a.pdf\"; filename*=UTF-8''a.pdf" },
		{ "", "attachment" },
		{ "a\r\nb\t\x7f/\\",
		  "attachment; filename=\"a__b____\"; filename*=UTF-8''a__b____" },
		{ "\"%;", "attachment; filename=\"__;\"; filename*=UTF-8''%22%25%3B" },
		{ "ä😀", "attachment; filename=\"__\"; filename*=UTF-8''%C3%A4%F0%9F%98%80" },
	};
	char header[DISPOSITION_BYTES], name[600];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		disposition_write(header, rows[i][0]);
		assert_string_equal(header, rows[i][1]);
	}
	memset(name, '"', 480); /* the longest, at its widest */
	name[480] = '\0';
	disposition_write(header, name);
	assert_true(strlen(header) > 4 * 480 && strlen(header) < DISPOSITION_BYTES);
	memset(name, '"', 481);
	name[481] = '\0';
	disposition_write(header, name);
	assert_string_equal(header, "attachment");
	assert_string_equal(disposition_type("Image/PNG"), "image/png");
	assert_string_equal(disposition_type("image/svg+xml"), "application/octet-stream");
	assert_string_equal(disposition_type(""), "application/octet-stream");
}

/* ---- numbers ---- */

static void numbers_of_a_stream(void **state)
{
	struct sequence s = { .last = 4 };
	int64_t lost;

	assert_int_equal(sequence_push(&s, 4), SEQUENCE_DROP);
	assert_int_equal(sequence_push(&s, 5), SEQUENCE_DELIVER);
	assert_int_equal(sequence_push(&s, 8), SEQUENCE_FETCH);
	assert_int_equal(sequence_push(&s, 6), SEQUENCE_DELIVER);
	assert_true(sequence_head(&s, 0));
	assert_int_equal(sequence_item(&s, 6, &lost), SEQUENCE_DROP);
	assert_int_equal(sequence_item(&s, 7, &lost), SEQUENCE_DELIVER);
	assert_int_equal(sequence_item(&s, 8, &lost), SEQUENCE_DELIVER);
	assert_int_equal(lost, 0);
	assert_false(sequence_head(&s, 8));
	assert_true(sequence_head(&s, 20));
	/* 9 to 11 are not kept any more */
	assert_int_equal(sequence_item(&s, 12, &lost), SEQUENCE_DELIVER);
	assert_int_equal(lost, 3);
	assert_int_equal(sequence_push(&s, 12), SEQUENCE_DROP);
}

/* Whatever is lost, doubled or late: each number once, in order, and in the end all. */
static void numbers_at_random(void **state)
{
	struct sequence s = { 0 };
	int64_t got = 0, lost;
	unsigned seed = 1;

	for (int64_t seq = 1; seq <= 5000; seq++) {
		int times = rand_r(&seed) % 3;

		for (int i = 0; i < times; i++)
			if (sequence_push(&s, seq - rand_r(&seed) % (seq > 3 ? 3 : 1)) ==
			    SEQUENCE_DELIVER)
				assert_int_equal(s.last, ++got);
		if (rand_r(&seed) % 50 || !sequence_head(&s, seq))
			continue;
		for (int64_t i = s.last - 2 > 0 ? s.last - 2 : 1; i <= seq; i++)
			if (sequence_item(&s, i, &lost) == SEQUENCE_DELIVER)
				assert_int_equal(s.last, ++got);
	}
	for (int64_t i = s.last + 1; i <= 5000; i++)
		if (sequence_item(&s, i, &lost) == SEQUENCE_DELIVER)
			got++;
	assert_int_equal(got, 5000);
}

/* ---- the rest ---- */

static void frames_read(void **state)
{
	struct frame frame;
	static const char *const bad[] = {
		"", "{", "[]", "{}", "{\"type\":3}", "{\"type\":\"a\",\"contactId\":{}}"
	};
	json_t *error;

	assert_int_equal(frame_init(&frame, "{\"type\":\"a\",\"clientId\":\"c\"}", 27), PL_OK);
	assert_string_equal(frame.client_id, "c");
	assert_null(frame.contact_id);
	frame_fini(&frame);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(frame_init(&frame, bad[i], strlen(bad[i])), PL_INVALID);
		frame_fini(&frame);
	}
	error = frame_error("badRequest", "no", "c", "k");
	assert_string_equal(pl_json_get_text(error, "contactId"), "k");
	assert_string_equal(pl_json_get_text(error, "clientId"), "c");
	json_decref(error);
}

static void forms_read(void **state)
{
	static const char *const bad[] = { "a=%", "a=%4", "a=%zz", "a=%00", "a=%ff" };
	json_t *form;

	assert_int_equal(form_parse(&form, "a=1+2&b=%C3%A4&c&&a=3", 21), PL_OK);
	assert_string_equal(pl_json_get_text(form, "a"), "3");
	assert_string_equal(pl_json_get_text(form, "b"), "\xc3\xa4");
	assert_int_equal(json_object_size(form), 3);
	json_decref(form);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(form_parse(&form, bad[i], strlen(bad[i])), PL_INVALID);
}

static void origins_judged(void **state)
{
	json_t *allowed = json_pack("[s, i]", "https://shop.example", 1);

	assert_true(origin_is_allowed("", "h:1", true, NULL));
	assert_true(origin_is_allowed("https://H:1", "h:1", true, NULL));
	assert_false(origin_is_allowed("http://h:1", "h:1", true, NULL));
	assert_false(origin_is_allowed("https://h:12", "h:1", true, NULL));
	assert_false(origin_is_allowed("https://", "", true, NULL));
	assert_false(origin_is_allowed("null", "h:1", true, allowed));
	assert_true(origin_is_allowed("https://shop.example", "h:1", true, allowed));
	assert_false(origin_is_allowed("https://shop.example.evil", "h:1", true, allowed));
	json_decref(allowed);
}

static int status_of(const struct handshake *handshake)
{
	const struct handshake_fault *fault = handshake_fault(handshake);

	return fault ? fault->status : 0;
}

/* PLT-51 */
static void handshakes_judged(void **state)
{
	const struct handshake good = { .is_get = true,
					.upgrade = "WebSocket",
					.connection = "keep-alive, Upgrade",
					.version = "13",
					.key = "AAAAAAAAAAAAAAAAAAAAAA==" };
	struct handshake bad;

#define BAD(member, value, status)                                                                 \
	do {                                                                                       \
		bad = good;                                                                        \
		bad.member = (value);                                                              \
		assert_int_equal(status_of(&bad), status);                                         \
	} while (0)
	assert_int_equal(status_of(&good), 0);
	BAD(is_get, false, 405);
	BAD(upgrade, "", 400);
	BAD(upgrade, "h2c", 400);
	BAD(connection, "", 400);
	BAD(connection, "keep-alive", 400);
	BAD(version, "", 426);
	BAD(version, "12", 426);
	BAD(key, "", 400);
	BAD(key, "AAAAAAAAAAAAAAAAAAAAA===", 400);
	BAD(key, "AAAAAAAAAAAAAAAAAAA+/\n==", 400);
	BAD(key, "AAAAAAAAAAAAAAAAAAAAAA==A", 400);
	BAD(has_protocols, true, 400);
#undef BAD
}

static void lists_searched(void **state)
{
	assert_true(list_has("a", "A"));
	assert_true(list_has(" , b ,\ta\t", "a"));
	assert_false(list_has("", "a"));
	assert_false(list_has(" , ,", "a"));
	assert_false(list_has("ab, ba", "a"));
	assert_false(list_has("a b", "a"));
}

static void expositions_merge(void **state)
{
	struct exposition *e;
	char *text;

	assert_int_equal(exposition_new(&e), PL_OK);
	exposition_add(
		e, "# HELP a x\n# TYPE a histogram\na_sum{s=\"1\"} 1\na_count{s=\"1\"} 2\nb 1", 65);
	exposition_add(e, "# HELP a x\n# TYPE a histogram\na_sum{s=\"2\"} 3\n\n# junk\n", 53);
	text = exposition_text(e);
	assert_string_equal(text,
			    "# HELP a x\n# TYPE a histogram\na_sum{s=\"1\"} 1\na_count{s=\"1\"} 2\n"
			    "a_sum{s=\"2\"} 3\nb 1\n");
	free(text);
	exposition_free(e);
}

static void what_was_heard_is_remembered(void **state)
{
	char name[32];
	struct heard *heard;

	assert_int_equal(heard_new(&heard), PL_OK);
	heard_begin(heard, 1000);
	assert_false(heard_all(heard, 1000 + HEARD_MS));
	assert_true(heard_all(heard, 1001 + HEARD_MS));
	assert_int_equal(heard_take(heard, "contact.1"), 0);
	heard_note(heard, "contact.1", 3, 40000);
	heard_note(heard, "contact.1", 2, 40001);
	heard_note(heard, "contact.2", 1, 40002);
	assert_int_equal(heard_take(heard, "contact.1"), 3);
	assert_int_equal(heard_take(heard, "contact.1"), 0);
	/* One that is old makes room, and that is no loss. */
	heard_note(heard, "contact.3", 1, 40003 + HEARD_MS);
	assert_int_equal(heard_take(heard, "contact.2"), 0);
	assert_true(heard_all(heard, 40003 + HEARD_MS));
	/* One that isn't is a loss. */
	for (int i = 0; i < HEARD_STREAMS; i++) {
		snprintf(name, sizeof(name), "contact.x%d", i);
		heard_note(heard, name, 1, 200000);
	}
	assert_int_equal(heard_take(heard, "contact.x0"), 1);
	heard_note(heard, "contact.x0", 1, 200000);
	assert_true(heard_all(heard, 200000));
	heard_note(heard, "contact.y", 1, 200001);
	assert_false(heard_all(heard, 200001));
	assert_int_equal(heard_take(heard, "contact.x1"), 0);
	assert_int_equal(heard_take(heard, "contact.x0"), 1);
	heard_free(heard);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_that_are_plain),
		cmocka_unit_test(paths_that_are_tricks),
		cmocka_unit_test(routes_match_templates),
		cmocka_unit_test(routes_of_large_bodies),
		cmocka_unit_test(routes_leave_out_what_is_wrong),
		cmocka_unit_test(profiles_judged),
		cmocka_unit_test(names_of_files),
		cmocka_unit_test(lanes_keep_order_and_bounds),
		cmocka_unit_test(lanes_are_one_until_there_is_a_session),
		cmocka_unit_test(buckets_fill_and_empty),
		cmocka_unit_test(limits_of_a_demo),
		cmocka_unit_test(numbers_of_a_stream),
		cmocka_unit_test(numbers_at_random),
		cmocka_unit_test(what_was_heard_is_remembered),
		cmocka_unit_test(frames_read),
		cmocka_unit_test(forms_read),
		cmocka_unit_test(origins_judged),
		cmocka_unit_test(handshakes_judged),
		cmocka_unit_test(lists_searched),
		cmocka_unit_test(expositions_merge),
	};

	return cmocka_run_group_tests_name("edge", tests, NULL, NULL);
}
