/*
 * pattern_fuzz.c — any pattern is read, and if it is one PCRE2 takes it, too, unless it is too
 * large; then it is looked for in the rest of the input within few steps.
 *
 * fuzz-sources: engines/feel/arena.c engines/feel/builtins*.c engines/feel/calendar.c
 * fuzz-sources: engines/feel/decimal.c engines/feel/eval*.c engines/feel/feel.c
 * fuzz-sources: engines/feel/infer.c engines/feel/lexer.c engines/feel/names.c
 * fuzz-sources: engines/feel/op*.c engines/feel/output.c engines/feel/parse*.c
 * fuzz-sources: engines/feel/properties.c engines/feel/regex.c engines/feel/regex_class.c
 * fuzz-sources: engines/feel/regex_translate.c engines/feel/run.c engines/feel/temporal.c
 * fuzz-sources: engines/feel/type.c engines/feel/utf8.c engines/feel/value.c
 * fuzz-sources: engines/feel/zone.c sdk/err/err.c
 * fuzz-libs: jansson libpcre2-8 -lbidgcc000
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "engines/feel/lexer.h"
#include "engines/feel/regex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_refusal(struct feel_run *run, struct feel_text pattern, struct feel_text flags)
{
	struct feel_pattern translated;
	const struct feel_note *notes;

	if (run->err || !feel_run_notes(&notes, run))
		return;
	if (feel_pattern_translate(&translated, run, pattern, flags) &&
	    !strstr(notes[0].text, "too large") && !strstr(notes[0].text, "too long") &&
	    !strstr(notes[0].text, "too complicated"))
		abort();
}

/* flags, a newline, a pattern, a newline, the text */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct feel_limits limits = { .steps = 20000, .memory_bytes = 4 << 20 };
	struct feel_text parts[3] = { { 0 } };
	const char *at = (const char *)data, *end = at + size;
	struct feel_regex *regex;
	struct feel_run run;

	if (!feel_utf8_valid(at, size))
		return 0;
	for (int i = 0; i < 3; i++) {
		const char *line_end = i < 2 ? memchr(at, '\n', (size_t)(end - at)) : end;

		if (!line_end)
			return 0;
		parts[i] = (struct feel_text){ at, (size_t)(line_end - at) };
		at = i < 2 ? line_end + 1 : end;
	}
	feel_run_init(&run, &limits);
	if (!feel_regex_new(&regex, &run, parts[1], parts[0])) {
		check_refusal(&run, parts[1], parts[0]);
	} else {
		size_t from = 0;

		while (from <= parts[2].len && feel_regex_find(regex, parts[2], from) == FEEL_YES) {
			struct feel_text match = feel_regex_group(regex, 0);

			for (size_t i = 0; i <= feel_regex_groups(regex); i++) {
				struct feel_text group = feel_regex_group(regex, i);

				if (!feel_utf8_valid(group.bytes, group.len))
					abort();
			}
			from = (size_t)(match.bytes - parts[2].bytes) + match.len + !match.len;
		}
		feel_regex_free(regex);
	}
	feel_run_fini(&run);
	return 0;
}
