/*
 * download.h — a body on its way out of the blob store: the answer to a request.
 *
 * One chunk is fetched ahead. The last one isn't sent before the whole hash was found right: what a
 * client gets whole is what came in.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef EDGE_DOWNLOAD_H
#define EDGE_DOWNLOAD_H

#include <jansson.h>

#include "pelago/err.h"

struct http;
struct download;

/*
 * download_new fetches the body that a reply names, {"hash","size","type","name"}; http->answer is
 * filled in, and http_answer called, once its beginning is there. Errors go to http_reply.
 * PL_INTERNAL for a reply that names none, PL_RATE, PL_UNAVAILABLE, PL_NOMEM.
 */
enum pl_err download_new(struct download **downloadp, struct http *http, const json_t *blob);
void download_free(struct download *download); /* takes NULL */

/* download_write writes the next part: as answer_write, but 2 when there is nothing to write yet;
 * it asks for the next writeable itself then. */
int download_write(struct download *download);

#endif
