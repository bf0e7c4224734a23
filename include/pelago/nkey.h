/*
 * pelago/nkey.h — key pairs of bus users, in the text form of nats-server ("nkeys").
 *
 * A user is known to the server by the public key ("U…"); the process proves itself with the seed
 * ("SU…"), which it keeps in a file that only it can read. Ed25519 keys; base32 without padding
 * (RFC 4648 §6) of prefix, raw key and CRC-16/XMODEM, low byte first.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_NKEY_H
#define PELAGO_NKEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pelago/err.h"

#define PL_NKEY_SEED_SIZE     59 /* 58 characters and the end */
#define PL_NKEY_PUBLIC_SIZE   57 /* 56 characters and the end */
#define PL_NKEY_SIGNATURE_LEN 64 /* bytes, Ed25519 (RFC 8032) */

/*
 * pl_nkey_make makes a new user's key pair. The caller wipes seed after use (sodium_memzero).
 * Returns PL_INTERNAL when there is no source of random numbers. Any thread.
 */
enum pl_err pl_nkey_make(char seed[PL_NKEY_SEED_SIZE], char public_key[PL_NKEY_PUBLIC_SIZE]);

/*
 * pl_nkey_public writes the public key of a user's seed.
 *
 *   seed  "SU…"; ends at its first white space, if any
 *
 * Returns PL_INVALID, and leaves public_key untouched, if seed isn't a whole seed of a user. The
 * detail never repeats the seed. Any thread.
 */
enum pl_err pl_nkey_public(char public_key[PL_NKEY_PUBLIC_SIZE], const char *seed);

/* pl_nkey_is_public tells whether a text is the whole public key of a user ("U…"). Any thread. */
bool pl_nkey_is_public(const char *text);

/*
 * pl_nkey_read_public writes the public key of the seed in the first line of a file.
 * Returns PL_INVALID if the file can't be read or holds no seed. Any thread; reads a file.
 */
enum pl_err pl_nkey_read_public(char public_key[PL_NKEY_PUBLIC_SIZE], const char *seed_file);

/*
 * pl_nkey_sign signs len bytes of data with the seed in the first line of a file.
 * Returns PL_INVALID if the file can't be read or holds no seed. Any thread; reads a file.
 */
enum pl_err pl_nkey_sign(uint8_t signature[PL_NKEY_SIGNATURE_LEN], const char *seed_file,
			 const void *data, size_t len);

/*
 * pl_nkey_verify tells whether a signature of data was made by the holder of a public key ("U…").
 * Any thread.
 */
bool pl_nkey_verify(const char *public_key, const uint8_t signature[PL_NKEY_SIGNATURE_LEN],
		    const void *data, size_t len);

#endif
