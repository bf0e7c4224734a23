/*
 * bundle.c — see bundle.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bundle.h"

#include <errno.h>
#include <ftw.h>
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "node.h"
#include "pelago/json.h"
#include "pelago/log.h"
#include "pelago/version.h"
#include "platform/bundle/bundle.h"
#include "platform/setup/programs.h"

enum state { WAITING, FETCHING, UNPACKING, READY, FAILED };

static const char *const state_texts[] = { "waiting", "fetching", "unpacking", "ready", "failed" };

struct copy {
	struct copy *next;
	char *name, *version, *hash, *folder;
	enum state state;
	bool is_wanted, is_platform;
	bool is_refused; /* its last failure stays one, however often it is tried */
	unsigned number; /* of this fetch: late chunks of another one don't count */
	char detail[512];
	int64_t due_ms, heard_ms;
	/* What was fetched. */
	unsigned char *data;
	size_t size, len;
	unsigned chunks, asked, got; /* chunks: 0 until the first has told */
	/* The thread that unpacks it; done: it has written err and detail. */
	pthread_t thread;
	atomic_bool is_done;
	enum pl_err err;
	const struct node *node;
};

static bool is_there(const char *folder)
{
	struct stat st;

	return stat(folder, &st) == 0 && S_ISDIR(st.st_mode);
}

static struct copy *find(const struct node *node, const char *hash)
{
	for (struct copy *c = node->copies; c; c = c->next)
		if (strcmp(c->hash, hash) == 0)
			return c;
	return NULL;
}

static void drop_data(struct copy *c)
{
	free(c->data);
	c->data = NULL;
	c->len = c->size = 0;
	c->chunks = c->asked = c->got = 0;
}

static void copy_free(struct copy *c)
{
	drop_data(c);
	free(c->name);
	free(c->version);
	free(c->hash);
	free(c->folder);
	free(c);
}

static void to(struct copy *c, enum state state, const char *detail)
{
	struct node *node = (struct node *)c->node;

	c->state = state;
	snprintf(c->detail, sizeof(c->detail), "%s", detail);
	node->report_soon = true;
	if (state == FAILED)
		pl_log(ERROR, "bundle.failed", NULL, "service=%s version=%s: %s", c->name,
		       c->version, detail);
	else if (state == READY)
		pl_log(INFO, "bundle.ready", NULL, "service=%s version=%s", c->name, c->version);
}

static void fail(struct copy *c, int64_t now_ms, const char *detail)
{
	drop_data(c);
	c->due_ms = now_ms + COPY_AGAIN_MS;
	to(c, FAILED, detail);
}

/* ---- what is wanted ---- */

/* What the root supervisor goes by is unpacked to a place of its own. */
static bool place_of(struct copy *c)
{
	if (c->is_platform)
		c->folder = platform_place(c->node->data, c->version);
	else if (asprintf(&c->folder, "%s/bundles/%s/%s-%.8s", c->node->data, c->name, c->version,
			  c->hash) < 0)
		c->folder = NULL;
	return c->folder;
}

static enum pl_err copy_new(struct copy **copyp, struct node *node, const char *name,
			    const char *version, const char *hash, bool is_platform)
{
	struct copy *c = calloc(1, sizeof(*c));

	if (!c)
		return PL_NOMEM;
	c->node = node;
	c->name = strdup(name);
	c->version = strdup(version);
	c->hash = strdup(hash);
	c->is_platform = is_platform;
	if (!c->name || !c->version || !c->hash || !place_of(c)) {
		copy_free(c);
		return PL_NOMEM;
	}
	if (is_there(c->folder) && (!is_platform || platform_is_of(node, version, hash)))
		c->state = READY;
	c->next = node->copies;
	node->copies = c;
	*copyp = c;
	return PL_OK;
}

static enum pl_err want(struct node *node, const json_t *item, bool is_platform)
{
	const char *name = "pelago", *version = NULL, *hash = NULL;
	struct copy *c;
	enum pl_err err = is_platform ? PL_OK : pl_json_text(&name, item, "name", 64, true);

	if (!err)
		err = pl_json_text(&version, item, "version", BUNDLE_VERSION_MOST, true);
	if (!err)
		err = pl_json_text(&hash, item, "hash", BUNDLE_HASH_SIZE - 1, true);
	if (!err && (!version_is_good(version) || strchr(name, '/') || *name == '.' ||
		     strlen(hash) != BUNDLE_HASH_SIZE - 1 ||
		     hash[strspn(hash, "0123456789abcdef")] != '\0'))
		err = pl_fail(PL_INVALID, "'%s' '%s' names no bundle", name, version);
	if (err)
		return err;
	c = find(node, hash);
	if (!c)
		err = copy_new(&c, node, name, version, hash, is_platform);
	if (!err)
		c->is_wanted = true;
	return err;
}

