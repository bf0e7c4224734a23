/*
 * release_load.c — a release comes: the archive, which came as a blob, is written to a file; a
 * thread checks it and gives one member after the other to be stored, each in a turn of its own;
 * the last turn makes it known. One at a time.
 *
 * Members of one that was broken off are swept, as nothing holds them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "blob.h"
#include "pelago/json.h"
#include "pelago/log.h"
#include "pelago/version.h"
#include "platform/setup/setup.h"
#include "release.h"

enum { STORE_WAIT_S = 60 };

/* The lock guards member and what is beside it; the rest belongs to the turns while no thread runs,
 * then to the thread. */
static struct {
	struct pl_service *service;
	pthread_t thread;
	bool is_busy, is_stopping;
	int fd;
	json_t *keys;
	struct pl_held *held;
	json_t *request;
	json_t *members; /* as of struct release, without what isn't stored yet */
	pthread_mutex_t lock;
	pthread_cond_t stored;
	const struct release_member *member; /* that shall be stored; NULL: it is */
} load = { .lock = PTHREAD_MUTEX_INITIALIZER, .stored = PTHREAD_COND_INITIALIZER };

/* ---- in turns ---- */

/* Once more after a rollback: then it is gone, and on_done misses it. */
static enum pl_err on_member(struct pl_turn *turn, json_t *body, void *unused)
{
	pthread_mutex_lock(&load.lock);
	if (load.member && strcmp(load.member->hash, pl_json_get_text(body, "hash")) == 0) {
		blob_store(turn, load.member->hash, load.member->data, load.member->len);
		load.member = NULL;
		pthread_cond_signal(&load.stored);
	}
	pthread_mutex_unlock(&load.lock);
	json_decref(body);
	return PL_OK;
}

static enum pl_err store_members(struct pl_turn *turn, const char *version, const json_t *members)
{
	json_t *member;
	size_t i;

	json_array_foreach((json_t *)members, i, member) {
		const char *hash = pl_json_get_text(member, "hash");
		char *manifest;

		if (!blob_is_there(turn, hash))
			return pl_fail(PL_AGAIN, "the release wasn't stored whole; load it again");
		manifest = json_dumps(json_object_get(member, "manifest"),
				      JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
		if (!manifest)
			return PL_NOMEM;
		pl_exec(turn,
			"insert into release_member (version, path, hash, size, manifest) values "
			"($1, $2, $3, $4, $5)",
			"sssis", version, pl_json_get_text(member, "path"), hash,
			json_integer_value(json_object_get(member, "size")), manifest);
		free(manifest);
	}
	return PL_OK;
}

static enum pl_err check_same(const char *version, const char *hash)
{
	const struct release *same = release_find(version);

	if (!same || strcmp(same->hash, hash) == 0)
		return PL_OK;
	return pl_fail(PL_STATE,
		       "release %s is loaded already, with other contents: delete that one first",
		       version);
}

/* {"hash","signer","size","manifest","members"} of one that was checked. */
static enum pl_err store(struct pl_turn *turn, const json_t *done, const json_t *request)
{
	const json_t *manifest = json_object_get(done, "manifest");
	const char *version = pl_json_get_text(manifest, "version"),
		   *hash = pl_json_get_text(done, "hash");
	enum pl_err err = check_same(version, hash);
	char *text;

