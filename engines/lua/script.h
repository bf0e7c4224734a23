/*
 * script.h — script tasks in Lua 5.4: compiled once, run in a sandbox.
 *
 * A script sees its variables as globals and gives back what it returns:
 *
 *   local sum = 0
 *   for _, item in ipairs(items) do sum = sum + item.price end
 *   return { sum = sum, big = sum > 1000 }
 *
 * What it has: the language without coroutines and metatables; assert error ipairs next pairs pcall
 * select tonumber tostring type; math without random numbers; string without dump and pack;
 * table; utf8; `null`, and array(t), which says that an empty table is a list. So it has no I/O, no
 * clock, no chance, and no way to load code: the same variables give the same result.
 *
 * What stops it: steps (instructions of the virtual machine, and what library functions do in
 * loops), memory, and processor time. No pcall catches that; a script that is stopped stays so.
 * Functions that could take long in one call are our own: patterns (pattern.c) count their steps,
 * those of tables theirs.
 *
 * Values: integers that fit 64 bits stay integers; objects and lists are tables. A null member of
 * an object is absent (so `x == nil` holds), one of a list is `null`, so that the list keeps its
 * length. Out goes a table with the keys 1 to n as a list, an empty one as an object unless it came
 * in as a list or array() says so; what JSON can't say is an error: other keys, functions, numbers
 * that aren't finite, text that isn't UTF-8, tables within themselves.
 *
 * Threads: a compiled script may be run by several threads at once. Nothing blocks.
 *
 * Source: Lua 5.4 Reference Manual.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef LUA_SCRIPT_H
#define LUA_SCRIPT_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "pelago/err.h"

enum {
	SCRIPT_TEXT_MAX = 65536, /* bytes of a script */
	SCRIPT_STEPS = 2000000,	 /* of a run, without limits: some 20 ms */
	SCRIPT_MEMORY = 8388608, /* bytes of a run, without limits */
	SCRIPT_TIME_MS = 200,	 /* of processor time of a run, without limits */
	SCRIPT_DEPTH_MAX = 64,	 /* of tables in tables, in and out */
};

struct script; /* opaque: compiled */

struct script_limits { /* 0 stands for the number above */
	uint64_t steps;
	size_t memory_bytes;
	unsigned time_ms;
};

/*
 * script_compile reads a script.
 *
 *   text  UTF-8; not kept. Binary chunks are refused
 *
 * Returns PL_OK and sets *scriptp (caller owns it: script_free), PL_INVALID with the line for a
 * text that is no Lua, PL_TOOLARGE past a limit, PL_NOMEM. On error *scriptp is untouched.
 */
enum pl_err script_compile(struct script **scriptp, const char *text, size_t text_len);

/* script_free takes NULL. */
void script_free(struct script *script);

/*
 * script_run runs a script over variables.
 *
 *   variables  object, or NULL for none; borrowed, not changed
 *   limits     NULL for the usual ones
 *
 * Returns PL_OK and sets *resultp (a new reference; null if the script returns nothing), PL_INVALID
 * with line and reason for an error of the script, PL_TOOLARGE for one that was stopped, PL_NOMEM.
 * On error *resultp is untouched.
 */
enum pl_err script_run(json_t **resultp, const struct script *script, const json_t *variables,
		       const struct script_limits *limits);

#endif
