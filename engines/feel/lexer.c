/*
 * lexer.c — FEEL text to tokens.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/lexer.h"

#include <string.h>

static const struct {
	const char *text;
	enum feel_token_kind kind;
} signs[] = {
#define FEEL_SIGN(name, text) { text, FEEL_T_##name },
	FEEL_SIGNS
#undef FEEL_SIGN
}, words[] = {
#define FEEL_WORD(name, text) { text, FEEL_T_##name },
	FEEL_WORDS
#undef FEEL_WORD
};

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

void feel_lexer_init(struct feel_lexer *lexer, const char *text, size_t len)
{
	*lexer = (struct feel_lexer){ .text = text, .at = text, .end = text + len };
}

static bool refuse(struct feel_lexer *lexer, const char *at, const char *problem)
{
	lexer->problem = problem;
	lexer->problem_at = at;
	return false;
}

static bool is_digit(char ch)
{
	return ch >= '0' && ch <= '9';
}

bool feel_is_name_start(char ch)
{
	return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || ch == '_' || ch == '?' ||
	       ch == '$' || (unsigned char)ch >= 0x80;
}

/* Grammar rule 61, without the line ends that are ASCII */
static bool is_wide_space(unsigned long ch)
{
	return ch == 0x85 || ch == 0xa0 || ch == 0x1680 || ch == 0x180e ||
	       (ch >= 0x2000 && ch <= 0x200b) || ch == 0x2028 || ch == 0x2029 || ch == 0x202f ||
	       ch == 0x205f || ch == 0x3000 || ch == 0xfeff;
}

size_t feel_blank_len(const char *at, const char *end)
{
	const char *next = at;

	if (at == end)
		return 0;
	if ((unsigned char)*at < 0x80)
		return *at == ' ' || (*at >= '\t' && *at <= '\r');
	return is_wide_space(feel_utf8_get(&next)) ? (size_t)(next - at) : 0;
}

static bool skip_comment(struct feel_lexer *lexer)
{
	const char *start = lexer->at;

	if (start[1] == '/') {
		while (lexer->at < lexer->end && *lexer->at != '\n')
			lexer->at++;
		return true;
	}
	for (lexer->at += 2; lexer->end - lexer->at >= 2; lexer->at++) {
		if (lexer->at[0] == '*' && lexer->at[1] == '/') {
			lexer->at += 2;
			return true;
		}
	}
	return refuse(lexer, start, "the comment has no end");
}

static bool skip_blank(struct feel_lexer *lexer)
{
	while (lexer->at < lexer->end) {
		size_t blank = feel_blank_len(lexer->at, lexer->end);

		if (blank) {
			lexer->at += blank;
		} else if (lexer->end - lexer->at >= 2 && lexer->at[0] == '/' &&
			   (lexer->at[1] == '/' || lexer->at[1] == '*')) {
			if (!skip_comment(lexer))
				return false;
		} else {
			break;
		}
	}
	return true;
}

const char *feel_word_end(const char *at, const char *end)
{
	while (at < end && (feel_is_name_start(*at) || is_digit(*at))) {
		const char *next = at + 1;

		if ((unsigned char)*at >= 0x80 && is_wide_space(feel_utf8_get((next = at, &next))))
			break;
		at = next;
	}
	return at;
}

static void take_word(struct feel_lexer *lexer, struct feel_token *token)
{
	token->kind = FEEL_T_NAME;
	lexer->at = feel_word_end(lexer->at, lexer->end);
	for (size_t i = 0; i < ROWS(words); i++) {
		size_t len = strlen(words[i].text);

		if ((size_t)(lexer->at - token->start) == len &&
		    memcmp(token->start, words[i].text, len) == 0)
			token->kind = words[i].kind;
	}
}

static void take_number(struct feel_lexer *lexer, struct feel_token *token)
{
	const char *at = lexer->at;

	token->kind = FEEL_T_NUMBER;
	while (at < lexer->end && is_digit(*at))
		at++;
	if (lexer->end - at >= 2 && *at == '.' && is_digit(at[1]))
		for (at++; at < lexer->end && is_digit(*at);)
			at++;
	if (at < lexer->end && (*at == 'e' || *at == 'E')) {
		const char *exponent = at + 1;

		if (exponent < lexer->end && (*exponent == '+' || *exponent == '-'))
			exponent++;
		if (exponent < lexer->end && is_digit(*exponent))
			for (at = exponent; at < lexer->end && is_digit(*at);)
				at++;
	}
	lexer->at = at;
}

static bool take_quoted(struct feel_lexer *lexer, struct feel_token *token)
{
	char quote = *lexer->at++;

	token->kind = quote == '"' ? FEEL_T_STRING : FEEL_T_QUOTED;
	for (; lexer->at < lexer->end; lexer->at++) {
		if (*lexer->at == quote) {
			lexer->at++;
			return true;
		}
		if (*lexer->at == '\\' && quote == '"' && lexer->at + 1 < lexer->end)
			lexer->at++;
	}
	return refuse(lexer, token->start, "the quote has no end");
}