	if (err || release_find(version))
		return err;
	err = store_members(turn, version, json_object_get(done, "members"));
	if (err)
		return err;
	text = json_dumps(manifest, JSON_COMPACT | JSON_SORT_KEYS);
	if (!text)
		return PL_NOMEM;
	pl_exec(turn,
		"insert into release (version, hash, size, manifest, signer, loaded_ms) values "
		"($1, $2, $3, $4, $5, $6)",
		"ssissi", version, hash, json_integer_value(json_object_get(done, "size")), text,
		pl_json_get_text(done, "signer"), pl_turn_now_ms(turn));
	free(text);
	blob_remove(turn, hash);
	audit_add(turn, request, "release.load", version, "", hash);
	pl_log(INFO, "release.loaded", NULL, "version=%s signer=%s by=%s", version,
	       pl_json_get_text(done, "signer"), asked_by(request));
	return releases_read(turn);
}

static void forget(void)
{
	json_decref(load.request);
	json_decref(load.keys);
	json_decref(load.members);
	load.request = load.keys = load.members = NULL;
	if (load.fd >= 0)
		close(load.fd);
	load.fd = -1;
	load.is_busy = false;
}

static enum pl_err on_done(struct pl_turn *turn, json_t *done, void *unused)
{
	enum pl_err err = (enum pl_err)json_integer_value(json_object_get(done, "err"));
	const struct release *r;

	if (!load.is_busy) { /* once more after a rollback: who asked has to ask again */
		json_decref(done);
		return PL_OK;
	}
	pthread_join(load.thread, NULL);
	if (err)
		pl_fail(err, "%s", pl_json_get_text(done, "message"));
	else
		err = store(turn, done, load.request);
	if (err) {
		pl_log(WARN, "release.refused", NULL, "by=%s: %s", asked_by(load.request),
		       pl_err_detail(err));
		pl_reply_error(turn, load.held, err, pl_err_detail(err));
	} else {
		r = release_find(pl_json_get_text(json_object_get(done, "manifest"), "version"));
		pl_reply(turn, load.held,
			 json_pack("{s:i,s:o}", "status", 201, "body",
				   r ? release_view(r, false) : json_object()));
	}
	forget();
	json_decref(done);
	return PL_OK;
}

/* ---- on the thread ---- */

static enum pl_err check_member(json_t **manifestp, const struct release_member *member)
{
	struct utsname machine;
	struct bundle_rules rules = { .keys = load.keys };
	struct bundle bundle = { 0 };
	size_t len = strlen(member->path);
	enum pl_err err;

	uname(&machine);
	*manifestp = json_null();
	if (len > 5 && strcmp(member->path + len - 5, ".svar") == 0) {
		rules.arch = machine.machine;
		err = bundle_read(&bundle, member->data, member->len, &rules);
	} else if (len > 4 && strcmp(member->path + len - 4, ".zip") == 0) {
		err = platform_read(&bundle, member->data, member->len, &rules);
	} else {
		return PL_OK;
	}
	if (err)
		return pl_fail(err, "%s: %s", member->path, pl_err_detail(err));
	*manifestp = json_incref(bundle.manifest);
	bundle_fini(&bundle);
	return PL_OK;
}

static enum pl_err give(const struct release_member *member)
{
	struct timespec until;
	enum pl_err err = PL_OK;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += STORE_WAIT_S;
	pthread_mutex_lock(&load.lock);
	load.member = member;
	pl_service_post(load.service, on_member, json_pack("{s:s}", "hash", member->hash), NULL);
	while (load.member && !load.is_stopping && !err)
		if (pthread_cond_timedwait(&load.stored, &load.lock, &until) == ETIMEDOUT)
			err = pl_fail(PL_TIMEOUT, "the database doesn't take it; try again");
	if (load.is_stopping)
		err = pl_fail(PL_UNAVAILABLE, "the manager is ending; try again");
	load.member = NULL;
	pthread_mutex_unlock(&load.lock);
	return err;
}

static enum pl_err take_member(const struct release_member *member, void *unused)
{
	json_t *manifest = NULL;
	enum pl_err err = check_member(&manifest, member);

