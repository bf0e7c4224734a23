/*
 * lock.h — instance locks: at most one living process a name, found again by whoever comes later.
 *
 * The starter opens the lock file and takes an open-file-description lock; the child inherits the
 * descriptor across exec and the starter closes its own. So the kernel holds the lock for exactly
 * as long as the child lives, whatever program it is. The file says "PID TAG": the child writes it
 * itself.
 *
 * A pid alone may have been given to another process: only one that holds the lock (by
 * /proc/PID/fdinfo) counts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_SUPERVISE_LOCK_H
#define PELAGO_SUPERVISE_LOCK_H

#include <stdbool.h>
#include <sys/types.h>

#include "pelago/err.h"

enum { LOCK_TAG_MAX = 64 };

struct lock_holder {
	pid_t pid;
	int pidfd;		/* the caller closes it */
	char tag[LOCK_TAG_MAX]; /* "" if it wrote none */
};

/*
 * lock_take opens or makes path (mode 0600), locks and empties it. *fdp is close-on-exec and owned
 * by the caller. Returns PL_STATE while another process holds it, PL_IO.
 */
enum pl_err lock_take(int *fdp, const char *path);

/* lock_write writes this process's pid and a tag (one word) into a lock that it holds. Safe after
 * fork. */
void lock_write(int fd, const char *tag);

/* lock_is_held tells whether any process holds it. */
bool lock_is_held(const char *path);

/*
 * lock_holder_get finds the living process that holds path. Returns PL_NOTFOUND if nobody holds it,
 * PL_AGAIN while the holder can't be told (it starts or ends just now; look again soon). One that
 * hasn't written its name yet is given 20 ms to do so.
 */
enum pl_err lock_holder_get(struct lock_holder *holder, const char *path);

#endif
