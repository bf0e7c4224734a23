/*
 * pattern.c — Lua's patterns: compiled, then matched by trying back.
 *
 * The depth of recursion is at most that of the items, each of which goes on to the next one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/lua/pattern.h"

#include <ctype.h>
#include <string.h>

#include <lauxlib.h>

#include "engines/lua/box.h"

enum kind {
	ITEM_BYTE,     /* one byte of the set, as often as `many` says */
	ITEM_OPEN,     /* ( */
	ITEM_POSITION, /* () */
	ITEM_CLOSE,    /* ) */
	ITEM_BACK,     /* %1 */
	ITEM_BALANCED, /* %bxy */
	ITEM_FRONTIER, /* %f[set] */
	ITEM_END,      /* $ at the end */
};

enum { CAPTURE_OPEN = -1, CAPTURE_POSITION = -2 };

struct reader {
	lua_State *L;
	const unsigned char *p, *end;
};

static void add(uint64_t set[4], unsigned char c)
{
	set[c / 64] |= UINT64_C(1) << c % 64;
}

static bool has(const uint64_t set[4], unsigned char c)
{
	return set[c / 64] >> c % 64 & 1;
}

static const struct {
	char letter;
	int (*is)(int c);
} classes[] = {
	{ 'a', isalpha }, { 'c', iscntrl }, { 'd', isdigit }, { 'g', isgraph }, { 'l', islower },
	{ 'p', ispunct }, { 's', isspace }, { 'u', isupper }, { 'w', isalnum }, { 'x', isxdigit },
};

/* add_class adds what %letter stands for: a class, its complement for a capital, or the byte. */
static void add_class(uint64_t set[4], unsigned char letter)
{
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if (classes[i].letter == tolower(letter)) {
			for (int c = 0; c < 256; c++)
				if (!classes[i].is(c) == !islower(letter))
					add(set, (unsigned char)c);
			return;
		}
	add(set, letter);
}

static unsigned char next(struct reader *r, const char *what)
{
	if (r->p == r->end)
		luaL_error(r->L, "malformed pattern (%s)", what);
	return *r->p++;
}

/* read_set reads what follows a [. */
static void read_set(struct reader *r, uint64_t set[4])
{
	bool is_complement = r->p < r->end && *r->p == '^', is_first = true;

	memset(set, 0, 4 * sizeof(set[0]));
	r->p += is_complement;
	for (;; is_first = false) {
		unsigned char c = next(r, "missing ']'");

		if (c == ']' && !is_first)
			break;
		if (c == '%') {
			add_class(set, next(r, "missing ']'"));
		} else if (r->end - r->p >= 2 && r->p[0] == '-' && r->p[1] != ']') {
			for (unsigned to = r->p[1], i = c; i <= to; i++)
				add(set, (unsigned char)i);
			r->p += 2;
		} else {
			add(set, c);
		}
	}
	for (unsigned i = 0; is_complement && i < 4; i++)
		set[i] = ~set[i];
}

/* read_escape reads what follows a %; returns whether it is one byte of a set. */
static bool read_escape(struct reader *r, struct pattern_item *item)
{
	unsigned char c = next(r, "ends with '%'");

	if (c == 'b') {
		item->kind = ITEM_BALANCED;
		item->from = next(r, "missing arguments to '%b'");
		item->to = next(r, "missing arguments to '%b'");
	} else if (c == 'f') {
		if (r->p == r->end || *r->p != '[')
			luaL_error(r->L, "missing '[' after '%%f' in pattern");
		r->p++;
		item->kind = ITEM_FRONTIER;
		read_set(r, item->set);
	} else if (isdigit(c)) {
		if (c == '0')
			luaL_error(r->L, "invalid capture index %%0 in pattern");
		item->kind = ITEM_BACK;
		item->from = (unsigned char)(c - '1');
	} else {
		add_class(item->set, c);
		return true;
	}
	return false;
}

