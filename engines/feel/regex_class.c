/*
 * regex_class.c — the sets of characters that have a name.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/regex_class.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct feel_range_of_characters spaces[] = {
	{ 0x9, 0xa },
	{ 0xd, 0xd },
	{ 0x20, 0x20 },
};

/* XML 1.0 (fifth edition) productions 4 and 4a, in order */
static const struct feel_range_of_characters name_starts[] = {
	{ ':', ':' },	    { 'A', 'Z' },	{ '_', '_' },	    { 'a', 'z' },
	{ 0xc0, 0xd6 },	    { 0xd8, 0xf6 },	{ 0xf8, 0x2ff },    { 0x370, 0x37d },
	{ 0x37f, 0x1fff },  { 0x200c, 0x200d }, { 0x2070, 0x218f }, { 0x2c00, 0x2fef },
	{ 0x3001, 0xd7ff }, { 0xf900, 0xfdcf }, { 0xfdf0, 0xfffd }, { 0x10000, 0xeffff },
};

static const struct feel_range_of_characters name_characters[] = {
	{ '-', '.' },	    { '0', ':' },	  { 'A', 'Z' },	      { '_', '_' },
	{ 'a', 'z' },	    { 0xb7, 0xb7 },	  { 0xc0, 0xd6 },     { 0xd8, 0xf6 },
	{ 0xf8, 0x37d },    { 0x37f, 0x1fff },	  { 0x200c, 0x200d }, { 0x203f, 0x2040 },
	{ 0x2070, 0x218f }, { 0x2c00, 0x2fef },	  { 0x3001, 0xd7ff }, { 0xf900, 0xfdcf },
	{ 0xfdf0, 0xfffd }, { 0x10000, 0xeffff },
};

#define RANGES(array, negated) NULL, array, COUNT(array), negated, false
#define TEXT(text)	       text, NULL, 0, false, false

static const struct {
	char letter;
	struct feel_class class;
} escapes[] = {
	{ 's', { RANGES(spaces, false) } },
	{ 'S', { RANGES(spaces, true) } },
	{ 'i', { RANGES(name_starts, false) } },
	{ 'I', { RANGES(name_starts, true) } },
	{ 'c', { RANGES(name_characters, false) } },
	{ 'C', { RANGES(name_characters, true) } },
	{ 'd', { TEXT("\\p{Nd}") } },
	{ 'D', { TEXT("\\P{Nd}") } },
	{ 'w', { TEXT("\\p{L}\\p{M}\\p{N}\\p{S}") } },
	{ 'W', { TEXT("\\p{P}\\p{Z}\\p{C}") } },
};

bool feel_class_of_escape(struct feel_class *classp, char letter)
{
	for (size_t i = 0; i < COUNT(escapes); i++) {
		if (escapes[i].letter == letter) {
			*classp = escapes[i].class;
			return true;
		}
	}
	return false;
}

/* The general categories, as what they are and what they are not. */
#define CATEGORY(name, is_of_case)                                                                 \
	{                                                                                          \
#name, { "\\p{" #name "}", "\\P{" #name "}" }, is_of_case                          \
	}

static const struct {
	const char *name, *text[2];
	bool is_of_case;
} categories[] = {
	CATEGORY(L, false),  CATEGORY(Lu, true),  CATEGORY(Ll, true),  CATEGORY(Lt, true),
	CATEGORY(Lm, false), CATEGORY(Lo, false), CATEGORY(M, false),  CATEGORY(Mn, false),
	CATEGORY(Mc, false), CATEGORY(Me, false), CATEGORY(N, false),  CATEGORY(Nd, false),
	CATEGORY(Nl, false), CATEGORY(No, false), CATEGORY(P, false),  CATEGORY(Pc, false),
	CATEGORY(Pd, false), CATEGORY(Ps, false), CATEGORY(Pe, false), CATEGORY(Pi, false),
	CATEGORY(Pf, false), CATEGORY(Po, false), CATEGORY(Z, false),  CATEGORY(Zs, false),
	CATEGORY(Zl, false), CATEGORY(Zp, false), CATEGORY(S, false),  CATEGORY(Sm, false),
	CATEGORY(Sc, false), CATEGORY(Sk, false), CATEGORY(So, false), CATEGORY(C, false),
	CATEGORY(Cc, false), CATEGORY(Cf, false), CATEGORY(Co, false), CATEGORY(Cn, false),
};

static const struct {
	const char *name;
	struct feel_range_of_characters range;
} blocks[] = {
#define REGEX_BLOCK(name, first, last) { name, { first, last } },
#include "engines/feel/regex_blocks.h"
#undef REGEX_BLOCK
};

static bool is_named(const char *text, const char *name, size_t len)
{
	return strlen(text) == len && memcmp(text, name, len) == 0;
}

bool feel_class_of_property(struct feel_class *classp, const char *name, size_t len,
			    bool is_negated)
{
	for (size_t i = 0; i < COUNT(categories); i++) {
		if (is_named(categories[i].name, name, len)) {
			*classp = (struct feel_class){ .text = categories[i].text[is_negated],
						       .is_of_case = categories[i].is_of_case };
			return true;
		}
	}
	if (len < 2 || memcmp(name, "Is", 2) != 0)
		return false;
	for (size_t i = 0; i < COUNT(blocks); i++) {
		if (is_named(blocks[i].name, name + 2, len - 2)) {
			*classp = (struct feel_class){ .ranges = &blocks[i].range,
						       .len = 1,
						       .is_negated = is_negated };
			return true;
		}
	}
	return false;
}
