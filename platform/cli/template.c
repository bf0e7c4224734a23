/*
 * template.c — see service_new.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "pelago/version.h"
#include "platform/cli/service_new.h"
#include "platform/setup/file.h"

enum { NAME_LEAST = 3, NAME_MOST = 48 };

static const char *const reserved[] = {
#define RESERVED(name) #name,
#include "platform/cli/reserved_names.h"
#undef RESERVED
};

enum pl_err service_name_check(const char *name)
{
	size_t len = strlen(name);

	for (const char *c = name; *c; c++)
		if (!isascii((unsigned char)*c) || !isalnum((unsigned char)*c))
			len = 0;
	if (len < NAME_LEAST || len > NAME_MOST || !isupper((unsigned char)*name))
		return pl_fail(
			PL_INVALID,
			"'%.60s' is no name of a service: a capital letter, then letters and "
			"digits, %d to %d in all, as in HelloService",
			name, NAME_LEAST, NAME_MOST);
	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (strcasecmp(name, reserved[i]) == 0)
			return pl_fail(PL_STATE, "%s is a name of Pelago's own: choose another one",
				       reserved[i]);
	return PL_OK;
}

/* ---- words ---- */

/* The noun of its events has a "-", which none of Pelago's has. */
static enum pl_err noun_of(char **nounp, const char *name)
{
	if (asprintf(nounp, "%s-note", name) < 0)
		return PL_NOMEM;
	for (char *c = *nounp; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return PL_OK;
}

/* Writes text with its words filled in. */
static void fill(FILE *out, const char *text, const char *name, const char *noun)
{
	const struct {
		const char *word, *value;
	} words[] = { { "@NAME@", name }, { "@noun@", noun }, { "@VERSION@", pl_version } };

	while (*text) {
		size_t i = 0;

		while (i < 3 && strncmp(text, words[i].word, strlen(words[i].word)) != 0)
			i++;
		if (i < 3) {
			fputs(words[i].value, out);
			text += strlen(words[i].word);
		} else {
			fputc(*text++, out);
		}
	}
}

static enum pl_err filled(char **newp, size_t *lenp, const char *text, const char *name,
			  const char *noun)
{
	FILE *out = open_memstream(newp, lenp);

	if (!out)
		return PL_NOMEM;
	fill(out, text, name, noun);
	return fclose(out) == 0 ? PL_OK : PL_NOMEM;
}

/* ---- files ---- */

struct making {
	const char *name, *noun;
};

static enum pl_err make(const struct making *m, const char *to, const char *from);

static enum pl_err make_file(const struct making *m, const char *to, const char *from, mode_t mode)
{
	char *text = NULL, *made = NULL;
	size_t len = 0;
	enum pl_err err = file_read(&text, NULL, from);

	if (!err)
		err = filled(&made, &len, text, m->name, m->noun);
	if (!err)
		err = file_replace(to, made, len, mode & 0777);
	free(text);
	free(made);
	return err;
}

/* What was compiled beside a template (Python does) isn't of it. */
static int is_of_it(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
	       strcmp(entry->d_name, "__pycache__") != 0;
}

static enum pl_err make_folder(const struct making *m, const char *to, const char *from)
{
	struct dirent **names = NULL;
	int count = scandir(from, &names, is_of_it, alphasort);
	enum pl_err err = count < 0 ? pl_fail(PL_NOTFOUND, "%s: %s", from, strerror(errno)) : PL_OK;

	if (!err && mkdir(to, 0777) != 0)
		err = pl_fail(errno == EEXIST ? PL_STATE : PL_IO, "%s: %s", to, strerror(errno));
	for (int i = 0; i < count; i++) {
		char *name = NULL, *new_path = NULL, *path = NULL;
		size_t len = 0;

		if (!err)
			err = filled(&name, &len, names[i]->d_name, m->name, m->noun);
		if (!err && (asprintf(&new_path, "%s/%s", to, name) < 0 ||
			     asprintf(&path, "%s/%s", from, names[i]->d_name) < 0))
			err = PL_NOMEM;
		if (!err)
			err = make(m, new_path, path);
		free(name);
		free(new_path);
		free(path);
		free(names[i]);
	}
	free(names);
	return err;
}

static enum pl_err make(const struct making *m, const char *to, const char *from)
{
	struct stat st;

	if (stat(from, &st) != 0)
		return pl_fail(PL_NOTFOUND, "%s: %s", from, strerror(errno));
	return S_ISDIR(st.st_mode) ? make_folder(m, to, from) : make_file(m, to, from, st.st_mode);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

enum pl_err template_make(const char *folder, const char *from, const char *name)
{
	struct making making = { .name = name };
	char *noun = NULL;
	struct stat st;
	enum pl_err err = noun_of(&noun, name);

	if (!err && lstat(folder, &st) == 0)
		err = pl_fail(PL_STATE,
			      "%s is there already, and stays as it is: choose another folder by "
			      "--dir",
			      folder);
	making.noun = noun;
	if (!err) {
		err = make(&making, folder, from);
		if (err)
			nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	}
	free(noun);
	return err;
}
