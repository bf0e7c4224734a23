/*
 * test_service.c — a service with bad manners, for the edge's tests.
 *
 * It is Manager (routes), AuthorizationService (keys) and Fake (streams) in one process, keeps all
 * in memory, answers a repeated id with its first answer, and does on demand what the edge must
 * survive: loses pushes, says nothing, refuses, floods. Prints a line "token …" for each of two
 * users, "ready", and goes on until it is killed.
 *
 * usage: test_service BUS-URL
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <uthash.h>

#include "id.h"
#include "pelago/bus.h"
#include "pelago/json.h"
#include "pelago/token.h"

enum { FETCH_BYTES = 512 * 1024 };

struct stream {
	char name[64];
	json_t *frames; /* frame n stands at n - 1 */
	bool is_greedy; /* answers fetch with more than the bus carries */
	UT_hash_handle hh;
};

struct answered {
	char id[40];
	char *body;
	UT_hash_handle hh;
};

static struct pl_bus *bus;
static struct stream *streams;
static struct answered *answers;
static json_t *key, *gone;
static int routes_version = 1;

static const char routes_text[] =
	"{\"v\":1,\"routes\":["
	"{\"service\":\"Fake\",\"http\":\"POST\",\"path\":\"/services/Fake/echo\",\"operation\":\"echo\",\"auth\":\"none\",\"maxBytes\":1000},"
	"{\"service\":\"Fake\",\"http\":\"GET\",\"path\":\"/services/Fake/echo\",\"operation\":\"echo\",\"auth\":\"none\"},"
	"{\"service\":\"Fake\",\"http\":\"POST\",\"path\":\"/services/Fake/form\",\"operation\":\"echo\",\"auth\":\"none\",\"body\":\"form\"},"
	"{\"service\":\"Fake\",\"http\":\"GET\",\"path\":\"/services/Fake/things/{name}\",\"operation\":\"echo\",\"auth\":\"none\"},"
	"{\"service\":\"Fake\",\"http\":\"GET\",\"path\":\"/services/Fake/secret\",\"operation\":\"echo\",\"auth\":\"bearer\",\"roles\":[\"administrator\"]},"
	"{\"service\":\"Fake\",\"http\":\"GET\",\"path\":\"/services/Fake/perhaps\",\"operation\":\"echo\",\"auth\":\"optional\",\"roles\":[\"administrator\"]},"
	"{\"service\":\"Fake\",\"http\":\"GET\",\"path\":\"/services/Fake/redirect\",\"operation\":\"redirect\",\"auth\":\"none\"},"
	"{\"service\":\"Fake\",\"http\":\"GET\",\"path\":\"/services/Fake/text\",\"operation\":\"text\",\"auth\":\"none\"},"
	"{\"service\":\"Fake\",\"http\":\"GET\",\"path\":\"/services/Fake/gone\",\"operation\":\"gones\",\"auth\":\"none\"},"
	"{\"service\":\"Fake\",\"http\":\"GET\",\"path\":\"/services/Fake/refuse\",\"operation\":\"refuse\",\"auth\":\"none\"},"
	"{\"service\":\"Fake\",\"http\":\"GET\",\"path\":\"/services/Fake/silence\",\"operation\":\"silence\",\"auth\":\"none\"},"
	"{\"service\":\"Fake\",\"http\":\"GET\",\"path\":\"/services/Fake/sleepy\",\"operation\":\"sleepy\",\"auth\":\"none\"},"
	"{\"service\":\"Fake\",\"http\":\"POST\",\"path\":\"/services/Fake/login\",\"operation\":\"echo\",\"auth\":\"none\",\"rate\":\"login\"},"
	"{\"service\":\"Fake\",\"http\":\"POST\",\"path\":\"/services/Fake/files\",\"operation\":\"take\",\"auth\":\"none\",\"body\":\"blob\",\"maxBytes\":20000000,\"headers\":[\"x-secret\"],\"cors\":true},"
	"{\"service\":\"Fake\",\"http\":\"POST\",\"path\":\"/services/Fake/own-files\",\"operation\":\"take\",\"auth\":\"bearer\",\"roles\":[\"administrator\"],\"body\":\"blob\"},"
	"{\"service\":\"Fake\",\"http\":\"GET\",\"path\":\"/services/Fake/files/{hash}\",\"operation\":\"give\",\"auth\":\"none\",\"cors\":true},"
	"{\"service\":\"Fake\",\"http\":\"GET\",\"path\":\"/services/Fake/store\",\"operation\":\"store\",\"auth\":\"none\"},"
	"{\"service\":\"Nobody\",\"http\":\"GET\",\"path\":\"/services/Nobody/home\",\"operation\":\"home\",\"auth\":\"none\"},"
	"{\"service\":\"Fake\",\"websocket\":\"/services/Fake/chat\",\"gone\":\"gone\",\"maxBytes\":4096,\"frames\":{"
	"\"open\":{\"operation\":\"open\"},\"resume\":{\"operation\":\"resume\"},\"message\":{\"operation\":\"message\"},"
	"\"slow\":{\"operation\":\"slow\"},\"refuse\":{\"operation\":\"refuse\"},\"flood\":{\"operation\":\"flood\"},"
	"\"leave\":{\"operation\":\"leave\"},\"typing\":{\"operation\":\"typing\"},\"sleepy\":{\"operation\":\"sleepy\"}}}]}";

