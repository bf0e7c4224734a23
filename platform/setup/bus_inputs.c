/*
 * bus_inputs.c — what bus/nats.conf is written from, and who writes it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "platform/setup/file.h"
#include "platform/setup/setup.h"
#include "platform/setup/setup_impl.h"

enum { SETTLED_S = 2 }; /* more than what a file system's clock may round to */

const char bus_inputs_line[] = "# inputs: ";

enum pl_err bus_members(json_t **membersp, const struct setup *setup)
{
	char *path = setup_path(setup, "bus/members.json");
	enum pl_err err = path ? file_read_json(membersp, path) : PL_NOMEM;

	free(path);
	if (err != PL_NOTFOUND)
		return err;
	pl_err_clear();
	*membersp = json_object();
	return *membersp ? PL_OK : PL_NOMEM;
}

enum pl_err bus_inputs(char checksum[CHECKSUM_SIZE], const struct setup *setup,
		       const json_t *members)
{
	json_t *all = json_pack("{s:o,s:O}", "manifests", manifests_rights(setup->manifests),
				"members", members);
	enum pl_err err = all ? checksum_of(checksum, all) : PL_NOMEM;

	json_decref(all);
	return err;
}

enum pl_err bus_has_inputs(bool *hasp, struct setup *setup)
{
	char checksum[CHECKSUM_SIZE] = "", *path = setup_path(setup, "bus/nats.conf"), *conf = NULL;
	json_t *members = NULL;
	const char *at;
	enum pl_err err = path ? setup_manifests(setup) : PL_NOMEM;

	if (!err)
		err = bus_members(&members, setup);
	if (!err)
		err = bus_inputs(checksum, setup, members);
	if (!err)
		err = file_read(&conf, NULL, path);
	at = err ? NULL : strstr(conf, bus_inputs_line);
	*hasp = at && strncmp(at + strlen(bus_inputs_line), checksum, CHECKSUM_SIZE - 1) == 0;
	json_decref(members);
	free(conf);
	free(path);
	return err;
}

enum pl_err bus_inputs_touch(const struct setup *setup)
{
	char *path = setup_path(setup, "bus/manifests");
	enum pl_err err = PL_OK;

	if (!path)
		return PL_NOMEM;
	if (utimensat(AT_FDCWD, path, NULL, 0) != 0)
		err = pl_fail(PL_IO, "%s: %s", path, strerror(errno));
	free(path);
	return err;
}

static int64_t written_ns(const struct setup *setup, const char *name)
{
	char *path = setup_path(setup, "%s", name);
	struct stat st;
	int64_t ns = path && stat(path, &st) == 0
			     ? (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec
			     : 0;

	free(path);
	return ns;
}

static bool is_settled(int64_t written, int64_t now)
{
	return llabs(now - written) > (int64_t)SETTLED_S * 1000000000;
}

enum pl_err bus_follow(struct bus_follow *follow, struct setup *setup, bool *changedp)
{
	int64_t members = written_ns(setup, "bus/members.json"),
		manifests = written_ns(setup, "bus/manifests"),
		versions = written_ns(setup, "platform"), now;
	struct timespec t;
	enum pl_err err;

	clock_gettime(CLOCK_REALTIME, &t);
	now = (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
	*changedp = false;
	if (follow->is_settled && members == follow->members_ns &&
	    manifests == follow->manifests_ns && versions == follow->versions_ns)
		return PL_OK;
	err = setup_manifests(setup);
	if (!err)
		err = bus_setup(setup, changedp);
	if (err)
		return err;
	*follow = (struct bus_follow){ .members_ns = members,
				       .manifests_ns = manifests,
				       .versions_ns = versions,
				       .is_settled = is_settled(members, now) &&
						     is_settled(manifests, now) &&
						     is_settled(versions, now) };
	return PL_OK;
}
