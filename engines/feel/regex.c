/*
 * regex.c — matches, with their cost bounded by the run's steps.
 *
 * PCRE2 counts how often a match forks, and stops at a limit. A search here begins at one character
 * after the other, each with a small limit; where it is hit, the run pays for what was spent and
 * the limit grows fourfold, so in the end at least a third of all forks has been paid for. What
 * PCRE2 looks at between forks is paid for by feel_pattern.run_len, and by the length of the text
 * where the pattern refers to what it has matched. Memory is bounded by PCRE2's heap limit.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/regex.h"

#include <stdlib.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum {
	FORKS_FIRST = 64,
	FORKS_A_STEP = 16,
	BYTES_A_STEP = 64,
	HEAP_MAX_KIB = 32768,
	COMPILE_BYTES_A_STEP = 4,
};

struct feel_regex {
	struct feel_run *run;
	struct feel_pattern pattern;
	struct feel_text text; /* of the last match */
	pcre2_general_context *memory;
	pcre2_match_context *limits;
	pcre2_code *code;
	pcre2_match_data *match;
};

static void *take(size_t size, void *arg)
{
	return malloc(size);
}

static void give_back(void *p, void *arg)
{
	free(p);
}

void feel_regex_free(struct feel_regex *regex)
{
	if (!regex)
		return;
	pcre2_match_data_free(regex->match);
	pcre2_code_free(regex->code);
	pcre2_match_context_free(regex->limits);
	pcre2_general_context_free(regex->memory);
	free(regex);
}

static enum pl_err compile(struct feel_regex *regex)
{
	const struct feel_pattern *p = &regex->pattern;
	const uint32_t options = PCRE2_UTF | PCRE2_NO_UTF_CHECK | PCRE2_NO_AUTO_POSSESS |
				 PCRE2_NO_START_OPTIMIZE | PCRE2_NO_DOTSTAR_ANCHOR |
				 PCRE2_MATCH_UNSET_BACKREF | PCRE2_NEVER_BACKSLASH_C;
	pcre2_compile_context *context;
	PCRE2_UCHAR text[128];
	size_t at;
	int problem;

	regex->memory = pcre2_general_context_create(take, give_back, NULL);
	context = regex->memory ? pcre2_compile_context_create(regex->memory) : NULL;
	if (!context)
		return PL_NOMEM;
	pcre2_set_newline(context, PCRE2_NEWLINE_LF);
	regex->code = pcre2_compile((PCRE2_SPTR)p->bytes, p->len,
				    options | (p->is_caseless ? PCRE2_CASELESS : 0) |
					    (p->is_dotall ? PCRE2_DOTALL : 0),
				    &problem, &at, context);
	pcre2_compile_context_free(context);
	if (!regex->code) {
		if (problem == PCRE2_ERROR_HEAP_FAILED)
			return PL_NOMEM;
		pcre2_get_error_message(problem, text, sizeof(text));
		feel_null_because(regex->run, "the pattern is no regular expression: %s", text);
		return PL_INVALID;
	}
	regex->limits = pcre2_match_context_create(regex->memory);
	regex->match = pcre2_match_data_create_from_pattern(regex->code, regex->memory);
	if (!regex->limits || !regex->match)
		return PL_NOMEM;
	pcre2_set_heap_limit(regex->limits, HEAP_MAX_KIB);
	return PL_OK;
}

bool feel_regex_new(struct feel_regex **regexp, struct feel_run *run, struct feel_text pattern,
		    struct feel_text flags)
{
	struct feel_pattern translated;
	struct feel_regex *regex;
	enum pl_err err;

	if (!feel_pattern_translate(&translated, run, pattern, flags) ||
	    !feel_run_step(run, 20 + translated.len / COMPILE_BYTES_A_STEP))
		return false;
	regex = calloc(1, sizeof(*regex));
	if (!regex) {
		feel_run_fail(run, PL_NOMEM);
		return false;
	}
	regex->run = run;
	regex->pattern = translated;
	err = compile(regex);
	if (err == PL_NOMEM)
		feel_run_fail(run, PL_NOMEM);
	if (err || run->err) {
		feel_regex_free(regex);
		return false;
	}
	*regexp = regex;
	return true;
}

/* What trying at one character costs besides forks. */
static size_t price(const struct feel_regex *regex, size_t rest)
{
	size_t looked_at = regex->pattern.run_len < rest ? regex->pattern.run_len : rest;

	return 1 + looked_at / BYTES_A_STEP;
}

static enum feel_ternary match_at(struct feel_regex *regex, size_t at)
{
	const struct feel_text text = regex->text;
	/* a reference may compare as much as there is at each fork */
	size_t per_fork = regex->pattern.has_reference ? 1 + text.len / BYTES_A_STEP : 1;
	int found;

	if (!feel_run_step(regex->run, price(regex, text.len - at)))
		return FEEL_OVER;
	for (uint32_t forks = FORKS_FIRST;; forks *= 4) {
		pcre2_set_match_limit(regex->limits, forks);
		pcre2_set_depth_limit(regex->limits, forks);
		found = pcre2_match(regex->code, (PCRE2_SPTR)text.bytes, text.len, at,
				    PCRE2_ANCHORED | PCRE2_NO_UTF_CHECK, regex->match,
				    regex->limits);
		if (found != PCRE2_ERROR_MATCHLIMIT && found != PCRE2_ERROR_DEPTHLIMIT)
			break;
		if (!feel_run_step(regex->run, forks / FORKS_A_STEP * per_fork) ||
		    forks > UINT32_MAX / 8) {
			feel_run_fail(regex->run,
				      pl_fail(PL_TOOLARGE,
					      "FEEL: the regular expression takes too long"));
			return FEEL_OVER;
		}
	}
	if (found == PCRE2_ERROR_NOMATCH)
		return FEEL_NO;
	if (found >= 0)
		return FEEL_YES;
	if (found == PCRE2_ERROR_HEAPLIMIT)
		feel_run_fail(regex->run,
			      pl_fail(PL_TOOLARGE,
				      "FEEL: the regular expression takes more than %d KiB",
				      HEAP_MAX_KIB));
	else
		feel_run_fail(regex->run, PL_NOMEM);
	return FEEL_OVER;
}

enum feel_ternary feel_regex_find(struct feel_regex *regex, struct feel_text text, size_t from)
{
	regex->text = (struct feel_text){ text.bytes ? text.bytes : "", text.len };
	for (size_t at = from; at <= text.len; at++) {
		enum feel_ternary t;

		if (at < text.len && ((unsigned char)text.bytes[at] & 0xc0) == 0x80)
			continue; /* within a character */
		t = match_at(regex, at);
		if (t != FEEL_NO)
			return t;
	}
	return FEEL_NO;
}

struct feel_text feel_regex_group(const struct feel_regex *regex, size_t group)
{
	const size_t *ends = pcre2_get_ovector_pointer(regex->match);
	size_t start = ends[2 * group], end = ends[2 * group + 1];

	if (start == PCRE2_UNSET)
		return (struct feel_text){ "", 0 };
	return (struct feel_text){ regex->text.bytes + start, end - start };
}

size_t feel_regex_groups(const struct feel_regex *regex)
{
	return regex->pattern.groups;
}
