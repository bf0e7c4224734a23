/*
 * seal.h — secrets at rest: encrypted to the manager's master key (PLT-20).
 *
 * The key is DIR/keys/master.key, 32 random bytes in hexadecimal, mode 0600, made at first use; it
 * is in no backup. A text is sealed by XChaCha20-Poly1305 (libsodium's secretbox) and kept as
 * base64url.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_MANAGER_SEAL_H
#define PELAGO_MANAGER_SEAL_H

#include "pelago/err.h"

/* seal and unseal return a new text in *textp: free(), an opened one after sodium_memzero. PL_IO
 * names the key file that can't be read or made; PL_STATE: it was sealed by another key. */
enum pl_err seal(char **textp, const char *data, const char *secret);
enum pl_err unseal(char **textp, const char *data, const char *sealed);

#endif
