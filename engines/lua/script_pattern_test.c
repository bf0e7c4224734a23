/*
 * script_pattern_test.c — patterns give what Lua's own library gives, on cases and on any (EDR-4).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include "engines/lua/box.h"

enum { RANDOM_CASES = 4000 };

/* Both libraries are called by the same script: results in a text, an error as "error". */
static const char script[] =
	"local function show(ok, ...)\n"
	"  if not ok then return 'error' end\n"
	"  local out = {}\n"
	"  for i = 1, select('#', ...) do\n"
	"    local v = select(i, ...)\n"
	"    out[i] = type(v) .. ':' .. tostring(v)\n"
	"  end\n"
	"  return table.concat(out, ' ')\n"
	"end\n"
	"local function all(s, p)\n"
	"  local out = {}\n"
	"  for a, b in string.gmatch(s, p) do\n"
	"    out[#out + 1] = tostring(a) .. '/' .. tostring(b)\n"
	"    if #out > 200 then break end\n"
	"  end\n"
	"  return table.concat(out, ',')\n"
	"end\n"
	"return table.concat({\n"
	"  show(pcall(string.find, s, p)), show(pcall(string.find, s, p, 3)),\n"
	"  show(pcall(string.find, s, p, -2)), show(pcall(string.find, s, p, 1, true)),\n"
	"  show(pcall(string.match, s, p)), show(pcall(string.gsub, s, p, '<%0>')),\n"
	"  show(pcall(string.gsub, s, p, '%1-', 2)), show(pcall(string.gsub, s, p, {a = 'A'})),\n"
	"  show(pcall(string.gsub, s, p, function(x) return x and '[' .. tostring(x) .. ']' end)),\n"
	"  show(pcall(all, s, p))}, ' | ')\n";

static void call(lua_State *L, const char *subject, const char *pattern, char *out, size_t size)
{
	lua_pushstring(L, subject);
	lua_setglobal(L, "s");
	lua_pushstring(L, pattern);
	lua_setglobal(L, "p");
	if (luaL_loadstring(L, script) || lua_pcall(L, 0, 1, 0))
		fail_msg("%s", lua_tostring(L, -1));
	snprintf(out, size, "%s", lua_tostring(L, -1));
	lua_settop(L, 0);
}

static int open_ours(lua_State *L)
{
	library_open(L);
	return 0;
}

/* Ours refuses a malformed pattern before it looks at the text, Lua's once it comes to the place.
 */
static bool compare(const char *subject, const char *pattern)
{
	static char ours[20000], theirs[20000];
	static lua_State *reference;
	struct box box;
	lua_State *L = box_open(&box, NULL);

	assert_non_null(L);
	if (!reference) {
		reference = luaL_newstate();
		luaL_openlibs(reference);
	}
	lua_pushcfunction(L, open_ours);
	assert_int_equal(lua_pcall(L, 0, 0, 0), LUA_OK);
	call(L, subject, pattern, ours, sizeof(ours));
	call(reference, subject, pattern, theirs, sizeof(theirs));
	lua_close(L);
	if (strncmp(ours, "error", 5) == 0)
		return false;
	if (strcmp(ours, theirs) != 0)
		fail_msg("'%s' in '%s':\n%s\nnot\n%s", pattern, subject, ours, theirs);
	return true;
}

static void known_patterns(void **state)
{
	static const char *const rows[][2] = {
		{ "hello world", "o w" },
		{ "hello world", "^h(.*)d$" },
		{ "key = value", "(%w+)%s*=%s*(%w+)" },
		{ "2024-02-29", "(%d+)-(%d+)-(%d+)" },
		{ "THE (quick) fox", "%((%a+)%)" },
		{ "THE (quick) fox", "%f[%a]%a+%f[%A]" },
		{ "((a)(b))c", "%b()" },
		{ "aXb", "%u" },
		{ "a.b", "a%.b" },
		{ "a-b", "[a%-]+" },
		{ "a]b", "[]]" },
		{ "a^b", "[%^a]" },
		{ "a^b", "[^^]" },
		{ "abc", "()b()" },
		{ "abab", "(ab)%1" },
		{ "abc", "" },
		{ "", "" },
		{ "", ".*" },
		{ "abc", ".-" },
		{ "abc", "$" },
		{ "a$b", "a$b" },
		{ "a$", "a%$" },
		{ "aaa", "a-$" },
		{ "aaa", "^a-" },
		{ "x^y", "^" },
		{ "xay", "x(a?)y" },
		{ "a*b", "*" },
		{ "a+", "+a" },
		{ "abc", "[a-c]+" },
		{ "a-z", "[a-]" },
		{ "a-z", "[%a-z]+" },
		{ "abc", "[c-a]" },
		{ "\xc3\xa4", "[\xc3]" },
		{ "a\nb", "a.b" },
		{ "aa", "%b(a" },
		{ "xx", "%bxx" },
		{ "0x1F", "%x+" },
		{ "tab\there", "%c" },
		{ "x,y,,z", "([^,]*)" },
		{ "abc", "(()a)b" },
		{ "abc", "%w*()" },
		{ "a.b-c", "[%w.-]+" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_true(compare(rows[i][0], rows[i][1]));
}

static void malformed_patterns(void **state)
{
	static const char *const patterns[] = { "%",	"[a", "[%",  "(a", "a)",  "%1",
						"(%1)", "%b", "%bx", "%f", "%fa", "%0" };

	(void)state;
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
		assert_false(compare("a", patterns[i]));
}

static uint32_t draw(uint32_t below)
{
	static uint64_t random = 88172645463325252u;

	random ^= random << 13;
	random ^= random >> 7;
	random ^= random << 17;
	return (uint32_t)(random >> 32) % below;
}

static void any_pattern(void **state)
{
	static const char *const parts[] = {
		"a",	  "b", ".",  "%a", "%d", "%w", "%A", "[ab]", "[^a]", "[a-c]",
		"(",	  ")", "()", "*",  "+",	 "-",  "?",  "%1",   "%2",   "%bab",
		"%f[%w]", "^", "$",  "%",  "[",	 "]",  "%%", "1",
	};
	static const char letters[] = "aabbc1 (%";
	char subject[16], pattern[80];
	int same = 0;

	(void)state;
	for (int i = 0; i < RANDOM_CASES; i++) {
		size_t len = draw(12);

		for (size_t j = 0; j < len; j++)
			subject[j] = letters[draw(sizeof(letters) - 1)];
		subject[len] = '\0';
		len = 0;
		for (uint32_t j = draw(7); j; j--)
			len += (size_t)snprintf(pattern + len, sizeof(pattern) - len, "%s",
						parts[draw(sizeof(parts) / sizeof(parts[0]))]);
		pattern[len] = '\0';
		same += compare(subject, pattern);
	}
	assert_true(same > RANDOM_CASES / 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_patterns),
		cmocka_unit_test(malformed_patterns),
		cmocka_unit_test(any_pattern),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
