/*
 * strings.c — string and utf8: Lua's own functions where one call takes time in proportion to its
 * texts, and ours for patterns.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "engines/lua/box.h"
#include "engines/lua/pattern.h"

/* A text and a pattern as they are given to a function; the pattern's memory is on the stack. */
struct search {
	struct pattern pattern;
	struct match match;
	const char *from; /* where to begin; NULL: behind the text */
};

/* charge_texts counts the bytes of all texts that a function was given. */
static void charge_texts(lua_State *L)
{
	uint64_t bytes = 0;

	for (int i = 1; i <= lua_gettop(L); i++)
		if (lua_type(L, i) == LUA_TSTRING)
			bytes += lua_rawlen(L, i);
	box_charge(L, bytes / 16);
}

static void begin_match(struct match *m, lua_State *L, const struct pattern *pattern,
			const char *subject, size_t len)
{
	*m = (struct match){ .L = L, .pattern = pattern, .subject = subject, .end = subject + len };
}

/* position_of turns a place counted from 1, or from the end if negative, into one counted from 0.
 */
static size_t position_of(lua_Integer place, size_t len)
{
	if (place > 0)
		return (size_t)place - 1;
	if (place == 0 || place < -(lua_Integer)len)
		return 0;
	return len - (size_t)-place;
}

static void begin_search(struct search *search, lua_State *L, bool anchor)
{
	size_t len, pattern_len, from;
	const char *subject = luaL_checklstring(L, 1, &len);
	const char *pattern = luaL_checklstring(L, 2, &pattern_len);

	charge_texts(L);
	from = position_of(luaL_optinteger(L, 3, 1), len);
	pattern_compile(L, &search->pattern, pattern, pattern_len, anchor);
	begin_match(&search->match, L, &search->pattern, subject, len);
	search->from = from > len ? NULL : subject + from;
}

/* next_match finds the first match at or after *sp, and sets *sp to its start. */
static const char *next_match(struct match *m, const char **sp)
{
	for (const char *s = *sp; s && s <= m->end; s++) {
		const char *end = pattern_match(m, s);

		if (end) {
			*sp = s;
			return end;
		}
		if (m->pattern->is_anchored)
			break;
	}
	return NULL;
}

static int push_range(lua_State *L, const char *subject, const char *start, const char *end)
{
	lua_pushinteger(L, start - subject + 1);
	lua_pushinteger(L, end - subject);
	return 2;
}

static int find_plain(lua_State *L)
{
	size_t len, wanted_len, from;
	const char *subject = luaL_checklstring(L, 1, &len);
	const char *wanted = luaL_checklstring(L, 2, &wanted_len), *found;

	charge_texts(L);
	from = position_of(luaL_optinteger(L, 3, 1), len);
	found = from > len ? NULL : memmem(subject + from, len - from, wanted, wanted_len);
	if (!found) {
		lua_pushnil(L);
		return 1;
	}
	return push_range(L, subject, found, found + wanted_len);
}

static int string_find(lua_State *L)
{
	struct search search;
	const char *end;

	if (lua_toboolean(L, 4))
		return find_plain(L);
	begin_search(&search, L, true);
	end = next_match(&search.match, &search.from);
	if (!end) {
		lua_pushnil(L);
		return 1;
	}
	push_range(L, search.match.subject, search.from, end);
	return 2 + pattern_push_captures(&search.match, NULL, NULL);
}

static int string_match(lua_State *L)
{
	struct search search;
	const char *end;

	begin_search(&search, L, true);
	end = next_match(&search.match, &search.from);
	if (!end) {
		lua_pushnil(L);
		return 1;
	}
	return pattern_push_captures(&search.match, search.from, end);
}

/* What gmatch keeps between matches: text and pattern's memory are upvalues beside it. */
struct walk {
	struct search search;
	const char *last_end; /* an empty match isn't taken right behind another */
};

static int gmatch_next(lua_State *L)
{
	struct walk *walk = lua_touserdata(L, lua_upvalueindex(3));
	const char *end;

	walk->search.match.L = L;
	walk->search.match.pattern = &walk->search.pattern;
	for (; walk->search.from; walk->search.from++) {
		end = next_match(&walk->search.match, &walk->search.from);
		if (!end)
			break;
		if (end == walk->last_end)
			continue;
		walk->last_end = end;
		pattern_push_captures(&walk->search.match, walk->search.from, end);
		walk->search.from = end;
		return walk->search.match.captures_len ? (int)walk->search.match.captures_len : 1;
	}
	walk->search.from = NULL;
	lua_pushnil(L);
	return 1;
}

static int string_gmatch(lua_State *L)
{
	struct search search;
	struct walk *walk;

	lua_settop(L, 3);
	begin_search(&search, L, false);
	lua_pushvalue(L, 1);
	lua_insert(L, -2);
	walk = lua_newuserdatauv(L, sizeof(*walk), 0);
	*walk = (struct walk){ search, NULL };
	lua_pushcclosure(L, gmatch_next, 3);
	return 1;
}

