/*
 * box.c — a state of Lua, its memory, its steps and its time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/lua/box.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BYTES_PER_STEP = 64 }; /* that are asked for: copying has its price, too */

static int64_t processor_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static struct box *box_of(lua_State *L)
{
	struct box *box;

	memcpy(&box, lua_getextraspace(L), sizeof(box));
	return box;
}

/* Lua never asks for less and is refused. */
static void *allocate(void *arg, void *old, size_t old_size, size_t size)
{
	struct box *box = arg;
	size_t had = old ? old_size : 0;
	void *memory;

	if (size == 0) {
		free(old);
		box->memory -= had;
		return NULL;
	}
	if (size > had) {
		if (size - had > box->limits.memory_bytes - box->memory) {
			box->is_full = true;
			return NULL;
		}
		box->steps += size / BYTES_PER_STEP;
	}
	memory = realloc(old, size);
	if (memory)
		box->memory += size - had;
	else if (size <= had)
		return old;
	else
		box->is_out = true;
	return memory;
}

static int stop(lua_State *L, struct box *box, enum box_stop why)
{
	box->stop = why;
	/* from here on each instruction comes here, in whatever function is told of the error */
	return luaL_error(L, "stopped");
}

static void hook(lua_State *L, lua_Debug *at)
{
	struct box *box = box_of(L);

	(void)at;
	if (box->stop == BOX_GOES_ON) {
		box->steps += BOX_CHUNK_STEPS;
		if (box->steps <= box->limits.steps && processor_ns() <= box->end_ns)
			return;
	}
	lua_sethook(L, hook, LUA_MASKCOUNT, 1);
	stop(L, box,
	     box->stop != BOX_GOES_ON	      ? box->stop
	     : box->steps > box->limits.steps ? BOX_STEPS
					      : BOX_TIME);
}

void box_charge(lua_State *L, uint64_t steps)
{
	struct box *box = box_of(L);

	if (steps > UINT64_MAX - box->steps)
		box->steps = UINT64_MAX;
	else
		box->steps += steps;
	if (box->steps <= box->limits.steps)
		return;
	lua_sethook(L, hook, LUA_MASKCOUNT, 1);
	stop(L, box, BOX_STEPS);
}

lua_State *box_open(struct box *box, const struct script_limits *limits)
{
	lua_State *L;

	*box = (struct box){ .limits = limits ? *limits : (struct script_limits){ 0 } };
	if (!box->limits.steps)
		box->limits.steps = SCRIPT_STEPS;
	if (!box->limits.memory_bytes)
		box->limits.memory_bytes = SCRIPT_MEMORY;
	if (!box->limits.time_ms)
		box->limits.time_ms = SCRIPT_TIME_MS;
	box->end_ns = processor_ns() + (int64_t)box->limits.time_ms * 1000000;
	L = lua_newstate(allocate, box);
	if (!L)
		return NULL;
	memcpy(lua_getextraspace(L), &box, sizeof(box));
	lua_sethook(L, hook, LUA_MASKCOUNT, BOX_CHUNK_STEPS);
	return L;
}

enum pl_err box_fail(lua_State *L, const struct box *box, int status)
{
	const char *text;
	char *colon;
	long line;

	if (box->stop == BOX_STEPS)
		return pl_fail(PL_TOOLARGE,
			       "the script took more than %llu steps; let it do less in one task",
			       (unsigned long long)box->limits.steps);
	if (box->stop == BOX_TIME)
		return pl_fail(PL_TOOLARGE,
			       "the script took more than %u ms of processor time; let it do less "
			       "in one task",
			       box->limits.time_ms);
	if (status == LUA_ERRMEM)
		return box->is_out
			       ? pl_fail(PL_NOMEM, "no memory for the script")
			       : pl_fail(PL_TOOLARGE,
					 "the script needs more than %zu bytes of memory; let it "
					 "keep less",
					 box->limits.memory_bytes);
	if (lua_type(L, -1) != LUA_TSTRING)
		return pl_fail(PL_INVALID, "the script's error is a %s; give error() a text",
			       luaL_typename(L, -1));
	text = lua_tostring(L, -1);
	/* Lua puts "line:3: " in front */
	line = strncmp(text, "line:", 5) == 0 ? strtol(text + 5, &colon, 10) : 0;
	if (line > 0 && *colon == ':')
		return pl_fail(PL_INVALID, "line %ld:%s", line, colon + 1);
	return pl_fail(PL_INVALID, "%s", text);
}