enum pl_err copies_want(struct node *node, const json_t *bundles, const json_t *platform)
{
	enum pl_err err = PL_OK;
	json_t *item;
	size_t i;

	for (struct copy *c = node->copies; c; c = c->next)
		c->is_wanted = false;
	json_array_foreach(bundles, i, item) {
		if (!err)
			err = want(node, item, false);
	}
	json_array_foreach(platform, i, item) {
		if (!err)
			err = want(node, item, true);
	}
	return err;
}

const char *copy_folder(const struct node *node, const char *hash)
{
	const struct copy *c = find(node, hash);

	return c && c->state == READY ? c->folder : NULL;
}

const char *copy_place(const struct node *node, const char *hash)
{
	const struct copy *c = find(node, hash);

	return c ? c->folder : NULL;
}

/* ---- fetching ---- */

static void ask(struct copy *c)
{
	char reply[160];

	while (c->asked < c->got + COPY_ASKS &&
	       (c->chunks == 0 ? c->asked == 0 : c->asked < c->chunks)) {
		snprintf(reply, sizeof(reply), "%s.bundle.%u.%u", c->node->inbox, c->number,
			 c->asked);
		node_publish((struct node *)c->node, "svc.Manager.blob-get", reply,
			     json_pack("{s:s,s:i}", "hash", c->hash, "n", (int)c->asked));
		c->asked++;
	}
}

static void fetch(struct copy *c, int64_t now_ms)
{
	static unsigned number;

	drop_data(c);
	c->number = ++number;
	c->heard_ms = now_ms;
	to(c, FETCHING, "");
	ask(c);
}

/* Adds a chunk's bytes; the first tells how much there will be. */
static enum pl_err add(struct copy *c, const json_t *answer)
{
	const char *text = NULL;
	int64_t size = 0, chunks = 0;
	size_t len = 0;
	enum pl_err err = pl_json_text(&text, answer, "data", 1 << 20, true);

	if (!err)
		err = pl_json_int(&size, answer, "size", 1, BUNDLE_BYTES_MOST, true);
	if (!err)
		err = pl_json_int(&chunks, answer, "chunks", 1, 1 << 20, true);
	if (!err && !c->data) {
		c->size = (size_t)size;
		c->chunks = (unsigned)chunks;
		c->data = malloc(c->size);
		if (!c->data)
			err = PL_NOMEM;
	}
	if (!err && sodium_base642bin(c->data + c->len, c->size - c->len, text, strlen(text), NULL,
				      &len, NULL, sodium_base64_VARIANT_ORIGINAL) != 0)
		err = pl_fail(PL_INVALID, "what the manager sent is no part of a bundle");
	if (!err)
		c->len += len;
	return err;
}

/* ---- checking and unpacking, on a thread ---- */

static enum pl_err unpack(const struct copy *c)
{
	struct bundle_rules rules = { .platform = pl_version };
	char hash[BUNDLE_HASH_SIZE];
	json_t *keys = json_object();
	struct utsname machine;
	enum pl_err err = keys ? bundle_hash(hash, c->data, c->len) : PL_NOMEM;

	uname(&machine);
	rules.arch = machine.machine;
	rules.keys = keys;
	if (!err && strcmp(hash, c->hash) != 0)
		err = pl_fail(PL_STATE, "what came isn't the bundle that is wanted");
	if (!err)
		err = bundle_trusted(keys, c->node->data, c->node->programs);
	if (!err && c->is_platform)
		err = platform_clear(c->node, c->version, c->hash);
	if (!err && c->is_platform)
		err = platform_take(c->node, c->folder, c->data, c->len, &rules);
	else if (!err)
		err = bundle_unpack(c->folder, c->data, c->len, &rules);
	if (err == PL_FULL)
		pl_fail(PL_FULL, "the disk of %s is full: make room there", c->node->data);
	json_decref(keys);
	return err;
}

static void *work(void *arg)
{
	struct copy *c = arg;
	uint64_t one = 1;

	pl_err_clear();
	c->err = unpack(c);
	if (c->err)
		snprintf(c->detail, sizeof(c->detail), "%s", pl_err_detail(c->err));
	atomic_store(&c->is_done, true);
	if (write(c->node->wake_fd, &one, sizeof(one)) < 0)
		return NULL; /* the loop comes by in any case */
	return NULL;
}

static void begin_unpack(struct copy *c, int64_t now_ms)
{
	to(c, UNPACKING, "");
	atomic_store(&c->is_done, false);
	if (pthread_create(&c->thread, NULL, work, c) != 0)
		fail(c, now_ms, "no thread can be started");
}