/* ---- streams ---- */

static struct stream *stream_of(const char *contact)
{
	struct stream *stream;
	char name[64];

	snprintf(name, sizeof(name), "contact.%s", contact);
	HASH_FIND_STR(streams, name, stream);
	if (stream)
		return stream;
	stream = calloc(1, sizeof(*stream));
	memcpy(stream->name, name, sizeof(name));
	stream->frames = json_array();
	HASH_ADD_STR(streams, name, stream);
	return stream;
}

static void publish(const char *subject, json_t *body)
{
	char *text = pl_json_dump(body);
	struct pl_message message = { .subject = subject, .body = text, .body_len = strlen(text) };

	pl_bus_publish(bus, &message);
	free(text);
	json_decref(body);
}

static void append(struct stream *stream, json_t *frame, bool lose)
{
	json_int_t seq = (json_int_t)json_array_size(stream->frames) + 1;
	char subject[80];

	json_object_set_new(frame, "seq", json_integer(seq));
	json_array_append_new(stream->frames, frame);
	snprintf(subject, sizeof(subject), "usr.%s", stream->name);
	if (!lose)
		publish(subject, json_pack("{s:i, s:s, s:I, s:O}", "v", 1, "stream", stream->name,
					   "seq", seq, "frame", frame));
}

static json_t *watch(const struct stream *stream, json_int_t after)
{
	return json_pack("[{s:s, s:s, s:I}]", "stream", stream->name, "service", "Fake", "after",
			 after);
}

/* ---- operations: each returns the reply, NULL says nothing ---- */

static const char *text_of(const json_t *body, const char *path)
{
	return pl_json_get_text(body, path);
}

static json_t *op_open(const json_t *body)
{
	struct stream *stream;
	char contact[ID_SIZE];
	json_t *frame;

	id_make(contact);
	stream = stream_of(contact);
	frame = json_pack("{s:s, s:s}", "type", "opened", "contactId", contact);
	append(stream, frame, true);
	return json_pack("{s:i, s:[O], s:{s:s}, s:o}", "v", 1, "send", frame, "session",
			 "contactId", contact, "watch", watch(stream, 1));
}

static json_t *op_resume(const json_t *body)
{
	const char *contact = text_of(body, "frame.contactId");
	struct stream *stream = stream_of(contact);
	json_int_t head = (json_int_t)json_array_size(stream->frames);

	return json_pack("{s:i, s:[{s:s, s:s, s:I}], s:{s:s}, s:o}", "v", 1, "send", "type",
			 "resumed", "contactId", contact, "head", head, "session", "contactId",
			 contact, "watch",
			 watch(stream, json_integer_value(pl_json_get(body, "frame.after"))));
}

