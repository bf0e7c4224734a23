/*
 * script.c — scripts are compiled to Lua's own binary form, which each run loads into a new state.
 *
 * A state of its own a run is what keeps runs apart: nothing that one leaves behind is seen by
 * another, and its memory is counted from nothing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/lua/script.h"

#include <stdlib.h>
#include <string.h>

#include "engines/lua/box.h"

struct script {
	size_t len, room;
	char *code; /* made by lua_dump, never from outside */
};

static int write_code(lua_State *L, const void *data, size_t len, void *arg)
{
	struct script *script = arg;
	char *bigger;
	size_t room = script->room ? script->room : 512;

	(void)L;
	while (room - script->len < len)
		room *= 2;
	if (room != script->room) {
		bigger = realloc(script->code, room);
		if (!bigger)
			return 1;
		script->code = bigger;
		script->room = room;
	}
	memcpy(script->code + script->len, data, len);
	script->len += len;
	return 0;
}

enum pl_err script_compile(struct script **scriptp, const char *text, size_t text_len)
{
	struct script *script;
	struct box box;
	lua_State *L;
	enum pl_err err = PL_OK;
	int status;

	if (text_len > SCRIPT_TEXT_MAX)
		return pl_fail(PL_TOOLARGE, "the script has %zu bytes, %d are allowed", text_len,
			       SCRIPT_TEXT_MAX);
	script = calloc(1, sizeof(*script));
	L = script ? box_open(&box, NULL) : NULL;
	if (!L) {
		free(script);
		return PL_NOMEM;
	}
	status = luaL_loadbufferx(L, text, text_len, "=line", "t");
	if (status)
		err = box_fail(L, &box, status);
	else if (lua_dump(L, write_code, script, 0))
		err = PL_NOMEM;
	lua_close(L);
	if (err)
		script_free(script);
	else
		*scriptp = script;
	return err;
}

void script_free(struct script *script)
{
	if (!script)
		return;
	free(script->code);
	free(script);
}

struct run {
	const struct script *script;
	const json_t *variables;
	json_t *result;
};

/* run is called by lua_pcall, so that no error of Lua, memory included, is outside of it. */
static int run(lua_State *L)
{
	struct run *run = lua_touserdata(L, 1);
	const char *name;
	json_t *value;

	lua_settop(L, 0);
	library_open(L);
	lua_pushglobaltable(L);
	json_object_foreach((json_t *)run->variables, name, value) {
		value_push(L, value);
		lua_setfield(L, -2, name);
	}
	lua_settop(L, 0);
	if (luaL_loadbufferx(L, run->script->code, run->script->len, "=line", "b"))
		return lua_error(L);
	lua_call(L, 0, 1);
	value_take(L, 1, &run->result);
	return 0;
}

enum pl_err script_run(json_t **resultp, const struct script *script, const json_t *variables,
		       const struct script_limits *limits)
{
	struct run arg = { script, variables, NULL };
	struct box box;
	lua_State *L;
	enum pl_err err = PL_OK;
	int status;

	if (variables && !json_is_object(variables))
		return pl_fail(PL_INVALID, "a script's variables are an object");
	L = box_open(&box, limits);
	if (!L)
		return box.is_full ? pl_fail(PL_TOOLARGE, "%zu bytes are too few for any script",
					     box.limits.memory_bytes)
				   : PL_NOMEM;
	lua_pushcfunction(L, run);
	lua_pushlightuserdata(L, &arg);
	status = lua_pcall(L, 1, 0, 0);
	if (status)
		err = box_fail(L, &box, status);
	else if (box.stop != BOX_GOES_ON) /* it caught what stopped it in its last instruction */
		err = box_fail(L, &box, LUA_ERRRUN);
	lua_close(L);
	if (err)
		json_decref(arg.result);
	else
		*resultp = arg.result;
	return err;
}
