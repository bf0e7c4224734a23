/*
 * blob.c — see blob.h: how blobs come in, and are read.
 *
 * The hash is made as the chunks come; its state is kept with the upload, so that a process that
 * takes over goes on with it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "blob.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "pelago/json.h"

enum { UPLOAD_ID_MAX = 64, OWNER_MAX = 300, DATA_MAX = BLOB_CHUNK_MOST * 4 / 3 + 4 };

struct upload {
	const char *id;
	int64_t next, size;
	crypto_hash_sha256_state state;
	bool is_new;
};

/* ---- what is there ---- */

/* PL_NOTFOUND if it isn't, or was begun by a program that hashed in another way. */
static enum pl_err upload_load(struct pl_turn *turn, struct upload *upload, const char *id)
{
	struct pl_rows *rows =
		pl_query(turn, "select next, size, state from upload where id = $1", "s", id);
	const void *state = NULL;
	size_t len = 0;

	memset(upload, 0, sizeof(*upload));
	upload->id = id;
	if (pl_rows_next(rows)) {
		upload->next = pl_rows_int(rows, 0);
		upload->size = pl_rows_int(rows, 1);
		state = pl_rows_blob(rows, 2, &len);
		if (state && len == sizeof(upload->state))
			memcpy(&upload->state, state, len);
	}
	pl_rows_free(rows);
	return len == sizeof(upload->state)
		       ? PL_OK
		       : pl_fail(PL_NOTFOUND, "this upload isn't known, or has been forgotten");
}

/* The size of a blob, -1 if it isn't there. */
static int64_t blob_size(struct pl_turn *turn, const char *hash)
{
	struct pl_rows *rows = pl_query(turn, "select size from blob where hash = $1", "s", hash);
	int64_t size = pl_rows_next(rows) ? pl_rows_int(rows, 0) : -1;

	pl_rows_free(rows);
	return size;
}

static enum pl_err read_hash(const char **hashp, const json_t *body)
{
	const char *hash = NULL;
	enum pl_err err = pl_json_text(&hash, body, "hash", BLOB_HASH_LEN, true);

	if (!err &&
	    (strlen(hash) != BLOB_HASH_LEN || hash[strspn(hash, "0123456789abcdef")] != '\0'))
		err = pl_fail(PL_INVALID, "hash: not 64 small hexadecimal digits");
	if (!err)
		*hashp = hash;
	return err;
}

static void hex_of(char hex[BLOB_HASH_LEN + 1], const unsigned char hash[crypto_hash_sha256_BYTES])
{
	sodium_bin2hex(hex, BLOB_HASH_LEN + 1, hash, crypto_hash_sha256_BYTES);
}

/* ---- coming in ---- */

/* *bytesp is the caller's, free(). */
static enum pl_err read_data(unsigned char **bytesp, size_t *lenp, const json_t *body)
{
	const char *text = NULL;
	unsigned char *bytes;
	enum pl_err err = pl_json_text(&text, body, "data", DATA_MAX, true);

	if (err)
		return err;
	bytes = malloc(BLOB_CHUNK_MOST);
	if (!bytes)
		return PL_NOMEM;
	if (sodium_base642bin(bytes, BLOB_CHUNK_MOST, text, strlen(text), NULL, lenp, NULL,
			      sodium_base64_VARIANT_ORIGINAL) != 0)
		err = pl_fail(PL_INVALID, "data: not base64 of at most %d bytes", BLOB_CHUNK_MOST);
	else if (*lenp == 0)
		err = pl_fail(PL_INVALID, "data: empty");
	if (err)
		free(bytes);
	else
		*bytesp = bytes;
	return err;
}

static bool is_same_part(struct pl_turn *turn, const char *id, int64_t n, const char *chunk)
{
	struct pl_rows *rows =
		pl_query(turn, "select 1 from part where source = $1 and n = $2 and chunk = $3",
			 "sis", id, n, chunk);
	bool same = pl_rows_next(rows);

	pl_rows_free(rows);
	return same;
}

