/*
 * filter_words.h — FILTER_WORD(word, wants, holds): what a filter's `is` may say.
 *
 *   wants  SCALAR: a text, number or boolean; NUMBER; TEXT; LIST: of scalars; NOTHING
 *   holds  the function of filter.c; found is NULL where nothing is there
 *
 * SPDX-License-Identifier: Apache-2.0
 */
/* clang-format off */
FILTER_WORD("equals",     SCALAR,  equals)
FILTER_WORD("notEquals",  SCALAR,  differs)
FILTER_WORD("oneOf",      LIST,    one_of)
FILTER_WORD("noneOf",     LIST,    none_of)
FILTER_WORD("less",       NUMBER,  less)
FILTER_WORD("atMost",     NUMBER,  at_most)
FILTER_WORD("more",       NUMBER,  more)
FILTER_WORD("atLeast",    NUMBER,  at_least)
FILTER_WORD("startsWith", TEXT,    starts_with)
FILTER_WORD("contains",   SCALAR,  contains)
FILTER_WORD("exists",     NOTHING, exists)
FILTER_WORD("missing",    NOTHING, missing)