static void read_item(struct reader *r, struct pattern_item *item, int *openp)
{
	unsigned char c = *r->p++;
	bool is_byte = true;

	*item = (struct pattern_item){ .kind = ITEM_BYTE };
	switch (c) {
	case '(':
		is_byte = false;
		if (r->p < r->end && *r->p == ')') {
			r->p++;
			item->kind = ITEM_POSITION;
		} else {
			++*openp;
			item->kind = ITEM_OPEN;
		}
		break;
	case ')':
		is_byte = false;
		if (--*openp < 0)
			luaL_error(r->L, "invalid pattern capture");
		item->kind = ITEM_CLOSE;
		break;
	case '$':
		if (r->p == r->end) {
			is_byte = false;
			item->kind = ITEM_END;
		} else {
			add(item->set, c);
		}
		break;
	case '.':
		memset(item->set, 0xff, sizeof(item->set));
		break;
	case '[':
		read_set(r, item->set);
		break;
	case '%':
		is_byte = read_escape(r, item);
		break;
	default:
		add(item->set, c);
	}
	if (is_byte && r->p < r->end && strchr("*+-?", *r->p) && *r->p)
		item->many = (char)*r->p++;
}

void pattern_compile(lua_State *L, struct pattern *pattern, const char *text, size_t len,
		     bool anchor)
{
	struct reader r = { L, (const unsigned char *)text, (const unsigned char *)text + len };
	size_t most = len < PATTERN_ITEMS_MAX ? len : PATTERN_ITEMS_MAX;
	int open = 0;

	*pattern = (struct pattern){ .is_anchored = anchor && len && text[0] == '^' };
	r.p += pattern->is_anchored;
	pattern->items = lua_newuserdatauv(L, most * sizeof(*pattern->items), 0);
	while (r.p < r.end) {
		if (pattern->count == PATTERN_ITEMS_MAX)
			luaL_error(L, "pattern too complex: it has more than %d parts",
				   PATTERN_ITEMS_MAX);
		read_item(&r, &pattern->items[pattern->count++], &open);
	}
	if (open)
		luaL_error(L, "unfinished capture");
}

static const char *match_from(struct match *m, const char *s, unsigned i);

static bool suits(const struct match *m, const struct pattern_item *item, const char *s)
{
	return s < m->end && has(item->set, (unsigned char)*s);
}

/* match_longest tries as many as there are, then fewer. */
static const char *match_longest(struct match *m, const char *s, unsigned i, ptrdiff_t least)
{
	const struct pattern_item *item = &m->pattern->items[i];
	ptrdiff_t count = 0;

	while (suits(m, item, s + count))
		count++;
	box_charge(m->L, (uint64_t)count / 8);
	for (; count >= least; count--) {
		const char *end = match_from(m, s + count, i + 1);

		if (end)
			return end;
	}
	return NULL;
}

static const char *match_shortest(struct match *m, const char *s, unsigned i)
{
	for (;; s++) {
		const char *end = match_from(m, s, i + 1);

		if (end || !suits(m, &m->pattern->items[i], s))
			return end;
	}
}

/* With a capture begun or ended, what follows is tried; if it doesn't match, it is taken back. */
static const char *match_open(struct match *m, const char *s, unsigned i, ptrdiff_t mark)
{
	const char *end;

	if (m->captures_len == PATTERN_CAPTURES_MAX)
		luaL_error(m->L, "too many captures");
	m->captures[m->captures_len++] = (struct capture){ s, mark };
	end = match_from(m, s, i + 1);
	if (!end)
		m->captures_len--;
	return end;
}

static const char *match_close(struct match *m, const char *s, unsigned i)
{
	unsigned last = m->captures_len;
	const char *end;

	do
		last--; /* there is one: pattern_compile has counted them */
	while (m->captures[last].len != CAPTURE_OPEN);
	m->captures[last].len = s - m->captures[last].start;
	end = match_from(m, s, i + 1);
	if (!end)
		m->captures[last].len = CAPTURE_OPEN;
	return end;
}

