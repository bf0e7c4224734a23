/*
 * attachment_test.c — names and kinds of files, hostile ones among them (CHN-1).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "attachment.h"

static void names_are_cleaned(void **state)
{
	static const char *const rows[][2] = {
		{ "invoice.pdf", "invoice.pdf" },
		{ "../../etc/passwd.txt", "passwd.txt" },
		{ "C:\\Users\\me\\a.txt", "a.txt" },
		{ "/", "" },
		{ "...", "" },
		{ " .a.txt. ", "a.txt" },
		{ "a\r\nb\x01\x7f.txt", "ab.txt" },
		{ "a<b>:\"|?*.txt", "a_b______.txt" },
		{ "photo\xe2\x80\xaegnp.exe", "photognp.exe" },	      /* U+202E */
		{ "\xef\xbb\xbf\xc2\x85\xe2\x81\xa6x.png", "x.png" }, /* U+FEFF, U+0085, U+2066 */
		{ "Grüße 😀.pdf", "Grüße 😀.pdf" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *name = attachment_name(rows[i][0]);

		assert_string_equal(name, rows[i][1]);
		free(name);
	}
}

static size_t chars_of(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

static void long_names_keep_their_ending(void **state)
{
	char *raw = malloc(10 * 1024 + 16), *name;

	for (int i = 0; i < 2560; i++)
		memcpy(raw + 4 * i, "😀", 5);
	memcpy(raw + 10240, ".pdf", 5);
	name = attachment_name(raw);
	assert_int_equal(chars_of(name), ATTACHMENT_NAME_CHARS);
	assert_string_equal(name + strlen(name) - 8, "😀.pdf");
	free(name);
	memset(raw, 'a', 10240);
	raw[5] = '.'; /* a long ending is none */
	name = attachment_name(raw);
	assert_int_equal(strlen(name), ATTACHMENT_NAME_CHARS);
	free(name);
	free(raw);
}

static bool fits(const char *name, const char *leading, size_t len)
{
	const struct attachment_kind *kind = attachment_kind_of(name);

	return kind && attachment_fits(kind, leading, len);
}

#define FITS(name, leading) fits(name, leading, sizeof(leading) - 1)

static void kinds_are_judged_by_what_is_in_them(void **state)
{
	static const char *const refused[] = { "a.exe", "a.html", "a.svg",    "a.js", "a.zip",
					       "a",	"",	  ".png.scr", "a.",   "a.pngx" };

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		assert_null(attachment_kind_of(refused[i]));
	assert_string_equal(attachment_type(attachment_kind_of("A.PNG")), "image/png");
	assert_true(FITS("a.png", "\x89PNG\r\n\x1a\n...."));
	assert_false(FITS("a.png", "\x89PNG"));
	assert_false(FITS("a.png", "<html>"));
	assert_false(FITS("a.png", ""));
	assert_true(FITS("a.webp", "RIFF....WEBPVP8 "));
	assert_false(FITS("a.webp", "RIFF....WAVEfmt "));
	assert_false(FITS("a.webp", "RIFF"));
	assert_true(FITS("a.jpeg", "\xff\xd8\xff\xe0"));
	assert_true(FITS("a.mp4", "\0\0\0\x20"
				  "ftypisom"));
	assert_true(FITS("a.mp3", "ID3\x04"));
	assert_true(FITS("a.mp3", "\xff\xfb\x90"));
	assert_false(FITS("a.mp3", "\xff"));
	assert_true(FITS("a.txt", "hello"));
	assert_false(FITS("a.txt", "MZ\x90\0\x03"));
	assert_false(FITS("a.pdf", "MZ\x90\0\x03"));
	assert_true(FITS("a.docx", "PK\x03\x04"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_cleaned),
		cmocka_unit_test(long_names_keep_their_ending),
		cmocka_unit_test(kinds_are_judged_by_what_is_in_them),
	};

	return cmocka_run_group_tests_name("chat-attachment", tests, NULL, NULL);
}