	if (!err)
		err = give(member);
	if (err) {
		json_decref(manifest);
		return err;
	}
	return json_array_append_new(load.members,
				     json_pack("{s:s,s:s,s:I,s:o}", "path", member->path, "hash",
					       member->hash, "size", (json_int_t)member->len,
					       "manifest", manifest)) == 0
		       ? PL_OK
		       : PL_NOMEM;
}

static void *work(void *unused)
{
	struct bundle_rules rules = { .keys = load.keys, .platform = pl_version };
	struct bundle release = { 0 };
	struct utsname machine;
	json_t *done;
	enum pl_err err;

	uname(&machine);
	rules.arch = machine.machine;
	pl_err_clear();
	err = release_read(&release, load.fd, &rules);
	if (!err)
		err = release_walk(&release, load.fd, take_member, NULL);
	if (err)
		done = json_pack("{s:i,s:s}", "err", (int)err, "message", pl_err_detail(err));
	else
		done = json_pack("{s:i,s:s,s:s,s:I,s:O,s:O}", "err", 0, "hash", release.hash,
				 "signer", release.signer, "size",
				 (json_int_t)lseek(load.fd, 0, SEEK_END), "manifest",
				 release.manifest, "members", load.members);
	bundle_fini(&release);
	pl_service_post(load.service, on_done, done, NULL);
	return NULL;
}

void release_load_close(void)
{
	if (!load.is_busy)
		return;
	pthread_mutex_lock(&load.lock);
	load.is_stopping = true;
	pthread_cond_signal(&load.stored);
	pthread_mutex_unlock(&load.lock);
	pthread_join(load.thread, NULL);
}

/* ---- asked for ---- */

/* A file without a name: it is gone with the process. */
static enum pl_err spool(int *fdp, struct pl_turn *turn, const char *hash)
{
	const char *data = pl_service_data(pl_turn_service(turn));
	int fd = open(data, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	enum pl_err err = fd < 0 ? pl_fail(PL_IO, "%s: %s", data, strerror(errno)) : PL_OK;

	if (!err)
		err = blob_write(fd, turn, hash);
	if (err && fd >= 0)
		close(fd);
	else if (!err)
		*fdp = fd;
	return err;
}

static enum pl_err begin(struct pl_turn *turn, const json_t *body, const char *hash)
{
	char *programs = setup_programs_path();
	enum pl_err err;

	load.service = pl_turn_service(turn);
	load.fd = -1;
	load.keys = json_object();
	load.members = json_array();
	load.request = json_deep_copy(body);
	err = programs && load.keys && load.members && load.request ? PL_OK : PL_NOMEM;
	if (!err)
		err = bundle_makers(load.keys, pl_service_data(load.service), programs);
	if (!err)
		err = spool(&load.fd, turn, hash);
	if (!err && pthread_create(&load.thread, NULL, work, NULL) != 0)
		err = pl_fail(PL_UNAVAILABLE, "no thread can be started");
	free(programs);
	if (err) {
		forget();
		return err;
	}
	load.is_busy = true;
	load.held = pl_hold(turn);
	return PL_OK;
}

enum pl_err op_release_load(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const json_t *over = json_object_get(body, "blob"),
		     *blob = over ? over : pl_json_get(body, "body.blob");
	const char *hash = pl_json_get_text(blob, "hash");

	if (!*asked_by(body))
		return pl_fail(PL_UNAUTHORIZED, "who asks isn't known");
	if (!blob)
		return pl_fail(PL_INVALID, "the body of the request is the release");
	if (!*hash) { /* what the head of a request says, before its body comes */
		if (json_integer_value(json_object_get(blob, "size")) > RELEASE_BYTES_MOST)
			return pl_fail(PL_TOOLARGE, "a release has at most %ld MiB",
				       RELEASE_BYTES_MOST >> 20);
		*replyp = json_pack("{s:b}", "continue", 1);
		return *replyp ? PL_OK : PL_NOMEM;
	}
	for (const struct release *r = releases_first(); r; r = r->next)
		if (strcmp(r->hash, hash) == 0) { /* the same again */
			*replyp = json_pack("{s:i,s:o}", "status", 201, "body",
					    release_view(r, false));
			return *replyp ? PL_OK : PL_NOMEM;
		}
	if (load.is_busy)
		return pl_fail(PL_RATE, "another release is being loaded; try again");
	return begin(turn, body, hash);
}
