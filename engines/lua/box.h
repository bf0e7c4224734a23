/*
 * box.h — the inside of the sandbox: one state of Lua a run, with what it may use up.
 *
 *   box.c      state, memory, steps, time     library.c  what scripts may call
 *   value.c    JSON in, JSON out              pattern.c  Lua's patterns, step by step
 *   strings.c, tables.c  the functions that work on them
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef LUA_BOX_H
#define LUA_BOX_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include "engines/lua/script.h"

enum { BOX_CHUNK_STEPS = 1000 }; /* instructions between two looks at steps and time */

enum box_stop { BOX_GOES_ON, BOX_STEPS, BOX_TIME };

struct box {
	struct script_limits limits;
	uint64_t steps;
	size_t memory;	    /* bytes in use */
	int64_t end_ns;	    /* of this thread's processor time */
	enum box_stop stop; /* never taken back */
	bool is_full;	    /* the limit refused memory */
	bool is_out;	    /* malloc did */
};

/* box_open makes a state without any library; its allocator and hook keep the limits of *box, which
 * must outlive it. NULL without memory. lua_close ends it. */
lua_State *box_open(struct box *box, const struct script_limits *limits);

/* box_charge counts steps of a C function, and stops the script past the limit: doesn't return
 * then. */
void box_charge(lua_State *L, uint64_t steps);

/* box_fail turns what lua_pcall left on top of the stack into an error with a sentence. */
enum pl_err box_fail(lua_State *L, const struct box *box, int status);

/* Each of these may raise an error of Lua: call them within lua_pcall. */
void library_open(lua_State *L);
void strings_open(lua_State *L); /* leaves the table on the stack, as the two below */
void utf8_open(lua_State *L);
void tables_open(lua_State *L);
void value_push(lua_State *L, const json_t *value);
void value_mark_list(lua_State *L, int index);
/* value_take makes JSON of the value at index; *resultp is the caller's, also after an error. */
void value_take(lua_State *L, int index, json_t **resultp);

#endif