static void end_unpack(struct copy *c, int64_t now_ms)
{
	char detail[sizeof(c->detail)];

	pthread_join(c->thread, NULL);
	drop_data(c);
	c->is_refused =
		c->err && !pl_err_row(c->err)->retry && c->err != PL_FULL && c->err != PL_IO;
	if (!c->err) {
		to(c, READY, "");
		return;
	}
	snprintf(detail, sizeof(detail), "%s", c->detail);
	fail(c, now_ms, detail);
}

void on_chunk(struct node *node, const char *what, const json_t *answer)
{
	unsigned number = 0, n = 0;
	struct copy *c = node->copies;
	int64_t now_ms = supervisor_now_ms();
	enum pl_err err;

	if (sscanf(what, "%u.%u", &number, &n) != 2)
		return;
	while (c && !(c->number == number && c->state == FETCHING))
		c = c->next;
	if (!c || n != c->got)
		return; /* late, or one before it was lost: asked again */
	if (json_object_get(answer, "error")) {
		fail(c, now_ms, pl_json_get_text(answer, "error.message"));
		return;
	}
	c->heard_ms = now_ms;
	err = add(c, answer);
	c->got++;
	if (!err && c->got == c->chunks && c->len != c->size)
		err = pl_fail(PL_INVALID, "the manager sent %zu bytes of %zu", c->len, c->size);
	if (err)
		fail(c, now_ms, pl_err_detail(err));
	else if (c->got == c->chunks)
		begin_unpack(c, now_ms);
	else
		ask(c);
}

/* ---- the loop ---- */

static bool is_used(const struct node *node, const struct copy *c)
{
	for (const struct service *s = node->services; s; s = s->next)
		if (service_uses(s, c->hash))
			return true;
	return false;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

static void forget_unwanted(struct node *node)
{
	for (struct copy **at = &node->copies; *at;) {
		struct copy *c = *at;

		if (c->is_wanted || c->state == UNPACKING || is_used(node, c)) {
			at = &c->next;
			continue;
		}
		*at = c->next;
		if (c->is_platform) {
			copy_free(c);
			continue;
		}
		if (nftw(c->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0 && errno != ENOENT)
			pl_log(WARN, "bundle.remove", NULL, "%s: %s", c->folder, strerror(errno));
		copy_free(c);
		node->report_soon = true;
	}
}

void copies_beat(struct node *node, int64_t now_ms)
{
	bool has_bus = node->bus && pl_bus_state(node->bus) == PL_BUS_UP;
	int busy = 0;

	for (struct copy *c = node->copies; c; c = c->next) {
		if (c->state == UNPACKING && atomic_load(&c->is_done))
			end_unpack(c, now_ms);
		if (c->state == FETCHING && now_ms - c->heard_ms > COPY_SILENT_MS) {
			c->asked = c->got;
			c->heard_ms = now_ms;
			if (has_bus)
				ask(c);
		}
		busy += c->state == FETCHING || c->state == UNPACKING;
	}
	for (struct copy *c = node->copies; c && has_bus; c = c->next)
		if (c->is_wanted && busy < COPIES_AT_ONCE && now_ms >= c->due_ms &&
		    (c->state == WAITING || c->state == FAILED)) {
			fetch(c, now_ms);
			busy++;
		}
	forget_unwanted(node);
}

json_t *copies_report(const struct node *node)
{
	json_t *list = json_array();

	for (const struct copy *c = node->copies; c; c = c->next)
		if (!c->is_platform)
			json_array_append_new(list,
					      json_pack("{s:s,s:s,s:s,s:s,s:s}", "name", c->name,
							"version", c->version, "hash", c->hash,
							"state", state_texts[c->state], "detail",
							c->state == FAILED ? c->detail : ""));
	return list;
}

json_t *copies_platform(const struct node *node)
{
	json_t *list = json_array();

	for (const struct copy *c = node->copies; c; c = c->next)
		if (c->is_platform)
			json_array_append_new(
				list, json_pack("{s:s,s:s,s:s,s:s,s:b}", "version", c->version,
						"hash", c->hash, "state", state_texts[c->state],
						"detail", c->state == FAILED ? c->detail : "",
						"isRefused", c->state == FAILED && c->is_refused));
	return list;
}

bool copies_hold_platform(const struct node *node, const char *version)
{
	for (const struct copy *c = node->copies; c; c = c->next)
		if (c->is_platform && strcmp(c->version, version) == 0)
			return true;
	return false;
}

void copies_free(struct node *node)
{
	while (node->copies) {
		struct copy *c = node->copies;

		node->copies = c->next;
		if (c->state == UNPACKING)
			pthread_join(c->thread, NULL);
		copy_free(c);
	}
}
