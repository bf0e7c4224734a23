/*
 * value.c — JSON in, JSON out.
 *
 * Lists that came in, and those that array() marks, have a metatable without any field: it tells an
 * empty list from an empty object, and nothing else; scripts can't see it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/lua/box.h"

#include <math.h>
#include <string.h>

static const char list_mark; /* its address is the metatable's key in the registry */

void value_mark_list(lua_State *L, int index)
{
	index = lua_absindex(L, index);
	if (lua_rawgetp(L, LUA_REGISTRYINDEX, &list_mark) != LUA_TTABLE) {
		lua_pop(L, 1);
		lua_newtable(L);
		lua_pushvalue(L, -1);
		lua_rawsetp(L, LUA_REGISTRYINDEX, &list_mark);
	}
	lua_setmetatable(L, index);
}

static void push(lua_State *L, const json_t *value, unsigned depth, bool in_list)
{
	const char *name;
	json_t *member;
	size_t i;

	if (depth > SCRIPT_DEPTH_MAX)
		luaL_error(L, "the variables have more than %d objects in each other",
			   SCRIPT_DEPTH_MAX);
	luaL_checkstack(L, 4, "variables");
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		lua_createtable(L, 0, (int)json_object_size(value));
		json_object_foreach((json_t *)value, name, member) {
			lua_pushstring(L, name);
			push(L, member, depth + 1, false);
			lua_rawset(L, -3);
		}
		break;
	case JSON_ARRAY:
		lua_createtable(L, (int)json_array_size(value), 0);
		value_mark_list(L, -1);
		json_array_foreach(value, i, member) {
			push(L, member, depth + 1, true);
			lua_rawseti(L, -2, (lua_Integer)i + 1);
		}
		break;
	case JSON_STRING:
		lua_pushlstring(L, json_string_value(value), json_string_length(value));
		break;
	case JSON_INTEGER:
		lua_pushinteger(L, json_integer_value(value));
		break;
	case JSON_REAL:
		lua_pushnumber(L, json_real_value(value));
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		lua_pushboolean(L, json_is_true(value));
		break;
	default:
		if (in_list)
			lua_pushlightuserdata(L, NULL);
		else
			lua_pushnil(L);
	}
}

void value_push(lua_State *L, const json_t *value)
{
	push(L, value, 1, false);
}

static void no_memory(lua_State *L)
{
	luaL_error(L, "no memory for the result");
}

static bool is_utf8(const char *text, size_t len)
{
	const unsigned char *p = (const unsigned char *)text, *end = p + len;

	while (p < end) {
		uint32_t c = *p++, more = c < 0x80 ? 0 : c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
		uint32_t least = (uint32_t[]){ 0, 0x80, 0x800, 0x10000 }[more];

		if ((c >= 0x80 && c < 0xc2) || c > 0xf4 || (size_t)(end - p) < more)
			return false;
		if (more)
			c &= 0x3fu >> more;
		for (; more; more--, p++) {
			if ((*p & 0xc0) != 0x80)
				return false;
			c = c << 6 | (*p & 0x3f);
		}
		if (c < least || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
			return false;
	}
	return true;
}

/* is_list tells whether the table at index goes out as a list; counts its members. */
static bool is_list(lua_State *L, int index, size_t *countp)
{
	lua_Integer len = (lua_Integer)lua_rawlen(L, index), key;
	bool is_marked = false, is_other = false;
	size_t numbers = 0;

	*countp = 0;
	if (lua_getmetatable(L, index)) {
		lua_rawgetp(L, LUA_REGISTRYINDEX, &list_mark);
		is_marked = lua_rawequal(L, -1, -2);
		lua_pop(L, 2);
	}
	for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
		++*countp;
		if (lua_isinteger(L, -2)) {
			key = lua_tointeger(L, -2);
			if (key >= 1 && key <= len)
				numbers++;
			else
				is_other = true;
		} else if (lua_type(L, -2) != LUA_TSTRING) {
			luaL_error(L, "a key of the result is a %s; keys are texts, or 1 to n",
				   luaL_typename(L, -2));
		}
	}
	if (is_other || (numbers && numbers != *countp) || (numbers < *countp && is_marked))
		luaL_error(L, "a table of the result is neither a list nor an object: its keys are "
			      "texts, or 1 to n without holes");
	return is_marked || numbers;
}

/* make returns a new value, which for a table is still empty. */
static json_t *make(lua_State *L, int index, unsigned depth)
{
	json_t *value = NULL;
	const char *text;
	size_t len;
	double number;

	index = lua_absindex(L, index);
	box_charge(L, 16);
	switch (lua_type(L, index)) {
	case LUA_TNIL:
	case LUA_TNONE:
		value = json_null();
		break;
	case LUA_TBOOLEAN:
		value = json_boolean(lua_toboolean(L, index));
		break;
	case LUA_TNUMBER:
		if (lua_isinteger(L, index)) {
			value = json_integer(lua_tointeger(L, index));
			break;
		}
		number = lua_tonumber(L, index);
		if (!isfinite(number))
			luaL_error(L, "a number of the result isn't finite");
		value = json_real(number);
		break;
	case LUA_TSTRING:
		text = lua_tolstring(L, index, &len);
		box_charge(L, len / 8);
		if (!is_utf8(text, len))
			luaL_error(L, "a text of the result isn't UTF-8");
		value = json_stringn_nocheck(text, len);
		break;
	case LUA_TTABLE:
		if (depth > SCRIPT_DEPTH_MAX)
			luaL_error(L, "a table of the result is within itself, or within %d others",
				   SCRIPT_DEPTH_MAX);
		value = is_list(L, index, &len) ? json_array() : json_object();
		break;
	case LUA_TLIGHTUSERDATA:
		value = json_null();
		break;
	default:
		luaL_error(L, "a %s can't be part of the result", luaL_typename(L, index));
	}
	if (!value)
		no_memory(L);
	return value;
}

/* fill fills what make made of the table at index, each member being put in its place before it is
 * filled itself: so an error leaves nothing behind. */
static void fill(lua_State *L, int index, json_t *value, unsigned depth)
{
	size_t len;
	const char *name;
	json_t *member;

	luaL_checkstack(L, 4, "the result");
	if (json_is_array(value)) {
		lua_Integer count = (lua_Integer)lua_rawlen(L, index);

		for (lua_Integer i = 1; i <= count; i++) {
			lua_rawgeti(L, index, i);
			member = make(L, -1, depth + 1);
			if (json_array_append_new(value, member))
				no_memory(L);
			fill(L, lua_absindex(L, -1), member, depth + 1);
			lua_pop(L, 1);
		}
	} else if (json_is_object(value)) {
		for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
			name = lua_tolstring(L, -2, &len);
			if (!is_utf8(name, len) || memchr(name, 0, len))
				luaL_error(L, "a key of the result isn't UTF-8");
			member = make(L, -1, depth + 1);
			if (json_object_set_new_nocheck(value, name, member))
				no_memory(L);
			fill(L, lua_absindex(L, -1), member, depth + 1);
		}
	}
}

void value_take(lua_State *L, int index, json_t **resultp)
{
	*resultp = make(L, index, 1);
	fill(L, index, *resultp, 1);
}
