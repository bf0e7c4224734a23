/*
 * pattern.h — Lua's patterns (§6.4.1), compiled to items and matched with a count of steps.
 *
 * The matcher of Lua's own library may take time beyond all measure in one call (a few `.-` in a
 * row over a long text), where no hook is called. This one charges each step to its sandbox.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef LUA_PATTERN_H
#define LUA_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <lua.h>

enum { PATTERN_ITEMS_MAX = 250, PATTERN_CAPTURES_MAX = 32 };

struct pattern_item {
	uint8_t kind;
	char many;		/* '*', '+', '-', '?' or 0 */
	unsigned char from, to; /* of %b; from: number of %1 */
	uint64_t set[4];	/* bytes that suit */
};

struct pattern {
	bool is_anchored;
	unsigned count;
	struct pattern_item *items; /* userdata of Lua's */
};

struct capture {
	const char *start;
	ptrdiff_t len; /* or one of the marks in pattern.c */
};

struct match {
	lua_State *L;
	const struct pattern *pattern;
	const char *subject, *end; /* all of the text */
	unsigned captures_len;
	struct capture captures[PATTERN_CAPTURES_MAX];
};

/* pattern_compile reads a pattern, and leaves one value on the stack that keeps its memory. Raises
 * an error for a malformed one. anchor: a ^ in front means the start of the text. */
void pattern_compile(lua_State *L, struct pattern *pattern, const char *text, size_t len,
		     bool anchor);

/* pattern_match matches at s, and returns where the match ends, or NULL. */
const char *pattern_match(struct match *match, const char *s);

/* pattern_push_capture pushes capture i, counted from 0; the whole match from start to end for 0
 * where the pattern has none. Raises an error if there is no such capture. */
void pattern_push_capture(const struct match *match, unsigned i, const char *start,
			  const char *end);

/* pattern_push_captures pushes all, or the whole match if the pattern has none and start isn't
 * NULL; returns how many. */
int pattern_push_captures(const struct match *match, const char *start, const char *end);

#endif
