/* html.c — see html.h. SPDX-License-Identifier: Apache-2.0 */
#include "platform/cli/html.h"

#include <stdio.h>
#include <time.h>

static const char *escape_of(char c)
{
	switch (c) {
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '&':
		return "&amp;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void html_text(const char *text)
{
	for (; *text; text++)
		if (escape_of(*text))
			fputs(escape_of(*text), stdout);
		else
			putchar(*text);
}

void html_cell(const char *tag, const char *text)
{
	printf("<%s>", tag);
	html_text(text);
	printf("</%s>", tag);
}

void html_begin(const char *title)
{
	time_t now = time(NULL);
	char moment[40] = "";
	struct tm tm;

	if (localtime_r(&now, &tm))
		strftime(moment, sizeof(moment), "%Y-%m-%d %H:%M:%S", &tm);
	fputs("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n", stdout);
	html_cell("title", title);
	puts("\n<style>"
	     "body{font:15px/1.4 sans-serif;margin:2rem;color:#151515}"
	     "table{border-collapse:collapse}"
	     "th,td{text-align:left;vertical-align:top;padding:.4rem .8rem;border-bottom:1px solid #ccc}"
	     ".pass{color:#3d7317}.warn{color:#8a4b00}.inhibit{color:#b1380b;font-weight:bold}"
	     "</style></head><body>");
	html_cell("h1", title);
	printf("\n<p>%s</p>\n", moment);
}

void html_end(void)
{
	puts("</body></html>");
}

void html_table(const char *const *headings)
{
	fputs("<table>\n<thead><tr>", stdout);
	for (; *headings; headings++)
		html_cell("th", *headings);
	puts("</tr></thead>\n<tbody>");
}

void html_table_end(void)
{
	puts("</tbody>\n</table>");
}
