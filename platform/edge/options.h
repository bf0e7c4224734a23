/*
 * options.h — the edge's arguments.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef EDGE_OPTIONS_H
#define EDGE_OPTIONS_H

#include <stdbool.h>

struct options {
	const char *data;   /* folder of the instance */
	const char *bus;    /* URL of the bus */
	const char *listen; /* address for HTTPS; NULL: all */
	char *web;	    /* folder of the pages; owned */
	int https_port;	    /* 0: none */
	int http_port;	    /* 0: none; on 127.0.0.1 only */
	int slot;	    /* 1: beside another one, from which it takes over */
	char *more_web[8];  /* folders of other versions' pages, for files that never change; owned
			     */
	bool is_demo;	    /* "demo":true in DATA/pelago.json */
};

/* options_init reads the arguments; on a wrong one it says so on standard error and returns false.
 */
bool options_init(struct options *options, int argc, char **argv);
void options_fini(struct options *options);

#endif
