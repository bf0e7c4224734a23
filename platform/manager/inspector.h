/*
 * inspector.h — bundles are checked on a thread beside the turns: reading and hashing take their
 * time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_MANAGER_INSPECTOR_H
#define PELAGO_MANAGER_INSPECTOR_H

#include "pelago/service.h"

/*
 * inspector_open starts the thread. done is called in a turn with {"id", "err":NUMBER, "message"}
 * and, if err is PL_OK, "hash", "size" and "manifest", "signer".
 */
enum pl_err inspector_open(struct pl_service *service, pl_posted_fn *done);
void inspector_close(void); /* waits for the present one */

/* inspector_put checks bytes. Gives data. PL_RATE when too many wait, PL_NOMEM. */
enum pl_err inspector_put(const char *id, void *data, size_t len);
/*
 * inspector_put_file checks a file; done gets what comes of it, with "path". One whose hash is a
 * member of known isn't looked at: "known" is true, and there is no manifest.
 */
enum pl_err inspector_put_file(const char *path, const json_t *known, pl_posted_fn *done);
/* inspector_file returns the bytes of a file that was checked, until inspector_forget_files. */
const void *inspector_file(size_t *lenp, const char *path);
void inspector_forget_files(void);

#endif
