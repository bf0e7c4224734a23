/*
 * blob_test.c — the blob store of the real service on a real bus.
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
#include <sodium.h>

#include "pelago/json.h"
#include "test_world.h"

#define SERVICE "OCPDataServices"

enum { CHUNK = 96 * 1024 };

/* A body that nobody else's is equal to. */
struct body {
	unsigned char *bytes;
	size_t len;
	char hash[65];
};

static struct body body_of(size_t len, unsigned char seed)
{
	struct body body = { malloc(len), len, "" };
	unsigned char key[randombytes_SEEDBYTES] = { seed }, hash[crypto_hash_sha256_BYTES];

	randombytes_buf_deterministic(body.bytes, len, key);
	crypto_hash_sha256(hash, body.bytes, len);
	sodium_bin2hex(body.hash, sizeof(body.hash), hash, sizeof(hash));
	return body;
}

static json_t *chunk(const char *upload, int n, const void *bytes, size_t len)
{
	size_t room = sodium_base64_encoded_len(len, sodium_base64_VARIANT_ORIGINAL);
	char *text = malloc(room);
	json_t *object;

	sodium_bin2base64(text, room, bytes, len, sodium_base64_VARIANT_ORIGINAL);
	object = json_pack("{s:s, s:i, s:s}", "upload", upload, "n", n, "data", text);
	free(text);
	return object;
}

static void is_ok(struct test_world *w, const char *operation, json_t *body)
{
	json_t *reply = test_request(w, operation, body);

	assert_string_equal(test_error(reply), "");
	json_decref(reply);
}

static size_t chunk_len(const struct body *body, int n)
{
	size_t left = body->len - (size_t)n * CHUNK;

	return left < CHUNK ? left : CHUNK;
}

static void put(struct test_world *w, const char *upload, const struct body *body, int n)
{
	is_ok(w, SERVICE ".blob-put",
	      chunk(upload, n, body->bytes + n * CHUNK, chunk_len(body, n)));
}

static int chunks_of(const struct body *body)
{
	return (int)((body->len + CHUNK - 1) / CHUNK);
}

static json_t *committed(const char *upload, const struct body *body)
{
	return json_pack("{s:s, s:s, s:I}", "upload", upload, "hash", body->hash, "size",
			 (json_int_t)body->len);
}

static void put_all(struct test_world *w, const char *upload, const struct body *body)
{
	for (int n = 0; n < chunks_of(body); n++)
		put(w, upload, body, n);
	is_ok(w, SERVICE ".blob-commit", committed(upload, body));
}

static void keep(struct test_world *w, const char *owner, const struct body *body)
{
	is_ok(w, SERVICE ".blob-keep",
	      json_pack("{s:s, s:s, s:I}", "owner", owner, "hash", body->hash, "size",
			(json_int_t)body->len));
}

static json_t *get(const struct body *body, int n)
{
	return json_pack("{s:s, s:i}", "hash", body->hash, "n", n);
}

static void is_whole(struct test_world *w, const struct body *body)
{
	unsigned char *bytes = malloc(CHUNK);

	for (int n = 0; n < chunks_of(body); n++) {
		json_t *reply = test_request(w, SERVICE ".blob-get", get(body, n));
		const char *text = pl_json_get_text(reply, "data");
		size_t len = 0;

		assert_string_equal(test_error(reply), "");
		assert_int_equal(json_integer_value(json_object_get(reply, "size")), body->len);
		assert_int_equal(sodium_base642bin(bytes, CHUNK, text, strlen(text), NULL, &len,
						   NULL, sodium_base64_VARIANT_ORIGINAL),
				 0);
		assert_int_equal(len, chunk_len(body, n));
		assert_memory_equal(bytes, body->bytes + n * CHUNK, len);
		json_decref(reply);
	}
	test_refused(w, SERVICE ".blob-get", get(body, chunks_of(body)), "notFound");
	free(bytes);
}

static bool is_gone(struct test_world *w, void *arg)
{
	json_t *reply = test_request(w, SERVICE ".blob-get", get(arg, 0));
	bool gone = strcmp(test_error(reply), "notFound") == 0;

	json_decref(reply);
	return gone;
}

/* CHN-1: a body comes in chunks, through kills of the service, and is read as it was. */
static void a_body_survives_kills(void **state)
{
	struct test_world *w = test_world_new();
	struct body body = body_of(5 * CHUNK + 17, 1);

	test_service_start(w, SERVICE, NULL);
	for (int n = 0; n < chunks_of(&body); n++) {
		put(w, "U1", &body, n);
		put(w, "U1", &body, n); /* repeated */
		if (n % 2 == 0) {
			test_service_kill(w, SERVICE);
			test_service_start(w, SERVICE, NULL);
		}
	}
	test_refused(w, SERVICE ".blob-get", get(&body, 0), "notFound");
	is_ok(w, SERVICE ".blob-commit", committed("U1", &body));
	is_whole(w, &body);
	test_service_kill(w, SERVICE);
	test_service_start(w, SERVICE, NULL);
	is_whole(w, &body);
	free(body.bytes);
	test_world_free(w);
}

