/*
 * file.h — files that are whole or not there.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_SETUP_FILE_H
#define PELAGO_SETUP_FILE_H

#include <jansson.h>
#include <stddef.h>
#include <sys/types.h>

#include "pelago/err.h"

/* file_replace writes a file beside path, makes it durable and renames it over path. PL_FULL,
 * PL_IO. */
enum pl_err file_replace(const char *path, const void *data, size_t len, mode_t mode);
/* file_replace_json is file_replace of a value's text. */
enum pl_err file_replace_json(const char *path, const json_t *value, mode_t mode);
/* file_read reads all of a file of at most 64 MiB; *textp ends with 0 and is freed with free().
 * PL_NOTFOUND, PL_IO, PL_TOOLARGE. */
enum pl_err file_read(char **textp, size_t *lenp, const char *path);
/* file_read_json reads one object. PL_NOTFOUND, PL_IO, PL_INVALID with file and line. */
enum pl_err file_read_json(json_t **valuep, const char *path);
/* folder_make makes a folder and its parents, as mkdir -p. */
enum pl_err folder_make(const char *path, mode_t mode);

#endif
