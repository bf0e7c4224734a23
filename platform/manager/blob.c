/*
 * blob.c — see blob.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "platform/manager/blob.h"

#include <errno.h>
#include <openssl/evp.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pelago/json.h"

enum {
	ID_MOST = 64,
	DATA_MOST = BLOB_CHUNK_MOST * 4 / 3 + 4,
	BASE64 = sodium_base64_VARIANT_ORIGINAL
};

struct source { /* an upload, or a blob */
	int64_t chunks, size;
	bool is_there;
};

static struct source upload_find(struct pl_turn *turn, const char *id)
{
	struct pl_rows *rows =
		pl_query(turn, "select chunks, size from blob_upload where id = $1", "s", id);
	struct source s = { 0 };

	if (pl_rows_next(rows))
		s = (struct source){ pl_rows_int(rows, 0), pl_rows_int(rows, 1), true };
	pl_rows_free(rows);
	return s;
}

static struct source blob_find(struct pl_turn *turn, const char *hash)
{
	struct pl_rows *rows =
		pl_query(turn, "select chunks, size from blob where hash = $1", "s", hash);
	struct source s = { 0 };

	if (pl_rows_next(rows))
		s = (struct source){ pl_rows_int(rows, 0), pl_rows_int(rows, 1), true };
	pl_rows_free(rows);
	return s;
}

static enum pl_err take_hash(const char **hashp, const json_t *body)
{
	const char *hash = NULL;
	enum pl_err err = pl_json_text(&hash, body, "hash", BUNDLE_HASH_SIZE - 1, true);

	if (!err && (strlen(hash) != BUNDLE_HASH_SIZE - 1 ||
		     hash[strspn(hash, "0123456789abcdef")] != '\0'))
		err = pl_fail(PL_INVALID, "hash: not 64 small hexadecimal digits");
	if (!err)
		*hashp = hash;
	return err;
}

/* ---- coming in ---- */

static enum pl_err decode(unsigned char **bytesp, size_t *lenp, const json_t *body)
{
	const char *text = NULL;
	unsigned char *bytes;
	enum pl_err err = pl_json_text(&text, body, "data", DATA_MOST, true);

	if (err)
		return err;
	bytes = malloc(BLOB_CHUNK_MOST);
	if (!bytes)
		return PL_NOMEM;
	if (sodium_base642bin(bytes, BLOB_CHUNK_MOST, text, strlen(text), NULL, lenp, NULL,
			      BASE64) != 0 ||
	    *lenp == 0) {
		free(bytes);
		return pl_fail(PL_INVALID, "data: not base64 of 1 to %d bytes", BLOB_CHUNK_MOST);
	}
	*bytesp = bytes;
	return PL_OK;
}

static void put(struct pl_turn *turn, const char *id, const struct source *s, const void *bytes,
		size_t len)
{
	pl_exec(turn, "insert into blob_chunk (source, n, body) values ($1, $2, $3)", "sib", id,
		s->chunks, bytes, len);
	pl_exec(turn,
		"insert into blob_upload (id, chunks, size, touched_ms) values ($1, $2, $3, $4) "
		"on conflict (id) do update set chunks = excluded.chunks, size = excluded.size, "
		"touched_ms = excluded.touched_ms",
		"siii", id, s->chunks + 1, s->size + (int64_t)len, pl_turn_now_ms(turn));
}

enum pl_err op_blob_put(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	unsigned char *bytes = NULL;
	const char *id = NULL;
	int64_t n = 0;
	size_t len = 0;
	struct source s;
	enum pl_err err = pl_json_text(&id, body, "upload", ID_MOST, true);

	if (!err)
		err = pl_json_int(&n, body, "n", 0, BLOB_CHUNKS_MOST, true);
	if (!err)
		err = decode(&bytes, &len, body);
	if (err)
		return err;
	s = upload_find(turn, id);
	if (n > s.chunks)
		err = pl_fail(PL_STATE, "n: chunk %lld comes next", (long long)s.chunks);
	else if (n == s.chunks && s.size + (int64_t)len > RELEASE_BYTES_MOST)
		err = pl_fail(PL_TOOLARGE, "what is stored has at most %ld MiB",
			      RELEASE_BYTES_MOST >> 20);
	else if (n == s.chunks)
		put(turn, id, &s, bytes, len);
	free(bytes);
	return err;
}

