/*
 * script_sandbox_test.c — scripts that try to get out, to stay, or to take all there is (EDR-4).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engines/lua/script.h"

static enum pl_err run(json_t **resultp, const char *text, const struct script_limits *limits)
{
	struct script *script;
	enum pl_err err = script_compile(&script, text, strlen(text));

	if (err)
		return err;
	err = script_run(resultp, script, NULL, limits);
	script_free(script);
	return err;
}

/* EDR-4: no I/O, no clock, no chance, no loading of code, no way to see what belongs to others */
static void what_leads_out_is_not_there(void **state)
{
	static const char *const names[] = {
		"io",
		"os",
		"debug",
		"require",
		"package",
		"load",
		"loadstring",
		"loadfile",
		"dofile",
		"print",
		"warn",
		"collectgarbage",
		"coroutine",
		"setmetatable",
		"getmetatable",
		"rawset",
		"rawget",
		"rawequal",
		"rawlen",
		"_G",
		"_VERSION",
		"string.dump",
		"string.pack",
		"string.unpack",
		"string.packsize",
		"math.random",
		"math.randomseed",
	};
	char text[100];
	json_t *result;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(text, sizeof(text), "return %s == nil", names[i]);
		assert_int_equal(run(&result, text, NULL), PL_OK);
		if (!json_is_true(result))
			fail_msg("there is %s", names[i]);
		json_decref(result);
	}
}

/* What is left is a closed list: a newer Lua, or a change of ours, must not add to it unseen. */
static void what_is_there_is_this(void **state)
{
	static const char text[] =
		"local names = {} "
		"for name, value in pairs(_ENV) do "
		"  if type(value) == 'table' then "
		"    for member in pairs(value) do names[#names + 1] = name .. '.' .. member end "
		"  else names[#names + 1] = name end "
		"end "
		"table.sort(names) return table.concat(names, ' ')";
	json_t *result;

	(void)state;
	assert_int_equal(run(&result, text, NULL), PL_OK);
	assert_string_equal(
		json_string_value(result),
		"array assert error ipairs math.abs math.acos math.asin math.atan math.ceil math.cos "
		"math.exp math.floor math.fmod math.huge math.log math.max math.maxinteger math.min "
		"math.mininteger math.modf math.pi math.sin math.sqrt math.tan math.tointeger "
		"math.type math.ult next null pairs pcall select string.byte string.char string.find "
		"string.format string.gmatch string.gsub string.len string.lower string.match "
		"string.rep string.reverse string.sub string.upper table.concat table.insert "
		"table.move table.pack table.remove table.sort table.unpack tonumber tostring type "
		"utf8.char utf8.charpattern utf8.codepoint utf8.codes utf8.len utf8.offset");
	json_decref(result);
}

/* EDR-4: none of these goes on, whatever it catches */
static void what_never_ends_is_stopped(void **state)
{
	static const char *const texts[] = {
		"while true do end",
		"local function f() return f() end return f()",
		"while true do pcall(error) end",
		"while true do pcall(function() while true do end end) end",
		"local function f() pcall(f) f() end f()",
		"pcall(function() while true do end end) return 'got away'",
		"repeat local t <close> = nil until false",
		"for i = 1, math.huge do end",
		"local s = ('a'):rep(1000) while true do s:find('(.-)(.-)(.-)(.-)b') end",
		"return (('a'):rep(3000)):find(('.-'):rep(20) .. 'b')",
		"return (('a'):rep(120)):match(('a?'):rep(120) .. ('a'):rep(120) .. 'b')",
		"return (('a'):rep(100000)):gsub('.-b', 'x')",
		"return (('('):rep(100000)):gsub('%b()', '')",
		"return (('a'):rep(2000)):find('(a*)%1(a*)%2(a*)%3b')",
		"for w in (('a'):rep(100000)):gmatch('.-b') do end",
		"return table.move({}, 1, math.maxinteger - 1, 2)",
		"return table.concat({}, '', 1, math.maxinteger)",
		"local t = {} while true do table.insert(t, 1, 0) end",
		"local t = {} for i = 1, 100000 do t[i] = i end while true do table.sort(t) end",
		"local t = {} for i = 1, 1000 do t[i] = i end "
		"table.sort(t, function() while true do end end)",
		"local t = {} for i = 1, 100000 do t[i] = i end while true do table.unpack(t) end",
		"local function f(...) return f(1, ...) end return f()",
		"while true do ('x'):rep(100000) end",
		"local s = ('x'):rep(1000000) while true do s:byte(1, 10000) end",
		"local a, b = ('x'):rep(1000000) .. 'a', ('x'):rep(1000000) .. 'b' "
		"while true do local c = a < b end",
		"local a, b = ('x'):rep(1000000) .. 'a', ('x'):rep(1000000) .. 'b' "
		"while true do local c = a == b end",
		"local s = ('x'):rep(1000000) while true do utf8.len(s) end",
		"('x'):gsub('x', function() while true do end end)",
	};
	static const struct script_limits limits = { .time_ms = 50 };
	json_t *result;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		enum pl_err err = run(&result, texts[i], &limits);

		if (err != PL_TOOLARGE)
			fail_msg("%s: %d, %s", texts[i], (int)err, pl_err_detail(err));
	}
}

