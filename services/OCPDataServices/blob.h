/*
 * blob.h — the blob store: bodies that are too large for the bus, files of chats above all.
 *
 * A blob is named by its SHA-256, in small hexadecimal digits, and never changes. It comes in
 * chunks, in their order, and can't be seen before its whole hash was found right. Equal blobs, and
 * equal chunks of different ones, are kept once. Whoever wants a blob kept names an owner, a
 * contact; without one it goes when its lease is over, as does an upload that nobody goes on with.
 *
 *	put {upload, n, data}		a chunk of an upload, n from 0; repeated, it changes nothing
 *	commit {upload, hash, size}	→ the blob is there, for as long as its lease
 *	keep {owner, hash, size}	→ it is kept as long as the owner is
 *	get {hash, n}			→ {data, size}: a chunk of it
 *	drop {upload}			forgets an upload
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OCPDATA_BLOB_H
#define OCPDATA_BLOB_H

#include "pelago/service.h"

/*
 * part: which chunks a blob or an upload is made of; source is the id of the upload that brought
 * them. blob.lease_ms: 0 while it has an owner. upload.state: of the hash so far. blob_trash:
 * sources whose parts go, some in each turn.
 */
#define BLOB_TABLES                                                                                 \
	"create table chunk (hash TEXT not null primary key, body BLOB not null);"                  \
	"create table part (source TEXT not null, n BIGINT not null, chunk TEXT not null, "         \
	"primary key (source, n));"                                                                 \
	"create index part_chunk on part (chunk);"                                                  \
	"create table upload (id TEXT not null primary key, next BIGINT not null, "                 \
	"size BIGINT not null, state BLOB not null, touched_ms BIGINT not null);"                   \
	"create index upload_touched on upload (touched_ms);"                                       \
	"create table blob (hash TEXT not null primary key, source TEXT not null, "                 \
	"size BIGINT not null, lease_ms BIGINT not null);"                                          \
	"create index blob_lease on blob (lease_ms) where lease_ms > 0;"                            \
	"create table blob_owner (owner TEXT not null, hash TEXT not null, at_ms BIGINT not null, " \
	"primary key (owner, hash));"                                                               \
	"create index blob_owner_hash on blob_owner (hash);"                                        \
	"create table blob_trash (source TEXT not null primary key);"

enum {
	BLOB_HASH_LEN = 64,
	BLOB_CHUNK_MOST = 192 * 1024,
	BLOB_CHUNKS_MOST = 4096,
	BLOB_MOST = 64 * 1024 * 1024,
};

pl_op_fn op_blob_put, op_blob_commit, op_blob_drop, op_blob_get, op_blob_keep;

/* blob_let_go ends that an owner keeps one. */
void blob_let_go(struct pl_turn *turn, const char *owner, const char *hash);

/* blob_release ends all that an owner keeps; what nobody else keeps is forgotten at once. */
void blob_release(struct pl_turn *turn, const char *owner);

/* blob_sweep forgets what is over, a little at a time. For a tick. */
void blob_sweep(struct pl_turn *turn);

#endif