/* Equal bodies are one; it stays until the last of its owners has gone. */
static void equal_bodies_are_kept_once(void **state)
{
	struct test_world *w = test_world_new();
	struct body body = body_of(3 * CHUNK, 2);

	test_service_start(w, SERVICE, "--set", "blob_lease_s=1", NULL);
	put_all(w, "U1", &body);
	keep(w, "A", &body);
	put_all(w, "U2", &body);
	keep(w, "B", &body);
	keep(w, "B", &body);
	test_run(w, 2500); /* neither lease nor rubbish takes what is kept */
	is_whole(w, &body);
	free(body.bytes);
	test_world_free(w);
}

/* What nobody keeps goes, and so does an upload that nobody goes on with; then there is room for
 * the same again. */
static void what_is_unclaimed_goes(void **state)
{
	struct test_world *w = test_world_new();
	struct body body = body_of(2 * CHUNK, 3);

	test_service_start(w, SERVICE, "--set", "blob_lease_s=1", "--set", "upload_idle_s=1", NULL);
	put_all(w, "U1", &body);
	put(w, "U2", &body, 0);
	is_whole(w, &body);
	test_until(w, is_gone, &body, "the lease is over");
	test_refused(w, SERVICE ".blob-put", chunk("U2", 1, "x", 1), "notFound");
	test_refused(w, SERVICE ".blob-keep",
		     json_pack("{s:s, s:s, s:I}", "owner", "A", "hash", body.hash, "size",
			       (json_int_t)body.len),
		     "notFound");
	put_all(w, "U3", &body);
	keep(w, "A", &body);
	is_whole(w, &body);
	is_ok(w, SERVICE ".blob-drop", json_pack("{s:s}", "upload", "U3")); /* none any more */
	is_ok(w, SERVICE ".blob-drop", json_pack("{s:s}", "upload", "U9"));
	put(w, "U4", &body, 0);
	is_ok(w, SERVICE ".blob-drop", json_pack("{s:s}", "upload", "U4"));
	test_refused(w, SERVICE ".blob-put", chunk("U4", 1, "x", 1), "notFound");
	test_refused(w, SERVICE ".blob-put", chunk("U4", 0, "x", 1), "notFound");
	test_run(w, 1500);
	is_whole(w, &body); /* the dropped one shared its chunks */
	free(body.bytes);
	test_world_free(w);
}

static void wrong_ones_are_refused(void **state)
{
	struct test_world *w = test_world_new();
	struct body body = body_of(2 * CHUNK, 4), other = body_of(CHUNK, 5);
	char *huge;

	test_service_start(w, SERVICE, NULL);
	test_refused(w, SERVICE ".blob-put", chunk("U1", 1, "x", 1), "notFound");
	put(w, "U1", &body, 0);
	test_refused(w, SERVICE ".blob-put", chunk("U1", 2, "x", 1), "conflict");
	test_refused(w, SERVICE ".blob-put", chunk("U1", 0, "x", 1), "conflict");
	test_refused(w, SERVICE ".blob-put", chunk("U1", 1, "", 0), "badRequest");
	test_refused(w, SERVICE ".blob-put", chunk("", 0, "x", 1), "badRequest");
	test_refused(w, SERVICE ".blob-put", chunk("U1", -1, "x", 1), "badRequest");
	test_refused(w, SERVICE ".blob-put",
		     json_pack("{s:s, s:i, s:s}", "upload", "U1", "n", 1, "data", "§"),
		     "badRequest");
	huge = calloc(1, 200 * 1024);
	test_refused(w, SERVICE ".blob-put", chunk("U1", 1, huge, 200 * 1024), "badRequest");
	free(huge);
	/* not whole yet; then another hash, another size */
	test_refused(w, SERVICE ".blob-commit", committed("U1", &body), "badRequest");
	put(w, "U1", &body, 1);
	memcpy(other.hash, body.hash, sizeof(other.hash));
	test_refused(w, SERVICE ".blob-commit", committed("U1", &other), "badRequest");
	other.len = body.len;
	other.hash[0] = other.hash[0] == '0' ? '1' : '0';
	test_refused(w, SERVICE ".blob-commit", committed("U1", &other), "badRequest");
	other.hash[0] = 'A';
	test_refused(w, SERVICE ".blob-commit", committed("U1", &other), "badRequest");
	test_refused(w, SERVICE ".blob-get", get(&other, 0), "badRequest");
	test_refused(w, SERVICE ".blob-get", get(&body, 0), "notFound");
	is_ok(w, SERVICE ".blob-commit", committed("U1", &body));
	is_whole(w, &body);
	free(body.bytes);
	free(other.bytes);
	test_world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_body_survives_kills),
		cmocka_unit_test(equal_bodies_are_kept_once),
		cmocka_unit_test(what_is_unclaimed_goes),
		cmocka_unit_test(wrong_ones_are_refused),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests_name("ocpdata-blob", tests, NULL, NULL);
}
