/*
 * blob.h — the manager's own store of large bodies: bundles and what releases bring, in chunks.
 *
 * What comes is kept by the upload's id until it is committed, then by its SHA-256. What nothing
 * holds is swept after BLOB_LEASE_MS.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_MANAGER_BLOB_H
#define PELAGO_MANAGER_BLOB_H

#include "platform/bundle/release.h"
#include "platform/manager/manager.h"

enum {
	BLOB_CHUNK_MOST = 128 << 10,
	BLOB_CHUNKS_MOST = 2 * RELEASE_BYTES_MOST / BLOB_CHUNK_MOST,
	BLOB_LEASE_MS = 10 * 60 * 1000,
};

/* {"upload","n","data"}: base64, one after the other; the same chunk again is no error. */
enum pl_err op_blob_put(struct pl_turn *turn, const json_t *body, json_t **replyp);
/* {"upload","hash","size"}: all of it has come. */
enum pl_err op_blob_commit(struct pl_turn *turn, const json_t *body, json_t **replyp);
enum pl_err op_blob_drop(struct pl_turn *turn, const json_t *body, json_t **replyp);
/* {"hash","n"} → {"data","size","chunks"}: for nodes. */
enum pl_err op_blob_get(struct pl_turn *turn, const json_t *body, json_t **replyp);

/* blob_store keeps bytes that are here already, by their hash. */
void blob_store(struct pl_turn *turn, const char *hash, const void *data, size_t len);
/* blob_read returns all of a blob; *datap: free(). PL_NOTFOUND. */
enum pl_err blob_read(void **datap, size_t *lenp, struct pl_turn *turn, const char *hash);
bool blob_is_there(struct pl_turn *turn, const char *hash);
/* blob_write appends all of a blob to a file. PL_NOTFOUND, PL_FULL, PL_IO. */
enum pl_err blob_write(int fd, struct pl_turn *turn, const char *hash);
void blob_remove(struct pl_turn *turn, const char *hash);
/* blob_sweep removes old uploads, and blobs that no bundle and no release holds. */
void blob_sweep(struct pl_turn *turn);

#endif
