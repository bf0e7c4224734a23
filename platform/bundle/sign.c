/*
 * sign.c — the signature of a bundle.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "pelago/json.h"
#include "platform/bundle/impl.h"

enum pl_err seal_add(struct zip *zip, const char *secret, const char *list, size_t list_len)
{
	char signature[BUNDLE_KEY_SIZE], key[BUNDLE_KEY_SIZE], *text;
	enum pl_err err = key_sign(signature, key, secret, list, list_len);
	json_t *seal;

	if (err)
		return err;
	seal = json_pack("{s:s,s:s}", "key", key, "signature", signature);
	text = seal ? pl_json_dump(seal) : NULL;
	err = text ? zip_add(zip, "signature", false, text, strlen(text)) : PL_NOMEM;
	free(text);
	json_decref(seal);
	return err;
}

struct copy {
	const struct bundle *bundle;
	struct zip *zip;
	const char *secret;
};

bool entry_runs(const struct bundle *bundle, const char *path)
{
	json_t *item;
	size_t i;

	json_array_foreach(json_object_get(bundle->files, "files"), i, item) {
		if (strcmp(pl_json_get_text(item, "path"), path) == 0)
			return json_is_true(json_object_get(item, "run"));
	}
	return false;
}

static enum pl_err copy_one(const struct entry *entry, void *arg)
{
	struct copy *c = arg;
	enum pl_err err;

	if (strcmp(entry->path, "signature") == 0)
		return PL_OK; /* that of before */
	err = zip_add(c->zip, entry->path, entry_runs(c->bundle, entry->path), entry->data,
		      entry->len);
	if (!err && strcmp(entry->path, "files.json") == 0)
		err = seal_add(c->zip, c->secret, entry->data, entry->len);
	return err;
}

enum pl_err bundle_sign(void **newp, size_t *new_lenp, const void *data, size_t len,
			const char *secret)
{
	struct bundle_rules rules = { 0 };
	struct bundle bundle;
	struct copy copy = { .bundle = &bundle, .secret = secret };
	struct source source = { data, len, -1 };
	enum pl_err err = archive_read(&bundle, &source, &rules, -1);

	if (err)
		return err;
	err = zip_new(&copy.zip);
	if (!err)
		err = zip_walk(&source, 0, copy_one, &copy);
	if (!err)
		err = zip_end(newp, new_lenp, copy.zip);
	else
		zip_free(copy.zip);
	bundle_fini(&bundle);
	return err;
}
