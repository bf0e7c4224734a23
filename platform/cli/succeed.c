/*
 * succeed.c — see switch.h: the root supervisor gives its place to one of another version.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pelago/json.h"
#include "pelago/log.h"
#include "pelago/version.h"
#include "platform/bundle/bundle.h"
#include "platform/cli/switch.h"
#include "platform/setup/file.h"
#include "platform/supervise/lock.h"

enum { LOOK_MS = 100, LOCK_MS = 5000, ARGS_MOST = 64 };

/* What a process is started with to go on where another one was. */
static const char lock_env[] = "PELAGO_ROOT_LOCK", guard_env[] = "PELAGO_ROOT_GUARD";

extern char **environ;

/* The base isn't in the folder: without the link it is it. */
static enum pl_err point_to(const char *data, const char *version)
{
	char *place = platform_place(data, version);
	struct stat st;
	bool is_there = place && stat(place, &st) == 0 && S_ISDIR(st.st_mode);

	free(place);
	return platform_point(data, is_there ? version : NULL);
}

/* ---- giving ---- */

static pid_t spawn_guard(const char *data)
{
	const char *const argv[] = { "pelago", "up", "--data", data, NULL };
	posix_spawnattr_t attributes;
	char number[16];
	sigset_t none;
	pid_t pid = 0;

	snprintf(number, sizeof(number), "%d", (int)getpid());
	setenv(guard_env, number, 1);
	sigemptyset(&none);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setsigmask(&attributes, &none);
	if (posix_spawn(&pid, "/proc/self/exe", NULL, &attributes, (char *const *)argv, environ) !=
	    0)
		pid = 0;
	posix_spawnattr_destroy(&attributes);
	unsetenv(guard_env);
	return pid;
}

enum pl_err root_succeed(struct switches *s, const char *version, int lock_fd)
{
	char *folder = programs_folder(s->programs, s->setup->data, version), *program = NULL,
	     number[16];
	const char *const argv[] = { "pelago", "up", "--data", s->setup->data, NULL };
	enum pl_err err = PL_NOMEM;
	pid_t guard = 0;

	if (!folder || asprintf(&program, "%s/pelago", folder) < 0)
		goto out;
	err = access(program, X_OK) == 0 ? PL_OK
					 : pl_fail(PL_IO, "%s: %s", program, strerror(errno));
	if (!err)
		err = point_to(s->setup->data, version);
	if (err)
		goto out;
	close_range(3, ~0u, CLOSE_RANGE_CLOEXEC); /* the bus's, too */
	guard = spawn_guard(s->setup->data);
	if (!guard) {
		err = pl_fail(PL_AGAIN, "nobody can look on: %s", strerror(errno));
		goto out;
	}
	pl_log(INFO, "root.succeed", NULL, "version %s comes in this one's place", version);
	snprintf(number, sizeof(number), "%d", lock_fd);
	setenv(lock_env, number, 1);
	fcntl(lock_fd, F_SETFD, 0);
	execv(program, (char *const *)argv);
	err = pl_fail(PL_IO, "%s: %s", program, strerror(errno));
	fcntl(lock_fd, F_SETFD, FD_CLOEXEC);
	unsetenv(lock_env);
	kill(guard, SIGKILL); /* our child, not waited for yet */
out:
	free(program);
	free(folder);
	return err;
}

/* ---- looking on ---- */

static int64_t guard_ms(void)
{
	const char *trial = getenv("PELAGO_TRIAL_MS");
	int64_t ms = trial ? strtol(trial, NULL, 10) : 0;

	return WELL_MS + (ms > 0 ? ms : TRIAL_MS);
}

static bool is_on_trial(const char *data)
{
	json_t *programs = NULL;
	bool is = programs_read(&programs, data) == PL_OK &&
		  strcmp(pl_json_get_text(programs_get(programs, PROGRAM_ROOT), "state"),
			 PROGRAM_TRIAL) == 0;

	json_decref(programs);
	return is;
}

/* What is written goes back to the version before, and so does the link. */
static enum pl_err write_failure(const char *data, const char *why)
{
	json_t *programs = NULL, *entry;
	enum pl_err err = programs_read(&programs, data);
	char detail[400];

	if (err)
		return err;
	entry = json_incref(programs_get(programs, PROGRAM_ROOT));
	snprintf(detail, sizeof(detail), "version %s: %s; it went back to %s",
		 pl_json_get_text(entry, "version"), why, pl_json_get_text(entry, "before"));
	pl_log(ERROR, "program.failed", NULL, "%s %s", PROGRAM_ROOT, detail);
	json_object_set_new(
		json_object_get(programs, "programs"), PROGRAM_ROOT,
		json_pack("{s:s,s:s,s:s,s:s,s:I}", "version", pl_json_get_text(entry, "before"),
			  "before", pl_json_get_text(entry, "version"), "state", PROGRAM_FAILED,
			  "detail", detail, "n", json_integer_value(json_object_get(entry, "n"))));
	err = programs_write(programs, data);
	if (!err)
		err = point_to(data, pl_json_get_text(entry, "before"));
	json_decref(entry);
	json_decref(programs);
	return err;
}