/* add_template adds a replacement in which %1 stands for a capture, and %0 for the whole match. */
static void add_template(luaL_Buffer *b, const struct match *m, const char *start, const char *end)
{
	lua_State *L = m->L;
	size_t len;
	const char *text = lua_tolstring(L, 3, &len), *stop = text + len;

	for (; text < stop; text++) {
		if (*text != '%') {
			luaL_addchar(b, *text);
			continue;
		}
		text++;
		if (text < stop && *text == '%') {
			luaL_addchar(b, '%');
		} else if (text < stop && *text == '0') {
			luaL_addlstring(b, start, (size_t)(end - start));
		} else if (text < stop && *text >= '1' && *text <= '9') {
			pattern_push_capture(m, (unsigned)(*text - '1'), start, end);
			luaL_addvalue(b);
		} else {
			luaL_error(L, "invalid use of '%%' in replacement string");
		}
	}
}

static void add_replacement(luaL_Buffer *b, const struct match *m, int type, const char *start,
			    const char *end)
{
	lua_State *L = m->L;

	box_charge(L, 1);
	if (type == LUA_TSTRING || type == LUA_TNUMBER) {
		add_template(b, m, start, end);
		return;
	}
	if (type == LUA_TTABLE) {
		pattern_push_capture(m, 0, start, end);
		lua_rawget(L, 3);
	} else {
		lua_pushvalue(L, 3);
		lua_call(L, pattern_push_captures(m, start, end), 1);
	}
	if (!lua_toboolean(L, -1)) { /* nil, false: as it was */
		lua_pop(L, 1);
		luaL_addlstring(b, start, (size_t)(end - start));
	} else if (!lua_isstring(L, -1)) {
		luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
	} else {
		luaL_addvalue(b);
	}
}

static int string_gsub(lua_State *L)
{
	struct search search;
	size_t len;
	const char *s = luaL_checklstring(L, 1, &len), *end, *last_end = NULL;
	int type = lua_type(L, 3);
	lua_Integer most = luaL_optinteger(L, 4, (lua_Integer)len + 1), count = 0;
	luaL_Buffer b;

	luaL_argexpected(L,
			 type == LUA_TSTRING || type == LUA_TNUMBER || type == LUA_TTABLE ||
				 type == LUA_TFUNCTION,
			 3, "string/function/table");
	lua_settop(L, 3);
	lua_pushinteger(L, 1);
	lua_insert(L, 3); /* where begin_search looks for a place */
	begin_search(&search, L, true);
	lua_remove(L, 3);
	luaL_buffinit(L, &b);
	while (count < most) {
		end = pattern_match(&search.match, s);
		if (end && end != last_end) {
			count++;
			add_replacement(&b, &search.match, type, s, end);
			s = last_end = end;
		} else if (s < search.match.end) {
			luaL_addchar(&b, *s);
			s++;
		} else {
			break;
		}
		if (search.pattern.is_anchored)
			break;
	}
	luaL_addlstring(&b, s, (size_t)(search.match.end - s));
	luaL_pushresult(&b);
	lua_pushinteger(L, count);
	return 2;
}

/* charged calls Lua's own function, an upvalue, with the length of its texts counted. */
static int charged(lua_State *L)
{
	charge_texts(L);
	return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

/* format shows neither addresses nor what stands for a table: the same call gives the same text. */
static int string_format(lua_State *L)
{
	const char *format = luaL_checkstring(L, 1);

	for (int i = 2; i <= lua_gettop(L); i++)
		luaL_argcheck(L, lua_type(L, i) != LUA_TTABLE && lua_type(L, i) != LUA_TFUNCTION, i,
			      "a table or function can't be formatted");
	for (const char *p = strchr(format, '%'); p; p = strchr(p + 1, '%')) {
		p += 1 + strspn(p + 1, "-+ #0123456789.");
		luaL_argcheck(L, *p != 'p', 1, "%p is not allowed");
		if (!*p)
			break;
	}
	return charged(L);
}

static const char *const strings[] = { "byte",	  "char", "len", "lower", "upper",
				       "reverse", "rep",  "sub", NULL };
static const char *const utf8s[] = { "char", "codepoint", "codes", "len", "offset", NULL };

/* copy_charged copies functions of the library on top of the stack to the table below it. */
static void copy_charged(lua_State *L, const char *const *names)
{
	for (; *names; names++) {
		lua_getfield(L, -1, *names);
		lua_pushcclosure(L, charged, 1);
		lua_setfield(L, -3, *names);
	}
}

void strings_open(lua_State *L)
{
	lua_newtable(L);
	lua_pushcfunction(L, luaopen_string);
	lua_call(L, 0, 1);
	copy_charged(L, strings);
	lua_getfield(L, -1, "format");
	lua_pushcclosure(L, string_format, 1);
	lua_setfield(L, -3, "format");
	lua_pop(L, 1);
	luaL_setfuncs(L,
		      (const luaL_Reg[]){ { "find", string_find },
					  { "match", string_match },
					  { "gmatch", string_gmatch },
					  { "gsub", string_gsub },
					  { NULL, NULL } },
		      0);
	/* text:upper(), and no arithmetic on texts */
	lua_pushliteral(L, "");
	lua_newtable(L);
	lua_pushvalue(L, -3);
	lua_setfield(L, -2, "__index");
	lua_setmetatable(L, -2);
	lua_pop(L, 1);
}

void utf8_open(lua_State *L)
{
	lua_newtable(L);
	lua_pushcfunction(L, luaopen_utf8);
	lua_call(L, 0, 1);
	copy_charged(L, utf8s);
	lua_getfield(L, -1, "charpattern");
	lua_setfield(L, -3, "charpattern");
	lua_pop(L, 1);
}