static json_t *op_message(const json_t *body)
{
	const char *contact = text_of(body, "session.contactId");

	if (!contact[0])
		return json_pack("{s:i, s:{s:s, s:s, s:s}}", "v", 1, "error", "code",
				 "unauthorized", "name", "UNAUTHORIZED", "message", "no session");
	append(stream_of(contact),
	       json_pack("{s:s, s:s, s:s}", "type", "message", "text", text_of(body, "frame.text"),
			 "clientId", text_of(body, "frame.clientId")),
	       json_is_true(pl_json_get(body, "frame.lose")));
	return json_pack("{s:i}", "v", 1);
}

static json_t *op_typing(const json_t *body)
{
	char subject[80];

	snprintf(subject, sizeof(subject), "usr.contact.%s", text_of(body, "session.contactId"));
	publish(subject, json_pack("{s:i, s:{s:s}}", "v", 1, "frame", "type", "typing"));
	return json_pack("{s:i}", "v", 1);
}

static json_t *op_refuse(const json_t *body)
{
	return json_pack("{s:i, s:{s:s, s:s, s:s}}", "v", 1, "error", "code", "notAccepting",
			 "name", "NOTACCEPTING", "message", "closed today");
}

/* Says nothing the first time, and answers the repeat. */
static json_t *op_sleepy(const json_t *body)
{
	static unsigned times;

	if (++times % 2)
		return NULL;
	return json_pack("{s:i, s:i, s:{s:i}, s:[{s:s}]}", "v", 1, "status", 200, "body", "times",
			 (int)times, "send", "type", "awake");
}

static json_t *op_slow(const json_t *body)
{
	struct timespec pause = { 0, 30 * 1000 * 1000 };

	nanosleep(&pause, NULL);
	return json_pack("{s:i, s:[{s:s, s:s, s:s}]}", "v", 1, "send", "type", "slept", "clientId",
			 text_of(body, "frame.clientId"), "contactId",
			 text_of(body, "frame.contactId"));
}

static json_t *op_flood(const json_t *body)
{
	struct stream *stream = stream_of(text_of(body, "session.contactId"));
	json_int_t count = json_integer_value(pl_json_get(body, "frame.count"));
	size_t size = (size_t)json_integer_value(pl_json_get(body, "frame.size"));
	char *text = malloc(size + 1);

	stream->is_greedy = json_is_true(pl_json_get(body, "frame.greedy"));
	memset(text, 'x', size);
	text[size] = '\0';
	for (json_int_t i = 0; i < count; i++)
		append(stream, json_pack("{s:s, s:s}", "type", "message", "text", text), false);
	free(text);
	return json_pack("{s:i}", "v", 1);
}

static json_t *op_leave(const json_t *body)
{
	return json_pack("{s:i, s:[{s:s}], s:n, s:b}", "v", 1, "send", "type", "bye", "session",
			 "close", true);
}

static json_t *op_gone(const json_t *body)
{
	json_array_append(gone, json_object_get(body, "session"));
	return json_pack("{s:i}", "v", 1);
}

static json_t *op_gones(const json_t *body)
{
	return json_pack("{s:i, s:O}", "v", 1, "body", gone);
}

static json_t *op_echo(const json_t *body)
{
	return json_pack("{s:i, s:i, s:{s:s, s:s}, s:O}", "v", 1, "status", 200, "headers",
			 "X-Fake", "yes", "Content-Length", "1", "body", body);
}

static json_t *op_redirect(const json_t *body)
{
	return json_pack("{s:i, s:i, s:{s:s, s:s}}", "v", 1, "status", 302, "headers", "Location",
			 "/demo/", "X-Bad", "a\r\nSet-Cookie: b");
}