/* What goes by this id has been there before: a chunk that comes late begins nothing anew. */
static bool is_used(struct pl_turn *turn, const char *id)
{
	struct pl_rows *rows = pl_query(turn,
					"select 1 from part where source = $1 union all "
					"select 1 from blob_trash where source = $1 limit 1",
					"s", id);
	bool used = pl_rows_next(rows);

	pl_rows_free(rows);
	return used;
}

/* The chunk's turn has come, it was there before (*repeatedp), or it is refused. */
static enum pl_err check_turn(struct pl_turn *turn, struct upload *upload, const char *id,
			      int64_t n, const char *chunk, bool *repeatedp)
{
	enum pl_err err = upload_load(turn, upload, id);

	if (err && n == 0 && !is_used(turn, id)) {
		upload->is_new = true;
		crypto_hash_sha256_init(&upload->state);
		return PL_OK;
	}
	if (err)
		return err;
	if (n > upload->next)
		return pl_fail(PL_STATE, "n: chunk %lld comes next", (long long)upload->next);
	*repeatedp = n < upload->next;
	if (*repeatedp && !is_same_part(turn, id, n, chunk))
		return pl_fail(PL_STATE, "n: another chunk has come under this number");
	return PL_OK;
}

static void save(struct pl_turn *turn, const struct upload *upload)
{
	if (upload->is_new)
		pl_exec(turn,
			"insert into upload (id, next, size, state, touched_ms) values ($1, $2, $3, $4, $5)",
			"siibi", upload->id, upload->next, upload->size, &upload->state,
			sizeof(upload->state), pl_turn_now_ms(turn));
	else
		pl_exec(turn,
			"update upload set next = $2, size = $3, state = $4, touched_ms = $5 where id = $1",
			"siibi", upload->id, upload->next, upload->size, &upload->state,
			sizeof(upload->state), pl_turn_now_ms(turn));
}

static enum pl_err put(struct pl_turn *turn, const char *id, int64_t n, const unsigned char *bytes,
		       size_t len)
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	char chunk[BLOB_HASH_LEN + 1];
	struct upload upload;
	bool repeated = false;
	enum pl_err err;

	crypto_hash_sha256(hash, bytes, len);
	hex_of(chunk, hash);
	err = check_turn(turn, &upload, id, n, chunk, &repeated);
	if (!err && !repeated && upload.size + (int64_t)len > BLOB_MOST)
		err = pl_fail(PL_TOOLARGE, "a body has at most %d bytes", BLOB_MOST);
	if (err || repeated)
		return err;
	crypto_hash_sha256_update(&upload.state, bytes, len);
	upload.size += (int64_t)len;
	upload.next++;
	save(turn, &upload);
	pl_exec(turn,
		"insert into chunk (hash, body) values ($1, $2) on conflict (hash) do nothing",
		"sb", chunk, bytes, len);
	return pl_exec(turn, "insert into part (source, n, chunk) values ($1, $2, $3)", "sis", id,
		       n, chunk);
}

enum pl_err op_blob_put(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	unsigned char *bytes = NULL;
	const char *id = NULL;
	int64_t n = 0;
	size_t len = 0;
	enum pl_err err = pl_json_text(&id, body, "upload", UPLOAD_ID_MAX, true);

	if (!err && !id[0])
		err = pl_fail(PL_INVALID, "upload: empty");
	if (!err)
		err = pl_json_int(&n, body, "n", 0, BLOB_CHUNKS_MOST - 1, true);
	if (!err)
		err = read_data(&bytes, &len, body);
	if (!err)
		err = put(turn, id, n, bytes, len);
	free(bytes);
	return err;
}

static void trash(struct pl_turn *turn, const char *source)
{
	pl_exec(turn, "insert into blob_trash (source) values ($1) on conflict (source) do nothing",
		"s", source);
}