/* EDR-4 */
static void what_takes_all_memory_is_stopped(void **state)
{
	static const char *const texts[] = {
		"return ('x'):rep(1 << 30)",
		"local s = 'x' while true do s = s .. s end",
		"local t = {} for i = 1, 1e9 do t[i] = {} end",
		"local t = {} while true do t = {t} end",
		"local s = ('x'):rep(1000000) return s:gsub('x', s)",
		"return table.concat({('x'):rep(4000000), ('x'):rep(4000000)})",
		"local a = {} for i = 1, 12 do a = {a, a, a, a} end return a",
	};
	json_t *result;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		enum pl_err err = run(&result, texts[i], NULL);

		if (err != PL_TOOLARGE)
			fail_msg("%s: %d, %s", texts[i], (int)err, pl_err_detail(err));
	}
}

/* Lua's own bounds: an error like another, with a line */
static void what_is_too_deep_is_refused(void **state)
{
	static const char *const texts[] = {
		"local function f() return 1 + f() end return f()",
		"local function f() return (('x'):gsub('x', f)) end return f()",
		"return ('%d'):format(1.5)",
		"return ('%99999d'):format(1)",
		"return ('%p'):format('x')",
		"return ('%s'):format({})",
		"return ('x'):find(('x?'):rep(300))",
		"return ('x'):find('[a')",
		"return ('x'):find('(((')",
		"return table.unpack({}, 1, 1e8)",
		"string.format = nil return string.format('x')",
	};
	char *deep = malloc(60001);
	json_t *result;
	enum pl_err err;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		err = run(&result, texts[i], NULL);
		if (err != PL_INVALID && err != PL_TOOLARGE)
			fail_msg("%s: %d, %s", texts[i], (int)err, pl_err_detail(err));
	}
	memset(deep, '(', 60000);
	deep[60000] = '\0';
	assert_int_equal(run(&result, deep, NULL), PL_INVALID);
	free(deep);
}

static void binary_code_is_refused(void **state)
{
	struct script *script;

	(void)state;
	assert_int_equal(script_compile(&script, "\x1bLua\x54\x00\x19\x93", 8), PL_INVALID);
	assert_non_null(strstr(pl_err_detail(PL_INVALID), "binary"));
}

/* What a caller allows is what there is. */
static void limits_are_those_given(void **state)
{
	json_t *result;

	(void)state;
	assert_int_equal(run(&result, "for i = 1, 100000 do end return 1",
			     &(struct script_limits){ .steps = 10000 }),
			 PL_TOOLARGE);
	assert_non_null(strstr(pl_err_detail(PL_TOOLARGE), "10000 steps"));
	assert_int_equal(run(&result, "return ('x'):rep(200000)",
			     &(struct script_limits){ .memory_bytes = 100000 }),
			 PL_TOOLARGE);
	assert_non_null(strstr(pl_err_detail(PL_TOOLARGE), "100000 bytes"));
	assert_int_equal(run(&result, "return 1", &(struct script_limits){ .memory_bytes = 100 }),
			 PL_TOOLARGE);
	assert_int_equal(run(&result, "while true do end",
			     &(struct script_limits){ .steps = UINT64_MAX, .time_ms = 20 }),
			 PL_TOOLARGE);
	assert_non_null(strstr(pl_err_detail(PL_TOOLARGE), "20 ms"));
}

/* A script that catches what stops another one only goes on with its own errors. */
static void an_error_of_ones_own_is_caught(void **state)
{
	json_t *result;

	(void)state;
	assert_int_equal(run(&result,
			     "local ok, why = pcall(string.rep, 'x', 1 << 40) "
			     "return {ok, why}",
			     NULL),
			 PL_OK);
	assert_true(json_is_false(json_array_get(result, 0)));
	json_decref(result);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_leads_out_is_not_there),
		cmocka_unit_test(what_is_there_is_this),
		cmocka_unit_test(what_never_ends_is_stopped),
		cmocka_unit_test(what_takes_all_memory_is_stopped),
		cmocka_unit_test(what_is_too_deep_is_refused),
		cmocka_unit_test(binary_code_is_refused),
		cmocka_unit_test(limits_are_those_given),
		cmocka_unit_test(an_error_of_ones_own_is_caught),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