static json_t *op_text(const json_t *body)
{
	return json_pack("{s:i, s:s, s:s}", "v", 1, "text", "a,b\n", "type", "text/csv");
}

static json_t *op_silence(const json_t *body)
{
	return NULL;
}

static json_t *op_fetch(const json_t *body)
{
	struct stream *stream;
	json_t *items = json_array(), *frame;
	json_int_t after = json_integer_value(json_object_get(body, "after"));
	json_int_t limit = json_integer_value(json_object_get(body, "limit"));
	size_t i, bytes = 0;

	HASH_FIND_STR(streams, text_of(body, "stream"), stream);
	json_array_foreach(stream ? stream->frames : NULL, i, frame) {
		if ((json_int_t)i < after || (json_int_t)json_array_size(items) == limit ||
		    bytes > FETCH_BYTES)
			continue;
		if (!stream->is_greedy)
			bytes += 40 + strlen(pl_json_get_text(frame, "text"));
		json_array_append_new(
			items, json_pack("{s:I, s:O}", "seq", (json_int_t)i + 1, "frame", frame));
	}
	return json_pack("{s:i, s:o, s:I}", "v", 1, "items", items, "head",
			 (json_int_t)json_array_size(stream ? stream->frames : NULL));
}

static json_t *op_heads(const json_t *body)
{
	json_t *heads = json_object(), *name;
	struct stream *stream;
	size_t i;

	json_array_foreach(json_object_get(body, "streams"), i, name) {
		HASH_FIND_STR(streams, json_string_value(name), stream);
		if (stream)
			json_object_set_new(
				heads, stream->name,
				json_integer((json_int_t)json_array_size(stream->frames)));
	}
	return json_pack("{s:i, s:o}", "v", 1, "heads", heads);
}

static json_t *op_routes(const json_t *body)
{
	json_t *routes = json_loads(routes_text, 0, NULL);

	json_object_set_new(routes, "version", json_sprintf("%d", routes_version));
	return routes;
}

static json_t *op_jwks(const json_t *body)
{
	return json_pack("{s:i, s:[o]}", "v", 1, "keys", pl_token_public(key));
}

/* ---- bodies: the store, and who takes and gives them ---- */

struct upload {
	char id[64];
	json_t *parts;
	UT_hash_handle hh;
};

static struct upload *uploads;
static json_t *bodies; /* hash → {"size", "parts"} */
static json_t
	*dropped; /* ids of uploads: a chunk may be read after its drop, unlike with a real one */
static char store_mode[32]; /* "silent", "full", "spoilt", or nothing wrong */

static json_t *refusal(const char *code, const char *name, const char *message)
{
	return json_pack("{s:i, s:{s:s, s:s, s:s}}", "v", 1, "error", "code", code, "name", name,
			 "message", message);
}

static struct upload *upload_of(const json_t *body, bool makes)
{
	struct upload *upload;

	HASH_FIND_STR(uploads, text_of(body, "upload"), upload);
	if (upload || !makes)
		return upload;
	upload = calloc(1, sizeof(*upload));
	snprintf(upload->id, sizeof(upload->id), "%s", text_of(body, "upload"));
	upload->parts = json_array();
	HASH_ADD_STR(uploads, id, upload);
	return upload;
}

static void upload_end(struct upload *upload)
{
	HASH_DEL(uploads, upload);
	json_decref(upload->parts);
	free(upload);
}

static json_t *op_put(const json_t *body)
{
	struct upload *upload;

	if (strcmp(store_mode, "silent") == 0)
		return NULL;
	if (strcmp(store_mode, "full") == 0)
		return refusal("unavailable", "FULL", "the disk is full");
	if (json_object_get(dropped, text_of(body, "upload")))
		return refusal("notFound", "NOTFOUND", "no such upload");
	upload = upload_of(body, true);
	if (json_integer_value(json_object_get(body, "n")) !=
	    (json_int_t)json_array_size(upload->parts))
		return refusal("conflict", "STATE", "out of turn");
	json_array_append(upload->parts, json_object_get(body, "data"));
	return json_pack("{s:i}", "v", 1);
}

