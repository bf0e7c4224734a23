/*
 * lexer.h — the tokens of a FEEL text.
 *
 * A name that has spaces is one token per word; the parser joins them (two names side by side mean
 * nothing else in FEEL), or finds a name in scope in the text and puts the lexer behind it.
 *
 * Source: DMN 1.4 §10.3.1.2.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FEEL_LEXER_H
#define FEEL_LEXER_H

#include <stdbool.h>
#include <stddef.h>

/* FEEL_SIGN(name, text): the longest that fits is taken, so longer ones stand first. */
#define FEEL_SIGNS                                                                                 \
	FEEL_SIGN(POWER, "**")                                                                     \
	FEEL_SIGN(ARROW, "->")                                                                     \
	FEEL_SIGN(NE, "!=")                                                                        \
	FEEL_SIGN(LE, "<=")                                                                        \
	FEEL_SIGN(GE, ">=")                                                                        \
	FEEL_SIGN(DOTS, "..")                                                                      \
	FEEL_SIGN(PLUS, "+")                                                                       \
	FEEL_SIGN(MINUS, "-")                                                                      \
	FEEL_SIGN(TIMES, "*")                                                                      \
	FEEL_SIGN(SLASH, "/")                                                                      \
	FEEL_SIGN(EQ, "=")                                                                         \
	FEEL_SIGN(LT, "<")                                                                         \
	FEEL_SIGN(GT, ">")                                                                         \
	FEEL_SIGN(LPAREN, "(")                                                                     \
	FEEL_SIGN(RPAREN, ")")                                                                     \
	FEEL_SIGN(LBRACKET, "[")                                                                   \
	FEEL_SIGN(RBRACKET, "]")                                                                   \
	FEEL_SIGN(LBRACE, "{")                                                                     \
	FEEL_SIGN(RBRACE, "}")                                                                     \
	FEEL_SIGN(COMMA, ",")                                                                      \
	FEEL_SIGN(COLON, ":")                                                                      \
	FEEL_SIGN(DOT, ".")                                                                        \
	FEEL_SIGN(AT, "@")

/* FEEL_WORD(name, text): words that are no names. */
#define FEEL_WORDS                                                                                 \
	FEEL_WORD(AND, "and")                                                                      \
	FEEL_WORD(OR, "or")                                                                        \
	FEEL_WORD(IF, "if")                                                                        \
	FEEL_WORD(THEN, "then")                                                                    \
	FEEL_WORD(ELSE, "else")                                                                    \
	FEEL_WORD(IN, "in")                                                                        \
	FEEL_WORD(BETWEEN, "between")                                                              \
	FEEL_WORD(TRUE, "true")                                                                    \
	FEEL_WORD(FALSE, "false")                                                                  \
	FEEL_WORD(NULL, "null")                                                                    \
	FEEL_WORD(FOR, "for")                                                                      \
	FEEL_WORD(RETURN, "return")                                                                \
	FEEL_WORD(SOME, "some")                                                                    \
	FEEL_WORD(EVERY, "every")                                                                  \
	FEEL_WORD(SATISFIES, "satisfies")                                                          \
	FEEL_WORD(FUNCTION, "function")                                                            \
	FEEL_WORD(INSTANCE, "instance")

enum feel_token_kind {
	FEEL_T_END,
	FEEL_T_NUMBER,
	FEEL_T_STRING,
	FEEL_T_NAME,
	FEEL_T_QUOTED, /* a name in backticks */
#define FEEL_SIGN(name, text) FEEL_T_##name,
	FEEL_SIGNS
#undef FEEL_SIGN
#define FEEL_WORD(name, text) FEEL_T_##name,
		FEEL_WORDS
#undef FEEL_WORD
			FEEL_TOKEN_KINDS
};

struct feel_token {
	enum feel_token_kind kind;
	const char *start; /* in the text; of a string or quoted name: with its quotes */
	size_t len;
};

struct feel_lexer {
	const char *text, *at, *end;
	const char *problem; /* of the last refusal: what, and where */
	const char *problem_at;
};

/* feel_lexer_init borrows text, which must be UTF-8. */
void feel_lexer_init(struct feel_lexer *lexer, const char *text, size_t len);

/* feel_lexer_next reads one token; false sets problem. */
bool feel_lexer_next(struct feel_lexer *lexer, struct feel_token *token);

/* feel_word_end is where the letters and digits end that start at `at`; feel_blank_len is the
 * length of the white space at `at`: one character, or 0. */
const char *feel_word_end(const char *at, const char *end);
size_t feel_blank_len(const char *at, const char *end);

/* feel_is_name_start tells whether a name may begin with that byte. */
bool feel_is_name_start(char ch);

/* feel_token_is_word tells whether a token is spelt like a name, keywords included. */
bool feel_token_is_word(const struct feel_token *token);

/* feel_token_text describes a token in messages. */
const char *feel_token_text(enum feel_token_kind kind);

/* feel_unescape writes what a string literal means (never longer than it); false sets *problem_atp.
 */
bool feel_unescape(char *out, size_t *lenp, const struct feel_token *token,
		   const char **problem_atp);

/* feel_utf8_valid tells whether bytes are UTF-8 without NUL; feel_utf8_len counts its characters.
 */
bool feel_utf8_valid(const char *bytes, size_t len);
size_t feel_utf8_len(const char *bytes, size_t len);

/* feel_utf8_cut is the length of the characters that fit max bytes. */
size_t feel_utf8_cut(const char *bytes, size_t len, size_t max);

/* feel_utf8_put writes a character (at most 4 bytes) and returns its length. */
size_t feel_utf8_put(char *out, unsigned long character);

/* feel_utf8_get reads the character at *atp, moves *atp on; bytes must be valid. */
unsigned long feel_utf8_get(const char **atp);

#endif