/* True if this one is needed. */
static bool look_on(const char *data, pid_t root)
{
	int64_t deadline_ms = supervisor_now_ms() + guard_ms();
	struct pollfd fd = { .fd = (int)syscall(SYS_pidfd_open, root, 0), .events = POLLIN };
	const char *why = NULL;

	if (fd.fd < 0 || getppid() != root) /* it has ended already */
		why = "it ended at once";
	while (!why) {
		if (poll(&fd, 1, LOOK_MS) == 1)
			why = "it ended while it was on trial";
		else if (supervisor_now_ms() >= deadline_ms)
			why = "it wasn't well in time";
		if (!is_on_trial(data)) {
			close(fd.fd);
			return false;
		}
	}
	if (fd.fd >= 0) {
		syscall(SYS_pidfd_send_signal, fd.fd, SIGKILL, NULL, 0);
		poll(&fd, 1, LOCK_MS);
		close(fd.fd);
	}
	if (write_failure(data, why) != PL_OK)
		pl_log(ERROR, "root.succeed", NULL, "%s", pl_err_detail(PL_IO));
	return true;
}

static enum pl_err take_lock(int *fdp, const char *data)
{
	int64_t deadline_ms = supervisor_now_ms() + LOCK_MS;
	char *path = NULL;
	enum pl_err err;

	if (asprintf(&path, "%s/lock", data) < 0)
		return PL_NOMEM;
	do
		err = lock_take(fdp, path);
	while (err == PL_STATE && supervisor_now_ms() < deadline_ms && usleep(LOOK_MS * 1000) == 0);
	free(path);
	return err;
}

/* ---- going on as another version ---- */

/* Whether the programs of this process are in the data folder. */
static bool is_unpacked(const char *data)
{
	char *programs = setup_programs_path(), *folder = platform_place(data, ""),
	     *real = folder ? realpath(folder, NULL) : NULL;
	bool is = programs && real && strncmp(programs, real, strlen(real)) == 0;

	free(programs);
	free(folder);
	free(real);
	return is;
}

/* This process's arguments, and the folder's path: elsewhere the default is another one. */
static enum pl_err exec_program(const char *program, const char *data)
{
	char *argv[ARGS_MOST + 3] = { NULL }, *text = NULL;
	size_t room = 0, count = 0;
	FILE *f = fopen("/proc/self/cmdline", "re");

	while (f && count < ARGS_MOST && getdelim(&text, &room, '\0', f) > 0) {
		argv[count++] = text;
		text = NULL;
		room = 0;
	}
	free(text);
	if (f)
		fclose(f);
	argv[count++] = strdup("--data");
	argv[count] = strdup(data);
	execv(program, argv);
	return pl_fail(PL_IO, "%s: %s", program, strerror(errno));
}

/* One that is on trial and was started before has ended since. */
static enum pl_err count_start(const char *data)
{
	json_t *programs = NULL, *entry;
	json_int_t starts;
	enum pl_err err = programs_read(&programs, data);

	entry = programs_get(programs, PROGRAM_ROOT);
	if (!err && strcmp(pl_json_get_text(entry, "state"), PROGRAM_TRIAL) == 0) {
		starts = json_integer_value(json_object_get(entry, "starts"));
		if (starts > 0) {
			err = write_failure(data, "it ended each time that it was started");
		} else {
			json_object_set_new(entry, "starts", json_integer(starts + 1));
			err = programs_write(programs, data);
		}
	}
	json_decref(programs);
	return err;
}

/* Programs that were started by hand and are newer than all that is in the folder: as before there
 * was anything in it. */
static enum pl_err forget(const char *data)
{
	json_t *none = json_object();
	enum pl_err err = none ? programs_write(none, data) : PL_NOMEM;

	json_decref(none);
	return err ? err : platform_point(data, NULL);
}

static enum pl_err go_on(const char *data)
{
	char *version, *program = NULL;
	enum pl_err err;

	if (is_unpacked(data))
		return PL_OK;
	version = platform_current(data);
	if (!version)
		return PL_OK;
	if (version_compare(pl_version, version) > 0) {
		free(version);
		return forget(data);
	}
	err = count_start(data);
	free(version);
	version = err ? NULL : platform_current(data);
	if (version && asprintf(&program, "%s/platform/%s/pelago", data, version) >= 0)
		err = exec_program(program, data);
	free(program);
	free(version);
	return err;
}

enum pl_err succeed_begin(int *lock_fdp, bool *is_overp, const char *data)
{
	const char *lock = getenv(lock_env), *guard = getenv(guard_env);

	*lock_fdp = -1;
	*is_overp = false;
	if (lock) {
		*lock_fdp = (int)strtol(lock, NULL, 10);
		unsetenv(lock_env);
		return fcntl(*lock_fdp, F_SETFD, FD_CLOEXEC) == 0
			       ? PL_OK
			       : pl_fail(PL_INVALID, "%s: %s", lock_env, strerror(errno));
	}
	if (!guard)
		return go_on(data);
	pl_log_open("pelago");
	pid_t root = (pid_t)strtol(guard, NULL, 10);
	unsetenv(guard_env);
	if (look_on(data, root))
		return take_lock(lock_fdp, data);
	*is_overp = true;
	return PL_OK;
}
