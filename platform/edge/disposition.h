/*
 * disposition.h — how a body of the blob store is handed to a browser: to keep, never to run.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef EDGE_DISPOSITION_H
#define EDGE_DISPOSITION_H

#include <stddef.h>

enum { DISPOSITION_BYTES = 2048 };

/*
 * disposition_write writes a Content-Disposition "attachment" with a file's name (RFC 6266): as
 * plain ASCII for who knows no better, and as UTF-8 (RFC 8187). Slashes and control characters
 * become "_"; a name that is empty, or too long to be written, is left out. name is UTF-8.
 */
void disposition_write(char header[DISPOSITION_BYTES], const char *name);

/* disposition_type returns type if a browser can do no harm with it, else
 * "application/octet-stream". Static. */
const char *disposition_type(const char *type);

#endif
