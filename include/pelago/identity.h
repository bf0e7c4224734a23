/*
 * pelago/identity.h — the certificate that a process shows, as it is in its files now.
 *
 * Certificates are renewed while processes run: who is about to begin TLS calls pl_identity_show
 * before, which takes the files again where they have changed. Connections that are there go on.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_IDENTITY_H
#define PELAGO_IDENTITY_H

#include <openssl/types.h>
#include <stdint.h>

#include "pelago/err.h"

/* Begins as zeros. */
struct pl_identity {
	int64_t certificate_ns, key_ns; /* when those that are shown were written */
};

/*
 * pl_identity_show has tls show PATH.pem, with those that stand behind it in the file, and PATH.key
 * for its key. It does nothing where neither was written since, or there is no certificate. Two
 * files that don't belong together are half renewed: what was shown before stays, for the next
 * call to try again; if nothing was, they are waited for, for half a second. Returns PL_INVALID for
 * a file that can't be read, PL_NOMEM. Any thread, one at a time for tls; reads files.
 */
enum pl_err pl_identity_show(struct pl_identity *identity, SSL_CTX *tls, const char *path);

#endif
