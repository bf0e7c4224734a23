/*
 * url.h — the mart's address, from DIR/datamart.url.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_MART_URL_H
#define PELAGO_MART_URL_H

#include <stdbool.h>
#include <stdint.h>

struct url {
	bool is_there; /* the file */
	bool is_good;  /* and what it says */
	char *text;
	char place[300]; /* host and database: what may be told */
	int64_t changed_ns;
};

/* url_read reads the file again if it has changed; a bad one is told once in the log. */
void url_read(struct url *url, const char *dir);
void url_fini(struct url *url);

#endif
