/*
 * wait.c — waits until something in a list is as it should be.
 *
 * A manager that is away for a moment is asked again: what was begun goes on without us.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>
#include <unistd.h>

#include "pelago/json.h"
#include "platform/cli/cli.h"
#include "platform/supervise/supervise.h"

enum { LOOK_MS = 200 };

static json_t *item_of(json_t *items, const char *name)
{
	json_t *item;
	size_t i;

	json_array_foreach(items, i, item) {
		if (strcmp(pl_json_get_text(item, "name"), name) == 0)
			return json_incref(item);
	}
	return NULL;
}

enum pl_err cli_wait(json_t **itemp, struct cli *cli, const char *operation, const char *name,
		     cli_done_fn *done, int wait_s)
{
	int64_t deadline_ms = supervisor_now_ms() + (int64_t)wait_s * 1000;
	json_t *item = NULL;

	do {
		json_t *items = NULL;
		enum pl_err err = cli_list(&items, cli, operation);

		if (!err) {
			json_decref(item);
			item = item_of(items, name);
			json_decref(items);
			if (!item)
				return pl_fail(PL_NOTFOUND, "there is no '%s' any more", name);
			if (done(item)) {
				*itemp = item;
				return PL_OK;
			}
		} else if (err != PL_UNAVAILABLE) {
			json_decref(item);
			return err;
		}
		usleep(LOOK_MS * 1000);
	} while (supervisor_now_ms() < deadline_ms);
	json_decref(item);
	return pl_fail(PL_TIMEOUT, "%s isn't there yet after %d s; it goes on", name, wait_s);
}