/* The three below return where their item ends, or NULL. */
static const char *after_back(const struct match *m, const struct pattern_item *item, const char *s)
{
	const struct capture *capture = &m->captures[item->from];

	if (item->from >= m->captures_len || capture->len == CAPTURE_OPEN)
		luaL_error(m->L, "invalid capture index %%%d in pattern", item->from + 1);
	if (capture->len == CAPTURE_POSITION)
		return NULL; /* there is no text to come again */
	box_charge(m->L, (uint64_t)capture->len / 64);
	if (m->end - s < capture->len || memcmp(capture->start, s, (size_t)capture->len) != 0)
		return NULL;
	return s + capture->len;
}

static const char *after_balanced(const struct match *m, const struct pattern_item *item,
				  const char *s)
{
	const char *start = s;
	size_t depth = 0;

	for (; s < m->end; s++) {
		if ((unsigned char)*s == item->to && depth) {
			if (--depth == 0) {
				box_charge(m->L, (uint64_t)(s - start) / 8);
				return s + 1;
			}
		} else if ((unsigned char)*s == item->from) {
			depth++;
		} else if (!depth) {
			return NULL;
		}
	}
	box_charge(m->L, (uint64_t)(s - start) / 8);
	return NULL;
}

static const char *after_frontier(const struct match *m, const struct pattern_item *item,
				  const char *s)
{
	unsigned char before = s == m->subject ? '\0' : (unsigned char)s[-1];
	unsigned char here = s == m->end ? '\0' : (unsigned char)*s;

	return !has(item->set, before) && has(item->set, here) ? s : NULL;
}

static const char *match_from(struct match *m, const char *s, unsigned i)
{
	for (; s && i < m->pattern->count; i++) {
		const struct pattern_item *item = &m->pattern->items[i];

		box_charge(m->L, 1);
		switch ((enum kind)item->kind) {
		case ITEM_OPEN:
			return match_open(m, s, i, CAPTURE_OPEN);
		case ITEM_POSITION:
			return match_open(m, s, i, CAPTURE_POSITION);
		case ITEM_CLOSE:
			return match_close(m, s, i);
		case ITEM_BACK:
			s = after_back(m, item, s);
			break;
		case ITEM_BALANCED:
			s = after_balanced(m, item, s);
			break;
		case ITEM_FRONTIER:
			s = after_frontier(m, item, s);
			break;
		case ITEM_END:
			return s == m->end ? s : NULL;
		case ITEM_BYTE:
			if (item->many == '*' || item->many == '+')
				return match_longest(m, s, i, item->many == '+');
			if (item->many == '-')
				return match_shortest(m, s, i);
			if (item->many == '?' && suits(m, item, s)) {
				const char *end = match_from(m, s + 1, i + 1);

				if (end)
					return end;
			} else if (!item->many) {
				s = suits(m, item, s) ? s + 1 : NULL;
			}
		}
	}
	return s;
}

const char *pattern_match(struct match *match, const char *s)
{
	match->captures_len = 0;
	return match_from(match, s, 0);
}

void pattern_push_capture(const struct match *match, unsigned i, const char *start, const char *end)
{
	const struct capture *capture = &match->captures[i];

	if (i >= match->captures_len) {
		if (i != 0)
			luaL_error(match->L, "invalid capture index %%%d", i + 1);
		lua_pushlstring(match->L, start, (size_t)(end - start));
	} else if (capture->len == CAPTURE_POSITION) {
		lua_pushinteger(match->L, capture->start - match->subject + 1);
	} else {
		lua_pushlstring(match->L, capture->start, (size_t)capture->len);
	}
}

int pattern_push_captures(const struct match *match, const char *start, const char *end)
{
	unsigned count = match->captures_len ? match->captures_len : start ? 1 : 0;

	luaL_checkstack(match->L, (int)count, "too many captures");
	for (unsigned i = 0; i < count; i++)
		pattern_push_capture(match, i, start, end);
	return (int)count;
}