static json_t *op_commit(const json_t *body)
{
	struct upload *upload = upload_of(body, false);

	if (!upload)
		return refusal("notFound", "NOTFOUND", "no such upload");
	json_object_set_new(bodies, text_of(body, "hash"),
			    json_pack("{s:O, s:O}", "size", json_object_get(body, "size"), "parts",
				      upload->parts));
	upload_end(upload);
	return json_pack("{s:i}", "v", 1);
}

static json_t *op_drop(const json_t *body)
{
	struct upload *upload = upload_of(body, false);

	json_object_set_new(dropped, text_of(body, "upload"), json_true());
	if (upload)
		upload_end(upload);
	return json_pack("{s:i}", "v", 1);
}

static json_t *op_get(const json_t *body)
{
	json_t *kept = json_object_get(bodies, text_of(body, "hash"));
	size_t n = (size_t)json_integer_value(json_object_get(body, "n"));
	json_t *part = json_array_get(json_object_get(kept, "parts"), n);

	if (n > 0 && strcmp(store_mode, "silent") == 0)
		return NULL;
	if (!part)
		return refusal("notFound", "NOTFOUND", "no such body");
	if (n == 1 && strcmp(store_mode, "spoilt") == 0)
		part = json_array_get(json_object_get(kept, "parts"), 0);
	return json_pack("{s:i, s:O, s:O}", "v", 1, "data", part, "size",
			 json_object_get(kept, "size"));
}

/* What a body is told to be taken by: query "refuse" and "known" answer before it comes. */
static json_t *op_take(const json_t *body)
{
	const json_t *query = json_object_get(body, "query");

	if (json_object_get(query, "refuse"))
		return refusal("unauthorized", "FORBIDDEN", "not you");
	if (json_object_get(query, "mute"))
		return NULL;
	if (!pl_json_get(body, "blob.hash") && !json_object_get(query, "known"))
		return json_pack("{s:i, s:b}", "v", 1, "continue", 1);
	return json_pack("{s:i, s:i, s:O}", "v", 1, "status", 201, "body", body);
}

static json_t *op_give(const json_t *body)
{
	const char *hash = text_of(body, "path.hash");
	json_t *kept = json_object_get(bodies, hash);
	json_t *size = json_object_get(kept, "size");

	return json_pack("{s:i, s:{s:s, s:o, s:s, s:s}}", "v", 1, "blob", "hash", hash, "size",
			 size ? json_incref(size) : json_integer(1), "type",
			 text_of(body, "query.type"), "name", text_of(body, "query.name"));
}

static json_t *op_store(const json_t *body)
{
	if (json_object_get(json_object_get(body, "query"), "mode"))
		snprintf(store_mode, sizeof(store_mode), "%s", text_of(body, "query.mode"));
	return json_pack("{s:i, s:{s:i, s:i}}", "v", 1, "body", "uploads", (int)HASH_COUNT(uploads),
			 "bodies", (int)json_object_size(bodies));
}

