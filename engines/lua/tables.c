/*
 * tables.c — table: Lua's own functions, with what they do in loops counted before.
 *
 * Tables of scripts have no metamethods, so how long a call takes is known from its arguments.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/lua/box.h"

/* Each says how many members a call of its function touches. */
typedef uint64_t cost_fn(lua_State *L);

static uint64_t between(lua_Integer from, lua_Integer to)
{
	return from > to ? 0 : (uint64_t)to - (uint64_t)from + 1;
}

static lua_Integer len_of(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	return (lua_Integer)lua_rawlen(L, 1);
}

static uint64_t insert_cost(lua_State *L)
{
	lua_Integer len = len_of(L);

	return lua_gettop(L) < 3 ? 1 : between(luaL_checkinteger(L, 2), len);
}

static uint64_t remove_cost(lua_State *L)
{
	lua_Integer len = len_of(L);

	return between(luaL_optinteger(L, 2, len), len);
}

static uint64_t concat_cost(lua_State *L)
{
	lua_Integer len = len_of(L);

	return between(luaL_optinteger(L, 3, 1), luaL_optinteger(L, 4, len));
}

static uint64_t unpack_cost(lua_State *L)
{
	lua_Integer len = len_of(L);

	return between(luaL_optinteger(L, 2, 1), luaL_optinteger(L, 3, len));
}

static uint64_t move_cost(lua_State *L)
{
	len_of(L);
	return between(luaL_checkinteger(L, 2), luaL_checkinteger(L, 3));
}

static uint64_t pack_cost(lua_State *L)
{
	return (uint64_t)lua_gettop(L);
}

static uint64_t sort_cost(lua_State *L)
{
	uint64_t len = (uint64_t)len_of(L), log = 1;

	for (uint64_t n = len; n > 1; n /= 2)
		log++;
	return len * log;
}

static const struct {
	const char *name;
	cost_fn *cost;
} functions[] = {
	{ "insert", insert_cost }, { "remove", remove_cost }, { "concat", concat_cost },
	{ "unpack", unpack_cost }, { "move", move_cost },     { "pack", pack_cost },
	{ "sort", sort_cost },
};

enum { FUNCTIONS = sizeof(functions) / sizeof(functions[0]) };

static int counted(lua_State *L)
{
	box_charge(L, functions[lua_tointeger(L, lua_upvalueindex(2))].cost(L));
	return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

void tables_open(lua_State *L)
{
	lua_newtable(L);
	lua_pushcfunction(L, luaopen_table);
	lua_call(L, 0, 1);
	for (int i = 0; i < FUNCTIONS; i++) {
		lua_getfield(L, -1, functions[i].name);
		lua_pushinteger(L, i);
		lua_pushcclosure(L, counted, 2);
		lua_setfield(L, -3, functions[i].name);
	}
	lua_pop(L, 1);
}