bool feel_lexer_next(struct feel_lexer *lexer, struct feel_token *token)
{
	bool is_number;

	if (!skip_blank(lexer))
		return false;
	*token = (struct feel_token){ .kind = FEEL_T_END, .start = lexer->at };
	if (lexer->at == lexer->end)
		return true;
	is_number = is_digit(*lexer->at) ||
		    (lexer->end - lexer->at >= 2 && *lexer->at == '.' && is_digit(lexer->at[1]));
	if (is_number) {
		take_number(lexer, token);
	} else if (*lexer->at == '"' || *lexer->at == '`') {
		if (!take_quoted(lexer, token))
			return false;
	} else if (feel_is_name_start(*lexer->at)) {
		take_word(lexer, token);
	} else {
		for (size_t i = 0; i < ROWS(signs) && token->kind == FEEL_T_END; i++) {
			size_t len = strlen(signs[i].text);

			if ((size_t)(lexer->end - lexer->at) >= len &&
			    memcmp(lexer->at, signs[i].text, len) == 0) {
				token->kind = signs[i].kind;
				lexer->at += len;
			}
		}
		if (token->kind == FEEL_T_END)
			return refuse(lexer, lexer->at, "this character means nothing in FEEL");
	}
	token->len = (size_t)(lexer->at - token->start);
	return true;
}

bool feel_token_is_word(const struct feel_token *token)
{
	return token->kind == FEEL_T_NAME || token->kind == FEEL_T_QUOTED ||
	       token->kind >= FEEL_T_AND;
}

const char *feel_token_text(enum feel_token_kind kind)
{
	switch (kind) {
	case FEEL_T_END:
		return "the end";
	case FEEL_T_NUMBER:
		return "a number";
	case FEEL_T_STRING:
		return "a string";
	case FEEL_T_NAME:
	case FEEL_T_QUOTED:
		return "a name";
	default:
		break;
	}
	for (size_t i = 0; i < ROWS(signs); i++)
		if (signs[i].kind == kind)
			return signs[i].text;
	for (size_t i = 0; i < ROWS(words); i++)
		if (words[i].kind == kind)
			return words[i].text;
	return "?";
}

static bool take_hex(unsigned long *outp, const char **atp, const char *end, int digits)
{
	unsigned long value = 0;

	if (end - *atp < digits)
		return false;
	for (int i = 0; i < digits; i++) {
		char ch = *(*atp)++;

		if (!is_digit(ch) && !(ch >= 'a' && ch <= 'f') && !(ch >= 'A' && ch <= 'F'))
			return false;
		value = value << 4 |
			(unsigned long)(is_digit(ch) ? ch - '0' : (ch | 32) - 'a' + 10);
	}
	*outp = value;
	return true;
}

/* Reads what follows a backslash; surrogate pairs may be written as two escapes. */
static bool take_escape(char **outp, const char **atp, const char *end)
{
	static const char plain[] = "n\nr\rt\t\"\"\\\\''//b\bf\f";
	unsigned long character, low;
	char ch = *(*atp)++;

	if (ch == 'u' || ch == 'U') {
		if (!take_hex(&character, atp, end, ch == 'u' ? 4 : 6))
			return false;
		if (character >= 0xd800 && character <= 0xdbff) {
			if (end - *atp < 6 || (*atp)[0] != '\\' || (*atp)[1] != 'u')
				return false;
			*atp += 2;
			if (!take_hex(&low, atp, end, 4) || low < 0xdc00 || low > 0xdfff)
				return false;
			character = 0x10000 + ((character - 0xd800) << 10) + (low - 0xdc00);
		}
		if (character == 0 || character > 0x10ffff ||
		    (character >= 0xd800 && character <= 0xdfff))
			return false;
		*outp += feel_utf8_put(*outp, character);
		return true;
	}
	for (size_t i = 0; i + 1 < sizeof(plain); i += 2) {
		if (plain[i] == ch) {
			*(*outp)++ = plain[i + 1];
			return true;
		}
	}
	*(*outp)++ = '\\'; /* no escape: "\d" is as it stands (DMN 1.4 grammar rules 35 and 64) */
	*(*outp)++ = ch;
	return true;
}

bool feel_unescape(char *out, size_t *lenp, const struct feel_token *token,
		   const char **problem_atp)
{
	const char *at = token->start + 1, *end = token->start + token->len - 1;
	char *start = out;

	while (at < end) {
		const char *here = at;
		char ch = *at++;

		if (ch != '\\' || token->kind != FEEL_T_STRING) {
			*out++ = ch;
		} else if (at == end || !take_escape(&out, &at, end)) {
			*problem_atp = here;
			return false;
		}
	}
	*lenp = (size_t)(out - start);
	return true;
}