static void finish(struct pl_turn *turn, const struct upload *upload, const char *hash)
{
	int64_t lease_ms = pl_turn_now_ms(turn) +
			   1000 * pl_attribute_get(pl_turn_service(turn), "blob_lease_s");

	pl_exec(turn, "delete from upload where id = $1", "s", upload->id);
	if (blob_size(turn, hash) >= 0) {
		trash(turn, upload->id); /* it is kept once */
		pl_exec(turn, "update blob set lease_ms = $2 where hash = $1 and lease_ms > 0",
			"si", hash, lease_ms);
	} else {
		pl_exec(turn,
			"insert into blob (hash, source, size, lease_ms) values ($1, $2, $3, $4)",
			"ssii", hash, upload->id, upload->size, lease_ms);
	}
}

enum pl_err op_blob_commit(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	const char *id = NULL, *wanted = NULL;
	char made[BLOB_HASH_LEN + 1];
	struct upload upload;
	int64_t size = 0;
	enum pl_err err = pl_json_text(&id, body, "upload", UPLOAD_ID_MAX, true);

	if (!err)
		err = read_hash(&wanted, body);
	if (!err)
		err = pl_json_int(&size, body, "size", 1, BLOB_MOST, true);
	if (!err)
		err = upload_load(turn, &upload, id);
	if (err)
		return err;
	crypto_hash_sha256_final(&upload.state, hash);
	hex_of(made, hash);
	if (upload.size != size || strcmp(made, wanted) != 0)
		return pl_fail(PL_INVALID, "what has come isn't what was sent: its hash differs");
	finish(turn, &upload, wanted);
	return PL_OK;
}

enum pl_err op_blob_drop(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *id = NULL;
	struct upload upload;
	enum pl_err err = pl_json_text(&id, body, "upload", UPLOAD_ID_MAX, true);

	if (err || upload_load(turn, &upload, id))
		return err; /* gone already */
	pl_exec(turn, "delete from upload where id = $1", "s", id);
	trash(turn, id);
	return PL_OK;
}

/* ---- being there ---- */

enum pl_err op_blob_get(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *hash = NULL;
	struct pl_rows *rows;
	const void *bytes = NULL;
	char *text = NULL;
	size_t len = 0, room;
	int64_t n = 0;
	enum pl_err err = read_hash(&hash, body);

	if (!err)
		err = pl_json_int(&n, body, "n", 0, BLOB_CHUNKS_MOST - 1, true);
	if (err)
		return err;
	rows = pl_query(turn,
			"select c.body, b.size from blob b join part p on p.source = b.source "
			"join chunk c on c.hash = p.chunk where b.hash = $1 and p.n = $2",
			"si", hash, n);
	if (pl_rows_next(rows))
		bytes = pl_rows_blob(rows, 0, &len);
	if (bytes) {
		room = sodium_base64_encoded_len(len, sodium_base64_VARIANT_ORIGINAL);
		text = malloc(room);
		if (text)
			*replyp = json_pack("{s:s, s:I}", "data",
					    sodium_bin2base64(text, room, bytes, len,
							      sodium_base64_VARIANT_ORIGINAL),
					    "size", (json_int_t)pl_rows_int(rows, 1));
		free(text);
		err = *replyp ? PL_OK : PL_NOMEM;
	} else {
		err = pl_fail(PL_NOTFOUND, "there is no such body, or it has been removed");
	}
	pl_rows_free(rows);
	return err;
}

enum pl_err op_blob_keep(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *hash = NULL, *owner = NULL;
	int64_t size = 0;
	enum pl_err err = read_hash(&hash, body);

	if (!err)
		err = pl_json_text(&owner, body, "owner", OWNER_MAX, true);
	if (!err && !owner[0])
		err = pl_fail(PL_INVALID, "owner: empty");
	if (!err)
		err = pl_json_int(&size, body, "size", 1, BLOB_MOST, true);
	if (!err && blob_size(turn, hash) != size)
		err = pl_fail(PL_NOTFOUND, "there is no such body, or it has another size");
	if (err)
		return err;
	pl_exec(turn,
		"insert into blob_owner (owner, hash, at_ms) values ($1, $2, $3) "
		"on conflict (owner, hash) do nothing",
		"ssi", owner, hash, pl_turn_now_ms(turn));
	pl_exec(turn, "update blob set lease_ms = 0 where hash = $1 and lease_ms > 0", "s", hash);
	return PL_OK;
}
