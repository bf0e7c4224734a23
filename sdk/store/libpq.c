/*
 * libpq.c — finds libpq's functions at run time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "libpq.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

struct libpq pq;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static char failure[200];

static void *find(void *library, const char *name)
{
	void *symbol = dlsym(library, name);

	if (!symbol)
		snprintf(failure, sizeof(failure), "libpq is too old: it has no %s", name);
	return symbol;
}

static void load(void)
{
	void *library = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);
	void *symbol;

	if (!library) {
		snprintf(failure, sizeof(failure), "the PostgreSQL driver can't be loaded: %s",
			 dlerror());
		return;
	}
#define LOAD(name)                                                                                 \
	symbol = find(library, #name);                                                             \
	memcpy(&pq.name, &symbol, sizeof(symbol));
	LIBPQ_FUNCTIONS(LOAD)
#undef LOAD
}

enum pl_err libpq_load(void)
{
	pthread_once(&once, load);
	return failure[0] ? pl_fail(PL_UNAVAILABLE, "%s", failure) : PL_OK;
}
