/*
 * exposition.c — Prometheus texts, merged by metric.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "exposition.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

enum { NAME_MAX_BYTES = 200 };

struct family {
	char *name, *help, *type; /* the lines, or NULL */
	char *samples;
	size_t samples_len, samples_size;
	UT_hash_handle hh;
};

struct exposition {
	struct family *families; /* in order of arrival */
};

enum pl_err exposition_new(struct exposition **expositionp)
{
	*expositionp = calloc(1, sizeof(**expositionp));
	return *expositionp ? PL_OK : PL_NOMEM;
}

void exposition_free(struct exposition *exposition)
{
	struct family *family, *next;

	if (!exposition)
		return;
	HASH_ITER(hh, exposition->families, family, next) {
		HASH_DEL(exposition->families, family);
		free(family->name);
		free(family->help);
		free(family->type);
		free(family->samples);
		free(family);
	}
	free(exposition);
}

static struct family *family_of(struct exposition *exposition, const char *name, size_t len)
{
	struct family *family;

	if (len == 0 || len > NAME_MAX_BYTES)
		return NULL;
	HASH_FIND(hh, exposition->families, name, len, family);
	if (family)
		return family;
	family = calloc(1, sizeof(*family));
	if (!family)
		return NULL;
	family->name = strndup(name, len);
	if (!family->name) {
		free(family);
		return NULL;
	}
	HASH_ADD_KEYPTR(hh, exposition->families, family->name, len, family);
	return family;
}

static size_t name_length(const char *line, size_t len)
{
	size_t n = 0;

	while (n < len && line[n] != '{' && line[n] != ' ' && line[n] != '\t')
		n++;
	return n;
}

static void add_sample(struct family *family, const char *line, size_t len)
{
	size_t size = family->samples_size ? family->samples_size : 256;
	char *samples;

	while (size < family->samples_len + len + 1)
		size *= 2;
	if (size > family->samples_size) {
		samples = realloc(family->samples, size);
		if (!samples)
			return;
		family->samples = samples;
		family->samples_size = size;
	}
	memcpy(family->samples + family->samples_len, line, len);
	family->samples[family->samples_len + len] = '\n';
	family->samples_len += len + 1;
}

/* Returns the family that the following samples belong to. */
static struct family *add_line(struct exposition *exposition, struct family *current,
			       const char *line, size_t len)
{
	bool is_help = len > 7 && memcmp(line, "# HELP ", 7) == 0;
	bool is_type = len > 7 && memcmp(line, "# TYPE ", 7) == 0;
	size_t n;
	char **kept;

	if (is_help || is_type) {
		current = family_of(exposition, line + 7, name_length(line + 7, len - 7));
		kept = current ? (is_help ? &current->help : &current->type) : NULL;
		if (kept && !*kept)
			*kept = strndup(line, len);
		return current;
	}
	if (len == 0 || line[0] == '#')
		return current;
	n = name_length(line, len);
	/* "x_bucket", "x_sum" and "x_count" belong to x, whose head stands before them. */
	if (!current || strlen(current->name) > n ||
	    memcmp(current->name, line, strlen(current->name)) != 0)
		current = family_of(exposition, line, n);
	if (current)
		add_sample(current, line, len);
	return current;
}

void exposition_add(struct exposition *exposition, const char *text, size_t len)
{
	struct family *current = NULL;
	const char *end = text + len, *stop;

	for (const char *p = text; p < end; p = stop + 1) {
		stop = memchr(p, '\n', (size_t)(end - p));
		if (!stop)
			stop = end;
		if (!memchr(p, '\0', (size_t)(stop - p)))
			current = add_line(exposition, current, p, (size_t)(stop - p));
	}
}

char *exposition_text(const struct exposition *exposition)
{
	struct family *family, *next;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	HASH_ITER(hh, exposition->families, family, next) {
		if (!family->samples_len)
			continue;
		if (family->help)
			fprintf(out, "%s\n", family->help);
		if (family->type)
			fprintf(out, "%s\n", family->type);
		fwrite(family->samples, 1, family->samples_len, out);
	}
	if (fclose(out) != 0) {
		free(text);
		return NULL;
	}
	return text;
}