static void upload_remove(struct pl_turn *turn, const char *id)
{
	pl_exec(turn, "delete from blob_chunk where source = $1", "s", id);
	pl_exec(turn, "delete from blob_upload where id = $1", "s", id);
}

/* The SHA-256 of what has come; a long turn, so the node is told that it goes on. */
static enum pl_err hash_chunks(char hash[BUNDLE_HASH_SIZE], struct pl_turn *turn,
			       const char *source)
{
	struct pl_rows *rows = pl_query(
		turn, "select body from blob_chunk where source = $1 order by n", "s", source);
	EVP_MD_CTX *sum = EVP_MD_CTX_new();
	unsigned char bin[32];
	bool ok = sum && EVP_DigestInit_ex(sum, EVP_sha256(), NULL) == 1;
	size_t len;

	while (ok && pl_rows_next(rows)) {
		const void *bytes = pl_rows_blob(rows, 0, &len);

		ok = EVP_DigestUpdate(sum, bytes, len) == 1;
		pl_turn_beat(turn);
	}
	pl_rows_free(rows);
	ok = ok && EVP_DigestFinal_ex(sum, bin, NULL) == 1;
	EVP_MD_CTX_free(sum);
	if (!ok)
		return PL_NOMEM;
	sodium_bin2hex(hash, BUNDLE_HASH_SIZE, bin, sizeof(bin));
	return PL_OK;
}

enum pl_err op_blob_commit(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	char made[BUNDLE_HASH_SIZE];
	const char *id = NULL, *hash = NULL;
	int64_t size = 0;
	struct source s;
	enum pl_err err = pl_json_text(&id, body, "upload", ID_MOST, true);

	if (!err)
		err = take_hash(&hash, body);
	if (!err)
		err = pl_json_int(&size, body, "size", 1, RELEASE_BYTES_MOST, true);
	if (err)
		return err;
	s = upload_find(turn, id);
	if (!s.is_there)
		return blob_find(turn, hash).is_there
			       ? PL_OK /* a repeat */
			       : pl_fail(PL_NOTFOUND,
					 "this upload isn't known, or was forgotten: begin anew");
	err = hash_chunks(made, turn, id);
	if (!err && (s.size != size || strcmp(made, hash) != 0))
		err = pl_fail(PL_STATE, "what came isn't what was sent: begin anew");
	if (err)
		return err;
	if (blob_find(turn, hash).is_there) {
		upload_remove(turn, id);
		return PL_OK;
	}
	pl_exec(turn, "update blob_chunk set source = $2 where source = $1", "ss", id, hash);
	pl_exec(turn, "delete from blob_upload where id = $1", "s", id);
	pl_exec(turn, "insert into blob (hash, chunks, size, touched_ms) values ($1, $2, $3, $4)",
		"siii", hash, s.chunks, s.size, pl_turn_now_ms(turn));
	return PL_OK;
}

enum pl_err op_blob_drop(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *id = NULL;
	enum pl_err err = pl_json_text(&id, body, "upload", ID_MOST, true);

	if (!err)
		upload_remove(turn, id);
	return err;
}

void blob_store(struct pl_turn *turn, const char *hash, const void *data, size_t len)
{
	int64_t n = 0;

	if (blob_find(turn, hash).is_there)
		return;
	for (size_t at = 0; at < len; at += BLOB_CHUNK_MOST, n++) {
		size_t part = len - at < BLOB_CHUNK_MOST ? len - at : BLOB_CHUNK_MOST;

		pl_exec(turn, "insert into blob_chunk (source, n, body) values ($1, $2, $3)", "sib",
			hash, n, (const char *)data + at, part);
		pl_turn_beat(turn);
	}
	pl_exec(turn, "insert into blob (hash, chunks, size, touched_ms) values ($1, $2, $3, $4)",
		"siii", hash, n, (int64_t)len, pl_turn_now_ms(turn));
}

/* ---- going out ---- */

