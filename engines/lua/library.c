/*
 * library.c — what scripts may call, and nothing else.
 *
 * Taken by name out of Lua's own libraries, so that what a newer Lua adds isn't there by itself.
 * xpcall isn't taken: Lua calls its handler once more for each error within it, so that handlers
 * which call xpcall themselves would hold a stopped script up for ever.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/lua/box.h"

#include <string.h>

static const char *const basics[] = { "assert", "error",  "ipairs", "next",	"pairs",
				      "pcall",	"select", "type",   "tonumber", NULL };

static const char *const maths[] = { "abs",  "acos",  "asin", "atan",	    "ceil",	  "cos",
				     "exp",  "floor", "fmod", "log",	    "max",	  "min",
				     "modf", "sin",   "sqrt", "tan",	    "tointeger",  "type",
				     "ult",  "pi",    "huge", "maxinteger", "mininteger", NULL };

/* tostring of a table would show its address. */
static int script_tostring(lua_State *L)
{
	luaL_checkany(L, 1);
	switch (lua_type(L, 1)) {
	case LUA_TNIL:
	case LUA_TBOOLEAN:
	case LUA_TNUMBER:
	case LUA_TSTRING:
		luaL_tolstring(L, 1, NULL);
		break;
	case LUA_TLIGHTUSERDATA:
		lua_pushliteral(L, "null");
		break;
	default:
		lua_pushstring(L, luaL_typename(L, 1));
	}
	return 1;
}

static int script_array(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	value_mark_list(L, 1);
	return 1;
}

static void copy(lua_State *L, lua_CFunction library, const char *const *names)
{
	lua_pushcfunction(L, library);
	lua_call(L, 0, 1);
	for (; *names; names++) {
		lua_getfield(L, -1, *names);
		lua_setfield(L, -3, *names);
	}
	lua_pop(L, 1);
}

void library_open(lua_State *L)
{
	lua_newtable(L);
	/* luaopen_base fills the globals, which are thrown away */
	copy(L, luaopen_base, basics);
	lua_newtable(L);
	copy(L, luaopen_math, maths);
	lua_setfield(L, -2, "math");
	strings_open(L);
	lua_setfield(L, -2, "string");
	utf8_open(L);
	lua_setfield(L, -2, "utf8");
	tables_open(L);
	lua_setfield(L, -2, "table");
	lua_pushcfunction(L, script_tostring);
	lua_setfield(L, -2, "tostring");
	lua_pushcfunction(L, script_array);
	lua_setfield(L, -2, "array");
	lua_pushlightuserdata(L, NULL);
	lua_setfield(L, -2, "null");
	lua_rawseti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
}
