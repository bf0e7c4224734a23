/*
 * html.h — reports as pages: written to the standard output, whole by themselves.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_CLI_HTML_H
#define PELAGO_CLI_HTML_H

/* html_begin writes the head of a page, its title and the time. */
void html_begin(const char *title);
void html_end(void);
/* html_text writes text, whatever is in it; html_cell an element of a table around it. */
void html_text(const char *text);
void html_cell(const char *tag, const char *text);
/* html_table begins a table with headings, NULL-ended; html_table_end ends it. */
void html_table(const char *const *headings);
void html_table_end(void);

#endif