enum pl_err op_blob_get(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *hash = NULL;
	struct pl_rows *rows;
	char *text = NULL;
	int64_t n = 0;
	struct source s;
	enum pl_err err = take_hash(&hash, body);

	if (!err)
		err = pl_json_int(&n, body, "n", 0, BLOB_CHUNKS_MOST, true);
	if (err)
		return err;
	s = blob_find(turn, hash);
	rows = pl_query(turn, "select body from blob_chunk where source = $1 and n = $2", "si",
			hash, n);
	if (s.is_there && pl_rows_next(rows)) {
		size_t len, room;
		const void *bytes = pl_rows_blob(rows, 0, &len);

		room = sodium_base64_ENCODED_LEN(len, BASE64);
		text = malloc(room);
		if (text)
			sodium_bin2base64(text, room, bytes, len, BASE64);
		else
			err = PL_NOMEM;
	} else {
		err = pl_fail(PL_NOTFOUND, "there is no such bundle, or no chunk %lld of it",
			      (long long)n);
	}
	pl_rows_free(rows);
	if (!err)
		*replyp = json_pack("{s:s,s:I,s:I}", "data", text, "size", (json_int_t)s.size,
				    "chunks", (json_int_t)s.chunks);
	free(text);
	return err;
}

enum pl_err blob_read(void **datap, size_t *lenp, struct pl_turn *turn, const char *hash)
{
	struct source s = blob_find(turn, hash);
	struct pl_rows *rows;
	size_t at = 0, len;
	char *data;

	if (!s.is_there)
		return pl_fail(PL_NOTFOUND, "the bundle's bytes aren't there: send them again");
	data = malloc((size_t)s.size + 1);
	if (!data)
		return PL_NOMEM;
	rows = pl_query(turn, "select body from blob_chunk where source = $1 order by n", "s",
			hash);
	while (pl_rows_next(rows)) {
		const void *bytes = pl_rows_blob(rows, 0, &len);

		pl_assert(at + len <= (size_t)s.size);
		memcpy(data + at, bytes, len);
		at += len;
		pl_turn_beat(turn);
	}
	pl_rows_free(rows);
	*datap = data;
	*lenp = at;
	return PL_OK;
}

bool blob_is_there(struct pl_turn *turn, const char *hash)
{
	return blob_find(turn, hash).is_there;
}

enum pl_err blob_write(int fd, struct pl_turn *turn, const char *hash)
{
	enum pl_err err = PL_OK;
	struct pl_rows *rows;
	size_t len;

	if (!blob_find(turn, hash).is_there)
		return pl_fail(PL_NOTFOUND, "its bytes aren't there: send them again");
	rows = pl_query(turn, "select body from blob_chunk where source = $1 order by n", "s",
			hash);
	while (!err && pl_rows_next(rows)) {
		const char *bytes = pl_rows_blob(rows, 0, &len);

		while (!err && len > 0) {
			ssize_t put = write(fd, bytes, len);

			if (put < 0 && errno != EINTR)
				err = pl_fail(errno == ENOSPC ? PL_FULL : PL_IO,
					      "what came can't be written to a file: %s",
					      strerror(errno));
			else if (put > 0) {
				bytes += put;
				len -= (size_t)put;
			}
		}
		pl_turn_beat(turn);
	}
	pl_rows_free(rows);
	return err;
}

void blob_remove(struct pl_turn *turn, const char *hash)
{
	pl_exec(turn, "delete from blob_chunk where source = $1", "s", hash);
	pl_exec(turn, "delete from blob where hash = $1", "s", hash);
}

void blob_sweep(struct pl_turn *turn)
{
	int64_t before_ms = pl_turn_now_ms(turn) - BLOB_LEASE_MS;

	pl_exec(turn,
		"delete from blob_chunk where source in "
		"(select id from blob_upload where touched_ms < $1)",
		"i", before_ms);
	pl_exec(turn, "delete from blob_upload where touched_ms < $1", "i", before_ms);
	pl_exec(turn,
		"delete from blob_chunk where source in (select hash from blob where touched_ms < $1 "
		"and hash not in (select hash from bundle union all select hash from placement "
		"union all select hash from release_member union all select hash from platform_hold))",
		"i", before_ms);
	pl_exec(turn,
		"delete from blob where touched_ms < $1 and hash not in (select hash from bundle "
		"union all select hash from placement union all select hash from release_member "
		"union all select hash from platform_hold)",
		"i", before_ms);
}