static const struct {
	const char *subject;
	json_t *(*fn)(const json_t *body);
	bool is_read;
} operations[] = {
	{ "svc.Manager.routes", op_routes, true },
	{ "svc.AuthorizationService.jwks", op_jwks, true },
	{ "svc.Fake.fetch", op_fetch, true },
	{ "svc.Fake.heads", op_heads, true },
	{ "svc.Fake.open", op_open },
	{ "svc.Fake.resume", op_resume },
	{ "svc.Fake.message", op_message },
	{ "svc.Fake.typing", op_typing },
	{ "svc.Fake.refuse", op_refuse },
	{ "svc.Fake.sleepy", op_sleepy },
	{ "svc.Fake.slow", op_slow },
	{ "svc.Fake.flood", op_flood },
	{ "svc.Fake.leave", op_leave },
	{ "svc.Fake.gone", op_gone },
	{ "svc.Fake.gones", op_gones },
	{ "svc.Fake.echo", op_echo },
	{ "svc.Fake.redirect", op_redirect },
	{ "svc.Fake.text", op_text },
	{ "svc.Fake.silence", op_silence },
	{ "svc.Fake.take", op_take, true },
	{ "svc.Fake.give", op_give, true },
	{ "svc.Fake.store", op_store, true },
	{ "svc.OCPDataServices.blob-put", op_put },
	{ "svc.OCPDataServices.blob-commit", op_commit },
	{ "svc.OCPDataServices.blob-get", op_get, true },
	{ "svc.OCPDataServices.blob-drop", op_drop },
};

/* ---- the bus ---- */

static void answer(const struct pl_message *request, const char *body)
{
	struct pl_message message = { .subject = request->reply,
				      .body = body,
				      .body_len = strlen(body) };

	pl_bus_publish(bus, &message);
}

static void on_request(const struct pl_message *message, void *arg)
{
	size_t i = (size_t)(intptr_t)arg;
	struct answered *known = NULL;
	json_t *body = NULL, *reply;
	char *text;

	if (message->id)
		HASH_FIND_STR(answers, message->id, known);
	if (known) {
		answer(message, known->body);
		return;
	}
	if (!message->reply || pl_json_parse(&body, message->body, message->body_len))
		return;
	reply = operations[i].fn(body);
	json_decref(body);
	if (!reply)
		return;
	text = pl_json_dump(reply);
	json_decref(reply);
	answer(message, text);
	if (!message->id || operations[i].is_read) {
		free(text);
		return;
	}
	known = calloc(1, sizeof(*known));
	snprintf(known->id, sizeof(known->id), "%s", message->id);
	known->body = text;
	HASH_ADD_STR(answers, id, known);
}

static void on_metrics(const struct pl_message *message, void *arg)
{
	answer(message, "# HELP fake_total lies told\n# TYPE fake_total counter\n"
			"fake_total{service=\"Fake\"} 1\n");
}

static void print_token(const char *name, const char *role)
{
	time_t now = time(NULL);
	json_t *claims = json_pack("{s:s, s:s, s:s, s:[s], s:I, s:I, s:s}", "iss", "pelago", "sub",
				   name, "name", name, "roles", role, "iat", (json_int_t)now, "exp",
				   (json_int_t)now + 3600, "jti", name);
	char *token;

	if (pl_token_sign(&token, claims, key) == PL_OK)
		printf("token %s %s\n", name, token);
	json_decref(claims);
}

int main(int argc, char **argv)
{
	struct pl_bus_options options = { .url = argc > 1 ? argv[1] : "nats://127.0.0.1:4222",
					  .name = "Fake",
					  .wait_ms = 5000 };
	struct pl_subscription *subscription;

	if (pl_bus_open(&bus, &options) || pl_token_key(&key)) {
		fprintf(stderr, "test_service: %s\n", pl_err_detail(PL_INTERNAL));
		return 1;
	}
	gone = json_array();
	bodies = json_object();
	dropped = json_object();
	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
		pl_bus_subscribe(&subscription, bus, operations[i].subject, NULL, on_request,
				 (void *)(intptr_t)i);
	pl_bus_subscribe(&subscription, bus, "ctl.metrics", NULL, on_metrics, NULL);
	pl_bus_flush(bus);
	print_token("admin", "administrator");
	print_token("agent1", "agent");
	printf("ready\n");
	fflush(stdout);
	for (;;) {
		struct pollfd fd = { .fd = pl_bus_fd(bus), .events = POLLIN };

		poll(&fd, 1, 1000);
		while (pl_bus_read(bus, 256) == 256)
			;
		pl_bus_flush(bus);
	}
}
